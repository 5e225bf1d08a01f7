"""What stands out in a ranking, in sentences: first and last, tiers, vetoes, equal and close scores, events, moves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from txlib.base.labels import counted, say
from txlib.base.printing import number, place
from txlib.base.text import harmless
from txlib.editions.years import compare_years
from txlib.methods import BesideTheTree
from txlib.report import facts
from txlib.report.facts import FEW, semicolons, united
from txlib.report.kit.shown import Display, joined, listed, named
from txlib.report.ranking.tables import verdict_on
from txlib.scoring import places
from txlib.scoring.explain import parting

if TYPE_CHECKING:
    from txlib.intake.data import Data
    from txlib.rules.book import Node
    from txlib.scoring.result import Result



def _say(key: str, lang: str, **values: Any) -> str:
    return say(f"findings.{key}", lang, **values)


def findings(result: Result, data: Data, then: Result | Display, published: pd.DataFrame, lang: str = "zh") -> Display:
    """The findings on a category: who is first and why, tiers, vetoes, the last, what is close, events, movers, agreement."""
    agreed = [] if published.empty else [verdict_on(result, places.compare(result.ranking, published), published, lang)]
    return listed([*ends(result, lang)[:1], *tiers(result, lang), *vetoes(result, data, lang), *ends(result, lang)[1:],
                   *equal(result, lang), *close(result, lang), *cuts(result, lang), *events(result, lang),
                   *moves(result, then, lang), *agreed])


def _furthest(result: Result, unit: str, sign: int, lang: str) -> str:
    """The branch in which a unit lies furthest above (1) or below (-1) the mean; nothing where there is none."""
    nodes = facts.branches(result.category)
    held = facts.points(result, nodes)
    gaps = sign * (held - held.mean()).loc[unit].to_numpy()
    if len(held) < 2 or not (gaps > 0).any():
        return ""
    best = int(pd.Series(gaps).fillna(0).argmax())
    return _say("lead" if sign > 0 else "lag", lang, branch=nodes[best].name[lang], gap=number(sign * gaps[best], signed=True))


def ends(result: Result, lang: str) -> list[str]:
    """A sentence on the first place, and one on the last where there is another; each by what it leads or lags."""
    rows, shown = list(result.ranking.itertuples()), facts.decimals(result)
    top = [row for row in rows if row.rank == rows[0].rank]
    last = [row for row in rows if row.rank == rows[-1].rank]
    head = {"units": united(top, lang), "score": number(rows[0].score, shown)}
    if len(top) == len(rows):
        return [_say("only" if len(top) == 1 else "first_shared", lang, **head)]
    if len(top) > 1:
        first = [_say("first_shared", lang, **head)]
    else:
        ahead = number(facts.distances(result)[0], shown)
        first = [_say("first", lang, lead=_furthest(result, top[0].unit, 1, lang), gap=ahead, **head)]
    lag = _furthest(result, last[0].unit, -1, lang) if len(last) == 1 else ""
    return [*first, _say("last", lang, units=united(last, lang), score=number(last[0].score, shown),
                         rank=f"{last[0].rank:g}", lag=lag)]


def tiers(result: Result, lang: str) -> list[str]:
    """The highest and the lowest tier by name, those that hold anybody."""
    levels = result.book.tiers.levels if result.book.tiers else ()
    held = [(level, result.ranking[result.ranking.tier_code == level.code]) for level in (*levels[:1], *levels[1:][-1:])]
    named_tiers = [_say("tier_of", lang, tier=level.name[lang], units=united(rows.itertuples(), lang))
                   for level, rows in held if len(rows)]
    return [_say("tiers", lang, tiers=semicolons(named_tiers, lang))] if named_tiers else []


def vetoes(result: Result, data: Data, lang: str) -> list[str]:
    """Each veto with its document and what it does to the tier; each exclusion with its document."""
    ranked = {row.unit: (row, code) for row, code in zip(result.ranking.itertuples(), facts.unbarred(result), strict=True)}
    barred = set(facts.vetoed(result, data)["unit"])
    sentences = []
    for sentence, unit in zip(facts.decided(result, data, lang), _decided(result, data), strict=True):
        row, natural = ranked.get(unit, (None, ""))
        levels = {level.code: level.name[lang] for level in result.book.tiers.levels} if result.book.tiers else {}
        if row is None or unit not in barred or not levels:
            sentences.append(sentence)
        elif natural == row.tier_code:
            sentences.append(sentence + _say("veto_idle", lang, rank=f"{row.rank:g}"))
        else:
            moved = {"natural": levels[natural], "tier": levels[row.tier_code]}
            sentences.append(sentence + _say("veto_moved", lang, rank=f"{row.rank:g}", **moved))
    return sentences


def _decided(result: Result, data: Data) -> list[str]:
    mine = set(data.units_of(result.category.code)["unit"])
    return [unit for unit in data.decisions["unit"] if unit in mine]


def equal(result: Result, lang: str, *, scored: bool = True) -> list[str]:
    """Each group of equal scores: the place it shares, or the criterion that decides; `scored`: with the score."""
    sentences = []
    for score, group in result.ranking.groupby("score", sort=False):
        if len(group) > 1:
            rows = list(group.itertuples())
            total = number(float(score), facts.decimals(result))
            head = {"units": united(rows, lang), "score": _say("of_score", lang, score=total) if scored else ""}
            if group["rank"].nunique() == 1:
                sentences.append(_say("shared", lang, rank=f"{rows[0].rank:g}", **head))
            else:
                criteria = _criteria(result, rows, lang, scored=scored)
                sentences.append(_say("parted", lang, criteria=joined(criteria, lang), **head))
    return sentences


def _criteria(result: Result, rows: Sequence[Any], lang: str, *, scored: bool) -> list[str]:
    """What puts neighbours of equal score apart: the first criterion in which they differ; `scored`: with their points."""
    criteria = []
    for above, below in pairwise(rows):
        decided = parting(result, above.unit, below.unit)
        if above.rank != below.rank and decided:
            node, more, less = decided
            against = _say("against", lang, more=number(more), less=number(less)) if scored else ""
            criteria.append(_say("criterion", lang, name=f"{node.code} {node.name[lang]}", against=against))
    return list(dict.fromkeys(criteria))


def close(result: Result, lang: str) -> list[str]:
    """The closest neighbours; empty where equal scores are parted, since those are the closest and have their sentence."""
    rows, shown = list(result.ranking.itertuples()), facts.decimals(result)
    pairs = [(above, below) for (above, below), least in zip(pairwise(rows), facts.closest(result), strict=True) if least]
    if len(rows) <= FEW or not pairs or pairs[0][0].score == pairs[0][1].score:
        return []
    neighbours = [_say("pair", lang, upper=named(above, lang), lower=named(below, lang), upper_rank=f"{above.rank:g}",
                       lower_rank=f"{below.rank:g}") for above, below in pairs[:FEW]]
    return [_say("closest", lang, pairs=joined(neighbours, lang), gap=number(pairs[0][0].score - pairs[0][1].score, shown))]


def cuts(result: Result, lang: str) -> list[str]:
    """Who stands on either side of the cut between two tiers, all of a tie; units that a veto moved stand at no cut."""
    table = result.ranking[[code == own for code, own in zip(facts.unbarred(result), result.ranking.tier_code, strict=True)]]
    levels = [level for level in (result.book.tiers.levels if result.book.tiers else ()) if level.code in set(table.tier_code)]
    sentences = []
    for above, below in pairwise(levels):
        upper, lower = table[table.tier_code == above.code], table[table.tier_code == below.code]
        upper, lower = upper[upper["rank"] == upper["rank"].max()], lower[lower["rank"] == lower["rank"].min()]
        gap = number(upper.score.iloc[0] - lower.score.iloc[0], facts.decimals(result))
        sentences.append(_say("cut", lang, gap=gap, upper=_placed(upper, lang), lower=_placed(lower, lang),
                              upper_tier=above.name[lang], lower_tier=below.name[lang]))
    return [_say("cuts", lang, cuts=semicolons(sentences, lang))] if sentences else []


def _placed(rows: pd.DataFrame, lang: str) -> str:
    return _say("placed", lang, units=united(rows.itertuples(), lang), rank=f"{rows['rank'].iloc[0]:g}")


def events(result: Result, lang: str) -> list[str]:
    """Who has most added and most taken off, and for what."""
    sentences = []
    for node in result.category.adjustments:
        points = facts.points(result, [node])[node.code]
        most = points[(points.abs() == points.abs().max()) & (points != 0)]
        rows = [row for row in result.ranking.itertuples() if row.unit in most.index]
        if rows:
            units = joined((_say("for_what", lang, unit=named(row, lang), what=_honours(result, node, row.unit, lang))
                            for row in rows[:FEW]), lang)
            kind = getattr(node.rule, "kind", "bonus")
            sentences.append(_say(f"event_{kind}", lang, units=units, points=number(float(most.iloc[0]), signed=True)))
    return [_say("events", lang, events=semicolons(sentences, lang))] if sentences else []


def _honours(result: Result, node: Node, unit: str, lang: str) -> str:
    assert isinstance(node.rule, BesideTheTree)
    rows, names = result.records[node.code], {code: head.name[lang] for code, head in result.book.categories.items()}
    causes = node.rule.causes(rows[rows["unit"] == unit], names, lang) or [node.name[lang]]
    return joined(dict.fromkeys(harmless(facts.half(name, lang)) for name in causes), lang)


def moves(result: Result, then: Result | Display, lang: str) -> list[str]:
    """How many units rose and fell against last year, and which moved furthest."""
    if isinstance(then, Display):
        return []
    rows = compare_years(result, then).dropna(subset=["moved"])
    if rows.empty:
        return []
    if not rows.moved.any():
        return [_say("unmoved", lang, year=then.book.year)]
    counts = [counted(f"findings.{key}", lang, int(there.sum())) for key, there in
              (("risen", rows.moved > 0), ("fallen", rows.moved < 0), ("same", rows.moved == 0)) if there.any()]
    up, down = rows.moved.max(), rows.moved.min()
    ends = [*([("up", up)] if up > 0 else []), *([("down", down)] if down < 0 else [])]
    far = [_say(f"furthest_{key}", lang, units=joined((
        _say("mover", lang, unit=named(row, lang), then=place(row.rank_then), now=place(row.rank))
        for row in rows[rows.moved == end].itertuples()), lang)) for key, end in ends]
    return [_say("moves", lang, year=then.book.year, counts=joined(counts, lang), far="".join(far))]
