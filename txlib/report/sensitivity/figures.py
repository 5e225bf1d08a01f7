"""Figures on how firmly a ranking stands and what decides it: places in draws, one weight moved, swaps, shares of the spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from txlib.base.printing import MISSING, number, percent, plainly, points
from txlib.report.facts import NOTHING
from txlib.report.kit.drawing import ABOVE, BELOW, LINE, NAMED, PALE, SMALL, WIDTH, Drawn, bars, high, rows, settings
from txlib.report.kit.shown import Display, TableColumn, aligned, table
from txlib.report.sensitivity import standing

if TYPE_CHECKING:
    from txlib.report.kit.words import Words
    from txlib.scoring.result import Result
    from txlib.sensitivity.weights import Draws

WRITTEN = 20  # units up to which a heat map's shares are written in its cells
TEN = 10  # so many units, and places, stand in a row of a heat map of more than can be named
MOST = 12  # so many weights are drawn for a unit
KEPT = 0.9  # from this share of draws on a unit keeps its place


def _figure(names: Sequence[str], extra: float = 1.0, row: float = 0.27) -> tuple[Figure, Axes]:
    """A figure with a row for each name."""
    figure = Figure(figsize=(WIDTH, extra + high(names, row)), layout="constrained")
    axes = figure.add_subplot()
    rows(axes, names)
    return figure, axes


def _beside(axes: Axes, y: float, texts: Sequence[str], rights: Sequence[int]) -> None:
    """Columns of numbers right of the axes, at so many points from them."""
    for text, right in zip(texts, rights, strict=True):
        axes.annotate(text, (1, y), (right, 0), axes.get_yaxis_transform(), "offset points", ha="right", va="center",
                      fontsize=SMALL)


def _thick(axes: Axes, low: Sequence[float], high: Sequence[float], colour: str) -> None:
    """A pale thick line in each row."""
    axes.hlines(range(len(low)), low, high, color=colour, linewidth=5, alpha=0.4, capstyle="round")


# ── places in draws ─────────────────────────────────────────────────────────────────────────────────────────────────


def intervals(result: Result, draws: Draws, words: Words) -> Drawn | Display:
    """Each unit's places in draws: all of them thin, from 5% to 95% thick, the median a dot, the place as published a ring; more
    units than can be named in a figure as a table."""
    if len(result.units) < 2 or not draws.kind:
        return NOTHING
    units = list(draws.intervals.itertuples())
    names = [words.row(row) for row in units]
    cells = [[plainly(row.rank), _range(row.low, row.high, words), _range(row.best, row.worst, words), percent(row.kept)]
             for row in units]
    heads = words.columns("unit", "#place", "#within_90", "#within_all", "#kept", labels="standing")
    fixed = sum(row.kept >= KEPT for row in units)
    caption = words.say(f"standing.intervals_{draws.drawn}", category=words.name(result.category), how=standing.how(draws, words),
                        fixed=fixed)
    if len(units) > NAMED:
        return table(f"intervals-{draws.drawn}", caption, heads, [[name, *row] for name, row in zip(names, cells, strict=True)])
    with settings(f"intervals_{draws.drawn}", words.lang):
        figure, axes = _figure(names)
        at = range(len(units))
        axes.hlines(at, [row.best for row in units], [row.worst for row in units], color=ABOVE, linewidth=1.2)
        _thick(axes, [row.low for row in units], [row.high for row in units], ABOVE)
        axes.plot([row.rank for row in units], at, "o", markersize=11, markerfacecolor="none", color=BELOW, markeredgewidth=1.5)
        axes.plot([row.median for row in units], at, "o", markersize=5, color=ABOVE)
        _places(axes, len(units))
        rights = (46, 112) if words.lang == "zh" else (66, 146)
        for i, texts in enumerate([[heads[2].label, heads[4].label], *([each[1], each[3]] for each in cells)], start=-1):
            _beside(axes, i, texts, rights)
        axes.set_xlabel(words.say("standing.intervals_axis"), fontsize=SMALL)
        widest = max(units, key=lambda row: row.high - row.low)
        alt = words.say("standing.intervals_alt", fixed=fixed, widest=words.say(
            "standing.unit_between", unit=words.row(widest), best=plainly(widest.low), worst=plainly(widest.high)))
        return Drawn.of(figure, caption, alt, aligned(heads, [[name, *row] for name, row in zip(names, cells, strict=True)]))


def _range(low: float, high: float, words: Words) -> str:
    return plainly(low) if low == high else words.say("standing.range", low=plainly(low), high=plainly(high))


def _places(axes: Axes, count: int) -> None:
    """Places from the first at the left, written above."""
    step = -(-count // 20)
    axes.set(xlim=(0.5, count + 0.5), xticks=[1, *range(step if step > 1 else 2, count + 1, step)])
    _written_above(axes)
    axes.grid(axis="both", color=LINE, alpha=0.25, linewidth=0.6)


def _written_above(axes: Axes) -> None:
    """Write places above the chart, without ticks or a line below it."""
    axes.tick_params(axis="x", top=False, labeltop=True, bottom=False, labelbottom=False)
    axes.spines["bottom"].set_visible(False)


def heatmap(result: Result, draws: Draws, words: Words) -> Drawn | Display:
    """Units × places, the darker the larger the share of draws; the place as published is framed. Of many, tens of them."""
    if len(result.units) < 2:
        return NOTHING
    if len(result.units) > NAMED:
        return _in_tens(result, draws, words)
    table, units = draws.acceptability, list(draws.intervals.itertuples())
    names, n = [words.row(row) for row in units], len(units)
    at = [float(place) for place in table.columns]
    with settings("heatmap", words.lang):
        figure, axes = _figure(names, row=0.3)
        for i, row in enumerate(units):
            for place, share in zip(at, table.loc[row.unit], strict=True):
                if share > 0:
                    axes.add_patch(_cell(place, i, share))
                if share >= 0.005 and n <= WRITTEN and place % 1 == 0:
                    axes.text(place, i, percent(share), ha="center", va="center", fontsize=SMALL)
            axes.add_patch(Rectangle((row.rank - 0.46, i - 0.44), 0.92, 0.88, fill=False, edgecolor=BELOW, linewidth=1.6))
        _places(axes, n)
        axes.grid(visible=False)
        axes.set_xlabel(words.say("standing.heatmap_axis"), fontsize=SMALL)
        most, where = table.max(axis=1), table.idxmax(axis=1)
        firm, loose = int(np.argmax(most.to_numpy())), int(np.argmin(most.to_numpy()))
        alt = words.say("standing.heatmap_alt", firmest=names[firm], place=plainly(where.iloc[firm]), loosest=names[loose],
                        share=words.say("standing.percent", value=percent(most.iloc[firm])),
                        loose_place=plainly(where.iloc[loose]),
                        loose_share=words.say("standing.percent", value=percent(most.iloc[loose])))
        cells = [[name, *(percent(share, 1) for share in table.loc[row.unit])] for name, row in zip(names, units, strict=True)]
        heads = [*words.columns("unit", labels="standing"), *(TableColumn(plainly(place), "number") for place in at)]
        caption = words.say("standing.heatmap", category=words.name(result.category), how=standing.how(draws, words),
                            error=number(100 * float(draws.acceptability_error.to_numpy().max()), 1))
        return Drawn.of(figure, caption, alt, aligned(heads, cells))


def _cell(x: float, y: float, share: float) -> Rectangle:
    """A cell of a heat map, the darker the larger the share."""
    return Rectangle((x - 0.5, y - 0.5), 1, 1, color=ABOVE, alpha=0.08 + 0.5 * share, linewidth=0)


def _in_tens(result: Result, draws: Draws, words: Words) -> Drawn:
    """Ten units by ten, as ranked, × ten places by ten: the share of draws in which they take a place there."""
    table, n = draws.acceptability, len(result.units)
    bands = [_range(low, min(low + TEN - 1, n), words) for low in range(1, n + 1, TEN)]
    columns = ((table.columns.to_numpy(dtype=float) - 1) // TEN).astype(int)
    by_place = table.T.groupby(columns).sum().T.reindex(columns=range(len(bands)), fill_value=0.0)
    grid = by_place.groupby(np.arange(n) // TEN).mean().to_numpy()
    with settings("heatmap", words.lang):
        figure, axes = _figure(bands, row=0.3)
        for i, j in np.argwhere(grid > 0).tolist():
            axes.add_patch(_cell(j, i, grid[i, j]))
            if grid[i, j] >= 0.005 and len(bands) <= WRITTEN:
                axes.text(j, i, percent(grid[i, j]), ha="center", va="center", fontsize=SMALL)
        axes.set(xlim=(-0.5, len(bands) - 0.5), xticks=range(len(bands)))
        axes.set_xticklabels(bands, rotation=90)
        _written_above(axes)
        axes.set_xlabel(words.say("standing.tens_axis"), fontsize=SMALL)
        kept = np.diag(grid)
        alt = words.say("standing.tens_alt", firmest=bands[int(kept.argmax())], most=percent(kept.max()),
                        loosest=bands[int(kept.argmin())], least=percent(kept.min()))
        heads = [*words.columns("place", labels="standing"), *(TableColumn(band, "number") for band in bands)]
        cells = [[band, *(percent(share, 1) for share in row)] for band, row in zip(bands, grid, strict=True)]
        caption = words.say("standing.tens", category=words.name(result.category), how=standing.how(draws, words))
        return Drawn.of(figure, caption, alt, aligned(heads, cells))


# ── one weight ──────────────────────────────────────────────────────────────────────────────────────────────────────


def tornado(result: Result, moves: pd.DataFrame, unit: str, words: Words) -> Drawn | Display:
    """What a tenth more or less of each weight does to a unit's distance from the mean; `unit` empty: the one in the middle."""
    if len(result.units) < 2 or moves.empty:
        return NOTHING
    code = unit or result.ranking["unit"].iloc[len(result.ranking) // 2]
    mine = moves[moves["unit"] == code].assign(less=lambda t: t["gap_less"] - t["gap"], more=lambda t: t["gap_more"] - t["gap"])
    reach = mine[["less", "more"]].abs().max(axis=1)
    weights = list(mine.loc[reach.sort_values(ascending=False, kind="stable").index[:MOST]].itertuples())
    names = [f"{row.indicator} {words.row(row)}" for row in weights]
    gaps = [[_moved(change, place, row.rank, words) for change, place in ((row.less, row.rank_less), (row.more, row.rank_more))]
            for row in weights]
    whose = next(row for row in result.ranking.itertuples() if row.unit == code)
    with settings("tornado", words.lang):
        figure, axes = _figure(names, extra=0.8, row=0.36)
        for shift, values, labels, look in ((0.2, [row.more for row in weights], [each[1] for each in gaps], {"color": ABOVE}),
                                            (-0.2, [row.less for row in weights], [each[0] for each in gaps],
                                             {"color": PALE, "edgecolor": ABOVE})):
            bars(axes, values, labels, at=[i - shift for i in range(len(weights))], height=0.36, **look)
        most = float(max(reach.max(), 1e-9))
        axes.set_xlim(-1.9 * most, 1.9 * most)
        axes.set_xlabel(words.say("standing.tornado_axis"), fontsize=SMALL)
        count = sum(row.best != row.worst for row in mine.itertuples())
        changed = words.say("standing.tornado_moves", count=count) if count else words.say("standing.tornado_stays")
        alt = words.say("standing.tornado_alt", name=names[0], more=gaps[0][1], less=gaps[0][0], changed=changed)
        caption = words.say("standing.tornado", unit=words.row(whose), rank=plainly(whose.rank), count=len(weights),
                            changed=changed)
        digest = aligned(words.columns("node", "#less_weight", "#more_weight", labels="standing"),
                       [[name, *each] for name, each in zip(names, gaps, strict=True)])
        return Drawn.of(figure, caption, alt, digest)


def _moved(change: float, place: float, rank: float, words: Words) -> str:
    gap = number(change, signed=True)
    return gap if place == rank else words.say("standing.to_place", gap=gap, place=plainly(place))


def swaps_figure(result: Result, found: pd.DataFrame, words: Words) -> Drawn | Display:
    """The fewest points of weight that make each two neighbours equal, as bars; pale where not proven."""
    if found.empty or standing.nothing_told(found):
        return NOTHING
    units = {row.unit: row for row in result.ranking.itertuples()}
    names = [words.say("standing.neighbouring", upper=words.row(units[row.above]), lower=words.row(units[row.below]),
                       upper_rank=plainly(units[row.above].rank), lower_rank=plainly(units[row.below].rank))
             for row in found.itertuples()]
    size = [float(row.l1) if row.l1 == row.l1 else 0.0 for row in found.itertuples()]
    labels = [_swap(row, words) for row in found.itertuples()]
    with settings("swaps", words.lang):
        figure, axes = _figure(names, extra=0.6, row=0.33)
        proven = [row.how == "proven" for row in found.itertuples()]
        bars(axes, size, labels, height=0.6, color=[ABOVE if sure else PALE for sure in proven], edgecolor=ABOVE)
        axes.set_xlim(0, 1.6 * max([*size, 0.01]))
        axes.set_xlabel(words.say("standing.swaps_axis"), fontsize=SMALL)
        there = [(each, i) for i, (each, row) in enumerate(zip(size, found.itertuples(), strict=True)) if row.l1 == row.l1]
        size_least, at = min(there, default=(float("nan"), -1))
        least = {"least": names[at] if there else MISSING, "points": points(size_least)}
        alt = words.say("standing.swaps_alt", **least,
                        never=int((found["possible"] == False).sum()))  # noqa: E712  a column that may hold NA
        digest = aligned(words.columns("node", "#least_points", labels="standing"), list(zip(names, labels, strict=True)))
        return Drawn.of(figure, words.say("standing.swaps_figure", category=words.name(result.category), **least), alt, digest)


def _swap(row: Any, words: Words) -> str:
    """The points of weight that move, and between which nodes where these are few."""
    if row.l1 != row.l1:
        return words.say("standing.never" if row.reason == "dominated" else "standing.not_told")
    if not row.from_ or len(row.from_) + len(row.to) > 3:
        return points(row.l1)
    given, taken = (words.joined(code for code, _ in side) for side in (row.from_, row.to))
    moved = words.say("standing.moved_from_to", **{"from": given, "to": taken})
    return words.say("standing.swap", points=points(row.l1), moved=moved)


# ── shares of the spread ────────────────────────────────────────────────────────────────────────────────────────────


def shares_figure(result: Result, spread: pd.DataFrame, words: Words) -> Drawn | Display:
    """Each leaf's share of the differences as a dot, its weight as a ring, the range by chance as a thick line; of a branch that
    is no weighted sum its own."""
    apart = spread[spread["share"].notna()] if len(spread) else spread
    leaves = list(apart[apart["indicator"].isin(standing.undivided(result.category, apart))].itertuples()) if len(apart) else []
    if not leaves:
        return NOTHING
    names = [f"{row.indicator} {words.row(row)}" for row in leaves]
    cells = [[percent(row.weight, 1), percent(row.share, 1), words.say("standing.span", low=percent(row.low, 1),
                                                                 high=percent(row.high, 1))] for row in leaves]
    heads = words.columns("node", "#weight_share", "#spread_share", "#by_chance", labels="standing")
    with settings("shares", words.lang):
        figure, axes = _figure(names, row=0.25)
        _thick(axes, [100 * row.low for row in leaves], [100 * row.high for row in leaves], LINE)
        for colour, repeats in ((ABOVE, False), (BELOW, True)):
            at = [i for i, row in enumerate(leaves) if row.repeats == repeats]
            weight, share = ([100 * getattr(leaves[i], name) for i in at] for name in ("weight", "share"))
            axes.hlines(at, weight, share, color=colour, linewidth=1.2)
            axes.plot(weight, at, "D", markersize=5.5, markerfacecolor="none", color=colour, markeredgewidth=1.3)
            axes.plot(share, at, "o", markersize=6, color=colour)
        axes.axvline(0, color=LINE, linewidth=0.8)
        above = [words.say("standing.weight"), words.say("standing.of_spread")]
        for i, each in enumerate([above, *(each[:2] for each in cells)], start=-1):
            _beside(axes, i, each, (40, 86) if words.lang == "zh" else (44, 104))
        axes.set_xlabel(words.say("standing.shares_axis"), fontsize=SMALL)
        axes.grid(axis="y", color=LINE, alpha=0.25, linewidth=0.6)
        ends = [int(np.argmax(each)) for each in ([row.share for row in leaves], [row.weight - row.share for row in leaves])]
        values = {f"{key}{part}": value for key, i in zip(("most", "least"), ends, strict=True) for part, value in
                  (("", names[i]), *((f"_{name}", words.say("standing.percent", value=cells[i][j]))
                                     for j, name in enumerate(("weight", "share"))))}
        digest = aligned(heads, [[name, *each] for name, each in zip(names, cells, strict=True)])
        most = {name: values[name] for name in ("most", "most_share")}
        caption = words.say("standing.shares_figure", category=words.name(result.category), **most)
        return Drawn.of(figure, caption, words.say("standing.shares_alt", **values), digest)
