"""The written forms of a rule-book: what each takes, as which value, and from where on it refuses, with its own fault."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from typing import Any, NamedTuple

import jsonschema
import pytest
import yaml
from pydantic import Field, TypeAdapter, ValidationError

from txlib.base import fields
from txlib.base.numbers import Amount, Numeral

pytestmark = pytest.mark.quick


class Form(NamedTuple):
    """A form: numbers that YAML would take for such, texts, and the fault of all that is neither."""

    name: str
    code: str
    numbers: dict[str, Any]
    texts: dict[str, Any]
    not_numbers: str = ""
    not_texts: tuple[str, ...] = ()


def of_weight(text: str) -> Amount:
    return Amount(Fraction(text), of_weight=True)


def flat(text: str) -> Amount:
    return Amount(Fraction(text), of_weight=False)


HALF, TENTH = Fraction(1, 2), Fraction(1, 10)
FORMS = [
    Form("Number", "number_form", {"-1.5": Fraction("-1.5"), "0": Fraction(0), "0.1": TENTH}, {}, not_texts=("1", "10%", "best")),
    Form("Tolerance", "tolerance_form", {"0": Fraction(0), "0.5": HALF}, {}, "-0.01", ("0.5", "50%")),
    Form("Positive", "positive_form", {"0.1": TENTH}, {}, "0 -1", ("1",)),
    Form("Mark", "mark_form", {"0": Fraction(0), "100": Fraction(100)}, {}, "-0.01 100.01", ("50%",)),
    Form("Grade", "grade_form", {}, {"0%": Fraction(0), "50%": HALF, "100%": Fraction(1)}, "0 1", ("-1%", "100.1%", "half")),
    Form("Part", "part_form", {}, {"10%": TENTH, "100%": Fraction(1)}, "0 1", ("0%", "-1%", "100.1%")),
    Form("Weight", "weight_form", {"0.5": HALF}, {"10%": TENTH}, "0 -1", ("0%", "-10%", "3% of weight")),
    Form("Points", "amount_form", {"0": flat("0"), "1.5": flat("1.5")}, {"50% of weight": of_weight("0.5")}, "-0.5",
         ("-1% of weight", "50%", "1.5")),
    Form("Count", "count_form", {"0": 0, "12": 12, "1000000": 1_000_000}, {}, "-1 1.5 1000001", ("12",)),
    Form("Places", "places_form", {"0": 0, "9": 9}, {}, "10 -1 1.5", ("exact",)),
    Form("Decimals", "decimals_form", {"0": 0, "9": 9}, {"exact": "exact"}, "10 0.5", ("Exact", "2")),
    Form("Loss", "loss_form", {"0.1": flat("0.1")}, {"proportional": "proportional", "10% of weight": of_weight("0.1")}, "-1",
         ("10%", "best")),
    Form("FullAt", "full_at_form", {}, {"best": "best", "equal": "equal", "10%": TENTH}, "1", ("0%", "101%", "worst")),
    Form("DontKnow", "dont_know_form", {}, {"not_counted": "not_counted", "0%": Fraction(0), "10%": TENTH}, "1", ("101%", "no")),
    Form("Takes", "takes_form", {"3": 3, "0": 0}, {"rest": "rest", "10%": TENTH}, "-1 1.5", ("0%", "101%", "all")),
    Form("Quoted", "quoted_form", {"15": "15"}, {"30%": "30%", "3% of weight": "3% of weight"}, "", ("ten", "")),
    Form("Day", "day_form", {}, {"2020-02-29": "2020-02-29"}, "2020", ("2021-02-29", "20200229", "2020-W01-1", "2020-1-1")),
]


def read(name: str, value: Any) -> Any:
    return TypeAdapter(getattr(fields, name)).validate_python(value)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_form_takes_what_it_says_and_refuses_all_else_with_its_own_fault(form: Form) -> None:
    for text, value in form.numbers.items():
        assert read(form.name, Numeral(text)) == value, text
    for text, value in form.texts.items():
        assert read(form.name, text) == value, text
    for wrong in [*map(Numeral, form.not_numbers.split()), *form.not_texts, None, ["1"], {"a": "1"}, 1, 0.5, True]:
        with pytest.raises(ValidationError) as caught:
            read(form.name, wrong)
        assert [error["type"] for error in caught.value.errors()] == [form.code], wrong


@pytest.mark.parametrize(("value", "code"), [
    (Numeral("1"), "quotes_needed"), (None, "text_needed"), (["a"], "text_needed"), ("", "text_needed"), (" ", "text_needed"),
    ("a\nb", "text_needed"), ("a\u202eb", "text_needed"),
])
def test_a_text_is_something_that_can_be_printed_and_no_number(value: Any, code: str) -> None:
    assert read("Filled", "名 name") == "名 name"
    with pytest.raises(ValidationError) as caught:
        read("Filled", value)
    assert [error["type"] for error in caught.value.errors()] == [code]


def test_one_name_stands_for_a_list_of_one_and_silent_for_no_clause() -> None:
    assert read("Names", "a") == ("a",) and read("Names", ["a", "b"]) == ("a", "b")
    assert read("Clauses", "silent") == () and read("Clauses", ["1.1"]) == ("1.1",)
    with pytest.raises(ValidationError):
        read("Names", [])
    with pytest.raises(ValidationError):
        read("Clauses", "1.1")


def test_a_text_without_english_is_in_chinese_for_all() -> None:
    assert [read("Text", {"zh": "名", "en": "name"})[lang] for lang in ("zh", "en")] == ["名", "name"]
    for value in ("名", {"zh": "名"}):
        assert [read("Text", value)[lang] for lang in ("zh", "en")] == ["名", "名"]


@pytest.mark.parametrize(("value", "faults"), [
    (["名"], [("text_both", ())]), ({"en": "name"}, [("missing", ("zh",))]), ({"zh": "名", "en": ""}, [("text_needed", ("en",))]),
    ({"zh": Numeral("15")}, [("quotes_needed", ("zh",))]), (Numeral("15"), [("quotes_needed", ("zh",))])])
def test_what_is_no_text_is_told_once(value: Any, faults: list[Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        read("Text", value)
    assert [(error["type"], error["loc"]) for error in caught.value.errors()] == faults


def test_a_code_may_be_chinese_and_nothing_that_looks_like_a_letter_of_ours() -> None:
    """Greek, Cyrillic and wide letters, marks that NFC puts together, compatible forms would be other codes of one look."""
    fine = ("A1.2", "东港镇", "甲1", "一等_2", "〇", "㙟", "𠙶", "2020")
    others = ("Ａ1", "А1", "Α1", "é", "e\u0301", "①", "\uf900", "\u2f00", "ア", "㎡", "ㄅ", "-甲", "·甲", "甲 乙", "甲，乙", "")
    assert [code for code in fine if read("Code", code) == code and unicodedata.normalize("NFC", code) == code] == [*fine]
    for code in others:
        with pytest.raises(ValidationError):
            read("Code", code)
    assert [code for code in (*fine, *others) if re.fullmatch(fields.CODE, code)] == [*fine]


def test_what_an_amount_keeps_is_said_by_its_field_before_its_type() -> None:
    assert fields.Within.of(fields.Points) == fields.Within() and fields.Within.of(fields.Floor) == fields.Within(1, below="most")
    assert fields.Within.of(fields.AtMostFull) == fields.Within(1) and fields.Within.of(fields.Each) == fields.Within(None)
    assert fields.Within.of(tuple[fields.Each, ...], [fields.Within(1)]) == fields.Within(1)
    assert fields.Within.of(tuple[fields.Each, ...] | None) == fields.Within(None) and fields.Within.of(str) is None


def as_an_editor_reads(text: str) -> Any:
    """A value as YAML gives it to whoever knows no Numeral."""
    return yaml.safe_load(text) if isinstance(text, Numeral) else text


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_an_editor_takes_what_a_form_takes_and_nothing_of_another_kind(form: Form) -> None:
    schema = TypeAdapter(getattr(fields, form.name)).json_schema()
    takes = jsonschema.Draft202012Validator(schema).is_valid
    for text in [*map(Numeral, form.numbers), *form.texts]:
        assert takes(as_an_editor_reads(text)), text
    for wrong in ({"a": 1}, [], None, True):
        assert not takes(wrong), wrong
    assert takes("something else") is (form.name == "Day") and takes(1) is bool(form.numbers)


@pytest.mark.parametrize(("name", "fine", "wrong"), [
    ("Count", [0, 1_000_000], [-1, 1.5]), ("Places", [0, 9], [-1, 10]), ("Part", ["7.5%", "30%"], ["7.5", "07%", "5.%"]),
    ("Points", [1.5, "7.5% of weight"], ["7.5%", "1 % of weight"]), ("Takes", [3, "rest", "5%"], [-3, 0.5]),
    ("Names", ["a", ["a", "b"]], [1, [1]]), ("Clauses", ["silent", ["1.1"]], ["1.1", [1]]), ("Filled", ["a"], ["", 1]),
])
def test_an_editor_refuses_what_is_written_otherwise(name: str, fine: list[Any], wrong: list[Any]) -> None:
    takes = jsonschema.Draft202012Validator(TypeAdapter(getattr(fields, name)).json_schema()).is_valid
    assert ([takes(each) for each in fine], [takes(each) for each in wrong]) == ([True] * len(fine), [False] * len(wrong))


class Part(fields.Model):
    inner: int = 0


class Whole(fields.Model):
    """Holds itself in a list, as a tree does, and one with another name in the file."""

    from_: int = Field(0, alias="from")
    parts: tuple[Part, ...] = ()
    again: tuple[Whole, ...] = ()
    texts: tuple[str, ...] = ()


def test_keys_are_those_as_written_and_of_the_models_in_lists() -> None:
    assert fields.keys(Whole) == {"from", "parts", "again", "texts", "inner"} and fields.keys(Part, Whole) == fields.keys(Whole)
    assert fields.keys() == set() and fields.keys(Part) == {"inner"}
    assert fields.parts(tuple[Part, ...]) == [Part] and fields.parts(tuple[int, str]) == fields.parts(int) == []


def test_a_model_refuses_keys_that_it_does_not_know_and_is_never_changed() -> None:
    with pytest.raises(ValidationError):
        Part.model_validate({"outer": 1})
    with pytest.raises(ValidationError):
        Part().inner = 1


def test_a_measure_in_two_languages_is_not_made_one() -> None:
    assert read("Text", {"zh": "个", "en": "visits"}) == fields.Text(zh="个", en="visits")


def test_a_rule_may_name_no_assumption() -> None:
    assert fields.Rule.model_validate({"clause": "silent"}).assumed == ()
