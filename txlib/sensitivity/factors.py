"""Which choice decides a result: Sobol indices of scores, ranks and shifts over weights, normalisation, roll-up and marks.

The factors are independent before weights are renormalised: a multiplier for each node that has siblings, and the choices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from txlib.assess import assess
from txlib.base.labels import LANGS, say
from txlib.base.numbers import Floats
from txlib.intake.data import Data
from txlib.rules.book import RuleBook
from txlib.rules.category import Category
from txlib.scoring.result import Result
from txlib.sensitivity.data import drawn_leaves, error_of_marks
from txlib.sensitivity.draws import best_first, ranks
from txlib.sensitivity.rules import NORMALISATIONS, ROLL_UPS, normalised, onto_share, spread_out
from txlib.sensitivity.sobol import indices, samples
from txlib.sensitivity.weighed import Siblings, WeighedTree, branch_points, model, rows_for, whole_numbers

OUTPUTS = ("score", "rank", "mean_shift")
INDICES = ["output", "unit", "factor", "kind", "name", "name_en", "first", "first_low", "first_high", "total", "total_low",
           "total_high"]
REALISED = 64  # sets of errors of marks, drawn once, of which a factor chooses one


class Factor(NamedTuple):
    """A factor: a node's weight, or a choice, with its names."""

    code: str
    kind: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Design:
    """What points of the unit cube stand for: `factors` in their order, `spread` of the multipliers, the choices.

    `share`: normalisations × units × leaves. `drawn`: by leaf, realisations of errors × normalisations × units.
    """

    m: WeighedTree = field(repr=False)
    factors: tuple[Factor, ...]
    spread: float
    roll_ups: tuple[str | None, ...]
    share: Floats = field(repr=False)
    drawn: Mapping[int, Floats] = field(default_factory=dict, repr=False)

    @property
    def sums(self) -> bool:
        """Whether totals are weighted sums whatever the factors are, so that one weight's change is a change of rank one."""
        return self.m.linear and self.roll_ups == (None,)

    def at(self, code: str) -> int | None:
        """The column of a factor, None where there is none."""
        return next((i for i, each in enumerate(self.factors) if each.code == code), None)

    def chosen(self, x: Floats, code: str, count: int) -> npt.NDArray[np.intp]:
        """Which of `count` choices each sample makes."""
        i = self.at(code)
        return np.zeros(len(x), dtype=np.intp) if i is None else np.minimum((x[:, i] * count).astype(np.intp), count - 1)

    def multipliers(self, x: Floats, group: Siblings) -> Floats:
        """The siblings' weights before renormalisation, samples × children."""
        found = np.tile(group.weight, (len(x), 1))
        for c, child in enumerate(group.node.children):
            if (i := self.at(child.code)) is not None:
                found[:, c] *= 1 - self.spread + 2 * self.spread * x[:, i]
        return found

    def shares(self, x: Floats) -> Callable[[int], Floats]:
        """What the units attain at a leaf: units, or samples × units."""
        way = self.chosen(x, "normalisation", len(self.share))
        error = self.chosen(x, "marks", REALISED)

        def of(j: int) -> Floats:
            if j in self.drawn:
                return self.drawn[j][error, way]
            return self.share[0, :, j] if len(self.share) == 1 else self.share[way, :, j]

        return of


@dataclass(frozen=True)
class Sums:
    """Weighted sums by the tree's groups, samples × units (or × 1): the sum of the children's weights, what every node attains,
    the part of the total that the group has.
    """

    left: Mapping[str, Floats]
    attained: Mapping[str, Floats]
    part: Mapping[str, Floats]


def sobol_indices(book: RuleBook, data: Data, category: Category | str, *, spread: float = 0.1,
                  normalisations: Sequence[str] = ("ruled",), roll_ups: Sequence[str] = ("ruled",),
                  marks: float | None = None, outputs: Sequence[str] = OUTPUTS, count: int = 1024, resamples: int = 100,
                  confidence: float = 0.95, seed: int = 2020) -> pd.DataFrame:
    """First-order and total indices with bootstrap intervals (INDICES), one row an output and factor.

    Factors: for each node with siblings its weight times 1 ± `spread`; one of several `normalisations` or `roll_ups`
    (`choices`); an error of all marks, ± `marks` of full marks (None: as the rule-book assumes), one of 64 sets drawn once.
    Outputs: every unit's score as rounded and its rank, and the mean number of places that units shift from the published
    rank. `count`, a power of two, makes (factors + 2) × count runs; with 50 to 100 indices are noise, and the intervals say
    so. An output that never varies has indices of 0. ValueError where nothing can vary, or for a choice that there is not.
    """
    result = assess(book, data, category)
    d = design(result, spread=spread, normalisations=normalisations, roll_ups=roll_ups, seed=seed,
               marks=error_of_marks(book) if marks is None else marks)
    if unknown := [name for name in outputs if name not in OUTPUTS]:
        raise ValueError(f"outputs are {', '.join(OUTPUTS)}, not {', '.join(unknown)}")
    if not outputs:
        raise ValueError(f"outputs: choose some of {', '.join(OUTPUTS)}")
    a, b = samples(len(d.factors), count, seed)
    published = result.ranking.set_index("unit")["rank"].reindex(d.m.units["unit"]).to_numpy(dtype=np.float64)
    every = (named_outputs(d, x, totals, published, outputs) for x, totals in runs(d, a, b))
    found = indices(next(every), next(every), every, resamples=resamples, confidence=confidence, seed=seed)
    units = d.m.units["unit"].tolist()
    names = [(name, unit) for name in outputs for unit in ([""] if name == "mean_shift" else units)]
    frame = pd.DataFrame([(*name, *factor) for name in names for factor in d.factors], columns=INDICES[:6])
    for name, value, error in (("first", found.first, found.first_error), ("total", found.total, found.total_error)):
        frame[name] = value.T.ravel()
        frame[f"{name}_low"], frame[f"{name}_high"] = (value - error).T.ravel(), (value + error).T.ravel()
    return frame[INDICES]


