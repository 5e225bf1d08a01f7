"""The marks of each item as a strip of dots beside the lines that the quotas draw (1.3g)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from txlib.base.numbers import exact
from txlib.base.printing import plainly
from txlib.report.kit.drawing import ABOVE, BELOW, LINE, SMALL, WIDTH, Drawn, fitted, rows, settings
from txlib.report.kit.shown import Display, aligned, nothing, wide
from txlib.report.marks.audit import Audited, unruled

if TYPE_CHECKING:
    import pandas as pd

    from txlib.intake.data import Data
    from txlib.report.kit.words import Words

BESIDE = 18  # columns of a line of names beside a line
STACK = 0.2  # how far equal marks stand apart, in rows


def strip(audited: Audited | None, data: Data, category: str, words: Words) -> Drawn | Display:
    """A row for each item, a dot for each unit; units near a line are diamonds and named."""
    if audited is None or not audited.ruled:
        return unruled(words)
    items = list(audited.audit.spread.itertuples())
    marks = _of_100(audited, data, category)
    if not items or marks.empty:
        return nothing(words.say("audit.nobody_marked"))
    held = [marks[marks["indicator"] == row.item].sort_values("total", ascending=False) for row in items]
    near = [_near(audited, each) for each in held]
    with settings("strip", words.lang):
        figure = Figure(figsize=(WIDTH, 0.8 + 0.72 * len(items)), layout="constrained")
        axes = figure.add_subplot()
        rows(axes, [words.say("audit.item_of", item=words.item(row), lead=words.unit(row.lead)) for row in items], most=3)
        for i, (each, by_line) in enumerate(zip(held, near, strict=True)):
            _dots(axes, i, each, {unit for units in by_line.values() for unit in units})
            for line, units in by_line.items():
                right = each.loc[each["unit"].isin(units), "total"].mean() >= line
                axes.annotate(fitted(_few(units, words), BESIDE), (line, i - 0.12), (4 if right else -4, 0),
                              textcoords="offset points", ha="left" if right else "right", va="bottom", fontsize=SMALL,
                              linespacing=1.1)
        for line in _lines(audited):
            axes.axvline(line, color=LINE, linewidth=1, linestyle=(0, (4, 3)))
            axes.annotate(plainly(line), (line, 1), (0, 3), axes.get_xaxis_transform(), "offset points", ha="center",
                          fontsize=SMALL)
        low, high = float(marks["total"].min()), float(marks["total"].max())
        axes.set_xlim(min(low, *_lines(audited)) - 2.5, max(high, *_lines(audited)) + 2.5)
        axes.grid(axis="y", color=LINE, alpha=0.25, linewidth=0.6)
        axes.set_xlabel(words.say("audit.strip_axis", near=plainly(_reach(audited))), fontsize=SMALL)
        spread = words.sentences(words.say("audit.strip_range", item=words.item(row), low=plainly(row.lowest),
                                           high=plainly(row.highest)) for row in items)
        digest = aligned(words.columns("item", "units", labels="audit"),
                         [[words.item(row), _digest(each, words)] for row, each in zip(items, held, strict=True)])
        caption = words.say("audit.strip", category=words.category(category))
        return Drawn.of(figure, caption, words.say("audit.strip_alt", spread=spread), digest)


def _dots(axes: Axes, row: int, marks: pd.DataFrame, close: set[str]) -> None:
    """The units' dots; equal marks stand one below the other."""
    seen: dict[float, int] = {}
    for unit, total in zip(marks["unit"], marks["total"], strict=True):
        below = seen[total] = seen.get(total, -1) + 1
        axes.plot([total], [row + STACK * below], "D" if unit in close else "o", markersize=6,
                  color=BELOW if unit in close else ABOVE, alpha=0.85, markeredgewidth=0)


def _lines(audited: Audited) -> list[float]:
    return sorted({float(level.line) for level in audited.levels})


def _reach(audited: Audited) -> float:
    """The distance up to which marks count as near a line: as ruled for signs of levelling, else one mark."""
    rules = audited.book.rules.quotas
    return float(rules.levelling.near) if rules and rules.levelling else 1.0


def _near(audited: Audited, marks: pd.DataFrame) -> dict[float, list[str]]:
    """By line, the units whose marks are near it, the nearest of two lines where both are."""
    near: dict[float, list[str]] = {}
    lines, reach = [exact([line])[0] for line in _lines(audited)], exact([_reach(audited)])[0]
    for unit, total in zip(marks["unit"], exact(marks["total"].to_numpy()), strict=True):
        line = min(lines, key=lambda each: abs(each - total))
        if abs(line - total) <= reach:
            near.setdefault(float(line), []).append(unit)
    return near


def _few(units: Sequence[str], words: Words) -> str:
    """The names of units, as many as fit on two lines, with the number of all where some are left out."""
    for most in range(len(units), 0, -1):
        named = words.units(units[:most])
        text = named if most == len(units) else words.say("audit.and_more", units=named, count=len(units))
        if wide(text) <= 2 * BESIDE - 2:
            return text
    return words.say("audit.so_many", count=len(units))


def _of_100(audited: Audited, data: Data, category: str) -> pd.DataFrame:
    """The category's marks put out of 100; without units that are not assessed on an item, or excluded."""
    out = data.decided("excluded", data.units)
    marks = data.marks[(data.marks["category"] == category) & data.marks["total"].notna() & ~data.marks["unit"].isin(out)]
    most = [audited.book.categories[category].node(code).rule.out_of for code in marks["indicator"]]  # type: ignore[union-attr]
    totals = exact(marks["total"].to_numpy())
    return marks.assign(total=[float(total * 100 / full) for total, full in zip(totals, most, strict=True)])


def _digest(marks: pd.DataFrame, words: Words) -> str:
    units: Any = marks.itertuples()
    return words.joined(f"{words.unit(row.unit)} {plainly(row.total)}" for row in units)
