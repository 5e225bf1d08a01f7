"""The commands as a user types them: what they print, where, and with which exit status."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from running import JINING, few, prints, typed, without_kernels
from shared import ROOT, edition

from txlib.base.labels import LANGS, say
from txlib.run import plan
from txlib.run.kept.manifest import Manifest
from txlib.run.year import Year

HEAVY = {"pandas", "numpy", "papermill", "nbconvert", "nbformat", "matplotlib", "pydantic", "scipy"}


def process(root: Path, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A module run by this interpreter."""
    return subprocess.run([sys.executable, *words], cwd=cwd or root, capture_output=True, text=True, encoding="utf-8",
                          env={**os.environ, "PYTHONPATH": str(root)}, timeout=300)


@pytest.mark.quick
def test_help_imports_nothing_heavy(root: Path) -> None:
    code = "import sys, txlib.cli\ntry: txlib.cli.main(['run', '--help'])\nfinally: print(*sys.modules)"
    told = process(root, "-c", code).stdout
    assert "--category" in told and not HEAVY & set(told.split())


@pytest.mark.quick
@pytest.mark.parametrize("command", ["run", "check", "schema", "new", "diff", "lab"])
def test_help_reads_both_ways(command: str) -> None:
    listed = next(line for line in typed("--help").output.splitlines() if line.split()[:1] == [command])
    assert any("\u4e00" <= c <= "\u9fff" for c in listed)
    own = typed(command, "--help").output
    assert any("\u4e00" <= c <= "\u9fff" for c in own) and "workspace" in own


@pytest.mark.quick
def test_check_says_that_all_is_well(root: Path) -> None:
    result = typed("check", JINING, "--root", root, "--lang", "en")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "2017-jining: rule-book and data are without fault (2 categories, 19 units).\n"


@pytest.mark.quick
def test_a_reader_of_the_summary_that_is_gone_makes_no_run_fail() -> None:
    told = """import pathlib, txlib.cli as cli
from txlib.report.page.index import Report
from txlib.run.batch import Run
here, report = pathlib.Path("a"), Report("01", None, "x", "failed", "y")
cli.tell(Run((report,), remarks=("z",), index=here, results=here), "zh", 1.0)
"""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = subprocess.run([sys.executable, "-c", told], stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False,
                               env={**os.environ, "PYTHONPATH": str(ROOT)})
    finally:
        os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, b"")


def spoil(workspace: Path) -> None:
    """One fault in class_1: a file that is gone."""
    (workspace / "data" / JINING / "class_1" / "observations.csv").unlink()


@pytest.mark.quick
def test_check_lists_faults_and_counts_them(workspace: Path) -> None:
    spoil(workspace)
    result = typed("check", JINING, "--root", workspace)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "class_1/observations.csv" in result.stderr and result.stderr.endswith("共 1 处错误。\n")


@pytest.mark.quick
def test_a_blocked_run_counts_the_faults_as_check_does(workspace: Path) -> None:
    spoil(workspace)
    told = [typed(command, JINING, "--root", workspace, "--category", "class_1") for command in ("check", "run")]
    assert [result.exit_code for result in told] == [2, 2]
    checked, ran = (result.stderr.splitlines() for result in told)
    assert ran == [line for line in checked if line in ran] and ran[-1] == checked[-1] == "共 1 处错误。"


def notebook(folder: Path, name: str, *cells: str) -> None:
    """A notebook of the workspace."""
    parameters = nbformat.v4.new_code_cell('year: str = "x"\ncategory: str = ""', metadata={"tags": ["parameters"]})
    folder.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[parameters, *map(nbformat.v4.new_code_cell, cells)]), folder / name)


