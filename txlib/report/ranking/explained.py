"""How units came by their points, item by item: what was handed in, by whom and where, the sentence, the points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from txlib.base.labels import counted, say
from txlib.base.printing import MISSING, number, plainly
from txlib.methods import BesideTheTree
from txlib.methods.words import quantity
from txlib.report.facts import decimals
from txlib.report.kit.shown import Display, Noted, Sum, TableCell, TableColumn, TableRow, columns, joined, label, named, table
from txlib.rules.book import Node
from txlib.scoring.explain import explain, sources

if TYPE_CHECKING:
    from txlib.intake.data import Data
    from txlib.scoring.result import Result

ACROSS = 16  # as many units stand side by side on a page; more of them stand below each other


def places(result: Result, data: Data, unit: str, lang: str = "zh") -> dict[str, str]:
    """By indicator, the file (with its sheet) and the row that a unit's value was handed in with; several rows are counted."""
    seen = data.observations
    parts = [seen[(seen["category"] == result.category.code) & (seen["unit"] == unit)]]
    parts += [rows[rows["unit"] == unit] for rows in result.records.values() if "file" in rows]
    found: dict[str, str] = {}
    for code, rows in pd.concat([part[["indicator", "file", "line"]] for part in parts]).groupby("indicator", sort=False):
        start = f"data/{result.book.year}/"
        texts = [counted("tables.rows_of", lang, len(lines), file=str(file).removeprefix(start), line=lines.iloc[0])
                 for file, lines in rows.groupby("file", sort=False)["line"]]
        found[str(code)] = joined(texts, lang)
    return found


def _lead(node: Node, names: Mapping[str, str], lang: str) -> str:
    return label("lead", lang, unit=names.get(node.lead, node.lead)) if node.lead else ""


def _noted(text: str, note: str) -> TableCell:
    return Noted(text, note) if note else text


def sentence(result: Result, unit: str, name: str, node: Node, lang: str, uncited: pd.DataFrame | None = None) -> str:
    """The explanation without its head, since the row says already whose and which it is.

    `uncited`: the unit's scores by indicator where the clauses are left out, None where they stay.
    """
    head = say("explain.node", lang, unit=name, code=node.code, name=node.name[lang], how="\0", points="", full="", sources="")
    text = explain(result, unit=unit, indicator=node.code, lang=lang).removeprefix(head.partition("\0")[0])
    return text if uncited is None else text.rpartition(sources(result, node, uncited, lang))[0].strip()


def _explained(result: Result, row: Any, node: Node, cells: tuple[TableCell, TableCell], sentence: str) -> TableRow:
    """The row of a node in a unit's table, bold for a branch."""
    full = MISSING if isinstance(node.rule, BesideTheTree) else number(row.full)
    line = [*cells, number(row.points), full, sentence]
    return Sum(line) if node.children else line


def _rows(result: Result, unit: str, lang: str, data: Data | None) -> list[TableRow]:
    """The rows of a unit's table: leaves, the branches that they add up to, and the total."""
    (placed,) = result.ranking[result.ranking.unit == unit].itertuples()
    name, nodes = named(placed, lang), {node.code: node for node in result.category.nodes}
    names = {} if data is None else {row.unit: named(row, lang) for row in data.units.itertuples()}
    where = {} if data is None else places(result, data, unit, lang)
    mine = result.scores[result.scores.unit == unit]
    rows: list[TableRow] = []
    for row in mine.itertuples():
        node = nodes[row.indicator]
        applies = row.status != "not_applicable"
        observed = quantity(row.observed, node.measured_in, lang) if applies else label("not_applicable", lang)
        cells = (_noted(f"{node.code} {node.name[lang]}", _lead(node, names, lang) if names else ""),
                 _noted(observed, where.get(node.code, "")))
        rows.append(_explained(result, row, node, cells, sentence(result, unit, name, node, lang)))
    full = number(float(sum(root.full for root in result.category.roots)))
    total = number(placed.score, decimals(result))
    rows.append(Sum([label("total", lang), "", total, full, explain(result, unit=unit, lang=lang)]))
    return rows


def explanations(result: Result, unit: str, lang: str = "zh", data: Data | None = None) -> Display:
    """How a unit came by its points, each in a sentence; from `data`, who leads an indicator and where its value stands.

    ValueError where the unit is not ranked here.
    """
    if unit not in set(result.ranking.unit):
        raise ValueError(label("unit_unknown", lang, unit=unit, units=joined(result.ranking.unit, lang)))
    (placed,) = result.ranking[result.ranking.unit == unit].itertuples()
    caption = label("explained", lang, **_about(result, placed, lang))
    heads = columns(lang, "indicator", "observed", "#points", "#full", "~how")
    return table(f"explained-{unit}", caption, heads, _rows(result, unit, lang, data))


def _about(result: Result, placed: Any, lang: str) -> dict[str, str]:
    return {"unit": named(placed, lang), "rank": f"{placed.rank:g}", "score": number(placed.score, decimals(result))}


def everyone(result: Result, lang: str = "zh") -> Display:
    """Every unit's points at every node: units side by side, or below each other where there are many."""
    nodes, units = result.category.nodes, list(result.ranking.itertuples())
    rows = {(row.unit, row.indicator): row for row in result.scores.itertuples()}

    def cell(unit: str, node: Node) -> str:
        row, beside = rows[unit, node.code], isinstance(node.rule, BesideTheTree)
        moved = not beside and row.full != row.weight
        return MISSING if moved and not row.full else number(row.points) + (f"/{number(row.full)}" if moved else "")

    names = [f"{unit.rank:g} {named(unit, lang)}" for unit in units]
    labels = [f"{node.code} {node.name[lang]}" for node in nodes]
    full = [MISSING if isinstance(node.rule, BesideTheTree) else plainly(float(node.full)) for node in nodes]
    scores = [number(unit.score, decimals(result)) for unit in units]
    lines: list[TableRow]
    if len(units) <= ACROSS:
        heads = [*columns(lang, "indicator", "#full"), *(TableColumn(name, "number") for name in names)]
        lines = [(Sum if node.children else tuple)([label, most, *(cell(unit.unit, node) for unit in units)])
                 for node, label, most in zip(nodes, labels, full, strict=True)]
        lines.append(Sum([label("total", lang), MISSING, *scores]))
    else:
        heads = [*columns(lang, "unit", "#score"), *(TableColumn(label, "number") for label in labels)]
        lines = [[name, score, *(cell(unit.unit, node) for node in nodes)]
                 for unit, name, score in zip(units, names, scores, strict=True)]
    caption = label("everyone", lang, category=result.category.name[lang])
    return table("everyone", caption, heads, lines, label("everyone_note", lang))
