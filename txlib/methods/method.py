"""What every method is: a rule of a rule-book with all that the rest of the house asks of it.

Code asks the method (its table, the column beside the value, whether it goes by places), never its name. A column is all
`Fraction` (object dtype, exact) or all float64; points come back in kind.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from txlib.base.fields import Model
from txlib.base.numbers import (
    Amount,
    Array,
    Bools,
    Direction,
    Floats,
    constant,
    exact,
    floats,
    is_exact,
    near_half,
    places,
    rounded,
)

if TYPE_CHECKING:
    import pandas as pd

    from txlib.methods.words import Case

Scalar = Any  # a Fraction beside Fractions, a float beside floats
Ends = tuple[Scalar, Scalar]
Beside = Literal["target", "last_year"]
TOTAL = "total"  # what a unit attained in all, beside the codes of indicators
Refusal = tuple[str, str, dict[str, Any]]  # a kind of fault, the column it is in, the values that its texts name


class Scored(NamedTuple):
    """The points of each unit, and its place (float64) where the method goes by places.

    `doubtful`: floats whose rounding, as the method rules it, only fractions can settle.
    """

    points: Array
    place: Array | None
    doubtful: Bools


@dataclass(frozen=True)
class Column:
    """A leaf's applicable units; statistics and places (`ties`: as ruled) are taken from `peers`, the column of all of them."""

    value: Array
    beside: Array | None
    peers: Array
    full: Fraction
    peers_beside: Array | None = None
    place: Array | None = None
    ties: str = "min"

    @property
    def other(self) -> Array:
        """The column beside the value: the target, or last year's value."""
        if self.beside is None:
            raise ValueError("a target or last year's value is needed for each unit")
        return self.beside

    @property
    def parts(self) -> tuple[Array, Array]:
        """What each unit added on last year, for the column and for all its peers, in the arithmetic of the values."""
        others = self.other if self.peers_beside is None else self.peers_beside
        alike = is_exact(self.value) and not is_exact(self.peers)
        return self.value - self.other, exact(self.peers) - exact(others) if alike else self.peers - others

    @property
    def mean(self) -> Scalar:
        """The mean of the peers, in the arithmetic of the values; the same in whatever order they stand."""
        if is_exact(self.value):
            return (self.peers if is_exact(self.peers) else exact(self.peers)).sum() / len(self.peers)
        return math.fsum(floats(self.peers)) / len(self.peers)

    @property
    def ends(self) -> Ends:
        """The lowest and the highest value of the peers, in the arithmetic of the values."""
        ends = np.array([self.peers.min(), self.peers.max()])
        lowest, highest = exact(ends) if is_exact(self.value) and not is_exact(ends) else ends
        return lowest, highest

    def best(self, direction: Direction) -> Scalar:
        """The best value of the peers."""
        return self.ends[1 if direction == "up" else 0]

    def number(self, ruled: Fraction) -> Scalar:
        """A ruled number in the arithmetic of the values."""
        return constant(ruled, self.value)

    def points(self, ruled: Amount | None) -> Scalar:
        """A ruled amount of points; none is 0."""
        return self.number(Fraction(0) if ruled is None else ruled.points(self.full))

    def onto(self, ruled: tuple[Amount, Amount]) -> Ends:
        """A ruled range of points."""
        return self.points(ruled[0]), self.points(ruled[1])

    def placed(self, direction: Direction, ties: Any) -> Column:
        """The same with the place of each unit."""
        # A Fraction rarely equals the float that stands for it: unlike columns meet as floats, without loss.
        alike = is_exact(self.value) == is_exact(self.peers)
        mine, others = (self.value, self.peers) if alike else (floats(self.value), floats(self.peers))
        return replace(self, place=places(mine, others, direction=direction, ties=ties), ties=ties)

    @property
    def place_number(self) -> Array:
        """The places in the arithmetic of the values."""
        assert self.place is not None
        return exact(self.place) if is_exact(self.value) else self.place

    def where(self, kept: Array) -> Column:
        """The same leaf for some of its units, among the same peers."""
        beside = None if self.beside is None else self.beside[kept]
        return replace(self, value=self.value[kept], beside=beside)


class Ballots(NamedTuple):
    """Answers of people who were chosen among many, so that others alike might have answered.

    `groups`: for each unit, the weight of each group that answered and how many gave each grade; `value`: what a grade is
    worth; `counted`: 1 where it counts, else 0.
    """

    groups: list[list[tuple[float, Any]]]
    value: Floats
    counted: Floats


