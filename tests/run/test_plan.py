"""What a report rests on, told by a digest; which notebooks a run takes and what it refuses."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from running import CATEGORY, JINING, YEAR, prints, without_kernels, workspace, write
from shared import ROOT

from txlib.rules.book import load_rulebook, read
from txlib.run import batch, plan
from txlib.run.refused import RefusedError


def test_everything_that_matters_is_in_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = workspace(tmp_path / "w")
    path = write(root, "01_fine", CATEGORY, "1")
    package = tmp_path / "txlib"
    shutil.copytree(plan.PACKAGE, package)
    monkeypatch.setattr(plan, "PACKAGE", package)
    values, book = (("year", JINING),), load_rulebook(JINING, root)

    def digest(**changed: object) -> str:
        notebook = plan.read_notebook(path, "zh")[0]
        assert notebook is not None
        told = {"parameters": values, "lang": "zh"} | changed
        return plan.inputs(prints(book)[None], notebook, **told)  # type: ignore[arg-type]

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
    book, path = load_rulebook(JINING, root), root / file
    before = prints(book)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(path.read_bytes() + b"\n" if path.exists() else b"new")
    after = prints(book)
    assert before.keys() == after.keys() == {None, "class_1", "class_2"}
    assert {category for category in after if after[category] != before[category]} == concerned


@pytest.mark.quick
def test_a_table_is_there_in_whatever_file_it_was_handed_in(tmp_path: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    root = workspace(tmp_path)

    def lacking() -> list[str]:
        return plan.missing(read(JINING, root)[0], ["class_1"], ("observations", "published", "superior"))

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
    with pytest.raises(RefusedError) as refused:
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
    with pytest.raises(RefusedError) as refused:
        batch.run(root, JINING, notebooks=["09_hand"], lang="en")
    assert refused.value.messages == ("The notebook 09_hand is opened by hand and makes no report. Open it in JupyterLab; "
                                      "reports are made of: 00_year.",)
    (root / "notebooks" / "00_year.ipynb").unlink()
    alone = batch.run(root, JINING, lang="en")
    assert alone.exit_status == 0 and not alone.reports and alone.index and alone.index.is_file()
    (root / "notebooks" / "09_hand.ipynb").unlink()
    assert "01_ranking" in {book.name for book in plan.usable(root, "en")}, "an empty folder stands in the way of none"


@pytest.mark.parametrize(("rule", "said"), [("quotas", "quotas in rulebook.yaml"), ("last_year", "last_year in rulebook.yaml")])
def test_what_the_rules_do_not_have_is_no_matter_for_a_report(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: str, said: str) -> None:
    without_kernels(monkeypatch)
    root = workspace(tmp_path)
    write(root, "02_needs", CATEGORY, "1", txlib={"needs": ["observations", rule]})
    reports = batch.run(root, JINING, lang="en").reports
    assert {report.status for report in reports} == {"not_applicable"} and all(said in report.reason for report in reports)
    cards = [*(root / "outputs" / JINING).glob("class_1/cards/*.html")]
    assert cards and not any("02_needs" in card.read_text(encoding="utf-8") for card in cards), "nothing leads to what is not"


@pytest.mark.quick
def test_parameters_are_those_that_papermill_sees() -> None:
    from papermill import inspect_notebook

    books = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert books
    for path in books:
        notebook, faults = plan.read_notebook(path, "zh")
        assert notebook is not None and faults == []
        assert notebook.parameters == set(inspect_notebook(path))
