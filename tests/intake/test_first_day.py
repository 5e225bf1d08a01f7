"""What a newcomer stumbles over when a city's own rules and tables take the place of the sample's: told with what was meant."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pydantic import TypeAdapter

import txlib as tx
from txlib.base.faults import Fault
from txlib.base.labels import LANGS
from txlib.intake import checks, data, tables
from txlib.intake.asked import absent, messages
from txlib.intake.read import read_csv
from txlib.intake.sheets.units_of_measure import amount
from txlib.methods import named
from txlib.rules import source, year
from txlib.rules.book import read
from txlib.rules.shape import shaped
from txlib.rules.syntax import alike

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(("there", "gone", "meant"), [
    (["parks.yaml.txt"], "parks.yaml", " “parks.yaml.txt”?"), (["Parks.yaml"], "parks.yaml", " “Parks.yaml”?"),
    (["parks.yml", "zones.yaml"], "parks.yaml", " “parks.yml”?"),
    (["park.yaml", "parks (2).yaml"], "parks.yaml", " “parks (2).yaml”?"),
    (["prks.yaml"], "parks.yaml", " “prks.yaml”?"), (["ｐａｒｋｓ.yaml"], "parks.yaml", " “ｐａｒｋｓ.yaml”?"),
    (["towns_2.yaml", "towns.yaml", "towns_10.yaml"], "towns_1.yaml", ""), (["zones.yaml"], "towns.yaml", ""),
    (["parks_old.yaml"], "parks.yaml", ""), (["乡镇.yml", "乡镇街道.yaml"], "乡镇.yaml", " “乡镇.yml”?"),
    (["2026年", "2025"], "2026", " “2026年”?"), (["2026 ", "2026-jining", "12026"], "2026", " “2026 ”?"),
    (["２０２６"], "2026", " “２０２６”?"), (["年度2026数据", "2027"], "2026", " “年度2026数据”?"), ([], "2026", ""),
])
def test_what_lies_beside_a_missing_name_is_asked_for(there: list[str], gone: str, meant: str, tmp_path: Path) -> None:
    """In another case, width or form; never a neighbour that is another one's."""
    for name in there:
        (tmp_path / name).mkdir()
    assert alike(tmp_path / gone) == meant
    assert alike(tmp_path / "nowhere" / gone) == ""


@pytest.mark.parametrize("missing", ["2020", ""])
def test_a_folder_of_data_under_another_name_is_asked_for(missing: str, workspace: Path) -> None:
    folder = workspace / "data" / missing
    folder.rename(folder.with_name(f"{folder.name}_".upper().replace("_", "年")))
    (fault,) = data.read(tx.load_rulebook("2020", workspace))[1]
    assert all(("“2020年”?" if missing else "“DATA年”?") in fault.message(lang).replace("？", "?") for lang in LANGS)


def test_a_missing_rule_file_tells_nothing_of_workbooks(workspace: Path) -> None:
    (workspace / "params/2020/trees/towns_1.yaml").rename(workspace / "params/2020/trees/towns_1.yml")
    with pytest.raises(tx.RulebookError, match=r"towns_1\.yml") as caught:
        tx.load_rulebook("2020", workspace)
    assert "workbook" not in str(caught.value) and "工作簿" not in str(caught.value)


@pytest.mark.parametrize(("file", "good", "typed", "says"), [
    ("rulebook.yaml", "[towns_1]", "[towns_1，街道]", ["“，”", "半角逗号", "full-width", "half-width comma"]),
    ("rulebook.yaml", "[towns_1]", "[towns_1, 街道、园区]", ["“、”", "half-width comma"]),
    ("trees/towns_1.yaml", "lead: finance", "lead: finance，", ["“，”", "half-width comma"]),
    ("trees/towns_1.yaml", "clause: [1.3d]", "clause: [一，二]", ["“，”", "half-width comma"]),
    ("trees/towns_1.yaml", "weight: 8\n", "weight: ８\n", ["“８”是全角", "half-width, 8."]),
    ("trees/towns_1.yaml", "weight: 8\n", "weight: 8％\n", ["“％”是全角", "half-width, %."]),
    ("rulebook.yaml", "points: 100", "points: １００", ["“１００”是全角", "half-width, 100."]),
    ("trees/towns_1.yaml", "weight: 8\n", "weight: 8．5\n", ["“．”是全角", "half-width, .."]),
])
def test_a_sign_of_double_width_is_named_with_what_to_type(file: str, good: str, typed: str, says: list[str],
                                                           workspace: Path) -> None:
    path = workspace / "params/2020" / file
    text = path.read_text(encoding="utf-8")
    assert good in text
    path.write_text(text.replace(good, typed, 1), encoding="utf-8")
    told = "\n".join(fault.message(lang) for fault in read("2020", workspace)[1] for lang in LANGS)
    assert all(each in told for each in says), told


