"""A rule-book keeps its files as they were read: every value with its place, one walk over them, and no file read twice."""

from __future__ import annotations

import copy
import pickle
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

import txlib as tx
from txlib.base.numbers import Numeral
from txlib.intake import checks
from txlib.rules import source
from txlib.rules.book import RuleBook, read
from txlib.rules.source import Block, Items, Value, scalars, texts, walk
from txlib.run.editions import add_year

pytestmark = pytest.mark.quick

YEARS = ("2017-jining", "2020")
TREE = """\
total: {points: 100}
indicators:
  - code: A
    clause: ["1.1"]
    name: {zh: 7, en: 7}
    scored_by:
      method: bands
      rows:
        - [90, 5]
        - {from: 60%, assumed: nearby}
  - use: shared
    weight: 3
"""


@pytest.fixture(params=YEARS)
def book(request: pytest.FixtureRequest, root: Path) -> RuleBook:
    return tx.load_rulebook(request.param, root)


def small(tmp_path: Path) -> list[Value]:
    """All values of a small tree."""
    path = tmp_path / "tree.yaml"
    path.write_text(TREE, encoding="utf-8")
    raw, faults = source.read(path, "tree.yaml")
    assert not faults
    return list(walk(raw))


def plain(value: Any) -> Any:
    """A raw tree without its places."""
    if isinstance(value, Block):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, Items) else str(value)


# ── the walk ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_walk_meets_every_value_once_what_holds_it_before_it(tmp_path: Path) -> None:
    found = [each.path for each in small(tmp_path)]
    assert found[:3] == [(), ("total",), ("total", "points")] and len(set(found)) == len(found) == 23
    for path in found[1:]:
        assert found.index(path[:-1]) < found.index(path)


def test_a_value_knows_its_line_and_the_mapping_around_it(tmp_path: Path) -> None:
    """An item has a line of its own, and the key of its list."""
    found = {each.path: each for each in small(tmp_path)}
    points = found["indicators", 0, "scored_by", "rows", 0, 1]
    assert (points.value, points.line, points.key, points.block.line_of("rows")) == ("5", 9, "rows", 8)
    assert (found["total", "points"].line, found["total", "points"].key) == (1, "points")


def test_a_value_has_the_sources_of_the_nearest_rule(tmp_path: Path) -> None:
    """A rule begins where sources are named or a branch is used, and holds for all below it; outside there are none."""
    rules = {each.path: dict(each.rule) if each.rule else None for each in small(tmp_path)}
    assert rules["total", "points"] is None and rules["indicators",] is None
    assert rules["indicators", 0]["clause"] == rules["indicators", 0, "scored_by", "rows", 0, 0]["clause"] == ["1.1"]
    assert rules["indicators", 0, "scored_by", "rows", 1, "from"] == {"from": "60%", "assumed": "nearby"}
    assert rules["indicators", 1, "weight"] == {"use": "shared", "weight": "3"}


def test_names_and_sources_are_not_what_is_ruled(tmp_path: Path) -> None:
    told = {each.value for each in small(tmp_path) if each.ruled and isinstance(each.value, str)}
    assert told == {"100", "A", "bands", "90", "5", "60%", "shared", "3"}


def test_a_value_says_what_it_belongs_to(tmp_path: Path) -> None:
    where = {each.path: each.where for each in small(tmp_path)}
    assert where["total", "points"] == "total"
    assert where["indicators", 0, "scored_by", "rows", 0, 0] == "A" and where["indicators", 1, "weight"] == "shared"


def test_a_list_for_a_clause_in_the_words_of_detailed_rules_is_a_fault(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "params/2020", tmp_path / "params/2020")
    path = tmp_path / "params/2020/terms.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"clause: .*", 'clause: [["1.3f"], "9.9"]', text, count=1), encoding="utf-8")
    book, faults = read("2020", tmp_path)
    assert book is None
    assert {(fault.code, fault.found) for fault in faults} == {("text_needed", ""), ("clause_unknown", "9.9")}


def test_each_scalar_of_a_text_is_told_with_its_start_and_end_up_to_the_first_fault() -> None:
    text = 'a: 1\n"b c": |\n  line\n  line\nd: [e, \'f\']\n'
    assert list(scalars(text)) == [
        ((1, 0), (1, 1), False), ((1, 3), (1, 4), False), ((2, 0), (2, 5), False), ((2, 7), (5, 0), True),
        ((5, 0), (5, 1), False), ((5, 4), (5, 5), False), ((5, 7), (5, 10), False)]
    assert [start for start, *_ in scalars("a: 1\nb: @\nc: 2\n")] == [(1, 0), (1, 3), (2, 0)]


def test_a_fault_in_a_category_keeps_a_book_from_being_loaded_with_it_alone(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "params/2017-jining", tmp_path / "params/2017-jining")
    path = tmp_path / "params/2017-jining/trees/class_2.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("weight:", "wait:", 1), encoding="utf-8")
    with pytest.raises(tx.RulebookError, match="wait"):
        tx.load_rulebook("2017-jining", tmp_path)
    with pytest.raises(tx.RulebookError, match="class_9"):
        tx.load_rulebook("2017-jining", tmp_path, ["class_1", "class_9"])
    assert [*tx.load_rulebook("2017-jining", tmp_path, ["class_1"]).categories] == ["class_1"]


