"""Files read whole, and what hinders reading and writing, by its cause: the system's own words are for programmers."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

from txlib.base.labels import say

_NUMBERS = {
    "full": ("ENOSPC", "EDQUOT", "EFBIG"), "read_only": ("EROFS",), "elsewhere": ("EXDEV",), "denied": ("EACCES", "EPERM"),
    "in_the_way": ("EISDIR", "ENOTDIR", "EEXIST", "ENOTEMPTY"), "gone": ("ENOENT", "ESTALE"), "busy": ("EBUSY", "ETXTBSY"),
    "too_long": ("ENAMETOOLONG",), "circle": ("ELOOP",), "many_open": ("EMFILE", "ENFILE"), "special": ("ENODEV", "ENXIO"),
    "broken": ("EIO",)}
_CAUSES: dict[int | None, str] = {getattr(errno, name): cause for cause, names in _NUMBERS.items() for name in names
                                  if hasattr(errno, name)}
# Windows tells no more of a name that is to be replaced
_OF_WINDOWS: dict[int | None, str] = {32: "busy", 33: "busy", 5: "denied_or_busy"}

DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.I)  # no file of Windows has these names
OURS = re.compile(r"year|reminders|templates|rulebook|branches|clauses|assumptions|terms"
                  r"|.*\.(csv|et|html|json|ods|xls[bmx]?|yaml|)|.{49,}", re.I)  # beside what categories' codes name

SNAPSHOT, SNAPSHOT_OF = "TXLIB_SNAPSHOT", "TXLIB_SNAPSHOT_OF"  # of a run, in the environment of its kernels: where, and of what


def names_a_folder(code: str) -> bool:
    """Whether every system takes a category's code for a folder's name, short and without a last dot, that is none of ours."""
    return not (DEVICE.fullmatch(code) or OURS.fullmatch(code))


def snapshot_of(root: Path) -> Path:
    """A workspace, or, where a run executes notebooks, the snapshot that stands for it (run/kept/snapshot.py)."""
    kept = os.environ.get(SNAPSHOT)
    return Path(kept) if kept and root.resolve() == Path(os.environ[SNAPSHOT_OF]) else root


class LargeError(Exception):
    """A file of more bytes than whoever reads it can use; its text is the most of them, in megabytes."""


def raw_of(path: Path, most: int | None = None) -> bytes:
    """The bytes of a file, LargeError where these are more than the most. OSError where it cannot be read, also a pipe or a
    device, on which one could wait for ever."""
    opened = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(opened, "rb") as stream:
        about = os.fstat(opened)
        mode = about.st_mode
        if not stat.S_ISREG(mode):
            number = errno.EISDIR if stat.S_ISDIR(mode) else errno.ENODEV
            raise OSError(number, os.strerror(number), str(path))
        if most is not None and about.st_size > most:
            raise LargeError(f"{most / 1_000_000:g}")
        return stream.read()


def cause(error: OSError) -> str:
    """What hindered, by one word: a key of labels/base/hindrances.yaml."""
    return _OF_WINDOWS.get(getattr(error, "winerror", None)) or _CAUSES.get(error.errno, "other")


def named(error: OSError) -> str:
    """The file or folder that an error is about; empty where it tells none."""
    return str(error.filename2 or error.filename or "")


def hindrance(error: OSError, lang: str, path: str, way: str = "either") -> str:
    """A sentence on what hindered the reading or writing of a file or folder (`way`: write, or either), and what to do."""
    kind = cause(error)
    why = say(f"hindrances.{kind}", lang, error=error.strerror or str(error) or type(error).__name__)
    return say(f"hindrances.message_{way}", lang, path=path or say("hindrances.untold", lang), why=why,
               remedy=say(f"hindrances.{kind}_remedy", lang))
