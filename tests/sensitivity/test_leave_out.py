"""Without an indicator, a branch, an adjustment, a unit: against rule-books and tables written without it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shared
from trees import MARKS, RULED, WAYS, marks, tree
from written import CATEGORY, YEAR, assessed, loaded, workspace

import txlib as tx
from txlib.sensitivity.leave_out import PLACES, SUMMARY, leave_one_out

pytestmark = pytest.mark.quick


def pruned(case: dict[str, Any], code: str) -> dict[str, Any]:
    """The case without a node, its siblings' weights enlarged in proportion, and so on up where it stood alone."""
    case = copy.deepcopy(case)

    def enlarge(nodes: list[dict[str, Any]], factor: float) -> None:
        for node in nodes:
            node["weight"] = f"{float(node['weight']) * factor:.12g}"
            enlarge(node.get("children", []), factor)

    def walk(nodes: list[dict[str, Any]]) -> None:
        gone = [node for node in nodes if node["code"] == code]
        if gone:
            nodes.remove(gone[0])
            left = sum(float(node["weight"]) for node in nodes)
            enlarge(nodes, (left + float(gone[0]["weight"])) / left)
        for node in nodes:
            walk(node.get("children", []))

    walk(case["indicators"])
    header, *rows = case["tables"]["observations"].splitlines()
    kept = [row for row in rows if any(f",{leaf}," in row for leaf in codes(case["indicators"]))]
    case["tables"]["observations"] = "\n".join([header, *kept]) + "\n"
    return case


def codes(nodes: list[dict[str, Any]]) -> list[str]:
    return [code for node in nodes for code in [node["code"], *codes(node.get("children", []))]]


LeavesOut = Callable[[str, bool], tuple[dict[str, Any], pd.DataFrame]]


@pytest.fixture(scope="module")
def leaving_out(tmp_path_factory: pytest.TempPathFactory) -> LeavesOut:
    """A case by its way, B with its own rule for what does not apply or without, and each of its nodes left out: once."""
    @cache
    def once(way: str, ruled: bool) -> tuple[dict[str, Any], pd.DataFrame]:
        case = tree(RULED, **copy.deepcopy(WAYS[way]))
        if not ruled:
            case["indicators"][1].pop("not_applicable")
        return case, leave_one_out(assessed(tmp_path_factory.mktemp(way), case)).places

    return once


@pytest.mark.parametrize("way", [way for way in WAYS if way != "leaves_rounded"])
@pytest.mark.parametrize("code", ["L0", "L2", "L5", "L6", "A1", "B"])
def test_without_a_node_is_a_rule_book_without_it(way: str, code: str, leaving_out: LeavesOut, tmp_path: Path) -> None:
    case, found = leaving_out(way, code != "B" or "not_applicable" not in WAYS[way].get("other", {}))
    less = pruned(case, code)
    book, data = tx.load_rulebook(YEAR, workspace(tmp_path, less)), loaded(tmp_path, case)[1]
    kept = data.observations["indicator"].isin(codes(less["indicators"]))
    theirs = tx.assess(book, data.replaced(observations=data.observations[kept]), CATEGORY).ranking.set_index("unit")["rank"]
    mine = found[found["left_out"] == code].set_index("unit")
    assert mine["without"].to_dict() == theirs.to_dict()
    assert (mine["shift"] == mine["without"] - mine["rank"]).all()


def test_every_leaf_branch_adjustment_and_unit_is_left_out_once() -> None:
    result = shared.assessed("2020", "towns_1")
    found = leave_one_out(result, shared.edition("2020")[1])
    head = result.category
    assert found.summary["left_out"].tolist() == [n.code for n in head.nodes] + result.units["unit"].tolist()
    assert found.summary["kind"].value_counts().to_dict() == {
        "leaf": len(head.leaves), "adjustment": 2, "unit": 8, "branch": len(head.nodes) - len(head.leaves) - 2}
    assert len(found.places) == len(head.nodes) * 8 + 8 * 7
    assert list(found.summary) == SUMMARY and list(found.places) == PLACES
    for row in found.summary.to_dict("records"):
        mine = found.places[(found.places["left_out"] == row["left_out"]) & (found.places["kind"] == row["kind"])]
        assert row["mean_shift"] == mine["shift"].abs().mean() and row["largest_shift"] == mine["shift"].abs().max()
        assert row["tiers_changed"] == (mine["tier_code"] != mine["tier_without"]).sum()
    assert found.summary.set_index("left_out").loc["A", "weight"] == pytest.approx(0.85)


