"""Next year's rules: last year's copied as text, what follows from the year moved on, what is to be decided marked.

A mark is a comment, `# 待定 / to decide: …`, on the line concerned; taking it away is the decision. Comments and layout stay.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from txlib.base.faults import Fault, RulebookError
from txlib.base.labels import say
from txlib.base.numbers import Numeral
from txlib.rules import book as rulebook
from txlib.rules import source as yamltree
from txlib.rules.book import RuleBook, shown_year
from txlib.rules.source import Block, Items, Loader

MARK = re.compile(r"#\s*(?:待定|to decide)\b[^:：]*[:：]?\s*(.*)", re.I)
LINE = re.compile(r"[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029]|$)")
DATED = ("period", "title", "status", "as_of")  # of rulebook.yaml: moved on with the year
CARRIED = ("data", "status", "office")  # of rulebook.yaml: to be confirmed
NUMBER = re.compile(r"-?[\d.]+%( of weight)?")  # beside what YAML takes for a number
NO_RULE = ("clause", "assumed", "name", "gives")
RESERVED = re.compile(r"con|nul|prn|aux|com\d|lpt\d", re.I)  # no names of folders on Windows
LONGEST = 40
Reasons = dict[int, list[str]]


class Open(NamedTuple):
    """Something that is still to be decided: where its mark stands, and what it says."""

    file: str
    line: int
    what: str


# ── the marks ───────────────────────────────────────────────────────────────────────────────────────────────────────


def still_open(root: Path, year: str) -> list[Open]:
    """The marks in a year's rules, by file and line; a text in quotes is no mark."""
    found = []
    for path in sorted((root / "params" / year).rglob("*.yaml")):
        with contextlib.suppress(OSError, UnicodeDecodeError):
            text, file = path.read_bytes().decode("utf-8-sig"), path.relative_to(root).as_posix()
            hidden = _texts(text)
            for number, line in enumerate(LINE.findall(text), start=1):
                for mark in re.finditer(r"(?:^|(?<=\s))#", line):
                    told = MARK.match(line.rstrip(), mark.start())
                    if told and not hidden(number, mark.start()):
                        found.append(Open(file, number, told[1]))
                        break
    return found


def grouped(marks: list[Open]) -> dict[tuple[str, str], list[int]]:
    """The lines of marks that say the same in a file."""
    found: dict[tuple[str, str], list[int]] = {}
    for mark in marks:
        found.setdefault((mark.file, mark.what), []).append(mark.line)
    return found


def _texts(text: str) -> Callable[[int, int], bool]:
    """Whether a line and column lie within a scalar, where # is no comment."""
    spans = list(_spans(text))
    return lambda line, column: any(start <= (line, column) < end for start, end, _ in spans)


def _spans(text: str) -> Iterator[tuple[tuple[int, int], tuple[int, int], bool]]:
    """Start and end of each scalar as line and column, and whether it is a block of lines."""
    with contextlib.suppress(yaml.YAMLError):
        for token in yaml.scan(text, Loader=Loader):
            if isinstance(token, yaml.ScalarToken):
                start, end = token.start_mark, token.end_mark
                yield (start.line + 1, start.column), (end.line + 1, end.column), token.style in ("|", ">")


# ── the copy ────────────────────────────────────────────────────────────────────────────────────────────────────────


def new_year(root: Path | str | None, new: str, old: str) -> tuple[RuleBook, list[Open]]:
    """Write params/<new> from params/<old>, whole or not at all; the new book and what is marked in it.

    RulebookError: the old year has faults or is not there, the new one is there or cannot be a folder's name. OSError: it
    cannot be written.
    """
    base = rulebook.find_root(root)
    book = rulebook.load_rulebook(old, base)
    if faults := _not_new(base, new, old):
        raise RulebookError(faults)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=base / "params") as made:
        for source in (each.path for each in book.sources):
            name = source.removeprefix(f"params/{old}/")
            path = Path(made) / "params" / new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            text = (base / source).read_bytes().decode("utf-8")
            path.write_bytes(_rewritten(text, name, book, new).encode("utf-8"))
        rulebook.load_rulebook(new, made)
        (Path(made) / "params" / new).rename(base / "params" / new)
    return rulebook.load_rulebook(new, base), still_open(base, new)


