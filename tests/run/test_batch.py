"""The run: what becomes of notebooks that work, fail, hang, die; bytes; faults; Ctrl-C. Real kernels, real files."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pandas as pd
import psutil
import pytest
from bs4 import BeautifulSoup
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from running import JINING, KEPT, few, without_kernels
from shared import ROOT

from txlib.report import csvfile
from txlib.rules import book as rulebook
from txlib.run import batch, plan, workers
from txlib.run.notebook import Job, own_kernel

YEAR = 'year: str = "2017-jining"  # 考核年度'
CATEGORY = YEAR + '\ncategory: str = "class_1"\nlang: str = "zh"'
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


def write(root: Path, name: str, parameters: str | None, *cells: str, **metadata: object) -> Path:
    """A notebook of the workspace."""
    tagged = [] if parameters is None else [new_code_cell(parameters, metadata={"tags": ["parameters"]})]
    notebook = new_notebook(cells=[new_markdown_cell(f"# {name}"), *tagged, *map(new_code_cell, cells)], metadata=metadata)
    path = root / "notebooks" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


def workspace(root: Path) -> Path:
    """A workspace with a few units of the edition 2017-jining, and no notebook yet."""
    return few(ROOT, root)


def tree(root: Path) -> dict[str, bytes]:
    """Every file below the outputs, hidden ones too."""
    out = root / "outputs"
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module", autouse=True)
def wrong_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An installed kernelspec `python3` that leads nowhere: the run must not ask it."""
    folder = tmp_path_factory.mktemp("jupyter")
    spec = folder / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": ["no-such-python"], "display_name": "x", "language": "python"}), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder))
        patch.setenv("TX_TEST_PYTHON", sys.executable)
        patch.setenv("TZ", "Asia/Shanghai")
        yield


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
    return root, batch.run(root, JINING, lang="en", jobs=2, timeout=4)


def entry(run: batch.Run, notebook: str, category: str | None) -> batch.index.Report:
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
                                            "results.xlsx", "class_1/ranking.csv", "class_2/ranking.csv")}
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
@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "＝1"])
def test_no_cell_is_a_formula(text: str) -> None:
    table = pd.DataFrame({"name": [text], "unit": ["a"], "score": [-0.5], "rank": [1.5], "tier": [""], "total": [1 / 3]})
    assert csvfile.as_csv(table, 2).decode("utf-8-sig") == \
        f"unit,name,score,rank,tier,total\na,'{text},-0.50,1.5,,{1 / 3!r}\n"


# ── the same input, the same bytes ──────────────────────────────────────────────────────────────────────────────────


