"""Numbers as exact fractions, against the decimal module and scipy."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from scipy.stats import rankdata

from txlib.base.numbers import (
    Amount,
    constant,
    exact,
    from_decimal,
    near_half,
    places,
    read_amount,
    read_number,
    read_share,
    rounded,
    rounded_one,
    significant_digits,
    slack,
    to_decimal,
)
from txlib.base.printing import as_text

pytestmark = pytest.mark.quick

decimals15 = st.decimals(min_value=-10**9, max_value=10**9, places=6, allow_nan=False).filter(
    lambda d: significant_digits(format(d, "f")) <= 15)


@examples(100)
@given(decimals15)
def test_a_float_gives_back_the_decimal_handed_in(d: Decimal) -> None:
    assert exact(float(format(d, "f"))).item() == Fraction(d)


@examples(100)
@given(st.lists(decimals15, min_size=1), st.integers(0, 4), st.sampled_from(["up", "even"]))
def test_rounding_is_that_of_the_decimal_module(ds: list[Decimal], places_kept: int, half: str) -> None:
    mode = ROUND_HALF_UP if half == "up" else ROUND_HALF_EVEN
    want = [Fraction(d.quantize(Decimal(1).scaleb(-places_kept), rounding=mode)) for d in ds]
    assert list(rounded(np.array([Fraction(d) for d in ds], dtype=object), places_kept, half)) == want  # type: ignore[arg-type]


def test_a_printed_half_goes_up_where_floats_go_down() -> None:
    """许庄街道, Jining 2017: 0.85 × 91.13 + 0.15 × 90.23 is 90.9950 and is printed 91.00."""
    total = Fraction("0.85") * Fraction("91.13") + Fraction("0.15") * Fraction("90.23")
    assert total == Fraction("90.995")
    assert rounded_one(total, 2) == 91
    assert round(0.85 * 91.13 + 0.15 * 90.23, 2) == 90.99


def test_halves_by_both_rules() -> None:
    halves = np.array([Fraction(n, 2) for n in (-3, -1, 1, 3, 5)], dtype=object)
    assert list(rounded(halves, 0)) == [-2, -1, 1, 2, 3]
    assert list(rounded(halves, 0, "even")) == [-2, 0, 0, 2, 2]


@examples(100)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=12), st.sampled_from(["min", "dense", "average"]),
       st.sampled_from(["up", "down"]))
def test_places_are_scipys_ranks(values: list[int], ties: str, direction: str) -> None:
    x = np.array(values, dtype=float)
    want = rankdata(-x if direction == "up" else x, method=ties)
    assert places(x, ties=ties, direction=direction).tolist() == want.tolist()  # type: ignore[arg-type]
    fractions = np.array([Fraction(v, 3) for v in values], dtype=object)
    assert places(fractions, ties=ties, direction=direction).tolist() == want.tolist()  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "number", "share", "amount"), [
    ("15", Fraction(15), None, Amount(Fraction(15), False)),
    ("-0.5", Fraction(-1, 2), None, Amount(Fraction(-1, 2), False)),
    ("30%", None, Fraction(3, 10), None),
    ("2.5%", None, Fraction(1, 40), None),
    ("3% of weight", None, None, Amount(Fraction(3, 100), True)),
    *[(text, None, None, None) for text in ("", "1e3", "1_000", "010", "+5", "1:30", ".5", "5.", "1,000", "30 %", "½")],
    ("3% of the weight", None, None, None),
])
def test_three_written_forms_and_no_others(text: str, number: object, share: object, amount: object) -> None:
    assert (read_number(text), read_share(text), read_amount(text)) == (number, share, amount)


def test_an_amount_of_weight_is_a_share_of_it() -> None:
    assert Amount(Fraction(3, 100), True).points(Fraction(15)) == Fraction("0.45")
    assert Amount(Fraction(3, 100), False).points(Fraction(15)) == Fraction("0.03")


@examples(100)
@given(decimals15)
def test_text_of_a_decimal_is_exact(d: Decimal) -> None:
    assert Fraction(as_text(Fraction(d))) == Fraction(d)


def test_text_of_a_fraction_without_end_is_rounded() -> None:
    assert [as_text(Fraction(n, 3)) for n in (1, 2, -2)] == ["0.3333", "0.6667", "-0.6667"]


def test_a_float_is_rounded_as_a_fraction_is_but_for_what_floats_cannot_hold() -> None:
    numbers = [-2.5, -1.25, -0.5, 0.0, 0.375, 1.5, 2.5, 1234.625]
    for decimals in (0, 1, 2):
        for half in ("up", "even"):
            want = [float(each) for each in rounded(exact(numbers), decimals, half)]  # type: ignore[arg-type]
            assert list(rounded(np.array(numbers), decimals, half)) == want  # type: ignore[arg-type]
    assert rounded(exact([[1.25], [2.5]]), 1).shape == (2, 1)


@pytest.mark.parametrize(("x", "near"), [
    (1.245, True), (-1.245, True), (1.245 + 9e-10, True), (1.245 - 9e-10, True), (1.245 + 2e-9, False), (1.245 - 2e-9, False),
    (1.24, False), (1.25, False), (0.005, True), (0.0, False), (10000.005 + 9e-6, True), (10000.005 + 2e-5, False),
])
def test_a_float_near_a_half_is_open_within_the_error_bound_of_its_size(x: float, near: bool) -> None:
    assert near_half([x], 2).tolist() == [near]


def test_the_error_bound_grows_with_numbers_above_one() -> None:
    assert slack([0.0, -0.5, 1.0, -2.0, 1000.0]).tolist() == pytest.approx([1e-9, 1e-9, 1e-9, 2e-9, 1e-6], rel=1e-6)


@pytest.mark.parametrize(("x", "decimals", "value"), [
    ("2.5", 0, 3), ("-2.5", 0, -3), ("0.12345", 4, Fraction("0.1235")), ("0." + "4" + "9" * 40 + "4", 0, 1),
    ("0." + "4" + "9" * 37, 0, 0), ("0.5" + "0" * 45 + "1", 0, 1), ("7", 3, 7),
])
def test_what_leaves_the_rationals_is_rounded_half_up_where_it_agrees_with_a_half_to_forty_digits(
        x: str, decimals: int, value: Fraction) -> None:
    assert from_decimal(Decimal(x), decimals) == value


def test_a_fraction_has_sixty_digits_as_a_decimal() -> None:
    assert to_decimal(Fraction(1, 3)) == Decimal("0." + "3" * 60) and to_decimal(Fraction(-7, 4)) == Decimal("-1.75")


@pytest.mark.parametrize("ends", ["", "%", "% of weight"])
def test_a_number_longer_than_a_person_writes_is_none(ends: str) -> None:
    longest = "1" * (60 - len(ends)) + ends
    read = [read_number, read_share, read_amount][["", "%", "% of weight"].index(ends)]
    assert read(longest) is not None and read("1" + longest) is None  # type: ignore[operator]
    assert (read_amount(longest) is None) is (ends == "%")


@pytest.mark.parametrize(("text", "digits"), [
    ("0", 0), ("-0.00120", 3), ("100", 3), ("1.50", 3), ("-12.5", 3), ("0.1", 1), ("123456789012345", 15)])
def test_significant_digits_begin_at_the_first_that_is_not_zero(text: str, digits: int) -> None:
    assert significant_digits(text) == digits


def test_a_place_among_peers_is_the_one_that_it_has_among_all() -> None:
    peers = np.array([9.0, 7.0, 7.0, 4.0])
    assert places([7.0, 4.0, 9.0], peers).tolist() == [2, 4, 1]
    assert places([7.0], peers, ties="average").tolist() == [2.5] and places([4.0], peers, ties="dense").tolist() == [3]
    assert places([7.0, 4.0], peers, direction="down", ties="average").tolist() == [2.5, 1]


@pytest.mark.parametrize("text", ["１２", "1٢", "１%", "１% of weight"])
def test_a_number_is_written_in_plain_digits(text: str) -> None:
    assert read_number(text) is None and read_share(text) is None and read_amount(text) is None


def test_a_ruled_number_is_of_the_kind_of_what_it_is_set_beside() -> None:
    assert isinstance(constant(Fraction(1, 4), exact([1.0])), Fraction)
    assert isinstance(constant(Fraction(1, 4), np.array([1.0])), float)
