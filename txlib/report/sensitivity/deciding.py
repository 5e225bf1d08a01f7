"""What decides a ranking, in tables: shares of the spread, what can be left out, other rules, choices, another weight."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd

from txlib.base.printing import MISSING, number, percent, plainly
from txlib.report import facts
from txlib.report.kit.shown import Display, Flag, TableRow, folded, nothing, table, together
from txlib.report.sensitivity.standing import indicator
from txlib.rules.tree import SUMS
from txlib.sensitivity.factors import sobol_indices
from txlib.sensitivity.what_if import reranked, reweighted

if TYPE_CHECKING:
    from txlib.intake.data import Data
    from txlib.report.kit.words import Words
    from txlib.rules.book import RuleBook
    from txlib.rules.category import Node
    from txlib.scoring.result import Result
    from txlib.sensitivity.leave_out import LeftOut
    from txlib.sensitivity.rules import Alternatives

MOST = 12  # so many factors, and things left out, are listed
RUNS, SPREAD = 256, 0.1
METHODS = ("ruled", "min_max", "z_score", "rank")
ROLL_UPS = ("ruled", "geometric")


def shares(result: Result, spread: pd.DataFrame, words: Words, permutations: int = 1000) -> Display:
    """Each node's share of the differences between units, folded; a remark where it repeats others or parts nobody."""
    if spread.empty:
        return nothing(words.say("standing.alone"))
    rows: list[TableRow] = []
    for row in spread.itertuples():
        remark = _remark(row, words)
        chance = MISSING if row.low != row.low else words.say("standing.span", low=percent(row.low, 1), high=percent(row.high, 1))
        cells = [f"{row.indicator} {words.row(row)}", percent(row.weight, 1), percent(row.share, 1), chance, remark]
        rows.append(Flag(cells) if row.repeats else cells)
    heads = words.columns("node", "#weight_share", "#spread_share", "#by_chance", "~remark", labels="standing")
    summed = not result.category.lines and all(node.roll_up in SUMS for node in result.category.nodes if node.children)
    whole = spread.loc[spread["indicator"].isin([root.code for root in result.category.roots]), "share"].isna().all()
    parts = words.say("standing.parts_whole" if whole else "standing.parts" if summed else "standing.parts_branches")
    note = words.say("standing.shares_note", permutations=f"{permutations:,}", parts=parts)
    inside = table("shares", words.say("standing.shares", category=words.name(result.category)), heads, rows, note)
    return folded(words.say("standing.shares_all"), inside)


def _remark(row: Any, words: Words) -> str:
    if row.without_spread:
        return words.say(f"standing.spread_{row.without_spread}")
    return words.say(f"standing.{row.leans}_repeats", years=row.years) if row.repeats else ""


def left_out(result: Result, found: LeftOut, words: Words) -> Display:
    """The units and leaves that move places or tiers when left out, most first; below, those that move nothing alone."""
    every = found.summary
    counts = (every["moved"] > 0) | (every["tiers_changed"] > 0) | (every["note"] != "")
    some = every[counts].sort_values(["largest_shift", "mean_shift"], ascending=False, kind="stable")
    if some.empty:
        return nothing(words.say("standing.nothing_moves"))
    rows = [[words.row(row) if row.kind == "unit" else f"{row.left_out} {words.row(row)}", number(100 * row.weight, 1),
             *([MISSING] * 4 if row.note else
               [number(row.mean_shift), number(row.largest_shift, 0), str(row.moved), str(row.tiers_changed)])]
            for row in some.itertuples()]
    refused = [words.say("standing.leave_out_refused", unit=words.row(row), why=row.note)
               for row in some.itertuples() if row.note]
    heads = words.columns("left_out", "#weight_share", "#mean_shift", "#largest_shift", "#n_moved", "#n_tiers", labels="standing")
    caption = words.say("standing.leave_out", category=words.name(result.category))
    idle = every[~counts & (every["kind"] == "leaf")]["left_out"].tolist()
    note = "".join([words.say("standing.leave_out_note"), _idle(result, idle, words), *refused])
    first = table("left-out", caption, heads, rows[:MOST], note)
    return together(first, folded(words.say("standing.leave_out_more"), table("left-out-more", "", heads, rows[MOST:]))) \
        if len(rows) > MOST else first


def _idle(result: Result, codes: list[str], words: Words) -> str:
    """A sentence on the leaves (no bottom lines) that move nothing alone, and on how many places move without all of these."""
    leaves = [leaf.code for leaf in result.category.leaves if leaf.role != "bottom_line"]
    idle = [code for code in leaves if code in codes]
    if not idle:
        return words.say("standing.idle_none")
    few = 2 * len(idle) <= len(leaves)
    sentence = words.say("standing.idle_few" if few else "standing.idle_most", count=len(idle), leaves=len(leaves),
                         codes=words.joined(idle))
    if len(idle) == 1:
        return sentence
    try:
        without = reranked(result, reweighted(result.category, dict.fromkeys(_whole(result.category.roots, idle), 0)))
    except ValueError:
        return sentence + words.say("standing.idle_no_ranking")
    then = without.set_index("unit")["rank"].reindex(result.ranking["unit"])
    return sentence + words.say("standing.idle_together", moved=int((then.to_numpy() != result.ranking["rank"].to_numpy()).sum()))


