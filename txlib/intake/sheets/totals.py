"""Rows of totals among the rows below a header: which they are, what they stand for, and whether they are that.

A total says 合计, 平均, 最高 or the like, alone or after whose it is: 东港镇 汇总 stands for the rows of that unit, wherever it
stands; 小计 for the rows between it and the next, above or below it. What is a known unit's or indicator's is never a total.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from statistics import median
from typing import NamedTuple

from txlib.base.faults import Fault, Where
from txlib.base.text import comparable, half_width, tidied
from txlib.intake.sheets.headers import NAME_OF, KnownNames, Wanted, spoken
from txlib.intake.sheets.limits import TOTALLED
from txlib.spreadsheet.grid import Cell, letters
from txlib.spreadsheet.number_formats import decimal

_WORDS = {"mean": "平均|均值|均分|average|avg|mean", "max": "最高|最大|maximum|max", "min": "最低|最小|minimum|min",
          "median": "中位|median", "": "总计数|计数|个数|count",
          "sum": "合计|总计|小计|总和|汇总|共计|累计|总数|总分|总得分|总额|总量|[Σ∑]|grandtotal|subtotal|total|sum"}
_WORD = "|".join(f"(?P<{kind or 'untold'}>{words})" for kind, words in _WORDS.items())
_ALL = "(?:全[市县区镇省]|各[^\\d]{1,4}|本[市县区镇类组]|所有|全部|总计?|算术|grand|overall)"
_TOTAL = re.compile(rf"(?P<of>{_ALL}*|.{{1,30}}?)(?:{_WORD})(?:得分|分数|数值|水平|情况|score|[数值分项行])?"
                    r"(?:\((?P<inside>.*)\))?[:.]?", re.I)
_WHOLE = re.compile(f"{_ALL}*", re.I)
_PLACE = re.compile(r"全[市县区镇省](\(.*\))?[:.]?")
_ENGLISH = re.compile(r"[a-z]", re.I)
_BETWEEN = "- —–·:_/"
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


class Columns(NamedTuple):
    """The columns of a table, by number.

    `means`: what each means; `keys`: those that every row of data fills, a code first, `free`: those of them that hold any
    name; `numbers`: those of numbers; `known`: whom names mean.
    """

    means: dict[int, str]
    keys: list[int]
    free: set[int]
    numbers: list[int]
    known: KnownNames

    @classmethod
    def of(cls, means: dict[int, str], wanted: Wanted, known: KnownNames) -> Columns:
        """The columns of a header, by what each means."""
        keys = [column for column, name in sorted(means.items()) if name in wanted.required - wanted.numbers]
        free = {column for column in keys if means[column] in wanted.names}
        numbers = [column for column, name in means.items() if name in wanted.numbers]
        return cls(means, sorted(keys, key=lambda column: column in free), free, numbers, known)

    def alike(self, column: int, one: str, other: str) -> bool:
        """Whether two texts say the same in a column, by code or by name."""
        return spoken(one) == spoken(other) or bool(self.meant(column, one) & self.meant(column, other))

    def meant(self, column: int, text: str) -> frozenset[str]:
        """The codes that a text means in a column; none where nobody knows it there."""
        return self.known.of(self.means.get(column, "").removesuffix(NAME_OF)).get(spoken(text), frozenset())


class TotalRow(NamedTuple):
    """What a row of totals says of itself.

    `kind`: sum, mean, max, min, median, or empty: nothing that could be held against its rows; `of`: whose it is, empty where
    it says no more than that it is a total; `part`: it is not one of all.
    """

    column: int
    kind: str
    of: str = ""
    part: bool = False


def name_of(column: int, row: int) -> str:
    """A cell's name: column 4, row 12 is D12."""
    return f"{letters(column)}{row}"


def fills_most(line: Line, keys: list[int]) -> bool:
    """Whether a row fills more than half of the columns that rows of data fill."""
    return 2 * sum(column in line.cells for column in keys) > len(keys)


def total_of(line: Line, columns: Columns) -> TotalRow | None:
    """What makes a row one of totals; None where nothing does.

    It says 合计 and nothing else in a key that is no name, or, where the row lacks a key, in any or in a column of names.
    Whose it is may stand before it where units stand, in a row that lacks a key in the first too, which is a code, and
    anywhere there in one that lacks most.
    """
    keys, units = columns.keys, [column for column, name in columns.means.items() if name == "unit"]
    everywhere = [*keys, *(column for column, name in columns.means.items() if name.endswith(NAME_OF)), min(line.cells)]
    lacking = not all(column in line.cells for column in keys)
    alone = everywhere if lacking else [column for column in keys if column not in columns.free]
    named = everywhere if not fills_most(line, keys) else [*units, *keys[:1]] if lacking else units or keys[:1]
    for column in dict.fromkeys((*alone, *named)):
        text = line.cells[column].text if column in line.cells else ""
        found = _read(column, text) if text and not columns.meant(column, text) else None
        if found and column in (named if found.part and found.of else alone):
            return found
    return None


def _read(column: int, text: str) -> TotalRow | None:
    """A cell's text as that of a total; an English word ends what it is of only after a space."""
    said = comparable(text)
    if _PLACE.fullmatch(said):
        return TotalRow(column, "", said, part=True)
    found = _TOTAL.fullmatch(said)
    if found is None:
        return None
    kind = next(kind for kind in _WORDS if found[kind or "untold"])
    word, inside = found[kind or "untold"], found["inside"] or ""
    of = "" if _WHOLE.fullmatch(found["of"]) else found["of"].strip(_BETWEEN)
    if of and _ENGLISH.match(word) and not re.search(rf"\s{word}", tidied(text), re.I):
        return None
    return TotalRow(column, kind, of or inside, bool(of) or "小" in word or word.lower() == "subtotal")


