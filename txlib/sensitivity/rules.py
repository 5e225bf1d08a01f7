"""What other rules would have made of the same data: normalisations, roll-ups, rules for what does not apply and for ties."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from txlib.assess import assess
from txlib.base.numbers import Floats, places
from txlib.intake.data import Data
from txlib.methods import Method
from txlib.rules.book import RuleBook
from txlib.rules.category import Category, Node
from txlib.rules.tree import SUMS, NotApplicable
from txlib.scoring.result import Result
from txlib.sensitivity.draws import best_first, ranks
from txlib.sensitivity.weighed import WeighedTree, branch_points, model, whole_numbers

NORMALISATIONS = ("ruled", "min_max", "z_score", "rank", "borda")
ROLL_UPS = {"ruled": None, "sum": "weighted_sum", "geometric": "geometric", "harmonic": "harmonic"}
NOT_APPLICABLE = ("ruled", "redistribute", "peers_mean")
TIES = ("min", "dense", "average")
RANKS = ["unit", "name", "name_en", "rank", "kept", "best", "median", "worst"]
RUNS = ["normalisation", "roll_up", "not_applicable", "ties", "unit", "score", "rank"]
ONTO = (0.6, 1.0)


@dataclass(frozen=True)
class Alternatives:
    """Each combination of choices ranked.

    `ranks` (RANKS), one row a unit in the order of the ranking: its rank as published, the share of combinations that keep
    it, its best, median and worst rank. `runs` (RUNS), one row a combination and unit, that of the published ranking first:
    score rounded as ruled, rank. Ranks under different rules for ties are numbered differently (1-1-3, 1-1-2).
    """

    ranks: pd.DataFrame
    runs: pd.DataFrame = field(repr=False)


def alternatives(book: RuleBook, data: Data, category: Category | str, *, onto: tuple[float, float] = ONTO) -> Alternatives:
    """The category ranked under every combination of choices, the rule-book's own among them.

    Normalisations of what was measured at each leaf (the ratio to the target or to last year where the rule compares):
    `min_max` from the worst at the lower to the best at the upper of `onto`, parts of the full points; `z_score` around their
    middle, a quarter of the range for each standard deviation; `rank` from the first at the upper to the last at the lower in
    even steps; `borda` a share of the units that are no better, n/n for the first, 1/n for the last. A leaf whose rule has no
    one direction stays as ruled. A roll-up takes the place of that of every branch and of the tree; adjustments are added
    after. Another rule for ties is a combination only where it changes a place. ValueError unless 0 ≤ onto[0] < onto[1].
    """
    if not 0 <= onto[0] < onto[1]:
        raise ValueError(f"onto must rise from 0 or more, not {onto}")
    result = assess(book, data, category)
    m = model(result)
    shares = {way: normalised(result, m, way, onto) for way in NORMALISATIONS}
    found = []
    for way, roll_up, ruled in product(NORMALISATIONS, _roll_ups(m), _not_applicable(m)):
        totals, criteria = evaluated(m, shares[way], ROLL_UPS[roll_up], ruled)
        scores = whole_numbers(totals.copy(), m)
        order = best_first(scores, partial(_of_rows, criteria) if criteria else None)
        by_ties = {ties: ranks(order, ties)[0] for ties in (m.ties, *TIES)}
        for ties, rank in by_ties.items():
            if ties == m.ties or (rank != by_ties[m.ties]).any():
                found.append(pd.DataFrame({"normalisation": way, "roll_up": roll_up, "not_applicable": ruled, "ties": ties,
                                           "unit": m.units["unit"], "score": scores[0] / 10.0**m.decimals, "rank": rank}))
    runs = pd.concat(found, ignore_index=True)[RUNS]
    return Alternatives(_summary(result.ranking, runs), runs)


def _of_rows(criteria: list[Floats], rows: npt.NDArray[np.intp]) -> list[Floats]:
    return [column[rows] for column in criteria]


def _summary(ranking: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    by_unit = runs.groupby("unit")["rank"]
    table = ranking[["unit", "name", "name_en", "rank"]].set_index("unit")
    same = runs["rank"] == runs["unit"].map(table["rank"])
    table = table.assign(kept=same.groupby(runs["unit"]).mean(), best=by_unit.min(), median=by_unit.median(), worst=by_unit.max())
    return table.reset_index()[RANKS]


def _roll_ups(m: WeighedTree) -> list[str]:
    """The roll-ups to try: the ruled one first, and no other that is the same."""
    sums = all(group.node.roll_up in SUMS for group in m.groups)
    return [name for name in ROLL_UPS if not (name == "sum" and sums)]


def _not_applicable(m: WeighedTree) -> list[str]:
    """The rules to try for what does not apply: none but the ruled one where everything applies."""
    if all((m.tree.counts[leaf] | ~m.tree.own.get(leaf, np.True_)).all() for leaf in m.leaves):
        return ["ruled"]
    rules = {child.not_applicable.rule for group in m.groups for child in group.node.children}
    return [name for name in NOT_APPLICABLE if rules != {name}]


def evaluated(m: WeighedTree, share: Floats, roll_up: str | None, ruled: str) -> tuple[Floats, list[Floats]]:
    """Totals, 1 × units, and points of the tie-break's nodes, at the ruled weights and other shares, roll-ups and rules."""
    other = reruled(m, ruled)
    filled = spread_out(other, share)
    points = branch_points(other, np.ascontiguousarray(m.weight[:, None]), lambda j: filled[:, j], roll_up)
    criteria = [m.adjusted[code][None] if code in m.adjusted else points[code] for code in m.tie_break]
    return np.asarray(points[m.tree.top.code] + m.added), criteria


