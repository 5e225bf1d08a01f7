"""From totals to places and tiers, and what differs from a list that was published."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from txlib.base.labels import say
from txlib.base.numbers import Array, Bools, Floats, exact, floats, is_exact, places
from txlib.base.printing import as_text
from txlib.rules.book import RuleBook
from txlib.rules.year import Level, Tiers

RANKING = ["unit", "name", "score", "rank", "tier", "name_en", "tier_en", "tier_code", "total",
           "tier_reason_zh", "tier_reason_en"]
DIFFERENCES = ["unit", "name", "column", "computed", "published", "difference", "note"]


def ranking(units: pd.DataFrame, totals: Array, book: RuleBook, scores: Array, criteria: Sequence[Array] = (),
            barred: Bools | None = None) -> pd.DataFrame:
    """Units by place: score rounded as ruled, rank as ruled for ties, the tier as computed with its reason.

    `totals`: one unrounded total a unit, Fractions or floats; `scores`: the same rounded as ruled. `criteria`: points
    that decide between equal scores, in their order; `barred`: units under a veto. Rows come by rank, equal ranks in
    the order of `units`. A tier is a proposal until it is determined (2.3b).
    """
    order = ordered(scores, criteria)
    rank = places(order, ties=book.ties)  # type: ignore[arg-type]
    frame = pd.DataFrame({
        "unit": units["unit"].to_numpy(), "name": units["name"].to_numpy(), "score": floats(scores),
        "rank": rank if book.ties == "average" else rank.astype(np.int64),
        **tiers(scores, book.tiers, order, barred, rank), "name_en": units["name_en"].to_numpy(), "total": floats(totals),
    })
    return frame.sort_values("rank", kind="stable", ignore_index=True)[RANKING]


def ordered(scores: Array, criteria: Sequence[Array] = ()) -> Floats:
    """Numbers in the order of the scores, equal ones apart where a criterion tells them apart: the first that does."""
    key = -places(scores, ties="dense")
    for column in criteria:
        key = -places(key * (len(scores) + 1.0) - places(column, ties="dense"), ties="dense")
    return key


def tiers(scores: Array, rule: Tiers | None, order: Array | None = None,
          barred: Bools | None = None, rank: Array | None = None) -> dict[str, Any]:
    """The tier of each score and the reason in both languages (clause 2.3a, 2.3b): columns of equal length.

    Tiers are filled from the top. `takes` counts places from the first, so a tie let in above does not push others down, nor
    does a score that is missed pull others up; `order` gives the places where they do not follow the scores alone, `rank` the
    places to tell. A unit under a veto goes to the highest tier that is not barred; whether the next takes its place in the
    one that it leaves is ruled.
    """
    n = len(scores)
    columns: dict[str, Any] = {key: [""] * n for key in ("tier", "tier_en", "tier_code", "tier_reason_zh", "tier_reason_en")}
    if rule is None:
        return columns
    order = scores if order is None else order
    first, last = _ends(order)
    place = first if rank is None else rank
    above: list[_Filled] = []
    out, left = np.zeros(n, dtype=bool) if barred is None else barred, np.ones(n, dtype=bool)
    for level, cut, taken in filled(rule, scores, first if rule.tied_at_the_cut == "in" else last, barred=barred):
        closed = _barring(rule, level) and level.takes is not None
        ends = _among(order, ~(out & left)) if closed else (first, last)
        here = _Filled(level, cut, *ends)
        left &= ~taken
        for i in np.flatnonzero(taken).tolist():
            final, up = (_unbarred(rule, level) if out[i] else level), 0 if out[i] else int(first[i] - ends[0][i])
            columns["tier"][i], columns["tier_en"][i], columns["tier_code"][i] = final.name.zh, final.name.en, final.code
            for lang in ("zh", "en"):
                reason = _reason(level, rule, n, cut, f"{place[i] - up:g}", lang)
                reason += say("ranking.filling", lang, count=up, place=f"{place[i]:g}") if up else ""
                reason += _tied(here, above, i, rule.tied_at_the_cut, lang)
                reason += "".join(_missed(each, scores[i], i, bool(out[i]), rule, lang) for each in above)
                reason += say("ranking.veto", lang, tier=level.name[lang]) if final is not level else ""
                columns[f"tier_reason_{lang}"][i] = reason
        above.append(here)
    return columns


class _Filled(NamedTuple):
    """A tier that is filled: how far down the places it reaches, and the ends of those that units share there."""

    level: Level
    cut: int
    first: Floats
    last: Floats


def _among(order: Array, there: Bools) -> tuple[Floats, Floats]:
    """The first and the last of the places that units share among some of them; no place for the others."""
    first, last = (np.full(len(order), np.inf) for _ in range(2))
    if there.any():
        first[there], last[there] = _ends(order[there])
    return first, last


def _missed(above: _Filled, score: Any, i: int, vetoed: bool, rule: Tiers, lang: str) -> str:
    """Why a unit whose place or score would lead into a tier is in one below it: a score that it misses, a veto."""
    level, reaches = above.level, above.level.at_least is None or score >= above.level.at_least
    if vetoed and _barring(rule, level):
        return say("ranking.veto", lang, tier=level.name[lang]) if reaches else ""
    if level.takes is None or reaches or above.first[i] > above.cut:
        return ""
    return say("ranking.missed", lang, line=as_text(level.at_least or Fraction(0)), tier=level.name[lang])


def _barring(rule: Tiers, level: Level) -> bool:
    """Whether a tier is closed to units under a veto, and the next move up in it."""
    return rule.vetoes is not None and rule.vetoes.filling == "next" and level.code in rule.vetoes.bars


def _moved(rule: Tiers, reach: Array, out: Bools) -> Array:
    """The places by which units are let into a tier that is closed to those who are `out`: less these, where they stand above."""
    better = np.less if rule.tied_at_the_cut == "in" else np.less_equal
    rows = np.flatnonzero(out.reshape(-1, out.shape[-1]).any(axis=0))
    less = sum((better(reach[..., [i]], reach) & out[..., [i]] for i in rows), np.zeros(reach.shape, dtype=np.int64))
    return np.asarray(reach - less)


def filled(rule: Tiers, scores: Array, reach: Array, line: Callable[[Fraction], float] | None = None, *,
           barred: Bools | None = None) -> Iterator[tuple[Level, Any, Bools]]:
    """Each tier from the top, how far down the places it reaches, and the units that it takes; units on the last axis.

    `reach`: the place by which a unit is let in; `line`: the score that stands for a ruled one, where scores are not points.
    `barred`: units under a veto, who matter here where the next move up.
    """
    n, wide = scores.shape[-1], scores.ndim > 1
    open_, cut = np.ones(scores.shape, dtype=bool), np.zeros((len(scores), 1), dtype=np.int64) if wide else 0
    for level in rule.levels:
        out, chosen = barred if _barring(rule, level) else None, np.ones(scores.shape, dtype=bool)
        if level.takes == "rest":
            cut = n
        elif level.takes is not None:
            cut = cut + seats(level, rule, n)
            chosen = np.asarray((reach if out is None else _moved(rule, reach, out & open_)) <= cut)
        if level.at_least is not None:
            ruled = level.at_least if is_exact(scores) else float(level.at_least)
            chosen = chosen & np.asarray(scores >= (ruled if line is None else line(level.at_least)), dtype=bool)
        chosen = chosen if out is None else chosen & ~out
        yield level, cut, chosen & open_
        open_ &= ~chosen
        if level.takes is None:
            cut = np.maximum(cut, n - open_.sum(axis=-1, keepdims=wide))


def seats(level: Level, rule: Tiers, n: int) -> int:
    """How many of `n` units a tier takes that is filled by places."""
    assert level.takes is not None and level.takes != "rest"
    return level.takes if isinstance(level.takes, int) else whole(level.takes * n, rule.count)


def tier_codes(scores: Array, rule: Tiers, order: Array, barred: Bools | None = None) -> npt.NDArray[Any]:
    """Each unit's tier by its code alone, as `tiers` tells it with the reasons."""
    first, last = _ends(order)
    reach = first if rule.tied_at_the_cut == "in" else last
    codes = np.full(len(scores), "", dtype=object)
    for level, _, taken in filled(rule, scores, reach, barred=barred):
        codes[taken] = level.code
        if barred is not None:
            codes[taken & barred] = _unbarred(rule, level).code
    return codes


