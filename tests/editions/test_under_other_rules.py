"""Last year's data under the rules of either year, by hand: what is shared, what is left out and why, whose place differs."""

from __future__ import annotations

import re
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from shared import assessed, edition
from written import CATEGORY, YEAR, workspace

import txlib as tx
from txlib.editions.under_other_rules import LEFT_OUT, PLACES, WHY, Carried, carried

quick = pytest.mark.quick  # not what compares two whole years


def leaf(code: str, weight: str, **rule: Any) -> dict[str, Any]:
    return {"code": code, "weight": weight, "scored_by": {"method": "given", "out_of": "100", **rule}}


def case(*leaves: dict[str, Any], **more: Any) -> dict[str, Any]:
    rows = "u,A,90,80\nu,B,50,80\nu,C,70,\nv,A,60,80\nv,B,90,80\nv,C,70,\nw,A,70,80\nw,B,70,80\nw,C,70,"
    wanted = {each["code"] for each in leaves}
    kept = "\n".join(line for line in rows.splitlines() if line.split(",")[1] in wanted)
    return {"indicators": list(leaves), "units": ["u", "v", "w"],
            "tables": {"observations": f"unit,indicator,value,target\n{kept}"}, **more}


THEN = case(leaf("A", "50"), leaf("B", "30"), leaf("C", "20"))


def put(tmp_path: Path, then: dict[str, Any], now: dict[str, Any]) -> Carried:
    """Both cases as rule-books, the data of the first under the rules of the second."""
    old = tx.load_rulebook(YEAR, workspace(tmp_path / "then", then))
    new = tx.load_rulebook(YEAR, workspace(tmp_path / "now", now))
    found = carried(old, tx.load_data(old), new)
    assert list(found.places.columns) == PLACES and list(found.left_out.columns) == LEFT_OUT
    assert set(found.left_out["why"]) <= set(WHY)
    return found


def ranks(found: Carried, column: str = "rank") -> dict[str, float]:
    return dict(zip(found.places["unit"], found.places[column], strict=True))


def left(found: Carried) -> dict[tuple[str, str], str]:
    return {(row.year, row.code): row.why for row in found.left_out.itertuples()}


@quick
def test_the_same_rules_give_the_same_places(tmp_path: Path) -> None:
    """u 45 + 15 + 14 = 74, v 30 + 27 + 14 = 71, w 35 + 21 + 14 = 70."""
    found = put(tmp_path, THEN, THEN)
    assert ranks(found) == ranks(found, "rank_then") == {"u": 1, "v": 2, "w": 3}
    assert found.left_out.empty and found.shared == {CATEGORY: 1} and found.impossible == ()


@quick
def test_other_weights_give_other_places(tmp_path: Path) -> None:
    """A 20, B 60, C 20: u 18 + 30 = 48, v 12 + 54 = 66, w 14 + 42 = 56, and 14 each."""
    found = put(tmp_path, THEN, case(leaf("C", "20"), leaf("B", "60"), leaf("A", "20")))
    assert ranks(found) == {"v": 1, "w": 2, "u": 3}
    assert ranks(found, "rank_then") == {"u": 1, "v": 2, "w": 3}
    assert ranks(found, "moved") == {"v": 1, "w": 1, "u": -2}


@quick
def test_an_indicator_of_one_year_alone_is_left_out_and_its_siblings_take_the_weight(tmp_path: Path) -> None:
    """B gone, D new of 40: A 45 and C 15 are left, 60 of 100 points. u 90, w 70, v 60 in A; C the same for all."""
    new = {**case(leaf("A", "45"), leaf("C", "15"), leaf("D", "40")), "tables": {}}
    found = put(tmp_path, THEN, new)
    assert left(found) == {("now", "D"): "new", ("then", "B"): "gone"}
    assert dict(zip(found.left_out["code"], found.left_out["points"], strict=True)) == {"D": 40, "B": 30}
    assert found.shared == {CATEGORY: Fraction(60, 100)}
    assert ranks(found) == {"u": 1, "w": 2, "v": 3}


@quick
def test_what_is_left_out_moves_nobody(tmp_path: Path) -> None:
    """Without C last year's own rules put v first (A 40, B 40: u 56, v 60, w 56); in full u is first (76, 74, 70)."""
    then = case(leaf("A", "40"), leaf("B", "40"), leaf("C", "20"))
    then["tables"]["observations"] = then["tables"]["observations"].replace("u,C,70", "u,C,100")
    found = put(tmp_path, then, {**case(leaf("A", "40"), leaf("B", "40"), leaf("D", "20")), "tables": {}})
    assert ranks(found, "rank_then") == ranks(found) == {"v": 1, "u": 2, "w": 2}
    assert set(ranks(found, "moved").values()) == {0}


