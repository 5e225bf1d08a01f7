"""How firmly a ranking stands, in words and tables: data in error, one weight moved, neighbours that swap.

Weights are decisions: what comes of other weights is told as a share of draws. What is uncertain is data, and told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise, product
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from txlib.base.printing import MISSING, number, percent, plainly, points
from txlib.report import facts
from txlib.report.kit.shown import Display, Flag, TableCell, TableRow, folded, listed, nothing, table, together
from txlib.sensitivity.spread import share_of_spread
from txlib.sensitivity.weights import HIGH, Draws

if TYPE_CHECKING:
    from txlib.report.kit.words import Words
    from txlib.rules.category import Category, Node
    from txlib.scoring.result import Result

FEW, TIGHT = 3, 10  # so many of a kind are named; so many weights with the least room are listed


def _part(value: float, words: Words) -> str:
    return words.say("standing.percent", value=percent(value))


def _and(parts: Sequence[str], words: Words, few: int = FEW) -> str:
    """The parts as an enumeration with `and` before the last; of many, the first few and the number of all."""
    if len(parts) > few:
        return words.joined(parts[:few]) + words.say("standing.so_many_more", count=len(parts))
    *others, last = parts
    return words.say("standing.and").join([*([words.joined(others)] if others else []), last])


def indicator(node: Node, words: Words) -> str:
    """An indicator's code and name."""
    return words.say("standing.indicator", code=node.code, name=words.name(node))


def pair(above: Any, below: Any, words: Words, key: str = "pair", **values: Any) -> str:
    """Two neighbours by place and name, from rows of a ranking."""
    return words.say(f"standing.{key}", **values, upper=words.row(above), lower=words.row(below), upper_rank=plainly(above.rank),
                     lower_rank=plainly(below.rank))


def what_varies(draws: Draws, words: Words) -> str:
    """The words for what the draws vary: the weights, marks, surveys."""
    if draws.drawn == "weights":
        return words.say("standing.around", spread=_part(draws.spread, words))
    varied = []
    if "marks" in draws.varied:
        varied.append(words.say("standing.marks_off", spread=words.say("standing.percent", value=plainly(100 * draws.spread))))
    if "surveys" in draws.varied:
        varied.append(words.say("standing.surveys_again"))
    return words.joined(varied)


def how(draws: Draws, words: Words) -> str:
    """The words for what the draws vary, their number, and their seed."""
    number_of = words.say("standing.so_many_draws", count=f"{draws.draws:,}", seed=draws.seed)
    return words.joined([what_varies(draws, words), number_of])


# ── findings ────────────────────────────────────────────────────────────────────────────────────────────────────────


def spread(result: Result, then: Result | Display) -> pd.DataFrame:
    """What each node carries of the spread, held against the year before where there is one; no rows for one unit alone."""
    others = [] if isinstance(then, Display) else [then]
    if len(result.units) < 2:
        return pd.DataFrame()
    return share_of_spread(result, [each for each in others if len(each.units) > 1])


def findings(result: Result, draws: Draws, moves: pd.DataFrame, swaps: pd.DataFrame, spread: pd.DataFrame,
             words: Words) -> Display:
    """What no change of a weight by a tenth moves, who is level within the error of the data, what decides, who swaps first."""
    if len(result.units) < 2:
        return nothing(words.say("standing.alone"))
    return listed([_steady(result, moves, words), _level(result, draws, words), *_decides(result, spread, words),
                   *_easiest(result, swaps, words)])


def _steady(result: Result, moves: pd.DataFrame, words: Words) -> str:
    if moves.empty:
        return words.say("standing.not_tried")
    ends = moves.groupby("unit").agg({"best": "min", "worst": "max"})
    rows = [(row, ends.loc[row.unit]) for row in result.ranking.itertuples()]
    moved = [words.say("standing.unit_between", unit=words.row(row), best=plainly(end["best"]), worst=plainly(end["worst"]))
             for row, end in rows if end["best"] != end["worst"]]
    head, tried = result.category, set(moves["indicator"])
    untried = [node for node in head.nodes if not node.adjusts and len(head.siblings(node)) > 1
               and node.code not in tried]
    rest = words.say("standing.untried", count=len(untried)) if untried else ""
    if not moved:
        return words.say("standing.all_steady", units=len(rows)) + rest
    return words.say("standing.steady", units=len(rows), steady=len(rows) - len(moved), moved=_and(moved, words)) + rest


