"""Whole small rule-books, worked by hand: written as files, read back, assessed and explained."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from shared import ROOT
from written import assessed, loaded, workspace

import txlib as tx
from txlib.base.fields import Text
from txlib.base.numbers import Numeral, exact, floats, places, rounded_one
from txlib.methods import ContributionShare, Efficacy, Given, Growth, PerEvent, SuperiorRank, Survey, ZScore
from txlib.rules.category import Category, Node
from txlib.rules.tree import SUMS, NotApplicable
from txlib.rules.year import Rounding
from txlib.scoring.places import ordered
from txlib.scoring.points import Handed, score
from txlib.sensitivity.data import data_draws
from txlib.sensitivity.weighed import model, totals, whole_numbers

pytestmark = pytest.mark.quick

CASES = ROOT / "tests" / "cases" / "trees"
Assess = Callable[[dict[str, Any]], tx.Result]
NUMBER = r"≈?-?\d+(?:\.\d+)?"


@pytest.fixture(autouse=True, scope="module")
def _numpy_is_strict() -> Iterator[None]:
    """A division by zero in a branch not taken is a fault like any other."""
    with np.errstate(divide="raise", invalid="raise"):
        yield


def written() -> list[Any]:
    found = []
    for path in sorted(CASES.glob("*.yaml")):
        cases = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)["cases"]
        found += [pytest.param(case, id=f"{path.stem}-{n}") for n, case in enumerate(cases, 1)]
    return found


ALL = written()
for _each in ALL:
    _each.values[0]["id"] = _each.id
SCORED = [case for case in ALL if "result" in case.values[0]]
REFUSED = [case for case in ALL if "fault" in case.values[0]]


@pytest.fixture(scope="module")
def result_of(tmp_path_factory: pytest.TempPathFactory) -> Assess:
    """A case assessed, once."""
    return lambda case: assessed(tmp_path_factory.mktemp(case["id"]), case)


def expected(case: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The rows of a case's result by unit."""
    header, *rows = ([cell.strip() for cell in line.split(",")] for line in case["result"].strip().splitlines())
    return {row[0]: dict(zip(header[1:], row[1:], strict=True)) for row in rows}


# ── worked cases ──


def test_every_case_is_either_scored_or_refused() -> None:
    assert len(SCORED) + len(REFUSED) == len(ALL) > 25


@pytest.mark.parametrize("case", SCORED)
def test_case(case: dict[str, Any], result_of: Assess) -> None:
    result = result_of(case)
    ranks = result.ranking.set_index("unit")
    scores = result.scores.set_index(["unit", "indicator"])
    want = expected(case)
    assert set(ranks.index) == set(want)
    for unit, row in want.items():
        for key, text in row.items():
            if key in ("score", "rank"):
                assert ranks.loc[unit, key] == float(Fraction(text)), (unit, key)
            elif key == "tier":
                assert ranks.loc[unit, "tier_code"] == text, unit
            else:
                column, code = ("full", key.removeprefix("full:")) if key.startswith("full:") else ("points", key)
                assert scores.loc[(unit, code), column] == float(Fraction(text)), (unit, key)


@pytest.mark.parametrize("case", SCORED)
def test_the_sentences_of_a_case_tell_its_scores(case: dict[str, Any]) -> None:
    for lang in ("zh", "en"):
        shown = set(re.findall(r"\d+(?:\.\d+)?", case[lang]))
        assert {f"{float(row['score']):g}" for row in expected(case).values()} <= {f"{float(x):g}" for x in shown}, lang


@pytest.mark.parametrize("case", REFUSED)
def test_case_refused(case: dict[str, Any], tmp_path: Path) -> None:
    """At the door, with the fault named in both languages."""
    book = tx.load_rulebook("2020", workspace(tmp_path, case))
    with pytest.raises(tx.DataError) as caught:
        tx.load_data(book)
    assert {fault.code for fault in caught.value.faults} == {case["fault"]}
    assert all(fault.message(lang) for fault in caught.value.faults for lang in ("zh", "en"))


@pytest.mark.parametrize("case", [case for case in SCORED if case.id.endswith("-1")])
def test_the_order_of_rows_does_not_matter(case: dict[str, Any], tmp_path: Path) -> None:
    """Of a case of each file."""
    tables = {name: [*text.strip().splitlines()] for name, text in case["tables"].items()}
    turned = {name: "\n".join([lines[0], *lines[:0:-1]]) for name, lines in tables.items()}
    backwards = assessed(tmp_path / "back", {**case, "tables": turned, "units": case["units"][::-1]})
    left, right = (each.ranking.sort_values("unit", ignore_index=True) for each in (assessed(tmp_path, case), backwards))
    pd.testing.assert_frame_equal(left, right)


