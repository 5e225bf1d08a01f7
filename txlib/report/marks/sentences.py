"""The audit of marks in sentences, and what it rests on (1.3e–1.3i)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from txlib.base.printing import percentage
from txlib.report import basis
from txlib.report.basis import audit_rules, term_assumptions
from txlib.report.kit.shown import Display, joined, listed
from txlib.report.marks.audit import Audited, breach, loss, uncounted, unruled

if TYPE_CHECKING:
    from txlib.rules.book import RuleBook



def cover(audited: Audited | None, book: RuleBook, category: str, lang: str = "zh") -> Display:
    """The head of the report: how many items are marked, how many miss the differentiation, full marks, signs."""
    keys: dict[str, object] = {}
    if audited is not None:
        audit = audited.audit
        counts = {"items": len(audit.spread), "broken": audit.breaches["item"].nunique(), "full": len(audit.full_marks),
                  "signs": len(audited.flagged)}
        keys = {audited.say(f"key_{name}"): count for name, count in counts.items()}
    return basis.head(book, book.categories[category].name[lang], keys, lang)


def clauses(book: RuleBook, category: str, lang: str = "zh") -> Display:
    """The clauses that quotas, items and terms cite."""
    return basis.clauses(book, category, lang, audit_rules(book, category))


def assumptions(book: RuleBook, category: str, lang: str = "zh") -> Display:
    """What is assumed behind quotas, items and terms."""
    return basis.assumptions(book, category, lang, audit_rules(book, category), term_assumptions(book))


def findings(audited: Audited | None, lang: str = "zh") -> Display:
    """The findings as a list: quotas kept or broken and by whom, then full marks, shares, rule text, signs, deductions."""
    if audited is None:
        return unruled(lang)
    audit, breaches = audited.audit, list(audited.audit.breaches.itertuples())
    items = len(audit.spread)
    found: list[Any] = [audited.say("kept", items=items)] if not breaches else [
        (audited.say("broken", items=items, broken=len({row.item for row in breaches}), count=len(breaches)),
         [breach(audited, row) + _contested(audited, row) for row in breaches])]
    for row in audit.full_marks.itertuples():
        found.append(audited.say("found_full", item=audited.item(row), unit=audited.named([row.unit]),
                                 lead=audited.named([row.lead])))
    for row in audit.quantitative.itertuples():
        if not row.kept:
            found.append(audited.say("found_share", item=audited.item(row), lead=audited.named([row.lead]),
                                     declared=percentage(row.declared),
                                     least=percentage(row.at_least)))
        if row.constant:
            found.append(audited.say("found_constant", item=audited.item(row), lead=audited.named([row.lead])))
    if len(audit.rule_text):
        codes = joined(dict.fromkeys(audit.rule_text["item"]), lang)
        found.append(audited.say("found_text", count=len(audit.rule_text), items=codes))
    flagged = joined(dict.fromkeys(audited.item(row) for row in audited.flagged), lang)
    found += [audited.say("found_signs", count=len(audited.flagged), items=flagged)] if audited.flagged else []
    found += [loss(audited, row) for row in audit.penalties.itertuples()]
    return listed([*found, *unread(audited), *uncounted(audited)])


def _contested(audited: Audited, row: Any) -> str:
    """The readings left open by the plan under which a breach would be none, as a sentence; empty where there is none."""
    changed = audited.audit.changed
    mine = changed[changed["category"].isin(row.categories) & (changed["item"] == row.item) & (changed["level"] == row.rule)]
    levels = ((each, audited.level(each.level_changed) if each.level_changed else "") for each in mine.itertuples())
    names = dict.fromkeys(audited.say(f"choice_{each.choice}", level=level) for each, level in levels)
    return audited.say("contested", choices=joined(names, audited.lang)) if names else ""


def unread(audited: Audited) -> list[str]:
    """A sentence that detailed rules were not examined, for want of terms or of lines for some items; else no sentence."""
    if audited.book.terms is None:
        return [audited.say("no_terms")]
    items = joined(sorted({item for _, item in audited.undetailed}), audited.lang)
    return [audited.say("no_details", items=items)] if items else []
