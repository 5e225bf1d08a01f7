"""Workbooks to be filled in: what is asked for, what is known already, how it may be typed, when one is written."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from handouts import NEXT, change, copied, head, lines, loaded, of, sent
from openpyxl.worksheet.worksheet import Worksheet
from running import typed
from shared import ROOT, edition, words_of
from workbooks import written_book

import txlib as tx
from txlib.base import labels
from txlib.intake import asked, blanks, data, tables
from txlib.report.excel import handout
from txlib.report.excel.typed import Typed
from txlib.report.kit.words import Words
from txlib.rules.year import Closes
from txlib.run import templates
from txlib.run.workspace import init

# ── what is asked for ───────────────────────────────────────────────────────────────────────────────────────────────


def test_every_lead_department_gets_one_workbook_with_a_sheet_a_category(blank_books: Path, next_year: Path) -> None:
    book = tx.load_rulebook(NEXT, next_year)
    own = {"survey": ["survey"], "marks": ["marks", "details"], "superior_rank": []}
    led = {(leaf.lead, code, table) for code, category in book.categories.items() for leaf in category.leaves
           for table in own.get(leaf.rule.method, ["observations"])}
    found = set()
    for path in blank_books.glob("[a-z]*.xlsx"):
        for name in sent(path).sheetnames[1:]:
            title, code = name.split(" ")
            found.add((path.stem, code, {"实绩": "observations", "调查": "survey", "打分": "marks", "细则": "details"}[title]))
    assert found == led
    office = sent(blank_books / "_office.xlsx").sheetnames
    events = [f"事项 {code}" for code, category in book.categories.items() if category.adjustments]
    assert office == ["说明", "单位", "上级指标", "责任单位", "决定", *events]


def test_rows_are_each_unit_and_indicator_once_with_what_is_known(blank_books: Path) -> None:
    """Industry's sheet in depts_2: two indicators with last year's values, one with none."""
    rows = [row for _, row in lines(sent(blank_books / "industry.xlsx")["实绩 depts_2"])]
    before = edition("2020")[1]
    units = list(before.units_of("depts_2")["unit"])
    wanted = [(leaf, unit) for leaf in ("A1.3", "A1.5", "A2.4") for unit in units]
    assert [(row["indicator"], row["unit"]) for row in rows] == wanted
    then = before.observations[before.observations["category"] == "depts_2"].set_index(["indicator", "unit"])["value"]
    for row in rows:
        assert row["value"] is None and row["period"] == NEXT
        assert row["last_year"] == (then[row["indicator"], row["unit"]] if row["indicator"] == "A1.3" else None)
        assert row["（单位名称）"] and row["（指标名称）"] and row["（计量单位）"] and row["（条款）"]


def test_a_column_that_no_indicator_needs_is_left_out(blank_books: Path) -> None:
    assert not {"target", "last_year"} & set(head(sent(blank_books / "taxation.xlsx")["实绩 towns_1"])[1])
    assert "target" in head(sent(blank_books / "finance.xlsx")["实绩 towns_1"])[1]


def test_last_years_values_follow_units_and_leave_merged_ones_empty(next_year: Path) -> None:
    """2020 over 2019: the department made of two has none; an indicator under another name has none."""
    book = of(tx.load_rulebook("2020", next_year), "towns_1", "depts_3")
    units = asked.units_known(book)[0]
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


def test_what_other_files_hold_is_not_asked_for_again_and_what_the_own_one_holds_stands_in_it(own_year: Path) -> None:
    folder_2020 = own_year / "data" / "2020"
    frame = pd.read_csv(folder_2020 / "towns_1" / "observations.csv", dtype=str)
    gone = (frame["indicator"] == "A1.1") & frame["unit"].isin(["donggang", "liuhu"])
    frame[~gone].to_csv(folder_2020 / "towns_1" / "observations.csv", index=False)
    folder = templates.write(own_year, "2020").folder
    assert [path.name for path in folder.iterdir() if path.stem[0] != "_"] == ["finance.xlsx"]
    file = loaded(folder / "finance.xlsx")
    assert file.sheetnames == ["说明", "实绩 towns_1"]
    rows = list(lines(file["实绩 towns_1"]))
    assert [row["unit"] for _, row in rows] == ["donggang", "liuhu"]
    line, columns = rows[0][0], head(file["实绩 towns_1"])[1]
    file["实绩 towns_1"].cell(line, columns["value"], 7.13)
    file["实绩 towns_1"].cell(line, columns["target"], 7.14)
    file.save(folder_2020 / "finance.xlsx")
    assert templates.write(own_year, "2020", force=True).written[0].due == 1
    again = [row for _, row in lines(loaded(folder / "finance.xlsx")["实绩 towns_1"])]
    assert [(row["unit"], row["value"], row["target"]) for row in again] == [("donggang", 7.13, 7.14), ("liuhu", None, None)]


@pytest.mark.quick
def test_a_row_that_stands_elsewhere_and_is_not_complete_is_asked_for_with_what_is_known(own_year: Path) -> None:
    """A target without its value; where a dash stands for it nothing is asked for."""
    folder_2020 = own_year / "data" / "2020" / "towns_1"
    path = folder_2020 / "observations.csv"
    frame = pd.read_csv(path, dtype=str)
    frame.loc[(frame["indicator"] == "A1.1") & (frame["unit"] == "liuhu"), "value"] = None
    frame.loc[(frame["indicator"] == "A1.1") & (frame["unit"] == "donggang"), ["value", "target"]] = ["—", None]
    frame.to_csv(path, index=False)
    page = loaded(templates.write(own_year, "2020").folder / "finance.xlsx")["实绩 towns_1"]
    target = float(frame.loc[(frame["indicator"] == "A1.1") & (frame["unit"] == "liuhu"), "target"].item())
    assert [(row["unit"], row["value"], row["target"]) for _, row in lines(page)] == [("liuhu", None, target)]


def to_do(page: Worksheet) -> dict[tuple[str, str], str]:
    """What is to be done in each row, by indicator and unit: in the row itself, or above the table."""
    hint = str(page.cell(head(page)[0] - 1, 1).value)
    return {(row["indicator"], row["unit"]): row.get("（填写）", hint) for _, row in lines(page)}


@pytest.mark.quick
def test_where_a_number_is_from_that_stands_in_a_row_already_is_told_beside_it(own_year: Path) -> None:
    """Last year's figure under its year, a target under the file that holds it; nothing is told of what is made up by nobody."""
    folder = own_year / "data" / NEXT
    folder.mkdir()
    written_book(folder / "plan.xlsx", {"实绩 towns_1": [["单位编码", "指标编码", "期间", "目标值"],
                                                         ["donggang", "A1.1", NEXT, 9.5]]})
    made = templates.write(own_year, NEXT).folder
    page = loaded(made / "finance.xlsx")["实绩 towns_1"]
    told, rows = to_do(page), {row["unit"]: row for _, row in lines(page)}
    assert rows["donggang"]["target"] == 9.5 and rows["liuhu"]["target"] is None
    assert told["A1.1", "donggang"] == "填实绩；核对目标值（取自 plan.xlsx[实绩 towns_1]）"
    assert told["A1.1", "liuhu"] == "填实绩、目标值"
    before = {(row.indicator, row.unit) for row in edition("2020")[1].observations.query("category == 'towns_2'").itertuples()
              if row.value == row.value}
    seen = []
    for path in made.glob("[a-z]*.xlsx"):
        file = loaded(path)
        for page in [file["实绩 towns_2"]] if "实绩 towns_2" in file.sheetnames else []:
            told, columns = to_do(page), head(page)[1]
            for row, cells in lines(page):
                known = "last_year" in columns and cells["last_year"] is not None
                assert ("核对上年值（2020 年度）" in told[cells["indicator"], cells["unit"]]) == known, (path, row)
                seen += [(cells["indicator"], cells["unit"])] if known else []
    assert seen and set(seen) <= before
    written_book(folder / "finance.xlsx", {"实绩 towns_1": [["单位编码", "指标编码", "期间", "实绩", "目标值"], *(
        [unit, "A1.1", NEXT, 7, row["target"] or 8] for unit, row in rows.items())]})
    faults = data.read(of(tx.load_rulebook(NEXT, own_year), "towns_1"))[1]
    assert not [fault for fault in faults if "finance.xlsx" in fault.file or "plan.xlsx" in fault.file]


