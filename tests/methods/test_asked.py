"""What the rest of the house asks of a method beside its points: its lines and limits, its column, which way is better."""

from __future__ import annotations

from fractions import Fraction
from math import nan
from typing import Any

import numpy as np
import pandas as pd
import pytest
from method_cases import SCORING
from pydantic import ValidationError

from txlib.base.fields import Text
from txlib.base.numbers import Amount, Numeral
from txlib.base.sums import worked, written_out
from txlib.methods import METHODS, BesideTheTree, PerEvent, QuotaPenalty, definitions, named
from txlib.methods.words import code_of, quantity, word

pytestmark = pytest.mark.quick

FULL = Fraction(10)


def rule(method: str, **keys: Any) -> Any:
    """A rule as a rule-book writes it, its numbers as such."""
    def as_written(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: as_written(each) for key, each in value.items()}
        if isinstance(value, list):
            return [as_written(each) for each in value]
        return Numeral(value) if isinstance(value, int | float) else value
    return SCORING.validate_python({"method": method, **as_written(keys)})


def bands(*rows: tuple[float, float], **more: Any) -> Any:
    more = {"between": "step", "edge": "above", "below": 0, **more} if more.get("between") != "line" else more
    return rule("bands", rows=[{"from": start, "points": points} for start, points in rows], **more)


BETWEEN = {"floor": 0, "most": 12}
GROWTH = {"flat": 5, "gain": 1, "lose": 1, **BETWEEN}
COMPLETION = {"lose": 1, "floor": 0}
DIFFERENCE = {"each": 1, "lose": 1, "floor": 0}
GOALPOSTS = {"low": 1, "high": 9, "onto": [0, 10]}
EFFICACY = {"base": 6, **BETWEEN}
SURVEY: dict[str, Any] = {"groups": {"people": "100%"}, "grades": {"good": "100%", "bad": "0%"}, "dont_know": "not_counted",
                          "absent_group": "refuse"}


def priced(**price: Any) -> dict[str, Any]:
    """A price list of two kinds, one of them at this price."""
    return {"floor": 0, "prices": {"a": price, "b": {"costs": 1}}}


def capped(*over: list[str]) -> dict[str, Any]:
    """A price list with caps over several of its kinds: three that cost, one that gains, one that takes all."""
    prices = {**{kind: {"costs": 1} for kind in "abc"}, "gain": {"gains": 1}, "all": {"costs": 1, "again": "all"}}
    return {"floor": 0, "prices": prices, "caps": [{"over": kinds, "cap": 1} for kinds in over]}


def shared_out(**price: Any) -> dict[str, Any]:
    """A price list that roles bear in parts."""
    return {**priced(**price), "shared": {"lead": "60%", "assisting": "40%"}}


# ── which way is better, and where points jump or turn ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("asked", "sign"), [
    (bands((1, 2), (3, 5)), 1), (bands((1, 2), (3, 5), below=1), 1), (bands((1, 5), (3, 2), below=7), -1),
    (bands((1, 5), (3, 2), below=0), 0), (bands((1, 2), (3, 5), (4, 3)), 0), (bands((1, 0), (3, 0), below=0), 0),
    (bands((1, 5), below=0), 1), (bands((1, 0), below=5), -1), (bands((1, 2), (3, 2), (5, 4), between="line"), 1),
    (bands((1, 4), (3, 2), between="line"), -1), (bands((1, 4), between="line"), 0),
    (rule("efficacy", unacceptable=1, satisfactory=2, **EFFICACY), 1),
    (rule("efficacy", unacceptable=2, satisfactory=1, **EFFICACY), -1),
    (rule("rank_step", step=1, floor=0), 1), (rule("rank_step", step=1, floor=0, direction="down"), -1),
    (rule("superior_rank", step=1, floor=0), -1), (rule("given"), 1), (rule("findings", **priced(costs=1)), 0),
    (rule("findings", floor=0, prices={"a": {"costs": 1}}), -1), (rule("findings", floor=0, prices={"a": {"gains": 1}}), 1),
    (rule("contribution_share", of="total", full_at="best", **BETWEEN), 1),
])
def test_more_is_better_or_less_or_it_turns(asked: Any, sign: int) -> None:
    assert asked.sign(FULL) == sign


