"""What the plan leaves open about quotas, each choice turned over alone: which findings and which penalties change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from txlib.audits.marks import ITEM, Flags, Marking
from txlib.audits.verdicts import Verdicts, missed, penalties, verdicts
from txlib.rules.quotas import Quotas

CHOICES = ["choice", "level", "as_ruled", "otherwise", "findings", "leads"]
CHANGED = ["choice", "level_changed", "as_ruled", "otherwise", *ITEM, "level", "kept", "judged", "kept_otherwise",
            "judged_otherwise"]
POINTS = ["choice", "level_changed", "as_ruled", "otherwise", "lead", "points", "points_otherwise"]


class Choice(NamedTuple):
    """One open choice turned over: `kind` (marks, count, per, smallest, penalty), the quota it belongs to or none."""

    kind: str
    level: str
    as_ruled: str
    otherwise: str
    rules: Quotas


@dataclass(frozen=True)
class Readings:
    """`choices` (CHOICES): every choice tried, how many findings it changes and for how many lead departments the points;
    `findings` (CHANGED): each quota of an item and category broken under one of the two and not under the other;
    `points` (POINTS): each lead department whose penalty differs."""

    choices: pd.DataFrame
    findings: pd.DataFrame
    points: pd.DataFrame


def alternatives(made: Marking, rules: Quotas) -> Readings:
    """Which findings and penalties another choice would change, each choice alone."""
    ruled = verdicts(made, rules)
    points = _points(made, ruled, rules)
    choices, findings, differing = list[dict[str, Any]](), list[pd.DataFrame](), list[dict[str, Any]]()
    for choice in open_choices(rules):
        other = ruled if choice.kind == "penalty" else verdicts(made, choice.rules)
        head = {"choice": choice.kind, "level_changed": choice.level, "as_ruled": choice.as_ruled, "otherwise": choice.otherwise}
        changed = _changed(made, ruled, other, rules).assign(**head)[CHANGED]
        then = _points(made, other, choice.rules)
        leads = [{**head, "lead": lead, "points": points.get(lead, 0.0), "points_otherwise": then.get(lead, 0.0)}
                 for lead in dict.fromkeys(made.items["lead"]) if points.get(lead, 0.0) != then.get(lead, 0.0)]
        choices.append({"choice": choice.kind, "level": choice.level, "as_ruled": choice.as_ruled,
                        "otherwise": choice.otherwise, "findings": len(changed), "leads": len(leads)})
        findings.append(changed)
        differing += leads
    return Readings(pd.DataFrame(choices, columns=CHOICES), pd.concat(findings, ignore_index=True),
                        pd.DataFrame(differing, columns=POINTS))


def open_choices(rules: Quotas) -> Iterator[Choice]:
    """Each open choice of the rule-book with the rules as they would stand: other readings of a line, roundings, groups."""
    for j, level in enumerate(rules.levels):
        others: list[tuple[str, str, Any]] = [("marks", level.marks, level.or_marks)]
        others += [("count", level.count, way) for way in ("down", "half_up", "up")]
        for kind, ruled, other in others:
            if other in (None, ruled):
                continue
            changed = (*rules.levels[:j], level.model_copy(update={kind: other}), *rules.levels[j + 1:])
            yield Choice(kind, level.code, ruled, other, rules.model_copy(update={"levels": changed}))
    per = "item" if rules.per == "category" else "category"
    yield Choice("per", "", rules.per, per, rules.model_copy(update={"per": per}))
    if rules.or_smallest not in (None, rules.smallest):
        yield Choice("smallest", "", str(rules.smallest), str(rules.or_smallest),
                     rules.model_copy(update={"smallest": rules.or_smallest}))
    if rules.penalty:
        each = "item" if rules.penalty.per == "category" else "category"
        penalty = rules.penalty.model_copy(update={"per": each})
        yield Choice("penalty", "", rules.penalty.per, each, rules.model_copy(update={"penalty": penalty}))


def _points(made: Marking, found: Verdicts, rules: Quotas) -> dict[Any, float]:
    """What each lead department loses in all; a multiple of the ruled points, free of what adding floats leaves behind."""
    counts = penalties(missed(made, found), rules)["lead"].value_counts()
    return {lead: float(rules.penalty.points * int(n)) for lead, n in counts.items()} if rules.penalty else {}


def _changed(made: Marking, ruled: Verdicts, other: Verdicts, rules: Quotas) -> pd.DataFrame:
    """The quotas of an item and category that are broken under one choice and not under the other."""
    def by_row(found: Verdicts, values: Flags) -> Flags:
        return np.asarray(values[found.groups.of_row])
    differs = (by_row(ruled, ruled.broken()) != by_row(other, other.broken())) & (made.units > 0)[:, None]
    row, level = np.nonzero(differs)
    codes = np.array([each.code for each in rules.levels], dtype=object)
    return made.items.iloc[row][ITEM].reset_index(drop=True).assign(
        level=codes[level], kept=by_row(ruled, ruled.kept)[row, level], judged=by_row(ruled, ruled.judged)[row],
        kept_otherwise=by_row(other, other.kept)[row, level], judged_otherwise=by_row(other, other.judged)[row])
