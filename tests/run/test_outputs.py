"""The one writer: what it writes is there whole, or what was there before is; errors come back as words."""

from __future__ import annotations

import ast
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import txlib
from txlib.run.kept.outputs import Outputs, hindered, opened

pytestmark = pytest.mark.quick
PAGE, NOTEBOOK, FAILED = "01.html", "01.ipynb", "01.failed.ipynb"


def calls(path: Path) -> Iterator[str]:
    """The methods called in a module that change files; those of texts and frames with like names take more, or names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of_paths = node.func.attr in ("rename", "replace") and len(node.args) == 1 and not node.keywords
            if of_paths or node.func.attr in ("write_bytes", "write_text", "unlink", "rmdir"):
                yield node.func.attr


def test_nothing_else_gives_a_file_its_name() -> None:
    """Jobs write, and a new year is written, where outputs are made: what they leave has no name yet."""
    package = Path(txlib.__file__).parent
    found = {path.relative_to(package).as_posix(): {*calls(path)} for path in sorted(package.rglob("*.py"))}
    assert {name: names for name, names in found.items() if names and name != "run/kept/outputs.py"} == {
        "run/cards.py": {"write_bytes"}, "run/editions.py": {"write_bytes"}, "run/workspace.py": {"write_bytes", "rmdir"},
        "run/cells/notebook.py": {"write_bytes", "unlink"},
        "run/reminders.py": {"write_bytes"}, "run/cells/executor.py": {"write_bytes"},
        "run/kept/snapshot.py": {"write_bytes"}, "run/kept/holder.py": {"unlink"}}
    assert found["run/kept/outputs.py"] == {"write_bytes", "rename", "replace", "rmdir", "unlink"}


@pytest.fixture
def out(tmp_path: Path) -> Iterator[Outputs]:
    """The writer of outputs/2020, something else beside it."""
    with opened(tmp_path / "outputs" / "2020", "en") as writer:
        yield writer


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder but for what is being made."""
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*"))
            if path.is_file() and not any(part.startswith((".run-", ".lock")) for part in path.parts)}


def fail_at(patch: pytest.MonkeyPatch, number: int, error: BaseException) -> None:
    """The change of a file system with this number, of all from now on, does not come about."""
    count = itertools.count()

    def counted(change: Callable[..., object]) -> Callable[..., object]:
        def changed(*given: object, **named: object) -> object:
            if next(count) == number:
                raise error
            return change(*given, **named)
        return changed

    for name in ("write_bytes", "replace", "rename", "unlink", "mkdir"):
        patch.setattr(Path, name, counted(getattr(Path, name)))


def test_no_empty_folder_is_left(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), opened(tmp_path / "outputs" / "2020", "en") as out:
        (out.making / "x").write_text("x", encoding="utf-8")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_what_killed_runs_left_is_deleted(tmp_path: Path) -> None:
    for number in (999999999, os.getppid()):  # whoever has the number now: only the holder of the folder makes anything in it
        (tmp_path / f".run-{number}").mkdir()
    with opened(tmp_path, "en"):
        pass
    assert not tmp_path.exists()  # it was empty


