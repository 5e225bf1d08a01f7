"""How long reading takes, printed; nothing is asserted. `python tests/benchmarks/bench_reading.py`."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter
from timing import seconds

from txlib.intake.read import read_table
from txlib.intake.tables import ObservationRow
from txlib.spreadsheet import cells, package

ROOT = Path(__file__).parents[2]
FOLDER = "data/2020/towns_1"


def workbook(count: int, width: int) -> bytes:
    """A sheet of observations with a header, `count` rows and so many cells a row, most of them beside the table."""
    raw = io.BytesIO()
    book = xlsxwriter.Workbook(raw)
    sheet = book.add_worksheet("实绩")
    names = ["unit", "indicator", "period", "value", "target", "last_year", "status", "note"]
    sheet.write_row(0, 0, [*names, *(f"x{i}" for i in range(width - len(names)))][:width])
    for r in range(1, count + 1):
        told: list[Any] = [f"u{r}", "A1.1", "2020", r * 1.1, r / 7, r, "", "注", *(r + i / 3 for i in range(width - len(names)))]
        sheet.write_row(r, 0, told[:width])
    book.close()
    return raw.getvalue()


def ours(raw: bytes) -> None:
    """Every cell in the one pass of txlib's reader."""
    book = package.opened(raw)
    for sheet in book.sheets:
        cells.grid(book, sheet)


def theirs(raw: bytes, *, read_only: bool) -> None:
    """The same of every cell from openpyxl: value and formula, which it does not open together, format and strike."""
    for data_only in (True, False):
        for sheet in openpyxl.load_workbook(io.BytesIO(raw), data_only=data_only, read_only=read_only):
            for row in sheet.iter_rows():
                assert all(cell.value is None or (cell.number_format and not cell.font.strike) for cell in row)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / FOLDER).mkdir(parents=True)
        for count, width in ((5_000, 40), (5_000, 8)):
            (Path(folder) / FOLDER / "a.xlsx").write_bytes(workbook(count, width))
            took = seconds(lambda: read_table(Path(folder), FOLDER, ObservationRow))
            print(f"a workbook of {count:,} × {width} cells: {took:.2f} s (promised for 5,000 × 40: under 3 s)")
    raw = workbook(5_000, 40)
    one = seconds(lambda: ours(raw))
    for read_only, how in ((True, "read-only"), (False, "in full")):
        both = seconds(lambda read_only=read_only: theirs(raw, read_only=read_only))
        print(f"openpyxl for values and formulas of as many cells, opened {how}: {both / one:.1f} times the {one:.2f} s here")
    check = [sys.executable, "-m", "txlib.cli", "check", "2020", "--root", str(ROOT)]
    took = seconds(lambda: subprocess.run(check, capture_output=True, check=True, cwd=ROOT))
    print(f"txlib check 2020: {took:.2f} s (promised: under 2 s)")


if __name__ == "__main__":
    main()
