"""What changed from one rule-book to another, and who entered, left or moved: one row a change, models compared, not text.

Nothing is a change that says the same in another way: another order of indicators or clauses, 15 for 15.0, a shared branch
written out, the year itself in titles and dates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pandas as pd

from txlib.base.fields import Model
from txlib.editions.values import DATED, Both, Entries, Entry, Stated, entries_of, joined, label
from txlib.intake.tables.units import forebears
from txlib.rules.book import RuleBook
from txlib.rules.source import Place

ABOUT = dict(units=0, categories=0, tree=1, weights=1, methods=1, rules=2, quotas=2, sources=3, headings=4)  # in order
CHANGES = ["about", "kind", "categories", "code", "name", "name_en", "what", "what_en", "then", "then_en", "now", "now_en",
           "level", "flagged", "clause", "file_then", "line_then", "file", "line"]
NOTHING: Both = ("", "")
NOWHERE: Place = ("", 0)
FIXED = ("tree", "weights")  # about which a change at level 1 is flagged (一级指标相对固定)


@dataclass(frozen=True)
class Change:
    """One row of CHANGES."""

    about: str
    kind: str
    category: str = ""
    code: str = ""
    name: Both = NOTHING
    what: Both = NOTHING
    then: Both = NOTHING
    now: Both = NOTHING
    level: int = 0
    clause: tuple[str, ...] = ()
    place_then: Place = NOWHERE
    place: Place = NOWHERE

    @property
    def flagged(self) -> bool:
        """Whether it touches level 1, which is to stay relatively fixed."""
        return self.level == 1 and self.about in FIXED


class Pair(NamedTuple):
    """An indicator then and now; None where there is none."""

    then: Stated | None
    now: Stated | None


def diff_rules(then: RuleBook, now: RuleBook) -> pd.DataFrame:
    """What changed in the rules, those at level 1 first (columns CHANGES); no rows where nothing did.

    `about` is one of ABOUT, `headings` of what is no rule: title, status, period, date; `kind` added, removed, moved, renamed,
    recoded, succeeded (of units) or changed; `categories` the codes of those concerned, empty for rules of the year: what a
    change in a shared branch does to several is one row.
    `then` and `now` are as they read, empty where there was or is nothing; `clause` those cited now (then, of what is gone);
    `level` 0 beside the tree. An indicator is the same by its code and name, else by its name, else by its code.
    """
    old, new = entries_of(then), entries_of(now)
    found = [*_categories(old, new), *_rules(old.rules, new.rules)]
    for category in (code for code in new.trees if code in old.trees):
        found += _heads(category, old.heads[category], new.heads[category])
        found += _trees(category, old.trees[category], new.trees[category])
    found += [*_sources("clauses", old.clauses, new.clauses), *_sources("assumptions", old.assumptions, new.assumptions)]
    return _frame(found, list(dict.fromkeys([*new.trees, *old.trees])))


def diff_units(then: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Who entered, left or moved between categories, who goes by another name or stands for others (columns CHANGES).

    Takes the tables of units of both years as read, with `file` and `line`. Units without a category are not assessed.
    """
    return _frame(list(_units(then, now)), list(dict.fromkeys([*now["category"], *then["category"]])))


def matched(then: Mapping[str, Stated], now: Mapping[str, Stated]) -> dict[str, str]:
    """Which indicator of now each of then is, by code: of the same code and name, else of the same name, else code."""
    pairs = {code: code for code in then if code in now and then[code].name.zh == now[code].name.zh}
    for key in ("name", "code"):
        left, right = ({_key(each, key): each.code for each in side.values() if each.code not in taken and once}
                       for side, taken, once in ((then, set(pairs), True), (now, set(pairs.values()), True)))
        if key == "name":
            counts = [Counter(_key(each, key) for each in side.values()) for side in (then, now)]
            left = {name: code for name, code in left.items() if all(count[name] == 1 for count in counts)}
        pairs |= {code: right[name] for name, code in left.items() if name in right}
    return pairs


