"""Next year's rules: copied as text, moved on, marked, whole or not at all; and the commands as a user types them."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from running import typed

import txlib as tx
from txlib.base.faults import RulebookError
from txlib.editions.new_year import folders, grouped, still_open
from txlib.rules import book, source
from txlib.rules.source import Block, Items
from txlib.run import batch
from txlib.run.editions import add_year

quick = pytest.mark.quick
MARK = re.compile(r" *# 待定 / to decide: .*$", re.M)


@pytest.fixture(scope="module")
def whole(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's years, with 2021 made from 2020 and 2018-jining from 2017-jining."""
    folder = tmp_path_factory.mktemp("whole")
    for name in ("params", "data"):
        shutil.copytree(root / name, folder / name)
    add_year(folder, "2021", "2020")
    add_year(folder, "2018-jining", "2017-jining")
    return folder


@pytest.fixture
def own(root: Path, tmp_path: Path) -> Path:
    """A workspace with 2017-jining alone, to be changed at will."""
    for name in ("params", "data"):
        shutil.copytree(root / name / "2017-jining", tmp_path / name / "2017-jining")
    return tmp_path


def texts(root: Path, year: str) -> dict[str, str]:
    folder = root / "params" / year
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.yaml"))}


def plain(value: Any) -> Any:
    """A raw tree without its lines."""
    if isinstance(value, Block):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, Items) else str(value)


# ── the copy ────────────────────────────────────────────────────────────────────────────────────────────────────────


@quick
@pytest.mark.parametrize(("new", "old"), [("2021", "2020"), ("2018-jining", "2017-jining")])
def test_a_new_year_is_the_old_one_but_for_its_dates(new: str, old: str, whole: Path) -> None:
    """Without marks the files are those copied, comments and layout too, but for the lines of the year."""
    then, now = texts(whole, old), texts(whole, new)
    assert set(then) == set(now)
    digits = old[:4], new[:4]
    for name, text in now.items():
        bare = re.sub(r"\A\n", "", MARK.sub("", text)).replace('\nlast_year: "2017-jining"\n', "\n")
        lines = [(a, b) for a, b in zip(then[name].splitlines(), bare.splitlines(), strict=True) if a != b]
        for a, b in lines:
            assert name == "rulebook.yaml" or "/" not in name
            assert re.match("(year|period|as_of|title|last_year|due):", a), a
            step = {"last_year": ("2019", "2020"), "due": ("2021", "2022")}.get(a.partition(":")[0], digits)
            assert b == a.replace(*step)
    assert tx.diff_rules(tx.load_rulebook(old, whole), tx.load_rulebook(new, whole)).empty


@quick
def test_the_dates_of_a_new_year(whole: Path) -> None:
    book = tx.load_rulebook("2021", whole)
    assert (book.year, book.period, book.as_of, book.rules.last_year) == ("2021", "2021", "2021-12-31", "2020")
    assert book.title.zh == "泰兴市2021年度综合考核（样例）" and book.title.en == "Taixing comprehensive assessment 2021 (sample)"
    assert book.rules.due and book.rules.due.day == "2022-01-15"
    assert "due_day" in {mark.what for mark in still_open(whole, "2021") if mark.file.endswith("rulebook.yaml")}
    august = tx.load_rulebook("2018-jining", whole)
    assert (august.period, august.as_of, august.rules.last_year) == ("2018-08", "2018-08-18", "2017-jining")


@quick
def test_every_assumed_number_is_marked_with_its_assumption(whole: Path) -> None:
    """Each weight of a tree, each amount of a method, no number that a clause gives."""
    marks = {(mark.file, mark.line): mark.what for mark in still_open(whole, "2021")}
    for name, text in texts(whole, "2021").items():
        for number, line in enumerate(text.splitlines(), start=1):
            here = marks.get((f"params/2021/{name}", number), "")
            if re.match(r" *weight: ", line):
                assert here, f"{name} {number}"
            if found := re.search(r"scored_by: \{method: (rank_step|growth|goalposts)", line):
                assert here, f"{name} {found[1]}"
            if re.match(r" *(clause|assumed|lead|name|children|indicators):", line) and "2020" not in line:
                assert not here, f"{name} {number}: {line}"
    tree = (whole / "params/2021/trees/towns_1.yaml").read_text(encoding="utf-8").splitlines()
    first = next(number for number, line in enumerate(tree, start=1) if "weight: 85" in line)
    assert marks["params/2021/trees/towns_1.yaml", first] == "level1_weights"
    assumptions = tx.load_rulebook("2021", whole).assumptions
    lines = {line for (file, line), _ in marks.items() if file.endswith("assumptions.yaml")}
    raw = source.read(whole / "params/2021/assumptions.yaml", "x")[0]
    assert {raw.lines[name] for name in assumptions} <= lines


