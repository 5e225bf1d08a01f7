"""What several reports say of a result: points and shares attained, distances and cuts, decisions, columns of points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from txlib.base.numbers import exact, floats
from txlib.base.printing import MISSING, number, plainly
from txlib.methods import BesideTheTree
from txlib.report.kit.shown import Display, TableColumn
from txlib.rules.tree import SUMS
from txlib.scoring import places

if TYPE_CHECKING:
    import pandas as pd

    from txlib.intake.data import Data
    from txlib.report.kit.words import Words
    from txlib.rules.category import Category, Node
    from txlib.scoring.result import Result

FEW = 3  # so many of a kind are named

NOTHING = Display()


def decimals(result: Result) -> int:
    """With how many decimals totals are printed: as ruled, four where they are not rounded."""
    return ruled if isinstance(ruled := result.book.rounding.total, int) else 4


def in_points(result: Result) -> Callable[..., str]:
    """Points as they are printed beside totals: with as many decimals, two at the least."""
    return partial(number, decimals=max(decimals(result), 2))


def upper(category: Category) -> list[Node]:
    """The nodes of levels 1 and 2."""
    return [node for root in category.roots for node in root.walk() if node.level <= 2]


def branches(category: Category) -> list[Node]:
    """The nodes that the total is made of: level 2, level 1 without children, and what stands beside these."""
    return [*(node for node in upper(category) if node.level == 2 or not node.children), *beside(category)]


def beside(category: Category) -> list[Node]:
    """What is found at branches of level 1, the adjustments beside the tree and their caps."""
    return [*(line for line in category.lines if line.level == 2), *category.adjusting]


def _by_unit(result: Result, column: str, nodes: Sequence[Node]) -> pd.DataFrame:
    """A column of the scores, units (as ranked) × nodes."""
    return result.wide[column][[node.code for node in nodes]]


def fulls(result: Result, nodes: Sequence[Node]) -> pd.DataFrame:
    """The full points of each unit, units (as ranked) × nodes: 0 where a node has no weight for it."""
    return _by_unit(result, "full", nodes)


def points(result: Result, nodes: Sequence[Node]) -> pd.DataFrame:
    """Points, units (as ranked) × the given nodes; NaN where a node of the tree has no weight for the unit."""
    there = fulls(result, nodes) > 0
    there[[node.code for node in nodes if node.adjusts]] = True
    return _by_unit(result, "points", nodes).where(there)


def attained(result: Result, nodes: Sequence[Node]) -> pd.DataFrame:
    """The share of its full points that each unit attains, units (as ranked) × nodes; NaN where a node has no weight for it."""
    full = fulls(result, nodes)
    return points(result, nodes) / full.where(full > 0)


def among_peers(result: Result, nodes: Sequence[Node]) -> pd.DataFrame:
    """The shares of full points of the units that are assessed at a node: NaN where no leaf of it applies to a unit."""
    return result.among_peers.reindex(columns=[node.code for node in nodes])


def beside_mean(result: Result, nodes: Sequence[Node]) -> pd.DataFrame:
    """How far each unit's points lie above the mean, units (as ranked) × nodes; NaN where a node has no weight for the unit.

    The mean is that of the shares of full points, over the units assessed there, in the unit's own full points; of an
    adjustment, that of the points.
    """
    held, beside = points(result, nodes), [node.code for node in nodes if node.adjusts]
    mean = fulls(result, nodes) * among_peers(result, nodes).mean()
    return held - mean.assign(**{code: held[code].mean() for code in beside})


def adds_up(result: Result) -> bool:
    """Whether a unit's distances from the means of all branches add up to that of its total: points are sums of points, and
    every unit has the same full points.
    """
    category = result.category
    full = fulls(result, branches(category))
    summed = category.roll_up in SUMS and all(root.roll_up in SUMS for root in category.roots if root.children)
    return summed and bool((full.round(9).nunique() == 1).all())


def distances(result: Result) -> list[float]:
    """How far each unit's score lies below the one above it, in order of rank; one less than there are units."""
    return [round(float(a - b), decimals(result)) for a, b in pairwise(floats(result.ranking.score))]


def closest(result: Result) -> list[bool]:
    """For each distance, whether it is the smallest between two places; it is 0 where a criterion parts equal scores."""
    gaps, apart = distances(result), [above != below for above, below in pairwise(result.ranking["rank"])]
    least = min((gap for gap, two in zip(gaps, apart, strict=True) if two), default=-1.0)
    return [two and gap == least for gap, two in zip(gaps, apart, strict=True)]


def unbarred(result: Result) -> list[str]:
    """The code of the tier that each unit would be in by its place alone, without any veto."""
    table = result.ranking
    return list(places.tiers(exact(table.score), result.book.tiers, exact(-table["rank"]))["tier_code"])


