"""A category whose units are linked to others' is reported anew where anything of theirs changes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from running import prints
from shared import ROOT
from written import YEAR, workspace

import txlib as tx

pytestmark = pytest.mark.quick

CASE = yaml.load((ROOT / "tests/cases/trees/linked.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)["cases"][0]


@pytest.mark.parametrize(("file", "concerned"), [
    (f"data/{YEAR}/t/observations.csv", {None, "c", "t"}), (f"params/{YEAR}/trees/t.yaml", {None, "c", "t"}),
    (f"data/{YEAR}/c/observations.csv", {None, "c"}), (f"params/{YEAR}/clauses.yaml", {None, "c", "t"}),
])
def test_a_report_rests_on_what_the_units_linked_to_attained(file: str, concerned: set[str | None], tmp_path: Path) -> None:
    book = tx.load_rulebook(YEAR, workspace(tmp_path, CASE))
    before, path = prints(book), tmp_path / file
    path.write_bytes(path.read_bytes() + b"\n")
    after = prints(book)
    assert {category for category in after if after[category] != before[category]} == concerned
