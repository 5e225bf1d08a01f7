"""The editions as they stand, read and assessed once a session for all tests that only look at them."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

import txlib as tx
from txlib.report.kit.words import Words

ROOT = Path(__file__).parents[1]
_HANDED_OUT: dict[str, tuple[Any, dict[str, str]]] = {}  # what is shared, with the digests of its frames as they were


def edition(year: str, root: Path = ROOT) -> tuple[tx.RuleBook, tx.Data]:
    """A year's rule-book and data."""
    return _edition(year, root)


def assessed(year: str, category: str, root: Path = ROOT) -> tx.Result:
    """A category of a year assessed."""
    return _assessed(year, category, root)


@cache  # with all that they depend on: a default left out would be another key
def _edition(year: str, root: Path) -> tuple[tx.RuleBook, tx.Data]:
    book = tx.load_rulebook(year, root)
    return book, _shared(f"{year} in {root}", tx.load_data(book))


@cache
def _assessed(year: str, category: str, root: Path) -> tx.Result:
    found: tx.Result = _shared(f"{year} {category} in {root}", tx.assess(*edition(year, root), category))
    return found


def words_of(of: tx.Result | tx.RuleBook, lang: str = "zh", data: tx.Data | None = None) -> Words:
    """What words a report on a result, or on a year."""
    return Words(of.book if isinstance(of, tx.Result) else of, data, lang)


def _shared(of: str, found: Any) -> Any:
    _HANDED_OUT[of] = found, digests(found)
    return found


def digests(found: Any) -> dict[str, str]:
    """A digest of each frame of a result or of data."""
    frames = {each.name: getattr(found, each.name) for each in fields(found)}
    frames |= dict(getattr(found, "records", {}))
    return {name: hashlib.sha256(frame.to_csv().encode()).hexdigest() for name, frame in frames.items()
            if isinstance(frame, pd.DataFrame)}


def changed_in_place() -> list[str]:
    """The frames that are not as they were handed out: a test or a function wrote into what all share."""
    return [f"{of}: {name}" for of, (found, then) in _HANDED_OUT.items()
            for name, now in digests(found).items() if now != then[name]]
