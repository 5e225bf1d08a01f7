"""Workspaces with one thing wrong: the year 2020 cut down to one category, and what a case of cases/bad_input.yaml does to it."""

from __future__ import annotations

import csv
import io
import re
import shutil
from pathlib import Path
from typing import Any

import yaml

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "bad_input.yaml").read_text(encoding="utf-8"))


def cut_down(repository: Path, root: Path) -> Path:
    """The repository's year 2020 cut down to the category towns_1, and 2017-jining, written below `root`."""
    for name in ("params/2017-jining", "data/2017-jining", "params/2020", "data/2020"):
        shutil.copytree(repository / name, root / name)
    keep(root, "2020", "towns_1")
    book = root / "params" / "2020" / "rulebook.yaml"
    book.write_text(book.read_text(encoding="utf-8").replace('last_year: "2019"\n', ""), encoding="utf-8", newline="")
    return root


def keep(root: Path, year: str, *categories: str) -> None:
    """Leave a year of a workspace with these categories alone: the units of the others are assessed nowhere."""
    params, data = root / "params" / year, root / "data" / year
    text = (params / "rulebook.yaml").read_text(encoding="utf-8")
    listed = re.search(r"categories: \[(.*)\]", text)
    assert listed
    others = [code for code in listed[1].split(", ") if code not in categories]
    text = text.replace(listed[0], f"categories: [{', '.join(categories)}]")
    (params / "rulebook.yaml").write_text(text, encoding="utf-8", newline="")
    for code in others:
        (params / f"{code}.yaml").unlink()
        (params / "trees" / f"{code}.yaml").unlink()
        shutil.rmtree(data / code, ignore_errors=True)
    units = data / "units.csv"
    if units.exists():
        told = re.sub(f",({'|'.join(others)}),", ",,", units.read_text(encoding="utf-8"))
        units.write_text(told, encoding="utf-8", newline="")


def change(root: Path, edit: dict[str, Any]) -> None:
    """Do to a file what the case says."""
    path = root / edit["file"]
    if "delete" in edit:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    elif "rename" in edit:
        path.rename(path.parent / edit["rename"])
    elif "link" in edit:
        path.unlink()
        path.symlink_to(edit["link"])
    elif "write" in edit:
        path.parent.mkdir(exist_ok=True)
        path.write_text(edit["write"], encoding="utf-8", newline="")
    elif "recode" in edit:
        path.write_bytes(path.read_text(encoding="utf-8-sig").encode(edit["recode"]))
    elif "replace_value" in edit:
        path.write_text(revalued(path.read_text(encoding="utf-8-sig"), **edit["replace_value"]), encoding="utf-8", newline="")
    elif "empty_column" in edit:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
        emptied = [rows[0], *([*row[:edit["empty_column"]], "", *row[edit["empty_column"] + 1:]] for row in rows[1:])]
        path.write_text("\n".join(",".join(row) for row in emptied) + "\n", encoding="utf-8", newline="")
    else:
        text = path.read_bytes().decode("utf-8")
        if "replace" in edit:
            assert edit["replace"] in text, f"{edit['file']} has no {edit['replace']!r}"
            text = text.replace(edit["replace"], edit["by"], 1)
        path.write_bytes((text + edit.get("append", "")).encode("utf-8"))


def revalued(text: str, indicator: str, value: str, unit: str | None = None) -> str:
    """A table with the value of an indicator replaced, for one unit or for all."""
    rows = list(csv.reader(io.StringIO(text)))
    for row in rows:
        if row[1] == indicator and unit in (None, row[0]):
            row[3] = value
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
