"""A category as it is scored: its tree of nodes with the points that each gives at most, made of the files of a year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import compress
from typing import Any, NamedTuple

from txlib.base.fields import Text
from txlib.base.labels import LANGS, say
from txlib.methods import BesideTheTree, Calculated, Method, OnBranch
from txlib.methods.words import Coded
from txlib.rules.caps import CommonCap
from txlib.rules.conditions import Gate, Step, Threshold, ValueGate
from txlib.rules.figures import Figure, Made, made
from txlib.rules.tree import (
    RELATIVE,
    Adjustment,
    Branch,
    Indicator,
    Measured,
    NotApplicable,
    NumberPart,
    Scorable,
    SharedBranch,
    TreeFile,
    by_unit,
    evenly,
)
from txlib.rules.year import YearFile

NONE = Coded({}, {})


@dataclass(frozen=True)
class Node:
    """An indicator in its place in a category's tree; `full` is the points it gives at most, `units` the only ones that it is
    assessed for, everybody where there are none. `cap`: an adjustment's, 0 where it has none, or that of several that it
    is `over`, `net` of what is taken. `part_of`: the branch under whose code a leaf's number is handed in, where not its own;
    `figures`: what is handed in here for others to be made of, `made`: what its value and target are made of. `jointly`: who
    leads it with the `lead`, by their shares. `adjusted_by`: what is found at a branch itself, `within` parts of its full
    points; what that adds is a line of its own (`line`), `beside` the children of the branch with that code."""

    code: str
    name: Text
    full: Fraction
    level: int
    parent: str | None
    clause: tuple[str, ...]
    assumed: tuple[str, ...]
    not_applicable: NotApplicable
    children: tuple[Node, ...] = ()
    rule: Method | BesideTheTree | None = None
    roll_up: str = "weighted_sum"
    decimals: int | None = None
    when_not_positive: str = "refuse"
    only_if: tuple[Gate, ...] = ()
    if_not: str = "zero"
    steps: tuple[Step, ...] = ()
    then: Method | None = None
    measured_in: Text | None = None
    lead: str | None = None
    jointly: Mapping[str, Fraction] = field(default_factory=dict)
    role: str | None = None
    possible: tuple[Fraction, Fraction] | None = None
    cap: Fraction = Fraction(0)
    over: tuple[str, ...] = ()
    net: bool = False
    units: tuple[str, ...] = ()
    part_of: str = ""
    figures: Coded = field(default_factory=lambda: NONE)
    made: tuple[Made, ...] = ()
    adjusted_by: OnBranch | None = None
    within: tuple[Fraction, Fraction] = (Fraction(0), Fraction(1))
    beside: str = ""

    def is_of(self, unit: str) -> bool:
        """Whether it is assessed for a unit."""
        return not self.units or unit in self.units

    @property
    def leads(self) -> Mapping[str, Fraction]:
        """Its lead departments with their shares, the one that hands it in first."""
        return {self.lead: 1 - sum(self.jointly.values(), Fraction(0)), **self.jointly} if self.lead else {}

    @property
    def adjusts(self) -> bool:
        """Whether its points are added to the tree's, or taken off them: an adjustment, or a common cap of several."""
        return bool(self.over or self.beside) or isinstance(self.rule, BesideTheTree)

    @property
    def line(self) -> Node | None:
        """What is found at a branch itself adds to its children's points, as a line of its own; & stands in no code."""
        if self.adjusted_by is None:
            return None
        name = Text(**{lang: say("explain.line_beside", lang, name=self.name[lang]) for lang in LANGS})
        return replace(self, code=f"{self.code}&", name=name, full=Fraction(0), level=self.level + 1, parent=self.code,
                       children=(), roll_up=self.adjusted_by.method, decimals=None, adjusted_by=None, beside=self.code)

    @property
    def priced(self) -> Node:
        """A branch as what is found at it itself is handed in and scored."""
        return replace(self, rule=self.adjusted_by, children=(), not_applicable=NotApplicable(rule="redistribute"))

    @property
    def staged(self) -> bool:
        """Whether anything stands before or after its method."""
        return bool(self.only_if or self.steps or self.then)

    def unstaged(self) -> Node:
        """The same without what stands before and after methods, for points that are known."""
        return replace(self, only_if=(), steps=(), then=None, children=tuple(child.unstaged() for child in self.children))

    @property
    def lines(self) -> tuple[Threshold, ...]:
        """The lines at a number that its own value is held against before and after its method."""
        drawn = [each for each in (*self.only_if, *self.steps) if isinstance(each, Threshold) and isinstance(each.line, Fraction)]
        return tuple(each for each in drawn if each not in self.outside)

    @property
    def outside(self) -> tuple[Gate, ...]:
        """The conditions that read something else than its own value."""
        return tuple(each for each in self.only_if if not isinstance(each, ValueGate) or each.indicator is not None)

    @property
    def scorings(self) -> tuple[Node, ...]:
        """The leaves that score the number that is handed in under its code: itself, or those of a branch."""
        return self.children or (self,)

    @property
    def computed(self) -> bool:
        """Whether figures make its value, so that nobody hands it in."""
        return any(each.column == "value" for each in self.made)

    @property
    def penalty(self) -> bool:
        """Whether its points are what the audit of marks takes: nothing is handed in for it."""
        return isinstance(self.rule, BesideTheTree) and self.rule.penalty

    @property
    def by_peers(self) -> bool:
        """Whether the values of other units change a unit's points here, beside its children's."""
        lines = [each.line for each in (*self.only_if, *self.steps) if isinstance(each, Threshold)]
        uses = isinstance(self.rule, Method) and self.rule.uses_peers
        return bool(uses or self.then or "peers_mean" in (*lines, self.not_applicable.rule))

    def walk(self) -> Iterator[Node]:
        """This node and all below it, parents before children, in the order of the rule-book."""
        yield self
        for child in self.children:
            yield from child.walk()

    def listed(self) -> Iterator[Node]:
        """The same with the lines of what is found at branches, each after their children."""
        yield self
        for child in self.children:
            yield from child.listed()
        if line := self.line:
            yield line


