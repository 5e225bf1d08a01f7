"""How firmly a ranking stands, as told: sentences, tables and figures by hand, and every weight tried one at a time."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from shared import words_of
from weighed import FLAT, TREE, book, branch, leaf, marked, tiers

import txlib as tx
from txlib.base.labels import FOLDER, LANGS
from txlib.report import facts, ranking
from txlib.report.kit.drawing import ABOVE, BELOW, PALE, Drawn
from txlib.report.kit.shown import Display
from txlib.report.sensitivity import deciding, figures, standing
from txlib.sensitivity.one_weight import MOVES

SVG = "{http://www.w3.org/2000/svg}"
HAND: list[list[float | None]] = [[80, 60, 70], [70, 75, 70], [60, 60, 60]]
Loaded = tuple[tx.RuleBook, tx.Data]


@pytest.fixture(scope="module")
def hand(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """Totals 72, 71.5, 60; with A at 55 72.8 and 71.35, with A at 45 71.2 and 71.65."""
    rules, data = book(tmp_path_factory.mktemp("hand"), FLAT, 3, data_error={"marks": "1%"})
    return rules, marked(data, HAND)


def assessed(loaded: Loaded) -> tx.Result:
    return tx.assess(*loaded, "c")


# ── one weight at a time ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tenth_more_or_less_by_hand(hand: Loaded) -> None:
    table = tx.one_at_a_time(assessed(hand))
    assert table.columns.tolist() == MOVES
    a = table[table["indicator"] == "A"].set_index("unit")
    mean = {"gap": (72 + 71.5 + 60) / 3, "gap_more": (72.8 + 71.35 + 60) / 3, "gap_less": (71.2 + 71.65 + 60) / 3}
    for column, totals in (("gap", (72, 71.5, 60)), ("gap_more", (72.8, 71.35, 60)), ("gap_less", (71.2, 71.65, 60))):
        assert a[column].tolist() == pytest.approx([total - mean[column] for total in totals])
    assert a[["rank", "rank_less", "rank_more", "best", "worst"]].to_numpy().tolist() == [
        [1, 2, 1, 1, 2], [2, 1, 2, 1, 2], [3, 3, 3, 3, 3]]
    with pytest.raises(ValueError, match="spread must be above 0"):
        tx.one_at_a_time(assessed(hand), 0)


@pytest.mark.parametrize("step", [5])
def test_no_weight_in_between_gives_another_place(tmp_path: Path, step: int) -> None:
    """Every node of a deep tree at weights from nine tenths to eleven tenths, by so many hundredths, assessed by `what_if`."""
    rules, data = book(tmp_path, TREE, 6, tie_break=("A",), rounding={"leaf": "exact", "total": "0", "half": "up"})
    rng = np.random.default_rng(5)
    told: Any = [[None if rng.random() < 0.1 else int(x) for x in row] for row in rng.integers(70, 90, (6, 6))]
    data = marked(data, told)
    table = tx.one_at_a_time(tx.assess(rules, data, "c"))
    assert table["indicator"].nunique() == 9 and (table["best"] != table["worst"]).any()
    for code, rows in table.groupby("indicator", sort=False):
        mine, weight = rows.set_index("unit"), Fraction(rows["weight"].iloc[0])
        seen = pd.DataFrame({k: tx.what_if(rules, data, "c", {str(code): weight * (90 + k) / 100}).set_index("unit")["rank"]
                             for k in range(0, 21, step)}).reindex(mine.index)
        assert (seen.min(axis=1) >= mine["best"]).all() and (seen.max(axis=1) <= mine["worst"]).all()
        assert (seen[0] == mine["rank_less"]).all() and (seen[20] == mine["rank_more"]).all()


@pytest.mark.long
def test_no_weight_of_twenty_one_in_between_gives_another_place(tmp_path: Path) -> None:
    test_no_weight_in_between_gives_another_place(tmp_path, 1)


def test_no_row_where_totals_are_no_sums(tmp_path: Path) -> None:
    """Two weights can be tried and two cannot, and the findings say so; with one leaf alone none can."""
    tree = [branch("A", "60", leaf("A1", "25"), leaf("A2", "35"), roll_up="harmonic"), leaf("B", "40")]
    rules, data = book(tmp_path / "two", tree, 3)
    result = tx.assess(rules, marked(data, HAND), "c")
    assert tx.one_at_a_time(result)["indicator"].unique().tolist() == ["A", "B"]
    assert said(result, drawn(result, 1.0), "en")[0].endswith("not tried: 2.")
    rules, data = book(tmp_path / "lone", [leaf("A", "100")], 3)
    lone = tx.assess(rules, marked(data, [[80], [70], [60]]), "c")
    assert "one indicator alone" in said(lone, drawn(lone, 1.0), "en")[0]


# ── sentences ───────────────────────────────────────────────────────────────────────────────────────────────────────


def drawn(result: tx.Result, ahead: float, level: float = 0.0, kind: str = "marks") -> tx.Draws:
    """Draws of the hand-made category in which the first is so often above the second, and the second always above the third."""
    units = result.ranking["unit"]
    pairwise = pd.DataFrame(0.0, units, units)
    pairwise.loc["a", "b"], pairwise.loc["b", "a"] = ahead, 1 - ahead - level
    pairwise.loc[["a", "b"], "c"] = 1.0
    whole = tx.weight_draws(result.book, result, draws=10)
    return replace(whole, pairwise=pairwise, drawn="data", kind=kind, spread=0.01, draws=5000)


def said(result: tx.Result, draws: tx.Draws, lang: str) -> list[str]:
    return standing.findings(result, draws, tx.one_at_a_time(result), tx.smallest_swaps(result),
                             standing.spread(result, facts.NOTHING), words_of(result, lang)).text.splitlines()


def test_a_first_place_and_lines_between_tiers_that_cannot_be_told_apart_come_first_and_are_all_named(tmp_path: Path) -> None:
    """Eight units, tiers of 2, 2 and the rest, seven pairs, all open: those at 1|2, 2|3 and 4|5 stand first, then the closest."""
    rules, data = book(tmp_path, FLAT, 8, **tiers("takes", "in"))
    result = tx.assess(rules, marked(data, [[90 - k] * 3 for k in range(8)]), "c")
    draws, units = drawn(result, 0.9), result.ranking["unit"].tolist()
    for k, ahead in enumerate([0.94, 0.93, 0.5, 0.92, 0.6, 0.7, 0.55]):
        draws.pairwise.loc[units[k], units[k + 1]], draws.pairwise.loc[units[k + 1], units[k]] = ahead, 1 - ahead
    told = standing._level(result, draws, words_of(result))
    assert re.findall(r"第 (\d) 名单位", told) == list("12234534785667") and "等" not in told
    draws.pairwise.loc["a", "b"] = 0.99
    told = standing._level(result, draws, words_of(result))
    assert re.findall(r"第 (\d) 名单位", told) == list("234534785667")
    four = [{"code": f"t{i}", "name": {"zh": "等", "en": "tier"}, "takes": "1"} for i in range(7)]
    each = {"tiers": {"count": "down", "tied_at_the_cut": "in", "levels": [*four, {**four[0], "code": "t7", "takes": "rest"}]}}
    rules, data = book(tmp_path / "each", FLAT, 8, **each)
    told = standing._level(tx.assess(rules, marked(data, [[90 - k] * 3 for k in range(8)]), "c"), draws, words_of(result))
    assert len(re.findall(r"第 (\d) 名单位", told)) == 12 and "等 6 个" not in told


def test_what_adds_up_to_the_whole_is_named_as_it_is(tmp_path: Path) -> None:
    tree = [branch("A", "60", leaf("A1", "25"), leaf("A2", "35"), roll_up="harmonic"), leaf("B", "40")]
    for at, (indicators, text) in enumerate([(tree, "不是按权重相加的分支"), (FLAT, "，末级指标和加扣分合计 100%")]):
        rules, data = book(tmp_path / str(at), indicators, 3)
        result = tx.assess(rules, marked(data, HAND), "c")
        assert text in deciding.shares(result, standing.spread(result, facts.NOTHING), words_of(result)).text


def test_findings_of_the_hand_made_category(hand: Loaded) -> None:
    """b overtakes a once A gives 1/2 ÷ (0.10 + 0.15) = 2 points to B; A carries most: its covariance is 100 of 162.17."""
    result = assessed(hand)
    lines = said(result, drawn(result, 0.8, 0.05), "zh")
    moved = "单位a（第 1 至 2 名）、单位b（第 1 至 2 名）"
    assert lines[0] == f"- 任何一项权重单独增减一成，3 个单位中有 1 个名次不变；会变的是{moved}。"
    assert lines[1] == "- 打分误差 ±1%，分不出先后的相邻单位是第 1 名单位a与第 2 名单位b（20% 的抽样中前者不再领先）。"
    points = np.array([[40, 18, 14], [35, 22.5, 14], [30, 18, 12]])
    part = np.cov(points[:, 0], points.sum(axis=1))
    share = f"权重占 50%，差距中占 {100 * part[0, 1] / part[1, 1]:.0f}%"
    assert re.fullmatch(rf"- 差距中份额最大的分支是 A 指标A（{share}，偶然范围 −?\d+% 至 \d+%）。", lines[2])
    assert lines[3] == "- 最容易互换的是第 1 名单位a与第 2 名单位b：2.00 分权重从 A 指标A移到 B 指标B，两者就相等。"
    english = said(result, drawn(result, 0.8, 0.05), "en")
    assert len(english) == len(lines) and "no longer ahead in 20% of draws" in english[1]


def test_one_of_two_siblings_that_lean_to_either_side_is_named(tmp_path: Path) -> None:
    """A above and B below its weight say the same; beside a third indicator both are said, and both below are."""
    rules, data = book(tmp_path / "two", [leaf("A", "60"), leaf("B", "40")], 3)
    two = tx.assess(rules, marked(data, [[80, 60], [70, 75], [60, 60]]), "c")
    more, less = book(tmp_path / "three", FLAT, 3)
    three = tx.assess(more, marked(less, HAND), "c")

    def told(result: tx.Result, leans: dict[str, str]) -> str:
        spread = standing.spread(result, facts.NOTHING).set_index("indicator", drop=False)
        for code, side in leans.items():
            spread.loc[code, ["leans", "repeats", "years"]] = side, True, 2
        return standing.findings(result, drawn(result, 1.0), tx.one_at_a_time(result), tx.smallest_swaps(result), spread,
                                 words_of(result, "en")).text.splitlines()[3]

    opposed = {"A": "more", "B": "less"}
    assert "B Indicator B" in told(two, opposed) and "A Indicator A" not in told(two, opposed)
    assert "A Indicator A" in told(three, opposed) and "A Indicator A" in told(two, {"A": "more"})


@pytest.mark.parametrize(("ahead", "level", "apart"), [(0.95, 0.0, True), (0.9499, 0.0, False), (0.5, 0.5, False)])
def test_neighbours_are_told_apart_from_ninety_five_percent(hand: Loaded, ahead: float, level: float, apart: bool) -> None:
    result = assessed(hand)
    shown = standing.neighbours(result, drawn(result, ahead, level), words_of(result, "en"))
    assert shown.html.count("tx-flag") == (not apart) and f"not told apart: {int(not apart)}" in shown.text
    first = shown.text.splitlines()[2]
    assert re.search(rf"1 Unit a +2 Unit b +0\.50 +{100 * ahead:.1f}", first) or not apart
    assert first.endswith("told apart") and ("not told apart" in first) != apart
    assert ("all neighbours" in said(result, drawn(result, ahead, level), "en")[1]) == apart


def test_marks_and_surveys_are_told_apart_where_both_vary(hand: Loaded) -> None:
    result = assessed(hand)
    both = drawn(result, 0.7, 0.05, "marks and surveys")
    alone = [drawn(result, 0.9, kind="marks"), drawn(result, 0.8, kind="surveys")]
    words = words_of(result, "en")
    shown = standing.neighbours(result, both, words, alone).text
    head, first = shown.splitlines()[1:3]
    assert re.search(r"Still above \(%\) +Marks alone \(%\) +Surveys alone \(%\) +Level", head)
    assert re.search(r" 70\.0 +90\.0 +80\.0 +5\.0 +25\.0 ", first)
    assert "chosen, not drawn at random" in shown and "rests on those handed in" in shown
    marks = standing.neighbours(result, drawn(result, 0.9), words, [drawn(result, 0.9), drawn(result, 1.0, kind="")]).text
    assert "alone" not in marks and "chosen" not in marks and "rests on those handed in" in marks


def test_nothing_in_error_is_said_and_not_shown(hand: Loaded) -> None:
    result = assessed(hand)
    none = drawn(result, 0.5, kind="")
    words = words_of(result)
    assert "没有假定打分误差" in said(result, none, "zh")[1] and "tx-nothing" in standing.neighbours(result, none, words).html
    assert figures.intervals(result, none, words) == facts.NOTHING


def test_units_that_share_a_place_are_tied_and_swap_at_once(tmp_path: Path) -> None:
    rules, data = book(tmp_path, FLAT, 3)
    result = tx.assess(rules, marked(data, [[80, 60, 70], [80, 60, 70], [60, 60, 60]]), "c")
    shown = standing.neighbours(result, drawn(result, 0.4, 0.2), words_of(result, "en"))
    assert shown.text.splitlines()[2].endswith(" tied") and "tx-flag" not in shown.html
    lines = said(result, drawn(result, 0.4, 0.2), "en")
    assert "all neighbours but those that are tied" in lines[1] and "have equal scores" in lines[-1]


def test_every_unit_of_a_place_is_held_against_every_one_of_the_next(tmp_path: Path) -> None:
    """a and b share the first place, c and d the third: a is hard to part from d, which does not stand next to it."""
    rules, data = book(tmp_path, FLAT, 4)
    result = tx.assess(rules, marked(data, [[80, 60, 70], [80, 60, 70], [60, 60, 60], [60, 60, 60]]), "c")
    units = result.ranking["unit"]
    pairwise = pd.DataFrame(0.0, units, units)
    pairwise.loc[["a", "b"], ["c", "d"]] = 1.0
    pairwise.loc["a", "d"] = 0.6
    draws = replace(drawn(result, 1.0), pairwise=pairwise)
    pairs = [(each.above.unit, each.below.unit, each.verdict) for each in standing.drawn_pairs(result, draws)]
    assert pairs == [("a", "b", "tied"), ("a", "c", "told_apart"), ("a", "d", "not_apart"), ("b", "c", "told_apart"),
                     ("b", "d", "told_apart"), ("c", "d", "tied")]
    shown = standing.neighbours(result, draws, words_of(result, "en")).text
    row = next(line for line in shown.splitlines() if line.endswith("not told apart"))
    assert re.search(r"1 Unit a +3 Unit d +12\.00 +60\.0 ", row)


def test_words_keep_to_shares_of_draws() -> None:
    """A share of draws is no probability, in either language."""
    text = (FOLDER / "report" / "standing.yaml").read_text(encoding="utf-8").split("\n", 2)[2]
    assert not re.search(r"概率|几率|置信|probab|likel|confiden", text)


# ── tables ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_weight_by_itself_by_hand(hand: Loaded) -> None:
    """Of 100 points x for A: a has 0.8x + 0.64(100 - x), b 0.7x + 0.73(100 - x). They part by 0.19x - 9, and from x = 47.42
    on down, where that is a hundredth, may print alike, so that b shares the first place.
    """
    result = assessed(hand)
    shown = standing.singly(result, tx.weight_intervals(result), words_of(result, "en")).text
    row = next(line for line in shown.splitlines() if line.startswith("A Indicator A"))
    low = float(re.findall(r"above ([\d.]+)", row)[0])
    assert 9 / 0.19 < low <= 9.01 / 0.19 and re.search(r"below 100 +Unit b ", row)


def test_a_range_up_to_nothing_is_told_without_its_end(tmp_path: Path) -> None:
    """S2 does not apply to a: with any weight of S1 a has 20 + 48 against b's 12 + 52; with none S goes to B, 60 against 64."""
    rules, data = book(tmp_path, [branch("S", "20", leaf("S1", "10"), leaf("S2", "10")), leaf("B", "80")], 2)
    data = marked(data, [[100, None, 60], [60, 60, 65]])
    result = tx.assess(rules, data, "c")
    found = tx.weight_intervals(result)
    row = found.set_index("indicator").loc["S1"]
    assert row["first_from"] == 0 and row["first_to"] == 20
    firsts = [tx.what_if(rules, data, "c", {"S1": weight})["unit"].iloc[0] for weight in (Fraction(1, 1000), 0)]
    assert firsts == ["a", "b"]
    shown = standing.singly(result, found, words_of(result, "en")).text
    told = {line.split(" Indicator")[0]: line for line in shown.splitlines()}
    assert "all above 0 and below 20" in told["S1"]


