"""Parameters beyond year, category and language: given with -p, in report, number and index; a report for each unit."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from running import CATEGORY, JINING, KEPT, YEAR, spoil, tree, typed, without_kernels, workspace, write
from shared import edition

from txlib.base.labels import LANGS, say
from txlib.report.page.html import made, quoted
from txlib.run import batch, plan
from txlib.run.cards import slug
from txlib.run.kept.manifest import Manifest
from txlib.run.parameters import declared
from txlib.run.refused import RefusedError
from txlib.run.year import Year

OWN = CATEGORY + '\ndepth: int = 3\nfactor: float = 1.5\nstrict: bool = False\nword: str = ""\nlist_: list = []\nfree = 2'
KINDS = OWN + '\nints: "list[int]" = [1]\nmode: "Literal[\'a\', \'b\']" = "a"\nnone = None\nwhen: date = 1'
UNIT = CATEGORY + '\nunit: str = ""'


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of two categories, in which no kernel runs."""
    without_kernels(monkeypatch)
    return workspace(tmp_path)


def index(root: Path) -> BeautifulSoup:
    return BeautifulSoup((root / "outputs" / JINING / "index.html").read_text(encoding="utf-8"), "html.parser")


def listed(root: Path) -> list[str]:
    """The reports on the index, each in its words."""
    return [" ".join(item.text.split()) for item in index(root).select("li.tx-report")]


def executed(root: Path, name: str) -> nbformat.NotebookNode:
    return nbformat.read(root / "outputs" / JINING / f"{name}.ipynb", as_version=4)


# ── given with -p ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.quick
def test_a_value_is_in_the_notebook_the_report_its_number_and_the_index_until_a_run_without_it(root: Path) -> None:
    write(root, "01_own", OWN)
    write(root, "02_other", CATEGORY)
    assert typed("run", JINING, "--root", root).exit_code == 0
    standard = tree(root)
    run = typed("run", JINING, "--root", root, "--category", "class_1", "-p", "depth", "5", "-p", "word", "甲 乙")
    assert "要生成 1 份报告。 1 份未变" in run.stdout and "depth=5, word=甲 乙" in run.stdout
    notebook = executed(root, "class_1/01_own")
    assert notebook.metadata.papermill["parameters"] == {
        "year": JINING, "category": "class_1", "lang": "zh", "depth": 5, "word": "甲 乙"}
    page = BeautifulSoup((root / "outputs" / JINING / "class_1" / "01_own.html").read_text(encoding="utf-8"), "html.parser")
    assert page.select_one(".tx-given").text == say("report.given", "zh", values="depth=5, word=甲 乙")
    assert f'txlib run {JINING} --category class_1 --notebook 01_own -p depth 5 -p word \'甲 乙\'' in page.footer.text
    now = tree(root)
    before, after = (BeautifulSoup(each[f"{JINING}/class_1/01_own.html"], "html.parser").footer.text for each in (standard, now))
    assert before.partition("class_1-")[2][:8] != after.partition("class_1-")[2][:8]
    values = "depth=5, word=甲 乙"
    assert [line for line in listed(root) if values in line] == [f"已完成 01_own {say('index.given', 'zh', values=values)}"]
    batch.run(root, JINING, ["class_2"])
    older = say("index.given_otherwise", "zh", values=values)
    assert [line for line in listed(root) if "depth" in line] == [f"已过时 01_own {older}"]
    again = batch.run(root, JINING, ["class_1"], given=[("depth", "5"), ("word", "甲 乙")])
    assert [report.seconds for report in again.reports] == [None, None]
    batch.run(root, JINING)
    assert tree(root) == standard


@pytest.mark.quick
@pytest.mark.parametrize("value", ["$(touch x)", "`touch x`", "a'b\"c", "a\\", "a; touch x", "", "['a', -1]", "-1", "甲"])
def test_a_command_that_makes_a_report_again_holds_its_values_as_they_are(value: str) -> None:
    about = {"txlib": {"inputs": "0" * 64, "made_by": "x", "lang": "zh", "notebook": "我的 $(x)", "given": {"word": value}},
             "papermill": {"parameters": {"year": "2020", "category": "towns"}}}
    assert shlex.split(made(about)["again"]) == [
        "txlib", "run", "2020", "--category", "towns", "--notebook", "我的 $(x)", "-p", "word", value]
    assert value in ("", "-1") or "'" in made(about)["again"].partition("word")[2]


