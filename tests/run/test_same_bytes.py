"""The same rules and data give the same bytes, every file of a year: whoever runs it, where, under which locale and clock, and in
what order files were laid. Of two small reports tests/run/test_batch.py tells it in every run of the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from running import elsewhere, laid_again, tree
from shared import ROOT
from spoiled import keep

pytestmark = pytest.mark.long

CODES = ("towns_1", "depts_4")  # between them every method of the editions
KINDS = {".html", ".ipynb", ".csv", ".xlsx", ".json"}
PAGES = {"index.html", "bundle.html", "results.xlsx", "manifest.json"}


def plainly(root: Path, *words: object) -> subprocess.CompletedProcess[bytes]:
    """A command as it is typed here."""
    command = [sys.executable, "-m", "txlib.cli", *map(str, words), "--root", str(root)]
    return subprocess.run(command, capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})


@pytest.fixture
def year(tmp_path: Path) -> Path:
    """The year 2020 of two categories, last year's for what is compared with it, and the suite's notebooks."""
    root = tmp_path / "here"
    for name in ("params/2019", "params/2020", "data/2019", "data/2020"):
        shutil.copytree(ROOT / name, root / name)
    for each in ("2019", "2020"):
        keep(root, each, *CODES)
    return root


def same(root: Path, other: Path, status: int, *words: str) -> dict[str, bytes]:
    """What a command writes in two places, which is the same."""
    there = laid_again(root, other)
    for found in (plainly(root, *words, "--jobs", "2"), elsewhere(there, *words, "--jobs", "1")):
        assert found.returncode == status, (found.stdout + found.stderr).decode("utf-8")
    one, two = tree(root), tree(there)
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []
    return one


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_year_of_two_categories(year: Path, tmp_path: Path, lang: str) -> None:
    files = same(year, tmp_path / "there" / "deep", 0, "run", "2020", "--lang", lang)
    assert {Path(name).suffix for name in files} == KINDS and {f"2020/{page}" for page in PAGES} <= files.keys()
    assert {f"2020/{code}/ranking.csv" for code in CODES} <= files.keys() and any("/cards/" in name for name in files)


def test_a_year_in_which_something_is_owed(year: Path, tmp_path: Path) -> None:
    """The pages on the data and the reminders; there, the folder's name is none of the locale."""
    table = year / "data" / "2020" / "towns_1" / "observations.csv"
    rows = table.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    table.write_text("".join([*rows[:3], *rows[5:]]), encoding="utf-8", newline="")
    files = same(year, tmp_path / "别处", 2, "run", "2020", "--notebook", "11_data", "--notebook", "01_ranking")
    assert any("/reminders/" in name for name in files)
