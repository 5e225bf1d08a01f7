"""A city of one's own: codes in Chinese, names of its own for groups, grades and levels, no English, from check to a browser."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import chinese_codes as city
import openpyxl
import pytest
import yaml
from browsing import Tab
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from running import without_kernels
from shared import words_of

import txlib as tx
from txlib.base.faults import DataError, RulebookError
from txlib.base.files import names_a_folder
from txlib.cli import main
from txlib.intake.asked import handed, units_known
from txlib.rules.schema import json_schema
from txlib.run import cards, pages
from txlib.run.kept import outputs

TREE = f"params/2026/trees/{city.CATEGORY}.yaml"
HERE = f"data/2026/{city.CATEGORY}"


def changed(root: Path, name: str, *edits: tuple[str, str]) -> Path:
    path = root / name
    text = path.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8", newline="")
    return root


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return city.written(tmp_path)


def loaded(root: Path) -> tuple[tx.RuleBook, tx.Data]:
    book = tx.load_rulebook("2026", root)
    return book, tx.load_data(book)


def sheet(text: str) -> bytes:
    """A workbook with one sheet, of rows of comma-separated text."""
    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "实绩"
    for row in csv.reader(text.splitlines()):
        book.active.append([float(cell) if cell.isdigit() and cell != "2026" else cell for cell in row])
    book.save(stream)
    return stream.getvalue()


def refused(read: Callable[[Path], Any], root: Path) -> list[Any]:
    with pytest.raises((RulebookError, DataError)) as caught:
        read(root)
    return list(caught.value.faults)


@pytest.mark.quick
def test_what_people_call_a_thing_is_read_for_its_code(own: Path) -> None:
    """Units by name and other names, indicators, groups, grades and levels by names."""
    _, by_code = loaded(own)
    changed(own, f"{HERE}/observations.csv", ("东港镇,甲1", "东港,甲1"), ("柳湖镇,基层组织", "柳湖办事处,丙1基层组织"))
    changed(own, f"{HERE}/survey.csv", ("群众代表(居民)", "Residents' delegates"), ("企业,差", "企业,不太好"), ("很好", "好"))
    changed(own, f"{HERE}/events.csv", ("国家级表彰", "National award"), ("省里表彰", "province"))
    _, by_name = loaded(own)
    for frame in ("observations", "surveys", "events"):
        assert getattr(by_name, frame).equals(getattr(by_code, frame))
    assert set(by_name.surveys["group"]) == {"群众", "企业"} and set(by_name.events["level"]) == {"全国", "province", "本市"}


@pytest.mark.quick
def test_an_indicator_with_a_chinese_code_may_be_a_column(own: Path) -> None:
    _, told = loaded(own)
    rows = "".join(f"{unit},2026,{80 + i},{90 - i}\n" for i, unit in enumerate(city.UNITS))
    table = (own / HERE / "observations.csv").read_text(encoding="utf-8")
    kept = [line for line in table.splitlines(keepends=True) if ",基层组织," not in line and ",丙2," not in line]
    (own / HERE / "observations.csv").write_text("".join(kept), encoding="utf-8")
    (own / HERE / "党建.xlsx").write_bytes(sheet("单位,期间,丙1,廉政（分）\n" + rows))
    _, wide = loaded(own)
    columns = ["unit", "indicator", "value"]
    assert sorted(wide.observations[columns].to_numpy().tolist()) == sorted(told.observations[columns].to_numpy().tolist())


@pytest.mark.quick
def test_an_editor_takes_the_files(own: Path) -> None:
    schema = json_schema()
    for name in ("rulebook", "clauses", "assumptions", "branches", f"trees/{city.CATEGORY}"):
        found = yaml.safe_load((own / "params/2026" / f"{name}.yaml").read_text(encoding="utf-8"))
        kind = "tree" if "/" in name else name
        wanted = Draft202012Validator({**schema, "oneOf": [{"$ref": f"#/$defs/{kind}"}]})
        assert [error.message for error in wanted.iter_errors(found)] == []


@pytest.mark.quick
def test_a_name_that_is_another_units_is_looked_at(own: Path) -> None:
    """Of two that share one, and of one that is another's code, which then is read as that."""
    assert loaded(own)[1].remarks == ()
    changed(own, "data/2026/units.csv", ("青山;青山办事处", "东港;柳湖镇"), ("审计局,某市审计局", "审计局,白马乡"))
    told = {(each.code, each.at.unit, each.found, dict(each.values)["other"]) for each in loaded(own)[1].remarks}
    pairs = [("青山乡", "东港", "东港镇"), ("青山乡", "柳湖镇", "柳湖镇"), ("东港镇", "东港", "青山乡"),
             ("审计局", "白马乡", "白马乡")]
    assert told == {("name_of_two", *each) for each in pairs}


@pytest.mark.quick
def test_another_name_that_two_units_have_means_neither(own: Path) -> None:
    changed(own, "data/2026/units.csv", ("青山;青山办事处", "东港;青山"))
    changed(own, f"{HERE}/observations.csv", ("东港镇,甲1", "东港,甲1"))
    faults = refused(loaded, own)
    assert {(fault.code, fault.found) for fault in faults} >= {("unit_unknown", "东港")}
    assert next(fault for fault in faults if fault.code == "unit_unknown").message("zh").count("东港镇？")


