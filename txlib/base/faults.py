"""A fault in what was handed in: where it is, what was found, what was expected, what to do. Collected, raised once.

A remark tells likewise of what may be right and should be looked at; it keeps nothing from being used.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from txlib.base.labels import LANGS, say
from txlib.base.text import half_width

DOT = " · "
_WIDE = re.compile("[\uff01-\uff5e、；]+")  # what a form, a code or a name that is looked up is not written with
TOLD = 20  # faults of a kind in a file that an error tells; it has them all
LISTED = 400  # characters of a list of what is known, or of a sum: one cut short would hide what it is there to tell


@dataclass(frozen=True)
class Where:
    """What in a file or row a fault is about: codes, their names where they are told; in words as a text.

    `unit`: of a unit; `indicator`: of an indicator, an adjustment, a shared branch or an indicator of a superior, else the
    outermost key of a rule-book; `part`: a group of a survey, a table or a category by name; `cell`: D12; `column`: the field of
    a table or the key of a rule-book, `title`: its Chinese header.
    """

    unit: str = ""
    indicator: str = ""
    part: str = ""
    cell: str = ""
    column: str = ""
    unit_name: str = ""
    indicator_name: str = ""
    title: str = ""

    def __str__(self) -> str:
        """Codes of unit and indicator side by side, apart where the unit is named or a part follows."""
        unit, indicator = f"{self.unit} {self.unit_name}".strip(), f"{self.indicator} {self.indicator_name}".strip()
        between = DOT if self.unit_name or self.part else " "
        pair = between.join(filter(None, (unit, indicator)))
        header = " ".join(filter(None, (self.cell, self.title, self.column)))
        return printable(DOT.join(filter(None, (pair, self.part, header))))

    def __lt__(self, other: Where) -> bool:
        return str(self) < str(other)


NOWHERE = Where()


@dataclass(frozen=True, order=True)
class Notice:
    """What is told of a place in what was handed in; `category`: whose it is, None: the whole year's.

    `code` names its kind in the labels of its `section`.
    """

    section: ClassVar[str]

    file: str
    line: int
    at: Where
    code: str
    found: str = ""
    values: tuple[tuple[str, str], ...] = ()
    category: str | None = None

    @classmethod
    def of(cls, code: str, file: str, line: int = 0, at: Where = NOWHERE, *, found: object = "",
           category: str | None = None, **values: object) -> Self:
        """With the values that its texts name."""
        printed = tuple((name, shown(value, LISTED)) for name, value in values.items())
        return cls(printable(file), line, at, code, shown(found), printed, category)

    @property
    def where(self) -> str:
        """Unit, indicator, column or cell in words."""
        return str(self.at)

    def message(self, lang: str) -> str:
        """Place, found, expected and remedy in one line; a value `kind` in the words that its code has for it, a
        `cause` (files.cause) in its own."""
        values: dict[str, Any] = {"near": "", "found": self.found, "where": self.where, **dict(self.values)}
        if values["near"].endswith("?"):
            values["near"] = say("faults.meant", lang, meant=values["near"].strip(" ?"))
        if "cause" in values:
            values["why"] = say(f"hindrances.{values['cause']}", lang, error=values["error"])
            values["what_to_do"] = say(f"hindrances.{values['cause']}_remedy", lang)
        if "kind" in values:
            values["kind"] = say(f"{self.section}.{self.code}.{values['kind']}", lang, **values)
        at = say("faults.line", lang, line=self.line) if self.line else ""
        place = DOT.join(part for part in (self.file + at, self.where) if part)
        found = say("faults.found", lang, found=self.found) if self.found else ""
        expected = say(f"{self.section}.{self.code}.expected", lang, **values)
        remedy = say(f"{self.section}.{self.code}.remedy", lang, **values)
        if self.code.endswith(("_form", "_unknown", "cell_code", "_one_of")) and (wide := _WIDE.search(self.found)):
            kind = "full_width_comma" if re.search("[，、；]", wide[0]) else "full_width"
            remedy += say(f"faults.{kind}", lang, wide=wide[0], half=half_width(wide[0]))
        return say(f"{self.section}.message", lang, place=place, found=found, expected=expected, remedy=remedy)


class Fault(Notice):
    """What keeps a category, or the year, from being assessed."""

    section = "faults"


class Remark(Notice):
    """What may be right, and is read: someone should look at it."""

    section = "remarks"


def printable(text: object) -> str:
    """A line that no terminal acts upon, whatever stands in names, paths and errors."""
    line = str(text)
    return line if line.isprintable() else "".join(c if c.isprintable() else "·" for c in line)


def shown(value: object, longest: int = 80) -> str:
    """A value handed in, as one short line that no terminal acts upon; of several each so, and none left out."""
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value)) or "—"
    text = str(value)
    return printable(text) if len(text) <= longest else printable(text[:longest - 3]) + "…"


def near(name: str, known: Iterable[str]) -> str:
    """The known name that a misspelt one probably means; empty where none is close."""
    alike = [each for each in known  # no other can be close: they have too few letters in common
             if 2 * min(sum(map(name.__contains__, each)), len(name)) >= 0.6 * (len(each) + len(name))]
    return next(iter(difflib.get_close_matches(name, alike, 1, 0.6)), "")


def asked(name: str, known: Iterable[str]) -> str:
    """The same as a question, as faults hold it and `message` words it."""
    return f" {meant}?" if (meant := near(name, known)) else ""


class FaultsError(Exception):
    """Input that cannot be used; `faults` lists every reason, in the order of files and lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        kinds, lines = Counter[tuple[str, str]](), list[str]()
        for fault in self.faults:
            kinds[fault.file, fault.code] += 1
            lines += [fault.message(lang) for lang in LANGS if kinds[fault.file, fault.code] <= TOLD]
        lines += [say("faults.more", lang, file=file, count=count - TOLD)
                  for (file, _), count in kinds.items() if count > TOLD for lang in LANGS]
        super().__init__("\n".join(lines))


class RulebookError(FaultsError):
    """A rule-book that cannot be used."""


class DataError(FaultsError):
    """Tables handed in that cannot be used."""
