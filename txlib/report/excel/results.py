"""results.xlsx: a year's rankings and points, and what they rest on, as a workbook that can be sorted, filtered and printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

import txlib
from txlib.audits.mark_audit import audit_quotas
from txlib.base.numbers import floats
from txlib.base.printing import MISSING
from txlib.report import basis, facts
from txlib.report.basis import Cites, audit_rules, ranking_rules, term_assumptions
from txlib.report.excel.book import HEAD, LINES, NAME, WARM, CellValue, TableArea, Workbook, height, laid_out
from txlib.report.kit.shown import Display, TableColumn, in_words
from txlib.report.marks import audit, outcomes
from txlib.report.overview.tables import overview

if TYPE_CHECKING:
    from txlib.intake.data import Data
    from txlib.report.kit.words import Words
    from txlib.rules.book import RuleBook
    from txlib.rules.category import Node
    from txlib.rules.year import Assumption
    from txlib.scoring.result import Result

BAR, DEEP, PALE, LINK = "#9CC3E6", "#8FB8DE", "#FFFFFF", "#0B5394"
LABELS, TEXTS = 28, 68  # widths of the cover's two columns
TIERS = ("#CFE3F5", "#E7F0F8", "#F5F5F5", "#F3D9C4")  # from the first tier to the last; told apart in grey too
BRANCHES: dict[int, dict[str, Any]] = {1: {"bold": True, "bg_color": HEAD}, 2: {"bold": True}}


def workbook(book: RuleBook, data: Data, results: Mapping[str, Result], lacking: Mapping[str, str], words: Words) -> bytes:
    """The bytes of results.xlsx; `lacking`: why categories have no ranking, one line each, by their code."""
    title = words.say("excel.title", title=words.text(book.title))
    file = Workbook(words.lang, book.as_of, title, words.text(book.office), words.say("excel.sample") if book.sample else "")
    cover = file.sheet(words.say("excel.cover"), upright=True)
    held = [*_categories(file, data, results, words)]
    for name, shown in resting_on(book, data, results, words):
        if shown.listing is not None:
            held.append((listed(file, words.say(f"excel.{name}"), shown), shown.listing.caption))
    _cover(file, cover, book, held, lacking, words)
    return file.finished()


def resting_on(book: RuleBook, data: Data, results: Mapping[str, Result], words: Words) -> Iterator[tuple[str, Display]]:
    """What follows the rankings, a table each: the key of its sheet's name, and the table as reports show it."""
    yield "overview", overview(book, results, words, data)
    rules: list[Cites] = [*ranking_rules(book)]
    beside: list[Assumption] = []
    if marks := audit.audited(audit_quotas(book, data), book, data):
        rules += audit_rules(book)
        beside = term_assumptions(book)
        yield "audit", outcomes.everything(marks, words)
        yield "consequences", outcomes.consequences(marks, words)
    yield "assumptions", basis.assumptions(book, None, words, rules, beside)
    yield "clauses", basis.clauses(book, None, words, rules)
    yield "sources", basis.sources(book, data, None, words)


def listed(file: Workbook, name: str, shown: Display) -> str:
    """A sheet with a table as reports show it, its numbers as numbers; the name that it got."""
    table = shown.listing
    assert table is not None
    kinds = [head.kind for head in table.heads]
    rows = [[_number(in_words(cell)) if kind == "number" else in_words(cell) for cell, kind in zip(row, kinds, strict=True)]
            for row in table.rows]
    laid_out(file, name, table.caption, table.heads, rows, fixed=1, notes=[table.note] if table.note else [])
    return file.names[-1]


def _number(text: str) -> CellValue:
    """The number that a text prints; a text that prints none, unchanged."""
    try:
        return float(text.replace("−", "-"))
    except ValueError:
        return text


def _categories(file: Workbook, data: Data, results: Mapping[str, Result], words: Words) -> Iterator[tuple[str, str]]:
    """Two sheets a category: its ranking, and every unit's points; the sheets' names and titles."""
    names = {code: words.name(result.category) for code, result in results.items()}
    fits = all(len(words.say(f"excel.{key}", category=name)) <= NAME for name in names.values() for key in ("ranking", "points"))
    for code, result in results.items():
        called = names[code] if fits else code
        yield (_ranking(file, result, data, words.say("excel.ranking", category=called), words),
               words.label("ranking", category=names[code]))
        yield (_points(file, result, words.say("excel.points", category=called), words),
               words.say("excel.points_title", category=names[code]))


