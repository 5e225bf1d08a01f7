"""What the tests here tell of one or two categories, told of every one of every year; and threads of the BLAS."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import test_data
import test_factors
import test_leave_out
import test_rules
import test_spread
import test_stability
import test_weighed
import test_weights
import test_what_if
from at_length import Tells, of_every_category, told
from shared import ROOT

import txlib as tx

pytestmark = pytest.mark.long


@pytest.mark.parametrize(("tells", "year"), told(
    (test_weighed.test_the_ruled_weights_give_the_sample_back, tx.years(ROOT)),
    (test_weighed.test_the_short_way_for_sums_is_the_long_way, ("2020",)),
    (test_rules.test_the_published_ranking_is_the_first_combination, ("2020", "2017-jining")),
    (test_rules.points_follow_what_was_measured, ("2020",)),
    (test_factors.test_a_change_of_rank_one_is_the_whole_run, ("2020",)),
    (test_data.test_ballots_of_every_town_are_a_full_count, ("2019", "2020")),
    (test_data.test_no_error_gives_the_ranking_in_every_draw, ("2020",)),
    (test_weights.test_no_spread_gives_the_ranking_in_every_draw, ("2020",)),
    (test_spread.test_shares_of_the_sample_add_up_at_every_node, ("2020", "2017-jining")),
    (test_stability.test_every_category_of_the_repository_has_its_intervals, tx.years(ROOT)),
    (test_what_if.test_the_repository_answers_what_if_public_appraisal_weighed_twenty, ("2020",)),
))
def test_what_is_told_of_two_categories_holds_of_every_other(tells: Tells, year: str) -> None:
    of_every_category(tells, year)


def test_without_each_of_nine_units_is_an_assessment_without_it() -> None:
    test_leave_out.test_without_a_unit_is_an_assessment_without_it("2020", "depts_2")


@pytest.mark.parametrize("category", ["towns_2", "zones"])
def test_what_if_agrees_with_intervals_at_every_end(category: str) -> None:
    test_what_if.test_it_agrees_with_intervals_on_both_sides_of_an_end("2020", category, 1)


SCRIPT = """
import sys, txlib as tx
sys.path[:0] = sys.argv[2:]
from test_weights import bits
book = tx.load_rulebook("2020", sys.argv[1])
data = tx.load_data(book)
for category, kind in (("depts_1", "around"), ("towns_2", "simplex")):
    result = tx.assess(book, data, category)
    print(*{bits(tx.weight_draws(book, result, draws=9_000, kind=kind, threads=threads)) for threads in (1, 5)})
"""


def test_threads_of_the_blas_change_no_bit() -> None:
    """In a process each, with one and with several threads of our own."""
    digests = set()
    for blas in ("1", "2"):
        env = {**os.environ, "OPENBLAS_NUM_THREADS": blas, "PYTHONPATH": str(Path(tx.__file__).parents[1])}
        command = [sys.executable, "-c", SCRIPT, str(ROOT), str(ROOT / "tests"), str(Path(__file__).parent)]
        digests.add(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout)
    assert len(digests) == 1 and len(digests.pop().split()) == 8