@quick
def test_what_names_the_old_year_is_marked(whole: Path) -> None:
    marks = {(mark.file, mark.line) for mark in still_open(whole, "2021")}
    for name, text in texts(whole, "2021").items():
        for number, line in enumerate(text.splitlines(), start=1):
            if re.search(r"(?<!\d)2020(?!\d)", MARK.sub("", line)) and not line.startswith("last_year"):
                assert (f"params/2021/{name}", number) in marks, line


@quick
def test_a_number_of_a_rule_without_assumption_is_not_marked(own: Path) -> None:
    """What the clause alone gives is no assumption: the marks end where a rule of its own begins."""
    path = own / "params/2017-jining/trees/class_1.yaml"
    text = path.read_text("utf-8")
    assert text.count("assumed:") == 2
    path.write_text(re.sub(r"( +)assumed: .*\n", "", text, count=1), encoding="utf-8")
    found = book.read("2017-jining", own)[1]
    numbers = {fault.line for fault in found}
    assert len(numbers) == 1  # the one number that the notice does not give
    gives = own / "params/2017-jining/clauses.yaml"
    gives.write_text(gives.read_text("utf-8").replace("gives: [", "gives: [100, ", 1), encoding="utf-8")
    add_year(own, "2018-jining", "2017-jining")
    marked = [line for line in (own / "params/2018-jining/trees/class_1.yaml").read_text("utf-8").splitlines() if "待定" in line]
    assert len(marked) == 2 and all("scale_of_100" in line for line in marked)


@quick
def test_odd_layout_survives(own: Path) -> None:
    """CRLF, BOM, no newline at the end, a text over two lines, a block of lines with # in it, a comment behind a number."""
    folder = own / "params" / "2017-jining"
    text = (folder / "rulebook.yaml").read_text("utf-8")
    text = re.sub(r"^comparison:.*\n?", "", text, flags=re.M).rstrip("\n")
    text = text.replace("total: {points: 100, clause: silent, assumed: scale_of_100}",
                        "total:\n  clause: silent\n  assumed:   scale_of_100\n  points: 100   # hundred")
    text = re.sub(r"^status: .*$", 'status: {zh: "甲\\n  乙 # 待定 / to decide: no mark", en: "x"}', text, flags=re.M)
    text += '\ncomparison: {clause: silent, assumed: printed_parts, tolerance: 0.01}'
    (folder / "rulebook.yaml").write_bytes(("\ufeff" + text).replace("\n", "\r\n").encode())
    then = source.read(folder / "rulebook.yaml", "x")[0]
    assert not still_open(own, "2017-jining")
    add_year(own, "2018-jining", "2017-jining")
    raw = (own / "params/2018-jining/rulebook.yaml").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and raw.count(b"\n") == raw.count(b"\r\n")
    now = source.read(own / "params/2018-jining/rulebook.yaml", "x")[0]
    moved = ("year", "period", "as_of", "title", "last_year")
    assert {k: v for k, v in plain(now).items() if k not in moved} == {k: v for k, v in plain(then).items() if k not in moved}
    told = raw.decode("utf-8-sig").splitlines()
    assert "  points: 100   # hundred  # 待定 / to decide: scale_of_100" in told
    assert next(line for line in told if "乙" in line).endswith("confirm")


@quick
def test_the_29th_of_february_and_a_year_without_digits(own: Path) -> None:
    path = own / "params/2017-jining/rulebook.yaml"
    path.write_text(path.read_text("utf-8").replace("2017-08-18", "2016-02-29").replace("2017-08", "2016-02"), encoding="utf-8")
    for year in (own / "params" / "2017-jining").rglob("*.yaml"):
        year.write_text(year.read_text("utf-8").replace('year: "2017-jining"', 'year: "2016"'), encoding="utf-8")
    (own / "params" / "2017-jining").rename(own / "params" / "2016")
    book, _ = add_year(own, "2017", "2016")
    assert book.as_of == "2017-02-28"
    book, marks = add_year(own, "pilot", "2016")
    assert (book.year, book.as_of, book.period) == ("pilot", "2016-02-29", "2016-02")
    text = (own / "params/pilot/rulebook.yaml").read_text("utf-8").splitlines()
    stuck = {text[mark.line - 1].split(":")[0] for mark in marks if "set it for the new year" in mark.what}
    assert stuck == {"period", "as_of"}


