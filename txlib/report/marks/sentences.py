"""The audit of marks in sentences, and what it rests on (1.3e–1.3i)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txlib.report import basis
from txlib.report.basis import audit_rules, term_assumptions
from txlib.report.kit.shown import Display, joined, listed
from txlib.report.marks import found
from txlib.report.marks.audit import Audited, loss, uncounted, unruled

if TYPE_CHECKING:
    from txlib.rules.book import RuleBook



def cover(audited: Audited | None, book: RuleBook, category: str, lang: str = "zh") -> Display:
    """The head of the report: how many items are marked, and the counts that audits have for it."""
    keys: dict[str, object] = {}
    if audited is not None:
        keys = {audited.say("key_items"): len(audited.audit.spread)} if audited.ruled else {}
        keys |= found.figures(audited)
    return basis.head(book, book.categories[category].name[lang], keys, lang)


def clauses(book: RuleBook, category: str, lang: str = "zh") -> Display:
    """The clauses that quotas, items and terms cite."""
    return basis.clauses(book, category, lang, audit_rules(book, category))


def assumptions(book: RuleBook, category: str, lang: str = "zh") -> Display:
    """What is assumed behind quotas, items and terms."""
    return basis.assumptions(book, category, lang, audit_rules(book, category), term_assumptions(book))


def findings(audited: Audited | None, lang: str = "zh") -> Display:
    """The findings as a list: what each audit found, deductions, what was not looked at."""
    if audited is None:
        return unruled(lang)
    told = found.listing(audited)
    if not audited.ruled:
        return listed([audited.say("no_rule"), *told])
    losses = [loss(audited, row) for row in audited.audit.penalties.itertuples()]
    return listed([*told, *losses, *unread(audited), *uncounted(audited)])


def unread(audited: Audited) -> list[str]:
    """A sentence that detailed rules were not examined, for want of terms or of lines for some items; else no sentence."""
    if audited.book.terms is None:
        return [audited.say("no_terms")]
    items = joined(sorted({item for _, item in audited.undetailed}), audited.lang)
    return [audited.say("no_details", items=items)] if items else []
