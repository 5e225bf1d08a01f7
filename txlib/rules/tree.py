"""The shape of a rule-book's files: frozen models, unknown keys refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from txlib.base.fields import (
    EQUAL,
    Clauses,
    Code,
    Limit,
    Model,
    Number,
    Part,
    Places,
    Positive,
    Rule,
    Text,
    Units,
    Weight,
    wrong,
)
from txlib.methods import BesideTheTree, ByName, Calculated, Method
from txlib.rules.caps import CommonCap
from txlib.rules.conditions import Gates, Steps, Threshold, ValueGate
from txlib.rules.figures import Computed, Figures


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


def by_unit(own: Sequence[Collection[str]], among: Collection[str] = ()) -> dict[tuple[bool, ...], list[str]]:
    """By which of some siblings are assessed for them, the units that rules name; all of the siblings, of no unit by name, where
    rules name nobody.

    `own`: for each sibling its units, none where it is everybody's; `among`: those of the branch above.
    """
    found: dict[tuple[bool, ...], list[str]] = {}
    for unit in among or dict.fromkeys(unit for units in own for unit in units):
        found.setdefault(tuple(not units or unit in units for units in own), []).append(unit)
    return found or {(True,) * len(own): []}


def evenly(weights: Sequence[Any], parted: Iterable[tuple[bool, ...]]) -> list[Any]:
    """The weights of siblings; where they are equal, each as its share: one of as many as are a unit's at most (by_unit)."""
    alike = bool(weights) and all(each == EQUAL for each in weights)
    return [Fraction(1, max(map(sum, parted)))] * len(weights) if alike else list(weights)


class Branch(Rule):
    """A branch of branches.yaml, hung into this tree with a weight of its own; `units` as of every indicator."""

    clause: Clauses = ()
    use: Code
    weight: Weight
    units: Units = Field((), alias="for")


class Weighed(Rule):
    """What everything in a tree has."""

    code: Code
    name: Text
    weight: Weight
    not_applicable: NotApplicable | None = None


class Named(Weighed):
    """What every indicator has; `units`: the only ones that it is assessed for, everybody where there are none; `figures`: what
    is handed in here for values and targets to be made of, here and below.
    """

    units: Units = Field((), alias="for")
    figures: Figures | None = None


def _again(method: Method) -> bool:
    """Whether a method may score points once more: by place or by the best, more being better."""
    return bool(getattr(method, "direction", "up") == "up")


class Scorable(Weighed):
    """What is scored by a method; a bottom line is not meant to part units, only to be kept by all.

    Always in this order: who does not keep all of `only_if` gets what `if_not` says and is no peer of the others, `scored_by`
    gives points, of `steps` the first that holds takes its share of them, `then` scores the points found once more.
    """

    role: Literal["bottom_line"] | None = None
    scored_by: Annotated[Method, ByName()]
    divisors: Divisors | None = None
    only_if: Gates = ()
    if_not: Literal["zero", "full"] = "zero"
    steps: Steps = ()
    then: Annotated[Method, ByName(being="scores_again")] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        lines = [each.line for each in (*self.only_if, *self.steps) if isinstance(each, Threshold)]
        if any(line in ("target", "last_year") and line != self.scored_by.beside for line in lines):
            raise wrong("line_beside")
        if self.then is not None and (not _again(self.then) or self.scored_by.by_place):
            raise wrong("then_method")
        if "if_not" in self.model_fields_set and not self.only_if:
            raise wrong("if_not_alone")
        divides = type(self.scored_by).divisor is not Method.divisor
        if self.only_if and divides and self.scored_by.uses_peers and (
                self.divisors is None or self.divisors.when_not_positive == "refuse"):
            raise wrong("gate_divisors")
        return self


class Measured(Named):
    """What is measured: its unit of measure, and who hands it in; or what its value, and its target, are made of.

    `jointly`: the departments that lead it with `lead`, who hands it in, by their shares; the rest is the lead's.

    `possible`: the least and the most that a value may be, where its unit of measure would say otherwise.
    """

    measured_in: Text
    possible: tuple[Number, Number] | None = None
    lead: Code | None = None
    jointly: Mapping[Code, Part] | None = None
    value: Computed | None = None
    target: Computed | None = None

    @model_validator(mode="after")
    def _some_possible(self) -> Self:
        if self.possible is not None and self.possible[0] >= self.possible[1]:
            raise wrong("possible_ends")
        return self

    @model_validator(mode="after")
    def _led_jointly(self) -> Self:
        if self.jointly and (self.lead is None or self.lead in self.jointly or sum(self.jointly.values()) >= 1):
            raise wrong("jointly_shares")
        return self


class Leaf(Measured, Scorable):
    """An indicator that is measured and scored."""

    @model_validator(mode="after")
    def _can_be_made(self) -> Self:
        _made_for(self, self.scored_by)
        return self


