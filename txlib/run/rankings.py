"""What a run computes in its own process: the ranking of each category, in ranking.csv and in results.xlsx."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from txlib.assess import assess
from txlib.base.faults import shown
from txlib.base.labels import LANGS, say
from txlib.base.text import harmless
from txlib.intake.data import load_published
from txlib.report import csvfile
from txlib.report.excel.results import workbook
from txlib.report.marks.found import for_the_index
from txlib.run.cells.executor import LOG, cause_of
from txlib.run.kept.outputs import Outputs, hindered, written
from txlib.run.year import RANKING, RESULTS, Ranked, Year
from txlib.scoring.places import compare


def rank(this: Year, code: str) -> list[str]:
    """Compute a category's key figures and its ranking; returns what differs from a published list, or what went wrong."""
    book, words, category = this.book, this.words, this.book.categories[code]
    name, remarks = shown(words.name(category)), []
    try:
        result = assess(book, this.data, code)
        table = result.ranking
        published = load_published(book, code)
        top = [harmless(words.row(row)) for row in table[table["rank"] == table["rank"].min()].itertuples()]
        figures = [(words.say("cli.first"), words.joined(top)), (words.say("cli.units"), str(len(table))),
                   (words.say("cli.leaves"), str(len(category.leaves))), *for_the_index(book, this.data, code, words)]
        if len(published):
            tolerance = ruled.tolerance if (ruled := book.rules.comparison) else Fraction(0)
            remarks = [differs(row, name, this.lang) for row in compare(table, published, tolerance=tolerance).to_dict("records")]
            verdict = words.counted("cli.differs_by", len(remarks)) if remarks else words.say("cli.reproduced")
            figures.append((words.say("cli.published"), verdict))
        units = tuple((str(row.unit), words.say("cards.neighbour", place=f"{row.rank:g}", unit=harmless(words.row(row))))
                      for row in table.itertuples())
        this.ranked[code] = Ranked(result, {lang: csvfile.as_csv(table, book.rounding.total, lang) for lang in LANGS}, units)
    except Exception as error:
        LOG.error("%s/%s failed (%s)", code, RANKING, cause_of(error))
        verdict = shown(f"{type(error).__name__}: {error}")
        figures, remarks = [(RANKING, verdict)], [words.say("cli.no_ranking", category=name, error=verdict)]
    this.figures[code] = figures
    return remarks


def write_ranking(this: Year, code: str, out: Outputs, columns: str) -> list[str]:
    """Write a category's ranking.csv with heads in a language, or delete an earlier one where there is no ranking; what went
    wrong, in words."""
    final = this.out / code / RANKING
    with hindered(this.lang) as hindrances:
        if code in this.ranked:
            out.write_file(final, this.ranked[code].csv[columns])
        else:
            out.withdraw(final)
    return hindrances


def write_results(this: Year, out: Outputs) -> list[str]:
    """Write results.xlsx with every category that has a ranking; returns what went wrong, in words."""
    lacking = {code: this.blocked(code) or say("excel.failed", this.lang, category=this.name(code))
               for code in this.book.rules.categories if code not in this.ranked}
    kept = {code: this.ranked[code].result for code in this.book.categories if code in this.ranked}
    return written(out, this.out / RESULTS, lambda: workbook(this.book, this.data, kept, lacking, this.words), this.lang)


def differs(row: Mapping[Any, Any], category: str, lang: str) -> str:
    """One difference from the published list, in words."""
    numbers = {key: "—" if row[key] != row[key] else f"{row[key]:.10g}" for key in ("computed", "published")}
    column = say(f"cli.column_{row['column']}", lang)
    unit, name = shown(row["unit"]), shown(row["name"])
    return say("cli.differs", lang, category=category, unit=unit, name=name, column=column, **numbers)
