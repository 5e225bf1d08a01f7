"""A ranking as it was made public."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Annotated

import pandas as pd
from pydantic import BeforeValidator, ConfigDict, Field

from txlib.base.faults import Fault
from txlib.base.labels import section
from txlib.intake import checks
from txlib.intake.sheets.cells import CodeCell, only_number
from txlib.intake.sheets.headers import NAME_OF, SERIAL, bare
from txlib.intake.table import At, HandedRow

_READ = {"unit": "unit", "name": f"unit{NAME_OF}", "score": "score", "rank": "rank"}  # of a ranking.csv


class PublishedRow(HandedRow):
    """published.csv: a ranking as it was made public; a copy of ranking.csv as it stands, in either language, is one."""

    model_config = ConfigDict(title="公布结果")
    table = "published"
    frame = ""
    kept = ("unit", "name", "score", "rank", "note")
    key = ("unit",)
    also = MappingProxyType({bare(head): _READ.get(column, SERIAL)
                             for column, heads in section("published").items() for head in heads.values()})

    unit: CodeCell = Field(title="单位编码")
    score: Annotated[float | None, BeforeValidator(only_number)] = Field(None, title="公布得分")
    rank: Annotated[float | None, BeforeValidator(only_number)] = Field(None, title="公布名次")
    note: str = Field("", title="备注")

    @classmethod
    def faults(cls, frame: pd.DataFrame, at: At) -> Iterator[Fault]:
        """Units known, each once."""
        yield from checks.twice(frame, list(cls.key))
        yield from checks.units_known(frame, at.known, at.head.code)
