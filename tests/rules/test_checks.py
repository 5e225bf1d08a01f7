"""The second pass over a rule-book's raw files: what it tells of sums, amounts, references and sources, and from where on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from txlib.base.faults import Fault
from txlib.methods import named
from txlib.rules import checks, source
from txlib.rules.checks import Checks, total_points, year_faults
from txlib.rules.quotas import NextYear
from txlib.rules.shape import shaped
from txlib.rules.source import Block
from txlib.rules.tree import TreeFile

pytestmark = pytest.mark.quick

RULES = "total: {points: 100}\n"
Told = list[tuple[str, int, str]]  # the kind of each fault, its line, what was found there


def raw(tmp_path: Path, text: str, file: str = "trees/c.yaml") -> Block:
    """A file as it is read."""
    path = tmp_path / file.replace("/", "_")
    path.write_text(text, encoding="utf-8")
    block, faults = source.read(path, file)
    assert not faults
    return block


def second(tmp_path: Path, rules: str = RULES, clauses: str = "", assumptions: str = "", branches: str = "") -> Checks:
    """The second pass of a year with these files; one without text is empty."""
    files = {"rulebook.yaml": rules, "clauses.yaml": clauses, "assumptions.yaml": assumptions, "branches.yaml": branches}
    return Checks(*(raw(tmp_path, text, file) if text else Block(file, 1) for file, text in files.items()))


def told(faults: list[Fault]) -> Told:
    return [(fault.code, fault.line, fault.found) for fault in faults]


def values(fault: Fault, *names: str) -> list[str]:
    return [dict(fault.values)[name] for name in names]


def tree(tmp_path: Path, text: str, **year: str) -> list[Fault]:
    """What is told of a category's tree."""
    return second(tmp_path, **year).tree(raw(tmp_path, text))


# ── weights ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def leaves(*weights: str, roll_up: str = "") -> str:
    """A tree of leaves alone, the first of them in line 3 where a roll-up is named, else in line 2."""
    return (f"roll_up: {roll_up}\n" if roll_up else "") + "indicators:\n" + "".join(
        f"  - {{code: A{n}, weight: {weight}}}\n" for n, weight in enumerate(weights))


@pytest.mark.parametrize(("text", "want"), [
    (leaves("60", "40"), []),
    (leaves("60", "41"), [("weights_sum", 2, "101")]),
    (leaves("60%", "40%"), []),
    (leaves("60%", "41%"), [("weights_sum", 2, "101%")]),
    (leaves("60", "40%"), [("weights_mixed", 2, "")]),
    (leaves("equal", "equal", "equal"), []),
    (leaves("equal", "40"), [("weights_mixed", 2, "")]),
    (leaves("40%", "equal"), [("weights_mixed", 2, "")]),
    (leaves("equal", "equal", roll_up="geometric"), []),
    (leaves("1", "2", roll_up="weighted_mean"), []),
    (leaves("1%", "2%", roll_up="minimum"), []),
    (leaves("1", "2%", roll_up="weighted_mean"), [("weights_mixed", 3, "")]),
    (leaves("60", "much"), []),
    (leaves("60", "[1]"), []),
    ("indicators: [a, b]\n", []),
    ("indicators: none\n", []),
])
def test_weights_are_all_points_or_all_shares_and_add_up_unless_they_are_relative(text: str, want: Told, tmp_path: Path) -> None:
    assert told(tree(tmp_path, text)) == want


def test_a_sum_of_weights_is_told_with_its_terms(tmp_path: Path) -> None:
    points, = tree(tmp_path, leaves("60", "39.5"))
    assert values(points, "want", "terms") == ["100", "60 + 39.5 = 99.5"] and points.where == "total.points"
    shares, = tree(tmp_path, leaves("60%", "30%"))
    assert values(shares, "want", "terms") == ["100%", "60% + 30% = 90%"]


def test_where_the_total_cannot_be_read_shares_must_add_up_all_the_same(tmp_path: Path) -> None:
    for rules in ("total: {points: many}\n", "total: 100\n", "year: \"2020\"\n"):
        assert tree(tmp_path, leaves("60", "41"), rules=rules) == []
        assert told(tree(tmp_path, leaves("60%", "41%"), rules=rules)) == [("weights_sum", 2, "101%")]


def branch(weight: str, *children: str, roll_up: str = "", top: str = "", other: str = "40") -> str:
    """A branch B in line 2, or 3 where the roll-up of the top is named, with leaves below, and a leaf beside it."""
    below = "".join(f"      - {{code: B{n}, weight: {child}}}\n" for n, child in enumerate(children))
    return (f"roll_up: {top}\n" if top else "") + (
        f"indicators:\n  - code: B\n    weight: {weight}\n" + (f"    roll_up: {roll_up}\n" if roll_up else "")
        + f"    children:\n{below}  - {{code: C, weight: {other}}}\n")


