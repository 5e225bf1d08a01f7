"""What a rule-book's raw trees must keep, each breach a Fault with its line: sources, references, sums, amounts.

It reads what it can and leaves to the shape (`shape`) what it cannot.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import compress, pairwise, product
from typing import Any

from txlib.base import fields
from txlib.base.faults import Fault, Where, asked
from txlib.base.files import names_a_folder
from txlib.base.numbers import Amount, Numeral, read_amount, read_number, read_share
from txlib.base.printing import in_full, spelled
from txlib.methods import BesideTheTree, named
from txlib.methods.words import ByCode
from txlib.rules.caps import faults_of as faults_of_caps
from txlib.rules.figures import faults_of as faults_of_figures
from txlib.rules.source import Block, Items, Place, texts, walk
from txlib.rules.tree import RELATIVE, by_unit, evenly


def blocking(fault: Fault, category: str | None) -> Fault:
    """The fault, said of a category (None: of the year)."""
    return dataclasses.replace(fault, category=category)


def total_points(raw: Block) -> Fraction | None:
    """The points that a tree must add up to, as far as rulebook.yaml can be read."""
    total = raw.get("total")
    return _number(total.get("points")) if isinstance(total, Block) else None


def year_faults(raw: Block, year: str) -> list[Fault]:
    """Faults of rulebook.yaml that its shape does not show."""
    faults = []
    if isinstance(raw.get("year"), str) and raw["year"] != year:
        faults.append(Fault.of("year_differs", *raw.place("year"), Where(column="year"), found=raw["year"], year=year))
    quotas_, total = raw.get("quotas"), total_points(raw)
    penalty = quotas_.get("penalty") if isinstance(quotas_, Block) else None
    taken = _number(penalty.get("points")) if isinstance(penalty, Block) else None
    if taken is not None and total is not None and taken > total > 0:
        at = Where(column="quotas.penalty.points")
        faults.append(Fault.of("penalty_above_total", *raw.place("quotas", "penalty", "points"), at, found=in_full(taken),
                               total=in_full(total)))
    faults += _closes(raw)
    listed = raw.get("categories")
    if isinstance(listed, Items):
        alike = [str(code).casefold() for code in listed]
        twice = [i for i, code in enumerate(alike) if code in alike[:i]]
        faults += [Fault.of("code_twice" if listed[i] in listed[:i] else "code_case", raw.file, listed.lines[i],
                            Where(column="categories"), found=listed[i], first=listed.lines[alike.index(alike[i])],
                            elsewhere="") for i in twice]
    return faults


def _closes(raw: Block) -> Iterator[Fault]:
    """Last days for documents of after the year that lie within it; nothing of a period that is no whole year."""
    closes, year = raw.get("closes"), re.fullmatch("([0-9]{4})(?:年度?)?", str(raw.get("period")))
    last = f"{year[1]}-12-31" if year else ""
    for name, day in closes.items() if isinstance(closes, Block) else ():
        if isinstance(day, str) and re.fullmatch(r"[0-9]{4}-\d\d-\d\d", day) and day < last:
            yield Fault.of("closes_early", *raw.place("closes", name), Where(column=f"closes.{name}"), found=day, last=last)


def listed(raw: Block) -> list[str]:
    """The categories of the year, as far as rulebook.yaml can be read; a code that names no folder is passed over."""
    codes = raw.get("categories")
    items = codes if isinstance(codes, Items) else []
    return [code for code in dict.fromkeys(map(str, items)) if re.fullmatch(fields.CODE, code) and names_a_folder(code)]


def _number(value: Any) -> Fraction | None:
    return read_number(value) if isinstance(value, Numeral) else None


def _weight(value: Any) -> Fraction | None:
    """A weight as points or as a share, as far as it can be read."""
    if isinstance(value, Fraction):
        return value
    return read_share(value) if isinstance(value, str) and not isinstance(value, Numeral) else _number(value)


class Checks:
    """The second pass of one year: what its rules, clauses, assumptions and branches allow."""

    def __init__(self, rules: Block, clauses: Block, assumptions: Block, branches: Block) -> None:
        self.clauses, self.assumptions, self.branches, self.total = clauses, assumptions, branches, total_points(rules)
        self.used = set[str]()
        self.gates, self.below = list[Block](), dict[str, list[str]]()  # of one tree: leaves with conditions, codes below a code
        self.penalty = isinstance(rules.get("quotas"), Block) and "penalty" in rules["quotas"]
        self.given = {number: {spelled(each) for each in texts(entry.get("gives"))}
                      for number, entry in clauses.items() if isinstance(entry, Block)}

    def sources(self, raw: Block) -> list[Fault]:
        """Every rule cites a clause or an assumption that exists, every number in it has one that gives or explains it."""
        faults: list[Fault] = []
        for each in walk(raw):
            if each.rule is None or not each.ruled:
                continue
            if each.value is each.rule:
                faults += self._cited(each.rule, each.where)
            elif (number := spelled(each.value)) is not None and not self._sourced(number, each.rule):
                at = Where(indicator=each.where, column=each.key)
                faults.append(Fault.of("number_without_source", *each.block.place(each.key), at, found=each.value))
        return faults

    def _sourced(self, number: str, rule: Block) -> bool:
        """A clause that gives 60% gives `60% of weight` too: it says of what in words."""
        given = {each for clause in texts(rule.get("clause")) for each in self.given.get(clause, ())}
        return "assumed" in rule or number in given or number.removesuffix(" of weight") in given

    def _cited(self, rule: Block, where: str) -> list[Fault]:
        clauses, assumed = texts(rule.get("clause")), texts(rule.get("assumed"))
        faults = [self._unknown("clause_unknown", rule, "clause", where, number, self.clauses) for number in clauses
                  if self.clauses and number != "silent" and number not in self.clauses]
        faults += [self._unknown("assumption_unknown", rule, "assumed", where, name, self.assumptions) for name in assumed
                   if self.assumptions and name not in self.assumptions]
        if rule.get("clause") == "silent" and not assumed:
            faults.append(Fault.of("silent_without_assumption", *rule.place("clause"), Where(indicator=where)))
        if isinstance(rule.get("clause"), list) and not clauses:
            faults.append(Fault.of("clause_empty", *rule.place("clause"), Where(indicator=where)))
        return faults

    @staticmethod
    def _unknown(code: str, block: Block, key: str, where: str, name: str, known: Block) -> Fault:
        return Fault.of(code, *block.place(key), Where(indicator=where), found=name, near=asked(name, known))

    def tree(self, raw: Block) -> list[Fault]:
        """Sums, codes, references and amounts of one category's tree, its shared branches hung in."""
        indicators = raw.get("indicators")
        if not isinstance(indicators, Items):
            return []
        seen, self.gates, self.below = dict[str, Place](), [], {}
        head = raw.get("category")
        own = _number(head["total"]) if isinstance(head, Block) and "total" in head else None
        where = "total.points" if own is None else "category.total"
        faults = self._children(raw, indicators, own or self.total, where, raw.get("roll_up", "weighted_sum"), seen, ())
        codes = list(seen)
        adjustments, decimals = raw.get("adjustments"), raw.get("decimals")
        if (number := spelled(decimals)) is not None and isinstance(head, Block) and not self._sourced(number, head):
            at = Where(indicator="category", column="decimals")
            faults.append(Fault.of("number_without_source", *raw.place("decimals"), at, found=decimals))
        beside = [block for block in adjustments if isinstance(block, Block)] if isinstance(adjustments, Items) else []
        faults += [fault for block in beside for fault in self._node(block, None, seen, ())] + self._penalties(beside)
        faults += self._conditions(codes)
        faults += faults_of_figures(indicators, self.branches)
        faults += faults_of_caps(raw, [block["code"] for block in beside if isinstance(block.get("code"), str)])
        if isinstance(head, Block):
            faults += [Fault.of("tie_break_unknown", raw.file, head.line_of("tie_break"), Where(column="tie_break"), found=code)
                       for code in texts(head.get("tie_break")) if code not in seen]
        return faults

    def _conditions(self, codes: list[str]) -> Iterator[Fault]:
        """Conditions on indicators that are none, and on what depends on conditions itself: a circle could not be told."""
        gated = {str(block.get("code")) for block in self.gates}
        for block in self.gates:
            conditions = block["only_if"] if isinstance(block["only_if"], Items) else []
            for condition in (each for each in conditions if isinstance(each, Block) and isinstance(each.get("indicator"), str)):
                code, at = condition["indicator"], Where(indicator=str(block.get("code")), column="only_if")
                known = codes if "attained" in condition else [each for each in codes if each not in self.below]
                if code not in known:
                    yield Fault.of("condition_unknown", *condition.place("indicator"), at, found=code, near=asked(code, known))
                elif found := sorted(gated & {code, *self.below.get(code, ())}):
                    yield Fault.of("condition_circle", *condition.place("indicator"), at, found=code, gated=found)

    def unused(self) -> list[Fault]:
        """The same of the shared branches that no tree has hung in: what they would weigh is not known."""
        left = [name for name in self.branches if name not in self.used and isinstance(self.branches[name], Block)]
        return [fault for name in left for fault in self._node(self.branches[name], None, {}, (name,))]

    def _penalties(self, adjustments: list[Block]) -> list[Fault]:
        """Penalties without their rule, and a second one that takes the same again."""
        known: Mapping[str, Any] = named(BesideTheTree)
        mine = [rule for block in adjustments if isinstance(rule := block.get("scored_by"), Block)
                and getattr(known.get(str(rule.get("method"))), "penalty", False)]
        code, wrong = ("penalty_twice", mine[1:]) if self.penalty else ("quota_missing", mine)
        return [Fault.of(code, *rule.place("method"), Where(column="adjustments"), found=rule["method"]) for rule in wrong]

    def _children(self, parent: Block, children: Items, full: Fraction | None, where: str, roll_up: Any,
                  seen: dict[str, Place], inside: tuple[str, ...], among: Sequence[str] = ()) -> list[Fault]:
        blocks = [child for child in children if isinstance(child, Block)]
        parted = by_unit([texts(block.get("for")) for block in blocks], among)
        faults = self._sums(parent, children, blocks, full, where, roll_up, parted)
        numbers = [_weight(each) for each in evenly([block.get("weight") for block in blocks], parted)]
        known = [number for number in numbers if number is not None]
        total = max(sum(compress(known, theirs), Fraction(0)) for theirs in parted) if len(known) == len(children) else None
        for block, number in zip(blocks, numbers, strict=True):
            own = number if isinstance(block.get("weight"), Numeral) else number and full and number * full
            if roll_up in RELATIVE:
                own = number * full / total if number is not None and full is not None and total else None
            faults += self._node(block, own, seen, inside, among)
        return faults

    def _node(self, block: Block, full: Fraction | None, seen: dict[str, Place], inside: tuple[str, ...],
              among: Sequence[str] = ()) -> list[Fault]:
        name, own = block.get("use"), texts(block.get("for"))
        if among and (outside := [unit for unit in own if unit not in among]):
            at = Where(indicator=str(name or block.get("code")), column="for")
            return [Fault.of("own_outside", *block.place("for"), at, found=", ".join(outside), units=among)]
        among = own or among
        if isinstance(name, str):
            branch = self.branches.get(name)
            if not isinstance(branch, Block):
                return [self._unknown("branch_unknown", block, "use", name, name, self.branches)]
            self.used.add(name)
            if name in inside:
                return [Fault.of("branch_in_itself", *block.place("use"), Where(indicator=name), found=name)]
            if again := self._again(block, "use", name, seen):
                return again
            return self._node(branch, full, seen, (*inside, name), among)
        faults, code = list[Fault](), block.get("code")
        if isinstance(code, str):
            faults += self._again(block, "code", code, seen)
        if "children" in block and "scored_by" in block:
            faults.append(Fault.of("children_or_scored_by", *block.place("scored_by"), Where(indicator=str(code))))
        children = block.get("children")
        if "only_if" in block:
            self.gates.append(block)
        if isinstance(children, Items):
            before = len(seen)
            faults += self._children(block, children, full, str(code), block.get("roll_up", "weighted_sum"), seen, inside, among)
            self.below[str(code)] = list(seen)[before:]
        for rule in (block.get("scored_by"), block.get("adjusted_by")):
            if isinstance(rule, Block) and full is not None and (method := named().get(str(rule.get("method")))):
                faults += [*_amounts(rule, method, full, str(code)), *_bounds(rule, method, full, str(code))]
        return faults

    @staticmethod
    def _again(block: Block, key: str, name: str, seen: dict[str, Place]) -> list[Fault]:
        """A code, or the name of a shared branch, that the category has already."""
        place = block.place(key)
        first = seen.setdefault(name if key == "code" else f"{key} {name}", place)
        elsewhere = "" if first[0] == block.file else f"{first[0]} "
        fault = Fault.of("code_twice", *place, Where(indicator=name), found=name, first=first[1], elsewhere=elsewhere)
        return [] if first is place else [fault]

    @staticmethod
    def _sums(parent: Block, children: Items, blocks: list[Block], full: Fraction | None, where: str,
              roll_up: Any, parted: Mapping[tuple[bool, ...], list[str]]) -> list[Fault]:
        """Children's weights are all points or all shares, and add up for each unit that they are for; where they
        are relative, each has some."""
        weights = [block.get("weight") for block in blocks]
        points = [number for w in weights if (number := _number(w)) is not None]
        shares = [s for w in weights if isinstance(w, str) and not isinstance(w, Numeral) and (s := read_share(w)) is not None]
        alike = [Fraction(1) for w in weights if w == fields.EQUAL]
        if len(points) + len(shares) + len(alike) != len(children):
            return []
        line = children.line if parent.file == children.file else parent.line
        if sum(map(bool, (points, shares, alike))) > 1:
            return [Fault.of("weights_mixed", children.file, line, Where(indicator=where))]
        if roll_up in RELATIVE:
            parted = {theirs: units for theirs, units in parted.items() if not any(theirs)}
        want, numbers = full, points
        if alike:
            want, numbers = Fraction(max(map(sum, parted), default=0)), alike
        elif shares:
            want, numbers = Fraction(100), [each * 100 for each in shares]
        faults, unit = list[Fault](), "%" if shares else ""
        for theirs, units in parted.items():
            total = sum(compress(numbers, theirs), Fraction(0))
            if want is not None and total != want:
                found, terms = in_full(total) + unit, " + ".join(str(w) for w in compress(weights, theirs))
                named: dict[str, Any] = {"units": units} if any("for" in block for block in blocks) else {}
                code = "weights_sum_of" if named else "weights_sum"
                faults.append(Fault.of(code, children.file, line, Where(indicator=where), found=found,
                                       want=in_full(want) + unit, terms=f"{terms} = {found}" if terms else found, **named))
        return faults


