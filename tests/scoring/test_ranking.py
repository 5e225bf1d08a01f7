"""Places, tiers and comparison, by cases worked by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from txlib.base.labels import LANGS, say
from txlib.base.numbers import Numeral, floats, places
from txlib.rules.year import Tiers
from txlib.scoring.places import DIFFERENCES, compare, filled, ordered, seats, tier_codes, tiers, whole

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


# ── tiers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def exactly(*scores: int | str) -> np.ndarray[Any, Any]:
    return np.array([Fraction(score) for score in scores], dtype=object)


def reasons(found: dict[str, list[str]], label: str, **values: Any) -> list[int]:
    """The units whose reason holds a text, in both languages."""
    holding = [[i for i, reason in enumerate(found[f"tier_reason_{lang}"]) if say(f"ranking.{label}", lang, **values) in reason]
               for lang in LANGS]
    assert holding[0] == holding[1]
    return holding[0]


TWO = {"takes": Numeral("2")}


@pytest.mark.parametrize(("scores", "across", "cut"), [
    ((90, 88, 88, 80), [1, 2], 2), ((88, 88, 88, 80), [0, 1, 2], 2), ((90, 88, 80, 80), [], 2), ((88, 88, 80, 70), [], 2)])
def test_a_tie_across_the_cut_is_told_to_those_that_are_level_and_to_nobody_else(
        scores: tuple[int, ...], across: list[int], cut: int) -> None:
    """Let in, they are told so; kept out, that they are; a tie that ends or begins at the cut is not across it."""
    count = len(across)
    let_in = tiers(exactly(*scores), rule(TWO, REST))
    assert reasons(let_in, "tied_in", count=count, cut=cut) == across
    kept = {lang: tiers(exactly(*scores), rule(TWO, REST, tied="out"))[f"tier_reason_{lang}"] for lang in LANGS}
    for lang in LANGS:
        told = say("ranking.tied_out", lang, count=count, cut=cut, tier=NAME[lang])
        assert [i for i, reason in enumerate(kept[lang]) if told in reason] == across
        assert not any(say("ranking.tied_in", lang, count=count, cut=cut) in reason for reason in kept[lang])


def test_a_tie_at_a_line_or_in_the_rest_is_no_tie_across_a_cut() -> None:
    """All with 60 reach it, and all below take the rest, however many are level."""
    for tied in ("in", "out"):
        found = tiers(exactly(60, 60, 50, 50), rule({"at_least": Numeral("60")}, REST, tied=tied))
        assert found["tier_reason_en"] == ["the score reaches 60"] * 2 + ["place 3, in none of the tiers above"] * 2


def test_a_tie_kept_out_of_the_second_tier_is_told_with_that_tier() -> None:
    found = tiers(exactly(90, 85, 80, 80, 80, 70), rule(TWO, TWO, REST, tied="out"))
    assert found["tier_code"] == ["t1", "t1", "t3", "t3", "t3", "t3"]
    assert [i for i, reason in enumerate(found["tier_reason_en"]) if "at place 4" in reason] == [2, 3, 4]


def test_a_tier_by_number_says_how_many_it_takes_and_how_far_down_the_places_that_is() -> None:
    found = tiers(exactly(90, 85, 80, 75, 70), rule({"takes": Numeral("1")}, {"takes": "40%"}, REST, count="up"))
    assert found["tier_reason_en"][:4] == [
        "place 1, within the first 1 (this tier takes 1)",
        *[f"place {n}, within the first 3 (this tier: 40% × 5 = 2, rounded up to 2)" for n in (2, 3)],
        "place 4, in none of the tiers above"]


def test_after_a_line_places_are_counted_on_from_those_that_reached_it_or_from_the_cut_above() -> None:
    """Three reach 80; the two after them take the next tier. Where fewer reach a line than had a place, nobody loses his."""
    line, one = {"at_least": Numeral("80")}, {"takes": Numeral("1")}
    assert codes(["95", "90", "80", "79", "78"], rule(line, TWO, REST)) == ["t1", "t1", "t1", "t2", "t2"]
    assert codes(["95", "70", "60", "50"], rule(TWO, line, one, REST)) == ["t1", "t1", "t3", "t4"]


def test_a_unit_under_a_veto_goes_to_the_highest_tier_that_is_not_barred_and_is_told_from_which() -> None:
    told = rule(TWO, {"takes": Numeral("1")}, REST).model_dump(exclude={"levels", "vetoes"})
    barring = Tiers.model_validate({**told, "levels": [
        {"code": f"t{i}", "name": {"zh": f"{i}等", "en": f"tier {i}"}, **each}
        for i, each in enumerate([TWO, {"takes": Numeral("1")}, REST], 1)],
        "vetoes": {"clause": "silent", "assumed": "x", "bars": ["t1"]}})
    scores, barred = exactly(90, 85, 80, 75), np.array([True, False, True, False])
    found = tiers(scores, barring, barred=barred)
    assert found["tier_code"] == list(tier_codes(scores, barring, floats(scores), barred)) == ["t2", "t1", "t2", "t3"]
    assert (found["tier"][0], found["tier_en"][0]) == ("2等", "tier 2")
    veto = say("ranking.veto", "en", tier="tier 1")
    assert [veto in reason for reason in found["tier_reason_en"]] == [True, False, False, False]
    assert list(tier_codes(scores, barring, floats(scores))) == ["t1", "t1", "t2", "t3"] == tiers(scores, barring)["tier_code"]


def test_without_tiers_all_is_empty() -> None:
    assert tiers(exactly(1, 2), None) == {
        key: ["", ""] for key in ("tier", "tier_en", "tier_code", "tier_reason_zh", "tier_reason_en")}


def test_a_place_may_be_told_otherwise_than_it_is_counted() -> None:
    found = tiers(exactly(90, 90, 80), rule(TWO, REST), rank=np.array([1.5, 1.5, 3.0]))
    assert [reason.partition(",")[0] for reason in found["tier_reason_en"]] == ["place 1.5", "place 1.5", "place 3"]


def test_tiers_of_many_samples_are_those_of_each() -> None:
    """Units on the last axis; a line may stand for a ruled one."""
    scores = np.array([[90.0, 80, 70, 60], [60.0, 90, 59, 61], [10.0, 20, 30, 40]])
    ruled = rule({"at_least": Numeral("60")}, {"takes": Numeral("1")}, REST)
    for line in (None, lambda fraction: float(fraction) / 2):
        shift = 1 if line is None else 2
        reach = np.array([places(row) for row in scores])
        found = [(level.code, chosen) for level, _, chosen in filled(ruled, scores, reach, line)]
        for at, row in enumerate(scores):
            alone = [chosen.tolist() for _, _, chosen in filled(ruled, row * shift, places(row))]
            assert [chosen[at].tolist() for _, chosen in found] == alone


@pytest.mark.parametrize(("takes", "count", "n", "taken"), [
    (Numeral("3"), "down", 8, 3), ("30%", "down", 8, 2), ("30%", "up", 8, 3), ("30%", "half_up", 5, 2), ("10%", "half_up", 4, 0)])
def test_a_tier_takes_a_number_or_a_share_made_whole_as_ruled(takes: str, count: str, n: int, taken: int) -> None:
    ruled = rule({"takes": takes}, REST, count=count)
    assert seats(ruled.levels[0], ruled, n) == taken


@pytest.mark.parametrize(("levels", "code"), [
    ([TWO, TWO], "rest_last"), ([REST, TWO], "rest_last"), ([REST, REST], "rest_last"),
    ([{"takes": "60%"}, {"takes": "50%"}, REST], "tiers_sum"),
    ([{"at_least": Numeral("5")}, {"at_least": Numeral("5")}, REST], "tier_lines"),
    ([{"at_least": Numeral("5")}, {"at_least": Numeral("6")}, REST], "tier_lines"), ([{}, REST], "takes_or_at_least"),
    ([TWO, {**REST, "at_least": Numeral("5")}], "takes_or_at_least"), ([{**TWO, "code": "t2"}, REST], "tier_twice"),
])
def test_tiers_that_do_not_hang_together_are_refused(levels: list[dict[str, object]], code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        rule(*levels)
    assert [error["type"] for error in caught.value.errors()] == [code]


@pytest.mark.parametrize(("bars", "fine"), [(["t1"], True), (["t1", "t2"], True), (["t3"], False), (["t9"], False),
(["t1", "t3"], False)])
def test_a_veto_bars_tiers_that_there_are_but_not_the_last(bars: list[str], fine: bool) -> None:
    told = rule(TWO, {"at_least": Numeral("5")}, REST).model_dump(exclude={"levels", "vetoes"})
    told |= {"levels": [{"code": f"t{i}", "name": NAME, **each} for i, each in enumerate([TWO, {"takes": "100%"}, REST], 1)],
             "vetoes": {"clause": "silent", "assumed": "x", "bars": bars}}
    if fine:
        assert Tiers.model_validate(told).vetoes is not None
        return
    with pytest.raises(ValidationError) as caught:
        Tiers.model_validate(told)
    assert [error["type"] for error in caught.value.errors()] == ["bars_tiers"]


# ── order ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_criteria_part_equal_scores_alone_the_first_that_differs() -> None:
    scores = exactly(90, 90, 90, 90, 80)
    first, second = exactly(1, 2, 2, 1, 9), exactly(5, 3, 4, 5, 9)
    assert places(ordered(scores)).tolist() == [1, 1, 1, 1, 5]
    assert places(ordered(scores, [first])).tolist() == [3, 1, 1, 3, 5]
    assert places(ordered(scores, [first, second])).tolist() == [3, 2, 1, 3, 5]
    assert places(ordered(scores, [second, first])).tolist() == [1, 4, 3, 1, 5]


def test_a_criterion_lifts_nobody_over_a_better_score() -> None:
    """Neither the best of all in it, nor two criteria together."""
    scores, first, second = exactly(90, 80, 70), exactly(1, 9, 5), exactly(5, 9, 1)
    assert places(ordered(scores, [first])).tolist() == places(ordered(scores, [first, second])).tolist() == [1, 2, 3]


# ── against a list that was published ───────────────────────────────────────────────────────────────────────────────


def test_what_differs_is_told_with_both_and_the_note_in_the_order_of_places() -> None:
    ours = frame(score=[92.5, 90.0], rank=[2, 1])
    printed = pd.DataFrame({"unit": ["a", "b", "c"], "name": ["甲", "乙", "丙"], "score": [92.6, 90.5, 1.0],
                            "rank": [1.0, 1.0, 3.0], "note": ["更正", None, ""]})
    found = compare(ours, printed)
    assert list(found) == DIFFERENCES
    assert found.drop(columns="difference").fillna(-1).to_numpy().tolist() == [
        ["b", "乙", "score", 90.0, 90.5, ""], ["a", "甲", "score", 92.5, 92.6, "更正"], ["a", "甲", "rank", 2, 1.0, "更正"],
        ["c", "丙", "unit", -1, 1.0, ""]]
    assert found["difference"].fillna(-9).tolist() == [-0.5, -0.1, 1.0, -9]


def test_a_place_that_was_not_published_differs_from_nothing_and_the_score_is_compared_all_the_same() -> None:
    printed = frame(score=[np.nan, 91.0], rank=[1.0, np.nan])
    assert compare(frame(score=[92.5, 90.0], rank=[2, 1]), printed)[["unit", "column"]].to_numpy().tolist() \
        == [["b", "score"], ["a", "rank"]]
