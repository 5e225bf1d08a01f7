"""The commands: init, run, check, template, new, diff, lab, schema. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

import txlib
from txlib.base.faults import printable
from txlib.base.files import hindrance, named
from txlib.base.labels import LANGS, counted, say
from txlib.run.stop import limited, to_be_stopped
from txlib.run.usage import TypedCommand, TypedGroup

if TYPE_CHECKING:
    from txlib.run.batch import Run
    from txlib.run.editions import Printout

INTERRUPTED = 130
LIMIT = 6 * 3600  # seconds that a run may take


def both(key: str) -> str:
    """A text of labels/run/cli.yaml in both languages, for help that knows no --lang yet."""
    return f"{say(f'cli.{key}', 'zh')} {say(f'cli.{key}', 'en')}"


def options(*names: str) -> Callable[[Any], Any]:
    """The options that several commands share."""
    known: dict[str, Any] = {
        "root": click.option("--root", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR",
                             help=both("help_root")),
        "category": click.option("--category", "categories", multiple=True, metavar="C", help=both("help_category")),
        "lang": click.option("--lang", type=click.Choice(LANGS), default="zh", help=both("help_lang")),
    }

    def decorate(command: Any) -> Any:
        for name in reversed(names):
            command = known[name](command)
        return command

    return decorate


class Command(TypedCommand):
    """A command; a file or folder that cannot be read or written ends it with exit status 2, its path and what to do."""

    def invoke(self, ctx: click.Context) -> Any:
        """The command; OSError is said here for all of them, but for a reader of stdout that is gone."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            path = Path(named(error))
            place = next((above for above in path.parents if above.is_file()), path)  # a file where a folder should be
            refuse(printable(hindrance(error, ctx.params.get("lang", LANGS[0]), short(place) if named(error) else "")))


class Commands(TypedGroup):
    """The commands of txlib."""

    command_class = Command


