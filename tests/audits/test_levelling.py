"""Signs of levelling, and chances of a copied order: by hand, by going through every permutation, by scipy."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations_with_replacement, permutations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from quota_cases import CASES, items, marks, of_marks, rules
from scipy.stats import kendalltau

from txlib.audits import levelling
from txlib.audits.chance import _bound, _sizes, _steps, _tied, chance, discordant
from txlib.audits.levelling import COPIED, SIGNS

signs, copied = of_marks(levelling.signs), of_marks(levelling.copied)
pytestmark = pytest.mark.quick

BUNCHED = [89.99, 89.5, 89, 88.99, 90, 80, 80.5, 81, 81.01, 79]


def table(found: pd.DataFrame, *columns: str) -> list[list[Any]]:
    return found[list(columns)].to_numpy().tolist()


# ── signs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_marks_bunched_just_outside_a_line() -> None:
    """Within a point below 90: 89.99, 89.5, 89, not 90 itself; within a point above 80: 80, 80.5, 81. Three of ten each."""
    found = signs(marks(("t", "x", BUNCHED)), items(("t", "x", "a")), rules())
    near = found[found["sign"] == "near_line"]
    assert table(near, "level", "count", "value", "threshold", "flagged") == [
        ["high", 3, 0.3, 0.4, False], ["low", 3, 0.3, 0.4, False]]
    four = signs(marks(("t", "x", [*BUNCHED[:9], 89])), items(("t", "x", "a")), rules())
    assert table(four[four["sign"] == "near_line"], "count", "flagged") == [[4, True], [3, False]]


def test_a_line_that_eighty_is_below_has_eighty_inside() -> None:
    at_most = [{**level, "marks": {"high": "above", "low": "at_most"}[level["code"]]} for level in CASES["rules"]["levels"]]
    found = signs(marks(("t", "x", BUNCHED)), items(("t", "x", "a")), rules(levels=at_most))
    assert found.loc[found["sign"] == "near_line", "count"].tolist() == [4, 2]  # 90 is outside of above 90; 80 within at most 80


def test_few_values_and_a_narrow_band() -> None:
    """x: 2 marks for 6 units, 0.33, within 8.00 points; y: 3 for 6 is not fewer than half, 8.01 points; z: five apart."""
    frame = marks(("t", "x", [88, 80, 80, 88, 88, 80]), ("t", "y", [88.01, 80, 80, 85, 85, 80]), ("t", "z", [90, 80, 70, 60, 50]))
    found = signs(frame, items(("t", "x", "a"), ("t", "y", "a"), ("t", "z", "b")), rules())
    few, band = (found[found["sign"] == sign] for sign in ("few_values", "narrow_band"))
    assert table(few, "item", "count", "value", "flagged") == [["x", 2, 2 / 6, True], ["y", 3, 0.5, False], ["z", 5, 1.0, False]]
    assert table(band, "item", "value", "flagged") == [["x", 8.0, True], ["y", 8.01, False], ["z", 40.0, False]]
    assert few["others"].tolist() == [0.75, (2 / 6 + 1) / 2, (2 / 6 + 0.5) / 2]


def test_marks_out_of_twenty_are_looked_at_out_of_a_hundred() -> None:
    found = signs(marks(("t", "x", [17.8, 17.9, 16, 15, 14])), items(("t", "x", "a", Fraction(20))), rules())
    assert table(found, "sign", "count", "value") == [
        ["near_line", 2, 0.4], ["near_line", 1, 0.2], ["few_values", 5, 1.0], ["narrow_band", 5, 19.5]]
    assert found["flagged"].tolist() == [True, False, False, False]


def test_nothing_is_said_of_small_groups() -> None:
    frame, listed = marks(("t", "x", [85, 85, 85, 85]), ("t", "y", [])), items(("t", "x", "a"), ("t", "y", "a"))
    found = signs(frame, listed, rules())
    assert not found["flagged"].any() and not found["judged"].any() and found["value"].isna().all() and len(found) == 8
    assert found["units"].tolist() == [4] * 4 + [0] * 4
    pairs = copied(frame, listed, rules())
    assert table(pairs, "reason", "flagged", "tests") == [["too_few", False, 0]] and pairs["chance"].isna().all()


def test_nothing_handed_in_or_ruled_gives_empty_tables() -> None:
    silent = rules().model_copy(update={"levelling": None})
    for rule in (rules(), silent):
        assert list(signs(marks(), items(), rule)) == SIGNS and list(copied(marks(), items(), rule)) == COPIED
    assert signs(marks(("t", "x", BUNCHED)), items(("t", "x", "a")), silent).empty


# ── chances of an order ─────────────────────────────────────────────────────────────────────────────────────────────


def by_hand(x: list[int], y: list[int]) -> Fraction:
    """The share of all n! ways to deal y's marks to the units with at most as many discordant pairs."""
    apart = discordant(x, y)[0]
    near = [discordant(x, order)[0] <= apart for order in permutations(y)]
    return Fraction(sum(near), len(near))


