"""How many examples a property is tried on."""

from __future__ import annotations

from typing import Any

from hypothesis import settings


def examples(full: int, **more: Any) -> settings:
    """So many in the profile `full` (`--hypothesis-profile=full`, as in .ci/run), otherwise a fifth of them, at least ten."""
    whole = settings.get_current_profile_name() == "full"
    return settings(max_examples=full if whole else max(10, full // 5), deadline=None, **more)
