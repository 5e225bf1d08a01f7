"""What a newcomer stumbles over when a city's own rules and tables take the place of the sample's: told with what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

import txlib as tx
from txlib.base.labels import LANGS
from txlib.intake import checks, data
from txlib.rules.syntax import alike

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(("there", "gone", "meant"), [
    (["parks.yaml.txt"], "parks.yaml", " “parks.yaml.txt”?"), (["Parks.yaml"], "parks.yaml", " “Parks.yaml”?"),
    (["parks.yml", "zones.yaml"], "parks.yaml", " “parks.yml”?"),
    (["park.yaml", "parks (2).yaml"], "parks.yaml", " “parks (2).yaml”?"),
    (["prks.yaml"], "parks.yaml", " “prks.yaml”?"), (["ｐａｒｋｓ.yaml"], "parks.yaml", " “ｐａｒｋｓ.yaml”?"),
    (["towns_2.yaml", "towns.yaml", "towns_10.yaml"], "towns_1.yaml", ""), (["zones.yaml"], "towns.yaml", ""),
    (["parks_old.yaml"], "parks.yaml", ""), (["乡镇.yml", "乡镇街道.yaml"], "乡镇.yaml", " “乡镇.yml”?"),
    (["2026年", "2025"], "2026", " “2026年”?"), (["2026 ", "2026-jining", "12026"], "2026", " “2026 ”?"),
    (["２０２６"], "2026", " “２０２６”?"), (["年度2026数据", "2027"], "2026", " “年度2026数据”?"), ([], "2026", ""),
])
def test_what_lies_beside_a_missing_name_is_asked_for(there: list[str], gone: str, meant: str, tmp_path: Path) -> None:
    """In another case, width or form; never a neighbour that is another one's."""
    for name in there:
        (tmp_path / name).mkdir()
    assert alike(tmp_path / gone) == meant
    assert alike(tmp_path / "nowhere" / gone) == ""


@pytest.mark.parametrize("missing", ["2020", ""])
def test_a_folder_of_data_under_another_name_is_asked_for(missing: str, workspace: Path) -> None:
    folder = workspace / "data" / missing
    folder.rename(folder.with_name(f"{folder.name}_".upper().replace("_", "年")))
    (fault,) = data.read(tx.load_rulebook("2020", workspace))[1]
    assert all(("“2020年”?" if missing else "“DATA年”?") in fault.message(lang) for lang in LANGS)


def test_a_missing_rule_file_tells_nothing_of_workbooks(workspace: Path) -> None:
    (workspace / "params/2020/trees/towns_1.yaml").rename(workspace / "params/2020/trees/towns_1.yml")
    with pytest.raises(tx.RulebookError, match=r"towns_1\.yml") as caught:
        tx.load_rulebook("2020", workspace)
    assert "workbook" not in str(caught.value) and "工作簿" not in str(caught.value)


@pytest.mark.parametrize(("name", "code"), [("ports.yaml", "ports"), ("港区.yml", "港区"), ("towns_1.yml", ""),
                                            (".ports.yaml", ""), ("~ports.yaml", ""), ("ports.txt", "")])
def test_a_tree_that_is_not_listed_is_looked_at(name: str, code: str, workspace: Path) -> None:
    """It keeps nothing from being assessed."""
    before, faults = data.read(tx.load_rulebook("2020", workspace))
    (workspace / "params/2020/trees" / name).write_text("category: {code: ports}\n", encoding="utf-8")
    book = tx.load_rulebook("2020", workspace)
    tables, now = data.read(book)
    told = [(each.code, each.file) for each in tables.remarks if each not in before.remarks]
    assert (told, now) == ([("tree_unlisted", f"params/2020/trees/{name}")] if code else [], faults)
    assert list(checks.unlisted(workspace, "2020", book.rules.categories)) == ([code] if code else [])
