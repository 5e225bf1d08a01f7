"""The register of a concept: its instances in their order, each name once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Register(Generic[T]):
    """The instances of a concept; `names` tells what each is called by, as pairs of a kind of name and a name."""

    def __init__(self, instances: Iterable[T], names: Callable[[T], Iterable[tuple[str, Hashable]]]) -> None:
        self._instances = list(instances)
        self._names = names

    def __iter__(self) -> Iterator[T]:
        return iter(self._instances)

    @contextmanager
    def registered(self, *more: T) -> Iterator[None]:
        """More instances stand last, for as long as the context lasts and in this process alone.

        ValueError where a name is taken.
        """
        held = Counter(name for each in (*self, *more) for name in self._names(each))
        if twice := sorted({str(name) for (_, name), count in held.items() if count > 1}):
            raise ValueError(f"registered already: {', '.join(twice)}")
        self._instances.extend(more)
        try:
            yield
        finally:
            for each in more:
                self._instances.remove(each)