@dataclass(frozen=True)
class Category:
    """Units compared and ranked with each other, and the tree they are scored by; `total`: the points that it gives at most,
    `roll_up`: how its roots make them up.
    """

    code: str
    name: Text
    clause: tuple[str, ...]
    assumed: tuple[str, ...]
    roots: tuple[Node, ...]
    total: Fraction
    adjustments: tuple[Node, ...] = ()
    tie_break: tuple[str, ...] = ()
    roll_up: str = "weighted_sum"
    decimals: int | None = None
    caps: tuple[Node, ...] = ()

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All indicators, parents before children, and what adjusts their points."""
        return (*(node for root in self.roots for node in root.listed()), *self.adjusting)

    @property
    def lines(self) -> tuple[Node, ...]:
        """What is found at branches themselves, each as a line beside their children."""
        return tuple(line for root in self.roots for node in root.walk() if (line := node.line))

    @property
    def priced(self) -> tuple[Node, ...]:
        """The branches at which findings are handed in, as these are scored."""
        return tuple(node.priced for root in self.roots for node in root.walk() if node.adjusted_by is not None)

    @property
    def adjusting(self) -> tuple[Node, ...]:
        """What is added to the tree's points: the adjustments, and what common caps take off them."""
        return (*self.adjustments, *self.caps)

    @property
    def leaves(self) -> tuple[Node, ...]:
        """The indicators of the tree that are scored by a method."""
        return tuple(node for root in self.roots for node in root.walk() if node.rule is not None)

    @property
    def observed(self) -> tuple[Node, ...]:
        """The leaves that take a value from the observations; the others have tables of their own."""
        return tuple(leaf for leaf in self.leaves if isinstance(leaf.rule, Calculated))

    @property
    def measured(self) -> tuple[Node, ...]:
        """What has a value in the observations: leaves, and in place of those that score one number their branch."""
        return tuple(node for root in self.roots for node in root.walk() if not node.part_of and (
            isinstance(node.rule, Calculated) or (node.children and node.measured_in)))

    @property
    def marked(self) -> tuple[Node, ...]:
        """The leaves that lead departments mark in two parts (1.3e)."""
        return tuple(leaf for leaf in self.leaves if isinstance(leaf.rule, Method) and leaf.rule.marked)

    @property
    def linked(self) -> tuple[Node, ...]:
        """The leaves that are scored from what units of other categories attained."""
        return tuple(leaf for leaf in self.leaves if isinstance(leaf.rule, Method) and leaf.rule.linked)

    @property
    def penalised(self) -> bool:
        """Whether units lose points here for marks that they give as lead departments (1.3i)."""
        return any(node.penalty for node in self.adjustments)

    @property
    def by_peers(self) -> bool:
        """Whether the values of other units change a unit's points anywhere."""
        return any(node.by_peers for node in self.nodes)

    def number(self, leaf: Node) -> Node:
        """What a leaf's number is handed in under: the leaf itself, or the branch of whose number it is one scoring."""
        return self.node(leaf.part_of) if leaf.part_of else leaf

    def siblings(self, node: Node) -> tuple[Node, ...]:
        """An indicator of the tree and those beside it."""
        return self.node(node.parent).children if node.parent else self.roots

    def node(self, code: str) -> Node:
        """The indicator with this code; KeyError names those there are."""
        found = {node.code: node for node in self.nodes}
        if code not in found:
            raise KeyError(f"{code}: {', '.join(found)}")
        return found[code]


