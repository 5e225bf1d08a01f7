"""A ranking as it was made public."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import pandas as pd
from pydantic import BeforeValidator, ConfigDict, Field

from txlib.base.faults import Fault
from txlib.intake import checks
from txlib.intake.sheets.cells import CodeCell, only_number
from txlib.intake.table import At, HandedRow


class PublishedRow(HandedRow):
    """published.csv: a ranking as it was made public."""

    model_config = ConfigDict(title="公布结果")
    table = "published"
    frame = ""
    kept = ("unit", "name", "score", "rank", "note")
    key = ("unit",)

    unit: CodeCell = Field(title="单位编码")
    score: Annotated[float | None, BeforeValidator(only_number)] = Field(None, title="公布得分")
    rank: Annotated[float | None, BeforeValidator(only_number)] = Field(None, title="公布名次")
    note: str = Field("", title="备注")

    @classmethod
    def faults(cls, frame: pd.DataFrame, at: At) -> Iterator[Fault]:
        """Units known, each once."""
        yield from checks.twice(frame, list(cls.key))
        yield from checks.units_known(frame, at.known, at.head.code)
