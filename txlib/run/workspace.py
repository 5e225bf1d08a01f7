"""What the command `init` does: a workspace of one's own in a folder, or its sample's figures taken out again."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path

from txlib.base.faults import printable
from txlib.base.labels import counted, say
from txlib.editions import first_year
from txlib.rules.book import read, years
from txlib.run.editions import Printout
from txlib.run.kept import outputs
from txlib.run.refused import RefusedError

KINDS = ("data", "params")  # a workspace is one once it has `params`: that comes last
WITHIN = ("data", "params", "outputs", "notebooks", "lab")  # of a workspace: no place for another


def init(folder: Path, year: str | None, lang: str, *, empty: bool = False) -> Printout:
    """Write a workspace of the year (this one, where none is named) into the folder; where it holds one and `empty`, take out the
    figures that the sample brought, those of the year or of all.

    RefusedError where there is something already, OSError where it cannot be written; then nothing is changed.
    """
    if year is not None and not first_year.of_calendar(year):
        raise _refused("no_year", lang, year=year)
    if empty and (folder / "params").is_dir():
        return taken_out(folder, years(folder) if year is None else (year,), lang)
    year = year or str(date.today().year)
    whole = folder.resolve()
    if within := [above for inner, above in zip((whole, *whole.parents), whole.parents, strict=False)
                  if inner.name in WITHIN and (above / "params").is_dir()]:
        raise _refused("within", lang, folder=str(folder), workspace=str(within[0]))
    made = first_year.files(year, empty=empty)
    if there := next((kind for kind in KINDS if (folder / kind).exists() and not _begun(folder, kind, made)), None):
        raise _refused("there", lang, folder=str(folder), kind=there)
    _write(folder, made, first_year.folders(year), lang)
    rows = {"year": year, "folder": str(folder)}
    made_so, steps = ("made_empty", ("check", "template", "rules")) if empty else (
        "made", ("check", "run", "rules", "take_out"))
    return Printout((*(printable(say(f"firstyear.{key}", lang, **rows)) for key in (made_so, "params", "data", "then")),
                     *(printable("  " + say(f"firstyear.{step}", lang, **rows)) for step in steps)))


def _refused(key: str, lang: str, **values: str) -> RefusedError:
    return RefusedError([printable(say(f"firstyear.{key}", lang, **values))])


def _begun(folder: Path, kind: str, made: dict[str, bytes]) -> bool:
    """Whether a folder holds no more than what an `init` that was killed wrote: it comes again."""
    held = [path for path in (folder / kind).rglob("*") if not path.is_dir()]
    return (folder / kind).is_dir() and kind == KINDS[0] and all(
        outputs.holds(path, made.get(path.relative_to(folder).as_posix(), b"")) for path in held)


def _write(folder: Path, made: dict[str, bytes], folders: list[str], lang: str) -> None:
    with outputs.opened(folder, lang) as out:
        for name in folders:
            (out.making / name).mkdir(parents=True)
        for name, raw in made.items():
            path = out.making / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        for kind in KINDS:
            out.replace_folder(out.making / kind, folder / kind)


def taken_out(folder: Path, of: tuple[str, ...], lang: str) -> Printout:
    """The sample's figures of these years taken out of a workspace; those that somebody changed since stay, and are told."""
    brought = {path: raw for year in of for path, raw in first_year.figures(year).items()}
    own = [path for path, raw in brought.items() if outputs.holds(folder / path, raw)]
    if not own:
        return Printout((printable(say("firstyear.none", lang)),))
    rules = {file: _marked(folder, file, lang)
             for file in dict.fromkeys(f"params/{path.split('/')[1]}/rulebook.yaml" for path in own)}
    with outputs.opened(folder, lang) as out:
        for file, raw in rules.items():
            out.write_file(folder / file, raw)
        out.withdraw(*(folder / path for path in own))
    for year in of:
        _left_empty(folder, year)
    changed = [path for path in brought if path not in own and (folder / path).is_file()]
    lines = [counted("firstyear.taken_out", lang, len(own)), *(f"  {path}" for path in own)]
    return Printout(tuple(map(printable, lines)),
                    tuple(printable(say("firstyear.changed", lang, file=path)) for path in changed))


def _marked(folder: Path, file: str, lang: str) -> bytes:
    try:
        return first_year.marked((folder / file).read_bytes())
    except UnicodeDecodeError:
        raise _refused("encoding", lang, file=file) from None


def _left_empty(folder: Path, year: str) -> None:
    """Take away folders that held the sample's figures where the rules have no such category any more."""
    book, _ = read(year, folder)
    if book is None:
        return
    for name in first_year.folders(year):
        if Path(name).name not in book.rules.categories:
            with contextlib.suppress(OSError):
                (folder / name).rmdir()
