"""Who hands in what: the rows that each lead department is asked for, and which of them are there.

A row is asked for by its key: unit, indicator, period, and in a survey group and grade. A leaf is its lead department's; what
no rule gives to anybody (events, decisions, superior indicators, leaves without a lead) is the assessment office's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import pandas as pd

from txlib.base.faults import Fault, Notice
from txlib.base.labels import say
from txlib.intake import checks, tables
from txlib.intake.checks import OFFICE
from txlib.intake.folders import workbook_of
from txlib.intake.read import read_table, read_units
from txlib.intake.sheets.headers import NOBODY, names_of
from txlib.intake.table import HandedRow
from txlib.rules.book import RuleBook
from txlib.rules.category import Category, Node

ASKED = ["lead", "category", "table", "unit", "indicator", "period"]  # and what else the keys of tables have
MISSING = ["lead", "category", "table", "indicator", "unit", "name"]


def units_known(book: RuleBook) -> tuple[pd.DataFrame, str, list[Fault]]:
    """The units of the year, else of the year before that are still there; the year that they are of; faults in them.

    A unit that a decision excludes has no category here: nobody reports on it.
    """
    for year in filter(None, (book.year, book.rules.last_year)):
        frame, mine, files = read_units(book.root, year, book.rules.categories)
        if files or mine:
            decided = handed(book, "decisions", "")
            left_out = frame["unit"].isin(decided.loc[decided["kind"] == "excluded", "unit"])
            frame = frame.assign(category=frame["category"].mask(left_out, ""))
            return frame[~((frame["valid_to"] != "") & (frame["valid_to"] < book.as_of))], year, mine
    return pd.DataFrame(columns=[*tables.named()["units"].model_fields, "line", "file"]), "", []


def reports(category: Category) -> Iterator[tuple[type[HandedRow], Node]]:
    """What is reported unit by unit in tables of the category, in the order of its tree: a table, and an indicator there."""
    rows = [row for row in tables.named().values() if not row.of_year and not row.unforeseen]
    required = [(row, {node.code for node in row.required(category)}) for row in rows]
    yield from ((row, node) for node in category.nodes for row, codes in required if node.code in codes)


def asked(book: RuleBook, units: pd.DataFrame) -> pd.DataFrame:
    """Every row that the year's trees ask for (columns ASKED), by lead department, category, indicator and unit."""
    found, empty = [], dict.fromkeys([*ASKED, *(name for row in tables.named().values() for name in row.preset)], "")
    for category in book.categories.values():
        mine = units.loc[units["category"] == category.code, "unit"]
        for row, node in reports(category):
            found += [{**empty, "lead": node.lead or OFFICE, "category": category.code, "table": row.table, "unit": unit,
                       "indicator": node.code, "period": book.period, **key} for unit in mine if node.is_of(unit)
                      for key in row.asked(node)]
    return pd.DataFrame(found, columns=list(empty))


def handed(book: RuleBook, table: str, category: str, units: pd.DataFrame | None = None) -> pd.DataFrame:
    """The rows of a table as they can be read, whatever is wrong with others; with the file that each stands in.

    `units`: those that names may mean.
    """
    folder, row = f"data/{book.year}/{category}" if category else f"data/{book.year}", tables.named()[table]
    frame = read_table(book.root, folder, row.coming_back(), needed=False, category=category, categories=book.rules.categories,
                       names=NOBODY if units is None else names_of(book, units, category))[0]
    return row.coded(frame, book.categories[category]) if category in book.categories else frame


# ── what is missing ─────────────────────────────────────────────────────────────────────────────────────────────────


def missing(book: RuleBook, units: pd.DataFrame, categories: Iterable[str]) -> pd.DataFrame:
    """What has not been handed in (columns MISSING), one row a unit and leaf; a table of the year without a unit.

    A row that cannot be read for a fault of its own counts as missing.
    """
    names, found = dict(zip(units["unit"], units["name"], strict=True)), []
    for code in (code for code in categories if code in book.categories):
        category = book.categories[code]
        wanted = list(reports(category))
        frames = {table: handed(book, table, code, units) for table in {row.table for row, _ in wanted}}
        mine = list(units.loc[units["category"] == code, "unit"])
        for row, node in wanted:
            there = complete(row, frames[row.table], node)
            found += [(node.lead or OFFICE, code, row.table, node.code, unit, names[unit]) for unit in mine
                      if node.is_of(unit) and unit not in there]
    found += [(OFFICE, "", table, "", "", "") for table in of_year(book) if handed(book, table, "").empty]
    return pd.DataFrame(found, columns=MISSING)


