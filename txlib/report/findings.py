"""What a report says first: computed sentences on a category and on its year, the most important at the top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from txlib.audits.superior import superior_coverage, superior_losses
from txlib.base.labels import counted, say
from txlib.base.printing import number, place
from txlib.base.text import harmless
from txlib.editions.years import compare_years
from txlib.methods import QuotaPenalty
from txlib.report import beyond, tables
from txlib.report.kit.shown import Display, joined, listed, named
from txlib.scoring import places
from txlib.scoring.explain import parting

if TYPE_CHECKING:
    from txlib.intake.data import Data
    from txlib.rules.book import Node, RuleBook
    from txlib.scoring.result import Result

FEW = 3  # so many of a kind are named


def _say(key: str, lang: str, **values: Any) -> str:
    return say(f"findings.{key}", lang, **values)


def _semicolons(parts: Iterable[str], lang: str) -> str:
    return _say("semicolon", lang).join(parts)


def _names(rows: Iterable[Any], lang: str) -> str:
    """Units by name, the last after an `and`: names have commas of their own."""
    *others, last = (named(row, lang) for row in rows)
    return _say("and", lang).join([*([joined(others, lang)] if others else []), last])


def category(result: Result, data: Data, then: Result | Display, published: pd.DataFrame, lang: str = "zh") -> Display:
    """The findings on a category: who is first and why, tiers, vetoes, the last, what is close, events, movers, agreement."""
    agreed = [] if published.empty else [tables.verdict_on(result, places.compare(result.ranking, published), published, lang)]
    return listed([*ends(result, lang)[:1], *tiers(result, lang), *vetoes(result, data, lang), *ends(result, lang)[1:],
                   *equal(result, lang), *close(result, lang), *cuts(result, lang), *events(result, lang),
                   *moves(result, then, lang), *agreed])


# ── one category ────────────────────────────────────────────────────────────────────────────────────────────────────


def _furthest(result: Result, unit: str, sign: int, lang: str) -> str:
    """The branch in which a unit lies furthest above (1) or below (-1) the mean; nothing where there is none."""
    nodes = tables.branches(result.category)
    held = tables.points(result, nodes)
    gaps = sign * (held - held.mean()).loc[unit].to_numpy()
    if len(held) < 2 or not (gaps > 0).any():
        return ""
    best = int(pd.Series(gaps).fillna(0).argmax())
    return _say("lead" if sign > 0 else "lag", lang, branch=nodes[best].name[lang], gap=number(sign * gaps[best], signed=True))


def ends(result: Result, lang: str) -> list[str]:
    """A sentence on the first place, and one on the last where there is another; each by what it leads or lags."""
    rows, shown = list(result.ranking.itertuples()), tables.decimals(result)
    top = [row for row in rows if row.rank == rows[0].rank]
    last = [row for row in rows if row.rank == rows[-1].rank]
    head = {"units": _names(top, lang), "score": number(rows[0].score, shown)}
    if len(top) == len(rows):
        return [_say("only" if len(top) == 1 else "first_shared", lang, **head)]
    if len(top) > 1:
        first = [_say("first_shared", lang, **head)]
    else:
        ahead = number(tables.distances(result)[0], shown)
        first = [_say("first", lang, lead=_furthest(result, top[0].unit, 1, lang), gap=ahead, **head)]
    lag = _furthest(result, last[0].unit, -1, lang) if len(last) == 1 else ""
    return [*first, _say("last", lang, units=_names(last, lang), score=number(last[0].score, shown),
                         rank=f"{last[0].rank:g}", lag=lag)]


def tiers(result: Result, lang: str) -> list[str]:
    """The highest and the lowest tier by name, those that hold anybody."""
    levels = result.book.tiers.levels if result.book.tiers else ()
    held = [(level, result.ranking[result.ranking.tier_code == level.code]) for level in (*levels[:1], *levels[1:][-1:])]
    named_tiers = [_say("tier_of", lang, tier=level.name[lang], units=_names(rows.itertuples(), lang))
                   for level, rows in held if len(rows)]
    return [_say("tiers", lang, tiers=_semicolons(named_tiers, lang))] if named_tiers else []


def vetoes(result: Result, data: Data, lang: str) -> list[str]:
    """Each veto with its document and what it does to the tier; each exclusion with its document."""
    ranked = {row.unit: (row, code) for row, code in zip(result.ranking.itertuples(), tables.unbarred(result), strict=True)}
    barred = set(tables.vetoed(result, data)["unit"])
    sentences = []
    for sentence, unit in zip(tables.decided(result, data, lang), _decided(result, data), strict=True):
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
            total = number(float(score), tables.decimals(result))
            head = {"units": _names(rows, lang), "score": _say("of_score", lang, score=total) if scored else ""}
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
    rows, shown = list(result.ranking.itertuples()), tables.decimals(result)
    pairs = [(above, below) for (above, below), least in zip(pairwise(rows), tables.closest(result), strict=True) if least]
    if len(rows) <= FEW or not pairs or pairs[0][0].score == pairs[0][1].score:
        return []
    neighbours = [_say("pair", lang, upper=named(above, lang), lower=named(below, lang), upper_rank=f"{above.rank:g}",
                       lower_rank=f"{below.rank:g}") for above, below in pairs[:FEW]]
    return [_say("closest", lang, pairs=joined(neighbours, lang), gap=number(pairs[0][0].score - pairs[0][1].score, shown))]


def cuts(result: Result, lang: str) -> list[str]:
    """Who stands on either side of the cut between two tiers, all of a tie; units that a veto moved stand at no cut."""
    table = result.ranking[[code == own for code, own in zip(tables.unbarred(result), result.ranking.tier_code, strict=True)]]
    levels = [level for level in (result.book.tiers.levels if result.book.tiers else ()) if level.code in set(table.tier_code)]
    sentences = []
    for above, below in pairwise(levels):
        upper, lower = table[table.tier_code == above.code], table[table.tier_code == below.code]
        upper, lower = upper[upper["rank"] == upper["rank"].max()], lower[lower["rank"] == lower["rank"].min()]
        gap = number(upper.score.iloc[0] - lower.score.iloc[0], tables.decimals(result))
        sentences.append(_say("cut", lang, gap=gap, upper=_placed(upper, lang), lower=_placed(lower, lang),
                              upper_tier=above.name[lang], lower_tier=below.name[lang]))
    return [_say("cuts", lang, cuts=_semicolons(sentences, lang))] if sentences else []


def _placed(rows: pd.DataFrame, lang: str) -> str:
    return _say("placed", lang, units=_names(rows.itertuples(), lang), rank=f"{rows['rank'].iloc[0]:g}")


def events(result: Result, lang: str) -> list[str]:
    """Who has most added and most taken off, and for what."""
    sentences = []
    for node in result.category.adjustments:
        points = tables.points(result, [node])[node.code]
        most = points[(points.abs() == points.abs().max()) & (points != 0)]
        rows = [row for row in result.ranking.itertuples() if row.unit in most.index]
        if rows:
            units = joined((_say("for_what", lang, unit=named(row, lang), what=_honours(result, node, row.unit, lang))
                            for row in rows[:FEW]), lang)
            kind = getattr(node.rule, "kind", "bonus")
            sentences.append(_say(f"event_{kind}", lang, units=units, points=number(float(most.iloc[0]), signed=True)))
    return [_say("events", lang, events=_semicolons(sentences, lang))] if sentences else []


def _honours(result: Result, node: Node, unit: str, lang: str) -> str:
    rows = result.records[node.code]
    if isinstance(node.rule, QuotaPenalty):
        codes = rows.loc[rows["unit"] == unit, "category"].tolist()
        return _say("marks_in", lang, categories=beyond.categories(result.book, codes, lang))
    return joined(dict.fromkeys(harmless(tables.half(name, lang)) for name in rows.loc[rows["unit"] == unit, "honour"]), lang)


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


# ── the year ────────────────────────────────────────────────────────────────────────────────────────────────────────


def year(book: RuleBook, data: Data, results: Mapping[str, Result], then: dict[str, float], lang: str = "zh",
         also: Sequence[str] = ()) -> Display:
    """The findings on a year: each category's first, vetoes, equal scores, superior indicators, what could not be assessed;
    `also`: sentences of other modules.
    """
    heads = {code: result.category.name[lang] for code, result in results.items()}
    firsts = [_first_of(result, lang) for result in results.values()]
    decided = [_say("in_category", lang, category=heads[code], told=sentence)
               for code, result in results.items() for sentence in vetoes(result, data, lang)]
    ties = [_say("in_category", lang, category=heads[code], told=sentence)
            for code, result in results.items() for sentence in equal(result, lang, scored=False)]
    blocked = [code for code in book.rules.categories if code not in results]
    lacking = [_say("blocked", lang, categories=beyond.categories(book, blocked, lang))] if blocked else []
    top = _say("firsts_tiers" if book.tiers else "firsts", lang)
    return listed([*lacking, (top, firsts), *decided, *ties, *also, *_superior(book, superior_coverage(book, data), then, lang)])


def _first_of(result: Result, lang: str) -> str:
    """A category's first place, and who else is in the first tier."""
    top = result.ranking["rank"] == result.ranking["rank"].min()
    code = result.book.tiers.levels[0].code if result.book.tiers else ""
    beside = result.ranking[~top & (result.ranking.tier_code == code)] if code else result.ranking[:0]
    also = _say("also", lang, units=_names(beside.itertuples(), lang)) if len(beside) else ""
    return _say("first_of", lang, category=result.category.name[lang], units=tables.firsts(result, lang), also=also)


