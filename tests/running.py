"""Runs made small: a year of a few units, and a run of which no kernel and no worker is the subject."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
import pytest

from txlib.run import batch, notebook

JINING = "2017-jining"
KEPT = {"class_1": ("jiyang", "guanghe", "xianying", "jiuxianqiao", "nanyuan"), "class_2": ("jiezhuang", "nanzhang", "liuhang")}


def few(repository: Path, root: Path) -> Path:
    """The repository's 2017-jining below `root`, cut down to the first units of each category; its scores are as they were."""
    for name in ("params", "data"):
        shutil.copytree(repository / name / JINING, root / name / JINING)
    units = {unit for each in KEPT.values() for unit in each}
    folder = root / "data" / JINING
    for path in (folder / "units.csv", *folder.glob("class_*/*.csv")):
        head, *rows = path.read_text(encoding="utf-8").splitlines()
        kept = [row for row in rows if row.split(",")[0] in units]
        path.write_text("\n".join([head, *kept]) + "\n", encoding="utf-8", newline="")
    return root


def without_kernels(patch: pytest.MonkeyPatch) -> None:
    """Runs go on in this process, and cells count as run, showing what is stored of them: no kernel is asked.

    All else is as in any run: parameters, digests, reports, score cards, files and what the index says of them.
    """
    patch.setattr(batch, "work", _here)
    patch.setattr(notebook, "_papermill", _as_stored)


def _here(work: Sequence[notebook.Work], _: int | None, done: Callable[[notebook.Work, notebook.Outcome], None]) -> None:
    for each in work:
        done(each, notebook.execute(each))


def _as_stored(job: notebook.Job) -> None:
    """Leave the notebook as papermill would leave it if every cell showed what is stored."""
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    notebook = load_notebook_node(str(job.notebook))
    asked = parameterize_notebook(notebook, dict(job.parameters), kernel_name="python3", language="python")
    for number, cell in enumerate((cell for cell in asked.cells if cell.cell_type == "code"), start=1):
        cell.execution_count = number
    nbformat.write(asked, job.executed)
