"""Indicators that several departments lead: who hands them in, where the shares are told, what cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from written import assessed, loaded, workspace

import txlib as tx
from txlib.intake.asked import asked
from txlib.report.kit.words import Words
from txlib.report.ranking import explained

pytestmark = pytest.mark.quick


def case(**lead: Any) -> dict[str, Any]:
    parts = [{"code": f"A.{i}", "weight": "50", "scored_by": {"method": "given", "out_of": "100"}} for i in (1, 2)]
    number = {"code": "A", "weight": "100", "measured_in": "分", "children": parts, **lead}
    return {"units": ["a", "b", "z"], "indicators": [number],
            "tables": {"observations": "unit,indicator,value\na,A,90\nb,A,80\nz,A,70"}}


def test_the_first_hands_in_and_all_are_told_with_their_shares(tmp_path: Path) -> None:
    """z hands in, and has the 60% that a and b leave: told at the number and at each of its two scorings."""
    told = case(lead="z", jointly={"a": "30%", "b": "10%"})
    (book, data), result = loaded(tmp_path, told), assessed(tmp_path, told)
    assert set(asked(book, data.units)["lead"]) == {"z"}
    text = explained.explanations(result, "a", Words(book, data, "zh"), data).text
    assert text.count("牵头：单位z 60%、单位a 30%、单位b 10%") == 3
    alone = Words(book, data, "en").leads(assessed(tmp_path / "alone", case(lead="z")).category.leaves[0])
    assert alone == "Unit z"


@pytest.mark.parametrize("lead", [
    {"jointly": {"a": "40%"}}, {"lead": "z", "jointly": {"z": "40%"}}, {"lead": "z", "jointly": {"a": "60%", "b": "40%"}},
])
def test_shares_that_cannot_be_are_refused(lead: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(tx.RulebookError, match="jointly beside lead, with other departments"):
        tx.load_rulebook("2020", workspace(tmp_path, case(**lead)))


def test_a_department_that_there_is_not_is_told_once_with_its_line(tmp_path: Path) -> None:
    book = tx.load_rulebook("2020", workspace(tmp_path, case(lead="z", jointly={"q": "40%"})))
    with pytest.raises(tx.DataError, match=r"trees/c\.yaml line 3 .*jointly") as raised:
        tx.load_data(book)
    assert [fault.code for fault in raised.value.faults] == ["jointly_unknown"]
