"""Two years beside each other: their editions, what changed between them, last year's data by the rules of either."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from txlib.base.faults import FaultsError, shown
from txlib.editions.changes import CHANGES, diff_rules, diff_units
from txlib.editions.edition import Edition
from txlib.editions.under_other_rules import Carried, carried
from txlib.report.kit.shown import Display, note_of, nothing
from txlib.rules.book import load_rulebook

if TYPE_CHECKING:
    from txlib.report.kit.words import Words
    from txlib.rules.book import RuleBook


def editions(book: RuleBook, year: str, words: Words) -> tuple[Edition, Edition | Display]:
    """The edition of a rule-book, and the one compared with: that of the year named, of the book's last year where
    `year` is empty; or a line why there is none.
    """
    now, wanted = Edition(book), year or book.rules.last_year
    if not wanted:
        return now, nothing(words.say("changed.no_base"))
    try:
        return now, Edition(load_rulebook(wanted, book.root))
    except FaultsError as error:
        values = {"year": shown(wanted), "first": error.faults[0].message(words.lang)}
        return now, note_of(words.counted("changed.base_faulty", len(error.faults), **values))


def compared(then: Edition | Display, now: Edition) -> pd.DataFrame:
    """Every change of rules and, where both years have a table of units, of units (columns changes.CHANGES)."""
    if isinstance(then, Display):
        return pd.DataFrame(columns=CHANGES)
    rules = diff_rules(then.book, now.book)
    if then.units is None or now.units is None:
        return rules
    parts = [frame for frame in (rules, diff_units(then.units, now.units)) if len(frame)]
    return pd.concat(parts, ignore_index=True) if parts else rules


def what_if(then: Edition | Display, now: Edition, words: Words) -> Carried | Display:
    """Last year's data by the rules of either year, or a line why there is none."""
    if isinstance(then, Display):
        return then
    try:
        return carried(then.book, then.data, now.book)
    except FaultsError as error:
        values = {"year": then.book.year, "first": error.faults[0].message(words.lang)}
        return note_of(words.counted("changed.data_faulty", len(error.faults), **values))


def of_both(then: Edition | Display, words: Words) -> Words:
    """The words, with the names of categories that only the year compared with has."""
    return words if isinstance(then, Display) else replace(words, before=then.book)
