"""What it would take: cases by hand, and the fewest moves found by going through every marking on small cases."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from quota_cases import LEVELS, items, marks, of_marks, rules

from txlib.audits import remedies as remedying
from txlib.audits.remedies import REMEDIES, MarkedUnit, limits, mend
from txlib.base.numbers import Numeral
from txlib.rules.quotas import Quotas

remedies = of_marks(remedying.remedies)
pytestmark = pytest.mark.quick

SHOWN = ["outcome", "least", "levels", "direction", "moves", "units", "as_near", "blocked"]


def table(found: pd.DataFrame, *columns: str) -> list[list[Any]]:
    return found[list(columns or SHOWN)].to_numpy().tolist()


def parts(*rows: tuple[float, float]) -> pd.DataFrame:
    return marks(("t", "x", list(rows)))


ONE = items(("t", "x", "a"))


def test_one_too_many_and_one_too_few() -> None:
    """Five units, one may have 90 and one must be below 80: 91 goes below 90, 81 below 80; two units at the least."""
    found = remedies(parts((55, 40), (55, 36), (50, 35), (50, 32), (50, 31)), ONE, rules())
    assert table(found) == [["possible", 2, ("low",), "down", 1, ("u5",), (), ()],
                            ["possible", 2, ("high",), "down", 1, ("u2",), (), ()]]
    assert table(found, "line", "at_line", "distances") == [[80.0, "above", (1.0,)], [90.0, "above", (1.0,)]]
    assert list(found) == REMEDIES


def test_up_across_a_line_the_nearest_first() -> None:
    """Half of five and a half up, three, must be above 70, and 70 is not: 70, 68 and one of the two with 65 go up."""
    found = remedies(parts((40, 25), (40, 28), (40, 20), (40, 30), (41, 24)), ONE, rules(levels=[LEVELS[1]]))
    assert table(found) == [["possible", 3, (LEVELS[1]["code"],), "up", 3, ("u4", "u2", "u5"), ("u1",), ()]]
    assert table(found, "line", "at_line", "distances") == [[70.0, "below", (0.0, 2.0, 5.0)]]


def test_equal_marks_may_part_and_those_as_near_are_named() -> None:
    """All 85 of ten units: two must go below 80, whichever."""
    found = remedies(parts(*[(50, 35)] * 10), ONE, rules())
    assert table(found) == [["possible", 2, ("low",), "down", 2, ("u1", "u2"), tuple(f"u{i}" for i in range(3, 11)), ()]]
    assert found["distances"].tolist() == [(5.0, 5.0)]


def test_of_equal_marks_the_one_that_can_move_does() -> None:
    """u1's counted part is 80: it cannot be below 80, u2 can; the order does not hold it back, since they are equal."""
    listed = items(("t", "x", "a", Fraction(100), Fraction(1, 10)))
    found = remedies(parts((80, 5), (45, 40), (80, 8)), listed, rules())
    assert table(found) == [["possible", 1, ("low",), "down", 1, ("u2",), (), ()]]


def test_who_blocks_is_named() -> None:
    """u3's counted part alone is 81 and all the others have more: nobody can be below 80 in this order."""
    listed = items(("t", "x", "a", Fraction(100), Fraction(1, 10)))
    found = remedies(parts((50, 37), (50, 36), (81, 1), (60, 25)), listed, rules())
    assert table(found) == [["blocked", 0, (), "", 0, (), (), ("u3",)]]


def test_who_blocks_from_below_is_named() -> None:
    """Two of three must be above 70; u1 is first with 70 and can have no more, so nobody behind it can either."""
    found = remedies(parts((30, 40), (45, 15), (44, 15)), ONE, rules(levels=[LEVELS[1]]))
    assert table(found, "outcome", "blocked") == [["blocked", ("u1",)]]


def test_quotas_that_cannot_be_kept_together() -> None:
    """At most 33.3% at or below 80, at least all of them at or below 60."""
    found = remedies(parts((50, 35), (50, 30)), ONE, rules(levels=[LEVELS[2], LEVELS[4]]))
    assert table(found, "outcome", "blocked") == [["together", ()]]


