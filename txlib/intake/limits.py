"""How large a table handed in may be: far above what a city has (eighty units with some hundred indicators are 8,000 rows), below
what takes more than some seconds or half a gigabyte to read. Of workbooks see also spreadsheet/limits.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from txlib.base.faults import Fault

CSV_BYTES = 10_000_000  # 20,000 rows of 40 columns are seven
ROWS = 50_000  # that hold something
LINES = 200_000  # of a CSV file, empty ones among them
CELLS = 1_000_000  # of a CSV file; of a workbook that hold something
PLACES = 4_000_000  # of cells in the rows of a sheet, up to the last of a row that holds something
KEPT_BYTES = 100_000_000  # that workbooks opened once may take up, about, so that none is opened for every table anew


def too_large(raw: bytes, file: str) -> Iterator[Fault]:
    """The fault of a CSV file with more lines or cells than a table has, told before it is read."""
    for kind, found, most in (("lines", raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n"), LINES),
                              ("cells", raw.count(b",") + 1, CELLS)):
        if found > most:
            yield Fault.of("table_too_large", file, kind=kind, most=f"{most:,}")
            return


def too_many_rows(count: int, file: str) -> list[Fault]:
    """The fault of a table with more rows than any has."""
    return [Fault.of("table_too_large", file, kind="rows", most=f"{ROWS:,}")] if count > ROWS else []


def too_wide(count: int, file: str) -> list[Fault]:
    """The fault of a sheet whose rows reach too far to the right."""
    return [Fault.of("table_too_large", file, kind="places", most=f"{PLACES:,}")] if count > PLACES else []
