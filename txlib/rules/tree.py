"""The shape of a rule-book's files: frozen models, unknown keys refused."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from annotated_types import Predicate
from pydantic import Discriminator, Field, Tag, model_validator

from txlib.base.fields import (
    Clauses,
    Code,
    Day,
    Decimals,
    Filled,
    Model,
    Number,
    Part,
    Places,
    Positive,
    Quoted,
    Rule,
    Takes,
    Text,
    Tolerance,
    Weight,
    wrong,
)
from txlib.base.files import names_a_folder
from txlib.base.numbers import Half, Ties
from txlib.base.sums import added
from txlib.methods import BesideTheTree, ByName, Method
from txlib.rules.quotas import Quotas


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


# ── the tree ────────────────────────────────────────────────────────────────────────────────────────────────────────


class NotApplicable(Model):
    """What becomes of the weight of an indicator that does not apply to a unit."""

    rule: Literal["redistribute", "peers_mean", "share_of_weight", "not_allowed"]
    share: Part | None = None

    @model_validator(mode="after")
    def _share(self) -> Self:
        if (self.rule == "share_of_weight") != (self.share is not None):
            raise wrong("share_needed")
        return self


class Divisors(Model):
    """What a method that divides gives where the divisor is zero or negative."""

    when_not_positive: Literal["refuse", "full", "zero"]


SUMS = ("weighted_sum", "weighted_mean")  # roll-ups by which a branch has the sum of its children's points
RELATIVE = ("weighted_mean", "geometric", "harmonic", "minimum")  # weights of these need not add up: they are normalised
RollUp = Literal["weighted_sum", "weighted_mean", "geometric", "harmonic", "minimum"]


class Branch(Rule):
    """A branch of branches.yaml, hung into this tree with a weight of its own."""

    clause: Clauses = ()
    use: Code
    weight: Weight


class Named(Rule):
    """What every indicator has."""

    code: Code
    name: Text
    weight: Weight
    not_applicable: NotApplicable | None = None


class Leaf(Named):
    """An indicator that is measured and scored; a bottom line is not meant to part units, only to be kept by all.

    `possible`: the least and the most that a value may be, where its unit of measure would say otherwise.
    """

    role: Literal["bottom_line"] | None = None
    measured_in: Text
    possible: tuple[Number, Number] | None = None
    lead: Code | None = None
    scored_by: Annotated[Method, ByName()]
    divisors: Divisors | None = None

    @model_validator(mode="after")
    def _some_possible(self) -> Self:
        if self.possible is not None and self.possible[0] >= self.possible[1]:
            raise wrong("possible_ends")
        return self


def _geometric_decimals(group: Any) -> Any:
    if (group.roll_up == "geometric") != (group.decimals is not None):
        raise wrong("geometric_decimals")
    return group


class Group(Named):
    """An indicator whose points come from its children."""

    roll_up: RollUp = "weighted_sum"
    decimals: Places | None = None
    children: Annotated[tuple[Indicator, ...], Field(min_length=1)]

    _decimals = model_validator(mode="after")(_geometric_decimals)


def _kind(value: Any) -> str:
    if isinstance(value, Branch) or (isinstance(value, dict) and "use" in value):
        return "use"
    return "group" if isinstance(value, Group) or (isinstance(value, dict) and "children" in value) else "leaf"


Indicator = Annotated[
    Annotated[Branch, Tag("use")] | Annotated[Group, Tag("group")] | Annotated[Leaf, Tag("leaf")],
    Discriminator(_kind),
]


class SharedBranch(Rule):
    """A branch that several categories share, written once; its weight is set where it is used."""

    code: Code
    name: Text
    not_applicable: NotApplicable | None = None
    roll_up: RollUp = "weighted_sum"
    decimals: Places | None = None
    children: Annotated[tuple[Indicator, ...], Field(min_length=1)]

    _decimals = model_validator(mode="after")(_geometric_decimals)


class Adjustment(Rule):
    """Points beside the tree: a bonus or a deduction for events, limited by a cap (1.3a); a penalty has none (1.3i)."""

    code: Code
    name: Text
    cap: Positive | None = None
    scored_by: Annotated[BesideTheTree, ByName(BesideTheTree)]

    @model_validator(mode="after")
    def _capped(self) -> Self:
        if self.scored_by.capped != (self.cap is not None):
            raise wrong("cap_needed")
        return self


class CategoryHead(Rule):
    """Who is compared and ranked with whom; `tie_break` names the indicators that decide between equal scores, in order."""

    code: Code
    name: Text
    tie_break: tuple[Code, ...] = ()


class TreeFile(Model):
    """params/<year>/trees/<category>.yaml; `roll_up` and `decimals`: how level 1 makes the total, sourced by `category`."""

    category: CategoryHead
    roll_up: RollUp = "weighted_sum"
    decimals: Places | None = None
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]
    adjustments: tuple[Adjustment, ...] = ()

    _decimals = model_validator(mode="after")(_geometric_decimals)


# ── the year ────────────────────────────────────────────────────────────────────────────────────────────────────────


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
    """A tier: a share or count of the units, a score to reach, or the rest."""

    code: Code
    name: Text
    takes: Takes = None
    at_least: Number | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.takes is None) == (self.at_least is None):
            raise wrong("takes_or_at_least")
        return self


class Vetoes(Rule):
    """The tiers that a unit under a veto cannot take."""

    bars: Annotated[tuple[Code, ...], Field(min_length=1)]


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
    """Until which day documents count that come after the year: the last date that events, and decisions, may bear."""

    events: Day | None = None
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


Group.model_rebuild()
SharedBranch.model_rebuild()
TreeFile.model_rebuild()
