"""An Excel workbook as it lies in its file: the names of its sheets, its texts and styles. Macros and links are not followed.

Source: ECMA-376 part 1, 18.2 (workbook), 18.4 (strings), 18.8 (styles).
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from xml.etree import ElementTree
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from txlib.spreadsheet import limits
from txlib.spreadsheet.archive import PlainTree, part_of, parts, related, size, there, xml
from txlib.spreadsheet.colours import BLACK, WHITE, Colour, Palette, palette, unseen
from txlib.spreadsheet.limits import Contents, WorkbookError, within
from txlib.spreadsheet.number_formats import built_in, is_date

_OLD, _ZIP, _MEMBER = b"\xd0\xcf\x11\xe0", b"PK", b"PK\x01\x02"
_SMALL = re.compile(r"[0-2](\.\d*)?")  # points of a font that nobody reads
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


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
    colours of font and ground, None where they cannot be told; `suspect`: the two may be one to the eye; `inks`: of the pieces
    of a text, where these have colours of their own.
    """

    format: str = "General"
    day: bool = False
    marked: str = ""
    ink: Colour | None = BLACK
    ground: Colour | None = WHITE
    suspect: bool = False
    inks: tuple[Colour | None, ...] = ()

    def with_inks(self, words: SharedStrings) -> Style:
        """The style of a cell that holds such a text."""
        if not words.inks:
            return self
        inks = (*words.inks, *([self.ink] if words.plain else []))
        return self._replace(inks=inks, suspect=any(unseen(ink, self.ground) for ink in inks))


class Dress(NamedTuple):
    """What a conditional format puts over a cell's style where its condition holds; empty and None: as the cell has it."""

    format: str
    ink: Colour | None
    ground: Colour | None

    def over(self, style: Style) -> Style:
        """The style of a cell that wears it."""
        inks = (*style.inks, self.ink) if self.ink and style.inks else style.inks
        return style._replace(format=self.format or style.format, ink=self.ink or style.ink, ground=self.ground or style.ground,
                              inks=inks)


class TextPiece(NamedTuple):
    """A piece of a text: in which run it stands (0: in none), how its font marks it; its colour, where `coloured`."""

    text: str
    run: int = 0
    marked: str = ""
    coloured: bool = False
    ink: Colour | None = None


class SharedStrings(NamedTuple):
    """A text of a cell, and how its font marks a part of it (see `mark`): such a part is not of one piece with the rest.

    `marked` is `twice` where the file holds two texts in one place. `inks`: the colours of its pieces; `plain`: some have none.
    """

    text: str
    marked: str = ""
    inks: tuple[Colour | None, ...] = ()
    plain: bool = True


def joined(pieces: list[TextPiece]) -> SharedStrings:
    """A text of its pieces: one outside of runs, or one in each run; whatever is beside is a second text."""
    pieces = [piece for piece in pieces if piece.text]
    text = unescaped("".join(piece.text for piece in pieces))
    runs = {piece.run for piece in pieces}
    if len(runs) < len(pieces) or (0 in runs and len(runs) > 1):
        return SharedStrings(" / ".join(piece.text for piece in pieces), "twice")
    seen = [piece for piece in pieces if piece.text.strip()]
    inks = tuple(dict.fromkeys(piece.ink for piece in seen if piece.coloured))
    return SharedStrings(text, next((piece.marked for piece in seen if piece.marked), ""), inks,
                         not all(piece.coloured for piece in seen))


