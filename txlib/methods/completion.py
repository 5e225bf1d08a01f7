"""Actual against target, gained and lost by the percent."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from txlib.base.fields import AtMostFull, Cap, Each, Loss, wrong
from txlib.base.numbers import Amount, Array, fraction
from txlib.base.printing import spelt
from txlib.base.sums import decimals_of, written_out
from txlib.methods.method import Column, Directed
from txlib.methods.words import Case, held


class Completion(Directed):
    """Actual ÷ target: credit above and loss below for each percent of the target, capped."""

    method: Literal["completion"]
    lose: Loss
    gain: Each | None = None
    cap: Cap = None
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
        ahead = c.points(self.gain) * percents
        above = full + (ahead if self.cap == "none" else np.minimum(ahead, c.points(self.cap)))
        below = np.maximum(full + lose * percents, c.points(self.floor))
        return np.asarray(np.where(percents >= 0, above, below))

    def divisor(self, c: Column) -> Array:
        return c.other

    def words(self, c: Case) -> dict[str, Any]:
        target, down = fraction(c.row["target"]), self.direction == "down"
        rate = 100 * (2 - c.x / target if down else c.x / target)
        then, kept = self._then(c, rate)
        how = written_out("2 − {} ÷ {}" if down else "{} ÷ {}", c.x, target, times=Fraction(100), shown=kept)
        return {"rate": spelt(rate, kept), "how": how, "key": "completion_down" if down else "completion", "then": then}

    def _then(self, c: Case, rate: Fraction) -> tuple[str, int]:
        """What follows from a rate of completion, and the decimals that it needs."""
        gap, floor = abs(rate - 100), self.floor.points(c.full)
        if rate == 100 or (rate > 100 and self.gain is None):
            return c.say("completion_above_none" if gap else "completion_reached", full=c.most), decimals_of(spelt(gap))
        if rate < 100 and self.lose == "proportional":
            pattern, values = "{} × {}%" if rate >= 0 else "{} × (−{}%)", (c.full, abs(rate))
            kept = c.kept(pattern, *values)
            line = held(c, written_out(pattern, *values, kept=kept), c.full * rate / 100, floor)
            return c.say("completion_below_proportional", limit=spelt(floor), line=line), kept
        side, sign = ("above", 1) if rate > 100 else ("below", -1)
        amount = self.gain if rate > 100 else self.lose
        limit = self.cap.points(c.full) if rate > 100 and isinstance(self.cap, Amount) else floor
        assert isinstance(amount, Amount)
        pattern, step = f"{{}} {'+' if rate > 100 else '−'} {{}} × {{}}", amount.points(c.full)
        kept = max(c.kept(pattern, c.full, gap, step), decimals_of(spelt(gap)) if spelt(gap)[0] == "≈" else 0)
        line, value = written_out(pattern, c.full, gap, step, kept=kept), c.full + sign * gap * step
        most = None if self.cap == "none" else c.full + limit
        line = held(c, line, value, None, most) if rate > 100 else held(c, line, value, floor)
        key = f"completion_{side}" if self.direction == "up" else f"completion_down_{side}"
        key = f"{key}_uncapped" if rate > 100 and most is None else key
        return c.say(key, gap=spelt(gap, kept), step=spelt(step), limit=spelt(limit), line=line), kept
