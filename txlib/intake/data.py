"""What was handed in, held against the rule-book: complete, known, usable. Data that exists is valid."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, ClassVar, Self

import pandas as pd

from txlib.base.faults import DataError, Fault, Notice, Remark, Where
from txlib.intake import checks, folders, own, tables
from txlib.intake.plausible import unconfirmed
from txlib.intake.read import read_table, read_units
from txlib.intake.sheets.headers import names_of
from txlib.intake.table import At, HandedRow, wanted
from txlib.methods import BesideTheTree, Recorded
from txlib.rules.book import RuleBook, Source
from txlib.rules.category import Category, Node


def _empty(row: type[HandedRow]) -> pd.DataFrame:
    return pd.DataFrame({column: pd.Series(dtype=object) for column in row.kept})


@dataclass(frozen=True)
class Data:
    """The tables of a year, each an attribute of this name.

    `units`: one row a unit. `observations`: one row a unit and leaf; value, target and last_year float64 standing for
    decimals, value NaN where the indicator does not apply; status reported or not_applicable. `figures`: what values and
    targets are made of, number NaN where it does not apply. `surveys`, `events`: answers and events by unit and indicator.
    `superior`: the city's place on superior indicators; `responsible`: who answers for them, with the place. `decisions`:
    vetoes, exclusions and confirmed figures with their documents. `marks`: what lead departments gave, in float64 standing
    for decimals, NaN where an item does not apply to a unit; of every category whose marks are without fault, whatever else
    is wrong there. `details`: the lines of the items' rules. `links`: which units of other categories a unit is linked to.
    `file`, `line`: where a row stands, the sheet of a workbook in brackets. The columns of a frame are the `kept` of its
    table. `remarks`: what was read and should be looked at, of every category.
    """

    sources: tuple[Source, ...]
    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    remarks: tuple[Remark, ...] = ()

    if TYPE_CHECKING:  # for editors and mypy; ClassVar keeps them out of the constructor
        units: ClassVar[pd.DataFrame]
        observations: ClassVar[pd.DataFrame]
        surveys: ClassVar[pd.DataFrame]
        events: ClassVar[pd.DataFrame]
        superior: ClassVar[pd.DataFrame]
        responsible: ClassVar[pd.DataFrame]
        decisions: ClassVar[pd.DataFrame]
        marks: ClassVar[pd.DataFrame]
        details: ClassVar[pd.DataFrame]
        links: ClassVar[pd.DataFrame]
        figures: ClassVar[pd.DataFrame]
    else:
        def __getattr__(self, name: str) -> pd.DataFrame:
            if name.startswith("__") or name == "tables" or name not in self.tables:
                raise AttributeError(f"no table {name!r} in the data")
            return self.tables[name]

    def replaced(self, **frames: pd.DataFrame) -> Self:
        """The same with other frames in the place of some."""
        return replace(self, tables={**self.tables, **frames})

    def of(self, rule: Recorded | BesideTheTree) -> pd.DataFrame:
        """The rows that a rule is scored from, of all categories."""
        return self.tables[rule.rows or tables.named()[rule.table].frame]

    def units_of(self, category: str) -> pd.DataFrame:
        """The units assessed in a category, in the order of units.csv."""
        return self.units[self.units["category"] == category].reset_index(drop=True)

    def decided(self, kind: str, units: pd.DataFrame) -> list[str]:
        """Which of these units a decision of this kind concerns."""
        return [unit for unit in self.decisions.loc[self.decisions["kind"] == kind, "unit"] if unit in set(units["unit"])]


def load_data(book: RuleBook, categories: Iterable[str] | None = None) -> Data:
    """What was handed in for these categories (all where None), valid; DataError lists every fault."""
    wanted = None if categories is None else {None, *categories}
    data, faults = read(book)
    blocking = [fault for fault in faults if wanted is None or fault.category in wanted]
    if blocking:
        raise DataError(blocking)
    return data


def load_published(book: RuleBook, category: Category | str) -> pd.DataFrame:
    """The published list of a category: unit, name, score, rank, note; empty where none was handed in."""
    reader = _Reader(book)
    code = category if isinstance(category, str) else category.code
    frame = reader.published(code)
    if blocking := [fault for fault in reader.faults if fault.category in (None, code)]:
        raise DataError(blocking)
    return frame


def read(book: RuleBook) -> tuple[Data, list[Fault]]:
    """The tables without the categories that have faults, and all faults; a fault in a table of the year is the year's."""
    folder = f"data/{book.year}"
    if not (book.root / folder).is_dir():
        absent = Fault.of("folder_missing", folder, near=folders.near_to(book.root, folder))
        return Data((), {row.frame: _empty(row) for row in _kept()}), [absent]
    reader = _Reader(book)
    return reader.data(), [
        each for each in checks.units_together(checks.versions_together(reader.faults)) if isinstance(each, Fault)]