@pytest.mark.quick
@pytest.mark.parametrize("value", ["it's", "it’s", "['a', -1]", "O'Brien & (co)", "a'$b", "a'`b", "a'\\b", "a'“b", "a'!b", "“a”"])
def test_a_single_quote_stands_between_double_ones_where_both_kinds_of_shell_read_it_so(value: str) -> None:
    word = quoted(value)
    assert shlex.split(word) == [value]
    assert word.startswith('"') == (not set('"“”„$`\\!') & {*value}), "PowerShell knows no '\"'\"'"
    assert word.startswith('"') or word.startswith("'")


@pytest.mark.quick
def test_a_default_is_no_other_value(root: Path) -> None:
    write(root, "01_own", OWN + '\nbig: float = 3\nlow = -1\nkinds = ["a"]\nhex_ = 0x10')
    batch.run(root, JINING, ["class_1"])
    same = [("depth", "3"), ("factor", "1.50"), ("strict", "FALSE"), ("word", ""), ("free", "2"),
            ("big", "3"), ("low", "-1"), ("kinds", "['a']"), ("hex_", "16")]
    assert batch.run(root, JINING, ["class_1"], given=same).reports[0].seconds is None
    for name, text in (("factor", "2"), ("strict", "true"), ("free", "-1")):
        (report,) = batch.run(root, JINING, ["class_1"], given=[(name, text)]).reports
        assert report.seconds is not None and report.given.startswith(f"{name}=")


@pytest.mark.quick
@pytest.mark.parametrize(("name", "text", "says"), [
    ("depht", "1", ["depht", "depth (int), factor (float), free (int), ints (list[int]), list_ (list), "
               "mode ('a' | 'b'), strict (bool), word (str)"]),
    ("depth", "1.5", ["depth 1.5", "01_own", "int"]), ("factor", "nan", ["factor nan", "float"]),
    ("strict", "ja", ["ja", "bool"]),
    ("list_", "[1, x]", ["list_", "list"]), ("ints", "['a']", ["list[int]"]), ("mode", "c", ["'a' | 'b'"]),
    ("none", "1", ["none", "01_own"]), ("when", "1", ["when", "01_own"]), ("list_", "[1e999]", ["list"]),
    ("category", "class_1", ["--category"]), ("year", "2020", ["YEAR"]), ("unit", "x", ["unit"]),
])
@pytest.mark.parametrize("lang", LANGS)
def test_what_cannot_be_given_is_refused_with_what_can(name: str, text: str, says: list[str], lang: str, root: Path) -> None:
    write(root, "01_own", KINDS)
    write(root, "05_unit", UNIT, txlib={"for_each": "unit"})
    told = typed("run", JINING, "--root", root, "--lang", lang, "-p", name, text)
    assert told.exit_code == 2 and all(each in told.stderr for each in says) and not (root / "outputs").exists()
    assert len(told.stderr.splitlines()) == 1


@pytest.mark.quick
def test_a_value_goes_to_the_notebooks_that_have_its_parameter(root: Path) -> None:
    write(root, "01_own", OWN)
    write(root, "02_other", CATEGORY)
    mine, _ = plan.notebooks(root, [], "zh")
    assert [book.given for book in plan.with_given(mine, [("depth", "1"), ("depth", "4")], "zh")] == [(("depth", 4),), ()]
    with pytest.raises(RefusedError):
        plan.with_given(plan.notebooks(root, ["02_other"], "zh")[0], [("depth", "4")], "zh")


@pytest.mark.quick
@pytest.mark.parametrize(("source", "kind"), [
    ("a: int = 1", "int"), ("a: str | None = None", "str"), ("a = True", "bool"), ("a = 1.5", "float"), ("a: int | str = 1", ""),
    ("a = None", ""), ("a = [1]", "list"), ("a: list[int] = [1]", "list[int]"), ("a = -1", "int"), ("a = -1.5", "float"),
    ("a: \"Literal['a']\" = 'a'", "str"), ("a: Literal[1, 'a'] = 1", ""), ("a: 'str | None' = None", "str"),
    ("a: t.Optional[int] = None", "int"), ("a: list[date] = []", ""), ("a: 'no type' = 1", ""), ("a = 1 + 2", ""),
])
def test_a_kind_is_as_declared_else_that_of_the_default(source: str, kind: str) -> None:
    assert [(each.name, each.kind) for each in declared(source)] == [("a", kind)]


