"""What a report says in words and tables on a category and on its year."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from txlib.base.labels import say
from txlib.base.numbers import exact, floats
from txlib.base.printing import MISSING, number, plainly
from txlib.base.text import harmless
from txlib.methods import BesideTheTree
from txlib.report import basis
from txlib.report.kit.shown import (
    STYLE,
    Bar,
    Display,
    TableColumn,
    TableRow,
    UnitName,
    columns,
    escaped,
    joined,
    label,
    named,
    note_of,
    nothing,
    sentences,
    table,
)
from txlib.rules.book import Node
from txlib.scoring import places

if TYPE_CHECKING:
    import pandas as pd

    from txlib.intake.data import Data
    from txlib.report.basis import Cites
    from txlib.rules.book import Category, RuleBook
    from txlib.rules.tree import Assumption
    from txlib.scoring.result import Result

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def decimals(result: Result) -> int:
    """With how many decimals totals are printed: as ruled, four where they are not rounded."""
    return ruled if isinstance(ruled := result.book.rounding.total, int) else 4


def upper(category: Category) -> list[Node]:
    """The nodes of levels 1 and 2."""
    return [node for root in category.roots for node in root.walk() if node.level <= 2]


def branches(category: Category) -> list[Node]:
    """The nodes whose points add up to the total: level 2, level 1 without children, the adjustments beside the tree."""
    return [*(node for node in upper(category) if node.level == 2 or not node.children), *category.adjustments]


def points(result: Result, nodes: Sequence[Node]) -> pd.DataFrame:
    """Points, units (as ranked) × the given nodes."""
    wanted = result.scores.pivot(index="unit", columns="indicator", values="points")
    return wanted.loc[list(result.ranking.unit), [node.code for node in nodes]]


def attained(result: Result, nodes: Sequence[Node]) -> pd.DataFrame:
    """The share of its full points that each unit attains, units (as ranked) × nodes; NaN where a node has no weight for it."""
    rows = result.scores[result.scores["full"] > 0]
    shares = rows.assign(share=rows["points"] / rows["full"]).pivot(index="unit", columns="indicator", values="share")
    return shares.reindex(index=list(result.ranking.unit), columns=[node.code for node in nodes])


def distances(result: Result) -> list[float]:
    """How far each unit's score lies below the one above it, in order of rank; one less than there are units."""
    return [round(float(a - b), decimals(result)) for a, b in pairwise(floats(result.ranking.score))]


def closest(result: Result) -> list[bool]:
    """For each distance, whether it is the smallest between two places; it is 0 where a criterion parts equal scores."""
    gaps, apart = distances(result), [above != below for above, below in pairwise(result.ranking["rank"])]
    least = min((gap for gap, two in zip(gaps, apart, strict=True) if two), default=-1.0)
    return [two and gap == least for gap, two in zip(gaps, apart, strict=True)]


def unbarred(result: Result) -> list[str]:
    """The code of the tier that each unit would be in by its place alone, without any veto."""
    table = result.ranking
    return list(places.tiers(exact(table.score), result.book.tiers, exact(-table["rank"]))["tier_code"])


def at_the_cut(result: Result) -> list[bool]:
    """For each distance, whether a tier ends there; a veto moves a unit into another tier but does not move the cut."""
    return [above != below for above, below in pairwise(unbarred(result))]


def _absent(result: Result) -> int:
    return int((result.scores.status == "not_applicable").sum())


def period(year: str, handed: str, lang: str) -> str:
    """The period of a year's figures in words: the year, or the month where the period is one."""
    month = MONTH.fullmatch(handed)
    return say(f"tables.month_{month[2]}", lang, year=month[1]) if month else handed


def _keys(results: Sequence[Result], *, whole_year: bool) -> dict[str, object]:
    units = sum(len(result.ranking) for result in results)
    if whole_year:
        return {"categories": len(results), "units": units, "absent": sum(map(_absent, results)),
                "all_leaves": sum(len(result.category.leaves) for result in results)}
    (result,) = results
    scores, shown = floats(result.ranking.score), decimals(result)
    return {"units": units, "mean": number(float(scores.mean()), shown),
            "spread": number(float(scores.max() - scores.min()), shown), "leaves": len(result.category.leaves)}


def cover(book: RuleBook, results: Result | Mapping[str, Result], lang: str = "zh") -> Display:
    """The head of a report on one category (its result) or on the whole year (results by category)."""
    whole_year = isinstance(results, Mapping)
    held = list(results.values()) if isinstance(results, Mapping) else [results]
    category = label("all_categories", lang) if whole_year else held[0].category.name[lang]
    keys = {label(f"key_{key}", lang): value for key, value in _keys(held, whole_year=whole_year).items()}
    return head(book, category, keys, lang)


