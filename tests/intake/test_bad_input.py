"""Bad input on real files: every fault named with place and remedy, in both languages, and nothing written."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner
from spoiled import CASES, change, keep

import txlib as tx
from txlib.base.faults import Fault
from txlib.base.labels import LANGS, say
from txlib.cli import main
from txlib.intake import asked, data
from txlib.run import plan

quick = pytest.mark.quick  # not the cases: there are so many that reading them takes a minute
Level = tuple[str, str, str]
ABSENT = ("file_missing", "category_file_missing", "table_missing", "folder_missing", "category_folder_missing")
UNREADABLE = ("file_unreadable", "file_empty", "encoding_unknown", "not_csv")
LEVELS: list[Level] = [  # what a fault is in, what it blocks, and whether the file could be read at all
    ("params", "year", "content"), ("params", "year", "unreadable"), ("params", "category", "content"),
    ("params", "category", "absent"), ("data", "year", "content"), ("data", "year", "absent"), ("data", "category", "content"),
    ("data", "category", "unreadable"), ("data", "category", "absent"),
]


class Read(NamedTuple):
    """A case as it was read: its faults, and by language what `check` says of them."""

    faults: list[Fault]
    told: dict[str, list[str]]


Reading = Callable[[dict[str, Any]], Read]


def spoilt(one_category: Path, root: Path, case: dict[str, Any]) -> Path:
    """A copy of the workspace below `root`, with what the case does to it."""
    for folder in ("params", "data"):
        shutil.copytree(one_category / folder, root / folder)
    for edit in case["edits"]:
        change(root, edit)
    return root


def read(root: Path) -> Read:
    """The year 2020 read as the commands read it, once for both languages."""
    book, _, faults = plan.read_year(root, "2020", (), "zh")
    kept: list[Any] = []  # what is missing is the same in both

    def once(*given: Any, missing: Callable[..., Any] = asked.missing) -> Any:
        kept.extend([] if kept else [missing(*given)])
        return kept[0]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(asked, "missing", once)
        return Read(faults, {lang: plan.fault_lines(book, (), faults, lang) for lang in LANGS})


def found(root: Path) -> list[Fault]:
    """All faults of the year 2020."""
    return plan.read_year(root, "2020", (), "zh")[2]


@pytest.fixture(scope="module")
def reading(one_category: Path, tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """A case's faults and words; each case is read once, whatever is asked of it."""
    known: dict[str, Read] = {}

    def of(case: dict[str, Any]) -> Read:
        if case["name"] not in known:
            root = spoilt(one_category, tmp_path_factory.mktemp("case"), case)
            known[case["name"]] = read(root)
            shutil.rmtree(root)
        return known[case["name"]]

    return of


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_each_fault_is_named_with_its_place(case: dict[str, Any], reading: Reading) -> None:
    faults = reading(case).faults
    wanted = [each for each in case["faults"] for _ in range(each.get("times", 1))]
    assert sorted(f.code for f in faults) == sorted(each["kind"] for each in wanted), [f.message("en") for f in faults]
    for each in case["faults"]:
        mine = [f for f in faults if f.code == each["kind"]]
        places = [f"{f.file} {f.line}" for f in mine]
        assert any(each["at"] in place for place in places), places
        for lang in LANGS:
            assert any(each["says"] in f.message(lang).replace("？", "?") for f in mine), [f.message(lang) for f in mine]
    for fault in faults:
        for lang in LANGS:
            message = fault.message(lang)
            assert fault.file in message and not re.search(r"{(?!rule: share|zh: )", message) and "\n" not in message


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_check_says_every_fault_of_it(case: dict[str, Any], reading: Reading) -> None:
    """In the lines that the command prints; that it prints them all is seen at one case of each level."""
    faults, told = reading(case)
    for lang in LANGS:
        assert {fault.message(lang) for fault in faults} <= set(told[lang])


# ── the commands, at one case of each level ─────────────────────────────────────────────────────────────────────────


