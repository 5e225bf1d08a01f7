"""What an audit is: the rules that switch it on, its own frames, and rows of the one frame of findings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Protocol

import pandas as pd

from txlib.audits.marks import Marking, marking
from txlib.base.labels import Lang
from txlib.base.numbers import exact
from txlib.base.printing import plainly
from txlib.intake.data import Data
from txlib.rules.book import RuleBook
from txlib.rules.category import Node
from txlib.rules.quotas import Quotas

FINDINGS = ["audit", "kind", "category", "item", "lead", "units", "values", "flagged", "clause"]
ITEMS = ["category", "item", "name", "name_en", "lead", "out_of", "declared", "stated"]


class Naming(Protocol):
    """What words the codes in a finding's values, in a language."""

    @property
    def lang(self) -> Lang | str:
        """The language."""

    @property
    def book(self) -> RuleBook:
        """The rule-book, whose levels, kinds and indicators have names."""

    def say(self, key: str, **values: Any) -> str:
        """A text of the labels."""

    def joined(self, parts: Iterable[object]) -> str:
        """These, one after another."""

    def level(self, code: str) -> str:
        """The name of a quota."""


class Finding(NamedTuple):
    """What an audit found of an item (a leaf of a tree, by its code) in a category; both are empty where it is of neither.

    `kind` is one of the audit's kinds; `lead` who answers for it, `units` whom it concerns, by their codes; `values` what
    its sentence needs, codes and numbers by name; `flagged`: it calls for a second look, or something follows from it.
    """

    kind: str
    category: str
    item: str
    lead: str
    units: tuple[str, ...]
    values: Mapping[str, Any]
    flagged: bool
    clause: str


class MarksOf(NamedTuple):
    """Marks, the items (ITEMS) that they are given on, and the rules that they must keep."""

    marks: pd.DataFrame
    items: pd.DataFrame
    rules: Quotas


@dataclass(frozen=True)
class Evidence:
    """What audits look at: the rules and tables of a year, of which a category is asked for, or all where None."""

    book: RuleBook
    data: Data
    category: str | None = None

    @cached_property
    def year(self) -> MarksOf:
        """The marks of units that are not excluded, on the items of all categories whose marks are sound."""
        marked = set(self.data.marks["category"])
        given = self.data.marks[~self.data.marks["unit"].isin(self.data.decided("excluded", self.data.units))]
        items: list[tuple[str, Node, Any]] = [(code, leaf, leaf.rule) for code, category in self.book.categories.items()
                                              if code in marked for leaf in category.marked]
        rows = [{"category": code, "item": leaf.code, "name": leaf.name.zh, "name_en": leaf.name.en, "lead": leaf.lead or "",
                 "out_of": rule.out_of, **self.declared(code, leaf.code, rule.quantitative)} for code, leaf, rule in items]
        rules = self.book.rules.quotas
        assert rules is not None, "an audit of marks is switched on by a rule on them"
        return MarksOf(given.rename(columns={"indicator": "item"}), pd.DataFrame(rows, columns=ITEMS), rules)

    def declared(self, category: str, item: str, ruled: Fraction | None) -> dict[str, Any]:
        """The share of an item that is counted: `stated` by the lines of its detailed rules, else as the rule-book says."""
        lines = self.data.details
        mine = lines[(lines["category"] == category) & (lines["indicator"] == item)]
        if mine.empty or mine["points"].isna().any() or (mine["kind"] == "").any():
            return {"declared": ruled, "stated": False}
        points = exact(mine["points"])
        return {"declared": points[(mine["kind"] == "quantitative").to_numpy()].sum() / points.sum(), "stated": True}

    @cached_property
    def own(self) -> MarksOf:
        """Those of the category asked for; of the year where all are, or where an item's categories are counted together."""
        marks, items, rules = self.year
        if self.category is None or rules.per == "item":
            return self.year
        mine, asked = (frame[frame["category"] == self.category].reset_index(drop=True) for frame in (marks, items))
        return MarksOf(mine, asked, rules)

    @cached_property
    def made(self) -> Marking:
        """The marks of the year as whole numbers, by item and category."""
        return marking(self.year.marks, self.year.items)

    @cached_property
    def own_made(self) -> Marking:
        """Those of the category asked for, or of the year, as whole numbers."""
        return self.made if self.own is self.year else marking(self.own.marks, self.own.items)


