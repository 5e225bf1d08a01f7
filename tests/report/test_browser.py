"""A report and an index in a real browser: both languages, light and dark, desktop, phone and paper."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from browsing import DESKTOP, HOSTILE, OVERFLOW, PHONE, SIDEWAYS, Tab, accessible, paper
from matplotlib import rc_context
from matplotlib.figure import Figure
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from shared import assessed, edition, words_of

import txlib as tx
from txlib.report import basis, overview, ranking, sensitivity
from txlib.report.kit.blocks import Cover
from txlib.report.kit.shown import Bar, Display, TableColumn, listed, table
from txlib.report.page.html import render
from txlib.report.page.index import CategoryEntry, Report, Summary, render_index

KINDS = [f"{kind}-{lang}" for kind in ("report", "index") for lang in ("zh", "en")]


# ── a small notebook with everything that a report has ──────────────────────────────────────────────────────────────


def figure(draw: str, caption: str) -> NotebookNode:
    drawn = Figure(figsize=(8, 4))
    axes = drawn.subplots()
    names = [f"Town {i}" for i in range(8)]
    if draw == "bars":
        axes.barh(names, range(8), color="#0072b2")
    else:
        axes.pcolormesh([[i * j for i in range(8)] for j in range(8)], cmap="Blues")
        for i in range(8):
            axes.text(i + 0.5, i + 0.5, str(i * i), color="#ffffff" if i > 5 else "#102030")
    svg, png = io.StringIO(), io.BytesIO()
    with rc_context({"svg.fonttype": "none"}):
        drawn.savefig(svg, format="svg", transparent=True)
    drawn.savefig(png, format="png")
    bundle = {"image/svg+xml": svg.getvalue(), "image/png": base64.b64encode(png.getvalue()).decode()}
    about = {"image/svg+xml": {"alt": f"{caption}: eight towns", "caption": caption}}
    return new_code_cell(outputs=[new_output("display_data", data=bundle, metadata=about)])


def displayed(what: Display) -> NotebookNode:
    data, about = what._repr_mimebundle_()
    return new_code_cell("hidden()", outputs=[new_output("display_data", data=data, metadata=about)])


def notebook() -> NotebookNode:
    scores = ["90.00", "9.50", "1,000.25", "−3", "—", *(f"{80 - i}.5" for i in range(11))]
    heads = [TableColumn("名次", "number"), TableColumn("单位"), TableColumn("得分", "number"),
             *(TableColumn(f"指标{i}", "number") for i in range(9))]
    rows = [[str(i + 1), f"单位{i + 1:02}", Bar(score, i / 100), *["100.00"] * 9] for i, score in enumerate(scores)]
    sentence = "完成值 4.2%，在 9 个单位中列第 2 位，每退一位减 0.45 分，满分 15 分，得 14.55 分（条款 1.1b）。"
    how = [[f"A1.{i} 一般公共预算收入增幅", "14.55", sentence] for i in range(40)]
    explained = [TableColumn("指标"), TableColumn("得分", "number"), TableColumn("计算", "sentence")]
    keys = tuple(("平均得分 Mean", f"{i}2.10") for i in range(4))
    return new_notebook(cells=[
        new_markdown_cell("# 综合排名", metadata={"tags": ["zh"]}), new_markdown_cell("# Ranking", metadata={"tags": ["en"]}),
        displayed(Display((Cover("考核办公室", "2020年度综合考核", (("年度", "2020"),), keys, "样例 Sample"),))),
        new_markdown_cell("## 结论\n\n一句**话**和一个[链接](#s2)，`code`。"), displayed(listed(["第一"])),
        new_markdown_cell("## 排名"), displayed(table("ranking", "ranking", heads, rows, "ranking")),
        new_markdown_cell("## 图"), figure("bars", "甲"), figure("heat", "乙"),
        new_markdown_cell("### 计算\n\n| 甲 | 乙 |\n|---|---|\n| 1 | 2 |"),
        displayed(table("explained", "explained", explained, how, "explained")),
        new_code_cell(outputs=[new_output("error", ename="ValueError", evalue=f"{HOSTILE} {'x' * 200}", traceback=[])]),
    ])


def summary() -> Summary:
    reports = [Report("00", None, "全年概览", "done", href="year/00 概览.html", seconds=6.0)]
    for code in "abcd":
        reports += [Report("01", code, "排名", "done", href=f"{code}/01.html"),
                    Report("02", code, "审核", "not_applicable", HOSTILE),
                    Report("03", code, "稳健度", "blocked", "\n".join(f"{'x' * 90} 第 {i} 行" for i in range(6)))]
    categories = tuple(CategoryEntry(code, f"类别 {code}", (("单位", "9"),)) for code in "abcd")
    return Summary("2020", "综合考核", "考核办公室", True, tuple(reports), categories)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The address of each kind of page in each language."""
    folder = tmp_path_factory.mktemp("pages")
    for lang in ("zh", "en"):
        (folder / f"report-{lang}.html").write_text(render(notebook(), lang=lang), encoding="utf-8")
        (folder / f"index-{lang}.html").write_text(render_index(summary(), lang=lang), encoding="utf-8")
    return {kind: (folder / f"{kind}.html").as_uri() for kind in KINDS}


