"""What several tables handed in must keep against the rule-book and against each other, each breach a Fault with its row.

Every function takes frames as they were read (with `file` and `line`) and yields faults; nothing is changed or filled in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic.fields import FieldInfo

from txlib.base.faults import Fault, Notice, Remark, Where, asked, shown
from txlib.intake.sheets.cells import Quantity
from txlib.intake.sheets.headers import resembling, spoken
from txlib.intake.sheets.limits import asking
from txlib.methods.words import Coded
from txlib.rules.book import RuleBook, years
from txlib.rules.category import Category, Node
from txlib.spreadsheet.number_formats import decimal

UNIT, INDICATOR = Where(column="unit", title="单位编码"), Where(column="indicator", title="指标编码")
_SHEET = re.compile(r"\[[^\[\]]*\](?=, |$)")
DIFFERING = 500  # cells, or rows, in which versions of a table differ, that are told
OFFICE = ""  # the lead of what the rules give to nobody: the assessment office


def twice(frame: pd.DataFrame, key: list[str]) -> Iterator[Fault]:
    """Rows whose key stands in a row above; those of two versions of a table are one fault."""
    again = frame[frame.duplicated(key)]
    groups = _versions(frame, key) if len(again) else []
    yield from (_differing(group, key) for group in groups)
    group_of = {file: i for i, group in enumerate(groups) for file in group}
    first = {tuple(row[k] for k in key): row for row in frame.drop_duplicates(key).to_dict("records")} if len(again) else {}
    for row in again.to_dict("records"):
        values = tuple(row[k] for k in key)
        above = first[values]
        if row["file"] != above["file"] and group_of.get(row["file"], -1) == group_of.get(above["file"]):
            continue
        file = "" if above["file"] == row["file"] else f"{above['file']} "
        yield Fault.of("row_twice", row["file"], row["line"], Where(column=", ".join(key)), found=" ".join(map(str, values)),
                       first=above["line"], elsewhere=file)


Version = Mapping[tuple[Any, ...], Mapping[Any, Any]]  # the rows of a file by their key


def _versions(frame: pd.DataFrame, key: list[str]) -> list[dict[str, Version]]:
    """The files that hold half of their rows alike with the first of them, or more: groups of two and more."""
    groups: list[dict[str, Version]] = []
    for file, rows in frame.groupby("file", sort=False):
        mine = {tuple(row[k] for k in key): row for row in rows.to_dict("records")}
        for group in groups:
            first = next(iter(group.values()))
            same = len(mine.keys() & first.keys())
            if same > 1 and 2 * same >= max(len(mine), len(first)):
                group[str(file)] = mine
                break
        else:
            groups.append({str(file): mine})
    return [group for group in groups if len(group) > 1]


def _differing(versions: Mapping[str, Version], key: list[str]) -> Fault:
    """Versions of one table, with every cell that differs, and the rows that some of them lack."""
    files, cells, only, count = [*versions], list[str](), list[str](), 0
    names = [file.partition("[")[0].rpartition("/")[2] for file in files]
    named = dict(zip(names if len({*names}) == len(names) else files, versions.values(), strict=True))
    for values in dict.fromkeys(values for version in versions.values() for values in version):
        there = {name: version[values] for name, version in named.items() if values in version}
        row = " ".join(str(part) for name, part in zip(key, values, strict=True) if name != "period")
        only += [f"{row} [{', '.join(there)}]"] if len(there) < len(files) else []
        cells += [f"{row} {column}: {differing}" for column, differing in _told_apart(there)]
        count += len(there) > 1
    return _of_versions(Fault.of("workbook_copies", files[-1], other=files[:-1], count=count), cells, only)


def _told_apart(there: Mapping[str, Mapping[Any, Any]]) -> Iterator[tuple[str, str]]:
    """The columns in which a row differs from file to file, each with what stands where."""
    for column in (column for column in next(iter(there.values())) if column not in ("file", "line")):
        files_with: dict[str, list[str]] = {}
        for name, row in there.items():
            files_with.setdefault(worded(row[column]), []).append(name)
        if len(files_with) > 1:
            yield column, " ≠ ".join(f"{said} [{', '.join(names)}]" for said, names in files_with.items())


def _listed(items: list[str]) -> str:
    """The first of what differs, all of it unless there is more than anybody goes through."""
    return "; ".join(items[:DIFFERING] + [f"… (+{len(items) - DIFFERING:,})"] * (len(items) > DIFFERING)) or "—"


def _of_versions(copies: Notice, cells: list[str], only: list[str]) -> Fault:
    """The fault of copies, as that of versions where something differs."""
    kind = "both" if cells and only else "cells" if cells else "only"
    differ = {"cells": _listed(cells), "only": _listed(only), "kind": kind} if cells or only else {}
    code = "workbook_versions" if differ else "workbook_copies"
    return Fault(copies.file, 0, Where(), code, values=(*copies.values, *differ.items()), category=copies.category)


def versions_together(faults: Iterable[Notice], *, of_year: bool = False) -> list[Notice]:
    """The faults, those of all sheets of versions of a workbook as one: of a category, or `of_year` of all."""
    kept, groups = list[Notice](), dict[tuple[str, ...], list[Notice]]()
    for fault in faults:
        if fault.code in ("workbook_versions", "workbook_copies"):
            books = [_SHEET.sub("", name) for name in (dict(fault.values)["other"], fault.file)]
            groups.setdefault((*books, "" if of_year else fault.category or ""), []).append(fault)
        else:
            kept.append(fault)
    for (other, file, _), same in groups.items():
        values = [dict(fault.values) for fault in same]
        cells, only = ([f"{fault.file.removeprefix(file)} {each[name]}".strip() for fault, each in zip(same, values, strict=True)
                        if each.get(name, "—") != "—"] for name in ("cells", "only"))
        count = sum(int(each["count"]) for each in values)
        copies = replace(same[0], file=file, values=(("other", other), ("count", str(count))))
        kept.append(_of_versions(copies, cells, only) if len(same) > 1 else same[0])
    return kept


def worded(cell: Any) -> str:
    """What was handed in, a quantity as its number; “” where there is nothing."""
    if isinstance(cell, Quantity):
        cell = cell.number if cell.applies else "—"
    return "“”" if cell is None or cell in ("", ()) or cell != cell else shown(decimal(cell) if isinstance(cell, float) else cell)


def repeated(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The rows that stand in another file word for word, once each."""
    same = frame[frame.duplicated(columns)]
    first = frame.drop_duplicates(columns).set_index(columns)["file"]
    firsts = [first.loc[tuple(row)] for row in same[columns].itertuples(index=False)]
    return same[[one != file for one, file in zip(firsts, same["file"], strict=True)]]


