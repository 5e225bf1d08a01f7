"""The log of a run: programs, jobs, seconds, causes, line by line, so that it is there up to where a run was killed.

No text that was handed in stands in it, nor any name of a unit or value: of an error its kind and where in txlib it came from.
"""

from __future__ import annotations

import contextlib
import logging
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import txlib
from txlib.base.faults import printable
from txlib.base.labels import say
from txlib.run import plan
from txlib.run.batch import Run
from txlib.run.cells.executor import LOG, Executor, J, Outcome, cause_of
from txlib.run.refused import RefusedError

FORM = "%(asctime)s %(levelname)s %(message)s"


class _File(logging.FileHandler):
    """A file that is added to; `broken`: something could not be written."""

    broken = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        self.broken = True


def _opened(file: Path, root: Path, lang: str) -> _File:
    """The file, to be added to; RefusedError where it is anything else than a log, stands among what a run reads and writes, or
    cannot be opened."""
    whole = file.resolve()
    if any(whole.is_relative_to((root / name).resolve()) for name in ("params", "data", "notebooks", "outputs")):
        raise RefusedError([say("cli.log_place", lang, file=file)])
    try:
        if whole.is_file() and whole.stat().st_size and not _is_log(whole):
            raise RefusedError([say("cli.log_other", lang, file=file)])
        return _File(file, mode="a", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise RefusedError([say("cli.log_unopened", lang, file=file, error=error.strerror or type(error).__name__)]) from None


def _is_log(file: Path) -> bool:
    with file.open(encoding="utf-8", errors="replace") as lines:
        return " INFO txlib " in lines.readline(200)


@contextlib.contextmanager
def kept(file: Path | None, root: Path, options: Mapping[str, object]) -> Iterator[list[str]]:
    """Keep a log in a file for as long as a run in a workspace lasts (None: keep none); RefusedError where it cannot be kept.

    Gives a list that names the file at the end where it is not complete.
    """
    incomplete: list[str] = []
    if file is None:
        yield incomplete
        return
    handler = _opened(file, root, str(options["lang"]))
    handler.setFormatter(logging.Formatter(FORM))
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    start = time.perf_counter()
    LOG.info("txlib %s, Python %s, %s", txlib.__version__, platform.python_version(), platform.platform())
    LOG.info("packages: %s", ", ".join(f"{name} {version}" for name, version in sorted(plan.versions().items())))
    LOG.info("options: %s", ", ".join(f"{name}={value!r}" for name, value in options.items()))
    try:
        yield incomplete
    except BaseException as error:
        LOG.error("ended by %s", cause_of(error))
        raise
    finally:
        LOG.info("%.1f s in all", time.perf_counter() - start)
        LOG.removeHandler(handler)
        with contextlib.suppress(OSError):
            handler.close()
        incomplete += [file.name] if handler.broken else []


def noting(executor: Executor) -> Executor:
    """An executor that notes of each job which it was, what became of it, and how long it took."""
    def work(jobs: Sequence[J], done: Callable[[J, Outcome], None], /) -> None:
        LOG.info("%d jobs", len(jobs))

        def told(job: J, outcome: Outcome) -> None:
            failed = f"failed ({getattr(outcome.reason, 'cause', 'no kernel or worker')})" if outcome.reason else "done"
            level = logging.ERROR if outcome.reason else logging.INFO
            LOG.log(level, "%s %s, %.1f s", printable(job.title), failed, outcome.seconds)
            done(job, outcome)

        executor(jobs, told)

    return work


def ended(run: Run) -> None:
    """Note what became of a run: its reports by what became of them, how many faults and remarks, its exit status."""
    reports = Counter(report.status for report in run.reports)
    LOG.info("reports: %s", ", ".join(f"{count} {status}" for status, count in sorted(reports.items())) or "none")
    LOG.info("faults %d, remarks %d, seen %d, exit status %d", len(run.faults), len(run.remarks), len(run.seen), run.exit_status)
