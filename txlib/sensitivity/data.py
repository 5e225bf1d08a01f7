"""How firmly a result stands on its data: marks that may be off, surveys that might have been answered by others.

Those who are asked are chosen, not drawn at random: drawing their answers again tells what another group alike might have
answered, and nothing of those who were not asked. Where all were asked, nothing is drawn.

Weights and rules stay as issued. Draws over data say what places the same rules give to data within its error; that is a
share of draws, and holds as far as the error assumed does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy

import numpy as np
import numpy.typing as npt

from txlib.assess import assess
from txlib.base.numbers import Bools, Floats, floats
from txlib.intake.data import Data
from txlib.methods import Calculated, Method, Recorded
from txlib.methods.method import Ballots
from txlib.rules.book import RuleBook
from txlib.rules.category import Category, Node
from txlib.scoring.result import Result
from txlib.scoring.stages import staged
from txlib.sensitivity.draws import Tally, in_chunks, tally
from txlib.sensitivity.weighed import WeighedTree, branch_points, model, points_at, rows_for, whole_numbers
from txlib.sensitivity.weights import AND, Draws, shares_of_draws

Redraw = Callable[[np.random.Generator, int], Floats]


def data_draws(book: RuleBook, data: Data, category: Category | str, *, marks: float | None = None,
               errors: Mapping[str, float] | None = None, surveys: bool = True, draws: int = 10_000, seed: int = 2020,
               pairs: bool = True, threads: int | None = None) -> Draws:
    """Places, tiers and pairs over draws of the data, at the ruled weights.

    `marks`: how far each mark may lie from the true one, as a part of full marks: uniform on ±, within 0 and the full mark;
    None: as the rule-book assumes (`data_error`), not at all where it assumes nothing. `errors`: by indicator the same in the
    unit in which it was handed in, for any with observations; a value made of figures is moved itself, and a number that is
    scored several ways moves in all of them together. With `surveys` as many answers as were given are drawn again in each
    group, by the shares of the grades given, but for a survey in which all were asked (`asked: all`). Peers' statistics and
    means follow what is drawn; what a lead department loses for its marks (`quota_penalty`) rests on those handed in and
    stays, as does what units linked to attained (`linked`). `kind` tells what the category had to draw, `spread` the error of
    marks. ValueError for an error below zero, of marks above 1, or of what has no observations, and where draws cannot be.
    """
    result = assess(book, data, category)
    m = model(result)
    error = error_of_marks(book) if marks is None else marks
    redraw = drawn_leaves(result, m, error, errors or {}, surveys=surveys)

    def one(rng: np.random.Generator, samples: int) -> Tally:
        shares = drawn_shares(result.category, redraw, rng, samples)
        return tally(whole_numbers(_totals(m, shares, samples), m), m.ties, m.tiers, m.decimals, pairs=pairs, barred=m.moved_past,
                     criteria=(lambda rows: _criteria(m, shares, rows)) if m.tie_break else None)

    counts = in_chunks(one, draws, rows_for(m), seed, threads)
    varied = _varied(result.category, redraw, errors or {})
    return shares_of_draws(m, result, counts, drawn="data", kind=AND.join(varied), spread=error, draws=draws, seed=seed)


def drawn_shares(category: Category, redraw: Mapping[int, Redraw], rng: np.random.Generator, samples: int) -> dict[int, Floats]:
    """The shares drawn of each leaf, samples × units; leaves that score one number have one error of it."""
    found, before = dict[int, Floats](), dict[str, np.random.Generator]()
    for j, again in redraw.items():
        number = category.leaves[j].part_of
        if number:
            before.setdefault(number, deepcopy(rng))
        found[j] = again(deepcopy(before[number]) if number else rng, samples)
    return found


def _varied(category: Category, drawn: Iterable[int], errors: Mapping[str, float]) -> tuple[str, ...]:
    """What is drawn: marks, values, surveys; nothing where no leaf is."""
    found = set[str]()
    for number in (category.number(category.leaves[j]) for j in drawn):
        found.add("values" if number.code in errors else "marks" if _judged(number) else "surveys")
    return tuple(name for name in ("marks", "values", "surveys") if name in found)


def _judged(number: Node) -> bool:
    """Whether a number is a mark that somebody gives."""
    return any(isinstance(leaf.rule, Method) and leaf.rule.judged for leaf in number.scorings)


def error_of_marks(book: RuleBook) -> float:
    """How far the rule-book assumes marks to be off, as a part of full marks; 0 where it assumes nothing."""
    return float(book.rules.data_error.marks) if book.rules.data_error else 0.0


def _totals(m: WeighedTree, shares: Mapping[int, Floats], samples: int) -> Floats:
    """Unrounded totals, samples × units, at the ruled weights, with some leaves' shares drawn."""
    if not m.linear:
        columns = np.broadcast_to(m.weight[:, None], (len(m.leaves), samples))
        return branch_points(m, columns, lambda j: shares.get(j, m.share[:, j]))[m.tree.top.code] + m.added
    found = np.tile((m.effective * m.share).sum(axis=1) * m.points + m.added, (samples, 1))
    for j, share in shares.items():
        found += (share - m.share[:, j]) * (m.effective[:, j] * m.points)
    return found


