"""Every sum that an explanation prints is done again from its text alone, and comes to what is printed beside it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import shared
import yaml
from test_explain import WRITTEN, as_tree, leaf_of, worked
from written import assessed

import txlib as tx
from txlib.base.labels import FOLDER, filled
from txlib.base.printing import spelt
from txlib.base.sums import decimals_of, digits, needed, written_out
from txlib.base.sums import worked as worked_by_txlib

pytestmark = pytest.mark.quick

LANGS = ("zh", "en")
PRINTED = r"≈?(−?\d+(?:\.\d+)?)"
SUM = r"(?<![\w.])(?:ln |[≈(\d−])[\d.≈()×÷−+%ln ]*"
CHAIN = re.compile(rf"({SUM}?[\d)%]) (?:=|≈) {PRINTED}(%?)")
POINTS = {"zh": re.compile(rf"[；。]得 {PRINTED} 分（满分"), "en": re.compile(rf"; {PRINTED} of {PRINTED} points?")}
LAST = re.compile(rf"[:：] ?({SUM}?)(?=[;；])")
WEIGHT = re.compile(rf"(?:调为|becomes) (?P<line>{SUM}?) (?:=|≈) ")
LEAF_ROUNDED = re.compile(r"(?:到|to) (\d) (?:位小数|decimals?)(?=[；;])")


def comes_to(value: float, printed: str, percent: bool = False, decimals: int | None = None) -> bool:
    """Whether a sum is what is printed when rounded to as many decimals, four at least."""
    plain = printed.replace("−", "-")
    shown = max(4, len(plain.partition(".")[2])) if decimals is None else decimals
    return abs(value * (100 if percent else 1) - float(plain)) <= 0.5 * 10**-shown + 1e-11 * max(1, abs(value))


def bare(sentence: str) -> str:
    """A sentence without the codes of indicators."""
    return re.sub(r"(?<![\w.])[A-Z][\d.]* (?=[≈−\d])", "", sentence)


def chains(sentence: str) -> Iterator[tuple[str, str, bool]]:
    """Each sum with what it is said to come to."""
    for found in CHAIN.finditer(bare(sentence)):
        if any(sign in found[1] for sign in "×÷+−"):
            yield found[1], found[2], found[3] == "%"


def check(sentence: str, lang: str) -> int:
    """Do a leaf's sums again; how many there were."""
    done = 0
    for text, printed, percent in chains(sentence):
        rounded = re.search(r"(?:取|, to|到) (\d+) (?:位小数|decimals?)", sentence)
        assert comes_to(worked(text), printed, percent) or (rounded and comes_to(
            worked(text), printed, percent, int(rounded[1]))), (text, printed, sentence)
        done += 1
    points = POINTS[lang].search(sentence)
    assert points, sentence
    own = sentence[:points.start() + 1]
    sums = LAST.findall(own)
    if sums and "=" not in (tail := own[own.rindex(sums[-1]):].partition(";" if lang == "en" else "；")[0]):
        times = worked(weight["line"]) / worked(weight["line"].split(" ×")[0]) if (weight := WEIGHT.search(own)) else 1.0
        value = worked(sums[-1]) * times
        ruled = re.search(r"(?:取|, to) (\d+) (?:位小数|decimals?)", own)
        leaf = LEAF_ROUNDED.search(own)
        for each in (ruled, leaf):
            value = math.floor(value * 10**int(each[1]) + 0.5 + 1e-9) / 10**int(each[1]) if each else value
        assert comes_to(value, points[1]), (tail, value, sentence)
        done += 1
    return done


@pytest.mark.parametrize("case", WRITTEN)
def test_every_sum_of_every_method_comes_to_what_is_printed(case: dict[str, Any], tmp_path: Path) -> None:
    try:
        made, code = leaf_of(case, tmp_path)
    except tx.DataError as refused:
        pytest.skip(f"refused at the door: {refused.faults[0].code}")
    for unit in range(len(case["units"])):
        for lang in LANGS:
            check(tx.explain(made, unit=f"u{unit}", indicator=code, lang=lang), lang)


