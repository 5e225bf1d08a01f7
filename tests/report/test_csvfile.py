"""Tables as CSV: opened in a spreadsheet, no cell is a formula."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from shared import assessed

import txlib as tx
from txlib.base.labels import LANGS, section
from txlib.report import csvfile
from txlib.rules.book import load_rulebook
from txlib.scoring.places import RANKING


@pytest.mark.quick
@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "＝1"])
def test_no_cell_is_a_formula(text: str) -> None:
    table = pd.DataFrame({"name": [text], "unit": ["a"], "score": [-0.5], "rank": [1.5], "tier": [""], "total": [1 / 3]})
    assert csvfile.as_csv(table, 2, "en").decode("utf-8-sig") == \
        f"unit,name,score,rank,tier,total\na,'{text},-0.50,1.5,,{1 / 3!r}\n"


@pytest.mark.quick
def test_every_column_has_a_head_and_no_two_one() -> None:
    heads = section("published")
    assert set(heads) == set(RANKING) and all(heads[name]["en"] == name for name in RANKING)
    assert len({head["zh"] for head in heads.values()}) == len(RANKING)
    raw = csvfile.as_csv(assessed("2020", "towns_1").ranking, 2, "zh").decode("utf-8-sig").splitlines()
    assert raw[0].startswith("单位编码,单位名称,得分,名次,等次（测算）,")
    assert raw[1:] == csvfile.as_csv(assessed("2020", "towns_1").ranking, 2, "en").decode("utf-8-sig").splitlines()[1:]


@pytest.mark.quick
@pytest.mark.parametrize("lang", LANGS)
def test_a_copy_is_read_as_a_list_made_public(lang: str, workspace: Path) -> None:
    """As it stands, or what is left of its columns, in any order; a name that is another unit's is a fault."""
    result = assessed("2017-jining", "class_1")
    file = workspace / "data" / "2017-jining" / "class_1" / "published.csv"
    file.write_bytes(csvfile.as_csv(result.ranking, 2, lang))
    book = load_rulebook("2017-jining", workspace)
    for take in (slice(None), slice(3, None, -1)):
        table = pd.read_csv(file, dtype=str, encoding="utf-8-sig", keep_default_na=False)
        table[list(table)[take]].to_csv(file, index=False, encoding="utf-8-sig")
        published = tx.load_published(book, "class_1")
        assert published["rank"].tolist() == result.ranking["rank"].tolist()
        assert published["score"].notna().all() and tx.compare(result.ranking, published).empty
    table.iloc[0, 1], table.iloc[1, 1] = table.iloc[1, 1], table.iloc[0, 1]
    table.to_csv(file, index=False, encoding="utf-8-sig")
    with pytest.raises(tx.DataError):
        tx.load_published(book, "class_1")
