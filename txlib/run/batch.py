"""The run of a year: reports given to an executor, each named when it is complete; rankings after their reports, the index last.

A run reads rule-book and data first; what is wrong there blocks what needs it and nothing else. The index is written also of a
run that is stopped; the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from txlib.base.faults import Fault
from txlib.base.labels import say
from txlib.intake.data import Data
from txlib.report.page.index import Report
from txlib.rules.book import RuleBook, find_root, years
from txlib.run import editions, plan, progress, reminders
from txlib.run.cells.executor import Executor, caches, here
from txlib.run.cells.workers import EVERY_CORE
from txlib.run.kept import handed_in, snapshot
from txlib.run.kept.manifest import STOPPED, WHOLE, Manifest
from txlib.run.kept.outputs import Outputs, hindered, opened
from txlib.run.kept.snapshot import Snapshot
from txlib.run.pages import INDEX, write_index
from txlib.run.rankings import rank, write_ranking, write_results
from txlib.run.work import Asked, Work, make_cards, make_reports, remind
from txlib.run.year import RESULTS, WHOLE_YEAR, Task, Year

TIMEOUT = 600
CACHE = ".cache"  # below outputs/
INPUTS, FEW = "inputs", 5  # where a snapshot lies; so many files that changed are named


@dataclass(frozen=True)
class Run:
    """What became of a run: each report, the faults, what else went wrong or differs, the index, results.xlsx.

    `seen`: what was read and should be looked at, which keeps nothing from being right. `blocked`: some of what was asked for
    could not be run because of the faults. `reminders`: how many there are, where the pages on the data were
    made alone.
    """

    reports: tuple[Report, ...] = ()
    faults: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    index: Path | None = None
    blocked: bool = False
    results: Path | None = None
    seen: tuple[str, ...] = ()
    reminders: int = 0

    @property
    def exit_status(self) -> int:
        """0 all well; 1 some of it failed or differs; 2 the input cannot be used."""
        if self.blocked:
            return 2
        return 1 if self.remarks or any(report.status == "failed" for report in self.reports) else 0


def run(root: Path | str | None, year: str, categories: Iterable[str] = (), notebooks: Iterable[str] = (), *,
        lang: str = "zh", columns: str | None = None, executor: Executor = EVERY_CORE, force: bool = False,
        timeout: int = TIMEOUT, told: progress.Told = progress.silent, given: Iterable[tuple[str, str]] = ()) -> Run:
    """Run the notebooks of a year and write its outputs; `timeout` is seconds for a cell, `columns` the language of the heads of
    ranking.csv where it is another one. Lines are `told` while it goes on. `given`: names of other parameters, with values as
    they are typed.

    RefusedError: the arguments or a notebook cannot be used. KeyboardInterrupt comes through when nothing works on, only
    complete reports are left and the index tells which. Where the executor starts processes, a script calls it under
    `if __name__ == "__main__"`.
    """
    base = find_root(root).resolve()
    names, wanted = list(dict.fromkeys(categories)), list(dict.fromkeys(notebooks))
    if year not in years(base):
        return _unread(plan.read_year(base, year, names, lang)[2], lang)
    with opened(base / "outputs" / year, lang) as out, caches(base / "outputs" / CACHE):
        kept = snapshot.taken(base, year, out.making / INPUTS)
        made = _run(kept, year, names, wanted, out, executor,
                    Asked(lang, timeout, columns or lang, force, told, tuple(given)))
        changed = kept.changed()
    if not changed or not made.index:
        return made
    moved = say("cli.inputs_changed", lang, files=", ".join(changed[:FEW]), count=len(changed))
    return replace(made, remarks=(*made.remarks, moved))


def _unread(faults: Iterable[Fault], lang: str) -> Run:
    return Run(faults=tuple(fault.message(lang) for fault in faults), blocked=True)


def _run(kept: Snapshot, year: str, names: Sequence[str], wanted: Sequence[str], out: Outputs, executor: Executor,
         asked: Asked) -> Run:
    """What becomes of a snapshot of a year."""
    lang = asked.lang
    book, tables, faults = plan.read_year(kept.folder, year, names, lang)
    if book is None or tables is None:
        return _unread(faults, lang)
    mine, others = plan.notebooks(kept.folder, wanted, lang)
    this, out = recorded(kept, book, tables, faults, lang, out)
    codes = names or list(book.rules.categories)
    chosen = this.tasks(plan.with_given(mine, asked.given, lang), codes, whole_year=bool(wanted) or not names)
    stopped = [task for task in chosen if this.stopping(task)]
    blocked = bool(stopped) or any(map(this.blocking, codes))
    nothing = blocked and stopped == [task for task in chosen if not task.notebook.whatever]
    left = this.out / INDEX if None not in {fault.category for fault in faults} else None
    if nothing and stopped == chosen and not (left and left.is_file()):
        return _unread(faults, lang)
    seen = (*this.record.remarks(lang), *strays(this), *plan.remark_lines(book, tables, faults, codes, lang, this.out))
    work = Work(this, out, executor, sorted([*mine, *others], key=lambda notebook: notebook.name), asked)
    made = _made(work, codes, chosen, nothing=nothing)
    messages = tuple(fault.message(lang) for fault in faults)
    return replace(made, reports=tuple(work.found[task] for task in chosen), faults=messages, blocked=blocked, seen=seen)


def strays(this: Year) -> list[str]:
    """That outputs of a category are there which the rules do not have any more."""
    known = {*this.book.rules.categories, WHOLE_YEAR, reminders.FOLDER}
    gone = sorted({name.split("/")[0] for name in this.record.last.files if "/" in name} - known)
    return [say("cli.stray", this.lang, year=this.book.year, files=code) for code in gone if (this.out / code).is_dir()]


def recorded(kept: Snapshot, book: RuleBook, tables: Data, faults: list[Fault], lang: str, out: Outputs) -> tuple[Year, Outputs]:
    """The year of a snapshot, and the writer of its outputs, of which the manifest tells."""
    record = Manifest(kept.root / "outputs" / book.year)
    this = Year(kept.root, book, tables, faults, lang, plan.fingerprints(book, kept.digests), record)
    return this, replace(out, changing=record.changing, proves=record.proves)


def _made(work: Work, codes: Sequence[str], chosen: Sequence[Task], *, nothing: bool) -> Run:
    """The outputs made; `nothing`: of what rests on the data without faults, nothing can be made. Returns what went wrong or
    differs, the index and results.xlsx."""
    this, out = work.this, work.out
    book, lang = this.book, this.lang
    good = [code for code in book.categories if not this.blocking(code)]
    open_ = editions.still_open(book.root, book.year, {*book.rules.categories} - {*codes})
    remarks = editions.undecided(open_, book.year, lang)
    remarks += [remark for code in good for remark in rank(this, code) if code in codes]
    state = STOPPED
    try:
        make_reports(work, chosen)
        remarks += remind(work, chosen)
        remarks += make_cards(work, [code for code in codes if code in this.ranked])
        state = WHOLE
        work.asked.told(say("cli.finishing", lang))
    finally:
        unfinished = {task.category for task in chosen if task not in work.found}
        written = [] if nothing else [code for code in codes if code in good and code not in unfinished]
        remarks += [remark for code in written for remark in write_ranking(this, code, out, work.asked.columns)]
        workbook, hindrances = sum_up(this, codes, out) if not nothing and not unfinished else (None, [])
        page, unwritten = write_index(this, work.books, work.found, out, workbook)
        ended = end(this, state if page else STOPPED)
    return Run(remarks=tuple(dict.fromkeys([*remarks, *hindrances, *unwritten, *ended])), index=page, results=workbook)


def end(this: Year, state: str) -> list[str]:
    """Write the manifest, the last of all; what hindered it, in words."""
    with hindered(this.lang) as hindrances:
        this.record.end(state)
    return hindrances


def on_the_data(root: Path | str | None, year: str, *, lang: str = "zh", executor: Executor = here,
                timeout: int = TIMEOUT) -> Run:
    """Make the reports on the data themselves and the reminders, whatever faults there are, and nothing else; an index that is
    there tells of them. The exit status tells of these pages alone."""
    base = find_root(root).resolve()
    with opened(base / "outputs" / year, lang) as out, caches(base / "outputs" / CACHE):
        kept = snapshot.taken(base, year, out.making / INPUTS)
        book, tables, faults = plan.read_year(kept.folder, year, (), lang)
        if book is None or tables is None:
            return _unread(faults, lang)
        this, out = recorded(kept, book, tables, faults, lang, out)
        chosen = [task for task in this.tasks(plan.on_the_data(kept.folder, lang), ()) if task.category is None]
        if not chosen:
            return Run(remarks=(say("cli.no_data_pages", lang),))
        books, workbook = plan.usable(kept.folder, lang) if (this.out / INDEX).is_file() else [], this.out / RESULTS
        for code in (code for code in book.categories if books and not this.blocking(code)):
            rank(this, code)
        work = Work(this, out, executor, books, Asked(lang, timeout, lang))
        remarks, state = list[str](), STOPPED
        try:
            make_reports(work, chosen)
            remarks += remind(work, chosen)
            state = WHOLE
        finally:
            if books:
                remarks += write_index(this, books, work.found, out, workbook if workbook.is_file() else None)[1]
            remarks += end(this, state)
    sheets = len(reminders.standing(this.out / reminders.FOLDER))
    return Run(tuple(work.found[task] for task in chosen), remarks=tuple(remarks), reminders=sheets)


def sum_up(this: Year, codes: Sequence[str], out: Outputs) -> tuple[Path | None, list[str]]:
    """Write results.xlsx, and note what was handed in, for the next run to compare: the workbook if it is written; what
    hindered."""
    hindrances = write_results(this, out)
    known = [code for code in codes if code in this.book.categories and not this.blocking(code)]
    this.record.hold(handed_in.counts(this.data, known))
    return None if hindrances else this.out / RESULTS, hindrances
