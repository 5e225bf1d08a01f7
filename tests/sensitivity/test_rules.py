"""Alternatives: normalisations by hand and by pandas, means by scipy, the published ranking among them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shared
from scipy.stats import gmean, hmean
from trees import EXACT, marks
from written import CATEGORY, assessed, loaded

import txlib as tx
from txlib.sensitivity.rules import NORMALISATIONS, RANKS, RUNS, alternatives, measured, normalised
from txlib.sensitivity.weighed import model

pytestmark = pytest.mark.quick

TABLE = {"a": "90 60 70", "b": "80 80 70", "c": "60 95 90", "d": "80 70 65"}


def tried(root: Path, case: dict[str, Any], **more: Any) -> tx.Alternatives:
    return alternatives(*loaded(root, case), CATEGORY, **more)


@pytest.mark.parametrize(("way", "wanted"), [
    # observed 90, 80, 60, 80: the range 30 onto 0.6 to 1; mean 77.5, deviation √118.75; places 1, 2, 4, 2 (min)
    ("ruled", [0.9, 0.8, 0.6, 0.8]), ("min_max", [1.0, 0.6 + 0.4 * 20 / 30, 0.6, 0.6 + 0.4 * 20 / 30]),
    ("z_score", [0.8 + 0.1 * z / np.sqrt(118.75) for z in (12.5, 2.5, -17.5, 2.5)]),
    ("rank", [1.0, 1 - 0.4 / 3, 0.6, 1 - 0.4 / 3]), ("borda", [1.0, 2.5 / 4, 0.25, 2.5 / 4]),
])
def test_normalisations_by_hand(way: str, wanted: list[float], tmp_path: Path) -> None:
    result = assessed(tmp_path, marks(TABLE))
    assert normalised(result, model(result), way)[:, 0] == pytest.approx(wanted)


def test_combinations_are_those_of_pandas_and_scipy(tmp_path: Path) -> None:
    """Flat, all applicable: columns normalised, weighted means, ranks."""
    found = tried(tmp_path, marks(TABLE, rules=EXACT, weights=["50", "30", "20"])).runs
    x = pd.DataFrame({u: [float(v) for v in line.split()] for u, line in TABLE.items()}).T
    spread = (x - x.min()) / (x.max() - x.min())
    columns = {"ruled": x / 100, "min_max": 0.6 + 0.4 * spread, "z_score": 0.8 + 0.1 * (x - x.mean()) / x.std(ddof=0),
               "rank": 1 - 0.4 * (x.rank(ascending=False, method="min") - 1) / 3, "borda": x.rank() / 4}
    means = {"sum": lambda s: s @ [0.5, 0.3, 0.2], "ruled": lambda s: s @ [0.5, 0.3, 0.2],
             "geometric": lambda s: gmean(s, weights=np.tile([0.5, 0.3, 0.2], (4, 1)), axis=1),
             "harmonic": lambda s: hmean(s, weights=np.tile([0.5, 0.3, 0.2], (4, 1)), axis=1)}
    seen: set[tuple[str, ...]] = set()
    wanted = set()
    for (way, roll_up, ruled, ties), rows in found.groupby(RUNS[:4]):
        score = pd.Series(np.asarray(means[roll_up](columns[way].to_numpy())) * 100, x.index)
        mine = rows.set_index("unit")
        assert mine["score"].to_numpy() == pytest.approx(score.reindex(mine.index).to_numpy(), abs=1e-8), (way, roll_up)
        rank = score.round(8).rank(ascending=False, method=ties)
        assert mine["rank"].to_dict() == rank.to_dict()
        seen.add((way, roll_up, ruled, ties))
        by_ties = {rule: score.round(8).rank(ascending=False, method=rule).tolist() for rule in ("min", "dense", "average")}
        wanted |= {(way, roll_up, ruled, rule) for rule, places in by_ties.items() if rule == "min" or places != by_ties["min"]}
    assert len({each[:3] for each in seen}) == 5 * 3 and seen == wanted
    assert {each[1] for each in seen} == {"ruled", "geometric", "harmonic"}


@pytest.mark.parametrize(("year", "category"), [("2020", "towns_2"), ("2020", "depts_3"), ("2017-jining", "class_1")])
def test_the_published_ranking_is_the_first_combination(year: str, category: str) -> None:
    book, data = shared.edition(year)
    found = alternatives(book, data, category)
    published = shared.assessed(year, category).ranking.set_index("unit")
    first = found.runs.iloc[:len(published)].set_index("unit")
    assert (first.iloc[0][RUNS[:4]] == ["ruled", "ruled", "ruled", book.ties]).all()
    assert first["rank"].to_dict() == published["rank"].to_dict() and first["score"].to_dict() == published["score"].to_dict()
    assert found.ranks["unit"].tolist() == published.index.tolist() and list(found.ranks) == RANKS
    by_unit = found.runs.groupby("unit")["rank"]
    assert found.ranks.set_index("unit")["median"].to_dict() == by_unit.median().to_dict()
    assert found.ranks.set_index("unit")["worst"].to_dict() == by_unit.max().to_dict()


def test_what_does_not_apply_is_redistributed_or_takes_its_peers_mean(tmp_path: Path) -> None:
    """b has no mark on L2: (80 × 50 + 80 × 30) / 80 = 80, or with the mean of 70, 90, 65, that is 75: 40 + 24 + 15 = 79."""
    table = {**TABLE, "b": "80 80 —"}
    found = tried(tmp_path, marks(table, rules=EXACT, weights=["50", "30", "20"])).runs
    ruled = found[(found["normalisation"] == "ruled") & (found["roll_up"] == "ruled") & (found["ties"] == "min")]
    scores = ruled[ruled["unit"] == "b"].set_index("not_applicable")["score"].to_dict()
    assert scores == pytest.approx({"ruled": 80, "peers_mean": 79})


def test_other_roll_ups_have_sums_among_the_alternatives(tmp_path: Path) -> None:
    case = marks(TABLE, rules=EXACT)
    case["indicators"][0]["roll_up"] = "minimum"
    found = tried(tmp_path, case).runs
    scores = found[(found["normalisation"] == "ruled") & (found["ties"] == "min") & (found["unit"] == "a")].set_index("roll_up")
    assert scores["score"].to_dict() == pytest.approx({
        "ruled": 60, "sum": 220 / 3, "geometric": gmean([90, 60, 70]), "harmonic": hmean([90, 60, 70])}, abs=1e-8)


def points_follow_what_was_measured(year: str, category: str) -> set[str]:
    """Over the units that a leaf applies to, more measured never has fewer points; the methods of which that was seen."""
    result, methods = shared.assessed(year, category), set()
    for leaf in result.category.leaves:
        rows = result.scores[(result.scores["indicator"] == leaf.code) & (result.scores["status"] == "reported")]
        ahead = measured(leaf, result)
        assert ahead is not None and leaf.rule is not None
        order = np.argsort(ahead)
        # superior_rank: the mean place is of several indicators, whose steps stop at a floor
        gains = np.diff((rows["points"] / rows["full"]).to_numpy()[order])
        assert (gains >= -1e-9).all() or leaf.rule.method == "superior_rank"
        methods.add(leaf.rule.method)
    return methods


def test_measured_goes_the_way_of_the_points() -> None:
    """Between them the two categories have every method of the sample year."""
    found = points_follow_what_was_measured("2020", "towns_2") | points_follow_what_was_measured("2020", "depts_3")
    assert len(found) >= 14


def test_a_leaf_without_spread_and_one_unit_have_answers(tmp_path: Path) -> None:
    result = assessed(tmp_path / "1", marks({"a": "80", "b": "80"}))
    for way in NORMALISATIONS:
        found = normalised(result, model(result), way)[:, 0]
        assert found[0] == found[1] and np.isfinite(found).all()
    assert tried(tmp_path / "2", marks({"a": "80"})).ranks.loc[0, "kept"] == 1


@pytest.mark.parametrize("onto", [(1.0, 0.6), (-0.1, 1.0), (0.5, 0.5)])
def test_a_range_must_rise(onto: tuple[float, float], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="onto must rise"):
        tried(tmp_path, marks(TABLE), onto=onto)


def test_an_unknown_normalisation_is_refused(tmp_path: Path) -> None:
    result = assessed(tmp_path, marks(TABLE))
    with pytest.raises(ValueError, match="must be one of ruled, min_max"):
        normalised(result, model(result), "softmax")
