"""A notebook that has run becomes one HTML page: no code, no request, readable on screen, phone and paper."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from html import escape, unescape
from pathlib import Path
from typing import Any

import mistune
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from traitlets import Unicode

from txlib.base.labels import LANGS, say
from txlib.base.text import harmless
from txlib.report.kit.shown import escaped

FOLDER = Path(__file__).with_name("template")
HTML_LANG = {"zh": "zh-CN", "en": "en"}
SHORT = 12  # characters up to which a table cell stays on one line
WIDE = 9  # columns above which a table is set tighter
FEW = 14  # rows up to which a table is not parted between two pages
TURNED = 7  # columns of numbers above which their headings, where they are in Latin letters, stand upright

_TAG = re.compile(r"<[^>]*>")
_DROPPED = re.compile(r"<(style|script|metadata)\b.*?</\1\s*>", re.S | re.I)
_TABLE = re.compile(r"<figure\b[^>]*\btx-table\b.*?</figure>|<table\b.*?</table>", re.S)
_HEAD = re.compile(r"<th\b")
_CAPTION = re.compile(r"(<figcaption\b[^>]*>)(.*?)</figcaption>", re.S)
_SHORT_CELL = re.compile(rf"<td(?= data-unit|>)(?=[^<>]*>[^<]{{0,{SHORT}}}</td>)")
_UNIT = re.compile(r'(<td\b[^>]*?) data-unit="([^"]*)"([^>]*>)(.*?)</td>')
_ROW = re.compile(r"<tr\b.*?</tr>", re.S)
_CELL = re.compile(r'<td\b( class="long")?')
_NUMBERS = re.compile(r'(<th\b[^>]*data-sort="number"[^>]*>)(.*?)(</th>)', re.S)
_H2 = re.compile(r"## ")
_NOTHING = re.compile(r'\s*(?:<p class="tx-note tx-nothing">[^<]*</p>)?\s*')
_HEADING = re.compile(r"<th\b[^>]*>(.*?)</th>", re.S)
_ID = re.compile(r'^(<figure\b[^>]*\bid=")([^"]*)"')
_META = re.compile(r'(<p class="tx-meta">.*?)</p>', re.S)
_H1 = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.S)
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_NO_PICTURE = re.compile(r"<Figure size .*>|<.* at 0x[0-9a-f]+>", re.S)
_CJK = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
_CJK_BREAK = re.compile(rf"(?<={_CJK})\n(?={_CJK})")


def render(nb: NotebookNode, *, lang: str, title: str | None = None, cards: Mapping[str, str] | None = None) -> str:
    """The report of an executed notebook: one self-contained page in one language, same for the same input.

    Cells tagged with another language or `remove-cell` are left out. `title` names the page; without it the
    notebook's first heading of level 1 does. Under a cover with a heading the name becomes the line below it.
    `cards`: by unit the address of its score card, to which the unit's name in the ranking leads.
    """
    page = _Page(lang, cards or {})
    for section in sections(cell for cell in nb.cells if seen(cell, lang)):
        for cell in () if says_nothing(section) else section:
            page.add(cell)
    return page.html(title, made(nb.metadata))


def made(about: Mapping[str, Any]) -> dict[str, str]:
    """What a run noted in a notebook: the report's number, the programs, the command, the digest of what it was made from."""
    run, values = about.get("txlib", {}), about.get("papermill", {}).get("parameters", {})
    if not {"inputs", "made_by", "lang"} <= set(run) or "year" not in values:
        return {}
    year, category = str(values["year"]), str(values.get("category", ""))
    options = [f"--category {category}" if category else "", "--lang en" if run["lang"] == "en" else ""]
    command = " ".join(filter(None, ["txlib run", year, *options]))
    return {"number": numbered(year, category, run["inputs"]), "made_by": str(run["made_by"]), "again": command,
            "inputs": str(run["inputs"])}


def numbered(year: str, category: str, inputs: str) -> str:
    """The number of a page, made of year, category and the digest of its inputs."""
    return "-".join(filter(None, [year, category, inputs[:8]]))


def seen(cell: NotebookNode, lang: str) -> bool:
    """Whether a reader of this language sees a cell."""
    return not ({*LANGS, "remove-cell"} - {lang}) & {*cell.metadata.get("tags", ())}


