"""Figures: what is drawn is what was computed, the same bytes every time, readable on any page."""

from __future__ import annotations

import base64
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
import shared
from PIL import Image
from shared import words_of

import txlib as tx
from txlib.base.printing import number
from txlib.base.text import harmless
from txlib.report import facts, ranking
from txlib.report.kit import drawing
from txlib.report.kit.drawing import ABOVE, BELOW, PALE, Drawn
from txlib.report.overview.figures import superior_figure, weights_figure
from txlib.report.ranking.figures import gap_to_mean

SVG = "{http://www.w3.org/2000/svg}"
CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
HOSTILE = "$x_{1}$<script>alert(1)</script>&\"'\u202e\x07"


def assessed(year: str = "2020", category: str = "towns_1") -> tx.Result:
    return shared.assessed(year, category)


def renamed(result: tx.Result, name: str) -> tx.Result:
    """The result with its first unit under another name."""
    ranking = result.ranking.copy()
    ranking.loc[0, ["name", "name_en"]] = name
    return replace(result, ranking=ranking)


@cache
def sample(lang: str = "zh") -> dict[str, Drawn]:
    """The sample's figures."""
    return {**places("towns_1", lang), "weights": weights_figure(assessed().book, words_of(assessed().book, lang))}


@cache
def places(category: str, lang: str) -> dict[str, Drawn]:
    """The figures of a category that name its units."""
    return drawn(assessed("2020", category), lang)


def drawn(result: tx.Result, lang: str = "zh") -> dict[str, Drawn]:
    words = words_of(result, lang)
    return {"scores": ranking.scores(result, words), "gaps": gap_to_mean(result, words)}


def texts(figure: Drawn) -> list[str]:
    return ["".join(element.itertext()) for element in ElementTree.fromstring(figure.svg).iter(f"{SVG}text")]


def bars(figure: Drawn) -> list[tuple[str, float, float]]:
    """Fill, left end and right end of every bar, in the order in which they were drawn."""
    found = []
    for path in ElementTree.fromstring(figure.svg).iter(f"{SVG}path"):
        fill = re.search(r"fill: (#\w+)", path.get("style", ""))
        if fill and fill[1] in (ABOVE, BELOW, PALE):
            xs = [float(x) for x in re.findall(r"[ML] (\S+) \S+", path.get("d", ""))]
            found.append((fill[1], min(xs), max(xs)))
    return found


def expected_gaps(result: tx.Result) -> list[float]:
    """Gaps to the mean, branch by branch, computed here in another way than there."""
    gaps = []
    for node in facts.branches(result.category):
        mine = result.scores[result.scores.indicator == node.code].set_index("unit").points.to_dict()
        mean = sum(mine.values()) / len(mine)
        gaps += [mine[unit] - mean for unit in result.ranking.unit]
    return gaps


@pytest.mark.parametrize(("year", "category"), [("2020", "towns_1"), ("2017-jining", "class_1")])
def test_every_bar_is_as_long_as_the_gap_it_stands_for(year: str, category: str) -> None:
    result = assessed(year, category)
    gaps = sample()["gaps"] if result is assessed() else gap_to_mean(result, words_of(result))
    found, expected = bars(gaps), expected_gaps(result)
    assert len(found) == len(expected)
    biggest = max(range(len(expected)), key=lambda i: abs(expected[i]))
    scale = (found[biggest][2] - found[biggest][1]) / abs(expected[biggest])
    for (fill, left, right), gap in zip(found, expected, strict=True):
        assert right - left == pytest.approx(abs(gap) * scale, abs=0.01)
        assert fill == (BELOW if gap < 0 else ABOVE) or abs(gap) < 1e-9


def test_bars_stand_on_the_side_of_their_sign() -> None:
    result = assessed()
    n = len(result.ranking)
    panel, gaps = bars(sample()["gaps"])[:n], expected_gaps(result)[:n]
    zero = min(left for (_, left, _), gap in zip(panel, gaps, strict=True) if gap > 0)
    for (_, left, right), gap in zip(panel, gaps, strict=True):
        assert (left if gap > 0 else right) == pytest.approx(zero, abs=0.01)


def test_the_gaps_of_a_unit_add_up_to_the_gap_of_its_total() -> None:
    result = assessed()
    gaps = np.array(expected_gaps(result)).reshape(-1, len(result.ranking)).sum(axis=0)
    assert gaps == pytest.approx((result.ranking.total - result.ranking.total.mean()).to_list())


def test_the_digest_prints_the_gaps_that_are_labelled() -> None:
    figure = sample()["gaps"]
    labels = [text for text in texts(figure) if re.fullmatch(r"[+−]?\d+\.\d\d", text)]
    printed = re.findall(r"(?<!\S)[+−]?\d+\.\d\d(?!\S)", figure.digest)
    assert sorted(labels) == sorted(printed) == sorted(number(gap, signed=True) for gap in expected_gaps(assessed()))


