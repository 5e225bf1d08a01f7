"""The parameters that a notebook declares in its cell, what it runs `for_each` of, and values given for them with -p."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from txlib.base.labels import say

Setting = str | int | float | bool
Values = tuple[tuple[str, Setting], ...]

PASSED = ("year", "category", "lang")
FOR_EACH = ("unit", "lead", "category")
KINDS = {"str": str, "int": int, "float": float, "bool": bool}


@dataclass(frozen=True)
class Parameter:
    """A parameter by its name: its kind (of KINDS; empty where none is declared that -p can give), its default as written."""

    name: str
    kind: str
    default: str

    def parsed(self, text: str) -> Setting:
        """What a user has typed for it; ValueError where that is not of its kind."""
        if self.kind == "str":
            return text
        value: Setting = {"true": True, "false": False}[text.lower()] if self.kind == "bool" else KINDS[self.kind](text)
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(text)
        return value

    def is_default(self, value: Setting) -> bool:
        """Whether a value is what it has anyway."""
        return self.default in (repr(value), json.dumps(value))


def declared(source: str) -> Iterator[Parameter]:
    """What a cell of parameters assigns; SyntaxError where it cannot be read."""
    for line in ast.parse(source).body:
        targets = line.targets if isinstance(line, ast.Assign) else [getattr(line, "target", None)]
        value = getattr(line, "value", None)
        default = {type(value.value).__name__} if isinstance(value, ast.Constant) else set[str]()
        kinds = _named(line.annotation) if isinstance(line, ast.AnnAssign) else default
        kind = next(iter(kinds)) if len(kinds) == 1 and kinds <= {*KINDS} else ""
        for target in targets:
            if isinstance(target, ast.Name):
                yield Parameter(target.id, kind, ast.unparse(value) if value else "")


def _named(annotation: ast.expr) -> set[str]:
    """The types that an annotation names, beside None: one, or several joined by |."""
    if isinstance(annotation, ast.BinOp):
        return _named(annotation.left) | _named(annotation.right)
    return set() if isinstance(annotation, ast.Constant) and annotation.value is None else {ast.unparse(annotation)}


def for_each(name: str, asked: object, names: Iterable[str], lang: str) -> tuple[str, list[str]]:
    """What a notebook of this name runs for each of, by its metadata, empty where it says nothing; and what is wrong with it."""
    if asked in (None, ""):
        return "", []
    if asked not in FOR_EACH:
        return "", [say("cli.unknown_for_each", lang, name=name, found=asked, known=", ".join(FOR_EACH))]
    if asked not in names:
        return "", [say("cli.for_each_parameter", lang, name=name, parameter=asked)]
    return str(asked), []


def given(known: Iterable[tuple[str, Iterable[Parameter]]], pairs: Iterable[tuple[str, str]],
          lang: str) -> tuple[dict[str, dict[str, Setting]], list[str]]:
    """By notebook the values for its parameters that are none of its defaults, from names and texts as typed, the last of a name;
    and what cannot be given: what no notebook has, or what is not of its kind."""
    books = [(book, {each.name: each for each in parameters}) for book, parameters in known]
    settable = sorted({f"{each.name} ({each.kind})" for _, has in books for each in has.values() if each.kind})
    found: dict[str, dict[str, Setting]] = {book: {} for book, _ in books}
    wrong: list[str] = []
    for name, text in dict(pairs).items():
        having = [(book, has[name]) for book, has in books if name in has]
        if name in PASSED:
            wrong.append(say("cli.own_option", lang, name=name, option={"year": "YEAR"}.get(name, f"--{name}")))
        elif not any(each.kind for _, each in having):
            wrong.append(say("cli.unknown_value", lang, name=name, known=", ".join(settable) or "—"))
        for book, each in having if name not in PASSED else ():
            try:
                value = each.parsed(text)
            except (ValueError, KeyError):
                wrong.append(say("cli.unfit_value", lang, name=name, text=text, kind=each.kind, notebook=book))
                continue
            found[book] |= {} if each.is_default(value) else {name: value}
    return found, wrong


def told(values: Values) -> str:
    """Values as a user would write them."""
    return ", ".join(f"{name}={value}" for name, value in values)
