"""What a method costs: one with a table of its own, registered for the time of a test, lives in the whole house at once."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import openpyxl
import pandas as pd
import pytest
import test_reference
import written
from jsonschema import Draft202012Validator
from pydantic import BeforeValidator, ConfigDict, Field
from shared import words_of

import txlib as tx
from txlib import methods
from txlib.base import labels
from txlib.base.fields import AtMostFull, Code, Each, Floor, Points, Positive, Within
from txlib.base.numbers import Array, exact, floats
from txlib.base.printing import as_text
from txlib.editions import new_year
from txlib.intake import asked, blanks, data, tables
from txlib.intake.sheets.cells import CodeCell, DayCell, KeyCell, Quantity, QuantityCell, WholeCell, one_of, only_number
from txlib.intake.table import HandedRow, empty, wanted
from txlib.methods.method import BesideTheTree, Recorded, positions, zeros
from txlib.methods.words import Case
from txlib.report.excel import handout
from txlib.report.ranking import sentences
from txlib.rules.schema import json_schema

pytestmark = pytest.mark.quick


class Patrols(Recorded):
    """Points for each round of patrol, up to full points."""

    method: Literal["patrols"]
    each: Points

    table: ClassVar[str] = "patrols"

    def from_rows(self, rows: pd.DataFrame, units: Sequence[str], full: Fraction) -> tuple[Array, npt.NDArray[np.bool_]]:
        points, some = zeros(len(units)), np.zeros(len(units), dtype=bool)
        at, most = positions(units, rows["unit"]), np.array(full, dtype=object)
        np.add.at(points, at, exact(rows["rounds"].to_numpy(dtype=np.float64)) * self.each.points(full))
        some[at] = True
        return np.minimum(points, most), some

    def observed(self, rows: pd.DataFrame, units: Sequence[str], points: Array, full: Fraction) -> npt.NDArray[np.float64]:
        return floats(rows.groupby("unit")["rounds"].sum().reindex(list(units)))

    def words(self, c: Case) -> dict[str, Any]:
        return {"each": c.points(self.each)}


class PatrolRow(HandedRow):
    """patrols.csv: how many rounds a unit went."""

    model_config = ConfigDict(title="巡查")
    table = "patrols"

    unit: CodeCell = Field(title="单位编码")
    indicator: KeyCell = Field(title="指标编码")
    period: KeyCell = Field(title="期间")
    rounds: WholeCell = Field(title="圈数")


TEXTS = {"methods/patrols": "name: {zh: 巡查计分, en: points per round}\n"
                            "patrols: {zh: '巡查 {x}，每圈 {each} 分', en: '{x} of patrol at {each} each'}\n"}
RULE = {"method": "patrols", "each": "2"}
UNITS = ["a", "b", "c"]
TABLE = "unit, indicator, rounds\na, P, 3\nb, P, 0\nc, P, 9"


@pytest.fixture(autouse=True)
def _one_method_more(tmp_path: Path) -> Iterator[None]:
    for name, text in TEXTS.items():
        written.file(tmp_path / "labels" / f"{name}.yaml", text)
    with methods.registered(Patrols), tables.registered(PatrolRow), labels.added(tmp_path / "labels"):
        yield


# ── the registers ───────────────────────────────────────────────────────────────────────────────────────────────────


class Rounds(Patrols):
    """The same under another name."""

    method: Literal["rounds"]  # type: ignore[assignment]


class RoundRow(PatrolRow):
    """The same under another name."""

    model_config = ConfigDict(title="轮次")
    table = "rounds"


@pytest.mark.parametrize(("register", "known", "more"), [
    (methods.registered, methods.named, Rounds), (tables.registered, tables.named, RoundRow)])
def test_who_leaves_a_register_takes_nobody_else_along(register: Any, known: Any, more: Any) -> None:
    before = dict(known())
    with register():
        assert known() == before
    assert known() == before
    first, second = register(more), register()
    first.__enter__()
    second.__enter__()
    assert known() == before | {"rounds": more}
    first.__exit__(None, None, None)
    with register(more):
        second.__exit__(None, None, None)
        assert known() == before | {"rounds": more}
    assert known() == before


@pytest.mark.parametrize(("register", "more", "name"), [
    (methods.registered, Patrols, "patrols"), (tables.registered, PatrolRow, "patrols"),
    (methods.registered, type("Patrols", (Rounds,), {"__doc__": "One."}), "Patrols"),
    (tables.registered, type("Again", (RoundRow,), {"__doc__": "One.", "frame": "marks"}), "marks")])
def test_a_name_is_taken_once(register: Any, more: Any, name: str) -> None:
    before = {**methods.named(), **tables.named()}
    with pytest.raises(ValueError, match=f"registered already: .*{name}"), register(more):
        pass
    assert {**methods.named(), **tables.named()} == before


# ── a leaf scored from a table of its own ───────────────────────────────────────────────────────────────────────────


def book(root: Path, table: str = TABLE) -> tx.RuleBook:
    """Three units and an indicator of patrols worth 10 of 100 points, led by the first unit."""
    leaves = [{"code": "P", "weight": "10", "lead": "a", "scored_by": RULE},
              {"code": "Q", "weight": "90", "scored_by": {"method": "given", "out_of": "100"}}]
    given = "unit, indicator, value\n" + "\n".join(f"{unit}, Q, 80" for unit in UNITS)
    written.workspace(root, {"indicators": leaves, "units": UNITS, "tables": {"observations": given}})
    written.table(root / "data" / written.YEAR / written.CATEGORY, table, "patrols", {"period": written.YEAR})
    return tx.load_rulebook(written.YEAR, root)


def test_it_scores_and_is_explained_in_both_languages(tmp_path: Path) -> None:
    rules = book(tmp_path)
    result = tx.assess(rules, tx.load_data(rules), written.CATEGORY)
    points = result.scores[result.scores["indicator"] == "P"].set_index("unit")["points"]
    assert points.to_dict() == {"a": 6.0, "b": 0.0, "c": 10.0}
    assert result.ranking["unit"].tolist() == ["c", "a", "b"]
    assert "巡查 3分，每圈 2 分；得 6 分（满分 10 分）" in tx.explain(result, unit="a", indicator="P")
    assert "3 points of patrol at 2 each; 6 of 10 points" in tx.explain(result, unit="a", indicator="P", lang="en")


def test_its_rule_is_checked_like_any_other(tmp_path: Path) -> None:
    rules = book(tmp_path)
    tree = rules.root / "params" / written.YEAR / "trees" / f"{written.CATEGORY}.yaml"
    tree.write_text(tree.read_text(encoding="utf-8").replace('"each": 2', '"eahc": 2'), encoding="utf-8")
    with pytest.raises(tx.RulebookError) as caught:
        tx.load_rulebook(written.YEAR, tmp_path)
    assert {(fault.code, fault.where) for fault in caught.value.faults} == {
        ("key_missing", "P · scored_by"), ("key_unknown", "P · scored_by.eahc")}
    assert "each?" in str(caught.value)


class Rewarded(Patrols):
    """The same with amounts of each kind."""

    method: Literal["rewarded"]  # type: ignore[assignment]
    step: Each
    floor: Floor
    most: Points
    steps: Annotated[tuple[AtMostFull, ...], Within(1, order="ladder_order")]


AMOUNTS = {"method": "rewarded", "each": "20", "step": "2000", "floor": "5", "most": "20", "steps": ["10", "5"]}


@pytest.mark.parametrize(("more", "code", "where"), [
    ({}, "", ""), ({"each": "2000"}, "far_above_full", "P · each"), ({"floor": "11", "most": "12"}, "above_full", "P · floor"),
    ({"most": "4"}, "floor_above_most", "P · floor"), ({"steps": ["10", "10.5"]}, "above_full", "P · steps"),
    ({"steps": ["5", "10"]}, "ladder_order", "P · steps")])
def test_its_amounts_keep_what_their_fields_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], code: str,
                                                where: str) -> None:
    rules = dict(AMOUNTS | more)
    monkeypatch.setitem(globals(), "RULE", rules)
    with methods.registered(Rewarded):
        if not code:
            assert book(tmp_path)
            return
        with pytest.raises(tx.RulebookError) as caught:
            book(tmp_path)
    assert (code, where) in {(fault.code, fault.where) for fault in caught.value.faults}


def test_it_stands_in_the_json_schema() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    rule = {**schema["$defs"]["Leaf"]["properties"]["scored_by"], "$defs": schema["$defs"]}
    for value, fits in ((RULE | {"each": 2}, True), ({"method": "patrols"}, False), ({"method": "patrol"}, False)):
        assert Draft202012Validator(rule).is_valid(value) == fits


def test_the_reference_asks_for_its_section() -> None:
    assert "patrols" in test_reference.method_of()
    with pytest.raises(AssertionError, match=r"^Patrols: \[\]"):
        test_reference.test_every_method_has_its_section_with_an_example()


def test_the_worked_number_of_its_section_is_computed_from_the_section_s_table(tmp_path: Path) -> None:
    body = "| `unit` | `rounds` |\n|---|---|\n| liuhu | 5 |\n| donggang | 2 |\n| donggang | 1 |\n"
    leaf = test_reference.one_leaf(tmp_path, "weight: 10\nscored_by: {method: patrols, each: 2}\n")
    assert test_reference.from_table(leaf, test_reference.Section("", ("Patrols",), body)) == (6, None)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_faults_of_its_table_have_their_place(tmp_path: Path, kind: str) -> None:
    rules = book(tmp_path, TABLE.replace("b, P, 0", "x, P, many"))
    folder = rules.root / "data" / written.YEAR / written.CATEGORY
    if kind == "xlsx":
        lines = (folder / "patrols.csv").read_text(encoding="utf-8").splitlines()
        made = openpyxl.Workbook()
        made.active.title = "巡查"
        for line in lines:
            made.active.append([cell.strip() for cell in line.split(",")])
        made.save(folder / "p.xlsx")
        (folder / "patrols.csv").unlink()
    found = {(fault.code, fault.file.rpartition("/")[2], fault.line, fault.where) for fault in data.read(rules)[1]}
    assert ("cell_whole", "p.xlsx[巡查]" if kind == "xlsx" else "patrols.csv", 3,
            ("C3 " if kind == "xlsx" else "") + "圈数 rounds") in found


def test_what_is_not_there_is_asked_of_its_lead(tmp_path: Path) -> None:
    rules = book(tmp_path, TABLE.replace("\nb, P, 0", ""))
    (fault,) = (fault for fault in data.read(rules)[1])
    assert (fault.code, fault.where) == ("pair_absent", "b 单位b · P 指标P")
    units, _, _ = asked.units_known(rules)
    gone = asked.missing(rules, units, [written.CATEGORY])
    assert gone[["lead", "table", "indicator", "unit"]].values.tolist() == [["a", "patrols", "P", "b"]]


def test_it_is_handed_out_and_read_again(tmp_path: Path) -> None:
    rules = book(tmp_path)
    (rules.root / "data" / written.YEAR / written.CATEGORY / "patrols.csv").unlink()
    units, _, _ = asked.units_known(rules)
    forms = blanks.forms(rules, units)
    (form,) = forms["a"]
    assert (form.table, form.due, [row["unit"] for row in form.rows]) == ("patrols", 3, UNITS)
    path = rules.root / "data" / written.YEAR / "a.xlsx"
    made = openpyxl.load_workbook(io.BytesIO(handout.workbook(rules, units, "a", forms["a"], words_of(rules))))
    sheet = made[f"巡查 {written.CATEGORY}"]
    at = {cell.value: cell for row in sheet.iter_rows() for cell in row if cell.value}
    for row, rounds in enumerate((3, 0, 9), at["圈数"].row + 1):
        sheet.cell(row, at["圈数"].column, rounds)
    made.save(path)
    frame = tx.load_data(rules).patrols
    assert dict(zip(frame["unit"], frame["rounds"], strict=True)) == {"a": 3, "b": 0, "c": 9}
    assert asked.missing(rules, units, [written.CATEGORY]).empty


# ── tables of any columns ───────────────────────────────────────────────────────────────────────────────────────────


class LicenceRow(HandedRow):
    """A choice and a day, and no number."""

    model_config = ConfigDict(title="证照")
    table = "licences"

    unit: CodeCell = Field(title="单位编码")
    indicator: KeyCell = Field(title="指标编码")
    period: KeyCell = Field(title="期间")
    grade: Annotated[str, one_of({"a": "甲级", "b": "乙级"})] = Field(title="等级")
    day: DayCell = Field(title="日期")


class AmountRow(LicenceRow):
    """The same with a quantity and a plain number."""

    model_config = ConfigDict(title="数额")
    table = "amounts"

    amount: QuantityCell = Field(title="数额")
    times: Annotated[float, BeforeValidator(only_number)] = Field(title="倍数")


LEAF: Any = None  # no table here asks the leaf what to fill
GIVEN: dict[str, Any] = {"unit": "u", "indicator": "P", "period": written.YEAR, "grade": "a", "day": "2020-05-01"}


@pytest.mark.parametrize(("row", "more", "gone"), [
    (LicenceRow, {}, []), (LicenceRow, {"day": ""}, ["day"]), (LicenceRow, {"status": "not_applicable", "day": ""}, []),
    (AmountRow, {"amount": Quantity(1.0), "times": 0.0}, []),
    (AmountRow, {"amount": Quantity(), "times": np.nan}, ["amount", "times"]),
    (AmountRow, {"amount": Quantity(applies=False), "times": np.nan}, []), (PatrolRow, {"rounds": 0}, []),
    (PatrolRow, {"rounds": np.nan}, ["rounds"])])
def test_a_row_is_complete_when_what_its_table_requires_is_there(row: type[HandedRow], more: dict[str, Any],
                                                                gone: list[str]) -> None:
    given = GIVEN | more
    assert empty(given, row.to_fill(LEAF)) == gone
    assert row.complete(pd.DataFrame([given]), LEAF) == (set() if gone else {"u"})


def test_a_required_number_of_any_kind_is_a_number() -> None:
    assert wanted(LicenceRow).numbers == frozenset() and wanted(AmountRow).numbers == {"amount", "times"}
    assert wanted(AmountRow).measured == {"amount"}
    frame = pd.DataFrame([{"unit": "u", "amount": 1.0}, {"unit": "v", "amount": np.nan}])
    assert AmountRow.reported(frame)["unit"].tolist() == ["u"]
    assert LicenceRow.reported(frame)["unit"].tolist() == ["u", "v"]


# ── a method beside the tree with a table of its own ────────────────────────────────────────────────────────────────


class Fines(BesideTheTree):
    """Points taken for each fine, by its size."""

    method: Literal["fines"]
    kind: Literal["deduction"]
    sizes: dict[Code, Positive]

    table: ClassVar[str] = "fines"
    capped: ClassVar[bool] = True

    def from_rows(self, rows: pd.DataFrame, cap: Fraction, units: Sequence[str]) -> Array:
        points, at = zeros(len(units)), positions(units, rows["unit"])
        np.add.at(points, at, np.array([self.sizes[size] for size in rows["size"]], dtype=object))
        return -np.minimum(points, np.array(cap, dtype=object))

    def sentence(self, c: Case, cap: Fraction, unit: str, names: Any) -> str:
        return c.say("fines", count=int((c.records["unit"] == unit).sum()) if c.records is not None else 0, cap=as_text(cap))

    def causes(self, rows: pd.DataFrame, names: Any, lang: str) -> Sequence[str]:
        return list(rows["why"])


class FineRow(HandedRow):
    """fines.csv: a fine that a unit got."""

    model_config = ConfigDict(title="罚单")
    table = "fines"
    unforeseen = True
    key = ("unit", "indicator", "day", "why")

    unit: CodeCell = Field(title="单位编码")
    indicator: KeyCell = Field(title="指标编码")
    period: KeyCell = Field(title="期间")
    size: Annotated[str, one_of({"small": "小额", "large": "大额"})] = Field(title="数额")
    day: DayCell = Field(title="开具日期")
    why: str = Field("", title="事由")


FINED = {"methods/fines": "name: {zh: 罚单扣分, en: points per fine}\n"
                          "fines: {zh: '{count} 张罚单，至多 {cap} 分', en: '{count} fines, at most {cap}'}\n"}
FINES = "unit, indicator, size, day, why\na, F, 大额, 2020-05-01, Noise\na, F, small, 2020-06-01, Dust"


@pytest.fixture(name="fined")
def _fined(tmp_path: Path) -> Iterator[Callable[[str], tx.RuleBook]]:
    """Three units, an indicator that all have by, and fines beside the tree."""
    def made(table: str) -> tx.RuleBook:
        rule = {"method": "fines", "kind": "deduction", "sizes": {"small": "1", "large": "3"}}
        written.workspace(tmp_path / "w", {
            "indicators": [{"code": "Q", "weight": "100", "lead": "a", "scored_by": {"method": "given"}}], "units": UNITS,
            "adjustments": [{"code": "F", "cap": "3.5", "scored_by": rule}],
            "tables": {"observations": "unit, indicator, value\na, Q, 80\nb, Q, 78\nc, Q, 70"}})
        folder = tmp_path / "w" / "data" / written.YEAR / written.CATEGORY
        if table:
            written.table(folder, table, "fines", {"period": written.YEAR})
        return tx.load_rulebook(written.YEAR, tmp_path / "w")

    for name, text in FINED.items():
        written.file(tmp_path / "fined" / f"{name}.yaml", text)
    with methods.registered(Fines), tables.registered(FineRow), labels.added(tmp_path / "fined"):
        yield made


def test_points_beside_the_tree_are_scored_explained_and_told(fined: Callable[[str], tx.RuleBook]) -> None:
    rules = fined(FINES)
    result = tx.assess(rules, tx.load_data(rules), written.CATEGORY)
    assert result.ranking[["unit", "total"]].values.tolist() == [["b", 78.0], ["a", 76.5], ["c", 70.0]]
    assert "2 张罚单，至多 3.5 分" in tx.explain(result, unit="a", indicator="F")
    assert "2 fines, at most 3.5" in tx.explain(result, unit="a", indicator="F", lang="en")
    told = sentences.events(result, words_of(result, "en"))
    assert [("Noise, Dust" in each, "−3.5" in each) for each in told] == [(True, True)]
    names = {each.__name__ for each in methods.named(BesideTheTree).values()}
    assert {*names, "Fines"} == names and json_schema()["$defs"]["Fines"]["properties"].keys() == {"method", "kind", "sizes"}
    assert tx.data_draws(rules, tx.load_data(rules), written.CATEGORY, marks=0.0, draws=10).drawn == "data"
    assert new_year.folders(rules)[f"data/{written.YEAR}/{written.CATEGORY}"] == ("observations", "fines")


def test_nobody_needs_a_row_of_what_cannot_be_foreseen(fined: Callable[[str], tx.RuleBook]) -> None:
    rules = fined("")
    assert data.read(rules)[1] == []
    result = tx.assess(rules, tx.load_data(rules), written.CATEGORY)
    assert result.ranking["total"].tolist() == [80.0, 78.0, 70.0] and sentences.events(result, words_of(result)) == []
    rules = fined(FINES.replace("a, F, small", "a, Q, small").replace("大额", "huge"))
    assert {(fault.code, fault.line, fault.where) for fault in data.read(rules)[1]} == {
        ("cell_choice", 2, "数额 size"), ("indicator_elsewhere", 3, "指标编码 indicator")}


def test_its_sheet_is_handed_out_by_the_office_and_read_again(fined: Callable[[str], tx.RuleBook]) -> None:
    rules = fined("")
    (rules.root / "data" / written.YEAR / written.CATEGORY / "observations.csv").unlink()
    units, _, _ = asked.units_known(rules)
    assert set(asked.missing(rules, units, [written.CATEGORY])["table"]) == {"observations"}
    forms = blanks.forms(rules, units)
    assert [(form.table, form.due) for form in forms[""]] == [("decisions", 0), ("fines", 0)]
    made = openpyxl.load_workbook(io.BytesIO(handout.workbook(rules, units, "", forms[""], words_of(rules))))
    sheet = made[f"罚单 {written.CATEGORY}"]
    at = {cell.value: cell for row in sheet.iter_rows() for cell in row if cell.value}
    choices = {rule.formula1 for rule in sheet.data_validations.dataValidation if at["数额"].column_letter in str(rule.sqref)}
    assert choices == {'"小额,大额"'}
    for name, value in {"单位编码": "b", "指标编码": "F", "期间": written.YEAR, "数额": "小额", "开具日期": "2020-07-01",
                        "事由": "Dust"}.items():
        sheet.cell(at["数额"].row + 1, at[name].column, value)
    made.save(rules.root / "data" / written.YEAR / "_office.xlsx")
    written.table(rules.root / "data" / written.YEAR / written.CATEGORY, "unit, indicator, value\na, Q, 80\nb, Q, 78\nc, Q, 70",
                  "observations", {"period": written.YEAR})
    assert tx.load_data(rules).fines[["unit", "size", "day", "why"]].values.tolist() == [["b", "small", "2020-07-01", "Dust"]]