# ── nothing in, nothing out ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", KINDS)
def test_no_request_leaves_and_nothing_complains(browser: Any, pages: dict[str, str], kind: str) -> None:
    tab = Tab(browser, pages[kind], viewport=DESKTOP)
    with tab as page:
        page.wait_for_timeout(200)
        assert [url for url in tab.asked if not url.startswith("data:")] == [pages[kind]]
        assert tab.said == []
        assert page.title() not in ("run", "1")
        assert page.evaluate("document.documentElement.lang") == {"zh": "zh-CN", "en": "en"}[kind[-2:]]


def test_the_policy_lets_nothing_in(browser: Any, pages: dict[str, str]) -> None:
    with Tab(browser, pages["report-zh"]) as page:
        blocked = page.evaluate("""async () => {
            const blocked = [];
            document.addEventListener("securitypolicyviolation", (event) => blocked.push(event.effectiveDirective));
            document.body.append(Object.assign(document.createElement("img"), { src: "https://example.invalid/x.png" }));
            document.body.append(Object.assign(document.createElement("script"), { textContent: "document.title = 'run'" }));
            await fetch("https://example.invalid/").catch(() => null);
            await new Promise((done) => setTimeout(done, 200));
            return blocked.sort();
        }""")
        assert blocked == ["connect-src", "img-src", "script-src-elem"]
        assert page.title() != "run"


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_line_of_the_contents_arrives(browser: Any, pages: dict[str, str], lang: str) -> None:
    with Tab(browser, pages[f"report-{lang}"], viewport={"width": 1280, "height": 500}) as page:
        links = page.locator("nav.tx-contents a")
        assert links.count() == 3
        for i in range(3):
            page.evaluate("scrollTo(0, 0)")
            links.nth(i).click()
            heading = page.locator(":target")
            assert heading.inner_text() == links.nth(i).inner_text()
            assert 0 <= heading.bounding_box()["y"] < 500


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_text_is_cut_off_and_nothing_leaves_the_page(browser: Any, pages: dict[str, str], kind: str, size: Any) -> None:
    with Tab(browser, pages[kind], viewport=size) as page:
        assert page.evaluate(OVERFLOW) == []


def test_text_is_readable_on_a_phone(browser: Any, pages: dict[str, str]) -> None:
    with Tab(browser, pages["report-zh"], viewport=PHONE) as page:
        sizes = page.evaluate("""() => [...document.querySelectorAll("main p, main td, main th, main li, figcaption")]
            .map((element) => parseFloat(getComputedStyle(element).fontSize))""")
        assert min(sizes) >= 12
        drawn = page.evaluate("""() => [...document.querySelectorAll("svg text")].map((text) =>
            parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)""")
        assert min(drawn) >= 9, "a figure scrolls before its text becomes too small"
        assert page.locator("#explained .tx-scroll").evaluate("(box) => box.scrollWidth - box.clientWidth") == 0
        box = page.locator("#ranking .tx-scroll")
        assert box.evaluate("(box) => box.scrollWidth - box.clientWidth") > 0
        box.evaluate("(box) => { box.scrollLeft = 200 }")
        name = page.locator("#ranking td:nth-child(2)").first.bounding_box()
        assert name["x"] >= 0, "the names stay in sight"


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_no_violation(browser: Any, pages: dict[str, str], kind: str) -> None:
    with Tab(browser, pages[kind]) as page:
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            accessible(page)