def _superior(book: RuleBook, coverage: pd.DataFrame, then: dict[str, float], lang: str) -> list[str]:
    """Where the city is furthest behind and who answers, who answers for most, what nobody answers for, what moved."""
    if coverage.empty:
        return []
    worst = coverage[(coverage.behind == coverage.behind.max()) & (coverage.behind > 0)]
    items = [_say("behind_one", lang, name=named(next(group.itertuples()), lang), place=f"{group.place.iloc[0]:g}",
                  peers=f"{group.peers.iloc[0]:g}", who=beyond.who(book, group, lang))
             for _, group in worst.groupby("superior", sort=False)]
    lines = [_say("behind", lang, items=_semicolons(items[:FEW], lang))] if items else []
    most = superior_losses(coverage)
    most = most[most.behind > 0].head(FEW)
    units = [_say("with_places", lang, unit=named(row, lang), places=number(row.behind)) for row in most.itertuples()]
    lines += [_say("most_lost", lang, units=joined(units, lang))] if units else []
    free = coverage[coverage.unit == ""].drop_duplicates("superior")
    lines += [_say("uncovered", lang, names=_names(free.itertuples(), lang))] if len(free) else []
    return lines + _moved_places(book, beyond.moved_places(coverage, then), lang)


def _moved_places(book: RuleBook, moved: pd.DataFrame, lang: str) -> list[str]:
    """On which superior indicators the city moved furthest against last year."""
    ends = (("up", moved[(moved.moved == moved.moved.max()) & (moved.moved > 0)]),
            ("down", moved[(moved.moved == moved.moved.min()) & (moved.moved < 0)]))
    far = []
    for key, rows in ends:
        items = [_say("mover", lang, unit=named(row, lang), then=place(row.place_then), now=place(row.place))
                 for row in rows.head(FEW).itertuples()]
        far += [_say(f"place_{key}", lang, items=joined(items, lang))] if items else []
    return [_say("places_moved", lang, year=book.rules.last_year, far=_semicolons(far, lang))] if far else []
