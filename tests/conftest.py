"""What the tests share: the repository as a workspace, and copies of it to break."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import ALONE, CHROMIUM, absent
from spoiled import cut_down

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def one_category(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's year 2020 cut down to the category towns_1, and 2017-jining."""
    return cut_down(ROOT, tmp_path_factory.mktemp("one_category"))


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