def moved_by_veto(result: Result) -> list[bool]:
    """For each unit, in order of rank, whether a veto keeps it out of the tier of its place."""
    table = result.ranking
    return [own != code and unit in result.vetoed
            for unit, own, code in zip(table["unit"], table.tier_code, unbarred(result), strict=True)]


def at_the_cut(result: Result) -> list[bool]:
    """For each distance, whether a tier ends there: below the last, by place, of the units in it that no veto moved there."""
    codes = enumerate(zip(result.ranking.tier_code, moved_by_veto(result), strict=True))
    last = {code: i for i, (code, moved) in codes if not moved}
    return [i in last.values() for i in range(len(result.ranking) - 1)]


def firsts(result: Result, words: Words) -> str:
    """The names of the units at the first place, those under a veto told as such."""
    return words.joined(names(result, words)[:int((result.ranking["rank"] == result.ranking["rank"].min()).sum())])


def names(result: Result, words: Words) -> list[str]:
    """The names of the units as ranked, those under a veto told as such."""
    return [words.label("under_veto", unit=words.row(row)) if row.unit in result.vetoed else words.row(row)
            for row in result.ranking.itertuples()]


def vetoed(result: Result, data: Data) -> pd.DataFrame:
    """The decisions on vetoes that concern a category's ranked units."""
    decisions = data.decisions
    return decisions[(decisions["kind"] == "veto") & decisions["unit"].isin(result.ranking["unit"])]


def of_units(data: Data) -> pd.DataFrame:
    """The decisions on whole units: vetoes and exclusions."""
    return data.decisions[data.decisions["kind"] != "confirmed"]


def decided(result: Result, data: Data, words: Words) -> list[str]:
    """Sentences on vetoes and exclusions, with their documents."""
    units = words.by_unit(data.units_of(result.category.code))
    return [words.label(f"decided_{row.kind}", unit=units[row.unit], document=row.document, since=row.since or MISSING,
                        note=words.half(row.note), tiers=barring(result, words))
            for row in of_units(data).itertuples() if row.unit in units]


def to_look_at(data: Data, category: str | None, words: Words) -> list[tuple[str, list[str]]]:
    """The remarks on what a category handed in (None: the year) that no note confirms: how many, the first few in full."""
    told = [each.message(words.lang) for each in data.remarks if each.category == category]
    more = [words.counted("findings.remarks_more", len(told) - FEW, year=words.book.year)] if len(told) > FEW else []
    return [(words.counted("findings.remarks", len(told)), [*told[:FEW], *more])] if told else []


def barring(result: Result, words: Words) -> str:
    """The tiers that a unit under a veto cannot be in."""
    tiers = result.book.tiers
    bars = tiers.vetoes.bars if tiers and tiers.vetoes else ()
    return words.joined(words.name(level) for level in tiers.levels if level.code in bars) if tiers and bars else MISSING


def out_of(result: Result, nodes: Sequence[Node], words: Words) -> list[TableColumn]:
    """A column of points for each node, headed by its name, and by its full points where every unit has the same."""
    alike = fulls(result, nodes).round(9).nunique() == 1
    most = [at_most(node) if alike[node.code] else MISSING for node in nodes]
    heads = [words.name(node) if full == MISSING else words.label("out_of", name=words.name(node), full=full)
             for node, full in zip(nodes, most, strict=True)]
    return [TableColumn(head, "number") for head in heads]


def unlike(result: Result, nodes: Sequence[Node], words: Words) -> str:
    """A sentence where units have other full points at a node, or none; empty where all have the same."""
    return "" if (fulls(result, nodes).round(9).nunique() == 1).all() else words.label("full_differs")


def ranking_note(result: Result, words: Words) -> str:
    """A sentence on what units are ranked by and how their points are printed."""
    rule = result.book.rounding
    ranked = words.label("ranking_note")
    if isinstance(rule.total, int):
        ranked = words.label("ranking_note_rounded", half=words.say(f"explain.half_{rule.half}"), decimals=rule.total)
    summed = result.category.roll_up in SUMS
    parts = words.label("parts_rounded") if summed else words.label("parts_rolled_up")
    return words.sentences([ranked, parts])


def at_most(node: Node) -> str:
    """A node's full points; of an adjustment, its limit with its sign, — where it has none; of a common cap, its own."""
    if node.adjusts and not node.cap:
        return MISSING
    if node.over:
        return "±" + plainly(float(node.cap))
    if isinstance(node.rule, BesideTheTree):
        return ("+" if node.rule.kind == "bonus" else "−") + plainly(float(node.cap))
    return plainly(float(node.full))
