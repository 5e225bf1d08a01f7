"""An edition once assessed comes out the same for ever: what was kept, read and assessed again by the library of today."""

from __future__ import annotations

import csv
import hashlib
import io
import tarfile
from pathlib import Path

import forever
import pytest

KEPT = sorted(forever.FOLDER.glob("*.tar.xz"))
Table = list[dict[str, str]]


def rows(text: str) -> Table:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def changes(then: Table, now: Table) -> list[str]:
    """What a table of today says otherwise; a column that it has more is no change."""
    if len(then) != len(now):
        return [f"{len(then)} rows → {len(now)}"]
    return [f"{[*was.values()][:2]} {name}: {value} → {row.get(name)}"
            for was, row in zip(then, now, strict=True) for name, value in was.items() if row.get(name) != value]


@pytest.mark.long
@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.name)
def test_an_edition_once_assessed_comes_out_the_same(path: Path, tmp_path: Path) -> None:
    with tarfile.open(path) as archive:
        archive.extractall(tmp_path, filter="data")
    then = {each.relative_to(tmp_path).as_posix(): each for each in (tmp_path / "results").rglob("*.csv")}
    now = dict(forever.results(tmp_path))
    assert len(then) > 60 and then.keys() <= now.keys()
    told = {name: changes(rows(file.read_text(encoding="utf-8")), rows(now[name])) for name, file in then.items()}
    assert {name: lines for name, lines in told.items() if lines} == {}


def test_what_is_kept_is_never_touched() -> None:
    """A file more is a line more here."""
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in KEPT} == {
        "2026-11.tar.xz": "4660e332eba0f40e37cf7a0fe77b6708485227973a543f50474d12b174d91428"}


def test_a_value_that_is_another_is_a_change_and_a_column_more_is_none() -> None:
    then = rows("unit,points\na,1/3\n")
    assert changes(then, rows("unit,points,more\na,1/3,x\n")) == []
    assert changes(then, rows("unit,points\na,1/2\n")) == ["['a', '1/3'] points: 1/3 → 1/2"]
    assert changes(then, rows("unit\na\n")) == ["['a', '1/3'] points: 1/3 → None"]
    assert changes(then, []) == ["1 rows → 0"]
