"""Number formats of Excel: what a cell shows of the number that it stores, and which numbers are days.

A format has up to four sections: above zero, below, zero, text; or for numbers that meet a condition and for the rest.
Source: ECMA-376 part 1, 18.8.30 and 18.8.31; the formats 27–36 and 50–58 are dates in the Chinese Excel, which does not write
them into its files.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
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
_ANY = "\1"  # stands for General among the signs that draw a number
_CURRENCY = "$¥￥€£"
_DIGITS = r"[0#?,]*[0#?](?:\.[0#?]*)?|\.[0#?]+"
_DRAWN = re.compile(rf"([+-]?)(\(?)(?:(?:{_DIGITS})(?:E[+-]?[0#?]+)?|[0#?]*[#?]+/(?:[0#?]+|[1-9]\d*)|[@{_ANY}])(\)?)(-?)")
_AMOUNT = re.compile(r"[\d.,+\-−±<>=≥≤≈~～^…‰‱一二三四五六七八九〇零两半约近超余多]")
_MULTIPLE = re.compile("[十百千万亿兆kmbt]+", re.I)
_COLOUR = re.compile(r"\[(black|blue|cyan|green|magenta|red|white|yellow|colou?r ?\d+|[黑蓝青绿红白黄]色?|洋红|颜色 ?\d+)\]",
                     re.I)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?(?:\d+\.?\d*|\.\d+)(?:E[+-]?\d+)?)\s*\]", re.I)
_COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq, "<>": operator.ne, ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}


class Section(NamedTuple):
    """A section of a format: the signs that draw the number (with a NUL for each literal text), its literal text, the colour of
    its own as it is named, the condition that a number meets to be shown by it.
    """

    drawn: str = ""
    written: str = ""
    colour: str = ""
    condition: tuple[str, float] | None = None

    def admits(self, number: float) -> bool:
        """Whether a number meets its condition."""
        return self.condition is not None and _COMPARED[self.condition[0]](number, self.condition[1])


_NONE = Section()  # shows nothing


def built_in(number: int) -> tuple[str, bool]:
    """The code of a format that files name by its number only, and whether it is a date."""
    return _NAMED.get(number, "General"), number in _DATES


@cache
def is_date(code: str) -> bool:
    """Whether a format shows a number as a day or a time."""
    return bool(re.search(r"[ymdhs]", _sections(code)[0].drawn, re.I))


def shown(code: str, number: float) -> Appearance:
    """How a number is shown: as it is; times 100 with %; with a % that is mere text; with words; or otherwise.

    Words may be its unit: see `words`. Otherwise: in thousands, with a digit, sign or point that it does not have, without
    its own sign, with 万 or 亿 alone behind it, or not at all, as `#` shows 0.
    """
    section, own = _chosen(code, number)
    return _way(section, (number > 0) - (number < 0), own=own, blank=abs(number) < _drawn_from(section))


def words(code: str, number: float) -> str:
    """The words that a format shows beside a number, such as its unit; without spaces and currency signs."""
    section, own = _chosen(code, number)
    return _unsigned(_words(section)) if own and number < 0 else _words(section)


@cache
def text_as_it_is(code: str) -> bool:
    """Whether a format shows a text as it is: it has no section for texts, or one of @ alone."""
    sections = _sections(code)
    last = sections[-1]
    return (last.drawn.strip(), last.written.strip()) == ("@", "") if len(sections) > 3 or "@" in last.drawn else True


@cache
def is_plain(code: str) -> bool:
    """Whether a format shows a whole number as it is, without decimals, leading zeros or signs of its own."""
    first = _sections(code)[0]
    return bool(re.fullmatch(rf"[0#@{_ANY}]\s*", first.drawn)) and not first.written.strip()


def _chosen(code: str, number: float) -> tuple[Section, bool]:
    """The section that shows a number, and whether it is for numbers of its sign alone; Excel sets a minus before others by
    itself."""
    sections, conditional = _of_numbers(code)
    if conditional:
        return _by_condition(sections, number)
    at = 0 if number > 0 else 1 if number < 0 else 2
    return (sections[at], True) if at < len(sections) else (sections[0], False)


@cache
def _of_numbers(code: str) -> tuple[list[Section], bool]:
    """A format's sections for numbers, and whether any has a condition: the fourth shows texts, and the last where it has @."""
    sections = _sections(code)
    if len(sections) > 3 or (len(sections) > 1 and "@" in sections[-1].drawn):
        sections = sections[:-1][:3]
    return sections, any(section.condition for section in sections)


