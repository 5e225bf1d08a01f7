"""The table of who answers for a superior indicator, by which leaf, with what share."""

from __future__ import annotations

from collections.abc import Iterator

from invented import units
from invented.story import ANSWERED_IN_2019, SUPERIOR, Cells

COLUMNS = ("superior", "unit", "indicator", "share", "note")


def rows(year: str) -> Iterator[Cells]:
    """One row for each unit that answers; a category in place of a unit stands for each of its members."""
    answered = {code: told for code, (_, _, told) in SUPERIOR.items()}
    if year == "2019":
        answered |= ANSWERED_IN_2019
    for code, told in answered.items():
        for part in filter(None, told.split(", ")):
            who, leaf, share = part.split()
            for unit in [member.unit for member in units.members(year, who)] or [who]:
                yield code, unit, leaf, share, ""