@pytest.mark.quick
def test_lists_and_choices_reach_the_notebook_as_they_are_and_are_known_again(root: Path) -> None:
    write(root, "01_own", KINDS)
    values = [("ints", "[2, 3]"), ("mode", "b"), ("list_", "['a', -1]")]
    (report,) = batch.run(root, JINING, ["class_1"], given=values).reports
    assert report.given == "ints=[2, 3], list_=['a', -1], mode=b"
    held = executed(root, "class_1/01_own").metadata
    assert held.txlib["given"] == {"ints": [2, 3], "list_": ["a", -1], "mode": "b"}
    assert "ints = [2, 3]" in "".join(cell.source for cell in executed(root, "class_1/01_own").cells)
    assert batch.run(root, JINING, ["class_1"], given=values).reports[0].seconds is None
    batch.run(root, JINING, ["class_2"])
    assert [line for line in listed(root) if "ints=[2, 3]" in line]


# ── a report for each unit, lead department, category ───────────────────────────────────────────────────────────────


@pytest.mark.quick
def test_each_unit_has_its_report_with_its_place_everywhere(root: Path) -> None:
    write(root, "05_unit", UNIT, txlib={"for_each": "unit", "title": {"zh": "单位体检", "en": "In depth"}})
    write(root, "02_other", CATEGORY)
    units = [f"class_1/05_unit@{unit}" for unit in KEPT["class_1"]] + [f"class_2/05_unit@{unit}" for unit in KEPT["class_2"]]
    run = batch.run(root, JINING, notebooks=["05_unit"])
    assert sorted(report.href.removesuffix(".html") for report in run.reports) == sorted(units) and run.exit_status == 0
    assert executed(root, units[-1]).metadata.papermill["parameters"] == {
        "year": JINING, "category": "class_2", "lang": "zh", "unit": KEPT["class_2"][-1]}
    files = json.loads((root / "outputs" / JINING / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert {f"{unit}.{kind}" for unit in units for kind in ("html", "ipynb")} <= {*files}
    folds = index(root).select("li.tx-several")
    assert [" ".join(fold.summary.text.split()) for fold in folds] == ["单位体检 5 份：已完成 5", "单位体检 3 份：已完成 3"]
    names = {edition(JINING)[1].units.set_index("unit")["name"][unit] for unit in KEPT["class_2"]}
    assert {link.text for link in folds[1].select("li.tx-report a")} == names
    bundle = (root / "outputs" / JINING / "bundle.html").read_text(encoding="utf-8")
    assert all(unit.replace("@", "%40") in bundle for unit in units)
    gone = root / "outputs" / JINING / f"{units[0]}.html"
    gone.unlink()
    again = batch.run(root, JINING, notebooks=["05_unit"])
    assert [report.href for report in again.reports if report.seconds is not None] == [f"{units[0]}.html"]
    cards = (root / "outputs" / JINING / "class_1" / "cards" / f"{KEPT['class_1'][0]}.html").read_text(encoding="utf-8")
    assert "02_other" in cards and "05_unit" not in cards  # there is none of that name to lead to


@pytest.mark.quick
def test_a_unit_that_is_gone_is_told_and_one_with_any_code_has_a_file(root: Path) -> None:
    write(root, "05_unit", UNIT, txlib={"for_each": "unit"})
    batch.run(root, JINING, ["class_2"])
    old, new = KEPT["class_2"][0], "CON"
    for path in (root / "data" / JINING).rglob("*.csv"):
        path.write_text(path.read_text(encoding="utf-8-sig").replace(f"{old},", f"{new},"), encoding="utf-8")
    run = batch.run(root, JINING, ["class_2"])
    names = {report.notebook for report in run.reports}
    assert not run.blocked and f"05_unit@{slug(new)}" in names and slug(new) != "CON" and f"05_unit@{old}" not in names
    assert [line for line in listed(root) if say("index.no_member", "zh") in line] == [
        f"已过时 05_unit@{old} {say('index.no_member', 'zh')}"]


@pytest.mark.quick
def test_units_of_a_category_with_faults_are_blocked_and_others_are_made(root: Path) -> None:
    write(root, "05_unit", UNIT, txlib={"for_each": "unit"})
    spoil(root / "data" / JINING / "class_1" / "observations.csv", "value", "约3")
    run = batch.run(root, JINING)
    found = {report.category: {each.status for each in run.reports if each.category == report.category} for report in run.reports}
    assert found == {"class_1": {"blocked"}, "class_2": {"done"}}
    told = typed("run", JINING, "--root", root, "--lang", "en")
    count = len(KEPT["class_1"])
    assert [line for line in told.stdout.splitlines() if "05_unit@" in line and "blocked" in line] == [
        f"class_1 / 05_unit@…  blocked by faults  {count} reports"]


@pytest.mark.quick
def test_a_page_of_a_unit_names_it_and_a_fault_of_several_reports_stands_once(root: Path) -> None:
    write(root, "05_unit", UNIT, txlib={"for_each": "unit"})
    write(root, "01_first", CATEGORY)
    write(root, "07_last", CATEGORY)
    units = root / "data" / JINING / "units.csv"
    code = KEPT["class_2"][0]
    name = edition(JINING)[1].units.set_index("unit")["name"][code]
    units.write_text(units.read_text(encoding="utf-8-sig").replace(name, f"{name}<b>"), encoding="utf-8")
    batch.run(root, JINING)
    html = root / "outputs" / JINING / "class_2" / f"05_unit@{code}.html"
    page = BeautifulSoup(html.read_text(encoding="utf-8"), "html.parser")
    assert page.title and page.h1 and page.title.text == page.h1.text == f"05_unit · {name}<b>"
    assert page.h1.b is None
    spoil(root / "data" / JINING / "class_1" / "observations.csv", "value", "约3")
    batch.run(root, JINING)
    (section,) = [each for each in index(root).select("section") if "05_unit" in each.text and each.select("li.tx-blocked")]
    assert section.text.count("约3") == 1 and "约3" in section.select("li.tx-report")[0].text
    assert say("index.alike", "zh", count=2 + len(KEPT["class_1"])) in section.text


@pytest.mark.quick
def test_a_name_that_a_report_for_a_unit_has_is_refused_and_another_with_such_a_sign_is_not(root: Path) -> None:
    write(root, "u1", UNIT, txlib={"for_each": "unit"})
    write(root, "02_other", CATEGORY)
    write(root, "02_other@jiyang", CATEGORY)
    mine, _ = plan.notebooks(root, [], "en")
    assert {book.name for book in mine} == {"u1", "02_other", "02_other@jiyang"}
    write(root, "U1@jiyang", CATEGORY)
    with pytest.raises(RefusedError) as refused:
        plan.notebooks(root, [], "en")
    assert [message.startswith("notebook U1@jiyang.ipynb") and "@" in message for message in refused.value.messages] == [True]


@pytest.mark.quick
def test_lead_departments_are_of_the_year_or_of_a_category(root: Path) -> None:
    write(root, "06_lead", YEAR + '\nlead: str = ""', txlib={"for_each": "lead"})
    write(root, "07_both", CATEGORY + '\nlead: str = ""', txlib={"for_each": "lead"})
    books, _ = plan.notebooks(root, [], "zh")
    book, data = edition("2020")
    this = Year(root, book, data, [], "zh", {None: "", "zones": ""}, Manifest(root / "outputs" / "2020"))
    tasks = this.tasks(books, ["zones"])
    leads = {code: {leaf.lead for leaf in head.leaves if leaf.lead} for code, head in book.categories.items()}
    assert {task.member for task in tasks if task.category == "zones"} == leads["zones"] != set()
    assert {task.member for task in tasks if task.category is None} == set().union(*leads.values()) != leads["zones"]
    assert len({task.name for task in tasks}) == len({task.member for task in tasks}) + len(leads["zones"])
    first = tasks[0]
    assert dict(this.job(first, root, 1, "zh").parameters) == {"year": "2020", "lead": first.member}
    assert {report.status for report in batch.run(root, JINING).reports} == {"not_applicable"}  # whose rules name none


@pytest.mark.quick
@pytest.mark.parametrize(("asked", "parameters", "says"), [
    ("units", UNIT, ["units", "unit, lead, category"]), (["unit"], UNIT, ["unit, lead, category"]),
    ("lead", UNIT, ["lead"]), ("unit", CATEGORY, ["unit"]), ("category", YEAR, ["category"]),
])
@pytest.mark.parametrize("lang", LANGS)
def test_what_no_notebook_can_run_for_is_refused(asked: object, parameters: str, says: list[str], lang: str, root: Path) -> None:
    write(root, "05_unit", parameters, txlib={"for_each": asked})
    told = typed("run", JINING, "--root", root, "--lang", lang)
    assert told.exit_code == 2 and "txlib.for_each" in told.stderr and all(each in told.stderr for each in says)


@pytest.mark.long
def test_a_kernel_has_the_unit_and_a_value(tmp_path: Path) -> None:
    """Papermill puts them there; what a run that was stopped has made stays made."""
    write(workspace(tmp_path), "05_unit", UNIT + "\ndepth: int = 1", "print(unit, depth + 1)", txlib={"for_each": "unit"})
    told = typed("run", JINING, "--root", tmp_path, "--category", "class_2", "-p", "depth", "7")
    assert told.exit_code == 0
    shown = [executed(tmp_path, f"class_2/05_unit@{unit}").cells[-1].outputs[0].text for unit in KEPT["class_2"]]
    assert shown == [f"{unit} 8\n" for unit in KEPT["class_2"]]
