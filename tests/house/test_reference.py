"""params/REFERENCE.md in step with the program: its fields, its columns, its examples and its worked numbers.

A heading names in a comment the models whose fields its section tells: `### … <!-- Rounding -->`.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin

import numpy as np
import pandas as pd
import pytest
from shared import ROOT

from txlib.base import fields
from txlib.base.numbers import Amount, exact, read_number, read_share, rounded_one
from txlib.intake import tables
from txlib.intake.read import read_csv
from txlib.intake.sheets import cells
from txlib.intake.tables import decisions, superior
from txlib.methods import DONT_KNOW, BesideTheTree, Calculated, Method, bands, named
from txlib.methods.prices import PriceCap
from txlib.rules import conditions, figures, quotas, terms, tree, year
from txlib.rules.book import RuleBook, load_rulebook
from txlib.rules.category import Category, Node
from txlib.scoring import places, points

pytestmark = pytest.mark.quick

PAGE = ROOT / "params" / "REFERENCE.md"


def method_of() -> dict[str, Any]:
    """The methods by name, whatever is registered just now."""
    return {**named(), **named(BesideTheTree)}


METHOD_OF = method_of()
METHODS = [*METHOD_OF.values()]
BASES = (fields.Model, Method, Calculated, BesideTheTree)
SHAPES = {name: shape for module in (fields, bands, conditions, figures, quotas, tree, terms, year)
          for name, shape in vars(module).items()
          if isinstance(shape, type) and issubclass(shape, fields.Model) and shape not in BASES}
ROWS = {shape.__name__: shape for shape in tables.named().values()}
SHAPES |= {kind.__name__: kind for kind in (*METHODS, PriceCap)}  # a model of a method's own beside its rule
SOURCES = {"clause", "assumed"}  # of every rule; they have a section of their own
YEAR = "2021"


# ── the page, taken apart ──


class Section(NamedTuple):
    """A heading of the page, the models named in its comment, and what stands below it."""

    title: str
    models: tuple[str, ...]
    body: str

    @property
    def tables(self) -> list[list[list[str]]]:
        """Each table as its rows of cells, the header first."""
        found = re.findall(r"(?:^\|.*\n)+", self.body + "\n", re.M)
        cut = [[[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()] for table in found]
        return [[table[0], *table[2:]] for table in cut]

    @property
    def fields(self) -> set[str]:
        """What the section calls fields: the first column of its tables of fields, and the head of its bullets."""
        heads = [row[0] for table in self.tables if table[0][0] == "字段 Field" for row in table[1:]]
        heads += re.findall(r"^- ((?:`[\w.]+`，?)+)：", self.body, re.M)
        return {name for head in heads for name in re.findall(r"`([\w.]+)`", head)}

    @property
    def yaml(self) -> list[str]:
        return re.findall(r"^```yaml\n(.*?)^```", self.body, re.M | re.S)

    def table(self, head: str) -> list[list[str]]:
        """The rows of the table whose first header is this one."""
        return next(table[1:] for table in self.tables if table[0][0] == head)


def sections(text: str) -> list[Section]:
    parts = re.split(r"^#{2,3} (.*)\n", re.sub(r"^# .*\n", "", text), flags=re.M)
    found = []
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        named = re.search(r"<!-- ([\w ]+) -->", title)
        found.append(Section(title, tuple(named[1].split()) if named else (), body))
    return found


TEXT = PAGE.read_text(encoding="utf-8")
SECTIONS = sections(TEXT)


def section(model: str) -> Section:
    """The one section of a model."""
    found = [each for each in SECTIONS if model in each.models]
    assert len(found) == 1, f"{model}: {[each.title for each in found]}"
    return found[0]


TOLD = [each for each in SECTIONS if each.models and not set(each.models) & set(ROWS)]


# ── fields ──


def within(annotation: Any) -> Iterator[Any]:
    """A type and all types inside it."""
    yield annotation
    if get_origin(annotation) is not Literal:
        for part in get_args(annotation):
            yield from within(part)


def nested(annotation: Any) -> list[Any]:
    """The models inside a type that no section tells on its own."""
    own = {name for each in SECTIONS for name in each.models} | {model.__name__ for model in (*METHODS, Method, BesideTheTree)}
    return [part for part in within(annotation) if isinstance(part, type) and issubclass(part, fields.Model)
            and (part.__name__ not in own or part is bands.Row)]


def walked(model: Any, prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Path, type and model of each field of a model and of those inside it: `rounding.half`."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        if name == "method" and model in METHODS:
            continue
        yield path, field.annotation, model
        inner = [] if name == "not_applicable" and not prefix and model is not year.YearFile else nested(field.annotation)
        inner = [] if name == "divisors" and model in (tree.Leaf, tree.Scorable, tree.NumberPart) else inner
        for part in inner:
            yield from walked(part, f"{path}.")


def paths(each: Section) -> dict[str, Any]:
    return {path: kind for name in each.models if name != "Row" for path, kind, _ in walked(SHAPES[name])}


@pytest.mark.parametrize("each", TOLD, ids=lambda each: each.models[0])
def test_a_section_names_every_field_and_no_other(each: Section) -> None:
    there = paths(each)
    optional = set() if "Rule" in each.models else {path for path in there if path.rpartition(".")[2] in SOURCES}
    assert each.fields - set(there) == set(), "no such field"
    assert set(there) - optional - each.fields == set(), "not told"


def test_every_model_is_told_somewhere() -> None:
    told = {name for each in TOLD for name in each.models}
    told |= {model.__name__ for each in TOLD for name in each.models for _, _, model in walked(SHAPES[name])}
    parents = {"NotApplicable", "Divisors"}  # told as not_applicable.rule, divisors.when_not_positive
    assert parents <= {base.__name__ for name in told for base in SHAPES[name].__mro__ if base.__name__ in SHAPES}
    assert set(SHAPES) - told - parents == set()


@pytest.mark.parametrize("each", TOLD, ids=lambda each: each.models[0])
def test_a_section_names_every_word_that_a_field_allows(each: Section) -> None:
    near = each.body + "".join(other.body for other in SECTIONS if other.title.startswith("合成 Roll-up"))
    for path, kind in paths(each).items():
        words = {word for part in within(kind) if get_origin(part) is Literal for word in get_args(part)}
        if path.rpartition(".")[2] != "direction":
            assert {word for word in words if f"`{word}" not in near and f"{word}`" not in near} == set(), path


def test_direction_and_method_are_told_for_all() -> None:
    common = next(each for each in SECTIONS if each.title.startswith("6 "))
    assert all(f"`{word}`" in common.body for word in ("method", "direction", "up", "down"))


def test_every_method_has_its_section_with_an_example() -> None:
    for name, model in method_of().items():
        each = section(model.__name__)
        assert each.title.startswith(f"`{name}` ")
        assert each.yaml
        assert all(f"method: {name}," in text or f"method: {name}}}" in text for text in each.yaml)


def test_every_word_in_backticks_is_known() -> None:
    """A field renamed in the program and left in a sentence of the page."""
    known = {"yes", "no", "true", "false", "rest", "exact", "silent", "proportional", "best", "equal", "not_counted",
             "lead", "assisting"}
    known |= {*METHOD_OF, *tables.named(), "responsible", "decisions", "superior", *cells.NOT_APPLICABLE,
              *cells.REPORTED, *decisions.DECIDED, *superior.SET_BY}
    for shape in [*SHAPES.values(), *ROWS.values()]:
        for name, field in shape.model_fields.items():
            known |= {name, field.alias or name}
            known |= {word for part in within(field.annotation) if get_origin(part) is Literal for word in get_args(part)}
    known |= {path for each in TOLD for path in paths(each)}
    known |= {word for each in SECTIONS for text in each.yaml for word in re.findall(r"[\w.]+", text)}
    prose = re.sub(r"^```.*?^```", "", TEXT, flags=re.M | re.S)
    for word in re.findall(r"`([A-Za-z_][\w.]*)`", prose):
        assert word in known or re.search(r"\.(yaml|csv|xlsx|xls)$", word), word


# ── tables handed in ──


@pytest.mark.parametrize("name", ROWS)
def test_a_table_names_every_column_and_its_example_can_be_read(name: str, tmp_path: Path) -> None:
    row, each = ROWS[name], section(name)
    header, told, example = each.tables[0]
    assert header == [f"`{key}`{'*' * field.is_required()} {field.title}" for key, field in row.model_fields.items()]
    assert len(header) == len(told) == len(example)
    title = re.match(r"`(\w+)` (\w+) ", each.title)
    assert title and title[2] == row.model_config["title"]
    for names in (list(row.model_fields), [str(field.title) for field in row.model_fields.values()]):
        path = tmp_path / f"{title[1]}.csv"
        path.write_text(",".join(names) + "\n" + ",".join(example) + "\n", encoding="utf-8")
        frame, faults = read_csv(path, path.name, row)
        assert not faults, [fault.message("zh") for fault in faults]
        assert len(frame) == 1


def test_tables_of_the_year_and_of_a_category_are_told_apart() -> None:
    for name, row in ROWS.items():
        folder = re.search(r"`(data/[^`]*)`", section(name).title)
        assert folder and folder[1] == (f"data/{YEAR}/" if row.of_year else f"data/{YEAR}/towns/"), name


# ── examples ──


def files() -> dict[str, str]:
    """The examples that are whole files, by the name in their first line."""
    found = {}
    for each in SECTIONS:
        if not set(each.models) & {model.__name__ for model in METHODS}:
            for text in each.yaml:
                name = re.match(r"# ([\w/]+\.yaml)\n", text)
                assert name, text
                assert name[1] not in found
                found[name[1]] = text
    return found


def written(folder: Path, changed: dict[str, str]) -> RuleBook:
    """The page's year with some files changed, loaded."""
    for name, text in {**files(), **changed}.items():
        path = folder / "params" / YEAR / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return load_rulebook(YEAR, folder)