def test_swaps_by_hand(hand: Loaded) -> None:
    result = assessed(hand)
    lines = standing.swaps(result, tx.smallest_swaps(result), words_of(result, "en")).text.splitlines()
    assert re.search(r"1 Unit a +2 Unit b +0\.5000 +2\.00 +\d\.\d\d +A \(2\.00\) → B \(2\.00\) +proven", lines[2])
    assert "no weights make them equal" in lines[3]


def test_what_if_tells_what_moves(hand: Loaded) -> None:
    result = assessed(hand)
    tried = deciding.asked(result, "A", "45")
    assert tried == {"A": 45}
    shown = deciding.what_if(result, tried, tx.what_if(*hand, "c", tried), words_of(result, "en"))
    assert shown.html.count("tx-flag") == 2 and "A Indicator A at 45.00 points of weight in place of 50.00" in shown.text
    assert re.search(r"1 +Unit b +71\.65 +71\.50 +2 +\+1", shown.text)


def test_the_weight_to_try_where_none_is_named(hand: Loaded, tmp_path: Path) -> None:
    assert deciding.asked(assessed(hand)) == {"C": 25}
    rules, data = book(tmp_path / "deep", [branch("A", "100", leaf("A1", "97"), leaf("A2", "3"))], 2)
    assert deciding.asked(tx.assess(rules, data, "c")) == {"A2": 8}
    heavy, more = book(tmp_path / "heavy", [leaf("A", "2"), leaf("B", "98")], 2)
    assert deciding.asked(tx.assess(heavy, more, "c")) == {"B": 99}
    lone, less = book(tmp_path / "lone", [leaf("A", "100")], 2)
    assert deciding.asked(tx.assess(lone, less, "c")) == {}


