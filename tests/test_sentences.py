"""Explanations can be checked by hand: the sums they write out are done again here, from the words alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import txlib as tx

NUMBER = r"≈?(\d+(?:\.\d+)?)"
FORMULA = re.compile(r"[:：,，] ?([≈\d(][\d.≈()×÷−+ ]*[×÷−+][\d.≈()×÷−+ ]*)(?=[;；,，.])")
POINTS = {"zh": re.compile(rf"；得 {NUMBER} 分（满分 {NUMBER} 分）"), "en": re.compile(rf"; {NUMBER} of {NUMBER} points")}


def worked(expression: str) -> float:
    """The value of a sum as it is printed."""
    plain = expression.replace("≈", "").replace("×", "*").replace("÷", "/").replace("−", "-")
    assert re.fullmatch(r"[\d.()*/+\- ]+", plain), expression
    return float(eval(plain))


@pytest.fixture(scope="module")
def result(root: Path) -> tx.Result:
    book = tx.load_rulebook("2020", root)
    return tx.assess(book, tx.load_data(book), "towns_1")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sum_in_each_sentence_gives_the_points_beside_it(result: tx.Result, lang: str) -> None:
    """Points not held at a floor or a cap: the formula in the sentence, worked from its printed numbers, is the result."""
    checked = 0
    for unit in result.units["unit"]:
        for leaf in result.category.leaves:
            sentence = tx.explain(result, unit=unit, indicator=leaf.code, lang=lang)
            formula, said = FORMULA.search(sentence), POINTS[lang].search(sentence)
            assert said, sentence
            row = result.scores.set_index(["unit", "indicator"]).loc[(unit, leaf.code)]
            assert float(said[1]) == pytest.approx(row["points"], abs=5e-5)
            assert float(said[2]) == pytest.approx(row["full"], abs=5e-5)
            if formula and row["full"] == row["weight"] and row["status"] == "reported":
                value = worked(formula[1])
                limits = [float(x) for x in re.findall(rf"(?:不低于|至多加|not under|at most) {NUMBER}", sentence)]
                held = any(row["points"] in (pytest.approx(x), pytest.approx(row["weight"] + x)) for x in limits)
                assert held or value == pytest.approx(row["points"], abs=2e-4), sentence
                checked += not held
    assert checked > 100


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_branch_is_the_sum_of_what_the_sentence_names(result: tx.Result, lang: str) -> None:
    for unit in result.units["unit"]:
        for node in result.category.nodes:
            if node.children:
                sentence = tx.explain(result, unit=unit, indicator=node.code, lang=lang)
                terms = sentence.split("sum of its children,")[-1] if lang == "en" else sentence.split("下级得分之和")[-1]
                parts = [float(x) for x in re.findall(rf"[A-Z][\d.]* {NUMBER}", re.split("[;；（(]", terms)[0])]
                said = POINTS[lang].search(sentence)
                assert said and sum(parts) == pytest.approx(float(said[1]), abs=1e-3), sentence


def test_every_sentence_cites_its_clauses_with_their_terms_and_its_assumptions(result: tx.Result) -> None:
    for leaf in result.category.leaves:
        sentence = tx.explain(result, unit="donggang", indicator=leaf.code)
        for number in leaf.clause:
            assert f"{number} {result.book.clauses[number].term.zh}" in sentence
        for name in leaf.assumed:
            assert result.book.assumptions[name].term.zh in sentence


def test_the_total_shows_the_half_that_decides(root: Path) -> None:
    """许庄街道: 77.4605 + 13.5345 is exactly 90.995 and is rounded to 91.00."""
    book = tx.load_rulebook("2017-jining", root)
    jining = tx.assess(book, tx.load_data(book), "class_1")
    assert tx.explain(jining, unit="xuzhuang") == (
        "许庄街道总分：A 77.4605 + B 13.5345 = 90.995，四舍五入到 2 位小数得 91.00，在 13 个单位中列第 12 名。")


def test_not_applicable_is_told_at_the_leaf_at_its_siblings_and_at_the_branch(result: tx.Result) -> None:
    told = [tx.explain(result, unit="shiqiao", indicator=code, lang="en") for code in ("A2.4", "A2.1", "A2")]
    assert "not applicable: its weight of 3 goes to its siblings in proportion" in told[0]
    assert "the weight goes from 5 to" in told[1]
    assert "(A2.4 not applicable)" in told[2]
    mean = tx.explain(result, unit="yunxi", indicator="A3.2", lang="en")
    assert "the mean of the peers it applies to" in mean


def test_an_unknown_unit_or_indicator_lists_those_there_are(result: tx.Result) -> None:
    with pytest.raises(KeyError, match="donggang, liuhu"):
        tx.explain(result, unit="dongang")
    with pytest.raises(KeyError, match=r"A1, A1\.1"):
        tx.explain(result, unit="donggang", indicator="Z")
