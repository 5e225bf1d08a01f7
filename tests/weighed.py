"""Small categories for tests that move weights: trees of marks out of 100, with any marks in them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from written import loaded

import txlib as tx

MARKS = {"method": "given", "out_of": "100"}
TAKES = [{"takes": "30%"}, {"takes": "2"}, {"takes": "rest"}]
REACH = [{"at_least": "90"}, {"takes": "1"}, {"at_least": "75"}, {"takes": "rest"}]
LEVELS: dict[str, list[dict[str, Any]]] = {"takes": TAKES, "reach": REACH}


def leaf(code: str, weight: str, rule: dict[str, str] | None = None) -> dict[str, Any]:
    return {"code": code, "weight": weight, "scored_by": MARKS, **({"not_applicable": rule} if rule else {})}


def branch(code: str, weight: str, *children: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"code": code, "weight": weight, "children": list(children), **more}


TREE = [branch("A", "60", leaf("A1", "25"), leaf("A2", "20"), leaf("A3", "15")),
        branch("B", "40", branch("B1", "30", leaf("B1.1", "10"), leaf("B1.2", "20", {"rule": "peers_mean"})), leaf("B2", "10"),
               not_applicable={"rule": "share_of_weight", "share": "60%"})]
FLAT = [leaf("A", "50"), leaf("B", "30"), leaf("C", "20")]
BONUS = [{"code": "J", "cap": "3", "scored_by": {"method": "per_event", "kind": "bonus", "levels": {"city": "1"},
                                                 "same_honour": "each", "several_units": "each"}}]


def tiers(levels: str, tied: str) -> dict[str, Any]:
    """A rule for tiers, whose first one is barred by a veto."""
    named = [{"code": f"t{i}", "name": {"zh": "等", "en": "tier"}, **level} for i, level in enumerate(LEVELS[levels], 1)]
    return {"tiers": {"count": "half_up", "tied_at_the_cut": tied, "levels": named, "vetoes": {"bars": ["t1"]}}}


def book(root: Path, indicators: list[dict[str, Any]], units: int, *, tie_break: tuple[str, ...] = (),
         honour: bool = False, **rules: Any) -> tuple[tx.RuleBook, tx.Data]:
    """A rule-book, and data in which everyone has 80 marks, and the first unit an honour worth a point where told."""
    codes = [f"{chr(97 + k % 26)}{k // 26 or ''}" for k in range(units)]
    case = {"indicators": indicators, "units": codes, "rules": rules, "adjustments": BONUS, "tables": {
        "observations": "unit, indicator, value\n" + "\n".join(f"{u}, {x}, 80" for u in codes for x in leaves(indicators)),
        **({"events": "unit, indicator, honour, level, date, document\na, J, h, city, 2020-05-01, d1"} if honour else {})},
        "category": {"tie_break": list(tie_break)} if tie_break else {}}
    return loaded(root, case)


def leaves(indicators: list[dict[str, Any]]) -> list[str]:
    """Codes of the leaves below."""
    return [code for each in indicators for code in (leaves(each["children"]) if "children" in each else [each["code"]])]


def marked(data: tx.Data, marks: list[list[float | None]], vetoed: tuple[str, ...] = ()) -> tx.Data:
    """The data with other marks, units × leaves, None where a leaf does not apply; and vetoes."""
    values = np.array(marks, dtype=np.float64).ravel()
    status = np.where(np.isnan(values), "not_applicable", "reported")
    decisions = pd.DataFrame({"unit": list(vetoed), "kind": "veto", "since": "", "clause": "", "document": "", "note": ""})
    return data.replaced(observations=data.observations.assign(value=values, status=status), decisions=decisions)


def any_marks(rng: random.Random, units: int, count: int, missing: float, step: int = 1, *,
              alike: bool = False) -> list[list[float | None]]:
    """Marks from 50 to 100, some missing, at least one for each unit and leaf; the first two `alike` where told."""
    found: list[list[float | None]] = [[None if rng.random() < missing else rng.randrange(50, 101, step) for _ in range(count)]
                                       for _ in range(units)]
    if alike:
        found[1] = list(found[0])
    for row in found:
        row[0] = 80 if all(mark is None for mark in row) else row[0]
    for j in range(count):
        if all(row[j] is None for row in found):
            found[0][j] = found[1][j] = 80
    return found
