"""Number formats of Excel: what a cell shows of the number that it stores, and which numbers are days.

A format has up to four sections (above zero, below, zero, text). Source: ECMA-376 part 1, 18.8.30 and 18.8.31; the formats
27–36 and 50–58 are dates in the Chinese Excel, which does not write them into its files.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Literal

Shown = Literal["plain", "percent", "percent sign", "otherwise"]

_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_NAMED = {1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
          48: "##0.0E+0", 49: "@"}
_TOKEN = re.compile(r'"[^"]*"|[\\!].|_.|\*.|\[[^\]]*\]|.', re.S)
_ELAPSED = re.compile(r"\[[hms]+\]", re.I)
_GENERAL = re.compile(r"General|G/通用格式", re.I)
_SCALED = re.compile(r"[0#?],+(?![,0#?])")


def built_in(number: int) -> tuple[str, bool]:
    """The code of a format that files name by its number only, and whether it is a date."""
    return _NAMED.get(number, "General"), number in _DATES


@cache
def is_date(code: str) -> bool:
    """Whether a format shows a number as a day or a time."""
    drawn, _ = _sections(_GENERAL.sub("#", code))[0]
    return bool(re.search(r"[ymdhs]", drawn, re.I))


@cache
def shown(code: str, sign: int) -> Shown:
    """How a number of this sign is shown: as it is; times 100 with %; with a % that is mere text; or as another amount.

    Another amount: in thousands, with 万 or 亿 behind it, or not at all.
    """
    sections = _sections(_GENERAL.sub("#", code))
    if re.search(r"\[[<>=]", code):
        ways = {_way(*section) for section in sections}
        return ways.pop() if len(ways) == 1 else "otherwise"
    chosen = {1: 0, -1: 1, 0: 2}[sign]
    return _way(*sections[chosen if chosen < len(sections) else 0])


@cache
def is_plain(code: str) -> bool:
    """Whether a format shows a whole number as it is, without decimals, leading zeros or signs of its own."""
    return bool(re.fullmatch(r"[0#@]\s*", _sections(_GENERAL.sub("#", code))[0][0])) and not _sections(code)[0][1].strip()


def _way(drawn: str, written: str) -> Shown:
    """How one section shows a number. `drawn`: its signs; `written`: its literal text."""
    if not re.search(r"[0#?@]", drawn) or _SCALED.search(drawn) or re.search("[十百千万亿兆‰]", drawn + written):
        return "otherwise"
    percents = drawn.count("%")
    if percents:
        return "percent" if percents == 1 and "%" not in written else "otherwise"
    return "percent sign" if "%" in written or "％" in drawn + written else "plain"


def _sections(code: str) -> list[tuple[str, str]]:
    """A format's sections as signs and literal text; elapsed time stays, colours, conditions, languages and gaps go."""
    sections, drawn, written = [], "", ""
    for token in [*_TOKEN.findall(code), ";"]:
        if token == ";":
            sections.append((drawn, written))
            drawn = written = ""
        elif token[0] == '"' and len(token) > 1:
            written += token[1:-1]
        elif token[0] in "\\!" and len(token) > 1:
            written += token[1:]
        elif len(token) == 1 or _ELAPSED.fullmatch(token):
            drawn += token
        elif token[0] == "[" and token.startswith("[$") and not token.startswith("[$-"):
            written += token[2:-1].split("-")[0]
    return sections


def decimal(number: float) -> str:
    """A number as the plain decimal of at most 15 significant digits that Excel knows: 0.1 + 0.2 is 0.3."""
    text = f"{number:.15g}"
    return "0" if text == "-0" else format(Decimal(text), "f") if "e" in text else text


def hundredfold(text: str) -> str:
    """A plain decimal times 100, by moving its point: 0.57 is 57."""
    moved = format(Decimal(text).scaleb(2), "f")
    return moved.rstrip("0").rstrip(".") if "." in moved else moved


def day_of(serial: float, from_1904: bool) -> str:
    """A day's number as YYYY-MM-DD, with the time of day where there is one; empty where Excel shows ####.

    Excel counts a 29 February 1900 that never was; numbers below 1 are times.
    """
    seconds = round(serial * 86_400)
    days = seconds // 86_400
    if days == 60 and not from_1904:
        return "1900-02-29"
    start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30 if days > 60 else 31)
    try:
        found = start + timedelta(seconds=seconds)
    except OverflowError:
        return ""
    if seconds < 0:
        return ""
    return f"{found:%H:%M:%S}" if days == 0 and not from_1904 else moment(found)


def moment(told: datetime) -> str:
    """A moment as YYYY-MM-DD, with the time where it is not midnight."""
    return told.date().isoformat() if told.time() == told.min.time() else told.isoformat(" ", "seconds")
