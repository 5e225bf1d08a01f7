"""The kernel of a tree: weights handed down it and points rolled up it, by numbers worked by hand, in both arithmetics."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from txlib.base.fields import Text
from txlib.base.numbers import exact
from txlib.methods import Given
from txlib.rules.category import Category, Node
from txlib.rules.tree import NotApplicable
from txlib.scoring.kernel import Tree, geometric_mean, of_children, ruled, shared_out
from txlib.scoring.points import _near_another, _scaled

pytestmark = pytest.mark.quick

NAME = Text(zh="名", en="name")
GIVEN = Given(method="given")
REDISTRIBUTE, PEERS = NotApplicable(rule="redistribute"), NotApplicable(rule="peers_mean")
QUARTER = NotApplicable(rule="share_of_weight", share="25%")  # type: ignore[arg-type]
ARITHMETICS = [pytest.param(exact, id="fractions"), pytest.param(np.array, id="floats")]


def leaf(code: str, full: int, rule: NotApplicable = REDISTRIBUTE, parent: str | None = None) -> Node:
    return Node(code, NAME, Fraction(full), 1, parent, (), (), rule, rule=GIVEN)


def branch(code: str, *children: Node, rule: NotApplicable = REDISTRIBUTE, **more: Any) -> Node:
    full = sum((child.full for child in children), Fraction(0))
    return Node(code, NAME, full, 1, None, (), (), rule, tuple(replace(child, parent=code) for child in children), **more)


def tree(*roots: Node, applies: list[list[int]], points: int = 100) -> Tree:
    return Tree.of(Category("c", NAME, (), (), roots, Fraction(points)), Fraction(points), np.array(applies, dtype=bool))


def told(columns: dict[str, Any]) -> dict[str, list[float]]:
    """By code, the numbers of all units; one for all stands once."""
    return {code: [float(x) for x in np.atleast_1d(column)] for code, column in columns.items() if code}


# ── weights handed down ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("array", ARITHMETICS)
def test_a_weight_that_is_not_held_goes_to_the_others_in_proportion(array: Any) -> None:
    held = [np.array(each, dtype=bool) for each in ([1, 1, 0], [1, 0, 0], [1, 1, 0])]
    shared = shared_out([array([1.0])[0], array([2.0])[0], array([3.0])[0]], held, array([12.0])[0])
    assert [[float(x) for x in each] for each in shared] == [[2, 3, 0], [4, 0, 0], [6, 9, 0]]


@pytest.mark.parametrize("array", ARITHMETICS)
def test_weights_may_be_less_than_a_point(array: Any) -> None:
    """Shared out, and of a mean: 1/4 and 1/2 under 3/4, of which half is attained, or nothing is held but a part of a point."""
    held = [np.array(each, dtype=bool) for each in ([1, 0], [1, 1])]
    shared = shared_out([array([0.25])[0], array([0.5])[0]], held, array([0.75])[0])
    assert [[float(x) for x in each] for each in shared] == [[0.25, 0], [0.5, 0.75]]
    full = {"A1": array([0.25, 0]), "A2": array([0.5, 0.5])}
    for roll_up in ("minimum", "harmonic", "geometric"):
        node = branch("A", leaf("A1", 1), leaf("A2", 2), roll_up=roll_up, decimals=6)
        found = of_children(node, {"A1": array([0.125, 0]), "A2": array([0.25, 0.125])}, full, array([0.0, 0]))
        assert [float(x) for x in found] == pytest.approx([0.375, 0.125]), roll_up


def test_where_all_is_held_weights_stay_one_number_for_all() -> None:
    assert shared_out([Fraction(1), Fraction(2)], [], Fraction(12)) == [4, 8]
    assert shared_out([Fraction(1), Fraction(2)], [np.ones(3, dtype=bool)] * 2, Fraction(12)) == [4, 8]


@pytest.mark.parametrize("array", ARITHMETICS)
def test_a_branch_holds_its_weight_where_a_leaf_applies_or_a_rule_gives_points_for_nothing(array: Any) -> None:
    """Unit by unit: all applies; A's leaves do not; only B2 does not, which keeps its weight."""
    found = tree(branch("A", leaf("A1", 10), leaf("A2", 30)), branch("B", leaf("B1", 20), leaf("B2", 40, PEERS)),
                 applies=[[1, 1, 1, 1], [0, 0, 1, 1], [1, 0, 1, 0]])
    weights = {node.code: node.full for node in found.top.walk()}
    full = told(found.handed_down(Fraction(100), weights, array([0.0] * 3)))
    assert full == {"A": [40, 0, 40], "B": [60, 100, 60], "A1": [10, 0, 40], "A2": [30, 0, 0],
                    "B1": pytest.approx([20, 100 / 3, 20]), "B2": pytest.approx([40, 200 / 3, 40])}


