"""The run: what becomes of notebooks that work, fail, hang, die; bytes; faults; Ctrl-C. Real kernels, real files."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pandas as pd
import psutil
import pytest
from bs4 import BeautifulSoup
from nbformat.sign import NotebookNotary
from running import CATEGORY, JINING, KEPT, YEAR, elsewhere, laid_again, spoil, tree, until, without_kernels, workspace, write
from shared import ROOT

from txlib.base.labels import LANGS, say
from txlib.report.page.index import Report
from txlib.run import batch
from txlib.run.cells.executor import environment
from txlib.run.cells.notebook import NotebookJob, own_kernel
from txlib.run.cells.workers import Workers
from txlib.run.kept.outputs import opened

pytestmark = pytest.mark.usefixtures("wrong_kernel")

SURROUNDINGS = """import os, sys, time
from pathlib import Path
assert sys.executable == os.environ["TX_TEST_PYTHON"]
assert (Path.cwd() / "notebooks" / "01_fine.ipynb").exists() and time.tzname[0] == "UTC"
assert os.environ["PYTHONHASHSEED"] == "0" and os.environ["OPENBLAS_NUM_THREADS"] == "1\""""
VARYING = """import warnings
warnings.warn("from a file of this kernel")
print(Path.cwd() / "data", sys.prefix, object(), hash("a"), {"x", "y", "z"})
for word in ("out", "err", "out"):
    print(word, file=getattr(sys, "std" + word), flush=True)"""


# ── one run with everything that can happen ─────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, batch.Run]:
    """Notebooks that are fine, fail, hang and die for one category and work for the other; an older report beside."""
    root = workspace(tmp_path_factory.mktemp("mixed") / "工作 区{1}")
    write(root, "00_year", YEAR, SURROUNDINGS, "print(year)")
    write(root, "01_fine", CATEGORY, SURROUNDINGS, "print(category, lang)")
    write(root, "02_error", CATEGORY, "1", 'if category == "class_1":\n    raise ValueError("number 7\\nmore")')
    write(root, "03_hang", CATEGORY, 'import time\ntime.sleep(60 * (category == "class_1"))')
    write(root, "04_dies", CATEGORY, "1", 'import os\nif category == "class_1":\n    os._exit(0)', "2")
    write(root, "05_published", CATEGORY, "1", txlib={"needs": ["observations", "published"]})
    (root / "data" / JINING / "class_2" / "published.csv").unlink()
    older = root / "outputs" / JINING / "class_1"
    older.mkdir(parents=True)
    for name in ("02_error.html", "02_error.ipynb", "01_fine.failed.ipynb"):
        (older / name).write_text("older", encoding="utf-8")
    (root / "outputs" / JINING / ".run-999999999").mkdir()
    return root, batch.run(root, JINING, lang="en", executor=Workers(2), timeout=4)


def entry(run: batch.Run, notebook: str, category: str | None) -> Report:
    """A report of a run."""
    return next(r for r in run.reports if (r.notebook, r.category) == (notebook, category))


def test_one_failure_is_one_failure(mixed: tuple[Path, batch.Run]) -> None:
    _, run = mixed
    failed = {(r.notebook, r.category) for r in run.reports if r.status == "failed"}
    assert failed == {("02_error", "class_1"), ("03_hang", "class_1"), ("04_dies", "class_1")}
    assert sum(r.status == "done" for r in run.reports) == 7
    assert (run.exit_status, run.blocked, len(run.reports)) == (1, False, 11)


@pytest.mark.parametrize(("notebook", "reason"), [
    ("02_error", "cell [4] failed: ValueError: number 7\n"),
    ("03_hang", "cell [3] did not end within 4 seconds"),
    ("04_dies", "the kernel died in cell [4]"),
])
def test_a_failure_is_named(mixed: tuple[Path, batch.Run], notebook: str, reason: str) -> None:
    assert entry(mixed[1], notebook, "class_1").reason.startswith(reason)


def test_a_table_that_is_missing_is_no_failure(mixed: tuple[Path, batch.Run]) -> None:
    report = entry(mixed[1], "05_published", "class_2")
    assert (report.status, report.reason) == ("not_applicable", "this year has no table published.")
    assert entry(mixed[1], "05_published", "class_1").status == "done"


