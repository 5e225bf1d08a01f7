"""How firmly a ranking stands: intervals of weights and smallest swaps, held against assessments and searches from outside."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import golden
import numpy as np
import pytest
import trees
import written
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from properties import examples
from scipy.optimize import linprog
from shared import ROOT, assessed
from weighed import FLAT, TREE, any_marks, book, branch, leaf, marked, tiers

import txlib as tx
from txlib.base.numbers import floats
from txlib.rules.category import Category, Node
from txlib.sensitivity.curves import roots
from txlib.sensitivity.one_weight import INTERVALS, KINDS
from txlib.sensitivity.ratios import Between
from txlib.sensitivity.shares import exact_shares
from txlib.sensitivity.swaps import SWAPS, fewest_points, least_change
from txlib.sensitivity.weighed import model, totals
from txlib.sensitivity.what_if import reweighted

pytestmark = pytest.mark.quick

UNITS = 5
SHAPES: list[dict[str, Any]] = [
    {"tree": TREE, "decimals": "1", "ties": "min", "levels": "takes", "tied": "in"},
    {"tree": TREE, "decimals": "exact", "ties": "min", "tie_break": ("A", "B1"), "levels": "takes", "tied": "in"},
    {"tree": TREE, "decimals": "0", "ties": "average", "tie_break": ("B1", "A1"), "levels": "takes", "tied": "out"},
    {"tree": TREE, "decimals": "1", "ties": "dense", "tie_break": ("A",), "levels": "reach", "tied": "in"},
    {"tree": TREE, "decimals": "exact", "ties": "min", "levels": "reach", "tied": "out"},
    {"tree": FLAT, "decimals": "0", "ties": "min", "tie_break": ("B",), "levels": "reach", "tied": "in"},
    {"tree": FLAT, "decimals": "2", "ties": "min", "levels": "takes", "tied": "in"},
]
Loaded = tuple[tx.RuleBook, tx.Data]


class Books(list[Loaded]):
    """Rule-books that a failing example does not write out."""

    def __repr__(self) -> str:
        return "books"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Books:
    """The rule-books of the shapes."""
    return Books(book(tmp_path_factory.mktemp("shape"), shape["tree"], UNITS, tie_break=shape.get("tie_break", ()),
                 rounding={"leaf": "exact", "total": shape["decimals"], "half": "up"}, ties={"method": shape["ties"]},
                 honour=True, **tiers(shape["levels"], shape["tied"])) for shape in SHAPES)


def plain(root: Path, indicators: list[dict[str, Any]], marks: list[list[float | None]], **rules: Any) -> tx.Result:
    """A result of these marks by the plainest rules."""
    rules_book, data = book(root, indicators, len(marks), **rules)
    return tx.assess(rules_book, marked(data, marks), "c")


def printed(result: tx.Result) -> dict[str, tuple[Any, ...]]:
    """What is printed of a ranking: places, tiers, who stands first."""
    table = result.ranking.set_index("unit").sort_index()
    return {"place": tuple(table["rank"]), "tier": tuple(table["tier_code"]),
            "first": tuple(table.index[table["rank"] == table["rank"].min()])}


# ── weight_intervals ────────────────────────────────────────────────────────────────────────────────────────────────


@examples(75, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), shape=st.integers(0, len(SHAPES) - 1), step=st.sampled_from([1, 5, 10]),
       missing=st.sampled_from([0.0, 0.15, 0.4]), alike=st.booleans(), veto=st.booleans())
def test_inside_an_interval_all_is_as_printed_and_just_outside_it_is_not(
        loaded: Books, seed: int, shape: int, step: int, missing: float, alike: bool, veto: bool) -> None:
    """The category is assessed again, exactly, at weights on both sides of each end and anywhere in between."""
    rules, data = loaded[shape]
    head, rng = rules.categories["c"], random.Random(seed)
    filled = marked(data, any_marks(rng, UNITS, len(head.leaves), missing, step, alike=alike), ("b",) if veto else ())
    result = tx.assess(rules, filled, "c")
    now, rows = printed(result), tx.weight_intervals(result)
    assert not rows["note"].any()
    for row in rows.sample(1, random_state=seed).to_dict("records"):
        hair, between = 1e-9 * row["most"], rng.random()

        @cache
        def at(weight: float, code: str = row["indicator"]) -> dict[str, tuple[Any, ...]]:
            return printed(tx.assess(rules, filled, reweighted(head, {code: Fraction(weight)})))

        for kind in KINDS:
            low, high = row[f"{kind}_from"], row[f"{kind}_to"]
            assert low <= row["weight"] <= high
            for weight in (low + hair, high - hair, low + (high - low) * between):
                if low < weight < high:
                    assert at(weight)[kind] == now[kind], (row["indicator"], kind, weight)
            for weight, side in ((low - hair, "below"), (high + hair, "above")):
                units = [unit for unit in row[f"{kind}_{side}"].split(", ") if unit]
                assert bool(units) == (0 < weight < row["most"])
                if units:
                    assert at(weight)[kind] != now[kind], (row["indicator"], kind, weight)
                    if kind != "first":
                        order = sorted(result.ranking["unit"])
                        moved = {u for u, a, b in zip(order, at(weight)[kind], now[kind], strict=True) if a != b}
                        assert set(units) == moved


def test_an_interval_worked_by_hand(tmp_path: Path) -> None:
    """Marks 100, 60 and 70, 90 with weights 80, 20: 92.00 against 74.00. At weight w of the first 60 + 0.4w meets 90 - 0.2w
    at w = 50; printed they are level from where the first falls below 80.005, w = 50.0125, the second being at 79.9975.
    """
    result = plain(tmp_path, [leaf("X", "80"), leaf("Y", "20")], [[100, 60], [70, 90]])
    first = tx.weight_intervals(result).set_index("indicator").loc["X"]
    assert first["place_to"] == first["first_to"] == first["most"] == 100
    assert first["place_from"] == pytest.approx(50.0125, abs=1e-9)
    assert first["place_below"] == "b" and first["first_below"] == "b"
    assert np.isnan(first["tier_from"])


@pytest.mark.parametrize(("decimals", "low"), [("exact", 50.0), ("0", 51.25)])
def test_rounding_decides_where_a_place_changes(tmp_path: Path, decimals: str, low: float) -> None:
    """Whole points: 60 + 0.4w and 90 - 0.2w round to 81 and 80 down to w = 51.25, where the first falls below 80.5."""
    result = plain(tmp_path, [leaf("X", "80"), leaf("Y", "20")], [[100, 60], [70, 90]],
                   rounding={"leaf": "exact", "total": decimals, "half": "up"})
    assert tx.weight_intervals(result).set_index("indicator").loc["X", "place_from"] == pytest.approx(low, abs=1e-9)


def test_a_total_that_stays_on_a_rounding_half_is_rounded_as_the_exact_one(tmp_path: Path) -> None:
    """The second is 64.085 whatever the weight, 64.09 printed (64.08 by floats); 70 - 0.1w prints the same below 64.095."""
    assert np.floor(64.085 * 100 + 0.5) == 6408
    result = plain(tmp_path, [leaf("X", "50"), leaf("Y", "50")], [[60, 70], [None, 64.085]])
    assert tx.weight_intervals(result).set_index("indicator").loc["X", "place_to"] == pytest.approx(59.05, abs=1e-9)


def test_a_tie_break_moves_with_the_weights_too(tmp_path: Path) -> None:
    """Both print 81 up to w = 52.27; Y decides: 0.6(100 - w) against 80.8 times the same over 60 + 0.4w, level at w = 52."""
    loaded_book, data = book(tmp_path, [leaf("X", "50"), leaf("Y", "30"), leaf("Z", "20")], 2, tie_break=("Y",),
                             rounding={"leaf": "exact", "total": "0", "half": "up"})
    result = tx.assess(loaded_book, marked(data, [[70, 100, 80], [80.8, 80.8, None]]), "c")
    assert result.ranking[["unit", "score", "rank"]].to_numpy().tolist() == [["b", 81, 1], ["a", 81, 2]]
    row = tx.weight_intervals(result).set_index("indicator").loc["X"]
    assert row["place_to"] == row["first_to"] == pytest.approx(52, abs=1e-9)
    assert set(row["place_above"].split(", ")) == {"a", "b"}


def test_an_honour_counts_beside_the_weights(tmp_path: Path) -> None:
    """The first unit has a point more: it keeps the first place down to where 61 + 0.4w meets 90 - 0.2w, w = 145/3."""
    loaded_book, data = book(tmp_path, [leaf("X", "80"), leaf("Y", "20")], 2,
                             rounding={"leaf": "exact", "total": "exact", "half": "up"}, honour=True)
    rows = tx.weight_intervals(tx.assess(loaded_book, marked(data, [[100, 60], [70, 90]]), "c")).set_index("indicator")
    assert rows.loc["X", "place_from"] == pytest.approx(145 / 3, abs=1e-9)


def test_roots_keep_their_digits_where_one_is_far_off() -> None:
    near, far = np.sort(roots(np.array([1e-12]), np.array([1.0]), np.array([-1.0]))[:, 0])[::-1]
    assert near == pytest.approx(1.0, rel=1e-11) and far == pytest.approx(-1e12, rel=1e-9)
    assert np.isnan(roots(np.array([1.0]), np.array([0.0]), np.array([1.0]))).all()


def test_what_is_no_ratio_is_not_told_and_says_why(tmp_path: Path) -> None:
    tree = [branch("H", "60", leaf("H1", "30"), leaf("H2", "30"), roll_up="harmonic"), leaf("X", "40")]
    rows = tx.weight_intervals(plain(tmp_path / "h", tree, [[90, 80, 70], [80, 80, 80]])).set_index("indicator")
    assert rows["note"].to_dict() == {"H": "", "H1": "roll_up", "H2": "roll_up", "X": ""}
    assert rows.loc[["H1", "H2"], "place_from"].isna().all() and rows.loc[["H", "X"], "place_from"].notna().all()
    tree = [branch("P", "60", leaf("P1", "30"), leaf("P2", "30"), not_applicable={"rule": "peers_mean"}), leaf("X", "40")]
    result = plain(tmp_path / "p", tree, [[90, 80, 70], [None, None, 80], [70, 75, 95]])
    assert tx.weight_intervals(result).set_index("indicator")["note"].to_dict() == {
        "P": "", "P1": "peers_mean", "P2": "peers_mean", "X": ""}
    assert "peers_mean" in set(tx.smallest_swaps(result)["reason"])
    flat = trees.marks({"a": "90 80 70", "b": "80 81 80"})
    result = written.assessed(tmp_path / "t", {**flat, "indicators": flat["indicators"][0]["children"], "roll_up": "minimum"})
    assert set(tx.weight_intervals(result)["note"]) == {"roll_up"} and tx.one_at_a_time(result).empty
    assert set(tx.smallest_swaps(result)["reason"]) == {"roll_up"}


@pytest.mark.parametrize("shape", [0, 3, 6])
def test_points_at_another_weight_are_those_of_the_category_scored_again(loaded: Books, shape: int) -> None:
    """Exactly, for every node and criterion, units among them to which siblings do not apply."""
    rules, data = loaded[shape]
    head = rules.categories["c"]
    filled = marked(data, any_marks(random.Random(shape), UNITS, len(head.leaves), 0.4))
    of = exact_shares(tx.assess(rules, filled, "c"))
    for node in of.nodes:
        weight = node.full * Fraction(2, 3)
        again = exact_shares(tx.assess(rules, filled, reweighted(head, {node.code: weight})))
        order = [again.units.index(unit) for unit in of.units]
        full, criteria = of.at_weight(node, weight)
        assert full.tolist() == again.full[node.code][order].tolist()
        assert criteria.tolist() == again.criteria[:, order].tolist()


@pytest.mark.parametrize(("year", "category"), [("2020", "towns_2"), ("2020", "depts_3"), ("2017-jining", "class_1")])
def test_every_category_of_the_repository_has_its_intervals(year: str, category: str) -> None:
    """The scores stand within them, and are the ones assessed."""
    result = assessed(year, category)
    assert floats(exact_shares(result).score).tolist() == result.ranking["score"].tolist()
    assert floats(exact_shares(result).total).tolist() == result.ranking["total"].tolist()
    rows = tx.weight_intervals(result)
    assert rows.columns.tolist() == INTERVALS
    assert len(rows) == len(result.category.nodes) - len(result.category.adjustments)
    assert (rows["first_from"] <= rows["place_from"]).all() and (rows["place_to"] <= rows["first_to"]).all()


# ── smallest_swaps ──────────────────────────────────────────────────────────────────────────────────────────────────


def by_programme(lead: Any, weight: Any, gap: float, groups: list[list[int]], norm: str) -> float | None:
    """The smallest L1 (or L∞) norm of a change that closes the gap, as a linear programme over given and taken points."""
    n = len(lead)
    size = np.ones(2 * n) if norm == "l1" else np.append(np.zeros(2 * n), 1.0)
    wide = 0 if norm == "l1" else 1
    upper = [np.concatenate([lead, -lead, np.zeros(wide)])]
    right = [-gap]
    for j in range(n) if wide else ():
        row = np.zeros(2 * n + 1)
        row[[j, n + j]], row[-1] = 1.0, -1.0
        upper, right = [*upper, row], [*right, 0.0]
    equal = np.zeros((len(groups), 2 * n + wide))
    for k, group in enumerate(groups):
        equal[k, group], equal[k, [n + j for j in group]] = 1.0, -1.0
    bounds = [(0, None)] * n + [(0, w) for w in weight] + [(0, None)] * wide
    found = linprog(size, A_ub=np.array(upper), b_ub=right, A_eq=equal, b_eq=np.zeros(len(groups)), bounds=bounds)
    return float(found.fun) if found.status == 0 else None


@examples(120)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 9), parts=st.integers(1, 3), coarse=st.booleans())
def test_closed_forms_are_the_optima_of_linear_programmes(seed: int, n: int, parts: int, coarse: bool) -> None:
    rng = np.random.default_rng(seed)
    lead = rng.integers(-4, 5, n) / 4 if coarse else rng.normal(size=n)
    weight, gap = rng.integers(1, 30, n).astype(float), float(rng.uniform(0.1, 20))
    groups = [list(range(n))[k::parts] for k in range(parts) if list(range(n))[k::parts]]
    exactly = [np.array([Fraction(x) for x in column], dtype=object) for column in (lead, weight)]
    moved = fewest_points(*exactly, Fraction(gap), groups)
    least = least_change(lead, weight, gap, groups)
    for change, norm, size in ((moved, "l1", lambda c: np.abs(c).sum()), (least, "linf", lambda c: np.abs(c).max())):
        best = by_programme(lead, weight, gap, groups, norm)
        assert (change is None) == (best is None)
        if change is not None and best is not None:
            change = floats(change)
            assert size(change) == pytest.approx(best, rel=1e-7, abs=1e-9)
            assert float(lead @ change) == pytest.approx(-gap, rel=1e-9)
            assert (weight + change > -1e-9).all()
            assert all(abs(change[group].sum()) < 1e-9 for group in groups)
    if moved is not None:
        assert (exactly[0] * moved).sum() == -Fraction(gap) and sum(moved) == 0


def moved_to(head: Category, change: dict[str, float]) -> Category:
    """The tree with leaves' weights changed, branches' with them."""
    def node(each: Node) -> Node:
        if not each.children:
            return replace(each, full=max(each.full + Fraction(change.get(each.code, 0.0)), Fraction(1, 10**12)))
        children = tuple(node(child) for child in each.children)
        return replace(each, children=children, full=sum((child.full for child in children), Fraction(0)))
    return replace(head, roots=tuple(node(each) for each in head.roots))


def with_points_moved(rng: random.Random, head: Category, level: str, points: float) -> list[float]:
    """The leaves' weights with so many points moved from one to another at random, within a branch where `level` says so."""
    give = rng.choice(head.leaves)
    take = rng.choice([each for each in head.leaves if level == "leaf" or each.parent == give.parent])
    points = min(0.999 * float(give.full), points)
    return [float(each.full) + points * ((each == take) - (each == give)) for each in head.leaves]


