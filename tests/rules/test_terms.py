"""The words of detailed rules: what may be left out of a terms.yaml, and from how many words on a list is one."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from txlib.base.numbers import Numeral
from txlib.rules.terms import Terms

pytestmark = pytest.mark.quick

TEXT = {"zh": "名", "en": "name"}
BASIS = {"clause": "silent", "assumption": {"term": TEXT, "assumes": TEXT, "reason": TEXT}}
TOGETHER = {"first": ["成立"], "then": ["机构"], "within": Numeral("0")}
KIND = {**BASIS, "name": TEXT, "terms": ["专班"], "together": [TOGETHER]}
REPEATS = {**BASIS, "grams": [Numeral("2")], "at_least": "50%", "compared_within": "year", "scoring_gap": Numeral("0")}


def terms(kind: dict[str, Any] | None = None, repeats: dict[str, Any] | None = None, **more: Any) -> Terms:
    return Terms.model_validate({"gap": Numeral("0"), "kinds": {"a": {**KIND, **(kind or {})}},
                                 "repeats": {**REPEATS, **(repeats or {})}, **more})


def test_the_least_that_there_may_be() -> None:
    least = terms(repeats={"same": [["甲", "乙"]], "apart": [["甲", "乙"]]})
    assert (least.gap, least.kinds["a"].unless, least.kinds["a"].exceptions, least.repeats.scoring) == (0, (), (), ())
    assert least.repeats.same == (("甲", "乙"),) and least.kinds["a"].assumed == least.repeats.assumed == ()


@pytest.mark.parametrize("more", [
    {"kind": {"terms": []}}, {"kind": {"together": [{**TOGETHER, "first": []}]}},
    {"kind": {"together": [{**TOGETHER, "then": []}]}},
    {"repeats": {"same": [["甲"]]}}, {"repeats": {"apart": [["甲"]]}}, {"repeats": {"grams": []}}, {"kinds": {}},
])
def test_a_list_that_says_nothing_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        terms(**more)
    assert [error["type"] for error in caught.value.errors()] == ["too_short"]
