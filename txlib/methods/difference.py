"""Distance from a reference, in the indicator's own unit."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from txlib.base.fields import AtMostFull, Cap, Each, Points, Positive, Reference, Within, wrong
from txlib.base.numbers import Amount, Array, Bools, fraction, slack
from txlib.base.printing import spelt
from txlib.base.sums import written_out
from txlib.methods.method import Beside, Column, Directed, Scalar
from txlib.methods.words import Case, held, quantity


class Difference(Directed):
    """Distance from the target, last year's value, the peers' mean or a number: points for each so many units of it."""

    method: Literal["difference"]
    against: Reference
    each: Positive
    counted: Literal["part", "begun", "full"] = "part"
    base: AtMostFull | None = None
    lose: Each | None = None
    gain: Each | None = None
    cap: Cap = None
    floor: Annotated[Points, Within(1, below="base")]

    adds_up: ClassVar[bool] = True

    @model_validator(mode="after")
    def _gain_or_loss(self) -> Self:
        if (self.gain is None) != (self.cap is None):
            raise wrong("gain_and_cap")
        if self.gain is None and self.lose is None:
            raise wrong("gain_or_lose")
        return self

    @property
    def beside(self) -> Beside | None:
        return self.against if self.against in ("target", "last_year") else None

    @property
    def uses_peers(self) -> bool:
        return bool(self.against == "peers_mean")

    def formula(self, c: Column) -> Array:
        """`base`, else the full points, at the reference; for each `each` units ahead `gain` more, for each behind `lose` less.

        Never more than `cap` above the base nor under `floor`. `counted`: a part of a step counts as that part, as a whole
        one (`begun`), or not at all (`full`).
        """
        ahead, base = self._ahead(c), c.number(self._base(c.full))
        steps = self._counted(np.abs(ahead))
        more = c.points(self.gain) * steps
        more = np.minimum(more, c.points(self.cap)) if isinstance(self.cap, Amount) else more
        return np.asarray(np.where(ahead >= 0, base + more, np.maximum(base - c.points(self.lose) * steps, c.points(self.floor))))

    def doubtful(self, c: Column, points: Array) -> Bools:
        """Where a float lies so near to a whole number of steps that only fractions can count them."""
        ahead = self._ahead(c)
        error = slack(np.maximum(np.abs(c.value), np.abs(self._reference(c)))) / float(self.each)
        return np.asarray((np.abs(ahead - np.rint(ahead)) <= error) & (self.counted != "part"))

    def lines(self, other: Scalar, full: Fraction) -> Sequence[Scalar]:
        """The reference, where it is not the peers'."""
        return () if self.uses_peers else (other if self.beside else self.against,)

    def _base(self, full: Fraction) -> Fraction:
        return full if self.base is None else self.base.points(full)

    def _reference(self, c: Column) -> Scalar:
        if self.uses_peers:
            return c.mean
        return c.other if self.beside else c.number(self.against)

    def _ahead(self, c: Column) -> Array:
        """How many steps each unit is ahead, below zero where it is behind."""
        gap = c.value - self._reference(c)
        return np.asarray((gap if self.direction == "up" else -gap) / c.number(self.each))

    def _counted(self, steps: Any) -> Any:
        """Steps as the rule counts a part of one."""
        return steps if self.counted == "part" else -(-steps // 1) if self.counted == "begun" else steps // 1

    def words(self, c: Case) -> dict[str, Any]:
        peers = np.array(c.column("observed"), dtype=object)
        at = fraction(c.row[self.beside]) if self.beside else self._reference(Column(peers, None, peers, c.full))
        ahead = c.x - at if self.direction == "up" else at - c.x
        then, kept = self._then(c, at, ahead, self.gain if ahead > 0 else self.lose)
        against = self.against if isinstance(self.against, str) else "number"
        reference = c.say(f"against_{against}", at=quantity(at, c.measured_in, c.lang, kept), n=len(peers))
        return {"key": f"difference_{self.direction}", "then": then, "reference": reference}

    def _then(self, c: Case, at: Fraction, ahead: Fraction, step: Amount | None) -> tuple[str, int]:
        """What follows from the distance, and the decimals that its numbers need."""
        base, worth = self._base(c.full), step.points(c.full) if step else Fraction(0)
        sign, side = (1, "ahead") if ahead > 0 else (-1, "behind")
        steps, terms = self._steps(abs(ahead), max(c.x, at), min(c.x, at))
        pattern, terms = f"{{}} {'+' if sign > 0 else '−'} {steps} × {{}}", (base, *terms, worth)
        kept, way = c.kept(pattern, *terms), c.say("above" if c.x > at else "below")
        most = base + self.cap.points(c.full) if isinstance(self.cap, Amount) else None
        least, value = self.floor.points(c.full), base + sign * worth * self._counted(abs(ahead) / self.each)
        limit = c.say("no_cap") if most is None else c.say("cap", limit=spelt(most - base))
        return c.say("level" if not ahead else side if step else f"{side}_nothing", way=way, base=spelt(base), step=spelt(worth),
                     each=c.say(f"each_{self.counted}", way=way, each=c.distance(self.each)), gap=c.distance(abs(ahead), kept),
                     limit=limit if sign > 0 else c.say("floor", limit=spelt(least)),
                     line=held(c, written_out(pattern, *terms, kept=kept), value, least, most)), kept

    def _steps(self, gap: Fraction, high: Fraction, low: Fraction) -> tuple[str, tuple[Fraction, ...]]:
        """How many steps lie between two values, as a sum; steps that are counted are a number."""
        if self.counted != "part":
            return "{}", (Fraction(self._counted(gap / self.each)),)
        return ("({} − {})", (high, low)) if self.each == 1 else ("({} − {}) ÷ {}", (high, low, self.each))