@pytest.mark.quick
def test_sentences_have_names_and_english_ones_chinese_where_there_is_no_other(own: Path) -> None:
    book, data = loaded(own)
    result = tx.assess(book, data, city.CATEGORY)
    survey, bonus = (tx.explain(result, unit="东港镇", indicator=code, lang="en") for code in ("乙", "加1"))
    assert all(word in survey for word in ("东港镇", "公众评议", "很好 100%", "一般 60%", "residents' delegates", "不太好 0%"))
    assert "national award 2" in bonus and "省里表彰 1" in bonus and "本市 0.5" in bonus
    assert "群众代表（居民）" in tx.explain(result, unit="东港镇", indicator="乙") and "全国" not in tx.explain(
        result, unit="东港镇", indicator="加1")
    assert tx.explain(result, unit="柳湖镇", lang="en").startswith("柳湖镇")
    assert words_of(book, "en", data).tier("一等") == "第一等次"


@pytest.mark.quick
@pytest.mark.parametrize(("old", "new", "code", "words"), [
    ("企业: 40%", "企业: {name: 群众代表（居民）, weight: 40%}", "named_alike", ""),
    ("企业: 40%", "企业: {name: {zh: 企业家, en: residents' delegates}, weight: 40%}", "named_alike", ""),
    ("企业: 40%", "residents: 20%\n        企业: {name: 群众, weight: 20%}", "named_alike", ""),
    ("企业: 40%", "企业: {name: 企业家}", "key_missing", "weight"),
    ("企业: 40%", "企业: {name: 企业家, share: 40%}", "key_missing", "weight"),
    ("企业: 40%", "企业: {name: [企业家], weight: 40%}", "text_both", "…"),
    ("企业: 40%", "企业: {name: 企业家, weight: 四成}", "part_form", "四成"),
    ("企业: 40%", "Ａ组: 40%", "code_form", "Ａ组"), ("企业: 40%", "企 业: 40%", "code_form", "企 业"),
    ("企业: 40%", "企业：40%", "yaml_full_width", "："), ("企业: 40%", "企业:40%", "yaml_colon", "企业: 40%"),
    ("code: 甲1", "code: 甲①", "code_form", "甲①"), ("lead: 农业农村局", "lead: 农业农村局 ", "", ""),
])
def test_a_wrong_entry_is_told_at_its_line(own: Path, old: str, new: str, code: str, words: str) -> None:
    line = (own / TREE).read_text(encoding="utf-8").partition(old)[0].count("\n") + 1
    changed(own, TREE, (old, new))
    if not code:
        loaded(own)
        return
    fault = next(fault for fault in refused(loaded, own) if fault.code == code)
    assert fault.file == TREE and fault.line in (line, line - 2) and words in fault.message("zh") and words in fault.message("en")


@pytest.mark.quick
def test_faults_of_tables_tell_names_before_codes(own: Path) -> None:
    changed(own, f"{HERE}/survey.csv", ("东港镇,乙,2026,企业,很好", "东港镇,乙,2026,企业,极好"),
            ("柳湖镇,乙,2026,企业,差,4\n", ""))
    changed(own, f"{HERE}/events.csv", ("国家级表彰", "全国表扬"))
    faults = {fault.code: fault.message("zh") for fault in refused(loaded, own)}
    assert "很好 好" in faults["grade_unknown"] and "一般" in faults["grade_unknown"] and "不太好 差" in faults["grade_absent"]
    assert "国家级表彰 全国, 省里表彰 province, 本市" in faults["level_unknown"]


@pytest.mark.quick
def test_a_difference_tells_names_and_nothing_where_a_form_is_longer(own: Path, tmp_path: Path) -> None:
    """A number that is written beside a name is the same number; another name of its own is a change."""
    other = city.written(tmp_path / "other")
    changed(other, TREE, ("企业: 40%", "企业: {weight: 40%}"), ("name: 省里表彰, points: 1", "name: 省级表彰, points: 1.5"),
            ("share: 0%", "share: 10%"))
    for each in (own, other):
        changed(each, TREE, ("province:", "category:"))  # which is called so elsewhere
    found = tx.diff_rules(*(tx.load_rulebook("2026", each) for each in (own, other)))
    mine = {(row.what, row.then, row.now, row.line) for row in found.itertuples() if row.code != "乙"}
    assert [(row.then, row.now) for row in found.itertuples() if row.code == "乙"] == [("0%", "10%")]
    line = (other / TREE).read_text(encoding="utf-8").partition("category: {name")[0].count("\n") + 1
    assert mine == {("级别 · 省级表彰", "1", "1.5", line), ("级别 · 省级表彰 · 名称", "省里表彰", "省级表彰", line)}


