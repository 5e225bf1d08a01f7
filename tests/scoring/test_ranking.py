"""Places, tiers and comparison, by cases worked by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from txlib.base.numbers import Numeral
from txlib.rules.tree import Tiers
from txlib.scoring.places import compare, tiers, whole

pytestmark = pytest.mark.quick

NAME = {"zh": "等次", "en": "tier"}


def rule(*levels: dict[str, object], count: str = "down", tied: str = "in") -> Tiers:
    told = [{"code": f"t{i}", "name": NAME, **level} for i, level in enumerate(levels, 1)]
    return Tiers.model_validate({"clause": "silent", "assumed": "x", "count": count, "tied_at_the_cut": tied, "levels": told})


def codes(scores: list[str], tiers_rule: Tiers) -> list[str]:
    return tiers(np.array([Fraction(s) for s in scores], dtype=object), tiers_rule)["tier_code"]


REST = {"takes": "rest"}


def test_shares_are_rounded_as_ruled() -> None:
    """30% of 8 is 2.4: 2 down, 3 up, 2 half up; 30% of 5 is 1.5: half up gives 2."""
    scores = [str(90 - i) for i in range(8)]
    assert codes(scores, rule({"takes": "30%"}, REST)).count("t1") == 2
    assert codes(scores, rule({"takes": "30%"}, REST, count="up")).count("t1") == 3
    assert codes(scores, rule({"takes": "30%"}, REST, count="half_up")).count("t1") == 2
    assert codes(scores[:5], rule({"takes": "30%"}, REST, count="half_up")).count("t1") == 2
    assert [whole(Fraction(8), way) for way in ("down", "up", "half_up")] == [8, 8, 8]


def test_a_tie_across_the_cut_is_let_in_or_kept_out() -> None:
    """Second and third are level; the first tier takes two."""
    scores = ["90", "88", "88", "80"]
    two = {"takes": Numeral("2")}
    assert codes(scores, rule(two, REST)) == ["t1", "t1", "t1", "t2"]
    assert codes(scores, rule(two, REST, tied="out")) == ["t1", "t2", "t2", "t2"]


def test_a_tie_let_in_above_pushes_nobody_down() -> None:
    """Tier one takes two and gets three; tier two takes the places up to the fourth: one unit."""
    two = {"takes": Numeral("2")}
    assert codes(["90", "88", "88", "80", "70"], rule(two, two, REST)) == ["t1", "t1", "t1", "t2", "t3"]


def test_a_score_reached_exactly_counts() -> None:
    sixty = {"at_least": Numeral("60")}
    assert codes(["60", "59.99", "75"], rule(sixty, REST)) == ["t1", "t2", "t1"]


def test_a_threshold_then_a_count() -> None:
    """Two reach 80; the next tier takes one after them."""
    found = codes(["85", "80", "79", "70"], rule({"at_least": Numeral("80")}, {"takes": Numeral("1")}, REST))
    assert found == ["t1", "t1", "t2", "t3"]


def test_reasons_can_be_checked_by_hand() -> None:
    found = tiers(np.array([Fraction(90 - i) for i in range(8)], dtype=object), rule({"takes": "30%"}, REST))
    assert found["tier_reason_zh"][1] == "第 2 名，在前 2 名之内（本等次 30% × 8 = 2.4，舍去尾数取 2 个）"
    assert found["tier_reason_en"][2] == "place 3, in none of the tiers above"


def frame(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame({"unit": ["a", "b"], "name": ["甲", "乙"], **columns})


def test_compare_gives_differences_beyond_the_tolerance_and_only_those() -> None:
    ours, printed = frame(score=[92.50, 90.0], rank=[1, 2]), frame(score=[92.49, 90.02], rank=[1.0, 2.0])
    assert compare(ours, printed, 0.02).empty
    assert compare(ours, printed, 0.01)["unit"].tolist() == ["b"]
    assert compare(ours, printed)["difference"].tolist() == [0.01, -0.02]


@pytest.mark.parametrize(("tolerance", "rows"), [(Fraction(1, 100), 0), (0.01, 0), (0.009, 1)])
def test_the_tolerance_is_exact(tolerance: float, rows: int) -> None:
    """In floats 92.50 less 92.49 is more than 0.01."""
    assert 92.50 - 92.49 > 0.01
    assert len(compare(frame(score=[92.50, 1.0], rank=[1, 2]), frame(score=[92.49, 1.0], rank=[1.0, 2.0]), tolerance)) == rows


def test_a_unit_on_one_list_only_and_a_place_that_differs_are_named() -> None:
    ours = pd.DataFrame({"unit": ["a", "b"], "name": ["甲", "乙"], "score": [3.0, 2.0], "rank": [1, 2]})
    printed = pd.DataFrame({"unit": ["b", "c"], "name": ["乙", "丙"], "score": [2.0, 1.0], "rank": [1.0, np.nan]})
    found = compare(ours, printed)
    assert set(zip(found["unit"], found["column"], strict=True)) == {("a", "unit"), ("b", "rank"), ("c", "unit")}
