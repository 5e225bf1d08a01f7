"""How a unit got its points at a leaf: its conditions, method, steps and second scoring, in words and sums worked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from txlib.base.fields import Text
from txlib.base.labels import say
from txlib.base.numbers import Bools, exact, floats, fraction
from txlib.base.printing import in_sum, spelt, written
from txlib.base.sums import written_out
from txlib.methods import BesideTheTree, Calculated, Method
from txlib.methods.words import Case, quantity
from txlib.rules.category import Category, Node
from txlib.rules.conditions import Gate, ShareGate, Step, Threshold, ValueGate, VetoGate
from txlib.rules.figures import PATTERNS, Made
from txlib.scoring.result import Result
from txlib.scoring.stages import Staged, beyond, scored_again

POINTS = Text(zh="分", en="points")


def scored(result: Result, node: Node, row: pd.Series[Any], mine: pd.DataFrame, lang: str) -> str:
    """The sentence of a leaf, in its order: figures, conditions, method, steps, points scored once more."""
    figures = "".join(_made(result, node, each, str(row["unit"]), lang) for each in node.made)
    return figures + _scored(result, node, row, mine, lang)


def _made(result: Result, node: Node, made: Made, unit: str, lang: str) -> str:
    """How figures make the value or the target: each by name, and what they come to."""
    rows = result.figures[result.figures["unit"] == unit].set_index(["indicator", "item"])["number"]
    numbers = [fraction(rows[home, code]) for home, code in zip(made.homes, made.by.figures, strict=True)]
    terms = [f"{name[lang]} {quantity(number, unit_of, lang) or spelt(number)}"
             for name, number, unit_of in zip(made.names, numbers, made.measured_in, strict=True)]
    times = " × 100%" if made.by.percent else ""
    return say(f"explain.made_{made.column}", lang, terms=PATTERNS[made.by.operation].join(terms) + times,
               result=quantity(made.by.of(numbers), node.measured_in, lang))


def _scored(result: Result, node: Node, row: pd.Series[Any], mine: pd.DataFrame, lang: str) -> str:
    """From the conditions on."""
    everyone, staged = result.peers[node.code], result.exact.staged.get(node.code)
    if staged is None:
        return _by_method(result, node, row, everyone, lang)
    rounded = ruled if isinstance(ruled := result.book.rounding.leaf, int) else None
    at = result.units["unit"].tolist().index(row["unit"])
    c = Case(row["method"], node.full, node.measured_in, row, everyone, lang, None, rounded, result.book.ties)
    if not staged.kept[at]:
        missed = _conditions(node, result.category, mine, c, everyone, staged.met[at])
        return say(f"explain.gate_missed_{node.if_not}", lang, conditions=missed)
    kept = result.units["unit"][staged.kept]
    peers = everyone[everyone["unit"].isin(kept)]
    asked = _conditions(node, result.category, mine, c, everyone)
    how = say("explain.gate_kept", lang, conditions=asked) if asked else ""
    how += _by_method(result, node, row, peers, lang) + _step(node, c, everyone, staged.by_method[at])
    return how + _again(node, staged, result.units["unit"], c, at)


def beside(result: Result, node: Node, c: Case, names: Mapping[str, str], unit: str) -> str:
    """The sentence of an adjustment: conditions, what it is for, points scored once more."""
    assert isinstance(node.rule, BesideTheTree)
    how, staged = node.rule.sentence(c, None if node.then else node.cap or None, unit, names), result.exact.staged.get(node.code)
    if staged is None:
        return how
    at = result.units["unit"].tolist().index(unit)
    if not staged.kept[at]:
        missed = _conditions(node, result.category, c.peers, c, None, staged.met[at])
        return how + say("explain.gate_missed_beside", c.lang, conditions=missed)
    asked = _conditions(node, result.category, c.peers, c, None)
    how = (say("explain.gate_kept", c.lang, conditions=asked) if asked else "") + how
    return how + _again(node, staged, result.units["unit"], c, at)


def _again(node: Node, staged: Staged, units: Any, c: Case, at: int) -> str:
    """The points found, scored once more; empty where they are not."""
    if node.then is None:
        return ""
    kept = scored_again(node, staged.kept, staged.found)
    if not kept[at]:
        return ""
    found = pd.DataFrame({"unit": units[kept], "observed": floats(staged.found[kept])})
    divisor = node.then.divisor_of(exact(found["observed"].to_numpy()), None)
    if divisor is not None and np.min(divisor) <= 0:
        return say("explain.then_nothing", c.lang)
    row = {**c.row, "observed": float(staged.found[at]), "place": staged.place[at]}
    again = c._replace(method=node.then.method, measured_in=POINTS, peers=found, row=row)
    return say("explain.then", c.lang, how=_worded(node.then, again))


def _by_method(result: Result, node: Node, row: pd.Series[Any], peers: pd.DataFrame, lang: str) -> str:
    """The sentence of the leaf's method among its peers; where its divisor is not above zero, what is ruled then."""
    rule = node.rule
    assert isinstance(rule, Method)
    if isinstance(rule, Calculated):
        own = _columns(rule, row.to_frame().T)
        value, other = _columns(rule, peers) if rule.uses_peers else own
        divisor = rule.divisor_of(*own, peers=value, peers_beside=other)
        if divisor is not None and np.min(divisor) <= 0:
            return say(f"explain.divisor_{node.when_not_positive}", lang, x=quantity(row["observed"], node.measured_in, lang))
    records = result.records.get(node.code)
    mine = None if records is None else records[records["unit"] == row["unit"]]
    rounded = ruled if isinstance(ruled := result.book.rounding.leaf, int) else None
    return _worded(rule, Case(rule.method, node.full, node.measured_in, row, peers, lang, mine, rounded, result.book.ties))


