"""Tables and findings: what they print is what was computed, escaped, in one language, with the columns agreed upon."""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag

import txlib as tx
from txlib.labels import section
from txlib.publish import tables
from txlib.publish.shown import Bar, Column, Shown, clean, number, plain, plainly, table

ROOT = Path(__file__).parents[1]
CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
HOSTILE = "<script>alert(1)</script>\"'&amp;"


@cache
def loaded(year: str = "2020") -> tuple[tx.RuleBook, tx.Data]:
    book = tx.load_rulebook(year, ROOT)
    return book, tx.load_data(book)


@cache
def assessed(year: str = "2020", category: str = "towns_1") -> tx.Result:
    return tx.assess(*loaded(year), category)


def everything(year: str, lang: str) -> dict[str, Shown]:
    """All that the tables can show of a year."""
    book, data = loaded(year)
    results = {code: assessed(year, code) for code in book.categories}
    result = next(iter(results.values()))
    published = tx.load_published(book, result.category)
    return {
        "cover": tables.cover(book, result, lang), "cover of the year": tables.cover(book, results, lang),
        "findings": tables.findings(result, lang), "ranking": tables.ranking(result, lang),
        "explanations": tables.explanations(result, result.ranking.unit.iloc[-1], lang),
        "tiers": tables.tiers(result, lang), "overview": tables.overview(book, results, lang),
        "comparison": tables.comparison(result, tx.compare(result.ranking, published), published, lang),
        "weights": tables.weights(book, lang), "clauses": tables.clauses(book, None, lang),
        "assumptions": tables.assumptions(book, None, lang), "sources": tables.sources(book, data, None, lang),
    }


def parsed(shown: Shown) -> BeautifulSoup:
    return BeautifulSoup(shown.html, "html.parser")


def grid(shown: Shown) -> list[list[str]]:
    """The cells of a table's body."""
    return [[cell.get_text() for cell in row.find_all("td")] for row in parsed(shown).select("tbody tr")]


def heads(shown: Shown) -> list[str]:
    return [cell.get_text() for cell in parsed(shown).select("thead th")]


def renamed(result: tx.Result, name: str) -> tx.Result:
    ranking = result.ranking.copy()
    ranking.loc[0, ["name", "name_en"]] = name
    return replace(result, ranking=ranking)


def scored(result: tx.Result, scores: list[float], ranks: list[int]) -> tx.Result:
    """The result with other scores for its first units, and no others."""
    ranking = result.ranking.iloc[:len(scores)].assign(score=scores, rank=ranks)
    return replace(result, ranking=ranking)


@pytest.mark.parametrize(("value", "decimals", "signed", "printed"), [
    (90.995, 2, False, "91.00"), (0.125, 2, False, "0.13"), (2.675, 2, False, "2.68"), (-0.004, 2, False, "0.00"),
    (-1.005, 2, True, "−1.01"), (0.5, 0, False, "1"), (1.0, 2, True, "+1.00"), (0.0, 2, True, "0.00"),
    (float("nan"), 2, True, "—"), (1e-20, 2, True, "0.00"),
])
def test_numbers_are_printed_with_halves_rounded_up(value: float, decimals: int, signed: bool, printed: str) -> None:
    assert number(value, decimals, signed=signed) == printed


@pytest.mark.parametrize(("value", "printed"), [(85.0, "85"), (-3.25, "−3.25"), (float("nan"), "—"), (1e6, "1000000")])
def test_what_was_handed_in_keeps_its_digits(value: float, printed: str) -> None:
    assert plainly(value) == printed


def test_plain_columns_line_up_with_chinese_two_cells_wide() -> None:
    lines = plain([Column("单位"), Column("n", "number"), Column("x")], [["甲", "1", "a"], ["abcde", Bar("22", 1), "b"]])
    assert lines.splitlines() == ["单位    n  x", "甲      1  a", "abcde  22  b"]


