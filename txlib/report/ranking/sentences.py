"""What stands out in a ranking, in sentences: first and last, tiers, vetoes, equal and close scores, events, moves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from txlib.base.printing import number, place
from txlib.base.text import harmless
from txlib.editions.years import compare_years
from txlib.methods import BesideTheTree
from txlib.report import facts
from txlib.report.facts import FEW
from txlib.report.kit.shown import Display, listed
from txlib.report.ranking.tables import verdict_on
from txlib.scoring import places
from txlib.scoring.explain import parting

if TYPE_CHECKING:
    from txlib.intake.data import Data
    from txlib.report.kit.words import Words
    from txlib.rules.category import Node
    from txlib.scoring.result import Result


def findings(result: Result, data: Data, then: Result | Display, published: pd.DataFrame, words: Words) -> Display:
    """The findings on a category: what to look at in its data, who is first and why, tiers, vetoes, the last, what is close,
    events, movers, agreement.
    """
    agreed = [] if published.empty else [verdict_on(result, places.compare(result.ranking, published), published, words)]
    return listed([*facts.to_look_at(data, result.category.code, words),
                   *ends(result, words)[:1], *tiers(result, words), *vetoes(result, data, words), *ends(result, words)[1:],
                   *equal(result, words), *close(result, words), *cuts(result, words), *events(result, words),
                   *moves(result, then, words), *agreed])


def _furthest(result: Result, unit: str, sign: int, words: Words) -> str:
    """The branch in which a unit lies furthest above (1) or below (-1) the mean; nothing where there is none."""
    nodes = facts.branches(result.category)
    gaps = sign * facts.beside_mean(result, nodes).loc[unit].to_numpy()
    if len(result.ranking) < 2 or not (gaps > 0).any():
        return ""
    best = int(pd.Series(gaps).fillna(0).argmax())
    return words.say("findings.lead" if sign > 0 else "findings.lag", branch=words.name(nodes[best]),
                     gap=facts.in_points(result)(sign * gaps[best], signed=True))


def ends(result: Result, words: Words) -> list[str]:
    """A sentence on the first place, and one on the last where there is another; each by what it leads or lags."""
    rows, shown = list(result.ranking.itertuples()), facts.decimals(result)
    top = [row for row in rows if row.rank == rows[0].rank]
    last = [row for row in rows if row.rank == rows[-1].rank]
    head = {"units": words.united(top), "score": number(rows[0].score, shown)}
    if len(top) == len(rows):
        return [words.say("findings.only" if len(top) == 1 else "findings.first_shared", **head)]
    if len(top) > 1:
        first = [words.say("findings.first_shared", **head)]
    else:
        ahead = number(facts.distances(result)[0], shown)
        first = [words.say("findings.first", lead=_furthest(result, top[0].unit, 1, words), gap=ahead, **head)]
    lag = _furthest(result, last[0].unit, -1, words) if len(last) == 1 else ""
    return [*first, words.say("findings.last", units=words.united(last), score=number(last[0].score, shown),
                              rank=f"{last[0].rank:g}", lag=lag)]


def tiers(result: Result, words: Words) -> list[str]:
    """The highest and the lowest tier by name, those that hold anybody."""
    levels = result.book.tiers.levels if result.book.tiers else ()
    held = [(level, result.ranking[result.ranking.tier_code == level.code]) for level in (*levels[:1], *levels[1:][-1:])]
    named_tiers = [words.say("findings.tier_of", tier=words.name(level), units=words.united(rows.itertuples()))
                   for level, rows in held if len(rows)]
    return [words.say("findings.tiers", tiers=words.semicolons(named_tiers))] if named_tiers else []


def vetoes(result: Result, data: Data, words: Words) -> list[str]:
    """Each veto with its document and what it does to the tier; each exclusion with its document."""
    ranked = {row.unit: (row, code) for row, code in zip(result.ranking.itertuples(), facts.unbarred(result), strict=True)}
    barred = set(facts.vetoed(result, data)["unit"])
    sentences = []
    for sentence, unit in zip(facts.decided(result, data, words), _decided(result, data), strict=True):
        row, natural = ranked.get(unit, (None, ""))
        if row is None or unit not in barred or result.book.tiers is None:
            sentences.append(sentence)
        elif natural == row.tier_code:
            sentences.append(sentence + words.say("findings.veto_idle", rank=f"{row.rank:g}"))
        else:
            sentences.append(sentence + words.say("findings.veto_moved", rank=f"{row.rank:g}", natural=words.tier(natural),
                                                  tier=words.tier(row.tier_code)))
    return sentences


def _decided(result: Result, data: Data) -> list[str]:
    mine = set(data.units_of(result.category.code)["unit"])
    return [unit for unit in facts.of_units(data)["unit"] if unit in mine]


def equal(result: Result, words: Words, *, scored: bool = True) -> list[str]:
    """Each group of equal scores: the place it shares, or the criterion that decides; `scored`: with the score. Of many groups
    how many there are."""
    groups = [group for _, group in result.ranking.groupby("score", sort=False) if len(group) > 1]
    if len(groups) > FEW:
        parted = sum(group["rank"].nunique() > 1 for group in groups)
        how = words.say("findings.some_parted", count=parted) if parted else words.say("findings.all_shared")
        return [words.say("findings.many_equal", groups=len(groups), units=sum(map(len, groups)), how=how)]
    sentences = []
    for group in groups:
        rows = list(group.itertuples())
        total = number(float(rows[0].score), facts.decimals(result))
        head = {"units": words.united(rows), "score": words.say("findings.of_score", score=total) if scored else ""}
        if group["rank"].nunique() == 1:
            sentences.append(words.say("findings.shared", rank=f"{rows[0].rank:g}", **head))
        else:
            criteria = _criteria(result, rows, words, scored=scored)
            sentences.append(words.say("findings.parted", criteria=words.joined(criteria), **head))
    return sentences


def _criteria(result: Result, rows: Sequence[Any], words: Words, *, scored: bool) -> list[str]:
    """What puts neighbours of equal score apart: the first criterion in which they differ; `scored`: with their points."""
    criteria = []
    for above, below in pairwise(rows):
        decided = parting(result, above.unit, below.unit)
        if above.rank != below.rank and decided:
            node, more, less = decided
            shown = next((d for d in range(2, 12) if number(more, d) != number(less, d)), 2)
            against = words.say("findings.against", more=number(more, shown), less=number(less, shown)) if scored else ""
            criteria.append(words.say("findings.criterion", name=words.coded(node), against=against))
    return list(dict.fromkeys(criteria))


def close(result: Result, words: Words) -> list[str]:
    """The closest neighbours; empty where equal scores are parted, since those are the closest and have their sentence."""
    rows, shown = list(result.ranking.itertuples()), facts.decimals(result)
    pairs = [(above, below) for (above, below), least in zip(pairwise(rows), facts.closest(result), strict=True) if least]
    if len(rows) <= FEW or not pairs or pairs[0][0].score == pairs[0][1].score:
        return []
    neighbours = [words.say("findings.pair", upper=words.row(above), lower=words.row(below), upper_rank=f"{above.rank:g}",
                            lower_rank=f"{below.rank:g}") for above, below in pairs[:FEW]]
    gap = number(pairs[0][0].score - pairs[0][1].score, shown)
    return [words.say("findings.closest", pairs=words.joined(neighbours), gap=gap)]


def cuts(result: Result, words: Words) -> list[str]:
    """Who stands on either side of each line between tiers by place, all of a tie, those that a veto moved told as such."""
    table = result.ranking.assign(moved=facts.moved_by_veto(result), natural=facts.unbarred(result))
    found = [sentence for i, ends in enumerate(facts.at_the_cut(result)) if ends for sentence in _cut(table, i, result, words)]
    return [words.say("findings.cuts", cuts=words.semicolons(found))] if found else []


def _cut(table: pd.DataFrame, i: int, result: Result, words: Words) -> list[str]:
    """The last of a tier, at row `i`, and the next by place; where a veto took units out of the tier below it, its line too."""
    code, levels = table.tier_code[i], {level.code: words.name(level) for level in result.book.tiers.levels}  # type: ignore[union-attr]
    upper = table[(table.tier_code == code) & ~table.moved & (table["rank"] == table["rank"][i])]
    lower = table[i + 1:][table["rank"][i + 1:] == table["rank"][i + 1]]
    first = lower.tier_code.nunique() == 1 and lower.index[0] == table.index[table.tier_code == lower.tier_code.iloc[0]][0]
    values = {"upper_tier": levels[code], "lower_tier": levels[lower.tier_code.iloc[0]]}
    found = [_apart("cut" if first else "cut_next", upper, lower, values, result, words)]
    line = table.index[table.natural == code][-1]
    if line > i and line + 1 < len(table):
        upper, lower = (table[table["rank"] == table["rank"][at]] for at in (line, line + 1))
        found.append(_apart("cut_line", upper, lower, {**values, "rank": f"{table['rank'][line]:g}"}, result, words))
    return found


def _apart(key: str, upper: pd.DataFrame, lower: pd.DataFrame, values: dict[str, str], result: Result, words: Words) -> str:
    """Two neighbours by place, how far apart, and which of the lower ones a veto moved."""
    moved = [*lower[lower.moved].itertuples()]
    barred = words.say("findings.barred", units=words.united(moved)) if moved else ""
    gap = number(upper.score.iloc[0] - lower.score.iloc[0], facts.decimals(result))
    values = {**values, "upper": _placed(upper, words), "lower": _placed(lower, words)}
    return words.say(f"findings.{key}", gap=gap, barred=barred, **values)


def _placed(rows: pd.DataFrame, words: Words) -> str:
    return words.say("findings.placed", units=words.united(rows.itertuples()), rank=f"{rows['rank'].iloc[0]:g}")


def events(result: Result, words: Words) -> list[str]:
    """Who has most added and most taken off, and for what."""
    sentences = []
    for node in result.category.adjustments:
        points = facts.points(result, [node])[node.code]
        most = points[(points.abs() == points.abs().max()) & (points != 0)]
        rows = [row for row in result.ranking.itertuples() if row.unit in most.index]
        if rows:
            units = words.joined(words.say("findings.for_what", unit=words.row(row), what=_honours(result, node, row.unit, words))
                                 for row in rows[:FEW])
            kind = getattr(node.rule, "kind", "bonus")
            most_of = facts.in_points(result)(float(most.iloc[0]), signed=True)
            sentences.append(words.say(f"findings.event_{kind}", units=units, points=most_of))
    return [words.say("findings.events", events=words.semicolons(sentences))] if sentences else []


def _honours(result: Result, node: Node, unit: str, words: Words) -> str:
    assert isinstance(node.rule, BesideTheTree)
    rows, names = result.records[node.code], {code: words.name(head) for code, head in result.book.categories.items()}
    causes = node.rule.causes(rows[rows["unit"] == unit], names, words.lang) or [words.name(node)]
    return words.joined(dict.fromkeys(harmless(words.half(name)) for name in causes))


def moves(result: Result, then: Result | Display, words: Words) -> list[str]:
    """How many units rose and fell against last year, and which moved furthest."""
    if isinstance(then, Display):
        return []
    rows = compare_years(result, then).dropna(subset=["moved"])
    if rows.empty:
        return []
    if not rows.moved.any():
        return [words.say("findings.unmoved", year=then.book.year)]
    counts = [words.counted(f"findings.{key}", int(there.sum())) for key, there in
              (("risen", rows.moved > 0), ("fallen", rows.moved < 0), ("same", rows.moved == 0)) if there.any()]
    up, down = rows.moved.max(), rows.moved.min()
    ends = [*([("up", up)] if up > 0 else []), *([("down", down)] if down < 0 else [])]
    far = [words.say(f"findings.furthest_{key}", units=words.joined(
        words.say("findings.mover", unit=words.row(row), then=place(row.rank_then), now=place(row.rank))
        for row in rows[rows.moved == end].itertuples())) for key, end in ends]
    return [words.say("findings.moves", year=then.book.year, counts=words.joined(counts), far="".join(far))]
