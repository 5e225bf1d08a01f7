"""Files that are written for somebody to change: by their digests it is known which of them nobody has changed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from txlib.run.kept.outputs import write_through

Known = dict[str, tuple[str, ...]]  # by a file's name its digests: as it was written, of what it was made from


def digest(raw: bytes) -> str:
    """The SHA-256 of a file's bytes."""
    return hashlib.sha256(raw).hexdigest()


def recorded(file: Path, digests: int) -> Known:
    """What was set down there, so many digests of a file; nothing where that cannot be read."""
    try:
        told = json.loads(file.read_bytes()).items()
        return {str(name): tuple(map(str, known)) for name, known in told if len(known) == digests}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def record(file: Path, known: Known) -> None:
    """Set down what was written."""
    write_through(file, (json.dumps(known, indent=1, sort_keys=True) + "\n").encode())
