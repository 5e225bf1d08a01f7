"""The shape of a rule-book's files: pydantic's errors in our words, each with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from txlib.base.faults import Fault, Where, asked
from txlib.base.labels import section
from txlib.rules.schema import keys
from txlib.rules.source import Block

KINDS = {"missing": "key_missing", "extra_forbidden": "key_unknown", "literal_error": "not_one_of",
         "union_tag_invalid": "not_one_of", "union_tag_not_found": "key_missing", "string_pattern_mismatch": "code_form",
         "predicate_failed": "code_folder", "too_short": "list_length", "too_long": "list_length",
         "greater_than_equal": "count_least"}


def shaped(raw: Block, adapter: TypeAdapter[Any]) -> tuple[Any, list[Fault]]:
    """The model of a raw file, or None with the faults of its shape."""
    try:
        return adapter.validate_python(raw), []
    except ValidationError as error:
        faults = [_shape_fault(raw, each) for each in error.errors()]
        return None, [fault for fault in faults if fault is not None]


def _shape_fault(raw: Block, error: Mapping[str, Any]) -> Fault | None:
    kind, value = error["type"], error.get("input")
    code = kind if f"{kind}.expected" in section("faults") else KINDS.get(kind, "wrong_shape")
    context = error.get("ctx", {})
    if kind == "too_short" and isinstance(value, list) and len(value) >= context["min_length"]:
        return None  # its items have faults of their own
    if kind == "missing" and isinstance(error["loc"][-1], int):  # an item of a list of so many, no key
        return _at(raw, error["loc"][:-1], "list_length", found="")
    values: dict[str, Any] = dict(context) if code == kind else {}
    if code == "key_missing":
        values["key"] = "method" if kind == "union_tag_not_found" else error["loc"][-1]
    elif code == "count_least":
        values["least"] = context["ge"]
    elif code == "key_unknown":
        value, known = error["loc"][-1], keys()
        code, values = ("key_elsewhere", {}) if value in known else (code, {"near": asked(str(value), known)})
    elif code == "not_one_of":
        values["allowed"] = re.findall("'([^']*)'", context.get("expected_tags") or context.get("expected"))
        value = context.get("tag", value)
    return _at(raw, error["loc"], code, found=value if isinstance(value, str) else "", **values)


def _at(raw: Block, loc: tuple[Any, ...], code: str, *, found: object, **values: Any) -> Fault:
    """A fault at pydantic's location: the parts that name union members are no keys and are passed over."""
    inside, rest = "", list[str]()
    for part, here, _ in raw.steps(loc):
        rest.append(f"[{part + 1}]" if isinstance(part, int) else part)
        if isinstance(here, Block) and isinstance(own := here.get("code") or here.get("use"), str):
            inside, rest = own, []
    at = Where(indicator=inside, column=".".join(rest).replace(".[", "["))
    return Fault.of(code, *raw.place(*loc), at, found=found, **values)