def _not_new(base: Path, new: str, old: str) -> list[Fault]:
    """Why a year cannot be made under this name; a file system may take names that differ in case alone for one."""
    place = f"params/{shown_year(new)}"
    if not re.fullmatch(r"[0-9A-Za-z][\w-]*", new) or RESERVED.fullmatch(new) or len(new) > LONGEST:
        return [Fault.of("year_name", place, found=new, longest=LONGEST)]
    there = {path.name.casefold(): path.name for path in (base / "params").iterdir()}
    if new.casefold() in there:
        return [Fault.of("year_exists", f"params/{there[new.casefold()]}", found=new, old=old)]
    return []


def _rewritten(text: str, name: str, book: RuleBook, new: str) -> str:
    """A file of the new year: dates moved on, marks put."""
    bom = "\ufeff" * text.startswith("\ufeff")
    text, stuck = _moved_on(text.removeprefix("\ufeff"), name, book, new)
    raw = yamltree.read(book.root / f"params/{book.year}/{name}", name)[0]
    reasons = _reasons(raw, name)
    for key in stuck:
        reasons.setdefault(raw.line_of(key), []).append(_both("stuck"))
    old, own = _digits(book.year), raw.line_of("last_year") if name == "rulebook.yaml" else 0
    for number, line in enumerate(LINE.findall(text), start=1):
        if old and old != _digits(new) and number != own and re.search(rf"(?<!\d){old}(?!\d)", line):
            reasons.setdefault(number, []).append(_both("names_year", year=old))
    marked, end = _marked(text, reasons), "\r\n" if "\r\n" in text else "\n"
    if name in ("clauses.yaml", "terms.yaml"):
        marked = _mark([_both("file_" + name.removesuffix(".yaml"))]) + end + marked
    if name == "rulebook.yaml" and "last_year" not in raw and (book.root / "data" / book.year).is_dir():
        marked += end * (not marked.endswith("\n")) + f'last_year: "{book.year}"  {_mark([_both("last_year")])}{end}'
    return bom + marked


def _both(key: str, **values: Any) -> str:
    return say(f"nextyear.{key}", "zh", **values) + " " + say(f"nextyear.{key}", "en", **values)


def _mark(reasons: list[str]) -> str:
    return f"# 待定 / to decide: {'; '.join(dict.fromkeys(reasons))}"


def _marked(text: str, reasons: Reasons) -> str:
    """The text with each mark at the end of its line, or of the first after it that does not end within a text."""
    lines, spans = LINE.findall(text), list(_spans(text))
    inside = {number for start, end, block in spans for number in range(start[0] + block, end[0])}
    placed: Reasons = {}
    for number, told in sorted(reasons.items()):
        at = next(each for each in range(number, len(lines) + 1) if each not in inside)
        placed.setdefault(at, []).extend(told)
    for number, told in placed.items():
        bare = lines[number - 1].rstrip()
        lines[number - 1] = bare + "  " + _mark(told) + lines[number - 1][len(bare):].lstrip(" \t")
    return "".join(lines)


# ── what is to be decided ───────────────────────────────────────────────────────────────────────────────────────────


def _reasons(raw: Block, name: str) -> Reasons:
    """By line why it is to be decided: numbers that rest on an assumption, assumptions, what is said of the year itself."""
    found: Reasons = {}
    if name in ("clauses.yaml", "terms.yaml"):
        return {}
    if name == "assumptions.yaml":
        return {raw.line_of(key): [_both("assumption")] for key in raw}
    if name == "rulebook.yaml":
        found = {raw.line_of(key): [_both("carried")] for key in CARRIED}
    for line, names in _assumed(raw):
        found.setdefault(line, []).extend(names)
    return found


