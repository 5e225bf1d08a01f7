"""Numbers and days of a workbook, and what their formats show."""

from __future__ import annotations

import datetime
import random
from fractions import Fraction

import pytest
from openpyxl.utils.datetime import from_excel

from txlib.spreadsheet import number_formats

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(("number", "text"), [
    (0.1 + 0.2, "0.3"), (7.1300000000000008, "7.13"), (91.0, "91"), (-0.0, "0"), (1e20, "1" + 20 * "0"), (1e-7, "0.0000001"),
    (828.4, "828.4"), (123456789012345.0, "123456789012345"), (1234567890123456.0, "1234567890123460"), (-3.83, "-3.83"),
])
def test_numbers_are_decimals_of_fifteen_digits(number: float, text: str) -> None:
    assert number_formats.decimal(number) == text


@pytest.mark.parametrize(("text", "percent"), [("0.981", "98.1"), ("0.57", "57"), ("1", "100"), ("0.005", "0.5"), ("-0.07", "-7"),
                                                ("0", "0"), ("1.005", "100.5"), ("0.00001", "0.001"), ("12", "1200")])
def test_a_share_is_a_percentage_by_moving_its_point(text: str, percent: str) -> None:
    assert number_formats.hundredfold(text) == percent


@pytest.mark.parametrize(("code", "sign", "way"), [
    ("General", 1, "plain"), ("G/通用格式", 1, "plain"), ("[DBNum1][$-804]General", 1, "plain"), ("0.00", 1, "plain"),
    ("#,##0.00_);[Red](#,##0.00)", -1, "plain"), ("0.00E+00", 1, "plain"), ("0%", 1, "percent"),
    ("0.00%;[Red]-0.00%", -1, "percent"), ("0%;0", -1, "otherwise"), ('0.0"%"', 1, "percent sign"), ("0.0\\%", 1, "percent sign"),
    ("0!%", 1, "percent sign"), ("0.0％", 1, "percent sign"), ("0%%", 1, "otherwise"), ("#,##0,", 1, "otherwise"),
    ("0.0,,", 1, "otherwise"), ('0!.0,"万"', 1, "otherwise"), ('0"亿元"', 1, "worded"),
    (";;;", 1, "otherwise"), ("0;;", -1, "otherwise"), ("0;;", 0, "otherwise"), ("0;-0", 0, "plain"), ('"是"', 1, "otherwise"),
    ('_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', 0, "plain"), ("[>=1]0%;0.00", 1, "percent"),
    ("[>=1]0.0;0.00", 1, "plain"),
    ('0"元"', 1, "worded"), ("?/?", 1, "plain"), ("@", 1, "plain"),
    # a digit, a sign, a point or a multiple that the number does not have
    ("0!.0000", 1, "otherwise"), ('0"."00', 1, "otherwise"), ('"约"0', 1, "otherwise"), ('"-"0.00', 1, "otherwise"),
    ('0.00"5"', 1, "otherwise"), ('"1"0.00', 1, "otherwise"), ('0.00"k"', 1, "otherwise"), ('0.00"M"', 1, "otherwise"),
    ('0.00"‱"', 1, "otherwise"), ('"≥"0', 1, "otherwise"), ("0000-00", 1, "otherwise"), ("0000!-00", 1, "otherwise"),
    ("(0.00)", 1, "otherwise"), ("-0.00", 1, "otherwise"), ("-0.00", -1, "otherwise"), ('0"元"00', 1, "otherwise"),
    ("50", 1, "otherwise"), ("0.0.0", 1, "otherwise"), ("0/0", 1, "otherwise"), ('0.0"万"', 1, "otherwise"),
    ('"+"0.0', 1, "otherwise"),
    # below zero: with its sign, in brackets or in a colour, as accounts have it
    ("0.00;0.00", -1, "otherwise"), ("0.00;[Red]0.00", -1, "plain"), ("0.00;-0.00", -1, "plain"), ("0.00;▲0.00", -1, "otherwise"),
    ("[Red]+0.0;[Red]+0.0", -1, "otherwise"), ("+0.0;-0.0;0.0", 1, "plain"), ("#,##0.00_);\\(#,##0.00\\)", -1, "plain"),
    ('_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)', -1, "plain"), ('¥#,##0.00;¥\\-#,##0.00', -1, "plain"),
    ('_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)', 0, "plain"), ("#,##0.00 ;(#,##0.00);- ", 0, "plain"),
    ('#,##0.00"亿元";\\-#,##0.00"亿元"', -1, "worded"), ("#\\ ##0", 1, "plain"), ("# ??/100", 1, "plain"),
    ("[Red][<60]0.00;0.00", 1, "plain"),
    # what fills a cell
    ("0*7", 1, "otherwise"), ("*-0", 1, "otherwise"), ("0**", 1, "worded"), ("0*.", 1, "otherwise"), ("* 0", 1, "plain"),
    # numbers of which no digit is drawn, and those of which one is
    ("#", 0, "otherwise"), ("#", 0.4, "otherwise"), ("#", -0.4, "otherwise"), ("#", 0.5, "plain"), ("#,###", 0, "otherwise"),
    ("#%", 0, "otherwise"), ("#%", 0.004, "otherwise"), ("#%", 0.01, "percent"), ("#,##0;-#,##0;#", 0, "otherwise"),
    ("?", 0, "otherwise"), ("0;-0;?", 0, "otherwise"), ("#.##", 0, "otherwise"), ("#.##", 0.004, "otherwise"),
    ("#.##", 0.005, "plain"), ("?.??", 0, "otherwise"), ('#"元"', 0, "otherwise"), ("$#", 0, "otherwise"),
    ("#_ ;-#_ ", 0, "otherwise"),
    ("#;-#;0", 0, "plain"), ("#.00", 0, "plain"), ("#.0#", 0, "plain"), ("0.##", 0, "plain"), ("#,##0", 0, "plain"),
    ("# ?/?", 0, "plain"), ("##0.0E+0", 0, "plain"), ("General", 0, "plain"), ("@", 0, "plain"), ("#;-#;General", 0, "plain"),
    ('#;-#;"-"', 0, "plain"), ("0;-0;-??", 0, "plain"), ("[=0]#;0", 0, "otherwise"),
    # sections for numbers that meet a condition
    ("[>=1]0%;0.00", 0.5, "plain"), ('[>5]"高";0', 7, "otherwise"), ('[>5]"高";0', 3, "plain"),
    ('[>=10000]0!.0,"万";0', 20_000, "otherwise"),
    ('[>=10000]0!.0,"万";0', 500, "plain"), ('[>=10000]0!.0,"万";0', -500, "plain"),
    ("[<0.1]0.000;[<1]0.00;0.0", 5, "plain"), ("[<1]0.00;[<10]0.0", 50, "otherwise"), ("[>=100]0", 5, "otherwise"),
    ("[<0]0;0.0", -5, "otherwise"), ("[<0]-0;0.0", -5, "plain"), ("[>=0]0;0.0", -5, "otherwise"), ("[>=0]0;-0.0", -5, "plain"),
    ("[>=100]0;0.0;0.00", 5, "otherwise"), ("[>=100]0;0.0;0.00", 500, "plain"), ('[>0]0;[<0]-0;"-"', 0, "plain"),
    # a section for texts is none for numbers
    ("0.0;@", -1, "plain"), ("0;-0;@", 0, "plain"),
])
def test_what_a_format_shows(code: str, sign: float, way: str) -> None:
    assert number_formats.shown(code, sign) == way