def test_a_table_keeps_the_agreement_with_the_template() -> None:
    shown = table("n", "标题", [Column("甲"), Column("乙", "number")], [["a", Bar("87", 0.87)], ["b", "—"]], "注")
    figure = parsed(shown).find("figure")
    assert isinstance(figure, Tag)
    assert figure["class"] == ["tx-table"] and figure["id"] == "n"
    assert [child.name for child in figure.find_all(recursive=False)] == ["figcaption", "table"]
    assert [(th["data-sort"], th["scope"]) for th in figure.find_all("th")] == [("text", "col"), ("number", "col")]
    assert '<td class="num bar" style="--share:0.8700">87</td>' in shown.html
    assert '<td class="num">—</td>' in shown.html and "<td>b</td>" in shown.html
    assert shown.html.endswith('<p class="tx-note">注</p>')
    assert shown.text.splitlines()[0] == "标题" and shown.text.splitlines()[-1] == "注"
    assert shown._repr_mimebundle_() == {"text/html": shown.html, "text/plain": shown.text}


@pytest.mark.parametrize("share", [-0.5, 1.7])
def test_a_bar_stays_in_its_cell(share: float) -> None:
    assert re.search(r"--share:[01]\.0000", table("n", "c", [Column("x", "number")], [[Bar("1", share)]]).html)


def test_the_ranking_prints_places_scores_tiers_and_parts() -> None:
    result = assessed()
    shown = tables.ranking(result)
    nodes = [node for root in result.category.roots for node in root.walk() if node.level <= 2]
    named = [f"{node.name.zh}（{float(node.full):g}）" for node in nodes]
    assert heads(shown) == ["名次", "单位", "总分", "等次（测算）", *named, "加分扣分"]
    parts = {(row.unit, row.indicator): row.points for row in result.scores.itertuples()}
    for cells, row in zip(grid(shown), result.ranking.itertuples(), strict=True):
        assert cells[:4] == [str(row.rank), row.name, f"{row.score:.2f}", row.tier]
        beside = number(sum(parts[row.unit, node.code] for node in result.category.adjustments), signed=True)
        assert cells[4:] == [*(number(parts[row.unit, node.code]) for node in nodes), beside]
    shares = [float(share) for share in re.findall(r"--share:([\d.]+)", shown.html)]
    assert shares == pytest.approx((result.ranking.score / 100).to_list(), abs=1e-4)


def test_a_year_without_tiers_has_no_column_and_says_so() -> None:
    result = assessed("2017-jining", "class_1")
    assert not any("等次" in head for head in heads(tables.ranking(result)))
    assert tables.tiers(result).text == section("tables")["no_tiers"]["zh"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_computed_tier_is_called_a_proposal_wherever_it_stands(lang: str) -> None:
    word = {"zh": "建议", "en": "proposal"}[lang]
    assert word in tables.tiers(assessed(), lang).text and "2.3b" in tables.tiers(assessed(), lang).text
    assert word in tables.findings(assessed(), lang).text


def test_findings_name_the_first_the_spread_ties_and_near_neighbours() -> None:
    said = tables.findings(scored(assessed(), [90, 89.9, 85, 85, 80], [1, 2, 3, 3, 5])).text.splitlines()
    names = assessed().ranking.name.to_list()
    assert f"第一名：{names[0]}，90.00 分。" in said[1]
    assert "相差 10.00 分，相邻名次平均相差 2.50 分" in said[2]
    assert f"{names[2]}、{names[3]}得分相同，并列第 3 名" in said[3]
    assert said[4].count("与") == 1 and f"第 1 名{names[0]}与第 2 名{names[1]}（0.10 分）" in said[4]


def test_a_shared_first_place_names_both_and_a_tie_is_not_the_closest() -> None:
    said = tables.findings(scored(assessed(), [90, 90, 80], [1, 1, 3])).text
    assert f"第一名：{'、'.join(assessed().ranking.name[:2])}，90.00 分" in said
    assert tables.closest(scored(assessed(), [100, 100, 98, 96, 84], [1, 1, 3, 4, 5])) == [False, True, True, False]
    assert tables.closest(scored(assessed(), [90, 90, 90], [1, 1, 1])) == [False, False]


def test_explanations_have_every_leaf_with_its_numbers() -> None:
    result = assessed()
    unit = result.ranking.unit.iloc[0]
    cells = grid(tables.explanations(result, unit))
    own = result.scores[result.scores.unit == unit].set_index("indicator")
    nodes = result.category.nodes
    assert [row[0].split()[0] for row in cells[:-1]] == [node.code for node in nodes]
    assert cells[-1][2:] == [f"{result.ranking.score.iloc[0]:.2f}", "100.00", tx.explain(result, unit=unit)]
    for (indicator, observed, points, full, how), node in zip(cells[:-1], nodes, strict=True):
        assert indicator == f"{node.code} {node.name.zh}"
        measured = node in result.category.observed
        assert observed.startswith(f"{own.observed[node.code]:.9g}" if measured else "")
        assert points == number(own.points[node.code])
        assert full == ("—" if node in result.category.adjustments else number(own.full[node.code]))
        sentence = tx.explain(result, unit=unit, indicator=node.code)
        assert sentence.endswith(how) and len(how) > 10
        assert result.ranking.name.iloc[0] not in how
    assert tx.explain(result, unit=unit) in tables.explanations(result, unit).text


def test_what_does_not_apply_is_said_so() -> None:
    result = assessed()
    absent = result.scores[result.scores.status == "not_applicable"].iloc[0]
    row = next(row for row in grid(tables.explanations(result, absent.unit)) if row[0].startswith(absent.indicator))
    assert row[1] == "不适用"


def test_a_unit_of_another_category_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"nobody.*donggang"):
        tables.explanations(assessed(), "nobody")