class Method(Model):
    """How a leaf is scored.

    `table`: where its units are handed in; `beside`: the column needed beside the value; `by_place`: points follow from
    places; `uses_peers`: the values of other units change a unit's points; `judged`: the value is a mark that somebody gives;
    `marked`: lead departments mark it in two parts, which audits look at; `divides_by_beside`: a unit's own column beside the
    value is a divisor; `adds_up`: it is taken off the value; `never_negative`: no value is below zero; `scores_again`: points
    found by another method may be its values; `on_branches`: it may stand beside a branch's children (OnBranch); `linked`: what
    units of other categories attained that it is scored from, TOTAL or an indicator of theirs.
    """

    method: str

    table: ClassVar[str] = "observations"
    beside: ClassVar[Any] = None  # or a property of the rule: a method may need a column or not
    by_place: ClassVar[bool] = False
    uses_peers: ClassVar[Any] = False  # or a property of the rule
    judged: ClassVar[bool] = False
    marked: ClassVar[bool] = False
    divides_by_beside: ClassVar[bool] = False
    adds_up: ClassVar[bool] = False
    never_negative: ClassVar[bool] = False
    scores_again: ClassVar[bool] = False
    on_branches: ClassVar[bool] = False
    linked: ClassVar[Any] = ""  # or a property of the rule

    def divisor(self, c: Column) -> Array | None:
        """What must be above zero for the formula: a number a unit, one for all (0-d), or None: nothing."""
        return None

    def held(self, points: Array, c: Column) -> Array:
        """Points within the limits that the rule gives."""
        return points

    def sign(self, full: Fraction) -> int:
        """1 where more is better, -1 where less is, 0 where it turns."""
        return 1

    def limits(self, full: Fraction) -> Mapping[str, Fraction]:
        """The most that columns handed in may hold, where the rule says so; their least is 0."""
        return {}

    @property
    def on_line_above(self) -> bool:
        """Whether a value on one of its lines counts with those above it."""
        return True

    def lines(self, other: Scalar, full: Fraction) -> Sequence[Scalar]:
        """The values at which points jump or turn, beside this target; a unit at one side fares otherwise than at the other."""
        return () if self.beside != "target" else (other,)

    def refusals(self, value: float, full: Fraction) -> Iterator[Refusal]:
        """Why the method cannot work with a value by itself."""
        yield from ()

    def words(self, c: Case) -> dict[str, Any]:
        """The values of the method's sentence; `key`: another of its texts than that of its name."""
        return {}

    def divisor_of(self, value: Array, other: Array | None, *, peers: Array | None = None,
                   peers_beside: Array | None = None) -> Array | None:
        """The divisor of columns; None where there are no units."""
        column = Column(value, other, value if peers is None else peers, Fraction(0), peers_beside)
        return self.divisor(column) if column.peers.size else None


class Calculated(Method):
    """A method that calculates points from a column of observations."""

    @abstractmethod
    def formula(self, c: Column) -> Array:
        """The points of a column of at least one unit whose divisor is above zero."""

    def score(self, value: Array, other: Array | None, *, full: Fraction, ties: str, when_not_positive: str,
              peers: Array | None = None, peers_beside: Array | None = None) -> Scored:
        """The points of a leaf's applicable units, in the arithmetic of `value`; places where the method has any.

        `other`: the column that the rule needs beside the value; `peers`, `peers_beside`: the float64 columns of all applicable
        units where `value` holds some of them. Where the divisor is not above zero, full points or none, as ruled, or ValueError.
        """
        column = Column(value, other, value if peers is None else peers, full, other if peers is None else peers_beside)
        if value.size == 0:
            return Scored(value.copy(), floats(value) if self.by_place else None, np.zeros(0, dtype=bool))
        if self.by_place:
            column = column.placed("up" if self.sign(full) > 0 else "down", ties)
        by = self.divisor_of(value, other, peers=peers, peers_beside=peers_beside)
        if by is None or bool(np.all(by > 0)):
            points, doubtful = self._rounded(column)
            return Scored(points, column.place, doubtful)
        if when_not_positive == "refuse":
            raise ValueError(f"leaf rule {self.method}: a divisor is zero or negative, which is refused")
        points = np.full(value.shape, column.number(full if when_not_positive == "full" else Fraction(0)))
        doubtful = np.zeros(value.shape, dtype=bool)
        sound = np.broadcast_to(np.asarray(by > 0, dtype=bool), value.shape)
        if sound.any():
            points[sound], doubtful[sound] = self._rounded(column.where(sound))
        return Scored(points, column.place, doubtful)

    def _rounded(self, column: Column) -> tuple[Array, Bools]:
        """Points, and the floats whose ruled rounding only fractions can settle."""
        points, decimals = self.formula(column), getattr(self, "decimals", None)
        if is_exact(points):
            return points, np.zeros(points.shape, dtype=bool)
        doubtful = self.doubtful(column, points)
        return (points if decimals is None else self.held(rounded(points, decimals), column)), doubtful

    def doubtful(self, c: Column, points: Array) -> Bools:
        """The floats whose rounding, as the method rules it, only fractions can settle."""
        decimals = getattr(self, "decimals", None)
        return np.zeros(points.shape, dtype=bool) if decimals is None else near_half(points, decimals)


