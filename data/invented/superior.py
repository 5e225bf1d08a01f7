"""The table of superior indicators: the city's place among its peers on each."""

from __future__ import annotations

from collections.abc import Iterator

from invented.chance import luck
from invented.story import COUNTIES, LUCK_IN_PLACES, PEERS, SUPERIOR, Cells

COLUMNS = ("superior", "name", "name_en", "set_by", "period", "place", "peers", "note")


def rows(year: str) -> Iterator[Cells]:
    """One row for each; the province sets those whose code begins with H, the prefecture the others.

    In 2020 the province compares the city with all its counties.
    """
    for code, (name, name_en, _) in SUPERIOR.items():
        place = 1 + int(PEERS * luck(year, "superior", code) * LUCK_IN_PLACES)
        set_by = "province" if code.startswith("H") else "prefecture"
        peers = COUNTIES if set_by == "province" and year == "2020" else PEERS
        yield code, name, name_en, set_by, year, str(place), str(peers), ""
