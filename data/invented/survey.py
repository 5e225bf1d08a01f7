"""The table of the survey: how many of each group gave each grade. Which groups and grades there are, the rule-book says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from invented import rulebook, units
from invented.chance import figure, luck
from invented.story import ASKED, DONT_KNOW, FAR, GRADE, Cells, Unit

COLUMNS = ("unit", "indicator", "period", "group", "grade", "count", "note")


def rows(year: str, category: str) -> Iterator[Cells]:
    """One row for each unit, indicator, group and grade, those who do not know last."""
    for unit in units.members(year, category):
        for leaf in rulebook.leaves(year, category):
            for group in leaf["scored_by"].get("groups", ()):
                for grade, count in _ballots(year, unit, leaf["code"], group, leaf["scored_by"]["grades"]):
                    yield unit.unit, leaf["code"], year, group, grade, str(count), ""


def _ballots(year: str, unit: Unit, indicator: str, group: str, grades: Iterable[str]) -> Iterator[tuple[str, int]]:
    """The better a unit does, the more of those who are left give the first grade, then the next; the last has the rest."""
    *others, last = grades
    key, left = f"{indicator}/{group}", ASKED[group]
    least, more = GRADE
    share = least + more * figure(year, unit, key, "survey")
    dont_know = round(left * _unknown(unit, group, luck(year, "survey", key, unit.unit, "dont_know")))
    left -= dont_know
    for grade in others:
        count = round(left * share)
        yield grade, count
        left -= count
    yield last, left
    yield "dont_know", dont_know


def _unknown(unit: Unit, group: str, by_luck: float) -> float:
    """The share of a group that does not know a unit: the public knows departments less than places."""
    least, more = DONT_KNOW[group]
    farther, what = FAR
    far = group in ("residents", "enterprises") and unit.category.startswith(what)
    return least + more * by_luck + (farther if far else 0)
