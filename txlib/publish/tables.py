"""What a report says in words and tables on a category and on its year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from txlib import ranking as ranks
from txlib.exact import exact, floats
from txlib.labels import say
from txlib.publish.shown import (
    MISSING,
    STYLE,
    Bar,
    Column,
    Row,
    Shown,
    Sum,
    clean,
    columns,
    named,
    number,
    plainly,
    table,
)
from txlib.publish.shown import escaped as _html
from txlib.publish.shown import joined as _joined
from txlib.publish.shown import note_of as _note
from txlib.publish.shown import told as _say
from txlib.rulebook import Node
from txlib.scorings import PerEvent
from txlib.sentences import explain
from txlib.worded import quantity

if TYPE_CHECKING:
    import pandas as pd

    from txlib.data import Data
    from txlib.rulebook import Category, RuleBook
    from txlib.scoring import Result

ACROSS = 16  # as many units stand side by side on a page; more of them stand below each other


def decimals(result: Result) -> int:
    """With how many decimals totals are printed: as ruled, four where they are not rounded."""
    return ruled if isinstance(ruled := result.book.rounding.total, int) else 4


def upper(category: Category) -> list[Node]:
    """The nodes of levels 1 and 2."""
    return [node for root in category.roots for node in root.walk() if node.level <= 2]


def branches(category: Category) -> list[Node]:
    """What shares out a total without overlap: level 2, level 1 without children, the adjustments beside the tree."""
    return [*(node for node in upper(category) if node.level == 2 or not node.children), *category.adjustments]


def points(result: Result, nodes: Sequence[Node]) -> pd.DataFrame:
    """Points, units (as ranked) × the given nodes."""
    wanted = result.scores.pivot(index="unit", columns="indicator", values="points")
    return wanted.loc[list(result.ranking.unit), [node.code for node in nodes]]


def distances(result: Result) -> list[float]:
    """How far each unit's score lies below the one above it, in order of rank; one less than there are units."""
    return [round(float(a - b), decimals(result)) for a, b in pairwise(floats(result.ranking.score))]


def closest(result: Result) -> list[bool]:
    """For each distance, whether it is the smallest that is no tie."""
    gaps = distances(result)
    least = min((gap for gap in gaps if gap > 0), default=0)
    return [0 < gap == least for gap in gaps]


def at_the_cut(result: Result) -> list[bool]:
    """For each distance, whether a tier ends there; a veto moves a unit, and no cut."""
    table = result.ranking
    tier = ranks.tiers(exact(table.score), result.book.tiers, exact(-table["rank"]))["tier_code"]
    return [above != below for above, below in pairwise(tier)]


def _absent(result: Result) -> int:
    return int((result.scores.status == "not_applicable").sum())


def _keys(results: Sequence[Result], *, whole_year: bool) -> dict[str, object]:
    units = sum(len(result.ranking) for result in results)
    if whole_year:
        return {"categories": len(results), "units": units, "absent": sum(map(_absent, results)),
                "all_leaves": sum(len(result.category.leaves) for result in results)}
    (result,) = results
    scores, shown = floats(result.ranking.score), decimals(result)
    return {"units": units, "mean": number(float(scores.mean()), shown),
            "spread": number(float(scores.max() - scores.min()), shown), "leaves": len(result.category.leaves)}


