"""A real browser for the tests: which, and a page in it with all that it asked for and complained about."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ALONE = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")


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
