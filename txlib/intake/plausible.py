"""What a value may be by its unit of measure, and values to be looked at again: of another magnitude than others of their kind,
or shown on another side of a line than they are stored.

A remark rests until a note says that the value was seen to (已核实, confirmed), or a decision does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from txlib.base.faults import Fault, Remark, Where
from txlib.base.numbers import Floats, exact, fraction
from txlib.intake.units_of_measure import COUNTED, measure
from txlib.methods import Method
from txlib.rules.book import Node
from txlib.spreadsheet.number_formats import decimal

CONFIRMED = re.compile(r"(?<![未待不])(?:已?核[实对]过?|属实|无误|确认)|\b(?:confirmed|verified|checked)\b", re.I)
_CHANGE = re.compile(r"[增减升降涨跌]|变[化动]|同比|环比|完成|达成|超|growth|change|increase|decrease|completion|target", re.I)
_BEYOND = re.compile(r"毛入[学园]|指数|产销|负债|杠杆|存贷|依存|参保|[结执]案|执结|执行率|到位率|平衡率|计划|利润|收益|回报|"
                     r"\b(?:index|gross enrol|debt|leverage|ratio of|insured|margin|profit|return)", re.I)  # % that are no share
_PER = re.compile(r"每|人均|户均|万人(?!次)|[百千]人|百户|亿元(?:GDP|地区生产总值|产值)|平均|折合|"
                  r"\b(?:per|average|mean|equivalent)\b", re.I)
_NET = re.compile(r"净|增量|增减|变[化动]|\b(?:net|change)\b", re.I)
_RATE = re.compile(r"[%‰/]|人均|户均|每|per\b", re.I)
OFF, ALIKE, MOST = 0.15, 0.3, 0.8  # powers of ten: beside a whole one; of one magnitude; the share of the peers that are
Bounds = tuple[Fraction | None, Fraction | None, bool]  # the least, the most, whether it is whole
UNBOUNDED: Bounds = (None, None, False)
FAR = 2  # powers of ten from which on the median of peers tells


def possible(leaf: Node) -> Bounds:
    """The least and the most that a value may be, as far as its unit or the rule-book says, and whether it is a whole number.

    What is counted is whole and not below zero, but no average or rate of counts is, and a net count may be below; a share lies
    within 0 and 100%, or as far as the lines of its rule reach; a change, a rate of completion or an index is no share.
    """
    if leaf.possible is not None:
        return *leaf.possible, False
    unit, rule = leaf.measured_in, leaf.rule
    if unit is None or not isinstance(rule, Method):
        return UNBOUNDED
    names = f"{leaf.name.zh} {leaf.name.en}"
    if measure(unit.zh).base in COUNTED and measure(unit.zh).power == 0:
        least = None if _NET.search(names) else Fraction(0)
        return UNBOUNDED if _PER.search(names) else (least, None, True)
    if unit.zh != "%" or rule.beside or _CHANGE.search(names) or _BEYOND.search(names):
        return UNBOUNDED
    lines = [Fraction(line) for line in rule.lines(0, leaf.full)]
    return min([Fraction(0), *lines]), max([Fraction(100), *lines]), False


def impossible(row: Any, leaf: Node, column: str, bounds: Bounds) -> Iterator[Fault]:
    """A number of a row that its unit of measure does not allow; `bounds`: those of its leaf (possible)."""
    number, (low, high, whole) = getattr(row, column).number, bounds
    if number is None or leaf.measured_in is None or bounds == UNBOUNDED:
        return
    value = fraction(number)
    if (low is not None and value < low) or (high is not None and value > high) or (whole and value.denominator != 1):
        code = "value_impossible" if not whole else "value_in_parts" if low is None else "value_not_whole"
        yield Fault.of(code, row.file, row.line, Where(row.unit, leaf.code, column=column), found=decimal(number),
                       unit=leaf.measured_in.zh, low="−∞" if low is None else decimal(float(low)),
                       high="∞" if high is None else decimal(float(high)))


# ── of another magnitude ────────────────────────────────────────────────────────────────────────────────────────────


def magnitudes(plain: pd.DataFrame, leaf: Node) -> Iterator[Remark]:
    """Values of a leaf (plain rows that apply) that are some power of ten away from what they are held against, where those of
    most peers are not: their own target, else their own last year, else, of rates alone, the median of the others."""
    value = plain["value"].to_numpy(dtype=np.float64)
    own = plain["target"].where(plain["target"].notna() & (plain["target"] != 0), plain["last_year"]).to_numpy(dtype=np.float64)
    assert leaf.measured_in is not None
    if leaf.measured_in.zh == "%" and (value < 0).any() and (value > 0).any():
        return
    powers = _powers(value, own)
    by_peers = np.isnan(powers) & bool(_RATE.search(leaf.measured_in.zh) or _RATE.search(leaf.name.zh))
    for i in np.flatnonzero(~np.isnan(powers) & (np.abs(np.rint(powers)) >= 1) & (np.abs(powers - np.rint(powers)) <= OFF)):
        if _most_alike(np.delete(powers, i)):
            yield _looked_at(plain.iloc[i], leaf, float(own[i]), float(powers[i]))
    for i in np.flatnonzero(by_peers):
        others = np.delete(value, i)
        others = others[~np.isnan(others)]
        middle = float(np.median(others)) if len(others) >= 2 else 0.0
        power = float(_powers(value[i:i + 1], np.array([middle]))[0])
        if abs(round(power) if power == power else 0) >= FAR and abs(power - round(power)) <= OFF \
                and _most_alike(_powers(others, np.full(len(others), middle))):
            yield _looked_at(plain.iloc[i], leaf, middle, power)


def _powers(value: Floats, reference: Floats) -> Floats:
    """The power of ten between values and what they are held against; NaN where either is zero or there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        powers = np.log10(np.abs(value / reference))
    return np.where(np.isfinite(powers), powers, np.nan)


