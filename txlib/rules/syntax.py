"""What breaks the form of a YAML file, told by what stands there: the parser's own words are for programmers. And what lies in
the place of a file or folder that is not there."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from txlib.base.faults import Fault, Where
from txlib.base.text import comparable

_HALF = dict(zip("：，｛｝【】“”", ':,{}[]""', strict=True))
_WIDE = "[：，｛｝【】“”]"
_AROUND = ("“”", "【】", "｛｝", '“"', '"”', "““", "””")
_QUOTED = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'"
_SYNTAX = re.compile(r"(?:^|(?<=[\s{\[,，｛【]))[A-Za-z_][\w.]*\s*：|^\s*(?:- )?[\w.]+\s*："
                     r"|(?<=[\"'\w%}\]｝】”])\s*，(?=[\s\"'\w{\[“])|(?:^|(?<=[:：\-\[{,，]))\s*[｛【“]|[｝】](?=\s*(?:$|[,，}\]｝】#]))")
_CODES = re.compile(r"[\w.%]+(，[\w.%]+)+", re.ASCII)
_DASH = re.compile(r"\s*(-)(?=[^\s\d-])")
_TIGHT = re.compile(r"\s*(?:- )?[^\W\d][\w.]*(:)(?=\S)")
_SPACE = re.compile(r"[ \t]*([\xa0\u2000-\u200a\u202f\u205f\u3000])\s*(?:- |[A-Za-z_][\w.]*\s*[:：])")
_PARTED = re.compile(r"\s*([、；;])\s*[\"'\w{\[]")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


def alike(path: Path) -> str:
    """What lies beside a path that is not there and was perhaps meant, as a question, as the texts of faults take it: in another
    case or width, with more around it or another suffix, or misspelt but for its digits. Empty where nothing is."""
    try:
        plain = {each.name: comparable(each.name).lower() for each in path.parent.iterdir()}
    except OSError:
        return ""
    stem = comparable(path.stem).lower()
    letter = "[a-z0-9_]" if stem.isascii() else r"\w"
    held = re.compile(rf"(?<!{letter}){re.escape(stem)}(?!-?{letter})")
    stems = {name: text.partition(".")[0] for name, text in plain.items() if _digits(text) == _digits(stem)}
    meant = [name for name in plain if held.search(plain[name])] or [
        name for name in stems if difflib.get_close_matches(stem, [stems[name]], 1, 0.8)]
    return f" “{'”, “'.join(sorted(meant)[:3])}”?" if meant else ""


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def broken(text: str, file: str, error: Any) -> Fault:
    """The fault for an error of the parser, at the line and place of what caused it."""
    problem, mark, context = str(error), getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    if odd := yaml.reader.Reader.NON_PRINTABLE.search(text):
        return Fault.of("yaml_character", file, len(_BREAK.findall(text[: odd.start()])) + 1, found=f"U+{ord(odd[0]):04X}")
    if mark is None:
        return Fault.of("yaml", file)
    lines = [*_BREAK.split(text), ""]
    if "single document" in problem:
        return _told("yaml_documents", file, lines[mark.line], mark.line, mark.column)
    for each in [context, mark] if "simple key" in problem else [mark]:
        for code, at, meant in _causes(lines[each.line], each.column, problem):
            return _told(code, file, lines[each.line], each.line, at, meant)
    if opened := context if "quoted" in problem and "end of stream" in problem else _opened(text, mark.line):
        return _told("yaml_quote_open", file, lines[opened.line], opened.line, opened.column)
    if "flow" in problem and context is not None and (mark.line > context.line or "#" in lines[context.line]):
        for code, at, meant in _causes(lines[context.line], len(lines[context.line]), ""):
            return _told(code, file, lines[context.line], context.line, at, meant)
        return _told("yaml_bracket", file, lines[context.line], context.line, context.column)
    line, before = lines[mark.line], lines[mark.line][: mark.column]
    inside = "mapping values" in problem and ": " in before
    code = "yaml_colon_inside" if inside else "yaml_indent" if not before.strip() or "mapping values" in problem else "yaml"
    return _told(code, file, line, mark.line, 0 if inside else mark.column, str(len(line) - len(line.lstrip(" "))))


def wide_spaces(text: str, file: str) -> list[Fault]:
    """The lines that are indented by spaces that are none to YAML: of double width, as Chinese paragraphs begin, or hard ones."""
    found = ((row, _SPACE.match(line)) for row, line in enumerate(_BREAK.split(text)))
    return [Fault.of("yaml_space", file, row + 1, found=line[0].strip(), column=line.start(1) + 1) for row, line in found if line]


def _told(code: str, file: str, line: str, row: int, at: int, meant: str = "") -> Fault:
    """A fault at a place in a line: what stands there, and the number of its first character."""
    found = line[at] if code == "yaml_full_width" else line[at:].strip() or line.strip()
    return Fault.of(code, file, row + 1, found=found, column=at + 1, meant=meant)


def _causes(line: str, column: int, problem: str) -> Iterator[tuple[str, int, str]]:
    """What in a line may have caused it: the fault's code, where it begins, what is to be written."""
    bare = re.sub(_QUOTED, lambda quoted: quoted[0][0] + "x" * (len(quoted[0]) - 2) + quoted[0][0], line)
    noted = re.search(r"\s(#)", bare)
    if noted and not _in_brackets(bare[: noted.start()]):
        bare, noted = bare[: noted.start()], None  # what a comment says has caused nothing
    if tab := re.match(r"\s*?(?:- *)?(\t)", line) or re.compile(r"(\t)").match(line, column):
        yield "yaml_tab", tab.start(1), ""
    if wide := _SYNTAX.search(bare):
        yield "yaml_full_width", wide.end() - 1, _HALF[line[wide.end() - 1]]
    if _in_brackets(bare[:column]) and (parted := _PARTED.match(bare, column)):
        yield "yaml_full_width", parted.start(1), ","
    if noted:
        yield "yaml_note", noted.start(1), ""
    if (quoted := re.search(rf"({_QUOTED})\s*$", line[:column])) and line[column:]:
        whole = _scalar(line, bare, quoted.start(), column)
        yield "yaml_quote", quoted.start(), f'"{whole}"' if '"' not in whole else "'" + whole.replace("'", "''") + "'"
    for code, pattern in (("yaml_dash", _DASH), ("yaml_colon", _TIGHT)):
        if found := pattern.match(bare):
            yield code, found.start(1), f"{line[: found.end(1)].strip()} {line[found.end(1):].strip()}"
    if "start any token" in problem or "scanning an alias" in problem or "escape character" in problem:
        at = column - ("start any token" not in problem)
        yield ("yaml_escape", at, "") if "escape" in problem else ("yaml_start", at, f"'{_scalar(line, bare, at, at)}'")


