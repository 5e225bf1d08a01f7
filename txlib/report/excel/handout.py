"""A workbook for a lead department to fill in: notes on what is asked for, and a sheet for each table.

Columns whose headings stand in brackets are for the eye: they are not read again. Sheets with keys are protected, without a
password.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from txlib.intake.blanks import Form
from txlib.intake.checks import OFFICE
from txlib.report.excel import notes
from txlib.report.excel.book import Workbook
from txlib.report.excel.form import FormSheet
from txlib.report.kit.words import Words
from txlib.rules.book import RuleBook


def workbook(book: RuleBook, units: pd.DataFrame, lead: str, forms: Sequence[Form], words: Words) -> bytes:
    """The bytes of a lead department's workbook."""
    names = words.by_unit(units)
    who = names.get(lead, lead) if lead != OFFICE else words.text(book.office)
    title = words.say("handin.title", title=words.text(book.title), lead=who)
    file = Workbook(words.lang, book.as_of, title, words.text(book.office), words.say("excel.sample") if book.sample else "")
    lists = notes.write(file, book, units, lead, forms, words)
    for form in forms:
        FormSheet(file, words, names, form, lists).write()
    return file.finished()
