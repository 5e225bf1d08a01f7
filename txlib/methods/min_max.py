"""The range of the peers put onto a range of points."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from txlib.base.fields import AtMostFull, Within
from txlib.base.numbers import Array
from txlib.base.printing import spelt
from txlib.methods.method import Column, Directed, on_line
from txlib.methods.words import Case, line

Range = Annotated[tuple[AtMostFull, AtMostFull], Within(1, order="onto_order"), Field(description="from, to")]


class MinMax(Directed):
    """The peers' range from worst to best onto a range of points."""

    method: Literal["min_max"]
    onto: Range

    uses_peers: ClassVar[bool] = True

    def formula(self, c: Column) -> Array:
        """On the line from the worst of the peers to the best."""
        lowest, highest = c.ends
        return on_line(c.value, lowest=lowest, highest=highest, onto=c.onto(self.onto), direction=self.direction)

    def divisor(self, c: Column) -> Array:
        return np.asarray(c.ends[1] - c.ends[0])

    def words(self, c: Case) -> dict[str, Any]:
        a, b = (end.points(c.full) for end in self.onto)
        peers = c.column("observed")
        sum_ = line(c, (c.x, min(peers), max(peers)), a, b, down=self.direction == "down")
        return {"a": spelt(a), "b": spelt(b), "line": sum_}
