"""Draws of data: closed forms, every leaf moved and assessed again from the tables, surveys counted out in full."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shared
from properties import within
from trees import EXACT, NUMBER, marks
from written import CATEGORY, assessed, loaded

import txlib as tx
from txlib.sensitivity.data import data_draws, drawn_leaves, drawn_shares
from txlib.sensitivity.weighed import model

pytestmark = pytest.mark.quick


def drawn(root: Path, case: dict[str, Any], **more: Any) -> tx.Draws:
    return data_draws(*loaded(root, case), CATEGORY, **more)


def test_two_marks_have_a_share_in_closed_form(tmp_path: Path) -> None:
    """80 and 81, each ± 1: the difference of two uniforms is above 1 in (2 - 1)² / 8 of all cases."""
    found = drawn(tmp_path, marks({"a": "80", "b": "81"}, rules=EXACT), marks=0.01, draws=40_000)
    assert within(found.pairwise.loc["a", "b"], 1 / 8, 40_000)
    assert (found.drawn, found.kind, found.spread) == ("data", "marks", 0.01)


def test_marks_stay_within_the_full_mark(tmp_path: Path) -> None:
    """100 and 99.5 ± 5: nobody gets more than 100, so the two are level at 100 in some draws."""
    found = drawn(tmp_path, marks({"a": "100", "b": "99.5"}, rules=EXACT), marks=0.05, draws=40_000)
    level = 1 - found.pairwise.loc["a", "b"] - found.pairwise.loc["b", "a"]
    assert within(level, 0.5 * 0.45, 40_000)


def test_a_leaf_moved_is_the_table_moved() -> None:
    """Every leaf with observations of two categories, methods among peers too: two draws each, against `assess` in fractions of
    a table in which all are moved.
    """
    book, data = shared.edition("2020")
    methods = set()
    for category in ("towns_1", "towns_2"):
        result = shared.assessed("2020", category)
        m, shares, values = model(result), {}, [data.observations["value"].copy() for _ in range(2)]
        for leaf in result.category.observed:
            methods.add(leaf.rule.method)
            (j, again), = drawn_leaves(result, m, 0.0, {leaf.code: 0.25}, surveys=False).items()
            shares[j] = again(np.random.default_rng(5), 2)
            mine = (data.observations["category"] == category) & (data.observations["indicator"] == leaf.code)
            table = data.observations[mine & (data.observations["status"] == "reported")].reset_index().set_index("unit")
            rows = table["index"].reindex([unit for unit in result.units["unit"] if unit in table.index])
            moves = 0.25 * (2 * np.random.default_rng(5).random((2, len(rows))) - 1)
            for value, move in zip(values, moves, strict=True):
                value[rows] += move
                assert leaf.rule.method != "given" or (value[rows] <= 100).all()
        for s, value in enumerate(values):
            theirs = model(tx.assess(book, data.replaced(observations=data.observations.assign(value=value)), category))
            for j, share in shares.items():
                assert share[s] == pytest.approx(theirs.share[:, j], abs=1e-9), m.leaves[j]
    assert len(methods) >= 11


def survey(counts: dict[str, dict[str, str]], dont_know: str = "not_counted") -> dict[str, Any]:
    """One survey leaf: counts of satisfied, basically, dissatisfied, don't know by unit and group."""
    grades = ["satisfied", "basically", "dissatisfied", "dont_know"]
    rows = "".join(f"{unit},S,{group},{grade},{count}\n" for unit, groups in counts.items() for group, line in groups.items()
                   for grade, count in zip(grades, line.split(), strict=True))
    rule = {"method": "survey", "groups": {"residents": "60%", "firms": "40%"}, "absent_group": "redistribute",
            "grades": {"satisfied": "100%", "basically": "75%", "dissatisfied": "0%"}, "dont_know": dont_know}
    return {"indicators": [{"code": "S", "weight": "100", "scored_by": rule}], "units": list(counts), "rules": EXACT,
            "tables": {"survey": "unit,indicator,group,grade,count\n" + rows}}


def outcomes(line: str, dont_know: Fraction | None) -> dict[tuple[Fraction, bool], float]:
    """Every mean grade that as many answers can give, None counted where nobody has an opinion, with its chance."""
    counts = [int(x) for x in line.split()]
    n, found = sum(counts), {}
    values = [Fraction(1), Fraction(3, 4), Fraction(0), dont_know]
    for each in product(range(n + 1), repeat=4):
        if sum(each) != n:
            continue
        chance, left = 1.0, n
        for k, count in zip(each, counts, strict=True):
            chance *= comb(left, k) * (count / n) ** k
            left -= k
        kept = [(k, v) for k, v in zip(each, values, strict=True) if v is not None]
        valid = sum(k for k, _ in kept)
        mean = sum((k * v for k, v in kept), Fraction(0)) / valid if valid else Fraction(0)
        found[mean, valid > 0] = found.get((mean, valid > 0), 0.0) + chance
    return found


