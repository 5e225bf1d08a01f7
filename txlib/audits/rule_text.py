"""Detailed rules read against clause 1.3f: what they may not assess, and indicators of the tree that they repeat.

Every finding is a sign to check, with the words that it rests on; the assessment office decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from txlib.audits.audit import Audit, Evidence, Finding, Found, Naming, cited
from txlib.base.labels import LANGS, say
from txlib.base.numbers import rounded_one
from txlib.base.printing import as_text
from txlib.intake.data import Data
from txlib.rules.terms import Kind, Repeats, Terms

LINES = ["category", "item", "line", "text"]
INDICATORS = ["category", "code", "name"]
RULE_TEXT = ["category", "item", "line", "text", "kind", "match", "reason_zh", "reason_en", "similarity", "indicator"]
FORBIDDEN, REPEATS = "forbidden", "repeats"
ENDS = "。；，：！？;,:!?"
SKIPPED = "\"'“”‘’「」『』《》〈〉()[]【】〔〕"
COVER = "\0"
_CLAUSE = re.compile(rf"[^{re.escape(ENDS)}]+")
_NUMBER = r"(?:[0-9.]+(?:[-~–—至到][0-9.]+)?|[一二两三四五六七八九十半]+)"
_GRAM_UNIT = re.compile(r"[a-z0-9.]+|.", re.S)


class Plain(NamedTuple):
    """A line without spaces, quotes, brackets and differences of width; `at` says where each character stood."""

    text: str
    at: tuple[int, ...]


class Phrase(NamedTuple):
    """A part of a line between two marks that end it: the line's number, its words as written, their plain form."""

    line: int
    words: str
    plain: str


class Patterns(NamedTuple):
    """A kind's words, ready to be looked for."""

    terms: tuple[re.Pattern[str], ...]
    exceptions: re.Pattern[str] | None
    unless: re.Pattern[str] | None


class RuleTextAudit(Audit, name="rule_text", rules=("terms",), kinds=(FORBIDDEN, REPEATS),
                    frames={"rule_text": RULE_TEXT}):
    """`rule_text` (RULE_TEXT): lines of detailed rules that may hold what they should not; each is a finding, in their order.

    The frame has the reason in words too (`reason_zh`, `reason_en`) for who reads it alone; a report words the finding.
    """

    @classmethod
    def looks_at(cls, data: Data) -> bool:
        return not (data.details.empty and data.marks.empty)

    def run(self, given: Evidence) -> Found:
        terms, leaves = given.book.terms, [(code, leaf) for code, each in given.book.categories.items() for leaf in each.leaves]
        assert terms is not None, "the audit is switched on by terms"
        lines = given.data.details.drop(columns="line").rename(columns={"indicator": "item", "number": "line"})
        indicators = pd.DataFrame([(code, leaf.code, leaf.name.zh) for code, leaf in leaves], columns=INDICATORS)
        frame = findings(lines, terms, indicators)
        leads = {(code, leaf.code): leaf.lead or "" for code, leaf in leaves}
        told = [Finding(_sort(row.kind), row.category, row.item, leads.get((row.category, row.item), ""), (),
                        {"line": row.line, **row.values}, True, str(_worded(row.values, terms, "zh")["clause"]))
                for row in frame.itertuples()]
        return Found({"rule_text": frame[RULE_TEXT]}, told)

    def words(self, values: Mapping[str, Any], names: Naming) -> dict[str, Any]:
        assert names.book.terms is not None, "findings of another year"
        return _worded(values, names.book.terms, names.lang)


def plain(text: str) -> Plain:
    """The characters that words are compared by: NFKC, lower case, no spaces, quotes, brackets or unprintable ones."""
    kept = [(c, i) for i, letter in enumerate(text) for c in unicodedata.normalize("NFKC", letter).lower()
            if c not in SKIPPED and not c.isspace() and c.isprintable()]
    joined = "".join(c for c, _ in kept)
    dotted = re.sub(r"(?<!\d)\.|\.(?!\d)", "。", joined)  # a dot between digits belongs to the number
    return Plain(dotted, tuple(i for _, i in kept))


def findings(lines: pd.DataFrame, terms: Terms, indicators: pd.DataFrame) -> pd.DataFrame:
    """What in detailed rules may break clause 1.3f, one row for each line and kind or repeated indicator.

    `lines`: category, item (code of the indicator that the rules belong to), line, text; `indicators`: category, code,
    name. Columns RULE_TEXT: `kind` is one of the terms' kinds or `repeats`; `match` the words as written; `similarity`
    (0 to 1) and `indicator` (a code) only for repeats; beside them `values`, what the reasons are made of, a mapping a row.
    Rows in the order of `lines`. An item never repeats itself.
    """
    texts = [str(text) for text in lines["text"]]
    read = [plain(text) for text in texts]
    found = [*_forbidden(texts, read, terms), *_repeated(lines, texts, read, terms.repeats, indicators)]
    places = [n for n, _ in found]
    reasons = {f"reason_{lang}": [_reason(row, terms, lang) for _, row in found] for lang in LANGS}
    table = pd.DataFrame([row for _, row in found], columns=[*RULE_TEXT[4:], "values"]).assign(**reasons)
    frame = pd.concat([lines[LINES].iloc[places].reset_index(drop=True), table.astype({"similarity": float})], axis=1)
    return frame.iloc[np.argsort(places, kind="stable")].reset_index(drop=True)


