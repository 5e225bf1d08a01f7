"""A figure's SVG as an element of a page.

Its tags are found by patterns, for what is read is what matplotlib wrote: a parser of XML makes spaces of the line breaks in
attributes, which every path has, and could not give the bytes of a figure back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from txlib.report.page.foreign import defused

_TAG = re.compile(r"<[^>]*>")
_DROPPED = re.compile(r"<(style|script|metadata)\b([^<>]*/>)?", re.I)


def _kept(svg: str) -> Iterator[str]:
    """An SVG without its styles, scripts and metadata; one that does not end stays, and is looked for once."""
    at, start, endless = 0, 0, set[str]()
    while found := _DROPPED.search(svg, start):
        name, start = found[1].lower(), found.end()
        end = found if found[2] else None
        if not end and name not in endless:
            end = re.compile(rf"</{name}\s*>", re.I).search(svg, start)
        if end is None:
            endless.add(name)
            continue
        yield svg[at:found.start()]
        at = start = end.end()
    yield svg[at:]


def inline_svg(svg: str, name: str, alt: str) -> str:
    """An SVG document as an element of a page: own ids, the page's font and text colour, no style of its own.

    Ids become `name-1`, `name-2`, … where something refers to them and go where nothing does. matplotlib's
    random ids, date and creator leave no trace. Scales down to three quarters, then its box scrolls.
    """
    svg = "".join(_kept(svg[svg.index("<svg"):]))
    used = dict.fromkeys(re.findall(r'(?:url\(|href=")#([^)"]+)', svg))
    ids = {old: f"{name}-{number}" for number, old in enumerate(used, 1)}

    def adapt(tag: re.Match[str]) -> str:
        text = re.sub(r'\sid="([^"]*)"', lambda m: f' id="{ids[m[1]]}"' if m[1] in ids else "", tag[0])
        text = re.sub(r'(url\(|href=")#([^)"]+)', lambda m: f"{m[1]}#{ids[m[2]]}", text)
        text = re.sub(r"font-family:[^;\"]*;?\s*", "", text)
        return re.sub(r"(fill|stroke): #000000", r"\1: currentColor", text)

    root, rest = re.split(r"(?<=>)", svg, maxsplit=1)
    box = re.search(r'viewBox="([-\d.e ]+)"', root)
    width = float(box[1].split()[2]) * 4 / 3 if box else 640
    return defused(
        f'<svg role="img" aria-label="{escape(alt)}" viewBox="{box[1] if box else "0 0 480 360"}"'
        f' style="--width: {width:.0f}px">' + re.sub(r"\n\s*", "\n", _TAG.sub(adapt, rest)).strip()
    )
