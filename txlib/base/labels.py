"""Every text a person reads, in Chinese and English, from the files in `labels/<room>/`.

A section is a file: `say("faults.line", lang)` is the label `line` of labels/base/faults.yaml. Sections of methods are named with
their room, `methods/survey`: they are as many as there are methods.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
FOLDER = Path(__file__).parents[1] / "labels"
_FOLDERS = [FOLDER]
_PLURAL = re.compile(r"{(\w+):([^|{}]*)\|((?:[^{}]|{\w+})*)}")


@contextmanager
def added(folder: Path) -> Iterator[None]:
    """Labels are also looked up in one more folder, laid out alike, while the context lasts and in this process alone."""
    _FOLDERS.append(folder)
    section.cache_clear()
    try:
        yield
    finally:
        _FOLDERS.remove(folder)
        section.cache_clear()


@cache
def section(name: str) -> dict[str, dict[str, str]]:
    """The labels of one file: key to {zh, en}; empty where there is no such file."""
    labels: dict[str, dict[str, str]] = {}
    for folder in _FOLDERS:
        for path in (folder / f"{name}.yaml", *folder.glob(f"*/{name}.yaml")):
            if path.is_file() and (path.parent.name != "methods" or name.startswith("methods/")):
                with path.open(encoding="utf-8") as stream:
                    labels |= yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return labels


def say(key: str, /, lang: str, **values: Any) -> str:
    """The text `section.key` in one language, its {fields} filled in. KeyError where the label does not exist.

    With a number go its words: `{n} {n:unit|units}`.
    """
    if lang not in LANGS:
        raise ValueError(f"lang: {lang!r} ≠ {' | '.join(LANGS)}")
    name, _, label = key.partition(".")
    text = section(name)[label][lang]
    return filled(text, **values) if values else text


def filled(text: str, /, **values: Any) -> str:
    """A text with its {fields} filled in, and of `{n:unit|units}` the words that go with the number."""
    return _PLURAL.sub(lambda told: told[2 if str(values[told[1]]) == "1" else 3], text).format(**values)


def counted(key: str, /, lang: str, count: int, **values: Any) -> str:
    """The text `key` with its {count} and the words that go with it: `{count} {count:unit|units}`."""
    return say(key, lang, count=count, **values)