@pytest.mark.parametrize(("text", "points", "found", "full"), [
    (branch("60", "30", "30"), "100", "", ""),
    (branch("60", "30", "31"), "100", "61", "60"),
    (branch("60%", "20", "10", other="40%"), "50", "", ""),
    (branch("60%", "30", "30", other="40%"), "50", "60", "30"),
    (branch("60", "1", "2", roll_up="harmonic"), "100", "", ""),
    (branch("1", "10", "20", top="weighted_mean", other="2"), "90", "", ""),
    (branch("1", "1", "0.5", top="weighted_mean", other="2"), "90", "1.5", "30"),
    (branch("1", "1", "0.5", top="geometric", other="2"), "90", "1.5", "30"),
    (branch("10%", "10", "20", top="minimum", other="20%"), "90", "", ""),
    (branch("1", "1", "0.5", top="weighted_mean", other="much"), "90", "", ""),
    (branch("much", "1", "0.5", other="2"), "90", "", ""),
])
def test_children_add_up_to_what_their_branch_has_of_the_total(text: str, points: str, found: str, full: str,
                                                               tmp_path: Path) -> None:
    """Points as they are written, a share of those above, or its part among relative weights."""
    faults = tree(tmp_path, text, rules=f"total: {{points: {points}}}\n")
    assert [(fault.code, fault.found, fault.where, *values(fault, "want")) for fault in faults] \
        == ([("weights_sum", found, "B", full)] if found else [])


OWN = "indicators:\n  - code: C\n    weight: 100\n{more}    children:\n{children}"


def owned(*children: str, more: str = "") -> str:
    """A branch C of 100 points with these children, given as `weight, units`; children in line 5, or 6 with `more`."""
    parts = [(f"C{n}", *child.partition(" ")[::2]) for n, child in enumerate(children)]
    lines = [f"      - {{code: {code}, weight: {weight}{f', for: [{units}]' if units else ''}}}\n"
             for code, weight, units in parts]
    return OWN.format(more=f"    {more}\n" if more else "", children="".join(lines))


@pytest.mark.parametrize(("text", "want"), [
    (owned("60 a,b", "40 a", "40 b", "100 c"), []),
    (owned("60% a,b", "40% a", "40% b", "100% c"), []),
    (owned("60 a,b", "40 a", "39 b", "100 c"), [("99", "100", "60 + 39 = 99", "b")]),
    (owned("60 a,b", "41 a,b", "99% c"), [("mixed",)]),
    (owned("60 a,b", "41 a,b", "99 c"), [("101", "100", "60 + 41 = 101", "a, b"), ("99", "100", "99 = 99", "c")]),
    (owned("60% a", "39% a", "100% b"), [("99%", "100%", "60% + 39% = 99%", "a")]),
    (owned("60", "40 a", "40 b"), []),  # whether there is anybody else, only data tell
    (owned("60", "40", "1 a"), [("101", "100", "60 + 40 + 1 = 101", "a")]),
    (owned("60", "41"), [("101", "100", "60 + 41 = 101")]),
    (owned("60 a", "40 a", more="for: [a]"), []),
    (owned("60", "40", more="for: [a, b]"), []),
    (owned("60", "40 a", more="for: [a, b]"), [("60", "100", "60 = 60", "b")]),
    (owned("100 a", more="for: [a, b]"), [("0", "100", "0", "b")]),
    (owned("100 a", "100 b", more="for: [a]"), [("outside", "b", "a")]),
    (owned("3", "1 a", "2 b", more="roll_up: weighted_mean"), []),
    (owned("equal", "equal a", "equal b", more="for: [a, b]"), []),
    (owned("equal", "equal a", more="for: [a, b]"), [("1", "2", "equal = 1", "b")]),
])
def test_own_items_add_up_unit_by_unit(text: str, want: list[tuple[str, ...]], tmp_path: Path) -> None:
    faults = tree(tmp_path, text)
    named = {"weights_sum": ("want", "terms"), "weights_sum_of": ("want", "terms", "units")}
    assert [("mixed",) if fault.code == "weights_mixed" else ("outside", fault.found, *values(fault, "units"))
            if fault.code == "own_outside" else (fault.found, *values(fault, *named[fault.code])) for fault in faults] == want


def test_relative_weights_are_some_of_each_unit(tmp_path: Path) -> None:
    fault, = tree(tmp_path, "indicators:\n  - code: C\n    weight: 100\n    for: [a, b]\n    roll_up: harmonic\n    children:\n"
                            "      - {code: C1, weight: 1, for: [a]}\n")
    assert (fault.code, *values(fault, "units")) == ("weights_sum_of", "b")


