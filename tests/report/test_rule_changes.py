"""The words of what changed: every field and code has its words, lines and tables tell each change with its place."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from shared import words_of
from spoiled import keep
from written import YEAR, workspace

import txlib as tx
from txlib.base.fields import Model
from txlib.base.labels import LANGS, section
from txlib.editions.changes import ABOUT, CHANGES
from txlib.editions.edition import Edition
from txlib.editions.under_other_rules import Carried
from txlib.editions.values import reads, undated
from txlib.methods import BesideTheTree, bands, findings, named
from txlib.report import facts, rule_changes
from txlib.report.kit.shown import Display
from txlib.report.rule_changes import lines
from txlib.rules import conditions, figures, quotas, terms, tree, year

each_lang = pytest.mark.parametrize("lang", LANGS)
NOT_TOLD = {"year", "last_year", "categories", "adjustments", "indicators", "code", "zh", "en"}  # of no entry


def within(annotation: Any) -> Iterator[Any]:
    yield annotation
    if get_origin(annotation) is not Literal:
        for part in get_args(annotation):
            yield from within(part)


def fields() -> Iterator[tuple[str, Any]]:
    """Every field of every model of a rule-book, by its key in the files."""
    shapes = [*named().values(), *named(BesideTheTree).values(), bands.Row, findings.Price]
    for module in (tree, year, conditions, figures, quotas, terms):
        shapes += [shape for shape in vars(module).values() if isinstance(shape, type) and issubclass(shape, Model)]
    for shape in shapes:
        yield from ((field.alias or name, field.annotation) for name, field in shape.model_fields.items())


def test_every_field_has_its_words() -> None:
    known = section("changes")
    assert {key for key, _ in fields() if f"key_{key}" not in known} - NOT_TOLD == set()


def test_every_code_that_a_field_allows_has_its_words() -> None:
    known, lacking = section("changes"), set()
    for key, annotation in fields():
        for word in (word for part in within(annotation) if get_origin(part) is Literal for word in get_args(part)):
            own = section(f"methods/{word}") if key == "method" else {}
            if f"said_{key}_{word}" not in known and f"said_{word}" not in known and "name" not in own:
                lacking.add((key, word))
    assert lacking == set()


def test_no_words_are_left_of_fields_that_are_gone() -> None:
    keys = {key for key, _ in fields()}
    words = [(key, word) for key, annotation in fields() for part in within(annotation) if get_origin(part) is Literal
             for word in get_args(part)]
    codes = {word for _, word in words} | {f"{key}_{word}" for key, word in words}
    own = {"branch", "adjustment", "top", "order", "terms_file", "clauses", "assumptions", "quotas", "data_error_marks"}
    own_codes = {"again_all", "attained_total",
                 "full_at_best", "full_at_equal", "dont_know_not_counted", "lose_proportional", "takes_rest", "marks",
                 "clause_silent"}
    for label in section("changes"):
        kind, _, name = label.partition("_")
        if kind in ("key", "said"):
            assert name in (keys | own if kind == "key" else codes | own_codes), label


def test_a_value_reads_as_it_is_written() -> None:
    """Numbers keep their form, codes become words, a share of the weight says of what."""
    assert reads("step", None, "3% of weight") == ("权重的 3%", "3% of the weight")
    assert reads("method", "rank_step", "rank_step")[1] == "less by each place"
    assert reads("direction", "up", None)[1] == "higher is better"
    assert reads("half", "up", "up")[1] == "away from zero"
    assert reads("count", "up", "up")[1] == "rounded up"
    assert reads("weight", None, "30%") == ("30%", "30%")
    assert undated("泰兴市2019年度（2018—2020）", "2019") == "泰兴市+0年度（-1—+1）"
    assert undated("12019 x", "2019") == "12019 x"


# ── a workspace with changes of every kind ──────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def books(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Edition, Edition]:
    """2019, and 2020 with level 1 of the parks changed, one of its indicators under a name that is an attack."""
    folder = tmp_path_factory.mktemp("changed")
    for name in ("params", "data"):
        shutil.copytree(root / name, folder / name)
    tree = folder / "params/2020/trees/parks.yaml"
    upper, appraisal = tree.read_text("utf-8").split('\n  - code: "B"')
    for was, now in ((85, 80), (26, 21), (8, 3)):
        upper = upper.replace(f"weight: {was}\n", f"weight: {now}\n", 1)
    for was, now in ((15, 20), (9, 14)):
        appraisal = appraisal.replace(f"weight: {was}\n", f"weight: {now}\n", 1)
    text = f'{upper}\n  - code: "B"{appraisal}'
    attack = r'\1{zh: "<b>经济</b>", en: "<script>alert(1)</script>"}'
    tree.write_text(re.sub(r'(code: "A1"\n +name: ).*', attack, text), encoding="utf-8")
    return Edition(tx.load_rulebook("2019", folder)), Edition(tx.load_rulebook("2020", folder))


@pytest.fixture(scope="module")
def found(books: tuple[Edition, Edition]) -> pd.DataFrame:
    return rule_changes.compared(*books)


@pytest.fixture(scope="module")
def held(books: tuple[Edition, Edition]) -> Carried:
    """Last year's data by the rules of either year: what comes of it is the same in both languages."""
    what = rule_changes.what_if(*books, words_of(books[1].book))
    assert isinstance(what, Carried)
    return what


