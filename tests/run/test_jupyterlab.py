"""JupyterLab itself, started on loopback: a notebook opened and run from the top, the sliders of the one opened by hand."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hostile
import pytest
from shared import ROOT, edition

import txlib as tx
from txlib.report.what_if.tables import steps

SLIDERS = "09_what_if"  # runs from the top where its sliders are moved
SHOWS_ALL = "01_ranking"  # figures and tables of each kind, as in the others
NAMES = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb") if path.stem != SLIDERS)
COMPLAINTS = '[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]'
SETTINGS = {  # every cell in the page, and nothing asked of the network
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab over a copy of the repository's workspace, with settings of its own."""
    home = tmp_path_factory.mktemp("lab")
    for name in ("params", "data", "notebooks"):
        shutil.copytree(ROOT / name, home / "work" / name)
    hostile.workspace(home / "work" / "hostile")
    path = home / "work" / "hostile" / "notebooks" / "09_what_if.ipynb"
    text = path.read_text(encoding="utf-8").replace('\\"towns_1\\"', '\\"c2\\"')
    path.write_text(text, encoding="utf-8", newline="")
    for name, settings in SETTINGS.items():
        path = home / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings), encoding="utf-8")
    token = secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0",
               f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={home / 'work'}", "--ServerApp.allow_root=True",
               "--LabApp.news_url=None", "--LabApp.extension_manager=readonly"]
    own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
           "IPYTHONDIR": "ipython", "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with (home / "log.txt").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=home,
                                  env={**os.environ, **{key: str(home / each) for key, each in own.items()}, "PYTHONPATH": path})
    try:
        yield f"{address(home / 'runtime', server)}lab/tree/{{}}.ipynb?reset&token={token}"  # without the notebooks opened before
    finally:
        server.terminate()
        server.wait(timeout=20)


def address(runtime: Path, server: subprocess.Popen[bytes]) -> str:
    """Where the server listens, once it does."""
    for _ in range(600):
        for file in runtime.glob("jpserver-*.json"):
            try:
                told = json.loads(file.read_text(encoding="utf-8"))
            except ValueError:  # not yet written to its end
                continue
            assert told["hostname"] == "127.0.0.1"
            return str(told["url"])
        assert server.poll() is None, "JupyterLab did not start"
        time.sleep(0.1)
    raise AssertionError("JupyterLab does not listen")


class Notebook:
    """A notebook open in JupyterLab, with what the page asked for beyond the server, and what it asked us."""

    def __init__(self, window: Any, lab: str, name: str) -> None:
        self.outside: list[str] = []
        self.page = window.new_page()
        self.said: list[str] = []
        self.page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.goto(lab.format(name))
        self.panel = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        self.page.get_by_text("| Idle", exact=False).wait_for(timeout=120_000)

    def _asked(self, url: str) -> None:
        if not re.match(r"(https?|wss?)://127\.0\.0\.1:|data:|blob:", url):
            self.outside.append(url)

    def run_all(self) -> None:
        """Run > Run All Cells, and wait until every code cell has run."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.page.wait_for_function("""() => {
            const cells = [...document.querySelectorAll(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell")];
            return cells.length && cells.every((cell) => /\\[\\d+\\]/.test(cell.querySelector(".jp-InputPrompt").textContent));
        }""", timeout=120_000)


@pytest.fixture(scope="module")
def window(browser: Any) -> Any:
    """A window of the browser, which reads JupyterLab's own files once."""
    return browser.new_context(viewport={"width": 1400, "height": 900})


@pytest.fixture
def opened(window: Any, lab: str) -> Iterator[Any]:
    """Opens notebooks, and closes them."""
    there: list[Notebook] = []

    def open_one(name: str, folder: str = "notebooks") -> Notebook:
        there.append(Notebook(window, lab, f"{folder}/{name}"))
        return there[-1]

    yield open_one
    for each in there:
        each.page.close()


def whole(notebook: Notebook, name: str) -> None:
    """A notebook that ran shows the figures and tables that are stored in it, each in place, and asked for nothing outside."""
    stored = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in stored["cells"] for output in cell.get("outputs", [])]
    assert notebook.panel.locator(COMPLAINTS).all_inner_texts() == []
    figures = notebook.panel.locator(".jp-OutputArea-output img")
    assert figures.count() == sum("image/png" in output["data"] for output in outputs)
    for figure in figures.all():
        figure.scroll_into_view_if_needed()
        assert figure.is_visible() and figure.evaluate("(image) => image.complete && image.naturalWidth") > 300
    tables = notebook.panel.locator('[data-mime-type="text/html"] .tx-table')
    assert tables.count() == sum("".join(output["data"].get("text/html", "")).count("<figure") for output in outputs) > 0
    assert tables.first.is_visible()
    words = tables.first.locator("td:not(.num)").first
    assert words.evaluate("(cell) => getComputedStyle(cell).textAlign") == "left"
    key = notebook.panel.locator(".tx-keys dt").first.bounding_box()
    assert key["width"] > key["height"], "on one line"
    assert notebook.outside == []


@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name == SHOWS_ALL else pytest.mark.long) for name in NAMES])
def test_a_notebook_runs_from_the_top_with_its_defaults(opened: Any, name: str) -> None:
    notebook = opened(name)
    notebook.panel.locator("h1").first.wait_for()
    notebook.run_all()
    whole(notebook, name)


