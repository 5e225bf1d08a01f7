"""What was handed in, held against the rule-book: complete, known, usable. Data that exists is valid."""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from txlib import methods, tables
from txlib.exact import as_text, exact
from txlib.faults import DataError, Fault
from txlib.rulebook import Category, Node, RuleBook, Source

UNITS = ["unit", "name", "name_en", "category", "valid_from", "valid_to", "predecessor"]
OBSERVATIONS = ["category", "unit", "indicator", "period", "value", "target", "last_year", "status", "note"]
PUBLISHED = ["unit", "name", "score", "rank", "note"]


@dataclass(frozen=True)
class Data:
    """The tables of a year.

    `units`: one row a unit (UNITS). `observations`: one row a unit and leaf (OBSERVATIONS); value, target and last_year
    float64 standing for decimals, value NaN where the indicator does not apply; status reported or not_applicable.
    """

    units: pd.DataFrame
    observations: pd.DataFrame
    sources: tuple[Source, ...]

    def units_of(self, category: str) -> pd.DataFrame:
        """The units ranked in a category, in the order of units.csv."""
        return self.units[self.units["category"] == category].reset_index(drop=True)


def load_data(book: RuleBook, categories: Iterable[str] | None = None) -> Data:
    """What was handed in for these categories (all where None), valid; DataError lists every fault."""
    wanted = None if categories is None else set(categories)
    data, faults = read(book)
    blocking = [fault for fault in faults if wanted is None or fault.category is None or fault.category in wanted]
    if blocking:
        raise DataError(blocking)
    return data


def read(book: RuleBook) -> tuple[Data, list[Fault]]:
    """The tables without the categories that have faults, and all faults; a fault in units.csv is the whole year's."""
    folder = f"data/{book.year}"
    if not (book.root / folder).is_dir():
        empty = Data(pd.DataFrame(columns=UNITS), pd.DataFrame(columns=OBSERVATIONS), ())
        return empty, [Fault.of("folder_missing", folder)]
    units, faults = tables.read_csv(book.root / folder / "units.csv", f"{folder}/units.csv", tables.UnitRow)
    faults += list(_units(book, units, f"{folder}/units.csv"))
    known = None if faults else units
    sources = [_source(book.root, f"{folder}/units.csv")]
    kept = []
    for code, category in book.categories.items():
        file = f"{folder}/{code}/observations.csv"
        frame, found = tables.read_csv(book.root / file, file, tables.ObservationRow)
        readable = bool(len(frame)) or not found
        if readable:
            frame, against = _held_against(frame, category, known, book, file, partial=bool(found))
            found += against
        if known is not None and code not in set(units["category"]):
            found.append(Fault.of("category_without_units", f"{folder}/units.csv", found=code))
        _, published_faults = _published(book, code, known)
        faults += [dataclasses.replace(fault, category=code) for fault in [*found, *published_faults]]
        kept.append(frame.assign(category=code)[OBSERVATIONS] if not found else pd.DataFrame(columns=OBSERVATIONS))
        sources += [_source(book.root, name) for name in (file, _published_file(book, code)) if (book.root / name).is_file()]
    full = [frame for frame in kept if len(frame)]
    observations = pd.concat(full, ignore_index=True) if full else pd.DataFrame(columns=OBSERVATIONS)
    return Data(units[UNITS], observations, tuple(s for s in sources if s)), faults


def load_published(book: RuleBook, category: Category | str) -> pd.DataFrame:
    """The published list of a category: unit, name, score, rank, note; empty where none was handed in."""
    code = category if isinstance(category, str) else category.code
    units, _ = tables.read_csv(book.root / f"data/{book.year}/units.csv", f"data/{book.year}/units.csv", tables.UnitRow)
    frame, faults = _published(book, code, units)
    if faults:
        raise DataError(faults)
    return frame


def _published_file(book: RuleBook, category: str) -> str:
    return f"data/{book.year}/{category}/published.csv"


def _published(book: RuleBook, category: str, units: pd.DataFrame | None) -> tuple[pd.DataFrame, list[Fault]]:
    file = _published_file(book, category)
    if not (book.root / file).is_file():
        return pd.DataFrame(columns=PUBLISHED), []
    frame, faults = tables.read_csv(book.root / file, file, tables.PublishedRow)
    faults += list(_twice(frame, ["unit"], file))
    faults += list(_unknown_units(frame, units, category, file))
    names = {} if units is None else dict(zip(units["unit"], units["name"], strict=True))
    return frame.assign(name=frame["unit"].map(names))[PUBLISHED], faults


