"""A run as on Windows: neither fork nor signals nor fcntl, a console in GBK, CRLF in every file, a report that is open in Excel.

What of it can be made elsewhere is in as_on_windows/sitecustomize.py; kernels and workers start with it too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from running import CATEGORY, JINING, typed, workspace, write
from shared import ROOT

from txlib.run import plan

SIMULATED = Path(__file__).parents[1] / "as_on_windows"
CELL = "import txlib as tx\nprint(tx.assess(tx.load_rulebook(year), tx.load_data(tx.load_rulebook(year)), category).ranking.name)"
SEES = ("import sys, txlib.run.cells.workers as w, txlib.run.kept.holder as h\nprint(hasattr(w.os, 'fork'), w.os.name, "
        "hasattr(w.signal, 'pthread_sigmask'), hasattr(w.os, 'cpu_count'), sys.stdout.encoding)")


def on_windows(*words: object, held: str = "", module: str = "txlib", **more: Any) -> subprocess.CompletedProcess[bytes]:
    """A command there; what it prints is UTF-8 wherever it goes, whatever the console's own encoding."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SIMULATED), str(ROOT)]), "PYTHONIOENCODING": "gbk:strict",
           "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C", "TX_HELD_OPEN": held}
    return subprocess.run([sys.executable, "-m", module, *map(str, words)], env=env, capture_output=True, timeout=120, **more)


def small(root: Path) -> Path:
    """A workspace with a report of a category."""
    write(workspace(root), "01_own", CATEGORY, CELL)
    return root


def test_txlib_sees_what_there_is_on_windows() -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SIMULATED), str(ROOT)]), "PYTHONIOENCODING": "gbk:strict"}
    seen = subprocess.run([sys.executable, "-c", SEES], env=env, capture_output=True, check=True, timeout=60).stdout
    assert seen.decode("gbk").split() == ["False", "nt", "False", "True", "gbk"]


@pytest.mark.long
def test_a_run_there_gives_what_it_gives_elsewhere(tmp_path: Path) -> None:
    here, there = small(tmp_path / "here"), small(tmp_path / "there")
    for path in [*there.glob("params/**/*.yaml"), *there.glob("data/**/*.csv")]:
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    elsewhere = typed("run", JINING, "--root", here, "--jobs", 2)
    ran = on_windows("run", JINING, "--root", there, "--jobs", 2)
    assert (ran.returncode, elsewhere.exit_code) == (0, 0), ran.stderr.decode("utf-8")
    assert "完成" in ran.stdout.decode("utf-8") and ran.stderr == b""
    for code in ("class_1", "class_2"):
        tables = [root / "outputs" / JINING / code / "ranking.csv" for root in (here, there)]
        assert tables[0].read_bytes() == tables[1].read_bytes()
    made = [{path.relative_to(root).as_posix() for path in (root / "outputs" / JINING).rglob("*")} for root in (here, there)]
    assert made[0] == made[1] and not [name for name in made[0] if "/." in name]
    again = on_windows("run", JINING, "--root", there)
    assert again.returncode == 0 and "未变".encode() in again.stdout


@pytest.mark.long
@pytest.mark.parametrize("held", ["class_2/01_own.html", "class_2/ranking.csv", "results.xlsx", "index.html",
                                  "class_2/cards/jiezhuang.html"])
def test_what_another_program_holds_open_is_named_and_the_rest_is_made(tmp_path: Path, held: str) -> None:
    root, out = small(tmp_path), tmp_path / "outputs" / JINING
    assert typed("run", JINING, "--root", root, "--category", "class_2", "--lang", "en").exit_code == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    rules = root / "params" / JINING / "trees" / "class_2.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace('en: "', 'en: "New ', 3), encoding="utf-8")
    data = root / "data" / JINING / "units.csv"
    data.write_text(data.read_text(encoding="utf-8").replace("jiezhuang,", "jiezhuang,New ", 1), encoding="utf-8")
    ran = on_windows("run", JINING, "--root", root, "--category", "class_2", "--lang", "en", "--force", held=f"{JINING}/{held}")
    told = ran.stdout.decode("utf-8") + ran.stderr.decode("utf-8")
    assert ran.returncode == 1 and "Traceback" not in told, told
    name = "cards" if "cards" in held else Path(held).name
    assert name in told and "close" in told.lower(), told
    now = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert now[out / held] == before[out / held] and not [path for path in now if "/." in path.relative_to(out).as_posix()]
    others = {"class_2/ranking.csv", "results.xlsx", "bundle.html"} - {held}
    assert [each for each in others if now[out / each] == before[out / each]] == []


@pytest.mark.quick
@pytest.mark.parametrize(("old", "new", "told"), [
    ("data/2017-jining/class_2", "data/2017-jining/Class_2", "class_2?"),
    ("data/2017-jining/class_2/observations.csv", "data/2017-jining/class_2/Observations.csv", "observations.csv?"),
    ("data/2017-jining/units.csv", "data/2017-jining/Units.CSV", "units.csv?"),
    ("params/2017-jining/trees/class_2.yaml", "params/2017-jining/trees/Class_2.yaml", "trees/class_2.yaml"),
])
def test_a_name_that_windows_takes_for_another_is_told_where_it_is_none(tmp_path: Path, old: str, new: str, told: str) -> None:
    root = workspace(tmp_path)
    (root / old).rename(root / new)
    faults = plan.read_year(root, JINING, (), "en")[2]
    assert any(told in fault.message("en") for fault in faults)
