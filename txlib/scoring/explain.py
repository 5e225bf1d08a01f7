"""How a unit got its points at a node, in one sentence that an official can check by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from txlib.base.fields import Rule
from txlib.base.labels import say
from txlib.base.numbers import exact, fraction, rounded_one
from txlib.base.printing import DECIMALS, spelt, written
from txlib.base.sums import digits, written_out
from txlib.methods import BesideTheTree
from txlib.methods.words import Case
from txlib.rules.category import Category, Node
from txlib.rules.tree import SUMS
from txlib.scoring.caps import summed, told
from txlib.scoring.kernel import of_children
from txlib.scoring.leaf_words import beside, scored, unscaled
from txlib.scoring.result import Result, called

ZERO: Any = np.array([Fraction(0)], dtype=object)


def explain(result: Result, *, unit: str, indicator: str | None = None, lang: str = "zh") -> str:
    """One sentence: observed, rule, points of full points, clauses and assumptions; the total where no indicator is named.

    KeyError where the category has no such unit or indicator, naming those it has.
    """
    if unit in set(result.excluded["unit"]):
        return say("explain.excluded", lang, unit=called(result.excluded, lang)[unit])
    if unit not in set(result.units["unit"]):
        raise KeyError(f"{unit}: {', '.join(result.units['unit'])}")
    return _sentence(result, unit, indicator, lang).replace("= ≈", "≈ ")


def _sentence(result: Result, unit: str, indicator: str | None, lang: str) -> str:
    name = called(result.units, lang)[unit]
    mine = result.by_unit[unit]
    if indicator is None:
        return _total(result, mine, unit, name, lang)
    node = result.category.node(indicator)
    row = mine.loc[node.code]
    values = {"unit": name, "code": node.code, "name": node.name[lang], "sources": sources(result, node, mine, lang)}
    if isinstance(node.rule, BesideTheTree):
        names = {code: head.name[lang] for code, head in result.book.categories.items()}
        case = Case(node.rule.method, node.full, None, row, mine, lang, result.records.get(node.code))
        how = beside(result, node, case, names, unit)
        return say(f"explain.node_{node.rule.kind}", lang, how=how, points=written(abs(row["points"])), **values)
    if node.beside:
        how = _beside(result, result.category.node(node.beside), mine, lang)
        return say("explain.node_cap", lang, how=how, points=written(row["points"]), **values)
    if node.over:
        how = told(node, {code: fraction(mine.loc[code, "points"]) for code in node.over}, lang)
        return say("explain.node_cap", lang, how=how, points=written(row["points"]), **values)
    if not node.is_of(unit):
        how = say("explain.not_own", lang)
    else:
        how = _branch(result, node, mine, lang) if node.children else _leaf(result, node, row, mine, lang)
    return say("explain.node", lang, how=how, points=written(row["points"]), full=written(row["full"]), **values)


def sources(result: Result, node: Node, mine: pd.DataFrame, lang: str) -> str:
    """The clauses (number and term) and assumptions that a unit's points at an indicator rest on."""
    away = [each for each in _away(result, node, mine) if mine.loc[node.code, "full"] > 0]
    gone = mine.loc[node.code, "full"] == 0 < node.full and _own([node], mine)
    if mine.loc[node.code, "status"] == "not_applicable" or gone:
        away.append(node)
    year = result.book.rules.not_applicable
    return _cited(result, [node, year] if any(each.not_applicable is year for each in away) else [node], lang)


def _cited(result: Result, rules: Sequence[Rule | Node | Category], lang: str) -> str:
    """Where some rules come from: the clauses of the first, the assumptions of all."""
    comma = say("explain.comma", lang)
    clauses = [f"{c} {result.book.clauses[c].term[lang]}" for c in rules[0].clause] or [say("explain.silent", lang)]
    sentence = say("explain.clauses", lang, clauses=comma.join(clauses))
    names = dict.fromkeys(name for rule in rules for name in rule.assumed)
    return sentence + (say("explain.assumed", lang, names=comma.join(result.book.assumptions[name].term[lang] for name in names))
                   if names else "")