def head(book: RuleBook, category: str, keys: Mapping[str, object], lang: str) -> Display:
    """The head of a report: office, title, period, category, status, key figures; that the data is a sample, where it is."""
    title = label("title", lang, title=book.title[lang], category=category)
    when = period(book.year, book.period, lang)
    facts = [(label("meta_year" if when == book.year else "meta_period", lang), when), (label("meta_category", lang), category),
             (label("meta_status", lang), book.status[lang]), (label("meta_as_of", lang), book.as_of)]
    sample = label("sample", lang) if book.sample else ""
    spans = "".join(f"<span>{label} <b>{escaped(value)}</b></span> " for label, value in facts)
    terms = "".join(f"<div><dt>{label}</dt><dd>{escaped(value)}</dd></div>" for label, value in keys.items())
    html = (f'{STYLE}<header class="tx-cover"><p class="tx-office">{escaped(book.office[lang])}</p>\n'
            f'<h1>{escaped(title)}</h1>\n<p class="tx-meta">{spans}</p>\n<dl class="tx-keys">{terms}</dl>\n'
            + (f'<p class="tx-sample" role="note">{escaped(sample)}</p>' if sample else "") + "</header>")
    lines = [book.office[lang], title, *(f"{label} {value}" for label, value in [*facts, *keys.items()]),
             *([sample] if sample else [])]
    return Display(html, "\n".join(map(harmless, lines)))


def _names(rows: pd.DataFrame, lang: str) -> str:
    return joined((named(row, lang) for row in rows.itertuples()), lang)


def firsts(result: Result, lang: str) -> str:
    """The names of the units at the first place."""
    return _names(result.ranking[result.ranking["rank"] == result.ranking["rank"].min()], lang)


def vetoed(result: Result, data: Data) -> pd.DataFrame:
    """The decisions on vetoes that concern a category's ranked units."""
    decisions = data.decisions
    return decisions[(decisions["kind"] == "veto") & decisions["unit"].isin(result.ranking["unit"])]


def decided(result: Result, data: Data, lang: str) -> list[str]:
    """Sentences on vetoes and exclusions, with their documents."""
    units = {row.unit: named(row, lang) for row in data.units_of(result.category.code).itertuples()}
    return [label(f"decided_{row.kind}", lang, unit=units[row.unit], document=row.document, since=row.since or MISSING,
                  note=half(row.note, lang), tiers=barring(result, lang))
            for row in data.decisions.itertuples() if row.unit in units]


def barring(result: Result, lang: str) -> str:
    """The tiers that a unit under a veto cannot be in."""
    tiers = result.book.tiers
    bars = tiers.vetoes.bars if tiers and tiers.vetoes else ()
    return joined((level.name[lang] for level in tiers.levels if level.code in bars), lang) if tiers and bars else MISSING


def half(note: str, lang: str) -> str:
    """Of a note `中文 | English`, the half in this language."""
    return note.split(" | ")[-1 if lang == "en" else 0] or MISSING


def out_of(nodes: Sequence[Node], lang: str) -> list[TableColumn]:
    """A column of points for each node, headed by its name and full points."""
    most = [at_most(node) for node in nodes]
    return [TableColumn(node.name[lang] if full == MISSING else label("out_of", lang, name=node.name[lang], full=full), "number")
            for node, full in zip(nodes, most, strict=True)]


def ranking(result: Result, lang: str = "zh", data: Data | None = None) -> Display:
    """Place, unit, score, tier, the points of level 1 and of adjustments; from `data`, who is not ranked and why."""
    nodes, adjusted = result.category.roots, result.category.adjustments
    parts, beside = points(result, nodes), points(result, adjusted).sum(axis=1)
    full = float(sum(root.full for root in nodes))
    tier = ["tier"] if result.book.tiers else []
    heads = [*columns(lang, "#place", "unit", "#score", *tier), *out_of(nodes, lang),
             *(columns(lang, "#adjusted") if adjusted else [])]
    rows: list[TableRow] = [[f"{row.rank:g}", UnitName(named(row, lang), str(row.unit)),
                             Bar(number(row.score, decimals(result)), row.score / full),
                             *(named(row, lang, each) or MISSING for each in tier), *map(number, parts.loc[row.unit]),
                             *([number(beside[row.unit], signed=True)] if adjusted else [])]
                            for row in result.ranking.itertuples()]
    if data is not None:
        everyone = data.units_of(result.category.code)
        rows += [[MISSING, named(row, lang), *[MISSING] * (len(heads) - 2)] for row in everyone.itertuples()
                 if row.unit not in set(result.ranking.unit)]
    note = sentences([ranking_note(result, lang), *(decided(result, data, lang) if data is not None else [])], lang)
    return table("ranking", label("ranking", lang, category=result.category.name[lang]), heads, rows, note)


