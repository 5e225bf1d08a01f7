"""Which indicators repeat others, and that chance seldom names any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr
from written import assessed

import txlib as tx
from txlib.sensitivity.repeats import repeated


def result(folder: Path, columns: Any) -> tx.Result:
    """Marks out of 100, units × leaves; NaN does not apply."""
    codes = [f"L{j}" for j in range(columns.shape[1])]
    leaves = [{"code": code, "weight": "1", "scored_by": {"method": "given", "out_of": "100"}} for code in codes]
    rows = [f"u{i:03},{code},{'—' if x != x else f'{x:.10g}'}"
            for i, row in enumerate(columns) for code, x in zip(codes, row, strict=True)]
    return assessed(folder, {"indicators": [{"code": "A", "weight": "100", "roll_up": "weighted_mean", "children": leaves}],
                             "units": [f"u{i:03}" for i in range(len(columns))],
                             "tables": {"observations": "unit,indicator,value\n" + "\n".join(rows)}})


def marks(seed: int, units: int, leaves: int) -> Any:
    return np.random.default_rng(seed).integers(40, 100, (units, leaves)).astype(float)


def test_correlations_are_spearmans(tmp_path: Path) -> None:
    columns = marks(1, 12, 5)
    found = repeated(result(tmp_path, columns), permutations=10)
    for row in found.itertuples():
        pair = columns[:, [int(row.indicator[1:]), int(row.other[1:])]]
        assert row.correlation == pytest.approx(spearmanr(pair).statistic, abs=1e-12) and row.units == 12
    assert found["correlation"].is_monotonic_decreasing and len(found) == 10


def test_what_one_unit_lacks_is_left_out_of_its_pairs_alone(tmp_path: Path) -> None:
    columns = marks(2, 12, 3)
    columns[4, 0] = np.nan
    found = repeated(result(tmp_path, columns), permutations=10).set_index(["indicator", "other"])
    assert found["units"].to_dict() == {("L0", "L1"): 11, ("L0", "L2"): 11, ("L1", "L2"): 12}
    assert found.loc[("L1", "L2"), "correlation"] == pytest.approx(spearmanr(columns[:, 1:]).statistic, abs=1e-12)


def test_the_same_twice_is_alike_and_repeats_in_two_years_alone(tmp_path: Path) -> None:
    columns = marks(3, 16, 6)
    columns[:, 5] = columns[:, 0] / 2
    now, then = result(tmp_path / "now", columns), result(tmp_path / "then", marks(4, 16, 6))
    first = repeated(now).iloc[0]
    assert (first["indicator"], first["other"], bool(first["alike"]), bool(first["repeats"])) == ("L0", "L5", True, False)
    assert first["correlation"] == pytest.approx(1) and repeated(now)["alike"].sum() == 1
    assert repeated(now, [now]).iloc[0][["years", "repeats"]].tolist() == [2, True]
    assert not repeated(now, [now, then])["repeats"].any()


def test_of_seven_units_nothing_is_said(tmp_path: Path) -> None:
    columns = marks(5, 7, 4)
    columns[:, 3] = columns[:, 0]
    assert repeated(result(tmp_path, columns)).empty


def test_a_leaf_of_equal_points_is_like_no_other(tmp_path: Path) -> None:
    columns = marks(6, 9, 3)
    columns[:, 1] = 80
    found = repeated(result(tmp_path, columns)).set_index(["indicator", "other"])
    assert found.loc[("L0", "L1"), "correlation"] == 0 and not found["alike"].any()


def test_chance_seldom_names_a_pair(tmp_path: Path) -> None:
    """Of 25 groups of 8 units and 12 indicators that have nothing to do with each other, one or two name any pair (5%)."""
    named = sum(repeated(result(tmp_path / str(k), marks(100 + k, 8, 12)), permutations=100)["alike"].any() for k in range(25))
    assert named <= 6  # less than a chance in 1,000 beyond it


def test_permutations_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="permutations"):
        repeated(result(tmp_path, marks(7, 8, 2)), permutations=0)
