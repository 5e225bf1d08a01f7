"""Values and targets that figures make: the rows of observations, and cells in them, that nobody hands in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from txlib.base.faults import Fault, Where
from txlib.base.numbers import fraction
from txlib.intake.sheets.cells import Quantity
from txlib.rules.category import Category, Node
from txlib.rules.figures import Made

Cells = Mapping[tuple[str, str, str], Any]  # rows of figures by unit, home and figure
ABSENT = Quantity()


def joined(frame: pd.DataFrame, figures: pd.DataFrame, category: Category) -> tuple[pd.DataFrame, list[Fault]]:
    """Observations as read with what figures make of them, and a fault for each number that was handed in all the same.

    A row that is made stands where the first of its figures does. What figures do not suffice for is left out: they have
    faults of their own.
    """
    nodes = {node.code: node for node in category.measured if node.made}
    if not nodes:
        return frame, []
    cells: Cells = {(row["unit"], row["indicator"], row["item"]): row for row in figures.to_dict("records")}
    units = list(dict.fromkeys(figures["unit"]))
    wrong, rows = [], []
    for row in frame.to_dict("records"):
        node = nodes.get(row["indicator"])
        wrong += list(_handed_in(row, node)) if node else []
        if node is None or not node.computed:
            rows.append(row | (_columns(row["unit"], node, cells) or {} if node else {}))
    for node in (node for node in nodes.values() if node.computed):
        rows += [_row(frame, unit, node, cells, found) for unit in units if (found := _columns(unit, node, cells))]
    return pd.DataFrame(rows, columns=frame.columns), wrong


def _handed_in(row: Mapping[str, Any], node: Node) -> Iterator[Fault]:
    """Numbers in cells that figures fill."""
    for made in node.made:
        if row[made.column].number is not None:
            yield Fault.of("made_of_figures", row["file"], row["line"], Where(row["unit"], node.code, column=made.column),
                           figures=[f"{home} {name.zh}" for home, name in zip(made.homes, made.names, strict=True)])


def _columns(unit: str, node: Node, cells: Cells) -> dict[str, Quantity]:
    """The cells of a unit's row that figures fill, as far as all of them are there."""
    found = dict[str, Quantity]()
    for made in node.made:
        mine = rows_of(unit, made, cells)
        if all(row is not None and (row["number"].number is not None or not row["number"].applies) for row in mine):
            cell = _cell(made, [row["number"] for row in mine])
            found |= {} if cell is None else {made.column: cell}
    return found


def rows_of(unit: str, made: Made, cells: Cells) -> list[Any]:
    """The rows of the figures of a unit, in the order in which they are reckoned; None where there is none."""
    return [cells.get((unit, home, code)) for home, code in zip(made.homes, made.by.figures, strict=True)]


def _cell(made: Made, numbers: list[Quantity]) -> Quantity | None:
    """What numbers come to; it does not apply where one of them does not; None where they would divide by 0."""
    if not all(each.applies for each in numbers):
        return Quantity(applies=False, said="—")
    exactly = [fraction(each.number) for each in numbers if each.number is not None]
    return None if made.by.quotient and exactly[1] == 0 else Quantity(float(made.by.of(exactly)))


def _row(frame: pd.DataFrame, unit: str, node: Node, cells: Cells, found: Mapping[str, Quantity]) -> dict[str, Any]:
    """A row of observations that nobody hands in, with the notes on its figures."""
    rows = [row for made in node.made for row in rows_of(unit, made, cells) if row is not None]
    first, notes = rows[0], dict.fromkeys(row["note"] for row in rows if row["note"])
    empty = {name: ABSENT for name in ("value", "target", "last_year")}
    own = {"unit": unit, "indicator": node.code, "period": first["period"], "status": "reported", "note": "；".join(notes),
           "file": first["file"], "line": first["line"], **empty, **found}
    return {name: own.get(name, "") for name in frame.columns}