def _worded(rule: Method, c: Case) -> str:
    """The sentence of the leaf's method with its numbers."""
    low, high = c.peers["observed"].min(), c.peers["observed"].max()
    direction = getattr(rule, "direction", "up")
    values: dict[str, Any] = {
        "key": rule.method, "x": c.measured(c.row["observed"]), "t": c.measured(c.row["target"]), "bare": in_sum(c.x),
        "full": c.most, "n": len(c.peers), "place": f"{c.row['place']:g}", "lo": c.measured(low), "hi": c.measured(high),
        "low": written(low), "high": written(high), "first": c.say(f"{direction}_first"),
        "better": c.say(f"{direction}_is_better"),
    }
    values |= rule.words(c)
    return c.say(values.pop("key"), **values)


def _columns(rule: Method, rows: pd.DataFrame) -> tuple[Any, Any]:
    """What was handed in for a leaf, as fractions: the values, and the column that its method needs beside them."""
    value = exact(rows["observed"].to_numpy(dtype=np.float64))
    return value, exact(rows[rule.beside].to_numpy(dtype=np.float64)) if rule.beside else None


def unscaled(result: Result, node: Node) -> list[Fraction]:
    """The points of every unit that a leaf applies to, out of its nominal weight and unrounded."""
    peers, rule = result.peers[node.code], node.rule
    if node.code in result.exact.staged:
        return list(result.exact.staged[node.code].points[result.units["unit"].isin(peers["unit"])])
    if not isinstance(rule, Calculated):
        scaled = zip(exact(peers["points"].to_numpy()), exact(peers["full"].to_numpy()), strict=True)
        return [points * node.full / full for points, full in scaled]
    leaf = rule.score(*_columns(rule, peers), full=node.full, ties=result.book.ties, when_not_positive=node.when_not_positive)
    return list(leaf.points)


# ── before and after the method ─────────────────────────────────────────────────────────────────────────────────────────