def of_year(book: RuleBook) -> list[str]:
    """The tables of the year that must be handed in, as far as the rules alone tell."""
    nothing = {row.table: pd.DataFrame() for row in tables.named().values()}
    return [row.table for row in tables.named().values() if row.of_year and row.needed_of(book, nothing)]


def complete(row: type[HandedRow], frame: pd.DataFrame, node: Node) -> set[str]:
    """The units for which all is there that an indicator asks for in a table, or that say that it does not apply."""
    return row.complete(frame[frame["indicator"] == node.code], node)


# ── in words ────────────────────────────────────────────────────────────────────────────────────────────────────────

NAMED, SHOWN = 3, 3  # so many units are named, so many faults of one kind in one sheet are told one by one
FILES = 100  # files with faults of one kind that are told of
PLACES = 40  # of the others so many places are named
_ABSENT = ("value_missing", "target_missing", "last_year_missing", "pair_absent", "unit_absent", "survey_absent", "grade_absent",
           "mark_missing", "column_empty")


def absent(fault: Notice) -> bool:
    """Whether a fault says no more than that something is not there yet."""
    return fault.code in _ABSENT or (fault.code.startswith(("cell_", "mark_part")) and not fault.found)


def messages(faults: Iterable[Notice], lang: str, *, listed: bool = False) -> Iterator[str]:
    """Messages of faults: of one kind in a sheet the first, and how many more; with their places where they have some, but
    for gaps that are `listed` below. Gaps come last: a name that is misspelt makes some."""
    groups: dict[tuple[str, str, bool], list[Notice]] = {}
    for fault in sorted(checks.versions_together(faults, of_year=True), key=absent):
        groups.setdefault((fault.file, fault.code, absent(fault)), []).append(fault)
    files, left = Counter[tuple[str, bool]](), 0
    for (file, code, gone), same in groups.items():
        files[code, gone] += 1
        if files[code, gone] > FILES:
            left += len(same)
            continue
        told = same if len(same) <= SHOWN + 1 else same[:SHOWN]
        yield from (fault.message(lang) for fault in told)
        if len(same) > len(told):
            rest = [each.at.cell or (str(each.line) if each.line else "") for each in same[SHOWN:]]
            places = say("tables.comma", lang).join(filter(None, rest[:PLACES])) + ("…" if len(rest) > PLACES else "")
            at = "" if not any(rest) else "_at"
            key = "and_more_listed" if gone and listed else f"and_more_gaps{at}" if gone else f"and_more{at}"
            yield say(f"handin.{key}", lang, file=file, count=len(rest), **({"places": places} if key.endswith("_at") else {}))
    if left:
        yield say("handin.and_more_files", lang, count=left)


def missing_in_words(book: RuleBook, gone: pd.DataFrame, units: pd.DataFrame, lang: str) -> Iterator[str]:
    """What is missing in words: a line for each lead department, below it one for each category."""
    if gone.empty:
        return
    names = {str(row.unit): (row.name_en if lang == "en" else "") or row.name for row in units.itertuples()}
    yield say("handin.missing", lang, leads=gone["lead"].nunique(), count=len(gone))
    for lead, mine in sorted(gone.groupby("lead", sort=False), key=lambda each: (each[0] == OFFICE, str(each[0]))):
        who = names.get(str(lead), str(lead)) or book.office[lang]
        yield "  " + say("handin.missing_lead", lang, lead=who, file=workbook_of(str(lead)), count=len(mine))
        for code, rows in mine.groupby("category", sort=False):
            items = [_items(book, str(code), str(leaf), list(each["unit"].unique()), units, names, lang)
                    for leaf, each in rows.groupby("indicator", sort=False)] if code else [
                        f"{tables.named()[table].model_config['title']} {table}" for table in rows["table"]]
            category = book.categories[str(code)].name[lang] if code else say("handin.whole_year", lang)
            yield "    " + say("handin.missing_in", lang, category=category, items=say("tables.semicolon", lang).join(items))


def _items(book: RuleBook, code: str, indicator: str, gone: list[str], units: pd.DataFrame, names: dict[str, str],
           lang: str) -> str:
    """An indicator and the units that it is missing for: all, a few by name, or the first of them and how many."""
    leaf = book.categories[code].node(indicator)
    item = f"{indicator} {leaf.name[lang]}"
    if len(gone) == sum(map(leaf.is_of, units.loc[units["category"] == code, "unit"])):
        return say("handin.missing_all", lang, indicator=item, count=len(gone))
    some = say("tables.comma", lang).join(names[unit] for unit in gone[:NAMED])
    some = some if len(gone) <= NAMED else say("handin.missing_many", lang, units=some, count=len(gone))
    return say("handin.missing_some", lang, indicator=item, units=some)
