"""Who writes in a folder: one process at a time, named, also where machines or containers share it.

The system's lock on a file tells whether its holder lives, as far as the lock reaches. What stands in the file names the holder,
and its age tells of one out of reach: the holder touches it again and again.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import psutil

from txlib.base.labels import say
from txlib.run.refused import RefusedError

FILE = ".lock"
BEAT, STALE = 20.0, 120.0  # seconds between touches; the age from which on a holder out of reach is taken for dead
CLOSE = 5.0  # seconds by which the same process may be told to have started at another time


@dataclass(frozen=True)
class Holder:
    """A process by its number and start (seconds since 1970), on a `machine` since it was started, or in a container of it;
    `since`: when it took the folder (UTC)."""

    host: str
    machine: str
    process: int
    started: float
    since: str

    @classmethod
    def here(cls) -> Self:
        """This process."""
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return cls(platform.node(), machine(), os.getpid(), psutil.Process().create_time(), now)

    @classmethod
    def read(cls, raw: bytes) -> Self | None:
        """The holder that these bytes tell of; None where they tell of none."""
        try:
            told = json.loads(raw)
            return cls(str(told["host"]), str(told["machine"]), int(told["process"]), float(told["started"]), str(told["since"]))
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None

    @property
    def raw(self) -> bytes:
        """What tells of it."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()

    @property
    def lives(self) -> bool | None:
        """Whether the process lives; None where it cannot be told from here."""
        if self.machine != machine():
            return None
        try:
            return abs(psutil.Process(self.process).create_time() - self.started) < CLOSE
        except psutil.NoSuchProcess:
            return False
        except psutil.Error:
            return True
        except (ValueError, OverflowError):  # no process has such a number
            return False

    def words(self, lang: str) -> str:
        """Who it is, in words."""
        return say("cli.holder", lang, process=self.process, host=self.host or "?", since=self.since)


class HeldError(RefusedError):
    """A folder in which somebody else writes; the message says who, and what to do."""

    def __init__(self, folder: Path, holder: Holder | None, lang: str) -> None:
        who = holder.words(lang) if holder else say("cli.holder_unknown", lang)
        lock = (folder / FILE).as_posix()
        super().__init__([say("cli.held", lang, folder=folder.as_posix(), who=who, file=lock)])
        self.holder = holder


def machine() -> str:
    """This machine since it was started, and the container within it: elsewhere process numbers mean other processes."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return f"{platform.node()} {uuid.getnode():x}"


@contextlib.contextmanager
def held(folder: Path, lang: str) -> Iterator[None]:
    """The folder is this process's alone; HeldError where it is another's, OSError where it cannot be locked."""
    path, mine = folder / FILE, Holder.here()
    opened = _taken(path, mine, lang)
    done = threading.Event()
    beat = threading.Thread(target=_touch, args=(path, done), daemon=True)
    beat.start()
    try:
        yield
    finally:
        done.set()
        beat.join()
        _leave(path, opened, mine)


def _taken(path: Path, mine: Holder, lang: str) -> int:
    """The open file, once it is locked and tells of this process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        opened = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
        try:
            locked = _lock(opened)
            if not _is(opened, path):  # its last holder left while this one waited for nothing
                os.close(opened)
                continue
            raw = _content(opened, tries=1 if locked else 10)
            other = Holder.read(raw)
            if locked is False or (raw and raw != mine.raw and _writes(path, other, reaches=bool(locked))):
                raise HeldError(path.parent, other, lang)
            os.ftruncate(opened, 0)
            os.lseek(opened, 0, os.SEEK_SET)
            os.write(opened, mine.raw)
            os.fsync(opened)
            return opened
        except BaseException:
            with contextlib.suppress(OSError):
                os.close(opened)
            raise


def _writes(path: Path, other: Holder | None, *, reaches: bool) -> bool:
    """Whether the one that a lock file tells of may still write; `reaches`: the system's lock on it was free."""
    lives = other.lives if other else None
    if lives is not None:
        return lives and not reaches
    return _age(path) < STALE


def _age(path: Path) -> float:
    """Seconds since a file was touched, by the clock of its file system."""
    probe = path.with_name(f"{FILE}-{uuid.uuid4().hex}")
    try:
        probe.touch()
        return probe.stat().st_mtime - path.stat().st_mtime
    finally:
        probe.unlink(missing_ok=True)


def _content(opened: int, tries: int) -> bytes:
    """What a lock file tells; one that another has just made is given a moment to tell it."""
    for _ in range(tries):
        os.lseek(opened, 0, os.SEEK_SET)
        if raw := os.read(opened, 10_000):
            return raw
        time.sleep(0.01)
    return b""


def _is(opened: int, path: Path) -> bool:
    """Whether an open file is the one of this name."""
    try:
        return os.path.samestat(os.fstat(opened), path.stat())
    except FileNotFoundError:
        return False


def _lock(opened: int) -> bool | None:
    """Lock an open file: True, False where another has it, None where the file system knows no locks."""
    try:
        import fcntl
    except ImportError:
        return _lock_on_windows(opened)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _lock_on_windows(opened: int) -> bool | None:
    """The same of a byte far behind what is written, so that others can read who holds it."""
    import msvcrt

    try:
        os.lseek(opened, 1 << 20, os.SEEK_SET)
        msvcrt.locking(opened, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except PermissionError:
        return False
    except OSError:
        return None
    return True


def _touch(path: Path, done: threading.Event) -> None:
    """Touch a lock file until it is left."""
    while not done.wait(BEAT):
        with contextlib.suppress(OSError):
            os.utime(path)


def _leave(path: Path, opened: int, mine: Holder) -> None:
    """Take the lock file away, if it is still this process's."""
    with contextlib.suppress(OSError):
        if path.read_bytes() == mine.raw and os.name == "posix":
            path.unlink()
    os.close(opened)
    with contextlib.suppress(OSError):
        if os.name != "posix" and path.read_bytes() == mine.raw:
            path.unlink()
