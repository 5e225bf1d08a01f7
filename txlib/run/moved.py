"""What a workspace's own notebooks import of txlib that stands elsewhere now, with the new name.

Notebooks outlive the modules that they were written with: a name that went is told with what took its place.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import txlib
from txlib.base.faults import printable
from txlib.base.labels import say

OF_REPORTS = ("overview", "ranking", "marks", "sensitivity", "rule_changes", "what_if")
RENAMED = {"findings.year": "findings", "findings.category": "findings", "figures.superior": "superior_figure",
           "figures.weights": "weights_figure", "standing.shares": "spread", "standing_figures.swaps": "swaps_figure",
           "standing_figures.shares": "shares_figure", "changed.base": "editions"}
MODULES = {
    "assessment": "audits.mark_audit", "orders": "audits.chance", "levelling": "audits.levelling", "markings": "audits.marks",
    "quotas": "audits.quotas", "quotachoices": "audits.readings", "remedies": "audits.remedies", "ruletext": "audits.rule_text",
    "superior": "audits.superior", "faults": "base.faults", "forms": "base.fields", "labels": "base.labels",
    "exact": "base.numbers", "changes": "editions.changes", "nextyear": "editions.new_year",
    "carried": "editions.under_other_rules", "entries": "editions.values", "lastyear": "editions.years", "data": "intake.data",
    "handin": "intake.asked", "blanks": "intake.blanks", "folders": "intake.folders", "tables": "intake.read",
    "measures": "intake.units_of_measure", "workbook": "intake.workbook", "methods": "methods", "rulebook": "rules.book",
    "rulechecks": "rules.checks", "quotarules": "rules.quotas", "schema": "rules.schema", "yamltree": "rules.source",
    "terms": "rules.terms", "models": "rules.tree", "sentences": "scoring.explain", "ranking": "scoring.places",
    "points": "scoring.points", "scoring": "scoring.result", "resampling": "sensitivity.data", "draws": "sensitivity.draws",
    "factors": "sensitivity.factors", "leaveout": "sensitivity.leave_out", "stability": "sensitivity.one_weight",
    "choices": "sensitivity.rules", "sobol": "sensitivity.sobol", "spread": "sensitivity.spread", "swaps": "sensitivity.swaps",
    "weighing": "sensitivity.weighed", "sensitivity": "sensitivity.weights", "whatif": "sensitivity.what_if",
    "xlsx": "spreadsheet.package", "grids": "spreadsheet.cells", "formats": "spreadsheet.number_formats",
}


class MovedName(NamedTuple):
    """A name as a notebook has it, in which code cell (from 1), and what to write instead; empty where nothing took its place."""

    notebook: str
    cell: int
    written: str
    instead: str


def moved_names(folder: Path) -> list[MovedName]:
    """What the notebooks of a folder import of txlib that is not there, each once; what cannot be read is passed over."""
    found: list[MovedName] = []
    for path in sorted(folder.glob("*.ipynb")):
        try:
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        told = dict.fromkeys((cell, *pair) for cell, pair in _imports(sources))
        found += [MovedName(path.name, *each) for each in told]
    return found


def moved_lines(folder: Path, lang: str) -> list[str]:
    """The same in lines to be printed."""
    return [say("cli.moved" if each.instead else "cli.gone", lang, **{name: printable(value) for name, value in
                                                                      each._asdict().items()}) for each in moved_names(folder)]


def _imports(sources: list[str]) -> Iterator[tuple[int, tuple[str, str]]]:
    """Number of the cell, name as written, and name instead."""
    gone = dict[str, str]()  # the short names of modules of reports that are gone
    for number, source in enumerate(sources, 1):
        try:
            tree = ast.parse(source)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "txlib":
                for alias in node.names:
                    if not _there(str(node.module), alias.name):
                        yield number, _instead(str(node.module), alias.name)
                        gone[alias.asname or alias.name] = alias.name
            elif isinstance(node, ast.Import):
                yield from ((number, _elsewhere(alias.name)) for alias in node.names
                            if alias.name.startswith("txlib.") and not _module(alias.name))
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in gone:
                homes = _homes(f"{gone[node.value.id]}.{node.attr}")
                yield from [(number, (f"{node.value.id}.{node.attr}", homes))] if homes else []


def _module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False


def _elsewhere(module: str) -> tuple[str, str]:
    """A module as it is imported, and where it stands now."""
    home = MODULES.get(module.removeprefix("txlib."), "")
    return f"import {module}", f"import txlib.{home}" if home else ""


def _there(module: str, name: str) -> bool:
    """Whether a module has a name, or a package a module of it."""
    return _module(module) and (hasattr(importlib.import_module(module), name) or _module(f"{module}.{name}"))


def _instead(module: str, name: str) -> tuple[str, str]:
    """What is imported, and what to import instead."""
    written, last = f"from {module} import {name}", module.split(".")[-1]
    if name in txlib.__all__:
        return written, f"import txlib as tx · tx.{name}"
    if last in ("publish", "report"):
        return written, f"from txlib.report import {' | '.join(OF_REPORTS)} as report"
    if module == "txlib" and name in MODULES:
        home, _, own = f"txlib.{MODULES[name]}".rpartition(".")
        return written, f"from {home} import {own}"
    if module.startswith("txlib.") and last in MODULES:
        return written, f"from txlib.{MODULES[last]} import {name}"
    return written, ""


def _homes(used: str) -> str:
    """Where the reports show a function of a module that is gone."""
    name = RENAMED.get(used, used.partition(".")[2])
    homes = [each for each in OF_REPORTS if name in importlib.import_module(f"txlib.report.{each}").__all__]
    return f"report.{name} ({', '.join(f'txlib.report.{each}' for each in homes)})" if homes else ""
