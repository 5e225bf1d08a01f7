"""Marks as whole numbers, by item and category: what their floats stand for, so that a line is met or missed exactly.

A float stands for a decimal of at most 15 significant digits; a column becomes integers over one divisor, int64 where
they fit, else Python's (object dtype). Marks are compared out of 100, whatever their item is marked out of.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from txlib.base.fields import Side
from txlib.base.numbers import DIGITS, Array, Counts
from txlib.rules.quotas import Per

Flags = npt.NDArray[np.bool_]
HUNDRED = 100
QUICK_PLACES, SAFE = 15, 2**62
ITEM = ["category", "item", "item_name", "item_name_en", "lead"]


@dataclass(frozen=True)
class Whole:
    """Numbers as integers over a divisor that they share: `value / over`."""

    value: Array
    over: int

    def floats(self, value: Array | None = None) -> npt.NDArray[np.float64]:
        """These integers, or others over the same divisor, as the nearest floats."""
        ints = self.value if value is None else value
        if ints.dtype != object and self.over < 2**53 and (not ints.size or int(np.abs(ints).max()) < 2**53):
            return np.asarray(ints / self.over)
        return np.array([int(v) / self.over for v in ints], dtype=np.float64)


@dataclass(frozen=True)
class Marking:
    """The marks given, ordered by their item: those of row i of `items` stand together.

    `items`: one row a category and item (ITEM, `out_of` and `declared` as Fractions, declared None where it is not; `stated`: by
    the lines of the detailed rules);
    `row`, `unit`, `known`: each mark's row of items, its unit, whether it has a quantitative part; `total` and
    `quantitative` share a divisor (points as handed in), `mark` is out of 100, `step` its place among all marks from below.
    `present`: rows with marks, `start` where theirs begin; `units`: how many marks each row of items has.
    """

    items: pd.DataFrame
    row: Counts
    unit: Array
    known: Flags
    total: Whole
    quantitative: Whole
    mark: Whole
    step: Counts
    present: Counts
    start: Counts
    units: Counts

    def totals_of(self, values: Array) -> Array:
        """The sum of `values` (one a mark) for each row that is present."""
        return np.asarray(np.add.reduceat(values, self.start)) if len(values) else values[:0]

    def lowest(self, values: Array) -> Array:
        """The lowest of `values` (one a mark) for each row that is present."""
        return np.asarray(np.minimum.reduceat(values, self.start)) if len(values) else values[:0]

    def highest(self, values: Array) -> Array:
        """The highest of `values` (one a mark) for each row that is present."""
        return np.asarray(np.maximum.reduceat(values, self.start)) if len(values) else values[:0]

    def above_lowest(self, values: Array) -> Array:
        """How far each of `values` lies above the lowest of its row."""
        return np.asarray(values - np.repeat(self.lowest(values), self.units[self.present]))

    def distinct(self) -> Counts:
        """How many different marks each row of items has."""
        steps = int(self.step.max()) + 1 if len(self.step) else 1
        key = np.sort(self.row * steps + self.step)  # numpy's unique hashes, and takes seconds over keys as regular as these
        return np.bincount(key[np.diff(key, prepend=-1) > 0] // steps, minlength=len(self.items))


@dataclass(frozen=True)
class MarkGroups:
    """The units that a quota counts together: `frame` (ITEM; category empty where an item's categories are one group),
    `of_row` the group of each row of items, `of` that of each mark, `units` how many marks a group has."""

    frame: pd.DataFrame
    of_row: Counts
    of: Counts
    units: Counts


def whole_numbers(numbers: Any) -> Whole:
    """The decimals of at most 15 significant digits that floats stand for, as integers over one divisor.

    What an addition left behind in the 16th digit is dropped: 24.4 + 39.8 + 25.8 is 90.
    """
    column = np.asarray(numbers, dtype=np.float64)
    for places in range(QUICK_PLACES + 1):
        scaled = np.rint(column * 10.0**places)
        if (np.abs(scaled) < 10.0**DIGITS).all() and (scaled / 10.0**places == column).all():
            return Whole(scaled.astype(np.int64), 10**places)
    known, at = np.unique(column, return_inverse=True)
    parts = [Fraction(f"{float(v):.{DIGITS}g}") for v in known]
    over = math.lcm(*(part.denominator for part in parts))
    return Whole(integers([int(part * over) for part in parts])[at], over)


def integers(values: Sequence[int]) -> Array:
    """Integers as int64 where they fit, else as they are."""
    fit = all(abs(value) < SAFE for value in values)
    return np.array(values, dtype=np.int64 if fit else object)


def roomy(values: Array, factor: int) -> Array:
    """The same integers, as Python's where `factor` times the largest would not fit int64."""
    return values if not values.size or int(np.abs(values).max()) * factor < SAFE else values.astype(object)


def fraction(number: Any) -> Fraction | None:
    """A fraction as it is, a float as the decimal that it stands for, None or NaN as None."""
    if isinstance(number, Fraction):
        return number
    return None if number is None or math.isnan(number) else Fraction(f"{float(number):.{DIGITS}g}")


def marking(marks: pd.DataFrame, items: pd.DataFrame) -> Marking:
    """The marks handed in, grouped by the rows of `items`; a row without a total is no mark.

    `marks`: category, item, unit, quantitative, total (points, floats); `items`: category, item (together once), name,
    name_en, lead, out_of, declared. The lead department is that of `items`. ValueError: a mark for an item not in `items`.
    """
    catalogue = _catalogue(items)
    given = marks[marks["total"].notna().to_numpy()]
    row = _rows(given, catalogue)
    order = np.argsort(row, kind="stable")
    row, n = row[order], len(order)
    quantitative = given["quantitative"].to_numpy(dtype=np.float64)[order]
    known = ~np.isnan(quantitative)
    both = whole_numbers(np.concatenate([given["total"].to_numpy(dtype=np.float64)[order], np.where(known, quantitative, 0.0)]))
    total = Whole(both.value[:n], both.over)
    mark = _out_of_hundred(total, row, catalogue)
    step = np.unique(mark.value, return_inverse=True)[1].astype(np.int64)
    present, start = np.unique(row, return_index=True)
    return Marking(catalogue, row, given["unit"].to_numpy(dtype=object)[order], known, total, Whole(both.value[n:], both.over),
                   mark, step, present, start, np.bincount(row, minlength=len(catalogue)))


def _catalogue(items: pd.DataFrame) -> pd.DataFrame:
    columns = {"category": "category", "item": "item", "item_name": "name", "item_name_en": "name_en", "lead": "lead"}
    frame = pd.DataFrame({name: items[column].to_numpy(dtype=object) for name, column in columns.items()})
    frame["stated"] = items["stated"].to_numpy(dtype=bool) if "stated" in items else False
    for name in ("out_of", "declared"):
        frame[name] = pd.Series([fraction(value) for value in items[name]], index=frame.index, dtype=object)
    return frame


def _rows(given: pd.DataFrame, catalogue: pd.DataFrame) -> Counts:
    """The row of the catalogue that each mark belongs to."""
    width = len(catalogue) + 1
    key, wanted = np.zeros(len(given), dtype=np.int64), np.zeros(len(catalogue), dtype=np.int64)
    for name in ("category", "item"):
        codes = pd.Index(catalogue[name].unique())
        mine = codes.get_indexer(pd.Index(given[name]))
        key, wanted = key * width + mine, wanted * width + codes.get_indexer(pd.Index(catalogue[name]))
        key[mine < 0] = -1
    row = np.asarray(pd.Index(wanted).get_indexer(pd.Index(key)), dtype=np.int64)
    if (row < 0).any():
        first = given.iloc[int(np.argmax(row < 0))]
        raise ValueError(f"a mark for an item that is not listed: {first['category']}, {first['item']}")
    return row


def _out_of_hundred(total: Whole, row: Counts, catalogue: pd.DataFrame) -> Whole:
    if all(out_of == HUNDRED for out_of in catalogue["out_of"]):
        return total
    factors = [HUNDRED / Fraction(out_of) for out_of in catalogue["out_of"]]
    over = math.lcm(*(factor.denominator for factor in factors))
    times = integers([int(factor * over) for factor in factors])
    return Whole(roomy(total.value, int(times.max())) * times[row], total.over * over)


def grouped(marking: Marking, per: Per) -> MarkGroups:
    """Marks by item and category, or by item and lead department, all categories together."""
    items = marking.items
    if per == "category":
        return MarkGroups(items[ITEM], np.arange(len(items)), marking.row, marking.units)
    of_row = pd.factorize(pd.MultiIndex.from_frame(items[["item", "lead"]]))[0].astype(np.int64)
    frame = items[ITEM].assign(category="").iloc[np.unique(of_row, return_index=True)[1]].reset_index(drop=True)
    of = of_row[marking.row]
    return MarkGroups(frame, of_row, of, np.bincount(of, minlength=len(frame)))


def beyond(mark: Whole, marks: Side, line: Fraction) -> Flags:
    """Which marks are at least, above, at most or below a line out of 100."""
    cut = line * mark.over
    upper = mark.value >= math.ceil(cut) if marks in ("at_least", "below") else mark.value > math.floor(cut)
    return np.asarray(upper if marks in ("at_least", "above") else ~upper, dtype=bool)


def split(values: Array, of: Counts, groups: int) -> list[tuple[Any, ...]]:
    """Values as one tuple a group, in their order."""
    order = np.argsort(of, kind="stable")
    ends = np.cumsum(np.bincount(of, minlength=groups))
    parts = values[order].tolist()
    return [tuple(parts[start:end]) for start, end in zip([0, *ends[:-1]], ends, strict=True)] if groups else []
