"""Change on last year."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from txlib.base.fields import AtMostFull, Each, Floor, Points
from txlib.base.numbers import Array, fraction
from txlib.base.printing import in_sum, spelt
from txlib.methods.method import Column, Directed, within
from txlib.methods.words import Case, between


class Growth(Directed):
    """Change on last year in percent: `flat` points at none, gain and loss for each percentage point."""

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

    def words(self, c: Case) -> dict[str, Any]:
        last, down = fraction(c.row["last_year"]), self.direction == "down"
        change = (last - c.x if down else c.x - last) / last * 100
        flat, each = self.flat.points(c.full), (self.gain if change >= 0 else self.lose).points(c.full)
        line = f"{spelt(flat)} {'+' if change >= 0 else '−'} {spelt(abs(change))} × {spelt(each)}"
        ahead = (last, c.x) if down else (c.x, last)
        return {"key": f"growth_{self.direction}", "l": c.measured(last), "rate": spelt(change), "flat": spelt(flat),
                "how": f"({in_sum(ahead[0])} − {in_sum(ahead[1])}) ÷ {spelt(last)}",
                "each": c.say("each_more" if change >= 0 else "each_less", step=spelt(each)),
                **between(c, line, flat + change * each, self.floor, self.most)}
