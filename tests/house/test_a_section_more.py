"""A section more is a function, its texts and a cell: a toy, registered for the time of a test, stands in the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from in_process import cells_here
from running import JINING, workspace
from shared import ROOT

from txlib.base.labels import LANGS, added
from txlib.report import ranking
from txlib.report.kit.public import registered
from txlib.report.kit.shown import Display, table
from txlib.report.kit.words import Words
from txlib.run import batch
from txlib.run.cells.executor import here
from txlib.scoring.result import Result

LABELS = """
caption: {zh: "各单位的满分指标数", en: "Indicators at full points by unit"}
unit: {zh: "单位", en: "unit"}
at_full: {zh: "满分指标数", en: "indicators at full points"}
"""
HEADINGS = {"zh": "## 满分的指标有几个\n", "en": "## How many indicators are at full points\n"}


def full_points(result: Result, words: Words) -> Display:
    """How many leaves each unit has at full points, in order of rank."""
    leaves = result.scores[result.scores["status"] == "reported"]
    counts = leaves[leaves["points"] == leaves["full"]].groupby("unit", observed=False).size()
    rows = [[words.row(row), str(counts[row.unit])] for row in result.ranking.itertuples()]
    heads = words.columns("unit", "#at_full", labels="full_points")
    return table("full-points", words.say("full_points.caption"), heads, rows)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """The folder with the texts of the toy."""
    path = tmp_path / "labels" / "report" / "full_points.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(LABELS, encoding="utf-8")
    return tmp_path / "labels"


def own_notebook(root: Path) -> None:
    """The suite's notebook on the ranking with a section more at its end."""
    nb = json.loads((ROOT / "notebooks" / "01_ranking.ipynb").read_text(encoding="utf-8"))
    cells = [{"cell_type": "markdown", "id": f"own-{lang}", "metadata": {"tags": [lang]}, "source": text}
             for lang, text in HEADINGS.items()]
    nb["cells"] += [*cells, {"cell_type": "code", "id": "own", "metadata": {}, "execution_count": None, "outputs": [],
                             "source": "report.full_points(result, words)"}]
    (root / "notebooks").mkdir()
    (root / "notebooks" / "01_ranking.ipynb").write_text(json.dumps(nb), encoding="utf-8")


@pytest.mark.parametrize("lang", LANGS)
def test_a_section_more_stands_in_the_report(lang: str, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = workspace(tmp_path / "desk")
    own_notebook(root)
    cells_here(monkeypatch)
    with added(texts), registered(ranking, full_points):
        run = batch.run(root, JINING, ["class_2"], lang=lang, executor=here)
    assert [(report.status, report.reason) for report in run.reports] == [("done", "")]
    page = BeautifulSoup((root / "outputs" / JINING / "class_2" / "01_ranking.html").read_text(encoding="utf-8"), "html.parser")
    figure = page.find(id="full-points")
    assert figure is not None and len(figure.select("tbody tr")) == 3
    assert figure.figcaption.get_text().endswith({"zh": "各单位的满分指标数", "en": "Indicators at full points by unit"}[lang])
    assert figure.find_previous("h2").get_text().endswith(HEADINGS[lang].removeprefix("## ").strip())


@pytest.mark.quick
def test_a_public_name_is_lent_once_and_given_back() -> None:
    with registered(ranking, full_points):
        assert ranking.full_points is full_points and "full_points" in ranking.__all__
        with pytest.raises(ValueError, match="full_points"), registered(ranking, full_points):
            pass
    assert "full_points" not in ranking.__all__ and not hasattr(ranking, "full_points")