def _key(each: Stated, key: str) -> tuple[str, bool]:
    return (each.name.zh if key == "name" else each.code), each.level > 0


# ── categories, rules, sources ──────────────────────────────────────────────────────────────────────────────────────


def _categories(old: Entries, new: Entries) -> Iterator[Change]:
    for kind, here, there in (("removed", old, new), ("added", new, old)):
        for code in (code for code in here.trees if code not in there.trees):
            head = here.heads[code]
            name = head["name"]
            change = Change("categories", kind, code, code, name.text, clause=name.clause)
            yield _at(change, kind, here.lines[code])


def _at(change: Change, kind: str, place: Place) -> Change:
    """The change with its one place: then of what is gone, now of what is new."""
    return replace(change, place_then=place) if kind == "removed" else replace(change, place=place)


def _heads(category: str, then: Mapping[str, Entry], now: Mapping[str, Entry]) -> Iterator[Change]:
    for each in _compared(then, now, "categories"):
        yield replace(each, category=category, code=category, name=now["name"].text,
                      kind="renamed" if each.what == label("name") else each.kind)


def _rules(then: Mapping[str, Entry], now: Mapping[str, Entry]) -> Iterator[Change]:
    for about in ("rules", "quotas", "headings"):
        old, new = ({path: entry for path, entry in side.items() if _of(path) == about} for side in (then, now))
        yield from _compared(old, new, about)


def _of(path: str) -> str:
    """What an entry of a rule-book is about: quotas, what merely stands at the head of a report, else a rule."""
    return "quotas" if path.startswith("quotas") else "headings" if path in DATED else "rules"


def _sources(which: str, then: Mapping[str, Mapping[str, Entry]],
             now: Mapping[str, Mapping[str, Entry]]) -> Iterator[Change]:
    what = label(which)
    for kind, here, there in (("removed", then, now), ("added", now, then)):
        for name in (name for name in here if name not in there):
            term = here[name]["term"]
            yield _at(Change("sources", kind, "", name, term.text, what), kind, term.place)
    for name in (name for name in now if name in then):
        for each in _compared(then[name], now[name], "sources"):
            sentence = (f"{what[0]}·{each.what[0]}", f"{what[1]}: {each.what[1]}")
            yield replace(each, code=name, name=now[name]["term"].text, what=sentence)


def _compared(then: Mapping[str, Entry], now: Mapping[str, Entry], about: str) -> Iterator[Change]:
    """A change for each entry that differs, or that is on one side only."""
    for path in dict.fromkeys([*then, *now]):
        old, new = then.get(path), now.get(path)
        unturned = path.endswith(".order") and not _turned(old, new)
        if unturned or _brought_along(path, then if old is None else now) or _as_a_whole(path, then, now):
            continue
        if old is None or new is None or old.value != new.value:
            entry = new or old
            assert entry is not None
            change = Change(about, "changed", what=entry.label, clause=entry.clause)
            change = replace(change, then=old.text, place_then=old.place) if old else replace(change, kind="added")
            yield replace(change, now=new.text, place=new.place) if new else replace(change, kind="removed")


def _brought_along(path: str, other: Mapping[str, Entry]) -> bool:
    """Whether a source comes or goes with the whole of its rule, of which the other side has nothing."""
    rule, _, key = path.rpartition(".")
    return bool(rule) and key in ("clause", "assumed") and not any(each.startswith(f"{rule}.") for each in other)


def _as_a_whole(path: str, then: Mapping[str, Entry], now: Mapping[str, Entry]) -> bool:
    """Whether an entry belongs to a rule that came or went as a whole; of such a rule itself, whether it is there in both."""
    if isinstance((then.get(path) or now[path]).value, Model):
        return path in then and path in now
    while path := path.rpartition(".")[0]:
        above = then.get(path) or now.get(path)
        if above and isinstance(above.value, Model):
            return (path in then) != (path in now)
    return False