@pytest.mark.parametrize("found", ["街道和部门", "(甲)", "A，B"])
def test_signs_of_double_width_are_named_where_a_form_is_wanted_and_nowhere_else(found: str) -> None:
    named = ["full-width" in Fault.of(code, "f", found=found).message("en") for code in ("code_form", "cell_number")]
    assert named == ["，" in found, False]


@pytest.mark.parametrize(("header", "kind"), [
    ("单位编码，单位名称，类别", "wide"), ("单位编码，单位名称,类别", "wide"), ("unit;name;category", "semicolon"),
    ("unit；name", "semicolon"),
    ("单位编码\t单位名称\t类别", "tab"), ("单位编码、单位名称、类别", "other"), ("unit|name", "other"),
    ("unit,name,category", ""), ('unit,name,"类别（甲，乙；丙、丁）"', ""), ("unit", ""),
])
def test_a_table_parted_by_other_signs_is_one_fault(header: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text(f"{header}\na,甲\n", encoding="utf-8")
    faults = read_csv(tmp_path / "units.csv", "units.csv", tables.named()["units"])[1]
    assert ([(each.code, dict(each.values).get("kind")) for each in faults] == [("csv_parted", kind)]) == bool(kind)


@pytest.mark.parametrize(("shares", "kind", "terms"), [
    (["60%", "30%"], "groups", "a 60% + b 30% = 90%"), (["60%", "30.5%", "10%"], "groups", "a 60% + b 30.5% + c 10% = 100.5%"),
    (["100%"], "groups", ""), (["30%", "80%"], "tiers", "a 30% + b 80% = 110%"), (["30%", "70%"], "tiers", ""),
])
def test_shares_that_do_not_add_up_are_told_one_by_one_with_their_sum(shares: list[str], kind: str, terms: str,
                                                                      tmp_path: Path) -> None:
    parts = dict(zip("abc", shares, strict=False))
    levels = "".join(f"  - {{code: {code}, name: {code}, takes: {share}}}\n" for code, share in parts.items())
    text = {"groups": "method: survey\ngroups: {" + ", ".join(f"{code}: {share}" for code, share in parts.items())
                      + "}\ngrades: {good: 100%}\ndont_know: not_counted\nabsent_group: refuse\n",
            "tiers": "clause: [x]\ncount: down\ntied_at_the_cut: in\nlevels:\n" + levels
                     + "  - {code: z, name: z, takes: rest}\n"}[kind]
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    raw, none = source.read(tmp_path / "x.yaml", "x.yaml")
    faults = shaped(raw, TypeAdapter({"groups": named()["survey"], "tiers": year.Tiers}[kind]))[1]
    assert none == [] and [fault.code for fault in faults] == [f"{kind}_sum"] * bool(terms)
    assert all(terms in fault.message(lang) for fault in faults for lang in LANGS)


LEADS = [("trees/towns_1.yaml", "lead: finance", "lead: 财政局", "finance 财政局?"),
         ("trees/towns_1.yaml", "lead: finance", "lead: 市财政局", "finance 财政局?"),
         ("trees/towns_1.yaml", "lead: finance", "lead: finanze", " finance?"),
         ("branches.yaml", "lead: organisation", "lead: 组织部", "organisation ")]


@pytest.mark.parametrize(("file", "good", "typed", "says"), LEADS)
def test_a_lead_department_by_its_name_is_told_its_code_and_the_line(file: str, good: str, typed: str, says: str,
                                                                     workspace: Path) -> None:
    """And nothing else: marks of the right department are no faults."""
    path = workspace / "params/2020" / file
    text = path.read_text(encoding="utf-8")
    line = text[: text.index(good)].count("\n") + 1
    path.write_text(text.replace(good, typed, 1), encoding="utf-8")
    (fault,) = data.read(tx.load_rulebook("2020", workspace))[1]
    assert (fault.code, fault.file, fault.line) == ("lead_unknown", f"params/2020/{file}", line)
    assert all(says in fault.message(lang).replace("？", "?") for lang in LANGS)


@pytest.mark.parametrize(("written", "meant"), [
    ("东港镇", " d 东港镇?"), ("东港", " d 东港镇?"), ("港城", " d 东港镇?"), ("Donggang  town", " d 东港镇?"),
    ("市东港镇人民政府", " d 东港镇?"), ("东巷镇", " d 东港镇?"),
    ("两处", ""), ("西山", ""), ("xihai1", " xihai?"), ("滨海", " 滨海?"),
])
def test_a_unit_is_meant_by_any_of_its_names(written: str, meant: str) -> None:
    """By none that two have; one whose name is its code is told once."""
    rows = [("d", "东港镇", "Donggang Town", ("港城", "两处")), ("xihai", "西海街道", "", ("两处",)), ("滨海", "滨海", "", ())]
    units = pd.DataFrame(rows, columns=["unit", "name", "name_en", "alias"])
    assert checks.unit_meant(units)(written) == meant


def test_a_renamed_code_is_one_fault_with_all_its_places(workspace: Path) -> None:
    """Survey rows among them; another code, and one that stands alone, are told apart. What is gone for want of it comes last."""
    units, towns = workspace / "data/2020/units.csv", workspace / "data/2020/towns_1"
    units.write_text(units.read_text(encoding="utf-8-sig").replace("donggang,", "dong_gang,", 1), encoding="utf-8")
    with (towns / "marks.csv").open("a", encoding="utf-8") as stream:
        stream.write("nobody_at_all,P1,2020,organisation,50,30,80,\n")
    rows = {path: [number for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1)
                   if line.startswith("donggang,")]
            for path in map(towns.joinpath, ("events.csv", "marks.csv", "observations.csv", "survey.csv"))}
    found = sorted(data.read(tx.load_rulebook("2020", workspace))[1])
    gaps = {fault.message("zh"): absent(fault) for fault in found}
    told_gaps = [gaps.get(line, True) for line in messages(found, "zh")]
    assert [*gaps.values()] != sorted(gaps.values()) and told_gaps == sorted(told_gaps) and any(told_gaps)
    faults = [fault for fault in found if fault.code.startswith("unit_unknown") and fault.category == "towns_1"]
    assert sorted((fault.code, fault.found) for fault in faults) == [("unit_unknown", "nobody_at_all"),
                                                                     ("unit_unknown_rows", "donggang")]
    told = next(fault for fault in faults if fault.found == "donggang")
    assert dict(told.values)["count"] == str(sum(map(len, rows.values()))) and "（是不是 dong_gang？）" in told.message("zh")
    assert all(f"{path.name} {lines[0]}" in told.message("en") for path, lines in rows.items())


