"""What is wrong with a command as it was typed, in the language that it asks for: click says it in English alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import click

from txlib.base.labels import LANGS, say
from txlib.run.refused import RefusedError


class TypedCommand(click.Command):
    """A command whose faults in typing are told in the language asked for."""

    allow_extra_args = True  # refused here, as words that a message can name

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The words of the command, none too many."""
        with in_words(ctx):
            if rest := super().parse_args(ctx, args):
                raise click.BadArgumentUsage(" ".join(rest), ctx)
            return rest


class TypedGroup(click.Group):
    """Commands of this kind."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The words before a command; all that was typed stays in `ctx.obj`."""
        ctx.obj = tuple(args)
        with in_words(ctx):
            return super().parse_args(ctx, args)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """The command that is named."""
        with in_words(ctx):
            return super().resolve_command(ctx, args)


@contextmanager
def in_words(ctx: click.Context) -> Iterator[None]:
    """RefusedError in place of click's UsageError, but where that is the help. `ctx.obj`: all that was typed."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        lang, pieces = asked(ctx.obj), " ".join(ctx.command.collect_usage_pieces(ctx))
        usage = say("usage.usage", lang, command=ctx.command_path, pieces=pieces)
        raise RefusedError([_wrong(error, ctx, lang), usage]) from error


def asked(typed: Sequence[str]) -> str:
    """The language of the last --lang that is one; Chinese where there is none."""
    words = [part for word in typed for part in (word.split("=", 1) if word.startswith("--lang=") else [word])]
    given = [value for name, value in pairwise(words) if name == "--lang" and value in LANGS]
    return given[-1] if given else LANGS[0]


def _wrong(error: click.UsageError, ctx: click.Context, lang: str) -> str:
    """The fault in a line, with what comes near to it or what can stand there."""
    near = ", ".join(sorted(getattr(error, "possibilities", None) or ()))
    meant = say("usage.meant", lang, near=near) if near else ""
    commands = ", ".join(sorted(ctx.command.commands)) if isinstance(ctx.command, click.Group) else ""
    if isinstance(error, click.BadParameter) and error.param:
        return _value(error, error.param, ctx, lang)
    if isinstance(error, click.BadArgumentUsage):
        return say("usage.too_much", lang, words=error.message)
    if isinstance(error, click.BadOptionUsage):
        option = next(param for param in ctx.command.get_params(ctx) if error.option_name in param.opts)
        flag = isinstance(option, click.Option) and option.is_flag
        return say(f"usage.{'flag' if flag else 'without'}", lang, name=error.option_name, value=option.make_metavar(ctx))
    if name := getattr(error, "command_name", ""):  # NoSuchCommand, of click 8.4 and later
        return say("usage.no_command", lang, name=name) + (meant or say("usage.known", lang, known=commands))
    if isinstance(error, click.NoSuchOption):
        return say("usage.no_option", lang, name=error.option_name) + (meant or (say("usage.after", lang) if commands else ""))
    return say("usage.other", lang, error=error.format_message())


def _value(error: click.BadParameter, param: click.Parameter, ctx: click.Context, lang: str) -> str:
    """A value that is missing, or what it has to be by its type."""
    name = param.make_metavar(ctx) if isinstance(param, click.Argument) else " / ".join(param.opts)
    kind = param.type
    if isinstance(error, click.MissingParameter):
        return say("usage.missing", lang, name=name)
    if isinstance(kind, click.Choice):
        return say("usage.choice", lang, name=name, known=", ".join(map(str, kind.choices)))
    if isinstance(kind, click.IntRange):
        most = "" if kind.max is None else say("usage.most", lang, most=kind.max)
        return say("usage.whole", lang, name=name, least=kind.min, most=most)
    if isinstance(kind, click.Path):
        return say("usage.folder" if kind.exists else "usage.path", lang, name=name)
    return say("usage.other", lang, error=error.format_message())
