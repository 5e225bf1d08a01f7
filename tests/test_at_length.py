"""What other modules tell of one or two categories, told of every one of every year; and threads of the BLAS."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shared
import test_assessment
import test_choices
import test_factors
import test_leaveout
import test_resampling
import test_scoring
import test_sensitivity
import test_spread
import test_stability
import test_standing
import test_trees
import test_weighing
import test_whatif

import txlib as tx

pytestmark = pytest.mark.long

ALL = tx.years(shared.ROOT)
TOLD: list[tuple[Callable[[str, str], Any], tuple[str, ...]]] = [
    (test_assessment.test_the_audit_of_a_category_is_its_part_of_the_year_s, ("2020",)),
    (test_assessment.test_a_ranked_lead_department_loses_exactly_what_is_deducted, ("2020",)),
    (test_assessment.test_a_year_without_quotas_has_no_audit, ("2019",)),
    (test_choices.test_the_published_ranking_is_the_first_combination, ("2020", "2017-jining")),
    (test_choices.points_follow_what_was_measured, ("2020",)),
    (test_factors.test_a_change_of_rank_one_is_the_whole_run, ("2020",)),
    (test_resampling.test_ballots_of_every_town_are_a_full_count, ("2019", "2020")),
    (test_resampling.test_no_error_gives_the_ranking_in_every_draw, ("2020",)),
    (test_sensitivity.test_no_spread_gives_the_ranking_in_every_draw, ("2020",)),
    (test_spread.test_shares_of_the_sample_add_up_at_every_node, ("2020", "2017-jining")),
    (test_stability.test_every_category_of_the_repository_has_its_intervals, ALL),
    (test_weighing.test_the_ruled_weights_give_the_sample_back, ALL),
    (test_weighing.test_the_short_way_for_sums_is_the_long_way, ("2020",)),
    (test_whatif.test_the_repository_answers_what_if_public_appraisal_weighed_twenty, ("2020",)),
]


@pytest.mark.parametrize(("tells", "year"), [pytest.param(tells, year, id=f"{tells.__name__}-{year}")
                                             for tells, years in TOLD for year in years])
def test_what_is_told_of_two_categories_holds_of_every_other(tells: Callable[[str, str], Any], year: str) -> None:
    for category in shared.edition(year)[0].categories:
        tells(year, category)


def test_a_ranking_without_deductions_is_the_same_wherever_it_is_asked_for() -> None:
    test_assessment.test_a_ranking_is_the_same_wherever_it_is_asked_for("2020", "towns_1")


def test_unsound_marks_block_no_category_of_the_year_but_those_who_may_lose_points(tmp_path: Path) -> None:
    test_assessment.test_unsound_marks_elsewhere_block_those_who_may_lose_points_for_them(test_assessment.CATEGORIES, tmp_path)


def test_no_weight_of_twenty_one_in_between_gives_another_place(tmp_path: Path) -> None:
    test_standing.test_no_weight_in_between_gives_another_place(tmp_path, 1)


def test_without_each_of_nine_units_is_an_assessment_without_it() -> None:
    test_leaveout.test_without_a_unit_is_an_assessment_without_it("2020", "depts_2")


def test_totals_of_a_category_of_2019_are_those_of_a_slow_scorer() -> None:
    test_scoring.test_totals_are_those_of_a_slow_scorer("2019", "parks")


@pytest.mark.parametrize("case", test_trees.SCORED)
def test_the_order_of_rows_does_not_matter_in_any_case(case: dict[str, Any], tmp_path: Path) -> None:
    test_trees.test_the_order_of_rows_does_not_matter(case, tmp_path)


@pytest.mark.parametrize("category", ["towns_2", "zones"])
def test_what_if_agrees_with_intervals_at_every_end(category: str) -> None:
    test_whatif.test_it_agrees_with_intervals_on_both_sides_of_an_end("2020", category, 1)


SCRIPT = """
import sys, txlib as tx
sys.path.insert(0, sys.argv[2])
from test_sensitivity import bits
book = tx.load_rulebook("2020", sys.argv[1])
data = tx.load_data(book)
for category, kind in (("depts_1", "around"), ("towns_2", "simplex")):
    result = tx.assess(book, data, category)
    print(*{bits(tx.weight_draws(book, result, draws=9_000, kind=kind, threads=threads)) for threads in (1, 5)})
"""


def test_threads_of_the_blas_change_no_bit() -> None:
    """In a process each, with one and with several threads of our own."""
    told = set()
    for blas in ("1", "2"):
        env = {**os.environ, "OPENBLAS_NUM_THREADS": blas, "PYTHONPATH": str(Path(tx.__file__).parents[1])}
        command = [sys.executable, "-c", SCRIPT, str(shared.ROOT), str(Path(__file__).parent)]
        told.add(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout)
    assert len(told) == 1 and len(told.pop().split()) == 8
