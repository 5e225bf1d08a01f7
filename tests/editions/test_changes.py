"""What changed between two rule-books: small ones by hand, and every kind of edit with exactly its rows."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from written import CATEGORY, YEAR, workspace

import txlib as tx
from txlib.base.faults import RulebookError
from txlib.editions.changes import ABOUT, CHANGES


def leaf(code: str, weight: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "weight": weight, "scored_by": {"method": "given"}, **more}


def case() -> dict[str, Any]:
    """Two level-1 indicators, one with three leaves, and a bonus."""
    return {
        "indicators": [
            {"code": "A", "weight": "60", "children": [
                leaf("A1", "20", lead="u"), leaf("A3", "10"),
                leaf("A2", "30", scored_by={"method": "rank_step", "step": "2", "floor": "60% of weight"})]},
            {"code": "B", "weight": "40", "children": [leaf("B1", "50%"), leaf("B2", "50%")]}],
        "adjustments": [{"code": "J", "cap": "3", "scored_by": {"method": "per_event", "kind": "bonus", "same_honour": "each",
                                                                "several_units": "each", "levels": {"province": "1"}}}],
        "rules": {"tiers": {"count": "down", "tied_at_the_cut": "in", "levels": [
            {"code": "first", "name": {"zh": "一", "en": "one"}, "takes": "30%"},
            {"code": "second", "name": {"zh": "二", "en": "two"}, "takes": "30%"},
            {"code": "rest", "name": {"zh": "余", "en": "rest"}, "takes": "rest"}]}},
        "category": {"tie_break": ["A", "B"]},
        "units": ["u", "v"],
    }


def book(root: Path, told: dict[str, Any]) -> tx.RuleBook:
    return tx.load_rulebook(YEAR, workspace(root, told))


def rows(tmp_path: Path, then: dict[str, Any], now: dict[str, Any]) -> pd.DataFrame:
    found = tx.diff_rules(book(tmp_path / "then", then), book(tmp_path / "now", now))
    assert list(found.columns) == CHANGES
    assert set(found["about"]) <= set(ABOUT)
    return found


def brief(found: pd.DataFrame) -> list[tuple[str, str, str, str, str]]:
    return [(row.about, row.kind, row.code, row.then_en, row.now_en) for row in found.itertuples()]


Edit = Callable[[dict[str, Any]], Any]


def at(told: dict[str, Any], code: str) -> dict[str, Any]:
    """The indicator of a case with this code."""
    ahead = [*told["indicators"], *told["adjustments"]]
    while ahead:
        node = ahead.pop()
        if node["code"] == code:
            return node
        ahead += node.get("children", [])
    raise KeyError(code)


def put(code: str, /, **more: Any) -> Edit:
    return lambda told: at(told, code).update(more)


def rule(code: str, /, **more: Any) -> Edit:
    return lambda told: at(told, code)["scored_by"].update(more)


def year(key: str, /, **more: Any) -> Edit:
    return lambda told: told["rules"].setdefault(key, {}).update(more)


def both(*edits: Edit) -> Edit:
    return lambda told: [edit(told) for edit in edits]


def levels(told: dict[str, Any]) -> Any:
    return told["rules"]["tiers"]["levels"]


def move(told: dict[str, Any]) -> None:
    """A3 from A to B, with weights that add up."""
    third = at(told, "A")["children"].pop(1)
    at(told, "B")["children"].append({**third, "weight": "20%"})
    at(told, "B1")["weight"], at(told, "B2")["weight"], at(told, "A2")["weight"] = "40%", "40%", "40"


def quotas(**more: Any) -> dict[str, Any]:
    """A block of rules on marks: two levels, a penalty, full marks."""
    own = {"clause": ["1.1"], "assumed": "case"}
    high, low = ({"code": code, "name": {"zh": code, "en": code}, "marks": marks, "line": line, "units": units, "share": "30%",
                  "count": "down", **own} for code, marks, line, units in (("high", "at_least", "90", "at_most"),
                                                                          ("low", "below", "80", "at_least")))
    return {"per": "item", "smallest": "2", "levels": [high, low], "full_marks": own,
            "penalty": {"points": "0.2", "per": "category", **own}, **own, **more}


HIGH = "units with marks at least 90: at most 30%, rounded down to a whole number"
LOW = "units with marks below 80: at least 30%, rounded down to a whole number"
WHOLE = ["counted by item; a group of fewer than 2 units is not judged", HIGH, LOW, "in principle none",
         "0.2 points for each category"]


EDITS: dict[str, tuple[Edit, list[tuple[str, str, str, str, str]]]] = {
    "a status, which is no rule": (lambda told: told["rules"].update(status={"zh": "征求意见", "en": "For comment"}),
                                   [("headings", "changed", "", "Sample", "For comment")]),
    "weights of leaves": (both(put("A1", weight="25"), put("A2", weight="25")),
                          [("weights", "changed", "A1", "20", "25"), ("weights", "changed", "A2", "30", "25")]),
    "weights of level 1 in points, those below as shares": (
        both(put("A", weight="50"), put("B", weight="50"), put("A3", weight="0.5"), put("A2", weight="29.5")),
        [("weights", "changed", "A", "60", "50"), ("weights", "changed", "B", "40", "50"),
         ("weights", "changed", "A3", "10", "0.5"), ("weights", "changed", "A2", "30", "29.5")]),
    "shares": (both(put("B1", weight="60%"), put("B2", weight="40%")),
               [("weights", "changed", "B1", "50%", "60%"), ("weights", "changed", "B2", "50%", "40%")]),
    "a lead department": (put("A1", lead="v"), [("methods", "changed", "A1", "u", "v")]),
    "a lead department more": (put("A2", lead="v"), [("methods", "added", "A2", "", "v")]),
    "a lead department fewer": (lambda told: at(told, "A1").pop("lead"), [("methods", "removed", "A1", "u", "")]),
    "a number of a method": (rule("A2", step="3"), [("methods", "changed", "A2", "2", "3")]),
    "a share of a method": (rule("A2", floor="50% of weight"),
                            [("methods", "changed", "A2", "60% of the weight", "50% of the weight")]),
    "a direction": (rule("A2", direction="down"), [("methods", "changed", "A2", "higher is better", "lower is better")]),
    "another method": (put("A1", scored_by={"method": "share_of_best"}),
                       [("methods", "changed", "A1", "points as given", "share of the best; direction higher is better")]),
    "a unit of measure": (put("A1", measured_in={"zh": "个", "en": "items"}),
                          [("methods", "changed", "A1", "points", "items")]),
    "a name": (put("A1", name={"zh": "新名", "en": "New name"}), [("tree", "renamed", "A1", "Indicator A1", "New name")]),
    "a code": (put("A1", code="A9", name={"zh": "指标A1", "en": "Indicator A1"}), [("tree", "recoded", "A9", "A1", "A9")]),
    "an indicator gone": (both(lambda told: at(told, "A")["children"].pop(1), put("A2", weight="40")),
                          [("weights", "changed", "A2", "30", "40"), ("tree", "removed", "A3", "weight 10", "")]),
    "an indicator moved": (move, [("weights", "changed", "A2", "30", "40"), ("weights", "changed", "B1", "50%", "40%"),
                                  ("weights", "changed", "B2", "50%", "40%"),
                                  ("tree", "moved", "A3", "A Indicator A", "B Indicator B"),
                                  ("weights", "changed", "A3", "10", "20%")]),
    "a leaf that becomes a branch": (
        lambda told: (at(told, "A1").update(children=[leaf("A1.1", "20")]), at(told, "A1").pop("scored_by"),
                      at(told, "A1").pop("lead")),
        [("methods", "changed", "A1", "points as given", "made of the indicators below it"),
         ("tree", "added", "A1.1", "", "weight 20")]),
    "a roll-up": (put("B", roll_up="minimum"), [("tree", "changed", "B", "weighted sum", "the minimum")]),
    "a roll-up of the total": (lambda told: told.update(roll_up="minimum"),
                               [("categories", "changed", CATEGORY, "weighted sum", "the minimum")]),
    "a roll-up of the total and its decimals": (
        lambda told: told.update(roll_up="geometric", decimals="3"),
        [("categories", "changed", CATEGORY, "weighted sum", "geometric mean"), ("categories", "added", CATEGORY, "", "3")]),
    "an own rule for what does not apply": (put("B1", not_applicable={"rule": "peers_mean"}),
                                            [("methods", "added", "B1", "", "the peers' mean")]),
    "an own rule for divisors": (put("A1", divisors={"when_not_positive": "full"}),
                                 [("methods", "added", "A1", "", "full points")]),
    "a cap": (put("J", cap="5"), [("methods", "changed", "J", "3", "5")]),
    "a level of events": (rule("J", levels={"province": "1", "national": "2"}), [("methods", "added", "J", "", "2")]),
    "a price list": (put("A1", scored_by={"method": "findings", "floor": "0", "prices": {
        "plan": {"name": {"zh": "缺计划", "en": "no plan"}, "costs": "2% of weight", "cap": "4"},
        "late": {"costs": "1", "again": "all"}}}),
        [("methods", "changed", "A1", "points as given", "price list; prices no plan (each costs 2% of the weight; cap 4), "
          "late (each costs 1; from the second on all is lost); floor 0; findings of a kind in one document each counts")]),
    "a cap over several kinds, and roles": (put("A1", scored_by={"method": "findings", "floor": "0", "prices": {
        "plan": {"costs": "1"}, "late": {"costs": "1"}}, "caps": [{"over": ["plan", "late"], "cap": "3"}],
        "shared": {"lead": "60%", "assisting": "40%"}}),
        [("methods", "changed", "A1", "points as given", "price list; prices plan (each costs 1), late (each costs 1); "
          "caps on several together over plan, late; cap 3; borne by roles lead unit 60%, assisting unit 40%; floor 0; "
          "findings of a kind in one document each counts")]),
    "a price list of a branch": (put("A", adjusted_by={"method": "findings", "floor": "0", "prices": {"late": {"costs": "1"}}}),
                                 [("methods", "added", "A", "", each) for each in ("price list", "1", "0", "each counts")]),
    "an adjustment gone": (lambda told: told["adjustments"].clear(), [("tree", "removed", "J", "", "")]),
    "rounding": (year("rounding", leaf="2", total="2", half="up"), [("rules", "changed", "", "not rounded", "2")]),
    "half": (year("rounding", leaf="exact", total="2", half="even"),
             [("rules", "changed", "", "away from zero", "to the even digit")]),
    "ties": (year("ties", method="dense"), [("rules", "changed", "", "the best place (1, 1, 3)", "dense places (1, 1, 2)")]),
    "a tier's share": (lambda told: levels(told)[0].update(takes="20%"), [("rules", "changed", "", "30%", "20%")]),
    "a tier's name": (lambda told: levels(told)[0].update(name={"zh": "甲", "en": "A"}), [("rules", "changed", "", "one", "A")]),
    "a tier's cut": (year("tiers", tied_at_the_cut="out"), [("rules", "changed", "", "all in", "none in")]),
    "the order of tiers": (lambda told: levels(told).insert(0, levels(told).pop(1)),
                           [("rules", "changed", "", "one, two, rest", "two, one, rest")]),
    "a tier gone": (lambda told: levels(told).pop(0), [("rules", "removed", "", "one", ""), ("rules", "removed", "", "30%", "")]),
    "what does not apply": (year("not_applicable", rule="peers_mean"),
                            [("rules", "changed", "", "weight goes to its siblings", "the peers' mean")]),
    "a comparison": (year("comparison", tolerance="0.01"),
                     [("rules", "added", "", "", "0.01")]),
    "criteria for ties": (lambda told: told["category"].update(tie_break=["B", "A"]),
                          [("categories", "changed", CATEGORY, "A, B", "B, A")]),
    "a category's name": (lambda told: told["category"].update(name={"zh": "类", "en": "Class"}),
                          [("categories", "renamed", CATEGORY, "Category", "Class")]),
    "a clause": (put("A1", clause=["1.1"]), [("sources", "changed", "A1", "no clause cited", "1.1")]),
    "rules on marks": (lambda told: told["rules"].update(quotas=quotas()), [("quotas", "added", "", "", each) for each in WHOLE]),
    "the kind of data": (lambda told: told["rules"].update(data="real"), [("rules", "changed", "", "sample (invented)", "real")]),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_gives_its_rows_and_no_other(name: str, tmp_path: Path) -> None:
    edit, expected = EDITS[name]
    now = case()
    edit(now)
    found = rows(tmp_path, case(), now)
    assert brief(found) == expected
    back = tx.diff_rules(book(tmp_path / "now", now), book(tmp_path / "then", case()))
    turned = {"added": "removed", "removed": "added"}
    assert sorted((row.about, row.then_en, row.now_en) for row in back.itertuples()) == sorted(
        (about, now_, then) for about, _, _, then, now_ in expected)
    assert sorted(back["kind"]) == sorted(turned.get(kind, kind) for _, kind, *_ in expected)


QUOTA_EDITS: dict[str, tuple[Edit, list[tuple[str, str, str, str, str]]]] = {
    "a level gone": (lambda told: told["levels"].pop(0), [("quotas", "removed", "", HIGH, "")]),
    "another reading": (lambda told: told["levels"][1].update(or_marks="at_most"), [("quotas", "added", "", "", "at most")]),
    "a share": (lambda told: told["levels"][0].update(share="25%"), [("quotas", "changed", "", "30%", "25%")]),
    "a penalty gone": (lambda told: told.pop("penalty"), [("quotas", "removed", "", "0.2 points for each category", "")]),
    "a penalty": (lambda told: told["penalty"].update(points="0.3"), [("quotas", "changed", "", "0.2", "0.3")]),
    "full marks": (lambda told: told.pop("full_marks"), [("quotas", "removed", "", "in principle none", "")]),
    "a clause of a penalty": (lambda told: told["penalty"].update(clause="silent"),
                              [("quotas", "changed", "", "1.1", "no clause cited")]),
    "the order of levels": (lambda told: told["levels"].reverse(), [("quotas", "changed", "", "high, low", "low, high")]),
    "a part counted": (lambda told: told.update(quantitative={"at_least": "60%", "clause": ["1.1"], "assumed": "case"}),
                       [("quotas", "added", "", "", "at least 60% of an item's points")]),
    "the groups": (lambda told: told.update(or_smallest="5"), [("quotas", "added", "", "", "5")]),
}


@pytest.mark.parametrize("name", QUOTA_EDITS)
def test_a_rule_on_marks_comes_and_goes_in_one_sentence(name: str, tmp_path: Path) -> None:
    edit, expected = QUOTA_EDITS[name]
    then, now = case(), case()
    for told in (then, now):
        told["rules"]["quotas"] = quotas()
    edit(now["rules"]["quotas"])
    assert brief(rows(tmp_path, then, now)) == expected


def test_each_sentence_of_a_rule_on_marks_holds_all_its_numbers(root: Path) -> None:
    """The year 2020 has every rule on marks: what is written in its file stands in the sentences, with clause and line."""
    found = tx.diff_rules(tx.load_rulebook("2019", root), tx.load_rulebook("2020", root))
    written = (root / "params/2020/rulebook.yaml").read_text(encoding="utf-8").splitlines()
    mine = found[found["about"] == "quotas"]
    for row in mine.itertuples():
        line = re.sub(r"[{]zh.*?[}]|\bclause: \S+", "", written[row.line - 1])
        numbers = re.findall(r"\d+(?:\.\d+)?%?", line)
        assert all(number in re.findall(r"\d+(?:\.\d+)?%?", told) for number in numbers for told in (row.now, row.now_en))
        assert row.clause
    assert len(mine) == 8


def test_each_price_of_a_list_is_told_apart(tmp_path: Path) -> None:
    """Another cap, another name, a kind more; what is written in another way is no change."""
    def listed(**prices: Any) -> dict[str, Any]:
        told = case()
        at(told, "A1")["scored_by"] = {"method": "findings", "floor": "0", "prices": prices}
        return told

    plan = {"name": {"zh": "缺计划", "en": "no plan"}, "costs": "1", "cap": "4"}
    then = listed(plan=plan, late={"costs": "1"})
    now = listed(late={"costs": "1.0"}, plan={**plan, "cap": "3"}, more={"gains": "2"})
    assert [(row.what_en, row.then_en, row.now_en) for row in rows(tmp_path / "1", then, now).itertuples()] == [
        ("prices · no plan · cap", "4", "3"), ("prices · more · each adds", "", "2")]
    now = listed(plan={**plan, "name": {"zh": "没有计划", "en": "plan missing"}}, late={"costs": "1"})
    found = rows(tmp_path / "2", then, now)
    assert ("no plan", "plan missing") in set(zip(found["then_en"], found["now_en"], strict=True))


def test_level_1_is_flagged_and_comes_first(tmp_path: Path) -> None:
    now = case()
    EDITS["weights of level 1 in points, those below as shares"][0](now)
    EDITS["a level of events"][0](now)
    now["rules"]["ties"] = {"method": "dense"}
    found = rows(tmp_path, case(), now)
    assert list(found["code"]) == ["A", "B", "A3", "A2", "J", ""]
    assert list(found["flagged"]) == [True, True, False, False, False, False]
    assert list(found["level"]) == [1, 1, 2, 2, 0, 0]


def test_each_row_says_where_it_stands_in_both_years(tmp_path: Path) -> None:
    """The line that the row names holds the value that it names."""
    now = case()
    for name in ("a number of a method", "ties", "a tier's share", "weights of leaves"):
        EDITS[name][0](now)
    found = rows(tmp_path, case(), now)
    assert len(found) == 5
    for row in found.itertuples():
        for folder, file, line, text in (("then", row.file_then, row.line_then, row.then), ("now", row.file, row.line, row.now)):
            written = (tmp_path / folder / file).read_text(encoding="utf-8").splitlines()[line - 1]
            assert {"取最前名次（1、1、3）": "min", "连续名次（1、1、2）": "dense"}.get(text, text) in written


def test_clauses_cited_stand_beside_a_change(tmp_path: Path) -> None:
    then, now = case(), case()
    for told, weight in ((then, "20"), (now, "21")):
        at(told, "A1").update(weight=weight, clause=["1.1"], assumed="case")
    at(now, "A3")["weight"] = "9"
    found = rows(tmp_path, then, now).set_index("code")["clause"]
    assert found.to_dict() == {"A1": "1.1", "A3": ""}


def test_codes_that_change_places_are_told_as_such(tmp_path: Path) -> None:
    """A1 and A3 bear each other's codes: the same indicators by their names, and no other change."""
    now = case()
    first, third = at(now, "A1"), at(now, "A3")
    for node, code, old in ((first, "A3", "A1"), (third, "A1", "A3")):
        node.update(code=code, name={"zh": f"指标{old}", "en": f"Indicator {old}"})
    assert brief(rows(tmp_path, case(), now)) == [("tree", "recoded", "A3", "A1", "A3"), ("tree", "recoded", "A1", "A3", "A1")]


