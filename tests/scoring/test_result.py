"""A small year with a table of each kind, by hand: the matrices that are scored, and the frames that come of it."""

from __future__ import annotations

from fractions import Fraction
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from written import assessed, loaded

import txlib as tx
from txlib.assess import assess
from txlib.scoring.places import RANKING
from txlib.scoring.points import Scoring, score
from txlib.scoring.result import SCORES

pytestmark = pytest.mark.quick

EVENTS = {"kind": "bonus", "method": "per_event", "levels": {"city": "1", "state": "3"}, "same_honour": "each",
          "several_units": "split"}
TREE: dict[str, Any] = {
    "units": ["a", "b", "c", "d"],
    "indicators": [
        {"code": "A", "weight": "60", "children": [
            {"code": "A1", "weight": "20", "scored_by": {"method": "given"}, "measured_in": {"zh": "个", "en": "visits"}},
            {"code": "A2", "weight": "40", "scored_by": {"method": "completion", "lose": "1", "floor": "0"}}]},
        {"code": "B", "weight": "30", "scored_by": {"method": "growth", "flat": "20", "gain": "1", "lose": "1", "floor": "0",
                                                    "most": "30"}},
        {"code": "C", "weight": "10", "scored_by": {"method": "superior_rank", "step": "1", "floor": "0"}}],
    "adjustments": [{"code": "J", "cap": "2", "scored_by": EVENTS}],
    "rules": {"tiers": {"count": "down", "tied_at_the_cut": "in", "vetoes": {"bars": ["t1"]}, "levels": [
        {"code": "t1", "name": {"zh": "一", "en": "one"}, "takes": "1"},
        {"code": "t2", "name": {"zh": "二", "en": "two"}, "takes": "rest"}]}},
    "tables": {
        "observations": "unit,indicator,value,target,last_year,status\na,A1,15,,,\na,A2,90,100,,\na,B,105,,100,\n"
                        "b,A1,,,,not_applicable\nb,A2,100,100,,\nb,B,95,,100,\nc,A1,20,,,\nc,A2,50,100,,\nc,B,100,,100,\n"
                        "d,A1,20,,,\nd,A2,100,100,,\nd,B,200,,100,",
        "superior": "superior,name,name_en,set_by,place,peers\nH1,甲,First,province,3,7\nH2,乙,Second,province,1,7\n"
                    "H3,丙,Third,province,6,7",
        "responsible": "superior,unit,indicator,share\nH1,a,C,100\nH2,b,C,50\nH2,d,C,50\nH3,c,C,100",
        "events": "unit,indicator,honour,level,date,document\na,J,h,city,2020-05-01,x\nd,J,h,city,2020-05-01,x\n"
                  "c,J,k,state,2020-05-01,x",
        "decisions": "unit,kind,since,document\nb,veto,2020-05-01,x\nd,excluded,2020-05-01,x"},
}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> tx.Result:
    return assessed(tmp_path_factory.mktemp("year"), TREE)


def at(result: tx.Result, unit: str, code: str) -> dict[str, Any]:
    """A row of scores; what is not there is None."""
    rows = result.scores[(result.scores["unit"] == unit) & (result.scores["indicator"] == code)]
    row, = rows.to_dict("records")
    return {str(key): None if isinstance(value, float) and isnan(value) else value for key, value in row.items()}


def test_a_ranking_is_without_those_left_out_and_with_those_under_a_veto(result: tx.Result) -> None:
    """a 15 + 30 + 25 + 8 + 0.5, b 60 + 15 + 10, c 20 + 0 + 20 + 5 + 2 of 3; half of an honour is d's, who is not ranked."""
    assert list(result.ranking) == RANKING
    assert result.ranking[["unit", "name", "score", "rank", "tier_code"]].to_numpy().tolist() == [
        ["b", "单位b", 85.0, 1, "t2"], ["a", "单位a", 78.5, 2, "t2"], ["c", "单位c", 47.0, 3, "t2"]]
    assert (result.excluded["unit"].tolist(), result.units["unit"].tolist(), result.vetoed) == (["d"], ["a", "b", "c"], ("b",))


