"""How large a table handed in may be: as a province's (a thousand units with a hundred indicators), far above a city's (eighty
units with a hundred indicators are 8,000 rows), below what takes more than some seconds or half a gigabyte to read. Of workbooks
see also spreadsheet/limits.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from txlib.base.faults import Fault, asked

CSV_BYTES = 20_000_000  # 100,000 rows of ten columns are ten
ROWS = 100_000  # of a CSV file that hold something
COLUMNS = 16_384  # as many as a sheet has
LINES = 200_000  # of a CSV file, empty ones among them
CELLS = 1_500_000  # of a CSV file
TOTALLED = 5_000_000  # rows looked at for rows of totals, once for each
PLACES = 4_000_000  # of cells in the rows of a sheet, up to the last of a row that holds something
KEPT_BYTES = 100_000_000  # that workbooks opened once may take up, about, so that none is opened for every table anew


HINTED = 100  # names for which the one meant is looked for, in one table: of a kind only the first are told


def asking(known: Collection[str]) -> Callable[[str], str]:
    """`asked` for the rows of a table one after the other: of the first HINTED, since it takes a while."""
    count = iter(range(HINTED))
    return lambda name: asked(name, known) if next(count, None) is not None else ""


def too_large(raw: bytes, file: str) -> Iterator[Fault]:
    """The fault of a CSV file with more lines or cells than a table has, told before it is read."""
    for kind, found, most in (("lines", raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n"), LINES),
                              ("cells", raw.count(b",") + 1, CELLS)):
        if found > most:
            yield Fault.of("table_too_large", file, kind=kind, most=f"{most:,}")
            return


def too_many(rows: int, columns: int, file: str) -> list[Fault]:
    """The fault of a table with more rows or columns than any has."""
    return [Fault.of("table_too_large", file, kind=kind, most=f"{most:,}")
            for kind, found, most in (("rows", rows, ROWS), ("columns", columns, COLUMNS)) if found > most][:1]


def too_wide(count: int, file: str) -> list[Fault]:
    """The fault of a sheet whose rows reach too far to the right."""
    return [Fault.of("table_too_large", file, kind="places", most=f"{PLACES:,}")] if count > PLACES else []
