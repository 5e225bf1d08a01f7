"""The table of detailed rules: the lines by which each item is marked."""

from __future__ import annotations

from collections.abc import Iterator

from invented import rulebook
from invented.story import DETAILS, Cells

COLUMNS = ("indicator", "number", "text")


def rows(year: str, category: str) -> Iterator[Cells]:
    """An item's own lines, or those that are common to all categories."""
    for leaf in rulebook.marked(year, category):
        item = leaf["code"]
        lines = DETAILS.get((category, item)) or DETAILS["", item]
        for number, text in enumerate(lines, start=1):
            yield item, str(number), text
