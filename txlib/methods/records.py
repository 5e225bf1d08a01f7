"""Points that come from tables of their own: surveys, events, the city's places on superior indicators.

Each function is pure: rows and a rule in, one exact fraction a unit out, in the order of `units`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from txlib.base.numbers import Array, exact
from txlib.methods.scorings import Marks, PerEvent, SuperiorRank, Survey

DONT_KNOW = "dont_know"
ZERO: Any = Fraction(0)
ONE: Any = Fraction(1)


def _zeros(shape: Any) -> Array:
    return np.full(shape, ZERO, dtype=object)


def _positions(names: Sequence[str], column: pd.Series[Any]) -> npt.NDArray[np.intp]:
    return np.asarray(pd.Index(names).get_indexer(pd.Index(column)))


def survey(rows: pd.DataFrame, rule: Survey, units: Sequence[str], full: Fraction) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Points and whether there is any answer: grades averaged within a group, groups weighted (1.4a).

    `rows`: unit, group, grade, count. “Don't know” is left out or takes its share, as ruled. A group without an answer
    for a unit leaves its weight to the others where the rule redistributes it.
    """
    grades = {**rule.grades, **({} if rule.dont_know == "not_counted" else {DONT_KNOW: rule.dont_know})}
    counted = rows[rows["grade"].isin(list(grades))]
    groups = list(rule.groups)
    at = _positions(units, counted["unit"]), _positions(groups, counted["group"])
    count = exact(counted["count"].to_numpy(dtype=np.float64))
    value = np.array([grades[grade] for grade in counted["grade"]], dtype=object)
    answers, marks = _zeros((len(units), len(groups))), _zeros((len(units), len(groups)))
    np.add.at(answers, at, count)
    np.add.at(marks, at, count * value if len(count) else count)
    there = np.asarray(answers > 0, dtype=bool)
    weights = np.where(there, np.array(list(rule.groups.values()), dtype=object), ZERO)
    means = marks / np.where(there, answers, ONE)
    held = weights.sum(axis=1)
    some = np.asarray(held > 0, dtype=bool)
    return (weights * means).sum(axis=1) / np.where(some, held, ONE) * full, some


def events(rows: pd.DataFrame, rule: PerEvent, cap: Fraction, units: Sequence[str]) -> Array:
    """Points for events, at most `cap`, negative for deductions (1.3a).

    `rows`: unit, honour, level, share (percent, NaN where none), of all the category's units, also of those that `units`
    leaves out: they claim their part. Where an honour counts once it counts at its highest level; where several units
    claim it, each has it in full, in equal parts, or by its share.
    """
    table = rows.assign(points=[rule.levels[level] for level in rows["level"]])
    if rule.same_honour == "highest":
        table = table.sort_values("points", ascending=False, kind="stable").drop_duplicates(["unit", "honour"])
    points = np.array(table["points"].to_list(), dtype=object)
    if rule.several_units == "split" and len(table):
        claims = table.groupby("honour")["unit"].transform("nunique").to_numpy()
        points = points / np.array([Fraction(int(n)) for n in claims], dtype=object)
    elif rule.several_units == "by_share" and len(table):
        share = table["share"].to_numpy(dtype=np.float64)
        points = points * exact(np.where(np.isnan(share), 100.0, share)) / 100
    total, at = _zeros(len(units)), _positions(units, table["unit"])
    np.add.at(total, at[at >= 0], points[at >= 0])
    most: Any = cap
    capped: Array = np.minimum(total, most)
    return -capped if rule.kind == "deduction" else capped


def marks(rows: pd.DataFrame, rule: Marks, units: Sequence[str], full: Fraction) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Points and whether the unit has a mark: its total out of `out_of`, put to the full points (1.3e).

    `rows`: unit, total (NaN where the item does not apply to the unit).
    """
    there = rows[rows["total"].notna()]
    points, some, at = _zeros(len(units)), np.zeros(len(units), dtype=bool), _positions(units, there["unit"])
    points[at] = exact(there["total"].to_numpy(dtype=np.float64)) / rule.out_of * full
    some[at] = True
    return points, some


def penalties(rows: pd.DataFrame, units: Sequence[str]) -> Array:
    """What the units lose as lead departments, negative. `rows`: unit, points (1.3i)."""
    total, at = _zeros(len(units)), _positions(units, rows["unit"])
    np.add.at(total, at[at >= 0], exact(rows["points"].to_numpy(dtype=np.float64))[at >= 0])
    return -total


def superior_rank(rows: pd.DataFrame, rule: SuperiorRank, units: Sequence[str],
                  full: Fraction) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Points and whether the unit answers for any superior indicator here (1.1a).

    `rows`: unit, share (percent), place of the city among its peers. Each place gives full points less a step a place,
    not under the floor; a unit's points are their mean, weighted by its shares.
    """
    places = exact(rows["place"].to_numpy(dtype=np.float64))
    share = exact(rows["share"].to_numpy(dtype=np.float64))
    floor: Any = rule.floor.points(full)
    points = np.maximum(full - (places - 1) * rule.step.points(full), floor)
    at = _positions(units, rows["unit"])
    weight, weighted = _zeros(len(units)), _zeros(len(units))
    np.add.at(weight, at, share)
    np.add.at(weighted, at, share * points)
    some = np.asarray(weight > 0, dtype=bool)
    return weighted / np.where(some, weight, ONE), some