@click.group(help=both("help"), cls=Commands)
@click.version_option(txlib.__version__, message="%(version)s")
def main() -> None:
    """The command line. Texts are UTF-8 wherever they go."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


@main.command(help=both("help_run"), short_help=both("help_run"))
@click.argument("year")
@options("root", "category")
@click.option("--notebook", "notebooks", multiple=True, metavar="N", help=both("help_notebook"))
@options("lang")
@click.option("-p", "--parameter", "given", nargs=2, multiple=True, metavar="NAME VALUE", help=both("help_parameter"))
@click.option("--columns", type=click.Choice(LANGS), help=both("help_columns"))
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help=both("help_jobs"))
@click.option("--force", is_flag=True, help=both("help_force"))
@click.option("--limit", type=click.IntRange(1, 10_000_000), default=LIMIT, metavar="SECONDS", help=both("help_limit"))
@click.option("--log", "log_file", type=click.Path(path_type=Path), metavar="FILE", help=both("help_log"))
def run(year: str, root: Path | None, categories: Sequence[str], notebooks: Sequence[str], lang: str,
        given: Sequence[tuple[str, str]], columns: str | None, jobs: int | None, force: bool, limit: int,
        log_file: Path | None) -> None:
    """Exit status 0, 1 or 2 as the contract says; 130 on Ctrl-C, 1 where the limit strikes."""
    begun = time.monotonic()
    aloud(say("cli.reading", lang, year=year))
    from txlib.run.cells.notebook import lean_imports

    lean_imports()
    struck: list[bool] = []
    options = {"year": year, "category": categories, "notebook": notebooks, "parameter": [name for name, _ in given],
               "lang": lang, "columns": columns, "jobs": jobs,
               "force": force, "limit": limit}
    try:
        from txlib.rules.book import find_root
        from txlib.run import batch, log
        from txlib.run.cells.workers import Workers

        to_be_stopped()
        with log.kept(log_file, find_root(root), options) as incomplete:
            with limited(limit, struck):
                result = batch.run(root, year, categories, notebooks, lang=lang, columns=columns,
                                   executor=log.noting(Workers(jobs)), force=force, told=aloud,
                                   given=given)
            log.ended(result)
    except KeyboardInterrupt:
        if struck:
            refuse(counted("cli.over_limit", lang, limit), 1)
        refuse(say("cli.interrupted", lang), INTERRUPTED)
    tell(result, lang, time.monotonic() - begun)
    for name in incomplete:
        click.echo(printable(say("cli.log_incomplete", lang, file=name)), err=True)
    sys.exit(result.exit_status or bool(incomplete))


@main.command(help=both("help_check"), short_help=both("help_check"))
@click.argument("year")
@options("root", "category", "lang")
@click.option("--pages", "paged", is_flag=True, help=both("help_pages"))
def check(year: str, root: Path | None, categories: Sequence[str], lang: str, paged: bool) -> None:
    """All faults on stderr, exit status 2; or one line that there are none, 1 where something is to be decided or renamed, or
    where the pages asked for could not be made."""
    from txlib.rules.book import find_root
    from txlib.run import editions, moved, plan
    from txlib.run.kept import manifest

    book, tables, faults = plan.read_year(root, year, categories, lang)
    elsewhere = moved.moved_lines(find_root(root) / "notebooks", lang)
    others = {*book.rules.categories} - {*categories} if book and categories else ()
    marks = editions.still_open(find_root(root), year, others) if book else []
    faulty = plan.fault_lines(book, categories, faults, lang)
    remarks = plan.remark_lines(book, tables, faults, categories, lang, find_root(root) / "outputs" / year)
    remarks += manifest.broken_off(find_root(root) / "outputs" / year, lang)
    for line in (*editions.open_lines(marks, lang), *editions.undecided(marks, year, lang), *elsewhere, *faulty, *remarks):
        click.echo(line, err=True)
    unmade = paged and book is not None and tables is not None and not data_pages(find_root(root), year, lang)
    if book is None or tables is None or any(not categories or f.category in (None, *categories) for f in faults):
        refuse(counted("cli.count", lang, plan.count(faults)))
    if faults:
        click.echo(say("cli.elsewhere", lang), err=True)
    codes = categories or book.rules.categories
    units = int(tables.units["category"].isin(codes).sum())
    click.echo(say("cli.fine", lang, year=year, categories=len(codes), units=units))
    sys.exit(1 if marks or elsewhere or unmade else 0)


def data_pages(root: Path, year: str, lang: str) -> bool:
    """Make the pages on the data themselves and say where they are; whether all went well."""
    from txlib.run import batch
    from txlib.run.cells.notebook import lean_imports

    lean_imports()
    try:
        to_be_stopped()
        made = batch.on_the_data(root, year, lang=lang)
    except KeyboardInterrupt:
        refuse(say("cli.interrupted", lang), INTERRUPTED)
    out = root.resolve() / "outputs" / year
    for report in made.reports:
        if report.status == "done":
            click.echo(printable(say("cli.page_here", lang, path=short(out / report.href))))
        else:
            click.echo(printable("  ".join((report.notebook, say(f"cli.{report.status}", lang), report.reason))), err=True)
    if made.reminders:
        click.echo(printable(counted("cli.reminders_here", lang, made.reminders, path=short(out / "reminders"))))
    for remark in made.remarks:
        click.echo(printable(remark), err=True)
    return made.exit_status == 0


@main.command(help=both("help_init"), short_help=both("help_init"))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--year", metavar="YEAR", help=both("help_init_year"))
@click.option("--empty", is_flag=True, help=both("help_empty"))
@options("lang")
def init(folder: Path, year: str | None, empty: bool, lang: str) -> None:
    """A workspace from nothing; exit status 2, with nothing changed, where it cannot be made."""
    try:
        from txlib.run import workspace

        to_be_stopped()
        print_out(workspace.init(folder, year, lang, empty=empty))
    except KeyboardInterrupt:
        refuse(say("nextyear.stopped", lang), INTERRUPTED)


@main.command(help=both("help_new"), short_help=both("help_new"))
@click.argument("year")
@click.option("--from", "source", required=True, metavar="YEAR", help=both("help_from"))
@options("root", "lang")
def new(year: str, source: str, root: Path | None, lang: str) -> None:
    """The next year's rules, to be edited; exit status 2, with nothing written, where they cannot be made."""
    try:
        from txlib.run import editions

        to_be_stopped()
        print_out(editions.new(root, year, source, lang))
    except KeyboardInterrupt:
        refuse(say("nextyear.stopped", lang), INTERRUPTED)


