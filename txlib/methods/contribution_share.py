"""The unit's part of what all peers contribute."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar, Literal

import numpy as np

from txlib.base.fields import Floor, FullAt, Points
from txlib.base.numbers import Array, exact, fraction, is_exact
from txlib.base.printing import as_text
from txlib.methods.method import Beside, Calculated, Column, within
from txlib.methods.words import Case, between


class ContributionShare(Calculated):
    """The unit's share of the peers' total, or of its increase on last year; full points at the share named."""

    method: Literal["contribution_share"]
    of: Literal["total", "increment"]
    full_at: FullAt
    floor: Floor
    most: Points

    uses_peers: ClassVar[bool] = True
    adds_up: ClassVar[bool] = True

    @property
    def beside(self) -> Beside | None:
        return "last_year" if self.of == "increment" else None

    def formula(self, c: Column) -> Array:
        """The part's share of the total, with full points at the reference share and in proportion to it."""
        mine, everyone = self.parts(c)
        total = everyone.sum()
        reference = (everyone.max() / total if self.full_at == "best"
                     else c.number(Fraction(1, len(everyone)) if self.full_at == "equal" else self.full_at))
        return within(mine / total / reference * c.number(c.full), c, self.floor, self.most)

    def parts(self, c: Column) -> tuple[Array, Array]:
        """What each unit contributes, and what all its peers do."""
        if self.of == "increment":
            return c.parts
        return c.value, exact(c.peers) if is_exact(c.value) and not is_exact(c.peers) else c.peers

    def divisor(self, c: Column) -> Array:
        return np.asarray(self.parts(c)[1].sum())

    def words(self, c: Case) -> dict[str, Any]:
        mine, parts = c.x, np.array(c.column("observed"), dtype=object)
        if self.of == "increment":
            mine, parts = mine - fraction(c.row["last_year"]), parts - np.array(c.column("last_year"), dtype=object)
        total = sum(parts, Fraction(0))
        at, by, terms, reference = self._reference(c, total, max(parts), len(parts))
        line = c.sum(f"{{}} × {{}} ÷ {by}", c.full, mine, *terms)
        return {"key": f"contribution_{self.of}", "l": c.measured(c.row["last_year"]), "total": c.measured(total),
                "mine": c.measured(mine), "at": at, **between(c, line, c.full * mine / reference, self.floor, self.most)}

    def _reference(self, c: Case, total: Fraction, best: Fraction, n: int) -> tuple[str, str, tuple[Fraction, ...], Fraction]:
        """What takes full points: in words, within a sum and the terms of that, and as a number."""
        if self.full_at == "best":
            return c.say("full_at_best", best=c.measured(best)), "{}", (best,), best
        if self.full_at == "equal":
            return c.say("full_at_equal", n=n), "({} ÷ {})", (total, Fraction(n)), total / n
        share = self.full_at * 100
        return c.say("full_at_share", share=as_text(share)), "({} × {}%)", (total, share), total * self.full_at
