"""What a report says in words and tables: HTML for a page, plain text for a terminal and for nbval.

Everything handed in is escaped. Captions carry no number: the report's template numbers them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from txlib.exact import floats, rounded_one
from txlib.labels import say
from txlib.sentences import explain

if TYPE_CHECKING:
    import pandas as pd

    from txlib.data import Data
    from txlib.rulebook import Category, Node, RuleBook
    from txlib.scoring import Result

    Row = Sequence["str | Bar"]

MISSING = "—"
NEAR = 0.25  # neighbours are near where less than this share of the mean distance between neighbours parts them

# JupyterLab knows nothing of the report's template: these few rules make the same HTML read well there, and only there.
_STYLE = "<style>" + "".join(".jp-RenderedHTMLCommon " + rule for rule in (
    ".tx-table{margin:0;overflow-x:auto}", ".tx-table figcaption{font-weight:600;margin:.4em 0}",
    ".tx-table th,.tx-table td{text-align:left;vertical-align:top}",
    ".tx-table .num,.tx-table [data-sort=number]{text-align:right;font-variant-numeric:tabular-nums}",
    ".bar{background:linear-gradient(to right,#56b4e94d calc(var(--share)*100%),transparent 0)}",
    ".tx-keys{display:flex;flex-wrap:wrap;gap:1em 2.5em}", ".tx-keys dd{margin:0;font-size:1.4em}",
    ".tx-meta span{margin-right:1.5em}", ".tx-sample{border-left:4px solid #d55e00;padding:.3em .8em}",
)) + "</style>"


@dataclass(frozen=True, repr=False)
class Shown:
    """Something to look at, as HTML and as plain text."""

    html: str
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text}


class Column(NamedTuple):
    """A column's heading and how it sorts."""

    label: str
    kind: Literal["text", "number"] = "text"


class Bar(NamedTuple):
    """A number with a bar behind it that fills `share` (0 to 1) of the cell."""

    text: str
    share: float


def columns(lang: str, *keys: str) -> list[Column]:
    """Columns by the keys of their headings in labels/tables.yaml; `#` before a key: a column of numbers."""
    return [Column(_say(key.lstrip("#"), lang), "number" if key[0] == "#" else "text") for key in keys]


def number(value: float, decimals: int = 2, *, signed: bool = False) -> str:
    """A number as printed, a half rounded up, with a true minus sign; — where there is none. `signed`: + too."""
    if value != value:
        return MISSING
    printed = float(rounded_one(Fraction(repr(float(value))), decimals))
    sign = "−" if printed < 0 else "+" if signed and printed > 0 else ""
    return sign + f"{abs(printed):.{decimals}f}"


def plainly(value: float) -> str:
    """A number with the digits that it has; — where there is none."""
    return MISSING if value != value else f"{value:.15g}".replace("-", "−")


def clean(text: object) -> str:
    """A text handed in, a sign put for what is not seen: controls, marks that turn the reading direction."""
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cf") else c for c in str(text))


def named(row: Any, lang: str, column: str = "name") -> str:
    """A unit's or a tier's name in this language, from a row of a frame; in Chinese where there is no other."""
    other = getattr(row, f"{column}_en", "") if lang == "en" else ""
    return str(other or getattr(row, column))


