"""What a test tells of one or two categories, told of every one of some years."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import shared

Tells = Callable[[str, str], Any]


def told(*each: tuple[Tells, tuple[str, ...]]) -> list[Any]:
    """A parameter for each such test and year."""
    return [pytest.param(tells, year, id=f"{tells.__name__}-{year}") for tells, years in each for year in years]


def of_every_category(tells: Tells, year: str) -> None:
    """The test, for each category of the year."""
    for category in shared.edition(year)[0].categories:
        tells(year, category)