def pattern(result: Result) -> str:
    """The number format of scores: the decimals that they are rounded to."""
    shown = facts.decimals(result)
    return "0." + "0" * shown if shown else "0"


# ── the ranking ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _ranking(file: Workbook, result: Result, data: Data, name: str, words: Words) -> str:
    """The sheet of a category's ranking; its name."""
    nodes = [*facts.upper(result.category), *facts.beside(result.category)]
    tiered = ["tier"] if result.book.tiers else []
    heads = [*words.columns("#place", "unit", "#score", "#distance", *tiered), *facts.out_of(result, nodes, words),
             *(words.columns("~reason") if tiered else []), TableColumn(words.say("excel.code"))]
    rows = list(_ranked(result, nodes, words))
    for each in data.units_of(result.category.code).itertuples():
        if each.unit not in set(result.ranking.unit):
            rows.append([MISSING, words.row(each), *[MISSING] * (len(heads) - 3), str(each.unit)])
    after = 4 + len(tiered)
    formats = dict.fromkeys((2, 3), pattern(result)) | dict.fromkeys(range(after, after + len(nodes)), "0.00")
    notes = [facts.ranking_note(result, words), *filter(None, [facts.unlike(result, nodes, words)]),
             words.say("excel.colours"), *facts.decided(result, data, words)]
    caption = words.label("ranking", category=words.name(result.category))
    page, place = laid_out(file, name, caption, heads, rows, formats=formats, fixed=2, notes=notes, aside=1)
    _coloured(file, page, place, result, after, nodes, words)
    return file.names[-1]


def _ranked(result: Result, nodes: list[Node], words: Words) -> Iterator[list[CellValue]]:
    """One row a unit, by place."""
    held, below = facts.points(result, nodes), [None, *(0.0 - gap for gap in facts.distances(result))]
    for row, distance in zip(result.ranking.itertuples(), below, strict=True):
        tier = [words.row(row, "tier") or MISSING] if result.book.tiers else []
        reason = [str(getattr(row, f"tier_reason_{words.lang}"))] if result.book.tiers else []
        yield [float(row.rank), words.row(row), float(row.score), distance, *tier,
               *(_applies(value) for value in held.loc[row.unit]), *reason, str(row.unit)]


def _applies(value: float) -> CellValue:
    return MISSING if value != value else float(value)


def _coloured(file: Workbook, page: Any, place: TableArea, result: Result, after: int, nodes: list[Node],
              words: Words) -> None:
    """Set conditional formats: bars of scores, shared places in bold, tiers by shade, columns of level 2 by their points."""
    last = place.first + len(result.ranking) - 1
    full = float(result.category.total)
    page.conditional_format(place.first, 2, last, 2, _bar(full))
    page.conditional_format(place.first, 0, last, 0, {"type": "duplicate", "format": file.style(bold=True, font_color=WARM)})
    levels = result.book.tiers.levels if result.book.tiers else ()
    for i, level in enumerate(levels):
        quoted = words.name(level).replace('"', '""')
        shade = TIERS[min(i, len(TIERS) - 1)] if i < len(levels) - 1 else TIERS[-1]
        page.conditional_format(place.first, 4, last, 4, {"type": "cell", "criteria": "==", "value": f'"{quoted}"',
                                                          "format": file.style(bg_color=shade)})
    for i, node in enumerate(nodes, start=after):
        if node.level == 2:
            page.conditional_format(place.first, i, last, i, {"type": "2_color_scale", "min_color": PALE, "max_color": DEEP})


def _bar(full: float) -> dict[str, Any]:
    """A bar from zero to full points."""
    return {"type": "data_bar", "bar_color": BAR, "min_type": "num", "min_value": 0, "max_type": "num", "max_value": full}