def test_fractions_that_are_the_same_for_all_stay_one_also_among_floats() -> None:
    found = tree(branch("A", leaf("A1", 10), leaf("A2", 30)), leaf("B", 60), applies=[[1, 1, 1], [0, 1, 1]])
    full = found.handed_down(Fraction(100), {node.code: node.full for node in found.top.walk()}, np.zeros(2))
    assert (full["A"], full["B"]) == (40, 60) and isinstance(full["A"], Fraction) and full["A1"].dtype == np.float64


def test_a_node_that_is_dropped_is_weighed_for_nobody() -> None:
    found = replace(tree(leaf("A", 40, QUARTER), leaf("B", 60, PEERS), applies=[[1, 1], [0, 0]]), dropped="A")
    assert told(found.held) == {"A": [0, 0], "B": [1, 1]}  # type: ignore[arg-type]
    assert told(found.handed_down(Fraction(100), {"A": Fraction(40), "B": Fraction(60)}, exact([0.0, 0.0]))) \
        == {"A": [0, 0], "B": [100, 100]}


# ── points rolled up ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("array", ARITHMETICS)
@pytest.mark.parametrize(("roll_up", "points"), [
    ("weighted_sum", [30, 20, 16, -2]), ("weighted_mean", [30, 20, 16, -2]), ("minimum", [20, 0, 16, 0]),
    ("harmonic", [1600 / (20 + 36), 0, 16, 0]), ("geometric", [40 * 0.5**0.25 * (5 / 6)**0.75, 0, 16, 0]),
])
def test_a_branch_makes_its_points_of_the_shares_that_its_children_attain(array: Any, roll_up: str, points: list[float]) -> None:
    """Full 10 and 30: 5 and 25; 0 and 20; 16 of 20 where A1 is not held; 3 and less than nothing."""
    node = branch("A", leaf("A1", 10), leaf("A2", 30), roll_up=roll_up, decimals=9)
    full = {"A1": array([10.0, 10, 0, 10]), "A2": array([30.0, 30, 20, 30])}
    found = of_children(node, {"A1": array([5.0, 0, 0, 3]), "A2": array([25.0, 20, 16, -5])}, full, array([0.0] * 4))
    assert [float(x) for x in found] == pytest.approx(points, abs=1e-9)
    assert found.dtype == array([0.0]).dtype


@pytest.mark.parametrize("roll_up", ["harmonic", "geometric", "minimum"])
@pytest.mark.parametrize("array", ARITHMETICS)
def test_where_nothing_is_held_there_are_no_points(array: Any, roll_up: str) -> None:
    node = branch("A", leaf("A1", 10), leaf("A2", 30), roll_up=roll_up, decimals=2)
    none = {"A1": array([0.0]), "A2": array([0.0])}
    assert list(of_children(node, none, none, array([0.0]))) == [0]


def test_full_points_may_be_one_number_for_all_units() -> None:
    node = branch("A", leaf("A1", 10), leaf("A2", 30), roll_up="minimum")
    found = of_children(node, {"A1": exact([5.0, 10]), "A2": exact([30.0, 15])}, {"A1": Fraction(10), "A2": Fraction(30)},
                        exact([0.0, 0.0]))
    assert list(found) == [20, 20]


def test_a_geometric_mean_of_fractions_is_rounded_half_up_and_of_floats_not() -> None:
    shares, weights = [[0.25, 0.5], [1.0, 0.5]], [[1.0, 3], [1, 1]]
    assert list(geometric_mean(exact(shares), exact(weights), exact([1.0, 5]), 1)) == [Fraction(1, 2), Fraction(5, 2)]
    assert list(geometric_mean(exact(shares), exact(weights), exact([1.0, 5]), 0)) == [1, 3]
    assert geometric_mean(np.array(shares), np.array(weights), np.array([1.0, 5]), 0).tolist() == pytest.approx([0.5, 2.5])