def test_dark_is_dark_and_labels_on_dark_cells_keep_their_own_colour(browser: Any, pages: dict[str, str]) -> None:
    fills = {}
    for scheme in ("light", "dark"):
        with Tab(browser, pages["report-zh"], color_scheme=scheme) as page:
            fills[scheme] = page.evaluate("""() => {
                const fill = (text) => getComputedStyle([...document.querySelectorAll("#f2 text")]
                    .filter((node) => node.textContent === text).pop()).fill;
                const paper = getComputedStyle(document.body).backgroundColor;
                return { axis: fill("8"), light: fill("49"), dark: fill("1"), paper };
            }""")
    assert fills["light"]["axis"] != fills["dark"]["axis"] and fills["light"]["paper"] != fills["dark"]["paper"]
    for scheme in fills.values():
        assert (scheme["light"], scheme["dark"]) == ("rgb(255, 255, 255)", "rgb(16, 32, 48)")


# ── what the year's reports really show ─────────────────────────────────────────────────────────────────────────────


@cache
def tried(code: str) -> dict[str, Any]:
    """What the notebook on sensitivity computes of a category, whatever the language."""
    book, data, result = *edition("2020"), assessed("2020", code)
    in_error, *alone = (tx.data_draws(book, data, code, draws=500, **kept) for kept in ({}, {"surveys": False}, {"marks": 0}))
    return {"in_error": in_error, "alone": alone, "weighed": tx.weight_draws(book, result, draws=500, spread=0.3),
            "moves": tx.one_at_a_time(result), "swaps": tx.smallest_swaps(result), "singly": tx.weight_intervals(result),
            "left_out": tx.leave_one_out(result, data), "alternatives": tx.alternatives(book, data, code),
            "asked": sensitivity.asked(result), "what_if": tx.what_if(book, data, code, sensitivity.asked(result)),
            "spread": sensitivity.spread(result, ranking.last_year(book, code, words_of(book)))}


def firm(code: str, lang: str) -> list[Any]:
    """What the notebook on sensitivity shows of a category."""
    book, data, result, known = *edition("2020"), assessed("2020", code), tried(code)
    moves, swaps, spread = known["moves"], known["swaps"], known["spread"]
    words = words_of(result, lang, data)
    return [sensitivity.findings(result, known["in_error"], moves, swaps, spread, words),
            sensitivity.neighbours(result, known["in_error"], words, known["alone"]),
            sensitivity.intervals(result, known["weighed"], words), sensitivity.heatmap(result, known["weighed"], words),
            sensitivity.tornado(result, moves, "", words), sensitivity.singly(result, known["singly"], words),
            sensitivity.swaps_figure(result, swaps, words), sensitivity.swaps(result, swaps, words),
            sensitivity.shares_figure(result, spread, words), sensitivity.shares(result, spread, words),
            sensitivity.left_out(result, known["left_out"], words),
            sensitivity.alternatives(result, known["alternatives"], words),
            sensitivity.choices(book, data, result, words), sensitivity.what_if(result, known["asked"], known["what_if"], words)]


def ranked(code: str, lang: str) -> list[Any]:
    """What the notebook on the ranking shows of a category."""
    result, data = assessed("2020", code), edition("2020")[1]
    words = words_of(result, lang, data)
    return [ranking.ranking(result, words, data), ranking.parts(result, words), ranking.everyone(result, words),
            ranking.explanations(result, result.ranking.unit[0], words, data), ranking.tiers(result, words),
            ranking.scores(result, words), ranking.gap_to_mean(result, words), ranking.by_unit(result, words)]


