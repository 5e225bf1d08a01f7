"""The pages of a year that lead to its reports: the index, and the bundle that holds them all."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from txlib.base.labels import say
from txlib.report.basis import period
from txlib.report.page import index, one_file
from txlib.run import cards
from txlib.run.outputs import Outputs, hindered
from txlib.run.plan import Notebook
from txlib.run.year import RANKING, WHOLE_YEAR, Task, Year, tasks

INDEX = "index.html"


def write_index(this: Year, books: Sequence[Notebook], found: Mapping[Task, index.Report], out: Outputs,
                workbook: Path | None) -> tuple[Path | None, list[str]]:
    """Write index.html and bundle.html: what was `found` of tasks, what stands of the others; nothing of how long it took.

    Returns where the index is, None where it could not be written, and what hindered either.
    """
    book, lang, every = this.book, this.lang, tasks(books, this.book.rules.categories)
    reports = [replace(found.get(task) or this.standing(task), seconds=None) for task in every]
    reports += strays(this, {this.place(task)[0] for task in every})
    when = period(book.year, book.period, this.words)
    categories = tuple(heading(this, code, books) for code in book.rules.categories)
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
    if table.is_file() and (code not in this.ranked or table.read_bytes() != this.ranked[code].csv):
        figures = [*figures, (RANKING, say("index.older", this.lang))]
    units = this.units(code)
    there = cards.standing(this.deck(code, books, table), [unit for unit, _ in units], this.out / code / cards.FOLDER)
    leads = [(f"{code}/{cards.FOLDER}/{cards.slug(unit)}.html", name) for unit, name in units] if there else []
    files = ((f"{code}/{RANKING}", RANKING),) if table.is_file() else ()
    return index.CategoryEntry(code, this.name(code), tuple(figures), tuple(leads), there == "stale", files)


def strays(this: Year, known: Container[Path]) -> list[index.Report]:
    """Reports that are there but whose notebook is not, or cannot be used."""
    folders = {WHOLE_YEAR: None} | {code: code for code in this.book.rules.categories}
    return [index.Report(html.stem, code, html.stem, "stale", say("index.no_notebook", this.lang), f"{folder}/{html.name}")
            for folder, code in folders.items() for html in sorted((this.out / folder).glob("*.html")) if html not in known]
