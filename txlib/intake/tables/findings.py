"""What was found at units, by kind, in documents: each finding at the price of its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd
from pydantic import ConfigDict, Field

from txlib.base.faults import Fault, Where
from txlib.intake import checks
from txlib.intake.sheets.cells import CodeCell, DayCell, KeyCell, MaybeKeyCell, OnceCell, TextCell
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
    as_ruled = ("role",)
    key = ("unit", "indicator", "kind", "document", "post", "role", "date")

    unit: CodeCell = Field(title="单位编码")
    indicator: KeyCell = Field(title="指标编码")
    period: KeyCell = Field(title="期间")
    kind: KeyCell = Field(title="问题类别")
    number: OnceCell = Field(1, title="次数", description="empty: 1")
    date: DayCell = Field("", title="日期")
    document: TextCell = Field(title="文件")
    post: str = Field("", title="岗位")
    role: MaybeKeyCell = Field("", title="责任", description="where a price is shared by roles")
    note: str = Field("", title="备注")

    @classmethod
    def faults(cls, frame: pd.DataFrame, at: At) -> Iterator[Fault]:
        """Kinds and roles as ruled, nothing twice, in the year."""
        frame = at.numbers
        yield from cls.in_place(frame, at)
        yield from undated(frame, [name for name in cls.key if name != "date"], "document")
        yield from cls.in_year(frame, at)
        for leaf in cls.scored(at.head):
            yield from _ruled(frame[frame["indicator"] == leaf.code], leaf, cls.codes(leaf))

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
        if not isinstance(node.rule, Findings):
            return {}
        return {"kind": node.rule.prices, **({"role": node.rule.shared} if node.rule.shared else {})}

    @classmethod
    def plain(cls, frame: pd.DataFrame) -> pd.DataFrame:
        """The findings, with a document written in one way: as in its first row."""
        first: dict[str, str] = {}
        return frame.assign(document=[first.setdefault(numbered(each), each) for each in frame["document"]])

    @classmethod
    def unusable(cls, node: Node, rows: pd.DataFrame) -> str:
        known = cls.codes(node)
        if not set(rows["kind"]) <= {*known.get("kind", ())}:
            return "kinds"
        return "" if "role" not in known or set(rows["role"]) <= {*known["role"]} else "roles"


def _ruled(table: pd.DataFrame, leaf: Node, ruled: Mapping[str, Coded]) -> Iterator[Fault]:
    """A leaf's findings: kinds of its list, roles where a price is shared by them and only there."""
    for column, code in (("kind", "finding_unknown"), ("role", "role_unknown")):
        codes = ruled.get(column, Coded({}, {}))
        near, known = asking([*codes, *(name.zh for name in codes.names.values())]), list(checks.told(codes).values())
        for row in table[~table[column].isin([*codes] or [""])].itertuples():
            found, at = getattr(row, column), Where(row.unit, leaf.code)
            if codes:
                yield Fault.of(code, row.file, row.line, at, found=found, near=near(found), known=known)
            else:
                yield Fault.of("role_ignored", row.file, row.line, at, found=found)
