"""How long stability takes beside one assessment; nothing is asserted. `python tests/benchmarks/bench_stability.py`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from bench_scoring import seconds

sys.path.insert(0, str(Path(__file__).parents[1]))
from weighed import book, branch, leaf, marked

import txlib as tx

UNITS, BRANCHES, EACH = 49, 6, 10


def tree() -> list[dict[str, Any]]:
    """Six branches of ten leaves."""
    weights = [f"{100 / BRANCHES:.2f}"] * (BRANCHES - 1)
    weights.append(f"{100 - sum(map(float, weights)):.2f}")
    found = []
    for b, weight in enumerate(weights):
        each = [f"{float(weight) / EACH:.3f}"] * EACH
        found.append(branch(f"B{b}", weight, *(leaf(f"B{b}.{i}", points) for i, points in enumerate(each))))
    return found


def report(loaded: tx.RuleBook, data: tx.Data, told: str) -> None:
    """Print the rows of one set of marks."""
    result = tx.assess(loaded, data, "c")
    base = seconds(lambda: tx.assess(loaded, data, "c"))
    print(f"{UNITS} units × {BRANCHES * EACH} leaves, {told}; one assessment {base:.3f} s = 1.0")
    for name, run in (("weight_intervals", lambda: tx.weight_intervals(result)),
                      ("smallest_swaps, all leaves", lambda: tx.smallest_swaps(result)),
                      ("smallest_swaps, within branches", lambda: tx.smallest_swaps(result, "within")),
                      ("what_if", lambda: tx.what_if(loaded, data, "c", {"B0": 30}))):
        took = seconds(run)
        print(f"  {name}: {took:.3f} s = {took / base:.1f}")


def main() -> None:
    """Print the table."""
    takes = ["30%", "35%", "rest"]
    levels = [{"code": f"t{i}", "name": {"zh": "等", "en": "tier"}, "takes": each} for i, each in enumerate(takes)]
    with tempfile.TemporaryDirectory() as folder:
        rules = {"tiers": {"count": "half_up", "tied_at_the_cut": "in", "levels": levels}}
        loaded, data = book(Path(folder), tree(), UNITS, **rules)
    rng = np.random.default_rng(1)
    for missing in (0.0, 0.05):
        marks: Any = rng.integers(500, 1000, (UNITS, BRANCHES * EACH)) / 10
        marks[rng.random(marks.shape) < missing] = np.nan
        report(loaded, marked(data, marks), f"{missing:.0%} not applicable")


if __name__ == "__main__":
    main()
