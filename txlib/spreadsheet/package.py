"""An Excel workbook as it lies in its file: the names of its sheets, its texts and styles. Macros and links are not followed.

Source: ECMA-376 part 1, 18.2 (workbook), 18.4 (strings), 18.8 (styles).
"""

from __future__ import annotations

import io
import posixpath
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from xml.etree import ElementTree
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from txlib.spreadsheet.colours import BLACK, WHITE, Colour, Palette, palette, unseen
from txlib.spreadsheet.number_formats import built_in, is_date

PART_BYTES = 100_000_000
_OLD, _ZIP = b"\xd0\xcf\x11\xe0", b"PK"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class WorkbookError(Exception):
    """A file that is no workbook to be read; `code` is its kind of fault."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Sheet(NamedTuple):
    """A worksheet of a workbook by its name; `part` is where it lies in the file.

    `hidden`: no tab shows it; `locked_away`: nor does any menu.
    """

    name: str
    hidden: bool
    part: str
    locked_away: bool = False


class Style(NamedTuple):
    """How cells are shown: the number format, whether it makes a number a day, how the font marks them (see `mark`); the
    colours of font and ground, None where they cannot be told; `suspect`: the two may be one to the eye.
    """

    format: str = "General"
    day: bool = False
    marked: str = ""
    ink: Colour | None = BLACK
    ground: Colour | None = WHITE
    suspect: bool = False


class Dress(NamedTuple):
    """What a conditional format puts over a cell's style where its condition holds; empty and None: as the cell has it."""

    format: str
    ink: Colour | None
    ground: Colour | None

    def over(self, style: Style) -> Style:
        """The style of a cell that wears it."""
        return style._replace(format=self.format or style.format, ink=self.ink or style.ink, ground=self.ground or style.ground)


class SharedStrings(NamedTuple):
    """A text of a cell, and how its font marks a part of it (see `mark`): such a part is not of one piece with the rest."""

    text: str
    marked: str = ""


class Book(NamedTuple):
    """An opened workbook. `dresses`: of its conditional formats; `uncomputed`: every formula still waits for Excel."""

    archive: ZipFile
    sheets: tuple[Sheet, ...]
    strings: list[SharedStrings]
    styles: list[Style]
    dresses: list[Dress]
    from_1904: bool
    uncomputed: bool


@contextmanager
def damaged() -> Iterator[None]:
    """Whatever a damaged file brings about is a WorkbookError."""
    try:
        yield
    except (BadZipFile, zlib.error, EOFError, OSError, LookupError, ValueError, TypeError, ArithmeticError, RuntimeError,
            ElementTree.ParseError, expat.ExpatError) as error:
        raise WorkbookError("workbook_protected" if "password" in str(error) else "workbook_damaged") from error


def opened(raw: bytes) -> Book:
    """The workbook in these bytes; WorkbookError where they are none."""
    if not raw:
        raise WorkbookError("file_empty")
    if raw.startswith(_OLD):
        raise WorkbookError("workbook_protected" if "EncryptedPackage".encode("utf-16-le") in raw else "workbook_old")
    if not raw.startswith(_ZIP):
        raise WorkbookError("not_workbook")
    with damaged():
        archive = ZipFile(io.BytesIO(raw))
        if len(_parts(archive)) < len(archive.namelist()):
            raise WorkbookError("workbook_part_twice")
        main = [path for kind, path in _related(archive, "").values() if kind == "officeDocument"]
        if not main or not main[0].lower().endswith("workbook.xml"):
            raise WorkbookError("not_workbook")
        parts = _related(archive, main[0])
        by_kind = {kind: path for kind, path in parts.values()}
        book = _xml(archive, main[0])
        properties, calculation = book.find("{*}workbookPr"), book.find("{*}calcPr")
        styles, dresses = _styles(archive, by_kind.get("styles"), by_kind.get("theme"))
        return Book(archive, tuple(_sheets(book, parts)), _strings(archive, by_kind.get("sharedStrings")), styles, dresses,
                    _true(properties, "date1904"), _true(calculation, "fullCalcOnLoad"))


def _true(element: Any, name: str) -> bool:
    return element is not None and element.get(name) in ("1", "true")


def _parts(archive: ZipFile) -> dict[str, str]:
    """The members of an archive by the names of parts: these are equal whatever their case (ECMA-376 part 2, 6.2.2.3)."""
    return {name.lower(): name for name in archive.namelist()}


def part_of(archive: ZipFile, name: str, most: int) -> Any:
    """A part as an open stream; WorkbookError where it would unpack to more than so many bytes."""
    member = archive.getinfo(_parts(archive)[name.lower()])
    if member.file_size > most:
        raise WorkbookError("workbook_too_large")
    return archive.open(member)


class _Plain(ElementTree.TreeBuilder):
    """A tree of XML without entities of its own, in whatever encoding it is written."""

    def doctype(self, *_: object) -> None:
        raise ValueError("DOCTYPE")


