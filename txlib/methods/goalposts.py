"""Fixed ends put onto a range of points, by the value or by its logarithm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import localcontext
from fractions import Fraction
from typing import Any, Literal, Self

import numpy as np
from pydantic import model_validator

from txlib.base.fields import Number, Places, wrong
from txlib.base.numbers import PRECISION, Array, from_decimal, is_exact, to_decimal
from txlib.base.printing import spelt
from txlib.methods.method import Column, Directed, Refusal, Scalar, on_line
from txlib.methods.min_max import Range
from txlib.methods.words import Case, line


class Goalposts(Directed):
    """Fixed ends onto a range of points, clipped or not, linear or logarithmic."""

    method: Literal["goalposts"]
    low: Number
    high: Number
    onto: Range
    scale: Literal["linear", "log"] = "linear"
    clip: Literal["both", "none"] = "both"
    decimals: Places | None = None

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.low >= self.high or (self.scale == "log" and self.low <= 0):
            raise wrong("goalposts_ends")
        if (self.scale == "log") != (self.decimals is not None):
            raise wrong("log_decimals")
        return self

    def lines(self, other: Scalar, full: Fraction) -> Sequence[Scalar]:
        return self.low, self.high

    def formula(self, c: Column) -> Array:
        """On the line between the two ends; clipped, a value outside them counts as the end that it passed."""
        low, high, onto = c.number(self.low), c.number(self.high), c.onto(self.onto)
        value = np.clip(c.value, low, high) if self.clip == "both" else c.value
        if self.decimals is None:
            return on_line(value, lowest=low, highest=high, onto=onto, direction=self.direction)
        return self._logarithmic(value, low, high, onto, self.decimals)

    def _logarithmic(self, value: Array, low: Any, high: Any, onto: Any, decimals: int) -> Array:
        """On the line between the logarithms of the ends, rounded half up; fractions by decimals of 60 digits.

        The ends must be above zero, and the values too unless they are clipped. Floats come back unrounded.
        """
        if not is_exact(value):
            return on_line(np.log(value), lowest=np.log(low), highest=np.log(high), onto=onto, direction=self.direction)
        with localcontext(prec=PRECISION):
            bottom, top, start, end = (to_decimal(low).ln(), to_decimal(high).ln(), to_decimal(onto[0]), to_decimal(onto[1]))
            logs = [to_decimal(x).ln() for x in value]
            ahead = [(log - bottom if self.direction == "up" else top - log) / (top - bottom) for log in logs]
            return np.array([from_decimal(start + each * (end - start), decimals) for each in ahead], dtype=object)

    def divisor(self, c: Column) -> Array | None:
        """An unclipped logarithm divides by nothing, but has the same need of a number above zero."""
        return c.value if self.scale == "log" and self.clip == "none" else None

    def refusals(self, value: float, full: Fraction) -> Iterator[Refusal]:
        if self.scale == "log" and self.clip == "none" and value <= 0:
            yield "log_not_positive", "value", {}

    def words(self, c: Case) -> dict[str, Any]:
        a, b = (end.points(c.full) for end in self.onto)
        x, down = min(max(c.x, self.low), self.high) if self.clip == "both" else c.x, self.direction == "down"
        values = {"a": spelt(a), "b": spelt(b), "lo": c.measured(self.low), "hi": c.measured(self.high), "key": "goalposts",
                  "clip": "" if x == c.x else c.say("clipped", end=c.measured(x))}
        ends = (x, self.low, self.high)
        if self.scale == "linear":
            return {**values, "line": line(c, ends, a, b, down=down)}
        return {**values, "key": "goalposts_log", "decimals": self.decimals,
                "line": line(c, ends, a, b, down=down, each="ln {}", ruled=self.decimals)}