def test_dots_stand_where_the_scores_are_and_the_closest_are_diamonds() -> None:
    result = assessed()
    marks = [(float(use.get("x", "")), BELOW in use.get("style", ""))
             for use in ElementTree.fromstring(sample()["scores"].svg).iter(f"{SVG}use")
             if re.search(f"fill: ({ABOVE}|{BELOW})", use.get("style", ""))]
    xs, scores = [x for x, _ in marks], result.ranking.score.to_list()
    slope = (xs[0] - xs[-1]) / (scores[0] - scores[-1])
    assert slope > 0
    assert xs == pytest.approx([xs[-1] + slope * (score - scores[-1]) for score in scores], abs=0.01)
    gaps = [round(a - b, 2) for a, b in pairwise(scores)]
    close = [gap == min(gap for gap in gaps if gap) for gap in gaps]
    assert any(close) and not all(close)
    assert [odd for _, odd in marks] == [any(close[max(i - 1, 0):i + 1]) for i in range(len(scores))]


def test_weights_are_as_long_as_they_are_heavy() -> None:
    book = assessed().book
    nodes = [node for category in book.categories.values() for node in facts.upper(category)]
    found = bars(sample()["weights"])
    lengths = [right - left for _, left, right in found]
    assert lengths == pytest.approx([float(node.full) * lengths[0] / float(nodes[0].full) for node in nodes], abs=0.01)
    assert [fill == ABOVE for fill, _, _ in found] == [node.level == 1 for node in nodes]


def test_the_description_names_the_extremes() -> None:
    result = assessed()
    figure = sample()["scores"]
    for row in (result.ranking.iloc[0], result.ranking.iloc[-1]):
        assert f"{row['name']}，{row.score:.2f} 分" in figure.alt
    gaps = expected_gaps(result)
    for extreme in (max(gaps), min(gaps)):
        assert number(extreme, signed=True) in sample()["gaps"].alt


@pytest.mark.parametrize("name", ["scores", "gaps", "weights"])
def test_a_bundle_has_three_forms_and_a_description(name: str) -> None:
    figure = sample()[name]
    data, about = figure._repr_mimebundle_()
    assert set(data) == {"image/svg+xml", "image/png", "text/plain"}
    assert about == {"image/svg+xml": {"alt": figure.alt, "caption": figure.caption}}
    assert figure.caption and figure.alt and figure.alt != figure.caption
    assert data["text/plain"] == f"{figure.caption}\n{figure.alt}\n{figure.digest}"
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.mode == "P" and len(image.getcolors() or ()) <= 64
    assert len(figure.png) < 60_000


@pytest.mark.parametrize("name", ["scores", "gaps", "weights"])
def test_an_svg_can_stand_in_a_page(name: str) -> None:
    svg = sample()[name].svg
    root = ElementTree.fromstring(svg)
    assert svg.startswith("<svg") and svg.endswith("</svg>")
    assert not re.search(r"<metadata|<!--|<!DOCTYPE|<\?xml|<image|matplotlib|\d{4}-\d\d-\d\dT", svg)
    assert set(re.findall(r"https?://[^\"]+", svg)) == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    used = set(re.findall(r"(?:url\(|href=\")#([^)\"]+)", svg))
    assert used == {element.get("id") for element in root.iter() if element.get("id")}
    for text in root.iter(f"{SVG}text"):
        assert not re.search(r"fill|font-family", text.get("style", "")), "text takes the page's colour and font"
    assert "Noto Sans SC" in root.get("font-family", "")


def test_the_same_result_gives_the_same_bytes_whatever_is_set_around_it() -> None:
    result = assessed("2017-jining", "class_2")
    words = words_of(result.book)
    first, weights = drawn(result), weights_figure(result.book, words)
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path", "figure.dpi": 30}):
        assert (drawn(result), weights_figure(result.book, words)) == (first, weights)
        assert matplotlib.rcParams["font.size"] == 30
    assert matplotlib.rcParams["svg.fonttype"] != "none"


def test_another_process_draws_the_same_and_loads_neither_pyplot_nor_zhplot() -> None:
    program = ("import hashlib, sys, txlib as tx\nfrom txlib.report.kit.words import Words\n"
               "from txlib.report.ranking.figures import gap_to_mean\nbook = tx.load_rulebook('2017-jining', sys.argv[1])\n"
               "figure = gap_to_mean(tx.assess(book, tx.load_data(book), 'class_2'), Words(book, None, 'zh'))\n"
               "print(hashlib.sha256(figure.svg.encode() + figure.png).hexdigest(),"
               " {'matplotlib.pyplot', 'zhplot'} & set(sys.modules))")
    said = {subprocess.run([sys.executable, "-c", program, str(shared.ROOT)], capture_output=True, text=True, check=True,
                           cwd=shared.ROOT, env={**os.environ, "PYTHONHASHSEED": seed}).stdout for seed in ("1", "2")}
    assert len(said) == 1 and said.pop().endswith(" set()\n")


