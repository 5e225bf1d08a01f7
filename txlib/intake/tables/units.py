"""Who there is: units by a code that stays while names change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Annotated

import pandas as pd
from pydantic import BeforeValidator, ConfigDict, Field

from txlib.base.faults import Fault, Notice, Remark, Where
from txlib.base.text import half_width
from txlib.intake import checks
from txlib.intake.sheets.cells import CodeCell, CodesCell, DayCell, NamesCell, TextCell
from txlib.intake.sheets.headers import spoken
from txlib.intake.sheets.limits import asking
from txlib.intake.table import At, HandedRow
from txlib.rules.book import RuleBook
from txlib.rules.category import Category, Node
from txlib.rules.source import Place, walk


def forebears(unit: str, predecessors: Iterable[str], known: Collection[str]) -> list[str]:
    """Who stood for a unit in another year: itself under its code, or its predecessors as far as they are known there."""
    return [unit] if unit in known else [code for code in predecessors if code in known]


class UnitRow(HandedRow):
    """units.csv: who there is, by a code that stays while names change."""

    model_config = ConfigDict(title="单位")
    table = "units"
    frame = "units"
    kept = ("unit", "name", "name_en", "category", "valid_from", "valid_to", "predecessor", "file", "line")
    of_year = True
    key = ("unit",)

    unit: CodeCell = Field(title="单位编码")
    name: TextCell = Field(title="单位名称")
    name_en: str = Field("", title="英文名称")
    category: Annotated[str, BeforeValidator(half_width)] = Field("", title="类别", description="empty: not ranked this year")
    valid_from: DayCell = Field("", title="启用日期")
    valid_to: DayCell = Field("", title="停用日期")
    alias: NamesCell = Field((), title="别名", description="names that people write, joined by ;")
    predecessor: CodesCell = Field((), title="前身", description="codes joined by ;")

    @classmethod
    def needed_of(cls, book: RuleBook, before: Mapping[str, pd.DataFrame]) -> bool:
        return True

    @classmethod
    def faults(cls, frame: pd.DataFrame, at: At) -> Iterator[Notice]:
        """Codes once, names once in a category, categories known, valid on the day, lead departments there."""
        yield from checks.twice(frame, ["unit"])
        yield from checks.twice(frame[(frame["category"] != "") & ~frame.duplicated("unit")], ["category", "name"])
        book, known = at.book, at.book.rules.categories
        near, trees = asking(known), checks.unlisted(book.root, book.year, known)
        for row in frame.itertuples():
            place, column = (row.file, row.line), Where(column="category", title="类别")
            if row.category in trees:
                yield Fault.of("category_unlisted", *place, column, found=row.category, tree=trees[row.category])
            elif row.category and row.category not in known:
                yield Fault.of("category_unknown", *place, column, found=row.category, near=near(row.category))
            if row.valid_from and row.valid_to and row.valid_from > row.valid_to:
                yield Fault.of("dates_reversed", *place, Where(row.unit), found=f"{row.valid_from} – {row.valid_to}")
            elif row.category and ((row.valid_from or "0") > book.as_of or (row.valid_to or "9") < book.as_of):
                days = f"{row.valid_from or '…'} – {row.valid_to or '…'}"
                yield Fault.of("unit_not_valid", *place, Where(row.unit), found=days, day=book.as_of)
        yield from _ambiguous(frame)
        codes, meant = set(frame["unit"]), checks.unit_meant(frame)
        for category in book.categories.values() if codes else ():
            for leaf in {number.code: number for number in map(category.number, category.leaves)}.values():
                for lead in (lead for lead in leaf.leads if lead not in codes):
                    key = "lead" if lead == leaf.lead else "jointly"
                    where = Where(indicator=leaf.code, part=category.name.zh, column=key)
                    yield Fault.of("lead_unknown" if key == "lead" else "jointly_unknown", *_lead_of(book, category, leaf, key),
                                   where, found=lead, near=meant(lead), category=category.code)


def _lead_of(book: RuleBook, category: Category, leaf: Node, key: str) -> Place:
    """File and line of a leaf's lead departments, in its tree or among the shared branches."""
    files = [book.files[name] for name in (f"trees/{category.code}.yaml", "branches.yaml") if name in book.files]
    told = ((file.file, each.line) for file in files for each in walk(file) if each.key == key and each.where == leaf.code)
    return next(told, files[0].place())


def _ambiguous(frame: pd.DataFrame) -> Iterator[Remark]:
    """Names that are another unit's code, and other names that are a name of another's."""
    codes = {spoken(code): {code} for code in frame["unit"]}
    called: dict[str, set[str]] = {}
    for row in frame.itertuples():
        for name in (row.unit, row.name, row.name_en, *row.alias):
            called.setdefault(spoken(name), set()).add(row.unit)
    for row in frame.itertuples():
        for name, others in [(row.name, codes), *((alias, called) for alias in row.alias)]:
            if other := sorted(others.get(spoken(name), set()) - {row.unit}):
                yield Remark.of("name_of_two", row.file, row.line, Where(row.unit), found=name, other=other)
