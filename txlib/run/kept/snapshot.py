"""The inputs of a run as they were when it began: read once, hashed, and copied for everybody who reads them; compared again.

A file that changes while a run goes on, and changes back, is in no report: what was hashed is what is read.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from txlib.base.files import raw_of
from txlib.rules import source
from txlib.run.kept.outputs import about

PARAMS, DATA, NOTEBOOKS = "params", "data", "notebooks"
UNREADABLE = ""  # in the place of the digest of what cannot be read


@dataclass(frozen=True)
class Snapshot:
    """A workspace that holds the inputs of a run alone, `folder`, and whose they are, `root`; their SHA-256 by path."""

    root: Path
    folder: Path
    digests: Mapping[str, str] = field(repr=False)

    def changed(self) -> list[str]:
        """The files of the workspace that are others now, gone or new, by path."""
        years = {name.split("/")[1] for name in self.digests if name.startswith(f"{DATA}/")}
        there = [*_rules(self.root), *(each for year in years for each in _data(self.root, year))]
        now = {name: digest(path) for name, path in there}
        return sorted(name for name in {*now, *self.digests} if now.get(name) != self.digests.get(name))


def taken(root: Path, year: str, folder: Path) -> Snapshot:
    """The inputs of a year, and of the years that it is compared with, copied into a new folder."""
    digests = dict[str, str]()
    for name, path in _rules(root):
        digests[name] = _copied(path, folder / name)
    for handed in sorted((root / DATA).glob("*")):
        if handed.is_dir():
            (folder / DATA / handed.name).mkdir(parents=True)
    for each in _compared(folder, year):
        for place, _, _ in os.walk(root / DATA / each, followlinks=True):
            (folder / Path(place).relative_to(root)).mkdir(parents=True, exist_ok=True)
        for name, path in _data(root, each):
            digests[name] = _copied(path, folder / name)
    return Snapshot(root, folder, digests)


def _copied(path: Path, final: Path) -> str:
    """The digest of what was copied; what cannot be read is led to, so that it is the fault there that it is here."""
    final.parent.mkdir(parents=True, exist_ok=True)
    try:
        raw = raw_of(path)
    except OSError:
        with contextlib.suppress(OSError):
            final.symlink_to(path)
        return UNREADABLE
    with about(final):
        final.write_bytes(raw)
    return hashlib.sha256(raw).hexdigest()


def _compared(root: Path, year: str) -> list[str]:
    """A year, the year before it by its rules, the year before that, and so on."""
    found = list[str]()
    while year and year not in found and (root / PARAMS / year).is_dir():
        found.append(year)
        before = source.read(root / PARAMS / year / "rulebook.yaml", year)[0].get("last_year")
        year = before if isinstance(before, str) else ""
    return found


def _rules(root: Path) -> Iterator[tuple[str, Path]]:
    """Rule-books of all years and notebooks, by their paths in the workspace."""
    yield from below(root, root / PARAMS)
    yield from ((f"{NOTEBOOKS}/{path.name}", path) for path in sorted((root / NOTEBOOKS).glob("*.ipynb")))


def _data(root: Path, year: str) -> Iterator[tuple[str, Path]]:
    yield from below(root, root / DATA / year)


def below(root: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """What is no folder below a folder, links followed, without hidden files, caches and the lock files of Excel."""
    seen = set[str]()
    for place, folders, files in os.walk(folder, followlinks=True):
        true = os.path.realpath(place)
        folders[:] = [] if true in seen else sorted(name for name in folders if not _passed_over(name))
        for name in sorted(files) if true not in seen else ():
            if not _passed_over(name):
                path = Path(place, name)
                yield path.relative_to(root).as_posix(), path
        seen.add(true)


def _passed_over(name: str) -> bool:
    return name.startswith((".", "~$", "__pycache__"))


def digest(path: Path) -> str:
    """A file's SHA-256; empty where it cannot be read."""
    try:
        return hashlib.sha256(raw_of(path)).hexdigest()
    except OSError:
        return UNREADABLE
