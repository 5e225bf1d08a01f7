"""results.xlsx: what stands in it, read by other programs; nothing in it runs, and the same input gives the same bytes."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pandas as pd
import pytest
from running import few, without_kernels
from shared import assessed, edition, words_of

import txlib as tx
from txlib.base import labels
from txlib.base.fields import Text
from txlib.methods import BesideTheTree
from txlib.report import csvfile
from txlib.report.basis import assumed_by, audit_rules, cited, ranking_rules
from txlib.report.excel import book, results
from txlib.report.kit.shown import Display, TableColumn, table
from txlib.run import batch

HOSTILE = ("=HYPERLINK(\"http://x\",\"y\")", "+1", "-1", "@SUM(A1)", "{=1+1}", "http://example.org", "mailto:a@b",
           "\u202etxt.exe", "a\x00b", "_x0041_", "<script>", "&B&\"Courier\"99", "x" * 40_000, "'", "9" * 20)


def opened(raw: bytes) -> Any:
    """The workbook as openpyxl reads it, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return openpyxl.load_workbook(io.BytesIO(raw))


def cells(page: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in page.iter_rows()]


def table_of(page: Any, first: str) -> list[dict[str, Any]]:
    """The rows below the head that begins with this label, up to the first empty row."""
    rows = cells(page)
    head = next(i for i, row in enumerate(rows) if row[0] == first)
    found = []
    for row in rows[head + 1:]:
        if row[0] is None:
            break
        found.append(dict(zip(rows[head], row, strict=True)))
    return found


Year = tuple[tx.RuleBook, tx.Data, dict[str, tx.Result]]
TWO = ("towns_1", "depts_3")


class Made(NamedTuple):
    """A workbook: its language, the categories in it, its bytes, and what openpyxl reads in it."""

    lang: str
    year: Year
    raw: bytes
    read: Any

    def ranking(self, code: str) -> Any:
        """The sheet of a category's ranking."""
        return self.read[said("excel.ranking", self.lang, category=self.called(code))]

    def points(self, code: str) -> Any:
        """The sheet of a category's points."""
        return self.read[said("excel.points", self.lang, category=self.called(code))]

    def called(self, code: str) -> str:
        return code if self.lang == "en" else self.year[0].categories[code].name["zh"]


def year_of(codes: Iterable[str] = ()) -> Year:
    """The year 2020 with some of its categories assessed, or all."""
    book, data = edition("2020")
    return book, data, {code: assessed("2020", code) for code in codes or book.categories}


@cache
def workbook(lang: str, codes: tuple[str, ...] = TWO) -> Made:
    """The year's workbook, made once for all tests that look at it."""
    book, data, found = year_of(codes)
    raw = results.workbook(book, data, found, {}, words_of(book, lang, data))
    return Made(lang, year_of(codes), raw, opened(raw))


@pytest.fixture(params=[
    *(pytest.param((lang, TWO), id=lang) for lang in labels.LANGS),
    *(pytest.param((lang, ()), id=f"{lang} of the whole year", marks=pytest.mark.long) for lang in labels.LANGS)])
def made(request: pytest.FixtureRequest) -> Made:
    """The workbook with two categories; with all of them where time does not count."""
    return workbook(*request.param)


def said(key: str, lang: str, **values: Any) -> str:
    return labels.say(key, lang, **values)


# ── what stands in it ───────────────────────────────────────────────────────────────────────────────────────────────


def test_rankings_are_those_of_ranking_csv(made: Made) -> None:
    lang, (book, _, found) = made.lang, made.year
    for code, result in found.items():
        told = list(csv.DictReader(io.StringIO(csvfile.as_csv(result.ranking, book.rounding.total, "en").decode("utf-8-sig"))))
        rows = table_of(made.ranking(code), said("tables.place", lang))
        score, place = said("tables.score", lang), said("tables.place", lang)
        assert [row[said("excel.code", lang)] for row in rows] == [row["unit"] for row in told]
        assert [(row[score], row[place]) for row in rows] == [(float(row["score"]), int(row["rank"])) for row in told]
        tier = said("tables.tier", lang)
        assert [row[tier] for row in rows] == [row["tier_en" if lang == "en" else "tier"] for row in told]


