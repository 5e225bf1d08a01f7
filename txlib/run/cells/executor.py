"""Where jobs are done: `work(jobs, done)` is all that a run knows of it. In this process here, in others by `workers.Workers`."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import txlib
from txlib.base.files import hindrance, named
from txlib.base.labels import say
from txlib.run.kept.holder import Holder

LOG = logging.getLogger("txlib.run")  # what run/log.py keeps
LOG.addHandler(logging.NullHandler())
LOG.propagate = False
PACKAGE = Path(txlib.__file__).parent
TEMPORARY, OWNER = "tx-", "owner.json"  # how temporary folders begin, and what tells in them whose they are
THREADS = ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR", "VECLIB_MAXIMUM")
FIXED = {"TZ": "UTC", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8",
         "PYTHONSAFEPATH": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"} | {f"{name}_NUM_THREADS": "1" for name in THREADS}
DROPPED = ("PYTHONSTARTUP", "PYTHONWARNINGS", "PYTHONINSPECT", "MPLBACKEND", "LANGUAGE")


class Job(Protocol):
    """A piece of work: a value that can be pickled; what it makes it leaves where it was told to, without a name yet."""

    @property
    def title(self) -> str:
        """What it is, without any word that was handed in."""

    @property
    def lang(self) -> str:
        """The language in which it says what went wrong."""

    def make(self) -> str:
        """Do the work; returns the reason why it failed, "" where it did not."""


class Reason(str):
    """A reason in words, and the `cause` without any word that was handed in, as a log may tell it."""

    cause = ""

    @classmethod
    def of(cls, words: str, cause: str) -> Reason:
        """Both."""
        made = cls(words)
        made.cause = cause
        return made


def cause_of(error: BaseException) -> str:
    """An error without its words: its kind, and the last place in txlib that it came through."""
    places = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(PACKAGE)]
    at = f" {Path(places[-1].filename).relative_to(PACKAGE.parent).as_posix()}:{places[-1].lineno}" if places else ""
    return type(error).__name__ + at


@dataclass(frozen=True)
class Outcome:
    """What became of a job: the reason why it failed ("" where it is done), and the seconds that it took."""

    reason: str = ""
    seconds: float = 0.0


J = TypeVar("J", bound=Job)


class Executor(Protocol):
    """A way of doing jobs: each once, in any order, wherever the workspace and its outputs can be read and written."""

    def __call__(self, jobs: Sequence[J], done: Callable[[J, Outcome], None], /) -> None:
        """Do all jobs and tell `done` of each as it ends, in the process and thread that called; nothing of a job is raised.

        KeyboardInterrupt when it was asked to stop: then nothing works on any more, and no `done` is half-way.
        """


def here(jobs: Sequence[J], done: Callable[[J, Outcome], None]) -> None:
    """The executor in this process: one job after another. A notebook's kernel is a process all the same.

    KeyboardInterrupt ends the job that it falls in, of which `done` is not told, or comes when `done` has ended.
    """
    with environment():
        for job in jobs:
            found = outcome(job)
            with interruptible():
                done(job, found)


def outcome(job: Job) -> Outcome:
    """Do a job; returns its reason of failure, also where it raises, and the seconds that it took."""
    start = time.perf_counter()
    try:
        reason = job.make()
    except Exception as error:
        reason = unexpected(job, error)
    return Outcome(reason, time.perf_counter() - start)


def unexpected(job: Job, error: BaseException) -> str:
    """The reason of a job that has failed in a way that it does not know; of what hindered reading and writing, its cause."""
    words = say("cli.unexpected", job.lang, error=f"{type(error).__name__}: {error}")
    if isinstance(error, OSError):
        words = hindrance(error, job.lang, Path(named(error)).name)
    return Reason.of(words, cause_of(error))


@contextlib.contextmanager
def interruptible() -> Iterator[Sequence[int]]:
    """Signals that ask for an end, noted while the work goes on and raised as KeyboardInterrupt after it.

    Raised wherever it falls, a KeyboardInterrupt could leave half a report or a pool that never ends.
    """
    asked: list[int] = []
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for each in (signal.SIGINT, signal.SIGTERM):
            before[each] = signal.signal(each, lambda sent, _: asked.append(sent))
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
    if asked:
        raise KeyboardInterrupt


@contextlib.contextmanager
def environment() -> Iterator[None]:
    """What jobs and kernels inherit: one locale, time zone and hash salt, one thread each, no current folder to import from.

    Their sockets and profiles lie in a temporary folder that is gone at the end; those of processes that are gone go at the
    beginning.
    """
    sweep(Path(tempfile.gettempdir()))
    before = dict(os.environ)
    for name in DROPPED:
        os.environ.pop(name, None)
    os.environ.update(FIXED)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, before.get("PYTHONPATH", "").split(os.pathsep)))  # "" is any folder
    with tempfile.TemporaryDirectory(prefix=TEMPORARY, ignore_cleanup_errors=True) as folder:
        Path(folder, OWNER).write_bytes(Holder.here().raw)
        os.environ |= {"JUPYTER_RUNTIME_DIR": folder, "IPYTHONDIR": str(Path(folder, "ipython"))}
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextlib.contextmanager
def caches(folder: Path) -> Iterator[None]:
    """Where programs below keep what they would look for anew each time, such as fonts, while a run lasts: in `folder`, which is
    made when something is kept. A place that MPLCONFIGDIR names already stays."""
    names = ("MPLCONFIGDIR", "XDG_CACHE_HOME")
    before = {name: os.environ.get(name) for name in names}
    os.environ |= {"MPLCONFIGDIR": before["MPLCONFIGDIR"] or str(folder / "matplotlib"), "XDG_CACHE_HOME": str(folder)}
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            os.environ |= {name: value} if value is not None else {}


def sweep(folder: Path) -> None:
    """Delete temporary folders whose processes are known to be gone."""
    for old in folder.glob(f"{TEMPORARY}*"):
        with contextlib.suppress(OSError):
            owner = Holder.read((old / OWNER).read_bytes())
            if owner and owner.lives is False:
                shutil.rmtree(old, ignore_errors=True)
