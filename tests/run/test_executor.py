"""Where jobs are done is nothing that their outputs could tell: in this process or in others, the same bytes."""

from __future__ import annotations

import os
import re
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest
from in_process import cells_here
from running import CATEGORY, JINING, tree, workspace, write
from shared import ROOT

from txlib.run import batch
from txlib.run.cells.executor import DROPPED, Outcome, environment, here
from txlib.run.cells.workers import Workers


@dataclass(frozen=True)
class Sum:
    """A job that fails where the sum is not 3, and raises where a number is none."""

    one: str
    two: str
    lang: str = "en"

    def make(self) -> str:
        """Add the numbers."""
        found = int(self.one) + int(self.two)
        return "" if found == 3 else f"{found} in {os.getpid()}"


@dataclass(frozen=True)
class Fills:
    """A job whose disk is full."""

    lang: str = "en"

    def make(self) -> str:
        """Write what there is no room for."""
        return str(Path("/dev/full").write_bytes(b"x" * 2 ** 20))


JOBS = [Sum("1", "2"), Sum("2", "2"), Sum("1", "x")]
UNEXPECTED = "ValueError: invalid literal for int() with base 10: 'x'"


@pytest.mark.quick
def test_here_is_this_process_and_a_job_that_raises_has_failed() -> None:
    found: dict[Sum, Outcome] = {}
    here(JOBS, found.__setitem__)
    reasons = [found[job].reason for job in JOBS]
    assert reasons[:2] == ["", f"4 in {os.getpid()}"] and UNEXPECTED in reasons[2]


@pytest.mark.quick
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no disk that is always full")
def test_a_job_that_a_full_disk_hinders_says_so() -> None:
    found: dict[Fills, Outcome] = {}
    here([Fills()], found.__setitem__)
    assert "the disk is full" in found[Fills()].reason and "report it" not in found[Fills()].reason


def test_workers_are_other_processes_and_say_the_same_of_a_job_that_raises() -> None:
    found: dict[Sum, Outcome] = {}
    Workers(1)(JOBS, found.__setitem__)
    reasons = [found[job].reason for job in JOBS]
    assert reasons[0] == "" and reasons[1].startswith("4 in ") and not reasons[1].endswith(f" {os.getpid()}")
    assert UNEXPECTED in reasons[2]


@dataclass(frozen=True)
class Stopped:
    """A job in the midst of which somebody asks for an end, where it is the one for that."""

    midst: bool
    lang: str = "en"

    def make(self) -> str:
        """Work, and be asked."""
        if self.midst:
            signal.raise_signal(signal.SIGINT)
        return ""


@pytest.mark.quick
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_asks_for_an_end_here_while_an_outcome_is_noted_has_it_when_that_is_noted(number: signal.Signals) -> None:
    noted: list[str] = []

    def done(job: Stopped, _: Outcome) -> None:
        noted.append("begun")
        signal.raise_signal(number)
        noted.append("noted")

    with pytest.raises(KeyboardInterrupt):
        here([Stopped(midst=False), Stopped(midst=False)], done)
    assert noted == ["begun", "noted"]


@pytest.mark.quick
def test_a_job_here_that_is_ended_is_not_noted() -> None:
    """Whatever started the tests: a shell makes what it puts into the background deaf to Ctrl-C."""
    noted: list[Stopped] = []
    jobs = [Stopped(midst=False), Stopped(midst=True), Stopped(midst=False)]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            here(jobs, lambda job, _: noted.append(job))
    finally:
        signal.signal(signal.SIGINT, before)
    assert noted == jobs[:1]


@pytest.mark.quick
def test_one_module_knows_of_worker_processes() -> None:
    knows = re.compile(r"^\s*(?:import|from) (?:multiprocessing|concurrent)\b", re.M)
    modules = (ROOT / "txlib" / "run").rglob("*.py")
    assert [path.stem for path in modules if knows.search(path.read_text(encoding="utf-8"))] == ["workers"]


@pytest.mark.quick
def test_jobs_find_one_environment_and_leave_this_one_as_it_was() -> None:
    before = dict(os.environ)
    with environment():
        folder = Path(os.environ["JUPYTER_RUNTIME_DIR"])
        assert (os.environ["TZ"], os.environ["OPENBLAS_NUM_THREADS"], folder.is_dir()) == ("UTC", "1", True)
        assert Path(os.environ["IPYTHONDIR"]).is_relative_to(folder)
    assert dict(os.environ) == before and not folder.exists()


@pytest.mark.quick
@pytest.mark.parametrize("name", DROPPED)
def test_what_steers_this_process_alone_does_not_reach_jobs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "mine")
    with environment():
        assert name not in os.environ
    assert os.environ[name] == "mine"


def test_a_run_here_and_one_by_workers_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real report with tables and figures, one that prints and one whose cell fails."""
    roots = [workspace(tmp_path / "workers"), tmp_path / "here"]
    write(roots[0], "02_prints", CATEGORY, "import sys\nprint(category, lang)\nprint('err', file=sys.stderr)", "object()")
    write(roots[0], "03_fails", CATEGORY, "1", "int('x')")
    shutil.copy(ROOT / "notebooks" / "01_ranking.ipynb", roots[0] / "notebooks")
    shutil.copytree(*roots)
    by_workers = batch.run(roots[0], JINING, ["class_2"], lang="en", executor=Workers(1))
    cells_here(monkeypatch)
    in_one = batch.run(roots[1], JINING, ["class_2"], lang="en", executor=here)
    assert [(report.notebook, report.status, report.reason) for report in in_one.reports] == [
        (report.notebook, report.status, report.reason) for report in by_workers.reports]
    assert [report.status for report in in_one.reports] == ["done", "done", "failed"]
    made, there = map(tree, roots)
    assert made.keys() == there.keys() and len(made) == 13
    assert [name for name in made if made[name] != there[name]] == []


def test_cells_here_know_what_is_registered_in_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = workspace(tmp_path)
    write(root, "01_here", CATEGORY, "import os\nimport txlib\nprint(os.getpid(), txlib.__version__)")
    cells_here(monkeypatch)
    monkeypatch.setattr("txlib.__version__", "toy")
    run = batch.run(root, JINING, ["class_2"], executor=here)
    page = (root / "outputs" / JINING / "class_2" / "01_here.html").read_text(encoding="utf-8")
    assert run.exit_status == 0 and f"{os.getpid()} toy" in page