class Book(NamedTuple):
    """An opened workbook. `styles`: by the number by which cells name them, the first is there in any; `dresses`: of its
    conditional formats; `uncomputed`: every formula still waits for Excel; `weight`: bytes that it takes up, about; `grids`:
    of sheets that were read (cells.grid)."""

    archive: ZipFile
    sheets: tuple[Sheet, ...]
    strings: list[SharedStrings]
    styles: dict[str, Style]
    dresses: list[Dress]
    palette: Palette
    from_1904: bool
    uncomputed: bool
    weight: int
    grids: dict[tuple[str, int], Any]


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
    within("bytes", len(raw), limits.FILE_BYTES)
    within("members", raw.count(_MEMBER), limits.MEMBERS)
    with damaged():
        archive, tally = ZipFile(io.BytesIO(raw)), Contents()
        if len(parts(archive)) < len(archive.namelist()):
            raise WorkbookError("workbook_part_twice")
        main = [path for kind, path in related(archive, "", tally).values() if kind == "officeDocument"]
        if not main or not main[0].lower().endswith("workbook.xml"):
            raise WorkbookError("not_workbook")
        linked = related(archive, main[0], tally)
        by_kind = {kind: path for kind, path in linked.values()}
        book = xml(archive, main[0], tally)
        properties, calculation = book.find("{*}workbookPr"), book.find("{*}calcPr")
        styles, theme = (there(archive, by_kind.get(kind), tally) for kind in ("styles", "theme"))
        colours = palette(theme, styles)
        sheets, texts = tuple(_sheets(book, linked)), by_kind.get("sharedStrings")
        _weigh(archive, sheets)
        return Book(archive, sheets, _strings(archive, texts, colours), _styles(styles, colours),
                    [dress_of(each, colours) for each in styles.iterfind("{*}dxfs/{*}dxf")], colours,
                    _true(properties, "date1904"), _true(calculation, "fullCalcOnLoad"),
                    len(raw) + 4 * (size(archive, texts) + size(archive, by_kind.get("styles"))), {})


def _weigh(archive: ZipFile, sheets: Sequence[Sheet]) -> None:
    """Hold all sheets of a workbook against what a workbook may have; one that is listed twice would be read twice.

    Sheets that have fewer bytes than tags are allowed need no counting, nor need to be sound where nobody reads them.
    """
    within("sheets", len(sheets), limits.SHEETS)
    sizes = [size(archive, sheet.part) for sheet in sheets]
    within("bytes", sum(sizes), limits.UNPACKED_BYTES)
    tally = Contents()
    for sheet in (sheet for sheet, here in zip(sheets, sizes, strict=True) if here and sum(sizes) > limits.UNCOUNTED_BYTES):
        with part_of(archive, sheet.part, limits.UNPACKED_BYTES) as stream:
            tally.add(stream)
        within("cells", tally.cells, limits.CELLS)
        within("tags", tally.tags, limits.TAGS)
        within("attributes", tally.attributes, limits.ATTRIBUTES)


def _true(element: Any, name: str) -> bool:
    return element is not None and element.get(name) in ("1", "true")


class _Texts(PlainTree):
    """The texts that cells share, each made as its element ends; of the tree nothing stays."""

    def __init__(self, colours: Palette) -> None:
        super().__init__()
        self.colours, self.found, self.depth, self.tags = colours, list[SharedStrings](), 0, 0
        self.root: Any = None

    def start(self, tag: Any, attrs: Any) -> Any:
        """An element begins."""
        element = super().start(tag, attrs)
        self.depth, self.tags = self.depth + 1, self.tags + 1
        if self.tags > limits.PIECES:
            within("pieces", self.tags, limits.PIECES)
        if self.root is None:
            self.root = element
        return element

    def end(self, tag: Any) -> Any:
        """An element ends; a text is one of the root's."""
        element = super().end(tag)
        self.depth -= 1
        if self.depth == 1:
            if tag.rpartition("}")[2] == "si":
                self.found.append(_text(element, self.colours))
            del self.root[:]
            self.tags = 0
        return element


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
    """What an element of a font does to its text: `struck` (a line through it), `raised` (above or below the line), `unseen` (too
    small for any eye) or nothing."""
    if element == "strike":
        return "struck" if value in (None, "1", "true", "on") else ""
    if element == "sz":
        return "unseen" if _SMALL.fullmatch(value or "") else ""
    return "raised" if element == "vertAlign" and value in ("superscript", "subscript") else ""


