"""The run of a year: notebooks through worker processes, reports that appear whole or not at all, the index.

A run reads rule-book and data first; what is wrong there blocks what needs it and nothing else. Every report is made in
a folder of its own beside the outputs and moved to its name when it is complete; the same input gives the same bytes.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from txlib import data, rulebook
from txlib.faults import Fault
from txlib.labels import say
from txlib.publish import index, plan
from txlib.publish.execute import Job, Outcome
from txlib.publish.plan import Notebook
from txlib.publish.workers import move, scratch, work
from txlib.ranking import compare
from txlib.scoring import assess

TIMEOUT = 600
WHOLE_YEAR = "year"
FIRST = ["unit", "name", "score", "rank", "tier"]
FORMULA = tuple("=+-@＝＋－＠\t\r\n")


@dataclass(frozen=True)
class Run:
    """What became of a run: each report, the faults, what else went wrong or differs, the index.

    `blocked`: some of what was asked for could not be run because of the faults.
    """

    reports: tuple[index.Report, ...] = ()
    faults: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    index: Path | None = None
    blocked: bool = False

    @property
    def exit_status(self) -> int:
        """0 all well; 1 some of it failed or differs; 2 the input cannot be used."""
        if self.blocked:
            return 2
        return int(bool(self.remarks) or any(report.status == "failed" for report in self.reports))


@dataclass(frozen=True)
class Task:
    """A report to be made: a notebook for a category, or for the whole year where that is None."""

    notebook: Notebook
    category: str | None


@dataclass
class Year:
    """A year as read, and where its outputs go."""

    book: rulebook.RuleBook
    data: data.Data
    faults: list[Fault]
    root: Path
    lang: str
    figures: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @property
    def out(self) -> Path:
        """outputs/<year>."""
        return self.root / "outputs" / self.book.year

    def blocking(self, category: str | None) -> str:
        """The faults in a category's way (None: in the whole year's), one a line; empty where there are none."""
        return "\n".join(fault.message(self.lang) for fault in self.faults
                         if category is None or fault.category in (None, category))

    def job(self, task: Task, fingerprint: str, made: Path, timeout: int) -> Job:
        """The task as a worker is given it."""
        notebook = task.notebook
        values = notebook.values(self.book.year, task.category, self.lang)
        inputs = plan.inputs(fingerprint, notebook, values, self.lang)
        return Job(notebook.path, values, self.root, self.lang, inputs, made, timeout)

    def place(self, task: Task) -> tuple[Path, Path, Path]:
        """Where a task's report, executed notebook and failed notebook lie."""
        folder, name = self.out / (task.category or WHOLE_YEAR), task.notebook.name
        return folder / f"{name}.html", folder / f"{name}.ipynb", folder / f"{name}.failed.ipynb"

    def report(self, task: Task, status: index.Status, reason: str = "", seconds: float | None = None) -> index.Report:
        """What became of a task, as the index says it."""
        href = self.place(task)[0].relative_to(self.out).as_posix() if status == "done" else ""
        return index.Report(task.notebook.name, task.category, task.notebook.title, status, reason, href, seconds)


