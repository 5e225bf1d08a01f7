"""The indicators of the province and the prefecture: which of ours cover them, and who answers for them (1.1a)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from txlib.intake.data import Data
from txlib.rules.book import RuleBook

COVERAGE = ["superior", "name", "name_en", "set_by", "place", "peers", "behind", "category", "indicator", "indicator_name",
            "indicator_name_en", "unit", "unit_name", "unit_name_en", "share"]
LOSSES = ["unit", "name", "name_en", "indicators", "behind"]


def superior_coverage(book: RuleBook, data: Data) -> pd.DataFrame:
    """Superior indicator → leaf of our tree → responsible unit with its share in percent (columns COVERAGE).

    `behind`: places between the city and the first of its peers; what is not published yet is left out. A superior indicator
    that nobody answers for stands with an empty unit. The worst places come first.
    """
    published = data.superior[data.superior["place"].notna()]
    table = published.assign(behind=published["place"] - 1)
    answered = data.responsible.drop(columns=["name", "name_en", "place", "peers"])
    units = data.units.set_index("unit")[["name", "name_en", "category"]].add_prefix("unit_")
    units = units.rename(columns={"unit_category": "category"})
    named = [(category.code, leaf.code, leaf.name.zh, leaf.name.en)
             for category in book.categories.values() for leaf in category.leaves]
    leaves = pd.DataFrame(named, columns=["category", "indicator", "indicator_name", "indicator_name_en"])
    joined = table.merge(answered, on="superior", how="left").join(units, on="unit").merge(
        leaves, on=["category", "indicator"], how="left")
    joined[["unit", "indicator"]] = joined[["unit", "indicator"]].fillna("")
    order = joined.sort_values(["behind", "superior", "share"], ascending=[False, True, False], kind="stable", ignore_index=True)
    return order[COVERAGE]


def superior_losses(coverage: pd.DataFrame) -> pd.DataFrame:
    """Who answers for how many lost places: places behind × share, summed by unit (columns LOSSES), most first."""
    held = coverage[coverage["unit"] != ""]
    each = held.assign(behind=held["behind"].astype(np.float64) * held["share"].astype(np.float64) / 100)
    found = each.groupby("unit", sort=False).agg(name=("unit_name", "first"), name_en=("unit_name_en", "first"),
                                                 indicators=("superior", "nunique"), behind=("behind", "sum")).reset_index()
    return found.sort_values(["behind", "unit"], ascending=[False, True], kind="stable", ignore_index=True)[LOSSES]