@pytest.mark.parametrize("array", ARITHMETICS)
@pytest.mark.parametrize(("rule", "counts", "points"), [
    (REDISTRIBUTE, [1, 0, 1], [4, 0, 9]), (NotApplicable(rule="not_allowed"), [1, 0, 1], [4, 0, 9]), (QUARTER, [1, 1, 1],
    [4, 0, 9]),
    (QUARTER, [1, 0, 1], [4, 5, 9]), (QUARTER, [0, 0, 0], [2.5, 5, 2.5]), (PEERS, [1, 0, 1], [4, 13, 9]),
    (PEERS, [0, 0, 0], [4, 0, 9]), (PEERS, [1, 1, 1], [4, 0, 9]), (PEERS, [1, 0, 0], [4, 8, 4]),
])
def test_where_nothing_in_a_branch_applies_its_rule_gives_points(array: Any, rule: NotApplicable, counts: list[int],
                                                                 points: list[float]) -> None:
    """Full 10, 20 and 10: a part of that, or the mean of the shares that its peers attain; nobody is a peer where all lack it."""
    before = array([4.0, 0, 9])
    found = ruled(branch("A", leaf("A1", 10), rule=rule), before, np.array(counts, dtype=bool), array([10.0, 20, 10]))
    assert [float(x) for x in found] == pytest.approx(points) and list(before) == [4, 0, 9]


def test_a_peer_without_weight_attains_nothing() -> None:
    counts = np.array([True, True, False])
    found = ruled(branch("A", leaf("A1", 10), rule=PEERS), exact([5.0, 0, 0]), counts, exact([10.0, 0, 10]))
    assert list(found) == [5, 0, Fraction(5, 2)]


@pytest.mark.parametrize("array", ARITHMETICS)
def test_points_are_rolled_up_by_each_branchs_rule_or_by_one_for_all(array: Any) -> None:
    found = tree(branch("A", leaf("A1", 10), leaf("A2", 30), roll_up="minimum"), branch("B", leaf("B1", 60), rule=QUARTER),
                 applies=[[1, 1, 1], [1, 1, 0]])
    leaves = {"A1": array([10.0, 5]), "A2": array([15.0, 30]), "B1": array([45.0, 0])}
    zero = array([0.0, 0.0])
    full = found.handed_down(Fraction(100), {node.code: node.full for node in found.top.walk()}, zero)
    nodes = found.rolled_up(leaves, full, zero, lambda node, points: points)
    assert [float(x) for x in nodes[""]] == [65, 35] and told(nodes) | {"A": [20, 20], "B": [45, 15]} == told(nodes)
    summed = found.rolled_up(leaves, full, zero, lambda node, points: points, roll_up="weighted_sum")
    assert [float(x) for x in summed[""]] == [70, 50]


def test_a_geometric_mean_of_floats_is_rounded_as_whoever_asks_rounds_it() -> None:
    found = tree(branch("A", leaf("A1", 50), leaf("A2", 50), roll_up="geometric", decimals=0), applies=[[1, 1]])
    full = {"": Fraction(100), "A": Fraction(100), "A1": Fraction(50), "A2": Fraction(50)}
    points = {"A1": np.array([25.0]), "A2": np.array([12.0])}
    asked = []

    def rounding(node: Node, points: Any) -> Any:
        asked.append(node.code)
        return np.round(points)

    nodes = found.rolled_up(points, full, np.zeros(1), rounding)
    assert (nodes[""].tolist(), asked) == ([35], ["A"])
    assert found.rolled_up(points, full, np.zeros(1), rounding, roll_up="minimum")[""].tolist() == [24] and asked == ["A"]


# ── beside the kernel ───────────────────────────────────────────────────────────────────────────────────────────────


def test_points_are_put_to_the_weight_that_a_unit_has() -> None:
    points = exact([4.0, 6.0])
    assert _scaled(points, Fraction(10), Fraction(10)) is points
    assert list(_scaled(points, Fraction(5), Fraction(10))) == [2, 3]
    assert list(_scaled(points, exact([20.0, 0.0]), Fraction(10))) == [8, 0]
    assert _scaled(np.array([4.0, 6]), np.array([20.0, 0]), Fraction(10)).tolist() == [8, 0]


@pytest.mark.parametrize(("x", "among", "near"), [
    ([5.0, 1.0, 5.0 + 1e-9, 3.0], None, [1, 0, 1, 0]), ([5.0, 5.0 + 9e-9], None, [1, 1]), ([5.0, 5.0 + 1.1e-8], None, [0, 0]),
    ([0.5, 0.5 + 1.9e-9], None, [1, 1]), ([0.5, 0.5 + 2.2e-9], None, [0, 0]), ([1.0], None, [0]),
    ([5.0, 5.0, 5.0], [1.0, 2.0, 1.0], [1, 0, 1]), ([5.0, 5.0], [1.0, 2.0], [0, 0]), ([5.0, 6.0], [1.0, 1.0], [0, 0]),
])
def test_numbers_near_another_are_open(x: list[float], among: list[float] | None, near: list[int]) -> None:
    """Within the error bound of both, and only among those that are equal otherwise."""
    assert _near_another(np.array(x), None if among is None else np.array(among)).tolist() == [bool(each) for each in near]
