"""The scoring methods: worked cases that an official can read, then what must hold for any numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from method_cases import SCORING, WRITTEN, Case
from properties import examples
from pydantic import ValidationError

from txlib.base.numbers import Amount, Numeral, exact, floats
from txlib.base.printing import as_text
from txlib.methods import Method, Recorded, named, registered

pytestmark = pytest.mark.quick

METHODS = [name for name, kind in named().items() if not issubclass(kind, Recorded)]


@pytest.fixture(autouse=True, scope="module")
def _numpy_is_strict() -> Iterator[None]:
    """A division by zero in a branch not taken is a fault like any other."""
    with np.errstate(all="raise"):
        yield


# ── worked cases ──


ALL = [pytest.param(Case(raw), id=f"{name}-{n}")
       for name, raws in WRITTEN.items() for n, raw in enumerate(raws, 1)]
SCORED = [case for case in ALL if "refused" not in case.values[0].raw]
REFUSED = [case for case in ALL if "refused" in case.values[0].raw]


def test_every_method_has_its_cases() -> None:
    assert set(WRITTEN) == set(METHODS)
    for name, raws in WRITTEN.items():
        assert len(raws) >= 3
        assert {raw["rule"]["method"] for raw in raws} == {name}
        assert any(unit["value"] == "—" for raw in raws for unit in raw["units"]), name


def test_the_registry_is_asked_when_a_rule_is_validated() -> None:
    """And is as it was once the context is left."""
    class Half(Method):
        """Half of the full points."""

        method: Literal["half"]

    known = [*named()]
    with registered(Half):
        assert isinstance(SCORING.validate_python({"method": "half"}), Half) and [*named()] == [*known, "half"]
    assert [*named()] == known
    with pytest.raises(ValidationError, match="union_tag_invalid"):
        SCORING.validate_python({"method": "half"})


@pytest.mark.parametrize("method", ["giving", ["given"], {"given": 1}])
def test_what_is_no_method_is_a_fault_that_names_those_there_are(method: Any) -> None:
    with pytest.raises(ValidationError, match="'given', 'completion'") as caught:
        SCORING.validate_python({"method": method})
    assert [error["type"] for error in caught.value.errors()] == ["union_tag_invalid"]


ENDS = {"method": "goalposts", "low": Numeral("1"), "high": Numeral("9"), "onto": [Numeral("0"), Numeral("10")], "clip": "none"}


@pytest.mark.parametrize(("rule", "taken", "refused"), [
    ({"method": "given", "out_of": Numeral("100")}, ["0", "100"], ["-0.01", "100.01"]),
    ({"method": "share_of_best"}, ["0", "0.01"], ["-0.01"]),
    ({**ENDS, "scale": "log", "decimals": Numeral("2")}, ["0.01"], ["0", "-1"]),
    (ENDS, ["0", "-1"], []),
], ids=["given", "share_of_best", "log", "linear"])
def test_values_that_a_method_cannot_work_with_begin_where_it_says(
        rule: dict[str, Any], taken: list[str], refused: list[str]) -> None:
    read = SCORING.validate_python(rule)
    assert [value for value in [*taken, *refused] if any(read.refusals(float(value), Fraction(10)))] == refused


@pytest.mark.parametrize("case", SCORED)
def test_the_sentences_show_the_points_of_every_unit(case: Case) -> None:
    for lang in ("zh", "en"):
        shown = set(re.findall(r"-?\d+(?:\.\d+)?(?:/\d+)?", case.raw[lang]))
        assert {unit["points"] for unit in case.units} <= shown, lang


@pytest.mark.parametrize("case", SCORED)
def test_case_is_exact(case: Case) -> None:
    leaf = case.scored(case.value, case.other)
    assert leaf.points.tolist() == case.points.tolist()
    assert {type(points) for points in leaf.points} == {Fraction}
    assert (leaf.place is None) == (case.place is None)
    if leaf.place is not None:
        assert leaf.place.tolist() == case.place.tolist()
    if "sum" in case.raw:
        assert sum(leaf.points) == Fraction(case.raw["sum"])


@pytest.mark.parametrize("case", SCORED)
def test_case_in_float(case: Case) -> None:
    other = None if case.other is None else floats(case.other)
    leaf = case.scored(floats(case.value), other)
    assert leaf.points.dtype == np.float64
    settled = ~leaf.doubtful
    np.testing.assert_allclose(leaf.points[settled], floats(case.points)[settled], rtol=0, atol=1e-12)
    if leaf.place is not None:
        assert leaf.place.tolist() == case.place.tolist()


@pytest.mark.parametrize("case", SCORED)
def test_case_for_some_of_the_units_among_their_peers(case: Case) -> None:
    peers, n = floats(case.value), len(case.units)
    beside_peers = None if case.other is None else floats(case.other)
    for kept in [[i] for i in range(n)] + [[n - 1, 0], []]:
        other = None if case.other is None else case.other[kept]
        leaf = case.scored(exact(peers[kept]), other, peers=peers, peers_beside=beside_peers)
        assert leaf.points.tolist() == case.points[kept].tolist()
        assert (leaf.place is None) == (case.place is None)
        if leaf.place is not None:
            assert leaf.place.tolist() == case.place[kept].tolist()


@pytest.mark.parametrize("case", REFUSED)
def test_case_refused(case: Case) -> None:
    by = case.rule.divisor_of(case.value, case.other)
    assert by is not None and not np.all(by > 0)
    with pytest.raises(ValueError, match=f"leaf rule {case.rule.method}"):
        case.scored(case.value, case.other)


@pytest.mark.parametrize("case", SCORED)
def test_a_case_needs_a_rule_for_its_divisors_only_where_one_is_not_positive(case: Case) -> None:
    by = case.rule.divisor_of(case.value, case.other)
    assert ("when_not_positive" in case.raw) == (by is not None and not np.all(by > 0))


@pytest.mark.parametrize("case", ALL)
def test_a_case_has_targets_or_last_years_values_where_its_rule_needs_them(case: Case) -> None:
    assert (case.rule.beside == "target") == (case.target is not None)
    assert (case.rule.beside == "last_year") == (case.last_year is not None)


# ── what the data door asks ──


def rule(**fields: Any) -> Any:
    """A scoring rule through the real models; Fractions and ints as they stand in YAML."""

    def text(value: Any) -> Any:
        if isinstance(value, Amount):
            number = as_text(value.value * 100 if value.of_weight else value.value)
            return f"{number}% of weight" if value.of_weight else Numeral(number)
        if isinstance(value, list | tuple):
            return [text(item) for item in value]
        if isinstance(value, dict):
            return {key: text(item) for key, item in value.items()}
        return Numeral(as_text(Fraction(value))) if isinstance(value, int | Fraction) else value

    return SCORING.validate_python({key: text(value) for key, value in fields.items() if value is not None})


def fractions(*texts: str) -> Any:
    return np.array([Fraction(text) for text in texts], dtype=object)


def test_divisors() -> None:
    value, target = fractions("3", "0.1", "-2"), fractions("5", "0", "7")
    completion = rule(method="completion", lose=1, floor=0)
    assert list(completion.divisor_of(value, target)) == list(target)
    assert rule(method="min_max", onto=[0, 9]).divisor_of(value, None) == Fraction(5)
    assert rule(method="share_of_best").divisor_of(value, None) == 3
    assert list(rule(method="share_of_best", direction="down").divisor_of(value, None)) == list(value)
    assert rule(method="met", otherwise=0).divisor_of(value, target) is None
    posts = {"method": "goalposts", "low": 1, "high": 2, "onto": [0, 9], "scale": "log", "decimals": 2}
    assert rule(**posts).divisor_of(value, None) is None
    assert list(rule(**posts, clip="none").divisor_of(value, None)) == list(value)
    growth = rule(method="growth", flat=1, gain=1, lose=1, floor=0, most=2)
    assert list(growth.divisor_of(value, target)) == list(target)
    share = {"method": "contribution_share", "full_at": "best", "floor": 0, "most": 2}
    assert rule(of="total", **share).divisor_of(value, None) == Fraction("1.1")
    assert rule(of="increment", **share).divisor_of(value, target) == Fraction("-10.9")
    ends = {"unacceptable": 0, "satisfactory": 1, "base": 0, "floor": 0, "most": 2}
    assert rule(method="efficacy", **ends).divisor_of(value, None) is None


def test_divisors_are_taken_from_the_peers() -> None:
    peers = np.array([0.1, 0.3, -0.2])
    assert rule(method="min_max", onto=[0, 9]).divisor_of(fractions("0.1"), None, peers=peers) == Fraction(1, 2)
    assert rule(method="share_of_best").divisor_of(fractions("0.1"), None, peers=peers) == Fraction(3, 10)
    share = {"method": "contribution_share", "full_at": "best", "floor": 0, "most": 2}
    assert rule(of="total", **share).divisor_of(fractions("0.1"), None, peers=peers) == Fraction(1, 5)
    before = np.array([0.1, 0.1, -0.1])
    assert rule(of="increment", **share).divisor_of(fractions("0.1"), fractions("0.1"), peers=peers,
                   peers_beside=before) == Fraction(1, 10)


@pytest.mark.parametrize("deviation", ["population", "sample"])
@pytest.mark.parametrize(("value", "n"), [(0.1, 3), (0.7, 3), (1.1, 7), (98.6, 6), (1e-9, 3), (123456789.123456, 11)])
def test_equal_values_do_not_deviate(value: float, n: int, deviation: str) -> None:
    z_score = rule(method="z_score", centre=5, per_deviation=1, deviation=deviation, floor=0, most=9, decimals=2)
    for column in (np.full(n, value), exact(np.full(n, value))):
        assert z_score.divisor_of(column, None) == 0


@pytest.mark.parametrize("empty", [np.array([], dtype=object), np.array([])])
@pytest.mark.parametrize("name", METHODS)
def test_nobody_applicable(name: str, empty: Any) -> None:
    case = Case(WRITTEN[name][0])
    leaf = case.scored(empty, empty)
    assert leaf.points.shape == (0,) and leaf.points.dtype == empty.dtype
    assert (leaf.place is None) == (case.place is None)
    assert case.rule.divisor_of(empty, empty) is None


def test_a_target_that_was_not_passed_is_asked_for() -> None:
    with pytest.raises(ValueError, match="target"):
        rule(method="met", otherwise=0).score(fractions("1"), None, full=Fraction(1), ties="min", when_not_positive="refuse")


def test_columns_are_left_as_they_were() -> None:
    for case in (parameter.values[0] for parameter in SCORED):
        value, other = case.value.copy(), None if case.other is None else case.other.copy()
        points = case.scored(value, other).points
        points[:] = Fraction(-1)
        assert value.tolist() == case.value.tolist()
        assert other is None or other.tolist() == case.other.tolist()


# ── for any numbers ──

# A handful of values, so that ties and edges are hit often, beside the wide range.
decimals = st.one_of(st.integers(-4, 6), st.integers(-2000, 2000)).map(lambda n: Fraction(n, 10))
positives = st.one_of(st.integers(1, 6), st.integers(1, 2000)).map(lambda n: Fraction(n, 10))
fulls = st.integers(1, 60).map(lambda n: Fraction(n, 2))
shares = st.integers(0, 100).map(lambda n: Amount(Fraction(n, 100), of_weight=True))
steps = st.integers(0, 30).map(lambda n: Amount(Fraction(n, 10), of_weight=False))
ranges = st.tuples(shares, shares).map(lambda pair: sorted(pair))
directions = st.sampled_from(["up", "down"])
limits = ranges.map(lambda pair: {"floor": pair[0], "most": pair[1]})
ladders = st.lists(shares, min_size=1, max_size=5).map(lambda rungs: sorted(rungs, reverse=True))
starts = st.lists(decimals, min_size=1, max_size=5, unique=True).map(sorted)


@st.composite
def bands(draw: Any) -> Any:
    froms = draw(starts)
    points = sorted(draw(st.lists(shares, min_size=len(froms) + 1, max_size=len(froms) + 1)))
    rows = [{"from": x, "points": y} for x, y in zip(froms, points[1:], strict=True)]
    if draw(st.booleans()):
        return rule(method="bands", between="line", rows=rows)
    edge = draw(st.sampled_from(["above", "below"]))
    return rule(method="bands", between="step", edge=edge, below=points[0], rows=rows)


@st.composite
def goalposts(draw: Any, clip: str = "both") -> Any:
    low, high = sorted(draw(st.lists(decimals, min_size=2, max_size=2, unique=True)))
    ends = {"low": low, "high": high, "onto": draw(ranges)}
    return rule(method="goalposts", **ends, clip=clip, direction=draw(directions))


@st.composite
def goalposts_log(draw: Any) -> Any:
    low, high = sorted(draw(st.lists(positives, min_size=2, max_size=2, unique=True)))
    return rule(method="goalposts", low=low, high=high, onto=draw(ranges), scale="log",
                decimals=draw(st.integers(0, 4)), direction=draw(directions))


def made(method: str, **fields: Any) -> Any:
    return st.fixed_dictionaries({"direction": directions, **fields}).map(lambda d: rule(method=method, **d))


@st.composite
def held(draw: Any, method: str, **fields: Any) -> Any:
    """A rule between a floor and the most."""
    return rule(method=method, **draw(st.fixed_dictionaries(fields)), **draw(limits))


@st.composite
def efficacy(draw: Any) -> Any:
    low, high = draw(st.lists(decimals, min_size=2, max_size=2, unique=True))
    return draw(held("efficacy", unacceptable=st.just(low), satisfactory=st.just(high), base=shares))


@st.composite
def difference(draw: Any) -> Any:
    gains, loses = draw(st.sampled_from([(True, True), (True, False), (False, True)]))
    fields = {"lose": draw(st.one_of(steps, shares))} if loses else {}
    fields |= {"gain": draw(steps), "cap": draw(st.one_of(steps, st.just("none")))} if gains else {}
    against = draw(st.one_of(decimals, st.sampled_from(["target", "last_year", "peers_mean"])))
    floor, base = draw(ranges)
    fields |= {"base": base} if draw(st.booleans()) else {}
    counted = draw(st.sampled_from(["part", "begun", "full"]))
    return draw(made("difference", against=st.just(against), each=positives, counted=st.just(counted), floor=st.just(floor),
                     **{name: st.just(amount) for name, amount in fields.items()}))


RULES = {
    "given": st.one_of(st.none(), positives).map(lambda out_of: rule(method="given", out_of=out_of)),
    "completion": st.one_of(
        made("completion", lose=st.one_of(steps, shares, st.just("proportional")), floor=shares),
        made("completion", lose=st.one_of(steps, shares), gain=steps, cap=steps, floor=shares),
    ),
    "difference": difference(),
    "met": made("met", at=st.one_of(st.none(), decimals), otherwise=shares),
    "min_max": made("min_max", onto=ranges),
    "goalposts": st.one_of(goalposts(), goalposts(clip="none"), goalposts_log()),
    "rank_step": made("rank_step", step=st.one_of(steps, shares), floor=shares),
    "rank_from_last": made("rank_from_last", loses=ladders),
    "rank_ladder": made("rank_ladder", points=ladders, beyond=st.sampled_from(["last", "zero"])),
    "bands": bands(),
    "share_of_best": made("share_of_best"),
    "efficacy": efficacy(),
    "growth": held("growth", direction=directions, flat=shares, gain=steps, lose=steps),
    "z_score": held("z_score", direction=directions, centre=shares, per_deviation=st.one_of(steps, shares),
                    deviation=st.sampled_from(["population", "sample"]), decimals=st.integers(0, 4)),
    "contribution_share": held("contribution_share", of=st.sampled_from(["total", "increment"]),
                               full_at=st.sampled_from(["best", "equal", "12.5%", "20%"])),
}


@st.composite
def leaves(draw: Any, name: str, sound: bool = False) -> dict[str, Any]:
    """A rule and its columns; `sound`: nothing below zero where the method divides, nothing lost on last year."""
    chosen, n = draw(RULES[name]), draw(st.integers(1, 7))
    divides = ("share_of_best", "completion", "growth", "contribution_share")
    numbers = positives if sound and chosen.method in divides else decimals
    columns = st.lists(numbers, min_size=n, max_size=n).map(lambda column: np.array(column, dtype=object))
    value, other = draw(columns), draw(columns)
    if sound and chosen.method == "contribution_share" and chosen.of == "increment":
        value = value + other
    return {
        "rule": chosen, "value": value, "other": other, "full": draw(fulls),
        "ties": draw(st.sampled_from(["min", "dense", "average"])),
        "when_not_positive": draw(st.sampled_from(["full", "zero"])),
    }  # fmt: skip


FEW = examples(30)
EACH = pytest.mark.parametrize("name", sorted(RULES))


def test_each_method_is_tried() -> None:
    assert set(RULES) == set(METHODS)


def scored(leaf: dict[str, Any], **instead: Any) -> Any:
    asked = {**leaf, **instead}
    return asked.pop("rule").score(asked.pop("value"), asked.pop("other"), **asked).points


def falls(chosen: Any) -> bool:
    """Whether less is better."""
    if chosen.method == "efficacy":
        return bool(chosen.satisfactory < chosen.unacceptable)
    return getattr(chosen, "direction", "up") == "down"


def root_rounded(base: Fraction, factor: Fraction, square: Fraction, places: int) -> Fraction:
    """base + factor ÷ √square, half up to `places`, with sixty digits: an exact half is one within forty of them."""
    with localcontext() as context:
        context.prec = 60
        root = (Decimal(square.numerator) / square.denominator).sqrt()
        scaled = (Fraction(Decimal(factor.numerator) / factor.denominator / root) + base) * 10**places
        return Fraction(int(abs(scaled) + Fraction(1, 2) + Fraction(1, 10**40)) * (1 if scaled >= 0 else -1), 10**places)


def plainly(leaf: dict[str, Any], i: int) -> Fraction:
    """The points of one unit, from the words of the rule-book, in plain arithmetic (linear methods)."""
    r, full, values, ties = leaf["rule"], leaf["full"], list(leaf["value"]), leaf["ties"]
    others = list(leaf["other"])
    x, target, up = values[i], others[i], getattr(r, "direction", "up") == "up"
    undivided = full if leaf["when_not_positive"] == "full" else Fraction(0)
    match r.method:
        case "given":
            return x if r.out_of is None else x / r.out_of * full
        case "completion":
            if target <= 0:
                return undivided
            rate = 100 * x / target if up else 100 * (2 - x / target)
            if rate >= 100:
                gain, cap = (Fraction(0) if a is None else a.points(full) for a in (r.gain, r.cap))
                return full + min((rate - 100) * gain, cap)
            if r.lose == "proportional":
                return max(full * rate / 100, r.floor.points(full))
            return max(full - (100 - rate) * r.lose.points(full), r.floor.points(full))
        case "difference":
            reference = {"peers_mean": sum(values) / len(values)}.get(r.against, target if r.beside else r.against)
            ahead = x - reference if up else reference - x
            passed = Fraction(0)  # step by step, as one would with a pencil
            while r.counted != "part" and (passed + 1) * r.each <= abs(ahead):
                passed += 1
            passed = abs(ahead) / r.each if r.counted == "part" else passed
            passed += r.counted == "begun" and passed * r.each < abs(ahead)
            base = full if r.base is None else r.base.points(full)
            if ahead >= 0:
                gained = passed * r.gain.points(full) if r.gain else Fraction(0)
                return base + (gained if r.cap in (None, "none") else min(gained, r.cap.points(full)))
            return max(base - (passed * r.lose.points(full) if r.lose else 0), r.floor.points(full))
        case "met":
            goal = target if r.at is None else r.at
            return full if x == goal or (x > goal) == up else r.otherwise.points(full)
        case "min_max" | "goalposts":
            low, high = (min(values), max(values)) if r.method == "min_max" else (r.low, r.high)
            if low == high:
                return undivided
            if r.method == "goalposts" and r.clip == "both":
                x = min(max(x, low), high)
            way = (x - low) / (high - low) if up else 1 - (x - low) / (high - low)
            worst, best = (amount.points(full) for amount in r.onto)
            return (1 - way) * worst + way * best
        case "rank_from_last":
            worse = [v for v in values if (v < x if up else v > x)]
            place = Fraction(len(set(worse) if ties == "dense" else worse) + 1)
            if ties == "average":
                place += Fraction(values.count(x) - 1, 2)
            lost = [amount.points(full) for amount in r.loses] + [Fraction(0)] * 9
            here = int(place) - 1
            return full - lost[here] - (place - 1 - here) * (lost[here + 1] - lost[here])
        case "rank_step" | "rank_ladder":
            better = [v for v in values if (v > x if up else v < x)]
            place = Fraction(len(set(better) if ties == "dense" else better) + 1)
            if ties == "average":
                place += Fraction(values.count(x) - 1, 2)
            if r.method == "rank_step":
                return max(full - r.step.points(full) * (place - 1), r.floor.points(full))
            rungs = [amount.points(full) for amount in r.points]
            rungs += [rungs[-1] if r.beyond == "last" else Fraction(0)] * 9
            here = int(place) - 1
            return rungs[here] if place == int(place) else (rungs[here] + rungs[here + 1]) / 2
        case "bands":
            rows = [(row.from_, row.points.points(full)) for row in r.rows]
            if r.between == "step":
                reached = [p for start, p in rows if (x >= start if r.edge == "above" else x > start)]
                return reached[-1] if reached else r.below.points(full)
            for (x0, p0), (x1, p1) in pairwise(rows):
                if x0 <= x <= x1:
                    return p0 + (p1 - p0) * (x - x0) / (x1 - x0)
            return rows[0][1] if x < rows[0][0] else rows[-1][1]
        case "share_of_best":
            by = max(values) if up else x
            return undivided if by <= 0 else (x if up else min(values)) * full / by
    floor, most = r.floor.points(full), r.most.points(full)
    match r.method:
        case "efficacy":
            way = (x - r.unacceptable) / (r.satisfactory - r.unacceptable)
            return min(max((1 - way) * r.base.points(full) + way * full, floor), most)
        case "growth":
            if target <= 0:
                return undivided
            better = (x - target) / target * 100 * (1 if up else -1)
            return min(max(r.flat.points(full) + better * (r.gain if better > 0 else r.lose).points(full), floor), most)
        case "z_score":
            free = len(values) - (1 if r.deviation == "sample" else 0)
            mean = sum(values) / len(values)
            squares = sum((v - mean) ** 2 for v in values)
            if not squares:
                return undivided
            ahead = (x - mean) * (1 if up else -1) * r.per_deviation.points(full)
            return min(max(root_rounded(r.centre.points(full), ahead, squares / free, r.decimals), floor), most)
        case "contribution_share":
            parts = values if r.of == "total" else [v - last for v, last in zip(values, others, strict=True)]
            if sum(parts) <= 0:
                return undivided
            at = {"best": max(parts) / sum(parts), "equal": Fraction(1, len(parts))}
            return min(max(parts[i] / sum(parts) / at.get(r.full_at, r.full_at) * full, floor), most)
    raise AssertionError(r.method)


@EACH
@FEW
@given(st.data())
def test_points_are_what_plain_arithmetic_gives(name: str, data: Any) -> None:
    leaf = data.draw(leaves(name))
    assume(getattr(leaf["rule"], "scale", "linear") == "linear")
    assert list(scored(leaf)) == [plainly(leaf, i) for i in range(len(leaf["value"]))]


@FEW
@given(goalposts_log(), st.lists(decimals, min_size=1, max_size=5), fulls)
def test_logarithms_are_within_half_a_digit(chosen: Any, values: Any, full: Fraction) -> None:
    value = np.array(values, dtype=object)
    points = chosen.score(value, None, full=full, ties="min", when_not_positive="refuse").points
    worst, best = (amount.points(full) for amount in chosen.onto)
    with localcontext() as context:
        context.prec = 40
        low, high = (Decimal(int(x * 10)).ln() for x in (chosen.low, chosen.high))
        for x, got in zip(values, points, strict=True):
            held = min(max(x, chosen.low), chosen.high)
            way = Fraction((Decimal(int(held * 10)).ln() - low) / (high - low))
            true = worst + (way if chosen.direction == "up" else 1 - way) * (best - worst)
            assert (got * 10**chosen.decimals).denominator == 1
            assert abs(got - true) <= Fraction(1, 2 * 10**chosen.decimals) + Fraction(1, 10**11)


@EACH
@FEW
@given(st.data())
def test_floats_come_close(name: str, data: Any) -> None:
    leaf = data.draw(leaves(name))
    asked = {**leaf, "value": floats(leaf["value"]), "other": floats(leaf["other"])}
    found = asked.pop("rule").score(asked.pop("value"), asked.pop("other"), **asked)
    assert found.points.dtype == np.float64
    settled = ~found.doubtful
    np.testing.assert_allclose(found.points[settled], floats(scored(leaf))[settled], rtol=1e-12, atol=1e-10)
    assert settled.all() or hasattr(leaf["rule"], "decimals") or getattr(leaf["rule"], "counted", "part") != "part"


@EACH
@FEW
@given(st.data())
def test_the_order_of_the_units_does_not_matter(name: str, data: Any) -> None:
    leaf = data.draw(leaves(name))
    order = data.draw(st.permutations(range(len(leaf["value"]))))
    mixed = scored(leaf, value=leaf["value"][order], other=leaf["other"][order])
    assert mixed.tolist() == scored(leaf)[order].tolist()


@EACH
@FEW
@given(st.data())
def test_some_units_among_their_peers_get_what_they_get_among_all(name: str, data: Any) -> None:
    leaf = data.draw(leaves(name))
    kept = data.draw(st.lists(st.integers(0, len(leaf["value"]) - 1), unique=True))
    peers, other = floats(leaf["value"]), leaf["other"][kept]
    among = {"peers": peers, "peers_beside": floats(leaf["other"])}
    some = scored(leaf, value=exact(peers[kept]), other=other, **among)
    assert some.tolist() == scored(leaf)[kept].tolist()
    fast = scored(leaf, value=peers[kept], other=floats(other), **among)
    assert fast.tolist() == scored(leaf, value=peers, other=among["peers_beside"])[kept].tolist()


def is_sound(leaf: dict[str, Any], value: Any) -> bool:
    by = leaf["rule"].divisor_of(value, leaf["other"])
    return by is None or bool(np.all(by > 0))


@EACH
@FEW
@given(st.data(), positives)
def test_a_better_value_never_loses_points(name: str, data: Any, more: Fraction) -> None:
    """Its peers as they were. Where a divisor is not positive the rule decides, and nothing is promised."""
    leaf = data.draw(leaves(name, sound=True))
    i = data.draw(st.integers(0, len(leaf["value"]) - 1))
    better = leaf["value"].copy()
    better[i] += -more if falls(leaf["rule"]) else more
    assume(is_sound(leaf, leaf["value"]) and is_sound(leaf, better))
    assert scored(leaf, value=better)[i] >= scored(leaf)[i]


@EACH
@FEW
@given(st.data())
def test_of_two_units_the_better_has_no_fewer_points(name: str, data: Any) -> None:
    leaf = data.draw(leaves(name, sound=True))
    same = np.full(leaf["value"].shape, leaf["other"][0])
    assume(is_sound(leaf, leaf["value"]))
    order = np.argsort(leaf["value"])
    points = scored(leaf, other=same)[order[::-1] if falls(leaf["rule"]) else order]
    assert points.tolist() == sorted(points)


def bounds(chosen: Any, full: Fraction) -> tuple[Fraction, Fraction]:
    """The fewest and the most points that a rule of these tests can give where nothing goes undivided."""
    def amounts(*those: Amount) -> list[Fraction]:
        return [amount.points(full) for amount in those]

    match chosen.method:
        case "completion":
            return chosen.floor.points(full), full + (chosen.cap.points(full) if chosen.cap else 0)
        case "difference":
            base = full if chosen.base is None else chosen.base.points(full)
            most = {None: base, "none": Fraction(10**9)}
            return chosen.floor.points(full), most[chosen.cap] if chosen.cap in most else base + chosen.cap.points(full)
        case "met":
            return chosen.otherwise.points(full), full
        case "min_max" | "goalposts":
            worst, best = amounts(*chosen.onto)
            return worst, best
        case "rank_step":
            return chosen.floor.points(full), full
        case "rank_ladder":
            rungs = amounts(*chosen.points)
            return (rungs[-1] if chosen.beyond == "last" else Fraction(0)), rungs[0]
        case "bands":
            table = amounts(*(row.points for row in chosen.rows), *([chosen.below] if chosen.below else []))
            return min(table), max(table)
        case "efficacy" | "growth" | "z_score" | "contribution_share":
            floor, most = amounts(chosen.floor, chosen.most)
            return floor, most
    return Fraction(0), full


@pytest.mark.parametrize("name", sorted(set(RULES) - {"given"}))
@FEW
@given(st.data())
def test_points_stay_within_floor_and_cap(name: str, data: Any) -> None:
    leaf = data.draw(leaves(name, sound=True))
    chosen, full = leaf["rule"], leaf["full"]
    assume(getattr(chosen, "clip", "both") == "both")
    assume(is_sound(leaf, leaf["value"]))
    least, most = bounds(chosen, full)
    slack = Fraction(1, 2 * 10**chosen.decimals) if getattr(chosen, "decimals", None) is not None else 0
    assert all(least - slack <= points <= most + slack for points in scored(leaf))
