"""The bundle and score cards in a real browser: nothing leaves, links arrive, nothing is cut off, paper, dark, phone."""

from __future__ import annotations

import base64
import re
import shutil
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from browsing import DESKTOP, HOSTILE, OVERFLOW, PHONE, SIDEWAYS, Tab, accessible, paper
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from shared import ROOT, assessed, edition, words_of

from txlib.report import basis, ranking
from txlib.report.card import render_card
from txlib.report.page.html import numbered, render
from txlib.report.page.index import CategoryEntry, Report, Summary
from txlib.report.page.one_file import render_bundle
from txlib.report.ranking import multiples, years
from txlib.run.cards import Deck, addresses

KINDS = [(kind, lang) for kind in ("bundle", "card") for lang in ("zh", "en")]
each_kind = pytest.mark.parametrize("kind", KINDS, ids="-".join)


def shown(output: Any) -> Any:
    data, about = output._repr_mimebundle_()
    return new_code_cell(outputs=[new_output("display_data", data=data, metadata=about)])


def deal(deck: Deck) -> list[Path]:
    """The cards of a deck as it makes them, from the edition that all tests share."""
    result, (book, data) = assessed(deck.year, deck.category), edition(deck.year)
    words, rows = words_of(book, deck.lang, data), list(result.ranking.itertuples())
    then = years.last_year(book, deck.category, words)
    deck.scratch.mkdir(parents=True)
    number, dealt = numbered(deck.year, deck.category, deck.inputs), []
    for at, row in enumerate(rows):
        dealt.append(deck.scratch.parent / addresses([row.unit])[row.unit])
        html = render_card(result, data, then, row.unit, deck._way(rows, at, words), inputs=deck.inputs,
                           number_=f"{number}-{at + 1}", words=words)
        dealt[-1].write_text(html, encoding="utf-8")
    return dealt


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By language a folder as a run leaves it: parks with cards and a ranking, a hostile name among them; a bundle."""
    found = {}
    book, data = edition("2020")
    result = assessed("2020", "parks")
    rows = list(result.ranking.itertuples())
    for lang in ("zh", "en"):
        out = tmp_path_factory.mktemp(f"outputs-{lang}")
        deal(Deck(ROOT, "2020", "parks", (("01_ranking", "Ranking"),), lang, "print", out / "parks" / "cards"))
        links = "[out](https://example.invalid/) [up](../../secret.html)"
        words = words_of(book, lang, data)
        cells = [new_markdown_cell(f"# Ranking\n\n## One\n\n{HOSTILE}\n\n{links}"),
                 shown(basis.cover(book, result, words)), shown(ranking.ranking(result, words, data)),
                 new_markdown_cell("## Two\n\n" + "\n\n".join(["text"] * 60)), new_markdown_cell("## Three"),
                 shown(multiples.by_unit(result, words))]
        leads = addresses(row.unit for row in rows)
        html = render(new_notebook(cells=cells), lang=lang, cards=leads)
        (out / "parks" / "01_ranking.html").write_text(html, encoding="utf-8")
        reports = (Report("01_ranking", "parks", f"Ranking {HOSTILE}", "done", href="parks/01_ranking.html"),
                   Report("02_audit", "parks", "Audit", "not_applicable", "no table"))
        cards = tuple((f"parks/{leads[row.unit]}", f"{row.rank:g} {row.name}") for row in rows)
        summary = Summary("2020", f"T {HOSTILE}", "O", True, reports, (CategoryEntry("parks", "Parks", (), cards),),
                          workbook="results.xlsx")
        (out / "bundle.html").write_text(render_bundle(summary, out, lang=lang), encoding="utf-8")
        found[lang] = out
    return found


def address(outputs: dict[str, Path], kind: tuple[str, str]) -> str:
    out = outputs[kind[1]]
    return (out / "bundle.html" if kind[0] == "bundle" else sorted((out / "parks" / "cards").iterdir())[1]).as_uri()


def alone(outputs: dict[str, Path], tmp_path: Path, lang: str = "zh") -> str:
    """The bundle as it lies beside an e-mail: nothing else in its folder."""
    return Path(shutil.copy(outputs[lang] / "bundle.html", tmp_path / "附件.html")).as_uri()


# ── what is in it ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_page_is_in_the_bundle_unchanged(outputs: dict[str, Path]) -> None:
    soup = BeautifulSoup((outputs["zh"] / "bundle.html").read_text(encoding="utf-8"), "html.parser")
    packed = {each["data-page"]: each.string for each in soup.select("script[data-page]")}
    shared = {"<shared-style>": soup.select_one("style").string, "<shared-script>": soup.select_one("script").string}
    files = [path for path in outputs["zh"].rglob("*.html") if path.name != "bundle.html"]
    assert set(packed) == {path.relative_to(outputs["zh"]).as_posix() for path in files} and len(files) == 4
    for path in files:
        page = zlib.decompress(base64.b64decode(packed[path.relative_to(outputs["zh"]).as_posix()])).decode()
        for mark, text in shared.items():
            assert page.count(mark) == 1
            page = page.replace(mark, text)
        assert page == path.read_text(encoding="utf-8")


@pytest.mark.quick
def test_a_page_that_holds_another_style_is_packed_whole(tmp_path: Path) -> None:
    (tmp_path / "old.html").write_text("<title>x</title><style>p{}</style>旧", encoding="utf-8")
    (tmp_path / "odd.html").write_bytes(b"\xff\xfe not UTF-8")
    reports = tuple(Report(name, None, name, "stale", href=f"{name}.html") for name in ("old", "odd"))
    html = render_bundle(Summary("2020", "T", "O", False, reports), tmp_path, lang="zh")
    soup = BeautifulSoup(html, "html.parser")
    texts = [zlib.decompress(base64.b64decode(each.string)).decode() for each in soup.select("script[data-page]")]
    assert texts[0] == "<title>x</title><style>p{}</style>旧" and texts[1].endswith("not UTF-8")


@pytest.mark.quick
def test_the_workbook_is_named_in_the_bundle_and_is_no_link(tmp_path: Path) -> None:
    html = render_bundle(Summary("2020", "T", "O", False, (), workbook="results.xlsx"), tmp_path, lang="zh")
    soup = BeautifulSoup(html, "html.parser")
    assert "results.xlsx" in soup.get_text() and not [link for link in soup.select("a[href]") if "results" in link["href"]]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_link_of_the_index_in_the_bundle_leads_to_a_page_in_it(outputs: dict[str, Path], lang: str) -> None:
    soup = BeautifulSoup((outputs[lang] / "bundle.html").read_text(encoding="utf-8"), "html.parser")
    known = {f"#/{quote(each['data-page'])}" for each in soup.select("script[data-page]")}
    assert {link["href"] for link in soup.select("main a[href]")} == known


# ── nothing in, nothing out ─────────────────────────────────────────────────────────────────────────────────────────


@each_kind
def test_no_request_leaves_and_nothing_complains(browser: Any, outputs: dict[str, Path], kind: tuple[str, str]) -> None:
    tab = Tab(browser, address(outputs, kind), viewport=DESKTOP)
    with tab as page:
        if kind[0] == "bundle":
            page.locator("li.tx-report a").click()
            page.frame_locator("iframe").locator("#ranking").wait_for()
        page.wait_for_timeout(200)
        assert [url.partition("#")[0] for url in tab.asked if not url.startswith("data:")] == [address(outputs, kind)]
        assert tab.said == [] and page.title() not in ("run", "1")
        assert page.evaluate("document.documentElement.lang") == {"zh": "zh-CN", "en": "en"}[kind[1]]


def test_a_report_in_the_bundle_reaches_nothing_outside_its_frame(browser: Any, outputs: dict[str, Path], tmp_path: Path) -> None:
    tab = Tab(browser, alone(outputs, tmp_path), viewport=DESKTOP)
    with tab as page:
        page.locator("li.tx-report a").click()
        page.frame_locator("iframe").locator("#ranking").wait_for()
        (frame,) = (each for each in page.frames if each != page.main_frame)
        told = frame.evaluate("""async () => {
            const tried = {};
            const attempt = (name, act) => { try { act(); tried[name] = "could"; } catch (error) { tried[name] = error.name; } };
            attempt("parent", () => parent.document.title);
            attempt("top", () => { top.location.hash = "/x"; top.location.href; });
            attempt("storage", () => localStorage.length);
            const blocked = [];
            document.addEventListener("securitypolicyviolation", (event) => blocked.push(event.effectiveDirective));
            document.body.append(Object.assign(document.createElement("img"), { src: "https://example.invalid/x.png" }));
            document.body.append(Object.assign(document.createElement("script"), { textContent: "document.title = 'run'" }));
            await fetch("https://example.invalid/").catch(() => null);
            await new Promise((done) => setTimeout(done, 200));
            return { tried, origin: self.origin, blocked: [...new Set(blocked)].sort(), title: document.title };
        }""")
        assert told["tried"] == dict.fromkeys(("parent", "top", "storage"), "SecurityError")
        assert told["origin"] == "null" and told["blocked"] == ["connect-src", "img-src", "script-src-elem"]
        assert told["title"] != "run"


# ── links ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_links_lead_from_page_to_page_and_back(browser: Any, outputs: dict[str, Path], tmp_path: Path) -> None:
    names = [path.stem for path in (outputs["zh"] / "parks" / "cards").iterdir()]
    with Tab(browser, alone(outputs, tmp_path), viewport=DESKTOP) as page:
        frame = page.frame_locator("iframe")
        page.locator("details.tx-units summary").click()
        page.locator("li.tx-unit a").first.click()
        seen = [frame.locator("h1").inner_text()]
        while frame.locator("a[rel=next]").count():
            frame.locator("a[rel=next]").click()
            page.wait_for_function("(old) => document.querySelector('#shown').textContent.indexOf(old) < 0", arg=seen[-1])
            seen.append(frame.locator("h1").inner_text())
        assert len(set(seen)) == len(names) == 3
        frame.get_by_role("link", name="Ranking").click()
        frame.locator("#ranking").wait_for()
        assert page.url.endswith("#/parks/01_ranking.html")
        frame.locator("#ranking tbody a").nth(1).click()
        frame.locator(".tx-way").wait_for()
        assert frame.locator("h1").inner_text() == seen[1]
        page.go_back()
        frame.locator("#ranking").wait_for()
        page.locator(".tx-bar a").click()
        page.locator("main").wait_for()
        assert page.locator("iframe").count() == 0


def test_a_link_to_what_is_not_in_the_bundle_leads_nowhere(browser: Any, outputs: dict[str, Path], tmp_path: Path) -> None:
    tab = Tab(browser, alone(outputs, tmp_path) + "#/parks/01_ranking.html", viewport=DESKTOP)
    with tab as page:
        frame = page.frame_locator("iframe")
        frame.locator("#ranking").wait_for()
        before = page.url, len(tab.asked)
        for words in ("out", "up"):
            frame.get_by_role("link", name=words, exact=True).click()
        page.wait_for_timeout(200)
        assert (page.url, len(tab.asked)) == before and frame.locator("#ranking").is_visible()
        assert not page.locator("#missing").is_visible()
        for unknown in ("nothing.html", "%zz", "results.xlsx"):
            page.goto(page.url.partition("#")[0] + "#/" + unknown)
            page.locator("#missing").wait_for()
            assert page.locator("main").is_visible() and page.locator("iframe").count() == 0
            assert "没有这个链接所指的页面" in page.locator("#missing").inner_text()
            page.evaluate("location.hash = '#/'")
            page.locator("#missing").wait_for(state="hidden")
    assert tab.said == []


def test_the_contents_of_a_report_arrive_inside_the_frame(browser: Any, outputs: dict[str, Path], tmp_path: Path) -> None:
    with Tab(browser, alone(outputs, tmp_path) + "#/parks/01_ranking.html", viewport={"width": 1280, "height": 500}) as page:
        frame = page.frame_locator("iframe")
        links = frame.locator("nav.tx-contents a")
        links.last.wait_for()
        for i in range(links.count()):
            links.nth(i).click()
            heading = frame.locator("h2").nth(i)
            page.wait_for_timeout(100)
            assert heading.inner_text() == links.nth(i).inner_text() and 0 <= heading.bounding_box()["y"] < 500
            frame.locator("h1").scroll_into_view_if_needed()


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@each_kind
def test_no_text_is_cut_off(browser: Any, outputs: dict[str, Path], kind: tuple[str, str], size: Any) -> None:
    with Tab(browser, address(outputs, kind), viewport=size) as page:
        assert page.evaluate(OVERFLOW) == []
        page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true })")
        assert page.evaluate(OVERFLOW) == []
        if size == DESKTOP:
            assert page.evaluate(SIDEWAYS) == []


@each_kind
def test_axe_finds_no_violation(browser: Any, outputs: dict[str, Path], kind: tuple[str, str]) -> None:
    for size in (DESKTOP, PHONE):
        with Tab(browser, address(outputs, kind), viewport=size) as page:
            accessible(page, options={"iframes": False})
            if kind[0] == "bundle":
                page.locator("li.tx-report a").click()
                page.locator("iframe").wait_for()
                accessible(page, options={"iframes": False})


def test_a_gauge_shows_share_and_median_in_both_schemes(browser: Any, outputs: dict[str, Path]) -> None:
    for scheme in ("light", "dark"):
        with Tab(browser, address(outputs, ("card", "zh")), viewport=DESKTOP, color_scheme=scheme) as page:
            gauges = page.evaluate("""() => [...document.querySelectorAll(".gauge > span")].map((each) => {
                const [bar, tick] = [getComputedStyle(each), getComputedStyle(each, "::after")];
                const number = (name) => parseFloat(each.style.getPropertyValue(name));
                return [parseFloat(tick.left) + 1.5, number("--mark") * each.clientWidth, bar.backgroundSize,
                    tick.backgroundColor !== getComputedStyle(document.body).backgroundColor];
            })""")
            assert gauges and all(abs(at - wanted) < 1 and apart for at, wanted, _, apart in gauges)


def test_the_search_finds_a_unit_and_opens_its_list(browser: Any, outputs: dict[str, Path], tmp_path: Path) -> None:
    out = outputs["zh"]
    many = tuple((f"parks/cards/{i}.html", f"{i} 单位{i:02}") for i in range(12))
    for path, _ in many:
        shutil.copy(out / "parks" / "01_ranking.html", tmp_path / "x.html")
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tmp_path / "x.html", tmp_path / path)
    reports = (Report("a", "p", "排名", "failed", "x"),)
    summary = Summary("2020", "T", "O", False, reports, (CategoryEntry("p", "园区", (), many),))
    (tmp_path / "b.html").write_text(render_bundle(summary, tmp_path, lang="zh"), encoding="utf-8")
    with Tab(browser, (tmp_path / "b.html").as_uri(), viewport=DESKTOP) as page:
        assert not page.locator("li.tx-unit").first.is_visible()
        page.get_by_label("查找").fill("单位07")
        assert page.locator("li.tx-unit:visible").all_inner_texts() == ["7 单位07"]
        assert page.locator("li.tx-report:visible").count() == 0 and "1 / 13" in page.locator(".tx-filter output").inner_text()
        page.get_by_label("查找").fill("")
        assert not page.locator("li.tx-unit").first.is_visible() and page.locator("li.tx-report:visible").count() == 1


# ── without JavaScript, in an old browser, on paper ─────────────────────────────────────────────────────────────────


def test_without_javascript_the_list_is_there_and_says_what_is_lacking(
        browser: Any, outputs: dict[str, Path], tmp_path: Path) -> None:
    with Tab(browser, alone(outputs, tmp_path), java_script_enabled=False) as page:
        assert page.get_by_text("打开须启用 JavaScript").is_visible() and page.locator("li.tx-report").count() == 2
        assert page.get_by_text("no table").is_visible() and not page.locator("#viewer").is_visible()
    with Tab(browser, address(outputs, ("card", "zh")), java_script_enabled=False) as page:
        assert page.locator("#branches").is_visible() and page.locator("input, [role=button]").count() == 0


def test_a_browser_that_cannot_unpack_says_so(browser: Any, outputs: dict[str, Path], tmp_path: Path) -> None:
    page = browser.new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto(alone(outputs, tmp_path))
    assert not page.locator("#old").is_visible()
    page.locator("li.tx-report a").click()
    page.locator("#old").wait_for()
    assert "太旧" in page.locator("#old").inner_text() and page.locator("main").is_visible()
    page.close()


def test_the_print_button_prints_the_report_and_not_the_frame_around_it(
        browser: Any, outputs: dict[str, Path], tmp_path: Path) -> None:
    with Tab(browser, alone(outputs, tmp_path) + "#/parks/01_ranking.html", viewport=DESKTOP) as page:
        page.frame_locator("iframe").locator("#ranking").wait_for()
        (frame,) = (each for each in page.frames if each != page.main_frame)
        for each in (page.main_frame, frame):
            each.evaluate("() => { window.printed = 0; window.print = () => { window.printed += 1; }; }")
        page.locator("#print").click()
        page.keyboard.press("Control+p")
        page.frame_locator("iframe").locator("h1").click()
        page.keyboard.press("Control+p")
        page.wait_for_timeout(200)
        assert (page.evaluate("window.printed"), frame.evaluate("window.printed")) == (0, 3)
        page.emulate_media(media="print")
        assert page.get_by_text("请用页面右上角的").is_visible() and not page.locator("iframe").is_visible()


@pytest.mark.parametrize(("lang", "sample"), [("zh", "样例数据"), ("en", "Sample data")])
def test_each_card_fits_one_sheet(browser: Any, outputs: dict[str, Path], tmp_path: Path, lang: str, sample: str) -> None:
    for card in sorted((outputs[lang] / "parks" / "cards").iterdir()):
        (sheet,) = paper(browser, card.as_uri(), tmp_path)
        squeezed = re.sub(r"\s", "", sheet)
        assert re.sub(r"\s", "", sample) in squeezed
        number = BeautifulSoup(card.read_text(encoding="utf-8"), "html.parser").select(".tx-meta b")[-1].get_text()
        assert squeezed.count(number) == 2, "in the head and at the foot"


def test_an_opened_fold_is_printed_a_closed_one_is_not(browser: Any, outputs: dict[str, Path]) -> None:
    with Tab(browser, address(outputs, ("card", "zh")), viewport=DESKTOP) as page:
        fold = page.locator("details.tx-fold")
        page.emulate_media(media="print")
        assert not fold.is_visible() and not page.locator(".tx-way").is_visible()
        page.emulate_media(media="screen")
        fold.locator("summary").click()
        page.emulate_media(media="print")
        assert fold.locator("table").is_visible()


def test_the_longest_cards_of_the_sample_fit_one_sheet(browser: Any, tmp_path: Path) -> None:
    """Towns have most branches, an English name may be long."""
    deck = Deck(ROOT, "2020", "towns_2", (), "en", "print", tmp_path / "cards")
    longest = max(deal(deck), key=lambda path: path.stat().st_size)
    assert len(paper(browser, longest.as_uri(), tmp_path)) == 1
    assert replace(deck, lang="zh").inputs != deck.inputs