def levels(faults: list[Fault]) -> set[Level]:
    """What the faults of a case are in, what they block, and how much of the file could be read."""
    how = dict.fromkeys(ABSENT, "absent") | dict.fromkeys(UNREADABLE, "unreadable")
    return {(fault.file.split("/")[0], "category" if fault.category else "year", how.get(fault.code, "content"))
            for fault in faults}


def test_the_levels_are_all_that_the_cases_have(reading: Reading) -> None:
    assert set().union(*(levels(reading(case).faults) for case in CASES)) == set(LEVELS)


@pytest.mark.parametrize("level", LEVELS, ids=" ".join)
def test_the_commands_refuse_and_write_nothing(level: Level, reading: Reading, one_category: Path, tmp_path: Path) -> None:
    """At the first case that has faults of this level alone."""
    case = next(case for case in CASES if levels(reading(case).faults) == {level})
    spoilt(one_category, tmp_path, case)
    before = {path: path.read_bytes() if path.is_file() else None for path in tmp_path.rglob("*")}
    for lang in LANGS:
        checked = CliRunner().invoke(main, ["check", "2020", "--root", str(tmp_path), "--lang", lang])
        assert checked.exit_code == 2 and checked.stdout == ""
        assert set(reading(case).told[lang]) <= set(checked.stderr.splitlines())
        assert "Traceback" not in checked.output
    ran = CliRunner().invoke(main, ["run", "2020", "--root", str(tmp_path), "--notebook", "01_ranking"])
    assert ran.exit_code == 2 and ran.stdout == f"{say('cli.reading', 'zh', year='2020')}\n" and "Traceback" not in ran.output
    assert {fault.message("zh") for fault in reading(case).faults} <= set(ran.stderr.splitlines())
    assert {path: path.read_bytes() if path.is_file() else None for path in tmp_path.rglob("*")} == before


@pytest.mark.long
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_run_refuses_every_case_and_writes_nothing(case: dict[str, Any], reading: Reading, one_category: Path,
                                                     tmp_path: Path) -> None:
    spoilt(one_category, tmp_path, case)
    before = sorted(tmp_path.rglob("*"))
    ran = CliRunner().invoke(main, ["run", "2020", "--root", str(tmp_path), "--notebook", "01_ranking"])
    assert ran.exit_code == 2 and ran.stdout == f"{say('cli.reading', 'zh', year='2020')}\n" and "Traceback" not in ran.output
    assert {fault.message("zh") for fault in reading(case).faults} <= set(ran.stderr.splitlines())
    assert sorted(tmp_path.rglob("*")) == before


# ── the corpus, and what lies at its edges ──────────────────────────────────────────────────────────────────────────


@quick
def test_the_corpus_is_of_real_files_and_large_enough() -> None:
    assert len(CASES) >= 90
    assert len({case["name"] for case in CASES}) == len(CASES)


@quick
def test_what_programs_leave_in_a_folder_is_passed_over(workspace: Path) -> None:
    for name in (".DS_Store", "~$finance.xlsx", "Thumbs.db", "desktop.ini", ".~lock.units.csv#", "towns_1/Thumbs.db",
                 "towns_1/.git"):
        (workspace / "data" / "2020" / name).write_bytes(b"x")
    assert not found(workspace)


@pytest.fixture
def two(root: Path, tmp_path: Path) -> Path:
    """The year 2020 with two categories."""
    for name in ("params", "data"):
        shutil.copytree(root / name, tmp_path / name)
    keep(tmp_path, "2020", "towns_1", "parks")
    return tmp_path


@quick
def test_a_stranger_in_one_category_does_not_block_another(two: Path) -> None:
    (two / "data/2020/parks/events.csv").rename(two / "data/2020/parks/event.csv")
    assert [(fault.code, fault.category) for fault in found(two)] == [("file_unknown", "parks")]
    book = tx.load_rulebook("2020", two)
    assert len(data.load_data(book, ["towns_1"]).units) and data.load_published(book, "towns_1").empty


@quick
def test_a_header_alone_says_that_there_is_none(workspace: Path) -> None:
    """Of events and decisions, which a year need not have."""
    for name in ("towns_1/events.csv", "decisions.csv"):
        path = workspace / "data" / "2020" / name
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert not found(workspace)
    read = data.load_data(tx.load_rulebook("2020", workspace))
    assert read.events.empty and read.decisions.empty


