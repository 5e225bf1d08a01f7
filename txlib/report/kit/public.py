"""The public names of a notebook's package: each module is imported when a name in it is asked for first.

A notebook says `from txlib.report import ranking as report`; what else needs one table of it imports no figure.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, wraps
from types import ModuleType
from typing import Any

from txlib.base.labels import LANGS, say
from txlib.report.kit.words import Words


def public(package: str, modules: Mapping[str, str]) -> tuple[Callable[[str], Any], list[str]]:
    """`__getattr__` and `__all__` of a package of txlib.report: by module below that, the names that are public here."""
    home = {name: module for module, names in modules.items() for name in names.split()}

    def get(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return _worded(getattr(importlib.import_module(f"txlib.report.{home[name]}"), name))

    return get, sorted(home)


@cache
def _worded(shown: Callable[..., Any]) -> Callable[..., Any]:
    """The same, but where it takes `words` and is given none: TypeError with the line that makes them.

    Notebooks written for an earlier version pass a language there.
    """
    if "words" not in inspect.signature(shown).parameters:
        return shown

    @wraps(shown)
    def told(*args: Any, **kwargs: Any) -> Any:
        given = (*args, *kwargs.values())
        if not any(isinstance(each, Words) for each in given):
            lang = next((each for each in given if isinstance(each, str) and each in LANGS), "zh")
            raise TypeError(say("tables.no_words", lang, name=shown.__name__))
        return shown(*args, **kwargs)

    return told


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
