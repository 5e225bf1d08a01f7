"""The detailed rules by which items are marked, line by line (1.3f)."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from pydantic import ConfigDict, Field

from txlib.base.faults import Fault
from txlib.intake import checks
from txlib.intake.cells import KeyCell, TextCell, WholeCell
from txlib.intake.table import At, HandedRow
from txlib.rules.book import Category, Node


class DetailRow(HandedRow):
    """details.csv: the detailed rules by which an item is marked, line by line (1.3f)."""

    model_config = ConfigDict(title="细则")
    table = "details"
    frame = "details"
    kept = ("category", "indicator", "number", "text", "file", "line")
    unforeseen = True
    hint = "rules"
    wide = ("text",)
    key = ("indicator", "number")

    indicator: KeyCell = Field(title="指标编码")
    number: WholeCell = Field(title="序号")
    text: TextCell = Field(title="细则")

    @classmethod
    def scored(cls, category: Category) -> list[Node]:
        """The items that detailed rules are for."""
        return list(category.marked)

    @classmethod
    def offered(cls, category: Category) -> list[Node]:
        """Nothing by itself: it is handed out beside marks."""
        return []

    @classmethod
    def faults(cls, frame: pd.DataFrame, at: At) -> Iterator[Fault]:
        """Lines of items that are marked, each number once."""
        yield from checks.twice(frame, list(cls.key))
        yield from checks.indicators(frame, cls.scored(at.head), at.head)
