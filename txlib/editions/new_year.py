"""Next year's rules: last year's copied as text, what follows from the year moved on, what is to be decided marked.

A mark is a comment, `# 待定 / to decide: …`, on the line concerned; taking it away is the decision. Comments and layout stay.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from txlib.base.faults import Fault, RulebookError
from txlib.base.files import DEVICE
from txlib.base.labels import say
from txlib.base.printing import spelled
from txlib.editions.values import DATED
from txlib.intake import tables
from txlib.rules.book import RuleBook, find_root, load_rulebook, shown_year
from txlib.rules.source import Block, scalars, texts, walk

MARK = re.compile(r"#\s*(?:待定|to decide)\b[^:：]*[:：]?\s*(.*)", re.I)
LINE = re.compile(r"[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029]|$)")
DEADLINES = ("closes", "due")  # of rulebook.yaml: rules that hold days, each as far from the new year as from the old
DAY = re.compile(r"\d{4}-\d\d-\d\d")
CARRIED = ("data", "status", "office")  # of rulebook.yaml: to be confirmed
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
                    found_mark = MARK.match(line.rstrip(), mark.start())
                    if found_mark and not hidden(number, mark.start()):
                        found.append(Open(file, number, found_mark[1]))
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
    spans = list(scalars(text))
    return lambda line, column: any(start <= (line, column) < end for start, end, _ in spans)


# ── the copy ────────────────────────────────────────────────────────────────────────────────────────────────────────


def files(root: Path | str | None, new: str, old: str) -> dict[str, bytes]:
    """The files of params/<new> by their name there, made from params/<old>; nothing is written.

    RulebookError: the old year has faults or is not there, the new one is there or cannot be a folder's name.
    """
    base = find_root(root)
    book = load_rulebook(old, base)
    if faults := _not_new(base, new, old):
        raise RulebookError(faults)
    then = {name: (base / raw.file).read_bytes().decode("utf-8") for name, raw in book.files.items()}
    return {name: _rewritten(text, name, book, new).encode("utf-8") for name, text in then.items()}


def _not_new(base: Path, new: str, old: str) -> list[Fault]:
    """Why a year cannot be made under this name; a file system may take names that differ in case alone for one."""
    place = f"params/{shown_year(new)}"
    if not re.fullmatch(r"[0-9A-Za-z][\w-]*", new) or DEVICE.fullmatch(new) or len(new) > LONGEST:
        return [Fault.of("year_name", place, found=new, longest=LONGEST)]
    there = {path.name.casefold(): path.name for path in (base / "params").iterdir()}
    if new.casefold() in there:
        return [Fault.of("year_exists", f"params/{there[new.casefold()]}", found=new, old=old)]
    return []


def _rewritten(text: str, name: str, book: RuleBook, new: str) -> str:
    """A file of the new year: dates moved on, marks put."""
    bom = "\ufeff" if text.startswith("\ufeff") else ""
    text, stuck = _moved_on(text.removeprefix("\ufeff"), name, book, new)
    raw = book.files[name]
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
        if not marked.endswith("\n"):
            marked += end
        marked += f'last_year: "{book.year}"  {_mark([_both("last_year")])}{end}'
    return bom + marked


def _both(key: str, **values: Any) -> str:
    return say(f"nextyear.{key}", "zh", **values) + " " + say(f"nextyear.{key}", "en", **values)


def _mark(reasons: list[str]) -> str:
    return f"# 待定 / to decide: {'; '.join(dict.fromkeys(reasons))}"


def _marked(text: str, reasons: Reasons) -> str:
    """The text with each mark at the end of its line, or of the first after it that does not end within a text."""
    lines, spans = LINE.findall(text), list(scalars(text))
    inside = {number for start, end, block in spans for number in range(start[0] + block, end[0])}
    placed: Reasons = {}
    for number, reason in sorted(reasons.items()):
        at = next(each for each in range(number, len(lines) + 1) if each not in inside)
        placed.setdefault(at, []).extend(reason)
    for number, reason in placed.items():
        bare = lines[number - 1].rstrip()
        lines[number - 1] = bare + "  " + _mark(reason) + lines[number - 1][len(bare):].lstrip(" \t")
    return "".join(lines)


# ── what is to be decided ───────────────────────────────────────────────────────────────────────────────────────────


def _reasons(raw: Block, name: str) -> Reasons:
    """By line why it is to be decided: numbers that rest on an assumption, assumptions, what is said of the year itself.

    Where a rule has a clause and an assumption, either may give its numbers: all are marked.
    """
    found: Reasons = {}
    if name in ("clauses.yaml", "terms.yaml"):
        return {}
    if name == "assumptions.yaml":
        return {raw.line_of(key): [_both("assumption")] for key in raw}
    if name == "rulebook.yaml":
        found = {raw.line_of(key): [_both("carried")] for key in CARRIED}
    for each in walk(raw):
        if each.rule is not None and each.ruled and _to_decide(each.value) and "assumed" in each.rule:
            found.setdefault(each.line, []).extend(texts(each.rule["assumed"]))
    return found


def _to_decide(value: object) -> bool:
    """Whether a value may rest on an assumption: a number or a day."""
    return spelled(value) is not None or _is_day(value)


def _is_day(value: object) -> bool:
    return isinstance(value, str) and DAY.fullmatch(value) is not None


# ── what follows from the year ──────────────────────────────────────────────────────────────────────────────────────


def _digits(year: str) -> str:
    found = re.match(r"\d{4}", year)
    return found[0] if found else ""


def _moved_on(text: str, name: str, book: RuleBook, new: str) -> tuple[str, list[str]]:
    """The text with the year, and in rulebook.yaml what is dated by it, moved on; and the fields that could not be."""
    raw, (then, now) = book.files[name], (_digits(book.year), _digits(new))
    moves: list[tuple[Block, str, str, str]] = []
    stuck: list[str] = []
    if "year" in raw.spans and (name == "rulebook.yaml" or "/" not in name):
        moves.append((raw, "year", book.year, new))
    if name == "rulebook.yaml":
        if "last_year" in raw:
            moves.append((raw, "last_year", raw["last_year"], book.year))
        for each in walk(raw):
            deadline = _is_day(each.value) and each.path[0] in DEADLINES
            if isinstance(each.value, str) and (each.path[0] in DATED or deadline):
                moved_text = _later(each.value, then, now, day=deadline or each.key == "as_of")
                if moved_text == each.value and each.key in ("period", "as_of") and then != now:
                    stuck.append(each.key)
                moves.append((each.block, each.key, each.value, moved_text))
    for block, key, old, moved_text in sorted(moves, key=lambda move: move[0].spans[move[1]], reverse=True):
        start, end = block.spans[key]
        text = text[:start] + text[start:end].replace(old, moved_text) + text[end:]
    return text, stuck


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
        others = [node for node in (*category.leaves, *category.adjustments) if node not in category.observed]
        rows = [tables.named()[node.rule.table] for node in (*category.observed, *others) if node.rule]
        rows += [tables.named()[row.with_it] for row in rows if row.with_it]
        of_year += [row.table for row in rows if row.of_year]
        found[f"data/{book.year}/{code}"] = tuple(dict.fromkeys(row.table for row in rows if not row.of_year))
    return {f"data/{book.year}": tuple(dict.fromkeys(of_year))} | found
