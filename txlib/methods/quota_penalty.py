"""What lead departments lose for marks that miss the differentiation (1.3i)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from txlib.base.labels import say
from txlib.base.numbers import Array, exact
from txlib.base.printing import written
from txlib.methods.method import BesideTheTree, positions, zeros
from txlib.methods.words import Case

if TYPE_CHECKING:
    import pandas as pd


class QuotaPenalty(BesideTheTree):
    """What a lead department loses whose marks miss the differentiation: points and scope stand in `quotas` (1.3i)."""

    method: Literal["quota_penalty"]
    kind: Literal["deduction"]

    table: ClassVar[str] = "marks"
    penalty: ClassVar[bool] = True

    def from_rows(self, rows: pd.DataFrame, cap: Fraction | None, units: Sequence[str]) -> Array:
        """What the units lose as lead departments, negative. `rows`: unit, points."""
        total, at = zeros(len(units)), positions(units, rows["unit"])
        np.add.at(total, at[at >= 0], exact(rows["points"].to_numpy(dtype=np.float64))[at >= 0])
        return -total

    def sentence(self, c: Case, cap: Fraction | None, unit: str, names: Mapping[str, str]) -> str:
        """What a lead department loses: the categories in which its marks miss the differentiation, with the items."""
        assert c.records is not None
        mine = c.records[c.records["unit"] == unit]
        if mine.empty:
            return c.say("no_penalty")
        items = [c.say("penalty", category=names[row["category"]], items=", ".join(row["items"]), points=written(row["points"]))
                 for row in mine.to_dict("records")]
        line = c.say("sum", line=" + ".join(written(points) for points in mine["points"])) if len(mine) > 1 else ""
        return c.say("penalties", items=c.joined("semicolon", items)) + line

    def causes(self, rows: pd.DataFrame, names: Mapping[str, str], lang: str) -> Sequence[str]:
        categories = say("explain.comma", lang).join(names.get(code, code) for code in rows["category"])
        return [say("methods/quota_penalty.marks_in", lang, categories=categories)]
