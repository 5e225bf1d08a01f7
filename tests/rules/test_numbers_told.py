"""A number in a fault is told as it is written, so that it is not one that would do."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import written

import txlib as tx
from txlib.base.printing import in_full
from txlib.rules import book

pytestmark = pytest.mark.quick
LEAF = {"code": "A", "weight": "100", "scored_by": {"method": "given", "out_of": "100"}}


@pytest.mark.parametrize("text", ["100.000001", "100.000000000001", "0.00000000001", "-3.5", "123456789.123456"])
def test_a_number_is_told_in_full(text: str) -> None:
    assert in_full(Fraction(text)) == text


@pytest.mark.parametrize("text", ["100.000001", "-0.00000001", "1234567.5"])
def test_a_value_that_is_refused_is_told_as_it_was_handed_in(text: str, tmp_path: Path) -> None:
    case: dict[str, Any] = {"indicators": [LEAF], "units": ["a"], "tables": {"observations": f"unit,indicator,value\na,A,{text}"}}
    with pytest.raises(tx.DataError) as caught:
        tx.load_data(tx.load_rulebook("2020", written.workspace(tmp_path, case)))
    assert [(fault.code, fault.found) for fault in caught.value.faults] == [("given_range", text)]


def test_weights_that_all_but_add_up_are_told_in_full(tmp_path: Path) -> None:
    weights = ["33.333333333333", "66.666666666666"]
    leaves = [{**LEAF, "code": f"A{n}", "weight": weight} for n, weight in enumerate(weights)]
    found = book.read("2020", written.workspace(tmp_path, {"indicators": leaves, "units": ["a"]}))[1]
    assert [(fault.code, fault.found) for fault in found] == [("weights_sum", "99.999999999999")]
    message = found[0].message("en")
    assert "= 99.999999999999" in message and "add up to 100 " in message and "weighted_mean" not in message


@pytest.mark.parametrize(("gives", "fine"), [("60%", True), ("60% of weight", True), ("60", False), ("6%", False)])
def test_a_share_that_a_clause_gives_is_given_of_the_weight_too(gives: str, fine: bool, tmp_path: Path) -> None:
    rule = {"method": "rank_step", "step": "60% of weight", "floor": "60% of weight"}
    case = {"indicators": [{**LEAF, "weight": "100", "clause": ["1.1"], "scored_by": rule}], "units": ["a"]}
    root = written.workspace(tmp_path, case)
    path, tree = root / "params/2020/clauses.yaml", root / "params/2020/trees/c.yaml"
    cited = tree.read_text(encoding="utf-8").replace('"clause": ["1.1"], "assumed": "case"', '"clause": ["1.1"]')
    tree.write_text(cited, encoding="utf-8")
    text = path.read_text(encoding="utf-8").rstrip()
    path.write_text(text.replace("}}}", f'}}, "gives": [100, {gives}]}}}}') + "\n", encoding="utf-8")
    codes = [fault.code for fault in book.read("2020", root)[1]]
    assert codes == ([] if fine else ["number_without_source"] * 2)