def test_the_page_is_a_year_that_loads(tmp_path: Path) -> None:
    book = written(tmp_path, {})
    assert [node.code for node in book.categories["towns"].nodes] == ["A", "A1", "P", "P1", "P2", "B", "J1"]
    whole = {"rulebook.yaml", "clauses.yaml", "assumptions.yaml", "branches.yaml", "towns.yaml",
             "trees/towns.yaml", "terms.yaml"}
    assert set(files()) == whole


HEAD = 'category: {code: towns, name: {zh: "乡镇", en: "Towns"}, clause: [1.3d]}\nindicators:\n'
COMMON = 'name: {{zh: "项", en: "item"}}, clause: silent, assumed: weights'


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def one_leaf(folder: Path, text: str) -> Node:
    """The indicator of a method's example, loaded in a year of its own."""
    named = '    name: {zh: "项", en: "item"}\n    assumed: weights\n'
    leaf = '  - code: "L"\n' + named + '    clause: silent\n    measured_in: "%"\n'
    if "weight:" not in text:
        tree = HEAD + leaf + "    weight: 100\n    scored_by: {method: given}\nadjustments:\n"
        tree += '  - code: "J"\n' + named + indented(text)
        return written(folder, {"trees/towns.yaml": tree}).categories["towns"].node("J")
    weight = re.search(r"^weight: (.+)$", text, re.M)
    assert weight
    year = files()["rulebook.yaml"].replace("points: 100", f"points: {weight[1]}")
    changed = {"rulebook.yaml": year, "trees/towns.yaml": HEAD + leaf + indented(text)}
    return written(folder, changed).categories["towns"].node("L")


