"""Python as txlib finds it on Windows, as far as that can be made elsewhere; a process that has it on its path starts with it.

txlib's modules see an `os` and a `signal` that have what there is on Windows, no fcntl, and msvcrt. Everybody's os.rename goes
over no file; nothing is moved onto, moved away or deleted that another program holds open: what ends as TX_HELD_OPEN says.
"""

from __future__ import annotations

import builtins
import errno
import os
import signal
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

NOT_THERE = {
    "os": ("fork", "forkpty", "register_at_fork", "getuid", "geteuid", "getgid", "getpgid", "setsid", "killpg", "chown", "fchmod",
           "mkfifo", "pread", "pwrite", "statvfs", "sysconf", "uname", "wait", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC",
           "O_DIRECTORY", "sched_getaffinity", "getloadavg"),
    "signal": ("pthread_sigmask", "sigwait", "SIGKILL", "SIGHUP", "SIGALRM", "SIGCHLD", "SIGPIPE", "SIGUSR1", "alarm",
               "setitimer", "SIG_BLOCK", "SIG_SETMASK"),
}
ABSENT = ("fcntl", "resource", "pwd", "grp", "termios", "pty")
HELD = os.environ.get("TX_HELD_OPEN", "")
SHARING, DENIED = 32, 5  # what Windows says of a file that is open elsewhere: to be deleted or moved away, to be moved onto


class Seen(ModuleType):
    """A module without some of its names, and with others of ours."""

    def __init__(self, module: ModuleType, **own: Any) -> None:
        super().__init__(module.__name__)
        self.__dict__.update(own)
        self.module = module

    def __getattr__(self, name: str) -> Any:
        if name in NOT_THERE.get(self.__name__, ()):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(self.module, name)


def handled(number: int, handler: Any) -> Any:
    """signal.signal, where nobody can send SIGTERM."""
    if number not in (signal.SIGINT, signal.SIGTERM):
        raise ValueError("invalid signal value")
    return signal.SIG_DFL if number == signal.SIGTERM else signal.signal(number, handler)


def locking(opened: int, mode: int, _: int) -> None:
    """msvcrt.locking of a byte; elsewhere a whole file can be locked."""
    import fcntl

    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PermissionError(errno.EACCES, "Permission denied") from None


MSVCRT = ModuleType("msvcrt")
MSVCRT.locking, MSVCRT.LK_NBLCK = locking, 2  # type: ignore[attr-defined]
INSTEAD = {"os": Seen(os, name="nt"), "signal": Seen(signal, signal=handled), "msvcrt": MSVCRT}
imported = builtins.__import__


def import_as_there(name: str, globals_: Mapping[str, Any] | None = None, locals_: Any = None, fromlist: Any = (),
                    level: int = 0) -> ModuleType:
    """`import` as it is, but in a module of txlib."""
    if globals_ and str(globals_.get("__name__", "")).partition(".")[0] == "txlib":
        if name in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}")
        if name in INSTEAD:
            return INSTEAD[name]
    return imported(name, globals_, locals_, fromlist, level)


def refused(path: Any, number: int) -> None:
    """The error of Windows where a path is held open, or is a folder in which a file is."""
    place = os.fspath(path)
    if HELD and (place.endswith(HELD) or f"/{place.rpartition('/')[2]}/" in f"/{HELD}"):
        error = PermissionError(errno.EACCES, "Access is denied", place)
        error.winerror = number  # type: ignore[attr-defined]
        raise error


def moved(real: Callable[..., None], *, over: bool) -> Callable[..., None]:
    """A function that moves a file; not `over` another."""
    def move(source: Any, target: Any, **more: Any) -> None:
        refused(source, SHARING)
        refused(target, DENIED)
        if not over and os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "Cannot create a file when that file already exists", os.fspath(source), None,
                                  os.fspath(target))
        real(source, target, **more)
    return move


def deleted(real: Callable[..., None]) -> Callable[..., None]:
    """A function that deletes a file."""
    def delete(path: Any, **more: Any) -> None:
        if "dir_fd" not in more:
            refused(path, SHARING)
        real(path, **more)
    return delete


builtins.__import__ = import_as_there
os.rename, os.replace = moved(os.rename, over=False), moved(os.replace, over=True)
os.unlink, os.remove = deleted(os.unlink), deleted(os.remove)
sys.modules["pwd"] = None  # type: ignore[assignment]
