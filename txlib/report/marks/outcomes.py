"""What follows from the audit of marks: other readings, deductions and proposals, the year by lead department (1.3g–1.3i)."""

from __future__ import annotations

from typing import Any

from txlib.base.printing import MISSING, plainly
from txlib.report.kit.shown import Display, Flag, TableColumn, TableRow, nothing, table
from txlib.report.kit.words import Words
from txlib.report.marks import found
from txlib.report.marks.audit import Audited, uncounted, unruled


def in_short(audited: Audited | None, words: Words) -> list[str]:
    """The sentences of audits on the whole year: marks differ as they must, or whose do not."""
    return found.of_the_year(audited, words) if audited is not None else []


def choices(audited: Audited | None, words: Words) -> Display:
    """What another reading of the plan would change: findings of these items, and what lead departments lose."""
    if audited is None or not audited.ruled:
        return unruled(words)
    audit, rows = audited.audit, list[TableRow]()
    for choice in audit.choices.itertuples():
        mine = audit.changed[(audit.changed["choice"] == choice.choice) & (audit.changed["level_changed"] == choice.level)
                             & (audit.changed["otherwise"] == choice.otherwise)]
        points = audit.points[(audit.points["choice"] == choice.choice) & (audit.points["level_changed"] == choice.level)
                              & (audit.points["otherwise"] == choice.otherwise)]
        turns = [words.say(f"audit.{_turn(row)}", item=words.item(row), level=words.level(row.level))
                 for row in mine.itertuples()]
        lost = [words.say("audit.points_then", lead=words.unit(row.lead), points=plainly(row.points),
                          otherwise=plainly(row.points_otherwise)) for row in points.itertuples()]
        level = words.level(choice.level) if choice.level else ""
        ways = [_way(choice.choice, way, words) for way in (choice.as_ruled, choice.otherwise)]
        changes = words.joined([*turns, *lost]) or words.say("audit.same")
        rows.append([words.say(f"audits/quotas.choice_{choice.choice}", level=level), *ways, changes])
    heads = words.columns("open", "as_ruled", "otherwise", "~changes", labels="audit")
    return table("choices", words.say("audit.choices"), heads, rows, words.say("audit.choices_note"))


def _turn(row: Any) -> str:
    """How a finding turns under another choice."""
    if row.kept or not row.judged:
        return "turns_broken"
    return "turns_kept" if row.judged_otherwise else "turns_unjudged"


def _way(choice: str, way: str, words: Words) -> str:
    if choice == "penalty":
        return words.say(f"audit.way_penalty_{way}")
    return words.say("audit.at_least_units", count=way) if choice == "smallest" else words.say(f"audit.way_{way}")


def consequences(audited: Audited | None, words: Words) -> Display:
    """What lead departments lose and what is proposed for next year; deductions of unranked ones stand apart."""
    if audited is None or not audited.ruled:
        return unruled(words)
    audit, proposals = audited.audit, {row.lead: row for row in audited.audit.next_year.itertuples() if not audited.uncounted}
    rows: list[TableRow] = []
    for row in audit.penalties.itertuples():
        proposal = proposals.get(row.lead)
        rows.append([words.unit(row.lead), words.category(row.category), words.joined(row.items), plainly(row.points),
                     words.say("audit.ranked" if row.lead in audited.deducted else "audit.unranked"),
                     words.say(f"audit.proposal_{proposal.proposal}", count=proposal.breached) if proposal else MISSING])
    if not rows:
        return nothing(words.say("audit.no_consequences"))
    heads = words.columns("lead", "category", "items", "#points", "where_to", "~proposal", labels="audit")
    return table("consequences", words.say("audit.consequences"), heads, rows,
                 words.sentences([words.say("audit.consequences_note"), *uncounted(audited, words)]))


def everything(audited: Audited, words: Words) -> Display:
    """Every flagged finding of all audits and categories, one row each."""
    rows = found.table_rows(audited, words)
    if not rows:
        return nothing(words.sentences(found.kept(audited, words)))
    heads = words.columns("category", "item", "lead", "found_kind", "~found", labels="audit")
    return table("findings", words.say("audit.everything"), heads, rows)


def by_lead(audited: Audited | None, words: Words) -> Display:
    """The year by lead department: items marked, findings of each audit that counts them so, points lost."""
    if audited is None:
        return unruled(words)
    audit, columns, rows = audited.audit, found.by_lead(audited, words), list[TableRow]()
    missed = set(audit.breaches["lead"])
    for lead in dict.fromkeys([*audit.spread["lead"], *(lead for _, leads in columns for lead in leads)]):
        items = audit.spread[audit.spread["lead"] == lead]
        lost = audit.penalties.loc[audit.penalties["lead"] == lead, "points"].sum()
        line = [words.unit(lead), str(len(items)), str(items["category"].nunique()),
                *(str(leads.count(lead)) for _, leads in columns), plainly(round(float(lost), 6)) if lost else "0",
                words.say("audit.ranked" if lead in audited.deducted else "audit.unranked") if lost else MISSING]
        rows.append(Flag(line) if lead in missed else line)
    if not rows and not audited.ruled:
        return unruled(words)
    heads = [*words.columns("lead", "#n_items", "#n_categories", labels="audit"),
             *(TableColumn(heading, "number") for heading, _ in columns),
             *words.columns("#points", "where_to", labels="audit")]
    return table("by-lead", words.say("audit.by_lead"), heads, rows, words.say("audit.by_lead_note"))
