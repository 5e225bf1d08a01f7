"""What changed in sentences: the cover, what matters first, category by category."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from txlib.base.printing import MISSING
from txlib.editions.changes import ABOUT
from txlib.editions.under_other_rules import Carried
from txlib.report import basis
from txlib.report.kit.shown import Display, listed
from txlib.report.rule_changes.lines import categories, change, of_rules, subject
from txlib.report.rule_changes.years import of_both

if TYPE_CHECKING:
    import pandas as pd

    from txlib.editions.edition import Edition
    from txlib.report.kit.words import Words

UPPER, MOST = 2, 6  # levels whose changed weights are named, changes named of a category


def cover(now: Edition, then: Edition | Display, found: pd.DataFrame, words: Words) -> Display:
    """The head of the report, with how much changed."""
    keys = {"base": MISSING if isinstance(then, Display) else then.book.year, "changes": len(of_rules(found)),
            "level_1": int(found["flagged"].sum()), "categories": len(now.book.categories)}
    named = {words.label(f"key_{key}"): value for key, value in keys.items()}
    return basis.head(now.book, words.label("all_categories"), named, words)


def findings(now: Edition, then: Edition | Display, found: pd.DataFrame, held: Carried | Display, words: Words) -> Display:
    """What matters first: level 1, what changed how often, and what it would have done to last year's places."""
    if isinstance(then, Display):
        return then
    words = of_both(then, words)
    level_1 = found[found["flagged"].astype(bool)]
    moved_ = words.counted("changed.level_1_moved", len(level_1))
    first: Any = (moved_, [_plainly(row, words) for row in level_1.itertuples()])
    entries = [first if len(level_1) else words.say("changed.level_1_same")]
    entries += [(words.say("changed.main"), by_category)] if (by_category := _by_category(found, words)) else []
    many = of_rules(found)["about"].value_counts()
    counts = [words.say(f"changed.n_{about}", count=int(many[about])) for about in ABOUT if about in many]
    entries.append(words.say("changed.counts", year=then.book.year, counts=words.joined(counts)) if counts
                   else words.say("changed.none", year=then.book.year))
    if headings := [change(row, words) for row in found[found["about"] == "headings"].itertuples()]:
        entries.append(words.say("changed.headings", told=words.say("changed.semicolon").join(headings)))
    if then.units is None or now.units is None:
        entries.append(words.say("changed.no_units"))
    return listed([*entries, *([_outcome(held, then, words)] if isinstance(held, Carried) else [])])


def _plainly(row: Any, words: Words) -> str:
    head = " · ".join([categories(row.categories, words), subject(row, words)])
    return words.say("changed.plainly", head=head, change=change(row, words))


def _by_category(found: pd.DataFrame, words: Words) -> list[str]:
    """For each category what changed in the upper two levels, and which indicators are new, gone or scored in another way."""
    weighty = (found["about"] == "weights") & (found["level"] <= UPPER)
    main = found[weighty | found["about"].isin(["tree", "methods"])]
    main = main[~main["flagged"].astype(bool)]
    entries = []
    for codes, group in main.groupby("categories", sort=False):
        changes = [words.say("changed.brief", subject=subject(row, words), change=change(row, words, brief=True))
                   for row in group.head(MOST).itertuples()]
        changes += [words.say("changed.more_changes", count=len(group) - MOST)] if len(group) > MOST else []
        where, what_ = categories(codes, words), words.say("changed.semicolon").join(changes)
        entries.append(words.say("changed.in_category_told", category=where, told=what_))
    return entries


def _outcome(held: Carried, then: Edition, words: Words) -> str:
    moved = held.places[held.places["moved"] != 0].groupby("category", sort=False).size()
    counts = [words.say("changed.in_category", category=words.category(str(code)), count=n) for code, n in moved.items()]
    return words.say("changed.outcome" if counts else "changed.outcome_same", year=then.book.year, moved=words.joined(counts))
