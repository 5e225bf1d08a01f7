"""How large a workbook may be. Each limit lies above what a person hands in (20,000 rows of 40 columns, a sheet formatted down to
its last row), and below what takes more than some seconds or half a gigabyte to read. What is beyond one is refused before it is
read, wherever the file itself tells.
"""

from __future__ import annotations

from typing import IO, Any

FILE_BYTES = 50_000_000  # as it lies on the disk: ten times 20,000 rows of 40 columns
MEMBERS = 3_000  # files in the archive, pictures among them; each is listed before any is read
SHEETS = 200
UNPACKED_BYTES = 400_000_000  # of all sheets; a million empty formatted rows are a fifth of it
UNCOUNTED_BYTES = 1_000_000  # of all sheets, which cannot hold more than is allowed of anything below
CELLS = 1_000_000  # that hold something, in all sheets: 20,000 rows of 40 columns are 800,000
ROWS = 100_000  # of a sheet that hold something: a thousand units with a hundred indicators
TAGS = 5_000_000  # in all sheets: four a cell, six with a formula, three an empty formatted row of one cell
ATTRIBUTES = 10_000_000  # of all tags: a formatted row with a cell has five
TREE_BYTES, TREE_TAGS, TREE_ATTRIBUTES = 20_000_000, 400_000, 1_200_000  # of all parts kept whole: Excel has 65,490 styles
TEXTS_BYTES, TEXTS_TAGS, TEXTS_ATTRIBUTES = 100_000_000, 4_000_000, 4_000_000  # of the texts that cells share: four tags each
PIECES = 100_000  # tags of one text
CHARACTERS = 20_000_000  # in all texts, and in the cells of a sheet: each of 800,000 has twenty-five
TEXT = 100_000  # characters of one text: Excel keeps 32,767
FORMAT = 1_000  # characters of a number format: Excel keeps 255
RANGES = 100_000  # merged, or under a conditional format
MERGED_ROWS = 2_000_000  # of all merges: those of a sheet of 20,000 rows of 40 columns are at most 800,000, since none overlap
CONDITIONED = 2_000_000  # cells looked at for conditional formats, once for each
GRID = 2_000  # cells of a sheet that is kept when it was read: what is looked into for every table is not read each time
SPANS = 16_384  # columns with widths of their own: a sheet has no more columns
_CHUNK = 1 << 20


class WorkbookError(Exception):
    """A file that is no workbook to be read; `code` is its kind of fault; where that is its size, `kind` is of what it has more
    than the `most`.
    """

    def __init__(self, code: str, kind: str = "", most: int = 0) -> None:
        super().__init__(code, kind, most)
        self.code = code
        self.values: dict[str, Any] = {"kind": kind, "most": f"{most:,}"} if kind else {}


def within(kind: str, found: int, most: int) -> None:
    """WorkbookError where there are more than the most."""
    if found > most:
        raise WorkbookError("workbook_too_large", kind, most)


class Contents:
    """What parts hold, counted in their bytes before anything is made of them, in whatever encoding."""

    def __init__(self) -> None:
        self.tags = self.attributes = self.cells = 0

    def add(self, stream: IO[bytes]) -> Contents:
        """With what this part holds; of a cell that holds something the end is told."""
        while chunk := stream.read(_CHUNK):
            tags = chunk.count(b"<")
            if not tags and len(chunk) == _CHUNK:  # longer than any text, however it is written
                within("text", _CHUNK, TEXT)
            self.tags += tags
            self.attributes += chunk.count(b"=")
            self.cells += chunk.count(b"</c>")
        return self