def test_a_name_that_stands_twice_says_nothing_of_who_is_who(tmp_path: Path) -> None:
    """A1 and A3 bear one name, and A3 becomes A4: gone and new, since by its name it could be either."""
    then, now = case(), case()
    for told in (then, now):
        for code in ("A1", "A3"):
            at(told, code)["name"] = {"zh": "同名", "en": "Same"}
    at(now, "A3")["code"] = "A4"
    at(now, "A1")["code"] = "A5"
    assert sorted(brief(rows(tmp_path, then, now))) == [
        ("tree", "added", "A4", "", "weight 10"), ("tree", "added", "A5", "", "weight 20"),
        ("tree", "removed", "A1", "weight 20", ""), ("tree", "removed", "A3", "weight 10", "")]


def test_relative_weights_are_told_by_what_they_come_to(tmp_path: Path) -> None:
    """Under a weighted mean 1 : 1 is 2 : 2, and 2 : 1 is not."""
    books = [case() for _ in range(3)]
    for told, (one, two) in zip(books, (("1", "1"), ("2", "2"), ("2", "1")), strict=True):
        at(told, "B")["roll_up"] = "weighted_mean"
        at(told, "B1")["weight"], at(told, "B2")["weight"] = one, two
    assert rows(tmp_path / "same", *books[:2]).empty
    assert [row[2] for row in brief(rows(tmp_path / "other", *books[1:]))] == ["B1", "B2"]


