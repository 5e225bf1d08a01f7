"""A YAML file as plain mappings, lists and texts that know their file and line, and one walk over them; nothing is interpreted.

Refused: duplicate keys, anchors and aliases, tags, empty values, implicit booleans and dates, more than one document.
A plain scalar that YAML takes for a number stays the text that was written, as a `Numeral`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from txlib.base.faults import Fault, Where
from txlib.base.files import LargeError, cause, raw_of
from txlib.base.numbers import Numeral
from txlib.rules import syntax

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEPTH, ENTRIES, BYTES = 40, 20_000, 2_000_000  # of a file: the largest of two cities has 1,400 keys, values and brackets, 57 kB
SOURCES = frozenset({"clause", "use", "assumed"})  # keys of a rule that say, here or in the branch used, what it rests on
NO_RULE = frozenset({"clause", "assumed", "name", "gives"})  # keys below which nothing is ruled
Place = tuple[str, int]


class Block(dict[str, Any]):
    """A mapping with its file, its own line and the line of each key.

    `spans`: where the text at a key begins and ends, quotes included, in characters of the file after its byte order mark.
    """

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.file, self.line, self.lines, self.spans = file, line, dict[str, int](), dict[str, tuple[int, int]]()

    def line_of(self, key: str) -> int:
        """The line of a key, or of the mapping where it has no such key."""
        return self.lines.get(key, self.line)

    def steps(self, path: Iterable[str | int]) -> Iterator[tuple[str | int, Any, int]]:
        """The parts of a path that lead further down, each with the value there and its line; others are passed over."""
        here: Any = self
        for part in path:
            if part in here if isinstance(here, Block) else isinstance(here, Items) and part in range(len(here)):
                here, line = here[part], here.lines[part]
                yield part, here, line

    def place(self, *path: str | int) -> Place:
        """File and line of what stands at the end of a path, of the last step there is where it does not lead to its end."""
        return self.file, [self.line, *(line for _, _, line in self.steps(path))][-1]


class Items(list[Any]):
    """A list with its file and line, and the line of each item."""

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.file, self.line, self.lines = file, line, list[int]()


class Value(NamedTuple):
    """A mapping, list or text in a raw tree: its path (keys, numbers of items from 0) and its line.

    `block` is the mapping around it, `key` its key there; an item has the key of its list. `rule` is the mapping whose
    sources are in force here, the value itself where it names some; None where no rule is around. `where` is the code of
    the indicator or item that it belongs to, else the outermost key.
    """

    path: tuple[str | int, ...]
    value: Any
    line: int
    block: Block
    key: str
    rule: Block | None
    where: str

    @property
    def ruled(self) -> bool:
        """Whether it is part of what is ruled, not of its names and sources."""
        return NO_RULE.isdisjoint(self.path)


def walk(raw: Block) -> Iterator[Value]:
    """Every value of a raw tree, the tree itself first, then as written: what holds others before these."""
    return _within(Value((), raw, raw.line, raw, "", None, ""))


def _within(at: Value) -> Iterator[Value]:
    if isinstance(block := at.value, Block):
        code = block.get("code") or block.get("use")
        at = at._replace(rule=at.rule if SOURCES.isdisjoint(block) else block,
                         where=code if isinstance(code, str) else at.where or at.key)
        yield at
        for key, value in block.items():
            yield from _within(Value((*at.path, key), value, block.lines[key], block, key, at.rule, at.where))
        return
    yield at
    if isinstance(at.value, Items):
        for number, (item, line) in enumerate(zip(at.value, at.value.lines, strict=True)):
            yield from _within(at._replace(path=(*at.path, number), value=item, line=line))


def texts(value: Any) -> list[str]:
    """The texts of a list, or the one that stands in its place."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def scalars(text: str) -> Iterator[tuple[tuple[int, int], tuple[int, int], bool]]:
    """Start and end of each scalar in a text (line from 1, column from 0), and whether it is a block of lines.

    The text may be any: what stands behind its first fault is not told.
    """
    with suppress(yaml.YAMLError):
        for token in yaml.scan(text, Loader=Loader):
            if isinstance(token, yaml.ScalarToken):
                start, end = token.start_mark, token.end_mark
                yield (start.line + 1, start.column), (end.line + 1, end.column), token.style in ("|", ">")


