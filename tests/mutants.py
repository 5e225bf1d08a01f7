"""Files as hands, programs and discs spoil them: a seeded change of a file's bytes, lines, keys, cells, members or attributes.

A mutant is what a seed makes of a good file. Whether it is good still nobody knows: what reads it must tell a fault with its
place, or read it, and never fall over.
"""

from __future__ import annotations

import csv
import io
import random
import re
import zipfile
from collections.abc import Callable

VALUES = [
    "", " ", "0", "-0", "1", "-1", "+5", ".5", "5.", "100%", "150%", "-3%", "3% of weight", "1/3", "1e400", "1e-400", "0x10",
    "1_000", "９９.５", "3.5万", "约300", "1,234.5", "1.2.3", "9" * 400, "0." + "0" * 300 + "1", "nan", ".inf", "-.inf",
    "2020-02-30", "2020-01-01", "12:30:00",
    "—", "null", "~", "yes", "None", "True", "[]", "{}", "[1, [2, [3]]]", "{a: {b: c}}", "&a 1", "*a", "!x 1",
    "!!python/object:os.system x", "? x", "- x", "|", ">-", "a: b: c", "'", '"', ",", ";", "#", "%", "\t", "=1+1",
    "@SUM(A1)", "<b>x</b>", "../../x", "a\u0000b", "\ufeff", "\u202e", "\u2028", "\u0085", "e\u0301",
    "😀", "名" * 300, "ｍｅｔ", "A1.1", "towns_1",
    "weight",
]
SIGNS = [
    *"0159.-+%,;:\"'#&*!|>{}[]()<=@\\/~`^$ \t\r\n", "\u0000", "\ufeff", "\u3000", "，", "：", "\u0085", "\u2028", "\u200b",
    "😀", "é",
]
CODINGS = ["gb18030", "utf-16", "utf-16-be", "utf-8-sig", "utf-32", "big5"]
Change = Callable[[bytes, random.Random], bytes]


# ── any file ────────────────────────────────────────────────────────────────────────────────────────────────────────


def bit(raw: bytes, by: random.Random) -> bytes:
    """One bit turned."""
    at = by.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << by.randrange(8)]) + raw[at + 1:]


def cut(raw: bytes, by: random.Random) -> bytes:
    """The end gone, as of a copy that broke off."""
    return raw[:by.randrange(len(raw))]


def hole(raw: bytes, by: random.Random) -> bytes:
    """Some bytes gone, or zero as after a disc's fault."""
    at, long = by.randrange(len(raw)), by.choice([1, 2, 16, 512])
    return raw[:at] + by.choice([b"", b"\0" * long]) + raw[at + long:]


def again(raw: bytes, by: random.Random) -> bytes:
    """A piece twice."""
    at, long = by.randrange(len(raw)), by.choice([1, 8, 100, len(raw)])
    return raw[:at + long] + raw[at:at + long] + raw[at + long:]


BYTES: list[Change] = [bit, cut, hole, again]


# ── texts ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _text(raw: bytes) -> str:
    return raw.decode("utf-8-sig")


def sign(raw: bytes, by: random.Random) -> bytes:
    """A character more, or another one."""
    text = _text(raw)
    at = by.randrange(len(text))
    return (text[:at] + by.choice(SIGNS) + text[at + by.randrange(2):]).encode("utf-8")


def line(raw: bytes, by: random.Random) -> bytes:
    """A line gone, twice, elsewhere, or farther in or out."""
    lines = _text(raw).splitlines(keepends=True)
    at, to = by.randrange(len(lines)), by.randrange(len(lines))
    here = lines.pop(at)
    lines[to:to] = by.choice([[], [here, here], [here]])
    lines[at:at] = by.choice([[], [], [" " + here], [here.lstrip(" ")], ["\t" + here]])
    return "".join(lines).encode("utf-8")


def coding(raw: bytes, by: random.Random) -> bytes:
    """Written by a program with another encoding."""
    return _text(raw).encode(by.choice(CODINGS), "replace")


TEXTS: list[Change] = [sign, sign, line, line, coding]


# ── YAML ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def value(raw: bytes, by: random.Random) -> bytes:
    """A value of a rule-book, or a part of it, that is another: one of its own or a strange one."""
    text = _text(raw)
    found = list(re.finditer(r"(?<=[:\[,{] )[^\s,\]}{\[][^,\]}\n]*", text))
    one, other = by.choice(found), by.choice(found)
    return (text[:one.start()] + by.choice([other[0], by.choice(VALUES)]) + text[one.end():]).encode("utf-8")


