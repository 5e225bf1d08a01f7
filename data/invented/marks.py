"""The table of marks that departments give in two parts: one row for each item and unit. None marks itself.

Marks are given by order: a unit added later moves the others'.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from invented import rulebook, units
from invented.chance import luck, success
from invented.story import (
    BANDS,
    COPIED,
    COPIED_BELOW,
    FLAT,
    HIGH,
    LOW,
    NOT_APPLICABLE,
    QUANTITATIVE_LUCK,
    SHAPED,
    Cells,
    Unit,
)

COLUMNS = ("unit", "indicator", "period", "lead", "quantitative", "qualitative", "total", "note")


def rows(year: str, category: str) -> Iterator[Cells]:
    """The quantitative part, the qualitative one and their total; dashes and the reason where a unit is not marked."""
    for leaf in rulebook.marked(year, category):
        for unit in units.members(year, category):
            reason = NOT_APPLICABLE.get((unit.unit, leaf["code"]))
            told = ("—", "—", "—", reason) if reason else (*_parts(year, unit, leaf), "")
            yield unit.unit, leaf["code"], year, leaf["lead"], *told


def mark(year: str, unit: Unit, item: str) -> str:
    """A department's mark: at most 30% of units have 90 or more, at least 20% under 80, nobody 100."""
    order = _best_first(year, unit.category, item)
    high, low = math.floor(len(order) * HIGH / 100), math.ceil(len(order) * LOW / 100)
    place = order.index(unit)
    band = "middle"
    if place < high:
        band = "high"
    elif place >= len(order) - low:
        band = "low"
    least, more = BANDS[band]
    return f"{least + more * success(year, unit, item):.1f}"


def _best_first(year: str, category: str, item: str) -> list[Unit]:
    """The units that are marked on an item, the most successful first."""
    asked = [unit for unit in units.members(year, category) if (unit.unit, item) not in NOT_APPLICABLE]
    return sorted(asked, key=lambda unit: -success(year, unit, item))


def _parts(year: str, unit: Unit, leaf: dict[str, Any]) -> tuple[str, str, str]:
    """Quantitative, qualitative and total: the first has its share of the total and luck, and leaves room for the second."""
    place, most = (unit.category, leaf["code"]), float(leaf["scored_by"]["quantitative"].rstrip("%"))
    total = _total(year, unit, leaf["code"])
    fair = total * most / 100 + QUANTITATIVE_LUCK * luck(year, unit.category, leaf["code"], unit.unit, "quantitative")
    part = FLAT.get(place, round(max(min(most, fair), total - (100 - most)), 1))
    return f"{part:.1f}", f"{total - part:.1f}", f"{total:.1f}"


def _total(year: str, unit: Unit, item: str) -> float:
    """A mark as the story has it for this item, or as departments give it."""
    place = (unit.category, item)
    if place in SHAPED:
        return SHAPED[place][_best_first(year, unit.category, item).index(unit)]
    if place in COPIED:
        return float(mark(year, unit, COPIED[place])) - COPIED_BELOW
    return float(mark(year, unit, item))
