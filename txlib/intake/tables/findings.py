"""What was found at units, by kind, in documents: each finding at the price of its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd
from pydantic import ConfigDict, Field

from txlib.base.faults import Fault, Where
from txlib.intake import checks
from txlib.intake.sheets.cells import CodeCell, DayCell, KeyCell, OnceCell, TextCell
from txlib.intake.sheets.limits import asking
from txlib.intake.table import At, HandedRow
from txlib.intake.tables.events import numbered, undated
from txlib.methods import Findings
from txlib.methods.words import Coded
from txlib.rules.category import Node


class FindingRow(HandedRow):
    """findings.csv: what a document found at a unit, how many of a kind."""

    model_config = ConfigDict(title="发现问题")
    table = "findings"
    unforeseen = True
    in_one_year = True
    wide = ("note", "document")
    days = ("date",)
    key = ("unit", "indicator", "kind", "document", "post", "date")

    unit: CodeCell = Field(title="单位编码")
    indicator: KeyCell = Field(title="指标编码")
    period: KeyCell = Field(title="期间")
    kind: KeyCell = Field(title="问题类别")
    number: OnceCell = Field(1, title="次数", description="empty: 1")
    date: DayCell = Field("", title="日期")
    document: TextCell = Field(title="文件")
    post: str = Field("", title="岗位")
    note: str = Field("", title="备注")

    @classmethod
    def faults(cls, frame: pd.DataFrame, at: At) -> Iterator[Fault]:
        """Kinds as ruled, nothing twice, in the year."""
        frame = at.numbers
        yield from cls.in_place(frame, at)
        yield from undated(frame, [name for name in cls.key if name != "date"], "document")
        yield from cls.in_year(frame, at)
        for leaf in cls.scored(at.head):
            prices = cls.codes(leaf)["kind"]
            near = asking([*prices, *(name.zh for name in prices.names.values())])
            mine = frame[frame["indicator"] == leaf.code]
            for row in mine[~mine["kind"].isin(list(prices))].itertuples():
                yield Fault.of("finding_unknown", row.file, row.line, Where(row.unit, leaf.code), found=row.kind,
                               near=near(row.kind), known=list(checks.told(prices).values()))

    @classmethod
    def elsewhere(cls, frame: pd.DataFrame, before: pd.DataFrame) -> Iterator[Fault]:
        """What a document found at a unit in the year before, but where days tell that it is another."""
        known: dict[tuple[str, str], list[tuple[str, str, int]]] = {}
        for old in before.itertuples():
            known.setdefault((old.unit, numbered(old.document)), []).append((old.date, old.file, old.line))
        for row in frame.itertuples():
            olds = known.get((row.unit, numbered(row.document)), [])
            for _, file, line in [old for old in olds if "" in (row.date, old[0]) or row.date == old[0]][:1]:
                yield Fault.of("event_in_two_years", row.file, row.line, Where(row.unit, row.indicator), found=row.document,
                               other=file, first=line)

    @classmethod
    def codes(cls, node: Node) -> Mapping[str, Coded]:
        return {"kind": node.rule.prices} if isinstance(node.rule, Findings) else {}

    @classmethod
    def plain(cls, frame: pd.DataFrame) -> pd.DataFrame:
        """The findings, with a document written in one way: as in its first row."""
        first: dict[str, str] = {}
        return frame.assign(document=[first.setdefault(numbered(each), each) for each in frame["document"]])

    @classmethod
    def unusable(cls, node: Node, rows: pd.DataFrame) -> str:
        return "" if set(rows["kind"]) <= {*cls.codes(node).get("kind", ())} else "kinds"
