"""Change on last year."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, ClassVar, Literal

import numpy as np

from txlib.base.fields import AtMostFull, Each, Floor, Points
from txlib.base.numbers import Array, fraction
from txlib.base.printing import spelt
from txlib.base.sums import written_out
from txlib.methods.method import Column, Directed, Scalar, within
from txlib.methods.words import Case, between


class Growth(Directed):
    """Change on last year in percent: `flat` points at none, gain and loss for each percent of last year's value."""

    method: Literal["growth"]
    flat: AtMostFull
    gain: Each
    lose: Each
    floor: Floor
    most: Points

    beside: ClassVar[str] = "last_year"
    divides_by_beside: ClassVar[bool] = True

    def formula(self, c: Column) -> Array:
        """`flat` points at last year's value, `gain` more for each percent above it, `lose` less for each below."""
        last = c.other
        percents: Array = 100 * (c.value - last if self.direction == "up" else last - c.value) / last
        flat = c.points(self.flat)
        points = np.where(percents >= 0, flat + c.points(self.gain) * percents, flat + c.points(self.lose) * percents)
        return within(np.asarray(points), c, self.floor, self.most)

    def divisor(self, c: Column) -> Array:
        return c.other

    def lines(self, other: Scalar, full: Fraction) -> Sequence[Scalar]:
        """Last year's value."""
        return (other,)

    def words(self, c: Case) -> dict[str, Any]:
        last, down = fraction(c.row["last_year"]), self.direction == "down"
        change = (last - c.x if down else c.x - last) / last * 100
        flat, each = self.flat.points(c.full), (self.gain if change >= 0 else self.lose).points(c.full)
        pattern, values = f"{{}} {'+' if change >= 0 else '−'} {{}} × {{}}", (flat, abs(change), each)
        kept = c.kept(pattern, *values)
        ahead = (last, c.x) if down else (c.x, last)
        line, way = written_out(pattern, *values, kept=kept), "up" if (change >= 0) != down else "down"
        return {"key": f"growth_{self.direction}", "l": c.measured(last), "rate": spelt(change, kept), "flat": spelt(flat),
                "how": written_out("({} − {}) ÷ {}", *ahead, last, times=Fraction(100), shown=kept),
                "each": c.say(f"each_{way}_{'gains' if change >= 0 else 'costs'}", step=spelt(each)),
                **between(c, line, flat + change * each, self.floor, self.most)}