@each_lang
def test_every_change_is_a_line_with_its_place(books: tuple[Edition, Edition], found: pd.DataFrame, lang: str) -> None:
    then, now = books
    words = replace(words_of(now.book, lang), before=then.book)
    told = [line for line in lines.lines(found, words) if line.startswith("  ")]
    assert len(told) == len(found)
    for row in found.itertuples():
        place = lines.places(row, words)
        assert sum(place in line for line in told) >= 1 and str(row.line or row.line_then) in place
    assert told[0].startswith("  ★ ") and sum("★" in line for line in told) == int(found["flagged"].sum()) == 2


@each_lang
def test_findings_say_level_1_first(books: tuple[Edition, Edition], found: pd.DataFrame, held: Carried,
                                    lang: str) -> None:
    then, now = books
    page = rule_changes.findings(now, then, found, held, words_of(now.book, lang))
    first = BeautifulSoup(page.html, "html.parser").find("li")
    assert first is not None and [
        re.findall(r"\d+", item.get_text())[-2:] for item in first.find_all("li")] == [["85", "80"], ["15", "20"]]
    assert "2019" in page.text


@each_lang
def test_tables_hold_every_change_and_no_markup_of_names(books: tuple[Edition, Edition], found: pd.DataFrame,
                                                         held: Carried, lang: str) -> None:
    then, now = books
    words = words_of(now.book, lang)
    pages = [rule_changes.changes(now, then, found, part, words) for part in lines.PARTS]
    rows = [row for page in pages for row in BeautifulSoup(page.html, "html.parser").select("tbody tr")]
    assert len(rows) == len(found) and sum("tx-flag" in row.get("class", []) for row in rows) == 2
    for page in (*pages, rule_changes.findings(now, then, found, held, words)):
        assert BeautifulSoup(page.html, "html.parser").find(["script", "b"]) is None


def test_every_kind_of_change_has_its_words() -> None:
    for kind in ("added", "removed", "moved", "renamed", "recoded", "succeeded", "changed"):
        assert section("changed")[f"kind_{kind}"]
    assert {about for part in lines.PARTS.values() for about in part} == set(ABOUT)
    assert {f"n_{about}" for about in ABOUT if about != "headings"} <= set(section("changed"))


