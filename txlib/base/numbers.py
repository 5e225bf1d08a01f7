"""Numbers as exact fractions: reading, rounding, places.

A float column handed in stands for decimals of at most 15 significant digits; `exact` gives those decimals back
without loss. Functions take arrays of `Fraction` (object dtype, exact) or of float64 (fast) and return the same kind.
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
Positions = npt.NDArray[np.intp]
Half = Literal["up", "even"]
Ties = Literal["min", "dense", "average"]
Direction = Literal["up", "down"]

DIGITS = 15
PRECISION = 60
ERROR_BOUND = 1e-9


class Numeral(str):
    """A number as it is written; `read_number` says whether it has an admitted form."""


class Amount(NamedTuple):
    """Points, either as such (`15`) or as a share of the indicator's weight (`60% of weight`)."""

    value: Fraction
    of_weight: bool

    def points(self, full: Fraction) -> Fraction:
        """The amount in points for an indicator of `full` points."""
        return self.value * full if self.of_weight else self.value


def exact(x: Any) -> Array:
    """The decimal that each float stands for (its shortest one), as Fractions; shape kept."""
    column = np.asarray(x, dtype=np.float64)
    return np.array([Fraction(repr(float(v))) for v in column.ravel()], dtype=object).reshape(column.shape)


def fraction(x: float) -> Fraction:
    """The decimal that a float stands for."""
    value: Fraction = exact(x).item()
    return value


def is_exact(x: Array) -> bool:
    """Whether an array holds Fractions rather than floats."""
    return bool(x.dtype == object)


def constant(value: Fraction, like: Array) -> Any:
    """A ruled number in the kind of arithmetic that `like` uses."""
    return value if is_exact(like) else float(value)


def floats(x: Any) -> npt.NDArray[np.float64]:
    """Each number as the nearest float64, for tables and figures."""
    return np.asarray(x, dtype=np.float64)


def _whole(scaled: Fraction, half: Half) -> int:
    if half == "even":
        return round(scaled)
    whole = math.floor(abs(scaled) + Fraction(1, 2))
    return whole if scaled >= 0 else -whole


def rounded_one(x: Fraction, decimals: int, half: Half = "up") -> Fraction:
    """One fraction rounded; `up` takes a half away from zero (四舍五入), `even` to the even digit (GB/T 8170)."""
    scale = 10**decimals
    return Fraction(_whole(x * scale, half), scale)


def rounded(x: Any, decimals: int, half: Half = "up") -> Array:
    """Each number rounded to `decimals`; exact on Fractions, ordinary float arithmetic on floats."""
    values = np.asarray(x)
    if is_exact(values):
        return np.array([rounded_one(v, decimals, half) for v in values.ravel()], dtype=object).reshape(values.shape)
    scaled = values * 10.0**decimals
    whole = np.rint(scaled) if half == "even" else np.copysign(np.floor(np.abs(scaled) + 0.5), scaled)
    return np.asarray(whole / 10.0**decimals)


def near_half(x: Any, decimals: int) -> npt.NDArray[np.bool_]:
    """Floats whose rounding the error bound leaves open: they lie next to a half of the last decimal kept."""
    scaled = np.abs(floats(x)) * 10.0**decimals
    return np.asarray(np.abs(scaled - np.floor(scaled) - 0.5) <= slack(x) * 10.0**decimals)


def slack(x: Any) -> npt.NDArray[np.float64]:
    """How far a float total may lie from the exact one: far more than any sum of a tree gathers."""
    return ERROR_BOUND * np.maximum(1.0, np.abs(floats(x)))


def to_decimal(x: Fraction) -> Decimal:
    """A fraction to 60 digits, for what leaves the rationals (logarithms, roots)."""
    with localcontext(prec=PRECISION):
        return Decimal(x.numerator) / Decimal(x.denominator)


def from_decimal(x: Decimal, decimals: int) -> Fraction:
    """A number known to some 50 digits, rounded half up; what agrees with a half to 40 digits is that half."""
    with localcontext(prec=PRECISION):
        settled = x.quantize(Decimal(1).scaleb(-40))
        return Fraction(settled.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


def places(x: Any, peers: Any = None, *, direction: Direction = "up", ties: Ties = "min") -> npt.NDArray[np.float64]:
    """The place of each x among `peers` (by default x itself), the best first at 1.

    `min`: equal values share the better place (1-1-3); `dense`: no place is left out (1-1-2); `average`: they share
    the mean of the places that they occupy (1.5-1.5-3). Every x must be one of the peers.
    """
    mine = np.asarray(x)
    others = mine if peers is None else np.asarray(peers)
    if direction == "up":
        mine, others = -mine, -others
    ordered = np.unique(others) if ties == "dense" else np.sort(others)
    by_size = np.argsort(mine, kind="stable")  # looking up in order keeps to the cache: five times as fast
    first, last = (np.searchsorted(ordered, mine[by_size], side=side) for side in ("left", "right"))
    place = np.empty(len(mine))
    place[by_size] = floats(first + last + 1) / 2 if ties == "average" else floats(first + 1)
    return place


LONGEST = 60  # characters of a number that a person writes; a longer one is refused before it is computed
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)
_SHARE = re.compile(r"(-?(?:0|[1-9]\d*)(?:\.\d+)?)%", re.ASCII)
_OF_WEIGHT = re.compile(r"(-?(?:0|[1-9]\d*)(?:\.\d+)?)% of weight", re.ASCII)


def read_number(text: str) -> Fraction | None:
    """`15` or `0.5` as the fraction written, or None where the text is no plain number."""
    return Fraction(text) if len(text) <= LONGEST and _NUMBER.fullmatch(text) else None


def read_share(text: str) -> Fraction | None:
    """`30%` as 3/10, or None where the text is no share."""
    found = _SHARE.fullmatch(text) if len(text) <= LONGEST else None
    return Fraction(found[1]) / 100 if found else None


def read_amount(text: str) -> Amount | None:
    """`15` or `60% of weight`, or None where the text is neither."""
    number = read_number(text)
    if number is not None:
        return Amount(number, of_weight=False)
    found = _OF_WEIGHT.fullmatch(text) if len(text) <= LONGEST else None
    return Amount(Fraction(found[1]) / 100, of_weight=True) if found else None


def significant_digits(text: str) -> int:
    """How many significant digits a plain decimal shows; more than 15 do not survive Excel or a float."""
    digits = text.lstrip("-").replace(".", "").lstrip("0")
    return len(digits)