class Worked(NamedTuple):
    """A worked line of the page: what it starts from, and what it comes to."""

    section: Section
    yaml: str
    line: str

    @property
    def points(self) -> Fraction:
        return number(re.search(r"= \*\*([-\d.]+)\*\* 分 points$", self.line))

    @property
    def sum(self) -> str:
        found = re.search(r"→ ([-−+×÷(). \d]+) = \*\*", self.line)
        assert found, self.line
        return found[1]

    def column(self, label: str) -> np.ndarray | None:
        found = re.search(rf"{label} ([-\d., ]*\d)", self.line)
        return None if found is None else exact([float(each) for each in found[1].split(", ")])


def number(found: re.Match[str] | None) -> Fraction:
    assert found
    return Fraction(found[1])


def worked() -> list[Worked]:
    found = []
    for model in METHODS:
        each = section(model.__name__)
        lines = re.findall(r"^\*\*算例 Worked\*\*：.*$", each.body, re.M)
        assert len(lines) == len(each.yaml), each.title
        found += [Worked(each, text, line) for text, line in zip(each.yaml, lines, strict=True)]
    return found


def computed(sum_: str) -> Fraction:
    """What a sum on the page comes to, in fractions."""
    code = re.sub(r"\d+(\.\d+)?", lambda n: f"Fraction('{n[0]}')", sum_.translate(str.maketrans("−×÷", "-*/")))
    return Fraction(eval(code, {"__builtins__": {}, "Fraction": Fraction}))


