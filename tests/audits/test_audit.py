"""Marks handed in, audited, and what they cost: the sample year as an official would list it, and the way into a ranking."""

from __future__ import annotations

import csv
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from sample_audit import CATEGORIES, audit, listed, part_of_the_year
from shared import ROOT, assessed, edition, words_of

import txlib as tx
from txlib.audits.verdicts import PENALTIES
from txlib.intake.data import read
from txlib.report import marks
from txlib.report.marks.sentences import findings
from txlib.scoring.result import scored

pytestmark = pytest.mark.quick

LISTED: dict[str, Any] = yaml.safe_load((ROOT / "tests" / "cases" / "audit_2020.yaml").read_text(encoding="utf-8"))


def wanted(key: str, *names: str) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(each.get(name, "") for name in names) for each in LISTED[key])


# ── the sample year ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_quota_missed_is_found_and_no_other() -> None:
    told = Counter((each["category"], each["item"], each["lead"], each["level"], each["found"],
                    each.get("at_most", each.get("at_least")), "at_most" if "at_most" in each else "at_least", each["of"])
                   for each in LISTED["quotas_missed"])
    assert listed(audit().breaches, "category", "item", "lead", "rule", "found", "limit", "bound", "assessed") == told


def test_the_quotas_missed_again_by_counting_the_files() -> None:
    """Counted from the CSV files in tenths, without txlib."""
    missed = set()
    for category in set(CATEGORIES) - {"depts_2", "zones"}:  # those two are workbooks
        with (ROOT / "data" / "2020" / category / "marks.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["total"] != "—"]
        for item in {row["indicator"] for row in rows}:
            tenths = [int(row["total"].replace(".", "")) for row in rows if row["indicator"] == item]
            assert all("." in row["total"] for row in rows)
            if sum(each >= 900 for each in tenths) * 100 > 30 * len(tenths):
                missed.add((category, item, "high"))
            if sum(each < 800 for each in tenths) * 100 < 20 * len(tenths):
                missed.add((category, item, "low"))
    assert missed == {(each["category"], each["item"], each["level"]) for each in LISTED["quotas_missed"]}


def test_full_marks_and_quantitative_parts_are_listed() -> None:
    found = audit()
    assert listed(found.full_marks, "category", "item", "unit") == wanted("full_marks", "category", "item", "unit")
    under = found.quantitative[~found.quantitative["kept"]]
    assert [(row.category, row.item, f"{row.declared:.0%}") for row in under.itertuples()] == [
        (each["category"], each["item"], each["declared"]) for each in LISTED["under_60_percent"]]
    flat = found.quantitative[found.quantitative["constant"]]
    assert listed(flat, "category", "item") == wanted("same_quantitative_part_for_all", "category", "item")
    assert (flat["effective"] == 0).all()


def test_rule_text_is_listed() -> None:
    names = ("category", "item", "line", "kind", "indicator")
    assert listed(audit().rule_text, *names) == wanted("rule_text", *names)


def test_signs_of_levelling_are_listed() -> None:
    signs, copied = audit().signs, audit().copied
    flagged = signs[signs["flagged"]]
    assert set(flagged["sign"]) == {"near_line"}
    assert listed(flagged, "category", "item", "level") == Counter(
        (each["category"], each["item"], each["level"]) for each in LISTED["levelling"]["near_line"])
    assert listed(copied[copied["flagged"]], "category", "item", "other") == Counter(
        (each["category"], each["item"], each["other"]) for each in LISTED["levelling"]["copied"])


def test_deductions_and_proposals_are_listed() -> None:
    found, (_, data) = audit(), edition("2020")
    of = dict(zip(data.units["unit"], data.units["category"], strict=True))
    told = Counter((row.lead, row.category, row.points, of[row.lead]) for row in found.penalties.itertuples())
    assert told == wanted("deductions", "lead", "category", "points", "ranked_in")
    assert dict(zip(found.next_year["lead"], found.next_year["proposal"], strict=True)) == LISTED["proposals"]


@pytest.mark.parametrize(("year", "category"), [("2020", "towns_1"), ("2020", "depts_4")])
def test_the_audit_of_a_category_is_its_part_of_the_year_s(year: str, category: str) -> None:
    """Row by row; between them the two have rows in every table."""
    for name in ("groups", "breaches", "spread", "quantitative", "full_marks", "penalties", "signs", "copied", "remedies",
                 "rule_text"):
        mine, whole = getattr(audit(category), name), getattr(audit(), name)
        part = whole[whole["category"] == category]
        pd.testing.assert_frame_equal(mine.reset_index(drop=True), part.reset_index(drop=True), check_dtype=False, obj=name)
        assert len(whole) and set(whole["category"]) <= set(CATEGORIES), name


# ── into the ranking ────────────────────────────────────────────────────────────────────────────────────────────────


def without_penalties(category: str) -> tx.Result:
    book, data = edition("2020")
    return scored(book, data, book.categories[category], pd.DataFrame(columns=PENALTIES))


@pytest.mark.parametrize(("year", "category"), [("2020", "depts_1"), ("2020", "towns_2")])
def test_a_ranked_lead_department_loses_exactly_what_is_deducted(year: str, category: str) -> None:
    lost: Counter[str] = Counter()
    for each in LISTED["deductions"]:
        if each["ranked_in"] == category:
            lost[each["lead"]] += Fraction(str(each["points"]))
    results = assessed(year, category), without_penalties(category)
    now, plain = (result.ranking.set_index("unit")["total"] for result in results)
    assert {unit for unit in now.index if now[unit] != plain[unit]} == set(lost)
    for unit, points in lost.items():
        assert round(plain[unit] - now[unit], 9) == float(points)


def test_the_deduction_moves_the_score_that_is_ranked() -> None:
    then, now = without_penalties("depts_1").ranking.set_index("unit"), assessed("2020", "depts_1").ranking.set_index("unit")
    assert round(then.loc["organisation", "score"] - now.loc["organisation", "score"], 9) == 0.4
    assert list(now["rank"]) == sorted(now["rank"])


@pytest.mark.parametrize(("year", "category"), [("2020", "depts_1")])
def test_a_ranking_is_the_same_wherever_it_is_asked_for(year: str, category: str) -> None:
    """Also that of a category that loses for marks given in others."""
    book = tx.load_rulebook(year, ROOT, categories=[category])
    alone = tx.assess(book, tx.load_data(book, [category]), category).ranking
    pd.testing.assert_frame_equal(alone, assessed(year, category).ranking)


def test_the_deduction_is_explained() -> None:
    result = assessed("2020", "depts_1")
    zh, en = (tx.explain(result, unit="organisation", indicator="J3", lang=lang) for lang in ("zh", "en"))
    assert "一类乡镇（街道）（P1）扣 0.2 分" in zh and "二类乡镇（街道）（P1）扣 0.2 分" in zh and "扣 0.4 分" in zh
    assert "1.3i" in zh and "牵头部门扣分" in zh
    assert "0.2 + 0.2" in en and "0.4 points taken off" in en and "1.3i" in en
    assert "扣 0 分" in tx.explain(result, unit="youth_league", indicator="J3", lang="zh")
    assert "− J3 0.4" in tx.explain(result, unit="organisation", lang="zh")


def test_a_mark_is_explained_by_its_parts() -> None:
    told = tx.explain(assessed("2020", "towns_1"), unit="donggang", indicator="P1", lang="zh")
    assert "定量 57.8 分（满分 60）、定性 35.3 分（满分 40），合计 93.1 分" in told and "1.3e" in told


@pytest.mark.parametrize("categories", [("towns_1", "depts_1", "depts_4", "parks")])
def test_unsound_marks_elsewhere_block_those_who_may_lose_points_for_them(categories: tuple[str, ...], tmp_path: Path) -> None:
    part_of_the_year(tmp_path, *categories)
    path = tmp_path / "data" / "2020" / "parks" / "marks.csv"
    text = path.read_text(encoding="utf-8").replace(",P3,2020,publicity,", ",P3,2020,organisation,", 1)
    path.write_text(text, encoding="utf-8")
    _, faults = read(tx.load_rulebook("2020", tmp_path))
    assert Counter((fault.code, fault.category) for fault in faults) == {
        ("mark_lead", "parks"): 1, ("needs_marks", "depts_1"): 1, ("needs_marks", "depts_4"): 1}
    assert all("data/2020/parks" in fault.message("zh") for fault in faults)


@pytest.mark.parametrize(("year", "category"), [("2017-jining", "class_1")])
def test_a_year_without_quotas_has_no_audit(year: str, category: str) -> None:
    book, data = edition(year)
    assert tx.audit_quotas(book, data, category) is None
    assert marks.audited(None, book, data) is None
    assert "没有打分差别化要求" in findings(None, words_of(book)).text