def test_nothing_that_was_handed_in_steers_a_terminal(workspace: Path) -> None:
    """Names, errors of cells, names of notebooks: a sign that a terminal would act upon arrives as a dot."""
    units, published = (workspace / "data" / JINING / name for name in ("units.csv", "class_2/published.csv"))
    text, scores = units.read_text(encoding="utf-8-sig"), published.read_text(encoding="utf-8-sig").splitlines()
    unit = scores[1].split(",")[0]
    units.write_text(text.replace(f"\n{unit},", f"\n{unit},\x1b]0;x\x07\u202e", 1), encoding="utf-8")
    published.write_text("\n".join([scores[0], f"{unit},1.00,1,", *scores[2:]]) + "\n", encoding="utf-8")
    notebook(workspace / "notebooks", "01_\x1b[2Jx.ipynb", 'raise ValueError("\x1b[31m\x07 number 7")')
    result = typed("run", JINING, "--root", workspace, "--category", "class_2", "--lang", "en")
    assert result.exit_code == 1 and "is 96.67 as computed, 1 as published" in result.stdout
    assert "number 7" in result.stdout and "·]0;x··" in result.stdout
    assert all(c.isprintable() or c == "\n" for c in result.output)
    (workspace / "notebooks" / "02_\x1b[2J.ipynb").write_text("{}", encoding="utf-8")
    refused = typed("run", JINING, "--root", workspace, "--lang", "en")
    assert refused.exit_code == 2 and "02_·[2J.ipynb" in refused.stderr
    assert all(c.isprintable() or c == "\n" for c in refused.output)


@pytest.mark.quick
def test_faults_elsewhere_do_not_block(workspace: Path) -> None:
    spoil(workspace)
    result = typed("check", JINING, "--root", workspace, "--category", "class_2", "--lang", "en")
    assert result.exit_code == 0 and "class_1/observations.csv" in result.stderr
    assert "1 category, 6 units" in result.stdout
    assert typed("check", JINING, "--root", workspace, "--category", "class_1").exit_code == 2


@pytest.mark.quick
@pytest.mark.parametrize(("words", "said"), [
    (["1999"], ["1999", "2017-jining, 2020"]),
    (["../2020"], ["2017-jining, 2020"]),
    (["2020", "--category", "town_1"], ["town_1", "towns_1"]),
    (["2020", "--notebook", "99_none"], ["99_none", "00_overview, 01_ranking"]),
    (["2020", "--jobs", "0"], ["--jobs"]),
    (["2020", "--lang", "fr"], ["--lang"]),
])
def test_what_does_not_exist_is_refused_with_what_does(workspace: Path, words: list[str], said: list[str]) -> None:
    result = typed("run", *words, "--root", workspace)
    assert result.exit_code == 2 and result.stdout in ("", f"正在读取 {words[0]} 的规则、数据和笔记本……\n")
    assert all(text in result.stderr for text in said)
    assert not (workspace / "outputs").exists()


@pytest.mark.quick
def test_a_year_with_a_fault_in_its_rules_is_not_run(workspace: Path) -> None:
    with (workspace / "params" / JINING / "rulebook.yaml").open("a", encoding="utf-8") as file:
        file.write("roundnig: 2\n")
    result = typed("run", JINING, "--root", workspace, "--category", "class_2")
    assert result.exit_code == 2 and "roundnig" in result.stderr and len(result.stdout.splitlines()) == 1
    assert not (workspace / "outputs").exists()


@pytest.mark.quick
@pytest.mark.parametrize("command", ["run", "template"])
@pytest.mark.parametrize("lang", LANGS)
def test_a_file_where_outputs_should_be_is_named(command: str, lang: str, workspace: Path) -> None:
    (workspace / "outputs").write_text("mine", encoding="utf-8")
    result = typed(command, JINING, "--root", workspace, "--lang", lang)
    assert (result.exit_code, result.stdout) == (2, say("cli.reading", lang, year=JINING) + "\n" if command == "run" else "")
    said = {"zh": "无法读写 {}：", "en": "{} cannot be read or written: "}[lang].format(workspace / "outputs")
    assert result.stderr.startswith(said) and len(result.stderr.splitlines()) == 1
    assert (workspace / "outputs").read_text(encoding="utf-8") == "mine"


@pytest.mark.quick
@pytest.mark.parametrize("words", [("check", JINING), ("new", "2018", "--from", JINING), ("diff", JINING, JINING), ("schema",)])
def test_what_hinders_any_command_is_said_in_a_line(
        words: Sequence[str], workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "secret.yaml")

    for name in ("txlib.run.plan.read_year", "txlib.run.editions.add_year", "txlib.run.editions.load_rulebook",
                 "txlib.rules.schema.json_schema"):
        monkeypatch.setattr(name, closed)
    result = typed(*words, "--root", workspace)
    assert result.exit_code == 2 and result.stderr.startswith("无法读写 secret.yaml：没有权限。")


@pytest.mark.quick
def test_schema_is_json() -> None:
    assert json.loads(typed("schema").stdout)


# ── the suite's own notebooks ───────────────────────────────────────────────────────────────────────────────────────

