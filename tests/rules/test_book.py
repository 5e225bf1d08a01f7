"""A rule-book as the house asks it: its workspace and year, its categories and what is in their trees."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import written
from pydantic import TypeAdapter, ValidationError

import txlib as tx
from txlib.base.numbers import Numeral
from txlib.rules import source
from txlib.rules.book import Source, find_root, read, shown_year, years
from txlib.rules.quotas import NextYear, Quotas
from txlib.rules.terms import unknown_clauses
from txlib.rules.tree import Indicator, NotApplicable, TreeFile
from txlib.rules.year import YearFile

pytestmark = pytest.mark.quick

GIVEN = {"method": "given", "out_of": "100"}
NAME = {"zh": "名", "en": "name"}
CITED = {"clause": "silent", "assumed": "x"}


def leaf(code: str, weight: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "weight": weight, "scored_by": GIVEN, **more}


def book(tmp_path: Path, indicators: list[dict[str, Any]], **more: Any) -> tx.RuleBook:
    return tx.load_rulebook("2020", written.workspace(tmp_path, {"indicators": indicators, "units": ["a"], **more}))


# ── where ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_workspace_is_the_nearest_folder_with_params_at_or_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "a" / "notebooks"
    inner.mkdir(parents=True)
    (tmp_path / "a" / "params").mkdir()
    (tmp_path / "params").mkdir()
    monkeypatch.chdir(inner)
    assert find_root() == tmp_path / "a" and find_root(tmp_path) == tmp_path and find_root(str(tmp_path)) == tmp_path
    monkeypatch.chdir(tmp_path)
    assert find_root() == tmp_path
    (tmp_path / "params").rmdir()
    monkeypatch.chdir(inner.parent.parent)
    assert find_root() in (tmp_path, *tmp_path.parents)


def test_the_years_of_a_workspace_are_the_folders_with_rules(tmp_path: Path) -> None:
    for year in ("2021", "2019", "2020-q1"):
        written.file(tmp_path / "params" / year / "rulebook.yaml", "")
    written.file(tmp_path / "params" / "2018" / "clauses.yaml", "")
    written.file(tmp_path / "params" / "rulebook.yaml", "")
    assert years(tmp_path) == ("2019", "2020-q1", "2021")


@pytest.mark.parametrize(("year", "code"), [
    ("2021", "year_unknown"), ("..", "year_unknown"), ("-2020", "year_unknown"), ("2020/x", "year_unknown"),
    ("", "year_unknown")])
def test_a_year_that_there_is_not_is_told_with_those_there_are(year: str, code: str, tmp_path: Path) -> None:
    root = written.workspace(tmp_path, {"indicators": [leaf("A", "100")], "units": ["a"]})
    found, (fault,) = read(year, root)
    assert (found, fault.code, fault.found, dict(fault.values)["years"]) == (None, code, year, "2020")


def test_a_folder_without_params_is_no_workspace(tmp_path: Path) -> None:
    found, (fault,) = read("2020", tmp_path)
    assert (found, fault.code, fault.found) == (None, "no_workspace", tmp_path.name)


@pytest.mark.parametrize(("year", "shown"), [("2020-济宁", "2020-济宁"), ("a/b c", "a?b?c"), ("x" * 21, "x" * 20)])
def test_a_year_as_typed_is_shown_as_what_can_stand_in_a_path(year: str, shown: str) -> None:
    assert shown_year(year) == shown


def test_a_book_knows_the_digests_of_its_files(tmp_path: Path) -> None:
    found = book(tmp_path, [leaf("A", "100")])
    file = "params/2020/rulebook.yaml"
    sha256 = hashlib.sha256((tmp_path / file).read_bytes()).hexdigest()
    assert found.sources[0] == Source.of(tmp_path, file) == Source(file, sha256)


def test_some_categories_alone_are_loaded_and_one_that_there_is_not_is_told_with_those_there_are(tmp_path: Path) -> None:
    root = written.workspace(tmp_path, {"indicators": [leaf("A", "100")], "units": ["a"]})
    assert [*tx.load_rulebook("2020", root, ["c"]).categories] == [*tx.load_rulebook("2020", root, []).categories] == ["c"]
    with pytest.raises(tx.RulebookError) as caught:
        tx.load_rulebook("2020", root, ["c", "d"])
    fault, = caught.value.faults
    assert (fault.code, fault.found, fault.where, dict(fault.values)["near"]) == ("category_unknown", "d", "categories", " c")


@pytest.mark.parametrize(("file", "old", "new", "code", "category"), [
    ("c.yaml", 'year: "2020"', 'year: "2021"', "run_differs", "c"), ("c.yaml", '"c"', '"d"', "run_differs", "c"),
    ("trees/c.yaml", '"code": "c"', '"code": "d"', "category_differs", "c"),
    ("rulebook.yaml", 'year: "2020"', 'year: "2021"', "year_differs", None),
    ("trees/c.yaml", '"assumed": "case"', '"assumed": "cases"', "assumption_unknown", "c"),
    ("rulebook.yaml", '"assumed": "case"', '"assumed": "cases"', "assumption_unknown", None),
])
def test_what_is_wrong_blocks_the_category_or_the_year(file: str, old: str, new: str, code: str, category: str | None,
                                                       tmp_path: Path) -> None:
    root = written.workspace(tmp_path, {"indicators": [leaf("A", "100")], "units": ["a"]})
    path = root / "params" / "2020" / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    found, faults = read("2020", root)
    assert [(fault.code, fault.category, fault.file) for fault in faults] == [(code, category, f"params/2020/{file}")]
    assert (found is None) if category is None else (found is not None and not found.categories)


# ── a tree ──────────────────────────────────────────────────────────────────────────────────────────────────────────


BELOW = [leaf("A1", "20"), leaf("A2", "40", not_applicable={"rule": "not_allowed"})]
BRANCHES = [{"code": "A", "weight": "60", "children": BELOW},
            leaf("B", "40", lead="a", role="bottom_line", measured_in={"zh": "分", "en": "points"})]
EVENTS: dict[str, Any] = {"code": "X", "cap": "2", "scored_by": {"kind": "bonus", "method": "per_event", "levels": {"city": "1"},
                                                "same_honour": "each", "several_units": "each"}}


def test_a_tree_has_its_nodes_in_order_with_points_levels_and_parents(tmp_path: Path) -> None:
    losing = {**EVENTS, "code": "Y", "scored_by": {**EVENTS["scored_by"], "kind": "deduction"}}
    head = book(tmp_path, BRANCHES, adjustments=[EVENTS, losing]).categories["c"]
    assert [(node.code, node.full, node.level, node.parent, node.cap) for node in head.nodes] == [
        ("A", 60, 1, None, 0), ("A1", 20, 2, "A", 0), ("A2", 40, 2, "A", 0), ("B", 40, 1, None, 0), ("X", 2, 1, None, 2),
        ("Y", 0, 1, None, 2)]
    assert [leaf.code for leaf in head.leaves] == ["A1", "A2", "B"] == [leaf.code for leaf in head.observed]
    assert (head.marked, head.penalised) == ((), False)
    assert [node.code for node in head.siblings(head.node("A1"))] == ["A1", "A2"]
    assert [node.code for node in head.siblings(head.node("B"))] == ["A", "B"]
    assert [head.node(code).not_applicable.rule for code in ("A1", "A2")] == ["redistribute", "not_allowed"]
    assert (head.node("B").lead, head.node("B").role, head.node("A1").role) == ("a", "bottom_line", None)
    with pytest.raises(KeyError, match="Z: A, A1, A2, B, X, Y"):
        head.node("Z")


def test_leaves_with_tables_of_their_own_are_not_observed_and_marks_are_marked(tmp_path: Path) -> None:
    marks = {"method": "marks", "out_of": "100", "quantitative": "60%"}
    head = book(tmp_path, [leaf("A", "40"), leaf("B", "60", scored_by=marks)]).categories["c"]
    assert [leaf.code for leaf in head.observed] == ["A"] and [leaf.code for leaf in head.marked] == ["B"]


@pytest.mark.parametrize(("weights", "more", "full"), [
    (["60", "40"], {}, [60, 40]), (["60%", "40%"], {}, [60, 40]), (["1", "3"], {"roll_up": "weighted_mean"}, [25, 75]),
    (["1", "3"], {"roll_up": "geometric", "decimals": "2"}, [25, 75]), (["10%", "30%"], {"roll_up": "minimum"}, [25, 75]),
])
def test_weights_are_points_shares_or_relative(weights: list[str], more: dict[str, Any], full: list[int], tmp_path: Path) -> None:
    head = book(tmp_path, [leaf(f"A{n}", weight) for n, weight in enumerate(weights)], **more).categories["c"]
    assert [root.full for root in head.roots] == full
    assert (head.roll_up, head.decimals) == (more.get("roll_up", "weighted_sum"), 2 if "decimals" in more else None)


def test_a_tree_of_one_point_is_no_tree_of_shares(tmp_path: Path) -> None:
    rules = {"total": {"points": "1"}}
    assert [root.full for root in book(tmp_path, [leaf("A", "0.4"), leaf("B", "0.6")], rules=rules).categories["c"].roots] \
        == [Fraction(2, 5), Fraction(3, 5)]


def test_a_leaf_may_rule_otherwise_on_divisors(tmp_path: Path) -> None:
    head = book(tmp_path, [leaf("A", "40"), leaf("B", "60", divisors={"when_not_positive": "zero"})]).categories["c"]
    assert [leaf.when_not_positive for leaf in head.leaves] == ["refuse", "zero"]


# ── shapes ──────────────────────────────────────────────────────────────────────────────────────────────────────────


LEAF = {**CITED, "code": "A", "name": NAME, "weight": Numeral("1"), "measured_in": "%", "scored_by": {"method": "given"}}
GROUP = {**{key: LEAF[key] for key in ("clause", "assumed", "code", "name", "weight")}, "children": [{**LEAF, "code": "B"}]}
HEAD = {**CITED, "code": "c", "name": NAME}
ADJUSTMENT = {**CITED, "code": "X", "name": NAME, "scored_by": {"method": "quota_penalty", "kind": "deduction"}}
OWN_EVENTS = {"kind": "bonus", "method": "per_event", "levels": {"city": Numeral("1")}, "same_honour": "each",
              "several_units": "each"}


def tree(indicator: dict[str, Any], **more: Any) -> Any:
    return TreeFile.model_validate({"category": HEAD, "indicators": [indicator], **more})


def refused(validate: Any, *values: Any, **more: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        validate(*values, **more)
    kinds = [error["type"] for error in caught.value.errors()]
    return [kind for kind in kinds if kind != "too_short"] or kinds[:1]  # a list is too short without its faulty items


N = Numeral


@pytest.mark.parametrize(("change", "code"), [
    ({"possible": [N("1"), N("1")]}, "possible_ends"), ({"possible": [N("2"), N("1")]}, "possible_ends"),
    ({"not_applicable": {"rule": "share_of_weight"}}, "share_needed"),
    ({"not_applicable": {"rule": "peers_mean", "share": "10%"}}, "share_needed"),
    ({"divisors": {"when_not_positive": "none"}}, "literal_error"), ({"role": "top"}, "literal_error"),
])
def test_a_leaf_that_does_not_hang_together_is_refused(change: dict[str, Any], code: str) -> None:
    assert tree(LEAF).indicators[0].code == "A" and tree({**LEAF, "possible": [N("1"), N("1.1")]})
    assert refused(tree, {**LEAF, **change}) == [code]


@pytest.mark.parametrize(("more", "code"), [
    ({"roll_up": "geometric"}, "geometric_decimals"), ({"decimals": N("2")}, "geometric_decimals"),
    ({"roll_up": "minimum", "decimals": N("2")}, "geometric_decimals"), ({"roll_up": "mean"}, "literal_error"),
])
def test_decimals_go_with_a_geometric_mean_alone(more: dict[str, Any], code: str) -> None:
    assert tree(GROUP).indicators[0].roll_up == tree(LEAF).roll_up == "weighted_sum"
    assert tree({**GROUP, "roll_up": "geometric", "decimals": N("0")}).indicators[0].decimals == 0
    assert refused(tree, {**GROUP, **more}) == refused(tree, LEAF, **more) == [code]
    assert refused(tree, {**GROUP, "children": []}) == ["too_short"]


def test_what_has_children_is_a_branch_and_what_uses_one_is_hung_in() -> None:
    hung = {**CITED, "use": "s", "weight": "10%"}
    kinds = [type(tree(each).indicators[0]).__name__ for each in (LEAF, GROUP, hung)]
    assert kinds == ["Leaf", "Group", "Branch"]
    adapter: TypeAdapter[Any] = TypeAdapter(Indicator)
    assert [type(adapter.validate_python(tree(each).indicators[0])).__name__ for each in (LEAF, GROUP, hung)] == kinds


@pytest.mark.parametrize(("change", "fine"), [
    ({}, True), ({"cap": N("1")}, False), ({"scored_by": OWN_EVENTS}, False), ({"scored_by": OWN_EVENTS, "cap": N("1")}, True)])
def test_events_have_a_cap_and_penalties_none(change: dict[str, Any], fine: bool) -> None:
    if fine:
        assert tree(LEAF, adjustments=[{**ADJUSTMENT, **change}]).adjustments
    else:
        assert refused(tree, LEAF, adjustments=[{**ADJUSTMENT, **change}]) == ["cap_needed"]


def test_what_does_not_apply_has_a_share_only_where_it_takes_one() -> None:
    assert NotApplicable.model_validate({"rule": "share_of_weight", "share": "10%"}).share == Fraction(1, 10)


@pytest.mark.parametrize(("lower", "withdraw", "code"), [("2", "2", ""), ("2", "3", ""), ("3", "2", "next_year_order"),
                                                        ("0", "2", "greater_than_equal")])
def test_a_weight_is_lowered_before_it_is_withdrawn(lower: str, withdraw: str, code: str) -> None:
    told = {**CITED, "lower_from": N(lower), "withdraw_from": N(withdraw)}
    assert refused(NextYear.model_validate, told) == [code] if code else NextYear.model_validate(told)


QUOTA = {**CITED, "code": "high", "name": NAME, "marks": "at_least", "line": N("90"), "units": "at_most", "share": "30%",
         "count": "down"}
QUOTAS = {**CITED, "per": "category", "smallest": N("1"), "levels": [QUOTA, {**QUOTA, "code": "low"}]}
SIGNS = {**CITED, "near": N("1"), "near_share": "50%", "distinct": "50%", "band": N("6"), "smallest": N("2"), "turned": "5%",
         "copied": "5%"}


@pytest.mark.parametrize(("change", "code"), [
    ({"levels": [QUOTA, QUOTA]}, "quota_twice"), ({"levels": []}, "too_short"), ({"smallest": N("0")}, "greater_than_equal"),
    ({"or_smallest": N("0")}, "greater_than_equal"), ({"levelling": {**SIGNS, "smallest": N("1")}}, "greater_than_equal"),
])
def test_quotas_that_do_not_hang_together_are_refused(change: dict[str, Any], code: str) -> None:
    assert len(Quotas.model_validate({**QUOTAS, "levelling": SIGNS, "or_smallest": N("1")}).levels) == 2
    assert refused(Quotas.model_validate, {**QUOTAS, **change}) == [code]


def test_a_year_without_what_it_may_lack_is_one(tmp_path: Path) -> None:
    rules = book(tmp_path, [leaf("A", "100")]).rules
    assert isinstance(rules, YearFile)
    assert (rules.tiers, rules.quotas, rules.due, rules.closes, rules.comparison, rules.last_year) == (None,) * 6


def test_clauses_that_the_words_of_detailed_rules_cite_are_there(tmp_path: Path) -> None:
    path = tmp_path / "terms.yaml"
    path.write_text('kinds:\n  a: {clause: ["1", "9", silent]}\n  b: {clause: silent, terms: ["8"]}\nrepeats:\n  clause: "7"\n',
                    encoding="utf-8")
    raw, _ = source.read(path, "terms.yaml")
    assert [(fault.code, fault.line, fault.found) for fault in unknown_clauses(raw, {"1"})] \
        == [("clause_unknown", 2, "9"), ("clause_unknown", 5, "7")]
