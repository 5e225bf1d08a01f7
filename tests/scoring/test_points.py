"""Scoring of whole trees: against a slow scorer written apart, by hand, and floats against fractions."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shared
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

import txlib as tx
from txlib.base.fields import Text
from txlib.base.numbers import Numeral, exact, floats, places, rounded_one
from txlib.methods import Bands, Completion, Given, MinMax, RankLadder, RankStep, ShareOfBest
from txlib.rules.category import Category, Node
from txlib.rules.tree import NotApplicable
from txlib.rules.year import Rounding
from txlib.scoring.points import Handed, NodePoints, Scoring, score
from txlib.scoring.result import matrices

pytestmark = pytest.mark.quick

N = Numeral
NAME = Text(zh="名", en="name")
ROUNDING = Rounding.model_validate({"clause": "silent", "assumed": "x", "leaf": "exact", "total": N("2"), "half": "up"})
REDISTRIBUTE = NotApplicable(rule="redistribute")


def leaf(code: str, full: object, rule: Any, parent: str | None = None, ruled: NotApplicable = REDISTRIBUTE) -> Node:
    return Node(code, NAME, Fraction(str(full)), 1, parent, (), (), ruled, (), rule)


def group(code: str, full: object, *children: Node, ruled: NotApplicable = REDISTRIBUTE) -> Node:
    return Node(code, NAME, Fraction(str(full)), 1, None, (), (), ruled, tuple(children))


def category(*roots: Node) -> Category:
    return Category("c", NAME, (), (), tuple(roots), Fraction(100))


def scored(tree: Category, values: list[list[float]], **options: Any) -> NodePoints:
    handed = Handed(np.array(values, dtype=float), np.full(np.shape(values), np.nan))
    total = sum((root.full for root in tree.roots), Fraction(0))
    return score(tree, handed, "min", ROUNDING, total, **options)[0]


def numbers(column: Any) -> list[str]:
    return [str(x) for x in column]


NAN = float("nan")
OF_100 = Given(method="given", out_of=N("100"))  # type: ignore[arg-type]


def test_a_weight_that_does_not_apply_goes_to_its_siblings() -> None:
    """Weights 10 and 30 under 40. Unit two lacks the 10: its 80 of 100 on the other gives 80% of all 40, that is 32."""
    tree = category(group("A", 40, leaf("A1", 10, OF_100), leaf("A2", 30, OF_100)), leaf("B", 60, OF_100))
    points = scored(tree, [[50, 80, 100], [NAN, 80, 100]])
    assert numbers(points.points["A"]) == ["29", "32"]
    assert numbers(points.full["A2"]) == ["30", "40"]
    assert numbers(points.points["A1"]) == ["5", "0"]
    assert numbers(points.total) == ["89", "92"]


def test_a_branch_without_anything_that_applies_leaves_its_weight_to_the_other_branches() -> None:
    """A (40) is empty for unit one: B weighs 100, so 70 of 100 is 70."""
    tree = category(group("A", 40, leaf("A1", 10, OF_100), leaf("A2", 30, OF_100)), leaf("B", 60, OF_100))
    assert numbers(scored(tree, [[NAN, NAN, 70], [100, 100, 70]]).total) == ["70", "82"]


def test_the_peers_mean_stands_for_what_does_not_apply() -> None:
    """Peers have 80 and 60 of 100 on a weight of 10: their mean is 7."""
    tree = category(leaf("A", 10, OF_100, ruled=NotApplicable(rule="peers_mean")), leaf("B", 90, OF_100))
    assert numbers(scored(tree, [[80, 0], [60, 0], [NAN, 0]]).points["A"]) == ["8", "6", "7"]


def test_a_share_of_the_weight_stands_for_what_does_not_apply() -> None:
    """60% of 10 is 6, and the weight of the other stays."""
    ruled = NotApplicable(rule="share_of_weight", share="60%")  # type: ignore[arg-type]
    tree = category(leaf("A", 10, OF_100, ruled=ruled), leaf("B", 90, OF_100))
    points = scored(tree, [[NAN, 50], [100, 50]])
    assert numbers(points.points["A"]) == ["6", "10"]
    assert numbers(points.total) == ["51", "55"]


def test_an_empty_branch_with_a_rule_of_its_own() -> None:
    """The branch's peers have 8 and 6 of 10: the unit without it gets their mean, 7."""
    tree = category(group("A", 10, leaf("A1", 10, OF_100), ruled=NotApplicable(rule="peers_mean")), leaf("B", 90, OF_100))
    assert numbers(scored(tree, [[80, 0], [60, 0], [NAN, 0]]).points["A"]) == ["8", "6", "7"]