Ran = tuple[Path, list[str]]  # a workspace, and the lines that its run printed


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Ran:
    """A year of two categories run from within a workspace: a notebook of the whole year, one of each category."""
    folder = few(root, tmp_path_factory.mktemp("suite"))
    words = ("--notebook", "00_overview", "--notebook", "01_ranking", "--jobs", "1")
    return folder, printed(process(root, "-m", "txlib.cli", "run", JINING, *words, cwd=folder / "data"))


@pytest.fixture(scope="module")
def whole_year(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Ran:
    """The whole year 2020 in Chinese: the repository's outputs with the run's log beside them where they are those of its
    rules, data, notebooks and program; otherwise made here."""
    log = root / "outputs" / "2020.zh.log"
    if log.is_file() and up_to_date(root):
        return root, log.read_text(encoding="utf-8").splitlines()
    folder = tmp_path_factory.mktemp("year")
    for name in ("params", "data"):
        shutil.copytree(root / name, folder / name)
    return folder, printed(process(root, "-m", "txlib.cli", "run", "2020", cwd=folder))


def printed(told: subprocess.CompletedProcess[str]) -> list[str]:
    """What a run that went well has printed; there is nothing on stderr."""
    assert (told.returncode, told.stderr) == (0, "")
    return told.stdout.splitlines()


def up_to_date(root: Path) -> bool:
    """Whether the year's outputs are complete, in Chinese, and not older than what they are made from."""
    book, data, faults = plan.read_year(root, "2020", (), "zh")
    assert book is not None and data is not None
    this = Year(root, book, data, faults, "zh", prints(book), Manifest(root / "outputs" / "2020"))
    reports = [this.standing(task) for task in this.tasks(plan.notebooks(root, [], "zh")[0], book.rules.categories)]
    return all((report.status, report.reason) == ("done", "") for report in reports)


def test_a_run_says_what_became_of_each_report(ran: Ran) -> None:
    """As it ends, the whole year's first, then category by category, and score cards; where to read, as it is called from
    elsewhere."""
    folder, lines = ran
    asked = ["全年 / 00_overview", "class_1 / 01_ranking", "class_2 / 01_ranking"]
    assert lines[1] == "要生成 3 份报告。"
    assert told_of(lines[2:5]) == [[name, "完成", f"还有 {left} 份"] for name, left in zip(asked, (2, 1, 0), strict=True)]
    assert told_of(lines[6:8]) == [["class_1 / 得分卡", "完成", "还有 1 类"], ["class_2 / 得分卡", "完成", "还有 0 类"]]
    assert lines[-3].startswith("报告：完成 3 份；共用 ")
    assert lines[-2] == f"结果工作簿：{folder / 'outputs' / JINING / 'results.xlsx'}"
    assert lines[-1] == f"目录：{folder / 'outputs' / JINING / 'index.html'}"


def told_of(lines: list[str]) -> list[list[str]]:
    """Of lines on what has ended: which it was, what became of it, how many were left."""
    return [[parts[0], parts[1], parts[3]] for parts in (line.split("  ") for line in lines)]


@pytest.mark.long
def test_a_run_of_the_whole_year_says_what_became_of_each_report(whole_year: Ran) -> None:
    names = ("01_ranking", "02_quota_audit", "03_sensitivity")
    codes = edition("2020")[0].rules.categories
    whole = [f"全年 / {name}" for name in ("00_overview", "08_rule_changes", "11_data")]
    asked = [*whole, *(f"{code} / {name}" for code in codes for name in names)]
    lines = whole_year[1]
    assert {line.split("  ")[0] for line in lines if "  完成  " in line} == {*asked, *(f"{code} / 得分卡" for code in codes)}
    assert [line.split("  ")[3] for line in lines if " 份  " in line] == [f"还有 {n} 份" for n in reversed(range(len(asked)))]
    assert lines[-2:] == [f"{what}：{Path('outputs', '2020', name)}" for what, name in (
        ("结果工作簿", "results.xlsx"), ("目录", "index.html"))]


def pages(out: Path) -> list[Path]:
    """The pages of a run but for the bundle; none of them is above 400 KB."""
    found = [path for path in out.rglob("*.html") if path.name != "bundle.html"]
    assert {path.name: path.stat().st_size for path in found if path.stat().st_size >= 400_000} == {}
    return found


def test_reports_can_be_mailed(ran: Ran) -> None:
    """Two rankings, the overview, the index and eight score cards."""
    assert len(pages(ran[0] / "outputs" / JINING)) == 12


@pytest.mark.long
def test_reports_and_the_bundle_of_the_whole_year_can_be_mailed(whole_year: Ran) -> None:
    """All of the sample year in one file below 4 MB."""
    out = whole_year[0] / "outputs" / "2020"
    assert len(pages(out)) > 80
    assert (out / "bundle.html").stat().st_size < 4_000_000


def test_plain_papermill_gives_the_same_outputs(ran: Ran, root: Path, tmp_path: Path) -> None:
    papermill_gives_the_same(ran[0], root, f"{JINING}/class_2", tmp_path / "out.ipynb")


@pytest.mark.long
def test_plain_papermill_gives_the_same_outputs_as_a_whole_year(whole_year: Ran, root: Path, tmp_path: Path) -> None:
    papermill_gives_the_same(whole_year[0], root, "2020/towns_1", tmp_path / "out.ipynb")


def papermill_gives_the_same(folder: Path, root: Path, category: str, out: Path) -> None:
    """The ranking of a category as a run made it is what plain papermill makes of the workspace's parameters."""
    plain = process(root, "-m", "papermill", "--no-progress-bar", "-f", f"params/{category}.yaml",
                    str(root / "notebooks" / "01_ranking.ipynb"), str(out), cwd=folder)
    assert plain.returncode == 0, plain.stderr
    mine, theirs = outputs(folder / "outputs" / category / "01_ranking.ipynb"), outputs(out)
    assert len(mine) > 5 and any("<table" in html for cell in mine for html in cell)
    assert mine == theirs


def outputs(path: Path) -> list[list[Any]]:
    """What each code cell that shows something shows: its HTML, else its text."""
    cells = [cell.get("outputs", ()) for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    return [[output.data.get("text/html", output.data.get("text/plain")) for output in cell if "data" in output]
            for cell in cells if cell]


@pytest.mark.quick
def test_a_fault_in_a_tree_blocks_only_its_category(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_kernels(monkeypatch)
    tree = workspace / "params" / JINING / "trees" / "class_1.yaml"
    tree.write_text(tree.read_text(encoding="utf-8") + "childern: []\n", encoding="utf-8")
    result = typed("run", JINING, "--root", workspace, "--category", "class_2", "--notebook", "01_ranking", "--lang", "en")
    assert "childern" in result.stderr
    assert (result.exit_code, result.stdout.split("\n")[2].split("  ")[:2]) == (0, ["class_2 / 01_ranking", "done"])


@pytest.mark.quick
@pytest.mark.parametrize(("words", "key", "values"), [
    (["rum"], "no_command", {"name": "rum"}),
    (["run"], "missing", {"name": "YEAR"}),
    (["new", "2018"], "missing", {"name": "--from"}),
    (["run", "2020", "--lng", "x"], "no_option", {"name": "--lng"}),
    (["run", "2020", "towns_1", "x"], "too_much", {"words": "towns_1 x"}),
    (["run", "2020", "--jobs", "abc"], "whole", {"name": "--jobs", "least": 1, "most": ""}),
    (["run", "2020", "--columns", "fr"], "choice", {"name": "--columns", "known": "zh, en"}),
    (["run", "2020", "--force=3"], "flag", {"name": "--force"}),
    (["check", "2020", "--root", "nowhere"], "folder", {"name": "--root"}),
    (["--lang", "zh", "run", "2020"], "no_option", {"name": "--lang"}),
])
@pytest.mark.parametrize("lang", ["", *LANGS])
def test_what_is_typed_wrong_is_said_in_the_language_asked_for(
        words: list[str], key: str, values: dict[str, Any], lang: str) -> None:
    result = typed(*words, *(["--lang", lang] if lang else []))
    said = lang or "zh"
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(say(f"usage.{key}", said, **values))
    assert result.stderr.splitlines()[-1].startswith({"zh": "用法：", "en": "Usage: "}[said]) and "Error" not in result.stderr


@pytest.mark.quick
def test_what_comes_near_is_named() -> None:
    assert say("usage.meant", "en", near="run").strip() in typed("rum", "--lang=en").stderr
    assert say("usage.meant", "zh", near="--lang, --log") in typed("run", "2020", "--lng", "en").stderr
    assert "init" in typed("xyzzy").stderr
    followed = typed("run", "2020", "-p", "step").stderr
    assert followed.startswith(say("usage.without", "zh", name="-p", value="NAME VALUE"))
    assert typed().stderr == typed("--help").stdout
