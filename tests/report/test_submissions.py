"""The report on what has been handed in: who owes what and by when, what blocks, what stands out; and a reminder's sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import written
from bs4 import BeautifulSoup

import txlib as tx
from txlib.intake import submitted
from txlib.intake.submitted import Submitted
from txlib.report import submissions as report
from txlib.report.kit.blocks import Table
from txlib.report.kit.shown import Display
from txlib.report.kit.words import Words
from txlib.report.reminder import ROOM, WIDTHS, render_reminder

pytestmark = pytest.mark.quick

GIVEN = {"method": "given", "out_of": "100"}
DUE = {"due": {"day": "2021-01-15"}}
CASE: dict[str, Any] = {
    "indicators": [{"code": "A", "weight": "50", "lead": "a", "scored_by": GIVEN},
                   {"code": "B", "weight": "50", "lead": "b", "scored_by": GIVEN}],
    "units": ["a", "b", "d"], "tables": {"observations": "unit,indicator,value\na,A,90\nb,A,90\nd,A,90\na,B,0\nb,B,0"}}
WHOLE = {**CASE, "tables": {"observations": f"{CASE['tables']['observations']}\nd,B,7"}}


def read(root: Path, case: dict[str, Any]) -> Submitted:
    return submitted.read(tx.load_rulebook(written.YEAR, written.workspace(root, case), categories=[]))


def words_of(there: Submitted, lang: str = "en") -> Words:
    return Words(there.book, there.data, lang)


def rows(shown: Display, name: str) -> list[tuple[str, list[str]]]:
    """The rows of the tables of a name: their kind, and their cells as text."""
    found = [block for block in shown.blocks if isinstance(block, Table) and block.name == name]
    return [(row.kind, [cell if isinstance(cell, str) else cell.text for cell in row.cells])
            for each in found for row in each.rows]


def test_who_owes_something_comes_first_and_is_flagged(tmp_path: Path) -> None:
    there = read(tmp_path, {**CASE, "rules": DUE})
    assert rows(report.handed_in(there, words_of(there)), "handed_in") == [
        ("flag", ["Unit b", "Category", "3", "2", "1", "observations (1 missing)", "2021-01-15"]),
        ("plain", ["Unit a", "Category", "3", "3", "0", "observations", "2021-01-15"]),
        ("plain", ["Office", "Whole year", "1", "1", "0", "units", "2021-01-15"])]


def test_in_short_it_says_how_much_whose_and_by_when(tmp_path: Path) -> None:
    there = read(tmp_path, {**CASE, "rules": DUE})
    told = report.findings(there, report.figures(there), words_of(there)).text
    for line in ("7 items are asked for and 6 are there; 1 is missing", "1 lead department owes something: Unit b (1).",
                 "due by 2021-01-15 (the plan is silent; assumed: worked case)", "from being assessed: Category.",
                 "2 indicators stand out"):
        assert line in told
    there = read(tmp_path / "whole", WHOLE)
    told = report.findings(there, report.figures(there), words_of(there)).text
    for line in ("All 7 asked for are there.", "set no day", "There are no faults", "1 indicator stands out"):
        assert line in told


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_due_day_that_is_not_ruled_is_said_to_be_none(lang: str, tmp_path: Path) -> None:
    there = read(tmp_path, CASE)
    words, none = words_of(there, lang), {"zh": "没有规定报送期限", "en": "set no day"}[lang]
    assert none in report.findings(there, report.figures(there), words).text and none in report.assumed(there, words).text
    assert none in render_reminder(there, "b", [], words)
    ruled = read(tmp_path / "ruled", {**CASE, "rules": DUE})
    assert "2021-01-15" in render_reminder(ruled, "b", [], words_of(ruled, lang))
    assert len(rows(report.assumed(ruled, words_of(ruled, lang)), "assumptions")) == 1


def test_faults_are_counted_by_category_and_kind(tmp_path: Path) -> None:
    table = "unit,indicator,value\na,A,约90\nb,A,约80\nd,A,90\na,B,1\nb,B,1\nd,B,1\nx,B,2"
    there = read(tmp_path, {**CASE, "tables": {"observations": table}})
    found = rows(report.faults(there, words_of(there)), "faults")
    assert sorted(row[1][:3] for row in found) == [["Category", "1", "1"], ["Category", "2", "1"]]
    assert "约90" in report.faults(there, words_of(there)).text and "约80" in report.faults(there, words_of(there)).text
    there = read(tmp_path / "whole", WHOLE)
    assert "no faults" in report.faults(there, words_of(there)).text


def test_remarks_are_told_beside_the_faults(tmp_path: Path) -> None:
    """A value some ten thousand times last year's, where those of others are not, may be right."""
    units = [f"u{number}" for number in range(9)]
    leaf = {"code": "A", "weight": "100", "scored_by": {"method": "min_max", "onto": ["0", "100"]}}
    values = "\n".join(f"{unit},A,{10_000_000 if unit == 'u8' else 1000 + number},1000" for number, unit in enumerate(units))
    table = f"unit,indicator,value,last_year\n{values}"
    there = read(tmp_path, {"indicators": [leaf], "units": units, "tables": {"observations": table}})
    shown = report.remarks(there, words_of(there))
    assert [cells[:3] for _, cells in rows(shown, "remarks")] == [["Category", "1", "1"]] and "u8" in shown.text
    there = read(tmp_path / "whole", WHOLE)
    assert "nothing that should be looked at" in report.remarks(there, words_of(there)).text