def test_points_of_a_leaf_are_rounded_where_ruled() -> None:
    """A third of 10, rounded to one decimal at the leaf: 3.3, and so is the total."""
    tree = category(leaf("A", 10, Given(method="given", out_of=N("3"))))  # type: ignore[arg-type]
    rounding = ROUNDING.model_copy(update={"leaf": 1})
    handed = Handed(np.array([[1.0], [2.0]]), np.full((2, 1), np.nan))
    points, _ = score(tree, handed, "min", rounding, Fraction(10))
    assert numbers(points.total) == ["33/10", "67/10"]


def test_a_total_at_the_line_of_a_tier_is_settled_by_fractions() -> None:
    """In floats 0.7 and 0.1 are less than 0.8; further from a line nothing is scored again."""
    given = Given(method="given")
    tree = category(leaf("A", 60, given), leaf("B", 40, given))
    handed = Handed(np.array([[0.7, 0.1], [1.1, 2.2]]), np.full((2, 2), np.nan))
    rounding = ROUNDING.model_copy(update={"total": "exact"})
    for line, want in (("0.8", [0.8, 1.1 + 2.2]), ("0.9", [0.7 + 0.1, 1.1 + 2.2]), ("3.3", [0.7 + 0.1, 3.3])):
        points, totals = score(tree, handed, "min", rounding, Fraction(100), lines=[Fraction(line)], exact_cells=0)
        assert totals.tolist() == points.total.tolist() == want


def test_units_whose_tie_break_is_open_are_settled_by_fractions() -> None:
    """Equal totals, and at the criterion 0.7 + 0.1 against 0.8: equal too, but for floats."""
    given = Given(method="given")
    head = replace(category(group("A", 60, leaf("A1", 30, given), leaf("A2", 30, given)), leaf("B", 40, given)), tie_break=("A",))
    handed = Handed(np.array([[0.7, 0.1, 1], [0.4, 0.4, 1], [0.3, 0.2, 9]]), np.full((3, 3), np.nan))
    points, _ = score(head, handed, "min", ROUNDING, Fraction(100), exact_cells=0)
    assert points.points["A"].tolist() == [0.8, 0.8, 0.5]


def test_a_leaf_near_a_half_is_rounded_as_its_fraction_is() -> None:
    """A third of 0.3 is 0.1 and is not; 0.15 of 1 goes up at one decimal, which its float does not tell."""
    tree = category(leaf("A", 100, OF_100))
    handed = Handed(np.array([[0.15], [0.25], [0.35], [0.149]]), np.full((4, 1), np.nan))
    for half, want in (("up", [0.2, 0.3, 0.4, 0.1]), ("even", [0.2, 0.2, 0.4, 0.1])):
        rounding = ROUNDING.model_copy(update={"leaf": 1, "half": half})
        points, totals = score(tree, handed, "min", rounding, Fraction(100), exact_cells=0)
        assert points.points["A"].tolist() == totals.tolist() == want and points.doubtful.tolist() == [True] * 3 + [False]


# ── the sample year, against a scorer of its own kind ───────────────────────────────────────────────────────────────


def slowly(node: Node, values: dict[str, Fraction | None], column: Any) -> tuple[Fraction, Fraction]:
    """(points, weight held) of one unit: nominal weights, children by plain recursion; redistribution by dividing through."""
    if not node.children:
        x = values[node.code]
        if x is None and node.not_applicable.rule == "redistribute":
            return Fraction(0), Fraction(0)
        return column(node, x), node.full
    parts = [slowly(child, values, column) for child in node.children]
    held = sum((w for _, w in parts), Fraction(0))
    return (Fraction(0), Fraction(0)) if not held else (sum((p for p, _ in parts), Fraction(0)) * node.full / held, node.full)


@pytest.mark.parametrize(("year", "code"), [("2020", "towns_1"), ("2020", "depts_2"), ("2020", "zones"),
                                            ("2017-jining", "class_1"), ("2017-jining", "class_2")])
