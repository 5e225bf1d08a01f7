"""The map of the house, drawn from its imports: `python tests/rooms.py` writes tests/house/rooms.svg, CONTRIBUTING has it.

A room stands above those that it may import. A line leads down to a room that is imported, but for those that are reached
through another one anyway.
"""

from __future__ import annotations

import ast
from html import escape
from pathlib import Path

import txlib

PACKAGE = Path(txlib.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
ORDER = ("base", "spreadsheet", "methods", "rules", "intake", "scoring", "audits", "assess", "editions", "sensitivity", "report",
         "run", "cli")
CORE = ("base", "methods", "rules", "scoring", "assess")
MAP = Path(__file__).parent / "house" / "rooms.svg"
WIDTH, ROW, LEFT, BOX, GAP = 880, 46, 120, 690, 12
STYLE = """svg{font:15px system-ui,"Noto Sans CJK SC",sans-serif;--ink:#1a1a1a;--line:#5b6770;--box:#fff;--core:#dcebf7}
rect{fill:var(--box);stroke:var(--line)}.core{fill:var(--core)}text{fill:var(--ink)}.name{font-weight:600}
path{fill:none;stroke:var(--line);stroke-width:1.5}.tip{fill:var(--line);stroke:none}
@media (prefers-color-scheme:dark){svg{--ink:#e8e8e8;--line:#9aa7b1;--box:#1d2226;--core:#1f3a52}}"""


def files(room: str) -> list[Path]:
    """The modules of a room."""
    return sorted((PACKAGE / room).rglob("*.py")) if (PACKAGE / room).is_dir() else [PACKAGE / f"{room}.py"]


def sentence(room: str) -> str:
    """What a room says it is for."""
    file = PACKAGE / room / "__init__.py"
    tree = ast.parse((file if file.is_file() else PACKAGE / f"{room}.py").read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").split("\n\n")[0].replace("\n", " ")


def dotted(path: Path) -> str:
    """A module's or a package's name below txlib; empty for txlib itself."""
    return ".".join(part for part in path.relative_to(PACKAGE).with_suffix("").parts if part != "__init__")


def names_in(tree: ast.AST) -> set[str]:
    """The modules and packages of txlib that code imports, at its top or inside, by their names below it."""
    every, names = {dotted(each) for each in MODULES}, set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            home = node.module or ""
            inner = {f"{home}.{alias.name}" for alias in node.names}
            names |= {name if name.removeprefix("txlib.") in every else home for name in inner}
    below = {name.removeprefix("txlib").removeprefix(".") for name in names if name.split(".")[0] == "txlib"}
    return (below & every) - {""}


def imports(room: str) -> set[str]:
    """The rooms that a room imports, at the top of a module or inside."""
    names = {name for file in files(room) for name in names_in(ast.parse(file.read_text(encoding="utf-8")))}
    return {name.split(".")[0] for name in names} - {room}


def lines() -> dict[str, set[str]]:
    """By room the rooms that it imports and does not reach through another one that it imports."""
    direct = {room: imports(room) for room in ORDER}

    def below(room: str) -> set[str]:
        return direct[room].union(*map(below, direct[room]))

    return {room: {each for each in mine if not any(each in below(other) for other in mine)} for room, mine in direct.items()}


def _wrapped(text: str, most: int = 96) -> list[str]:
    """A text on at most two lines."""
    words, first = text.split(" "), ""
    while words and len(f"{first} {words[0]}") <= most:
        first = f"{first} {words.pop(0)}".strip()
    return [first, *([" ".join(words)] if words else [])]


def drawn() -> str:
    """The map as SVG."""
    top = {room: GAP + (len(ORDER) - 1 - i) * (ROW + GAP) for i, room in enumerate(ORDER)}
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {len(ORDER) * (ROW + GAP) + GAP}" role="img" '
             'aria-label="The rooms of txlib, each above those that it imports; the core is shaded">', f"<style>{STYLE}</style>"]
    for room, y in top.items():
        kind = ' class="core"' if room in CORE else ""
        parts.append(f'<rect x="{LEFT}" y="{y}" width="{BOX}" height="{ROW}" rx="6"{kind}/>')
        parts.append(f'<text class="name" x="{LEFT - 10}" y="{y + ROW / 2 + 5:g}" text-anchor="end">{room}</text>')
        said = _wrapped(sentence(room))
        for n, line in enumerate(said):
            y_line = y + ROW / 2 + 5 + (n - (len(said) - 1) / 2) * 17
            parts.append(f'<text x="{LEFT + 12}" y="{y_line:g}" font-size="13">{escape(line)}</text>')
    right = LEFT + BOX
    for room, mine in lines().items():
        for each in sorted(mine, key=ORDER.index):
            far = ORDER.index(room) - ORDER.index(each)
            start, end = top[room] + ROW * 0.7, top[each] + ROW * 0.3
            bend = right + 20 + 17 * far
            parts.append(f'<path d="M{right} {start:g}C{bend} {start:g} {bend} {end:g} {right + 7} {end:g}"/>')
            parts.append(f'<path class="tip" d="M{right} {end:g}l9 -4.5v9z"/>')
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    MAP.write_text(drawn(), encoding="utf-8")
