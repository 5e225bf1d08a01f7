"""The reminders of a year: a folder of pages, one for each lead department that owes something, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from txlib.report.kit.words import Words
from txlib.run.cards import slug
from txlib.run.kept.outputs import Outputs, hindered

if TYPE_CHECKING:
    from txlib.intake.submitted import Submitted

FOLDER = "reminders"
Pages = Mapping[str, tuple[str, bytes]]  # by file name whom a reminder is for, and the page


def file_of(lead: str) -> str:
    """The file name of a lead department's reminder."""
    return f"{slug(lead)}.html"


def addresses(there: Submitted) -> dict[str, str]:
    """By lead department that owes something the address of its reminder, from the folder of the whole year's reports."""
    return {lead: f"../{FOLDER}/{file_of(lead)}" for lead in there.owing}


def pages(there: Submitted, above: Sequence[str], lang: str) -> Pages:
    """By file name whom each reminder is for, and the page; `above`: the addresses of the reports that lead there."""
    from txlib.report.reminder import render_reminder

    words = Words(there.book, there.data, lang)
    return {file_of(lead): (words.unit(lead), render_reminder(there, lead, above, words).encode()) for lead in there.owing}


def standing(folder: Path) -> dict[str, bytes | None]:
    """The reminders that lie in a folder by file name, None for one that cannot be read."""
    found: dict[str, bytes | None] = {}
    for path in sorted(folder.glob("*.html")):
        try:
            found[path.name] = path.read_bytes()
        except OSError:
            found[path.name] = None
    return found


def listed(there: Mapping[str, bytes | None], now: Pages) -> tuple[tuple[tuple[str, str], ...], bool]:
    """The reminders that are there as (path from the index, for whom), and whether they are not what the data give now."""
    older = there != {file: page for file, (_, page) in now.items()}
    names = {file: now[file][0] if file in now else file.removesuffix(".html") for file in there}
    return tuple((f"{FOLDER}/{file}", name) for file, name in names.items()), older


def write(final: Path, now: Pages, out: Outputs, lang: str) -> list[str]:
    """Write the reminders of all that owe something in place of the earlier ones, of which nothing stays where nobody does;
    returns what hindered it, in words."""
    wanted = {name: page for name, (_, page) in now.items()}
    with hindered(lang) as hindrances:
        if not wanted:
            out.remove_folder(final)
        elif standing(final) != wanted or not out.proves(*(final / name for name in wanted)):
            made = out.making / FOLDER
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
            for name, page in wanted.items():
                (made / name).write_bytes(page)
            out.replace_folder(made, final)
    return hindrances