def design(result: Result, *, spread: float = 0.1, normalisations: Sequence[str] = ("ruled",),
           roll_ups: Sequence[str] = ("ruled",), marks: float = 0.0, seed: int = 2020) -> Design:
    """The factors of a result and what they choose among."""
    if not 0 <= spread < 1:
        raise ValueError(f"spread must be at least 0 and under 1, not {spread}")
    if not normalisations or not roll_ups or not set(roll_ups) <= set(ROLL_UPS):
        outputs = ", ".join(roll_ups) if normalisations and roll_ups else "none"
        raise ValueError(f"choose some of {', '.join(NORMALISATIONS)} and of {', '.join(ROLL_UPS)}, not {outputs}")
    m = model(result)
    share = np.array([spread_out(m, normalised(result, m, way)) if way != "ruled" else m.share for way in normalisations])
    nodes = [child for group in m.groups if len(group.node.children) > 1 for child in group.node.children] if spread > 0 else []
    drawn = _errors(result, m, normalisations, marks, seed) if marks else {}
    choices = [("normalisation", len(normalisations) > 1), ("roll_up", len(roll_ups) > 1), ("marks", bool(drawn))]
    factors = [Factor(node.code, "weight", node.name.zh, node.name.en) for node in nodes]
    factors += [Factor(name, "error" if name == "marks" else "choice", *(say(f"sensitivity.{name}", lang) for lang in LANGS))
                for name, there in choices if there]
    if not factors:
        raise ValueError("no factor to vary: one leaf, or no spread, no choice and no error")
    return Design(m, tuple(factors), spread, tuple(ROLL_UPS[name] for name in roll_ups), share, drawn)


def _errors(result: Result, m: WeighedTree, normalisations: Sequence[str], marks: float, seed: int) -> dict[int, Floats]:
    """By leaf with marks, shares attained under each realisation of errors, each normalisation: × units; one
    error of a number that several leaves score."""
    found, first = {}, dict[str, int]()
    for j, again in drawn_leaves(result, m, marks, {}, surveys=False).items():
        alike = first.setdefault(result.category.number(result.category.leaves[j]).code, j)
        plain = again(np.random.default_rng([seed, alike]), REALISED)
        there = m.tree.counts[m.leaves[j]]
        errors = np.empty((REALISED, len(normalisations), len(m.units)))
        for r in range(REALISED):
            for w, way in enumerate(normalisations):
                column = plain[r].copy()
                if way != "ruled":
                    column[there] = onto_share(way, column[there], result.book.ties)
                errors[r, w] = column if way == "ruled" else _filled(m, column, j)
        found[j] = errors
    return found


def _filled(m: WeighedTree, column: Floats, j: int) -> Floats:
    whole = np.zeros_like(m.share)
    whole[:, j] = column
    return np.asarray(spread_out(m, whole)[:, j])


