"""What the tests share: the repository as a workspace, and copies of it to break."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A copy of the repository's params and data, to be changed at will."""
    for folder in ("params", "data"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path