def _source(root: Path, file: str) -> Source:
    path = root / file
    return Source(file, hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "")


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1, 0.6)
    return f" {near[0]}?" if near else ""


def _twice(frame: pd.DataFrame, key: list[str], file: str) -> Iterator[Fault]:
    first = frame.groupby(key, sort=False)["line"].transform("min")
    for (_, row), line in zip(frame.iterrows(), first, strict=True):
        if row["line"] != line:
            yield Fault.of("row_twice", file, row["line"], ", ".join(key), found=" ".join(str(row[k]) for k in key), first=line)


def _units(book: RuleBook, units: pd.DataFrame, file: str) -> Iterator[Fault]:
    """Faults of units.csv against the rule-book: codes once, categories known, valid on the day, lead departments there."""
    yield from _twice(units, ["unit"], file)
    known = book.rules.categories
    for row in units.itertuples():
        if row.category and row.category not in known:
            yield Fault.of("category_unknown", file, row.line, "类别 category", found=row.category,
                           near=_near(row.category, known))
        if row.valid_from and row.valid_to and row.valid_from > row.valid_to:
            yield Fault.of("dates_reversed", file, row.line, row.unit, found=f"{row.valid_from} – {row.valid_to}")
        elif row.category and ((row.valid_from or "0") > book.as_of or (row.valid_to or "9") < book.as_of):
            yield Fault.of("unit_not_valid", file, row.line, row.unit, found=f"{row.valid_from} – {row.valid_to}", day=book.as_of)
    if units.empty:
        return
    codes = set(units["unit"])
    for category in book.categories.values():
        for leaf in category.leaves:
            if leaf.lead and leaf.lead not in codes:
                yield Fault.of("lead_unknown", f"params/{book.year}/trees/{category.code}.yaml", 0, f"{leaf.code} · lead",
                               found=leaf.lead, near=_near(leaf.lead, codes), category=category.code)


def _unknown_units(frame: pd.DataFrame, units: pd.DataFrame | None, category: str, file: str) -> Iterator[Fault]:
    if units is None:
        return
    belongs = dict(zip(units["unit"], units["category"], strict=True))
    for row in frame.itertuples():
        if row.unit not in belongs:
            yield Fault.of("unit_unknown", file, row.line, "单位编码 unit", found=row.unit, near=_near(row.unit, belongs))
        elif belongs[row.unit] != category:
            yield Fault.of("unit_elsewhere", file, row.line, "单位编码 unit", found=row.unit, want=category,
                           category_found=belongs[row.unit] or "—")


def _held_against(frame: pd.DataFrame, category: Category, units: pd.DataFrame | None, book: RuleBook, file: str, *,
                  partial: bool) -> tuple[pd.DataFrame, list[Fault]]:
    """Observations with plain number columns, and their faults against tree and units.

    `partial`: some rows were refused already, so absent pairs are not reported on top; `units` is None where units.csv
    itself has faults, which are reported alone.
    """
    leaves = {leaf.code: leaf for leaf in category.leaves}
    faults = [*_unknown_units(frame, units, category.code, file), *_twice(frame, ["unit", "indicator"], file)]
    for row in frame.itertuples():
        faults += list(_row(row, leaves, category, book.period, file))
    if units is not None and not partial:
        faults += list(_absent(frame, leaves, units[units["category"] == category.code], file))
    numbers = {name: [cell.number if cell.applies else None for cell in frame[name]] for name in ("value", "target", "last_year")}
    status = [("reported" if cell.applies and told == "reported" else "not_applicable")
              for cell, told in zip(frame["value"], frame["status"], strict=True)]
    plain = frame.assign(**{name: np.array(column, dtype=np.float64) for name, column in numbers.items()}, status=status)
    if not faults:
        faults += list(_together(plain, leaves, file))
    return plain, faults