def test_what_can_go_is_named_and_what_moves_is_listed(hand: Loaded) -> None:
    """Without A 0.6 × 60 + 0.7 × 40 = 64 against 73; without B 77.14 against 70; without C 72.5 against 71.875."""
    result = assessed(hand)
    shown = deciding.left_out(result, tx.leave_one_out(result, hand[1]), words_of(result, "en")).text
    assert re.search(r"A Indicator A +50\.0 +0\.67 +1 +2 ", shown) and "Of 3 indicators (but for bottom lines) 2 change" in shown
    assert "all of them together: 0." in shown, "by A alone a has 80, b 70, c 60"


def test_what_can_go_by_itself_need_not_go_together(tmp_path: Path) -> None:
    """a leads b by 0.12 × (40 + 40 + 3 × 65) - 0.4 × 66 = 6.6: without D, E or F it does not, nor without B and C together."""
    tree = [{**leaf("A", "40"), "role": "bottom_line"}, *(leaf(code, "12") for code in "BCDEF")]
    rules, data = book(tmp_path, tree, 2)
    result = tx.assess(rules, marked(data, [[30, 90, 90, 95, 95, 95], [96, 50, 50, 30, 30, 30]]), "c")
    shown = deciding.left_out(result, tx.leave_one_out(result), words_of(result, "en")).text
    assert "no tier changes: 2 (B, C). That is each by itself; places that change without all of them together: 2." in shown


