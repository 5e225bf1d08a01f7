"""How many respondents of a group gave a unit which grade (1.4a)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter

from txlib.base.faults import Fault, Where
from txlib.intake import checks
from txlib.intake.sheets.cells import CodeCell, KeyCell, WholeCell
from txlib.intake.sheets.limits import asking
from txlib.intake.table import FIGURES, At, HandedRow
from txlib.methods import DONT_KNOW, Survey
from txlib.methods.words import Coded
from txlib.rules.category import Node

_COUNT = TypeAdapter(WholeCell)


class SurveyRow(HandedRow):
    """survey.csv: how many respondents of a group gave a unit which grade."""

    model_config = ConfigDict(title="调查")
    table = "survey"
    frame = "surveys"
    kept = ("category", "unit", "indicator", "period", "group", "grade", "count", "file", "line")
    key = ("unit", "indicator", "group", "grade")
    preset = ("unit", "indicator", "period", "group", "grade")
    hint = "counts"
    figure = "count"
    figure_counts = True
    differs = False

    unit: CodeCell = Field(title="单位编码")
    indicator: KeyCell = Field(title="指标编码")
    period: KeyCell = Field(title="期间")
    group: KeyCell = Field(title="组别")
    grade: KeyCell = Field(title="评价")
    count: WholeCell = Field(title="人数")
    note: str = Field("", title="备注")

    @classmethod
    def faults(cls, frame: pd.DataFrame, at: At) -> Iterator[Fault]:
        """Groups and grades as ruled, each once, and an answer of every group for every unit where that is ruled; whatever else
        is wrong, units that there are."""
        if not at.sound:
            yield from checks.units_known(frame, at.known, at.head.code)
            return
        yield from cls.in_place(frame, at)
        for leaf in cls.scored(at.head):
            yield from _answers(frame[frame["indicator"] == leaf.code], leaf, at)

    @classmethod
    def codes(cls, node: Node) -> Mapping[str, Coded]:
        return {"group": node.rule.groups, "grade": _choices(node.rule)} if isinstance(node.rule, Survey) else {}

    @classmethod
    def coming_back(cls) -> type[HandedRow]:
        return Answers

    @classmethod
    def given(cls, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.dropna(subset=["count"])

    @classmethod
    def figures(cls, frame: pd.DataFrame) -> pd.DataFrame:
        """How many answered of a unit, in all groups."""
        counted = frame.assign(value=pd.to_numeric(frame["count"])).groupby(["unit", "indicator"], sort=False)["value"]
        return counted.sum(min_count=1).reset_index().assign(applies=True, before=np.nan)[FIGURES]

    @classmethod
    def asked(cls, leaf: Node) -> Sequence[Mapping[str, str]]:
        rule = leaf.rule
        assert isinstance(rule, Survey)
        return [{"group": group, "grade": grade} for group in rule.groups for grade in _choices(rule)]

    @classmethod
    def complete(cls, rows: pd.DataFrame, leaf: Node) -> set[str]:
        """The units of which the groups that must answer have, each with every grade, and no count is to come."""
        return {str(unit) for unit, answers in rows.groupby("unit") if _answered(answers, leaf.rule)}

    @classmethod
    def unusable(cls, node: Node, rows: pd.DataFrame) -> str:
        rule = node.rule
        assert isinstance(rule, Survey)
        grades, groups = set(rows["grade"]) - {DONT_KNOW}, set(rows["group"])
        complete = set(rule.groups) == groups or (groups < set(rule.groups) and rule.absent_group == "redistribute")
        return "" if complete and grades <= set(rule.grades) else "groups"


def _choices(rule: Survey) -> Coded:
    """The grades, and “don't know”, whatever it is worth."""
    return Coded({**rule.grades, DONT_KNOW: Fraction(0)}, rule.grades.names)


class Answers(SurveyRow):
    """Answers as they come back, a count among them that is not there yet."""

    count: Annotated[float | None, BeforeValidator(lambda cell: float(_COUNT.validate_python(cell)) if cell else None)] = \
        Field(None, title="人数")  # type: ignore[assignment]


def _answered(rows: pd.DataFrame, rule: Any) -> bool:
    """Whether a unit's answers are all there."""
    grades = {group: set(answers["grade"]) for group, answers in rows.groupby("group")}
    all_there = rule.absent_group != "refuse" or set(rule.groups) <= set(grades)
    return all_there and bool(rows["count"].notna().all()) and all({*_choices(rule)} <= each for each in grades.values())


def _answers(table: pd.DataFrame, leaf: Node, at: At) -> Iterator[Fault]:
    """A leaf's answers: groups and grades that its rule knows, and none that is missing."""
    rule = leaf.rule
    assert isinstance(rule, Survey)
    groups, answers = checks.told(rule.groups), checks.told(_choices(rule))
    group_meant, answer_meant = asking(groups), asking(answers)
    for row in table.itertuples():
        for code, found, allowed, meant in (("group_unknown", row.group, groups, group_meant),
                                            ("grade_unknown", row.grade, answers, answer_meant)):
            if found not in allowed:
                yield Fault.of(code, row.file, row.line, Where(row.unit, leaf.code), found=found, near=meant(found),
                               known=sorted(allowed.values()))
    scored = set(rule.counted)
    counted = table[table["grade"].isin(scored) & (table["count"] > 0)]
    answered = set(zip(counted["unit"], counted["group"], strict=True))
    for unit, name in zip(at.units["unit"], at.units["name"], strict=True):
        if not leaf.is_of(unit):
            continue
        gone = [group for group in rule.groups if (unit, group) not in answered]
        if gone and (rule.absent_group == "refuse" or len(gone) == len(rule.groups)):
            yield Fault.of("survey_absent", at.owed_in(leaf.lead or checks.OFFICE), 0, checks.pair(unit, name, leaf),
                           groups=[groups[group] for group in gone])
    yield from _grades(table[table["unit"].isin(at.units["unit"])], leaf, groups, answers)


def _grades(table: pd.DataFrame, leaf: Node, groups: Mapping[str, str], answers: Mapping[str, str]) -> Iterator[Fault]:
    """Grades without a row in a group that has rows: nobody, or forgotten?"""
    given: dict[tuple[str, str], set[str]] = {}
    for unit, group, grade in zip(table["unit"], table["group"], table["grade"], strict=True):
        given.setdefault((unit, group), set()).add(grade)
    for (unit, group), grades in given.items():
        if gone := answers.keys() - grades:
            first = table[(table["unit"] == unit) & (table["group"] == group)].iloc[0]
            where = Where(unit, leaf.code, groups.get(group, group), indicator_name=leaf.name.zh)
            yield Fault.of("grade_absent", first["file"], first["line"], where, grades=sorted(answers[code] for code in gone))
