"""The shape of a rule-book's files: frozen models, unknown keys refused, every number an exact fraction."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from txlib.exact import Amount, Direction, Half, Ties, read_amount, read_number, read_share
from txlib.yamltree import Numeral

NUMBER_SCHEMA: dict[str, Any] = {"type": "number", "description": "15"}
SHARE_SCHEMA = {"type": "string", "pattern": r"^-?(0|[1-9]\d*)(\.\d+)?%$", "description": "30%"}
OF_WEIGHT_SCHEMA = {"type": "string", "pattern": r"^-?(0|[1-9]\d*)(\.\d+)?% of weight$", "description": "60% of weight"}


def wrong(code: str, **values: object) -> PydanticCustomError:
    """A fault of the given kind in labels/faults.yaml."""
    return PydanticCustomError(code, code, values)


def _reader(read: Callable[[str], Any], code: str, *, numeral: bool) -> Callable[[Any], Any]:
    """A validator for one written form. `numeral`: the form is one that YAML takes for a number."""
    def validate(text: Any) -> Any:
        value = read(text) if isinstance(text, str) and (isinstance(text, Numeral) or not numeral) else None
        if value is None:
            raise wrong(code)
        return value
    return validate


def _count(text: str) -> int | None:
    number = read_number(text) if isinstance(text, Numeral) else None
    return int(number) if number is not None and number.denominator == 1 and number >= 0 else None


def _weight(text: str) -> Fraction | None:
    value = read_number(text) if isinstance(text, Numeral) else read_share(text)
    return value if value is not None and value > 0 else None


def _amount(text: str) -> Amount | None:
    value = read_amount(text)
    return None if value is None or isinstance(text, Numeral) is value.of_weight or value.value < 0 else value


def _words(text: Any) -> str:
    if not isinstance(text, str) or isinstance(text, Numeral):
        raise wrong("quotes_needed" if isinstance(text, Numeral) else "text_needed")
    if not text.strip() or not all(c.isprintable() for c in text):
        raise wrong("text_needed")
    return str(text)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Number = Annotated[Fraction, BeforeValidator(_reader(read_number, "number_form", numeral=True)), WithJsonSchema(NUMBER_SCHEMA)]
Share = Annotated[Fraction, BeforeValidator(_reader(read_share, "share_form", numeral=False)), WithJsonSchema(SHARE_SCHEMA)]
Weight = Annotated[Fraction, BeforeValidator(_reader(_weight, "weight_form", numeral=False)),
                   WithJsonSchema({"anyOf": [NUMBER_SCHEMA, SHARE_SCHEMA]})]
Points = Annotated[Amount, BeforeValidator(_reader(_amount, "amount_form", numeral=False)),
                   WithJsonSchema({"anyOf": [NUMBER_SCHEMA, OF_WEIGHT_SCHEMA]})]
Count = Annotated[int, BeforeValidator(_reader(_count, "count_form", numeral=True)),
                  WithJsonSchema({"type": "integer", "minimum": 0})]
Words = Annotated[str, BeforeValidator(_words), WithJsonSchema({"type": "string", "minLength": 1})]
CODE = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
Code = Annotated[Words, Field(pattern=CODE)]
Names = Annotated[tuple[Words, ...], BeforeValidator(_listed), Field(min_length=1),
                  WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})]
Clauses = Annotated[tuple[Words, ...], BeforeValidator(lambda value: [] if value == "silent" else value),
                    WithJsonSchema({"anyOf": [{"const": "silent"}, {"type": "array", "items": {"type": "string"}}]})]


def _or_word(word: str, read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: text if text == word and not isinstance(text, Numeral) else read(text)


def _taken(text: str) -> Fraction | int | str | None:
    return "rest" if text == "rest" else _count(text) if isinstance(text, Numeral) else read_share(text)


COUNT_SCHEMA = {"type": "integer", "minimum": 0}
Decimals = Annotated[int | Literal["exact"], BeforeValidator(_reader(_or_word("exact", _count), "decimals_form", numeral=False)),
                     WithJsonSchema({"anyOf": [{"const": "exact"}, COUNT_SCHEMA]})]
Loss = Annotated[Any, BeforeValidator(_reader(_or_word("proportional", _amount), "loss_form", numeral=False)),
                 WithJsonSchema({"anyOf": [{"const": "proportional"}, NUMBER_SCHEMA, OF_WEIGHT_SCHEMA]})]
Takes = Annotated[Any, BeforeValidator(_reader(_taken, "takes_form", numeral=False)),
                  WithJsonSchema({"anyOf": [{"const": "rest"}, COUNT_SCHEMA, SHARE_SCHEMA]})]


class Model(BaseModel):
    """A frozen mapping that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Model):
    """One text in Chinese and English: `text["zh"]`."""

    zh: Words
    en: Words

    def __getitem__(self, lang: str) -> str:
        return self.en if lang == "en" else self.zh


def _quoted(text: str) -> str | None:
    return text if read_amount(text) is not None or read_share(text) is not None else None


Quoted = Annotated[str, BeforeValidator(_reader(_quoted, "quoted_form", numeral=False)),
                   WithJsonSchema({"anyOf": [NUMBER_SCHEMA, SHARE_SCHEMA, OF_WEIGHT_SCHEMA]})]


def _same_in_both(value: Any) -> Any:
    return {"zh": value, "en": value} if isinstance(value, str) else value


Measure = Annotated[Text, BeforeValidator(_same_in_both, json_schema_input_type=str | Text)]


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


class Rule(Model):
    """A rule cites the clauses it rests on (`silent`: none) and names the assumptions behind its own numbers."""

    clause: Clauses
    assumed: Names = ()


# ── how a leaf is scored ────────────────────────────────────────────────────────────────────────────────────────────

