"""JupyterLab on a workspace: the suite's notebooks as the analyst's own, this Python, an end without a traceback."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from running import CATEGORY, JINING, few, typed, write
from shared import ROOT
from test_jupyterlab import address

from txlib.base.labels import say
from txlib.run import lab, plan
from txlib.run.lab import COPIED, FOLDER, copied, prepared, with_values

NAMES = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace without notebooks, of a Chinese name."""
    return few(ROOT, tmp_path / "考核 工作区")


def code(path: Path) -> list[str]:
    """The sources of a notebook's code cells, which have neither outputs nor a number."""
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    return ["".join(cell["source"]) for cell in cells]


@pytest.mark.quick
def test_a_workspace_without_notebooks_has_copies_that_ask_for_its_last_year(root: Path) -> None:
    before = {path.name: path.read_bytes() for path in (ROOT / "notebooks").glob("*.ipynb")}
    (root / "notebooks").mkdir()  # an empty one is none, as for a run
    assert prepared(root, "zh") == (root.resolve(), FOLDER, [])
    assert sorted(path.name for path in (root / FOLDER).glob("*.ipynb")) == NAMES
    theirs = [cell["source"] for cell in json.loads(before["01_ranking.ipynb"])["cells"] if cell["cell_type"] == "code"]
    mine = code(root / FOLDER / "01_ranking.ipynb")
    assert mine[1:] == ["".join(source) for source in theirs[1:]]
    book, faults = plan.read_notebook(root / FOLDER / "01_ranking.ipynb", "zh")
    assert book is not None and not faults
    assert mine[0].splitlines()[:2] == [
        f'year: str = "{JINING}"  # 考核年度 assessment year', 'category: str = "class_1"  # 类别 category']
    assert {path.name: path.read_bytes() for path in (ROOT / "notebooks").glob("*.ipynb")} == before
    assert plan.folder_of(root) == ROOT / "notebooks"  # a run still has the suite's


@pytest.mark.quick
def test_a_workspace_with_notebooks_opens_them_and_no_copies(root: Path) -> None:
    write(root, "01_own", CATEGORY)
    assert prepared(root, "zh") == (root.resolve(), "notebooks", []) and not (root / FOLDER).exists()


@pytest.mark.quick
def test_copies_follow_the_suite_until_they_are_changed(tmp_path: Path) -> None:
    suite, mine = tmp_path / "suite", tmp_path / FOLDER
    shutil.copytree(ROOT / "notebooks", suite)
    assert copied(suite, mine, {"year": "2019"}, "en") == []
    kept = mine / "01_ranking.ipynb"
    kept.write_text(kept.read_text(encoding="utf-8").replace("2019", "2018"), encoding="utf-8")
    own = kept.read_bytes()
    assert copied(suite, mine, {"year": "2019"}, "en") == []
    for name in ("00_overview.ipynb", "01_ranking.ipynb"):
        text = (suite / name).read_text(encoding="utf-8")
        (suite / name).write_text(text.replace("import txlib as tx", "import txlib as tx  # later"), encoding="utf-8")
    assert copied(suite, mine, {"year": "2021"}, "en") == [say("cli.lab_older", "en", file=f"{FOLDER}/01_ranking.ipynb")]
    assert kept.read_bytes() == own
    assert "# later" in "".join(code(mine / "00_overview.ipynb")) and '"2021"' in code(mine / "00_overview.ipynb")[0]
    kept.unlink()
    assert copied(suite, mine, {"year": "2021"}, "en") == [] and "# later" in "".join(code(kept))
    (mine / COPIED).write_text("[]", encoding="utf-8")
    unknown = [say("cli.lab_own", "en", file=f"{FOLDER}/{name}") for name in NAMES]
    assert copied(suite, mine, {"year": "2021"}, "en") == unknown  # whose they are is not known any more


@pytest.mark.quick
def test_a_notebook_of_ones_own_that_has_a_name_of_the_suite_is_no_changed_copy(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    own = write(tmp_path, "01_ranking", CATEGORY).rename(tmp_path / FOLDER / "01_ranking.ipynb")
    raw = own.read_bytes()
    assert copied(ROOT / "notebooks", tmp_path / FOLDER, {"year": "2020"}, "zh") == [
        say("cli.lab_own", "zh", file=f"{FOLDER}/01_ranking.ipynb")]
    assert own.read_bytes() == raw and len([*own.parent.glob("*.ipynb")]) == len(NAMES)


@pytest.mark.quick
def test_the_year_that_is_asked_for_has_data(root: Path) -> None:
    shutil.copytree(root / "params" / JINING, root / "params" / "2018-jining")
    prepared(root, "zh")
    ranking = root / FOLDER / "01_ranking.ipynb"
    assert JINING in code(ranking)[0]
    (root / "data" / "2018-jining").mkdir()
    prepared(root, "zh")
    assert "2018-jining" in code(ranking)[0]


@pytest.mark.quick
@pytest.mark.parametrize(("source", "told"), [
    ('year: str = "2020"  # 考核年度', 'year: str = "二〇"  # 考核年度'),
    ("名 = 1; year = '2020' # x", '名 = 1; year = "二〇" # x'),
    ('year = "1"; year = "2"', 'year = "二〇"; year = "二〇"'),
    ('year: str\nother = "2020"', 'year: str\nother = "2020"'),
    ('year = """a\nb"""', 'year = """a\nb"""'),
])
def test_a_value_takes_the_place_of_a_value_alone(source: str, told: str) -> None:
    assert with_values(source, {"year": "二〇"}) == told


@pytest.mark.quick
def test_what_is_missing_is_said_with_what_to_do(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = typed("lab", "--root", tmp_path, "--lang", "en")
    assert told.exit_code == 2 and "--root" in told.stderr and "txlib init" in told.stderr
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    monkeypatch.setattr(lab.importlib.util, "find_spec", lambda name: None)
    told = typed("lab", "--root", root, "--lang", "en")
    assert told.exit_code == 2 and f"{sys.executable} -m pip install jupyterlab" in told.stderr and not (root / FOLDER).exists()


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="no signal reaches one process there")
def test_it_serves_the_notebooks_by_this_python_and_ends_on_ctrl_c(root: Path, tmp_path: Path) -> None:
    own = {f"JUPYTER_{key.upper()}_DIR": str(tmp_path / key) for key in ("config", "data", "runtime")}
    command = [sys.executable, "-m", "txlib", "lab", "--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0",
               "--allow-root", "--", "--IdentityProvider.token=known"]
    wrong = tmp_path / "data" / "kernels" / "python3"
    wrong.mkdir(parents=True)
    (wrong / "kernel.json").write_text('{"argv": ["no-python"], "display_name": "x", "language": "python"}', encoding="utf-8")
    with (tmp_path / "log.txt").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=root / "data",
                                  env={**os.environ, **own, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"})
    try:
        at = address(tmp_path / "runtime", server)

        def asked(path: str) -> dict[str, object]:
            with urlopen(Request(f"{at}api/{path}", headers={"Authorization": "token known"}), timeout=30) as answer:
                found: dict[str, object] = json.load(answer)
                return found

        notebook = asked(f"contents/{FOLDER}/01_ranking.ipynb?content=1")
        assert JINING in json.dumps(notebook["content"])
        assert asked("kernelspecs")["kernelspecs"]["python3"]["spec"]["argv"][0] == sys.executable  # type: ignore[index]
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=60) == 0
    finally:
        server.kill()
    told = (tmp_path / "log.txt").read_text(encoding="utf-8")
    assert told.startswith(say("cli.lab_here", "zh", folder=root.resolve() / FOLDER)) and "Traceback" not in told
