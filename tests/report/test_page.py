"""A report and an index as text: what they say, in which language, and what can never get into them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import nbformat
import pandas
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis.strategies import text
from matplotlib import rc_context
from matplotlib.figure import Figure
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from properties import examples
from shared import ROOT

from txlib.base.labels import section
from txlib.report.kit.blocks import Cover
from txlib.report.kit.shown import Display, TableColumn, folded, note_of, nothing, table, together
from txlib.report.page.foreign import boxed, pieces
from txlib.report.page.html import ReportExporter, inline_svg, render
from txlib.report.page.index import CategoryEntry, Report, Summary, render_index

pytestmark = pytest.mark.quick

TABLE = table("ranking", "排名 <甲>", [TableColumn("单位")], [["滨江镇"]])
COVER = Display((Cover("考核办", "年度考核", (("年度", "2020"),), (("单位", "8"),), "样例"),))
FOREIGN = "<table><thead><tr><th>单位</th></tr></thead><tbody><tr><td>滨江镇</td></tr></tbody></table>"
HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)>"\'</style></title>$x$ `a` ../x'


def markdown(text: str, *tags: str) -> NotebookNode:
    return new_markdown_cell(text, metadata={"tags": list(tags)})


def shown(about: dict[str, Any] | None = None, **data: str) -> NotebookNode:
    mimes = {"html": "text/html", "svg": "image/svg+xml", "png": "image/png", "md": "text/markdown", "plain": "text/plain"}
    bundle = {mimes[kind]: text for kind, text in data.items()}
    output = new_output("display_data", data=bundle, metadata={mime: about or {} for mime in bundle})
    return new_code_cell("secret_source()", execution_count=7, outputs=[output])


def displayed(what: Display) -> NotebookNode:
    """A cell that displays what reports show, as Jupyter stores it."""
    data, about = json.loads(json.dumps(what._repr_mimebundle_()))
    return new_code_cell("secret_source()", outputs=[new_output("display_data", data=data, metadata=about)])


def printed(*outputs: NotebookNode) -> NotebookNode:
    return new_code_cell("secret_source()", outputs=list(outputs))


def page(*cells: NotebookNode, lang: str = "zh", **values: Any) -> BeautifulSoup:
    return BeautifulSoup(render(new_notebook(cells=list(cells)), lang=lang, **values), "html.parser")


def drawing(**save: Any) -> str:
    """An SVG as matplotlib writes it: prolog, date, random ids, a style for everything."""
    figure = Figure(figsize=(4, 3))
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="black")
    axes.set_title('id="x" <A>')
    buffer = io.StringIO()
    with rc_context({"svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", **save)
    return buffer.getvalue()


# ── what is shown ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("lang", "own", "other"), [("zh", "中文段落", "English text"), ("en", "English text", "中文段落")])
def test_only_the_language_asked_for_is_shown(lang: str, own: str, other: str) -> None:
    cells = markdown("中文段落", "zh"), markdown("English text", "en"), markdown("0.91"), markdown("parameters", "remove-cell")
    soup = page(*cells, lang=lang)
    assert own in soup.text and "0.91" in soup.text and other not in soup.text and "parameters" not in soup.text
    assert soup.html["lang"] == {"zh": "zh-CN", "en": "en"}[lang]


def test_code_and_prompts_and_stderr_are_not_shown_and_stdout_is() -> None:
    cell = printed(new_output("stream", name="stderr", text="a warning"), new_output("stream", name="stdout", text="1 < 2"))
    text = page(cell).text
    assert "1 < 2" in text
    assert not re.search(r"secret_source|a warning|\[\d*\]:", text)


@pytest.mark.parametrize(("bundle", "wanted"), [
    ({"html": "<p>H</p>", "svg": "<svg viewBox='0 0 1 1'></svg>", "plain": "T"}, "p"),
    ({"svg": '<svg viewBox="0 0 1 1"></svg>', "png": "AAAA", "plain": "T"}, "svg"),
    ({"png": "AAAA", "md": "M", "plain": "T"}, "img"),
    ({"md": "M", "plain": "T"}, "p"),
    ({"plain": "T"}, "pre"),
])
def test_of_an_output_the_best_form_is_shown(bundle: dict[str, str], wanted: str) -> None:
    main = page(shown(**bundle), title="x").main
    assert [tag for tag in ("svg", "img", "pre", "p") if main.find(tag)] == [wanted]


def test_a_picture_of_memory_is_not_shown() -> None:
    assert "0x7f" not in render(new_notebook(cells=[shown(plain="<txlib.Thing object at 0x7f0011>")]), lang="zh")
    assert "Figure size" not in render(new_notebook(cells=[shown(plain="<Figure size 640x480 with 1 Axes>")]), lang="zh")


def test_a_failed_cell_is_a_plain_box() -> None:
    box = page(printed(new_output("error", ename="ValueError", evalue="<b>", traceback=["\x1b[31msecret"]))).select(".tx-error")
    assert len(box) == 1 and "ValueError: <b>" in box[0].text and "secret" not in box[0].text


# ── headings, contents, numbers ─────────────────────────────────────────────────────────────────────────────────────


def test_headings_are_numbered_and_the_contents_lead_to_them() -> None:
    soup = page(*(markdown(f"## 结论\n\n### 细看\n\n第 {i} 段") for i in range(21)))
    headings = [heading.text for heading in soup.find_all("h2")]
    assert headings[:2] == ["一、结论", "二、结论"]
    assert [headings[i - 1].split("、")[0] for i in (9, 10, 11, 19, 20, 21)] == ["九", "十", "十一", "十九", "二十", "二十一"]
    links = soup.select("nav.tx-contents a")
    assert [link.text for link in links] == headings
    assert [soup.find(id=link["href"][1:]).text for link in links] == headings
    assert re.fullmatch(r"#s\d+", links[0]["href"])
    assert [h.text for h in page(markdown("## A"), markdown("## B"), lang="en").find_all("h2")] == ["1. A", "2. B"]


def test_tables_and_figures_are_numbered_in_the_page_itself() -> None:
    svg = '<svg viewBox="0 0 1 1"></svg>'
    cells = displayed(TABLE), shown({"caption": "甲"}, svg=svg), displayed(TABLE), shown({"alt": "乙"}, png="AAAA")
    assert [c.text for c in page(*cells).find_all("figcaption")] == ["表1 排名 <甲>", "图1 甲", "表2 排名 <甲>", "图2 "]
    english = page(*cells, lang="en")
    assert [c.b.text for c in english.find_all("figcaption")] == ["Table 1", "Figure 1", "Table 2", "Figure 2"]
    assert english.img["alt"] == "乙"
    assert english.select_one(".tx-table .tx-scroll")["aria-label"] == "Table 1 排名 <甲>"


def test_ids_are_unique_even_where_an_output_is_shown_twice() -> None:
    svg = drawing()
    soup = page(displayed(TABLE), displayed(TABLE), shown(svg=svg), shown(svg=svg), markdown("## a"), markdown("## a"))
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len({*ids}) and {"ranking", "ranking-2", "f1", "f2", "s1", "s2"} <= {*ids}


def test_one_heading_of_level_1_whatever_the_notebook_brings() -> None:
    def heads(*cells: NotebookNode, **values: str) -> tuple[list[str], str, list[str]]:
        soup = page(*cells, **values)
        return [h.text for h in soup.find_all("h1")], soup.title.text, [p.text for p in soup.select(".tx-title")]

    assert heads() == (["报告"], "报告", [])
    assert heads(markdown("# 排名 & 得分")) == (["排名 & 得分"], "排名 & 得分", [])
    assert heads(markdown("# 排名"), displayed(COVER)) == (["年度考核"], "排名", ["排名"])
    assert heads(displayed(COVER)) == (["年度考核"], "年度考核", [])
    assert heads(markdown("# 排名"), displayed(COVER), title="总") == (["年度考核"], "总", ["总"])
    assert heads(markdown("# 一"), markdown("# 二"))[0] == ["一"]


def test_the_cover_comes_first_and_its_own_style_stays_out() -> None:
    foreign = shown(html="<style>p{color:red}</style><p>后</p>")
    soup = page(markdown("先"), displayed(COVER), markdown("## 一"), markdown("## 二"), foreign)
    order = [tag.name for tag in soup.main.find_all(["header", "nav", "h2", "p"], recursive=False)]
    assert order == ["header", "nav", "p", "h2", "h2", "p"]
    assert "color:red" not in str(soup) and "jp-Rendered" not in str(soup)


def test_the_sample_is_on_every_printed_page_and_only_a_sample_is() -> None:
    with_sample, without = (render(new_notebook(cells=cells), lang="zh") for cells in ([displayed(COVER)], []))
    assert re.search(r'@top-center \{ content: "样例', with_sample) and not re.search(r"@top-center \{ content", without)


def test_a_sentence_is_what_its_column_says_and_short_cells_stay_on_a_line() -> None:
    """How long a cell is says nothing: a long name is no sentence, and a short sentence is one."""
    heads = [TableColumn("甲"), TableColumn(" 乙 "), TableColumn("丙", "sentence")]
    cells = page(displayed(table("t", "", heads, [["滨江镇", "字" * 30, "达标。"]]))).find_all("td")
    assert [cell.get("class") for cell in cells] == [["short"], None, ["long"]]
    assert [cell.get("data-label") for cell in cells] == [None, "乙", None], "on a phone a cell says what it is"


@pytest.mark.parametrize(("lang", "numbers", "turned"), [("en", 8, 8), ("en", 7, 0), ("zh", 8, 0)])
def test_headings_of_many_numbers_stand_upright_in_latin_letters(lang: str, numbers: int, turned: int) -> None:
    heads = [TableColumn("a"), *[TableColumn("b", "number")] * numbers]
    soup = page(displayed(table("t", "", heads, [])), lang=lang)
    assert len(soup.select("th[data-sort=number] > span.tx-turn")) == turned == len(soup.select(".tx-turn"))


@pytest.mark.parametrize(("rows", "few"), [(13, True), (14, False)])
def test_a_table_of_few_rows_stays_on_one_page(rows: int, few: bool) -> None:
    soup = page(displayed(table("t", "题", [TableColumn("a")], [["a"]] * rows)))
    assert bool(soup.select("figure.tx-few")) is few


NOTHING = nothing("没有可比的上年。")


def test_a_section_that_has_nothing_to_say_is_left_out() -> None:
    cells = [markdown("# 题"), markdown("## 甲\n\n甲的话"), displayed(TABLE), markdown("## 乙\n\n乙的话"), displayed(NOTHING),
             markdown("### 细", "zh"), shown(html="", plain=""), markdown("## 丙"), displayed(NOTHING), displayed(TABLE),
             markdown("## 丁\n\n只有话"), markdown("## 戊"), displayed(note_of("未能读取"))]
    soup = page(*cells)
    assert [h.text for h in soup.find_all("h2")] == ["一、甲", "二、丙", "三、丁", "四、戊"]
    assert [link.text for link in soup.select("nav.tx-contents a")] == ["一、甲", "二、丙", "三、丁", "四、戊"]
    assert "乙的话" not in soup.text and "细" not in soup.text and "甲的话" in soup.text and "未能读取" in soup.text
    failed = page(markdown("## 乙"), printed(new_output("error", ename="E", evalue="x", traceback=[])))
    assert failed.select(".tx-error"), "a failure is something to say"


@pytest.mark.parametrize(("columns", "wide"), [(9, False), (10, True)])
def test_a_table_of_many_columns_is_set_tighter(columns: int, wide: bool) -> None:
    for cell in (displayed(table("t", "", [TableColumn("a")] * columns, [])),
                 shown(html=f"<table><thead><tr>{'<th>a</th>' * columns}</tr></thead></table>")):
        assert ("tx-wide" in page(cell).select_one(".tx-scroll")["class"]) is wide


def test_what_is_folded_is_set_as_what_is_not() -> None:
    soup = page(displayed(together(TABLE, folded("更多 <b>", together(TABLE, NOTHING)))))
    assert [caption.b.text for caption in soup.select("figcaption")] == ["表1", "表2"]
    assert [figure["id"] for figure in soup.select("figure")] == ["ranking", "ranking-2"]
    assert soup.select_one("details summary").text == "更多 <b>" and len(soup.select("details .tx-scroll td.short")) == 1


# ── HTML of others ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_table_of_others_scrolls_by_itself_and_all_else_stays_as_it_is() -> None:
    around = "<p class=a>x &amp; y &nbsp &#20013; 1 < 2<br/><!-- c --></p>"
    cells = f"<td>短 &lt;</td><td>{'字' * 13}</td><td id=a>b</td><td><i>c</i></td>"
    html = f"{around}<table class='dataframe'><tr>{cells}</tr></table>{around}"
    assert boxed(html) == html.replace("<table", '<div class="tx-scroll" tabindex="0"><table').replace(
        "</table>", "</table></div>").replace("<td>短", '<td class="short">短')
    assert boxed(f"<style scoped>table {{}}</style>{around}<SCRIPT>a<b</SCRIPT >") == around
    nested = boxed("<table><tr><td><table><tr><td>a</td></tr></table></td></tr></table>")
    assert nested.count("tx-scroll") == 1 and nested.endswith("</table></div>"), "one box, that of the outer table"
    assert boxed("<p><table><td>a") == "<p><table><td>a", "what is not closed is not boxed"


@pytest.mark.parametrize("table", [pandas.DataFrame({"a": [1], "b": ["<x>"]})._repr_html_(), "|甲|乙|\n|-|-|\n|1|2|\n"])
def test_tables_of_pandas_and_of_markdown_scroll_by_themselves(table: str) -> None:
    soup = page(markdown(table) if table.startswith("|") else shown(html=table))
    assert [box.table.name for box in soup.select(".tx-scroll")] == ["table"] and not soup.main.find("style")


@given(text(alphabet="<>/!-?=\"' &;#atdrbscip\n", max_size=60))
@examples(200)
def test_html_of_others_is_parted_without_loss(html: str) -> None:
    assert "".join(piece.written for piece in pieces(html)) == html


@pytest.mark.parametrize("kept", [
    None, "x", {}, {"blocks": "x"}, {"blocks": [{"kind": "html", "html": "<b>x</b>"}]}, {"blocks": [{"kind": "note"}]},
    {"blocks": [{"kind": "note", "text": "x", "missing": False, "html": "<b>"}]}, {"blocks": [{"kind": "note", "text": 1}]},
    {"blocks": [{"kind": "table", "name": "n", "caption": "", "heads": [["a", "html"]], "rows": [], "note": ""}]},
])
def test_a_notebook_that_kept_no_structure_is_shown_by_its_html(kept: Any) -> None:
    """As one that was run before there was any."""
    output = new_output("display_data", data={"text/html": FOREIGN}, metadata={"text/html": kept})
    assert page(printed(output)).select_one(".tx-scroll td.short").text == "滨江镇"


def test_a_stored_notebook_gives_its_page_and_without_structure_the_same_words() -> None:
    nb = nbformat.read(ROOT / "notebooks" / "02_quota_audit.ipynb", as_version=4)
    new = BeautifulSoup(render(nb, lang="zh"), "html.parser")
    for output in (output for cell in nb.cells for output in cell.get("outputs", [])):
        output.get("metadata", {}).pop("text/html", None)
    old = BeautifulSoup(render(nb, lang="zh"), "html.parser")
    words = [[cell.text for cell in soup.find_all("td")] for soup in (new, old)]
    assert words[0] == words[1] and len(words[0]) > 100
    assert [len(soup.select(".tx-scroll table")) for soup in (new, old)] == [len(new.find_all("table"))] * 2
    captions = [caption.text for caption in new.select("figure.tx-table figcaption")]
    assert [caption.split()[0] for caption in captions] == [f"表{i + 1}" for i in range(len(captions))]
    assert [caption.partition(" ")[2] for caption in captions] == [each.text for each in old.select("figure.tx-table figcaption")]
    assert len(new.find_all("h1")) == 1 and new.select_one("main > header.tx-cover h1")


def test_structure_that_was_tampered_with_is_text() -> None:
    """A notebook is a file that anyone may have written."""
    kept = [
        {"kind": "cover", "office": HOSTILE, "title": HOSTILE, "facts": [[HOSTILE, HOSTILE]], "keys": [[HOSTILE, HOSTILE]],
         "sample": HOSTILE},
        {"kind": "table", "name": HOSTILE, "caption": HOSTILE, "note": HOSTILE,
         "heads": [[HOSTILE, "sentence"], [HOSTILE, "text"]],
         "rows": [{"kind": "flag", "cells": [HOSTILE, {"text": HOSTILE, "code": HOSTILE}, HOSTILE]},
                  {"kind": "sum", "cells": [{"text": HOSTILE, "note": HOSTILE}, {"text": HOSTILE, "share": "inf", "mark": -1}]},
                  {"kind": "plain", "cells": [{"text": HOSTILE, "share": 7}]}]},
        {"kind": "bullets", "items": [{"text": HOSTILE, "below": [HOSTILE]}]},
        {"kind": "fold", "title": HOSTILE, "inside": [{"kind": "note", "text": HOSTILE, "missing": True}]},
    ]
    output = new_output("display_data", data={"text/html": "html"}, metadata={"text/html": {"blocks": kept}})
    html = render(new_notebook(cells=[printed(output)]), lang="zh", cards={HOSTILE: HOSTILE})
    soup = BeautifulSoup(html, "html.parser")
    assert len(soup.find_all(["script", "img"])) == 1 and html.count("</style>") == 2
    assert soup.h1.text == soup.figcaption.text.removeprefix("表1 ") == soup.summary.text == soup.li.contents[0] == HOSTILE
    assert not any(name.startswith("on") for tag in soup.find_all(True) for name in tag.attrs)


# ── markdown ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_markdown_is_only_markdown() -> None:
    soup = page(
        markdown("价 $a$ 与 $$b$$\n\n<b onclick=x>粗</b> <!-- 注 -->\n\n<script>x</script>"),
        markdown("[坏](javascript:x) [好](https://example.org) ![图](https://example.org/a.png)"), title="t",
    )
    assert "$a$ 与 $$b$$" in soup.text and "<b onclick=x>粗</b>" in soup.text and "<script>x</script>" in soup.text
    assert not soup.main.find(["b", "script", "img"])
    assert [link["href"] for link in soup.main.find_all("a")] == ["#harmful-link", "https://example.org"]
    assert "图" in soup.main.text


def test_chinese_lines_join_without_a_gap_and_latin_ones_with() -> None:
    assert [p.text for p in page(markdown("前半句，\n后半句\n\none\ntwo")).main.find_all("p")] == ["前半句，后半句", "one\ntwo"]


# ── figures ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_svg_becomes_an_element_of_the_page() -> None:
    svg = inline_svg(drawing(), "f3", 'gap "<x>"')
    assert svg.startswith('<svg role="img" aria-label="gap &quot;&lt;x&gt;&quot;" viewBox="') and svg.endswith("</svg>")
    assert not re.search(r"<\?xml|DOCTYPE|<style|<metadata|font-family|#000000", svg)
    assert "currentColor" in svg and 'id="x" &lt;A&gt;' in svg, "text that looks like an attribute stays as it is"
    own, used = re.findall(r'<[^>]*\sid="([^"]+)"', svg), re.findall(r'(?:url\(|href=")#([^")]+)', svg)
    assert used and {*own} == {*used} and all(re.fullmatch(r"f3-\d+", name) for name in own)


def test_the_same_figure_gives_the_same_bytes_whatever_date_and_salt_matplotlib_takes() -> None:
    with rc_context({"svg.hashsalt": "one"}):
        first = drawing(metadata={"Date": "2020-01-01"})
    with rc_context({"svg.hashsalt": "two"}):
        second = drawing()
    assert first != second and inline_svg(first, "f1", "") == inline_svg(second, "f1", "")


# ── closed to the outside ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("html", [
    render(new_notebook(cells=[displayed(COVER), displayed(TABLE), shown(svg=drawing())]), lang="zh"),
    render_index(Summary("2020", "t", "o", True, ()), lang="en"),
])
def test_a_page_loads_nothing_and_says_so(html: str) -> None:
    soup = BeautifulSoup(html, "html.parser")
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    (script,) = soup.find_all("script")
    digest = base64.b64encode(hashlib.sha256(script.string.encode()).digest()).decode()
    assert policy == f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; " \
        "base-uri 'none'; form-action 'none'"
    assert not soup.find_all(["link", "iframe", "object", "embed", "base"]) and not soup.find_all(src=re.compile("^(?!data:)"))
    assert not re.search(r"@import|url\((?!#)", html)
    assert len(html.encode()) < 100_000


def test_a_hostile_title_is_text_everywhere() -> None:
    html = render(new_notebook(), lang="en", title=HOSTILE)
    soup = BeautifulSoup(html, "html.parser")
    assert soup.title.text == soup.h1.text == HOSTILE
    assert len(soup.find_all(["script", "img"])) == 1 and html.count("</style>") == 2


def test_the_same_notebook_gives_the_same_bytes() -> None:
    nb = new_notebook(cells=[markdown("# a\n\n## b"), displayed(TABLE), shown(svg=drawing())])
    assert render(nb, lang="zh") == render(nb, lang="zh") != render(nb, lang="en")


def test_nbconvert_exports_the_same_page() -> None:
    nb = new_notebook(cells=[markdown("# 排名"), displayed(TABLE)])
    html, resources = ReportExporter(lang="en").from_notebook_node(nb)
    assert html == render(nb, lang="en") and resources["output_extension"] == ".html"


@pytest.mark.parametrize("name", ["report", "index"])
def test_labels_have_both_languages_and_the_same_fields(name: str) -> None:
    for key, texts in section(name).items():
        assert {*texts} == {"zh", "en"}, key
        assert {*re.findall(r"{\w+}", texts["zh"])} == {*re.findall(r"{\w+}", texts["en"])}, key


# ── the index ───────────────────────────────────────────────────────────────────────────────────────────────────────


def summary(*reports: Report, **values: Any) -> Summary:
    return Summary("2020", "综合考核", "考核办", False, reports, **values)


def test_the_index_says_what_became_of_each_notebook() -> None:
    faults = "\n".join(f"第 {i} 行有误" for i in range(5))
    html = render_index(summary(
        Report("02", "b", "乙排名", "blocked", faults), Report("03", "b", "乙审核", "blocked", faults),
        Report("02", "a", "排名", "done", href="a/02.html", seconds=1.25),
        Report("03", "a", "审核", "not_applicable", "没有评分表"),
        Report("00", None, "概览", "failed", "第 3 格：ZeroDivisionError"),
        categories=(CategoryEntry("a", "一类乡镇", (("单位", "8"),)), CategoryEntry("b", "二类乡镇")),
    ), lang="zh")
    soup = BeautifulSoup(html, "html.parser")
    assert [h.text for h in soup.find_all("h2")] == ["全年", "一类乡镇", "二类乡镇"], "the year first, then in their order"
    rows = [" ".join(item.text.split()) for item in soup.select("li.tx-report")]
    assert rows[:3] == ["未成功 概览 第 3 格：ZeroDivisionError", "已完成 排名 1.2 秒", "不适用 审核 没有评分表"]
    assert all(f"第 {i} 行有误" in rows[3] for i in range(5)) and rows[4] == "数据待改 乙审核", "the same reason once"
    assert "单位8" in soup.select("section dl")[0].text
    assert [d.text for d in soup.select(".tx-keys dd")] == ["2", "5", "1", "1", "1", "2"]
    assert [link["href"] for link in soup.find_all("a")] == ["bundle.html", "a/02.html"]
    assert "样例" not in soup.main.text


@pytest.mark.parametrize("href", [
    "javascript:alert(1)", "//example.org/x", "\\\\example.org\\x", "a b/100%#?<\"'>.html", "概览.html",
])
def test_a_link_of_the_index_stays_in_its_folder(href: str) -> None:
    soup = BeautifulSoup(render_index(summary(Report("1", None, "t", "done", href=href)), lang="en"), "html.parser")
    target = urlsplit(urljoin("http://here/outputs/", soup.select_one(".tx-report a")["href"]))
    assert (target.scheme, target.netloc, target.query, target.fragment) == ("http", "here", "", "")
    assert target.path.startswith("/outputs/")


def test_what_the_index_is_handed_is_text() -> None:
    hostile = Report(HOSTILE, HOSTILE, HOSTILE, "failed", f"{HOSTILE}\n{HOSTILE}")
    html = render_index(Summary(HOSTILE, HOSTILE, HOSTILE, True, (hostile,), (), HOSTILE), lang="zh")
    soup = BeautifulSoup(html, "html.parser")
    assert len(soup.find_all(["script", "img"])) == 1 and html.count("</style>") == 2
    assert soup.h2.text == HOSTILE and [item.text for item in soup.select(".tx-report li")] == [HOSTILE] * 2