@examples(40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), shape=st.sampled_from([1, 4]), missing=st.sampled_from([0.0, 0.0, 0.2]),
       level=st.sampled_from(["leaf", "within"]))
def test_the_change_told_makes_them_equal_and_a_proven_one_is_the_smallest(
        loaded: Books, seed: int, shape: int, missing: float, level: Any) -> None:
    """Assessed again with the weights changed, the two are level; no random change of fewer points does it where proven (in
    floats, whose totals test_weighed holds against assessments).
    """
    rules, data = loaded[shape]
    head, rng = rules.categories["c"], random.Random(seed)
    result = tx.assess(rules, filled := marked(data, any_marks(rng, UNITS, len(head.leaves), missing)), "c")
    units = model(result).units["unit"].tolist()

    def gap(row: dict[str, Any], change: dict[str, float]) -> float:
        total = tx.assess(rules, filled, moved_to(head, change)).ranking.set_index("unit")["total"]
        return float(total[row["above"]] - total[row["below"]])

    for row in tx.smallest_swaps(result, level).to_dict("records"):
        change = {code: -points for code, points in row["from_"]} | dict(row["to"])
        assert sum(points for _, points in row["from_"]) == pytest.approx(sum(points for _, points in row["to"]), abs=1e-9)
        if row["reason"] == "":
            assert row["l1"] == pytest.approx(sum(points for _, points in row["to"]), abs=1e-9)
            assert gap(row, change) == pytest.approx(0.0, abs=1e-6)
            assert gap(row, {code: 0.99 * points for code, points in change.items()}) > 0
            assert row["linf"] <= row["l1"] + 1e-9
            if level == "within":
                for parent in {each.parent for each in head.leaves}:
                    inside = [change.get(each.code, 0.0) for each in head.leaves if each.parent == parent]
                    assert sum(inside) == pytest.approx(0.0, abs=1e-9)
            if row["how"] == "proven":
                tried = totals(model(result), [with_points_moved(rng, head, level, 0.999 * row["l1"]) for _ in range(50)])
                above, below = (units.index(row[side]) for side in ("above", "below"))
                assert (tried[:, above] > tried[:, below]).all()


