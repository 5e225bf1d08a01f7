"""The pages of a year that lead to its reports: the index, and the bundle that holds them all."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from txlib.base.faults import shown
from txlib.base.labels import say
from txlib.report.basis import period
from txlib.report.page import index, one_file
from txlib.run import cards, reminders
from txlib.run.kept.outputs import Outputs, hindered, holds, written
from txlib.run.plan import Notebook
from txlib.run.year import RANKING, RESULTS, WHOLE_YEAR, Task, Year

INDEX = "index.html"


def write_index(this: Year, books: Sequence[Notebook], found: Mapping[Task, index.Report], out: Outputs,
                workbook: Path | None) -> tuple[Path | None, list[str]]:
    """Write index.html and bundle.html: what was `found` of tasks, what stands of the others; nothing of how long it took.

    A category's key figures or cards that cannot be told, and a bundle that cannot be made, cost the index nothing else.
    Returns where the index is, None where it could not be written, and what went wrong, in words.
    """
    summary, wrong = _summary(this, books, found, workbook)
    lang = this.lang
    wrong += written(out, this.out / one_file.FILE, lambda: one_file.render_bundle(summary, this.out, lang=lang).encode(), lang)
    unwritten = written(out, this.out / INDEX, lambda: index.render_index(summary, lang=lang).encode(), lang)
    return None if unwritten else this.out / INDEX, wrong + unwritten


def announce(this: Year, books: Sequence[Notebook], found: Mapping[Task, index.Report], out: Outputs) -> None:
    """Write index.html as it is while a run goes on: what was `found` by now, and that it goes on, by whom and since when.

    Who looks at it after a kill sees which reports are the run's. What goes wrong here is told at the end of the run.
    """
    workbook = this.out / RESULTS
    summary, _ = _summary(this, books, found, workbook if workbook.is_file() else None)
    going = say("index.running", this.lang, who=this.record.holder.words(this.lang))
    page = index.render_index(replace(summary, running=going), lang=this.lang)
    with hindered(this.lang):
        out.write_file(this.out / INDEX, page.encode())


def _summary(this: Year, books: Sequence[Notebook], found: Mapping[Task, index.Report],
             workbook: Path | None) -> tuple[index.Summary, list[str]]:
    """All that the index says, and what cannot be told, in words."""
    book, every = this.book, this.tasks(books, this.book.rules.categories)
    reports = [replace(found.get(task) or this.standing(task), seconds=None) for task in every]
    reports += strays(this, {this.place(task)[0] for task in every}, {book.name for book in books if book.of_members})
    when = period(book.year, book.period, this.words)
    wrong: list[str] = []
    categories = tuple(_heading(this, code, books, wrong) for code in book.rules.categories)
    there = reminders.standing(this.out / reminders.FOLDER)
    reminded, older = reminders.listed(there, this.reminders) if there else ((), False)
    summary = index.Summary(when, book.title[this.lang], book.office[this.lang], book.sample, tuple(reports), categories,
                            workbook.name if workbook else "", reminded, older)
    return summary, wrong


def _heading(this: Year, code: str, books: Sequence[Notebook], wrong: list[str]) -> index.CategoryEntry:
    """The entry of a category; where it cannot be made, its name alone, and `wrong` tells why."""
    try:
        return heading(this, code, books)
    except Exception as error:
        verdict = shown(f"{type(error).__name__}: {error}")
        wrong.append(say("cli.no_results", this.lang, file=f"{INDEX} ({code})", error=verdict))
        return index.CategoryEntry(code, this.name(code))


def heading(this: Year, code: str, books: Sequence[Notebook]) -> index.CategoryEntry:
    """The entry of a category on the index; ranking.csv, whichever its heads, and cards that differ from what is computed now are
    marked as older."""
    count = len(this.data.units_of(code))
    known = [(say("cli.units", this.lang), str(count))] if count else []
    figures, table = this.figures.get(code, known), this.out / code / RANKING
    if table.is_file() and not any(holds(table, raw) for raw in (this.ranked[code].csv.values() if code in this.ranked else ())):
        figures = [*figures, (RANKING, say("index.older", this.lang))]
    units = this.units(code)
    deck, folder = this.deck(code, books, table), this.out / code / cards.FOLDER
    there = cards.standing(deck, [unit for unit, _ in units], folder, this.record)
    leads = [(f"{code}/{cards.FOLDER}/{cards.slug(unit)}.html", name) for unit, name in units] if there else []
    files = ((f"{code}/{RANKING}", RANKING),) if table.is_file() else ()
    return index.CategoryEntry(code, this.name(code), tuple(figures), tuple(leads), there == "stale", files)


def strays(this: Year, known: Container[Path], several: Container[str]) -> list[index.Report]:
    """Reports that are there but whose notebook is not, or cannot be used; or of `several`, for whom there is none any more."""
    folders = {WHOLE_YEAR: None} | {code: code for code in this.book.rules.categories}
    found = [(folder, code, html) for folder, code in folders.items() for html in sorted((this.out / folder).glob("*.html"))]
    why = {True: say("index.no_member", this.lang), False: say("index.no_notebook", this.lang)}
    return [index.Report(html.stem, code, html.stem, "stale", why[html.stem.partition("@")[0] in several],
                         f"{folder}/{html.name}") for folder, code, html in found if html not in known]
