"""Tables handed in: one model for a row of each is validator, documentation and template; reading CSV.

A header may stand in English (the field's name) or in Chinese (its title). Cells are read without zero-width marks and
spaces around them, codes, numbers and dates in their half-width forms; names and notes stay as they were written. A number
is a plain decimal of at most 15 significant digits; nothing is guessed.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from txlib.exact import DIGITS, significant_digits
from txlib.faults import Fault
from txlib.forms import CODE, wrong

NOT_APPLICABLE = ("—", "——", "无", "免考", "不适用", "not_applicable")
REPORTED = ("", "reported", "已报")
_DECIMAL = re.compile(r"-?\d+(\.\d+)?")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


class Quantity(NamedTuple):
    """A number as handed in: `number` None where the cell is empty or says that it does not apply."""

    number: float | None = None
    percent: bool = False
    applies: bool = True


def clean(cell: object) -> str:
    """A cell's text without invisible marks and the spaces around it."""
    return str(cell).translate(_INVISIBLE).strip()


def plain(cell: str) -> str:
    """A code, number or date in its half-width form: ７．１３ is 7.13."""
    return clean(unicodedata.normalize("NFKC", cell))


def quantity(text: str) -> Quantity:
    """A plain decimal, one with a percent sign, nothing, or “—”; anything else is a fault."""
    cell = plain(text)
    if cell in NOT_APPLICABLE:
        return Quantity(applies=False)
    if not cell:
        return Quantity()
    percent = cell.endswith("%")
    digits = cell.removesuffix("%").rstrip() if percent else cell
    if not _DECIMAL.fullmatch(digits):
        raise wrong("cell_number")
    if significant_digits(digits) > DIGITS:
        raise wrong("cell_digits", digits=DIGITS)
    return Quantity(float(digits), percent)


def _only_number(cell: str) -> float | None:
    value = quantity(cell)
    if value.percent or not value.applies:
        raise wrong("cell_number")
    return value.number


def _status(text: str) -> str:
    cell = plain(text)
    if cell in NOT_APPLICABLE:
        return "not_applicable"
    if cell not in REPORTED:
        raise wrong("cell_status")
    return "reported"


def _day(text: str) -> str:
    cell = plain(text)
    try:
        return date.fromisoformat(cell).isoformat() if cell else ""
    except ValueError:
        raise wrong("cell_date") from None


def _code(text: str) -> str:
    cell = plain(text)
    if not re.fullmatch(CODE, cell):
        raise wrong("cell_code")
    return cell


def _needed(cell: str) -> str:
    if not cell:
        raise wrong("cell_empty")
    return cell


def _codes(text: str) -> tuple[str, ...]:
    return tuple(_code(part) for part in plain(text).split(";")) if text else ()


UnitCode = Annotated[str, BeforeValidator(_code)]
Cell = Annotated[Quantity, BeforeValidator(quantity)]
Day = Annotated[str, BeforeValidator(_day)]
Told = Annotated[str, BeforeValidator(_needed)]
Key = Annotated[str, BeforeValidator(lambda cell: _needed(plain(cell)))]


