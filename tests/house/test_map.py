"""The map at the door and the page of public names are those of the code as it stands."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import api
import pytest
import rooms
from shared import ROOT

import txlib

pytestmark = pytest.mark.quick


def test_the_map_is_drawn_from_the_imports() -> None:
    """Where this fails: `python tests/rooms.py`, and look at the picture."""
    assert rooms.MAP.read_text(encoding="utf-8") == rooms.drawn()


def test_the_map_shows_every_room_and_no_line_upwards() -> None:
    svg = ElementTree.fromstring(rooms.drawn())
    names = [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text") if text.get("class") == "name"]
    assert tuple(names) == rooms.ORDER
    there = {path.stem for path in (ROOT / "txlib").iterdir() if path.is_dir() or path.suffix == ".py"}
    assert set(rooms.ORDER) == there - {"__init__", "__main__", "__pycache__", "labels", "notebooks", "py"}
    for room, below in rooms.lines().items():
        assert all(rooms.ORDER.index(each) < rooms.ORDER.index(room) for each in below), room


def test_contributing_begins_with_the_map_and_a_line_a_room() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert text.index("tests/house/rooms.svg") < text.index("\n## ")
    for room in rooms.ORDER:
        assert re.search(rf"^\| `{room}(/|\.py)` \| .{{20,}} \|$", text[:text.index("\n## ")], re.M), room


def test_the_page_of_public_names_is_written_from_the_code() -> None:
    """Where this fails: `python tests/api.py`; a signature that changed is told in the changelog."""
    assert api.PAGE.read_text(encoding="utf-8") == api.page()
    assert set(re.findall(r"^### (\w+)$", api.page(), re.M)) == set(txlib.__all__)