# ── the book ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_book_keeps_every_file_that_it_rests_on(book: RuleBook) -> None:
    assert [raw.file for raw in book.files.values()] == [each.path for each in book.sources]
    for name, raw in book.files.items():
        path = book.root / "params" / book.year / name
        assert plain(raw) == yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader), name


def test_every_value_stands_where_its_place_says(book: RuleBook) -> None:
    for name, raw in book.files.items():
        lines = (book.root / raw.file).read_text(encoding="utf-8").splitlines()
        for each in list(walk(raw))[1:]:
            assert book.place(name, *each.path) == (raw.file, each.line)
            if isinstance(each.value, str):
                assert (each.key if each.path[-1] == each.key else each.value) in lines[each.line - 1], each.path


def test_a_text_begins_and_ends_where_its_span_says(book: RuleBook) -> None:
    for raw in book.files.values():
        text = (book.root / raw.file).read_text(encoding="utf-8")
        for block in (each.value for each in walk(raw) if isinstance(each.value, Block)):
            assert set(block.spans) == {key for key, value in block.items() if isinstance(value, str)}
            for key, (start, end) in block.spans.items():
                assert yaml.load(text[start:end], Loader=yaml.BaseLoader) == block[key]


def test_the_place_of_what_is_not_written_is_that_of_what_is_around_it(book: RuleBook) -> None:
    file = f"params/{book.year}/rulebook.yaml"
    assert book.place("rulebook.yaml", "rounding", "nothing") == book.place("rulebook.yaml", "rounding")
    assert book.place("rulebook.yaml") == book.place("rulebook.yaml", "nothing") == (file, book.files["rulebook.yaml"].line)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda book: pickle.loads(pickle.dumps(book))], ids=["copy", "pickle"])
def test_a_copy_of_a_book_keeps_the_places(copied: Any, book: RuleBook) -> None:
    other = copied(book)
    assert other == book and [*other.files] == [*book.files]
    for name in book.files:
        assert [(each.path, each.value, each.line) for each in walk(other.files[name])] \
            == [(each.path, each.value, each.line) for each in walk(book.files[name])]
        assert other.files[name].spans == book.files[name].spans


def test_the_raw_files_are_no_part_of_what_a_book_is_and_prints(book: RuleBook) -> None:
    assert "files=" not in repr(book)


# ── read once ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_books_are_compared_when_their_files_are_gone(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "params", tmp_path / "params")
    books = [tx.load_rulebook(year, tmp_path) for year in ("2019", "2020")]
    shutil.rmtree(tmp_path / "params")
    gone = tx.diff_rules(*books)
    there = tx.diff_rules(*(tx.load_rulebook(year, root) for year in ("2019", "2020")))
    assert gone.equals(there) and len(gone)


def test_a_year_to_compare_with_that_is_not_there_is_told_with_its_line(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "params/2020", tmp_path / "params/2020")
    lines = (root / "params/2020/rulebook.yaml").read_text(encoding="utf-8").splitlines()
    book = tx.load_rulebook("2020", tmp_path)
    shutil.rmtree(tmp_path / "params")
    fault, = checks.last_year(book)
    assert lines[fault.line - 1].startswith("last_year:")


