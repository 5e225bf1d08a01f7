"""Indicators that repeat others, as a table (1.2a)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txlib.base.printing import number
from txlib.report.kit.shown import Display, Flag, TableRow, nothing, table
from txlib.sensitivity.repeats import FEWEST, repeated

if TYPE_CHECKING:
    from txlib.report.kit.words import Words
    from txlib.scoring.result import Result

PERMUTATIONS = 1000


def repeats(result: Result, then: Result | Display, words: Words) -> Display:
    """Pairs of indicators more alike than chance makes any pair of so many; flagged where they were so last year too."""
    found = repeated(result, [] if isinstance(then, Display) else [then], permutations=PERMUTATIONS)
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
