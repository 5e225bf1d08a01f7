"""Which unit answers for a superior indicator, by which indicator of its tree, with what share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd
from pydantic import ConfigDict, Field

from txlib.base.faults import Fault, Where
from txlib.base.numbers import exact
from txlib.base.printing import in_full
from txlib.intake import checks, own
from txlib.intake.sheets.cells import CodeCell, KeyCell, ShareCell
from txlib.intake.sheets.limits import asking
from txlib.intake.table import At, HandedRow
from txlib.intake.tables.superior import SuperiorRow
from txlib.rules.category import Category, Node


class ResponsibleRow(HandedRow):
    """responsible.csv: which unit answers for a superior indicator, by which indicator of its tree, with what share."""

    model_config = ConfigDict(title="责任单位")
    table = "responsible"
    frame = "responsible"
    kept = ("superior", "name", "name_en", "unit", "indicator", "share", "place", "peers", "file", "line")
    of_year = True
    key = ("superior", "unit", "indicator")

    superior: CodeCell = Field(title="上级指标编码")
    unit: CodeCell = Field(title="单位编码")
    indicator: KeyCell = Field(title="指标编码")
    share: ShareCell = Field(title="份额", description="percent; of one superior indicator they add up to 100")
    note: str = Field("", title="备注")

    @classmethod
    def scored(cls, category: Category) -> list[Node]:
        """The leaves that are scored from it: they are reported with superior indicators."""
        return [leaf for leaf in category.leaves if leaf.rule and leaf.rule.table == SuperiorRow.table]

    @classmethod
    def joined(cls, frame: pd.DataFrame, others: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """With the city's place on each superior indicator."""
        places = others["superior"].drop_duplicates("superior").set_index("superior")[["name", "name_en", "place", "peers"]]
        return frame.join(places, on="superior")

    @classmethod
    def faults(cls, frame: pd.DataFrame, at: At) -> Iterator[Fault]:
        """Superior indicators, units and their leaves known; the shares of one superior indicator add up to 100%."""
        yield from checks.twice(frame, list(cls.key))
        yield from checks.units_known(frame, at.known, None)
        codes = set(at.before["superior"]["superior"] if "superior" in at.before else frame["superior"])
        belongs = {} if at.known is None else dict(zip(at.known["unit"], at.known["category"], strict=True))
        near = asking(codes)
        for row in frame.itertuples():
            if row.superior not in codes:
                yield Fault.of("superior_unknown", row.file, row.line, found=row.superior, near=near(row.superior))
            if tree := at.book.categories.get(belongs.get(row.unit, "")):
                yield from checks.no_leaf(row.indicator, tree, row.file, row.line, Where(row.unit))
        for code, tree in at.book.categories.items():
            yield from own.of_others(frame, cls.scored(tree), [unit for unit, of in belongs.items() if of == code])
        for code, each in frame.groupby("superior", sort=False):
            total = exact(each["share"]).sum() if each["share"].notna().all() else None
            if total != 100:
                first = each.iloc[0]
                yield Fault.of("shares_sum", first["file"], first["line"], Where(indicator=str(code)),
                               found="—" if total is None else f"{in_full(total)}%",
                               terms=checks.shares(zip(each["unit"], each["share"], strict=True)))
