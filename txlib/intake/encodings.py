"""The text of a file in whatever encoding Chinese offices write: UTF-8 or GBK (GB18030); others are named and refused.

Many words of GBK happen to be valid UTF-8 of other scripts (全省十强 is ȫʡʮǿ), and bytes of other encodings are valid GBK of
signs that nobody uses: what a reading holds decides. GB 2312 has the 3,755 signs that are in common use first, Big5 its 5,401.
"""

from __future__ import annotations

import re

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_MARKS = re.compile("[\u3000-\u303f\uff00-\uffef\u2010-\u2027\u2030\u203b\u2103\u2116\u2160-\u217f\u2200-\u22a5\u2460-\u249b"
                    "\u00b0\u00b1\u00b7\u00d7\ufeff]")
_LATIN = re.compile("(?<=[A-Za-z0-9])[\u00b0\u00b2\u00b3\u00b5\u00c0-\u00ff]|[\u00b1\u00b5\u00c0-\u00ff](?=[A-Za-z0-9])"
                    "|(?<=[A-Za-z])\u00b7(?=[A-Za-z])")  # m², 5 µm, café: what a text without Chinese may hold
_LOST = re.compile("\ufffd|锟斤拷")  # what a program writes for signs that it could not read
PLAUSIBLE = 0.7  # of the Chinese signs of a text, the share that is in common use
_COMMON = {"gb18030": ("gb2312", 0xB0, 0xD7), "big5": ("big5", 0xA4, 0xC6), "shift_jis": ("shift_jis", 0x88, 0x97)}
_OTHERS = {"big5": "encoding_big5", "shift_jis": "encoding_shift_jis"}


def decoded(raw: bytes) -> tuple[str, str]:
    """The text, and empty; or empty, and the kind of fault that the file has."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in raw:
        return "", "encoding_unknown"
    utf8, gbk = _read(raw, "utf-8-sig"), _read(raw, "gb18030")
    if (utf8 is not None and (_LOST.search(utf8) or _twice(utf8))) or (utf8 is None and _LOST.search(gbk or "")):
        return "", "encoding_twice"
    if utf8 is not None and (_HAN.search(utf8) or _LATIN.sub("", utf8).isascii() or gbk is None or not _chinese_alone(gbk)):
        return utf8, ""
    shares = {encoding: _common(raw, encoding) for encoding in _COMMON}
    best = max(shares, key=lambda encoding: shares[encoding])  # GBK where two are alike
    if best in _OTHERS and shares[best] >= PLAUSIBLE and utf8 is None:
        return "", _OTHERS[best]
    rare = gbk is not None and _chinese_alone(gbk) and _HAN.search(gbk.encode("gb2312", "ignore").decode("gb2312"))
    return (gbk, "") if gbk is not None and (shares["gb18030"] >= PLAUSIBLE or rare) else ("", "encoding_unknown")


def _read(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _chinese_alone(text: str) -> bool:
    """Whether a text holds Chinese signs, and beside them only ASCII and the marks that go with them."""
    return bool(_HAN.search(text)) and _HAN.sub("", _MARKS.sub("", text)).isascii()


def _common(raw: bytes, encoding: str) -> float:
    """Of the signs of a reading that are no ASCII and no marks, the share that is in common use where the encoding is written.

    0 where it cannot be read so; Japanese is told by its own signs beside Chinese ones.
    """
    text = _read(raw, encoding) or ""
    signs = [sign for sign in _MARKS.sub("", text) if not sign.isascii()]
    if encoding == "shift_jis":
        if not _KANA.search(text):
            return 0.0
        signs = _HAN.findall(text)
    codec, first, last = _COMMON[encoding]
    leads = [sign.encode(codec, "ignore")[:1] for sign in signs]
    return sum(bool(lead) and first <= lead[0] <= last for lead in leads) / len(signs) if signs else 0.0


def _twice(text: str) -> bool:
    """Whether a text is UTF-8 that a program took for another encoding and wrote as UTF-8 again."""
    for encoding in ("gb18030", "cp1252", "latin-1"):
        try:
            before = text.lstrip("\ufeff").encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if _HAN.search(before) and not before.isascii() and len(before) < len(text):
            return True
    return False