@pytest.mark.parametrize(("year", "category"), [("2020", "depts_1"), ("2020", "depts_4"), ("2017-jining", "class_1")])
def test_every_sum_of_an_edition_comes_to_what_is_printed(year: str, category: str) -> None:
    checked_by_hand(year, [category], 3)


@pytest.mark.long
@pytest.mark.parametrize("year", ["2019", "2020", "2017-jining"])
def test_every_sum_of_the_editions_comes_to_what_is_printed(year: str) -> None:
    checked_by_hand(year, list(shared.edition(year)[0].categories), 100)


def checked_by_hand(year: str, categories: list[str], units: int) -> None:
    """The first units of each category: leaves, branches, totals."""
    checked = 0
    for category in categories:
        made = shared.assessed(year, category)
        for unit in made.units["unit"].iloc[:units]:
            for lang in LANGS:
                checked += sum(check(tx.explain(made, unit=unit, indicator=leaf.code, lang=lang), lang)
                               for leaf in made.category.leaves)
                for node in made.category.nodes:
                    if node.children:
                        _branch(tx.explain(made, unit=unit, indicator=node.code, lang=lang), lang)
                _total(tx.explain(made, unit=unit, lang=lang))
    assert checked > 100 or year == "2017-jining"


def _branch(sentence: str, lang: str) -> None:
    points, terms = POINTS[lang].search(sentence), re.search(rf"(?:之和|below it,) ({SUM}?)(?= ?[;；（(])", bare(sentence))
    assert points, sentence
    if terms:
        assert comes_to(worked(terms[1]), points[1]), sentence


def _total(sentence: str) -> None:
    """The parts come to the total, and the total as printed rounds to the score."""
    text, printed, _ = next(chains(re.sub(r"^.*?(?:总分：|total:)", "", sentence)))
    assert comes_to(worked(text), printed), sentence
    score = re.search(r"(?:位小数得|decimals:) (−?\d+\.(\d+))", sentence)
    if score:
        scale = 10**len(score[2])
        assert math.floor(Fraction(printed) * scale + Fraction(1, 2)) == Fraction(score[1]) * scale, sentence


PRICED = [case for case in yaml.load((shared.ROOT / "tests/cases/trees/findings.yaml").read_text(encoding="utf-8"),
                                     yaml.BaseLoader)["cases"] if "result" in case and "then" not in case["indicators"][0]]
PRICES = {"late": {"costs": "2% of weight", "cap": "10% of weight"}, "error": {"costs": "3% of weight", "again": "1% of weight"},
          "idea": {"gains": "7% of weight"}}
THIRDS = {"roll_up": "weighted_mean", "units": ["a", "b", "c"], "indicators": [
    {"code": "A", "weight": "1", "scored_by": {"method": "findings", "floor": "90% of weight", "prices": PRICES}},
    {"code": "B", "weight": "2", "scored_by": {"method": "given", "out_of": "100"}}], "tables": {
        "observations": "unit,indicator,value\na,B,1\nb,B,2\nc,B,3", "findings": """unit,indicator,kind,number,document
            a,A,late,4,x\na,A,error,3,x\na,A,idea,1,x\nb,A,late,9,x\nc,A,late,5,x\nc,A,error,9,x"""}}


@pytest.mark.parametrize("case", [*PRICED, THIRDS], ids=range(len(PRICED) + 1))
@pytest.mark.parametrize("decimals", ["exact", "1"])
def test_every_sum_of_a_price_list_comes_to_what_is_printed(case: dict[str, Any], decimals: str, tmp_path: Path) -> None:
    """One for each unit, but for those of which everything was taken; of 33⅓ points too."""
    made = assessed(tmp_path, {**case, "rules": {"rounding": {"leaf": decimals, "total": "2", "half": "up"}}})
    for unit in case["units"]:
        for lang in LANGS:
            sentence = tx.explain(made, unit=unit, indicator="A", lang=lang)
            assert check(sentence, lang) or "全部扣完，取最低分 3 分" in sentence or "so the least, 3;" in sentence, sentence


