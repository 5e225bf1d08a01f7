"""Rule documents of other places, said as rule-books: each item in the document's own numbers, or told why it is not.

What is said is counted from the list of the items (tests/cases/published/rules), figures are made up, points were worked by hand.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from shared import ROOT
from written import assessed

pytestmark = pytest.mark.quick

FOLDER = ROOT / "tests" / "cases" / "published" / "rules"
DOCUMENTS: dict[str, dict[str, Any]] = {
    path.stem: yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader) for path in sorted(FOLDER.glob("*.yaml"))}
EVERY = pytest.mark.parametrize("name", DOCUMENTS)


def codes(nodes: list[dict[str, Any]]) -> set[str]:
    """The codes of indicators at any depth."""
    return {node["code"] for node in nodes} | {code for node in nodes for code in codes(node.get("children", []))}


def priced(nodes: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Indicators and adjustments with the kinds and levels that have a price, at any depth."""
    rules = {node["code"]: node.get("scored_by", {}) for node in nodes}
    own = {(code, kind) for code, rule in rules.items() for kind in (*rule.get("prices", {}), *rule.get("levels", {}))}
    return own | {pair for node in nodes for pair in priced(node.get("children", []))}


def share_said(items: list[dict[str, str]]) -> Fraction:
    return Fraction(sum("said" in item for item in items), len(items))


@EVERY
def test_nine_in_ten_items_are_said_without_a_detour(name: str) -> None:
    """But for a document that tells the smaller share that it has, which then is just this one: whoever says more tells it."""
    document = DOCUMENTS[name]
    items, case = document["items"], document["case"]
    there = codes(case["indicators"]) | codes(case.get("adjustments", []))
    there |= {"veto"} if "vetoes" in case.get("rules", {}).get("tiers", {}) else set()
    assert [item["item"] for item in items if ("said" in item) == ("unsaid" in item)] == []
    assert {item["said"] for item in items if "said" in item} <= there
    assert len({item["item"] for item in items}) == len(items) >= 10
    least = Fraction(document.get("least", "9/10"))
    assert share_said(items) == least < Fraction(9, 10) if "least" in document else share_said(items) >= least


def test_five_documents_reach_it() -> None:
    """Those that fall short stand beside them and tell what is missing."""
    short = [name for name, document in DOCUMENTS.items() if "least" in document]
    assert short == ["meilong_petitions_2013", "wenzhou_safe_2017"]
    assert len(DOCUMENTS) == 7


@EVERY
def test_a_document_says_where_it_comes_from_and_what_was_read_of_it(name: str) -> None:
    document = DOCUMENTS[name]
    assert set(document["document"]) == {"title", "issuer", "number", "date", "address", "read"}
    assert document["assumed"]


@EVERY
def test_its_parts_weigh_what_the_document_prints(name: str) -> None:
    """For every unit, in the document's order."""
    case = DOCUMENTS[name]["case"]
    for unit in case["units"]:
        own = [each["weight"] for each in case["indicators"] if unit in each.get("for", case["units"])]
        assert own == DOCUMENTS[name]["sums"], unit


@EVERY
def test_every_price_is_charged_at_least_once(name: str) -> None:
    case = DOCUMENTS[name]["case"]
    rows = [row.split(",") for table in ("findings", "events") for row in case["tables"].get(table, "").splitlines()[1:]]
    charged = {(code, row[0]) for _, code, *row in rows} | {(code, row[1]) for _, code, *row in rows}
    assert priced([*case["indicators"], *case.get("adjustments", [])]) - charged == set()


def test_the_readme_counts_as_the_lists_do() -> None:
    rows = [line.split("|") for line in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    told = {row[1].strip(" `"): (int(row[4]), int(row[5])) for row in rows}
    assert told == {name: (len(each["items"]), sum("said" in item for item in each["items"])) for name, each in DOCUMENTS.items()}


@EVERY
def test_its_points_and_tiers_are_those_worked_by_hand(name: str, tmp_path: Path) -> None:
    document = DOCUMENTS[name]
    result = assessed(tmp_path, document["case"])
    ranking = result.ranking.set_index("unit")
    points = result.scores.set_index(["unit", "indicator"])["points"]

    def found(expected: dict[str, str]) -> str | float:
        unit = expected["unit"]
        if "tier" in expected:
            return str(ranking.loc[unit, "tier_code"])
        return float(ranking.loc[unit, "score"] if "total" in expected else points[unit, expected["code"]])

    for expected in document["expected"]:
        want = expected.get("tier") or float(expected.get("total") or expected["points"])
        assert found(expected) == want, expected