def _whole(nodes: Sequence[Node], leaves: list[str]) -> list[str]:
    """The nodes that hold these leaves and no other: a branch in place of all its children."""
    found = []
    for node in nodes:
        inside = all(each.code in leaves for each in node.walk() if not each.children)
        found += [node.code] if inside else _whole(node.children, leaves)
    return found


def alternatives(result: Result, found: Alternatives, words: Words) -> Display:
    """Each unit's place as published, and its median and range under every combination of other rules."""
    runs = len(found.runs) // max(1, len(found.ranks))
    rows = [[plainly(row.rank), words.row(row), percent(row.kept), *(plainly(x) for x in (row.best, row.median, row.worst))]
            for row in found.ranks.itertuples()]
    heads = words.columns("#place", "unit", "#kept", "#best", "#median", "#worst", labels="standing")
    same = int((found.ranks["median"] == found.ranks["rank"]).sum())
    caption = words.say("standing.alternatives", category=words.name(result.category), runs=runs, same=same)
    return table("alternatives", caption, heads, rows, words.say("standing.alternatives_note"))


def choices(book: RuleBook, data: Data, result: Result, words: Words, seed: int = 2020) -> Display:
    """Total Sobol indices of the mean shift of places over weights and methods: the choices that decide most, first.

    Indices are clipped to 0 and 1; those that the bootstrap does not part from 0 are left out.
    """
    if len(result.category.leaves) < 2 or len(result.units) < 2:
        return nothing(words.say("standing.no_factor" if len(result.units) > 1 else "standing.alone"))
    found = sobol_indices(book, data, result.category, spread=SPREAD, normalisations=METHODS, roll_ups=ROLL_UPS, marks=0.0,
                          outputs=("mean_shift",), count=RUNS, seed=seed)
    first = found[found["total_low"] > 0].sort_values("total", ascending=False, kind="stable").head(MOST)
    if first.empty:
        return nothing(words.say("standing.no_index"))
    rows = []
    for row in first.itertuples():
        name = words.row(row) if row.kind == "choice" else f"{row.factor} {words.row(row)}"
        value, low, high = (percent(min(max(each, 0.0), 1.0)) for each in (row.total, row.total_low, row.total_high))
        rows.append([name, words.say(f"standing.kind_{row.kind}"),
                     words.say("standing.estimate", value=value, low=low, high=high)])
    heads = words.columns("factor", "kind", "#total_order", labels="standing")
    note = words.say("standing.sobol_note", spread=plainly(100 * SPREAD) + "%", runs=f"{(len(found) + 2) * RUNS:,}", seed=seed)
    caption = words.say("standing.sobol", category=words.name(result.category), count=len(rows))
    return table("choices", caption, heads, rows, note)


# ── another weight ──────────────────────────────────────────────────────────────────────────────────────────────────


def asked(result: Result, code: str = "", points: str = "") -> dict[str, Fraction]:
    """The weight to try: an indicator's code and its points; the last of level 1 where none is named, or of the first level
    that has any to change, with a twentieth of the whole more than it is ruled to weigh where no points are.
    """
    head = result.category
    if not code:
        siblings = head.roots
        while len(siblings) == 1 and siblings[0].children:
            siblings = siblings[0].children
        if len(siblings) == 1:
            return {}
        code = siblings[-1].code
    node = head.node(code)
    whole = sum((each.full for each in head.siblings(node)), Fraction(0))
    return {code: Fraction(points) if points else min(node.full + head.total / 20, (node.full + whole) / 2)}


def what_if(result: Result, tried: dict[str, Fraction], found: pd.DataFrame, words: Words) -> Display:
    """The ranking with another weight beside the ruled one."""
    if not tried:
        return nothing(words.say("standing.no_what_if"))
    ((code, points),) = tried.items()
    node: Node = result.category.node(code)
    shown = facts.decimals(result)
    rows: list[TableRow] = []
    for row in found.itertuples():
        cells = [plainly(row.rank), words.row(row), number(row.score, shown), number(row.score_then, shown),
                 plainly(row.rank_then), number(row.moved, 0 if row.moved % 1 == 0 else 1, signed=True)]
        rows.append(Flag(cells) if row.moved else cells)
    heads = words.columns("#place", "unit", "#score", "#score_then", "#place_then", "#moved", labels="standing")
    caption = words.say("standing.what_if", category=words.name(result.category), node=indicator(node, words),
                        ruled=number(float(node.full)), points=number(float(points)))
    return table("what-if", caption, heads, rows, words.say("standing.what_if_note", moved=int((found["moved"] != 0).sum())))
