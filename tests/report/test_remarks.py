"""What was read and should be looked at stands at the head of the findings until its note confirms it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from shared import edition, words_of
from written import loaded

import txlib as tx
from txlib.base.faults import Remark
from txlib.base.labels import LANGS
from txlib.report import facts, overview, ranking

LEAF: dict[str, Any] = {"code": "A", "weight": "100", "measured_in": {"zh": "亿元", "en": "100 million yuan"},
                        "scored_by": {"method": "min_max", "onto": ["0", "100"]}}


def handed(root: Path, note: str, **more: str) -> tuple[tx.RuleBook, tx.Data]:
    """71300 beside 6.9, 0.65 and 7.4: of another magnitude; with `more` tables."""
    rows = ["a,A,71300,6.9,,{note}", "b,A,6.9,6.8,,", "c,A,6.5,6.1,,", "d,A,7.4,7,,"]
    table = "\n".join(["unit,indicator,value,last_year,target,note", *rows]).format(note=note)
    return loaded(root, {"indicators": [LEAF], "units": list("abcd"), "tables": {"observations": table, **more}})


def said(book: tx.RuleBook, data: tx.Data, lang: str) -> tuple[list[str], list[str]]:
    """The findings on the category and on the year, as lines."""
    result, words = tx.assess(book, data, "c"), words_of(book, lang, data)
    return (ranking.findings(result, data, facts.NOTHING, pd.DataFrame(), words).text.splitlines(),
            overview.findings(book, data, {"c": result}, {}, words).text.splitlines())


@pytest.mark.parametrize("lang", LANGS)
def test_a_remark_heads_the_findings_until_a_note_or_decision_confirms_it(tmp_path: Path, lang: str) -> None:
    book, data = handed(tmp_path / "open", "")
    (remark,) = data.remarks
    of_category, of_year = said(book, data, lang)
    assert "1 处" in of_category[0] if lang == "zh" else "1 place:" in of_category[0]
    assert remark.message(lang) in of_category[1]
    assert ("类别 1 处" if lang == "zh" else "(Category 1)") in of_year[0]
    decided = "unit,kind,indicator,document\na,confirmed,A,统发〔2021〕2号"
    for case in (handed(tmp_path / "seen", "已核实"), handed(tmp_path / "decided", "", decisions=decided)):
        for lines in said(*case, lang):
            assert not any("核对" in line or "look" in line or "统发" in line for line in lines)


@pytest.mark.parametrize("lang", LANGS)
def test_the_first_few_are_told_in_full_and_those_of_others_not_at_all(tmp_path: Path, lang: str) -> None:
    book, data = handed(tmp_path, "已核实")
    some = tuple(Remark.of("row_repeated", "data/2020/c/events.csv", line, category=whose)
                 for line, whose in ((2, "c"), (3, "c"), (4, "c"), (5, "c"), (6, "c"), (7, None), (8, "other")))
    data = tx.Data(data.sources, data.tables, some)
    of_category, of_year = said(book, data, lang)
    assert sum("events.csv" in line for line in of_category) == 3 and "5" in of_category[0] and "2" in of_category[4]
    assert "txlib check 2020" in of_category[4]
    assert ("全年的表 1 处、类别 5 处" if lang == "zh" else "tables of the year 1, Category 5") in of_year[0]


def test_the_sample_has_none() -> None:
    for year in ("2019", "2020", "2017-jining"):
        assert not edition(year)[1].remarks