def test_ranges_that_are_not_known() -> None:
    frame = marks(("t", "x", [85, 84]), ("t", "y", [(50, 35), (50, 34)]))
    found = remedies(frame, items(("t", "x", "a"), ("t", "y", "a", Fraction(100), None)), rules())
    assert table(found, "item", "outcome") == [["x", "no_parts"], ["y", "not_declared"]]


def test_equal_marks_with_unlike_ranges_are_left_undecided() -> None:
    """Per item, x has 40 judged points in c1 and 10 in c2: of two units with 85 neither range contains the other's order."""
    listed = items(("c1", "x", "a"), ("c2", "x", "a", Fraction(100), Fraction(9, 10)))
    found = remedies(marks(("c1", "x", [(50, 35)]), ("c2", "x", {"v": (79, 6)})), listed, rules(per="item"))
    assert table(found, "outcome") == [["undecided"]]


def test_out_of_twenty_by_steps_of_a_tenth() -> None:
    """18 of 20 is 90; in tenths of a point below it is 17.9. The line is out of 100, and so is the distance."""
    listed = items(("t", "x", "a", Fraction(20)))
    found = remedies(parts((11, 7.5), (11, 7), (8, 7)), listed, rules(), Fraction(1, 10))
    assert table(found, "levels", "units", "distances") == [[("high",), ("u2", "u1"), (0.0, 2.5)]]
    assert table(remedies(parts((11, 7.5), (18, 0), (8, 7)), listed, rules(), Fraction(1, 10)), "outcome", "blocked") == [
        ["blocked", ("u2",)]]


def test_nothing_broken_or_handed_in_gives_an_empty_table() -> None:
    for found in (remedies(marks(), items(), rules()), remedies(marks(), ONE, rules()),
                  remedies(parts((50, 38), (50, 37), (50, 36), (50, 35), (50, 20)), ONE, rules())):
        assert found.empty and list(found) == REMEDIES


# ── every marking gone through ──────────────────────────────────────────────────────────────────────────────────────

INSIDE = {"at_least": lambda m, line: m >= line, "above": lambda m, line: m > line, "at_most": lambda m, line: m <= line,
          "below": lambda m, line: m < line}
ROUND = {"down": math.floor, "up": math.ceil, "half_up": lambda x: math.floor(x + Fraction(1, 2))}


def kept(totals: tuple[Fraction, ...], rule: Quotas) -> bool:
    """Whether marks keep every quota, from its definition."""
    def keeps(level: Any) -> bool:
        inside = sum(INSIDE[level.marks](total, level.line) for total in totals)
        bound = ROUND[level.count](len(totals) * level.share)
        return bool(inside <= bound if level.units == "at_most" else inside >= bound)
    return all(keeps(level) for level in rule.levels)


def crossed(mark: Fraction, then: Fraction, rule: Quotas) -> int:
    """How many of the quotas' lines lie between two marks, each counted once."""
    sides = {(level.line, level.marks in ("at_least", "below")) for level in rule.levels}
    return sum((mark >= line) != (then >= line) if closed else (mark > line) != (then > line) for line, closed in sides)


def by_brute_force(units: list[MarkedUnit], rule: Quotas) -> tuple[int, int] | None:
    """The fewest units, then lines crossed, over all markings that are possible, keep the order and keep the quotas."""
    possible = [sorted({k * u.step for k in range(math.ceil(u.least / u.step), math.floor(u.most / u.step) + 1)} | {u.mark})
                for u in units]
    ahead = [(i, j) for i, a in enumerate(units) for j, b in enumerate(units) if a.mark > b.mark]
    costs = []
    for totals in product(*possible):
        if all(totals[i] >= totals[j] for i, j in ahead) and kept(totals, rule):
            gone = [crossed(unit.mark, total, rule) for unit, total in zip(units, totals, strict=True)]
            costs.append((sum(lines > 0 for lines in gone), sum(gone)))
    return min(costs, default=None)