def cover(book: RuleBook, results: Result | Mapping[str, Result], lang: str = "zh") -> Shown:
    """The head of a report on one category (its result) or on the whole year (results by category)."""
    whole_year = isinstance(results, Mapping)
    held = list(results.values()) if isinstance(results, Mapping) else [results]
    category = _say("all_categories", lang) if whole_year else held[0].category.name[lang]
    title = _say("title", lang, title=book.title[lang], category=category)
    facts = [(_say("meta_year", lang), book.year), (_say("meta_category", lang), category),
             (_say("meta_status", lang), book.status[lang]), (_say("meta_as_of", lang), book.as_of)]
    keys = [(_say(f"key_{key}", lang), value) for key, value in _keys(held, whole_year=whole_year).items()]
    sample = _say("sample", lang) if book.sample else ""
    spans = "".join(f"<span>{label} <b>{_html(value)}</b></span> " for label, value in facts)
    terms = "".join(f"<div><dt>{label}</dt><dd>{_html(value)}</dd></div>" for label, value in keys)
    html = (f'{STYLE}<header class="tx-cover"><p class="tx-office">{_html(book.office[lang])}</p>\n'
            f'<h1>{_html(title)}</h1>\n<p class="tx-meta">{spans}</p>\n<dl class="tx-keys">{terms}</dl>\n'
            + (f'<p class="tx-sample" role="note">{_html(sample)}</p>' if sample else "") + "</header>")
    said = [book.office[lang], title, *(f"{label} {value}" for label, value in facts + keys), *filter(None, [sample])]
    return Shown(html, "\n".join(map(clean, said)))


def _tier_counts(result: Result, lang: str) -> str:
    codes, levels = list(result.ranking.tier_code), result.book.tiers.levels if result.book.tiers else ()
    said = [_say("tier_count", lang, tier=each.name[lang], count=codes.count(each.code)) for each in levels]
    return _joined(said, lang) or MISSING


def _names(rows: pd.DataFrame, lang: str) -> str:
    return _joined((named(row, lang) for row in rows.itertuples()), lang)


def _firsts(result: Result, lang: str) -> str:
    return _names(result.ranking[result.ranking["rank"] == result.ranking["rank"].min()], lang)


def _pairs(result: Result, chosen: Sequence[bool], lang: str) -> list[str]:
    """Neighbours by name, with their places and what lies between them."""
    return [_say("pair", lang, gap=number(gap, decimals(result)), upper=named(above, lang), lower=named(below, lang),
                 upper_rank=f"{above.rank:g}", lower_rank=f"{below.rank:g}")
            for gap, told, (above, below) in zip(distances(result), chosen, pairwise(result.ranking.itertuples()), strict=True)
            if told]


def _order(result: Result, lang: str) -> list[str]:
    """Sentences on the first, the spread, shared places, the closest neighbours and those at the cut of a tier."""
    rows, shown, gaps = list(result.ranking.itertuples()), decimals(result), distances(result)
    said = [_say("found_first", lang, units=_firsts(result, lang), score=number(rows[0].score, shown))]
    if gaps:
        said.append(_say("found_spread", lang, spread=number(sum(gaps), shown), mean=number(sum(gaps) / len(gaps), shown)))
    said += [_say("found_tie", lang, units=_names(group, lang), rank=f"{rank:g}")
             for rank, group in result.ranking.groupby("rank") if len(group) > 1]
    for key, chosen in (("found_closest", closest(result)), ("found_cut", at_the_cut(result))):
        pairs = _pairs(result, chosen, lang)
        said += [_say(key, lang, pairs=_say("semicolon", lang).join(pairs))] if pairs else []
    return said


def findings(result: Result, lang: str = "zh") -> Shown:
    """What the ranking says, in computed sentences."""
    said = [_say("found_units", lang, units=len(result.ranking), leaves=len(result.category.leaves)), *_order(result, lang)]
    said += [_say("found_absent", lang, cells=absent)] if (absent := _absent(result)) else []
    said += [_say("found_tiers", lang, counts=_tier_counts(result, lang))] if result.book.tiers else []
    html = "".join(f"<li>{_html(each)}</li>\n" for each in said)
    return Shown(f'<ul class="tx-findings">\n{html}</ul>', "\n".join(f"- {clean(each)}" for each in said))


def _decided(result: Result, data: Data, lang: str) -> list[str]:
    """Sentences on vetoes and exclusions, with their documents."""
    units = {row.unit: named(row, lang) for row in data.units_of(result.category.code).itertuples()}
    tiers = result.book.tiers
    bars = tiers.vetoes.bars if tiers and tiers.vetoes else ()
    barred = _joined((level.name[lang] for level in tiers.levels if level.code in bars), lang) if tiers and bars else MISSING
    return [_say(f"decided_{row.kind}", lang, unit=units[row.unit], document=row.document, since=row.since or MISSING,
                 note=_half(row.note, lang), tiers=barred) for row in data.decisions.itertuples() if row.unit in units]