def _assumed(block: Block, names: tuple[str, ...] = ()) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Lines with numbers of rules that rest on assumptions, and those; of two sources of a rule either may give a number."""
    if "clause" in block or "use" in block or "assumed" in block:
        told = block.get("assumed", ())
        names = tuple(map(str, told)) if isinstance(told, list | tuple) else (str(told),)
    for key, value in block.items():
        if key not in NO_RULE:
            yield from _within(value, block.line_of(key), names)


def _within(value: Any, line: int, names: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    if isinstance(value, Block):
        yield from _assumed(value, names)
    elif isinstance(value, Items):
        for each, there in zip(value, value.lines, strict=True):
            yield from _within(each, there, names)
    elif names and (isinstance(value, Numeral) or NUMBER.fullmatch(str(value))):
        yield line, names


# ── what follows from the year ──────────────────────────────────────────────────────────────────────────────────────


def _digits(year: str) -> str:
    found = re.match(r"\d{4}", year)
    return found[0] if found else ""


def _moved_on(text: str, name: str, book: RuleBook, new: str) -> tuple[str, list[str]]:
    """The text with the year, and in rulebook.yaml what is dated by it, moved on; and the fields that could not be."""
    root: Any = yaml.compose(text, Loader=Loader)
    nodes = {key.value: value for key, value in root.value}
    places: list[tuple[int, int, str]] = []
    stuck: list[str] = []
    if "year" in nodes and (name == "rulebook.yaml" or "/" not in name):
        places += [_replaced(text, nodes["year"], book.year, new)]
    if name == "rulebook.yaml":
        if "last_year" in nodes:
            places += [_replaced(text, nodes["last_year"], nodes["last_year"].value, book.year)]
        for key in DATED:
            for node in ([value for _, value in nodes[key].value] if isinstance(nodes[key].value, list) else [nodes[key]]):
                told = _later(node.value, _digits(book.year), _digits(new), day=key == "as_of")
                stuck += [key] * (told == node.value and key in ("period", "as_of") and _digits(book.year) != _digits(new))
                places += [_replaced(text, node, node.value, told)]
    for start, end, instead in sorted(places, reverse=True):
        text = text[:start] + instead + text[end:]
    return text, stuck


def _replaced(text: str, node: Any, old: str, new: str) -> tuple[int, int, str]:
    """Where a scalar stands, and what is to stand there; quotes stay."""
    start, end = node.start_mark.index, node.end_mark.index
    return start, end, text[start:end].replace(old, new)


def _later(text: str, old: str, new: str, *, day: bool) -> str:
    """A text with the old year in it told of the new one; a day by as many years as lie between them."""
    if not old or not new:
        return text
    if not day:
        return re.sub(rf"(?<!\d){old}(?!\d)", new, text)
    year, month, number = (int(part) for part in text.split("-"))
    with contextlib.suppress(ValueError):
        return date(year + int(new) - int(old), month, number).isoformat()
    return date(year + int(new) - int(old), month, number - 1).isoformat()  # the 29th of February


# ── what to hand in ─────────────────────────────────────────────────────────────────────────────────────────────────


def folders(book: RuleBook) -> dict[str, tuple[str, ...]]:
    """The folders of data to make, and the tables that go into each: those that must be there first.

    Detailed rules may be left out; they are named beside the marks that are given by them.
    """
    found: dict[str, tuple[str, ...]] = {}
    of_year = ["units"]
    for code, category in book.categories.items():
        rules: list[Any] = [node.rule for node in (*category.leaves, *category.adjustments) if node.rule]
        tables = dict.fromkeys(["observations"] * bool(category.observed)
                               + [rule.table for rule in rules if rule.table != "observations"])
        of_year += ["superior", "responsible"] * ("superior" in tables)
        tables |= dict.fromkeys(["details"] * ("marks" in tables))
        found[f"data/{book.year}/{code}"] = tuple(each for each in tables if each != "superior")
    return {f"data/{book.year}": tuple(dict.fromkeys(of_year))} | found
