"""What a command makes of a year: reports and score cards by an executor, each named when it is complete, and reminders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from txlib.base.faults import shown
from txlib.base.labels import counted, say
from txlib.report.page.index import Report
from txlib.run import cards, progress, reminders
from txlib.run.cards import Deck
from txlib.run.cells.executor import Executor, Outcome
from txlib.run.cells.notebook import NotebookJob
from txlib.run.kept.outputs import Outputs, hindered
from txlib.run.pages import announce
from txlib.run.plan import Notebook
from txlib.run.year import Task, Year


@dataclass(frozen=True)
class Asked:
    """How a run is to work: the language, that of the heads of ranking.csv (`columns`), whether what is up to date is made too
    (`force`), the seconds for a cell (`timeout`), who is `told` of each report as it ends, and values `given` for parameters."""

    lang: str
    timeout: int
    columns: str
    force: bool = False
    told: progress.Told = progress.silent
    given: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Work:
    """The making of a year's outputs: where they go, who does it, and what was `found` of each task by now.

    The index tells of these `books`, of none where there is to be no index; while something is made it says so.
    """

    this: Year
    out: Outputs
    executor: Executor
    books: Sequence[Notebook]
    asked: Asked
    found: dict[Task, Report] = field(default_factory=dict)

    def announce(self) -> None:
        """The index says that a run goes on, and what it has made so far."""
        if self.books:
            announce(self.this, self.books, self.found, self.out)


def make_reports(work: Work, chosen: Sequence[Task]) -> None:
    """Make the reports of all tasks that are not blocked, not applicable or up to date; `found` tells what became of each."""
    this, out, found = work.this, work.out, work.found
    todo: dict[NotebookJob, Task] = {}
    for number, task in enumerate(chosen):
        now = this.standing(task)
        if now.status == "not_applicable":
            found[task] = withdrawn(this, task, out)
        elif now.status == "blocked" or (now.status == "done" and not now.reason and not work.asked.force):
            found[task] = now
        else:
            todo[this.job(task, out.making / str(number), work.asked.timeout, this.lang)] = task
    same = sum(report.status == "done" for report in found.values())
    if todo or same:
        work.asked.told(progress.to_make(len(todo), same, this.lang))
    if todo:
        work.announce()
    left = {*todo}

    def done(job: NotebookJob, outcome: Outcome) -> None:
        task = todo[job]
        found[task] = publish(this, task, job, outcome, out)
        work.announce()
        left.discard(job)
        work.asked.told(progress.ended(found[task], len(left), this.titled(task), this.lang))

    work.executor(list(todo), done)


def withdrawn(this: Year, task: Task, out: Outputs) -> Report:
    """The report of a task that does not apply, of which what an earlier run left is deleted."""
    with hindered(this.lang) as hindrances:
        out.withdraw(*this.place(task))
    return this.report(task, "failed", "\n".join(hindrances)) if hindrances else this.standing(task)


def publish(this: Year, task: Task, job: NotebookJob, outcome: Outcome, out: Outputs) -> Report:
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


def make_cards(work: Work, codes: Sequence[str]) -> list[str]:
    """Make the score cards of categories where they are not up to date; returns what went wrong, in words."""
    this, out, remarks = work.this, work.out, list[str]()
    todo: dict[Deck, str] = {}
    for code in codes:
        deck = this.deck(code, work.books, out.making / f"{cards.FOLDER}-{code}")
        units = [unit for unit, _ in this.units(code)]
        if work.asked.force or cards.standing(deck, units, this.out / code / cards.FOLDER, this.record) != "done":
            todo[deck] = code
    if todo:
        work.announce()
        work.asked.told(counted("cli.cards_to_make", this.lang, len(todo)))
    left = {*todo}

    def done(deck: Deck, outcome: Outcome) -> None:
        with hindered(this.lang) as reasons:
            if outcome.reason:
                reasons.append(outcome.reason)
            else:
                out.replace_folder(deck.scratch, this.out / todo[deck] / cards.FOLDER)
        name = this.name(todo[deck])
        remarks.extend(say("cards.failed", this.lang, category=shown(name), error=shown(reason)) for reason in reasons)
        left.discard(deck)
        work.asked.told(progress.cards_ended(todo[deck], bool(reasons), outcome.seconds, len(left), name, this.lang))

    work.executor(list(todo), done)
    return remarks


def remind(work: Work, chosen: Iterable[Task]) -> list[str]:
    """Write the reminders where a report that leads to them is made; what hindered it."""
    if not any(task.notebook.whatever for task in chosen):
        return []
    this = work.this
    return reminders.write(this.out / reminders.FOLDER, this.reminders, work.out, this.lang)