def _amounts(rule: Block, kind: type[fields.Model], full: Fraction, where: str) -> Iterator[Fault]:
    """Amounts lie within the indicator's weight, or twice of it, and a list of them runs as it must, as their fields say."""
    known = {field.alias or name: field for name, field in kind.model_fields.items()}
    for key, value in rule.items():
        if key not in known:
            continue
        bound = fields.Within.of(known[key].annotation, known[key].metadata)
        items, inside = value if isinstance(value, Items) else [value], fields.parts(known[key].annotation)
        coded = [each.number for each in known[key].metadata if isinstance(each, ByCode) and not each.key]
        blocks = [*value.values()] if coded and isinstance(value, Block) else items
        for item, inner in product((item for item in blocks if isinstance(item, Block)), (*inside, *coded)):
            yield from _amounts(item, inner, full, where)
        points = [amount.points(full) for amount in map(_read, items) if amount is not None]
        place = (*rule.place(key), Where(indicator=where, column=key))
        if bound and bound.times:
            code = "above_full" if bound.times == 1 else "far_above_full"
            yield from (Fault.of(code, *place, found=in_full(each), full=in_full(full))
                        for each in points if each > bound.times * full)
        if bound and bound.order == "onto_order" and len(points) == 2 and points[0] > points[1]:
            yield Fault.of("onto_order", *place)
        if bound and bound.order == "ladder_order" and any(above < below for above, below in pairwise(points)):
            yield Fault.of("ladder_order", *place)


def _bounds(rule: Block, kind: type[fields.Model], full: Fraction, where: str) -> Iterator[Fault]:
    """The least points that a rule gives are not above the most."""
    for name, field in kind.model_fields.items():
        bound = fields.Within.of(field.annotation, field.metadata)
        least, most = _read(rule.get(name)), _read(rule.get(bound.below)) if bound and bound.below else None
        if least is not None and most is not None and least.points(full) > most.points(full):
            yield Fault.of("floor_above_most", *rule.place(name), Where(indicator=where, column=name),
                           found=in_full(least.points(full)), most=in_full(most.points(full)))


def _read(text: Any) -> Amount | None:
    return read_amount(text) if isinstance(text, str) else None
