"""What was decided of a unit, with its document: vetoes and exclusions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

import pandas as pd
from pydantic import ConfigDict, Field

from txlib.base.faults import Fault, Where, asked
from txlib.intake import checks
from txlib.intake.cells import CodeCell, DayCell, TextCell, one_of
from txlib.intake.table import At, HandedRow
from txlib.rules.book import RuleBook

DECIDED = {"veto": "一票否决", "excluded": "列而不排"}


class DecisionRow(HandedRow):
    """decisions.csv: what was decided of a unit, with its document."""

    model_config = ConfigDict(title="决定")
    table = "decisions"
    frame = "decisions"
    kept = ("unit", "kind", "since", "clause", "document", "note")
    of_year = True
    unforeseen = True
    wide = ("note", "document")
    days = ("since",)
    key = ("unit", "kind")

    unit: CodeCell = Field(title="单位编码")
    kind: Annotated[str, one_of(DECIDED)] = Field(title="决定")
    since: DayCell = Field("", title="日期")
    clause: str = Field("", title="条款")
    document: TextCell = Field(title="文件")
    note: str = Field("", title="备注")

    @classmethod
    def offered_in(cls, book: RuleBook) -> bool:
        """Whatever the rules score: a decision needs no indicator."""
        return True

    @classmethod
    def faults(cls, frame: pd.DataFrame, at: At) -> Iterator[Fault]:
        """Units known, a kind of decision once a unit, in the year, by known clauses; vetoes that bar something."""
        yield from checks.twice(frame, list(cls.key))
        yield from checks.units_known(frame, at.known, None)
        yield from cls.in_year(frame, at)
        ruled = at.book.tiers is not None and at.book.tiers.vetoes is not None
        for row in frame.itertuples():
            if row.kind == "veto" and not ruled:
                yield Fault.of("veto_without_rule", row.file, row.line, Where(row.unit), found=row.kind)
            for clause in filter(None, (each.strip() for each in re.split("[;；,，、]", row.clause))):
                if clause not in at.book.clauses:
                    yield Fault.of("clause_unknown", row.file, row.line, Where(row.unit, column="clause"), found=clause,
                                   near=asked(clause, at.book.clauses))