def test_outputs_appear_whole_or_not_at_all(mixed: tuple[Path, batch.Run]) -> None:
    files = set(tree(mixed[0]))
    one = {f"{JINING}/class_1/{name}.{kind}" for name in ("01_fine", "05_published") for kind in ("html", "ipynb")}
    kept = {f"{JINING}/class_1/{name}.failed.ipynb" for name in ("02_error", "03_hang", "04_dies")}
    two = {f"{JINING}/class_2/{name}.{kind}" for name in ("01_fine", "02_error", "03_hang", "04_dies")
           for kind in ("html", "ipynb")}
    year = {f"{JINING}/{name}" for name in ("year/00_year.html", "year/00_year.ipynb", "index.html", "bundle.html",
                                            "results.xlsx", "manifest.json", "class_1/ranking.csv", "class_2/ranking.csv")}
    cards = {f"{JINING}/{category}/cards/{unit}.html" for category, units in KEPT.items() for unit in units}
    assert files == one | kept | two | year | cards


def test_only_files_of_the_run_lie_in_the_workspace(mixed: tuple[Path, batch.Run]) -> None:
    assert {path.name for path in mixed[0].iterdir()} == {"params", "data", "notebooks", "outputs"}
    assert not list((mixed[0] / "outputs" / JINING).glob(".*"))


def test_the_index_says_what_became_of_each(mixed: tuple[Path, batch.Run]) -> None:
    page = (mixed[0] / "outputs" / JINING / "index.html").read_text(encoding="utf-8")
    assert "ValueError: number 7" in page and "class_1/01_fine.html" in page and "year/00_year.html" in page
    assert "class_1/02_error.html" not in page and "02_error.failed.ipynb" in page


def test_parameters_arrive(mixed: tuple[Path, batch.Run]) -> None:
    notebook = nbformat.read(mixed[0] / "outputs" / JINING / "class_2" / "01_fine.ipynb", as_version=4)
    assert notebook.cells[-1].outputs[0].text == "class_2 en\n"
    assert notebook.metadata.papermill == {"parameters": {"year": JINING, "category": "class_2", "lang": "en"}}


def test_a_failed_notebook_shows_where(mixed: tuple[Path, batch.Run]) -> None:
    notebook = nbformat.read(mixed[0] / "outputs" / JINING / "class_1" / "02_error.failed.ipynb", as_version=4)
    assert any(output.output_type == "error" for cell in notebook.cells for output in cell.get("outputs", ()))


def test_the_ranking_opens_in_excel_and_runs_nothing(mixed: tuple[Path, batch.Run]) -> None:
    raw = (mixed[0] / "outputs" / JINING / "class_1" / "ranking.csv").read_bytes()
    lines = raw.decode("utf-8-sig").split("\n")
    assert raw.startswith(b"\xef\xbb\xbfunit,name,score,rank,tier") and b"\r" not in raw
    assert "nanyuan,南苑街道,96.00,5" in raw.decode("utf-8-sig") and len(lines) == 7


