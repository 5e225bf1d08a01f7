"""The index page of a run: every category and notebook, what became of it, and where to read it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal, get_args
from urllib.parse import quote

from txlib.base.labels import say
from txlib.report.page.html import css_string, write_page

ReportStatus = Literal["done", "stale", "failed", "not_applicable", "blocked", "not_run"]


@dataclass(frozen=True)
class Report:
    """What became of one notebook for one category (or, with no category, for the whole year).

    `reason` says in the page's language, one a line, why there is no report or what is not right with the one there: the
    cell's error, the table that is missing, the faults, its age. `href` is the path relative to index.html, unquoted. `several`:
    the title that it shares with the same for other units or lead departments; `given`: values of parameters, in words, that
    are not the defaults.
    """

    notebook: str
    category: str | None
    title: str
    status: ReportStatus
    reason: str = ""
    href: str = ""
    seconds: float | None = None
    several: str = ""
    given: str = ""


@dataclass(frozen=True)
class CategoryEntry:
    """A category's heading on the index: its name and its key figures as (label, value), already in words.

    `cards`: the units' score cards as (path, place and name), `older` where they are from an earlier run; `files`: what
    else there is to open, as (path, words). Paths are relative to index.html, unquoted.
    """

    code: str
    name: str
    figures: tuple[tuple[str, str], ...] = ()
    cards: tuple[tuple[str, str], ...] = ()
    older: bool = False
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Summary:
    """All that the index says of a run; `workbook` is the file of results; `reminders`: those of lead departments as (path, for
    whom), `older` where they are from an earlier run; `running`: that a run goes on, in words, as long as it does."""

    year: str
    title: str
    office: str
    sample: bool
    reports: tuple[Report, ...]
    categories: tuple[CategoryEntry, ...] = ()
    workbook: str = ""
    reminders: tuple[tuple[str, str], ...] = ()
    older: bool = False
    running: str = ""


def render_index(summary: Summary, *, lang: str, template: str = "index.html", **more: Any) -> str:
    """The page that leads to every report of a run and says in words why one is not there.

    `more` goes to a `template` that extends it.
    """
    statuses = [report.status for report in summary.reports]
    categories = len({*(report.category for report in summary.reports), *(each.code for each in summary.categories)} - {None})
    counts = [(status, statuses.count(status)) for status in get_args(ReportStatus)]
    counts = [("categories", categories), ("reports", len(statuses)), *(pair for pair in counts if pair[1] or pair[0] == "done")]
    title = say("index.title", lang, title=summary.title)
    return write_page(
        template, lang, title=title, running=css_string(title), summary=summary,
        categories=categories, counts=counts, sections=_sections(summary, lang), reasons=_reasons,
        sample=css_string(say("report.sample", lang)) if summary.sample else "",
        grouped=_grouped, several=lambda reports: _several(reports, lang),
        words={"filter": say("index.search", lang), "shown": say("index.shown", lang)},
        **({"quote": _quoted} | more),
    )


def _sections(summary: Summary, lang: str) -> list[tuple[CategoryEntry, list[Report]]]:
    """Headings and reports: the whole year first, then the categories in their order."""
    known = {category.code: category for category in summary.categories}
    codes = dict.fromkeys([None, *known, *(report.category for report in summary.reports)])
    sections = []
    for code in codes:
        reports = [report for report in summary.reports if report.category == code]
        year = CategoryEntry("", say("index.whole_year", lang))
        category = year if code is None else known.get(code, CategoryEntry(code, code))
        if reports or category.cards:
            sections.append((category, reports))
    return sections


def _grouped(reports: list[Report]) -> list[tuple[str, list[Report]]]:
    """Reports that stand together: those of one title for several units, under it; each other alone, under none."""
    return [(title, list(group)) for title, group in groupby(reports, key=lambda report: report.several)]


def _reasons(reports: list[Report]) -> dict[str, tuple[list[str], int]]:
    """By report of a section what is said there, a line each, and of how many reports: at one of them, which can be seen without
    unfolding where there is such a one."""
    count, at = Counter(report.reason for report in reports), dict[str, str]()
    for report in sorted(reports, key=lambda report: bool(report.several)):
        at.setdefault(report.reason, report.notebook)
    return {notebook: (reason.splitlines(), count[reason]) for reason, notebook in at.items() if reason}


def _several(reports: list[Report], lang: str) -> str:
    """How many reports there are, and how many of each status."""
    statuses = Counter(report.status for report in reports)
    counts = (f"{say(f'index.{status}', lang)} {statuses[status]}" for status in get_args(ReportStatus) if statuses[status])
    return say("index.several", lang, count=len(reports), counts=say("cli.and", lang).join(counts))


def _quoted(href: str) -> str:
    """A relative path as the address of a link; it can lead neither to another host nor to a script."""
    return quote(href.replace("\\", "/").lstrip("/"))
