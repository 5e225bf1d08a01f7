"""What the tables of their own must keep against the rule-book: surveys, events, superior indicators, decisions.

As in datachecks, every function takes frames as they were read and yields faults; nothing is changed or filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from txlib.base.faults import Fault, asked
from txlib.base.numbers import exact
from txlib.base.printing import as_text
from txlib.intake.datachecks import assessed_year, days, indicators, periods, twice, units_known
from txlib.methods import DONT_KNOW
from txlib.rules.book import Category, Node, RuleBook


def surveys(frame: pd.DataFrame, category: Category, mine: pd.DataFrame, known: pd.DataFrame | None, period: str,
            file: str) -> Iterator[Fault]:
    """survey: groups and grades as ruled, each once, and an answer of every group for every unit where that is ruled."""
    leaves = [leaf for leaf in category.leaves if leaf.rule and leaf.rule.table == "survey"]
    yield from units_known(frame, known, category.code)
    yield from twice(frame, ["unit", "indicator", "group", "grade"])
    yield from indicators(frame, leaves, category)
    yield from periods(frame, period)
    for leaf in leaves:
        rule: Any = leaf.rule
        table = frame[frame["indicator"] == leaf.code]
        grades = {*rule.grades, DONT_KNOW}
        for row in table.itertuples():
            for code, told, allowed in (("group_unknown", row.group, set(rule.groups)), ("grade_unknown", row.grade, grades)):
                if told not in allowed:
                    yield Fault.of(code, row.file, row.line, f"{row.unit} {leaf.code}", found=told, near=asked(told, allowed),
                                   known=", ".join(sorted(allowed)))
        scored = grades - ({DONT_KNOW} if rule.dont_know == "not_counted" else set())
        counted = table[table["grade"].isin(scored) & (table["count"] > 0)]
        answered = set(zip(counted["unit"], counted["group"], strict=True))
        for unit, name in zip(mine["unit"], mine["name"], strict=True):
            gone = [group for group in rule.groups if (unit, group) not in answered]
            if gone and (rule.absent_group == "refuse" or len(gone) == len(rule.groups)):
                yield Fault.of("survey_absent", file, 0, f"{unit} {name} · {leaf.code} {leaf.name.zh}", groups=", ".join(gone))
        yield from _grades(table[table["unit"].isin(mine["unit"])], leaf, scored)


def _grades(table: pd.DataFrame, leaf: Node, scored: set[str]) -> Iterator[Fault]:
    """Grades without a row in a group that has rows: nobody, or forgotten?"""
    told: dict[tuple[str, str], set[str]] = {}
    for unit, group, grade in zip(table["unit"], table["group"], table["grade"], strict=True):
        told.setdefault((unit, group), set()).add(grade)
    for (unit, group), grades in told.items():
        if gone := scored - grades:
            first = table[(table["unit"] == unit) & (table["group"] == group)].iloc[0]
            yield Fault.of("grade_absent", first["file"], first["line"], f"{unit} · {leaf.code} {leaf.name.zh} · {group}",
                           grades=", ".join(sorted(gone)))


def events(frame: pd.DataFrame, category: Category, known: pd.DataFrame | None, book: RuleBook) -> Iterator[Fault]:
    """events: adjustments and levels as ruled, no event twice, shares where they are needed and only there, in the year."""
    yield from units_known(frame, known, category.code)
    yield from twice(frame, ["unit", "indicator", "honour", "level", "date"])
    yield from _undated(frame)
    told = [node for node in category.adjustments if node.rule and node.rule.table == "events"]
    yield from indicators(frame, told, category)
    yield from periods(frame, book.period)
    yield from days(frame, "date", assessed_year(book))
    for node in told:
        rule: Any = node.rule
        table = frame[frame["indicator"] == node.code]
        for row in table[~table["level"].isin(list(rule.levels))].itertuples():
            yield Fault.of("level_unknown", row.file, row.line, f"{row.unit} {node.code}", found=row.level,
                           near=asked(row.level, rule.levels), known=", ".join(rule.levels))
        if rule.several_units == "by_share":
            for (honour, level), claims in table.groupby(["honour", "level"], sort=False):
                if claims["share"].isna().any() or exact(claims["share"]).sum() > 100:
                    first = claims.iloc[0]
                    yield Fault.of("event_shares", first["file"], first["line"], node.code, found=f"{honour} ({level})")
        else:
            for row in table[table["share"].notna()].itertuples():
                yield Fault.of("share_ignored", row.file, row.line, f"{row.unit} {node.code}", found=f"{row.share:g}%")


def _undated(frame: pd.DataFrame) -> Iterator[Fault]:
    """The same event of a unit with a date and without one: once, or twice?"""
    for _, same in frame.groupby(["unit", "indicator", "honour", "level"], sort=False):
        if len(same) > 1 and same["date"].eq("").any() and same["date"].ne("").any():
            bare, dated = same[same["date"] == ""].iloc[0], same[same["date"] != ""].iloc[0]
            yield Fault.of("event_undated", bare["file"], bare["line"], f"{bare['unit']} {bare['indicator']} · date",
                           found=bare["honour"], first=dated["line"], date=dated["date"])


def superior(frame: pd.DataFrame, period: str) -> Iterator[Fault]:
    """superior: codes once, a place among the peers."""
    yield from twice(frame, ["superior"])
    yield from periods(frame, period)
    for row in frame[(frame["place"] < 1) | (frame["place"] > frame["peers"])].itertuples():
        yield Fault.of("place_range", row.file, row.line, row.superior, found=row.place, peers=row.peers)


def responsible(frame: pd.DataFrame, superior: pd.DataFrame | None, known: pd.DataFrame | None,
                book: RuleBook) -> Iterator[Fault]:
    """responsible: superior indicators, units and their leaves known; the shares of one superior indicator add up to 100%.

    `superior`: None where that table has faults itself.
    """
    yield from twice(frame, ["superior", "unit", "indicator"])
    yield from units_known(frame, known, None)
    codes = set(frame["superior"] if superior is None else superior["superior"])
    belongs = {} if known is None else dict(zip(known["unit"], known["category"], strict=True))
    leaves = {code: {leaf.code for leaf in category.leaves} for code, category in book.categories.items()}
    for row in frame.itertuples():
        if row.superior not in codes:
            yield Fault.of("superior_unknown", row.file, row.line, "", found=row.superior, near=asked(row.superior, codes))
        mine = leaves.get(belongs.get(row.unit, ""))
        if mine is not None and row.indicator not in mine:
            yield Fault.of("indicator_unknown", row.file, row.line, row.unit, found=row.indicator,
                           near=asked(row.indicator, mine))
    for code, each in frame.groupby("superior", sort=False):
        total = exact(each["share"]).sum() if each["share"].notna().all() else None
        if total != 100:
            first = each.iloc[0]
            yield Fault.of("shares_sum", first["file"], first["line"], str(code),
                           found="—" if total is None else f"{as_text(total)}%")


def decisions(frame: pd.DataFrame, known: pd.DataFrame | None, book: RuleBook) -> Iterator[Fault]:
    """decisions: units known, a kind of decision once a unit, in the year, by known clauses; vetoes that bar something."""
    yield from twice(frame, ["unit", "kind"])
    yield from units_known(frame, known, None)
    yield from days(frame, "since", assessed_year(book))
    ruled = book.tiers is not None and book.tiers.vetoes is not None
    for row in frame.itertuples():
        if row.kind == "veto" and not ruled:
            yield Fault.of("veto_without_rule", row.file, row.line, row.unit, found=row.kind)
        for clause in filter(None, (each.strip() for each in re.split("[;；,，、]", row.clause))):
            if clause not in book.clauses:
                yield Fault.of("clause_unknown", row.file, row.line, f"{row.unit} · clause", found=clause,
                               near=asked(clause, book.clauses))
