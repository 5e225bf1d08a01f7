"""What was handed in, held against the rule-book: complete, known, usable. Data that exists is valid."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from txlib.base.faults import DataError, Fault
from txlib.base.text import comparable
from txlib.intake import datachecks, folders, markchecks, recordchecks, rows
from txlib.intake import read as tables
from txlib.rules.book import Category, RuleBook, Source

UNITS = ["unit", "name", "name_en", "category", "valid_from", "valid_to", "predecessor"]
OBSERVATIONS = ["category", "unit", "indicator", "period", "value", "target", "last_year", "status", "note", "file",
                "line"]
SURVEYS = ["category", "unit", "indicator", "period", "group", "grade", "count", "file", "line"]
EVENTS = ["category", "unit", "indicator", "period", "honour", "level", "share", "date", "document", "note", "file", "line"]
SUPERIOR = ["superior", "name", "name_en", "set_by", "period", "place", "peers", "note"]
RESPONSIBLE = ["superior", "name", "name_en", "unit", "indicator", "share", "place", "peers", "file", "line"]
DECISIONS = ["unit", "kind", "since", "clause", "document", "note"]
MARKS = ["category", "unit", "indicator", "period", "lead", "quantitative", "qualitative", "total", "note", "file",
         "line"]
DETAILS = ["category", "indicator", "number", "text", "file", "line"]
PUBLISHED = ["unit", "name", "score", "rank", "note"]


def _empty(columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({column: pd.Series(dtype=object) for column in columns})


@dataclass(frozen=True)
class Data:
    """The tables of a year.

    `units`: one row a unit (UNITS). `observations`: one row a unit and leaf (OBSERVATIONS); value, target and last_year
    float64 standing for decimals, value NaN where the indicator does not apply; status reported or not_applicable.
    `surveys`, `events`: answers and events by unit and indicator. `superior`: the city's place on superior indicators;
    `responsible`: who answers for them, with the place. `decisions`: vetoes and exclusions with their documents. `marks`:
    what lead departments gave, in float64 standing for decimals, NaN where an item does not apply to a unit; of every
    category whose marks are without fault, whatever else is wrong there. `details`: the lines of the items' rules.
    `file`, `line`: where a row stands, the sheet of a workbook in brackets.
    """

    units: pd.DataFrame
    observations: pd.DataFrame
    sources: tuple[Source, ...]
    surveys: pd.DataFrame = field(default_factory=partial(_empty, SURVEYS))
    events: pd.DataFrame = field(default_factory=partial(_empty, EVENTS))
    superior: pd.DataFrame = field(default_factory=partial(_empty, SUPERIOR))
    responsible: pd.DataFrame = field(default_factory=partial(_empty, RESPONSIBLE))
    decisions: pd.DataFrame = field(default_factory=partial(_empty, DECISIONS))
    marks: pd.DataFrame = field(default_factory=partial(_empty, MARKS))
    details: pd.DataFrame = field(default_factory=partial(_empty, DETAILS))

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
        return Data(_empty(UNITS), _empty(OBSERVATIONS), ()), [Fault.of("folder_missing", folder)]
    reader = _Reader(book)
    return reader.data(), reader.faults


class _Reader:
    """Reads one year's tables, collecting faults and sources."""

    def __init__(self, book: RuleBook) -> None:
        self.book, self.folder = book, f"data/{book.year}"
        self.faults: list[Fault] = []
        self.files: list[str] = []
        self.marks: dict[str, pd.DataFrame] = {}
        self.faults += folders.strangers(book.root, self.folder, book.rules.categories)
        before = len(self.faults)
        self.units = self.table("units", rows.UnitRow, needed=True)
        self.faults += list(datachecks.units(book, self.units))
        self.known = None if any(fault.category is None for fault in self.faults[before:]) else self.units
        self.faults += list(datachecks.last_year(book))

    def table(self, name: str, row: type[rows.Row], category: str = "", *, needed: bool = False) -> pd.DataFrame:
        """A table as read; its own faults are the category's, or the year's."""
        folder = f"{self.folder}/{category}" if category else self.folder
        frame, faults, files = tables.read_table(self.book.root, folder, name, row, needed=needed, category=category,
                                                 categories=self.book.rules.categories)
        self.files += files
        self.blame(faults, category)
        return frame

    def blame(self, faults: Iterable[Fault], category: str = "") -> None:
        """Collect faults of a category, or of the year."""
        self.faults += [replace(fault, category=category or None) for fault in faults]

    def data(self) -> Data:
        """Everything that is without fault."""
        superior, responsible, decisions = self.of_year()
        excluded = decisions[decisions["kind"] == "excluded"]
        parts = [self.category(category, responsible, excluded) for category in self.book.categories.values()]
        self.blame_penalised()
        blocked = {fault.category for fault in self.faults}
        sound = [part for part, code in zip(parts, self.book.categories, strict=True) if code not in blocked]
        observations, surveys, events, details = (
            _joined([part[i] for part in sound], columns) for i, columns in enumerate((OBSERVATIONS, SURVEYS, EVENTS, DETAILS)))
        marks = _joined(list(self.marks.values()), MARKS)
        sources = tuple(Source.of(self.book.root, file) for file in dict.fromkeys(self.files))
        return Data(self.units[UNITS], observations, sources, surveys, events, superior[SUPERIOR], responsible,
                    decisions[DECISIONS], marks, details)

    def of_year(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Superior indicators, who answers for them, and decisions."""
        needed = any(leaf.rule and leaf.rule.table == "superior"
                     for category in self.book.categories.values() for leaf in category.leaves)
        responsible = self.table("responsible", rows.ResponsibleRow, needed=needed)
        before = len(self.faults)
        superior = self.table("superior", rows.SuperiorRow, needed=needed or not responsible.empty)
        sound = superior if len(self.faults) == before else None
        decisions = self.table("decisions", rows.DecisionRow)
        self.blame(recordchecks.superior(superior, self.book.period))
        self.blame(recordchecks.responsible(responsible, sound, self.known, self.book))
        self.blame(recordchecks.decisions(decisions, self.known, self.book))
        places = superior.drop_duplicates("superior").set_index("superior")[["name", "name_en", "place", "peers"]]
        return superior, responsible.join(places, on="superior")[RESPONSIBLE], decisions

    def category(self, category: Category, responsible: pd.DataFrame,
                 excluded: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """One category's observations, surveys, events and detailed rules, with their faults reported."""
        code, before = category.code, len(self.faults)
        mine = self.assessed(code, excluded)
        by_survey = any(leaf.rule and leaf.rule.table == "survey" for leaf in category.leaves)
        expects = category.observed or by_survey or category.marked
        there = (self.book.root / self.folder / code).is_dir() or folders.workbooks(self.book.root / self.folder)
        if expects and not there:
            self.blame([Fault.of("category_folder_missing", f"{self.folder}/{code}", where=category.name.zh)], code)
            return _empty(OBSERVATIONS), _empty(SURVEYS), _empty(EVENTS), _empty(DETAILS)
        observations = self.observations(category, mine)
        surveys = self.table("survey", rows.SurveyRow, code, needed=by_survey)
        if len(self.faults) == before:
            file = f"{self.folder}/{code}/survey.csv"
            self.blame(recordchecks.surveys(surveys, category, mine, self.known, self.book.period, file), code)
        events = _alike(self.table("events", rows.EventRow, code))
        self.blame(recordchecks.events(events, category, self.known, self.book), code)
        marked, details = self.marked(category, mine)
        self.published(code)
        if len(self.faults) == before:
            there = pd.concat([observations[observations["status"] == "reported"], surveys, responsible,
                               marked[marked["total"].notna()]])
            reported = {unit: set(there.loc[there["unit"] == unit, "indicator"]) for unit in mine["unit"]}
            self.blame(datachecks.applicability(category, reported, f"{self.folder}/{code}/observations.csv"), code)
        return (observations, surveys.assign(category=code)[SURVEYS], events.assign(category=code)[EVENTS],
                details.assign(category=code)[DETAILS])

    def marked(self, category: Category, mine: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """A category's marks and detailed rules; kept for the audit where the marks are without fault."""
        code, before, items = category.code, len(self.faults), category.marked
        self.blame(markchecks.leads(category, f"params/{self.book.year}/trees/{code}.yaml"), code)
        frame = self.table("marks", rows.MarkRow, code, needed=bool(items))
        if len(self.faults) == before:
            place = partial(folders.owed_in, self.book.root, self.folder, "marks", code, tuple(frame["file"].unique()))
            self.blame(markchecks.marks(frame, category, mine, self.known, self.book.period, place), code)
        plain = frame.assign(category=code, **{part: _numbers(frame, part) for part in markchecks.PARTS})[MARKS]
        if len(self.faults) == before:
            self.marks[code] = plain
        details = self.table("details", rows.DetailRow, code)
        self.blame(markchecks.details(details, category), code)
        return plain, details

    def blame_penalised(self) -> None:
        """A category whose units lose points as lead departments needs the marks of all categories that they may lead in."""
        for code, category in self.book.categories.items():
            if not category.penalised:
                continue
            mine = set(self.units.loc[self.units["category"] == code, "unit"])
            for other in self.book.rules.categories:
                tree = self.book.categories.get(other)
                leads = {leaf.lead for leaf in tree.marked} if tree else mine
                if other not in self.marks and mine & leads:
                    place = f"{self.folder}/{other}"
                    self.blame([Fault.of("needs_marks", place, where=category.name.zh, other=other)], code)

    def assessed(self, code: str, excluded: pd.DataFrame) -> pd.DataFrame:
        """The units of a category that are not excluded; a category without any is a fault."""
        mine = self.units[self.units["category"] == code]
        kept = mine[~mine["unit"].isin(excluded["unit"])]
        if self.known is not None and mine.empty:
            self.blame([Fault.of("category_without_units", f"{self.folder}/units.csv", found=code)], code)
        elif self.known is not None and kept.empty:
            last = excluded[excluded["unit"].isin(mine["unit"])].iloc[-1]
            self.blame([Fault.of("category_all_excluded", last["file"], last["line"], found=code)], code)
        return kept

    def observations(self, category: Category, mine: pd.DataFrame) -> pd.DataFrame:
        """A category's observations with plain numbers."""
        code, before = category.code, len(self.faults)
        frame = self.table("observations", rows.ObservationRow, code, needed=bool(category.observed))
        partial_ = len(self.faults) > before
        file = f"{self.folder}/{code}/observations.csv" if frame.empty else str(frame["file"].iloc[0])
        if len(frame) or not partial_:
            self.blame(datachecks.observations(frame, category, self.known, self.book.period), code)
        if self.known is not None and not partial_:
            place = partial(folders.owed_in, self.book.root, self.folder, "observations", code, tuple(frame["file"].unique()))
            self.blame(datachecks.absent(frame, category.observed, mine, place), code)
        plain = _plain(frame)
        if len(self.faults) == before and len(plain):
            self.blame(datachecks.together(plain[plain["unit"].isin(mine["unit"])], category, file), code)
        return plain.assign(category=code)[OBSERVATIONS]

    def published(self, category: str) -> pd.DataFrame:
        """A category's published list; empty where there is none."""
        frame = self.table("published", rows.PublishedRow, category)
        self.blame(datachecks.twice(frame, ["unit"]), category)
        self.blame(datachecks.units_known(frame, self.known, category), category)
        names = dict(zip(self.units["unit"], self.units["name"], strict=True))
        return frame.assign(name=frame["unit"].map(names))[PUBLISHED]


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Observations with float64 columns and one status."""
    numbers = {name: _numbers(frame, name) for name in ("value", "target", "last_year")}
    status = ["reported" if cell.applies and told == "reported" else "not_applicable"
              for cell, told in zip(frame["value"], frame["status"], strict=True)]
    return frame.assign(**numbers, status=status)


def _alike(events: pd.DataFrame) -> pd.DataFrame:
    """Events, with an honour written in one way: as in its first row, where only spaces, widths and marks differ."""
    marks = [re.sub(r"(?<!\d)[\W_]+|[\W_]+(?!\d)", "", comparable(honour)).lower() or honour for honour in events["honour"]]
    first: dict[str, str] = {}
    return events.assign(honour=[first.setdefault(key, honour) for key, honour in zip(marks, events["honour"], strict=True)])


def _numbers(frame: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    return np.array([cell.number if cell.applies else None for cell in frame[name]], dtype=np.float64)


def _joined(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    full = [part for part in parts if len(part)]
    return pd.concat(full, ignore_index=True) if full else _empty(columns)