@pytest.mark.parametrize("draw", [ranking.scores, gap_to_mean])
def test_a_hostile_name_is_shown_as_text(draw: Callable[..., Drawn]) -> None:
    figure = draw(renamed(assessed(), HOSTILE), words_of(assessed()))
    assert "<script" not in figure.svg
    assert "$x_{1}$<script>" in "".join(texts(figure))
    assert "\u202e" not in figure.svg + repr(figure) and "\x07" not in figure.svg + repr(figure)
    assert harmless(HOSTILE) in figure.digest


def test_a_long_name_is_cut_and_stays_whole_in_the_digest() -> None:
    name = "长" * 200
    figure = ranking.scores(renamed(assessed(), name), words_of(assessed()))
    assert name in figure.digest
    assert max(map(len, texts(figure))) < 60
    assert any(text.endswith("…") for text in texts(figure))


@pytest.mark.parametrize("category", ["depts_3", "zones", "towns_1"])
def test_english_names_are_whole_and_stay_in_the_figure(category: str) -> None:
    """Each label lies within the picture, and together they spell every unit's name."""
    result = assessed("2020", category)
    for figure in places(category, "en").values():
        written = " ".join(texts(figure))
        assert "…" not in written
        for name in result.ranking.name_en:
            assert name in written, name
    assert "…" not in "".join(texts(sample("en")["weights"]))


@pytest.mark.parametrize(("text", "lines"), [
    ("Human Resources and Social Security Bureau", "Human Resources and Social\nSecurity Bureau"),
    ("短名", "短名"), ("字" * 20, "字" * 13 + "\n" + "字" * 7), ("乡镇评部门（5）", "乡镇评部门（5）"),
    ("x" * 60, "x" * 25 + "…"), ("a " * 40, "a a a a a a a a a a a a a\na a a a a a a a a a a a a…"),
])
def test_a_name_is_parted_between_words_and_cut_at_the_end(text: str, lines: str) -> None:
    assert drawing.fitted(text) == lines


def test_places_on_superior_indicators_stand_where_they_are() -> None:
    coverage = tx.superior_coverage(*shared.edition("2020"))
    words = words_of(assessed())
    figure = superior_figure(coverage, {"H01": 4.0}, words)
    assert isinstance(figure, Drawn)
    marks = [(float(use.get("x", "")), BELOW in use.get("style", ""))
             for use in ElementTree.fromstring(figure.svg).iter(f"{SVG}use")
             if re.search(f"fill: ({ABOVE}|{BELOW})", use.get("style", ""))]
    rows = coverage.drop_duplicates("superior")
    xs, places = [x for x, _ in marks], rows.place.to_list()
    step = (xs[places.index(7)] - xs[places.index(1)]) / 6
    assert step > 0 and xs == pytest.approx([xs[places.index(1)] + step * (place - 1) for place in places], abs=0.01)
    assert [odd for _, odd in marks] == (rows.unit == "").to_list() and any(rows.unit == "")
    line = next(line for line in figure.digest.splitlines() if line.startswith("地区生产总值增速"))
    assert line.split()[1:] == ["4", "2", "41"]
    assert superior_figure(coverage[:0], {}, words) == facts.NOTHING


@pytest.mark.parametrize("name", ["scores", "gaps", "weights"])
def test_english_figures_are_english(name: str) -> None:
    assert not CHINESE.search("".join(texts(sample("en")[name])))
    assert not CHINESE.search(repr(sample("en")[name]))


def test_a_category_of_one_unit_and_one_without_differences_are_drawn() -> None:
    result = assessed("2017-jining", "class_2")
    one = result.ranking.iloc[:1]
    alone = replace(result, ranking=one, scores=result.scores[result.scores.unit == one.unit.iloc[0]])
    level: Any = replace(result, scores=result.scores.assign(points=10.0), ranking=result.ranking.assign(score=20.0, rank=1))
    for each in (alone, level):
        words = words_of(each)
        gaps = gap_to_mean(each, words)
        for figure in (gaps, ranking.scores(each, words)):
            ElementTree.fromstring(figure.svg)
        assert set(re.findall(r"(?<!\S)[+−]?\d+\.\d\d(?!\S)", gaps.digest)) == {"0.00"}
    assert facts.closest(level) == [False] * (len(level.ranking) - 1)
