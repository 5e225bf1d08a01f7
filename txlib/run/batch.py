"""The run of a year: notebooks given to an executor, reports that appear whole or not at all, the index.

A run reads rule-book and data first; what is wrong there blocks what needs it and nothing else. Reports get their names as they
are complete, a category's ranking.csv after its reports, the index last, also of a run that is stopped; the same input gives
the same bytes.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from txlib.assess import assess
from txlib.base.faults import Fault, shown
from txlib.base.labels import LANGS, counted, say
from txlib.base.text import harmless
from txlib.intake import data
from txlib.report import csvfile
from txlib.report.basis import period
from txlib.report.excel import results
from txlib.report.kit.shown import joined, named
from txlib.report.page import index, one_file
from txlib.rules import book as rulebook
from txlib.run import cards, plan, yearly
from txlib.run.cards import Deck
from txlib.run.executor import Executor, Outcome
from txlib.run.notebook import NotebookJob
from txlib.run.outputs import Outputs, hindered, opened
from txlib.run.plan import Notebook
from txlib.run.workers import EVERY_CORE
from txlib.scoring.places import compare
from txlib.scoring.result import Result

TIMEOUT = 600
WHOLE_YEAR, INDEX, RANKING, RESULTS = "year", "index.html", "ranking.csv", "results.xlsx"


@dataclass(frozen=True)
class Run:
    """What became of a run: each report, the faults, what else went wrong or differs, the index, results.xlsx.

    `blocked`: some of what was asked for could not be run because of the faults.
    """

    reports: tuple[index.Report, ...] = ()
    faults: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    index: Path | None = None
    blocked: bool = False
    results: Path | None = None

    @property
    def exit_status(self) -> int:
        """0 all well; 1 some of it failed or differs; 2 the input cannot be used."""
        if self.blocked:
            return 2
        return 1 if self.remarks or any(report.status == "failed" for report in self.reports) else 0


@dataclass(frozen=True)
class Task:
    """A report to be made: a notebook for a category, or for the whole year where that is None."""

    notebook: Notebook
    category: str | None


@dataclass
class Year:
    """A year as read, where its outputs go, and by category what was computed: results, key figures, ranking.csv, and
    the units in order of rank with their places and names."""

    book: rulebook.RuleBook
    data: data.Data
    faults: list[Fault]
    lang: str
    prints: dict[str | None, str]
    figures: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    tables: dict[str, bytes] = field(default_factory=dict)
    ranked: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)

    @property
    def out(self) -> Path:
        """outputs/<year>."""
        return self.book.root / "outputs" / self.book.year

    def blocking(self, category: str | None) -> str:
        """The faults that block a category, one a line; for the whole year (None) its blocked categories; else empty."""
        if category is None:
            return "\n".join(filter(None, map(self.blocked, self.book.rules.categories)))
        return "\n".join(fault.message(self.lang) for fault in self.faults if fault.category in (None, category))

    def blocked(self, category: str) -> str:
        """That a category blocks the reports of the whole year, and by how many faults; empty where it does not."""
        count = sum(fault.category == category for fault in self.faults)
        return counted("index.blocked_by", self.lang, count, category=self.name(category)) if count else ""

    def name(self, category: str) -> str:
        """A category's name, its code where its tree cannot be read."""
        return self.book.categories[category].name[self.lang] if category in self.book.categories else category

    def job(self, task: Task, made: Path, timeout: int, lang: str) -> NotebookJob:
        """The task as an executor is given it."""
        values = task.notebook.values(self.book.year, task.category, lang)
        inputs = plan.inputs(self.prints[task.category], task.notebook, values, lang)
        leads = cards.addresses(unit for unit, _ in self.ranked.get(task.category or "", []))
        return NotebookJob(task.notebook.path, values, self.book.root, lang, inputs, made, timeout, tuple(leads.items()))

    def deck(self, code: str, mine: Iterable[Notebook], made: Path) -> Deck:
        """A category's score cards as an executor is given them; they lead to the reports that the category has."""
        titles = [(book.name, book.title) for book in mine if book.by_category
                  and not plan.missing(self.book, [code], book.needs)]
        return Deck(self.book.root, self.book.year, code, tuple(titles), self.lang, self.prints[code], made)

    def place(self, task: Task) -> tuple[Path, Path, Path]:
        """Where a task's report, executed notebook and failed notebook lie."""
        folder, name = self.out / (task.category or WHOLE_YEAR), task.notebook.name
        return folder / f"{name}.html", folder / f"{name}.ipynb", folder / f"{name}.failed.ipynb"

    def report(self, task: Task, status: index.ReportStatus, reason: str = "", seconds: float | None = None) -> index.Report:
        """What became of a task, as the index says it; where an earlier report is still there, it says so and leads to it."""
        html = self.place(task)[0]
        there = html.is_file()
        if there and status not in ("done", "stale"):
            reason = f"{say('index.earlier', self.lang)}\n{reason}"
        href = html.relative_to(self.out).as_posix() if there else ""
        return index.Report(task.notebook.name, task.category, task.notebook.title, status, reason, href, seconds)


