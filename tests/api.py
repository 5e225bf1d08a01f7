"""The public names on one page, from their signatures and docstrings: `python tests/api.py` writes API.md."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import txlib

PAGE = Path(__file__).parents[1] / "API.md"
HEAD = """# txlib in Python

`import txlib as tx`, then these names; all else may move. Written by `python tests/api.py` from the code; a test holds it.
Frames have the columns that their function names, in this order.
"""
ROOMS = {"base": "Faults", "rules": "Rules", "intake": "What is handed in", "scoring": "Scores", "assess": "Scores",
         "audits": "Audits", "editions": "A year beside another", "sensitivity": "How firmly a ranking stands"}


def signature(name: str, what: Any) -> str:
    """A function's or a class's signature, one parameter a line where it is long."""
    said = _unquoted(inspect.signature(what)) if not _is_error(what) else "(faults)"
    line = f"{name}{said}"
    if len(line) <= 110:
        return line
    parts = [_unquoted(each) for each in inspect.signature(what).parameters.values()]
    given = inspect.signature(what).parameters.values()
    star = next((i for i, each in enumerate(given) if each.kind is inspect.Parameter.KEYWORD_ONLY), None)
    if star is not None:
        parts.insert(star, "*")
    end = said.rpartition(")")[2]
    return f"{name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){end}"


def _unquoted(said: object) -> str:
    """A signature, or a parameter, with its annotations as they are written."""
    return re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(said))


def _is_error(what: Any) -> bool:
    return isinstance(what, type) and issubclass(what, Exception)


def entry(name: str) -> str:
    """A name's section."""
    what = getattr(txlib, name)
    text = inspect.getdoc(what) or ""
    names = [f"`{each.name}`" for each in fields(what) if not each.name.startswith("_")] if is_dataclass(what) else []
    more = f"\n\nFields: {', '.join(names)}." if names else ""
    return f"### {name}\n\n```python\n{signature(name, what)}\n```\n\n{text}{more}\n"


def page() -> str:
    """The whole page."""
    parts, room = [HEAD], ""
    for module, names in txlib._NAMES.items():
        title = ROOMS[module.split(".")[0]]
        if title != room:
            parts.append(f"## {title}\n")
            room = title
        parts += [entry(name) for name in names]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