def run(root: Path | str | None, year: str, categories: Iterable[str] = (), notebooks: Iterable[str] = (), *,
        lang: str = "zh", jobs: int | None = None, force: bool = False, timeout: int = TIMEOUT) -> Run:
    """Run the notebooks of a year and write its outputs; `timeout` is seconds for a cell.

    plan.RefusedError: the arguments or a notebook cannot be used. KeyboardInterrupt comes through when workers and
    kernels are gone and only complete reports are left. Starts processes: a script calls it under `if __name__ == "__main__"`.
    """
    base = rulebook.find_root(root).resolve()
    names, wanted = list(dict.fromkeys(categories)), list(dict.fromkeys(notebooks))
    book, tables, faults = plan.read_year(base, year, names, lang)
    messages = tuple(fault.message(lang) for fault in faults)
    if book is None or tables is None:
        return Run(faults=messages, blocked=True)
    this = Year(book, tables, faults, base, lang)
    codes = names or list(book.rules.categories)
    mine, others = plan.notebooks(base, wanted, lang)
    chosen = tasks(mine, codes, whole_year=bool(wanted) or not names)
    good = [code for code in book.categories if not this.blocking(code)]
    stopped = [task for task in chosen if this.blocking(task.category)]
    blocked = bool(stopped) or not {*codes} <= {*good}
    if blocked and (stopped == chosen or not {*codes} & {*good}):
        return Run(faults=messages, blocked=True)
    with scratch(this.out) as folder:
        remarks = [remark for code in good for remark in ranking(this, code, folder if code in codes else None)]
        reports = make(this, chosen, folder, jobs, force=force, timeout=timeout)
        rest = [task for task in tasks([*mine, *others], book.rules.categories) if task not in chosen]
        page = write_index(this, [*reports, *unchanged(this, rest)], folder)
    return Run(tuple(reports), messages, tuple(remarks), page, blocked)


def tasks(notebooks: Iterable[Notebook], codes: Iterable[str], *, whole_year: bool = True) -> list[Task]:
    """Reports to be made: the whole year's first, then category by category."""
    books = list(notebooks)
    year = [Task(book, None) for book in books if not book.by_category and whole_year]
    return year + [Task(book, code) for code in codes for book in books if book.by_category]


# ── the reports ─────────────────────────────────────────────────────────────────────────────────────────────────────


def make(this: Year, chosen: Sequence[Task], folder: Path, workers: int | None, *, force: bool,
         timeout: int) -> list[index.Report]:
    """Make the reports of all tasks that are not blocked, not applicable or up to date; one entry for each task."""
    found: dict[Task, index.Report] = {}
    todo: dict[Job, Task] = {}
    fingerprint = plan.fingerprint(this.root, this.book.year)
    for number, task in enumerate(chosen):
        codes = [task.category] if task.category else this.book.rules.categories
        job = this.job(task, fingerprint, folder / str(number), timeout)
        if reason := this.blocking(task.category):
            found[task] = this.report(task, "blocked", reason)
        elif lacking := plan.missing(this.root, this.book.year, codes, task.notebook.needs):
            withdraw(this.place(task))
            found[task] = this.report(task, "not_applicable", say("cli.no_table", this.lang, tables=", ".join(lacking)))
        elif not force and up_to_date(this.place(task), job):
            found[task] = this.report(task, "done")
        else:
            todo[job] = task
    with tqdm(total=len(todo), desc=say("cli.running", this.lang), unit="", disable=None, leave=False) as bar:
        def done(job: Job, outcome: Outcome) -> None:
            found[todo[job]] = publish(this, todo[job], job, outcome)
            bar.update()
        work(list(todo), workers, done)
    return [found[task] for task in chosen]


def publish(this: Year, task: Task, job: Job, outcome: Outcome) -> index.Report:
    """Give a report its name, or keep the failed notebook; in either case no report of an earlier run stays."""
    place = this.place(task)
    html, executed, failed = place
    try:
        html.parent.mkdir(parents=True, exist_ok=True)
        if outcome.status == "done":
            move([(job.html, html), (job.executed, executed)])
            failed.unlink(missing_ok=True)
            return this.report(task, "done", seconds=outcome.seconds)
        withdraw(place)
        reasons = [outcome.reason, say("cli.withdrawn", this.lang)]
        if job.executed.exists():
            move([(job.executed, failed)])
            reasons.append(say("cli.kept", this.lang, file=failed.name))
    except OSError as error:
        with contextlib.suppress(OSError):
            withdraw(place)
        reasons = [not_written(error, this.lang)]
    return this.report(task, "failed", "\n".join(reasons), outcome.seconds)


