"""Full marks: in principle no unit has them (1.3h); those that have are named, and nothing follows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from txlib.audits.audit import Audit, Evidence, Finding, Found, cited
from txlib.audits.marks import HUNDRED, ITEM, Marking
from txlib.rules.quotas import Quotas

FULL_MARKS = [*ITEM, "unit", "mark", "clause"]


class FullMarkAudit(Audit, name="full_marks", rules=("quotas.full_marks",), kinds=("full",), frames={"full_marks": FULL_MARKS}):
    """`full_marks` (FULL_MARKS): the units that have full marks, `mark` in points; each is a finding."""

    def run(self, given: Evidence) -> Found:
        frame = full_marks(given.made, given.year.rules)
        findings = [Finding("full", row.category, row.item, row.lead, (row.unit,), {"mark": row.mark}, True, row.clause)
                    for row in frame.itertuples()]
        return Found({"full_marks": frame}, findings)


def full_marks(made: Marking, rules: Quotas) -> pd.DataFrame:
    """The units with full marks (1.3h), none where no rule asks."""
    at = np.flatnonzero(made.mark.value >= HUNDRED * made.mark.over) if rules.full_marks else np.arange(0)
    frame = made.items.iloc[made.row[at]][ITEM].reset_index(drop=True)
    return frame.assign(unit=made.unit[at], mark=made.total.floats(made.total.value[at]), clause=cited(rules.full_marks))