@dataclass(frozen=True)
class Found:
    """What one audit found: its own frames by name, with their columns as declared, and its rows of the frame of findings."""

    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    findings: Sequence[Finding] = ()


class Audit(ABC):
    """One way to hold tables against the plan.

    `name`: its name, and that of its labels `labels/audits/<name>.yaml`; `rules`: what must stand in the rule-book for it to
    be run, by its path (`quotas.levelling`, `terms`), several where it needs all of them, none where it always is; what they
    cite, a report on audits cites, and one on a ranking does not: no ranking reads them. `kinds`: the kinds of its findings;
    `frames`: its own frames, by name their columns; `across`: what it says of a category may rest on other categories' tables;
    `deducts`: units may lose points by it, so that a ranking that takes them cites its rules all the same.

    Its labels, of which a report says what there is:
    `name` (the sort of finding) and for each kind the text `<kind>` (what was found, beside its item) must be there;
    `<kind>_sentence` is the same where it stands alone. Of all flagged rows: `several` one sentence in their place, `head`
    above them, `none` where there are none; `year`, `year_none` in the overview; headings of counts: `key`, `key_items` on
    the cover, `by_lead`, `by_lead_<kind>` in the table of lead departments, `index` on the index.
    """

    name: ClassVar[str]
    rules: ClassVar[tuple[str, ...]]
    kinds: ClassVar[tuple[str, ...]]
    frames: ClassVar[Mapping[str, Sequence[str]]]
    across: ClassVar[bool]
    deducts: ClassVar[bool]

    def __init_subclass__(cls, *, name: str, kinds: tuple[str, ...], rules: tuple[str, ...] = (),
                          frames: Mapping[str, Sequence[str]] | None = None, across: bool = False, deducts: bool = False) -> None:
        cls.name, cls.rules, cls.kinds, cls.frames = name, rules, kinds, frames or {}
        cls.across, cls.deducts = across, deducts

    @abstractmethod
    def run(self, given: Evidence) -> Found:
        """What is found; asked only where the rules stand that switch it on."""

    def words(self, values: Mapping[str, Any], names: Naming) -> dict[str, Any]:
        """The values of a finding as its texts show them: numbers with the digits that they have, all else as it is."""
        return {key: plainly(value) if isinstance(value, float) else value for key, value in values.items()}

    @classmethod
    def is_on(cls, book: RuleBook) -> bool:
        """Whether the rule-book has every rule that switches it on."""
        return len(cls.standing(book)) == len(cls.rules)

    @classmethod
    def standing(cls, book: RuleBook) -> list[Any]:
        """Those of the rules that switch it on that the rule-book has."""
        return [rule for rule in (_rule(book, path) for path in cls.rules) if rule is not None]

    @classmethod
    def looks_at(cls, data: Data) -> bool:
        """Whether there is anything to say of these tables."""
        return True

    @classmethod
    def nothing(cls) -> Found:
        """What there is of an audit that is not run: its frames without rows."""
        return Found({name: pd.DataFrame(columns=list(columns)) for name, columns in cls.frames.items()})


def _rule(book: RuleBook, path: str) -> Any:
    """A rule of the year by its path, None where it does not stand; AttributeError for a path that there is not."""
    head, *rest = path.split(".")
    rule = getattr(book, head) if head in vars(book) else getattr(book.rules, head)
    for key in rest:
        rule = None if rule is None else getattr(rule, key)
    return rule


def cited(rule: Any) -> str:
    """A rule's clauses as tables show them; none where there is no such rule."""
    return ", ".join(rule.clause) if rule is not None else ""
