"""What cannot stand beside a branch's children is refused with its line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import written
import yaml

import txlib as tx

pytestmark = pytest.mark.quick

LEAF = {"weight": "100", "scored_by": {"method": "given"}}


def listed(**more: Any) -> dict[str, Any]:
    return {"method": "findings", "floor": "0", "prices": {"plan": {"costs": "1"}}, **more}


@pytest.mark.parametrize(("rule", "code"), [
    (listed(base="5"), "branch_prices"), (listed(prices={"plan": {"costs": "1", "again": "all"}}), "branch_prices"),
    ({"method": "completion", "lose": "proportional", "floor": "0"}, "not_one_of"), (listed(caps=[]), "list_length"),
    (listed(caps=[{"over": ["plan", "late"], "cap": "1"}]), "caps_over_kinds"), ({"prices": {}}, "key_missing")])
@pytest.mark.parametrize("shared", [False, True])
def test_a_rule_that_a_branch_cannot_have(rule: dict[str, Any], code: str, shared: bool, tmp_path: Path) -> None:
    """In a tree, and in a branch that several trees share."""
    branch = {"code": "A", "adjusted_by": rule, "children": [{"code": "A1", **LEAF}]}
    written.workspace(tmp_path, {"indicators": [{**branch, "weight": "100"}], "units": ["u"], "tables": {}})
    if shared:
        tree = tmp_path / "params/2020/trees/c.yaml"
        told = yaml.load(tree.read_text(encoding="utf-8"), yaml.BaseLoader)
        one = told["indicators"][0]
        source = {key: one[key] for key in ("clause", "assumed")}
        told["indicators"] = [{"use": "one", "weight": one.pop("weight"), **source}]
        for path, text in ((tree, told), (tree.parents[1] / "branches.yaml", {"one": one})):
            path.write_text(re.sub(r"'([\d.]+)'", r"\1", yaml.safe_dump(text, allow_unicode=True)), encoding="utf-8")
    with pytest.raises(tx.FaultsError) as caught:
        tx.load_rulebook("2020", tmp_path)
    fault, = caught.value.faults
    assert fault.code == code and fault.line > 1 and fault.message("zh") and fault.message("en")


def test_a_leaf_has_its_price_list_as_its_method(tmp_path: Path) -> None:
    written.workspace(tmp_path, {"indicators": [{"code": "A", **LEAF, "adjusted_by": listed()}], "units": ["u"], "tables": {}})
    with pytest.raises(tx.FaultsError) as caught:
        tx.load_rulebook("2020", tmp_path)
    assert [fault.code for fault in caught.value.faults] == ["key_elsewhere"]
