"""What it would take to keep the quotas: how few units must cross a line, and which stand nearest. No mark is proposed.

What was counted is a fact and stays; only the judged part can move, within its own range. The order is kept: who had
more may not end with less; equal marks may part. A total is a multiple of a step, or stays where it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from txlib.audits.marks import HUNDRED, ITEM, Marking, split
from txlib.audits.verdicts import bounds, verdicts
from txlib.rules.quotas import Quota, Quotas

REMEDIES = [*ITEM, "categories", "outcome", "least", "levels", "line", "at_line", "direction", "moves", "units", "distances",
            "as_near", "blocked"]
STEP = Fraction(1, 100)


class TierLine(NamedTuple):
    """A line out of 100 that parts marks: those `at` it belong above (False) or below it (True)."""

    at: Fraction
    above_only: bool

    def above(self, mark: Fraction) -> bool:
        """Whether a mark lies on the upper side."""
        return mark > self.at if self.above_only else mark >= self.at


class MarkedUnit(NamedTuple):
    """A unit's mark out of 100, the least and most that its counted part leaves possible, and the step between marks.

    The mark itself is possible, step and range or not.
    """

    code: str
    mark: Fraction
    least: Fraction
    most: Fraction
    step: Fraction

    def reach(self, lower: TierLine | None = None, upper: TierLine | None = None) -> tuple[Fraction, Fraction] | None:
        """The least and the most possible mark above one line and below another, None where there is none."""
        low, high = math.ceil(self.least / self.step), math.floor(self.most / self.step)
        if lower:
            cut = lower.at / self.step
            low = max(low, math.floor(cut) + 1 if lower.above_only else math.ceil(cut))
        if upper:
            cut = upper.at / self.step
            high = min(high, math.floor(cut) if upper.above_only else math.ceil(cut) - 1)
        marks = [low * self.step, high * self.step] if low <= high else []
        if not (lower and not lower.above(self.mark)) and not (upper and upper.above(self.mark)):
            marks.append(self.mark)
        return (min(marks), max(marks)) if marks else None


class Move(NamedTuple):
    """Units that cross a line, nearest first, and units of the same marks as the last that might cross in their stead."""

    line: TierLine
    direction: str
    units: tuple[MarkedUnit, ...]
    as_near: tuple[MarkedUnit, ...]


@dataclass(frozen=True)
class Remedy:
    """What mends a group, or why nothing does; `least` units cross a line.

    `outcome`: possible; blocked, by `blocked`: units whose counted part holds them, and by the order others, on one side of
    a line; together: no unit is in the way, but the quotas contradict each other, or the step leaves no marks in this
    order; undecided: units of equal marks whose ranges are unlike.
    """

    outcome: str
    least: int = 0
    moves: tuple[Move, ...] = ()
    blocked: tuple[str, ...] = ()


def remedies(made: Marking, rules: Quotas, step: Fraction = STEP) -> pd.DataFrame:
    """One row a group with a breach and line to be crossed, or group that cannot be mended (REMEDIES).

    Marks are multiples of `step` points. `least`: units of the group that must cross a
    line at the least; `moves` of them cross `line` (of the quotas `levels`; a mark at it counts as `at_line`, above or
    below) in `direction` (down, up): `units`, nearest first, with `distances` to it out of 100, `as_near` others of equal marks.
    `outcome` as in Remedy, or no_parts, not_declared where the range of the judged part is not known.
    """
    found = verdicts(made, rules)
    groups = found.groups
    order = np.argsort(groups.of, kind="stable")
    ends = np.cumsum(groups.units)
    held = split(made.items["category"].to_numpy(dtype=object)[made.present], groups.of_row[made.present], len(groups.frame))
    rows = list[dict[str, Any]]()
    for g in np.flatnonzero(found.broken().any(axis=1)):
        at = order[ends[g] - groups.units[g]:ends[g]]
        units, unknown = _units(made, at, step)
        remedy = Remedy(unknown) if unknown else mend(units, limits(len(units), rules))
        rows += _rows({name: groups.frame.at[g, name] for name in ITEM} | {"categories": held[g]}, remedy, rules)
    return pd.DataFrame(rows, columns=REMEDIES)


def _units(made: Marking, at: Any, step: Fraction) -> tuple[list[MarkedUnit], str]:
    """The units of a group with their ranges, or why these are not known."""
    units, over = list[MarkedUnit](), made.total.over
    for i in at:
        item = made.items.loc[made.row[i]]
        if item["declared"] is None or not made.known[i]:
            return [], "not_declared" if item["declared"] is None else "no_parts"
        times = HUNDRED / item["out_of"]
        counted = Fraction(int(made.quantitative.value[i]), over) * times
        mark = Fraction(int(made.mark.value[i]), made.mark.over)
        most = min(Fraction(HUNDRED), counted + HUNDRED * (1 - item["declared"]))
        units.append(MarkedUnit(str(made.unit[i]), mark, min(mark, counted), max(mark, most), step * times))
    return units, ""


def line_of(level: Quota) -> TierLine:
    """The line that a quota draws."""
    return TierLine(level.line, level.marks in ("above", "at_most"))


def limits(n: int, rules: Quotas) -> dict[TierLine, tuple[int, int]]:
    """For each line how many of n units must and may stand below it, so that its quotas are kept."""
    within = dict[TierLine, tuple[int, int]]()
    for level in rules.levels:
        line = line_of(level)
        allowed = int(bounds(level, np.array([n]))[0])
        fewest, most = within.get(line, (0, n))
        upper = level.marks in ("at_least", "above")
        if upper == (level.units == "at_most"):
            fewest = max(fewest, n - allowed if upper else allowed)
        else:
            most = min(most, n - allowed if upper else allowed)
        within[line] = fewest, most
    return within


# ── the fewest moves ────────────────────────────────────────────────────────────────────────────────────────────────


def mend(units: Sequence[MarkedUnit], within: dict[TierLine, tuple[int, int]]) -> Remedy:
    """The fewest units that must cross a line so that as many as asked stand below each; of equally few the nearest.

    Ordered by mark, and equal marks by range, units below a line come first: a remedy is one cut in this order for each
    line. What lies between two cuts must have marks there in the same order; the cuts are chosen by dynamic programming.
    """
    units, lines = sorted(units, key=lambda u: (u.mark, u.least, u.most)), sorted(within)
    if any(a.mark == b.mark and (a.most > b.most or a.step != b.step) for a, b in pairwise(units)):
        return Remedy("undecided")
    n, bands = len(units), list(pairwise([None, *lines, None]))
    weights = _weights(n, len(lines))
    cost: dict[int, Any] = {0: Fraction(0)}
    chosen = list[dict[int, int]]()
    for lower, upper in bands:
        start = _starts([unit.reach(lower, upper) for unit in units])
        price = [Fraction(0)]
        for unit in units:
            price.append(price[-1] + _price(unit, lower, upper, lines, weights))
        fewest, most = within[upper] if upper else (n, n)
        best = {end: min(((cost[s] - price[s], s) for s in range(start[end], end + 1) if s in cost), default=None)
                for end in range(max(0, fewest), min(n, most) + 1)}
        chosen.append({end: found[1] for end, found in best.items() if found})
        cost = {end: found[0] + price[end] for end, found in best.items() if found}
    if not cost:
        return _blocked(units, within)
    cuts = [n]
    for backwards in reversed(chosen):
        cuts.append(backwards[cuts[-1]])
    moves = [move for line, cut in zip(lines, cuts[-2:0:-1], strict=True) for move in _moves(units, line, cut)]
    return Remedy("possible", len({id(unit) for move in moves for unit in move.units}), tuple(moves))


def _weights(n: int, lines: int) -> tuple[int, int]:
    """What a unit that moves and a line that it crosses weigh against distances, so that each comes before the next."""
    crossed = HUNDRED * (n * lines + 1)
    return crossed * (n * lines + 1), crossed


def _price(unit: MarkedUnit, lower: TierLine | None, upper: TierLine | None, lines: Sequence[TierLine],
           weights: tuple[int, int]) -> Fraction:
    """What it costs that a unit ends between two lines: whether it moves, lines crossed, distances to them."""
    crossed = [line for line in lines if line.above(unit.mark) != (lower is not None and line <= lower)]
    away = sum((abs(unit.mark - line.at) for line in crossed), Fraction(0))
    return (weights[0] if crossed else 0) + weights[1] * len(crossed) + away


def _starts(reach: Sequence[tuple[Fraction, Fraction] | None]) -> list[int]:
    """For each end the first unit from which on, up to there, all can have marks in a band and keep their order.

    They can where nobody's least is above the most of one who comes later; equal marks, ordered by range, never are.
    """
    starts = [0]
    for i, mine in enumerate(reach):
        clash = i if mine is None else -1
        for j in range(starts[-1], i if mine else 0):
            theirs = reach[j]
            if mine and theirs and theirs[0] > mine[1]:
                clash = j
        starts.append(max(starts[-1], clash + 1))
    return starts


def _moves(units: Sequence[MarkedUnit], line: TierLine, cut: int) -> list[Move]:
    """The units between the cut as it is and as it would be, nearest to the line first."""
    now = sum(not line.above(unit.mark) for unit in units)
    if cut > now:
        across, rest = units[now:cut], units[cut:]
        able = [unit.reach(upper=line) is not None for unit in rest]
    else:
        across, rest = units[cut:now][::-1], units[:cut]
        able = [unit.reach(lower=line) is not None for unit in rest]
    as_near = tuple(unit for unit, can in zip(rest, able, strict=True) if can and across and unit.mark == across[-1].mark)
    if not across:
        return []
    return [Move(line, "down" if cut > now else "up", tuple(across), as_near)]


def _blocked(units: Sequence[MarkedUnit], within: dict[TierLine, tuple[int, int]]) -> Remedy:
    """Why no marking keeps the quotas: units that cannot cross a line, with those whom the order holds there with them."""
    blocked = list[str]()
    for line, (fewest, most) in within.items():
        above = [unit for unit in units if unit.reach(upper=line) is None]
        below = [unit for unit in units if unit.reach(lower=line) is None]
        held = [unit for unit in units if unit in above or any(stuck.mark < unit.mark for stuck in above)]
        if fewest > len(units) - len(held):
            blocked += [unit.code for unit in above]
        held = [unit for unit in units if unit in below or any(stuck.mark > unit.mark for stuck in below)]
        if most < len(held):
            blocked += [unit.code for unit in below]
    return Remedy("blocked", blocked=tuple(dict.fromkeys(blocked))) if blocked else Remedy("together")


def _rows(head: dict[str, Any], remedy: Remedy, rules: Quotas) -> list[dict[str, Any]]:
    whole = {**head, "outcome": remedy.outcome, "least": remedy.least, "blocked": remedy.blocked, "levels": (), "line": math.nan,
             "at_line": "", "direction": "", "moves": 0, "units": (), "distances": (), "as_near": ()}
    return [{**whole, "levels": tuple(level.code for level in rules.levels if line_of(level) == move.line),
             "line": float(move.line.at), "at_line": "below" if move.line.above_only else "above", "direction": move.direction,
             "moves": len(move.units), "units": tuple(unit.code for unit in move.units),
             "distances": tuple(float(abs(unit.mark - move.line.at)) for unit in move.units),
             "as_near": tuple(unit.code for unit in move.as_near)} for move in remedy.moves] or [whole]
