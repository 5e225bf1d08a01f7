"""Numbers as a report prints them: with the digits that they have, and a dash where there is none."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import nan
from typing import Any

import pytest

from txlib.base.numbers import Numeral
from txlib.base.printing import (
    as_text,
    in_format,
    in_full,
    in_sum,
    number,
    percent,
    percentage,
    place,
    plainly,
    points,
    spelled,
    spelt,
    written,
)

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(("told", "values"), [
    (plainly, {nan: "—", 1 / 3: "≈0.3333", 0.25: "0.25", 12.0: "12"}),
    (place, {nan: "—", 1.0: "1", 2.5: "2.5", 12.0: "12"}),
    (percent, {0.126: "13", -0.5: "−50"}),
    (percentage, {nan: "—", 0.125: "12.5%", 1.0: "100%", 0.00049: "0%"}),
    (points, {0.0: "0.00", 0.005: "0.01", 1.5: "1.50", 0.0004: "0.0004"}),
], ids=lambda each: getattr(each, "__name__", ""))
def test_a_number_is_printed_with_what_it_has(told: Callable[[float], str], values: dict[float, str]) -> None:
    assert {value: told(value) for value in values} == values


@pytest.mark.parametrize(("value", "pattern", "wanted"), [
    (2.5, "0.00", "2.50"), (2.5, "0", "2"), (2.5, "General", "2.5"), (3.0, "General", "3"),
])
def test_a_cell_shows_a_number_as_its_format_says(value: Any, pattern: str, wanted: str) -> None:
    assert in_format(value, pattern) == wanted


@pytest.mark.parametrize(("x", "text"), [
    ("0.0000000001", "0.0000000001"), ("0.00000000001", "0.00000000001"), ("1.00000000001", "1"), ("-1.5", "-1.5"),
    ("1200", "1200"),
    ("0", "0"), ("1/3", "0.3333"), ("2/3000", "0.0006667"), ("1/300", "0.0033"), ("1/3000", "0.0003333"), ("1/999", "0.001"),
    ("1/1001", "0.000999"),
    ("-1/3000", "-0.0003333"), ("1/7000000", "0.0000001429"), ("100/3", "33.3333"), ("12345678901/10", "1234567890.1"),
])
def test_a_fraction_is_exact_to_ten_decimals_else_rounded_with_digits_that_tell_it_from_nothing(x: str, text: str) -> None:
    assert as_text(Fraction(x)) == text


def test_a_number_in_full_has_sixty_decimals() -> None:
    third = Fraction(1, 3)
    assert in_full(third) == "0." + "3" * 60 and in_full(Fraction(5, 2)) == "2.5" and as_text(third, 2) == "0.33"


@pytest.mark.parametrize(("value", "text"), [
    (Numeral("15.0"), "15"), (Numeral("1e3"), None), ("15", None), ("30.0%", "30%"), ("3.10% of weight", "3.1% of weight"),
    ("x", None),
    (15, None), (None, None), (Numeral("30%"), None),
])
def test_a_number_of_a_rule_book_has_one_spelling(value: Any, text: str | None) -> None:
    assert spelled(value) == text


@pytest.mark.parametrize(("x", "alone", "within"), [
    ("1.5", "1.5", "1.5"), ("-1.5", "−1.5", "(−1.5)"), ("1/3", "≈0.3333", "≈0.3333"), ("-1/3", "≈−0.3333", "(≈−0.3333)"),
    ("0", "0", "0"),
])
def test_a_negative_number_stands_in_brackets_within_a_sum(x: str, alone: str, within: str) -> None:
    assert (spelt(Fraction(x)), in_sum(Fraction(x))) == (alone, within)
    assert spelt(Fraction(1, 3), 2) == in_sum(Fraction(1, 3), 2) == "≈0.33" and written(-0.1) == "−0.1"


@pytest.mark.parametrize(("value", "decimals", "signed", "text"), [
    (1.005, 2, False, "1.01"), (-1.005, 2, False, "−1.01"), (2.5, 0, False, "3"), (0.0, 2, True, "0.00"), (1.0, 1, True, "+1.0"),
    (-0.001, 2, True, "0.00"), (0.001, 2, True, "0.00"), (nan, 2, True, "—"), (-7.0, 0, True, "−7"),
])
def test_a_half_goes_up_and_nothing_has_no_sign(value: float, decimals: int, signed: bool, text: str) -> None:
    assert number(value, decimals, signed=signed) == text
    assert number(1.25) == "1.25" and percent(0.1255, 1) == "12.6"


@pytest.mark.parametrize(("value", "text"), [
    (0.00499, "0.005"), (-0.005, "−0.01"), (-0.0004, "-0.0004"), (0.0051, "0.01"), (0.00012, "0.0001")])
def test_points_of_weight_are_never_printed_as_nothing(value: float, text: str) -> None:
    assert points(value) == text


def test_a_share_has_one_decimal() -> None:
    assert [percentage(each) for each in (0.12345, 1 / 3, 0.5)] == ["12.3%", "33.3%", "50%"] and plainly(0.1 + 0.2) == "0.3"
