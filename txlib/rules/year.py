"""The shape of the files of a year beside its trees: its rules, its clauses, its assumptions, a category's run parameters."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal, Self

from annotated_types import Predicate
from pydantic import Field, model_validator

from txlib.base.fields import (
    Code,
    Day,
    Decimals,
    Filled,
    Model,
    Number,
    Part,
    Positive,
    Quoted,
    Rule,
    Takes,
    Text,
    Tolerance,
    wrong,
)
from txlib.base.files import names_a_folder
from txlib.base.numbers import Half, Ties
from txlib.base.sums import added
from txlib.rules.quotas import Quotas
from txlib.rules.tree import Divisors, NotApplicable


class Clause(Model):
    """A clause of the plan: its term, what it says in our own words, the numbers that it gives."""

    term: Text
    says: Text
    gives: tuple[Quoted, ...] = ()


class Assumption(Model):
    """What is assumed where the plan is silent, and why, under a short term."""

    term: Text
    assumes: Text
    reason: Text


class Total(Rule):
    """How many points a category's tree gives at most."""

    points: Positive


class Rounding(Rule):
    """Where numbers are rounded (`exact`: they are not) and which way a half goes."""

    leaf: Decimals
    total: Decimals
    half: Half


class TiesRule(Rule):
    """Which place equal scores take."""

    method: Ties


class NotApplicableRule(Rule, NotApplicable):
    """The year's rule for indicators that do not apply."""


class DivisorsRule(Rule, Divisors):
    """The year's rule for divisors that are zero or negative."""


class Level(Model):
    """A tier: a share or count of the units, a score to reach, both of them, or the rest."""

    code: Code
    name: Text
    takes: Takes = None
    at_least: Number | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if self.at_least is None if self.takes is None else self.takes == "rest" and self.at_least is not None:
            raise wrong("takes_or_at_least")
        return self


class Vetoes(Rule):
    """The tiers that a unit under a veto cannot take; `filling`: whether the next move up into the place that it leaves."""

    bars: Annotated[tuple[Code, ...], Field(min_length=1)]
    filling: Literal["none", "next"] = "none"


class Tiers(Rule):
    """Tiers in descending order; `count` rounds a share of the units, `tied_at_the_cut` lets all in or none."""

    count: Literal["down", "up", "half_up"]
    tied_at_the_cut: Literal["in", "out"]
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]
    vetoes: Vetoes | None = None

    @model_validator(mode="after")
    def _hang_together(self) -> Self:
        codes = [level.code for level in self.levels]
        if self.vetoes and (set(self.vetoes.bars) - set(codes) or codes[-1] in self.vetoes.bars):
            raise wrong("bars_tiers")
        if len(set(codes)) < len(codes):
            raise wrong("tier_twice")
        shares = {level.code: level.takes for level in self.levels if isinstance(level.takes, Fraction)}
        if sum(shares.values()) > 1:
            raise wrong("tiers_sum", terms=added(shares))
        lines = [level.at_least for level in self.levels if level.at_least is not None]
        if any(above <= below for above, below in pairwise(lines)):
            raise wrong("tier_lines")
        *others, last = [level.takes == "rest" for level in self.levels]
        if any(others) or not last:
            raise wrong("rest_last")
        return self


class Closes(Rule):
    """Until which day documents count that come after the year: the last date that events, findings and decisions may bear."""

    events: Day | None = None
    findings: Day | None = None
    decisions: Day | None = None


class Due(Rule):
    """The day by which everything is to be handed in; what comes later is read all the same."""

    day: Day


class DataErrorRule(Rule):
    """How far what was handed in may lie from the truth; sensitivity reads it, no score depends on it."""

    marks: Part


class Comparison(Rule):
    """How far a published total may lie from ours and still count as reproduced."""

    tolerance: Tolerance


class YearFile(Model):
    """params/<year>/rulebook.yaml."""

    year: Filled
    period: Filled
    data: Literal["sample", "real"]
    office: Text
    title: Text
    status: Text
    as_of: Day
    last_year: Filled | None = None
    categories: Annotated[tuple[Annotated[Code, Predicate(names_a_folder)], ...], Field(min_length=1)]
    total: Total
    rounding: Rounding
    ties: TiesRule
    not_applicable: NotApplicableRule
    divisors: DivisorsRule
    tiers: Tiers | None = None
    data_error: DataErrorRule | None = None
    comparison: Comparison | None = None
    closes: Closes | None = None
    due: Due | None = None
    quotas: Quotas | None = None


class RunParameters(Model):
    """params/<year>/<category>.yaml, for papermill."""

    year: Filled
    category: Code