def repetitions(again: pd.DataFrame) -> Iterator[Remark]:
    """A remark for each row that is read once, though it stands in two files."""
    for row in again.to_dict("records"):
        row_names = " ".join(str(row[name]) for name in ("unit", "indicator", "honour", "kind") if row.get(name))
        yield Remark.of("row_repeated", row["file"], row["line"], found=row_names)


def completed(frame: pd.DataFrame, key: Collection[str], fields: Mapping[str, FieldInfo], figure: str) -> list[int]:
    """The rows that a workbook's row of the same key completes: all that they hold stands there too. They stand in CSV files and
    leave empty something that it fills, or their figure; or in a sheet in which no row has a figure, such as one of targets."""
    if frame["file"].nunique() < 2:
        return []
    told = {i: _said(row, fields) for i, row in zip(frame.index, frame.to_dict("records"), strict=True)}
    with_figures = {file for file, said in zip(frame["file"], told.values(), strict=True) if figure in said}
    found = []
    for _, same in frame[frame.duplicated(list(key), keep=False)].groupby(list(key), sort=False):
        rows = [(i, file, told[i]) for i, file in zip(same.index, same["file"], strict=True)]
        books = [said for _, file, said in rows if "[" in file]
        filled = [said for said in books if figure in said]
        found += [i for i, file, said in rows if "[" not in file and any(
            said.items() <= other.items() and (said != other or figure not in said) for other in books)]
        found += [i for i, file, said in rows if "[" in file and file not in with_figures and any(
            said.items() <= other.items() for other in filled)]
    return found


def _said(row: Mapping[Any, Any], fields: Mapping[str, FieldInfo]) -> dict[str, Any]:
    """What the cells of a row say, without those that say nothing; of a quantity its number, whatever stands around it."""
    plain = {name: row[name][:3] if isinstance(row[name], Quantity) else row[name] for name in fields}
    return {name: cell for name, cell in plain.items() if cell not in (None, "", (), fields[name].default, Quantity()[:3])}


def unlisted(root: Path, year: str, categories: Collection[str]) -> dict[str, str]:
    """The trees of a year that its rule-book does not list among the categories: nobody reads them. Their files by code."""
    known, folder = {code.lower() for code in categories}, f"params/{year}/trees"
    return {path.stem: f"{folder}/{path.name}" for path in sorted((root / folder).glob("[!.~]*.y*ml"))
            if path.suffix.lower() in (".yaml", ".yml") and path.stem.lower() not in known}


