"""How numbers are printed: one function a form, for sentences, tables, workbooks and faults alike."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

from txlib.base.numbers import LONGEST, Numeral, fraction, read_amount, read_number, read_share, rounded_one

MISSING = "—"
DECIMALS = 4  # of a number that does not end
_PLACES = 10  # decimals within which a fraction ends that is printed as it is
_SMALL = Fraction(1, 1000)  # below it, as many digits in place of as many decimals


def as_text(x: Fraction, decimals: int = DECIMALS) -> str:
    """A fraction as a person writes it: exact where it ends within _PLACES decimals, else rounded to `decimals`.

    One near nothing keeps as many digits: it is not printed as 0.
    """
    if (x * 10**_PLACES).denominator != 1:
        while decimals < 60 and abs(x) * 10**(decimals - DECIMALS) < Fraction(1, 10) and abs(x) < _SMALL:
            decimals += 1
        x = rounded_one(x, decimals)
    kept = max(_PLACES, decimals)
    sign, scaled = ("-" if x < 0 else ""), abs(x) * 10**kept
    digits = f"{int(scaled):0{kept + 1}d}"
    return sign + f"{digits[:-kept]}.{digits[-kept:]}".rstrip("0").rstrip(".")


in_full = partial(as_text, decimals=LONGEST)  # all its digits, as in a fault: 100.000000000001 is not 100


def spelled(value: Any) -> str | None:
    """A rule-book's number in one of the three forms, in one spelling; None for any other text."""
    if not isinstance(value, str):
        return None
    if isinstance(value, Numeral):
        number = read_number(value)
        return None if number is None else in_full(number)
    if (share := read_share(value)) is not None:
        return in_full(share * 100) + "%"
    amount = read_amount(value)
    return None if amount is None or not amount.of_weight else in_full(amount.value * 100) + "% of weight"


def spelt(value: Fraction, decimals: int = DECIMALS) -> str:
    """A fraction as printed, with a true minus sign."""
    digits = as_text(value, decimals=decimals)
    return (digits if Fraction(digits) == value else f"≈{digits}").replace("-", "−")


def in_sum(value: Fraction, decimals: int = DECIMALS) -> str:
    """A number within a sum: a negative one in brackets."""
    return f"({spelt(value, decimals)})" if value < 0 else spelt(value, decimals)


def written(x: float) -> str:
    """A number as printed in a sentence: exact, or with ≈ where it does not end within ten decimals."""
    return spelt(fraction(x))


def number(value: float, decimals: int = 2, *, signed: bool = False) -> str:
    """A number as printed, a half rounded up, with a true minus sign; — where there is none. `signed`: + too."""
    if value != value:
        return MISSING
    printed = float(rounded_one(Fraction(repr(float(value))), decimals))
    sign = "−" if printed < 0 else "+" if signed and printed > 0 else ""
    return sign + f"{abs(printed):.{decimals}f}"


def plainly(value: float) -> str:
    """A number with the digits that it has, ≈ where it does not end; — where there is none."""
    return MISSING if value != value else written(float(f"{value:.15g}"))


def place(value: float) -> str:
    """A place as printed; — where there is none."""
    return MISSING if value != value else f"{value:g}"


def percent(value: float, decimals: int = 0) -> str:
    """A part as a percentage, without its sign."""
    return number(100 * value, decimals)


def percentage(share: float) -> str:
    """A share with one decimal, — where there is none."""
    return MISSING if share != share else f"{plainly(round(share * 100, 1))}%"


def points(value: float) -> str:
    """Points of weight: two decimals, more where that would be nothing."""
    return number(value, 2) if value == 0 or abs(value) >= 0.005 else f"{value:.1g}"


def in_format(value: Any, pattern: str) -> str:
    """About what a cell of a workbook shows under a number format."""
    return f"{value:.{len(pattern.partition('.')[2])}f}" if "0" in pattern else f"{value:g}"
