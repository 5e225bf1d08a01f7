"""The table of decisions about a unit's tier."""

from __future__ import annotations

from collections.abc import Iterator

from invented.story import DECISIONS, Cells

COLUMNS = ("unit", "kind", "since", "clause", "document", "note")


def rows(year: str) -> Iterator[Cells]:
    """As the story tells them; none in 2019."""
    yield from DECISIONS.get(year, ())
