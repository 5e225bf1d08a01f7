"""A workspace from nothing: rules of two small categories, every line explained, and what is handed in for them, invented.

What stands in `first/` is such a workspace; its year is moved to the one wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from txlib.base.labels import say

YEAR = 2021  # of the workspace in `first/`
FIGURES = ("observations", "survey", "marks", "details", "events", "decisions")  # the tables that are handed in
_FOLDER = Path(__file__).parent / "first"
_REFERENCES = (_FOLDER / "REFERENCE.md", Path(__file__).parents[2] / "params" / "REFERENCE.md")  # installed, or beside the code
_SAMPLE = re.compile(r"^(data: sample)  # .*$", re.M)


def files(year: str, *, empty: bool = False) -> dict[str, bytes]:
    """The files of a workspace of the year, by path; without figures where `empty`: then the rules mark that the units are yet
    to be put in place of the invented ones."""
    made = {_moved(path.relative_to(_FOLDER).as_posix(), year): _moved(path.read_text(encoding="utf-8"), year).encode()
            for path in _sources() if not (empty and path.stem in FIGURES)}
    rules = f"params/{year}/rulebook.yaml"
    if empty:
        made[rules] = marked(made[rules])
    reference = next((path for path in _REFERENCES if path.is_file()), None)
    return made | ({"params/REFERENCE.md": reference.read_bytes()} if reference else {})


def of_calendar(year: str) -> bool:
    """Whether a year's folder is called by four digits, as one that is moved from another must be."""
    return re.fullmatch(r"[12]\d{3}", year) is not None


def folders(year: str) -> list[str]:
    """The folders of a workspace that data are put into."""
    return [f"data/{year}/{path.name}" for path in sorted((_FOLDER / "data" / str(YEAR)).iterdir()) if path.is_dir()]


def figures(year: str) -> dict[str, bytes]:
    """The files of a workspace that hold figures; none for a year that is no calendar year."""
    made = files(year) if of_calendar(year) else {}
    return {path: raw for path, raw in made.items() if path.startswith("data/") and Path(path).stem in FIGURES}


def marked(rules: bytes) -> bytes:
    """A rulebook.yaml that says `data: sample` with the mark that this is to be decided; another one as it is."""
    mark = f"  # 待定 / to decide: {say('firstyear.units', 'zh')} / {say('firstyear.units', 'en')}"
    return _SAMPLE.sub(rf"\g<1>{mark}", rules.decode("utf-8")).encode()


def _sources() -> Iterator[Path]:
    for kind in ("params", "data"):
        yield from sorted(path for path in (_FOLDER / kind).rglob("*") if path.is_file())


def _moved(text: str, year: str) -> str:
    """A text with its years as far from the year wanted as they are from that of `first/`."""
    near = "|".join(str(YEAR + apart) for apart in (-1, 0, 1))
    return re.sub(rf"(?<!\d)({near})(?!\d)", lambda found: str(int(found[0]) - YEAR + int(year)), text)