def test_a_shared_branch_is_hung_in_for_some_units(tmp_path: Path) -> None:
    """What is below it is theirs; a unit below it that is none of them is told."""
    text = used("use: s, weight: 60, for: [a]", "code: A, weight: 60, for: [b]", "code: B, weight: 40")
    assert tree(tmp_path, text, branches=SHARED) == []
    faults = tree(tmp_path, text, branches=SHARED.replace("weight: 60%", "weight: 60%, for: [b]"))
    assert [(fault.code, fault.file, fault.found) for fault in faults] == [
        ("weights_sum_of", "branches.yaml", "40%"), ("own_outside", "branches.yaml", "b")]


def test_the_amounts_of_an_own_item_are_held_to_its_weight_among_its_units(tmp_path: Path) -> None:
    """Relative weights: of 100, 3 of 5 are the most that anybody's C0 weighs as it is ruled."""
    text = owned("3", "1 a", "2 b", more="roll_up: weighted_mean")
    for floor, want in (("60", []), ("61", ["above_full"])):
        rule = f"weight: 3, scored_by: {{method: completion, floor: {floor}}}"
        assert [fault.code for fault in tree(tmp_path, text.replace("weight: 3", rule))] == want


# ── amounts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def scored(rule: str, weight: str = "60", *, other: str = "40", top: str = "") -> str:
    """A leaf with a rule, the rule in line 2, or 3 where the roll-up of the top is named."""
    return (f"roll_up: {top}\n" if top else "") + (f"indicators:\n  - {{code: A, weight: {weight}, scored_by: {{{rule}}}}}\n"
                                                  f"  - {{code: B, weight: {other}}}\n")


@pytest.mark.parametrize(("rule", "want"), [
    ("method: completion, floor: 60", []),
    ("method: completion, floor: 60.01", [("above_full", "60.01")]),
    ("method: completion, floor: 100% of weight", []),
    ("method: completion, floor: 101% of weight", [("above_full", "60.6")]),
    ("method: completion, cap: 120", []),
    ("method: completion, cap: 120.5", [("far_above_full", "120.5")]),
    ("method: completion, gain: 1000, lose: proportional", []),
    ("method: completion, gains: 1000, floor: 61", [("above_full", "61")]),
    ("method: completion, floor: 61, cap: 121", [("above_full", "61"), ("far_above_full", "121")]),
    ("method: completion, floor: [61]", [("above_full", "61")]),
    ("method: completion, floor: much", []),
    ("method: mystery, floor: 61", []),
    ("method: [completion], floor: 61", []),
    ("method: min_max, onto: [40, 40]", []),
    ("method: min_max, onto: [40.5, 40]", [("onto_order", "")]),
    ("method: min_max, onto: [40, 61]", [("above_full", "61")]),
    ("method: min_max, onto: [61, 62]", [("above_full", "61"), ("above_full", "62")]),
    ("method: min_max, onto: [50, much]", []),
    ("method: min_max, onto: [50, 40, 30]", []),
    ("method: goalposts, onto: [60, 0]", [("onto_order", "")]),
    ("method: rank_ladder, points: [60, 60, 50]", []),
    ("method: rank_ladder, points: [60, 50, 51]", [("ladder_order", "")]),
    ("method: rank_ladder, points: [50, 60, 40]", [("ladder_order", "")]),
    ("method: findings, prices: {a: {costs: 60, cap: 60}, b: {gains: 1, again: all}}, base: 60, floor: 0, most: 120", []),
    ("method: findings, prices: {a: {costs: 61}, b: {gains: 62, cap: 101% of weight}, c: {costs: 1, again: 63}}, floor: 0",
     [("above_full", "61"), ("above_full", "62"), ("above_full", "60.6"), ("above_full", "63")]),
    ("method: findings, prices: {a: 61, b: [62]}, base: 64, floor: 61, most: 121",
     [("above_full", "64"), ("above_full", "61"), ("far_above_full", "121")]),
    ("method: findings, floor: 5, most: 4", [("floor_above_most", "5")]),
    ("method: rank_from_last, loses: [1, 2]", [("ladder_order", "")]),
    ("method: rank_ladder, points: [61, 50]", [("above_full", "61")]),
    ("method: bands, rows: [{from: 1, points: 10}, {from: 2, points: 120}]", []),
    ("method: bands, rows: [{from: 1, points: 10}, {from: 2, points: 121}]", [("far_above_full", "121")]),
    ("method: bands, rows: [1, {to: 1, points: 121}, {from: 500, points: 122}]",
     [("far_above_full", "121"), ("far_above_full", "122")]),
    ("method: bands, below: 60", []),
    ("method: bands, below: 61", [("above_full", "61")]),
    ("method: efficacy, floor: 40, most: 40", []),
    ("method: efficacy, floor: 40.5, most: 40", [("floor_above_most", "40.5")]),
    ("method: efficacy, most: 60% of weight, floor: 36", []),
    ("method: efficacy, most: 60% of weight, floor: 36.1", [("floor_above_most", "36.1")]),
    ("method: efficacy, floor: 40", []),
    ("method: efficacy, most: 40", []),
    ("method: efficacy, base: 59, floor: 50, most: much", []),
    ("method: growth, floor: 30, most: 20", [("floor_above_most", "30")]),
    ("method: z_score, floor: 30, most: 20", [("floor_above_most", "30")]),
    ("method: contribution_share, floor: 30, most: 20", [("floor_above_most", "30")]),
])
def test_amounts_lie_within_the_weight_or_twice_of_it_and_run_as_they_must(rule: str, want: list[tuple[str, str]],
                                                                           tmp_path: Path) -> None:
    faults = tree(tmp_path, scored(rule))
    assert [(fault.code, fault.found) for fault in faults] == want
    assert all(fault.line == 2 and fault.where.startswith("A · ") for fault in faults)


