"""A run's outputs are one set, or it is said which are not: killed between any two changes, edited, cut short."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from running import CATEGORY, JINING, spoil, tree, typed, without_kernels, workspace, write

from txlib.run import batch, manifest
from txlib.run.executor import here
from txlib.run.manifest import FILE, Manifest
from txlib.run.outputs import opened

CHANGES = ("write_bytes", "replace", "rename", "unlink", "mkdir")
TABLE = f"data/{JINING}/class_1/observations.csv"


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, bytes], dict[str, bytes]]]:
    """A workspace whose outputs are of earlier inputs, those outputs, and what a run makes of the inputs as they are now."""
    with pytest.MonkeyPatch.context() as patch:
        without_kernels(patch)
        root = workspace(tmp_path_factory.mktemp("sets"))
        for path in root.glob("data/*/*/published.csv"):
            path.unlink()  # what differs from it would be told
        write(root, "01_a", CATEGORY, "1")
        write(root, "11_b", 'year: str = "x"', "2", txlib={"needs": ["rulebook"]})
        assert made(root).exit_status == 0
        old = tree(root)
        spoil(root / TABLE, "value", "0.5")
        then = root.with_name("then")
        shutil.copytree(root, then)
        assert made(then).exit_status == 0
        yield root, old, tree(then)


def made(root: Path, **options: Any) -> batch.Run:
    return batch.run(root, JINING, executor=here, lang="en", **options)


@contextmanager
def dying(number: int) -> Iterator[None]:
    """The process is killed before the change of this number that it makes to the file system."""
    left = [number]

    def counted(change: Callable[..., Any]) -> Callable[..., Any]:
        def changed(*given: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                os._exit(9)
            return change(*given, **named)
        return changed

    with pytest.MonkeyPatch.context() as patch:
        for name in CHANGES:
            patch.setattr(Path, name, counted(getattr(Path, name)))
        yield


def killed(root: Path, number: int) -> bool:
    """Whether a run of this workspace, in a process of its own, was killed before it ended."""
    child = os.fork()
    if not child:
        with dying(number):
            os._exit(0 if made(root).exit_status == 0 else 1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 9)
    return status == 9


def visible(files: dict[str, bytes]) -> dict[str, bytes]:
    """Outputs but for what is being made, the index and the manifest."""
    return {name: raw for name, raw in files.items() if "/." not in name and not name.endswith((FILE, "index.html"))}


def after_a_kill(sets: tuple[Path, dict[str, bytes], dict[str, bytes]], root: Path, number: int) -> bool:
    """Whether a run that is killed before the change of this number is killed at all; what must hold then, does."""
    start, old, new = sets
    shutil.copytree(start, root)
    if not killed(root, number):
        return False
    left, index = visible(tree(root)), (root / "outputs" / JINING / "index.html").read_text(encoding="utf-8")
    assert all(raw in (old.get(name), new.get(name)) for name, raw in left.items())
    whole = left in (visible(old), visible(new))
    assert whole or "A run goes on: process " in index
    record = Manifest(root / "outputs" / JINING)
    told = manifest.broken_off(root / "outputs" / JINING, "en")
    assert whole or told
    proved = {f"{JINING}/{name}" for name in record.now.files}
    neither = {name for name in left if name not in proved}
    assert len(told) == (2 if neither else 1) or whole
    assert not told or (told[1:] == []) == (not neither)
    runs = [name for name in left if name.endswith(".html") and left[name] == new.get(name) and name in proved and "cards" not in name]
    again = made(root)
    assert tree(root) == new and again.exit_status == 0
    kept = {f"{JINING}/{each.href}" for each in again.reports if each.seconds is None}
    assert {name for name in runs if "bundle" not in name} <= kept
    return True


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot copy a process")
@pytest.mark.parametrize("number", [7, 23, 41, 64])
def test_after_a_kill_the_outputs_are_one_set_or_it_is_said_which_are_not(
        sets: tuple[Path, dict[str, bytes], dict[str, bytes]], tmp_path: Path, number: int) -> None:
    assert after_a_kill(sets, tmp_path / "root", number)


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot copy a process")
def test_after_a_kill_before_any_change(sets: tuple[Path, dict[str, bytes], dict[str, bytes]], tmp_path: Path) -> None:
    number = 0
    while after_a_kill(sets, tmp_path / str(number), number):
        shutil.rmtree(tmp_path / str(number))
        number += 1
    assert number > 60
