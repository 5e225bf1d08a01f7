"""What the command `init` does: a workspace of one's own in a folder, or its sample's figures taken out again."""

from __future__ import annotations

import re
from pathlib import Path

from txlib.base.faults import printable
from txlib.base.labels import counted, say
from txlib.editions import first_year
from txlib.rules.book import years
from txlib.run.editions import Printout
from txlib.run.kept import outputs
from txlib.run.refused import RefusedError

KINDS = ("data", "params")  # a workspace is one once it has `params`: that comes last


def init(folder: Path, year: str, lang: str, *, empty: bool = False) -> Printout:
    """Write a workspace into the folder; where it holds one and `empty`, take out the figures that the sample brought.

    RefusedError where there is something already, OSError where it cannot be written; then nothing is changed.
    """
    if not re.fullmatch(r"[12]\d{3}", year):
        raise RefusedError([printable(say("firstyear.no_year", lang, year=year))])
    if empty and (folder / "params").is_dir():
        return taken_out(folder, lang)
    if there := next((kind for kind in KINDS if (folder / kind).exists()), None):
        raise RefusedError([printable(say("firstyear.there", lang, folder=str(folder), kind=there))])
    _write(folder, first_year.files(year, empty=empty), first_year.folders(year), lang)
    rows = {"year": year, "folder": str(folder)}
    steps = ("check", "template", "rules") if empty else ("check", "run", "rules", "take_out")
    return Printout((*(printable(say(f"firstyear.{key}", lang, **rows)) for key in ("made", "params", "data", "then")),
                     *(printable("  " + say(f"firstyear.{step}", lang, **rows)) for step in steps)))


def _write(folder: Path, made: dict[str, bytes], folders: list[str], lang: str) -> None:
    with outputs.opened(folder, lang) as out:
        for name in folders:
            (out.making / name).mkdir(parents=True)
        for name, raw in made.items():
            path = out.making / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        for kind in KINDS:
            out.add_folder(out.making / kind, folder / kind)


def taken_out(folder: Path, lang: str) -> Printout:
    """The sample's figures taken out of a workspace; those that somebody changed since stay, and are told."""
    brought = {path: raw for year in years(folder) if re.fullmatch(r"[12]\d{3}", year)
               for path, raw in first_year.figures(year).items()}
    own = [path for path, raw in brought.items() if outputs.holds(folder / path, raw)]
    changed = [path for path in brought if path not in own and (folder / path).is_file()]
    with outputs.opened(folder, lang) as out:
        out.withdraw(*(folder / path for path in own))
        for year in {path.split("/")[1] for path in own}:
            rules = folder / "params" / year / "rulebook.yaml"
            out.write_file(rules, first_year.marked(rules.read_bytes()))
    lines = [counted("firstyear.taken_out", lang, len(own)), *(f"  {path}" for path in own)]
    return Printout(tuple(map(printable, lines)),
                    tuple(printable(say("firstyear.changed", lang, file=path)) for path in changed))
