"""Four jobs on texts handed in: tidied, put in half width, made comparable, made harmless."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_HALF = {code: unicodedata.normalize("NFKC", chr(code)) for code in (*range(0xFF01, 0xFF5F), *range(0xFE50, 0xFE6C))}
_SPACES = dict.fromkeys((0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
_NARROW = {**_HALF, **_SPACES}


def tidied(cell: object) -> str:
    """A cell's text without invisible marks and the spaces around it."""
    return str(cell).translate(_INVISIBLE).strip()


def half_width(cell: str) -> str:
    """A code, number or date in its half-width form: ７．１３ is 7.13. Small and circled digits stay: 7.13① is no number."""
    return tidied(cell.translate(_NARROW))


def comparable(text: str) -> str:
    """A name for comparing: compatible forms made one, without spaces; 县级（一） and 县级 (一), m² and ㎡ are alike."""
    return re.sub(r"\s", "", tidied(unicodedata.normalize("NFKC", text)))


def harmless(text: object) -> str:
    """A text handed in, a sign put for what is not seen: controls, marks that turn the reading direction."""
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cf") else c for c in str(text))