def test_a_branch_that_can_go_goes_whole(tmp_path: Path) -> None:
    """B1 and B2 move nothing, and so their branch goes: A alone is left, and with nothing left there is no ranking."""
    tree = [leaf("A", "60"), branch("B", "40", leaf("B1", "20"), leaf("B2", "20"))]
    rules, data = book(tmp_path, tree, 2)
    result = tx.assess(rules, marked(data, [[90, 60, 60], [60, 80, 80]]), "c")
    words = words_of(result, "en")
    assert "2 change no place and no tier when left out by themselves" in (
        shown := deciding.left_out(result, tx.leave_one_out(result), words).text) and "together: 0." in shown
    told = deciding._idle(result, ["A", "B1", "B2"], words)
    assert told.endswith("without all of them together there is no ranking.")


def test_a_unit_that_cannot_be_left_out_has_no_numbers(hand: Loaded) -> None:
    result = assessed(hand)
    found = tx.leave_one_out(result, hand[1])
    table = found.summary.set_index("left_out")
    table.loc["c", ["mean_shift", "largest_shift", "note"]] = np.nan, np.nan, "a divisor is zero"
    refused = replace(found, summary=table.reset_index()[found.summary.columns.tolist()])
    shown = deciding.left_out(result, refused, words_of(result, "en")).text
    row = next(line for line in shown.splitlines() if line.startswith("Unit c"))
    assert row.split()[2:] == ["—"] * 5 and "Unit c cannot be left out: a divisor is zero." in shown


