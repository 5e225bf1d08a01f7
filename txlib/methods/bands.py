"""A table of values and points."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from txlib.base.fields import AtMostFull, Model, Number, Points, wrong
from txlib.base.numbers import Array
from txlib.base.printing import spelt
from txlib.methods.method import Calculated, Column, Scalar
from txlib.methods.words import Case, line


class Row(Model):
    """From this value on, these points."""

    from_: Annotated[Number, Field(alias="from")]
    points: Points


class Bands(Calculated):
    """A table of values and points, in steps or along straight lines."""

    method: Literal["bands"]
    between: Literal["step", "line"]
    edge: Literal["above", "below"] | None = None
    below: AtMostFull | None = None
    rows: Annotated[tuple[Row, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _table(self) -> Self:
        starts = [row.from_ for row in self.rows]
        if any(a >= b for a, b in pairwise(starts)):
            raise wrong("rows_ascending")
        if {self.edge is not None, self.below is not None} != {self.between == "step"}:
            raise wrong("bands_edge")
        return self

    @property
    def on_line_above(self) -> bool:
        return self.edge != "below"

    def lines(self, other: Scalar, full: Fraction) -> Sequence[Scalar]:
        return tuple(row.from_ for row in self.rows)

    def formula(self, c: Column) -> Array:
        """The points of the highest row that is reached, else `below`; or those on the line between the rows."""
        starts, points = [c.number(row.from_) for row in self.rows], [c.points(row.points) for row in self.rows]
        if self.between == "line":
            return _on_lines(c.value, np.array(starts), np.array(points))
        # `edge`: the side that a start belongs to
        reached = np.searchsorted(np.array(starts), c.value, side="right" if self.edge == "above" else "left")
        table: Array = np.array([c.points(self.below), *points])
        return table[reached]

    def sign(self, full: Fraction) -> int:
        points = [row.points.points(full) for row in self.rows]
        points = points if self.below is None else [self.below.points(full), *points]
        upwards = {b > a for a, b in pairwise(points) if a != b}
        if len(upwards) != 1:
            return 0
        return 1 if upwards.pop() else -1

    def words(self, c: Case) -> dict[str, Any]:
        rows = [(row.from_, row.points.points(c.full)) for row in self.rows]
        table = c.joined("comma", [f"{c.measured(start)} → {spelt(points)}" for start, points in rows])
        if self.between == "line":
            return {"rows": table, "key": "bands_line", "used": _used(c, rows)}
        assert self.below is not None
        below = c.points(self.below)
        reached = [row for row in rows if (c.x >= row[0] if self.edge == "above" else c.x > row[0])]
        used = (c.say("band_used", start=c.measured(reached[-1][0]), points=spelt(reached[-1][1])) if reached
                else c.say("band_under", points=below))
        return {"rows": table, "key": "bands_step", "edge": c.say(f"edge_{self.edge}"), "below": below, "used": used}


def _on_lines(value: Array, x: Array, y: Array) -> Array:
    """On the line between the two rows around the value, flat outside the first and the last row."""
    if len(x) == 1:
        return np.full(value.shape, y[0])
    held = np.clip(value, x[0], x[-1])
    row = np.minimum(np.searchsorted(x, held, side="right"), len(x) - 1)
    points: Array = y[row - 1] + (held - x[row - 1]) / (x[row] - x[row - 1]) * (y[row] - y[row - 1])
    return points


def _used(c: Case, rows: list[tuple[Fraction, Fraction]]) -> str:
    """The line between two rows that a value lies on, or the end that it passed."""
    around = next(((a, b) for a, b in pairwise(rows) if a[0] <= c.x <= b[0]), None)
    if around is None:
        end = rows[0] if c.x < rows[0][0] else rows[-1]
        return c.say("band_end", start=c.measured(end[0]), points=spelt(end[1]))
    (low, a), (high, b) = around
    return c.say("sum", line=line(c, (c.x, low, high), a, b))