def test_the_overview_compares_no_scores_of_different_categories() -> None:
    book, _ = loaded("2017-jining")
    results = {code: assessed("2017-jining", code) for code in book.categories}
    printed = {f"{score:.2f}" for result in results.values() for score in result.ranking.score}
    for shown in (tables.overview(book, results), tables.cover(book, results)):
        assert not any(score in shown.html + shown.text for score in printed)
        assert not re.search(r"\d\.\d\d", shown.text)
    first = grid(tables.overview(book, results))[0]
    assert first == ["主城区街道", "济阳街道", "13", "2", "1", "0", "0", "0"]


def test_a_reproduced_list_says_so_and_shows_what_differs_within_the_tolerance() -> None:
    book, _ = loaded("2017-jining")
    found = {}
    for code in book.categories:
        result, published = assessed("2017-jining", code), tx.load_published(book, code)
        shown = tables.comparison(result, tx.compare(result.ranking, published), published)
        assert f"与公布结果一致：{len(published)} 个单位" in shown.text
        found |= {row[0]: row[1:6] for row in grid(shown)}
    assert found == {"鼓楼街道": ["总分", "92.49", "92.50", "+0.01", "以内"],
                     "南张街道": ["总分", "94.48", "94.49", "+0.01", "以内"],
                     "新兖镇": ["总分", "87.89", "87.90", "+0.01", "以内"]}


def test_a_difference_beyond_the_tolerance_is_marked_and_not_called_reproduced() -> None:
    result = assessed("2017-jining", "class_1")
    published = tx.load_published(result.book, "class_1")
    published.loc[0, "score"] -= 0.02
    published.loc[1, "rank"] = 9
    shown = tables.comparison(result, tx.compare(result.ranking, published), published)
    assert {row[0]: row[5] for row in grid(shown)} == {"济阳街道": "超出", "洸河街道": "超出", "鼓楼街道": "以内"}
    assert "2 处差别超出" in shown.text and "与公布结果一致" not in shown.text


def test_no_published_list_is_no_agreement() -> None:
    result, published = assessed(), tx.load_published(assessed().book, "towns_1")
    shown = tables.comparison(result, tx.compare(result.ranking, published), published)
    assert shown.text == section("tables")["nothing_published"]["zh"]


def test_sources_are_the_files_on_disk_without_other_categories() -> None:
    book, data = loaded("2017-jining")
    rows = grid(tables.sources(book, data, "class_1"))
    assert {path for path, _ in rows} >= {"data/2017-jining/class_1/published.csv", "params/2017-jining/trees/class_1.yaml"}
    assert not any("class_2" in path for path, _ in rows)
    for path, digest in rows:
        assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest().startswith(digest) and len(digest) == 16


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_clauses_and_assumptions_are_those_used_with_the_chinese_term(lang: str) -> None:
    book, _ = loaded()
    rows = grid(tables.clauses(book, "towns_1", lang))
    assert tuple(row[0] for row in rows) == book.clauses_used("towns_1")
    assert all(book.clauses[row[0]].term.zh in row[1] for row in rows)
    made = grid(tables.assumptions(book, "towns_1", lang))
    assert [row[1] for row in made] == [book.assumptions[name].assumes[lang] for name in book.assumptions_used("towns_1")]


