"""The score cards of a category: a folder of pages, made from its result, that appears whole or not at all."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from txlib.base.fields import HAN
from txlib.base.files import DEVICE
from txlib.base.text import harmless
from txlib.report.kit.words import Words
from txlib.report.ranking import years
from txlib.run.kept.manifest import Manifest

FOLDER = "cards"
PLAIN = re.compile(rf"[a-z0-9{HAN}][a-z0-9{HAN}_-]{{0,47}}")


def slug(unit: str) -> str:
    """A unit's code as a file name: itself where it is plain on every system, else a digest of it."""
    if PLAIN.fullmatch(unit) and not DEVICE.fullmatch(unit):
        return unit
    return "unit-" + hashlib.sha256(unit.encode()).hexdigest()[:16]


def addresses(units: Iterable[str]) -> dict[str, str]:
    """By unit the address of its card, from its category's folder."""
    return {str(unit): f"{FOLDER}/{slug(str(unit))}.html" for unit in units}


@dataclass(frozen=True)
class Deck:
    """A category's cards to be made, left as the folder `scratch`; `reports` are those of the category."""

    root: Path
    year: str
    category: str
    reports: tuple[tuple[str, str], ...]
    lang: str
    fingerprint: str
    scratch: Path

    @property
    def title(self) -> str:
        """What is made, as a log has it."""
        return f"{self.category}/{FOLDER}"

    @property
    def inputs(self) -> str:
        """The digest of all that the cards are made from."""
        parts = [self.fingerprint, FOLDER, self.year, self.category, self.lang, self.reports]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def make(self) -> str:
        """Write every card as a page into `scratch`; returns "", raises where something fails."""
        from txlib.assess import assess
        from txlib.intake.data import load_data
        from txlib.report.card import render_card
        from txlib.report.page.html import numbered
        from txlib.rules.book import load_rulebook

        book = load_rulebook(self.year, self.root, [self.category])
        data = load_data(book, [self.category])
        result = assess(book, data, self.category)
        words = Words(book, data, self.lang)
        then = years.last_year(book, self.category, words)
        shutil.rmtree(self.scratch, ignore_errors=True)  # what a worker that died left of it
        self.scratch.mkdir(parents=True)
        rows: list[Any] = list(result.ranking.itertuples())
        number = numbered(self.year, self.category, self.inputs)
        for at, row in enumerate(rows):
            page = render_card(result, data, then, str(row.unit), self._way(rows, at, words), inputs=self.inputs,
                               number_=f"{number}-{at + 1}", words=words)
            (self.scratch / f"{slug(str(row.unit))}.html").write_bytes(page.encode())
        return ""

    def _way(self, rows: Sequence[Any], at: int, words: Words) -> Any:
        from txlib.report.card import Way

        def neighbour(index: int) -> tuple[str, str] | None:
            if not 0 <= index < len(rows):
                return None
            row = rows[index]
            told = words.say("cards.neighbour", place=f"{row.rank:g}", unit=harmless(words.row(row)))
            return f"{slug(str(row.unit))}.html", told

        above = ((f"../{name}.html", title) for name, title in self.reports)
        return Way(neighbour(at - 1), neighbour(at + 1), (*above, ("../../index.html", words.say("cards.index"))))


def standing(deck: Deck, units: Sequence[str], folder: Path, record: Manifest) -> str:
    """Whether a category's cards are there: `done`, `stale` (one is not as a run wrote it, too), or empty where one lacks."""
    pages = [folder / f"{slug(str(unit))}.html" for unit in units]
    if not pages or not all(page.is_file() for page in pages):
        return ""
    stamp = f'<meta name="txlib-inputs" content="{deck.inputs}">'.encode()
    try:
        whole = len(list(folder.iterdir())) == len(pages)
        return "done" if whole and record.proves(*pages) and all(stamp in page.read_bytes() for page in pages) else "stale"
    except OSError:
        return "stale"
