"""Workbooks to be handed in: what is asked for, what is known already, and that what comes back is read as it is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from openpyxl.worksheet.worksheet import Worksheet
from shared import ROOT, assessed, edition
from spoiled import keep

import txlib as tx
from txlib.base import labels
from txlib.cli import main
from txlib.intake import asked as handin
from txlib.intake import blanks, checks, data, tables
from txlib.run import asking, plan

NEXT = "2021"
TWO = ("towns_1", "towns_2")
LIBREOFFICE = pytest.mark.skipif(shutil.which("soffice") is None and os.environ.get("CI") != "true",
                                 reason="LibreOffice is not installed")


def typed(*words: object) -> Result:
    """A command line typed; nothing but SystemExit may come out of it."""
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(scope="module")
def next_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the rules of 2020 as those of 2021 too, and no data of 2021 yet."""
    root = tmp_path_factory.mktemp("next")
    for name in ("params/2019", "params/2020", "data/2019", "data/2020"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copytree(ROOT / "params/2020", root / "params" / NEXT)
    for path in (root / "params" / NEXT).glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        if path.name == "rulebook.yaml":
            text = re.sub('(year|period): "2020"', rf'\1: "{NEXT}"', text).replace('last_year: "2019"', 'last_year: "2020"')
            text = text.replace('as_of: "2020', f'as_of: "{NEXT}')
        elif re.match("(towns|depts|zones|parks)", path.name):
            text = text.replace('"2020"', f'"{NEXT}"')
        path.write_text(text, encoding="utf-8")
    return root


def copied(workspace: Path, root: Path) -> Path:
    """A workspace's rules and data, below `root`."""
    for name in ("params", "data"):
        shutil.copytree(workspace / name, root / name)
    return root


@pytest.fixture(scope="module")
def two(next_year: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That workspace with two categories alone, where no more are needed to see what is to be seen."""
    root = copied(next_year, tmp_path_factory.mktemp("two"))
    for year in ("2019", "2020", NEXT):
        keep(root, year, *TWO)
    return root


@pytest.fixture
def root(next_year: Path, tmp_path: Path) -> Path:
    """A copy of the year with all its categories, to be changed at will."""
    return copied(next_year, tmp_path)


@pytest.fixture
def small(two: Path, tmp_path: Path) -> Path:
    """A copy of the year with two categories, to be changed at will."""
    return copied(two, tmp_path)


@pytest.fixture(scope="module")
def blank(next_year: Path) -> Path:
    """The workbooks of 2021 as they are sent out."""
    return asking.write(next_year, NEXT).folder


@pytest.fixture(scope="module")
def blank_of_two(two: Path) -> Path:
    """The same of two categories."""
    return asking.write(two, NEXT).folder


def loaded(path: Path) -> Any:
    """A workbook as openpyxl reads it, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return openpyxl.load_workbook(path)


sent = cache(loaded)  # one that is only looked at


def of(book: tx.RuleBook, *codes: str) -> tx.RuleBook:
    """A rule-book whose other categories are not read."""
    return replace(book, categories={code: book.categories[code] for code in codes})


def head(page: Worksheet) -> tuple[int, dict[str, int]]:
    """The row of the head, and its columns by the name of the field that they mean."""
    table = next(row for name, row in tables.named().items() if page.title.split(" ")[0] in (name, row.model_config["title"]))
    titles = {str(field.title): name for name, field in table.model_fields.items()}
    for row in page.iter_rows(max_row=8):
        found = {titles.get(str(cell.value), str(cell.value)): cell.column for cell in row if cell.value}
        if len(found) > 2:
            return row[0].row, found
    raise AssertionError(page.title)


def lines(page: Worksheet) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows below the head, by field."""
    top, columns = head(page)
    for row in range(top + 1, page.max_row + 1):
        yield row, {name: page.cell(row, column).value for name, column in columns.items()}


# ── what is asked for ───────────────────────────────────────────────────────────────────────────────────────────────


def test_every_lead_department_gets_one_workbook_with_a_sheet_a_category(blank: Path, next_year: Path) -> None:
    book = tx.load_rulebook(NEXT, next_year)
    own = {"survey": ["survey"], "marks": ["marks", "details"], "superior_rank": []}
    led = {(leaf.lead, code, table) for code, category in book.categories.items() for leaf in category.leaves
           for table in own.get(leaf.rule.method, ["observations"])}
    found = set()
    for path in blank.glob("[a-z]*.xlsx"):
        for name in sent(path).sheetnames[1:]:
            title, code = name.split(" ")
            found.add((path.stem, code, {"实绩": "observations", "调查": "survey", "打分": "marks", "细则": "details"}[title]))
    assert found == led
    office = sent(blank / "_office.xlsx").sheetnames
    events = [f"事项 {code}" for code, category in book.categories.items() if category.adjustments]
    assert office == ["说明", "单位", "上级指标", "责任单位", "决定", *events]


def test_rows_are_each_unit_and_indicator_once_with_what_is_known(blank: Path) -> None:
    """Industry's sheet in depts_2: two indicators with last year's values, one with none."""
    rows = [row for _, row in lines(sent(blank / "industry.xlsx")["实绩 depts_2"])]
    before = edition("2020")[1]
    units = list(before.units_of("depts_2")["unit"])
    wanted = [(leaf, unit) for leaf in ("A1.3", "A1.5", "A2.4") for unit in units]
    assert [(row["indicator"], row["unit"]) for row in rows] == wanted
    then = before.observations[before.observations["category"] == "depts_2"].set_index(["indicator", "unit"])["value"]
    for row in rows:
        assert row["value"] is None and row["period"] == NEXT
        assert row["last_year"] == (then[row["indicator"], row["unit"]] if row["indicator"] == "A1.3" else None)
        assert row["（单位名称）"] and row["（指标名称）"] and row["（计量单位）"] and row["（条款）"]


def test_a_column_that_no_indicator_needs_is_left_out(blank: Path) -> None:
    assert not {"target", "last_year"} & set(head(sent(blank / "taxation.xlsx")["实绩 towns_1"])[1])
    assert "target" in head(sent(blank / "finance.xlsx")["实绩 towns_1"])[1]


def test_last_years_values_follow_units_and_leave_merged_ones_empty(next_year: Path) -> None:
    """2020 over 2019: the department made of two has none; an indicator under another name has none."""
    book = of(tx.load_rulebook("2020", next_year), "towns_1", "depts_3")
    units = handin.units_known(book)[0]
    assert "culture_tourism" in set(units.loc[units["category"] == "depts_3", "unit"])
    values = blanks.last_values(book, units)
    assert not [key for key in values if key[1] == "culture_tourism"]
    old = edition("2019")[1].observations.set_index(["category", "unit", "indicator"])["value"]
    assert values["towns_1", "donggang", "A1.1"] == old["towns_1", "donggang", "A1.1"]
    renamed = units.assign(predecessor=[("liuhu",) if unit == "new" else () for unit in units["unit"]])
    renamed.loc[renamed["unit"] == "donggang", ["unit", "predecessor"]] = ["new", None]
    renamed["predecessor"] = [("donggang",) if unit == "new" else () for unit in renamed["unit"]]
    assert blanks.last_values(book, renamed)["towns_1", "new", "A1.1"] == old["towns_1", "donggang", "A1.1"]
    tree = next_year / "params" / "2019" / "trees" / "towns_1.yaml"
    text = tree.read_text(encoding="utf-8")
    try:
        tree.write_text(text.replace("一般公共预算收入", "财政收入", 1), encoding="utf-8")
        assert ("towns_1", "donggang", "A1.1") not in blanks.last_values(book, units)
    finally:
        tree.write_text(text, encoding="utf-8")


def test_a_year_that_is_complete_asks_for_nothing(next_year: Path) -> None:
    told = typed("template", "2020", "--root", next_year, "--lang", "en")
    assert (told.exit_code, told.stdout) == (0, "2020: all that is to be handed in is in data/2020/ already; "
                                                "there is nothing to fill in.\n")
    assert not (next_year / "outputs" / "2020").exists()


def test_what_other_files_hold_is_not_asked_for_again_and_what_the_own_one_holds_stands_in_it(small: Path) -> None:
    folder_2020 = small / "data" / "2020"
    frame = pd.read_csv(folder_2020 / "towns_1" / "observations.csv", dtype=str)
    gone = (frame["indicator"] == "A1.1") & frame["unit"].isin(["donggang", "liuhu"])
    frame[~gone].to_csv(folder_2020 / "towns_1" / "observations.csv", index=False)
    folder = asking.write(small, "2020").folder
    assert [path.name for path in folder.iterdir() if path.stem[0] != "_"] == ["finance.xlsx"]
    file = loaded(folder / "finance.xlsx")
    assert file.sheetnames == ["说明", "实绩 towns_1"]
    rows = list(lines(file["实绩 towns_1"]))
    assert [row["unit"] for _, row in rows] == ["donggang", "liuhu"]
    line, columns = rows[0][0], head(file["实绩 towns_1"])[1]
    file["实绩 towns_1"].cell(line, columns["value"], 7.13)
    file["实绩 towns_1"].cell(line, columns["target"], 7.14)
    file.save(folder_2020 / "finance.xlsx")
    assert asking.write(small, "2020", force=True).written[0].due == 1
    again = [row for _, row in lines(loaded(folder / "finance.xlsx")["实绩 towns_1"])]
    assert [(row["unit"], row["value"], row["target"]) for row in again] == [("donggang", 7.13, 7.14), ("liuhu", None, None)]


@pytest.mark.quick
def test_an_indicator_without_a_lead_is_the_offices(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "params" / "2017-jining", tmp_path / "params" / "2017-jining")
    (tmp_path / "data" / "2017-jining").mkdir(parents=True)
    shutil.copy(ROOT / "data" / "2017-jining" / "units.csv", tmp_path / "data" / "2017-jining")
    made = asking.write(tmp_path, "2017-jining", lang="en")
    assert [each.path.name for each in made.written] == ["_office.xlsx"]
    assert loaded(made.written[0].path).sheetnames == ["Notes", "observations class_1", "observations class_2", "decisions"]


# ── how it may be filled in ─────────────────────────────────────────────────────────────────────────────────────────


def test_keys_are_protected_without_a_password_and_what_is_to_be_filled_in_is_free(blank: Path, next_year: Path) -> None:
    page = sent(blank / "development.xlsx")["实绩 depts_2"]
    category = tx.load_rulebook(NEXT, next_year).categories["depts_2"]
    assert page.protection.sheet and not page.protection.password
    for row, told in lines(page):
        columns, node = head(page)[1], category.node(told["indicator"])
        free = {name for name, column in columns.items() if not page.cell(row, column).protection.locked}
        status = {"status"} if node.not_applicable.rule != "not_allowed" else set()
        assert free == {*handin.row_of(node).to_fill(node), "note"} | status
    events = sent(blank / "_office.xlsx")["事项 towns_1"]
    top = head(events)[0]
    assert events.protection.sheet and not events.protection.insertRows and not events.cell(top + 1, 1).protection.locked


def rules(page: Worksheet, name: str, row: int) -> list[Any]:
    column = head(page)[1][name]
    return [rule for rule in page.data_validations.dataValidation if page.cell(row, column).coordinate in rule.sqref]


def test_what_is_typed_is_held_to_rules(blank: Path) -> None:
    page = sent(blank / "development.xlsx")["实绩 depts_2"]
    row, told = next((row, told) for row, told in lines(page) if told["indicator"] == "A1.4")
    (value,), (status,) = rules(page, "value", row), rules(page, "status", row)
    assert value.type == "decimal" and told["（条款）"].split(", ")[0] in value.prompt and "A1.4" in value.promptTitle
    assert (status.type, status.formula1) == ("list", '"已报,不适用"')
    page = sent(blank / "assessment.xlsx")["调查 towns_1"]
    (count,) = rules(page, "count", head(page)[0] + 1)
    assert (count.type, count.operator, count.formula1) == ("whole", "greaterThanOrEqual", "0")
    file = sent(blank / "_office.xlsx")
    page = file["事项 towns_1"]
    first = head(page)[0] + 1
    for name, wanted in (("unit", ["donggang", "liuhu", "shiqiao", "yunxi", "luzhou", "baidang", "meiwei", "qingtan"]),
                         ("indicator", ["J1", "J2"]), ("level", ["national", "province", "prefecture"])):
        (rule,) = rules(page, name, first)
        sheet, area = rule.formula1.removeprefix("'").split("'!")
        assert [cell.value for line in file[sheet][area.replace("$", "")] for cell in line] == wanted
    (day,) = rules(page, "date", first)
    assert day.type == "date" and "2021" in day.error


def test_every_column_has_a_note_that_says_what_it_means(blank: Path) -> None:
    for path in blank.iterdir():
        for page in sent(path).worksheets[1:]:
            top, columns = head(page)
            assert all(page.cell(top, column).comment for name, column in columns.items() if not name.startswith("（"))


@pytest.mark.quick
def test_every_column_of_every_table_that_is_handed_in_has_its_label() -> None:
    known = labels.section("handin")
    for name in set(tables.named()) - {"published"}:
        assert {f"column_{field}" for field in tables.named()[name].model_fields} <= set(known), name


def test_no_text_is_a_formula_and_the_same_input_gives_the_same_bytes(small: Path, blank_of_two: Path) -> None:
    units = small / "data" / "2020" / "units.csv"
    text = units.read_text(encoding="utf-8")
    assert {path.name: path.read_bytes() for path in asking.write(small, NEXT).folder.iterdir()} == \
        {path.name: path.read_bytes() for path in blank_of_two.iterdir()}
    units.write_text(text.replace("东港镇", "=1+1").replace("柳湖镇", "@x"), encoding="utf-8")
    folder = asking.write(small, NEXT, force=True).folder
    for path in folder.iterdir():
        assert not [cell for page in loaded(path).worksheets for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    assert "=1+1" in [row["（单位名称）"] for _, row in lines(loaded(folder / "finance.xlsx")["实绩 towns_1"])]


@pytest.mark.quick
def test_a_number_given_out_of_so_many_is_held_to_them(tmp_path: Path) -> None:
    """A leaf without a lead department, of the ranking that a newspaper printed: its parts have limits."""
    shutil.copytree(ROOT / "params" / "2017-jining", tmp_path / "params" / "2017-jining")
    (tmp_path / "data" / "2017-jining").mkdir(parents=True)
    shutil.copy(ROOT / "data" / "2017-jining" / "units.csv", tmp_path / "data" / "2017-jining")
    page = loaded(asking.write(tmp_path, "2017-jining").folder / "_office.xlsx")["实绩 class_1"]
    leaves = {leaf.code: leaf for leaf in tx.load_rulebook("2017-jining", tmp_path).categories["class_1"].leaves}
    for row, told in lines(page):
        (rule,), leaf = rules(page, "value", row), leaves[told["indicator"]]
        assert (rule.type, rule.operator, rule.formula1) == ("decimal", None, "0")
        assert float(rule.formula2) == float(leaf.full if leaf.rule.out_of is None else leaf.rule.out_of)


def test_marks_are_asked_for_in_two_parts_and_their_sum_each_within_its_limit(blank: Path) -> None:
    """Out of 100, 60% of it quantitative; — is taken where an item may not apply, nothing else that is no number."""
    page = sent(blank / "discipline.xlsx")["打分 towns_1"]
    row, told = next(lines(page))
    assert (told["lead"], told["indicator"], told["quantitative"]) == ("discipline", "P2", None)
    assert page.cell(row, head(page)[1]["lead"]).protection.locked and "“—”" in page.cell(row - 2, 1).value
    for name, most in (("quantitative", 60), ("qualitative", 40), ("total", 100)):
        (rule,), cell = rules(page, name, row), page.cell(row, head(page)[1][name])
        assert not cell.protection.locked and "分" in rule.prompt and "1.3b" in rule.prompt and "P2" in rule.promptTitle
        at = cell.coordinate
        added = f",OR(COUNT(I{row},J{row})<2,ROUND({at}-I{row}-J{row},9)=0)" if name == "total" else ""
        assert (rule.type, rule.formula1) == ("custom", f'OR({at}="—",{at}="——",AND(ISNUMBER({at}),{at}>=0,{at}<={most}{added}))')
        assert f"0 到 {most} " in rule.error and "“—”" in rule.error and "状态" not in rule.error
    assert [page.cell(row - 1, column).value for column in (9, 10, 11)] == ["定量", "定性", "合计分"]


def test_detailed_rules_that_are_there_are_not_asked_for_again(small: Path) -> None:
    """A department that also reports figures: its marks of towns_1 are gone, the lines of its item's rules are there."""
    (small / "data" / "2020" / "towns_1" / "marks.csv").unlink()
    book = tx.load_rulebook("2020", small)
    sheets = {(form.table, form.category) for form in blanks.forms(book, handin.units_known(book)[0])["agriculture"]}
    assert ("marks", "towns_1") in sheets and ("details", "towns_1") not in sheets


def test_detailed_rules_have_a_free_sheet_that_offers_the_items_of_their_department(blank: Path) -> None:
    file = sent(blank / "justice.xlsx")
    page = file["细则 depts_4"]
    first = head(page)[0] + 1
    (indicator,), (number,) = rules(page, "indicator", first), rules(page, "number", first)
    sheet, area = indicator.formula1.removeprefix("'").split("'!")
    assert [cell.value for line in file[sheet][area.replace("$", "")] for cell in line] == ["A1.4", "G2"]
    assert (number.type, number.operator, number.formula1) == ("whole", "greaterThanOrEqual", "0")
    assert not page.cell(first, 1).protection.locked and page.protection.sheet and not page.protection.insertRows


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
                cell.value = NEXT if name == "period" else value.replace("2020", NEXT) if name in ("date", "since") else value


def all_filled(blank: Path, out: Path) -> Path:
    """Every workbook filled in."""
    for path in blank.iterdir():
        fill(path, out, edition("2020")[1])
    return out


@pytest.fixture(scope="module")
def filled(blank_of_two: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbooks of two categories filled in."""
    return all_filled(blank_of_two, tmp_path_factory.mktemp("filled"))


@pytest.fixture(scope="module")
def whole(blank: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Those of all categories."""
    return all_filled(blank, tmp_path_factory.mktemp("whole"))


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
    monkeypatch.setattr(plan, "read_year", lambda *asked: read.append(read_year(*asked)) or read[-1])
    told = typed("check", NEXT, "--root", root, "--lang", "en")
    assert (told.exit_code, told.stderr) == (0, "")
    ((book, held, _),) = read
    for code in book.categories:
        names = ["unit", "score", "rank", "tier", "total"]
        pd.testing.assert_frame_equal(tx.assess(book, held, code).ranking[names], assessed("2020", code).ranking[names])
    return list(book.categories)


def test_what_comes_back_is_read_as_it_is_and_gives_the_same_results(two: Path, filled: Path, tmp_path: Path,
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures of 2020 under the same rules, through the workbooks."""
    assert comes_back(two, filled, tmp_path, monkeypatch) == [*TWO]


@pytest.mark.long
@pytest.mark.parametrize("by", ["as saved", pytest.param("LibreOffice", marks=LIBREOFFICE)])
def test_a_whole_year_comes_back_and_gives_the_same_results(by: str, next_year: Path, whole: Path, tmp_path: Path,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    """Every ranking of 2020 again, also when another program has saved the workbooks."""
    (tmp_path / "back").mkdir()
    returned = whole if by == "as saved" else saved_again(whole, tmp_path / "back")
    assert len(comes_back(next_year, returned, tmp_path, monkeypatch)) == 8


def test_check_says_who_has_not_handed_in_what(small: Path, blank_of_two: Path, filled: Path) -> None:
    """The finance bureau's indicator of both classes of eight towns, and half of the water bureau's."""
    folder = small / "data" / NEXT
    shutil.copytree(filled, folder)
    (folder / "finance.xlsx").unlink()
    fill(blank_of_two / "water.xlsx", folder, edition("2020")[1], only=0.5)
    told = typed("check", NEXT, "--root", small, "--lang", "en")
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


def test_gaps_of_one_kind_are_told_once_a_sheet_and_counted(small: Path, blank_of_two: Path) -> None:
    folder = small / "data" / NEXT
    folder.mkdir()
    for path in blank_of_two.iterdir():
        shutil.copy(path, folder)
    told = typed("check", NEXT, "--root", small).stderr.splitlines()
    survey = [line for line in told if "[调查 towns_1]" in line]
    assert len(survey) == 4 and survey[-1].endswith("同样的空缺还有 253 处，见下面的清单。")
    asks = handin.asked(book := tx.load_rulebook(NEXT, small), handin.units_known(book)[0])
    marks = asks[asks["table"] == "marks"]
    each = marks[marks["category"] == "towns_1"].groupby("lead").size()
    for lead, rows in each.items():
        mine = [line for line in told if f"{lead}.xlsx[打分 towns_1]" in line]
        assert len(mine) == 4 and f"还有 {rows - 3} 处" in mine[-1]
    assert len(told) == len(set(told)) < sum(int(number) for number in re.findall("还有 ([0-9]+) 处", "".join(told))) / 5
    assert re.fullmatch("共 [0-9]+ 处错误。", told[-1])


# ── what people do ──────────────────────────────────────────────────────────────────────────────────────────────────


def change(folder: Path, name: str, how: Any) -> None:
    file = openpyxl.load_workbook(folder / name)
    how(file)
    file.save(folder / name)


@pytest.mark.parametrize(("how", "said"), [
    (lambda file: file["实绩 towns_1"].append(["donggang", "", "A1.1", "", "", "", NEXT, 7]), ["row_twice"]),
    (lambda file: file["实绩 towns_1"].append(["nowhere", "", "A1.1", "", "", "", NEXT, 7]), ["unit_unknown"]),
    (lambda file: file["实绩 towns_1"].delete_cols(1), ["header_missing", "column_missing"]),
    (lambda file: file["实绩 towns_1"].delete_cols(8), ["value_missing", "column_empty"]),
    (lambda file: file["实绩 towns_1"].delete_cols(2), []),
    (lambda file: file["实绩 towns_1"].merge_cells(start_row=6, end_row=7, start_column=8, end_column=8), ["cells_merged"]),
    (lambda file: file["实绩 towns_1"].cell(6, 8, "约7"), ["cell_number"]),
    (lambda file: setattr(file["实绩 towns_1"].cell(6, 8), "value", None), ["value_missing"]),
    (lambda file: file["实绩 towns_1"].cell(6, 2, "东港"), []),
    (lambda file: setattr(file["实绩 towns_1"], "title", "实绩 towns_9"), ["sheet_unknown"]),
    (lambda file: file.__delitem__("实绩 towns_1"), ["pair_absent"]),
])
def test_what_people_do_to_a_workbook_is_read_or_named(small: Path, filled: Path, how: Any, said: list[str]) -> None:
    """Rows added, columns deleted, cells merged, words for numbers, sheets renamed: read as meant, or a fault with its place."""
    folder = small / "data" / NEXT
    shutil.copytree(filled, folder)
    change(folder, "finance.xlsx", how)
    faults = data.read(of(tx.load_rulebook(NEXT, small), "towns_1"))[1]
    assert ({fault.code for fault in faults} & set(said)) or not said, [fault.message("zh") for fault in faults]
    assert bool(faults) == bool(said)


def test_a_workbook_that_may_be_filled_in_is_not_overwritten(small: Path) -> None:
    made = asking.write(small, NEXT)
    assert {each.status for each in made.written} == {"written"} and made.exit_status == 0
    finance = made.folder / "finance.xlsx"
    change(made.folder, "finance.xlsx", lambda file: file["实绩 towns_1"].cell(6, 8, 7.5))
    filled = finance.read_bytes()
    told = typed("template", NEXT, "--root", small, "--lang", "en")
    assert told.exit_code == 1 and finance.read_bytes() == filled
    assert "finance.xlsx  Finance Bureau  there already, kept" in told.stdout.replace("财政局", "Finance Bureau")
    assert typed("template", NEXT, "--root", small, "--force").exit_code == 0 and finance.read_bytes() != filled
    assert not list(made.folder.parent.glob(".run-*"))


def test_a_workbook_that_cannot_be_written_is_named_and_the_others_are_there(small: Path) -> None:
    """As when it is open in Excel on Windows; here a folder has its name."""
    (small / "outputs" / NEXT / "templates" / "finance.xlsx").mkdir(parents=True)
    made = asking.write(small, NEXT, lang="en", force=True)
    (hindered,) = [each for each in made.written if each.status == "hindered"]
    assert hindered.path.name == "finance.xlsx" and "finance.xlsx" in hindered.reason and made.exit_status == 1
    assert sum(each.status == "written" for each in made.written) == len(made.written) - 1 > 20


@pytest.mark.parametrize(("words", "said"), [(["1999"], "2017-jining, 2019, 2020, 2021"), (["../x"], "x"), ([""], "")])
def test_a_wrong_year_is_refused(small: Path, words: list[str], said: str) -> None:
    shutil.copytree(ROOT / "params" / "2017-jining", small / "params" / "2017-jining")
    told = typed("template", *words, "--root", small)
    assert told.exit_code == 2 and told.stdout == "" and said in told.stderr and not (small / "outputs").exists()


def test_without_any_units_it_says_where_they_go(small: Path) -> None:
    book = small / "params" / NEXT / "rulebook.yaml"
    book.write_text(book.read_text(encoding="utf-8").replace('last_year: "2020"', ""), encoding="utf-8")
    told = typed("template", NEXT, "--root", small, "--lang", "en")
    assert told.exit_code == 2 and "units.csv" in told.stderr and not (small / "outputs").exists()


def test_units_of_the_year_before_are_said_to_be(small: Path) -> None:
    told = typed("template", NEXT, "--root", small, "--lang", "en")
    assert told.exit_code == 0 and "those of 2020 are taken" in told.stdout
    (small / "data" / NEXT).mkdir()
    shutil.copy(small / "data" / "2020" / "units.csv", small / "data" / NEXT)
    again = typed("template", NEXT, "--root", small, "--lang", "en", "--force")
    assert "are taken" not in again.stdout
    assert "units" not in loaded(small / "outputs" / NEXT / "templates" / "_office.xlsx").sheetnames


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


def test_what_is_absent_is_told_of_the_workbook_that_it_belongs_in(small: Path, filled: Path) -> None:
    """Not of the file that happens to be read first; of the category's table where the department's workbook is not there."""
    folder = small / "data" / NEXT
    shutil.copytree(filled, folder)
    change(folder, "water.xlsx", lambda file: file["实绩 towns_1"].delete_rows(6))
    change(folder, "finance.xlsx", lambda file: file.__delitem__("实绩 towns_1"))
    (folder / "taxation.xlsx").unlink()
    faults = data.read(of(tx.load_rulebook(NEXT, small), "towns_1"))[1]
    gone = [fault for fault in faults if (fault.category, fault.code) == ("towns_1", "pair_absent")]
    leads = {leaf.code: leaf.lead for leaf in tx.load_rulebook(NEXT, small).categories["towns_1"].leaves}
    told = {(leads[fault.where.split(" · ")[1].split(" ")[0]], fault.file) for fault in gone}
    assert told == {("water", f"data/{NEXT}/water.xlsx[实绩 towns_1]"), ("finance", f"data/{NEXT}/finance.xlsx"),
                    ("taxation", f"data/{NEXT}/towns_1/observations.csv")}


def test_a_unit_without_any_row_is_told_once_to_each_workbook(small: Path, filled: Path) -> None:
    folder = small / "data" / NEXT
    shutil.copytree(filled, folder)
    leaves_of: dict[str, list[str]] = {}
    for leaf in tx.load_rulebook(NEXT, small).categories["towns_1"].observed:
        leaves_of.setdefault(str(leaf.lead), []).append(leaf.code)
    for lead in leaves_of:
        def drop(file: Any) -> None:
            page = file["实绩 towns_1"]
            for row, told in reversed(list(lines(page))):
                if told["unit"] == "donggang":
                    page.delete_rows(row)
        change(folder, f"{lead}.xlsx", drop)
    faults = [fault for fault in data.read(of(tx.load_rulebook(NEXT, small), "towns_1"))[1]
              if fault.code in ("unit_absent", "pair_absent")]
    assert sorted((fault.file, fault.code) for fault in faults) == sorted(
        (f"data/{NEXT}/{lead}.xlsx[实绩 towns_1]", "unit_absent" if len(codes) > 1 else "pair_absent")
        for lead, codes in leaves_of.items())


def test_a_group_left_empty_is_missing_though_its_weight_could_go_to_the_others(root: Path) -> None:
    """The reader tells each empty count as a fault; a group without rows, or with 0 throughout, is no fault and not missing."""
    shutil.copytree(root / "data/2020", root / "data" / NEXT)
    file = root / "data" / NEXT / "depts_3/survey.csv"
    book = of(tx.load_rulebook(NEXT, root), "depts_3")
    units, whole = handin.units_known(book)[0], pd.read_csv(file, dtype=str).assign(period=NEXT)
    leaf = book.categories["depts_3"].node("B1.1")
    assert leaf.rule.absent_group == "redistribute"
    theirs = (whole["indicator"] == "B1.1") & (whole["unit"] == whole["unit"][0]) & (whole["group"] == "enterprises")
    assert theirs.any()
    for answers, gone in ((whole, 0), (whole.assign(count=whole["count"].mask(theirs, "")), 1),
                          (whole.assign(count=whole["count"].mask(theirs, "0")), 0), (whole[~theirs], 0)):
        answers.to_csv(file, index=False)
        missing = handin.missing(book, units, ["depts_3"])
        faults = [fault for fault in data.read(book)[1] if "survey" in fault.file and fault.category == "depts_3"]
        assert (missing["indicator"] == "B1.1").sum() == gone == min(len(faults), 1), faults