@pytest.mark.parametrize(("text", "points", "full"), [
    (scored("method: completion, floor: 31", "60%", other="40%"), "50", "30"),
    (scored("method: completion, floor: 30", "60%", other="40%"), "50", ""),
    (scored("method: completion, floor: 31", "1", top="weighted_mean", other="2"), "90", "30"),
    (scored("method: completion, floor: 30", "1", top="weighted_mean", other="2"), "90", ""),
    (scored("method: completion, floor: 31", "10%", top="minimum", other="20%"), "90", "30"),
    (scored("method: completion, floor: 30", "10%", top="minimum", other="20%"), "90", ""),
    (scored("method: completion, floor: 1000", "much"), "100", ""),
])
def test_an_amount_is_held_against_what_its_leaf_has_of_the_total(text: str, points: str, full: str, tmp_path: Path) -> None:
    """A share of it, or its part among relative weights; where the weight cannot be read, nothing."""
    faults = tree(tmp_path, text, rules=f"total: {{points: {points}}}\n")
    assert [(fault.code, *values(fault, "full")) for fault in faults] == ([("above_full", full)] if full else [])


@pytest.mark.parametrize(("rule", "code"), [
    ("prices: {a: {costs: 60}}, floor: 60", ""), ("prices: {a: {costs: 61}}, floor: 0", "above_full"),
    ("prices: {a: {costs: 1}}, caps: [{over: [a, b], cap: 61}], floor: 0", "above_full"),
    ("prices: {a: {costs: 1}}, floor: 5, most: 4", "floor_above_most"),
])
def test_a_price_list_of_a_branch_lies_within_its_weight(rule: str, code: str, tmp_path: Path) -> None:
    text = branch("60", "60").replace("    children:", f"    adjusted_by: {{method: findings, {rule}}}\n    children:")
    assert [fault.code for fault in tree(tmp_path, text)] == [code] * bool(code)


def test_a_rule_far_off_tells_what_it_was_held_against(tmp_path: Path) -> None:
    far, = tree(tmp_path, scored("method: completion, cap: 121"))
    above, = tree(tmp_path, scored("method: efficacy, floor: 41, most: 40"))
    assert values(far, "full") == ["60"] and values(above, "most") == ["40"]
    assert (far.where, above.where) == ("A · cap", "A · floor")


# ── codes, shared branches, adjustments ─────────────────────────────────────────────────────────────────────────────


SHARED = "s:\n  code: S\n  children:\n    - {code: S1, weight: 60%}\n    - {code: S2, weight: 40%}\n"


def used(*indicators: str) -> str:
    """A tree of indicators, the first of them in line 2."""
    return "indicators:\n" + "".join(f"  - {{{each}}}\n" for each in indicators)


@pytest.mark.parametrize(("text", "want"), [
    (used("use: s, weight: 60", "code: A, weight: 40"), []),
    (used("use: t, weight: 100"), [("branch_unknown", 2, "t")]),
    (used("use: s, weight: 60", "use: s, weight: 40"), [("code_twice", 3, "s")]),
    (used("code: A, weight: 60", "code: A, weight: 40"), [("code_twice", 3, "A")]),
    (used("code: s, weight: 60", "use: s, weight: 40"), []),
    (used("code: S1, weight: 60", "use: s, weight: 40"), [("code_twice", 4, "S1")]),
    (used("code: A, weight: 60, scored_by: {method: met}, children: [{code: B, weight: 60}]", "code: C, weight: 40"),
     [("children_or_scored_by", 2, "")]),
    (used("code: A, weight: 60, children: [{code: A, weight: 60}]", "code: C, weight: 40"), [("code_twice", 2, "A")]),
])
def test_codes_stand_once_and_branches_are_there(text: str, want: Told, tmp_path: Path) -> None:
    assert told(tree(tmp_path, text, branches=SHARED)) == want


