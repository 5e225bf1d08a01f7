"""A run's log tells of jobs, seconds and causes, and nothing of what was handed in; a run as a whole has a limit."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from in_process import cells_here
from running import CATEGORY, JINING, typed, without_kernels, workspace, write
from shared import ROOT

from txlib.run import log, rankings, stop
from txlib.run.cells.executor import here
from txlib.run.cells.workers import Workers

SECRET = "甲乙丙·91.2345·secret"
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (INFO|ERROR) \S.*")


def logged(file: Path) -> str:
    """A log, each line of which is one."""
    text = file.read_text(encoding="utf-8")
    assert all(map(LINE.fullmatch, text.splitlines()))
    return text


def test_a_log_tells_jobs_and_causes_and_nothing_that_was_handed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, file = workspace(tmp_path), tmp_path / "run.log"
    units = root / "data" / JINING / "units.csv"
    units.write_text(units.read_text(encoding="utf-8").replace("济阳", f"济阳{SECRET}"), encoding="utf-8")
    write(root, "01_fine", CATEGORY, "1")
    write(root, "02_fails", CATEGORY, "1", f"raise KeyError({SECRET!r})")
    write(root, "03_cannot", CATEGORY, f"class Own(Exception):\n    pass\nraise Own({SECRET!r})")
    monkeypatch.setattr(Workers, "__call__", lambda _, jobs, done: here(jobs, done))
    cells_here(monkeypatch)
    ran = typed("run", JINING, "--root", root, "--category", "class_2", "--lang", "en", "--log", file)
    assert ran.exit_code == 1 and "secret" in ran.output
    text = logged(file)
    for told in ("class_2/01_fine done, ", "class_2/02_fails failed ([4] KeyError), ", "class_2/03_cannot failed ([3] Own), ",
                 "class_2/cards done", "pandas ", "Python ", "category=('class_2',)", "exit status 1"):
        assert told in text, told
    assert [each for each in (*SECRET.split("·"), "Traceback", str(root)) if each in text] == []
    names = [row.split(",")[1] for row in units.read_text(encoding="utf-8").splitlines()[1:]]
    assert [name for name in names if name and name in text] == []


def test_a_fault_of_the_program_is_told_by_its_kind_and_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, file = workspace(tmp_path), tmp_path / "run.log"
    write(root, "01_fine", CATEGORY, "1")
    without_kernels(monkeypatch)
    monkeypatch.setattr(rankings, "compare", lambda *_, **__: {}[SECRET])
    for _ in range(2):  # a log is added to
        typed("run", JINING, "--root", root, "--category", "class_2", "--log", file)
    text = logged(file)
    assert len(re.findall(r"ERROR class_2/ranking\.csv failed \(KeyError txlib/run/rankings\.py:\d+\)", text)) == 2
    assert "secret" not in text and text.count("options: ") == 2


@pytest.mark.quick
def test_a_log_that_cannot_be_opened_ends_the_command_before_anything_is_begun(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    ran = typed("run", JINING, "--root", root, "--lang", "en", "--log", tmp_path / "nowhere" / "run.log")
    assert ran.exit_code == 2 and "run.log" in ran.stderr and "Traceback" not in ran.output
    assert not (root / "outputs").exists()


@pytest.mark.quick
@pytest.mark.parametrize(("file", "told"), [
    (f"data/{JINING}/units.csv", "rules, data, notebooks or outputs"), ("outputs/x.log", "rules, data, notebooks or outputs"),
    ("notes.txt", "is no log of txlib"), ("nowhere/x.log", "Make its folder first"), (".", "cannot be opened")])
def test_no_other_file_becomes_a_log(tmp_path: Path, file: str, told: str) -> None:
    root = workspace(tmp_path)
    (root / "notes.txt").write_text("mine", encoding="utf-8")
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    ran = typed("run", JINING, "--root", root, "--lang", "en", "--log", root / file)
    assert ran.exit_code == 2 and told in ran.stderr
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


@pytest.mark.quick
def test_a_run_that_is_refused_is_in_the_log(tmp_path: Path) -> None:
    root, file = workspace(tmp_path), tmp_path / "run.log"
    assert typed("run", JINING, "--root", root, "--category", "secret", "--log", file).exit_code == 2
    assert "ended by RefusedError txlib/run/plan.py:" in logged(file)


@pytest.mark.quick
def test_a_log_that_fills_its_disk_is_said_to_be_incomplete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run goes on."""
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with log.kept(tmp_path / "run.log", tmp_path, {"lang": "en"}) as incomplete:
        monkeypatch.setattr(log._File, "flush", full)
        log.LOG.info("more")
    assert incomplete == ["run.log"]


SLOW = "import time\nfor i in range(600):\n    time.sleep(0.1)"


@pytest.mark.quick
def test_what_takes_longer_than_its_limit_is_ended_also_where_ctrl_c_is_not_heard() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    struck: list[bool] = []
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stop.to_be_stopped()
        with pytest.raises(KeyboardInterrupt), stop.limited(1, struck):
            time.sleep(20)
        with stop.limited(1, []):
            pass
        time.sleep(1.2)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert struck == [True]


@pytest.mark.long
def test_a_run_has_a_limit_and_what_is_finished_then_stays(tmp_path: Path) -> None:
    root, file = workspace(tmp_path), tmp_path / "run.log"
    write(root, "01_fine", CATEGORY, "1")
    typed("run", JINING, "--root", root, "--category", "class_2", "--jobs", 1, "--lang", "en")
    page = root / "outputs" / JINING / "class_2" / "01_fine.html"
    before = page.read_bytes()
    write(root, "02_slow", CATEGORY, SLOW)
    ran = subprocess.run([sys.executable, "-m", "txlib", "run", JINING, "--root", root, "--category", "class_2", "--limit", "5",
                          "--lang", "en", "--log", file], capture_output=True, encoding="utf-8", timeout=50,
                         env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert ran.returncode == 1 and "longer than 5 seconds" in ran.stderr and "Traceback" not in ran.stderr
    assert page.read_bytes() == before and not page.with_name("02_slow.html").exists()
    index = (root / "outputs" / JINING / "index.html").read_text(encoding="utf-8")
    assert "02_slow" in index and "01_fine.html" in index
    assert "ended by KeyboardInterrupt" in logged(file)