def read(path: Path, file: str) -> tuple[Block, list[Fault]]:
    """The mapping in a YAML file, and the faults of its form. An unusable file gives an empty mapping."""
    empty = Block(file, 1)
    try:
        text = raw_of(path, BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        return empty, [Fault.of("file_missing", file, near=syntax.alike(path))]
    except LargeError as error:
        return empty, [Fault.of("file_too_large", file, most=error)]
    except OSError as error:
        return empty, [Fault.of("file_unreadable", file, cause=cause(error), error=error.strerror or error)]
    except UnicodeDecodeError as error:
        return empty, [Fault.of("not_utf8", file, error.object[: error.start].count(b"\n") + 1)]
    try:
        faults = _refused_events(text, file)
        if faults:
            return empty, faults
        root = yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as error:
        return empty, syntax.wide_spaces(text, file) or [syntax.broken(text, file, error)]
    if root is None:
        return empty, [Fault.of("file_empty", file)]
    if not isinstance(root, yaml.MappingNode):
        return empty, [Fault.of("not_a_mapping", file, 1)]
    value = _mapping(root, file, faults)
    wide = syntax.wide_spaces(text, file) if faults else []
    return (empty, wide) if wide else (value, faults)


def _refused_events(text: str, file: str) -> list[Fault]:
    """Aliases, anchors, tags and bottomless nesting, found before anything is built from them."""
    faults, depth = list[Fault](), 0
    events: Iterator[Any] = yaml.parse(text, Loader=Loader)
    for count, event in enumerate(events):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if count > ENTRIES:
            return [Fault.of("yaml_too_large", file, line, most=f"{ENTRIES:,}")]
        if depth > DEPTH:
            return [*faults, Fault.of("nested_too_deep", file, line, depth=DEPTH)]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            faults.append(Fault.of("alias", file, line, found=event.anchor))
        if getattr(event, "tag", None):
            faults.append(Fault.of("tag", file, line, found=event.tag))
    return faults


def _value(node: Any, file: str, where: str, faults: list[Fault]) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, file, faults)
    if isinstance(node, yaml.SequenceNode):
        items = Items(file, node.start_mark.line + 1)
        for child in node.value:
            items.append(_value(child, file, where, faults))
            items.lines.append(child.start_mark.line + 1)
        return items
    return _scalar(node, file, where, faults)


def _mapping(node: Any, file: str, faults: list[Fault]) -> Block:
    block = Block(file, node.start_mark.line + 1)
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            faults.append(Fault.of("key_not_text", file, line))
            continue
        key = str(key_node.value)
        faults += (misread := syntax.misread(key_node, file, "", key=True))
        if misread and not value_node.value:
            continue
        if key in block:
            faults.append(Fault.of("duplicate_key", file, line, Where(column=key), found=key, first=block.lines[key]))
            continue
        block.lines[key] = line
        if isinstance(value_node, yaml.ScalarNode):
            block.spans[key] = value_node.start_mark.index, value_node.end_mark.index
        block[key] = _value(value_node, file, key, faults)
    return block


def _scalar(node: Any, file: str, where: str, faults: list[Fault]) -> str:
    kind = node.tag.rpartition(":")[2]
    if kind in ("int", "float"):
        return Numeral(node.value)
    faults += syntax.misread(node, file, where)
    if kind != "str":
        code = "empty_value" if kind == "null" else "implicit"
        faults.append(Fault.of(code, file, node.start_mark.line + 1, Where(column=where), found=node.value))
    return str(node.value)
