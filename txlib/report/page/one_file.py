"""Everything of a run in one file for an e-mail: the index, and in it, packed, every report and score card.

A report opens in a frame of its own that can reach neither the page around it nor anything else. What all pages share,
style and script, is in the file once.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from txlib.base.labels import say
from txlib.report.page.html import asset
from txlib.report.page.index import Summary, render_index

FILE = "bundle.html"
SHARED = {"page.css": "<shared-style>", "page.js": "<shared-script>"}  # stands for a file that every page holds


@dataclass(frozen=True)
class Packed:
    """A page in the bundle: its path from index.html, its title, its deflated text in base64."""

    path: str
    title: str
    text: str


def render_bundle(summary: Summary, out: Path, *, lang: str) -> str:
    """The index of a run as a page that also holds all pages below `out` that it leads to; same for the same pages."""
    names = {category.code: category.name for category in summary.categories}
    titles = {report.href: (names.get(report.category or ""), report.title) for report in summary.reports if report.href}
    titles |= {path: (category.name, name) for category in summary.categories for path, name in category.cards}
    titles |= {path: (say("submissions.reminder", lang), name) for path, name in summary.reminders}
    pages = [pack(path, " · ".join(filter(None, title)), (out / path).read_text(encoding="utf-8", errors="replace"))
             for path, title in titles.items()]
    return render_index(summary, lang=lang, template=FILE, scripts=("page.js", "bundle.js"), pages=pages, bundled=True,
                        quote=lambda path: f"#/{quote(path)}")


def pack(path: str, title: str, page: str) -> Packed:
    """A page compressed for the bundle; the style and script that all pages share are replaced by marks."""
    for name, mark in SHARED.items():
        page = page.replace(asset(name), mark)
    packed = base64.b64encode(zlib.compress(page.encode(), 9)).decode()
    return Packed(path, title, packed)
