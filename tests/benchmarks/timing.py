"""How the benchmarks of this folder take time."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter


def seconds(run: Callable[[], object], times: int = 3) -> float:
    """The shortest of a few runs."""
    took = []
    for _ in range(times):
        start = perf_counter()
        run()
        took.append(perf_counter() - start)
    return min(took)
