"""What an audit costs: one registered for the time of a test, with texts of its own, is in every report of audits at once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import written
from bs4 import BeautifulSoup
from running import JINING, few, prints, without_kernels, write
from shared import ROOT, edition, words_of

import txlib as tx
from txlib import audits
from txlib.audits import Audit, Evidence, Finding, Found
from txlib.base import labels
from txlib.base.labels import LANGS, section
from txlib.report import marks, overview
from txlib.report.basis import audit_rules, ranking_rules
from txlib.report.excel import results
from txlib.report.marks import outcomes
from txlib.run import batch

quick = pytest.mark.quick  # all but the run


class RoundNumbers(Audit, name="round_numbers", kinds=("round", "single"), frames={"round": ["category", "item", "share"]}):
    """Indicators whose values are all multiples of ten; those of a single value are listed, and do not count."""

    def run(self, given: Evidence) -> Found:
        rows, findings = list[tuple[str, str, float]](), list[Finding]()
        known = given.data.observations.dropna(subset="value")
        for (category, item), values in known.groupby(["category", "indicator"])["value"]:
            rows.append((category, item, float((values % 10 == 0).mean())))
            if rows[-1][2] == 1:
                kind, lead = "round" if len(values) > 1 else "single", given.book.categories[category].node(item).lead or ""
                findings.append(Finding(kind, category, item, lead, (), {"n": len(values)}, kind == "round", ""))
        return Found({"round": pd.DataFrame(rows, columns=self.frames["round"])}, findings)


TEXTS = """
name: {zh: 整数（迹象）, en: round numbers (sign)}
round: {zh: '{n} 个数值都是整十数', en: 'all {n} values are multiples of ten'}
single: {zh: 只有一个数值, en: a single value}
year: {zh: '{count} 个指标的数值都是整十数（{items}）。', en: 'Indicators of round numbers only: {count} ({items}).'}
key: {zh: 整数指标, en: Round numbers}
by_lead: {zh: 整数, en: Round}
index: {zh: 整数待核, en: Round numbers to check}
"""
SAID = {"zh": ("整数（迹象）", "3 个数值都是整十数", "1 个指标的数值都是整十数（Q 指标Q）。", "整数指标"),
        "en": ("round numbers (sign)", "all 3 values are multiples of ten",
               "Indicators of round numbers only: 1 (Q Indicator Q).", "Round numbers")}


@pytest.fixture(autouse=True)
def _one_audit_more(tmp_path: Path) -> Iterator[None]:
    written.file(tmp_path / "labels" / "audits" / "round_numbers.yaml", TEXTS)
    with audits.registered(RoundNumbers), labels.added(tmp_path / "labels"):
        yield


@pytest.fixture
def year(tmp_path: Path) -> tuple[tx.RuleBook, tx.Data]:
    """Three units on two indicators, one of round numbers; the year has no rule on marks."""
    leaves = [{"code": code, "weight": "50", "lead": "a", "scored_by": {"method": "given", "out_of": "100"}} for code in "PQ"]
    values = "unit, indicator, value\na, P, 81\nb, P, 90\nc, P, 70\na, Q, 80\nb, Q, 90\nc, Q, 70"
    written.workspace(tmp_path, {"indicators": leaves, "units": ["a", "b", "c"], "tables": {"observations": values}})
    book = tx.load_rulebook(written.YEAR, tmp_path)
    return book, tx.load_data(book)


@quick
def test_its_findings_stand_in_the_one_frame(year: tuple[tx.RuleBook, tx.Data]) -> None:
    book, data = year
    for found in (tx.audit_quotas(book, data), tx.audit_quotas(book, data, written.CATEGORY)):
        assert found is not None and found.breaches.empty
        assert found.findings.to_dict("records") == [{
            "audit": "round_numbers", "kind": "round", "category": written.CATEGORY, "item": "Q", "lead": "a", "units": (),
            "values": {"n": 3}, "flagged": True, "clause": ""}]
        assert found.round.values.tolist() == [[written.CATEGORY, "P", 2 / 3], [written.CATEGORY, "Q", 1.0]]


@quick
def test_what_is_not_flagged_is_in_the_frame_and_in_no_list(year: tuple[tx.RuleBook, tx.Data]) -> None:
    book, data = year
    few = data.replaced(observations=data.observations[data.observations["unit"] == "a"])
    found = tx.audit_quotas(book, few)
    assert found is not None and found.findings[["kind", "flagged"]].values.tolist() == [["single", False]]
    said = marks.audited(found, book, few)
    words = words_of(book, "zh", few)
    assert said is not None and outcomes.everything(said, words).listing is None and overview.in_short(said, words) == []
    assert "个数值" not in marks.findings(said, words).text


@quick
@pytest.mark.parametrize("lang", LANGS)
def test_reports_on_a_category_and_on_the_year_tell_of_it(year: tuple[tx.RuleBook, tx.Data], lang: str) -> None:
    book, data = year
    (sort, text, sentence, key), words = SAID[lang], words_of(book, lang, data)
    for asked in (written.CATEGORY, None):
        said = marks.audited(tx.audit_quotas(book, data, asked), book, data)
        assert said is not None
        assert marks.findings(said, words).text.splitlines()[1:] == [
            {"zh": f"- Q 指标Q（单位a）：{text}", "en": f"- Q Indicator Q (Unit a): {text}"}[lang]]
        assert overview.in_short(said, words) == [sentence]
        assert sentence in overview.findings(book, data, {}, {}, words, overview.in_short(said, words)).text
        assert key in marks.cover(said, book, written.CATEGORY, words).text
        assert overview.by_lead(said, words).text.splitlines()[2].split()[-5:] == ["0", "0", "1", "0", "—"]
        for show in (marks.quotas, marks.remedies, marks.shares, marks.signs, marks.rule_text, marks.choices, marks.consequences):
            assert show(said, words).text == section("audit")["no_rule"][lang]
        (row,) = outcomes.everything(said, words).listing.rows  # type: ignore[union-attr]
        assert list(row)[-2:] == [sort, text]


@quick
@pytest.mark.parametrize("lang", LANGS)
def test_it_has_its_rows_in_the_workbook_of_results(year: tuple[tx.RuleBook, tx.Data], lang: str) -> None:
    book, data = year
    found = {written.CATEGORY: tx.assess(book, data, written.CATEGORY)}
    read = openpyxl.load_workbook(io.BytesIO(results.workbook(book, data, found, {}, words_of(book, lang, data))))
    cells = [cell.value for row in read[section("excel")["audit"][lang]].iter_rows() for cell in row]
    assert set(SAID[lang][:2]) <= set(cells)


@quick
def test_beside_it_the_findings_of_others_keep_their_words() -> None:
    book, data = edition("2020")
    frame = data.observations
    data = data.replaced(observations=frame.assign(value=frame["value"].mask(frame["indicator"] == "A1.1", 10)))
    found = tx.audit_quotas(book, data, "depts_1")
    assert found is not None and {"quantitative", "rule_text", "levelling", "round_numbers"} == set(found.findings["audit"])
    alone = replace(found, findings=found.findings[found.findings["audit"] != "round_numbers"])
    words = words_of(book, "zh", data)
    both, others = (marks.findings(marks.audited(each, book, data), words).text.splitlines() for each in (found, alone))
    own = [line for line in both if "整十数" in line]
    assert len(own) == 1 and [line for line in both if line not in own] == others


@pytest.mark.parametrize("lang", LANGS)
def test_the_index_counts_what_it_found_in_each_category(lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run in this process: kernels and workers are not its subject."""
    without_kernels(monkeypatch)
    root = few(ROOT, tmp_path / "run")
    write(root, "00_year", f'year: str = "{JINING}"', "1")
    path = root / "data" / JINING / "class_1" / "observations.csv"
    head, *rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    leaf, value = rows[0][head.index("indicator")], head.index("value")
    rows = [[*row[:value], "10", *row[value + 1:]] if leaf in row else row for row in rows]
    path.write_text("\n".join(map(",".join, [head, *rows])) + "\n", encoding="utf-8")
    assert batch.run(root, JINING, lang=lang).index is not None
    page = BeautifulSoup((root / "outputs" / JINING / "index.html").read_text(encoding="utf-8"), "html.parser")
    heading = section("audits/round_numbers")["index"][lang]
    assert [dt.find_next("dd").text for dt in page.select("section.tx-card dt") if dt.text == heading] == ["1", "0"]


