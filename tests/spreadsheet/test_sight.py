"""What a sheet stores and nobody sees: colours, zeros that are not shown, conditional formats."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter

from txlib.spreadsheet import cells, colours, package

pytestmark = pytest.mark.quick

Make = Callable[[Any, Any], None]  # what is done to a book and its sheet; the cell is D1


def cell(make: Make) -> tuple[str, str, bool]:
    """Kind, text and doubt of D1."""
    raw = io.BytesIO()
    book = xlsxwriter.Workbook(raw)
    sheet = book.add_worksheet()
    make(book, sheet)
    book.close()
    return read(raw.getvalue())


def read(raw: bytes) -> tuple[str, str, bool]:
    """Kind, text and doubt of D1 of a workbook."""
    opened = package.opened(raw)
    found = cells.grid(opened, opened.sheets[0]).cells[1][4]
    return found.kind, found.text, found.doubtful


def styled(value: Any = 7, **style: Any) -> Make:
    return lambda book, sheet: sheet.write(0, 3, value, book.add_format(style))


def conditional(rule: dict[str, Any], where: str = "D1:D9", value: Any = 7, **dress: Any) -> Make:
    def make(book: Any, sheet: Any) -> None:
        sheet.write(0, 3, value)
        sheet.conditional_format(where, {**rule, **({"format": book.add_format(dress)} if dress else {})})
    return make


def without_zeros(value: Any, **style: Any) -> Make:
    def make(book: Any, sheet: Any) -> None:
        sheet.hide_zero()
        sheet.write(0, 3, value, book.add_format(style))
    return make


def in_a_table(book: Any, sheet: Any) -> None:
    sheet.add_table("D1:D2", {"header_row": False})
    sheet.write(0, 3, 7, book.add_format({"font_color": "white"}))


WHITE = {"font_color": "white"}
ABOVE = {"type": "cell", "criteria": ">", "value": 5}
UNSEEN: dict[str, Make] = {
    "white on none": styled(font_color="white"),
    "white on white": styled(font_color="white", bg_color="white"),
    "nearly white": styled(font_color="#F8F8F8"),
    "the colour of its ground": styled(font_color="#1F4E78", bg_color="#1F4E78"),
    "a text": styled("东港镇", font_color="white"),
    "a format that is white": styled(num_format="[White]0"),
    "a format that is white in Chinese": styled(num_format="[白色]0.00"),
    "a zero that is not shown": without_zeros(0),
    "a zero that is not shown, with decimals": without_zeros(0, num_format="0.00"),
    "where a condition holds": conditional(ABOVE, **WHITE),
    "where a condition takes the number away": conditional(ABOVE, num_format=";;;"),
    "where a ground takes its colour": conditional(ABOVE, bg_color="black"),
    "between": conditional({"type": "cell", "criteria": "between", "minimum": 9, "maximum": 1}, **WHITE),
    "not blank": conditional({"type": "no_blanks"}, **WHITE),
    "where a condition draws no digit": conditional({**ABOVE, "criteria": "<"}, value=0, num_format="#"),
    "where a condition shows another amount": conditional(ABOVE, num_format='0!.0,"万"'),
    "where a condition shows a percentage": conditional(ABOVE, num_format="0%"),
    "white by a condition of its format": styled(num_format="[White][>5]0;0"),
    "too small": styled(font_size=1),
    "a bar in its place": conditional({"type": "data_bar", "bar_only": True}),
    "an icon in its place": conditional({"type": "icon_set", "icon_style": "3_arrows", "icons_only": True}),
}
SEEN: dict[str, Make] = {
    "black": styled(),
    "white on black": styled(font_color="white", bg_color="#203864"),
    "grey": styled(font_color="#BFBFBF"),
    "red": styled(num_format="[Red]0"),
    "white below zero alone": styled(num_format="0;[White]-0"),
    "a zero": styled(0),
    "white by a condition that it does not meet": styled(num_format="[White][>7]0;0"),
    "where a condition shows decimals": conditional(ABOVE, num_format="0.00"),
    "small": styled(font_size=6),
    "another number where zeros are not shown": without_zeros(7),
    "where a condition does not hold": conditional({**ABOVE, "value": 7}, **WHITE),
    "where a condition stands elsewhere": conditional(ABOVE, where="E1:E9", **WHITE),
    "where it is seen all the same": conditional(ABOVE, bg_color="yellow"),
    "errors hidden": conditional({"type": "errors"}, **WHITE),
    "errors hidden by a formula": conditional({"type": "formula", "criteria": "=ISERROR(D1)"}, **WHITE),
    "blanks hidden": conditional({"type": "blanks"}, **WHITE),
    "a bar beside it": conditional({"type": "data_bar"}),
}
DOUBTFUL: dict[str, Make] = {
    "a formula": conditional({"type": "formula", "criteria": "=$E$1>3"}, **WHITE),
    "another cell": conditional({**ABOVE, "value": "=$E$1"}, **WHITE),
    "those that repeat": conditional({"type": "duplicate"}, **WHITE),
    "in a table, whose style may give a ground": in_a_table,
}


@pytest.mark.parametrize("how", UNSEEN)
def test_what_nobody_sees_is_told(how: str) -> None:
    assert cell(UNSEEN[how])[0] == "unseen"


@pytest.mark.parametrize("how", SEEN)
def test_what_is_seen_is_read(how: str) -> None:
    kind, _, doubtful = cell(SEEN[how])
    assert (kind, doubtful) == ("number", False)


@pytest.mark.parametrize("how", DOUBTFUL)
def test_what_may_be_unseen_is_read_and_doubtful(how: str) -> None:
    assert cell(DOUBTFUL[how]) == ("number", "7", True)


# ── what no program here writes: one form of a sheet made of another ────────────────────────────────────────────────


def rewritten(*pairs: tuple[str, str], value: Any = 7, **style: Any) -> bytes:
    """A workbook that holds a value in D1, with something in its sheet replaced, which must be there."""
    raw, out = io.BytesIO(), io.BytesIO()
    book = xlsxwriter.Workbook(raw)
    sheet = book.add_worksheet()
    (sheet.write_formula if str(value).startswith("=") else sheet.write)(0, 3, value, book.add_format(style))
    book.close()
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            told = old.read(name)
            if name.endswith("sheet1.xml"):
                for before, after in pairs:
                    assert before.encode() in told
                    told = told.replace(before.encode(), after.encode(), 1)
            new.writestr(name, told)
    return out.getvalue()


def x14(rule: str, dress: str, where: str = "D1:D9") -> tuple[str, str]:
    """A conditional format as Excel 2010 and later may store it: in an extension, complete, its cells last."""
    return "</worksheet>", f"""<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
        uri="{{78C0D931-6437-407d-A8EE-F0AAD7539E65}}"><x14:conditionalFormattings><x14:conditionalFormatting
        xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:cfRule {rule}<x14:dxf>{dress}</x14:dxf></x14:cfRule>
        <xm:sqref>{where}</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst></worksheet>"""


IS_ABOVE = 'type="cellIs" priority="1" operator="greaterThan" id="{1}"><xm:f>5</xm:f>'
ASKS = 'type="expression" priority="1" id="{1}"><xm:f>Sheet2!$A$1&gt;3</xm:f>'
FONT = '<font><b/><color theme="0"/></font>'


@pytest.mark.parametrize(("told", "want"), [
    (x14(IS_ABOVE, FONT), ("unseen", False)),
    (x14(IS_ABOVE, FONT, "E5:E9 A1:D2"), ("unseen", False)),
    (x14(IS_ABOVE, '<numFmt numFmtId="164" formatCode=";;;"/>'), ("unseen", False)),
    (x14(IS_ABOVE, '<font/><fill><patternFill><bgColor rgb="FF000000"/></patternFill></fill>'), ("unseen", False)),
    (x14(ASKS, FONT), ("number", True)),
    (x14(IS_ABOVE.replace("5", "7"), FONT), ("number", False)),
    (x14(IS_ABOVE, FONT, "E1:E9"), ("number", False)),
    (x14(IS_ABOVE, '<font><color rgb="FFFF0000"/></font>'), ("number", False)),
    (x14('type="dataBar" id="{1}"><x14:dataBar showValue="0"><x14:cfvo type="num"><xm:f>1</xm:f></x14:cfvo></x14:dataBar>', ""),
     ("unseen", False)),
])
def test_a_condition_told_as_an_extension_is_one(told: tuple[str, str], want: tuple[str, bool]) -> None:
    kind, _, doubtful = read(rewritten(told))
    assert (kind, doubtful) == want


@pytest.mark.parametrize(("where", "want"), [("D:D", "unseen"), ("$C:$E", "unseen"), ("1:1", "unseen"), ("E:F 2:5", "number")])
def test_a_condition_of_whole_columns_and_rows(where: str, want: str) -> None:
    assert read(rewritten(x14(IS_ABOVE, FONT, where)))[0] == want


def test_a_condition_whose_dress_is_not_there_dresses_nothing() -> None:
    rule = '</sheetData><conditionalFormatting sqref="D1"><cfRule type="cellIs" dxfId="9" operator="greaterThan">' \
        "<formula>5</formula></cfRule></conditionalFormatting>"
    assert read(rewritten(("</sheetData>", rule))) == ("number", "7", False)


def test_formulas_elsewhere_in_an_extension_are_no_conditions() -> None:
    """Of lists to choose from, of lines in cells."""
    told = x14(IS_ABOVE, FONT, "E1")
    more = "<x14:dataValidation><x14:formula1><xm:f>9</xm:f></x14:formula1><xm:sqref>D1</xm:sqref></x14:dataValidation></ext>"
    assert read(rewritten((told[0], told[1].replace("</ext>", more)))) == ("number", "7", False)


@pytest.mark.parametrize(("first", "second"), [("1", "0"), ("0", "1"), ("false", "true")])
def test_zeros_that_one_of_several_views_does_not_show(first: str, second: str) -> None:
    views = f'<sheetViews><sheetView showZeros="{first}" workbookViewId="0"/><sheetView showZeros="{second}" workbookViewId="1"/>'
    assert read(rewritten(('<sheetViews><sheetView tabSelected="1" workbookViewId="0"/>', views), value=0))[0] == "unseen"
    assert read(rewritten(('<sheetViews><sheetView tabSelected="1" workbookViewId="0"/>', views), value=7))[0] == "number"


def test_a_formula_shown_in_the_place_of_its_value() -> None:
    shown = ("<sheetView ", '<sheetView showFormulas="1" ')
    computed = ("<v>0</v>", "<v>7</v>")
    assert read(rewritten(shown, computed, value="=3+4"))[0] == "unseen"
    assert read(rewritten(computed, value="=3+4")) == ("number", "7", False)
    assert read(rewritten(shown)) == ("number", "7", False)


INK = '<r><rPr><color rgb="{}"/></rPr><t>7</t></r><r><t>5</t></r>'


@pytest.mark.parametrize(("style", "ink", "more", "want"), [
    ({}, "FFFFFFFF", [], ("unseen", False)),
    ({"bg_color": "#203864"}, "FFFFFFFF", [], ("text", False)),  # the other piece is black on it
    ({"bg_color": "#203864", "font_color": "white"}, "FF203864", [], ("unseen", False)),
    ({"font_color": "white"}, "FF000000", [], ("unseen", False)),
    ({}, "FF000000", [x14(ASKS, '<fill><patternFill><bgColor rgb="FF000000"/></patternFill></fill>')], ("text", True)),
    ({}, "FFFF0000", [x14(ASKS, '<fill><patternFill><bgColor rgb="FFFF0000"/></patternFill></fill>')], ("text", True)),
    ({}, "FFFF0000", [x14(ASKS, '<fill><patternFill><bgColor rgb="FFFFFF00"/></patternFill></fill>')], ("text", False)),
    ({}, "FFFFFFFF", [("</sheetData>", '</sheetData><tableParts count="1"><tablePart/></tableParts>')], ("text", True)),
])
def test_a_piece_in_the_colour_of_its_ground(style: dict[str, Any], ink: str, more: list[tuple[str, str]],
                                             want: tuple[str, bool]) -> None:
    raw = rewritten(*more, ("<v>7</v>", f"<is>{INK.format(ink)}</is>"), (' r="D1"', ' t="inlineStr" r="D1"'), **style)
    kind, text, doubtful = read(raw)
    assert (kind, doubtful) == want and text == "75"


def test_pieces_with_colours_of_their_own_are_seen_whatever_the_font_of_the_cell() -> None:
    runs = "".join(f'<r><rPr><color rgb="FF{each}"/></rPr><t>{text}</t></r>' for each, text in (("000000", "7"), ("C00000", "5")))
    raw = rewritten(("<v>7</v>", f"<is>{runs}</is>"), (' r="D1"', ' t="inlineStr" r="D1"'), font_color="white")
    assert read(raw) == ("text", "75", False)


@pytest.mark.parametrize(("tint", "seen"), [(0.0, "FFFFFF"), (-0.5, "808080"), (-1.0, "000000"), (1.0, "FFFFFF")])
def test_a_tint_is_what_the_standard_says(tint: float, seen: str) -> None:
    """ECMA-376 part 1, 18.8.19: below zero, the light times one more than the tint; else the rest of it by the tint."""
    want = colours.of_text(seen)
    assert want is not None and all(abs(a - b) <= 1 for a, b in zip(colours.tinted(colours.WHITE, tint), want, strict=True))


def test_contrast_is_that_of_wcag() -> None:
    """Black on white 21:1, #777777 on white 4.48:1, as published with WCAG."""
    def contrast(text: str) -> float:
        one = colours.of_text(text)
        assert one is not None
        return 1.05 / (colours._luminance(one) + 0.05)
    assert round(contrast("000000"), 2) == 21 and round(contrast("777777"), 2) == 4.48