def frame(each: Section, rule: Any) -> pd.DataFrame:
    """The section's table of rows as a frame: a header in code is a column; those that are not are values of the next column of
    the rule's table, and below them stands the one after it. Rows without a unit are donggang's.
    """
    header, *lines = next(table for table in each.tables if table[0][0] in ("`unit`", "`group`"))
    told = pd.DataFrame(lines, columns=[name.strip("`") for name in header])
    if across := [name for name in header if not name.startswith("`")]:
        columns = [name for name in tables.named()[rule.table].model_fields if name not in ("unit", "indicator", "period", *told)]
        told = told.melt([name for name in told if name not in across], across, columns[0], columns[1])
    for name in told:
        with contextlib.suppress(ValueError):
            told[name] = pd.to_numeric(told[name])
    return told if "unit" in told else told.assign(unit="donggang")


def from_table(node: Node, each: Section) -> tuple[Fraction, Any]:
    """The points of donggang by the section's table."""
    rule: Any = node.rule
    rows = frame(each, rule)
    units = [*dict.fromkeys(("donggang", *rows["unit"]))]
    if isinstance(rule, BesideTheTree):
        return rule.from_rows(rows, node.cap, units)[0], None
    return rule.from_rows(rows, units, node.full)[0][0], None


def scored(node: Node, told: Worked) -> tuple[Fraction, Any]:
    """Points and place of the line's value by the leaf's method."""
    rule: Any = node.rule
    if not isinstance(rule, Calculated):
        return from_table(node, told.section)
    value, peers = told.column("实绩 value"), told.column("同类 peers")
    other = told.column({"target": "目标 target", "last_year": "上年 last year", None: "-"}[rule.beside])
    assert value is not None
    assert peers is None or value[0] in peers
    found = rule.score(value, other, full=node.full, ties="min", when_not_positive="refuse",
                       peers=None if peers is None else np.asarray(peers, dtype=np.float64))
    return found.points[0], None if found.place is None else found.place[0]


@pytest.mark.parametrize("told", worked(), ids=lambda told: told.section.title.split("`")[1])
def test_a_worked_number_is_what_the_method_gives(told: Worked, tmp_path: Path) -> None:
    node = one_leaf(tmp_path, told.yaml)
    found, place = scored(node, told)
    assert found == told.points == computed(told.sum), (found, told.line)
    printed = re.search(r"第(\d+)名 place (\d+)", told.line)
    assert (place is None) == (printed is None)
    assert printed is None or {int(printed[1]), int(printed[2])} == {place}


def test_percentages_on_the_way_are_right() -> None:
    lines = {told.section.models[0]: told for told in worked()}
    completion, growth, share = lines["Completion"], lines["Growth"], lines["ContributionShare"]
    value, target = completion.column("实绩 value"), completion.column("目标 target")
    assert value is not None and target is not None
    assert f"完成率 {int(100 * value[0] / target[0])}%" in completion.line and (100 * value[0] / target[0]).denominator == 1
    value, last = growth.column("实绩 value"), growth.column("上年 last year")
    assert value is not None and last is not None and f"增 {100 * (value[0] / last[0] - 1)}%" in growth.line
    value, peers = share.column("实绩 value"), share.column("同类 peers")
    assert value is not None and peers is not None and f"share {100 * value[0] / peers.sum()}%" in share.line
    each = lines["Survey"].section
    node = {"satisfied": Fraction(1), "basically": Fraction(4, 5), "dissatisfied": Fraction(1, 2)}
    header, *groups = next(table for table in each.tables if table[0][0] == "`group`")
    assert set(header[1:]) == {*node, DONT_KNOW}
    marks = [sum(node[g] * int(n) for g, n in zip(header[1:], row[1:], strict=True) if g in node)
             / sum(int(n) for g, n in zip(header[1:], row[1:], strict=True) if g in node) for row in groups]
    assert "、".join(f"{mark * 100}%" for mark in marks) in lines["Survey"].line
    mean = lines["ZScore"].column("同类 peers")
    assert mean is not None and f"平均 mean {mean.sum() / len(mean)}，标准差 deviation {np.std(mean.astype(float)):g} " in lines[
        "ZScore"].line


# ── numbers in the tables of rules ──