def test_a_file_is_written_whole_or_the_earlier_one_stays(out: Outputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    final = tmp_path / "outputs" / "2020" / "towns" / "ranking.csv"
    out.write_file(final, b"one")
    for number in range(3):
        with monkeypatch.context() as patch, hindered("en") as words:
            fail_at(patch, number, OSError(28, "No space left on device", "ranking.csv"))
            out.write_file(final, b"two")
        assert words == ["ranking.csv cannot be written: the disk is full, or the quota is used up. Make room and run again."]
        assert contents(tmp_path) == {"outputs/2020/towns/ranking.csv": "one"}
    with hindered("en") as words:
        out.write_file(final, b"two")
    assert words == [] and final.read_bytes() == b"two"


def test_a_file_that_holds_the_same_is_left_alone(out: Outputs, tmp_path: Path) -> None:
    final = tmp_path / "results.xlsx"
    out.write_file(final, b"one")
    before = final.stat()
    out.write_file(final, b"one")
    assert (final.stat().st_ino, final.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_an_error_without_a_name_and_a_folder_in_the_way_are_put_into_words(out: Outputs, tmp_path: Path) -> None:
    (tmp_path / "index.html").mkdir()
    with hindered("en") as words:
        out.write_file(tmp_path / "index.html", b"x")
    assert [word.startswith("index.html cannot be written: ") for word in words] == [True]
    assert (tmp_path / "index.html").is_dir()


def made_folder(out: Outputs, text: str) -> Path:
    """A folder being made, of one file."""
    folder = out.making / "cards"
    folder.mkdir()
    (folder / f"{text}.html").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_folder_takes_the_place_of_the_earlier_one_whole_or_the_earlier_stays(
        number: int, out: Outputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    final = tmp_path / "class" / "cards"
    out.replace_folder(made_folder(out, "old"), final)
    new = made_folder(out, "new")
    with monkeypatch.context() as patch, pytest.raises(OSError):
        fail_at(patch, number, OSError("x"))
        out.replace_folder(new, final)
    assert contents(tmp_path) == {"class/cards/old.html": "old"}
    out.replace_folder(new, final)
    assert contents(tmp_path) == {"class/cards/new.html": "new"} and not new.exists()


def test_a_folder_that_cannot_get_its_name_back_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    final, rename = tmp_path / "class" / "cards", Path.rename

    def locked(path: Path, target: Path) -> Path:
        if target == final:
            raise PermissionError(13, "in use", str(final))
        return rename(path, target)

    with opened(tmp_path / "outputs", "en") as out:
        out.replace_folder(made_folder(out, "old"), final)
        with monkeypatch.context() as patch, hindered("en") as words:
            patch.setattr(Path, "rename", locked)
            out.replace_folder(made_folder(out, "new"), final)
    assert [each.startswith("cards cannot be written") for each in words] == [True]
    assert contents(tmp_path) == {"class/.cards.old/old.html": "old"}
    with opened(tmp_path / "outputs", "en") as out:
        out.replace_folder(made_folder(out, "new"), final)
    assert contents(tmp_path) == {"class/cards/new.html": "new"}


def test_a_folder_that_was_never_made_takes_no_place(out: Outputs, tmp_path: Path) -> None:
    final = tmp_path / "class" / "cards"
    out.replace_folder(made_folder(out, "old"), final)
    with pytest.raises(OSError):
        out.replace_folder(out.making / "never made", final)
    assert contents(final) == {"old.html": "old"}


def test_a_folder_is_added_where_nothing_has_its_name(out: Outputs, tmp_path: Path) -> None:
    made, final = made_folder(out, "new"), tmp_path / "2021"
    final.mkdir()
    (final / "theirs").write_text("x", encoding="utf-8")
    with pytest.raises(OSError):
        out.add_folder(made, final)
    assert contents(final) == {"theirs": "x"}


def report(out: Outputs, text: str) -> dict[str, Path]:
    """The files of a report being made."""
    made = {name: out.making / name for name in (PAGE, NOTEBOOK)}
    for path in made.values():
        path.write_text(text, encoding="utf-8")
    return made


@pytest.mark.parametrize("error", [OSError("x"), KeyboardInterrupt()], ids=["hindered", "killed"])
@pytest.mark.parametrize("number", range(5))
def test_no_page_stands_beside_the_notebook_of_another(
        number: int, error: BaseException, out: Outputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it ends: the earlier report, the new one, or a page alone, which is out of date; where it is hindered, none."""
    folder = tmp_path / "class"
    place = [folder / name for name in (PAGE, NOTEBOOK, FAILED)]
    out.replace_report(place, {folder / name: path for name, path in report(out, "old").items()})
    made = {folder / name: path for name, path in report(out, "new").items()}
    with monkeypatch.context() as patch, pytest.raises(type(error)):
        fail_at(patch, number, error)
        out.replace_report(place, made)
    there = contents(folder)
    assert NOTEBOOK not in there or len({*there.values()}) == 1
    assert not isinstance(error, OSError) or number == 0 or there == {}


def test_an_earlier_page_stays_until_the_new_one_takes_its_place(
        out: Outputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "class"
    place = [folder / name for name in (PAGE, NOTEBOOK, FAILED)]
    out.replace_report(place, {folder / name: path for name, path in report(out, "old").items()})
    made = {folder / name: path for name, path in report(out, "new").items()}
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "replace", lambda *_: fail())
        out.replace_report(place, made)
    assert contents(folder) == {PAGE: "old"}


def fail() -> None:
    raise KeyboardInterrupt


def test_a_report_is_there_alone_and_so_is_a_failed_notebook(out: Outputs, tmp_path: Path) -> None:
    folder = tmp_path / "class"
    page, notebook, failed = place = [folder / name for name in (PAGE, NOTEBOOK, FAILED)]
    for _ in range(2):
        made = report(out, "x")
        out.replace_report(place, {failed: made[NOTEBOOK]})
        assert contents(folder) == {FAILED: "x"}
        made = report(out, "y")
        out.replace_report(place, {page: made[PAGE], notebook: made[NOTEBOOK]})
        assert contents(folder) == {PAGE: "y", NOTEBOOK: "y"}
    out.replace_report(place, {})
    assert contents(folder) == {}


def test_what_can_be_withdrawn_is_and_the_rest_is_named(out: Outputs, tmp_path: Path) -> None:
    (tmp_path / PAGE).mkdir()
    (tmp_path / NOTEBOOK).write_text("x", encoding="utf-8")
    with hindered("en") as words:
        out.withdraw(tmp_path / PAGE, tmp_path / NOTEBOOK, tmp_path / FAILED)
    assert [PAGE in word for word in words] == [True] and not (tmp_path / NOTEBOOK).exists()
