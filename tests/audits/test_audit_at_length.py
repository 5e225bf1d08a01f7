"""What test_audit tells of one or two categories, told of every one of the year."""

from __future__ import annotations

from pathlib import Path

import pytest
import test_audit
from at_length import Tells, of_every_category, told
from sample_audit import CATEGORIES

pytestmark = pytest.mark.long


@pytest.mark.parametrize(("tells", "year"), told(
    (test_audit.test_the_audit_of_a_category_is_its_part_of_the_year_s, ("2020",)),
    (test_audit.test_a_ranked_lead_department_loses_exactly_what_is_deducted, ("2020",)),
    (test_audit.test_a_year_without_quotas_has_no_audit, ("2019",)),
))
def test_what_is_told_of_two_categories_holds_of_every_other(tells: Tells, year: str) -> None:
    of_every_category(tells, year)


def test_a_ranking_without_deductions_is_the_same_wherever_it_is_asked_for() -> None:
    test_audit.test_a_ranking_is_the_same_wherever_it_is_asked_for("2020", "towns_1")


def test_unsound_marks_block_no_category_of_the_year_but_those_who_may_lose_points(tmp_path: Path) -> None:
    test_audit.test_unsound_marks_elsewhere_block_those_who_may_lose_points_for_them(CATEGORIES, tmp_path)
