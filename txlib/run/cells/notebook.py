"""One report: a notebook run by papermill, cleaned of what varies, rendered as HTML.

Nothing here raises for what a notebook does: a cell's error, a time-out, a dead kernel come back as a reason.
papermill and nbconvert are imported inside the functions, so that the process that plans the run stays light.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import itertools
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import txlib
from txlib.base.files import SNAPSHOT, SNAPSHOT_OF
from txlib.base.labels import say
from txlib.run.cells import kernel
from txlib.run.cells.executor import Reason, cause_of
from txlib.run.parameters import Values, as_notebook

SKIPPED = "skip-execution"  # the tag of cells that nbclient leaves out
SOCKET_PATH = 75  # of a folder: a socket's whole path ends at 104 characters


@dataclass(frozen=True)
class NotebookJob:
    """One notebook with its parameters; whoever does it leaves `<scratch>.ipynb` and, if all went well, `<scratch>.html`.

    It runs in the workspace `root`, and reads its `snapshot`. `cards`: by unit the address of its score card; `given`:
    those of the parameters that are not the notebook's defaults; `whom`: the name of the one unit, or lead department, that it
    is about.
    """

    notebook: Path
    parameters: Values
    root: Path
    snapshot: Path
    lang: str
    inputs: str
    scratch: Path
    timeout: int
    cards: tuple[tuple[str, str], ...] = ()
    given: Values = ()
    whom: str = ""

    @property
    def title(self) -> str:
        """What is made, as a log has it."""
        return f"{dict(self.parameters).get('category', 'year')}/{self.notebook.stem}"

    @property
    def executed(self) -> Path:
        """Where the job leaves the executed notebook."""
        return self.scratch.with_name(self.scratch.name + ".ipynb")

    @property
    def html(self) -> Path:
        """Where the job leaves the report."""
        return self.scratch.with_name(self.scratch.name + ".html")

    def make(self) -> str:
        """Write the executed notebook and the report; returns the reason why there is no report, "" where there is one."""
        return _report(self)


def lean_imports() -> None:
    """Keep jsonschema (through nbformat) from building a grammar of IRIs that no notebook needs.

    It takes 1.5 of the 1.9 s of `import papermill`; jsonschema itself does without where the package is missing.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def _report(job: NotebookJob) -> str:
    """Write the executed notebook and the report; returns the reason why there is no report, "" where there is one."""
    import nbformat

    from txlib.report.page.html import render

    error = _run(job)
    if not job.executed.exists():
        return Reason.of(say("cli.kernel_not_started", job.lang, error=_first_line(error)), _cause(error, 0))
    nb = _read(job.executed)
    reason = Reason.of(_why_failed(nb, error, job), _cause(error, sum(map(_begun, nb.cells))))
    clean(nb, job)
    job.executed.write_bytes((nbformat.writes(nb) + "\n").encode())  # type: ignore[no-untyped-call]
    sign(nb)
    if reason:
        return reason
    try:
        job.html.write_bytes(render(nb, lang=job.lang, cards=dict(job.cards)).encode())
    except Exception as fault:
        told = say("cli.not_rendered", job.lang, error=f"{type(fault).__name__}: {_first_line(fault)}")
        return Reason.of(told, cause_of(fault))
    return ""


def sign(nb: Any) -> None:
    """Sign an executed notebook, so that this user's JupyterLab trusts it and shows SVG, where signatures can be stored."""
    from jupyter_core.paths import jupyter_data_dir
    from nbformat.sign import NotebookNotary

    with contextlib.suppress(OSError, sqlite3.Error):
        Path(jupyter_data_dir()).mkdir(mode=0o700, parents=True, exist_ok=True)
        NotebookNotary(data_dir=jupyter_data_dir()).sign(nb)  # type: ignore[no-untyped-call]


