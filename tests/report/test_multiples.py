"""Small multiples by unit: what is drawn against the shares that units attain, in both languages, for any number of units."""

from __future__ import annotations

import io
import re
import statistics
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from PIL import Image
from shared import assessed, words_of

from txlib.report import facts
from txlib.report.kit.drawing import ABOVE, BELOW, Drawn
from txlib.report.kit.shown import Display
from txlib.report.ranking import multiples
from txlib.report.ranking.multiples import MOST


@pytest.fixture
def result() -> Any:
    return assessed("2020", "parks")


@cache
def drawn_as_is(lang: str) -> Drawn:
    """The sample's picture."""
    drawn = multiples.by_unit(assessed("2020", "parks"), words_of(assessed("2020", "parks"), lang))
    assert isinstance(drawn, Drawn)
    return drawn


def shares(result: Any) -> dict[str, list[float]]:
    """By branch of level 2 (level 1 where it has no children), the shares that units attain, in order of rank."""
    rows = result.scores.set_index(["unit", "indicator"])
    nodes = [node for root in result.category.roots for node in root.walk() if node.level == 2 or not node.children]
    nodes = [node for node in nodes if node.level <= 2]
    return {node.name.zh: [100 * rows.loc[(unit, node.code), "points"] / rows.loc[(unit, node.code), "full"]
                           for unit in result.ranking.unit] for node in nodes}


def test_each_dot_is_the_share_that_a_unit_attains(result: Any) -> None:
    drawn = drawn_as_is("zh")
    told = [re.split(r"\s{2,}", line.strip()) for line in drawn.digest.splitlines()]
    assert told[0][1:] == list(shares(result))
    for i, values in enumerate(zip(*shares(result).values(), strict=True)):
        assert [float(cell) for cell in told[i + 1][1:]] == pytest.approx(values, abs=0.0501)
    assert [float(cell) for cell in told[-1][1:]] == pytest.approx(
        [statistics.median(values) for values in shares(result).values()], abs=0.0501)


def test_full_dots_are_at_or_above_the_median_hollow_ones_below(result: Any) -> None:
    drawn = drawn_as_is("zh")
    every = [(value, statistics.median(values)) for values in shares(result).values() for value in values]
    above = sum(value >= median - 1e-9 for value, median in every)
    dots = re.findall(r'<use [^>]*style="([^"]*)"', drawn.svg)
    assert sum(f"fill: {ABOVE}" in style for style in dots) == above
    assert sum(f"stroke: {BELOW}" in style and f"fill: {BELOW}" not in style for style in dots) == len(every) - above
    first = [values[0] >= statistics.median(values) - 1e-9 for values in shares(result).values()]
    assert f"{result.ranking.name[0]} {len(first)} 个分项中 {sum(first)} 个不低于中位数" in drawn.alt


def test_only_what_is_below_the_median_is_hollow(result: Any) -> None:
    """One unit at 90%, two at 50%: the median is 50%, and nothing lies below it."""
    share = result.scores.unit.map({unit: 0.5 for unit in result.ranking.unit} | {result.ranking.unit[0]: 0.9}).astype(float)
    moved = replace(result, scores=result.scores.assign(points=result.scores.full * share))
    drawn = multiples.by_unit(moved, words_of(moved))
    assert isinstance(drawn, Drawn)
    dots = re.findall(r'<use [^>]*style="([^"]*)"', drawn.svg)
    assert sum(f"fill: {ABOVE}" in style for style in dots) == 3 * len(shares(result))
    assert BELOW not in drawn.svg


@pytest.mark.parametrize("most", [1.0, 1.25, 3.0])
def test_every_dot_lies_within_its_panel(result: Any, most: float) -> None:
    """A bonus inside a branch can take it beyond its full points: no dot may lie outside the axes that clip it."""
    share = result.scores.unit.map({unit: 0.8 for unit in result.ranking.unit} | {result.ranking.unit[0]: most}).astype(float)
    moved = replace(result, scores=result.scores.assign(points=result.scores.full * share))
    drawn = multiples.by_unit(moved, words_of(moved))
    assert isinstance(drawn, Drawn)
    svg = BeautifulSoup(drawn.svg, "html.parser")
    clips = {clip["id"]: clip.rect for clip in svg.find_all("clippath")}
    dots = [(dot, clips[group["clip-path"][5:-1]]) for group in svg.select("g[clip-path]") for dot in group.find_all("use")]
    assert len(dots) == 2 * len(shares(result)) * len(result.ranking), "dots and medians"
    for dot, box in dots:
        assert 0 < float(dot["x"]) - float(box["x"]) < float(box["width"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_and_jupyterlab_each_have_their_picture(result: Any, lang: str) -> None:
    drawn, again = drawn_as_is(lang), multiples.by_unit(result, words_of(result, lang))
    assert isinstance(again, Drawn)
    assert (drawn.svg, drawn.png, drawn.alt) == (again.svg, again.png, again.alt)
    data, about = drawn._repr_mimebundle_()
    assert set(data) == {"image/svg+xml", "image/png", "text/plain"} and about["image/svg+xml"]["alt"] == drawn.alt
    with Image.open(io.BytesIO(drawn.png)) as picture:
        assert picture.size[0] > 600 and len(picture.getcolors() or []) > 5
    for name in result.ranking.name if lang == "zh" else ():
        assert name in drawn.svg


def test_a_branch_without_weight_for_a_unit_has_no_dot(result: Any) -> None:
    unit, code = result.ranking.unit[0], facts.branches(result.category)[0].code
    gone = (result.scores.unit == unit) & (result.scores.indicator == code)
    lacking = replace(result, scores=result.scores.assign(full=result.scores.full.mask(gone, 0.0)))
    whole, less = drawn_as_is("zh"), multiples.by_unit(lacking, words_of(lacking))
    assert isinstance(less, Drawn)
    assert "—" in less.digest and "—" not in whole.digest
    assert whole.svg.count("<use ") - less.svg.count("<use ") == 2, "the dot and the median's mark"


def test_more_units_than_can_be_told_apart_are_not_drawn(result: Any) -> None:
    many = replace(result, ranking=pd.concat([result.ranking] * (MOST // len(result.ranking) + 1), ignore_index=True))
    shown = multiples.by_unit(many, words_of(many, "en"))
    assert isinstance(shown, Display) and str(MOST) in shown.text and "tx-nothing" in shown.html
