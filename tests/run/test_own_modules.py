"""What lies in a workspace under the name of a package or of a program's settings is nobody's but the analyst's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from running import CATEGORY, JINING, workspace, write
from shared import ROOT

from txlib.run import batch, plan
from txlib.run.cells.executor import environment
from txlib.run.refused import RefusedError

NAMES = ("yaml", "numpy", "pandas", "traitlets", "psutil", "zmq", "txlib", "sitecustomize", "usercustomize", "conftest",
         "ipython_config", "ipython_kernel_config", "jupyter_config", "jupyter_server_config", "papermill", "typing_extensions")
NOTED = "from pathlib import Path\nPath({place!r}).write_text('ran', encoding='utf-8')\n"


def strangers(root: Path, *names: str) -> Path:
    """Modules of these names wherever a command or a kernel might look, each of which leaves a note when it is run."""
    notes = root / "notes"
    notes.mkdir(parents=True)
    for place in (".", "notebooks", "params", "data", "outputs"):
        (root / place).mkdir(exist_ok=True)
        for name in names:
            text = NOTED.format(place=str(notes / f"{name} in {place.replace('.', 'the workspace')}"))
            (root / place / f"{name}.py").write_text(text, encoding="utf-8")
    return notes


def txlib(root: Path, *words: str, flags: tuple[str, ...] = (), **places: str) -> subprocess.CompletedProcess[str]:
    """The command, typed in the workspace."""
    return subprocess.run([sys.executable, *flags, "-m", "txlib", *words], cwd=root, capture_output=True, encoding="utf-8",
                          env={**os.environ, "PYTHONPATH": str(ROOT), **places}, timeout=120)


def test_kernels_and_workers_import_packages_and_the_analysts_own_after_them(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    notes = strangers(root, *NAMES)
    (root / "mine.py").write_text("import yaml\nFOUND = yaml.__version__\n", encoding="utf-8")
    (root / "matplotlibrc").write_text("figure.dpi: no number\n", encoding="utf-8")
    write(root, "01_own", CATEGORY, "import mine, yaml, numpy, txlib\nprint(mine.FOUND == yaml.__version__, txlib.__file__)")
    ran = txlib(root, "run", JINING, "--category", "class_2", flags=("-P",))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    page = (root / "outputs" / JINING / "class_2" / "01_own.html").read_text(encoding="utf-8")
    assert "True " in page and str(Path("txlib", "__init__.py")) in page
    assert sorted(path.name for path in notes.iterdir()) == []


@pytest.mark.long
def test_a_run_writes_below_outputs_and_for_jupyterlab_a_signature(tmp_path: Path) -> None:
    """Not in the home folder, nor in the temporary one, nor beside the analyst's own modules."""
    root, home = workspace(tmp_path / "w"), tmp_path / "home"
    (root / "mine.py").write_text("FOUND = 1\n", encoding="utf-8")
    write(root, "01_draws", CATEGORY, "import mine\nfrom txlib.report.kit.drawing import font\nprint(font())")
    places = {"HOME": home, "USERPROFILE": home, "TMPDIR": home / "tmp", "TEMP": home / "tmp", "TMP": home / "tmp",
              "APPDATA": home / "a", "XDG_CACHE_HOME": home / "c", "XDG_CONFIG_HOME": home / "f", "XDG_DATA_HOME": home / "d",
              "XDG_STATE_HOME": home / "s", "XDG_RUNTIME_DIR": home / "r", "JUPYTER_DATA_DIR": home / "jupyter",
              "MPLCONFIGDIR": ""}
    (home / "tmp").mkdir(parents=True)
    before = {*tmp_path.rglob("*")}
    ran = txlib(root, "run", JINING, "--category", "class_2", **{name: str(place) for name, place in places.items()})
    assert ran.returncode == 0, ran.stdout + ran.stderr
    new = {path for path in tmp_path.rglob("*") if path not in before and not path.is_relative_to(root / "outputs")}
    signed = {home / "jupyter", *(home / "jupyter" / name for name in ("notebook_secret", "nbsignatures.db"))}
    assert new == signed
    assert [path.name for path in (root / "outputs" / batch.CACHE / "matplotlib").glob("fontlist*")], "is not made for each run"


def test_the_command_as_a_module_imports_packages_too(tmp_path: Path) -> None:
    """Python itself puts the current folder first there; a txlib.py in it would be what is run."""
    root = workspace(tmp_path)
    notes = strangers(root, *(name for name in NAMES if name != "txlib"))
    checked = txlib(root, "check", JINING)
    assert checked.returncode == 0, checked.stderr
    assert sorted(path.name for path in notes.iterdir()) == []


@pytest.mark.quick
def test_no_place_that_is_any_folder_is_on_the_path_of_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", "here", ""]))
    with environment():
        assert (os.environ["PYTHONPATH"], os.environ["PYTHONSAFEPATH"]) == ("here", "1")


@pytest.mark.quick
@pytest.mark.parametrize("name", ["con", "NUL", "com1.a", "conout$", "01_own.failed", "02_Two"])
def test_a_notebook_whose_reports_would_bear_no_name_of_theirs_is_refused(name: str, tmp_path: Path) -> None:
    """As one that another differs from in case alone."""
    for each in ("01_own", "02_two", "console", name):
        write(tmp_path, each, CATEGORY)
    with pytest.raises(RefusedError) as refused:
        plan.notebooks(tmp_path, (), "en")
    assert any(f"notebook {name}.ipynb" in message for message in refused.value.messages)
    assert len(refused.value.messages) == 1 + (name == "02_Two")
    assert [book.name for book in plan.notebooks(tmp_path, ["console"], "zh")[0]] == ["console"]
