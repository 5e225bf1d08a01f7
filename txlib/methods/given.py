"""Points or marks given as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from txlib.base.fields import Number, wrong
from txlib.base.numbers import Array, exact
from txlib.base.printing import as_text, in_full
from txlib.methods.method import Calculated, Column, Refusal
from txlib.methods.words import Case


class Given(Calculated):
    """The value is the points, or marks `out_of` so many."""

    method: Literal["given"]
    out_of: Number | None = None

    judged: ClassVar[bool] = True

    @model_validator(mode="after")
    def _above_zero(self) -> Self:
        if self.out_of is not None and self.out_of <= 0:
            raise wrong("out_of_above_zero")
        return self

    def formula(self, c: Column) -> Array:
        """The points are the value itself, or its share of `out_of` times the full points."""
        points: Array = c.value.copy() if self.out_of is None else c.value * c.number(c.full) / c.number(self.out_of)
        return points

    def limits(self, full: Fraction) -> Mapping[str, Fraction]:
        return {"value": full if self.out_of is None else self.out_of}

    def refusals(self, value: float, full: Fraction) -> Iterator[Refusal]:
        most = self.limits(full)["value"]
        if not 0 <= exact([value])[0] <= most:
            yield "given_range", "value", {"most": in_full(most)}

    def words(self, c: Case) -> dict[str, Any]:
        if self.out_of is None:
            return {"key": "given_points", "bare": c.sum("{}", c.x)}
        return {"out_of": as_text(self.out_of), "line": c.sum("{} ÷ {} × {}", c.x, self.out_of, c.full)}
