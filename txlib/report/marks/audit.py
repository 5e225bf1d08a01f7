"""An audit of marks with what is found of it in other tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from txlib.base.printing import plainly
from txlib.report.kit.shown import Display, nothing

if TYPE_CHECKING:
    from txlib.audits.mark_audit import MarkAudit
    from txlib.intake.data import Data
    from txlib.report.kit.words import Words
    from txlib.rules.book import RuleBook
    from txlib.rules.quotas import Quota


@dataclass(frozen=True)
class Audited:
    """An audit with what is found of it in the tables beside it.

    `deducted`: who loses points in a ranking of its own, where it loses any; `undetailed`: items (category, code) without a line
    of detailed rules; `uncounted`: categories that items are marked in and whose marks are not sound.
    """

    audit: MarkAudit
    book: RuleBook
    deducted: frozenset[str]
    undetailed: frozenset[tuple[str, str]]
    uncounted: tuple[str, ...]

    @property
    def levels(self) -> tuple[Quota, ...]:
        """The quotas of the rule-book."""
        return self.book.rules.quotas.levels if self.book.rules.quotas else ()

    @property
    def ruled(self) -> bool:
        """Whether the year asks for differentiation of marks."""
        return self.book.rules.quotas is not None


def audited(audit: MarkAudit | None, book: RuleBook, data: Data) -> Audited | None:
    """The audit with what its sentences and tables need of the tables; None where there is no audit."""
    if audit is None:
        return None
    costly = {code for code in book.rules.categories if code not in book.categories or book.categories[code].penalised}
    out = data.decided("excluded", data.units)
    deducted = frozenset(data.units.loc[data.units["category"].isin(costly) & ~data.units["unit"].isin(out), "unit"])
    lines = set(zip(data.details["category"], data.details["indicator"], strict=True))
    items = set(zip(audit.spread["category"], audit.spread["item"], strict=True)) if book.rules.quotas else {
        (code, leaf.code) for code, category in book.categories.items() for leaf in category.marked}
    marked = {code for code in book.rules.categories if code not in book.categories or book.categories[code].marked}
    uncounted = tuple(code for code in book.rules.categories if code in marked - set(data.marks["category"]))
    return Audited(audit, book, deducted, frozenset(items - lines), uncounted)


def unruled(words: Words) -> Display:
    """The line that stands in place of a table where the year has no rule on marks."""
    return nothing(words.say("audit.no_rule"))


def uncounted(audited: Audited, words: Words) -> list[str]:
    """A sentence on the categories left out of the counts of the year; no sentence where there are none."""
    names = words.categories(audited.uncounted)
    return [words.say("audit.uncounted", categories=names)] if names else []


def loss(audited: Audited, row: Any, words: Words) -> str:
    """What a lead department loses, or would lose were it ranked, as a sentence."""
    key = "loses" if row.lead in audited.deducted else "would_lose"
    return words.say(f"audit.{key}", lead=words.unit(row.lead), points=plainly(row.points), category=words.category(row.category),
                     items=words.joined(row.items))
