"""What is made whatever is wrong with the data: the page on them and the reminders, by `run` and by `check --pages`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
import written
from bs4 import BeautifulSoup
from in_process import cells_here
from running import JINING, few, spoil, tree, typed, without_kernels, write
from shared import ROOT

from txlib.intake import submitted
from txlib.report import reminder
from txlib.report.kit.words import Words
from txlib.rules.book import read
from txlib.run import batch
from txlib.run.cells.executor import here

GIVEN = {"method": "given", "out_of": "100"}
CASE: dict[str, Any] = {
    "rules": {"due": {"day": "2021-01-15"}},
    "indicators": [{"code": "A", "weight": "50", "lead": "a", "scored_by": GIVEN},
                   {"code": "B", "weight": "50", "lead": "b", "scored_by": GIVEN}],
    "units": ["a", "b"], "tables": {"observations": "unit,indicator,value\na,A,90\nb,A,80\na,B,70"}}
PAGE, SHEET = "2020/year/11_data.html", "2020/reminders/b.html"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A workspace in which b owes a value, with the page on the data as its only notebook and one of its category."""
    root = written.workspace(tmp_path, CASE)
    (root / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / "11_data.ipynb", root / "notebooks")
    write(root, "01_fine", 'year: str = "2020"\ncategory: str = "c"', "1")
    return root


def complete(root: Path) -> None:
    """What was missing comes in."""
    table = root / "data" / "2020" / "c" / "observations.csv"
    table.write_text(table.read_text("utf-8") + "b,B,60,2020\n", encoding="utf-8")


def kept(root: Path) -> set[str]:
    return {name for name in tree(root) if not name.endswith((".ipynb", "manifest.json"))}


def check(root: Path, *words: str) -> tuple[int, str, str]:
    told = typed("check", "2020", "--root", root, "--lang", "en", *words)
    return told.exit_code, told.stdout, told.stderr


