"""HTML that is not ours: what other libraries and Markdown write, what a notebook holds that kept no structure.

It is read by a parser and goes onto the page as it stands, but for styles and scripts, for what leads or sends somewhere by
itself, and with each table in a box. What it would load, or run, the page's policy forbids.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html.parser import HTMLParser
from itertools import accumulate, takewhile
from typing import Literal, NamedTuple

from txlib.report.page.typeset import SHORT, WIDE, box

DROPPED = ("style", "script", "metadata")
LEADING = ("meta", "base", "link", "form", "iframe", "frame", "frameset", "object", "embed", "applet", "portal")
_LEADING = re.compile(rf"<(?=/?(?:{'|'.join(LEADING)})\b)", re.I)


class Piece(NamedTuple):
    """A tag, or what stands between two tags, as it was written; `bare`: a start tag without attributes."""

    kind: Literal["text", "start", "end", "other"]
    tag: str
    written: str
    bare: bool


class _Reader(HTMLParser):
    """Notes where in a text each tag, and each text between tags, begins."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, Literal["text", "start", "end", "other"], str, bool]] = [(0, "text", "", False)]
        self.lines = [0, *accumulate(len(line) + 1 for line in html.split("\n"))]
        end = _readable(html)
        self.feed(html[:end])
        self.close()
        if end < len(html) and self.found[-1][1] != "text":
            self.found.append((end, "text", "", False))

    def note(self, kind: Literal["text", "start", "end", "other"], tag: str = "", *, bare: bool = False) -> None:
        """Note that something begins here; a text goes on where there is one before it."""
        line, column = self.getpos()
        if kind != "text" or self.found[-1][1] != "text":
            self.found.append((self.lines[line - 1] + column, kind, tag, bare))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.note("start", tag, bare=not attrs)

    def handle_endtag(self, tag: str) -> None:
        self.note("end", tag)

    def handle_data(self, data: str) -> None:
        self.note("text")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.note("other", tag)

    def handle_comment(self, data: str) -> None:
        self.note("other")

    def handle_decl(self, decl: str) -> None:
        self.note("other")

    def handle_pi(self, data: str) -> None:
        self.note("other")

    def unknown_decl(self, data: str) -> None:
        self.note("other")


def _readable(html: str) -> int:
    """Up to where tags and comments end: the parser would look for the end of each one behind it, through all the rest."""
    closed = html.rfind("-->") + 1
    comment = html.find("<!--", closed)
    return html.rfind(">", 0, comment if comment >= 0 else len(html)) + 1


def pieces(html: str) -> list[Piece]:
    """The HTML in its pieces; joined, they are the same text."""
    found = _Reader(html).found
    ends = [*(place for place, *_ in found[1:]), len(html)]
    return [Piece(kind, tag, html[place:end], bare) for (place, kind, tag, bare), end in zip(found, ends, strict=True)]


def words(html: str) -> str:
    """What stands between the tags, still escaped."""
    return "".join(piece.written for piece in pieces(html) if piece.kind == "text")


def boxed(html: str) -> str:
    """The HTML without styles, scripts and what leads away, each table in a box that scrolls, its short cells on one line."""
    written: list[str] = []
    held = list(_kept(pieces(html)))
    begin = heads = depth = 0
    for i, piece in enumerate(held):
        at = (piece.kind, piece.tag)
        if at == ("start", "table"):
            depth += 1
            begin, heads = (len(written), 0) if depth == 1 else (begin, heads)
        heads += at == ("start", "th")
        short = depth and piece.bare and at == ("start", "td") and _is_short(held[i + 1:i + 3])
        written.append('<td class="short">' if short else piece.written)
        if at == ("end", "table") and depth:
            depth -= 1
            if not depth:
                written.insert(begin, box("", " tx-wide" if heads > WIDE else ""))
                written.append("</div>")
    return defused("".join(written))


def defused(html: str) -> str:
    """The HTML without the beginning of any tag that leads or sends somewhere, also where a browser alone takes it for one."""
    return _LEADING.sub("&lt;", html)


def _kept(held: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces without those of styles and scripts, and without the tags of what leads away."""
    inside = ""
    for piece in held:
        if not inside and piece.kind == "start" and piece.tag in DROPPED:
            inside = piece.tag
        if not inside and piece.tag not in LEADING:
            yield piece
        if piece.kind == "end" and piece.tag == inside:
            inside = ""


def _is_short(after: Sequence[Piece]) -> bool:
    """Whether a cell that these pieces follow holds a few characters and nothing else."""
    inside = list(takewhile(lambda piece: piece.kind == "text", after))
    closed = [(piece.kind, piece.tag) for piece in after[len(inside):]][:1]
    return closed == [("end", "td")] and sum(len(piece.written) for piece in inside) <= SHORT