def test_hand_outs_offer_names_and_what_comes_back_is_read(own: Path) -> None:
    _, data = loaded(own)
    for path in (own / HERE).glob("*.csv"):
        path.unlink()
    told = CliRunner().invoke(main, ["template", "2026", "--root", str(own)])
    folder = own / "outputs/2026" / outputs.TEMPLATES
    assert told.exit_code == 0
    assert {path.name for path in folder.iterdir()} == {f"{city.LEAD}.xlsx", "财政局.xlsx", "_office.xlsx"}
    office = openpyxl.load_workbook(folder / "_office.xlsx")
    page = office[f"事项 {city.CATEGORY}"]
    head = openpyxl.utils.range_boundaries(next(iter(page.tables.values())).ref)[1]
    (levels,) = [rule.formula1 for rule in page.data_validations.dataValidation if f"E{head + 1}" in str(rule.sqref)]
    first, last = map(int, re.findall(r"\$B\$(\d+)", levels))
    listed = [[cell.value for cell in row] for row in office["说明"].iter_rows(first - 1, last, max_col=2)]
    assert listed == [["编码", "名称"], ["全国", "国家级表彰"], ["province", "省里表彰"], ["本市", "本市"]]
    for column, cell in enumerate(("东港", "荣誉", "2026", "文明单位", "国家级表彰"), 1):
        page.cell(head + 1, column).value = cell
    counts = {(row.unit, row.group, row.grade): row.count for row in data.surveys.itertuples(index=False)
              if row.category == city.CATEGORY}
    lead = openpyxl.load_workbook(folder / f"{city.LEAD}.xlsx")
    for row in lead[f"调查 {city.CATEGORY}"].iter_rows(min_row=6):
        unit, group, said, grade, meant = (row[i].value for i in (0, 6, 7, 8, 9))
        row[10].value = counts[unit, group, grade]
        row[6].value, row[8].value = said, meant
    (own / "data/2026").mkdir(exist_ok=True)
    for name, book in (("_office", office), (city.LEAD, lead)):
        book.save(own / "data/2026" / f"{name}.xlsx")
    book = tx.load_rulebook("2026", own)
    units = units_known(book)[0]
    events = handed(book, "events", city.CATEGORY, units)
    assert events[["unit", "indicator", "level"]].to_numpy().tolist() == [["东港镇", "加1", "全国"]]
    back = handed(book, "survey", city.CATEGORY, units)
    assert {(row.unit, row.group, row.grade): row.count for row in back.itertuples(index=False)} == counts


def test_cards_lead_to_each_other(own: Path, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    cards.Deck(own, "2026", city.CATEGORY, (), "en", "print", scratch).make()
    assert {path.name for path in scratch.iterdir()} == {f"{unit}.html" for unit in city.UNITS}
    links = {link for path in scratch.iterdir() for link in re.findall('href="([^"#]+)"', path.read_text(encoding="utf-8"))}
    assert links == {"../../index.html", *(f"{unit}.html" for unit in city.UNITS)}


@pytest.mark.long
def test_files_folders_and_links_of_a_run(own: Path, browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every link of the index and of its cards leads to a page, every link of the bundle shows one."""
    without_kernels(monkeypatch)
    done = CliRunner().invoke(main, ["run", "2026", "--root", str(own), "--lang", "en"])
    assert done.exit_code == 0, done.output
    out = own / "outputs" / "2026"
    with (out / city.CATEGORY / "ranking.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert {row["unit"] for row in csv.DictReader(stream)} == {*city.UNITS}
    assert {path.name for path in (out / city.CATEGORY / cards.FOLDER).iterdir()} == {f"{unit}.html" for unit in city.UNITS}
    waiting, seen = [(out / pages.INDEX).as_uri()], set[str]()
    tab = Tab(browser, "about:blank")
    with tab as page:
        while waiting:
            seen.add(address := waiting.pop())
            if not address.endswith(".html"):
                assert Path(unquote(address.removeprefix("file://"))).is_file()
                continue
            page.goto(address)
            assert page.locator("h1").count() == 1
            links = page.evaluate("[...document.querySelectorAll('a[href]')].map((each) => each.href.split('#')[0])")
            waiting += [each for each in dict.fromkeys(links) if each not in (*seen, *waiting)]
        assert len(seen) > 10
        page.goto((out / "bundle.html").as_uri())
        links = page.evaluate("[...document.querySelectorAll('a[href^=\"#/\"]')].map((each) => each.hash)")
        assert len(links) > 10
        for link in (each for each in links if each != "#/"):
            page.evaluate("(hash) => { location.hash = hash }", link)
            page.frame_locator("#frame iframe").locator("h1").wait_for()
            assert not page.locator("#missing").is_visible()
        assert tab.said == []


@pytest.mark.quick
def test_a_chinese_code_names_files_that_every_system_takes() -> None:
    """Of 48 characters, each of four bytes at most, with all that our own names put around them."""
    longest = "𠙶" * 48
    assert names_a_folder(longest) and not names_a_folder("乡" * 49) and cards.slug(longest) == longest
    assert len(f"{outputs.MAKING}{2**22}-{longest}.gone.html.ipynb".encode()) <= 255
    assert cards.slug("乡" * 49).startswith("unit-") and cards.slug("东港·镇").startswith("unit-")
