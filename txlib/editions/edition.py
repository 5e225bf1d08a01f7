"""A year's rules with what was handed in for it, read once for all that a report asks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from txlib.base.faults import DataError, Fault
from txlib.intake import data
from txlib.intake.data import Data
from txlib.intake.read import read_units
from txlib.rules.book import RuleBook


@dataclass(frozen=True)
class Edition:
    """A rule-book, and its data when they are first asked for."""

    book: RuleBook

    @cached_property
    def sound(self) -> tuple[Data, list[Fault]]:
        """The tables without the categories that have faults, and all faults."""
        return data.read(self.book)

    @property
    def data(self) -> Data:
        """All tables; DataError where any has a fault."""
        tables, faults = self.sound
        if faults:
            raise DataError(faults)
        return tables

    @cached_property
    def units(self) -> pd.DataFrame | None:
        """The units with their file and line; None where there is no such table, or it has faults."""
        frame, faults, files = read_units(self.book.root, self.book.year, self.book.rules.categories)
        return frame if files and not faults else None
