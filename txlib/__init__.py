"""txlib: yearly comprehensive assessment (综合考核), scored by rules that are data, every number exact and explained."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from txlib.assess import assess as assess
    from txlib.audits.mark_audit import audit_quotas as audit_quotas
    from txlib.audits.superior import superior_coverage as superior_coverage
    from txlib.audits.superior import superior_losses as superior_losses
    from txlib.base.faults import DataError as DataError
    from txlib.base.faults import Fault as Fault
    from txlib.base.faults import FaultsError as FaultsError
    from txlib.base.faults import RulebookError as RulebookError
    from txlib.editions.changes import diff_rules as diff_rules
    from txlib.editions.changes import diff_units as diff_units
    from txlib.editions.years import branch_moves as branch_moves
    from txlib.editions.years import compare_years as compare_years
    from txlib.intake.data import Data as Data
    from txlib.intake.data import load_data as load_data
    from txlib.intake.data import load_published as load_published
    from txlib.rules.book import RuleBook as RuleBook
    from txlib.rules.book import load_rulebook as load_rulebook
    from txlib.rules.book import years as years
    from txlib.scoring.explain import explain as explain
    from txlib.scoring.places import compare as compare
    from txlib.scoring.result import Result as Result
    from txlib.sensitivity.data import data_draws as data_draws
    from txlib.sensitivity.factors import sobol_indices as sobol_indices
    from txlib.sensitivity.indicators import indicator_page as indicator_page
    from txlib.sensitivity.leave_out import LeftOut as LeftOut
    from txlib.sensitivity.leave_out import leave_one_out as leave_one_out
    from txlib.sensitivity.one_weight import one_at_a_time as one_at_a_time
    from txlib.sensitivity.one_weight import weight_intervals as weight_intervals
    from txlib.sensitivity.repeats import repeated as repeated
    from txlib.sensitivity.rules import Alternatives as Alternatives
    from txlib.sensitivity.rules import alternatives as alternatives
    from txlib.sensitivity.spread import share_of_spread as share_of_spread
    from txlib.sensitivity.swaps import smallest_swaps as smallest_swaps
    from txlib.sensitivity.weights import Draws as Draws
    from txlib.sensitivity.weights import weight_draws as weight_draws
    from txlib.sensitivity.what_if import what_if as what_if

__version__ = "0.5.0"

_NAMES = {
    "base.faults": ("DataError", "Fault", "FaultsError", "RulebookError"),
    "rules.book": ("RuleBook", "load_rulebook", "years"),
    "intake.data": ("Data", "load_data", "load_published"),
    "scoring.result": ("Result",),
    "scoring.explain": ("explain",),
    "scoring.places": ("compare",),
    "editions.years": ("branch_moves", "compare_years"),
    "audits.superior": ("superior_coverage", "superior_losses"),
    "audits.mark_audit": ("audit_quotas",),
    "assess": ("assess",),
    "editions.changes": ("diff_rules", "diff_units"),
    "sensitivity.weights": ("Draws", "weight_draws"),
    "sensitivity.data": ("data_draws",),
    "sensitivity.spread": ("share_of_spread",),
    "sensitivity.indicators": ("indicator_page",),
    "sensitivity.repeats": ("repeated",),
    "sensitivity.leave_out": ("LeftOut", "leave_one_out"),
    "sensitivity.rules": ("Alternatives", "alternatives"),
    "sensitivity.factors": ("sobol_indices",),
    "sensitivity.one_weight": ("one_at_a_time", "weight_intervals"),
    "sensitivity.swaps": ("smallest_swaps",),
    "sensitivity.what_if": ("what_if",),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}
__all__ = sorted(_HOME)


if not TYPE_CHECKING:  # a name that there is not is told by mypy too
    def __getattr__(name: str) -> Any:
        """Import a public name's module on first use, so that the command line starts without pandas."""
        if name not in _HOME:
            raise AttributeError(f"module 'txlib' has no attribute {name!r}")
        return getattr(importlib.import_module(f"txlib.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__


class _Package(ModuleType):
    """`txlib.assess` is the function, also after the module of that name was imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