def _row(row: object, leaves: dict[str, Node], category: Category, period: str, file: str) -> Iterator[Fault]:
    """Faults of one observation."""
    line, code = row.line, row.indicator  # type: ignore[attr-defined]
    leaf = leaves.get(code)
    if leaf is None:
        inner = code in {node.code for node in category.nodes}
        yield Fault.of("indicator_not_leaf" if inner else "indicator_unknown", file, line, "指标编码 indicator", found=code,
                       near=_near(code, leaves))
        return
    if row.period != period:  # type: ignore[attr-defined]
        yield Fault.of("period_differs", file, line, "期间 period", found=row.period, want=period)  # type: ignore[attr-defined]
    yield from _quantities(row, leaf, file)


def _quantities(row: object, leaf: Node, file: str) -> Iterator[Fault]:
    line, where = row.line, f"{row.unit} {leaf.code}"  # type: ignore[attr-defined]
    value, target, told = row.value, row.target, row.status  # type: ignore[attr-defined]
    unit = leaf.measured_in
    assert unit is not None
    for name in ("value", "target", "last_year"):
        if getattr(row, name).percent and unit.zh != "%":
            yield Fault.of("percent_not_declared", file, line, f"{where} · {name}", found=f"{getattr(row, name).number:g}%",
                           unit=unit.zh)
    if told == "not_applicable" or not value.applies:
        if value.number is not None:
            yield Fault.of("value_and_not_applicable", file, line, where, found=f"{value.number:g}")
        if leaf.not_applicable.rule == "not_allowed":
            yield Fault.of("not_applicable_refused", file, line, where)
        return
    if value.number is None:
        yield Fault.of("value_missing", file, line, f"{where} · value")
        return
    rule = leaf.rule
    if rule is not None and methods.needs_target(rule):
        if target.number is None:
            yield Fault.of("target_missing", file, line, f"{where} · target")
        elif rule.method == "completion" and target.number <= 0 and leaf.when_not_positive == "refuse":
            yield Fault.of("divisor", file, line, f"{where} · target", found=f"{target.number:g}")
    if rule is not None and rule.method == "given":
        most = leaf.full if rule.out_of is None else rule.out_of
        if not 0 <= exact([value.number])[0] <= most:
            yield Fault.of("given_range", file, line, f"{where} · value", found=f"{value.number:g}", most=as_text(most))
    if rule is not None and rule.method == "share_of_best" and value.number < 0:
        yield Fault.of("share_negative", file, line, f"{where} · value", found=f"{value.number:g}")
    if rule is not None and rule.method == "goalposts" and (rule.scale, rule.clip) == ("log", "none") and value.number <= 0:
        yield Fault.of("log_not_positive", file, line, f"{where} · value", found=f"{value.number:g}")


def _absent(frame: pd.DataFrame, leaves: dict[str, Node], mine: pd.DataFrame, file: str) -> Iterator[Fault]:
    """Pairs of unit and leaf without a row; a unit without any row is one fault."""
    there = set(zip(frame["unit"], frame["indicator"], strict=True))
    for unit, name in zip(mine["unit"], mine["name"], strict=True):
        absent = [code for code in leaves if (unit, code) not in there]
        if len(absent) == len(leaves) > 1:
            yield Fault.of("unit_absent", file, 0, f"{unit} {name}")
        else:
            for code in absent:
                yield Fault.of("pair_absent", file, 0, f"{unit} {name} · {code} {leaves[code].name.zh}")


def _together(frame: pd.DataFrame, leaves: dict[str, Node], file: str) -> Iterator[Fault]:
    """Faults that only a whole column or a whole unit shows."""
    applies = frame[frame["status"] == "reported"]
    for code, column in applies.groupby("indicator", sort=False):
        leaf = leaves[str(code)]
        divisor = methods.divisor(leaf.rule, column["value"].to_numpy(), column["target"].to_numpy()) if leaf.rule else None
        if divisor is not None and leaf.when_not_positive == "refuse" and np.any(np.asarray(divisor) <= 0):
            yield Fault.of("divisor_peers", file, 0, f"{code} {leaf.name.zh}", found=f"{np.min(divisor):g}")
    for code, leaf in leaves.items():
        if leaf.not_applicable.rule == "peers_mean" and code not in set(applies["indicator"]):
            yield Fault.of("no_peers", file, 0, f"{code} {leaf.name.zh}")
    for unit in frame["unit"].unique():
        if unit not in set(applies["unit"]):
            yield Fault.of("nothing_applies", file, 0, unit)
