"""One unit's score card: its place, its branches beside the category's median, what cost most, notes, each leaf explained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from txlib.base.printing import MISSING, number, place
from txlib.base.text import harmless
from txlib.editions.years import compare_years
from txlib.report import basis, facts
from txlib.report.basis import assumed_by, ranking_rules
from txlib.report.kit.blocks import Table
from txlib.report.kit.shown import Display, Gauge, Noted, Sum, TableRow, folded, table
from txlib.report.page.html import css_string, write_page
from txlib.report.page.typeset import Typesetter
from txlib.report.ranking import explained
from txlib.report.ranking.sentences import vetoes
from txlib.scoring.explain import explain

if TYPE_CHECKING:
    from txlib.intake.data import Data
    from txlib.report.kit.words import Words
    from txlib.scoring.result import Result

MOST = 5  # so many losses are listed


@dataclass(frozen=True)
class Way:
    """Where a card leads: the units before and after it with their places, and the pages above it, as (address, words)."""

    before: tuple[str, str] | None
    after: tuple[str, str] | None
    above: tuple[tuple[str, str], ...]


def render_card(result: Result, data: Data, then: Result | Display, unit: str, way: Way, *, inputs: str, number_: str,
                words: Words) -> str:
    """A ranked unit's card as a page; `inputs` is the digest that it was made from, `number_` the card's own."""
    book, (placed,) = result.book, result.ranking[result.ranking["unit"] == unit].itertuples()
    name = harmless(words.row(placed))
    title = words.say("cards.title", unit=name)
    told = explained.Explained(result, unit, words)
    parts, still = (branches(result, unit, words), losses(result, told, words)), Typesetter(words.lang, sorts=False)
    return write_page(
        "card.html", words.lang, title=words.say("cards.named", unit=name, title=words.text(book.title)),
        words={key: words.say(f"report.{key}") for key in ("filter", "shown", "sideways")}, way=way,
        running=css_string(title), office=words.text(book.office),
        heading=name, under=words.say("cards.under", title=words.text(book.title), category=words.name(result.category)),
        facts=about(result, number_, words), keys=keys(result, then, placed, words), inputs=inputs, number=css_string(number_),
        sample=css_string(words.say("report.sample")) if book.sample else "", findings=sentences(result, placed, words),
        parts=[Markup(still.write(part.blocks)) for part in parts if part.blocks],
        notes=[harmless(line) for line in notes(result, data, unit, words)], leaves=Markup(leaves(result, data, told, words)),
        again=words.say("cards.again", year=book.year),
    )


def leaves(result: Result, data: Data, told: explained.Explained, words: Words) -> str:
    """How the unit came by each point, folded; the fold's title stands for the table's caption."""
    every = [replace(block, caption="") if isinstance(block, Table) else block
             for block in explained.explanations(result, told.unit, words, data, told).blocks]
    return Typesetter(words.lang).write(folded(words.say("cards.leaves"), Display(tuple(every))).blocks)


def about(result: Result, number_: str, words: Words) -> list[tuple[str, str]]:
    """The line under the name: period, category, status, date of the data, the card's number."""
    book = result.book
    when = basis.period(book.year, book.period, words)
    return [(words.label("meta_year" if when == book.year else "meta_period"), when),
            (words.label("meta_status"), words.text(book.status)), (words.label("meta_as_of"), book.as_of),
            (words.say("report.number"), number_)]


def keys(result: Result, then: Result | Display, placed: Any, words: Words) -> list[tuple[str, str]]:
    """The figures at the head: place, score, tier, distances to the neighbours, last year's place."""
    rows, shown = list(result.ranking.itertuples()), facts.decimals(result)
    at = next(i for i, row in enumerate(rows) if row.unit == placed.unit)
    gaps = facts.distances(result)
    figures = [("place", words.say("cards.of", place=f"{placed.rank:g}", units=len(rows))),
               ("score", number(placed.score, shown))]
    figures += [("tier", words.row(placed, "tier") or MISSING)] if result.book.tiers else []
    figures += [("to_above", number(-gaps[at - 1], shown, signed=True))] if at else []
    figures += [("to_below", number(gaps[at], shown, signed=True))] if at + 1 < len(rows) else []
    if not isinstance(then, Display):
        years = compare_years(result, then).set_index("unit")
        figures.append(("then", place(float(years.loc[placed.unit, "rank_then"]))))
    return [(words.say(f"cards.key_{key}"), value) for key, value in figures]


