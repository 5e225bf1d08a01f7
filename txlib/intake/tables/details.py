"""The detailed rules by which an indicator is scored, line by line (1.3f): of any leaf, marked or not."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated

import pandas as pd
from pydantic import BeforeValidator, ConfigDict, Field

from txlib.base.faults import Fault, Where
from txlib.base.numbers import exact
from txlib.base.printing import as_text
from txlib.intake import checks
from txlib.intake.sheets.cells import Choices, KeyCell, PointsCell, TextCell, WholeCell
from txlib.intake.table import At, HandedRow
from txlib.rules.category import Category, Node

KINDS = {"quantitative": "定量", "qualitative": "定性"}  # counted, or judged


class DetailRow(HandedRow):
    """details.csv: the detailed rules by which a leaf is scored, line by line (1.3f), and what of it is counted (1.3e)."""

    model_config = ConfigDict(title="细则")
    table = "details"
    frame = "details"
    kept = ("category", "indicator", "number", "text", "points", "kind", "source", "file", "line")
    unforeseen = True
    hint = "rules"
    wide = ("text",)
    key = ("indicator", "number")

    indicator: KeyCell = Field(title="指标编码")
    number: WholeCell = Field(title="序号")
    text: TextCell = Field(title="细则")
    points: PointsCell = Field(None, title="分值", description="of one item they add up to its points")
    kind: Annotated[str, BeforeValidator(Choices(KINDS | {"": ""}))] = Field("", title="定量/定性")
    source: str = Field("", title="数据来源")

    @classmethod
    def scored(cls, category: Category) -> list[Node]:
        """The indicators that may have detailed rules."""
        return list(category.leaves)

    @classmethod
    def chosen(cls, category: Category) -> list[Node]:
        """The items that are marked: the others' rules need not be asked for."""
        return list(category.marked)

    @classmethod
    def offered(cls, category: Category) -> list[Node]:
        """Nothing by itself: it is handed out beside marks."""
        return []

    @classmethod
    def faults(cls, frame: pd.DataFrame, at: At) -> Iterator[Fault]:
        """Lines of leaves, each number once; where one has points, all of its item have, and add up to it."""
        yield from checks.twice(frame, list(cls.key))
        yield from checks.indicators(frame, cls.scored(at.head), at.head)
        for node in cls.scored(at.head) if at.whole else ():
            yield from _adding_up(frame[frame["indicator"] == node.code], node)


def _adding_up(lines: pd.DataFrame, node: Node) -> Iterator[Fault]:
    """The points of an item's lines, which say what is counted and what is judged; nothing where no line says either."""
    stated = lines["points"].notna() | (lines["kind"] != "")
    if not stated.any():
        return
    for row in lines[lines["points"].isna() | (lines["kind"] == "")].itertuples():
        column = "points" if row.points is None or row.points != row.points else "kind"
        yield Fault.of("cell_empty", row.file, row.line,
                       Where(indicator=node.code, column=column, title=str(DetailRow.model_fields[column].title)))
    if lines["points"].notna().all():
        total, full = exact(lines["points"]).sum(), getattr(node.rule, "out_of", None)
        if total not in {Fraction(node.full), full}:
            first = lines.iloc[0]
            yield Fault.of("details_sum", first["file"], first["line"], Where(indicator=node.code, indicator_name=node.name.zh),
                           found=as_text(total), full=as_text(full or node.full))