@quick
def test_a_branch_that_loses_all_its_leaves_is_left_out_whole(tmp_path: Path) -> None:
    now = case(leaf("A", "50"), {"code": "N", "weight": "50", "children": [leaf("N1", "50")]})
    found = put(tmp_path, THEN, now)
    assert left(found) == {("now", "N1"): "new", ("then", "B"): "gone", ("then", "C"): "gone"}
    assert ranks(found) == {"u": 1, "w": 2, "v": 3} and found.shared == {CATEGORY: Fraction(1, 2)}


@quick
def test_another_code_is_followed_and_another_name_is_not(tmp_path: Path) -> None:
    recoded = {**leaf("Z", "50"), "name": {"zh": "指标A", "en": "Indicator A"}}
    renamed = {**leaf("B", "30"), "name": {"zh": "新指标", "en": "Another"}}
    found = put(tmp_path, THEN, {**case(recoded, renamed, leaf("C", "20")), "tables": {}})
    assert left(found) == {("now", "B"): "renamed"}
    assert ranks(found) == {"u": 1, "w": 2, "v": 3}


@quick
@pytest.mark.parametrize(("changed", "why"), [
    ({**leaf("B", "30"), "measured_in": {"zh": "%", "en": "%"}}, "measured"),
    ({"code": "B", "weight": "30", "scored_by": {"method": "growth", "flat": "80% of weight", "gain": "1", "lose": "1",
                                                "floor": "0", "most": "30"}}, "beside"),
    ({"code": "B", "weight": "30", "scored_by": {"method": "given"}}, "range"),
    ({"code": "B", "weight": "30", "scored_by": {"method": "survey", "groups": {"g": "100%"}, "grades": {"good": "100%"},
                                                "dont_know": "not_counted", "absent_group": "refuse"}}, "table"),
    ({"code": "B", "weight": "30", "scored_by": {"method": "completion", "lose": "proportional", "floor": "0"}}, ""),
])
def test_why_an_indicator_is_left_out(changed: dict[str, Any], why: str, tmp_path: Path) -> None:
    found = put(tmp_path, THEN, {**case(leaf("A", "50"), changed, leaf("C", "20")), "tables": {}})
    assert left(found) == ({("now", "B"): why} if why else {})


@quick
def test_an_indicator_that_must_apply_now_and_did_not_then(tmp_path: Path) -> None:
    then = case(leaf("A", "50"), leaf("B", "30"), leaf("C", "20"))
    then["tables"]["observations"] = then["tables"]["observations"].replace("v,B,90", "v,B,—")
    now = case(leaf("A", "50"), {**leaf("B", "30"), "not_applicable": {"rule": "not_allowed"}}, leaf("C", "20"))
    assert left(put(tmp_path, then, now)) == {("now", "B"): "not_allowed"}


@quick
def test_a_divisor_that_is_refused_now(tmp_path: Path) -> None:
    then = case(leaf("A", "50"), leaf("B", "30"), leaf("C", "20"))
    then["tables"]["observations"] = then["tables"]["observations"].replace("v,B,90,80", "v,B,90,0")
    completion = {"method": "completion", "lose": "proportional", "floor": "0"}
    now = case(leaf("A", "50"), {"code": "B", "weight": "30", "scored_by": completion}, leaf("C", "20"))
    assert left(put(tmp_path, then, now)) == {("now", "B"): "divisor"}


def event(**levels: str) -> dict[str, Any]:
    return {"code": "J", "cap": "20", "scored_by": {"method": "per_event", "kind": "bonus", "same_honour": "each",
                                                   "several_units": "each", "levels": levels}}


@quick
def test_events_count_by_this_years_levels_or_are_left_out(tmp_path: Path) -> None:
    """w has a province's honour: 1 then (71, level with v), 9 now (79, first)."""
    tables = {**THEN["tables"], "events": "unit,indicator,honour,level\nw,J,prize,province"}
    then = {**THEN, "adjustments": [event(province="1")], "tables": tables}
    found = put(tmp_path / "a", then, {**THEN, "adjustments": [event(province="9")]})
    assert ranks(found, "rank_then") == {"u": 1, "v": 2, "w": 2} and ranks(found) == {"w": 1, "u": 2, "v": 3}
    found = put(tmp_path / "b", then, {**THEN, "adjustments": [event(national="9")]})
    assert left(found) == {("now", "J"): "levels"} and list(found.left_out["points"]) == [0]
    assert ranks(found) == {"u": 1, "v": 2, "w": 3}