def test_discordant_pairs_by_hand() -> None:
    assert discordant([1, 2, 3, 4], [1, 2, 3, 4]) == (0, 6)
    assert discordant([1, 2, 3, 4], [4, 3, 2, 1]) == (6, 6)
    assert discordant([1, 2, 2, 3], [2, 1, 1, 3]) == (2, 5)


def test_chances_by_hand() -> None:
    """Four units in the same order: 1 of 24; one neighbouring pair exchanged: 1 + 3 of 24."""
    assert chance([1, 2, 3, 4], [10, 20, 30, 40]) == (Fraction(1, 24), "")
    assert chance([1, 2, 3, 4], [10, 30, 20, 40]) == (Fraction(4, 24), "")
    assert chance([1, 2, 3, 4], [10, 20, 20, 40]) == (Fraction(1, 12), "")
    assert chance([1, 1, 2, 2], [5, 5, 6, 6]) == (Fraction(1, 6), "")


def test_every_small_case_is_that_of_all_permutations() -> None:
    for n in (2, 3, 4):
        for first, second in list(product(combinations_with_replacement((1, 2, 3), n), product((1, 2, 3), repeat=n)))[::3]:
            x, y = list(first), list(second)
            if len(set(x)) == 1 or len(set(y)) == 1:
                assert chance(x, y) == (None, "no_order")
            else:
                assert chance(x, y) == (by_hand(x, y), ""), (x, y)


@examples(40)
@given(st.integers(5, 7).flatmap(lambda n: st.tuples(*[st.lists(st.integers(0, 5), min_size=n, max_size=n)] * 2)))
def test_larger_cases_are_too(pair: tuple[list[int], list[int]]) -> None:
    x, y = pair
    if len(set(x)) > 1 and len(set(y)) > 1:
        assert chance(x, y) == (by_hand(x, y), "")


@examples(40)
@given(st.integers(4, 7).flatmap(lambda n: st.tuples(st.lists(st.integers(0, 3), min_size=n, max_size=n),
                                                     st.permutations(range(n)))))
def test_ties_in_one_are_too(pair: tuple[list[int], list[int]]) -> None:
    x, y = pair
    if len(set(x)) > 1:
        assert chance(x, y) == chance(y, x) == (by_hand(x, y), "")


@examples(40)
@given(st.integers(2, 60), st.randoms(use_true_random=False))
def test_without_ties_it_is_scipys_exact_test(n: int, random: Any) -> None:
    x, y = list(range(n)), list(range(n))
    for _ in range(random.randrange(3 * n)):
        i = random.randrange(n - 1)
        y[i], y[i + 1] = y[i + 1], y[i]
    found, _ = chance(x, y)
    assert found is not None
    assert float(found) == pytest.approx(kendalltau(x, y, alternative="greater", method="exact").pvalue, rel=1e-9)


def test_ties_in_both_agree_with_the_closed_form_where_there_are_none() -> None:
    """Dealing block by block, as with ties in both, counts the same as the q-multinomial where one order is strict."""
    strict, x, y = (1,) * 6, [1, 2, 3, 4, 5, 6], [1, 1, 2, 2, 2, 3]
    counts = _tied(strict, (2, 3, 1))
    assert counts[-1] == math.factorial(6) // (2 * 6)
    assert chance(x, y)[0] == Fraction(counts[0], counts[-1])


def test_what_cannot_be_counted_out_is_said() -> None:
    swapped = [1, 0, *range(2, 400)]
    assert chance(np.arange(400), swapped) == (None, "too_many")
    assert chance(np.arange(400) // 2, np.asarray(swapped) // 2 * 3 % 400) == (None, "too_many")
    assert chance(np.zeros(9), np.arange(9)) == (None, "no_order")
    assert chance([], []) == (None, "no_order")


@pytest.mark.parametrize(("n", "values"), [(16, 12), (20, 15), (30, 20), (50, 40), (100, 25), (400, 50)])
def test_the_same_order_is_always_tested_exactly(n: int, values: int) -> None:
    """x against itself: of n! ÷ ∏m! arrangements of its marks one agrees."""
    x = np.random.default_rng(n).integers(0, values, n)
    sizes = np.unique(x, return_counts=True)[1].tolist()
    assert len(sizes) < n
    assert chance(x, x) == (Fraction(math.prod(map(math.factorial, sizes)), math.factorial(n)), "")


@examples(40)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=7))
def test_orders_that_agree_but_for_ties_are_those_of_all_permutations(steps: list[tuple[int, int]]) -> None:
    x, y = (np.cumsum(each).tolist() for each in zip(*steps, strict=True))
    if len(set(x)) > 1 and len(set(y)) > 1:
        assert chance(x, y) == (by_hand(x, y), "")


@examples(60)
@given(st.integers(3, 12).flatmap(lambda n: st.tuples(*[st.lists(st.integers(0, 4), min_size=n, max_size=n)] * 2)))
def test_the_bound_is_never_below_the_exact_chance(pair: tuple[list[int], list[int]]) -> None:
    x, y = pair
    if len(set(x)) > 1 and len(set(y)) > 1:
        mine, theirs = _sizes(x), _sizes(y)
        counts = _tied(mine, theirs)
        for apart, count in enumerate(counts):
            assert min(_bound(mine, theirs, apart), _bound(theirs, mine, apart)) >= Fraction(count, counts[-1])


