"""What a sheet stores and nobody sees: colours, zeros that are not shown, conditional formats."""

from __future__ import annotations

import io
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
    opened = package.opened(raw.getvalue())
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
