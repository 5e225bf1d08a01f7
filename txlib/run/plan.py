"""What a run has to do: its notebooks, their parameters, the tables they need, the digest of what a report is made from."""

from __future__ import annotations

import difflib
import hashlib
import importlib.metadata
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import txlib
from txlib import audits
from txlib.base.faults import Fault
from txlib.base.files import DEVICE
from txlib.base.labels import LANGS, say
from txlib.intake import asked, checks, data, tables
from txlib.intake.data import Data
from txlib.intake.read import read_table
from txlib.rules.book import RuleBook, read, years
from txlib.run import parameters as declarations
from txlib.run.kept import handed_in, manifest, snapshot
from txlib.run.parameters import PASSED, Parameter, Setting, Values
from txlib.run.refused import RefusedError

PACKAGE = Path(txlib.__file__).parent
ALWAYS = ("units", "observations")  # where one of these is lacking, that is a fault
RULEBOOK = "rulebook"  # the one need of a notebook on the data themselves: it is made whatever is wrong with them
OF_RULES = ("last_year", "quotas")  # needs that are no tables: what the rules of the year must have
PACKAGES = ("txlib", "papermill", "nbconvert", "pandas", "matplotlib", "pydantic", "pyyaml", "ipykernel")


@dataclass(frozen=True)
class Notebook:
    """A notebook as far as a run must know it. With a `category` among its parameters it runs for each category.

    `by_hand`: its metadata say that it is opened and not run, so that no report is made of it; `for_each`: that there is a report
    for each unit, lead department or category. `given`: values for parameters that are not its defaults; a report made with them
    takes the place of the standard one, so that the notebook is the same one.
    """

    path: Path
    parameters: frozenset[str]
    needs: tuple[str, ...]
    title: str
    by_hand: bool = False
    for_each: str = ""
    declared: tuple[Parameter, ...] = ()
    given: Values = field(default=(), compare=False)

    @property
    def name(self) -> str:
        """The name of the report."""
        return self.path.stem

    @property
    def whatever(self) -> bool:
        """Whether faults in data and trees do not block it: it needs no more than the rules of the year."""
        return RULEBOOK in self.needs

    @property
    def by_category(self) -> bool:
        """Whether it runs for each category rather than once a year."""
        return "category" in self.parameters or self.for_each == "unit"

    @property
    def of_members(self) -> bool:
        """Whether there are several reports of a category or a year: one for each unit or lead department."""
        return self.for_each in ("unit", "lead")

    @property
    def settable(self) -> list[Parameter]:
        """The parameters that a user may give: those that a run passes are none."""
        passed = {*PASSED, self.for_each if self.of_members else ""}
        return [each for each in self.declared if each.name not in passed]

    def values(self, year: str, category: str | None, lang: str, member: str = "") -> Values:
        """The parameters that a run passes to it; of several, `member` is the unit or lead department."""
        known = {"year": year, "category": category, "lang": lang} | ({self.for_each: member} if self.of_members else {})
        passed: list[tuple[str, Setting]] = [(name, value) for name, value in known.items() if value and name in self.parameters]
        return (*passed, *self.given)


def read_year(root: Path | str | None, year: str, categories: Iterable[str],
              lang: str) -> tuple[RuleBook | None, Data | None, list[Fault]]:
    """Rule-book and data with the categories that are without fault, and all faults; RefusedError: no such category."""
    book, faults = read(year, root)
    if book is None:
        return None, None, sorted(set(faults))
    known = book.rules.categories
    if unknown := [name for name in categories if name not in known]:
        raise RefusedError(say("cli.unknown_category", lang, name=name, known=", ".join(known)) for name in unknown)
    handed_in, more = data.read(book)
    return book, handed_in, sorted({*(_listed(fault, book) for fault in faults), *more})


def _listed(fault: Fault, book: RuleBook) -> Fault:
    """A fault; that of a category's file that is not there with the line of rulebook.yaml that lists the category."""
    if fault.code != "file_missing" or fault.category is None:
        return fault
    file, line = book.place("rulebook.yaml", "categories")
    values = (("listed", fault.category), ("listed_in", file), ("listed_at", str(line)))
    return replace(fault, code="category_file_missing", values=(*fault.values, *values))


def fault_lines(book: RuleBook | None, categories: Iterable[str], faults: list[Fault], lang: str) -> list[str]:
    """The lines that name the faults, and who has not handed in what of these categories (all where none is named)."""
    if book is None or not faults:
        return list(asked.messages(faults, lang))
    units = asked.units_known(book)[0]
    missing = list(asked.missing_in_words(book, asked.missing(book, units, [*categories] or book.rules.categories), units, lang))
    return [*asked.messages(faults, lang, listed=bool(missing)), *missing]


def count(faults: Iterable[Fault]) -> int:
    """How many faults are told: those of versions of a workbook are one."""
    return len(checks.versions_together(faults, of_year=True))


