"""Tables and findings: what they print is what was computed, escaped, in one language, with the columns agreed upon."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import string
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shared
from bs4 import BeautifulSoup, Tag
from shared import words_of

import txlib as tx
from txlib.base.labels import section
from txlib.base.printing import number, plainly
from txlib.base.text import harmless
from txlib.report import basis, facts, overview, ranking
from txlib.report.kit.blocks import packed, unpacked
from txlib.report.kit.shown import Bar, Display, TableColumn, aligned, table
from txlib.report.overview import superiors
from txlib.report.ranking import explained, years
from txlib.run.workspace import init

CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
HOSTILE = "<script>alert(1)</script>\"'&amp;"


def loaded(year: str = "2020") -> tuple[tx.RuleBook, tx.Data]:
    return shared.edition(year)


def assessed(year: str = "2020", category: str = "towns_1") -> tx.Result:
    return shared.assessed(year, category)


@cache
def year_before(year: str, category: str, lang: str) -> tx.Result | Display:
    """What the library finds of the year before: a result, the same in both languages, or a line that says why there is none."""
    book = loaded(year)[0]
    found = year_before(year, category, "zh") if lang == "en" else years.last_year(book, category, words_of(book))
    return years.last_year(book, category, words_of(book, lang)) if isinstance(found, Display) else found


@cache
def places_before(year: str) -> dict[str, float]:
    """The places on superior indicators of the year before."""
    return superiors.places_then(loaded(year)[0])


def found(result: tx.Result, lang: str = "zh") -> Display:
    """The findings on a category."""
    _, data = loaded(result.book.year)
    then = year_before(result.book.year, result.category.code, lang)
    return ranking.findings(result, data, then, tx.load_published(result.book, result.category), words_of(result, lang, data))


@cache
def everything(year: str, lang: str) -> dict[str, Display]:
    """All that the tables can show of a year."""
    book, data = loaded(year)
    results = {code: assessed(year, code) for code in book.categories}
    result = next(iter(results.values()))
    published = tx.load_published(book, result.category)
    words = words_of(book, lang, data)
    return {
        "cover": basis.cover(book, result, words), "cover of the year": basis.cover(book, results, words),
        "findings": found(result, lang), "ranking": ranking.ranking(result, words),
        "findings of the year": overview.findings(book, data, results, places_before(year), words),
        "parts": ranking.parts(result, words), "everyone": explained.everyone(result, words),
        "explanations": explained.explanations(result, result.ranking.unit.iloc[-1], words, data),
        "tiers": ranking.tiers(result, words), "overview": overview.overview(book, results, words, data),
        "comparison": ranking.comparison(result, tx.compare(result.ranking, published), published, words),
        "weights": overview.weights(book, words), "clauses": basis.clauses(book, None, words),
        "assumptions": basis.assumptions(book, None, words), "sources": basis.sources(book, data, None, words),
    }


def parsed(shown: Display) -> BeautifulSoup:
    return BeautifulSoup(shown.html, "html.parser")


def grid(shown: Display) -> list[list[str]]:
    """The cells of a table's body."""
    return [[cell.get_text() for cell in row.find_all("td")] for row in parsed(shown).select("tbody tr")]


def heads(shown: Display) -> list[str]:
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
    heads = [TableColumn("单位"), TableColumn("n", "number"), TableColumn("x")]
    lines = aligned(heads, [["甲", "1", "a"], ["abcde", Bar("22", 1), "b"]])
    assert lines.splitlines() == ["单位    n  x", "甲      1  a", "abcde  22  b"]


