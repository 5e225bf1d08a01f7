"""Sliders for weights: shares that move together, the ranking that follows, what stands where there is no frontend."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook, new_output
from properties import examples
from shared import edition, words_of
from weighed import FLAT, TREE, book, marked

import txlib as tx
from txlib.report import what_if
from txlib.report.page.html import render
from txlib.report.what_if import shares
from txlib.report.what_if.tables import steps

pytestmark = pytest.mark.quick
Loaded = tuple[tx.RuleBook, tx.Data]
MARKS: list[list[float | None]] = [[90, 60, 70], [80, 95, 80], [70, 70, None]]


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    rules, data = book(tmp_path_factory.mktemp("flat"), FLAT, 3)
    return rules, marked(data, MARKS)


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return book(tmp_path_factory.mktemp("deep"), TREE, 3)


def cells(html: str) -> list[list[str]]:
    return [[cell.text for cell in row.find_all("td")] for row in BeautifulSoup(html, "html.parser").select("tbody tr")]


# ── shares ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_siblings_give_in_proportion_to_what_they_are_now(deep: Loaded) -> None:
    """A : B is 60 : 40. With A1 (25 of A's 60) at 30, A2 and A3 share the other 30 as 20 : 15; then A at 80 takes all along."""
    head = deep[0].categories["c"]
    now = shares.shifted(head, shares.shares(head), "A1", Fraction(30, 60))
    first = shares.points(head, now)
    assert [first[code] for code in ("A", "A1", "A2", "A3", "B")] == [60, 30, Fraction(120, 7), Fraction(90, 7), 40]
    then = shares.points(head, shares.shifted(head, now, "A", Fraction(80, 100)))
    assert [then[code] for code in ("A", "A1", "A2", "B", "B1", "B1.1")] == [80, 40, Fraction(160, 7), 20, 15, 5]


def test_what_was_moved_to_nothing_comes_back_as_ruled(deep: Loaded) -> None:
    head = deep[0].categories["c"]
    alone = shares.shifted(head, shares.shares(head), "A1", Fraction(1))
    assert (alone["A2"], alone["A3"]) == (0, 0)
    back = shares.points(head, shares.shifted(head, alone, "A1", Fraction(25, 60)))
    assert back == shares.points(head, shares.shares(head))


@examples(60)
@given(moves=st.lists(st.tuples(st.sampled_from(["A", "B", "A1", "A3", "B1", "B1.1", "B2"]), st.fractions(0, 1)), max_size=6))
def test_any_moves_leave_weights_that_can_be_used(deep: Loaded, moves: list[tuple[str, Fraction]]) -> None:
    rules, data = deep
    head = rules.categories["c"]
    now: Any = shares.shares(head)
    for code, share in moves:
        now = shares.shifted(head, now, code, share)
    weigh = shares.points(head, now)
    for node in head.nodes:
        if node.code in weigh and node.children:
            assert sum(weigh[child.code] for child in node.children) == weigh[node.code]
    assert weigh["A"] + weigh["B"] == 100 and len(tx.what_if(rules, data, "c", weigh)) == 3


# ── the sliders ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_ranking_follows_a_slider_and_goes_back(flat: Loaded) -> None:
    """As ruled 50 : 30 : 20: a 77.00, b 84.50, c 70.00; with A at 90 a 87.40, b 80.90, c 70.00 (tests of `what_if`)."""
    room = what_if.Sliders(*flat, "c", words_of(flat[0], "en"))
    ruled = [["1", "—", "Unit b", "84.50", "1", "84.50"], ["2", "—", "Unit a", "77.00", "2", "77.00"],
             ["3", "—", "Unit c", "70.00", "3", "70.00"]]
    assert cells(room.shown.value) == ruled
    room.moving["A"].value = 90.0
    assert {code: slider.value for code, slider in room.moving.items()} == {"A": 90, "B": 6, "C": 4}
    assert cells(room.shown.value) == [["1", "+1 ▲", "Unit a", "87.40", "2", "77.00"],
                                       ["2", "−1 ▼", "Unit b", "80.90", "1", "84.50"],
                                       ["3", "—", "Unit c", "70.00", "3", "70.00"]]
    assert room.shown.value.count('class="tx-flag"') == 2
    room.back.click()
    assert cells(room.shown.value) == ruled and room.moving["A"].value == 50


def test_what_is_below_a_branch_follows_it_and_can_be_opened(deep: Loaded) -> None:
    room = what_if.Sliders(*deep, "c", words_of(deep[0]))
    assert [code for _, code in room.branch.options] == ["A", "B", "B1"]
    assert list(room.moving) == ["A", "B", "A1", "A2", "A3"]
    room.moving["A"].value = 80
    assert [room.moving[code].value for code in ("B", "A1", "A2", "A3")] == [20, 33.3, 26.7, 20]
    room.branch.value = "B"
    assert list(room.moving) == ["A", "B", "B1", "B2"] and room.moving["B1"].value == 15
    room.moving["B1"].value = 60
    assert (room.moving["B1"].value, room.moving["B2"].value) == (20, 0), "no more than the branch has"


def test_a_number_that_is_typed_is_taken_as_it_is(flat: Loaded) -> None:
    """A at 72.25 leaves 27.75 to B and C, 30 : 20; a slider beside stands at the nearest tenth."""
    room = what_if.Sliders(*flat, "c", words_of(flat[0], "en"))
    room.typed["A"].value = 72.25
    assert {code: typed.value for code, typed in room.typed.items()} == {"A": 72.25, "B": 16.65, "C": 11.1}
    assert room.moving["A"].value == pytest.approx(72.2) and room.now["A"] == Fraction("0.7225")
    room.moving["A"].value = 50
    assert {code: typed.value for code, typed in room.typed.items()} == {"A": 50, "B": 30, "C": 20}


def test_an_example_fits_whatever_tree(flat: Loaded, deep: Loaded) -> None:
    """The last of level 1 with twice its points, or half way to all of them; what is named is taken."""
    head, tree = flat[0].categories["c"], deep[0].categories["c"]
    assert what_if.example(head) == {"C": 40} and what_if.example(tree) == {"B": 70}
    assert what_if.example(head, "A") == {"A": 75} and what_if.example(tree, "A1", "7.5") == {"A1": 7.5}
    with pytest.raises(ValueError, match="no indicator Z in c"):
        tx.what_if(*flat, "c", what_if.example(head, "Z"))
    chain = replace(tree, roots=(replace(tree.roots[0], children=tree.roots[0].children[:1]),))
    assert what_if.example(chain) == {}


def test_weights_that_no_rule_fits_are_refused_in_words(flat: Loaded) -> None:
    rules, data = flat
    bare = marked(data, [[90, None, None], [80, 70, 60], [70, 80, 90]])
    room = what_if.Sliders(rules, bare, "c", words_of(rules, "en", bare))
    room.moving["A"].value = 0.0
    assert "These weights cannot be used: no indicator with weight applies to a" in room.shown.value
    room.back.click()
    assert len(cells(room.shown.value)) == 3


def test_another_category_comes_with_its_own_sliders() -> None:
    rules, data = edition("2020")
    room = what_if.Sliders(rules, data, "towns_1", words_of(rules, "zh", data))
    for code, head in rules.categories.items():
        room.chosen.value = code
        assert [room.moving[node.code].value for node in head.roots] == [float(node.full) for node in head.roots]
        assert head.name["zh"] in room.shown.value and len(cells(room.shown.value)) == (data.units.category == code).sum()


def test_where_nothing_moves_a_line_says_so(flat: Loaded) -> None:
    bundle = what_if.Sliders(*flat, "c", words_of(flat[0], "en"))._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain", "application/vnd.jupyter.widget-view+json"}
    page = render(new_notebook(cells=[new_code_cell(outputs=[new_output("display_data", data=bundle)])]), lang="en")
    assert bundle["text/plain"] in BeautifulSoup(page, "html.parser").main.text


# ── the tables of the example ───────────────────────────────────────────────────────────────────────────────────────


def test_the_example_in_tables(flat: Loaded) -> None:
    rules, data = flat
    head = rules.categories["c"]
    assert cells(what_if.weights(head, {"C": 0}, words_of(rules, "en")).html) == [
        ["A Indicator A", "50", "62.50"], ["B Indicator B", "30", "37.50"], ["C Indicator C", "20", "0.00"]]
    told = what_if.ranking(tx.what_if(rules, data, "c", {"A": 90}), rules, head, words_of(rules, "en"))
    assert [row[:3] for row in cells(told.html)] == [["1", "+1 ▲", "Unit a"], ["2", "−1 ▼", "Unit b"], ["3", "—", "Unit c"]]


@pytest.mark.parametrize(("moved", "said"), [(2, "+2 ▲"), (-1, "−1 ▼"), (0, "—"), (0.5, "+0.5 ▲")])
def test_steps(moved: float, said: str) -> None:
    assert steps(moved) == said
