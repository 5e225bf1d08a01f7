"""What the core gives cannot be changed behind the back of whoever has it, and what a file leaves out means one thing."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import Any

import pytest

import txlib
from txlib.base.fields import Model

pytestmark = pytest.mark.quick

MODULES = [importlib.import_module(each.name) for room in ("base", "methods", "rules", "scoring")
           for each in pkgutil.walk_packages([f"{txlib.__path__[0]}/{room}"], f"txlib.{room}.")]
MEANT = {"direction": {"up"}, "scale": {"linear"}, "clip": {"both"}, "en": {""}, "asked": {"some"}, "counted": {"part"},
         "roll_up": {"weighted_sum"}, "if_not": {"zero"}, "filling": {"none"}, "same_document": {"each"},
         "signs": {"apart"}}


def own(module: ModuleType) -> list[type]:
    """The classes that a module defines."""
    return [each for _, each in inspect.getmembers(module, inspect.isclass) if each.__module__ == module.__name__]


CLASSES = [each for module in MODULES for each in own(module)]
DATA = [each for each in CLASSES if dataclasses.is_dataclass(each)]
MODELS = [each for each in CLASSES if issubclass(each, Model) and each is not Model]


@pytest.mark.parametrize("kind", DATA, ids=lambda kind: kind.__name__)
def test_nothing_that_holds_data_is_changed(kind: Any) -> None:
    one = object.__new__(kind)
    for field in dataclasses.fields(kind):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(one, field.name, None)


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
def test_what_a_file_leaves_out_is_not_there_or_what_is_said_for_it(kind: Any) -> None:
    """None, or an empty list; where a word stands for it, that is the same in whatever is asked."""
    left_out = {name: field.default for name, field in kind.model_fields.items() if not field.is_required()}
    told = {name: default for name, default in left_out.items() if default is not None and default != ()}
    assert {name: {default} for name, default in told.items()} == {name: MEANT[name] for name in told}


def test_the_core_holds_some_of_both() -> None:
    assert len(DATA) > 12 and len(MODELS) > 40
