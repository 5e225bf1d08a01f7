"""Items of some units alone (1.3b): whose rules name, and whose rows are handed in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

import pandas as pd

from txlib.base.faults import Fault, Where
from txlib.base.printing import in_full
from txlib.intake.checks import unit_meant
from txlib.rules.book import RuleBook
from txlib.rules.category import Category, Node
from txlib.rules.tree import RELATIVE


def named(book: RuleBook, category: Category, known: pd.DataFrame, assessed: pd.DataFrame) -> Iterator[Fault]:
    """Units that a tree names and that are none of the category's, and assessed ones that it leaves without all their points.

    `known`: the units of the year; `assessed`: those of the category that are assessed.
    """
    file, nodes = f"params/{book.year}/trees/{category.code}.yaml", {node.code: node for node in category.nodes}
    belongs, near = dict(zip(known["unit"], known["category"], strict=True)), unit_meant(known)
    for node in nodes.values():
        for unit in node.units if not node.parent or nodes[node.parent].units != node.units else ():
            at = Where(indicator=node.code, indicator_name=node.name.zh, column="for")
            if unit not in belongs:
                yield Fault.of("own_unit_unknown", file, 0, at, found=unit, near=near(unit))
            elif belongs[unit] != category.code:
                yield Fault.of("own_unit_elsewhere", file, 0, at, found=unit, want=category.code,
                               category_found=belongs[unit] or "—")
    yield from _short(category.roots, None, category.total, category.roll_up, file, assessed)
    for node in nodes.values():
        if node.children:
            yield from _short(node.children, node, node.full, node.roll_up, file, assessed)


def _short(siblings: Iterable[Node], above: Node | None, full: Fraction, roll_up: str, file: str,
           assessed: pd.DataFrame) -> Iterator[Fault]:
    """Units that no sibling names, where what is everybody's does not make up the full points; the rules tell of the others."""
    told = {unit for each in siblings for unit in each.units}
    if not told or (above is not None and above.units):
        return
    common = [each for each in siblings if not each.units]
    total = sum((each.full for each in common), Fraction(0))
    if total == full or (common and roll_up in RELATIVE):
        return
    terms = " + ".join(f"{each.code} {in_full(each.full)}" for each in common)
    for unit, name in zip(assessed["unit"], assessed["name"], strict=True):
        if unit not in told:
            at = Where(unit, above.code if above else "total.points", unit_name=name,
                       indicator_name=above.name.zh if above else "")
            yield Fault.of("own_short", file, 0, at, found=in_full(total), want=in_full(full),
                           terms=f"{terms} = {in_full(total)}" if terms else "0")


def silent(frame: pd.DataFrame, leaves: Iterable[Node], figures: Iterable[str]) -> pd.Series[bool]:
    """Which rows stand at others' items and hold no number: a sheet with an indicator a column has a cell for everybody."""
    theirs = _theirs(frame, leaves)
    for name in figures:
        theirs &= pd.Series([getattr(cell, "number", cell) is None for cell in frame[name]], index=frame.index, dtype=bool)
    return theirs


def of_others(frame: pd.DataFrame, leaves: Iterable[Node], units: Iterable[str]) -> Iterator[Fault]:
    """Rows of a category's units at items that are others', the first at each."""
    of, mine = {leaf.code: leaf for leaf in leaves}, set(units)
    rows = frame[_theirs(frame, of.values()) & frame["unit"].isin(mine)].drop_duplicates(["unit", "indicator"])
    for row in rows.itertuples():
        leaf = of[row.indicator]
        at = Where(row.unit, leaf.code, indicator_name=leaf.name.zh)
        yield Fault.of("own_of_others", row.file, row.line, at, found=row.unit, units=leaf.units)


def _theirs(frame: pd.DataFrame, leaves: Iterable[Node]) -> pd.Series[bool]:
    """Which rows are of units that the leaf there is not assessed for."""
    own = {leaf.code: leaf for leaf in leaves if leaf.units}
    found = [code in own and not own[code].is_of(unit) for unit, code in zip(frame["unit"], frame["indicator"], strict=True)]
    return pd.Series(found, index=frame.index, dtype=bool)