def test_where_weight_is_redistributed_the_change_found_is_near_the_best_of_a_grid(loaded: Books) -> None:
    """Three leaves, some of which do not apply: every change on a grid of half points; none does it with a tenth less."""
    rules, data = loaded[6]
    head, found = rules.categories["c"], 0
    for seed in range(4):
        marks = any_marks(random.Random(seed), UNITS, 3, 0.3)
        result = tx.assess(rules, marked(data, marks), "c")
        table: Any = np.array(marks, dtype=np.float64)
        bonus = {"a": 1.0}
        for row in tx.smallest_swaps(result).to_dict("records"):
            if row["how"] != "found" or row["reason"]:
                continue
            found += 1
            x, y = np.meshgrid(np.arange(0.5, 100, 0.5), np.arange(0.5, 100, 0.5), indexing="ij")
            grid = np.column_stack([x.ravel(), y.ravel(), 100 - x.ravel() - y.ravel()])
            grid = grid[grid[:, 2] > 0.01]

            def total(unit: str, weights: Any, table: Any = table, bonus: Any = bonus) -> Any:
                mine = table[ord(unit) - 97]
                there = ~np.isnan(mine)
                return weights[:, there] @ mine[there] / weights[:, there].sum(axis=1) + bonus.get(unit, 0.0)

            swapped = grid[total(row["above"], grid) <= total(row["below"], grid)]
            ruled = floats([each.full for each in head.leaves])
            best = float((np.abs(swapped - ruled).sum(axis=1) / 2).min(initial=np.inf))
            assert row["l1"] <= best / 0.9
    assert found >= 4


