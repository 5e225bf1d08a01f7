"""What the units attained that a category's units are linked to, from the results of their own categories."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from txlib.methods.method import TOTAL
from txlib.rules.category import Category
from txlib.scoring.points import rounded_totals
from txlib.scoring.result import Result


def joined(rows: pd.DataFrame, head: Category, results: Mapping[str, Result], units: pd.DataFrame) -> pd.DataFrame:
    """A category's rows of links, with name, name_en, points and full points of the other unit, and `why` it has none.

    `results`: by category, of all that these units are of; `units`: those of the year. Points are fractions: of the total
    as it is printed, of an indicator as it was scored. A unit that is not ranked, or that the indicator does not apply to,
    is left out.
    """
    asked = {leaf.code: leaf.rule.linked for leaf in head.linked}  # type: ignore[union-attr]
    known = units.set_index("unit")[["category", "name", "name_en"]]
    found = []
    for row in rows[rows["other"] != ""].to_dict("records"):
        of = known.loc[row["other"]]
        points, full, why = _attained(results[of["category"]], row["other"], asked[row["indicator"]])
        found.append({**row, "name": of["name"], "name_en": of["name_en"], "points": points, "full": full, "why": why})
    return pd.DataFrame(found, columns=[*rows.columns, "name", "name_en", "points", "full", "why"], dtype=object)


def _attained(result: Result, unit: str, what: str) -> tuple[Any, Any, str]:
    """A unit's points and full points, of its total or at an indicator; none and why where it has no full points there."""
    units = result.units["unit"].tolist()
    if unit not in units:
        return None, None, "excluded"
    at = units.index(unit)
    if what == TOTAL:
        return rounded_totals(result.exact.total[[at]], result.book.rounding)[0], result.category.total, ""
    full = Fraction(np.broadcast_to(np.asarray(result.exact.full[what], dtype=object), len(units))[at])
    return (result.exact.points[what][at], full, "") if full else (None, None, "not_applicable")
