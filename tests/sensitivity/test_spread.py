"""Shares of the spread: by hand in fractions, chance by every permutation there is, and what may be flagged."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shared
from trees import EXACT, marks
from written import assessed

from txlib.sensitivity.spread import SPREAD, share_of_spread

pytestmark = pytest.mark.quick


def spread(root: Path, case: dict[str, Any], **more: Any) -> pd.DataFrame:
    return share_of_spread(assessed(root, case), **more).set_index("indicator")


def covariance(x: list[Fraction], y: list[Fraction]) -> Fraction:
    mean = sum(x) / len(x), sum(y) / len(y)
    return sum(((a - mean[0]) * (b - mean[1]) for a, b in zip(x, y, strict=True)), Fraction(0))


HAND = {"a": "90 80 60", "b": "70 85 60", "c": "80 60 60", "d": "60 75 60"}


def test_shares_are_those_worked_in_fractions(tmp_path: Path) -> None:
    """Weights 50, 30, 20: points of L0 are 45, 35, 40, 30; of L1 24, 25.5, 18, 22.5; L2 gives 12 to each."""
    found = spread(tmp_path, marks(HAND, weights=["50", "30", "20"]))
    points = [[Fraction(x) * w / 100 for x in column] for column, w in
              zip(zip(*(line.split() for line in HAND.values()), strict=True), (50, 30, 20), strict=True)]
    total = [sum(row) for row in zip(*points, strict=True)]
    for j in range(3):
        wanted = covariance(points[j], total) / covariance(total, total)  # type: ignore[arg-type]
        assert found.loc[f"L{j}", "share"] == pytest.approx(float(wanted), abs=1e-12)
    assert found.loc["L2", "share"] == 0 and found.loc["L2", "without_spread"] == "level"
    assert found.loc["A", "share"] == pytest.approx(1) and found.loc["A", "weight"] == 1
    assert found["weight"].tolist() == [1, 0.5, 0.3, 0.2]
    assert found["correlation_ratio"].isna().all() and list(found.reset_index()) == SPREAD


def test_chance_is_that_of_all_permutations(tmp_path: Path) -> None:
    """Four units, two leaves that spread: 24 × 24 equally likely ways to deal them out; the bounds have the ranks told."""
    found = spread(tmp_path, marks(HAND, weights=["50", "30", "20"]), permutations=20_000)
    x, y = np.array([45, 35, 40, 30.0]), np.array([24, 25.5, 18, 22.5])
    every = []
    for p, q in product(permutations(range(4)), repeat=2):
        total = x[list(p)] + y[list(q)]
        every.append(np.cov(x[list(p)], total)[0, 1] / np.var(total, ddof=1))
    for bound, level in (("low", 0.05), ("high", 0.95)):
        under, reached = (np.mean(np.array(every) <= found.loc["L0", bound] + shift) for shift in (-1e-9, 1e-9))
        assert under - 0.01 <= level <= reached + 0.01


@pytest.mark.parametrize(("year", "category"), [("2020", "towns_2"), ("2020", "depts_3"), ("2017-jining", "class_1")])
def test_shares_of_the_sample_add_up_at_every_node(year: str, category: str) -> None:
    result = shared.assessed(year, category)
    found = share_of_spread(result, permutations=20).set_index("indicator")
    assert found[found["parent"] == ""]["share"].sum() == pytest.approx(1, abs=1e-12)
    for node in result.category.nodes:
        if node.children:
            parts = found.loc[[child.code for child in node.children], "share"].sum()
            assert found.loc[node.code, "share"] == pytest.approx(parts, abs=1e-12)
    total = result.ranking.set_index("unit")["total"].reindex(result.units["unit"]).to_numpy()
    points, full = (result.scores.pivot(index="unit", columns="indicator", values=name) for name in ("points", "full"))
    adjustments = [node.code for node in result.category.adjustments]
    lost = points - full.assign(**dict.fromkeys(adjustments, 0.0))
    for code in found.index:
        wanted = np.cov(lost[code], total)[0, 1] / total.var(ddof=1)
        assert found.loc[code, "share"] == pytest.approx(wanted, abs=1e-9), code


def test_an_indicator_at_full_points_carries_nothing_whoever_is_exempt(tmp_path: Path) -> None:
    """Its weight goes to the others where it does not apply: that parts nobody, and no way of dealing it out does."""
    found = spread(tmp_path, marks({"a": "100 90", "b": "100 80", "c": "— 70"}), permutations=50)
    assert found.loc["L0", ["share", "low", "high"]].tolist() == pytest.approx([0, 0, 0], abs=1e-12)
    assert found.loc["L1", "share"] == pytest.approx(1) and found.loc["L0", "without_spread"] == "full"


def test_an_exempt_unit_loses_by_its_larger_weights(tmp_path: Path) -> None:
    """Weights 50, 30, 20, for d 0, 60, 40: of L0 are lost 5, 15, 10, 0, of L1 6, 4.5, 12, 15, of L2 8, 8, 4, 12."""
    found = spread(tmp_path, marks({"a": "90 80 60", "b": "70 85 60", "c": "80 60 80", "d": "— 75 70"},
                                   weights=["50", "30", "20"]))
    lost = [[Fraction(x) for x in column.split()] for column in ("5 15 10 0", "6 4.5 12 15", "8 8 4 12")]
    total = [sum(row, Fraction(0)) for row in zip(*lost, strict=True)]
    for j in range(3):
        wanted = covariance(lost[j], total) / covariance(total, total)
        assert found.loc[f"L{j}", "share"] == pytest.approx(float(wanted), abs=1e-12)


def test_a_branch_that_is_no_sum_is_one_part(tmp_path: Path) -> None:
    leaves = [{"code": f"L{j}", "weight": "1", "scored_by": {"method": "given", "out_of": "100"}} for j in range(3)]
    case = {"indicators": [{"code": "A", "weight": "60", "roll_up": "harmonic", "children": leaves[:2]},
                           {**leaves[2], "weight": "40"}], "units": list("abc"),
            "tables": {"observations": "unit,indicator,value\n" + "".join(
                f"{u},L{j},{v}\n" for u, line in zip("abc", ("90 60 70", "80 75 60", "60 90 90"), strict=True)
                for j, v in enumerate(line.split()))}}
    found = spread(tmp_path, case)
    assert found.loc[["A", "L2"], "share"].sum() == pytest.approx(1)
    assert found.loc[["L0", "L1"], "share"].isna().all() and found.loc[["L0", "L1"], "low"].isna().all()


def test_a_tree_that_is_no_sum_is_one_part(tmp_path: Path) -> None:
    table = {"a": "90 60", "b": "80 75", "c": "60 90"}
    case = {**marks(table, weights=["60", "40"]), "roll_up": "harmonic"}
    case["indicators"] = case["indicators"][0]["children"]
    case["adjustments"] = [{"code": "J", "cap": "3", "scored_by": {
        "method": "per_event", "kind": "bonus", "levels": {"national": "2"}, "same_honour": "highest", "several_units": "each"}}]
    case["tables"]["events"] = "unit,indicator,honour,level,date\nc,J,x,national,2020-03-01\n"
    found = spread(tmp_path, case)
    assert found.loc[["L0", "L1"], "share"].isna().all() and found.loc["J", "share"] == pytest.approx(float(
        covariance([Fraction(0), Fraction(0), Fraction(2)], harmonic(table)) / covariance(harmonic(table), harmonic(table))))


def harmonic(table: dict[str, str]) -> list[Fraction]:
    """The totals of that tree, 2 points more for the last."""
    pairs = [[Fraction(x) for x in line.split()] for line in table.values()]
    means = [1 / (Fraction(6, 10) / one + Fraction(4, 10) / other) for one, other in pairs]
    return [*means[:-1], means[-1] + 2]


def heavy_and_light(seed: int, units: int = 12) -> dict[str, Any]:
    """A leaf of 60 that hardly spreads and one of 40 that does."""
    rng = np.random.default_rng(seed)
    table = {f"u{i}": f"{80 + rng.integers(0, 10) / 10} {rng.integers(20, 100)}" for i in range(units)}
    return marks(table, weights=["60", "40"])


def test_only_what_repeats_over_the_years_is_flagged(tmp_path: Path) -> None:
    this, last = (assessed(tmp_path / str(seed), heavy_and_light(seed)) for seed in (1, 2))
    alone = share_of_spread(this).set_index("indicator")
    assert alone["leans"].to_dict() == {"A": "", "L0": "less", "L1": "more"}
    assert not alone["repeats"].any() and (alone["years"] == 1).all()
    both = share_of_spread(this, [last]).set_index("indicator")
    assert both["repeats"].to_dict() == {"A": False, "L0": True, "L1": True} and (both["years"] == 2).all()
    even = assessed(tmp_path / "even", marks({f"u{i}": f"{40 + 5 * i} {90 - 3 * i}" for i in range(12)}, weights=["60", "40"]))
    assert not share_of_spread(this, [last, even])["repeats"].any()


def test_everyone_at_full_points_is_told_and_a_bottom_line_is_exempt(tmp_path: Path) -> None:
    case = marks({"a": "100 90 80", "b": "100 80 80", "c": "— 70 80"}, weights=["50", "30", "20"])
    assert spread(tmp_path / "plain", case)["without_spread"].tolist() == ["", "full", "", "level"]
    for child in case["indicators"][0]["children"][::2]:
        child["role"] = "bottom_line"
    assert spread(tmp_path / "ruled", case)["without_spread"].tolist() == ["", "exempt", "", "level"]


def test_a_branch_of_bottom_lines_alone_is_exempt_and_one_with_another_leaf_is_not(tmp_path: Path) -> None:
    for k, (exempt, found) in enumerate(((2, ["exempt", "exempt", "exempt"]), (1, ["full", "exempt", "full"]))):
        case = marks({"a": "100 100", "b": "100 100"})
        for child in case["indicators"][0]["children"][:exempt]:
            child["role"] = "bottom_line"
        assert spread(tmp_path / str(k), case)["without_spread"].tolist() == found


def test_a_correlation_ratio_only_with_thirty_units(tmp_path: Path) -> None:
    """A leaf that decides all, one that is dealt at random: near 1, near 0."""
    rng = np.random.default_rng(4)

    def ratios(units: int) -> list[float]:
        case = marks({f"u{i}": f"{rng.integers(10, 100)} {rng.integers(500, 505) / 10}" for i in range(units)})
        return spread(tmp_path / str(units), case)["correlation_ratio"].tolist()

    assert np.isnan(ratios(29)).all()
    _, decides, random = ratios(100)
    assert decides > 0.95 and random < 0.1


def test_two_identical_units_have_no_shares_and_one_alone_is_refused(tmp_path: Path) -> None:
    found = spread(tmp_path / "2", marks({"a": "80 70", "b": "80 70"}, rules=EXACT))
    assert found["share"].isna().all() and (found["leans"] == "").all() and (found["without_spread"] == "level").all()
    with pytest.raises(ValueError, match="one unit alone has no spread"):
        spread(tmp_path / "1", marks({"a": "80 70"}))
    with pytest.raises(ValueError, match="permutations must be at least 1"):
        spread(tmp_path / "0", marks({"a": "80 70", "b": "80 60"}), permutations=0)


def test_the_same_seed_gives_the_same_range(tmp_path: Path) -> None:
    result = assessed(tmp_path, heavy_and_light(1))
    assert share_of_spread(result).equals(share_of_spread(result))
    assert not share_of_spread(result).equals(share_of_spread(result, seed=1))