@pytest.mark.parametrize(("code", "day"), [
    ("yyyy-mm-dd", True), ('yyyy"年"m"月"d"日"', True), ("[h]:mm", True), ("General", False), ("0.00", False),
    ('0"days"', False), ("[Red]0", False), ("m/d/yy h:mm;@", True), ("0.00E+00", False), ("\\d0", False),
    ("[DBNum1]yyyy\"年\"", True), ("G/通用格式", False),
])
def test_which_formats_are_days(code: str, day: bool) -> None:
    assert number_formats.is_date(code) is day


@pytest.mark.parametrize("serial", [1, 59, 61, 366, 36526, 43831, 44025, 44196, 44025.5, 44025.999988426, 2958465])
@pytest.mark.parametrize("from_1904", [False, True])
def test_days_are_those_of_another_program(serial: float, from_1904: bool) -> None:
    epoch = datetime.datetime(1904, 1, 1) if from_1904 else datetime.datetime(1899, 12, 30)
    try:
        want = from_excel(serial, epoch)
    except OverflowError:
        assert number_formats.day_of(serial, from_1904) == ""
        return
    assert number_formats.day_of(serial, from_1904) == number_formats.moment(want)


def test_days_that_are_none() -> None:
    assert number_formats.day_of(60, False) == "1900-02-29"
    assert number_formats.day_of(-1, False) == number_formats.day_of(1e9, False) == ""
    assert number_formats.day_of(0.5, False) == "12:00:00"


