"""What if the weights were others, to be tried by hand: tables of an example, and sliders with the ranking that they give."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from txlib.base.labels import say
from txlib.base.numbers import exact
from txlib.base.printing import MISSING, number, plainly
from txlib.base.text import harmless
from txlib.report import facts
from txlib.report.basis import cover
from txlib.report.kit.shown import STYLE, Display, Flag, TableRow, columns, escaped, named, note_of, table
from txlib.sensitivity.what_if import Weights, reweighted, what_if

if TYPE_CHECKING:
    import pandas as pd

    from txlib.intake.data import Data
    from txlib.rules.book import Category, Node, RuleBook

__all__ = ["Sliders", "cover", "ranking", "weights"]

DECIMALS, STEP = 1, 0.1  # points; a slider set between two steps would answer with the nearer one, as if it were moved
FILLING, LOW = {"width": "auto"}, {"width": "auto", "height": "18px"}
WeightShares = Mapping[str, Fraction]


def _say(key: str, lang: str, **values: Any) -> str:
    return say(f"sliders.{key}", lang, **values)


# ── the tables ──────────────────────────────────────────────────────────────────────────────────────────────────────


def weights(category: Category, asked: Weights, lang: str = "zh") -> Display:
    """The weights of levels 1 and 2 as ruled and as asked for, siblings in proportion; what moves is marked."""
    new = {node.code: node.full for node in reweighted(category, asked).nodes}
    rows: list[TableRow] = []
    for node in facts.upper(category):
        full = new.get(node.code, Fraction(0))
        row = (f"{node.code} {node.name[lang]}", plainly(float(node.full)), number(float(full)))
        rows.append(Flag(row) if full != node.full else row)
    heads = columns(lang, "indicator", "#ruled", "#supposed", labels="sliders")
    return table("what-if-weights", _say("weights", lang), heads, rows)


def ranking(moved: pd.DataFrame, book: RuleBook, category: Category, lang: str = "zh") -> Display:
    """A table of `tx.what_if`: places, scores and tiers beside those as ruled; a unit whose place moves is marked."""
    shown = ruled if isinstance(ruled := book.rounding.total, int) else 4
    tier_now, tier_then = (["tier"], ["tier_then"]) if book.tiers else ([], [])
    heads = columns(lang, "#place", "#moved", "unit", "#score", *tier_now, "#place_then", "#score_then", *tier_then,
                    labels="sliders")
    rows: list[TableRow] = []
    for row in moved.itertuples():
        tier, then = ([named(row, lang, "tier") or MISSING], [_tier_then(row, lang) or MISSING]) if book.tiers else ([], [])
        cells = [f"{row.rank:g}", steps(row.moved), named(row, lang), number(row.score, shown), *tier,
                 f"{row.rank_then:g}", number(row.score_then, shown), *then]
        rows.append(Flag(cells) if row.moved else cells)
    return table("what-if", _say("ranking", lang, category=category.name[lang]), heads, rows, _say("note", lang))


def _tier_then(row: Any, lang: str) -> str:
    return str((row.tier_en_then if lang == "en" else "") or row.tier_then)


def steps(moved: float) -> str:
    """Places gained or lost, with a mark that does not hang on colour; — where there are none."""
    if not moved:
        return MISSING
    return f"{number(moved, 0 if moved % 1 == 0 else 1, signed=True)} {'▲' if moved > 0 else '▼'}"


# ── weights that move together ──────────────────────────────────────────────────────────────────────────────────────


def shares(category: Category) -> dict[str, Fraction]:
    """Each indicator's share of its parent, as ruled; siblings add up to 1."""
    found = {}
    for node in _tree(category):
        siblings = category.siblings(node)
        found[node.code] = node.full / sum((each.full for each in siblings), Fraction(0))
    return found


def shifted(category: Category, now: WeightShares, code: str, share: Fraction) -> dict[str, Fraction]:
    """The shares with one between 0 and 1 set anew, its siblings in proportion to theirs now; to the ruled where those are 0.

    An indicator without siblings keeps all of its parent.
    """
    others = [node.code for node in category.siblings(category.node(code)) if node.code != code]
    if not others:
        return dict(now)
    held = {each: now[each] for each in others}
    held = held if any(held.values()) else {each: shares(category)[each] for each in others}
    whole = sum(held.values(), Fraction(0))
    return {**now, code: share, **{each: part * (1 - share) / whole for each, part in held.items()}}


