"""Files made to be too large: each is a fault that names the limit, within seconds and half a gigabyte, however small it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from shared import ROOT
from spoiled import cut_down
from workbooks import FOLDER

from txlib.base.faults import DataError, Fault, Where
from txlib.intake import asked

SECONDS, MEGABYTES = 20, 500  # of one file: five seconds on a quiet machine, four times as many elsewhere
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LINKS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
HEAD = ["unit", "indicator", "period", "value", "target", "last_year", "status", "note"]
COLUMNS = ",".join(HEAD) + "\n"
Parts = dict[str, Iterator[str] | list[str]]


def many(text: str, count: int, at_once: int = 1_000) -> Iterator[str]:
    """A text so many times."""
    for start in range(0, count, at_once):
        yield text * min(at_once, count - start)


def numbered(text: str, count: int) -> Iterator[str]:
    """A text so many times, each with its number."""
    return (text.replace("#", str(i)) for i in range(2, count + 2))


def workbook(path: Path, rows: Any = (), *, strings: Any = (), styles: Any = (), after: Any = (), names: Any = (),
             sheets: int = 1, members: int = 0) -> None:
    """A workbook with a header, these rows, and whatever else."""
    head = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in HEAD)
    tabs = "".join(f'<sheet name="{"实绩" if i == 0 else f"S{i}"}" sheetId="{i + 1}" r:id="s"/>' for i in range(sheets))
    whole = f'<Relationship Id="r" Type="{KINDS}/officeDocument" Target="xl/workbook.xml"/>'
    parts: dict[str, Any] = {
        "_rels/.rels": [f"<Relationships {LINKS}>{whole}</Relationships>"],
        "xl/workbook.xml": [f'<workbook {MAIN} xmlns:r="{KINDS}"><sheets>{tabs}</sheets>', *names, "</workbook>"],
        "xl/_rels/workbook.xml.rels": [f"<Relationships {LINKS}>", *(
            f'<Relationship Id="{name[0]}" Type="{KINDS}/{kind}" Target="{name}.xml"/>'
            for name, kind in (("sheet", "worksheet"), ("texts", "sharedStrings"), ("formats", "styles"))), "</Relationships>"],
        "xl/texts.xml": chain([f"<sst {MAIN}>"], strings, ["</sst>"]),
        "xl/formats.xml": chain([f"<styleSheet {MAIN}>"], styles, ["</styleSheet>"]),
        "xl/sheet.xml": chain([f"<worksheet {MAIN}><sheetData><row>{head}</row>"], rows, ["</sheetData>"], after,
                              ["</worksheet>"])}
    parts |= {f"x/{i}": [""] for i in range(members)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, texts in parts.items():
            with archive.open(name, "w") as stream:
                for text in texts:
                    stream.write(text.encode())


def text_file(*texts: Any, encoding: str = "utf-8") -> Callable[[Path], None]:
    """A file of these texts."""
    def make(path: Path) -> None:
        with path.open("w", encoding=encoding, newline="") as stream:
            stream.writelines(texts[0]())
    return make


class Bomb(NamedTuple):
    """A file that is too large, and the fault that it is: its code, and what there is too much of."""

    file: str
    make: Callable[[Path], None]
    code: str
    kind: str = ""


def book(kind: str, code: str = "workbook_too_large", rows: Any = list, **parts: Any) -> Bomb:
    """A workbook: what is called gives its texts when it is made."""
    def make(path: Path) -> None:
        workbook(path, rows(), **{name: part() if callable(part) else part for name, part in parts.items()})
    return Bomb("finance.xlsx", make, code, kind)


def lines(kind: str, texts: Callable[[], Iterable[str]], code: str = "table_too_large", encoding: str = "utf-8") -> Bomb:
    """A CSV file with a header."""
    return written("observations.csv", lambda: chain([COLUMNS], texts()), code, kind, encoding)


def written(file: str, texts: Callable[[], Iterable[str]], code: str, kind: str = "", encoding: str = "utf-8") -> Bomb:
    """A file of texts."""
    def make(path: Path) -> None:
        with path.open("w", encoding=encoding, newline="") as stream:
            stream.writelines(texts())
    return Bomb(file, make, code, kind)


ROW = '<row r="#"><c><v>1</v></c></row>'
CONDITION = ('<conditionalFormatting sqref="A1:A5000"><cfRule type="cellIs" operator="equal"><formula>5</formula></cfRule>'
             "</conditionalFormatting>")
FORMAT = f'<numFmts><numFmt numFmtId="200" formatCode="{"0" * 2_000}"/></numFmts>'
BOMBS = {
    "spaces": book("bytes", after=lambda: many(" " * 1_000, 410_000)),
    "parts": book("members", members=3_100),
    "sheets": book("sheets", sheets=250),
    "cells": book("cells", rows=lambda: many("<row>" + "<c><v>1</v></c>" * 40 + "</row>", 30_000)),
    "rows": book("rows", rows=lambda: numbered(ROW, 101_000)),
    "empty cells": book("tags", rows=lambda: many('<c s="0"/>', 5_100_000)),
    "shared texts": book("tags", strings=lambda: many("<si><t>text</t></si>", 1_100_000)),
    "pieces of a shared text": book("pieces", strings=lambda: chain(["<si>"], many("<r><t>x</t></r>", 60_000), ["</si>"])),
    "pieces of a text": book("pieces", rows=lambda: chain(['<row r="2"><c t="inlineStr"><is>'], many("<r><t>x</t></r>", 101_000),
                                                          ["</is></c></row>"])),
    "a long shared text": book("text", strings=lambda: chain(["<si><t>"], many("长", 200_000), ["</t></si>"])),
    "a long attribute": book("text", rows=lambda: chain(['<row x="'], many("y" * 1_000, 5_000), ['"/>'])),
    "styles": book("tags", styles=lambda: chain(["<cellXfs>"], many("<xf/>", 410_000), ["</cellXfs>"])),
    "a long format": book("format", styles=lambda: [FORMAT]),
    "names": book("tags", names=lambda: many("<definedName>A1</definedName>", 250_000)),
    "merged ranges": book("ranges", after=lambda: many('<mergeCell ref="A1:B1"/>', 101_000)),
    "merged rows": book("merged", rows=lambda: ['<row r="20000"><c><v>1</v></c></row>'],
                        after=lambda: many('<mergeCell ref="A1:A20000"/>', 150)),
    "conditions": book("conditions", rows=lambda: numbered(ROW, 5_000), after=lambda: many(CONDITION, 500)),
    "one cell again and again": book("", "cell_twice", lambda: chain(['<row r="2">'], many('<c r="A2"><v>1</v></c>', 60_000),
                                                                     ["</row>"])),
    "the last column": book("places", "table_too_large", lambda: numbered('<row r="#"><c r="XFD#"><v>1</v></c></row>', 300)),
    "bytes": lines("", lambda: many("a,b\n", 5_100_000), "file_too_large"),
    "one line": lines("", lambda: many("x" * 1_000, 21_000), "file_too_large"),
    "lines": lines("lines", lambda: many(",,\n", 210_000)),
    "lines in a quote": lines("lines", lambda: chain('"', many("a,b\n", 210_000))),
    "rows of text": lines("rows", lambda: many("a,b,2020,1,,,,\n", 101_000)),
    "cells of text": lines("cells", lambda: many("," * 1_000 + "1\n", 1_600)),
    "columns": lines("columns", lambda: chain(["a"], many(",x", 17_000))),
    "totals": lines("totals", lambda: many("a,b,2020,1,,,,\n合计,,,7,,,,\n", 5_000)),
    "GBK": lines("rows", lambda: many("甲,乙,2020,1,,,,备注\n", 110_000), encoding="gbk"),
    "UTF-16": lines("", lambda: many("a,b,2020,1\n", 60_000), "encoding_unknown", encoding="utf-16-le"),
    "unknown names": lines("", lambda: numbered("nobody#,A1.1,2020,x,,,,\n", 5_000), "cell_number"),
    "YAML bytes": written("book.yaml", lambda: many("# note\n", 300_000), "file_too_large"),
    "YAML keys": written("book.yaml", lambda: numbered("key_#: value\n", 30_000), "yaml_too_large"),
    "YAML items": written("book.yaml", lambda: chain(["x: ["], many("1, ", 30_000), ["1]\n"]), "yaml_too_large"),
    "YAML brackets": written("book.yaml", lambda: chain(["x: "], many("[", 10_000)), "nested_too_deep"),
}
READ = """
    import json, sys, time
    from pathlib import Path
    from txlib.intake.read import read_table
    from txlib.intake.tables import ObservationRow
    from txlib.rules import source
    status = Path("/proc/self/status")
    for folder in sorted(Path(sys.argv[1]).iterdir()):
        begun, book = time.monotonic(), folder / "book.yaml"
        found = source.read(book, "book.yaml")[1] if book.exists() else read_table(folder, "FOLDER", ObservationRow)[1]
        kinds = sorted({(each.code, dict(each.values).get("kind", "")) for each in found})
        took = time.monotonic() - begun
        limit = next((each for each in found if each.code.endswith("too_large")), found[0])
        peak = int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1_000 if status.exists() else 0
        print(json.dumps([folder.name, kinds, took, peak, limit.message("en")]), flush=True)
    """


class Told(NamedTuple):
    """What reading a file came to: kinds of faults, seconds, megabytes at most up to then (where the system tells), a message."""

    kinds: list[list[str]]
    seconds: float
    megabytes: float
    message: str


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Told]:
    """All bombs, read one after the other by one process."""
    root = tmp_path_factory.mktemp("bombs")
    for name, bomb in BOMBS.items():
        place = root / name / ("" if bomb.file == "book.yaml" else FOLDER)
        place.mkdir(parents=True)
        bomb.make(place / bomb.file)
    program = textwrap.dedent(READ).replace("FOLDER", FOLDER)
    done = subprocess.run([sys.executable, "-c", program, str(root)], capture_output=True, encoding="utf-8", check=False,
                          timeout=SECONDS * len(BOMBS), env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"})
    assert done.returncode == 0, done.stderr[-2_000:]
    return {name: Told(*rest) for name, *rest in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_a_fault_by_name(name: str, told: dict[str, Told]) -> None:
    found, bomb = told[name], BOMBS[name]
    assert [bomb.code, bomb.kind] in found.kinds, found
    assert found.seconds < SECONDS and found.megabytes < MEGABYTES, found
    if bomb.code.endswith("too_large"):
        assert "at most" in found.message, found


def test_messages_do_not_grow_with_faults() -> None:
    """The first of a kind are told and the others counted; the error has them all."""
    faults = [Fault.of("cell_number", f"{name}.csv", line, Where(column="value"), found="x")
              for name in "ab" for line in range(1, 10_001)]
    error = DataError(faults)
    assert len(error.faults) == 20_000 and len(str(error).splitlines()) == 2 * (2 * 20 + 2)
    assert "a.csv: 9980 more of this kind." in str(error)
    assert len(list(asked.messages(faults, "en"))) == 2 * (asked.SHOWN + 1)
    apart = [Fault.of("not_csv", f"{name}.csv") for name in range(5_000)]
    lines = list(asked.messages(apart, "en"))
    assert len(lines) == asked.FILES + 1 and lines[-1].startswith("4900 more")


@pytest.mark.long
@pytest.mark.parametrize("name", BOMBS)
def test_the_check_of_a_year_with_a_bomb_ends_soon(name: str, tmp_path: Path) -> None:
    """With exit status 2, no traceback and few lines."""
    root, bomb = cut_down(ROOT, tmp_path), BOMBS[name]
    bomb.make(root / ("params/2020/rulebook.yaml" if bomb.file == "book.yaml" else f"{FOLDER}/{bomb.file}"))
    done = subprocess.run([sys.executable, "-m", "txlib", "check", "2020", "--root", str(root), "--lang", "en"],
                          capture_output=True, encoding="utf-8", check=False, timeout=2 * SECONDS, cwd=root,
                          env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"})
    assert done.returncode == 2 and "Traceback" not in done.stderr and len(done.stderr.splitlines()) < 60, done.stderr[-2_000:]
