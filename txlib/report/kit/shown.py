"""What a notebook shows: tables, lists and notes, as HTML for JupyterLab, as plain text for a terminal and for nbval.

Captions carry no number: a page numbers them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from txlib.base.text import harmless
from txlib.report.kit.blocks import (
    Bar,
    Bullet,
    Bullets,
    Cover,
    Flag,
    Fold,
    Gauge,
    Note,
    Noted,
    PrintedRow,
    ReportBlock,
    Sum,
    Table,
    TableCell,
    TableColumn,
    TableRow,
    UnitName,
    packed,
)
from txlib.report.kit.markup import STYLE, Writer, escaped

__all__ = [
    "MISSING", "STYLE", "Bar", "Display", "Flag", "Gauge", "Noted", "Sum", "TableCell", "TableColumn", "TableRow", "UnitName",
    "aligned", "escaped", "folded", "in_words", "listed", "note_of", "nothing", "table", "together", "wide",
]

MISSING = "—"
WIDEST = 48  # a text wider than this does not widen its column in plain text
MATH = re.compile(r"[$\\]")  # what MathJax begins with


@dataclass(frozen=True, repr=False)
class Display:
    """What a cell of a notebook displays: blocks, shown as HTML and as plain text, and kept with the HTML as its metadata.

    JupyterLab would set a name like `$x$` as a formula: not in here.
    """

    blocks: tuple[ReportBlock, ...] = ()

    @property
    def html(self) -> str:
        """The blocks as HTML for JupyterLab."""
        return Writer().write(self.blocks)

    @property
    def text(self) -> str:
        """The blocks as plain text."""
        return "\n".join(map(plain, self.blocks))

    @property
    def listing(self) -> Table | None:
        """The table, as a workbook takes it, where the display is one."""
        return next((block for block in self.blocks if isinstance(block, Table)), None)

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, str], dict[str, Any]]:
        html = self.html
        html = f'<div class="mathjax_ignore">{html}</div>' if MATH.search(html) else html
        return {"text/html": html, "text/plain": self.text}, {"text/html": {"blocks": packed(self.blocks)}}


def wide(text: str) -> int:
    """How many columns a text takes: two for a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def aligned(heads: Sequence[TableColumn], rows: Iterable[Iterable[TableCell]]) -> str:
    """A table as plain text in aligned columns, save for texts wider than WIDEST."""
    cells = [[head.label for head in heads]]
    cells += [[harmless(in_words(cell)) for cell in row] for row in rows]
    widths = [min(max(wide(row[i]) for row in cells), WIDEST) for i in range(len(heads))]

    def padded(cell: str, head: TableColumn, width: int) -> str:
        pad = " " * (width - wide(cell))
        return pad + cell if head.kind == "number" else cell + pad

    return "\n".join("  ".join(map(padded, row, heads, widths)).rstrip() for row in cells)


def table(name: str, caption: str, heads: Sequence[TableColumn], rows: Iterable[TableRow], note: str = "") -> Display:
    """A table that a page can sort, captioned where there is a caption, and a note under it."""
    return Display((Table(name, caption, tuple(heads), tuple(map(PrintedRow.of, rows)), note),))


def in_words(cell: TableCell) -> str:
    """A cell's content as plain text; of a note also the note."""
    if isinstance(cell, Noted):
        return f"{cell.text} {cell.note}"
    return cell if isinstance(cell, str) else cell.text


def folded(title: str, inside: Display) -> Display:
    """A display under a title that is clicked to open it."""
    return Display((Fold(title, inside.blocks),))


def listed(items: Iterable[str | tuple[str, Sequence[str]]]) -> Display:
    """Findings as a list; a heading with items of its own stands above them."""
    pairs = ((item, ()) if isinstance(item, str) else item for item in items)
    return Display((Bullets(tuple(Bullet(head, tuple(below)) for head, below in pairs)),))


def together(*parts: Display) -> Display:
    """Displays joined into one, one below the other."""
    return Display(tuple(block for part in parts for block in part.blocks))


def nothing(text: str) -> Display:
    """A line that says what is missing: a notebook shows it, a report leaves out a section that has nothing else."""
    return Display((Note(text, missing=True),))


def note_of(text: str) -> Display:
    """A line below or in place of a table."""
    return Display((Note(text),))


def plain(block: ReportBlock) -> str:
    """A block as plain text."""
    match block:
        case Table(_, caption, heads, rows, note):
            return "\n".join(filter(None, [harmless(caption), aligned(heads, rows), harmless(note)]))
        case Bullets(items):
            lines = ([f"- {harmless(item.text)}", *(f"  - {harmless(each)}" for each in item.below)] for item in items)
            return "\n".join(line for each in lines for line in each)
        case Fold(title, inside):
            return "\n".join([harmless(title), *map(plain, inside)])
        case Note(text):
            return harmless(text)
        case Cover(office, title, facts, keys, sample):
            pairs = (f"{label} {value}" for label, value in (*facts, *keys))
            return "\n".join(map(harmless, [office, title, *pairs, *filter(None, [sample])]))
