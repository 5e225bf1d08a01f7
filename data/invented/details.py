"""The table of detailed rules: the lines by which each item is marked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from invented import rulebook
from invented.story import DETAILS, Cells

COLUMNS = ("indicator", "number", "text", "points", "kind", "source")
OUT_OF = 100


def rows(year: str, category: str) -> Iterator[Cells]:
    """An item's own lines, or those that are common to all categories; with points in 2020 where those told add up."""
    for leaf in rulebook.marked(year, category):
        item = leaf["code"]
        lines = DETAILS.get((category, item)) or DETAILS["", item]
        points = [re.search(r"满分(\d+)分", text) or re.search(r"得(\d+)分", text) for text in lines] if year == "2020" else []
        whole = bool(points) and all(points) and sum(int(found[1]) for found in points if found) == OUT_OF
        for number, text in enumerate(lines, start=1):
            found = points[number - 1] if whole else None
            judged = ("定性", "考核组评议") if "评议" in text else ("定量", "业务台账")
            yield item, str(number), text, *((found[1], *judged) if found else ("", "", ""))
