"""A sheet of a workbook as a table: its header found, its rows as text, and everything that a reader could take otherwise.

What a sheet shows and what it stores must say the same; where they do not, that is a fault with its cell. Rows of totals are
held against their sums and left out, notes below the data are left out, a key merged over several rows stands in each.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from txlib.base.faults import Fault, Notice, Remark, Where
from txlib.base.numbers import DIGITS
from txlib.base.text import half_width, tidied
from txlib.intake.sheets.cells import Settled
from txlib.intake.sheets.headers import AT, NAME_OF, NOBODY, SERIAL, KnownNames, Wanted, bare, in_brackets
from txlib.intake.sheets.limits import too_wide
from txlib.intake.sheets.lines import lines_below
from txlib.intake.sheets.totals import Columns, Line, name_of, total_faults
from txlib.intake.sheets.units_of_measure import WrittenUnit, mentioned
from txlib.spreadsheet.grid import Cell, Grid, letters
from txlib.spreadsheet.number_formats import as_shown, decimals, hundredfold, is_plain, shown, text_as_it_is, words

HEADER_WITHIN = 20
_NO_VALUE = {"error": "cell_error", "boolean": "cell_boolean", "formula": "cell_uncalculated", "struck": "cell_struck",
             "raised": "cell_raised", "twice": "cell_twice", "damaged": "cell_damaged", "unseen": "cell_unseen"}
_UNIT = re.compile(r"^(?:计量|金额|货币)?单位(?:[为是]|:)?|^unit:", re.I)
_COUNTING = re.compile("第?[人名位分个家次票份]?")


class Appearing(NamedTuple):
    """What a cell shows beside or in the place of the number that is read: the words of its format, the number as shown."""

    words: str = ""
    shown: str = ""


class Reading(NamedTuple):
    """A sheet as text: rows with their numbers, the header first, from column A on; and the units that it tells.

    `units`: in the headers' brackets, by column; `around`: above the header, in notes below and in the sheet's name;
    `beside`: what cells show else than the number read, by row and column.
    """

    rows: list[tuple[int, list[str]]]
    faults: list[Notice]
    units: dict[str, tuple[WrittenUnit, ...]]
    around: tuple[WrittenUnit, ...]
    beside: dict[tuple[int, str], Appearing]


def _units_of(header: str, line: int, cell: str) -> tuple[WrittenUnit, ...]:
    """What a header's brackets hold, without “单位：”."""
    return tuple(WrittenUnit(_UNIT.sub("", each).strip(), line, cell) for each in in_brackets(header))


def headers_known(grid: Grid, wanted: Wanted) -> tuple[int, float]:
    """The first row that looks like the header (0 where none does), and how well it fits the table: which part of all headers
    that stand in it, or must, are the table's and are there."""
    for row in sorted(row for row in grid.cells if row <= HEADER_WITHIN):
        found = wanted.columns({column: cell.text for column, cell in grid.cells[row].items() if tidied(cell.text)})
        names, wide = set(found.values()) - {""}, {each for each in found.values() if AT in each}
        required = wanted.required - ({"indicator"} if wide else set())
        if len(names) >= 2 and 2 * len(names & required) >= len(required):
            known, strange = len(names - {SERIAL}), [*found.values()].count("")
            return row, known / (known + strange + len(required - names))
    return 0, 0.0