def test_a_table_keeps_the_agreement_with_the_template() -> None:
    shown = table("n", "标题", [TableColumn("甲"), TableColumn("乙", "number")], [["a", Bar("87", 0.87)], ["b", "—"]], "注")
    figure = parsed(shown).find("figure")
    assert isinstance(figure, Tag)
    assert figure["class"] == ["tx-table"] and figure["id"] == "n"
    assert [child.name for child in figure.find_all(recursive=False)] == ["figcaption", "table"]
    assert [(th["data-sort"], th["scope"]) for th in figure.find_all("th")] == [("text", "col"), ("number", "col")]
    assert '<td class="num bar" style="--share:0.8700">87</td>' in shown.html
    assert '<td class="num">—</td>' in shown.html and "<td>b</td>" in shown.html
    assert shown.html.endswith('<p class="tx-note">注</p>')
    assert shown.text.splitlines()[0] == "标题" and shown.text.splitlines()[-1] == "注"
    data, about = shown._repr_mimebundle_()
    assert data == {"text/html": shown.html, "text/plain": shown.text}
    assert unpacked(json.loads(json.dumps(about["text/html"]["blocks"]))) == shown.blocks


@pytest.mark.parametrize("share", [-0.5, 1.7])
def test_a_bar_stays_in_its_cell(share: float) -> None:
    assert re.search(r"--share:[01]\.0000", table("n", "c", [TableColumn("x", "number")], [[Bar("1", share)]]).html)


def test_the_ranking_prints_places_scores_tiers_and_parts() -> None:
    result = assessed()
    shown = ranking.ranking(result, words_of(result))
    named = [f"{node.name.zh}（{float(node.full):g}）" for node in result.category.roots]
    assert heads(shown) == ["名次", "单位", "总分", "等次（测算）", *named, "加分扣分"]
    parts = {(row.unit, row.indicator): row.points for row in result.scores.itertuples()}
    for cells, row in zip(grid(shown), result.ranking.itertuples(), strict=True):
        assert cells[:4] == [str(row.rank), row.name, f"{row.score:.2f}", row.tier]
        beside = number(sum(parts[row.unit, node.code] for node in result.category.adjustments), signed=True)
        assert cells[4:] == [*(number(parts[row.unit, node.code]) for node in result.category.roots), beside]
    shares = [float(share) for share in re.findall(r"--share:([\d.]+)", shown.html)]
    assert shares == pytest.approx((result.ranking.score / 100).to_list(), abs=1e-4)


def test_the_points_of_level_2_stand_in_a_table_of_their_own() -> None:
    result = assessed()
    shown, nodes = ranking.parts(result, words_of(result)), [node for root in result.category.roots for node in root.children]
    assert heads(shown) == ["名次", "单位", *(f"{node.name.zh}（{float(node.full):g}）" for node in nodes)]
    parts = {(row.unit, row.indicator): row.points for row in result.scores.itertuples()}
    for cells, row in zip(grid(shown), result.ranking.itertuples(), strict=True):
        assert cells == [str(row.rank), row.name, *(number(parts[row.unit, node.code]) for node in nodes)]
    assert ranking.parts(assessed("2017-jining", "class_1"), words_of(assessed("2017-jining", "class_1"))).html == ""