def test_nearly_the_same_order_with_many_ties_has_a_bound_far_below_chance() -> None:
    x = np.random.default_rng(7).integers(0, 25, 50)
    y = x.copy()
    first, last = np.argsort(x)[[10, 25]]
    y[first], y[last] = x[last], x[first]
    apart, pairs = discordant(x, y)
    found, reason = chance(x, y)
    assert 0 < apart < pairs // 20 and reason == "at_most"
    assert found is not None and found < Fraction(1, 10 ** 9)
    other, reason = chance(x, np.random.default_rng(8).permutation(x))
    assert reason == "at_most" and other is not None and other > Fraction(5, 100)


def test_a_pair_too_large_to_count_out_is_a_test_all_the_same() -> None:
    """x and y are the same, z differs in one neighbouring pair: three pairs could have agreed, one is counted out."""
    x, z = [n / 4 for n in range(400)], [n / 4 for n in (1, 0, *range(2, 400))]
    frame = marks(("t", "x", x), ("t", "y", x), ("t", "z", z))
    found = copied(frame, items(*[("t", item, "a") for item in "xyz"]), rules())
    assert table(found, "item", "other", "tests", "flagged", "reason") == [
        ["x", "y", 3, True, ""], ["x", "z", 3, False, "too_many"], ["y", "z", 3, False, "too_many"]]


def test_steps_are_counted_before_they_are_taken() -> None:
    """Blocks of 2 and 1 dealt from values 2 and 1: {2 of the first} or {1, 1}, then one deal from each of two states."""
    assert _steps((2, 1), (2, 1)) == 4


def test_a_copied_order_is_flagged_with_the_number_of_tests() -> None:
    """Eight units: y keeps x's order, chance 1 of 40,320; z does not. Three pairs are tested: Holm takes 3 × 1/40,320."""
    x, y, z = [95, 91, 88, 86, 84, 82, 79, 70], [99, 90, 89, 85, 84.5, 83, 81, 60], [80, 95, 70, 86, 91, 60, 88, 82]
    frame = marks(("t", "x", x), ("t", "y", y), ("t", "z", z), ("s", "x", x), ("s", "y", [85] * 8))
    listed = items(("t", "x", "a"), ("t", "y", "b"), ("t", "z", "a"), ("s", "x", "a"), ("s", "y", "b"))
    found = copied(frame, listed, rules())
    assert table(found, "category", "item", "other", "lead", "other_lead", "units", "tests", "flagged", "reason") == [
        ["t", "x", "y", "a", "b", 8, 3, True, ""], ["t", "x", "z", "a", "a", 8, 3, False, ""],
        ["t", "y", "z", "b", "a", 8, 3, False, ""], ["s", "x", "y", "a", "b", 8, 0, False, "no_order"]]
    assert found.loc[0, ["discordant", "pairs", "chance", "adjusted"]].tolist() == [0, 28, 1 / 40320, 3 / 40320]
    chances, adjusted = found["chance"][:3].tolist(), found["adjusted"][:3].tolist()
    assert chances[1] == chances[2] == pytest.approx(kendalltau(x, z, alternative="greater", method="exact").pvalue)
    assert adjusted[1] == adjusted[2] == pytest.approx(min(1, 2 * chances[1]))


def test_only_common_units_are_compared() -> None:
    frame = marks(("t", "x", {"a": 95, "b": 90, "c": 85, "d": 80, "e": 75, "f": 99}),
                  ("t", "y", {"e": 60, "d": 65, "c": 70, "b": 75, "a": 80, "g": 10, "f": None}))
    found = copied(frame, items(("t", "x", "a"), ("t", "y", "b")), rules())
    assert table(found, "units", "discordant", "chance") == [[5, 0.0, 1 / 120]]
    assert found["flagged"].all()


def test_an_order_is_copied_where_no_more_than_the_rules_share_of_pairs_is_turned() -> None:
    """Twenty units have 190 pairs; 5% are 9.5. y turns 9 of them, z turns 10: chance is far away from both."""
    x, y, z = list(range(20)), list(range(20)), list(range(20))
    y.insert(9, y.pop(0))
    z.insert(10, z.pop(0))
    assert discordant(x, y) == (9, 190) and discordant(x, z) == (10, 190)
    for other, flagged in ((y, True), (z, False)):
        found = copied(marks(("t", "x", x), ("t", "y", other)), items(("t", "x", "a"), ("t", "y", "b")), rules())
        assert found["flagged"].tolist() == [flagged] and found["adjusted"][0] < 1e-9
        assert found["turned"].tolist() == [discordant(x, other)[0] / 190]
    exact = copied(marks(("t", "x", x[:5]), ("t", "y", [0, 1, 2, 4, 3])), items(("t", "x", "a"), ("t", "y", "b")),
                   rules(levelling={**CASES["rules"]["levelling"], "turned": "10%"}))
    assert exact["turned"].tolist() == [0.1] and exact["flagged"].tolist() == [True]  # 1 of 10 pairs, chance 5 of 120