def test_a_branch_under_another_code_takes_its_leaves_along(tmp_path: Path) -> None:
    now = case()
    at(now, "A").update(code="Z", name={"zh": "指标A", "en": "Indicator A"})
    now["category"]["tie_break"] = ["Z", "B"]
    found = brief(rows(tmp_path, case(), now))
    assert found == [("tree", "recoded", "Z", "A", "Z"), ("categories", "changed", CATEGORY, "A, B", "Z, B")]


# ── what is no change ───────────────────────────────────────────────────────────────────────────────────────────────


def rewrite(root: Path, name: str, change: Callable[[str], str]) -> None:
    path = root / "params" / YEAR / name
    text = path.read_text(encoding="utf-8")
    assert change(text) != text
    path.write_text(change(text), encoding="utf-8")


@pytest.mark.parametrize("year_", ["2017-jining", "2019", "2020"])
def test_a_book_does_not_differ_from_itself(year_: str, root: Path) -> None:
    told = tx.load_rulebook(year_, root)
    assert tx.diff_rules(told, told).empty


def test_another_order_spelling_or_layout_is_no_change(tmp_path: Path) -> None:
    then, now = case(), case()
    for told, clause in ((then, ["1.1", "1.2"]), (now, ["1.2", "1.1"])):
        told["rules"].update(total={"points": "100", "clause": clause})
    now["indicators"].reverse()
    at(now, "A")["children"].reverse()
    at(now, "A2")["weight"] = "30.0"
    at(now, "A2")["scored_by"] = {"floor": "60.0% of weight", "direction": "up", "step": "2.00", "method": "rank_step"}
    at(now, "B")["roll_up"] = "weighted_sum"
    for told, name in ((then, "then"), (now, "now")):
        workspace(tmp_path / name, told)
        rewrite(tmp_path / name, "clauses.yaml", lambda text: text.replace("}\n", ", " + text[1:].replace("1.1", "1.2")))
    laid_out = "\nindicators:  # laid out"
    rewrite(tmp_path / "now", f"trees/{CATEGORY}.yaml", lambda text: "# a comment\n\n" + text.replace("indicators:", laid_out))
    books = [tx.load_rulebook(YEAR, tmp_path / name) for name in ("then", "now")]
    assert tx.diff_rules(*books).empty