def test_a_year_without_tiers_has_no_column_and_says_so() -> None:
    result = assessed("2017-jining", "class_1")
    words = words_of(result)
    assert not any("等次" in head for head in heads(ranking.ranking(result, words)))
    assert ranking.tiers(result, words).text == section("tables")["no_tiers"]["zh"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_computed_tier_is_called_a_proposal_wherever_it_stands(lang: str) -> None:
    word = {"zh": "建议", "en": "proposal"}[lang]
    words = words_of(assessed(), lang)
    assert word in ranking.tiers(assessed(), words).text and "2.3b" in ranking.tiers(assessed(), words).text
    assert word in found(assessed(), lang).text


def test_findings_begin_with_the_first_and_by_what_it_leads() -> None:
    result = assessed()
    said, names = found(result).text.splitlines(), result.ranking.name.to_list()
    leads = {}
    for node in facts.branches(result.category):
        rows = result.scores[result.scores.indicator == node.code].set_index("unit")
        mine, there = rows.loc[result.ranking.unit[0]], rows[rows.full > 0]
        beside = node in result.category.adjustments
        leads[node.name.zh] = mine.points - (rows.points.mean() if beside else mine.full * (there.points / there.full).mean())
    branch, ahead = max(leads, key=lambda name: leads[name]), result.ranking.score[0] - result.ranking.score[1]
    assert said[0] == (f"- {names[0]}以 {result.ranking.score[0]:.2f} 分居第一，比下一名高 {ahead:.2f} 分；"
                       f"与类别平均相比，领先最多的是{branch}（{number(leads[branch], signed=True)} 分）。")
    first = result.ranking[result.ranking.tier == "第一等次"].name
    assert f"第一等次为{'、'.join(first)}；第四等次为{names[-1]}。" in said[1]
    assert said[2].startswith(f"- {names[-1]}以 {result.ranking.score.iloc[-1]:.2f} 分居末位（第 8 名）")
    assert 5 <= len(said) <= 9


def test_a_shared_first_place_names_both_and_a_tie_is_not_the_closest() -> None:
    said = found(scored(assessed(), [90, 90, 80, 70], [1, 1, 3, 4])).text
    assert f"{'、'.join(assessed().ranking.name[:2])}同得 90.00 分，并列第一。" in said
    assert facts.closest(scored(assessed(), [100, 100, 98, 96, 84], [1, 1, 3, 4, 5])) == [False, True, True, False]
    assert facts.closest(scored(assessed(), [90, 90, 90], [1, 1, 1])) == [False, False]
    assert facts.closest(scored(assessed(), [90, 90, 89], [1, 2, 3])) == [True, False]


def test_equal_scores_that_a_criterion_parts_are_the_closest_and_said_so() -> None:
    result = assessed("2020", "towns_2")
    said = found(result).text
    above, below = result.ranking[result.ranking.score.duplicated(keep=False)].itertuples()
    points = result.scores[result.scores.indicator == "A"].set_index("unit").points
    assert (f"{above.name}、{below.name}总分相同（{above.score:.2f} 分），相差 0.00 分，名次由“A 统筹发展”的得分"
            f"（{points[above.unit]:.2f} 对 {points[below.unit]:.2f}）决定。") in said
    assert points[above.unit] > points[below.unit] and "分差最小" not in said
    assert facts.closest(result)[above.rank - 1] and sum(facts.closest(result)) == 1
    shared = assessed("2020", "depts_3")
    pair = shared.ranking[shared.ranking["rank"].duplicated(keep=False)].name
    assert f"{'、'.join(pair)}总分相同（86.97 分），并列第 3 名。" in found(shared).text and "分差最小" in found(shared).text


def cut_pairs(result: tx.Result) -> list[tuple[str, str]]:
    """The names on either side of each cut, as printed."""
    (line,) = (line for line in found(result).text.splitlines() if "等次界线两侧" in line)
    return re.findall(r"末位(.+?)（第 \d+ 名）与第.等次首位(.+?)（第 \d+ 名）", line)


def test_at_a_cut_stand_neighbours_by_place_of_two_tiers_all_of_a_tie() -> None:
    vetoed = assessed("2020", "towns_2")
    tiers = dict(zip(vetoed.ranking.name, vetoed.ranking.tier, strict=True))
    pairs = cut_pairs(vetoed)
    assert len(pairs) == 2 and all(tiers[above] != tiers[below] for above, below in pairs)
    assert ("文化广电和旅游局", "卫生健康委员会、民政局") in cut_pairs(assessed("2020", "depts_3"))


def test_a_unit_that_a_veto_moved_stands_at_the_cut_by_its_place_and_is_told_as_such() -> None:
    """竹溪镇, second by place, is out of the first tier and so the first of the second; the first tier takes two places still."""
    vetoed = assessed("2020", "towns_2")
    said = found(vetoed).text
    assert "第一等次末位桑林镇（第 1 名）与第二等次首位竹溪镇（第 2 名）相差 0.01 分（竹溪镇有一票否决" in said
    assert "第一等次的界线仍在第 2 名之后，竹溪镇（第 2 名）与禾丰镇（第 3 名）相差 1.12 分" in said and "1.13" not in said
    assert facts.at_the_cut(vetoed) == [True, False, False, False, True, False, False]
    assert [line.split()[0] for line in ranking.scores(vetoed, words_of(vetoed)).digest.splitlines()[1:4]] == [
        "桑林镇", "竹溪镇（一票否决）", "禾丰镇"]
    table = vetoed.ranking.assign(tier_code=["second", "first", *vetoed.ranking.tier_code[2:]])
    first = replace(vetoed, vetoed=("sanglin",), ranking=table)
    assert facts.at_the_cut(first) == [False, True, False, False, True, False, False]
    assert "第一等次末位竹溪镇（第 2 名）与按名次的下一名禾丰镇（第 3 名）相差 1.12 分；" in found(first).text
    assert facts.firsts(first, words_of(first)) == "桑林镇（一票否决）"


def test_a_veto_is_told_with_its_document_and_what_it_does() -> None:
    said = found(assessed("2020", "towns_2")).text
    assert ("竹溪镇有一票否决（样例纪要〔2020〕6号，2020-09-18；发生较大生产安全事故），不得列入第一等次。"
            "按名次（第 2 名）本可列入第一等次，现列第二等次。") in said
    below = scored(assessed("2020", "towns_2"), [93, 92, 91, 90, 89, 88, 87, 86], [1, 7, 3, 4, 5, 6, 2, 8])
    below = replace(below, ranking=below.ranking.sort_values("rank", ignore_index=True).assign(
        score=[93, 92, 91, 90, 89, 88, 87, 86], tier_code=["first", "first", *["second"] * 3, "third", "third", "fourth"]))
    assert "按名次（第 7 名）本不在其中，等次不变。" in found(below).text


def test_the_largest_events_and_the_movers_are_named() -> None:
    said = found(assessed()).text
    assert "加分最多的是东港镇（农村人居环境整治先进），+1.00 分；扣分最多的是白荡镇（秸秆禁烧不力），−0.50 分。" in said
    moved = tx.compare_years(assessed(), assessed("2019"))
    best, worst = moved.loc[moved.moved.idxmax()], moved.loc[moved.moved.idxmin()]
    for row in (best, worst):
        assert f"{row['name']}（第 {row.rank_then:g} → 第 {row['rank']:g}）" in said
    english = found(scored(assessed("2020", "zones"), [90, 89, 80], [2, 1, 3]), "en").text
    assert "1 unit rose" in english and "1 units" not in english
    assert re.search(r"\d units rose", found(assessed("2020", "depts_3"), "en").text)


def test_findings_say_whether_a_published_list_is_reproduced() -> None:
    assert "与公布结果一致：13 个单位名次全部相同" in found(assessed("2017-jining", "class_1")).text
    assert "公布" not in found(assessed()).text


def test_the_year_names_firsts_ties_the_vetoed_and_who_answers() -> None:
    book, data = loaded()
    results = {code: assessed("2020", code) for code in book.categories}
    words = words_of(book, "zh", data)
    said = overview.findings(book, data, results, places_before("2020"), words).text
    for result in results.values():
        assert f"  - {result.category.name.zh}：{result.ranking.name[0]}" in said
        assert f"{result.ranking.score[0]:.2f}" not in said, "scores of categories do not stand side by side"
    assert "竹溪镇有一票否决" in said and "并列第 3 名" in said and "“A 统筹发展”的得分决定" in said
    losses = tx.superior_losses(tx.superior_coverage(book, data))
    assert f"{losses.name[0]}（{losses.behind[0]:.2f} 位）" in said
    assert "没有单位承接的上级指标：万人发明专利拥有量、慈善事业发展、居民人均可支配收入增幅。" in said
    assert "基本医疗保险参保率（第 1 → 第 7）" in said
    left = overview.findings(book, data, {code: each for code, each in results.items() if code != "parks"}, {}, words).text
    assert left.splitlines()[0] == "- 数据或规则待改、未列入本报告的类别：三园。" and "与上年" not in left


def test_explanations_have_every_leaf_with_its_numbers() -> None:
    result = assessed()
    unit = result.ranking.unit.iloc[0]
    words = words_of(result)
    cells = grid(explained.explanations(result, unit, words))
    own = result.scores[result.scores.unit == unit].set_index("indicator")
    nodes = result.category.nodes
    assert [row[0].split()[0] for row in cells[:-1]] == [node.code for node in nodes]
    assert cells[-1][2:] == [f"{result.ranking.score.iloc[0]:.2f}", "100.00", tx.explain(result, unit=unit)]
    for (indicator, observed, points, full, how), node in zip(cells[:-1], nodes, strict=True):
        assert indicator == f"{node.code} {node.name.zh}"  # without the data, nothing is known of departments and files
        measured = node in result.category.observed
        assert observed.startswith(f"{own.observed[node.code]:.9g}" if measured else "")
        assert points == number(own.points[node.code])
        assert full == ("—" if node in result.category.adjustments else number(own.full[node.code]))
        sentence = tx.explain(result, unit=unit, indicator=node.code)
        assert sentence.endswith(how) and len(how) > 10
        assert result.ranking.name.iloc[0] not in how
    assert tx.explain(result, unit=unit) in explained.explanations(result, unit, words).text


def test_each_leaf_names_its_lead_department_and_the_row_it_was_handed_in_with() -> None:
    result, data = assessed("2020", "zones"), loaded()[1]
    unit = result.ranking.unit[0]
    seen = data.observations[(data.observations.unit == unit) & (data.observations.category == "zones")].set_index("indicator")
    cells = {row[0].split()[0]: row for row in grid(explained.explanations(result, unit, words_of(result, "zh", data), data))}
    for leaf in result.category.observed:
        if leaf.code in seen.index:
            file, line = seen.file[leaf.code].removeprefix("data/2020/"), seen.line[leaf.code]
            assert cells[leaf.code][1].endswith(f" {file} 第 {line} 行") and re.search(r"\.xlsx\[.+\] 第", cells[leaf.code][1])
            workbook = shared.ROOT / "data" / "2020" / file.partition("[")[0]
            assert workbook.is_file()
        assert cells[leaf.code][0].endswith(f" 牵头：{data.units.set_index('unit').name[leaf.lead]}")
    (survey,) = {leaf.code for leaf in result.category.leaves if leaf.rule and leaf.rule.method == "survey"} & {"B1.1"}
    rows = data.surveys[(data.surveys.unit == unit) & (data.surveys.indicator == survey)]
    assert cells[survey][1].endswith(f"第 {rows.line.iloc[0]} 行起 {len(rows)} 行")


def test_what_does_not_apply_is_said_so() -> None:
    result = assessed()
    absent = result.scores[result.scores.status == "not_applicable"].iloc[0]
    rows = grid(explained.explanations(result, absent.unit, words_of(result)))
    row = next(row for row in rows if row[0].startswith(absent.indicator))
    assert row[1] == "不适用"


def test_a_unit_of_another_category_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"nobody.*donggang"):
        explained.explanations(assessed(), "nobody", words_of(assessed()))


