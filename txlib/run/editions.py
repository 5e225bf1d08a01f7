"""What the commands `new` and `diff` print: a year made from another, what is still open in it, what changed between two."""

from __future__ import annotations

from collections.abc import Container
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from txlib.base.faults import FaultsError, printable, shown
from txlib.base.labels import counted, say
from txlib.editions import new_year
from txlib.editions.edition import Edition
from txlib.editions.new_year import Open
from txlib.report.kit.words import Words
from txlib.report.rule_changes.lines import lines, of_rules
from txlib.report.rule_changes.years import compared
from txlib.rules.book import RuleBook, find_root, load_rulebook
from txlib.run.kept import outputs
from txlib.run.refused import RefusedError


class Printout(NamedTuple):
    """What a command prints, line by line, on stdout and on stderr."""

    lines: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def new(root: Path | None, year: str, source: str, lang: str) -> Printout:
    """Make the year's rules from another's; what is to be decided, and the folders that its data will want.

    RefusedError where that cannot be, OSError where it cannot be written.
    """
    try:
        book, marks = add_year(root, year, source, lang=lang)
    except FaultsError as error:
        raise RefusedError(fault.message(lang) for fault in error.faults) from None
    tables = [say("nextyear.folder", lang, folder=folder, tables=", ".join(names))
              for folder, names in new_year.folders(book).items()]
    return Printout((say("nextyear.made", lang, new=year, old=source), counted("nextyear.open", lang, len(marks)),
                     *open_lines(marks, lang), say("nextyear.data", lang), *(f"  {line}" for line in tables),
                     say("nextyear.then", lang, new=year, old=source)))


def add_year(root: Path | str | None, new: str, old: str, *, lang: str = "zh") -> tuple[RuleBook, list[Open]]:
    """Write params/<new> from params/<old>; the new book, found valid before it has its name, and what is marked in it.

    RulebookError as for `new_year.files`; HeldError: another makes one; OSError: it cannot be written.
    """
    base = find_root(root)
    made = new_year.files(base, new, old)
    with outputs.opened(base / "params", lang) as out:
        for name, raw in made.items():
            path = out.making / "params" / new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        load_rulebook(new, out.making)
        out.add_folder(out.making / "params" / new, base / "params" / new)
    return load_rulebook(new, base), new_year.still_open(base, new)


def open_lines(marks: list[Open], lang: str) -> list[str]:
    """What is still to be decided, a line for each reason in a file."""
    return [printable("  " + say("nextyear.mark", lang, file=file, lines=ranges(lines), what=what))
            for (file, what), lines in new_year.grouped(marks).items()]


def ranges(lines: list[int]) -> str:
    """Line numbers, those that follow each other as a range: 3, 5–7."""
    runs = [[line for _, line in run] for _, run in groupby(enumerate(lines), lambda pair: pair[1] - pair[0])]
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def still_open(root: Path, year: str, others: Container[str] = ()) -> list[Open]:
    """The marks in a year's rules but for those in files of `others`, categories that do not concern the command."""
    return [mark for mark in new_year.still_open(root, year) if Path(mark.file).stem not in others]


def undecided(marks: list[Open], year: str, lang: str) -> list[str]:
    """The line that a year is not decided yet, as a list; empty where nothing is open."""
    return [counted("nextyear.still_open", lang, len(marks), year=shown(year))] if marks else []


def diff(root: Path | None, then: str, now: str, lang: str) -> Printout:
    """What changed in the rules from one year to another; RefusedError where a rule-book has faults."""
    books: list[RuleBook] = []
    faults = []
    for year in dict.fromkeys((then, now)):
        try:
            books.append(load_rulebook(year, root))
        except FaultsError as error:
            faults += list(error.faults)
    try:
        if faults:
            raise RefusedError([*(fault.message(lang) for fault in faults), counted("cli.count", lang, len(faults))])
        old, new_ = Edition(books[0]), Edition(books[-1])
        found = compared(old, new_)
    except FaultsError as error:
        raise RefusedError(fault.message(lang) for fault in error.faults) from None
    same = [say("changed.same_rules", lang, then=old.book.year, now=new_.book.year)] if of_rules(found).empty else []
    told = [*same, *lines(found, Words(new_.book, None, lang, before=old.book))]
    absent = [say("changed.units_not_compared", lang, year=each.book.year)
              for each in {old.book.year: old, new_.book.year: new_}.values() if each.units is None]
    marks = [mark for book in books for mark in undecided(new_year.still_open(book.root, book.year), book.year, lang)]
    return Printout(tuple(map(printable, told)), (*absent, *marks))
