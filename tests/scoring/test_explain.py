"""Explanations can be checked by hand: the sums they write out are done again here, from the words alone."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from functools import cache
from itertools import zip_longest
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import pytest
import shared
import yaml
from written import CATEGORY, YEAR, assessed, workspace

import txlib as tx
from txlib.base.labels import section
from txlib.base.printing import as_text

pytestmark = pytest.mark.quick

CASES = shared.ROOT / "tests" / "cases" / "methods"
LANGS = ("zh", "en")
NUMBER = r"≈?(\d+(?:\.\d+)?)"
SUM = r"[≈(\dl][\d.≈()×÷−+%ln ]*"
FORMULA = re.compile(rf"[:：] ?({SUM}?)(?: = [≈−]*[\d.]+[，,] ?(?:[高低]于|above|below) ({NUMBER})[^；;]*)?(?=[;；])")
POINTS = {"zh": re.compile(rf"；得 {NUMBER} 分（满分 {NUMBER} 分）"), "en": re.compile(rf"; {NUMBER} of {NUMBER} points?")}


def worked(expression: str) -> float:
    """The value of a sum as it is printed."""
    plain = expression.replace("≈", "").replace("×", "*").replace("÷", "/").replace("−", "-")
    plain = re.sub(r"ln ([\d.]+)", r"math.log(\1)", re.sub(r"([\d.]+)%", r"(\1/100)", plain))
    assert re.fullmatch(r"(?:math\.log|[\d.()*/+\- ])+", plain), expression
    return float(eval(plain, {"math": math}))


def told(sentence: str, lang: str) -> tuple[float | None, float | None, str]:
    """What the sum in a sentence comes to, and what it is held at where a limit binds; the points it names."""
    points = POINTS[lang].search(sentence)
    assert points, sentence
    found = list(FORMULA.finditer(sentence[:points.start() + 1]))
    formula = found[-1] if found else None
    return (worked(formula[1]) if formula else None), (float(formula[3]) if formula and formula[3] else None), points[1]


@pytest.fixture(scope="module")
def result() -> tx.Result:
    return shared.assessed("2020", "towns_1")


# ── every method, by the cases that an official can read ──


def written() -> list[Any]:
    found = []
    for path in sorted(CASES.glob("*.yaml")):
        for n, case in enumerate(yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)["cases"], 1):
            if "refused" not in case:
                found.append(pytest.param(case, id=f"{path.stem}-{n}"))
    return found


def as_tree(*cases: dict[str, Any], **rules: Any) -> dict[str, Any]:
    """Worked cases of methods, whose year has the same rules, as a rule-book of leaves A, B, …; not all units have each."""
    units = range(max(len(case["units"]) for case in cases))
    rows = [",".join([f"u{i}", code, *(unit.get(key, "") for key in ("value", "target", "last_year"))])
            for code, case in zip(ascii_uppercase, cases, strict=False)
            for i, unit in zip_longest(units, case["units"], fillvalue={"value": "—"})]
    return {
        "indicators": [{"code": code, "weight": case["full"], "scored_by": case["rule"], "not_applicable": {"rule": "peers_mean"}}
                       for code, case in zip(ascii_uppercase, cases, strict=False)],
        "rules": {"total": {"points": as_text(sum(Fraction(case["full"]) for case in cases))},
                  "ties": {"method": cases[0].get("ties", "min")},
                  "divisors": {"when_not_positive": cases[0].get("when_not_positive", "refuse")}, **rules},
        "units": [f"u{i}" for i in units],
        "tables": {"observations": "\n".join(["unit,indicator,value,target,last_year", *rows])},
    }


WRITTEN = written()
PLAIN = [case.values[0] for case in WRITTEN if not {"ties", "when_not_positive"} & set(case.values[0])]


def leaf_of(case: dict[str, Any], root: Path) -> tuple[tx.Result, str]:
    """A case assessed, and the code of its leaf; those by the plainest rules beside one another."""
    if case not in PLAIN:
        return assessed(root, as_tree(case)), "A"
    first, at = divmod(PLAIN.index(case), len(ascii_uppercase))
    beside = PLAIN[first * len(ascii_uppercase):][:len(ascii_uppercase)]
    return assessed(root, as_tree(*beside)), ascii_uppercase[at]


@pytest.mark.parametrize("case", WRITTEN)
def test_the_sum_in_a_sentence_of_every_method_gives_the_points(case: dict[str, Any], tmp_path: Path) -> None:
    """Worked from its printed numbers; where a floor or a cap binds, the sentence says so and names what is taken."""
    try:
        made, code = leaf_of(case, tmp_path)
    except tx.DataError as refused:
        pytest.skip(f"refused at the door: {refused.faults[0].code}")
    for unit, row in enumerate(case["units"]):
        for lang in LANGS:
            sentence = tx.explain(made, unit=f"u{unit}", indicator=code, lang=lang)
            value, limit, points = told(sentence, lang)
            assert not re.search(r"nan|None|[{}]|  |-\d", sentence), sentence
            if row["points"] == "—":
                assert ("平均" if lang == "zh" else "the mean") in sentence
                value_of = [Fraction(each["points"]) for each in case["units"] if each["points"] != "—"]
                assert value == pytest.approx(float(sum(value_of) / len(value_of)), abs=2e-3), sentence
                continue
            wanted = float(Fraction(row["points"]))
            assert float(points) == pytest.approx(wanted, abs=5e-5), sentence
            if limit is not None:
                assert limit == pytest.approx(wanted, abs=5e-5), sentence
                assert value is not None and abs(value - limit) > 1e-9, sentence
            elif value is not None:
                assert value == pytest.approx(wanted, abs=6e-3), sentence
            else:
                before = sentence[:POINTS[lang].search(sentence).start()]  # type: ignore[union-attr]
                plain = re.search(rf"(?<![\d.]){re.escape(points)}(?![\d.]|%)", before)
                said = ("满分", "full") if wanted else ("零分", "no points")
                assert plain or any(word in before for word in said), sentence


def sentences(tmp_path: Path, rule: dict[str, Any], values: list[str], full: str = "10", **rules: Any) -> list[str]:
    """Both languages' sentences of each unit, in turn."""
    units = [dict(zip(("value", "target"), each.split("/"), strict=False)) for each in values]
    case = {"full": full, "rule": rule, "units": units}
    made = assessed(tmp_path, as_tree(case, **rules))
    return [tx.explain(made, unit=f"u{i}", indicator="A", lang=lang) for i in range(len(values)) for lang in LANGS]


