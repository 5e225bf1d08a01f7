"""How long a province's marks take: 10,000 items and categories of 50 units. `python tests/benchmarks/bench_quotas.py`.

Nothing is asserted; the second line has marks of 13 decimals, whose squares need Python's integers.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
from timing import seconds

from txlib.audits.levelling import copied, signs
from txlib.audits.readings import alternatives
from txlib.audits.remedies import remedies

sys.path.insert(0, str(Path(__file__).parents[1]))
from quota_cases import audited, of_marks, rules

CATEGORIES, ITEMS, UNITS = 1_000, 10, 50


def province(decimals: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Marks drawn around a level of each item's own, some strict, some lenient: about every third quota is broken."""
    random, groups = np.random.default_rng(2020), CATEGORIES * ITEMS
    category = np.repeat([f"c{i}" for i in range(CATEGORIES)], ITEMS)
    item = np.tile([f"i{j}" for j in range(ITEMS)], CATEGORIES)
    items = pd.DataFrame({"category": category, "item": item, "name": item, "name_en": item, "lead": item})
    items["out_of"], items["declared"] = Fraction(100), Fraction(3, 5)
    counted = np.round(random.uniform(45, 60, groups * UNITS), decimals)
    judged = np.repeat(random.uniform(0, 45, groups), UNITS) + random.uniform(-10, 10, groups * UNITS)
    total = np.round(np.minimum(99, counted + np.clip(judged, 0, 40)), decimals)
    units = np.tile([f"u{k}" for k in range(UNITS)], groups)
    marks = pd.DataFrame({"category": np.repeat(category, UNITS), "item": np.repeat(item, UNITS), "lead": "", "unit": units,
                          "quantitative": counted, "qualitative": total - counted, "total": total})
    return marks, items


def main() -> None:
    marks, items = province(2)
    long, _ = province(13)
    ruled = rules()
    broken = len(audited(marks, items, ruled).breaches)
    print(f"{len(items):,} groups of {UNITS} units, {len(marks):,} marks, {broken:,} quotas broken")
    print(f"audit, marks of 2 decimals:  {seconds(lambda: audited(marks, items, ruled)):6.2f} s")
    print(f"audit, marks of 13 decimals: {seconds(lambda: audited(long, items, ruled)):6.2f} s")
    print(f"alternatives:                {seconds(lambda: of_marks(alternatives)(marks, items, ruled)):6.2f} s")
    print(f"signs of levelling:          {seconds(lambda: of_marks(signs)(marks, items, ruled)):6.2f} s")
    few = marks["category"].isin([f"c{i}" for i in range(20)])
    some = items["category"].isin([f"c{i}" for i in range(20)])
    print(f"copied orders, 900 pairs:    {seconds(lambda: of_marks(copied)(marks[few], items[some], ruled)):6.2f} s")
    print(f"remedies, 200 groups:        {seconds(lambda: of_marks(remedies)(marks[few], items[some], ruled)):6.2f} s")


if __name__ == "__main__":
    main()