def test_shares_and_points_that_come_to_the_same_are_no_change(tmp_path: Path) -> None:
    now = case()
    at(now, "B1")["weight"] = at(now, "B2")["weight"] = "20"
    assert rows(tmp_path, case(), now).empty


# ── shared branches, sources, categories ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def edition(root: Path, tmp_path: Path) -> Path:
    """The year 2020, to be changed beside its original."""
    for name in ("2019", "2020"):
        shutil.copytree(root / "params" / "2020", tmp_path / "params" / name)
    shutil.copytree(root / "data" / "2020", tmp_path / "data" / "2020")
    for path in (tmp_path / "params" / "2019").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r'^(year|period|last_year): "(\d+)"', lambda m: f'{m[1]}: "{int(m[2]) - 1}"', text, flags=re.M)
                        .replace("2020-12-31", "2019-12-31").replace('day: "2021', 'day: "2020')
                        .replace("2020年度综合", "2019年度综合")
                        .replace("assessment 2020", "assessment 2019"), encoding="utf-8")
    return tmp_path


def compared(root: Path) -> pd.DataFrame:
    return tx.diff_rules(tx.load_rulebook("2019", root), tx.load_rulebook("2020", root))


def test_the_year_itself_is_no_change(edition: Path) -> None:
    assert compared(edition).empty


