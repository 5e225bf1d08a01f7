"""The command's beginning, also as `python -m txlib`: Ctrl-C ends it with exit status 130 at any moment, while it imports too."""

from __future__ import annotations

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    sys.path.append(sys.path.pop(0))  # the current folder: what it has called yaml.py is no package's

import os
import signal
from typing import Any, NoReturn

STOPPED = "已中断。 Interrupted.\n".encode()


def stop(*_: Any) -> NoReturn:
    """End at once: nothing is written yet, and what is being imported may be in no state to hear of it."""
    os.write(2, STOPPED)
    os._exit(130)


def main() -> None:
    """The command line. A process that was started deaf to Ctrl-C stays so.

    On POSIX it begins again with names of files in UTF-8 where the locale has others: all processes read them alike.
    """
    if os.name == "posix" and sys.getfilesystemencoding() != "utf-8":
        os.environ.setdefault("PYTHONIOENCODING", f"{sys.stdout.encoding}:{sys.stdout.errors}")
        os.execv(sys.executable, [sys.executable, "-X", "utf8", "-m", "txlib", *sys.argv[1:]])
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, stop)
    from txlib.cli import main as commands

    commands()


if __name__ == "__main__":
    main()