BOTH = ["class_1"], ["00_year", "01_fine"]  # the category and the notebooks that are run


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same workspace in two places, a report of the year and one of a category made by one worker and by two."""
    roots = [workspace(tmp_path_factory.mktemp(name) / name) for name in ("a", "somewhere")]
    write(roots[0], "00_year", YEAR, SURROUNDINGS, VARYING)
    write(roots[0], "01_fine", CATEGORY, SURROUNDINGS, VARYING, "from decimal import Decimal\nDecimal")
    shutil.copytree(roots[0] / "notebooks", roots[1] / "notebooks")
    for root, jobs in zip(roots, (1, 2), strict=True):
        assert batch.run(root, JINING, *BOTH, jobs=jobs).exit_status == 0
    return roots[0], roots[1]


def test_same_input_same_bytes(twice: tuple[Path, Path]) -> None:
    one, two = map(tree, twice)
    assert one.keys() == two.keys() and len(one) == 13
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
    with workers.environment():
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


def test_everything_that_matters_is_in_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = workspace(tmp_path / "w")
    path = write(root, "01_fine", CATEGORY, "1")
    package = tmp_path / "txlib"
    shutil.copytree(plan.PACKAGE, package)
    monkeypatch.setattr(plan, "PACKAGE", package)
    values, book = (("year", JINING),), rulebook.load_rulebook(JINING, root)

    def digest(**changed: object) -> str:
        notebook = plan.read(path, "zh")[0]
        assert notebook is not None
        told = {"parameters": values, "lang": "zh"} | changed
        return plan.inputs(plan.fingerprints(book)[None], notebook, **told)  # type: ignore[arg-type]

    def append(file: Path) -> Callable[[], None]:
        return lambda: file.write_bytes(file.read_bytes() + b"\n") and None

    seen = [digest(), digest(lang="en"), digest(parameters=(("year", "2020"),))]
    assert digest() == seen[0]
    changes = [append(file) for file in (
        path, root / "params" / JINING / "clauses.yaml", root / "params" / JINING / "trees" / "class_2.yaml",
        root / "data" / JINING / "class_1" / "observations.csv", package / "scoring" / "result.py",
        package / "report" / "page" / "template" / "report.html", package / "labels" / "report" / "report.yaml")]
    changes.append(lambda: (root / "data" / JINING / "new.csv").write_text("a", encoding="utf-8") and None)
    changes.append(lambda: monkeypatch.setattr(plan, "versions", lambda: {"pandas": "0"}))
    for change in changes:
        change()
        seen.append(digest())
    assert len(set(seen)) == len(seen)
    (root / "data" / JINING / "~$new.csv").write_text("a", encoding="utf-8")
    assert digest() == seen[-1]


@pytest.mark.quick
@pytest.mark.parametrize(("file", "concerned"), [
    ("params/2017-jining/rulebook.yaml", {None, "class_1", "class_2"}),
    ("params/2017-jining/class_2.yaml", {None, "class_2"}),
    ("params/2017-jining/trees/class_2.yaml", {None, "class_2"}),
    ("data/2017-jining/units.csv", {None, "class_1", "class_2"}),
    ("data/2017-jining/some.xlsx", {None, "class_1", "class_2"}),
    ("data/2017-jining/class_1/published.csv", {None, "class_1"}),
    ("data/2017-jining/class_10/published.csv", {None, "class_1", "class_2"}),
    ("params/2016/trees/class_2.yaml", {None, "class_1", "class_2"}),
    ("data/2016/class_2/observations.csv", {None, "class_1", "class_2"}),
    ("data/2015/class_2/observations.csv", set()),
])
def test_a_report_rests_on_what_its_category_can_see(tmp_path: Path, file: str, concerned: set[str | None]) -> None:
    root = workspace(tmp_path)
    rules = root / "params" / JINING / "rulebook.yaml"
    rules.write_text(rules.read_text(encoding="utf-8") + 'last_year: "2016"\n', encoding="utf-8")
    for year in ("2015", "2016"):
        for kind in ("params", "data"):
            shutil.copytree(root / kind / JINING, root / kind / year)
    book, path = rulebook.load_rulebook(JINING, root), root / file
    before = plan.fingerprints(book)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(path.read_bytes() + b"\n" if path.exists() else b"new")
    after = plan.fingerprints(book)
    assert before.keys() == after.keys() == {None, "class_1", "class_2"}
    assert {category for category in after if after[category] != before[category]} == concerned


@pytest.mark.quick
def test_a_table_is_there_in_whatever_file_it_was_handed_in(tmp_path: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    root = workspace(tmp_path)

    def lacking() -> list[str]:
        return plan.missing(rulebook.read(JINING, root)[0], ["class_1"], ("observations", "published", "superior"))

    published = root / "data" / JINING / "class_1" / "published.csv"
    rows = [line.split(",") for line in published.read_text(encoding="utf-8-sig").splitlines()]
    assert lacking() == ["superior"]
    published.unlink()
    assert lacking() == ["published", "superior"]
    for name, sheet, table in (("class_1/a.xlsx", "published", rows),
                               ("b.xlsx", "superior", [["superior", "name", "set_by", "period", "place", "peers"]])):
        with xlsxwriter.Workbook(root / "data" / JINING / name) as workbook:
            page = workbook.add_worksheet(sheet)
            for number, row in enumerate(table):
                page.write_row(number, 0, row)
    assert lacking() == []


@pytest.mark.quick
def test_versions_reach_what_the_packages_need() -> None:
    assert {"numpy", "nbclient", "pyzmq", "jinja2", "papermill"} <= plan.versions().keys()


# ── what a run refuses ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.quick
@pytest.mark.parametrize(("parameters", "metadata", "said"), [
    ('yeer: str = "2020"', {}, "has no parameter year; its cell of parameters has: yeer"),
    (YEAR + '\ncategroy = "class_1"', {}, "has no parameter category"),
    (None, {}, "no code cell is tagged `parameters`"),
    ("year: str = ", {}, "syntax error"),
    (YEAR, {"needs": ["observatoins"]}, "observatoins in its metadata txlib.needs is no known table"),
])
def test_a_notebook_that_cannot_be_told_the_year_is_refused(
        tmp_path: Path, parameters: str | None, metadata: dict[str, object], said: str) -> None:
    root = workspace(tmp_path)
    write(root, "00_fine", YEAR, "1")
    write(root, "01_wrong", parameters, "1", txlib=metadata)
    with pytest.raises(plan.RefusedError) as refused:
        batch.run(root, JINING, lang="en")
    assert len(refused.value.messages) == 1
    assert said in refused.value.messages[0] and "01_wrong.ipynb" in refused.value.messages[0]
    assert not (root / "outputs").exists()


def test_a_notebook_opened_by_hand_makes_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_kernels(monkeypatch)
    root = workspace(tmp_path)
    write(root, "00_year", YEAR, "1")
    write(root, "09_hand", YEAR, "1 / 0", txlib={"by_hand": True})
    run = batch.run(root, JINING, lang="en")
    assert [(report.notebook, report.status) for report in run.reports] == [("00_year", "done")]
    assert "09_hand" not in (root / "outputs" / JINING / "index.html").read_text(encoding="utf-8")
    assert not list(root.glob("outputs/**/09_hand*"))
    with pytest.raises(plan.RefusedError) as refused:
        batch.run(root, JINING, notebooks=["09_hand"], lang="en")
    assert refused.value.messages == ("The notebook 09_hand is opened by hand and makes no report. Open it in JupyterLab; "
                                      "reports are made of: 00_year.",)
    (root / "notebooks" / "00_year.ipynb").unlink()
    with pytest.raises(plan.RefusedError, match="holds no notebook"):
        batch.run(root, JINING, lang="en")


@pytest.mark.quick
def test_parameters_are_those_that_papermill_sees() -> None:
    from papermill import inspect_notebook

    books = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert books
    for path in books:
        notebook, faults = plan.read(path, "zh")
        assert notebook is not None and faults == []
        assert notebook.parameters == set(inspect_notebook(path))


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


def spoil(path: Path, column: str, text: str) -> None:
    """Replace a cell of the first row."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    cells = lines[1].split(",")
    cells[lines[0].split(",").index(column)] = text
    path.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n", encoding="utf-8")