def _half(note: str, lang: str) -> str:
    """Of a note `中文 | English`, the half in this language."""
    return note.split(" | ")[-1 if lang == "en" else 0] or MISSING


def ranking(result: Result, lang: str = "zh", data: Data | None = None) -> Shown:
    """Place, unit, score, tier, the points of levels 1 and 2 and of adjustments; from `data`, who is not ranked and why."""
    nodes, adjusted = upper(result.category), result.category.adjustments
    parts, beside = points(result, nodes), points(result, adjusted).sum(axis=1)
    full = float(sum(root.full for root in result.category.roots))
    out_of = [Column(_say("out_of", lang, name=node.name[lang], full=plainly(float(node.full))), "number") for node in nodes]
    tier = ["tier"] if result.book.tiers else []
    heads = [*columns(lang, "#place", "unit", "#score", *tier), *out_of, *columns(lang, *["#adjusted"] * bool(adjusted))]
    rows: list[Row] = [[f"{row.rank:g}", named(row, lang), Bar(number(row.score, decimals(result)), row.score / full),
                        *(named(row, lang, each) or MISSING for each in tier), *map(number, parts.loc[row.unit]),
                        *[number(beside[row.unit], signed=True)] * bool(adjusted)] for row in result.ranking.itertuples()]
    if data is not None:
        everyone = data.units_of(result.category.code)
        rows += [[MISSING, named(row, lang), *[MISSING] * (len(heads) - 2)] for row in everyone.itertuples()
                 if row.unit not in set(result.ranking.unit)]
    note = " ".join([_say("ranking_note", lang), *(_decided(result, data, lang) if data is not None else [])])
    return table("ranking", _say("ranking", lang, category=result.category.name[lang]), heads, rows, note)


def _explained(result: Result, row: Any, node: Node, unit: str, lang: str) -> Row:
    """A node in a row: the sentence loses its head, since the row says already whose and which it is."""
    told = _say("not_applicable", lang) if row.status == "not_applicable" else quantity(row.observed, node, lang)
    head = say("explain.node", lang, unit=unit, code=node.code, name=node.name[lang], how="\0", points="", full="", sources="")
    sentence = explain(result, unit=row.unit, indicator=node.code, lang=lang).removeprefix(head.partition("\0")[0])
    full = MISSING if isinstance(node.rule, PerEvent) else number(row.full)
    cells = [f"{node.code} {node.name[lang]}", told, number(row.points), full, sentence]
    return Sum(cells) if node.children else cells


def explanations(result: Result, unit: str, lang: str = "zh") -> Shown:
    """How a unit came by its points, each in a sentence: leaves, the branches they add up to, and the total.

    ValueError where the unit is not ranked here.
    """
    if unit not in set(result.ranking.unit):
        raise ValueError(_say("unit_unknown", lang, unit=unit, units=_joined(result.ranking.unit, lang)))
    (placed,) = result.ranking[result.ranking.unit == unit].itertuples()
    name, nodes, score = named(placed, lang), {node.code: node for node in result.category.nodes}, decimals(result)
    own = result.scores[result.scores.unit == unit]
    rows = [_explained(result, row, nodes[row.indicator], name, lang) for row in own.itertuples()]
    full = number(float(sum(root.full for root in result.category.roots)))
    rows.append(Sum([_say("total", lang), "", number(placed.score, score), full, explain(result, unit=unit, lang=lang)]))
    caption = _say("explained", lang, unit=name, rank=f"{placed.rank:g}", score=number(placed.score, score))
    return table(f"explained-{unit}", caption, columns(lang, "indicator", "observed", "#points", "#full", "how"), rows)


