"""A rule-book as entries: every value that a rule states, with its words in both languages, its clause, file and line.

Values are those of the models, so that 15 and 15.0, or a rule written out and the same by default, are equal; words and
lines are those of the files as the book was read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from txlib.base.fields import Filled, Model, Text
from txlib.base.labels import filled, section
from txlib.base.numbers import Numeral
from txlib.base.printing import as_text
from txlib.methods.words import Coded, word
from txlib.rules.book import RuleBook
from txlib.rules.shape import shaped
from txlib.rules.source import Block, Items, Place
from txlib.rules.tree import RELATIVE, Branch, Indicator, SharedBranch, TreeFile

Both = tuple[str, str]
# lists in which another order is another rule
ORDERED = ("onto", "points", "rows", "tie_break", "grams", "difference", "quotient")
HEADING = ("year", "last_year", "categories")  # which year it is, and who is in it
DATED = ("period", "title", "status", "as_of")  # what stands at the head of a report and is no rule
MARKS = "quotas"  # whose rules, each with its own clause, come and go as a whole: one sentence each
DEADLINES = ("closes.events", "closes.findings", "closes.decisions", "due.day")  # told by their distance from the year
OWN = ("code", "name", "weight", "children", "use")  # of an indicator, told apart from its entries


class Entry(NamedTuple):
    """One value: what is compared, what it is called and how it reads in Chinese and English, its clauses and place."""

    value: Any
    label: Both
    text: Both
    clause: tuple[str, ...]
    place: Place


class Stated(NamedTuple):
    """An indicator as written: `level` 0 for an adjustment; `weight` by its form, points of the whole or share of its parent."""

    code: str
    name: Text
    parent: str | None
    level: int
    full: Fraction
    weight: tuple[str, Fraction] | None
    written: Entry | None
    clause: tuple[str, ...]
    place: Place
    entries: Mapping[str, Entry]

    @property
    def scored(self) -> bool:
        """Whether a method scores it, rather than its children."""
        return "scored_by.method" in self.entries


@dataclass(frozen=True)
class Entries:
    """A year's entries by path: of its rules, of each category's head, of its clauses and assumptions; its indicators by code."""

    rules: Mapping[str, Entry]
    heads: Mapping[str, Mapping[str, Entry]]
    trees: Mapping[str, Mapping[str, Stated]]
    clauses: Mapping[str, Mapping[str, Entry]]
    assumptions: Mapping[str, Mapping[str, Entry]]
    lines: Mapping[str, Place]


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def label(key: str, of: Iterable[str] = ()) -> Both:
    """What a field is called; a code's word (words.word) where it is none."""
    found = None if isinstance(of, Coded) else section("changes").get(f"key_{key}")
    return (found["zh"], found["en"]) if found else (word(key, "zh", of), word(key, "en", of))


def _called(path: str) -> Both:
    """What the field at a path is called: words of its own for the path, else those of its key."""
    own = path.replace(".", "_")
    return label(own if f"key_{own}" in section("changes") else path.rpartition(".")[2])


def joined(parts: list[Both], mark: str) -> Both:
    """Texts of both languages put together by a mark of labels/editions/changes.yaml."""
    marks = section("changes")[mark]
    return marks["zh"].join(zh for zh, _ in parts), marks["en"].join(en for _, en in parts)


def reads(key: str, value: Any, raw: Any) -> Both:
    """How a value reads: a word for a code, a number as it is written."""
    if key == "clause" and not value:
        silent = section("changes")["said_clause_silent"]
        return silent["zh"], silent["en"]
    if isinstance(value, tuple | list | frozenset) and not hasattr(value, "of_weight"):
        inside = raw if isinstance(raw, Items) and len(raw) == len(value) else list(value)
        return joined([reads(key, each, under) for each, under in zip(value, inside, strict=True)], "comma")
    if isinstance(value, Text):
        return value.zh, value.en
    if isinstance(value, Model):
        return parameters(value, raw)
    text = str(raw if isinstance(raw, str) else value)
    if isinstance(value, Fraction) and not isinstance(raw, str):
        text = as_text(value)
    found = section("changes").get(f"said_{key}_{text}") or section("changes").get(f"said_{text}")
    found = found or (section(f"methods/{text}").get("name") if key == "method" else None)
    if found:
        return found["zh"], found["en"]
    share = re.fullmatch(r"(.*%) of weight", text)
    of_weight = section("changes")["of_weight"]
    return (of_weight["zh"].format(share=share[1]), of_weight["en"].format(share=share[1])) if share else (text, text)


def parameters(model: Model, raw: Any) -> Both:
    """A whole model in one line: its method, then each of its fields."""
    parts: list[Both] = []
    for name, field in type(model).model_fields.items():
        key, value = field.alias or name, getattr(model, name)
        if value is None:
            continue
        inner = raw.get(key) if isinstance(raw, Block) else None
        reading = _mapped(value, inner) if isinstance(value, Mapping) else reads(key, value, inner)
        known = label(key)
        parts.append(reading if key in ("method", "from") else (f"{known[0]} {reading[0]}", f"{known[1]} {reading[1]}"))
    return joined(parts, "parts")


