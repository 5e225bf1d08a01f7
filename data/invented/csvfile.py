"""A table as a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from invented.story import Cells


def write(path: Path, columns: Cells, rows: Iterable[Cells]) -> None:
    """A CSV file that Excel opens as UTF-8; none where there are no rows."""
    lines = list(rows)
    if not lines:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(lines)
