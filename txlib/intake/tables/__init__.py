"""The tables that are handed in: one file a table, with its rows, its checks, what is asked for and when it is complete.

In: frames as they were read, and what is known beside them. Out: faults, and frames with plain numbers. A table more is its
file, its texts and its name here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from txlib.intake.table import HandedRow
from txlib.intake.tables.decisions import DecisionRow
from txlib.intake.tables.details import DetailRow
from txlib.intake.tables.events import EventRow
from txlib.intake.tables.marks import MarkRow
from txlib.intake.tables.observations import ObservationRow
from txlib.intake.tables.published import PublishedRow
from txlib.intake.tables.responsible import ResponsibleRow
from txlib.intake.tables.superior import SuperiorRow
from txlib.intake.tables.survey import SurveyRow
from txlib.intake.tables.units import UnitRow

_REGISTERED: list[type[HandedRow]] = [UnitRow, ObservationRow, PublishedRow, SurveyRow, EventRow, MarkRow, DetailRow, SuperiorRow,
                                ResponsibleRow, DecisionRow]


def named() -> Mapping[str, type[HandedRow]]:
    """The tables by name."""
    return {row.table: row for row in _REGISTERED}


@contextmanager
def registered(*more: type[HandedRow]) -> Iterator[None]:
    """More tables stand in the register, for as long as the context lasts and in this process alone.

    ValueError where a name is taken: of a table, of its frame in the data, of its sheet.
    """
    rows = (*_REGISTERED, *more)
    for names in ([row.table for row in rows], [row.frame for row in rows if row.frame],
                  [str(row.model_config["title"]) for row in rows]):
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"registered already: {', '.join(twice)}")
    _REGISTERED.extend(more)
    try:
        yield
    finally:
        for row in more:
            _REGISTERED.remove(row)