@pytest.mark.parametrize("level", ["leaf", "within"])
def test_the_smallest_changes_are_the_same_on_every_processor(level: str) -> None:
    """Where totals are not linear they are sought in many steps, in which the last bit of a sum could decide who gives."""
    call = f"import golden as g, txlib; print(g.table(txlib.smallest_swaps(g.assessed('2020', 'depts_4'), {level!r})))"
    plainest = {"OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F", "PYTHONIOENCODING": "utf-8"}
    other = subprocess.run([sys.executable, "-W", "ignore", "-c", call], cwd=ROOT / "tests", check=True,
                           env={**os.environ, **plainest}, capture_output=True, encoding="utf-8").stdout
    assert other.strip() == golden.table(tx.smallest_swaps(assessed("2020", "depts_4"), level)).strip()  # type: ignore[arg-type]


def test_third_and_fourth_swap_by_hand(tmp_path: Path) -> None:
    """Leads of 10, -5, -20 points out of 100 at weights 60, 30, 10: ahead by 2.5. A point from X to Z takes off 0.3: 25/3."""
    marks: list[list[float | None]] = [[90, 70, 60], [80, 75, 80]]
    row = tx.smallest_swaps(plain(tmp_path, [leaf("X", "60"), leaf("Y", "30"), leaf("Z", "10")], marks)).iloc[0]
    assert (row["gap"], row["l1"]) == (2.5, pytest.approx(25 / 3))
    assert [code for code, _ in row["from_"]] == ["X"] and [code for code, _ in row["to"]] == ["Z"]
    assert row["linf"] == pytest.approx(25 / 3) and row["how"] == "proven" and row["possible"]


