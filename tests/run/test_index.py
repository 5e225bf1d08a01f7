"""The index of a year's outputs knows what is there: done, out of date, blocked, not yet run; with a link to each."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from running import CATEGORY, JINING, YEAR, spoil, tree, until, without_kernels, workspace, write
from shared import ROOT

from txlib.rules.book import RuleBook, load_rulebook
from txlib.run import batch, pages, rankings
from txlib.run.pages import heading

WRITTEN_LAST = ["bundle.html", "index.html", "manifest.json"]
pytestmark = pytest.mark.usefixtures("wrong_kernel")


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
    book = load_rulebook(JINING, root)
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
    assert [name for name in after if after[name] != before.get(name)] == [f"{JINING}/{name}" for name in WRITTEN_LAST]
    assert after.keys() == before.keys()


@pytest.mark.quick
@pytest.mark.parametrize("file", ["params/2017-jining/rulebook.yaml", "data/2017-jining/units.csv"])
def test_a_year_that_is_blocked_is_left_alone(again: Path, file: str) -> None:
    before = tree(again)
    (again / file).write_text("x: 1\n", encoding="utf-8")
    assert batch.run(again, JINING).exit_status == 2
    assert tree(again) == before


def test_a_ranking_that_cannot_be_computed_is_one_failed_category(again: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assess = rankings.assess

    def breaks(book: RuleBook, data: object, category: str) -> object:
        if category == "class_1":
            raise ZeroDivisionError("Fraction(1, 0)\x1b[2J")
        return assess(book, data, category)  # type: ignore[arg-type]

    monkeypatch.setattr(rankings, "assess", breaks)
    run = batch.run(again, JINING, lang="en")
    one, two = names(again)
    assert (run.exit_status, run.blocked) == (1, False)
    assert run.remarks == (f"{one}: the ranking could not be computed: ZeroDivisionError: Fraction(1, 0)·[2J. "
                           "A fault of the program: please report it.",)
    assert f"{JINING}/class_1/ranking.csv" not in tree(again) and f"{JINING}/class_2/ranking.csv" in tree(again)
    assert "ZeroDivisionError" in listed(again)[one, "ranking.csv"][1] and (two, "ranking.csv") not in listed(again)


def breaks(*_: object, **__: object) -> object:
    raise ZeroDivisionError("x")


def test_a_heading_or_a_bundle_that_cannot_be_made_costs_the_index_nothing_else(
        again: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "heading", lambda this, code, books: breaks() if code == "class_1" else heading(this, code, books))
    monkeypatch.setattr(pages.one_file, "render_bundle", breaks)
    run, (one, two), told = batch.run(again, JINING, lang="en"), names(again), "could not be made: ZeroDivisionError: x."
    assert [remark.split("  ")[0].partition(told)[0].strip() for remark in run.remarks] == ["index.html (class_1)", "bundle.html"]
    assert all(told in remark for remark in run.remarks) and run.exit_status == 1 and run.index is not None
    said = listed(again)
    assert said[one, "01_fine"][0] == said[two, "01_fine"][0] == "Done" and (two, "Units") in said and (one, "Units") not in said
    assert f"{JINING}/bundle.html" not in tree(again)


def test_a_workbook_that_cannot_be_made_is_gone_and_its_error_told_though_it_cannot_be_deleted(
        again: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workbook = again / "outputs" / JINING / "results.xlsx"
    before = workbook.read_bytes()
    monkeypatch.setattr(rankings, "workbook", breaks)
    run = batch.run(again, JINING, lang="en")
    assert not workbook.exists() and run.results is None and ["ZeroDivisionError" in each for each in run.remarks] == [True]
    workbook.write_bytes(before)
    unlink = Path.unlink
    monkeypatch.setattr(Path, "unlink", lambda path, missing_ok=False: locked() if path == workbook else unlink(path, missing_ok))
    run = batch.run(again, JINING, lang="en")
    assert ["ZeroDivisionError: x" in run.remarks[0], "results.xlsx cannot be written" in run.remarks[1]] == [True, True]


def locked() -> None:
    raise PermissionError(13, "in use", "results.xlsx")


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
    assert [name for name in after if after[name] != before.get(name)] == [f"{JINING}/{name}" for name in WRITTEN_LAST]
    assert said[one, "ranking.csv"][1] == OLDER and (two, "ranking.csv") not in said
    assert said[one, "01_fine"][:2] == ("Out of date", CHANGED) and said[one, "02_later"][0] == "Not yet run"
    assert said["The whole year", "00_year"][:2] == ("Out of date", CHANGED)
    assert said[two, "01_fine"][0] == "Done" and said[two, "02_later"][0] == "Not yet run"
