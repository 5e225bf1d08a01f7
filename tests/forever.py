"""Editions that come out the same for ever: rules and data as they were, in one file, with what was computed of them.

    python tests/forever.py NAME    keep the editions of today as tests/forever/NAME.tar.xz; a file that is there is never touched
"""

from __future__ import annotations

import io
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import golden
from shared import ROOT, assessed, edition

import txlib as tx

FOLDER = Path(__file__).parent / "forever"
KINDS = ("params", "data")


def results(root: Path) -> Iterator[tuple[str, str]]:
    """What binds of every category: the ranking, points and full points as fractions and as printed, breaches of quotas."""
    for year, code in golden.every_category(root, tx.years(root)):
        result, audit = assessed(year, code, root), tx.audit_quotas(*edition(year, root), code)
        frames = {"ranking": result.ranking, "points": golden.exact_points(result),
                  "scores": result.scores[["unit", "indicator", "observed", "place", "points", "full"]]}
        frames |= {"breaches": audit.breaches[["item", "lead", "rule", "limit", "found"]]} if audit else {}
        for name, frame in frames.items():
            yield f"results/{year}/{code}/{name}.csv", golden.table(frame)


def keep(path: Path) -> None:
    """Write the editions of the repository and their results into a new file."""
    files = [each for year in golden.EDITIONS for kind in KINDS for each in sorted((ROOT / kind / year).rglob("*"))]
    handed = {each.relative_to(ROOT).as_posix(): each.read_bytes() for each in files if each.is_file()}
    found = {name: text.encode() for name, text in results(ROOT)}
    path.parent.mkdir(exist_ok=True)
    with path.open("xb") as raw, tarfile.open(fileobj=raw, mode="w:xz", format=tarfile.PAX_FORMAT) as archive:
        for name, content in {**handed, **found}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


if __name__ == "__main__":
    keep(FOLDER / f"{sys.argv[1]}.tar.xz")