def test_a_code_that_is_there_twice_is_told_with_the_place_of_the_first(tmp_path: Path) -> None:
    same, = tree(tmp_path, used("code: A, weight: 60", "code: A, weight: 40"))
    other, = tree(tmp_path, used("code: S1, weight: 60", "use: s, weight: 40"), branches=SHARED)
    assert values(same, "first", "elsewhere") == ["2", ""] and values(other, "first", "elsewhere") == ["2", "trees/c.yaml "]


def test_a_branch_within_itself_is_told_and_not_followed(tmp_path: Path) -> None:
    ring = "s:\n  code: S\n  children:\n    - {use: t, weight: 100%}\nt:\n  code: T\n  children:\n    - {use: s, weight: 100%}\n"
    faults = tree(tmp_path, used("use: s, weight: 100"), branches=ring)
    assert told(faults) == [("branch_in_itself", 8, "s")] and faults[0].file == "branches.yaml"


def test_shared_branches_have_amounts_by_the_weight_that_they_are_given(tmp_path: Path) -> None:
    branches = SHARED.replace("weight: 60%", "weight: 60%, scored_by: {method: completion, floor: 31}")
    assert tree(tmp_path, used("use: s, weight: 52", "code: A, weight: 48"), branches=branches) == []
    fault, = tree(tmp_path, used("use: s, weight: 50", "code: A, weight: 50"), branches=branches)
    assert (fault.code, fault.file, fault.line, *values(fault, "full")) == ("above_full", "branches.yaml", 4, "30")


def test_branches_that_no_tree_hangs_in_are_held_against_themselves(tmp_path: Path) -> None:
    wrong = SHARED.replace("40%", "41%")
    other = wrong.replace("s:", "t:").replace("S", "T")
    text = f"{wrong}{other}u: none\nv: {{code: V, children: [{{use: v, weight: 100%}}]}}\n"
    year = second(tmp_path, branches=text)
    assert told(year.tree(raw(tmp_path, used("use: s, weight: 100")))) == [("weights_sum", 4, "101%")]
    assert told(year.unused()) == [("weights_sum", 9, "101%"), ("branch_in_itself", 12, "v")]


def beside(*adjustments: str, head: str = "") -> str:
    """A tree with adjustments, the first of them in line 4, and a head."""
    return used("code: A, weight: 100") + "adjustments:\n" + "".join(f"  - {{{each}}}\n" for each in adjustments) + head


PENALTY = "scored_by: {method: quota_penalty}"
EVENTS = "scored_by: {method: per_event}"
QUOTAS = RULES + "quotas: {penalty: {points: 1}}\n"


@pytest.mark.parametrize(("text", "rules", "want"), [
    (beside(f"code: X, {EVENTS}", f"code: Y, {EVENTS}"), RULES, []),
    (beside(f"code: A, {EVENTS}"), RULES, [("code_twice", 4, "A")]),
    (beside("none: of these").replace("{none: of these}", "nothing"), RULES, []),
    (beside(f"code: X, {PENALTY}"), QUOTAS, []),
    (beside(f"code: X, {EVENTS}", f"code: Y, {PENALTY}"), RULES, [("quota_missing", 5, "quota_penalty")]),
    (beside(f"code: X, {PENALTY}"), RULES + "quotas: {per: item}\n", [("quota_missing", 4, "quota_penalty")]),
    (beside(f"code: X, {PENALTY}", f"code: Y, {EVENTS}", f"code: Z, {PENALTY}"), QUOTAS, [("penalty_twice", 6, "quota_penalty")]),
    (beside("code: X, scored_by: {method: mystery}", "code: Y, scored_by: none", "code: Z"), RULES, []),
    (beside("code: X", head="category: {tie_break: [A, X]}\n"), RULES, []),
    (beside("code: X", head="category: {tie_break: A}\n"), RULES, []),
    (beside("code: X", head="category: {tie_break: B}\n"), RULES, [("tie_break_unknown", 5, "B")]),
    (beside("code: X", head="category:\n  code: c\n  tie_break: [A, B, C]\n"), RULES,
     [("tie_break_unknown", 7, "B"), ("tie_break_unknown", 7, "C")]),
    (beside("code: X", head="category: none\n"), RULES, []),
])
def test_what_stands_beside_the_tree_is_held_against_it(text: str, rules: str, want: Told, tmp_path: Path) -> None:
    """Adjustments, penalties for which the year has no rule or that take twice, indicators that decide between equal scores."""
    assert told(tree(tmp_path, text, rules=rules)) == want