class Neighbours(NamedTuple):
    """Two neighbours of a ranking, and the shares of draws in which the upper one is above, level, below."""

    above: Any
    below: Any
    ahead: float
    level: float
    behind: float

    @property
    def verdict(self) -> str:
        """`tied` as published, `told_apart` where the order is the same in at least 95% of draws, else `not_apart`."""
        if self.above.rank == self.below.rank:
            return "tied"
        return "told_apart" if self.ahead >= HIGH else "not_apart"


def drawn_pairs(result: Result, draws: Draws) -> list[Neighbours]:
    """Each two neighbours with their shares of draws: units that share a place, and each of them with each of the next place."""
    levels = [list(rows) for _, rows in groupby(result.ranking.itertuples(), key=lambda row: row.rank)]
    pairs: list[tuple[Any, Any]] = []
    for level, after in zip(levels, [*levels[1:], []], strict=True):
        pairs += [*pairwise(level), *product(level, after)]
    found = []
    for above, below in pairs:
        ahead, behind = (float(draws.pairwise.at[a.unit, b.unit]) for a, b in ((above, below), (below, above)))
        found.append(Neighbours(above, below, ahead, 1 - ahead - behind, behind))
    return found


def _level(result: Result, draws: Draws, words: Words) -> str:
    if not draws.kind:
        return words.say("standing.no_errors")
    pairs = drawn_pairs(result, draws)
    near = sorted((each for each in pairs if each.verdict == "not_apart"), key=lambda each: each.ahead)
    weighty = sorted((each for each in near if _weighty(each)), key=lambda each: (each.above.rank, each.below.rank))
    level_pairs = [pair(each.above, each.below, words, "level_pair", share=_part(1 - each.ahead, words))
                   for each in (*weighty, *(each for each in near if not _weighty(each)))]
    if not level_pairs:
        tied = any(each.verdict == "tied" for each in pairs)
        return words.say("standing.level_but_tied" if tied else "standing.level_none", what=what_varies(draws, words))
    pairs_in_words = _and(level_pairs, words, len(level_pairs))
    return words.say("standing.level_some", what=what_varies(draws, words), pairs=pairs_in_words)


def _weighty(each: Neighbours) -> bool:
    """Whether the first place or a line between tiers lies between two neighbours."""
    return bool(each.above.rank == 1 or each.above.tier_code != each.below.tier_code)


def _decides(result: Result, spread: pd.DataFrame, words: Words) -> list[str]:
    """The branch that carries most of the spread, and those whose weight and effect do not match in any year.

    Of two siblings that lean to either side one says it all: the one below its weight. Nothing where none is told of the tree.
    """
    apart = spread[spread["share"].notna()]
    whole = {root.code for root in result.category.roots} & set(undivided(result.category, apart))
    mine = apart[apart["indicator"].isin({node.code for node in facts.branches(result.category)} | whole) & (apart["share"] > 0)]
    if not set(apart["indicator"]) - {node.code for node in result.category.adjusting}:
        return []
    if mine.empty:
        return []

    def sentence(key: str, row: Any) -> str:
        branch = words.say("standing.indicator", code=row.indicator, name=words.row(row))
        return words.say(f"standing.{key}", branch=branch, **{
            name: _part(value, words) if value == value else MISSING for name in ("weight", "share", "low", "high")
            for value in [getattr(row, name)]})

    most = next(mine[mine["share"] == mine["share"].max()].itertuples())
    flagged = spread[spread["repeats"]]
    leaning = [row for row in flagged.itertuples() if not _mirrored(row, flagged, result)]
    inside = {row.indicator for row in leaning}
    tops = [row for row in leaning if row.parent not in inside]
    if not tops:
        return [sentence("decides", most)]
    branches = _and([sentence("leaning", row) for row in tops], words)
    return [sentence("decides", most), words.say("standing.leans", years=tops[0].years, branches=branches)]


