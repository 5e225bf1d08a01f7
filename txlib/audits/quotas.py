"""The quotas of the plan held against marks: how many units are where a line is drawn, what would mend it, what follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from txlib.audits.audit import Audit, Evidence, Finding, Found, Naming, cited
from txlib.audits.marks import ITEM, Marking, beyond, split
from txlib.audits.readings import CHANGED, CHOICES, POINTS, alternatives
from txlib.audits.remedies import REMEDIES, remedies
from txlib.audits.verdicts import PENALTIES, Verdicts, missed, penalties, verdicts
from txlib.base.numbers import Array
from txlib.intake.data import Data
from txlib.rules.book import RuleBook
from txlib.rules.quotas import Quotas

GROUPS = [*ITEM, "categories", "level", "bound", "units", "share", "allowed", "found", "kept", "judged", "units_concerned",
          "clause"]
BREACHES = ["item", "lead", "category", "rule", "limit", "found", "units", "clause", "bound", "assessed", "categories",
            "item_name", "item_name_en"]
NEXT_YEAR = ["lead", "breached", "categories", "items", "proposal", "clause"]


class QuotaAudit(Audit, name="quotas", rules=("quotas",), kinds=("at_most", "at_least"), across=True, deducts=True,
                 frames={"groups": GROUPS, "breaches": BREACHES, "penalties": PENALTIES, "next_year": NEXT_YEAR,
                         "remedies": REMEDIES, "choices": CHOICES, "changed": CHANGED, "points": POINTS}):
    """How many units may, and must, have marks on one side of a line (1.3g), and what follows where they do not (1.3i).

    `groups` (GROUPS): one row a group of units and quota: `allowed` units `bound` (at_most, at_least), `found`, whether
    kept, whether judged (enough units), the units with such marks. `breaches` (BREACHES): those judged and not kept.
    `penalties` (PENALTIES) and `next_year` (NEXT_YEAR, proposal lower or withdraw); `remedies`: what it would take;
    `choices`, `changed`, `points` (readings): what other readings of the plan would change. A finding is a quota not kept,
    flagged where it is judged, in each category of its group; `contested`: the readings under which it would be kept there.
    """

    def run(self, given: Evidence) -> Found:
        made, rules = given.made, given.year.rules
        verdict = verdicts(made, rules)
        groups, misses = group_frame(made, verdict, rules), missed(made, verdict)
        other = alternatives(made, rules)
        items, points = given.year.items, other.points
        if given.category is not None:
            leads = items.loc[items["category"] == given.category, "lead"]
            points = points[points["lead"].isin(leads)].reset_index(drop=True)
        frames = {"groups": groups, "breaches": breach_frame(groups), "penalties": penalties(misses, rules),
                  "next_year": next_year(misses, rules), "remedies": remedies(given.own_made, rules), "choices": other.choices,
                  "changed": other.findings, "points": points}
        return Found(frames, list(_findings(groups, other.findings)))

    def words(self, values: Mapping[str, Any], names: Naming) -> dict[str, Any]:
        level = names.level(values["level"])
        readings = [names.say(f"audits/quotas.choice_{choice}", level=names.level(code) if code else "")
                    for choice, code in values["contested"]]
        contested = names.say("audits/quotas.contested", choices=names.joined(readings)) if readings else ""
        return {**values, "level": level, "contested": contested}


def _findings(groups: pd.DataFrame, changed: pd.DataFrame) -> Iterator[Finding]:
    """The quotas that are not kept, in each category of their group."""
    for row in groups[~groups["kept"]].itertuples():
        for category in row.categories:
            other = changed[(changed["category"] == category) & (changed["item"] == row.item) & (changed["level"] == row.level)]
            readings = dict.fromkeys(zip(other["choice"], other["level_changed"], strict=True))
            values = {"level": row.level, "found": row.found, "limit": row.allowed, "assessed": row.units,
                      "contested": tuple(readings)}
            yield Finding(str(row.bound), category, str(row.item), str(row.lead), row.units_concerned, values, bool(row.judged),
                          str(row.clause))


def deducted(book: RuleBook, data: Data) -> pd.DataFrame:
    """What lead departments lose for marks that miss the differentiation (1.3i), of the whole year (PENALTIES)."""
    if not QuotaAudit.is_on(book):
        return pd.DataFrame(columns=PENALTIES)
    given = Evidence(book, data)
    rules = given.year.rules
    return penalties(missed(given.made, verdicts(given.made, rules)), rules)


def group_frame(made: Marking, found: Verdicts, rules: Quotas) -> pd.DataFrame:
    """One row a group and quota (GROUPS), in the order of the items and of the rule-book."""
    groups, levels = found.groups, rules.levels
    n = len(groups.frame)
    concerned: list[Any] = [()] * (n * len(levels))
    for j, level in enumerate(levels):
        inside = beyond(made.mark, level.marks, level.line)
        concerned[j::len(levels)] = split(made.unit[inside], groups.of[inside], n)
    present = made.present
    held = split(made.items["category"].to_numpy(dtype=object)[present], groups.of_row[present], n)
    frame = {name: np.repeat(groups.frame[name].to_numpy(dtype=object), len(levels)) for name in ITEM}
    columns = {name: np.tile(np.array(values, dtype=kind), n) for name, values, kind in (
        ("level", [level.code for level in levels], object), ("bound", [level.units for level in levels], object),
        ("share", [float(level.share) for level in levels], float), ("clause", [cited(level) for level in levels], object))}
    return pd.DataFrame({
        **frame, "categories": _objects([each for each in held for _ in levels]), **columns,
        "units": np.repeat(groups.units, len(levels)), "allowed": found.allowed.ravel(), "found": found.found.ravel(),
        "kept": found.kept.ravel(), "judged": np.repeat(found.judged, len(levels)), "units_concerned": _objects(concerned),
    })[GROUPS]


def breach_frame(groups: pd.DataFrame) -> pd.DataFrame:
    """The quotas that are judged and not kept (BREACHES)."""
    broken = groups[groups["judged"] & ~groups["kept"]].rename(columns={
        "level": "rule", "allowed": "limit", "units": "assessed", "units_concerned": "units"})
    return broken[BREACHES].reset_index(drop=True)


def next_year(misses: pd.DataFrame, rules: Quotas) -> pd.DataFrame:
    """For each lead department that missed a quota in enough categories: lower its weight, or withdraw its right (1.3i)."""
    rule, mine = rules.next_year, dict[str, tuple[dict[str, None], dict[str, None]]]()
    for lead, category, item in misses.itertuples(index=False):
        categories, items = mine.setdefault(lead, ({}, {}))
        categories[category] = items[item] = None
    rows = [{"lead": lead, "breached": len(categories), "categories": tuple(categories), "items": tuple(items),
             "proposal": "withdraw" if len(categories) >= rule.withdraw_from else "lower", "clause": cited(rule)}
            for lead, (categories, items) in mine.items() if rule and len(categories) >= rule.lower_from]
    return pd.DataFrame(rows, columns=NEXT_YEAR)


def _objects(values: list[Any]) -> Array:
    """Tuples as the elements of one column."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
