"""Tables that nobody can foresee: rows that the last run had and that are gone are told, and keep nothing from being made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import written
from click.testing import CliRunner
from running import without_kernels

from txlib.cli import main
from txlib.run.kept import handed_in

BONUS = {"code": "J", "scored_by": {"method": "per_event", "kind": "bonus", "levels": {"province": "2"}, "same_honour": "highest",
                                    "several_units": "each"}, "cap": "5"}
CASE: dict[str, Any] = {
    "indicators": [{"code": "A", "weight": "100", "scored_by": {"method": "given", "out_of": "100"}}], "adjustments": [BONUS],
    "units": ["a", "b"], "tables": {
        "observations": "unit,indicator,value\na,A,90\nb,A,80",
        "events": "unit,indicator,honour,level\na,J,先进,province\nb,J,十强,province",
        "decisions": "unit,kind,document\nb,excluded,府办〔2020〕1号"}}


def said(command: str, root: Path) -> tuple[int, str]:
    told = CliRunner().invoke(main, [command, "2020", "--root", str(root), "--lang", "en"])
    return told.exit_code, told.output


def test_rows_that_the_last_run_had_are_missed_until_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_kernels(monkeypatch)
    root = written.workspace(tmp_path, CASE)
    assert "look again" not in said("check", root)[1]  # nothing is known yet
    assert "look again" not in said("run", root)[1]
    folder = root / "data/2020"
    events = folder / written.CATEGORY / "events.csv"
    events.write_text("unit,indicator,period,honour,level\na,J,2020,先进,province\n", encoding="utf-8")
    (folder / "decisions.csv").unlink()
    for command in ("check", "run"):
        status, text = said(command, root)
        assert status == 0 and f"data/2020/{written.CATEGORY}/events: 1 row, 2 at the last run" in text
        assert "data/2020/decisions: 0 rows, 1 at the last run" in text
    assert "look again" not in said("check", root)[1]  # the run took it as it is


def test_what_has_faults_was_not_read_and_lost_no_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_kernels(monkeypatch)
    root = written.workspace(tmp_path, CASE)
    assert said("run", root)[0] == 0
    for file in (root / "data/2020/decisions.csv", root / f"data/2020/{written.CATEGORY}/observations.csv"):
        good = file.read_text(encoding="utf-8")
        file.write_text(good.replace("80", "eighty").replace("excluded", "put out"), encoding="utf-8")
        for command in ("check", "run"):
            status, text = said(command, root)
            assert status == 2 and "at the last run" not in text
        file.write_text(good, encoding="utf-8")


def test_a_run_of_some_categories_keeps_what_is_known_of_others() -> None:
    before = {"events": {"c": 2, "d": 3}}
    both = handed_in.merged(before, {"events": {"d": 1}, "decisions": {"": 0}})
    assert both == {"events": {"c": 2, "d": 1}, "decisions": {"": 0}}
