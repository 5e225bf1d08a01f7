"""What stands out in a year, in sentences: firsts, vetoes, ties, superior indicators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from txlib.audits.superior import superior_coverage, superior_losses
from txlib.base.printing import number, place
from txlib.report import facts
from txlib.report.facts import FEW
from txlib.report.kit.shown import Display, listed
from txlib.report.overview import superiors
from txlib.report.ranking.sentences import equal, vetoes

if TYPE_CHECKING:
    from txlib.intake.data import Data
    from txlib.report.kit.words import Words
    from txlib.rules.book import RuleBook
    from txlib.scoring.result import Result


def findings(book: RuleBook, data: Data, results: Mapping[str, Result], then: dict[str, float], words: Words,
         also: Sequence[str] = ()) -> Display:
    """The findings on a year: each category's first, vetoes, equal scores, superior indicators, what could not be assessed;
    `also`: sentences of other modules.
    """
    heads = {code: words.name(result.category) for code, result in results.items()}
    firsts = [_first_of(result, words) for result in results.values()]
    decided = [words.say("findings.in_category", category=heads[code], told=sentence)
               for code, result in results.items() for sentence in vetoes(result, data, words)]
    ties = [words.say("findings.in_category", category=heads[code], told=sentence)
            for code, result in results.items() for sentence in equal(result, words, scored=False)]
    blocked = [code for code in book.rules.categories if code not in results]
    lacking = [words.say("findings.blocked", categories=words.categories(blocked))] if blocked else []
    top = words.say("findings.firsts_tiers" if book.tiers else "findings.firsts")
    return listed([*_to_look_at(book, data, words), *lacking,
                   (top, firsts), *decided, *ties, *also, *_superior(book, superior_coverage(book, data), then, words)])


def _to_look_at(book: RuleBook, data: Data, words: Words) -> list[str]:
    """How many remarks on what was handed in no note confirms, of the year and by category."""
    many = Counter(each.category for each in data.remarks)
    held = [(words.label("whole_year_data"), many[None]),
            *((words.category(code), many[code]) for code in book.rules.categories)]
    told = [words.counted("findings.remarks_in", count, where=where) for where, count in held if count]
    if not told:
        return []
    return [words.counted("findings.remarks_counts", sum(count for _, count in held), told=words.joined(told), year=book.year)]


def _first_of(result: Result, words: Words) -> str:
    """A category's first place, and who else is in the first tier."""
    top = result.ranking["rank"] == result.ranking["rank"].min()
    code = result.book.tiers.levels[0].code if result.book.tiers else ""
    beside = result.ranking[~top & (result.ranking.tier_code == code)] if code else result.ranking[:0]
    also = words.say("findings.also", units=words.united(beside.itertuples())) if len(beside) else ""
    return words.say("findings.first_of", category=words.name(result.category), units=facts.firsts(result, words), also=also)


def _superior(book: RuleBook, coverage: pd.DataFrame, then: dict[str, float], words: Words) -> list[str]:
    """Where the city is furthest behind and who answers, who answers for most, what nobody answers for, what moved."""
    if coverage.empty:
        return []
    worst = coverage[(coverage.behind == coverage.behind.max()) & (coverage.behind > 0)]
    items = [words.say("findings.behind_one", name=words.row(next(group.itertuples())), place=f"{group.place.iloc[0]:g}",
                       peers=f"{group.peers.iloc[0]:g}", who=superiors.who(group, words))
             for _, group in worst.groupby("superior", sort=False)]
    lines = [words.say("findings.behind", items=words.semicolons(items[:FEW]))] if items else []
    most = superior_losses(coverage)
    most = most[most.behind > 0].head(FEW)
    units = [words.say("findings.with_places", unit=words.row(row), places=number(row.behind)) for row in most.itertuples()]
    lines += [words.say("findings.most_lost", units=words.joined(units))] if units else []
    free = coverage[coverage.unit == ""].drop_duplicates("superior")
    lines += [words.say("findings.uncovered", names=words.united(free.itertuples()))] if len(free) else []
    return lines + _moved_places(book, superiors.moved_places(coverage, then), words)


def _moved_places(book: RuleBook, moved: pd.DataFrame, words: Words) -> list[str]:
    """On which superior indicators the city moved furthest against last year."""
    ends = (("up", moved[(moved.moved == moved.moved.max()) & (moved.moved > 0)]),
            ("down", moved[(moved.moved == moved.moved.min()) & (moved.moved < 0)]))
    far = []
    for key, rows in ends:
        items = [words.say("findings.mover", unit=words.row(row), then=place(row.place_then), now=place(row.place))
                 for row in rows.head(FEW).itertuples()]
        far += [words.say(f"findings.place_{key}", items=words.joined(items))] if items else []
    return [words.say("findings.places_moved", year=book.rules.last_year, far=words.semicolons(far))] if far else []
