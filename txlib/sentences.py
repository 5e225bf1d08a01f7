"""How a unit got its points at a node, in one sentence that an official can check by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from txlib.exact import Amount, as_text, exact
from txlib.labels import say
from txlib.methods import divisor as divides_by
from txlib.rulebook import Node
from txlib.scoring import Result


def explain(result: Result, *, unit: str, indicator: str | None = None, lang: str = "zh") -> str:
    """One sentence: observed, rule, points of full points, clauses and assumptions; the total where no indicator is named.

    KeyError where the category has no such unit or indicator, naming those it has.
    """
    if unit not in set(result.units["unit"]):
        raise KeyError(f"{unit}: {', '.join(result.units['unit'])}")
    name = dict(zip(result.units["unit"], result.units["name" if lang == "zh" else "name_en"], strict=True))[unit] or unit
    mine = result.scores[result.scores["unit"] == unit].set_index("indicator")
    if indicator is None:
        return _total(result, mine, unit, name, lang)
    node = result.category.node(indicator)
    row = mine.loc[node.code]
    how = _branch(node, mine, lang) if node.children else _leaf(result, node, row, lang)
    return say("explain.node", lang, unit=name, code=node.code, name=node.name[lang], how=how, points=number(row["points"]),
               full=number(row["full"]), sources=sources(result, node, lang))


def number(x: float) -> str:
    """A number as printed in a sentence: exact, or with ≈ where it does not end within ten decimals."""
    return _text(exact(x).item())


def _text(value: Fraction) -> str:
    text = as_text(value)
    return text if Fraction(text) == value else f"≈{text}"


def sources(result: Result, node: Node, lang: str) -> str:
    """The clauses (number and term) and assumptions that an indicator's rule rests on."""
    clauses = [f"{c} {result.book.clauses[c].term[lang]}" for c in node.clause] or [say("explain.silent", lang)]
    told = say("explain.clauses", lang, clauses=say("explain.comma", lang).join(clauses))
    if not node.assumed:
        return told
    terms = say("explain.comma", lang).join(result.book.assumptions[name].term[lang] for name in node.assumed)
    return told + say("explain.assumed", lang, names=terms)


def _total(result: Result, mine: pd.DataFrame, unit: str, name: str, lang: str) -> str:
    row = result.ranking.set_index("unit").loc[unit]
    decimals = result.book.rounding.total
    terms = " + ".join(f"{root.code} {number(mine.loc[root.code, 'points'])}" for root in result.category.roots)
    score = number(row["score"]) if decimals == "exact" else f"{row['score']:.{decimals}f}"
    key = "explain.total" if decimals == "exact" else "explain.total_rounded"
    tied = int((result.ranking["rank"] == row["rank"]).sum()) > 1
    return say(key, lang, unit=name, terms=terms, total=number(row["total"]), score=score, decimals=decimals,
               half=say(f"explain.half_{result.book.rounding.half}", lang), rank=f"{row['rank']:g}", n=len(result.ranking),
               tied=say("explain.tied", lang) if tied else "")


def _branch(node: Node, mine: pd.DataFrame, lang: str) -> str:
    there = [child for child in node.children if mine.loc[child.code, "full"] > 0]
    if not there:
        return say("explain.branch_empty", lang)
    terms = " + ".join(f"{child.code} {number(mine.loc[child.code, 'points'])}" for child in there)
    gone = [child.code for child in node.children if child not in there]
    told = say("explain.branch", lang, terms=terms)
    return told + (say("explain.without", lang, codes=", ".join(gone)) if gone else "")


def _leaf(result: Result, node: Node, row: pd.Series[Any], lang: str) -> str:
    if row["status"] == "not_applicable":
        ruled = node.not_applicable
        share = as_text(ruled.share * 100) if ruled.share is not None else ""
        how = say(f"explain.na_{ruled.rule}", lang, weight=number(row["weight"]), share=share)
    else:
        how = _scored(result, node, row, lang)
    if row["full"] not in (0, row["weight"]):
        how += say("explain.rescaled", lang, weight=number(row["weight"]), full=number(row["full"]))
    if result.book.rounding.leaf != "exact":
        how += say("explain.leaf_rounded", lang, decimals=result.book.rounding.leaf)
    return how


def _scored(result: Result, node: Node, row: pd.Series[Any], lang: str) -> str:
    """The sentence of the leaf's method with its numbers."""
    rule: Any = node.rule
    peers = result.scores[(result.scores["indicator"] == node.code) & (result.scores["status"] == "reported")]
    column = peers["observed"].to_numpy()
    x, target = (np.array([row[key]]) for key in ("observed", "target"))
    divisor = divides_by(rule, x, target, peers=column)
    if divisor is not None and np.min(divisor) <= 0:
        return say(f"explain.divisor_{node.when_not_positive}", lang, x=quantity(row["observed"], node, lang))
    low, high = column.min(), column.max()
    values: dict[str, Any] = {
        "key": rule.method, "x": quantity(row["observed"], node, lang), "t": quantity(row["target"], node, lang),
        "bare": number(row["observed"]), "full": as_text(node.full), "n": len(peers), "place": f"{row['place']:g}",
        "lo": quantity(low, node, lang), "hi": quantity(high, node, lang), "low": number(low), "high": number(high),
        "better": say(f"explain.{getattr(rule, 'direction', 'up')}_is_better", lang),
    }
    values |= _between(node, rule, row, low, high) if rule.method == "min_max" else TOLD[rule.method](node, rule, row, lang)
    return say(f"explain.{values.pop('key')}", lang, **values)


