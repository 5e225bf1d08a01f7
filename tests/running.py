"""Runs made small: a year of a few units, notebooks of a few cells, and runs of which no kernel and no worker is the subject."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from shared import ROOT

import txlib as tx
from txlib.cli import main
from txlib.run import plan
from txlib.run.cells import notebook
from txlib.run.cells.executor import here
from txlib.run.cells.workers import Workers
from txlib.run.kept import snapshot
from txlib.run.parameters import as_notebook

JINING = "2017-jining"
KEPT = {"class_1": ("jiyang", "guanghe", "xianying", "jiuxianqiao", "nanyuan"), "class_2": ("jiezhuang", "nanzhang", "liuhang")}
YEAR = 'year: str = "2017-jining"  # 考核年度'
CATEGORY = YEAR + '\ncategory: str = "class_1"\nlang: str = "zh"'


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
    patch.setattr(Workers, "__call__", lambda _, jobs, done: here(jobs, done))
    patch.setattr(notebook, "_papermill", _as_stored)


def _as_stored(job: notebook.NotebookJob) -> None:
    """Leave the notebook as papermill would leave it if every cell showed what is stored."""
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    notebook = load_notebook_node(str(job.notebook))
    asked = parameterize_notebook(notebook, as_notebook(job.parameters), kernel_name="python3", language="python")
    for number, cell in enumerate((cell for cell in asked.cells if cell.cell_type == "code"), start=1):
        cell.execution_count = number
    nbformat.write(asked, job.executed)


def workspace(root: Path) -> Path:
    """A workspace with a few units of the edition 2017-jining, and no notebook yet."""
    return few(ROOT, root)


def write(root: Path, name: str, parameters: str | None, *cells: str, **metadata: object) -> Path:
    """A notebook of the workspace."""
    tagged = [] if parameters is None else [new_code_cell(parameters, metadata={"tags": ["parameters"]})]
    notebook = new_notebook(cells=[new_markdown_cell(f"# {name}"), *tagged, *map(new_code_cell, cells)], metadata=metadata)
    path = root / "notebooks" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


def prints(book: tx.RuleBook) -> dict[str | None, str]:
    """The digests of all that the reports of a book's year rest on, as a run takes them."""
    with tempfile.TemporaryDirectory() as folder:
        return plan.fingerprints(book, snapshot.taken(book.root, book.year, Path(folder, "kept")).digests)


def spoil(path: Path, column: str, text: str) -> None:
    """Replace a cell of the first row."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    cells = lines[1].split(",")
    cells[lines[0].split(",").index(column)] = text
    path.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n", encoding="utf-8")


def tree(root: Path) -> dict[str, bytes]:
    """Every file below the outputs, hidden ones too."""
    out = root / "outputs"
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def elsewhere(root: Path, *words: object) -> subprocess.CompletedProcess[bytes]:
    """A command as another person types it on another machine: from a folder of their own, in the C locale without UTF-8, behind
    another clock and hash seed, with another name, home and mask for new files."""
    with tempfile.TemporaryDirectory() as home:
        told = {"HOME": home, "USERPROFILE": home, "USER": "他人", "LOGNAME": "other", "USERNAME": "other", "COLUMNS": "40",
                "TZ": "America/St_Johns", "LC_ALL": "C", "LANG": "tr_TR", "LANGUAGE": "tr", "PYTHONUTF8": "0",
                "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "utf-8", "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "txlib", *map(str, words), "--root", str(root)]
        mask = -1 if os.name == "nt" else 0o077
        return subprocess.run(command, capture_output=True, check=False, cwd=home, env={**os.environ, **told}, umask=mask)


def laid_again(root: Path, elsewhere: Path) -> Path:
    """A workspace's files written elsewhere in the opposite order, as old as that goes."""
    for path in sorted((path for path in root.rglob("*") if path.is_file()), reverse=True):
        there = elsewhere / path.relative_to(root)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(path.read_bytes())
        os.utime(there, (1e9, 1e9))
    return elsewhere


def until(true: Callable[[], bool], process: subprocess.Popen[str] | None = None, seconds: float = 60) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end and (process is None or process.poll() is None)
        time.sleep(0.05)


def typed(*words: object) -> Result:
    """A command line typed; nothing but SystemExit may come out of it."""
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result