# ── bad input ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_unit_alone_stays_first_whatever_the_weights(tmp_path: Path) -> None:
    result = plain(tmp_path, FLAT, [[90, 80, 70]])
    rows = tx.weight_intervals(result)
    assert (rows[["place_from", "first_from"]] == 0).all(axis=None) and (rows["place_to"] == 100).all()
    swaps = tx.smallest_swaps(result)
    assert swaps.empty and swaps.columns.tolist() == SWAPS


def test_two_identical_units_stay_level(tmp_path: Path) -> None:
    result = plain(tmp_path, FLAT, [[90, 80, 70], [60, 60, 60], [60, 60, 60]])
    rows = tx.weight_intervals(result)
    assert (rows["place_from"] == 0).all() and (rows["place_to"] == 100).all()
    last = tx.smallest_swaps(result).iloc[1]
    assert (last["gap"], last["l1"], last["linf"], last["from_"], last["reason"]) == (0, 0, 0, (), "level")


def test_a_unit_ahead_everywhere_is_never_caught(tmp_path: Path) -> None:
    row = tx.smallest_swaps(plain(tmp_path, FLAT, [[90, 80, 70], [60, 60, 60]])).iloc[0]
    assert not row["possible"] and row["reason"] == "dominated" and np.isnan(row["l1"])


