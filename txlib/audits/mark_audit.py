"""The marks of a year, or of a category, and their detailed rules, held against the plan by every audit that is on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from txlib.audits import Audit, named
from txlib.audits.audit import FINDINGS, Evidence, Found
from txlib.intake.data import Data
from txlib.rules.book import RuleBook
from txlib.rules.category import Category


@dataclass(frozen=True)
class MarkAudit:
    """What the marks of a year, or of a category, keep and break, and what their detailed rules hold; a breach is a result.

    `findings` (FINDINGS): what all audits found, one row each in the order of the register (audit.Finding). `frames`: those of
    the audits, each an attribute of its name: `groups`, `breaches`, `penalties`, `next_year`, `remedies`, `choices`, `changed`,
    `points` of quotas.QuotaAudit, `full_marks` of full_marks.FullMarkAudit, `spread`, `quantitative` of
    quantitative.QuantitativeAudit, `signs`, `copied` of levelling.LevellingAudit, `rule_text` of rule_text.RuleTextAudit, and
    those of whatever else is registered.
    """

    findings: pd.DataFrame
    frames: Mapping[str, pd.DataFrame] = field(repr=False)

    if TYPE_CHECKING:  # for editors and mypy; ClassVar keeps them out of the constructor
        groups: ClassVar[pd.DataFrame]
        breaches: ClassVar[pd.DataFrame]
        penalties: ClassVar[pd.DataFrame]
        next_year: ClassVar[pd.DataFrame]
        remedies: ClassVar[pd.DataFrame]
        choices: ClassVar[pd.DataFrame]
        changed: ClassVar[pd.DataFrame]
        points: ClassVar[pd.DataFrame]
        full_marks: ClassVar[pd.DataFrame]
        spread: ClassVar[pd.DataFrame]
        quantitative: ClassVar[pd.DataFrame]
        signs: ClassVar[pd.DataFrame]
        copied: ClassVar[pd.DataFrame]
        rule_text: ClassVar[pd.DataFrame]
    else:
        def __getattr__(self, name: str) -> pd.DataFrame:
            if name.startswith("__") or name == "frames" or name not in self.frames:
                raise AttributeError(f"no frame {name!r} in the audit")
            return self.frames[name]


def audit_quotas(book: RuleBook, data: Data, category: Category | str | None = None) -> MarkAudit | None:
    """The marks of a category (of the year where None) audited; None where the year has no rule or nothing for it.

    Quotas and penalties are counted over the whole year and then shown of the category.
    """
    if not any(each.is_on(book) and each.looks_at(data) for each in named().values()):
        return None
    code = category.code if isinstance(category, Category) else category
    frames, findings = examined(Evidence(book, data, code), named().values())
    return MarkAudit(findings, frames)


def examined(given: Evidence, audits: Iterable[type[Audit]]) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """The frames of these audits by name, and what those that are on found (FINDINGS); of the category asked for."""
    frames, rows = dict[str, pd.DataFrame](), []
    for each in audits:
        found: Found = each().run(given) if each.is_on(given.book) else each.nothing()
        frames |= found.frames
        rows += [(each.name, *finding) for finding in found.findings]
    findings = pd.DataFrame(rows, columns=FINDINGS).astype({"flagged": bool})
    if given.category is None:
        return frames, findings
    return {name: _of(frame, given.category) for name, frame in frames.items()}, _of(findings, given.category)


def _of(frame: pd.DataFrame, category: str) -> pd.DataFrame:
    """The rows of a category, or of several that it is one of; a frame that tells of none stays whole."""
    if not {"category", "categories"} & set(frame.columns):
        return frame
    mine = [category == row.get("category") or category in row.get("categories", ()) for row in frame.to_dict("records")]
    return frame[np.array(mine, dtype=bool)].reset_index(drop=True)
