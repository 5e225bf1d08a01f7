"""Files spoiled by chance, of all three formats: a fault with its place, or numbers that come out again; never a traceback."""

from __future__ import annotations

import faulthandler
import random
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from mutants import mutant
from shared import ROOT, digests
from spoiled import cut_down, keep

import txlib as tx
from txlib.base.faults import Fault
from txlib.base.labels import LANGS
from txlib.intake import tables
from txlib.intake.read import read_table
from txlib.rules import book
from txlib.run import plan

LONGEST = 60  # seconds for one, a hundred times what good files take; beyond it the process ends with its stack
WHOLE = ("encoding_unknown", "encoding_big5", "file_empty", "not_csv", "not_workbook", "workbook_damaged", "workbook_part_twice",
         "workbook_protected", "workbook_too_large")  # faults of a file, with no place in it
FEW, MANY = range(20), range(500)


class Read(NamedTuple):
    """What came of a year: its faults, what the commands say of them, and digests of all numbers."""

    faults: list[Fault]
    told: list[str]
    numbers: list[dict[str, str]]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A workspace of one category for each format: towns hand in CSV, zones workbooks."""
    towns, zones = (tmp_path_factory.mktemp(name) for name in ("towns", "zones"))
    cut_down(ROOT, towns)
    for name in ("params/2020", "data/2020"):
        shutil.copytree(ROOT / name, zones / name)
    keep(zones, "2020", "zones")
    rules = zones / "params/2020/rulebook.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace('last_year: "2019"\n', ""), encoding="utf-8", newline="")
    return {".yaml": towns, ".csv": towns, ".xlsx": zones}


@pytest.fixture(autouse=True)
def _bounded() -> Iterator[None]:
    yield
    faulthandler.cancel_dump_traceback_later()


def read(root: Path, lang: str = "zh") -> Read:
    """A year as `check` and `run` read it, and each of its categories assessed where nothing is wrong."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rules, data, faults = plan.read_year(root, "2020", (), lang)
        told = [*plan.fault_lines(rules, (), faults, lang), *plan.remark_lines(rules, data, faults, (), lang, root)]
        if rules is None or data is None or faults:
            return Read(faults, told, [])
        return Read(faults, told, [digests(data), *(digests(tx.assess(rules, data, code)) for code in rules.categories)])


def alone(root: Path, path: Path, elsewhere: Path) -> Read:
    """What the rules of the year say, or a file of data by itself, whichever tables it holds."""
    if path.suffix == ".yaml":
        return Read(book.read("2020", root)[1], [], [])
    folder = elsewhere / path.parent.relative_to(root)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, folder)
    held = [row for name, row in tables.named().items() if name == path.stem or (path.suffix == ".xlsx" and not row.of_year)]
    read_ones = [read_table(elsewhere, path.parent.relative_to(root).as_posix(), row, needed=False) for row in held]
    (folder / path.name).unlink()
    return Read([fault for _, found, _ in read_ones for fault in found if isinstance(fault, Fault)], [], [])


def judged(root: Path, suffix: str, seed: int, reading: Callable[[Path], Read]) -> Read:
    """A mutant of one of the year's files, read; the file is put back. Nothing falls over, and each fault names its file and
    place in both languages."""
    files = sorted(path for folder in ("params/2020", "data/2020") for path in (root / folder).rglob(f"*{suffix}"))
    path = random.Random(seed).choice(files)
    before = path.read_bytes()
    made, how = mutant(before, suffix, seed)
    path.write_bytes(made)
    faulthandler.dump_traceback_later(LONGEST, exit=True)
    try:
        found = reading(path)
        for fault in found.faults:
            whole = fault.file.endswith("]") or fault.code in WHOLE  # a sheet, which stands in brackets, or a file
            assert fault.line or fault.where or whole, fault
            for line in map(fault.message, LANGS):
                assert fault.file and fault.file in line and line.isprintable(), line
    except Exception as error:
        error.add_note(f"seed {seed}: {path.relative_to(root).as_posix()} after {how}")
        raise
    finally:
        path.write_bytes(before)
    return found


@pytest.mark.quick
@pytest.mark.parametrize("suffix", [".yaml", ".csv", ".xlsx"])
def test_some_mutants_of_each_format(good: dict[str, Path], tmp_path: Path, suffix: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = [judged(good[suffix], suffix, seed, lambda path: alone(good[suffix], path, tmp_path)) for seed in FEW]
    assert {bool(each.faults) for each in found} == {True, False}


def many(root: Path, suffix: str) -> None:
    """Mutants in a year read and assessed: the commands say each kind of fault of it; without one the numbers come out again."""
    def whole(path: Path) -> Read:
        found = read(root, lang)
        first = {(fault.file, fault.code): fault.message(lang) for fault in sorted(found.faults, reverse=True)}
        assert {*first.values()} <= {*found.told}  # of a kind in a file the others are counted
        assert found.faults or read(root, lang) == found
        return found

    faults = 0
    for seed in MANY:
        lang = LANGS[seed % 2]
        faults += bool(judged(root, suffix, seed, whole).faults)
    assert len(MANY) / 4 < faults < len(MANY)
    assert not read(root).faults


@pytest.mark.long
class TestManyRuleBooks:  # a class each: they are done side by side
    def test_of_yaml(self, good: dict[str, Path]) -> None:
        many(good[".yaml"], ".yaml")


@pytest.mark.long
class TestManyTables:
    def test_of_csv(self, good: dict[str, Path]) -> None:
        many(good[".csv"], ".csv")


@pytest.mark.long
class TestManyWorkbooks:
    def test_of_xlsx(self, good: dict[str, Path]) -> None:
        many(good[".xlsx"], ".xlsx")