def test_where_the_floor_or_the_cap_binds_the_sentence_comes_to_it(tmp_path: Path) -> None:
    rule = {"method": "completion", "lose": "0.1", "gain": "0.1", "cap": "0.5", "floor": "6"}
    zh, en, up, _ = sentences(tmp_path, rule, ["10/100", "120/100"])
    assert "10 − 90 × 0.1 = 1，低于 6 分，取 6 分；得 6 分" in zh
    assert "10 − 90 × 0.1 = 1, below 6, so 6; 6 of 10 points" in en
    assert "10 + 20 × 0.1 = 12，高于 10.5 分，取 10.5 分；得 10.5 分" in up


def test_bands_name_the_row_that_is_used(tmp_path: Path) -> None:
    rule = {"method": "bands", "between": "step", "edge": "above", "below": "1",
            "rows": [{"from": "60", "points": "5"}, {"from": "80", "points": "9"}]}
    _, under, _, on, _, top = sentences(tmp_path / "step", rule, ["59", "60", "95"])
    assert "under the first row, which gives 1" in under
    assert "the row from 60 points, which gives 5" in on and "the row from 80 points, which gives 9" in top
    line = {"method": "bands", "between": "line", "rows": rule["rows"]}
    _, between, _, outside = sentences(tmp_path / "line", line, ["75", "95"])
    assert "5 + (75 − 60) ÷ (80 − 60) × (9 − 5); 8 of 10" in between
    assert "outside them and counted as 80 points, which gives 9" in outside


def test_a_shared_place_is_half_way_between_two_rungs(tmp_path: Path) -> None:
    rule = {"method": "rank_ladder", "points": ["10", "9"], "beyond": "zero"}
    found = sentences(tmp_path, rule, ["5", "5", "3"], ties={"method": "average"})
    assert "第 1.5 名在两档正中：(10 + 9) ÷ 2；得 9.5 分" in found[0]
    assert "place 1.5 is half-way between two rungs: (10 + 9) ÷ 2; 9.5 of 10" in found[1]
    assert "place 3 gives 0" in found[5]


