"""A year as a run has read it: the reports to be made of it, where they lie, and how each stands before it is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from txlib.base.faults import Fault
from txlib.base.labels import LANGS, counted, say
from txlib.intake import submitted
from txlib.intake.data import Data
from txlib.intake.submitted import Submitted
from txlib.report.kit.words import Words
from txlib.report.page import index
from txlib.rules.book import RuleBook
from txlib.run import cards, plan, reminders
from txlib.run import parameters as declarations
from txlib.run.cards import Deck
from txlib.run.cells.notebook import NotebookJob
from txlib.run.kept.manifest import Manifest
from txlib.run.plan import Notebook
from txlib.scoring.result import Result

WHOLE_YEAR, RANKING, RESULTS = "year", "ranking.csv", "results.xlsx"


@dataclass(frozen=True)
class Task:
    """A report to be made: a notebook for a category, or for the whole year where that is None; of several, for a `member`: a
    unit or a lead department."""

    notebook: Notebook
    category: str | None
    member: str = ""

    @property
    def name(self) -> str:
        """The name of the report and of its files."""
        return f"{self.notebook.name}@{cards.slug(self.member)}" if self.member else self.notebook.name


@dataclass(frozen=True)
class Ranked:
    """What is computed of a category: its result, its ranking.csv by the language of its heads, and the units in order of rank
    with their places and names."""

    result: Result
    csv: Mapping[str, bytes]
    units: tuple[tuple[str, str], ...]


@dataclass
class Year:
    """A year of a workspace (`root`) as read from its snapshot (`book.root`), the `record` of its outputs, and by category its
    key figures in words and what is computed of it."""

    root: Path
    book: RuleBook
    data: Data
    faults: list[Fault]
    lang: str
    prints: dict[str | None, str]
    record: Manifest
    figures: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    ranked: dict[str, Ranked] = field(default_factory=dict)
    _lacking: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = field(default_factory=dict)

    @cached_property
    def words(self) -> Words:
        """What words and names the year."""
        return Words(self.book, self.data, self.lang)

    @cached_property
    def submitted(self) -> Submitted:
        """What has been handed in, and what is missing."""
        return submitted.beside(self.book, self.data, self.faults)

    @cached_property
    def reminders(self) -> reminders.Pages:
        """The reminders of lead departments: by file name whom each is for, and the page."""
        above = [f"../{WHOLE_YEAR}/{book.name}.html" for book in plan.on_the_data(self.book.root, self.lang)]
        return reminders.pages(self.submitted, above, self.lang)

    @property
    def out(self) -> Path:
        """outputs/<year>."""
        return self.root / "outputs" / self.book.year

    def blocking(self, category: str | None) -> str:
        """The faults that block a category, one a line; for the whole year (None) its own, and which categories are blocked."""
        if category is None:
            own = [fault.message(self.lang) for fault in self.faults if fault.category is None]
            return "\n".join([*own, *filter(None, map(self.blocked, self.book.rules.categories))])
        return "\n".join(fault.message(self.lang) for fault in self.faults if fault.category in (None, category))

    def stopping(self, task: Task) -> str:
        """What blocks a task: the faults of its category or of the year, but for a notebook that is made whatever they are."""
        return "" if task.notebook.whatever else self.blocking(task.category)

    def blocked(self, category: str) -> str:
        """That a category blocks the reports of the whole year, and by how many faults; empty where it does not."""
        count = sum(fault.category == category for fault in self.faults)
        return counted("index.blocked_by", self.lang, count, category=self.name(category)) if count else ""

    def name(self, category: str) -> str:
        """A category's name, its code where its tree cannot be read."""
        return self.words.category(category)

    def titled(self, task: Task) -> str:
        """What a task is about, in words."""
        parts = [self.name(task.category) if task.category else "", self.title(task), declarations.in_words(task.notebook.given)]
        return " · ".join(filter(None, parts))

    def title(self, task: Task) -> str:
        """The title of a report, with whom it is for where there are several."""
        return " · ".join([task.notebook.title, *([self.words.unit(task.member)] if task.member else [])])

    def members(self, notebook: Notebook, category: str | None) -> list[str]:
        """Whom a notebook has a report each for: the units of a category, or the lead departments of it or of the year."""
        if notebook.for_each == "unit":
            return [str(unit) for unit in self.data.units_of(category or "")["unit"]]
        heads = [head for code, head in self.book.categories.items() if category in (None, code)]
        leads = (leaf.lead for head in heads for leaf in head.leaves if leaf.lead)
        return list(dict.fromkeys(leads)) if notebook.for_each == "lead" else []

    def tasks(self, notebooks: Iterable[Notebook], codes: Iterable[str], *, whole_year: bool = True) -> list[Task]:
        """Reports to be made: the whole year's first, then category by category."""
        books = list(notebooks)
        places: list[tuple[str | None, Notebook]] = [(None, book) for book in books if not book.by_category and whole_year]
        places += [(code, book) for code in codes for book in books if book.by_category]
        return [Task(book, code, member) for code, book in places for member in self.members(book, code) or [""]]

    def lacking(self, categories: Iterable[str], needs: tuple[str, ...]) -> list[str]:
        """The tables of `needs` that none of the categories has; looked for once."""
        asked = (tuple(categories), needs)
        if asked not in self._lacking:
            self._lacking[asked] = plan.missing(self.book, *asked)
        return self._lacking[asked]

    def no_matter(self, notebook: Notebook, categories: Iterable[str]) -> str:
        """Why a notebook has nothing to tell of these categories: what the rules or the tables lack; empty where it has."""
        for rule in plan.OF_RULES:
            if rule in notebook.needs and not getattr(self.book.rules, rule):
                return say(f"cli.no_{rule}", self.lang)
        lacking = self.lacking(categories, notebook.needs)
        return say("cli.no_table", self.lang, tables=", ".join(lacking)) if lacking else ""

    def units(self, category: str) -> tuple[tuple[str, str], ...]:
        """The units of a category in order of rank, with their places and names in words; none where it has no ranking."""
        return self.ranked[category].units if category in self.ranked else ()

    def job(self, task: Task, made: Path, timeout: int, lang: str) -> NotebookJob:
        """The task as an executor is given it."""
        values = task.notebook.values(self.book.year, task.category, lang, task.member)
        inputs = plan.inputs(self.prints[task.category], task.notebook, values, lang)
        leads = cards.addresses(unit for unit, _ in self.units(task.category or ""))
        if task.notebook.whatever:
            leads = reminders.addresses(self.submitted)
        return NotebookJob(task.notebook.path, values, self.root, self.book.root, lang, inputs, made, timeout,
                           tuple(leads.items()), task.notebook.given, self.words.unit(task.member) if task.member else "")

    def deck(self, code: str, mine: Iterable[Notebook], made: Path) -> Deck:
        """A category's score cards as an executor is given them; they lead to the reports that the category has."""
        titles = [(book.name, book.title) for book in mine if book.by_category and not book.of_members
                  and not self.no_matter(book, [code])]
        return Deck(self.book.root, self.book.year, code, tuple(titles), self.lang, self.prints[code], made)

    def place(self, task: Task) -> tuple[Path, Path, Path]:
        """Where a task's report, executed notebook and failed notebook lie."""
        folder, name = self.out / (task.category or WHOLE_YEAR), task.name
        return folder / f"{name}.html", folder / f"{name}.ipynb", folder / f"{name}.failed.ipynb"

    def report(self, task: Task, status: index.ReportStatus, reason: str = "", seconds: float | None = None) -> index.Report:
        """What became of a task, as the index says it; where an earlier report is still there, it says so and leads to it."""
        html = self.place(task)[0]
        there = html.is_file()
        if there and status not in ("done", "stale"):
            reason = f"{say('index.earlier', self.lang)}\n{reason}"
        href = html.relative_to(self.out).as_posix() if there else ""
        given = declarations.in_words(task.notebook.given) if status == "done" else ""
        several = task.notebook.title if task.member else ""
        return index.Report(task.name, task.category, self.title(task), status, reason, href, seconds, several, given)

    def standing(self, task: Task) -> index.Report:
        """The report of a task before it runs: done (with a reason where it is in another language), or why it is not."""
        html, executed, failed = self.place(task)
        codes = [task.category] if task.category else self.book.rules.categories
        if reason := self.stopping(task):
            return self.report(task, "blocked", reason)
        if task.notebook.of_members and not task.member:
            return self.report(task, "not_applicable", say(f"cli.no_{task.notebook.for_each}", self.lang))
        if reason := self.no_matter(task.notebook, codes):
            return self.report(task, "not_applicable", reason)
        if not html.is_file():
            kept = say("index.failed_before", self.lang, file=failed.name)
            return self.report(task, "failed", kept) if failed.is_file() else self.report(task, "not_run")
        if not self.record.proves(html, executed):
            return self.report(task, "stale", say("index.not_as_written", self.lang))
        inputs, lang, given = plan.recorded(executed)
        if given and given != task.notebook.given:
            return self.report(task, "stale", say("index.given_otherwise", self.lang, values=declarations.in_words(given)))
        if lang not in LANGS or inputs != self.job(task, html, 0, lang).inputs:
            return self.report(task, "stale", say("index.stale_since", self.lang))
        return self.report(task, "done", "" if lang == self.lang else say(f"index.in_{lang}", self.lang))
