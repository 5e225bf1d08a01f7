"""Ctrl-C ends every command with 130, whenever it comes, while it imports too; no traceback, nothing half-written."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from shared import ROOT

BEGIN = "import sys; sys.argv[0] = 'txlib'; from txlib.__main__ import main; print('ready', file=sys.stderr, flush=True); main()"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to a process without a console")


def interrupted(after: float, *command: str) -> tuple[int, str]:
    """The exit status and what is said of a command that hears Ctrl-C so many seconds after it has begun."""
    with subprocess.Popen([sys.executable, "-c", BEGIN, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          encoding="utf-8", restore_signals=True,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler)) as process:
        assert process.stderr is not None and process.stderr.readline() == "ready\n"
        time.sleep(after)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    return process.returncode, said


@pytest.mark.parametrize("command", ["check", "diff", "template", "run"])
@pytest.mark.parametrize("after", [0.02, 0.1, 0.3, 0.6])
def test_it_ends_at_once_with_130(command: str, after: float, tmp_path: Path) -> None:
    for name in ("params", "data", "notebooks"):
        (tmp_path / name).symlink_to(ROOT / name)
    years = ["2019", "2020"] if command == "diff" else ["2020"]
    status, said = interrupted(after, command, *years, "--root", str(tmp_path))
    assert status in (0, 130) and "Traceback" not in said and "Aborted" not in said
    assert after > 0.3 or status == 130
    assert not [path for path in tmp_path.rglob(".*") if path.name.startswith((".run-", ".lock"))]
