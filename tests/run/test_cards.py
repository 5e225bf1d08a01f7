"""Score cards as files: whose they are, links between them, whether they are up to date."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from running import few, without_kernels
from shared import ROOT

import txlib as tx
from txlib.run import batch, cards
from txlib.run.cards import Deck
from txlib.run.kept.manifest import Manifest


def test_a_code_becomes_a_file_name_that_every_system_takes() -> None:
    codes = ["donggang", "A", "a", "a.", "con", "CON", "lpt1", "x" * 200, "..", "../x", "a/b", "a\\b", "甲", "", "a b", "nul.txt"]
    names = [cards.slug(code) for code in codes]
    assert names[0] == "donggang" and names[2] == "a" and names[12] == "甲" and len(set(names)) == len(codes)
    for name in names:
        assert re.fullmatch(r"[a-z0-9甲][a-z0-9_-]{0,47}", name) and name not in ("con", "nul", "lpt1")


def deck(root: Path, scratch: Path, **changed: Any) -> Deck:
    return replace(Deck(root, "2017-jining", "class_2", (("01_x", "甲"),), "zh", "print", scratch), **changed)


@pytest.fixture
def jining(tmp_path: Path) -> Path:
    """A workspace with a few units of 2017-jining."""
    return few(ROOT, tmp_path)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def proving(folder: Path) -> Manifest:
    """A manifest that knows the cards in a folder as they are."""
    record = Manifest(folder.parent)
    with record.changing(folder):
        return record


def test_cards_lead_from_the_first_to_the_last_and_back_up(jining: Path) -> None:
    assert deck(jining, jining / "made").make() == ""
    book = tx.load_rulebook("2017-jining", jining, ["class_2"])
    units = list(tx.assess(book, tx.load_data(book, ["class_2"]), "class_2").ranking.unit)
    names = [f"{cards.slug(unit)}.html" for unit in units]
    assert sorted(contents(jining / "made")) == sorted(names)
    for i, name in enumerate(names):
        soup = BeautifulSoup((jining / "made" / name).read_text(encoding="utf-8"), "html.parser")
        links = {rel: soup.select_one(f'.tx-way a[rel="{rel}"]') for rel in ("prev", "next")}
        assert (links["prev"]["href"] if links["prev"] else None) == (names[i - 1] if i else None)
        assert (links["next"]["href"] if links["next"] else None) == (names[i + 1] if i + 1 < len(names) else None)
        assert [a["href"] for a in soup.select(".tx-way > span a")] == ["../01_x.html", "../../index.html"]


def test_the_same_input_gives_the_same_cards(jining: Path) -> None:
    for name in ("one", "two"):
        deck(jining, jining / name).make()
    assert contents(jining / "one") == contents(jining / "two")


def test_whether_cards_are_up_to_date_is_told_by_what_they_were_made_from(jining: Path) -> None:
    made = jining / "made"
    mine = deck(jining, made)
    mine.make()
    units = [path.stem for path in made.iterdir()]
    record = proving(made)
    assert cards.standing(mine, units, made, record) == "done"
    for changed in ({"fingerprint": "other"}, {"lang": "en"}, {"reports": ()}):
        assert cards.standing(replace(mine, **changed), units, made, record) == "stale", changed
    (made / "stranger.html").write_text("x", encoding="utf-8")
    assert cards.standing(mine, units, made, record) == "stale"
    (made / "stranger.html").unlink()
    page = made / f"{units[0]}.html"
    was = page.read_bytes()
    page.write_bytes(was.replace(b"</body>", b" </body>"))
    assert cards.standing(mine, units, made, Manifest(made.parent)) == "stale"
    page.write_bytes(was)
    assert cards.standing(mine, units, made, Manifest(made.parent)) == "done"
    page.write_bytes(page.read_text(encoding="utf-8").encode("gbk", errors="replace"))
    assert cards.standing(replace(mine, fingerprint="other"), units, made, record) == "stale"
    (made / f"{units[0]}.html").unlink()
    assert cards.standing(mine, units, made, record) == "" and cards.standing(mine, [], made, record) == ""


def test_a_card_that_is_not_utf_8_is_made_again(jining: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Saved by an editor as GBK without its stamp: neither the run of another category nor its own is stopped."""
    without_kernels(monkeypatch)
    (jining / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / "00_overview.ipynb", jining / "notebooks")
    batch.run(jining, "2017-jining", ["class_2"])
    out = jining / "outputs" / "2017-jining"
    page = sorted((out / "class_2" / "cards").iterdir())[0]
    before = page.read_bytes()
    page.write_bytes("得分卡".encode("gbk"))
    assert batch.run(jining, "2017-jining", ["class_1"]).exit_status == 0
    assert "得分卡是先前生成的" in (out / "index.html").read_text(encoding="utf-8")
    assert batch.run(jining, "2017-jining", ["class_2"]).exit_status == 0 and page.read_bytes() == before


def test_a_card_that_cannot_be_read_is_stale(jining: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = jining / "made"
    mine = deck(jining, made)
    mine.make()
    record = proving(made)

    def closed(_: Path) -> bytes:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "read_bytes", closed)
    assert cards.standing(mine, [path.stem for path in made.iterdir()], made, record) == "stale"


def test_a_run_makes_cards_once_and_again_when_what_they_rest_on_changes(
        jining: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_kernels(monkeypatch)
    (jining / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / "00_overview.ipynb", jining / "notebooks")
    run = batch.run(jining, "2017-jining", ["class_2"], lang="zh")
    out = jining / "outputs" / "2017-jining"
    folder = out / "class_2" / "cards"
    assert run.exit_status == 0 and len(list(folder.iterdir())) == 3 and not (out / "class_1" / "cards").exists()
    index = BeautifulSoup((out / "index.html").read_text(encoding="utf-8"), "html.parser")
    links = [a["href"] for a in index.select("li.tx-unit a")]
    assert {out / link for link in links} == set(folder.iterdir())
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    batch.run(jining, "2017-jining", ["class_2"], lang="zh")
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before, "nothing changed, nothing made"
    units = jining / "data" / "2017-jining" / "units.csv"
    (name,) = re.findall(r"^[^,]*,([^,]*),.*class_2", units.read_text(encoding="utf-8"), re.M)[:1]
    units.write_text(units.read_text(encoding="utf-8").replace(name, "改名镇"), encoding="utf-8")
    batch.run(jining, "2017-jining", ["class_1"], lang="zh")
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "得分卡是先前生成的" in page and name in "".join(p.read_text(encoding="utf-8") for p in before)
    batch.run(jining, "2017-jining", ["class_2"], lang="zh")
    text = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    assert "改名镇" in text and name not in text
    assert "得分卡是先前生成的" not in (out / "index.html").read_text(encoding="utf-8")
