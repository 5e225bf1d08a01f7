"""Items of some units alone: how they are told, and that each unit fares as in a tree of its own."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from shared import ROOT
from written import assessed, loaded

import txlib as tx
from txlib.base.numbers import floats
from txlib.scoring.points import score
from txlib.sensitivity.ratios import Between
from txlib.sensitivity.shares import exact_shares

pytestmark = pytest.mark.quick

CASES = yaml.load((ROOT / "tests/cases/trees/own_items.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)["cases"]
SCORED = [case for case in CASES if "result" in case]
TASKS, LEVEL_1, EXEMPT, RELATIVE = SCORED
GIVEN = {"method": "given", "out_of": "100"}


def told(case: dict[str, Any], root: Path, lang: str, *asked: str) -> list[str]:
    """The sentences of a unit's indicators, `a/C1`; `a/` asks for the total."""
    result = assessed(root, case)
    return [tx.explain(result, unit=unit, indicator=code or None, lang=lang)
            for unit, _, code in (each.partition("/") for each in asked)]


def test_an_item_that_is_not_the_units_is_said_to_be_none_of_its_own(tmp_path: Path) -> None:
    """Whatever the item's rule for what does not apply: C3 would give half, C4 the peers' mean."""
    for sentence in told(TASKS, tmp_path, "zh", "a/C3", "a/C4", "c/C1"):
        assert "本单位不承担此项" in sentence and "不适用" not in sentence and "权重" not in sentence
    for sentence in told(TASKS, tmp_path, "en", "a/C3", "a/C4", "c/C1"):
        assert "none of the unit's items" in sentence and "applicable" not in sentence and "weight" not in sentence
    branch, = told(LEVEL_1, tmp_path, "zh", "c/B")
    assert "本单位不承担此项" in branch


def test_branches_and_totals_name_only_what_is_the_units(tmp_path: Path) -> None:
    branch, = told(TASKS, tmp_path, "zh", "a/C")
    assert "C1 12 + C2 4" in branch and "C3" not in branch and "不适用" not in branch
    assert "A 54 + B 31 =" in told(LEVEL_1, tmp_path, "zh", "a/")[0] and "A 42 + D 36 =" in told(LEVEL_1, tmp_path, "zh", "c/")[0]


def test_a_weight_is_said_to_move_only_where_it_does(tmp_path: Path) -> None:
    """As ruled: nothing is said; an own item that does not apply is named, and no other; relative weights are worked out."""
    for sentence in told(TASKS, tmp_path, "zh", "a/C1", "b/C1", "c/C4", "a/C"):
        assert "权重" not in sentence, sentence
    moved, stays = told(EXEMPT, tmp_path, "zh", "a/C1", "b/C1")
    assert "因 C2 不适用，本项权重调为 12 × 20 ÷ 12 = 20 分" in moved and "权重" not in stays
    whole, = told(EXEMPT, tmp_path, "zh", "a/C")
    assert "（C2 不适用）" in whole
    relative, = told(RELATIVE, tmp_path, "zh", "a/C1")
    assert "本单位承担的各项中，本项权重为 12 × 20 ÷ 16 = 15 分" in relative and "不适用" not in relative
    assert "among the unit's items its weight is 12 × 20 ÷ 16 = 15" in told(RELATIVE, tmp_path, "en", "a/C1")[0]


def test_it_has_a_status_of_its_own(tmp_path: Path) -> None:
    scores = assessed(tmp_path, EXEMPT).scores.set_index(["unit", "indicator"])["status"]
    assert [scores["a", code] for code in ("C1", "C2", "C3", "C4", "C")] == [
        "reported", "not_applicable", "not_own", "not_own", ""]
    plain = {"indicators": [{"code": "A", "weight": "100", "scored_by": GIVEN}], "units": ["a"],
             "tables": {"observations": "unit,indicator,value\na,A,1"}}
    assert "not_own" not in assessed(tmp_path / "plain", plain).scores["status"].cat.categories


@pytest.mark.parametrize("case", SCORED)
def test_floats_give_the_same(case: dict[str, Any], tmp_path: Path) -> None:
    result = assessed(tmp_path, case)
    book = result.book
    found, totals = score(result.category, result.handed, book.ties, book.rounding, book.rules.total.points, exact_cells=0)
    assert np.abs(floats(found.total) - floats(result.points.total)).max() < 1e-9 and found.total.dtype == float
    assert (floats(totals) == floats(result.ranking.set_index("unit").loc[result.units["unit"], "score"])).all()


