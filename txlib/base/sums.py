"""Sums as they are printed: worked again from their text, and written with as many digits as their result needs.

A number that ends is printed as it is, another is rounded as late as it takes for the printed sum to give the printed result.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from txlib.base.numbers import from_decimal, rounded_one, to_decimal
from txlib.base.printing import DECIMALS, in_full, in_sum, spelt

_MOST, _EXACT = 24, 40  # decimals: at most so many are printed; so many stand for the numbers themselves
_WORKS: dict[type, Any] = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "≈": None})


def worked(text: str) -> Fraction:
    """What a sum comes to by its printed numbers: + − × ÷, brackets, percent signs, `ln`."""
    plain = re.sub(r"(\d+(?:\.\d+)?)%", r"(\1/100)", text.translate(_SIGNS))
    plain = re.sub(r"ln (\d+(?:\.\d+)?)", r"ln(\1)", plain).strip()

    def value(node: ast.expr) -> Fraction:
        match node:
            case ast.BinOp(left, sign, right):
                return Fraction(_WORKS[type(sign)](value(left), value(right)))
            case ast.UnaryOp(ast.USub(), operand):
                return -value(operand)
            case ast.Call(args=[argument]):
                return Fraction(to_decimal(value(argument)).ln())
        return Fraction(ast.get_source_segment(plain, node) or "")

    return value(ast.parse(plain, mode="eval").body)


def added(shares: Mapping[str, Fraction]) -> str:
    """Shares by their codes as a sum in percent: a 60% + b 30% = 90%."""
    parts = " + ".join(f"{code} {in_full(each * 100)}%" for code, each in shares.items())
    return f"{parts} = {in_full(sum(shares.values(), Fraction(0)) * 100)}%"


def decimals_of(text: str) -> int:
    """How many decimals a printed number has."""
    return len(text.partition(".")[2])


def digits(sum_of: Callable[[Callable[[Fraction], Fraction]], Fraction], *, times: Fraction = Fraction(1), shown: int = DECIMALS,
           ruled: int | None = None, leaf: int | None = None) -> int:
    """The fewest decimals of the numbers in a sum that give its result as printed, and `times` the result.

    `sum_of` works the sum, each number put through what it is given. `shown`: decimals of the printed result, where it does
    not end sooner or later; `ruled`: those that it is rounded to, `leaf`: those that `times` the result is rounded to.
    """
    result = from_decimal(to_decimal(sum_of(lambda x: rounded_one(x, _EXACT))), 30)
    places = [(each, max(shown, decimals_of(spelt(each * result))) if ruled is None else ruled) for each in {Fraction(1), times}]
    if leaf is not None and (times * result * 10**leaf * 2).denominator != 1:  # a half is one whatever is printed
        places.append((times, leaf))
    for kept in range(DECIMALS, _MOST):
        found = sum_of(lambda x, kept=kept: Fraction(spelt(x, kept).translate(_SIGNS)))  # type: ignore[misc]
        if all(rounded_one(each * found, decimals) == rounded_one(each * result, decimals) for each, decimals in places):
            return kept
    return _MOST


def written_out(pattern: str, *values: Fraction, kept: int = 0, **more: Any) -> str:
    """A pattern with the values in its places, negative ones in brackets; `kept`: decimals, else those `needed`."""
    kept = kept or needed(pattern, *values, **more)
    return pattern.format(*(in_sum(value, kept) for value in values))


def needed(pattern: str, *values: Fraction, **more: Any) -> int:
    """The fewest decimals of the values in a pattern that give its result as printed (digits, which takes `more`)."""
    if all(spelt(value)[0] != "≈" for value in values):
        return DECIMALS
    return digits(lambda printed: worked(pattern.format(*(in_sum(printed(x), _EXACT) for x in values))), **more)
