"""Marks of lead departments in two parts (1.3e)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from txlib.base.fields import Part, Positive
from txlib.base.numbers import Array, exact, floats
from txlib.base.printing import as_text, written
from txlib.methods.method import Recorded, positions, zeros
from txlib.methods.words import Case

if TYPE_CHECKING:
    import pandas as pd


class Marks(Recorded):
    """Marks `out_of` so many, of which the quantitative part carries a share (1.3e)."""

    method: Literal["marks"]
    out_of: Positive
    quantitative: Part

    table: ClassVar[str] = "marks"
    judged: ClassVar[bool] = True
    marked: ClassVar[bool] = True

    def from_rows(self, rows: pd.DataFrame, units: Sequence[str], full: Fraction) -> tuple[Array, npt.NDArray[np.bool_]]:
        """Points and whether the unit has a mark: its total out of `out_of`, put to the full points.

        `rows`: unit, total (NaN where the item does not apply to the unit).
        """
        there = rows[rows["total"].notna()]
        points, some, at = zeros(len(units)), np.zeros(len(units), dtype=bool), positions(units, there["unit"])
        points[at] = exact(there["total"].to_numpy(dtype=np.float64)) / self.out_of * full
        some[at] = True
        return points, some

    def observed(self, rows: pd.DataFrame, units: Sequence[str], points: Array, full: Fraction) -> npt.NDArray[np.float64]:
        """The total."""
        return floats(rows.set_index("unit")["total"].reindex(list(units)))

    def limits(self, full: Fraction) -> Mapping[str, Fraction]:
        counted = self.out_of * self.quantitative
        return {"quantitative": counted, "qualitative": self.out_of - counted, "total": self.out_of}

    def words(self, c: Case) -> dict[str, Any]:
        most = self.limits(c.full)
        values = {"line": c.sum("{} ÷ {} × {}", c.x, self.out_of, c.full), "out_of": as_text(self.out_of),
                  "most": as_text(most["quantitative"]), "judged": as_text(most["qualitative"])}
        if c.records is None or not len(c.records):
            return {**values, "key": "marks_total"}
        row = c.records.iloc[0]
        return {**values, "quantitative": written(row["quantitative"]), "qualitative": written(row["qualitative"])}
