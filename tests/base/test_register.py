"""A register: its instances in order, more of them for a while, each name once."""

from __future__ import annotations

import pytest

from txlib.base.register import Register

pytestmark = pytest.mark.quick


@pytest.fixture
def register() -> Register[str]:
    """Words, called by themselves and by their first letter."""
    return Register(["ash", "birch"], lambda word: [("word", word), ("letter", word[0])])


def test_more_stand_last_while_the_context_lasts_whatever_happens_in_it(register: Register[str]) -> None:
    with pytest.raises(KeyError), register.registered("cedar", "elm"):
        assert list(register) == ["ash", "birch", "cedar", "elm"]
        raise KeyError
    assert list(register) == ["ash", "birch"]


@pytest.mark.parametrize(("more", "names"), [(["alder"], "a"), (["birch"], "b, birch"), (["cedar", "cypress"], "c")])
def test_a_name_that_is_taken_is_told_and_nothing_registered(register: Register[str], more: list[str], names: str) -> None:
    with pytest.raises(ValueError, match=f"registered already: {names}$"), register.registered(*more):
        pass
    assert list(register) == ["ash", "birch"]