def everyone(result: Result, lang: str = "zh") -> Shown:
    """Every unit's points at every node: units side by side, or below each other where there are many."""
    nodes, units = result.category.nodes, list(result.ranking.itertuples())
    rows = {(row.unit, row.indicator): row for row in result.scores.itertuples()}

    def cell(unit: str, node: Node) -> str:
        row, beside = rows[unit, node.code], isinstance(node.rule, PerEvent)
        moved = not beside and row.full != row.weight
        return MISSING if moved and not row.full else number(row.points) + (f"/{number(row.full)}" if moved else "")

    names = [f"{unit.rank:g} {named(unit, lang)}" for unit in units]
    labels = [f"{node.code} {node.name[lang]}" for node in nodes]
    full = [MISSING if isinstance(node.rule, PerEvent) else plainly(float(node.full)) for node in nodes]
    scores = [number(unit.score, decimals(result)) for unit in units]
    lines: list[Row]
    if len(units) <= ACROSS:
        heads = [*columns(lang, "indicator", "#full"), *(Column(name, "number") for name in names)]
        lines = [(Sum if node.children else tuple)([label, most, *(cell(unit.unit, node) for unit in units)])
                 for node, label, most in zip(nodes, labels, full, strict=True)]
        lines.append(Sum([_say("total", lang), MISSING, *scores]))
    else:
        heads = [*columns(lang, "unit", "#score"), *(Column(label, "number") for label in labels)]
        lines = [[name, score, *(cell(unit.unit, node) for node in nodes)]
                 for unit, name, score in zip(units, names, scores, strict=True)]
    caption = _say("everyone", lang, category=result.category.name[lang])
    return table("everyone", caption, heads, lines, _say("everyone_note", lang))


def tiers(result: Result, lang: str = "zh") -> Shown:
    """The tier that the rules give each unit, with the reason: a proposal until it is determined."""
    if not result.book.tiers:
        return _note(_say("no_tiers", lang))
    rows = [[f"{row.rank:g}", named(row, lang), number(row.score, decimals(result)), named(row, lang, "tier"),
             str(getattr(row, f"tier_reason_{lang}"))] for row in result.ranking.itertuples()]
    caption = _say("tiers", lang, category=result.category.name[lang])
    heads = columns(lang, "#place", "unit", "#score", "tier", "reason")
    cited = result.book.tiers.clause
    clause = _say("in_brackets", lang, text=_joined(cited, lang)) if cited else ""
    return table("tiers", caption, heads, rows, _say("tiers_note", lang, clause=clause))


def comparison(result: Result, differences: pd.DataFrame, published: pd.DataFrame, lang: str = "zh") -> Shown:
    """Every difference from a published ranking, those beyond the tolerance marked; of a note `中文 | English`, one half."""
    if published.empty:
        return _note(_say("nothing_published", lang))
    limit = float(result.book.comparison.tolerance) if result.book.comparison else 0.0
    beyond = [row.column != "score" or abs(row.difference) > limit for row in differences.itertuples()]
    said = {"units": len(published), "tolerance": plainly(limit), "beyond": sum(beyond)}
    verdict = _say("differs" if any(beyond) else "reproduced", lang, **said)
    if differences.empty:
        return _note(verdict)
    units = {row.unit: named(row, lang) for row in result.ranking.itertuples()}
    rows = []
    for row, far in zip(differences.itertuples(), beyond, strict=True):
        shown = 0 if row.column == "rank" else decimals(result)
        rows.append([units.get(row.unit, str(row.name)), _say(row.column, lang), number(row.published, shown),
                     number(row.computed, shown), number(row.difference, shown, signed=True),
                     _say("beyond" if far else "within", lang), _half(row.note, lang)])
    heads = columns(lang, "unit", "what", "#published", "#computed", "#difference", "tolerance", "note")
    return table("comparison", _say("comparison", lang, **said), heads, rows, verdict)