def _in_brackets(text: str) -> bool:
    return len(re.findall(r"[{\[]", text)) > len(re.findall(r"[}\]]", text))


def _scalar(line: str, bare: str, start: int, after: int) -> str:
    """A text of a line as it was meant, from its start to the end that follows: within brackets, up to the next sign of them."""
    ends = r"[^,}\]]*" if re.search(r"[{\[]", bare[:start]) else r".*?(?=\s+#|$)"
    return line[start:re.compile(ends).match(line, after).end()].strip()  # type: ignore[union-attr]


def _opened(text: str, row: int) -> Any:
    """Where a quote opens that runs over lines, up to the one at fault; None where there is none."""
    opened = None
    with suppress(yaml.YAMLError):
        for token in yaml.scan(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            quoted = isinstance(token, yaml.ScalarToken) and token.style in ("'", '"')
            opened = token.start_mark if quoted and token.start_mark.line < token.end_mark.line == row else opened
    return opened


def misread(node: Any, file: str, where: str, *, key: bool = False) -> list[Fault]:
    """The fault of a scalar without quotes that is valid and was meant otherwise: a sign too wide, a dash without space."""
    text, row, column = node.value, node.start_mark.line + 1, node.start_mark.column + 1
    if node.style in ("'", '"', "|", ">"):
        return []
    if key and _DASH.match(text):
        return [Fault.of("yaml_dash", file, row, found=text, column=column, meant=f"- {text[1:]}")]
    around = text[:1] + text[-1:] in _AROUND and not re.search(_WIDE, text[1:-1])
    wide = re.search(_WIDE, text) if key or around or _CODES.fullmatch(text) else None
    return [Fault.of("yaml_full_width", file, row, Where(column="" if key else where), found=wide[0], meant=_HALF[wide[0]],
                     column=column + wide.start())] if wide else []