def _criteria(m: WeighedTree, shares: Mapping[int, Floats], rows: npt.NDArray[np.intp]) -> list[Floats]:
    columns = np.broadcast_to(m.weight[:, None], (len(m.leaves), len(rows)))
    return points_at(m, columns, m.tie_break, lambda j: shares[j][rows] if j in shares else m.share[:, j])


def drawn_leaves(result: Result, m: WeighedTree, marks: float, errors: Mapping[str, float], *,
                 surveys: bool) -> dict[int, Redraw]:
    """By the number of a leaf that is drawn, the function that draws the shares attained, samples × units."""
    observed = [number.code for number in result.category.measured]
    for code, error in {"marks": marks, **errors}.items():
        if not 0 <= error < float("inf"):
            raise ValueError(f"{code}: the error must be at least 0, not {error}")
    if marks > 1:
        raise ValueError(f"marks: the error is a part of full marks, 0.01 for 1%, and at most 1, not {marks}")
    if unknown := [code for code in errors if code not in observed]:
        raise ValueError(f"{', '.join(unknown)}: no indicator with observations; these are: {', '.join(observed)}")
    found: dict[int, Redraw] = {}
    for j, leaf in enumerate(result.category.leaves):
        number = result.category.number(leaf)
        if number.code in errors:
            found[j] = _moved(leaf, j, m, result, errors[number.code])
        elif marks > 0 and _judged(number):
            found[j] = _moved(leaf, j, m, result, marks * _most(number)) if leaf.part_of else _marked(leaf, j, m, result, marks)
        elif surveys and isinstance(leaf.rule, Recorded):
            there = np.flatnonzero(m.tree.counts[leaf.code])
            if ballots := leaf.rule.ballots(result.records[leaf.code], list(m.units["unit"].iloc[there])):
                found[j] = _answered(leaf, ballots, j, m, result)
    return found


def _peers_mean(share: Floats, j: int, leaf: Node, m: WeighedTree) -> Floats:
    """The drawn shares of the units that the leaf applies to, put among the others' as ruled; samples × units."""
    there = m.tree.counts[m.leaves[j]]
    found = np.tile(m.share[:, j], (len(share), 1))
    found[:, there] = share
    if leaf.not_applicable.rule == "peers_mean" and there.any():
        found[:, ~there] = share.mean(axis=1, keepdims=True)
    return found


def _shares(leaf: Node, j: int, m: WeighedTree, result: Result) -> Floats:
    """The shares of the units that a leaf applies to, by its method alone."""
    there = m.tree.counts[leaf.code]
    if not leaf.staged:
        return floats(m.share[there, j])
    if leaf.code in result.handed.given:
        return floats(result.handed.given[leaf.code][there]) / float(leaf.full)
    return _scored(leaf, result.handed.values[there, j], None, result) / float(leaf.full)


def _passed(leaf: Node, j: int, m: WeighedTree, result: Result, drawn: Floats) -> Floats:
    """Drawn shares by the method, samples × units, through the leaf's conditions and steps, and scored once more as ruled.

    The value that these look at moves along with the share; conditions on other indicators stay met or missed.
    """
    if not leaf.staged:
        return drawn
    there, share = m.tree.counts[leaf.code], _shares(leaf, j, m, result)
    value = result.handed.values[there, j] * np.where(share > 0, drawn / np.where(share > 0, share, 1.0), 1.0)
    return np.array([_in_order(leaf, one, None, result, there, given=given) for one, given in
                     zip(value, drawn * float(leaf.full), strict=True)]) / float(leaf.full)