def test_a_change_in_a_shared_branch_is_one_row_for_all_its_categories(edition: Path) -> None:
    rewrite(edition, "branches.yaml", lambda text: text.replace("low: 70, high: 90", "low: 70, high: 95", 1))
    found = compared(edition)
    trees = (edition / "params/2020/trees").glob("*.yaml")
    using = {path.stem for path in trees if "use: common.ecology" in path.read_text("utf-8")}
    assert brief(found) == [("methods", "changed", "E2", "90", "95")]
    assert set(found["categories"].iloc[0]) == using and len(using) > 1
    assert found["file"].iloc[0] == "params/2020/branches.yaml"


def test_a_shared_branch_written_out_is_no_change(edition: Path) -> None:
    """common.ecology in towns_1 written out where it was hung in, with the clauses of both."""
    tree, branches = (edition / "params/2020" / name for name in ("trees/towns_1.yaml", "branches.yaml"))
    block = re.search(r"^common\.ecology:\n(.*?)(?=^\S)", branches.read_text("utf-8"), re.M | re.S)
    use = re.search(r"      - use: common\.ecology\n        weight: (\d+)\n        clause: \[(.*?)\]\n        assumed: (\w+)\n",
                    tree.read_text("utf-8"))
    assert block and use
    inner = "".join(f"      {line}\n" if line else "\n" for line in block[1].rstrip().splitlines())
    inner = inner.replace("        code:", "      - code:", 1)
    sources = f"weight: {use[1]}\n        clause: [1.3b, {use[2]}]\n        assumed: {use[3]}\n"
    inner = inner.replace("clause: [1.3b]\n", sources, 1)
    rewrite(edition, "trees/towns_1.yaml", lambda text: text.replace(use[0], inner))
    assert compared(edition).empty


