"""A YAML file as plain mappings, lists and texts that know their file and line; nothing is interpreted.

Refused: duplicate keys, anchors and aliases, tags, empty values, implicit booleans and dates, more than one document.
A plain scalar that YAML takes for a number stays the text that was written, as a `Numeral`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from txlib.base.faults import Fault
from txlib.base.numbers import Numeral

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEPTH = 40


class Block(dict[str, Any]):
    """A mapping with its file, its own line and the line of each key."""

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.file, self.line, self.lines = file, line, dict[str, int]()

    def line_of(self, key: str) -> int:
        """The line of a key, or of the mapping where it has no such key."""
        return self.lines.get(key, self.line)


class Items(list[Any]):
    """A list with its file and line, and the line of each item."""

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.file, self.line, self.lines = file, line, list[int]()


def read(path: Path, file: str) -> tuple[Block, list[Fault]]:
    """The mapping in a YAML file, and the faults of its form. An unusable file gives an empty mapping."""
    empty = Block(file, 1)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return empty, [Fault.of("file_missing", file)]
    except OSError as error:
        return empty, [Fault.of("file_unreadable", file, found=error.strerror or error)]
    except UnicodeDecodeError as error:
        return empty, [Fault.of("not_utf8", file, error.object[: error.start].count(b"\n") + 1)]
    try:
        faults = _refused_events(text, file)
        if faults:
            return empty, faults
        root = yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return empty, [Fault.of("yaml", file, mark.line + 1 if mark else 0, found=getattr(error, "problem", "") or error)]
    if root is None:
        return empty, [Fault.of("file_empty", file)]
    if not isinstance(root, yaml.MappingNode):
        return empty, [Fault.of("not_a_mapping", file, 1)]
    value = _mapping(root, file, faults)
    return value, faults


def _refused_events(text: str, file: str) -> list[Fault]:
    """Aliases, anchors, tags and bottomless nesting, found before anything is built from them."""
    faults, depth = list[Fault](), 0
    events: Iterator[Any] = yaml.parse(text, Loader=Loader)
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
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
        if key in block:
            faults.append(Fault.of("duplicate_key", file, line, key, found=key, first=block.lines[key]))
            continue
        block.lines[key] = line
        block[key] = _value(value_node, file, key, faults)
    return block


def _scalar(node: Any, file: str, where: str, faults: list[Fault]) -> str:
    kind = node.tag.rpartition(":")[2]
    if kind in ("int", "float"):
        return Numeral(node.value)
    if kind != "str":
        code = "empty_value" if kind == "null" else "implicit"
        faults.append(Fault.of(code, file, node.start_mark.line + 1, where, found=node.value))
    return str(node.value)