def quantity(x: float, node: Node, lang: str) -> str:
    """A number with its unit of measure."""
    if pd.isna(x) or node.measured_in is None:
        return ""
    unit = node.measured_in[lang]
    return f"{number(x)}{'' if lang == 'zh' or unit == '%' else ' '}{unit}"


def _points(amount: Amount, node: Node) -> str:
    return as_text(amount.points(node.full))


def _given(node: Node, rule: Any, row: Any, lang: str) -> dict[str, Any]:
    return {"key": "given_points"} if rule.out_of is None else {"out_of": as_text(rule.out_of)}


def _completion(node: Node, rule: Any, row: Any, lang: str) -> dict[str, Any]:
    value, target = exact(row["observed"]).item(), exact(row["target"]).item()
    down = rule.direction == "down"
    rate = 100 * (2 - value / target if down else value / target)
    if rate > 100:
        how, step, limit = ("above", rule.gain, rule.cap) if rule.gain else ("above_none", None, None)
    elif rate == 100:
        how, step, limit = "reached", None, None
    elif rule.lose == "proportional":
        how, step, limit = "below_proportional", None, rule.floor
    else:
        how, step, limit = "below", rule.lose, rule.floor
    texts = {"step": _points(step, node) if step else "", "limit": _points(limit, node) if limit else ""}
    then = say(f"explain.completion_{how}", lang, full=as_text(node.full), gap=_text(abs(rate - 100)), **texts)
    key = "completion_down" if down else "completion"
    return {"rate": _text(rate), "then": then, "key": key, "target": number(row["target"])}


def _met(node: Node, rule: Any, row: Any, lang: str) -> dict[str, Any]:
    goal, down = float(rule.at) if rule.at is not None else row["target"], rule.direction == "down"
    reached = row["observed"] <= goal if down else row["observed"] >= goal
    return {"t": quantity(goal, node, lang), "key": ("met" if reached else "missed") + ("_down" if down else ""),
            "otherwise": _points(rule.otherwise, node)}


def _between(node: Node, rule: Any, row: Any, low: float, high: float) -> dict[str, Any]:
    """The line from worst to best, written out."""
    a, b = (_points(end, node) for end in rule.onto)
    x = number(row["observed"])
    ahead = f"({number(high)} − {x})" if rule.direction == "down" else f"({x} − {number(low)})"
    return {"a": a, "b": b, "line": f"{a} + {ahead} ÷ ({number(high)} − {number(low)}) × ({b} − {a})"}


def _goalposts(node: Node, rule: Any, row: Any, lang: str) -> dict[str, Any]:
    low, high = float(rule.low), float(rule.high)
    values = {**_between(node, rule, row, low, high), "lo": quantity(low, node, lang), "hi": quantity(high, node, lang)}
    if rule.scale == "log":
        return {**values, "key": "goalposts_log", "clip": say(f"explain.clip_{rule.clip}", lang), "decimals": rule.decimals}
    outside = rule.clip == "both" and not low <= row["observed"] <= high
    return {**values, "key": "goalposts_outside"} if outside else values


def _rank_step(node: Node, rule: Any, row: Any, lang: str) -> dict[str, Any]:
    return {"step": _points(rule.step, node), "floor": _points(rule.floor, node), "below": f"{row['place'] - 1:g}"}


def _rank_ladder(node: Node, rule: Any, row: Any, lang: str) -> dict[str, Any]:
    rungs = " / ".join(_points(rung, node) for rung in rule.points)
    return {"rungs": rungs, "beyond": say(f"explain.beyond_{rule.beyond}", lang)}


def _bands(node: Node, rule: Any, row: Any, lang: str) -> dict[str, Any]:
    rows = "; ".join(f"{quantity(float(r.from_), node, lang)} → {_points(r.points, node)}" for r in rule.rows)
    if rule.between == "line":
        return {"rows": rows, "key": "bands_line"}
    return {"rows": rows, "key": "bands_step", "edge": say(f"explain.edge_{rule.edge}", lang), "below": _points(rule.below, node)}


def _share_of_best(node: Node, rule: Any, row: Any, lang: str) -> dict[str, Any]:
    return {"key": f"share_of_best_{rule.direction}"}


TOLD: Mapping[str, Callable[[Node, Any, Any, str], dict[str, Any]]] = {
    "given": _given, "completion": _completion, "met": _met, "goalposts": _goalposts,
    "rank_step": _rank_step, "rank_ladder": _rank_ladder, "bands": _bands, "share_of_best": _share_of_best,
}