@quick
def test_an_honour_written_in_two_ways_is_one(workspace: Path) -> None:
    """It counts once at its highest level, and is split among those who claim it; the first way of writing is shown."""
    path = workspace / "data" / "2020" / "towns_1" / "events.csv"
    text = path.read_text(encoding="utf-8")
    points = []
    for second in ("全国文明城市（县级）", "全国文明城市(县级)", "“全国文明城市” （ 县级 ）"):
        more = f"liuhu,J1,2020,全国文明城市（县级）,national,,,,\nyunxi,J1,2020,{second},national,,,,\n"
        path.write_text(text + more, encoding="utf-8")
        book = tx.load_rulebook("2020", workspace)
        read = data.load_data(book)
        assert read.events["honour"].tolist()[-2:] == ["全国文明城市（县级）"] * 2
        scores = tx.assess(book, read, "towns_1").scores
        points.append(scores[scores["indicator"] == "J1"].set_index("unit")["points"].to_dict())
    assert points[0] == points[1] == points[2] and points[0]["yunxi"] == 1


@quick
@pytest.mark.parametrize("number", ["1" * 5000, "0." + "3" * 5000])
def test_a_number_of_thousands_of_digits_is_a_fault(number: str, workspace: Path) -> None:
    change(workspace, {"file": "params/2020/rulebook.yaml", "replace": "points: 100", "by": f"points: {number}"})
    assert ("positive_form", 12) in [(fault.code, fault.line) for fault in found(workspace)]


@quick
def test_a_file_that_may_not_be_read_blocks_its_category_alone(two: Path) -> None:
    """Told as a fault of that file; a folder stands for a file without permission, which an administrator could read."""
    path = two / "data/2020/parks/observations.csv"
    path.unlink()
    path.mkdir()
    assert [(fault.code, fault.file, fault.category) for fault in found(two)] == [
        ("file_unreadable", "data/2020/parks/observations.csv", "parks")]
    checked = CliRunner().invoke(main, ["check", "2020", "--category", "towns_1", "--root", str(two), "--lang", "en"])
    assert checked.exit_code == 0 and "data/2020/parks/observations.csv" in checked.stderr


@quick
@pytest.mark.parametrize("year", ["2099", "../2020", "", "2020/", "二〇二〇"])
def test_a_year_that_does_not_exist_lists_those_that_do(year: str, workspace: Path) -> None:
    for command in ("check", "run"):
        result = CliRunner().invoke(main, [command, year, "--root", str(workspace), "--lang", "en"])
        assert result.exit_code == 2
        assert "2017-jining, 2020" in result.stderr and "Traceback" not in result.output


@quick
def test_gbk_is_read_as_what_it_says(workspace: Path) -> None:
    """A table saved by an older Excel in GBK gives the same data as the same table in UTF-8."""
    book = tx.load_rulebook("2020", workspace)
    utf8 = data.load_data(book)
    for name in ("units.csv", "towns_1/observations.csv"):
        path = workspace / "data" / "2020" / name
        path.write_bytes(path.read_text(encoding="utf-8-sig").encode("gbk"))
    gbk = data.load_data(book)
    assert gbk.units.equals(utf8.units) and gbk.observations.equals(utf8.observations)
    assert "东港镇" in set(gbk.units["name"])


@quick
def test_chinese_headers_full_width_digits_and_odd_spaces_are_read(workspace: Path) -> None:
    book = tx.load_rulebook("2020", workspace)
    plain = data.load_data(book)
    path = workspace / "data" / "2020" / "towns_1" / "observations.csv"
    text = path.read_text(encoding="utf-8-sig")
    header = "单位编码,指标编码,期间,实绩,目标值,上年值,状态,备注"
    text = text.replace(text.splitlines()[0], header).replace("—", "免考")
    text = text.replace("A1.1,2020,7.13", "\u3000A1.1,2020,\u200b７．１３\u3000")
    path.write_text(text, encoding="utf-8", newline="\r\n")
    assert data.load_data(book).observations.equals(plain.observations)
