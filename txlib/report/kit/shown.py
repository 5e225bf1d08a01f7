"""What a report shows as HTML for a page and as plain text for a terminal and for nbval: tables, numbers, names.

Everything handed in is escaped. Captions carry no number: the report's template numbers them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal, NamedTuple

from txlib.base.labels import say
from txlib.base.text import harmless

MISSING = "—"
MATH = re.compile(r"[$\\]")  # what MathJax begins with
KINDS: dict[str, Literal["number", "sentence"]] = {"#": "number", "~": "sentence"}

# JupyterLab knows nothing of the report's template: these few rules make the same HTML read well there, and only there.
STYLE = "<style>" + "".join(".jp-RenderedHTMLCommon " + rule for rule in (
    ".tx-table{margin:0;overflow-x:auto}", ".tx-table figcaption{font-weight:600;margin:.4em 0}", ".tx-table table{margin:0}",
    ".tx-table :is(th,td){text-align:left;vertical-align:top}",
    ".tx-table :is(.num,[data-sort=number]){text-align:right;font-variant-numeric:tabular-nums}",
    ".tx-table small{display:block;opacity:.75}", ".tx-fold summary{cursor:pointer;margin:.3em 0}",
    ":is(.tx-sum,.tx-flag){font-weight:600}",
    ".bar{background:linear-gradient(to right,#56b4e94d calc(var(--share)*100%),transparent 0)}",
    ".tx-keys{display:flex;flex-wrap:wrap;gap:1em 2.5em}", ".tx-keys dd{margin:0;font-size:1.4em}",
    ".tx-keys dt{float:none;width:auto}",
    ".tx-meta span{margin-right:1.5em}", ".tx-sample{border-left:4px solid #d55e00;padding:.3em .8em}",
)) + "</style>"


@dataclass(frozen=True, repr=False)
class Display:
    """What a cell of a notebook displays, as HTML and as plain text; of a table also its cells, as a workbook takes them.

    JupyterLab would set a name like `$x$` as a formula: not in here.
    """

    html: str
    text: str
    listing: Listing | None = None

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        html = f'<div class="mathjax_ignore">{self.html}</div>' if MATH.search(self.html) else self.html
        return {"text/html": html, "text/plain": self.text}


class TableColumn(NamedTuple):
    """A column's heading and what it holds: words or numbers, by which it sorts, or whole sentences."""

    label: str
    kind: Literal["text", "number", "sentence"] = "text"


class Bar(NamedTuple):
    """A number with a bar behind it that fills `share` (0 to 1) of the cell."""

    text: str
    share: float


class Noted(NamedTuple):
    """A text with a note in small type under it."""

    text: str
    note: str


class Gauge(NamedTuple):
    """A bar of a share (0 to 1) with a line at another; `text` says both to those who do not see it."""

    text: str
    share: float
    mark: float


class UnitName(NamedTuple):
    """A unit's name; a page that has its score card leads there."""

    text: str
    code: str


TableCell = str | Bar | Noted | Gauge | UnitName
TableRow = Sequence[TableCell]


class Listing(NamedTuple):
    """A table as it was laid out, before it became HTML."""

    caption: str
    heads: Sequence[TableColumn]
    rows: Sequence[TableRow]
    note: str


class Sum(tuple[TableCell, ...]):
    """A row printed bold: the sum of rows below or above it."""

    __slots__ = ()


class Flag(tuple[TableCell, ...]):
    """A row that asks for attention."""

    __slots__ = ()


def columns(lang: str, *keys: str, labels: str = "tables") -> list[TableColumn]:
    """Columns by the keys of their headings in one of the files of labels; `#` before a key: of numbers, `~`: of sentences."""
    return [TableColumn(say(f"{labels}.{key.lstrip('#~')}", lang), KINDS.get(key[0], "text")) for key in keys]


def named(row: Any, lang: str, column: str = "name") -> str:
    """A unit's or a tier's name in this language, from a row of a frame; in Chinese where there is no other."""
    other = getattr(row, f"{column}_en", "") if lang == "en" else ""
    return str(other or getattr(row, column))


