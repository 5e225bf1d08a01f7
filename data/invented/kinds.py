"""The five kinds of indicator, and what is handed in of each: value, target and last year's value.

What 2020 gives as last year's value is the value of 2019.
"""

from __future__ import annotations

from typing import NamedTuple

from invented import marks
from invented.chance import figure, luck
from invented.story import LEVEL, Cells, Unit


class Figure(NamedTuple):
    """An indicator's figures run from `worst` to `best`, and never past `limit`."""

    indicator: str
    worst: float
    best: float
    decimals: int
    limit: float | None = None

    def handed_in(self, year: str, unit: Unit) -> Cells:
        """There is only a value; zero has no sign."""
        value = _between(self.worst, self.best, figure(year, unit, self.indicator))
        if self.limit is not None and self.best > self.worst:
            value = min(value, self.limit)
        elif self.limit is not None:
            value = max(value, self.limit)
        if round(value, self.decimals) == 0:
            value = abs(value)
        return f"{value:.{self.decimals}f}", "", ""


class Task(NamedTuple):
    """An indicator with a target for each unit; achievement runs from `worst` to `best` percent of it.

    `sized`: the target grows with the unit. `growth`: the target lies so many percent above last year.
    """

    indicator: str
    target: float
    worst: float
    best: float
    decimals: int
    sized: bool = True
    growth: float | None = None

    def handed_in(self, year: str, unit: Unit) -> Cells:
        """Value and target, and last year's value where the target lies above it; the target of 2019 follows from its value."""
        achieved = _between(self.worst, self.best, figure(year, unit, self.indicator)) / 100
        if year == "2019" and self.growth is not None:
            value = self.handed_in("2020", unit)[2]
            return value, f"{float(value) / achieved:.{self.decimals}f}", ""
        size = unit.size if self.sized else 1
        target = round(self.target * size, self.decimals)
        last_year = "" if self.growth is None else f"{target / (1 + self.growth / 100):.{self.decimals}f}"
        return f"{target * achieved:.{self.decimals}f}", f"{target:.{self.decimals}f}", last_year


class Growth(NamedTuple):
    """An indicator beside last year's value, about `level`; change runs from `worst` to `best` percent."""

    indicator: str
    level: float
    worst: float
    best: float
    decimals: int

    def handed_in(self, year: str, unit: Unit) -> Cells:
        """Value and last year's value; there is no target."""
        least, more = LEVEL
        change = 1 + _between(self.worst, self.best, figure(year, unit, self.indicator)) / 100
        by_luck = luck("2020", f"{unit.category} figures", self.indicator, unit.unit, "level")
        level = self.level * unit.size * (least + more * by_luck)
        value, last_year = (level, level / change) if year == "2019" else (level * change, level)
        return f"{value:.{self.decimals}f}", "", f"{last_year:.{self.decimals}f}"


class Change(NamedTuple):
    """An indicator beside last year's value, about `level`; it moves by `worst` to `best` in its own unit."""

    indicator: str
    level: float
    worst: float
    best: float
    decimals: int

    def handed_in(self, year: str, unit: Unit) -> Cells:
        """Value and last year's value; there is no target."""
        least, more = LEVEL
        change = _between(self.worst, self.best, figure(year, unit, self.indicator))
        by_luck = luck("2020", f"{unit.category} figures", self.indicator, unit.unit, "level")
        level = self.level * (least + more * by_luck)
        value, last_year = (level, level - change) if year == "2019" else (level + change, level)
        return f"{value:.{self.decimals}f}", "", f"{last_year:.{self.decimals}f}"


class Marks(NamedTuple):
    """An indicator on which a department marks every unit, out of 100; since 2020 in two parts, in a table of their own."""

    indicator: str

    def handed_in(self, year: str, unit: Unit) -> Cells:
        """There is only the mark."""
        return marks.mark(year, unit, self.indicator), "", ""


Row = Figure | Task | Growth | Change | Marks


def _between(worst: float, best: float, share: float) -> float:
    return worst + (best - worst) * share
