"""What breaks the form of a YAML file is told by what stands there, at its line and character, without the parser's words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from txlib.rules import source

pytestmark = pytest.mark.quick

BROKEN = [  # the text, the fault, its line, its character, what the remedy has one write
    ("a: 1\nname：abc\nb: 2\n", "yaml_full_width", 2, 5, ":"),
    ('a: 1\nname："abc"\n', "yaml_full_width", 2, 5, ":"),
    ('name：{zh: "x"}\nb: 2\n', "yaml_full_width", 1, 5, ":"),
    ('a: {zh："x", en: "y"}\n', "yaml_full_width", 1, 7, ":"),
    ('a: 1\nb: {zh: "x"，en: "y"}\n', "yaml_full_width", 2, 12, ","),
    ("a: {points: 15，clause: silent}\n", "yaml_full_width", 1, 15, ","),
    ('a: ["1.3d"，"1.4a"]\n', "yaml_full_width", 1, 11, ","),
    ("a: [1.3d，1.4a]\n", "yaml_full_width", 1, 9, ","),
    ('a: ｛zh: "x", en: "y"｝\n', "yaml_full_width", 1, 4, "{"),
    ('a: {zh: "x", en: "y"｝\nb: 1\n', "yaml_full_width", 1, 21, "}"),
    ("a: 【1.1】\n", "yaml_full_width", 1, 4, "["),
    ('a: ["x"】\nb: 1\n', "yaml_full_width", 1, 8, "]"),
    ("a: 1\nb: “x”\n", "yaml_full_width", 2, 4, '"'),
    ("a: {zh: “x”, en: 1}\n", "yaml_full_width", 1, 9, '"'),
    ("a:\n　　b: 1\n　　c: 2\n", "yaml_space", 2, 1, ""),
    ("a:\n  b: 1\n \xa0c: 2\n", "yaml_space", 3, 2, ""),
    ('a: {zh: "x"、en: "y"}\n', "yaml_full_width", 1, 12, ","),
    ('a: {zh: "x"; en: "y"}\n', "yaml_full_width", 1, 12, ","),
    ('a: {zh: x # y, en: "y"}\nb: 1\n', "yaml_note", 1, 11, ""),
    ('a: {zh: “x", en: 1}\n', "yaml_full_width", 1, 9, '"'),
    ("a:\n\tb: 1\n", "yaml_tab", 2, 1, ""),
    ("a:\n  b: 1\n  \tc: 2\n", "yaml_tab", 3, 3, ""),
    ("a:\n  -\tb: 1\n", "yaml_tab", 2, 4, ""),
    ('b: 1\nname: "abc" def\nc: 1\n', "yaml_quote", 2, 7, "'\"abc\" def'"),
    ('name: {zh: "东港"镇, en: "Donggang"}\n', "yaml_quote", 1, 12, "'\"东港\"镇'"),
    ("name: '东港'镇\n", "yaml_quote", 1, 7, "\"'东港'镇\""),
    ('name: "东港"镇  # seat\nb: 1\n', "yaml_quote", 1, 7, "'\"东港\"镇'"),
    ('a: 1\nname: "abc\nb: 1\n', "yaml_quote_open", 2, 7, ""),
    ('name: "abc\nb: 1\nc: "x"\nd: 1\n', "yaml_quote_open", 1, 7, ""),
    ("a:\n  - b: 1\n  -c: 2\n", "yaml_dash", 3, 3, "- c: 2"),
    ("a:\n  -code: A\n", "yaml_dash", 2, 3, "- code"),
    ("a: 1\nweight:15\nb: 1\n", "yaml_colon", 2, 7, "weight: 15"),
    ("a: 1\n  b: 2\n", "yaml_indent", 2, 4, "2"),
    ('a: "1"\n  b: 2\n', "yaml_indent", 2, 3, "2"),
    ("a:\n    b: 1\n  c: 2\n", "yaml_indent", 3, 3, "2"),
    ("a:\n  - b: 1\n   - c: 2\n", "yaml_indent", 3, 4, "3"),
    ('a: {zh: "x", en: "y"\nb: 1\n', "yaml_bracket", 1, 4, ""),
    ("says: 见附件: 第二条\n", "yaml_colon_inside", 1, 1, ""),
    ("a: 1\nname: @东港\n", "yaml_start", 2, 7, "'@东港'"),
    ("a: 1\nb: {c: %5, d: 6}\n", "yaml_start", 2, 8, "'%5'"),
    ('a: "D:\\data"\n', "yaml_escape", 1, 6, ""),
    ("a: 1\n---\nb: 2\n", "yaml_documents", 2, 1, ""),
    ("a: 1\nb: x\x01\n", "yaml_character", 2, 0, ""),
    ('a: {zh: "x"}}\n', "yaml", 1, 13, ""),
]
WHOLE = [
    'a: "东港：镇，【一】“二”"\n', "says: 甲：乙，丙\n", "a: “三农”工作“双减”\n", "a: 放管服（“一网通办”）\n",
    "a: {zh: 收入，支出, en: x}\n",
    "a: -5\n", "a: [-5, -1.5]\n", "a: 1.3d-1.4a\n", "a: >\n  甲：乙\n  丙，丁\n", "a: '“x”'\n", 'a: "x\n  y"\nb: 1\n',
]


def read(tmp_path: Path, text: str) -> list[source.Fault]:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    return source.read(path, "a.yaml")[1]


@pytest.mark.parametrize(("text", "code", "line", "character", "meant"), BROKEN)
def test_what_breaks_a_file_is_named_where_it_stands(text: str, code: str, line: int, character: int, meant: str,
                                                     tmp_path: Path) -> None:
    fault = read(tmp_path, text)[0]
    values = dict(fault.values)
    assert (fault.code, fault.line, int(values.get("column", 0))) == (code, line, character)
    assert meant in ("", values.get("meant"))
    zh, en = fault.message("zh"), fault.message("en")
    assert meant in zh and meant in en and not re.search(r"[a-z]{3,} [a-z]{3,}", zh), zh


@pytest.mark.parametrize("text", WHOLE)
def test_what_is_whole_is_read_as_it_is_written(text: str, tmp_path: Path) -> None:
    assert read(tmp_path, text) == []


def test_one_sign_gives_one_fault(tmp_path: Path) -> None:
    """Not another for the key that it makes or the value that it takes away."""
    assert [fault.code for fault in read(tmp_path, 'a: {zh："x", en: "y"}\n')] == ["yaml_full_width"]


@pytest.mark.parametrize(("text", "code", "line", "character", "meant"), [
    ("a: [1、2]\nb: {c: 1\n", "yaml_bracket", 2, 4, ""),
    ("b: 1\na: [x # y, z]\n", "yaml_note", 2, 7, ""),
    ("a:\n  - b: 1\n  c: 2\n", "yaml_indent", 3, 3, "2"),
    ("a: b: c\n", "yaml_colon_inside", 1, 1, ""),
    ("x: 1\n \xa0 b: 2\n", "yaml_space", 2, 2, ""), ("x: 1\n\u2003- b\n", "yaml_space", 2, 1, ""),
    ("a: 'x' y\n", "yaml_quote", 1, 4, "\"'x' y\""), ("a: ['x' y, z]\n", "yaml_quote", 1, 5, "\"'x' y\""),
    ("a: \"it's\" b\n", "yaml_quote", 1, 4, "'\"it''s\" b'"),
    ("a: 'x\nb: 1\n", "yaml_quote_open", 1, 4, ""), ("b: 1\na: [\"x, y]\n", "yaml_quote_open", 2, 5, ""),
    ("a: `x` # y\n", "yaml_start", 1, 4, "'`x`'"), ("a: [@x, y]\n", "yaml_start", 1, 5, "'@x'"),
    ("a: {b: @x}\n", "yaml_start", 1, 8, "'@x'"),
    ("a: * b\n", "yaml_start", 1, 4, "'* b'"),
    ("a: 1\r\nb: 2\r\nc: x\x07\r\n", "yaml_character", 3, 0, ""), ("a: 1\rb: \x02\n", "yaml_character", 2, 0, ""),
])
def test_what_breaks_a_file_is_told_by_what_stands_there(text: str, code: str, line: int, character: int, meant: str,
                                                         tmp_path: Path) -> None:
    """Signs, quotes, brackets, notes and blanks, each beside what would be taken for another."""
    fault = read(tmp_path, text)[0]
    values = dict(fault.values)
    assert (fault.code, fault.line, int(values.get("column", 0)), values.get("meant", "") if meant else "") \
        == (code, line, character, meant)


@pytest.mark.parametrize(("text", "found", "column", "meant"), [
    ("a，b: 1\n", "，", "2", ","), ("a: b\nc：: 1\n", "：", "2", ":"), ("a: 【x】\n", "【", "4", "["),
    ("a: “x”\n", "“", "4", '"'),
    ("a: [x，y]\n", "，", "6", ","), ("a: ““\n", "“", "4", '"'), ("a: x，y\n", "，", "5", ","),
])
def test_a_sign_too_wide_that_makes_another_word_is_told(text: str, found: str, column: str, meant: str, tmp_path: Path) -> None:
    fault = read(tmp_path, text)[0]
    told = dict(fault.values)
    assert (fault.code, fault.found, told["column"], told["meant"]) == ("yaml_full_width", found, column, meant)


@pytest.mark.parametrize("text", [
    "a: 甲，乙\n", "a: “甲”乙\n", "a: “甲”和“乙”\n", "a: 【甲】乙\n", "'a，b': 1\n", "a: '【x】'\n", "a: '-b'\n"])
def test_chinese_signs_within_chinese_are_what_they_are(text: str, tmp_path: Path) -> None:
    assert read(tmp_path, text) == []
