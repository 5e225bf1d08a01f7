"""The worked cases of the methods, each through the real models."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any

import numpy as np
from pydantic import TypeAdapter
from shared import ROOT

from txlib.methods import ByName, Method, Scored
from txlib.rules.source import read

CASES = ROOT / "tests" / "cases" / "methods"
SCORING: TypeAdapter[Any] = TypeAdapter(Annotated[Method, ByName()])


class Case:
    """One case as written: the rule through the real models, the applicable units as columns of Fractions."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw, self.rule, self.full = raw, SCORING.validate_python(raw["rule"]), Fraction(raw["full"])
        self.units = [unit for unit in raw["units"] if unit["value"] != "—"]
        self.value, self.points, self.place = (self.column(key) for key in ("value", "points", "place"))
        self.target, self.last_year = self.column("target"), self.column("last_year")
        self.other = self.last_year if self.target is None else self.target

    def column(self, key: str) -> Any:
        if any(key not in unit for unit in self.units):
            return None
        return np.array([Fraction(unit[key]) for unit in self.units], dtype=object)

    def scored(self, value: Any, other: Any, **more: Any) -> Scored:
        more = {"ties": self.raw.get("ties", "min"), **more}
        more = {"when_not_positive": self.raw.get("when_not_positive", "refuse"), **more}
        return self.rule.score(value, other, full=self.full, **more)


def written() -> dict[str, list[dict[str, Any]]]:
    files = {}
    for path in sorted(CASES.glob("*.yaml")):
        tree, faults = read(path, path.name)
        assert not faults, faults
        files[path.stem] = tree["cases"]
    return files


WRITTEN = written()