def of_the_year(lang: str) -> list[Any]:
    """What the overview shows of the year."""
    book, data = edition("2020")
    coverage = tx.superior_coverage(book, data)
    words = words_of(book, lang, data)
    return [overview.overview(book, {code: assessed("2020", code) for code in book.categories}, words, data),
            overview.superior(book, coverage, {"H01": 1.0}, words), overview.covered(coverage, words),
            basis.assumptions(book, None, words), overview.weights_figure(book, words),
            overview.superior_figure(coverage, {"H01": 1.0}, words)]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Callable[[tuple[str, str]], str]:
    """The address of a page with the tables and figures of the year, or of a real category, in a language."""
    folder = tmp_path_factory.mktemp("real")

    @cache
    def address(key: tuple[str, str]) -> str:
        code, lang = key
        category = code.removesuffix("_firm")
        outputs = of_the_year(lang) if code == "year" else ranked(code, lang) if code == category else firm(category, lang)
        bundles = [each._repr_mimebundle_() for each in outputs]
        cells = [new_code_cell(outputs=[new_output("display_data", data=data, metadata=about)]) for data, about in bundles]
        path = folder / f"{code}-{lang}.html"
        path.write_text(render(new_notebook(cells=cells), lang=lang, title=code), encoding="utf-8")
        return path.as_uri()

    return address


SHORTER = ("zones-zh", "zones-en", "zones_firm-zh", "zones_firm-en", "towns_1-zh")  # than names of depts_3, branches of towns_1
each_real = pytest.mark.parametrize("key", [
    pytest.param((code, lang), id=f"{code}-{lang}", marks=pytest.mark.long if f"{code}-{lang}" in SHORTER else ())
    for code in ("year", "depts_3", "zones", "towns_1", "depts_3_firm", "zones_firm") for lang in ("zh", "en")])


CUT_OFF = """() => [...document.querySelectorAll("figure svg")].flatMap((svg) => {
    const box = svg.getBoundingClientRect();
    return [...svg.querySelectorAll("text")].filter((text) => {
        const own = text.getBoundingClientRect();
        return own.left < box.left - 2 || own.right > box.right + 2 || own.top < box.top - 2 || own.bottom > box.bottom + 2;
    }).map((text) => text.textContent);
})"""


@each_real
def test_real_tables_and_figures_fit_the_desktop_and_the_paper_and_nothing_drawn_is_cut_off(
        browser: Any, real: Callable[[tuple[str, str]], str], key: tuple[str, str]) -> None:
    """A4 less its margins is 180 mm: 680 px."""
    with Tab(browser, real(key), viewport=DESKTOP) as page:
        assert page.evaluate(CUT_OFF) == []
        page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true })")
        assert page.evaluate(SIDEWAYS) == []
        assert page.evaluate(OVERFLOW) == []
        page.set_viewport_size({"width": 680, "height": 1000})
        page.emulate_media(media="print")
        wide = page.evaluate("""() => [...document.querySelectorAll("table, svg")].filter((each) =>
            each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
            .map((each) => each.closest("figure").id)""")
        assert wide == []


def test_a_figure_that_scrolls_on_a_phone_says_so(browser: Any, real: Callable[[tuple[str, str]], str]) -> None:
    with Tab(browser, real(("depts_3", "zh")), viewport=PHONE) as page:
        hint = page.locator("#f1 .tx-hint")
        assert hint.is_visible() and "左右滑动" in hint.inner_text()
        assert page.locator("#explained-education .tx-hint").is_hidden()
        page.set_viewport_size(DESKTOP)
        page.wait_for_timeout(100)
        assert hint.is_hidden()


# ── sorting and filtering ───────────────────────────────────────────────────────────────────────────────────────────


def column(page: Any, name: str, number: int) -> list[str]:
    return [text.strip() for text in page.locator(f"#{name} tbody tr:visible td:nth-child({number})").all_inner_texts()]


def test_a_heading_sorts_up_then_down_then_not_at_all(browser: Any, pages: dict[str, str]) -> None:
    with Tab(browser, pages["report-zh"], viewport=DESKTOP) as page:
        head = page.locator("#ranking th").nth(2)
        before = column(page, "ranking", 3)
        head.locator("[role=button]").click()
        up = column(page, "ranking", 3)
        assert head.get_attribute("aria-sort") == "ascending"
        assert up[:2] == ["−3", "9.50"] and up[-2:] == ["1,000.25", "—"], "what is no number comes last"
        head.locator("[role=button]").click()
        down = column(page, "ranking", 3)
        assert down == [*reversed(up[:-1]), "—"] and head.get_attribute("aria-sort") == "descending"
        head.locator("[role=button]").click()
        assert column(page, "ranking", 3) == before and head.get_attribute("aria-sort") == "none"


