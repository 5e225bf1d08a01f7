"""A run's outputs are one set, or it is said which are not: killed between any two changes, edited, cut short."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from running import CATEGORY, JINING, spoil, tree, without_kernels, workspace, write

from txlib.run import batch
from txlib.run.cells.executor import here
from txlib.run.kept import manifest
from txlib.run.kept.manifest import FILE, Manifest

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
    proved = {f"{JINING}/{name}" for name in {*record.now.files} - record.spoiled}
    neither = {name for name in tree(root) if "/." not in name and not name.endswith(FILE) and name not in proved}
    assert len(told) == (2 if neither else 1) or (whole and not told)
    new_ones = {name for name in proved & {*left} if left[name] == new.get(name) and name.endswith(".html")}
    again = made(root)
    assert tree(root) == new and again.exit_status == 0
    kept = {f"{JINING}/{each.href}" for each in again.reports if each.seconds is None}
    assert {name for name in new_ones if "cards" not in name and "bundle" not in name} <= kept
    return True


@pytest.mark.quick
def test_what_the_manifest_says_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for name in ("a/x.html", "y.csv"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    record = Manifest(tmp_path)
    with record.changing(tmp_path / "a", tmp_path / "y.csv", tmp_path / "none"):
        assert manifest.read(tmp_path).state == "running"
    record.hold({"events": {"c": 2}})
    record.end("whole")
    assert manifest.read(tmp_path) == record.now and {*record.now.files} == {"a/x.html", "y.csv"}
    told = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))
    assert told["files"]["y.csv"] == {"sha256": hashlib.sha256(b"y.csv").hexdigest(), "bytes": 5}


@pytest.mark.quick
@pytest.mark.parametrize("text", ["", "[]", "{", '{"files": 1}', '{"files": {"c": "x"}}', '{"files": {}, "rows": {"c": 1}}'])
def test_a_manifest_that_cannot_be_read_proves_nothing(text: str, tmp_path: Path) -> None:
    assert manifest.read(tmp_path) == manifest.Inventory()
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    assert manifest.read(tmp_path) == manifest.Inventory() and Manifest(tmp_path).remarks("en") == []


@pytest.mark.quick
@pytest.mark.parametrize("text", ["[" * 100_000, '{"files": {"x": {"sha256": "", "bytes": Infinity}}, "rows": {}}', *(
    f'{{"files": {{"{name}": {{"sha256": "", "bytes": 1}}}}, "rows": {{}}, "state": "whole"}}' for name in (
        "../x", "a/../../x", "/etc/passwd", r"a\u0000b", r"a\ud800", r"a\u001bb"))])
def test_a_manifest_that_no_run_wrote_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    (tmp_path / "x.html").write_text("x", encoding="utf-8")
    assert Manifest(tmp_path).remarks("en") == ["There is no manifest.json that can be read (deleted, damaged, or of an earlier "
                                                "version): nothing there is proved, and a run makes all of it again."]


@pytest.mark.quick
def test_what_was_changed_cut_short_or_deleted_is_not_proved(tmp_path: Path) -> None:
    names = ["changed", "cut", "deleted", "as it was"]
    for name in names:
        (tmp_path / name).write_text("text", encoding="utf-8")
    record = Manifest(tmp_path)
    with record.changing(*(tmp_path / name for name in names)):
        pass
    record.end("whole")
    (tmp_path / "changed").write_text("tEXt", encoding="utf-8")
    (tmp_path / "cut").write_text("tex", encoding="utf-8")
    (tmp_path / "deleted").unlink()
    record = Manifest(tmp_path)
    assert [record.proves(tmp_path / name) for name in names] == [False, False, False, True]
    assert record.remarks("en") == ["2 files are not as a run wrote them (edited, cut short or half copied): changed, cut. "
                                    "What is run makes them again."]


def test_an_output_that_was_edited_or_cut_short_is_told_and_made_again(
        sets: tuple[Path, dict[str, bytes], dict[str, bytes]], tmp_path: Path) -> None:
    root, new = tmp_path / "root", sets[2]
    shutil.copytree(sets[0].with_name("then"), root)
    stamp = (root / "outputs" / JINING / FILE).stat().st_mtime_ns
    assert made(root).seen == () and (root / "outputs" / JINING / FILE).stat().st_mtime_ns == stamp
    spoilt = ["class_1/01_a.html", "class_1/cards/jiyang.html", "class_1/ranking.csv", "class_2/01_a.ipynb", "results.xlsx"]
    for name in spoilt:
        path = root / "outputs" / JINING / name
        path.write_bytes(path.read_bytes()[:-9] + b" " * 9 if name < "d" else b"")
    made_ones = made(root, categories=["class_1"])
    assert [line for line in made_ones.seen if "5 files are not as a run wrote them" in line and spoilt[0] in line]
    assert [report.seconds is not None for report in made_ones.reports] == [True]
    index = (root / "outputs" / JINING / "index.html").read_text(encoding="utf-8")
    assert "It is not proved to be as a run wrote it" in index  # another category's, which was not run
    assert any("1 file is not as a run wrote it" in line for line in made(root, categories=["class_1"]).seen)  # until it is made
    again = made(root)
    assert [each.href for each in again.reports if each.seconds is not None] == ["class_2/01_a.html"] and tree(root) == new


def test_a_run_that_is_made_to_stop_says_so(sets: tuple[Path, dict[str, bytes], dict[str, bytes]], tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(sets[0], root)

    def stopping(jobs: Sequence[Any], done: Callable[[Any, Any], None], /) -> None:
        here(jobs[:1], done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.run(root, JINING, executor=stopping, lang="en")
    record = Manifest(root / "outputs" / JINING)
    assert record.last.state == "stopped" and record.remarks("en") == [] and len(record.now.files) == len(record.last.files)
    assert "A run goes on" not in (root / "outputs" / JINING / "index.html").read_text(encoding="utf-8")
    assert made(root).exit_status == 0 and tree(root) == sets[2]


@pytest.mark.quick
def test_while_a_run_goes_on_nobody_is_told_that_it_broke_off(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x", encoding="utf-8")
    record = Manifest(tmp_path)
    with record.changing(tmp_path / "x"):
        assert manifest.broken_off(tmp_path, "en") == []
    gone = replace(record.holder, process=2 ** 22 + 1)  # no process has this number
    (tmp_path / FILE).write_bytes(replace(record.now, by=gone).raw)
    (tmp_path / "x").write_text("y", encoding="utf-8")
    assert [line.split(" (")[0].split(":")[0] for line in manifest.broken_off(tmp_path, "en")] == [
        "The last run did not end", "1 file is of neither"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot copy a process")
@pytest.mark.parametrize("number", [23, 47, 68, 90])
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
