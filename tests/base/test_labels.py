"""Every text a person reads: found by its key, filled with values, in one of two languages; more of them for a while."""

from __future__ import annotations

from pathlib import Path

import pytest

from txlib.base.labels import added, counted, filled, say, section

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(("values", "text"), [
    ({"n": 1, "x": "a"}, "1 unit of a"), ({"n": 2, "x": "a"}, "2 units of a"), ({"n": 0, "x": "{n}"}, "0 units of {n}"),
    ({"n": "1", "x": 3}, "1 unit of 3"), ({"n": 1.0, "x": 3}, "1.0 units of 3"),
])
def test_words_go_with_their_number(values: dict[str, object], text: str) -> None:
    assert filled("{n} {n:unit|units} of {x}", **values) == text


def test_what_goes_with_a_number_may_hold_another_value() -> None:
    assert filled("{n:one|many of {x}}", n=3, x="a") == "many of a" and filled("{n:|s}", n=1) == ""


def test_more_labels_are_found_while_they_are_added_and_go_before(tmp_path: Path) -> None:
    (tmp_path / "methods").mkdir()
    (tmp_path / "methods" / "mine.yaml").write_text('a: {zh: "甲", en: "{count} {count:unit|units}"}\n', encoding="utf-8")
    (tmp_path / "explain.yaml").write_text('comma: {zh: "！", en: "!"}\n', encoding="utf-8")
    comma = say("explain.comma", "zh")
    with added(tmp_path):
        assert say("methods/mine.a", "zh") == "甲" and counted("methods/mine.a", "en", 2) == "2 units" and section("mine") == {}
        assert say("explain.comma", "zh") == "！" and say("explain.semicolon", "zh")
    assert section("methods/mine") == {} and say("explain.comma", "zh") == comma != "！"


def test_a_language_or_a_key_that_there_is_none_of_is_told() -> None:
    with pytest.raises(ValueError, match=r"'fr' ≠ zh \| en"):
        say("explain.comma", "fr")
    with pytest.raises(KeyError):
        say("explain.nothing", "zh")
    with pytest.raises(KeyError):
        say("nothing.comma", "zh")


def test_a_text_without_values_is_said_as_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text('a: {zh: "{x}", en: "{x}"}\n', encoding="utf-8")
    with added(tmp_path):
        assert say("mine.a", "zh") == "{x}" and say("mine.a", "zh", x=1) == "1"


def test_words_of_a_method_are_those_of_its_room_alone() -> None:
    """Report and method may have a file of one name."""
    own, report = section("methods/findings"), section("findings")
    assert "costs" in own and "costs" not in report and "and" in report and "and" not in own