def test_totals_are_those_of_a_slow_scorer(year: str, code: str) -> None:
    """Each leaf's points by calling its method on one unit after the other; the tree by recursion a unit.

    Points from tables of their own (surveys, marks, superior places, events) are taken as they are: test_trees proves those.
    """
    book, data = shared.edition(year)
    result = shared.assessed(year, code)
    table = data.observations[data.observations["category"] == code]
    handed = matrices(result.category, result.units["unit"].tolist(), data, result.records)
    got = dict(zip(result.ranking["unit"], result.ranking["total"], strict=True))
    for unit in result.units["unit"]:
        mine = table[table["unit"] == unit].set_index("indicator")
        at = result.units["unit"].tolist().index(unit)
        given = {c: column[at] for c, column in handed.given.items()}
        answered = dict(zip((leaf.code for leaf in result.category.leaves), handed.applies[at], strict=True))
        values = {c: None if pd.isna(v) else exact(v).item() for c, v in mine["value"].items()}
        values |= {c: Fraction(1) if answered.get(c, True) else None for c in given}

        def points(node: Node, x: Fraction | None, mine: pd.DataFrame = mine, given: Any = given) -> Fraction:
            if node.code in given:
                return given[node.code]  # type: ignore[no-any-return]
            peers = table[(table["indicator"] == node.code) & table["value"].notna()]["value"].to_numpy(dtype=float)
            if x is None:
                assert node.not_applicable.rule == "peers_mean"
                everyone = [one(node, v, t, peers, everybody(table, node)) for v, t in zip(*column_of(table, node), strict=True)]
                return sum(everyone, Fraction(0)) / len(everyone)
            return one(node, float(x), mine.loc[node.code, node.rule.beside or "target"], peers, everybody(table, node))

        parts = [slowly(node, values, points) for node in result.category.roots]
        total = sum((p for p, _ in parts), Fraction(0)) * book.rules.total.points / sum((w for _, w in parts), Fraction(0))
        total += sum((given[node.code] for node in result.category.adjustments), Fraction(0))
        assert got[unit] == float(total)
        assert result.ranking.set_index("unit").loc[unit, "score"] == float(rounded_one(total, 2))


def column_of(table: pd.DataFrame, node: Node) -> tuple[list[float], list[float]]:
    rows = table[(table["indicator"] == node.code) & table["value"].notna()]
    return rows["value"].tolist(), rows[node.rule.beside or "target"].tolist()  # type: ignore[arg-type]


def everybody(table: pd.DataFrame, node: Node) -> Any:
    """The column beside the values, of all units that the leaf applies to."""
    return np.array(column_of(table, node)[1], dtype=float)


def one(node: Node, value: float, target: float, peers: Any, beside: Any) -> Fraction:
    """One unit's points, alone among its peers."""
    needed = exact([target]) if node.rule.beside else None  # type: ignore[arg-type]
    found = node.rule.score(exact([value]), needed, full=node.full, ties="min",  # type: ignore[arg-type]
                                when_not_positive=node.when_not_positive, peers=peers, peers_beside=beside)
    return found.points[0]  # type: ignore[no-any-return]


def test_points_of_children_add_up_to_their_parent() -> None:
    result = shared.assessed("2020", "towns_1")
    scores = result.scores.set_index(["unit", "indicator"])
    for unit in result.units["unit"]:
        for node in result.category.nodes:
            if node.children:
                for column in ("points", "full"):
                    parts = sum(scores.loc[(unit, child.code), column] for child in node.children)
                    assert parts == pytest.approx(scores.loc[(unit, node.code), column], abs=1e-12)


def test_the_order_of_rows_and_units_does_not_matter() -> None:
    book, data = shared.edition("2020")
    mixed = {name: getattr(data, name).sample(frac=1, random_state=i)
             for i, name in enumerate(("units", "observations", "surveys", "events", "responsible", "decisions"))}
    shuffled = data.replaced(**mixed)
    both = shared.assessed("2020", "towns_1"), tx.assess(book, shuffled, "towns_1")
    left, right = (result.ranking.sort_values("unit", ignore_index=True) for result in both)
    pd.testing.assert_frame_equal(left, right)


# ── floats against fractions ────────────────────────────────────────────────────────────────────────────────────────