def _kept() -> list[type[HandedRow]]:
    """The tables whose rows are kept."""
    return [row for row in tables.named().values() if row.frame]


def _of_categories() -> list[type[HandedRow]]:
    """The tables of categories, those that are only checked last: their faults hide no others."""
    return sorted((row for row in tables.named().values() if not row.of_year), key=lambda row: not row.frame)


class _Reader:
    """Reads one year's tables, collecting faults and sources."""

    def __init__(self, book: RuleBook) -> None:
        self.book, self.folder = book, f"data/{book.year}"
        self.faults: list[Fault] = []
        self.remarks: list[Remark] = []
        self.files: list[str] = []
        self.alone: dict[str, dict[str, pd.DataFrame]] = {row.frame: {} for row in tables.named().values() if row.stands_alone}
        self.before: dict[str, pd.DataFrame] = {}
        self.units = _empty(tables.named()["units"])
        self.faults += folders.strangers(book.root, self.folder, book.rules.categories)
        self.remarks += [Remark.of("tree_unlisted", file, category_found=code) for code, file
                         in checks.unlisted(book.root, book.year, book.rules.categories).items()]
        self.remarks += folders.too_high(book.root, self.folder)
        before, units = len(self.faults), tables.named()["units"]
        self.units = self.table(units, needed=True)
        self.blame(units.faults(self.units, At(book, self.folder, None)))
        self.known = None if any(fault.category is None for fault in self.faults[before:]) else self.units
        self.faults += list(checks.last_year(book))

    def table(self, row: type[HandedRow], category: str = "", *, needed: bool = False) -> pd.DataFrame:
        """A table as read; its own faults are the category's, or the year's."""
        folder = f"{self.folder}/{category}" if category else self.folder
        frame, faults, files = read_table(self.book.root, folder, row, needed=needed, category=category,
                                          categories=self.book.rules.categories,
                                          names=names_of(self.book, self.units, category))
        self.files += files
        self.blame(faults, category)
        head = self.book.categories.get(category)
        rows = self.once(row.coded(frame, head) if head else frame, row, category)
        if head and row.figure:
            rows = rows[~own.silent(rows, row.scored(head), {row.figure, *wanted(row).measured})]
        open_ = checks.completed(rows, row.key, row.model_fields, row.figure) if row.figure else []
        return rows.drop(index=open_).reset_index(drop=True)

    def once(self, frame: pd.DataFrame, row: type[HandedRow], category: str) -> pd.DataFrame:
        """The rows, those that nobody can foresee once where they stand in two files word for word."""
        again = checks.repeated(frame, list(row.model_fields)) if row.unforeseen else frame[:0]
        self.blame(checks.repetitions(again), category)
        return frame.drop(index=again.index).reset_index(drop=True)

    def blame(self, notices: Iterable[Notice], category: str = "") -> None:
        """Collect faults and remarks of a category, or of the year; a fault that names its own keeps it."""
        for each in notices:
            mine = replace(each, category=category or each.category)
            if isinstance(mine, Fault):
                self.faults.append(mine)
            elif isinstance(mine, Remark):
                self.remarks.append(mine)

    def data(self) -> Data:
        """Everything that is without fault."""
        year = self.of_year()
        excluded = year["decisions"][year["decisions"]["kind"] == "excluded"]
        parts = {code: self.category(category, year, excluded) for code, category in self.book.categories.items()}
        self.blame_penalised()
        self.blame_linked(parts)
        blocked = {fault.category for fault in self.faults}
        frames = {row.frame: year[row.table][list(row.kept)] for row in _kept() if row.of_year}
        for row in (row for row in _kept() if not row.of_year):
            alone = self.alone.get(row.frame)
            sound = [part[row.table] for code, part in parts.items() if code not in blocked]
            frames[row.frame] = _together([*alone.values()] if alone is not None else sound, row)
        sources = tuple(Source.of(self.book.root, file) for file in dict.fromkeys(self.files))
        return Data(sources, frames, tuple(sorted(unconfirmed(self.remarks, frames["decisions"]))))

    def of_year(self) -> dict[str, pd.DataFrame]:
        """The tables of the year by name; the last of the register first, since what it holds may call for another."""
        found, whole = {"units": self.units}, dict[str, pd.DataFrame]()
        rows = [row for row in tables.named().values() if row.of_year and row.table != "units"]
        for row in reversed(rows):
            before = len(self.faults)
            found[row.table] = self.table(row, needed=row.needed_of(self.book, found))
            whole |= {row.table: found[row.table]} if len(self.faults) == before else {}
        for row in rows:
            self.blame(row.faults(found[row.table], At(self.book, self.folder, self.known, before=whole)))
        return {name: tables.named()[name].joined(frame, found) for name, frame in found.items()}

    def category(self, category: Category, year: Mapping[str, pd.DataFrame], excluded: pd.DataFrame) -> dict[str, pd.DataFrame]:
        """One category's tables by name, with their faults reported."""
        code, rows = category.code, _of_categories()
        mine = self.assessed(code, excluded)
        wrong = [] if self.known is None else [*own.named(self.book, category, self.known, mine)]
        self.blame(wrong, code)
        before = len(self.faults)
        there = (self.book.root / self.folder / code).is_dir() or folders.workbooks(self.book.root / self.folder)
        if any(row.needed(category) for row in rows) and not there:
            self.blame([Fault.of("category_folder_missing", f"{self.folder}/{code}", at=Where(part=category.name.zh))], code)
            return {row.table: _empty(row) for row in rows}
        at = At(self.book, f"{self.folder}/{code}", self.known, category, mine, before=year)
        found, read_so_far = dict[str, pd.DataFrame](), dict(year)
        for row in rows:
            read_so_far[row.table], found[row.table] = self.checked(row, replace(at, before=read_so_far), before)
        if len(self.faults) == before and not wrong:
            refused = [leaf.code for row in rows if row.refuses for leaf in row.scored(category)]
            reported = _reported(category, mine["unit"], {**year, **found})
            place = partial(_place, found, f"{self.folder}/{code}")
            self.blame(checks.applicability(category, reported, place, refused), code)
        return found

    def checked(self, row: type[HandedRow], at: At, start: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """A table of a category as read, and with plain numbers, leaf by leaf; `start`: how many faults there were before the
        category's first table."""
        code, before = at.head.code, len(self.faults)
        self.blame(row.ruled(at), code)
        frame, wrong = row.made(self.table(row, code, needed=row.needed(at.head)), at)
        self.blame(wrong, code)
        owed_in = partial(folders.owed_in, self.book.root, self.folder, row.table, code, _leads(frame, row.scored(at.head)))
        whole, sound = len(self.faults) == before, len(self.faults) == start
        plain = row.plain(frame).assign(category=code)
        self.blame(row.faults(frame, replace(at, plain=plain, whole=whole, sound=sound, owed_in=owed_in)), code)
        if row.in_one_year and len(plain) and self.book.rules.last_year not in (None, self.book.year):
            self.blame(row.elsewhere(plain, self.year_before(row)), code)
        if len(self.faults) == before and row.stands_alone:
            self.alone[row.frame][code] = plain
        return frame, row.by_leaf(plain, at.head)

    def year_before(self, row: type[HandedRow]) -> pd.DataFrame:
        """A table of all categories as the year before had it, as far as it can be read, its units under today's codes."""
        if row.table not in self.before:
            book, year = self.book, str(self.book.rules.last_year)
            codes = folders.categories(book.root, year, book.rules.categories)
            units = read_units(book.root, year, codes)[0]
            parts = [read_table(book.root, f"data/{year}/{code}", row, needed=False, category=code, categories=codes,
                                names=names_of(book, units, code))[0] for code in codes]
            frame = row.plain(pd.concat(parts, ignore_index=True))
            heirs = {old: unit for unit, olds in zip(self.units["unit"], self.units["predecessor"], strict=True) for old in olds
                     if old not in set(self.units["unit"])}
            self.before[row.table] = frame.assign(unit=[heirs.get(unit, unit) for unit in frame["unit"]])
        return self.before[row.table]

    def blame_penalised(self) -> None:
        """A category whose units lose points as lead departments needs the marks of all categories that they may lead in."""
        for code, category in self.book.categories.items():
            needed = {tables.named()[node.rule.table] for node in category.adjustments if node.rule and node.penalty}
            mine = set(self.units.loc[self.units["category"] == code, "unit"])
            for row, other in product(needed, self.book.rules.categories):
                tree = self.book.categories.get(other)
                leads = {leaf.lead for leaf in row.scored(tree)} if tree else mine
                if other not in self.alone[row.frame] and mine & leads:
                    place = f"{self.folder}/{other}"
                    self.blame([Fault.of("needs_marks", place, at=Where(part=category.name.zh), other=other)], code)

    def blame_linked(self, parts: Mapping[str, Mapping[str, pd.DataFrame]]) -> None:
        """A category whose units are linked to others needs the categories of these without fault."""
        blocked = {fault.category for fault in self.faults}
        belongs = dict(zip(self.units["unit"], self.units["category"], strict=True))
        for code, category in self.book.categories.items():
            linked = {unit for leaf in category.linked if leaf.rule for unit in parts[code][leaf.rule.table]["other"]}
            for other in sorted({belongs.get(unit, "") for unit in linked} & {*self.book.rules.categories} - {code}):
                if other in blocked or other not in self.book.categories:
                    at = Where(part=category.name.zh)
                    self.blame([Fault.of("needs_linked", f"{self.folder}/{other}", at=at, other=other)], code)

    def assessed(self, code: str, excluded: pd.DataFrame) -> pd.DataFrame:
        """The units of a category that are not excluded; a category without any is a fault."""
        mine = self.units[self.units["category"] == code]
        kept = mine[~mine["unit"].isin(excluded["unit"])]
        if self.known is not None and mine.empty:
            files = [*self.units["file"], f"{self.folder}/units.csv"]
            self.blame([Fault.of("category_without_units", files[0], at=Where(part=code))], code)
        elif self.known is not None and kept.empty:
            last = excluded[excluded["unit"].isin(mine["unit"])].iloc[-1]
            self.blame([Fault.of("category_all_excluded", last["file"], last["line"], at=Where(part=code))], code)
        return kept

    def published(self, code: str) -> pd.DataFrame:
        """A category's published list; empty where there is none."""
        row = tables.named()["published"]
        frame = self.table(row, code)
        if code in self.book.categories:
            self.blame(row.faults(frame, At(self.book, self.folder, self.known, self.book.categories[code])), code)
        names = dict(zip(self.units["unit"], self.units["name"], strict=True))
        return frame.assign(name=frame["unit"].map(names))[list(row.kept)]


def _leads(frame: pd.DataFrame, leaves: Iterable[Node]) -> dict[str, set[str]]:
    """The lead departments of the rows in each file."""
    leads = {leaf.code: leaf.lead or checks.OFFICE for leaf in leaves}
    rows = zip(frame["file"], frame["indicator"] if "indicator" in frame else [""] * len(frame), strict=True)
    found: dict[str, set[str]] = {str(file): set() for file in frame["file"]}
    for file, code in rows:
        found[file] |= {leads[code]} if code in leads else set()
    return found


def _place(found: Mapping[str, pd.DataFrame], folder: str, leaves: Collection[str]) -> str:
    """The file in which the first row at one of these leaves stands; the category's folder where there is none."""
    files = (frame.loc[frame["indicator"].isin(leaves), "file"] for frame in found.values() if {"indicator", "file"} <= {*frame})
    return next((str(each.iloc[0]) for each in files if len(each)), folder)


def _reported(category: Category, units: Iterable[str], frames: Mapping[str, pd.DataFrame]) -> dict[str, set[str]]:
    """For each unit, the indicators that the tables have something of; what nobody can foresee applies without a row."""
    reported: dict[str, set[str]] = {unit: set() for unit in units}
    for row in (row for row in _kept() if {"unit", "indicator"} <= {*row.kept} and (row.of_year or row.scored(category))):
        frame = row.reported(frames[row.table])
        for unit, code in zip(frame["unit"], frame["indicator"], strict=True):
            reported.get(unit, set()).add(code)
        for codes in reported.values() if row.unforeseen and not row.says_none else ():
            codes |= {node.code for node in row.scored(category)}
    return reported


def _together(parts: list[pd.DataFrame], row: type[HandedRow]) -> pd.DataFrame:
    """The rows of several categories."""
    full = [part[list(row.kept)] for part in parts if len(part)]
    return pd.concat(full, ignore_index=True) if full else _empty(row)