def _xml(archive: ZipFile, name: str) -> Any:
    with part_of(archive, name, PART_BYTES) as stream:
        return ElementTree.parse(stream, ElementTree.XMLParser(target=_Plain())).getroot()


def _related(archive: ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """The parts that a part refers to, by id: (kind, path)."""
    folder, name = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if not part and rels not in _parts(archive):
        return {}
    return {each.get("Id", ""): (each.get("Type", "").rpartition("/")[2],
                                 posixpath.normpath(posixpath.join("/" + folder, each.get("Target", ""))).lstrip("/"))
            for each in _xml(archive, rels) if each.get("TargetMode") != "External"}


def _sheets(book: Any, parts: dict[str, tuple[str, str]]) -> Iterator[Sheet]:
    for sheet in book.iterfind("{*}sheets/{*}sheet"):
        kind, path = parts[next((value for key, value in sheet.items() if key.endswith("}id")), "")]
        if kind == "worksheet":
            state = sheet.get("state", "visible")
            yield Sheet(sheet.get("name", ""), state != "visible", path, state == "veryHidden")


def index(text: str) -> int:
    """A number that counts from zero; ValueError where it is none, `-1` and `1_0` among them."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return int(text)


def mark(element: str, value: str | None) -> str:
    """What an element of a font does to its text: `struck` (a line through it), `raised` (above or below the line) or nothing."""
    if element == "strike":
        return "struck" if value in (None, "1", "true", "on") else ""
    return "raised" if element == "vertAlign" and value in ("superscript", "subscript") else ""


def _marked(font: Any) -> str:
    marks = (mark(each.tag.rpartition("}")[2], each.get("val")) for each in (font if font is not None else ()))
    return next((each for each in marks if each), "")


def _strings(archive: ZipFile, part: str | None) -> list[SharedStrings]:
    """The shared strings; without phonetic readings."""
    if part is None:
        return []
    texts = []
    for item in _xml(archive, part).iterfind("{*}si"):
        runs = item.findall("{*}r")
        pieces = [*item.iterfind("{*}t"), *item.iterfind("{*}r/{*}t")]
        marks = (_marked(run.find("{*}rPr")) for run in runs if (run.findtext("{*}t") or "").strip())
        text, mark = unescaped("".join(piece.text or "" for piece in pieces)), next((each for each in marks if each), "")
        texts.append(SharedStrings(text, mark))
    return texts


def unescaped(text: str) -> str:
    """A text with its marks for control characters undone: _x000D_ is a carriage return."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _styles(archive: ZipFile, part: str | None, theme: str | None) -> tuple[list[Style], list[Dress]]:
    """The styles of cells and what conditional formats put over them."""
    if part is None:
        return [], []
    styles = _xml(archive, part)
    colours = palette(_xml(archive, theme) if theme else None, styles)
    own = {int(each.get("numFmtId")): each.get("formatCode", "") for each in styles.iterfind("{*}numFmts/{*}numFmt")}
    fonts = [(_marked(font), colours.of(font.find("{*}color"), BLACK)) for font in styles.iterfind("{*}fonts/{*}font")]
    grounds = [_ground(fill, colours) for fill in styles.iterfind("{*}fills/{*}fill")]
    found = []
    for style in styles.iterfind("{*}cellXfs/{*}xf"):
        number = index(style.get("numFmtId", "0"))
        code, day = (own[number], is_date(own[number])) if number in own else built_in(number)
        marked, ink = (fonts or [("", BLACK)])[index(style.get("fontId", "0"))]
        fill = index(style.get("fillId", "0"))
        ground = grounds[fill] if fill < len(grounds) else WHITE
        found.append(Style(code, day, marked, ink, ground, unseen(ink, ground) or "[" in code))
    return found, [_dress(each, colours) for each in styles.iterfind("{*}dxfs/{*}dxf")]


def _ground(fill: Any, colours: Palette) -> Colour | None:
    """The colour that a fill gives the ground: white where there is none, None where it is of several."""
    pattern = fill.find("{*}patternFill")
    kind = pattern.get("patternType", "none") if pattern is not None else "gradient"
    if kind == "none":
        return WHITE
    return colours.of(pattern.find("{*}fgColor"), BLACK) if kind == "solid" else None


def _dress(each: Any, colours: Palette) -> Dress:
    """A conditional format's; its ground is the background colour of a pattern that is solid unless it says otherwise."""
    code, pattern = each.find("{*}numFmt"), each.find("{*}fill/{*}patternFill")
    plain = pattern is not None and pattern.get("patternType", "solid") == "solid"
    ground = colours.of(pattern.find("{*}bgColor"), None) if plain else None
    return Dress("" if code is None else code.get("formatCode", ""), colours.of(each.find("{*}font/{*}color"), None), ground)
