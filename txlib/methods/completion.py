"""Actual against target, gained and lost by the percent."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from txlib.base.fields import AtMostFull, Each, Loss, Points, wrong
from txlib.base.numbers import Array, fraction
from txlib.base.printing import in_sum, spelt
from txlib.methods.method import Column, Directed
from txlib.methods.words import Case, held


class Completion(Directed):
    """Actual ÷ target: credit above and loss below for each percentage point, capped."""

    method: Literal["completion"]
    lose: Loss
    gain: Each | None = None
    cap: Points | None = None
    floor: AtMostFull

    beside: ClassVar[str] = "target"
    divides_by_beside: ClassVar[bool] = True

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.gain is None) != (self.cap is None):
            raise wrong("gain_and_cap")
        return self

    def formula(self, c: Column) -> Array:
        """Full points at the target; for each percent above it `gain` more, at most `cap`; below it `lose` less.

        Never under `floor`; a part of a percent counts as that part. To lose a hundredth of the full points for
        each percent is to score in proportion. `down` mirrors the rate: 90% of a limit counts as 110%.
        """
        full, target = c.number(c.full), c.other
        lose = c.number(c.full / 100) if self.lose == "proportional" else c.points(self.lose)
        ahead = c.value - target if self.direction == "up" else target - c.value
        percents: Array = 100 * ahead / target
        above = full + np.minimum(c.points(self.gain) * percents, c.points(self.cap))
        below = np.maximum(full + lose * percents, c.points(self.floor))
        return np.asarray(np.where(percents >= 0, above, below))

    def divisor(self, c: Column) -> Array:
        return c.other

    def words(self, c: Case) -> dict[str, Any]:
        target, down = fraction(c.row["target"]), self.direction == "down"
        rate = 100 * (2 - c.x / target if down else c.x / target)
        return {"rate": spelt(rate), "target": in_sum(target), "key": "completion_down" if down else "completion",
                "then": self._then(c, rate)}

    def _then(self, c: Case, rate: Any) -> str:
        """What follows from a rate of completion."""
        gap, floor = abs(rate - 100), self.floor.points(c.full)
        if rate == 100 or (rate > 100 and self.gain is None):
            return c.say("completion_above_none" if gap else "completion_reached", full=c.most)
        if rate < 100 and self.lose == "proportional":
            share = f"{spelt(rate)}%" if rate >= 0 else f"({spelt(rate)}%)"
            line = held(c, f"{c.most} × {share}", c.full * rate / 100, floor)
            return c.say("completion_below_proportional", limit=spelt(floor), line=line)
        if rate > 100:
            assert self.gain is not None and self.cap is not None
            step, limit = self.gain.points(c.full), self.cap.points(c.full)
            line = held(c, f"{c.most} + {spelt(gap)} × {spelt(step)}", c.full + gap * step, None, c.full + limit)
            return c.say("completion_above", gap=spelt(gap), step=spelt(step), limit=spelt(limit), line=line)
        step = self.lose.points(c.full)
        line = held(c, f"{c.most} − {spelt(gap)} × {spelt(step)}", c.full - gap * step, floor)
        return c.say("completion_below", gap=spelt(gap), step=spelt(step), limit=spelt(floor), line=line)
