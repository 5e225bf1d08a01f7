"""Figures that are handed in, and the values and targets that are made of them by one operation (基础数据)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from txlib.base.faults import Fault, Where, asked
from txlib.base.fields import Code, Model, Places, Text, wrong
from txlib.base.numbers import rounded_one
from txlib.methods.words import ByCode, Coded
from txlib.rules.source import Block, Items, Place, texts

DIGITS = 15  # of a number that does not end and whose decimals no rule says: as many as a spreadsheet keeps
PATTERNS = {"sum": " + ", "difference": " − ", "product": " × ", "quotient": " ÷ "}
TwoFigures = Annotated[tuple[Code, ...], Field(min_length=2, max_length=2)]
SomeFigures = Annotated[tuple[Code, ...], Field(min_length=2)]


class Figure(Model):
    """A number that is handed in for others to be made of: what it is measured in, nothing where it is a bare coefficient."""

    measured_in: Text | None = None


Figures = Annotated[Coded, ByCode("", Figure)]


class Computed(Model):
    """A value or target as the sum, difference, product or quotient of figures, `as` percent where it is a share.

    `decimals`: to so many it is rounded, a half away from zero; a quotient without keeps DIGITS digits.
    """

    sum: SomeFigures | None = None
    difference: TwoFigures | None = None
    product: SomeFigures | None = None
    quotient: TwoFigures | None = None
    percent: Literal["percent"] | None = Field(None, alias="as")
    decimals: Places | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(getattr(self, name) is not None for name in PATTERNS) != 1 or (self.percent and not self.quotient):
            raise wrong("one_operation")
        return self

    @property
    def operation(self) -> str:
        """Which of the four it is."""
        return next(name for name in PATTERNS if getattr(self, name) is not None)

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures that it is made of, in order."""
        codes: tuple[str, ...] = getattr(self, self.operation)
        return codes

    def of(self, numbers: list[Fraction]) -> Fraction:
        """What these numbers of its figures come to; the divisor of a quotient is not 0."""
        first, *others = numbers
        for each in others:
            first = {"sum": first + each, "difference": first - each, "product": first * each,
                     "quotient": first / each if self.quotient else first}[self.operation]
        first *= 100 if self.percent else 1
        if self.decimals is not None:
            return rounded_one(first, self.decimals)
        return Fraction(f"{float(first):.{DIGITS}g}") if self.quotient else first


class Made(NamedTuple):
    """What a node's value or target (`column`) is made of: where each figure is handed in, with its name and measure."""

    column: str
    by: Computed
    homes: tuple[str, ...]
    names: tuple[Text, ...]
    measured_in: tuple[Text | None, ...]


def made(node: Any, known: Mapping[str, tuple[str, Text, Text | None]]) -> tuple[Made, ...]:
    """What a node says of its value and target; `known`: by figure its home, name and measure."""
    found = []
    for column in ("value", "target"):
        if by := getattr(node, column, None):
            homes, names, measures = zip(*(known[code] for code in by.figures), strict=True)
            found.append(Made(column, by, homes, names, measures))
    return tuple(found)


def faults_of(indicators: Items, branches: Block, known: Mapping[str, Place] | None = None,
              inside: tuple[str, ...] = ()) -> Iterator[Fault]:
    """Figures that values are made of and that are handed in nowhere above; figures of which nothing is made, or that stand above
    already. `known`: those from above; `inside`: the shared branches that are hung in around."""
    for block in (each for each in indicators if isinstance(each, Block)):
        name = block.get("use")
        within = (*inside, name) if isinstance(name, str) else inside
        node = branches.get(name) if isinstance(name, str) else block
        if not isinstance(node, Block) or len(set(within)) < len(within):
            continue
        own, where = node.get("figures"), str(node.get("code"))
        own = own if isinstance(own, Block) else Block(node.file, node.line)
        for code in own:
            place, at = own.place(code), Where(indicator=where, column="figures")
            if code in (known or {}):
                yield Fault.of("figure_twice", *place, at, found=code, first=(known or {})[code][1])
            elif code not in _used(node, branches, within):
                yield Fault.of("figure_idle", *place, at, found=code)
        there = {**(known or {}), **{code: own.place(code) for code in own}}
        for column, by in ((column, by) for column in ("value", "target") if isinstance(by := node.get(column), Block)):
            for code in (code for operation in PATTERNS for code in texts(by.get(operation)) if code not in there):
                at = Where(indicator=where, column=column)
                yield Fault.of("figure_unknown", *by.place(), at, found=code, near=asked(code, there))
        if isinstance(below := node.get("children"), Items):
            yield from faults_of(below, branches, there, within)


def _used(node: Block, branches: Block, inside: tuple[str, ...]) -> set[str]:
    """The figures of which values and targets are made here and below."""
    by = [each for column in ("value", "target") if isinstance(each := node.get(column), Block)]
    found = {code for each in by for operation in PATTERNS for code in texts(each.get(operation))}
    below = node.get("children")
    for block in below if isinstance(below, Items) else ():
        name = block.get("use") if isinstance(block, Block) else None
        hung = branches.get(name) if isinstance(name, str) and name not in inside else block
        if isinstance(hung, Block):
            found |= _used(hung, branches, (*inside, name) if isinstance(name, str) else inside)
    return found
