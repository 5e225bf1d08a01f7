"""From totals to places and tiers, and what differs from a list that was published."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from txlib.exact import Array, as_text, exact, floats, is_exact, places, rounded
from txlib.labels import say
from txlib.models import Level, Tiers
from txlib.rulebook import RuleBook

RANKING = ["unit", "name", "score", "rank", "tier", "name_en", "tier_en", "tier_code", "total",
           "tier_reason_zh", "tier_reason_en"]
DIFFERENCES = ["unit", "name", "column", "computed", "published", "difference", "note"]


def ranking(units: pd.DataFrame, totals: Array, book: RuleBook, scores: Array | None = None) -> pd.DataFrame:
    """Units by place: score rounded as ruled, rank as ruled for ties, the tier as computed with its reason.

    `totals`: one unrounded total a unit, Fractions or floats; `scores`: the same already rounded, where the caller has
    them exactly. Rows come by rank, equal ranks in the order of `units`. A tier is a proposal until it is determined (2.3b).
    """
    if scores is None:
        scores = totals if book.rounding.total == "exact" else rounded(totals, book.rounding.total, book.rounding.half)
    rank = places(scores, ties=book.ties)  # type: ignore[arg-type]
    frame = pd.DataFrame({
        "unit": units["unit"].to_numpy(), "name": units["name"].to_numpy(), "score": floats(scores),
        "rank": rank if book.ties == "average" else rank.astype(np.int64),
        **tiers(scores, book.tiers), "name_en": units["name_en"].to_numpy(), "total": floats(totals),
    })
    return frame.sort_values("rank", kind="stable", ignore_index=True)[RANKING]


def tiers(scores: Array, rule: Tiers | None) -> dict[str, Any]:
    """The tier of each score and the reason in both languages (clause 2.3a, 2.3b): columns of equal length.

    Tiers are filled from the top. `takes` counts places from the first, so a tie let in above does not push others down.
    """
    n = len(scores)
    columns: dict[str, Any] = {key: [""] * n for key in ("tier", "tier_en", "tier_code", "tier_reason_zh", "tier_reason_en")}
    if rule is None:
        return columns
    first, last = places(scores), n + 1 - places(scores, direction="down")
    reach = first if rule.tied_at_the_cut == "in" else last
    open_, cut = np.ones(n, dtype=bool), 0
    for level in rule.levels:
        cut, chosen = _chosen(level, rule, scores, reach, cut)
        for i in np.flatnonzero(chosen & open_):
            columns["tier"][i], columns["tier_en"][i], columns["tier_code"][i] = level.name.zh, level.name.en, level.code
            for lang in ("zh", "en"):
                columns[f"tier_reason_{lang}"][i] = _reason(level, rule, n, cut, int(first[i]), lang)
        open_ &= ~chosen
        cut = cut if level.takes is not None else max(cut, n - int(open_.sum()))
    return columns


def _chosen(level: Level, rule: Tiers, scores: Array, reach: Array, cut: int) -> tuple[int, Array]:
    """How far down the places a tier reaches, and which units it holds (those above it included)."""
    if level.at_least is not None:
        line = level.at_least if is_exact(scores) else float(level.at_least)
        return cut, np.asarray(scores >= line, dtype=bool)
    if level.takes == "rest":
        return len(scores), np.ones(len(scores), dtype=bool)
    cut += level.takes if isinstance(level.takes, int) else whole(level.takes * len(scores), rule.count)
    return cut, np.asarray(reach <= cut)


def whole(count: Fraction, way: str) -> int:
    """A share of the units as a whole number of them: down, up, or half up."""
    return math.ceil(count) if way == "up" else math.floor(count + (Fraction(1, 2) if way == "half_up" else 0))


def _reason(level: Level, rule: Tiers, n: int, cut: int, place: int, lang: str) -> str:
    if level.at_least is not None:
        return say("ranking.reached", lang, line=as_text(level.at_least))
    if level.takes == "rest":
        return say("ranking.rest", lang, place=place)
    if isinstance(level.takes, int):
        return say("ranking.count", lang, place=place, cut=cut, takes=level.takes)
    return say("ranking.share", lang, place=place, cut=cut, share=as_text(level.takes * 100), n=n, exact=as_text(level.takes * n),
               takes=whole(level.takes * n, rule.count), way=say(f"ranking.{rule.count}", lang))


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