def overview(book: RuleBook, results: Mapping[str, Result], lang: str = "zh") -> Shown:
    """The categories in what can stand side by side; scores of different categories never do."""
    numbers = ("#n_units", "#n_leaves", "#n_levels", "#n_leads", "#n_absent", "#n_tied")
    tier = ["tier_counts"] if book.tiers else []
    heads, rows = columns(lang, "category", "first_place", *tier, *numbers), []
    for each in results.values():
        leaves = each.category.leaves
        leads, tied = {leaf.lead for leaf in leaves if leaf.lead}, each.ranking["rank"].duplicated(keep=False).sum()
        counts = (len(each.ranking), len(leaves), max(leaf.level for leaf in leaves), len(leads), _absent(each), tied)
        rows.append([each.category.name[lang], _firsts(each, lang), *[_tier_counts(each, lang)] * len(tier), *map(str, counts)])
    note = _say("overview_note", lang) + (_say("overview_tiers", lang) if book.tiers else "")
    return table("overview", _say("overview", lang, title=book.title[lang]), heads, rows, note)


def weights(book: RuleBook, lang: str = "zh") -> Shown:
    """Full points of levels 1 and 2 in every category, with the clauses of each; adjustments by their limits."""
    nodes = [(category, node) for category in book.categories.values() for node in (*upper(category), *category.adjustments)]
    rows = [[category.name[lang], MISSING if isinstance(node.rule, PerEvent) else str(node.level),
             f"{node.code} {node.name[lang]}", at_most(node), _joined(node.clause, lang) or MISSING] for category, node in nodes]
    heads = columns(lang, "category", "#level", "indicator", "#full", "clause")
    return table("weights", _say("weights", lang), heads, rows, _say("weights_note", lang))


def at_most(node: Node) -> str:
    """A node's full points; of an adjustment, its limit with its sign."""
    if isinstance(node.rule, PerEvent):
        return ("+" if node.rule.kind == "bonus" else "−") + plainly(float(node.cap))
    return plainly(float(node.full))


def _used_in(book: RuleBook, category: str | None, name: str, lang: str) -> str:
    """The indicators that rest on a clause or an assumption: the first few codes, then how many there are."""
    heads = [head for code, head in book.categories.items() if category in (None, code)]
    codes = list(dict.fromkeys(node.code for head in heads for node in head.nodes if name in node.clause + node.assumed))
    if len(codes) > 4:
        return _say("and_more", lang, codes=_joined(codes[:3], lang), count=len(codes))
    return _joined(codes, lang) or _say("whole_year", lang)


def assumptions(book: RuleBook, category: str | None = None, lang: str = "zh") -> Shown:
    """What is assumed where the plan is silent, and why: for a category, or for the whole year."""
    made = {name: book.assumptions[name] for name in book.assumptions_used(category)}
    rows = [[each.term[lang], each.assumes[lang], each.reason[lang], _used_in(book, category, name, lang)]
            for name, each in made.items()]
    caption = _say("assumptions", lang, count=len(rows))
    return table("assumptions", caption, columns(lang, "subject", "assumes", "why", "where"), rows)


def clauses(book: RuleBook, category: str | None = None, lang: str = "zh") -> Shown:
    """The clauses that the rules cite: number, Chinese term, what it says in our words."""
    cited = {name: book.clauses[name] for name in book.clauses_used(category)}
    rows = [[name, each.term.zh if lang == "zh" else f"{each.term.zh} ({each.term[lang]})", each.says[lang],
             _used_in(book, category, name, lang)] for name, each in cited.items()]
    return table("clauses", _say("clauses", lang, count=len(rows)), columns(lang, "clause", "term", "says", "where"), rows)


def sources(book: RuleBook, data: Data, category: str | None = None, lang: str = "zh") -> Shown:
    """The files that the numbers come from, without other categories' own, and the command that makes them again."""
    others = set(book.categories) - {category} if category else set()
    rows = [[each.path, each.sha256[:16]] for each in sorted((*book.sources, *data.sources), key=lambda each: each.path)
            if not others & set(each.path.removesuffix(".yaml").split("/"))]
    again = _say("again", lang, year=book.year)
    return table("sources", _say("sources", lang, count=len(rows)), columns(lang, "file", "sha256"), rows, again)
