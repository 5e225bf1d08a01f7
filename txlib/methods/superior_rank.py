"""The city's places on superior indicators (1.1a)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import model_validator

from txlib.base.fields import AtMostFull, Each, wrong
from txlib.base.numbers import Array, exact, floats, fraction
from txlib.base.printing import spelt, written
from txlib.base.sums import written_out
from txlib.methods.method import Recorded, positions, zeros
from txlib.methods.words import Case, held

if TYPE_CHECKING:
    import pandas as pd

ONE: Any = Fraction(1)


class SuperiorRank(Recorded):
    """The city's place among its peers on the superior indicators that the unit answers for (1.1a), by its shares.

    Each place costs a `step`, not under a `floor`; or the last of the peers gets `last`, those between in proportion.
    """

    method: Literal["superior_rank"]
    step: Each | None = None
    floor: AtMostFull | None = None
    last: AtMostFull | None = None

    table: ClassVar[str] = "superior"
    rows: ClassVar[str] = "responsible"

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.step is None) != (self.floor is None) or (self.step is None) == (self.last is None):
            raise wrong("step_or_last")
        return self

    def at_place(self, place: Any, peers: Any, full: Fraction) -> Any:
        """Points by place, before the floor."""
        if self.step is not None:
            return full - (place - 1) * self.step.points(full)
        assert self.last is not None
        return full - (full - self.last.points(full)) * (place - 1) / np.maximum(peers - 1, ONE)

    def least(self, full: Fraction) -> Fraction:
        """The points that no place is under."""
        return Fraction(0) if self.floor is None else self.floor.points(full)

    def from_rows(self, rows: pd.DataFrame, units: Sequence[str], full: Fraction) -> tuple[Array, npt.NDArray[np.bool_]]:
        """Points and whether the unit answers for any superior indicator here.

        `rows`: unit, share (percent), place of the city among its peers, how many these are. A unit's points are the mean of
        those of each place, weighted by its shares.
        """
        names = ("place", "share", "place" if self.last is None else "peers")
        places, share, peers = (exact(rows[name].to_numpy(dtype=np.float64)) for name in names)
        least: Any = self.least(full)
        points = np.maximum(self.at_place(places, peers, full), least)
        at = positions(units, rows["unit"])
        weight, weighted = zeros(len(units)), zeros(len(units))
        np.add.at(weight, at, share)
        np.add.at(weighted, at, share * points)
        some = np.asarray(weight > 0, dtype=bool)
        return weighted / np.where(some, weight, ONE), some

    def observed(self, rows: pd.DataFrame, units: Sequence[str], points: Array, full: Fraction) -> npt.NDArray[np.float64]:
        """The mean place, weighted by shares."""
        weighted = rows.assign(weighted=rows["place"] * rows["share"]).groupby("unit")[["weighted", "share"]].sum()
        return floats((weighted["weighted"] / weighted["share"]).reindex(list(units)))

    def sign(self, full: Fraction) -> int:
        return -1

    def words(self, c: Case) -> dict[str, Any]:
        least, key = self.least(c.full), "superior_rank" if self.last is None else "superior_rank_last"
        step, last = (spelt(each.points(c.full)) if each is not None else "" for each in (self.step, self.last))
        values = {"step": step, "floor": spelt(least), "last": last, "place": written(c.row["observed"]), "key": key}
        if c.records is None or not len(c.records):
            return values
        rows = c.records.to_dict("records")
        names = ("share", "place", "place" if self.last is None else "peers")
        shares, places, peers = ([fraction(row[name]) for row in rows] for name in names)
        points = [self.at_place(place, many, c.full) for place, many in zip(places, peers, strict=True)]
        terms = [term for each, share in zip(points, shares, strict=True) for term in (max(each, least), share)]
        pattern = f"({' + '.join(['{} × {}'] * len(rows))}) ÷ {{}}"
        kept = c.kept(pattern, *terms, whole := sum(shares, Fraction(0)))
        items = []
        for row, place, many, share, each in zip(rows, places, peers, shares, points, strict=True):
            line = held(c, self._sum(c, place, many, kept), each, least)
            named = row.get("name_en" if c.lang == "en" else "name") or row.get("name") or row["superior"]
            among = c.say("superior_peers", peers=spelt(many)) if self.last is not None else ""
            items.append(c.say("superior_item", name=named, place=spelt(place) + among, share=spelt(share),
                               line=line if each < least or place == 1 else f"{line} = {spelt(each, kept)}"))
        return {**values, "key": f"{key}_listed", "items": c.joined("semicolon", items),
                "line": written_out(pattern, *terms, whole, kept=kept)}

    def _sum(self, c: Case, place: Fraction, peers: Fraction, shown: int) -> str:
        """The points of a place as a sum whose result is shown with so many decimals."""
        if self.step is not None:
            return written_out("{} − {} × {}", c.full, place - 1, self.step.points(c.full), shown=shown)
        assert self.last is not None
        if place == 1:
            return c.most
        last = self.last.points(c.full)
        return written_out("{} − ({} − {}) × {} ÷ {}", c.full, c.full, last, place - 1, peers - 1, shown=shown)
