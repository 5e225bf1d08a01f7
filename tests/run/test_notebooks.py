"""Notebooks: thin, in two languages, runnable by hand and by papermill, their stored outputs compared in earnest."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from shared import ROOT

PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LANGS = ("zh", "en")


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def tags(cell: Any) -> list[str]:
    return list(cell.metadata.get("tags", []))


def code(path: Path) -> list[Any]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def prose(path: Path, lang: str) -> list[str]:
    return [cell.source for cell in read(path).cells if cell.cell_type == "markdown" and lang in tags(cell)]


each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@pytest.mark.quick
def test_the_rooms_are_there() -> None:
    assert [path.stem for path in PATHS][:2] == ["00_overview", "01_ranking"]


@pytest.mark.quick
@each_notebook
def test_cells_are_thin(path: Path) -> None:
    cells = code(path)
    assert len(cells) <= 20
    for cell in cells:
        assert 0 < len(cell.source.splitlines()) <= 8
        tree = list(ast.walk(ast.parse(cell.source)))
        assert not [node for node in tree if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda | ast.For | ast.While)]


@pytest.mark.quick
@each_notebook
def test_parameters_stand_one_a_line_annotated_and_explained(path: Path) -> None:
    tagged = [cell for cell in code(path) if "parameters" in tags(cell)]
    assert [cell.id for cell in tagged] == [code(path)[0].id]
    for line in tagged[0].source.splitlines():
        assert re.fullmatch(r'\w+: str = "[\w.-]*"  # .*[\u4e00-\u9fff].*[a-z].*', line), line
    names = [line.split(":")[0] for line in tagged[0].source.splitlines()]
    assert names == {"00_overview": ["year", "lang"], "01_ranking": ["year", "category", "unit", "lang"],
                     "08_rule_changes": ["year", "base", "lang"]}.get(path.stem, names)


@pytest.mark.quick
@each_notebook
def test_prose_comes_in_pairs_of_the_same_shape(path: Path) -> None:
    cells = [cell for cell in read(path).cells if cell.cell_type == "markdown"]
    assert [next(lang for lang in LANGS if lang in tags(cell)) for cell in cells] == list(LANGS) * (len(cells) // 2)
    for zh, en in zip(prose(path, "zh"), prose(path, "en"), strict=True):
        assert re.findall(r"^#+", zh, re.M) == re.findall(r"^#+", en, re.M)
        assert len(zh.split("\n\n")) == len(en.split("\n\n"))
        assert re.search(r"[\u4e00-\u9fff]", zh) and not re.search(r"[\u3000-\u9fff\uff00-\uffef]", en)


@pytest.mark.quick
@each_notebook
def test_every_cell_that_shows_something_stands_under_a_question(path: Path) -> None:
    """Of one question no more than three cells show something."""
    cells = read(path).cells
    for i, cell in enumerate(cells):
        if cell.cell_type == "code" and not {"parameters", "cover"} & {*tags(cell), cell.id}:
            question = next(before for before in reversed(cells[max(i - 3, 0):i]) if before.cell_type == "markdown")
            assert re.match("#{2,3} ", question.source), cell.id


@pytest.mark.quick
@each_notebook
def test_the_first_cells_say_what_it_answers_and_what_to_change(path: Path) -> None:
    first = read(path).cells[:4]
    assert [tags(cell) for cell in first] == [["zh"], ["en"], ["zh", "remove-cell"], ["en", "remove-cell"]]
    for cell, word in zip(first, ("回答", "answers", "参数", "parameters"), strict=True):
        assert word in cell.source and cell.source.startswith("# ") == (cell in first[:2])


@pytest.mark.quick
@each_notebook
def test_metadata_is_what_a_run_needs_and_no_more(path: Path) -> None:
    metadata = read(path).metadata
    assert set(metadata) == {"kernelspec", "txlib"} and metadata.kernelspec.name == "python3"
    assert set(metadata.txlib.title) == set(LANGS) and {"observations", "marks", "rulebook"} & set(metadata.txlib.needs)
    for lang in LANGS:
        assert prose(path, lang)[0].startswith(f"# {metadata.txlib.title[lang]}\n")


@pytest.mark.quick
@each_notebook
def test_outputs_are_stored_so_that_a_comparison_is_not_empty(path: Path) -> None:
    """But for what works by hand only: nothing of it is stored, and one cell of a notebook at most is such."""
    live = [cell for cell in code(path) if "nbval-ignore-output" in tags(cell)]
    assert len(live) <= read(path).metadata.txlib.get("by_hand", 0)
    assert not any(cell.outputs for cell in live)
    for number, cell in enumerate((cell for cell in code(path) if cell not in live), start=1):
        assert cell.execution_count == number
        if "parameters" in tags(cell):
            continue
        (output,) = cell.outputs
        assert output.output_type == "execute_result"
        assert {"text/html", "image/svg+xml"} & set(output.data) and len(output.data["text/plain"]) > 10
        assert set(cell.metadata) <= {"tags"}


@pytest.mark.quick
@each_notebook
def test_what_is_stored_tells_nothing_of_a_machine_or_a_moment(path: Path) -> None:
    raw = path.read_bytes()
    assert raw.endswith(b"}\n") and b"\r" not in raw
    text = raw.decode("utf-8")
    assert not re.search(r"ipykernel_|0x[0-9a-f]{6,}|/home/|/tmp/|[A-Z]:\\\\|\d{4}-\d\d-\d\dT\d\d:|stderr", text)
    assert [cell.id for cell in read(path).cells] == list(dict.fromkeys(cell.id for cell in read(path).cells))


def figure_alone(folder: Path, figure: str) -> Any:
    """A workspace's notebook 01_ranking cut down to its parameters, what they are read into, and one figure, as stored."""
    notebook = read(ROOT / "notebooks" / "01_ranking.ipynb")
    notebook.cells = [cell for cell in notebook.cells if cell.id in ("parameters", "cover", figure)]
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / "same.ipynb")
    return notebook


