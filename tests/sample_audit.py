"""The audit of the sample year, made once, and the year with fewer categories or other words."""

from __future__ import annotations

import shutil
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from shared import ROOT, edition

import txlib as tx

CATEGORIES = ("towns_1", "towns_2", "depts_1", "depts_2", "depts_3", "depts_4", "zones", "parks")


@cache
def audit(category: str | None = None) -> Any:
    """Of a category, or of the whole year."""
    return tx.audit_quotas(*edition("2020"), category)


def listed(frame: pd.DataFrame, *names: str) -> Counter[tuple[Any, ...]]:
    """The rows of a frame by these columns, in any order."""
    return Counter(tuple(row) for row in frame[list(names)].itertuples(index=False))


def part_of_the_year(root: Path, *categories: str) -> None:
    """The year 2020 as if it had these categories only, written below `root`; other units are in none."""
    for folder in ("params/2020", "params/2019", "data/2020", "data/2019"):
        shutil.copytree(ROOT / folder, root / folder)
    edited(root, "params/2020/rulebook.yaml", f"categories: [{', '.join(CATEGORIES)}]", f"categories: [{', '.join(categories)}]")
    for gone in set(CATEGORIES) - set(categories):
        edited(root, "data/2020/units.csv", f",{gone},", ",,")
        shutil.rmtree(root / "data" / "2020" / gone)
        for path in (f"{gone}.yaml", f"trees/{gone}.yaml"):
            (root / "params" / "2020" / path).unlink()


def edited(root: Path, name: str, old: str, new: str, times: int = -1) -> None:
    """Replace a text in a file, which must be there."""
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, times), encoding="utf-8")
