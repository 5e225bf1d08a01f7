"""The words that may break clause 1.3f, as written in params/<year>/terms.yaml: frozen models and their reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from txlib import rulechecks, yamltree
from txlib.faults import Fault, RulebookError
from txlib.forms import Clauses, Code, Count, Model, Part, Text, Words
from txlib.models import Assumption
from txlib.rulebook import RuleBook

FILE = "terms.yaml"
Phrases = tuple[Words, ...]
SomePhrases = Annotated[Phrases, Field(min_length=1)]
Group = Annotated[Phrases, Field(min_length=2)]


class Together(Model):
    """A word of `first` and, at most `within` characters later in the same clause, a word of `then`."""

    first: SomePhrases
    then: SomePhrases
    within: Count


class Kind(Model):
    """One content that detailed rules may not assess: what gives it away, what covers that, what speaks against it."""

    name: Text
    clause: Clauses
    assumption: Assumption
    terms: SomePhrases
    together: tuple[Together, ...] = ()
    exceptions: Phrases = ()
    unless: Phrases = ()


class Repeats(Model):
    """When a rule repeats an indicator: lengths of the n-grams, the share of a name's that must be found, words alike and not.

    `scoring_gap`: how many characters “…” stands for in the phrases of `scoring`.
    """

    clause: Clauses
    assumption: Assumption
    grams: Annotated[tuple[Count, ...], Field(min_length=1)]
    at_least: Part
    compared_within: Literal["category", "year"]
    scoring: Phrases = ()
    scoring_gap: Count
    same: tuple[Group, ...] = ()
    apart: tuple[Group, ...] = ()


class Terms(Model):
    """params/<year>/terms.yaml; `gap` is how many characters “…” in a phrase stands for at most."""

    gap: Count
    kinds: Annotated[Mapping[Code, Kind], Field(min_length=1)]
    repeats: Repeats


def load_terms(book: RuleBook) -> Terms | None:
    """The terms of the book's year, None where it has no such file; RulebookError lists every fault."""
    file = f"params/{book.year}/{FILE}"
    path = book.root / file
    if not path.exists():
        return None
    raw, faults = yamltree.read(path, file)
    terms, shape_faults = rulechecks.shaped(raw, TypeAdapter(Terms)) if raw else (None, [])
    found = [*faults, *shape_faults, *_unknown_clauses(raw, book)]
    if found:
        raise RulebookError(found)
    assert isinstance(terms, Terms)
    return terms


def _unknown_clauses(raw: yamltree.Block, book: RuleBook) -> list[Fault]:
    kinds = raw.get("kinds")
    rules: list[Any] = [*(kinds.values() if isinstance(kinds, dict) else ()), raw.get("repeats")]
    return [Fault.of("clause_unknown", rule.file, rule.line_of("clause"), "clause", found=number, near="")
            for rule in rules if isinstance(rule, yamltree.Block) and isinstance(rule.get("clause"), list)
            for number in rule["clause"] if number not in book.clauses]