def ranking_note(result: Result, lang: str) -> str:
    """A sentence on what units are ranked by and how their points are printed."""
    rule = result.book.rounding
    if not isinstance(rule.total, int):
        return label("ranking_note", lang)
    return label("ranking_note_rounded", lang, half=say(f"explain.half_{rule.half}", lang), decimals=rule.total)


def parts(result: Result, lang: str = "zh") -> Display:
    """Each unit's points at level 2; nothing where the tree has no such level."""
    nodes = [node for node in upper(result.category) if node.level == 2]
    if not nodes:
        return Display("", "")
    held = points(result, nodes)
    rows = [[f"{row.rank:g}", named(row, lang), *map(number, held.loc[row.unit])] for row in result.ranking.itertuples()]
    heads = [*columns(lang, "#place", "unit"), *out_of(nodes, lang)]
    return table("parts", label("parts", lang, category=result.category.name[lang]), heads, rows)


def tiers(result: Result, lang: str = "zh") -> Display:
    """The tier that the rules give each unit, with the reason: a proposal until it is determined."""
    if not result.book.tiers:
        return nothing(label("no_tiers", lang))
    rows = [[f"{row.rank:g}", named(row, lang), number(row.score, decimals(result)), named(row, lang, "tier"),
             str(getattr(row, f"tier_reason_{lang}"))] for row in result.ranking.itertuples()]
    caption = label("tiers", lang, category=result.category.name[lang])
    heads = columns(lang, "#place", "unit", "#score", "tier", "~reason")
    cited = result.book.tiers.clause
    clause = label("in_brackets", lang, text=joined(cited, lang)) if cited else ""
    return table("tiers", caption, heads, rows, label("tiers_note", lang, clause=clause))


def tolerance(result: Result) -> float:
    """How far a computed score may lie from the published one."""
    return float(ruled.tolerance) if (ruled := result.book.rules.comparison) else 0.0


def verdict_on(result: Result, differences: pd.DataFrame, published: pd.DataFrame, lang: str = "zh") -> str:
    """Whether a published ranking is reproduced, in a sentence."""
    limit = tolerance(result)
    beyond = sum(row.column != "score" or abs(row.difference) > limit for row in differences.itertuples())
    values = {"units": len(published), "tolerance": plainly(limit)}
    return label("differs" if beyond else "reproduced", lang, beyond=beyond, **values)


def comparison(result: Result, differences: pd.DataFrame, published: pd.DataFrame, lang: str = "zh") -> Display:
    """Every difference from a published ranking, those beyond the tolerance marked; of a note `中文 | English`, one half."""
    if published.empty:
        return nothing(label("nothing_published", lang))
    limit = tolerance(result)
    beyond = [row.column != "score" or abs(row.difference) > limit for row in differences.itertuples()]
    verdict = verdict_on(result, differences, published, lang)
    if differences.empty:
        return note_of(verdict)
    units = {row.unit: named(row, lang) for row in result.ranking.itertuples()}
    rows = []
    for row, far in zip(differences.itertuples(), beyond, strict=True):
        shown = 0 if row.column == "rank" else decimals(result)
        rows.append([units.get(row.unit, str(row.name)), label(row.column, lang), number(row.published, shown),
                     number(row.computed, shown), number(row.difference, shown, signed=True),
                     label("beyond" if far else "within", lang), half(row.note, lang)])
    heads = columns(lang, "unit", "what", "#published", "#computed", "#difference", "tolerance", "~note")
    return table("comparison", label("comparison", lang, units=len(published), tolerance=plainly(limit)), heads, rows, verdict)


def overview(book: RuleBook, results: Mapping[str, Result], lang: str = "zh", data: Data | None = None) -> Display:
    """The categories side by side by counts and first places; scores of different categories are never compared."""
    levels = book.tiers.levels if book.tiers else ()
    heads = [*columns(lang, "category", "first_place", "#n_units"),
             *(TableColumn(level.name[lang], "number") for level in levels),
             *columns(lang, "#n_vetoes", "#n_tied", "#n_leaves", "#n_leads", "#n_absent")]
    rows, notes = [], []
    for each in results.values():
        leaves, tiers = each.category.leaves, list(each.ranking.tier_code)
        barred = vetoed(each, data) if data is not None else each.ranking[:0]
        tied, leads = each.ranking["score"].duplicated(keep=False).sum(), {leaf.lead for leaf in leaves if leaf.lead}
        counts = (len(each.ranking), *(tiers.count(level.code) for level in levels), len(barred), tied, len(leaves), len(leads),
                  _absent(each))
        rows.append([each.category.name[lang], firsts(each, lang), *map(str, counts)])
        notes += decided(each, data, lang) if data is not None else []
    note = [label("overview_note", lang), *([label("overview_tiers", lang)] if levels else []), *notes]
    return table("overview", label("overview", lang, title=book.title[lang]), heads, rows, sentences(note, lang))


