"""The public names of a notebook's package: each module is imported when a name in it is asked for first.

A notebook says `from txlib.report import ranking as report`; what else needs one table of it imports no figure.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any


def public(package: str, modules: Mapping[str, str]) -> tuple[Callable[[str], Any], list[str]]:
    """`__getattr__` and `__all__` of a package of txlib.report: by module below that, the names that are public here."""
    home = {name: module for module, names in modules.items() for name in names.split()}

    def get(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"txlib.report.{home[name]}"), name)

    return get, sorted(home)


@contextmanager
def registered(package: ModuleType, *functions: Callable[..., Any]) -> Iterator[None]:
    """More functions among the public names of a notebook's package, while the context lasts and in this process alone."""
    names = [each.__name__ for each in functions]
    if known := {*names} & {*package.__all__}:
        raise ValueError(f"known already: {', '.join(sorted(known))}")
    vars(package).update(zip(names, functions, strict=True))
    package.__all__.extend(names)
    try:
        yield
    finally:
        for name in names:
            delattr(package, name)
            package.__all__.remove(name)
