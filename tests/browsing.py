"""A real browser for the tests: which, a page in it with all that it asked for and complained about, what any page keeps."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ALONE = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 375, "height": 740}
HOSTILE = '<script>document.title = "run"</script><img src=x onerror="document.title=1">'
OVERFLOW = """() => {
    const faults = [], edge = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > edge) faults.push(`page ${document.documentElement.scrollWidth}`);
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = texts.nextNode()); ) {
        if (!node.data.trim() || node.parentElement.closest("script, [hidden], details:not([open]) > :not(summary)")) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const own = range.getBoundingClientRect();
        const holder = node.parentElement.closest(
            "svg, td, th, li, dd, dt, figcaption, p, h1, h2, h3, label, pre, summary, nav, div");
        const box = holder.getBoundingClientRect(), scroll = node.parentElement.closest(".tx-scroll");
        const inside = own.left >= box.left - 2 && own.right <= box.right + 2
            && own.top >= box.top - 4 && own.bottom <= box.bottom + 4;
        const onPage = scroll || (own.left >= 0 && own.right <= edge);
        if (!inside || !onPage || own.width === 0) faults.push(`${holder.tagName}: ${node.data.trim().slice(0, 40)}`);
    }
    for (const box of document.querySelectorAll(".tx-scroll")) {
        const right = box.getBoundingClientRect().right;
        if (right > edge) faults.push("a scrolling box leaves the page");
        if (getComputedStyle(box).overflowX !== "auto") faults.push("a box does not scroll");
    }
    return faults;
}"""
SIDEWAYS = """() => [...document.querySelectorAll(".tx-scroll")].filter((box) => box.scrollWidth > box.clientWidth + 1)
    .map((box) => box.closest("figure").id)"""


def absent(what: str) -> None:
    """Skip where a tool is not installed; in CI that is a failure."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{what} is not installed")


class Browser:
    """Chromium, and the pages that its tabs leave behind: a new page costs it a second, the next address a third of one."""

    def __init__(self, chromium: Any) -> None:
        self.new_page, self.new_context = chromium.new_page, chromium.new_context
        self.left: dict[bool, Any] = {}  # by whether scripts run in it

    def page(self, scripts: bool) -> Any:
        """A page that nobody uses, at an empty address."""
        return self.left.pop(scripts, None) or self.new_page(java_script_enabled=scripts)


class Tab:
    """A page in the browser, with all that it asked for, complained about and put before us.

    It is as good as new: nothing is left of the tab before it but its history. A tab in which something failed is closed.
    """

    def __init__(self, browser: Browser, address: str, *, viewport: Any = None, color_scheme: Any = "light",
                 java_script_enabled: bool = True) -> None:
        self.browser, self.scripts, self.page = browser, java_script_enabled, browser.page(java_script_enabled)
        self.asked: list[str] = []
        self.said: list[str] = []
        self.dialogs: list[str] = []
        self.heard = {"request": lambda request: self.asked.append(request.url),
                      "console": lambda message: self.said.append(message.text),
                      "pageerror": lambda error: self.said.append(str(error)), "dialog": self._dismiss}
        for event, hear in self.heard.items():
            self.page.on(event, hear)
        self.page.set_viewport_size(viewport or {"width": 1280, "height": 720})
        self.page.emulate_media(media="null", color_scheme=color_scheme)
        self.page.goto(address)

    def _dismiss(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def __enter__(self) -> Any:
        return self.page

    def __exit__(self, kind: object, *_: object) -> None:
        if kind or self.browser.left.get(self.scripts):
            self.page.close()
            return
        for event, hear in self.heard.items():
            self.page.remove_listener(event, hear)
        self.page.mouse.move(0, 0)
        self.page.goto("about:blank")
        self.browser.left[self.scripts] = self.page


def accessible(page: Any, **more: Any) -> None:
    """axe finds no violation, neither in the light nor in the dark."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        absent("axe-playwright-python")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page, **more)
        assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"


def paper(browser: Any, address: str, folder: Path) -> list[str]:
    """The text of each printed page."""
    if not shutil.which("pdftotext"):
        absent("pdftotext (poppler-utils)")
    if shutil.which("fc-list") and not subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=True).stdout.strip():
        absent("a Chinese font (fonts-noto-cjk)")
    file = folder / "page.pdf"
    with Tab(browser, address, color_scheme="dark") as page:
        page.pdf(path=str(file), prefer_css_page_size=True)
    run = subprocess.run(["pdftotext", "-layout", "-enc", "UTF-8", str(file), "-"], capture_output=True, check=True)
    assert b"(A4)" in subprocess.run(["pdfinfo", str(file)], capture_output=True, check=True).stdout
    return run.stdout.decode("utf-8").split("\f")[:-1]