def table(grid: Grid, file: str, wanted: Wanted, known: KnownNames = NOBODY) -> Reading:
    """The table in a sheet, and all that keeps it from being read; a row with a fault in a cell is left out.

    `known`: whom names mean.
    """
    head, _ = headers_known(grid, wanted)
    if not head:
        asked = [f"{word} {name}" for word, name in wanted.known.items() if word != name and name in wanted.required]
        return Reading([], [Fault.of("header_missing", file, columns=asked, rows=HEADER_WITHIN)], {}, (), {})
    joined: list[Notice] = [Fault.of("header_rows", file, head, Where(cell=str(merge)))
              for merge in grid.merges if merge.top <= head <= merge.bottom]
    if joined:
        return Reading([], joined, {}, (), {})
    header = {column: cell.text for column, cell in grid.cells[head].items() if tidied(cell.text)}
    names = wanted.columns(header)
    columns = Columns.of(names, wanted, known)
    lines = lines_below(grid, head, columns)
    if many := too_wide(sum(max(line.cells) for line in lines), file):
        return Reading([], [*many], {}, (), {})
    faults: list[Notice] = [*_header_faults(grid, head, names, columns.numbers, lines, wanted, file),
                            *_merged(grid, names, columns.keys, lines, file)]
    used = [line for line in lines if line.kind != "note"]
    beside: dict[tuple[int, str], Appearing] = {}
    faults += [*_hidden(grid, {head} | {line.number for line in used}, file),
               *(fault for line in used for fault in _texts(line, names, wanted, beside, file))]
    faults += total_faults(lines, columns, file)
    rows = [(head, _row({column: half_width(text) for column, text in header.items()}))]
    rows += [(line.number, _row(line.texts)) for line in lines if line.kind == "data" and None not in line.texts.values()]
    units = {names[column]: _units_of(text, head, name_of(column, head))
             for column, text in header.items() if names[column] in wanted.numbers}
    return Reading(rows, faults, units, _around(grid, head, lines, file), beside)


def _row(texts: dict[int, str | None] | dict[int, str]) -> list[str]:
    return [texts.get(column) or "" for column in range(1, max(texts) + 1)]


def _around(grid: Grid, head: int, lines: list[Line], file: str) -> tuple[WrittenUnit, ...]:
    """The units told for the whole table, above its header or in notes below: 单位：万元. Each where it stands first."""
    beside = {line.number for line in lines if line.kind == "note"}
    found = {unit: WrittenUnit(unit) for unit in mentioned([file.rpartition("/")[2]])}
    for row in sorted(row for row in grid.cells if row < head or row in beside):
        cells = [(column, cell.text) for column, cell in sorted(grid.cells[row].items())]
        for unit in mentioned([text for _, text in cells]):
            at = next((column for column, text in cells if unit in mentioned([text])), cells[0][0])
            found.setdefault(unit, WrittenUnit(unit, row, name_of(at, row)))
    return tuple(found.values())


def _header_faults(grid: Grid, head: int, names: Mapping[int, str], numbers: list[int], lines: list[Line], wanted: Wanted,
                   file: str) -> Iterator[Fault]:
    """A header struck out or repeated below itself (that row is no data), and numbers above it that nobody would read.

    An indicator, by its code or its name, is a header only in its own column; elsewhere it is whom a row of data is about.
    """
    for column, cell in sorted(grid.cells[head].items()):
        if cell.kind == "struck":
            yield Fault.of("cell_struck", file, head, Where(cell=name_of(column, head)), found=cell.text)
    for row in sorted(row for row in grid.cells if row < head):
        for column, cell in sorted(grid.cells[row].items()):
            if column in numbers and cell.kind == "number":
                yield Fault.of("number_above_header", file, row, Where(cell=name_of(column, row)), found=cell.text)
    for line in lines:
        said = {column: wanted.known.get(bare(cell.text), "") for column, cell in line.cells.items() if cell.kind == "text"}
        if len([each for column, each in said.items() if each and (AT not in each or names.get(column) == each)]) >= 2:
            line.kind = "note"
            yield Fault.of("header_rows", file, line.number, Where(cell=name_of(min(line.cells), line.number)), found=line.first)


def _merged(grid: Grid, names: dict[int, str], keys: list[int], lines: list[Line], file: str) -> Iterator[Fault]:
    """Merged cells in the data, but for a key over several rows; totals may be merged within their row."""
    by_row = {line.number: line for line in lines if line.kind != "note"}
    rows = sorted(by_row)
    for merge in grid.merges:
        inside = [by_row[row] for row in rows[bisect_left(rows, merge.top):bisect_left(rows, merge.bottom + 1)]]
        if not inside or merge.left > max(names) or merge.right < min(names):
            continue
        covered = any((line.number, column) != (merge.top, merge.left) and tidied(cell.text) for line in inside
                      for column, cell in grid.cells[line.number].items() if merge.left <= column <= merge.right)
        repeated = merge.left == merge.right and merge.left in keys
        within_total = merge.top == merge.bottom and inside[0].kind == "total"
        if covered or not (repeated or within_total):
            yield Fault.of("cells_merged", file, merge.top, Where(cell=str(merge)))