class Builder:
    """Makes a category of a tree file that both passes have found without fault."""

    def __init__(self, rules: YearFile, branches: Mapping[str, SharedBranch]) -> None:
        self.rules, self.branches = rules, branches

    def category(self, tree: TreeFile | None) -> Category:
        """The category with full points at every node."""
        assert tree is not None
        head, total = tree.category, tree.category.total or self.rules.total.points
        roots = self._nodes(tree.indicators, total, None, 1, tree.roll_up, _Above())
        return Category(head.code, head.name, head.clause, head.assumed, roots, total,
                        tuple(map(self._adjustment, tree.adjustments)), head.tie_break, tree.roll_up, tree.decimals,
                        tuple(map(self._cap, tree.caps)))

    def _adjustment(self, each: Adjustment) -> Node:
        cap = each.cap if isinstance(each.cap, Fraction) else Fraction(0)
        full = cap if each.scored_by.kind == "bonus" else Fraction(0)
        return Node(each.code, each.name, full, 1, None, each.clause, each.assumed, self.rules.not_applicable,
                    rule=each.scored_by, cap=cap, only_if=each.only_if, then=each.then)

    def _cap(self, each: CommonCap) -> Node:
        return Node(each.code, each.name, Fraction(0), 1, None, each.clause, each.assumed, self.rules.not_applicable,
                    roll_up="caps", cap=each.cap, over=each.over, net=each.signs == "net")

    def _nodes(self, indicators: Sequence[Indicator | NumberPart], full: Fraction, parent: str | None, level: int,
               roll_up: str, above: _Above) -> tuple[Node, ...]:
        parted = by_unit([each.units for each in indicators], above.units)
        weights = evenly([each.weight for each in indicators], parted)
        total = max(sum(compress(weights, theirs), Fraction(0)) for theirs in parted)
        relative = roll_up in RELATIVE or total == 1 != full
        return tuple(self._node(each, weight * full / total if relative else weight, parent, level, above)
                     for each, weight in zip(indicators, weights, strict=True))

    def _node(self, each: Indicator | NumberPart, full: Fraction, parent: str | None, level: int, above: _Above) -> Node:
        clause, assumed, found = each.clause, each.assumed, each
        if isinstance(each, Branch):
            found = self.branches[each.use]  # type: ignore[assignment]
            clause, assumed = tuple(dict.fromkeys(each.clause + found.clause)), tuple(dict.fromkeys(assumed + found.assumed))
        named: Any = found
        within = above.within(each.units, named)
        node = Node(named.code, named.name, full, level, parent, clause, assumed,
                    named.not_applicable or self.rules.not_applicable, units=within.units,
                    figures=getattr(named, "figures", None) or NONE)
        if isinstance(found, Measured):
            node = replace(node, measured_in=found.measured_in, lead=found.lead, jointly=found.jointly or {},
                           possible=found.possible, made=made(found, within.figures))
            within = within._replace(node=node)
        if isinstance(found, Scorable):
            over = within.node if isinstance(found, NumberPart) else None
            if over is not None:
                node = replace(node, measured_in=over.measured_in, lead=over.lead, jointly=over.jointly,
                               possible=over.possible, made=over.made, part_of=over.code)
            return replace(node, rule=found.scored_by, role=found.role, only_if=found.only_if, if_not=found.if_not,
                           steps=found.steps, then=found.then,
                           when_not_positive=(found.divisors or self.rules.divisors).when_not_positive)
        roll_up = getattr(named, "roll_up", "weighted_sum")
        by: OnBranch | None = getattr(named, "adjusted_by", None)
        least, most = (end / full for end in by.ends(full)[1:]) if by else node.within
        return replace(node, roll_up=roll_up, decimals=getattr(named, "decimals", None), adjusted_by=by, within=(least, most),
                       children=self._nodes(named.children, full, named.code, level + 1, roll_up, within))


class _Above(NamedTuple):
    """What stands above an indicator: the only units that it is for, the figures that it may be made of, by code with home,
    name and measure, and what is measured there.
    """

    units: tuple[str, ...] = ()
    figures: Mapping[str, tuple[str, Text, Text | None]] = {}
    node: Node | None = None

    def within(self, units: tuple[str, ...], named: Any) -> _Above:
        """The same below an indicator."""
        own: Mapping[str, Figure] = getattr(named, "figures", None) or NONE
        names = getattr(own, "names", {})
        mine = {code: (named.code, names.get(code, Text(zh=code)), figure.measured_in) for code, figure in own.items()}
        return self._replace(units=units or self.units, figures={**self.figures, **mine})