@pytest.mark.parametrize(("head", "want"), [
    ("{clause: [\"1\"]}", []), ("{clause: [\"2\"]}", [("number_without_source", 2, "3")]),
    ("{clause: silent, assumed: a}", []), ("none", []),
])
def test_the_decimals_of_a_total_have_the_sources_of_the_category(head: str, want: Told, tmp_path: Path) -> None:
    text = f"category: {head}\ndecimals: 3\n" + used("code: A, weight: 100")
    assert told(tree(tmp_path, text, clauses='"1": {gives: [3]}\n"2": {gives: [2]}\n')) == want


# ── sources ─────────────────────────────────────────────────────────────────────────────────────────────────────────


CLAUSES = '"1": {gives: [15, 30%]}\n"2": {gives: 60% of weight}\n"3": {term: x}\n"4": none\n'


@pytest.mark.parametrize(("text", "want"), [
    ('a: {clause: ["1"], points: 15}\n', []),
    ('a: {clause: ["1"], points: 15.0}\n', []),
    ('a: {clause: ["3", "1"], points: 15}\n', []),
    ('a: {clause: ["1"], points: 16}\n', [("number_without_source", 1, "16")]),
    ('a: {clause: ["1"], share: 30%, step: 30% of weight}\n', []),
    ('a: {clause: ["1"], share: 15%}\n', [("number_without_source", 1, "15%")]),
    ('a: {clause: ["2"], step: 60% of weight}\n', []),
    ('a: {clause: ["2"], share: 60%}\n', [("number_without_source", 1, "60%")]),
    ('a: {clause: ["3"], b: {points: 1}}\n', [("number_without_source", 1, "1")]),
    ('a: {clause: ["4"], points: 1, assumed: x}\n', []),
    ('a: {clause: ["3"], name: {zh: 5, en: 5}, gives: [7]}\n', []),
    ('a: {points: 16}\n', []),
    ('a: {clause: ["9"]}\n', [("clause_unknown", 1, "9")]),
    ('a:\n  b: c\n  clause: ["9", "1", "8"]\n', [("clause_unknown", 3, "9"), ("clause_unknown", 3, "8")]),
    ('a: {clause: ["1"], assumed: z}\n', [("assumption_unknown", 1, "z")]),
    ('a: {clause: ["1"], assumed: [x, z]}\n', [("assumption_unknown", 1, "z")]),
    ("a:\n  b: c\n  clause: silent\n", [("silent_without_assumption", 3, "")]),
    ("a: {clause: silent, assumed: x}\n", []),
    ("a: {clause: [silent]}\n", []),
    ("a: {clause: []}\n", [("clause_empty", 1, "")]),
    ("a: {clause: [[x]], assumed: x}\n", [("clause_empty", 1, "")]),
    ("a: {assumed: x, points: 5}\n", []),
])
def test_rules_cite_what_there_is_and_numbers_have_a_source(text: str, want: Told, tmp_path: Path) -> None:
    year = second(tmp_path, clauses=CLAUSES, assumptions="x: {term: x}\n")
    assert told(year.sources(raw(tmp_path, text))) == want


def test_where_clauses_or_assumptions_cannot_be_read_none_is_unknown(tmp_path: Path) -> None:
    text = raw(tmp_path, 'a: {clause: ["9"], assumed: z}\n')
    assert second(tmp_path).sources(text) == []
    assert told(second(tmp_path, clauses=CLAUSES).sources(text)) == [("clause_unknown", 1, "9")]
    assert told(second(tmp_path, assumptions="x: {term: x}\n").sources(text)) == [("assumption_unknown", 1, "z")]


def test_a_fault_of_sources_says_where_and_what_may_be_meant(tmp_path: Path) -> None:
    year = second(tmp_path, clauses=CLAUSES, assumptions="shares_of: {term: x}\n")
    number, name = year.sources(raw(tmp_path, 'a: {code: A1, clause: ["1"], points: 16}\nb: {code: B, assumed: shares_off}\n'))
    assert (number.where, name.where) == ("A1 · points", "B") and values(name, "near") == [" shares_of?"]


