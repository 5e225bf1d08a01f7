"""Texts handed in: tidied, put in half width, made comparable, made harmless."""

from __future__ import annotations

import pytest

from txlib.base.text import comparable, half_width, harmless, tidied

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(("text", "tidy", "half", "alike", "plain"), [
    (" a\u200bb\u3000", "ab", "ab", "ab", " a\ufffdb\u3000"), ("７．１３", "７．１３", "7.13", "7.13", "７．１３"),
    ("7.13①", "7.13①", "7.13①", "7.131", "7.13①"), ("县级（一）", "县级（一）", "县级(一)", "县级(一)", "县级（一）"),
    ("m²", "m²", "m²", "m2", "m²"), ("㎡", "㎡", "㎡", "m2", "㎡"), ("a b", "a b", "a b", "ab", "a b"),
    ("a\xa0b\u2009c", "a\xa0b\u2009c", "a b c", "abc", "a\xa0b\u2009c"), ("\ufeff1\u00ad", "1", "1", "1", "\ufffd1\ufffd"),
    ("a\x1b\u202eb", "a\x1b\u202eb", "a\x1b\u202eb", "a\x1b\u202eb", "a\ufffd\ufffdb"), ("﹪", "﹪", "%", "%", "﹪"),
    ("！～", "！～", "!~", "!~", "！～"), ("｟", "｟", "｟", "⦅", "｟"),
])
def test_a_text_for_each_of_four_ends(text: str, tidy: str, half: str, alike: str, plain: str) -> None:
    assert (tidied(text), half_width(text), comparable(text), harmless(text)) == (tidy, half, alike, plain)


def test_what_is_no_text_is_told_as_one() -> None:
    assert (tidied(7.5), harmless(None)) == ("7.5", "None")