@quick
def test_folders_name_the_tables_that_the_rules_ask_for(whole: Path) -> None:
    told = folders(tx.load_rulebook("2021", whole))
    assert told["data/2021"] == ("units", "superior", "responsible")
    assert set(told["data/2021/parks"]) == {"observations", "survey", "events", "marks", "details"}
    assert folders(tx.load_rulebook("2018-jining", whole))["data/2018-jining/class_1"] == ("observations",)


@quick
def test_a_new_year_with_last_years_data_can_be_checked(whole: Path, tmp_path: Path) -> None:
    """The round trip: new, the data's period moved on, check; open marks end it with 1, none with 0."""
    for name in ("params", "data"):
        shutil.copytree(whole / name, tmp_path / name)
    shutil.copytree(tmp_path / "data/2017-jining", tmp_path / "data/2018-jining")
    for path in (tmp_path / "data/2018-jining").rglob("observations.csv"):
        path.write_text(path.read_text("utf-8-sig").replace("2017-08", "2018-08"), encoding="utf-8")
    told = typed("check", "2018-jining", "--root", tmp_path, "--lang", "en")
    count = len(still_open(tmp_path, "2018-jining"))
    assert told.exit_code == 1 and f"{count} places are still to be decided" in told.stderr
    assert "without fault" in told.stdout
    for path in (tmp_path / "params/2018-jining").rglob("*.yaml"):
        path.write_text(MARK.sub("", path.read_text("utf-8")), encoding="utf-8")
    told = typed("check", "2018-jining", "--root", tmp_path, "--lang", "en")
    assert (told.exit_code, told.stderr) == (0, "")


# ── the marks ───────────────────────────────────────────────────────────────────────────────────────────────────────


@quick
def test_what_is_a_mark_and_what_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "params" / "2021" / "trees"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text(
        'a: 1  # 待定 / to decide: one\n'
        'b: "# 待定 / to decide: in a text"\n'
        '# 待定\n'
        "c: 'x\n  # 待定 / to decide: still the text'\n"
        'd: 2 #待定：two\n'
        'e: |\n  # 待定 in a block\n'
        'f: a#待定\n'
        'g: 3  # to decide: three\n'
        'h: 4  # decided\n', encoding="utf-8")
    assert [(mark.line, mark.what) for mark in still_open(tmp_path, "2021")] == [(1, "one"), (3, ""), (6, "two"), (10, "three")]


@quick
def test_the_sample_years_have_no_marks(root: Path) -> None:
    assert [mark for year in tx.years(root) for mark in still_open(root, year)] == []


