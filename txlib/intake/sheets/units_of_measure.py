"""Units of measure as people write them: 万元 and “10,000 yuan” are one unit, 亿元 is another of the same base."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from txlib.base.text import comparable, half_width, tidied

COUNTED = frozenset("个件家次人起项处名户例宗篇场座台所位条批套份只辆头株幢栋艘册部") | {"人次", "批次", "户次", "家次"}
_SCALE = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8, "ten": 1, "hundred": 2, "thousand": 3, "k": 3, "million": 6, "mn": 6,
          "m": 6, "billion": 9, "bn": 9, "trillion": 12}
_CURRENCY = {"人民币": "元", "rmb": "元", "cny": "元", "yuan": "元", "美金": "美元", "usd": "美元", "us dollars": "美元",
             "us dollar": "美元", "us$": "美元", "港币": "港元"}
_MONEY = re.compile(r"(?<![\d.单多公状纪还美港欧日一二两三四五六七八九十百千万亿])(?<![\d.]\s)"  # no amount: 500万元, 三千元
                    r"([十百千万亿]\s*)*(美元|美金|港元|港币|欧元|日元|元)"
                    r"(?!\s*(及|或)?以[上下内])(?![旦月素件宵年首老帅])(\s*/\s*(?![个件家项起次%])[\u4e00-\u9fff]+)?")
_ENGLISH = re.compile(r"([\d.,]*\d\s*)?((?:(?:ten|hundred|thousand|million|billion|trillion|bn|mn|k|m)\b\s*)*)(?:of )?"
                      r"\b(yuan|rmb|cny|usd|us dollars?|us\$)"
                      r"(?:\s+((?:10|100|1),?000(?:,000)?|thousand|million|billion|k|mn|bn)\b)?", re.I)
_TOLD = re.compile(r"(?:^|[^报送责任关主管部门用人下级]|计量|金额|货币|数值|数据)单\s*位\s*"
                   r"(?:均?[为是]|:)\s*([^\s()\[\]【】〔〕。.!]+)")
_AMOUNT = re.compile(r"(-?(?:\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.\d{1,15})?)((?![\d.,])[^\d①-⓿¹²³⁰-₉]{0,20})", re.ASCII)
_LISTED = re.compile(r"[、,;和及与]")


class UnitOfMeasure(NamedTuple):
    """A unit as its base and a power of ten: 万元 is ("元", 4)."""

    base: str
    power: int


class WrittenUnit(NamedTuple):
    """A unit as a sheet tells it, with the line and the cell that it stands in; without them where the sheet's name has it."""

    unit: str
    line: int = 0
    cell: str = ""


@lru_cache(1024)
def measure(unit: str) -> UnitOfMeasure:
    """What a unit stands for."""
    english = _ENGLISH.fullmatch(_even(unit))
    if english:
        return UnitOfMeasure(_CURRENCY[english[3]], _power(english) or 0)
    text = comparable(unit).removeprefix("人民币") or "人民币"
    base = text.lstrip("十百千万亿")
    if not base:
        return UnitOfMeasure(text, 0)
    return UnitOfMeasure(_CURRENCY.get(base, base), sum(_SCALE[each] for each in text.removesuffix(base)))


def scaled(written: str, declared: str) -> bool:
    """Whether one unit is another times a power of ten: 万元 and 亿元, 吨 and 万吨."""
    one, other = measure(written), measure(declared)
    return one.base == other.base and one.power != other.power


def amount(text: str, declared: str) -> str | None:
    """A number with a unit, or with thousands separators, as the plain number in the unit that is declared: 3.5亿元 is 35000 in
    万元. Empty where it is in a unit of another base, None where the text is no such number."""
    found = _AMOUNT.fullmatch(half_width(text))
    if not found:
        return None
    mine, written = measure(declared), found[2].strip()
    theirs = measure(written if written.lstrip("十百千万亿") else written + mine.base)
    if written and theirs.base != mine.base:
        return ""
    number = Decimal(found[1].replace(",", "")).scaleb(theirs.power - mine.power if written else 0)
    return format(number.normalize(), "f")


def mentioned(texts: list[str]) -> tuple[str, ...]:
    """The units that the cells of a row tell: money wherever it stands but in an amount (500万元), any unit after 单位."""
    found = list(_money(texts))
    for match in _TOLD.finditer(" ".join(_even(text) for text in texts)):
        found += [each for each in _LISTED.split(match[1]) if each]
    return tuple(dict.fromkeys(found))


def _money(texts: list[str]) -> Iterator[str]:
    for text in map(_even, texts):
        yield from (re.sub(r"\s", "", each[0]) for each in _MONEY.finditer(text))
        yield from (each[0].strip() for each in _ENGLISH.finditer(text)
                    if _power(each) is not None and (each[3] not in ("rmb", "cny", "usd") or each[0].strip() != each[3]))


def _power(found: re.Match[str]) -> int | None:
    """The power of ten of a unit in English words; None where they tell an amount, such as 500 million yuan."""
    digits = re.sub(r"[\s,]", "", (found[1] or "") + (found[4] or "") if re.match(r"\d", found[4] or "") else found[1] or "")
    words = [*(found[2] or "").split(), *([found[4]] if re.match(r"[a-z]", found[4] or "") else [])]
    if not re.fullmatch("(10*)?", digits) or (digits and not words and len(digits) < 4):
        return None
    return max(len(digits) - 1, 0) + sum(_SCALE[word] for word in words)


def _even(text: str) -> str:
    """A text in compatible forms, small letters, single spaces."""
    return re.sub(r"\s+", " ", tidied(unicodedata.normalize("NFKC", text))).lower()
