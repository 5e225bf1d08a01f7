"""A row as it was handed in: its cells by what their columns mean, names read for codes, a row for each indicator a column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from txlib.base.faults import Fault, Where
from txlib.intake.sheets.headers import AT, NAME_OF, KnownNames, resembling, spoken

_CODES = ("unit", "indicator")


@dataclass(frozen=True)
class RowCells:
    """The cells of a row, and of a sheet the cells' own names, by what their columns mean (see `Wanted.columns`)."""

    file: str
    line: int
    cells: Mapping[str, str]
    places: Mapping[str, str]

    def contradictions(self, names: KnownNames) -> Iterator[Fault]:
        """Names that are another's than the code beside them, units' in other forms too; one that nobody has says nothing."""
        for column in _CODES:
            name, code = self.cells.get(column + NAME_OF, ""), self.cells.get(column, "")
            known = names.of(column)
            meant = known.get(spoken(name), frozenset()) if name else frozenset()
            meant = meant or (resembling(name, known) if column == "unit" else meant)
            own = known.get(spoken(code), frozenset())
            if meant and own and not meant & own:
                at = Where(cell=self.places.get(column + NAME_OF, ""), column=column)
                yield Fault.of("name_of_another", self.file, self.line, at, found=f"{code} {name}",
                               meant=sorted(meant))

    def rows(self, along: str, names: KnownNames) -> Iterator[RowCells]:
        """The row with codes in the place of names that mean one alone; a row for each indicator where these are columns."""
        codes = {column: self._code(column, names) for column in _CODES if column in self.cells}
        plain = {name: cell for name, cell in self.cells.items() if AT not in name and NAME_OF not in name} | codes
        wide = [name for name in self.cells if AT in name]
        if not wide:
            yield replace(self, cells=plain)
        for name in wide:
            yield replace(self, cells={**plain, "indicator": name.partition(AT)[2], along: self.cells[name]},
                          places={**self.places, along: self.places.get(name, "")})

    def _code(self, column: str, names: KnownNames) -> str:
        cell, known = self.cells[column], names.of(column)
        meant = known.get(spoken(cell), frozenset()) if cell else frozenset()
        return next(iter(meant)) if len(meant) == 1 and cell not in meant else cell
