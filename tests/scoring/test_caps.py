"""One cap over several adjustments: refused where it is over nothing, and the same wherever a ranking is asked for."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_trees import SCORED
from written import CATEGORY, YEAR, assessed, loaded, workspace

import txlib as tx
from txlib.base.numbers import floats
from txlib.report import card
from txlib.report.kit.words import Words
from txlib.scoring.points import score
from txlib.sensitivity.leave_out import leave_one_out
from txlib.sensitivity.spread import share_of_spread
from txlib.sensitivity.what_if import what_if

CASES = [each.values[0] for each in SCORED if each.id.startswith("caps-")]

REFUSED = {
    "cap_over_unknown": [{"over": ["J1", "A"], "cap": 5}],
    "cap_over_twice": [{"over": ["J1", "J2"], "cap": 5}, {"over": ["J3", "J2"], "cap": 5}],
    "cap_over_twice ": [{"over": ["J1", "J1"], "cap": 5}],
    "list_length": [{"over": ["J1"], "cap": 5}],
    "positive_form": [{"over": ["J1", "J2"], "cap": 0}],
    "not_one_of": [{"over": ["J1", "J2"], "cap": 5, "signs": "each"}],
    "number_without_source": [{"over": ["J1", "J2"], "cap": 5, "clause": ["1.1"], "assumed": None}],
}


def ruled(caps: list[dict[str, Any]]) -> dict[str, Any]:
    """The second case with other caps."""
    case = {**copy.deepcopy(CASES[1]), "caps": caps}
    return case if caps else {key: value for key, value in case.items() if key != "caps"}


@pytest.mark.quick
@pytest.mark.parametrize("code", REFUSED)
def test_a_cap_over_nothing_is_refused_with_its_line(code: str, tmp_path: Path) -> None:
    root, file = workspace(tmp_path, ruled(REFUSED[code])), Path("params", YEAR, "trees", f"{CATEGORY}.yaml")
    (root / file).write_text((root / file).read_text(encoding="utf-8").replace(', "assumed": "None"', ""), encoding="utf-8")
    with pytest.raises(tx.RulebookError) as caught:
        tx.load_rulebook(YEAR, root)
    assert [fault.code for fault in caught.value.faults] == [code.strip()]
    assert all(fault.line and fault.message(lang) for fault in caught.value.faults for lang in ("zh", "en"))


@pytest.mark.quick
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_floats_give_the_same_and_a_total_is_the_sum_of_what_is_listed(case: dict[str, Any], tmp_path: Path) -> None:
    result = assessed(tmp_path, case)
    head, book = result.category, result.book
    points, scores = score(head, result.handed, book.ties, book.rounding, head.total, exact_cells=0)
    assert points.points["J1&J2" if "J1&J2" in points.points else "J1&J2&J3"].dtype == np.float64
    for code, column in result.exact.points.items():
        assert (points.points[code] == floats(column)).all(), code
    assert scores.tolist() == result.ranking.set_index("unit")["score"].reindex(result.units["unit"]).tolist()
    listed = result.scores[result.scores["level"] == 1].groupby("unit", observed=True)["points"].sum()
    assert listed.to_dict() == pytest.approx(result.ranking.set_index("unit")["total"].to_dict(), abs=1e-12)


@pytest.mark.quick
@pytest.mark.parametrize(("gone", "caps"), [("J1&J2&J3", []), ("J1", [{"over": ["J2", "J3"], "cap": 5}]),
                                             ("J2", [{"over": ["J1", "J3"], "cap": 5}])])
def test_without_a_cap_or_one_under_it_is_a_rule_book_without_it(gone: str, caps: list[dict[str, Any]], tmp_path: Path) -> None:
    less = ruled(caps)
    less["adjustments"] = [each for each in less["adjustments"] if each["code"] != gone]
    header, *rows = less["tables"]["events"].splitlines()
    less["tables"]["events"] = "\n".join([header, *(row for row in rows if f",{gone}," not in row)])
    found = leave_one_out(assessed(tmp_path / "1", CASES[1])).places
    mine = found[found["left_out"] == gone].set_index("unit")["without"]
    assert mine.to_dict() == assessed(tmp_path / "2", less).ranking.set_index("unit")["rank"].to_dict()


@pytest.mark.quick
def test_a_cap_is_told_in_reports_and_stays_with_other_weights(tmp_path: Path) -> None:
    book, data = loaded(tmp_path, CASES[1])
    result = tx.assess(book, data, CATEGORY)
    same = what_if(book, data, CATEGORY, {"A": 100})
    assert same["score"].tolist() == result.ranking["score"].tolist()
    share = share_of_spread(result, permutations=20).set_index("indicator")["share"]
    assert share[["A", "J1", "J2", "J3", "J1&J2&J3"]].sum() == pytest.approx(1)
    for lang, said in (("zh", "加分合计 J1 1 分，未超过 5 分；扣分合计 J2 4 + J3 3 = 7 分，至多扣 5 分，退回超出的 2 分"),
                       ("en", "added in all: J1 1, not above 5; taken off in all: J2 4 + J3 3 = 7, at most 5 taken off: "
                              "the 2 above it given back")):
        words = Words(book, data, lang)
        assert any(said in line for line in card.notes(result, data, "b", words))
        assert not any("J1&J2&J3" in line for line in card.notes(assessed(tmp_path, CASES[2]), data, "a", words))
        (block,) = card.branches(result, "b", words).blocks
        assert ["+2.00", "±5"] in [[str(getattr(cell, "text", cell)) for cell in row.cells[1:3]] for row in block.rows]
    assert card.lost(result, "a")["lost"].to_dict() == {"A": 20, "J2": 2, "J1&J2&J3": 1}


@pytest.mark.quick
def test_another_cap_is_one_change_in_words(tmp_path: Path) -> None:
    then, now, net = (tx.load_rulebook(YEAR, workspace(tmp_path / name, ruled([{"over": ["J1", "J2"], "cap": 5, **more}])))
                      for name, more in (("1", {}), ("2", {"cap": 6}), ("3", {"signs": "net"})))
    told = [(row.what_en, row.then_en, row.now_en, row.what) for row in tx.diff_rules(then, now).itertuples()]
    assert told == [("caps on several together · Cap on J1, J2 together · cap", "5", "6", "合计上限 · J1、J2 合计上限 · 上限")]
    (row,) = tx.diff_rules(then, net).itertuples()
    assert (row.then, row.now, row.then_en, row.now_en) == ("分别计", "相抵后计", "apart", "net")