def remark_lines(book: RuleBook | None, data: Data | None, faults: Iterable[Fault], categories: Iterable[str], lang: str,
                 outputs: Path) -> list[str]:
    """The lines on what was read and should be looked at, of these categories (all where none is named) and of the year;
    `outputs` of the year tell what the last run read. Of what has faults, not all rows are read: none is said to be gone."""
    if book is None or data is None:
        return []
    codes = tuple(categories) or book.rules.categories
    last, blocked = manifest.read(outputs).rows, {fault.category for fault in faults}
    gone = handed_in.lost(book, last, handed_in.counts(data, set(book.categories) & set(codes)))
    found = [*data.remarks, *(each for each in gone if each.category not in blocked)]
    return list(asked.messages([each for each in found if each.category in (None, *codes)], lang))


def notebooks(root: Path, wanted: Iterable[str], lang: str) -> tuple[list[Notebook], list[Notebook]]:
    """The notebooks of a workspace (else the suite's) that make reports: those wanted (all where none is named), and the rest.

    RefusedError lists every fault in those wanted, and those that are opened by hand; of the rest, what cannot be read is
    left out.
    """
    read_ones = _there(root, lang)
    by_hand = [name for name, (book, _) in read_ones.items() if book is not None and book.by_hand]
    run = [name for name in read_ones if name not in by_hand]
    names = [name.removesuffix(".ipynb") for name in wanted] or run
    known = ", ".join(run) or "—"
    messages = [say("cli.unknown_notebook", lang, name=name, known=known) for name in names if name not in read_ones]
    messages += [say("cli.by_hand", lang, name=name, known=known) for name in names if name in by_hand]
    messages += [message for name in names if name in read_ones for message in read_ones[name][1]]
    if messages:
        raise RefusedError(messages)
    fine = {name: book for name, (book, faults) in read_ones.items() if book is not None and not faults}
    return [fine[name] for name in dict.fromkeys(names)], [fine[name] for name in run if name in fine and name not in names]


def usable(root: Path, lang: str) -> list[Notebook]:
    """The notebooks of a workspace (else the suite's) that make reports and are without fault, by name."""
    return [book for book, faults in _there(root, lang).values() if book is not None and not faults and not book.by_hand]


def on_the_data(root: Path, lang: str) -> list[Notebook]:
    """The notebooks of a workspace (else the suite's) that are made whatever is wrong with the data."""
    return [book for book in usable(root, lang) if book.whatever]


def _there(root: Path, lang: str) -> dict[str, tuple[Notebook | None, list[str]]]:
    """By name the notebooks of a workspace (else the suite's), each with its faults."""
    found = {path.stem: read_notebook(path, lang) for path in sorted(folder_of(root).glob("*.ipynb"))}
    alike = Counter(name.casefold() for name in found)
    several = [name for name, (book, _) in found.items() if book is not None and book.of_members]
    wrong = [name for name in found if alike[name.casefold()] > 1 or not names_reports(name, several)]
    return found | {name: (None, [say("cli.notebook_name", lang, name=f"{name}.ipynb")]) for name in wrong}


def folder_of(root: Path) -> Path:
    """The folder of a workspace's notebooks, of the suite's where it has none."""
    own = root / snapshot.NOTEBOOKS
    suite = (PACKAGE.parent / snapshot.NOTEBOOKS, PACKAGE / snapshot.NOTEBOOKS)
    return next((folder for folder in (own, *suite) if any(folder.glob("*.ipynb"))), own)


def names_reports(name: str, several: Iterable[str] = ()) -> bool:
    """Whether a notebook's name is none that Windows keeps for itself, nor that of another notebook that failed, nor such as the
    reports for each unit or lead department have of one of `several`."""
    folded = name.casefold()
    of_several = any(folded.startswith(f"{each.casefold()}@") for each in several)
    return not (DEVICE.fullmatch(name) or folded.endswith(".failed") or of_several)


