"""What units of other categories attain that a unit is linked to, such as the towns that it helps (挂钩单位)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from txlib.base.fields import Code, Points
from txlib.base.numbers import Array, floats, fraction
from txlib.base.printing import spelt
from txlib.methods.method import TOTAL, Recorded
from txlib.methods.words import Case, held

if TYPE_CHECKING:
    import pandas as pd

_Term = tuple[Fraction, Fraction, Fraction]  # points, full points, share


class Linked(Recorded):
    """The mean of the shares of full points that other units attain, weighted by the unit's shares in them, as a part of the
    leaf's full points; at most these, where `most` says nothing else.

    `attained`: `total`, their score, or an indicator of level 1 of theirs.
    """

    method: Literal["linked"]
    attained: Code
    most: Points | None = None

    table: ClassVar[str] = "links"

    @property
    def linked(self) -> str:
        return self.attained

    def mean(self, rows: pd.DataFrame) -> Fraction | None:
        """The mean share attained of one unit's rows; None where no unit that it is linked to has any."""
        terms = _terms(rows)
        whole = sum((share for *_, share in terms), Fraction(0))
        return sum((points / full * share for points, full, share in terms), Fraction(0)) / whole if terms else None

    def from_rows(self, rows: pd.DataFrame, units: Sequence[str], full: Fraction) -> tuple[Array, npt.NDArray[np.bool_]]:
        """Points and whether the unit is linked to any that has some. `rows`: unit, share (percent, NaN: equal parts), and of the
        other unit points and full points, fractions, None where it is left out."""
        means, most, none = self._means(rows, units), self.at_most(full), Fraction(0)
        points = [none if mean is None else min(mean * full, most) for mean in means]
        return np.array(points, dtype=object), np.array([mean is not None for mean in means], dtype=bool)

    def observed(self, rows: pd.DataFrame, units: Sequence[str], points: Array, full: Fraction) -> npt.NDArray[np.float64]:
        """The mean share attained, in percent."""
        return floats([np.nan if mean is None else float(mean * 100) for mean in self._means(rows, units)])

    def _means(self, rows: pd.DataFrame, units: Sequence[str]) -> list[Fraction | None]:
        by_unit = dict(list(rows.groupby("unit", sort=False)))
        return [self.mean(by_unit[unit]) if unit in by_unit else None for unit in units]

    def at_most(self, full: Fraction) -> Fraction:
        """The points that it gives at most."""
        return full if self.most is None else self.most.points(full)

    def words(self, c: Case) -> dict[str, Any]:
        assert c.records is not None
        terms, items = _terms(c.records), [self._item(c, row) for row in c.records.to_dict("records")]
        total, whole = self.mean(c.records), sum((share for *_, share in terms), Fraction(0))
        assert total is not None
        alike = {share for *_, share in terms} == {Fraction(1)}
        each = "{} ÷ {}" if alike else "{} ÷ {} × {}"
        values = [value for term in terms for value in (term[:2] if alike else term)]
        pattern = f"({' + '.join([each] * len(terms))}) ÷ {{}} × {{}}" if len(terms) > 1 else "{} ÷ {} × {}"
        line = c.sum(pattern, *([*values, whole] if len(terms) > 1 else terms[0][:2]), c.full)
        what = c.say("of_total") if self.attained == TOTAL else c.say("of_indicator", code=self.attained)
        way = c.say("in_equal_parts" if alike else "by_shares")
        return {"what": what, "way": way, "items": c.joined("semicolon", items),
                "line": held(c, line, total * c.full, None, self.at_most(c.full))}

    def _item(self, c: Case, row: Any) -> str:
        """A unit linked to, with what it attained or why it is left out."""
        name = (row["name_en"] if c.lang == "en" else "") or row["name"] or row["other"]
        if row["full"] is None:
            return c.say(f"left_out_{row['why']}", name=name, document=row["document"])
        share = "" if row["share"] != row["share"] else c.say("share_of", share=spelt(fraction(row["share"])))
        return c.say("item", name=name, points=spelt(row["points"]), of=spelt(row["full"]), share=share, document=row["document"])


def _terms(rows: pd.DataFrame) -> list[_Term]:
    """Points, full points and share of each unit linked to that is not left out; equal parts where no share is told."""
    told = [each for each in zip(rows["points"], rows["full"], rows["share"], strict=True) if each[1] is not None]
    one = Fraction(1)
    return [(Fraction(points), Fraction(full), fraction(share) if share == share else one) for points, full, share in told]
