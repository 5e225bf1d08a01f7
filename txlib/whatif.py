"""What if the weights were others: the category assessed again with the weights asked for, its ranking beside the ruled one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from numbers import Rational, Real
from typing import Any

import pandas as pd

from txlib.assessment import assess
from txlib.data import Data
from txlib.exact import Amount, as_text, exact
from txlib.rulebook import Category, Node, RuleBook
from txlib.rulechecks import ABOVE_FULL, AT_MOST_FULL
from txlib.scoring import Result
from txlib.scorings import Row

WHAT_IF = ["unit", "name", "name_en", "score", "rank", "tier", "tier_en", "tier_code",
           "score_then", "rank_then", "tier_then", "tier_en_then", "tier_code_then", "moved"]
Weights = Mapping[str, float | Fraction | Decimal]


def what_if(book: RuleBook, data: Data, category: Category | str, weights: Weights,
            keep: Iterable[str] | None = None) -> pd.DataFrame:
    """The ranking with other weights beside the ruled one, one row a unit, in the order of the new one (columns WHAT_IF).

    `weights`: points of the whole by code, for indicators anywhere in the tree; `keep`: codes that keep their points. Their
    siblings share what is left of the parent's points in proportion to their ruled weights, and what is below a node moves
    with it. `score`, `rank`, `tier…` with these weights; `…_then` as ruled; `moved`: places gained. Scored by the same rules:
    amounts that a rule states in points stay points (draws and swaps move the share attained instead). Weight 0 leaves an
    indicator out. ValueError names what cannot be: as in `reweighted` and `reassessed`.
    """
    head = _category(book, category)
    new = reassessed(book, data, head, reweighted(head, weights, keep)).ranking
    old = assess(book, data, head).ranking.set_index("unit")
    then = old[["score", "rank", "tier", "tier_en", "tier_code"]].add_suffix("_then")
    both = new.join(then, on="unit")
    return both.assign(moved=both["rank_then"] - both["rank"])[WHAT_IF]


def _category(book: RuleBook, category: Category | str) -> Category:
    if isinstance(category, Category):
        return category
    if category not in book.categories:
        raise ValueError(f"no category {category}: {', '.join(book.categories)}")
    return book.categories[category]


def reassessed(book: RuleBook, data: Data, ruled: Category, category: Category) -> Result:
    """A category assessed by a tree with other weights, or fewer indicators, than it is ruled to have.

    ValueError where a rule's amount in points does not fit the indicator's new weight, where a value that is the points lies
    above it, and where no indicator with weight applies to a unit.
    """
    for leaf in category.leaves:
        if leaf.full != ruled.node(leaf.code).full:
            _fits(leaf, data.observations[(data.observations["category"] == category.code)
                                          & (data.observations["indicator"] == leaf.code)])
    gone = {leaf.code for leaf in ruled.leaves} - {leaf.code for leaf in category.leaves}
    mine = data.observations["category"] == category.code
    kept = data.observations[~(mine & data.observations["indicator"].isin(gone))]
    result = assess(book, replace(data, observations=kept), category)
    roots = result.scores[result.scores["indicator"].isin([root.code for root in category.roots])]
    full = roots.groupby("unit", observed=True)["full"].sum()
    if (full == 0).any():
        raise ValueError(f"no indicator with weight applies to {full.index[full == 0][0]}")
    return result


def reweighted(category: Category, weights: Weights, keep: Iterable[str] | None = None) -> Category:
    """The category with other weights, in points, as told in `what_if`.

    ValueError for an unknown code, an adjustment, a weight that is no number or negative, a code both given and kept, weights
    above the parent's points, and siblings all of whose weights are given and do not add up to the parent's points.
    """
    kept = [] if keep is None else [keep] if isinstance(keep, str) else list(keep)
    known = {node.code: node for node in category.nodes}
    for code in (*weights, *kept):
        if code not in known:
            raise ValueError(f"no indicator {code} in {category.code}: {', '.join(known)}")
        if code in {each.code for each in category.adjustments}:
            raise ValueError(f"{code} is an adjustment: it adds points beside the tree and has no weight")
    if both := [code for code in kept if code in weights]:
        raise ValueError(f"{both[0]}: a weight is given, and it is to keep its own")
    given = {code: _points(code, weight) for code, weight in weights.items()} | {code: known[code].full for code in kept}
    whole = sum((root.full for root in category.roots), Fraction(0))
    roots = _shared(category.roots, whole, given, "the total")
    there = {node.code for root in roots for node in root.walk()} | {each.code for each in category.adjustments}
    return replace(category, roots=roots, tie_break=tuple(code for code in category.tie_break if code in there))


def _points(code: str, weight: Any) -> Fraction:
    """A weight as the fraction that it stands for."""
    if isinstance(weight, bool) or not isinstance(weight, Real | Decimal) or not math.isfinite(weight):
        raise ValueError(f"{code}: {weight!r} is no number of points")
    found: Fraction = Fraction(weight) if isinstance(weight, Rational | Decimal) else exact([weight])[0]
    if found < 0:
        raise ValueError(f"{code}: {as_text(found)} points, a weight is not negative")
    return found


def _shared(siblings: Sequence[Node], whole: Fraction, given: Mapping[str, Fraction], parent: str) -> tuple[Node, ...]:
    """Siblings with the weights given, the others in proportion, and all below them; without those of weight 0."""
    told = {node.code: given[node.code] for node in siblings if node.code in given}
    left = whole - sum(told.values(), Fraction(0))
    others = sum((node.full for node in siblings if node.code not in told), Fraction(0))
    terms = " + ".join(f"{code} {as_text(points)}" for code, points in told.items())
    if left < 0 and others:
        raise ValueError(f"{terms} is above the {as_text(whole)} points of {parent}")
    if left != 0 and not others:
        raise ValueError(f"{terms} should add up to the {as_text(whole)} points of {parent}: no sibling is left to take the rest")
    found = []
    for node in siblings:
        full = told[node.code] if node.code in told else node.full * left / others
        below = _shared(node.children, full, given, node.code) if node.children else ()
        found += [replace(node, full=full, children=below)] if full else []
    return tuple(found)


# ── what a rule states in points ────────────────────────────────────────────────────────────────────────────────────


def _amounts(rule: Any) -> Iterator[tuple[str, list[Amount]]]:
    """A rule's amounts by the key that they stand under."""
    for key, value in rule:
        items = [value] if isinstance(value, Amount) or not isinstance(value, tuple) else list(value)
        items = [item.points if isinstance(item, Row) else item for item in items]
        yield ("rows" if key == "rows" else key), [item for item in items if isinstance(item, Amount)]


