"""How marks must differ, as it stands in a rule-book: quotas, full marks, penalties, signs of levelling (1.3e–1.3i)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from txlib.base.fields import Code, Count, Grade, Mark, Part, Positive, Rule, Side, Text, wrong

Counting = Literal["down", "up", "half_up"]
Per = Literal["category", "item"]


class Quota(Rule):
    """How many of the units may, or must, have marks on one side of a line out of 100 (1.3g).

    `count` makes a share of the units a whole number of them. `or_marks` is the other reading of the line where the
    plan leaves it open (80分以下: below 80, or at most 80); the audit says what it would change.
    """

    code: Code
    name: Text
    marks: Side
    or_marks: Side | None = None
    line: Mark
    units: Literal["at_most", "at_least"]
    share: Grade
    count: Counting


class FullMarks(Rule):
    """In principle no unit has full marks (1.3h): those that have are named, and nothing follows."""


class Quantitative(Rule):
    """The share of an item's points that is counted, not judged (1.3e)."""

    at_least: Part


class Penalty(Rule):
    """What a lead department loses where it missed the quotas: once a category, or for each item in it (1.3i)."""

    points: Positive
    per: Per


class NextYear(Rule):
    """From how many categories missed on a lead department's weight is lowered, or its right to assess withdrawn (1.3i)."""

    lower_from: Annotated[Count, Field(ge=1)]
    withdraw_from: Annotated[Count, Field(ge=1)]

    @model_validator(mode="after")
    def _milder_first(self) -> Self:
        if self.withdraw_from < self.lower_from:
            raise wrong("next_year_order")
        return self


class Levelling(Rule):
    """From where on marks that keep the quotas look levelled all the same.

    `near_share` of the units or more within `near` points of a line, on its outer side; distinct marks for less than the
    share `distinct` of the units; all units within `band` points; another item's order, but for a share of at most `turned`
    of the pairs of units, where that comes about by chance with a probability of at most `copied`. Nothing is said of fewer
    than `smallest` units.
    """

    near: Positive
    near_share: Part
    distinct: Part
    band: Positive
    smallest: Annotated[Count, Field(ge=2)]
    turned: Grade
    copied: Part


class Quotas(Rule):
    """The differentiation that the plan asks of marks; units are counted by item and category, or by item (`per`).

    A group of fewer than `smallest` units is listed and not judged; `or_smallest` is the other choice, for comparison.
    """

    per: Per
    smallest: Annotated[Count, Field(ge=1)]
    or_smallest: Annotated[Count, Field(ge=1)] | None = None
    levels: Annotated[tuple[Quota, ...], Field(min_length=1)]
    full_marks: FullMarks | None = None
    quantitative: Quantitative | None = None
    penalty: Penalty | None = None
    next_year: NextYear | None = None
    levelling: Levelling | None = None

    @model_validator(mode="after")
    def _own_codes(self) -> Self:
        if len({level.code for level in self.levels}) < len(self.levels):
            raise wrong("quota_twice")
        return self
