"""What a common cap takes off the points of several adjustments, or gives back, and how it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

import numpy as np

from txlib.base.labels import say
from txlib.base.numbers import Array, constant
from txlib.base.printing import DECIMALS, as_text, spelt
from txlib.base.sums import needed
from txlib.rules.category import Node


def over_cap(cap: Node, points: Mapping[str, Array]) -> Array:
    """What a common cap adds to a total, one a unit: below 0 where bonuses are above it, above 0 where deductions are.

    `points`: by code, of all adjustments that it is over, in fractions or in floats.
    """
    columns = [points[code] for code in cap.over]
    zero, most = constant(Fraction(0), columns[0]), constant(cap.cap, columns[0])
    added, taken = (sum(side(each, zero) for each in columns) for side in (np.maximum, np.minimum))
    if cap.net:
        added, taken = np.maximum(added + taken, zero), np.minimum(added + taken, zero)
    return np.asarray(np.minimum(most - added, zero) + np.maximum(-most - taken, zero))


def summed(parts: Mapping[str, Fraction], shown: int = DECIMALS) -> str:
    """Points by their codes as a sum, with the decimals that it needs; `shown`: those of its result."""
    kept = needed(" + ".join(["{}"] * len(parts)), *parts.values(), shown=shown) if parts else 0
    added = " + ".join(f"{code} {spelt(value, kept)}".strip() for code, value in parts.items())
    return re.sub(r"\+ (\S+) (≈?)−", r"− \1 \2", added)


def told(cap: Node, parts: Mapping[str, Fraction], lang: str) -> str:
    """What a unit has of the adjustments under a common cap, and what the cap does to that."""
    sides = [*_sides(cap, {code: value for code, value in parts.items() if value})]
    return say("explain.semicolon", lang).join(_told(cap, *side, lang) for side in sides) or say("explain.cap_nothing", lang)


def _sides(cap: Node, parts: Mapping[str, Fraction]) -> Iterator[tuple[str, Mapping[str, Fraction]]]:
    """What is summed: all of it where signs are net, else what is added and what is taken, as far as there is any."""
    if cap.net:
        signs = {"net": parts}
    else:
        signs = {"added": {code: value for code, value in parts.items() if value > 0},
                 "taken": {code: -value for code, value in parts.items() if value < 0}}
    yield from ((sign, held) for sign, held in signs.items() if held)


def _told(cap: Node, sign: str, parts: Mapping[str, Fraction], lang: str) -> str:
    total, most = sum(parts.values(), Fraction(0)), cap.cap
    over = abs(total) - most
    line = summed(parts) + (f" = {spelt(total)}" if len(parts) > 1 else "")
    what = say(f"explain.cap_{sign}", lang, line=line)
    if over <= 0:
        return what + say("explain.cap_kept", lang, cap=as_text(most))
    way = "back" if sign == "taken" or total < 0 else "less"
    return what + say(f"explain.cap_{way}", lang, cap=as_text(most), over=spelt(over))