def _reason(row: Mapping[str, Any], terms: Terms, lang: str) -> str:
    """Why a line is listed, in a language."""
    return say(f"audits/rule_text.{_sort(row['kind'])}", lang, **_worded(row["values"], terms, lang))


def _sort(kind: str) -> str:
    """Whether a row is of something forbidden or of an indicator repeated."""
    return REPEATS if kind == REPEATS else FORBIDDEN


def _worded(values: Mapping[str, Any], terms: Terms, lang: str) -> dict[str, Any]:
    """The values of a reason as texts: the kind by its name, shares in whole percent."""
    if "kind" in values:
        kind = terms.kinds[values["kind"]]
        return {**values, "kind": kind.name[lang], "clause": cited(kind)}
    return {**values, "share": as_text(rounded_one(values["share"] * 100, 0)), "least": as_text(terms.repeats.at_least * 100),
            "clause": cited(terms.repeats)}


# ── what may not be assessed ────────────────────────────────────────────────────────────────────────────────────────


def matches(text: Plain, kind: Patterns) -> list[tuple[int, int]]:
    """Where a plain line holds words of a kind, outside its exceptions and in clauses without its `unless`; not overlapping."""
    open_ = kind.exceptions.sub(lambda found: COVER * len(found[0]), text.text) if kind.exceptions else text.text
    spans = sorted(found.span() for pattern in kind.terms for found in pattern.finditer(open_))
    kept: list[tuple[int, int]] = []
    for start, end in spans:
        if kind.unless and kind.unless.search(_around(text.text, start, end)):
            continue
        if kept and start < kept[-1][1]:
            kept[-1] = kept[-1][0], max(end, kept[-1][1])
        else:
            kept.append((start, end))
    return kept


def _around(text: str, start: int, end: int) -> str:
    """The clause that a match stands in."""
    before = max(text.rfind(mark, 0, start) for mark in ENDS)
    after = [at for mark in ENDS if (at := text.find(mark, end)) >= 0]
    return text[before + 1:min(after, default=len(text))]


def patterns(kind: Kind, gap: int) -> Patterns:
    """The patterns of a kind; “…” in a phrase stands for up to `gap` characters of the same clause, “#” for a number."""
    pairs = [f"{_either(pair.first)}{_gap(pair.within)}{_either(pair.then)}" for pair in kind.together]
    return Patterns((_phrases(kind.terms, gap), *map(re.compile, pairs)),
                    _phrases(kind.exceptions, gap) if kind.exceptions else None,
                    _phrases(kind.unless, gap) if kind.unless else None)


def _phrases(phrases: Iterable[str], gap: int) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return re.compile("|".join(_gap(gap).join(_NUMBER.join(re.escape(plain(words).text) for words in part.split("#"))
                                              for part in phrase.split("…")) for phrase in longest_first))


def _either(words: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(plain(word).text) for word in sorted(words, key=lambda word: (-len(word), word))) + ")"


def _gap(most: int) -> str:
    return rf"[^{re.escape(ENDS + COVER)}]{{0,{most}}}?"


def _forbidden(texts: Sequence[str], read: Sequence[Plain], terms: Terms) -> Iterator[tuple[int, dict[str, Any]]]:
    ready = {code: patterns(kind, terms.gap) for code, kind in terms.kinds.items()}
    for n, (text, line) in enumerate(zip(texts, read, strict=True)):
        for code, kind in ready.items():
            spans = matches(line, kind)
            if spans:
                match = "、".join(dict.fromkeys(_words(text, line, *span) for span in spans))
                yield n, {"kind": code, "match": match, "similarity": np.nan, "indicator": "",
                          "values": {"match": match, "kind": code}}


def _words(text: str, line: Plain, start: int, end: int) -> str:
    """The words of the line as written, from a span of its plain form."""
    return text[line.at[start]:line.at[end - 1] + 1]


# ── what repeats an indicator ───────────────────────────────────────────────────────────────────────────────────────


def grams(text: str, lengths: Sequence[int]) -> frozenset[str]:
    """The n-grams of a plain text; a number or a Latin word counts as one character."""
    units = _GRAM_UNIT.findall(text)
    return frozenset("".join(units[i:i + n]) for n in lengths for i in range(len(units) - n + 1))


def similarity(name: str, clause: str, lengths: Sequence[int]) -> Fraction:
    """The share of a name's n-grams that a clause holds, exactly; 0 for a name too short to have any."""
    mine = grams(name, lengths)
    return Fraction(len(mine & grams(clause, lengths)), len(mine)) if mine else Fraction(0)