def wide(text: str) -> int:
    """How many columns a text takes: two for a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def plain(heads: Sequence[Column], rows: Sequence[Row], most: int = 48) -> str:
    """A table as plain text in aligned columns, save for texts wider than `most`."""
    cells = [[head.label for head in heads]]
    cells += [[clean(cell.text if isinstance(cell, Bar) else cell) for cell in row] for row in rows]
    widths = [min(max(wide(row[i]) for row in cells), most) for i in range(len(heads))]

    def padded(cell: str, head: Column, width: int) -> str:
        pad = " " * (width - wide(cell))
        return pad + cell if head.kind == "number" else cell + pad

    return "\n".join("  ".join(map(padded, row, heads, widths)).rstrip() for row in cells)


def table(name: str, caption: str, heads: Sequence[Column], rows: Sequence[Row], note: str = "") -> Shown:
    """A captioned table that a page can sort, and a note under it."""
    head = "".join(f'<th scope="col" data-sort="{each.kind}">{_html(each.label)}</th>' for each in heads)
    body = "".join(f"<tr>{''.join(map(_cell, row, heads))}</tr>\n" for row in rows)
    html = (f'<figure class="tx-table" id="{_html(name)}"><figcaption>{_html(caption)}</figcaption>\n'
            f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></figure>")
    text = f"{clean(caption)}\n{plain(heads, rows)}"
    return Shown(html + _note(note).html, f"{text}\n{clean(note)}") if note else Shown(html, text)


def _cell(cell: str | Bar, column: Column) -> str:
    if isinstance(cell, Bar):
        share = min(max(cell.share, 0.0), 1.0)
        return f'<td class="num bar" style="--share:{share:.4f}">{_html(cell.text)}</td>'
    return f'<td class="num">{_html(cell)}</td>' if column.kind == "number" else f"<td>{_html(cell)}</td>"


def _note(text: str) -> Shown:
    return Shown(f'<p class="tx-note">{_html(text)}</p>', clean(text))


def _html(text: object) -> str:
    return escape(clean(text))


def _say(key: str, lang: str, **values: Any) -> str:
    return say(f"tables.{key}", lang, **values)


def _joined(parts: Iterable[object], lang: str) -> str:
    return _say("comma", lang).join(str(part) for part in parts)


def decimals(result: Result) -> int:
    """With how many decimals totals are printed: as ruled, four where they are not rounded."""
    return ruled if isinstance(ruled := result.book.rounding.total, int) else 4


def upper(category: Category) -> list[Node]:
    """The nodes of levels 1 and 2."""
    return [node for node in category.nodes if node.level <= 2]


def branches(category: Category) -> list[Node]:
    """The nodes that share out a total without overlap: level 2, and those of level 1 without children."""
    return [node for node in upper(category) if node.level == 2 or not node.children]


def points(result: Result, nodes: Sequence[Node]) -> pd.DataFrame:
    """Points, units (as ranked) × the given nodes."""
    wanted = result.scores.pivot(index="unit", columns="indicator", values="points")
    return wanted.loc[list(result.ranking.unit), [node.code for node in nodes]]


def distances(result: Result) -> list[float]:
    """How far each unit's score lies below the one above it, in order of rank; one less than there are units."""
    return [round(float(a - b), decimals(result)) for a, b in pairwise(floats(result.ranking.score))]


