"""The marks of a year, or of a category, and their detailed rules, held against the plan by every audit."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from txlib.audits import levelling, quotas, readings, remedies, rule_text
from txlib.audits.quotas import PENALTIES, Audit
from txlib.intake.data import Data
from txlib.rules.book import Category, Node, RuleBook
from txlib.rules.quotas import Quotas

ITEMS = ["category", "item", "name", "name_en", "lead", "out_of", "declared"]


@dataclass(frozen=True)
class MarkAudit(Audit):
    """The marks of a year, or of a category, and their detailed rules, held against the plan (1.3e–1.3i).

    To the frames of `Audit`: `signs` (levelling.SIGNS) and `copied` (levelling.COPIED), signs of levelling; `remedies`
    (remedies.REMEDIES), what it would take; `choices`, `changed`, `points` (readings), what other readings of the plan
    would change; `rule_text` (rule_text.FINDINGS), what detailed rules should not hold (1.3f).
    """

    signs: pd.DataFrame
    copied: pd.DataFrame
    remedies: pd.DataFrame
    choices: pd.DataFrame
    changed: pd.DataFrame
    points: pd.DataFrame
    rule_text: pd.DataFrame


def audit_quotas(book: RuleBook, data: Data, category: Category | str | None = None) -> MarkAudit | None:
    """The marks of a category (of the year where None) audited; None where the year has no rule for it.

    Quotas and penalties are counted over the whole year and then shown of the category.
    """
    marks, items, rules = marks_given(book, data)
    if rules is None:
        return None
    other = readings.alternatives(marks, items, rules)
    year = quotas.audit(marks, items, rules)
    code = category.code if isinstance(category, Category) else category
    given, marked = (frame if code is None or rules.per == "item" else frame[frame["category"] == code].reset_index(drop=True)
                     for frame in (marks, items))  # what is told of a group by itself
    found = MarkAudit(**{each.name: getattr(year, each.name) for each in fields(year)},
                      signs=levelling.signs(given, marked, rules), copied=levelling.copied(given, marked, rules),
                      remedies=remedies.remedies(given, marked, rules), choices=other.choices, changed=other.findings,
                      points=other.points, rule_text=rule_findings(book, data))
    if code is None:
        return found
    shown = {each.name: _of(getattr(found, each.name), code) for each in fields(found)}
    leads = set(items.loc[items["category"] == code, "lead"])
    return replace(found, **{**shown, "points": found.points[found.points["lead"].isin(leads)].reset_index(drop=True)})


def marks_given(book: RuleBook, data: Data) -> tuple[pd.DataFrame, pd.DataFrame, Quotas | None]:
    """What audits of marks take: the marks of units that are not excluded, the items (ITEMS) of all categories whose marks are
    sound, and the rules.
    """
    marked = set(data.marks["category"])
    given = data.marks[~data.marks["unit"].isin(data.decided("excluded", data.units))]
    items: list[tuple[str, Node, Any]] = [(code, leaf, leaf.rule) for code, category in book.categories.items() if code in marked
                                          for leaf in category.marked]
    rows = [{"category": code, "item": leaf.code, "name": leaf.name.zh, "name_en": leaf.name.en, "lead": leaf.lead or "",
             "out_of": rule.out_of, "declared": rule.quantitative} for code, leaf, rule in items]
    return given.rename(columns={"indicator": "item"}), pd.DataFrame(rows, columns=ITEMS), book.rules.quotas


def penalties(book: RuleBook, data: Data) -> pd.DataFrame:
    """What lead departments lose for marks that miss the differentiation (1.3i), of the whole year (quotas.PENALTIES)."""
    marks, items, rules = marks_given(book, data)
    return quotas.audit(marks, items, rules).penalties if rules else pd.DataFrame(columns=PENALTIES)


def rule_findings(book: RuleBook, data: Data) -> pd.DataFrame:
    """What the detailed rules of the items should not hold (1.3f); no rows where the year lists no terms."""
    if book.terms is None:
        return pd.DataFrame(columns=rule_text.FINDINGS)
    leaves = [(code, leaf.code, leaf.name.zh) for code, category in book.categories.items() for leaf in category.leaves]
    lines = data.details.drop(columns="line").rename(columns={"indicator": "item", "number": "line"})
    return rule_text.findings(lines, book.terms, pd.DataFrame(leaves, columns=["category", "code", "name"]))


def _of(frame: pd.DataFrame, category: str) -> pd.DataFrame:
    """The rows of a category, or of several that it is one of; a frame that tells of none stays whole."""
    if not {"category", "categories"} & set(frame.columns):
        return frame
    mine = [category == row.get("category") or category in row.get("categories", ()) for row in frame.to_dict("records")]
    return frame[np.array(mine, dtype=bool)].reset_index(drop=True)