def _hidden(grid: Grid, used: set[int], file: str) -> Iterator[Fault]:
    rows = sorted(grid.hidden_rows & used)
    if rows:
        yield Fault.of("rows_filtered" if grid.filtered else "rows_hidden", file, rows[0], rows=_runs(rows, str))
    filled = {column for row in used for column in grid.cells[row]} if grid.hidden_columns else set()
    columns = sorted(column for column in filled if any(first <= column <= last for first, last in {*grid.hidden_columns}))
    if columns:
        yield Fault.of("columns_hidden", file, columns=_runs(columns, letters))


def _runs(numbers: list[int], name: Callable[[int], str]) -> str:
    """Ascending numbers as runs: 3, 5–7."""
    there = set(numbers)
    starts, ends = [n for n in numbers if n - 1 not in there], [n for n in numbers if n + 1 not in there]
    return ", ".join(name(a) if a == b else f"{name(a)}–{name(b)}" for a, b in zip(starts, ends, strict=True))


def _texts(line: Line, names: dict[int, str], wanted: Wanted, beside: dict[tuple[int, str], Appearing],
           file: str) -> Iterator[Notice]:
    """Write a row's cells as text, and what numbers show else into `beside`; the faults of cells that cannot be, and remarks."""
    for column, cell in sorted(line.cells.items()):
        name = names.get(column, "")
        read = name and name != SERIAL and not name.endswith(NAME_OF)
        code, text = _cell_text(cell, name in wanted.numbers) if read else ("", tidied(cell.text or cell.kind))
        if name in wanted.numbers and cell.kind == "number" and not code:
            said = _beside(cell, text)
            if said.words and name not in wanted.measured:
                code = "" if _COUNTING.fullmatch(said.words) else "format_misleads"
            elif said != Appearing():
                beside[line.number, name] = said
        line.texts[column] = None if code else text
        if code or (read and cell.doubtful):
            at = Where(cell=name_of(column, line.number), column=name)
        if code:
            yield Fault.of(code, file, line.number, at, found=cell.text, format=cell.format)
        elif read and cell.doubtful:
            yield Remark.of("cell_maybe_unseen", file, line.number, at, found=cell.text)


def _beside(cell: Cell, text: str) -> Appearing:
    """What a number's cell shows else than the number read (`text`)."""
    number = float(cell.text)
    said = words(cell.format, number) if shown(cell.format, number) == "worded" else ""
    seen = as_shown(text.removesuffix("%"), decimals(cell.format, number))
    return Appearing(said, seen if seen != text.removesuffix("%") else "")


def _cell_text(cell: Cell, number: bool) -> tuple[str, str]:
    """A cell's kind of fault (empty where it has none) and its text. `number`: its column holds numbers."""
    if cell.kind in _NO_VALUE:
        return _NO_VALUE[cell.kind], ""
    if cell.kind == "date":
        return "cell_is_date" if number else "", cell.text
    if cell.kind == "text":
        return "" if text_as_it_is(cell.format) else "format_misleads", tidied(cell.text)
    way = shown(cell.format, float(cell.text))
    if not number:
        whole, _, decimals = cell.text.partition(".")
        as_stored = cell.format == "General" or (is_plain(cell.format) and not decimals and way != "otherwise")
        return "" if as_stored and len(whole) <= DIGITS else "code_as_number", cell.text
    if way == "otherwise":
        return "format_misleads", ""
    if way == "percent":
        return "", Settled(hundredfold(cell.text) + "%")
    return "", Settled(cell.text + ("%" if way == "percent sign" else ""))
