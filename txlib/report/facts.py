"""What several reports say of a result: points and shares attained, distances and cuts, decisions, columns of points."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from txlib.base.numbers import exact, floats
from txlib.base.printing import MISSING, plainly
from txlib.methods import BesideTheTree
from txlib.report.kit.shown import Display, TableColumn
from txlib.scoring import places

if TYPE_CHECKING:
    import pandas as pd

    from txlib.intake.data import Data
    from txlib.report.kit.words import Words
    from txlib.rules.book import Category, Node
    from txlib.scoring.result import Result

FEW = 3  # so many of a kind are named

NOTHING = Display()


def decimals(result: Result) -> int:
    """With how many decimals totals are printed: as ruled, four where they are not rounded."""
    return ruled if isinstance(ruled := result.book.rounding.total, int) else 4


def upper(category: Category) -> list[Node]:
    """The nodes of levels 1 and 2."""
    return [node for root in category.roots for node in root.walk() if node.level <= 2]


def branches(category: Category) -> list[Node]:
    """The nodes whose points add up to the total: level 2, level 1 without children, the adjustments beside the tree."""
    return [*(node for node in upper(category) if node.level == 2 or not node.children), *category.adjustments]


def points(result: Result, nodes: Sequence[Node]) -> pd.DataFrame:
    """Points, units (as ranked) × the given nodes."""
    wanted = result.scores.pivot(index="unit", columns="indicator", values="points")
    return wanted.loc[list(result.ranking.unit), [node.code for node in nodes]]


def attained(result: Result, nodes: Sequence[Node]) -> pd.DataFrame:
    """The share of its full points that each unit attains, units (as ranked) × nodes; NaN where a node has no weight for it."""
    rows = result.scores[result.scores["full"] > 0]
    shares = rows.assign(share=rows["points"] / rows["full"]).pivot(index="unit", columns="indicator", values="share")
    return shares.reindex(index=list(result.ranking.unit), columns=[node.code for node in nodes])


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


def at_the_cut(result: Result) -> list[bool]:
    """For each distance, whether a tier ends there; a veto moves a unit into another tier but does not move the cut."""
    return [above != below for above, below in pairwise(unbarred(result))]


def firsts(result: Result, words: Words) -> str:
    """The names of the units at the first place."""
    top = result.ranking[result.ranking["rank"] == result.ranking["rank"].min()]
    return words.joined(map(words.row, top.itertuples()))


def vetoed(result: Result, data: Data) -> pd.DataFrame:
    """The decisions on vetoes that concern a category's ranked units."""
    decisions = data.decisions
    return decisions[(decisions["kind"] == "veto") & decisions["unit"].isin(result.ranking["unit"])]


def decided(result: Result, data: Data, words: Words) -> list[str]:
    """Sentences on vetoes and exclusions, with their documents."""
    units = words.by_unit(data.units_of(result.category.code))
    return [words.label(f"decided_{row.kind}", unit=units[row.unit], document=row.document, since=row.since or MISSING,
                        note=words.half(row.note), tiers=barring(result, words))
            for row in data.decisions.itertuples() if row.unit in units]


def barring(result: Result, words: Words) -> str:
    """The tiers that a unit under a veto cannot be in."""
    tiers = result.book.tiers
    bars = tiers.vetoes.bars if tiers and tiers.vetoes else ()
    return words.joined(words.name(level) for level in tiers.levels if level.code in bars) if tiers and bars else MISSING


def out_of(nodes: Sequence[Node], words: Words) -> list[TableColumn]:
    """A column of points for each node, headed by its name and full points."""
    most = [at_most(node) for node in nodes]
    heads = [words.name(node) if full == MISSING else words.label("out_of", name=words.name(node), full=full)
             for node, full in zip(nodes, most, strict=True)]
    return [TableColumn(head, "number") for head in heads]


def ranking_note(result: Result, words: Words) -> str:
    """A sentence on what units are ranked by and how their points are printed."""
    rule = result.book.rounding
    if not isinstance(rule.total, int):
        return words.label("ranking_note")
    return words.label("ranking_note_rounded", half=words.say(f"explain.half_{rule.half}"), decimals=rule.total)


def at_most(node: Node) -> str:
    """A node's full points; of an adjustment, its limit with its sign, — where it has none."""
    if isinstance(node.rule, BesideTheTree):
        if not node.cap:
            return MISSING
        return ("+" if node.rule.kind == "bonus" else "−") + plainly(float(node.cap))
    return plainly(float(node.full))