@pytest.mark.parametrize("case", SCORED)
def test_the_arrays_behind_a_case_give_its_scores(case: dict[str, Any], result_of: Assess) -> None:
    """At the ruled weights, in floats."""
    result = result_of(case)
    m, units = model(result), result.ranking.set_index("unit")
    total = totals(m, m.weight)[0]
    assert np.abs(total - units["total"].reindex(m.units["unit"]).to_numpy()).max() < 1e-9
    scores = whole_numbers(total, m) / 10.0**m.decimals
    assert np.abs(scores - units["score"].reindex(m.units["unit"]).to_numpy()).max() < 1e-9


@pytest.mark.parametrize("case", [case for case in SCORED if "tiers" in case.values[0].get("rules", {})])
def test_draws_of_data_without_error_give_each_unit_its_tier(case: dict[str, Any], tmp_path: Path) -> None:
    book, data = loaded(tmp_path, case)
    ranking, drawn = assessed(tmp_path, case).ranking, data_draws(book, data, "c", marks=0, surveys=False, draws=3)
    assert (drawn.tiers.idxmax(axis=1).reindex(ranking["unit"]).to_numpy() == ranking["tier_code"].to_numpy()).all()
    assert (drawn.tiers.max(axis=1) == 1).all()


# ── explained ──

POINTS = {"zh": re.compile(rf"；得 ({NUMBER}) 分（满分 ({NUMBER}) 分）"), "en": re.compile(rf"; ({NUMBER}) of ({NUMBER}) points")}
SUM = re.compile(r"(?<![\w.%])(?:[(≈-]*\d[\d.]*\)* ?[×÷−+] )+[(≈-]*\d+(?:\.\d+)?\)*")
LIMITS = {"zh": re.compile(rf"在 ({NUMBER}) 至 ({NUMBER}) 分之间"), "en": re.compile(rf"within ({NUMBER}) to ({NUMBER}) points")}
LIKE = {"efficacy", "growth", "z_score", "contribution_share", "survey", "superior_rank"}


def number(text: str) -> float:
    return float(text.removeprefix("≈"))


def worked(expression: str) -> float:
    """The value of a sum as it is printed."""
    plain = expression.replace("≈", "").replace("×", "*").replace("÷", "/").replace("−", "-")
    assert re.fullmatch(r"[\d.()*/+\- ]+", plain), expression
    return float(eval(plain))


