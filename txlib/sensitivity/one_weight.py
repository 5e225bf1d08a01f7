"""How firmly a ranking stands: for each single weight, how far it can move before a place, a tier or the first place changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from txlib.base.numbers import Array, Floats, Positions, floats, places, slack
from txlib.rules.category import Node
from txlib.rules.year import Tiers
from txlib.scoring.places import ordered, seats, tier_codes
from txlib.scoring.result import Result
from txlib.sensitivity.curves import Curves, curves
from txlib.sensitivity.shares import ExactShares, exact_shares

KINDS = ("place", "tier", "first")
INTERVALS = ["indicator", "name", "name_en", "level", "parent", "weight", "most",
             *(f"{kind}_{what}" for kind in KINDS for what in ("from", "to", "below", "above")), "note"]
MOVES = ["indicator", "name", "name_en", "level", "weight", "unit", "rank", "best", "worst", "gap", "gap_less", "gap_more",
         "rank_less", "rank_more"]


def weight_intervals(result: Result) -> pd.DataFrame:
    """For each weight alone, the open interval in which no place, no tier, no first place changes (columns INTERVALS).

    One row a node of the tree, in its order. `weight` in points as ruled; its siblings share the rest of `most`, their
    parent's points, in proportion to their own weights; what is below a node moves with it; shares attained and adjustments
    stay. Compared is what is printed: totals rounded as ruled, ties and tie-breaks as ruled, tiers as computed, vetoes kept.
    Between `place_from` and `place_to` (0 and `most` where nothing changes up to there) every place is the printed one, and
    just outside it is not; the ends are left out, also 0 and `most`, where nothing is left beside for a unit to which only
    this indicator, or none but its siblings, applies, and its weight is redistributed. `place_below` and `place_above` name
    the units whose place changes there, by code. The same for `tier_…`, NaN where the year has no tiers, and `first_…`: who
    stands first, alone or tied. `note`: `only_child`, whose weight cannot move; NaN with `roll_up` inside a branch whose
    points are no weighted sum, with `peers_mean` inside a branch that takes its peers' mean for some unit. Exact but for the
    last step, a quotient in float64; changes that hold for less than 1e-12 of `most` do not count. ValueError as
    `exact_shares`.
    """
    of, barred = exact_shares(result), set(result.vetoed)
    order = _Ranked(of, result.book.ties, result.book.tiers, np.array([unit in barred for unit in of.units]))
    rows = [{"indicator": node.code, "name": node.name.zh, "name_en": node.name.en, "level": node.level,
             "parent": node.parent or "", **_row(order, node)} for node in of.nodes]
    return pd.DataFrame(rows, columns=INTERVALS)


class WeightChange(NamedTuple):
    """The first weight, less the ruled one, beyond which something is not as printed, and the units concerned."""

    at: float
    units: npt.NDArray[np.bool_]


class Pairs(NamedTuple):
    """Pairs of units; while the order within each is as printed, nothing changes."""

    first: Positions
    second: Positions


@dataclass(frozen=True)
class _Ranked:
    """The ranking as printed, units by place: what must hold for places, tiers, the first place to stay."""

    of: ExactShares
    ties: str
    tiers: Tiers | None
    barred: npt.NDArray[np.bool_]

    @cached_property
    def key(self) -> Floats:
        """Numbers in the order of the ranking, equal at equal places."""
        return ordered(self.of.score, list(self.of.criteria[1:]))

    def place(self, key: Floats) -> Floats:
        """Places as ruled for ties."""
        return places(key, ties=self.ties)  # type: ignore[arg-type]

    def within(self, pairs: Pairs) -> npt.NDArray[np.int8]:
        """Which of each pair stands above as printed: 1 the first, -1 the second, 0 neither."""
        return np.sign(self.key[pairs.first] - self.key[pairs.second]).astype(np.int8)

    def told(self, scores: Array, key: Array, *, veto: bool = True) -> npt.NDArray[Any]:
        """Each unit's tier, by code."""
        assert self.tiers is not None
        return tier_codes(scores, self.tiers, key, self.barred if veto else None)

    @cached_property
    def tier(self) -> npt.NDArray[Any]:
        """Each unit's tier as printed, by code."""
        return self.told(self.of.score, self.key)

    @cached_property
    def lines(self) -> tuple[float, ...]:
        """Scores that a tier needs."""
        levels = self.tiers.levels if self.tiers else ()
        return tuple(float(level.at_least) for level in levels if level.at_least is not None)

    @cached_property
    def all(self) -> Pairs:
        """Every pair of units."""
        return Pairs(*np.triu_indices(len(self.of.units), 1))

    @cached_property
    def neighbours(self) -> Pairs:
        """Neighbours in the ranking."""
        n = len(self.of.units)
        return Pairs(np.arange(n - 1), np.arange(1, n))

    @cached_property
    def leader(self) -> Pairs:
        """The first with everybody else."""
        n = len(self.of.units)
        return Pairs(np.zeros(n - 1, dtype=np.intp), np.arange(1, n))

    @cached_property
    def across(self) -> Pairs:
        """Units of one tier with those of the next; neighbours where a tie has moved a cut or a score decides."""
        before = self.told(self.of.score, self.key, veto=False)
        starts = [0, *np.flatnonzero(before[1:] != before[:-1]) + 1, len(before)]
        assert self.tiers is not None
        cut, ends, vetoes = 0, [], self.tiers.vetoes
        if vetoes is not None and vetoes.filling == "next" and self.barred.any():
            return self.neighbours
        for level in self.tiers.levels:
            if level.at_least is not None:
                return self.neighbours
            cut = len(before) if level.takes == "rest" else cut + seats(level, self.tiers, len(before))
            ends.append(min(cut, len(before)))
        if set(starts[1:]) - set(ends) or {end for end in ends if end} - set(starts):
            return self.neighbours
        parts = [np.arange(a, b) for a, b in pairwise(starts)]
        grids = [np.meshgrid(above, below, indexing="ij") for above, below in pairwise(parts)]
        first, second = (np.concatenate([np.empty(0, dtype=np.intp), *(grid[k].ravel() for grid in grids)]) for k in (0, 1))
        return Pairs(first, second)


