"""Workbooks that are handed out to be filled in, as openpyxl reads them; and the year that they are for."""

from __future__ import annotations

import re
import shutil
import warnings
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

import txlib as tx
from txlib.intake import tables

NEXT = "2021"
TWO = ("towns_1", "towns_2")


def moved_on(repository: Path, root: Path) -> Path:
    """The repository's years 2019 and 2020 below `root`, and the rules of 2020 as those of 2021 too, without data."""
    for name in ("params/2019", "params/2020", "data/2019", "data/2020"):
        shutil.copytree(repository / name, root / name)
    shutil.copytree(repository / "params/2020", root / "params" / NEXT)
    for path in (root / "params" / NEXT).glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        if path.name == "rulebook.yaml":
            text = re.sub('(year|period): "2020"', rf'\1: "{NEXT}"', text).replace('last_year: "2019"', 'last_year: "2020"')
            text = text.replace('as_of: "2020', f'as_of: "{NEXT}')
        elif re.match("(towns|depts|zones|parks)", path.name):
            text = text.replace('"2020"', f'"{NEXT}"')
        path.write_text(text, encoding="utf-8")
    return root


def copied(workspace: Path, root: Path) -> Path:
    """A workspace's rules and data, below `root`."""
    for name in ("params", "data"):
        shutil.copytree(workspace / name, root / name)
    return root


def of(book: tx.RuleBook, *codes: str) -> tx.RuleBook:
    """A rule-book whose other categories are not read."""
    return replace(book, categories={code: book.categories[code] for code in codes})


def loaded(path: Path) -> Any:
    """A workbook as openpyxl reads it, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return openpyxl.load_workbook(path)


sent = cache(loaded)  # one that is only looked at


def head(page: Worksheet) -> tuple[int, dict[str, int]]:
    """The row of the head, and its columns by the name of the field that they mean."""
    table = next(row for name, row in tables.named().items() if page.title.split(" ")[0] in (name, row.model_config["title"]))
    titles = {str(field.title): name for name, field in table.model_fields.items()}
    for row in page.iter_rows(max_row=8):
        found = {titles.get(str(cell.value), str(cell.value)): cell.column for cell in row if cell.value}
        if len(found) > 2:
            return row[0].row, found
    raise AssertionError(page.title)


def lines(page: Worksheet) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows below the head, by field."""
    top, columns = head(page)
    for row in range(top + 1, page.max_row + 1):
        yield row, {name: page.cell(row, column).value for name, column in columns.items()}


def change(folder: Path, name: str, how: Any) -> None:
    file = openpyxl.load_workbook(folder / name)
    how(file)
    file.save(folder / name)
