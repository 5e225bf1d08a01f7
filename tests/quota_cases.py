"""The cases of the audit of marks, and rules, items and marks as a test writes them in a line."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pandas as pd
from shared import ROOT

from txlib.audits import quotas
from txlib.audits.full_marks import full_marks
from txlib.audits.marks import marking
from txlib.audits.quantitative import quantitative, spread
from txlib.audits.verdicts import missed, penalties, verdicts
from txlib.base.numbers import Numeral
from txlib.rules.quotas import Quotas
from txlib.rules.source import read

CASES, FAULTS = read(ROOT / "tests" / "cases" / "quotas.yaml", "quotas.yaml")
MARKS = ["category", "item", "lead", "unit", "quantitative", "qualitative", "total"]
ITEMS = ["category", "item", "name", "name_en", "lead", "out_of", "declared"]
LEVELS = [{"code": f"{marks}_{units}", "name": {"zh": "甲", "en": "a"}, "marks": marks, "line": Numeral(line), "units": units,
           "share": share, "count": count, "clause": ["1.3g"]}
          for marks, line, units, share, count in (
              ("at_least", "90", "at_most", "30%", "down"), ("above", "70", "at_least", "50%", "half_up"),
              ("at_most", "80", "at_most", "33.3%", "up"), ("below", "60", "at_least", "0%", "down"),
              ("at_most", "60", "at_least", "100%", "half_up"))]


def rules(**changes: Any) -> Quotas:
    """The rules of the cases, written as in a rule-book, with other values for some of their keys."""
    assert not FAULTS
    return Quotas.model_validate({**CASES["rules"], **changes})


def items(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Rows of category, item, lead and, where it is not 100 and 60%, out_of and declared."""
    told = []
    for category, item, lead, *more in rows:
        out_of, declared = [*more, *[Fraction(100), Fraction(3, 5)][len(more):]]
        told.append([category, item, f"{item}项", f"item {item}", lead, out_of, declared])
    return pd.DataFrame(told, columns=ITEMS)


def marks(*rows: tuple[str, str, Mapping[str, Any] | Sequence[Any]]) -> pd.DataFrame:
    """category, item and each unit's total, or its quantitative and qualitative part; None: does not apply."""
    told = []
    for category, item, given_marks in rows:
        named = given_marks if isinstance(given_marks, Mapping) else {f"u{i}": m for i, m in enumerate(given_marks, 1)}
        for unit, mark in named.items():
            parts = mark if isinstance(mark, tuple) else (math.nan, math.nan)
            total = sum(mark) if isinstance(mark, tuple) else math.nan if mark is None else float(mark)
            told.append([category, item, "", unit, *parts, total])
    return pd.DataFrame(told, columns=MARKS).astype({name: float for name in MARKS[-3:]})


def of_marks(count: Callable[..., Any]) -> Callable[..., Any]:
    """A count of marks as whole numbers, told the marks and the items that they are of."""
    return lambda marks, items, rules, *more: count(marking(marks, items), rules, *more)


def audited(marks: pd.DataFrame, items: pd.DataFrame, rules: Quotas) -> SimpleNamespace:
    """What the audits of marks count of these, each frame by its name; arguments as in audits.audit.MarksOf."""
    made = marking(marks, items)
    verdict = verdicts(made, rules)
    groups, misses = quotas.group_frame(made, verdict, rules), missed(made, verdict)
    return SimpleNamespace(
        groups=groups, breaches=quotas.breach_frame(groups), full_marks=full_marks(made, rules), spread=spread(made),
        quantitative=quantitative(made, rules), penalties=penalties(misses, rules), next_year=quotas.next_year(misses, rules))
