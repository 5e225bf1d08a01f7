"""Small multiples: a panel for each unit, all on one scale, its branches beside the category's median."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from txlib.base.printing import MISSING, number
from txlib.report import facts
from txlib.report.kit.drawing import ABOVE, BELOW, LINE, SMALL, WIDTH, Drawn, fitted, high, panels, rows, settings
from txlib.report.kit.shown import Display, TableColumn, aligned, nothing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from txlib.report.kit.words import Words
    from txlib.scoring.result import Result

ACROSS, MOST = 4, 48  # panels in a row; units up to which each has one


def by_unit(result: Result, words: Words) -> Drawn | Display:
    """For each unit, in order of rank, the share of full points that it attains in each branch, and the median's.

    Full dots lie at or above the median, hollow ones below; a line joins a dot to the median. One line in place of the
    figure where there are more units than can be told apart.
    """
    units = list(result.ranking.itertuples())
    if len(units) > MOST:
        return nothing(words.say("multiples.too_many", units=len(units), most=MOST))
    nodes = [node for node in facts.branches(result.category) if not node.adjusts]
    shares = facts.attained(result, nodes) * 100
    middle, low, top = facts.among_peers(result, nodes).median() * 100, float(shares.min().min()), float(shares.max().max())
    names, labels = [words.name(node) for node in nodes], [f"{row.rank:g} {words.row(row)}" for row in units]
    down = -(-len(units) // ACROSS)
    with settings("by-unit", words.lang):
        figure = Figure(figsize=(WIDTH, 0.55 + down * (0.55 + high(names, 0.2))), layout="constrained")
        places = panels(figure, len(units), ACROSS, sharey=True)
        for i, (row, label, axes) in enumerate(zip(units, labels, places, strict=True)):
            rows(axes, names)
            _panel(axes, shares.loc[row.unit].tolist(), middle.tolist())
            axes.set_title(fitted(label, 18, 3), loc="left", fontweight="normal")
            axes.set_xlim(min(low, 99.0) - 4, max(top, 100.0) + 4)
            axes.tick_params(labelsize=SMALL - 0.5, labelbottom=i + ACROSS >= len(units))
        figure.supxlabel(words.say("multiples.axis"), fontsize=SMALL)
        alt = _alt(result, shares, middle, words)
        heads = [*words.columns("unit"), *(TableColumn(name, "number") for name in names)]
        cells = [[label, *(number(value, 1) for value in shares.loc[row.unit])]
                 for row, label in zip(units, labels, strict=True)]
        cells.append([words.say("multiples.median"), *(number(value, 1) for value in middle)])
        return Drawn.of(figure, words.say("multiples.caption", category=words.name(result.category)), alt, aligned(heads, cells))


def _panel(axes: Axes, values: list[float], middle: list[float]) -> None:
    """One unit's dots, each joined to the median of its branch."""
    there = [(i, *pair) for i, pair in enumerate(zip(values, middle, strict=True)) if pair[0] == pair[0]]
    for below, colour in ((True, BELOW), (False, ABOVE)):
        held = [(i, value, median) for i, value, median in there if (value < median - 1e-9) == below]
        rows, mine, medians = (list(column) for column in zip(*held, strict=True)) if held else ([], [], [])
        axes.hlines(rows, mine, medians, colors=colour, linewidth=1.4)
        axes.plot(mine, rows, "o", color=colour, markersize=5.5, markerfacecolor="none" if below else colour)
    axes.plot([median for _, _, median in there], [i for i, _, _ in there], "|", color=LINE, markersize=9, markeredgewidth=1.6)
    axes.grid(axis="x", color=LINE, alpha=0.25, linewidth=0.6)


def _alt(result: Result, shares: Any, middle: Any, words: Words) -> str:
    """How many branches of the first and of the last unit lie at or above the median, in a sentence."""
    def sentence(row: Any) -> str:
        held = shares.loc[row.unit].dropna()
        above = int((held >= middle[held.index] - 1e-9).sum())
        return words.say("multiples.unit_alt", unit=words.row(row), above=above, all=len(held) or MISSING)

    rows = list(result.ranking.itertuples())
    return words.say("multiples.alt", units=len(rows), first=sentence(rows[0]), last=sentence(rows[-1]))
