"""What changed in tables, and what last year's data give under these rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from txlib.base.printing import MISSING, as_text, number, plainly
from txlib.report import basis
from txlib.report.kit.shown import Display, Flag, Noted, TableRow, folded, note_of, nothing, table
from txlib.report.rule_changes.lines import FEW, PARTS, categories, lines_of, subject, values, what
from txlib.report.rule_changes.years import of_both

if TYPE_CHECKING:
    import pandas as pd

    from txlib.editions.edition import Edition
    from txlib.editions.under_other_rules import Carried
    from txlib.report.kit.words import Words


def changes(now: Edition, then: Edition | Display, found: pd.DataFrame, part: str, words: Words) -> Display:
    """One part of the changes as a table, a row a change, those at level 1 first and marked."""
    mine = found[found["about"].isin(PARTS[part])]
    if isinstance(then, Display) or mine.empty:
        return nothing(words.say("changed.no_changes"))
    words = of_both(then, words)
    clause, rows = ["clause"] if mine["clause"].astype(bool).any() else [], list[TableRow]()
    for row in mine.itertuples():
        cells = [categories(row.categories, words) or words.label("whole_year"), subject(row, words) or MISSING,
                 Noted(what(row, words), lines_of(row, words)), *(text or MISSING for text in values(row, words)),
                 *([row.clause or MISSING] if clause else [])]
        rows.append(Flag(cells) if row.flagged else cells)
    sides = ("~then", "~now") if part == "sources" else ("then", "now")
    head = words.columns("category", "subject", "change", *sides, *clause)
    caption = words.counted(f"changed.head_{part}", len(rows))
    shown_ = table(f"changes-{part}", caption, head, rows, words.say("changed.flag_note") if mine["flagged"].any() else "")
    return folded(caption, shown_) if part == "sources" else shown_


def summary(held: Carried | Display, words: Words) -> Display:
    """By category what last year's data give by either year's rules: how much is shared, whose place differs."""
    if isinstance(held, Display):
        return held
    rows: list[TableRow] = []
    for code, share in held.shared.items():
        mine = held.places[held.places["category"] == code]
        cells = [MISSING] * 3 if mine.empty else [str(len(mine)), str(int((mine["moved"] != 0).sum())), _furthest(mine, words)]
        rows.append([words.category(code), f"{as_text(share * 100)}%", *cells])
    heads = words.columns("category", "#shared", "#n_units", "#n_moved", "~furthest")
    note = [words.say("changed.what_if_note")]
    if held.impossible:
        note.append(words.say("changed.impossible", categories=categories(held.impossible, words)))
    return table("carried", words.say("changed.what_if"), heads, rows, words.sentences(note))


def _furthest(mine: pd.DataFrame, words: Words) -> str:
    """The units that would move furthest, with both places, as one text."""
    most = mine["moved"].abs().max()
    if not most:
        return MISSING
    far = list(mine[mine["moved"].abs() == most].itertuples())
    movers = [words.say("changed.mover", unit=words.row(row), then=f"{row.rank_then:g}", now=f"{row.rank:g}")
              for row in far[:FEW]]
    more = words.say("changed.more", count=len(far) - FEW) if len(far) > FEW else ""
    return words.joined(movers) + more


def moved(held: Carried | Display, then: Edition | Display, words: Words) -> Display:
    """Every unit's place on the shared indicators by last year's rules and by this year's, folded."""
    if isinstance(held, Display) or isinstance(then, Display) or held.places.empty:
        return Display()
    rows: list[TableRow] = [[words.category(str(row.category)), words.row(row), f"{row.rank_then:g}",
                             f"{row.rank:g}", number(row.moved, 0 if row.moved % 1 == 0 else 1, signed=True)]
                            for row in held.places.itertuples()]
    heads = words.columns("category", "unit", "#place_by_then", "#place_if", "#moved")
    title = words.say("changed.every_place", year=then.book.year)
    return folded(title, table("carried-places", title, heads, rows, words.say("changed.what_if_note")))


def left_out(held: Carried | Display, then: Edition | Display, now: Edition, words: Words) -> Display:
    """Which indicators the comparison leaves out, and why."""
    if isinstance(held, Display) or isinstance(then, Display):
        return Display()
    if held.left_out.empty:
        return note_of(words.say("changed.nothing_left_out"))
    years = {"now": now.book.year, "then": then.book.year}
    rows: list[TableRow] = [[words.category(row.category), f"{row.code} {words.row(row)}", years[row.year],
                             plainly(row.points) if row.points else MISSING, words.say(f"changed.why_{row.why}")]
                            for row in held.left_out.itertuples()]
    heads = words.columns("category", "indicator", "in_year", "#points_there", "~why_left_out")
    return table("left-out", words.say("changed.left_out", count=len(rows)), heads, rows, words.say("changed.left_out_note"))


def sources(now: Edition, then: Edition | Display, words: Words) -> Display:
    """The files of both years that the report rests on."""
    before = () if isinstance(then, Display) else (*then.book.sources, *then.sound[0].sources)
    held, _ = now.sound
    return basis.sources(now.book, replace(held, sources=(*before, *held.sources)), None, words)
