"""The audit of marks in sentences, and what it rests on (1.3e–1.3i)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txlib.report import basis
from txlib.report.basis import audit_rules, term_assumptions
from txlib.report.kit.shown import Display, listed
from txlib.report.marks import found
from txlib.report.marks.audit import Audited, loss, uncounted, unruled

if TYPE_CHECKING:
    from txlib.report.kit.words import Words
    from txlib.rules.book import RuleBook


def cover(audited: Audited | None, book: RuleBook, category: str, words: Words) -> Display:
    """The head of the report: how many items are marked, and the counts that audits have for it."""
    keys: dict[str, object] = {}
    if audited is not None:
        keys = {words.say("audit.key_items"): len(audited.audit.spread)} if audited.ruled else {}
        keys |= found.figures(audited, words)
    return basis.head(book, words.name(book.categories[category]), keys, words)


def clauses(book: RuleBook, category: str, words: Words) -> Display:
    """The clauses that quotas, items and terms cite."""
    return basis.clauses(book, category, words, audit_rules(book, category))


def assumptions(book: RuleBook, category: str, words: Words) -> Display:
    """What is assumed behind quotas, items and terms."""
    return basis.assumptions(book, category, words, audit_rules(book, category), term_assumptions(book))


def findings(audited: Audited | None, words: Words) -> Display:
    """The findings as a list: what each audit found, deductions, what was not looked at."""
    if audited is None:
        return unruled(words)
    told = found.listing(audited, words)
    if not audited.ruled:
        return listed([words.say("audit.no_rule"), *told, *(unread(audited, words) if audited.book.terms else [])])
    losses = [loss(audited, row, words) for row in audited.audit.penalties.itertuples()]
    return listed([*told, *losses, *unread(audited, words), *uncounted(audited, words)])


def unread(audited: Audited, words: Words) -> list[str]:
    """A sentence that detailed rules were not examined, for want of terms or of lines for some items; else no sentence."""
    if audited.book.terms is None:
        return [words.say("audit.no_terms")]
    items = words.joined(sorted({item for _, item in audited.undetailed}))
    return [words.say("audit.no_details", items=items)] if items else []
