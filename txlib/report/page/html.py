"""A notebook that has run becomes one HTML page: no code, no request, readable on screen, phone and paper."""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from html import escape, unescape
from pathlib import Path
from typing import Any

import mistune
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from traitlets import Unicode

from txlib.base.labels import LANGS, say
from txlib.base.text import harmless
from txlib.report.kit.blocks import Cover, Note, ReportBlock, unpacked
from txlib.report.kit.markup import LANGUAGE_TAGS, cover, escaped
from txlib.report.page.foreign import boxed, words
from txlib.report.page.svg import inline_svg
from txlib.report.page.typeset import Numberer, box

FOLDER = Path(__file__).with_name("template")
_SINGLE, _IN_DOUBLE = frozenset("'‘’‚‛"), frozenset('"“”„$`\\!\n')  # PowerShell takes typographic quotes for plain ones
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_NO_PICTURE = re.compile(r"<Figure size .*>|<.* at 0x[0-9a-f]+>", re.S)
_CJK = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
_CJK_BREAK = re.compile(rf"(?<={_CJK})\n(?={_CJK})")


def render(nb: NotebookNode, *, lang: str, title: str | None = None, cards: Mapping[str, str] | None = None) -> str:
    """The report of an executed notebook: one self-contained page in one language, same for the same input.

    Cells tagged with another language or `remove-cell` are left out. `title` names the page; without it the
    notebook's first heading of level 1 does. Under a cover with a heading the name becomes the line below it.
    `cards`: by unit the address of its score card, to which the unit's name in the ranking leads.
    """
    page = _Page(lang, cards or {})
    for section in sections(cell for cell in nb.cells if seen(cell, lang)):
        for cell in () if says_nothing(section) else section:
            page.add(cell)
    return page.html(title, made(nb.metadata))


def made(about: Mapping[str, Any]) -> dict[str, str]:
    """What a run noted in a notebook: the report's number, the programs, the command, the digest of what it was made from, whom
    it is about where there is one for each."""
    run, values = about.get("txlib", {}), about.get("papermill", {}).get("parameters", {})
    if not {"inputs", "made_by", "lang"} <= set(run) or "year" not in values:
        return {}
    year, category = str(values["year"]), str(values.get("category", ""))
    options = [f"--category {quoted(category)}" if category else "", "--lang en" if run["lang"] == "en" else ""]
    given = dict(run.get("given", {}))
    options += [f"--notebook {quoted(str(run.get('notebook', '')))}"] if given else []
    options += [f"-p {name} {quoted(str(value))}" for name, value in given.items()]
    command = " ".join(filter(None, ["txlib run", year, *options]))
    return {"number": numbered(year, category, run["inputs"]), "made_by": str(run["made_by"]), "again": command,
            "inputs": str(run["inputs"]), "given": ", ".join(f"{name}={value}" for name, value in given.items()),
            "whom": harmless(str(run.get("whom", "")))}


def quoted(word: str) -> str:
    """A word of a command as a shell takes it: where it holds a single quote, between double ones if nothing in it has a meaning
    there, as PowerShell understands too; else as POSIX has it."""
    return f'"{word}"' if _SINGLE & {*word} and not _IN_DOUBLE & {*word} else shlex.quote(word)


def numbered(year: str, category: str, inputs: str) -> str:
    """The number of a page, made of year, category and the digest of its inputs."""
    return "-".join(filter(None, [year, category, inputs[:8]]))


def seen(cell: NotebookNode, lang: str) -> bool:
    """Whether a reader of this language sees a cell."""
    return not ({*LANGS, "remove-cell"} - {lang}) & {*cell.metadata.get("tags", ())}


def sections(cells: Iterable[NotebookNode]) -> list[list[NotebookNode]]:
    """What stands before the first heading of level 2, then each such heading with what follows it."""
    found: list[list[NotebookNode]] = [[]]
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            found.append([])
        found[-1].append(cell)
    return found


def says_nothing(section: Sequence[NotebookNode]) -> bool:
    """Whether every output of a section is empty or a line that something is missing; False for a section without outputs."""
    outputs = [output for cell in section if cell.cell_type == "code" for output in cell.outputs]
    return bool(outputs) and all(map(_empty, outputs))


