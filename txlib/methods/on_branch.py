"""What a method must give to stand beside the children of a branch too."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from txlib.base.numbers import Array
from txlib.methods.method import Recorded

if TYPE_CHECKING:
    import pandas as pd

    from txlib.methods.words import Case


class OnBranch(Recorded):
    """A method that may also add to what the children of a branch give, or take off that, within its floor and most."""

    on_branches: ClassVar[bool] = True

    @property
    @abstractmethod
    def fits_branch(self) -> bool:
        """Whether the rule says nothing that a branch cannot keep."""

    @abstractmethod
    def added(self, rows: pd.DataFrame, units: Sequence[str], full: Fraction) -> Array:
        """What it adds in fractions, one a unit in the order of `units`, before its limits; below 0 where it takes points."""

    @abstractmethod
    def ends(self, full: Fraction) -> tuple[Fraction, Fraction, Fraction]:
        """The points to start from, where no branch gives them, the least and the most."""

    @abstractmethod
    def on_branch(self, c: Case, given: Fraction, full: Fraction) -> str:
        """What it does to the points that a branch's children give, in words; `full`: the branch's full points for the unit."""
