"""Colours of a workbook, and which text nobody sees on its ground.

A colour is a red, green, blue of 0 to 255; None where it cannot be told. Source: ECMA-376 part 1, 18.8.3 (colour, tint), 18.8.27
(indexed colours), 20.1.6 (colour scheme); contrast as in WCAG 2.2.
"""

from __future__ import annotations

import colorsys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

UNSEEN = 1.2  # contrast below which two colours are one to the eye
_INDEXED = [  # from 8 on; 0 to 7 are the first eight
    "000000", "FFFFFF", "FF0000", "00FF00", "0000FF", "FFFF00", "FF00FF", "00FFFF", "800000", "008000",
    "000080", "808000", "800080", "008080", "C0C0C0", "808080", "9999FF", "993366", "FFFFCC", "CCFFFF",
    "660066", "FF8080", "0066CC", "CCCCFF", "000080", "FF00FF", "FFFF00", "00FFFF", "800080", "800000",
    "008080", "0000FF", "00CCFF", "CCFFFF", "CCFFCC", "FFFF99", "99CCFF", "FF99CC", "CC99FF", "FFCC99",
    "3366FF", "33CCCC", "99CC00", "FFCC00", "FF9900", "FF6600", "666699", "969696", "003366", "339966",
    "003300", "333300", "993300", "993366", "333399", "333333",
]
_SCHEME = ("lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6", "hlink", "folHlink")
_OFFICE = ("FFFFFF", "000000")  # of a workbook without a theme


class Colour(NamedTuple):
    """Red, green and blue of 0 to 255."""

    red: float
    green: float
    blue: float


WHITE, BLACK = Colour(255, 255, 255), Colour(0, 0, 0)


def of_text(text: str) -> Colour | None:
    """RRGGBB or AARRGGBB as a colour."""
    try:
        red, green, blue = bytes.fromhex(text[-6:])
    except ValueError:
        return None
    return Colour(red, green, blue)


_NAMES = {"black": "000000", "blue": "0000FF", "cyan": "00FFFF", "green": "00FF00", "magenta": "FF00FF", "red": "FF0000",
          "white": "FFFFFF", "yellow": "FFFF00", "黑": "000000", "蓝": "0000FF", "青": "00FFFF", "绿": "00FF00", "洋红": "FF00FF",
          "红": "FF0000", "白": "FFFFFF", "黄": "FFFF00"}


def of_name(name: str) -> Colour | None:
    """A colour as number formats name it: Red, 红色, Color 3."""
    word = name.lower().removesuffix("色")
    number = word.removeprefix("colour").removeprefix("color").removeprefix("颜色").strip()
    if number.isdigit():
        return of_text(_INDEXED[int(number) - 1]) if 1 <= int(number) <= len(_INDEXED) else None
    return of_text(_NAMES[word]) if word in _NAMES else None


def scheme(theme: Any) -> Sequence[Colour | None]:
    """The colours of a theme (its XML, or None) in the order in which cells number them."""
    found = {each.tag.rpartition("}")[2]: next(iter(each), None) for each in
             (theme.iterfind("{*}themeElements/{*}clrScheme/*") if theme is not None else ())}
    if not found:
        return [of_text(each) for each in _OFFICE]
    told = [found.get(name) for name in _SCHEME]
    return [None if each is None else of_text(each.get("lastClr") or each.get("val") or "") for each in told]


class Palette(NamedTuple):
    """What the colours of a workbook stand for: of its theme, and by index."""

    theme: Sequence[Colour | None]
    indexed: Mapping[int, Colour | None]

    def of(self, element: Any, otherwise: Colour | None) -> Colour | None:
        """A colour as XML tells it; `otherwise` where nothing or `auto` is told."""
        if element is None or element.get("auto") in ("1", "true"):
            return otherwise
        found = None
        if rgb := element.get("rgb"):
            found = of_text(rgb)
        elif theme := element.get("theme"):
            found = self.theme[int(theme)] if 0 <= int(theme) < len(self.theme) else None
        elif number := element.get("indexed"):
            found = self.indexed.get(int(number))
        return None if found is None else tinted(found, float(element.get("tint", 0)))


def palette(theme: Any, styles: Any) -> Palette:
    """The palette of a workbook from the XML of its theme (or None) and of its styles."""
    own = [each.get("rgb", "") for each in styles.iterfind("{*}colors/{*}indexedColors/{*}rgbColor")]
    indexed = {number: of_text(text) for number, text in enumerate(own or [*_INDEXED[:8], *_INDEXED])}
    return Palette(scheme(theme), indexed | {64: BLACK, 65: WHITE})


def tinted(colour: Colour, tint: float) -> Colour:
    """A colour made darker (tint below zero) or lighter."""
    if not tint:
        return colour
    hue, light, saturation = colorsys.rgb_to_hls(*(each / 255 for each in colour))
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    return Colour(*(255 * each for each in colorsys.hls_to_rgb(hue, min(max(light, 0.0), 1.0), saturation)))


def unseen(ink: Colour | None, ground: Colour | None) -> bool:
    """Whether nobody sees a text of this colour on this ground; False where either cannot be told."""
    if ink is None or ground is None:
        return False
    lighter, darker = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05) < UNSEEN


def _luminance(colour: Colour) -> float:
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