def sections(cells: Iterable[NotebookNode]) -> list[list[NotebookNode]]:
    """What stands before the first heading of level 2, then each such heading with what follows it."""
    found: list[list[NotebookNode]] = [[]]
    for cell in cells:
        if cell.cell_type == "markdown" and _H2.match(cell.source):
            found.append([])
        found[-1].append(cell)
    return found


def says_nothing(section: Sequence[NotebookNode]) -> bool:
    """Whether every output of a section is empty or a line that something is missing; False for a section without outputs."""
    outputs = [output for cell in section if cell.cell_type == "code" for output in cell.outputs]
    return bool(outputs) and all(_NOTHING.fullmatch(output.get("data", {}).get("text/html", "something")) for output in outputs)


class ReportExporter(Exporter):
    """`jupyter nbconvert --to` and JupyterLab's export menu, through the same `render`."""

    export_from_notebook = "Report (txlib)"
    output_mimetype = "text/html"
    lang = Unicode("zh", help="zh or en").tag(config=True)

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[Any, dict[str, Any]]:
        """The page and nbconvert's resources."""
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        return render(nb, lang=self.lang), resources


def write_page(template: str, lang: str, *, scripts: Sequence[str] = ("page.js",), **values: Any) -> str:
    """A page of our own templates: one style, its scripts, and a policy that lets nothing else in or out."""
    sources = [asset(name) for name in scripts]
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in sources)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {allowed}"
    return _templates().get_template(template).render(
        lang=lang, html_lang=HTML_LANG[lang], say=partial(say, lang=lang),
        policy=policy, scripts=[Markup(script) for script in sources], style=Markup(asset("page.css")), **values,
    )


class _Prose(mistune.HTMLRenderer):
    """Markdown as HTML: raw HTML stays text, headings get the ids s1, s2, … and level 2 a number."""

    def __init__(self, lang: str) -> None:
        super().__init__(escape=True)
        self.lang = lang
        self.titles: list[str] = []
        self.contents: list[tuple[str, Markup]] = []
        self.headings = 0

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        """A heading; the first of level 1 is kept for the head of the page."""
        if level == 1 and not self.titles:
            self.titles.append(text)
            return ""
        level = max(level, 2)
        self.headings += 1
        name = f"s{self.headings}"
        if level == 2:
            text = say("report.section", self.lang, number=_numeral(len(self.contents) + 1, self.lang)) + text
            self.contents.append((name, Markup(_TAG.sub("", text))))
        return f'<h{level} id="{name}">{text}</h{level}>\n'

    def paragraph(self, text: str) -> str:
        """A paragraph whose source lines join without a gap between Chinese characters."""
        return f"<p>{_CJK_BREAK.sub('', text)}</p>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture that the page carries itself; of any other, its description."""
        return super().image(text, url, title) if url.startswith("data:image/") else text