# ── held against their rows ─────────────────────────────────────────────────────────────────────────────────────────


def total_faults(lines: list[Line], columns: Columns, file: str, *, sheet: bool = True) -> Iterator[Fault]:
    """Totals that are not the sum (the mean, the most) of the rows that they stand for."""
    rows = _Rows(lines, columns)
    for count, (at, total) in enumerate(rows.totals.items()):
        groups = rows.groups(at) if total.kind else []
        for column in columns.numbers if groups else ():
            where = Where(cell=name_of(column, lines[at].number)) if sheet else Where(column=columns.means[column])
            found = list(_differs(lines[at], column, groups, total.kind, file, where))
            rows.looked += sum(map(len, groups if found else groups[:1]))
            yield from found
        if rows.looked > TOTALLED:
            yield Fault.of("table_too_large", file, kind="totals", most=f"{count:,}")
            return


class _Rows:
    """The rows below a header by what they are: those of totals, and of data, by their positions; `looked`: how many rows were
    looked at for them so far."""

    def __init__(self, lines: list[Line], columns: Columns) -> None:
        self.lines, self.columns, self.looked = lines, columns, 0
        self.totals = {i: total for i, line in enumerate(lines) if line.kind == "total" and (total := total_of(line, columns))}
        self.data = [i for i, line in enumerate(lines) if line.kind == "data"]
        self.at = [*self.totals]
        self.parts = {i for i, each in self.totals.items() if each.part and each.kind}
        self.upwards = bool(self.data) and self.data[0] < min(self.parts, default=0)

    def groups(self, at: int) -> list[list[Line]]:
        """The rows that a total may stand for, those that are told first; none where nobody can say."""
        total, alike = self.totals[at], self.alike(at)
        if total.of:
            self.looked += len(alike)
            if own := [self.lines[i] for i in alike if _belongs(self.lines[i], total.of, self.columns)]:
                return [own]
        place = bisect_left(self.at, at)
        before = self.at[place - 1] if place else -1
        after = self.at[place + 1] if place + 1 < len(self.at) else len(self.lines)
        near = [self.among(alike, before + 1, at), self.among(alike, at + 1, after)]
        sides = near if self.upwards else near[::-1]
        if total.part and (not sides[0] or (total.of and {at - 1, at + 1} & self.parts)):
            return []
        above, every = self.among(alike, 0, at), self.among(alike, 0, len(self.lines))
        self.looked += len(every) // 20
        return [group for group in (*(sides if total.part else ()), above or every, *sides, every) if group]

    def among(self, alike: list[int], start: int, end: int) -> list[Line]:
        """Of these rows (ascending) the ones from one position to before another."""
        return [self.lines[i] for i in alike[bisect_left(alike, start):bisect_left(alike, end)]]

    def alike(self, at: int) -> list[int]:
        """The rows of data that say the same as a total in the keys that it fills beside its word."""
        line, word = self.lines[at], self.totals[at].column
        same = {column: text for column in self.columns.keys
                if (text := line.texts.get(column)) and column != word and not _read(column, text)}
        if not same:
            return self.data
        self.looked += len(self.data)
        return [i for i in self.data if all(self.columns.alike(column, self.lines[i].texts.get(column) or "", text)
                                            for column, text in same.items())]


def _belongs(line: Line, of: str, columns: Columns) -> bool:
    """Whether a row is of the unit, the indicator or the group of this code or name."""
    for column in (column for column, name in columns.means.items() if column in columns.keys or name.endswith(NAME_OF)):
        text = line.texts.get(column) or ""
        if text and columns.alike(column, text, of):
            return True
    return False


def _differs(line: Line, column: int, groups: list[list[Line]], kind: str, file: str, where: Where) -> Iterator[Fault]:
    found = _DECIMAL.fullmatch(half_width(line.texts.get(column) or ""))
    if found is None:
        return
    worth, share, first = Decimal(found[1]), Decimal(100 if found[2] else 1), None
    for group in groups:
        each = _sum((other.texts.get(column, "") for other in group), kind)
        if each is None:
            return
        first = first or each
        total, size = each[0] * share, each[1] * share
        half = Decimal(1).scaleb(int(worth.as_tuple().exponent)) / 2 if kind in ("mean", "median") else Decimal(0)
        if abs(worth - total) <= max(half, size / 10**12):
            return
    assert first is not None
    want = decimal(float(first[0] * share)) + found[2]
    yield Fault.of("total_differs", file, line.number, where, found=found[0], sum=want, kind=kind)


@lru_cache(65_536)
def _worth(text: str) -> tuple[Decimal, ...] | None:
    """The number that a text is, none where it holds no digit; None where it may have been meant as one."""
    found = _DECIMAL.fullmatch(half_width(text))
    if found is None:
        return None if re.search(r"\d", text) else ()
    return (Decimal(found[1]) / (100 if found[2] else 1),)


def _sum(texts: Iterable[str | None], kind: str) -> tuple[Decimal, Decimal] | None:
    """The sum, mean, median or an end of what is a number, and the sum of sizes; None where a text may have been meant as one."""
    worths = list[Decimal]()
    for text in texts:
        if text is None or (worth := _worth(text)) is None:
            return None
        worths += worth
    total, size = sum(worths, Decimal(0)), sum(map(abs, worths), Decimal(0))
    if kind == "sum" or not worths:
        return total, size
    ends = {"mean": total / len(worths), "max": max(worths), "min": min(worths), "median": median(worths)}
    return ends[kind], size