def last_year(book: RuleBook) -> Iterator[Fault]:
    """The year compared with: another one, with rules and data of its own."""
    named = book.rules.last_year
    there = [year for year in years(book.root) if year != book.year and (book.root / "data" / year).is_dir()]
    if named is not None and named not in there:
        yield Fault.of("last_year_unknown", *book.place("rulebook.yaml", "last_year"), Where(column="last_year"), found=named,
                       near=asked(named, there), years=there)


def assessed_year(book: RuleBook) -> str:
    """The year that the period begins with, empty where it begins with none."""
    found = re.match("[0-9]{4}", book.period)
    return found[0] if found else ""


def days(frame: pd.DataFrame, column: str, year: str, last: str) -> Iterator[Fault]:
    """Dates before the year that is assessed, or after the `last` day that counts."""
    day = frame[column]
    for row in frame[(day != "") & ((day < f"{year}-01-01") | (day > last))].to_dict("records") if year else ():
        yield Fault.of("date_outside", row["file"], row["line"], Where(row["unit"], column=column), found=row[column],
                       first=f"{year}-01-01", last=last)


def unit_meant(units: pd.DataFrame) -> Callable[[str], str]:
    """As `asking`, for who is none of the units by code: the code of the one that is meant, and its name if that was found."""
    named, codes, nobody = dict(zip(units["unit"], units["name"], strict=True)), dict[str, frozenset[str]](), frozenset[str]()
    for row in units.itertuples():
        codes |= {spoken(name): codes.get(spoken(name), nobody) | {row.unit} for name in (row.name, row.name_en, *row.alias)}
    near = asking([*named, *named.values()])

    def meant(text: str) -> str:
        found = near(text)
        held = codes.get(spoken(text)) or resembling(text, codes) or codes.get(spoken(found.rstrip("?")), nobody)
        return f" {code} {named[code]}?" if len(held) == 1 and (code := min(held)) != named[min(held)] else found

    return meant


def units_together(faults: Iterable[Notice]) -> list[Notice]:
    """The faults, those of a code that units.csv does not have in several rows of a category as one, with all places."""
    kept, groups = list[Notice](), dict[tuple[str, str | None], list[Notice]]()
    for fault in faults:
        if fault.code == "unit_unknown":
            groups.setdefault((fault.found, fault.category), []).append(fault)
        else:
            kept.append(fault)
    for same in groups.values():
        lines: dict[str, list[str]] = {}
        for fault in same:
            lines.setdefault(fault.file, []).append(str(fault.line))
        places = shown([" ".join([file, *there]) for file, there in lines.items()])
        values = (*same[0].values, ("count", str(len(same))), ("places", places))
        kept.append(replace(same[0], code="unit_unknown_rows", values=values) if len(same) > 1 else same[0])
    return kept


def units_known(frame: pd.DataFrame, known: pd.DataFrame | None, category: str | None) -> Iterator[Fault]:
    """Rows of units that units.csv does not have, or has in another category; nothing where units.csv has faults itself."""
    if known is None:
        return
    belongs = dict(zip(known["unit"], known["category"], strict=True))
    near = unit_meant(known)
    for row in frame.itertuples():
        if row.unit not in belongs:
            yield Fault.of("unit_unknown", row.file, row.line, UNIT, found=row.unit, near=near(row.unit))
        elif category is not None and belongs[row.unit] != category:
            yield Fault.of("unit_elsewhere", row.file, row.line, UNIT, found=row.unit, want=category,
                           category_found=belongs[row.unit] or "—")


def shares(of: Iterable[tuple[str, float]]) -> str:
    """Units with their shares in percent as a sum, “—” for a share that is not given."""
    return " + ".join(f"{unit} —" if share is None or share != share else f"{unit} {decimal(share)}%" for unit, share in of)


def told(codes: Coded) -> dict[str, str]:
    """The codes of a rule as faults have them: each after the name that it has there."""
    return {code: " ".join(dict.fromkeys([codes.names[code].zh, code])) if code in codes.names else code for code in codes}


def periods(frame: pd.DataFrame, period: str) -> Iterator[Fault]:
    """Rows of another period than the one that is assessed."""
    for row in frame[frame["period"] != period].itertuples():
        yield Fault.of("period_differs", row.file, row.line, Where(column="period", title="期间"), found=row.period, want=period)