def test_a_lead_department_is_not_asked_to_mark_itself(next_year: Path, tmp_path: Path) -> None:
    """Its own row is there with — in it and cannot be changed, is not counted as one to be filled in, and is what is checked."""
    root = copied(next_year, tmp_path)
    book = of(tx.load_rulebook(NEXT, root), "depts_1")
    units = asked.units_known(book)[0]
    forms = blanks.forms(book, units)["organisation"]
    (form,) = [form for form in forms if form.table == "marks"]
    others = [row["unit"] for row in form.rows if row["unit"] != "organisation"]
    assert (form.due, form.awaited) == (len(others), len(others) + 1) and others
    path = root / "data" / NEXT / "organisation.xlsx"
    path.parent.mkdir()
    path.write_bytes(handout.workbook(book, units, "organisation", [form], words_of(book, "zh")))
    file = loaded(path)
    page = file["打分 depts_1"]
    columns = head(page)[1]
    for row, told in lines(page):
        parts = [page.cell(row, columns[name]) for name in ("quantitative", "qualitative", "total")]
        own = told["unit"] == "organisation"
        assert [(cell.value, cell.protection.locked) for cell in parts] == [("—", True) if own else (None, False)] * 3
        assert ("按规则填好" in told["（填写）"]) == own
        for cell, mark in zip(parts if not own else (), (50, 30 + row / 10, 80 + row / 10), strict=False):
            cell.value = mark
    file.save(path)
    faults = [fault for fault in data.read(book)[1] if fault.file.startswith(f"data/{NEXT}/organisation.xlsx")]
    assert not [fault.message("zh") for fault in faults if fault.code != "sheet_missing"]
    gone = asked.missing(book, units, ["depts_1"])
    assert not len(gone[(gone["lead"] == "organisation") & (gone["table"] == "marks")])
    assert not [form for form in blanks.forms(book, units).get("organisation", ()) if form.due and form.table == "marks"]


