"""Points for events beside the tree (1.3a)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from txlib.base.fields import Code, Filled, Positive, wrong
from txlib.base.numbers import Array, exact, fraction
from txlib.base.printing import as_text, spelt
from txlib.base.sums import written_out
from txlib.methods.method import BesideTheTree, positions, zeros
from txlib.methods.words import ByCode, Case, Coded, word

if TYPE_CHECKING:
    import pandas as pd


Term = tuple[str, tuple[Fraction, ...], Fraction]  # a sum with places, the values in them, what it comes to


class PerEvent(BesideTheTree):
    """Points for each event, by its level: a bonus for honours, a deduction for what went wrong.

    `honours`: the only ones that count, with their levels; all do where none are listed.
    """

    method: Literal["per_event"]
    levels: Annotated[Coded, ByCode("points", Positive)]
    same_honour: Literal["highest", "each"]
    several_units: Literal["each", "split", "by_share"]
    honours: Mapping[Filled, Code] | None = None

    table: ClassVar[str] = "events"
    capped: ClassVar[bool] = True
    everyone: ClassVar[bool] = True

    @model_validator(mode="after")
    def _of_levels(self) -> Self:
        if self.honours and not set(self.honours.values()) <= {*self.levels}:
            raise wrong("honours_levels", levels=list(self.levels))
        return self

    def from_rows(self, rows: pd.DataFrame, cap: Fraction | None, units: Sequence[str]) -> Array:
        """Points for events, at most `cap` where there is one, negative for deductions.

        `rows`: unit, honour, level, share (percent, NaN where none), of all the category's units, also of those that `units`
        leaves out: they claim their part. Where an honour counts once it counts at its highest level; where several units
        claim it, each has it in full, in equal parts, or by its share.
        """
        table = rows.assign(points=[self.levels[level] for level in rows["level"]])
        if self.same_honour == "highest":
            table = table.sort_values("points", ascending=False, kind="stable").drop_duplicates(["unit", "honour"])
        points = np.array(table["points"].to_list(), dtype=object)
        if self.several_units == "split" and len(table):
            claims = table.groupby("honour")["unit"].transform("nunique").to_numpy()
            points = points / np.array([Fraction(int(n)) for n in claims], dtype=object)
        elif self.several_units == "by_share" and len(table):
            share = table["share"].to_numpy(dtype=np.float64)
            points = points * exact(np.where(np.isnan(share), 100.0, share)) / 100
        total, at = zeros(len(units)), positions(units, table["unit"])
        np.add.at(total, at[at >= 0], points[at >= 0])
        most: Any = cap
        capped: Array = total if cap is None else np.minimum(total, most)
        return -capped if self.kind == "deduction" else capped

    def sentence(self, c: Case, cap: Fraction | None, unit: str, names: Mapping[str, str]) -> str:
        """The events of a unit with level and points, what counts of them, and the limit."""
        levels = c.joined("comma", [f"{word(code, c.lang, self.levels)} {as_text(worth)}" for code, worth in self.levels.items()])
        limit = c.say("no_cap" if c.full else "no_own_cap") if cap is None else c.say("cap", cap=as_text(cap))
        general = c.say(f"per_event_{self.kind}", limit=limit, levels=levels)
        if c.records is None:
            return general
        mine = c.records[c.records["unit"] == unit]
        if mine.empty:
            return general + c.say(f"no_event_{self.kind}")
        items, counted = self._listed(c, mine.to_dict("records"), c.records.groupby("honour")["unit"].nunique().to_dict())
        total, pattern = sum((points for _, _, points in counted), Fraction(0)), " + ".join(term for term, _, _ in counted)
        terms = [value for _, values, _ in counted for value in values]
        line = c.say("sum", line=written_out(pattern, *terms)) if len(counted) > 1 else ""
        over = c.say("over_cap", total=spelt(total), cap=as_text(cap)) if cap is not None and total > cap else ""
        return f"{general}{c.say('listed')}{c.joined('semicolon', items)}{line}{over}"

    def causes(self, rows: pd.DataFrame, names: Mapping[str, str], lang: str) -> Sequence[str]:
        return list(rows["honour"])

    def _listed(self, c: Case, rows: list[Any], claims: Mapping[str, int]) -> tuple[list[str], list[Term]]:
        """Each event in words, and the terms of those that count."""
        items, counted, used = [], [], set()
        for row in sorted(rows, key=lambda row: -self.levels[row["level"]]) if self.same_honour == "highest" else rows:
            lower = self.same_honour == "highest" and row["honour"] in used
            pattern, values, points = self._event(row, int(claims[row["honour"]]))
            key = "event" if pattern == "{}" else "event_shared"
            key = "event_lower" if lower else key
            items.append(c.say(key, honour=row["honour"], level=word(row["level"], c.lang, self.levels),
                               term=written_out(pattern, *values), document=row.get("document") or "—"))
            counted += [] if lower else [(pattern, values, points)]
            used.add(row["honour"])
        return items, counted

    def _event(self, row: Any, claims: int) -> Term:
        """An event's points, as a sum with its values and as a number: all of them, in equal parts, or by the unit's share."""
        full, share = self.levels[row["level"]], row.get("share")
        if self.several_units == "split" and claims > 1:
            return "{} ÷ {}", (full, Fraction(claims)), full / claims
        if self.several_units == "by_share" and share is not None and share == share:
            return "{} × {}%", (full, fraction(share)), full * fraction(float(share)) / 100
        return "{}", (full,), full