def test_the_cover_says_sample_only_where_it_is_one() -> None:
    sample = tables.cover(loaded()[0], assessed())
    real = tables.cover(loaded("2017-jining")[0], assessed("2017-jining", "class_1"))
    page = parsed(sample)
    assert page.select_one("header.tx-cover > h1") and page.select_one("header.tx-cover > p.tx-sample[role=note]")
    assert [child.name for child in page.select("dl.tx-keys > div")[0].find_all(recursive=False)] == ["dt", "dd"]
    assert not parsed(real).select_one(".tx-sample") and "样例" not in real.text
    style = page.find("style")
    assert isinstance(style, Tag)
    assert all(rule.startswith(".jp-RenderedHTMLCommon ") for rule in re.findall(r"[^}]+(?={)", style.text))


@pytest.mark.parametrize("show", [
    lambda result: tables.ranking(result), lambda result: tables.tiers(result), lambda result: tables.findings(result),
    lambda result: tables.explanations(result, result.ranking.unit.iloc[0]),
    lambda result: tables.overview(result.book, {"towns_1": result}),
    lambda result: tables.comparison(result, pd.DataFrame(
        [[result.ranking.unit.iloc[0], HOSTILE, "score", 1.0, 2.0, -1.0, HOSTILE]],
        columns=["unit", "name", "column", "computed", "published", "difference", "note"]), result.ranking),
], ids=["ranking", "tiers", "findings", "explanations", "overview", "comparison"])
def test_hostile_names_are_text(show: Callable[[Any], Shown]) -> None:
    shown = show(renamed(assessed(), HOSTILE))
    assert "<script" not in shown.html and HOSTILE in parsed(shown).get_text()
    assert HOSTILE in shown.text


def test_marks_that_turn_text_round_are_made_visible() -> None:
    assert clean("a\u202eb\u200bc\x00d\ne") == "a\ufffdb\ufffdc\ufffdd\ufffde"


@pytest.mark.parametrize("year", ["2020", "2017-jining"])
def test_english_has_no_chinese_but_terms_of_the_plan(year: str) -> None:
    for name, shown in everything(year, "en").items():
        text = parsed(shown).get_text() + shown.text
        if name == "clauses":
            text = text.replace(shown.text, "")
            for row in grid(shown):
                text = text.replace(row[1], "")
        assert not CHINESE.search(text), (name, CHINESE.findall(text)[:20])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_ids_are_unique_and_everything_is_said_in_both_forms(lang: str) -> None:
    shown = everything("2020", lang)
    ids = [figure["id"] for each in shown.values() for figure in parsed(each).find_all("figure")]
    assert len(ids) == len(set(ids)) == 8
    for name, each in shown.items():
        for cell in parsed(each).find_all(["td", "li", "dd"]):
            assert cell.get_text() in each.text, name


@pytest.mark.parametrize("name", ["tables", "figures"])
def test_labels_have_both_languages_with_the_same_fields(name: str) -> None:
    for key, label in section(name).items():
        assert set(label) == {"zh", "en"} and all(text.strip() for text in label.values()), key
        zh, en = ({field for _, field, _, _ in string.Formatter().parse(label[lang]) if field} for lang in ("zh", "en"))
        assert zh == en, key
        assert not CHINESE.search(label["en"]), key


@pytest.mark.parametrize("name", ["tables", "figures"])
def test_labels_are_there_and_every_one_is_used(name: str) -> None:
    source = (ROOT / "txlib" / "publish" / f"{name}.py").read_text(encoding="utf-8")
    named = set(re.findall(r'_say\("(\w+)"', source))
    assert named <= set(section(name))
    if name == "figures":
        quoted = set(re.findall(r'"#?(\w+)"', source))
        assert set(section(name)) <= quoted
