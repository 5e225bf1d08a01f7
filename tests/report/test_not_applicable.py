"""What does not apply to a unit is no shortfall: — and no bar; means and medians are those of the units assessed there."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from matplotlib.axes import Axes
from shared import words_of
from written import assessed, loaded

import txlib as tx
from txlib.report import card, facts, ranking
from txlib.report.excel import results
from txlib.report.ranking.sentences import ends

GIVEN = {"method": "given"}


def leaves(parent: str, roll_up: str, **points: str) -> dict[str, Any]:
    """A branch of leaves with so many points each."""
    total = str(sum(map(int, points.values())))
    children = [{"code": code, "weight": weight, "scored_by": GIVEN} for code, weight in points.items()]
    return {"code": parent, "weight": total, "roll_up": roll_up, "children": children}


def made(root: Path, roll_up: str = "weighted_sum", top: str = "weighted_sum", **rows: str) -> tx.Result:
    """Units with points on A1 (of 20), A2 (30) and B (50), in this order; A and the `top` are made so."""
    cells = {unit: points.split() for unit, points in rows.items()}
    table = [f"{unit},{code},{each}" for unit, mine in cells.items()
             for code, each in zip(("A1", "A2", "B"), mine, strict=True)]
    decimals = {"decimals": "4"} if roll_up == "geometric" else {}
    above = {"roll_up": top, **({"decimals": "4"} if top == "geometric" else {})} if top != "weighted_sum" else {}
    case = {**above, "indicators": [{**leaves("A", roll_up, A1="20", A2="30"), **decimals},
                           {"code": "B", "weight": "50", "scored_by": GIVEN}],
            "units": list(rows), "tables": {"observations": "\n".join(["unit,indicator,value", *table])}}
    _CASES[id(found := assessed(root, case))] = loaded(root, case)
    return found


_CASES: dict[int, Any] = {}


@pytest.fixture
def exempt(tmp_path: Path) -> tx.Result:
    """A1 does not apply to u3, whose A2 weighs 50 in place of 30: u3 attains 4 of 5 of it, u1 all and u2 half."""
    return made(tmp_path, u1="10 30 50", u2="20 15 25", u3="— 24 10")


def test_what_does_not_apply_is_a_dash_and_no_bar(exempt: tx.Result) -> None:
    words = words_of(exempt)
    parts = ranking.parts(exempt, words).listing
    assert parts is not None and [tuple(row)[2:] for row in parts.rows] == [
        ("10.00", "30.00"), ("20.00", "15.00"), ("—", "40.00")]
    assert [head.label for head in parts.heads[2:]] == ["指标A1", "指标A2"]  # 20 and 30 to u1, none and 50 to u3
    assert "满分不同" in parts.note
    assert [head.label for head in facts.out_of(exempt, exempt.category.roots, words)] == ["指标A（50）", "指标B（50）"]
    file = openpyxl.load_workbook(io.BytesIO(results.workbook(*_CASES[id(exempt)], {"c": exempt}, {}, words)))
    sheet = next(sheet for sheet in file if sheet.cell(1, 1).value == "类别总分与名次" or "名次" in sheet.title)
    heads = next(row for row in sheet.iter_rows(values_only=True) if "指标A1" in row)
    last = next(row for row in sheet.iter_rows(values_only=True) if "u3" in row)
    assert last[heads.index("指标A1")] == "—" and last[heads.index("指标A2")] == 40


def test_the_distance_to_the_one_above_has_one_sign_on_the_page_and_in_the_workbook(exempt: tx.Result) -> None:
    """90, 60, 50."""
    words = words_of(exempt)
    file = openpyxl.load_workbook(io.BytesIO(results.workbook(*_CASES[id(exempt)], {"c": exempt}, {}, words)))
    rows = [row for sheet in file for row in sheet.iter_rows(values_only=True)]
    heads = next(row for row in rows if "与上一名之差" in row)
    assert [next(row for row in rows if unit in row)[heads.index("与上一名之差")]
            for unit in ("u1", "u2", "u3")] == [None, -30, -10]
    assert [line.split()[-1] for line in ranking.scores(exempt, words).digest.splitlines()[2:]] == ["−30.00", "−10.00"]


def test_a_figure_draws_no_bar_where_a_branch_does_not_apply(exempt: tx.Result, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[list[float]] = []
    real = Axes.barh
    monkeypatch.setattr(Axes, "barh", lambda axes, at, wide, **look: drawn.append(list(wide)) or real(axes, at, wide, **look))
    digest = ranking.gap_to_mean(exempt, words_of(exempt)).digest
    assert [value == value for value in drawn[0]] == [True, True, False]
    assert digest.splitlines()[3].split()[1] == "—"


def test_a_unit_is_beside_the_mean_share_of_those_assessed_in_its_own_full_points(exempt: tx.Result) -> None:
    """A1: 50% and 100%, the mean 75% of 20 is 15. A2: 100%, 50%, 80%, the mean 230 ÷ 3 % of 30 is 23, of 50 it is 115 ÷ 3."""
    gaps = facts.beside_mean(exempt, facts.branches(exempt.category))
    assert gaps["A1"].tolist()[:2] == pytest.approx([-5, 5]) and gaps["A1"].isna().tolist() == [False, False, True]
    assert gaps["A2"].tolist() == pytest.approx([7, -8, 40 - 115 / 3])
    assert "落后最多的是指标B" in ends(exempt, words_of(exempt))[-1]
    assert card.beside_median(exempt, "u1").loc["A1", "median"] == pytest.approx(15)


def test_a_unit_that_takes_what_is_ruled_is_not_among_those_assessed(tmp_path: Path) -> None:
    """u3 takes 60% of B by rule: the median of the others is that of 50 and 40 of 50."""
    case: dict[str, Any] = {
        "indicators": [{"code": "A", "weight": "50", "scored_by": GIVEN},
                       {"code": "B", "weight": "50", "scored_by": GIVEN,
                        "not_applicable": {"rule": "share_of_weight", "share": "60%"}}],
        "units": ["u1", "u2", "u3"],
        "tables": {"observations": "unit,indicator,value\nu1,A,50\nu1,B,50\nu2,A,40\nu2,B,40\nu3,A,30\nu3,B,—"}}
    result = assessed(tmp_path, case)
    assert facts.points(result, result.category.leaves).loc["u3", "B"] == 30
    assert facts.beside_mean(result, result.category.leaves)["B"].tolist() == pytest.approx([5, -5, -15])
    assert card.beside_median(result, "u3").loc["B", "median"] == pytest.approx(45)


@pytest.mark.parametrize("top", [False, True])
@pytest.mark.parametrize("roll_up", ["weighted_sum", "geometric", "harmonic", "minimum"])
def test_gaps_are_said_to_add_up_only_where_they_do(tmp_path: Path, roll_up: str, top: bool) -> None:
    ways = {"top": roll_up} if top else {"roll_up": roll_up}
    result = made(tmp_path, **ways, u1="10 30 50", u2="20 15 25", u3="18 24 10")
    gaps, totals = facts.beside_mean(result, facts.branches(result.category)).sum(axis=1), result.ranking.set_index("unit").total
    holds = bool(((gaps - (totals - totals.mean())).abs() < 1e-9).all())
    for lang, text in (("zh", "之差相加"), ("en", "add up to the gap")):
        assert (text in ranking.gap_to_mean(result, words_of(result, lang)).caption) is holds is (roll_up == "weighted_sum")
        note = facts.ranking_note(result, words_of(result, lang))
        assert ({"zh": "末位", "en": "last digit"}[lang] in note) is (roll_up == "weighted_sum" or not top)


def test_gaps_do_not_add_up_where_full_points_differ(exempt: tx.Result) -> None:
    assert "相加" not in ranking.gap_to_mean(exempt, words_of(exempt)).caption