TINY = ["0.0004", "0.00041", "0.00013", "0.333333333333333", "0.666666666666667", "0.07142857142857"]
RULES: list[tuple[str, dict[str, Any]]] = [
    ("100", {"method": "completion", "lose": "0.7", "gain": "0.3", "cap": "30", "floor": "0"}),
    ("13", {"method": "completion", "lose": "proportional", "floor": "0"}),
    ("100", {"method": "completion", "direction": "down", "lose": "0.7", "gain": "0.3", "cap": "30", "floor": "0"}),
    ("100", {"method": "growth", "flat": "50", "gain": "1.7", "lose": "0.9", "floor": "0", "most": "150"}),
    ("90", {"method": "min_max", "onto": ["10", "90"]}),
    ("90", {"method": "share_of_best"}),
    ("90", {"method": "efficacy", "unacceptable": "0.0003", "satisfactory": "0.0007", "base": "60% of weight", "floor": "0",
            "most": "180"}),
    ("90", {"method": "goalposts", "low": "0.0001", "high": "0.9", "onto": ["0", "90"], "scale": "log", "decimals": "4"}),
    ("90", {"method": "z_score", "centre": "60", "per_deviation": "13", "deviation": "sample", "floor": "0", "most": "90",
            "decimals": "4"}),
    ("90", {"method": "contribution_share", "of": "total", "full_at": "equal", "floor": "0", "most": "180"}),
    ("90", {"method": "contribution_share", "of": "total", "full_at": "best", "floor": "0", "most": "90"}),
    ("90", {"method": "given", "out_of": "1"}),
    ("90", {"method": "bands", "between": "line", "rows": [{"from": "0.0001", "points": "10"}, {"from": "0.7", "points": "90"}]}),
]


@pytest.mark.parametrize(("full", "rule"), RULES, ids=[f"{rule['method']}-{n}" for n, (_, rule) in enumerate(RULES)])
@pytest.mark.parametrize("values", [TINY, [f"{each}{k}" for k, each in enumerate(TINY[:3])]], ids=["thirds", "tiny"])
def test_what_does_not_end_and_what_is_near_nothing_has_the_digits_that_it_needs(
        tmp_path: Path, full: str, rule: dict[str, Any], values: list[str]) -> None:
    units = [{"value": value, "target": other, "last_year": other}
             for value, other in zip(values, [*values[1:], values[0]], strict=True)]
    made = assessed(tmp_path, as_tree({"full": full, "rule": rule, "units": units}))
    done = 0
    for unit in range(len(units)):
        for lang in LANGS:
            sentence = tx.explain(made, unit=f"u{unit}", indicator="A", lang=lang)
            assert "333333333333333" not in sentence and "≈0 " not in sentence and "≈0%" not in sentence, sentence
            done += check(sentence, lang)
    assert done >= len(units)


@pytest.mark.parametrize("roll_up", ["weighted_sum", "geometric", "harmonic", "minimum"])
def test_a_roll_up_can_be_worked_by_hand(tmp_path: Path, roll_up: str) -> None:
    """Points 1 ÷ 3, 2 ÷ 3 … of full points that do not end."""
    leaf = {"scored_by": {"method": "given", "out_of": "7"}}
    weights = {"A1": "17", "A2": "23", "A3": "10"}
    decimals = {"decimals": "4"} if roll_up == "geometric" else {}
    tree = [{"code": "A", "weight": "50", "roll_up": roll_up, **decimals,
             "children": [{"code": code, "weight": weight, **leaf} for code, weight in weights.items()]},
            {"code": "B", "weight": "50", **leaf}]
    rows = [f"{unit},{code},{value}" for unit, values in {"u": "1 — 5 3", "v": "2 3 6 4", "w": "6 5 — 2"}.items()
            for code, value in zip((*weights, "B"), values.split(), strict=True)]
    made = assessed(tmp_path, {"indicators": tree, "units": list("uvw"),
                               "tables": {"observations": "\n".join(["unit,indicator,value", *rows])}})
    for unit in "uvw":
        for lang in LANGS:
            for code in weights:
                sentence = tx.explain(made, unit=unit, indicator=code, lang=lang)
                if "÷ 7" in sentence:
                    check(sentence, lang)
            _total(tx.explain(made, unit=unit, lang=lang))
            sentence = tx.explain(made, unit=unit, indicator="A", lang=lang)
            points = POINTS[lang].search(sentence)
            assert points
            if roll_up == "weighted_sum":
                _branch(sentence, lang)
                continue
            pairs = [(float(a), float(b)) for a, b in re.findall(rf"A\d {PRINTED} ÷ {PRINTED}", sentence)]
            assert comes_to(mean_of(pairs, roll_up) * 50, points[1]), sentence


