"""Grades given by groups of respondents (1.4a)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import model_validator

from txlib.base.fields import DontKnow, Grade, Part, wrong
from txlib.base.numbers import Array, exact, floats, fraction
from txlib.base.printing import as_text, spelt
from txlib.base.sums import added, needed, written_out
from txlib.methods.method import Ballots, Recorded, positions, zeros
from txlib.methods.words import ByCode, Case, Coded, shares, word

if TYPE_CHECKING:
    import pandas as pd

DONT_KNOW = "dont_know"
ZERO: Any = Fraction(0)
ONE: Any = Fraction(1)
OUT_OF_100 = "{} ÷ 100 × {}"


class Survey(Recorded):
    """Grades given by weighted groups of respondents (1.4a): by some who were asked, or by `all` whose answer was wanted."""

    method: Literal["survey"]
    groups: Annotated[Coded, ByCode("weight", Part)]
    grades: Annotated[Coded, ByCode("share", Grade)]
    dont_know: DontKnow
    absent_group: Literal["refuse", "redistribute"]
    asked: Literal["some", "all"] = "some"

    table: ClassVar[str] = "survey"

    @model_validator(mode="after")
    def _groups_add_up(self) -> Self:
        if sum(self.groups.values()) != 1:
            raise wrong("groups_sum", terms=added(self.groups))
        if DONT_KNOW in self.grades:
            raise wrong("grade_dont_know")
        return self

    @property
    def counted(self) -> dict[str, Fraction]:
        """The grades that count, with their shares: “don't know” is left out or takes its share, as ruled."""
        return {**self.grades, **({} if self.dont_know == "not_counted" else {DONT_KNOW: self.dont_know})}

    def from_rows(self, rows: pd.DataFrame, units: Sequence[str], full: Fraction) -> tuple[Array, npt.NDArray[np.bool_]]:
        """Points and whether there is any answer: grades averaged within a group, groups weighted.

        `rows`: unit, group, grade, count. A group without an answer for a unit leaves its weight to the others where the
        rule redistributes it.
        """
        grades, groups = self.counted, list(self.groups)
        counted = rows[rows["grade"].isin(list(grades))]
        at = positions(units, counted["unit"]), positions(groups, counted["group"])
        count = exact(counted["count"].to_numpy(dtype=np.float64))
        value = np.array([grades[grade] for grade in counted["grade"]], dtype=object)
        answers, marks = zeros((len(units), len(groups))), zeros((len(units), len(groups)))
        np.add.at(answers, at, count)
        np.add.at(marks, at, count * value if len(count) else count)
        there = np.asarray(answers > 0, dtype=bool)
        weights = np.where(there, np.array(list(self.groups.values()), dtype=object), ZERO)
        means = marks / np.where(there, answers, ONE)
        held = weights.sum(axis=1)
        some = np.asarray(held > 0, dtype=bool)
        return (weights * means).sum(axis=1) / np.where(some, held, ONE) * full, some

    def observed(self, rows: pd.DataFrame, units: Sequence[str], points: Array, full: Fraction) -> npt.NDArray[np.float64]:
        """A mark out of 100."""
        return floats(points * 100 / full)

    def ballots(self, rows: pd.DataFrame, units: Sequence[str]) -> Ballots | None:
        """Each group's answers by grade; of a survey in which all were asked there are none that others might have given."""
        if self.asked == "all":
            return None
        grades = [*self.grades, DONT_KNOW]
        table = rows.pivot_table(index=["unit", "group"], columns="grade", values="count", aggfunc="sum", fill_value=0)
        table = table.reindex(columns=grades, fill_value=0).astype(np.int64)
        groups = [[(float(weight), table.loc[(unit, group)].to_numpy()) for group, weight in self.groups.items()
                   if (unit, group) in table.index and table.loc[(unit, group)].sum() > 0] for unit in units]
        return Ballots(groups, floats([self.counted.get(grade, ZERO) for grade in grades]),
                       floats([float(grade in self.counted) for grade in grades]))

    def words(self, c: Case) -> dict[str, Any]:
        known = (c.say("dont_know_not_counted") if self.dont_know == "not_counted"
                 else c.say("dont_know_counted", share=as_text(self.dont_know * 100)))
        values = {"grades": shares(self.grades, c.lang), "dont_know": known}
        if c.records is None or not len(c.records):
            return {**values, "groups": shares(self.groups, c.lang), "out_of_100": c.sum(OUT_OF_100, c.x, c.full)}
        rows = c.records.groupby(["group", "grade"])["count"].sum()
        counts = {group: {grade: fraction(float(rows.get((group, grade), 0))) for grade in self.counted} for group in self.groups}
        worth, means = self.counted.items(), dict[str, Any]()
        means |= {group: 100 * sum(held[grade] * value for grade, value in worth) / sum(held.values())
                  for group, held in counts.items() if any(held.values())}
        weight = sum((self.groups[group] for group in means), ZERO)
        mark = sum((self.groups[group] * mean for group, mean in means.items()), ZERO) / weight
        shown, pattern = c.kept(OUT_OF_100, mark, c.full), " + ".join(["{}% × {}%"] * len(means))
        pattern = pattern if weight == 1 else f"({pattern}) ÷ {as_text(weight * 100)}%"
        terms = [term for group, mean in means.items() for term in (self.groups[group] * 100, mean)]
        kept = needed(pattern, *terms, times=100 * ONE, shown=shown)
        said = [_said(c, word(group, c.lang, self.groups), held, self.counted, means.get(group), kept)
                for group, held in counts.items()]
        return {**values, "key": "survey_listed", "groups": c.joined("semicolon", said), "mark": spelt(mark, shown),
                "line": written_out(pattern, *terms, kept=kept), "out_of_100": written_out(OUT_OF_100, mark, c.full, kept=shown)}


def _said(c: Case, group: str, counts: Mapping[str, Fraction], grades: Mapping[str, Fraction], mean: Any, kept: int) -> str:
    """What a group of respondents answered, and their mean to so many decimals; that nobody did where there is none."""
    if mean is None:
        return c.say("survey_absent", group=group)
    line = " + ".join(f"{spelt(count)} × {as_text(grades[grade] * 100)}%" for grade, count in counts.items() if count)
    answers = spelt(Fraction(sum(counts.values())))
    return c.say("survey_group", group=group, line=line, answers=answers, mean=spelt(mean, kept))