@pytest.mark.parametrize(("asked", "lines", "above"), [
    (bands((1, 2), (3, 5)), (1, 3), True), (bands((1, 2), edge="below"), (1,), False), (bands((1, 2), between="line"),
    (1,), True),
    (rule("efficacy", unacceptable=5, satisfactory=2, **EFFICACY), (5, 2), True),
    (rule("goalposts", **GOALPOSTS), (1, 9), True), (rule("goalposts", **GOALPOSTS, direction="down"), (1, 9), False),
    (rule("met", otherwise=0), (7,), True), (rule("met", at=4, otherwise=0), (4,), True),
    (rule("met", at=0, otherwise=0, direction="down"), (0,), False),
    (rule("difference", against=3, **DIFFERENCE), (3,), True), (rule("difference", against="peers_mean", **DIFFERENCE), (), True),
    (rule("difference", against="target", direction="down", **DIFFERENCE), (7,), False),
    (rule("completion", **COMPLETION), (7,), True), (rule("growth", **GROWTH), (7,), True),
    (rule("growth", **GROWTH, direction="down"), (7,), False), (rule("given"), (), True), (rule("share_of_best"), (), True),
])
def test_points_jump_or_turn_at_lines_that_count_to_one_side(asked: Any, lines: tuple[int, ...], above: bool) -> None:
    """At a value of the rule, or at the unit's own column (7)."""
    assert (tuple(asked.lines(7, FULL)), asked.on_line_above) == (lines, above)


@pytest.mark.parametrize(("asked", "beside"), [
    (rule("met", otherwise=0), "target"), (rule("met", at=0, otherwise=0), None), (rule("completion", **COMPLETION), "target"),
    (rule("growth", **GROWTH), "last_year"), (rule("given"), None), (rule("difference", against=80, **DIFFERENCE), None),
    *((rule("difference", against=name, **DIFFERENCE), name) for name in ("target", "last_year")),
    (rule("difference", against="peers_mean", **DIFFERENCE), None),
    (rule("contribution_share", of="total", full_at="equal", **BETWEEN), None),
    (rule("contribution_share", of="increment", full_at="equal", **BETWEEN), "last_year"),
])
def test_a_column_beside_the_value_is_asked_for_where_the_rule_needs_it(asked: Any, beside: str | None) -> None:
    assert asked.beside == beside


TRAITS = {
    "table_other_than_observations": {"findings", "linked", "marks", "superior_rank", "survey"},
    "by_place": {"rank_from_last", "rank_ladder", "rank_step"},
    "uses_peers": {"contribution_share", "difference", "min_max", "rank_from_last", "rank_ladder", "rank_step",
                   "share_of_best", "z_score"},
    "judged": {"given", "marks"}, "marked": {"marks"}, "divides_by_beside": {"completion", "growth"},
    "adds_up": {"contribution_share", "difference"}, "never_negative": {"share_of_best"},
}


@pytest.mark.parametrize("trait", TRAITS)
def test_methods_are_told_apart_by_what_they_are(trait: str) -> None:
    known: dict[str, Any] = dict(named())
    has = {name for name, kind in known.items() if getattr(kind, trait, kind.table != "observations")}
    assert has == TRAITS[trait]


def test_only_a_difference_from_the_mean_uses_the_peers() -> None:
    uses = {against: rule("difference", against=against, **DIFFERENCE).uses_peers for against in ("target", "last_year", 3)}
    assert not any(uses.values()) and rule("difference", against="peers_mean", **DIFFERENCE).uses_peers


def test_what_stands_beside_the_tree_is_told_apart_too() -> None:
    known: dict[str, Any] = dict(named(BesideTheTree))
    told = {name: (kind.table, kind.capped, kind.everyone, kind.penalty) for name, kind in known.items()}
    assert told == {"per_event": ("events", True, True, False), "quota_penalty": ("marks", False, False, True)}