def test_a_category_more_or_less_is_one_row(edition: Path) -> None:
    rewrite(edition, "rulebook.yaml", lambda text: text.replace(", parks]", "]"))
    found = compared(edition)
    assert brief(found) == [("categories", "removed", "parks", "", "")]
    assert (found["categories"].iloc[0], found["clause"].iloc[0]) == (("parks",), "1.2b")


def test_assumptions_and_clauses(edition: Path) -> None:
    rewrite(edition, "assumptions.yaml", lambda text: text.replace('term: {zh: "总分100分"', 'term: {zh: "总分一百分"')
            + 'new_one:\n  term: {zh: "新", en: "new"}\n  assumes: {zh: "甲", en: "a"}\n  reason: {zh: "乙", en: "b"}\n')
    rewrite(edition, "clauses.yaml", lambda text: re.sub(r"gives: \[0\.2\]", "gives: [0.2, 1]", text))
    found = compared(edition)
    assert [(row.kind, row.code) for row in found.itertuples()] == [
        ("changed", "1.3i"), ("added", "new_one"), ("changed", "hundred_points")]


def test_terms_of_the_check_of_rule_text_are_rules_too(edition: Path) -> None:
    rewrite(edition, "terms.yaml", lambda text: text.replace("scoring_gap: 12", "scoring_gap: 13"))
    assert brief(compared(edition)) == [("rules", "changed", "", "12", "13")]
    rewrite(edition, "terms.yaml", lambda text: text.replace("scoring_gap", "scoring_gop"))
    with pytest.raises(RulebookError):
        compared(edition)


