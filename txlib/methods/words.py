"""A unit at a leaf as the words of its method need it: numbers written out as a sum that can be worked by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, create_model
from pydantic_core import CoreSchema, core_schema

from txlib.base.fields import Code, Model, Text, wrong
from txlib.base.labels import LANGS, say, section
from txlib.base.numbers import Amount, exact, fraction
from txlib.base.printing import DECIMALS, as_text, spelt
from txlib.base.sums import needed, written_out
from txlib.base.text import comparable

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
    ties: str = "min"  # which place equal values take, as ruled

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

    def distance(self, between: Fraction, kept: int = DECIMALS) -> str:
        """How far two values lie apart: of percentages, in percentage points."""
        if self.measured_in is None or self.measured_in.zh != "%":
            return quantity(between, self.measured_in, self.lang, kept)
        return self.say("percentage_points", n=spelt(between, kept))

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


def quantity(x: float | Fraction, measured_in: Text | None, lang: str, kept: int = DECIMALS) -> str:
    """A number with its unit of measure; × between a number and a unit that begins with one."""
    if x != x or measured_in is None:
        return ""
    unit = measured_in[lang]
    between = "" if lang == "zh" or unit == "%" else " "
    between = " × " if unit[:1].isdigit() else between
    unit = unit.removesuffix("s") if lang == "en" and x == 1 and unit.isalpha() else unit
    return f"{spelt(x if isinstance(x, Fraction) else fraction(x), kept)}{between}{unit}"


class Coded(dict[str, Any]):
    """The numbers, or models, that a rule gives to codes of its own, no two called the same, and their `names` there."""

    def __init__(self, numbers: Mapping[str, Any], names: Mapping[str, Text]) -> None:
        super().__init__(numbers)
        self.names = names


@dataclass(frozen=True)
class ByCode:
    """Numbers by code, each written alone, `national: 2`, or by its `key` beside a name, `national: {name: 全国, points: 2}`.

    Without a key, models by code; a name may stand among what each says: `plan: {name: 缺计划, costs: 1}`.
    """

    key: str
    number: Any

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        own = {self.key: (self.number, ...)} if self.key else {}
        shape: dict[str, Any] = {"name": (Text | None, None), **own}
        entry: Any = create_model(f"With{self.key.title()}" if self.key else f"Named{self.number.__name__}",
                                  __base__=Model if self.key else self.number, **shape)
        either = BeforeValidator(lambda value: value if isinstance(value, dict) or not self.key else {self.key: value},
                                 json_schema_input_type=self.number | entry if self.key else entry)
        written = handler.generate_schema(Annotated[dict[Code, Annotated[entry, either]], Field(min_length=1)])
        return core_schema.no_info_after_validator_function(self._coded, written)

    def _coded(self, written: Mapping[str, Any]) -> Coded:
        found = Coded({code: self._said(each) for code, each in written.items()},
                      {code: each.name for code, each in written.items() if each.name})
        if found.names and any(len({word(code, lang, found) for code in found}) < len(found) for lang in LANGS):
            raise wrong("named_alike")
        return found

    def _said(self, entry: Any) -> Any:
        """What an entry says beside its name."""
        if self.key:
            return getattr(entry, self.key)
        return self.number.model_construct(**{name: getattr(entry, name) for name in self.number.model_fields})


def word(code: str, lang: str, of: Iterable[str] = ()) -> str:
    """A code of a rule (a group, a grade, a level) as a word: its name among these, else that of a common code, else itself."""
    own = getattr(of, "names", {}).get(code)
    return own[lang] if own else section("explain").get(f"word_{code}", {lang: code})[lang]


def code_of(text: str, codes: Iterable[str]) -> str:
    """The code among those of a rule that a text means: itself, or by one of its words; the text where no single one."""
    known = [code for code in codes if code]
    plain, also = _plain(text), section("explain")  # what people write for a common code beside its word
    words = {code: {_plain(each) for lang in LANGS for each in (
        word(code, lang, codes), *also.get(f"also_{code}", {lang: ""})[lang].split("、"))} for code in known}
    meant = [code for code in known if plain and plain in words[code]]
    return meant[0] if text not in known and len(meant) == 1 else text


def _plain(level: str) -> str:
    """A level without what one may add to it: 国家级 is 国家."""
    return comparable(level).removesuffix("级").lower()


def shares(of: Mapping[str, Fraction], lang: str) -> str:
    """Codes with their shares in percent."""
    return say("explain.comma", lang).join(f"{word(code, lang, of)} {as_text(share * 100)}%" for code, share in of.items())


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
