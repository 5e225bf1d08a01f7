"""Texts in the encodings of Chinese offices: read as they were written, or refused by name."""

from __future__ import annotations

import pytest

from txlib.intake.encodings import decoded

pytestmark = pytest.mark.quick

HEAD = "unit,indicator,honour\nu3,J,"
CHINESE = ["全省十强", "实施", "全票", "浦东新区", "甪直镇", "淼", "燚淼犇", "路", "“优秀”；（一）", "全国文明城市〔2020〕1号",
           "东港镇，①②③，5 ㎡，±3℃"]


@pytest.mark.parametrize("text", CHINESE)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_is_read_in_utf_8_and_gbk(text: str, encoding: str) -> None:
    """Words of GBK that are valid UTF-8 of another script among them (f03)."""
    for whole in (text, HEAD + text, f"{HEAD}{text}\nu4,J,{text}\n"):
        assert decoded(whole.encode(encoding)) == (whole, "")


@pytest.mark.parametrize("text", ["plain", "naïve café", "5 µm", "12 m², 3 m³", "20°C ±2", "A·B", "Ω≥5", "“quoted” – dash"])
def test_a_text_without_chinese_is_utf_8(text: str) -> None:
    assert decoded(text.encode()) == (text, "")


@pytest.mark.parametrize(("raw", "code"), [
    ("單位,指標\n東港鎮,公共預算收入".encode("big5"), "encoding_big5"),
    ("財政局".encode("big5"), "encoding_big5"),
    ("単位,指標\n東京都,これは実績です".encode("shift_jis"), "encoding_shift_jis"),
    ("东港街道".encode().decode("gb18030").encode(), "encoding_twice"),
    ("东港镇".encode().decode("gb18030", "replace").encode(), "encoding_twice"),
    ("\ufffd\ufffd".encode().decode("gb18030").encode("gb18030"), "encoding_twice"),
    ("单位,实绩\n东港镇,7".encode().decode("latin-1").encode(), "encoding_twice"),
    ("财政局".encode().decode("latin-1").encode("utf-8-sig"), "encoding_twice"),
    ("东港".encode("utf-16"), "encoding_unknown"),
    ("na\u00efve".encode("latin-1"), "encoding_unknown"),
    (b"\x00\x01", "encoding_unknown"),
])
def test_other_encodings_are_named(raw: bytes, code: str) -> None:
    assert decoded(raw) == ("", code)
