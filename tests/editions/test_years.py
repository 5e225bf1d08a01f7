"""Places then and now, worked by hand: predecessors followed, branches by the share attained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from written import assessed

import txlib as tx

pytestmark = pytest.mark.quick


def year(root: Path, values: dict[str, str], before: dict[str, tuple[str, ...]] | None = None) -> tx.Result:
    """A year of units with points on A1 (of 30), A2 (of 30) and B1 (of 40), “—” where one does not apply."""
    def leaf(code: str, weight: str) -> dict[str, Any]:
        return {"code": code, "weight": weight, "scored_by": {"method": "given"}}

    rows = "\n".join(f"{unit},{code},{value}" for unit, told in values.items()
                     for code, value in zip(("A1", "A2", "B1"), told.split(), strict=True))
    case = {"indicators": [{"code": "A", "weight": "60", "children": [leaf("A1", "30"), leaf("A2", "30")]},
                           {"code": "B", "weight": "40", "children": [leaf("B1", "40")]}],
            "units": list(values), "tables": {"observations": f"unit,indicator,value\n{rows}"}}
    result = assessed(root, case)
    units = result.units.assign(predecessor=[(before or {}).get(unit, ()) for unit in result.units["unit"]])
    return replace(result, units=units)


@pytest.fixture
def years(tmp_path: Path) -> tuple[tx.Result, tx.Result]:
    """Then a 90, b 80, c 70, d 60. Now e (c renamed) 95, a 85, m (b and d merged) 75, n (new) 50."""
    then = year(tmp_path / "then", {"a": "25 25 40", "b": "25 20 35", "c": "20 20 30", "d": "20 15 25"})
    now = year(tmp_path / "now", {"a": "20 25 40", "e": "30 25 40", "m": "20 20 35", "n": "10 20 20"},
               {"e": ("c",), "m": ("b", "d")})
    return now, then


def test_places_follow_predecessors(years: tuple[tx.Result, tx.Result]) -> None:
    table = tx.compare_years(*years).set_index("unit")
    assert table["rank"].to_dict() == {"e": 1, "a": 2, "m": 3, "n": 4}
    assert table.loc["e", ["rank_then", "moved", "before"]].to_list() == [3, 2, "单位c (3)"]
    assert table.loc["a", ["rank_then", "moved", "before"]].to_list() == [1, -1, ""]
    assert table.loc["m", "before"] == "单位b (2); 单位d (4)"
    assert table.loc["n", "before"] == ""
    assert table.loc[["m", "n"], ["rank_then", "moved"]].isna().all(axis=None)


def test_branches_move_only_for_units_with_one_forebear(years: tuple[tx.Result, tx.Result]) -> None:
    """A1: then a 25, b 25, c 20, d 20, so a 1 and c 3; now e 30, a 20, m 20, n 10, so e 1 and a 2."""
    moves = tx.branch_moves(*years).set_index(["unit", "indicator"])
    assert set(moves.index.get_level_values(0)) == {"a", "e"}
    assert moves.loc[("a", "A1"), ["place_then", "place", "moved"]].to_list() == [1, 2, -1]
    assert moves.loc[("e", "A1"), ["place_then", "place", "moved"]].to_list() == [3, 1, 2]


def test_a_branch_is_placed_by_the_share_attained_of_what_it_weighs(tmp_path: Path) -> None:
    """Where A2 does not apply, A1 weighs 60: 40 of 60 lies behind 21 of 30. A2 has no place there."""
    then = year(tmp_path / "then", {"a": "20 20 20", "b": "10 10 10"})
    now = year(tmp_path / "now", {"a": "20 — 20", "b": "21 10 10"})
    made = now.scores.set_index(["unit", "indicator"])
    assert (made.loc[("a", "A1"), "points"], made.loc[("a", "A1"), "full"]) == (40, 60)
    moves = tx.branch_moves(now, then).set_index(["unit", "indicator"])
    assert moves.loc[("a", "A1"), ["place_then", "place", "moved"]].to_list() == [1, 2, -1]
    assert ("a", "A2") not in moves.index and ("b", "A2") in moves.index
