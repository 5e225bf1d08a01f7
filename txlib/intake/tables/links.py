"""Which units of other categories a unit is linked to, such as the towns that it helps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import pandas as pd
from pydantic import BeforeValidator, ConfigDict, Field

from txlib.base.faults import Fault, Where
from txlib.base.numbers import exact
from txlib.base.printing import in_full
from txlib.base.text import half_width
from txlib.intake import checks
from txlib.intake.sheets.cells import NOT_APPLICABLE, CodeCell, KeyCell, ShareCell, TextCell, code
from txlib.intake.table import At, HandedRow
from txlib.methods import TOTAL, Method
from txlib.rules.category import Category, Node

Other = Annotated[str, BeforeValidator(lambda cell: "" if half_width(cell) in NOT_APPLICABLE else code(cell))]


class LinkRow(HandedRow):
    """links.csv: a unit of another category that a unit is linked to, “—” where it is to none, and its share among these."""

    model_config = ConfigDict(title="挂钩单位")
    table = "links"
    unforeseen = True
    says_none = True
    others = "other"
    wide = ("note", "document")
    key = ("unit", "indicator", "other")

    unit: CodeCell = Field(title="单位编码")
    indicator: KeyCell = Field(title="指标编码")
    other: Other = Field(title="挂钩单位编码", description="—: none")
    share: ShareCell = Field(None, title="份额", description="percent; empty throughout: equal parts")
    document: TextCell = Field(title="文件")
    note: str = Field("", title="备注")

    @classmethod
    def needed(cls, category: Category) -> bool:
        return bool(cls.scored(category))

    @classmethod
    def plain(cls, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(share=pd.to_numeric(frame["share"]))

    @classmethod
    def reported(cls, frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["other"] != ""]

    @classmethod
    def faults(cls, frame: pd.DataFrame, at: At) -> Iterator[Fault]:
        """A row of every unit, each other unit once, ranked where no links are scored, with shares that add up to 100%."""
        leaves = {leaf.code: leaf for leaf in cls.scored(at.head)}
        yield from cls.in_place(frame, at)
        if at.known is not None:
            yield from _others(frame[(frame["other"] != "") & frame["indicator"].isin(leaves)], leaves, at, at.known)
        for (unit, leaf), rows in frame.groupby(["unit", "indicator"], sort=False):
            yield from _shares(rows, Where(str(unit), str(leaf)))
        if at.known is not None and at.whole:
            yield from checks.absent(frame, leaves.values(), at.units, at.owed_in)


def _others(frame: pd.DataFrame, leaves: dict[str, Node], at: At, known: pd.DataFrame) -> Iterator[Fault]:
    """Units that there are not, that nobody ranks, or whose category has links itself or not the indicator."""
    belongs, meant = dict(zip(known["unit"], known["category"], strict=True)), checks.unit_meant(known)
    for row in frame.itertuples():
        rule, head = leaves[row.indicator].rule, at.book.categories.get(belongs.get(row.other, ""))
        assert isinstance(rule, Method)
        place, where = (row.file, row.line), Where(row.unit, row.indicator, column="挂钩单位编码 other")
        if row.other not in belongs:
            yield Fault.of("link_unknown", *place, where, found=row.other, near=meant(row.other))
        elif not belongs[row.other]:
            yield Fault.of("link_unranked", *place, where, found=row.other)
        elif head is not None and head.linked:
            yield Fault.of("link_circle", *place, where, found=row.other, category_found=head.name.zh,
                           linked=[leaf.code for leaf in head.linked])
        elif head is not None and rule.linked != TOTAL and rule.linked not in (codes := [root.code for root in head.roots]):
            yield Fault.of("link_indicator", *place, where, found=row.other, want=rule.linked, category_found=head.name.zh,
                           known=codes)


def _shares(rows: pd.DataFrame, where: Where) -> Iterator[Fault]:
    """Shares of one unit that are not all empty and do not add up to 100%; “—” beside other rows."""
    first = rows.iloc[0]
    if len(rows) > 1 and (rows["other"] == "").any():
        yield Fault.of("link_mixed", first["file"], first["line"], where, found="—", count=len(rows))
    elif rows["share"].notna().any() and (rows["share"].isna().any() or exact(rows["share"]).sum() != 100):
        total = "—" if rows["share"].isna().any() else f"{in_full(exact(rows['share']).sum())}%"
        yield Fault.of("link_shares", first["file"], first["line"], where, found=total,
                       terms=checks.shares(zip(rows["other"], rows["share"], strict=True)))
