"""What changed in the rules from a year to the next, in sentences and tables, and what last year's data give under them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from txlib.base.faults import FaultsError, shown
from txlib.base.labels import counted, say
from txlib.base.printing import MISSING, as_text, number, plainly
from txlib.editions.changes import ABOUT, CHANGES, diff_rules, diff_units
from txlib.editions.edition import Edition
from txlib.editions.under_other_rules import Carried, carried
from txlib.report import basis
from txlib.report.kit.shown import (
    Display,
    Flag,
    Noted,
    TableRow,
    columns,
    folded,
    joined,
    listed,
    note_of,
    nothing,
    sentences,
    table,
)
from txlib.rules.book import load_rulebook

if TYPE_CHECKING:
    from txlib.rules.book import RuleBook

__all__ = ["changes", "compared", "cover", "editions", "findings", "left_out", "moved", "sources", "summary", "what_if"]

FEW = 3  # so many categories are named, more of them counted
LONG, BEFORE = 60, 10  # characters of a text in a line
UPPER, MOST = 2, 6  # findings: levels whose changed weights are named, changes named of a category
PARTS: dict[str, tuple[str, ...]] = {"who": ("units", "categories"), "tree": ("tree", "weights", "methods"),
                                     "rules": ("rules", "quotas"), "sources": ("sources",)}


def _say(key: str, lang: str, **values: Any) -> str:
    return say(f"changed.{key}", lang, **values)


# ── what is compared ────────────────────────────────────────────────────────────────────────────────────────────────


def editions(book: RuleBook, year: str = "", lang: str = "zh") -> tuple[Edition, Edition | Display]:
    """The edition of a rule-book, and the one compared with: that of the year named, else of the book's last year; or a line
    why there is none.
    """
    now, wanted = Edition(book), year or book.rules.last_year
    if not wanted:
        return now, nothing(_say("no_base", lang))
    try:
        return now, Edition(load_rulebook(wanted, book.root))
    except FaultsError as error:
        values = {"year": shown(wanted), "first": error.faults[0].message(lang)}
        return now, note_of(counted("changed.base_faulty", lang, len(error.faults), **values))


def compared(then: Edition | Display, now: Edition) -> pd.DataFrame:
    """Every change of rules and, where both years have a table of units, of units (columns changes.CHANGES)."""
    if isinstance(then, Display):
        return pd.DataFrame(columns=CHANGES)
    rules = diff_rules(then.book, now.book)
    if then.units is None or now.units is None:
        return rules
    parts = [frame for frame in (rules, diff_units(then.units, now.units)) if len(frame)]
    return pd.concat(parts, ignore_index=True) if parts else rules


def what_if(then: Edition | Display, now: Edition, lang: str = "zh") -> Carried | Display:
    """Last year's data by the rules of either year, or a line why there is none."""
    if isinstance(then, Display):
        return then
    try:
        return carried(then.book, then.data, now.book)
    except FaultsError as error:
        values = {"year": then.book.year, "first": error.faults[0].message(lang)}
        return note_of(counted("changed.data_faulty", lang, len(error.faults), **values))


# ── in words ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _in_language(row: Any, column: str, lang: str) -> str:
    return str(getattr(row, f"{column}_en" if lang == "en" else column))


def categories(codes: Iterable[str], names: Mapping[str, str], lang: str) -> str:
    """Categories by name, counted where there are many."""
    listed = list(codes)
    if len(listed) > FEW:
        return _say("so_many", lang, count=len(listed))
    return joined((names.get(code, code) for code in listed), lang)


def names(then: Edition | Display, now: Edition, lang: str) -> dict[str, str]:
    """The categories of both years by their names."""
    books = [now.book] if isinstance(then, Display) else [then.book, now.book]
    return {code: head.name[lang] for each in books for code, head in each.categories.items()}


def what(row: Any, lang: str) -> str:
    """The words for what changed: the name of a changed value, else the kind of change."""
    kinds = {"kind": _say(f"kind_{row.kind}", lang), "what": _in_language(row, "what", lang)}
    if row.about == "units" or not kinds["what"] or row.kind in ("moved", "renamed", "recoded"):
        return kinds["kind"]
    return kinds["what"] if row.kind == "changed" else _say("kind_of", lang, **kinds)


