"""What a method costs: one with a table of its own, registered for the time of a test, lives in the whole house at once."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
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

import txlib as tx
from txlib import methods
from txlib.base import labels
from txlib.base.fields import Points
from txlib.base.numbers import Array, exact, floats
from txlib.intake import asked, blanks, data, tables
from txlib.intake.cells import CodeCell, DayCell, KeyCell, Quantity, QuantityCell, WholeCell, one_of, only_number
from txlib.intake.table import HandedRow, empty, wanted
from txlib.methods.method import Recorded, positions, zeros
from txlib.methods.words import Case
from txlib.report.excel import handout
from txlib.rules.schema import json_schema

pytestmark = pytest.mark.quick


class Patrols(Recorded):
    """Points for each round of patrol, up to full points."""

    method: Literal["patrols"]
    each: Points

    table: ClassVar[str] = "patrols"
    rows: ClassVar[str] = "patrols"

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
    frame = "patrols"
    kept = ("category", "unit", "indicator", "period", "rounds", "file", "line")

    unit: CodeCell = Field(title="单位编码")
    indicator: KeyCell = Field(title="指标编码")
    period: KeyCell = Field(title="期间")
    rounds: WholeCell = Field(title="圈数")


TEXTS = {"methods/patrols": "name: {zh: 巡查计分, en: points per round}\n"
                            "patrols: {zh: '巡查 {x}，每圈 {each} 分', en: '{x} of patrol at {each} each'}\n",
         "intake/handin": "column_rounds: {zh: 圈数, en: rounds}\nfill_patrols: {zh: 填写, en: fill in}\n",
         "editions/changes": "key_each: {zh: 每圈, en: each round}\n"}
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
    frame = "rounds"


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
    with pytest.raises(ValueError, match=f"registered already: {name}"), register(more):
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
    assert "巡查 3件，每圈 2 分；得 6 分（满分 10 分）" in tx.explain(result, unit="a", indicator="P")
    assert "3 pieces of patrol at 2 each; 6 of 10 points" in tx.explain(result, unit="a", indicator="P", lang="en")


def test_its_rule_is_checked_like_any_other(tmp_path: Path) -> None:
    rules = book(tmp_path)
    tree = rules.root / "params" / written.YEAR / "trees" / f"{written.CATEGORY}.yaml"
    tree.write_text(tree.read_text(encoding="utf-8").replace('"each": 2', '"eahc": 2'), encoding="utf-8")
    with pytest.raises(tx.RulebookError) as caught:
        tx.load_rulebook(written.YEAR, tmp_path)
    assert {(fault.code, fault.where) for fault in caught.value.faults} == {
        ("key_missing", "P · scored_by"), ("key_unknown", "P · scored_by.eahc")}
    assert "each?" in str(caught.value)


def test_it_stands_in_the_json_schema() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    rule = {**schema["$defs"]["Leaf"]["properties"]["scored_by"], "$defs": schema["$defs"]}
    for value, fits in ((RULE | {"each": 2}, True), ({"method": "patrols"}, False), ({"method": "patrol"}, False)):
        assert Draft202012Validator(rule).is_valid(value) == fits


def test_the_reference_asks_for_its_section() -> None:
    assert "patrols" in test_reference.method_of()
    with pytest.raises(AssertionError):
        test_reference.test_every_method_has_its_section_with_an_example()


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
    assert ("cell_number", "p.xlsx[巡查]" if kind == "xlsx" else "patrols.csv", 3,
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
    made = openpyxl.load_workbook(io.BytesIO(handout.workbook(rules, units, "a", forms["a"])))
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
    frame = "licences"
    kept = ("category", "unit", "indicator", "period", "grade", "day", "file", "line")

    unit: CodeCell = Field(title="单位编码")
    indicator: KeyCell = Field(title="指标编码")
    period: KeyCell = Field(title="期间")
    grade: Annotated[str, one_of({"a": "甲级", "b": "乙级"})] = Field(title="等级")
    day: DayCell = Field(title="日期")


class AmountRow(LicenceRow):
    """The same with a quantity and a plain number."""

    model_config = ConfigDict(title="数额")
    table = "amounts"
    frame = "amounts"

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
