"""What every figure is made with: drawings as SVG for a page and as a small PNG for JupyterLab; rows, bars and panels.

Text has neither font nor colour of its own, so that a page's holds, and stands beside the marks, never on them.
The same input gives the same bytes.
"""

from __future__ import annotations

import base64
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.metadata import distribution
from typing import Any

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from PIL import Image

from txlib.base.text import harmless
from txlib.report.kit.shown import wide

ABOVE, BELOW, PALE, LINE = "#0072b2", "#d55e00", "#bcdcf0", "#8a8a8a"  # apart for the colour-blind and in grey
WIDTH, SMALL = 8.0, 8.5
NAMED = 60  # rows up to which each has its name and its numbers; of more, every tenth is counted
LABEL = 26  # columns of a line of a name; a Chinese character takes two
FONTS = ("Noto Sans SC, Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, Hiragino Sans GB, "
         "WenQuanYi Micro Hei, sans-serif")
SETTINGS: dict[Any, Any] = {
    "font.size": 9.5, "text.parse_math": False, "svg.fonttype": "none", "axes.edgecolor": LINE, "axes.linewidth": 0.6,
    "axes.titlesize": 9.5, "xtick.color": LINE, "ytick.color": LINE, "xtick.labelcolor": "black",
    "ytick.labelcolor": "black", "xtick.labelsize": SMALL, "axes.spines.top": False, "axes.spines.right": False,
    "axes.spines.left": False, "axes.axisbelow": True, "ytick.major.size": 0, "figure.constrained_layout.h_pad": 0.1,
    "figure.constrained_layout.w_pad": 0.12,
}


@dataclass(frozen=True, repr=False)
class Drawn:
    """A figure, and the digest of what is plotted that nbval compares in its stead."""

    svg: str
    png: bytes
    caption: str
    alt: str
    digest: str

    @classmethod
    def of(cls, figure: Figure, caption: str, alt: str, digest: str) -> Drawn:
        """A matplotlib figure as SVG and as PNG."""
        svg = _svg(figure, harmless(alt))
        figure.set_layout_engine("none")  # as laid out for the page
        return cls(svg, _png(figure), harmless(caption), harmless(alt), digest)

    def __repr__(self) -> str:
        return f"{self.caption}\n{self.alt}\n{self.digest}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, str], dict[str, Any]]:
        png = base64.b64encode(self.png).decode("ascii")
        about = {"image/svg+xml": {"alt": self.alt, "caption": self.caption}}
        return {"image/svg+xml": self.svg, "image/png": png, "text/plain": repr(self)}, about


@cache
def font() -> str:
    """The family of the Chinese font that zhplot carries: its file, read by path; the package is not imported.

    Noto Sans SC 2.004, 30,890 characters, under the OFL, in Regular, the one weight that figures use. Other packages of 2026 give
    nothing more: fontpkg has no Chinese, noto-cjk only Japanese weights and a collection; justmytype-intl-cjk and
    manimgx-fonts-cjk have one font of variable weight, which matplotlib draws as Thin; pylopdf-fonts-zh-cn has the same Regular
    and a serif face of 12 MB with it.
    """
    path = str(distribution("zhplot").locate_file("zhplot/fonts/NotoSansSC-Regular.ttf"))
    fontManager.addfont(path)
    return next(entry.name for entry in fontManager.ttflist if entry.fname == path)


@contextmanager
def settings(name: str, lang: str) -> Iterator[None]:
    """Set matplotlib up for one figure while it is drawn and saved; the caller's settings are restored.

    English is measured in a font as wide as any that a browser may take for it, so that nothing is cut off there.
    """
    families = [font(), "DejaVu Sans"] if lang == "zh" else ["DejaVu Sans", font()]
    own = SETTINGS | {"font.family": families, "svg.hashsalt": name}
    with style.context(own, after_reset=True), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        yield


def _svg(figure: Figure, alt: str) -> str:
    """The figure as one SVG element: no prolog, no metadata, no ids but those referred to."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    svg = re.sub(r"^.*?(?=<svg)|\s*<metadata>.*?</metadata>|\s*<!--.*?-->", "", buffer.getvalue(), flags=re.S).strip()
    used = set(re.findall(r"(?:url\(|href=\")#([^)\"]+)", svg))

    def bare(tag: re.Match[str]) -> str:
        own = re.sub(r"font-family: [^;\"]*;? ?", "", tag[0])
        return re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in used else "", own)

    svg = re.sub(r"<[^>]*>", bare, svg)  # not what stands between them: a name may look like an attribute
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(alt)}" font-family="{FONTS}"', 1)


def _png(figure: Figure) -> bytes:
    """The figure as a PNG of 64 colours on white."""
    small = io.BytesIO()
    figure.set_dpi(96)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    Image.fromarray(pixels).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(small, format="PNG", optimize=True)
    return small.getvalue()


def fitted(text: str, width: int = LABEL, most: int = 2) -> str:
    """A name on at most `most` lines of `width` columns; what lies beyond gives way to an ellipsis."""
    lines = [""]
    for word in re.findall(r"（[^（）]{1,6}）|[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+", harmless(text)):
        if lines[-1] and wide((lines[-1] + word).rstrip()) > width:
            lines.append("")
        lines[-1] += word
    kept = [line.rstrip() for line in lines[:most]]
    if len(lines) > most:
        kept[-1] += "…"
    for i, line in enumerate(kept):
        while wide(line) > width:
            line = line.rstrip("…")[:-1] + "…"
        kept[i] = line
    return "\n".join(kept)


def high(labels: Sequence[str], row: float) -> float:
    """The height of rows with these labels in inches; `row`: that of one with a label of one line."""
    if len(labels) > NAMED:
        return 0.04 * len(labels)
    return row * len(labels) * (1.45 if any("\n" in fitted(label) for label in labels) else 1.0)


def rows(axes: Axes, labels: Sequence[str], height: int | None = None, most: int = 2) -> None:
    """Label the rows of a chart from the top; the chart is `height` rows high, by default as many as there are labels."""
    if len(labels) > NAMED:
        axes.set_yticks(range(9, len(labels), 10), [str(i + 1) for i in range(9, len(labels), 10)])
    else:
        axes.set_yticks(range(len(labels)), [fitted(label, most=most) for label in labels], linespacing=1.2)
    axes.set_ylim((height or len(labels)) - 0.4, -0.6)


def bars(axes: Axes, values: Sequence[float], labels: Sequence[str], at: Sequence[float] | None = None, **look: Any) -> None:
    """Draw horizontal bars from zero with their labels beside them, one in each row or at the heights `at`."""
    heights = range(len(values)) if at is None else at
    axes.barh(heights, values, linewidth=0.6, **look)
    for i, value, label in zip(heights, values, labels, strict=True) if len(labels) <= NAMED else ():
        side = -1 if value < 0 else 1
        axes.annotate(label, (value if value == value else 0, i), (3 * side, 0), textcoords="offset points",
                      va="center", ha="left" if side > 0 else "right", fontsize=SMALL)
    axes.axvline(0, color=LINE, linewidth=0.8)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)


def panels(figure: Figure, count: int, across: int, **shared: Any) -> list[Axes]:
    """`count` panels in rows of at most `across`."""
    down = -(-count // across)
    axes: list[Axes] = list(figure.subplots(down, min(count, across), squeeze=False, sharex=True, **shared).flat)
    for spare in axes[count:]:
        spare.set_visible(False)
    return axes[:count]