def _turned(old: Entry | None, new: Entry | None) -> bool:
    """Whether the items there in both years stand in another order."""
    if old is None or new is None:
        return False
    kept = [[code for code in side.value if code in other.value] for side, other in ((old, new), (new, old))]
    return kept[0] != kept[1]


# ── the tree ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _trees(category: str, then: Mapping[str, Stated], now: Mapping[str, Stated]) -> Iterator[Change]:
    same = matched(then, now)
    back = {new: old for old, new in same.items()}
    pairs = [Pair(then.get(back.get(code, "")), each) for code, each in now.items()]
    pairs += [Pair(each, None) for code, each in then.items() if code not in same]
    for pair in pairs:
        for each in _indicator(pair, same, then, now):
            yield replace(each, category=category)


def _indicator(pair: Pair, same: Mapping[str, str], then: Mapping[str, Stated],
               now: Mapping[str, Stated]) -> Iterator[Change]:
    old, new = pair
    node = new or old
    assert node is not None
    base = Change("tree", "changed", "", node.code, (node.name.zh, node.name.en), level=node.level, clause=node.clause,
                  place_then=old.place if old else NOWHERE, place=new.place if new else NOWHERE)
    if old is None or new is None:
        change = replace(base, kind="added" if new else "removed", what=_kind(node))
        yield replace(change, now=_brought(node)) if new else replace(change, then=_brought(node))
        return
    base = replace(base, level=min(old.level, new.level))
    yield from _named(base, old, new)
    if old.level and same.get(old.parent or "", old.parent) != new.parent:
        yield replace(base, kind="moved", then=_parent(old, then), now=_parent(new, now))
    if old.weight and new.weight and old.written and new.written and _reweighted(old, new):
        yield replace(base, about="weights", what=label("weight"), then=old.written.text, now=new.written.text,
                      place_then=old.written.place, place=new.written.place)
    yield from _rule(base, old, new)


def _named(base: Change, old: Stated, new: Stated) -> Iterator[Change]:
    if old.name != new.name:
        yield replace(base, kind="renamed", then=(old.name.zh, old.name.en), now=(new.name.zh, new.name.en))
    if old.code != new.code:
        yield replace(base, kind="recoded", then=(old.code, old.code), now=(new.code, new.code))


def _kind(each: Stated) -> Both:
    if not each.level:
        return label("adjustment")
    return label("leaf" if each.scored else "branch")


def _brought(each: Stated) -> Both:
    """The weight that an indicator brings or takes away."""
    if each.written is None:
        return NOTHING
    (zh, en), (weight, weight_en) = label("weight"), each.written.text
    return f"{zh} {weight}", f"{en} {weight_en}"


def _parent(each: Stated, tree: Mapping[str, Stated]) -> Both:
    if each.parent is None:
        return label("top")
    above = tree[each.parent]
    return f"{above.code} {above.name.zh}", f"{above.code} {above.name.en}"


def _reweighted(old: Stated, new: Stated) -> bool:
    """Whether the weight as written is another; where its form is, whether its points are."""
    assert old.weight and new.weight
    return old.weight[1] != new.weight[1] if old.weight[0] == new.weight[0] else old.full != new.full


