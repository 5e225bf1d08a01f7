"""A leaf's rule in words, its numbers written out as a sum that can be worked by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import pandas as pd

from txlib.base.labels import say, section
from txlib.base.numbers import Amount, as_text, exact
from txlib.rules.book import Node


class Case(NamedTuple):
    """A unit at a leaf: its row of scores, those of its peers, and the rows of the leaf's own table where it has one."""

    node: Node
    row: Any
    peers: pd.DataFrame
    lang: str
    records: pd.DataFrame | None = None

    @property
    def rule(self) -> Any:
        return self.node.rule

    @property
    def x(self) -> Fraction:
        return fraction(self.row["observed"])

    @property
    def full(self) -> str:
        return as_text(self.node.full)

    def points(self, amount: Amount) -> Fraction:
        return amount.points(self.node.full)

    def told(self, amount: Amount) -> str:
        return text(self.points(amount))

    def measured(self, value: Fraction | float) -> str:
        return quantity(float(value), self.node, self.lang)

    def say(self, key: str, **values: Any) -> str:
        return say(f"explain.{key}", self.lang, **values)

    def joined(self, mark: str, parts: Sequence[str]) -> str:
        return self.say(mark).join(parts)


# ── numbers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def fraction(x: float) -> Fraction:
    """The decimal that a float stands for."""
    value: Fraction = exact(x).item()
    return value


def number(x: float) -> str:
    """A number as printed in a sentence: exact, or with ≈ where it does not end within ten decimals."""
    return text(fraction(x))


def text(value: Fraction) -> str:
    """A fraction as printed, with a true minus sign."""
    told = as_text(value)
    return (told if Fraction(told) == value else f"≈{told}").replace("-", "−")


def signed(value: Fraction) -> str:
    """A number within a sum: a negative one in brackets."""
    return f"({text(value)})" if value < 0 else text(value)


def quantity(x: float, node: Node, lang: str) -> str:
    """A number with its unit of measure; × between a number and a unit that begins with one."""
    if pd.isna(x) or node.measured_in is None:
        return ""
    unit = node.measured_in[lang]
    between = " × " if unit[:1].isdigit() else "" if lang == "zh" or unit == "%" else " "
    unit = unit.removesuffix("s") if lang == "en" and x == 1 and unit.isalpha() else unit
    return f"{number(x)}{between}{unit}"


def word(code: str, lang: str) -> str:
    """A common code of a rule-book (a group, a grade, a level) as a word; the code itself where there is none."""
    return section("explain").get(f"word_{code}", {lang: code})[lang]


def held(c: Case, line: str, value: Fraction, floor: Fraction | None, most: Fraction | None = None) -> str:
    """A sum; where a limit binds, what it comes to and the limit that is taken instead."""
    for key, limit in (("most", most), ("floor", floor)):
        if limit is not None and (value > limit if key == "most" else value < limit):
            return c.say(f"held_{key}", line=line, value=text(value), limit=text(limit))
    return line


def _limits(c: Case) -> dict[str, str]:
    return {"floor": c.told(c.rule.floor), "most": c.told(c.rule.most)}


def _held(c: Case, line: str, value: Fraction) -> dict[str, str]:
    return {**_limits(c), "line": held(c, line, value, c.points(c.rule.floor), c.points(c.rule.most))}


# ── the methods ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _given(c: Case) -> dict[str, Any]:
    return {"key": "given_points"} if c.rule.out_of is None else {"out_of": as_text(c.rule.out_of)}


def _completion(c: Case) -> dict[str, Any]:
    target, full, rule = fraction(c.row["target"]), c.node.full, c.rule
    down = rule.direction == "down"
    rate = 100 * (2 - c.x / target if down else c.x / target)
    gap, floor = abs(rate - 100), c.points(rule.floor)
    told = {"rate": text(rate), "target": signed(target), "key": "completion_down" if down else "completion"}
    if rate >= 100 and rule.gain is None:
        return {**told, "then": c.say("completion_above_none" if gap else "completion_reached", full=c.full)}
    if rate == 100:
        return {**told, "then": c.say("completion_reached", full=c.full)}
    if rate < 100 and rule.lose == "proportional":
        share = f"{text(rate)}%" if rate >= 0 else f"({text(rate)}%)"
        line = held(c, f"{c.full} × {share}", full * rate / 100, floor)
        return {**told, "then": c.say("completion_below_proportional", limit=text(floor), line=line)}
    key, each, sign = ("above", rule.gain, 1) if rate > 100 else ("below", rule.lose, -1)
    limit = c.points(rule.cap) if sign > 0 else floor
    line = held(c, f"{c.full} {'+' if sign > 0 else '−'} {text(gap)} × {c.told(each)}", full + sign * gap * c.points(each),
                *((None, full + limit) if sign > 0 else (floor, None)))
    return {**told, "then": c.say(f"completion_{key}", gap=text(gap), step=c.told(each), limit=text(limit), line=line)}


