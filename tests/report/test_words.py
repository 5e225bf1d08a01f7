"""The words of a report: names from the rules and the tables, in both languages; a language in their place is refused."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from dataclasses import replace
from typing import Any

import pytest
from shared import ROOT, assessed, edition, words_of

from txlib.base.labels import LANGS
from txlib.report import marks, overview, ranking, rule_changes, sensitivity, what_if
from txlib.report.kit.words import Words
from txlib.run.moved import OF_REPORTS

pytestmark = pytest.mark.quick

PACKAGES = (overview, ranking, marks, sensitivity, rule_changes, what_if)
WORDED = [(package, name) for package in PACKAGES for name in package.__all__
          if "words" in inspect.signature(getattr(package, name)).parameters]
NAMELESS = {"words.py", "public.py", "book.py", "called.py", "csvfile.py"}  # beside the pages: they ask for texts by a language
each_lang = pytest.mark.parametrize("lang", LANGS)


@each_lang
def test_units_and_lead_departments_have_the_names_of_the_tables(lang: str) -> None:
    book, data = edition("2020")
    words = Words(book, data, lang)
    for row in data.units.itertuples():
        assert words.unit(str(row.unit)) == (row.name_en if lang == "en" and row.name_en else row.name)
    assert words.units(["shiqiao", "nobody"]) == words.unit("shiqiao") + {"zh": "、", "en": ", "}[lang] + "nobody"
    assert Words(book, None, lang).unit("shiqiao") == "shiqiao"


@each_lang
def test_a_unit_without_another_name_keeps_the_chinese_one(lang: str) -> None:
    book, data = edition("2020")
    unnamed = data.replaced(units=data.units.assign(name_en=""))
    assert Words(book, unnamed, lang).unit("shiqiao") == "石桥乡"


@each_lang
def test_what_the_rules_name_has_its_name(lang: str) -> None:
    book, _ = edition("2020")
    words = words_of(book, lang)
    assert book.tiers is not None and book.rules.quotas is not None
    assert [words.tier(tier.code) for tier in book.tiers.levels] == [tier.name[lang] for tier in book.tiers.levels]
    assert [words.level(level.code) for level in book.rules.quotas.levels] == [
        level.name[lang] for level in book.rules.quotas.levels]
    for code, head in book.categories.items():
        assert words.category(code) == head.name[lang]
        assert [words.indicator(code, node.code) for node in head.nodes] == [words.coded(node) for node in head.nodes]
    number, clause = next(iter(book.clauses.items()))
    assert words.clause(number) == f"{number} {clause.term[lang]}"


def test_what_has_no_name_keeps_its_code() -> None:
    words = words_of(edition("2020")[0])
    assert (words.category("gone"), words.indicator("towns_1", "Z9"), words.indicator("gone", "A")) == ("gone", "Z9", "A")


def test_a_category_of_the_year_before_is_named_and_that_of_this_year_comes_first() -> None:
    book, _ = edition("2020")
    parks, towns = book.categories["parks"], book.categories["towns_1"]
    then = replace(book, categories={"old": parks, "towns_1": parks})
    words = replace(words_of(replace(book, categories={"towns_1": towns})), before=then)
    assert (words.category("old"), words.category("towns_1")) == (parks.name.zh, towns.name.zh)


@each_lang
def test_the_last_of_several_units_stands_after_an_and(lang: str) -> None:
    rows = list(assessed("2020", "towns_1").ranking.itertuples())
    words = words_of(edition("2020")[0], lang)
    a, b, c = map(words.row, rows[:3])
    assert words.united(rows[:1]) == a
    assert words.united(rows[:3]) == {"zh": f"{a}、{b}、{c}", "en": f"{a}, {b} and {c}"}[lang]


# ── a language where words are wanted ───────────────────────────────────────────────────────────────────────────────


def test_every_table_and_figure_that_is_worded_is_among_them() -> None:
    assert {package.__name__.split(".")[-1] for package in PACKAGES} == set(OF_REPORTS) and len(WORDED) > 60


@pytest.mark.parametrize(("package", "name"), WORDED, ids=lambda part: getattr(part, "__name__", part).split(".")[-1])
@each_lang
def test_a_language_in_place_of_words_is_refused_in_one_line(package: Any, name: str, lang: str) -> None:
    """Before anything is looked at: as an earlier version's notebook passes it, by its place or by its name."""
    before = [None] * list(inspect.signature(getattr(package, name)).parameters).index("words")
    for given, named in (((*before, lang), {}), (before, {"lang": lang}), ((*before, lang, None, None, None), {})):
        with pytest.raises(TypeError, match=r"words = report\.Words\(book, data, lang\)") as error:
            getattr(package, name)(*given, **named)
        assert str(error.value).startswith(f"{name}(…)") and "\n" not in str(error.value)
        assert ("not a language" in str(error.value)) == (lang == "en")


def test_what_lacks_words_altogether_is_told_too() -> None:
    with pytest.raises(TypeError, match=r"report\.Words"):
        ranking.ranking(assessed("2020", "towns_1"))
    with pytest.raises(TypeError, match="no_such"):
        ranking.ranking(assessed("2020", "towns_1"), words_of(edition("2020")[0]), no_such=1)


def test_what_is_public_keeps_its_docstring_and_signature() -> None:
    own = importlib.import_module("txlib.report.ranking.tables").ranking
    assert ranking.ranking.__doc__ == own.__doc__ and inspect.signature(ranking.ranking) == inspect.signature(own)


# ── one way to name ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_report_takes_a_name_by_its_language_but_through_words() -> None:
    """Neither `.name[lang]` nor a name of a row as it stands: what is withheld in Words is withheld everywhere."""
    for path in (ROOT / "txlib" / "report").rglob("*.py"):
        for node in () if "page" in path.parts else ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("name_en", "item_name", "item_name_en", "tier_en"), f"{path.name}:{node.lineno}"
                assert ast.unparse(node) not in ("row.name", "unit.name", "placed.name"), f"{path.name}:{node.lineno}"
            if isinstance(node, ast.Subscript):
                assert not re.search(r"\.name\[.*lang\]$", ast.unparse(node)), f"{path.name}:{node.lineno}"
            if isinstance(node, ast.Call) and path.name not in NAMELESS:
                assert ast.unparse(node.func) not in ("say", "counted"), f"{path.name}:{node.lineno}"