@quick
def test_a_run_tells_that_something_is_open(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is to be made: no notebook applies, and units' cards need a kernel."""
    monkeypatch.setattr(batch, "make_cards", lambda *_, **__: [])
    path = own / "params/2017-jining/rulebook.yaml"
    path.write_text(path.read_text("utf-8") + "# 待定 / to decide: x\n", encoding="utf-8")
    told = typed("run", "2017-jining", "--root", own, "--notebook", "08_rule_changes", "--lang", "en")
    assert told.exit_code == 1 and "1 place is still to be decided" in told.stdout


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────────────


@quick
@pytest.mark.parametrize(("year", "source", "says"), [
    ("2017-jining", "2017-jining", "not there yet"),
    ("2017-Jining", "2017-jining", "not there yet"),
    ("2018", "2017-jinin", "2017-jining?"),
    ("2018", "1999", "2017-jining"),
    ("../2018", "2017-jining", "folder's name"),
    ("a/b", "2017-jining", "folder's name"),
    ("", "2017-jining", "folder's name"),
    (".hidden", "2017-jining", "folder's name"),
    ("CON", "2017-jining", "folder's name"),
    ("2" * 41, "2017-jining", "folder's name"),
    ("2018\x1b[2J", "2017-jining", "folder's name"),
])
def test_what_cannot_be_made_is_refused_with_the_reason(year: str, source: str, says: str, own: Path) -> None:
    before = sorted(own.rglob("*"))
    told = typed("new", year, "--from", source, "--root", own, "--lang", "en")
    assert (told.exit_code, told.stdout) == (2, "") and says in told.stderr
    assert sorted(own.rglob("*")) == before
    assert all(c.isprintable() or c == "\n" for c in told.stderr)


@quick
def test_a_name_that_differs_in_case_alone_is_there(own: Path) -> None:
    (own / "params" / "PILOT").mkdir()
    told = typed("new", "pilot", "--from", "2017-jining", "--root", own, "--lang", "en")
    assert told.exit_code == 2 and "params/PILOT" in told.stderr


@quick
def test_a_fault_in_the_source_is_told_with_its_line(own: Path) -> None:
    path = own / "params/2017-jining/rulebook.yaml"
    path.write_text(path.read_text("utf-8").replace("rounding:", "roundnig:", 1), encoding="utf-8")
    told = typed("new", "2018", "--from", "2017-jining", "--root", own, "--lang", "en")
    assert told.exit_code == 2 and "roundnig" in told.stderr and "rulebook.yaml line" in told.stderr
    assert not (own / "params" / "2018").exists()
    told = typed("diff", "2017-jining", "2017-jining", "--root", own, "--lang", "en")
    assert told.exit_code == 2 and "roundnig" in told.stderr and told.stdout == ""


@quick
def test_nothing_half_written_stays_where_writing_fails(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full after three files; then a stop with Ctrl-C at the same place."""
    write, count = Path.write_bytes, [0]
    for error, status in ((OSError(28, "No space left on device", "x"), 2), (KeyboardInterrupt(), 130)):
        count[0] = 0

        def full(path: Path, text: bytes, error: BaseException = error) -> int:
            count[0] += 1
            if count[0] > 3:
                raise error
            return write(path, text)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "write_bytes", full)
            told = typed("new", "2018", "--from", "2017-jining", "--root", own, "--lang", "en")
        assert told.exit_code == status and "othing half-written" in told.stderr
        assert [path.name for path in (own / "params").iterdir()] == ["2017-jining"]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for another process there")
def test_a_stop_from_outside_leaves_nothing(root: Path, tmp_path: Path) -> None:
    for name in ("params", "data"):
        shutil.copytree(root / name, tmp_path / name)
    before = sorted(path.name for path in (tmp_path / "params").iterdir())
    for wait in (0.2, 0.8, 1.4):
        process = subprocess.Popen([sys.executable, "-m", "txlib.cli", "new", "2021", "--from", "2020", "--root", str(tmp_path)],
                                   cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        there = sorted(path.name for path in (tmp_path / "params").iterdir())
        assert there in (before, sorted([*before, "2021"]))
        if "2021" in there:
            assert book.read("2021", tmp_path)[1] == []
            break


@quick
def test_a_year_that_appears_meanwhile_is_not_touched(own: Path) -> None:
    (own / "params" / "2018").mkdir()
    with pytest.raises(RulebookError):
        add_year(own, "2018", "2017-jining")
    assert list((own / "params" / "2018").iterdir()) == []


# ── the commands ────────────────────────────────────────────────────────────────────────────────────────────────────


@quick
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_new_says_what_is_to_be_decided_and_which_folders_to_make(own: Path, lang: str) -> None:
    told = typed("new", "2018-jining", "--from", "2017-jining", "--root", own, "--lang", lang)
    assert (told.exit_code, told.stderr) == (0, "")
    assert "data/2018-jining/class_1/" in told.stdout and "observations" in told.stdout
    for (file, what), lines in grouped(still_open(own, "2018-jining")).items():
        line = next(line for line in told.stdout.splitlines() if file in line and line.endswith(what))
        assert str(lines[0]) in line


@quick
def test_diff_tells_changes_level_1_first_and_ends_well(whole: Path, tmp_path: Path) -> None:
    for name in ("params", "data"):
        shutil.copytree(whole / name, tmp_path / name)
    tree = tmp_path / "params/2021/trees/parks.yaml"
    upper, appraisal = tree.read_text("utf-8").split('\n  - code: "B"')
    for was, now in ((85, 80), (26, 21), (8, 3)):
        upper = upper.replace(f"weight: {was} ", f"weight: {now} ", 1)
    for was, now in ((15, 20), (9, 14)):
        appraisal = appraisal.replace(f"weight: {was} ", f"weight: {now} ", 1)
    tree.write_text(f'{upper}\n  - code: "B"{appraisal}', encoding="utf-8")
    told = typed("diff", "2020", "2021", "--root", tmp_path, "--lang", "en")
    assert told.exit_code == 0, told.stderr
    assert "no table of units" in told.stderr and "still to be decided" in told.stderr
    lines = told.stdout.splitlines()
    assert lines[0].startswith("★ Level 1") and "★ The three parks · A" in lines[1] and "weight: 85 → 80" in lines[1]
    assert re.search(r"params/2020/trees/parks\.yaml line \d+ → params/2021/trees/parks\.yaml line \d+\]$", lines[1])


@quick
def test_diff_of_a_year_with_itself_is_empty(own: Path) -> None:
    told = typed("diff", "2017-jining", "2017-jining", "--root", own, "--lang", "en")
    assert (told.exit_code, told.stdout, told.stderr) == (0, "The rules of 2017-jining and 2017-jining are the same.\n", "")
    told = typed("diff", "2017-jining", "2017-jinin", "--root", own, "--lang", "en")
    assert told.exit_code == 2 and "2017-jining?" in told.stderr
