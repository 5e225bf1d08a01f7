"""A category's result beside last year's: places then and now, and the branches in which units moved.

Scores of two years are not compared: weights, methods and peers differ. Places are, and only of units there in both years.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from txlib.intake.tables.units import forebears
from txlib.scoring.result import Result

YEARS = ["unit", "name", "name_en", "rank", "rank_then", "moved", "units", "units_then", "before", "before_en"]
BRANCHES = ["unit", "name", "name_en", "indicator", "branch", "branch_en", "place", "place_then", "moved"]


def behind(now: Result, then: Result) -> dict[str, list[str]]:
    """Who stood last year for each unit that is ranked."""
    before = dict(zip(now.units["unit"], now.units["predecessor"], strict=True))
    known = set(then.ranking["unit"])
    return {unit: forebears(unit, before[unit], known) for unit in now.ranking["unit"]}


def lineage(now: Result, then: Result) -> dict[str, str]:
    """The one unit of last year that stands behind each of this year's; not those that are new or made of several."""
    return {unit: codes[0] for unit, codes in behind(now, then).items() if len(codes) == 1}


def compare_years(now: Result, then: Result) -> pd.DataFrame:
    """Places then and now, one row a unit of this year's ranking, in its order (columns YEARS).

    `rank_then` is NaN for a unit that was not there, or that was made of several; `before` tells by name who stood for it
    and at which places, where that is not the unit under the same name. `moved` is places gained.
    """
    old = then.ranking.set_index("unit")
    found: list[dict[str, Any]] = []
    for row, before in zip(now.ranking.itertuples(), behind(now, then).values(), strict=True):
        rank_then = float(old.loc[before[0], "rank"]) if len(before) == 1 else np.nan
        before_names = {key: "; ".join(f"{old.loc[code, name]} ({old.loc[code, 'rank']:g})" for code in before)
                if [old.loc[code, "name"] for code in before] != [row.name] else ""
                for key, name in (("before", "name"), ("before_en", "name_en"))}
        found.append({"unit": row.unit, "name": row.name, "name_en": row.name_en, "rank": row.rank, "rank_then": rank_then,
                      "moved": rank_then - row.rank, "units": len(now.ranking), "units_then": len(old), **before_names})
    return pd.DataFrame(found, columns=YEARS)


def branch_moves(now: Result, then: Result, level: int = 2) -> pd.DataFrame:
    """Places by branch then and now, for branches with the same code in both years (columns BRANCHES).

    Only units with one forebear, and branches with weight for the unit in both years; a place is that of the share of the
    branch's full points that the unit attains, within the category of its year.
    """
    ours, theirs = _places(now, level), _places(then, level)
    both = [code for code in ours.columns if code in theirs.columns]
    names = now.ranking.set_index("unit")
    found: list[dict[str, Any]] = []
    for unit, before in lineage(now, then).items():
        for code in both:
            node = now.category.node(code)
            place, place_then = ours.loc[unit, code], theirs.loc[before, code]
            found.append({"unit": unit, "name": names.loc[unit, "name"], "name_en": names.loc[unit, "name_en"], "indicator": code,
                          "branch": node.name.zh, "branch_en": node.name.en, "place": place, "place_then": place_then,
                          "moved": place_then - place})
    return pd.DataFrame(found, columns=BRANCHES).dropna(subset="moved", ignore_index=True)


def _places(result: Result, level: int) -> pd.DataFrame:
    """Units × branches of a level: the place of the share that each unit attains; NaN where the branch has no weight for it."""
    rows = result.scores[(result.scores["level"] == level) & (result.scores["full"] > 0)]
    shares = rows.assign(share=(rows["points"] / rows["full"]).round(9)).pivot(index="unit", columns="indicator", values="share")
    return shares.rank(ascending=False, method="min")
