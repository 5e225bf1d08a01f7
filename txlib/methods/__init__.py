"""How a leaf or an adjustment is scored: one file a method, with its rule, formula, limits and words.

In: a rule and columns of what was observed, exact or float, or rows of a table of its own. Out: points, which of them need
fractions to settle, and the values of a sentence. A method more is its file, its texts and its name here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from txlib.base.register import Register
from txlib.methods.bands import Bands
from txlib.methods.completion import Completion
from txlib.methods.contribution_share import ContributionShare
from txlib.methods.difference import Difference
from txlib.methods.efficacy import Efficacy
from txlib.methods.findings import Findings
from txlib.methods.given import Given
from txlib.methods.goalposts import Goalposts
from txlib.methods.growth import Growth
from txlib.methods.linked import Linked
from txlib.methods.marks import Marks
from txlib.methods.met import Met
from txlib.methods.method import TOTAL, BesideTheTree, Calculated, Method, Recorded, Scored
from txlib.methods.min_max import MinMax
from txlib.methods.on_branch import OnBranch
from txlib.methods.per_event import PerEvent
from txlib.methods.quota_penalty import QuotaPenalty
from txlib.methods.rank_from_last import RankFromLast
from txlib.methods.rank_ladder import RankLadder
from txlib.methods.rank_step import RankStep
from txlib.methods.share_of_best import ShareOfBest
from txlib.methods.superior_rank import SuperiorRank
from txlib.methods.survey import DONT_KNOW, Survey
from txlib.methods.z_score import ZScore

__all__ = ["DONT_KNOW", "METHODS", "TOTAL", "Bands", "BesideTheTree", "ByName", "Calculated", "Completion", "ContributionShare",
           "Difference", "Efficacy", "Findings", "Given", "Goalposts", "Growth", "Linked", "Marks", "Met", "Method", "MinMax",
           "OnBranch", "PerEvent", "QuotaPenalty", "RankLadder", "RankStep", "Recorded", "Scored", "ShareOfBest", "SuperiorRank",
           "Survey", "ZScore", "definitions", "named", "registered"]

METHODS = "x-methods"  # in a JSON Schema: the models that may stand at a place, by the name of their method
MethodType = type[Method] | type[BesideTheTree]


def _name(kind: MethodType) -> str:
    return str(get_args(kind.model_fields["method"].annotation)[0])


def _names(kind: MethodType) -> Iterator[tuple[str, str]]:
    yield "method", _name(kind)
    yield "model in the JSON Schema", kind.__name__


_REGISTER = Register[MethodType]([Given, Completion, Difference, Met, MinMax, Goalposts, RankStep, RankFromLast, RankLadder,
                                  Bands, ShareOfBest, Efficacy, Growth, ZScore, ContributionShare, SuperiorRank, Survey, Marks,
                                  Findings, Linked, PerEvent, QuotaPenalty], _names)
registered = _REGISTER.registered


def named(base: MethodType = Method) -> Mapping[str, MethodType]:
    """The methods of leaves, or of adjustments, by name."""
    return {_name(kind): kind for kind in _REGISTER if issubclass(kind, base)}


@dataclass(frozen=True)
class ByName:
    """A method is looked up by its name when a rule is validated, so that the registry is never frozen; `being`: what it says
    of itself that it must, to stand here."""

    base: Any = Method
    being: str = ""

    @property
    def known(self) -> Mapping[str, MethodType]:
        """The methods that may stand here, by name."""
        return {name: kind for name, kind in named(self.base).items() if not self.being or getattr(kind, self.being)}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._validated)

    def _validated(self, value: Any) -> Any:
        if isinstance(value, self.base):
            return value
        if not isinstance(value, dict):
            raise PydanticKnownError("dict_type")
        known = self.known
        if "method" not in value:
            raise PydanticKnownError("union_tag_not_found", {"discriminator": "'method'"})
        name = str(value["method"])  # a list or a mapping is no name either
        if name not in known:
            raise PydanticKnownError("union_tag_invalid", {"discriminator": "'method'", "tag": name,
                                                           "expected_tags": ", ".join(f"'{each}'" for each in known)})
        return known[name].model_validate(value)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """By name, the models that may stand here: `rules.schema` puts them together, `definitions` has what each must keep."""
        return {METHODS: {name: kind.__name__ for name, kind in self.known.items()}}


def definitions() -> dict[str, Any]:
    """The JSON Schema of every method's rule, and of what these are made of, by the names of the models."""
    found: dict[str, Any] = {}
    for kind in _REGISTER:
        own = TypeAdapter(kind).json_schema(by_alias=True)
        found |= {**own.pop("$defs", {}), kind.__name__: own}
    return found