# ── limits of what is handed in ─────────────────────────────────────────────────────────────────────────────────────


def test_columns_hold_at_most_what_the_rule_says() -> None:
    assert rule("given").limits(FULL) == {"value": 10} and rule("given", out_of=50).limits(FULL) == {"value": 50}
    marks = rule("marks", out_of=50, quantitative="60%")
    assert marks.limits(FULL) == {"quantitative": 30, "qualitative": 20, "total": 50}
    assert rule("share_of_best").limits(FULL) == rule("met", otherwise=0).limits(FULL) == {}


@pytest.mark.parametrize(("asked", "fine", "refused", "kind"), [
    (rule("given"), [0.0, 10.0], [-0.1, 10.1], "given_range"), (rule("given", out_of=50), [50.0], [50.1], "given_range"),
    (rule("share_of_best"), [0.0], [-0.1], "share_negative"),
    (rule("goalposts", **GOALPOSTS, scale="log", decimals=2, clip="none"), [0.1], [0.0, -1.0], "log_not_positive"),
    (rule("goalposts", **GOALPOSTS, scale="log", decimals=2), [-1.0, 0.0], [], ""),
    (rule("goalposts", **GOALPOSTS, clip="none"), [-1.0, 0.0], [], ""), (rule("met", otherwise=0), [-1.0], [], ""),
])
def test_a_value_is_refused_where_the_method_cannot_work_with_it(asked: Any, fine: list[float], refused: list[float],
                                                                 kind: str) -> None:
    assert [list(asked.refusals(value, FULL)) for value in fine] == [[]] * len(fine)
    assert [[told[:2] for told in asked.refusals(value, FULL)] for value in refused] == [[(kind, "value")]] * len(refused)


def test_a_mark_that_is_refused_is_told_with_the_most() -> None:
    assert [more for *_, more in rule("given", out_of=50.5).refusals(51, FULL)] == [{"most": "50.5"}]


