"""Notebooks whose cells run in this process, where what a test has registered is known: with the executor `here`, a run in one.

All but the kernel is as in any run: papermill's parameters, the executed notebook, its page.
"""

from __future__ import annotations

import asyncio
import atexit
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from nbformat.v4 import output_from_msg
from papermill.engines import Engine, papermill_engines
from traitlets.config import Config

from txlib.run.cells.capped import ENGINE

SHOWN = ("stream", "display_data", "execute_result", "error")


class CellsHere(Engine):  # type: ignore[misc]
    """The cells of a notebook one after the other in a kernel that is this process, up to one that fails."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **_: Any) -> None:
        """Run the code cells; what they show becomes their outputs."""
        with kernel() as client:
            nb_man.nb.metadata["language_info"] = client.kernel.language_info
            for number, cell in enumerate(nb_man.nb.cells):
                if cell.cell_type != "code":
                    continue
                nb_man.cell_start(cell, number)
                client.execute(cell.source)
                reply = client.get_shell_msg()["content"]
                cell.execution_count = reply["execution_count"]
                cell.outputs = list(outputs(client))
                if reply["status"] != "ok":
                    nb_man.cell_exception(cell, number)
                    return
                nb_man.cell_complete(cell, number)


def outputs(client: Any) -> Iterator[Any]:
    """What a cell has shown."""
    while client.iopub_channel.msg_ready():
        message = client.get_iopub_msg()
        if message["header"]["msg_type"] in SHOWN:
            yield output_from_msg(message)


@contextmanager
def kernel() -> Iterator[Any]:
    """A kernel that is this process, which is afterwards as it was."""
    from ipykernel.inprocess.ipkernel import InProcessInteractiveShell
    from ipykernel.inprocess.manager import InProcessKernelManager

    main, hooks = sys.modules["__main__"], (sys.displayhook, sys.excepthook)
    manager = InProcessKernelManager(config=Config({"HistoryManager": {"enabled": False}}))
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        yield client
    finally:
        atexit.unregister(manager.kernel.shell.atexit_operations)
        client.stop_channels()
        thread = manager.kernel.iopub_thread
        asyncio.run_coroutine_threadsafe(ended(thread._event_pipe_gc_task), thread.io_loop.asyncio_loop).result()
        manager.shutdown_kernel()
        InProcessInteractiveShell.clear_instance()
        sys.modules["__main__"], (sys.displayhook, sys.excepthook) = main, hooks


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait until it is: ipykernel leaves it behind, and Python says so."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def cells_here(patch: pytest.MonkeyPatch) -> None:
    """From here on papermill asks no other process for its cells."""
    patch.setitem(papermill_engines._engines, ENGINE, CellsHere)
