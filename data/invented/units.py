"""The table of units, and who they are in a year."""

from __future__ import annotations

from collections.abc import Iterator

from invented.story import GONE_BY_2020, NAMES_2019, NEW_IN_2020, UNITS, Cells, Unit

COLUMNS = ("unit", "name", "name_en", "category", "valid_from", "valid_to", "predecessor")


def rows(year: str) -> Iterator[Cells]:
    """All units; those without a category lead indicators and are not ranked."""
    for unit in of(year):
        yield unit.unit, unit.name, unit.name_en, unit.category, unit.valid_from, unit.valid_to, unit.predecessor


def of(year: str) -> list[Unit]:
    """All units of a year under the names of that year."""
    if year == "2020":
        return list(UNITS)
    return [_as_in_2019(unit) for unit in (*UNITS, *GONE_BY_2020) if unit.unit not in NEW_IN_2020]


def members(year: str, category: str) -> list[Unit]:
    """The units of a category in a year."""
    return [unit for unit in of(year) if unit.category == category]


def _as_in_2019(unit: Unit) -> Unit:
    name, name_en = NAMES_2019.get(unit.unit, (unit.name, unit.name_en))
    return unit._replace(name=name, name_en=name_en)