def reruled(m: WeighedTree, ruled: str) -> WeighedTree:
    """The model with one rule for everything that does not apply; the same where `ruled` is "ruled"."""
    if ruled == "ruled":
        return m
    rule = NotApplicable.model_validate({"rule": ruled})

    def changed(node: Node) -> Node:
        return replace(node, not_applicable=rule, children=tuple(map(changed, node.children)))

    return replace(m, tree=replace(m.tree, top=changed(m.tree.top)))


def spread_out(m: WeighedTree, share: Floats) -> Floats:
    """Shares attained, units × leaves, with those of units that a leaf does not apply to as the model's rules have them."""
    found = share.copy()
    rules = {child.code: child.not_applicable for group in m.groups for child in group.node.children}
    for j, leaf in enumerate(m.leaves):
        there, ruled = m.tree.counts[leaf], rules[leaf]
        if ruled.rule == "peers_mean" and there.any():
            found[~there, j] = share[there, j].mean()
        else:
            found[~there, j] = float(ruled.share) if ruled.share is not None else 0.0
    return found


# ── normalisations ──────────────────────────────────────────────────────────────────────────────────────────────────


def normalised(result: Result, m: WeighedTree, way: str, onto: tuple[float, float] = ONTO) -> Floats:
    """Shares of the full points that each unit attains at each leaf under a normalisation, units × leaves; 0 where it does
    not apply. ValueError for a way that is none of NORMALISATIONS.
    """
    if way not in NORMALISATIONS:
        raise ValueError(f"a normalisation must be one of {', '.join(NORMALISATIONS)}, not {way}")
    found = m.share.copy()
    for j, leaf in enumerate(result.category.leaves):
        there = m.tree.counts[leaf.code]
        found[~there, j] = 0.0
        ahead = None if way == "ruled" or not there.any() else measured(leaf, result)
        if ahead is not None:
            found[there, j] = onto_share(way, ahead, result.book.ties, onto)
    return found


def onto_share(way: str, ahead: Floats, ties: Any, onto: tuple[float, float] = ONTO) -> Floats:
    """Shares of the full points from one column of measurements, more being better."""
    low, high, n = onto[0], onto[1], len(ahead)
    if way == "borda":
        return (n + 1 - places(ahead, ties="average")) / n
    if way == "z_score":
        deviation = ahead.std() if np.ptp(ahead) > 0 else 1.0
        return np.asarray((low + high) / 2 + (high - low) / 4 * (ahead - ahead.mean()) / deviation)
    if way == "rank":
        ahead = -places(ahead, ties=ties)
    width = np.ptp(ahead) if way == "min_max" else max(n - 1, 1)
    behind = (ahead.max() if way == "min_max" else -1.0) - ahead
    return np.asarray(high - (high - low) * behind / (width if width > 0 else 1.0))


def measured(leaf: Node, result: Result) -> Floats | None:
    """What was measured at a leaf of the units that it applies to, more being better; None where that is not one number, or
    where the points follow from more than it: conditions, steps, a second scoring.
    """
    if leaf.staged:
        return None
    rows = result.scores[(result.scores["indicator"] == leaf.code).to_numpy()]
    rows = rows[(rows["status"] == "reported").to_numpy()]
    value: Floats = rows["observed"].to_numpy(dtype=np.float64)
    rule = leaf.rule
    assert isinstance(rule, Method)
    if rule.beside is not None:
        other = rows[rule.beside].to_numpy(dtype=np.float64)
        if rule.adds_up:
            value = np.asarray(value - other)
        elif (other > 0).all():
            value = value / other
        else:
            return None
    sign = rule.sign(leaf.full)
    return None if sign == 0 else sign * value