@pytest.mark.quick
def test_a_fault_blocks_its_category_and_the_year(faulty: Path) -> None:
    run = batch.run(faulty, JINING, lang="en")
    assert run.exit_status == 2 and len(run.faults) == 1 and "约90" in run.faults[0]
    assert {(r.notebook, r.category): r.status for r in run.reports} == {
        ("00_year", None): "blocked", ("01_fine", "class_1"): "blocked", ("01_fine", "class_2"): "done"}
    assert {name.split("/")[1] for name in tree(faulty)} == {"class_2", "index.html", "bundle.html", "results.xlsx"}
    assert len(run.remarks) == 1 and run.remarks[0].endswith("is 96.67 as computed, 1 as published.")


def test_a_fault_elsewhere_is_told_and_blocks_nothing(faulty: Path) -> None:
    spoil(faulty / "data" / JINING / "class_2" / "published.csv", "score", "96.67")  # as it was
    blocked = batch.run(faulty, JINING, ["class_1"])
    assert (blocked.exit_status, blocked.index, blocked.reports, tree(faulty)) == (2, None, (), {})
    run = batch.run(faulty, JINING, ["class_2"])
    assert (run.exit_status, len(run.faults), [r.status for r in run.reports]) == (0, 1, ["done"])


# ── the index knows what is there ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose outputs are complete and in Chinese."""
    root = workspace(tmp_path_factory.mktemp("finished"))
    write(root, "00_year", YEAR, "1")
    write(root, "01_fine", CATEGORY, "1")
    with pytest.MonkeyPatch.context() as patch:
        without_kernels(patch)
        assert batch.run(root, JINING).exit_status == 0
    return root