def test_a_file_is_read_once_for_each_book(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new year: the old book, the new one where it is made, the new one in its place."""
    shutil.copytree(root / "params/2017-jining", tmp_path / "params/2017-jining")
    compose, composed, files = yaml.compose, [0], len(tx.load_rulebook("2017-jining", tmp_path).files)

    def counted(*told: Any, **more: Any) -> Any:
        composed[0] += 1
        return compose(*told, **more)

    monkeypatch.setattr(source.yaml, "compose", counted)  # type: ignore[attr-defined]
    add_year(tmp_path, "2018-jining", "2017-jining")
    assert composed == [3 * files]


# ── what no file may be ─────────────────────────────────────────────────────────────────────────────────────────────


def faults_of(tmp_path: Path, text: str | bytes) -> tuple[Block, list[tuple[str, int, str]]]:
    """A file's mapping, and its faults with line and what was found."""
    path = tmp_path / "a.yaml"
    path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    block, faults = source.read(path, "a.yaml")
    return block, [(fault.code, fault.line, fault.found) for fault in faults]


@pytest.mark.parametrize(("text", "faults", "kept"), [
    ("a: 1\nb: 2\na: 3\nc: 4\n", [("duplicate_key", 3, "a")], {"a": "1", "b": "2", "c": "4"}),
    ("a: 1\n? [x]\n: 2\nc: 4\n", [("key_not_text", 2, "")], {"a": "1", "c": "4"}),
    ("a: yes\nb: 2020-01-01\nc:\nd: ~\n", [("implicit", 1, "yes"), ("implicit", 2, "2020-01-01"), ("empty_value", 3, ""),
                                             ("empty_value", 4, "~")], {"a": "yes", "b": "2020-01-01", "c": "", "d": "~"}),
    ("a: !x 1\nb: !!str 2\n", [("tag", 1, "!x"), ("tag", 2, "tag:yaml.org,2002:str")], {}),
    ("a: &x 1\nb: *x\n", [("alias", 1, "x"), ("alias", 2, "x")], {}),
    ("- a\n", [("not_a_mapping", 1, "")], {}), ("a\n", [("not_a_mapping", 1, "")], {}), ("", [("file_empty", 0, "")], {}),
    ("# a\n", [("file_empty", 0, "")], {}), ("\ufeffa: 1\n", [], {"a": "1"}),
    (b"a: 1\nb: \xc3\x28\n", [("not_utf8", 2, "")], {}), (b"\xff", [("not_utf8", 1, "")], {}),
    ("a: 0x1f\nb: 1e3\nc: .5\nd: '7'\n", [], {"a": "0x1f", "b": "1e3", "c": ".5", "d": "7"}),
])
def test_what_may_be_read_in_two_ways_is_refused_with_its_line(text: str | bytes, faults: Any, kept: Any, tmp_path: Path) -> None:
    block, found = faults_of(tmp_path, text)
    assert (found, plain(block)) == (faults, kept)


def test_a_number_is_one_only_where_it_stands_without_quotes(tmp_path: Path) -> None:
    block, _ = faults_of(tmp_path, "a: 15\nb: '15'\nc: 1.5\nd: 15%\n")
    assert [isinstance(block[key], Numeral) for key in "abcd"] == [True, False, True, False]


@pytest.mark.parametrize(("depth", "faults"), [(40, []), (41, [("nested_too_deep", 1, "")])])
def test_a_file_is_nested_so_deep_and_no_deeper(depth: int, faults: Any, tmp_path: Path) -> None:
    text = "a: " + "[" * (depth - 1) + "1" + "]" * (depth - 1) + "\n"
    assert faults_of(tmp_path, text)[1] == faults
    _, (fault,) = source.read(tmp_path / "a.yaml", "a.yaml") if faults else (None, [None])
    assert fault is None or dict(fault.values) == {"depth": "40"}


def test_nesting_is_counted_by_what_is_open(tmp_path: Path) -> None:
    assert faults_of(tmp_path, "".join(f"a{n}: [[1], [2]]\n" for n in range(41)))[1] == []
    deep = "[" * 40 + "]" * 40
    assert faults_of(tmp_path, f"a: &x 1\nb: {deep}\n")[1] == [("alias", 1, "x"), ("nested_too_deep", 2, "")]


@pytest.mark.parametrize(("more", "faults"), [(0, []), (1, [("yaml_too_large", 3, "")])])
def test_a_file_has_so_many_entries_and_no_more(more: int, faults: Any, tmp_path: Path) -> None:
    """Twenty thousand, with the starts and ends of what holds them; the end of the file is one too."""
    items = ",".join(["1"] * (19_990 + more))
    assert faults_of(tmp_path, f"a: 1\nb: [{items}]\n")[1] == faults


@pytest.mark.parametrize(("more", "faults"), [(0, []), (1, [("file_too_large", 0, "")])])
def test_a_file_has_so_many_bytes_and_no_more(more: int, faults: Any, tmp_path: Path) -> None:
    """Two million, notes included."""
    assert faults_of(tmp_path, "a: 1\n#" + "x" * (2_000_000 - 6 + more))[1] == faults


def test_what_cannot_be_read_is_told_with_its_cause(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").mkdir()
    told = [[(fault.code, dict(fault.values).get("cause")) for fault in source.read(tmp_path / name, name)[1]]
            for name in ("c.yaml", "b.yaml")]
    assert told in ([[("file_missing", None)], [("file_unreadable", cause)]] for cause in ("in_the_way", "denied"))


def test_a_path_that_leads_nowhere_has_the_place_of_the_last_step_there_is(tmp_path: Path) -> None:
    block, _ = faults_of(tmp_path, "# x\na:\n  - b: 1\n    c: 2\n  - d\n")
    assert [block.place(*path)[1] for path in [(), ("a",), ("a", 0), ("a", 0, "c"), ("a", 1), ("a", 2), ("a", -1), ("a", 1, "x"),
    ("z",),
                                               ("z", "a", 0, "c"), (0,)]] == [2, 2, 3, 4, 5, 2, 2, 5, 2, 4, 2]
    assert (block.line_of("a"), block.line_of("z")) == (2, 2)


@pytest.mark.parametrize(("value", "want"), [("a", ["a"]), (["a", 1, ["b"], "c"], ["a", "c"]), (None, []), ({"a": "b"}, []), ([],
[])])
def test_one_text_stands_for_a_list_of_one(value: Any, want: list[str]) -> None:
    assert texts(value) == want