def test_an_indicator_without_a_lead_is_the_offices(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "params" / "2017-jining", tmp_path / "params" / "2017-jining")
    (tmp_path / "data" / "2017-jining").mkdir(parents=True)
    shutil.copy(ROOT / "data" / "2017-jining" / "units.csv", tmp_path / "data" / "2017-jining")
    made = templates.write(tmp_path, "2017-jining", lang="en")
    assert [each.path.name for each in made.written] == ["_office.xlsx"]
    assert loaded(made.written[0].path).sheetnames == ["Notes", "observations class_1", "observations class_2", "decisions"]


# ── how it may be filled in ─────────────────────────────────────────────────────────────────────────────────────────


def test_keys_are_protected_without_a_password_and_what_is_to_be_filled_in_is_free(blank_books: Path, next_year: Path) -> None:
    page = sent(blank_books / "development.xlsx")["实绩 depts_2"]
    category = tx.load_rulebook(NEXT, next_year).categories["depts_2"]
    assert page.protection.sheet and not page.protection.password
    for row, told in lines(page):
        columns, node = head(page)[1], category.node(told["indicator"])
        free = {name for name, column in columns.items() if not page.cell(row, column).protection.locked}
        status = {"status"} if node.not_applicable.rule != "not_allowed" else set()
        assert free == {*tables.named()["observations"].to_fill(node), "note"} | status
    events = sent(blank_books / "_office.xlsx")["事项 towns_1"]
    top = head(events)[0]
    assert not events.protection.sheet and not events.cell(top + 1, 1).protection.locked


def rules(page: Worksheet, name: str, row: int) -> list[Any]:
    column = head(page)[1][name]
    return [rule for rule in page.data_validations.dataValidation if page.cell(row, column).coordinate in rule.sqref]


