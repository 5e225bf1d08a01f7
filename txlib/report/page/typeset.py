"""Blocks as a page sets them: tables in boxes that scroll by themselves, captions numbered, units leading to their cards."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from html import escape

from txlib.base.labels import say
from txlib.base.text import harmless
from txlib.report.kit.blocks import Cover, Noted, Table, TableCell, TableColumn, UnitName
from txlib.report.kit.markup import Writer, attributes, cell, cover, escaped, framed, grid

SHORT = 12  # characters up to which a table cell stays on one line
WIDE = 9  # columns above which a table is set tighter
FEW = 14  # rows, that of the headings with them, up to which a table is not parted between two pages
TURNED = 7  # columns of numbers above which their headings, where they are in Latin letters, stand upright


def box(label: str, kinds: str = "") -> str:
    """The start of a box that scrolls by itself; a keyboard reaches it, and `label` (escaped) names it."""
    return f'<div class="tx-scroll{kinds}" tabindex="0"{attributes(role="group" if label else "", aria_label=label)}>'


class Typesetter(Writer):
    """Writes blocks for a page in one language, captions without numbers; without `sorts`, its tables keep their order."""

    def __init__(self, lang: str, *, sorts: bool = True) -> None:
        self.lang = lang
        self.sorts = sorts

    def table(self, table: Table) -> str:
        """A table in its box, set by what it holds."""
        prose, few = has_sentences(table), len(table.rows) < FEW
        turned = self.lang == "en" and sum(column.kind == "number" for column in table.heads) > TURNED
        name, (caption, label) = self.name(escaped(table.name)), self.caption("table", table.caption)
        kinds = (" tx-wide" if len(table.heads) > WIDE else "") + (" tx-prose" if prose else "")
        inside = grid(table, partial(self.head, turned=turned), partial(self.td, labelled=prose))
        return framed(f"{box(label, kinds)}{inside}</div>", name, caption, table.note, " tx-few" if few and not prose else "")

    def head(self, column: TableColumn, *, turned: bool = False) -> str:
        """A column's heading; of numbers upright where it is `turned`."""
        number, words = column.kind == "number", escaped(column.label)
        words = f'<span class="tx-turn">{words}</span>' if turned and number else words
        if not self.sorts:
            return f'<th scope="col"{attributes(class_="num" if number else "")}>{words}</th>'
        return f'<th scope="col" data-sort="{"number" if number else "text"}">{words}</th>'

    def td(self, content: TableCell, column: TableColumn, place: int, *, labelled: bool = False) -> str:
        """A cell; `labelled`: with its column's heading, for phones that stack rows, but for sentences and the first column."""
        inside, look, style = cell(content, column)
        plain = isinstance(content, str | UnitName) and not look and len(inside) <= SHORT
        label = escape(harmless(column.label).strip()) if labelled and place and look != "long" else ""
        inside = self.unit(content.code, inside) if isinstance(content, UnitName) else inside
        return f'<td{attributes(data_label=label, class_="short" if plain else look, style=style)}>{inside}</td>'

    def cover(self, block: Cover) -> str:
        """A head that stands within the page."""
        return cover(block)

    def name(self, name: str) -> str:
        """The name of a table on the page."""
        return name

    def caption(self, kind: str, words: str) -> tuple[str, str]:
        """A caption as HTML, and as the text of an attribute."""
        return escaped(words), escape(harmless(words).strip())

    def unit(self, code: str, name: str) -> str:
        """A unit's name (HTML)."""
        return name


class Numberer(Typesetter):
    """Writes the blocks of one report: tables and figures numbered, each name once, units leading to their `cards`."""

    def __init__(self, lang: str, cards: Mapping[str, str]) -> None:
        super().__init__(lang)
        self.cards = cards
        self.numbers = {"table": 0, "figure": 0}
        self.names: set[str] = set()

    def name(self, name: str) -> str:
        """The name of a table, with a number where it is taken."""
        number, own = 1, name
        while own in self.names:
            number += 1
            own = f"{name}-{number}"
        self.names.add(own)
        return own

    def caption(self, kind: str, words: str) -> tuple[str, str]:
        """A numbered caption as HTML, and as the text of an attribute; a table without a caption has no number."""
        if kind == "table" and not words:
            return "", ""
        self.numbers[kind] += 1
        html, label = super().caption(kind, words)
        title = say(f"report.{kind}", self.lang, number=self.numbers[kind])
        return f'<b class="tx-no">{title}</b> {html}', f"{escape(title)} {label}".strip()

    def unit(self, code: str, name: str) -> str:
        """A unit's name, leading to its card where there is one."""
        address = self.cards.get(code)
        return f'<a href="{escape(address)}">{name}</a>' if address else name


def has_sentences(table: Table) -> bool:
    """Whether a column of sentences holds any."""
    return any(column.kind == "sentence" and isinstance(cell, str | Noted)
               for row in table.rows for cell, column in zip(row, table.heads, strict=False))