def made_by() -> str:
    """The programs that made a report, with their versions."""
    packages = [f"{name} {importlib.metadata.version(name)}" for name in ("pandas", "numpy", "matplotlib", "papermill")]
    return ", ".join([f"txlib {txlib.__version__}", f"Python {'.'.join(map(str, sys.version_info[:3]))}", *packages])


def _read(path: Path) -> Any:
    import nbformat

    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def _run(job: NotebookJob) -> Exception | None:
    """Execute the notebook into `job.executed`, a second time where the kernel ended before the first cell; returns the error."""
    error = _papermill(job)
    if error is None or (job.executed.exists() and any(map(_begun, _read(job.executed).cells))):
        return error
    return _papermill(job)


def _papermill(job: NotebookJob) -> Exception | None:
    import papermill

    from txlib.run.cells.capped import ENGINE

    job.executed.unlink(missing_ok=True)
    os.environ |= {SNAPSHOT: str(job.snapshot), SNAPSHOT_OF: str(job.root)}
    try:
        papermill.execute_notebook(
            _literal(job.notebook), _literal(job.executed), parameters=as_notebook(job.parameters), kernel_name="python3",
            language="python", cwd=str(job.root), progress_bar=False, execution_timeout=job.timeout,
            kernel_manager_class=own_kernel(), shutdown_kernel="immediate", engine_name=ENGINE, lang=job.lang,
        )
    except Exception as error:
        return error
    finally:
        os.environ.pop(SNAPSHOT), os.environ.pop(SNAPSHOT_OF)
    return None


def _literal(path: Path) -> str:
    """A path that survives papermill's str.format."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _first_line(error: object) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else ""


def own_kernel() -> Any:
    """A kernel manager that starts the very interpreter that runs txlib, whatever kernelspecs are installed.

    Sockets are files where the system has them and their path is short enough: no two kernels then want one port.
    """
    return _own_kernel(Path(os.environ["JUPYTER_RUNTIME_DIR"]))


@cache
def _own_kernel(folder: Path) -> Any:
    """The same for a folder that takes its sockets, whose names are numbered."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    transport = "ipc" if os.name == "posix" and len(str(folder)) < SOCKET_PATH else "tcp"
    numbers = itertools.count()

    class OwnKernel(AsyncKernelManager):
        def __init__(self, **options: Any) -> None:
            file = folder / f"{os.getpid()}-{next(numbers)}.json"  # without it, sockets lie in the current folder
            super().__init__(transport=transport, connection_file=str(file), **options)

        @property
        def kernel_spec(self) -> KernelSpec:
            return KernelSpec(resource_dir="", **get_kernel_dict() | {"argv": [sys.executable, *kernel.ARGUMENTS]})

        async def _async_start_kernel(self, **options: Any) -> None:
            await super()._async_start_kernel(**{"stderr": subprocess.DEVNULL, **options})

        start_kernel = _async_start_kernel

    return OwnKernel


def _cause(error: Exception | None, begun: int) -> str:
    """The kind of an error and the number of its cell; an error of the cell's own by the name of its class alone."""
    kind = str(getattr(error, "ename", type(error).__name__)) if error else "DeadKernel"
    return f"[{getattr(error, 'exec_count', None) or begun}] {kind if kind.isidentifier() else 'Exception'}"


def _begun(cell: Any) -> bool:
    return cell.metadata.get("papermill", {}).get("start_time") is not None


