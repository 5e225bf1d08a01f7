"""Chance, the same on every run: each number is drawn for itself, from the seed, the year, the indicator and the unit.

So an indicator or a unit added later leaves the others' numbers as they are.
"""

from __future__ import annotations

import random

from invented.story import BY_STRENGTH, SEEDS, Unit


def luck(year: str, seed: str, *key: str) -> float:
    """A number from 0 to 1 that depends on the seed of that name, the year and the key alone."""
    return random.Random("/".join((str(SEEDS[year][seed]), year, *key))).random()


def success(year: str, unit: Unit, indicator: str, seed: str = "") -> float:
    """How well a unit does on an indicator, from 0 to 1: its strength and luck, by default under its category's seed."""
    return BY_STRENGTH * unit.strength + (1 - BY_STRENGTH) * luck(year, seed or unit.category, indicator, unit.unit)