class _Page:
    """One report as it grows, cell by cell: its numbers, its contents, its cover."""

    def __init__(self, lang: str, cards: Mapping[str, str]) -> None:
        self.lang = lang
        self.cards = cards
        self.prose = _Prose(lang)
        self.markdown = mistune.create_markdown(renderer=self.prose, plugins=["table", "strikethrough"])
        self.cover = ""
        self.body: list[str] = []
        self.tables = self.figures = 0
        self.ids: set[str] = set()
        self.shows: dict[str, Callable[[str, dict[str, Any]], str]] = {
            "text/html": self._html,
            "image/svg+xml": self._svg,
            "image/png": self._png,
            "text/markdown": lambda text, _: self._markdown(text),
            "text/plain": lambda text, _: _plain(text),
        }

    def add(self, cell: NotebookNode) -> None:
        """Append what a cell shows to the page."""
        if cell.cell_type == "markdown":
            self.body.append(self._markdown(cell.source))
        elif cell.cell_type == "code":
            self.body += [self._output(output) for output in cell.outputs]

    def html(self, title: str | None, made: Mapping[str, str]) -> str:
        """The whole page; `made`: its number, what it was made with and how to make it again, empty where nobody says."""
        if made:
            number = f"<span>{say('report.number', self.lang)} <b>{escape(made['number'])}</b></span>"
            self.cover = _META.sub(lambda m: f"{m[1]}{number}</p>", self.cover, count=1)
        cover = _H1.search(self.cover)
        titles = [*self.prose.titles, cover[1] if cover else "", say("report.untitled", self.lang)]
        name = title or next(filter(None, map(_text, titles)))
        body = "".join(self.body)
        return write_page(
            "report.html", self.lang, title=name, running=css_string(name), body=Markup(body), made=made,
            cover=Markup(self._head(name, cover)), contents=self.prose.contents, number=css_string(made.get("number", "")),
            sample=css_string(say("report.sample", self.lang)) if "tx-sample" in self.cover + body else "",
            words={key: say(f"report.{key}", self.lang) for key in ("filter", "shown", "sideways")},
        )

    def _head(self, name: str, cover: re.Match[str] | None) -> str:
        """The cover with the report's name under its heading; without a cover, the name as heading."""
        if not cover:
            return f"<h1>{escape(name)}</h1>\n{self.cover}"
        if name == _text(cover[1]):
            return self.cover
        return f'{self.cover[:cover.end()]}<p class="tx-title">{escape(name)}</p>{self.cover[cover.end():]}'

    def _markdown(self, text: str) -> str:
        return self._html(str(self.markdown(text)), {})

    def _output(self, output: NotebookNode) -> str:
        if output.output_type == "stream":
            return _plain(output.text) if output.name == "stdout" else ""
        if output.output_type == "error":
            error = _plainly(f"{output.ename}: {output.evalue}")
            words = say("report.error", self.lang)
            return f'<p class="tx-error" role="note">{words} <code>{error}</code></p>\n'
        for mime, show in self.shows.items():
            if mime in output.data:
                return show(output.data[mime], output.get("metadata", {}).get(mime, {}))
        return ""

    def _html(self, html: str, _: dict[str, Any]) -> str:
        html = _TABLE.sub(self._table, _DROPPED.sub("", html))
        if "tx-cover" in html and not self.cover:
            self.cover = html
            return ""
        return html + "\n"

    def _table(self, found: re.Match[str]) -> str:
        """A table in its own scrolling box, its caption numbered, its id (where it has one) its own."""
        html, label = found[0], ""
        html = _ID.sub(lambda m: f'{m[1]}{self._unique(m[2])}"', html, count=1)
        if caption := _CAPTION.search(html):
            self.tables += 1
            numbered, label = self._caption("table", self.tables, caption[2])
            html = html.replace(caption[0], f"{caption[1]}{numbered}</figcaption>", 1)
        return _UNIT.sub(self._unit, _boxed(html, label, self.lang))

    def _unit(self, found: re.Match[str]) -> str:
        """A unit's name, leading to its card where there is one."""
        address = self.cards.get(unescape(found[2]))
        name = f'<a href="{escape(address)}">{found[4]}</a>' if address else found[4]
        return f"{found[1]}{found[3]}{name}</td>"

    def _unique(self, name: str) -> str:
        number = 1
        while (own := name if number == 1 else f"{name}-{number}") in self.ids:
            number += 1
        self.ids.add(own)
        return own

    def _caption(self, kind: str, number: int, words: str) -> tuple[str, str]:
        """A numbered caption as HTML, and as the text of an attribute."""
        title = say(f"report.{kind}", self.lang, number=number)
        return f'<b class="tx-no">{title}</b> {words}', escape(f"{title} {_text(words)}".strip())

    def _figure(self, words: str, draw: Callable[[str, str], str]) -> str:
        self.figures += 1
        name = f"f{self.figures}"
        numbered, label = self._caption("figure", self.figures, escape(words))
        return (
            f'<figure class="tx-figure" id="{name}">{_box(label)}{draw(name, label)}</div>'
            f"<figcaption>{numbered}</figcaption></figure>\n"
        )

    def _svg(self, svg: str, about: dict[str, Any]) -> str:
        alt = str(about.get("alt", ""))
        draw = lambda name, label: inline_svg(svg, name, alt or unescape(label))  # noqa: E731
        return self._figure(str(about.get("caption", "")), draw)

    def _png(self, png: str, about: dict[str, Any]) -> str:
        alt = escape(str(about.get("alt", "")))
        source = f"data:image/png;base64,{''.join(png.split())}"
        draw = lambda _, label: f'<img src="{source}" alt="{alt or label}">'  # noqa: E731
        return self._figure(str(about.get("caption", "")), draw)