def test_what_stands_out_is_marked(tmp_path: Path) -> None:
    there = read(tmp_path, CASE)
    found = rows(report.spread(there, report.figures(there), words_of(there)), "spread")
    assert [(kind, cells[-1]) for kind, cells in found] == [("flag", "all the same"), ("flag", "all zero")]
    there = read(tmp_path / "whole", WHOLE)
    (_, first), (kind, second) = rows(report.spread(there, report.figures(there), words_of(there)), "spread")
    assert (first[7], kind, second[3:8], second[-1]) == ("90", "plain", ["3", "0", "2", "2", "0 – 7"], "")


def test_it_says_something_where_nothing_is_known(tmp_path: Path) -> None:
    """Neither data nor a year before."""
    root = written.workspace(tmp_path, CASE)
    (root / "data").rename(root / "elsewhere")
    there = submitted.read(tx.load_rulebook(written.YEAR, root, categories=[]))
    for lang in ("zh", "en"):
        words = words_of(there, lang)
        shown = [report.cover(there, words), report.findings(there, report.figures(there), words), report.handed_in(there, words),
                 report.faults(there, words), report.remarks(there, words), report.spread(there, report.figures(there), words),
                 report.sources(there.book, there.data, None, words)]
        assert all(each.text for each in shown)


# ── a reminder ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_reminder_says_what_where_and_by_when(tmp_path: Path) -> None:
    there = read(tmp_path, {**CASE, "rules": DUE})
    page = BeautifulSoup(render_reminder(there, "b", ["../year/11_data.html"], words_of(there)), "html.parser")
    assert page.h1 and page.h1.text == "Unit b"
    told = page.get_text(" ", strip=True)
    for part in ("Office", "2021-01-15", "b.xlsx", "Sample data", "1 item that you lead in is missing"):
        assert part in told
    assert [cell.text for cell in page.select("#owed td")] == ["Category", "B Indicator B", "Unit d", "observations c"]
    assert [link["href"] for link in page.select("a")] == ["../year/11_data.html", "../index.html"]


def test_a_reminder_of_much_is_told_by_tables_and_keeps_to_its_room(tmp_path: Path) -> None:
    """Sixty indicators: a row each has no room, so that their table is a row."""
    leaves = [{"code": f"A{number}", "weight": "1", "lead": "a", "scored_by": GIVEN} for number in range(60)]
    case = {"indicators": leaves, "rules": {"total": {"points": "60"}}, "units": ["a", "b", "d", "e"],
            "tables": {"observations": "unit,indicator,value\na,A0,1"}}
    there = read(tmp_path, case)
    page = BeautifulSoup(render_reminder(there, "a", [], words_of(there)), "html.parser")
    (row,) = page.select("#owed tbody tr")
    assert "and others (60 in all)" in row.text and "all 4 of its units" in row.text
    few = read(tmp_path / "few", {**case, "indicators": leaves[:20], "rules": {"total": {"points": "20"}}})
    page = BeautifulSoup(render_reminder(few, "a", [], words_of(few)), "html.parser")
    assert len(page.select("#owed tbody tr")) == 20 <= ROOM and len(page.select("#owed thead th")) == len(WIDTHS)


def test_a_name_cannot_become_html(tmp_path: Path) -> None:
    root = written.workspace(tmp_path, CASE)
    units = root / "data" / written.YEAR / "units.csv"
    units.write_text(units.read_text("utf-8").replace("Unit b", "<img src=x>"), encoding="utf-8")
    there = submitted.read(tx.load_rulebook(written.YEAR, root, categories=[]))
    page = BeautifulSoup(render_reminder(there, "b", [], words_of(there)), "html.parser")
    assert page.h1 and page.h1.text == "<img src=x>" and not page.select("img")
