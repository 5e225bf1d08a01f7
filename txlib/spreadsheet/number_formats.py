"""Number formats of Excel: what a cell shows of the number that it stores, and which numbers are days.

A format has up to four sections (above zero, below, zero, text). Source: ECMA-376 part 1, 18.8.30 and 18.8.31; the formats
27–36 and 50–58 are dates in the Chinese Excel, which does not write them into its files.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Literal, NamedTuple

Appearance = Literal["plain", "percent", "percent sign", "worded", "otherwise"]

_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_NAMED = {1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
          48: "##0.0E+0", 49: "@"}
_TOKEN = re.compile(r'"[^"]*"|[\\!].|_.|\*.|\[[^\]]*\]|.', re.S)
_ELAPSED = re.compile(r"\[[hms]+\]", re.I)
_GENERAL = re.compile(r"General|G/通用格式", re.I)
_CURRENCY = "$¥￥€£"
_DIGITS = r"[0#?,]*[0#?](?:\.[0#?]*)?|\.[0#?]+"
_DRAWN = re.compile(rf"([+-]?)(\(?)(?:(?:{_DIGITS})(?:E[+-]?[0#?]+)?|[0#?]*[#?]+/(?:[0#?]+|[1-9]\d*)|@)(\)?)(-?)")
_AMOUNT = re.compile(r"[\d.,+\-−±<>=≥≤≈~～^…‰‱一二三四五六七八九〇零两半约近超余多]")
_MULTIPLE = re.compile("[十百千万亿兆kmbt]+", re.I)
_COLOUR = re.compile(r"\[(black|blue|cyan|green|magenta|red|white|yellow|colou?r ?\d+|[黑蓝青绿红白黄]色?|洋红|颜色 ?\d+)\]",
                     re.I)


class Section(NamedTuple):
    """A section of a format: the signs that draw the number (with a NUL for each literal text), its literal text, the colour of
    its own as it is named.
    """

    drawn: str
    written: str
    colour: str


def built_in(number: int) -> tuple[str, bool]:
    """The code of a format that files name by its number only, and whether it is a date."""
    return _NAMED.get(number, "General"), number in _DATES


@cache
def is_date(code: str) -> bool:
    """Whether a format shows a number as a day or a time."""
    return bool(re.search(r"[ymdhs]", _sections(_GENERAL.sub("#", code))[0].drawn, re.I))


@cache
def shown(code: str, sign: int) -> Appearance:
    """How a number of this sign is shown: as it is; times 100 with %; with a % that is mere text; with words; or otherwise.

    Words may be its unit: see `words`. Otherwise: in thousands, with a digit, sign or point that it does not have, without
    its own sign, with 万 or 亿 alone behind it, or not at all.
    """
    sections = _sections(_GENERAL.sub("#", code))
    if re.search(r"\[[<>=]", code):
        ways = {_way(section, 1) for section in sections}
        return ways.pop() if len(ways) == 1 and len({section.written for section in sections}) == 1 else "otherwise"
    section, own = _chosen(sections, sign)
    return _way(section, sign, own=own)


@cache
def words(code: str, sign: int) -> str:
    """The words that a format shows beside a number of this sign, such as its unit; without spaces and currency signs."""
    section, own = _chosen(_sections(_GENERAL.sub("#", code)), sign)
    return _unsigned(_words(section)) if own and sign < 0 else _words(section)


@cache
def text_as_it_is(code: str) -> bool:
    """Whether a format shows a text as it is: it has no section for texts, or one of @ alone."""
    sections = _sections(_GENERAL.sub("#", code))
    last = sections[-1]
    return (last.drawn.strip(), last.written.strip()) == ("@", "") if len(sections) > 3 or "@" in last.drawn else True


@cache
def is_plain(code: str) -> bool:
    """Whether a format shows a whole number as it is, without decimals, leading zeros or signs of its own."""
    first = _sections(_GENERAL.sub("#", code))[0]
    return bool(re.fullmatch(r"[0#@]\s*", first.drawn)) and not first.written.strip()


def _chosen(sections: list[Section], sign: int) -> tuple[Section, bool]:
    """The section for numbers of a sign, and whether it is theirs alone; Excel sets a minus before the first by itself."""
    at = {1: 0, -1: 1, 0: 2}[sign]
    return (sections[at], True) if at < len(sections) else (sections[0], False)


def _words(section: Section) -> str:
    return re.sub(rf"[\s{re.escape(_CURRENCY)}%％]", "", section.written)


def _way(section: Section, sign: int, *, own: bool = False) -> Appearance:
    """How a section shows a number of this sign; `own`: the section is for numbers of this sign alone."""
    drawn = re.sub(rf"[\s{re.escape(_CURRENCY)}]", "", section.drawn)
    if re.search(r"[0#?.,@]\0+[0#?.,@]", drawn):
        return "otherwise"  # a text amid the digits
    written = section.written + "".join(re.findall("％", drawn))
    drawn, percents, said = re.sub("[%％\0]", "", drawn), drawn.count("%"), _words(section)
    if sign == 0 and own and "-" in drawn + said and re.fullmatch(r"[?#.,]*-?[?#.,]*", drawn) and said in ("", "-", "–", "—"):
        return "plain"  # the dash of accounts
    found = _DRAWN.fullmatch(drawn)
    if found is None or percents > 1 or (percents and re.search("[%％]", written)):
        return "otherwise"
    signs, said = found[1] + found[2] + found[3] + found[4], said if sign >= 0 or not own else _unsigned(said)
    signs += "-" if said != _words(section) else ""
    signed = bool(re.search("[%％]", written))
    if signs not in _signs_allowed(sign, section, own=own) or (said and (percents or signed or _amount(said))):
        return "otherwise"
    if said:
        return "worded"
    if percents:
        return "percent"
    return "percent sign" if signed else "plain"


def _signs_allowed(sign: int, section: Section, *, own: bool) -> tuple[str, ...]:
    """What a section may draw around a number so that its sign is seen; `own`: it is for numbers below zero alone."""
    if sign >= 0:
        return "", "+"
    if not own:
        return ("",)
    return ("-", "()", "") if section.colour else ("-", "()")


def _unsigned(said: str) -> str:
    """The words of a section for numbers below zero without the minus or the brackets that say so."""
    return said[1:-1] if said[:1] + said[-1:] == "()" else said.removeprefix("-")


def _amount(said: str) -> bool:
    """Whether words beside a number make it another one: digits, signs, 约; 万 or k alone. A unit such as 万元 does not."""
    return bool(_AMOUNT.search(said) or _MULTIPLE.fullmatch(said))


def _sections(code: str) -> list[Section]:
    """A format's sections; elapsed time stays, colours, conditions, languages and gaps go."""
    sections, drawn, written, colour = [], "", "", ""
    for token in [*_TOKEN.findall(code), ";"]:
        if token == ";":
            sections.append(Section(drawn, written, colour))
            drawn, written, colour = "", "", ""
        elif token[0] in '"\\!' and len(token) > 1:
            text = token.strip('"') if token[0] == '"' else token[1:]
            written += text
            drawn += "\0" if text.strip() else ""
        elif len(token) == 1 or _ELAPSED.fullmatch(token):
            drawn += token
        elif token.startswith("[$") and not token.startswith("[$-"):
            written += token[2:-1].split("-")[0]
        elif token[0] == "[" and _COLOUR.fullmatch(token):
            colour = token[1:-1]
    return sections


