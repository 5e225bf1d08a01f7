"""What the sheets and columns of hand-outs are called, what a column holds, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from txlib.base.labels import say, section
from txlib.intake import tables
from txlib.intake.blanks import Form
from txlib.intake.read import sheet_of
from txlib.intake.sheets.cells import DayCell, QuantityCell, ShareCell, WholeCell, choices
from txlib.intake.table import HandedRow, wanted


def title_of(table: str, lang: str) -> str:
    """A table's name as a sheet has it."""
    return str(tables.named()[table].model_config["title"]) if lang == "zh" else table


def name_of(form: Form, lang: str) -> str:
    """The name of a form's sheet, by which it is read again."""
    return sheet_of(title_of(form.table, lang), form.category) if form.category else title_of(form.table, lang)


def heading_of(table: type[HandedRow], column: str, lang: str) -> str:
    """A column's heading, by which it is read again; in brackets, for the eye alone, what stands beside the columns."""
    if for_the_eye(column):
        return say(f"handin.beside_{column[1:]}", lang)
    return str(table.model_fields[column].title) if lang == "zh" else column


def for_the_eye(column: str) -> bool:
    """Whether a column is not read again."""
    return column.startswith("(")


@cache
def kind_of(table: type[HandedRow], column: str) -> str:
    """What a column holds: whole, percent, day, number, or text."""
    if for_the_eye(column):
        return "text"
    kinds = {"whole": WholeCell, "percent": ShareCell, "day": DayCell, "number": QuantityCell}
    metadata = table.model_fields[column].metadata
    other = "number" if column in wanted(table).numbers else "text"
    return next((kind for kind, shape in kinds.items() if shape.__metadata__[0] in metadata), other)  # type: ignore[attr-defined]


def codes_of(table: type[HandedRow], column: str) -> Mapping[str, str]:
    """The codes and words that a column chooses from, whatever the rules are."""
    return {} if for_the_eye(column) else choices(table.model_fields[column].metadata)


def meaning_of(table: type[HandedRow], column: str, lang: str) -> str:
    """What a column means: its text, of this table or of all that have it; else its title, and what its field says of it."""
    keys = [key for key in (f"column_{table.table}_{column}", f"column_{column}") if key in section("handin")]
    field = table.model_fields[column]
    return say(f"handin.{keys[0]}", lang) if keys else ": ".join(filter(None, [
        str(field.title) if lang == "zh" else column, field.description]))