def _rule(base: Change, old: Stated, new: Stated) -> Iterator[Change]:
    """What changed in how an indicator is scored; another method is one change with all that comes with it."""
    sides = [dict(old.entries), dict(new.entries)]
    methods = [side.get("scored_by.method") for side in sides]
    if old.scored != new.scored or (methods[0] and methods[1] and methods[0].value != methods[1].value):
        whole = [side.get("scored_by") for side in sides]
        texts = [each.text if each else label("children") for each in whole]
        places = [each.place if each else side.place for each, side in zip(whole, (old, new), strict=True)]
        yield replace(base, about="methods", what=label("scored_by"), then=texts[0], now=texts[1], place_then=places[0],
                      place=places[1])
        sides = [{path: each for path, each in side.items() if not path.startswith("scored_by")} for side in sides]
    both = [set(side) for side in sides]
    mine = [{path: each for path, each in side.items()
             if path != "scored_by" and (old.scored == new.scored or {path} <= both[0] & both[1])} for side in sides]
    for each in _compared(*_cited_alike(*mine), "methods"):
        about = "tree" if each.what == label("roll_up") else "methods"
        if each.what in (label("clause"), label("assumed")):
            about = "sources"
        yield replace(each, about=about, code=base.code, name=base.name, level=base.level, clause=base.clause)


def _cited_alike(then: dict[str, Entry], now: dict[str, Entry]) -> tuple[dict[str, Entry], dict[str, Entry]]:
    """The entries without those of sources that come to the same, wherever they stand: at a branch or at its use."""
    for key in ("clause", "assumed"):
        cited = [frozenset().union(*(side[path].value for path in (key, f"use.{key}") if path in side)) for side in (then, now)]
        if cited[0] == cited[1]:
            then, now = ({path: each for path, each in side.items() if path not in (key, f"use.{key}")} for side in (then, now))
    return then, now


# ── units ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _units(then: pd.DataFrame, now: pd.DataFrame) -> Iterator[Change]:
    old = {row.unit: row for row in then.itertuples() if row.category}
    new = {row.unit: row for row in now.itertuples() if row.category}
    followed: set[str] = set()
    for unit, row in new.items():
        before = forebears(unit, row.predecessor, old)
        followed |= set(before)
        base = Change("units", "added", row.category, unit, _name(row), place=(row.file, row.line))
        if not before:
            yield replace(base, now=(row.category, row.category))
            continue
        first = old[before[0]]
        base = replace(base, place_then=(first.file, first.line))
        if before != [unit]:
            names = [_name(old[code]) for code in before]
            yield replace(base, kind="succeeded", now=_name(row), then=joined(names, "comma"))
        elif _name(first) != _name(row):
            yield replace(base, kind="renamed", then=_name(first), now=_name(row))
        if {old[code].category for code in before} != {row.category}:
            yield replace(base, kind="moved", then=(first.category,) * 2, now=(row.category,) * 2)
    for unit, row in old.items():
        if unit not in followed:
            yield Change("units", "removed", row.category, unit, _name(row), then=(row.category,) * 2,
                         place_then=(row.file, row.line))


def _name(row: Any) -> Both:
    return row.name, row.name_en or row.name


# ── the frame ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _frame(found: Iterable[Change], categories: list[str]) -> pd.DataFrame:
    """Changes as a frame, those that differ in their category alone as one: level 1 first, then by ABOUT, category and tree."""
    merged: dict[Change, list[str]] = {}
    for each in found:
        merged.setdefault(replace(each, category=""), []).append(each.category)
    rows = sorted(merged.items(), key=lambda item: (not item[0].flagged, ABOUT[item[0].about], _first(item[1], categories)))
    return pd.DataFrame([{
        "about": each.about, "kind": each.kind, "categories": tuple(filter(None, dict.fromkeys(codes))), "code": each.code,
        "name": each.name[0], "name_en": each.name[1], "what": each.what[0], "what_en": each.what[1],
        "then": each.then[0], "then_en": each.then[1], "now": each.now[0], "now_en": each.now[1],
        "level": each.level, "flagged": each.flagged, "clause": ", ".join(each.clause),
        "file_then": each.place_then[0], "line_then": each.place_then[1], "file": each.place[0], "line": each.place[1],
    } for each, codes in rows], columns=CHANGES)


def _first(codes: list[str], order: list[str]) -> int:
    return min((order.index(code) for code in codes if code in order), default=-1)