def subject(row: Any, lang: str) -> str:
    """The code and name of what a change concerns; empty for a rule of the year."""
    return " ".join(filter(None, [row.code if row.about not in ("units", "sources") else "", _in_language(row, "name", lang)]))


def values(row: Any, heads: Mapping[str, str], lang: str) -> tuple[str, str]:
    """The value then and the value now, in words; a unit's categories by name."""
    then, now = _in_language(row, "then", lang), _in_language(row, "now", lang)
    return (heads.get(then, then), heads.get(now, now)) if row.about == "units" and row.kind != "renamed" else (then, now)


def places(row: Any, lang: str) -> str:
    """The files and lines of a change in both years."""
    lines = [f"{file}{say('faults.line', lang, line=line) if line else ''}"
             for file, line in ((row.file_then, row.line_then), (row.file, row.line)) if file]
    return " → ".join(lines)


def lines_of(row: Any, lang: str) -> str:
    """The files and lines of a change in short: a file that is the same in both years once, with both lines."""
    files = [file.split("/", 2)[-1] for file in (row.file_then, row.file) if file]
    if len(files) == 2 and files[0] == files[1]:
        return _say("lines", lang, file=files[0], then=row.line_then, now=row.line)
    return places(row, lang)


def sentence(row: Any, heads: Mapping[str, str], lang: str) -> str:
    """One change in a line, with its clause and where it stands."""
    head = " · ".join(filter(None, [categories(row.categories, heads, lang), subject(row, lang)]))
    clause = _say("clause", lang, clause=row.clause) if row.clause else ""
    mark = _say("star", lang) if row.flagged else ""
    return mark + _say("sentence" if head else "sentence_of_year", lang, head=head, change=_change(row, heads, lang),
                       clause=clause, place=places(row, lang))


def _change(row: Any, heads: Mapping[str, str], lang: str, *, brief: bool = False) -> str:
    """What changed, from what to what; `brief`: of another method its name alone."""
    then, now = values(row, heads, lang)
    if brief and row.about == "methods" and then and now:
        then, now = (text.split(say("changes.parts", lang))[0] for text in (then, now))
    key = {(True, True): "from_to", (False, True): "only_now", (True, False): "only_then"}.get((bool(then), bool(now)), "bare")
    sides = _differing(then, now) if row.about == "sources" else {"then": then, "now": now}
    return _say(key, lang, what=what(row, lang), **sides)


def _differing(then: str, now: str) -> dict[str, str]:
    """The values then and now, each on one line; of long texts only the part that differs, with a little before it."""
    if max(len(then), len(now)) <= LONG:
        return {"then": then, "now": now}
    start = max(_alike(then, now) - BEFORE, 0)
    end = _alike(then[start:][::-1], now[start:][::-1])
    before = "…" if start > 0 else ""
    return {key: before + _cut(text[start:len(text) - end], more=end > 0) for key, text in (("then", then), ("now", now))}


