"""An audit of marks with what names its units, lead departments and quotas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from txlib.base.labels import say
from txlib.base.printing import plainly
from txlib.report.kit.shown import KINDS, Display, TableColumn, joined, nothing

if TYPE_CHECKING:
    from txlib.audits.mark_audit import MarkAudit
    from txlib.intake.data import Data
    from txlib.rules.book import RuleBook
    from txlib.rules.quotas import Quota



@dataclass(frozen=True)
class Audited:
    """An audit with what names its units, its lead departments and its quotas in a language.

    `deducted`: who loses points in a ranking of its own, where it loses any; `undetailed`: items (category, code) without a line
    of detailed rules; `uncounted`: categories that items are marked in and whose marks are not sound.
    """

    audit: MarkAudit
    book: RuleBook
    units: Mapping[str, str]
    deducted: frozenset[str]
    undetailed: frozenset[tuple[str, str]]
    uncounted: tuple[str, ...]
    lang: str

    @property
    def levels(self) -> tuple[Quota, ...]:
        """The quotas of the rule-book."""
        return self.book.rules.quotas.levels if self.book.rules.quotas else ()

    @property
    def ruled(self) -> bool:
        """Whether the year asks for differentiation of marks."""
        return self.book.rules.quotas is not None

    @cached_property
    def items(self) -> Mapping[tuple[str, str], str]:
        """The names of indicators by category and code."""
        return {(code, node.code): node.name[self.lang] or node.name["zh"]
                for code, category in self.book.categories.items() for node in category.nodes}

    def say(self, key: str, **values: Any) -> str:
        return say(f"audit.{key}", self.lang, **values)

    def named(self, codes: Iterable[str]) -> str:
        return joined((self.units.get(code, code) for code in codes), self.lang)

    def item(self, row: Any) -> str:
        name = row.item_name_en if self.lang == "en" and row.item_name_en else row.item_name
        return f"{row.item} {name}"

    def item_of(self, category: str, code: str) -> str:
        """An indicator of a category by code and name; a code that it does not know as it is."""
        return " ".join(filter(None, [code, self.items.get((category, code), "")]))

    def level(self, code: str) -> str:
        return next(level.name[self.lang] for level in self.levels if level.code == code)

    def category(self, code: str) -> str:
        return self.book.categories[code].name[self.lang] if code in self.book.categories else code

    def columns(self, *keys: str) -> list[TableColumn]:
        """Columns by the keys of their headings; `#` before a key: of numbers, `~`: of sentences."""
        return [TableColumn(self.say(key.lstrip("#~")), KINDS.get(key[0], "text")) for key in keys]


def audited(audit: MarkAudit | None, book: RuleBook, data: Data, lang: str = "zh") -> Audited | None:
    """The audit with the names that its sentences and tables need; None where there is no audit."""
    if audit is None:
        return None
    names = data.units["name_en"].where(data.units["name_en"] != "", data.units["name"]) if lang == "en" else data.units["name"]
    costly = {code for code in book.rules.categories if code not in book.categories or book.categories[code].penalised}
    out = data.decided("excluded", data.units)
    deducted = frozenset(data.units.loc[data.units["category"].isin(costly) & ~data.units["unit"].isin(out), "unit"])
    lines = set(zip(data.details["category"], data.details["indicator"], strict=True))
    items = set(zip(audit.spread["category"], audit.spread["item"], strict=True))
    marked = {code for code in book.rules.categories if code not in book.categories or book.categories[code].marked}
    uncounted = tuple(code for code in book.rules.categories if code in marked - set(data.marks["category"]))
    units = dict(zip(data.units["unit"], names, strict=True))
    return Audited(audit, book, units, deducted, frozenset(items - lines), uncounted, lang)


def unruled(lang: str) -> Display:
    """The line that stands in place of a table where the year has no rule on marks."""
    return nothing(say("audit.no_rule", lang))


def uncounted(audited: Audited) -> list[str]:
    """A sentence on the categories left out of the counts of the year; no sentence where there are none."""
    names = joined(map(audited.category, audited.uncounted), audited.lang)
    return [audited.say("uncounted", categories=names)] if names else []


def loss(audited: Audited, row: Any) -> str:
    """What a lead department loses, or would lose were it ranked, as a sentence."""
    key = "loses" if row.lead in audited.deducted else "would_lose"
    return audited.say(key, lead=audited.named([row.lead]), points=plainly(row.points), category=audited.category(row.category),
                       items=joined(row.items, audited.lang))