def undivided(head: Category, apart: pd.DataFrame) -> list[str]:
    """The leaves, and the branches below which nothing is told apart, of those nodes whose share is (`apart`)."""
    there = set(apart["indicator"])
    return [node.code for root in head.roots for node in root.walk()
            if node.code in there and not there & {child.code for child in node.children}]


def _mirrored(row: Any, flagged: pd.DataFrame, result: Result) -> bool:
    """Whether a node above its weight has one sibling alone, flagged below its own."""
    others = [each.code for each in result.category.siblings(result.category.node(row.indicator)) if each.code != row.indicator]
    return row.leans == "more" and len(others) == 1 and bool(
        (flagged["indicator"].isin(others) & (flagged["leans"] == "less")).any())


def _easiest(result: Result, swaps: pd.DataFrame, words: Words) -> list[str]:
    """The two neighbours that the fewest points of weight make equal."""
    units = {each.unit: each for each in result.ranking.itertuples()}
    level = swaps[swaps["reason"] == "level"]
    if len(level):
        pairs = [pair(units[row.above], units[row.below], words) for row in level.itertuples()]
        return [words.say("standing.already", pair=_and(pairs, words))]
    there = swaps[swaps["reason"] == ""]
    if there.empty:
        return []
    row = next(there[there["l1"] == there["l1"].min()].itertuples())
    moved = words.say("standing.points_move", points=points(row.l1), **{"from": _and(_names(result, row.from_, words), words),
                                                                        "to": _and(_names(result, row.to, words), words)})
    return [words.say("standing.easiest", pair=pair(units[row.above], units[row.below], words), moved=moved)]


def _names(result: Result, moved: Iterable[tuple[str, float]], words: Words) -> list[str]:
    return [indicator(result.category.node(code), words) for code, _ in moved]


# ── tables ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def neighbours(result: Result, draws: Draws, words: Words, alone: Sequence[Draws] = ()) -> Display:
    """Each two neighbours: how far apart, in what share of draws the order stays, and how to read that.

    `alone`: draws of one kind of data each, told in a column of their own where `draws` let another kind vary too.
    """
    if len(result.units) < 2 or not draws.kind:
        return nothing(words.say("standing.alone" if len(result.units) < 2 else "standing.no_errors"))
    parts = [each for each in alone if each.kind not in ("", draws.kind)]
    apart = [[pair.ahead for pair in drawn_pairs(result, each)] for each in parts]
    rows: list[TableRow] = []
    for each, *singles in zip(drawn_pairs(result, draws), *apart, strict=True):
        gap = float(each.above.score) - float(each.below.score)
        cells = [f"{plainly(each.above.rank)} {words.row(each.above)}", f"{plainly(each.below.rank)} {words.row(each.below)}",
                 number(gap, facts.decimals(result)), *(percent(share, 1) for share in (each.ahead, *singles, each.level,
                                                                                          each.behind)),
                 words.say(f"standing.{each.verdict}")]
        rows.append(Flag(cells) if each.verdict == "not_apart" else cells)
    heads = words.columns("above", "below", "#gap", "#ahead", *(f"#ahead_{part.kind}" for part in parts), "#level", "#behind",
                          "verdict", labels="standing")
    near = sum(isinstance(row, Flag) for row in rows)
    caption = words.say("standing.neighbours", category=words.name(result.category), how=how(draws, words), near=near)
    notes = [*(["alone_note"] if parts else []), *(f"{kind}_note" for kind in ("surveys", "marks") if kind in draws.varied)]
    notes += ["linked_note"] if result.category.linked else []
    return table("neighbours", caption, heads, rows, "".join(words.say(f"standing.{key}") for key in ("neighbours_note", *notes)))