# ── branches ────────────────────────────────────────────────────────────────────────────────────────────────────────


def beside_median(result: Result, unit: str) -> pd.DataFrame:
    """A unit's nodes of levels 1 and 2, one row each, by code: points, full, median, gap, share, middle, place, of.

    `middle` is the median of the shares of full points that units attain, `median` the same in this unit's points; `place`
    is that of the unit's share among `of` units that the node has weight for. Only nodes that have weight for the unit.
    """
    nodes = facts.upper(result.category)
    shares = facts.attained(result, nodes)
    mine = result.by_unit[unit].loc[[node.code for node in nodes]]
    frame = pd.DataFrame({"points": mine["points"], "full": mine["full"], "share": shares.loc[unit],
                          "middle": result.middle[mine.index],
                          "place": (shares.round(9) > round(shares.loc[unit], 9)).sum() + 1, "of": shares.count()})
    frame = frame.loc[[node.code for node in nodes]].assign(median=lambda rows: rows["middle"] * rows["full"])
    return frame.assign(gap=frame["points"] - frame["median"])[frame["full"] > 0]


def branches(result: Result, unit: str, words: Words) -> Display:
    """A unit's points by branch beside the category's median, with a bar of the share attained and a tick at the median's."""
    beside, category, pointed = beside_median(result, unit), result.category, facts.in_points(result)
    heads = words.columns("branch", "#points", "#full", "#median", "#gap", "#branch_place", "gauge", labels="cards")
    deep = any(node.level == 2 for node in facts.upper(category))
    rows: list[TableRow] = []
    for node in facts.upper(category):
        if not node.is_of(unit):
            continue
        label = words.coded(node)
        if node.code not in beside.index:
            rows.append([label, *[MISSING] * 5, words.label("not_applicable")])
            continue
        row = beside.loc[node.code]
        said = words.say("cards.gauge_said", share=f"{row['share']:.0%}", middle=f"{row['middle']:.0%}")
        cells: TableRow = [label, pointed(row["points"]), pointed(row["full"]), pointed(row["median"]),
                           pointed(row["gap"], signed=True),
                           words.say("cards.of", place=f"{row['place']:g}", units=f"{row['of']:g}"),
                           Gauge(said, float(row["share"]), float(row["middle"]))]
        rows.append(Sum(cells) if node.level == 1 and deep else cells)
    held = facts.points(result, facts.beside(category))
    for node in facts.beside(category):
        mine, middle = float(held.loc[unit, node.code]), float(held[node.code].median())
        rows.append([words.coded(node), pointed(mine, signed=True), facts.at_most(node),
                     pointed(middle, signed=True), pointed(mine - middle, signed=True), MISSING, ""])
    return table("branches", words.say("cards.branches"), heads, rows, words.say("cards.branches_note"))


# ── what cost most ──────────────────────────────────────────────────────────────────────────────────────────────────


def lost(result: Result, unit: str) -> pd.DataFrame:
    """What a unit lost, most first: at leaves what is short of their full points, and what was taken off at branches and beside
    the tree.

    By node code: lost, points, full, and median, what the category's units lose there (in the middle, of as many points).
    """
    leaves, taken = list(result.category.leaves), [*result.category.lines, *result.category.adjusting]
    mine = result.by_unit[unit]
    rows = mine.loc[[leaf.code for leaf in leaves], ["points", "full"]]
    rows = rows.assign(lost=rows["full"] - rows["points"], median=(1 - result.middle[rows.index]) * rows["full"])
    off = mine.loc[[node.code for node in taken], ["points"]].assign(full=float("nan"))
    off = off.assign(lost=-off["points"], median=-facts.points(result, taken).median())
    every = pd.concat([rows, off]) if taken else rows
    return every[every["lost"] > 1e-9].sort_values("lost", ascending=False, kind="stable")