def test_the_keyboard_sorts(browser: Any, pages: dict[str, str]) -> None:
    with Tab(browser, pages["report-en"], viewport=DESKTOP) as page:
        heads = page.locator("#ranking th")
        for key, nth, wanted in (("Enter", 1, "ascending"), ("Space", 1, "descending"), ("Enter", 0, "ascending")):
            heads.nth(nth).locator("[role=button]").focus()
            page.keyboard.press(key)
            assert heads.nth(nth).get_attribute("aria-sort") == wanted
        assert heads.nth(1).get_attribute("aria-sort") == "none", "only one column is sorted by"
        assert column(page, "ranking", 1) == [str(i) for i in range(1, 17)]


def test_the_filter_keeps_the_rows_that_hold_the_text(browser: Any, pages: dict[str, str]) -> None:
    with Tab(browser, pages["report-zh"], viewport=DESKTOP) as page:
        box = page.get_by_label("筛选").first
        box.fill("单位1")
        assert column(page, "ranking", 2) == [f"单位{i}" for i in range(10, 17)]
        assert "7 / 16" in page.locator(".tx-filter output").first.inner_text()
        assert len(column(page, "explained", 1)) == 40, "the other table is left alone"
        page.emulate_media(media="print")
        assert len(column(page, "ranking", 2)) == 16, "paper shows every row"
        page.emulate_media(media="screen")
        box.fill("")
        assert len(column(page, "ranking", 2)) == 16


def test_the_index_is_searched_by_report_and_by_category(browser: Any, pages: dict[str, str]) -> None:
    with Tab(browser, pages["index-en"], viewport=DESKTOP) as page:
        shown = page.locator("li.tx-report:visible")
        assert shown.count() == 13
        for text, reports, cards in (("稳健度", 4, 4), ("类别 B", 3, 1), ("概览", 1, 1), ("nothing", 0, 0), ("", 13, 5)):
            page.get_by_label("Search").fill(text)
            assert (shown.count(), page.locator("section:visible").count()) == (reports, cards), text


def test_without_javascript_everything_is_there_and_no_control(browser: Any, pages: dict[str, str]) -> None:
    with Tab(browser, pages["report-zh"], java_script_enabled=False) as page:
        assert len(page.locator("#ranking tbody tr:visible").all()) == 16
        assert page.locator("input, [role=button]").count() == 0
        assert page.locator("#f1 svg").is_visible()


# ── paper ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("lang", "number", "sample"), [
    ("zh", "第 {} 页，共 {} 页", "样例数据"), ("en", "Page {} of {}", "Sample data"),
])
def test_paper(browser: Any, pages: dict[str, str], tmp_path: Path, lang: str, number: str, sample: str) -> None:
    sheets = paper(browser, pages[f"report-{lang}"], tmp_path)
    assert len(sheets) >= 3
    for i, sheet in enumerate(sheets, 1):
        squeezed = re.sub(r"\s", "", sheet)
        assert re.sub(r"\s", "", number.format(i, len(sheets))) in squeezed
        assert re.sub(r"\s", "", sample) in squeezed
    rows = [sheet for sheet in sheets if "A1." in sheet]
    assert len(rows) >= 2 and all("计算" in sheet.split("A1.")[0] for sheet in rows), "the head is repeated"
    assert not any(re.search("筛选|Filter|[↕↑↓]", sheet) for sheet in sheets)
    assert any("图1" in sheet or "Figure 1" in sheet for sheet in sheets)


def test_a_printed_index_shows_every_message(browser: Any, pages: dict[str, str], tmp_path: Path) -> None:
    text = "".join(paper(browser, pages["index-zh"], tmp_path))
    assert all(f"第 {i} 行" in re.sub(" +", " ", text) for i in range(6))