class Compared(Audit, name="compared", kinds=(), rules=("comparison",), across=True):
    """An audit with a rule of its own, in place of one that stands in no edition yet: `comparison`."""

    def run(self, given: Evidence) -> Found:
        return self.nothing()


@quick
def test_its_rule_is_cited_by_the_report_on_audits_and_not_by_that_on_a_ranking() -> None:
    book = edition("2017-jining")[0]
    rule = book.rules.comparison
    assert rule is not None and rule in ranking_rules(book) and rule not in audit_rules(book)
    with audits.registered(Compared):
        assert rule in audit_rules(book) and rule not in ranking_rules(book)


@quick
def test_a_report_rests_on_all_categories_where_an_audit_that_is_on_looks_across_them(tmp_path: Path) -> None:
    root = few(ROOT, tmp_path)
    book, path = tx.load_rulebook(JINING, root), root / "data" / JINING / "class_2" / "observations.csv"
    with audits.registered(Compared):
        before = prints(book)
        path.write_bytes(path.read_bytes() + b"\n")
        after = prints(book)
    assert before["class_1"] != after["class_1"] != prints(book)["class_1"]


@quick
def test_a_name_is_one_audit_s_and_gone_afterwards() -> None:
    class Other(Audit, name="other", kinds=(), frames={"breaches": ()}):
        """With a frame of another's name."""

        def run(self, given: Evidence) -> Found:
            return self.nothing()

    before = list(audits.named())
    for taken, name in ((RoundNumbers, "round_numbers"), (Other, "breaches")):
        with pytest.raises(ValueError, match=name), audits.registered(taken):
            pass
        assert list(audits.named()) == before
