"""Score cards: what they say against numbers from outside."""

from __future__ import annotations

import re
import statistics
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from bs4 import BeautifulSoup
from shared import assessed, edition, words_of

import txlib as tx
from txlib.report import card, facts
from txlib.report.basis import assumed_by, ranking_rules
from txlib.report.card import Way, render_card
from txlib.report.ranking import years

NOWHERE = Way(None, None, ())
HOSTILE = '<img src=x onerror="document.title=1">=HYPERLINK("../x")$x$ \u202eabc'


@pytest.fixture(scope="module")
def towns() -> Any:
    return assessed("2020", "towns_1")


@cache
def before(category: str, lang: str) -> Any:
    """Last year beside a category of 2020."""
    return years.last_year(edition("2020")[0], category, words_of(edition("2020")[0], lang))


def card_of(result: Any, unit: str, lang: str = "zh", way: Way = NOWHERE) -> BeautifulSoup:
    html = render_card(result, edition("2020")[1], before(result.category.code, lang), unit, way, inputs="d1",
                       number_="2020-x-1", words=words_of(result, lang, edition("2020")[1]))
    return BeautifulSoup(html, "html.parser")


@cache
def page(category: str, unit: str, lang: str = "zh") -> BeautifulSoup:
    """A unit's card of 2020, made once for all tests that look at it."""
    return card_of(assessed("2020", category), unit, lang)


def cells(soup: BeautifulSoup, table: str) -> list[list[str]]:
    rows = soup.select(f"#{table} tbody tr")
    return [[cell.get_text(" ", strip=True) for cell in row.select("td")] for row in rows]


def printed(text: str) -> float:
    return float(text.replace("−", "-").replace("+", ""))


@pytest.mark.parametrize("category", ["towns_1", "towns_2", "depts_2", "zones", "parks"])
def test_full_points_less_losses_and_with_what_was_gained_are_the_total(category: str) -> None:
    result = assessed("2020", category)
    full = float(sum(root.full for root in result.category.roots))
    adjusted = [node.code for node in result.category.adjustments]
    for row in result.ranking.itertuples():
        mine = result.scores[(result.scores.unit == row.unit) & result.scores.indicator.isin(adjusted)]
        leaves = result.scores[(result.scores.unit == row.unit) & (result.scores.status != "")]
        above = (leaves.points - leaves.full).clip(lower=0).sum()
        added = float(mine.points[mine.points > 0].sum()) + above
        assert full - float(card.lost(result, row.unit)["lost"].sum()) + added == pytest.approx(row.total, abs=1e-9)


@pytest.mark.parametrize("category", ["towns_1", "depts_2", "parks"])
def test_medians_and_places_are_those_of_the_shares_that_units_attain(category: str) -> None:
    result = assessed("2020", category)
    held = {(row.unit, row.indicator): (row.points, row.full) for row in result.scores.itertuples()}
    for unit in result.ranking.unit:
        beside = card.beside_median(result, unit)
        for node in facts.upper(result.category):
            mine = held[unit, node.code]
            shares = [points / full for points, full in (held[other, node.code] for other in result.ranking.unit) if full]
            if not mine[1]:
                assert node.code not in beside.index
                continue
            row, middle = beside.loc[node.code], statistics.median(shares)
            assert row["median"] == pytest.approx(middle * mine[1]) and row["gap"] == pytest.approx(mine[0] - middle * mine[1])
            assert row["place"] == 1 + sum(share > mine[0] / mine[1] + 1e-9 for share in shares) and row["of"] == len(shares)


def test_a_card_prints_the_place_the_score_and_the_distances(towns: Any) -> None:
    rows = list(towns.ranking.itertuples())
    above, row, below = rows[2:5]
    keys = {dt.get_text(): dd.get_text() for dt, dd in
            ((pair.dt, pair.dd) for pair in page("towns_1", row.unit).select(".tx-keys > div"))}
    assert keys["名次"] == f"{row.rank:g} / {len(rows)}" and keys["总分"] == f"{row.score:.2f}"
    assert printed(keys["与前一名之差（分）"]) == pytest.approx(row.score - above.score)
    assert printed(keys["比后一名高（分）"]) == pytest.approx(row.score - below.score)
    assert keys["等次（测算）"] == row.tier
    then = assessed("2019", "towns_1").ranking.set_index("unit")
    assert keys["上年名次"] == f"{then.loc[row.unit, 'rank']:g}"
    first = [dt.get_text() for dt in page("towns_1", rows[0].unit).select(".tx-keys dt")]
    last = [dt.get_text() for dt in page("towns_1", rows[-1].unit).select(".tx-keys dt")]
    assert "与前一名之差（分）" not in first and "比后一名高（分）" not in last


