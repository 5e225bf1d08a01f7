"""Jobs through worker processes: a fixed environment, one lost job for a lost worker, nothing left behind on Ctrl-C."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, TypeVar

import psutil

import txlib
from txlib.base.labels import say
from txlib.run.notebook import Outcome, Work, execute, start_worker

THREADS = ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR", "VECLIB_MAXIMUM")
FIXED = {"TZ": "UTC", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8",
         "PYDEVD_DISABLE_FILE_VALIDATION": "1"} | {f"{name}_NUM_THREADS": "1" for name in THREADS}
DROPPED = ("PYTHONSTARTUP", "PYTHONWARNINGS", "PYTHONINSPECT", "MPLBACKEND", "LANGUAGE")
MOST = 60  # Windows waits for no more processes at once

W = TypeVar("W", bound=Work)


def work(jobs: Sequence[W], workers: int | None, done: Callable[[W, Outcome], None]) -> None:
    """Execute jobs in worker processes and tell `done` of each as it ends.

    A worker that dies takes its pool with it: what it left undone runs again, each job alone, and fails for good
    where its worker dies again. Ctrl-C waits for `done`; KeyboardInterrupt comes when workers and kernels are gone.
    """
    with interruptible() as asked, environment():
        count = min(workers or os.cpu_count() or 1, len(jobs), MOST)
        for job in _pool(jobs, count, done, asked):
            if not asked and _pool([job], 1, done, asked) and not asked:
                done(job, Outcome(say("cli.worker_died", job.lang)))


def _pool(jobs: Sequence[W], count: int, done: Callable[[W, Outcome], None], asked: Sequence[int]) -> list[W]:
    """Execute the jobs in one pool of workers; returns the jobs that were lost because a worker died."""
    if not jobs:
        return []
    others = multiprocessing.active_children()
    lost: list[W] = []
    futures: dict[Future[Outcome], W] = {}
    waiting: set[Future[Outcome]] = set()
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=spawn, initializer=start_worker) as pool:
        try:
            with deaf_children():
                for job in jobs:
                    try:
                        futures[pool.submit(execute, job)] = job
                    except BrokenProcessPool:
                        lost.append(job)
            waiting = set(futures)
            while waiting and not asked:
                ended, waiting = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in ended:
                    job, error = futures[future], future.exception()
                    if isinstance(error, BrokenProcessPool):
                        lost.append(job)
                    elif error:
                        done(job, Outcome(say("cli.unexpected", job.lang, error=f"{type(error).__name__}: {error}")))
                    else:
                        done(job, future.result())
        finally:
            if waiting:
                stop([child for child in multiprocessing.active_children() if child not in others])
    return lost


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
def deaf_children() -> Iterator[None]:
    """Let processes started in this context ignore Ctrl-C, also while they start; without signal masks they may hear it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if os.name == "posix" else None
    try:
        yield
    finally:
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def stop(workers: Sequence[multiprocessing.process.BaseProcess]) -> None:
    """End workers and the kernels below them, at once. Only their pool may wait for the workers themselves."""
    kernels: list[psutil.Process] = []
    for worker in workers:
        with contextlib.suppress(psutil.Error):
            kernels += psutil.Process(worker.pid).children(recursive=True)
        worker.kill()
    for kernel in kernels:
        with contextlib.suppress(psutil.Error):
            kernel.kill()
    psutil.wait_procs(kernels, timeout=10)


@contextlib.contextmanager
def environment() -> Iterator[None]:
    """What workers and kernels inherit: one locale, time zone and hash salt, one thread each, this very txlib.

    Their sockets and profiles lie in a temporary folder that is gone at the end.
    """
    before = dict(os.environ)
    for name in DROPPED:
        os.environ.pop(name, None)
    os.environ.update(FIXED)
    home = Path(txlib.__file__).parents[1]
    if home.name not in ("site-packages", "dist-packages"):
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(home), before.get("PYTHONPATH"))))
    with tempfile.TemporaryDirectory(prefix="tx-", ignore_cleanup_errors=True) as folder:
        os.environ["JUPYTER_RUNTIME_DIR"] = folder
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
