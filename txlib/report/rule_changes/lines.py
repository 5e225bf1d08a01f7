"""A change in words: what it concerns, what it was and is, where it stands; all of them as lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from txlib.report.kit.words import Words

FEW = 3  # so many categories are named, more of them counted
LONG, BEFORE = 60, 10  # characters of a text in a line
PARTS: dict[str, tuple[str, ...]] = {"who": ("units", "categories"), "tree": ("tree", "weights", "methods"),
                                     "rules": ("rules", "quotas"), "sources": ("sources",),
                                     "headings": ("headings",)}


def categories(codes: Iterable[str], words: Words) -> str:
    """Categories by name, counted where there are many."""
    listed = list(codes)
    if len(listed) > FEW:
        return words.say("changed.so_many", count=len(listed))
    return words.categories(listed)


def what(row: Any, words: Words) -> str:
    """The words for what changed: the name of a changed value, else the kind of change."""
    kinds = {"kind": words.say(f"changed.kind_{row.kind}"), "what": words.row(row, "what")}
    if row.about == "units" or not kinds["what"] or row.kind in ("moved", "renamed", "recoded"):
        return kinds["kind"]
    return kinds["what"] if row.kind == "changed" else words.say("changed.kind_of", **kinds)


def subject(row: Any, words: Words) -> str:
    """The code and name of what a change concerns; empty for a rule of the year."""
    return " ".join(filter(None, [row.code if row.about not in ("units", "sources") else "", words.row(row)]))


def values(row: Any, words: Words) -> tuple[str, str]:
    """The value then and the value now, in words; a unit's categories by name."""
    then, now = words.row(row, "then"), words.row(row, "now")
    return (words.category(then), words.category(now)) if row.about == "units" and row.kind != "renamed" else (then, now)


def places(row: Any, words: Words) -> str:
    """The files and lines of a change in both years."""
    lines = [f"{file}{words.say('faults.line', line=line) if line else ''}"
             for file, line in ((row.file_then, row.line_then), (row.file, row.line)) if file]
    return " → ".join(lines)


def lines_of(row: Any, words: Words) -> str:
    """The files and lines of a change in short: a file that is the same in both years once, with both lines."""
    files = [file.split("/", 2)[-1] for file in (row.file_then, row.file) if file]
    if len(files) == 2 and files[0] == files[1]:
        return words.say("changed.lines", file=files[0], then=row.line_then, now=row.line)
    return places(row, words)


def sentence(row: Any, words: Words) -> str:
    """One change in a line, with its clause and where it stands."""
    head = " · ".join(filter(None, [categories(row.categories, words), subject(row, words)]))
    clause = words.say("changed.clause", clause=row.clause) if row.clause else ""
    mark = words.say("changed.star") if row.flagged else ""
    key = "changed.sentence" if head else "changed.sentence_of_year"
    return mark + words.say(key, head=head, change=change(row, words), clause=clause, place=places(row, words))


def change(row: Any, words: Words, *, brief: bool = False) -> str:
    """What changed, from what to what; `brief`: of another method its name alone."""
    then, now = values(row, words)
    if brief and row.about == "methods" and then and now:
        then, now = (text.split(words.say("changes.parts"))[0] for text in (then, now))
    key = {(True, True): "from_to", (False, True): "only_now", (True, False): "only_then"}.get((bool(then), bool(now)), "bare")
    sides = differing(then, now) if row.about == "sources" else {"then": then, "now": now}
    return words.say(f"changed.{key}", what=what(row, words), **sides)


def differing(then: str, now: str) -> dict[str, str]:
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


def of_rules(found: pd.DataFrame) -> pd.DataFrame:
    """The changes of rules: a title, a status or a date of an edition is told and is none."""
    return found[found["about"] != "headings"]


def lines(found: pd.DataFrame, words: Words) -> list[str]:
    """All changes as lines under headings, those at level 1 first."""
    printed = []
    for part in ("level_1", *PARTS):
        mine = found[found["flagged"].astype(bool)] if part == "level_1" else _part(found, part)
        if len(mine):
            printed += [words.counted(f"changed.head_{part}", len(mine)),
                        *(f"  {sentence(row, words)}" for row in mine.itertuples())]
    return printed


def _part(found: pd.DataFrame, part: str) -> pd.DataFrame:
    return found[found["about"].isin(PARTS[part]) & ~found["flagged"].astype(bool)]