@pytest.fixture
def again(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, to be changed and run again."""
    without_kernels(monkeypatch)
    return Path(shutil.copytree(finished, tmp_path / "again"))


Listed = dict[tuple[str, str], tuple[str, str, str]]


def listed(root: Path) -> Listed:
    """What the index says: by heading and title the status, the words below it, the link; key figures by their label."""
    page = BeautifulSoup((root / "outputs" / JINING / "index.html").read_text(encoding="utf-8"), "html.parser")
    said: Listed = {}
    for card in page.select("section.tx-card"):
        heading = card.h2.text
        for label, value in zip(card.select("dt"), card.select("dd"), strict=True):
            said[heading, label.text] = ("", value.text, "")
        for item in card.select("li.tx-report"):
            title, link = item.select_one("a, b"), item.a["href"] if item.a else ""
            words = " ".join(item.text.split()).removeprefix(item.span.text).replace(title.text, "", 1).strip()
            said[heading, title.text] = (item.span.text, words, link)
    for label, value in zip(page.select(".tx-keys dt"), page.select(".tx-keys dd"), strict=True):
        said["", label.text] = ("", value.text, "")
    return said


def change(root: Path, category: str = "class_1", value: str = "80") -> None:
    """Another value in the first row of a category's observations, and no published list that it contradicts."""
    spoil(root / "data" / JINING / category / "observations.csv", "value", value)
    (root / "data" / JINING / category / "published.csv").unlink(missing_ok=True)


CHANGED = "Rules, data, notebook or program have changed since this report was made; run again."
FROM_BEFORE = "The link leads to an earlier report, from before the following."
OLDER = "not what rules and data give now: from an earlier run"


def names(root: Path) -> tuple[str, str]:
    """The English names of the two categories."""
    book = rulebook.load_rulebook(JINING, root)
    return book.categories["class_1"].name.en, book.categories["class_2"].name.en


def test_what_a_run_was_not_asked_for_stays_in_the_index(again: Path) -> None:
    change(again)
    assert batch.run(again, JINING, ["class_1"], lang="en").exit_status == 0
    (one, two), said = names(again), listed(again)
    assert said[one, "01_fine"] == ("Done", "", "class_1/01_fine.html")
    assert said[two, "01_fine"] == ("Done", "This report is in Chinese.", "class_2/01_fine.html")
    assert said["The whole year", "00_year"] == ("Out of date", CHANGED, "year/00_year.html")
    assert said["", "Categories"][1] == "2"
    run = batch.run(again, JINING)
    assert {(r.notebook, r.category): r.seconds is not None for r in run.reports} == {
        ("00_year", None): True, ("01_fine", "class_1"): True, ("01_fine", "class_2"): False}
    assert {words for status, words, _ in listed(again).values() if status} == {""}


def test_a_ranking_that_is_older_than_the_data_is_named(again: Path) -> None:
    change(again)
    change(again, "class_2")
    before = tree(again)
    assert batch.run(again, JINING, ["class_2"], lang="en").exit_status == 0
    (one, two), said, after = names(again), listed(again), tree(again)
    assert said[one, "ranking.csv"] == ("", OLDER, "") and (two, "ranking.csv") not in said
    assert said[one, "01_fine"][:2] == ("Out of date", CHANGED)
    assert after[f"{JINING}/class_1/ranking.csv"] == before[f"{JINING}/class_1/ranking.csv"]
    assert after[f"{JINING}/class_2/ranking.csv"] != before[f"{JINING}/class_2/ranking.csv"]


@pytest.mark.quick
def test_what_has_not_been_run_is_named(again: Path) -> None:
    shutil.rmtree(again / "outputs" / JINING / "class_2")
    (again / "outputs" / JINING / "class_1" / "02_gone.html").write_text("older", encoding="utf-8")
    (again / "outputs" / JINING / "year" / "00_year.html").unlink()
    (again / "outputs" / JINING / "year" / "00_year.failed.ipynb").write_text("{}", encoding="utf-8")
    batch.run(again, JINING, ["class_1"], lang="zh")
    said = {key[1]: value for key, value in listed(again).items() if value[0]}
    assert [value for key, value in listed(again).items() if key[1] == "01_fine"] == [
        ("已完成", "", "class_1/01_fine.html"), ("尚未运行", "", "")]
    assert said["02_gone"] == ("已过时", "生成这份报告的笔记本已不存在或无法使用。", "class_1/02_gone.html")
    assert said["00_year"] == ("未成功", "先前的运行出错，出错的笔记本留作 00_year.failed.ipynb。", "")


@pytest.mark.parametrize("file", ["params/2017-jining/trees/class_2.yaml", "data/2017-jining/class_2/observations.csv"])
def test_a_category_with_faults_is_still_one_of_the_year(again: Path, file: str) -> None:
    one, two = names(again)
    two = "class_2" if "trees" in file else two
    (again / file).write_text("x: 1\n", encoding="utf-8")
    assert batch.run(again, JINING, ["class_1"], lang="en").exit_status == 0
    said = listed(again)
    assert said["", "Categories"][1] == "2" and said[one, "01_fine"][0] == "Done"
    status, words, link = said[two, "01_fine"]
    assert (status, link) == ("Blocked by faults", "class_2/01_fine.html")
    assert words.startswith(FROM_BEFORE) and file in words
    assert said[two, "ranking.csv"][1] == OLDER
    whole = said["The whole year", "00_year"]
    assert whole[0] == "Blocked by faults" and file not in whole[1], "the faults stand once, at their category"
    assert re.search(rf"{two} has (1 fault|[2-9]\d* faults) in its rules or data: see there\.", whole[1])
    assert said[two, "Units"][1] == "3", "what units.csv says is known all the same"


def test_one_fault_is_no_faults(again: Path) -> None:
    change(again, value="约90")
    for lang, told in (("en", "1 fault."), ("zh", "共 1 处错误。")):
        command = [sys.executable, "-m", "txlib.cli", "check", JINING, "--root", str(again), "--lang", lang]
        run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False,
                             env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"})
        assert run.returncode == 2 and run.stderr.splitlines()[-1] == told


@pytest.mark.quick
def test_a_blocked_run_says_in_the_index_what_is_from_before(again: Path) -> None:
    change(again, value="约90")
    before = tree(again)
    run = batch.run(again, JINING, ["class_1"], lang="en")
    assert (run.exit_status, [r.status for r in run.reports]) == (2, ["blocked"])
    one, two = names(again)
    said, after = listed(again), tree(again)
    assert said[one, "01_fine"][0] == "Blocked by faults" and said[one, "01_fine"][1].startswith(FROM_BEFORE)
    assert said[one, "ranking.csv"][1] == OLDER and said[two, "01_fine"][0] == "Done"
    assert [name for name in after if after[name] != before.get(name)] == [f"{JINING}/bundle.html", f"{JINING}/index.html"]
    assert after.keys() == before.keys()


@pytest.mark.quick
@pytest.mark.parametrize("file", ["params/2017-jining/rulebook.yaml", "data/2017-jining/units.csv"])
def test_a_year_that_is_blocked_is_left_alone(again: Path, file: str) -> None:
    before = tree(again)
    (again / file).write_text("x: 1\n", encoding="utf-8")
    assert batch.run(again, JINING).exit_status == 2
    assert tree(again) == before


# ── a ranking that cannot be computed ───────────────────────────────────────────────────────────────────────────────


def test_a_ranking_that_cannot_be_computed_is_one_failed_category(again: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assess = batch.assess

    def breaks(book: rulebook.RuleBook, data: object, category: str) -> object:
        if category == "class_1":
            raise ZeroDivisionError("Fraction(1, 0)\x1b[2J")
        return assess(book, data, category)  # type: ignore[arg-type]

    monkeypatch.setattr(batch, "assess", breaks)
    run = batch.run(again, JINING, lang="en")
    one, two = names(again)
    assert (run.exit_status, run.blocked) == (1, False)
    assert run.remarks == (f"{one}: the ranking could not be computed: ZeroDivisionError: Fraction(1, 0)·[2J. "
                           "A fault of the program: please report it.",)
    assert f"{JINING}/class_1/ranking.csv" not in tree(again) and f"{JINING}/class_2/ranking.csv" in tree(again)
    assert "ZeroDivisionError" in listed(again)[one, "ranking.csv"][1] and (two, "ranking.csv") not in listed(again)


@pytest.mark.quick
def test_no_empty_folder_is_left(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), workers.scratch(tmp_path / "outputs" / "2020") as folder:
        (folder / "x").write_text("x", encoding="utf-8")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


# ── workers that die, runs that are stopped ─────────────────────────────────────────────────────────────────────────


def test_a_worker_that_dies_takes_only_its_own_report(tmp_path: Path) -> None:
    (tmp_path / "params").mkdir()
    books = [write(tmp_path, "kills", YEAR, "import os, signal, time\nos.kill(os.getppid(), signal.SIGTERM)\ntime.sleep(9)"),
             write(tmp_path, "fine", YEAR, "1")]
    with workers.scratch(tmp_path / "outputs") as folder:
        jobs = [Job(path, (("year", "x"),), tmp_path, "en", "", folder / path.stem, 60) for path in books]
        outcomes: dict[str, str] = {}
        workers.work(jobs, 1, lambda job, outcome: outcomes.update({job.notebook.stem: outcome.reason}))
    assert outcomes == {"kills": "the worker process died (out of memory, or a library crashed).", "fine": ""}


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_leaves_nothing_behind(tmp_path: Path, how: signal.Signals) -> None:
    root = workspace(tmp_path)
    write(root, "00_fine", YEAR, "1")
    write(root, "01_hang", CATEGORY, "import os, time\nfrom pathlib import Path\n"
                                     "Path('pids').open('a').write(f'{os.getpid()} {os.getppid()} ')\ntime.sleep(100)")
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
    assert finished.exists()
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert errors.strip().splitlines() == [
            "Interrupted: the workers are stopped, finished reports stay and are in the index, nothing is half-written."]
        assert {name.split("/")[-1] for name in tree(root)} == {"00_fine.html", "00_fine.ipynb", "index.html", "bundle.html"}


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_no_ranking_is_newer_than_its_reports_when_a_run_is_stopped(again: Path) -> None:
    """class_1 is changed, its report hangs; what is there of it, report and ranking, stays and is named as older."""
    write(again, "02_later", CATEGORY, "import time\nfrom pathlib import Path\nif category == 'class_1':\n"
                                       "    Path('begun').write_text('1')\n    time.sleep(100)")
    change(again)
    before = tree(again)
    process = subprocess.Popen([sys.executable, "-m", "txlib.cli", "run", JINING, "--root", str(again), "--jobs", "1",
                                "--lang", "en", "--notebook", "02_later"], env={**os.environ, "PYTHONPATH": str(ROOT)})
    until((again / "begun").exists, process)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    (one, two), said, after = names(again), listed(again), tree(again)
    assert [name for name in after if after[name] != before.get(name)] == [f"{JINING}/bundle.html", f"{JINING}/index.html"]
    assert said[one, "ranking.csv"][1] == OLDER and (two, "ranking.csv") not in said
    assert said[one, "01_fine"][:2] == ("Out of date", CHANGED) and said[one, "02_later"][0] == "Not yet run"
    assert said["The whole year", "00_year"][:2] == ("Out of date", CHANGED)
    assert said[two, "01_fine"][0] == "Done" and said[two, "02_later"][0] == "Not yet run"


def until(true: Callable[[], bool], process: subprocess.Popen[str] | None = None, seconds: float = 60) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end and (process is None or process.poll() is None)
        time.sleep(0.05)
