"""Lines that a rule draws beside a method: conditions under which something counts, steps at which points count in part."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from txlib.base.fields import Code, Grade, Model, Number, Reference, Side, wrong

BEYOND: Mapping[Side, Callable[[Any, Any], Any]] = {
    "at_least": operator.ge, "above": operator.gt, "at_most": operator.le, "below": operator.lt}


class Threshold(Model):
    """A line of a leaf's own value: a number, or the target, last year's value or the peers' mean, `plus` so much."""

    value: Side
    line: Reference
    plus: Number | None = None

    @model_validator(mode="after")
    def _plus_a_word(self) -> Self:
        if self.plus is not None and not isinstance(self.line, str):
            raise wrong("plus_a_number")
        return self


class ValueGate(Threshold):
    """A value beyond a line; that of another indicator has a number for its line."""

    indicator: Code | None = None

    @model_validator(mode="after")
    def _line_of_another(self) -> Self:
        if self.indicator is not None and isinstance(self.line, str):
            raise wrong("line_of_another")
        return self


class ShareGate(Model):
    """A share attained of the full points of another indicator, beyond a line."""

    indicator: Code
    attained: Side
    line: Grade


class VetoGate(Model):
    """A unit under no veto."""

    unit: Literal["not_vetoed"]


def _kind(condition: Any) -> str:
    return next((key for key in ("attained", "unit") if key in condition or hasattr(condition, key)), "value")


Gate = Annotated[
    Annotated[ValueGate, Tag("value")] | Annotated[ShareGate, Tag("attained")] | Annotated[VetoGate, Tag("unit")],
    Discriminator(_kind),
]


class Step(Threshold):
    """From a line on, points count at a share of them."""

    counts: Grade

    def covers(self, other: Step) -> bool:
        """Whether it holds wherever another does, whatever is handed in."""
        alike = self.line == other.line or not (isinstance(self.line, str) or isinstance(other.line, str))
        down = ("below", "at_most")
        if not alike or (self.value in down) != (other.value in down):
            return False
        mine, others = (each.plus or Fraction(0) if isinstance(each.line, str) else each.line for each in (self, other))
        further = others < mine if self.value in down else others > mine
        return further or (others == mine and (self.value == other.value or self.value in ("at_most", "at_least")))


def _each_holds(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Of several the first that holds counts: one that only holds where one before it does never counts."""
    if any(before.covers(step) for i, step in enumerate(steps) for before in steps[:i]):
        raise wrong("step_idle")
    return steps


Gates = Annotated[tuple[Gate, ...], Field(min_length=1)]
Steps = Annotated[tuple[Step, ...], Field(min_length=1), AfterValidator(_each_holds)]