Range = Annotated[tuple[Points, Points], Field(description="from, to")]


class Given(Model):
    """The value is the points, or marks `out_of` so many."""

    method: Literal["given"]
    out_of: Number | None = None


class Completion(Model):
    """Actual ÷ target: credit above and loss below for each percentage point, capped."""

    method: Literal["completion"]
    direction: Direction = "up"
    lose: Loss
    gain: Points | None = None
    cap: Points | None = None
    floor: Points

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.gain is None) != (self.cap is None):
            raise wrong("gain_and_cap")
        return self


class Met(Model):
    """All points where the target is reached, else what is ruled."""

    method: Literal["met"]
    direction: Direction = "up"
    at: Number | None = None
    otherwise: Points


class MinMax(Model):
    """The peers' range from worst to best onto a range of points."""

    method: Literal["min_max"]
    direction: Direction = "up"
    onto: Range


class Goalposts(Model):
    """Fixed ends onto a range of points, clipped or not, linear or logarithmic."""

    method: Literal["goalposts"]
    direction: Direction = "up"
    low: Number
    high: Number
    onto: Range
    scale: Literal["linear", "log"] = "linear"
    clip: Literal["both", "none"] = "both"
    decimals: Count | None = None

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.low >= self.high or (self.scale == "log" and self.low <= 0):
            raise wrong("goalposts_ends")
        if (self.scale == "log") != (self.decimals is not None):
            raise wrong("log_decimals")
        return self


class RankStep(Model):
    """The best takes all, each place below loses a step, down to a floor."""

    method: Literal["rank_step"]
    direction: Direction = "up"
    step: Points
    floor: Points


class RankLadder(Model):
    """Points by place."""

    method: Literal["rank_ladder"]
    direction: Direction = "up"
    points: Annotated[tuple[Points, ...], Field(min_length=1)]
    beyond: Literal["last", "zero"]


class Row(Model):
    """From this value on, these points."""

    from_: Annotated[Number, Field(alias="from")]
    points: Points


class Bands(Model):
    """A table of values and points, in steps or along straight lines."""

    method: Literal["bands"]
    between: Literal["step", "line"]
    edge: Literal["above", "below"] | None = None
    below: Points | None = None
    rows: Annotated[tuple[Row, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _table(self) -> Self:
        starts = [row.from_ for row in self.rows]
        if any(a >= b for a, b in pairwise(starts)):
            raise wrong("rows_ascending")
        if (self.between == "step") != (self.edge is not None and self.below is not None):
            raise wrong("bands_edge")
        return self


class ShareOfBest(Model):
    """The value as a share of the best among the peers."""

    method: Literal["share_of_best"]
    direction: Direction = "up"


Scoring = Annotated[
    Given | Completion | Met | MinMax | Goalposts | RankStep | RankLadder | Bands | ShareOfBest,
    Field(discriminator="method"),
]


# ── the tree ────────────────────────────────────────────────────────────────────────────────────────────────────────


class NotApplicable(Model):
    """What becomes of the weight of an indicator that does not apply to a unit."""

    rule: Literal["redistribute", "peers_mean", "share_of_weight", "not_allowed"]
    share: Share | None = None

    @model_validator(mode="after")
    def _share(self) -> Self:
        if (self.rule == "share_of_weight") != (self.share is not None):
            raise wrong("share_needed")
        return self


class Divisors(Model):
    """What a method that divides gives where the divisor is zero or negative."""

    when_not_positive: Literal["refuse", "full", "zero"]


RollUp = Literal["weighted_sum", "weighted_mean"]


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
    """An indicator that is measured and scored."""

    measured_in: Measure
    lead: Code | None = None
    scored_by: Scoring
    divisors: Divisors | None = None


class Group(Named):
    """An indicator whose points come from its children."""

    roll_up: RollUp = "weighted_sum"
    children: Annotated[tuple[Indicator, ...], Field(min_length=1)]


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "use" if "use" in value else "group" if "children" in value else "leaf"
    return "use" if isinstance(value, Branch) else "group" if isinstance(value, Group) else "leaf"


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
    children: Annotated[tuple[Indicator, ...], Field(min_length=1)]


class CategoryHead(Rule):
    """Who is compared and ranked with whom."""

    code: Code
    name: Text


class TreeFile(Model):
    """params/<year>/trees/<category>.yaml."""

    category: CategoryHead
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]


# ── the year ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Total(Rule):
    """How many points a category's tree gives at most."""

    points: Number


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


class Tiers(Rule):
    """Tiers in descending order; `count` rounds a share of the units, `tied_at_the_cut` lets all in or none."""

    count: Literal["down", "up", "half_up"]
    tied_at_the_cut: Literal["in", "out"]
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _rest_last(self) -> Self:
        if [level.takes == "rest" for level in self.levels] != [False] * (len(self.levels) - 1) + [True]:
            raise wrong("rest_last")
        return self


class Comparison(Rule):
    """How far a published total may lie from ours and still count as reproduced."""

    tolerance: Number


class YearFile(Model):
    """params/<year>/rulebook.yaml."""

    year: Words
    period: Words
    data: Literal["sample", "real"]
    office: Text
    title: Text
    status: Text
    as_of: Words
    categories: Annotated[tuple[Code, ...], Field(min_length=1)]
    total: Total
    rounding: Rounding
    ties: TiesRule
    not_applicable: NotApplicableRule
    divisors: DivisorsRule
    tiers: Tiers | None = None
    comparison: Comparison | None = None


class RunParameters(Model):
    """params/<year>/<category>.yaml, for papermill."""

    year: Words
    category: Code


Group.model_rebuild()
SharedBranch.model_rebuild()
TreeFile.model_rebuild()
