"""What was hashed is what is read: by the run, its kernels and its cards, whatever happens to the files meanwhile."""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path

import pytest
from running import CATEGORY, JINING, workspace, write

import txlib as tx
from txlib.base.files import SNAPSHOT, SNAPSHOT_OF
from txlib.rules.book import find_root
from txlib.run import batch
from txlib.run.cells.executor import here
from txlib.run.kept import snapshot

READS = """import time, txlib as tx
book = tx.load_rulebook(year)
data = tx.load_data(book)
time.sleep(0.3)
print("read", float(data.observations["value"].sum()))"""
TABLE = f"data/{JINING}/class_1/observations.csv"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small workspace with a notebook that reads its data."""
    found = workspace(tmp_path)
    write(found, "01_reads", CATEGORY, READS, "from pathlib import Path\nprint(Path('seen.txt').read_text())")
    (found / "seen.txt").write_text("of the workspace", encoding="utf-8")
    return found


def said(root: Path) -> str:
    return (root / "outputs" / JINING / "class_1" / "01_reads.html").read_text(encoding="utf-8")


def value(root: Path) -> str:
    return f"read {float(tx.load_data(tx.load_rulebook(JINING, root)).observations['value'].sum())}"


@pytest.mark.parametrize("times", [3, pytest.param(40, marks=pytest.mark.long)])
def test_a_file_that_changes_and_changes_back_is_in_no_report_under_the_others_digest(root: Path, times: int) -> None:
    """At random moments of the whole run, also while kernels read: a report is one of the two that calm runs make."""
    path, draw, done = root / TABLE, random.Random(15), threading.Event()
    was = path.read_bytes()
    head, first, *rest = was.decode("utf-8-sig").splitlines()
    at = head.split(",").index("value")
    cells = first.split(",")
    other = "\n".join([head, ",".join([*cells[:at], "0.5", *cells[at + 1:]]), *rest]).encode()

    def becomes(raw: bytes) -> None:
        (root / "aside").write_bytes(raw)
        (root / "aside").replace(path)  # whole: a file that is read half-written is a fault, and no change

    def restless() -> None:
        while not done.wait(draw.random() / 20):
            becomes(other)
            time.sleep(draw.random() / 20)
            becomes(was)

    def calm(raw: bytes) -> str:
        becomes(raw)
        assert batch.run(root, JINING, ["class_1"], executor=here, force=True).index
        return said(root)

    calmly = {other: calm(other), was: calm(was)}
    assert value(root) in calmly[was] and "of the workspace" in calmly[was] and value(root) not in calmly[other]
    thread = threading.Thread(target=restless)
    thread.start()
    try:
        for _ in range(times):
            made = batch.run(root, JINING, ["class_1"], executor=here, force=True)
            assert [report.status for report in made.reports] == ["done"] and said(root) in calmly.values()
    finally:
        done.set()
        thread.join()
    assert path.read_bytes() == was and calm(was) == calmly[was]


@pytest.mark.quick
def test_what_changed_meanwhile_is_told(root: Path, tmp_path: Path) -> None:
    kept = snapshot.taken(root, JINING, tmp_path / "kept")
    assert kept.changed() == []
    (root / TABLE).write_text("x", encoding="utf-8")
    (root / f"data/{JINING}/class_1/new.csv").write_text("x", encoding="utf-8")
    (root / f"params/{JINING}/class_2.yaml").unlink()
    assert kept.changed() == [f"data/{JINING}/class_1/new.csv", TABLE, f"params/{JINING}/class_2.yaml"]
    assert value(kept.folder) != "" and not (kept.folder / f"data/{JINING}/class_1/new.csv").exists()


@pytest.mark.quick
def test_a_run_tells_that_its_inputs_changed_and_the_next_makes_them_anew(root: Path) -> None:
    def spoiling(jobs: object, done: object, /) -> None:
        (root / TABLE).write_bytes((root / TABLE).read_bytes() + b"\n")
        here(jobs, done)  # type: ignore[arg-type]

    made = batch.run(root, JINING, ["class_1"], executor=spoiling, lang="en")  # type: ignore[arg-type]
    assert made.exit_status == 1 and "1 file changed while the run went on (" + TABLE + ")" in made.remarks[-1]
    again = batch.run(root, JINING, ["class_1"], executor=here, lang="en")
    assert again.exit_status == 0 and again.reports[0].seconds is not None  # it was out of date


@pytest.mark.quick
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system knows no pipes with names")
def test_what_cannot_be_read_is_the_same_fault_in_the_snapshot(root: Path, tmp_path: Path) -> None:
    (root / TABLE).unlink()
    os.mkfifo(root / TABLE)
    (root / f"data/{JINING}/class_2/empty").mkdir()
    kept = snapshot.taken(root, JINING, tmp_path / "kept")
    of = [{fault.message("en") for fault in batch.plan.read_year(each, JINING, (), "en")[2]} for each in (root, kept.folder)]
    assert of[0] == of[1] and any("pipe" in message for message in of[0]) and kept.digests[TABLE] == ""


@pytest.mark.quick
def test_in_a_runs_kernels_the_snapshot_stands_for_its_workspace_alone(root: Path, tmp_path: Path,
                                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SNAPSHOT, str(tmp_path / "kept"))
    monkeypatch.setenv(SNAPSHOT_OF, str(root.resolve()))
    assert find_root(root) == tmp_path / "kept" == find_root(str(root))
    assert find_root(tmp_path / "elsewhere") == tmp_path / "elsewhere"