def not_written(error: OSError, lang: str) -> str:
    """Which file could not be written, and what to do."""
    name = Path(str(error.filename2 or error.filename or "")).name
    return say("cli.not_written", lang, file=name, error=error.strerror or str(error))


def withdraw(place: Sequence[Path]) -> None:
    """Take away what an earlier run left of a report."""
    for path in place:
        path.unlink(missing_ok=True)


def up_to_date(place: Sequence[Path], job: Job) -> bool:
    """Whether both files of a report are there and were made from what it would be made from now."""
    html, executed, _ = place
    return html.is_file() and plan.recorded(executed) == job.inputs


def unchanged(this: Year, rest: Sequence[Task]) -> list[index.Report]:
    """Reports that this run was not asked for and that still hold; the index links them too."""
    fingerprint = plan.fingerprint(this.root, this.book.year)
    return [this.report(task, "done") for task in rest if not this.blocking(task.category)
            and up_to_date(this.place(task), this.job(task, fingerprint, this.out, TIMEOUT))]


# ── the ranking and the index ───────────────────────────────────────────────────────────────────────────────────────


def ranking(this: Year, code: str, folder: Path | None) -> list[str]:
    """Take a category's key figures and, given a folder to work in, write its ranking.csv; what differs, in words."""
    lang, book, category = this.lang, this.book, this.book.categories[code]
    table = assess(book, this.data, code).ranking
    published = data.load_published(book, code)
    remarks = []
    figures = [(say("cli.units", lang), str(len(table))), (say("cli.leaves", lang), str(len(category.leaves)))]
    if len(published):
        tolerance = book.comparison.tolerance if book.comparison else Fraction(0)
        differing = compare(table, published, tolerance=tolerance).to_dict("records")
        remarks = [differs(row, category.name[lang], lang) for row in differing]
        key = "cli.differs_by" if remarks else "cli.reproduced"
        figures.append((say("cli.published", lang), say(key, lang, count=len(remarks))))
    this.figures[code] = figures
    if folder is None:
        return []
    made, final = folder / f"{code}.csv", this.out / code / "ranking.csv"
    made.write_bytes(as_csv(table, book.rounding.total))
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        move([(made, final)])
    except OSError as error:
        remarks.append(not_written(error, lang))
    return remarks


def differs(row: Mapping[Any, Any], category: str, lang: str) -> str:
    """One difference from the published list, in words."""
    numbers = {key: "—" if row[key] != row[key] else f"{row[key]:.10g}" for key in ("computed", "published")}
    column = say(f"cli.column_{row['column']}", lang)
    return say("cli.differs", lang, category=category, unit=row["unit"], name=row["name"], column=column, **numbers)


def as_csv(table: pd.DataFrame, decimals: int | str) -> bytes:
    """A ranking for Excel: UTF-8 with BOM, scores with the ruled decimals, no text that Excel would run."""
    columns = FIRST + [name for name in table.columns if name not in FIRST]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in table[columns].to_dict("records"):
        writer.writerow(_cell(row[name], decimals if name == "score" else "exact") for name in columns)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any, decimals: int | str) -> str:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    if value is None or value != value:
        return ""
    if isinstance(decimals, int):
        return f"{value:.{decimals}f}"
    return str(int(value)) if value == int(value) else repr(float(value))


def write_index(this: Year, reports: Sequence[index.Report], folder: Path) -> Path:
    """Write index.html, which says nothing of how long anything took."""
    book, lang = this.book, this.lang
    categories = tuple(index.Category(code, category.name[lang], tuple(this.figures.get(code, ())))
                       for code, category in book.categories.items())
    timeless = tuple(replace(report, seconds=None) for report in reports)
    summary = index.Summary(book.year, book.title[lang], book.office[lang], book.sample, timeless, categories)
    made, final = folder / "index.html", this.out / "index.html"
    made.write_bytes(index.render_index(summary, lang=lang).encode())
    move([(made, final)])
    return final