def _ends(order: Array) -> tuple[Floats, Floats]:
    """The first and the last of the places that each unit shares."""
    return places(order), len(order) + 1 - places(order, direction="down")


def _unbarred(rule: Tiers, level: Level) -> Level:
    """The highest tier from this one down that no veto bars."""
    bars = rule.vetoes.bars if rule.vetoes else ()
    return next(each for each in rule.levels[rule.levels.index(level):] if each.code not in bars)


def whole(count: Fraction, way: str) -> int:
    """A share of the units as a whole number of them: down, up, or half up."""
    if way == "half_up":
        return math.floor(count + Fraction(1, 2))
    return math.ceil(count) if way == "up" else math.floor(count)


def _reason(level: Level, rule: Tiers, n: int, cut: int, place: str, lang: str) -> str:
    if level.at_least is not None:
        reached = say("ranking.reached", lang, line=as_text(level.at_least))
        if level.takes is None:
            return reached
        by_place = _reason(level.model_copy(update={"at_least": None}), rule, n, cut, place, lang)
        return by_place + say("ranking.also", lang, reached=reached)
    if level.takes == "rest":
        return say("ranking.rest", lang, place=place)
    if isinstance(level.takes, int):
        return say("ranking.count", lang, place=place, cut=cut, takes=level.takes)
    return say("ranking.share", lang, place=place, cut=cut, share=as_text(level.takes * 100), n=n, exact=as_text(level.takes * n),
               takes=whole(level.takes * n, rule.count), way=say(f"ranking.{rule.count}", lang))


