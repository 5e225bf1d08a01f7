"""What lies in a year's outputs: the digest of every file, by which the next run knows what is proved; a run writes it last.

While a run goes on, the manifest says so and every change is set down in it. After a kill, a full disk or a power cut each file
is the earlier run's, the broken one's, or neither's: one whose digest does not stand here.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from txlib.base.faults import printable
from txlib.base.files import LargeError, raw_of
from txlib.base.labels import say
from txlib.run.kept.handed_in import RowCounts, merged
from txlib.run.kept.holder import Holder
from txlib.run.kept.outputs import TEMPLATES, settle, write_through
from txlib.run.kept.snapshot import below

FILE, FEW = "manifest.json", 5  # so many files are named in a line
MOST = 20_000_000  # bytes of it: a year has some ninety files
RUNNING, WHOLE, STOPPED = "running", "whole", "stopped"  # a run goes on, or was killed; it ended; it was made to stop


@dataclass(frozen=True)
class Inventory:
    """What a manifest says: the state of the last run, SHA-256 and bytes of files by path, and the rows that tables held.

    Of a run that goes on: `by`, which process it is, and `made`, what it has written so far.
    """

    state: str = ""
    files: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    rows: RowCounts = field(default_factory=dict)
    by: Holder | None = None
    made: frozenset[str] = frozenset()

    @property
    def raw(self) -> bytes:
        """The file's content; of a run that has ended it depends on nothing but what was made."""
        going = {} if self.state != RUNNING else {"by": json.loads(self.by.raw) if self.by else {}, "made": sorted(self.made)}
        files = {name: {"sha256": sha, "bytes": size} for name, (sha, size) in self.files.items()}
        told: dict[str, Any] = {"state": self.state, **going, "files": files, "rows": self.rows}
        return (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def read(folder: Path) -> Inventory:
    """What the manifest of a year's outputs says; nothing where there is none, or it cannot be read or be a run's."""
    try:
        told = json.loads(raw_of(folder / FILE, MOST))
        files = {_below(name): (str(file["sha256"]), int(file["bytes"])) for name, file in told["files"].items()}
        rows = {table: {code: int(count) for code, count in held.items()} for table, held in told["rows"].items()}
        by = Holder.read(json.dumps(told.get("by")).encode())
        return Inventory(str(told["state"]), files, rows, by, frozenset(map(str, told.get("made", ()))))
    except (OSError, LargeError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return Inventory()


def _below(name: str) -> str:
    """A path below the outputs, as a manifest has it; ValueError for any other."""
    if PurePosixPath(name).is_absolute() or ".." in name.split("/") or "\0" in name or not name.isprintable():
        raise ValueError(name)
    return name


class Manifest:
    """The manifest of a year's outputs while they are written by a process, the `holder`: `last` says what the last run left,
    `now` what stands in it so far, of which the `spoiled` are not as they were written."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.last, self.holder = folder, read(folder), Holder.here()
        found = {name: file for name in self.last.files if (file := entry(folder / name))}
        self.spoiled = {name for name, file in found.items() if file != self.last.files[name]}
        self.now = replace(self.last, made=frozenset(), by=None, files={name: self.last.files[name] for name in found})

    def proves(self, *paths: Path) -> bool:
        """Whether files are as a run wrote them."""
        return all(name in self.now.files and name not in self.spoiled for name in map(self._name, paths))

    @contextlib.contextmanager
    def changing(self, *paths: Path) -> Iterator[None]:
        """Files, or all that folders hold, are changed in this context, and nowhere else; how they are after it is set down."""
        if self.now.state != RUNNING or not self.now.by:
            begun = replace(self.now, state=RUNNING, by=self.holder)
            write_through(self.folder / FILE, begun.raw)
            self.now = begun
        try:
            yield
        finally:
            self._note(paths)

    def hold(self, rows: RowCounts) -> None:
        """Tables held these rows, for the next run to compare; of other categories, what is known of them."""
        self.now = replace(self.now, rows=merged(self.now.rows, rows))

    def end(self, state: str) -> None:
        """The run has ended, whole or stopped: everything that it made is on the disk, and the manifest after it."""
        settle(self.folder / name for name in self.now.made)
        self.now = replace(self.now, state=state, by=None, made=frozenset())
        write_through(self.folder / FILE, self.now.raw)

    def remarks(self, lang: str) -> list[str]:
        """That nothing is known of the outputs, or that the last run did not end and which files are of neither it nor an earlier
        one; else, which were changed since."""
        there = {name for name, _ in below(self.folder, self.folder) if not name.startswith(f"{TEMPLATES}/")} - {FILE}
        if not self.last.state:
            return [say("cli.no_manifest", lang, file=FILE)] if there else []
        if self.last.state != RUNNING:
            return [_told("cli.not_as_written", lang, self.spoiled)] if self.spoiled else []
        proved = {*self.now.files} - self.spoiled
        who = self.last.by.words(lang) if self.last.by else say("cli.holder_unknown", lang)
        of_it = self.last.made & proved
        ended = printable(say("cli.not_ended", lang, who=who, count=len(of_it), earlier=len(proved) - len(of_it)))
        return [ended, *([_told("cli.of_neither", lang, there - proved)] if there - proved else [])]

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _note(self, paths: tuple[Path, ...]) -> None:
        starts = tuple(f"{self._name(path)}/" for path in paths)
        names = {self._name(path) for path in paths}
        other = {name for name in self.now.files if name not in names and not name.startswith(starts)}
        files = {name: self.now.files[name] for name in other}
        for path in paths:
            inside = [each for _, each in below(self.folder, path)] if path.is_dir() else [path]
            files |= {self._name(each): file for each in inside if (file := entry(each))}
        self.spoiled &= other
        made = {*self.now.made, *(name for name, file in files.items() if self.now.files.get(name) != file)}
        self.now = replace(self.now, files=files, made=frozenset(made & {*files}))
        write_through(self.folder / FILE, self.now.raw)


def entry(path: Path) -> tuple[str, int] | None:
    """A file's SHA-256 and bytes; None where there is no such file, or it cannot be read."""
    try:
        raw = raw_of(path)
    except OSError:
        return None
    return hashlib.sha256(raw).hexdigest(), len(raw)


def broken_off(folder: Path, lang: str) -> list[str]:
    """That the last run of a year's outputs did not end, and what it left; nothing where it ended, or goes on."""
    last = read(folder)
    going = last.state == RUNNING and last.by is not None and last.by.lives
    return Manifest(folder).remarks(lang) if last.state == RUNNING and not going else []


def _told(key: str, lang: str, names: Collection[str]) -> str:
    few = ", ".join(sorted(names)[:FEW]) + ("…" if len(names) > FEW else "")
    return printable(say(key, lang, files=few, count=len(names)))
