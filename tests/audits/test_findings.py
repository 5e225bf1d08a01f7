"""The one frame of findings: its columns, what is flagged in it beside the frames of each audit, and its words."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from sample_audit import audit, listed
from shared import edition, words_of

import txlib as tx
from txlib import audits
from txlib.audits import Audit, Evidence, Found, quotas
from txlib.audits.audit import FINDINGS, MarksOf
from txlib.audits.mark_audit import MarkAudit, examined
from txlib.base.labels import LANGS, section
from txlib.intake import tables
from txlib.report import marks
from txlib.report.marks import found
from txlib.report.marks.audit import Audited

pytestmark = pytest.mark.quick

BESIDE = {"several", "head", "none", "year", "year_none", "key", "key_items", "by_lead", "index"}  # labels of a whole audit


def flagged(name: str) -> Any:
    findings = audit().findings
    return findings[(findings["audit"] == name) & findings["flagged"]]


def test_it_has_these_columns_and_the_audits_in_their_order() -> None:
    found = audit().findings
    assert list(found) == FINDINGS == ["audit", "kind", "category", "item", "lead", "units", "values", "flagged", "clause"]
    on = [name for name, each in audits.named().items() if each.is_on(edition("2020")[0])]
    assert list(dict.fromkeys(found["audit"])) == [name for name in on if name in {*found["audit"]}]
    assert found["flagged"].dtype == bool and {type(each) for each in found["units"]} == {tuple}
    kinds = {(row.audit, row.kind) for row in found.itertuples()}
    assert kinds <= {(name, kind) for name, each in audits.named().items() for kind in each.kinds}


def test_what_is_flagged_is_what_the_frames_of_the_audits_tell() -> None:
    whole, own = audit(), ("category", "item", "lead")
    assert [(row.category, row.item, row.values["level"], row.values["found"], row.values["limit"], row.units)
            for row in flagged("quotas").itertuples()] == [
        (row.category, row.item, row.rule, row.found, row.limit, row.units) for row in whole.breaches.itertuples()]
    assert listed(flagged("full_marks"), *own) == listed(whole.full_marks, *own)
    shares = whole.quantitative
    assert listed(flagged("quantitative"), *own) == (
        listed(shares[~shares["kept"]], *own) + listed(shares[shares["constant"]], *own))
    assert [(row.item, row.values["line"], row.values["match"]) for row in flagged("rule_text").itertuples()] == [
        (row.item, row.line, row.match) for row in whole.rule_text.itertuples()]
    signs, copied = whole.signs, whole.copied
    assert listed(flagged("levelling"), *own) == (
        listed(signs[signs["flagged"]], *own) + listed(copied[copied["flagged"]], *own))


def test_signs_that_are_judged_and_pairs_that_are_compared_are_there_without_a_flag() -> None:
    found, signs, copied = audit().findings, audit().signs, audit().copied
    rows = found[found["audit"] == "levelling"]
    told = Counter(rows["kind"])
    assert told.pop("copied") == copied["chance"].notna().sum()
    assert told == Counter(signs.loc[signs["judged"], "sign"])


def missed(**changes: Any) -> Found:
    """What the audit of quotas finds in the marks of 2020 under other rules."""
    return quotas.QuotaAudit().run(ruled(**changes))


def ruled(category: str | None = None, **changes: Any) -> Evidence:
    """The marks of 2020, of a category asked for, under other rules."""
    given = Evidence(*edition("2020"), category)
    marked, items, rules = given.year
    vars(given)["year"] = MarksOf(marked, items, rules.model_copy(update=changes))
    return given


def test_what_a_category_is_counted_from_is_its_own_or_the_year_s_where_categories_are_counted_together() -> None:
    own, together = ruled("towns_1").own, ruled("towns_1", per="item")
    assert {*own.items["category"]} == {*own.marks["category"]} == {"towns_1"}
    assert together.own is together.year and len(together.year.items) > len(own.items)
    whole = ruled()
    assert whole.own is whole.year


def test_groups_over_several_categories_are_told_of_each() -> None:
    frames, _ = examined(ruled("towns_1", per="item"), [quotas.QuotaAudit])
    assert len(frames["groups"]) and all("towns_1" in each and len(each) > 1 for each in frames["groups"]["categories"])


def test_other_deductions_are_told_of_the_leads_that_mark_in_the_category() -> None:
    given = ruled("towns_1")
    marked, items, rules = given.year
    mine = items[(items["category"] != "towns_1") | (items["lead"] == "organisation")].reset_index(drop=True)
    kept = pd.MultiIndex.from_frame(mine[["category", "item"]])
    marked = marked[pd.MultiIndex.from_frame(marked[["category", "item"]]).isin(kept)]
    vars(given)["year"] = MarksOf(marked, mine, rules)
    points = quotas.QuotaAudit().run(given).frames["points"]
    assert {*points["lead"]} == {"organisation"} < {*audit().points["lead"]}


def test_marks_of_a_unit_that_is_excluded_are_no_evidence() -> None:
    book, data = edition("2020")
    decided = data.decisions.assign(unit=data.marks["unit"].iloc[0], kind="excluded")
    left = Evidence(book, data.replaced(decisions=decided)).year.marks
    out = Evidence(book, data).year.marks
    assert len(left) and len(out) - len(left) == (out["unit"] == decided["unit"].iloc[0]).sum() > 0


def told(audited: MarkAudit) -> Audited:
    said = marks.audited(audited, *edition("2020"))
    assert said is not None
    return said


def test_counts_of_items_count_an_item_once() -> None:
    said, (book, data) = told(audit("depts_3")), edition("2020")
    assert len(found.rows_of(said, quotas.QuotaAudit)) == 2
    assert found.figures(said, words_of(book, "zh", data))["达不到差别化要求"] == 1


def test_findings_that_nobody_answers_for_are_in_no_column_of_leads() -> None:
    book, data = edition("2020")
    rows = audit().findings
    said = told(replace(audit(), findings=rows.assign(lead=rows["lead"].where(rows["audit"] != "full_marks", ""))))
    columns = dict(found.by_lead(said, words_of(book, "zh", data)))
    assert columns["满分"] == [] and len(columns["达不到的要求（条）"]) and not any("" in each for each in columns.values())


def test_that_the_year_is_kept_is_said_only_where_something_was_marked() -> None:
    book, data = edition("2020")
    words, rows = words_of(book, "zh", data), audit().findings
    clean = replace(audit(), findings=rows[rows["audit"] != "quotas"])
    assert "都符合差别化要求" in found.of_the_year(told(clean), words)[0]
    unmarked = replace(clean, frames={**clean.frames, "spread": clean.spread.iloc[:0]})
    assert "差别化" not in "".join(found.of_the_year(told(unmarked), words))


def test_a_quota_missed_by_too_few_units_is_not_flagged() -> None:
    assert {each.flagged for each in missed(smallest=1000).findings} == {False}
    assert len(missed(smallest=1000).findings) == len(missed().findings)


def test_units_that_are_counted_over_several_categories_are_a_finding_in_each() -> None:
    strict = tuple(level.model_copy(update={"share": Fraction(1, 10)}) for level in Evidence(*edition("2020")).year.rules.levels)
    found = missed(per="item", levels=strict)
    (held,) = set(found.frames["breaches"].query("item == 'P1'")["categories"])
    assert len(held) > 1 and [each.category for each in found.findings if each.item == "P1"] == list(held)


@pytest.mark.parametrize("category", ["towns_1", "depts_4"])
def test_those_of_a_category_are_its_part_of_the_year_s(category: str) -> None:
    whole = audit().findings
    mine = whole[whole["category"] == category].reset_index(drop=True)
    assert len(mine) and audit(category).findings.to_dict("records") == mine.to_dict("records")


@pytest.mark.parametrize("name", audits.named())
def test_an_audit_has_its_texts_and_no_others_but_its_own_words_ask_for_them(name: str) -> None:
    labels, kinds = section(f"audits/{name}"), audits.named()[name].kinds
    assert {"name", *kinds} <= set(labels)
    known = {"name", *BESIDE, *kinds, *(f"{kind}_sentence" for kind in kinds), *(f"by_lead_{kind}" for kind in kinds)}
    assert {key for key in labels if key not in known and not key.startswith("choice_")} <= {"contested"}


@pytest.mark.parametrize("lang", LANGS)
def test_every_finding_has_its_words(lang: str) -> None:
    said = marks.audited(audit(), *edition("2020"))
    assert said is not None
    book, data = edition("2020")
    words = words_of(book, lang, data)
    for row in audit().findings.itertuples():
        text, sentence = found.text(said, row, words), found.sentence(said, row, words)
        assert text and sentence and "{" not in text + sentence and "Fraction" not in text + sentence


@pytest.mark.parametrize(("year", "category"), [("2019", "towns_1"), ("2017-jining", "class_1")])
def test_a_rule_that_the_year_does_not_have_switches_its_audits_off(year: str, category: str) -> None:
    book, data = edition(year)
    of_2020 = [name for name, each in audits.named().items() if each.rules and each.is_on(edition("2020")[0])]
    assert {"quotas", "rule_text"} <= {*of_2020}
    on = [name for name, each in audits.named().items() if each.is_on(book)]
    assert [name for name in on if name in of_2020] == ["rule_text"] * (book.terms is not None)
    assert tx.audit_quotas(book, data, category) is None


def test_rule_text_is_audited_in_a_year_without_quotas_too() -> None:
    """And what was not handed in is said; without marks and details there is nothing to say."""
    book, data = edition("2020")
    free = replace(book, rules=book.rules.model_copy(update={"quotas": None}))
    ruled, found_ = (tx.audit_quotas(each, data, "towns_1") for each in (book, free))
    assert ruled is not None and found_ is not None and len(found_.rule_text) and set(found_.findings["audit"]) == {"rule_text"}
    pd.testing.assert_frame_equal(ruled.rule_text, found_.rule_text)
    words, said = words_of(free, "zh", data), marks.audited(found_, free, data)
    assert found_.rule_text["text"].iloc[0] in marks.rule_text(said, words).text
    gone = data.replaced(details=data.details[data.details["category"] != "towns_1"])
    less = marks.audited(tx.audit_quotas(free, gone, "towns_1"), free, gone)
    assert "未检查" in marks.findings(less, words).text
    nothing = data.replaced(details=data.details.iloc[:0], marks=data.marks.iloc[:0])
    assert tx.audit_quotas(free, nothing, "towns_1") is None


def test_detailed_rules_may_be_of_any_leaf() -> None:
    category = edition("2020")[0].categories["towns_1"]
    row = tables.named()["details"]
    assert row.scored(category) == list(category.leaves) and row.chosen(category) == list(category.marked)
    assert len(category.leaves) > len(category.marked) > 0


@pytest.mark.parametrize("path", ["quota", "quotas.leveling"])
def test_a_rule_that_there_is_in_no_year_is_a_mistake(path: str) -> None:
    class Mistaken(Audit, name="mistaken", kinds=(), rules=(path,)):
        """With a path that leads nowhere."""

        def run(self, given: Evidence) -> Found:
            return self.nothing()

    with pytest.raises(AttributeError):
        Mistaken.is_on(edition("2020")[0])