def ranking(notebook: Notebook) -> list[list[str]]:
    """Place, move and name of each unit in the ranking beside the sliders."""
    rows = notebook.panel.locator(".widget-html-content .tx-table tbody tr")
    return [row.locator("td").all_inner_texts()[:3] for row in rows.all()]


def readings(notebook: Notebook) -> dict[str, float]:
    """What the sliders read, by the code of their indicator."""
    sliders = notebook.panel.locator(".widget-slider")
    return {each.locator("label").inner_text(): float(each.locator(".widget-readout").inner_text()) for each in sliders.all()}


def settled(notebook: Notebook) -> dict[str, float]:
    """What the sliders read once they stand still."""
    told: list[dict[str, float]] = [{}]
    while len(told) < 3 or told[-1] != told[-3]:
        notebook.page.wait_for_timeout(200)
        told.append(readings(notebook))
    return told[-1]


def expected(weights: dict[str, float]) -> list[list[str]]:
    table = tx.what_if(*edition("2020"), "towns_1", weights)
    return [[f"{row.rank:g}", steps(row.moved), row.name] for row in table.itertuples(index=False)]


def test_sliders_run_from_the_top_and_one_moves_its_siblings_and_the_ranking(opened: Any) -> None:
    notebook = opened(SLIDERS)
    notebook.panel.locator("h1").first.wait_for()
    notebook.run_all()
    whole(notebook, SLIDERS)
    before, ruled = readings(notebook), expected({})
    notebook.panel.locator(".widget-html-content .tx-table").wait_for()
    assert ranking(notebook) == ruled and before["E"] == 9
    handle = notebook.panel.locator(".widget-slider", has_text="E").locator(".noUi-handle")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    notebook.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    notebook.page.mouse.down()
    for step in range(1, 9):
        notebook.page.mouse.move(box["x"] + box["width"] / 2 + 4 * step, box["y"] + box["height"] / 2)
    notebook.page.mouse.up()
    notebook.panel.locator(".widget-html-content .tx-flag").first.wait_for()
    after = settled(notebook)
    assert after["E"] > 15 and all(after[code] < before[code] for code in ("A1", "A2", "A3", "A4", "P"))
    assert (after["A"], after["B"]) == (before["A"], before["B"])
    assert abs(sum(after[code] for code in ("A1", "A2", "A3", "A4", "E", "P")) - after["A"]) < 0.31
    assert ranking(notebook) == expected({"E": after["E"]}) != ruled

    notebook.panel.get_by_role("button", name="恢复规定权重").click()
    notebook.panel.locator(".widget-html-content .tx-flag").first.wait_for(state="detached")
    assert ranking(notebook) == ruled and readings(notebook) == before

    notebook.panel.get_by_label("类别").select_option(label="三园")
    notebook.panel.locator(".widget-html-content figcaption", has_text="三园").wait_for()
    assert len(ranking(notebook)) == 3 and readings(notebook)["A"] == 85


@pytest.mark.long
def test_hostile_names_are_text_there_too(opened: Any) -> None:
    """Neither HTML nor a formula, in what the kernel shows and in the sliders. Of the third category, with the dollar signs."""
    notebook = opened("09_what_if", "hostile/notebooks")
    notebook.run_all()
    notebook.page.wait_for_timeout(1000)
    assert notebook.panel.locator(COMPLAINTS).all_inner_texts() == []
    shown = notebook.panel.locator(".jp-OutputArea")
    assert [shown.locator(each).count() for each in (".pwned", "mjx-container", ".MathJax", "iframe", "[onerror]")] == [0] * 5
    assert notebook.page.evaluate("window.pwned === undefined")
    text = "\n".join(shown.all_text_contents())
    seen = hostile.dealt([*hostile.SEEN], len(hostile.CATEGORIES), 2)
    assert [key for key in seen if hostile.tagged(key, "leaf-zh") not in text] == []
    assert (notebook.outside, notebook.said) == ([], [])