def test_the_overview_compares_no_scores_of_different_categories() -> None:
    book, _ = loaded("2017-jining")
    results = {code: assessed("2017-jining", code) for code in book.categories}
    printed = {f"{score:.2f}" for result in results.values() for score in result.ranking.score}
    words = words_of(book)
    for shown in (overview.overview(book, results, words), basis.cover(book, results, words)):
        assert not any(score in shown.html + shown.text for score in printed)
        assert not re.search(r"\d\.\d\d", shown.text)
    first = grid(overview.overview(book, results, words))[0]
    assert first == ["主城区街道", "济阳街道", "13", "0", "0", "2", "0", "0"]


def test_the_overview_counts_tiers_vetoes_and_equal_scores() -> None:
    book, data = loaded()
    shown = overview.overview(book, {code: assessed("2020", code) for code in book.categories}, words_of(book, "zh", data), data)
    rows = {row[0]: row for row in grid(shown)}
    assert heads(shown)[3:9] == ["第一等次", "第二等次", "第三等次", "第四等次", "一票否决", "同分单位"]
    assert rows["二类乡镇（街道）"][2:9] == ["8", "1", "4", "3", "0", "1", "2"]
    assert "竹溪镇有一票否决" in shown.text


def test_a_reproduced_list_says_so_and_shows_what_differs_within_the_tolerance() -> None:
    book, _ = loaded("2017-jining")
    found = {}
    for code in book.categories:
        result, published = assessed("2017-jining", code), tx.load_published(book, code)
        shown = ranking.comparison(result, tx.compare(result.ranking, published), published, words_of(result))
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
    shown = ranking.comparison(result, tx.compare(result.ranking, published), published, words_of(result))
    assert {row[0]: row[5] for row in grid(shown)} == {"济阳街道": "超出", "洸河街道": "超出", "鼓楼街道": "以内"}
    assert "2 处差别超出" in shown.text and "与公布结果一致" not in shown.text


