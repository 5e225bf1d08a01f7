"""What stands out in a year, in sentences: firsts, vetoes, ties, superior indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from txlib.audits.superior import superior_coverage, superior_losses
from txlib.base.labels import say
from txlib.base.printing import number, place
from txlib.report import facts
from txlib.report.facts import FEW, semicolons, united
from txlib.report.kit.shown import Display, joined, listed, named
from txlib.report.overview import superiors
from txlib.report.ranking.sentences import equal, vetoes

if TYPE_CHECKING:
    from txlib.intake.data import Data
    from txlib.rules.book import RuleBook
    from txlib.scoring.result import Result



def _say(key: str, lang: str, **values: Any) -> str:
    return say(f"findings.{key}", lang, **values)


def findings(book: RuleBook, data: Data, results: Mapping[str, Result], then: dict[str, float], lang: str = "zh",
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
    lacking = [_say("blocked", lang, categories=facts.category_names(book, blocked, lang))] if blocked else []
    top = _say("firsts_tiers" if book.tiers else "firsts", lang)
    return listed([*lacking, (top, firsts), *decided, *ties, *also, *_superior(book, superior_coverage(book, data), then, lang)])


def _first_of(result: Result, lang: str) -> str:
    """A category's first place, and who else is in the first tier."""
    top = result.ranking["rank"] == result.ranking["rank"].min()
    code = result.book.tiers.levels[0].code if result.book.tiers else ""
    beside = result.ranking[~top & (result.ranking.tier_code == code)] if code else result.ranking[:0]
    also = _say("also", lang, units=united(beside.itertuples(), lang)) if len(beside) else ""
    return _say("first_of", lang, category=result.category.name[lang], units=facts.firsts(result, lang), also=also)


def _superior(book: RuleBook, coverage: pd.DataFrame, then: dict[str, float], lang: str) -> list[str]:
    """Where the city is furthest behind and who answers, who answers for most, what nobody answers for, what moved."""
    if coverage.empty:
        return []
    worst = coverage[(coverage.behind == coverage.behind.max()) & (coverage.behind > 0)]
    items = [_say("behind_one", lang, name=named(next(group.itertuples()), lang), place=f"{group.place.iloc[0]:g}",
                  peers=f"{group.peers.iloc[0]:g}", who=superiors.who(book, group, lang))
             for _, group in worst.groupby("superior", sort=False)]
    lines = [_say("behind", lang, items=semicolons(items[:FEW], lang))] if items else []
    most = superior_losses(coverage)
    most = most[most.behind > 0].head(FEW)
    units = [_say("with_places", lang, unit=named(row, lang), places=number(row.behind)) for row in most.itertuples()]
    lines += [_say("most_lost", lang, units=joined(units, lang))] if units else []
    free = coverage[coverage.unit == ""].drop_duplicates("superior")
    lines += [_say("uncovered", lang, names=united(free.itertuples(), lang))] if len(free) else []
    return lines + _moved_places(book, superiors.moved_places(coverage, then), lang)


def _moved_places(book: RuleBook, moved: pd.DataFrame, lang: str) -> list[str]:
    """On which superior indicators the city moved furthest against last year."""
    ends = (("up", moved[(moved.moved == moved.moved.max()) & (moved.moved > 0)]),
            ("down", moved[(moved.moved == moved.moved.min()) & (moved.moved < 0)]))
    far = []
    for key, rows in ends:
        items = [_say("mover", lang, unit=named(row, lang), then=place(row.place_then), now=place(row.place))
                 for row in rows.head(FEW).itertuples()]
        far += [_say(f"place_{key}", lang, items=joined(items, lang))] if items else []
    return [_say("places_moved", lang, year=book.rules.last_year, far=semicolons(far, lang))] if far else []
