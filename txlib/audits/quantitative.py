"""What of an item's marks is counted, not judged: the share declared, and the share that decides who is ahead (1.3e)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from txlib.audits.audit import Audit, Evidence, Finding, Found, Naming, cited
from txlib.audits.marks import ITEM, Marking, roomy
from txlib.base.numbers import Array
from txlib.base.printing import percentage
from txlib.rules.quotas import Quotas

SPREAD = [*ITEM, "units", "lowest", "highest", "range", "deviation", "distinct"]
QUANTITATIVE = [*ITEM, "units", "declared", "stated", "at_least", "kept", "effective", "reason", "constant", "clause"]


class QuantitativeAudit(Audit, name="quantitative", rules=("quotas",), kinds=("low", "constant"),
                        frames={"spread": SPREAD, "quantitative": QUANTITATIVE}):
    """The quantitative part of marks, and how far they lie apart.

    `spread` (SPREAD): marks out of 100 by item and category, population standard deviation; NaN where nobody was assessed.
    `quantitative` (QUANTITATIVE): shares declared (`stated`: by the lines of the detailed rules) and effective; `reason` why
    there is no effective one (not_assessed, no_parts, one_unit, equal_totals); `constant`: the same quantitative part for all.
    Findings: `low`, less is declared than is ruled; `constant`.
    """

    def run(self, given: Evidence) -> Found:
        shares = quantitative(given.made, given.year.rules)
        return Found({"spread": spread(given.made), "quantitative": shares}, list(_findings(shares)))

    def words(self, values: Mapping[str, Any], names: Naming) -> dict[str, Any]:
        return {key: percentage(value) for key, value in values.items()}


def _findings(shares: pd.DataFrame) -> Iterator[Finding]:
    """Of each item first that too little is declared, then that the quantitative part parts nobody."""
    for row in shares.itertuples():
        values = {"declared": row.declared, "least": row.at_least}
        for kind, found in (("low", not row.kept), ("constant", row.constant)):
            if found:
                yield Finding(kind, str(row.category), str(row.item), str(row.lead), (), values, True, str(row.clause))


def spread(made: Marking) -> pd.DataFrame:
    """Lowest, highest, range, population standard deviation and distinct marks of each item and category, out of 100."""
    lowest, highest = made.lowest(made.mark.value), made.highest(made.mark.value)
    n = made.units[made.present]
    squares, _ = _moments(made, made.mark.value, made.mark.value)
    deviation = [math.sqrt(int(s)) / int(k) / made.mark.over for s, k in zip(squares, n, strict=True)]
    columns = {name: _filled(made, values) for name, values in (
        ("lowest", made.mark.floats(lowest)), ("highest", made.mark.floats(highest)),
        ("range", made.mark.floats(highest - lowest)), ("deviation", deviation))}
    return made.items[ITEM].assign(units=made.units, **columns, distinct=made.distinct())[SPREAD]


def quantitative(made: Marking, rules: Quotas) -> pd.DataFrame:
    """The share that is counted: as declared, and as it decides who is ahead, cov(quantitative, total) ÷ var(total) (1.3e).

    The covariances of the parts with the total add up to its variance, so the shares of the parts add up to one.
    """
    rule, n = rules.quantitative, made.units[made.present]
    shared, own = _moments(made, made.quantitative.value, made.total.value)
    part = made.above_lowest(made.quantitative.value)
    known = made.totals_of(made.known.astype(np.int64)) == n
    reason = np.full(len(made.items), "not_assessed", dtype=object)
    reason[made.present] = np.select([~known, n == 1, own == 0], ["no_parts", "one_unit", "equal_totals"], "")
    effective = [int(s) / int(o) if ok and o else math.nan for s, o, ok in zip(shared, own, known, strict=True)]
    same = np.zeros(len(made.items), dtype=bool)
    same[made.present] = known & (n > 1) & (made.highest(part) == 0)
    declared = made.items["declared"]
    limit = rule.at_least if rule else 0
    return made.items[ITEM].assign(
        units=made.units, declared=[math.nan if share is None else float(share) for share in declared],
        stated=made.items["stated"], at_least=float(limit) if rule else math.nan,
        kept=np.array([rule is None or (share is not None and share >= limit) for share in declared], dtype=bool),
        effective=_filled(made, effective), reason=reason, constant=same, clause=cited(rule))[QUANTITATIVE]


def _moments(made: Marking, x: Array, y: Array) -> tuple[Array, Array]:
    """n² times the covariance of x and y and the variance of y, for each row that is present; integers, exact."""
    n = made.units[made.present]
    x, y = made.above_lowest(x), made.above_lowest(y)
    largest = max((int(v) for values in (x, y) if len(values) for v in [values.max()]), default=0)
    room = max(1, largest) * int(n.max(initial=1)) ** 2
    x, y = roomy(x, room), roomy(y, room)
    sums = made.totals_of(y)
    return n * made.totals_of(x * y) - made.totals_of(x) * sums, n * made.totals_of(y * y) - sums * sums


def _filled(made: Marking, values: Any) -> npt.NDArray[np.float64]:
    """One number a row of items, NaN where nobody was assessed."""
    column = np.full(len(made.items), math.nan)
    column[made.present] = values
    return column
