"""The JSON Schemas of a rule-book's files: one for each, and of several shapes the one that the deciding key picks."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from txlib.methods import BesideTheTree, named
from txlib.rules.schema import FILES, json_schema

pytestmark = pytest.mark.quick

SCHEMA = json_schema()
NAME = {"zh": "名", "en": "name"}
LEAF = {"clause": "silent", "assumed": "x", "code": "A", "name": NAME, "weight": 1, "measured_in": "%",
        "scored_by": {"method": "given"}}
GROUP = {key: LEAF[key] for key in ("clause", "assumed", "code", "name", "weight")} | {"children": [LEAF]}
HUNG = {"clause": "silent", "assumed": "x", "use": "s", "weight": "10%"}


def faults(name: str, value: Any) -> list[str]:
    """Where a value breaks the schema of a file, each fault by its path and its kind."""
    schema = {"$defs": SCHEMA["$defs"], "$ref": f"#/$defs/{name}"}
    return sorted({f"{'.'.join(map(str, error.absolute_path))} {error.validator}"
                  for error in Draft202012Validator(schema).iter_errors(value)})


def tree(*indicators: Any) -> dict[str, Any]:
    return {"category": {"clause": "silent", "assumed": "x", "code": "c", "name": NAME}, "indicators": list(indicators)}


def test_each_file_has_a_schema_and_all_of_them_are_sound() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert [each["$ref"] for each in SCHEMA["oneOf"]] == [f"#/$defs/{name}" for name in FILES]
    assert set(FILES) <= set(SCHEMA["$defs"])
    assert {kind.__name__ for kind in (*named().values(), *named(BesideTheTree).values())} <= set(SCHEMA["$defs"])
    assert faults("run", {"year": "2020", "category": "c"}) == [] and faults("run", {"year": "2020"}) == [" required"]


@pytest.mark.parametrize(("indicator", "told"), [
    (LEAF, []), (GROUP, []), (HUNG, []),
    ({**LEAF, "leed": 1}, ["indicators.0 additionalProperties"]), ({**GROUP, "role": 1}, ["indicators.0 additionalProperties"]),
    ({**HUNG, "code": "A"}, ["indicators.0 additionalProperties"]),
    ({**LEAF, "scored_by": {"method": "gifts"}}, ["indicators.0.scored_by.method enum"]),
    ({**LEAF, "scored_by": {}}, ["indicators.0.scored_by required"]),
    ({**LEAF, "scored_by": "given"}, ["indicators.0.scored_by type"]),
    ({**LEAF, "scored_by": {"method": "given", "step": 1}}, ["indicators.0.scored_by additionalProperties"]),
    ({**LEAF, "scored_by": {"method": "rank_step", "step": 1}}, ["indicators.0.scored_by required"]),
    ({**GROUP, "children": []}, ["indicators.0.children minItems"]),
    ({**GROUP, "children": [{**LEAF, "leed": 1}]}, ["indicators.0.children.0 additionalProperties"]),
    ("A", ["indicators.0 type"]),
])
def test_the_fault_of_an_indicator_is_named_by_what_decides_which_it_is(indicator: Any, told: list[str]) -> None:
    """`use`, `children` or neither; of a rule its method."""
    assert faults("tree", tree(indicator)) == told