def mean_of(pairs: list[tuple[float, float]], roll_up: str) -> float:
    """The mean of shares, from points and full points, by their definitions."""
    whole = sum(full for _, full in pairs)
    if roll_up == "minimum":
        return min(points / full for points, full in pairs)
    if roll_up == "harmonic":
        return whole / sum(full / (points / full) for points, full in pairs)
    return math.prod((points / full) ** (full / whole) for points, full in pairs)


PER_CENT: list[tuple[dict[str, Any], list[str], list[str]]] = [
    ({"method": "completion", "lose": "0.5", "gain": "0.1", "cap": "1", "floor": "0"},
     ["欠目标的 ≈1.5306%，每欠目标的1%扣 0.5 分", "超出目标的 ≈1.0204%，每超目标的1%加 0.1 分"],
     ["short by ≈1.5306% of the target, each percent of the target costs 0.5",
      "above by ≈1.0204% of the target, each percent of the target adds 0.1"]),
    ({"method": "completion", "direction": "down", "lose": "0.5", "gain": "0.1", "cap": "1", "floor": "0"},
     ["比控制目标少 ≈1.5306%，每少目标的1%加 0.1 分", "超出控制目标的 ≈1.0204%，每超目标的1%扣 0.5 分"],
     ["each percent of the target adds 0.1", "each percent of the target costs 0.5"]),
    ({"method": "growth", "flat": "5", "gain": "0.1", "lose": "0.5", "floor": "0", "most": "10"},
     ["每降上年值的1%扣 0.5 分", "每增上年值的1%加 0.1 分"],
     ["each percent of last year's value less costs 0.5", "each percent of last year's value more adds 0.1"]),
    ({"method": "growth", "direction": "down", "flat": "5", "gain": "0.1", "lose": "0.5", "floor": "0", "most": "10"},
     ["每降上年值的1%加 0.1 分", "每增上年值的1%扣 0.5 分"],
     ["each percent of last year's value less adds 0.1", "each percent of last year's value more costs 0.5"]),
]


@pytest.mark.parametrize(("rule", "zh", "en"), PER_CENT, ids=lambda told: told["method"] if isinstance(told, dict) else "")
def test_a_percent_says_of_what_it_is(tmp_path: Path, rule: dict[str, Any], zh: list[str], en: list[str]) -> None:
    """96.5% and 99% beside 98%: 1.53% of it less, 1.02% more; by percentage points it would be 1.5 and 1."""
    units = [{"value": value, "target": "98", "last_year": "98"} for value in ("96.5", "99")]
    made = assessed(tmp_path, as_tree({"full": "10", "rule": rule, "units": units}))
    for lang, texts in (("zh", zh), ("en", en)):
        for unit, text in enumerate(texts):
            sentence = tx.explain(made, unit=f"u{unit}", indicator="A", lang=lang)
            assert text in sentence and "百分点" not in sentence and "percentage point" not in sentence


def test_only_a_difference_speaks_of_percentage_points() -> None:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in (FOLDER / "methods").glob("*.yaml")}
    assert {name for name, text in texts.items() if "百分点" in text or "percentage point" in text} == {"difference"}