def test_no_published_list_is_no_agreement() -> None:
    result, published = assessed(), tx.load_published(assessed().book, "towns_1")
    shown = ranking.comparison(result, tx.compare(result.ranking, published), published, words_of(result))
    assert shown.text == section("tables")["nothing_published"]["zh"]


def test_sources_are_the_files_on_disk_without_other_categories() -> None:
    book, data = loaded("2017-jining")
    rows = grid(basis.sources(book, data, "class_1", words_of(book, "zh", data)))
    assert {path for path, _ in rows} >= {"data/2017-jining/class_1/published.csv", "params/2017-jining/trees/class_1.yaml"}
    assert not any("class_2" in path for path, _ in rows)
    for path, digest in rows:
        assert hashlib.sha256((shared.ROOT / path).read_bytes()).hexdigest().startswith(digest) and len(digest) == 16


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_clauses_and_assumptions_are_those_used_with_the_chinese_term(lang: str) -> None:
    book, _ = loaded()
    words = words_of(book, lang)
    rows = grid(basis.clauses(book, "towns_1", words))
    assert tuple(row[0] for row in rows) == basis.cited(book, basis.ranking_rules(book, "towns_1"))
    assert all(book.clauses[row[0]].term.zh in row[1] for row in rows)
    made = grid(basis.assumptions(book, "towns_1", words))
    used = basis.assumed_by(book, basis.ranking_rules(book, "towns_1"))
    assert [row[1] for row in made] == [book.assumptions[name].assumes[lang] for name in used]


