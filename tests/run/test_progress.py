"""What a run says while it goes on: at once, a line as each report ends, without a terminal too; of what is unchanged a count."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from running import CATEGORY, JINING, typed, until, without_kernels, workspace, write
from shared import ROOT, edition

from txlib.run import batch
from txlib.run.cells.executor import J, Outcome, here


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of two categories with a notebook, in which no kernel runs."""
    without_kernels(monkeypatch)
    write(workspace(tmp_path), "01_own", CATEGORY)
    return tmp_path


def run(root: Path, *words: str) -> list[str]:
    """The lines of a run in English, without the seconds."""
    told = typed("run", JINING, "--root", root, "--lang", "en", *words)
    parts = [[part for part in line.split("  ") if not part.endswith(" s")] for line in told.stdout.splitlines()]
    return ["  ".join(part) for part in parts]


@pytest.mark.quick
def test_each_report_and_each_deck_of_cards_is_told_with_how_many_are_left(root: Path) -> None:
    one, two = (head.name.en for head in edition(JINING)[0].categories.values())
    assert run(root)[:8] == [
        "Reading rules, data and notebooks of 2017-jining …", "2 reports to be made.",
        f"class_1 / 01_own  done  1 left  {one} · 01_own", f"class_2 / 01_own  done  0 left  {two} · 01_own",
        "Making the score cards of 2 categories …",
        f"class_1 / score cards  done  1 category left  {one}", f"class_2 / score cards  done  0 categories left  {two}",
        "Writing the workbook of results and the index …",
    ]


@pytest.mark.quick
def test_what_is_unchanged_is_counted_and_not_listed(root: Path) -> None:
    run(root)
    again = run(root)
    assert again[1] == "2 are unchanged and stay." and not [line for line in again if " / " in line.split("  ")[0]]
    assert again[3].startswith("Reports: 0 done, 2 unchanged; ")
    (root / "outputs" / JINING / "class_2" / "01_own.html").unlink()
    mended = run(root)
    assert mended[1] == "1 report to be made. 1 is unchanged and stays."
    assert [line.split("  ")[:3] for line in mended if line.startswith("class_")] == [["class_2 / 01_own", "done", "0 left"]]


@pytest.mark.quick
def test_what_failed_is_told_as_it_ends_and_at_the_end_with_the_reason(root: Path) -> None:
    def failing(jobs: Sequence[J], done: Callable[[J, Outcome], None]) -> None:
        here(jobs, lambda job, found: done(job, Outcome("no paper", 1.0) if job.title == "class_1/01_own" else found))

    lines: list[str] = []
    made = batch.run(root, JINING, lang="en", executor=failing, told=lines.append)
    assert lines[1].startswith("class_1 / 01_own  failed  1.0 s  1 left")
    assert made.reports[0].reason.startswith("no paper") and "no paper" not in "".join(lines)


@pytest.mark.quick
def test_reports_that_end_in_any_order_count_down_alike(root: Path) -> None:
    lines: list[str] = []
    batch.run(root, JINING, lang="en", executor=lambda jobs, done: here(jobs[::-1], done), told=lines.append)
    ended = [line.split("  ") for line in lines if line.split("  ")[0].endswith("01_own")]
    assert [(parts[0][:7], parts[3]) for parts in ended] == [("class_2", "1 left"), ("class_1", "0 left")]


def test_lines_come_while_the_run_goes_on_without_a_terminal(tmp_path: Path) -> None:
    """The first within two seconds; that of a report while another, which waits for us, still runs."""
    gone_on = tmp_path / "gone-on"
    write(workspace(tmp_path), "01_own", CATEGORY, f"""import pathlib, time
while category == "class_2" and not pathlib.Path({str(gone_on)!r}).exists(): time.sleep(0.1)""")
    command = [sys.executable, "-m", "txlib", "run", JINING, "--root", str(tmp_path), "--jobs", "1"]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
                          env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        try:
            assert process.stdout is not None and process.stdout.readline().startswith("正在读取 2017-jining")
            assert time.monotonic() - began < 2
            assert [process.stdout.readline().split("  ")[0] for _ in range(2)] == ["要生成 2 份报告。\n", "class_1 / 01_own"]
            until((tmp_path / "outputs" / JINING / "class_1" / "01_own.html").is_file, process)
            gone_on.touch()
            assert process.stdout.readline().startswith("class_2 / 01_own  完成")
        finally:
            process.kill()