def points(category: Category, now: WeightShares) -> dict[str, Fraction]:
    """What each indicator weighs, in points of the whole, by its shares and those above it."""
    whole = sum((root.full for root in category.roots), Fraction(0))
    found: dict[str, Fraction] = {}
    for node in _tree(category):
        found[node.code] = (found[node.parent] if node.parent else whole) * now[node.code]
    return found


def _tree(category: Category) -> list[Node]:
    return [node for root in category.roots for node in root.walk()]


# ── the sliders ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Sliders:
    """Sliders for level 1 and for what is below a chosen branch; the ranking beside follows each of them.

    Moving one scales its siblings. Where no frontend is at hand, a line says so.
    """

    def __init__(self, book: RuleBook, data: Data, category: str, lang: str = "zh") -> None:
        self.book, self.data, self.lang, self._busy = book, data, lang, False
        heads = [(harmless(head.name[lang]), code) for code, head in book.categories.items()]
        self.chosen = widgets.Dropdown(options=heads, value=category, description=_say("category", lang), layout=FILLING)
        self.branch = widgets.Dropdown(description=_say("branch", lang), layout=FILLING)
        self.back = widgets.Button(description=_say("reset", lang), icon="undo", layout=FILLING)
        self.roots, self.below = (widgets.VBox() for _ in range(2))
        self.shown = widgets.HTML(layout={"flex": "1 1 32em", "min_width": "0"})
        self.moving: dict[str, Any] = {}
        left = widgets.VBox([self.chosen, self.roots, self.branch, self.below, self.back], layout={"flex": "0 1 22em"})
        self.box = widgets.HBox([left, self.shown], layout={"flex_flow": "row wrap"})
        self.chosen.observe(lambda _: self._choose(), "value")
        self.branch.observe(lambda _: self._lay_out(), "value")
        self.back.on_click(lambda _: self._start())
        self._choose()

    def __repr__(self) -> str:
        return _say("live_only", self.lang)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        note = note_of(repr(self))
        return {**self.box._repr_mimebundle_(), "text/html": note.html, "text/plain": note.text}

    def _choose(self) -> None:
        """Take up another category: its branches to choose from, its weights as ruled."""
        self.category = self.book.categories[self.chosen.value]
        names = [(harmless(f"{node.code} {node.name[self.lang]}"), node.code) for node in _tree(self.category) if node.children]
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
        self.moving = {}
        self.whole = float(sum(root.full for root in self.category.roots))
        self.roots.children = self._group(_say("roots", self.lang), self.category.roots)
        branch = self.category.node(self.branch.value) if self.branch.value else None
        title = _say("below", self.lang, branch=branch.code) if branch else ""
        self.below.children = self._group(title, branch.children) if branch else ()
        self._show()

    def _group(self, title: str, nodes: tuple[Node, ...]) -> tuple[Any, ...]:
        parts = [widgets.HTML(f"<b>{escaped(title)}</b>")]
        for node in nodes:
            slider = widgets.FloatSlider(description=node.code, max=self.whole, step=STEP, readout_format=f".{DECIMALS}f",
                                         layout=FILLING)
            slider.observe(lambda _, code=node.code: self._move(code), "value")
            self.moving[node.code] = slider
            parts += [widgets.HTML(escaped(node.name[self.lang]), layout=LOW), slider]
        return tuple(parts)

    def _move(self, code: str) -> None:
        """Follow a slider that was moved by hand: its siblings are scaled, the ranking is computed again."""
        if self._busy:
            return
        weigh = points(self.category, self.now)
        full = sum((weigh[each.code] for each in self.category.siblings(self.category.node(code))), Fraction(0))
        wanted = exact([self.moving[code].value])[0] / full if full else Fraction(0)
        self.now = shifted(self.category, self.now, code, min(max(wanted, Fraction(0)), Fraction(1)))
        self._show()

    def _show(self) -> None:
        """Set every slider to its weight, and show the ranking of these weights, or why there is none."""
        weigh = points(self.category, self.now)
        self._busy = True
        for code, slider in self.moving.items():
            slider.value = round(float(weigh[code]), DECIMALS)
        self._busy = False
        try:
            answer = ranking(what_if(self.book, self.data, self.category, weigh), self.book, self.category, self.lang)
        except ValueError as error:
            answer = note_of(_say("refused", self.lang, why=error))
        self.shown.value = f'{STYLE}<div class="jp-RenderedHTMLCommon">{answer.html}</div>'