def _total(result: Result, mine: pd.DataFrame, unit: str, name: str, lang: str) -> str:
    row = result.ranking.set_index("unit").loc[unit]
    decimals = result.book.rounding.total
    total = fraction(row["total"])
    shown = _shown(total, fraction(row["score"]), result)
    terms = _added(result, mine, unit, shown, lang)
    score = written(row["score"]) if decimals == "exact" else f"{row['score']:.{decimals}f}"
    key = "explain.total" if decimals == "exact" else "explain.total_rounded"
    rules, others = result.book.rules, result.ranking[result.ranking["unit"] != unit]
    equal = others[others["score"] == row["score"]]
    tied = say("explain.tied", lang) if (result.ranking["rank"] == row["rank"]).sum() > 1 else ""
    ruled = rules.total if result.category.total == rules.total.points else result.category
    rested: list[Rule | Node | Category] = [ruled] if decimals == "exact" else [ruled, rules.rounding]
    if len(equal):
        rested.append(rules.ties)
    if result.category.tie_break and len(equal):
        items = say("explain.semicolon", lang).join(_parted(result, unit, other, lang) for other in equal.to_dict("records"))
        codes = say("explain.comma", lang).join(result.category.tie_break)
        tied += say("explain.tie_break", lang, codes=codes, items=items)
        rested.append(result.category)
    return say(key, lang, unit=name, terms=terms, total=spelt(total, shown), score=score, decimals=decimals,
               half=_half(result, lang), rank=f"{row['rank']:g}", n=len(result.ranking), tied=tied,
               sources=_cited(result, rested, lang))


def _shown(total: Fraction, score: Fraction, result: Result) -> int:
    """The decimals of a total that round, as printed, to its score."""
    ruled = ruled if isinstance(ruled := result.book.rounding.total, int) else 60
    return next((kept for kept in range(DECIMALS, 16) if
                 rounded_one(rounded_one(total, kept), ruled, result.book.rounding.half) == score), DECIMALS)


def _added(result: Result, mine: pd.DataFrame, unit: str, shown: int, lang: str) -> str:
    """What a total is added up of: the points of level 1, or the mean that they make up, and of adjustments that are not zero."""
    head, first = result.category, ""
    roots = _own(head.roots, mine)
    parts = {node.code: fraction(mine.loc[node.code, "points"]) for node in (*roots, *head.adjusting)
             if node in roots or mine.loc[node.code, "points"]}
    if head.roll_up not in SUMS:
        there, row = _there(roots, mine), result.units["unit"].tolist().index(unit)
        first = say(f"explain.total_{head.roll_up}", lang, full=spelt(head.total), decimals=head.decimals,
                    terms=say("explain.comma", lang).join(_attained(there, mine, _decimals(head.roots, head, mine))),
                    gone=_gone(roots, there, lang))
        tree = result.points.total[row] - sum((result.points.points[node.code][row] for node in head.adjusting), Fraction(0))
        beside = {node.code: parts[node.code] for node in head.adjusting if node.code in parts}
        first, parts = (first + say("explain.total_of_which", lang), {"": tree, **beside}) if beside else (first, {})
    return first + summed(parts, shown)


def parting(result: Result, one: str, other: str) -> tuple[Node, float, float] | None:
    """The first tie-break criterion in which two units differ, with the points of each; None where there is none."""
    points = result.scores.set_index(["unit", "indicator"])["points"]
    pairs = ((code, float(points[one, code]), float(points[other, code])) for code in result.category.tie_break)
    return next(((result.category.node(code), mine, theirs) for code, mine, theirs in pairs if mine != theirs), None)


def _parted(result: Result, unit: str, other: Mapping[Any, Any], lang: str) -> str:
    """What parts a unit from another of the same score."""
    name = called(result.units, lang)[other["unit"]]
    decided = parting(result, unit, other["unit"])
    if decided is None:
        return say("explain.not_parted", lang, unit=name)
    node, mine, theirs = decided
    told = next(pair for kept in range(DECIMALS, 60) if len(set(pair := [spelt(fraction(x), kept) for x in (mine, theirs)])) > 1)
    return say("explain.parted", lang, unit=name, code=node.code, mine=told[0], theirs=told[1])


def _half(result: Result, lang: str) -> str:
    return say(f"explain.half_{result.book.rounding.half}", lang)


# ── what does not apply, or is not its own ──────────────────────────────────────────────────────────────────────────


def _destination(result: Result, node: Node, mine: pd.DataFrame, lang: str) -> str:
    """Where the weight of a node that does not apply goes: to its siblings, those of a branch above, or nowhere."""
    top = node
    while top.parent and mine.loc[top.parent, "full"] == 0:
        top = result.category.node(top.parent)
    siblings = result.category.siblings(top)
    there = [each.code for each in siblings if each.code != top.code and mine.loc[each.code, "full"] > 0]
    codes = say("explain.comma", lang).join(there)
    if there and top.code == node.code:
        return say("explain.goes_to_siblings", lang, codes=codes)
    if there:
        return say("explain.goes_above", lang, branch=top.code, codes=codes)
    return say("explain.stays", lang, branch=top.parent) if top.parent else say("explain.goes_nowhere", lang)


