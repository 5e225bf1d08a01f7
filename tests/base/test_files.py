"""Files are read whole or told why not; what hinders is told by its cause, each with a remedy of its own."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from txlib.base.files import SNAPSHOT, SNAPSHOT_OF, LargeError, cause, hindrance, named, names_a_folder, raw_of, snapshot_of
from txlib.base.labels import LANGS, section
from txlib.intake.read import text_of

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(("number", "kind"), [
    (errno.ENOSPC, "full"), (errno.EROFS, "read_only"), (errno.EXDEV, "elsewhere"), (errno.EACCES, "denied"),
    (errno.EPERM, "denied"), (errno.EISDIR, "in_the_way"), (errno.ENOTDIR, "in_the_way"), (errno.EEXIST, "in_the_way"),
    (errno.ENOENT, "gone"),
    (errno.EBUSY, "busy"), (errno.ENAMETOOLONG, "too_long"), (errno.ELOOP, "circle"), (errno.EMFILE, "many_open"),
    (errno.ENODEV, "special"), (errno.EIO, "broken"), (errno.EPIPE, "other"), (None, "other")])
def test_a_cause_has_words_and_a_remedy_of_its_own(number: int | None, kind: str) -> None:
    error = OSError(number, os.strerror(number), "x") if number else OSError("odd")
    assert cause(error) == kind
    for lang in LANGS:
        said = hindrance(error, lang, "data/x.csv", "write")
        assert "data/x.csv" in said and section("hindrances")[f"{kind}_remedy"][lang] in said
        assert kind in ("busy", "denied_or_busy") or not any(word in said for word in ("其他程序", "program"))
        assert kind == "other" or os.strerror(number or 0) not in said
        assert hindrance(error, lang, "")[:3] != " ca"


@pytest.mark.parametrize(("number", "kind"), [(32, "busy"), (33, "busy"), (5, "denied_or_busy"), (112, "full")])
def test_windows_tells_of_programs_that_have_a_file_open(number: int, kind: str) -> None:
    error = OSError(errno.ENOSPC if number == 112 else errno.EACCES, "", "x")
    error.winerror = number  # type: ignore[attr-defined]
    assert cause(error) == kind


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system knows no pipes with names")
def test_a_pipe_is_no_file_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "observations.csv")
    found: list[str] = []
    reading = threading.Thread(target=lambda: found.extend(
        fault.message("zh") for fault in [text_of(tmp_path / "observations.csv", "observations.csv")[1]] if fault), daemon=True)
    reading.start()
    reading.join(20)
    assert len(found) == 1 and "管道" in found[0] and "普通文件" in found[0]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"directory|denied") as caught:
        raw_of(tmp_path)
    assert cause(caught.value) in ("in_the_way", "denied")


def test_a_file_is_read_up_to_the_most_and_refused_beyond(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\r\n\x1a\x00" * 500)
    assert raw_of(path) == raw_of(path, 2000) == b"\r\n\x1a\x00" * 500
    with pytest.raises(LargeError, match=r"^0\.001999$"):
        raw_of(path, 1999)


@pytest.mark.parametrize(("error", "name"), [
    (OSError(errno.EIO, "x", "a"), "a"), (OSError(errno.EXDEV, "x", "a", None, "b"), "b"), (OSError("x"), "")])
def test_what_an_error_is_about_is_the_name_that_was_wanted_last(error: OSError, name: str) -> None:
    assert named(error) == name


@pytest.mark.parametrize("lang", LANGS)
def test_an_error_of_no_known_cause_is_told_as_the_system_tells_it(lang: str) -> None:
    assert "odd" in hindrance(OSError("odd"), lang, "a") and "OSError" in hindrance(OSError(), lang, "a")
    assert "strange" in hindrance(OSError(errno.EPIPE, "strange"), lang, "a")
    assert section("hindrances")["untold"][lang] in hindrance(OSError("odd"), lang, "")


@pytest.mark.parametrize(("code", "fine"), [
    ("x" * 48, True), ("x" * 49, False), ("com0", False), ("com10", True), ("con", False), ("cons", True), ("nul.x", False),
    ("a.csv", False), ("a.csvx", True), ("a.xlsm", False), ("a.xls", False), ("a.xlsq", True), ("a.", False), ("yearly", True),
    ("Year", False), ("terms", False)])
def test_a_code_names_a_folder_where_every_system_and_we_let_it(code: str, fine: bool) -> None:
    assert names_a_folder(code) is fine


def test_a_runs_snapshot_stands_for_its_own_workspace_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SNAPSHOT, raising=False)
    assert snapshot_of(tmp_path) == tmp_path
    monkeypatch.setenv(SNAPSHOT, str(tmp_path / "kept"))
    monkeypatch.setenv(SNAPSHOT_OF, str(tmp_path.resolve()))
    assert snapshot_of(tmp_path) == tmp_path / "kept" and snapshot_of(tmp_path / "other") == tmp_path / "other"
