"""How long each scoring method takes: 100,000 units in float as a multiple of one sort, Fractions per unit.

Run as `python tests/benchmarks/bench_methods.py`; ratios of one run, nothing is asserted.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from timing import seconds

from txlib.base.numbers import exact

sys.path.insert(0, str(Path(__file__).parents[1]))
from method_cases import WRITTEN, Case

UNITS, FEW = 100_000, 1_000


def main() -> None:
    random = np.random.default_rng(2020)
    value, target = (random.integers(1, 10**6, UNITS) / 100 for _ in range(2))
    sort = seconds(lambda: np.sort(value))
    some, goals = exact(value[:FEW]), exact(target[:FEW])
    ruled: dict[str, Any] = {"full": Fraction(15), "ties": "min", "when_not_positive": "refuse"}
    print(f"np.sort of {UNITS:,} floats: {sort * 1e3:.1f} ms")
    print(f"{'method':<15}{'float ÷ sort':>14}{'exact ÷ float, a unit':>24}{'a few among peers, ms':>24}")
    for name, raws in WRITTEN.items():
        rule = Case(raws[0]).rule
        fast = seconds(lambda rule=rule: rule.score(value, target, **ruled))
        slow = seconds(lambda rule=rule: rule.score(some, goals, **ruled), 2)
        few = seconds(lambda rule=rule: rule.score(some[:3], goals[:3], peers=value, **ruled))
        print(f"{name:<15}{fast / sort:>14.2f}{slow / FEW * UNITS / fast:>24.0f}{few * 1e3:>24.2f}")


if __name__ == "__main__":
    main()
