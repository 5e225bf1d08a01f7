"""Jobs through worker processes: one lost job for a lost worker, nothing left behind on Ctrl-C."""

from __future__ import annotations

import contextlib
import importlib
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import psutil

from txlib.base.labels import say
from txlib.run.cells.executor import J, Outcome, Reason, environment, interruptible, outcome, unexpected
from txlib.run.cells.notebook import lean_imports

MOST = 60  # Windows waits for no more processes at once


@dataclass(frozen=True)
class Workers:
    """The executor that does jobs in processes of this machine: so many at once, a core each where None.

    A worker that dies takes its pool with it: what it left undone runs again, each job alone, and fails for good
    where its worker dies again. Ctrl-C waits for `done`; KeyboardInterrupt comes when workers and kernels are gone.
    """

    count: int | None = None

    def __call__(self, jobs: Sequence[J], done: Callable[[J, Outcome], None], /) -> None:
        """Do all jobs and tell `done` of each as it ends."""
        with interruptible() as asked, environment():
            count = min(self.count or os.cpu_count() or 1, len(jobs), MOST)
            for job in _pool(jobs, count, done, asked):
                if not asked and _pool([job], 1, done, asked) and not asked:
                    done(job, Outcome(Reason.of(say("cli.worker_died", job.lang), "dead worker")))


EVERY_CORE = Workers()


def _pool(jobs: Sequence[J], count: int, done: Callable[[J, Outcome], None], asked: Sequence[int]) -> list[J]:
    """Do the jobs in one pool of workers; returns the jobs that were lost because a worker died."""
    if not jobs:
        return []
    others = multiprocessing.active_children()
    lost: list[J] = []
    futures: dict[Future[Outcome], J] = {}
    waiting: set[Future[Outcome]] = set()
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=spawn, initializer=start_worker) as pool:
        try:
            with deaf_children():
                for job in jobs:
                    try:
                        futures[pool.submit(outcome, job)] = job
                    except BrokenProcessPool:
                        lost.append(job)
            waiting = set(futures)
            while waiting and not asked:
                ended, waiting = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in ended:
                    job, error = futures[future], future.exception()
                    if isinstance(error, BrokenProcessPool):
                        lost.append(job)
                    else:
                        done(job, Outcome(unexpected(job, error)) if error else future.result())
        finally:
            if waiting:
                stop([child for child in multiprocessing.active_children() if child not in others])
    return lost


def start_worker() -> None:
    """Prepare a worker: Ctrl-C is the parent's to handle, no parent no worker, a fresh IPython profile, no chatter.

    What every report needs is imported here, so that the first one's time is its own.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    os.environ["IPYTHONDIR"] = str(Path(os.environ["JUPYTER_RUNTIME_DIR"], f"ipython-{os.getpid()}"))
    for name in ("papermill", "traitlets"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    lean_imports()
    for name in ("papermill", "txlib.report.page.html"):
        importlib.import_module(name)


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)


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
