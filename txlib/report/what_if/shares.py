"""Weights that move together: each indicator's share of its parent, and the points that come of it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from txlib.rules.category import Category, Node

WeightShares = Mapping[str, Fraction]


def shares(category: Category) -> dict[str, Fraction]:
    """Each indicator's share of its parent, as ruled; siblings add up to 1."""
    found = {}
    for node in tree(category):
        siblings = category.siblings(node)
        found[node.code] = node.full / sum((each.full for each in siblings), Fraction(0))
    return found


def shifted(category: Category, now: WeightShares, code: str, share: Fraction) -> dict[str, Fraction]:
    """The shares with one between 0 and 1 set anew, its siblings in proportion to theirs now; to the ruled where those are 0.

    An indicator without siblings keeps all of its parent.
    """
    others = [node.code for node in category.siblings(category.node(code)) if node.code != code]
    if not others:
        return dict(now)
    held = {each: now[each] for each in others}
    held = held if any(held.values()) else {each: shares(category)[each] for each in others}
    whole = sum(held.values(), Fraction(0))
    return {**now, code: share, **{each: part * (1 - share) / whole for each, part in held.items()}}


def points(category: Category, now: WeightShares) -> dict[str, Fraction]:
    """What each indicator weighs, in points of the whole, by its shares and those above it."""
    found: dict[str, Fraction] = {}
    for node in tree(category):
        above = category.node(node.parent) if node.parent else None
        whole = sum((each.full for each in category.siblings(node)), Fraction(0))
        found[node.code] = whole * now[node.code] * (found[above.code] / above.full if above else 1)
    return found


def tree(category: Category) -> list[Node]:
    """The indicators of the tree, parents before children."""
    return [node for root in category.roots for node in root.walk()]