def test_over_the_year_a_code_stands_only_with_its_category() -> None:
    book, _ = loaded()
    words = words_of(book)
    used = {row[0]: row[3] for row in grid(basis.assumptions(book, None, words))}
    for name in basis.assumed_by(book, basis.ranking_rules(book)):
        where = used[book.assumptions[name].term.zh]
        citing = {head.name.zh for head in book.categories.values() for node in head.nodes if name in node.assumed}
        count = sum(name in node.assumed for head in book.categories.values() for node in head.nodes)
        if len(citing) > 1:
            assert where == f"{len(citing)} 个类别的 {count} 项指标"
        elif citing:
            assert where.startswith(f"{citing.pop()}：")
    assert re.search(r"[A-Z]\d", " ".join(row[3] for row in grid(basis.assumptions(book, "towns_1", words))))


@pytest.mark.parametrize(("lang", "period"), [("zh", "考核时期 2017年8月"), ("en", "Period August 2017")])
def test_the_cover_names_the_month_where_that_is_the_period(lang: str, period: str) -> None:
    monthly = loaded("2017-jining")[0]
    assert period in basis.cover(monthly, assessed("2017-jining", "class_1"), words_of(monthly, lang)).text
    assert {"zh": "年度 2020", "en": "Year 2020"}[lang] in basis.cover(loaded()[0], assessed(), words_of(loaded()[0], lang)).text