def _sentence(key: str, model: Model, raw: Any) -> Both:
    """A rule on marks in one sentence, by its key, and what it adds where an optional field is there."""
    readings = {name: reads(name, value, raw.get(name)) for name in type(model).model_fields
            if (value := getattr(model, name)) is not None and not isinstance(value, Model)}
    forms = [form for name in ("", *readings) if (form := section("changes").get("_".join(filter(None, ["told", key, name]))))]
    zh, en = ({name: text[side] for name, text in readings.items()} for side in (0, 1))
    return "".join(filled(form["zh"], **zh) for form in forms), "".join(filled(form["en"], **en) for form in forms)


def _mapped(value: Mapping[str, Any], raw: Any) -> Both:
    inner = raw if isinstance(raw, Block) else dict(value)
    pairs = [(label(code, value), reads(code, each, _own(each, inner.get(code))), isinstance(each, Model))
             for code, each in value.items()]
    entry = section("changes")["entry"]
    return joined([(entry["zh"].format(name=name[0], reading=reading[0]), entry["en"].format(name=name[1], reading=reading[1]))
                   if inside else (f"{name[0]} {reading[0]}", f"{name[1]} {reading[1]}") for name, reading, inside in pairs],
                  "comma")


def _own(value: Any, raw: Any) -> Any:
    """An entry of a rule as it is written, of a number with a name the number."""
    bare = isinstance(value, Model) or not isinstance(raw, Block)
    return raw if bare else next((each for key, each in raw.items() if key != "name"), None)


# ── entries ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def entries(model: Any, raw: Any, above: tuple[Both, ...] = (), path: str = "", clause: tuple[str, ...] = (),
            leave: tuple[str, ...] = ()) -> Iterator[tuple[str, Entry]]:
    """The entries of a model by path, those of models inside it included; `leave`: fields that are none."""
    cited = getattr(model, "clause", clause)
    for name, field in type(model).model_fields.items():
        key, value = field.alias or name, getattr(model, name)
        if value is not None and key not in leave:
            yield from _under(value, raw.get(key), (*above, _called(path + key)), path + key, cited, raw.place(key))


def _under(value: Any, raw: Any, above: tuple[Both, ...], path: str, clause: tuple[str, ...],
           place: Place) -> Iterator[tuple[str, Entry]]:
    key = path.rpartition(".")[2]
    if isinstance(value, Model) and not isinstance(value, Text):
        block = raw if isinstance(raw, Block) else Block(*place)
        if hasattr(value, "method") and key == "scored_by":
            yield path, Entry(value, above[-1], parameters(value, block), clause, place)
            above = above[:-1]
        elif path.startswith(MARKS):
            yield path, Entry(value, joined(list(above), "within"), _sentence(key, value, block),
                              getattr(value, "clause", clause), place)
        yield from entries(value, block, above, f"{path}.", clause)
    elif isinstance(value, Mapping):
        block = raw if isinstance(raw, Block) else Block(*place)
        for code, each in value.items():
            named = (each.name.zh, each.name.en) if hasattr(each, "name") else label(code, value)
            entry = block.get(code)
            yield from _under(each, _own(each, entry), (*above, named), f"{path}.{code}", clause, block.place(code))
            if own := getattr(value, "names", {}).get(code):
                place = block.place(code, "name")
                yield from _under(own, entry, (*above, named, label("name")), f"{path}.{code}.name", clause, place)
    elif isinstance(value, tuple) and value and all(hasattr(each, "code") for each in value):
        yield from _by_code(value, raw, above, path, clause, place)
    else:
        kept = _kept(value, ordered=key in ORDERED)
        yield path, Entry(kept, joined(list(above), "within"), reads(key, value, raw), clause, place)


def _by_code(value: tuple[Any, ...], raw: Any, above: tuple[Both, ...], path: str, clause: tuple[str, ...],
             place: Place) -> Iterator[tuple[str, Entry]]:
    """Items that bear a code: each under its own, and the order in which they stand."""
    for each, block in zip(value, raw, strict=True):
        named = (each.name.zh, each.name.en)
        if path.startswith(MARKS):
            sentence = _sentence(path.rpartition(".")[2], each, block)
            yield f"{path}.{each.code}", Entry(each, joined([*above[:-1], named], "within"), sentence, each.clause, block.place())
        yield from entries(each, block, (*above, named), f"{path}.{each.code}.", clause, leave=("code",))
    order = [(each.name.zh, each.name.en) for each in value]
    yield f"{path}.order", Entry(tuple(each.code for each in value), joined([*above, label("order")], "within"),
                                 joined(order, "comma"), clause, place)


def _kept(value: Any, *, ordered: bool) -> Any:
    """A value as it is compared: a list without order as a set."""
    if isinstance(value, Text):
        return value.zh, value.en
    if isinstance(value, tuple) and not hasattr(value, "of_weight"):
        inside = [_kept(each, ordered=ordered) for each in value]
        return tuple(inside) if ordered else frozenset(inside)
    return value