@pytest.mark.parametrize(("unit", "code", "told"), [
    ("a", "A", {"parent": "", "level": 1, "method": "weighted_sum", "observed": None, "target": None, "status": "",
                "points": 45.0, "full": 60.0, "weight": 60.0, "measured_in": "", "measured_in_en": ""}),
    ("b", "A", {"name": "指标A", "name_en": "Indicator A", "clause": "", "assumed": "case", "place": None, "last_year": None}),
    ("a", "A1", {"parent": "A", "level": 2, "method": "given", "observed": 15.0, "target": None, "last_year": None,
                 "status": "reported", "points": 15.0, "full": 20.0, "measured_in": "个", "measured_in_en": "visits"}),
    ("a", "A2", {"observed": 90.0, "target": 100.0, "last_year": None, "points": 30.0, "measured_in_en": "points"}),
    ("b", "A1", {"observed": None, "status": "not_applicable", "points": 0.0, "full": 0.0, "weight": 20.0}),
    ("b", "A2", {"points": 60.0, "full": 60.0, "weight": 40.0}),
    ("b", "B", {"observed": 95.0, "target": None, "last_year": 100.0, "points": 15.0, "parent": "", "level": 1}),
    ("c", "C", {"observed": 6.0, "points": 5.0, "method": "superior_rank", "status": "reported"}),
    ("a", "J", {"parent": "", "level": 1, "method": "per_event", "observed": None, "status": "", "points": 0.5, "full": 2.0,
                "weight": 2.0}),
])
def test_a_row_of_scores_tells_a_unit_at_a_node(result: tx.Result, unit: str, code: str, told: dict[str, Any]) -> None:
    row = at(result, unit, code)
    assert {key: row[key] for key in told} == told


def test_scores_are_in_the_order_of_units_and_tree(result: tx.Result) -> None:
    codes = ["A", "A1", "A2", "B", "C", "J"]
    assert list(result.scores) == SCORES and result.scores["indicator"].tolist() == codes * 3
    assert result.scores["unit"].tolist() == [unit for unit in "abc" for _ in codes]
    assert [result.scores[name].cat.categories.tolist() for name in ("indicator", "unit")] == [codes, list("abc")]


def test_what_was_scored_is_kept_as_matrices_and_rows(result: tx.Result) -> None:
    handed = result.handed
    assert handed.values.tolist()[0] == [15, 90, 105, 3] and handed.applies.tolist()[1] == [False, True, True, True]
    assert handed.beside[0, 1:3].tolist() == [100, 100] and all(isnan(x) for x in handed.beside[:, [0, 3]].ravel())
    assert [float(x) for x in handed.given["C"]] == [8, 10, 5] and list(handed.given["J"]) == [Fraction(1, 2), 0, 2]
    assert {code: rows["unit"].tolist() for code, rows in result.records.items()} == {"C": ["a", "b", "c"], "J": ["a", "d", "c"]}


def test_a_result_prints_its_ranking_and_no_more(result: tx.Result) -> None:
    assert len(repr(result)) < 3000 and "book=" not in repr(result) and "ranking=" in repr(result)
    kept = ("units", "scores", "excluded", "handed", "points", "records", "category")
    assert not any(f"{name}=" in repr(result) for name in kept)


def test_a_category_is_assessed_by_its_code_or_as_it_is_and_one_that_there_is_not_is_told(tmp_path: Path) -> None:
    book, data = loaded(tmp_path, TREE)
    code, = book.categories
    pd.testing.assert_frame_equal(assess(book, data, code).ranking, assess(book, data, book.categories[code]).ranking)
    with pytest.raises(ValueError, match=f"no category x: {code}"):
        assess(book, data, "x")


# ── in fractions and in floats ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("cells", "kind"), [(12, object), (11, float)])
def test_so_many_cells_are_scored_in_fractions_and_more_in_floats(result: tx.Result, cells: int, kind: type) -> None:
    """Three units at four leaves."""
    rules = result.book.rounding
    points, totals = score(result.category, result.handed, "min", rules, Fraction(100), exact_cells=cells)
    assert points.total.dtype == kind and [float(x) for x in totals] == [78.5, 85, 47]
    assert [float(x) for x in points.points["A"]] == [45, 60, 20] and set(points.full) == set(points.points)


def test_some_units_are_scored_among_all_with_what_stands_for_a_leaf_that_does_not_apply(tmp_path: Path) -> None:
    """The mean of all that it applies to, whoever is scored."""
    case = {**TREE, "indicators": [
        {**TREE["indicators"][0], "children": [{**leaf, "not_applicable": {"rule": "peers_mean"}}
                                               for leaf in TREE["indicators"][0]["children"]]}, *TREE["indicators"][1:]]}
    result = assessed(tmp_path, case)
    scoring = Scoring(result.category, result.handed, "min", result.book.rounding, Fraction(100))
    for floating in (False, True):
        some = scoring.points(result.units.index.to_numpy()[1:2], floating=floating)
        assert [float(x) for x in some.points["A1"]] == [17.5]
