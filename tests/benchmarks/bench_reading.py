"""How long reading takes, printed; nothing is asserted. `python tests/benchmarks/bench_reading.py`."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import xlsxwriter
from timing import seconds

from txlib.intake.read import read_table
from txlib.intake.tables import ObservationRow

ROOT = Path(__file__).parents[2]
FOLDER = "data/2020/towns_1"


def workbook(count: int, cells: int) -> bytes:
    """A sheet of observations with a header, `count` rows and so many cells a row, most of them beside the table."""
    raw = io.BytesIO()
    book = xlsxwriter.Workbook(raw)
    sheet = book.add_worksheet("实绩")
    names = ["unit", "indicator", "period", "value", "target", "last_year", "status", "note"]
    sheet.write_row(0, 0, [*names, *(f"x{i}" for i in range(cells - len(names)))][:cells])
    for r in range(1, count + 1):
        told: list[Any] = [f"u{r}", "A1.1", "2020", r * 1.1, r / 7, r, "", "注", *(r + i / 3 for i in range(cells - len(names)))]
        sheet.write_row(r, 0, told[:cells])
    book.close()
    return raw.getvalue()


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / FOLDER).mkdir(parents=True)
        for count, cells in ((5_000, 40), (5_000, 8)):
            (Path(folder) / FOLDER / "a.xlsx").write_bytes(workbook(count, cells))
            took = seconds(lambda: read_table(Path(folder), FOLDER, ObservationRow))
            print(f"a workbook of {count:,} × {cells} cells: {took:.2f} s (promised for 5,000 × 40: under 3 s)")
    check = [sys.executable, "-m", "txlib.cli", "check", "2020", "--root", str(ROOT)]
    took = seconds(lambda: subprocess.run(check, capture_output=True, check=True, cwd=ROOT))
    print(f"txlib check 2020: {took:.2f} s (promised: under 2 s)")


if __name__ == "__main__":
    main()