def singly(result: Result, intervals: pd.DataFrame, words: Words) -> Display:
    """How far each weight alone can move: those with least room, and all of them folded."""
    room = pd.concat([intervals["weight"] - intervals["place_from"], intervals["place_to"] - intervals["weight"]], axis=1)
    part = (room.min(axis=1) / intervals["weight"]).where(intervals["note"] == "").dropna()
    tight = intervals.loc[part[part < 1].sort_values(kind="stable").index[:TIGHT]]
    units = words.by_unit(result.ranking)
    tiers_hold = ["tiers_hold"] if result.book.tiers is not None else []
    heads = words.columns("node", "#weight", "places_hold", "~who_moves", *tiers_hold, "first_holds", labels="standing")

    def rows(frame: pd.DataFrame) -> list[TableRow]:
        return [_within(row, units, words, tiers=result.book.tiers is not None) for row in frame.itertuples()]

    caption = words.say("standing.singly", category=words.name(result.category), count=len(tight))
    every = folded(words.say("standing.singly_all"), table("intervals", "", heads, rows(intervals)))
    if tight.empty:
        return every
    return together(table("singly", caption, heads, rows(tight), words.say("standing.singly_note")), every)


def _within(row: Any, units: dict[str, str], words: Words, *, tiers: bool) -> list[TableCell]:
    """An indicator's weight, and the ranges within which places, tiers and the first place stay."""
    head: list[TableCell] = [f"{row.indicator} {words.row(row)}", plainly(row.weight)]
    if row.note:
        return [*head, words.say(f"standing.note_{row.note}"), *[MISSING] * (3 if tiers else 2)]
    moved = dict.fromkeys(code for side in (row.place_below, row.place_above) for code in side.split(", ") if code)
    ranges = [_range(row, kind, words) for kind in ("place", *(["tier"] if tiers else []), "first")]
    return [*head, ranges[0], words.joined([units[code] for code in moved]) or MISSING, *ranges[1:]]


def _range(row: Any, kind: str, words: Words) -> str:
    low, high = getattr(row, f"{kind}_from"), getattr(row, f"{kind}_to")
    if low == 0 and high == row.most:
        return words.say("standing.whole", most=plainly(row.most))
    digits = 2 if min(row.weight - low, high - row.weight) >= 0.01 else 4
    return words.say("standing.within", low=plainly(round(low, digits)), high=plainly(round(high, digits)))


def nothing_told(found: pd.DataFrame) -> bool:
    """Whether of no two neighbours it can be told what makes them equal, but of those that are equal already."""
    computed = found["how"] != "not_told"
    return bool(not computed.all() and (found.loc[computed, "reason"] == "level").all())


def swaps(result: Result, found: pd.DataFrame, words: Words) -> Display:
    """For each two neighbours the fewest points of weight that make them equal, and where they move."""
    if found.empty:
        return nothing(words.say("standing.alone"))
    if nothing_told(found):
        why = found.loc[found["how"] == "not_told", "reason"].iloc[0]
        return nothing(words.say("standing.none_told", reason=words.say(f"standing.reason_{why}")))
    units = {row.unit: row for row in result.ranking.itertuples()}
    rows: list[TableRow] = []
    for row in found.itertuples():
        names = (f"{plainly(units[unit].rank)} {words.row(units[unit])}" for unit in (row.above, row.below))
        if row.reason:
            moves = words.say(f"standing.reason_{row.reason}")
        else:
            given, taken = (words.joined(words.say("standing.code_points", code=code, points=points(each)) for code, each in side)
                            for side in (row.from_, row.to))
            moves = words.say("standing.moved_from_to", **{"from": given, "to": taken})
        size = (points(each) if each == each else MISSING for each in (row.l1, row.linf))
        rows.append([*names, number(row.gap, 4), *size, moves, words.say(f"standing.how_{row.how}")])
    heads = words.columns("above", "below", "#gap", "#least_points", "#widest", "~moves", "proof", labels="standing")
    caption = words.say("standing.swaps", category=words.name(result.category))
    return table("swaps", caption, heads, rows, words.say("standing.swaps_note"))