class NumberPart(Scorable):
    """One of several scorings of a number that is handed in once."""

    @property
    def units(self) -> tuple[str, ...]:
        """Whose it is: everybody's whose the number is."""
        return ()

    @model_validator(mode="after")
    def _of_a_number(self) -> Self:
        if not isinstance(self.scored_by, Calculated):
            raise wrong("scoring_of_rows")
        return self


class Parts(Measured):
    """A branch whose leaves score one number, handed in once under its code."""

    children: Annotated[tuple[NumberPart, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _can_be_made(self) -> Self:
        _made_for(self, *(each.scored_by for each in self.children))
        return self


def _made_for(node: Measured, *rules: Method) -> None:
    """A value is made for methods that take one, a target for one that needs it."""
    if node.value and not all(isinstance(rule, Calculated) for rule in rules):
        raise wrong("value_of_rows")
    if node.target and not any(rule.beside == "target" for rule in rules):
        raise wrong("target_idle")


def _geometric_decimals(group: Any) -> Any:
    if (group.roll_up == "geometric") != (group.decimals is not None):
        raise wrong("geometric_decimals")
    return group


def _fits_branch(rule: Any) -> Any:
    if not rule.fits_branch:
        raise wrong("branch_prices")
    return rule


OnABranch = Annotated[Method, ByName(being="on_branches"), AfterValidator(_fits_branch)]


class Group(Named):
    """An indicator whose points come from its children; `adjusted_by`: what is found at it itself adds to them, or takes off."""

    roll_up: RollUp = "weighted_sum"
    decimals: Places | None = None
    adjusted_by: OnABranch | None = None
    children: Annotated[tuple[Indicator, ...], Field(min_length=1)]

    _decimals = model_validator(mode="after")(_geometric_decimals)


def _kind(value: Any) -> str:
    if isinstance(value, Branch) or (isinstance(value, dict) and "use" in value):
        return "use"
    if not isinstance(value, Group | Parts) and not (isinstance(value, dict) and "children" in value):
        return "leaf"
    return "parts" if isinstance(value, Parts) or (isinstance(value, dict) and "measured_in" in value) else "group"


Indicator = Annotated[
    Annotated[Branch, Tag("use")] | Annotated[Group, Tag("group")] | Annotated[Parts, Tag("parts")]
    | Annotated[Leaf, Tag("leaf")],
    Discriminator(_kind),
]


class SharedBranch(Rule):
    """A branch that several categories share, written once; its weight is set where it is used."""

    code: Code
    name: Text
    not_applicable: NotApplicable | None = None
    figures: Figures | None = None
    roll_up: RollUp = "weighted_sum"
    decimals: Places | None = None
    adjusted_by: OnABranch | None = None
    children: Annotated[tuple[Indicator, ...], Field(min_length=1)]

    _decimals = model_validator(mode="after")(_geometric_decimals)


class Adjustment(Rule):
    """Points beside the tree: a bonus or a deduction for events, limited by a cap (1.3a), or `none` of its own; a penalty has no
    cap (1.3i).

    Who does not keep all of `only_if` gets none. `then`: the points of a bonus, not limited before, scored once more, with the
    cap for full points.
    """

    code: Code
    name: Text
    cap: Limit | None = None
    scored_by: Annotated[BesideTheTree, ByName(BesideTheTree)]
    only_if: Gates = ()
    then: Annotated[Method, ByName(being="scores_again")] | None = None

    @model_validator(mode="after")
    def _capped(self) -> Self:
        if self.scored_by.capped != (self.cap is not None):
            raise wrong("cap_needed")
        bonus = isinstance(self.cap, Fraction) and self.scored_by.kind == "bonus"
        if self.then is not None and not (bonus and _again(self.then)):
            raise wrong("then_bonus")
        if any(isinstance(each, ValueGate) and each.indicator is None for each in self.only_if):
            raise wrong("gate_of_bonus")
        return self


class CategoryHead(Rule):
    """Who is compared and ranked with whom; `tie_break` names the indicators that decide between equal scores, in order.

    `total`: the points that its tree gives at most, where they are not the year's.
    """

    code: Code
    name: Text
    total: Positive | None = None
    tie_break: tuple[Code, ...] = ()


class TreeFile(Model):
    """params/<year>/trees/<category>.yaml; `roll_up` and `decimals`: how level 1 makes the total, sourced by `category`."""

    category: CategoryHead
    roll_up: RollUp = "weighted_sum"
    decimals: Places | None = None
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]
    adjustments: tuple[Adjustment, ...] = ()
    caps: tuple[CommonCap, ...] = ()

    _decimals = model_validator(mode="after")(_geometric_decimals)


Group.model_rebuild()
SharedBranch.model_rebuild()
TreeFile.model_rebuild()
