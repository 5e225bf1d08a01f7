"""What audits found, in words: loops over the one frame of findings, by the labels that each audit has of its own.

What an audit's labels may hold stands in txlib/audits/audit.py; nothing here knows an audit by its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from txlib.audits import named
from txlib.audits.audit import Audit, Evidence
from txlib.audits.mark_audit import examined
from txlib.base.labels import say, section
from txlib.report.kit.shown import TableRow, joined
from txlib.report.marks.audit import Audited

if TYPE_CHECKING:
    from txlib.intake.data import Data
    from txlib.rules.book import RuleBook

Listed = str | tuple[str, Sequence[str]]  # of a list: a sentence, or one that stands above others


def audits_on(audited: Audited) -> list[type[Audit]]:
    """The audits that the year's rules switch on, in the order of the register."""
    return [audit for audit in named().values() if audit.is_on(audited.book)]


def rows_of(audited: Audited, audit: type[Audit]) -> list[Any]:
    """The flagged findings of an audit."""
    found = audited.audit.findings
    return list(found[(found["audit"] == audit.name) & found["flagged"]].itertuples())


def text(audited: Audited, row: Any) -> str:
    """What one finding found, as it stands beside its item."""
    return say(f"audits/{row.audit}.{row.kind}", audited.lang, **_values(audited, row))


def sentence(audited: Audited, row: Any) -> str:
    """The same where it stands alone: in the audit's own words, else with item and lead department before it."""
    short, key = text(audited, row), f"{row.kind}_sentence"
    if key in _labels(row.audit):
        return say(f"audits/{row.audit}.{key}", audited.lang, **_values(audited, row), text=short)
    item, lead = audited.item_of(row.category, row.item), audited.named([row.lead])
    if item and lead:
        return audited.say("found_by", item=item, lead=lead, text=short)
    return audited.say("found_at", item=item or lead, text=short) if item or lead else short


def listing(audited: Audited) -> list[Listed]:
    """The flagged findings of every audit: one by one, below a head, or all in one sentence."""
    entries: list[Listed] = []
    for audit in audits_on(audited):
        rows, labels = rows_of(audited, audit), _labels(audit.name)
        if not rows:
            entries += _of_all(audited, audit, "none")
        elif "several" in labels:
            entries += _of_all(audited, audit, "several")
        elif "head" in labels:
            entries += [(head, [sentence(audited, row) for row in rows]) for head in _of_all(audited, audit, "head")]
        else:
            entries += [sentence(audited, row) for row in rows]
    return entries


def kept(audited: Audited) -> list[str]:
    """Of each audit without a flagged finding the sentence that says so, where it has one."""
    silent = [audit for audit in audits_on(audited) if not rows_of(audited, audit)]
    return [said for audit in silent for said in _of_all(audited, audit, "none")]


def of_the_year(audited: Audited) -> list[str]:
    """One sentence an audit on the whole year, where it has one; that nothing was found only where something was marked."""
    said = list[str]()
    for audit in audits_on(audited):
        if rows_of(audited, audit):
            said += _of_all(audited, audit, "year")
        elif len(audited.audit.spread):
            said += _of_all(audited, audit, "year_none")
    return said


def table_rows(audited: Audited) -> list[TableRow]:
    """Every flagged finding: category, item, lead department, the sort of finding, what was found."""
    return [[audited.category(row.category), audited.item_of(row.category, row.item), audited.named([row.lead]),
             say(f"audits/{row.audit}.name", audited.lang), text(audited, row)]
            for audit in audits_on(audited) for row in rows_of(audited, audit)]


def figures(audited: Audited) -> dict[str, int]:
    """Counts for a cover, by their headings: of flagged findings, or of the items that they are of."""
    counts = dict[str, int]()
    for audit in audits_on(audited):
        rows = rows_of(audited, audit)
        for key, count in (("key", len(rows)), ("key_items", len({(row.category, row.item) for row in rows}))):
            counts |= dict.fromkeys(_of_all(audited, audit, key), count)
    return counts


def by_lead(audited: Audited) -> list[tuple[str, list[str]]]:
    """Columns that count flagged findings by lead department: the heading, and of each finding whose it is."""
    columns = list[tuple[str, list[str]]]()
    for audit in audits_on(audited):
        rows = [row for row in rows_of(audited, audit) if row.lead]
        columns += [(heading, [row.lead for row in rows]) for heading in _of_all(audited, audit, "by_lead")]
        for kind in audit.kinds:
            leads = [row.lead for row in rows if row.kind == kind]
            columns += [(heading, leads) for heading in _of_all(audited, audit, f"by_lead_{kind}")]
    return columns


def for_the_index(book: RuleBook, data: Data, category: str, lang: str) -> list[tuple[str, str]]:
    """Key figures of a category for the index: how many flagged findings the audits that have a heading for it have."""
    asked = [audit for audit in named().values() if audit.is_on(book) and "index" in _labels(audit.name)]
    if not asked:
        return []
    _, found = examined(Evidence(book, data, category), asked)
    counts = found[found["flagged"]].value_counts("audit")
    return [(say(f"audits/{audit.name}.index", lang), str(counts.get(audit.name, 0))) for audit in asked]


def _labels(audit: str) -> dict[str, dict[str, str]]:
    """The labels of an audit."""
    return section(f"audits/{audit}")


def _values(audited: Audited, row: Any) -> dict[str, Any]:
    """What the texts of one finding may name."""
    codes = {"item": audited.item_of(row.category, row.item), "category": audited.category(row.category), "clause": row.clause,
             "lead": audited.named([row.lead]), "units": audited.named(row.units)}
    return codes | named()[row.audit]().words(row.values, audited)


def _of_all(audited: Audited, audit: type[Audit], key: str) -> list[str]:
    """A text on all flagged findings of an audit, with their numbers and whose they are; none where it has no such label."""
    if key not in _labels(audit.name):
        return []
    rows = rows_of(audited, audit)
    names = {"items": (audited.item_of(row.category, row.item) for row in rows), "codes": (row.item for row in rows),
             "categories": (audited.category(row.category) for row in rows), "leads": (audited.named([row.lead]) for row in rows)}
    values = {name: joined(dict.fromkeys(filter(None, each)), audited.lang) for name, each in names.items()}
    return [say(f"audits/{audit.name}.{key}", audited.lang, count=len(rows), marked=len(audited.audit.spread),
                places=len({(row.category, row.item) for row in rows}), **values)]