def test_the_largest_losses_come_first_each_with_its_clause(towns: Any) -> None:
    for unit in towns.ranking.unit:
        told = cells(page("towns_1", unit), "losses")
        mine = towns.scores[(towns.scores.unit == unit) & (towns.scores.status != "")]
        short = sorted((mine.full - mine.points).round(9), reverse=True)
        taken = [-points for points in towns.scores[(towns.scores.unit == unit) & (towns.scores.points < 0)].points]
        assert [printed(row[1]) for row in told] == pytest.approx(sorted([*short, *taken], reverse=True)[:5], abs=0.005)
        for row in told:
            node = towns.category.node(row[0].split()[0])
            assert all(f"{clause} {towns.book.clauses[clause].term.zh}" in row[4] for clause in node.clause)


def test_each_leaf_is_explained_under_the_fold(towns: Any) -> None:
    unit = towns.ranking.unit[3]
    soup = page("towns_1", unit)
    fold = soup.select_one("details.tx-fold:not([open])")
    assert fold is not None and fold.select_one("summary") is not None
    explained = {row[0].split()[0]: row[-1] for row in cells(soup, f"explained-{unit}")}
    for leaf in towns.category.leaves:
        assert explained[leaf.code] in tx.explain(towns, unit=unit, indicator=leaf.code, lang="zh")
        assert len(explained[leaf.code]) > 10
    assert soup.select(f"#explained-{unit}") == fold.select(f"#explained-{unit}")


def test_notes_name_events_vetoes_what_does_not_apply_and_what_is_assumed() -> None:
    book, data = edition("2020")
    seen = set()
    for category in book.categories:
        result = assessed("2020", category)
        for unit in result.ranking.unit:
            notes = card.notes(result, data, unit, words_of(result, "zh", data))
            veto = [row.document for row in data.decisions.itertuples() if (row.unit, row.kind) == (unit, "veto")]
            mine = data.events[(data.events.category == category) & (data.events.unit == unit)]
            absent = result.scores[(result.scores.unit == unit) & (result.scores.status == "not_applicable")]
            if veto:
                assert any(veto[0] in line for line in notes), (category, unit)
            for event in mine.itertuples():
                assert any(event.honour in line for line in notes), (category, unit, event.honour)
            if len(absent):
                assert any(all(code in line for code in absent.indicator) for line in notes), (category, unit)
            seen |= {kind for kind, there in (("veto", veto), ("event", len(mine)), ("absent", len(absent))) if there}
            assert f"{len(assumed_by(book, ranking_rules(book, category)))} 条假定" in notes[-1]
    assert seen == {"veto", "event", "absent"}, "the sample has one of each"


@pytest.mark.parametrize(("category", "lang"), [("towns_1", "zh"), ("parks", "en")])
def test_every_card_of_a_category_is_made_in_either_language(category: str, lang: str) -> None:
    for unit in assessed("2020", category).ranking.unit:
        soup = page(category, unit, lang)
        assert soup.html["lang"] == {"zh": "zh-CN", "en": "en"}[lang]
        if lang == "en":
            told = [part.get_text() for part in soup.select("h1, h2, dt, dd, thead, .tx-title, .tx-findings, summary, footer")]
            assert not re.search("[\u4e00-\u9fff]", "".join(told)), "English is English"
        assert soup.select_one('meta[name="txlib-inputs"]')["content"] == "d1"


def test_names_handed_in_are_text_on_a_card(towns: Any) -> None:
    unit = towns.ranking.unit[0]
    hostile = replace(towns, ranking=towns.ranking.assign(name=HOSTILE), units=towns.units.assign(name=HOSTILE))
    soup = card_of(hostile, unit, way=Way((f"{unit}.html", "x"), None, ()))
    assert not soup.select("img") and len(soup.select("script")) == 1
    assert soup.h1.get_text().startswith('<img src=x onerror="document.title=1">')
    assert "\u202e" not in soup.h1.get_text() and not soup.select('[href^="javascript"], [onerror]')
