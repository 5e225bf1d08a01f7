"""Outputs of cells within limits: what is beyond is not kept, and is said where it would stand; a cell that goes on is stopped.

papermill is imported with this module, so that the process that plans the run stays light.
"""

from __future__ import annotations

from typing import Any

from nbclient.exceptions import DeadKernelError
from nbclient.util import run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.utils import remove_args
from traitlets import Unicode

from txlib.base.labels import say

ENGINE = "txlib"
TEXT = 100_000  # characters of what a cell prints, and of an error: nobody reads more on a page
SHOWN = 5_000_000  # of a table, a picture or anything else that a cell shows: the largest page of a report has two
KEPT = 30_000_000  # of a notebook's outputs: as much as an e-mail takes
WRITTEN = 200_000_000  # of what a cell writes, kept or not: one that goes on for ever is stopped, not what is only long
_SHOWS = ("display_data", "execute_result", "update_display_data")


class OutputError(Exception):
    """A cell wrote more than it may."""


def size(value: Any) -> int:
    """How many characters the texts in a value have."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(str(key)) + size(each) for key, each in value.items())
    return sum(map(size, value)) if isinstance(value, list | tuple) else 8


def told(count: int) -> str:
    """A number of characters as people say it: 3.2 MB, 120 kB."""
    return f"{count / 1_000_000:,.1f} MB".replace(".0 ", " ") if count >= 1_000_000 else f"{max(count // 1_000, 1)} kB"


class CappedClient(PapermillNotebookClient):  # type: ignore[misc]
    """Counts what comes from the kernel and keeps what is within the limits, in the process that waits for it."""

    lang = Unicode("zh")

    def __init__(self, nb_man: Any, **options: Any) -> None:
        super().__init__(nb_man, **options)
        self.written, self.kept, self.stopped, self.printed = 0, 0, False, dict[str, int]()
        self.here, self.displayed = 0, dict[str, int]()

    async def async_execute_cell(self, cell: Any, cell_index: int, *rest: Any, **more: Any) -> Any:
        """Execute a cell; what it printed stands together, with how much there was where not all of it is kept."""
        self.written, self.printed, self.here = 0, {}, 0
        try:
            return await super().async_execute_cell(cell, cell_index, *rest, **more)
        except DeadKernelError as error:
            if self.stopped:
                raise OutputError(told(WRITTEN)) from error
            raise
        finally:
            if cell.get("outputs"):
                cell.outputs = self.together(cell)

    execute_cell = run_sync(async_execute_cell)

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        """What a message of the kernel adds to a cell's outputs."""
        kind, content = msg["msg_type"], msg["content"]
        here = size(content) if kind in (*_SHOWS, "stream", "error") else 0
        self.written += here
        if self.written > WRITTEN:  # nothing waits for its reply any more, and the kernel is shut down as when it has died
            self.stopped = True
            self.task_poll_for_reply.cancel()
        if kind == "clear_output":
            self.kept, self.here, self.printed = self.kept - self.here, 0, {}
        shown = content.get("transient", {}).get("display_id", "")
        if kind == "update_display_data":
            self.kept -= self.displayed.get(shown, 0)
        before = self.printed.get(content["name"], 0) if kind == "stream" else 0
        if kind == "stream":
            self.printed[content["name"]] = before + len(content["text"])
            content["text"] = content["text"][:max(min(TEXT - before, KEPT - self.kept), 0)]
        elif kind == "error":
            content |= {"evalue": content["evalue"][:TEXT], "traceback": _last(content["traceback"])}
        elif kind in _SHOWS and (here > SHOWN or self.kept + here > KEPT):
            key, most = ("output_large", SHOWN) if here > SHOWN else ("outputs_large", KEPT)
            note = say(f"cli.{key}", self.lang, cell=cell.execution_count, size=told(here), most=told(most))
            content |= {"data": {"text/plain": note}, "metadata": {}}
        added = size(content) if here else 0
        self.kept += added
        self.here += added if kind != "update_display_data" else 0
        if shown and kind in _SHOWS:
            self.displayed[shown] = added
        return None if before and not content["text"] else super().process_message(msg, cell, cell_index)

    def together(self, cell: Any) -> list[Any]:
        """A cell's outputs, what it printed as one text a stream, in the place of the first; nbclient's own joining takes time in
        proportion to the square of a line."""
        found, streams = list[Any](), dict[str, Any]()
        for output in cell.outputs:
            if output.output_type != "stream":
                found.append(output)
            elif output.name in streams:
                streams[output.name].append(output.text)
            else:
                streams[output.name] = [output.text]
                found.append(output)
        for output in found:
            if output.output_type == "stream":
                text = "".join(streams[output.name])
                output["text"] = "\n".join(map(_returned, text.split("\n")))
                if (count := self.printed.get(output.name, 0)) > len(text):
                    output["text"] += "\n" + say("cli.text_large", self.lang, cell=cell.execution_count, size=told(count),
                                                 most=told(len(text))) + "\n"
        at = [i for i, output in enumerate(found[:-1]) if output.get("name") == "stderr" and found[i + 1].get("name") == "stdout"]
        for i in at:
            found[i], found[i + 1] = found[i + 1], found[i]
        return found


def _returned(line: str) -> str:
    """A line as it stands after carriage returns in it: what follows the last of them."""
    return line[line.rfind("\r", 0, max(len(line) - 1, 0)) + 1:]


def _last(lines: list[str]) -> list[str]:
    """The last lines of an error, within the limit of a text."""
    room = TEXT
    for number, line in enumerate(reversed(lines)):
        room -= len(line)
        if room < 0:
            return [*lines[len(lines) - number:]] or [line[-TEXT:]]
    return lines


class _Engine(NBClientEngine):  # type: ignore[misc]
    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *_: Any, start_timeout: int = 60,
                                 execution_timeout: int | None = None, **options: Any) -> Any:
        """papermill's way of executing a notebook, by the client above."""
        rest = remove_args(["input_path", "log_output", "stdout_file", "stderr_file"], **options)
        client = CappedClient(nb_man, timeout=execution_timeout, startup_timeout=start_timeout, kernel_name=kernel_name, **rest)
        return client.execute()


papermill_engines.register(ENGINE, _Engine)
