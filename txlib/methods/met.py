"""A goal reached or missed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from txlib.base.fields import AtMostFull, Number
from txlib.base.numbers import Array, fraction
from txlib.methods.method import Beside, Column, Directed, Scalar
from txlib.methods.words import Case


class Met(Directed):
    """All points where the target is reached, else what is ruled."""

    method: Literal["met"]
    at: Number | None = None
    otherwise: AtMostFull

    @property
    def beside(self) -> Beside | None:
        return "target" if self.at is None else None

    def lines(self, other: Scalar, full: Fraction) -> Sequence[Scalar]:
        return (other if self.at is None else self.at,)

    def formula(self, c: Column) -> Array:
        """Full points where the goal is reached (at least; `down`: at most), else `otherwise`."""
        goal = c.other if self.at is None else c.number(self.at)
        reached: Array = c.value >= goal if self.direction == "up" else c.value <= goal
        return np.asarray(np.where(reached, c.number(c.full), c.points(self.otherwise)))

    def words(self, c: Case) -> dict[str, Any]:
        goal, down = self.at if self.at is not None else fraction(c.row["target"]), self.direction == "down"
        reached = c.x <= goal if down else c.x >= goal
        return {"t": c.measured(goal), "key": ("met" if reached else "missed") + ("_down" if down else ""),
                "otherwise": c.points(self.otherwise)}