def test_the_direction_is_told_as_better_on_a_scale_and_as_first_among_places(tmp_path: Path) -> None:
    scale = {"method": "goalposts", "direction": "down", "low": "0", "high": "100", "onto": ["0", "10"]}
    zh, en = sentences(tmp_path / "scale", scale, ["25"])
    assert "低者为优" in zh and "lower is better" in en
    zh, en = sentences(tmp_path / "places", {"method": "rank_step", "step": "1", "floor": "0"}, ["25"])
    assert "高者在前" in zh and "highest first" in en


@pytest.mark.parametrize(("half", "zh", "en"), [("up", "四舍五入", "half up"), ("even", "四舍六入五成双", "half to even")])
def test_the_rounding_of_a_leaf_names_the_half(tmp_path: Path, half: str, zh: str, en: str) -> None:
    rounding = {"leaf": "1", "total": "1", "half": half}
    told_zh, told_en = sentences(tmp_path, {"method": "given"}, ["8.25"], rounding=rounding)
    assert f"指标得分{zh}到 1 位小数；得 {'8.3' if half == 'up' else '8.2'} 分" in told_zh
    assert f"points are rounded {en} to 1 decimal" in told_en


def test_a_unit_of_measure_that_begins_with_a_digit_is_multiplied(result: tx.Result) -> None:
    assert "observed 7.13 × 100 million yuan" in tx.explain(result, unit="donggang", indicator="A1.1", lang="en")
    assert "enterprises" in tx.explain(result, unit="donggang", indicator="A1.5", lang="en")
    for leaf in result.category.leaves:
        sentence = tx.explain(result, unit="donggang", indicator=leaf.code, lang="en")
        assert not re.search(r"\d 1\d+ ?(?:million|,000)", sentence), sentence


# ── the sample ──


@pytest.mark.parametrize("lang", LANGS)
def test_the_sum_in_each_sentence_gives_the_points_beside_it(result: tx.Result, lang: str) -> None:
    checked, scores = 0, result.scores.set_index(["unit", "indicator"]).sort_index()
    for unit in result.units["unit"]:
        for leaf in result.category.leaves:
            sentence = tx.explain(result, unit=unit, indicator=leaf.code, lang=lang)
            value, limit, points = told(sentence, lang)
            row = scores.loc[(unit, leaf.code)]
            assert float(points) == pytest.approx(row["points"], abs=5e-5)
            if value is not None and row["full"]:
                taken = value if limit is None else limit
                assert taken * row["full"] / row["weight"] == pytest.approx(row["points"], abs=2e-3), sentence
                checked += 1
    assert checked > 100


@pytest.mark.parametrize("lang", LANGS)
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


def test_the_total_shows_the_half_that_decides() -> None:
    """许庄街道: 77.4605 + 13.5345 is exactly 90.995 and is rounded to 91.00."""
    assert tx.explain(shared.assessed("2017-jining", "class_1"), unit="xuzhuang") == (
        "许庄街道总分：A 77.4605 + B 13.5345 = 90.995，四舍五入到 2 位小数得 91.00，在 13 个单位中列第 12 名。"
        "依据：条款未规定；假定：百分制、舍入办法。")


def test_units_of_one_score_are_named_in_the_language_with_what_parts_them(tmp_path: Path) -> None:
    """One without an English name by the name that it has; and one that nothing parts."""
    given = {"method": "given", "out_of": "50"}
    root = workspace(tmp_path, {
        "category": {"tie_break": ["B", "A"]}, "units": ["u", "v", "w"],
        "indicators": [{"code": code, "weight": "50", "scored_by": given} for code in "AB"],
        "tables": {"observations": "unit,indicator,value\nu,A,30\nu,B,40\nv,A,40\nv,B,30\nw,A,30\nw,B,40"}})
    units = root / "data" / YEAR / "units.csv"
    units.write_text(units.read_text(encoding="utf-8").replace("Unit w", ""), encoding="utf-8")
    book = tx.load_rulebook(YEAR, root)
    result = tx.assess(book, tx.load_data(book), CATEGORY)
    assert "与单位w同分，各项比较也相同；与单位v同分，B 得分 40 对 30" in tx.explain(result, unit="u")
    assert "equal with 单位w in all of them; equal with Unit v, B 40 against 30" in tx.explain(result, unit="u", lang="en")


def test_an_unknown_unit_or_indicator_lists_those_there_are(result: tx.Result) -> None:
    with pytest.raises(KeyError, match="donggang, liuhu"):
        tx.explain(result, unit="dongang")
    with pytest.raises(KeyError, match=r"A1, A1\.1"):
        tx.explain(result, unit="donggang", indicator="Z")