def run(root: Path | str | None, year: str, categories: Iterable[str] = (), notebooks: Iterable[str] = (), *,
        lang: str = "zh", executor: Executor = EVERY_CORE, force: bool = False, timeout: int = TIMEOUT) -> Run:
    """Run the notebooks of a year and write its outputs; `timeout` is seconds for a cell.

    plan.RefusedError: the arguments or a notebook cannot be used. KeyboardInterrupt comes through when nothing works on, only
    complete reports are left and the index tells which. Where the executor starts processes, a script calls it under
    `if __name__ == "__main__"`.
    """
    base = rulebook.find_root(root).resolve()
    names, wanted = list(dict.fromkeys(categories)), list(dict.fromkeys(notebooks))
    book, tables, faults = plan.read_year(base, year, names, lang)
    messages = tuple(fault.message(lang) for fault in faults)
    if book is None or tables is None or None in {fault.category for fault in faults}:
        return Run(faults=messages, blocked=True)
    mine, others = plan.notebooks(base, wanted, lang)
    this = Year(book, tables, faults, lang, plan.fingerprints(book))
    codes = names or list(book.rules.categories)
    chosen = tasks(mine, codes, whole_year=bool(wanted) or not names)
    stopped = [task for task in chosen if this.blocking(task.category)]
    blocked = bool(stopped) or any(map(this.blocking, codes))
    nothing = blocked and stopped == chosen
    if nothing and not (this.out / INDEX).is_file():
        return Run(faults=messages, blocked=True)
    good = [code for code in book.categories if not this.blocking(code)]
    found: dict[Task, index.Report] = {}
    every_notebook = sorted([*mine, *others], key=lambda notebook: notebook.name)
    with opened(this.out) as out:
        open_ = yearly.still_open(base, year, {*book.rules.categories} - {*codes})
        remarks = yearly.undecided(open_, year, lang)
        remarks += [remark for code in good for remark in ranking(this, code) if code in codes]
        try:
            make(this, chosen, found, out, executor, force=force, timeout=timeout)
            ranked = [code for code in codes if code in this.ranked]
            remarks += make_cards(this, ranked, every_notebook, out, executor, force=force)
        finally:
            unfinished = {task.category for task in chosen if task not in found}
            written = [] if nothing else [code for code in codes if code in good and code not in unfinished]
            remarks += [remark for code in written for remark in write_ranking(this, code, out)]
            whole = not nothing and not unfinished
            hindrances = write_results(this, out) if whole else []
            workbook = this.out / RESULTS if whole and not hindrances else None
            page, unwritten = write_index(this, every_notebook, found, out, workbook)
            hindrances += unwritten
    return Run(tuple(found[task] for task in chosen), messages, (*remarks, *hindrances), page, blocked, workbook)


def tasks(notebooks: Iterable[Notebook], codes: Iterable[str], *, whole_year: bool = True) -> list[Task]:
    """Reports to be made: the whole year's first, then category by category."""
    books = list(notebooks)
    year = [Task(book, None) for book in books if not book.by_category and whole_year]
    return year + [Task(book, code) for code in codes for book in books if book.by_category]


# ── the reports ─────────────────────────────────────────────────────────────────────────────────────────────────────


def make(this: Year, chosen: Sequence[Task], found: dict[Task, index.Report], out: Outputs, executor: Executor, *,
         force: bool, timeout: int) -> None:
    """Make the reports of all tasks that are not blocked, not applicable or up to date; `found` tells what became of each."""
    todo: dict[NotebookJob, Task] = {}
    for number, task in enumerate(chosen):
        now = standing(this, task)
        if now.status == "not_applicable":
            found[task] = withdrawn(this, task, out)
        elif now.status == "blocked" or (now.status == "done" and not now.reason and not force):
            found[task] = now
        else:
            todo[this.job(task, out.making / str(number), timeout, this.lang)] = task
    with tqdm(total=len(todo), desc=say("cli.running", this.lang), unit="", disable=None, leave=False) as bar:
        def done(job: NotebookJob, outcome: Outcome) -> None:
            found[todo[job]] = publish(this, todo[job], job, outcome, out)
            bar.update()
        executor(list(todo), done)


