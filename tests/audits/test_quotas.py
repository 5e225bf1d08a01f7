"""The audit of marks: worked cases, and every number again from the definition in plain fractions."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from pydantic import ValidationError
from quota_cases import CASES, LEVELS, audited, items, marks, of_marks, rules

from txlib.audits import quotas, readings
from txlib.audits.full_marks import FULL_MARKS
from txlib.audits.marks import beyond, whole_numbers
from txlib.audits.quantitative import QUANTITATIVE, SPREAD
from txlib.audits.readings import Readings, open_choices
from txlib.audits.verdicts import PENALTIES
from txlib.base.numbers import Numeral
from txlib.rules.quotas import Side

alternatives = of_marks(readings.alternatives)
pytestmark = pytest.mark.quick


def case_frames(case: Mapping[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    totals = {unit: sum(float(part) for part in str(mark).split("+")) for unit, mark in case["marks"].items()}
    return marks(("towns", "x", totals)), items(("towns", "x", "office", Fraction(case.get("out_of", 100))))


# ── quotas ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: str(case["en"])[:50])
def test_worked_cases(case: dict[str, Any]) -> None:
    groups = audited(*case_frames(case), rules()).groups.set_index("level")
    for level in ("high", "low"):
        row, wanted = groups.loc[level], case[level]
        assert [row["allowed"], row["found"]] == [int(wanted["allowed"]), int(wanted["found"])], level
        assert ("not judged" if not row["judged"] else "kept" if row["kept"] else "broken") == wanted["is"], level
        assert row["units_concerned"] == tuple(wanted["units"])
        assert row["units"] == len(case["marks"])


def test_breaches_are_exactly_the_broken_ones_with_what_the_contract_names() -> None:
    for case in CASES["cases"]:
        found = audited(*case_frames(case), rules()).breaches
        assert found["rule"].tolist() == [level for level in ("high", "low") if case[level]["is"] == "broken"]
        assert list(found) == quotas.BREACHES
    row = audited(*case_frames(CASES["cases"][1]), rules()).breaches.iloc[0]
    assert row[["item", "lead", "rule", "limit", "found", "units", "clause", "bound", "assessed"]].tolist() == [
        "x", "office", "high", 3, 4, ("甲", "乙", "丙", "丁"), "1.3g", "at_most", 10]


PLACES = st.sampled_from([0, 1, 2, 2, 4, 13])
DRAWN = st.tuples(PLACES, st.lists(st.one_of(st.integers(0, 10**15), st.sampled_from([60, 70, 80, 90, 100]).map(lambda m: -m)),
                                   max_size=12))


def drawn_marks(drawn: tuple[int, list[int]], out_of: Fraction) -> list[Fraction]:
    """Decimals from 0 to `out_of`: at random, or exactly on a line."""
    places, numbers = drawn
    some = [Fraction(-n) * out_of / 100 if n < 0 else Fraction(n % (int(out_of) * 10**places + 1), 10**places) for n in numbers]
    return [mark for mark in some if (mark * 10**13).denominator == 1]


ABOVE = {"at_least": lambda m, line: m >= line, "above": lambda m, line: m > line, "at_most": lambda m, line: m <= line,
         "below": lambda m, line: m < line}


@examples(150)
@given(st.lists(st.tuples(DRAWN, st.sampled_from([Fraction(100), Fraction(20), Fraction(30)])), min_size=1, max_size=4),
       st.sampled_from(["category", "item"]), st.integers(1, 4))
def test_counts_are_those_of_plain_fractions(drawn: list[tuple[Any, Fraction]], per: str, smallest: int) -> None:
    """All relations, bounds and roundings, marks of up to 15 digits, several items; per item, all of them together."""
    rule = rules(levels=LEVELS, per=per, smallest=Numeral(str(smallest)))
    handed = [[m for m in drawn_marks(each, out_of)] for each, out_of in drawn]
    names = [(f"c{i}", "x") for i in range(len(drawn))]
    frame = marks(*((*name, [float(m) for m in mine]) for name, mine in zip(names, handed, strict=True)))
    listed = items(*((*name, "office", out_of) for name, (_, out_of) in zip(names, drawn, strict=True)))
    groups = audited(frame, listed, rule).groups
    hundred = [[m * 100 / out_of for m in mine] for mine, (_, out_of) in zip(handed, drawn, strict=True)]
    together = hundred if per == "category" else [[m for mine in hundred for m in mine]]
    assert len(groups) == len(together) * len(LEVELS)
    for g, mine in enumerate(together):
        for j, level in enumerate(rule.levels):
            row = groups.iloc[g * len(LEVELS) + j]
            n, found = len(mine), sum(ABOVE[level.marks](m, level.line) for m in mine)
            bound = {"down": math.floor, "up": math.ceil, "half_up": lambda x: math.floor(x + Fraction(1, 2))}[level.count](
                n * level.share)
            kept = found <= bound if level.units == "at_most" else found >= bound
            assert (row["units"], row["found"], row["allowed"], row["kept"], row["judged"], row["level"]) == (
                n, found, bound, kept, n >= smallest, level.code)
            assert len(row["units_concerned"]) == found


def test_a_line_between_whole_marks() -> None:
    """89 and 90 about a line of 89.5, which no integer meets."""
    mark = whole_numbers([89.0, 90.0])
    assert mark.over == 1
    assert {name: beyond(mark, name, Fraction("89.5")).tolist() for name in get_args(Side)} == {
        "at_least": [False, True], "above": [False, True], "at_most": [True, False], "below": [True, False]}


def test_a_unit_the_item_does_not_apply_to_is_not_assessed() -> None:
    found = audited(marks(("t", "x", [95, None, 70])), items(("t", "x", "a")), rules()).groups
    assert found["units"].tolist() == [2, 2]


def test_a_group_too_small_is_listed_and_not_judged() -> None:
    found = audited(marks(("t", "x", [95, 85])), items(("t", "x", "a")), rules(smallest=Numeral("3")))
    assert (found.groups["kept"].tolist(), found.groups["judged"].tolist()) == ([False, False], [False, False])
    assert found.breaches.empty and found.penalties.empty and found.next_year.empty


def test_a_mark_for_an_item_not_listed_is_refused() -> None:
    for category, item in (("t", "y"), ("s", "x"), ("s", "z")):
        with pytest.raises(ValueError, match=f"{category}, {item}"):
            audited(marks((category, item, [95])), items(("t", "x", "a"), ("s", "y", "a")), rules())


@pytest.mark.parametrize("per", ["category", "item"])
def test_nothing_handed_in_gives_empty_tables(per: str) -> None:
    empty, none = marks(), items()
    nobody = audited(empty, items(("t", "x", "a")), rules(per=per))
    for found in (audited(empty, none, rules(per=per)), nobody):
        for name, columns in (("groups", quotas.GROUPS), ("breaches", quotas.BREACHES), ("full_marks", FULL_MARKS),
                              ("spread", SPREAD), ("quantitative", QUANTITATIVE),
                              ("penalties", PENALTIES), ("next_year", quotas.NEXT_YEAR)):
            assert list(getattr(found, name)) == columns, name
    assert nobody.groups[["units", "found", "judged"]].to_numpy().tolist() == [[0, 0, False]] * 2
    assert nobody.spread["units"].tolist() == [0] and nobody.spread["range"].isna().all()
    assert nobody.quantitative["reason"].tolist() == ["not_assessed"]


# ── full marks, spread, what is counted ─────────────────────────────────────────────────────────────────────────────


def test_full_marks_are_named() -> None:
    """20 of 20 and 100 of 100, not 99.99; in the points handed in."""
    frame = marks(("t", "x", [20, 19.99]), ("t", "y", [99.99, 60 + 40]))
    listed = items(("t", "x", "a", Fraction(20)), ("t", "y", "b"))
    found = audited(frame, listed, rules()).full_marks
    assert found[["item", "lead", "unit", "mark", "clause"]].to_numpy().tolist() == [
        ["x", "a", "u1", 20.0, "1.3h"], ["y", "b", "u2", 100.0, "1.3h"]]
    assert audited(frame, listed, rules().model_copy(update={"full_marks": None})).full_marks.empty


@examples(100)
@given(st.lists(st.tuples(PLACES, st.lists(st.tuples(st.integers(0, 10**15), st.integers(0, 10**15)), max_size=9)), max_size=3))
def test_spread_and_effective_shares_are_those_of_plain_fractions(drawn: list[tuple[int, list[tuple[int, int]]]]) -> None:
    parts = [[(Fraction(q % (60 * 10**k + 1), 10**k), Fraction(j % (39 * 10**k + 1), 10**k)) for q, j in each]
             for k, each in drawn]
    frame = marks(*((f"c{i}", "x", [(float(q), float(j)) for q, j in each]) for i, each in enumerate(parts)))
    found = audited(frame, items(*((f"c{i}", "x", "a") for i in range(len(parts)))), rules())
    for i, each in enumerate(parts):
        totals, counted = [q + j for q, j in each], [q for q, _ in each]
        spread, share = found.spread.iloc[i], found.quantitative.iloc[i]
        assert spread["units"] == len(each) and spread["distinct"] == len(set(totals))
        if not each:
            assert math.isnan(spread["deviation"])
            continue
        assert [spread["lowest"], spread["highest"], spread["range"]] == [
            float(min(totals)), float(max(totals)), float(max(totals) - min(totals))]
        assert spread["deviation"] == pytest.approx(float(statistics.pstdev(totals)), rel=1e-12)
        own = sum(totals) / len(each)
        variance = sum((t - own) ** 2 for t in totals)
        assert share["constant"] == (len(each) > 1 and len(set(counted)) == 1)
        if variance:
            assert share["effective"] == float(sum(q * (t - own) for q, t in each_total(each)) / variance)
            assert share["reason"] == ""
        else:
            assert math.isnan(share["effective"]) and share["reason"] == ("one_unit" if len(each) == 1 else "equal_totals")


def each_total(parts: list[tuple[Fraction, Fraction]]) -> list[tuple[Fraction, Fraction]]:
    return [(q, q + j) for q, j in parts]


def test_a_share_declared_and_a_share_that_decides_are_two_things() -> None:
    """x: counted parts 50, 50, 50: they decide nothing. y: the totals are 60, 70, 80 and the counted part moves with half of
    that. z: the judged part undoes what is counted: 45 and 55 go with 90 and 85, (-5 × 2.5 × 2) ÷ (2 × 2.5²) = -2."""
    frame = marks(("t", "x", [(50, 20), (50, 30), (50, 40)]), ("t", "y", [(40, 20), (45, 25), (50, 30)]),
                  ("t", "z", [(45, 45), (55, 30)]), ("t", "v", [90, 80]))
    listed = items(("t", "x", "a"), ("t", "y", "a", Fraction(100), Fraction(55, 100)), ("t", "z", "a"),
                   ("t", "v", "a", Fraction(100), None))
    found = audited(frame, listed, rules()).quantitative.set_index("item")
    assert found["effective"].tolist()[:3] == [0.0, 0.5, -2.0]
    assert found["constant"].tolist() == [True, False, False, False]
    assert found["kept"].tolist() == [True, False, True, False]
    assert found["reason"].tolist() == ["", "", "", "no_parts"]


# ── what follows ────────────────────────────────────────────────────────────────────────────────────────────────────

FLAT, GOOD = [85, 85, 85, 85, 85], [91, 88, 86, 84, 79]
YEAR = marks(("c1", "x", FLAT), ("c1", "y", FLAT), ("c2", "x", [95, 95, 85, 84, 79]), ("c3", "x", GOOD), ("c1", "z", GOOD),
             ("c2", "z", FLAT), ("c3", "y", FLAT))
LISTED = items(("c1", "z", "b"), ("c1", "x", "a"), ("c1", "y", "a"), ("c2", "x", "a"), ("c2", "z", "b"), ("c3", "x", "a"),
               ("c3", "y", "a"))


def test_a_department_loses_once_for_each_category() -> None:
    """a misses with x and y in c1, with x in c2, with y in c3; b with z in c2."""
    found = audited(YEAR, LISTED, rules())
    assert found.penalties.drop(columns="clause").to_numpy().tolist() == [
        ["a", "c1", 0.2, ("x", "y")], ["a", "c2", 0.2, ("x",)], ["a", "c3", 0.2, ("y",)], ["b", "c2", 0.2, ("z",)]]
    assert set(found.penalties["clause"]) == {"1.3i"}
    assert found.next_year[["lead", "breached", "categories", "items", "proposal"]].to_numpy().tolist() == [
        ["a", 3, ("c1", "c2", "c3"), ("x", "y"), "withdraw"], ["b", 1, ("c2",), ("z",), "lower"]]


def test_or_for_each_item_in_a_category() -> None:
    each = rules(penalty={"points": Numeral("0.2"), "per": "item", "clause": ["1.3i"]},
                 next_year={"lower_from": Numeral("2"), "withdraw_from": Numeral("4"), "clause": ["1.3i"]})
    found = audited(YEAR, LISTED, each)
    assert found.penalties["items"].tolist() == [("x",), ("y",), ("x",), ("y",), ("z",)]
    assert found.next_year[["lead", "proposal"]].to_numpy().tolist() == [["a", "lower"]]


def test_no_rule_no_consequence() -> None:
    found = audited(YEAR, LISTED, rules().model_copy(update={"penalty": None, "next_year": None}))
    assert len(found.breaches) == 5 and found.penalties.empty and found.next_year.empty


def test_categories_of_an_item_together() -> None:
    """x: 15 units, 2 × 95 and 91 are 3 of at most 4; 79 twice, of at least 3: broken, in each of its categories."""
    found = audited(YEAR, LISTED, rules(per="item"))
    x = found.groups[found.groups["item"] == "x"]
    assert x[["category", "categories", "level", "units", "allowed", "found", "kept"]].to_numpy().tolist() == [
        ["", ("c1", "c2", "c3"), "high", 15, 4, 3, True], ["", ("c1", "c2", "c3"), "low", 15, 3, 2, False]]
    assert found.penalties[["lead", "category"]].to_numpy().tolist() == [
        ["b", "c1"], ["b", "c2"], ["a", "c1"], ["a", "c2"], ["a", "c3"]]


def test_a_category_nobody_was_assessed_in_is_not_missed() -> None:
    listed = items(("c1", "x", "a"), ("c2", "x", "a"))
    found = audited(marks(("c1", "x", FLAT)), listed, rules(per="item"))
    assert found.breaches["categories"].tolist() == [("c1",)]
    assert found.penalties["category"].tolist() == ["c1"]


# ── other choices ───────────────────────────────────────────────────────────────────────────────────────────────────


def choice(found: Readings, kind: str, level: str = "") -> pd.DataFrame:
    return found.findings[(found.findings["choice"] == kind) & (found.findings["level_changed"] == level)]


def test_what_eighty_as_below_would_change() -> None:
    frame, listed = case_frames(CASES["cases"][2])
    found = alternatives(frame, listed, rules())
    eighty = choice(found, "marks", "low")
    assert eighty[["as_ruled", "otherwise", "category", "item", "level", "kept", "kept_otherwise"]].to_numpy().tolist() == [
        ["below", "at_most", "towns", "x", "low", False, True]]
    told = found.points[found.points["choice"] == "marks"]
    assert told[["lead", "points", "points_otherwise"]].to_numpy().tolist() == [["office", 0.2, 0.0]]


def test_what_other_choices_would_change() -> None:
    found = alternatives(YEAR, LISTED, rules())
    tried = found.choices[["choice", "level", "as_ruled", "otherwise"]].to_numpy().tolist()
    assert tried == [["count", "high", "down", "half_up"], ["count", "high", "down", "up"], ["marks", "low", "below", "at_most"],
                     ["count", "low", "up", "down"], ["count", "low", "up", "half_up"], ["per", "", "category", "item"],
                     ["smallest", "", "1", "3"], ["penalty", "", "category", "item"]]
    counts = choice(found, "count", "high")  # 1.5 of five units: with two allowed, x in c2 is kept
    assert counts[["category", "item", "kept", "kept_otherwise"]].to_numpy().tolist() == [["c2", "x", False, True]] * 2
    together = choice(found, "per")[["category", "item", "level", "kept", "kept_otherwise"]].to_numpy().tolist()
    assert together == [["c1", "z", "low", True, False], ["c2", "x", "high", False, True], ["c2", "x", "low", True, False],
                        ["c3", "x", "low", True, False]]
    points = found.points[found.points["choice"] == "penalty"]
    assert points[["lead", "points", "points_otherwise"]].to_numpy().tolist() == [["a", 0.6, 0.8]]


def test_a_group_no_longer_judged_is_a_finding_that_goes() -> None:
    found = choice(alternatives(marks(("t", "x", [85])), items(("t", "x", "a")), rules()), "smallest")
    assert found[["level", "kept", "judged", "kept_otherwise", "judged_otherwise"]].to_numpy().tolist() == [
        ["low", False, True, False, False]]


@examples(60)
@given(st.lists(st.lists(st.sampled_from([70, 79.99, 80, 85, 90, 95]), max_size=7), min_size=4, max_size=4))
def test_each_choice_differs_as_two_audits_do(drawn: list[list[float]]) -> None:
    names = [("c1", "x", "a"), ("c1", "y", "b"), ("c2", "x", "a"), ("c2", "y", "b")]
    frame, listed = marks(*((c, i, each) for (c, i, _), each in zip(names, drawn, strict=True))), items(*names)
    rule = rules()
    found, ruled = alternatives(frame, listed, rule), audited(frame, listed, rule)

    def broken(audit: SimpleNamespace) -> set[tuple[str, str, str]]:
        return {(category, row["item"], row["rule"]) for _, row in audit.breaches.iterrows() for category in row["categories"]}

    for row, each in zip(found.choices.itertuples(), open_choices(rule), strict=True):
        other = audited(frame, listed, each.rules)
        mine = choice(found, each.kind, each.level)
        mine = mine[mine["otherwise"] == each.otherwise]
        assert {*mine[["category", "item", "level"]].itertuples(index=False, name=None)} == broken(ruled) ^ broken(other)
        assert row.findings == len(mine)
        points = found.points[(found.points["choice"] == each.kind) & (found.points["otherwise"] == each.otherwise)
                              & (found.points["level_changed"] == each.level)].set_index("lead")["points_otherwise"]
        for lead, mine_then in points.items():
            assert mine_then == pytest.approx(other.penalties.loc[other.penalties["lead"] == lead, "points"].sum())


# ── the rule-book's block ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("change", "kind"), [
    ({"smallest": Numeral("0")}, "greater_than_equal"), ({"per": "unit"}, "literal_error"),
    ({"colour": "red"}, "extra_forbidden"),
    ({"levels": [LEVELS[0], LEVELS[0]]}, "quota_twice"), ({"levels": []}, "too_short"), ({"smallest": "1"}, "count_form"),
    ({"next_year": {"lower_from": Numeral("3"), "withdraw_from": Numeral("1"), "clause": ["1.3i"]}}, "next_year_order"),
    ({"quantitative": {"at_least": Numeral("60"), "clause": ["1.3e"]}}, "part_form"), ({"clause": ""}, "tuple_type"),
])
def test_a_block_that_cannot_be_used_is_refused(change: dict[str, Any], kind: str) -> None:
    with pytest.raises(ValidationError) as refused:
        rules(**change)
    assert kind in {error["type"] for error in refused.value.errors()}


def test_numbers_in_the_block_are_exact() -> None:
    rule = rules()
    assert (rule.levels[0].share, rule.penalty and rule.penalty.points, rule.levelling and rule.levelling.near) == (
        Fraction(3, 10), Fraction(1, 5), 1)
    assert rule.levels[1].assumed == ("eighty_is_not_below", "quota_counts")


def test_large_integers_do_not_overflow() -> None:
    """Marks of 13 decimals: their squares have 30 digits."""
    random = np.random.default_rng(1)
    totals = [float(Fraction(int(n), 10**13)) for n in random.integers(6 * 10**14, 9 * 10**14, 200)]
    spread = audited(marks(("t", "x", totals)), items(("t", "x", "a")), rules()).spread
    assert spread["deviation"].item() == pytest.approx(np.std(totals), rel=1e-12)


def test_a_part_that_hardly_differs_beside_totals_that_do() -> None:
    """Counted parts 10⁻¹³ apart need little room, the squares of their totals much."""
    parts = [(50 + Fraction(i % 2, 10**13), Fraction(i, 4)) for i in range(50)]
    totals = [q + j for q, j in parts]
    frame = marks(("t", "x", [float(t) for t in totals])).assign(quantitative=[float(q) for q, _ in parts])
    mean = sum(totals) / 50
    share = sum(q * (t - mean) for (q, _), t in zip(parts, totals, strict=True)) / sum((t - mean) ** 2 for t in totals)
    assert audited(frame, items(("t", "x", "a")), rules()).quantitative["effective"].item() == float(share)
