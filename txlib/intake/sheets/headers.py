"""What the headers of a table handed in mean, and whom names mean: a column by its code or title, beside it one of names, or an
indicator a column.

A header may stand in English (the field's name) or in Chinese (its title). What only helps the eye (序号) is passed over. Where
a column of names stands beside the codes, the two must agree; where it stands alone, names are read for the codes that they mean.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from txlib.base.text import comparable, half_width
from txlib.rules.book import RuleBook

SERIAL, NAME_OF, AT = "#", "~", "@"  # a column for the eye; `unit~`: the name of a unit; `value@A1.1`: values at an indicator
_ALIASES = {
    "": ("序号", "序", "编号", "行号", "no", "no.", "#", "serial"),
    "unit": ("单位名称", "单位", "考核单位", "被考核单位", "乡镇", "乡镇名称", "镇街", "镇街名称", "街道", "部门",
             "部门名称", "园区", "园区名称", "unitname", "unit_name"),
    "indicator": ("指标名称", "指标", "考核指标", "考核项目", "indicatorname", "indicator_name")}
PARTING = {",，": "wide", ",;；": "semicolon", ",\t": "tab", ",、|｜": "other"}  # signs that part columns by mistake
_HAN = re.compile(r"[\u3400-\u9fff]")
_KIND = r"(?:镇|乡|街道|街道办事处|区|园区|工业园|开发区|局|委|委员会|办|办公室|部)"
_BRACKETS = re.compile(r"[(\[【〔<〈](.*?)[)\]】〕>〉]", re.S)


@dataclass(frozen=True)
class KnownNames:
    """The codes that names mean, of units and of indicators; a name may mean several, a code means itself. `measured`: what
    indicators are measured in, by code."""

    units: Mapping[str, frozenset[str]] = field(default_factory=dict)
    indicators: Mapping[str, frozenset[str]] = field(default_factory=dict)
    measured: Mapping[str, str] = field(default_factory=dict)

    def of(self, column: str) -> Mapping[str, frozenset[str]]:
        """Of a column of codes."""
        return {"unit": self.units, "indicator": self.indicators}.get(column, {})


NOBODY = KnownNames()


def _meant(pairs: Iterable[tuple[str, Iterable[str]]]) -> Mapping[str, frozenset[str]]:
    """What names and codes mean, from codes with their names."""
    found: dict[str, frozenset[str]] = {}
    listed = list(pairs)
    for code, names in listed:
        for name in filter(None, map(spoken, names)):
            found[name] = found.get(name, frozenset()) | {code}
    return found | {spoken(code): frozenset({code}) for code, _ in listed}


@lru_cache(4096)
def spoken(text: str) -> str:
    """A name for looking up."""
    return comparable(text).lower()


def resembling(name: str, known: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Whom a Chinese name means in another form: that holds known names (泰兴市西港镇人民政府), or is one without the word
    for its kind (西港 for 西港镇)."""
    said = re.sub(r"^\d+[.、．]?", "", bare(name)).lower()
    if len(_HAN.findall(said)) < 2:
        return frozenset()
    short = re.compile(re.escape(said) + _KIND)
    held = [each for each in known if len(_HAN.findall(each)) > 1 and (each in said or short.fullmatch(each))]
    whole = [each for each in held if not any(each != other and each in other for other in held)]
    return frozenset[str]().union(*(known[each] for each in whole))


def names_of(book: RuleBook, units: pd.DataFrame, category: str = "") -> KnownNames:
    """Whom names mean in a table of a category, or of the year: its units and indicators, and units of others."""
    if units.empty:
        return NOBODY
    called = [(row.unit, (row.name, row.name_en, *row.alias), row.category) for row in units.itertuples()]
    everyone = _meant((unit, names) for unit, names, _ in called)
    mine = _meant((unit, names) for unit, names, of in called if category and of == category)
    heads = [book.categories[category]] if category in book.categories else book.categories.values()
    called_so = ((node.code, (node.name.zh, node.name.en, node.code + node.name.zh)) for head in heads for node in head.nodes)
    measured = {node.code: node.measured_in.zh for head in heads for node in head.nodes if node.measured_in}
    return KnownNames({**everyone, **mine}, _meant(called_so), measured)


class Wanted(NamedTuple):
    """The columns of a table: their names by every header that means them, which are required, which hold numbers or names.

    `measured`: numbers in a unit of measure that the rule-book declares; `along`: the column that an indicator a column
    fills, empty where the table cannot stand so.
    """

    known: Mapping[str, str]
    required: frozenset[str]
    numbers: frozenset[str]
    names: frozenset[str]
    measured: frozenset[str]
    along: str = ""

    def knowing(self, names: KnownNames) -> Wanted:
        """The same where indicators may be columns, each by its code or its name."""
        if not self.along:
            return self
        wide = {header: f"{self.along}{AT}{next(iter(codes))}" for header, codes in names.indicators.items() if len(codes) == 1}
        columns = frozenset(wide.values())
        return self._replace(known={**wide, **self.known}, numbers=self.numbers | columns, measured=self.measured | columns)

    def columns(self, headers: Mapping[int, str]) -> dict[int, str]:
        """What each header means, by its column: the name of a column, one of those above, or empty: nothing known.

        Names stand for the codes where there are none; what stands in brackets is for the eye, and may not be a column's title;
        an indicator is a column only where the table has none of its own.
        """
        found = {column: self._of(header) for column, header in headers.items()}
        for name in ("unit", "indicator"):
            alone = [column for column, each in found.items() if each == name + NAME_OF]
            if name not in found.values() and len(alone) == 1:
                found[alone[0]] = name
        if "indicator" in found.values():
            found = {column: "" if AT in name else name for column, name in found.items()}
        return found

    def _of(self, header: str) -> str:
        inside = bracketed(header)
        text = comparable(inside) if inside else bare(header)
        for each in (text, text.lower()):
            if each in self.known:
                return "" if inside else self.known[each]
        other = _MEANING.get(text.lower(), SERIAL if inside else "")
        return other if other.removesuffix(NAME_OF) in {SERIAL, *self.known.values()} else SERIAL if inside else ""


_MEANING = {word: (column + NAME_OF if column else SERIAL) for column, words in _ALIASES.items() for word in words}


def parted_by(header: list[str], asked_for: Wanted) -> str:
    """By what kind of other signs a CSV file is parted than by commas: those that make more known columns of its header."""
    def known(cells: list[str]) -> int:
        return len({*asked_for.columns({i: half_width(cell) for i, cell in enumerate(cells) if cell}).values()} - {"", SERIAL})

    whole = ",".join(header)
    parts = {kind: known(re.split(f"[{sign}]", whole)) for sign, kind in PARTING.items()}
    best = max(parts, key=lambda kind: parts[kind])
    return best if parts[best] > max(1, known(header)) else ""


@lru_cache(4096)
def bare(header: str) -> str:
    """A header without what stands in brackets and without spaces and line breaks: 实绩（亿元） is 实绩."""
    return comparable(_BRACKETS.sub("", unicodedata.normalize("NFKC", header)))


def bracketed(header: str) -> str:
    """What a header says that stands in brackets as a whole, for the eye; empty where it does not."""
    found = _BRACKETS.fullmatch(unicodedata.normalize("NFKC", header).strip())
    return found[1] if found else ""


def in_brackets(header: str) -> list[str]:
    """What stands in a header's brackets."""
    return [each.strip() for each in _BRACKETS.findall(unicodedata.normalize("NFKC", header))]