def _met(c: Case) -> dict[str, Any]:
    goal, down = c.rule.at if c.rule.at is not None else fraction(c.row["target"]), c.rule.direction == "down"
    reached = c.x <= goal if down else c.x >= goal
    return {"t": c.measured(goal), "key": ("met" if reached else "missed") + ("_down" if down else ""),
            "otherwise": c.told(c.rule.otherwise)}


def _line(ends: Sequence[str], a: str, b: str, *, down: bool = False) -> str:
    """The line from worst to best, written out: value, low and high end, points at the worst and at the best."""
    x, low, high = ends
    return f"{a} + {f'({high} − {x})' if down else f'({x} − {low})'} ÷ ({high} − {low}) × ({b} − {a})"


def _min_max(c: Case) -> dict[str, Any]:
    a, b = (c.told(end) for end in c.rule.onto)
    low, high = (signed(fraction(end)) for end in (c.peers["observed"].min(), c.peers["observed"].max()))
    return {"a": a, "b": b, "line": _line((signed(c.x), low, high), a, b, down=c.rule.direction == "down")}


def _goalposts(c: Case) -> dict[str, Any]:
    rule, down = c.rule, c.rule.direction == "down"
    a, b = (c.told(end) for end in rule.onto)
    x = min(max(c.x, rule.low), rule.high) if rule.clip == "both" else c.x
    values = {"a": a, "b": b, "lo": c.measured(rule.low), "hi": c.measured(rule.high), "key": "goalposts",
              "clip": "" if x == c.x else c.say("clipped", end=c.measured(x))}
    if rule.scale == "linear":
        return {**values, "line": _line([*map(signed, (x, rule.low, rule.high))], a, b, down=down)}
    logs = [f"ln {text(each)}" for each in (x, rule.low, rule.high)]
    return {**values, "key": "goalposts_log", "decimals": rule.decimals, "line": _line(logs, a, b, down=down)}


def _rank_step(c: Case) -> dict[str, Any]:
    below, step, floor = fraction(c.row["place"]) - 1, c.points(c.rule.step), c.points(c.rule.floor)
    line = f"{c.full} − {text(below)} × {text(step)}"
    return {"step": text(step), "floor": text(floor), "line": held(c, line, c.node.full - below * step, floor)}


def _rank_ladder(c: Case) -> dict[str, Any]:
    rungs = [c.told(rung) for rung in c.rule.points]
    after = rungs[-1] if c.rule.beyond == "last" else "0"
    place = fraction(c.row["place"])
    upper, lower = (([*rungs, after][min(i, len(rungs))]) for i in (math.floor(place) - 1, math.ceil(place) - 1))
    key = "rung" if place.denominator == 1 else "between_rungs"
    return {"rungs": " / ".join(rungs), "beyond": c.say(f"beyond_{c.rule.beyond}"),
            "rung": c.say(key, place=text(place), upper=upper, lower=lower)}


def _bands(c: Case) -> dict[str, Any]:
    rows = [(row.from_, c.points(row.points)) for row in c.rule.rows]
    told = c.joined("comma", [f"{c.measured(start)} → {text(points)}" for start, points in rows])
    if c.rule.between == "step":
        below = c.told(c.rule.below)
        reached = [row for row in rows if (c.x >= row[0] if c.rule.edge == "above" else c.x > row[0])]
        used = (c.say("band_used", start=c.measured(reached[-1][0]), points=text(reached[-1][1])) if reached
                else c.say("band_under", points=below))
        return {"rows": told, "key": "bands_step", "edge": c.say(f"edge_{c.rule.edge}"), "below": below, "used": used}
    around = next(((a, b) for a, b in pairwise(rows) if a[0] <= c.x <= b[0]), None)
    if around is None:
        end = rows[0] if c.x < rows[0][0] else rows[-1]
        return {"rows": told, "key": "bands_line", "used": c.say("band_end", start=c.measured(end[0]), points=text(end[1]))}
    (low, a), (high, b) = around
    line = _line([*map(signed, (c.x, low, high))], text(a), text(b))
    return {"rows": told, "key": "bands_line", "used": c.say("sum", line=line)}


