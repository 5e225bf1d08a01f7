"""What every table handed in is: a model of its rows, and all that the rest of the house asks of it.

A header may stand in English (the field's name) or in Chinese (its title); `tables` has one file a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict

from txlib.base.faults import Fault, Notice, Where
from txlib.intake import checks, own
from txlib.intake.sheets.cells import NAMED, Quantity
from txlib.intake.sheets.headers import Wanted
from txlib.methods import Method
from txlib.methods.words import Coded, code_of
from txlib.rules.book import RuleBook
from txlib.rules.category import Category, Node

FIGURES = ["unit", "indicator", "value", "applies", "before"]


@dataclass(frozen=True)
class At:
    """What is known beside a table when its rows are checked.

    `folder`: where it lies; `known`: the units of the year, None where they have faults; `category` and `mine`: of a table of
    a category, and its units that are assessed; `plain`: the rows with plain numbers; `whole`: no row was left out for a fault
    of its own; `sound`: nor has anything in the category that was read before; `before`: the tables of the year, and those of
    the category read before; `owed_in`:
    the file in which the rows of a lead department belong.
    """

    book: RuleBook
    folder: str
    known: pd.DataFrame | None
    category: Category | None = None
    mine: pd.DataFrame | None = None
    plain: pd.DataFrame | None = None
    whole: bool = True
    sound: bool = True
    before: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    owed_in: Callable[[str], str] = str

    @property
    def head(self) -> Category:
        """The category of a table of a category."""
        assert self.category is not None
        return self.category

    @property
    def numbers(self) -> pd.DataFrame:
        """The rows with plain numbers."""
        assert self.plain is not None
        return self.plain

    @property
    def units(self) -> pd.DataFrame:
        """The units that are assessed in it."""
        assert self.mine is not None
        return self.mine


class HandedRow(BaseModel):
    """A row of a table: its title is the table's Chinese name, every field's title its Chinese header.

    `table`: the name of its file; `frame`: of its frame in the data; `kept`: the columns of that frame; `of_year`: one table a
    year, beside the categories' folders; `unforeseen`: nobody can foresee its rows, so none is required; `says_none`: a row says
    where nothing applies, so that each unit has some all the same; `others`: the column with units of other categories;
    `in_one_year`: a row counts in one year alone (elsewhere); `key`: what tells one row from another; `stands_alone`: its rows
    are kept of a category in which other tables have faults; `refuses`: its own
    checks tell of what does not apply and may not; `along`: the column that is filled where an indicator is a column;
    `figure`: the column of the number that a unit has at a leaf, empty where no row holds one; `figure_counts`: it is how many
    answers there are, in no unit of measure; `differs`: it is odd if all units have the same there. Where nothing else is said
    the frame has the table's name, and keeps all that is read; a table whose `frame` is empty is only checked. `also`: other
    headers, and what they mean in `Wanted.columns`.

    What is asked for: `preset`: the columns that are filled in already; `as_ruled`: those that only some leaves need;
    `anew`: what a table of the year before does not tell of this one; `with_it`: another table that is handed out beside it;
    `hint`: the key of the line that says how to fill it in, where it is not said like that of others; `wide`: columns of
    long texts; `days`: columns with days of the year that is assessed; `sums`: the columns that a column is the sum of.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    table: ClassVar[str]
    frame: ClassVar[str]
    kept: ClassVar[Sequence[str]]
    of_year: ClassVar[bool] = False
    unforeseen: ClassVar[bool] = False
    says_none: ClassVar[bool] = False
    key: ClassVar[Sequence[str]] = ("unit", "indicator")
    stands_alone: ClassVar[bool] = False
    refuses: ClassVar[bool] = False
    preset: ClassVar[Sequence[str]] = ("unit", "indicator", "period", "lead")
    as_ruled: ClassVar[Sequence[str]] = ()
    anew: ClassVar[frozenset[str]] = frozenset()
    with_it: ClassVar[str] = ""
    hint: ClassVar[str] = ""
    also: ClassVar[Mapping[str, str]] = {}
    wide: ClassVar[Sequence[str]] = ("note",)
    days: ClassVar[Sequence[str]] = ()
    along: ClassVar[str] = ""
    in_one_year: ClassVar[bool] = False
    others: ClassVar[str] = ""
    sums: ClassVar[Mapping[str, Sequence[str]]] = {}
    figure: ClassVar[str] = ""
    figure_counts: ClassVar[bool] = False
    differs: ClassVar[bool] = True

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "table" in vars(cls):
            cls.frame = vars(cls).get("frame", cls.table)
            of = [] if cls.of_year else ["category"]
            cls.kept = vars(cls).get("kept", (*of, *cls.model_fields, "file", "line"))

    # ── reading ──

    @classmethod
    def scored(cls, category: Category) -> list[Node]:
        """The leaves, adjustments and branches of a category whose rows stand in this table."""
        return [node for node in (*category.leaves, *category.adjustments, *category.priced)
                if node.rule and node.rule.table == cls.table and not node.penalty]

    @classmethod
    def required(cls, category: Category) -> list[Node]:
        """The leaves that need a row of every unit: all, but where nobody can foresee them."""
        return [node for node in cls.scored(category) if isinstance(node.rule, Method) and not cls.unforeseen]

    @classmethod
    def needed(cls, category: Category) -> bool:
        """Whether the table must be there."""
        return bool(cls.required(category))

    @classmethod
    def needed_of(cls, book: RuleBook, before: Mapping[str, pd.DataFrame]) -> bool:
        """Whether a table of the year must be there; `before`: the tables of the year that stand after it in the register."""
        return any(cls.required(category) for category in book.categories.values())

    @classmethod
    def ruled(cls, at: At) -> Iterator[Fault]:
        """Faults of the rules that show where the table is asked for."""
        yield from ()

    @classmethod
    def made(cls, frame: pd.DataFrame, at: At) -> tuple[pd.DataFrame, list[Fault]]:
        """The rows as read with those that other tables of the category make of them, and what is wrong with that."""
        return frame, []

    @classmethod
    def by_leaf(cls, frame: pd.DataFrame, category: Category) -> pd.DataFrame:
        """The rows with plain numbers, each leaf's its own."""
        return frame

    @classmethod
    def in_place(cls, frame: pd.DataFrame, at: At) -> Iterator[Fault]:
        """Rows of a category's table: of its units, each once, at indicators that it reports and that are theirs, in the
        period."""
        yield from checks.units_known(frame, at.known, at.head.code)
        yield from checks.twice(frame, list(cls.key))
        yield from checks.indicators(frame, cls.scored(at.head), at.head)
        yield from own.of_others(frame, cls.scored(at.head), at.units["unit"])
        if "period" in cls.model_fields:
            yield from checks.periods(frame, at.book.period)

    @classmethod
    def in_year(cls, frame: pd.DataFrame, at: At) -> Iterator[Fault]:
        """Days outside the year that is assessed, and after the last that the rules let in."""
        for name in cls.days:
            yield from checks.days(frame, name, checks.assessed_year(at.book), cls.last_day(at.book))

    @classmethod
    def last_day(cls, book: RuleBook) -> str:
        """The last day that its rows may bear: as the rules say, else the last of the year; for a period that begins with one."""
        return getattr(book.rules.closes, cls.table, None) or f"{checks.assessed_year(book)}-12-31"

    @classmethod
    def elsewhere(cls, frame: pd.DataFrame, before: pd.DataFrame) -> Iterator[Notice]:
        """Rows that the year before has already, in whatever category; both frames with plain numbers."""
        yield from ()

    @classmethod
    def filled(cls, frame: pd.DataFrame, at: At) -> Iterator[Fault]:
        """Rows that leave a cell empty which their leaf must fill."""
        to_fill = {leaf.code: cls.to_fill(leaf) for leaf in cls.scored(at.head)}
        for row in frame.to_dict("records"):
            for name in empty(row, to_fill.get(row["indicator"], ())):
                where = Where(row["unit"], row["indicator"], column=f"{cls.model_fields[name].title} {name}")
                yield Fault.of("cell_empty", row["file"], row["line"], where)

    @classmethod
    def faults(cls, frame: pd.DataFrame, at: At) -> Iterator[Notice]:
        """What the table must keep against the rule-book and against others, and remarks on what it holds."""
        yield from cls.in_place(frame, at)
        yield from cls.filled(frame, at)
        yield from cls.in_year(frame, at)
        if at.known is not None and at.whole:
            yield from checks.absent(frame, cls.required(at.head), at.units, at.owed_in)

    @classmethod
    def coded(cls, frame: pd.DataFrame, category: Category) -> pd.DataFrame:
        """The rows of a category with codes of its rules in the place of the words that mean them."""
        known = {node.code: cls.codes(node) for node in cls.scored(category)}
        columns = {column for each in known.values() for column in each}
        return frame.assign(**{column: [code_of(text, known.get(code, {}).get(column, ()))
                                        for code, text in zip(frame["indicator"], frame[column], strict=True)]
                               for column in columns})

    @classmethod
    def codes(cls, node: Node) -> Mapping[str, Coded]:
        """The codes of the rule of a leaf or an adjustment that columns hold, by column."""
        return {}

    @classmethod
    def plain(cls, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows with plain numbers, NaN where there is none."""
        return frame.assign(**{name: numbers(frame, name) for name in wanted(cls).measured})

    @classmethod
    def joined(cls, frame: pd.DataFrame, others: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """The rows of a table of the year with what others tell of them."""
        return frame

    @classmethod
    def reported(cls, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows, with plain numbers, by which a unit has something at an indicator, not those that say it does not apply."""
        measured = sorted(wanted(cls).measured & wanted(cls).required)
        there = frame[measured].notna().any(axis=1) if measured else frame["unit"].notna()
        return frame[there & (frame["status"] != "not_applicable") if "status" in frame else there]

    @classmethod
    def figures(cls, frame: pd.DataFrame) -> pd.DataFrame:
        """Of rows as they were read the number that a unit has at a leaf, a row each: unit, indicator, value (NaN where there is
        none), whether it `applies`, and what it was the year `before`, where the table tells."""
        if not cls.figure or frame.empty:
            return pd.DataFrame({name: pd.Series(dtype=float) for name in FIGURES})
        told = frame["status"] if "status" in frame else pd.Series("reported", index=frame.index)
        applies = np.array([cell.applies for cell in frame[cls.figure]]) & (told == "reported")
        before = numbers(frame, "last_year") if "last_year" in frame else np.full(len(frame), np.nan)
        return frame.assign(value=numbers(frame, cls.figure), applies=applies, before=before)[FIGURES]

    # ── asking ──

    @classmethod
    def coming_back(cls) -> type[HandedRow]:
        """The table as it comes back from those who fill it in, not all of it filled in yet."""
        return cls

    @classmethod
    def given(cls, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows, as they come back, that need not be asked for again."""
        return frame

    @classmethod
    def offered(cls, category: Category) -> list[Node]:
        """What an empty sheet is handed out for: leaves and adjustments of which nobody can foresee the rows."""
        return [] if cls.required(category) else cls.scored(category)

    @classmethod
    def chosen(cls, category: Category) -> list[Node]:
        """What a sheet that is handed out lets one choose from."""
        return cls.scored(category)

    @classmethod
    def offered_in(cls, book: RuleBook) -> bool:
        """Whether an empty sheet of a table of the year is handed out, since nobody can foresee its rows."""
        return cls.unforeseen and any(cls.scored(category) for category in book.categories.values())

    @classmethod
    def asked(cls, leaf: Node) -> Sequence[Mapping[str, str]]:
        """The rows that a leaf asks for of each unit, by what their key has besides unit, indicator and period."""
        return ({},)

    @classmethod
    def of_row(cls, node: Node, row: Mapping[str, Any]) -> Node:
        """What a row of an indicator tells: the indicator, or something of it with a measure of its own."""
        return node

    @classmethod
    def as_must_be(cls, leaf: Node, unit: str) -> Mapping[str, str]:
        """What the rules leave no choice about in the row of a unit, by column: nobody is asked for it."""
        return {}

    @classmethod
    def to_fill(cls, leaf: Node) -> tuple[str, ...]:
        """The columns that a row of this leaf must fill: those that the table requires and that are not filled in beforehand."""
        return tuple(name for name, each in cls.model_fields.items() if each.is_required() and name not in cls.preset)

    @classmethod
    def complete(cls, rows: pd.DataFrame, leaf: Node) -> set[str]:
        """The units for which all is there that a leaf is scored from, or that say that it does not apply."""
        return {str(row["unit"]) for row in rows.to_dict("records") if not empty(row, cls.to_fill(leaf))}

    # ── the year before ──

    @classmethod
    def unusable(cls, node: Node, rows: pd.DataFrame) -> str:
        """Why a rule cannot score rows of another year; empty where it can."""
        return ""


def empty(row: Mapping[Any, Any], names: Sequence[str]) -> list[str]:
    """Which of these cells of a row hold nothing yet; none where the row, or its first quantity, says that it does not apply."""
    quantities = [row[name] for name in names if isinstance(row[name], Quantity)]
    if row.get("status") == "not_applicable" or (quantities and not quantities[0].applies):
        return []
    plain = {name: row[name].number if isinstance(row[name], Quantity) else row[name] for name in names}
    return [name for name, cell in plain.items() if cell in (None, "", ()) or cell != cell]


def numbers(frame: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    """A column of quantities as float64, NaN where there is none."""
    return np.array([cell.number if cell.applies else None for cell in frame[name]], dtype=np.float64)


def columns(row: type[HandedRow]) -> list[str]:
    """The columns of a table's frame as read: the row's fields, and the line that each row stands on."""
    return [*row.model_fields, "line"]


@cache
def wanted(row: type[HandedRow]) -> Wanted:
    """A table's columns as a sheet names them."""
    fields = row.model_fields
    return Wanted({**row.also, **{word: name for name, each in fields.items() for word in (name, str(each.title))}},
                  frozenset(name for name, each in fields.items() if each.is_required()),
                  frozenset(name for name, each in fields.items()
                            if {each.annotation, *get_args(each.annotation)} & {Quantity, float, int}),
                  frozenset(name for name, each in fields.items() if each.is_required() and NAMED in each.metadata),
                  frozenset(name for name, each in fields.items() if each.annotation is Quantity), row.along)
