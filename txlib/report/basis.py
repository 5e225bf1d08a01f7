"""What a report rests on: the rules behind a ranking or an audit, the clauses that they cite, the assumptions that they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from txlib.base.fields import Model, Rule
from txlib.rules.book import RuleBook
from txlib.rules.tree import Assumption


class Cites(Protocol):
    """What cites clauses and names assumptions: a rule, a node, a category."""

    @property
    def clause(self) -> tuple[str, ...]: ...

    @property
    def assumed(self) -> tuple[str, ...]: ...


def ranking_rules(book: RuleBook, category: str | None = None) -> Iterator[Cites]:
    """What a category's ranking (all rankings where None) rests on: the year's rules and the tree; the quotas of marks only
    where they cost its units points.
    """
    heads = [head for code, head in book.categories.items() if category in (None, code)]
    costs = category is None or any(head.penalised for head in heads)
    yield from _within(book.rules if costs else book.rules.model_copy(update={"quotas": None}))
    for head in heads:
        yield head
        yield from head.nodes


def audit_rules(book: RuleBook, category: str | None = None) -> Iterator[Cites]:
    """What the audit of a category's marks (all marks where None) rests on: quotas, items, terms."""
    if book.rules.quotas:
        yield book.rules.quotas
        yield from _within(book.rules.quotas)
    for code, head in book.categories.items():
        yield from head.marked if category in (None, code) else ()
    if book.terms:
        yield from book.terms.kinds.values()
        yield book.terms.repeats


def clauses(book: RuleBook, rules: Iterable[Cites]) -> tuple[str, ...]:
    """Clauses that these rules cite, in the plan's order."""
    cited = {clause for rule in rules for clause in rule.clause}
    return tuple(number for number in book.clauses if number in cited)


def assumptions(book: RuleBook, rules: Iterable[Cites]) -> tuple[str, ...]:
    """Assumptions that these rules rest on, in the order of assumptions.yaml."""
    named = {name for rule in rules for name in rule.assumed}
    return tuple(name for name in book.assumptions if name in named)


def term_assumptions(book: RuleBook) -> list[Assumption]:
    """What is assumed of the words to look for in detailed rules, which stands in terms.yaml itself."""
    return [*(kind.assumption for kind in book.terms.kinds.values()), book.terms.repeats.assumption] if book.terms else []


def _within(model: Any) -> Iterator[Rule]:
    """The rules in a model's fields, those within others included."""
    for value in vars(model).values():
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Rule):
                yield each
            if isinstance(each, Model):
                yield from _within(each)