# ── what does not apply ──


def leaf(code: str, weight: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "weight": weight, "scored_by": {"method": "given"}, **more}


@cache
def _tree() -> dict[str, Any]:
    """A (60): A1 of two leaves and A2; B (40) of two leaves, with the peers' mean where none applies."""
    return {
        "indicators": [
            {"code": "A", "weight": "60", "children": [
                {"code": "A1", "weight": "40", "children": [leaf("A1.1", "30"), leaf("A1.2", "10")]}, leaf("A2", "20")]},
            {"code": "B", "weight": "40", "not_applicable": {"rule": "peers_mean"},
             "children": [leaf("B1", "30"), leaf("B2", "10")]},
        ],
        "units": ["a", "b", "c"],
        "tables": {"observations": "unit,indicator,value\n" + "\n".join(
            f"{unit},{code},{value}" for unit, values in {"a": "20 8 15 20 3", "b": "— — 10 — —", "c": "— 5 — 24 7"}.items()
            for code, value in zip(("A1.1", "A1.2", "A2", "B1", "B2"), values.split(), strict=True))},
    }


def test_weights_that_move_are_followed_to_where_they_go(tmp_path: Path) -> None:
    made = assessed(tmp_path, _tree())
    said = {(unit, code): tx.explain(made, unit=unit, indicator=code, lang="en") for unit in "abc"
            for code in ("A", "A1", "A1.1", "A1.2", "A2", "B", "B1")}
    assert "its weight of 30 goes in proportion to A1.2 beside it;" in said["c", "A1.1"]
    assert "as A1.1, A2 did not apply, its weight becomes 10 × 40 ÷ 10 × 60 ÷ 40 = 60, and the points" in said["c", "A1.2"]
    assert "its weight of 30 goes with that of A1 in proportion to A2" in said["b", "A1.1"]
    assert "none of the items below it applies; its weight of 40 goes in proportion to A2 beside it" in said["b", "A1"]
    assert "as A2 did not apply, its weight becomes 40 × 60 ÷ 40 = 60" in said["c", "A1"]
    assert "(A2 not applicable)" in said["c", "A"]


def test_a_branch_with_a_rule_of_its_own_says_it_and_its_leaves_do_not_send_the_weight_away(tmp_path: Path) -> None:
    made = assessed(tmp_path, _tree())
    zh, en = (tx.explain(made, unit="b", indicator="B", lang=lang) for lang in LANGS)
    assert "下级均不适用，按规定取 2 个适用单位的平均：(23 + 31) ÷ 2；得 27 分（满分 40 分）" in zh
    assert "the mean of the 2 units to which it applies: (23 + 31) ÷ 2; 27 of 40 points" in en
    assert "stays with B, which has a rule of its own" in tx.explain(made, unit="b", indicator="B1", lang="en")
    share = _tree() | {"indicators": [_tree()["indicators"][0], {**_tree()["indicators"][1],
                                                                  "not_applicable": {"rule": "share_of_weight", "share": "60%"}}]}
    said = tx.explain(assessed(tmp_path / "share", share), unit="b", indicator="B", lang="en")
    assert "a share of its weight: 40 × 60%; 24 of 40 points" in said


def test_the_mean_of_the_peers_is_written_out_with_how_many_they_are(result: tx.Result) -> None:
    sentence = tx.explain(result, unit="yunxi", indicator="A3.2", lang="en")
    value, _, points = told(sentence, "en")
    applies = result.scores[(result.scores.indicator == "A3.2") & (result.scores.status == "reported")]
    assert f"the mean of the points of the {len(applies)} units it applies to: (" in sentence
    assert sentence.count(" + ") == len(applies) - 1
    assert value == pytest.approx(float(points), abs=1e-4) == pytest.approx(applies.points.mean(), abs=1e-4)


# ── tables of their own ──


