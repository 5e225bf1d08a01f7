"""The marks of each item as a strip of dots beside the lines that the quotas draw (1.3g)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from txlib.base.numbers import exact
from txlib.base.printing import plainly
from txlib.report.audited import Audited, unruled
from txlib.report.kit.drawing import ABOVE, BELOW, LINE, SMALL, WIDTH, Drawn, fitted, rows, settings
from txlib.report.kit.shown import Shown, aligned, joined, nothing, sentences, wide

if TYPE_CHECKING:
    import pandas as pd

    from txlib.intake.data import Data

BESIDE = 18  # columns of a line of names beside a line
STACK = 0.2  # how far equal marks stand apart, in rows


def strip(told: Audited | None, data: Data, category: str, lang: str = "zh") -> Drawn | Shown:
    """A row for each item, a dot for each unit; units near a line are diamonds and named."""
    if told is None:
        return unruled(lang)
    items = list(told.audit.spread.itertuples())
    marks = _of_100(told, data, category)
    if not items or marks.empty:
        return nothing(told.say("nobody_marked"))
    held = [marks[marks["indicator"] == row.item].sort_values("total", ascending=False) for row in items]
    near = [_near(told, each) for each in held]
    with settings("strip", lang):
        figure = Figure(figsize=(WIDTH, 0.8 + 0.72 * len(items)), layout="constrained")
        axes = figure.add_subplot()
        rows(axes, [told.say("item_of", item=told.item(row), lead=told.named([row.lead])) for row in items], most=3)
        for i, (each, by_line) in enumerate(zip(held, near, strict=True)):
            _dots(axes, i, each, {unit for units in by_line.values() for unit in units})
            for line, units in by_line.items():
                right = each.loc[each["unit"].isin(units), "total"].mean() >= line
                axes.annotate(fitted(_few(told, units), BESIDE), (line, i - 0.12), (4 if right else -4, 0),
                              textcoords="offset points", ha="left" if right else "right", va="bottom", fontsize=SMALL,
                              linespacing=1.1)
        for line in _lines(told):
            axes.axvline(line, color=LINE, linewidth=1, linestyle=(0, (4, 3)))
            axes.annotate(plainly(line), (line, 1), (0, 3), axes.get_xaxis_transform(), "offset points", ha="center",
                          fontsize=SMALL)
        low, high = float(marks["total"].min()), float(marks["total"].max())
        axes.set_xlim(min(low, *_lines(told)) - 2.5, max(high, *_lines(told)) + 2.5)
        axes.grid(axis="y", color=LINE, alpha=0.25, linewidth=0.6)
        axes.set_xlabel(told.say("strip_axis", near=plainly(_reach(told))), fontsize=SMALL)
        spread = sentences((told.say("strip_range", item=told.item(row), low=plainly(row.lowest), high=plainly(row.highest))
                            for row in items), lang)
        digest = aligned(told.columns("item", "units"), [[told.item(row), _digest(told, each)]
                                                       for row, each in zip(items, held, strict=True)])
        caption = told.say("strip", category=told.category(category))
        return Drawn.of(figure, caption, told.say("strip_alt", spread=spread), digest)


def _dots(axes: Axes, row: int, marks: pd.DataFrame, close: set[str]) -> None:
    """The units' dots; equal marks stand one below the other."""
    seen: dict[float, int] = {}
    for unit, total in zip(marks["unit"], marks["total"], strict=True):
        below = seen[total] = seen.get(total, -1) + 1
        axes.plot([total], [row + STACK * below], "D" if unit in close else "o", markersize=6,
                  color=BELOW if unit in close else ABOVE, alpha=0.85, markeredgewidth=0)


def _lines(told: Audited) -> list[float]:
    return sorted({float(level.line) for level in told.levels})


def _reach(told: Audited) -> float:
    """How near to a line is near: as ruled for signs of levelling, else one mark."""
    rules = told.book.rules.quotas
    return float(rules.levelling.near) if rules and rules.levelling else 1.0


def _near(told: Audited, marks: pd.DataFrame) -> dict[float, list[str]]:
    """By line, the units whose marks are near it, the nearest of two lines where both are."""
    found: dict[float, list[str]] = {}
    lines, reach = [exact([line])[0] for line in _lines(told)], exact([_reach(told)])[0]
    for unit, total in zip(marks["unit"], exact(marks["total"].to_numpy()), strict=True):
        line = min(lines, key=lambda each: abs(each - total))
        if abs(line - total) <= reach:
            found.setdefault(float(line), []).append(unit)
    return found


def _few(told: Audited, units: Sequence[str]) -> str:
    """These units by name, as many as fit on two lines, and how many there are where they are more."""
    for most in range(len(units), 0, -1):
        named = told.named(units[:most])
        text = named if most == len(units) else told.say("and_more", units=named, count=len(units))
        if wide(text) <= 2 * BESIDE - 2:
            return text
    return told.say("so_many", count=len(units))


def _of_100(told: Audited, data: Data, category: str) -> pd.DataFrame:
    """The category's marks put out of 100; without units that are not assessed on an item, or excluded."""
    out = data.decided("excluded", data.units)
    marks = data.marks[(data.marks["category"] == category) & data.marks["total"].notna() & ~data.marks["unit"].isin(out)]
    most = [told.book.categories[category].node(code).rule.out_of for code in marks["indicator"]]  # type: ignore[union-attr]
    totals = exact(marks["total"].to_numpy())
    return marks.assign(total=[float(total * 100 / full) for total, full in zip(totals, most, strict=True)])


def _digest(told: Audited, marks: pd.DataFrame) -> str:
    told_rows: Any = marks.itertuples()
    return joined((f"{told.named([row.unit])} {plainly(row.total)}" for row in told_rows), told.lang)
