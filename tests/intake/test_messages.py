"""Faults and remarks of one kind in a sheet are told in full a few times and then counted, with their places."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from txlib.base.faults import Fault, Remark, Where
from txlib.base.labels import LANGS
from txlib.intake import asked
from txlib.intake.tables.details import DetailRow
from txlib.intake.tables.published import PublishedRow
from txlib.intake.tables.superior import SuperiorRow

pytestmark = pytest.mark.quick

SHEET = "data/2020/c/x.xlsx[实绩]"


def cells(count: int, found: str = "约7") -> list[Fault]:
    return [Fault.of("cell_number", SHEET, row, Where(cell=f"D{row}"), found=found) for row in range(2, 2 + count)]


def test_many_of_one_kind_are_counted_with_their_places() -> None:
    lines = list(asked.messages(cells(9), "en"))
    assert lines[:3] == [fault.message("en") for fault in cells(3)]
    assert lines[3:] == [f"{SHEET}: 6 more of this kind: D5, D6, D7, D8, D9, D10"]


def test_four_of_a_kind_are_told_one_by_one() -> None:
    assert list(asked.messages(cells(4), "zh")) == [fault.message("zh") for fault in cells(4)]


def test_what_is_not_there_yet_is_counted_apart_and_without_places() -> None:
    mixed = [*cells(5), *(Fault.of("value_missing", SHEET, row, Where("u", "A")) for row in range(20, 30))]
    lines = list(asked.messages(mixed, "en"))
    assert len(lines) == 8 and lines[3].endswith("D5, D6") and "7 more gaps of this kind" in lines[7]


def test_more_are_told_without_a_colon_where_none_has_a_place_and_a_list_is_named_where_there_is_one() -> None:
    nowhere = [Fault.of("folder_missing", "x.csv", found=str(year)) for year in range(9)]
    gaps = [Fault.of("value_missing", SHEET, 0, Where("u", str(row))) for row in range(9)]
    assert list(asked.messages(nowhere, "zh"))[-1] == "x.csv：同样的错误还有 6 处。"
    assert list(asked.messages(gaps, "zh"))[-1] == f"{SHEET}：同样的空缺还有 6 处。"
    assert "清单" in list(asked.messages(gaps, "zh", listed=True))[-1]


def test_kinds_sheets_and_remarks_are_counted_apart() -> None:
    told = [*cells(3), *(Fault.of("cell_number", "other.csv", row, found="x") for row in range(2, 5)),
            *(Remark.of("magnitude", SHEET, row, reference=1, times=10) for row in range(2, 9))]
    lines = list(asked.messages(told, "en"))
    assert len(lines) == 3 + 3 + 4 and lines[-1].endswith("4 more of this kind: 5, 6, 7, 8")


def test_a_long_list_of_places_ends() -> None:
    last = list(asked.messages(cells(3 + asked.PLACES + 5), "zh"))[-1]
    assert last.endswith("…") and f"还有 {asked.PLACES + 5} 处" in last


@pytest.mark.parametrize("cell", ["—", "7分", "7%"])
@pytest.mark.parametrize("field", [PublishedRow.model_fields["score"], SuperiorRow.model_fields["place"],
                                   DetailRow.model_fields["points"]])
def test_a_column_of_plain_numbers_advises_no_dash(field: FieldInfo, cell: str) -> None:
    """“—” says that an indicator does not apply: of a score, a place or the points of a line it says nothing."""
    column: TypeAdapter[Any] = TypeAdapter(Annotated[field.annotation, *field.metadata])
    assert column.validate_python("") is None
    with pytest.raises(ValidationError) as caught:
        column.validate_python(cell)
    (error,) = caught.value.errors()
    fault = Fault.of(error["type"], SHEET, 2, found=cell)
    assert error["type"] in ("cell_only_number", "cell_whole")
    assert all("—" not in fault.message(lang).replace(f"“{cell}”", "") for lang in LANGS)