@pytest.mark.parametrize(("file", "text"), [
    ("params/2019/trees/towns_1.yaml", "x: 1\n"), ("data/2019/towns_1/observations.csv", ""),
])
def test_a_year_before_that_cannot_be_read_is_no_fault_of_this_one(tmp_path: Path, file: str, text: str) -> None:
    for folder in ("params", "data"):
        shutil.copytree(shared.ROOT / folder, tmp_path / folder)
    (tmp_path / file).write_text(text, encoding="utf-8")
    book = tx.load_rulebook("2020", tmp_path, ["towns_1"])
    data = tx.load_data(book, ["towns_1"])
    note = years.last_year(book, "towns_1", words_of(book, "en"))
    assert isinstance(note, Display) and "the year before (2019)" in note.text and file in note.text
    assert "tx-nothing" not in note.html
    assert isinstance(years.last_year(book, "towns_2", words_of(book)), tx.Result)
    result = tx.assess(book, data, "towns_1")
    words = words_of(result, "zh", data)
    assert years.against_last_year(result, note, words).text == note.text and years.branches_moved(result, note, words).html == ""
    assert "与上年" not in ranking.findings(result, data, note, tx.load_published(book, "towns_1"), words).text


def test_the_places_of_superior_indicators_stand_beside_last_years() -> None:
    book, data = loaded()
    coverage, then = tx.superior_coverage(book, data), places_before("2020")
    words = words_of(book)
    shown = superiors.superior(book, coverage, then, words)
    before = loaded("2019")[1].superior.set_index("name").place
    rows = grid(shown)
    assert heads(shown)[2:4] == ["本市位次", "上年位次"]
    assert {row[0]: row[3] for row in rows} == {name: f"{place:g}" for name, place in before.items()}
    flagged = [row.td.text for row in parsed(shown).select("tr.tx-flag")]
    assert flagged == [row[0] for row in rows if row[6] == "无责任单位"] and len(flagged) == 3
    assert any("一类乡镇（街道）、二类乡镇（街道）共 16 个单位各 3%" in row[6] for row in rows)
    assert "上年位次" not in heads(superiors.superior(book, coverage, {}, words))
    assert "2019" in superiors.superior(book, coverage, {}, words).text


def test_the_cover_says_sample_only_where_it_is_one() -> None:
    sample = basis.cover(loaded()[0], assessed(), words_of(loaded()[0]))
    real = basis.cover(loaded("2017-jining")[0], assessed("2017-jining", "class_1"), words_of(loaded("2017-jining")[0]))
    page = parsed(sample)
    assert page.select_one("header.tx-cover > h1") and page.select_one("header.tx-cover > p.tx-sample[role=note]")
    assert [child.name for child in page.select("dl.tx-keys > div")[0].find_all(recursive=False)] == ["dt", "dd"]
    assert not parsed(real).select_one(".tx-sample") and "样例" not in real.text
    style = page.find("style")
    assert isinstance(style, Tag)
    assert all(rule.startswith(".jp-RenderedHTMLCommon ") for rule in re.findall(r"[^}]+(?={)", style.text))


