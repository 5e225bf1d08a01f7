"""The rule-book of a year: a RuleBook that exists is valid.

Files are checked twice, and both passes report: the shape by pydantic (`tree`), and sums, references and sources over
the raw tree (`checks`), so that a misspelt key does not hide a wrong sum beside it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from txlib.base.faults import Fault, RulebookError, Where, asked
from txlib.base.fields import Filled, Text
from txlib.base.files import snapshot_of
from txlib.rules import source
from txlib.rules.category import Builder, Category
from txlib.rules.checks import Checks, blocking, listed, year_faults
from txlib.rules.shape import shaped
from txlib.rules.source import Block, Place
from txlib.rules.terms import Terms, unknown_clauses
from txlib.rules.tree import SharedBranch, TreeFile
from txlib.rules.year import Assumption, Clause, Rounding, RunParameters, Tiers, YearFile


@dataclass(frozen=True)
class Source:
    """A file that a result rests on: its path below the workspace and its SHA-256."""

    path: str
    sha256: str

    @classmethod
    def of(cls, root: Path, file: str) -> Source:
        """A file of the workspace as it is now."""
        return cls(file, hashlib.sha256((root / file).read_bytes()).hexdigest())


@dataclass(frozen=True)
class RuleBook:
    """The rules of a year, complete and consistent.

    `files`: each file as it was read, by its name below params/<year>.
    """

    year: str
    period: str
    root: Path
    sample: bool
    office: Text
    title: Text
    status: Text
    as_of: str
    rules: YearFile
    categories: Mapping[str, Category]
    clauses: Mapping[str, Clause]
    assumptions: Mapping[str, Assumption]
    sources: tuple[Source, ...]
    files: Mapping[str, Block] = field(repr=False, compare=False)
    terms: Terms | None = None

    @property
    def rounding(self) -> Rounding:
        """Where numbers are rounded."""
        return self.rules.rounding

    @property
    def ties(self) -> str:
        """Which place equal scores take."""
        return self.rules.ties.method

    @property
    def tiers(self) -> Tiers | None:
        """The tiers, where the year has any."""
        return self.rules.tiers

    def place(self, name: str, *path: str | int) -> Place:
        """File and line of a value: the name of its file below params/<year>, the keys and numbers of items that lead to it."""
        return self.files[name].place(*path)


def find_root(root: Path | str | None = None) -> Path:
    """The workspace: the folder given, else the nearest at or above the current one that holds params/; in a run's notebooks its
    snapshot."""
    here = Path.cwd()
    nearest = (folder for folder in (here, *here.parents) if (folder / "params").is_dir())
    return snapshot_of(next(nearest, here) if root is None else Path(root))


def years(root: Path | str | None = None) -> tuple[str, ...]:
    """The years of a workspace: the folders under params/ that hold a rulebook.yaml."""
    return tuple(sorted(path.parent.name for path in find_root(root).glob("params/*/rulebook.yaml")))


def load_rulebook(year: str, root: Path | str | None = None, categories: Iterable[str] | None = None) -> RuleBook:
    """The rule-book of a year, valid; RulebookError lists every fault.

    With `categories`, faults in the trees of others do not matter, and those others are left out of the book.
    """
    book, faults = read(year, root)
    chosen = () if categories is None else tuple(categories)
    wanted = None if categories is None else {None, *chosen}
    found = [fault for fault in faults if wanted is None or fault.category in wanted]
    known = book.rules.categories if book else chosen
    file, near = f"params/{year}/rulebook.yaml", f" {', '.join(known)}"
    found += [Fault.of("category_unknown", file, 0, Where(column="categories"), found=code, near=near)
              for code in chosen if code not in known]
    if found or book is None:
        raise RulebookError(found)
    return book


def read(year: str, root: Path | str | None = None) -> tuple[RuleBook | None, list[Fault]]:
    """The rule-book with the categories that are without fault, and all faults; None where the year itself has some."""
    base = find_root(root)
    faults = _no_year(str(year), base)
    return (None, faults) if faults else _Reader(base, str(year)).book()


def _no_year(year: str, base: Path) -> list[Fault]:
    if not any((base / "params").glob("*/rulebook.yaml")) and not (base / "params" / year).is_dir():
        return [Fault.of("no_workspace", "params", found=base.name)]
    if not re.fullmatch(r"[0-9A-Za-z][\w-]*", year) or not (base / "params" / year).is_dir():
        known = years(base)
        return [Fault.of("year_unknown", f"params/{shown_year(year)}", found=year, near=asked(year, known),
                         years=known)]
    return []


def shown_year(year: str) -> str:
    """A year as typed, shortened to what can stand in a path shown to the user."""
    return re.sub(r"[^\w-]", "?", year)[:20]


class _Reader:
    """Reads one year's files, collecting faults."""

    def __init__(self, base: Path, year: str) -> None:
        self.base, self.year, self.folder = base, year, f"params/{year}"
        self.faults: list[Fault] = []
        self.sources: list[Source] = []
        self.files: dict[str, Block] = {}

    def file(self, name: str, shape: Any, category: str | None = None, *, optional: bool = False) -> tuple[Any, Block]:
        """A file's model (None where its shape is wrong) and its raw tree."""
        file = f"{self.folder}/{name}"
        path = self.base / file
        if optional and not path.exists():
            return {}, Block(file, 1)
        raw, faults = source.read(path, file)
        model, shape_faults = (None, []) if not raw else shaped(raw, TypeAdapter(shape))
        self.faults += [blocking(fault, category) for fault in [*faults, *shape_faults]]
        if path.is_file():
            self.sources.append(Source.of(self.base, file))
            self.files[name] = raw
        return (None if faults else model), raw

    def book(self) -> tuple[RuleBook | None, list[Fault]]:
        """The book, or None, and every fault of the year."""
        rules, raw = self.file("rulebook.yaml", YearFile)
        clauses, raw_clauses = self.file("clauses.yaml", dict[Filled, Clause])
        assumptions, raw_assumptions = self.file("assumptions.yaml", dict[Filled, Assumption])
        branches, raw_branches = self.file("branches.yaml", dict[Filled, SharedBranch], optional=True)
        words, raw_words = self.file("terms.yaml", Terms, optional=True)
        checks = Checks(raw, raw_clauses, raw_assumptions, raw_branches)
        self.faults += [*year_faults(raw, self.year), *checks.sources(raw), *checks.sources(raw_branches),
                        *unknown_clauses(raw_words, raw_clauses)]
        trees = {code: self.tree(code, checks) for code in listed(raw)}
        self.faults = list(dict.fromkeys([*self.faults, *checks.unused()]))
        blocked = {fault.category for fault in self.faults}
        if None in blocked:
            return None, self.faults
        build = Builder(rules, branches)
        categories = {code: build.category(tree) for code, tree in trees.items() if code not in blocked}
        return RuleBook(rules.year, rules.period, self.base, rules.data == "sample", rules.office, rules.title, rules.status,
                        rules.as_of, rules, categories, clauses, assumptions, tuple(self.sources), self.files,
                        words or None), self.faults

    def tree(self, code: str, checks: Checks) -> TreeFile | None:
        """One category's tree; what is wrong in it blocks the category, what is wrong in a shared branch the year."""
        tree, raw = self.file(f"trees/{code}.yaml", TreeFile, code)
        run, raw_run = self.file(f"{code}.yaml", RunParameters, code)
        found = [*checks.sources(raw), *checks.tree(raw)]
        if tree is not None and tree.category.code != code:
            found.append(Fault.of("category_differs", *raw.place("category"), Where(column="category.code"),
                                  found=tree.category.code, want=code))
        if run is not None and (run.year, run.category) != (self.year, code):
            found.append(Fault.of("run_differs", raw_run.file, 1, found=f"{run.year}, {run.category}",
                                  want=f"{self.year}, {code}"))
        shared = f"{self.folder}/branches.yaml"
        self.faults += [blocking(fault, None if fault.file == shared else code) for fault in found]
        return tree if isinstance(tree, TreeFile) else None
