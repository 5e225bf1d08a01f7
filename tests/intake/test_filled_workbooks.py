"""Workbooks that come back: what was filled in is read as it is, who has not handed in what is told, what people do is named."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from handouts import NEXT, TWO, change, copied, head, lines, loaded, of
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.filters import FilterColumn, Filters
from openpyxl.worksheet.worksheet import Worksheet
from running import typed
from shared import ROOT, assessed, edition
from workbooks import written_book

import txlib as tx
from txlib.intake import asked, checks, data
from txlib.run import plan

LIBREOFFICE = pytest.mark.skipif(shutil.which("soffice") is None and os.environ.get("CI") != "true",
                                 reason="LibreOffice is not installed")


@pytest.fixture
def root(next_year: Path, tmp_path: Path) -> Path:
    """A copy of the year with all its categories, to be changed at will."""
    return copied(next_year, tmp_path)


# ── what comes back ─────────────────────────────────────────────────────────────────────────────────────────────────


def fill(path: Path, out: Path, figures: tx.Data, only: float = 1.0) -> None:
    """Fill in a workbook with the figures of 2020, as if they were those of 2021; `only` a part of the rows."""
    file = loaded(path)
    observed = figures.observations.set_index(["category", "unit", "indicator"]).to_dict("index")
    answers = figures.surveys.set_index(["category", "unit", "indicator", "group", "grade"])["count"].to_dict()
    marks = figures.marks.set_index(["category", "unit", "indicator"]).to_dict("index")
    led = figures.marks.loc[figures.marks["lead"] == path.stem, ["category", "indicator"]].drop_duplicates()
    rules_of_marks = figures.details.merge(led)
    records = {"决定": figures.decisions, "上级指标": figures.superior, "事项": figures.events, "细则": rules_of_marks}
    for page in file.worksheets[1:]:
        title, _, code = page.title.partition(" ")
        rows, columns = list(lines(page)), head(page)[1]
        for row, told in rows[:round(only * len(rows))] if title in ("实绩", "调查", "打分") else ():
            if title == "打分":
                mark = marks[code, told["unit"], told["indicator"]]
                for name in ("quantitative", "qualitative", "total"):
                    page.cell(row, columns[name], "—" if pd.isna(mark[name]) else mark[name])
                continue
            if title == "调查":
                key = tuple(told[name] for name in ("unit", "indicator", "group", "grade"))
                page.cell(row, columns["count"], int(answers.get((code, *key), 0)))
                continue
            known = observed[code, told["unit"], told["indicator"]]
            if known["status"] == "not_applicable":
                page.cell(row, columns["status"], "不适用")
            for name in {"value", "target", "last_year"} & set(columns):
                if known[name] == known[name] and not page.cell(row, columns[name]).protection.locked:
                    page.cell(row, columns[name], known[name])
        if title in records:
            frame = records[title]
            record(page, frame[frame["category"] == code] if code else frame)
    file.save(out / path.name)


def record(page: Worksheet, frame: pd.DataFrame) -> None:
    """Write the rows of a table below the head, moved to 2021; what stands there already stays."""
    top, columns = head(page)
    for i, told in enumerate(frame.to_dict("records"), start=top + 1):
        for name, column in columns.items():
            cell, value = page.cell(i, column), told.get(name)
            if cell.value is None and value not in (None, "") and value == value:
                moved = name in ("date", "since", "document")
                cell.value = NEXT if name == "period" else value.replace("2020", NEXT) if moved else value


def all_filled(blank_books: Path, out: Path) -> Path:
    """Every workbook filled in."""
    for path in blank_books.iterdir():
        fill(path, out, edition("2020")[1])
    return out


@pytest.fixture(scope="module")
def filled(blank_books_of_two: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbooks of two categories filled in."""
    return all_filled(blank_books_of_two, tmp_path_factory.mktemp("filled"))


