"""Names that a program spoilt: it took them for another encoding and wrote down what it read.

A run of signs is spoilt where its bytes, put back, are Chinese in common use, and the run itself is nothing that anybody writes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002a6df\U0002a700-\U0002ee5d\U00030000-\U000323af]")
_COMMON = {"gb18030": ("gb2312", 0xB0, 0xD7), "big5": ("big5", 0xA4, 0xC6), "shift_jis": ("shift_jis", 0x88, 0x97)}
PLAUSIBLE, ODD = 0.7, 0.6  # of the signs of a text, how many are in common use where it is Chinese; fewer where it is none

_FOREIGN = re.compile("[^\x00-\x7f]{2,}")
_UTF8 = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){2,}")  # two Chinese signs, or more
_WESTERN = {ord(sign): byte for byte in range(0x80, 0xA0) if (sign := bytes([byte]).decode("cp1252", "ignore"))}
_UTF8_AS_WESTERN = re.compile("[\xe4-\xe9][\x80-\xbf]{2}[\x80-\xff?]{0,6}[\xe4-\xe9][\x80-\xbf]{2}"
                              "|\xe2\x80[\x90-\xa7]|\xe3\x80[\x80-\xbf]|\xef[\xbc\xbd][\x80-\xbf]")
_GBK_AS_WESTERN = re.compile("(?:[\x81-\xfe]{2}){2,}")
_GBK_AS_UTF8 = re.compile("(?<![A-Za-z])[\u00a1-\u07ff]{2,}(?![A-Za-z])")
_LETTERS = re.compile("[\u00a1-\u017f\u01cd-\u01dc\u0370-\u03ff\u0401\u0410-\u0451\u05d0-\u05ea]")  # of living languages


def garbled(text: str) -> bool:
    """Whether it holds a name that was taken for another encoding, whatever else it holds."""
    if text.isascii():
        return False
    western = text.translate(_WESTERN)  # a sign a byte, where it is one of a Western encoding
    return bool(_UTF8_AS_WESTERN.search(western)) or any(
        common(meant) >= PLAUSIBLE for found in (_utf8_as_gbk(text), _gbk_as_western(text, western), _gbk_as_utf8(text))
        for meant in found)


def common(text: str, encoding: str = "gb18030") -> float:
    """Of the signs of a text that are no ASCII and no marks, the share that is in common use where the encoding is written."""
    codec, first, last = _COMMON[encoding]
    signs = {sign: many for sign, many in Counter(text).items() if not sign.isascii() and not marks(sign)}
    known = {sign: many for sign, many in signs.items() if first <= (sign.encode(codec, "ignore") or b"0")[0] <= last}
    return sum(known.values()) / sum(signs.values()) if signs else 0.0


def marks(text: str) -> bool:
    """Whether a text is nothing but signs that stand beside Chinese: the first rows of GBK, and the mark of a file's order."""
    return all(sign == "\ufeff" or 0xA1 <= (sign.encode("gbk", "ignore")[:1] or b"0")[0] <= 0xA9 for sign in text)


def _utf8_as_gbk(text: str) -> Iterator[str]:
    """What runs of rare signs were before: 全省十强 from 鍏ㄧ渷鍗佸己."""
    for run in set(_FOREIGN.findall(text)):
        raw = run.encode("gb18030", "replace")
        for found in _UTF8.finditer(raw):
            start, end = found.start() // 2 * 2, (found.end() + 1) // 2 * 2
            read = raw[start:end].decode("gb18030", "ignore")
            if common("".join(HAN.findall(read))) * len(HAN.findall(read)) < ODD * len(read):
                yield found[0].decode()


def _gbk_as_western(text: str, western: str) -> Iterator[str]:
    """What runs of accents and marks were before, some of which no Chinese file holds: 全省 from È«Ê¡."""
    for found in _GBK_AS_WESTERN.finditer(western):
        before = text[found.start():found.end()]
        if before.encode("gb2312", "ignore").decode("gb2312") != before:
            yield found[0].encode("latin-1").decode("gb18030", "ignore")


def _gbk_as_utf8(text: str) -> Iterator[str]:
    """What runs of letters were before, some of which no language has: 全省 from ȫʡ, in the midst of UTF-8."""
    for run in set(_GBK_AS_UTF8.findall(text)):
        if _LETTERS.sub("", run):
            yield run.encode().decode("gbk", "ignore")
