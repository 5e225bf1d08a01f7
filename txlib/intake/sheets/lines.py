"""The rows below a sheet's header: which hold data, which totals, which are notes."""

from __future__ import annotations

import re
from bisect import bisect_left

from txlib.base.text import comparable, tidied
from txlib.intake.sheets.totals import Columns, Line, fills_most, total_of
from txlib.spreadsheet.grid import Grid

_NOTE = re.compile(r"(注|备注|附注|说明|notes?)\d*[:.]|(填表|填报|制表|审核|复核|联系)|(单位|部门)?负责人|(分管|主要)领导"
                   r"|(prepared|checked|filledin)by", re.I)


def lines_below(grid: Grid, head: int, columns: Columns) -> list[Line]:
    """The rows below the header that hold something, keys merged over rows repeated, each row of its kind."""
    lines, keys = list[Line](), columns.keys
    for row in sorted(row for row in grid.cells if row > head):
        cells = {column: cell for column, cell in grid.cells[row].items() if cell.kind != "text" or tidied(cell.text)}
        if cells:
            lines.append(Line(row, cells))
    numbers = [line.number for line in lines]
    for merge in grid.merges:
        top = grid.cells.get(merge.top, {}).get(merge.left)
        if top and merge.left == merge.right and merge.left in keys:
            for line in lines[bisect_left(numbers, merge.top):bisect_left(numbers, merge.bottom + 1)]:
                line.cells.setdefault(merge.left, top)
    for line in lines:
        line.kind = "total" if total_of(line, columns) else "data"
    for line in reversed(lines):
        if line.kind == "data":
            if (fills_most(line, keys) and len(line.cells) > 1) or not _NOTE.match(comparable(line.first)):
                break
            line.kind = "note"
    return lines
