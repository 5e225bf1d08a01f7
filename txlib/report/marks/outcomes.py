"""What follows from the audit of marks: other readings, deductions and proposals, the year by lead department (1.3g–1.3i)."""

from __future__ import annotations

from typing import Any

from txlib.base.labels import say
from txlib.base.printing import MISSING, plainly
from txlib.report.kit.shown import Display, Flag, TableColumn, TableRow, joined, nothing, sentences, table
from txlib.report.marks import found
from txlib.report.marks.audit import Audited, uncounted, unruled


def in_short(audited: Audited | None) -> list[str]:
    """The sentences of audits on the whole year: marks differ as they must, or whose do not."""
    return found.of_the_year(audited) if audited is not None else []


def choices(audited: Audited | None, lang: str = "zh") -> Display:
    """What another reading of the plan would change: findings of these items, and what lead departments lose."""
    if audited is None or not audited.ruled:
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
        rows.append([say(f"audits/quotas.choice_{choice.choice}", lang, level=level), *ways, changes])
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
    if audited is None or not audited.ruled:
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
    """Every flagged finding of all audits and categories, one row each."""
    rows = found.table_rows(audited)
    if not rows:
        return nothing(sentences(found.kept(audited), lang))
    return table("findings", audited.say("everything"), audited.columns("category", "item", "lead", "found_kind", "~found"), rows)


def by_lead(audited: Audited | None, lang: str = "zh") -> Display:
    """The year by lead department: items marked, findings of each audit that counts them so, points lost."""
    if audited is None:
        return unruled(lang)
    audit, columns, rows = audited.audit, found.by_lead(audited), list[TableRow]()
    missed = set(audit.breaches["lead"])
    for lead in dict.fromkeys([*audit.spread["lead"], *(lead for _, leads in columns for lead in leads)]):
        items = audit.spread[audit.spread["lead"] == lead]
        lost = audit.penalties.loc[audit.penalties["lead"] == lead, "points"].sum()
        line = [audited.named([lead]), str(len(items)), str(items["category"].nunique()),
                *(str(leads.count(lead)) for _, leads in columns), plainly(round(float(lost), 6)) if lost else "0",
                audited.say("ranked" if lead in audited.deducted else "unranked") if lost else MISSING]
        rows.append(Flag(line) if lead in missed else line)
    if not rows and not audited.ruled:
        return unruled(lang)
    heads = [*audited.columns("lead", "#n_items", "#n_categories"), *(TableColumn(heading, "number") for heading, _ in columns),
             *audited.columns("#points", "where_to")]
    return table("by-lead", audited.say("by_lead"), heads, rows, audited.say("by_lead_note"))
