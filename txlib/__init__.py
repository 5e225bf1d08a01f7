"""txlib: yearly comprehensive assessment (综合考核), scored by rules that are data, every number exact and explained."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from txlib.assessment import assess as assess
    from txlib.assessment import audit_quotas as audit_quotas
    from txlib.changes import diff_rules as diff_rules
    from txlib.changes import diff_units as diff_units
    from txlib.choices import Alternatives as Alternatives
    from txlib.choices import alternatives as alternatives
    from txlib.data import Data as Data
    from txlib.data import load_data as load_data
    from txlib.data import load_published as load_published
    from txlib.factors import sobol_indices as sobol_indices
    from txlib.faults import DataError as DataError
    from txlib.faults import Fault as Fault
    from txlib.faults import FaultsError as FaultsError
    from txlib.faults import RulebookError as RulebookError
    from txlib.lastyear import branch_moves as branch_moves
    from txlib.lastyear import compare_years as compare_years
    from txlib.leaveout import LeftOut as LeftOut
    from txlib.leaveout import leave_one_out as leave_one_out
    from txlib.ranking import compare as compare
    from txlib.resampling import data_draws as data_draws
    from txlib.rulebook import RuleBook as RuleBook
    from txlib.rulebook import load_rulebook as load_rulebook
    from txlib.rulebook import years as years
    from txlib.scoring import Result as Result
    from txlib.sensitivity import Draws as Draws
    from txlib.sensitivity import weight_draws as weight_draws
    from txlib.sentences import explain as explain
    from txlib.spread import share_of_spread as share_of_spread
    from txlib.stability import one_at_a_time as one_at_a_time
    from txlib.stability import weight_intervals as weight_intervals
    from txlib.superior import superior_coverage as superior_coverage
    from txlib.superior import superior_losses as superior_losses
    from txlib.swaps import smallest_swaps as smallest_swaps
    from txlib.whatif import what_if as what_if

__version__ = "0.1.0"

_HOME = {
    "RuleBook": "rulebook", "load_rulebook": "rulebook", "years": "rulebook",
    "Data": "data", "load_data": "data", "load_published": "data",
    "Result": "scoring", "assess": "assessment", "audit_quotas": "assessment",
    "explain": "sentences", "compare": "ranking", "compare_years": "lastyear", "branch_moves": "lastyear",
    "Draws": "sensitivity", "weight_draws": "sensitivity", "data_draws": "resampling", "share_of_spread": "spread",
    "Alternatives": "choices", "alternatives": "choices", "sobol_indices": "factors",
    "diff_rules": "changes", "diff_units": "changes",
    "LeftOut": "leaveout", "leave_one_out": "leaveout",
    "smallest_swaps": "swaps", "weight_intervals": "stability", "one_at_a_time": "stability", "what_if": "whatif",
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