@pytest.mark.parametrize("dont_know", ["not_counted", "50%"])
def test_surveys_are_drawn_as_counted_out_in_full(dont_know: str, tmp_path: Path) -> None:
    """Small groups, all outcomes with their chances; the share of draws with a above b is their sum."""
    told = {"a": {"residents": "3 1 1 1", "firms": "1 1 0 1"}, "b": {"residents": "2 2 1 0", "firms": "2 0 1 0"}}
    counted = None if dont_know == "not_counted" else Fraction(1, 2)
    totals = {}
    for unit, groups in told.items():
        table: dict[Fraction, float] = {}
        for ((x, is_x), p), ((y, is_y), q) in product(outcomes(groups["residents"], counted).items(),
                                                      outcomes(groups["firms"], counted).items()):
            held = Fraction(6, 10) * is_x + Fraction(4, 10) * is_y
            assert held > 0 or p * q < 0.01
            total = (Fraction(6, 10) * is_x * x + Fraction(4, 10) * is_y * y) / held if held else Fraction(-1)
            table[total] = table.get(total, 0.0) + p * q
        totals[unit] = table
    above = sum(p * q for (x, p), (y, q) in product(totals["a"].items(), totals["b"].items()) if x > y)
    found = drawn(tmp_path, survey(told, dont_know), marks=0.01, draws=20_000)
    assert found.kind == "surveys"
    assert abs(found.pairwise.loc["a", "b"] - above) < 4 * np.sqrt(above * (1 - above) / 20_000) + 0.002


def test_more_answers_leave_less_open(tmp_path: Path) -> None:
    few = {"a": {"residents": "6 3 1 0", "firms": "6 3 1 0"}, "b": {"residents": "5 4 1 0", "firms": "5 4 1 0"}}
    many = {unit: {g: " ".join(str(40 * int(x)) for x in line.split()) for g, line in groups.items()}
            for unit, groups in few.items()}
    kept = [drawn(tmp_path / str(i), survey(told), draws=4000).acceptability.loc["a", 1] for i, told in enumerate((few, many))]
    assert kept[0] < 0.8 and kept[1] > 0.95


def test_a_survey_in_which_all_were_asked_is_not_drawn_again(tmp_path: Path) -> None:
    case = survey({"a": {"residents": "6 3 1 0", "firms": "6 3 1 0"}, "b": {"residents": "5 4 1 0", "firms": "5 4 1 0"}})
    for asked, kept, kind in (("some", False, "surveys"), ("all", True, "")):
        case["indicators"][0]["scored_by"]["asked"] = asked
        found = drawn(tmp_path / asked, case, draws=1000)
        assert (found.acceptability.loc["a", 1] == 1) == kept and found.kind == kind


@pytest.mark.parametrize(("year", "category"), [("2020", "towns_2"), ("2020", "depts_3")])
def test_ballots_of_every_town_are_a_full_count(year: str, category: str) -> None:
    """Where a rule-book says that all were asked, the sample has one ballot of each town, for every unit."""
    book, data = shared.edition(year)
    towns = int(data.units["category"].str.startswith("towns").sum())
    leaves = [leaf.code for leaf in book.categories[category].leaves if getattr(leaf.rule, "asked", "") == "all"]
    assert bool(leaves) == category.startswith("depts")
    rows = data.surveys[(data.surveys["category"] == category) & data.surveys["indicator"].isin(leaves)]
    assert (rows.groupby(["unit", "indicator"])["count"].sum() == towns).all()
    m = model(result := shared.assessed(year, category))
    drawn_now = {m.leaves[j] for j in drawn_leaves(result, m, 0.0, {}, surveys=True)}
    assert not drawn_now & set(leaves) and drawn_now


def test_findings_are_not_drawn(tmp_path: Path) -> None:
    """What documents say is no sample, and no mark."""
    case = {"indicators": [{"code": "A", "weight": "100", "scored_by": {"method": "findings", "floor": "0", "prices": {
        "plan": {"costs": "10"}, "praise": {"gains": "5"}}}}], "units": ["u", "v"],
        "tables": {"findings": "unit,indicator,kind,document\nu,A,plan,x\nv,A,plan,x\nv,A,praise,y"}}
    result = assessed(tmp_path, case)
    assert drawn_leaves(result, model(result), 0.5, {}, surveys=True) == {}
    found = data_draws(*loaded(tmp_path, case), CATEGORY, marks=0.5, draws=20)
    assert [found.acceptability.loc[unit, place] for unit, place in (("v", 1), ("u", 2))] == [1, 1]


def test_peers_mean_follows_its_peers(tmp_path: Path) -> None:
    """b is not marked on L1 and takes its peers' mean there, which moves with them: exact in every draw."""
    case = marks({"a": "80 70", "b": "80 —", "c": "60 90"}, rules=EXACT)
    case["indicators"][0]["children"][1]["not_applicable"] = {"rule": "peers_mean"}
    result = assessed(tmp_path, case)
    m = model(result)
    share = drawn_leaves(result, m, 0.03, {}, surveys=False)[1](np.random.default_rng(1), 50)
    assert share[:, 1] == pytest.approx((share[:, 0] + share[:, 2]) / 2) and np.ptp(share[:, 1]) > 0.01