def _most_alike(powers: Floats) -> bool:
    """Whether most peers are of the magnitude that they are held against, as far as half of them or more can be."""
    known = powers[~np.isnan(powers)]
    return 0 < len(known) >= len(powers) / 2 and float(np.mean(np.abs(known) <= ALIKE)) >= MOST


def _looked_at(row: Any, leaf: Node, reference: float, power: float) -> Remark:
    assert leaf.measured_in is not None
    where = Where(row["unit"], leaf.code, indicator_name=leaf.name.zh, column="value")
    times = 10 ** abs(round(power))
    return Remark.of("magnitude", row["file"], row["line"], where, found=f"{decimal(float(row['value']))}{leaf.measured_in.zh}",
                     reference=decimal(reference), times=f"{times:,}")


# ── on another side of a line ───────────────────────────────────────────────────────────────────────────────────────


def other_sides(frame: pd.DataFrame, leaf: Node) -> Iterator[Remark]:
    """Rows of a leaf whose cells show fewer decimals than they store, where the number shown lies on another side of a line of
    the rule, or of another unit's where places count."""
    rule = leaf.rule
    assert isinstance(rule, Method)
    rows = [row for row in frame.itertuples() if row.value.number is not None and row.value.applies]
    for row in rows:
        lines = [getattr(row, rule.beside)] if rule.beside else []
        other: Any = lines[0].number if lines else 0
        stored, seen = fraction(row.value.number), _seen(row.value)
        for line in rule.lines(None if other is None else fraction(other), leaf.full):
            if line is not None and _above(stored, line, rule) != _above(seen, _seen(lines[0]) if lines else line, rule):
                yield _shown(row, leaf, decimal(float(line)))
    if rule.by_place:
        yield from _ties(rows, leaf)


def _ties(rows: Sequence[Any], leaf: Node) -> Iterator[Remark]:
    """Neighbours that the sheet shows in another order, or as equal, than they are stored."""
    ordered = sorted(rows, key=lambda row: row.value.number)
    for below, above in pairwise(ordered):
        apart = _side(exact([above.value.number]).item(), fraction(below.value.number))
        if apart != _side(_seen(above.value), _seen(below.value)):
            row, other = (above, below) if above.value.shown else (below, above)
            yield _shown(row, leaf, f"{other.unit} {decimal(other.value.number)}")


def _seen(cell: Any) -> Fraction:
    return Fraction(cell.shown) if cell.shown else fraction(cell.number)


def _above(value: Fraction, line: Fraction, rule: Method) -> bool:
    return value >= line if rule.on_line_above else value > line


def _side(value: Fraction, line: Fraction) -> int:
    return (value > line) - (value < line)


def _shown(row: Any, leaf: Node, line: str) -> Remark:
    where = replace(Where(row.unit, leaf.code), column="value")
    return Remark.of("shown_on_other_side", row.file, row.line, where, found=decimal(row.value.number),
                     shown=row.value.shown or decimal(row.value.number), against=line)


def unnoted(remarks: Iterator[Remark], frame: pd.DataFrame) -> Iterator[Remark]:
    """The remarks on rows whose note does not say that they were seen to."""
    seen = {(row.file, row.line) for row in frame.itertuples() if CONFIRMED.search(row.note)}
    yield from (each for each in remarks if (each.file, each.line) not in seen)


def unconfirmed(remarks: Iterable[Remark], decisions: pd.DataFrame) -> set[Remark]:
    """The remarks on figures that no decision confirms."""
    seen = set(decisions.loc[decisions["kind"] == "confirmed", ["unit", "indicator"]].itertuples(index=False, name=None))
    return {each for each in remarks if (each.at.unit, each.at.indicator) not in seen}