def test_what_is_typed_is_held_to_rules(blank_books: Path) -> None:
    page = sent(blank_books / "development.xlsx")["实绩 depts_2"]
    row, told = next((row, told) for row, told in lines(page) if told["indicator"] == "A1.4")
    (value,), (status,) = rules(page, "value", row), rules(page, "status", row)
    assert value.type == "decimal" and told["（条款）"].split(", ")[0] in value.prompt and "A1.4" in value.promptTitle
    assert (status.type, status.formula1) == ("list", '"已报,不适用"')
    page = sent(blank_books / "assessment.xlsx")["调查 towns_1"]
    (count,) = rules(page, "count", head(page)[0] + 1)
    assert (count.type, count.operator, count.formula1) == ("whole", "greaterThanOrEqual", "0")
    file = sent(blank_books / "_office.xlsx")
    page = file["事项 towns_1"]
    first = head(page)[0] + 1
    for name, wanted in (("unit", ["donggang", "liuhu", "shiqiao", "yunxi", "luzhou", "baidang", "meiwei", "qingtan"]),
                         ("indicator", ["J1", "J2"]), ("level", ["national", "province", "prefecture"])):
        (rule,) = rules(page, name, first)
        sheet, area = rule.formula1.removeprefix("'").split("'!")
        assert [cell.value for line in file[sheet][area.replace("$", "")] for cell in line] == wanted
    (day,) = rules(page, "date", first)
    assert day.type == "date" and "2021" in day.error
    page = file["决定"]
    first, book = head(page)[0] + 1, tx.load_rulebook("2020", ROOT)
    units = asked.units_known(book)[0]["unit"]
    for name, least, held in (("unit", {*units}, True), ("clause", {*book.clauses}, False)):
        (rule,) = rules(page, name, first)
        sheet, area = rule.formula1.removeprefix("'").split("'!")
        assert {cell.value for line in file[sheet][area.replace("$", "")] for cell in line} == least
        assert bool(rule.showErrorMessage) is held, "a cell may hold several clauses"
    assert not rules(file["单位"], "unit", head(file["单位"])[0] + 1), "new units are entered there"


@pytest.mark.quick
@pytest.mark.parametrize(("table", "column", "last"), [("events", "date", "2021-01-15"), ("decisions", "since", "2020-12-31")])
def test_a_day_may_be_typed_as_late_as_the_rules_let_it_count(table: str, column: str, last: str) -> None:
    book = edition("2020")[0]
    closes = Closes.model_validate({"events": "2021-01-15", "clause": ["1.3a"]})
    form = blanks.Form(table, "" if table == "decisions" else "towns_1", (column,), (), (), 0, 0, 1)
    ruled = replace(book, rules=book.rules.model_copy(update={"closes": closes}))
    rule = Typed(Words(ruled, None, "zh"), form, (column,), {}).by_column(column)
    assert rule is not None and rule["maximum"].date().isoformat() == last
    assert (last in rule["error_message"]) == (last > "2021")


def test_every_column_has_a_note_that_says_what_it_means(blank_books: Path) -> None:
    for path in blank_books.iterdir():
        for page in sent(path).worksheets[1:]:
            top, columns = head(page)
            assert all(page.cell(top, column).comment for name, column in columns.items() if not name.startswith("（"))


@pytest.mark.quick
def test_every_column_of_every_table_that_is_handed_in_has_its_label() -> None:
    known = labels.section("handin")
    for name in set(tables.named()) - {"published"}:
        for field in tables.named()[name].model_fields:
            assert {f"column_{name}_{field}", f"column_{field}"} & set(known), f"{name}.{field}"