def wide(text: str) -> int:
    """How many columns a text takes: two for a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def aligned(heads: Sequence[TableColumn], rows: Sequence[TableRow], most: int = 48) -> str:
    """A table as plain text in aligned columns, save for texts wider than `most`."""
    cells = [[head.label for head in heads]]
    cells += [[harmless(in_words(cell)) for cell in row] for row in rows]
    widths = [min(max(wide(row[i]) for row in cells), most) for i in range(len(heads))]

    def padded(cell: str, head: TableColumn, width: int) -> str:
        pad = " " * (width - wide(cell))
        return pad + cell if head.kind == "number" else cell + pad

    return "\n".join("  ".join(map(padded, row, heads, widths)).rstrip() for row in cells)


def table(name: str, caption: str, heads: Sequence[TableColumn], rows: Sequence[TableRow], note: str = "") -> Display:
    """A table that a page can sort, captioned where there is a caption, and a note under it."""
    head = "".join(f'<th scope="col" data-sort="{"number" if kind == "number" else "text"}">{escaped(label)}</th>'
                   for label, kind in heads)
    kinds = (_ROWS.get(type(row), "<tr>") for row in rows)
    body = "".join(f"{kind}{''.join(map(_cell, row, heads))}</tr>\n" for kind, row in zip(kinds, rows, strict=True))
    title = f"<figcaption>{escaped(caption)}</figcaption>\n" if caption else ""
    html = (f'<figure class="tx-table" id="{escaped(name)}">{title}'
            f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></figure>")
    text = "\n".join(filter(None, [harmless(caption), aligned(heads, rows), harmless(note)]))
    return Display(html + note_of(note).html if note else html, text, Listing(caption, heads, rows, note))


_ROWS: dict[type, str] = {Sum: '<tr class="tx-sum">', Flag: '<tr class="tx-flag">'}
_CELLS = {"number": ' class="num"', "sentence": ' class="long"', "text": ""}


def in_words(cell: TableCell) -> str:
    """A cell's content as plain text; of a note also the note."""
    if isinstance(cell, Noted):
        return f"{cell.text} {cell.note}"
    return cell if isinstance(cell, str) else cell.text


def _cell(cell: TableCell, column: TableColumn) -> str:
    if isinstance(cell, Bar):
        share = min(max(cell.share, 0.0), 1.0)
        return f'<td class="num bar" style="--share:{share:.4f}">{escaped(cell.text)}</td>'
    if isinstance(cell, Gauge):
        share, mark = (min(max(each, 0.0), 1.0) for each in (cell.share, cell.mark))
        look = f"--share:{share:.4f};--mark:{mark:.4f}"
        return f'<td class="gauge"><span role="img" aria-label="{escaped(cell.text)}" style="{look}"></span></td>'
    if isinstance(cell, UnitName):
        return f'<td data-unit="{escaped(cell.code)}">{escaped(cell.text)}</td>'
    text = f"{escaped(cell.text)} <small>{escaped(cell.note)}</small>" if isinstance(cell, Noted) else escaped(cell)
    return f"<td{_CELLS[column.kind]}>{text}</td>"


def folded(title: str, inside: Display) -> Display:
    """A display under a title that is clicked to open it."""
    html = f'<details class="tx-fold"><summary>{escaped(title)}</summary>\n{inside.html}</details>\n'
    return Display(html, f"{harmless(title)}\n{inside.text}")


def listed(items: Iterable[str | tuple[str, Sequence[str]]]) -> Display:
    """Findings as a list; a heading with items of its own stands above them."""
    html, text = "", []
    for item in items:
        head, below = (item, ()) if isinstance(item, str) else item
        inner = "".join(f"<li>{escaped(each)}</li>\n" for each in below)
        html += f"<li>{escaped(head)}{f'<ul>{inner}</ul>' if below else ''}</li>\n"
        text += [f"- {harmless(head)}", *(f"  - {harmless(each)}" for each in below)]
    return Display(f'<ul class="tx-findings">\n{html}</ul>', "\n".join(text))


def together(*parts: Display) -> Display:
    """Displays joined into one, one below the other."""
    return Display("\n".join(part.html for part in parts), "\n".join(part.text for part in parts))


def nothing(text: str) -> Display:
    """A line that says what is missing: a notebook shows it, a report leaves out a section that has nothing else."""
    return Display(f'<p class="tx-note tx-nothing">{escaped(text)}</p>', harmless(text))


def note_of(text: str) -> Display:
    """A line below or in place of a table."""
    return Display(f'<p class="tx-note">{escaped(text)}</p>', harmless(text))


def escaped(text: object) -> str:
    """A text with its special characters escaped for HTML."""
    return escape(harmless(text))


def label(key: str, lang: str, **values: Any) -> str:
    """A label of labels/tables.yaml."""
    return say(f"tables.{key}", lang, **values)


def joined(parts: Iterable[object], lang: str) -> str:
    """The parts as one text, between them the language's comma for enumerations."""
    return label("comma", lang).join(str(part) for part in parts)


def sentences(parts: Iterable[str], lang: str) -> str:
    """The sentences as one text, between them a space in English and nothing in Chinese."""
    return ("" if lang == "zh" else " ").join(parts)
