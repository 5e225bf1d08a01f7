"""The tables that are handed in: one file a table, with its rows, its checks, what is asked for and when it is complete.

In: frames as they were read, and what is known beside them. Out: faults, and frames with plain numbers. A table more is its
file, its texts and its name here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from txlib.base.register import Register
from txlib.intake.table import HandedRow
from txlib.intake.tables.decisions import DecisionRow
from txlib.intake.tables.details import DetailRow
from txlib.intake.tables.events import EventRow
from txlib.intake.tables.figures import FigureRow
from txlib.intake.tables.findings import FindingRow
from txlib.intake.tables.links import LinkRow
from txlib.intake.tables.marks import MarkRow
from txlib.intake.tables.observations import ObservationRow
from txlib.intake.tables.published import PublishedRow
from txlib.intake.tables.responsible import ResponsibleRow
from txlib.intake.tables.superior import SuperiorRow
from txlib.intake.tables.survey import SurveyRow
from txlib.intake.tables.units import UnitRow


def _names(row: type[HandedRow]) -> Iterator[tuple[str, str]]:
    yield "table", row.table
    yield "sheet", str(row.model_config["title"])
    if row.frame:
        yield "frame of the data", row.frame


_REGISTER = Register[type[HandedRow]]([UnitRow, FigureRow, ObservationRow, PublishedRow, SurveyRow, EventRow, FindingRow, LinkRow,
                                       MarkRow, DetailRow, SuperiorRow, ResponsibleRow, DecisionRow], _names)
registered = _REGISTER.registered


def named() -> Mapping[str, type[HandedRow]]:
    """The tables by name."""
    return {row.table: row for row in _REGISTER}
