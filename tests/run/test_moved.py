"""Notebooks of a workspace that import what moved are told the new name."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from shared import ROOT

from txlib.cli import main
from txlib.run.moved import MODULES, moved_names

pytestmark = pytest.mark.quick


def told(folder: Path, *cells: str) -> list[tuple[int, str, str]]:
    nb = new_notebook(cells=[new_markdown_cell("# own"), *map(new_code_cell, cells)])
    (folder / "10_own.ipynb").write_text(nbformat.writes(nb), encoding="utf-8")
    return [(each.cell, each.written, each.instead) for each in moved_names(folder)]


def test_what_the_suites_notebooks_import_is_there() -> None:
    assert moved_names(ROOT / "notebooks") == []


def test_a_module_of_reports_that_went_is_told_with_each_function_used(tmp_path: Path) -> None:
    found = told(tmp_path, "import txlib as tx\nfrom txlib.publish import tables, standing", "tables.ranking(result, lang)\n1 +",
                 "tables.cover(book, result)\nstanding.shares(result, then)\ntables.mine()")
    assert [each[:2] for each in found] == [(1, "from txlib.publish import tables"), (1, "from txlib.publish import standing"),
                                            (3, "tables.cover"), (3, "standing.shares")]
    assert "txlib.report.ranking" in found[2][2] and found[2][2].startswith("report.cover ")
    assert found[3][2] == "report.spread (txlib.report.sensitivity)"


@pytest.mark.parametrize(("written", "instead"), [
    ("from txlib.rulebook import load_rulebook", "import txlib as tx · tx.load_rulebook"),
    ("from txlib.stability import INTERVALS", "from txlib.sensitivity.one_weight import INTERVALS"),
    ("from txlib import leaveout", "from txlib.sensitivity import leave_out"),
    ("from txlib.exact import nothing_of_this_name", ""),
    ("from txlib.exact import *", "from txlib.base.numbers import *"),
    ("from txlib.publish.tables import ranking", "report.ranking (txlib.report.ranking, txlib.report.what_if)"),
    ("from txlib.publish.changed import compared", "report.compared (txlib.report.rule_changes)"),
    ("from txlib.publish.changed import rules", ""),
    ("from txlib.publish import batch", "from txlib.run import batch"),
    ("from txlib.publish.shown import escaped", "from txlib.report.kit.shown import escaped"),
    ("from txlib.quotas import MarkAudit", "from txlib.audits.mark_audit import MarkAudit"),
    ("import txlib.publish.figures", "from txlib.report import overview | ranking | marks | sensitivity | rule_changes | what_if "
                                      "as report"),
    ("import txlib.publish.batch", "import txlib.run.batch"),
    ("%matplotlib inline\n!ls\nfrom txlib.exact import floats", "from txlib.base.numbers import floats"),
    ("from txlib.nowhere import x", ""),
    ("import txlib.rulebook", "import txlib.rules.book"),
    ("from txlib.rules.book import Node", "from txlib.rules.category import Node"),
    ("from txlib.rules.tree import Tiers", "from txlib.rules.year import Tiers"),
])
def test_a_name_that_moved_is_told_with_its_new_home(tmp_path: Path, written: str, instead: str) -> None:
    assert told(tmp_path, written) == [(1, written.splitlines()[-1], instead)]


@pytest.mark.parametrize("fine", ["import txlib", "from txlib import Result, years", "from txlib.report import ranking as report",
                                  "from txlib.rules.category import Node", "import pandas"
                                  "import txlib.rules.book as rules", "%matplotlib inline", "from . import x",
                                  "from txlib.rules.book import *", "from txlib import assess\nassess(1).ranking",
                                  "from txlib import sensitivity\nsensitivity.weights", "def f(tx):\n    tx.mine",
                                  "import txlib as tx\ntx.assess\ntx.__version__\nfor tx in ():\n    tx.mine"])
def test_what_is_there_is_not_told(tmp_path: Path, fine: str) -> None:
    assert told(tmp_path, fine) == []


@pytest.mark.parametrize(("cell", "found"), [
    ("from txlib import scoring, sensitivity\nsensitivity.weight_draws()\nscoring.nothing_of_this_name",
     [("sensitivity.weight_draws", "import txlib as tx · tx.weight_draws"), ("scoring.nothing_of_this_name", "")]),
    ("from txlib import sensitivity as s\ns.INTERVALS", [("s.INTERVALS", "from txlib.sensitivity.weights import INTERVALS")]),
    ("from txlib.report import marks as report\nreport.gone_function\nreport.tiers\nreport.quotas",
     [("report.gone_function", ""), ("report.tiers", "report.tiers (txlib.report.ranking)")]),
    ("import txlib as tx\ntx.gone\ntx.assess", [("tx.gone", "")]),
    ("import txlib\ntxlib.gone", [("txlib.gone", "")]),
    ("from txlib import quotas\nquotas.MarkAudit\nquotas.QuotaAudit", [
        ("from txlib import quotas", "from txlib.audits import quotas"),
        ("quotas.MarkAudit", "from txlib.audits.mark_audit import MarkAudit")]),
])
def test_what_is_taken_from_a_module_is_told_where_the_module_has_it_no_more(
        tmp_path: Path, cell: str, found: list[tuple[str, str]]) -> None:
    assert sorted(each[1:] for each in told(tmp_path, cell)) == sorted(found)


def test_a_notebook_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    told(tmp_path, "from txlib import leaveout")
    path = tmp_path / "10_own.ipynb"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert [each.written for each in moved_names(tmp_path)] == ["from txlib import leaveout"]


def test_a_notebook_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text("{", encoding="utf-8")
    (tmp_path / "b.ipynb").write_text('{"cells": 3}', encoding="utf-8")
    assert moved_names(tmp_path) == []


@pytest.mark.parametrize("module", sorted(set(MODULES.values())))
def test_every_new_home_is_there(module: str) -> None:
    path = ROOT / "txlib" / Path(*module.split("."))
    assert path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_check_tells_it_and_ends_with_1(workspace: Path, lang: str) -> None:
    (workspace / "notebooks").mkdir()
    told(workspace / "notebooks", "from txlib.publish import tables\ntables.tiers(result, lang)")
    ran = CliRunner().invoke(main, ["check", "2020", "--root", str(workspace), "--lang", lang])
    assert ran.exit_code == 1 and "10_own.ipynb" in ran.stderr
    assert "report.tiers (txlib.report.ranking)" in ran.stderr and len(ran.stderr.splitlines()) == 2