def _empty(output: NotebookNode) -> bool:
    html = output.get("data", {}).get("text/html", "something")
    blocks = kept(output.get("metadata", {}).get("text/html"))
    return not html.strip() or (bool(blocks) and all(isinstance(block, Note) and block.missing for block in blocks or ()))


def kept(about: object) -> tuple[ReportBlock, ...] | None:
    """The blocks that an output's HTML was written from; None where it kept none."""
    return unpacked(about.get("blocks")) if isinstance(about, dict) else None


class ReportExporter(Exporter):
    """`jupyter nbconvert --to` and JupyterLab's export menu, through the same `render`."""

    export_from_notebook = "Report (txlib)"
    output_mimetype = "text/html"
    lang = Unicode("zh", help="zh or en").tag(config=True)

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[Any, dict[str, Any]]:
        """The page and nbconvert's resources."""
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        return render(nb, lang=self.lang), resources


def write_page(template: str, lang: str, *, scripts: Sequence[str] = ("page.js",), **values: Any) -> str:
    """A page of our own templates: one style, its scripts, and a policy that lets nothing else in or out."""
    sources = [asset(name) for name in scripts]
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in sources)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    policy = (f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {allowed}; "
              "base-uri 'none'; form-action 'none'")
    return _templates().get_template(template).render(
        lang=lang, html_lang=LANGUAGE_TAGS[lang], say=partial(say, lang=lang),
        policy=policy, scripts=[Markup(script) for script in sources], style=Markup(asset("page.css")), **values,
    )


class _Prose(mistune.HTMLRenderer):
    """Markdown as HTML: raw HTML stays text, headings get the ids s1, s2, … and level 2 a number."""

    def __init__(self, lang: str) -> None:
        super().__init__(escape=True)
        self.lang = lang
        self.titles: list[str] = []
        self.contents: list[tuple[str, Markup]] = []
        self.headings = 0

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        """A heading; the first of level 1 is kept for the head of the page."""
        if level == 1 and not self.titles:
            self.titles.append(text)
            return ""
        level = max(level, 2)
        self.headings += 1
        name = f"s{self.headings}"
        if level == 2:
            text = say("report.section", self.lang, number=_numeral(len(self.contents) + 1, self.lang)) + text
            self.contents.append((name, Markup(words(text))))
        return f'<h{level} id="{name}">{text}</h{level}>\n'

    def paragraph(self, text: str) -> str:
        """A paragraph whose source lines join without a gap between Chinese characters."""
        return f"<p>{_CJK_BREAK.sub('', text)}</p>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture that the page carries itself; of any other, its description."""
        return super().image(text, url, title) if url.startswith("data:image/") else text