def key(raw: bytes, by: random.Random) -> bytes:
    """A key under another's name, under one that nobody knows, or gone."""
    text = _text(raw)
    found = list(re.finditer(r"[\w.]+(?=:\s)", text))
    one, other = by.choice(found), by.choice(found)
    return (text[:one.start()] + by.choice([other[0], one[0] + "x", "", by.choice(VALUES)]) + text[one.end():]).encode("utf-8")


# ── CSV ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def cell(raw: bytes, by: random.Random) -> bytes:
    """A cell that is another: of another place, or a strange one; or one more, or one fewer."""
    rows = list(csv.reader(io.StringIO(_text(raw))))
    row, other = by.choice(rows), by.choice(rows)
    at = by.randrange(len(row))
    row[at:at + by.choice([0, 1, 1, 1, 1])] = by.choice([[by.choice(other)], [by.choice(VALUES)], [by.choice(VALUES)], []])
    return _csv(rows)


def column(raw: bytes, by: random.Random) -> bytes:
    """A column gone, twice, or elsewhere."""
    rows = list(csv.reader(io.StringIO(_text(raw))))
    at, to, times = by.randrange(len(rows[0])), by.randrange(len(rows[0])), by.randrange(3)
    for row in rows:
        row[to:to] = [row.pop(at)] * times
    return _csv(rows)


def delimiter(raw: bytes, by: random.Random) -> bytes:
    """As programs of other lands write it."""
    return raw.replace(b",", by.choice([b";", b"\t", "，".encode(), b"|"]))


def _csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode("utf-8")


# ── XLSX ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def member(raw: bytes, by: random.Random) -> bytes:
    """A file inside the workbook gone, twice, or under another's name."""
    held = _members(raw)
    name, other = by.choice(held)[0], by.choice(held)
    how = by.randrange(3)
    return _zipped([each for each in held if how or each[0] != name] + ([(name, other[1])] if how == 1 else [])
                   + ([(other[0] + "x", other[1])] if how == 2 else []))


def inside(change: Change) -> Change:
    """A change of one of the texts inside the workbook, packed again without a fault."""

    def do(raw: bytes, by: random.Random) -> bytes:
        held = _members(raw)
        at = by.choices(range(len(held)), [8 if re.search("sheet|styles|Strings", name) else 1 for name, _ in held])[0]
        held[at] = held[at][0], change(held[at][1], by) if held[at][1] else by.choice(VALUES).encode("utf-8")
        return _zipped(held)

    do.__name__ = f"inside_{change.__name__}"
    return do


def attribute(raw: bytes, by: random.Random) -> bytes:
    """The value of an XML attribute that is another, or the attribute gone."""
    return _elsewhere(raw, rb'(?<= )[\w:]+="([^"]*)"', by)


def content(raw: bytes, by: random.Random) -> bytes:
    """What stands between two tags that is another."""
    return _elsewhere(raw, rb">([^<>]+)<", by)


def tag(raw: bytes, by: random.Random) -> bytes:
    """A tag gone, twice, or another's."""
    found = list(re.finditer(rb"<[^>]+>", raw))
    if not found:
        return bit(raw, by)
    one, other = by.choice(found), by.choice(found)
    return raw[:one.start()] + by.choice([b"", one[0] * 2, other[0]]) + raw[one.end():]


def _elsewhere(raw: bytes, pattern: bytes, by: random.Random) -> bytes:
    found = list(re.finditer(pattern, raw))
    if not found:
        return bit(raw, by)
    one, other = by.choice(found), by.choice(found)
    strange = by.choice(VALUES).replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").encode("utf-8")
    whole = by.random() < 0.1
    return raw[:one.start(not whole)] + (b"" if whole else by.choice([other[1], strange, strange])) + raw[one.end(not whole):]


def _members(raw: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        return [(each.filename, package.read(each)) for each in package.infolist()]


def _zipped(held: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in dict(held).items():
            package.writestr(name, content)
    return out.getvalue()


CHANGES: dict[str, list[Change]] = {
    ".yaml": [*BYTES, *TEXTS, value, value, value, value, key, key],
    ".csv": [*BYTES, *TEXTS, cell, cell, cell, cell, column, delimiter],
    ".xlsx": [bit, cut, member, *map(inside, [*BYTES, *TEXTS, *[attribute, content] * 6, *[tag] * 3])],
}


def mutant(raw: bytes, suffix: str, seed: int) -> tuple[bytes, str]:
    """What a seed makes of a file, by one change or by two, and which."""
    by = random.Random(f"{suffix} {seed}")
    made, names = raw, list[str]()
    for change in by.choices(CHANGES[suffix], k=by.choice([1, 1, 1, 2])):
        try:
            made = change(made, by)
        except (ValueError, IndexError, zipfile.BadZipFile, csv.Error, EOFError):  # the first change left nothing for the second
            continue
        names.append(change.__name__)
    return made, " ".join(names)