# ── the year ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("text", "want"), [
    ('year: "2020"\n', []),
    ('period: "2020"\nyear: "2021"\n', [("year_differs", 2, "2021")]),
    ("year: [x]\n", []),
    ("total: {points: 5}\nquotas: {penalty: {points: 5}}\n", []),
    ("total: {points: 5}\nquotas: {penalty: {points: 5.5}}\n", [("penalty_above_total", 2, "5.5")]),
    ("total: {points: 0}\nquotas: {penalty: {points: 5}}\n", []),
    ("total: {points: -1}\nquotas: {penalty: {points: 5}}\n", []),
    ("quotas: {penalty: {points: 5}}\n", []),
    ("total: {points: 5}\nquotas: {penalty: 6}\n", []),
    ("total: {points: 5}\nquotas: 6\n", []),
    ('period: "2020"\ncloses: {events: "2020-12-31"}\n', []),
    ('period: "2020"\ncloses: {events: "2020-12-30", decisions: "2021-01-31"}\n', [("closes_early", 2, "2020-12-30")]),
    ('period: "2020"\ncloses: {events: "2021-01-31", decisions: "2019-01-31"}\n', [("closes_early", 2, "2019-01-31")]),
    ('period: "2020年"\ncloses: {events: "2020-01-01"}\n', [("closes_early", 2, "2020-01-01")]),
    ('period: "2020年度"\ncloses: {events: "2020-01-01"}\n', [("closes_early", 2, "2020-01-01")]),
    ('period: "2020年上半年"\ncloses: {events: "2020-01-01"}\n', []),
    ('period: "2020"\ncloses: {clause: "1", events: soon, decisions: ["2020-01-01"]}\n', []),
    ('closes: {events: "2020-01-01"}\n', []),
    ("categories: [a, b, A, b]\n", [("code_case", 1, "A"), ("code_twice", 1, "b")]),
    ("categories: a\n", []),
])
def test_a_year_is_held_against_its_folder_its_total_and_its_period(text: str, want: Told, tmp_path: Path) -> None:
    assert told(year_faults(raw(tmp_path, text, "rulebook.yaml"), "2020")) == want


def test_a_fault_of_the_year_names_what_it_was_held_against(tmp_path: Path) -> None:
    text = ('year: "2021"\nperiod: "2020"\ntotal: {points: 5}\nquotas: {penalty: {points: 6}}\ncloses: {events: "2020-01-01"}\n'
            "categories:\n  - a\n  - A\n  - a\n")
    year, penalty, closes, case, twice = year_faults(raw(tmp_path, text, "rulebook.yaml"), "2020")
    assert values(year, "year") == ["2020"] and values(penalty, "total") == ["5"] and values(closes, "last") == ["2020-12-31"]
    assert [each.where for each in (year, penalty, closes)] == ["year", "quotas.penalty.points", "closes.events"]
    assert [(each.code, each.line, *values(each, "first")) for each in (case, twice)] \
        == [("code_case", 8, "7"), ("code_twice", 9, "7")]


@pytest.mark.parametrize(("text", "want"), [
    ("categories: [b, a, b]\n", ["b", "a"]), ("categories: [a b, con, -x, c]\n", ["c"]), ("categories: a\n", []),
    ("year: x\n", []), ("categories: [[a], b]\n", ["b"]),
])
def test_the_categories_of_a_year_are_those_whose_codes_name_a_folder(text: str, want: list[str], tmp_path: Path) -> None:
    assert checks.listed(raw(tmp_path, text, "rulebook.yaml")) == want


@pytest.mark.parametrize(("text", "want"), [
    ("total: {points: 7.5}\n", 7.5), ("total: {points: '7'}\n", None), ("total: 7\n", None)])
def test_the_total_is_what_its_points_say_as_a_number(text: str, want: Any, tmp_path: Path) -> None:
    assert total_points(raw(tmp_path, text, "rulebook.yaml")) == want


# ── the first pass ──────────────────────────────────────────────────────────────────────────────────────────────────


LEAF = 'code: A, weight: 1, clause: ["1"], name: {zh: "a", en: "a"}, measured_in: "%"'
HEAD = 'category: {code: c, clause: ["1"], name: {zh: "a", en: "a"}}\n'
LADDER = "method: rank_ladder, beyond: zero, points"


def shape(tmp_path: Path, indicators: str, more: str = "") -> list[tuple[str, int, str, str]]:
    """What is told of the shape of a tree: the kind, the line, where, what was found."""
    model, faults = shaped(raw(tmp_path, f"{HEAD}{more}indicators:\n{indicators}"), TypeAdapter(TreeFile))
    assert (model is None) is bool(faults)
    return [(fault.code, fault.line, fault.where, fault.found) for fault in faults]


