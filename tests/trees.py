"""Cases of small trees of marks out of 100: a flat one, and one with branches in all the ways that they may count."""

from __future__ import annotations

from typing import Any

MARK = {"method": "given", "out_of": "100"}
EXACT = {"rounding": {"leaf": "exact", "total": "exact", "half": "up"}}
MARKS = {
    "a": "91.3 88 — 75.5 64 93 82",
    "b": "— — 71.2 90 77 — 95",
    "c": "85 — 66 — — — 60.4",
    "d": "70.7 99 82 88 91 73 71",
}
NUMBER: dict[str, Any] = {  # x out of 100, of which one scoring gives x/2 points and the other 50 - x/2
    "rules": EXACT, "units": ["a", "b"], "tables": {"observations": "unit,indicator,value\na,A,50\nb,A,50"},
    "indicators": [{"code": "A", "weight": "100", "measured_in": "分", "children": [
        {"code": "A.1", "weight": "50%", "scored_by": MARK},
        {"code": "A.2", "weight": "50%",
         "scored_by": {"method": "goalposts", "low": "0", "high": "100", "onto": ["0", "50"], "direction": "down"}}]}],
}
RULED = ["10", "15", "12", "18", "20", "5", "20"]
WAYS: dict[str, dict[str, Any]] = {
    "sums": {},
    "peers_mean": {"inner": {"not_applicable": {"rule": "peers_mean"}}, "other": {"not_applicable": {"rule": "peers_mean"}}},
    "share_of_weight": {"other": {"not_applicable": {"rule": "share_of_weight", "share": "60%"}}},
    "roll_ups": {"outer": {"roll_up": "harmonic"}, "other": {"roll_up": "minimum"}},
    "geometric": {"outer": {"roll_up": "geometric", "decimals": "3"}},
    "leaves_rounded": {"rules": {"rounding": {"leaf": "1", "total": "2", "half": "even"}}},
}


def marks(table: dict[str, str], **more: Any) -> dict[str, Any]:
    """A flat tree of leaves with equal weights, marks out of 100; "—" does not apply."""
    count = len(next(iter(table.values())).split())
    rows = [f"{unit},L{j},{'' if x == '—' else x},{'not_applicable' if x == '—' else ''}\n"
            for unit, line in table.items() for j, x in enumerate(line.split())]
    weights = more.pop("weights", ["1"] * count)
    leaves = [{"code": f"L{j}", "weight": weight, "scored_by": MARK} for j, weight in enumerate(weights)]
    one = [{"code": "A", "weight": "100", "roll_up": "weighted_mean", "children": leaves}]
    return {"indicators": one, "units": list(table), **more,
            "tables": {"observations": "unit,indicator,value,status\n" + "".join(rows)}}


def tree(weights: list[str], **more: Any) -> dict[str, Any]:
    """Two branches, one of them with a branch inside, a leaf beside them; marks out of 100, some not applicable."""
    mark = {"method": "given", "out_of": 100}
    leaves = [{"code": f"L{j}", "weight": w, "scored_by": mark} for j, w in enumerate(weights)]
    sums = [f"{sum(float(weight) for weight in part):g}" for part in (weights[0:2], weights[0:4], weights[4:6])]
    inner = {"code": "A1", "weight": sums[0], "children": leaves[0:2], **more.pop("inner", {})}
    return {
        "indicators": [
            {"code": "A", "weight": sums[1], "children": [inner, *leaves[2:4]], **more.pop("outer", {})},
            {"code": "B", "weight": sums[2], "children": leaves[4:6], **more.pop("other", {})},
            leaves[6],
        ],
        "units": ["a", "b", "c", "d"],
        "tables": {"observations": "unit,indicator,value,status\n" + "".join(
            f"{unit},L{j},{'' if mark == '—' else mark},{'not_applicable' if mark == '—' else ''}\n"
            for unit, marks in MARKS.items() for j, mark in enumerate(marks.split()))},
        **more,
    }