@quick
def test_findings_count_at_this_years_prices_or_are_left_out(tmp_path: Path) -> None:
    """Found twice of u: 20 − 2 × 1 then (72), 20 − 2 × 6 now (68), below v and w."""
    def listed(more: dict[str, Any] | None = None, **prices: dict[str, str]) -> list[dict[str, Any]]:
        return [leaf("A", "50"), leaf("B", "30"), {"code": "C", "weight": "20", "scored_by": {
            "method": "findings", "floor": "0", "prices": prices, **(more or {})}}]

    tables = {"observations": "\n".join(line for line in THEN["tables"]["observations"].splitlines() if ",C," not in line),
              "findings": "unit,indicator,kind,number,document\nu,C,plan,2,x\nv,C,plan,5,x"}
    then = {**THEN, "indicators": listed(plan={"costs": "1"}), "tables": tables}
    found = put(tmp_path / "a", then, {**then, "indicators": listed(plan={"costs": "6", "cap": "10"}, late={"gains": "2"})})
    assert ranks(found, "rank_then") == {"u": 1, "w": 2, "v": 3} and ranks(found) == {"w": 1, "u": 2, "v": 3}
    found = put(tmp_path / "b", then, {**then, "indicators": listed(late={"costs": "6"})})
    assert left(found)["now", "C"] == "kinds"
    found = put(tmp_path / "c", then, {**then, "indicators": listed({"shared": {"lead": "60%"}}, plan={"costs": "6"})})
    assert left(found)["now", "C"] == "roles"


@quick
def test_what_was_found_at_a_branch_counts_at_this_years_prices_or_is_left_out(tmp_path: Path) -> None:
    """At B of u twice: v 30 and w 28 stay; u 35 − 2 × 1 = 33 then, 35 − 2 × 4 = 27 now; left out, u has its 35."""
    def listed(*rules: dict[str, Any]) -> list[dict[str, Any]]:
        return [leaf("A", "50"), {"code": "B", "weight": "50", "children": [leaf("C", "50")], **(rules[0] if rules else {})}]

    def priced(floor: str = "0", **prices: dict[str, str]) -> dict[str, Any]:
        return {"adjusted_by": {"method": "findings", "floor": floor, "prices": prices}}

    tables = {"observations": "unit,indicator,value\nu,A,0\nv,A,0\nw,A,0\nu,C,70\nv,C,60\nw,C,56",
              "findings": "unit,indicator,kind,number,document\nu,B,plan,2,x"}
    then = {"indicators": listed(priced(plan={"costs": "1"})), "units": ["u", "v", "w"], "tables": tables}
    found = put(tmp_path / "a", then, {**then, "indicators": listed(priced(plan={"costs": "4"}))})
    assert ranks(found, "rank_then") == {"u": 1, "v": 2, "w": 3} and ranks(found) == {"v": 1, "w": 2, "u": 3}
    assert found.left_out.empty
    found = put(tmp_path / "b", then, {**then, "indicators": listed(priced("40", late={"costs": "1"}))})
    assert left(found) == {("now", "B"): "kinds"} and set(found.left_out["points"]) == {0}
    assert ranks(found) == {"u": 1, "v": 2, "w": 3}  # its floor of 40, which all are under, is left out with it
    found = put(tmp_path / "c", then, {**then, "indicators": listed(), "tables": {"observations": tables["observations"]}})
    assert left(found) == {("then", "B"): "gone"} and ranks(found)["u"] == 1


@quick
def test_nothing_shared_is_told_and_no_place_is_given(tmp_path: Path) -> None:
    found = put(tmp_path, THEN, {**case(leaf("X", "100")), "tables": {}})
    assert found.impossible == (CATEGORY,) and found.places.empty and found.shared == {CATEGORY: 0}


@pytest.mark.parametrize("year", ["2019", "2020"])
def test_a_sample_year_under_its_own_rules_is_as_it_was(year: str) -> None:
    """Surveys, places of superior indicators, events, vetoes and what does not apply come through unchanged."""
    book, data = edition(year)
    found = carried(book, data, book)
    assert (found.places["moved"] == 0).all() and set(found.left_out["why"]) <= {"penalty"}
    assert len(found.places) == sum(len(assessed(year, code).ranking) for code in book.categories)


def test_it_agrees_with_a_year_assessed_by_edited_rules(root: Path, tmp_path: Path) -> None:
    """towns_2 of 2019 with the weights of 2020 written into its own tree: the same places by an ordinary assessment.

    Marks in one number in both years: what comes from another table is left out.
    """
    for name in ("params", "data"):
        shutil.copytree(root / name, tmp_path / name)
    for path in (*tmp_path.glob("params/2020/trees/*.yaml"), tmp_path / "params/2020/branches.yaml"):
        text = re.sub(r"method: marks, out_of: 100, quantitative: \d+%", "method: given, out_of: 100", path.read_text("utf-8"))
        path.write_text(text.replace(", marks_parts]", "]"), encoding="utf-8")
    shutil.copy(tmp_path / "params/2020/trees/towns_2.yaml", tmp_path / "params/2019/trees/towns_2.yaml")
    edited = tx.load_rulebook("2019", tmp_path, ["towns_2"])
    expected = tx.assess(edited, tx.load_data(edited, ["towns_2"]), "towns_2").ranking
    places = carried(*edition("2019"), tx.load_rulebook("2020", tmp_path)).places
    mine = places[places["category"] == "towns_2"]
    assert dict(zip(mine["unit"], mine["rank"], strict=True)) == dict(zip(expected["unit"], expected["rank"], strict=True))
    assert re.search("weight: 24", (root / "params/2020/trees/towns_2.yaml").read_text("utf-8"))
