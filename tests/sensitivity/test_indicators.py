"""Each indicator by itself: how far it parts the units, who lost most there, what it repeats, and whether it is needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_repeats import marks, result

import txlib as tx
from txlib.report.kit.words import Words
from txlib.report.sensitivity import consultation

NAN = np.nan
# by hand, of 100/3 points each: u000 has 80, 100, 100, u001 60, 90, 100, u002 —, 100, 100, the first leaf's weight on the others
HAND = np.array([[80, 100, 100], [60, 90, 100], [NAN, 100, 100]])


def page(now: tx.Result, *then: tx.Result) -> pd.DataFrame:
    return tx.indicator_page(now, tx.repeated(now, then, permutations=50), tx.leave_one_out(now), then).set_index("indicator")


def test_a_page_by_hand(tmp_path: Path) -> None:
    """Totals 93.33, 83.33 and 100: without the first leaf 100, 95 and 100; without the others nobody changes place."""
    found = page(result(tmp_path, HAND))
    assert found[["units", "lowest", "highest"]].to_numpy().tolist() == [
        [2, pytest.approx(0.6), pytest.approx(0.8)], [3, pytest.approx(0.9), pytest.approx(1)], [3, 1, 1]]
    assert found["lost"].tolist() == pytest.approx([40 / 3, 10 / 3, 0])
    assert found["lost_by"].tolist() == [("u001",), ("u001",), ()]
    assert found["moved"].tolist() == [1, 0, 0] and found["alike"].tolist() == [(), (), ()]
    assert found[["lowest_then", "highest_then"]].isna().to_numpy().all()


def test_what_repeats_is_named_at_both_and_last_year_stands_beside(tmp_path: Path) -> None:
    columns = marks(3, 16, 6)
    columns[:, 5] = columns[:, 0] / 2
    now, then = result(tmp_path / "now", columns), result(tmp_path / "then", np.minimum(columns + 10, 100))
    found = page(now, then)
    assert found["alike"].to_dict() == {"L0": ("L5",), "L5": ("L0",), "L1": (), "L2": (), "L3": (), "L4": ()}
    assert found["years"].tolist() == [2, 0, 0, 0, 0, 2]
    ends = np.minimum(columns + 10, 100)
    assert found["lowest_then"].tolist() == pytest.approx((ends.min(axis=0) / 100).tolist())
    assert found["highest_then"].tolist() == pytest.approx((ends.max(axis=0) / 100).tolist())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_in_words(tmp_path: Path, lang: str) -> None:
    now = result(tmp_path, HAND)
    nobody = tx.repeated(now)
    shown = repr(consultation.indicators(now, now, nobody, tx.leave_one_out(now), Words(now.book, None, lang)))  # type: ignore[arg-type]
    rows = [line.split() for line in shown.splitlines()]
    first = next(row for row in rows if row[0] == "L0")
    assert "−13.33" in first and first[-1] == "1", first
    assert ("不到 8 个" if lang == "zh" else "fewer than 8") in shown
