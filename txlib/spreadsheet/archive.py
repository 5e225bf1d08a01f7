"""The parts of a workbook's archive: found by name, within their limits, as streams or trees."""

from __future__ import annotations

import posixpath
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

from txlib.spreadsheet import limits
from txlib.spreadsheet.limits import Contents, within


def parts(archive: ZipFile) -> dict[str, str]:
    """The members of an archive by the names of parts: these are equal whatever their case (ECMA-376 part 2, 6.2.2.3)."""
    return {name.lower(): name for name in archive.namelist()}


def part_of(archive: ZipFile, name: str, most: int) -> Any:
    """A part as an open stream; WorkbookError where it would unpack to more than so many bytes."""
    member = archive.getinfo(parts(archive)[name.lower()])
    within("bytes", member.file_size, most)
    return archive.open(member)


class PlainTree(ElementTree.TreeBuilder):
    """A tree of XML without entities of its own, in whatever encoding it is written."""

    def doctype(self, *_: object) -> None:
        raise ValueError("DOCTYPE")


def xml(archive: ZipFile, name: str, tally: Contents) -> Any:
    """A part as a tree, together with those before it within what is kept whole."""
    with part_of(archive, name, limits.TREE_BYTES) as stream:
        tally.add(stream)
    within("tags", tally.tags, limits.TREE_TAGS)
    within("attributes", tally.attributes, limits.TREE_ATTRIBUTES)
    with part_of(archive, name, limits.TREE_BYTES) as stream:
        return ElementTree.parse(stream, ElementTree.XMLParser(target=PlainTree())).getroot()


def there(archive: ZipFile, name: str | None, tally: Contents) -> Any:
    """A part that a workbook can do without; empty where it is not there."""
    found = name is not None and name.lower() in parts(archive)
    return xml(archive, name, tally) if name is not None and found else ElementTree.Element("none")


def related(archive: ZipFile, part: str, tally: Contents) -> dict[str, tuple[str, str]]:
    """The parts that a part refers to, by id: (kind, path)."""
    folder, name = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if not part and rels not in parts(archive):
        return {}
    return {each.get("Id", ""): (each.get("Type", "").rpartition("/")[2],
                                 posixpath.normpath(posixpath.join("/" + folder, each.get("Target", ""))).lstrip("/"))
            for each in xml(archive, rels, tally) if each.get("TargetMode") != "External"}


def size(archive: ZipFile, name: str | None) -> int:
    """How many bytes a part unpacks to; none where it is not there."""
    member = parts(archive).get((name or "").lower())
    return archive.getinfo(member).file_size if member else 0