@main.command(help=both("help_diff"), short_help=both("help_diff"))
@click.argument("then", metavar="YEAR")
@click.argument("now", metavar="YEAR")
@options("root", "lang")
def diff(then: str, now: str, root: Path | None, lang: str) -> None:
    """What changed in the rules, exit status 0 whether anything did or not: a change is no trouble."""
    from txlib.run import editions

    print_out(editions.diff(root, then, now, lang))


@main.command(help=both("help_template"), short_help=both("help_template"))
@click.argument("year")
@options("root", "lang")
@click.option("--force", is_flag=True, help=both("help_force_template"))
def template(year: str, root: Path | None, lang: str, force: bool) -> None:
    """Workbooks for lead departments to fill in; exit status 1 where one was kept or could not be written."""
    try:
        from txlib.run import templates

        to_be_stopped()
        made = templates.write(root, year, lang=lang, force=force)
    except KeyboardInterrupt:
        refuse(say("nextyear.stopped", lang), INTERRUPTED)
    for each in made.written:
        click.echo(printable(each.line(lang)))
    for remark in made.remarks:
        click.echo(printable(remark))
    if made.written:
        click.echo(printable(say("cli.templates_here", lang, path=short(made.folder))))
    sys.exit(made.exit_status)


@main.command(help=both("help_lab"), short_help=both("help_lab"), context_settings={"ignore_unknown_options": True})
@options("root", "lang")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[JUPYTERLAB OPTIONS]...")
def lab(root: Path | None, lang: str, arguments: Sequence[str]) -> None:
    """JupyterLab until it is ended; its exit status, 0 on Ctrl-C."""
    try:
        to_be_stopped()
        from txlib.run import lab as room

        base, folder, remarks = room.prepared(root, lang)
        for line in (say("cli.lab_here", lang, folder=base / folder), *remarks):
            aloud(line)
        status = room.serve(base, folder, arguments)
    except KeyboardInterrupt:
        status = 0
    sys.exit(status)


@main.command(help=both("help_schema"), short_help=both("help_schema"))
@options("root")
def schema(root: Path | None) -> None:
    """The JSON Schema on stdout."""
    import json

    from txlib.rules.schema import json_schema

    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))


def refuse(message: str, status: int = 2) -> NoReturn:
    """Say on stderr why there is nothing more to do, and end."""
    click.echo(message, err=True)
    sys.exit(status)


def print_out(printout: Printout) -> None:
    """A command's lines on stdout, then its remarks on stderr."""
    for line in printout.lines:
        click.echo(line)
    for remark in printout.remarks:
        click.echo(remark, err=True)


def aloud(line: str) -> None:
    """A line on stdout, at once; a reader that is gone stops no work."""
    with contextlib.suppress(OSError):
        click.echo(printable(line))


def tell(result: Run, lang: str, seconds: float) -> None:
    """The summary of a run that took so long: faults on stderr and their count, then each report that is not there, how many were
    made, what differs, where to read; a reader that is gone changes no exit status."""
    from txlib.run.progress import not_there, summed

    if result.faults:
        last = counted("cli.count", lang, len(result.faults)) if result.blocked else say("cli.elsewhere", lang)
        click.echo("\n".join((*result.faults, last)), err=True)
    for line in not_there(result.reports, lang):
        aloud(line)
    if result.reports:
        aloud(summed(result.reports, seconds, lang))
    for remark in (*result.seen, *result.remarks):
        aloud(remark)
    if result.results:
        aloud(say("cli.results_here", lang, path=short(result.results)))
    if result.index:
        aloud(say("cli.read_here", lang, path=short(result.index)))


def short(path: Path) -> str:
    """A path as seen from the current folder, where it lies below it."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    main()
