"""What has been handed in, in short: the cover, who owes how much and by when, what cannot be assessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from txlib.report import basis
from txlib.report.facts import FEW
from txlib.report.kit.shown import Display, listed
from txlib.report.submissions.tables import odd, spread_of

if TYPE_CHECKING:
    from txlib.intake.submitted import Submitted
    from txlib.report.kit.words import Words


def cover(there: Submitted, words: Words) -> Display:
    """The head of the report: what is asked for, there and missing, the faults, the day due."""
    due = there.book.rules.due
    of = words.say("submissions.of", there=int(there.items["there"].sum()), asked=len(there.items))
    keys = {"there": of, "missing": len(there.owed), "faults": len(there.faults),
            "due": due.day if due else words.say("submissions.not_ruled")}
    return basis.head(there.book, words.label("all_categories"),
                      {words.say(f"submissions.key_{key}"): value for key, value in keys.items()}, words)


def findings(there: Submitted, figures: pd.DataFrame, words: Words) -> Display:
    """How much is missing and who owes it, when it is due, which categories are blocked, how many indicators stand out."""
    lines = [*_missing(there, words), by_when(there, words)]
    if there.units_of not in ("", there.book.year):
        lines.append(words.say("submissions.units_from", year=there.units_of))
    if there.unreadable:
        lines.append(words.say("submissions.unreadable", categories=words.joined(map(words.category, there.unreadable))))
    lines.append(_blocked(there, words))
    strange = sum(odd(row) in ("same", "zero") for row in spread_of(figures))
    return listed([*lines, *([words.counted("submissions.odd", strange)] if strange else [])])


def _missing(there: Submitted, words: Words) -> list[str]:
    """How much is missing, and which lead departments owe most of it."""
    asked, gone = len(there.items), len(there.owed)
    if there.units.empty or not there.book.categories:
        return [words.say("submissions.nothing_asked")]
    if not gone:
        return [words.counted("submissions.all_there", asked)]
    lines = [words.counted("submissions.some_missing", gone, asked=asked, there=asked - gone)]
    if there.owing:
        counts = there.owed["lead"].value_counts()
        most = sorted(there.owing, key=lambda lead: (-counts[lead], lead))
        leads = words.joined(words.say("submissions.owes", lead=words.unit(lead), count=counts[lead]) for lead in most[:FEW])
        key = "submissions.who_owes_most" if len(most) > FEW else "submissions.who_owes"
        lines.append(words.counted(key, len(most), leads=leads))
    return lines


def by_when(there: Submitted, words: Words) -> str:
    """The day due with its clauses and assumptions, or that none is ruled."""
    due, book = there.book.rules.due, there.book
    if due is None:
        return words.say("submissions.none_due")
    clauses = words.joined(map(words.clause, due.clause)) or words.say("submissions.due_silent")
    terms = words.joined(words.text(book.assumptions[name].term) for name in due.assumed)
    assumed = [words.say("submissions.due_assumed", terms=terms)] if terms else []
    return words.say("submissions.due", day=due.day, sources=words.label("semicolon").join([clauses, *assumed]))


def _blocked(there: Submitted, words: Words) -> str:
    """Which categories faults keep from being assessed."""
    blocked = {fault.category for fault in there.faults}
    if None in blocked:
        return words.say("submissions.blocked_year")
    names = [words.category(code) for code in there.book.rules.categories if code in blocked]
    return words.say("submissions.blocked", categories=words.joined(names)) if names else words.say("submissions.nothing_blocked")
