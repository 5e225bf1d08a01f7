"""What a workspace's own notebooks take from txlib that stands elsewhere now, with the new name.

Notebooks outlive the modules that they were written with: a name that went is told with what took its place, which is there.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from pkgutil import iter_modules
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
    "measures": "intake.sheets.units_of_measure", "workbook": "intake.sheets.workbook", "methods": "methods",
    "rulebook": "rules.book",
    "rulechecks": "rules.checks", "quotarules": "rules.quotas", "schema": "rules.schema", "yamltree": "rules.source",
    "terms": "rules.terms", "models": "rules.tree", "sentences": "scoring.explain", "ranking": "scoring.places",
    "points": "scoring.points", "scoring": "scoring.result", "resampling": "sensitivity.data", "draws": "sensitivity.draws",
    "factors": "sensitivity.factors", "leaveout": "sensitivity.leave_out", "stability": "sensitivity.one_weight",
    "choices": "sensitivity.rules", "sobol": "sensitivity.sobol", "spread": "sensitivity.spread", "swaps": "sensitivity.swaps",
    "weighing": "sensitivity.weighed", "sensitivity": "sensitivity.weights", "whatif": "sensitivity.what_if",
    "xlsx": "spreadsheet.package", "grids": "spreadsheet.cells", "formats": "spreadsheet.number_formats",
    "publish.batch": "run.batch", "publish.bundle": "report.page.one_file", "publish.card": "report.card",
    "publish.cards": "run.cards", "publish.csvfile": "report.csvfile", "publish.drawing": "report.kit.drawing",
    "publish.excel": "report.excel.book", "publish.execute": "run.cells.notebook", "publish.handout": "report.excel.handout",
    "publish.index": "report.page.index", "publish.plan": "run.plan", "publish.report": "report.page.html",
    "publish.results": "report.excel.results", "publish.shown": "report.kit.shown", "publish.workers": "run.cells.workers",
}


class MovedName(NamedTuple):
    """A name as a notebook has it, in which code cell (from 1), and what to write instead; empty where nothing took its place."""

    notebook: str
    cell: int
    written: str
    instead: str


def moved_names(folder: Path) -> list[MovedName]:
    """What the notebooks of a folder take from txlib that is not there, each once; what cannot be read is passed over."""
    found: list[MovedName] = []
    for path in sorted(folder.glob("*.ipynb")):
        try:
            cells = json.loads(path.read_text(encoding="utf-8-sig"))["cells"]
            sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        told = dict.fromkeys((cell, *pair) for cell, pair in _taken([_parsed(source) for source in sources]))
        found += [MovedName(path.name, *each) for each in told]
    return found


def moved_lines(folder: Path, lang: str) -> list[str]:
    """The same in lines to be printed."""
    return [say("cli.moved" if each.instead else "cli.gone", lang, **{name: printable(value) for name, value in
                                                                      each._asdict().items()}) for each in moved_names(folder)]


def _parsed(source: str) -> ast.Module:
    """A cell as Python: its magics and commands of the shell as IPython runs them; nothing where it is neither."""
    try:
        return ast.parse(source)
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager
    try:
        return ast.parse(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]
    except SyntaxError:
        return ast.Module([], [])


def _taken(cells: list[ast.Module]) -> Iterator[tuple[int, tuple[str, str]]]:
    """Number of the cell, name as written, and name instead; of names that stand for a module, which the notebook gives to
    nothing else, what is taken from them too.
    """
    known = dict[str, str]()  # by short name the module that it stands for, there or gone
    own = {name for cell in cells for name in _given(cell)}
    for number, cell in enumerate(cells, 1):
        nodes = [*ast.walk(cell)]
        for node in nodes:
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "txlib" and not node.level:
                yield from ((number, each) for each in _from(str(node.module), node.names, known))
            elif isinstance(node, ast.Import):
                yield from ((number, each) for each in _import(node.names, known))
        for node in nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known.keys() - own:
                yield from ((number, each) for each in _used(node.value.id, known[node.value.id], node.attr))


def _given(cell: ast.Module) -> Iterator[str]:
    """The names that a cell gives to values, functions and their arguments."""
    for node in ast.walk(cell):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


def _from(module: str, names: list[ast.alias], known: dict[str, str]) -> Iterator[tuple[str, str]]:
    for alias in names:
        there = _there(module, alias.name)
        if not there:
            yield f"from {module} import {alias.name}", _instead(module, alias.name)
        if not there or (_module(f"{module}.{alias.name}") and alias.name not in txlib.__all__):
            known[alias.asname or alias.name] = f"{module}.{alias.name}"


def _import(names: list[ast.alias], known: dict[str, str]) -> Iterator[tuple[str, str]]:
    for alias in names:
        if alias.name.split(".")[0] != "txlib":
            continue
        if not _module(alias.name):
            home = MODULES.get(alias.name.removeprefix("txlib."), "")
            of_reports = _of_reports() if _old_report(alias.name) else ""
            yield f"import {alias.name}", f"import txlib.{home}" if home else of_reports
        elif alias.asname:
            known[alias.asname] = alias.name
        else:
            known["txlib"] = "txlib"


def _used(short: str, module: str, name: str) -> Iterator[tuple[str, str]]:
    """What is taken from a module by its short name, where it is not there; of a module that is gone, only what is elsewhere."""
    if _module(module):
        if not _there(module, name):
            yield f"{short}.{name}", _instead(module, name)
    elif not _there(f"txlib.{MODULES.get(module.removeprefix('txlib.'), '-')}", name) and (instead := _instead(module, name)):
        yield f"{short}.{name}", instead


@cache
def _module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _there(module: str, name: str) -> bool:
    """Whether a module has a name, or a package a module of it."""
    if not _module(module):
        return False
    loaded = importlib.import_module(module)
    return name in ("*", *getattr(loaded, "__all__", ())) or hasattr(loaded, name) or _module(f"{module}.{name}")


def _instead(module: str, name: str) -> str:
    """What brings a name that a module does not have, or has no more; empty where it is nowhere."""
    place = module.removeprefix("txlib").lstrip(".")
    if name in txlib.__all__:
        return f"import txlib as tx · tx.{name}"
    if moved := MODULES.get(f"{place}.{name}".lstrip(".")):
        home, _, own = f"txlib.{moved}".rpartition(".")
        return f"from {home} import {own}"
    if place in ("publish", "report"):
        return _of_reports()
    if _old_report(module):
        return _homes(f"{place.rpartition('.')[2]}.{name}")
    near = _modules_near(MODULES.get(place, place if _module(module) else ""))
    homes = [home for home in near if _there(home, name)]
    return "".join(f"from {home} import {name}" for home in sorted(homes, key=lambda home: not _made(home, name))[:1])


def _made(home: str, name: str) -> bool:
    """Whether a module made what it has by a name, and does not borrow it."""
    return bool(getattr(getattr(importlib.import_module(home), name, None), "__module__", home) == home)


def _old_report(module: str) -> bool:
    """Whether a module is, or was, one of reports."""
    return module.startswith(("txlib.publish", "txlib.report")) and module.removeprefix("txlib.") not in MODULES


def _of_reports() -> str:
    return f"from txlib.report import {' | '.join(OF_REPORTS)} as report"


def _modules_near(home: str) -> Iterable[str]:
    """The module that took another's place, then those of the same package."""
    if not home:
        return []
    package = f"txlib.{home.split('.')[0]}"
    paths = getattr(importlib.import_module(package), "__path__", ())
    return [f"txlib.{home}", *(each.name for each in iter_modules(paths, f"{package}."))]


def _homes(used: str) -> str:
    """Where the reports show a function of a module that is gone."""
    name = RENAMED.get(used, used.partition(".")[2])
    homes = [each for each in OF_REPORTS if name in importlib.import_module(f"txlib.report.{each}").__all__]
    return f"report.{name} ({', '.join(f'txlib.report.{each}' for each in homes)})" if homes else ""
