"""Leaves and adjustments with tables of their own in words: superior indicators, surveys, events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import pandas as pd

from txlib.base.labels import say
from txlib.base.numbers import as_text
from txlib.methods.records import DONT_KNOW
from txlib.methods.scorings import PerEvent
from txlib.rules.book import Node
from txlib.scoring.worded import Case, fraction, held, number, text, word


def _superior_rank(c: Case) -> dict[str, Any]:
    step, floor = c.points(c.rule.step), c.points(c.rule.floor)
    values = {"step": text(step), "floor": text(floor), "place": number(c.row["observed"])}
    if c.records is None or not len(c.records):
        return values
    items, terms, shares = [], [], []
    for row in c.records.to_dict("records"):
        place, share = fraction(row["place"]), fraction(row["share"])
        points = c.node.full - (place - 1) * step
        line = held(c, f"{c.full} − {text(place - 1)} × {text(step)}", points, floor)
        name = row.get("name_en" if c.lang == "en" else "name") or row.get("name") or row["superior"]
        items.append(c.say("superior_item", name=name, place=text(place), share=text(share),
                           line=line if points < floor or place == 1 else f"{line} = {text(points)}"))
        terms.append(f"{text(max(points, floor))} × {text(share)}")
        shares.append(share)
    line = f"({' + '.join(terms)}) ÷ {text(sum(shares, Fraction(0)))}"
    return {**values, "key": "superior_rank_listed", "items": c.joined("semicolon", items), "line": line}


def _survey(c: Case) -> dict[str, Any]:
    rule, counted = c.rule, c.rule.dont_know != "not_counted"
    known = c.say("dont_know_counted", share=as_text(rule.dont_know * 100)) if counted else c.say("dont_know_not_counted")
    told = {"grades": _shares(rule.grades, c.lang), "dont_know": known}
    if c.records is None or not len(c.records):
        return {**told, "groups": _shares(rule.groups, c.lang)}
    grades = {**rule.grades, **({DONT_KNOW: rule.dont_know} if counted else {})}
    means = {group: _answers(c, group, grades) for group in rule.groups}
    there = [(rule.groups[group], mean) for group, (_, mean) in means.items() if mean is not None]
    terms = " + ".join(f"{as_text(share * 100)}% × {text(mean * 100)}%" for share, mean in there)
    weight = sum((share for share, _ in there), Fraction(0))
    return {**told, "key": "survey_listed", "groups": c.joined("semicolon", [said for said, _ in means.values()]),
            "line": terms if weight == 1 else f"({terms}) ÷ {as_text(weight * 100)}%",
            "mark": text(sum((share * mean for share, mean in there), Fraction(0)) / weight * 100)}


def _shares(shares: Mapping[str, Fraction], lang: str) -> str:
    return say("explain.comma", lang).join(f"{word(code, lang)} {as_text(share * 100)}%" for code, share in shares.items())


def _answers(c: Case, group: str, grades: Mapping[str, Fraction]) -> tuple[str, Fraction | None]:
    """What a group of respondents answered, and their mean as a share; None where nobody did."""
    assert c.records is not None
    mine = c.records[c.records["group"] == group]
    counts = {grade: fraction(float(mine.loc[mine["grade"] == grade, "count"].sum())) for grade in grades}
    answers = sum(counts.values(), Fraction(0))
    if not answers:
        return c.say("survey_absent", group=word(group, c.lang)), None
    mean = sum((count * grades[grade] for grade, count in counts.items()), Fraction(0)) / answers
    line = " + ".join(f"{text(count)} × {as_text(grades[grade] * 100)}%" for grade, count in counts.items() if count)
    return c.say("survey_group", group=word(group, c.lang), line=line, answers=text(answers), mean=text(mean * 100)), mean


def _marks(c: Case) -> dict[str, Any]:
    rule = c.rule
    told = {"out_of": as_text(rule.out_of), "most": as_text(rule.out_of * rule.quantitative),
            "judged": as_text(rule.out_of * (1 - rule.quantitative))}
    if c.records is None or not len(c.records):
        return {**told, "key": "marks_total"}
    row = c.records.iloc[0]
    return {**told, "quantitative": number(row["quantitative"]), "qualitative": number(row["qualitative"])}


TOLD: Mapping[str, Callable[[Case], dict[str, Any]]] = {"superior_rank": _superior_rank, "survey": _survey, "marks": _marks}


def events(node: Node, rule: PerEvent, records: pd.DataFrame | None, unit: str, lang: str) -> str:
    """The events of a unit with level and points, what counts of them, and the limit."""
    levels = say("explain.comma", lang).join(f"{word(level, lang)} {as_text(points)}" for level, points in rule.levels.items())
    general = say(f"explain.per_event_{rule.kind}", lang, cap=as_text(node.cap), levels=levels)
    if records is None:
        return general
    mine = records[records["unit"] == unit]
    if mine.empty:
        return general + say(f"explain.no_event_{rule.kind}", lang)
    claims = records.groupby("honour")["unit"].nunique().to_dict()
    items, counted, used = [], [], set()
    order = sorted(mine.to_dict("records"), key=lambda row: -rule.levels[row["level"]])
    for row in order if rule.same_honour == "highest" else mine.to_dict("records"):
        lower = rule.same_honour == "highest" and row["honour"] in used
        term, points = _event(rule, row, int(claims[row["honour"]]))
        key = "event_lower" if lower else "event" if term == text(points) else "event_shared"
        items.append(say(f"explain.{key}", lang, honour=row["honour"], level=word(row["level"], lang), term=term,
                         document=row.get("document") or "—"))
        counted += [] if lower else [(term, points)]
        used.add(row["honour"])
    total = sum((points for _, points in counted), Fraction(0))
    line = say("explain.sum", lang, line=" + ".join(term for term, _ in counted)) if len(counted) > 1 else ""
    over = say("explain.over_cap", lang, total=text(total), cap=as_text(node.cap)) if total > node.cap else ""
    return f"{general}{say('explain.listed', lang)}{say('explain.semicolon', lang).join(items)}{line}{over}"


def penalties(names: Mapping[str, str], records: pd.DataFrame, unit: str, lang: str) -> str:
    """What a lead department loses: the categories in which its marks miss the differentiation, with the items (1.3i)."""
    mine = records[records["unit"] == unit]
    if mine.empty:
        return say("explain.no_penalty", lang)
    items = [say("explain.penalty", lang, category=names[row["category"]], items=", ".join(row["items"]),
                 points=number(row["points"])) for row in mine.to_dict("records")]
    line = say("explain.sum", lang, line=" + ".join(number(points) for points in mine["points"])) if len(mine) > 1 else ""
    return say("explain.penalties", lang, items=say("explain.semicolon", lang).join(items)) + line


def _event(rule: PerEvent, row: Any, claims: int) -> tuple[str, Fraction]:
    """An event's points, as a sum and as a number: all of them, in equal parts, or by the unit's share."""
    full, share = rule.levels[row["level"]], row.get("share")
    if rule.several_units == "split" and claims > 1:
        return f"{text(full)} ÷ {claims}", full / claims
    if rule.several_units == "by_share" and share is not None and not pd.isna(share):
        return f"{text(full)} × {number(float(share))}%", full * fraction(float(share)) / 100
    return text(full), full
