"""How long 10,000 lines of detailed rules take against 300 indicators.

Run as `python tests/benchmarks/bench_ruletext.py`; nothing is asserted.
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
import yaml

from txlib.audits.rule_text import findings
from txlib.rules.book import load_rulebook

ROOT = Path(__file__).parents[2]
LINES, INDICATORS = 10_000, 300


def main() -> None:
    book = load_rulebook("2020", ROOT)
    terms = book.terms
    assert terms is not None
    random = np.random.default_rng(2020)
    cases = (ROOT / "tests" / "cases" / f"{name}.yaml" for name in ("rule_text", "rule_text_published"))
    known = [case["text"] for path in cases for case in yaml.safe_load(path.read_text(encoding="utf-8"))["lines"]]
    parts = [part for text in known for part in text.split("，")]
    texts = ["，".join(random.choice(parts, 3)) for _ in range(LINES)]
    names = [node.name.zh for category in book.categories.values() for node in category.leaves]
    more = ["".join(random.choice(list("".join(names)), 9)) for _ in range(INDICATORS)]
    indicators = pd.DataFrame([{"category": "c", "code": f"I{i}", "name": name}
                               for i, name in enumerate([*dict.fromkeys(names), *more][:INDICATORS])])
    lines = pd.DataFrame({"category": "c", "item": "P1", "line": range(1, LINES + 1), "text": texts})
    for label, limits in (("all", indicators), ("without repeats", indicators.iloc[:0])):
        start = perf_counter()
        found = findings(lines, terms, limits)
        print(f"{label:<16} {LINES:,} lines × {len(limits)} indicators: {perf_counter() - start:.2f} s, {len(found):,} findings")


if __name__ == "__main__":
    main()
