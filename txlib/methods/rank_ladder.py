"""Points by place, rung by rung."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from txlib.base.fields import Points, Within
from txlib.base.numbers import Array, floats, fraction
from txlib.base.printing import spelt
from txlib.methods.method import Column, Directed
from txlib.methods.words import Case


class RankLadder(Directed):
    """Points by place."""

    method: Literal["rank_ladder"]
    points: Annotated[tuple[Points, ...], Within(1, order="ladder_order"), Field(min_length=1)]
    beyond: Literal["last", "zero"]

    by_place: ClassVar[bool] = True
    scores_again: ClassVar[bool] = True
    uses_peers: ClassVar[bool] = True

    def formula(self, c: Column) -> Array:
        """Points by place, `beyond` after the last rung; half-way between two places, half-way between rungs."""
        after = c.points(self.points[-1] if self.beyond == "last" else None)
        rungs, place = np.array([*map(c.points, self.points), after]), c.place_number
        rung = np.floor(floats(place)).astype(np.intp) - 1
        upper, lower = (rungs[np.minimum(i, len(self.points))] for i in (rung, rung + 1))
        between: Array = upper + (place - 1 - rung) * (lower - upper)
        return between

    def words(self, c: Case) -> dict[str, Any]:
        rungs = [rung.points(c.full) for rung in self.points]
        after = rungs[-1] if self.beyond == "last" else Fraction(0)
        place = fraction(c.row["place"])
        upper, lower = ([*rungs, after][min(i, len(rungs))] for i in (math.floor(place) - 1, math.ceil(place) - 1))
        key, line = ("rung", spelt(upper)) if place.denominator == 1 else ("between_rungs", c.sum("({} + {}) ÷ 2", upper, lower))
        return {"rungs": " / ".join(map(spelt, rungs)), "beyond": c.say(f"beyond_{self.beyond}"),
                "rung": c.say(key, place=spelt(place), line=line)}
