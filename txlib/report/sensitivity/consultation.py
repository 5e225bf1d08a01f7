"""Indicators to reconsider, as tables: each by itself, and those that repeat others (1.2a)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from txlib.base.printing import MISSING, number, percent, plainly
from txlib.report import facts
from txlib.report.kit.shown import Display, Flag, TableRow, nothing, table, together
from txlib.sensitivity.indicators import indicator_page
from txlib.sensitivity.repeats import FEWEST, repeated

if TYPE_CHECKING:
    from txlib.report.kit.words import Words
    from txlib.scoring.result import Result
    from txlib.sensitivity.leave_out import LeftOut

PERMUTATIONS = 1000
FEW = 2  # so many units are named


def alike(result: Result, then: Result | Display) -> pd.DataFrame:
    """Every pair of indicators, held against the year before where there is one; no rows below eight units."""
    return repeated(result, [] if isinstance(then, Display) else [then], permutations=PERMUTATIONS)


def indicators(result: Result, then: Result | Display, pairs: pd.DataFrame, left: LeftOut, words: Words) -> Display:
    """Each indicator: between what shares units stand, now and last year, who lost most, what it repeats, what it moves; below,
    those that repeat others."""
    found = indicator_page(result, pairs, left, [] if isinstance(then, Display) else [then])
    rows: list[TableRow] = []
    for row in found.itertuples():
        cells = [f"{row.indicator} {words.row(row)}", number(row.full), _between(row.lowest, row.highest, words),
                 _between(row.lowest_then, row.highest_then, words), _lost_most(result, row, words),
                 words.say("standing.repeats_these", codes=words.joined(row.alike), years=row.years) if row.alike else MISSING,
                 plainly(row.moved)]
        rows.append(Flag(cells) if row.alike else cells)
    heads = words.columns("node", "#full_points", "attained_between", "attained_then", "lost_most", "repeats_what",
                          "#moved_without", labels="standing")
    caption = words.say("standing.indicators", category=words.name(result.category))
    page = table("indicators", caption, heads, rows, words.say("standing.indicators_note"))
    return together(page, repeats(result, pairs, words))


def _between(low: float, high: float, words: Words) -> str:
    if low != low:
        return MISSING
    return percent(low) if percent(low) == percent(high) else words.say("standing.span", low=percent(low), high=percent(high))


def _lost_most(result: Result, row: Any, words: Words) -> str:
    """Who lost most and how much; how many, where they are more than are named."""
    if not row.lost_by:
        return MISSING
    names = words.by_unit(result.ranking)
    who = words.joined(names[unit] for unit in row.lost_by) if len(row.lost_by) <= FEW else \
        words.say("standing.so_many_lost", count=len(row.lost_by))
    return f"{who} {facts.in_points(result)(-row.lost, signed=True)}"


def repeats(result: Result, found: pd.DataFrame, words: Words) -> Display:
    """Pairs of indicators more alike than chance makes any pair of so many; flagged where they were so last year too."""
    if found.empty:
        return nothing(words.say("standing.repeats_few", units=FEWEST))
    line, pairs = number(found["line"].iloc[0]), len(found)
    rows: list[TableRow] = []
    for row in found[found["alike"]].itertuples():
        both = "repeats_in" if row.repeats else "repeats_once" if row.years > 1 else "repeats_unknown"
        cells = [f"{row.indicator} {words.row(row)}", f"{row.other} {words.row(row, 'other_name')}", str(row.units),
                 number(row.correlation), words.say(f"standing.{both}", years=row.years)]
        rows.append(Flag(cells) if row.repeats else cells)
    if not rows:
        return nothing(words.say("standing.repeats_none", pairs=pairs, line=line, most=number(found["correlation"].iloc[0])))
    heads = words.columns("one", "other", "#n_units", "#correlation", "~remark", labels="standing")
    note = words.say("standing.repeats_note", pairs=pairs, line=line, permutations=f"{PERMUTATIONS:,}")
    return table("repeats", words.say("standing.repeats", category=words.name(result.category)), heads, rows, note)