class _Page:
    """One report as it grows, cell by cell: its contents, its cover."""

    def __init__(self, lang: str, cards: Mapping[str, str]) -> None:
        self.lang = lang
        self.prose = _Prose(lang)
        self.markdown = mistune.create_markdown(renderer=self.prose, plugins=["table", "strikethrough"])
        self.writer = Numberer(lang, cards)
        self.cover: Cover | None = None
        self.body: list[str] = []
        self.shows: dict[str, Callable[[str, Any], str]] = {
            "text/html": self._html,
            "image/svg+xml": self._svg,
            "image/png": self._png,
            "text/markdown": lambda text, _: self._markdown(text),
            "text/plain": lambda text, _: _plain(text),
        }

    def add(self, cell: NotebookNode) -> None:
        """Append what a cell shows to the page."""
        if cell.cell_type == "markdown":
            self.body.append(self._markdown(cell.source))
        elif cell.cell_type == "code":
            self.body += [self._output(output) for output in cell.outputs]

    def html(self, title: str | None, made: Mapping[str, str]) -> str:
        """The whole page; `made`: its number, what it was made with and how to make it again, empty where nobody says."""
        first = unescape(words(self.prose.titles[0])).strip() if self.prose.titles else ""
        head = harmless(self.cover.title).strip() if self.cover else ""
        name = title or first or head or say("report.untitled", self.lang)
        name = " · ".join(filter(None, [name, made.get("whom")]))
        return write_page(
            "report.html", self.lang, title=name, running=css_string(name), body=Markup("".join(self.body)), made=made,
            cover=Markup(self._head(name, made)), contents=self.prose.contents, number=css_string(made.get("number", "")),
            sample=css_string(say("report.sample", self.lang)) if self.cover and self.cover.sample else "",
            words={key: say(f"report.{key}", self.lang) for key in ("filter", "shown", "sideways")},
        )

    def _head(self, name: str, made: Mapping[str, str]) -> str:
        """The cover with the report's name under its heading and the report's number; without a cover, the name as heading."""
        told = say("report.given", self.lang, values=made["given"]) if made.get("given") else ""
        given = f'<p class="tx-given" role="note">{escaped(told)}</p>\n' if told else ""
        if not self.cover:
            return f"<h1>{escape(name)}</h1>\n{given}"
        under = f'<p class="tx-title">{escape(name)}</p>' if name != harmless(self.cover.title).strip() else ""
        number = f"<span>{say('report.number', self.lang)} <b>{escape(made['number'])}</b></span>" if made else ""
        return given + cover(self.cover, under, number)

    def _markdown(self, text: str) -> str:
        return boxed(str(self.markdown(text))) + "\n"

    def _output(self, output: NotebookNode) -> str:
        if output.output_type == "stream":
            return _plain(output.text) if output.name == "stdout" else ""
        if output.output_type == "error":
            error = _plainly(f"{output.ename}: {output.evalue}")
            failed = say("report.error", self.lang)
            return f'<p class="tx-error" role="note">{failed} <code>{error}</code></p>\n'
        for mime, show in self.shows.items():
            if mime in output.data:
                return show(output.data[mime], output.get("metadata", {}).get(mime, {}))
        return ""

    def _html(self, html: str, about: Any) -> str:
        """What was written from blocks, from its blocks, other HTML as it stands; the first cover goes to the page's head."""
        blocks = kept(about)
        if blocks is None:
            return boxed(html) + "\n"
        first = next(iter(blocks), None)
        if self.cover is None and isinstance(first, Cover):
            self.cover = first
            return self.writer.write(blocks[1:])
        return self.writer.write(blocks) + "\n"

    def _figure(self, title: str, draw: Callable[[str, str], str]) -> str:
        caption, label = self.writer.caption("figure", title)
        name = f"f{self.writer.numbers['figure']}"
        return (
            f'<figure class="tx-figure" id="{name}">{box(label)}{draw(name, label)}</div>'
            f"<figcaption>{caption}</figcaption></figure>\n"
        )

    def _svg(self, svg: str, about: dict[str, Any]) -> str:
        alt = str(about.get("alt", ""))
        draw = lambda name, label: inline_svg(svg, name, alt or unescape(label))  # noqa: E731
        return self._figure(str(about.get("caption", "")), draw)

    def _png(self, png: str, about: dict[str, Any]) -> str:
        alt = escape(str(about.get("alt", "")))
        source = f"data:image/png;base64,{''.join(png.split())}"
        draw = lambda _, label: f'<img src="{source}" alt="{alt or label}">'  # noqa: E731
        return self._figure(str(about.get("caption", "")), draw)


def _plain(text: str) -> str:
    text = text.strip("\n")
    return "" if not text or _NO_PICTURE.fullmatch(text) else f'<pre class="tx-text">{_plainly(text)}</pre>\n'


def _plainly(text: str) -> str:
    """What a program printed, as HTML: without its colours, its lines kept, signs for what is not seen."""
    return "\n".join(map(escaped, _ANSI.sub("", text).split("\n")))


def _numeral(number: int, lang: str) -> str:
    """A section's number: 一, 二, …, 十一 or 1, 2, …, 11."""
    if lang != "zh" or number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    digits = "零一二三四五六七八九"
    return (digits[tens] if tens > 1 else "") + ("十" if tens else "") + (digits[ones] if ones else "")


def css_string(text: str) -> Markup:
    """Text as a CSS string that can end neither itself nor the style element."""
    return Markup('"' + re.sub(r"[^\w ]", lambda m: f"\\{ord(m[0]):06x}", text) + '"')


@cache
def asset(name: str) -> str:
    """A file of the template folder: a style or a script, without space around it."""
    return (FOLDER / name).read_text(encoding="utf-8").strip()


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER, encoding="utf-8"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, finalize=lambda value: value if isinstance(value, Markup) else harmless(value),
    )
