"""Tables held against the plan: one file an audit, with its rules, its frames and its findings. A breach is a result.

In: a rule-book and tables. Out: frames of what was counted, what is broken by whom, what it would take, and one frame of
findings of all audits. An audit more is its file, its texts and its name here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from txlib.audits.audit import FINDINGS, Audit, Evidence, Finding, Found
from txlib.audits.full_marks import FullMarkAudit
from txlib.audits.levelling import LevellingAudit
from txlib.audits.quantitative import QuantitativeAudit
from txlib.audits.quotas import QuotaAudit
from txlib.audits.rule_text import RuleTextAudit
from txlib.base.register import Register

__all__ = ["FINDINGS", "Audit", "Evidence", "Finding", "Found", "FullMarkAudit", "LevellingAudit", "QuantitativeAudit",
           "QuotaAudit", "RuleTextAudit", "named", "registered"]



def _names(audit: type[Audit]) -> Iterator[tuple[str, str]]:
    yield "audit", audit.name
    for frame in audit.frames:
        yield "frame", frame


_REGISTER = Register[type[Audit]]([QuotaAudit, FullMarkAudit, QuantitativeAudit, RuleTextAudit, LevellingAudit], _names)
registered = _REGISTER.registered


def named() -> Mapping[str, type[Audit]]:
    """The audits by name, in the order in which reports tell of them."""
    return {audit.name: audit for audit in _REGISTER}
