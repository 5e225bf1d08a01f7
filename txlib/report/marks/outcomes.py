"""What follows from the audit of marks: other readings, deductions and proposals, the year by lead department (1.3g–1.3i)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from txlib.base.printing import MISSING, percentage, plainly
from txlib.report.kit.shown import Display, Flag, TableRow, joined, nothing, sentences, table
from txlib.report.marks.audit import Audited, breach, sign_of, uncounted, unruled


def in_short(audited: Audited | None) -> list[str]:
    """One sentence on the marks of the year: kept, or how many items miss the differentiation and whose they are."""
    if audited is None or audited.audit.spread.empty:
        return []
    audit, items = audited.audit, len(audited.audit.spread)
    missed = {(category, row.item) for row in audit.breaches.itertuples() for category in row.categories}
    leads = audited.named(dict.fromkeys(audit.breaches["lead"]))
    key = "year_broken" if missed else "year_kept"
    return [audited.say(key, items=items, broken=len(missed), leads=leads)]


def choices(audited: Audited | None, lang: str = "zh") -> Display:
    """What another reading of the plan would change: findings of these items, and what lead departments lose."""
    if audited is None:
        return unruled(lang)
    audit, rows = audited.audit, list[TableRow]()
    for choice in audit.choices.itertuples():
        mine = audit.changed[(audit.changed["choice"] == choice.choice) & (audit.changed["level_changed"] == choice.level)
                             & (audit.changed["otherwise"] == choice.otherwise)]
        points = audit.points[(audit.points["choice"] == choice.choice) & (audit.points["level_changed"] == choice.level)
                              & (audit.points["otherwise"] == choice.otherwise)]
        turns = [audited.say(_turn(row), item=audited.item(row), level=audited.level(row.level)) for row in mine.itertuples()]
        lost = [audited.say("points_then", lead=audited.named([row.lead]), points=plainly(row.points),
                            otherwise=plainly(row.points_otherwise)) for row in points.itertuples()]
        level = audited.level(choice.level) if choice.level else ""
        ways = [_way(audited, choice.choice, way) for way in (choice.as_ruled, choice.otherwise)]
        changes = joined([*turns, *lost], lang) or audited.say("same")
        rows.append([audited.say(f"choice_{choice.choice}", level=level), *ways, changes])
    return table("choices", audited.say("choices"), audited.columns("open", "as_ruled", "otherwise", "~changes"), rows,
                 audited.say("choices_note"))


def _turn(row: Any) -> str:
    """How a finding turns under another choice."""
    if row.kept or not row.judged:
        return "turns_broken"
    return "turns_kept" if row.judged_otherwise else "turns_unjudged"


def _way(audited: Audited, choice: str, way: str) -> str:
    if choice == "penalty":
        return audited.say(f"way_penalty_{way}")
    return audited.say("at_least_units", count=way) if choice == "smallest" else audited.say(f"way_{way}")


def consequences(audited: Audited | None, lang: str = "zh") -> Display:
    """What lead departments lose and what is proposed for next year; deductions of unranked ones stand apart."""
    if audited is None:
        return unruled(lang)
    audit, proposals = audited.audit, {row.lead: row for row in audited.audit.next_year.itertuples() if not audited.uncounted}
    rows: list[TableRow] = []
    for row in audit.penalties.itertuples():
        proposal = proposals.get(row.lead)
        rows.append([audited.named([row.lead]), audited.category(row.category), joined(row.items, lang), plainly(row.points),
                     audited.say("ranked" if row.lead in audited.deducted else "unranked"),
                     audited.say(f"proposal_{proposal.proposal}", count=proposal.breached) if proposal else MISSING])
    if not rows:
        return nothing(audited.say("no_consequences"))
    heads = audited.columns("lead", "category", "items", "#points", "where_to", "~proposal")
    return table("consequences", audited.say("consequences"), heads, rows,
                 sentences([audited.say("consequences_note"), *uncounted(audited)], lang))


def everything(audited: Audited, lang: str = "zh") -> Display:
    """Every finding on marks of all categories, one row each: quotas missed, full marks, shares, rule text, signs."""
    audit, rows = audited.audit, list[TableRow]()

    def add(row: Any, kind: str, text: str) -> None:
        rows.append([audited.category(row.category), audited.item(row), audited.named([row.lead]),
                     audited.say(f"found_kind_{kind}"), text])

    for row in audit.breaches.itertuples():
        for category in row.categories:
            add(row._replace(category=category), "quota", breach(audited, row))
    for row in audit.full_marks.itertuples():
        add(row, "full", audited.named([row.unit]))
    for row in audit.quantitative.itertuples():
        if not row.kept:
            add(row, "share", audited.say("under_share", least=percentage(row.at_least)))
        if row.constant:
            add(row, "share", audited.say("constant"))
    leads = {(row.category, row.item): row for row in audit.spread.itertuples()}
    for row in audit.rule_text.itertuples():
        add(leads[row.category, row.item], "text", row.reason_en if lang == "en" else row.reason_zh)
    for row in audit.signs[audit.signs["flagged"]].itertuples():
        add(row, "sign", sign_of(audited, row))
    for row in audit.copied[audit.copied["flagged"]].itertuples():
        add(row, "sign", audited.say("sign_copied", other=row.other))
    if not rows:
        return nothing(audited.say("kept", items=len(audit.spread)))
    return table("findings", audited.say("everything"), audited.columns("category", "item", "lead", "found_kind", "~found"), rows)


def by_lead(audited: Audited | None, lang: str = "zh") -> Display:
    """The year by lead department: items marked, quotas broken, full marks, shares under the rule, points lost."""
    if audited is None:
        return unruled(lang)
    audit, rows = audited.audit, list[TableRow]()
    for lead, group in audit.spread.groupby("lead", sort=False):
        def count(frame: pd.DataFrame, lead: Any = lead) -> int:
            return int((frame["lead"] == lead).sum())
        lost = audit.penalties.loc[audit.penalties["lead"] == lead, "points"].sum()
        unkept = count(audit.quantitative[~audit.quantitative["kept"]])
        line = [audited.named([str(lead)]), str(len(group)), str(group["category"].nunique()), str(count(audit.breaches)),
                str(count(audit.full_marks)), str(unkept), plainly(round(float(lost), 6)) if lost else "0",
                audited.say("ranked" if lead in audited.deducted else "unranked") if lost else MISSING]
        rows.append(Flag(line) if count(audit.breaches) else line)
    heads = audited.columns("lead", "#n_items", "#n_categories", "#n_breaches", "#n_full", "#n_shares", "#points", "where_to")
    return table("by-lead", audited.say("by_lead"), heads, rows, audited.say("by_lead_note"))
