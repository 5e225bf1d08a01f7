"""Tables as CSV: opened in a spreadsheet, no cell is a formula."""

from __future__ import annotations

import pandas as pd
import pytest

from txlib.report import csvfile


@pytest.mark.quick
@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "＝1"])
def test_no_cell_is_a_formula(text: str) -> None:
    table = pd.DataFrame({"name": [text], "unit": ["a"], "score": [-0.5], "rank": [1.5], "tier": [""], "total": [1 / 3]})
    assert csvfile.as_csv(table, 2).decode("utf-8-sig") == \
        f"unit,name,score,rank,tier,total\na,'{text},-0.50,1.5,,{1 / 3!r}\n"
