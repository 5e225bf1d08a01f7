"""Honours and incidents that add or take points (1.3a)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import pandas as pd
from pydantic import ConfigDict, Field

from txlib.base.faults import Fault, Notice, Remark, Where
from txlib.base.numbers import exact
from txlib.base.text import comparable
from txlib.intake import checks
from txlib.intake.sheets.cells import CodeCell, DayCell, KeyCell, ShareCell, TextCell
from txlib.intake.sheets.limits import asking
from txlib.intake.table import At, HandedRow
from txlib.methods import PerEvent
from txlib.methods.words import Coded, code_of
from txlib.rules.category import Node
from txlib.spreadsheet.number_formats import decimal


class EventRow(HandedRow):
    """events.csv: an honour or an incident that adds or takes points."""

    model_config = ConfigDict(title="事项")
    table = "events"
    frame = "events"
    unforeseen = True
    in_one_year = True
    wide = ("note", "honour", "document")
    days = ("date",)
    kept = ("category", "unit", "indicator", "period", "honour", "level", "share", "date", "document", "note", "file",
            "line")
    key = ("unit", "indicator", "honour", "level", "date")

    unit: CodeCell = Field(title="单位编码")
    indicator: KeyCell = Field(title="指标编码")
    period: KeyCell = Field(title="期间")
    honour: TextCell = Field(title="事项")
    level: KeyCell = Field(title="级别")
    share: ShareCell = Field(None, title="份额", description="percent, where units claim it by share")
    date: DayCell = Field("", title="日期")
    document: str = Field("", title="文件")
    note: str = Field("", title="备注")

    @classmethod
    def faults(cls, frame: pd.DataFrame, at: At) -> Iterator[Fault]:
        """Adjustments and levels as ruled, no event twice, shares where they are needed and only there, in the year."""
        frame = at.numbers
        yield from cls.in_place(frame, at)
        yield from undated(frame, [name for name in cls.key if name != "date"], "honour")
        yield from cls.in_year(frame, at)
        for node in cls.scored(at.head):
            if isinstance(node.rule, PerEvent):
                yield from _ruled(frame[frame["indicator"] == node.code], node, node.rule)

    @classmethod
    def elsewhere(cls, frame: pd.DataFrame, before: pd.DataFrame) -> Iterator[Notice]:
        """The same honour of a unit: of one day or document a fault, a remark where only its level is told in both years."""
        known: dict[tuple[str, str], list[Any]] = {}
        for old in before.itertuples():
            known.setdefault((old.unit, _alike(old.honour)), []).append(old)
        for row in frame.itertuples():
            olds = [(old, _same(row, old)) for old in known.get((row.unit, _alike(row.honour)), [])]
            again = [old for old, same in olds if same]
            perhaps = [old for old, same in olds if same is None and code_of(old.level, [row.level]) == row.level]
            for old in (again or perhaps)[:1]:
                kind = partial(Fault.of, "event_in_two_years") if again else partial(Remark.of, "event_maybe_in_two_years")
                yield kind(row.file, row.line, Where(row.unit, row.indicator), found=row.honour, other=old.file, first=old.line)

    @classmethod
    def codes(cls, node: Node) -> Mapping[str, Coded]:
        return {"level": node.rule.levels} if isinstance(node.rule, PerEvent) else {}

    @classmethod
    def plain(cls, frame: pd.DataFrame) -> pd.DataFrame:
        """The events, with an honour written in one way: as in its first row, where only spaces, widths and marks differ."""
        first: dict[str, str] = {}
        return frame.assign(honour=[first.setdefault(_alike(written), written) for written in frame["honour"]])

    @classmethod
    def unusable(cls, node: Node, rows: pd.DataFrame) -> str:
        known = set(node.rule.levels) if isinstance(node.rule, PerEvent) else set(rows["level"])
        return "" if set(rows["level"]) <= known else "levels"


def numbered(document: str) -> str:
    """A document's number without what does not matter: brackets, spaces, widths, case."""
    return re.sub(r"[\W_]+", " ", comparable(document)).strip().lower()


def undated(frame: pd.DataFrame, key: list[str], found: str) -> Iterator[Fault]:
    """Rows that are one by all of `key` but the day, one of them without: once, or twice? `found`: the column that names them."""
    for _, same in frame.groupby(key, sort=False):
        if len(same) > 1 and same["date"].eq("").any() and same["date"].ne("").any():
            bare, dated = same[same["date"] == ""].iloc[0], same[same["date"] != ""].iloc[0]
            yield Fault.of("event_undated", bare["file"], bare["line"], Where(bare["unit"], bare["indicator"], column="date"),
                           found=bare[found], first=dated["line"], date=dated["date"],
                           elsewhere="" if bare["file"] == dated["file"] else f"{dated['file']} ")


def _alike(honour: str) -> str:
    """An honour without what does not matter: spaces, widths, marks but those between digits."""
    return re.sub(r"(?<!\d)[\W_]+|[\W_]+(?!\d)", "", comparable(honour)).lower() or honour


def _same(row: Any, old: Any) -> bool | None:
    """Whether honours of one name are one by day or document, the brackets of which do not matter; None where no two are told."""
    documents = [numbered(each.document) for each in (row, old)]
    told = [(one, other) for one, other in ((row.date, old.date), documents) if one and other]
    return any(one == other for one, other in told) if told else None


def _ruled(table: pd.DataFrame, node: Node, rule: PerEvent) -> Iterator[Fault]:
    """An adjustment's events: levels that its rule knows, shares where it asks for them."""
    near = asking(rule.levels)
    for row in table[~table["level"].isin(list(rule.levels))].itertuples():
        yield Fault.of("level_unknown", row.file, row.line, Where(row.unit, node.code), found=row.level,
                       near=near(row.level), known=list(checks.told(rule.levels).values()))
    yield from _listed(table, node, rule)
    if rule.several_units != "by_share":
        for row in table[table["share"].notna()].itertuples():
            yield Fault.of("share_ignored", row.file, row.line, Where(row.unit, node.code), found=f"{decimal(row.share)}%")
        return
    for (honour, level), claims in table.groupby(["honour", "level"], sort=False):
        if claims["share"].isna().any() or exact(claims["share"]).sum() > 100:
            first = claims.iloc[0]
            yield Fault.of("event_shares", first["file"], first["line"], Where(indicator=node.code), found=f"{honour} ({level})",
                           terms=checks.shares(zip(claims["unit"], claims["share"], strict=True)))


def _listed(table: pd.DataFrame, node: Node, rule: PerEvent) -> Iterator[Fault]:
    """Honours that are not on the list of those that count, and listed ones at another level."""
    listed = rule.honours or {}
    known, near = {_alike(honour): honour for honour in listed}, asking(listed)
    for row in table.itertuples() if listed else ():
        at, honour = Where(row.unit, node.code), known.get(_alike(row.honour))
        if honour is None:
            yield Fault.of("honour_unlisted", row.file, row.line, at, found=row.honour, near=near(row.honour),
                           known=[*listed])
        elif row.level in rule.levels and row.level != listed[honour]:
            want = checks.told(rule.levels)[listed[honour]]
            yield Fault.of("honour_level", row.file, row.line, at, found=row.level, honour=honour, want=want)
