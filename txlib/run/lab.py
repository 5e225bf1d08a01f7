"""JupyterLab on a workspace: its own notebooks; where it has none, copies of the suite's, which are the analyst's to change.

The copies lie in lab/ and not in notebooks/: what lies there takes the suite's place in runs, and would hide its later versions.
A copy that nobody has changed follows the suite, and asks for the workspace's last year that has data; one that was changed is
kept, and it is told when the suite's has changed since.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from txlib.base.faults import Fault
from txlib.base.labels import say
from txlib.rules.book import find_root, read, years
from txlib.run import plan
from txlib.run.kept.copies import digest, record, recorded
from txlib.run.kept.outputs import write_through
from txlib.run.kept.snapshot import NOTEBOOKS
from txlib.run.parameters import declared
from txlib.run.refused import RefusedError

FOLDER, COPIED = "lab", ".copied.json"  # of a workspace; in it, by name what was copied
ALONE = {  # one Ctrl-C ends it, and nothing is asked of the network
    "--ServerApp.answer_yes": "True", "--LabApp.news_url": "None", "--LabApp.extension_manager": "readonly",
    "--LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
}
PATIENCE = 20  # seconds that JupyterLab may take to end its kernels


def prepared(root: Path | None, lang: str) -> tuple[Path, str, list[str]]:
    """The workspace, its folder of notebooks, and what is to be told of them; RefusedError where there is no workspace, or no
    JupyterLab."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise RefusedError([say("cli.no_lab", lang, python=sys.executable)])
    base = find_root(root).resolve()
    known = years(base)
    if not known:
        raise RefusedError([Fault.of("no_workspace", "params", found=base.name).message(lang)])
    theirs = plan.folder_of(base)
    if theirs == base / NOTEBOOKS:
        return base, NOTEBOOKS, []
    return base, FOLDER, copied(theirs, base / FOLDER, at_hand(base, last_with_data(base, known), lang), lang)


def last_with_data(root: Path, known: Sequence[str]) -> str:
    """The last of a workspace's years that has data, of all where none has: one just begun has nothing to open yet."""
    return next((year for year in reversed(known) if (root / "data" / year).is_dir()), known[-1])


def at_hand(root: Path, year: str, lang: str) -> dict[str, str]:
    """The parameters of the copies: the year, its first category where its rules can be read, the language."""
    book = read(year, root)[0]
    return {"year": year, "lang": lang} | ({"category": next(iter(book.rules.categories))} if book else {})


def copied(suite: Path, folder: Path, values: Mapping[str, str], lang: str) -> list[str]:
    """Copies of the suite's notebooks with these parameters, where none is there or nobody has changed it; which were changed
    while the suite's has changed since, and which are not known to be copies."""
    known, remarks = recorded(folder / COPIED, 2), list[str]()
    folder.mkdir(exist_ok=True)
    for path in sorted(suite.glob("*.ipynb")):
        source, mine = path.read_bytes(), folder / path.name
        theirs = digest(source)
        ours, of = known.get(path.name, ("", ""))
        if not mine.exists() or digest(mine.read_bytes()) == ours:
            raw = asking(source, values)
            write_through(mine, raw)
            known[path.name] = (digest(raw), theirs)
        elif of != theirs:
            remarks.append(say("cli.lab_older" if of else "cli.lab_own", lang, file=f"{folder.name}/{path.name}"))
    record(folder / COPIED, known)
    return remarks


def asking(raw: bytes, values: Mapping[str, str]) -> bytes:
    """A notebook with these values of its parameters and without outputs, which are of other ones."""
    notebook: dict[str, Any] = json.loads(raw)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
        if "parameters" in cell["metadata"].get("tags", ()):
            cell["source"] = with_values("".join(cell["source"]), values).splitlines(keepends=True)
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode()


def with_values(source: str, values: Mapping[str, str]) -> str:
    """A cell of parameters with these values of those that it has; its comments stay."""
    lines = source.encode().splitlines(keepends=True)
    for node in reversed(ast.parse(source).body):
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if value and value.lineno == value.end_lineno:
            for name in {each.name for each in declared(ast.unparse(node))} & {*values}:
                line, written = lines[value.lineno - 1], json.dumps(values[name], ensure_ascii=False).encode()
                lines[value.lineno - 1] = line[:value.col_offset] + written + line[value.end_col_offset:]
    return b"".join(lines).decode()


def serve(root: Path, folder: str, arguments: Sequence[str]) -> int:
    """JupyterLab in a workspace, of this very Python, until it ends or is asked to: its exit status, 0 where it was asked to."""
    own = [f"{name}={value}" for name, value in ALONE.items() if not any(each.startswith(name) for each in arguments)]
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}", f"--LabApp.default_url=/lab/tree/{folder}",
               *own, *arguments]
    with own_kernel() as environment, subprocess.Popen(command, env=environment, cwd=root) as server:
        try:
            return server.wait()
        except KeyboardInterrupt:
            _end(server)
            return 0


@contextlib.contextmanager
def own_kernel() -> Iterator[dict[str, str]]:
    """The environment in which notebooks run by this very Python, whatever kernels are installed."""
    from ipykernel.kernelspec import write_kernel_spec

    with tempfile.TemporaryDirectory(prefix="txlib-lab-", ignore_cleanup_errors=True) as folder:
        write_kernel_spec(Path(folder, "kernels", "python3"))
        yield {**os.environ, "JUPYTER_PATH": os.pathsep.join(filter(None, [folder, os.environ.get("JUPYTER_PATH", "")]))}


def _end(server: subprocess.Popen[bytes]) -> None:
    """Ask the server to end, which ends its kernels; a second Ctrl-C, or too long a wait, ends it at once."""
    try:
        if os.name == "posix":  # elsewhere it has heard Ctrl-C itself
            server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE)
    except (KeyboardInterrupt, subprocess.TimeoutExpired):
        server.kill()