def leaves(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    waiting = list(case["indicators"])
    while waiting:
        node = waiting.pop(0)
        waiting += node.get("children", [])
        if "scored_by" in node:
            yield node


METHODS = [case for case in SCORED if {leaf["scored_by"]["method"] for leaf in leaves(case.values[0])} & LIKE]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("case", METHODS)
def test_the_sum_in_a_sentence_gives_the_points_beside_it(case: dict[str, Any], lang: str, result_of: Assess) -> None:
    """The last sum, worked from its printed numbers, held between the printed limits and put to the printed weight."""
    result = result_of(case)
    scores = result.scores.set_index(["unit", "indicator"])
    for unit in expected(case):
        for leaf in leaves(case):
            row = scores.loc[(unit, leaf["code"])]
            if leaf["scored_by"]["method"] not in LIKE or row["status"] != "reported":
                continue
            sentence = tx.explain(result, unit=unit, indicator=leaf["code"], lang=lang)
            said = POINTS[lang].search(sentence)
            assert said, sentence
            sums = SUM.findall(re.split("；因 |; as (?!ruled)", sentence[: said.start()])[0])
            assert sums, sentence
            assert number(said[1]) == pytest.approx(row["points"], abs=5e-5), sentence
            value = worked(sums[-1])
            limits = LIMITS[lang].search(sentence)
            value = min(max(value, number(limits[1])), number(limits[2])) if limits else value
            assert value * row["full"] / row["weight"] == pytest.approx(row["points"], abs=2e-3), sentence


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("case", SCORED)
def test_every_node_and_every_total_is_told(case: dict[str, Any], lang: str, result_of: Assess) -> None:
    """A sentence for each, without a gap; in the total's the terms add up to it."""
    result = result_of(case)
    for unit, row in expected(case).items():
        for node in result.category.nodes:
            sentence = tx.explain(result, unit=unit, indicator=node.code, lang=lang)
            assert node.name[lang] in sentence
            assert not re.search(r"nan|None|[{}]|  ", sentence), sentence
        total = tx.explain(result, unit=unit, lang=lang)
        terms = re.search(rf"[:：] ?(.*?) [=≈] ({NUMBER})", total)
        assert terms, total
        *mean, added = re.split("，得 |, that is ", terms[1])
        if result.category.roll_up in SUMS or mean:
            plain = re.sub(r"[^\W\d][\w&]* ", "", added)
            assert worked(plain) == pytest.approx(number(terms[2]), abs=1e-3), total
        if result.category.roll_up not in SUMS:
            assert re.search("(得分率|shares)[：:]? ?[AB]", terms[1]) and f"× {result.book.rules.total.points}" in terms[1], total
        assert number(terms[2]) == pytest.approx(float(Fraction(row["score"])), abs=0.005), total


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_adjustment_names_its_events(lang: str, result_of: Assess) -> None:
    """What was counted, so that the points can be checked against the documents."""
    case = next(case.values[0] for case in ALL if case.id == "events-1")
    sentence = tx.explain(result_of(case), unit="a", indicator="J1", lang=lang)
    for word in ("文明城市", "双拥", "3"):
        assert word in sentence


def test_a_fall_is_told_as_a_fall(tmp_path: Path) -> None:
    """Where less is better, from 100 to 90 is still a change of −10%."""
    case = {"indicators": [{"code": "A", "weight": "100", "scored_by": {
        "method": "growth", "direction": "down", "flat": "50", "gain": "1", "lose": "1", "floor": "0", "most": "100"}}],
        "units": ["a"], "tables": {"observations": "unit,indicator,value,last_year\na,A,90,100"}}
    result = assessed(tmp_path, case)
    assert result.ranking.loc[0, "score"] == 60
    for lang in ("zh", "en"):
        sentence = tx.explain(result, unit="a", indicator="A", lang=lang)
        assert re.search(r"[-−]10 ?%|(降|少)\D.{0,40}10|(decrease|down|fall|fell)\D.{0,40}10", sentence), sentence


# ── surveys, events, superior indicators, for any numbers ──

FEW = examples(40)
GROUPS = {"r": Fraction(1, 2), "d": Fraction(3, 10), "e": Fraction(1, 5)}
GRADES = {"good": Fraction(1), "fair": Fraction(3, 4), "poor": Fraction(11, 20)}
UNITS = ["a", "b", "c"]


def asked(dont_know: str) -> Survey:
    return Survey.model_validate({
        "method": "survey", "dont_know": dont_know, "absent_group": "redistribute",
        "groups": {key: f"{int(w * 100)}%" for key, w in GROUPS.items()},
        "grades": {key: f"{int(w * 100)}%" for key, w in GRADES.items()}})


answers = st.dictionaries(st.tuples(st.sampled_from(UNITS), st.sampled_from([*GROUPS]), st.sampled_from([*GRADES, "dont_know"])),
                          st.integers(0, 50), max_size=30)


def frame(found: dict[tuple[str, str, str], int]) -> pd.DataFrame:
    return pd.DataFrame([(*key, n) for key, n in found.items()], columns=["unit", "group", "grade", "count"])


@FEW
@given(answers, st.sampled_from(["not_counted", "60%"]))
def test_a_survey_is_the_weighted_mean_of_its_groups(found: dict[tuple[str, str, str], int], dont_know: str) -> None:
    points, there = asked(dont_know).from_rows(frame(found), UNITS, Fraction(40))
    worth = {**GRADES, **({} if dont_know == "not_counted" else {"dont_know": Fraction(3, 5)})}
    for i, unit in enumerate(UNITS):
        means = {}
        for group in GROUPS:
            counted = {grade: found.get((unit, group, grade), 0) for grade in worth}
            if sum(counted.values()):
                means[group] = sum(worth[grade] * n for grade, n in counted.items()) / sum(counted.values())
        held = sum(GROUPS[group] for group in means)
        assert there[i] == bool(means)
        if means:
            assert points[i] == 40 * sum(GROUPS[group] * mean for group, mean in means.items()) / held
            assert 40 * min(worth.values()) <= points[i] <= 40


@FEW
@given(answers, st.sampled_from(UNITS), st.sampled_from([*GROUPS]), st.integers(1, 9))
def test_a_happier_answer_never_loses_points(found: dict[tuple[str, str, str], int], unit: str, group: str, n: int) -> None:
    """Moving answers from one grade to a better one."""
    found = {**found, (unit, group, "poor"): found.get((unit, group, "poor"), 0) + n}
    better = {**found, (unit, group, "poor"): found[(unit, group, "poor")] - n,
              (unit, group, "good"): found.get((unit, group, "good"), 0) + n}
    before, after = (asked("not_counted").from_rows(frame(f), UNITS, Fraction(40))[0] for f in (found, better))
    assert all(b <= a for b, a in zip(before, after, strict=True))


LEVELS = {"national": Fraction(2), "province": Fraction(1), "prefecture": Fraction(1, 2)}
happened = st.lists(st.tuples(st.sampled_from(UNITS), st.sampled_from("xyz"), st.sampled_from([*LEVELS]),
                              st.integers(1, 100)), max_size=12)


def ruled(kind: str, same: str, several: str) -> PerEvent:
    levels = {"national": Numeral("2"), "province": Numeral("1"), "prefecture": Numeral("0.5")}
    return PerEvent.model_validate({"method": "per_event", "kind": kind, "levels": levels, "same_honour": same,
                                    "several_units": several})


@FEW
@given(happened, st.sampled_from(["bonus", "deduction"]), st.sampled_from(["highest", "each"]),
       st.sampled_from(["each", "split", "by_share"]), st.integers(0, 8), st.randoms(use_true_random=False))
def test_events_are_counted_as_ruled(found: list[tuple[str, str, str, int]], kind: str, same: str, several: str, cap: int,
                                     chance: Any) -> None:
    rule = ruled(kind, same, several)
    rows = pd.DataFrame(found, columns=["unit", "honour", "level", "share"])
    got = rule.from_rows(rows, Fraction(cap), UNITS)
    for i, unit in enumerate(UNITS):
        mine = [event for event in found if event[0] == unit]
        if same == "highest":
            best = {honour: max(LEVELS[e[2]] for e in mine if e[1] == honour) for _, honour, _, _ in mine}
            mine = [next(e for e in mine if e[1] == honour and LEVELS[e[2]] == top) for honour, top in best.items()]
        total = Fraction(0)
        for _, honour, level, share in mine:
            claims = len({e[0] for e in found if e[1] == honour})
            total += LEVELS[level] * {"each": 1, "split": Fraction(1, claims), "by_share": Fraction(share, 100)}[several]
        assert got[i] == min(total, cap) * (-1 if kind == "deduction" else 1)
    if several != "by_share" or same == "each":
        chance.shuffle(found)
        mixed = rule.from_rows(pd.DataFrame(found, columns=rows.columns), Fraction(cap), UNITS)
        assert list(mixed) == list(got)


@FEW
@given(st.lists(st.tuples(st.sampled_from(UNITS), st.integers(1, 100), st.integers(1, 20)), max_size=9))
def test_superior_places_are_averaged_by_share(found: list[tuple[str, int, int]]) -> None:
    rule = SuperiorRank.model_validate({"method": "superior_rank", "step": "10% of weight", "floor": "30% of weight"})
    rows = pd.DataFrame(found, columns=["unit", "share", "place"])
    points, there = rule.from_rows(rows, UNITS, Fraction(20))
    for i, unit in enumerate(UNITS):
        mine = [(share, max(Fraction(20 - 2 * (place - 1)), Fraction(6))) for u, share, place in found if u == unit]
        assert there[i] == bool(mine)
        if mine:
            assert points[i] == sum(s * p for s, p in mine) / sum(s for s, _ in mine)


# ── floats against fractions ──

NAME = Text(zh="名", en="name")
REDISTRIBUTE = NotApplicable(rule="redistribute")
PEERS_MEAN = NotApplicable(rule="peers_mean")
ROUNDING = Rounding.model_validate({"clause": "silent", "assumed": "x", "leaf": "exact", "total": Numeral("2"), "half": "up"})


def amount(share: int) -> str:
    return f"{share}% of weight"


def tree(ruled_branch: NotApplicable = REDISTRIBUTE) -> Category:
    """The new methods and roll-ups, some of what is handed in given as points."""
    ends = {"floor": amount(0), "most": amount(100)}
    of_100 = Given(method="given", out_of=Numeral("100"))  # type: ignore[arg-type]
    rules: list[Any] = [
        Efficacy.model_validate({"method": "efficacy", "unacceptable": Numeral("50"), "satisfactory": Numeral("95"),
                                 "base": amount(60), **ends}),
        Growth.model_validate({"method": "growth", "flat": amount(80), "gain": amount(1), "lose": amount(2), **ends}),
        ZScore.model_validate({"method": "z_score", "centre": amount(70), "per_deviation": amount(10), "decimals": Numeral("2"),
                               "deviation": "population", **ends}),
        ContributionShare.model_validate({"method": "contribution_share", "of": "increment", "full_at": "best", **ends}),
        of_100, of_100, of_100, of_100,
        SuperiorRank.model_validate({"method": "superior_rank", "step": amount(10), "floor": amount(0)}),
    ]
    weights = (10, 15, 5, 5, 10, 15, 20, 10, 10)  # geometric mean of equal parts of 25: many exact halves
    nodes = [Node(f"L{i}", NAME, Fraction(w), 1, None, (), (), REDISTRIBUTE, (), r)
             for i, (w, r) in enumerate(zip(weights, rules, strict=True))]
    kinds = [("weighted_sum", nodes[:4]), ("geometric", nodes[4:6]), ("harmonic", nodes[6:8]), ("minimum", nodes[8:])]
    roots = [Node(f"G{i}", NAME, sum((n.full for n in own), Fraction(0)), 1, None, (), (),
                  ruled_branch if kind == "geometric" else REDISTRIBUTE, tuple(own), None, kind,
                  1 if kind == "geometric" else None) for i, (kind, own) in enumerate(kinds)]
    return Category("c", NAME, (), (), tuple(roots), Fraction(100), tie_break=("G1", "L0"))


def handed_in(n: int, seed: int) -> Handed:
    rng = np.random.default_rng(seed)
    values = rng.integers(50, 100, (n, 9)).astype(float)
    values[:, 3] += rng.integers(0, 10, n) / 10
    values[rng.random(values.shape) < 0.05] = np.nan
    values[: n // 4, 4:6] = rng.integers(50, 100, (n // 4, 1))
    beside = np.where(np.arange(9) == 3, 45.0, 75.0) + np.zeros((n, 9))
    return Handed(values, beside, {"L8": exact(rng.integers(0, 101, n) / 10)})


@pytest.mark.parametrize("branch", [REDISTRIBUTE, PEERS_MEAN], ids=["redistribute", "peers_mean"])
@pytest.mark.parametrize("leaf_decimals", ["exact", 1])
@pytest.mark.parametrize("total_decimals", ["exact", 2])
def test_floats_print_what_fractions_print(leaf_decimals: object, total_decimals: object, branch: NotApplicable) -> None:
    rounding = ROUNDING.model_copy(update={"leaf": leaf_decimals, "total": total_decimals})
    many = 400 if total_decimals == "exact" else examples(400).max_examples  # totals that are all but equal are rare
    category, handed = tree(branch), handed_in(many, 7)
    slow, want = score(category, handed, "min", rounding, Fraction(100), exact_cells=10**9)
    fast, got = score(category, handed, "min", rounding, Fraction(100), exact_cells=0)
    np.testing.assert_allclose(fast.total, floats(slow.total), rtol=0, atol=1e-9)
    assert np.array_equal(floats(want), got) if total_decimals == 2 else np.allclose(floats(want), got, rtol=0, atol=1e-9)
    assert np.array_equal(places(want), places(got))
    for code in slow.points:
        np.testing.assert_allclose(fast.points[code], floats(slow.points[code]), rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", ["weighted_mean", "geometric", "harmonic", "minimum"])
def test_floats_print_what_fractions_print_of_a_total_that_is_rolled_up(kind: str) -> None:
    category = replace(tree(), roll_up=kind, decimals=1 if kind == "geometric" else None)
    handed = handed_in(examples(400).max_examples, 11)
    slow, want = score(category, handed, "min", ROUNDING, Fraction(100), exact_cells=10**9)
    fast, got = score(category, handed, "min", ROUNDING, Fraction(100), exact_cells=0)
    np.testing.assert_allclose(fast.total, floats(slow.total), rtol=0, atol=1e-9)
    assert np.array_equal(floats(want), got) and len(set(got)) > 10


@pytest.mark.parametrize("kind", ["geometric", "harmonic", "minimum"])
def test_means_are_floats_among_floats_where_everything_applies(kind: str) -> None:
    """Full points that are the same for all units stay fractions: weights of a mean are put among the floats all the same."""
    leaves = tuple(Node(f"L{i}", NAME, Fraction(w), 2, "G", (), (), REDISTRIBUTE, (), Given(method="given"))
                   for i, w in enumerate((3, 7)))
    group = Node("G", NAME, Fraction(10), 1, None, (), (), REDISTRIBUTE, leaves, None, kind, 2 if kind == "geometric" else None)
    handed = Handed(np.array([[1.5, 3.5], [1.0, 5.0], [3.0, 7.0]]), np.full((3, 2), np.nan))
    category = Category("c", NAME, (), (), (group,), Fraction(100))
    slow, want = score(category, handed, "min", ROUNDING, Fraction(10), exact_cells=10**9)
    fast, got = score(category, handed, "min", ROUNDING, Fraction(10), exact_cells=0)
    assert fast.points["G"].dtype == fast.total.dtype == got.dtype == np.float64
    np.testing.assert_allclose(fast.total, floats(slow.total), rtol=1e-12)
    assert got.tolist() == floats(want).tolist()


def test_a_tie_is_broken_alike_in_floats() -> None:
    """Criteria that are equal in fractions are equal in floats: three tenths, and a tenth and two tenths."""
    marks = Given(method="given")
    nodes = [Node(f"L{i}", NAME, Fraction(w), 1, "G", (), (), REDISTRIBUTE, (), marks) for i, w in enumerate((1, 1, 8))]
    group = Node("G", NAME, Fraction(2), 1, None, (), (), REDISTRIBUTE, tuple(nodes[:2]))
    category = Category("c", NAME, (), (), (group, nodes[2]), Fraction(100), tie_break=("G",))
    values = np.array([[0.1, 0.2, 0.7], [0.3, 0.0, 0.7], [0.2, 0.1, 0.7], [0.0, 0.3, 0.7]])
    handed = Handed(values, np.full(values.shape, np.nan))
    orders = []
    for cells in (10**9, 0):
        found, scores = score(category, handed, "min", ROUNDING, Fraction(10), exact_cells=cells)
        orders.append(places(ordered(scores, [found.points[code] for code in category.tie_break])).tolist())
    assert orders == [[1, 1, 1, 1]] * 2


def test_a_billionth_breaks_a_tie_in_floats_too() -> None:
    marks = Given(method="given")
    nodes = [Node(f"L{i}", NAME, Fraction(5), 1, None, (), (), REDISTRIBUTE, (), marks) for i in range(2)]
    category = Category("c", NAME, (), (), tuple(nodes), Fraction(100), tie_break=("L0",))
    values = np.array([[4.000000001, 3.999999999], [4.0, 4.0], [4.0, 4.0], [5.0, 5.0]])
    handed = Handed(values, np.full(values.shape, np.nan))
    for cells in (10**9, 0):
        found, scores = score(category, handed, "min", ROUNDING, Fraction(10), exact_cells=cells)
        assert places(ordered(scores, [found.points["L0"]])).tolist() == [2, 3, 3, 1]


@examples(40)
@given(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 9)), min_size=1, max_size=5), st.integers(1, 60),
       st.integers(0, 3), st.sampled_from(["geometric", "harmonic", "minimum"]))