def test_a_survey_shows_each_group_and_an_absent_one(tmp_path: Path) -> None:
    rule = {"method": "survey", "groups": {"residents": "60%", "enterprises": "40%"}, "dont_know": "not_counted",
            "grades": {"satisfied": "100%", "dissatisfied": "50%"}, "absent_group": "redistribute"}
    table = ("unit,indicator,group,grade,count\na,A,residents,satisfied,30\na,A,residents,dissatisfied,10\n"
             "a,A,residents,dont_know,5\na,A,enterprises,satisfied,4\na,A,enterprises,dissatisfied,0\na,A,enterprises,dont_know,0\n"
             "b,A,residents,satisfied,0\nb,A,residents,dissatisfied,8\nb,A,residents,dont_know,0")
    case = {"indicators": [{"code": "A", "weight": "100", "scored_by": rule}], "units": ["a", "b"], "tables": {"survey": table}}
    made = assessed(tmp_path, case)
    both = tx.explain(made, unit="a", indicator="A", lang="en")
    assert "residents (30 × 100% + 10 × 50%) ÷ 40 = 87.5%; enterprises (4 × 100%) ÷ 4 = 100%" in both
    assert "60% × 87.5% + 40% × 100% = 92.5%: 92.5 ÷ 100 × 100; 92.5 of 100" in both
    zh = tx.explain(made, unit="b", indicator="A")
    assert "群众 (8 × 50%) ÷ 8 = 50%；企业负责人无人作答" in zh and "(60% × 50%) ÷ 60% = 50%" in zh


def test_events_are_listed_with_what_counts_of_them(tmp_path: Path) -> None:
    adjust = {"method": "per_event", "kind": "bonus", "levels": {"national": "2", "province": "1"}, "same_honour": "highest",
              "several_units": "split"}
    table = ("unit,indicator,honour,level,share,date,document\na,J,甲,province,,2020-05-01,文1\na,J,甲,national,,2020-06-01,文2\n"
             "a,J,乙,province,,2020-07-01,文3\nb,J,乙,province,,2020-07-01,文3")
    case = {"indicators": [leaf("A", "100")], "adjustments": [{"code": "J", "cap": "2", "scored_by": adjust}],
            "units": ["a", "b", "c"], "tables": {"observations": "unit,indicator,value\na,A,90\nb,A,80\nc,A,70", "events": table}}
    made = assessed(tmp_path, case)
    zh = tx.explain(made, unit="a", indicator="J")
    assert "甲（国家级，文2）2 分；" in zh and "甲（省级，文1）同一荣誉已按最高级别计" in zh
    assert "乙（省级，文3）1 ÷ 2 分：2 + 1 ÷ 2，合计 2.5 分，以 2 分为限；加 2 分" in zh
    assert "there are none; 0 points added" in tx.explain(made, unit="c", indicator="J", lang="en")
    assert "+ J 2 = 92" in tx.explain(made, unit="a", lang="en")


def test_a_deduction_is_taken_off_in_the_total(tmp_path: Path) -> None:
    adjust = {"method": "per_event", "kind": "deduction", "levels": {"province": "1.5"}, "same_honour": "each",
              "several_units": "each"}
    case = {"indicators": [leaf("A", "100")], "adjustments": [{"code": "J", "cap": "2", "scored_by": adjust}], "units": ["a"],
            "tables": {"observations": "unit,indicator,value\na,A,90",
                       "events": "unit,indicator,honour,level,share,date,document\na,J,甲,province,,2020-05-01,文1"}}
    made = assessed(tmp_path, case)
    assert "A 90 − J 1.5 = 88.5" in tx.explain(made, unit="a")
    assert "扣 1.5 分" in tx.explain(made, unit="a", indicator="J")


def test_superior_indicators_are_listed_with_place_and_share(tmp_path: Path) -> None:
    rule = {"method": "superior_rank", "step": "10", "floor": "60"}
    case = {"indicators": [{"code": "A", "weight": "100", "scored_by": rule}], "units": ["a"],
            "tables": {"superior": "superior,name,name_en,set_by,place,peers\nH1,增速,Growth,province,2,7\n"
                                   "H2,空气,Air,prefecture,7,7",
                       "responsible": "superior,unit,indicator,share\nH1,a,A,100\nH2,a,A,100"}}
    en = tx.explain(assessed(tmp_path, case), unit="a", indicator="A", lang="en")
    assert "the city's place 2, share 100%, 100 − 1 × 10 = 90" in en
    assert "100 − 6 × 10 = 40, below 60, so 60" in en
    assert "(90 × 100 + 60 × 100) ÷ 200; 75 of 100 points" in en


def test_common_codes_have_words_in_both_languages_and_others_stand_as_they_are(tmp_path: Path) -> None:
    from txlib.methods.words import word
    assert (word("residents", "zh"), word("residents", "en"), word("townsfolk", "zh")) == ("群众", "residents", "townsfolk")
    assert all(set(texts) == {"zh", "en"} for key, texts in section("explain").items() if key.startswith("word_"))
