"""A list of honours that count: others, and other levels, are told at their row; the rule's own levels at its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from written import assessed, workspace

import txlib as tx

pytestmark = pytest.mark.quick

LISTED = {"全国文明镇": "national", "省级创新试点": "province"}


def case(honour: str, level: str, listed: dict[str, str]) -> dict[str, Any]:
    rule = {"method": "per_event", "kind": "bonus", "levels": {"national": "2", "province": "1"}, "same_honour": "highest",
            "several_units": "each", **({"honours": listed} if listed else {})}
    return {"indicators": [{"code": "A", "weight": "100", "scored_by": {"method": "given"}}],
            "adjustments": [{"code": "J", "cap": "5", "scored_by": rule}], "units": ["a", "b"],
            "tables": {"observations": "unit,indicator,value\na,A,90\nb,A,80",
                       "events": f"unit,indicator,honour,level\na,J,{honour},{level}"}}


@pytest.mark.parametrize(("honour", "level", "listed", "code"), [
    ("全国 文明镇", "国家级", LISTED, ""), ("全国文明村", "national", {}, ""),
    ("全国文明村", "national", LISTED, "honour_unlisted"),
    ("全国文明镇", "province", LISTED, "honour_level"), ("全国文明镇", "city", LISTED, "level_unknown"),
])
def test_a_row_that_is_not_on_the_list_is_told(honour: str, level: str, listed: dict[str, str], code: str,
                                               tmp_path: Path) -> None:
    one = case(honour, level, listed)
    if not code:
        assert assessed(tmp_path, one).ranking.set_index("unit")["score"].to_dict() == {"a": 92, "b": 80}
        return
    with pytest.raises(tx.DataError) as told:
        tx.load_data(tx.load_rulebook("2020", workspace(tmp_path, one)))
    assert [(fault.code, fault.line, fault.at.unit) for fault in told.value.faults] == [(code, 2, "a")]
    assert "全国文明镇" in told.value.faults[0].message("zh") or code == "level_unknown"


def test_a_list_names_levels_of_the_rule(tmp_path: Path) -> None:
    with pytest.raises(tx.RulebookError) as told:
        tx.load_rulebook("2020", workspace(tmp_path, case("全国文明镇", "national", {"全国文明镇": "state"})))
    assert [fault.code for fault in told.value.faults] == ["honours_levels"]
