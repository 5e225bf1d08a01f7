"""What the tests share: the repository as a workspace, and copies of it to break."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import ALONE, CHROMIUM, absent

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def one_category(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's year 2020 cut down to the category towns_1, and 2017-jining."""
    root = tmp_path_factory.mktemp("one_category")
    for name in ("params/2017-jining", "data/2017-jining", "params/2020", "data/2020"):
        shutil.copytree(ROOT / name, root / name)
    book = root / "params" / "2020" / "rulebook.yaml"
    text = book.read_text(encoding="utf-8")
    text = re.sub(r"categories: \[.*\]", "categories: [towns_1]", text).replace('last_year: "2019"\n', "")
    book.write_text(text, encoding="utf-8", newline="")
    for path in [*root.glob("params/2020/*_*.yaml"), *root.glob("params/2020/trees/*.yaml"), *root.glob("data/2020/*/")]:
        if path.stem != "towns_1" and path.name not in ("rulebook.yaml", "trees"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name in ("zones", "parks"):
        (root / "params" / "2020" / f"{name}.yaml").unlink()
    units = root / "data" / "2020" / "units.csv"
    lines = units.read_text(encoding="utf-8").splitlines()
    kept = [re.sub(",(towns_2|depts_.|zones|parks),", ",,", line) for line in lines]
    units.write_text("\n".join(kept) + "\n", encoding="utf-8", newline="")
    return root


@pytest.fixture
def workspace(one_category: Path, tmp_path: Path) -> Path:
    """A copy of that workspace, to be changed at will."""
    for folder in ("params", "data"):
        shutil.copytree(one_category / folder, tmp_path / folder)
    return tmp_path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, for the tests of one file."""
    if not CHROMIUM.exists():
        absent(str(CHROMIUM))
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        absent("playwright")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*ALONE])
        yield chromium
        chromium.close()
