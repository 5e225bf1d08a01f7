"""The rows below a sheet's header: which hold data, which totals, which are notes; totals held against what they add up."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median

from txlib.base.faults import Fault, Where
from txlib.base.text import comparable, half_width, tidied
from txlib.spreadsheet.grid import Cell, Grid, letters
from txlib.spreadsheet.number_formats import decimal

_SUM = "合计|总计|小计|总和|汇总|共计|累计|总数"
_OTHER = "平均|均值|最高|最低|最大|最小|中位"
_TOTAL = re.compile(rf"(全[市县区镇省]|各[^\d]{{1,4}}|本[市县区镇类组])?(总|算术)?({_SUM}|{_OTHER})[数值分]?[:.]?"
                    r"|(total|grandtotal|subtotal|sum|average|mean|maximum|minimum|max|min|median)[:.]?", re.I)
_GROUP_TOTAL = re.compile(rf".{{1,12}}({_SUM}|平均|均值)[数值分]?[:.]?")
_KINDS = (("mean", re.compile(r"平均|均值|average|mean", re.I)), ("max", re.compile(r"最高|最大|max", re.I)),
          ("min", re.compile(r"最低|最小|min", re.I)), ("median", re.compile(r"中位|median", re.I)))
_NOTE = re.compile(r"(注|备注|附注|说明|notes?)\d*[:.]|(填表|填报|制表|审核|复核|联系)|(单位|部门)?负责人|(分管|主要)领导"
                   r"|(prepared|checked|filledin)by", re.I)
_DECIMAL = re.compile(r"(-?\d+(?:\.\d+)?) ?(%?)", re.ASCII)


@dataclass
class Line:
    """A row below the header. `kind`: data, total or note; `texts`: its cells as text, None where a cell is a fault."""

    number: int
    cells: dict[int, Cell]
    kind: str = "data"
    texts: dict[int, str | None] = field(default_factory=dict)

    @property
    def first(self) -> str:
        """The text of its first cell that holds something."""
        return self.cells[min(self.cells)].text


def name_of(column: int, row: int) -> str:
    """A cell's name: column 4, row 12 is D12."""
    return f"{letters(column)}{row}"


def lines_below(grid: Grid, head: int, keys: list[int]) -> list[Line]:
    """The rows below the header that hold something, keys merged over rows repeated, each row of its kind.

    `keys`: the columns that every row of data fills, a code first.
    """
    lines = []
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
        line.kind = "total" if _total_word(line, keys) else "data"
    for line in reversed(lines):
        if line.kind == "data":
            if (_most(line, keys) and len(line.cells) > 1) or not _NOTE.match(comparable(line.first)):
                break
            line.kind = "note"
    return lines


def _is_total(text: str) -> bool:
    return bool(_TOTAL.fullmatch(comparable(text)))


def _most(line: Line, keys: list[int]) -> bool:
    return 2 * sum(column in line.cells for column in keys) > len(keys)


def _total_word(line: Line, keys: list[int]) -> str:
    """The cell that makes a row one of totals; empty where none does.

    It says 合计 and nothing else in the first key, or, where the row lacks a key, in any or in the row's first cell. A
    group's name may stand before it in the first key, which is a code, or in the first cell of a row without most keys.
    """
    texts = [line.cells[column].text for column in keys if column in line.cells]
    code = line.cells[keys[0]].text if keys and keys[0] in line.cells else ""
    alone = [code] if len(texts) == len(keys) else [*texts, line.first]
    grouped = [code] if _most(line, keys) else [code, line.first]
    found = [text for text in alone if _is_total(text)] + [text for text in grouped if _GROUP_TOTAL.fullmatch(comparable(text))]
    return found[0] if found else ""


def total_faults(lines: list[Line], keys: list[int], numbers: list[int], file: str) -> Iterator[Fault]:
    """Totals that are not the sum (or the mean) of the rows that they stand for."""
    last = 0
    for at, line in enumerate(lines):
        if line.kind != "total":
            continue
        word = _total_word(line, keys)
        totals = {column: line.texts[column] for column in keys
                if column in line.texts and not (_is_total(line.texts[column] or "") or line.texts[column] == tidied(word))}
        alike = [(i, other) for i, other in enumerate(lines)
                 if other.kind == "data" and all(other.texts.get(column) == text for column, text in totals.items())]
        above = [other for i, other in alike if i < at]
        groups = [above, [other for i, other in alike if last <= i < at]] if above else [[other for _, other in alike]]
        last = at
        kind = next((name for name, pattern in _KINDS if pattern.search(word)), "sum")
        part = "小" in word or not _is_total(word)
        for column in numbers:
            yield from _total(line, column, groups[::-1] if part else groups, kind, file)


def _total(line: Line, column: int, groups: list[list[Line]], kind: str, file: str) -> Iterator[Fault]:
    found = _DECIMAL.fullmatch(half_width(line.texts.get(column) or ""))
    sums = [_sum((other.texts.get(column, "") for other in group), kind) for group in groups]
    if found is None or any(each is None for each in sums):
        return
    worth, share = Decimal(found[1]), Decimal(100 if found[2] else 1)
    for each in sums:
        assert each is not None
        total, size = each[0] * share, each[1] * share
        half = Decimal(1).scaleb(int(worth.as_tuple().exponent)) / 2 if kind in ("mean", "median") else Decimal(0)
        if abs(worth - total) <= max(half, size / 10**12):
            return
    assert sums[0] is not None
    want = decimal(float(sums[0][0] * share)) + found[2]
    yield Fault.of("total_differs", file, line.number, Where(cell=name_of(column, line.number)), found=found[0], sum=want)


def _sum(texts: Iterable[str | None], kind: str) -> tuple[Decimal, Decimal] | None:
    """The sum, mean, median or an end of what is a number, and the sum of sizes; None where a text may have been meant as one."""
    worths = []
    for text in texts:
        found = _DECIMAL.fullmatch(half_width(text or ""))
        if text is None or (found is None and re.search(r"\d", text)):
            return None
        if found:
            worths.append(Decimal(found[1]) / (100 if found[2] else 1))
    total, size = sum(worths, Decimal(0)), sum(map(abs, worths), Decimal(0))
    if kind == "sum" or not worths:
        return total, size
    ends = {"mean": total / len(worths), "max": max(worths), "min": min(worths), "median": median(worths)}
    return ends[kind], size
