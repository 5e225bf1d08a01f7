"""The one writer of what a command leaves: each file, folder and report appears whole under its name, or not at all.

What is written lies in a folder of its own, beside the names that it will have and on their file system, until it is complete.
Every method raises OSError where it is hindered, which `hindered` puts into words. A file or a folder that was there before has
then stayed; of a report that was to be replaced or withdrawn, what can be deleted is gone, for it is not true any more.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from txlib.base.faults import shown
from txlib.base.files import hindrance, named
from txlib.base.labels import say
from txlib.run.kept.holder import held

MAKING = ".run-"  # begins the names of the folders in which outputs are made, the number of the process ends them
TEMPLATES = "templates"  # the folder of workbooks to be filled in, which no run makes


def not_written(error: OSError, lang: str) -> str:
    """The sentence that names the file that could not be written, and what to do."""
    return hindrance(error, lang, Path(named(error)).name, "write")


@contextlib.contextmanager
def hindered(lang: str) -> Iterator[list[str]]:
    """What hindered the writing in this context, in words: the one error that ended it, or nothing."""
    hindrances: list[str] = []
    try:
        yield hindrances
    except OSError as error:
        hindrances.append(not_written(error, lang))


@contextlib.contextmanager
def about(path: Path) -> Iterator[None]:
    """An error in this context that names no file, such as that of a full disk, names this one."""
    try:
        yield
    except OSError as error:
        if not named(error):
            error.filename = str(path)
        raise


def settle(paths: Iterable[Path]) -> None:
    """These files and folders are on the disk, a power cut notwithstanding, as far as the system can; OSError: full disk."""
    for path in paths:
        with contextlib.suppress(FileNotFoundError, PermissionError):  # Windows opens no folder
            number = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
            try:
                os.fsync(number)
            finally:
                os.close(number)


def write_through(final: Path, raw: bytes) -> None:
    """A file with these bytes, on the disk when this returns, or the earlier one; one that holds them is left alone."""
    if holds(final, raw):
        return
    made = final.with_name(f"{MAKING}{os.getpid()}-{final.name}")
    with about(final):
        made.unlink(missing_ok=True)  # a link would be written through
        made.write_bytes(raw)
        settle([made])
    made.replace(final)
    settle([final.parent])


def unrecorded(*_: Path) -> contextlib.AbstractContextManager[None]:
    """What becomes of files is set down nowhere."""
    return contextlib.nullcontext()


@dataclass(frozen=True)
class Outputs:
    """The writer, for as long as a command lasts; `making` is the folder in which outputs are made.

    Files, or folders of them, get, change and lose their names `changing` them, which may set down what becomes of them; then
    it is known whether it `proves` them.
    """

    making: Path
    changing: Callable[..., contextlib.AbstractContextManager[None]] = unrecorded
    proves: Callable[..., bool] = lambda *_: True

    def write_file(self, final: Path, raw: bytes) -> None:
        """A file with these bytes, or the earlier one. One that holds them is left alone: another program may have it open."""
        if holds(final, raw) and self.proves(final):
            return
        final.parent.mkdir(parents=True, exist_ok=True)
        made = self.making / final.name
        with about(final):
            made.write_bytes(raw)
        with self.changing(final):
            made.replace(final)

    def add_folder(self, made: Path, final: Path) -> None:
        """The name for a folder made in `making`; OSError where something has it that would be lost."""
        final.parent.mkdir(parents=True, exist_ok=True)
        with self.changing(final):
            made.rename(final)

    def replace_folder(self, made: Path, final: Path) -> None:
        """The name for a folder made in `making`, in place of an earlier one, which gets it back where that fails.

        Until then the earlier one lies beside it, and stays there where it cannot get its name back.
        """
        old = final.with_name(f".{final.name}.old")
        final.parent.mkdir(parents=True, exist_ok=True)
        with self.changing(final):
            if final.exists():
                shutil.rmtree(old, ignore_errors=True)
                final.rename(old)
            try:
                made.rename(final)
            except OSError:
                with contextlib.suppress(OSError):
                    old.rename(final)
                raise
        shutil.rmtree(old, ignore_errors=True)

    def remove_folder(self, final: Path) -> None:
        """No folder of this name; it goes as a whole, or stays."""
        gone = self.making / f"{final.name}.gone"
        if final.exists():
            with self.changing(final):
                final.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def replace_report(self, place: Sequence[Path], made: Mapping[Path, Path]) -> None:
        """The names for a report's files, by name where they were made, in place of all in `place` that an earlier one left.

        The last of them vouches for the others: it is the first to go and the last to come, so that it never stands beside
        those of another report. Where one cannot be moved, none stays.
        """
        place[0].parent.mkdir(parents=True, exist_ok=True)
        until_replaced = [*made][:-1]
        with self.changing(*place):
            try:
                _deleted(path for path in place if path not in until_replaced)
                for final, file in made.items():
                    file.replace(final)
            except OSError:
                with contextlib.suppress(OSError):
                    _deleted(place)
                raise

    def withdraw(self, *place: Path) -> None:
        """No file of these names; the first that cannot be deleted is told when the others are."""
        if any(map(os.path.lexists, place)):
            with self.changing(*place):
                _deleted(place)


def _deleted(place: Iterable[Path]) -> None:
    errors: list[OSError] = []
    for path in place:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            errors.append(error)
    if errors:
        raise errors[0]


def written(out: Outputs, final: Path, render: Callable[[], bytes], lang: str) -> list[str]:
    """Write what `render` gives, or delete an earlier file where it raises; returns what went wrong, in words."""
    failed: list[str] = []
    with hindered(lang) as hindrances:
        try:
            raw = render()
        except OSError:
            raise
        except Exception as error:
            failed.append(say("cli.no_results", lang, file=final.name, error=shown(f"{type(error).__name__}: {error}")))
            out.withdraw(final)
        else:
            out.write_file(final, raw)
    return failed + hindrances


def holds(path: Path, raw: bytes) -> bool:
    """Whether a file is there with these bytes; not where it cannot be read."""
    try:
        return path.is_file() and path.read_bytes() == raw
    except OSError:
        return False


def _swept(folder: Path) -> None:
    """Nothing that killed runs made is left, nor what they had put aside, where something stands in its place."""
    for left in folder.glob(f"{MAKING}*"):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                left.unlink()
    for old in (*folder.glob(".*.old"), *folder.glob("*/.*.old")):
        if old.with_name(old.name[1:].removesuffix(".old")).exists():
            shutil.rmtree(old, ignore_errors=True)


@contextlib.contextmanager
def opened(folder: Path, lang: str) -> Iterator[Outputs]:
    """The writer of outputs below a folder, this process's alone; HeldError where another writes there, OSError where it cannot
    be made.

    At the end everything that got no name is deleted, as are folders left empty above it; at the beginning what killed runs left.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with held(folder, lang):
            _swept(folder)
            making = folder / f"{MAKING}{os.getpid()}"
            making.mkdir()
            try:
                yield Outputs(making)
            finally:
                shutil.rmtree(making, ignore_errors=True)
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()
            folder.parent.rmdir()
