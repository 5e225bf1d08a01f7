"""Commands that cannot begin, and say why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any

import click

from txlib.base.faults import printable


class RefusedError(click.ClickException):
    """A command that cannot begin; `messages` say why, one for each fault, in the language asked for."""

    exit_code = 2

    def __init__(self, messages: Iterable[str]) -> None:
        self.messages = tuple(map(printable, messages))
        super().__init__("\n".join(self.messages))

    def show(self, file: IO[Any] | None = None) -> None:
        """The messages on stderr, as they are."""
        click.echo(self.message, file=file, err=True)