@pytest.mark.parametrize(("indicators", "want"), [
    (f"  - {{{LEAF}, scored_by: {{method: given}}}}\n", []),
    (f"  - {{{LEAF}}}\n", [("key_missing", 3, "A", "")]),
    (f"  - {{{LEAF}, scored_by: {{out_of: 5}}}}\n", [("key_missing", 3, "A · scored_by", "")]),
    (f"  - {{{LEAF}, scored_by: {{method: gifts}}}}\n", [("not_one_of", 3, "A · scored_by", "gifts")]),
    (f"  - {{{LEAF}, scored_by: given}}\n", [("wrong_shape", 3, "A · scored_by", "given")]),
    (f"  - {{{LEAF}, scored_by: {{method: given, out_off: 5}}}}\n", [("key_unknown", 3, "A · scored_by.out_off", "out_off")]),
    (f"  - {{{LEAF}, scored_by: {{method: given, step: 5}}}}\n", [("key_elsewhere", 3, "A · scored_by.step", "step")]),
    (f"  - {{{LEAF}, role: high, scored_by: {{method: given}}}}\n", [("not_one_of", 3, "A · role", "high")]),
    (f"  - {{{LEAF.replace('A', 'A?')}, scored_by: {{method: given}}}}\n", [("code_form", 3, "A? · code", "A?")]),
    (f"  - {{{LEAF.replace('1,', 'x,', 1)}, scored_by: {{method: given}}}}\n", [("weight_form", 3, "A · weight", "x")]),
    (f"  - {{{LEAF}, possible: [1], scored_by: {{method: given}}}}\n", [("list_length", 3, "A · possible", "")]),
    (f"  - {{{LEAF}, possible: [1, 2, 3], scored_by: {{method: given}}}}\n", [("list_length", 3, "A · possible", "")]),
    (f"  - {{{LEAF}, scored_by: {{{LADDER}: []}}}}\n", [("list_length", 3, "A · scored_by.points", "")]),
    (f"  - {{{LEAF}, scored_by: {{{LADDER}: [5, x]}}}}\n", [("amount_form", 3, "A · scored_by.points[2]", "x")]),
    (f"  - {{{LEAF}, scored_by: {{{LADDER}: [x]}}}}\n", [("amount_form", 3, "A · scored_by.points[1]", "x")]),
    ("  - just\n", [("wrong_shape", 3, "indicators[1]", "just")]),
])
def test_the_shape_of_an_indicator_is_told_with_its_place_and_kind(indicators: str, want: Any, tmp_path: Path) -> None:
    assert shape(tmp_path, indicators) == want


@pytest.mark.parametrize(("indicators", "names", "want"), [
    (f"  - {{{LEAF}}}\n", ["key"], ["scored_by"]), (f"  - {{{LEAF}, scored_by: {{out_of: 5}}}}\n", ["key"], ["method"]),
    (f"  - {{{LEAF}, leed: 5, scored_by: {{method: given}}}}\n", ["near"], [" lead?"]),
    (f"  - {{{LEAF}, role: high, scored_by: {{method: given}}}}\n", ["allowed"], ["bottom_line"]),
    ("  - {" + LEAF.replace('name: {zh: "a", en: "a"}', "name: [a]") + ", scored_by: {method: given}}\n", ["text"], ["…"]),
])
def test_a_fault_of_shape_says_what_was_to_stand(indicators: str, names: list[str], want: list[str], tmp_path: Path) -> None:
    _, faults = shaped(raw(tmp_path, f"{HEAD}indicators:\n{indicators}"), TypeAdapter(TreeFile))
    assert [values(fault, *names) for fault in faults] == [want]


def test_a_method_that_there_is_not_is_told_with_those_there_are(tmp_path: Path) -> None:
    text = f"{HEAD}indicators:\n  - {{{LEAF}, scored_by: {{method: gifts}}}}\n"
    _, (fault,) = shaped(raw(tmp_path, text), TypeAdapter(TreeFile))
    assert values(fault, "allowed") == [", ".join(named())]


def test_every_key_that_stands_elsewhere_is_known(tmp_path: Path) -> None:
    """Those of trees, methods, adjustments, quotas and terms; a rule in the list of another's rows too."""
    for key in ("tie_break", "step", "levels", "or_smallest", "together", "from", "when_not_positive"):
        (code, *_), = shape(tmp_path, f"  - {{{LEAF}, scored_by: {{method: given}}}}\n", f"{key}: x\n")
        assert code == "key_elsewhere"


def test_what_has_a_least_count_is_told_with_it(tmp_path: Path) -> None:
    rules = raw(tmp_path, 'clause: ["1"]\nlower_from: 0\nwithdraw_from: 3\n', "rulebook.yaml")
    _, (fault,) = shaped(rules, TypeAdapter(NextYear))
    assert (fault.code, fault.line, fault.where, *values(fault, "least")) == ("count_least", 2, "lower_from", "1")