def _own(nodes: Sequence[Node], mine: pd.DataFrame) -> list[Node]:
    """Those of the nodes that are assessed for a unit."""
    return [node for node in nodes if node.is_of(str(mine["unit"].iloc[0]))]


def _levels(result: Result, node: Node, mine: pd.DataFrame) -> Iterator[tuple[Node, Sequence[Node], Fraction]]:
    """A node, its siblings for a unit and their weight together, then the same of its branch, up to the roots."""
    while True:
        siblings, above = result.category.siblings(node), result.category.node(node.parent) if node.parent else None
        whole = sum((each.full for each in siblings), Fraction(0))
        if any(each.units for each in siblings):
            whole = above.full if above else result.category.total
        yield node, _own(siblings, mine), whole
        if above is None:
            return
        node = above


def _away(result: Result, node: Node, mine: pd.DataFrame) -> list[Node]:
    """What leaves a node its weight because it does not apply: siblings of the node, and of the branches above it."""
    if node.beside or node in result.category.adjustments:
        return []
    return [each for at, siblings, _ in _levels(result, node, mine) for each in siblings
            if each is not at and mine.loc[each.code, "full"] == 0 < each.full]


def _reweighed(result: Result, node: Node, mine: pd.DataFrame, key: str, lang: str) -> str:
    """How a node came by more than its weight, written out; empty where it did not."""
    row, pattern, values = mine.loc[node.code], "{}", [node.full]
    if row["full"] in (0, row["weight"]):
        return ""
    for _, siblings, whole in _levels(result, node, mine):
        held = sum((each.full for each in siblings if mine.loc[each.code, "full"] > 0), Fraction(0))
        if held != whole:
            pattern, values = pattern + " × {} ÷ {}", [*values, whole, held]
    codes = say("explain.comma", lang).join(each.code for each in _away(result, node, mine))
    key = key if codes else f"{key}_own"
    return say(f"explain.{key}", lang, codes=codes, line=written_out(pattern, *values), full=written(row["full"]))


def _mean(values: list[Fraction], times: Fraction = Fraction(1)) -> str:
    """A mean written out, with the digits that it needs, and `times` the mean."""
    return written_out(f"({' + '.join(['{}'] * len(values))}) ÷ {len(values)}", *values, times=times)


def _leaf_not_applicable(result: Result, node: Node, row: pd.Series[Any], mine: pd.DataFrame, lang: str) -> str:
    ruled, weight = node.not_applicable, written(row["weight"])
    times = fraction(row["full"]) / node.full if row["full"] else Fraction(1)
    if ruled.rule == "peers_mean":
        values = unscaled(result, node)
        return say("explain.na_peers_mean", lang, n=len(values), line=_mean(values, times))
    if ruled.rule == "share_of_weight" and ruled.share is not None:
        return say("explain.na_share_of_weight", lang, line=written_out("{} × {}%", node.full, ruled.share * 100, times=times))
    return say("explain.na_redistribute", lang, weight=weight, goes=_destination(result, node, mine, lang))


def _branch_not_applicable(result: Result, node: Node, mine: pd.DataFrame, lang: str) -> str:
    """A branch of which no child applies: its weight goes away, or its own rule gives it points."""
    ruled, full = node.not_applicable, mine.loc[node.code, "full"]
    empty = say("explain.branch_empty", lang)
    if ruled.rule == "peers_mean" and full > 0:
        parts = result.scores[result.scores["indicator"].isin([child.code for child in node.children])]
        there = parts.groupby("unit", observed=True)["full"].sum() > 0
        rows = result.scores[(result.scores["indicator"] == node.code) & result.scores["unit"].isin(there.index[there])]
        points, fulls = exact(rows["points"].to_numpy()).tolist(), exact(rows["full"].to_numpy()).tolist()
        if set(fulls) == {exact(full).item()}:
            line = _mean(points)
        else:
            terms = " + ".join(["{} ÷ {}"] * len(points))
            values = [each for pair in zip(points, fulls, strict=True) for each in pair]
            line = written_out(f"{{}} × ({terms}) ÷ {len(points)}", fraction(full), *values)
        return empty + say("explain.branch_peers_mean", lang, n=len(points), line=line)
    if ruled.rule == "share_of_weight" and ruled.share is not None and full > 0:
        line = written_out("{} × {}%", fraction(full), ruled.share * 100)
        return empty + say("explain.branch_share_of_weight", lang, line=line)
    return empty + say("explain.branch_redistribute", lang, weight=written(mine.loc[node.code, "weight"]),
                       goes=_destination(result, node, mine, lang))


