"""How many examples a property is tried on, and how near a share of draws must come."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import settings


def examples(full: int, **more: Any) -> settings:
    """So many in the profile `full` (`--hypothesis-profile=full`, as in .ci/run), otherwise a fifth of them, at least ten."""
    whole = settings.get_current_profile_name() == "full"
    return settings(max_examples=full if whole else max(10, full // 5), deadline=None, **more)


def within(share: float, wanted: float, draws: int) -> bool:
    """Whether a share of so many draws is the wanted one but for chance: four standard errors."""
    return bool(abs(share - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / draws))