def losses(result: Result, told: explained.Explained, words: Words) -> Display:
    """What cost a unit most, each with its clause, the category's median and the sentence that tells how it came about."""
    most, pointed = lost(result, told.unit).head(MOST), facts.in_points(result)
    if most.empty:
        return Display()
    rows: list[TableRow] = []
    for code, row in most.iterrows():
        node = result.category.node(str(code))
        clauses = words.joined(map(words.clause, node.clause))
        lead = [words.label("lead", unit=words.leads(node))] if node.lead else []
        sources = words.label("semicolon").join([clauses or words.say("explain.silent"), *lead])
        rows.append([words.coded(node), pointed(row["lost"]),
                     pointed(row["points"]) + (f" / {pointed(row['full'])}" if row["full"] == row["full"] else ""),
                     pointed(row["median"]), Noted(told.uncited(node), sources)])
    heads = words.columns("item", "#lost", "#points_of", "#median_lost", "~how", labels="cards")
    return table("losses", words.counted("cards.losses", len(rows)), heads, rows)


# ── in words ────────────────────────────────────────────────────────────────────────────────────────────────────────


def sentences(result: Result, placed: Any, words: Words) -> list[str]:
    """Where the unit stands furthest above and below the median, and how much of what it lost the largest losses make up."""
    pointed = facts.in_points(result)
    lowest = [node for node in facts.branches(result.category) if not node.adjusts]
    beside = beside_median(result, placed.unit)
    gaps = beside.loc[[node.code for node in lowest if node.code in beside.index], "gap"].round(9)
    lines = []
    for key, best in (("above", gaps.idxmax() if len(gaps) else ""), ("below", gaps.idxmin() if len(gaps) else "")):
        if best and (gaps[best] > 0 if key == "above" else gaps[best] < 0):
            node = result.category.node(str(best))
            lines.append(words.say(f"cards.{key}", branch=words.name(node), gap=pointed(float(gaps[best]), signed=True)))
    every = lost(result, placed.unit)
    whole, most = float(every["lost"].sum()), float(every["lost"].head(MOST).sum())
    if len(every) > MOST:
        lines.append(words.say("cards.lost_most", whole=pointed(whole), most=pointed(most), count=MOST,
                               share=f"{most / whole:.0%}"))
    elif not len(every):
        lines.append(words.say("cards.lost_nothing"))
    return lines


def notes(result: Result, data: Data, unit: str, words: Words) -> list[str]:
    """What to know beside the points: ties, vetoes, events, what does not apply, what is assumed."""
    own = data.replaced(decisions=data.decisions[data.decisions["unit"] == unit])
    lines = vetoes(result, own, words)
    (placed,) = result.ranking[result.ranking["unit"] == unit].itertuples()
    equal = result.ranking[(result.ranking["score"] == placed.score) & (result.ranking["unit"] != unit)]
    lines += [words.say("cards.equal", units=words.joined(map(words.row, equal.itertuples())))] if len(equal) else []
    for node in result.category.adjustments:
        if node.code in result.records and (result.records[node.code]["unit"] == unit).any():
            lines.append(explain(result, unit=unit, indicator=node.code, lang=words.lang))
    held = facts.points(result, [*result.category.lines, *result.category.caps]).loc[unit]
    lines += [explain(result, unit=unit, indicator=str(code), lang=words.lang) for code in held.index[held != 0]]
    mine = result.scores[(result.scores["unit"] == unit) & (result.scores["status"] == "not_applicable")]
    absent = [result.category.node(code) for code in mine["indicator"]]
    if absent:
        names = words.joined(map(words.coded, absent))
        lines.append(words.counted("cards.absent", len(absent), names=names))
    return lines + _assumed(result, unit, words)


def _assumed(result: Result, unit: str, words: Words) -> list[str]:
    """How many assumptions the category's points rest on, and which of them stand behind the largest losses."""
    used = assumed_by(result.book, ranking_rules(result.book, result.category.code))
    if not used:
        return []
    behind = {name for code in lost(result, unit).head(MOST).index for name in result.category.node(str(code)).assumed}
    terms = words.joined(words.text(result.book.assumptions[name].term) for name in used if name in behind)
    return [words.counted("cards.assumed", len(used)) + (words.say("cards.assumed_behind", names=terms) if terms else "")]