def test_no_text_is_a_formula_and_the_same_input_gives_the_same_bytes(own_year: Path, blank_books_of_two: Path) -> None:
    units = own_year / "data" / "2020" / "units.csv"
    text = units.read_text(encoding="utf-8")
    assert {path.name: path.read_bytes() for path in templates.write(own_year, NEXT).folder.iterdir()} == \
        {path.name: path.read_bytes() for path in blank_books_of_two.iterdir()}
    units.write_text(text.replace("东港镇", "=1+1").replace("柳湖镇", "@x"), encoding="utf-8")
    folder = templates.write(own_year, NEXT, force=True).folder
    for path in folder.iterdir():
        assert not [cell for page in loaded(path).worksheets for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    assert "=1+1" in [row["（单位名称）"] for _, row in lines(loaded(folder / "finance.xlsx")["实绩 towns_1"])]


@pytest.mark.quick
def test_a_number_given_out_of_so_many_is_held_to_them(tmp_path: Path) -> None:
    """A leaf without a lead department, of the ranking that a newspaper printed: its parts have limits."""
    shutil.copytree(ROOT / "params" / "2017-jining", tmp_path / "params" / "2017-jining")
    (tmp_path / "data" / "2017-jining").mkdir(parents=True)
    shutil.copy(ROOT / "data" / "2017-jining" / "units.csv", tmp_path / "data" / "2017-jining")
    page = loaded(templates.write(tmp_path, "2017-jining").folder / "_office.xlsx")["实绩 class_1"]
    leaves = {leaf.code: leaf for leaf in tx.load_rulebook("2017-jining", tmp_path).categories["class_1"].leaves}
    for row, told in lines(page):
        (rule,), leaf = rules(page, "value", row), leaves[told["indicator"]]
        assert (rule.type, rule.operator, rule.formula1) == ("decimal", None, "0")
        assert float(rule.formula2) == float(leaf.full if leaf.rule.out_of is None else leaf.rule.out_of)


def test_marks_are_asked_for_in_two_parts_and_their_sum_each_within_its_limit(blank_books: Path) -> None:
    """Out of 100, 60% of it quantitative; — is taken where an item may not apply, nothing else that is no number."""
    page = sent(blank_books / "discipline.xlsx")["打分 towns_1"]
    row, told = next(lines(page))
    assert (told["lead"], told["indicator"], told["quantitative"]) == ("discipline", "P2", None)
    assert page.cell(row, head(page)[1]["lead"]).protection.locked and "“—”" in page.cell(row - 3, 1).value
    for name, most in (("quantitative", 60), ("qualitative", 40), ("total", 100)):
        (rule,), cell = rules(page, name, row), page.cell(row, head(page)[1][name])
        assert not cell.protection.locked and "分" in rule.prompt and "1.3b" in rule.prompt and "P2" in rule.promptTitle
        at = cell.coordinate
        added = f",OR(COUNT(I{row},J{row})<2,ROUND({at}-I{row}-J{row},9)=0)" if name == "total" else ""
        assert (rule.type, rule.formula1) == ("custom", f'OR({at}="—",{at}="——",AND(ISNUMBER({at}),{at}>=0,{at}<={most}{added}))')
        assert f"0 到 {most} " in rule.error and "“—”" in rule.error and "状态" not in rule.error
    assert [page.cell(row - 1, column).value for column in (9, 10, 11)] == ["定量", "定性", "合计分"]


def test_detailed_rules_that_are_there_are_not_asked_for_again(own_year: Path) -> None:
    """A department that also reports figures: its marks of towns_1 are gone, the lines of its item's rules are there."""
    (own_year / "data" / "2020" / "towns_1" / "marks.csv").unlink()
    book = tx.load_rulebook("2020", own_year)
    sheets = {(form.table, form.category) for form in blanks.forms(book, asked.units_known(book)[0])["agriculture"]}
    assert ("marks", "towns_1") in sheets and ("details", "towns_1") not in sheets


def test_detailed_rules_have_a_free_sheet_that_offers_the_items_of_their_department(blank_books: Path) -> None:
    file = sent(blank_books / "justice.xlsx")
    page = file["细则 depts_4"]
    first = head(page)[0] + 1
    (indicator,), (number,) = rules(page, "indicator", first), rules(page, "number", first)
    sheet, area = indicator.formula1.removeprefix("'").split("'!")
    assert [cell.value for line in file[sheet][area.replace("$", "")] for cell in line] == ["A1.4", "G2"]
    assert (number.type, number.operator, number.formula1) == ("whole", "greaterThanOrEqual", "0")
    assert not page.cell(first, 1).protection.locked and not page.protection.sheet


def test_the_notes_have_a_table_of_each_kind_with_each_indicator_once(blank_books: Path) -> None:
    """Two departments that mark and report; the office's events have levels, a code under its head, its name beside it."""
    for name in ("justice", "organisation", "_office"):
        page = sent(blank_books / f"{name}.xlsx").worksheets[0]
        found = [[[cell.value for cell in row] for row in page[table.ref]] for table in page.tables.values()]
        heads = [rows[0] for rows in found]
        listed = [tuple(row[:2]) for rows in found if "条款" in rows[0] for row in rows[1:]]
        assert listed and len(set(listed)) == len(listed), name
        assert heads.count(["编码", "名称", "计量单位", "条款"]) == (name != "_office")
        assert heads.count(["编码", "名称", "条款", "类别"]) == 1
        levels = [row[:2] for rows in found if rows[0] == ["编码", "名称", "类别"] for row in rows[1:]]
        assert levels == ([["national", "国家级"], ["province", "省级"], ["prefecture", "地市级"]] if name == "_office" else [])


# ── when they are written ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_workbook_that_may_be_filled_in_is_not_overwritten(own_year: Path) -> None:
    made = templates.write(own_year, NEXT)
    assert {each.status for each in made.written} == {"written"} and made.exit_status == 0
    finance = made.folder / "finance.xlsx"
    change(made.folder, "finance.xlsx", lambda file: file["实绩 towns_1"].cell(6, 8, 7.5))
    filled = finance.read_bytes()
    told = typed("template", NEXT, "--root", own_year, "--lang", "en")
    assert told.exit_code == 1 and finance.read_bytes() == filled
    assert "finance.xlsx  Finance Bureau  there already, kept" in told.stdout.replace("财政局", "Finance Bureau")
    assert typed("template", NEXT, "--root", own_year, "--force").exit_code == 0 and finance.read_bytes() != filled
    assert not list(made.folder.parent.glob(".run-*"))


def test_a_workbook_that_nobody_has_changed_follows_the_rules(tmp_path: Path) -> None:
    init(tmp_path, "2026", "zh", empty=True)
    folder = templates.write(tmp_path, "2026").folder
    change(folder, "finance.xlsx", lambda file: file.worksheets[-1].cell(6, 8, 7.5))
    filled = {path.name: path.read_bytes() for path in folder.iterdir()}
    rules = tmp_path / "params" / "2026" / "rulebook.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("data: sample", "data: real"), encoding="utf-8")
    again = templates.write(tmp_path, "2026")
    became = {each.path.name: each.status for each in again.written}
    assert became.pop("finance.xlsx") == "kept" and {*became.values()} == {"written"} and again.exit_status == 1
    assert {path.name for path in folder.iterdir() if path.read_bytes() == filled[path.name]} == {"finance.xlsx"}
    assert "unchanged" in {each.status for each in templates.write(tmp_path, "2026").written}
    (folder.parent / templates.WRITTEN).write_text("[", encoding="utf-8")
    rules.write_text(rules.read_text(encoding="utf-8").replace("data: real", "data: sample"), encoding="utf-8")
    assert {each.status for each in templates.write(tmp_path, "2026").written} == {"kept"}, "nothing is known of them"


def test_a_workbook_that_cannot_be_written_is_named_and_the_others_are_there(own_year: Path) -> None:
    """As when it is open in Excel on Windows; here a folder has its name."""
    (own_year / "outputs" / NEXT / "templates" / "finance.xlsx").mkdir(parents=True)
    made = templates.write(own_year, NEXT, lang="en", force=True)
    (hindered,) = [each for each in made.written if each.status == "hindered"]
    assert hindered.path.name == "finance.xlsx" and "finance.xlsx" in hindered.reason and made.exit_status == 1
    assert sum(each.status == "written" for each in made.written) == len(made.written) - 1 > 20


@pytest.mark.parametrize(("words", "said"), [(["1999"], "2017-jining, 2019, 2020, 2021"), (["../x"], "x"), ([""], "")])
def test_a_wrong_year_is_refused(own_year: Path, words: list[str], said: str) -> None:
    shutil.copytree(ROOT / "params" / "2017-jining", own_year / "params" / "2017-jining")
    told = typed("template", *words, "--root", own_year)
    assert told.exit_code == 2 and told.stdout == "" and said in told.stderr and not (own_year / "outputs").exists()


def test_without_any_units_it_says_where_they_go(own_year: Path) -> None:
    book = own_year / "params" / NEXT / "rulebook.yaml"
    book.write_text(book.read_text(encoding="utf-8").replace('last_year: "2020"', ""), encoding="utf-8")
    told = typed("template", NEXT, "--root", own_year, "--lang", "en")
    assert told.exit_code == 2 and "units.csv" in told.stderr and not (own_year / "outputs").exists()


def test_units_of_the_year_before_are_said_to_be(own_year: Path) -> None:
    told = typed("template", NEXT, "--root", own_year, "--lang", "en")
    assert told.exit_code == 0 and "those of 2020 are taken" in told.stdout
    (own_year / "data" / NEXT).mkdir()
    shutil.copy(own_year / "data" / "2020" / "units.csv", own_year / "data" / NEXT)
    again = typed("template", NEXT, "--root", own_year, "--lang", "en", "--force")
    assert "are taken" not in again.stdout
    assert "units" not in loaded(own_year / "outputs" / NEXT / "templates" / "_office.xlsx").sheetnames