# ── branches and leaves ─────────────────────────────────────────────────────────────────────────────────────────────


def _branch(result: Result, node: Node, mine: pd.DataFrame, lang: str) -> str:
    there = _there(node.children, mine)
    if not there:
        return _branch_not_applicable(result, node, mine, lang)
    kept = _decimals(node.children, node, mine)
    if node.roll_up in SUMS:
        terms = " + ".join(f"{child.code} {spelt(fraction(mine.loc[child.code, 'points']), kept)}" for child in there)
    else:
        terms = say("explain.comma", lang).join(_attained(there, mine, kept))
    sentence = say(f"explain.branch_{node.roll_up}", lang, decimals=node.decimals,
                   full=spelt(fraction(mine.loc[node.code, "full"]), kept), terms=terms)
    sentence += _gone(_own(node.children, mine), there, lang)
    if node.adjusted_by is not None:
        sentence += say("explain.semicolon", lang) + _beside(result, node, mine, lang)
    return sentence + _reweighed(result, node, mine, "branch_rescaled", lang)


def _beside(result: Result, node: Node, mine: pd.DataFrame, lang: str) -> str:
    """What is found at a branch itself does to the points that its children give; nothing where none of these applies."""
    assert node.adjusted_by is not None and node.line is not None
    if not _there(node.children, mine):
        return say("explain.branch_empty", lang)
    unit, row = str(mine["unit"].iloc[0]), mine.loc[node.code]
    at = result.units["unit"].tolist().index(unit)
    points, records = result.exact.points, result.records[node.code]
    c = Case(node.adjusted_by.method, node.full, None, row, mine, lang, records[records["unit"] == unit])
    given = points[node.code][at] - points[node.line.code][at]
    return node.adjusted_by.on_branch(c, given, fraction(row["full"]))


def _there(nodes: Sequence[Node], mine: pd.DataFrame) -> list[Node]:
    """The nodes that have any weight for a unit."""
    return [node for node in nodes if mine.loc[node.code, "full"] > 0]


def _attained(nodes: Sequence[Node], mine: pd.DataFrame, kept: int) -> list[str]:
    """The share that a unit attained of each node's full points, as a quotient of numbers with so many decimals."""
    return [f"{node.code} {' ÷ '.join(spelt(fraction(mine.loc[node.code, key]), kept) for key in ('points', 'full'))}"
            for node in nodes]


def _decimals(children: Sequence[Node], above: Node | Category, mine: pd.DataFrame) -> int:
    """The fewest decimals of points and full points that give, as printed, what their branch or the tree rolls up to."""
    points, full = ({child.code: fraction(mine.loc[child.code, key]) for child in children} for key in ("points", "full"))
    top: Any = SimpleNamespace(children=children, roll_up=above.roll_up, decimals=above.decimals)

    def rolled_up(printed: Callable[[Fraction], Fraction]) -> Fraction:
        parts = {code: np.array([printed(each)], dtype=object) for code, each in points.items()}
        return Fraction(of_children(top, parts, {code: printed(each) for code, each in full.items()}, ZERO)[0])

    return digits(rolled_up, ruled=above.decimals)


def _gone(nodes: Sequence[Node], there: Sequence[Node], lang: str) -> str:
    """The nodes that do not apply, in brackets; empty where all do."""
    gone = [node.code for node in nodes if node not in there]
    return say("explain.without", lang, codes=", ".join(gone)) if gone else ""


def _leaf(result: Result, node: Node, row: pd.Series[Any], mine: pd.DataFrame, lang: str) -> str:
    if row["status"] == "not_applicable":
        how = _leaf_not_applicable(result, node, row, mine, lang)
    else:
        how = scored(result, node, row, mine, lang)
    how += _reweighed(result, node, mine, "rescaled", lang)
    decimals = result.book.rounding.leaf
    return how + (say("explain.leaf_rounded", lang, decimals=decimals, half=_half(result, lang)) if decimals != "exact" else "")