def _alike(one: str, other: str) -> int:
    """The number of characters that two texts share at their beginning."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _cut(text: str, *, more: bool) -> str:
    if len(text) > LONG:
        return text[:LONG - 1] + "…"
    return text + "…" if more else text


def lines(found: pd.DataFrame, heads: Mapping[str, str], lang: str) -> list[str]:
    """All changes as lines under headings, those at level 1 first."""
    printed = []
    for part in ("level_1", *PARTS):
        mine = found[found["flagged"].astype(bool)] if part == "level_1" else _part(found, part)
        if len(mine):
            printed += [counted(f"changed.head_{part}", lang, len(mine)),
                        *(f"  {sentence(row, heads, lang)}" for row in mine.itertuples())]
    return printed


def _part(found: pd.DataFrame, part: str) -> pd.DataFrame:
    return found[found["about"].isin(PARTS[part]) & ~found["flagged"].astype(bool)]


# ── the report ──────────────────────────────────────────────────────────────────────────────────────────────────────


def cover(now: Edition, then: Edition | Display, found: pd.DataFrame, lang: str = "zh") -> Display:
    """The head of the report, with how much changed."""
    keys = {"base": MISSING if isinstance(then, Display) else then.book.year, "changes": len(found),
            "level_1": int(found["flagged"].sum()), "categories": len(now.book.categories)}
    named = {say(f"tables.key_{key}", lang): value for key, value in keys.items()}
    return basis.head(now.book, say("tables.all_categories", lang), named, lang)


def findings(now: Edition, then: Edition | Display, found: pd.DataFrame, held: Carried | Display, lang: str = "zh") -> Display:
    """What matters first: level 1, what changed how often, and what it would have done to last year's places."""
    if isinstance(then, Display):
        return then
    heads = names(then, now, lang)
    level_1 = found[found["flagged"].astype(bool)]
    moved_ = counted("changed.level_1_moved", lang, len(level_1))
    first: Any = (moved_, [_plainly(row, heads, lang) for row in level_1.itertuples()])
    entries = [first if len(level_1) else _say("level_1_same", lang)]
    entries += [(_say("main", lang), by_category)] if (by_category := _by_category(found, heads, lang)) else []
    many = found["about"].value_counts()
    counts = [_say(f"n_{about}", lang, count=int(many[about])) for about in ABOUT if about in many]
    entries.append(_say("counts", lang, year=then.book.year, counts=joined(counts, lang)) if counts
                   else _say("none", lang, year=then.book.year))
    if then.units is None or now.units is None:
        entries.append(_say("no_units", lang))
    return listed([*entries, *([_outcome(held, then, heads, lang)] if isinstance(held, Carried) else [])])


def _plainly(row: Any, heads: Mapping[str, str], lang: str) -> str:
    head = " · ".join([categories(row.categories, heads, lang), subject(row, lang)])
    return _say("plainly", lang, head=head, change=_change(row, heads, lang))


def _by_category(found: pd.DataFrame, heads: Mapping[str, str], lang: str) -> list[str]:
    """For each category what changed in the upper two levels, and which indicators are new, gone or scored in another way."""
    weighty = (found["about"] == "weights") & (found["level"] <= UPPER)
    main = found[weighty | found["about"].isin(["tree", "methods"])]
    main = main[~main["flagged"].astype(bool)]
    entries = []
    for codes, group in main.groupby("categories", sort=False):
        changes = [_say("brief", lang, subject=subject(row, lang), change=_change(row, heads, lang, brief=True))
                   for row in group.head(MOST).itertuples()]
        changes += [_say("more_changes", lang, count=len(group) - MOST)] if len(group) > MOST else []
        where, what_ = categories(codes, heads, lang), _say("semicolon", lang).join(changes)
        entries.append(_say("in_category_told", lang, category=where, told=what_))
    return entries


def _outcome(held: Carried, then: Edition, heads: Mapping[str, str], lang: str) -> str:
    moved = held.places[held.places["moved"] != 0].groupby("category", sort=False).size()
    counts = [_say("in_category", lang, category=heads[str(code)], count=n) for code, n in moved.items()]
    return _say("outcome" if counts else "outcome_same", lang, year=then.book.year, moved=joined(counts, lang))


def changes(now: Edition, then: Edition | Display, found: pd.DataFrame, part: str, lang: str = "zh") -> Display:
    """One part of the changes as a table, a row a change, those at level 1 first and marked."""
    mine = found[found["about"].isin(PARTS[part])]
    if isinstance(then, Display) or mine.empty:
        return nothing(_say("no_changes", lang))
    heads = names(then, now, lang)
    clause, rows = ["clause"] if mine["clause"].astype(bool).any() else [], list[TableRow]()
    for row in mine.itertuples():
        cells = [categories(row.categories, heads, lang) or say("tables.whole_year", lang), subject(row, lang) or MISSING,
                 Noted(what(row, lang), lines_of(row, lang)), *(text or MISSING for text in values(row, heads, lang)),
                 *([row.clause or MISSING] if clause else [])]
        rows.append(Flag(cells) if row.flagged else cells)
    sides = ("~then", "~now") if part == "sources" else ("then", "now")
    head = columns(lang, "category", "subject", "change", *sides, *clause)
    caption = counted(f"changed.head_{part}", lang, len(rows))
    shown_ = table(f"changes-{part}", caption, head, rows, _say("flag_note", lang) if mine["flagged"].any() else "")
    return folded(caption, shown_) if part == "sources" else shown_