def failing(workspace: Path) -> set[str]:
    """The cells that nbval fails of all notebooks below, as `notebook cell`; the others pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull,
               "--rootdir", str(workspace), "--nbval", "--nbval-current-env", "--nbval-cell-timeout=120",
               "--nbval-sanitize-with", str(ROOT / "tests" / "nbval_sanitize.cfg"), str(workspace)]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False,
                         env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}, cwd=workspace)
    assert run.returncode in (0, 1), run.stdout + run.stderr
    told = run.stdout.split("short test summary")[-1]
    return {f"{file} {number}" for file, number in re.findall(r"(\S+)\.ipynb::Cell (\d+)", told)}


def test_a_number_changed_in_a_figure_or_in_the_data_does_not_pass(one_category: Path, tmp_path: Path) -> None:
    """As stored a figure passes. With one of its numbers changed by a hundredth its cell fails and no other; with a value
    changed that was handed in, the figure and the mean on the cover."""
    for name in ("stored", "data"):
        for folder in ("params", "data"):
            shutil.copytree(one_category / folder / "2020", tmp_path / name / folder / "2020")
        notebook = figure_alone(tmp_path / name / "notebooks", "gaps")
    (output,) = notebook.cells[-1].outputs
    *_, last = re.finditer(r"[+−]\d+\.\d(\d)", output.data["text/plain"])
    output.data["text/plain"] = replaced(last, str((int(last[1]) + 1) % 10))
    nbformat.write(notebook, tmp_path / "stored" / "notebooks" / "number.ipynb")
    table = tmp_path / "data" / "data" / "2020" / "towns_1" / "observations.csv"
    row = re.search(r"^donggang,A1\.1,2020,(\d+\.?\d*)", table.read_text(encoding="utf-8-sig"), re.M)
    assert row
    table.write_text(replaced(row, f"{float(row[1]) - 0.5:.2f}"), encoding="utf-8")
    assert failing(tmp_path) == {"stored/notebooks/number 2", "data/notebooks/same 1", "data/notebooks/same 2"}


def replaced(found: re.Match[str], by: str) -> str:
    """A text with what the group of a match holds replaced."""
    return found.string[:found.start(1)] + by + found.string[found.end(1):]