def _share_of_best(c: Case) -> dict[str, Any]:
    return {"key": f"share_of_best_{c.rule.direction}"}


def _efficacy(c: Case) -> dict[str, Any]:
    a, b, base = c.rule.unacceptable, c.rule.satisfactory, c.points(c.rule.base)
    line = f"{text(base)} + ({signed(c.x)} − {signed(a)}) ÷ ({signed(b)} − {signed(a)}) × ({c.full} − {text(base)})"
    return {"lo": c.measured(a), "hi": c.measured(b), **_held(c, line, base + (c.x - a) / (b - a) * (c.node.full - base))}


def _growth(c: Case) -> dict[str, Any]:
    last, down = fraction(c.row["last_year"]), c.rule.direction == "down"
    change = (last - c.x if down else c.x - last) / last * 100
    flat, each = c.points(c.rule.flat), c.points(c.rule.gain if change >= 0 else c.rule.lose)
    line = f"{text(flat)} {'+' if change >= 0 else '−'} {text(abs(change))} × {text(each)}"
    ahead = (last, c.x) if down else (c.x, last)
    return {"key": f"growth_{c.rule.direction}", "l": c.measured(last), "rate": text(change), "flat": text(flat),
            "how": f"({signed(ahead[0])} − {signed(ahead[1])}) ÷ {text(last)}",
            "each": c.say("each_more" if change >= 0 else "each_less", step=text(each)), **_held(c, line, flat + change * each)}


def _z_score(c: Case) -> dict[str, Any]:
    peers = exact(c.peers["observed"].to_numpy())
    mean = sum(peers, Fraction(0)) / len(peers)
    variance = sum(((x - mean) ** 2 for x in peers), Fraction(0)) / (len(peers) - (c.rule.deviation == "sample"))
    deviation = fraction(round(math.sqrt(variance), 10))
    centre, step = c.points(c.rule.centre), c.points(c.rule.per_deviation)
    ahead = mean - c.x if c.rule.direction == "down" else c.x - mean
    told = [signed(mean), signed(c.x)] if c.rule.direction == "down" else [signed(c.x), signed(mean)]
    sd = text(deviation) if deviation**2 == variance else f"≈{text(deviation)}"
    line = f"{text(centre)} + ({told[0]} − {told[1]}) ÷ {sd} × {text(step)}"
    value = fraction(round(float(centre + ahead / deviation * step), c.rule.decimals))
    return {"mean": c.measured(mean), "sd": sd, "decimals": c.rule.decimals, "centre": text(centre), "step": text(step),
            "deviation": c.say(f"deviation_{c.rule.deviation}"), **_held(c, line, value)}


def _contribution_share(c: Case) -> dict[str, Any]:
    full_at, mine, parts = c.rule.full_at, c.x, exact(c.peers["observed"].to_numpy())
    if c.rule.of == "increment":
        mine, parts = mine - fraction(c.row["last_year"]), parts - exact(c.peers["last_year"].to_numpy())
    total, best, n = sum(parts, Fraction(0)), max(parts), len(parts)
    if full_at == "best":
        at, by, reference = c.say("full_at_best", best=c.measured(best)), signed(best), best
    elif full_at == "equal":
        at, by, reference = c.say("full_at_equal", n=n), f"({text(total)} ÷ {n})", total / n
    else:
        share = as_text(full_at * 100)
        at, by, reference = c.say("full_at_share", share=share), f"({text(total)} × {share}%)", total * full_at
    return {"key": f"contribution_{c.rule.of}", "l": c.measured(c.row["last_year"]), "total": c.measured(total),
            "mine": c.measured(mine), "at": at,
            **_held(c, f"{c.full} × {signed(mine)} ÷ {by}", c.node.full * mine / reference)}


TOLD: Mapping[str, Callable[[Case], dict[str, Any]]] = {
    "given": _given, "completion": _completion, "met": _met, "min_max": _min_max, "goalposts": _goalposts,
    "rank_step": _rank_step, "rank_ladder": _rank_ladder, "bands": _bands, "share_of_best": _share_of_best,
    "efficacy": _efficacy, "growth": _growth, "z_score": _z_score, "contribution_share": _contribution_share,
}
