"""Work that is to end before it is done: asked to by Ctrl-C or the system, or by its limit of time."""

from __future__ import annotations

import _thread
import contextlib
import signal
from collections.abc import Iterator
from threading import Timer


def to_be_stopped() -> None:
    """From here on a request to end is a KeyboardInterrupt, which leaves all in order; one deaf to Ctrl-C stays so."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@contextlib.contextmanager
def limited(seconds: int, struck: list[bool]) -> Iterator[None]:
    """Ask for an end, as Ctrl-C does, where this context takes longer; `struck` holds something then."""
    def strike() -> None:
        struck.append(True)
        _thread.interrupt_main(signal.SIGTERM)  # to which no shell makes a process deaf

    clock = Timer(seconds, strike)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()
