"""Standard deviations ahead of the mean."""

from __future__ import annotations

import math
from decimal import localcontext
from fractions import Fraction
from typing import Any, ClassVar, Literal

import numpy as np

from txlib.base.fields import AtMostFull, Each, Floor, Places, Points
from txlib.base.numbers import PRECISION, Array, exact, floats, from_decimal, is_exact, rounded_one, to_decimal
from txlib.base.printing import spelt
from txlib.base.sums import written_out
from txlib.methods.method import Column, Directed, Scalar, within
from txlib.methods.words import Case, between


class ZScore(Directed):
    """Standard deviations ahead of the peers' mean."""

    method: Literal["z_score"]
    centre: AtMostFull
    per_deviation: Each
    deviation: Literal["population", "sample"]
    floor: Floor
    most: Points
    decimals: Places

    uses_peers: ClassVar[bool] = True

    def formula(self, c: Column) -> Array:
        """`centre` points at the peers' mean, `per_deviation` more for each standard deviation ahead, rounded half up.

        Fractions by decimals of 60 digits; floats come back unrounded and not held within limits.
        """
        mean, variance = self.moments(c)
        centre, step = c.points(self.centre), c.points(self.per_deviation)
        ahead = c.value - mean if self.direction == "up" else mean - c.value
        if not is_exact(c.value):
            return np.asarray(centre + ahead / np.sqrt(variance) * step)
        with localcontext(prec=PRECISION):
            deviation, middle = to_decimal(variance).sqrt(), to_decimal(centre)
            points = [from_decimal(middle + to_decimal(x * step) / deviation, self.decimals) for x in ahead]
        return self.held(np.array(points, dtype=object), c)

    @property
    def taken(self) -> int:
        """How many units the variance's divisor is less than all of them."""
        return 1 if self.deviation == "sample" else 0

    def moments(self, c: Column) -> tuple[Scalar, Scalar]:
        """Mean and variance of the peers, in the arithmetic of the values; the same in whatever order they stand."""
        free = len(c.peers) - self.taken
        mean = c.mean
        if is_exact(c.value):
            x = c.peers if is_exact(c.peers) else exact(c.peers)
            return mean, ((x - mean) ** 2).sum() / free if free else Fraction(0)
        x = floats(c.peers)
        return mean, math.fsum((x - mean) ** 2) / free if free and x.min() < x.max() else 0.0

    def divisor(self, c: Column) -> Array:
        return np.asarray(self.moments(c)[1])

    def held(self, points: Array, c: Column) -> Array:
        return within(points, c, self.floor, self.most)

    def words(self, c: Case) -> dict[str, Any]:
        peers, down = c.column("observed"), self.direction == "down"
        mean = sum(peers, Fraction(0)) / len(peers)
        variance = sum(((x - mean) ** 2 for x in peers), Fraction(0)) / (len(peers) - self.taken)
        with localcontext(prec=PRECISION):
            deviation = Fraction(to_decimal(variance).sqrt())
        deviation = found if (found := rounded_one(deviation, 30))**2 == variance else deviation
        centre, step = self.centre.points(c.full), self.per_deviation.points(c.full)
        ahead, (first, second) = (mean - c.x, (mean, c.x)) if down else (c.x - mean, (c.x, mean))
        pattern, values = "{} + ({} − {}) ÷ {} × {}", (centre, first, second, deviation, step)
        kept = c.kept(pattern, *values, ruled=self.decimals)
        line, value = written_out(pattern, *values, kept=kept), rounded_one(centre + ahead / deviation * step, self.decimals)
        return {"mean": c.measured(mean), "sd": spelt(deviation, kept),
                "decimals": self.decimals, "centre": spelt(centre), "step": spelt(step),
                "deviation": c.say(f"deviation_{self.deviation}"), **between(c, line, value, self.floor, self.most)}
