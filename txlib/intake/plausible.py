"""Values to be looked at again: of another magnitude than others of their kind, or shown on another side of a line than they are
stored.

A remark rests until a note says that the value was seen to (已核实, confirmed), or a decision does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from txlib.base.faults import Remark, Where
from txlib.base.numbers import Floats, exact, fraction
from txlib.intake.sheets.cells import Quantity
from txlib.methods import Method
from txlib.rules.category import Node
from txlib.rules.conditions import BEYOND
from txlib.rules.quotas import Quotas
from txlib.spreadsheet.number_formats import decimal

_SEEN = re.compile(r"已经?核[实对查]?|经核[实对查]|核[实对]无误|(?:情况|数据|数字)?属实|无误|[已经]确认|确认无误"
                   r"|\b(?:confirmed|verified|checked)\b", re.I)
_UNSEEN = re.compile(r"[未没待需请不尚?？]|无法|是否|能否|\b(?:not|never|be|please|cannot|yet|pending|should|must)\b|n't", re.I)
_RATE = re.compile(r"[%‰/]|人均|户均|每|per\b", re.I)
OFF, ALIKE, MOST = 0.15, 0.3, 0.8  # powers of ten: beside a whole one; of one magnitude; the share of the peers that are
FAR = 2  # powers of ten from which on the median of peers tells


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
                yield _shown(row, leaf.code, rule.beside if not row.value.shown else "value", decimal(float(line)))
        for drawn in leaf.lines:
            if BEYOND[drawn.value](stored, drawn.line) != BEYOND[drawn.value](seen, drawn.line):
                yield _shown(row, leaf.code, "value", decimal(float(drawn.line)))
    if rule.by_place:
        yield from _ties(rows, leaf)


def other_sides_of_quotas(row: Any, total: Quantity, quotas: Quotas, most: Fraction) -> Iterator[Remark]:
    """A mark that the sheet shows on another side of a quota's line, which is out of 100, than it is stored, out of `most`."""
    if total.number is None or not total.shown:
        return
    stored, seen = fraction(total.number), _seen(total)
    lines = {(level.line * most / 100, side) for level in quotas.levels for side in (level.marks, level.or_marks) if side}
    lines |= {(most, "at_least")} if quotas.full_marks else set()
    for line, side in sorted(lines):
        on_line_above = side in ("at_least", "below")
        if (stored >= line if on_line_above else stored > line) != (seen >= line if on_line_above else seen > line):
            yield _shown(row, row.indicator, "total", decimal(float(line)))
            return


def _ties(rows: Sequence[Any], leaf: Node) -> Iterator[Remark]:
    """Neighbours that the sheet shows in another order, or as equal, than they are stored."""
    ordered = sorted(rows, key=lambda row: row.value.number)
    for below, above in pairwise(ordered):
        apart = _side(exact([above.value.number]).item(), fraction(below.value.number))
        if apart != _side(_seen(above.value), _seen(below.value)):
            row, other = (above, below) if above.value.shown else (below, above)
            yield _shown(row, leaf.code, "value", f"{other.unit} {decimal(other.value.number)}")


def _seen(cell: Any) -> Fraction:
    return Fraction(cell.shown) if cell.shown else fraction(cell.number)


def _above(value: Fraction, line: Fraction, rule: Method) -> bool:
    return value >= line if rule.on_line_above else value > line


def _side(value: Fraction, line: Fraction) -> int:
    return (value > line) - (value < line)


def _shown(row: Any, leaf: str, column: str, line: str) -> Remark:
    """That a cell of the row shows another number than it stores, which lies on another side of a line."""
    cell: Quantity = getattr(row, column)
    number = decimal(cell.number or 0)
    return Remark.of("shown_on_other_side", row.file, row.line, Where(row.unit, leaf, column=column), found=number,
                     shown=cell.shown or number, against=line)


def confirmed(note: str) -> bool:
    """Whether a note says that a value was seen to; not where it denies it, asks whether it is so, or for someone to see."""
    clauses = re.split(r"[，,。；;\n]|\.\s", note)
    return any(_SEEN.search(clause) and not _UNSEEN.search(clause) for clause in clauses)


def unnoted(remarks: Iterator[Remark], frame: pd.DataFrame) -> Iterator[Remark]:
    """The remarks on rows whose note does not say that they were seen to."""
    seen = {(row.file, row.line) for row in frame.itertuples() if confirmed(row.note)}
    yield from (each for each in remarks if (each.file, each.line) not in seen)


def unconfirmed(remarks: Iterable[Remark], decisions: pd.DataFrame) -> set[Remark]:
    """The remarks on figures that no decision confirms."""
    seen = set(decisions.loc[decisions["kind"] == "confirmed", ["unit", "indicator"]].itertuples(index=False, name=None))
    return {each for each in remarks if (each.at.unit, each.at.indicator) not in seen}
