"""Outputs of cells have limits, each said where it cuts, and a cell that writes for ever is stopped; none of it takes long."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from shared import ROOT

from txlib.run.cells import capped
from txlib.run.cells.notebook import NotebookJob, clean

CEILING = 20  # seconds for 40,000 signs of every kind; they take less than five on a quiet machine
SIGNS = ["a", "/", "ab/", "<a ", "<", "<!--", "&", " ", '"', "1", ".", "QUJD+/9", "汉", "/ipykernel_1/2", " at 0x", "<style>",
         "\x1b[1;", "<Figure size ", "<td>a", "</", "\r"]


def job(root: Path, lang: str = "en", timeout: int = 60) -> NotebookJob:
    return NotebookJob(root / "n.ipynb", (), root, root / "kept", lang, "0" * 64, root / "made", timeout)


def test_what_is_beyond_a_limit_is_said_and_a_cell_that_writes_for_ever_is_stopped(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of what a cell writes is made small: what is tried is that the cell ends, and nothing beside it is lost."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "run"))
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(capped, "WRITTEN", 8_000_000)
    cells = ["print('a' * 300_000)", "from IPython.display import HTML\nHTML('b' * 6_000_000)", "print('all is well')",
             "while True: print('c' * 1_000)"]
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), tmp_path / "n.ipynb")
    reason = job(tmp_path).make()
    made = nbformat.read(tmp_path / "made.ipynb", as_version=4)
    first, second, third, last = (cell.outputs for cell in made.cells)
    assert reason == "cell [4] wrote more than 8 MB and was stopped."
    assert first[0].text == "a" * capped.TEXT + "\n(The text that cell [1] wrote has 300 kB; the first 100 kB are shown.)\n"
    assert second[0].data == {"text/plain": "(An output of cell [2] has 6 MB, more than 5 MB, and is left out.)"}
    assert third[0].text == "all is well\n" and len(first) == len(second) == len(third) == len(last) == 1
    assert len(last[0].text) < capped.TEXT + 200 and "the first 100 kB" in last[0].text


def test_what_was_cleared_does_not_count_and_what_came_in_its_place_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "run"))
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(capped, "KEPT", 2_000_000)
    cells = ["from IPython.display import HTML, clear_output\nfor i in range(30):\n    clear_output(wait=True)\n"
             "    print('a' * 90_000, i)",
             "for i in range(5):\n    display(HTML('b'), display_id=str(i)).update(HTML('c' * 600_000))"]
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), tmp_path / "n.ipynb")
    assert job(tmp_path).make() == ""
    first, second = (cell.outputs for cell in nbformat.read(tmp_path / "made.ipynb", as_version=4).cells)
    assert [output.text for output in first] == ["a" * 90_000 + " 29\n"]
    assert ["text/html" in output.data for output in second] == [True, True, True, False, False]


@pytest.mark.quick
def test_what_is_printed_stands_together_as_a_terminal_shows_it() -> None:
    """As nbclient joins it: a stream's texts in the place of its first, standard output before errors, without what was written
    over."""
    outputs = [new_output("stream", name=name, text=text) for name, text in (
        ("stderr", "e1"), ("stdout", "1%\r50"), ("stderr", "e2\n"), ("stdout", "%\r\nend\r\r\nx\r"))]
    cell = new_code_cell(outputs=outputs)
    client = capped.CappedClient.__new__(capped.CappedClient)
    client.printed = {}
    assert [(each.name, each.text) for each in client.together(cell)] == [
        ("stdout", re.sub(r".*\r(?=[^\n])", "", "1%\r50%\r\nend\r\r\nx\r")), ("stderr", "e1e2\n")]


def bounded(code: str, seconds: int, megabytes: int = 1_500) -> None:
    """Run a program within the ceiling of seconds and of memory (where the system can hold it to that)."""
    limit = f"""
        try:
            import resource
            resource.setrlimit(resource.RLIMIT_AS, ({megabytes}_000_000,) * 2)
        except ImportError:
            pass
        """
    program = textwrap.dedent(limit) + textwrap.dedent(code)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8", timeout=seconds,
                          env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("length", [40_000, pytest.param(400_000, marks=pytest.mark.long)])
def test_what_is_done_after_a_run_takes_time_in_proportion(length: int, tmp_path: Path) -> None:
    """So many signs of every kind, printed, as HTML and as a picture: each cleaned and set within the ceiling."""
    bounded(f"""
        from pathlib import Path
        from nbformat.v4 import new_code_cell, new_notebook, new_output
        from txlib.report.page.html import render
        from txlib.run.cells.notebook import NotebookJob, clean
        for sign in {SIGNS!r}:
            text = sign * ({length} // len(sign))
            datas = [{{"text/plain": text}}, {{"text/html": text}}, {{"text/html": text + ">"}},
                     {{"image/svg+xml": '<svg viewBox="0 0 1 1"><g>' + text + "</g></svg>"}}]
            outputs = [new_output("stream", name="stdout", text=text), *(new_output("display_data", data=data) for data in datas)]
            nb = new_notebook(cells=[new_code_cell(outputs=outputs)])
            root = Path({str(tmp_path)!r})
            clean(nb, NotebookJob(root / "n.ipynb", (("year", "2020"),), root, root / "kept", "zh", "0" * 64, root / "n", 60))
            assert len(render(nb, lang="zh")) > 1_000
        """, CEILING * length // 40_000)


@pytest.mark.quick
@pytest.mark.parametrize(("text", "left"), [
    ("File /tmp/ipykernel_12/345.py:1", "File cell.py:1"), ("ipykernel_1/2.py", "cell.py"),
    ("C:\\Temp\\ipykernel_1\\2.py", "cell.py"), ("a/ipykernel_1/2.py/b/ipykernel_3/4.py", "cell.py"),
    ("'/a/ipykernel_1/2.py' x/y", "'cell.py' x/y"), ("ipykernel_1/x.py", "ipykernel_1/x.py")])
def test_a_kernels_file_is_a_cell(text: str, left: str, tmp_path: Path) -> None:
    nb = new_notebook(cells=[new_code_cell(outputs=[new_output("stream", name="stdout", text=text)])])
    clean(nb, job(tmp_path))
    assert nb.cells[0].outputs[0].text == left
