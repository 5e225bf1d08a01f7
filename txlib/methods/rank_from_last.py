"""Points lost by place, counted from the last."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from txlib.base.fields import AtMostFull, Within
from txlib.base.numbers import Array, exact, floats, is_exact, places
from txlib.base.printing import spelt
from txlib.methods.method import Column, Directed
from txlib.methods.words import Case


class RankFromLast(Directed):
    """The last loses most, the next above it less, as far as the list goes; all others have the full points.

    Of equal values each is as far from the last as the year's rule for ties says of places from the first.
    """

    method: Literal["rank_from_last"]
    loses: Annotated[tuple[AtMostFull, ...], Within(1, order="ladder_order"), Field(min_length=1)]

    by_place: ClassVar[bool] = True
    uses_peers: ClassVar[bool] = True

    def from_last(self, c: Column) -> Array:
        """The place of each unit counted from the last, in the arithmetic of the values."""
        alike = is_exact(c.value) == is_exact(c.peers)
        mine, others = (c.value, c.peers) if alike else (floats(c.value), floats(c.peers))
        found = places(mine, others, direction="down" if self.direction == "up" else "up", ties=c.ties)  # type: ignore[arg-type]
        return exact(found) if is_exact(c.value) else found

    def formula(self, c: Column) -> Array:
        """The full points less what the place from the last loses; half-way between two, half-way."""
        lost, place = np.array([*map(c.points, self.loses), c.points(None)]), self.from_last(c)
        rung = np.floor(floats(place)).astype(np.intp) - 1
        worse, better = (lost[np.minimum(i, len(self.loses))] for i in (rung, rung + 1))
        points: Array = c.number(c.full) - worse - (place - 1 - rung) * (better - worse)
        return points

    def words(self, c: Case) -> dict[str, Any]:
        peers: Any = np.array(c.column("observed"), dtype=object)
        mine: Any = np.array([c.x], dtype=object)
        column = Column(mine, None, peers, c.full, ties=c.ties)
        lost = c.full - self.formula(column)[0]
        return {"loses": " / ".join(spelt(each.points(c.full)) for each in self.loses),
                "from_last": spelt(self.from_last(column)[0]), "line": c.sum("{} − {}", c.full, lost)}
