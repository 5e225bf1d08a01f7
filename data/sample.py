"""The sample of 2020 and, before it, 2019: fictitious units and figures, the same bytes on every run.

    python data/sample.py            rewrites data/2020 and data/2019
    python data/sample.py FOLDER     writes FOLDER/2020 and FOLDER/2019 instead

A unit's strength pulls its figures up; luck does the rest. Who there is, what is planted and every number of it stand in
invented/story.py and invented/ranges.py, each table in a module of its name. Workbooks need openpyxl.
"""

from __future__ import annotations

import sys
from pathlib import Path

from invented import (
    csvfile,
    decisions,
    details,
    events,
    marks,
    observations,
    ranges,
    responsible,
    superior,
    survey,
    units,
    workbooks,
)
from invented.story import WORKBOOKS, YEARS

OF_A_YEAR = {"units": units, "superior": superior, "responsible": responsible, "decisions": decisions}
OF_A_CATEGORY = {"observations": observations, "marks": marks, "details": details, "survey": survey, "events": events}


def main(folder: Path) -> None:
    """Write the sample's tables under `folder`."""
    for year in YEARS:
        for name, table in OF_A_YEAR.items():
            csvfile.write(folder / year / f"{name}.csv", table.COLUMNS, table.rows(year))
        for category in ranges.RANGES:
            if (year, category) in WORKBOOKS:
                workbooks.write(folder / year / category, year, category)
                continue
            for name, table in OF_A_CATEGORY.items():
                csvfile.write(folder / year / category / f"{name}.csv", table.COLUMNS, table.rows(year, category))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
