"""Chance, the same on every run: each number is drawn for itself, from the seed, the year, the indicator and the unit.

So an indicator or a unit added later leaves the others' numbers as they are.
"""

from __future__ import annotations

import random

from invented.story import BY_STRENGTH, FIGURES_BY_STRENGTH, FIGURES_REACH, SEEDS, Unit


def luck(year: str, seed: str, *key: str) -> float:
    """A number from 0 to 1 that depends on the seed of that name, the year and the key alone."""
    return random.Random("/".join((str(SEEDS[year][seed]), year, *key))).random()


def success(year: str, unit: Unit, indicator: str, seed: str = "") -> float:
    """How well a unit does on an indicator, from 0 to 1: its strength and luck, by default under its category's seed."""
    return BY_STRENGTH * unit.strength + (1 - BY_STRENGTH) * luck(year, seed or unit.category, indicator, unit.unit)


def figure(year: str, unit: Unit, indicator: str, seed: str = "") -> float:
    """How good a unit's figure is, from 0 to 1, by default under the seed of its category's figures: more of it is luck."""
    by_luck = luck(year, seed or f"{unit.category} figures", indicator, unit.unit)
    return FIGURES_REACH * (FIGURES_BY_STRENGTH * unit.strength + (1 - FIGURES_BY_STRENGTH) * by_luck)
