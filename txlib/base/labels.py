"""Every text a person reads, in Chinese and English, from the files in `labels/`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
FOLDER = Path(__file__).parents[1] / "labels"


@cache
def section(name: str) -> dict[str, dict[str, str]]:
    """The labels of one file: key to {zh, en}."""
    with (FOLDER / f"{name}.yaml").open(encoding="utf-8") as stream:
        labels: dict[str, dict[str, str]] = yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return labels


def say(key: str, lang: str, **values: Any) -> str:
    """The text `section.key` in one language, its {fields} filled in. KeyError where the label does not exist."""
    if lang not in LANGS:
        raise ValueError(f"lang: {lang!r} ≠ {' | '.join(LANGS)}")
    name, _, label = key.partition(".")
    return section(name)[label][lang].format(**values) if values else section(name)[label][lang]


def counted(key: str, lang: str, count: int, **values: Any) -> str:
    """The text `key` with its {count}, or `key_one` where the count is 1: one unit, two units."""
    return say(f"{key}_one" if count == 1 else key, lang, count=count, **values)