def near(result: Result) -> list[bool]:
    """For each distance, whether it is nearly nothing: under a quarter of the mean distance, and no tie."""
    gaps = distances(result)
    return [0 < gap < NEAR * sum(gaps) / len(gaps) for gap in gaps]


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
    html = (f'{_STYLE}<header class="tx-cover"><p class="tx-office">{_html(book.office[lang])}</p>\n'
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


def _order(result: Result, lang: str) -> list[str]:
    """Sentences on the first, the spread, shared places and near neighbours."""
    rows, shown, gaps = list(result.ranking.itertuples()), decimals(result), distances(result)
    said = [_say("found_first", lang, units=_firsts(result, lang), score=number(rows[0].score, shown))]
    if gaps:
        said.append(_say("found_spread", lang, spread=number(sum(gaps), shown), mean=number(sum(gaps) / len(gaps), shown)))
    said += [_say("found_tie", lang, units=_names(group, lang), rank=f"{rank:g}")
             for rank, group in result.ranking.groupby("rank") if len(group) > 1]
    pairs = [_say("pair", lang, gap=number(gap, shown), upper=named(above, lang), lower=named(below, lang),
                  upper_rank=f"{above.rank:g}", lower_rank=f"{below.rank:g}")
             for gap, close, (above, below) in zip(gaps, near(result), pairwise(rows), strict=True) if close]
    return [*said, _say("found_near", lang, pairs=_say("semicolon", lang).join(pairs))] if pairs else said


def findings(result: Result, lang: str = "zh") -> Shown:
    """What the ranking says, in computed sentences."""
    said = [_say("found_units", lang, units=len(result.ranking), leaves=len(result.category.leaves)), *_order(result, lang)]
    said += [_say("found_absent", lang, cells=absent)] if (absent := _absent(result)) else []
    said += [_say("found_tiers", lang, counts=_tier_counts(result, lang))] if result.book.tiers else []
    html = "".join(f"<li>{_html(each)}</li>\n" for each in said)
    return Shown(f'<ul class="tx-findings">\n{html}</ul>', "\n".join(f"- {clean(each)}" for each in said))


def ranking(result: Result, lang: str = "zh") -> Shown:
    """Place, unit, score, tier, the points of levels 1 and 2."""
    nodes = upper(result.category)
    parts = points(result, nodes)
    full = float(sum(root.full for root in result.category.roots))
    out_of = [Column(_say("out_of", lang, name=node.name[lang], full=plainly(float(node.full))), "number") for node in nodes]
    tier = ["tier"] if result.book.tiers else []
    heads = [*columns(lang, "#place", "unit", "#score", *tier), *out_of]
    rows: list[Row] = [[f"{row.rank:g}", named(row, lang), Bar(number(row.score, decimals(result)), row.score / full),
                        *(named(row, lang, each) or MISSING for each in tier), *map(number, parts.loc[row.unit])]
                       for row in result.ranking.itertuples()]
    caption = _say("ranking", lang, category=result.category.name[lang])
    return table("ranking", caption, heads, rows, _say("ranking_note", lang))


def _explained(result: Result, row: Any, leaf: Node, unit: str, lang: str) -> list[str]:
    """A leaf in a row: the sentence loses its head, since the row says already whose and which it is."""
    told = f"{plainly(row.observed)} {leaf.measured_in[lang] if leaf.measured_in else ''}".replace(" %", "%")
    head = say("explain.node", lang, unit=unit, code=leaf.code, name=leaf.name[lang], how="\0", points="", full="", sources="")
    sentence = explain(result, unit=row.unit, indicator=leaf.code, lang=lang).removeprefix(head.partition("\0")[0])
    return [f"{leaf.code} {leaf.name[lang]}", _say("not_applicable", lang) if row.status == "not_applicable" else told,
            number(row.points), number(row.full), sentence]


def explanations(result: Result, unit: str, lang: str = "zh") -> Shown:
    """How a unit came by its points, leaf by leaf, each in a sentence. ValueError where it is not ranked here."""
    if unit not in set(result.ranking.unit):
        raise ValueError(_say("unit_unknown", lang, unit=unit, units=_joined(result.ranking.unit, lang)))
    (placed,) = result.ranking[result.ranking.unit == unit].itertuples()
    name, leaves = named(placed, lang), {leaf.code: leaf for leaf in result.category.leaves}
    own = result.scores[(result.scores.unit == unit) & result.scores.indicator.isin(leaves)]
    rows = [_explained(result, row, leaves[row.indicator], name, lang) for row in own.itertuples()]
    caption = _say("explained", lang, unit=name, rank=f"{placed.rank:g}", score=number(placed.score, decimals(result)))
    heads = columns(lang, "indicator", "observed", "#points", "#full", "how")
    return table(f"explained-{unit}", caption, heads, rows, explain(result, unit=unit, lang=lang))


def tiers(result: Result, lang: str = "zh") -> Shown:
    """The tier that the rules give each unit, with the reason: a proposal until it is determined."""
    if not result.book.tiers:
        return _note(_say("no_tiers", lang))
    rows = [[f"{row.rank:g}", named(row, lang), number(row.score, decimals(result)), named(row, lang, "tier"),
             str(getattr(row, f"tier_reason_{lang}"))] for row in result.ranking.itertuples()]
    caption = _say("tiers", lang, category=result.category.name[lang])
    heads = columns(lang, "#place", "unit", "#score", "tier", "reason")
    return table("tiers", caption, heads, rows, _say("tiers_note", lang))


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
                     _say("beyond" if far else "within", lang), row.note.split(" | ")[-1 if lang == "en" else 0]])
    heads = columns(lang, "unit", "what", "#published", "#computed", "#difference", "tolerance", "note")
    return table("comparison", _say("comparison", lang, **said), heads, rows, verdict)


def overview(book: RuleBook, results: Mapping[str, Result], lang: str = "zh") -> Shown:
    """The categories in what can stand side by side; scores of different categories never do."""
    numbers = ("#n_units", "#n_leaves", "#n_levels", "#n_leads", "#n_absent", "#n_tied")
    heads, rows = columns(lang, "category", "first_place", "tier_counts", *numbers), []
    for each in results.values():
        leaves = each.category.leaves
        leads, tied = {leaf.lead for leaf in leaves if leaf.lead}, each.ranking["rank"].duplicated(keep=False).sum()
        counts = (len(each.ranking), len(leaves), max(leaf.level for leaf in leaves), len(leads), _absent(each), tied)
        rows.append([each.category.name[lang], _firsts(each, lang), _tier_counts(each, lang), *map(str, counts)])
    return table("overview", _say("overview", lang, title=book.title[lang]), heads, rows, _say("overview_note", lang))


def weights(book: RuleBook, lang: str = "zh") -> Shown:
    """Full points of levels 1 and 2 in every category, with the clauses of each."""
    nodes = [(category, node) for category in book.categories.values() for node in upper(category)]
    rows = [[category.name[lang], str(node.level), f"{node.code} {node.name[lang]}", plainly(float(node.full)),
             _joined(node.clause, lang) or MISSING] for category, node in nodes]
    heads = columns(lang, "category", "#level", "indicator", "#full", "clause")
    return table("weights", _say("weights", lang), heads, rows, _say("weights_note", lang))


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
