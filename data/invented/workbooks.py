"""A category's tables as workbooks, as departments make them: one for each lead department.

The assessment office's holds marks, their detailed rules, the survey and the events. Headers are Chinese, the unit's code is
merged over its rows, percentages are kept as Excel keeps them, every third department writes full-width digits; a total and a
note stand below, and an explanation on a sheet of its own.
"""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from invented import details, events, marks, observations, rulebook, survey, units
from invented.story import Cells

TITLES = {"unit": "单位编码", "indicator": "指标编码", "period": "期间", "value": "实绩", "target": "目标值",
          "last_year": "上年值", "status": "状态", "note": "备注", "group": "组别", "grade": "评价", "count": "人数",
          "honour": "事项", "level": "级别", "date": "日期", "document": "文件", "share": "份额", "lead": "牵头部门",
          "quantitative": "定量", "qualitative": "定性", "total": "合计分", "number": "序号", "text": "细则",
          "points": "分值", "kind": "定量/定性", "source": "数据来源"}
NUMBERS = ("value", "target", "last_year", "count", "quantitative", "qualitative", "total")
POINTS, PERCENT = "分", "%"
ADD_UP = {"亿元", "万元", "家", "个", "项", "件", "起", "亩", "万美元"}
FULL_WIDTH = str.maketrans("0123456789.-", "０１２３４５６７８９．－")
OFFICE = "assessment"
OF_THE_OFFICE = (("打分", "定性指标打分汇总表", marks), ("细则", "单项工作考核细则", details),
                 ("调查", "公众评议汇总表", survey), ("事项", "加分扣分事项", events))
HEAD = 3  # the row of the headers, below a title and an empty row


def write(folder: Path, year: str, category: str) -> None:
    """One workbook for each lead department of a category, and the assessment office's."""
    names = {unit.unit: unit.name for unit in units.of(year)}
    measures = {leaf["code"]: _measure(leaf) for leaf in rulebook.leaves(year, category)}
    for number, (lead, rows) in enumerate(sorted(_by_lead(year, category, measures).items())):
        book, told = Workbook(), {row[1]: measures[row[1]] for row in rows}
        title = f"{names[lead]}{year}年度综合考核数据报送表"
        _sheet(book, "实绩", title, observations.COLUMNS, rows, told, full_width=number % 3 == 1)
        if lead == OFFICE:
            for name, what, table in OF_THE_OFFICE:
                _sheet(book, name, f"{year}年度{what}", table.COLUMNS, list(table.rows(year, category)), {})
        _explanation(book, names[lead])
        _save(book, folder / f"{lead}.xlsx")


def _measure(leaf: dict[str, Any]) -> str:
    """What an indicator is measured in, in Chinese."""
    told: str | dict[str, str] = leaf["measured_in"]
    return told if isinstance(told, str) else told["zh"]


def _by_lead(year: str, category: str, measures: dict[str, str]) -> dict[str, list[Cells]]:
    """What was observed by the department that reports it; the assessment office reports what is measured in points."""
    leads = {leaf["code"]: leaf["lead"] for leaf in rulebook.leaves(year, category)}
    found: dict[str, list[Cells]] = {OFFICE: []}
    for row in observations.rows(year, category):
        lead = OFFICE if measures[row[1]] == POINTS else leads[row[1]]
        found.setdefault(lead, []).append(row)
    return found


def _sheet(book: Workbook, name: str, title: str, columns: Cells, rows: list[Cells], told: dict[str, str], *,
           full_width: bool = False) -> None:
    """A table under a title, columns that stay empty left out; none where there are no rows.

    `told`: the measure of each indicator; it stands in the headers where it is one, and its numbers are summed where they add up.
    """
    if not rows:
        return
    kept = [i for i, column in enumerate(columns) if any(row[i] for row in rows)]
    page = book.create_sheet(name)
    page.append([title])
    page.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(kept))
    page["A1"].font, page["A1"].alignment = Font(bold=True, size=14), Alignment(horizontal="center")
    page.append([])
    page.append(_headers([columns[i] for i in kept], set(told.values())))
    for number, row in enumerate(rows, start=HEAD + 1):
        percent = told.get(row[1]) == PERCENT
        for column, i in enumerate(kept, start=1):
            _fill(page.cell(number, column), row[i], columns[i] in NUMBERS, percent=percent, full_width=full_width)
    _merge_units(page, [row[0] for row in rows])
    if len(told) == 1 and set(told.values()) <= ADD_UP:
        page.append(["合计", *(_sum([row[i] for row in rows]) if columns[i] in NUMBERS else None for i in kept[1:])])
    if "period" in columns:
        period = rows[0][columns.index("period")]
        page.append([])
        page.append([f"注：数据截至{period}年12月31日，“—”为不适用。"])


def _headers(columns: list[str], measures: set[str]) -> list[str]:
    """Chinese headers; those of numbers with their measure where all have the same."""
    measure = f"（{next(iter(measures))}）" if len(measures) == 1 else ""
    return [TITLES[column] + measure if column in NUMBERS else TITLES[column] for column in columns]


def _fill(cell: Any, text: str, number: bool, *, percent: bool, full_width: bool) -> None:
    """A number as a number, or in full-width digits; a percentage as Excel keeps it, 0.981 shown as 98.1%."""
    if not number or not _is_number(text):
        cell.value = text or None
    elif percent:
        decimals = _decimals(text)
        cell.value = round(float(text) / 100, decimals + 2)
        cell.number_format = "0." + "0" * decimals + "%" if decimals else "0%"
    elif full_width:
        cell.value = text.translate(FULL_WIDTH)
    else:
        cell.value = float(text) if "." in text else int(text)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[\d.]+", text) is not None


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _merge_units(page: Any, codes: list[str]) -> None:
    """Join the cells of the first column where the same unit stands in several rows."""
    first = HEAD + 1
    for _, same in groupby(codes):
        last = first + len(list(same)) - 1
        if last > first:
            page.merge_cells(start_row=first, end_row=last, start_column=1, end_column=1)
        first = last + 1


def _sum(texts: list[str]) -> float:
    """The sum of the numbers of a column, to their decimals."""
    numbers = [text for text in texts if _is_number(text)]
    return round(sum(map(float, numbers)), max(map(_decimals, numbers), default=0))


def _explanation(book: Workbook, office: str) -> None:
    """A sheet before the tables that says how to fill them in."""
    del book["Sheet"]
    page = book.create_sheet("说明", 0)
    for line in ("填报说明", "一、本表由牵头部门填报，考核办汇总。", "二、没有任务的单位填“—”，并在备注中写明原因。",
                 f"三、填报部门：{office}；联系人和电话见通讯录。"):
        page.append([line])


def _save(book: Workbook, path: Path) -> None:
    """The workbook with one date throughout and nothing compressed, so that its bytes depend on its cells alone."""
    book.properties.creator, book.properties.created = "txlib", datetime(2021, 1, 8)
    raw = BytesIO()
    book.save(raw)
    path.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(raw) as made, ZipFile(path, "w", ZIP_STORED) as kept:
        for name in sorted(made.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            part = made.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2021-01-08T00:00:00Z", part)
            kept.writestr(ZipInfo(name, (2021, 1, 8, 0, 0, 0)), part)
