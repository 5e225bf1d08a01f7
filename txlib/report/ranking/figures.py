"""The ranking of a category drawn: scores, branches above and below the mean, places then and now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from txlib.base.numbers import floats
from txlib.base.printing import MISSING, number
from txlib.editions.years import lineage
from txlib.report import facts
from txlib.report.facts import NOTHING
from txlib.report.kit.drawing import (
    ABOVE,
    BELOW,
    LINE,
    NAMED,
    SMALL,
    WIDTH,
    Drawn,
    bars,
    fitted,
    high,
    panels,
    rows,
    settings,
)
from txlib.report.kit.shown import Display, TableColumn, aligned

if TYPE_CHECKING:
    from txlib.report.kit.words import Words
    from txlib.scoring.result import Result


def scores(result: Result, words: Words) -> Drawn:
    """Scores as dots in order of rank beside their mean; the closest neighbours are diamonds, a line parts two tiers."""
    ranked, shown, close = list(result.ranking.itertuples()), facts.decimals(result), facts.closest(result)
    totals, names = floats(result.ranking.score), facts.names(result, words)
    mean = float(totals.mean())
    gaps = ["", *(number(-gap, shown) for gap in facts.distances(result))]
    cells = [[f"{row.rank:g}", number(row.score, shown), gap] for row, gap in zip(ranked, gaps, strict=True)]
    heads = words.columns("unit", "#place", "#score", "#distance")
    with settings("scores", words.lang):
        figure = Figure(figsize=(WIDTH, 1.0 + high(names, 0.27)), layout="constrained")
        axes = figure.add_subplot()
        rows(axes, names)
        axes.axvline(mean, color=LINE, linewidth=1, linestyle=(0, (4, 3)))
        axes.text(mean, -1, words.say("figures.mean", mean=number(mean, shown)), ha="center", va="center", fontsize=SMALL)
        cuts = [i + 0.5 for i, cut in enumerate(facts.at_the_cut(result)) if cut]
        for y in cuts:
            axes.axhline(y, color=LINE, linewidth=0.8)
        beside = [[head.label for head in heads[1:]], *cells] if len(names) <= NAMED else []
        for i, total in enumerate(totals):
            odd = any(close[max(i - 1, 0):i + 1])
            axes.plot([total], [i], "D" if odd else "o", markersize=7 if beside else 3, color=BELOW if odd else ABOVE)
        for i, row in enumerate(beside, start=-1):
            for text, right in zip(row, (26, 70, 160 if words.lang == "en" else 134), strict=True):
                axes.annotate(text, (1, i), (right, 0), axes.get_yaxis_transform(), "offset points",
                              ha="right", va="center", fontsize=SMALL)
        axes.margins(x=0.05)
        axes.grid(axis="y", color=LINE, alpha=0.25, linewidth=0.6)
        marks = ["axis", *(["closest"] if any(close) else []), *(["cuts"] if cuts else [])]
        axes.set_xlabel("   ".join(words.say(f"figures.{key}") for key in marks), fontsize=SMALL)
        alt = words.say("figures.scores_alt", first=names[0], high=cells[0][1], last=names[-1], low=cells[-1][1],
                        mean=number(mean, shown))
        digest = aligned(heads, [[name, *row] for name, row in zip(names, cells, strict=True)])
        return Drawn.of(figure, words.say("figures.scores", category=words.name(result.category)) + unnamed(names, words), alt,
                        digest)


def gap_to_mean(result: Result, words: Words) -> Drawn:
    """Each unit's points above or below the category's mean: a panel for each branch, units in order of rank."""
    nodes, names = facts.branches(result.category), [words.row(row) for row in result.ranking.itertuples()]
    gaps = facts.beside_mean(result, nodes).to_numpy()
    pointed = facts.in_points(result)
    cells = [[pointed(value, signed=True) for value in row] for row in gaps]
    reach = float(max(abs(gaps[gaps == gaps]), default=0)) or 1.0
    with settings("gaps", words.lang):
        figure = Figure(figsize=(WIDTH, -(-len(nodes) // 4) * (0.75 + high(names, 0.235))), layout="constrained")
        axes_of = panels(figure, len(nodes), 4, sharey=True)
        for node, axes, values, labels in zip(nodes, axes_of, gaps.T, zip(*cells, strict=True), strict=True):
            rows(axes, names)
            bars(axes, values, labels, height=0.66, color=[BELOW if value < 0 else ABOVE for value in values])
            (head,) = facts.out_of(result, [node], words)
            axes.set_title(fitted(head.label, 21, 3))
            axes.set_xlim(-2.1 * reach, 2.1 * reach)
        ends = [divmod(int(np.nanargmax(order)), len(nodes)) for order in (gaps, -gaps)]
        best, worst = (words.say("figures.gap_of", unit=names[i], branch=words.name(nodes[j]), gap=cells[i][j]) for i, j in ends)
        alt = words.say("figures.gap_alt", best=best, worst=worst)
        heads = [*words.columns("unit"), *(TableColumn(words.name(node), "number") for node in nodes)]
        digest = aligned(heads, [[name, *row] for name, row in zip(names, cells, strict=True)])
        caption = words.say("figures.gap", category=words.name(result.category))
        caption += (words.say("figures.gaps_add_up") if facts.adds_up(result) else "") + unnamed(names, words)
        return Drawn.of(figure, caption, alt, digest)


def unnamed(names: Sequence[str], words: Words) -> str:
    """Where the names of so many units are that a figure has none."""
    return words.say("figures.unnamed") if len(names) > NAMED else ""


def slope(now: Result, then: Result | Display, words: Words) -> Drawn | Display:
    """Places of last year and of this year, a line for each unit there in both; nothing without a year before, nor where more
    lines than can be told apart would cross."""
    if isinstance(then, Display) or len(now.ranking) > NAMED:
        return NOTHING
    lines, old, new = lineage(now, then), list(then.ranking.itertuples()), list(now.ranking.itertuples())
    left = {row.unit: i for i, row in enumerate(old)}
    known = {row.unit: row for row in old}
    cells = [(words.row(row), f"{known[lines[row.unit]].rank:g}" if row.unit in lines else MISSING, f"{row.rank:g}")
             for row in new]
    with settings("slope", words.lang):
        figure = Figure(figsize=(WIDTH * 0.85, 0.8 + 0.34 * max(len(old), len(new))), layout="constrained")
        axes = figure.add_subplot()
        for right, row in enumerate(new):
            before = known.get(lines.get(row.unit, ""))
            moved = 0 if before is None else before.rank - row.rank
            colour = LINE
            if moved:
                colour = ABOVE if moved > 0 else BELOW
            if before is None:
                axes.plot([1], [right], "o", markersize=6, markerfacecolor="none", color=LINE)
            else:
                axes.plot([0, 1], [left[before.unit], right], "--" if moved < 0 else "-", marker="o", markersize=6,
                          color=colour, linewidth=1.8 if moved else 1.2)
                _beside(axes, 0, left[before.unit], f"{words.row(before)}  {before.rank:g}")
            _beside(axes, 1, right, f"{row.rank:g}  {words.row(row)}")
        for x, year in ((0, then.book.year), (1, now.book.year)):
            axes.annotate(year, (x, -0.6), (0, 6), textcoords="offset points", ha="center", va="bottom", fontsize=SMALL)
        axes.set(xlim=(-0.9, 1.9), ylim=(max(len(old), len(new)) - 0.4, -0.6), xticks=[], yticks=[])
        axes.spines["bottom"].set_visible(False)
        axes.set_xlabel(words.say("figures.slope_axis"), fontsize=SMALL)
        rises = {name: int(float(a) - float(b)) for name, a, b in cells if a != MISSING}
        alt = words.say("figures.slope_alt", risen=sum(m > 0 for m in rises.values()), fallen=sum(m < 0 for m in rises.values()),
                        same=sum(m == 0 for m in rises.values()))
        digest = aligned(words.columns("unit", "#place_then", "#place"), cells)
        return Drawn.of(figure, words.say("figures.slope", category=words.name(now.category), year=then.book.year), alt, digest)


def _beside(axes: Axes, x: float, y: float, text: str) -> None:
    """A name beside an end of a line: left of the left end, right of the right one."""
    axes.annotate(fitted(text, 30), (x, y), (9 if x else -9, 0), textcoords="offset points", ha="left" if x else "right",
                  va="center", fontsize=SMALL)