def _in_order(leaf: Node, value: Floats, other: Floats | None, result: Result, there: Bools, *,
              given: Floats | None = None) -> Floats:
    """The points of drawn values, and of drawn points where those are from a table of their own, at the end of a leaf's order."""
    met = result.exact.staged[leaf.code].met[there]
    return floats(staged(leaf, value, other, met, given=given, ties=result.book.ties).points)


def _marked(leaf: Node, j: int, m: WeighedTree, result: Result, error: float) -> Redraw:
    """Marks moved by up to ± `error` of full marks."""
    share = _shares(leaf, j, m, result)
    lowest, highest = np.minimum(share, 0.0), np.maximum(share, 1.0)

    def again(rng: np.random.Generator, samples: int) -> Floats:
        drawn = np.clip(share + error * (2 * rng.random((samples, len(share))) - 1), lowest, highest)
        return _peers_mean(_passed(leaf, j, m, result, drawn), j, leaf, m)

    return again


def _moved(leaf: Node, j: int, m: WeighedTree, result: Result, error: float) -> Redraw:
    """Observations moved by up to ± `error`, and scored again."""
    rows = result.scores[result.scores["indicator"] == leaf.code]
    rows = rows[(rows["status"] == "reported").to_numpy()]
    value = rows["observed"].to_numpy(dtype=np.float64)
    rule = leaf.rule
    assert isinstance(rule, Method)
    other = rows[rule.beside].to_numpy(dtype=np.float64) if rule.beside else None
    lowest, highest = np.full_like(value, -np.inf), np.full_like(value, np.inf)
    most = _most(result.category.number(leaf))
    if most < np.inf:
        lowest, highest = np.minimum(value, 0.0), np.maximum(value, most)

    def again(rng: np.random.Generator, samples: int) -> Floats:
        drawn = np.clip(value + error * (2 * rng.random((samples, len(value))) - 1), lowest, highest)
        if leaf.staged:
            points = np.array([_in_order(leaf, each, other, result, m.tree.counts[leaf.code]) for each in drawn])
        elif not rule.uses_peers:
            points = _scored(leaf, drawn.ravel(), None if other is None else np.tile(other, samples), result)
        else:
            points = np.concatenate([_scored(leaf, each, other, result) for each in drawn])
        return _peers_mean(points.reshape(samples, -1) / float(leaf.full), j, leaf, m)

    return again


def _most(number: Node) -> float:
    """The most that a number can be by the methods that score it."""
    rules = [(leaf.rule, leaf.full) for leaf in number.scorings if isinstance(leaf.rule, Method)]
    return min((float(most) for rule, full in rules if (most := rule.limits(full).get("value")) is not None), default=np.inf)


def _scored(leaf: Node, value: Floats, other: Floats | None, result: Result) -> Floats:
    assert isinstance(leaf.rule, Calculated)
    return floats(leaf.rule.score(value, other, full=leaf.full, ties=result.book.ties,
                                  when_not_positive=leaf.when_not_positive).points)


def _answered(leaf: Node, ballots: Ballots, j: int, m: WeighedTree, result: Result) -> Redraw:
    """Each group's answers drawn again: as many, by the shares of the grades that it gave.

    A group that says nothing but “don't know” in a draw leaves its weight to the others, or where none is left its mark stays.
    """
    value, counted, given = ballots.value, ballots.counted, _shares(leaf, j, m, result)

    def again(rng: np.random.Generator, samples: int) -> Floats:
        share = np.empty((samples, len(given)))
        for i, mine in enumerate(ballots.groups):
            held, weighted = np.zeros(samples), np.zeros(samples)
            for weight, answers in mine:
                drawn = rng.multinomial(answers.sum(), answers / answers.sum(), size=samples)
                valid = drawn @ counted
                weighted += weight * np.divide(drawn @ (value * counted), valid, out=np.zeros(samples), where=valid > 0)
                held += np.where(valid > 0, weight, 0.0)
            share[:, i] = np.divide(weighted, held, out=np.full(samples, given[i]), where=held > 0)
        return _peers_mean(_passed(leaf, j, m, result, share), j, leaf, m)

    return again