def test_points_are_stored_unrounded_and_add_up_to_the_total(made: Made) -> None:
    for code, result in made.year[2].items():
        rows = cells(made.points(code))
        by_code = {str(row[0]).split()[0]: row[5:] for row in rows if row[0]}
        tops = [node.code for node in (*result.category.roots, *result.category.adjustments)]
        points = result.scores.set_index(["indicator", "unit"])["points"]
        for i, row in enumerate(result.ranking.itertuples()):
            assert sum(by_code[code][i] for code in tops) == pytest.approx(row.total, abs=1e-9)
            assert by_code[said("tables.total", made.lang)][i] == row.score
            for node in result.category.nodes:
                told = by_code[node.code][i]
                assert told == "—" or told == pytest.approx(points[node.code, row.unit], rel=1e-15)


def test_numbers_are_numbers_with_the_ruled_decimals(made: Made) -> None:
    page, (book, _, found) = made.ranking("towns_1"), made.year
    head = next(cell for cell in page["A"] if cell.value == said("tables.place", made.lang)).row
    first = [cell for cell in page[head + 1]]
    assert [(cell.data_type, cell.number_format) for cell in first[2:4]] == [("n", "0.00"), ("n", "0.00")]
    exact = replace(book, rules=book.rules.model_copy(update={"rounding": book.rounding.model_copy(update={"total": 3})}))
    assert results.pattern(replace(found["towns_1"], book=exact)) == "0.000"


def test_what_does_not_apply_is_no_zero(made: Made) -> None:
    page = made.points("towns_1")
    rows = {str(row[0].value).split()[0]: [cell.value for cell in row] for row in page.iter_rows() if row[0].value}
    unit = next(i for i, row in enumerate(made.year[2]["towns_1"].ranking.itertuples()) if row.unit == "shiqiao")
    assert rows["A2.4"][5 + unit] == "—"
    numbers = [value for value in rows["A2.4"][5:] if value != "—"]
    assert rows["A2.4"][4] == pytest.approx(sum(numbers) / len(numbers)) and len(numbers) == 6


def test_points_above_the_full_points_have_a_note(made: Made) -> None:
    above, found = said("excel.above_full", made.lang), set[bool]()
    for code, result in made.year[2].items():
        rows = cells(made.points(code))
        noted = any(str(row[0]).startswith(above[:20]) for row in rows)
        full = {str(row[0]).split()[0]: (row[3], row[5:]) for row in rows if row[0] and len(row) > 5}
        more = [node.code for node in result.category.nodes if not isinstance(node.rule, BesideTheTree)
                for points in full[node.code][1] if points not in ("—", None) and points > full[node.code][0] + 1e-9]
        assert noted == bool(more), (code, more)
        found.add(noted)
    assert True in found and not results.above_full(assessed("2017-jining", "class_2"))


def test_what_the_results_rest_on_is_all_there(made: Made) -> None:
    lang, (rules, data, _) = made.lang, made.year
    resting = [*ranking_rules(rules), *audit_rules(rules)]
    terms = [*(kind.assumption.term[lang] for kind in rules.terms.kinds.values()), rules.terms.repeats.assumption.term[lang]]
    assumed = [rules.assumptions[name].term[lang] for name in assumed_by(rules, resting)]
    for key, first, wanted in (
            ("assumptions", "subject", [*assumed, *terms]),
            ("clauses", "clause", list(cited(rules, resting))),
            ("sources", "file", sorted(each.path for each in (*rules.sources, *data.sources)))):
        rows = table_of(made.read[said(f"excel.{key}", lang)], said(f"tables.{first}", lang))
        assert [next(iter(row.values())) for row in rows] == wanted


def test_a_category_without_ranking_is_told_on_the_cover() -> None:
    book, data, found = year_of(TWO)
    file = opened(results.workbook(book, data, found, {"parks": "三园：有 2 处错误。"}, words_of(book, "zh", data)))
    assert "三园：有 2 处错误。" in [cell for row in cells(file["说明"]) for cell in row]
    assert not [name for name in file.sheetnames if "三园" in name]


def test_the_cover_leads_to_every_other_sheet(made: Made) -> None:
    lang, book = made.lang, made.read
    cover = book[said("excel.cover", lang)]
    links = {cell.value: cell.hyperlink.location for row in cover.iter_rows() for cell in row if cell.hyperlink}
    assert list(links) == book.sheetnames[1:] and links == {name: f"'{name}'!A1" for name in links}
    assert said("tables.sample", lang) in [cell.value for cell in cover["A"]]


