"""A step less for each place."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from txlib.base.fields import AtMostFull, Each
from txlib.base.numbers import Array, fraction
from txlib.base.printing import spelt
from txlib.methods.method import Column, Directed
from txlib.methods.words import Case, held


class RankStep(Directed):
    """The best takes all, each place below loses a step, down to a floor."""

    method: Literal["rank_step"]
    step: Each
    floor: AtMostFull

    by_place: ClassVar[bool] = True
    scores_again: ClassVar[bool] = True
    uses_peers: ClassVar[bool] = True

    def formula(self, c: Column) -> Array:
        """The first place takes the full points, each place below it `step` less, never under `floor`."""
        points: Array = np.maximum(c.number(c.full) - (c.place_number - 1) * c.points(self.step), c.points(self.floor))
        return points

    def words(self, c: Case) -> dict[str, Any]:
        below, step, floor = fraction(c.row["place"]) - 1, self.step.points(c.full), self.floor.points(c.full)
        line = c.sum("{} − {} × {}", c.full, below, step)
        return {"step": spelt(step), "floor": spelt(floor), "line": held(c, line, c.full - below * step, floor)}
