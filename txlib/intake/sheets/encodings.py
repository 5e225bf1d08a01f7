"""The text of a file in whatever encoding Chinese offices write: UTF-8 or GBK (GB18030); others are named and refused.

Many words of GBK happen to be valid UTF-8 of other scripts (全省十强 is ȫʡʮǿ), and bytes of other encodings are valid GBK of
signs that nobody uses: what a reading holds decides. GB 2312 has the 3,755 signs that are in common use first, Big5 its 5,401.
What a program spoilt is told by runs of signs, whatever else the file holds (`garbled`).
"""

from __future__ import annotations

import re

from txlib.intake.sheets.garbled import HAN, PLAUSIBLE, common, garbled, marks

_KANA = re.compile(r"[\u3041-\u30ff]")
_WIDE = re.compile("[\u2010-\u22ff\u2460-\u24ff\u3000-\u33ff\uff00-\uffef]")  # marks that are three bytes of UTF-8
_MEASURE = re.compile("(?<=[A-Za-z])\xb7(?=[A-Za-z])|(?<=m)[\xb2\xb3]|(?<=[0-9])\xb0|\xb0(?=C)|\xb1(?=[0-9])|\xb5(?=[A-Za-z])")
_WORD = re.compile("[A-Za-z\xc0-\xd6\xd8-\xf6\xf8-\u017f\u01cd-\u01dc]+")
_TOUCHING = re.compile(rf"(?<=[A-Za-z0-9]){HAN.pattern}|{HAN.pattern}(?=[A-Za-z0-9])")
_ACCENTS = {0xB0, 0xB5, *range(0xC0, 0x100)}  # Western letters and the signs of °C and µm
_LOST = re.compile("\ufffd|锟斤拷")  # what a program writes for signs that it could not read
_OTHERS = {"big5": "encoding_big5", "shift_jis": "encoding_shift_jis"}


def decoded(raw: bytes) -> tuple[str, str]:
    """The text, and empty; or empty, and the kind of fault that the file has."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in raw:
        return "", "encoding_unknown"
    utf8, gbk = _read(raw, "utf-8-sig"), _read(raw, "gb18030")
    if utf8 is not None:
        plain = HAN.search(utf8) or _western(utf8) or raw.startswith(b"\xef\xbb\xbf")
        return _sound(gbk if gbk is not None and not plain and _chinese(gbk) else utf8)
    if gbk is not None and _WIDE.sub("", gbk).isascii():
        return gbk, ""
    others = {encoding: _common(raw, encoding) for encoding in _OTHERS}
    best, ours = max(others, key=lambda encoding: others[encoding]), common(gbk or "")
    if others[best] >= PLAUSIBLE and others[best] > ours:  # GBK where two are alike
        return "", _OTHERS[best]
    if gbk is None or (ours < PLAUSIBLE and not _LOST.search(gbk) and not _plausible(gbk)):
        return "", "encoding_unknown"
    return _sound(gbk)


def _read(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _sound(text: str) -> tuple[str, str]:
    """The text, or the fault that a program spoilt it."""
    return ("", "encoding_twice") if _LOST.search(text) or garbled(text) else (text, "")


def _common(raw: bytes, encoding: str) -> float:
    """The share in common use of a reading, 0 where there is none; Japanese is told by its own signs beside Chinese ones."""
    text = _read(raw, encoding) or ""
    if encoding == "shift_jis":
        return common("".join(HAN.findall(text)), encoding) if _KANA.search(text) else 0.0
    return common(text, encoding)


def _western(text: str) -> bool:
    """Whether UTF-8 without Chinese signs is what it reads as: wide marks, or half of its signs in words and measures (café)."""
    words = [word for word in _WORD.findall(text) if word.islower() or word.istitle()]
    known = "".join([word for word in words if len(word.encode("ascii", "ignore")) > 1] + _MEASURE.findall(text))
    return bool(_WIDE.search(text)) or 2 * _foreign(known) >= _foreign(text)


def _foreign(text: str) -> int:
    """How many of its signs are no ASCII."""
    return sum(not sign.isascii() for sign in text)


def _chinese(text: str) -> bool:
    """Whether a text holds signs of GB 2312 alone, some of them Chinese, beside ASCII."""
    foreign = "".join(sign for sign in text if not sign.isascii())
    return bool(HAN.search(text)) and foreign == foreign.encode("gb2312", "ignore").decode("gb2312")


def _plausible(text: str) -> bool:
    """Whether a text is Chinese signs, however rare, and marks, and not mostly letters of Western words (na飗e)."""
    han = HAN.findall(text)
    rest = "".join(sign for sign in HAN.sub("", text) if not sign.isascii())
    western = [sign for sign in _TOUCHING.findall(text) if (raw := sign.encode("gb18030"))[1] < 0x80 and raw[0] in _ACCENTS]
    return marks(rest) and 2 * len(western) <= len(han)
