"""Which code of a rule a text means: by one of its words in either language, and never by a guess between two."""

from __future__ import annotations

import pytest

from txlib.methods.words import code_of

pytestmark = pytest.mark.quick

LEVELS = ["national", "province", "city", "x1"]


@pytest.mark.parametrize(("text", "code"), [
    ("national", "national"), ("国家", "national"), ("国家级", "national"), ("全国", "national"), ("National", "national"),
    ("省级", "province"), ("Provincial", "province"), ("x1", "x1"), ("级省", "级省"), ("", ""), ("县级", "县级"), ("X2", "X2"),
])
def test_a_level_is_meant_by_its_words(text: str, code: str) -> None:
    assert code_of(text, LEVELS) == code


def test_a_word_of_two_codes_means_neither() -> None:
    assert code_of("市级", ["city", "市"]) == "市级"
    assert code_of("city", ["", "city"]) == "city"