@cache
def two_leaves(folder: Path, roll_up: str, ruled: str, weights: tuple[int, int] = (6, 4)) -> Category:
    """A branch of 10 points with leaves of 6 and 4."""
    more = f"    roll_up: {roll_up}\n" + ("    decimals: 4\n" if roll_up == "geometric" else "")
    tree = HEAD + '  - code: "A"\n    name: {zh: "支", en: "branch"}\n    weight: 10\n    clause: silent\n    assumed: weights\n'
    tree += more + "    children:\n"
    for i, weight in enumerate(weights):
        own = f", not_applicable: {{{ruled}}}" if i == 1 else ""
        tree += (f'      - {{code: "A{i}", {COMMON.format()}, weight: {weight}, measured_in: "%", '
                 f"scored_by: {{method: given}}{own}}}\n")
    year = files()["rulebook.yaml"].replace("points: 100", "points: 10")
    return written(folder, {"rulebook.yaml": year, "trees/towns.yaml": tree}).categories["towns"]


def totals(category: Category, values: Sequence[Sequence[float]]) -> list[Fraction]:
    matrix = np.array(values)
    rounding = year.Rounding(leaf="exact", total="exact", half="up", clause="silent")  # type: ignore[arg-type]
    found, _ = points.score(category, points.Handed(matrix, np.full(matrix.shape, np.nan)), "min", rounding, Fraction(10))
    return list(found.total)


def test_the_table_of_roll_ups(tmp_path: Path) -> None:
    told = next(each for each in SECTIONS if each.title.startswith("合成 Roll-up")).table("`roll_up`")
    assert [row[0].strip("`") for row in told] == list(get_args(tree.RollUp))
    for row in told:
        category = two_leaves(tmp_path / row[0].strip("`"), row[0].strip("`"), "rule: redistribute")
        assert totals(category, [[5.4, 2.4]]) == [Fraction(row[1])], row
    relative = two_leaves(tmp_path / "relative", "weighted_mean", "rule: redistribute", (3, 2))
    assert [leaf.full for leaf in relative.leaves] == [6, 4]


def test_the_table_of_what_does_not_apply(tmp_path: Path) -> None:
    told = next(each for each in SECTIONS if each.title.startswith("免考")).table("`rule`")
    rules = get_args(tree.NotApplicable.model_fields["rule"].annotation)
    assert [row[0].split("`")[1] for row in told] == list(rules)
    for row in told[:-1]:
        rule = ", ".join(["rule: " + row[0].split("`")[1], *re.findall(r"`(share: .*)`", row[0])])
        category = two_leaves(tmp_path / row[0].split("`")[1], "weighted_sum", rule)
        found = totals(category, [[4.5, np.nan], [5, 3], [6, 3.4]])[0]
        assert found == Fraction(row[1]) == computed(row[2]), row


def test_numbers_of_the_year_are_right() -> None:
    told = {row[0]: row for row in section("YearFile").table("字段 Field")}
    half = re.search(r"([\d.]+) → ([\d.]+)，([\d.]+)", told["`rounding.half`"][2])
    assert half and [rounded_one(Fraction(half[1]), 2, way) for way in ("up", "even")] == [Fraction(half[2]), Fraction(half[3])]
    share = re.search(r"(\d+) 个的 (\d+)% 是 ([\d.]+) → (\d)、(\d)、(\d)", told["`tiers.count`"][2])
    assert share
    exactly = Fraction(share[1]) * Fraction(share[2]) / 100
    assert exactly == Fraction(share[3])
    assert [places.whole(exactly, way) for way in ("down", "up", "half_up")] == [int(share[i]) for i in (4, 5, 6)]
    assert re.search(r"1、1、3，1、1、2，1.5、1.5、3", told["`ties`，`ties.method`"][2])


def test_the_three_forms_are_read_as_told() -> None:
    told = section("Text").table("写法 Form")
    assert read_number("15") and read_number("0.5") and read_share("30%")
    assert [re.findall("`(.*?)`", row[0]) for row in told] == [["15", "0.5"], ["30%"], ["3% of weight"]]
    assert "权重 6 分时为 0.18 分" in told[2][1] and Amount(Fraction(3, 100), True).points(Fraction(6)) == Fraction("0.18")


# ── the test itself ──


@pytest.mark.parametrize(("old", "new"), [
    ("`rounding.half`", "`rounding.halves`"), ("- `step`，`floor`，", "- `steps`，`floor`，"), ("- `out_of`：", "- 满分："),
    ("`tiers.count`", "`tiers.rounding`")])
def test_a_field_misnamed_is_noticed(old: str, new: str) -> None:
    assert old in TEXT
    broken = [each for each in sections(TEXT.replace(old, new)) if each.models and not set(each.models) & set(ROWS)]
    with pytest.raises(AssertionError):
        for each in broken:
            test_a_section_names_every_field_and_no_other(each)