def test_the_weight_of_an_only_leaf_cannot_move(tmp_path: Path) -> None:
    result = plain(tmp_path, [leaf("X", "100")], [[90], [80]])
    row = tx.weight_intervals(result).iloc[0]
    assert (row["place_from"], row["place_to"], row["note"]) == (100, 100, "only_child")
    assert tx.smallest_swaps(result).iloc[0]["reason"] == "dominated"


def test_what_cannot_be_told_is_refused_by_name(tmp_path: Path) -> None:
    result = plain(tmp_path, FLAT, [[90, 80, 70], [60, 60, 60]])
    scores = result.scores.copy()
    scores.loc[0, "points"] = np.nan
    for call in (tx.weight_intervals, tx.smallest_swaps):
        with pytest.raises(ValueError, match=r"not a number: a, A"):
            call(replace(result, scores=scores))
        with pytest.raises(ValueError, match="no unit is ranked in c"):
            call(replace(result, ranking=result.ranking.iloc[:0]))
    with pytest.raises(ValueError, match="leaf or within"):
        tx.smallest_swaps(result, "branch")  # type: ignore[arg-type]


@pytest.mark.parametrize("category", ["towns_2", "depts_4"])
def test_the_lead_between_two_at_any_weights_is_that_of_their_totals(category: str) -> None:
    """The pair's own sums against the tree of the kernel, at other weights of all leaves."""
    result = assessed("2020", category)
    of, tree = exact_shares(result), model(result)
    factors = np.random.default_rng(12).uniform(0.2, 3, (20, len(tree.leaves)))
    weights = floats([leaf.full for leaf in result.category.leaves]) * factors
    order = result.units["unit"].tolist()
    found = totals(tree, weights)[:, [order.index(unit) for unit in of.units]]
    for i in range(len(of.units) - 1):
        np.testing.assert_allclose(Between.of(of, i).leads(weights), found[:, i] - found[:, i + 1], atol=1e-9)
