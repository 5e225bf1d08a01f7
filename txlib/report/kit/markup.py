"""Blocks as HTML, every text in them escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from itertools import count
from typing import NamedTuple

from txlib.base.text import harmless
from txlib.report.kit.blocks import (
    Bar,
    Bullets,
    Cover,
    Fold,
    Gauge,
    Note,
    Noted,
    ReportBlock,
    Table,
    TableCell,
    TableColumn,
    UnitName,
)

LANGUAGE_TAGS = {"zh": "zh-CN", "en": "en"}  # of pages and workbooks, for whoever has them read aloud

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

_ROWS = {"plain": "<tr>", "sum": '<tr class="tx-sum">', "flag": '<tr class="tx-flag">'}
_LOOKS = {"number": "num", "sentence": "long", "text": ""}


def escaped(text: object) -> str:
    """A text with its special characters escaped for HTML."""
    return escape(harmless(text))


class Td(NamedTuple):
    """A cell as HTML: what stands in it, its class and its style, both "" for none."""

    inside: str
    look: str = ""
    style: str = ""


def cell(content: TableCell, column: TableColumn) -> Td:
    """A cell's content as HTML."""
    match content:
        case Bar(text, share):
            return Td(escaped(text), "num bar", f"--share:{_within(share):.4f}")
        case Gauge(text, share, mark):
            look = f"--share:{_within(share):.4f};--mark:{_within(mark):.4f}"
            return Td(f'<span role="img" aria-label="{escaped(text)}" style="{look}"></span>', "gauge")
        case UnitName(text):
            return Td(escaped(text))
        case Noted(text, note):
            return Td(f"{escaped(text)} <small>{escaped(note)}</small>", _LOOKS[column.kind])
    return Td(escaped(content), _LOOKS[column.kind])


def _within(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def attributes(**values: str) -> str:
    """A tag's attributes, those that have a value; names as in Python (`class_`, `data_label`), values escaped already."""
    return "".join(f' {name.strip("_").replace("_", "-")}="{value}"' for name, value in values.items() if value)


def grid(table: Table, head: Callable[[TableColumn], str], td: Callable[[TableCell, TableColumn, int], str]) -> str:
    """A table's rows and columns, its headings and cells written by the functions given; a cell's is told its column's place."""
    body = "".join(f"{_ROWS[row.kind]}{''.join(map(td, row, table.heads, count()))}</tr>\n" for row in table.rows)
    return f"<table><thead><tr>{''.join(map(head, table.heads))}</tr></thead>\n<tbody>\n{body}</tbody></table>"


def framed(inside: str, name: str, caption: str, note: str, few: str = "") -> str:
    """A table's rows and columns as a figure, a caption above and a note below; `name` and `caption` are HTML."""
    title = f"<figcaption>{caption}</figcaption>\n" if caption else ""
    below = f'<p class="tx-note">{escaped(note)}</p>' if note else ""
    return f'<figure class="tx-table{few}" id="{name}">{title}{inside}</figure>{below}'


def cover(block: Cover, under: str = "", number: str = "") -> str:
    """The head of a report; HTML `under` its heading, and a `number` after its facts."""
    spans = "".join(f"<span>{escaped(label)} <b>{escaped(value)}</b></span> " for label, value in block.facts)
    terms = "".join(f"<div><dt>{escaped(label)}</dt><dd>{escaped(value)}</dd></div>" for label, value in block.keys)
    sample = f'<p class="tx-sample" role="note">{escaped(block.sample)}</p>' if block.sample else ""
    return (f'<header class="tx-cover"><p class="tx-office">{escaped(block.office)}</p>\n'
            f'<h1>{escaped(block.title)}</h1>{under}\n<p class="tx-meta">{spans}{number}</p>\n'
            f'<dl class="tx-keys">{terms}</dl>\n{sample}</header>')


class Writer:
    """Writes blocks as JupyterLab shows them; a page's writer does some of them in its own way."""

    def write(self, blocks: Iterable[ReportBlock]) -> str:
        """The blocks as HTML, one below the other."""
        return "\n".join(map(self.block, blocks))

    def block(self, block: ReportBlock) -> str:
        """One block as HTML."""
        match block:
            case Table():
                return self.table(block)
            case Bullets():
                return bullets(block)
            case Fold(title, inside):
                return f'<details class="tx-fold"><summary>{escaped(title)}</summary>\n{self.write(inside)}</details>\n'
            case Note(text, missing):
                return f'<p class="tx-note{" tx-nothing" if missing else ""}">{escaped(text)}</p>'
            case Cover():
                return self.cover(block)

    def table(self, table: Table) -> str:
        """A table."""
        return framed(grid(table, self.head, self.td), escaped(table.name), escaped(table.caption), table.note)

    def head(self, column: TableColumn) -> str:
        """A column's heading, by which a page sorts."""
        sort = "number" if column.kind == "number" else "text"
        return f'<th scope="col" data-sort="{sort}">{escaped(column.label)}</th>'

    def td(self, content: TableCell, column: TableColumn, place: int) -> str:
        """A cell."""
        inside, look, style = cell(content, column)
        unit = escaped(content.code) if isinstance(content, UnitName) else ""
        return f"<td{attributes(data_unit=unit, class_=look, style=style)}>{inside}</td>"

    def cover(self, block: Cover) -> str:
        """The head of a report, and before it the rules for JupyterLab."""
        return STYLE + cover(block)


def bullets(block: Bullets) -> str:
    """A list as HTML."""
    html = ""
    for item in block.items:
        inner = "".join(f"<li>{escaped(each)}</li>\n" for each in item.below)
        html += f"<li>{escaped(item.text)}{f'<ul>{inner}</ul>' if item.below else ''}</li>\n"
    return f'<ul class="tx-findings">\n{html}</ul>'