def indicators(frame: pd.DataFrame, wanted: Iterable[Node], category: Category) -> Iterator[Fault]:
    """Rows at an indicator that this table does not report."""
    known, nodes = {node.code for node in wanted}, {node.code: node for node in category.nodes}
    near = asking(known)
    for row in frame[~frame["indicator"].isin(known)].itertuples():
        code, table, node = "indicator_unknown", "", nodes.get(row.indicator)
        if node is not None and (node.penalty or node.part_of):
            code, table = ("indicator_part", node.part_of) if node.part_of else ("indicator_computed", "")
        elif node is not None and node.rule:
            code, table = "indicator_elsewhere", ", ".join(filter(None, (node.rule.table, getattr(node.rule, "rows", ""))))
        elif node is not None:
            code = "indicator_not_leaf"
        yield Fault.of(code, row.file, row.line, INDICATOR, found=row.indicator, near=near(row.indicator), table=table)


def no_leaf(code: str, category: Category, file: str, line: int, where: Where) -> Iterator[Fault]:
    """What is no leaf of a category's tree, where a table of the year names one."""
    leaves, nodes = [leaf.code for leaf in category.leaves], {node.code: node for node in category.nodes}
    if code not in leaves:
        kind = "indicator_not_leaf" if code in nodes and nodes[code].children else "indicator_unknown"
        yield Fault.of(kind, file, line, where, found=code, near=asked(code, leaves))


def pair(unit: str, name: str, leaf: Node) -> Where:
    """A unit and an indicator, both by code and name."""
    return Where(unit, leaf.code, unit_name=name, indicator_name=leaf.name.zh)


def absent(frame: pd.DataFrame, leaves: Iterable[Node], units: pd.DataFrame, place: Callable[[str], str],
           kind: str = "pair_absent") -> Iterator[Fault]:
    """Pairs of unit and leaf without a row, each a fault of this `kind` where its lead department's rows belong (`place`).

    A unit without any row is one fault at each such place.
    """
    wanted = {leaf.code: leaf for leaf in leaves}
    places = {leaf.code: place(leaf.lead or OFFICE) for leaf in wanted.values()}
    there = set(zip(frame["unit"], frame["indicator"], strict=True))
    for unit, name in zip(units["unit"], units["name"], strict=True):
        mine = [leaf for leaf in wanted.values() if leaf.is_of(unit)]
        gone = [leaf for leaf in mine if (unit, leaf.code) not in there]
        whole = Counter(places[leaf.code] for leaf in mine) if len(gone) == len(mine) else {}
        yield from (Fault.of("unit_absent", file, 0, Where(unit, unit_name=name)) for file, count in whole.items() if count > 1)
        yield from (Fault.of(kind, places[leaf.code], 0, pair(unit, name, leaf))
                    for leaf in gone if whole.get(places[leaf.code], 0) < 2)


def applicability(category: Category, reported: Mapping[str, set[str]], place: Callable[[Collection[str]], str],
                  refused: Collection[str]) -> Iterator[Fault]:
    """Indicators that do not apply where their rule does not allow that or finds no peers; units to which nothing applies.

    `reported`: for each assessed unit, the leaves that it has a value, answers or a superior indicator for; `refused`: leaves
    of which rows that say that they do not apply are refused already; `place`: the file in which rows of some leaves stand.
    """
    for node in category.nodes:
        file, rule = place([each.code for each in node.walk()]), node.not_applicable.rule
        own = [unit for unit in reported if node.is_of(unit)]
        empty = [unit for unit in own if not _counts(node, unit, reported[unit], top=True)]
        if rule == "not_allowed" and node.code not in refused and node not in category.adjustments:
            for unit in empty:
                yield Fault.of("not_applicable_refused", file, 0, Where(unit, node.code, indicator_name=node.name.zh))
        if rule == "peers_mean" and empty and len(empty) == len(own) and node not in category.adjustments:
            yield Fault.of("no_peers", file, 0, Where(indicator=node.code, indicator_name=node.name.zh))
    for unit, leaves in reported.items():
        if not any(_counts(root, unit, leaves) for root in category.roots):
            yield Fault.of("nothing_applies", place([leaf.code for leaf in category.leaves]), 0, Where(unit))


def _counts(node: Node, unit: str, reported: set[str], *, top: bool = False) -> bool:
    """Whether a node keeps points of its own: it applies, or (unless it is asked for itself) a rule gives it some."""
    if not node.is_of(unit):
        return False
    if not top and node.not_applicable.rule not in ("redistribute", "not_allowed"):
        return True
    if node.children:
        return any(_counts(child, unit, reported) for child in node.children)
    return node.code in reported
