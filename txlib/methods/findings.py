"""Findings of several kinds at a price each, until the points are gone (清单扣分)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from txlib.base.fields import AtMostFull, Floor, Part, Points, wrong
from txlib.base.numbers import Array, floats
from txlib.base.printing import spelt
from txlib.methods.on_branch import OnBranch
from txlib.methods.prices import WHOLE, Price, PriceCap, PriceTerm, added, told
from txlib.methods.words import ByCode, Case, Coded, shares, word

if TYPE_CHECKING:
    import pandas as pd


class Findings(OnBranch):
    """Findings at a price each, from a `base` on, within a floor and a most; base and most, left out, are the full points.

    `caps`: the most of several kinds together; `shared`: the part of a price that a unit bears by its role; `same_document`:
    whether each finding of a kind in one document counts, or all of them once, in the role that bears most.
    """

    method: Literal["findings"]
    prices: Annotated[Coded, ByCode("", Price)]
    caps: tuple[PriceCap, ...] | None = Field(None, min_length=1)
    shared: Annotated[Coded, ByCode("share", Part)] | None = None
    floor: Floor
    base: AtMostFull | None = None
    most: Points | None = None
    same_document: Literal["each", "once"] = "each"

    table: ClassVar[str] = "findings"

    @model_validator(mode="after")
    def _together(self) -> Self:
        over = [kind for cap in self.caps or () for kind in cap.over]
        if len(set(over)) < len(over) or not all(cap.fits(self.prices) for cap in self.caps or ()):
            raise wrong("caps_over_kinds")
        if self.shared and any(price.again is not None or price.free for price in self.prices.values()):
            raise wrong("shared_again")
        return self

    def counted(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows that count, with the part of the price that each bears; `rows`: unit, kind, number, document, role."""
        part = [self.shared[role] for role in rows["role"]] if self.shared else [WHOLE] * len(rows)
        rows = rows.assign(part=part)[rows["number"] > 0]
        most = rows.sort_values("part", ascending=False, kind="stable").drop_duplicates(["unit", "kind", "document"])
        return rows if self.same_document == "each" else most.sort_index().assign(number=1)

    def terms(self, rows: pd.DataFrame, full: Fraction) -> dict[str, PriceTerm | None]:
        """By kind, in the order of the list, what the rows of a unit do, that count; one of several kinds where a cap binds."""
        counts: dict[str, dict[Fraction, int]] = {}
        for kind, part, number in zip(rows["kind"], rows["part"], rows["number"], strict=True):
            mine = counts.setdefault(kind, {})
            mine[part] = mine.get(part, 0) + int(number)
        found = {kind: price.term(counts[kind], full) for kind, price in self.prices.items() if kind in counts}
        for cap in self.caps or ():
            found = cap.bound(found, self.prices, full)
        return found

    def ends(self, full: Fraction) -> tuple[Fraction, Fraction, Fraction]:
        """The points without findings, least and most."""
        base, most = (full if each is None else each.points(full) for each in (self.base, self.most))
        return base, self.floor.points(full), most

    @property
    def fits_branch(self) -> bool:
        return self.base is None and not any(price.again == "all" for price in self.prices.values())

    def added(self, rows: pd.DataFrame, units: Sequence[str], full: Fraction) -> Array:
        """What findings add to the base; where they take all, what leaves the floor."""
        base, floor, _ = self.ends(full)
        found = dict.fromkeys(units, Fraction(0))
        for unit, mine in self.counted(rows).groupby("unit", sort=False):
            terms = self.terms(mine, full).values()
            found[unit] = floor - base if None in terms else sum((term.points for term in terms if term), Fraction(0))
        return np.array([found[unit] for unit in units], dtype=object)

    def from_rows(self, rows: pd.DataFrame, units: Sequence[str], full: Fraction) -> tuple[Array, npt.NDArray[np.bool_]]:
        """Points of every unit: one without findings has the base, one that lost all the floor."""
        base, floor, most = self.ends(full)
        points = [min(max(base + each, floor), most) for each in self.added(rows, units, full)]
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
        terms = self.terms(rows, c.full)
        gone = "".join([word(kind, c.lang, self.prices) for kind, term in terms.items() if term is None][-1:])
        return {"base": spelt(base), "floor": spelt(floor), "most": spelt(most), "items": self._items(c, rows), "kind": gone,
                "line": added(c, base, [term for term in terms.values() if term], floor, most, c.full),
                "key": "findings_gone" if gone else "findings"}

    def on_branch(self, c: Case, given: Fraction, full: Fraction) -> str:
        assert c.records is not None
        rows, (_, floor, most) = self.counted(c.records), (end * full / c.full for end in self.ends(c.full))
        line = added(c, given, [term for term in self.terms(rows, c.full).values() if term], floor, most, full)
        return c.say("on_branch", items=self._items(c, rows), floor=spelt(floor), most=spelt(most), line=line)

    def _items(self, c: Case, rows: pd.DataFrame) -> str:
        """What was found, at which prices, and what holds for several kinds."""
        notes = [cap.said(c, self.prices) for cap in self.caps or () if set(cap.over) & set(rows["kind"])]
        notes.append(c.say("shared", shares=shares(self.shared, c.lang)) if self.shared else "")
        return "".join([told(c, rows, self.prices, self.shared), *notes, c.say("once") if self.same_document == "once" else ""])