@each_lang
def test_a_status_or_a_title_is_told_and_counts_as_no_rule(tmp_path: Path, lang: str) -> None:
    """An edition of which the head alone changed has the rules of the one before."""
    tree = {"indicators": [{"code": "A", "weight": "100", "scored_by": {"method": "given"}}], "units": ["u"]}
    heads = {"title": {"zh": "办法（试行）", "en": "On trial"}, "status": {"zh": "征求意见", "en": "For comment"},
             "as_of": "2020-06-30"}
    then, now = (Edition(tx.load_rulebook(YEAR, workspace(tmp_path / name, {**tree, "rules": rules})))
                 for name, rules in (("then", {}), ("now", heads)))
    words, found = words_of(now.book, lang), rule_changes.compared(then, now)
    assert len(found) == 3
    told = rule_changes.findings(now, then, found, facts.NOTHING, words).text
    assert (("规则没有变动" if lang == "zh" else "no rule has changed") in told
            and ("样例 → 征求意见" if lang == "zh" else "Sample → For comment") in told and "2020-06-30" in told)
    assert words.label("key_changes") + " 0" in rule_changes.cover(now, then, found, words).text
    assert "tx-nothing" in rule_changes.changes(now, then, found, "rules", words).html
    assert len(lines.lines(found, words)) == 4


def test_long_texts_are_told_by_what_differs() -> None:
    same, row = "x" * 200, {"then": "alpha", "now": "beta"}
    told = lines.differing(f"{same}{row['then']}{same}", f"{same}{row['now']}{same}")
    assert told == {"then": "…xxxxxxxxxxalph…", "now": "…xxxxxxxxxxbet…"}
    assert lines.differing("a", "b") == {"then": "a", "now": "b"}
    assert max(map(len, lines.differing("a" * 500, "b" * 500).values())) <= lines.LONG
    assert lines.differing("", "y" * 500)["now"].endswith("…")


@each_lang
def test_without_a_year_to_compare_with_it_says_why(root: Path, lang: str) -> None:
    book = tx.load_rulebook("2019", root)
    words = words_of(book, lang)
    now, then = rule_changes.editions(book, "", words)
    assert isinstance(then, Display) and "tx-nothing" in then.html
    nothing = rule_changes.compared(then, now)
    assert nothing.empty and list(nothing.columns) == CHANGES
    held = rule_changes.what_if(then, now, words)
    assert rule_changes.findings(now, then, nothing, held, words) is then is rule_changes.summary(held, words)
    assert all("tx-nothing" in rule_changes.changes(now, then, nothing, part, words).html for part in lines.PARTS)
    assert not rule_changes.left_out(held, then, now, words).html and not rule_changes.moved(held, then, words).html
    assert rule_changes.cover(now, then, nothing, words).text
    assert rule_changes.sources(now, then, words).html
    _, unknown = rule_changes.editions(book, "1999\x1b", words)
    assert isinstance(unknown, Display) and "1999·" in unknown.text


@each_lang
def test_faults_of_last_years_data_are_told_and_the_rules_compared(root: Path, tmp_path: Path, lang: str) -> None:
    for name in ("params", "data"):
        shutil.copytree(root / name, tmp_path / name)
    for edition in ("2019", "2020"):
        keep(tmp_path, edition, "towns_1", "parks")
    whole = rule_changes.compared(*(Edition(tx.load_rulebook(each, tmp_path)) for each in ("2019", "2020")))
    assert "units" in set(whole["about"])
    (tmp_path / "data/2019/parks/observations.csv").unlink()
    book = tx.load_rulebook("2020", tmp_path)
    words = words_of(book, lang)
    now, then = rule_changes.editions(book, "", words)
    held = rule_changes.what_if(then, now, words)
    assert isinstance(held, Display) and "data/2019/parks/observations.csv" in held.text
    assert len(rule_changes.compared(then, now)) == len(whole)
    (tmp_path / "data/2019/units.csv").unlink()
    assert len(rule_changes.compared(then, now)) == len(whole), "an edition is read once"
    now, then = rule_changes.editions(book, "", words)
    assert isinstance(then, Edition) and then.units is None
    assert set(rule_changes.compared(then, now)["about"]) & {"units"} == set()


@each_lang
def test_the_what_if_never_passes_for_a_result(books: tuple[Edition, Edition], held: Carried, lang: str) -> None:
    then, now = books
    words = words_of(now.book, lang)
    for page in (rule_changes.summary(held, words), rule_changes.moved(held, then, words)):
        assert {"zh": "不是任何一年的", "en": "no year's result"}[lang] in page.text
