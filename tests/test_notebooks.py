"""Notebooks: thin, in two languages, runnable by hand and by papermill, their stored outputs compared in earnest."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
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


def test_the_rooms_are_there() -> None:
    assert [path.stem for path in PATHS][:2] == ["00_overview", "01_ranking"]


@each_notebook
def test_cells_are_thin(path: Path) -> None:
    cells = code(path)
    assert len(cells) <= 20
    for cell in cells:
        assert 0 < len(cell.source.splitlines()) <= 8
        tree = list(ast.walk(ast.parse(cell.source)))
        assert not [node for node in tree if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda | ast.For | ast.While)]


@each_notebook
def test_parameters_stand_one_a_line_annotated_and_explained(path: Path) -> None:
    tagged = [cell for cell in code(path) if "parameters" in tags(cell)]
    assert [cell.id for cell in tagged] == [code(path)[0].id]
    for line in tagged[0].source.splitlines():
        assert re.fullmatch(r'\w+: str = "[\w.-]*"  # .*[\u4e00-\u9fff].*[a-z].*', line), line
    names = [line.split(":")[0] for line in tagged[0].source.splitlines()]
    assert names == {"00_overview": ["year", "lang"], "01_ranking": ["year", "category", "unit", "lang"],
                     "08_rule_changes": ["year", "base", "lang"]}.get(path.stem, names)


@each_notebook
def test_prose_comes_in_pairs_of_the_same_shape(path: Path) -> None:
    cells = [cell for cell in read(path).cells if cell.cell_type == "markdown"]
    assert [next(lang for lang in LANGS if lang in tags(cell)) for cell in cells] == list(LANGS) * (len(cells) // 2)
    for zh, en in zip(prose(path, "zh"), prose(path, "en"), strict=True):
        assert re.findall(r"^#+", zh, re.M) == re.findall(r"^#+", en, re.M)
        assert len(zh.split("\n\n")) == len(en.split("\n\n"))
        assert re.search(r"[\u4e00-\u9fff]", zh) and not re.search(r"[\u3000-\u9fff\uff00-\uffef]", en)


@each_notebook
def test_every_cell_that_shows_something_stands_under_a_question(path: Path) -> None:
    """Of one question no more than three cells show something."""
    cells = read(path).cells
    for i, cell in enumerate(cells):
        if cell.cell_type == "code" and not {"parameters", "cover"} & {*tags(cell), cell.id}:
            question = next(before for before in reversed(cells[max(i - 3, 0):i]) if before.cell_type == "markdown")
            assert re.match("#{2,3} ", question.source), cell.id


@each_notebook
def test_the_first_cells_say_what_it_answers_and_what_to_change(path: Path) -> None:
    first = read(path).cells[:4]
    assert [tags(cell) for cell in first] == [["zh"], ["en"], ["zh", "remove-cell"], ["en", "remove-cell"]]
    for cell, word in zip(first, ("回答", "answers", "参数", "parameters"), strict=True):
        assert word in cell.source and cell.source.startswith("# ") == (cell in first[:2])


@each_notebook
def test_metadata_is_what_a_run_needs_and_no_more(path: Path) -> None:
    metadata = read(path).metadata
    assert set(metadata) == {"kernelspec", "txlib"} and metadata.kernelspec.name == "python3"
    assert set(metadata.txlib.title) == set(LANGS) and {"observations", "marks"} & set(metadata.txlib.needs)
    for lang in LANGS:
        assert prose(path, lang)[0].startswith(f"# {metadata.txlib.title[lang]}\n")


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


@each_notebook
def test_what_is_stored_tells_nothing_of_a_machine_or_a_moment(path: Path) -> None:
    raw = path.read_bytes()
    assert raw.endswith(b"}\n") and b"\r" not in raw
    text = raw.decode("utf-8")
    assert not re.search(r"ipykernel_|0x[0-9a-f]{6,}|/home/|/tmp/|[A-Z]:\\\\|\d{4}-\d\d-\d\dT\d\d:|stderr", text)
    assert [cell.id for cell in read(path).cells] == list(dict.fromkeys(cell.id for cell in read(path).cells))


def nbval(notebook: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull,
               "--rootdir", str(notebook.parent), "--nbval", "--nbval-current-env", "--nbval-cell-timeout=120",
               "--nbval-sanitize-with", str(ROOT / "tests" / "nbval_sanitize.cfg"), str(notebook)]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False,
                          env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}, cwd=notebook.parent)


def test_a_number_changed_in_a_figure_or_in_the_data_does_not_pass(tmp_path: Path) -> None:
    """One stored gap is changed by a hundredth: that cell fails and no other. Then a value handed in: many do."""
    workspace = tmp_path
    for folder in ("params", "data"):
        shutil.copytree(ROOT / folder, workspace / folder)
    notebook = workspace / "notebooks" / "01_ranking.ipynb"
    notebook.parent.mkdir()
    stored = json.loads((ROOT / "notebooks" / notebook.name).read_text(encoding="utf-8"))
    number = [cell["id"] for cell in stored["cells"] if cell["cell_type"] == "code"].index("gaps")
    (output,) = next(cell for cell in stored["cells"] if cell["id"] == "gaps")["outputs"]
    lines = output["data"]["text/plain"]
    last = re.search(r"[+−]\d+\.\d(\d)", lines[-1])
    assert last
    lines[-1] = lines[-1][:last.start(1)] + str((int(last[1]) + 1) % 10) + lines[-1][last.end(1):]
    notebook.write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")
    run = nbval(notebook)
    assert run.returncode == 1, run.stdout + run.stderr
    assert re.findall(r"::Cell (\d+)", run.stdout.split("short test summary")[-1]) == [str(number)]

    notebook.write_bytes((ROOT / "notebooks" / notebook.name).read_bytes())
    table = workspace / "data" / "2020" / "towns_1" / "observations.csv"
    text = table.read_text(encoding="utf-8-sig")
    row = re.search(r"^donggang,A1\.1,2020,(\d+\.?\d*)", text, re.M)
    assert row
    table.write_text(text[:row.start(1)] + f"{float(row[1]) - 0.5:.2f}" + text[row.end(1):], encoding="utf-8")
    run = nbval(notebook)
    assert run.returncode == 1
    assert len(re.findall(r"::Cell (\d+)", run.stdout.split("short test summary")[-1])) >= 5
