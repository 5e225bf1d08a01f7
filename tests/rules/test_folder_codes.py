"""A category's code names files and folders: each system must take it for one of its own. Unused branches are checked too."""

from __future__ import annotations

from pathlib import Path

import pytest
from shared import ROOT, edition
from spoiled import change

from txlib.base.files import names_a_folder
from txlib.intake import tables
from txlib.intake.folders import WORKBOOKS, workbook_of
from txlib.report.page import one_file
from txlib.rules.book import read
from txlib.run import cards, pages, reminders, year
from txlib.run.kept import manifest, outputs

pytestmark = pytest.mark.quick

WINDOWS = ("con", "nul", "AUX", "Prn", "com1", "LPT9", "con.a", "towns.")
FILES = (pages.INDEX, one_file.FILE, year.RESULTS, manifest.FILE)
FINE = ("towns_1", "A1.2", "console", "com", "com10", "years", "year_2", "Index", "x" * 48, "2020", "乡镇", "一类.乡" * 12)


def refused(root: Path, *codes: str) -> dict[str, tuple[int, str]]:
    """The faults of rulebook.yaml with these codes as its categories, a line for each: by code their lines and kinds."""
    listed = "categories:\n" + "".join(f"  - {code}\n" for code in codes)
    change(root, {"file": "params/2020/rulebook.yaml", "replace": "categories: [towns_1]\n", "by": listed})
    lines = (root / "params/2020/rulebook.yaml").read_text(encoding="utf-8").splitlines()
    _, faults = read("2020", root)
    mine = [fault for fault in faults if fault.file.endswith("rulebook.yaml") and fault.at.column.startswith("categories")]
    assert all(fault.found in lines[fault.line - 1] for fault in mine)
    assert {fault.file for fault in faults if fault.code != "file_missing"} <= {"params/2020/rulebook.yaml"}
    return {fault.found: (fault.line - lines.index("categories:") - 1, fault.code) for fault in mine}


def test_what_names_no_folder_everywhere_is_told_with_its_line(workspace: Path) -> None:
    codes = ("towns_1", *WINDOWS, year.WHOLE_YEAR, *FILES, "rulebook", "x" * 49, "乡" * 49)
    found = refused(workspace, *codes)
    assert found == {code: (number, "code_folder") for number, code in enumerate(codes, start=1) if number > 1}


def test_codes_that_differ_in_case_alone_are_told(workspace: Path) -> None:
    assert refused(workspace, "towns_1", "zones", "Towns_1", "zones") == {"Towns_1": (3, "code_case"), "zones": (4, "code_twice")}


def test_no_code_is_one_of_our_own_names() -> None:
    """Whatever stands beside a category's files and folders: in params, in data and in outputs."""
    ours = {year.WHOLE_YEAR, reminders.FOLDER, outputs.TEMPLATES, *FILES}
    ours |= {path.stem for path in (ROOT / "params" / "2020").glob("*.yaml")} - {*edition("2020")[0].rules.categories}
    ours |= {f"{name}.csv" for name in tables.named()} | {f"x{suffix}" for suffix in WORKBOOKS}
    assert {name for name in ours if names_a_folder(name)} == set() and len(ours) > 20


def test_codes_that_are_no_trouble_are_taken() -> None:
    known = [code for name in ("2019", "2020", "2017-jining") for code in edition(name)[0].rules.categories]
    assert [code for code in (*FINE, *known) if not names_a_folder(code)] == []


def test_no_unit_and_no_lead_gives_a_file_a_name_of_windows() -> None:
    assert all(cards.slug(name).startswith("unit-") for name in ("con", "lpt1")) and cards.slug("console") == "console"
    assert (workbook_of("con"), workbook_of("finance"), workbook_of("")) == ("_con.xlsx", "finance.xlsx", "_office.xlsx")


SPARE = """
spare.one:
  clause: [1.1b]
  assumed: [branch_shares]
  code: Z
  name: {zh: 备用, en: Spare}
  children:
    - {code: Z1, clause: [1.1b], assumed: [branch_shares], name: {zh: 甲, en: A}, weight: 30%, measured_in: "%",
       scored_by: {method: given, out_of: 100}}
    - {code: CODE, clause: [1.1b], assumed: [branch_shares], name: {zh: 乙, en: B}, weight: 70%, measured_in: "%",
       scored_by: {method: given, out_of: 100}}
"""


@pytest.mark.parametrize(("there", "instead", "kinds"), [
    ("CODE", "Z2", []),
    ("70%", "60%", ["weights_sum"]),
    ("CODE", "Z1", ["code_twice"]),
    ("clause: [1.1b]", "clause: [9.9z]", ["clause_unknown"]),
    ("method: given", "method: guessed", ["not_one_of"]),
    ("- {code: CODE,", "- {use: spare.one, weight: 70%, clause: [1.1b], assumed: [branch_shares]}\n    - {code: CODE,",
     ["branch_in_itself", "weights_sum"]),
    ("- {code: CODE,", "- {use: spare.two, weight: 70%, clause: [1.1b], assumed: [branch_shares]}\n    - {code: CODE,",
     ["branch_unknown", "weights_sum"]),
])
def test_a_branch_that_no_tree_uses_is_checked_too(workspace: Path, there: str, instead: str, kinds: list[str]) -> None:
    text = SPARE.replace(there, instead, 1).replace("CODE", "Z2")
    change(workspace, {"file": "params/2020/branches.yaml", "append": text})
    book, faults = read("2020", workspace)
    assert sorted(fault.code for fault in faults) == sorted(kinds)
    assert {fault.file for fault in faults} <= {"params/2020/branches.yaml"} and (book is None) is bool(kinds)
