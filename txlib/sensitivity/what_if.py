"""What if the weights were others: the ranking that they would give, beside the ruled one.

Every unit keeps the share of the full points that it attained at each leaf; weights alone differ.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from numbers import Rational, Real
from typing import Any

import numpy as np
import pandas as pd

from txlib.assess import assess
from txlib.base.numbers import exact
from txlib.base.printing import as_text
from txlib.intake.data import Data
from txlib.rules.book import RuleBook
from txlib.rules.category import Category, Node
from txlib.scoring.places import ranking
from txlib.scoring.points import Handed, Scoring, rounded_totals
from txlib.scoring.result import Result
from txlib.sensitivity.shares import exact_shares

WHAT_IF = ["unit", "name", "name_en", "score", "rank", "tier", "tier_en", "tier_code",
           "score_then", "rank_then", "tier_then", "tier_en_then", "tier_code_then", "moved"]
Weights = Mapping[str, float | Fraction | Decimal]


def what_if(book: RuleBook, data: Data, category: Category | str, weights: Weights,
            keep: Iterable[str] | None = None) -> pd.DataFrame:
    """The ranking with other weights beside the ruled one, one row a unit, in the order of the new one (columns WHAT_IF).

    `weights`: points of the whole by code, for indicators anywhere in the tree; `keep`: codes that keep their points. Their
    siblings share what is left of the parent's points in proportion to their ruled weights, and what is below a node moves
    with it. `score`, `rank`, `tier…` with these weights; `…_then` as ruled; `moved`: places gained. Every unit keeps the share
    that it attained of a leaf's points, as in draws, intervals and swaps: an amount that a rule states in points moves with
    the weight. Weight 0 leaves an indicator out. ValueError names what cannot be: as in `reweighted` and `reranked`.
    """
    result = assess(book, data, category)
    new = reranked(result, reweighted(result.category, weights, keep))
    then = result.ranking.set_index("unit")[["score", "rank", "tier", "tier_en", "tier_code"]].add_suffix("_then")
    both = new.join(then, on="unit")
    return both.assign(moved=both["rank_then"] - both["rank"])[WHAT_IF]


def reranked(result: Result, category: Category) -> pd.DataFrame:
    """The ranking by a tree with other weights, or fewer indicators, than the result's own, exactly (places.RANKING).

    ValueError where no indicator with weight applies to a unit, and as `exact_shares`.
    """
    book, of = result.book, exact_shares(result)
    row = pd.Index(result.units["unit"]).get_indexer(pd.Index(of.units))
    units, codes = result.units.iloc[row].reset_index(drop=True), [leaf.code for leaf in result.category.leaves]
    kept = [codes.index(leaf.code) for leaf in category.leaves]
    given = {node.code: of.points[node.code] for node in category.adjustments}
    given |= {leaf.code: of.share[leaf.code] * leaf.full for leaf in category.leaves}
    given |= {node.code: result.handed.given[node.code][row] / result.category.node(node.code).full * node.full
              for node in category.priced}
    own = None if result.handed.own is None else result.handed.own[np.ix_(row, kept)]
    handed = Handed(result.handed.values[np.ix_(row, kept)], result.handed.beside[np.ix_(row, kept)], given, own=own)
    roots, beside = (tuple(node.unstaged() for node in nodes) for nodes in (category.roots, category.adjustments))
    category = replace(category, roots=roots, adjustments=beside)
    points = Scoring(category, handed, book.ties, book.rounding, category.total).exact
    totals = rounded_totals(points.total, book.rounding)
    none = np.asarray(sum((points.full[root.code] for root in category.roots), np.zeros(len(units), dtype=object)) == 0)
    if none.any():
        raise ValueError(f"no indicator with weight applies to {units['unit'][none.argmax()]}")
    criteria = [points.points[code] for code in category.tie_break]
    return ranking(units, points.total, book, totals, criteria, units["unit"].isin(result.vetoed).to_numpy())


def reweighted(category: Category, weights: Weights, keep: Iterable[str] | None = None) -> Category:
    """The category with other weights, in points, as told in `what_if`.

    ValueError for an unknown code, an adjustment, a weight that is no number or negative, a code both given and kept, weights
    above the parent's points, and siblings all of whose weights are given and do not add up to the parent's points.
    """
    kept = [keep] if isinstance(keep, str) else list(() if keep is None else keep)
    known = {node.code: node for node in category.nodes}
    for code in (*weights, *kept):
        if code not in known:
            raise ValueError(f"no indicator {code} in {category.code}: {', '.join(known)}")
        if known[code].adjusts:
            raise ValueError(f"{code} is an adjustment: it adds points beside the tree and has no weight")
    if both := [code for code in kept if code in weights]:
        raise ValueError(f"{both[0]}: a weight is given, and it is to keep its own")
    given = {code: _points(code, weight) for code, weight in weights.items()} | {code: known[code].full for code in kept}
    whole = sum((root.full for root in category.roots), Fraction(0))
    roots = _shared(category.roots, whole, given, "the total")
    there = {node.code for root in roots for node in root.walk()} | {each.code for each in category.adjusting}
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
        under = full * sum((each.full for each in node.children), Fraction(0)) / node.full  # more where units have their own
        below = _shared(node.children, under, given, node.code) if node.children else ()
        if full:
            found.append(replace(node, full=full, children=below))
    return tuple(found)