@pytest.mark.quick
def test_heads_are_of_the_language_or_as_asked_and_an_unchanged_report_keeps_none_back(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_kernels(monkeypatch)
    write(workspace(tmp_path), "01_fine", CATEGORY)
    write(tmp_path, "11_data", YEAR, txlib={"needs": ["rulebook"]})
    file, index = (tmp_path / "outputs" / JINING / name for name in ("class_1/ranking.csv", "index.html"))
    first = {lang: say("published.score", lang) for lang in LANGS}
    for lang, columns in (("zh", None), ("zh", "en"), ("en", "zh"), ("en", None)):
        again = batch.run(tmp_path, JINING, lang=lang, columns=columns)
        assert file.read_text(encoding="utf-8-sig").split(",")[2] == first[columns or lang] and again.exit_status == 0
        raw = file.read_bytes()
        assert {report.seconds for report in batch.run(tmp_path, JINING, lang=lang, columns=columns).reports} == {None}
        assert file.read_bytes() == raw
    batch.run(tmp_path, JINING, ["class_2"], lang="en", columns="zh")
    batch.on_the_data(tmp_path, JINING, lang="zh")
    assert say("index.older", "zh") not in index.read_text(encoding="utf-8")


# ── the same input, the same bytes ──────────────────────────────────────────────────────────────────────────────────


BOTH = ["class_1"], ["00_year", "01_fine"]  # the category and the notebooks that are run


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same workspace in two places, a report of the year and one of a category made by one worker, and by two as another
    person runs them."""
    one = workspace(tmp_path_factory.mktemp("a") / "a")
    write(one, "00_year", YEAR, SURROUNDINGS, VARYING)
    write(one, "01_fine", CATEGORY, SURROUNDINGS, VARYING, "from decimal import Decimal\nDecimal")
    two = laid_again(one, tmp_path_factory.mktemp("somewhere") / "somewhere")
    assert batch.run(one, JINING, *BOTH, executor=Workers(1)).exit_status == 0
    told = elsewhere(two, "run", JINING, "--category", "class_1", "--notebook", "00_year", "--notebook", "01_fine", "--jobs", "2")
    assert told.returncode == 0, told.stderr.decode()
    return one, two


def test_same_input_same_bytes(twice: tuple[Path, Path]) -> None:
    one, two = map(tree, twice)
    assert one.keys() == two.keys() and len(one) == 14
    assert [name for name in one if one[name] != two[name]] == []


def test_a_report_bears_the_number_of_its_inputs_and_tells_how_to_make_it_again(twice: tuple[Path, Path]) -> None:
    for category, page in (("class_1", "class_1/01_fine"), ("", "year/00_year")):
        out = twice[0] / "outputs" / JINING / page
        told = json.loads(out.with_suffix(".ipynb").read_text(encoding="utf-8"))["metadata"]["txlib"]
        text = BeautifulSoup(out.with_suffix(".html").read_text(encoding="utf-8"), "html.parser").footer.get_text(" ")
        number = "-".join(filter(None, [JINING, category, told["inputs"][:8]]))
        assert number in text and told["inputs"] in text and f"pandas {pd.__version__}" in text
        assert f"txlib run {JINING}" + (f" --category {category}" if category else "") in text


def test_an_executed_notebook_is_trusted_by_whoever_ran_it_and_a_changed_one_is_not(twice: tuple[Path, Path]) -> None:
    notebook = nbformat.read(twice[0] / "outputs" / JINING / "class_1" / "01_fine.ipynb", as_version=4)
    assert NotebookNotary().check_signature(notebook)
    notebook.cells[-1].source += " "
    assert not NotebookNotary().check_signature(notebook)


def test_what_is_printed_is_told_in_one_order(twice: tuple[Path, Path]) -> None:
    notebook = nbformat.read(twice[0] / "outputs" / JINING / "year" / "00_year.ipynb", as_version=4)
    printed = [(output.name, output.text.splitlines()[-1]) for output in notebook.cells[-1].outputs]
    assert sorted(printed) == [("stderr", "err"), ("stdout", "out")]


@pytest.mark.quick
@pytest.mark.skipif(os.name == "nt", reason="sockets in files are for POSIX")
def test_no_two_kernels_want_the_same_socket() -> None:
    with environment():
        folder = Path(os.environ["JUPYTER_RUNTIME_DIR"])
        sockets = [Path(own_kernel()().ip) for _ in range(2)]
    assert sockets[0] != sockets[1] and {socket.parent for socket in sockets} == {folder}


def test_outputs_name_no_place_on_this_machine(twice: tuple[Path, Path]) -> None:
    files = tree(twice[0])
    with zipfile.ZipFile(io.BytesIO(files.pop(f"{JINING}/results.xlsx"))) as parts:
        files |= {name: parts.read(name) for name in parts.namelist()}
    text = b"".join(files.values()).decode()
    assert str(twice[0]) not in text and sys.prefix not in text and "ipykernel_" not in text
    assert "from a file of this kernel" in text and "at 0x…" in text


def test_what_is_unchanged_is_not_run_again(twice: tuple[Path, Path]) -> None:
    root = twice[0]
    before = tree(root)
    again = batch.run(root, JINING, *BOTH)
    assert [(r.status, r.seconds) for r in again.reports] == [("done", None)] * 2
    assert tree(root) == before
    (root / "outputs" / JINING / "class_1" / "01_fine.html").unlink()
    mended = batch.run(root, JINING, ["class_1"])
    assert [r.seconds is not None for r in mended.reports] == [True]
    assert tree(root) == before
    forced = batch.run(root, JINING, ["class_1"], ["01_fine"], force=True)
    assert [r.seconds is not None for r in forced.reports] == [True]
    assert tree(root) == before


# ── faults block what needs them ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A value of class_1 is no number; the list published for class_2 says otherwise than we compute."""
    without_kernels(monkeypatch)
    root = workspace(tmp_path)
    write(root, "00_year", YEAR, "1")
    write(root, "01_fine", CATEGORY, "1")
    data = root / "data" / JINING
    spoil(data / "class_1" / "observations.csv", "value", "约90")
    spoil(data / "class_2" / "published.csv", "score", "1.00")
    return root


@pytest.mark.quick
def test_a_fault_blocks_its_category_and_the_year(faulty: Path) -> None:
    run = batch.run(faulty, JINING, lang="en")
    assert run.exit_status == 2 and len(run.faults) == 1 and "约90" in run.faults[0]
    assert {(r.notebook, r.category): r.status for r in run.reports} == {
        ("00_year", None): "blocked", ("01_fine", "class_1"): "blocked", ("01_fine", "class_2"): "done"}
    assert {name.split("/")[1] for name in tree(faulty)} == {
        "class_2", "index.html", "bundle.html", "results.xlsx", "manifest.json"}
    assert len(run.remarks) == 1 and run.remarks[0].endswith("is 96.67 as computed, 1 as published.")


def test_a_fault_elsewhere_is_told_and_blocks_nothing(faulty: Path) -> None:
    spoil(faulty / "data" / JINING / "class_2" / "published.csv", "score", "96.67")  # as it was
    blocked = batch.run(faulty, JINING, ["class_1"])
    assert (blocked.exit_status, blocked.index, blocked.reports, tree(faulty)) == (2, None, (), {})
    run = batch.run(faulty, JINING, ["class_2"])
    assert (run.exit_status, len(run.faults), [r.status for r in run.reports]) == (0, 1, ["done"])


# ── workers that die, runs that are stopped ─────────────────────────────────────────────────────────────────────────


def test_a_worker_that_dies_takes_only_its_own_report(tmp_path: Path) -> None:
    (tmp_path / "params").mkdir()
    books = [write(tmp_path, "kills", YEAR, "import os, signal, time\nos.kill(os.getppid(), signal.SIGTERM)\ntime.sleep(9)"),
             write(tmp_path, "fine", YEAR, "1")]
    with opened(tmp_path / "outputs", "en") as out:
        jobs = [NotebookJob(path, (("year", "x"),), tmp_path, tmp_path, "en", "", out.making / path.stem, 60) for path in books]
        outcomes: dict[str, str] = {}
        Workers(1)(jobs, lambda job, outcome: outcomes.update({job.notebook.stem: outcome.reason}))
    assert outcomes == {"kills": "the worker process died (out of memory, or a library crashed).", "fine": ""}


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_leaves_nothing_behind(
        tmp_path: Path, how: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report of the year and one for the first unit are made; at the second unit's the run is stopped."""
    root = workspace(tmp_path)
    write(root, "00_fine", YEAR, "1")
    write(root, "01_hang", CATEGORY + '\nunit: str = ""', "import os, time\nfrom pathlib import Path\n"
          "if Path('first').exists():\n    Path('pids').open('a').write(f'{os.getpid()} {os.getppid()} ')\n    time.sleep(100)\n"
          "Path('first').touch()", txlib={"for_each": "unit"})
    command = [sys.executable, "-m", "txlib.cli", "run", JINING, "--root", str(root), "--jobs", "1", "--lang", "en"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True,
                               env={**os.environ, "PYTHONPATH": str(ROOT)})
    finished, pids = root / "outputs" / JINING / "year" / "00_fine.html", root / "pids"
    until(lambda: finished.exists() and pids.exists() and len(pids.read_text().split()) == 2, process)
    if how == signal.SIGINT:  # a terminal sends Ctrl-C to all processes of the command
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)
    _, errors = process.communicate(timeout=30)
    until(lambda: not any(psutil.pid_exists(int(pid)) for pid in pids.read_text().split()))
    (first,) = root.glob(f"outputs/{JINING}/*/01_hang@*.html")
    assert finished.exists()
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert errors.strip().splitlines() == [
            "Interrupted: the workers are stopped, finished reports stay and are in the index, nothing is half-written."]
        assert {name.split("/")[-1] for name in tree(root)} == {
            "00_fine.html", "00_fine.ipynb", first.name, f"{first.stem}.ipynb", "index.html", "bundle.html", "manifest.json"}
    without_kernels(monkeypatch)
    made = [finished, first]
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in made]
    again = batch.run(root, JINING, lang="en")
    units = [report for report in again.reports if report.several]
    assert {report.status for report in again.reports} == {"done"} and len(units) == sum(map(len, KEPT.values()))
    assert [report.href for report in again.reports if report.seconds is None] == [
        path.relative_to(root / "outputs" / JINING).as_posix() for path in made]
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in made] == before
