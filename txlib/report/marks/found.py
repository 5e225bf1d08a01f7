"""What audits found, in words: loops over the one frame of findings, by the labels that each audit has of its own.

What an audit's labels may hold stands in txlib/audits/audit.py; nothing here knows an audit by its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from txlib.audits import named
from txlib.audits.audit import Audit, Evidence
from txlib.audits.mark_audit import examined
from txlib.base.labels import section
from txlib.report.kit.shown import TableRow
from txlib.report.marks.audit import Audited

if TYPE_CHECKING:
    from txlib.intake.data import Data
    from txlib.report.kit.words import Words
    from txlib.rules.book import RuleBook

Listed = str | tuple[str, Sequence[str]]  # of a list: a sentence, or one that stands above others


def audits_on(audited: Audited) -> list[type[Audit]]:
    """The audits that the year's rules switch on, in the order of the register."""
    return [audit for audit in named().values() if audit.is_on(audited.book)]


def rows_of(audited: Audited, audit: type[Audit]) -> list[Any]:
    """The flagged findings of an audit."""
    found = audited.audit.findings
    return list(found[(found["audit"] == audit.name) & found["flagged"]].itertuples())


def text(audited: Audited, row: Any, words: Words) -> str:
    """What one finding found, as it stands beside its item."""
    return words.say(f"audits/{row.audit}.{row.kind}", **_values(audited, row, words))


def sentence(audited: Audited, row: Any, words: Words) -> str:
    """The same where it stands alone: in the audit's own words, else with item and lead department before it."""
    short, key = text(audited, row, words), f"{row.kind}_sentence"
    if key in _labels(row.audit):
        return words.say(f"audits/{row.audit}.{key}", **_values(audited, row, words), text=short)
    item, lead = words.indicator(row.category, row.item), words.unit(row.lead)
    if item and lead:
        return words.say("audit.found_by", item=item, lead=lead, text=short)
    return words.say("audit.found_at", item=item or lead, text=short) if item or lead else short


def listing(audited: Audited, words: Words) -> list[Listed]:
    """The flagged findings of every audit: one by one, below a head, or all in one sentence."""
    entries: list[Listed] = []
    for audit in audits_on(audited):
        rows, labels = rows_of(audited, audit), _labels(audit.name)
        if not rows:
            entries += _of_all(audited, audit, "none", words)
        elif "several" in labels:
            entries += _of_all(audited, audit, "several", words)
        elif "head" in labels:
            told = [sentence(audited, row, words) for row in rows]
            entries += [(head, told) for head in _of_all(audited, audit, "head", words)]
        else:
            entries += [sentence(audited, row, words) for row in rows]
    return entries


def kept(audited: Audited, words: Words) -> list[str]:
    """Of each audit without a flagged finding the sentence that says so, where it has one."""
    silent = [audit for audit in audits_on(audited) if not rows_of(audited, audit)]
    return [said for audit in silent for said in _of_all(audited, audit, "none", words)]


def of_the_year(audited: Audited, words: Words) -> list[str]:
    """One sentence an audit on the whole year, where it has one; that nothing was found only where something was marked."""
    said = list[str]()
    for audit in audits_on(audited):
        if rows_of(audited, audit):
            said += _of_all(audited, audit, "year", words)
        elif len(audited.audit.spread):
            said += _of_all(audited, audit, "year_none", words)
    return said


def table_rows(audited: Audited, words: Words) -> list[TableRow]:
    """Every flagged finding: category, item, lead department, the sort of finding, what was found."""
    return [[words.category(row.category), words.indicator(row.category, row.item), words.unit(row.lead),
             words.say(f"audits/{row.audit}.name"), text(audited, row, words)]
            for audit in audits_on(audited) for row in rows_of(audited, audit)]


def figures(audited: Audited, words: Words) -> dict[str, int]:
    """Counts for a cover, by their headings: of flagged findings, or of the items that they are of."""
    counts = dict[str, int]()
    for audit in audits_on(audited):
        rows = rows_of(audited, audit)
        for key, count in (("key", len(rows)), ("key_items", len({(row.category, row.item) for row in rows}))):
            counts |= dict.fromkeys(_of_all(audited, audit, key, words), count)
    return counts


def by_lead(audited: Audited, words: Words) -> list[tuple[str, list[str]]]:
    """Columns that count flagged findings by lead department: the heading, and of each finding whose it is."""
    columns = list[tuple[str, list[str]]]()
    for audit in audits_on(audited):
        rows = [row for row in rows_of(audited, audit) if row.lead]
        columns += [(heading, [row.lead for row in rows]) for heading in _of_all(audited, audit, "by_lead", words)]
        for kind in audit.kinds:
            leads = [row.lead for row in rows if row.kind == kind]
            columns += [(heading, leads) for heading in _of_all(audited, audit, f"by_lead_{kind}", words)]
    return columns


def for_the_index(book: RuleBook, data: Data, category: str, words: Words) -> list[tuple[str, str]]:
    """Key figures of a category for the index: how many flagged findings the audits that have a heading for it have."""
    asked = [audit for audit in named().values() if audit.is_on(book) and "index" in _labels(audit.name)]
    if not asked:
        return []
    _, found = examined(Evidence(book, data, category), asked)
    counts = found[found["flagged"]].value_counts("audit")
    return [(words.say(f"audits/{audit.name}.index"), str(counts.get(audit.name, 0))) for audit in asked]


def _labels(audit: str) -> dict[str, dict[str, str]]:
    """The labels of an audit."""
    return section(f"audits/{audit}")


def _values(audited: Audited, row: Any, words: Words) -> dict[str, Any]:
    """What the texts of one finding may name."""
    codes = {"item": words.indicator(row.category, row.item), "category": words.category(row.category), "clause": row.clause,
             "lead": words.unit(row.lead), "units": words.units(row.units)}
    return codes | named()[row.audit]().words(row.values, words)


def _of_all(audited: Audited, audit: type[Audit], key: str, words: Words) -> list[str]:
    """A text on all flagged findings of an audit, with their numbers and whose they are; none where it has no such label."""
    if key not in _labels(audit.name):
        return []
    rows = rows_of(audited, audit)
    names = {"items": (words.indicator(row.category, row.item) for row in rows), "codes": (row.item for row in rows),
             "categories": (words.category(row.category) for row in rows), "leads": (words.unit(row.lead) for row in rows)}
    values = {name: words.joined(dict.fromkeys(filter(None, each))) for name, each in names.items()}
    return [words.say(f"audits/{audit.name}.{key}", count=len(rows), marked=len(audited.audit.spread),
                      places=len({(row.category, row.item) for row in rows}), **values)]
