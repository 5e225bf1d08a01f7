"""Golden results: what two categories give is what was accepted; and the comparison sees what it must."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import golden
import numpy as np
import pandas as pd
import pytest
from shared import assessed


@pytest.fixture(scope="module")
def kept() -> dict[str, str]:
    return dict(golden.kept())


def test_numbers_and_words_are_those_accepted(kept: dict[str, str]) -> None:
    """Where this fails and the change is right: `python tests/golden.py accept`, and look at `git diff tests/accepted`."""
    differ, _ = golden.compare(golden.ACCEPTED, iter(kept.items()))
    assert not differ, golden.report(differ, {})


def frame(value: float = 0.1) -> pd.DataFrame:
    return pd.DataFrame({"unit": ["a", "b,c"], "share": [value, np.nan], "rank": [1, 2]})


SET_DOWN = {"n/sobol.csv": golden.table(frame()), "n/exact.csv": golden.table(frame()), "w/a.txt": "one, two\nthree\n"}
HAIR = float(np.nextafter(0.1, 1))


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    """A folder in which these are set down."""
    assert golden.write(tmp_path, iter(SET_DOWN.items())) == len(SET_DOWN)
    return tmp_path


@pytest.mark.parametrize(("name", "text", "says"), [
    ("n/exact.csv", golden.table(frame(0.2)), ["line 2 (a, 0.1), share: 0.1 → 0.2"]),
    ("n/exact.csv", golden.table(frame(HAIR)), [f"line 2 (a, 0.1), share: 0.1 → {HAIR!r}"]),
    ("n/sobol.csv", golden.table(frame(0.2)), ["line 2 (a, 0.1), share: 0.1 → 0.2"]),
    ("n/exact.csv", golden.table(frame().rename(columns={"rank": "place"})), ["-unit,share,rank", "+unit,share,place"]),
    ("n/exact.csv", golden.table(frame().iloc[:1]), ['-"b,c",,2']),
    ("w/a.txt", "one, two\nfour\n", ["-three", "+four"]),
    ("w/b.txt", "new\n", ["not there before"]),
], ids=["a cell", "a hair of an exact one", "a float", "a column", "a row", "a text", "a file"])
def test_a_difference_is_shown_old_beside_new(frozen: Path, name: str, text: str, says: list[str]) -> None:
    assert golden.compare(frozen, iter(SET_DOWN.items())) == ({}, {})
    assert golden.compare(frozen, iter({**SET_DOWN, name: text}.items())) == ({name: says}, {})


def test_what_is_no_longer_made_is_told(frozen: Path) -> None:
    """A file, a whole folder; but for what was not to be compared."""
    one = [("n/exact.csv", golden.table(frame()))]
    assert golden.compare(frozen, iter(one))[0] == {"n/sobol.csv": ["gone"], "w/a.txt": ["gone"]}
    assert golden.compare(frozen, iter(one), ["n/"])[0] == {"n/sobol.csv": ["gone"]}


def test_the_quick_comparison_looks_for_what_it_makes(kept: dict[str, str]) -> None:
    assert kept and all(name.startswith(tuple(golden.quick_names())) for name in kept)


def test_floats_of_draws_may_move_by_a_few_ulps_and_that_is_said(frozen: Path) -> None:
    """Not those of exact results, and no farther."""
    near = 0.1
    for _ in range(golden.ULPS):
        near = float(np.nextafter(near, 1))
    for value, differs, moved in ((near, [], {"n/sobol.csv": golden.ULPS}), (float(np.nextafter(near, 1)), ["n/sobol.csv"], {})):
        found = golden.compare(frozen, iter({**SET_DOWN, "n/sobol.csv": golden.table(frame(value))}.items()))
        assert ([*found[0]], found[1]) == (differs, moved)


def test_exact_points_are_fractions_and_add_up_to_the_total() -> None:
    result = assessed("2017-jining", "class_1")
    points = golden.exact_points(result).set_index("unit")
    assert all(isinstance(value, Fraction) for value in points.to_numpy().ravel())
    roots = [node.code for node in result.category.roots]
    assert points[roots].sum(axis=1).tolist() == points[""].tolist()
    assert points.at["xuzhuang", ""] == Fraction(909950, 10000), "as the newspaper's parts add up"
