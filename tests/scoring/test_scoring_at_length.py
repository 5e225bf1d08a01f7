"""What the tests here tell of one or two categories or cases, told of every other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import test_points
import test_trees
import test_weighed
from at_length import Tells, of_every_category, told
from shared import ROOT

import txlib as tx

pytestmark = pytest.mark.long


@pytest.mark.parametrize(("tells", "year"), told(
    (test_weighed.test_the_ruled_weights_give_the_sample_back, tx.years(ROOT)),
    (test_weighed.test_the_short_way_for_sums_is_the_long_way, ("2020",)),
))
def test_what_is_told_of_two_categories_holds_of_every_other(tells: Tells, year: str) -> None:
    of_every_category(tells, year)


def test_totals_of_a_category_of_2019_are_those_of_a_slow_scorer() -> None:
    test_points.test_totals_are_those_of_a_slow_scorer("2019", "parks")


@pytest.mark.parametrize("case", test_trees.SCORED)
def test_the_order_of_rows_does_not_matter_in_any_case(case: dict[str, Any], tmp_path: Path) -> None:
    test_trees.test_the_order_of_rows_does_not_matter(case, tmp_path)
