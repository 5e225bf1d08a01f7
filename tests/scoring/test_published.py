"""Published rankings reproduced, each by an ordinary rule-book: proof from outside, of the numbers and of the format."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from shared import ROOT
from written import assessed

import txlib as tx

pytestmark = pytest.mark.quick

CASES = ROOT / "tests" / "cases" / "published"


def table(name: str) -> dict[str, Any]:
    return dict(yaml.load((CASES / f"{name}.yaml").read_text(encoding="utf-8"), yaml.BaseLoader))


TECHNOLOGY, HUMAN, EXAMPLES = table("technology"), table("human_development"), table("examples")


def code(name: str) -> str:
    return name.lower().replace(" ", "_")


def observations(countries: list[list[str]], indicators: list[str]) -> str:
    rows = [f"{code(row[0])},{leaf},{value}" for row in countries for leaf, value in zip(indicators, row[1:], strict=False)]
    return "\n".join(["unit,indicator,value", *rows])


def ranks(result: tx.Result) -> dict[str, float]:
    return dict(zip(result.ranking["unit"], result.ranking["rank"], strict=True))


# ── the Technology Achievement Index ──


def technology(leaf_rules: list[dict[str, Any]], weights: list[str], group: dict[str, Any]) -> dict[str, Any]:
    names = TECHNOLOGY["indicators"]
    children = [{"code": name, "weight": weight, "scored_by": rule}
                for name, weight, rule in zip(names, weights, leaf_rules, strict=True)]
    return {"rules": {"rounding": {"leaf": "exact", "total": "4", "half": "up"}},
            "indicators": [{"code": "T", "weight": "100", **group, "children": children}],
            "units": [code(row[0]) for row in TECHNOLOGY["countries"]],
            "tables": {"observations": observations(TECHNOLOGY["countries"], names)}}


def goalposts() -> list[dict[str, Any]]:
    return [{"method": "goalposts", "low": low, "high": high, "onto": ["0", "100% of weight"], "clip": "both"}
            for low, high in zip(TECHNOLOGY["low"], TECHNOLOGY["high"], strict=True)]


def printed(column: int) -> dict[str, float]:
    return {code(row[0]): float(row[column]) for row in TECHNOLOGY["countries"]}


def test_technology_with_equal_weights(tmp_path: Path) -> None:
    """23 of 23 places: fixed goalposts, clipped; the mean of eight."""
    result = assessed(tmp_path, technology(goalposts(), ["1"] * 8, {"roll_up": "weighted_mean"}))
    assert ranks(result) == printed(9)


def test_technology_with_weights_by_budget_allocation(tmp_path: Path) -> None:
    """23 of 23 places: the same with the weights that experts gave."""
    assert ranks(assessed(tmp_path, technology(goalposts(), TECHNOLOGY["budget"], {}))) == printed(10)


def test_technology_by_the_geometric_mean(tmp_path: Path) -> None:
    """23 of 23 places: the geometric mean of raw values; divided by the best of each indicator, the order is the same."""
    rules = [{"method": "share_of_best"}] * 8
    group = {"roll_up": "geometric", "decimals": "6"}
    assert ranks(assessed(tmp_path, technology(rules, ["1"] * 8, group))) == printed(11)


def test_technology_needs_its_goalposts(tmp_path: Path) -> None:
    """With the range of the 23 instead, 12 places differ, Norway's by 8: the test above can fail."""
    rules = [{"method": "min_max", "onto": ["0", "100% of weight"]}] * 8
    got, want = ranks(assessed(tmp_path, technology(rules, ["1"] * 8, {"roll_up": "weighted_mean"}))), printed(9)
    assert sum(got[unit] != want[unit] for unit in want) == 12
    assert abs(got["norway"] - want["norway"]) == 8


# ── the Human Development Index ──