class Row(BaseModel):
    """A row of a table: every field's title is its Chinese header."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class UnitRow(Row):
    """units.csv: who there is, by a code that stays while names change."""

    unit: UnitCode = Field(title="单位编码")
    name: Told = Field(title="单位名称")
    name_en: str = Field("", title="英文名称")
    category: Annotated[str, BeforeValidator(plain)] = Field("", title="类别", description="empty: not ranked this year")
    valid_from: Day = Field("", title="启用日期")
    valid_to: Day = Field("", title="停用日期")
    predecessor: Annotated[tuple[str, ...], BeforeValidator(_codes)] = Field((), title="前身", description="codes joined by ;")


class ObservationRow(Row):
    """observations.csv: what a unit achieved on an indicator in a period."""

    unit: UnitCode = Field(title="单位编码")
    indicator: Key = Field(title="指标编码")
    period: Key = Field(title="期间")
    value: Cell = Field(Quantity(), title="实绩", description="empty: missing; —: not applicable")
    target: Cell = Field(Quantity(), title="目标值")
    last_year: Cell = Field(Quantity(), title="上年值")
    status: Annotated[str, BeforeValidator(_status)] = Field("reported", title="状态", description="reported or not_applicable")
    note: str = Field("", title="备注")


class PublishedRow(Row):
    """published.csv: a ranking as it was made public."""

    unit: UnitCode = Field(title="单位编码")
    score: Annotated[float | None, BeforeValidator(_only_number)] = Field(None, title="公布得分")
    rank: Annotated[float | None, BeforeValidator(_only_number)] = Field(None, title="公布名次")
    note: str = Field("", title="备注")


def columns(row: type[Row]) -> list[str]:
    """The columns of a table's frame: the row's fields, and the line that each row stands on."""
    return [*row.model_fields, "line"]


def read_csv(path: Path, file: str, row: type[Row]) -> tuple[pd.DataFrame, list[Fault]]:
    """A table as a frame (columns of `columns(row)`), and its faults; rows with a fault are left out."""
    text, fault = decoded(path, file)
    if text is None:
        return pd.DataFrame(columns=columns(row)), [fault] if fault else []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    numbered: list[tuple[int, list[str]]] = []
    try:
        start = 1
        for cells in reader:
            numbered.append((start, [clean(cell) for cell in cells]))
            start = reader.line_num + 1
    except csv.Error as error:
        return pd.DataFrame(columns=columns(row)), [Fault.of("csv", file, reader.line_num, found=error)]
    return rows_read([each for each in numbered if any(each[1])], file, row)


def decoded(path: Path, file: str) -> tuple[str | None, Fault | None]:
    """The text of a CSV file: UTF-8 with or without BOM, else GBK (GB18030); None with the fault where it is neither."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None, Fault.of("file_missing", file)
    except OSError as error:
        return None, Fault.of("file_unreadable", file, found=error.strerror or error)
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return None, Fault.of("not_csv", file)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return (text, None) if text.strip() else (None, Fault.of("file_empty", file))
    return None, Fault.of("encoding_unknown", file)


def rows_read(numbered: list[tuple[int, list[str]]], file: str, row: type[Row]) -> tuple[pd.DataFrame, list[Fault]]:
    """Header and rows as a frame of validated rows, and the faults of all of them."""
    if not numbered:
        return pd.DataFrame(columns=columns(row)), [Fault.of("file_empty", file)]
    (line, header), *body = numbered
    names, faults = _header(header, file, line, row)
    if faults:
        return pd.DataFrame(columns=columns(row)), faults
    if not body:
        return pd.DataFrame(columns=columns(row)), [Fault.of("no_rows", file, line)]
    good: list[dict[str, Any]] = []
    for line, cells in body:
        if any(cells[len(names):]):
            faults.append(Fault.of("cells_beyond_header", file, line, found=", ".join(cells[len(names):])))
            continue
        told = {name: cell for name, cell in zip(names, cells, strict=False) if name}
        told.update({name: "" for name in names[len(cells):] if name})
        try:
            good.append({**dict(row.model_validate(told)), "line": line})
        except ValidationError as error:
            faults += [_cell_fault(each, file, line, row) for each in error.errors(include_url=False)]
    return pd.DataFrame(good, columns=columns(row)), faults


def _header(header: list[str], file: str, line: int, row: type[Row]) -> tuple[list[str], list[Fault]]:
    header = [plain(cell) for cell in header]
    known = {**{name: name for name in row.model_fields}, **{str(f.title): name for name, f in row.model_fields.items()}}
    names = [known.get(cell, "") for cell in header]
    faults = []
    for cell, name in zip(header, names, strict=True):
        if cell and not name:
            near = difflib.get_close_matches(cell, list(known), 1, 0.6)
            faults.append(Fault.of("column_unknown", file, line, found=cell, near=f" {near[0]}?" if near else "",
                                   known=", ".join(row.model_fields)))
    for name, field in row.model_fields.items():
        if names.count(name) > 1:
            faults.append(Fault.of("column_twice", file, line, found=f"{field.title} {name}"))
        if field.is_required() and name not in names:
            faults.append(Fault.of("column_missing", file, line, column=f"{field.title} {name}"))
    return names, faults


def _cell_fault(error: Any, file: str, line: int, row: type[Row]) -> Fault:
    name = str(error["loc"][0])
    field = row.model_fields[name]
    code = error["type"] if error["type"].startswith("cell_") else "cell_empty"
    return Fault.of(code, file, line, f"{field.title} {name}", found=error.get("input", ""), **error.get("ctx", {}))