def _fits(leaf: Node, rows: pd.DataFrame) -> None:
    """ValueError where a leaf's rule, or a value that is the points, does not fit its weight; as in `rulechecks`."""
    rule: Any = leaf.rule
    here = f"{leaf.code} would weigh {as_text(leaf.full)} points"
    amounts = dict(_amounts(rule))
    for key, listed in amounts.items():
        most = leaf.full if key in AT_MOST_FULL else 2 * leaf.full
        points = [amount.points(leaf.full) for amount in listed]
        if key in (*AT_MOST_FULL, *ABOVE_FULL, "rows") and max(points, default=Fraction(0)) > most:
            limit = "that" if most == leaf.full else "twice that"
            raise ValueError(f"{here}: its {key}, {as_text(max(points))} points, is above {limit}")
        if (key == "onto" and points != sorted(points)) or (key == "points" and any(a < b for a, b in pairwise(points))):
            raise ValueError(f"{here}: the order of its {key} would turn")
    floor, upper = ([each.points(leaf.full) for each in amounts.get(key, [])] for key in ("floor", "most"))
    if floor and upper and floor[0] > upper[0]:
        raise ValueError(f"{here}: its floor, {as_text(floor[0])} points, is above the most that it gives, {as_text(upper[0])}")
    if rule.method == "given" and rule.out_of is None and rows["value"].max() > leaf.full:
        unit = rows.loc[rows["value"].idxmax()]
        raise ValueError(f"{here}: {unit['unit']} was given {unit['value']:g} points")