# ── runs ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def runs(d: Design, a: Floats, b: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Points of the cube and their unrounded totals, samples × units: at A, at B, then at A with one factor of B after the
    other, for sums by a change of rank one: S(AB) = S(A) + (B - A) x.
    """
    state = _sums(d, a) if d.sums else None
    base = totals(d, a) if state is None else _total(d, state)
    yield a, base.copy()
    yield b, totals(d, b)
    for i, factor in enumerate(d.factors):
        x = a.copy()
        x[:, i] = b[:, i]
        short = state is not None and factor.kind == "weight"
        yield x, base + _change(d, state, a, x, factor.code) if state is not None and short else totals(d, x)


def totals(d: Design, x: Floats) -> Floats:
    """Unrounded totals at points of the cube, samples × units."""
    if d.sums:
        return _total(d, _sums(d, x))
    found = np.empty((len(x), len(d.m.units)))
    way = d.chosen(x, "roll_up", len(d.roll_ups))
    step = rows_for(d.m, walked=True)
    for k, roll_up in enumerate(d.roll_ups):
        mine = np.flatnonzero(way == k)
        for start in range(0, len(mine), step):
            rows = mine[start:start + step]
            found[rows] = _points(d, x[rows], roll_up)[d.m.tree.top.code]
    return found + d.m.added


def _points(d: Design, x: Floats, roll_up: str | None) -> dict[str, Floats]:
    return branch_points(d.m, _weights(d, x), d.shares(x), roll_up)


def _weights(d: Design, x: Floats) -> Floats:
    """Weights of the leaves, leaves × samples, adding up to 1."""
    found = np.ones((len(d.m.leaves), len(x)))
    for group in d.m.groups:
        drawn = d.multipliers(x, group)
        drawn /= drawn.sum(axis=1, keepdims=True)
        for below, weight in zip(group.below, drawn.T, strict=True):
            found[below] *= weight
    return found


def _sums(d: Design, x: Floats) -> Sums:
    """The tree's weighted sums at points of the cube, from the leaves up and down again."""
    m, shares = d.m, d.shares(x)
    attained: dict[str, Floats] = {leaf: np.atleast_2d(shares(j)) for j, leaf in enumerate(m.leaves)}
    weights, left = {}, {}
    for group in reversed(m.groups):
        code, children = group.node.code, group.node.children
        weights[code] = d.multipliers(x, group)
        held = [_held(m, child.code) for child in children]
        given = [attained[child.code] for child in children]
        if all(len(each) == 1 for each in given):  # leaves that are the same in every sample
            total = weights[code] @ np.concatenate([h * each for h, each in zip(held, given, strict=True)])
        else:
            total = sum((weights[code][:, c:c + 1] * (held[c] * given[c]) for c in range(len(children))), np.zeros((1, 1)))
        left[code] = _left(weights[code], held)
        attained[code] = np.divide(total, left[code], out=np.zeros(total.shape), where=left[code] > 0)
    part = {m.tree.top.code: np.ones((1, 1))}
    for group in m.groups:
        code = group.node.code
        for c, child in enumerate(group.node.children):
            if child.children:
                mine = weights[code][:, c:c + 1] * _held(m, child.code) * part[code]
                part[child.code] = np.divide(mine, left[code], out=np.zeros(np.broadcast_shapes(mine.shape, left[code].shape)),
                                             where=left[code] > 0)
    return Sums(left, attained, part)


def _left(weights: Floats, held: Sequence[Floats]) -> Floats:
    """The sum of the weights that are kept, samples × units, or × 1 where all are."""
    if all(h.all() for h in held):
        return np.asarray(weights.sum(axis=1, keepdims=True))
    return np.asarray(sum(weights[:, c:c + 1] * h for c, h in enumerate(held)))


def _held(m: WeighedTree, code: str) -> Floats:
    """1 where a unit's weight at the node is kept, units; one number where all keep it."""
    held = m.tree.held[code]
    return np.ones(1) if held.all() else held.astype(np.float64)


def _total(d: Design, state: Sums) -> Floats:
    return state.attained[d.m.tree.top.code] * d.m.points + d.m.added


def _change(d: Design, state: Sums, a: Floats, x: Floats, code: str) -> Floats:
    """How totals change with one node's weight: its group's mean does, by what the node attains."""
    group = next(g for g in d.m.groups if any(child.code == code for child in g.node.children))
    name = group.node.code
    i = d.at(code)
    assert i is not None
    c = [child.code for child in group.node.children].index(code)
    step = (group.weight[c] * 2 * d.spread * (x[:, i] - a[:, i]))[:, None] * _held(d.m, code)
    left = state.left[name] + step
    ratio = np.divide(step, left, out=np.zeros(left.shape), where=left > 0)
    return np.asarray((state.attained[code] - state.attained[name]) * (ratio * state.part[name] * d.m.points))


def named_outputs(d: Design, x: Floats, y: Floats, published: Floats, outputs: Sequence[str]) -> Floats:
    """Scores, ranks, mean shift, as asked: samples × outputs."""
    m = d.m
    scores = whole_numbers(y, m)

    def criteria(rows: npt.NDArray[np.intp]) -> list[Floats]:
        columns = [np.empty((len(rows), len(m.units))) for _ in m.tie_break]
        way = d.chosen(x[rows], "roll_up", len(d.roll_ups))
        for k, roll_up in enumerate(d.roll_ups):
            if (mine := np.flatnonzero(way == k)).size:
                points: Any = {**_points(d, x[rows[mine]], roll_up), **m.adjusted}
                for column, code in zip(columns, m.tie_break, strict=True):
                    column[mine] = points[code]
        return columns

    place = ranks(best_first(scores, criteria if m.tie_break else None), m.ties)
    found = {"score": scores / 10.0**m.decimals, "rank": place,
             "mean_shift": np.abs(place - published).mean(axis=1, keepdims=True)}
    return np.concatenate([found[name] for name in outputs], axis=1)