def weights(book: RuleBook, lang: str = "zh") -> Display:
    """Full points of levels 1 and 2 in every category, with the clauses of each; adjustments by their limits."""
    nodes = [(category, node) for category in book.categories.values() for node in (*upper(category), *category.adjustments)]
    rows = [[category.name[lang], MISSING if isinstance(node.rule, BesideTheTree) else str(node.level),
             f"{node.code} {node.name[lang]}", at_most(node), joined(node.clause, lang) or MISSING] for category, node in nodes]
    heads = columns(lang, "category", "#level", "indicator", "#full", "clause")
    return table("weights", label("weights", lang), heads, rows, label("weights_note", lang))


def at_most(node: Node) -> str:
    """A node's full points; of an adjustment, its limit with its sign, — where it has none."""
    if isinstance(node.rule, BesideTheTree):
        if not node.cap:
            return MISSING
        return ("+" if node.rule.kind == "bonus" else "−") + plainly(float(node.cap))
    return plainly(float(node.full))


def _used_in(book: RuleBook, category: str | None, name: str, lang: str) -> str:
    """The indicators that rest on a clause or an assumption, by their codes; beyond one category a code is ambiguous, so
    they are counted."""
    heads = {code: head for code, head in book.categories.items() if category in (None, code)}
    citing = {code: list(dict.fromkeys(node.code for node in head.nodes if name in node.clause + node.assumed))
              for code, head in heads.items()}
    there = {code: codes for code, codes in citing.items() if codes or name in heads[code].clause + heads[code].assumed}
    if not there:
        return label("whole_year", lang)
    if category is None and len(there) > 1:
        return label("in_categories", lang, categories=len(there), count=sum(map(len, there.values())))
    ((code, codes),) = there.items()
    listed = joined(codes, lang)
    if len(codes) > 4:
        listed = label("and_more", lang, codes=joined(codes[:3], lang), count=len(codes))
    home = heads[code].name[lang]
    if category is not None:
        return listed or home
    return label("in_category", lang, category=home, codes=listed) if codes else home


def assumptions(book: RuleBook, category: str | None = None, lang: str = "zh", rules: Iterable[Cites] | None = None,
                beside: Iterable[Assumption] = ()) -> Display:
    """What is assumed where the plan is silent, and why: for a category or for the whole year, or behind certain `rules`, and
    `beside` them.
    """
    used = basis.assumptions(book, basis.ranking_rules(book, category) if rules is None else rules)
    rows = [[each.term[lang], each.assumes[lang], each.reason[lang], _used_in(book, category, name, lang)]
            for name, each in ((name, book.assumptions[name]) for name in used)]
    rows += [[each.term[lang], each.assumes[lang], each.reason[lang], label("whole_year", lang)] for each in beside]
    caption = label("assumptions", lang, count=len(rows))
    return table("assumptions", caption, columns(lang, "subject", "~assumes", "~why", "where"), rows)


def clauses(book: RuleBook, category: str | None = None, lang: str = "zh", rules: Iterable[Cites] | None = None) -> Display:
    """The clauses that the rules cite: number, Chinese term, what it says in our words."""
    used = basis.clauses(book, basis.ranking_rules(book, category) if rules is None else rules)
    rows = [[name, each.term.zh if lang == "zh" else f"{each.term.zh} ({each.term[lang]})", each.says[lang],
             _used_in(book, category, name, lang)] for name, each in ((name, book.clauses[name]) for name in used)]
    return table("clauses", label("clauses", lang, count=len(rows)), columns(lang, "clause", "term", "~says", "where"), rows)


def sources(book: RuleBook, data: Data, category: str | None = None, lang: str = "zh") -> Display:
    """The files that the numbers come from, and the command that makes them again: without other categories' own, unless
    marks given there may cost this one's units points.
    """
    others = set(book.categories) - {category} if category and not book.categories[category].penalised else set()
    rows = [[each.path, each.sha256[:16]] for each in sorted((*book.sources, *data.sources), key=lambda each: each.path)
            if not others & set(each.path.removesuffix(".yaml").split("/"))]
    again = label("again", lang, year=book.year)
    return table("sources", label("sources", lang, count=len(rows)), columns(lang, "file", "sha256"), rows, again)