@pytest.mark.parametrize("rule", ["redistribute", "peers_mean", "share_of_weight"])
@pytest.mark.parametrize("roll_up", ["weighted_sum", "geometric", "harmonic", "minimum"])
def test_each_unit_fares_as_in_a_tree_of_its_own_items(roll_up: str, rule: str, tmp_path: Path) -> None:
    """Drawn marks and weights; one item of a unit does not apply, which the rule for that is for."""
    rng = np.random.default_rng(17)
    ruled = {"rule": rule, **({"share": "60%"} if rule == "share_of_weight" else {})}
    above = {"roll_up": roll_up, **({"decimals": "6"} if roll_up == "geometric" else {})}
    units = ["a", "b", "c"]
    parts = {unit: [int(first), 40 - int(first)] for unit, first in zip(units, rng.integers(5, 35, 3), strict=True)}

    def leaf(code: str, weight: int, **more: Any) -> dict[str, Any]:
        return {"code": code, "weight": str(weight), "scored_by": GIVEN, **more}

    common, own = leaf("A", 50), {unit: [leaf(f"{unit}{i}", w) for i, w in enumerate(ws)] for unit, ws in parts.items()}
    marks = {(unit, code): str(rng.integers(1, 100)) for unit in units for code in ("A", "S", f"{unit}0", f"{unit}1")}
    marks["b", "b1"] = "—" if rule != "peers_mean" else marks["b", "b1"]  # the mean of nobody is refused

    def total(branches: list[dict[str, Any]], whose: list[str], name: str) -> dict[str, Fraction]:
        rows = [f"{unit},{code},{mark}" for (unit, code), mark in marks.items() if unit in whose]
        case = {"indicators": [common, {"code": "C", "weight": "50", **above, "children": branches}], "units": whose,
                "rules": {"not_applicable": ruled}, "tables": {"observations": "\n".join(["unit,indicator,value", *rows])}}
        result = assessed(tmp_path / name, case)
        return dict(zip(result.units["unit"], result.points.total, strict=True))

    shared = leaf("S", 10)
    every = total([shared, *({**each, "for": [unit]} for unit in units for each in own[unit])], units, "every")
    for unit in units:
        assert every[unit] == total([shared, *own[unit]], [unit], unit)[unit]


def test_an_own_item_that_nobody_holds_any_more_harms_nobody(tmp_path: Path) -> None:
    """Its only unit is left out of the ranking: no mean of none, no place among none, no line at the mean of none."""
    more = ({"not_applicable": {"rule": "peers_mean"}}, {"scored_by": {"method": "rank_step", "step": "1", "floor": "0"}},
            {"only_if": [{"value": "at_least", "line": "peers_mean"}]})
    leaves: list[dict[str, Any]] = [{"code": f"B{i}", "weight": "20", "for": ["b"], "scored_by": GIVEN, **each}
                                    for i, each in enumerate(more)]
    case = {"indicators": [{"code": "A", "weight": "60", "for": ["a"], "scored_by": GIVEN},
                           {"code": "E", "weight": "40", "scored_by": GIVEN}, *leaves], "units": ["a", "b"],
            "tables": {"observations": "unit,indicator,value\na,A,50\na,E,60\n",
                       "decisions": "unit,kind,document\nb,excluded,文1"}}
    result = assessed(tmp_path, case)
    assert result.ranking["score"].tolist() == [54]


# ── other weights ──


def test_the_ruled_weight_moves_nothing_and_both_ways_to_another_agree(tmp_path: Path) -> None:
    """C1 at 24 instead of 12, C2 and the others in proportion: of 20, a then has 20 × 24 ÷ (24 + 8 × 24 ÷ 36) at C1."""
    book, data = loaded(tmp_path, TASKS)
    result = assessed(tmp_path, TASKS)
    for code, weight in (("C1", 12), ("C4", 20), ("C", 20)):
        assert tx.what_if(book, data, "c", {code: weight})["score"].tolist() == result.ranking["score"].tolist()
    of = exact_shares(result)
    told = tx.what_if(book, data, "c", {"C1": 24}).set_index("unit")["score"]
    _, (totals, *_) = of.at_weight(result.category.node("C1"), Fraction(24))
    first = Fraction(20 * 24) / (24 + Fraction(8 * 24, 36))
    assert dict(zip(of.units, totals, strict=True))["a"] == 72 + first + (20 - first) / 2
    assert [told[unit] for unit in of.units] == [round(float(each), 2) for each in totals]


def test_at_level_1_a_weight_moves_what_the_unit_has_of_the_whole(tmp_path: Path) -> None:
    """A at 70 of 140 in all: B and D fall to 35, so that everybody has 100 × 70 ÷ 105 at A."""
    book, data = loaded(tmp_path, LEVEL_1)
    of = exact_shares(assessed(tmp_path, LEVEL_1))
    full, (totals, *_) = of.at_weight(of.category.node("A"), Fraction(70))
    told = tx.what_if(book, data, "c", {"A": 70}).set_index("unit")["score"]
    assert full.tolist() == [Fraction(200, 3)] * 3 and [told[unit] for unit in of.units] == [round(float(x), 2) for x in totals]


@pytest.mark.parametrize("case", [TASKS, LEVEL_1, EXEMPT])
def test_swaps_begin_where_the_two_units_are(case: dict[str, Any], tmp_path: Path) -> None:
    """At the ruled weights the distance of two totals is all of the tree: none of it is left beside it."""
    of = exact_shares(assessed(tmp_path, case))
    assert sum(of.weights[leaf.code] for leaf in of.category.leaves) == 100
    for i in range(len(of.units) - 1):
        assert abs(Between.of(of, i).beside) < 1e-9


@pytest.mark.parametrize("case", SCORED)
def test_whatever_asks_about_other_weights_and_rules_works(case: dict[str, Any], tmp_path: Path) -> None:
    book, data = loaded(tmp_path, case)
    result = assessed(tmp_path, case)
    assert len(tx.weight_intervals(result)) and len(tx.leave_one_out(result, data).summary)
    swaps = tx.smallest_swaps(result)
    assert (swaps["l1"].isna() | (swaps["l1"] >= 0)).all()
    draws = tx.weight_draws(book, result, draws=200, spread=0.0)
    assert draws.intervals["kept"].tolist() == [1.0] * len(draws.intervals)
    ruled = set(tx.alternatives(book, data, "c").runs["not_applicable"])
    assert (ruled == {"ruled"}) is (case in (TASKS, RELATIVE))