def standing(this: Year, task: Task) -> index.Report:
    """The report of a task before it runs: done (with a reason where it is in another language), or why it is not."""
    html, executed, failed = this.place(task)
    codes = [task.category] if task.category else this.book.rules.categories
    if reason := this.blocking(task.category):
        return this.report(task, "blocked", reason)
    if plan.LAST_YEAR in task.notebook.needs and not this.book.rules.last_year:
        return this.report(task, "not_applicable", say("cli.no_last_year", this.lang))
    if lacking := plan.missing(this.book, codes, task.notebook.needs):
        return this.report(task, "not_applicable", say("cli.no_table", this.lang, tables=", ".join(lacking)))
    if not html.is_file():
        kept = say("index.failed_before", this.lang, file=failed.name)
        return this.report(task, "failed", kept) if failed.is_file() else this.report(task, "not_run")
    inputs, lang = plan.recorded(executed)
    if lang not in LANGS or inputs != this.job(task, html, 0, lang).inputs:
        return this.report(task, "stale", say("index.stale_since", this.lang))
    return this.report(task, "done", "" if lang == this.lang else say(f"index.in_{lang}", this.lang))


def withdrawn(this: Year, task: Task, out: Outputs) -> index.Report:
    """The report of a task that does not apply, of which what an earlier run left is deleted."""
    with hindered(this.lang) as hindrances:
        out.withdraw(*this.place(task))
    return this.report(task, "failed", "\n".join(hindrances)) if hindrances else standing(this, task)


def publish(this: Year, task: Task, job: NotebookJob, outcome: Outcome, out: Outputs) -> index.Report:
    """Give a finished report its name, or keep the failed notebook; either way an earlier run's report is gone."""
    html, executed, failed = place = this.place(task)
    made, reasons = {html: job.html, executed: job.executed}, [outcome.reason]
    if outcome.reason:
        made = {failed: job.executed} if job.executed.exists() else {}
        reasons += [say("cli.withdrawn", this.lang), *(say("cli.kept", this.lang, file=final.name) for final in made)]
    with hindered(this.lang) as hindrances:
        out.replace_report(place, made)
    if hindrances or outcome.reason:
        return this.report(task, "failed", "\n".join(hindrances or reasons), outcome.seconds)
    return this.report(task, "done", seconds=outcome.seconds)


def make_cards(this: Year, codes: Sequence[str], books: Sequence[Notebook], out: Outputs, executor: Executor, *,
               force: bool) -> list[str]:
    """Make the score cards of categories where they are not up to date; returns what went wrong, in words."""
    remarks: list[str] = []
    todo: dict[Deck, str] = {}
    for code in codes:
        deck = this.deck(code, books, out.making / f"{cards.FOLDER}-{code}")
        units = [unit for unit, _ in this.ranked[code]]
        if force or cards.standing(deck, units, this.out / code / cards.FOLDER) != "done":
            todo[deck] = code

    def done(deck: Deck, outcome: Outcome) -> None:
        with hindered(this.lang) as reasons:
            if outcome.reason:
                reasons.append(outcome.reason)
            else:
                out.replace_folder(deck.scratch, this.out / todo[deck] / cards.FOLDER)
        name = shown(this.name(todo[deck]))
        remarks.extend(say("cards.failed", this.lang, category=name, error=shown(reason)) for reason in reasons)

    executor(list(todo), done)
    return remarks


# ── the ranking and the index ───────────────────────────────────────────────────────────────────────────────────────


def ranking(this: Year, code: str) -> list[str]:
    """Compute a category's key figures and ranking.csv; returns what differs from a published list, or what went wrong."""
    lang, book, category = this.lang, this.book, this.book.categories[code]
    name, remarks = shown(category.name[lang]), []
    try:
        this.results[code] = assess(book, this.data, code)
        table = this.results[code].ranking
        published = data.load_published(book, code)
        top = [harmless(named(row, lang)) for row in table[table["rank"] == table["rank"].min()].itertuples()]
        figures = [(say("cli.first", lang), joined(top, lang)), (say("cli.units", lang), str(len(table))),
                   (say("cli.leaves", lang), str(len(category.leaves)))]
        if len(published):
            tolerance = ruled.tolerance if (ruled := book.rules.comparison) else Fraction(0)
            remarks = [differs(row, name, lang) for row in compare(table, published, tolerance=tolerance).to_dict("records")]
            verdict = counted("cli.differs_by", lang, len(remarks)) if remarks else say("cli.reproduced", lang)
            figures.append((say("cli.published", lang), verdict))
        this.ranked[code] = [(str(row.unit), say("cards.neighbour", lang, place=f"{row.rank:g}", unit=harmless(named(row, lang))))
                             for row in table.itertuples()]
        this.tables[code] = csvfile.as_csv(table, book.rounding.total)
    except Exception as error:
        verdict = shown(f"{type(error).__name__}: {error}")
        figures, remarks = [(RANKING, verdict)], [say("cli.no_ranking", lang, category=name, error=verdict)]
    this.figures[code] = figures
    return remarks


