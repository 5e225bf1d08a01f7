"""The efficacy coefficient (功效系数法)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal, Self

from pydantic import model_validator

from txlib.base.fields import AtMostFull, Floor, Number, Points, wrong
from txlib.base.numbers import Array
from txlib.methods.method import Calculated, Column, Scalar, within
from txlib.methods.words import Case, between


class Efficacy(Calculated):
    """The efficacy coefficient (功效系数): base points at the unacceptable value, full points at the satisfactory one."""

    method: Literal["efficacy"]
    unacceptable: Number
    satisfactory: Number
    base: AtMostFull
    floor: Floor
    most: Points

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.unacceptable == self.satisfactory:
            raise wrong("efficacy_ends")
        return self

    def lines(self, other: Scalar, full: Fraction) -> Sequence[Scalar]:
        return self.unacceptable, self.satisfactory

    def formula(self, c: Column) -> Array:
        """`base` at the unacceptable value, full points at the satisfactory one, on a line that goes on beyond both ends.

        Less is better where satisfactory lies below unacceptable. Held within `floor` and `most`.
        """
        bad, good, base, full = c.number(self.unacceptable), c.number(self.satisfactory), c.points(self.base), c.number(c.full)
        return within(base + (c.value - bad) / (good - bad) * (full - base), c, self.floor, self.most)

    def sign(self, full: Fraction) -> int:
        return 1 if self.satisfactory > self.unacceptable else -1

    def words(self, c: Case) -> dict[str, Any]:
        a, b, base = self.unacceptable, self.satisfactory, self.base.points(c.full)
        line = c.sum("{} + ({} − {}) ÷ ({} − {}) × ({} − {})", base, c.x, a, b, a, c.full, base)
        value = base + (c.x - a) / (b - a) * (c.full - base)
        return {"lo": c.measured(a), "hi": c.measured(b), **between(c, line, value, self.floor, self.most)}