def read_notebook(path: Path, lang: str) -> tuple[Notebook | None, list[str]]:
    """A notebook (None where it cannot be read) and its faults. papermill would only warn of a parameter that does not exist."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8-sig"))
        cells = [(cell["cell_type"], "".join(cell["source"]), set(cell["metadata"].get("tags", ())))
                 for cell in raw["cells"]]
        about = raw["metadata"].get("txlib", {})
        title, needs = about.get("title", {}).get(lang) or _title(cells, lang) or path.stem, about.get("needs", [])
        needs = (needs,) if isinstance(needs, str) else tuple(map(str, needs))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return None, [say("cli.not_a_notebook", lang, name=path.name, error=f"{type(error).__name__}: {error}")]
    tagged = [source for kind, source, tags in cells if kind == "code" and "parameters" in tags]
    if not tagged:
        return None, [say("cli.no_parameters", lang, name=path.name)]
    try:
        declared = tuple(declarations.declared(tagged[0]))
    except SyntaxError as error:
        return None, [say("cli.bad_parameters", lang, name=path.name, error=error.msg)]
    parameters = frozenset(each.name for each in declared)
    for_each, unfit = declarations.for_each(path.name, about.get("for_each"), parameters, lang)
    known = (*tables.named(), *OF_RULES, RULEBOOK)
    faults = [say("cli.unknown_need", lang, name=path.name, need=need, known=", ".join(known))
              for need in needs if need not in known]
    faults += [*_misspelt(path.name, parameters, lang), *unfit]
    return Notebook(path, parameters, needs, title, about.get("by_hand") is True, for_each, declared), faults


def with_given(books: Iterable[Notebook], pairs: Iterable[tuple[str, str]], lang: str) -> list[Notebook]:
    """The notebooks with these values, as typed, for those of their parameters that a run does not pass; RefusedError lists those
    that none of them has, and those that are not of the kind that is declared."""
    own = list(books)
    found, wrong = declarations.typed([(book.name, book.settable) for book in own], pairs, lang)
    if wrong:
        raise RefusedError(wrong)
    return [replace(book, given=tuple(sorted(found[book.name].items()))) for book in own]


def _misspelt(name: str, parameters: frozenset[str], lang: str) -> list[str]:
    """`year` must be there; `category` and `lang` may, but not misspelt: the run would pass them by."""
    faults = []
    has = ", ".join(sorted(parameters)) or "—"
    for passed in PASSED:
        near = difflib.get_close_matches(passed, parameters, cutoff=0.75)
        if passed not in parameters and (passed == "year" or near):
            faults.append(say("cli.unknown_parameter", lang, name=name, parameter=passed, has=has))
    return faults


def _title(cells: list[tuple[str, str, set[str]]], lang: str) -> str:
    """The first heading of level 1 that a reader of this language sees."""
    for kind, source, tags in cells:
        heading = re.search(r"^# +(.+?)\s*$", source, re.M) if kind == "markdown" else None
        if heading and not tags & ({*LANGS} - {lang}):
            return heading[1]
    return ""


def missing(book: RuleBook, categories: Iterable[str], needs: tuple[str, ...]) -> list[str]:
    """The needs for which there is no table, neither a CSV file nor a sheet, in any of the categories or for the year."""
    def there(need: str) -> bool:
        row, year_folder, known = tables.named()[need], f"data/{book.year}", book.rules.categories
        places = [("", year_folder)] if row.of_year else [(category, f"{year_folder}/{category}") for category in categories]
        return any(read_table(book.root, folder, row, needed=False, category=category, categories=known)[2]
                   for category, folder in places)

    return [need for need in needs if need not in (*ALWAYS, *OF_RULES, RULEBOOK) and not there(need)]


# ── what a report is made from ──────────────────────────────────────────────────────────────────────────────────────


def fingerprints(book: RuleBook, digests: Mapping[str, str]) -> dict[str | None, str]:
    """By category a digest of all that its reports rest on; by None, of all that the reports of the whole year rest on; from the
    `digests` of a snapshot by path.

    Rules and data but for what is another category's own (where an audit that is on looks across categories, nothing is: what
    is marked in one category may cost a unit of another; nor for a category whose units are linked to others'), all of the year
    compared with, txlib, the packages below it.
    """
    year, codes = book.year, book.rules.categories
    both = [year, *(each for each in years(book.root) if each == book.rules.last_year)]
    places = tuple(f"{kind}/{each}/" for each in both for kind in ("params", "data"))
    files = [each for each in sorted(digests.items()) if each[0].startswith(places)]
    files += sorted((name, snapshot.digest(path)) for name, path in snapshot.below(PACKAGE, PACKAGE))
    own = {code: (f"params/{year}/{code}.yaml", f"params/{year}/trees/{code}.yaml", f"data/{year}/{code}/") for code in codes}
    below = [sys.version, sys.platform, sorted(versions().items())]
    across = any(audit.across and audit.is_on(book) for audit in audits.named().values())
    found: dict[str | None, str] = {}
    for category in (None, *codes):
        head = book.categories.get(category or "")
        apart = not across and category is not None and not (head and head.linked)
        others = tuple(start for code in codes if apart and code != category for start in own[code])
        mine = [file for file in files if not file[0].startswith(others)]
        found[category] = hashlib.sha256(json.dumps([mine, below]).encode()).hexdigest()
    return found


def inputs(fingerprint: str, notebook: Notebook, parameters: Values, lang: str) -> str:
    """The digest of all that one report is made from."""
    digest = hashlib.sha256(json.dumps([fingerprint, notebook.name, parameters, lang]).encode())
    digest.update(notebook.path.read_bytes())
    return digest.hexdigest()


def recorded(executed: Path) -> tuple[str, str, Values]:
    """The digest that an executed notebook was made from, its report's language, and the values that were given for it; all empty
    where there is none."""
    try:
        about: Any = json.loads(executed.read_text(encoding="utf-8"))["metadata"]["txlib"]
        return str(about["inputs"]), str(about["lang"]), declarations.held(about.get("given", {}))
    except (OSError, ValueError, KeyError, TypeError):
        return "", "", ()


def versions() -> dict[str, str]:
    """The packages that txlib and what it requires require here, with their versions; extras do not count."""
    found: dict[str, str] = {}
    ahead = list(PACKAGES)
    while ahead:
        name = canonicalize_name(ahead.pop())
        if name in found:
            continue
        try:
            package = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        found[name] = package.version
        required = map(Requirement, package.requires or ())
        ahead += [each.name for each in required if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found