# ── points ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _points(file: Workbook, result: Result, name: str, words: Words) -> str:
    """The sheet of the tree with every unit's points; its name."""
    nodes = result.category.nodes
    units = list(result.ranking.itertuples())
    heads = [*words.columns("indicator", "lead_column", "clause", "#full"), TableColumn(words.say("excel.mean"), "number"),
             *(TableColumn(f"{unit.rank:g} {words.row(unit)}", "number") for unit in units)]
    rows = [_node(result, node, words) for node in nodes]
    scores = floats(result.ranking.score)
    rows.append([words.label("total"), None, None, float(result.category.total), float(scores.mean()),
                 *map(float, scores)])
    styles = {i: BRANCHES.get(node.level, {}) for i, node in enumerate(nodes) if node.children}
    styles[len(nodes)] = {"bold": True, "num_format": pattern(result), "top": 2}
    notes = [words.say("excel.points_note"), *([words.say("excel.above_full")] if above_full(result) else [])]
    page, place = laid_out(file, name, words.say("excel.points_title", category=words.name(result.category)), heads, rows,
                           formats=dict.fromkeys(range(3, len(heads)), "0.00"), styles=styles, fixed=1,
                           notes=notes, filtered=False)
    for i, node in enumerate(nodes):
        row = place.first + i
        file.put(page, row, 0, rows[i][0], border=1, border_color=LINES, text_wrap=True, indent=node.level, **styles.get(i, {}))
        if node.level > 1:
            page.set_row(row, place.heights[i], None, {"level": node.level - 1})
        if not node.children and not node.adjusts:
            page.conditional_format(row, 5, row, place.right, _bar(float(node.full)))
    page.outline_settings(True, False, False, False)
    return file.names[-1]


def above_full(result: Result) -> bool:
    """Whether a unit has more than the full points printed for a node, which has more weight for it."""
    nodes = [node for node in result.category.nodes if not node.adjusts]
    full = [float(node.full) for node in nodes]
    return bool(((facts.points(result, nodes) > full) & (facts.fulls(result, nodes).round(9) > full)).any(axis=None))


def _node(result: Result, node: Node, words: Words) -> list[CellValue]:
    """A row of the tree: indicator, lead department, clauses, full points, mean, points of each unit by place."""
    held, fulls = (result.wide[name][node.code] for name in ("points", "full"))
    points: list[CellValue] = [MISSING if not full and not node.adjusts else float(value)
                           for value, full in zip(held, fulls, strict=True)]
    numbers = [value for value in points if isinstance(value, float)]
    full = facts.at_most(node) if node.adjusts else float(node.full)
    return [words.coded(node), words.leads(node), words.joined(node.clause), full,
            float(pd.Series(numbers).mean()) if numbers else MISSING, *points]


# ── the cover ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _cover(file: Workbook, page: Any, book: RuleBook, held: Sequence[tuple[str, str]], lacking: Mapping[str, str],
           words: Words) -> None:
    """Write the cover: title, year and state of the data, how the file was made, and links to the sheets."""
    boxed = {"border": 1, "border_color": LINES, "indent": 1}
    page.set_column(0, 0, LABELS)
    page.set_column(1, 1, TEXTS)
    row = file.line(page, 0, file.title, LABELS + TEXTS, bold=True, font_size=18)
    row = file.line(page, row, words.text(book.office), LABELS + TEXTS)
    if book.sample:
        row = file.line(page, row, words.label("sample"), LABELS + TEXTS, bold=True, font_color=WARM)
    facts = [*_facts(book, words), *((words.say("excel.not_ranked"), reason) for reason in lacking.values())]
    heads = [TableColumn(words.say(f"excel.{key}")) for key in ("about", "told")]
    file.head(page, row, heads, row + len(facts), words.say("excel.facts"), called=words.say("excel.facts"))
    for at, (heading, text) in enumerate(facts, start=row + 1):
        file.put(page, at, 0, heading, bold=True, **boxed)
        file.put(page, at, 1, text, text_wrap=True, **boxed)
        page.set_row(at, height([str(text)], [TEXTS - 4]))
    row = file.part(page, row + len(facts) + 1, words.say("excel.sheets"), LABELS + TEXTS)
    heads = [TableColumn(words.say(f"excel.{key}")) for key in ("sheet", "holds")]
    file.head(page, row, heads, row + len(held), words.say("excel.sheets"), called=words.say("excel.sheets"))
    for at, (name, caption) in enumerate(held, start=row + 1):
        link = "internal:'" + name.replace("'", "''") + "'!A1"
        page.write_url(at, 0, link, file.style(font_color=LINK, underline=1, **boxed), name)
        file.put(page, at, 1, caption, text_wrap=True, **boxed)
        page.set_row(at, height([caption], [TEXTS - 4]))


def _facts(book: RuleBook, words: Words) -> list[tuple[str, str | date]]:
    """The cover's lines as (label, text): period, state and date of the data, how the file was made, what its numbers are."""
    made = words.say("excel.made", year=book.year, version=txlib.__version__, files=words.say("excel.sources"))
    return [(words.label("meta_period"), basis.period(book.year, book.period, words)),
            (words.label("meta_status"), words.text(book.status)), (words.label("meta_as_of"), date.fromisoformat(book.as_of)),
            (words.say("excel.how"), made), (words.say("excel.numbers"), words.say("excel.stored"))]
