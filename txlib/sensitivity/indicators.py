"""Each indicator by itself, for those who consult on next year's rules (1.2a): whether it parts the units and would be missed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from txlib.rules.category import Node
from txlib.scoring.result import Result
from txlib.sensitivity.leave_out import LeftOut

PAGE = ["indicator", "name", "name_en", "full", "units", "lowest", "highest", "lowest_then", "highest_then", "lost", "lost_by",
        "alike", "years", "moved", "tiers_changed"]
_TINY = 1e-9


def indicator_page(result: Result, pairs: pd.DataFrame, left: LeftOut, others: Sequence[Result] = ()) -> pd.DataFrame:
    """One row a leaf (PAGE), in the order of the rule-book.

    `units`: to how many it applies; `lowest`, `highest`: of the shares of full points that they attain, `…_then` the same in
    the first of `others` that has the leaf under its name, NaN where there is none. `lost`: the most points that a unit lost
    there, `lost_by`: who did, in the order of the ranking, nobody where nothing is lost. `alike`: the leaves that it repeats
    by `pairs` (`repeated`), in all `years`. `moved`, `tiers_changed`: how many units change place and tier without it, by
    `left` (`leave_one_out`), NaN for the only leaf.
    """
    alike = _alike(pairs)
    without = left.summary[left.summary["kind"] == "leaf"].set_index("left_out")[["moved", "tiers_changed"]]
    rows = []
    for leaf in result.category.leaves:
        lowest, highest = _ends(result, leaf.code)
        then = next((_ends(each, leaf.code) for each in others if _has(each, leaf)), (np.nan, np.nan))
        lost, by = _lost(result, leaf.code)
        codes, years = alike.get(leaf.code, ((), 0))
        moved, tiers = without.loc[leaf.code] if leaf.code in without.index else (np.nan, np.nan)
        rows.append([leaf.code, leaf.name.zh, leaf.name.en, float(leaf.full), int(result.among_peers[leaf.code].notna().sum()),
                     lowest, highest, *then, lost, by, codes, years, moved, tiers])
    return pd.DataFrame(rows, columns=PAGE)


def _alike(pairs: pd.DataFrame) -> dict[str, tuple[tuple[str, ...], int]]:
    """By leaf those that it repeats in every year at hand, and how many years these are."""
    found: dict[str, tuple[tuple[str, ...], int]] = {}
    for row in pairs[pairs["repeats"].astype(bool)].itertuples():
        for one, other in ((row.indicator, row.other), (row.other, row.indicator)):
            found[one] = ((*found.get(one, ((), 0))[0], other), row.years)
    return found


def _has(result: Result, leaf: Node) -> bool:
    return any((each.code, each.name.zh) == (leaf.code, leaf.name.zh) for each in result.category.leaves)


def _ends(result: Result, code: str) -> tuple[float, float]:
    shares = result.among_peers[code].dropna()
    return (shares.min(), shares.max()) if len(shares) else (np.nan, np.nan)


def _lost(result: Result, code: str) -> tuple[float, tuple[str, ...]]:
    """The most points that a unit loses, and the units that do."""
    lost = (result.wide["full"][code] - result.wide["points"][code])[result.among_peers[code].notna()]
    if lost.empty or lost.max() <= _TINY:
        return 0.0, ()
    return float(lost.max()), tuple(lost.index[lost >= lost.max() - _TINY])
