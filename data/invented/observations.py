"""The table of what was observed: one row for each unit and indicator that is reported as a value."""

from __future__ import annotations

from collections.abc import Iterator

from invented import ranges, rulebook, units
from invented.story import NOT_APPLICABLE, TOLD, Cells

COLUMNS = ("unit", "indicator", "period", "value", "target", "last_year", "status", "note")


def rows(year: str, category: str) -> Iterator[Cells]:
    """Value, target and last year's value; a dash and the reason where an indicator does not apply."""
    elsewhere = {leaf["code"] for leaf in rulebook.marked(year, category)}
    asked = [row for row in ranges.of(year, category) if row.indicator not in elsewhere]
    for unit in units.members(year, category):
        for row in asked:
            reason = NOT_APPLICABLE.get((unit.unit, row.indicator))
            if reason is None:
                figures = TOLD.get((year, unit.unit, row.indicator)) or row.handed_in(year, unit)
                yield unit.unit, row.indicator, year, *figures, "", ""
            else:
                yield unit.unit, row.indicator, year, "—", "", "", "not_applicable", reason