@pytest.mark.parametrize(("text", "unit", "meant"), [
    ("3.5亿元", "亿元", "3.5"), ("3.5亿元", "万元", "35000"), ("3.5 亿", "万元", "35000"), ("350万元", "亿元", "0.035"),
    ("3500元", "万元", "0.35"), ("3.5万", "户", "35000"), ("35户", "户", "35"), ("1,007.13", "亿元", "1007.13"),
    ("1,007,130 万元", "亿元", "100.713"), ("１２万元", "万元", "12"), ("-3.5亿元", "万元", "-35000"),
    ("人民币3亿元", "亿元", None), ("3亿美元", "亿元", ""), ("3.5吨", "亿元", ""), ("8.6个百分点", "%", ""),
    ("约300", "亿元", None), ("7.13①", "亿元", None), ("7.13²", "亿元", None), ("1,00", "亿元", None),
    ("3.5亿元2", "亿元", None), ("1.2.3", "亿元", None), ("300左右", "亿元", ""), ("0.10万元", "万元", "0.1"),
    ("100亿元", "亿元", "100"),
])
def test_an_amount_is_told_as_the_number_to_type(text: str, unit: str, meant: str | None) -> None:
    """Where the factor is sure; of another unit nothing is computed, and what is no number with a unit is not read."""
    assert amount(text, unit) == meant


@pytest.mark.parametrize(("cell", "code", "says"), [("3.5亿元", "cell_amount", "3.5"), ("35000万元", "cell_amount", "3.5"),
                                                    ("3.5吨", "cell_other_unit", "亿元"), ("约3.5", "cell_number", "")])
def test_a_number_with_its_unit_tells_what_the_indicator_is_measured_in(cell: str, code: str, says: str, workspace: Path) -> None:
    path = workspace / "data/2020/towns_1/observations.csv"
    text = path.read_text(encoding="utf-8-sig")
    assert "donggang,A1.1,2020,7.13," in text
    path.write_text(text.replace("donggang,A1.1,2020,7.13,", f"donggang,A1.1,2020,{cell},"), encoding="utf-8")
    (fault,) = data.read(tx.load_rulebook("2020", workspace))[1]
    assert fault.code == code
    assert all(says in fault.message(lang) and ("亿元" in fault.message(lang)) == (code != "cell_number") for lang in LANGS)


@pytest.mark.parametrize(("name", "code"), [("ports.yaml", "ports"), ("港区.yml", "港区"), ("towns_1.yml", ""),
                                            (".ports.yaml", ""), ("~ports.yaml", ""), ("ports.txt", "")])
def test_a_tree_that_is_not_listed_is_looked_at(name: str, code: str, workspace: Path) -> None:
    """It keeps nothing from being assessed."""
    before, faults = data.read(tx.load_rulebook("2020", workspace))
    (workspace / "params/2020/trees" / name).write_text("category: {code: ports}\n", encoding="utf-8")
    book = tx.load_rulebook("2020", workspace)
    tables, now = data.read(book)
    told = [(each.code, each.file) for each in tables.remarks if each not in before.remarks]
    assert (told, now) == ([("tree_unlisted", f"params/2020/trees/{name}")] if code else [], faults)
    assert list(checks.unlisted(workspace, "2020", book.rules.categories)) == ([code] if code else [])
