"""The words that may break clause 1.3f, as written in params/<year>/terms.yaml: frozen models."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from txlib.base.faults import Fault, Where
from txlib.base.fields import Clauses, Code, Count, Filled, Model, Names, Part, Text
from txlib.rules.source import Block, walk
from txlib.rules.year import Assumption

Phrases = tuple[Filled, ...]
SomePhrases = Annotated[Phrases, Field(min_length=1)]
Synonyms = Annotated[Phrases, Field(min_length=2)]


class Together(Model):
    """A word of `first` and, at most `within` characters later in the same clause, a word of `then`."""

    first: SomePhrases
    then: SomePhrases
    within: Count


class Kind(Model):
    """One content that detailed rules may not assess: what gives it away, what covers that, what speaks against it."""

    name: Text
    clause: Clauses
    assumed: ClassVar[Names] = ()
    assumption: Assumption
    terms: SomePhrases
    together: tuple[Together, ...] = ()
    exceptions: Phrases = ()
    unless: Phrases = ()


class Repeats(Model):
    """When a rule repeats an indicator: lengths of the n-grams, the share of a name's that must be found, words alike and not.

    `scoring_gap`: how many characters “…” stands for in the phrases of `scoring`; none begins where one of `exceptions` does.
    """

    clause: Clauses
    assumed: ClassVar[Names] = ()
    assumption: Assumption
    grams: Annotated[tuple[Count, ...], Field(min_length=1)]
    at_least: Part
    compared_within: Literal["category", "year"]
    scoring: Phrases = ()
    exceptions: Phrases = ()
    scoring_gap: Count
    same: tuple[Synonyms, ...] = ()
    apart: tuple[Synonyms, ...] = ()


class Terms(Model):
    """params/<year>/terms.yaml; `gap` is how many characters “…” in a phrase stands for at most, “#” is a number."""

    gap: Count
    kinds: Annotated[Mapping[Code, Kind], Field(min_length=1)]
    repeats: Repeats


def unknown_clauses(raw: Block, known: Container[str]) -> Iterator[Fault]:
    """The clauses that a terms.yaml cites and clauses.yaml does not have."""
    for each in walk(raw):
        if each.key == "clause" and isinstance(each.value, str) and each.value != "silent" and each.value not in known:
            yield Fault.of("clause_unknown", *each.block.place("clause"), Where(column="clause"), found=each.value, near="")