def test_means_lie_between_their_parts(parts: list[tuple[int, int]], full: int, decimals: int, kind: str) -> None:
    """None is above the weighted arithmetic mean; of equal parts each is that part, rounded as ruled."""
    whole = sum(w for _, w in parts)
    nodes = [Node(f"L{i}", NAME, Fraction(w * full, whole), 2, "G", (), (), REDISTRIBUTE, (),
                  Given(method="given", out_of=Numeral("100"))) for i, (_, w) in enumerate(parts)]  # type: ignore[arg-type]
    group = Node("G", NAME, Fraction(full), 1, None, (), (), REDISTRIBUTE, tuple(nodes), None, kind,
                 decimals if kind == "geometric" else None)
    values = np.array([[x for x, _ in parts], [parts[0][0]] * len(parts)], dtype=float)
    handed = Handed(values, np.full(values.shape, np.nan))
    rounding = ROUNDING.model_copy(update={"total": "exact"})
    category = Category("c", NAME, (), (), (group,), Fraction(100))
    (mixed, equal), _ = score(category, handed, "min", rounding, Fraction(full))[0].points["G"], None
    slack = Fraction(1, 2 * 10**decimals) if kind == "geometric" else 0
    shares = [Fraction(x, 100) for x, _ in parts]
    arithmetic = sum((Fraction(x * w, 100) for x, w in parts), Fraction(0)) * full / whole
    assert min(shares) * full - slack <= mixed <= arithmetic + slack
    same = shares[0] * full
    assert equal == (rounded_one(same, decimals) if kind == "geometric" else same)
