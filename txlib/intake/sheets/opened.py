"""Workbooks opened once, however many tables are looked for in them; those that are none are remembered too."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

from txlib.intake.sheets.limits import KEPT_BYTES
from txlib.spreadsheet import package
from txlib.spreadsheet.limits import GRID as CELLS
from txlib.spreadsheet.limits import WorkbookError
from txlib.spreadsheet.package import Book

CELL = 300  # bytes of one, about
_KEPT: OrderedDict[bytes, Book | WorkbookError] = OrderedDict()


def opened(raw: bytes) -> Book:
    """The workbook in these bytes; WorkbookError where they are none. The last are kept, within KEPT_BYTES."""
    digest = hashlib.sha256(raw).digest()
    found = _KEPT.pop(digest, None)
    if found is None:
        try:
            found = package.opened(raw)
        except WorkbookError as error:
            found = error
    _KEPT[digest] = found
    while len(_KEPT) > 1 and sum(map(_weight, _KEPT.values())) > KEPT_BYTES:
        _KEPT.popitem(last=False)
    if isinstance(found, WorkbookError):
        raise WorkbookError(*found.args) from found.__cause__
    return found


def _weight(kept: Book | WorkbookError) -> int:
    return kept.weight + CELL * CELLS * len(kept.grids) if isinstance(kept, Book) else CELL
