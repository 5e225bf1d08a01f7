"""What the tests share: the repository as a workspace, and copies of it to break."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import ALONE, CHROMIUM, Browser, absent
from handouts import NEXT, TWO, copied, moved_on
from hypothesis import settings
from shared import ROOT, changed_in_place
from spoiled import cut_down, keep

from txlib.run import templates

# matplotlib's list of fonts, which a run keeps with its outputs, is not made anew for each workspace of a test
os.environ.setdefault("MPLCONFIGDIR", str(Path.home() / ".cache" / "matplotlib"))
settings.register_profile("full", deadline=None)  # see properties.examples
settings.register_profile("short", deadline=None)
settings.load_profile("short")


@pytest.fixture(scope="session", autouse=True)
def _nothing_shared_is_changed() -> Iterator[None]:
    """Frames can be changed in place: at the end of the session those that all tests share are as they were."""
    yield
    assert changed_in_place() == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that are not quick throughout come first, so that no worker is left alone with one of them at the end."""
    slow = {item.nodeid.partition("::")[0] for item in items if item.get_closest_marker("quick") is None}
    items.sort(key=lambda item: item.nodeid.partition("::")[0] not in slow)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The seconds that each folder took, set-up and teardown with it."""
    took: Counter[str] = Counter()
    for report in (each for reports in terminalreporter.stats.values() for each in reports if hasattr(each, "duration")):
        took[Path(report.nodeid.partition("::")[0]).parent.as_posix()] += report.duration
    terminalreporter.section("seconds by folder")
    terminalreporter.write_line("  ".join(f"{name} {seconds:.0f}" for name, seconds in took.most_common() if seconds >= 0.5))


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


@pytest.fixture(scope="session")
def next_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the rules of 2020 as those of 2021 too, and no data of 2021 yet."""
    return moved_on(ROOT, tmp_path_factory.mktemp("next"))


@pytest.fixture(scope="session")
def year_of_two(next_year: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That workspace with two categories alone, where no more are needed to see what is to be seen."""
    root = copied(next_year, tmp_path_factory.mktemp("two"))
    for year in ("2019", "2020", NEXT):
        keep(root, year, *TWO)
    return root


@pytest.fixture
def own_year(year_of_two: Path, tmp_path: Path) -> Path:
    """A copy of that workspace of two categories, to be changed at will."""
    return copied(year_of_two, tmp_path)


@pytest.fixture(scope="session")
def blank_books(next_year: Path) -> Path:
    """The workbooks of 2021 as they are sent out."""
    return templates.write(next_year, NEXT).folder


@pytest.fixture(scope="session")
def blank_books_of_two(year_of_two: Path) -> Path:
    """The same of two categories."""
    return templates.write(year_of_two, NEXT).folder


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
        yield Browser(chromium)
        chromium.close()