def test_leaves_that_part_nobody_and_bottom_lines_are_told_apart(tmp_path: Path) -> None:
    tree = [leaf("A", "50"), {**leaf("B", "30"), "role": "bottom_line"}, leaf("C", "20")]
    rules, data = book(tmp_path, tree, 3)
    result = tx.assess(rules, marked(data, [[80, 100, 100], [70, 100, 100], [60, 100, 100]]), "c")
    shown = deciding.shares(result, standing.spread(result, facts.NOTHING), words_of(result, "en")).text.splitlines()
    assert shown[4].endswith("a bottom line, kept by everyone as meant") and shown[5].endswith("it parts nobody")
    assert re.search(r"A Indicator A +50\.0 +100\.0 ", shown[3])


def test_choices_and_alternatives_are_told(hand: Loaded) -> None:
    result = assessed(hand)
    words = words_of(result, "en")
    shown = deciding.choices(*hand, result, words)
    assert "Normalisation" in shown.text and "Error of marks" not in shown.text and "By itself" not in shown.text
    other = deciding.alternatives(result, tx.alternatives(*hand, "c"), words).text
    assert re.search(r"3 +Unit c +100 +3 +3 +3", other)


def test_indices_are_clipped_and_those_that_reach_nothing_are_left_out(hand: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    result = assessed(hand)
    found = tx.sobol_indices(*hand, "c", outputs=("mean_shift",), marks=0, count=8)
    ends = {"total": [1.2, 0.5, 0.3], "total_low": [0.9, 0.0, 0.1], "total_high": [1.5, 1.0, 0.5]}
    monkeypatch.setattr(deciding, "sobol_indices", lambda *_, **__: found.assign(**ends))
    words = words_of(result, "en")
    lines = deciding.choices(*hand, result, words).text.splitlines()
    assert "(the first 2)" in lines[0] and re.search(r"A Indicator A +weight +100 \(90 to 100\)$", lines[2])
    assert re.search(r"C Indicator C +weight +30 \(10 to 50\)$", lines[3])
    ends["total_low"] = [0.0, -0.1, 0.0]
    assert "tx-nothing" in deciding.choices(*hand, result, words).html


# ── figures ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def texts(figure: Drawn) -> list[str]:
    return ["".join(element.itertext()) for element in ElementTree.fromstring(figure.svg).iter(f"{SVG}text")]


def patches(figure: Drawn, colour: str) -> list[tuple[float, float, float]]:
    """Left and right end and top of each patch filled with a colour, in the order drawn."""
    found = []
    for path in ElementTree.fromstring(figure.svg).iter(f"{SVG}path"):
        if f"fill: {colour}" in path.get("style", ""):
            xs, ys = np.array(re.findall(r"[ML] (\S+) (\S+)", path.get("d", "")), dtype=float).T
            found.append((xs.min(), xs.max(), ys.min()))
    return found


def figure(shown: Any) -> Drawn:
    assert isinstance(shown, Drawn)
    return shown


def test_rings_stand_at_the_places_and_lines_reach_as_far_as_draws(hand: Loaded) -> None:
    result = assessed(hand)
    draws = tx.weight_draws(result.book, result, draws=4000, kind="simplex")
    shown = figure(figures.intervals(result, draws, words_of(result, "en")))
    rings = [float(use.get("x", "")) for use in ElementTree.fromstring(shown.svg).iter(f"{SVG}use")
             if f"stroke: {BELOW}" in use.get("style", "")]
    steps = np.diff(rings)
    assert len(rings) == 3 and steps[0] == pytest.approx(steps[1]) and steps[0] > 0
    told = draws.intervals.set_index("unit")
    assert told.loc["a", ["low", "high"]].tolist() == [1, 2] and re.search(r"Unit a +1 +1–2 +1–2 ", shown.digest)
    assert "Units that each keep their place in at least 90% of draws: 1;" in shown.alt


def test_units_that_keep_their_place_are_counted_by_that_share(hand: Loaded) -> None:
    """Whatever the range from 5% to 95% is: a unit may leave its place by 4% to either side, or in 9% to one."""
    result = assessed(hand)
    draws = tx.weight_draws(result.book, result, draws=10)
    for kept, low, high, count in ((0.88, 1, 2, 1), (0.92, 1, 2, 3), (0.9, 1, 1, 3), (0.8, 1, 1, 1)):
        table = draws.intervals.set_index("unit")
        table.loc[["a", "b"], ["low", "high", "kept"]] = low, high, kept
        table.loc["c", "kept"] = 1.0
        shown = figure(figures.intervals(result, replace(draws, intervals=table.reset_index()), words_of(result, "en")))
        assert shown.caption.endswith(f"at least 90% of draws: {count}")


def test_a_heat_map_writes_the_shares(hand: Loaded) -> None:
    result = assessed(hand)
    draws = tx.weight_draws(result.book, result, draws=4000, kind="simplex")
    shown = figure(figures.heatmap(result, draws, words_of(result, "en")))
    table = draws.acceptability
    want = [f"{round(100 * share)}" for unit in "abc" for share in table.loc[unit] if share >= 0.005]
    assert [text for text in texts(shown) if re.fullmatch(r"\d+", text)][3:] == want or set(want) <= set(texts(shown))
    share = f"{100 * table.loc['a', 1]:.1f}"
    assert re.search(rf"Unit a +{share} +{100 * table.loc['a', 2]:.1f} +0\.0", shown.digest)
    assert "Unit c at place 3, 100%" in shown.alt


def test_bars_of_a_tornado_are_the_changes(hand: Loaded) -> None:
    """A tenth more of A: a's gap goes from 4.1667 to 4.75, +0.58; a tenth less: to 3.5833, −0.58 and the second place."""
    result = assessed(hand)
    shown = figure(figures.tornado(result, tx.one_at_a_time(result), "a", words_of(result, "en")))
    said_ = {line.split("  ")[0]: line for line in shown.digest.splitlines()}["A Indicator A"]
    assert re.search(r"−0\.58 → place 2 +\+0\.58$", said_)
    dark, pale = patches(shown, ABOVE), patches(shown, PALE)
    assert len(dark) == len(pale) == 3
    assert dark[0][0] == pytest.approx(pale[0][1], abs=0.01)
    assert dark[0][2] < pale[0][2] < dark[1][2], "more weight above less, the next weight below both"
    assert dark[0][1] - dark[0][0] == pytest.approx(pale[0][1] - pale[0][0], rel=1e-3)
    assert "weights that change the place: 2" in shown.caption or "weights that change the place: 3" in shown.caption


def test_of_more_units_than_can_be_named_places_are_told_in_tens(tmp_path: Path) -> None:
    """61 units, marks 61 to 1: the heat map has seven bands of which each unit stays in its own, 60 and 61 but a mark apart;
    their places stand in a table, and the dots of scores have no names."""
    rules, data = book(tmp_path, FLAT, 61, data_error={"marks": "1%"})
    result = tx.assess(rules, marked(data, [[100 - i] * 3 for i in range(61)]), "c")
    words = words_of(result, "en")
    shown = figure(figures.heatmap(result, drawn(result, 1.0), words))
    bands = [line.split() for line in shown.digest.splitlines()[1:]]
    assert [band[0] for band in bands] == ["1–10", "11–20", "21–30", "31–40", "41–50", "51–60", "61"]
    assert [band[1:][i] for i, band in enumerate(bands)] == ["100.0"] * 7
    assert isinstance(figures.intervals(result, replace(drawn(result, 1.0), kind="marks"), words), Display)
    dots = ranking.scores(result, words)
    assert "counts them by place" in dots.caption
    assert words.row(next(result.ranking.itertuples())) not in "".join(ElementTree.fromstring(dots.svg).itertext())


def test_a_total_that_is_no_sum_is_told_once_for_all_neighbours(tmp_path: Path) -> None:
    rules, data = book(tmp_path, [branch("G", "100", leaf("A", "50"), leaf("B", "50"), roll_up="geometric", decimals="4")], 3)
    result = tx.assess(rules, marked(data, [[80, 60], [70, 60], [60, 60]]), "c")
    swaps, words = tx.smallest_swaps(result), words_of(result, "en")
    assert figures.swaps_figure(result, swaps, words) == facts.NOTHING
    assert standing.swaps(result, swaps, words).text == "How little would swap two neighbours is not told: no weighted sum."


def test_bars_of_swaps_are_as_long_as_the_points(hand: Loaded, tmp_path: Path) -> None:
    rules, data = book(tmp_path, FLAT, 3)
    result = tx.assess(rules, marked(data, [[80, 60, 70], [70, 75, 70], [60, 85, 60]]), "c")
    found = tx.smallest_swaps(result)
    shown = figure(figures.swaps_figure(result, found, words_of(result, "en")))
    one, two = (right - left for left, right, _ in patches(shown, ABOVE))
    assert one / two == pytest.approx(found["l1"].iloc[0] / found["l1"].iloc[1], rel=1e-3)
    never = figure(figures.swaps_figure(assessed(hand), tx.smallest_swaps(assessed(hand)), words_of(assessed(hand), "en")))
    assert "never equal" in texts(never) and "pairs that no weights make equal: 1" in never.alt


def test_what_is_not_told_apart_is_told_as_a_whole(tmp_path: Path) -> None:
    """G of A and B, geometric, goes about 28, 59, 89, C 80, 70, 75: of the two G parts them, and nothing is told of A and B."""
    rules, data = book(tmp_path, [branch("G", "60", leaf("A", "50"), leaf("B", "50"), roll_up="geometric", decimals="4"),
                                  leaf("C", "40")], 3)
    result = tx.assess(rules, marked(data, [[20, 40, 80], [50, 70, 70], [80, 100, 75]]), "c")
    spread, words = standing.spread(result, facts.NOTHING), words_of(result, "en")
    found = standing.findings(result, tx.data_draws(rules, data, "c", draws=10), tx.one_at_a_time(result),
                              tx.smallest_swaps(result), spread, words)
    assert "largest share of the differences is G " in found.text
    shown = figure(figures.shares_figure(result, spread, words))
    assert "The most: G " in shown.caption and not any(text.startswith(("A ", "B ")) for text in texts(shown))


def test_of_a_tree_that_is_no_sum_no_branch_is_named(tmp_path: Path) -> None:
    rules, data = book(tmp_path, [branch("G", "100", leaf("A", "50"), leaf("B", "50"), roll_up="geometric", decimals="4")], 3)
    result = tx.assess(rules, marked(data, [[30, 30], [60, 60], [90, 90]]), "c")
    spread = standing.spread(result, facts.NOTHING).assign(share=np.nan)
    bonus = spread.iloc[:1].assign(indicator="J1", share=0.5)
    assert standing._decides(result, pd.concat([spread, bonus]), words_of(result, "en")) == []
    assert "the whole tree" in deciding.shares(result, spread, words_of(result, "en")).text


def test_dots_of_shares_stand_right_of_rings_where_they_are_more(hand: Loaded) -> None:
    result = assessed(hand)
    spread = standing.spread(result, facts.NOTHING)
    shown = figure(figures.shares_figure(result, spread, words_of(result, "en")))
    marks = [float(use.get("x", "")) for use in ElementTree.fromstring(shown.svg).iter(f"{SVG}use")
             if f": {ABOVE}" in use.get("style", "")]
    rings, dots = np.array(marks[:3]), np.array(marks[3:])
    leaves = spread[spread["indicator"].isin(["A", "B", "C"])]
    apart = (leaves["share"] - leaves["weight"]).to_numpy()
    scale = (dots - rings)[0] / apart[0]
    assert scale > 0 and dots - rings == pytest.approx(apart * scale, rel=1e-3)


@pytest.mark.parametrize("lang", LANGS)
def test_one_unit_alone_has_a_word_everywhere(tmp_path: Path, lang: str) -> None:
    rules, data = book(tmp_path, FLAT, 1)
    result = tx.assess(rules, data, "c")
    moves, swaps = tx.one_at_a_time(result), tx.smallest_swaps(result)
    draws = [tx.data_draws(rules, data, "c", draws=10), tx.weight_draws(rules, result, draws=10)]
    spread, words = standing.spread(result, facts.NOTHING), words_of(result, lang, data)
    assert "tx-nothing" in standing.findings(result, draws[0], moves, swaps, spread, words).html
    assert "tx-nothing" in standing.neighbours(result, draws[0], words).html
    assert "tx-nothing" in standing.swaps(result, swaps, words).html
    assert "tx-nothing" in deciding.shares(result, spread, words).html
    assert "tx-nothing" in deciding.choices(rules, data, result, words).html
    for shown in (figures.intervals(result, draws[1], words), figures.heatmap(result, draws[1], words),
                  figures.tornado(result, moves, "", words), figures.swaps_figure(result, swaps, words),
                  figures.shares_figure(result, spread, words)):
        assert shown == facts.NOTHING
    tried = deciding.asked(result)
    assert "Unit a" in deciding.what_if(result, tried, tx.what_if(rules, data, "c", tried), words_of(result, "en")).text
    assert deciding.alternatives(result, tx.alternatives(rules, data, "c"), words).text
    assert deciding.left_out(result, tx.leave_one_out(result, data), words).text
    assert standing.singly(result, tx.weight_intervals(result), words).text


def test_names_handed_in_are_text(hand: Loaded) -> None:
    hostile = "<script>alert(1)</script>"
    result = assessed(hand)
    result = replace(result, ranking=result.ranking.assign(name=hostile, name_en=hostile))
    draws = drawn(result, 0.5)
    moves, swaps = tx.one_at_a_time(result), tx.smallest_swaps(result)
    words = words_of(result)
    shown = [standing.findings(result, draws, moves, swaps, standing.spread(result, facts.NOTHING), words).html,
             standing.neighbours(result, draws, words).html, standing.swaps(result, swaps, words).html,
             standing.singly(result, tx.weight_intervals(result), words).html,
             figure(figures.intervals(result, draws, words)).svg, figure(figures.heatmap(result, draws, words)).svg,
             figure(figures.swaps_figure(result, swaps, words)).svg]
    assert all(hostile not in each and "alert(1)" in each for each in shown)
