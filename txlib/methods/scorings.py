"""How a leaf is scored, as it stands in a rule-book: one model a method (`methods` computes them)."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from txlib.base.fields import Code, DontKnow, FullAt, Grade, Loss, Model, Number, Part, Places, Points, Positive, wrong
from txlib.base.numbers import Direction

Range = Annotated[tuple[Points, Points], Field(description="from, to")]


class Given(Model):
    """The value is the points, or marks `out_of` so many."""

    method: Literal["given"]
    out_of: Number | None = None

    @model_validator(mode="after")
    def _above_zero(self) -> Self:
        if self.out_of is not None and self.out_of <= 0:
            raise wrong("out_of_above_zero")
        return self


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
    decimals: Places | None = None

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
        if {self.edge is not None, self.below is not None} != {self.between == "step"}:
            raise wrong("bands_edge")
        return self


class ShareOfBest(Model):
    """The value as a share of the best among the peers."""

    method: Literal["share_of_best"]
    direction: Direction = "up"


class Efficacy(Model):
    """The efficacy coefficient (功效系数): base points at the unacceptable value, full points at the satisfactory one."""

    method: Literal["efficacy"]
    unacceptable: Number
    satisfactory: Number
    base: Points
    floor: Points
    most: Points

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.unacceptable == self.satisfactory:
            raise wrong("efficacy_ends")
        return self


class Growth(Model):
    """Change on last year in percent: `flat` points at none, gain and loss for each percentage point."""

    method: Literal["growth"]
    direction: Direction = "up"
    flat: Points
    gain: Points
    lose: Points
    floor: Points
    most: Points


class ZScore(Model):
    """Standard deviations ahead of the peers' mean."""

    method: Literal["z_score"]
    direction: Direction = "up"
    centre: Points
    per_deviation: Points
    deviation: Literal["population", "sample"]
    floor: Points
    most: Points
    decimals: Places


class ContributionShare(Model):
    """The unit's share of the peers' total, or of its increase on last year; full points at the share named."""

    method: Literal["contribution_share"]
    of: Literal["total", "increment"]
    full_at: FullAt
    floor: Points
    most: Points


class SuperiorRank(Model):
    """The city's place among its peers on the superior indicators that the unit answers for (1.1a), by its shares."""

    method: Literal["superior_rank"]
    step: Points
    floor: Points


class Survey(Model):
    """Grades given by weighted groups of respondents (1.4a): by some who were asked, or by `all` whose answer was wanted."""

    method: Literal["survey"]
    groups: Annotated[dict[Code, Part], Field(min_length=1)]
    grades: Annotated[dict[Code, Grade], Field(min_length=1)]
    dont_know: DontKnow
    absent_group: Literal["refuse", "redistribute"]
    asked: Literal["some", "all"] = "some"

    @model_validator(mode="after")
    def _groups_add_up(self) -> Self:
        if sum(self.groups.values()) != 1:
            raise wrong("groups_sum")
        if "dont_know" in self.grades:
            raise wrong("grade_dont_know")
        return self


class Marks(Model):
    """Marks `out_of` so many, of which the quantitative part carries a share (1.3e)."""

    method: Literal["marks"]
    out_of: Positive
    quantitative: Part


class Beside(Model):
    """What adds or takes points beside the tree."""

    kind: Literal["bonus", "deduction"]


class QuotaPenalty(Beside):
    """What a lead department loses whose marks miss the differentiation: points and scope stand in `quotas` (1.3i)."""

    method: Literal["quota_penalty"]
    kind: Literal["deduction"]


class PerEvent(Beside):
    """Points for each event, by its level: a bonus for honours, a deduction for what went wrong."""

    method: Literal["per_event"]
    levels: Annotated[dict[Code, Positive], Field(min_length=1)]
    same_honour: Literal["highest", "each"]
    several_units: Literal["each", "split", "by_share"]


Scoring = Annotated[
    Given | Completion | Met | MinMax | Goalposts | RankStep | RankLadder | Bands | ShareOfBest | Efficacy | Growth | ZScore
    | ContributionShare | SuperiorRank | Survey | Marks,
    Field(discriminator="method"),
]
Adjusting = Annotated[PerEvent | QuotaPenalty, Field(discriminator="method")]
