"""What was decided of a unit, with its document: vetoes, exclusions, and figures that were looked at again and are right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

import pandas as pd
from pydantic import ConfigDict, Field

from txlib.base.faults import Fault, Where
from txlib.intake import checks
from txlib.intake.sheets.cells import CodeCell, DayCell, MaybeKeyCell, TextCell, one_of
from txlib.intake.sheets.limits import asking
from txlib.intake.table import At, HandedRow
from txlib.rules.book import RuleBook

DECIDED = {"veto": "一票否决", "excluded": "列而不排", "confirmed": "核实"}


class DecisionRow(HandedRow):
    """decisions.csv: what was decided of a unit, with its document."""

    model_config = ConfigDict(title="决定")
    table = "decisions"
    frame = "decisions"
    kept = ("unit", "kind", "indicator", "since", "clause", "document", "note")
    of_year = True
    unforeseen = True
    wide = ("note", "document")
    days = ("since",)
    key = ("unit", "kind", "indicator")

    unit: CodeCell = Field(title="单位编码")
    kind: Annotated[str, one_of(DECIDED)] = Field(title="决定")
    indicator: MaybeKeyCell = Field("", title="指标编码", description="of a figure that is confirmed; else empty")
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
        """Units known, a kind of decision once a unit (and indicator), in the year, by known clauses; vetoes that bar something;
        an indicator of the unit's where a figure is confirmed, and nowhere else."""
        yield from checks.twice(frame, list(cls.key))
        yield from checks.units_known(frame, at.known, None)
        yield from cls.in_year(frame, at)
        ruled = at.book.tiers is not None and at.book.tiers.vetoes is not None
        near = asking(at.book.clauses)
        for row in frame.itertuples():
            if row.kind == "veto" and not ruled:
                yield Fault.of("veto_without_rule", row.file, row.line, Where(row.unit), found=row.kind)
            for clause in filter(None, (each.strip() for each in re.split("[;；,，、]", row.clause))):
                if clause not in at.book.clauses:
                    yield Fault.of("clause_unknown", row.file, row.line, Where(row.unit, column="clause"), found=clause,
                                   near=near(clause))
        yield from _figures(frame, at)


def _figures(frame: pd.DataFrame, at: At) -> Iterator[Fault]:
    """Confirmed figures of no indicator or of one that the unit's tree lacks, and indicators of decisions on a whole unit."""
    category = dict(zip(at.known["unit"], at.known["category"], strict=True)) if at.known is not None else {}
    for row in frame.itertuples():
        where = Where(row.unit, column="indicator", title="指标编码")
        tree = at.book.categories.get(category.get(row.unit, ""))
        if (row.kind == "confirmed") != bool(row.indicator):
            code = "decision_on_unit" if row.indicator else "decision_without_indicator"
            yield Fault.of(code, row.file, row.line, where, found=row.indicator or row.kind)
        elif row.indicator and tree:
            yield from checks.no_leaf(row.indicator, tree, row.file, row.line, where)
