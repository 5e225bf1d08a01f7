"""The threats in CONTRIBUTING.md: each row names tests that there are."""

from __future__ import annotations

import ast
import re

import pytest
from shared import ROOT

pytestmark = pytest.mark.quick


def rows() -> list[list[str]]:
    """The rows of the table, by columns."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("## Threats\n")[2].partition("\n## ")[0]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table.splitlines() if line.startswith("| ")][1:]


def there() -> set[str]:
    """All tests that there are, by file and name."""
    files = [path for path in (ROOT / "tests").rglob("test_*.py")]
    return {f"{path.stem}::{node.name}" for path in files for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_each_threat_names_what_stops_it_and_tests_that_there_are() -> None:
    named = [re.findall(r"`([^`]+)`", shown) for _, _, shown in rows()]
    assert len(named) >= 12 and all(named)
    known = there()
    assert [each for row in named for each in row if each not in known] == []
