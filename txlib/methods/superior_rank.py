"""The city's places on superior indicators (1.1a)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from txlib.base.fields import AtMostFull, Each
from txlib.base.numbers import Array, exact, floats, fraction
from txlib.base.printing import spelt, written
from txlib.methods.method import Recorded, positions, zeros
from txlib.methods.words import Case, held

if TYPE_CHECKING:
    import pandas as pd

ONE: Any = Fraction(1)


class SuperiorRank(Recorded):
    """The city's place among its peers on the superior indicators that the unit answers for (1.1a), by its shares."""

    method: Literal["superior_rank"]
    step: Each
    floor: AtMostFull

    table: ClassVar[str] = "superior"
    rows: ClassVar[str] = "responsible"

    def from_rows(self, rows: pd.DataFrame, units: Sequence[str], full: Fraction) -> tuple[Array, npt.NDArray[np.bool_]]:
        """Points and whether the unit answers for any superior indicator here.

        `rows`: unit, share (percent), place of the city among its peers. Each place gives full points less a step a place,
        not under the floor; a unit's points are their mean, weighted by its shares.
        """
        places, share = (exact(rows[name].to_numpy(dtype=np.float64)) for name in ("place", "share"))
        floor: Any = self.floor.points(full)
        points = np.maximum(full - (places - 1) * self.step.points(full), floor)
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
        step, floor = self.step.points(c.full), self.floor.points(c.full)
        values = {"step": spelt(step), "floor": spelt(floor), "place": written(c.row["observed"])}
        if c.records is None or not len(c.records):
            return values
        items, terms, shares = [], [], []
        for row in c.records.to_dict("records"):
            place, share = fraction(row["place"]), fraction(row["share"])
            points = c.full - (place - 1) * step
            line = held(c, f"{c.most} − {spelt(place - 1)} × {spelt(step)}", points, floor)
            name = row.get("name_en" if c.lang == "en" else "name") or row.get("name") or row["superior"]
            items.append(c.say("superior_item", name=name, place=spelt(place), share=spelt(share),
                               line=line if points < floor or place == 1 else f"{line} = {spelt(points)}"))
            terms.append(f"{spelt(max(points, floor))} × {spelt(share)}")
            shares.append(share)
        line = f"({' + '.join(terms)}) ÷ {spelt(sum(shares, Fraction(0)))}"
        return {**values, "key": "superior_rank_listed", "items": c.joined("semicolon", items), "line": line}
