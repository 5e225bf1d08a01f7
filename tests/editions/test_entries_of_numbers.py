"""What changed in rules where one number is scored several ways, and where figures make values."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from written import workspace

import txlib as tx
from txlib.editions.under_other_rules import carried
from txlib.editions.values import entries_of

pytestmark = pytest.mark.quick


def first(name: str) -> Any:
    path = Path(__file__).parent.parent / "cases" / "trees" / f"{name}.yaml"
    return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)["cases"][0]


def of(root: Path, case: dict[str, Any], code: str) -> Any:
    return entries_of(tx.load_rulebook("2020", workspace(root, case))).trees["c"][code]


def test_a_number_and_its_scorings_have_entries(tmp_path: Path) -> None:
    case = first("parts")
    number, second = of(tmp_path, case, "A3"), of(tmp_path, case, "A3.2")
    assert number.entries["measured_in"].text[0] == "亿元" and not number.scored
    assert (second.parent, second.weight[0], second.full, second.scored) == ("A3", "share", 2, True)


def test_the_other_way_round_is_another_quotient(tmp_path: Path) -> None:
    case = first("figures")
    other = deepcopy(case)
    other["indicators"][0]["value"]["quotient"].reverse()
    one, two = (of(tmp_path / name, each, "A5").entries["value.quotient"] for name, each in (("one", case), ("two", other)))
    assert one.value != two.value


def test_a_value_made_otherwise_is_not_carried(tmp_path: Path) -> None:
    """What 34 of 40 come to says nothing of 40 by 34; rules that stay the same carry it."""
    case = first("figures")
    other = deepcopy(case)
    other["indicators"][0]["value"]["quotient"].reverse()
    then, now = (tx.load_rulebook("2020", workspace(tmp_path / name, each)) for name, each in (("one", case), ("two", other)))
    data = tx.load_data(then)
    assert set(carried(then, data, now).left_out["why"]) == {"made"} and carried(then, data, then).left_out.empty
