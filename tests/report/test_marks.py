"""The audit of marks in words, tables and a strip: what is said of the sample year, and of one that is changed."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from sample_audit import audit, edited, listed, part_of_the_year
from shared import edition, words_of

import txlib as tx
from txlib.report import marks
from txlib.report.kit.drawing import Drawn
from txlib.report.kit.words import Words
from txlib.report.marks import outcomes, strips
from txlib.report.marks.audit import Audited
from txlib.report.marks.tables import quotas, remedies, rule_text, signs

pytestmark = pytest.mark.quick

# ── the sample year ─────────────────────────────────────────────────────────────────────────────────────────────────


def told(category: str | None = None) -> Audited:
    said = marks.audited(audit(category), *edition("2020"))
    assert said is not None
    return said


def words(said: Audited, lang: str = "zh") -> Words:
    """With the names that units have in the sample year."""
    return words_of(said.book, lang, edition("2020")[1])


def test_the_first_sentence_says_kept_or_what_is_broken_by_whom() -> None:
    lines = marks.findings(told("depts_3"), words(told("depts_3"))).text.splitlines()
    assert lines[0] == "- 5 个打分项目中 1 个达不到差别化要求，共 2 处："
    assert lines[1] == "  - P2 党风廉政建设（纪委监委打分）：90分以上（含90分）的有 3 个，8 个单位中至多可有 2 个" \
        "；计划没有写明的地方如另作理解则符合（“90分以上（含90分）”的比例折成个数、按什么计个数）"
    assert lines[2] == "  - P2 党风廉政建设（纪委监委打分）：80分以下的有 0 个，8 个单位中至少应有 2 个" \
        "；计划没有写明的地方如另作理解则符合（按什么计个数）"
    assert ("- 纪委监委因市级机关三类（社会事业类）打分（P2）达不到要求应扣 0.2 分（1.3i）；"
            "该部门不参加排名，或其类别的指标中没有这项扣分，单独列出。") in lines
    kept = marks.findings(told("zones"), words(told("zones"), "en")).text.splitlines()
    assert kept[0] == "- Every item that is marked keeps the differentiation (4 in all)."


def test_the_year_says_in_one_sentence_how_marks_fare() -> None:
    assert outcomes.in_short(told(), words(told())) == [
        "牵头部门在各类别的打分共 38 项次，4 项次达不到差别化要求（市委组织部、纪委监委、市委宣传部）。"]
    assert outcomes.in_short(told("zones"), words(told("zones"))) == [
        "牵头部门在各类别的打分共 4 项次，都符合差别化要求。"]


def test_what_another_reading_would_change_is_said() -> None:
    text = outcomes.choices(told("towns_1"), words(told("towns_1"))).text
    (line,) = [line for line in text.splitlines() if "含不含本数" in line]
    assert "P1 基层党组织建设“80分以下”变为符合" in line and "市委组织部全年扣分由 0.4 变为 0.2" in line


def test_what_it_would_take_is_said() -> None:
    text = remedies(told("towns_1"), words(told("towns_1"))).text
    assert "须降到 80 分以下（不含 80 分）" in text and "（正在线上）" in text


def test_a_copied_order_is_worded_as_a_sign() -> None:
    text = signs(told("depts_4"), words(told("depts_4"))).text
    assert "请复核：次序与G2相同或几乎相同" in text and "不是结论" in text and "15 次" in text


def test_the_strip_names_units_near_a_line() -> None:
    _, data = edition("2020")
    drawn = strips.strip(told("towns_1"), data, "towns_1", words(told("towns_1")))
    assert isinstance(drawn, Drawn)
    assert "石桥乡、白荡镇" in drawn.svg and "云溪街道" in drawn.svg  # 80.0, 80.0 and 90.8; 93.1 is far from any line
    assert drawn.alt.count("至") == len(audit("towns_1").spread) and "76.4 至 100 分" in drawn.alt
    assert "P1 基层党组织建设" in drawn.digest and "东港镇 93.1" in drawn.digest


def test_a_mark_at_the_very_edge_of_what_is_near_is_near() -> None:
    said = told("towns_1")
    edge = max(strips._lines(said)) + strips._reach(said)
    given = pd.DataFrame({"unit": ["at", "beyond"], "total": [edge, edge + 0.01]})
    assert strips._near(said, given) == {max(strips._lines(said)): ["at"]}


def test_a_last_column_that_is_empty_is_left_out() -> None:
    kept, broken = (quotas(told(code), words(told(code))).text for code in ("zones", "depts_3"))
    assert "涉及单位" in broken and "涉及单位" not in kept and "结果" in kept


def test_the_year_by_lead_department() -> None:
    rows = outcomes.by_lead(told(), words(told())).text.splitlines()
    line = next(row for row in rows if row.startswith("市委组织部")).split()
    assert line[1:7] == ["8", "8", "2", "0", "0", "0.4"]  # items, categories, missed, full marks, shares too low, points
    line = next(row for row in rows if row.startswith("司法局")).split()
    assert line[5] == "1"


# ── a year that is changed ──────────────────────────────────────────────────────────────────────────────────────────


def retold(root: Path, category: str | None = "towns_1") -> Audited:
    book = tx.load_rulebook("2020", root)
    data = tx.load_data(book)
    said = marks.audited(tx.audit_quotas(book, data, category), book, data)
    assert said is not None
    return said


def test_an_item_that_nobody_was_assessed_on_is_reported(workspace: Path) -> None:
    path = workspace / "data" / "2020" / "towns_1" / "marks.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    told = [",".join([*line.split(",")[:4], "—", "—", "—", "全部免考"]) if ",A3.1," in line else line for line in lines]
    path.write_text("\n".join(told) + "\n", encoding="utf-8")
    book = tx.load_rulebook("2020", workspace)
    data = tx.load_data(book)
    found = tx.audit_quotas(book, data, "towns_1")
    (row,) = found.quantitative[found.quantitative["item"] == "A3.1"].itertuples()
    assert row.units == 0 and row.reason == "not_assessed"
    said = marks.audited(found, book, data)
    for lang in ("zh", "en"):
        words = words_of(book, lang, data)
        shares = marks.shares(said, words).text
        assert ("没有被评单位" if lang == "zh" else "nobody was assessed") in shares
        assert isinstance(strips.strip(said, data, "towns_1", words), Drawn)
        for show in (marks.findings, quotas, signs, outcomes.choices, rule_text, remedies):
            assert "nan" not in show(said, words).text.lower().replace("finan", ""), show.__name__


def test_what_was_not_looked_at_is_not_called_clean(workspace: Path) -> None:
    """No line of detailed rules for three of four items; then no list of terms at all."""
    path = workspace / "data" / "2020" / "towns_1" / "details.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join(line for line in lines if not line.startswith(("A3.1", "P1", "P2"))) + "\n", encoding="utf-8")
    said = retold(workspace)
    assert "没有报送考核细则、未检查的项目：A3.1、P1、P2。" in marks.findings(said, words(said)).text
    assert "未检查的项目：A3.1、P1、P2" in rule_text(said, words(said)).text
    (workspace / "params" / "2020" / "terms.yaml").unlink()
    said = retold(workspace)
    assert "未检查" in rule_text(said, words(said)).text and "未检查" in marks.findings(said, words(said)).text


def test_marks_out_of_60_stand_where_they_belong_out_of_100(workspace: Path) -> None:
    edited(workspace, "params/2020/branches.yaml", "method: marks, out_of: 100", "method: marks, out_of: 60")
    path = workspace / "data" / "2020" / "towns_1" / "marks.csv"
    rows = [line.split(",") for line in path.read_text(encoding="utf-8-sig").splitlines()]
    for row in rows[1:]:
        if row[1].startswith("P"):
            row[4:7] = [f"{float(Fraction(cell) * 60 / 100):.10g}" for cell in row[4:7]]
    path.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
    for details in workspace.glob("data/2020/*/details.csv"):  # whose lines add up to 100 points of an item
        lines = [line.split(",") for line in details.read_text(encoding="utf-8-sig").splitlines()]
        details.write_text("\n".join(",".join(line[:3]) for line in lines) + "\n", encoding="utf-8")
    book = tx.load_rulebook("2020", workspace)
    data = tx.load_data(book)
    said = marks.audited(tx.audit_quotas(book, data, "towns_1"), book, data)
    assert said is not None
    drawn, as_ruled = (strips.strip(each, held, "towns_1", words(each))
                       for each, held in ((said, data), (told("towns_1"), edition("2020")[1])))
    assert isinstance(drawn, Drawn) and isinstance(as_ruled, Drawn)
    assert drawn.digest == as_ruled.digest
    assert listed(tx.audit_quotas(book, data).breaches, "item", "rule", "found") == {("P1", "low", 0): 1}


def test_a_unit_that_is_excluded_is_not_counted(workspace: Path) -> None:
    path = workspace / "data" / "2020" / "decisions.csv"
    header = path.read_text(encoding="utf-8-sig").splitlines()[0]
    path.write_text(f"{header}\nluzhou,excluded,,,样例纪要〔2020〕7号,\n", encoding="utf-8")
    said = retold(workspace)
    assert set(said.audit.groups["units"]) == {7} and said.audit.full_marks.empty
    drawn = strips.strip(said, tx.load_data(said.book), "towns_1", words(said))
    assert isinstance(drawn, Drawn) and "芦洲镇" not in drawn.digest


def test_a_lead_whose_tree_takes_no_deduction_is_not_said_to_lose(tmp_path: Path) -> None:
    part_of_the_year(tmp_path, "towns_1", "depts_1")
    tree = tmp_path / "params" / "2020" / "trees" / "depts_1.yaml"
    text = tree.read_text(encoding="utf-8")
    tree.write_text(text[:text.index('  - code: "J3"')], encoding="utf-8")
    said = retold(tmp_path)
    assert "市委组织部因一类乡镇（街道）打分（P1）达不到要求应扣 0.2 分" in marks.findings(said, words(said)).text
    assert "不扣入排名" in outcomes.consequences(said, words(said)).text


def test_what_is_counted_without_a_category_says_so(tmp_path: Path) -> None:
    part_of_the_year(tmp_path, "towns_1", "towns_2")
    edited(tmp_path, "data/2020/towns_2/marks.csv", ",P1,2020,organisation,", ",P1,2020,publicity,", 1)
    book = tx.load_rulebook("2020", tmp_path, categories=["towns_1"])
    data = tx.load_data(book, ["towns_1"])
    said = marks.audited(tx.audit_quotas(book, data, "towns_1"), book, data)
    assert said is not None and said.uncounted == ("towns_2",)
    text = outcomes.consequences(said, words(said)).text
    assert "未计入二类乡镇（街道）" in text and "降低考核权重" not in text


def test_counted_over_all_categories_a_category_is_told_what_it_would_take(tmp_path: Path) -> None:
    part_of_the_year(tmp_path, "towns_1", "towns_2")
    edited(tmp_path, "params/2020/rulebook.yaml", "  per: category\n  smallest", "  per: item\n  smallest")
    edited(tmp_path, "params/2020/rulebook.yaml", "share: 30%", "share: 10%")
    said = retold(tmp_path)
    assert len(said.audit.breaches) and len(said.audit.remedies)
    assert "各类别合计" in quotas(said, words(said)).text


def test_units_as_near_as_the_nearest_are_named(workspace: Path) -> None:
    path = workspace / "data" / "2020" / "towns_1" / "marks.csv"
    rows = [line.split(",") for line in path.read_text(encoding="utf-8-sig").splitlines()]
    marks = iter([91, 91, 91, 85, 84, 83, 78, 77])
    for row in rows[1:]:
        if row[1] == "P1":
            total = next(marks)
            row[4:7] = ["55", str(total - 55), str(total)]
    path.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
    said = retold(workspace)
    text = remedies(said, words(said)).text
    assert re.search(r"须降到 90 分以下.*同样近，任一均可", text)