def write_ranking(this: Year, code: str, out: Outputs) -> list[str]:
    """Write a category's ranking.csv, or delete an earlier one where there is no ranking; returns what went wrong, in words."""
    final = this.out / code / RANKING
    with hindered(this.lang) as hindrances:
        if code in this.tables:
            out.write_file(final, this.tables[code])
        else:
            out.withdraw(final)
    return hindrances


def write_results(this: Year, out: Outputs) -> list[str]:
    """Write results.xlsx with every category that has a ranking; returns what went wrong, in words."""
    lacking = {code: this.blocked(code) or say("excel.failed", this.lang, category=this.name(code))
               for code in this.book.rules.categories if code not in this.tables}
    kept = {code: this.results[code] for code in this.book.categories if code in this.tables}
    final = this.out / RESULTS
    with hindered(this.lang) as hindrances:
        try:
            raw = results.workbook(this.book, this.data, kept, lacking, this.lang)
        except Exception as error:
            out.withdraw(final)
            return [say("cli.no_results", this.lang, file=RESULTS, error=shown(f"{type(error).__name__}: {error}"))]
        out.write_file(final, raw)
    return hindrances


def differs(row: Mapping[Any, Any], category: str, lang: str) -> str:
    """One difference from the published list, in words."""
    numbers = {key: "—" if row[key] != row[key] else f"{row[key]:.10g}" for key in ("computed", "published")}
    column = say(f"cli.column_{row['column']}", lang)
    unit, name = shown(row["unit"]), shown(row["name"])
    return say("cli.differs", lang, category=category, unit=unit, name=name, column=column, **numbers)


def write_index(this: Year, books: Sequence[Notebook], found: Mapping[Task, index.Report], out: Outputs,
                workbook: Path | None) -> tuple[Path | None, list[str]]:
    """Write index.html and bundle.html: what was `found` of tasks, what stands of the others; nothing of how long it took.

    Returns where the index is, None where it could not be written, and what hindered either.
    """
    book, lang, every = this.book, this.lang, tasks(books, this.book.rules.categories)
    reports = [replace(found.get(task) or standing(this, task), seconds=None) for task in every]
    reports += strays(this, {this.place(task)[0] for task in every})
    when, categories = period(book.year, book.period, lang), tuple(heading(this, code, books) for code in book.rules.categories)
    summary = index.Summary(when, book.title[lang], book.office[lang], book.sample, tuple(reports), categories,
                            workbook=workbook.name if workbook else "")
    pages = {one_file.FILE: partial(one_file.render_bundle, summary, this.out, lang=lang),
             INDEX: partial(index.render_index, summary, lang=lang)}
    hindrances: dict[str, list[str]] = {}
    for name, render in pages.items():
        with hindered(lang) as hindrances[name]:
            out.write_file(this.out / name, render().encode())
    return None if hindrances[INDEX] else this.out / INDEX, [each for found_ in hindrances.values() for each in found_]


def heading(this: Year, code: str, books: Sequence[Notebook]) -> index.CategoryEntry:
    """The entry of a category on the index; ranking.csv and cards that differ from what is computed now are marked as older."""
    count = len(this.data.units_of(code))
    known = [(say("cli.units", this.lang), str(count))] if count else []
    figures, table = this.figures.get(code, known), this.out / code / RANKING
    if table.is_file() and table.read_bytes() != this.tables.get(code):
        figures = [*figures, (RANKING, say("index.older", this.lang))]
    units = this.ranked.get(code, [])
    there = cards.standing(this.deck(code, books, table), [unit for unit, _ in units], this.out / code / cards.FOLDER)
    leads = [(f"{code}/{cards.FOLDER}/{cards.slug(unit)}.html", name) for unit, name in units] if there else []
    files = ((f"{code}/{RANKING}", RANKING),) if table.is_file() else ()
    return index.CategoryEntry(code, this.name(code), tuple(figures), tuple(leads), there == "stale", files)


def strays(this: Year, known: Container[Path]) -> list[index.Report]:
    """Reports that are there but whose notebook is not, or cannot be used."""
    folders = {WHOLE_YEAR: None} | {code: code for code in this.book.rules.categories}
    return [index.Report(html.stem, code, html.stem, "stale", say("index.no_notebook", this.lang), f"{folder}/{html.name}")
            for folder, code in folders.items() for html in sorted((this.out / folder).glob("*.html")) if html not in known]