def dressed(html: str, lang: str) -> str:
    """The HTML with each table in its scrolling box as in a report; captions get no number."""
    def boxed(found: re.Match[str]) -> str:
        caption = _CAPTION.search(found[0])
        return _boxed(found[0], escape(_text(caption[2])) if caption else "", lang)

    return _TABLE.sub(boxed, html)


def _boxed(html: str, label: str, lang: str) -> str:
    """A table in a box that scrolls by itself, set by what it holds; `label` (escaped) names the box."""
    html = _SHORT_CELL.sub('<td class="short"', html)
    wide, prose = len(_HEAD.findall(html)) > WIDE, '<td class="long"' in html
    html = _labelled(html) if prose else html
    few = not prose and len(_ROW.findall(html)) <= FEW
    html = html.replace('class="tx-table"', 'class="tx-table tx-few"', 1) if few else html
    turned = lang == "en" and len(_NUMBERS.findall(html)) > TURNED
    html = _NUMBERS.sub(r'\1<span class="tx-turn">\2</span>\3', html) if turned else html
    box = _box(label, (" tx-wide" if wide else "") + (" tx-prose" if prose else ""))
    return html.replace("<table", f"{box}<table", 1).replace("</table>", "</table></div>", 1)


def _labelled(html: str) -> str:
    """A table whose short cells carry their column's heading, for a phone on which rows are stacked."""
    heads = [escape(_text(head)) for head in _HEADING.findall(html)]

    def row(found: re.Match[str]) -> str:
        labels = iter(["", *heads[1:]])

        def cell(found: re.Match[str]) -> str:
            label = next(labels, "")
            return found[0] if found[1] or not label else f'<td data-label="{label}"'

        return _CELL.sub(cell, found[0])

    return _ROW.sub(row, html)


def inline_svg(svg: str, name: str, alt: str) -> str:
    """An SVG document as an element of a page: own ids, the page's font and text colour, no style of its own.

    Ids become `name-1`, `name-2`, … where something refers to them and go where nothing does. matplotlib's
    random ids, date and creator leave no trace. Scales down to three quarters, then its box scrolls.
    """
    svg = _DROPPED.sub("", svg[svg.index("<svg") :])
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
    return (
        f'<svg role="img" aria-label="{escape(alt)}" viewBox="{box[1] if box else "0 0 480 360"}"'
        f' style="--width: {width:.0f}px">' + re.sub(r"\n\s*", "\n", _TAG.sub(adapt, rest)).strip()
    )


def _box(label: str, kinds: str = "") -> str:
    """The start of a box that scrolls by itself; a keyboard reaches it, and `label` (escaped) names it."""
    named = f' role="group" aria-label="{label}"' if label else ""
    return f'<div class="tx-scroll{kinds}" tabindex="0"{named}>'


def _plain(text: str) -> str:
    text = text.strip("\n")
    return "" if not text or _NO_PICTURE.fullmatch(text) else f'<pre class="tx-text">{_plainly(text)}</pre>\n'


def _plainly(text: str) -> str:
    """What a program printed, as HTML: without its colours, its lines kept, signs for what is not seen."""
    return "\n".join(map(escaped, _ANSI.sub("", text).split("\n")))


def _text(html: str) -> str:
    return unescape(_TAG.sub("", html)).strip()


def _numeral(number: int, lang: str) -> str:
    """A section's number: 一, 二, …, 十一 or 1, 2, …, 11."""
    if lang != "zh" or number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    digits = "零一二三四五六七八九"
    return (digits[tens] if tens > 1 else "") + ("十" if tens else "") + (digits[ones] if ones else "")


def css_string(text: str) -> Markup:
    """Text as a CSS string that can end neither itself nor the style element."""
    return Markup('"' + re.sub(r"[^\w ]", lambda m: f"\\{ord(m[0]):06x}", text) + '"')


@cache
def asset(name: str) -> str:
    """A file of the template folder: a style or a script, without space around it."""
    return (FOLDER / name).read_text(encoding="utf-8").strip()


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER, encoding="utf-8"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, finalize=lambda value: value if isinstance(value, Markup) else harmless(value),
    )