@pytest.mark.parametrize(("year", "category"), [("2020", "zones")])
def test_without_a_unit_is_an_assessment_without_it(year: str, category: str) -> None:
    """Re-scored among its peers: by hand, an excluded unit is left out in the same way."""
    (book, data), result = shared.edition(year), shared.assessed(year, category)
    found = leave_one_out(result, data).places
    for unit in result.units["unit"]:
        decision = pd.DataFrame([{"unit": unit, "kind": "excluded", "since": "", "clause": "", "document": "x", "note": ""}])
        excluded = data.replaced(decisions=pd.concat([data.decisions, decision], ignore_index=True))
        theirs = tx.assess(book, excluded, category).ranking.set_index("unit")
        mine = found[(found["left_out"] == unit) & (found["kind"] == "unit")].set_index("unit")
        assert mine["without"].to_dict() == theirs["rank"].to_dict()
        assert mine["tier_without"].to_dict() == theirs["tier_code"].to_dict()


TIERS = {"count": "half_up", "tied_at_the_cut": "in", "vetoes": {"bars": ["first"], "filling": "next"}, "levels": [
    {"code": code, "name": {"zh": code, "en": code}, **takes} for code, takes in
    (("first", {"takes": "40%", "at_least": 80}), ("second", {"takes": "30%"}), ("third", {"takes": "rest"}))]}


@pytest.mark.parametrize("ties", ["min", "average"])
def test_without_a_unit_that_nobody_is_held_against(tmp_path: Path, ties: str) -> None:
    """Points stay; places close up as ruled for ties, and tiers are filled anew: as in a workspace without the unit."""
    rows = {"a": "90 80", "b": "85 85", "c": "85 85", "d": "80 90", "e": "70 70", "f": "79 79", "g": "95 95"}
    rules = {"tiers": TIERS, "ties": {"method": ties}}
    veto = "unit,kind,since,clause,document,note\ng,veto,2020-06-01,1.1,x,\n"

    def case(units: list[str]) -> dict[str, Any]:
        made = marks({unit: rows[unit] for unit in units}, rules=rules, category={"tie_break": ["L0"]})
        return {**made, "tables": {**made["tables"], **({"decisions": veto} if "g" in units else {})}}

    found = self_assessed(tmp_path / "all", case(list(rows))).places
    for unit in rows:
        theirs = assessed(tmp_path / unit, case([each for each in rows if each != unit])).ranking.set_index("unit")
        mine = found[(found["left_out"] == unit) & (found["kind"] == "unit")].set_index("unit")
        assert mine["without"].to_dict() == theirs["rank"].to_dict()
        assert mine["tier_without"].to_dict() == theirs["tier_code"].to_dict()


def test_places_before_are_those_among_the_units_that_remain(tmp_path: Path) -> None:
    """Marks do not depend on peers: nobody shifts when another leaves; level units stay level."""
    found = self_assessed(tmp_path, marks({"a": "90", "b": "80", "c": "80", "d": "70"}))
    mine = found.places[found.places["kind"] == "unit"]
    assert (mine["shift"] == 0).all()
    assert mine[mine["left_out"] == "b"].set_index("unit")["rank"].to_dict() == {"a": 1, "c": 2, "d": 3}


def self_assessed(root: Path, case: dict[str, Any]) -> tx.LeftOut:
    return leave_one_out(assessed(root, case), loaded(root, case)[1])


def test_what_nothing_is_left_of_stays(tmp_path: Path) -> None:
    """One leaf below one branch, one unit: nothing can go."""
    assert self_assessed(tmp_path / "1", marks({"a": "90"})).summary.empty
    assert self_assessed(tmp_path / "2", marks({"a": "90", "b": "80"})).summary["kind"].tolist() == ["unit", "unit"]


def test_the_last_leaf_of_a_branch_takes_the_branch_with_it(tmp_path: Path) -> None:
    """b has nothing in A1 but what is left out: A1's weight goes to A's other leaves for b."""
    case = tree(RULED)
    case["tables"]["observations"] = case["tables"]["observations"].replace("b,L1,,not_applicable", "b,L1,50,")
    places = leave_one_out(assessed(tmp_path / "all", case)).places
    less = copy.deepcopy(case)
    less["tables"]["observations"] = case["tables"]["observations"].replace("b,L1,50,", "b,L1,,not_applicable")
    theirs = assessed(tmp_path / "less", pruned(less, "L1")).ranking.set_index("unit")["rank"].to_dict()
    assert places[places["left_out"] == "L1"].set_index("unit")["without"].to_dict() == theirs


def test_a_divisor_refused_without_a_unit_is_told(tmp_path: Path) -> None:
    """Without c, a and b have the same value: peers without a range."""
    case = {"indicators": [{"code": "A", "weight": "100", "scored_by": {
        "method": "min_max", "onto": ["0", "100"]}}], "units": list("abc"),
        "tables": {"observations": "unit,indicator,value\na,A,5\nb,A,5\nc,A,9\n"}}
    found = self_assessed(tmp_path, case).summary.set_index("left_out")
    assert "a divisor is zero or negative" in found.loc["c", "note"] and np.isnan(found.loc["c", "mean_shift"])
    assert found.loc["a", "note"] == "" and found.loc["a", "moved"] == 0


def test_marks_are_those_of_the_tree() -> None:
    assert len({len(line.split()) for line in MARKS.values()}) == 1