def test_check_makes_the_pages_when_asked_and_nothing_else(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its exit status is what it would be without them."""
    cells_here(monkeypatch)
    plain = check(own)
    assert plain[0] == 2 and tree(own) == {}
    status, said, faults = check(own, "--pages")
    assert (status, faults) == (2, plain[2]) and kept(own) == {PAGE, SHEET}
    assert "11_data.html" in said and "1 reminder: " in said
    page = BeautifulSoup((own / "outputs" / PAGE).read_bytes(), "html.parser")
    assert [link["href"] for link in page.select("#handed_in a")] == ["../reminders/b.html"]
    assert (own / "outputs" / "2020" / "year" / "../reminders/b.html").is_file()
    again = (own / "outputs" / SHEET).stat().st_mtime_ns
    check(own, "--pages")
    assert (own / "outputs" / SHEET).stat().st_mtime_ns == again


@pytest.mark.parametrize(("cell", "said"), [("约60", True), ("6万", True), ("60分", True), ("", False)])
def test_a_figure_that_cannot_be_read_is_said_to_be_there(cell: str, said: bool, own: Path) -> None:
    """What is not there yet is only missing."""
    table = own / "data" / "2020" / "c" / "observations.csv"
    table.write_text(table.read_text("utf-8") + f"b,B,{cell},2020\n", encoding="utf-8")
    there = submitted.read(read("2020", own)[0] or pytest.fail())
    words = Words(there.book, there.data, "zh")
    told = str(reminder.owed(there, there.owed[there.owed["lead"] == "b"], words).blocks)
    assert "单位" in told and ("读不出" in told) == said and there.unread == ({("c", "B", "b")} if said else set())


def test_a_reminder_goes_when_nothing_is_owed(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_kernels(monkeypatch)
    assert check(own, "--pages")[0] == 2 and SHEET in kept(own)
    complete(own)
    status, said, _ = check(own, "--pages")
    assert status == 0 and kept(own) == {PAGE} and "1 reminder" not in said
    assert not (own / "outputs" / "2020" / "reminders").exists()


def test_a_run_makes_them_although_all_else_is_blocked(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_kernels(monkeypatch)
    run = batch.run(own, "2020", lang="en")
    assert (run.exit_status, [(report.notebook, report.status) for report in run.reports]) == (
        2, [("11_data", "done"), ("01_fine", "blocked")])
    assert kept(own) == {PAGE, SHEET, "2020/index.html", "2020/bundle.html"}
    index = BeautifulSoup((own / "outputs" / "2020" / "index.html").read_bytes(), "html.parser")
    assert [(link.text, link["href"]) for link in index.select(".tx-unit a")] == [("Unit b", "reminders/b.html")]
    assert "reminders/b.html" in (own / "outputs" / "2020" / "bundle.html").read_text("utf-8")
    complete(own)
    run = batch.run(own, "2020", lang="en")
    assert run.exit_status == 0 and SHEET not in kept(own)
    assert "Reminders" not in (own / "outputs" / "2020" / "index.html").read_text("utf-8")


def test_a_check_keeps_an_index_that_is_there_true(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No link of it leads nowhere; and what else a run has made stays as it was."""
    without_kernels(monkeypatch)
    batch.run(own, "2020")
    complete(own)
    check(own, "--pages")
    index = BeautifulSoup((own / "outputs" / "2020" / "index.html").read_bytes(), "html.parser")
    assert not [link["href"] for link in index.select("a") if not (own / "outputs" / "2020" / str(link["href"])).is_file()]
    assert not any("cards/" in name or "01_fine" in name for name in tree(own))


@pytest.mark.parametrize("gone", ["folder", "units", "tree", "observations"])
def test_the_page_is_made_whatever_is_missing(gone: str, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the rules of the year can be read; the run ends with 2, and the page's cells have all run."""
    cells_here(monkeypatch)
    data, rules = own / "data" / "2020", own / "params" / "2020" / "trees" / "c.yaml"
    if gone == "folder":
        data.rename(own / "elsewhere")
    elif gone == "units":
        (data / "units.csv").unlink()
    elif gone == "tree":
        rules.write_text(rules.read_text("utf-8").replace("indicators:", "indicator:"), encoding="utf-8")
    else:
        (data / "c" / "observations.csv").unlink()
    for lang in ("zh", "en"):
        run = batch.run(own, "2020", lang=lang, executor=here)
        assert run.exit_status == 2 and run.faults
        assert {(report.notebook, report.status) for report in run.reports} == {("11_data", "done"), ("01_fine", "blocked")}
    owed = {"2020/reminders/a.html", SHEET} if gone == "observations" else set()
    assert kept(own) == {PAGE, "2020/index.html", "2020/bundle.html"} | owed
    assert check(own, "--pages")[0] == 2


def test_nothing_is_made_where_the_rules_of_the_year_cannot_be_read(own: Path) -> None:
    rules = own / "params" / "2020" / "rulebook.yaml"
    rules.write_text(rules.read_text("utf-8").replace("office:", "offices:"), encoding="utf-8")
    assert check(own, "--pages")[0] == 2 and batch.run(own, "2020").exit_status == 2 and tree(own) == {}


def test_a_workspace_without_such_a_notebook_is_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No reminders, nothing written where all is blocked, and `check --pages` says why there is no page."""
    without_kernels(monkeypatch)
    root = few(ROOT, tmp_path)
    write(root, "01_fine", 'year: str = "2017-jining"\ncategory: str = "class_1"', "1")
    (root / "data" / JINING / "units.csv").unlink()
    assert batch.run(root, JINING).exit_status == 2 and tree(root) == {}
    told = typed("check", JINING, "--root", root, "--pages", "--lang", "en")
    assert told.exit_code == 2 and "needs the rulebook alone" in told.stderr and tree(root) == {}


def test_a_category_run_by_itself_reminds_nobody(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_kernels(monkeypatch)
    batch.run(own, "2020", ["c"])
    assert tree(own) == {}


def test_a_sheet_that_cannot_be_written_leaves_the_earlier_ones(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_kernels(monkeypatch)
    check(own, "--pages")
    before = (own / "outputs" / SHEET).read_bytes()
    spoil(own / "data" / "2020" / "c" / "observations.csv", "value", "约")
    with monkeypatch.context() as hindrance:
        def full(path: Path, target: Path) -> Path:
            if target.name == "reminders" and path.parent.name.startswith(".run-"):
                raise OSError(28, "No space left on device", str(target))
            return rename(path, target)
        rename = Path.rename
        hindrance.setattr(Path, "rename", full)
        status, _, said = check(own, "--pages")
    assert status == 2 and "the disk is full" in said
    assert (own / "outputs" / SHEET).read_bytes() == before and not (own / "outputs" / "2020/reminders/a.html").exists()


def test_metadata_say_that_it_is_made_whatever_is_blocked() -> None:
    """Of the suite's notebooks one does."""
    books = {path.stem: nbformat.read(path, as_version=4) for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert [name for name, book in books.items() if "rulebook" in book.metadata.txlib.needs] == ["11_data"]