def _tied(here: _Filled, above: Sequence[_Filled], i: int, way: str, lang: str) -> str:
    """What a tie across a cut did: units let in beyond the number, or kept out of the tier above."""
    for each in [here] if way == "in" else above:
        first, last = each.first[i], each.last[i]
        if isinstance(each.level.takes, int | Fraction) and first <= each.cut < last:
            return say(f"ranking.tied_{way}", lang, count=int(last - first) + 1, cut=each.cut, tier=each.level.name[lang])
    return ""


def compare(ranking: pd.DataFrame, published: pd.DataFrame, tolerance: Fraction | float = 0) -> pd.DataFrame:
    """Where a ranking differs from a published one: scores by more than `tolerance`, places at all, units on one list only.

    Columns DIFFERENCES; `column` is score, rank or unit; `difference` is computed less published. No rows: reproduced.
    """
    limit = tolerance if isinstance(tolerance, Fraction) else exact(tolerance).item()
    both = ranking.merge(published, on="unit", how="outer", suffixes=("", "_published"), indicator="found_in")
    both = both.sort_values("rank", kind="stable")
    found: list[dict[str, Any]] = []
    for row in both.to_dict("records"):
        name = row["name"] if isinstance(row["name"], str) else row["name_published"]
        common = {"unit": row["unit"], "name": name, "note": row.get("note") if isinstance(row.get("note"), str) else ""}
        if row["found_in"] != "both":
            found.append({**common, "column": "unit", "computed": row["score"], "published": row["score_published"],
                          "difference": math.nan})
            continue
        for column, allowed in (("score", limit), ("rank", Fraction(0))):
            computed, printed = row[column], row[f"{column}_published"]
            if printed is None or math.isnan(printed):
                continue
            gap = exact(computed).item() - exact(printed).item()
            if abs(gap) > allowed:
                found.append({**common, "column": column, "computed": computed, "published": printed, "difference": float(gap)})
    return pd.DataFrame(found, columns=DIFFERENCES)