def _row(order: _Ranked, node: Node) -> dict[str, Any]:
    """The part of a row that is computed."""
    of, weight, siblings = order.of, float(node.full), order.of.category.siblings(node)
    most = float(sum(each.full for each in siblings))
    row: dict[str, Any] = {"weight": weight, "most": most, "note": of.not_told(of.path[node.code][:-1])}
    row |= dict.fromkeys((f"{kind}_{side}" for kind in KINDS for side in ("below", "above")), "")
    kinds = [kind for kind in KINDS if kind != "tier" or order.tiers]
    if row["note"]:
        return row
    if len(siblings) == 1:
        return row | {f"{kind}_{end}": weight for kind in kinds for end in ("from", "to")} | {"note": "only_child"}
    by = curves(of, node)
    for side, end, limit in (("below", "from", by.lowest), ("above", "to", by.highest)):
        for kind in kinds:
            change = _FINDERS[kind](order, by, float(limit))
            row[f"{kind}_{end}"] = 0.0 if side == "below" else most
            if change:
                row[f"{kind}_{end}"] = weight + change.at
                row[f"{kind}_{side}"] = ", ".join(unit for unit, hit in zip(of.units, change.units, strict=True) if hit)
    return row


def _start(order: _Ranked, by: Curves, pairs: Pairs, end: float, lines: tuple[float, ...] = ()) -> float:
    """A weight up to which no pair, nor a unit and a line, come within a unit of the last decimal: nothing changes before it."""
    i, j = pairs
    apart = 0.0 if by.decimals is None else 10.0**-by.decimals
    apart += 1e-6 * apart + 1e-9
    total, shown, sign = floats(by.at[0]), floats(by.start), order.within(pairs)
    met = _soonest(by.crossings(np.where(sign < 0, j, i), np.where(sign < 0, i, j), apart), end)
    met[((total[i] - total[j]) * sign <= apart * (1 + 1e-6)) | (sign == 0)] = 0.0
    apart_for_good = by.still[i] & by.still[j] & ((shown[i] != shown[j]) | (len(by.at) == 1))
    met[apart_for_good | by.alike(i, j)] = np.inf
    for line in lines:
        near = _soonest(np.array([by.reaching(line - apart), by.reaching(line + apart)]), end)
        met = np.append(met, np.where(by.still, np.inf, np.where(np.abs(total - line) <= apart, 0.0, near)))
    nearest = float(met.min(initial=np.inf))
    return float(min(max(nearest * (1 - 1e-9) - 1e-9, 0.0), abs(end)) * np.sign(end))


def _soonest(met: Floats, end: float) -> Floats:
    """How far it is to the first of some weights on the way to `end`; infinity where none lies there."""
    away = met * np.sign(end)
    return np.asarray(np.where(away > 0, away, np.inf).min(axis=0))


def _reordered(order: _Ranked, by: Curves, end: float, pairs: Pairs) -> tuple[float, Floats] | None:
    """Where the order within one of the pairs is first another, and the order of all there (`_key`)."""
    now = order.within(pairs)
    for begins, inside in by.stretches(_start(order, by, pairs, end), end):
        hit = (by.order(inside, *pairs) != now).any(axis=1)
        if hit.any():
            k = int(hit.argmax())
            return float(begins[k]), _key(order, by, inside[k])
    return None


def _key(order: _Ranked, by: Curves, x: float) -> Floats:
    """Numbers in the order of the ranking at a weight, equal at equal places."""
    i, j = order.all
    above = by.order(np.array([x]), i, j)[0]
    return -np.bincount(np.concatenate([j[above > 0], i[above < 0]]), minlength=len(order.of.units)).astype(np.float64)


def _places(order: _Ranked, by: Curves, end: float) -> WeightChange | None:
    """Where a place is first another."""
    found = _reordered(order, by, end, order.neighbours)
    return found and WeightChange(found[0], order.place(found[1]) != order.place(order.key))


