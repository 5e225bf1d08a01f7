"""Faults: what they are about is told by unit, indicator, column and cell, and worded at the end."""

from __future__ import annotations

import pytest

from txlib.base.faults import Fault, FaultsError, Remark, Where, asked, near, printable, shown
from txlib.base.labels import LANGS, say

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(("at", "words"), [
    (Where(), ""),
    (Where("T01", "P1", column="value"), "T01 P1 · value"),
    (Where("T01", "P1", unit_name="甲镇", indicator_name="产值"), "T01 甲镇 · P1 产值"),
    (Where("T01", "S1", "干部", indicator_name="评议"), "T01 · S1 评议 · 干部"),
    (Where("T01", "S1", indicator_name="评议"), "T01 S1 评议"),
    (Where(indicator="P1", column="scored_by.points[2]"), "P1 · scored_by.points[2]"),
    (Where(cell="D12", column="实绩 value"), "D12 实绩 value"),
    (Where(cell="B2:C3"), "B2:C3"),
    (Where("T\x1b[2J01"), "T·[2J01"),
])
def test_what_a_fault_is_about_in_words(at: Where, words: str) -> None:
    fault = Fault.of("value_missing", "a.csv", 3, at)
    assert fault.where == words
    assert fault.message("en").startswith(f"a.csv line 3 · {words}: " if words else "a.csv line 3: ")


def test_faults_are_told_in_the_order_of_files_lines_and_words() -> None:
    """Whatever names the faults: a unit, an indicator or a cell."""
    faults = [Fault.of("value_missing", "a.csv", 3, at) for at in (Where(indicator="c"), Where("b"), Where(cell="A1"))]
    told = FaultsError([Fault.of("value_missing", "b.csv"), *faults, Fault.of("value_missing", "a.csv", 2), faults[0]]).faults
    assert [(fault.file, fault.line, fault.where) for fault in told] == [
        ("a.csv", 2, ""), ("a.csv", 3, "A1"), ("a.csv", 3, "b"), ("a.csv", 3, "c"), ("b.csv", 0, "")]


def test_a_fault_is_told_whole() -> None:
    """Place, found, expected and remedy; without what there is none of."""
    fault = Fault.of("weights_sum", "a.yaml", 3, Where(indicator="A"), found="101", want="100", terms="60 + 41 = 101")
    expected, remedy = (say(f"faults.weights_sum.{part}", "en", found="101", where="A", want="100", terms="60 + 41 = 101")
                        for part in ("expected", "remedy"))
    told = fault.message("en")
    assert told == say("faults.message", "en", place="a.yaml line 3 · A", found=say("faults.found", "en", found="101"),
                       expected=expected, remedy=remedy)
    assert Fault.of("file_missing", "a.yaml").message("en").startswith("a.yaml: ")
    assert say("faults.found", "en", found="") not in Fault.of("file_missing", "a.yaml").message("en")


@pytest.mark.parametrize(("near_by", "zh", "en"), [
    (" 海棠街 海棠街道?", "单位（是不是 海棠街 海棠街道？）。", "units (did you mean 海棠街 海棠街道?)."),
    ("", "有的单位。", "of the table of units."),
    (" a, b", "有的单位 a, b。", "of the table of units a, b.")])
def test_a_hint_is_a_question_in_either_language(near_by: str, zh: str, en: str) -> None:
    fault = Fault.of("lead_unknown", "a.yaml", near=near_by)
    assert zh in fault.message("zh") and en in fault.message("en")


@pytest.mark.parametrize("lang", LANGS)
def test_what_hindered_reading_is_told_in_its_own_words(lang: str) -> None:
    told = Fault.of("file_unreadable", "a.yaml", cause="denied", error="EACCES").message(lang)
    assert say("hindrances.denied", lang) in told and say("hindrances.denied_remedy", lang) in told and "EACCES" not in told
    assert "odd one" in Fault.of("file_unreadable", "a.yaml", cause="other", error="odd one").message(lang)


@pytest.mark.parametrize("lang", LANGS)
def test_a_kind_is_told_in_the_words_that_the_fault_has_for_it(lang: str) -> None:
    told = Fault.of("table_too_large", "a.csv", kind="rows", most="5").message(lang)
    assert say("faults.table_too_large.rows", lang) in told


def test_a_remark_has_texts_of_its_own() -> None:
    assert Remark.section != Fault.section


@pytest.mark.parametrize(("value", "text"), [
    ("x" * 80, "x" * 80), ("x" * 81, "x" * 77 + "…"), ("a\tb\x1b", "a·b·"), (["a\n", "b"], "a·, b"), (("a",), "a"), ([], "—"),
    (7, "7"),
    (["x" * 81], "x" * 77 + "…"),
])
def test_a_value_is_shown_as_one_short_line(value: object, text: str) -> None:
    assert shown(value) == text and printable(text) == text


def test_what_is_known_is_told_longer_than_what_was_found() -> None:
    """A list that is cut short would hide what it is there to tell; of several, each is as short as one alone."""
    fault = Fault.of("weights_sum", "a.yaml\x1b", found="x" * 81, terms="y" * 400, want="z" * 401, category="c")
    told = dict(fault.values)
    assert (fault.file, fault.found, fault.category) == ("a.yaml·", "x" * 77 + "…", "c")
    assert told == {"terms": "y" * 400, "want": "z" * 397 + "…"}


@pytest.mark.parametrize(("name", "known", "meant"), [
    ("abcde", ["abcxy"], "abcxy"), ("abcde", ["abxyz"], ""), ("leed", ["lead", "load", "floor"], "lead"), ("x", [], ""),
    ("abc", ["cba", "abd"], "abd"), ("aaaaa", ["a"], ""), ("", ["a"], ""), ("tier_share", ["ties", "tier_shares"], "tier_shares"),
])
def test_the_nearest_known_name_is_meant_where_three_in_five_letters_agree(name: str, known: list[str], meant: str) -> None:
    assert near(name, known) == meant and asked(name, known) == (f" {meant}?" if meant else "")


@pytest.mark.parametrize(("count", "more"), [(20, ""), (21, "1"), (27, "7")])
def test_of_many_faults_of_a_kind_in_a_file_so_many_are_told_and_the_rest_counted(count: int, more: str) -> None:
    faults = [Fault.of("value_missing", "a.csv", line) for line in range(1, count + 1)]
    faults += [Fault.of("value_missing", "b.csv"), Fault.of("unit_absent", "a.csv")]
    error = FaultsError(faults)
    lines = str(error).splitlines()
    assert len(error.faults) == count + 2 and len(lines) == 2 * (22 + bool(more))
    rest = [say("faults.more", lang, file="a.csv", count=int(more)) for lang in LANGS] if more else []
    assert lines[2 * 22:] == rest
