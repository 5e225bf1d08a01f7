"""Numbers as a report prints them: with the digits that they have, and a dash where there is none."""

from __future__ import annotations

from collections.abc import Callable
from math import nan
from typing import Any

import pytest

from txlib.base.printing import in_format, percent, percentage, place, plainly, points

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(("told", "values"), [
    (plainly, {nan: "—", 1 / 3: "≈0.3333", 0.25: "0.25", 12.0: "12"}),
    (place, {nan: "—", 1.0: "1", 2.5: "2.5", 12.0: "12"}),
    (percent, {0.126: "13", -0.5: "−50"}),
    (percentage, {nan: "—", 0.125: "12.5%", 1.0: "100%", 0.00049: "0%"}),
    (points, {0.0: "0.00", 0.005: "0.01", 1.5: "1.50", 0.0004: "0.0004"}),
], ids=lambda each: getattr(each, "__name__", ""))
def test_a_number_is_printed_with_what_it_has(told: Callable[[float], str], values: dict[float, str]) -> None:
    assert {value: told(value) for value in values} == values


@pytest.mark.parametrize(("value", "pattern", "wanted"), [
    (2.5, "0.00", "2.50"), (2.5, "0", "2"), (2.5, "General", "2.5"), (3.0, "General", "3"),
])
def test_a_cell_shows_a_number_as_its_format_says(value: Any, pattern: str, wanted: str) -> None:
    assert in_format(value, pattern) == wanted