def summary(held: Carried | Display, now: Edition, lang: str = "zh") -> Display:
    """By category what last year's data give by either year's rules: how much is shared, whose place differs."""
    if isinstance(held, Display):
        return held
    rows: list[TableRow] = []
    for code, share in held.shared.items():
        mine = held.places[held.places["category"] == code]
        cells = [MISSING] * 3 if mine.empty else [str(len(mine)), str(int((mine["moved"] != 0).sum())), _furthest(mine, lang)]
        rows.append([now.book.categories[code].name[lang], f"{as_text(share * 100)}%", *cells])
    heads = columns(lang, "category", "#shared", "#n_units", "#n_moved", "~furthest")
    note = [_say("what_if_note", lang)]
    if held.impossible:
        failed = categories(held.impossible, {code: head.name[lang] for code, head in now.book.categories.items()}, lang)
        note.append(_say("impossible", lang, categories=failed))
    return table("carried", _say("what_if", lang), heads, rows, sentences(note, lang))


def _furthest(mine: pd.DataFrame, lang: str) -> str:
    """The units that would move furthest, with both places, as one text."""
    most = mine["moved"].abs().max()
    if not most:
        return MISSING
    far = list(mine[mine["moved"].abs() == most].itertuples())
    movers = [_say("mover", lang, unit=_named(row, lang), then=f"{row.rank_then:g}", now=f"{row.rank:g}") for row in far[:FEW]]
    more = _say("more", lang, count=len(far) - FEW) if len(far) > FEW else ""
    return joined(movers, lang) + more


def _named(row: Any, lang: str) -> str:
    return str((row.name_en if lang == "en" else "") or row.name)


def moved(held: Carried | Display, then: Edition | Display, now: Edition, lang: str = "zh") -> Display:
    """Every unit's place on the shared indicators by last year's rules and by this year's, folded."""
    if isinstance(held, Display) or isinstance(then, Display) or held.places.empty:
        return Display()
    rows: list[TableRow] = [[now.book.categories[str(row.category)].name[lang], _named(row, lang), f"{row.rank_then:g}",
                             f"{row.rank:g}", number(row.moved, 0 if row.moved % 1 == 0 else 1, signed=True)]
                            for row in held.places.itertuples()]
    heads = columns(lang, "category", "unit", "#place_by_then", "#place_if", "#moved")
    title = _say("every_place", lang, year=then.book.year)
    return folded(title, table("carried-places", title, heads, rows, _say("what_if_note", lang)))


def left_out(held: Carried | Display, then: Edition | Display, now: Edition, lang: str = "zh") -> Display:
    """Which indicators the comparison leaves out, and why."""
    if isinstance(held, Display) or isinstance(then, Display):
        return Display()
    if held.left_out.empty:
        return note_of(_say("nothing_left_out", lang))
    years = {"now": now.book.year, "then": then.book.year}
    rows: list[TableRow] = [[now.book.categories[row.category].name[lang], f"{row.code} {_named(row, lang)}", years[row.year],
                             plainly(row.points) if row.points else MISSING, _say(f"why_{row.why}", lang)]
                            for row in held.left_out.itertuples()]
    heads = columns(lang, "category", "indicator", "in_year", "#points_there", "~why_left_out")
    return table("left-out", _say("left_out", lang, count=len(rows)), heads, rows, _say("left_out_note", lang))


def sources(now: Edition, then: Edition | Display, lang: str = "zh") -> Display:
    """The files of both years that the report rests on."""
    before = () if isinstance(then, Display) else (*then.book.sources, *then.sound[0].sources)
    held, _ = now.sound
    return basis.sources(now.book, replace(held, sources=(*before, *held.sources)), None, lang)