@pytest.mark.parametrize("show", [
    lambda result: ranking.ranking(result, words_of(result)), lambda result: ranking.tiers(result, words_of(result)),
    lambda result: found(result),
    lambda result: explained.explanations(result, result.ranking.unit.iloc[0], words_of(result)),
    lambda result: overview.overview(result.book, {"towns_1": result}, words_of(result.book)),
    lambda result: ranking.comparison(result, pd.DataFrame(
        [[result.ranking.unit.iloc[0], HOSTILE, "score", 1.0, 2.0, -1.0, HOSTILE]],
        columns=["unit", "name", "column", "computed", "published", "difference", "note"]), result.ranking, words_of(result)),
], ids=["ranking", "tiers", "findings", "explanations", "overview", "comparison"])
def test_hostile_names_are_text(show: Callable[[Any], Display]) -> None:
    shown = show(renamed(assessed(), HOSTILE))
    assert "<script" not in shown.html and HOSTILE in parsed(shown).get_text()
    assert HOSTILE in shown.text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_a_notebook_keeps_of_a_display_is_all_of_it(lang: str) -> None:
    for name, shown in everything("2020", lang).items():
        assert unpacked(json.loads(json.dumps(packed(shown.blocks)))) == shown.blocks, name
    assert packed(table("n", "c", [TableColumn("x")], [["a\u202eb\x1b"]]).blocks)[0]["rows"][0]["cells"] == ["a\ufffdb\ufffd"]


def test_marks_that_turn_text_round_are_made_visible() -> None:
    assert harmless("a\u202eb\u200bc\x00d\ne") == "a\ufffdb\ufffdc\ufffdd\ufffde"


@pytest.mark.parametrize("year", ["2020", "2017-jining"])
def test_english_has_no_chinese_but_terms_of_the_plan(year: str) -> None:
    for name, shown in everything(year, "en").items():
        text = parsed(shown).get_text() + shown.text
        if name == "clauses":
            text = text.replace(shown.text, "")
            for row in grid(shown):
                text = text.replace(row[1], "")
        handed = loaded(year)[1]
        for word in [*handed.events.honour, *handed.decisions.document, *handed.decisions.note]:
            text = text.replace(word, "")
        assert not CHINESE.search(text), (name, CHINESE.findall(text)[:20])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_ids_are_unique_and_everything_is_said_in_both_forms(lang: str) -> None:
    shown = everything("2020", lang)
    ids = [figure["id"] for each in shown.values() for figure in parsed(each).find_all("figure")]
    assert len(ids) == len(set(ids)) == 10
    for name, each in shown.items():
        for cell in parsed(each).find_all(["td", "li", "dd"]):
            assert (cell.find(string=True) or "" if cell.ul else cell.get_text()) in each.text, name


@pytest.mark.parametrize("name", ["tables", "figures", "findings"])
def test_labels_have_both_languages_with_the_same_fields(name: str) -> None:
    for key, label in section(name).items():
        assert set(label) == {"zh", "en"} and all(text.strip() for text in label.values()), key
        zh, en = ({field for _, field, _, _ in string.Formatter().parse(label[lang]) if field} for lang in ("zh", "en"))
        assert zh == en, key
        assert not CHINESE.search(label["en"]), key


def test_every_label_of_figures_is_used() -> None:
    files = [shared.ROOT / "txlib" / "report" / part / "figures.py" for part in ("overview", "ranking")]
    quoted = set(re.findall(r'"(?:figures\.|#)?(\w+)"', "".join(file.read_text(encoding="utf-8") for file in files)))
    assert set(section("figures")) <= quoted


def test_a_clause_that_no_indicator_cites_counts_none(tmp_path: Path) -> None:
    """One that stands at the head of several categories and at none of their indicators."""
    init(tmp_path, "2026", "zh")
    for path in (tmp_path / "params" / "2026" / "trees").iterdir():
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(line.replace('["1"]', '["5"]') if line.startswith("category:") else line for line in lines),
                        encoding="utf-8")
    book = tx.load_rulebook("2026", tmp_path)
    citing = {name: sum(name in head.clause for head in book.categories.values()) for name in book.clauses}
    lone = {name for name, heads in citing.items() if heads > 1} - {
        name for head in book.categories.values() for node in head.nodes for name in node.clause}
    used = {row[0]: row[3] for row in grid(basis.clauses(book, None, words_of(book)))}
    assert lone and {name: used[name] for name in lone} == {name: f"{citing[name]} 个类别" for name in lone}