def _why_failed(nb: Any, error: Exception | None, job: NotebookJob) -> str:
    """The reason why an executed notebook is no report, or "". A dead kernel leaves every cell `completed`: counts decide."""
    code = [cell for cell in nb.cells
            if cell.cell_type == "code" and cell.source.strip() and SKIPPED not in cell.metadata.get("tags", ())]
    begun = sum(_begun(cell) for cell in code)
    if error is None:
        missing = any(cell.execution_count is None for cell in code)
        return say("cli.cells_not_run", job.lang) if missing else ""
    if begun == 0:
        return say("cli.kernel_not_started", job.lang, error=_first_line(error))
    kind = type(error).__name__
    if kind == "PapermillExecutionError":
        what = f"{error.ename}: {_first_line(error.evalue)}"  # type: ignore[attr-defined]
        return say("cli.cell_error", job.lang, cell=error.exec_count, error=what)  # type: ignore[attr-defined]
    if kind == "CellTimeoutError":
        return say("cli.cell_timeout", job.lang, cell=begun, seconds=job.timeout)
    if kind == "OutputError":
        return say("cli.cell_wrote", job.lang, cell=begun, most=str(error))
    if kind == "DeadKernelError":
        return say("cli.kernel_died", job.lang, cell=begun)
    return say("cli.cell_error", job.lang, cell=begun, error=f"{kind}: {_first_line(error)}")


# ── what varies from run to run ─────────────────────────────────────────────────────────────────────────────────────


def clean(nb: Any, job: NotebookJob) -> None:
    """Take out of an executed notebook what differs between two runs: times, ids, paths, addresses, numbers of
    processes. Its parameters stay; `txlib.inputs` says what it was made from, `txlib.lang` the language of its report."""
    nb.metadata["txlib"] = {**nb.metadata.get("txlib", {}), "inputs": job.inputs, "lang": job.lang, "made_by": made_by()}
    if job.given:
        nb.metadata["txlib"] |= {"given": as_notebook(job.given), "notebook": job.notebook.stem}
    if job.whom:
        nb.metadata["txlib"] |= {"whom": job.whom}
    nb.metadata["papermill"] = {"parameters": as_notebook(job.parameters)}
    neutral = _neutral(job)
    for number, cell in enumerate(nb.cells):
        cell["id"] = f"cell-{number}"
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if "outputs" in cell:
            cell["outputs"] = [_neutralised(output, neutral) for output in cell.outputs]


def _neutralised(value: Any, neutral: Callable[[str], str], kind: str = "") -> Any:
    """An output with `neutral` applied to every text in it, pictures left as they are."""
    if isinstance(value, dict):
        return type(value)({key: _neutralised(item, neutral, key) for key, item in value.items()})
    if isinstance(value, list):
        return [_neutralised(item, neutral, kind) for item in value]
    picture = kind.startswith("image/") and not kind.endswith("+xml")
    return neutral(value) if isinstance(value, str) and not picture else value


_KERNEL_FILE = r"ipykernel_\d+[\\/]\d+\.py"
_WORD = re.compile(r"[^\s\"'<>()]+")  # a path ends at these: each is gone through once, however long it is


def _cell_file(word: re.Match[str]) -> str:
    """A word with the path of a kernel's file for a cell, up to the last there is, made one name."""
    path = re.match(rf".*[\\/]{_KERNEL_FILE}", word[0])
    start = path.end() if path else 0
    return ("cell.py" if path else "") + re.sub(_KERNEL_FILE, "cell.py", word[0][start:])


def _neutral(job: NotebookJob) -> Callable[[str], str]:
    """A function that takes paths of this machine, kernel files and memory addresses out of a text."""
    rules = [(r"\bat 0x[0-9a-fA-F]{6,}", "at 0x…")]
    for folder, instead in ((job.snapshot, "."), (job.root, "."), (Path(sys.prefix), "…"), (Path.home(), "~")):
        for shape in {str(folder), folder.as_posix(), str(folder).replace("\\", "\\\\")}:
            if len(shape) > len(folder.anchor):
                rules.append((rf"(?<![\w./\\]){re.escape(shape)}(?![\w-])", instead))
    patterns = [(re.compile(pattern), instead) for pattern, instead in rules]

    def neutral(text: str) -> str:
        text = _WORD.sub(_cell_file, text) if "ipykernel_" in text else text
        for pattern, instead in patterns:
            text = pattern.sub(instead, text)
        return text

    return neutral
