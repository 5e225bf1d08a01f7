"""What the tests here tell of one category or case, told of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import test_points
import test_trees

pytestmark = pytest.mark.long


def test_totals_of_a_category_of_2019_are_those_of_a_slow_scorer() -> None:
    test_points.test_totals_are_those_of_a_slow_scorer("2019", "parks")


@pytest.mark.parametrize("case", test_trees.SCORED)
def test_the_order_of_rows_does_not_matter_in_any_case(case: dict[str, Any], tmp_path: Path) -> None:
    test_trees.test_the_order_of_rows_does_not_matter(case, tmp_path)
