"""Write a year's workbooks to be handed in: each whole or not at all, and none over one that may have been filled in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from txlib.base.labels import counted, say
from txlib.editions import first_year
from txlib.intake import asked, blanks
from txlib.intake.folders import workbook_of
from txlib.report.excel.handout import workbook
from txlib.report.kit.words import Words
from txlib.rules.book import RuleBook, find_root, read
from txlib.run.kept.copies import Known, digest, record, recorded
from txlib.run.kept.outputs import TEMPLATES, Outputs, hindered, holds, opened
from txlib.run.refused import RefusedError

WRITTEN = ".templates.json"  # of a year's outputs: by name the digest of each workbook as it was written
HandoutStatus = Literal["written", "unchanged", "kept", "hindered"]


@dataclass(frozen=True)
class Handout:
    """A lead department's workbook and what became of it; `reason`: why it could not be written."""

    path: Path
    lead: str
    sheets: int
    due: int
    status: HandoutStatus
    reason: str = ""

    def line(self, lang: str) -> str:
        """The line that the command prints for this workbook."""
        line = say("handin.line", lang, file=self.path.name, lead=self.lead, status=say(f"handin.{self.status}", lang),
                   sheets=self.sheets, due=self.due)
        return "  ".join(filter(None, [line, self.reason]))


@dataclass(frozen=True)
class Handouts:
    """What became of a year's workbooks, the folder that they lie in, and the remarks that the command prints."""

    folder: Path
    written: tuple[Handout, ...]
    remarks: tuple[str, ...]

    @property
    def exit_status(self) -> int:
        """0 all is as it should be; 1 some workbook was kept as it was or could not be written."""
        return 1 if any(each.status in ("kept", "hindered") for each in self.written) else 0


def write(root: Path | str | None, year: str, *, lang: str = "zh", force: bool = False) -> Handouts:
    """Write outputs/<year>/templates/<lead>.xlsx for everybody who has something to hand in.

    A file that differs from what was written under its name may have been filled in: it is kept but for `force`.
    RefusedError: the year's rules or units cannot be used. A category whose tree has faults is left out, and its faults are told.
    """
    book, faults = read(year, find_root(root).resolve())
    messages = [fault.message(lang) for fault in sorted(set(faults))]
    if book is None or not book.categories:
        raise RefusedError(messages)
    units, of, wrong = asked.units_known(book)
    if wrong or units.empty:
        raise RefusedError([fault.message(lang) for fault in sorted(set(wrong))] or [say("handin.no_units", lang, year=year)])
    folder = book.root / "outputs" / book.year / TEMPLATES
    words = Words(book, None, lang)
    names = words.by_unit(units)
    forms = blanks.forms(book, units)
    with opened(folder.parent, lang) as out:
        known = recorded(folder.parent / WRITTEN, 1)
        made = tuple(_one(out, folder / workbook_of(lead), names.get(lead, lead) or words.text(book.office), sheets,
                          workbook(book, units, lead, sheets, words), known, lang, force=force) for lead, sheets in forms.items())
        if known:
            record(folder.parent / WRITTEN, known)
    return Handouts(folder, made, (*messages, *_remarks(book, of, made, lang)))


def _one(out: Outputs, path: Path, lead: str, forms: list[blanks.Form], raw: bytes, known: Known, lang: str, *,
         force: bool) -> Handout:
    """Write a workbook, unless a file is there that differs and is not `known` as it was written; returns what became of it."""
    about = path, lead, len(forms), sum(form.due for form in forms)
    with hindered(lang) as hindrances:
        there = path.read_bytes() if path.exists() else None
        if there not in (None, raw) and not force and known.get(path.name) != (digest(there),):
            return Handout(*about, "kept")
        if there != raw:
            out.write_file(path, raw)
        known[path.name] = (digest(raw),)
        return Handout(*about, "unchanged" if there == raw else "written")
    return Handout(*about, "hindered", *hindrances)


def _remarks(book: RuleBook, of: str, made: tuple[Handout, ...], lang: str) -> Iterator[str]:
    """The remarks: which year the units are from, how many workbooks were kept and why, and what to do next."""
    if not made:
        yield say("handin.nothing_due", lang, year=book.year)
        if any(holds(book.root / path, raw) for path, raw in first_year.figures(book.year).items()):
            yield say("handin.sample_there", lang, year=book.year)
        return
    if of != book.year:
        yield say("handin.units_from", lang, year=book.year, then=of)
    if kept := sum(each.status == "kept" for each in made):
        yield counted("handin.kept_why", lang, kept)
    yield say("handin.where", lang, year=book.year)
