"""One process at a time writes in a folder, and the next is told who does, on this machine or another."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from txlib.run.cells.executor import OWNER, environment
from txlib.run.kept import holder
from txlib.run.kept.holder import FILE, HeldError, Holder, held

pytestmark = pytest.mark.quick

HOLDS = """
import sys
from pathlib import Path
from txlib.run.kept.holder import held
with held(Path(sys.argv[1]), "en"):
    print("held", flush=True)
    sys.stdin.readline()
"""
COUNTS = """
import sys, time
from pathlib import Path
from txlib.run.kept.holder import HeldError, held
folder, count = Path(sys.argv[1]), Path(sys.argv[1], "count")
for _ in range(20):
    while True:
        try:
            with held(folder, "en"):
                count.write_text(str(int(count.read_text()) + 1))
            break
        except HeldError:
            time.sleep(0.001)
"""


@contextmanager
def another(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds a folder until a line is sent to it."""
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(folder)], text=True, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def taken(folder: Path) -> str:
    """What hinders the taking of a folder, empty where nothing does."""
    try:
        with held(folder, "en"):
            assert Holder.read((folder / FILE).read_bytes()) is not None
    except HeldError as error:
        return error.message
    return ""


def test_the_second_is_told_who_holds_it_until_that_ends(tmp_path: Path) -> None:
    with another(tmp_path) as process:
        said = taken(tmp_path)
        assert f"process {process.pid} on {Holder.here().host}" in said and f"{tmp_path.as_posix()}/{FILE}" in said
        process.communicate("\n")
        assert taken(tmp_path) == "" and list(tmp_path.iterdir()) == []


def test_one_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    with another(tmp_path) as process:
        process.kill()
        process.wait()
        assert (tmp_path / FILE).is_file() and taken(tmp_path) == ""


@pytest.mark.parametrize(("machine", "old", "locks", "kept"), [
    ("elsewhere", 0, True, True), ("elsewhere", 0, None, True),  # a like number on another host, or in another container
    ("elsewhere", 200, True, False), ("elsewhere", 200, None, False),
    ("here", 0, True, False),  # its lock is free: it has ended, whatever it says
    ("here", 0, None, True), ("here", 200, None, True),
    ("gone", 0, None, False),
])
def test_one_out_of_reach_is_known_by_its_touch(machine: str, old: float, locks: bool | None, kept: bool, tmp_path: Path,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    """`locks` None: the file system knows none, and a process of this machine is looked for by number and start."""
    other = Holder.here() if machine == "here" else replace(Holder.here(), host="h2", machine="h2 x")
    if machine == "gone":
        other = replace(Holder.here(), started=Holder.here().started - 1000)
    (tmp_path / FILE).write_bytes(replace(other, since="2020-01-01T00:00:00Z").raw)
    at = (tmp_path / FILE).stat().st_mtime - old
    os.utime(tmp_path / FILE, (at, at))
    if locks is None:
        monkeypatch.setattr(holder, "_lock", lambda opened: None)
    said = taken(tmp_path)
    assert bool(said) is kept and (not kept or f"process {os.getpid()} on {other.host}" in said)


def test_nobody_is_let_in_beside_another(tmp_path: Path) -> None:
    (tmp_path / "count").write_text("0", encoding="utf-8")
    racing = [subprocess.Popen([sys.executable, "-c", COUNTS, str(tmp_path)]) for _ in range(4)]
    assert [process.wait(timeout=120) for process in racing] == [0] * 4
    assert (tmp_path / "count").read_text(encoding="utf-8") == "80"


def test_temporary_folders_of_the_dead_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    here = Holder.here()
    for name, owner in {"tx-dead": replace(here, started=here.started - 1000), "tx-mine": here,
                        "tx-far": replace(here, machine="elsewhere")}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / OWNER).write_bytes(owner.raw)
    (tmp_path / "tx-other").mkdir()
    with environment():
        assert len(list(tmp_path.iterdir())) == 4
    assert {path.name for path in tmp_path.iterdir()} == {"tx-mine", "tx-far", "tx-other"}
