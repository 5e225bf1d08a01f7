"""A workspace from nothing: it is sound, explains itself line by line, and its figures can be taken out again."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from shared import ROOT

import txlib as tx
from txlib.editions import new_year
from txlib.intake import asked, data
from txlib.run import workspace as command
from txlib.run.refused import RefusedError

pytestmark = pytest.mark.quick
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def city(tmp_path: Path) -> Path:
    command.init(tmp_path / "city", "2026", "en")
    return tmp_path / "city"


def there(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_has_one_item_of_each_common_kind_and_nothing_wrong(city: Path) -> None:
    book = tx.load_rulebook("2026", city)
    handed = tx.load_data(book)
    assert not handed.remarks and not new_year.still_open(city, "2026")
    assert {code: len(tx.assess(book, handed, code).ranking) for code in book.categories} == {"towns": 6, "departments": 5}
    for head in book.categories.values():
        methods = {type(node.rule).__name__ for node in (*head.leaves, *head.adjustments)}
        assert methods == {"Completion", "RankStep", "Marks", "Given", "Survey", "PerEvent"} and len(head.roots) == 3
    assert set(handed.decisions["kind"]) == {"veto"} and len(handed.details)
    assert (city / "params" / "REFERENCE.md").read_bytes() == (ROOT / "params" / "REFERENCE.md").read_bytes()


def test_points_of_a_town_are_those_worked_by_hand(city: Path) -> None:
    """西林镇: 36,500 of 38,000 is 75/19 percent short, so 35 × (1 − 0.75/19); fourth of the five that have
    industry, 25 − 3 × 1.25; 83.5 and 88 of 100 with 15 and 10 points; residents 60, 26, 10 and enterprises 22, 13, 4."""
    book = tx.load_rulebook("2026", city, ["towns"])
    result = tx.assess(book, tx.load_data(book, ["towns"]), "towns")
    of = result.scores.set_index(["unit", "indicator"]).points
    assert of["xilin", "A1"] == pytest.approx(35 * (1 - 0.75 / 19))
    assert of["xilin", "A2"] == pytest.approx(25 - 3 * 1.25)
    assert of["xilin", "B"] == pytest.approx(0.15 * 83.5 + 0.1 * 88)
    assert of["xilin", "C"] == pytest.approx(15 * (0.6 * (60 + 26 * 0.8 + 5) / 96 + 0.4 * (22 + 13 * 0.8 + 2) / 39))
    assert of["nanqiao", "J1"] == 2 and of["zhonghe", "J1"] == 1, "the same honour once, at its highest"
    assert result.ranking.set_index("unit").tier_code["beihu"] != "excellent"


def test_every_line_of_its_rules_is_explained_in_both_languages(city: Path) -> None:
    for path in (city / "params" / "2026").rglob("*.yaml"):
        for line in path.read_text(encoding="utf-8").splitlines():
            told = line.partition("# ")[2]
            assert not line.strip() or line.startswith("#") or (HAN.search(told) and re.search(r" / .*[A-Za-z]{3}", told)), line


@pytest.mark.parametrize("year", ["1999", "2026"])
def test_its_years_are_the_one_asked_for_and_those_beside_it(tmp_path: Path, year: str) -> None:
    command.init(tmp_path, year, "zh", empty=True)
    assert tx.years(tmp_path) == (year,)
    text = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "params" / year).rglob("*.yaml"))
    assert {int(found) - int(year) for found in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)} == {0, 1}


def test_its_figures_can_be_left_out_and_everybody_is_then_asked(tmp_path: Path) -> None:
    made = command.init(tmp_path, "2026", "zh", empty=True)
    book = tx.load_rulebook("2026", tmp_path)
    _, faults = data.read(book)
    assert "没有数据" in made.lines[0] and all("txlib template" in fault.message("zh") for fault in faults)
    assert {fault.code for fault in faults} == {"table_missing"}
    units = asked.units_known(book)[0]
    assert set(asked.missing(book, units, book.rules.categories)["lead"]) == {
        "organisation", "discipline", "finance", "statistics", "government_office", "public_services"}
    assert [mark.file for mark in new_year.still_open(tmp_path, "2026")] == ["params/2026/rulebook.yaml"]


def test_taking_them_out_leaves_what_leaving_them_out_does_but_for_what_was_changed(city: Path, tmp_path: Path) -> None:
    own = city / "data" / "2026" / "towns" / "survey.csv"
    own.write_bytes(own.read_bytes().replace(b",72,", b",73,"))
    before = own.read_bytes()
    told = command.init(city, None, "en", empty=True)
    command.init(tmp_path / "bare", "2026", "en", empty=True)
    bare = there(tmp_path / "bare")
    assert there(city) == bare | {"data/2026/towns/survey.csv": before}
    assert "survey.csv" in told.remarks[0] and len(told.remarks) == 1
    again = command.init(city, "2026", "en", empty=True)
    assert again.lines == ("There are no figures as the sample brought them; nothing was changed.",) and not again.remarks


def test_figures_of_another_year_are_let_be(city: Path) -> None:
    before = there(city)
    command.init(city, "2031", "zh", empty=True)
    assert there(city) == before


def test_rules_in_another_encoding_keep_their_figures(city: Path) -> None:
    rules = city / "params" / "2026" / "rulebook.yaml"
    rules.write_bytes(rules.read_text(encoding="utf-8").encode("gbk"))
    before = there(city)
    with pytest.raises(RefusedError, match=r"params/2026/rulebook\.yaml: not in UTF-8"):
        command.init(city, None, "en", empty=True)
    assert there(city) == before


def test_a_folder_of_figures_goes_with_its_category(city: Path) -> None:
    rules = city / "params" / "2026" / "rulebook.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("[towns, departments]", "[departments]"), encoding="utf-8")
    command.init(city, None, "zh", empty=True)
    assert {path.name for path in (city / "data" / "2026").iterdir()} == {"units.csv", "departments"}


@pytest.mark.parametrize("inner", ["data", "data/2026", "params/2026", "outputs"])
@pytest.mark.parametrize("empty", [True, False])
def test_no_workspace_is_made_within_another(city: Path, inner: str, empty: bool) -> None:
    (city / inner).mkdir(exist_ok=True)
    before = there(city)
    with pytest.raises(RefusedError, match="nothing was written"):
        command.init(city / inner, "2026", "en", empty=empty)
    assert there(city) == before
    command.init(city / "another", "2026", "en", empty=empty)
    assert (city / "another" / "params").is_dir(), "beside them there is room"


def test_what_was_killed_between_its_two_folders_is_made_whole(city: Path) -> None:
    whole = there(city)
    shutil.rmtree(city / "params")
    command.init(city, "2026", "en")
    assert there(city) == whole


@pytest.mark.parametrize("kind", ["params", "data"])
def test_nothing_is_written_where_something_is(tmp_path: Path, kind: str) -> None:
    (tmp_path / kind).mkdir()
    (tmp_path / kind / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RefusedError, match=kind):
        command.init(tmp_path, "2026", "zh")
    assert there(tmp_path) == {f"{kind}/mine.txt": b"mine"}


@pytest.mark.parametrize("year", ["26", "2026-27", "../x", "一", ""])
def test_a_year_is_four_digits(tmp_path: Path, year: str) -> None:
    with pytest.raises(RefusedError, match="2026"):
        command.init(tmp_path / "city", year, "en")
    assert not (tmp_path / "city").exists()