def drawn_units(drawn: list[tuple[int, int, int]], judged: int) -> list[MarkedUnit]:
    """Counted parts from 50 in fives, judged parts up to `judged`, marks on the grid of ten points or off it."""
    units = []
    for i, (counted, more, off) in enumerate(drawn):
        least = Fraction(50 + 5 * counted)
        most = min(Fraction(100), least + judged)
        mark = min(most, least + Fraction(10 * more - off)) if more else least
        units.append(MarkedUnit(f"u{i}", mark, least, most, Fraction(10)))
    return units


JUDGED = st.sampled_from([10, 30, 40, 50])
UNITS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 5), st.sampled_from([0, 0, 1, 5])), min_size=1, max_size=5)
RULES = [rules(), rules(levels=[{**LEVELS[0], "share": "25%"}]),
         rules(levels=[{**LEVELS[3], "line": Numeral("70"), "share": "60%"}]),
         rules(levels=LEVELS[:3]), rules(levels=[LEVELS[1], LEVELS[3]]), rules(levels=[LEVELS[0], LEVELS[2]]),
         rules(levels=[{**LEVELS[0], "share": "50%"}, {**LEVELS[3], "line": Numeral("75"), "share": "40%", "count": "up"},
                       {**LEVELS[1], "line": Numeral("85")}])]


@examples(500)
@given(UNITS, JUDGED, st.sampled_from(RULES))
def test_no_fewer_units_would_do(drawn: list[tuple[int, int, int]], judged: int, rule: Quotas) -> None:
    units = drawn_units(drawn, judged)
    found, fewest = mend(units, limits(len(units), rule)), by_brute_force(units, rule)
    if fewest is None:
        assert found.outcome in ("blocked", "together")
        assert bool(found.blocked) == (found.outcome == "blocked")
    else:
        assert (found.outcome, found.least, sum(len(move.units) for move in found.moves)) == ("possible", *fewest)


@examples(200)
@given(UNITS, JUDGED, st.sampled_from(RULES))
def test_the_moves_named_keep_the_quotas(drawn: list[tuple[int, int, int]], judged: int, rule: Quotas) -> None:
    """Count again who is below each line once those named have crossed it; they go the nearest first and the right way."""
    units = drawn_units(drawn, judged)
    within = limits(len(units), rule)
    found = mend(units, within)
    if found.outcome != "possible":
        return
    for line, (fewest, most) in within.items():
        moves = [move for move in found.moves if move.line == line]
        change = sum(len(move.units) * (1 if move.direction == "down" else -1) for move in moves)
        assert fewest <= sum(not line.above(unit.mark) for unit in units) + change <= most
        for move in moves:
            assert all(line.above(unit.mark) == (move.direction == "down") for unit in (*move.units, *move.as_near))
            away = [abs(unit.mark - line.at) for unit in move.units]
            assert away == sorted(away) and not set(move.as_near) & set(move.units)


@examples(100)
@given(UNITS, JUDGED, st.sampled_from(RULES[:3]))
def test_who_blocks_really_does(drawn: list[tuple[int, int, int]], judged: int, rule: Quotas) -> None:
    """Were the parts of those named not counted, so that they could have any mark, they would no longer be named."""
    units = drawn_units(drawn, judged)
    found = mend(units, limits(len(units), rule))
    freed = [unit._replace(least=Fraction(0), most=Fraction(100)) if unit.code in found.blocked else unit for unit in units]
    if found.blocked:
        again = mend(sorted(freed, key=lambda unit: unit.code), limits(len(units), rule))
        assert not set(again.blocked) & set(found.blocked)
        stuck = [unit for unit in units if unit.code in found.blocked]
        assert all(any(unit.reach(upper=line) is None or unit.reach(lower=line) is None for line in limits(1, rule))
                   for unit in stuck)