def human(decimals: str) -> dict[str, Any]:
    def posts(low: int, high: int, **more: Any) -> dict[str, Any]:
        ends = {"low": str(low), "high": str(high), "onto": ["0", "100% of weight"]}
        return {"method": "goalposts", **ends, "clip": "both", **more}

    years = {"measured_in": {"zh": "年", "en": "years"}}
    education = [{"code": "expected", "weight": "1", "scored_by": posts(0, 18), **years},
                 {"code": "mean", "weight": "1", "scored_by": posts(0, 15), **years}]
    parts = [{"code": "health", "weight": "1", "scored_by": posts(20, 85), **years},
             {"code": "education", "weight": "1", "roll_up": "weighted_mean", "children": education},
             {"code": "income", "weight": "1", "measured_in": "$",
              "scored_by": posts(100, 75000, scale="log", decimals="9")}]
    index = {"code": "hdi", "weight": "1", "roll_up": "geometric", "decimals": "9", "children": parts}
    return {"rules": {"total": {"points": "1"}, "rounding": {"leaf": "exact", "total": decimals, "half": "up"}},
            "indicators": [index], "units": [code(row[0]) for row in HUMAN["countries"]],
            "tables": {"observations": observations([row[:5] for row in HUMAN["countries"]],
                                                    ["health", "expected", "mean", "income"])}}


def test_human_development(tmp_path: Path) -> None:
    """Thirteen indices as printed, in their order; the rounded index is ranked, so that equal ones share a place."""
    result = assessed(tmp_path, human("3"))
    scores = dict(zip(result.ranking["unit"], result.ranking["score"], strict=True))
    assert scores == {code(row[0]): float(row[5]) for row in HUMAN["countries"]}
    among = [float(row[6]) for row in HUMAN["countries"]]
    assert ranks(result) == {code(row[0]): sorted(among).index(float(row[6])) + 1 for row in HUMAN["countries"]}


def test_human_development_is_rounded_before_it_is_ranked(tmp_path: Path) -> None:
    """Unrounded, Belgium and New Zealand do not share their place."""
    places = ranks(assessed(tmp_path, human("6")))
    assert {places["belgium"], places["new_zealand"]} == {3, 4}


# ── worked examples ──


def test_an_efficacy_coefficient(tmp_path: Path) -> None:
    example = EXAMPLES["efficacy"]
    rule = {"method": "efficacy", "unacceptable": example["unacceptable"], "satisfactory": example["satisfactory"],
            "base": "60% of weight", "floor": "0", "most": "100"}
    result = assessed(tmp_path, {
        "indicators": [{"code": "A", "weight": "100", "measured_in": "%", "scored_by": rule}], "units": ["district"],
        "tables": {"observations": f"unit,indicator,value\ndistrict,A,{example['value']}%"}})
    assert result.ranking["score"].tolist() == [float(example["printed"])]


@pytest.mark.parametrize("method", ["rank_step", "rank_ladder"])
def test_scoring_by_place(method: str, tmp_path: Path) -> None:
    """Each group of voters is an indicator of three times its weight: first takes all, each place below a third less."""
    example = EXAMPLES["places"]
    voters = [int(share) for share in example["voters"]]
    rungs = {"rank_step": lambda n: {"step": str(n), "floor": "0"},
             "rank_ladder": lambda n: {"points": [str(3 * n), str(2 * n), str(n)], "beyond": "zero"}}[method]
    leaves = [{"code": f"G{i}", "weight": str(3 * n), "scored_by": {"method": method, "direction": "down", **rungs(n)}}
              for i, n in enumerate(voters)]
    rows = [f"{code(city)},G{i},{order.index(city) + 1}" for i, order in enumerate(example["orders"]) for city in order]
    result = assessed(tmp_path, {"rules": {"total": {"points": str(3 * sum(voters))}}, "indicators": leaves,
                                 "units": [code(city) for city in example["cities"]],
                                 "tables": {"observations": "\n".join(["unit,indicator,value", *rows])}})
    assert dict(zip(result.ranking["unit"], result.ranking["score"], strict=True)) == {
        code(city): float(points) for city, points in example["printed"].items()}
    assert all(a > b for a, b in pairwise(result.ranking["score"]))
