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
from browsing import Tab
from bs4 import BeautifulSoup
from click.testing import CliRunner
from hostile import ALL, CATEGORIES, FAILS, FILE, PRINTS, SEEN, TIERS, tagged, workspace

from txlib import cli
from txlib.publish import batch, csvfile
from txlib.publish.plan import RefusedError
from txlib.publish.shown import clean

YEAR = "2020"
BOTH = ("branch", "bonus", "category", "leaf", "measure", "tier", "term", "says", "subject", "assumes", "reason", "unit",
        "superior", "office", "title", "status", "prints", "fails")
ONE = ("decided", "because", "honour", "document", "difference")
FEWER = {"branch": 3, "bonus": 3, "category": 3, "tier": len(TIERS)}
DRAWN = {"svg", "g", "path", "text", "tspan", "use", "defs", "clipPath", "rect", "style", "image", "pattern", "metadata"}
Made = dict[str, tuple[Path, batch.Run]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Outputs and the run, by language: in Chinese of everything, in English of the last category."""
    base = tmp_path_factory.mktemp("hostile")
    root = workspace(base / f"w {FILE}")
    found = {}
    for lang, categories in (("zh", ()), ("en", CATEGORIES[-1:])):
        run = batch.run(root, YEAR, categories, lang=lang)
        shutil.copytree(root / "outputs" / YEAR, base / lang)
        shutil.rmtree(root / "outputs")
        found[lang] = (base / lang, run)
    assert sorted(path.name for path in base.iterdir()) == sorted(["en", "zh", root.name]), "nothing beside the workspace"
    assert sorted(path.name for path in root.iterdir()) == ["data", "notebooks", "params"]
    return found


def files(made: Made, *suffixes: str) -> Iterator[tuple[str, Path]]:
    for lang, (folder, _) in made.items():
        for path in sorted(folder.rglob("*")):
            if path.suffix in suffixes:
                yield f"{lang}/{path.relative_to(folder)}", path


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


INTRUDERS = """() => [...document.querySelectorAll("*")].filter((element) =>
    element.classList.contains("pwned") || ["OBJECT", "EMBED", "FORM", "BASE", "LINK"].includes(element.tagName)
    || element.tagName.includes("FOREIGN")
    || [...element.attributes].some(({ name, value }) => /^on/i.test(name)
        || (/^(href|src|action|data|xlink:href)$/i.test(name) && !/^(#|data:image|[\\w%.\\/ -]+$)/.test(value))))
    .map((element) => element.outerHTML.slice(0, 200))"""


def test_nothing_is_run_and_nothing_is_made_of_a_name(browser: Any, made: Made) -> None:
    for name, path in files(made, ".html"):
        dialogs: list[str] = []
        with Tab(browser, "about:blank") as page:
            page.on("dialog", lambda dialog, seen=dialogs: (seen.append(dialog.message), dialog.dismiss()))
            asked, said = [], []
            page.on("request", lambda request, seen=asked: seen.append(request.url))
            page.on("console", lambda message, seen=said: seen.append(message.text))
            page.goto(path.as_uri())
            page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true })")
            page.mouse.move(300, 300)
            page.wait_for_timeout(50)
            for frame in page.frames:
                assert frame.evaluate(INTRUDERS) == [], name
                assert frame.evaluate("window.pwned === undefined && parent.pwned === undefined"), name
            assert [url for url in asked if not url.startswith(("data:", "about:"))] == [path.as_uri()], name
            assert (said, dialogs) == ([], []), name


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_in_the_bundle_is_as_harmless_in_its_frame(browser: Any, made: Made, lang: str) -> None:
    folder = made[lang][0]
    dialogs: list[str] = []
    with Tab(browser, "about:blank") as page:
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        asked, said = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto((folder / "bundle.html").as_uri())
        held = page.evaluate("[...document.querySelectorAll('script[data-page]')].map((each) => each.dataset.page)")
        files = [path.relative_to(folder).as_posix() for path in folder.rglob("*.html")]
        alone = {clean(name): name for name in files if name not in ("index.html", "bundle.html")}
        assert set(held) == set(alone)
        for path in held:
            page.evaluate("(path) => { location.hash = `/${encodeURI(path)}` }", path)
            page.frame_locator("iframe").locator("h1").wait_for()
            (frame,) = (each for each in page.frames if each != page.main_frame)
            frame.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true })")
            assert frame.evaluate(INTRUDERS) == [] and page.evaluate("window.pwned === undefined"), path
            assert frame.evaluate("window.pwned === undefined"), path
            shown = BeautifulSoup((folder / alone[path]).read_text(encoding="utf-8"), "html.parser").h1.get_text()
            assert frame.locator("h1").text_content() == shown, path
            page.evaluate("location.hash = '/'")
            page.locator("iframe").wait_for(state="detached")
        assert [url for url in asked if not url.startswith(("data:", "about:"))] == [(folder / "bundle.html").as_uri()]
        assert (said, dialogs) == ([], [])


@pytest.mark.parametrize("width", [390, 1280])
def test_no_name_is_wider_than_a_page(browser: Any, made: Made, width: int) -> None:
    with Tab(browser, "about:blank", viewport={"width": width, "height": 800}) as page:
        for name, path in files(made, ".html"):
            page.goto(path.as_uri())
            page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true })")
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, name


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_name_stands_on_a_page_as_it_was_handed_in(made: Made, lang: str) -> None:
    folder = made[lang][0]
    text = "\n".join(BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").text for path in folder.rglob("*.html"))
    assert {c for c in text if unicodedata.category(c) in ("Cc", "Cf")} <= {"\n", "\t"}
    for field in (*(f"{field}-{lang}" for field in BOTH), *ONE):
        kind = field.partition("-")[0]
        there = set(re.findall(f"·{field}·({'|'.join(sorted(ALL, key=len, reverse=True))})", text))
        found = [key for key in ALL if key in there]
        assert [key for key in found if as_shown(tagged(key, field)) not in text] == [], field
        most = len(ALL) if kind in ("unit", "superior", *ONE) else FEWER.get(kind, len(SEEN))
        if lang == "zh" or kind in ("office", "title", "status", "prints", "fails"):
            assert len(found) == most, field
        elif kind != "superior":
            assert len(found) >= most // len(CATEGORIES), field
    if lang == "zh":
        assert as_shown(f"{FILE}.xlsx") in text, "the name of a file"
        for line in "\n".join(ALL.values()).replace("\x1b[31m", "").replace("\x1b[2J", "").replace("\x1b[0m", "").split("\n"):
            assert signed(line.strip()) in text, "printed"


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

    from txlib.publish import figures
    from txlib.publish.report import inline_svg

    with figures._settings("x", "zh"):
        figure = Figure()
        figure.text(0, 0, SEEN["svg_words"])
        drawn = figures.Drawn.of(figure, "", SEEN["attribute"], "")
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
            told = row["name"]
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
        cli.tell(run, lang)
        told = capsys.readouterr()
        assert acts(told.out + told.err) == set()
        assert "u2x0" in told.out
    assert "ValueError" in told.out and PRINTS[:20] in told.out


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
        assert run.exit_code == 2 and run.output.count("\n") > len(ALL)
        assert acts(run.output) == set()
        assert "red" in run.output and FILE[:3] in run.output and "survey.csv" in run.output


@pytest.mark.parametrize("name", ["../x", "..", "/etc", "c0/../c1", "\x1b[31mx", "\u202ex", "x\ny", "<b>", "{0}", "CON", "", " "])
def test_what_is_no_name_is_no_path(tmp_path: Path, name: str) -> None:
    root = workspace(tmp_path / "w")
    for arguments in (["check", name], ["run", name], ["check", YEAR, "--category", name], ["run", YEAR, "--category", name],
                      ["run", YEAR, "--notebook", name], ["run", YEAR, "--notebook", f"../notebooks/{name}"]):
        run = CliRunner().invoke(cli.main, [*arguments, "--root", str(root)])
        assert run.exit_code == 2 and not isinstance(run.exception, (OSError, ValueError)), arguments
        assert acts(run.output) == set()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["w"] and not (root / "outputs").exists()
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
        run = batch.run(root, YEAR)
        assert run.exit_status == 2 and run.faults and run.reports == () and acts("".join(run.faults)) == set()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["w"] and not (root / "outputs").exists()