# ── what a computed number stands for (f02) ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("stored", "decimals", "text"), [
    ("7.9999999999999988E-2", 4, "0.08"), ("0.30000000000000004", None, "0.3"), ("0.1", None, "0.1"),
    ("7.0000000000000001", 0, "7"),
    ("7.9999999999999", 0, "7.9999999999999"), ("-0.30000000000000004", 1, "-0.3"), ("1234567.8900000001", 2, "1234567.89"),
    ("0.33333333333333331", 2, "0.333333333333333"), ("12345678901234567890", None, "12345678901234600000"),
    ("0.1234565", 6, "0.1234565"), ("1.0000000000000002E-1", None, "0.1"), ("0.0000049999999999999999", None, "0.000005")])
def test_a_computed_number_stands_for_the_one_shown_within_the_noise(stored: str, decimals: int | None, text: str) -> None:
    assert number_formats.settled(stored, decimals) == text


def test_growth_comes_out_as_it_is_and_differences_but_for_a_few() -> None:
    """Rates of whole hundredths of a percent and differences of cents, computed in floats as Excel does, from known fractions.

    What is left of two large numbers bears their noise: of such differences one in a hundred keeps its digits.
    """
    draw, missed = random.Random(14), 0
    for _ in range(3000):
        base, rate = Fraction(draw.randrange(1000, 9_999_999), 10), Fraction(draw.randrange(-3000, 6000), 10_000)
        now = base * (1 + rate)
        if now * 10**5 == int(now * 10**5):  # a number that a sheet can hold
            growth = (float(now) - float(base)) / float(base)
            assert Fraction(number_formats.settled(repr(growth), 4)) == rate, (base, now)
        a, b = Fraction(draw.randrange(1_000_000), 100), Fraction(draw.randrange(1_000_000), 100)
        missed += Fraction(number_formats.settled(repr(float(a) - float(b)), 2)) != a - b
    assert missed <= 30


def test_no_other_quotient_is_taken_for_the_number_shown() -> None:
    """A quotient of whole numbers that is not the number shown keeps its digits, while divisor × 10^decimals is below 10^13."""
    draw = random.Random(15)
    for _ in range(20_000):
        p, q = draw.randrange(1, 10**9), draw.randrange(1, 10**8)
        shown = round(Fraction(p, q), 4)
        if shown != Fraction(p, q):
            assert Fraction(number_formats.settled(repr(p / q), 4)) != shown, (p, q)


@pytest.mark.parametrize(("code", "shown"), [
    ("0.00", (2, 2, 2)), ("General", (None, None, None)), ("0%", (0, 0, 0)), ("#,##0.0_ ;[Red]-#,##0.0 ", (1, 1, 1)),
    ("0.00E+00", (None, None, None)), ("# ?/?", (None, None, None)), ("@", (None, None, None)), ('0.0;-0.00;"无"', (1, 2, 0)),
    ('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', (2, 2, 0)), ('0."元"', (0, 0, 0)),
    ('G/通用格式"元"', (None, None, None))])
def test_how_many_decimals_a_format_shows(code: str, shown: tuple[int | None, ...]) -> None:
    assert tuple(number_formats.decimals(code, sign) for sign in (1, -1, 0)) == shown


@pytest.mark.parametrize(("code", "number", "shown"), [
    ("[>=100]0;0.00", 100, 0), ("[>=100]0;0.00", 99.5, 2), ("[>=100]0;0.00", -500, 2), ("[>=1000]#,##0;0.0", 1234.5, 0),
    ("[>=1000]#,##0;0.0", 7, 1), ("[<0.1]0.000;[<1]0.00;0.0", 0.05, 3), ("[<0.1]0.000;[<1]0.00;0.0", 0.5, 2),
    ("[<0.1]0.000;[<1]0.00;0.0", 5, 1), ("[=0]0;[<>0]0.00", 3, 2), ("[Red][<= 60]0.0;[蓝色][>.6E2]0.000;@", 60.5, 3)])
def test_a_condition_picks_the_section_whose_decimals_are_shown(code: str, number: float, shown: int) -> None:
    assert number_formats.decimals(code, number) == shown


def test_a_condition_picks_the_colour() -> None:
    assert [number_formats.colour("[White][<5]0;[Red]0", number) for number in (4, 5)] == ["White", "Red"]