@cache
def draws(code: str, sign: int) -> bool:
    """Whether a format shows anything of a number of this sign."""
    section = _chosen(_sections(_GENERAL.sub("#", code)), sign)[0]
    return bool(section.drawn.strip() or section.written.strip())


@cache
def colour(code: str, sign: int) -> str:
    """The colour that a format names for a number of this sign; empty where it names none."""
    return _chosen(_sections(_GENERAL.sub("#", code)), sign)[0].colour


@cache
def decimals(code: str, sign: int) -> int | None:
    """How many decimals a format shows of a number of this sign; None where it shows those that there are (General), or a
    fraction, or a power of ten."""
    drawn = _chosen(_sections(_GENERAL.sub("@", code)), sign)[0].drawn
    found = re.fullmatch(r"[^.]*?(?:\.([0#?]*))?[^.0#?]*", drawn)
    return None if found is None or re.search(r"[/eE@]", drawn) else len(found[1] or "")


def decimal(number: float) -> str:
    """A number as the plain decimal of at most 15 significant digits that Excel knows: 0.1 + 0.2 is 0.3."""
    text = f"{number:.15g}"
    return "0" if text == "-0" else format(Decimal(text), "f") if "e" in text else text


DIGITS, NOISE, FEWEST = 15, Decimal("1e-14"), 6


def decimals_stored(code: str, number: float) -> int | None:
    """How many decimals a number has as its format shows it, two more than are shown of a percentage; None as above."""
    sign = (number > 0) - (number < 0)
    kept = decimals(code, sign)
    return kept if kept is None or shown(code, sign) != "percent" else kept + 2


def settled(stored: str, decimals: int | None = None) -> str:
    """The plain decimal that a computed number stands for: the number shown, where it lies within the noise of floats beside it;
    else its first 15 significant digits, as Excel knows it.

    Computed: by a formula, or stored with 15 significant digits or more. `decimals`: so many are shown; None: the fewest, up to
    6, that it lies beside. A quotient of whole numbers other than the one shown lies 1 / (divisor × 10^decimals) away or
    farther, so none is taken for another while that is above the noise.
    """
    value = float(stored)
    if abs(value) < 10.0**DIGITS and abs(value - round(value, decimals or FEWEST)) <= 1e-13 * max(1.0, abs(value)):
        exact = Decimal(stored.strip())
        within = NOISE * max(Decimal(1), abs(exact))
        for kept in range(FEWEST + 1) if decimals is None else (decimals,):
            seen = exact.quantize(Decimal(1).scaleb(-kept), ROUND_HALF_UP)
            if abs(exact - seen) <= within:
                return decimal(float(seen))
    return decimal(value)


def as_shown(text: str, decimals: int | None) -> str:
    """A plain decimal with no more decimals than are shown, half away from zero."""
    if decimals is None or len(text.partition(".")[2]) <= decimals:
        return text
    return decimal(float(Decimal(text).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)))


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


def moment(number: datetime) -> str:
    """A moment as YYYY-MM-DD, with the time where it is not midnight."""
    return number.date().isoformat() if number.time() == number.min.time() else number.isoformat(" ", "seconds")