def test_the_sample_years_differ_as_an_official_would_list_it(root: Path) -> None:
    """2019 to 2020, read off the two files: towns_1 and towns_2 move weight, two indicators change, one method."""
    found = tx.diff_rules(tx.load_rulebook("2019", root), tx.load_rulebook("2020", root))
    told = {(row.categories[0], row.code): (row.then, row.now) for row in found[found["about"] == "weights"].itertuples()}
    assert told == {
        ("towns_1", "A1"): ("30", "28"), ("towns_1", "A1.1"): ("10", "8"), ("towns_1", "A2"): ("14", "16"),
        ("towns_1", "A2.1"): ("3", "5"), ("towns_2", "A1"): ("22", "20"), ("towns_2", "A1.1"): ("8", "6"),
        ("towns_2", "A3"): ("22", "24"), ("towns_2", "A3.1"): ("2", "4"), ("depts_2", "S"): ("12", "14"),
        ("depts_2", "G"): ("10", "8"), ("depts_4", "G"): ("8", "9"), ("depts_4", "P"): ("8", "7")}
    tree = found[found["about"] == "tree"]
    assert [(row.kind, row.code) for row in tree.itertuples()] == [("added", "A3.4"), ("removed", "A3.6"), *[("added", "J3")] * 4]
    marked = ["A3.1", "P1", "P2", "P3", "A3.1", "A1.4", "G2", "G4", "A1.4", "A4.4", "A5.4"]  # in two parts since 2020
    assert sorted(found.loc[found["about"] == "methods", "code"]) == sorted(["A2.1", *marked])
    assert not found["flagged"].any()


