"""How units came by their points, item by item: what was handed in, by whom and where, the sentence, the points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from txlib.base.printing import MISSING, number, plainly
from txlib.methods.words import quantity
from txlib.report.facts import decimals, in_points
from txlib.report.kit.shown import Display, Noted, Sum, TableCell, TableColumn, TableRow, table
from txlib.rules.category import Node
from txlib.scoring.explain import explain, sources

if TYPE_CHECKING:
    from txlib.intake.data import Data
    from txlib.report.kit.words import Words
    from txlib.scoring.result import Result

ACROSS = 16  # as many units stand side by side on a page; more of them stand below each other


def places(result: Result, data: Data, unit: str, words: Words) -> dict[str, str]:
    """By indicator, the file (with its sheet) and the row that a unit's value was handed in with; several rows are counted."""
    seen = data.observations
    parts = [seen[(seen["category"] == result.category.code) & (seen["unit"] == unit)]]
    parts += [rows[rows["unit"] == unit] for rows in result.records.values() if "file" in rows]
    found: dict[str, str] = {}
    for code, rows in pd.concat([part[["indicator", "file", "line"]] for part in parts]).groupby("indicator", sort=False):
        start = f"data/{result.book.year}/"
        texts = [words.counted("tables.rows_of", len(lines), file=str(file).removeprefix(start), line=lines.iloc[0])
                 for file, lines in rows.groupby("file", sort=False)["line"]]
        found[str(code)] = words.joined(texts)
    return found


def _lead(node: Node, words: Words) -> str:
    return words.label("lead", unit=words.leads(node)) if node.lead else ""


def _noted(text: str, note: str) -> TableCell:
    return Noted(text, note) if note else text


class Explained(dict[str, str]):
    """How a unit came by its points, by indicator, each told once however often it is asked for.

    Without the head of the sentence, since a row says already whose and which it is.
    """

    def __init__(self, result: Result, unit: str, words: Words) -> None:
        super().__init__()
        (placed,) = result.ranking[result.ranking["unit"] == unit].itertuples()
        self.result, self.unit, self.words, self.name = result, unit, words, words.row(placed)

    def __missing__(self, code: str) -> str:
        node = self.result.category.node(code)
        head = self.words.say("explain.node", unit=self.name, code=code, name=self.words.name(node), how="\0", points="", full="",
                              sources="")
        told = explain(self.result, unit=self.unit, indicator=code, lang=self.words.lang)
        self[code] = told.removeprefix(head.partition("\0")[0])
        return self[code]

    def uncited(self, node: Node) -> str:
        """The same without the clauses and assumptions."""
        cited = sources(self.result, node, self.result.by_unit[self.unit], self.words.lang)
        return self[node.code].rpartition(cited)[0].strip()


def _explained(result: Result, row: Any, node: Node, cells: tuple[TableCell, TableCell], sentence: str) -> TableRow:
    """The row of a node in a unit's table, bold for a branch."""
    pointed = in_points(result)
    full = MISSING if node.adjusts else pointed(row.full)
    line = [*cells, pointed(row.points), full, sentence]
    return Sum(line) if node.children else line


def _rows(result: Result, unit: str, words: Words, data: Data | None, told: Explained) -> list[TableRow]:
    """The rows of a unit's table: leaves, the branches that they add up to, and the total."""
    (placed,) = result.ranking[result.ranking.unit == unit].itertuples()
    where = {} if data is None else places(result, data, unit, words)
    rows: list[TableRow] = []
    for node, row in zip(result.category.nodes, result.by_unit[unit].itertuples(), strict=True):
        if not node.is_of(unit):
            continue
        applies = row.status != "not_applicable"
        observed = quantity(row.observed, node.measured_in, words.lang) if applies else words.label("not_applicable")
        cells = (_noted(words.coded(node), _lead(node, words) if data is not None else ""),
                 _noted(observed, where.get(node.code, "")))
        rows.append(_explained(result, row, node, cells, told[node.code]))
    full = in_points(result)(float(result.category.total))
    total = number(placed.score, decimals(result))
    rows.append(Sum([words.label("total"), "", total, full, explain(result, unit=unit, lang=words.lang)]))
    return rows


def explanations(result: Result, unit: str, words: Words, data: Data | None = None, told: Explained | None = None) -> Display:
    """How a unit came by its points, each in a sentence; from `data`, who leads an indicator and where its value stands;
    `told`: the sentences, where some are told already.

    ValueError where the unit is not ranked here.
    """
    if unit not in set(result.ranking.unit):
        raise ValueError(words.label("unit_unknown", unit=unit, units=words.joined(result.ranking.unit)))
    (placed,) = result.ranking[result.ranking.unit == unit].itertuples()
    caption = words.label("explained", **_about(result, placed, words))
    heads = words.columns("indicator", "observed", "#points", "#full", "~how")
    return table(f"explained-{unit}", caption, heads, _rows(result, unit, words, data, told or Explained(result, unit, words)))


def _about(result: Result, placed: Any, words: Words) -> dict[str, str]:
    return {"unit": words.row(placed), "rank": f"{placed.rank:g}", "score": number(placed.score, decimals(result))}


def everyone(result: Result, words: Words) -> Display:
    """Every unit's points at every node: units side by side, or below each other where there are many."""
    nodes, units, pointed = result.category.nodes, list(result.ranking.itertuples()), in_points(result)
    rows = {(row.unit, row.indicator): row for row in result.scores.itertuples()}

    def cell(unit: str, node: Node) -> str:
        row, beside = rows[unit, node.code], node.adjusts
        moved = not beside and row.full != row.weight
        return MISSING if moved and not row.full else pointed(row.points) + (f"/{pointed(row.full)}" if moved else "")

    names = [f"{unit.rank:g} {words.row(unit)}" for unit in units]
    labels = [words.coded(node) for node in nodes]
    full = [MISSING if node.adjusts else plainly(float(node.full)) for node in nodes]
    scores = [number(unit.score, decimals(result)) for unit in units]
    lines: list[TableRow]
    if len(units) <= ACROSS:
        heads = [*words.columns("indicator", "#full"), *(TableColumn(name, "number") for name in names)]
        lines = [(Sum if node.children else tuple)([label, most, *(cell(unit.unit, node) for unit in units)])
                 for node, label, most in zip(nodes, labels, full, strict=True)]
        lines.append(Sum([words.label("total"), MISSING, *scores]))
    else:
        heads = [*words.columns("unit", "#score"), *(TableColumn(label, "number") for label in labels)]
        lines = [[name, score, *(cell(unit.unit, node) for node in nodes)]
                 for unit, name, score in zip(units, names, scores, strict=True)]
    caption = words.label("everyone", category=words.name(result.category))
    return table("everyone", caption, heads, lines, words.label("everyone_note"))