def synonyms(rule: Repeats) -> dict[str, str]:
    """Every word of a group of synonyms, plain, and the first of its group."""
    return {plain(word).text: plain(group[0]).text for group in rule.same for word in group}


def compared(text: str, first: Mapping[str, str]) -> str:
    """A plain text as it is compared: synonyms replaced by the first of their group, the longest first."""
    return _pattern(tuple(first)).sub(lambda found: first[found[0]], text) if first else text


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(_either(words))


def _clauses(texts: Sequence[str], read: Sequence[Plain], rule: Repeats) -> Iterator[Phrase]:
    scoring, first = _scoring(rule), synonyms(rule)
    for n, (text, line) in enumerate(zip(texts, read, strict=True)):
        for found in _CLAUSE.finditer(line.text):
            left = scoring.sub(COVER, found[0]) if scoring else found[0]
            if len(left.replace(COVER, "")) > 1:
                yield Phrase(n, _words(text, line, *found.span()), compared(left, first))


def _scoring(rule: Repeats) -> re.Pattern[str] | None:
    """What is said of scoring, except where it begins with words that a name may begin with too (每万人)."""
    if not rule.scoring:
        return None
    said = _phrases(rule.scoring, rule.scoring_gap).pattern
    return re.compile(f"(?!{_phrases(rule.exceptions, rule.scoring_gap).pattern})(?:{said})" if rule.exceptions else said)


def _counts(lines: Sequence[frozenset[str]], known: dict[str, int]) -> sparse.csr_array:
    """Which of the known n-grams each text holds, as ones in a sparse matrix."""
    held = [[known[gram] for gram in each if gram in known] for each in lines]
    row = np.repeat(np.arange(len(held)), [len(each) for each in held])
    column = np.array([at for each in held for at in each], dtype=np.int64)
    return sparse.csr_array((np.ones(len(column), dtype=np.int64), (row, column)), shape=(len(held), len(known)))


def _apart(name: str, clause: str, groups: Sequence[Sequence[str]]) -> bool:
    """Whether the name has a word of a group and the clause another one in its place."""
    for group in groups:
        mine = {word for word in group if word in name}
        if mine and not any(word in clause for word in mine) and any(word in clause for word in group):
            return True
    return False


def _pairs(clauses: Sequence[Phrase], names: Sequence[str], rule: Repeats) -> Iterator[tuple[int, int, Fraction]]:
    """Clause, indicator and similarity wherever it reaches the threshold; words apart are not looked at yet."""
    letters = [grams(name, rule.grams) for name in names]
    known = {gram: i for i, gram in enumerate(sorted(frozenset().union(*letters)))}
    size: npt.NDArray[np.int64] = np.array([len(each) for each in letters], dtype=np.int64)
    shared = sparse.coo_array(_counts([grams(c.plain, rule.grams) for c in clauses], known) @ _counts(letters, known).T)
    line, name = shared.coords
    line_up = rule.at_least
    reached = shared.data * line_up.denominator >= size[name] * line_up.numerator
    for i, j, count in zip(line[reached], name[reached], shared.data[reached], strict=True):
        yield int(i), int(j), Fraction(int(count), int(size[j]))


def _repeated(lines: pd.DataFrame, texts: Sequence[str], read: Sequence[Plain], rule: Repeats,
              indicators: pd.DataFrame) -> Iterator[tuple[int, dict[str, Any]]]:
    """The indicator that each clause comes nearest to, where it comes near enough; each indicator once a line."""
    clauses = list(_clauses(texts, read, rule))
    first = synonyms(rule)
    names = [compared(plain(str(name)).text, first) for name in indicators["name"]]
    if not clauses or not names:
        return
    apart = [[compared(plain(word).text, first) for word in group] for group in rule.apart]
    owner, code = indicators["category"].tolist(), indicators["code"].tolist()
    category, item = lines["category"].tolist(), lines["item"].tolist()
    best: dict[int, tuple[Fraction, int, int]] = {}
    for i, j, share in _pairs(clauses, names, rule):
        n = clauses[i].line
        if code[j] == item[n] or (rule.compared_within == "category" and owner[j] != category[n]):
            continue
        if not _apart(names[j], clauses[i].plain, apart):
            best[i] = max(best.get(i, (Fraction(0), 0, 0)), (share, len(names[j]), -j))
    nearest: dict[tuple[int, int], tuple[Fraction, int]] = {}
    for i, (share, _, j) in best.items():
        key = clauses[i].line, -j
        nearest[key] = max(nearest.get(key, (Fraction(0), 0)), (share, -i))
    for (n, j), (share, i) in nearest.items():
        name, words = str(indicators["name"].iloc[j]), clauses[-i].words
        yield n, {"kind": REPEATS, "match": words, "similarity": float(share), "indicator": str(code[j]),
                  "values": {"match": words, "name": name, "code": str(code[j]), "share": share}}
