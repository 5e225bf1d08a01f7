"""The year drawn: weights of the trees, places on superior indicators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from txlib.base.printing import place, plainly
from txlib.base.text import harmless
from txlib.report import facts
from txlib.report.facts import NOTHING
from txlib.report.kit.drawing import (
    ABOVE,
    BELOW,
    LABEL,
    LINE,
    PALE,
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
from txlib.report.kit.shown import Display, aligned

if TYPE_CHECKING:
    import pandas as pd

    from txlib.report.kit.words import Words
    from txlib.rules.book import RuleBook


TICKS = 15  # places that each get a number on the scale


def weights_figure(book: RuleBook, words: Words) -> Drawn:
    """Full points of levels 1 (dark) and 2 (pale), a panel for each category."""
    held = [(words.name(category), facts.upper(category)) for category in book.categories.values()]
    tallest, widest = max(len(nodes) for _, nodes in held), max(float(node.full) for _, nodes in held for node in nodes)
    digest, heaviest = [], []
    with settings("weights", words.lang):
        highest = max(high([words.name(node) for node in nodes], 1) / len(nodes) for _, nodes in held)
        figure = Figure(figsize=(WIDTH, -(-len(held) // 2) * (0.5 + 0.25 * highest * tallest)), layout="constrained")
        for (name, nodes), axes in zip(held, panels(figure, len(held), 2), strict=True):
            full, names = [float(node.full) for node in nodes], [words.name(node) for node in nodes]
            numbers = [plainly(value) for value in full]
            rows(axes, names, tallest)
            bars(axes, full, numbers, height=[0.72 if node.level == 1 else 0.5 for node in nodes], edgecolor=ABOVE,
                 color=[ABOVE if node.level == 1 else PALE for node in nodes])
            axes.set_xlim(0, 1.12 * widest)
            axes.set_title(fitted(name, LABEL, 3), loc="left")
            lines = [[name, str(node.level), label] for name, node, label in zip(names, nodes, numbers, strict=True)]
            digest += [harmless(name), aligned(words.columns("indicator", "#level", "#full"), lines)]
            top = max((node for node in nodes if node.level == 2 or not node.children), key=lambda node: node.full)
            heaviest.append(words.say("figures.heaviest", category=name, branch=words.name(top), full=plainly(float(top.full))))
        alt = words.say("figures.weights_alt", heaviest=" ".join(heaviest))
        return Drawn.of(figure, words.say("figures.weights"), alt, "\n".join(digest))


def superior_figure(coverage: pd.DataFrame, then: Mapping[str, float], words: Words) -> Drawn | Display:
    """The city's place on each superior indicator on the scale from the first to the last of its peers, last year's hollow."""
    if coverage.empty:
        return NOTHING
    indicators = list(coverage.drop_duplicates("superior").itertuples())
    names, most = [words.row(row) for row in indicators], max(int(row.peers) for row in indicators)
    cells = [[name, place(then.get(row.superior, float("nan"))), f"{row.place:g}", f"{row.peers:g}"]
             for name, row in zip(names, indicators, strict=True)]
    with settings("superior", words.lang):
        figure = Figure(figsize=(WIDTH, 0.8 + high(names, 0.25)), layout="constrained")
        axes = figure.add_subplot()
        rows(axes, names)
        for i, row in enumerate(indicators):
            before, owned = then.get(row.superior), bool(row.unit)
            axes.plot([1, row.peers], [i, i], color=LINE, alpha=0.35, linewidth=0.8)
            if before is not None:
                axes.plot([before, row.place], [i, i], color=LINE, linewidth=1.2)
                axes.plot([before], [i], "o", markersize=6, markerfacecolor="none", color=LINE)
            axes.plot([row.place], [i], "o" if owned else "D", markersize=7, color=ABOVE if owned else BELOW)
        ticks = list(range(1, most + 1)) if most <= TICKS else [1, *range(5, most + 1, 5)]
        axes.set(xlim=(1 - 0.06 * (most - 1), most + 0.06 * (most - 1)) if most > 1 else (0.6, 1.4), xticks=ticks)
        axes.tick_params(axis="x", top=True, labeltop=True, bottom=False, labelbottom=False)
        free = not all(row.unit for row in indicators)
        marks = ["superior_axis", *(["superior_then"] if then else []), *(["superior_free"] if free else [])]
        axes.set_xlabel("   ".join(words.say(f"figures.{key}") for key in marks), fontsize=SMALL)
        ends = {"first": sum(row.place == 1 for row in indicators), "last": sum(row.place == row.peers for row in indicators)}
        digest = aligned(words.columns("superior", "#city_place_then", "#city_place", "#peers"), cells)
        alt = words.say("figures.superior_alt", count=len(indicators), **ends)
        return Drawn.of(figure, words.say("figures.superior"), alt, digest)
