"""The parameters that a notebook declares in its cell, what it runs `for_each` of, and values given for them with -p."""

from __future__ import annotations

import ast
import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from txlib.base.labels import say

Single = str | int | float | bool
Setting = Single | tuple[Single, ...]  # a list is held as a tuple, for what holds it is frozen
Values = tuple[tuple[str, Setting], ...]

PASSED = ("year", "category", "lang")
FOR_EACH = ("unit", "lead", "category")
KINDS = {"str": str, "int": int, "float": float, "bool": bool}


@dataclass(frozen=True)
class Parameter:
    """A parameter by its name: its kind (of KINDS, or a list of such; empty where -p cannot give it), its default as written, and
    its `choices` where only some values are declared."""

    name: str
    kind: str
    default: str
    choices: tuple[Single, ...] = ()

    @property
    def allowed(self) -> str:
        """Its kind, or its choices, as Python writes them."""
        return " | ".join(map(repr, self.choices)) or self.kind

    def parsed(self, text: str) -> Setting:
        """What a user has typed for it; ValueError where that is not of its kind."""
        value = _elements(text, self.kind) if self.kind.startswith("list") else _scalar(text, self.kind)
        json.dumps(value, allow_nan=False)
        if self.choices and value not in self.choices:
            raise ValueError(text)
        return value

    def is_default(self, value: Setting) -> bool:
        """Whether a value is what it has anyway."""
        return _literal(self.default) == as_given(value)


def _scalar(text: str, kind: str) -> Single:
    if kind == "bool" and text.lower() not in ("true", "false"):
        raise ValueError(text)
    value: Single = text.lower() == "true" if kind == "bool" else KINDS[kind](text)
    return value


def _elements(text: str, kind: str) -> tuple[Single, ...]:
    """A list as Python writes it, of numbers, texts and truth values; ValueError where it is none of that kind."""
    value, allowed = _literal(text), KINDS.get(kind[len("list["):-1])
    wanted = {allowed, int} if allowed is float else {allowed} if allowed else {*KINDS.values()}
    if not isinstance(value, list) or not {type(each) for each in value} <= wanted:
        raise ValueError(text)
    return tuple(value)


def _literal(text: str) -> object:
    """The value that Python code writes out; Ellipsis where it writes none."""
    try:
        return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ...


def as_given(value: Setting) -> Single | list[Single]:
    """A value as a notebook has it."""
    return list(value) if isinstance(value, tuple) else value


def held(values: Any) -> Values:
    """By name the values that a notebook has, as they are held here; TypeError, ValueError where there are none such."""
    return tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in dict(values).items())


def declared(source: str) -> Iterator[Parameter]:
    """What a cell of parameters assigns; SyntaxError where it cannot be read."""
    for line in ast.parse(source).body:
        targets = line.targets if isinstance(line, ast.Assign) else [getattr(line, "target", None)]
        value = getattr(line, "value", None)
        default = ast.unparse(value) if value else ""
        named = _named(line.annotation) if isinstance(line, ast.AnnAssign) else [type(_literal(default)).__name__]
        choices = tuple(dict.fromkeys(each for of in named if isinstance(of, tuple) for each in of))
        kinds = {each for each in named if isinstance(each, str)} | {type(each).__name__ for each in choices}
        kind = kinds.pop() if len(kinds) == 1 else ""
        fit = kind if kind in (*KINDS, "list", *(f"list[{each}]" for each in KINDS)) else ""
        only = choices if all(isinstance(each, tuple) for each in named) else ()
        for target in targets:
            if isinstance(target, ast.Name):
                yield Parameter(target.id, fit, default, only)


def _named(annotation: ast.expr) -> list[str | tuple[Single, ...]]:
    """The types that an annotation names, beside None, the values of a Literal as such: one, or several of a union."""
    if isinstance(annotation, ast.BinOp):
        return _named(annotation.left) + _named(annotation.right)
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        with contextlib.suppress(SyntaxError):
            return _named(ast.parse(annotation.value.strip(), mode="eval").body)
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return []
    of = annotation.slice if isinstance(annotation, ast.Subscript) else None
    name = ast.unparse(annotation.value if isinstance(annotation, ast.Subscript) else annotation).rpartition(".")[2]
    parts = of.elts if isinstance(of, ast.Tuple) else [of] if of else []
    if name in ("Optional", "Union"):
        return [each for part in parts for each in _named(part)]
    if name == "Literal":
        values = [_literal(ast.unparse(part)) for part in parts]
        return [tuple(each for each in values if isinstance(each, str | int | float))]
    return [ast.unparse(annotation)]


def for_each(name: str, asked: object, names: Iterable[str], lang: str) -> tuple[str, list[str]]:
    """What a notebook of this name runs for each of, by its metadata, empty where it says nothing; and what is wrong with it."""
    if asked in (None, ""):
        return "", []
    if asked not in FOR_EACH:
        return "", [say("cli.unknown_for_each", lang, name=name, found=asked, known=", ".join(FOR_EACH))]
    if asked not in names:
        return "", [say("cli.for_each_parameter", lang, name=name, parameter=asked)]
    return str(asked), []


def typed(known: Iterable[tuple[str, Iterable[Parameter]]], pairs: Iterable[tuple[str, str]],
          lang: str) -> tuple[dict[str, dict[str, Setting]], list[str]]:
    """By notebook the values for its parameters that are none of its defaults, from names and texts as typed, the last of a name;
    and what cannot be given: what no notebook has, or what is not of its kind."""
    books = [(book, {each.name: each for each in parameters}) for book, parameters in known]
    settable = sorted({f"{each.name} ({each.allowed})" for _, has in books for each in has.values() if each.kind})
    found: dict[str, dict[str, Setting]] = {book: {} for book, _ in books}
    wrong: list[str] = []
    for name, text in dict(pairs).items():
        having = [(book, has[name]) for book, has in books if name in has]
        if name in PASSED:
            wrong.append(say("cli.own_option", lang, name=name, option={"year": "YEAR"}.get(name, f"--{name}")))
            continue
        if not having:
            wrong.append(say("cli.unknown_value", lang, name=name, known=", ".join(settable) or "—"))
        for book, each in having:
            if not each.kind:
                wrong.append(say("cli.ungiven_value", lang, name=name, notebook=book, kinds=", ".join(KINDS)))
                continue
            try:
                value = each.parsed(text)
            except ValueError:
                wrong.append(say("cli.unfit_value", lang, name=name, text=text, kind=each.allowed, notebook=book))
                continue
            found[book] |= {} if each.is_default(value) else {name: value}
    return found, wrong


def as_notebook(values: Values) -> dict[str, Single | list[Single]]:
    """Values as a notebook has them, by name."""
    return {name: as_given(value) for name, value in values}


def in_words(values: Values) -> str:
    """Values as a user would write them."""
    return ", ".join(f"{name}={as_given(value)}" for name, value in values)