def _conditions(leaf: Node, category: Category, mine: Any, c: Case, everyone: Any, met: Bools | None = None) -> str:
    """What the leaf asks before it scores; with `met`, the conditions that a unit misses, and how it stands there.

    `mine`: the unit's rows of scores by indicator; `everyone`: the rows of all units that the leaf applies to.
    """
    parts = []
    for k, each in enumerate(leaf.only_if):
        if met is None or not met[k]:
            asked = _asked(each, category, c, everyone)
            if each in leaf.outside and not isinstance(each, VetoGate) and not _concerns(each, category, mine):
                asked = say("explain.not_asked", c.lang, asked=asked)
            parts.append(asked if met is None or isinstance(each, VetoGate) else
                         say("explain.has", c.lang, asked=asked, has=_has(each, category, mine, c)))
    return say("explain.and", c.lang).join(parts)


def _concerns(each: ValueGate | ShareGate, category: Category, mine: Any) -> bool:
    """Whether anything of the indicator that a condition reads applies to a unit."""
    below = [node.code for node in category.node(str(each.indicator)).walk()]
    return bool((mine.loc[below, "status"] == "reported").any())


def _asked(each: Gate, category: Category, c: Case, everyone: Any) -> str:
    if isinstance(each, VetoGate):
        return say("explain.if_not_vetoed", c.lang)
    if isinstance(each, ShareGate):
        return say("explain.if_attained", c.lang, code=each.indicator, side=_side(each.attained, c.lang),
                   line=f"{spelt(each.line * 100)}%")
    if each.indicator is None:
        return say("explain.if_value", c.lang, side=_side(each.value, c.lang), line=_line(each, c, everyone))
    line = quantity(each.line, category.node(each.indicator).measured_in, c.lang)
    return say("explain.if_other", c.lang, code=each.indicator, side=_side(each.value, c.lang), line=line)


def _has(each: ValueGate | ShareGate, category: Category, mine: Any, c: Case) -> str:
    """Where a unit stands that misses a condition."""
    if isinstance(each, ValueGate):
        node = category.node(each.indicator or str(c.row.name))
        return quantity(mine.loc[node.code, "observed"], node.measured_in, c.lang)
    points, full = (fraction(mine.loc[each.indicator, key]) for key in ("points", "full"))
    return written_out("{} ÷ {}", points, full, times=Fraction(100)) + f" = {spelt(100 * points / full)}%"


def _side(side: str, lang: str) -> str:
    return say(f"explain.side_{side}", lang)


def _line(each: Threshold, c: Case, everyone: Any) -> str:
    """A line of the leaf's own value: as ruled, and where it lies."""
    if not isinstance(each.line, str):
        return c.measured(each.line)
    if each.line == "peers_mean":
        values = list(exact(everyone["observed"].to_numpy()))
        at, named = sum(values, Fraction(0)) / len(values), say("explain.line_peers_mean", c.lang, n=len(values))
    else:
        at, named = fraction(c.row[each.line]), say(f"explain.line_{each.line}", c.lang)
    if each.plus is None:
        return f"{named} {c.measured(at)}"
    return f"{named} {written_out('{} + {}', at, each.plus)} = {c.measured(at + each.plus)}"


def _step(leaf: Node, c: Case, everyone: Any, points: Fraction) -> str:
    """The step that holds for a unit, and its share of the points; empty where none does."""
    assert isinstance(leaf.rule, Method)
    values, other = (exact(everyone[name].to_numpy()) for name in ("observed", leaf.rule.beside or "observed"))
    at = everyone["unit"].tolist().index(c.row["unit"])
    taken: Step | None = next((each for each in leaf.steps if beyond(each, values, other)[at]), None)
    if taken is None:
        return ""
    line = c.sum("{} × {}%", points, taken.counts * 100)
    return say("explain.step", c.lang, side=_side(taken.value, c.lang), line=_line(taken, c, everyone),
               share=f"{spelt(taken.counts * 100)}%", sum=line)
