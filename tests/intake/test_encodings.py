"""Texts in the encodings of Chinese offices: read as they were written, or refused by name."""

from __future__ import annotations

import re

import pytest
from shared import ROOT

from txlib.intake.sheets.encodings import decoded
from txlib.intake.sheets.garbled import garbled

pytestmark = pytest.mark.quick

HEAD = "unit,indicator,honour\nu3,J,"
CHINESE = ["全省十强", "实施", "全票", "浦东新区", "甪直镇", "淼", "燚淼犇", "路", "“优秀”；（一）", "全国文明城市〔2020〕1号",
           "东港镇，①②③，5 ㎡，±3℃", "—", "①", "９", "5㎡", "喆堃", "张喆", "𠮷", "煤A", "梅1", "鲁A", "甬江"]


@pytest.mark.parametrize("text", CHINESE)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_is_read_in_utf_8_and_gbk(text: str, encoding: str) -> None:
    """Words of GBK that are valid UTF-8 of another script among them (f03)."""
    for whole in (text, HEAD + text, f"{HEAD}{text}\nu4,J,{text}\n"):
        assert decoded(whole.encode(encoding)) == (whole, "")


@pytest.mark.parametrize("text", ["plain", "naïve café", "5 µm", "12 m², 3 m³", "20°C ±2", "A·B", "Ω≥5", "“quoted” – dash",
                                  "it’s", "Dōnggǎng", "Xīnchéng", "É", "ß", "Straße", "20 °C", "5 µg/m³", "—", "９", "ＡＢ"])
def test_a_text_without_chinese_is_utf_8(text: str) -> None:
    for whole in (text, HEAD + text):
        assert decoded(whole.encode()) == (whole, "")
        assert decoded(whole.encode("utf-8-sig")) == (whole, "")


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


def western(raw: bytes) -> str:
    """Bytes as a program reads them that takes them for Windows' Western encoding."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in raw)


SPOILT = ["ȫʡʮǿ", "ȫƱ", "ѧУ", "Aȫʡʮǿ", "È«Ê¡Ê®Ç¿", "±±²¿", "å…¨çœ…", "鍏ㄧ渷鍗佸己", "鍏ㄧ渷鍗佸己?", "东港鍏ㄧ渷", "â€”",
          *(spoil for name in ("东港镇", "全省十强", "长城汽车") for spoil in (
              name.encode().decode("latin-1"), western(name.encode()), western(name.encode("gbk")),
              name.encode().decode("gbk", "replace").replace("\ufffd", "?")))]


@pytest.mark.parametrize("spoilt", SPOILT)
@pytest.mark.parametrize("head", ["单位编码,指标编码,事项\nu3,J,", "单位编码,指标编码,事项\nu3,J,全省十强"])
def test_a_spoilt_name_is_refused_whatever_else_the_file_holds(head: str, spoilt: str) -> None:
    """One sound name does not make the others sound (f03)."""
    assert decoded(f"{head}\nu4,J,{spoilt}\n".encode()) == ("", "encoding_twice")


def test_rows_in_gbk_below_a_head_in_utf_8_are_refused() -> None:
    head, row = "单位编码,事项\nu3,".encode(), "全省十强\n".encode("gbk")
    assert decoded(head + row + "u4,东港镇 1\n".encode()) == ("", "encoding_twice")


def test_no_sound_text_is_taken_for_a_spoilt_one() -> None:
    """Every two to four signs that stand beside each other in rules and labels, and words of other languages."""
    files = [*ROOT.glob("params/2020/**/*.yaml"), *ROOT.glob("txlib/labels/**/*.yaml"), *ROOT.glob("data/2020/**/*.csv")]
    runs = {run for file in files for run in re.findall("[^\x00-\x7f]{2,}", file.read_text(encoding="utf-8"))}
    windows = {run[i:i + n] for run in runs for n in (2, 3, 4) for i in range(len(run) - n + 1)}
    words = ["Lǚliáng Xī’ān nǚ lǜ", "créée, « privé », où… “à…”", "Größe ÄÖÜäöüß", "ˈkɒfi feɪθ", "αβγ µΩ ±×", "Москва где",
             "××××", "……——", "溧阳", "淇县", "喆堃", "𠮷野"]
    assert len(windows) > 10_000 and [each for each in (*windows, *words) if garbled(each)] == []


@pytest.mark.parametrize("text", ["Müller", "garçon", "Straße"])
def test_western_words_are_no_rare_chinese(text: str) -> None:
    assert decoded(f"unit,note\nu3,{text}\n".encode("latin-1")) == ("", "encoding_unknown")