@pytest.fixture(scope="module")
def whole(blank_books: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Those of all categories."""
    return all_filled(blank_books, tmp_path_factory.mktemp("whole"))


def saved_again(filled: Path, back: Path) -> Path:
    """Workbooks as LibreOffice saves them: a folder for data/2021."""
    home = f"-env:UserInstallation={(back / 'home').as_uri()}"
    subprocess.run(["soffice", home, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(back),
                    *map(str, sorted(filled.iterdir()))], capture_output=True, timeout=400, check=True)
    shutil.rmtree(back / "home")
    assert {path.name for path in back.iterdir()} == {path.name for path in filled.iterdir()}
    return back


def comes_back(workspace: Path, returned: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The categories of 2021 whose workbooks, as they came back, pass the check and give every place of 2020 again."""
    shutil.copytree(returned, copied(workspace, root) / "data" / NEXT)
    read, read_year = [], plan.read_year
    monkeypatch.setattr(plan, "read_year", lambda *given: read.append(read_year(*given)) or read[-1])
    told = typed("check", NEXT, "--root", root, "--lang", "en")
    assert (told.exit_code, told.stderr) == (0, "")
    ((book, held, _),) = read
    for code in book.categories:
        names = ["unit", "score", "rank", "tier", "total"]
        pd.testing.assert_frame_equal(tx.assess(book, held, code).ranking[names], assessed("2020", code).ranking[names])
    return list(book.categories)


def test_what_comes_back_is_read_as_it_is_and_gives_the_same_results(year_of_two: Path, filled: Path, tmp_path: Path,
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures of 2020 under the same rules, through the workbooks."""
    assert comes_back(year_of_two, filled, tmp_path, monkeypatch) == [*TWO]


@pytest.mark.long
@pytest.mark.parametrize("by", ["as saved", pytest.param("LibreOffice", marks=LIBREOFFICE)])
def test_a_whole_year_comes_back_and_gives_the_same_results(by: str, next_year: Path, whole: Path, tmp_path: Path,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    """Every ranking of 2020 again, also when another program has saved the workbooks."""
    (tmp_path / "back").mkdir()
    returned = whole if by == "as saved" else saved_again(whole, tmp_path / "back")
    assert len(comes_back(next_year, returned, tmp_path, monkeypatch)) == 8


def test_check_says_who_has_not_handed_in_what(own_year: Path, blank_books_of_two: Path, filled: Path) -> None:
    """The finance bureau's indicator of both classes of eight towns, and half of the water bureau's."""
    folder = own_year / "data" / NEXT
    shutil.copytree(filled, folder)
    (folder / "finance.xlsx").unlink()
    fill(blank_books_of_two / "water.xlsx", folder, edition("2020")[1], only=0.5)
    told = typed("check", NEXT, "--root", own_year, "--lang", "en")
    assert told.exit_code == 2 and told.stdout == ""
    listed = told.stderr[told.stderr.index("Not handed in yet"):].splitlines()
    assert listed[0].endswith(": 24 items of 2 departments.")
    finance = listed.index("  Finance Bureau (finance.xlsx): 16 missing")
    assert listed[finance + 1] == "    Towns and sub-districts, class 1: A1.1 General public budget revenue (all 8 units)"
    water = listed.index("  Water Resources Bureau (water.xlsx): 8 missing")
    assert listed[water + 1].endswith("River-chief sections that meet the water standard (Luzhou Town, Baidang Town, Meiwei Town "
                                      "and others, 4 units)")
    assert re.fullmatch(r"\d+ faults\.", listed[-1])


def test_check_of_a_year_with_nothing_names_everybody_once(root: Path) -> None:
    told = typed("check", NEXT, "--root", root).stderr.splitlines()
    assert sum("（" in line and line.endswith("项") and ".xlsx" in line for line in told) == 27
    one = typed("check", NEXT, "--root", root, "--category", "parks").stderr
    assert "三园" in one and "一类乡镇" not in one


def test_gaps_of_one_kind_are_told_once_a_sheet_and_counted(own_year: Path, blank_books_of_two: Path) -> None:
    folder = own_year / "data" / NEXT
    folder.mkdir()
    for path in blank_books_of_two.iterdir():
        shutil.copy(path, folder)
    told = typed("check", NEXT, "--root", own_year).stderr.splitlines()
    survey = [line for line in told if "[调查 towns_1]" in line]
    assert len(survey) == 4 and survey[-1].endswith("同样的空缺还有 253 处，见下面的清单。")
    asks = asked.asked(book := tx.load_rulebook(NEXT, own_year), asked.units_known(book)[0])
    marks = asks[asks["table"] == "marks"]
    each = marks[marks["category"] == "towns_1"].groupby("lead").size()
    for lead, rows in each.items():
        mine = [line for line in told if f"{lead}.xlsx[打分 towns_1]" in line]
        assert len(mine) == 4 and f"还有 {rows - 3} 处" in mine[-1]
    assert len(told) == len(set(told)) < sum(int(number) for number in re.findall("还有 ([0-9]+) 处", "".join(told))) / 5
    assert re.fullmatch("共 [0-9]+ 处错误。", told[-1])


def rows_sorted(file: Any) -> None:
    """As by a heading's button, once the sheet is not protected any more."""
    page = file["实绩 towns_1"]
    page.protection.sheet = False
    rows = [[cell.value for cell in page[row]] for row, _ in lines(page)]
    for row, cells in enumerate(sorted(rows, key=lambda cells: str(cells[0])), head(page)[0] + 1):
        for column, value in enumerate(cells, 1):
            page.cell(row, column).value = value


def filter_set(file: Any) -> None:
    page = file["实绩 towns_1"]
    (table,) = page.tables.values()
    table.autoFilter.filterColumn.append(FilterColumn(colId=0, filters=Filters(filter=["donggang"])))
    for row, told in lines(page):
        page.row_dimensions[row].hidden = told["unit"] != "donggang"


def totals_shown(file: Any, more: float = 0) -> None:
    """The row of totals of a table: its word, and sums that another program has worked out."""
    page = file["实绩 towns_1"]
    (table,) = page.tables.values()
    columns, rows = head(page)[1], list(lines(page))
    page.cell(page.max_row + 1, 1, "汇总")
    page.cell(page.max_row, columns["value"], sum(told["value"] for _, told in rows) + more)
    table.totalsRowCount = 1
    table.ref = re.sub(r"\d+$", str(page.max_row), table.ref)


def row_moved_below(file: Any) -> None:
    """The table grows by a row."""
    page = file["实绩 towns_1"]
    (table,) = page.tables.values()
    cells = [cell.value for cell in page[head(page)[0] + 1]]
    page.delete_rows(head(page)[0] + 1)
    page.append(cells)
    table.ref = re.sub(r"\d+$", str(page.max_row), table.ref)


@pytest.mark.parametrize(("how", "said"), [
    (rows_sorted, []),
    (filter_set, ["rows_filtered"]),
    (totals_shown, []),
    (lambda file: totals_shown(file, 1), ["total_differs"]),
    (row_moved_below, []),
    (lambda file: file["实绩 towns_1"].append(["donggang", "", "A1.1", "", "", "", NEXT, 7]), ["row_twice"]),
    (lambda file: file["实绩 towns_1"].append(["nowhere", "", "A1.1", "", "", "", NEXT, 7]), ["unit_unknown"]),
    (lambda file: file["实绩 towns_1"].delete_cols(1), []),
    (lambda file: file["实绩 towns_1"].delete_cols(8), ["value_missing", "column_empty"]),
    (lambda file: file["实绩 towns_1"].delete_cols(2), []),
    (lambda file: file["实绩 towns_1"].merge_cells(start_row=7, end_row=8, start_column=8, end_column=8), ["cells_merged"]),
    (lambda file: file["实绩 towns_1"].cell(7, 8, "约7"), ["cell_number"]),
    (lambda file: setattr(file["实绩 towns_1"].cell(7, 8), "value", None), ["value_missing"]),
    (lambda file: file["实绩 towns_1"].cell(7, 2, "柳湖"), []),
    (lambda file: file["实绩 towns_1"].cell(7, 2, "东港"), ["name_of_another"]),
    (lambda file: setattr(file["实绩 towns_1"], "title", "实绩 towns_9"), ["sheet_unknown"]),
    (lambda file: file.__delitem__("实绩 towns_1"), ["pair_absent"]),
])
def test_what_people_do_to_a_workbook_is_read_or_named(own_year: Path, filled: Path, how: Any, said: list[str]) -> None:
    """Rows added, columns deleted, cells merged, words for numbers, sheets renamed: read as meant, or a fault with its place."""
    folder = own_year / "data" / NEXT
    shutil.copytree(filled, folder)
    change(folder, "finance.xlsx", how)
    faults = data.read(of(tx.load_rulebook(NEXT, own_year), "towns_1"))[1]
    assert ({fault.code for fault in faults} & set(said)) or not said, [fault.message("zh") for fault in faults]
    assert bool(faults) == bool(said)


def totals_worked_out(file: Any) -> None:
    """The formula that Excel writes, to be worked out by the program that saves it next."""
    totals_shown(file)
    page = file["实绩 towns_1"]
    (top, columns), last = head(page), page.max_row
    column = get_column_letter(columns["value"])
    page[f"{column}{last}"] = f"=SUBTOTAL(109,{column}{top + 1}:{column}{last - 1})"


@LIBREOFFICE
@pytest.mark.long
def test_what_is_done_to_a_table_is_read_when_another_program_has_saved_it(own_year: Path, filled: Path, tmp_path: Path) -> None:
    """Sorted, grown, with a row of totals: read as before; filtered: told so. The tables are still there."""
    changes: dict[str, tuple[Any, list[str]]] = {
        "sorted": (rows_sorted, []), "filtered": (filter_set, ["rows_filtered"]), "totals": (totals_worked_out, []),
        "moved": (row_moved_below, [])}
    sent, back, folder = tmp_path / "sent", tmp_path / "back", own_year / "data" / NEXT
    sent.mkdir()
    back.mkdir()
    for name, (how, _) in changes.items():
        shutil.copy(filled / "finance.xlsx", sent / f"{name}.xlsx")
        change(sent, f"{name}.xlsx", how)
    saved_again(sent, back)
    shutil.copytree(filled, folder)
    for name, (_, said) in changes.items():
        shutil.copy(back / f"{name}.xlsx", folder / "finance.xlsx")
        assert list(loaded(folder / "finance.xlsx")["实绩 towns_1"].tables) == ["实绩_towns_1"], name
        assert [fault.code for fault in data.read(of(tx.load_rulebook(NEXT, own_year), "towns_1"))[1]] == said, name


@pytest.mark.quick
def test_a_row_that_two_workbooks_hold_names_the_other_one() -> None:
    frame = pd.DataFrame({"unit": ["donggang"] * 3, "line": [5, 9, 12],
                          "file": ["data/2021/water.xlsx[实绩 towns_1]", "data/2021/finance.xlsx[实绩 towns_1]",
                                   "data/2021/water.xlsx[实绩 towns_1]"]})
    there, here = checks.twice(frame, ["unit"])
    assert "只出现一次（data/2021/water.xlsx[实绩 towns_1] 第5行已有）" in there.message("zh")
    assert "(it stands already: data/2021/water.xlsx[实绩 towns_1] line 5)" in there.message("en")
    assert "只出现一次（第5行已有）" in here.message("zh") and "(it stands already: line 5)" in here.message("en")


def test_a_folder_without_anything_is_told_of_workbooks_and_of_folders(root: Path) -> None:
    told = [fault for fault in data.read(tx.load_rulebook(NEXT, root))[1] if fault.code == "folder_missing"]
    (root / "data" / NEXT).mkdir()
    told += [fault for fault in data.read(tx.load_rulebook(NEXT, root))[1] if fault.code == "category_folder_missing"]
    assert len(told) == 1 + 8
    for fault in told:
        assert "工作簿" in fault.message("zh") and "txlib template" in fault.message("en")


def test_what_is_absent_is_told_of_the_workbook_that_it_belongs_in(own_year: Path, filled: Path) -> None:
    """Not of the file that happens to be read first, nor of a CSV that nobody has: of its workbook though that is not there."""
    folder = own_year / "data" / NEXT
    shutil.copytree(filled, folder)
    change(folder, "water.xlsx", lambda file: file["实绩 towns_1"].delete_rows(6))
    change(folder, "finance.xlsx", lambda file: file.__delitem__("实绩 towns_1"))
    (folder / "taxation.xlsx").unlink()
    faults = data.read(of(tx.load_rulebook(NEXT, own_year), "towns_1"))[1]
    gone = [fault for fault in faults if (fault.category, fault.code) == ("towns_1", "pair_absent")]
    leads = {leaf.code: leaf.lead for leaf in tx.load_rulebook(NEXT, own_year).categories["towns_1"].leaves}
    told = {(leads[fault.at.indicator], fault.file) for fault in gone}
    assert told == {("water", f"data/{NEXT}/water.xlsx[实绩 towns_1]"), ("finance", f"data/{NEXT}/finance.xlsx"),
                    ("taxation", f"data/{NEXT}/taxation.xlsx")}


@pytest.mark.parametrize(("place", "named", "want"), [
    ("depts_2/", "{}.xlsx", "depts_2/finance.xlsx"), ("", "{}.xlsx", "finance.xlsx"),
    ("depts_2/", "（{}）报.xlsx", "depts_2/finance.xlsx"),
    ("", "全部.xlsx", "全部.xlsx[实绩 depts_2]"), ("depts_2/", "全部.xlsx", "depts_2/全部.xlsx[实绩]")])
def test_what_is_missing_is_told_of_no_other_departments_workbook(place: str, named: str, want: str, tmp_path: Path) -> None:
    """Whatever they are called and wherever they lie; of a workbook that several fill in, where it lacks the rows."""
    code, folder = "depts_2", tmp_path / "data/2020"
    for year in ("params/2020", "params/2019", "data/2020", "data/2019"):
        shutil.copytree(ROOT / year, tmp_path / year)
    book = of(tx.load_rulebook("2020", tmp_path), code)
    leads = {leaf.code: leaf.lead for leaf in book.categories[code].leaves}
    for path in (folder / code).glob("*.xlsx"):
        path.unlink()
    told = edition("2020")[1].observations.query("category == @code").drop(columns=["category", "file", "line"])
    for name, mine in told[told["indicator"].map(leads) != "finance"].groupby(told["indicator"].map(leads).map(named.format)):
        rows = [["—" if cell != cell and i == 3 else "" if cell != cell else cell for i, cell in enumerate(row)]
                for row in mine.itertuples(index=False)]
        written_book(folder / place / name, {"实绩" if place else f"实绩 {code}": [list(mine), *rows]})
    gone = [fault for fault in data.read(book)[1] if fault.code == "pair_absent" and leads[fault.at.indicator] == "finance"]
    assert gone and {fault.file for fault in gone} == {f"data/2020/{want}"}
    assert want in "".join(asked.messages(gone, "zh")) and "commerce" not in "".join(asked.messages(gone, "zh"))


def test_no_message_names_a_table_that_nobody_has_where_workbooks_are_handed_in(root: Path, whole: Path) -> None:
    """Neither of answers, nor of a sheet that nobody sent, nor of what applies to nobody."""
    folder, code = root / "data" / NEXT, "towns_1"
    shutil.copytree(whole, folder)
    for path in folder.glob("*.xlsx"):
        change(folder, path.name, lambda file: [file.__delitem__(name) for name in file.sheetnames
                                                if name in (f"调查 {code}", f"打分 {code}")])
    faults = data.read(of(tx.load_rulebook(NEXT, root), code))[1]
    assert {fault.code for fault in faults} >= {"sheet_missing"} and not [fault for fault in faults if ".csv" in fault.file]
    assert f"调查 {code}" in " ".join(fault.message("zh") for fault in faults)


def test_answers_that_are_missing_are_told_of_the_workbook_that_they_belong_in(root: Path, whole: Path) -> None:
    folder = root / "data" / NEXT
    shutil.copytree(whole, folder)
    sheets = [(path.name, name) for path in folder.glob("*.xlsx") for name in loaded(path).sheetnames if name == "调查 towns_1"]
    book, sheet = sheets[0]
    change(folder, book, lambda file: [file[sheet].delete_rows(row) for row, told in reversed(list(lines(file[sheet])))
                                       if told["unit"] == "donggang"])
    gone = [fault for fault in data.read(of(tx.load_rulebook(NEXT, root), "towns_1"))[1] if fault.code == "survey_absent"]
    assert gone and {fault.file for fault in gone} == {f"data/{NEXT}/{book}[{sheet}]"}


def test_a_unit_without_any_row_is_told_once_to_each_workbook(own_year: Path, filled: Path) -> None:
    folder = own_year / "data" / NEXT
    shutil.copytree(filled, folder)
    leaves_of: dict[str, list[str]] = {}
    for leaf in tx.load_rulebook(NEXT, own_year).categories["towns_1"].observed:
        leaves_of.setdefault(str(leaf.lead), []).append(leaf.code)
    for lead in leaves_of:
        def drop(file: Any) -> None:
            page = file["实绩 towns_1"]
            for row, told in reversed(list(lines(page))):
                if told["unit"] == "donggang":
                    page.delete_rows(row)
        change(folder, f"{lead}.xlsx", drop)
    faults = [fault for fault in data.read(of(tx.load_rulebook(NEXT, own_year), "towns_1"))[1]
              if fault.code in ("unit_absent", "pair_absent")]
    assert sorted((fault.file, fault.code) for fault in faults) == sorted(
        (f"data/{NEXT}/{lead}.xlsx[实绩 towns_1]", "unit_absent" if len(codes) > 1 else "pair_absent")
        for lead, codes in leaves_of.items())


def test_a_group_left_empty_is_missing_though_its_weight_could_go_to_the_others(root: Path) -> None:
    """The reader tells each empty count as a fault; a group without rows, or with 0 throughout, is no fault and not missing."""
    shutil.copytree(root / "data/2020", root / "data" / NEXT)
    branches = root / "params" / NEXT / "branches.yaml"
    branches.write_text(branches.read_text(encoding="utf-8").replace("_group: refuse", "_group: redistribute"), encoding="utf-8")
    file = root / "data" / NEXT / "depts_3/survey.csv"
    book = of(tx.load_rulebook(NEXT, root), "depts_3")
    units, whole = asked.units_known(book)[0], pd.read_csv(file, dtype=str).assign(period=NEXT)
    leaf = book.categories["depts_3"].node("B1.1")
    assert leaf.rule.absent_group == "redistribute"
    theirs = (whole["indicator"] == "B1.1") & (whole["unit"] == whole["unit"][0]) & (whole["group"] == "enterprises")
    assert theirs.any()
    for answers, gone in ((whole, 0), (whole.assign(count=whole["count"].mask(theirs, "")), 1),
                          (whole.assign(count=whole["count"].mask(theirs, "0")), 0), (whole[~theirs], 0)):
        answers.to_csv(file, index=False)
        missing = asked.missing(book, units, ["depts_3"])
        faults = [fault for fault in data.read(book)[1] if "survey" in fault.file and fault.category == "depts_3"]
        assert (missing["indicator"] == "B1.1").sum() == gone == min(len(faults), 1), faults