class Directed(Calculated):
    """A method for which more or less is better, as its rule says."""

    direction: Direction = "up"

    @property
    def on_line_above(self) -> bool:
        return self.direction == "up"

    def sign(self, full: Fraction) -> int:
        return -1 if self.direction == "down" else 1


class Recorded(Method):
    """A method that scores from rows of a table of its own; `rows`: the frame that it is scored from, where not its table's."""

    rows: ClassVar[str] = ""

    @abstractmethod
    def from_rows(self, rows: pd.DataFrame, units: Sequence[str], full: Fraction) -> tuple[Array, Bools]:
        """Points in fractions and whether there are any, one a unit in the order of `units`."""

    @abstractmethod
    def observed(self, rows: pd.DataFrame, units: Sequence[str], points: Array, full: Fraction) -> npt.NDArray[np.float64]:
        """What stands for an observation of each unit."""

    def ballots(self, rows: pd.DataFrame, units: Sequence[str]) -> Ballots | None:
        """Answers that may be drawn again, a list for each of `units`; None where nobody was chosen to answer."""
        return None


class BesideTheTree(Model):
    """What adds or takes points beside the tree; `capped`: its points have a cap; `rows`: the frame that it is scored from,
    where not its table's; `everyone`: rows of units that are not ranked matter too; `penalty`: its rows are what the audit
    of marks takes by the year's quotas, and nobody hands them in.
    """

    kind: Literal["bonus", "deduction"]
    method: str

    table: ClassVar[str]
    rows: ClassVar[str] = ""
    capped: ClassVar[bool] = False
    everyone: ClassVar[bool] = False
    penalty: ClassVar[bool] = False

    @abstractmethod
    def from_rows(self, rows: pd.DataFrame, cap: Fraction | None, units: Sequence[str]) -> Array:
        """Points in fractions, one a unit in the order of `units`; negative where they are taken. No cap: they have no limit."""

    @abstractmethod
    def sentence(self, c: Case, cap: Fraction | None, unit: str, names: Mapping[str, str]) -> str:
        """What a unit gains or loses; `c.records`: the rows of all units; `names`: the categories' names."""

    def causes(self, rows: pd.DataFrame, names: Mapping[str, str], lang: str) -> Sequence[str]:
        """What a unit's points are for, in few words, by its rows; where nothing is named, the name of the adjustment is."""
        return ()


# ── arithmetic that several methods share ───────────────────────────────────────────────────────────────────────────


def on_line(value: Array, *, lowest: Scalar, highest: Scalar, onto: Ends, direction: Direction = "up") -> Array:
    """On the line from `onto[0]` points at the worst end to `onto[1]` at the best; the two ends differ."""
    ahead = value - lowest if direction == "up" else highest - value
    points: Array = onto[0] + ahead / (highest - lowest) * (onto[1] - onto[0])
    return points


def within(points: Array, c: Column, floor: Amount, most: Amount) -> Array:
    """Points between a floor and a most."""
    return np.asarray(np.minimum(np.maximum(points, c.points(floor)), c.points(most)))


def zeros(shape: Any) -> Array:
    """Fractions that are all zero."""
    zero: Any = Fraction(0)
    return np.full(shape, zero, dtype=object)


def positions(names: Sequence[str], column: pd.Series[Any]) -> npt.NDArray[np.intp]:
    """Where each entry of a column stands among names; -1 where it does not."""
    at = {name: i for i, name in enumerate(names)}
    return np.array([at.get(each, -1) for each in column], dtype=np.intp)
