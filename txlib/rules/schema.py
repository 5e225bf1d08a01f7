"""JSON Schemas of the rule-book's files, so that an editor completes and checks them while they are typed.

Where a mapping may be one of several, pydantic's schema only says “valid under none”; here the key that decides
(`method`, or which of use, children, scored_by is there) picks the one that counts, so that its fault is named.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from txlib.base import fields
from txlib.methods import METHODS, BesideTheTree, definitions, named
from txlib.rules import conditions, figures, quotas, terms, tree, year
from txlib.rules.terms import Terms

FILES: dict[str, Any] = {
    "rulebook": year.YearFile, "tree": tree.TreeFile, "branches": dict[str, tree.SharedBranch],
    "clauses": dict[str, year.Clause], "assumptions": dict[str, year.Assumption], "run": year.RunParameters,
    "terms": Terms,
}


def keys() -> list[str]:
    """Every key that a rule-book may have."""
    shapes = [shape for module in (tree, year, quotas, terms, conditions, figures) for shape in vars(module).values()]
    known = {shape for shape in shapes if isinstance(shape, type) and issubclass(shape, fields.Model)}
    return sorted(fields.keys(*known, *named().values(), *named(BesideTheTree).values()))


def json_schema() -> dict[str, Any]:
    """One schema for the files of params/<year>, a definition a file: point an editor at `#/$defs/tree` and so on."""
    schema: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": {}}
    for name, shape in FILES.items():
        own = TypeAdapter(shape).json_schema(by_alias=True)
        parts = own.pop("$defs", {})
        schema["$defs"] |= dict(sorted({**parts, **(definitions() if "Leaf" in parts else {})}.items()))
        schema["$defs"][name] = own
    schema["oneOf"] = [{"$ref": f"#/$defs/{name}"} for name in FILES]
    return {key: _decided(value) for key, value in schema.items()}


def _decided(part: Any) -> Any:
    if isinstance(part, list):
        return [_decided(item) for item in part]
    if not isinstance(part, dict):
        return part
    if METHODS in part:
        return _by_method(part[METHODS])
    refs = [item.get("$ref", "") for item in part.get("oneOf", [])]
    if {ref.rpartition("/")[2] for ref in refs} == {"Branch", "Group", "Parts", "Leaf"}:
        return _by_key()
    return {key: _decided(value) for key, value in part.items()}


def _by_method(models: dict[str, str]) -> dict[str, Any]:
    return {"type": "object", "required": ["method"], "properties": {"method": {"enum": sorted(models)}},
            "allOf": [{"if": {"properties": {"method": {"const": name}}, "required": ["method"]},
                       "then": {"$ref": f"#/$defs/{model}"}} for name, model in models.items()]}


def _by_key() -> dict[str, Any]:
    return {"type": "object",
            "if": {"required": ["use"]}, "then": {"$ref": "#/$defs/Branch"},
            "else": {"if": {"required": ["children"]},
                     "then": {"if": {"required": ["measured_in"]}, "then": {"$ref": "#/$defs/Parts"},
                              "else": {"$ref": "#/$defs/Group"}},
                     "else": {"$ref": "#/$defs/Leaf"}}}
