"""The written forms of a rule-book: numbers as exact fractions, texts, codes; each a type that pydantic checks.

A number has three forms and no others: `15`, `30%`, `3% of weight`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from txlib.base.numbers import Amount, Numeral, read_amount, read_number, read_share

DECIMALS, COUNTED = 9, 1_000_000
NUMBER_SCHEMA: dict[str, Any] = {"type": "number", "description": "15"}
SHARE_SCHEMA = {"type": "string", "pattern": r"^-?(0|[1-9]\d*)(\.\d+)?%$", "description": "30%"}
COUNT_SCHEMA = {"type": "integer", "minimum": 0}
OF_WEIGHT_SCHEMA = {"type": "string", "pattern": r"^-?(0|[1-9]\d*)(\.\d+)?% of weight$", "description": "60% of weight"}


def wrong(code: str, **values: object) -> PydanticCustomError:
    """A fault of the given kind in labels/base/faults.yaml."""
    return PydanticCustomError(code, code, values)


def _reader(read: Callable[[str], Any], code: str, *, numeral: bool) -> Callable[[Any], Any]:
    """A validator for one written form. `numeral`: the form is one that YAML takes for a number."""
    def validate(text: Any) -> Any:
        value = read(text) if isinstance(text, str) and (isinstance(text, Numeral) or not numeral) else None
        if value is None:
            raise wrong(code)
        return value
    return validate


def _that(read: Callable[[str], Any], holds: Callable[[Any], bool]) -> Callable[[str], Any]:
    """A reader that gives what `read` gives where `holds` is true of it, else None."""
    def checked(text: str) -> Any:
        value = read(text)
        return value if value is not None and holds(value) else None
    return checked


def _or_word(word: str, read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: text if text == word and not isinstance(text, Numeral) else read(text)


def _count(text: str) -> int | None:
    number = read_number(text) if isinstance(text, Numeral) else None
    return int(number) if number is not None and number.denominator == 1 and 0 <= number <= COUNTED else None


def _amount(text: str) -> Amount | None:
    value = read_amount(text)
    return None if value is None or isinstance(text, Numeral) is value.of_weight or value.value < 0 else value


_weight = _that(lambda text: read_number(text) if isinstance(text, Numeral) else read_share(text), lambda value: value > 0)
_positive = _that(read_number, lambda value: value > 0)
EQUAL: Literal["equal"] = "equal"
_not_negative = _that(read_number, lambda value: value >= 0)
_part = _that(read_share, lambda value: 0 < value <= 1)
_grade = _that(read_share, lambda value: 0 <= value <= 1)
_mark = _that(read_number, lambda value: 0 <= value <= 100)
_places = _that(_count, lambda count: count <= DECIMALS)


def _day(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


def _words(text: Any) -> str:
    if not isinstance(text, str) or isinstance(text, Numeral):
        raise wrong("quotes_needed" if isinstance(text, Numeral) else "text_needed")
    if not text.strip() or not all(c.isprintable() for c in text):
        raise wrong("text_needed")
    return str(text)


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise wrong("named_twice")
    return names


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


@dataclass(frozen=True)
class Within:
    """What amounts of points must keep beside the weight of their indicator, said in a field's metadata.

    `times`: at most its full points, or twice these; None: no limit. `order`: the fault of a list that does not run as it
    must. `below`: another field of the rule that it is not above.
    """

    times: Literal[1, 2] | None = 2
    order: Literal["", "onto_order", "ladder_order"] = ""
    below: str = ""

    @classmethod
    def of(cls, annotation: Any, metadata: Sequence[Any] = ()) -> Within | None:
        """What a field says, or the amounts in it; None where it holds none."""
        said = [each for each in (*getattr(annotation, "__metadata__", ()), *metadata) if isinstance(each, cls)]
        return said[-1] if said else next(filter(None, map(cls.of, get_args(annotation))), None)


Side = Literal["at_least", "above", "at_most", "below"]
Number = Annotated[Fraction, BeforeValidator(_reader(read_number, "number_form", numeral=True)), WithJsonSchema(NUMBER_SCHEMA)]
Tolerance = Annotated[Fraction, BeforeValidator(_reader(_not_negative, "tolerance_form", numeral=True)),
                      WithJsonSchema(NUMBER_SCHEMA)]
Positive = Annotated[Fraction, BeforeValidator(_reader(_positive, "positive_form", numeral=True)), WithJsonSchema(NUMBER_SCHEMA)]
Mark = Annotated[Fraction, BeforeValidator(_reader(_mark, "mark_form", numeral=True)), WithJsonSchema(NUMBER_SCHEMA)]
Grade = Annotated[Fraction, BeforeValidator(_reader(_grade, "grade_form", numeral=False)), WithJsonSchema(SHARE_SCHEMA)]
Part = Annotated[Fraction, BeforeValidator(_reader(_part, "part_form", numeral=False)), WithJsonSchema(SHARE_SCHEMA)]
Day = Annotated[str, BeforeValidator(_reader(_day, "day_form", numeral=False)),
                WithJsonSchema({"type": "string", "format": "date"})]
Weight = Annotated[Fraction | Literal["equal"], BeforeValidator(_reader(_or_word(EQUAL, _weight), "weight_form", numeral=False)),
                   WithJsonSchema({"anyOf": [NUMBER_SCHEMA, SHARE_SCHEMA, {"const": EQUAL}]})]
Points = Annotated[Amount, BeforeValidator(_reader(_amount, "amount_form", numeral=False)),
                   WithJsonSchema({"anyOf": [NUMBER_SCHEMA, OF_WEIGHT_SCHEMA]}), Within()]
AtMostFull = Annotated[Points, Within(1)]
Floor = Annotated[Points, Within(1, below="most")]
Each = Annotated[Points, Within(None)]  # for each of something: how many there are, no rule knows
Count = Annotated[int, BeforeValidator(_reader(_count, "count_form", numeral=True)), WithJsonSchema(COUNT_SCHEMA)]
Filled = Annotated[str, BeforeValidator(_words), WithJsonSchema({"type": "string", "minLength": 1})]
HAN = "〇\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ee5d\U00030000-\U000323af"  # each written in one way: NFC leaves it
CODE = rf"^[A-Za-z0-9{HAN}][A-Za-z0-9{HAN}_.-]*$"
Code = Annotated[Filled, Field(pattern=CODE)]
Names = Annotated[tuple[Filled, ...], BeforeValidator(_listed), Field(min_length=1),
                  WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})]
Units = Annotated[Names, AfterValidator(_once)]
Clauses = Annotated[tuple[Filled, ...], BeforeValidator(lambda value: [] if value == "silent" else value),
                    WithJsonSchema({"anyOf": [{"const": "silent"}, {"type": "array", "items": {"type": "string"}}]})]


def _taken(text: str) -> Any:
    return _count(text) if isinstance(text, Numeral) else _or_word("rest", _part)(text)


Places = Annotated[int, BeforeValidator(_reader(_places, "places_form", numeral=True)),
                   WithJsonSchema({"type": "integer", "minimum": 0, "maximum": DECIMALS})]
Decimals = Annotated[int | Literal["exact"], BeforeValidator(_reader(_or_word("exact", _places), "decimals_form", numeral=False)),
                     WithJsonSchema({"anyOf": [{"const": "exact"}, COUNT_SCHEMA]})]
Loss = Annotated[Any, BeforeValidator(_reader(_or_word("proportional", _amount), "loss_form", numeral=False)),
                 WithJsonSchema({"anyOf": [{"const": "proportional"}, NUMBER_SCHEMA, OF_WEIGHT_SCHEMA]})]
Cap = Annotated[Any, BeforeValidator(_reader(_or_word("none", _amount), "cap_form", numeral=False)),
                WithJsonSchema({"anyOf": [{"const": "none"}, NUMBER_SCHEMA, OF_WEIGHT_SCHEMA]}), Within()]
Limit = Annotated[Any, BeforeValidator(_reader(_or_word("none", _positive), "limit_form", numeral=False)),
                  WithJsonSchema({"anyOf": [{"const": "none"}, NUMBER_SCHEMA]})]
Again = Annotated[Any, BeforeValidator(_reader(_or_word("all", _amount), "again_form", numeral=False)),
                  WithJsonSchema({"anyOf": [{"const": "all"}, NUMBER_SCHEMA, OF_WEIGHT_SCHEMA]}), Within(1)]
_reference = _or_word("target", _or_word("last_year", _or_word("peers_mean", lambda text: (
    read_number(text) if isinstance(text, Numeral) else None))))
Reference = Annotated[Any, BeforeValidator(_reader(_reference, "reference_form", numeral=False)),
                      WithJsonSchema({"anyOf": [{"enum": ["target", "last_year", "peers_mean"]}, NUMBER_SCHEMA]})]
FullAt = Annotated[Any, BeforeValidator(_reader(_or_word("best", _or_word("equal", _part)), "full_at_form", numeral=False)),
                   WithJsonSchema({"anyOf": [{"enum": ["best", "equal"]}, SHARE_SCHEMA]})]
DontKnow = Annotated[Any, BeforeValidator(_reader(_or_word("not_counted", _grade), "dont_know_form", numeral=False)),
                     WithJsonSchema({"anyOf": [{"const": "not_counted"}, SHARE_SCHEMA]})]
Takes = Annotated[Any, BeforeValidator(_reader(_taken, "takes_form", numeral=False)),
                  WithJsonSchema({"anyOf": [{"const": "rest"}, COUNT_SCHEMA, SHARE_SCHEMA]})]


def _quoted(text: str) -> str | None:
    return text if read_amount(text) is not None or read_share(text) is not None else None


Quoted = Annotated[str, BeforeValidator(_reader(_quoted, "quoted_form", numeral=False)),
                   WithJsonSchema({"anyOf": [NUMBER_SCHEMA, SHARE_SCHEMA, OF_WEIGHT_SCHEMA]})]


class Model(BaseModel):
    """A frozen mapping that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def parts(annotation: Any) -> list[type[Model]]:
    """The models in a list of some, also where there may be no list."""
    inside = [part for each in (annotation, *get_args(annotation)) for part in get_args(each)]
    return [part for part in dict.fromkeys(inside) if isinstance(part, type) and issubclass(part, Model)]


def keys(*models: type[Model]) -> set[str]:
    """The keys of models as they are written, and of the models in the lists of these."""
    found = set[str]()
    for model in models:
        for name, field in model.model_fields.items():
            found |= {field.alias or name} | keys(*(part for part in parts(field.annotation) if part not in models))
    return found


class Rule(Model):
    """A rule cites the clauses it rests on (`silent`: none) and names the assumptions behind its own numbers."""

    clause: Clauses
    assumed: Names = ()


class Text(Model):
    """One text in Chinese and English: `text["zh"]`; one that has no English, or is written as one, is the same in both."""

    zh: Filled
    en: Filled = ""

    @model_validator(mode="before")
    @classmethod
    def _both(cls, value: Any) -> Any:
        if isinstance(value, list):
            raise wrong("text_both", text="…")
        value = {"zh": value} if isinstance(value, str) else value
        return {"en": value["zh"], **value} if isinstance(value, dict) and type(value.get("zh")) is str else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string", "minLength": 1}, handler(core)]}

    def __getitem__(self, lang: str) -> str:
        return self.en if lang == "en" else self.zh
