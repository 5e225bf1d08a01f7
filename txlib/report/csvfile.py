"""ranking.csv: a ranking for Excel, every text shown and none run."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pandas as pd

from txlib.base.labels import say

FIRST = ["unit", "name", "score", "rank", "tier"]
# what Excel would run: signs that begin a formula, also after what it passes over
FORMULA = re.compile("['\\s\x00-\x1f\x7f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[-=+@＝＋－＠]|[\t\r\n]")


def as_csv(table: pd.DataFrame, decimals: int | str, lang: str) -> bytes:
    """A ranking for Excel: UTF-8 with BOM, scores with the ruled decimals, heads in a language (in English the columns' names).

    A text that Excel would run has an apostrophe before it; one read back loses an apostrophe before what FORMULA matches.
    """
    columns = FIRST + [name for name in table.columns if name not in FIRST]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(say(f"published.{name}", lang) for name in columns)
    for row in table[columns].to_dict("records"):
        writer.writerow(_cell(row[name], decimals if name == "score" else "exact") for name in columns)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any, decimals: int | str) -> str:
    if isinstance(value, str):
        return f"'{value}" if FORMULA.match(value) else value
    if value is None or value != value:
        return ""
    if isinstance(decimals, int):
        return f"{value:.{decimals}f}"
    return str(int(value)) if value == int(value) else repr(float(value))
