"""What the rule-books of the sample's years ask for, read as they are written."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

PARAMS = Path(__file__).parents[2] / "params"


@cache
def leaves(year: str, category: str) -> list[dict[str, Any]]:
    """The indicators of a category's tree that are measured, in its order; shared branches in their place."""
    tree, shared = _read(year, f"trees/{category}.yaml"), _read(year, "branches.yaml")
    found, waiting = [], list(tree["indicators"])
    while waiting:
        node = waiting.pop(0)
        if "use" in node:
            node = shared[node["use"]]
        waiting = [*node.get("children", []), *waiting]
        if "scored_by" in node:
            found.append(node)
    return found


def marked(year: str, category: str) -> list[dict[str, Any]]:
    """Those on which a department hands in marks in two parts, by detailed rules."""
    return [leaf for leaf in leaves(year, category) if leaf["scored_by"]["method"] == "marks"]


def _read(year: str, name: str) -> Any:
    return yaml.load((PARAMS / year / name).read_text(encoding="utf-8"), yaml.BaseLoader)
