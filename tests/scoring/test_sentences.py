"""Whole sentences of small years: what is said of a total and of what does not apply, and what each rests on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from test_result import TREE
from written import CATEGORY, YEAR, assessed, file, workspace

import txlib as tx
from txlib.methods import QuotaPenalty

pytestmark = pytest.mark.quick

RULES = {"total": {"points": "100"}, "rounding": {"leaf": "exact", "total": "2", "half": "up"}, "ties": {"method": "min"},
         "not_applicable": {"rule": "redistribute"}, "divisors": {"when_not_positive": "refuse"}}
SOURCES = ("case", *RULES)


def leaf(code: str, weight: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "weight": weight, "scored_by": {"method": "given"}, **more}


def made(root: Path, values: dict[str, str], *indicators: dict[str, Any], rules: dict[str, Any] | None = None,
         at: str = "AB", **more: Any) -> tx.Result:
    """A small year assessed, in which each rule rests on an assumption of its own name; by unit, its values at A, B, …"""
    own = {name: {**rule, "assumed": name} for name, rule in {**RULES, **(rules or {})}.items()}
    tree = indicators or (leaf("A", "60"), leaf("B", "40"))
    rows = [f"{unit},{code},{'' if value == '—' else value},{'not_applicable' if value == '—' else ''}"
            for unit, told in values.items() for code, value in zip(at, told.split(), strict=True)]
    workspace(root, {"indicators": list(tree), "units": list(values), "rules": own, **more,
                     "tables": {"observations": "\n".join(["unit,indicator,value,status", *rows])}})
    known = {name: {key: {"zh": name, "en": name} for key in ("term", "assumes", "reason")} for name in SOURCES}
    file(root / "params" / YEAR / "assumptions.yaml", json.dumps(known) + "\n")
    book = tx.load_rulebook(YEAR, root)
    return tx.assess(book, tx.load_data(book), CATEGORY)


def said(result: tx.Result, unit: str, indicator: str | None = None) -> str:
    return tx.explain(result, unit=unit, indicator=indicator, lang="en")


SOURCE = " Source: no clause says so; assumed: "


# ── the total ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("rules", "a", "b"), [
    ({}, "30 + B 35 = 65, rounded half up to 2 decimals: 65.00; place 1 of 3 (tied).|total, rounding, ties.",
     "20 + B 20.125 = 40.125, rounded half up to 2 decimals: 40.13; place 3 of 3.|total, rounding."),
    ({"rounding": {"leaf": "exact", "total": "2", "half": "even"}},
     "30 + B 35 = 65, rounded half to even to 2 decimals: 65.00; place 1 of 3 (tied).|total, rounding, ties.",
     "20 + B 20.125 = 40.125, rounded half to even to 2 decimals: 40.12; place 3 of 3.|total, rounding."),
    ({"rounding": {"leaf": "exact", "total": "exact", "half": "up"}}, "30 + B 35 = 65; place 1 of 3 (tied).|total, ties.",
     "20 + B 20.125 = 40.125; place 3 of 3.|total."),
    ({"ties": {"method": "average"}},
     "30 + B 35 = 65, rounded half up to 2 decimals: 65.00; place 1.5 of 3 (tied).|total, rounding, ties.",
     "20 + B 20.125 = 40.125, rounded half up to 2 decimals: 40.13; place 3 of 3.|total, rounding."),
])
def test_a_total_is_told_with_its_sum_its_rounding_and_its_place(rules: dict[str, Any], a: str, b: str, tmp_path: Path) -> None:
    """It rests on ties where another has the same score alone, and on rounding where there is any."""
    result = made(tmp_path, {"a": "30 35", "b": "20 20.125", "c": "40 25"}, rules=rules)
    assert [said(result, unit) for unit in "ab"] == [f"Unit {unit}, total: A " + told.replace("|", SOURCE)
                                                     for unit, told in (("a", a), ("b", b))]


@pytest.mark.parametrize(("roll_up", "a", "b"), [
    ("minimum", "the lowest of the shares at level 1 × 100 (the shares: A 30 ÷ 60, B 35 ÷ 40) = 50,",
     "the lowest of the shares at level 1 × 100 (the shares: B 50 ÷ 100) (A not applicable) = 50,"),
    ("harmonic", "the weighted harmonic mean of the shares at level 1 × 100 (the shares: A 30 ÷ 60, B 35 ÷ 40) ≈ 60.3448,",
     "the weighted harmonic mean of the shares at level 1 × 100 (the shares: B 50 ÷ 100) (A not applicable) = 50,"),
    ("geometric", "the weighted geometric mean of the shares at level 1 × 100 (to 3 decimals; the shares: A 30 ÷ 60, B 35 ÷ 40)"
     " = 62.544,", "the weighted geometric mean of the shares at level 1 × 100 (to 3 decimals; the shares: B 50 ÷ 100)"
     " (A not applicable) = 50,"),
])
def test_a_total_that_is_no_sum_is_told_with_the_shares_that_make_it(roll_up: str, a: str, b: str, tmp_path: Path) -> None:
    more = {"decimals": "3"} if roll_up == "geometric" else {}
    result = made(tmp_path, {"a": "30 35", "b": "— 20"}, roll_up=roll_up, **more)
    assert said(result, "a").startswith(f"Unit a, total: {a}") and said(result, "b").startswith(f"Unit b, total: {b}")


# ── what a leaf rests on ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_leaf_rests_on_the_years_rule_for_what_does_not_apply_where_that_moved_its_weight(tmp_path: Path) -> None:
    result = made(tmp_path, {"a": "30 20", "b": "— 20"})
    assert said(result, "a", "B") == "Unit a, B Indicator B: given 20 points; 20 of 40 points." + SOURCE + "case."
    assert said(result, "b", "B") == ("Unit b, B Indicator B: given 20 points; as A did not apply, its weight becomes 40"
                                      " × 100 ÷ 40 = 100, and the points go with it; 50 of 100 points." + SOURCE
                                      + "case, not_applicable.")
    assert said(result, "b", "A") == ("Unit b, A Indicator A: not applicable: its weight of 60 goes in proportion to B beside it;"
                                      " 0 of 0 points." + SOURCE + "case, not_applicable.")


def test_a_leaf_with_a_rule_of_its_own_rests_on_nothing_else(tmp_path: Path) -> None:
    share = {"rule": "share_of_weight", "share": "50%"}
    result = made(tmp_path, {"a": "30 20", "b": "— 20"}, leaf("A", "60", not_applicable=share), leaf("B", "40"))
    assert said(result, "b", "A") == ("Unit b, A Indicator A: not applicable; as ruled, a share of its weight: 60 × 50%;"
                                      " 30 of 60 points." + SOURCE + "case.")
    assert said(result, "b", "B") == "Unit b, B Indicator B: given 20 points; 20 of 40 points." + SOURCE + "case."


@pytest.mark.parametrize(("way", "told", "points"), [("full", "full points", "60"), ("zero", "no points", "0")])
def test_where_a_divisor_is_not_above_zero_the_rule_for_it_is_told(way: str, told: str, points: str, tmp_path: Path) -> None:
    best = leaf("A", "60", scored_by={"method": "share_of_best"})
    result = made(tmp_path, {"a": "0 20", "b": "0 20"}, best, leaf("B", "40"), rules={"divisors": {"when_not_positive": way}})
    assert said(result, "a", "A") == ("Unit a, A Indicator A: observed 0 points; the divisor is not above zero, which is ruled"
                                      f" to give {told}; {points} of 60 points." + SOURCE + "case.")


def test_points_of_a_leaf_that_are_rounded_say_so(tmp_path: Path) -> None:
    result = made(tmp_path, {"a": "30.25 20", "b": "— 20"}, rules={"rounding": {"leaf": "1", "total": "2", "half": "even"}})
    assert "points are rounded half to even to 1 decimal; 30.2 of 60" in said(result, "a", "A")


def test_an_empty_branch_says_where_its_weight_goes(tmp_path: Path) -> None:
    tree = ({"code": "G", "weight": "60", "children": [leaf("A", "50"), leaf("B", "10")]}, leaf("C", "40"))
    result = made(tmp_path, {"a": "30 5 20", "b": "— — 20"}, *tree, at="ABC")
    assert "none of the items below it applies; its weight of 60 goes in proportion to C beside it" in said(result, "b", "G")
    assert "its weight of 50 goes with that of G in proportion to C" in said(result, "b", "A")
    assert "as G did not apply, its weight becomes 40 × 100 ÷ 40 = 100" in said(result, "b", "C")


# ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_unit_that_is_left_out_is_told_so_by_the_name_that_it_has(tmp_path: Path) -> None:
    result = made(tmp_path, {"a": "30 20", "b": "10 20"})
    out = pd.DataFrame({"unit": ["x", "y"], "name": ["甲", "乙"], "name_en": ["First", ""]})
    left = replace(result, excluded=out)
    assert "甲" in tx.explain(left, unit="x") and "First" in said(left, "x") and "y" in said(left, "y")
    with pytest.raises(KeyError, match="z: a, b"):
        said(left, "z")


def test_a_penalty_names_the_categories_that_it_is_for(tmp_path: Path) -> None:
    """In the words of the rule-book, each with its items, and their sum; one that there is none of says so."""
    result = assessed(tmp_path, TREE)
    node = replace(result.category.node("J"), rule=QuotaPenalty(method="quota_penalty", kind="deduction"))
    lost = pd.DataFrame({"unit": ["a", "a", "c"], "category": [CATEGORY] * 3, "points": [0.2, 0.3, 2.0],
                         "items": [("P1", "P2"), ("P3",), ("P4",)]})
    taken = replace(result, category=replace(result.category, adjustments=(node,)), records={"J": lost})
    assert [said(taken, unit, "J").partition("; ")[0] for unit in "abc"] == [
        "Unit a, J Indicator J: its marks miss the differentiation: Category (P1, P2) 0.2",
        "Unit b, J Indicator J: its marks keep the differentiation, or it gives none",
        "Unit c, J Indicator J: its marks miss the differentiation: Category (P4) 2"]
    assert "Category (P3) 0.3: 0.2 + 0.3; 0.5 points taken off" in said(taken, "a", "J")
    assert "2 points taken off" in said(taken, "c", "J") and " + " not in said(taken, "c", "J")
