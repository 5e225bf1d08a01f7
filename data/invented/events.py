"""The table of events: honours and criticism of a category's units."""

from __future__ import annotations

from collections.abc import Iterator

from invented.story import EVENTS, Cells

COLUMNS = ("unit", "indicator", "period", "honour", "level", "share", "date", "document", "note")


def rows(year: str, category: str) -> Iterator[Cells]:
    """As the story tells them; a joint honour says so in its note and has no share."""
    for unit, indicator, honour, level, date, document, note in EVENTS.get(f"{year} {category}", ()):
        yield unit, indicator, year, honour, level, "", date, document, note