def _by_condition(sections: list[Section], number: float) -> tuple[Section, bool]:
    """The section whose condition a number meets, the first of two, else the last, that has none.

    No section where no condition is met and Excel shows ####, nor where programs choose differently: the first section
    has no condition, or alone of three.
    """
    *conditional, last = sections
    for section in sections:
        if section.admits(number):
            return section, _of_one_sign(section)
    if last.condition or not all(section.condition for section in conditional):
        return _NONE, False
    return last, any(section.admits(1e-300) and section.admits(1e300) for section in conditional)


def _of_one_sign(section: Section) -> bool:
    """Whether a condition admits numbers of one sign alone: one number, or those below zero."""
    sign, limit = section.condition or ("", 0.0)
    return sign == "=" or (sign in ("<", "<=") and limit < 0) or (sign, limit) == ("<", 0)


def _words(section: Section) -> str:
    return re.sub(rf"[\s{re.escape(_CURRENCY)}%％]", "", section.written)


@cache
def _drawn_from(section: Section) -> float:
    """The number from which on a section draws a digit; 0 where it draws one of every number: by 0, General, a fraction."""
    if re.search(rf"[0@{_ANY}/E]", section.drawn, re.I):
        return 0.0
    return 0.5 / 10.0 ** ((_decimals(section) or 0) + 2 * section.drawn.count("%"))


@cache
def _way(section: Section, sign: int, *, own: bool, blank: bool) -> Appearance:
    """How a section shows a number of this sign; `own`: the section is for numbers of this sign alone; `blank`: it draws no digit
    of this one."""
    drawn = re.sub(rf"[\s{re.escape(_CURRENCY)}]", "", section.drawn)
    if re.search(r"[0#?.,@]\0+[0#?.,@]", drawn):
        return "otherwise"  # a text amid the digits
    written = section.written + "".join(re.findall("％", drawn))
    drawn, percents, said = re.sub("[%％\0]", "", drawn), drawn.count("%"), _words(section)
    if sign == 0 and own and "-" in drawn + said and re.fullmatch(r"[?#.,]*-?[?#.,]*", drawn) and said in ("", "-", "–", "—"):
        return "plain"  # the dash of accounts
    found = _DRAWN.fullmatch(drawn)
    if blank or found is None or percents > 1 or (percents and re.search("[%％]", written)):
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


@cache
def _sections(code: str) -> list[Section]:
    """A format's sections; elapsed time and what fills a cell stay, languages and gaps go."""
    sections: list[Section] = []
    drawn, written, colour, condition = "", "", "", None
    for token in [*_TOKEN.findall(_GENERAL.sub(_ANY, code)), ";"]:
        if token == ";":
            sections.append(Section(drawn, written, colour, condition))
            drawn, written, colour, condition = "", "", "", None
        elif token[0] in '"\\!*' and len(token) > 1:
            text = token.strip('"') if token[0] == '"' else token[1:]
            written += text
            drawn += "\0" if text.strip() else ""
        elif len(token) == 1 or _ELAPSED.fullmatch(token):
            drawn += token
        elif token.startswith("[$") and not token.startswith("[$-"):
            written += token[2:-1].split("-")[0]
        elif token[0] == "[" and _COLOUR.fullmatch(token):
            colour = token[1:-1]
        elif found := _CONDITION.fullmatch(token):
            condition = found[1], float(found[2])
    return sections


def colour(code: str, number: float) -> str:
    """The colour that a format names for a number; empty where it names none."""
    return _chosen(code, number)[0].colour


def decimals(code: str, number: float) -> int | None:
    """How many decimals a format shows of a number; None where it shows those that there are (General), or a fraction, or a
    power of ten."""
    return None if code == "General" else _decimals(_chosen(code, number)[0])


@cache
def _decimals(section: Section) -> int | None:
    found = re.fullmatch(r"[^.]*?(?:\.([0#?]*))?[^.0#?]*", section.drawn)
    return None if found is None or re.search(rf"[/eE@{_ANY}]", section.drawn) else len(found[1] or "")


def decimal(number: float) -> str:
    """A number as the plain decimal of at most 15 significant digits that Excel knows: 0.1 + 0.2 is 0.3."""
    text = f"{number:.15g}"
    return "0" if text == "-0" else format(Decimal(text), "f") if "e" in text else text


DIGITS, NOISE, FEWEST = 15, Decimal("1e-14"), 6


def decimals_stored(code: str, number: float) -> int | None:
    """How many decimals a number has as its format shows it, two more than are shown of a percentage; None as above."""
    kept = decimals(code, number)
    return kept if kept is None or shown(code, number) != "percent" else kept + 2


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
