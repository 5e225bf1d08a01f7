"""What a report shows, as structure: tables, lists, folds, covers, notes; HTML, plain text and workbooks are written from it.

A notebook keeps the structure of what it shows (`packed`), and a page is written from what was kept (`unpacked`): data from
outside, of which nothing holds but its shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config

from txlib.base.text import harmless

_closed = with_config(ConfigDict(extra="forbid"))

# ── what stands in a table ──────────────────────────────────────────────────────────────────────────────────────────


class TableColumn(NamedTuple):
    """A column's heading and what it holds: words or numbers, by which it sorts, or whole sentences."""

    label: str
    kind: Literal["text", "number", "sentence"] = "text"


@_closed
@dataclass(frozen=True)
class Bar:
    """A number with a bar behind it that fills `share` (0 to 1) of the cell."""

    text: str
    share: float


@_closed
@dataclass(frozen=True)
class Noted:
    """A text with a note in small type under it."""

    text: str
    note: str


@_closed
@dataclass(frozen=True)
class Gauge:
    """A bar of a share (0 to 1) with a line at another; `text` says both to those who do not see it."""

    text: str
    share: float
    mark: float


@_closed
@dataclass(frozen=True)
class UnitName:
    """A unit's name; a page that has its score card leads there."""

    text: str
    code: str


TableCell = str | Bar | Noted | Gauge | UnitName
TableRow = Sequence[TableCell]


class Sum(tuple[TableCell, ...]):
    """A row printed bold: the sum of rows below or above it."""

    __slots__ = ()


class Flag(tuple[TableCell, ...]):
    """A row that asks for attention."""

    __slots__ = ()


@_closed
@dataclass(frozen=True)
class PrintedRow:
    """A table's row: its cells, and whether it is a sum or flagged."""

    cells: tuple[TableCell, ...]
    kind: Literal["plain", "sum", "flag"] = "plain"

    @classmethod
    def of(cls, row: TableRow) -> PrintedRow:
        """A row as it was laid out."""
        if isinstance(row, Sum):
            return cls(tuple(row), "sum")
        return cls(tuple(row), "flag" if isinstance(row, Flag) else "plain")

    def __iter__(self) -> Iterator[TableCell]:
        return iter(self.cells)


# ── blocks ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@_closed
@dataclass(frozen=True)
class Table:
    """A table: its name on a page, caption, columns and rows; `note` stands under it."""

    name: str
    caption: str
    heads: tuple[TableColumn, ...]
    rows: tuple[PrintedRow, ...]
    note: str = ""
    kind: Literal["table"] = "table"


@_closed
@dataclass(frozen=True)
class Bullet:
    """A list's item, and the items below it."""

    text: str
    below: tuple[str, ...] = ()


@_closed
@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: tuple[Bullet, ...]
    kind: Literal["bullets"] = "bullets"


@_closed
@dataclass(frozen=True)
class Fold:
    """Blocks under a title that is clicked to open them."""

    title: str
    inside: tuple[ReportBlock, ...]
    kind: Literal["fold"] = "fold"


@_closed
@dataclass(frozen=True)
class Note:
    """A line below or in place of a table; `missing`: it says that there is nothing to show."""

    text: str
    missing: bool = False
    kind: Literal["note"] = "note"


@_closed
@dataclass(frozen=True)
class Cover:
    """The head of a report: office, title, facts and key figures as (label, value); a line where the data is a sample."""

    office: str
    title: str
    facts: tuple[tuple[str, str], ...]
    keys: tuple[tuple[str, str], ...]
    sample: str = ""
    kind: Literal["cover"] = "cover"


ReportBlock = Annotated[Table | Bullets | Fold | Note | Cover, Field(discriminator="kind")]
_BLOCKS: TypeAdapter[tuple[ReportBlock, ...]] = TypeAdapter(tuple[ReportBlock, ...])


def packed(blocks: Iterable[ReportBlock]) -> list[dict[str, Any]]:
    """The blocks as JSON keeps them, a sign put for what is not seen in a text."""
    kept: list[dict[str, Any]] = _harmless(_BLOCKS.dump_python(tuple(blocks), mode="json"))
    return kept


def _harmless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _harmless(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_harmless(each) for each in value]
    return harmless(value) if isinstance(value, str) else value


def unpacked(kept: object) -> tuple[ReportBlock, ...] | None:
    """Blocks that were kept as JSON; None where it is no list of blocks."""
    try:
        return _BLOCKS.validate_python(kept)
    except ValidationError:
        return None
