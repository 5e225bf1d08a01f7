"""The value as a share of the best."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, ClassVar, Literal

import numpy as np

from txlib.base.numbers import Array
from txlib.methods.method import Column, Directed, Refusal
from txlib.methods.words import Case


class ShareOfBest(Directed):
    """The value as a share of the best among the peers."""

    method: Literal["share_of_best"]

    uses_peers: ClassVar[bool] = True
    never_negative: ClassVar[bool] = True
    scores_again: ClassVar[bool] = True

    def formula(self, c: Column) -> Array:
        """The value's share of the best, times the full points; `down`: the best's share of the value."""
        full, best = c.number(c.full), c.best(self.direction)
        points: Array = c.value / best * full if self.direction == "up" else best / c.value * full
        return points

    def divisor(self, c: Column) -> Array:
        return np.asarray(c.best("up")) if self.direction == "up" else c.value

    def refusals(self, value: float, full: Fraction) -> Iterator[Refusal]:
        if value < 0:
            yield "share_negative", "value", {}

    def words(self, c: Case) -> dict[str, Any]:
        peers, up = c.column("observed"), self.direction == "up"
        terms = (c.x, max(peers)) if up else (min(peers), c.x)
        return {"key": f"share_of_best_{self.direction}", "line": c.sum("{} × {} ÷ {}", c.full, *terms)}
