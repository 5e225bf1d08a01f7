"""Sliders for weights, with the ranking that they give beside them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from txlib.base.numbers import exact
from txlib.base.text import harmless
from txlib.report.kit.shown import STYLE, escaped, note_of
from txlib.report.what_if.shares import points, shares, shifted, tree
from txlib.report.what_if.tables import ranking
from txlib.sensitivity.what_if import what_if

if TYPE_CHECKING:
    from txlib.intake.data import Data
    from txlib.report.kit.words import Words
    from txlib.rules.book import RuleBook
from txlib.rules.category import Node

DECIMALS, STEP = 1, 0.1  # points; a slider set between two steps would answer with the nearer one, as if it were moved
TYPED = 2  # decimals of a number typed
FILLING, LOW, NARROW = {"width": "auto"}, {"width": "auto", "height": "18px"}, {"flex": "0 0 6em", "width": "6em"}


class Sliders:
    """Sliders for level 1 and for what is below a chosen branch, a number to type beside each; the ranking follows all of them.

    Moving one scales its siblings. Where no frontend is at hand, a line says so.
    """

    def __init__(self, book: RuleBook, data: Data, category: str, words: Words) -> None:
        self.book, self.data, self.words, self._busy = book, data, words, False
        heads = [(harmless(words.name(head)), code) for code, head in book.categories.items()]
        self.chosen = widgets.Dropdown(options=heads, value=category, description=words.say("sliders.category"), layout=FILLING)
        self.branch = widgets.Dropdown(description=words.say("sliders.branch"), layout=FILLING)
        self.back = widgets.Button(description=words.say("sliders.reset"), icon="undo", layout=FILLING)
        self.roots, self.below = (widgets.VBox() for _ in range(2))
        self.shown = widgets.HTML(layout={"flex": "1 1 32em", "min_width": "0", "margin": "0 0 0 1em"})
        self.moving: dict[str, Any] = {}
        self.typed: dict[str, Any] = {}
        left = widgets.VBox([self.chosen, self.roots, self.branch, self.below, self.back],
                            layout={"flex": "1 1 26em", "min_width": "0"})
        self.box = widgets.HBox([left, self.shown], layout={"flex_flow": "row wrap"})
        self.chosen.observe(lambda _: self._choose(), "value")
        self.branch.observe(lambda _: self._lay_out(), "value")
        self.back.on_click(lambda _: self._start())
        self._choose()

    def __repr__(self) -> str:
        return self.words.say("sliders.live_only")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        note = note_of(repr(self))
        return {**self.box._repr_mimebundle_(), "text/html": note.html, "text/plain": note.text}

    def _choose(self) -> None:
        """Take up another category: its branches to choose from, its weights as ruled."""
        self.category = self.book.categories[self.chosen.value]
        names = [(harmless(self.words.coded(node)), node.code) for node in tree(self.category) if node.children]
        self._busy = True
        self.branch.options, self.branch.value = names, names[0][1] if names else None
        self.branch.layout.display = "" if names else "none"
        self._busy = False
        self._start()

    def _start(self) -> None:
        self.now = shares(self.category)
        self._lay_out()

    def _lay_out(self) -> None:
        """Lay out a slider for each indicator of level 1 and for each below the branch."""
        if self._busy:
            return
        self.moving, self.typed = {}, {}
        self.whole = float(sum(root.full for root in self.category.roots))
        self.roots.children = self._group(self.words.say("sliders.roots"), self.category.roots)
        branch = self.category.node(self.branch.value) if self.branch.value else None
        title = self.words.say("sliders.below", branch=branch.code) if branch else ""
        self.below.children = self._group(title, branch.children) if branch else ()
        self._show()

    def _group(self, title: str, nodes: tuple[Node, ...]) -> tuple[Any, ...]:
        parts = [widgets.HTML(f"<b>{escaped(title)}</b>")]
        for node in nodes:
            slider = widgets.FloatSlider(description=node.code, max=self.whole, step=STEP, readout=False,
                                         layout={"flex": "1 1 auto", "width": "auto"})
            typed = widgets.BoundedFloatText(max=self.whole, step=STEP, layout=NARROW,
                                             tooltip=self.words.say("sliders.typed", indicator=node.code))
            for each in (slider, typed):
                each.observe(lambda change, code=node.code: self._move(code, change["new"]), "value")
            self.moving[node.code], self.typed[node.code] = slider, typed
            parts += [widgets.HTML(escaped(self.words.name(node)), layout=LOW), widgets.HBox([slider, typed], layout=FILLING)]
        return tuple(parts)

    def _move(self, code: str, value: float) -> None:
        """Follow a slider or a number set by hand: siblings are scaled, the ranking is computed again."""
        if self._busy:
            return
        weigh = points(self.category, self.now)
        full = sum((weigh[each.code] for each in self.category.siblings(self.category.node(code))), Fraction(0))
        wanted = exact([value])[0] / full if full else Fraction(0)
        self.now = shifted(self.category, self.now, code, min(max(wanted, Fraction(0)), Fraction(1)))
        self._show()

    def _show(self) -> None:
        """Set every slider to its weight, and show the ranking of these weights, or why there is none."""
        weigh = points(self.category, self.now)
        self._busy = True
        for code, slider in self.moving.items():
            slider.value = round(float(weigh[code]), DECIMALS)
            self.typed[code].value = round(float(weigh[code]), TYPED)
        self._busy = False
        try:
            answer = ranking(what_if(self.book, self.data, self.category, weigh), self.book, self.category, self.words)
        except ValueError as error:
            answer = note_of(self.words.say("sliders.refused", why=error))
        self.shown.value = f'{STYLE}<div class="jp-RenderedHTMLCommon">{answer.html}</div>'