def big_tree() -> Category:
    w = {"out_of": N("100")}
    rules = [
        Given(method="given", **w), RankStep(method="rank_step", step="2% of weight", floor="60% of weight"),
        MinMax(method="min_max", onto=("50% of weight", "100% of weight")), ShareOfBest(method="share_of_best"),
        Given(method="given", **w), RankLadder(method="rank_ladder", points=("100% of weight", "95% of weight"), beyond="last"),
        Bands.model_validate({"method": "bands", "between": "line", "rows": [{"from": N("50"), "points": "0% of weight"},
                                                                           {"from": N("90"), "points": "100% of weight"}]}),
        Completion(method="completion", lose="proportional", floor="0% of weight"),
    ]
    weights = (10, 15, 5, 20, 7, 13, 12, 18)
    nodes = [leaf(f"L{i}", w, r, ruled=NotApplicable(rule="peers_mean") if i == 4 else REDISTRIBUTE)
             for i, (w, r) in enumerate(zip(weights, rules, strict=True))]
    return category(group("A", 50, *nodes[:4]), group("B", 50, *nodes[4:]))


@pytest.mark.parametrize("leaf_decimals", ["exact", 2])
@pytest.mark.parametrize("total_decimals", ["exact", 2])
def test_large_inputs_print_what_fractions_print(leaf_decimals: object, total_decimals: object) -> None:
    """Units with one-decimal values, some not applicable: the float path against the exact one, every score and place."""
    rng = np.random.default_rng(1)
    values = rng.integers(500, 1000, (examples(4000).max_examples, 8)) / 10
    values[rng.random(values.shape) < 0.02] = np.nan
    handed = Handed(values, np.full(values.shape, 75.0))
    rounding = ROUNDING.model_copy(update={"leaf": leaf_decimals, "total": total_decimals})
    tree = big_tree()
    slow, want = score(tree, handed, "min", rounding, Fraction(100), exact_cells=10**9)
    fast, got = score(tree, handed, "min", rounding, Fraction(100), exact_cells=0)
    assert np.array_equal(floats(want), got) if total_decimals == 2 else np.allclose(floats(want), got, rtol=0, atol=1e-9)
    assert np.array_equal(places(want), places(got))
    assert np.allclose(floats(slow.total), fast.total, atol=1e-9)


def test_the_bound_is_needed() -> None:
    """Marks of which many totals are exact halves: plain float rounding goes wrong, the settled totals do not."""
    rng = np.random.default_rng(2)
    values = rng.integers(5000, 10000, (examples(20000).max_examples, 2)) / 100
    tree = category(leaf("A", 85, OF_100), leaf("B", 15, OF_100))
    handed = Handed(values, np.full(values.shape, np.nan))
    _, want = score(tree, handed, "min", ROUNDING, Fraction(100), exact_cells=10**9)
    fast, got = score(tree, handed, "min", ROUNDING, Fraction(100), exact_cells=0)
    assert np.array_equal(floats(want), got)
    assert (np.round(floats(fast.total), 2) != floats(want)).any()


@examples(40)
@given(st.integers(0, 10**6))
def test_a_few_units_scored_among_all_are_scored_as_all(seed: int) -> None:
    """Exact scores of a subset, with statistics from the whole column, are those of the whole."""
    rng = np.random.default_rng(seed)
    values = rng.integers(50, 100, (12, 8)).astype(float)
    values[rng.random(values.shape) < 0.1] = np.nan
    values[:2] = 80
    handed = Handed(values, np.full(values.shape, 75.0))
    tree, rows = big_tree(), np.array([1, 5, 11])
    task = Scoring(tree, handed, "min", ROUNDING, Fraction(100))
    assert list(task.exact.total[rows]) == list(task.points(rows).total)


def test_a_result_gives_exact_points_on_demand_and_once() -> None:
    """Those that it holds, or where these are floats the same scored in fractions."""
    result = shared.assessed("2020", "towns_1")
    assert result.exact is result.points
    task = Scoring(result.category, result.handed, "min", ROUNDING, result.book.rules.total.points)
    large = replace(result, points=task.points(floating=True))
    assert large.points.total.dtype == np.float64
    assert large.exact.total.tolist() == result.points.total.tolist()
    assert {code: column.tolist() for code, column in large.exact.points.items()} == \
        {code: column.tolist() for code, column in result.points.points.items()}
    assert large.exact is large.exact
