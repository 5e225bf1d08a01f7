"""txlib: yearly comprehensive assessment (综合考核), scored by rules that are data, every number exact and explained."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from txlib.data import Data as Data
    from txlib.data import load_data as load_data
    from txlib.data import load_published as load_published
    from txlib.faults import DataError as DataError
    from txlib.faults import Fault as Fault
    from txlib.faults import FaultsError as FaultsError
    from txlib.faults import RulebookError as RulebookError
    from txlib.lastyear import branch_moves as branch_moves
    from txlib.lastyear import compare_years as compare_years
    from txlib.ranking import compare as compare
    from txlib.rulebook import RuleBook as RuleBook
    from txlib.rulebook import load_rulebook as load_rulebook
    from txlib.rulebook import years as years
    from txlib.scoring import Result as Result
    from txlib.scoring import assess as assess
    from txlib.sentences import explain as explain
    from txlib.stability import weight_intervals as weight_intervals
    from txlib.superior import superior_coverage as superior_coverage
    from txlib.superior import superior_losses as superior_losses
    from txlib.swaps import smallest_swaps as smallest_swaps
    from txlib.whatif import what_if as what_if

__version__ = "0.1.0"

_HOME = {
    "RuleBook": "rulebook", "load_rulebook": "rulebook", "years": "rulebook",
    "Data": "data", "load_data": "data", "load_published": "data",
    "Result": "scoring", "assess": "scoring",
    "explain": "sentences", "compare": "ranking", "compare_years": "lastyear", "branch_moves": "lastyear",
    "smallest_swaps": "swaps", "weight_intervals": "stability", "what_if": "whatif",
    "superior_coverage": "superior", "superior_losses": "superior",
    "Fault": "faults", "FaultsError": "faults", "RulebookError": "faults", "DataError": "faults",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Import a public name's module on first use, so that the command line starts without pandas."""
    if name not in _HOME:
        raise AttributeError(f"module 'txlib' has no attribute {name!r}")
    return getattr(importlib.import_module(f"txlib.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