def test_roll_ups_that_are_no_sums_are_drawn_too(tmp_path: Path) -> None:
    """A harmonic mean of two marks of which one moves: a is above b where 2 / (1/x + 1/80) is, so where x is above 80."""
    case = marks({"a": "80.5 80", "b": "80 80"}, rules=EXACT)
    case["indicators"][0]["roll_up"] = "harmonic"
    found = drawn(tmp_path, case, errors={"L0": 1.0}, draws=20_000)
    assert within(found.pairwise.loc["a", "b"], 1 - 1.5**2 / 8, 20_000)


@pytest.mark.parametrize(("year", "category"), [("2020", "towns_2"), ("2020", "depts_3")])
def test_no_error_gives_the_ranking_in_every_draw(year: str, category: str) -> None:
    found = data_draws(*shared.edition(year), category, marks=0, surveys=False, draws=10)
    assert (found.intervals["kept"] == 1).all() and found.kind == ""


def test_marks_are_as_far_off_as_the_rule_book_assumes(tmp_path: Path) -> None:
    """±2% of 50 marks is one mark: 40 and 41 as in closed form; without the rule marks stay, unless told."""
    case = marks({"a": "40", "b": "41"}, rules={**EXACT, "data_error": {"marks": "2%"}})
    case["indicators"][0]["children"][0]["scored_by"] = {"method": "given", "out_of": "50"}
    found = drawn(tmp_path / "ruled", case, draws=40_000)
    assert (found.kind, found.spread) == ("marks", 0.02) and within(found.pairwise.loc["a", "b"], 1 / 8, 40_000)
    silent = drawn(tmp_path / "silent", {**case, "rules": EXACT}, draws=100)
    assert (silent.kind, silent.spread) == ("", 0.0) and silent.pairwise.loc["b", "a"] == 1
    told = drawn(tmp_path / "told", {**case, "rules": EXACT}, marks=0.02, draws=40_000)
    assert told.acceptability.equals(found.acceptability)


def test_threads_change_nothing() -> None:
    one, two = (data_draws(*shared.edition("2020"), "towns_2", draws=9000, threads=threads) for threads in (1, 2))
    assert one.acceptability.equals(two.acceptability) and one.pairwise.equals(two.pairwise)


@pytest.mark.parametrize("more", [{"errors": {"A": 10.0}, "marks": 0}, {"marks": 0.1}])
def test_one_error_of_a_number_moves_all_its_scorings(more: dict[str, Any], tmp_path: Path) -> None:
    """What one scoring gains by an error the other loses: x/2 and 50 − x/2 are 50 in every draw, so nobody is ever ahead; of
    errors of their own, somebody always would be. A mark moved by 10% of its full 100 is one moved by 10.
    """
    found = drawn(tmp_path, NUMBER, draws=500, **more)
    assert (found.pairwise.to_numpy() == 0).all() and found.kind == ("values" if "errors" in more else "marks")
    result = assessed(tmp_path, NUMBER)
    redraw = drawn_leaves(result, model(result), more.get("marks", 0), more.get("errors", {}), surveys=False)
    shares = drawn_shares(result.category, redraw, np.random.default_rng(3), 200)
    assert shares[0] + shares[1] == pytest.approx(1.0) and shares[0].min() == pytest.approx(0.4, abs=0.005)


def test_a_scoring_has_no_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"A\.1: no indicator with observations; these are: A$"):
        drawn(tmp_path, NUMBER, errors={"A.1": 1.0})


@pytest.mark.parametrize(("more", "cause"), [
    ({"marks": -1.0}, "marks: the error must be at least 0"), ({"errors": {"L0": float("nan")}}, "L0: the error"),
    ({"errors": {"X": 1.0}}, "X: no indicator with observations; these are: L0, L1"), ({"draws": 0}, "draws must be at least 1"),
    ({"marks": 1.01}, "marks: the error is a part of full marks, 0.01 for 1%"), ({"threads": 0}, "threads must be at least 1"),
    ({"draws": 10.0}, "draws must be a whole number, not 10"), ({"threads": 1.5}, "threads must be a whole number"),
])
def test_errors_that_cannot_be_are_refused(more: dict[str, Any], cause: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=cause):
        drawn(tmp_path, marks({"a": "80 70", "b": "81 70"}), **more)


@pytest.mark.parametrize("entry", [tx.assess, tx.data_draws, tx.alternatives, tx.sobol_indices])
def test_a_category_that_there_is_not_is_named_with_those_there_are(entry: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"no category x: {CATEGORY}"):
        entry(*loaded(tmp_path, marks({"a": "80 70", "b": "81 70"})), "x")
