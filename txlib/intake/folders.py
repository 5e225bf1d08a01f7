"""What lies in the folders of a year: nothing that nobody would read. A table under another name would vanish without a word."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from txlib.base.faults import Fault, Remark, near
from txlib.base.files import DEVICE, cause
from txlib.base.text import comparable
from txlib.intake import checks, tables
from txlib.rules.syntax import alike

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".et", ".ods")
PASSED_OVER = ("thumbs.db", "desktop.ini", "icon\r")


def workbook_of(lead: str) -> str:
    """The name of a lead department's workbook; no code begins as the office's does, nor as one's that can be no file's name."""
    return f"{'_' if not lead or DEVICE.fullmatch(lead) else ''}{lead or 'office'}.xlsx"


def listed(folder: Path) -> list[Path]:
    """What is in a folder, by name, without hidden files and those that programs and file managers keep; OSError."""
    return sorted(path for path in folder.iterdir()
                  if not path.name.startswith((".", "~$")) and path.name.lower() not in PASSED_OVER)


def exists(path: Path) -> bool:
    """Whether there is such a file; in a folder that cannot be entered there is none, and that is told of the folder."""
    try:
        return path.exists()
    except OSError:
        return False


def workbooks(folder: Path) -> list[Path]:
    """The workbooks of a folder; none where it cannot be listed, which `strangers` tells."""
    try:
        return [path for path in listed(folder) if path.suffix.lower() in WORKBOOKS]
    except OSError:
        return []


def categories(root: Path, year: str, known: Collection[str]) -> list[str]:
    """The categories of another year: those that are known, that its rules name, and that have a folder there."""
    ruled = [path.stem for path in sorted((root / "params" / year / "trees").glob("*.yaml"))]
    handed = [path.name for path in sorted((root / "data" / year).glob("*")) if path.is_dir()]
    return list(dict.fromkeys([*known, *ruled, *handed]))


def owed_in(root: Path, year_folder: str, table: str, category: str, files: Mapping[str, Collection[str]], lead: str) -> str:
    """Where rows of a lead department belong: its workbook if that is there, else where rows of the table stand that are its own
    or of several (not in another's workbook), else the category's CSV if that is there or nobody hands in workbooks, else its
    workbook, beside the others.

    `files`: the lead departments of the table's rows by where these stand, sheets in brackets.
    """
    folder = f"{year_folder}/{category}"
    own = [f"{place}/{workbook_of(lead)}" for place in (year_folder, folder)]
    for book in (book for book in own if (root / book).is_file()):
        return next((file for file in files if file.startswith(f"{book}[")), book)
    csv, others = f"{folder}/{table}.csv", {workbook_of(each) for leads in files.values() for each in leads}
    shared = [file for file in files if file.partition("[")[0].rpartition("/")[2] not in others]
    if found := [file for file in shared if lead in files[file]] or [file for file in shared if len(files[file]) > 1]:
        return found[0]
    if (root / csv).exists() or not (workbooks(root / year_folder) or workbooks(root / folder)):
        return csv
    return own[any(file.startswith(f"{folder}/") for file in files)]


def near_to(root: Path, year_folder: str) -> str:
    """What perhaps is meant to be the folder of a year that is not there, or that of all years, as a question."""
    year, data = root / year_folder, (root / year_folder).parent
    return alike(year if data.is_dir() else data)


def strangers(root: Path, year_folder: str, categories: Collection[str]) -> Iterator[Fault]:
    """Files and folders of the year that are no table, workbook or category; what is in a category's folder is its own."""
    yield from _folder(root, year_folder, categories)
    for category in categories:
        if (root / year_folder / category).is_dir():
            found = _folder(root, f"{year_folder}/{category}", None)
            yield from (replace(fault, category=category) for fault in found)
        elif (root / year_folder / category).is_symlink() or (root / year_folder / category).exists():
            yield Fault.of("folder_is_file", f"{year_folder}/{category}", category=category)


def too_high(root: Path, year_folder: str) -> Iterator[Remark]:
    """Workbooks and tables that lie above the folder of the year, where nobody reads them."""
    above = (root / year_folder).parent
    try:
        there = listed(above)
    except OSError:
        return
    names = {f"{name}.csv" for name in tables.named()}
    yield from (Remark.of("file_too_high", f"{year_folder.rpartition('/')[0]}/{path.name}", folder=year_folder)
                for path in there if path.is_file() and (path.name in names or path.suffix.lower() in WORKBOOKS))


def _folder(root: Path, folder: str, categories: Collection[str] | None) -> Iterator[Fault]:
    """The strangers in one folder: that of the year, which holds categories, or a category's."""
    try:
        there = listed(root / folder)
    except OSError as error:
        yield Fault.of("file_unreadable", folder, cause=cause(error), error=error.strerror or error)
        return
    here = {f"{name}.csv" for name, row in tables.named().items() if row.of_year == (categories is not None)}
    files, codes = [f"{name}.csv" for name in tables.named()], list(categories or ())
    for path in there:
        name = path.name
        if name in here or name in codes or path.suffix.lower() in WORKBOOKS:
            continue
        titles = {f"{row.model_config['title']}.csv": f"{key}.csv" for key, row in tables.named().items() if not path.is_dir()}
        meant = _near(name, {each.lower(): each for each in (codes if path.is_dir() else files)} | titles)
        if meant in {*files} - here:
            among = f"{folder}/{codes[0] if codes else ''}" + (", …" if len(codes) > 1 else "")
            place = folder.rpartition("/")[0] if categories is None else among
            yield Fault.of("file_elsewhere", f"{folder}/{name}", found=name, table=meant, folder=place)
        elif path.is_dir() and categories is None:
            yield Fault.of("folder_within", f"{folder}/{name}", found=name)
        elif path.is_dir() and (tree := checks.unlisted(root, folder.rpartition("/")[2], codes).get(name)):
            yield Fault.of("category_unlisted", f"{folder}/{name}", found=name, tree=tree)
        elif path.is_dir():
            yield Fault.of("folder_unknown", f"{folder}/{name}", found=name, near=f" {meant}?" if meant else "",
                           known=codes)
        else:
            yield Fault.of("file_unknown", f"{folder}/{name}", found=name, near=f" {meant}?" if meant else "",
                           known=sorted(here))


def _near(name: str, known: dict[str, str]) -> str:
    """What a misspelt name probably means, by the names that there are in small letters; empty where none is close."""
    return known.get(near(comparable(name).lower(), known), "")
