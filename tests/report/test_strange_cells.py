"""What cells show that is not ours: on a page in a browser it loads, runs and sends nothing, and leads nowhere by itself."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from browsing import Browser, Tab
from hostile import RUN, SEEN
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from txlib.report.page.foreign import LEADING, boxed
from txlib.report.page.html import render

AWAY = "https://pwned.invalid/"
REFRESH = f"<meta http-equiv=refresh content='0;url={AWAY}'>"
KEYS = ("script", "svg", "foreign", "math_element", "object", "base", "refresh", "sheet", "form")
TOGETHER = (
    REFRESH, REFRESH.upper(), REFRESH.replace("'>", "'/>"), f"<p title='>'>{REFRESH}</p>", f"<svg><title>{REFRESH}</title></svg>",
    f"<style>{REFRESH}</style>", f"<noscript>{REFRESH}</noscript>", f"<base href='{AWAY}'><a class=here href=x>x</a>",
    f"<form id=f action='{AWAY}'><input name=q value=1><button class=go>go</button></form>",
    f"<button class=go form=f formaction='{AWAY}' type=submit>go</button>",
    f"<input class=go type=image form=f formaction='{AWAY}'>",
    f"<link rel=stylesheet href='{AWAY}x.css'><link rel=preload as=image href='{AWAY}y'><link rel=prerender href='{AWAY}'>",
    f"<style>@import url({AWAY}y.css); p {{ background: url({AWAY}z) }}</style>", f"<p style='background: url({AWAY}a)'>p</p>",
    f"<img src='{AWAY}b' srcset='{AWAY}c 2x' onerror={RUN}><picture><source srcset='{AWAY}d'><img></picture>",
    f"<iframe src='{AWAY}e'></iframe><iframe srcdoc='<script>top.{RUN}</script>{REFRESH}'></iframe>",
    f"<object data='{AWAY}f'></object><embed src='{AWAY}g'>",
    f"<video autoplay src='{AWAY}h' poster='{AWAY}i'></video><audio src='{AWAY}j'></audio>",
    f"<a class=go href='javascript:{RUN}'>go</a><a class=go href='data:text/html,<script>{RUN}</script>'>go</a>",
    f"<body onload={RUN}><details open ontoggle={RUN}><summary>s</summary></details><input autofocus onfocus={RUN}>",
    *(SEEN[key] for key in KEYS),
)
APART = (  # whose end a browser and a parser may see in different places
    f"<textarea><p title='</textarea>{REFRESH}'>", f"<!--> {REFRESH} -->", f"<!-- --!> {REFRESH} -->",
    f"<xmp></xmp >{REFRESH}</xmp>",
    f"<![CDATA[ > {REFRESH} ]]>", f"<? > {REFRESH} ?>", SEEN["ends_title"] + REFRESH, f"<style></style/>{REFRESH}<b>",
)
SVG = tuple(f"<svg viewBox='0 0 9 9'>{inside}</svg>" for inside in (
    f"<script>{RUN}</script>", f"<SCRIPT href='{AWAY}k'/>", f"<image href='{AWAY}l'/>", f"<use href='{AWAY}m#x'/>",
    f"<foreignObject><form action='{AWAY}'>{REFRESH}</form></foreignObject>", f"<style>@import url({AWAY}n)</style>",
    f"<a href='javascript:{RUN}'><text class='go'>go</text></a>", f"<g onclick='{RUN}' class='go'><rect width='9'/></g>",
    f"<set attributeName='href' to='javascript:{RUN}'/>", f"<filter id='f'><feImage href='{AWAY}o'/></filter>"))
LATEX = f"$\\href{{javascript:{RUN}}}{{x}}$ $$\\unicode{{x}}\\require{{html}}$$"
TEXT = (f"![i]({AWAY}p.png) [go](javascript:{RUN}) {REFRESH} <form action='{AWAY}'>", LATEX,
        f"[go](data:text/html,<script>{RUN}</script>) [go](&#106;avascript:{RUN}) [r]\n\n[r]: javascript:{RUN}")


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """The address of a server on this machine, and what it is asked for; a browser notes too what its policy then forbids."""
    paths: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/favicon.ico":
                paths.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

        do_POST = do_GET  # noqa: N815

    with ThreadingHTTPServer(("127.0.0.1", 0), Noting) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", paths
        server.shutdown()


def pages() -> Iterator[str]:
    """All of it on a page, but for what stands on one of its own."""
    outputs = [{"text/html": html} for html in TOGETHER] + [{"image/svg+xml": svg} for svg in SVG]
    outputs += [{"text/markdown": text} for text in TEXT] + [{"text/latex": LATEX, "text/plain": LATEX}]
    for held in (outputs, *([{"text/html": html}] for html in APART)):
        cells = [new_code_cell("", outputs=[new_output("display_data", data=data)]) for data in held]
        yield render(new_notebook(cells=[*cells, *map(new_markdown_cell, TEXT)]), lang="zh")


def test_it_loads_and_runs_nothing_and_the_page_stays_where_it_is(
        browser: Browser, tmp_path: Path, asked: tuple[str, list[str]]) -> None:
    address, paths = asked
    tab = Tab(browser, "about:blank")
    with tab as opened:
        opened.goto(address)
        assert paths == ["/"], "it is asked where something does"
        for number, html in enumerate(pages()):
            path = tmp_path / f"{number}.html"
            path.write_text(html.replace(AWAY, address).replace(AWAY.upper(), address), encoding="utf-8")
            opened.goto(path.as_uri())
            opened.evaluate("document.querySelectorAll('.go, [href^=\"javascript\"]').forEach((each) => "
                            "each.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true})))")
            opened.wait_for_timeout(300 if number else 1000)
            assert opened.url == path.as_uri() and opened.evaluate("window.pwned === undefined"), number
            assert opened.evaluate("document.querySelectorAll('meta[http-equiv=refresh i], body meta, base, link, form, iframe, "
                                   "object, embed, main script').length") == 0, number
        assert (paths, tab.dialogs) == (["/"], [])


@pytest.mark.quick
@pytest.mark.parametrize("tag", LEADING)
def test_no_such_tag_is_left_and_what_it_holds_stays(tag: str) -> None:
    assert boxed(f"<p>a<{tag} x=1>b</{tag}>c<{tag.upper()}/>d</p>") == "<p>abcd</p>"
    assert f"<{tag}" not in boxed(f"<p title='<{tag}>'><!-- <{tag}> --></p>") and f"<{tag}s>" in boxed(f"<{tag}s>")
