"""Who has handed in what; what blocks and what should be looked at, by kind; how the numbers of each indicator lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from txlib.base.printing import MISSING, plainly
from txlib.intake import asked, submitted, tables
from txlib.intake.checks import OFFICE
from txlib.report import basis
from txlib.report.kit.shown import Display, Flag, TableRow, UnitName, folded, listed, note_of, nothing, table, together

if TYPE_CHECKING:
    from txlib.base.faults import Notice
    from txlib.intake.submitted import Submitted
    from txlib.report.kit.words import Words
    from txlib.rules.book import RuleBook


def read(book: RuleBook) -> Submitted:
    """All that there is of a year, whatever is wrong with it."""
    return submitted.read(book)


def figures(there: Submitted) -> pd.DataFrame:
    """How the numbers of each indicator lie (columns of `submitted.SPREAD`)."""
    return submitted.spread(there)


def title_of(name: str, words: Words) -> str:
    """A table's name as sheets and files have it in this language."""
    return str(tables.named()[name].model_config["title"]) if words.lang == "zh" else name


# ── who has handed in what ──────────────────────────────────────────────────────────────────────────────────────────


def handed_in(there: Submitted, words: Words) -> Display:
    """By lead department and category how many items are asked for, there and missing, in which tables, and the day due."""
    if there.items.empty:
        return note_of(words.say("submissions.nothing_asked"))
    due = there.book.rules.due
    day, gone = due.day if due else words.say("submissions.not_ruled"), there.owed["lead"].value_counts()
    leads = sorted({*there.items["lead"]}, key=lambda lead: (-gone.get(lead, 0), lead == OFFICE, lead))
    rows: list[TableRow] = []
    order = ["", *there.book.rules.categories]
    for lead in leads:
        mine = there.items[there.items["lead"] == lead]
        who = UnitName(words.unit(lead), lead) if lead != OFFICE else words.text(there.book.office)
        lacks = (~mine["there"]).groupby(mine["category"]).sum()
        for code in sorted(lacks.index, key=lambda code: (-lacks[code], order.index(code))):
            here, lacking = mine[mine["category"] == code], int(lacks[code])
            cells = [who, words.category(code) if code else words.say("submissions.whole_year"), str(len(here)),
                     str(len(here) - lacking), str(lacking), words.joined(_tables(here, words)), day]
            rows.append(Flag(cells) if lacking else cells)
    heads = words.columns("lead", "category", "#asked", "#there", "#missing", "tables", "due_day", labels="submissions")
    return table("handed_in", words.say("submissions.handed_in"), heads, rows, words.say("submissions.handed_in_note"))


def _tables(items: pd.DataFrame, words: Words) -> list[str]:
    """The tables that items stand in, with how many are missing there."""
    told = []
    for name, rows in items.groupby("table", sort=False):
        title, gone = title_of(str(name), words), int((~rows["there"]).sum())
        told.append(words.say("submissions.table_missing", table=title, count=gone) if gone else title)
    return told


# ── faults and remarks ──────────────────────────────────────────────────────────────────────────────────────────────


def faults(there: Submitted, words: Words) -> Display:
    """What blocks, by category and kind; each in words below."""
    return _told(there.faults, "faults", there, words)


def remarks(there: Submitted, words: Words) -> Display:
    """What was read and should be looked at, by category and kind; each in words below."""
    return _told(there.data.remarks, "remarks", there, words)


def _told(notices: Sequence[Notice], name: str, there: Submitted, words: Words) -> Display:
    if not notices:
        return note_of(words.say(f"submissions.no_{name}"))
    kinds: dict[tuple[str | None, str], list[Notice]] = {}
    for code in (None, *there.book.rules.categories):
        for each in (each for each in notices if each.category == code):
            kinds.setdefault((code, each.code), []).append(each)
    rows = [[words.category(code) if code else words.say("submissions.whole_year"), str(len(same)),
             str(len({each.file for each in same})), same[0].message(words.lang)] for (code, _), same in kinds.items()]
    heads = words.columns("category", "#count", "#files", "~kind", labels="submissions")
    shown = table(name, words.say(f"submissions.{name}"), heads, rows, words.say(f"submissions.{name}_note"))
    every = listed(asked.messages(notices, words.lang))
    return together(shown, folded(words.say(f"submissions.{name}_all", count=len(notices)), every))


# ── the numbers of each indicator ───────────────────────────────────────────────────────────────────────────────────


def spread(there: Submitted, figures: pd.DataFrame, words: Words) -> Display:
    """Of each category's indicators how many units have a figure, and how figures lie, this year and last; marked where all
    units have the same or zero."""
    parts: list[Display] = []
    heads = words.columns("indicator", "measure", "#units", "#values", "#absent", "#zeros", "#distinct", "#range", "#range_then",
                          "remark", labels="submissions")
    for code, mine in figures.groupby("category", sort=False):
        rows = [_line(row, there, words) for row in spread_of(mine)]
        caption = words.say("submissions.spread", category=words.category(str(code)))
        note = "" if parts else words.say("submissions.spread_note")
        parts.append(table("spread", caption, heads, rows, note))
    return together(*parts) if parts else note_of(words.say("submissions.no_spread"))


def spread_of(figures: pd.DataFrame) -> Iterable[Any]:
    """The rows of what `submitted.spread` gives."""
    rows: Iterable[Any] = figures[submitted.SPREAD].itertuples()
    return rows


def odd(row: Any) -> str:
    """What stands out in an indicator's figures: zero, same, nobody, empty; nothing where none is."""
    if not row.there:
        return "nobody" if row.absent and row.absent == row.units else "empty"
    if row.zeros == row.there:
        return "zero"
    return "same" if row.distinct == 1 and row.there > 1 and tables.named()[row.table].differs else ""


def _line(row: Any, there: Submitted, words: Words) -> TableRow:
    """An indicator's row."""
    node = there.book.categories[row.category].node(row.indicator)
    counts = tables.named()[row.table].figure_counts
    measure = words.text(node.measured_in) if node.measured_in else title_of(row.table, words)
    measure = words.say("submissions.answers") if counts else measure
    strange, star = odd(row), "*" if row.then else ""
    cells = [words.coded(node), measure, str(row.units), str(row.there), str(row.absent), str(row.zeros), str(row.distinct),
             _range(row.least, row.greatest, words), _range(row.least_then, row.greatest_then, words) + star,
             words.say(f"submissions.{strange}") if strange else ""]
    return Flag(cells) if strange else cells


def _range(least: float, greatest: float, words: Words) -> str:
    """From the least to the greatest; one number where they are the same."""
    if least != least or least == greatest:
        return plainly(least) if least == least else MISSING
    return words.say("submissions.to", least=plainly(least), greatest=plainly(greatest))


# ── what it rests on ────────────────────────────────────────────────────────────────────────────────────────────────


def assumed(there: Submitted, words: Words) -> Display:
    """What is assumed of the day due; nothing where none is ruled, or a clause gives it."""
    due = there.book.rules.due
    if due is None or not due.assumed:
        return nothing(words.say("submissions.none_due" if due is None else "submissions.not_assumed"))
    return basis.assumptions(there.book, None, words, [due])
