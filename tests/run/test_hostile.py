"""Hostile names: shown as text in every file of a run and on the terminal, run by nobody, and never a path."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import Browser, Tab
from bs4 import BeautifulSoup
from click.testing import CliRunner
from hostile import ALL, CATEGORIES, FAILS, FILE, PRINTS, ROOT, SEEN, TIERS, tagged, workspace

from txlib import cli
from txlib.base.labels import say
from txlib.base.text import harmless
from txlib.report import csvfile
from txlib.run import batch, plan
from txlib.run.refused import RefusedError

YEAR = "2020"
BOTH = ("branch", "bonus", "category", "leaf", "measure", "tier", "term", "says", "subject", "assumes", "reason", "unit",
        "superior", "office", "title", "status", "prints", "fails")
NOT_COMPARED = ("decided", "because", "honour", "document")
ONE = (*NOT_COMPARED, "difference")
FEWER = {"branch": 3, "bonus": 3, "category": 3, "tier": len(TIERS)}
KEYS = "|".join(sorted(ALL, key=len, reverse=True))
DRAWN = {"svg", "g", "path", "text", "tspan", "use", "defs", "clipPath", "rect", "style", "image", "pattern", "metadata"}
Made = dict[str, tuple[Path, batch.Run]]
HEAVY = ("01_ranking", "03_sensitivity")
LONG = pytest.mark.long


def outputs(base: Path, runs: dict[str, dict[str, Any]]) -> Made:
    """What runs leave, by language; of the workspace, and beside it, they change nothing."""
    root = workspace(base / f"w {FILE}")
    found = {}
    for lang, wanted in runs.items():
        run = batch.run(root, YEAR, lang=lang, **wanted)
        shutil.copytree(root / "outputs" / YEAR, base / lang)
        shutil.rmtree(root / "outputs")
        found[lang] = (base / lang, run)
    assert sorted(path.name for path in base.iterdir()) == sorted([*runs, root.name]), "nothing beside the workspace"
    assert sorted(path.name for path in root.iterdir()) == ["data", "notebooks", "params"]
    return found


@pytest.fixture(scope="module")
def most(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """In Chinese the year's pages and all categories' cards, in English everything of the last category."""
    names = [book.name for book in plan.notebooks(ROOT, (), "zh")[0] if book.name not in HEAVY]
    runs = {"zh": {"notebooks": [*names, PRINTS, FAILS]}, "en": {"categories": CATEGORIES[-1:]}}
    return outputs(tmp_path_factory.mktemp("hostile"), runs)


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """In Chinese the other reports of all categories."""
    return outputs(tmp_path_factory.mktemp("heavy"), {"zh": {"notebooks": HEAVY}})


@pytest.fixture(scope="module", params=["most", pytest.param("heavy", marks=LONG)])
def made(request: pytest.FixtureRequest) -> Made:
    """What all notebooks leave in one language or the other; and what the heaviest leave in Chinese."""
    found: Made = request.getfixturevalue(request.param)
    return found


def files(made: Made, *suffixes: str) -> Iterator[tuple[str, Path]]:
    for lang, (folder, _) in made.items():
        for path in sorted(folder.rglob("*")):
            if path.suffix in suffixes:
                yield f"{lang}/{path.relative_to(folder)}", path


def apart(folder: Path) -> tuple[list[Path], list[Path]]:
    """The pages of a language: reports, index, bundle and every eighth score card; the other cards."""
    cards = sorted(folder.glob("**/cards/*.html"))
    first = [path for path in sorted(folder.rglob("*.html")) if path not in cards or cards.index(path) % 8 == 0]
    return first, [path for path in cards if path not in first]


def as_shown(text: str) -> str:
    """A payload as a page shows it: without marks of no width and spaces around it, a sign for what is not seen."""
    return signed(as_kept(text))


def as_kept(text: str) -> str:
    """A payload as the tables keep it."""
    return text.translate(dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))).strip()


def signed(text: str) -> str:
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cf") else c for c in text)


def test_the_run_fails_in_nothing_but_what_must(made: Made) -> None:
    for _, run in made.values():
        assert {report.notebook for report in run.reports if report.status == "failed"} <= {FAILS}
        assert {report.status for report in run.reports} <= {"done", "failed", "not_applicable"}
    assert run.faults == ()


def test_every_kind_of_file_is_looked_at(made: Made) -> None:
    """A kind that is new needs a test below."""
    kinds = {path.suffix for folder, _ in made.values() for path in folder.rglob("*") if path.is_file()}
    assert {".html", ".ipynb", ".csv"} <= kinds <= {".html", ".ipynb", ".csv", ".xlsx", ".json"}


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


INTRUDERS = """(html) => [...(html ? new DOMParser().parseFromString(html, "text/html") : document).querySelectorAll("*")]
    .filter((element) =>
        element.classList.contains("pwned") || ["OBJECT", "EMBED", "FORM", "BASE", "LINK"].includes(element.tagName)
        || element.tagName.includes("FOREIGN")
        || [...element.attributes].some(({ name, value }) => /^on/i.test(name)
            || (/^(href|src|action|data|xlink:href)$/i.test(name) && !/^(#|data:image|[\\w%.\\/ -]+$)/.test(value))))
    .map((element) => element.outerHTML.slice(0, 200))"""
OPENED = "document.querySelectorAll('details').forEach((fold) => { fold.open = true })"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNTOUCHED = "window.pwned === undefined"


def opened_harmlessly(tab: Tab, path: Path) -> None:
    """A page opened by itself: nothing is run, nothing made of a name, nothing asked for, and no name is wider than the page."""
    page = tab.page
    for each in (tab.asked, tab.said, tab.dialogs):
        each.clear()
    page.goto(path.as_uri())
    page.evaluate(OPENED)
    page.mouse.move(300, 300)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(WIDER) <= 0, (path, width)
    page.wait_for_timeout(50)
    for frame in page.frames:
        assert frame.evaluate(INTRUDERS) == [], path
        assert frame.evaluate(f"{UNTOUCHED} && parent.pwned === undefined"), path
    assert [url for url in tab.asked if not url.startswith(("data:", "about:"))] == [path.as_uri()], path
    assert (tab.said, tab.dialogs) == ([], []), path


def test_a_page_runs_nothing_makes_nothing_of_a_name_and_is_no_wider_than_the_window(browser: Browser, made: Made) -> None:
    tab = Tab(browser, "about:blank")
    with tab:
        for folder, _ in made.values():
            for path in apart(folder)[0]:
                opened_harmlessly(tab, path)


def test_nothing_is_made_of_a_name_on_any_card(browser: Browser, most: Made) -> None:
    """As the browser reads them, without opening each."""
    with Tab(browser, "about:blank") as page:
        for folder, _ in most.values():
            for path in apart(folder)[1]:
                assert page.evaluate(INTRUDERS, path.read_text(encoding="utf-8")) == [], path


@LONG
def test_every_other_card_is_as_harmless(browser: Browser, most: Made) -> None:
    tab = Tab(browser, "about:blank")
    with tab:
        for folder, _ in most.values():
            for path in apart(folder)[1]:
                opened_harmlessly(tab, path)


def harmless_in_its_frame(page: Any, held: str, file: Path) -> None:
    """A page opened in the bundle: nothing is run, nothing made of a name, and it is the page that was asked for."""
    page.evaluate("(path) => { location.hash = `/${encodeURI(path)}` }", held)
    page.frame_locator("iframe").locator("h1").wait_for()
    (frame,) = (each for each in page.frames if each != page.main_frame)
    frame.evaluate(OPENED)
    assert frame.evaluate(INTRUDERS) == [] and page.evaluate(UNTOUCHED), held
    assert frame.evaluate(UNTOUCHED), held
    shown = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser").h1.get_text()
    assert frame.locator("h1").text_content() == shown, held
    page.evaluate("location.hash = '/'")
    page.locator("iframe").wait_for(state="detached")


def bundle_is_harmless(browser: Browser, folder: Path, part: int) -> None:
    """The bundle holds every page, and those of a part of them do no harm in it."""
    tab = Tab(browser, (folder / "bundle.html").as_uri())
    with tab as page:
        held = page.evaluate("[...document.querySelectorAll('script[data-page]')].map((each) => each.dataset.page)")
        alone = {harmless(path.relative_to(folder).as_posix()): path for path in folder.rglob("*.html")
                 if path.relative_to(folder).as_posix() not in ("index.html", "bundle.html")}
        assert set(held) == set(alone)
        looked_at = {*apart(folder)[part]}
        for each in held:
            if alone[each] in looked_at:
                harmless_in_its_frame(page, each, alone[each])
        assert [url for url in tab.asked if not url.startswith(("data:", "about:"))] == [(folder / "bundle.html").as_uri()]
        assert (tab.said, tab.dialogs) == ([], [])


def test_a_page_in_the_bundle_is_as_harmless_in_its_frame(browser: Browser, made: Made) -> None:
    bundle_is_harmless(browser, made["zh"][0], 0)


@LONG
def test_a_page_in_the_english_bundle_is_as_harmless_in_its_frame(browser: Browser, most: Made) -> None:
    bundle_is_harmless(browser, most["en"][0], 0)


@LONG
def test_every_other_card_in_the_bundle_is_as_harmless_in_its_frame(browser: Browser, most: Made) -> None:
    for folder, _ in most.values():
        bundle_is_harmless(browser, folder, 1)


def read_of(folder: Path) -> str:
    """All that a language's pages say, in which nothing is that is not seen."""
    text = "\n".join(BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").text for path in folder.rglob("*.html"))
    assert {c for c in text if unicodedata.category(c) in ("Cc", "Cf")} <= {"\n", "\t"}
    return text


def standing(text: str, field: str) -> int:
    """How many names stand in a field, each as it was handed in."""
    there = set(re.findall(f"·{field}·({KEYS})", text))
    assert [key for key in ALL if key in there and as_shown(tagged(key, field)) not in text] == [], field
    return len(there)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_name_stands_on_a_page_as_it_was_handed_in(most: Made, lang: str) -> None:
    text = read_of(most[lang][0])
    for field in (*(f"{field}-{lang}" for field in BOTH), *(ONE if lang == "en" else NOT_COMPARED)):
        kind, found = field.partition("-")[0], standing(text, field)
        every = len(ALL) if kind in ("unit", "superior", *ONE) else FEWER.get(kind, len(SEEN))
        if lang == "zh" or kind in ("office", "title", "status", "prints", "fails"):
            assert found == every, field
        elif kind != "superior":
            assert found >= every // len(CATEGORIES), field
    if lang == "zh":
        assert as_shown(f"{FILE}.xlsx") in text, "the name of a file"
        for line in "\n".join(ALL.values()).replace("\x1b[31m", "").replace("\x1b[2J", "").replace("\x1b[0m", "").split("\n"):
            assert signed(line.strip()) in text, "printed"


@LONG
def test_every_name_stands_in_the_other_reports_as_it_was_handed_in(heavy: Made) -> None:
    text = read_of(heavy["zh"][0])
    found = {field: standing(text, field) for field in (*(f"{field}-zh" for field in BOTH), *ONE)}
    assert found["unit-zh"] == len(ALL) and found["leaf-zh"] == len(SEEN)
    assert found["difference"] == len(ALL), "stands in the ranking alone"


# ── figures, notebooks, tables ──────────────────────────────────────────────────────────────────────────────────────


def test_figures_hold_text_and_nothing_else(made: Made) -> None:
    count = 0
    for name, path in files(made, ".ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                if svg := output.get("data", {}).get("image/svg+xml"):
                    count += 1
                    for element in ET.fromstring("".join(svg)).iter():
                        assert element.tag.rpartition("}")[2] in DRAWN, name
                        for key, value in element.attrib.items():
                            assert not key.lower().startswith("on") and element.get("class") != "pwned", name
                            assert not key.endswith("href") or value.startswith(("#", "data:image/")), name
    assert count >= 3 * len(CATEGORIES)


def test_a_name_in_a_figure_may_look_like_an_attribute() -> None:
    from matplotlib.figure import Figure

    from txlib.report.kit.drawing import Drawn, settings
    from txlib.report.page.html import inline_svg

    with settings("x", "zh"):
        figure = Figure()
        figure.text(0, 0, SEEN["svg_words"])
        drawn = Drawn.of(figure, "", SEEN["attribute"], "")
    for svg in (drawn.svg, inline_svg(drawn.svg, "f1", SEEN["attribute"])):
        root = ET.fromstring(svg if "xmlns=" in svg else svg.replace("<svg", '<svg xmlns:xlink="x"', 1))
        assert [each.text for each in root.iter() if each.tag.endswith("text")] == [SEEN["svg_words"]]
        assert root.get("aria-label") == SEEN["attribute"] and root.get("onmouseover") is None


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def test_no_cell_of_a_table_is_a_formula_and_names_are_read_back_as_they_were(made: Made) -> None:
    kept = {as_kept(tagged(key, "unit-zh")) for key in ALL}
    read = set()
    for name, path in files(made, ".csv"):
        for row in rows(path):
            for cell in row.values():
                first = re.sub(r"^[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x1f]*", "", cell)[:1]
                number = re.fullmatch(r"-?\d+(\.\d+)?", cell)
                assert number or not first or first not in "=+-@＝＋－＠", f"{name}: {cell}"
            told = row[say("published.name", name.split("/")[0])]
            read.add(told[1:] if told.startswith("'") and csvfile.FORMULA.match(told[1:]) else told)
    assert read == kept


@pytest.mark.parametrize("text", ["=1", "'=1", "''=1", "'a", "a=1", " =1", "\t1", "\r\n=1", "\u202e=1", "-",
                                  "−1", "—", "＝1", ""])
def test_the_apostrophe_before_a_formula_comes_off_again(text: str) -> None:
    cell = csvfile._cell(text, "exact")
    assert (cell[1:] if cell.startswith("'") and csvfile.FORMULA.match(cell[1:]) else cell) == text
    assert (cell != text) == bool(re.match(r"['\s\u202e]*[=＝-]|\s", text))


def test_no_cell_of_a_workbook_is_a_formula_or_a_link(made: Made) -> None:
    from openpyxl import load_workbook

    for name, path in files(made, ".xlsx"):
        for sheet in load_workbook(path):
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f" and "pwned" not in str(cell.hyperlink), f"{name} {cell.coordinate}"


# ── the terminal ────────────────────────────────────────────────────────────────────────────────────────────────────


def acts(text: str) -> set[str]:
    """What a terminal would act upon, or show as something else than it is."""
    return {c for c in text if not c.isprintable() and c != "\n"}


def test_a_run_tells_of_names_without_acting_on_the_terminal(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    for lang, (_, run) in reversed(made.items()):
        cli.tell(run, lang, 1.0)
        told = capsys.readouterr()
        assert acts(told.out + told.err) == set()
        assert "u2x0" in told.out
    failed = FAILS in {report.notebook for report in run.reports}
    assert ("ValueError" in told.out, FAILS[:20] in told.out) == (failed, failed)


def test_faults_name_what_is_hostile_without_acting_on_the_terminal(tmp_path: Path) -> None:
    root = workspace(tmp_path / "w")
    data = root / "data" / YEAR
    (data / f"{FILE}.txt").write_text("x", encoding="utf-8")
    (data / f"{FILE}").mkdir()
    (data / "c0" / "survey.csv").write_bytes(b"unit,\x1b[31mgrade\nn\x00ul,1\n")
    for key in ALL:
        with (data / "c1" / "observations.csv").open("a", encoding="utf-8", newline="") as stream:
            csv.writer(stream, quoting=csv.QUOTE_ALL).writerow([ALL[key], ALL[key], YEAR, ALL[key], ""])
    (data / "c2" / "events.csv").write_text(f'unit,"\x1b]0;x\x07{ALL["colours"]}"\nu2x0,1\n', encoding="utf-8")
    for lang in ("zh", "en"):
        run = CliRunner().invoke(cli.main, ["check", YEAR, "--root", str(root), "--lang", lang])
        told = [fault.message(lang) for fault in plan.read_year(root, YEAR, (), lang)[2]]  # check counts those of one kind
        assert run.exit_code == 2 and len(told) > len(ALL)
        assert acts(run.output) == set() == acts("\n".join(told))
        assert "red" in run.output and FILE[:3] in run.output and "survey.csv" in run.output


@pytest.fixture(scope="module")
def left_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that nothing may change."""
    return workspace(tmp_path_factory.mktemp("alone") / "w")


@pytest.mark.parametrize("name", ["../x", "..", "/etc", "c0/../c1", "\x1b[31mx", "\u202ex", "x\ny", "<b>", "{0}", "CON", "", " "])
def test_what_is_no_name_is_no_path(left_alone: Path, name: str) -> None:
    root = left_alone
    for arguments in (["check", name], ["run", name], ["check", YEAR, "--category", name], ["run", YEAR, "--category", name],
                      ["run", YEAR, "--notebook", name], ["run", YEAR, "--notebook", f"../notebooks/{name}"]):
        run = CliRunner().invoke(cli.main, [*arguments, "--root", str(root)])
        assert run.exit_code == 2 and not isinstance(run.exception, (OSError, ValueError)), arguments
        assert acts(run.output) == set()
    assert sorted(path.name for path in root.parent.iterdir()) == ["w"] and not (root / "outputs").exists()
    with pytest.raises(RefusedError):
        batch.run(root, YEAR, [name or "-"])


@pytest.mark.parametrize("code", ["../x", "..", "a/b", "a\\b", "C:", "x\u202e", " ", "<b>"])
def test_a_code_that_is_no_name_is_a_fault_and_no_path(tmp_path: Path, code: str) -> None:
    root = workspace(tmp_path / "w")
    units = root / "data" / YEAR / "units.csv"
    units.write_text(units.read_text(encoding="utf-8").replace('"u0x1"', f'"{code}"'), encoding="utf-8", newline="")
    rules = root / "params" / YEAR / "rulebook.yaml"
    for change in (False, True):
        if change:
            rules.write_text(rules.read_text(encoding="utf-8").replace('"c1"', json.dumps(code)), encoding="utf-8", newline="")
        run = batch.run(root, YEAR, notebooks=["01_ranking"])  # a page on the data would be made all the same
        assert run.exit_status == 2 and run.faults and run.reports == () and acts("".join(run.faults)) == set()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["w"] and not (root / "outputs").exists()