def undated(text: str, year: str) -> str:
    """A text with every year in it told by its distance from the year of the book, so that two years' can be compared."""
    found = re.match(r"\d{4}", year)
    return text if found is None else re.sub(
        r"(?<!\d)(19|20)\d\d(?!\d)", lambda told: f"{int(told[0]) - int(found[0]):+d}", text)


# ── an edition ──────────────────────────────────────────────────────────────────────────────────────────────────────


def entries_of(book: RuleBook) -> Entries:
    """The entries of a book."""
    def termed(year: Iterable[tuple[str, Entry]]) -> dict[str, Entry]:
        return {path: _termed(path, entry, book) for path, entry in year}

    year = termed(entries(book.rules, book.files["rulebook.yaml"], leave=HEADING))
    rules = {path: _undated(entry, path, book.year) for path, entry in year.items()}
    if book.terms is not None:
        words = entries(book.terms, book.files["terms.yaml"], (label("terms_file"),))
        rules |= {f"terms.{path}": entry for path, entry in words}
    branches = book.files.get("branches.yaml")
    shared = shaped(branches, TypeAdapter(dict[Filled, SharedBranch]))[0] if branches else {}
    heads, trees, lines = {}, {}, {}
    for code in book.categories:
        block = book.files[f"trees/{code}.yaml"]
        tree = shaped(block, TypeAdapter(TreeFile))[0]
        own = entries(tree, block, clause=tree.category.clause, leave=("category", "indicators", "adjustments"))
        heads[code] = termed([*entries(tree.category, block["category"], leave=("code",)), *own])
        trees[code] = {each.code: each._replace(entries=termed(each.entries.items()))
                       for each in _Tree(book, code, shared).stated(tree, block)}
        lines[code] = block.place("category")
    clauses, assumptions = (
        {name: dict(entries(each, block[name])) for name, each in held.items()}
        for held, block in ((book.clauses, book.files["clauses.yaml"]), (book.assumptions, book.files["assumptions.yaml"])))
    return Entries(rules, heads, trees, clauses, assumptions, lines)


def _termed(path: str, entry: Entry, book: RuleBook) -> Entry:
    """Assumptions by their terms, not by the names that they have in the files."""
    if path.rpartition(".")[2] != "assumed":
        return entry
    terms = [book.assumptions[name].term for name in book.assumptions if name in entry.value]
    return entry._replace(text=joined([(term.zh, term.en) for term in terms], "comma"))


def _undated(entry: Entry, path: str, year: str) -> Entry:
    if path not in (*DATED, *DEADLINES) or entry.value is None:
        return entry
    values = entry.value if isinstance(entry.value, tuple) else (entry.value,)
    return entry._replace(value=tuple(undated(each, year) for each in values))


class _Tree:
    """The indicators of one category, shared branches hung in."""

    def __init__(self, book: RuleBook, category: str, shared: Mapping[str, SharedBranch]) -> None:
        self.nodes = {node.code: node for node in book.categories[category].nodes}
        self.total, self.shared, self.files = book.categories[category].total, shared, book.files

    def stated(self, tree: TreeFile, raw: Block) -> Iterator[Stated]:
        """Every indicator, parents before children, and the adjustments."""
        yield from self._children(tree.indicators, raw["indicators"], None, 1, tree.roll_up)
        for each, block in zip(tree.adjustments, raw.get("adjustments", ()), strict=True):
            yield Stated(each.code, each.name, None, 0, Fraction(0), None, None, each.clause, block.place(),
                         dict(entries(each, block, leave=OWN)))

    def _children(self, indicators: tuple[Indicator, ...], raw: Items, parent: str | None, level: int,
                  roll_up: str) -> Iterator[Stated]:
        for each, block in zip(indicators, raw, strict=True):
            named: Any = each
            under, own = block, dict[str, Entry]()
            if isinstance(each, Branch):
                named, under = self.shared[each.use], self.files["branches.yaml"][each.use]
                own = {path if path == "for" else f"use.{path}": entry for path, entry in entries(each, block, leave=OWN)}
            own |= dict(entries(named, under, leave=OWN))
            yield self._one(named.code, named.name, each.weight, block, parent, level, roll_up, own)
            if children := getattr(named, "children", ()):
                below = getattr(named, "roll_up", "weighted_sum")  # a number's scorings are always added up
                yield from self._children(children, under["children"], named.code, level + 1, below)

    def _one(self, code: str, name: Text, weight: Fraction | str, block: Block, parent: str | None, level: int, roll_up: str,
             own: Mapping[str, Entry]) -> Stated:
        node = self.nodes[code]
        whole = self.nodes[parent].full if parent else self.total
        shared = roll_up in RELATIVE or not isinstance(block["weight"], Numeral)
        written = Entry(weight, label("weight"), reads("weight", weight, block["weight"]), node.clause, block.place("weight"))
        form = ("share", node.full / whole) if shared else ("points", node.full)
        return Stated(code, name, parent, level, node.full, form, written, node.clause, block.place(), own)


