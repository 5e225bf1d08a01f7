"""What follows from the audit of marks: other readings, deductions and proposals, the year by lead department (1.3g–1.3i)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from txlib.base.printing import MISSING, percentage, plainly
from txlib.report.audited import Audited, breach, sign_of, uncounted, unruled
from txlib.report.kit.shown import Flag, Row, Shown, joined, nothing, sentences, table


def in_short(told: Audited | None) -> list[str]:
    """One sentence on the marks of the year: kept, or how many items miss the differentiation and whose they are."""
    if told is None or told.audit.spread.empty:
        return []
    audit, items = told.audit, len(told.audit.spread)
    missed = {(category, row.item) for row in audit.breaches.itertuples() for category in row.categories}
    leads = told.named(dict.fromkeys(audit.breaches["lead"]))
    key = "year_broken" if missed else "year_kept"
    return [told.say(key, items=items, broken=len(missed), leads=leads)]


def choices(told: Audited | None, lang: str = "zh") -> Shown:
    """What another reading of the plan would change: findings of these items, and what lead departments lose."""
    if told is None:
        return unruled(lang)
    audit, rows = told.audit, list[Row]()
    for choice in audit.choices.itertuples():
        mine = audit.changed[(audit.changed["choice"] == choice.choice) & (audit.changed["level_changed"] == choice.level)
                             & (audit.changed["otherwise"] == choice.otherwise)]
        points = audit.points[(audit.points["choice"] == choice.choice) & (audit.points["level_changed"] == choice.level)
                              & (audit.points["otherwise"] == choice.otherwise)]
        found = [told.say(_turn(row), item=told.item(row), level=told.level(row.level)) for row in mine.itertuples()]
        lost = [told.say("points_then", lead=told.named([row.lead]), points=plainly(row.points),
                         otherwise=plainly(row.points_otherwise)) for row in points.itertuples()]
        level = told.level(choice.level) if choice.level else ""
        ways = [_way(told, choice.choice, way) for way in (choice.as_ruled, choice.otherwise)]
        rows.append([told.say(f"choice_{choice.choice}", level=level), *ways, joined([*found, *lost], lang) or told.say("same")])
    return table("choices", told.say("choices"), told.columns("open", "as_ruled", "otherwise", "~changes"), rows,
                 told.say("choices_note"))


def _turn(row: Any) -> str:
    """How a finding turns under another choice."""
    return "turns_broken" if row.kept or not row.judged else "turns_kept" if row.judged_otherwise else "turns_unjudged"


def _way(told: Audited, choice: str, way: str) -> str:
    if choice == "penalty":
        return told.say(f"way_penalty_{way}")
    return told.say("at_least_units", count=way) if choice == "smallest" else told.say(f"way_{way}")


def consequences(told: Audited | None, lang: str = "zh") -> Shown:
    """What lead departments lose and what is proposed for next year; deductions of unranked ones stand apart."""
    if told is None:
        return unruled(lang)
    audit, proposals = told.audit, {row.lead: row for row in told.audit.next_year.itertuples() if not told.uncounted}
    rows: list[Row] = []
    for row in audit.penalties.itertuples():
        proposal = proposals.get(row.lead)
        rows.append([told.named([row.lead]), told.category(row.category), joined(row.items, lang), plainly(row.points),
                     told.say("ranked" if row.lead in told.deducted else "unranked"),
                     told.say(f"proposal_{proposal.proposal}", count=proposal.breached) if proposal else MISSING])
    if not rows:
        return nothing(told.say("no_consequences"))
    heads = told.columns("lead", "category", "items", "#points", "where_to", "~proposal")
    return table("consequences", told.say("consequences"), heads, rows,
                 sentences([told.say("consequences_note"), *uncounted(told)], lang))


def everything(told: Audited, lang: str = "zh") -> Shown:
    """Every finding on marks of all categories, one row each: quotas missed, full marks, shares, rule text, signs."""
    audit, rows = told.audit, list[Row]()

    def add(row: Any, kind: str, text: str) -> None:
        rows.append([told.category(row.category), told.item(row), told.named([row.lead]), told.say(f"found_kind_{kind}"), text])

    for row in audit.breaches.itertuples():
        for category in row.categories:
            add(row._replace(category=category), "quota", breach(told, row))
    for row in audit.full_marks.itertuples():
        add(row, "full", told.named([row.unit]))
    for row in audit.quantitative.itertuples():
        if not row.kept:
            add(row, "share", told.say("under_share", least=percentage(row.at_least)))
        if row.constant:
            add(row, "share", told.say("constant"))
    leads = {(row.category, row.item): row for row in audit.spread.itertuples()}
    for row in audit.rule_text.itertuples():
        add(leads[row.category, row.item], "text", row.reason_en if lang == "en" else row.reason_zh)
    for row in audit.signs[audit.signs["flagged"]].itertuples():
        add(row, "sign", sign_of(told, row))
    for row in audit.copied[audit.copied["flagged"]].itertuples():
        add(row, "sign", told.say("sign_copied", other=row.other))
    if not rows:
        return nothing(told.say("kept", items=len(audit.spread)))
    return table("findings", told.say("everything"), told.columns("category", "item", "lead", "found_kind", "~found"), rows)


def by_lead(told: Audited | None, lang: str = "zh") -> Shown:
    """The year by lead department: items marked, quotas broken, full marks, shares under the rule, points lost."""
    if told is None:
        return unruled(lang)
    audit, rows = told.audit, list[Row]()
    for lead, group in audit.spread.groupby("lead", sort=False):
        def count(frame: pd.DataFrame, lead: Any = lead) -> int:
            return int((frame["lead"] == lead).sum())
        lost = audit.penalties.loc[audit.penalties["lead"] == lead, "points"].sum()
        unkept = count(audit.quantitative[~audit.quantitative["kept"]])
        line = [told.named([str(lead)]), str(len(group)), str(group["category"].nunique()), str(count(audit.breaches)),
                str(count(audit.full_marks)), str(unkept), plainly(round(float(lost), 6)) if lost else "0",
                told.say("ranked" if lead in told.deducted else "unranked") if lost else MISSING]
        rows.append(Flag(line) if count(audit.breaches) else line)
    heads = told.columns("lead", "#n_items", "#n_categories", "#n_breaches", "#n_full", "#n_shares", "#points", "where_to")
    return table("by-lead", told.say("by_lead"), heads, rows, told.say("by_lead_note"))
