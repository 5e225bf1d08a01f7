"""How long scoring takes, printed as ratios in one run; nothing is asserted. `python tests/benchmarks/bench_scoring.py`."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from timing import seconds

from txlib.base.fields import Text
from txlib.base.numbers import Numeral, places
from txlib.methods import Completion, Given, MinMax, RankStep
from txlib.rules.category import Category, Node
from txlib.rules.tree import NotApplicable
from txlib.rules.year import Rounding
from txlib.scoring import points
from txlib.scoring.result import tidy

NAME = Text(zh="名", en="name")
KEPT = NotApplicable(rule="redistribute")
ROUNDING = Rounding.model_validate({"clause": "silent", "assumed": "x", "leaf": "exact", "total": Numeral("2"), "half": "up"})
RULES: list[Any] = [
    Given(method="given", out_of=Numeral("100")),  # type: ignore[arg-type]
    Completion(method="completion", lose="proportional", floor="0% of weight"),  # type: ignore[arg-type]
    MinMax(method="min_max", onto=("50% of weight", "100% of weight")),  # type: ignore[arg-type]
    RankStep(method="rank_step", step="0.001% of weight", floor="60% of weight"),  # type: ignore[arg-type]
]


def tree(leaves: int) -> Category:
    """A category of six branches with leaves by four methods in turn."""
    branches = []
    for b in range(6):
        each = Fraction(100, leaves)
        children = tuple(Node(f"{b}.{i}", NAME, each, 2, str(b), (), (), KEPT, (), RULES[i % 4]) for i in range(leaves // 6))
        branches.append(Node(str(b), NAME, each * len(children), 1, None, (), (), KEPT, children))
    return Category("c", NAME, (), (), tuple(branches), Fraction(100))


def handed(units: int, leaves: int, missing: float = 0.0) -> points.Handed:
    """Values of one decimal, some not applicable."""
    rng = np.random.default_rng(1)
    values = rng.integers(500, 1000, (units, leaves)) / 10
    values[rng.random(values.shape) < missing] = np.nan
    return points.Handed(values, np.full(values.shape, 80.0))


def main() -> None:
    """Print the table."""
    small = tree(60)

    def both(units: int, missing: float = 0.0) -> Callable[[], object]:
        table = handed(units, 60, missing)
        return lambda: places(points.score(small, table, "min", ROUNDING, Fraction(100))[1])

    base = seconds(both(10_000))
    print(f"10,000 units × 60 indicators, matrix and ranks: {base:.3f} s = 1.0")
    for units, missing in ((1_000, 0.0), (100_000, 0.0), (100_000, 0.01)):
        took = seconds(both(units, missing), 2)
        path = "fractions" if units * 60 <= points.EXACT_CELLS else "float64, doubtful units in fractions"
        print(f"{units:,} units, {missing:.0%} not applicable ({path}): {took:.3f} s = {took / base:.1f}")
    table = handed(100_000, 60)
    tracemalloc.start()
    found, _ = points.score(small, table, "min", ROUNDING, Fraction(100))
    print(f"peak memory of 100,000 units, matrix: {tracemalloc.get_traced_memory()[1] / 2**20:.0f} MiB")
    tracemalloc.stop()
    names = [f"u{i}" for i in range(100_000)]
    units_ = pd.DataFrame({"unit": names, "name": names, "name_en": names})
    frame = seconds(lambda: tidy(small, units_, table, found), 1)
    print(f"the tidy frame of {100_000 * len(small.nodes):,} rows: {frame:.2f} s = {frame / base:.1f}")
    start = seconds(lambda: subprocess.run([sys.executable, "-m", "txlib.cli", "--help"], capture_output=True, check=True), 5)
    bare = seconds(lambda: subprocess.run([sys.executable, "-c", "pass"], capture_output=True, check=True), 5)
    print(f"txlib --help: {start:.3f} s = {start / bare:.1f} × python -c pass")


if __name__ == "__main__":
    main()