def _first(order: _Ranked, by: Curves, end: float) -> WeightChange | None:
    """Where others stand first than now."""
    found = _reordered(order, by, end, order.leader)
    return found and WeightChange(found[0], (found[1] == found[1].max()) != (order.key == order.key.max()))


def _tiers(order: _Ranked, by: Curves, end: float) -> WeightChange | None:
    """Where a tier is first another; the rule is asked only where the order that it rests on differs, or who reaches a line."""
    now, seen = order.within(order.across), set[bytes]()
    for begins, inside in by.stretches(_start(order, by, order.across, end, order.lines), end, order.lines):
        differs = (by.order(inside, *order.across) != now).any(axis=1) | _passed(order, by, inside)
        for k in np.flatnonzero(differs):
            key, scores = _key(order, by, inside[k]), _scores(by, inside[k])
            state = key.tobytes() + bytes(bool(score >= line) for score in scores for line in order.lines)
            if state not in seen:
                seen.add(state)
                changed = np.asarray(order.told(scores, key) != order.tier, dtype=bool)
                if changed.any():
                    return WeightChange(float(begins[k]), changed)
    return None


def _passed(order: _Ranked, by: Curves, xs: Floats) -> npt.NDArray[np.bool_]:
    """The weights at which some unit may be on the other side of a line than now."""
    found = np.zeros(len(xs), dtype=bool)
    for line in order.lines:
        scores = by.value(xs) if by.decimals is None else by.printed(xs) / 10.0**by.decimals
        near = np.abs(scores - line) <= slack(scores) if by.decimals is None else False
        found |= (((scores >= line) != (floats(order.of.score) >= line)) | near).any(axis=1)
    return found


def _scores(by: Curves, x: float) -> Array:
    """Scores at a weight as floats that compare with a line as the exact ones do."""
    if by.decimals is not None:
        return np.asarray(by.printed(np.array([x]))[0] / 10.0**by.decimals)
    return np.array([by.exactly(x, unit) for unit in range(by.at.shape[1])], dtype=object)


_FINDERS: dict[str, Callable[[_Ranked, Curves, float], WeightChange | None]] = {"place": _places, "tier": _tiers, "first": _first}


# ── one weight at a time ────────────────────────────────────────────────────────────────────────────────────────────


def one_at_a_time(result: Result, spread: float = 0.1) -> pd.DataFrame:
    """What each weight alone does between 1 ± `spread` times itself, its siblings sharing the rest (columns MOVES).

    One row a node of the tree and unit, in the order of tree and ranking, without nodes of which intervals tell nothing.
    `gap`: unrounded total less the mean of all; `gap_less`, `rank_less` at the lower end, `gap_more`, `rank_more` at the
    upper; `best`, `worst`: of all places anywhere between, exactly as `weight_intervals`. ValueError unless
    0 < spread < 1, and as `exact_shares`.
    """
    if not 0 < spread < 1:
        raise ValueError(f"spread must be above 0 and under 1, not {spread}")
    of = exact_shares(result)
    order = _Ranked(of, result.book.ties, None, np.zeros(len(of.units), dtype=bool))
    nodes = [node for node in of.nodes if not of.not_told(of.path[node.code][:-1]) and len(of.category.siblings(node)) > 1]
    found = [_moves(order, node, spread) for node in nodes]
    return pd.concat(found, ignore_index=True)[MOVES] if found else pd.DataFrame(columns=MOVES)


def _moves(order: _Ranked, node: Node, spread: float) -> pd.DataFrame:
    """The rows of one node."""
    by, now = curves(order.of, node), order.place(order.key)
    best, worst = now.copy(), now.copy()
    ends = [max(-spread * float(node.full), float(by.lowest)), min(spread * float(node.full), float(by.highest))]
    at_end = []
    for end in ends:
        place = now
        for place in _places_to(order, by, end):
            best, worst = np.minimum(best, place), np.maximum(worst, place)
        at_end.append(place)
    gaps = by.value(np.array([0.0, *ends]))
    gaps -= gaps.mean(axis=1, keepdims=True)
    told = {"indicator": node.code, "name": node.name.zh, "name_en": node.name.en, "level": node.level,
            "weight": float(node.full)}
    return pd.DataFrame({**told, "unit": order.of.units, "rank": now, "best": best, "worst": worst, "gap": gaps[0],
                         "gap_less": gaps[1], "gap_more": gaps[2], "rank_less": at_end[0], "rank_more": at_end[1]})


def _places_to(order: _Ranked, by: Curves, end: float) -> Iterator[Floats]:
    """Places on the way to a weight, one after the other as the order changes."""
    last = order.within(order.all)
    for _, inside in by.stretches(_start(order, by, order.neighbours, end), end):
        for x, above in zip(inside, by.order(inside, *order.all), strict=True):
            if (above != last).any():
                last = above
                yield order.place(_key(order, by, x))
