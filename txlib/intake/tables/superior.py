"""Indicators of the province or prefecture, with the city's place among its peers (1.1a)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

import pandas as pd
from pydantic import ConfigDict, Field

from txlib.base.faults import Fault, Where
from txlib.intake import checks
from txlib.intake.sheets.cells import CodeCell, KeyCell, LaterCell, TextCell, WholeCell, one_of
from txlib.intake.table import At, HandedRow
from txlib.rules.book import RuleBook

SET_BY = {"province": "省", "prefecture": "设区市"}


class SuperiorRow(HandedRow):
    """superior.csv: an indicator of the province or prefecture, with the city's place among its peers (1.1a)."""

    model_config = ConfigDict(title="上级指标")
    table = "superior"
    frame = "superior"
    kept = ("superior", "name", "name_en", "set_by", "period", "place", "peers", "note")
    of_year = True
    key = ("superior",)
    with_it = "responsible"
    anew = frozenset({"period", "place", "peers", "note"})

    superior: CodeCell = Field(title="上级指标编码")
    name: TextCell = Field(title="上级指标")
    name_en: str = Field("", title="英文名称")
    set_by: Annotated[str, one_of(SET_BY)] = Field(title="下达单位")
    period: KeyCell = Field(title="期间")
    place: LaterCell = Field(None, title="位次", description="empty: not published yet")
    peers: WholeCell = Field(title="同类个数")
    note: str = Field("", title="备注")

    @classmethod
    def needed_of(cls, book: RuleBook, before: Mapping[str, pd.DataFrame]) -> bool:
        return super().needed_of(book, before) or not before["responsible"].empty

    @classmethod
    def joined(cls, frame: pd.DataFrame, others: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """With places as numbers, NaN where one is not published."""
        return frame.assign(place=pd.to_numeric(frame["place"])) if len(frame) else frame

    @classmethod
    def faults(cls, frame: pd.DataFrame, at: At) -> Iterator[Fault]:
        """Codes once, a place among the peers; one that is not published stops the categories that are scored by it."""
        yield from checks.twice(frame, list(cls.key))
        yield from checks.periods(frame, at.book.period)
        frame = cls.joined(frame, {})
        for row in frame[(frame["place"] < 1) | (frame["place"] > frame["peers"])].itertuples():
            yield Fault.of("place_range", row.file, row.line, Where(indicator=row.superior), found=f"{row.place:.0f}",
                           peers=row.peers)
        answered = at.before.get("responsible", pd.DataFrame(columns=["superior", "unit"]))
        belongs = {} if at.known is None else dict(zip(at.known["unit"], at.known["category"], strict=True))
        for row in frame[frame["place"].isna()].itertuples():
            units = answered.loc[answered["superior"] == row.superior, "unit"]
            for code in sorted({belongs.get(unit, "") for unit in units} & set(at.book.categories)):
                if cls.scored(at.book.categories[code]):
                    yield Fault.of("place_unpublished", row.file, row.line, Where(indicator=row.superior, column="place"),
                                   name=row.name, scored=at.book.categories[code].name.zh, category=code)
