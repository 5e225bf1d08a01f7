"""The words of a report: its texts, and the names of units, categories, indicators, tiers and quotas, in one language.

Every name that a report shows goes through here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

from txlib.base.labels import counted, say
from txlib.base.printing import MISSING, spelt
from txlib.report.kit.blocks import TableColumn

if TYPE_CHECKING:
    import pandas as pd

    from txlib.base.fields import Text
    from txlib.intake.data import Data
    from txlib.rules.book import RuleBook
    from txlib.rules.category import Node

KINDS: dict[str, Literal["number", "sentence"]] = {"#": "number", "~": "sentence"}


class _Named(Protocol):
    """What has a name in both languages: a category, an indicator, a tier, a quota."""

    @property
    def name(self) -> Text: ...


class _Coded(_Named, Protocol):
    """What has a code beside its name."""

    @property
    def code(self) -> str: ...


@dataclass(frozen=True)
class Words:
    """What a report says and how it names what the rules and the data have, in a language.

    `data`: the tables whose units are named by their codes, None where only a result is at hand: its rows have names. `before`:
    the rule-book compared with, which names the categories that this one does not have.
    """

    book: RuleBook
    data: Data | None
    lang: str
    before: RuleBook | None = None

    # ── texts ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def say(self, key: str, **values: Any) -> str:
        """The text `section.key`, its {fields} filled in."""
        return say(key, self.lang, **values)

    def counted(self, key: str, count: int, **values: Any) -> str:
        """The text `section.key` with its {count} and the words that go with it."""
        return counted(key, self.lang, count, **values)

    def label(self, key: str, **values: Any) -> str:
        """A label of labels/report/tables.yaml."""
        return self.say(f"tables.{key}", **values)

    def columns(self, *keys: str, labels: str = "tables") -> list[TableColumn]:
        """Columns by the keys of their headings in a file of labels; `#` before a key: of numbers, `~`: of sentences."""
        return [TableColumn(self.say(f"{labels}.{key.lstrip('#~')}"), KINDS.get(key[0], "text")) for key in keys]

    def text(self, text: Text) -> str:
        """A text of the rules."""
        return text[self.lang]

    def half(self, note: str) -> str:
        """Of a note `中文 | English`, the half in this language."""
        return note.split(" | ")[-1 if self.lang == "en" else 0] or MISSING

    # ── several as one text ─────────────────────────────────────────────────────────────────────────────────────────

    def joined(self, parts: Iterable[object]) -> str:
        """Between the parts the language's comma for enumerations."""
        return self.label("comma").join(map(str, parts))

    def semicolons(self, parts: Iterable[str]) -> str:
        """Between the parts semicolons: they have commas of their own."""
        return self.say("findings.semicolon").join(parts)

    def sentences(self, parts: Iterable[str]) -> str:
        """Between the sentences a space in English and nothing in Chinese."""
        return ("" if self.lang == "zh" else " ").join(parts)

    def united(self, rows: Iterable[Any]) -> str:
        """Units by name, from rows of a frame, the last after an `and`: names have commas of their own."""
        *others, last = map(self.row, rows)
        return self.say("findings.and").join([*([self.joined(others)] if others else []), last])

    # ── names ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def name(self, thing: _Named) -> str:
        """The name of what the rules name."""
        return self.text(thing.name)

    def coded(self, thing: _Coded) -> str:
        """Code and name of an indicator."""
        return f"{thing.code} {self.name(thing)}"

    def row(self, row: Any, column: str = "name") -> str:
        """A name from a row of a frame, of a unit, a tier, an indicator; in Chinese where there is no other."""
        other = getattr(row, f"{column}_en", "") if self.lang == "en" else ""
        return str(other or getattr(row, column))

    def item(self, row: Any) -> str:
        """Code and name of the indicator that marks are given on, from a row of an audit."""
        return f"{row.item} {self.row(row, 'item_name')}"

    def by_unit(self, rows: pd.DataFrame) -> dict[str, str]:
        """The names of units by their codes, from the rows of a frame."""
        return {str(row.unit): self.row(row) for row in rows.itertuples()}

    def unit(self, code: str) -> str:
        """A unit, or a lead department, by its name; by its code where the tables do not have it."""
        return self._units.get(code, code)

    def leads(self, node: Node) -> str:
        """A node's lead departments; of several each with its share."""
        if not node.jointly:
            return self.unit(node.lead or "")
        return self.joined(f"{self.unit(code)} {spelt(share * 100)}%" for code, share in node.leads.items())

    def units(self, codes: Iterable[str]) -> str:
        """Several units as one text."""
        return self.joined(map(self.unit, codes))

    def category(self, code: str) -> str:
        """A category by its name; by its code where its tree cannot be read."""
        return self._categories.get(code, code)

    def categories(self, codes: Iterable[str]) -> str:
        """Several categories as one text."""
        return self.joined(map(self.category, codes))

    def indicator(self, category: str, code: str) -> str:
        """An indicator of a category by code and name; a code that the category does not have as it is."""
        return " ".join(filter(None, [code, self._indicators.get((category, code), "")]))

    def tier(self, code: str) -> str:
        """A tier by its name."""
        return self._tiers[code]

    def level(self, code: str) -> str:
        """A quota by its name."""
        return self._levels[code]

    def clause(self, number: str) -> str:
        """A clause by number and term."""
        return f"{number} {self.text(self.book.clauses[number].term)}"

    @cached_property
    def _units(self) -> dict[str, str]:
        return self.by_unit(self.data.units) if self.data is not None else {}

    @cached_property
    def _categories(self) -> dict[str, str]:
        heads = {**(self.before.categories if self.before else {}), **self.book.categories}
        return {code: self.name(head) for code, head in heads.items()}

    @cached_property
    def _indicators(self) -> dict[tuple[str, str], str]:
        return {(code, node.code): self.name(node) for code, head in self.book.categories.items() for node in head.nodes}

    @cached_property
    def _tiers(self) -> dict[str, str]:
        return {tier.code: self.name(tier) for tier in (self.book.tiers.levels if self.book.tiers else ())}

    @cached_property
    def _levels(self) -> dict[str, str]:
        quotas = self.book.rules.quotas
        return {level.code: self.name(level) for level in (quotas.levels if quotas else ())}