@pytest.mark.parametrize(("method", "keys", "code"), [
    ("bands", {"between": "step", "rows": [{"from": 1, "points": 1}]}, "bands_edge"),
    ("bands", {"between": "step", "edge": "above", "rows": [{"from": 1, "points": 1}]}, "bands_edge"),
    ("bands", {"between": "step", "below": 1, "rows": [{"from": 1, "points": 1}]}, "bands_edge"),
    ("bands", {"between": "line", "edge": "above", "rows": [{"from": 1, "points": 1}]}, "bands_edge"),
    ("bands", {"between": "line", "below": 1, "rows": [{"from": 1, "points": 1}]}, "bands_edge"),
    ("bands", {"between": "line", "rows": [{"from": 1, "points": 1}, {"from": 1, "points": 2}]}, "rows_ascending"),
    ("bands", {"between": "line", "rows": [{"from": 2, "points": 1}, {"from": 1, "points": 2}]}, "rows_ascending"),
    ("bands", {"between": "line", "rows": []}, "too_short"),
    ("completion", {**COMPLETION, "gain": 1}, "gain_and_cap"), ("completion", {**COMPLETION, "cap": 1}, "gain_and_cap"),
    ("efficacy", {**EFFICACY, "unacceptable": 1, "satisfactory": 1}, "efficacy_ends"),
    ("given", {"out_of": 0}, "out_of_above_zero"), ("given", {"out_of": -1}, "out_of_above_zero"),
    ("goalposts", {**GOALPOSTS, "high": 1}, "goalposts_ends"), ("goalposts", {**GOALPOSTS, "high": 0.5}, "goalposts_ends"),
    ("goalposts", {**GOALPOSTS, "low": 0, "scale": "log", "decimals": 2}, "goalposts_ends"),
    ("goalposts", {**GOALPOSTS, "low": -1, "scale": "log", "decimals": 2}, "goalposts_ends"),
    ("goalposts", {**GOALPOSTS, "scale": "log"}, "log_decimals"), ("goalposts", {**GOALPOSTS, "decimals": 2}, "log_decimals"),
    ("rank_ladder", {"points": [], "beyond": "last"}, "too_short"),
    ("superior_rank", {"step": 1}, "step_or_last"), ("superior_rank", {"floor": 1}, "step_or_last"),
    ("superior_rank", {}, "step_or_last"), ("superior_rank", {"step": 1, "floor": 0, "last": 1}, "step_or_last"),
    ("superior_rank", {"floor": 0, "last": 1}, "step_or_last"),
    ("survey", {**SURVEY, "groups": {"a": "60%", "b": "30%"}}, "groups_sum"),
    ("survey", {**SURVEY, "groups": {"a": "60%", "b": "50%"}}, "groups_sum"),
    ("survey", {**SURVEY, "grades": {"dont_know": "60%"}}, "grade_dont_know"),
    ("survey", {**SURVEY, "grades": {}}, "too_short"),
    ("findings", {"floor": 0, "prices": {}}, "too_short"), ("findings", priced(), "costs_or_gains"),
    ("findings", priced(costs=1, gains=1), "costs_or_gains"), ("findings", priced(gains=1, again="all"), "costs_or_gains"),
    ("findings", priced(costs=1, again="all", cap=2), "costs_or_gains"), ("findings", priced(costs=-1), "amount_form"),
    ("findings", priced(costs=1, again="none"), "again_form"), ("findings", priced(costs=1, free=0.5), "count_form"),
    ("findings", priced(costs=1, each=1), "extra_forbidden"), ("findings", priced(costs=1, name="b"), "named_alike"),
    ("findings", {**priced(costs=1), "caps": []}, "too_short"),
    ("findings", capped(["a", "a"]), "caps_over_kinds"), ("findings", capped(["a", "z"]), "caps_over_kinds"),
    ("findings", capped(["a", "gain"]), "caps_over_kinds"), ("findings", capped(["a", "all"]), "caps_over_kinds"),
    ("findings", capped(["a", "b"], ["b", "c"]), "caps_over_kinds"), ("findings", shared_out(costs=1, free=1), "shared_again"),
    ("findings", shared_out(costs=1, again=2), "shared_again"), ("findings", shared_out(costs=1, again="all"), "shared_again"),
    ("findings", {**priced(costs=1), "shared": {"lead": "0%"}}, "part_form"), ("findings", {**priced(costs=1), "shared": {}},
    "too_short"),
])
def test_a_rule_that_does_not_hang_together_is_refused(method: str, keys: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        rule(method, **keys)
    assert [error["type"] for error in caught.value.errors()] == [code]


@pytest.mark.parametrize(("method", "keys"), [
    ("goalposts", {**GOALPOSTS, "low": 0.5, "scale": "log", "decimals": 0}), ("goalposts", {**GOALPOSTS, "low": -1}),
    ("completion", {**COMPLETION, "gain": 1, "cap": 2}), ("given", {"out_of": 0.1}), ("superior_rank", {"last": 1}),
    ("findings", capped(["a", "b"])), ("findings", shared_out(costs=1, cap=2, free=0)),
    ("findings", priced(costs=1, again="all")), ("findings", priced(gains=1, again=2, cap=3, free=0, name="a")),
    ("superior_rank", {"step": 0, "floor": 0}), ("survey", {**SURVEY, "groups": {"a": "60%", "b": "40%"}}),
])
def test_a_rule_at_the_edge_of_what_hangs_together_is_taken(method: str, keys: dict[str, Any]) -> None:
    assert rule(method, **keys).method == method


# ── the register ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_a_method_already_is_one_and_what_is_beside_the_tree_is_none() -> None:
    given = rule("given")
    assert SCORING.validate_python(given) is given
    with pytest.raises(ValidationError) as caught:
        SCORING.validate_python({"method": "per_event"})
    error, = caught.value.errors()
    assert error["type"] == "union_tag_invalid" and error["ctx"]["expected_tags"].split(", ") == [f"'{name}'" for name in named()]


def test_a_schema_names_the_methods_of_a_place_and_defines_all() -> None:
    assert SCORING.json_schema() == {METHODS: {name: kind.__name__ for name, kind in named().items()}}
    known = {**named(), **named(BesideTheTree)}
    parts = {"NamedPrice", "PriceCap", "Row", "Text", "WithPoints", "WithShare", "WithWeight"}  # of their fields
    assert {kind.__name__ for kind in known.values()} | parts == set(definitions())
    assert "from" in definitions()["Row"]["properties"] and not any("$defs" in each for each in definitions().values())


# ── rows of their own ───────────────────────────────────────────────────────────────────────────────────────────────


def test_what_points_beside_the_tree_are_for() -> None:
    events = PerEvent.model_validate({"kind": "bonus", "method": "per_event", "levels": {"city": Numeral("1")},
                                      "same_honour": "each", "several_units": "each"})
    penalty = QuotaPenalty(kind="deduction", method="quota_penalty")
    assert events.causes(pd.DataFrame({"honour": ["甲", "乙"]}), {}, "zh") == ["甲", "乙"]
    lost = pd.DataFrame({"category": ["towns", "zones"]})
    assert "乡镇、zones" in penalty.causes(lost, {"towns": "乡镇"}, "zh")[0]
    assert "Towns, zones" in penalty.causes(lost, {"towns": "Towns"}, "en")[0]


ROWS = pd.DataFrame({"unit": ["a"] * 3 + ["b"] * 3 + ["c"], "group": ["x", "x", "y", "x", "x", "x", "y"],
                     "grade": ["good", "bad", "dont_know", "good", "good", "dont_know", "bad"], "count": [3, 1, 5, 2, 2, 4, 0]})


@pytest.mark.parametrize(("dont_know", "value", "counted"), [
    ("not_counted", [1, 0, 0], [1, 1, 0]), ("50%", [1, 0, 0.5], [1, 1, 1])])
def test_answers_that_may_be_drawn_again_are_told_by_unit_and_group(dont_know: str, value: list[float],
                                                                    counted: list[float]) -> None:
    """In the order of the grades, don't know last; no group without an answer."""
    survey = rule("survey", **{**SURVEY, "groups": {"x": "60%", "y": "40%"}, "dont_know": dont_know})
    ballots = survey.ballots(ROWS, ["b", "a", "c", "d"])
    told = [[(weight, list(counts)) for weight, counts in groups] for groups in ballots.groups]
    assert told == [[(0.6, [4, 0, 4])], [(0.6, [3, 1, 0]), (0.4, [0, 0, 5])], [], []]
    assert (list(ballots.value), list(ballots.counted)) == (value, counted)


def test_of_a_survey_in_which_all_were_asked_no_answer_may_be_drawn_again() -> None:
    assert rule("survey", **SURVEY, asked="all").ballots(ROWS, ["a"]) is None
    assert rule("marks", out_of=50, quantitative="60%").ballots(ROWS, ["a"]) is None


def test_what_stands_for_an_observation_of_rows() -> None:
    """A mark out of 100, the total of marks, the mean place weighted by shares; nothing where there are no rows."""
    survey, marks = rule("survey", **SURVEY), rule("marks", out_of=50, quantitative="60%")
    assert list(survey.observed(ROWS, ["a"], np.array([Fraction(4)]), Fraction(8))) == [50]
    totals = marks.observed(pd.DataFrame({"unit": ["b", "a"], "total": [3.5, 4]}), ["a", "b", "c"], np.array([]), FULL)
    assert str(totals.tolist()) == str([4.0, 3.5, nan])
    placed = pd.DataFrame({"unit": ["a", "a", "b"], "place": [1, 4, 3], "share": [25, 75, 100]})
    found = rule("superior_rank", step=1, floor=0).observed(placed, ["b", "a", "c"], np.array([]), FULL)
    assert str(found.tolist()) == str([3.0, 3.25, nan])


@pytest.mark.parametrize(("asked", "points"), [
    (rule("superior_rank", step=2, floor=1), [10, 6, Fraction(4 + 1, 2)]), (rule("superior_rank", last=4),
    [10, 8, Fraction(7 + 4, 2)]),
    (rule("superior_rank", step="10% of weight", floor=0), [10, 8, Fraction(7 + 4, 2)]),
])
def test_a_place_among_superiors_costs_a_step_or_its_part_down_to_the_last(asked: Any, points: list[Any]) -> None:
    """The first, the third, and the mean of the fourth and the last of seven."""
    rows = pd.DataFrame({"unit": ["a", "b", "c", "c"], "place": [1, 3, 4, 7], "share": [100, 50, 30, 30], "peers": [7] * 4})
    found, some = asked.from_rows(rows, ["a", "b", "c", "d"], FULL)
    assert list(found) == [*points, 0] and list(some) == [True, True, True, False]


@pytest.mark.parametrize(("price", "points"), [
    ({"costs": 2}, [0, -2, -4, -6]), ({"gains": 2}, [0, 2, 4, 6]), ({"costs": 2, "cap": 3}, [0, -2, -3, -3]),
    ({"costs": 2, "free": 1}, [0, 0, -2, -4]), ({"costs": 2, "free": 3}, [0, 0, 0, 0]),
    ({"costs": "5% of weight", "again": 2}, [0, Fraction("-0.5"), Fraction("-2.5"), Fraction("-4.5")]),
    ({"gains": 1, "again": "5% of weight", "cap": "15% of weight"}, [0, 1, Fraction("1.5"), Fraction("1.5")]),
    ({"costs": 2, "again": "all"}, [0, -2, None, None]), ({"costs": 2, "again": "all", "free": 1}, [0, 0, -2, None]),
])
def test_findings_of_a_kind_come_to_their_sum(price: dict[str, Any], points: list[Any]) -> None:
    """None, one, two and three; None where they take all. What is printed of them is worked to the same."""
    priced = rule("findings", floor=0, prices={"a": price}).prices["a"]
    terms = [priced.term({Fraction(1): number}, FULL) for number in range(4)]
    assert [term and term[2] for term in terms] == points
    assert [term and worked("0" + written_out(term[0], *term[1])) for term in terms] == points


FOUND = pd.DataFrame({"unit": ["a", "a", "a", "b"], "kind": ["x", "x", "y", "y"], "number": [2, 1, 3, 1],
                      "document": ["1", "1", "1", "2"]})


@pytest.mark.parametrize(("counts", "points"), [
    ({}, 0), ({"60%": 1}, "-1.2"), ({"40%": 2, "60%": 1}, "-2.8"), ({"100%": 2}, "-4"), ({"100%": 1, "30%": 1}, "-2.6"),
    ({"60%": 5}, "-5"), ({"60%": 4, "40%": 1}, "-5"),
])
def test_a_price_is_borne_in_parts_up_to_its_cap(counts: dict[str, int], points: str) -> None:
    """Each costs 2, at most 5 of a unit; what is printed is worked to the same."""
    price = rule("findings", **shared_out(costs=2, cap=5)).prices["a"]
    term = price.term({Fraction(part[:-1]) / 100: n for part, n in counts.items()}, FULL)
    assert term.points == Fraction(points) == worked("0" + written_out(term.pattern, *term.values))


@pytest.mark.parametrize(("more", "points", "observed"), [
    ({}, [4, 9, 10, 10], [6, 1, 0, 0]), ({"same_document": "once"}, [8, 9, 10, 10], [2, 1, 0, 0]),
    ({"floor": 5}, [5, 9, 10, 10], [6, 1, 0, 0]), ({"base": 8, "most": 9}, [2, 7, 8, 8], [6, 1, 0, 0]),
    ({"most": "80% of weight"}, [4, 8, 8, 8], [6, 1, 0, 0]), ({"base": "50% of weight"}, [0, 4, 5, 5], [6, 1, 0, 0]),
])
def test_findings_are_taken_off_the_base_of_everybody(more: dict[str, Any], points: list[int], observed: list[int]) -> None:
    asked = rule("findings", **{"floor": 0, "prices": {"x": {"costs": 1}, "y": {"costs": 1}}, **more})
    found, some = asked.from_rows(FOUND, ["a", "b", "c", "d"], FULL)
    assert list(found) == points and some.all() and all(isinstance(each, Fraction) for each in found)
    assert list(asked.observed(FOUND, ["a", "b", "c", "d"], found, FULL)) == observed
    assert list(asked.from_rows(FOUND[:0], ["a"], FULL)[0]) == points[-1:] and asked.ballots(FOUND, ["a"]) is None


def test_the_only_one_among_superiors_is_its_first() -> None:
    rows = pd.DataFrame({"unit": ["a"], "place": [1], "share": [100], "peers": [1]})
    assert list(rule("superior_rank", last=4).from_rows(rows, ["a"], FULL)[0]) == [10]


EVENTS = pd.DataFrame({"unit": ["a", "a", "b", "z", "a"], "honour": ["h", "h", "h", "h", "k"],
                       "level": ["city", "state", "city", "city", "city"], "share": [50.0, 25.0, nan, 40.0, 10.0]})


@pytest.mark.parametrize(("same", "several", "points"), [
    ("highest", "each", [4, 1]), ("each", "each", [5, 1]), ("highest", "split", [2, Fraction(1, 3)]),
    ("each", "split", [Fraction(7, 3), Fraction(1, 3)]), ("highest", "by_share", [Fraction("0.85"), 1]),
    ("each", "by_share", [Fraction("1.35"), 1]),
])
def test_events_count_as_ruled_also_those_of_units_that_are_not_ranked(same: str, several: str, points: list[Any]) -> None:
    """An honour of a, of b and of z, which is not among the units; a has it twice, and another one."""
    levels = {"city": Numeral("1"), "state": Numeral("3")}
    keys = {"method": "per_event", "levels": levels, "same_honour": same, "several_units": several}
    for kind, sign in (("bonus", 1), ("deduction", -1)):
        asked = PerEvent.model_validate({"kind": kind, **keys})
        assert list(asked.from_rows(EVENTS, FULL, ["a", "b", "c"])) == [sign * each for each in [*points, 0]]
        assert list(asked.from_rows(EVENTS, Fraction(1, 4), ["a", "c"])) == [sign * Fraction(1, 4), 0]
        assert list(asked.from_rows(EVENTS[:0], FULL, ["a"])) == [0]


def test_penalties_of_units_that_are_not_ranked_are_nobodys() -> None:
    rows = pd.DataFrame({"unit": ["z", "a", "a"], "points": [5.0, 0.5, 0.2]})
    assert list(QuotaPenalty(kind="deduction", method="quota_penalty").from_rows(rows, FULL, ["a", "b"])) == [Fraction("-0.7"), 0]


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("x", "unit", "zh", "en"), [
    (1.5, ("亿元", "million yuan"), "1.5亿元", "1.5 million yuan"), (1.0, ("个", "visits"), "1个", "1 visit"),
    (2.0, ("个", "visits"), "2个", "2 visits"), (1.0, ("户次", "visits a day"), "1户次", "1 visits a day"),
    (7.0, ("%", "%"), "7%", "7%"), (3.0, ("10亿元", "10 billion"), "3 × 10亿元", "3 × 10 billion"),
    (nan, ("个", "visits"), "", ""),
])
def test_a_value_is_told_with_its_unit_of_measure(x: float, unit: tuple[str, str], zh: str, en: str) -> None:
    measured_in = Text(zh=unit[0], en=unit[1])
    assert (quantity(x, measured_in, "zh"), quantity(x, measured_in, "en")) == (zh, en)
    assert quantity(1.0, None, "zh") == ""


def test_a_code_that_is_no_common_one_is_its_own_word() -> None:
    assert word("x9", "zh") == word("x9", "en") == "x9" and word("dont_know", "en") != "dont_know"


def test_a_code_is_none_of_its_words_where_it_is_one_itself() -> None:
    assert code_of("市级", ["city", "市级"]) == "市级" and code_of("", ["city", ""]) == "" and code_of("x9", ["city"]) == "x9"


def test_an_amount_is_points_or_a_share_of_the_weight() -> None:
    assert rule("rank_step", step=2, floor="20% of weight").floor == Amount(Fraction(1, 5), of_weight=True)
