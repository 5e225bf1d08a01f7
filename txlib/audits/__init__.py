"""Tables held against the plan: one file an audit, with its rules, its frames and its findings. A breach is a result.

In: a rule-book and tables. Out: frames of what was counted, what is broken by whom, what it would take, and one frame of
findings of all audits. An audit more is its file, its texts and its name here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from txlib.audits.audit import FINDINGS, Audit, Evidence, Finding, Found
from txlib.audits.full_marks import FullMarkAudit
from txlib.audits.levelling import LevellingAudit
from txlib.audits.quantitative import QuantitativeAudit
from txlib.audits.quotas import QuotaAudit
from txlib.audits.rule_text import RuleTextAudit

__all__ = ["FINDINGS", "Audit", "Evidence", "Finding", "Found", "FullMarkAudit", "LevellingAudit", "QuantitativeAudit",
           "QuotaAudit", "RuleTextAudit", "named", "registered"]

_REGISTERED: list[type[Audit]] = [QuotaAudit, FullMarkAudit, QuantitativeAudit, RuleTextAudit, LevellingAudit]


def named() -> Mapping[str, type[Audit]]:
    """The audits by name, in the order in which reports tell of them."""
    return {audit.name: audit for audit in _REGISTERED}


@contextmanager
def registered(*more: type[Audit]) -> Iterator[None]:
    """More audits stand in the register, for as long as the context lasts and in this process alone.

    ValueError for a name, of an audit or of a frame, that is there.
    """
    before = tuple(_REGISTERED)
    try:
        for audit in more:
            taken = {audit.name} & set(named()) | set(audit.frames) & {name for each in _REGISTERED for name in each.frames}
            if taken:
                raise ValueError(f"registered already: {', '.join(sorted(taken))}")
            _REGISTERED.append(audit)
        yield
    finally:
        _REGISTERED[:] = before