def test_a_number_goes_with_its_word() -> None:
    """Nowhere a plural after 1: a field before such a word has the word of one beside it."""
    assert filled("{n} {n:unit|units} of {full} {full:point|points}", n=1, full="1") == "1 unit of 1 point"
    assert filled("{n} {n:unit|units} of {full} {full:point|points}", n=11, full="0.1") == "11 units of 0.1 points"
    counted = "units|decimals|categories|draws|reports|indicators|sheets|faults|items|marks"
    bare = re.compile(rf"\{{\w+\}} (?:more |other )?(?:{counted})\b")
    found = [(path.name, each[0]) for path in sorted(FOLDER.glob("*/*.yaml"))
             for each in bare.finditer(path.read_text(encoding="utf-8"))]
    assert not found


def test_a_sum_is_worked_and_written() -> None:
    assert worked_by_txlib("8 − ≈0.14 × (2 + 50%) ÷ 7") == 8 - Fraction(14, 100) * Fraction(5, 2) / 7
    assert worked_by_txlib("−3 × (−2)") == 6
    assert float(worked_by_txlib("ln 2 ÷ ln 8")) == pytest.approx(1 / 3)
    assert written_out("{} × {}", Fraction(1, 3), Fraction(3000)) == "≈0.33333333 × 3000"
    assert written_out("{} × {}", Fraction(1, 3), Fraction(1)) == "≈0.3333 × 1"
    assert (spelt(Fraction(1, 30000)), spelt(Fraction(-1, 3)), spelt(Fraction(1, 2500))) == ("≈0.00003333", "≈−0.3333", "0.0004")


@pytest.mark.parametrize(("text", "value"), [
    ("1 + 2 × 3", 7), ("(1 + 2) × 3", 9), ("7 − 2 − 1", 4), ("8 ÷ 4 ÷ 2", 1), ("≈0.5 × 4", 2), ("12.5% × 8", 1), ("−(2 − 5)", 3),
    ("−2 × 3", -6), (" 5 ", 5), ("(−3)", -3)])
def test_a_sum_is_worked_as_it_is_printed(text: str, value: int) -> None:
    assert worked_by_txlib(text) == value


@pytest.mark.parametrize(("text", "decimals"), [("12", 0), ("12.5", 1), ("≈0.3333", 4), ("−1.05", 2)])
def test_the_decimals_of_a_printed_number_are_counted(text: str, decimals: int) -> None:
    assert decimals_of(text) == decimals


THIRD = Fraction(1, 3)


@pytest.mark.parametrize(("value", "more", "kept"), [
    (THIRD, {}, 4), (THIRD, {"times": Fraction(100)}, 6), (THIRD, {"times": Fraction(1000), "shown": 2}, 7),
    (THIRD, {"shown": 6}, 6),
    (THIRD, {"ruled": 2}, 4), (THIRD, {"ruled": 7}, 7), (THIRD, {"ruled": 30}, 24), (THIRD, {"ruled": 2, "leaf": 6}, 6),
    (THIRD, {"ruled": 2, "times": Fraction(10), "leaf": 5}, 6), (Fraction(1, 4), {"ruled": 1, "leaf": 1}, 4),
    (THIRD / 10**4, {}, 4),
])
def test_numbers_of_a_sum_have_the_fewest_decimals_that_give_its_result(value: Fraction, more: dict[str, Any], kept: int) -> None:
    """At least four, at most twenty-four; `times` the result as well, as the leaf is rounded."""
    assert digits(lambda printed: printed(value), **more) == kept


def test_a_sum_of_numbers_that_end_is_written_as_it_is() -> None:
    values = Fraction("0.00000001"), Fraction("-2.5")
    assert needed("{} × {}", *values) == needed("ln {} ÷ ln {}", Fraction(2), Fraction(8)) == 4
    assert written_out("{} × {}", *values) == "0.00000001 × (−2.5)" and written_out("{}", THIRD, kept=2) == "≈0.33"