# ── any two books ───────────────────────────────────────────────────────────────────────────────────────────────────


@examples(25)
@given(chosen=st.sets(st.sampled_from([
    "a lead department", "a number of a method", "a cap", "rounding", "ties", "a roll-up", "a tier's share", "shares",
    "a category's name", "criteria for ties", "a unit of measure"])))
def test_edits_that_do_not_touch_each_other_add_up(chosen: set[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    now, expected = case(), []
    for name in chosen:
        EDITS[name][0](now)
        expected += EDITS[name][1]
    found = rows(tmp_path_factory.mktemp("sum"), case(), now)
    assert sorted(brief(found)) == sorted(expected)


# ── units ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def units(*told: str) -> pd.DataFrame:
    """Units as read: code, name, category, predecessors joined by +."""
    split = [line.split() for line in told]
    return pd.DataFrame([{"unit": code, "name": name, "name_en": "", "category": "" if category == "-" else category,
                          "predecessor": tuple(before[0].split("+")) if before else (), "file": "units.csv", "line": i}
                         for i, (code, name, category, *before) in enumerate(split, start=2)])


def test_units_by_hand() -> None:
    then = units("a 甲 x", "b 乙 x", "c 丙 x", "d 丁 y", "e 戊 y", "f 己 y", "g 庚 -", "h 辛 x")
    now = units("a 甲 x", "b 乙街道 x", "c 丙 y", "m 壬 y d+e", "n 癸 y", "g 庚 y", "h 辛 -")
    found = tx.diff_units(then, now)
    told = [(row.kind, row.code, row.then, row.now, row.line_then, row.line) for row in found.itertuples()]
    assert sorted(told) == sorted([
        ("renamed", "b", "乙", "乙街道", 3, 3), ("moved", "c", "x", "y", 4, 4), ("succeeded", "m", "丁、戊", "壬", 5, 5),
        ("added", "n", "", "y", 0, 6), ("added", "g", "", "y", 0, 7), ("removed", "f", "y", "", 7, 0),
        ("removed", "h", "x", "", 9, 0)])
    assert tx.diff_units(then, then).empty


def test_a_unit_split_in_two_stands_behind_both() -> None:
    found = tx.diff_units(units("a 甲 x"), units("b 乙 x a", "c 丙 y a"))
    assert [(row.kind, row.code, row.then) for row in found.itertuples()] == [
        ("succeeded", "b", "甲"), ("succeeded", "c", "甲"), ("moved", "c", "x")]