def _marked(font: Any) -> str:
    marks = (mark(each.tag.rpartition("}")[2], each.get("val")) for each in (font if font is not None else ()))
    return next((each for each in marks if each), "")


def _strings(archive: ZipFile, part: str | None, colours: Palette) -> list[SharedStrings]:
    """The shared strings; without phonetic readings."""
    if part is None:
        return []
    with part_of(archive, part, limits.TEXTS_BYTES) as stream:
        tally = Contents().add(stream)
    within("tags", tally.tags, limits.TEXTS_TAGS)
    within("attributes", tally.attributes, limits.TEXTS_ATTRIBUTES)
    texts = _Texts(colours)
    parser = ElementTree.XMLParser(target=texts)
    with part_of(archive, part, limits.TEXTS_BYTES) as stream:
        while chunk := stream.read(1 << 16):
            parser.feed(chunk)
    parser.close()
    return texts.found


def _text(item: Any, colours: Palette) -> SharedStrings:
    """A shared string of its element; most hold one text and nothing else."""
    plain = len(item) == 1 and item[0].tag.rpartition("}")[2] == "t"
    made = SharedStrings(unescaped(item[0].text or "")) if plain else joined([*_pieces(item, colours)])
    if len(made.text) > limits.TEXT:
        within("text", len(made.text), limits.TEXT)
    return made


def _pieces(item: Any, colours: Palette) -> Iterator[TextPiece]:
    for each in item.iterfind("{*}t"):
        yield TextPiece(each.text or "")
    for number, run in enumerate(item.iterfind("{*}r"), start=1):
        font = run.find("{*}rPr")
        colour = None if font is None else font.find("{*}color")
        for each in run.iterfind("{*}t"):
            yield TextPiece(each.text or "", number, _marked(font), colour is not None, colours.of(colour, BLACK))


def unescaped(text: str) -> str:
    """A text with its marks for control characters undone: _x000D_ is a carriage return."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _styles(styles: Any, colours: Palette) -> dict[str, Style]:
    """The styles of cells."""
    own = {int(each.get("numFmtId")): each.get("formatCode", "") for each in styles.iterfind("{*}numFmts/{*}numFmt")}
    within("format", max(map(len, own.values()), default=0), limits.FORMAT)
    fonts = [(_marked(font), colours.of(font.find("{*}color"), BLACK)) for font in styles.iterfind("{*}fonts/{*}font")]
    grounds = [_ground(fill, colours) for fill in styles.iterfind("{*}fills/{*}fill")]
    found = {"0": Style()}
    for place, style in enumerate(styles.iterfind("{*}cellXfs/{*}xf")):
        number = index(style.get("numFmtId", "0"))
        code, day = (own[number], is_date(own[number])) if number in own else built_in(number)
        font, fill = index(style.get("fontId", "0")), index(style.get("fillId", "0"))
        marked, ink = fonts[font] if font < len(fonts) else ("", BLACK)
        ground = grounds[fill] if fill < len(grounds) else WHITE
        found[str(place)] = Style(code, day, marked, ink, ground, unseen(ink, ground) or "[" in code)
    return found


def _ground(fill: Any, colours: Palette) -> Colour | None:
    """The colour that a fill gives the ground: white where there is none, None where it is of several."""
    pattern = fill.find("{*}patternFill")
    kind = pattern.get("patternType", "none") if pattern is not None else "gradient"
    if kind == "none":
        return WHITE
    return colours.of(pattern.find("{*}fgColor"), BLACK) if kind == "solid" else None


def dress_of(each: Any, colours: Palette) -> Dress:
    """A conditional format's; its ground is the background colour of a pattern that is solid unless it says otherwise."""
    code, pattern = each.find("{*}numFmt"), each.find("{*}fill/{*}patternFill")
    plain = pattern is not None and pattern.get("patternType", "solid") == "solid"
    ground = colours.of(pattern.find("{*}bgColor"), None) if plain else None
    return Dress("" if code is None else code.get("formatCode", ""), colours.of(each.find("{*}font/{*}color"), None), ground)
