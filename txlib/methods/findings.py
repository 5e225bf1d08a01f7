"""Findings of several kinds at a price each, until the points are gone (清单扣分)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import model_validator

from txlib.base.fields import Again, AtMostFull, Count, Floor, Model, Points, wrong
from txlib.base.numbers import Amount, Array, floats
from txlib.base.printing import spelt
from txlib.methods.method import Recorded
from txlib.methods.words import ByCode, Case, Coded, held, word

if TYPE_CHECKING:
    import pandas as pd


class Price(Model):
    """What a finding costs or gains; `again`: each after the first; `free`: so many count for nothing; `cap`: the most in all."""

    costs: AtMostFull | None = None
    gains: AtMostFull | None = None
    again: Again | None = None
    free: Count | None = None
    cap: AtMostFull | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.costs is None) == (self.gains is None) or (self.again == "all" and (self.gains or self.cap)):
            raise wrong("costs_or_gains")
        return self

    def term(self, number: int, full: Fraction) -> tuple[str, tuple[Fraction, ...], Fraction] | None:
        """What so many findings do: a sum with places, its values, the points gained (below 0: lost); None where all are lost."""
        sign, each = (1, self.gains) if self.costs is None else (-1, self.costs)
        count = max(number - (self.free or 0), 0)
        if self.again == "all" and count > 1:
            return None
        assert each is not None
        first, more = (amount.points(full) for amount in (each, self.again if isinstance(self.again, Amount) else each))
        points = min(count, 1) * first + max(count - 1, 0) * more
        values: tuple[Fraction, ...] = (Fraction(count), first) if self.again is None else (first, Fraction(count - 1), more)
        pattern = "{} × {}" if self.again is None else "({} + {} × {})"
        if count < 2 or (self.cap and points > self.cap.points(full)):
            points = min(points, self.cap.points(full)) if self.cap else points
            pattern, values = "{}", (points,)
        return (" − " if sign < 0 else " + ") + pattern, values, sign * points

    def said(self, c: Case) -> str:
        """The price in words."""
        way = "gains" if self.costs is None else "costs"
        key = way if self.again is None else f"{way}_all" if self.again == "all" else f"{way}_again"
        amounts = {name: c.points(each) for name, each in self if isinstance(each, Amount)}
        free, cap = (c.say("free", free=self.free) if self.free else ""), (c.say(f"cap_{way}", **amounts) if self.cap else "")
        return free + c.say(key, **amounts) + cap


class Findings(Recorded):
    """Findings at a price each, from a `base` on, within a floor and a most; base and most, left out, are the full points.
    `same_document`: whether each finding of a kind in one document counts, or all of them once."""

    method: Literal["findings"]
    prices: Annotated[Coded, ByCode("", Price)]
    floor: Floor
    base: AtMostFull | None = None
    most: Points | None = None
    same_document: Literal["each", "once"] = "each"

    table: ClassVar[str] = "findings"

    def counted(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows that count; `rows`: unit, kind, number, document."""
        rows = rows[rows["number"] > 0]
        return rows if self.same_document == "each" else rows.drop_duplicates(["unit", "kind", "document"]).assign(number=1)

    def ends(self, full: Fraction) -> tuple[Fraction, Fraction, Fraction]:
        """The points without findings, the least and the most."""
        base, most = (full if each is None else each.points(full) for each in (self.base, self.most))
        return base, self.floor.points(full), most

    def from_rows(self, rows: pd.DataFrame, units: Sequence[str], full: Fraction) -> tuple[Array, npt.NDArray[np.bool_]]:
        """Points of every unit: one without findings has the base, one that lost all the floor."""
        (base, floor, most), gone = self.ends(full), set[str]()
        found = dict.fromkeys(units, base)
        for (unit, kind), number in self.counted(rows).groupby(["unit", "kind"], sort=False)["number"].sum().items():
            term = self.prices[kind].term(int(number), full)
            found[unit] += term[2] if term else 0
            gone |= set() if term else {unit}
        points = [floor if unit in gone else min(max(found[unit], floor), most) for unit in units]
        return np.array(points, dtype=object), np.ones(len(units), dtype=bool)

    def observed(self, rows: pd.DataFrame, units: Sequence[str], points: Array, full: Fraction) -> npt.NDArray[np.float64]:
        """How many findings of a unit count, of whatever kind."""
        return floats(self.counted(rows).groupby("unit")["number"].sum().reindex(list(units), fill_value=0))

    def sign(self, full: Fraction) -> int:
        """0 where there are several kinds: how many findings there are tells little."""
        return sum(1 if price.costs is None else -1 for price in self.prices.values()) if len(self.prices) == 1 else 0

    def words(self, c: Case) -> dict[str, Any]:
        assert c.records is not None
        rows, (base, floor, most) = self.counted(c.records), self.ends(c.full)
        items, pattern, terms, total, gone = list[str](), "{}", [base], base, ""
        for kind in (kind for kind in self.prices if kind in set(rows["kind"])):
            name, mine = word(kind, c.lang, self.prices), rows[rows["kind"] == kind]
            counts = mine.groupby("document", sort=False)["number"].sum()
            papers = c.joined("comma", [c.say("paper", document=each, n=n) if n > 1 else each for each, n in counts.items()])
            items.append(c.say("kind", kind=name, n=counts.sum(), papers=papers, price=self.prices[kind].said(c)))
            if (term := self.prices[kind].term(int(counts.sum()), c.full)) is None:
                gone = name
            else:
                pattern, terms, total = pattern + term[0], [*terms, *term[1]], total + term[2]
        items = [c.joined("semicolon", items) or c.say("nothing"), *([c.say("once")] if self.same_document == "once" else [])]
        return {"base": spelt(base), "floor": spelt(floor), "most": spelt(most), "items": "".join(items), "kind": gone,
                "line": held(c, c.sum(pattern, *terms), total, floor, most), "key": "findings_gone" if gone else "findings"}