# ── how it looks and prints ─────────────────────────────────────────────────────────────────────────────────────────


def test_sheets_are_set_up_for_paper(made: Made) -> None:
    for page in made.read.worksheets[1:]:
        assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
        head = int(page.print_title_rows.split("$")[-1])
        assert page.freeze_panes[1:] == str(head + 1) and all(cell.font.b for cell in page[head] if cell.value)
        assert "&P" in str(page.oddFooter.right.text) and page.oddHeader.right.text == said("excel.sample", made.lang)


def test_scores_tiers_and_shared_places_are_marked(made: Made) -> None:
    rules = [(str(area.sqref), rule) for area in made.ranking("depts_3").conditional_formatting for rule in area.rules]
    kinds = {rule.type for _, rule in rules}
    assert kinds == {"dataBar", "duplicateValues", "cellIs", "colorScale"}
    levels = [level.name[made.lang] for level in made.year[0].tiers.levels]
    assert [rule.formula for _, rule in rules if rule.type == "cellIs"] == [[f'"{name}"'] for name in levels]
    assert all(float(rule.dataBar.cfvo[1].val) == 100 for _, rule in rules if rule.type == "dataBar")


# ── hostile texts, names, bytes ─────────────────────────────────────────────────────────────────────────────────────


def test_no_text_is_run() -> None:
    """Every hostile text, in units, categories, titles and assumptions, is a text in its cell."""
    book, data, found = year_of(TWO)
    names = dict(zip(found["towns_1"].ranking["unit"], HOSTILE, strict=False))
    result = found["towns_1"]
    table = result.ranking.assign(name=result.ranking["unit"].map(names), name_en="")
    category = replace(result.category, name=Text(zh="=1+1", en="=1+1"))
    hostile = replace(result, ranking=table, category=category)
    other = replace(book, title=Text(zh="=2+2 &B", en="x"), office=Text(zh="@office", en="x"),
                    categories={**book.categories, "towns_1": category})
    raw = results.workbook(other, data, {"towns_1": hostile}, {"x": "=3+3"}, words_of(other, "zh", data))
    read = opened(raw)
    assert not [cell.coordinate for page in read.worksheets for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    assert not [name for name in zipfile.ZipFile(io.BytesIO(raw)).namelist() if "external" in name.lower()]
    shown = [row[1] for row in cells(read["排名 =1+1"])]
    assert set(shown) > {"+1", "-1", "@SUM(A1)", "{=1+1}", "http://example.org", HOSTILE[0]}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_read_as_it_was_written(text: str) -> None:
    """What is not seen becomes a sign for it; nothing else changes but for the length that a cell has."""
    file = book.Workbook("zh", "2020-12-31", "t", "o")
    book.laid_out(file, "s", text, [TableColumn("a")], [[text]], fixed=1)
    page = opened(file.finished()).worksheets[0]
    wanted = text.replace("\u202e", "\ufffd").replace("\x00", "\ufffd")[:book.TEXT]
    assert page["A3"].value == wanted.replace("_x0041_", page["A3"].value if "_x" in text else "")
    assert page["A3"].data_type == "s"


@pytest.mark.parametrize(("name", "taken", "wanted"), [
    ("排名 一类", [], "排名 一类"),
    ("a[b]c:d*e?f/g\\h", [], "a b c d e f g h"),
    ("x" * 40, [], "x" * 31),
    ("x" * 40, ["X" * 31], "x" * 29 + " 2"),
    ("同名", ["同名", "同名 2"], "同名 3"),
    ("'quoted'", [], "quoted"),
    ("History", [], "History 2"),
    ("", [], "-"),
    ("😀" * 20, [], "😀" * 15),
])
def test_sheet_names_are_such_as_excel_takes(name: str, taken: list[str], wanted: str) -> None:
    assert book.sheet_name(name, taken) == wanted


def test_the_same_input_gives_the_same_bytes(root: Path) -> None:
    """In another process, in which sets have another order and the clock another zone."""
    code = ("import sys, txlib as tx; from txlib.report.excel import results; from shared import words_of;"
            "book = tx.load_rulebook('2020', sys.argv[1]);"
            "data = tx.load_data(book); found = {c: tx.assess(book, data, c) for c in sys.argv[2:]};"
            "sys.stdout.buffer.write(b''.join(results.workbook(book, data, found, {}, words_of(book, lang, data))"
            " for lang in ('zh', 'en')))")
    told = subprocess.run([sys.executable, "-c", code, str(root), *TWO], capture_output=True, check=True, cwd=root,
                          env={"PYTHONPATH": f"{root}{os.pathsep}{root / 'tests'}", "PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai"})
    assert told.stdout == workbook("zh").raw + workbook("en").raw


def test_a_report_table_becomes_a_sheet_with_its_numbers() -> None:
    """The way in for tables that are added later, such as findings of an audit."""
    shown: Display = table("x", "标题", [TableColumn("项目"), TableColumn("数", "number")], [["=1", "−2.50"], ["b", "—"]], "注")
    file = book.Workbook("zh", "2020-12-31", "t", "o")
    assert results.listed(file, "审计", shown) == "审计"
    wanted = [["标题", None], ["表下有注，从第 7 行起。", None], ["项目", "数"], ["=1", -2.5], ["b", "—"], [None, None],
              ["注", None]]
    assert cells(opened(file.finished())["审计"]) == wanted


def test_a_table_without_rows_says_so_in_one() -> None:
    shown: Display = table("x", "标题", [TableColumn("项目"), TableColumn("数", "number")], [])
    file = book.Workbook("zh", "2020-12-31", "t", "o")
    results.listed(file, "审计", shown)
    page = opened(file.finished())["审计"]
    assert cells(page) == [["标题", None], ["项目", "数"], ["（无）", "—"]] and page.tables["审计"].ref == "A2:B3"


@pytest.mark.parametrize(("name", "taken", "wanted"), [
    ("排名 一类乡镇（街道）", [], "排名_一类乡镇_街道"),
    ("A1", [], "_A1"),
    ("r", [], "_r"),
    ("R1C1", [], "_R1C1"),
    ("2020", [], "_2020"),
    ("-", [], "table"),
    ("得分 1", ["得分_1"], "得分_1_2"),
    ("ab", ["AB"], "ab_2"),
    ("😀 x", [], "x"),
])
def test_table_names_are_such_as_excel_takes(name: str, taken: list[str], wanted: str) -> None:
    assert book.table_name(name, taken) == wanted


def test_heads_that_are_alike_are_told_apart() -> None:
    assert book.headings(["a", "A", "", "", "x" * 300, "=1"]) == ["a", "A 2", "-", "- 2", "x" * 255, "=1"]


@pytest.mark.parametrize(("text", "width", "wanted"), [
    ("one two three", 8, ["one two", "three"]),
    ("有一票否决的，不排名", 14.5, ["有一票否决的，", "不排名"]),  # not within a word
    ("一二三四五", 6.4, ["一二三四五"]),
    ("“一二。”三：四", 9, ["“一二。”", "三：四"]),  # no line begins with a mark
    ("见表 2，第 1 行", 10, ["见表 2，", "第 1 行"]),
    ("a\nb", 9, ["a", "b"]),
    ("abcdefghijkl xy", 5, ["abcdefghijkl", "xy"]),
    ("", 5, [""]),
])
def test_a_text_goes_on_in_the_row_below(text: str, width: float, wanted: list[str]) -> None:
    assert book.broken(text, width) == wanted


def test_every_table_can_be_filtered_from_its_head_to_its_last_row(made: Made) -> None:
    """All sheets but the cover and those of points, whose tree has an order of its own."""
    points = said("excel.points", made.lang, category="").strip()
    for page in made.read.worksheets[1:]:
        if page.title.startswith(points):
            continue
        (found,) = page.tables.values()
        assert found.autoFilter.ref == found.ref
        head, last = (int(each) for each in re.findall(r"\d+", found.ref))
        column = [cell.value for cell in page["A"]]
        assert page.freeze_panes and int(re.sub(r"\D", "", page.freeze_panes)) == head + 1
        assert None not in column[head - 1:last] and (len(column) == last or column[last] is None)


def test_the_day_of_validity_is_a_date(made: Made) -> None:
    page = made.read[said("excel.cover", made.lang)]
    (found,) = (row[1] for row in page.iter_rows() if row[0].value == said("tables.meta_as_of", made.lang))
    assert found.is_date and found.value.date().isoformat() == made.year[0].as_of


# ── with the run ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def workspace(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A few units of 2017-jining with the overview, whose runs need no kernel."""
    without_kernels(monkeypatch)
    (tmp_path / "notebooks").mkdir()
    shutil.copy(root / "notebooks" / "00_overview.ipynb", tmp_path / "notebooks")
    return few(root, tmp_path)


def test_a_run_writes_it_whole_and_says_where(workspace: Path) -> None:
    ran = batch.run(workspace, "2017-jining", lang="en")
    assert ran.results == workspace / "outputs" / "2017-jining" / "results.xlsx" and ran.exit_status == 0
    page = (workspace / "outputs" / "2017-jining" / "index.html").read_text(encoding="utf-8")
    assert 'href="results.xlsx"' in page
    first = ran.results.read_bytes()
    ran.results.write_bytes(b"older")
    (workspace / "data" / "2017-jining" / "class_2" / "observations.csv").unlink()
    again = batch.run(workspace, "2017-jining", ["class_1"], lang="en")
    assert again.results is not None and first != again.results.read_bytes() != b"older"
    told = [cell for row in cells(opened(again.results.read_bytes())["About"]) for cell in row]
    assert any("1 fault" in str(cell) for cell in told)
    assert [page for page in opened(again.results.read_bytes()).sheetnames if page.startswith("Ranking")] == ["Ranking class_1"]


def test_a_file_that_cannot_be_replaced_is_named_and_kept(workspace: Path) -> None:
    """As when it is open in Excel on Windows; here the name is taken by a folder."""
    taken = workspace / "outputs" / "2017-jining" / "results.xlsx"
    taken.mkdir(parents=True)
    (taken / "kept").write_text("x", encoding="utf-8")
    ran = batch.run(workspace, "2017-jining", lang="en")
    assert ran.exit_status == 1 and ran.results is None and any("results.xlsx" in remark for remark in ran.remarks)
    assert (taken / "kept").exists() and not list(taken.parent.glob(".run-*"))


@pytest.mark.parametrize("name", ["index.html", "bundle.html"])
def test_a_page_that_cannot_be_replaced_is_named_and_the_rest_is_told(workspace: Path, name: str) -> None:
    """The run ends with its summary: the reports are there, and so is the other page."""
    out = workspace / "outputs" / "2017-jining"
    (out / name).mkdir(parents=True)
    ran = batch.run(workspace, "2017-jining", lang="en")
    assert ran.exit_status == 1 and [name in remark for remark in ran.remarks] == [True]
    assert {report.status for report in ran.reports} == {"done"} and ran.results is not None
    assert ran.index == (None if name == "index.html" else out / "index.html")
    other = {"index.html": "bundle.html", "bundle.html": "index.html"}[name]
    assert (out / other).is_file() and not list(out.glob(".run-*"))


# ── in another program ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.long
@pytest.mark.parametrize("lang", labels.LANGS)
@pytest.mark.skipif(shutil.which("soffice") is None and os.environ.get("CI") != "true", reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_reads_the_same_values(lang: str, tmp_path: Path) -> None:
    mine, raw = workbook(lang, ()).read, workbook(lang, ()).raw
    path = tmp_path / "results.xlsx"
    path.write_bytes(raw)
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    told = subprocess.run(["soffice", home, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir",
                           str(tmp_path / "back"), str(path)], capture_output=True, text=True, timeout=180, check=True)
    assert "Error" not in told.stdout + told.stderr
    theirs = openpyxl.load_workbook(tmp_path / "back" / "results.xlsx")
    assert mine.sheetnames == theirs.sheetnames
    for page in mine.worksheets:
        wanted = {cell.coordinate: cell.value for row in page.iter_rows() for cell in row if cell.value is not None}
        found = {cell.coordinate: cell.value for row in theirs[page.title].iter_rows() for cell in row if cell.value is not None}
        assert found.keys() == wanted.keys()
        for place, value in wanted.items():
            assert found[place] == (pytest.approx(value, rel=1e-12) if isinstance(value, float) else value), (page.title, place)


def test_pandas_reads_it(made: Made) -> None:
    frames = pd.read_excel(io.BytesIO(made.raw), sheet_name=None, header=None)
    assert all(len(frame) for frame in frames.values())
