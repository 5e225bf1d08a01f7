"""What a run says while it goes on: what it is about to make, and a line as each report or category's score cards end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from txlib.base.labels import counted, say
from txlib.report.page.index import Report

Told = Callable[[str], None]


def silent(_: str) -> None:
    """Nobody is told."""


def to_make(due: int, unchanged: int, lang: str) -> str:
    """How many reports are to be made, and how many stay as they are."""
    counts = {"cli.to_make": due, "cli.same": unchanged}
    return " ".join(counted(key, lang, count) for key, count in counts.items() if count)


def ended(report: Report, left: int, name: str, lang: str) -> str:
    """What has become of a report, how many are left, and what it is about in words."""
    return "  ".join((*became(report, lang), counted("cli.left", lang, left), name))


def cards_ended(category: str, failed: bool, seconds: float, left: int, name: str, lang: str) -> str:
    """The same of a category's score cards."""
    what = f"{category} / {say('cli.cards', lang)}"
    status, time = say("cli.failed" if failed else "cli.done", lang), say("cli.seconds", lang, seconds=seconds)
    return "  ".join((what, status, time, counted("cli.sets_left", lang, left), name))


def became(report: Report, lang: str) -> tuple[str, ...]:
    """Which report it is, what has become of it, and in how many seconds where it was made now."""
    time = "" if report.seconds is None else say("cli.seconds", lang, seconds=report.seconds)
    where = f"{report.category or say('index.whole_year', lang)} / {report.notebook}"
    return tuple(filter(None, (where, say(f"cli.{report.status}", lang), time)))


def not_there(reports: Sequence[Report], lang: str) -> list[str]:
    """A line for each report that is not there and why, one for all units or lead departments that the same faults block."""
    lines = list[str]()
    blocked = Counter((report.category, report.several) for report in reports if report.status == "blocked" and report.several)
    for report in reports:
        alike = blocked.get((report.category, report.several), 0) if report.status == "blocked" else 0
        name = replace(report, notebook=f"{report.notebook.partition('@')[0]}@…") if alike > 1 else report
        why = "" if report.status == "blocked" else report.reason.replace("\n", " ")
        count = counted("cli.reports", lang, alike) if alike > 1 else ""
        lines += ["  ".join(filter(None, (*became(name, lang), count, why)))] if report.status != "done" else []
    return [*dict.fromkeys(lines)]


def summed(reports: Sequence[Report], seconds: float, lang: str) -> str:
    """How many reports were made, stayed as they were, failed, are not there for another reason, and how long all of it took."""
    made = sum(report.status == "done" and report.seconds is not None for report in reports)
    failed = sum(report.status == "failed" for report in reports)
    same = sum(report.status == "done" for report in reports) - made
    counts = {"done": made, "up_to_date": same, "failed": failed, "not_made": len(reports) - made - same - failed}
    told = [say("cli.counted", lang, what=say(f"cli.{key}", lang), count=count) for key, count in counts.items()
            if count or key == "done"]
    return say("cli.summed", lang, counts=say("cli.and", lang).join(told), seconds=seconds)
