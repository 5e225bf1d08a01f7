"""A unit at a leaf as the words of its method need it: numbers written out as a sum that can be worked by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from txlib.base.fields import Text
from txlib.base.labels import LANGS, say, section
from txlib.base.numbers import Amount, exact, fraction
from txlib.base.printing import as_text, spelt, written
from txlib.base.sums import needed, written_out

if TYPE_CHECKING:
    import pandas as pd


class Case(NamedTuple):
    """A unit at a leaf: its row of scores, those of its peers, and the rows of the leaf's own table where it has one."""

    method: str
    full: Fraction
    measured_in: Text | None
    row: Any
    peers: pd.DataFrame
    lang: str
    records: pd.DataFrame | None = None
    rounded: int | None = None  # decimals that points of leaves are ruled to have

    @property
    def x(self) -> Fraction:
        """The value observed."""
        return fraction(self.row["observed"])

    @property
    def most(self) -> str:
        """Full points as printed."""
        return as_text(self.full)

    def points(self, amount: Amount) -> str:
        """A ruled amount of points as printed."""
        return spelt(amount.points(self.full))

    def measured(self, value: Fraction | float) -> str:
        """A value with its unit of measure."""
        return quantity(float(value), self.measured_in, self.lang)

    @property
    def times(self) -> Fraction:
        """What the points of the rule are multiplied by where the leaf has another weight for the unit."""
        full = self.row.get("full") if hasattr(self.row, "get") else None
        return fraction(full) / self.full if full and self.full else Fraction(1)

    def sum(self, pattern: str, *values: Fraction, **more: Any) -> str:
        """A sum that gives the points, with the digits that they need as they are printed (sums.written_out)."""
        return written_out(pattern, *values, times=self.times, leaf=self.rounded, **more)

    def kept(self, pattern: str, *values: Fraction, **more: Any) -> int:
        """The decimals that a sum needs to give the points as they are printed (sums.needed)."""
        return needed(pattern, *values, times=self.times, leaf=self.rounded, **more)

    def column(self, name: str) -> list[Fraction]:
        """What the peers handed in."""
        return list(exact(self.peers[name].to_numpy()))

    def say(self, key: str, **values: Any) -> str:
        """A text of the method, or one that explanations share."""
        own = f"methods/{self.method}"
        return say(f"{own if key in section(own) else 'explain'}.{key}", self.lang, **values)

    def joined(self, mark: str, parts: Sequence[str]) -> str:
        """Parts with a mark between them."""
        return self.say(mark).join(parts)


def quantity(x: float, measured_in: Text | None, lang: str) -> str:
    """A number with its unit of measure; × between a number and a unit that begins with one."""
    if x != x or measured_in is None:
        return ""
    unit = measured_in[lang]
    between = "" if lang == "zh" or unit == "%" else " "
    between = " × " if unit[:1].isdigit() else between
    unit = unit.removesuffix("s") if lang == "en" and x == 1 and unit.isalpha() else unit
    return f"{written(x)}{between}{unit}"


def word(code: str, lang: str) -> str:
    """A common code of a rule-book (a group, a grade, a level) as a word; the code itself where there is none."""
    return section("explain").get(f"word_{code}", {lang: code})[lang]


def code_of(text: str, codes: Iterable[str]) -> str:
    """The code among those of a rule that a text means: itself, or by one of its words; the text where no single one."""
    known = [code for code in codes if code]
    plain = _plain(text)
    words = {code: {_plain(each) for lang in LANGS for each in (word(code, lang), *_also(code, lang))} for code in known}
    meant = [code for code in known if plain and plain in words[code]]
    return meant[0] if text not in known and len(meant) == 1 else text


def _plain(level: str) -> str:
    """A level without what one may add to it: 国家级 is 国家."""
    return level.removesuffix("级").lower()


def _also(code: str, lang: str) -> list[str]:
    """What people write for a common code beside its word."""
    return section("explain").get(f"also_{code}", {lang: ""})[lang].split("、")


def shares(of: Mapping[str, Fraction], lang: str) -> str:
    """Codes with their shares in percent."""
    return say("explain.comma", lang).join(f"{word(code, lang)} {as_text(share * 100)}%" for code, share in of.items())


def line(c: Case, values: tuple[Fraction, Fraction, Fraction], a: Fraction, b: Fraction, *, down: bool = False,
         each: str = "{}", **more: Any) -> str:
    """The line from worst to best, written out: value, low and high end, points at the worst and at the best."""
    x, low, high = values
    ahead = (high, x) if down else (x, low)
    return c.sum(f"{{}} + ({each} − {each}) ÷ ({each} − {each}) × ({{}} − {{}})", a, *ahead, high, low, b, a, **more)


def held(c: Case, sentence: str, value: Fraction, floor: Fraction | None, most: Fraction | None = None) -> str:
    """A sum; where a limit binds, what it comes to and the limit that is taken instead."""
    for key, limit in (("most", most), ("floor", floor)):
        if limit is not None and (value > limit if key == "most" else value < limit):
            return c.say(f"held_{key}", line=sentence, value=spelt(value), limit=spelt(limit))
    return sentence


def between(c: Case, sentence: str, value: Fraction, floor: Amount, most: Amount) -> dict[str, str]:
    """A sum within a floor and a most, and the two."""
    low, high = floor.points(c.full), most.points(c.full)
    return {"floor": spelt(low), "most": spelt(high), "line": held(c, sentence, value, low, high)}
