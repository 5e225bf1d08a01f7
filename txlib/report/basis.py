"""What a report rests on: the rules behind a ranking or an audit, the clauses that they cite, the assumptions that they make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from txlib.audits import named
from txlib.base.fields import Model
from txlib.base.numbers import floats
from txlib.base.printing import number
from txlib.report.facts import decimals
from txlib.report.kit.blocks import Cover
from txlib.report.kit.shown import Display, table

if TYPE_CHECKING:
    from txlib.audits import Audit
    from txlib.intake.data import Data
    from txlib.report.kit.words import Words
    from txlib.rules.book import RuleBook
    from txlib.rules.year import Assumption
    from txlib.scoring.result import Result

REMINDS = "due"  # of the year's rules the one that no points rest on: it serves reminders
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


class Cites(Protocol):
    """What cites clauses and names assumptions: a rule, a node, a category."""

    @property
    def clause(self) -> tuple[str, ...]: ...

    @property
    def assumed(self) -> tuple[str, ...]: ...


def ranking_rules(book: RuleBook, category: str | None = None) -> Iterator[Cites]:
    """What a category's ranking (all rankings where None) rests on: the year's rules and the tree; rules of audits only where
    they cost its units points.
    """
    heads = [head for code, head in book.categories.items() if category in (None, code)]
    costs = category is None or any(head.penalised for head in heads)
    costly = _heads(audit for audit in named().values() if audit.deducts and costs)
    beside = {REMINDS} | _heads(named().values()) - costly
    yield from _within(book.rules.model_copy(update=dict.fromkeys(beside & book.rules.model_fields_set)))
    for head in heads:
        yield head
        yield from head.nodes


def audit_rules(book: RuleBook, category: str | None = None) -> Iterator[Cites]:
    """What the audits of a category (of all where None) rest on: the rules that switch them on, and the items that are marked."""
    for audit in named().values():
        for rule in audit.standing(book):
            yield from (rule,) if _cites(rule) else ()
            yield from _within(rule)
    for code, head in book.categories.items():
        yield from head.marked if category in (None, code) else ()


def _heads(audits: Iterable[type[Audit]]) -> set[str]:
    """The parts of a rule-book that hold the rules of these audits."""
    return {path.partition(".")[0] for audit in audits for path in audit.rules}


def cited(book: RuleBook, rules: Iterable[Cites]) -> tuple[str, ...]:
    """Clauses that these rules cite, in the plan's order."""
    cited = {clause for rule in rules for clause in rule.clause}
    return tuple(number for number in book.clauses if number in cited)


def assumed_by(book: RuleBook, rules: Iterable[Cites]) -> tuple[str, ...]:
    """Assumptions that these rules rest on, in the order of assumptions.yaml."""
    named = {name for rule in rules for name in rule.assumed}
    return tuple(name for name in book.assumptions if name in named)


def term_assumptions(book: RuleBook) -> list[Assumption]:
    """What is assumed of the words to look for in detailed rules, which stands in terms.yaml itself."""
    return [*(kind.assumption for kind in book.terms.kinds.values()), book.terms.repeats.assumption] if book.terms else []


def _within(model: Any) -> Iterator[Cites]:
    """What cites clauses in a model's fields, what is within others included."""
    for value in vars(model).values():
        several = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else (value,)
        for each in several:
            if _cites(each):
                yield each
            if isinstance(each, Model):
                yield from _within(each)


def _cites(rule: Any) -> bool:
    return isinstance(rule, Model) and hasattr(rule, "clause")


def absent(result: Result) -> int:
    """How many pairs of unit and leaf do not apply."""
    return int((result.scores.status == "not_applicable").sum())


def period(year: str, handed: str, words: Words) -> str:
    """The period of a year's figures in words: the year, or the month where the period is one."""
    month = MONTH.fullmatch(handed)
    return words.say(f"tables.month_{month[2]}", year=month[1]) if month else handed


def _keys(results: Sequence[Result], *, whole_year: bool) -> dict[str, object]:
    units = sum(len(result.ranking) for result in results)
    if whole_year:
        return {"categories": len(results), "units": units, "absent": sum(map(absent, results)),
                "all_leaves": sum(len(result.category.leaves) for result in results)}
    (result,) = results
    scores, shown = floats(result.ranking.score), decimals(result)
    return {"units": units, "mean": number(float(scores.mean()), shown),
            "spread": number(float(scores.max() - scores.min()), shown), "leaves": len(result.category.leaves)}


def cover(book: RuleBook, results: Result | Mapping[str, Result], words: Words) -> Display:
    """The head of a report on one category (its result) or on the whole year (results by category)."""
    whole_year = isinstance(results, Mapping)
    held = list(results.values()) if isinstance(results, Mapping) else [results]
    category = words.label("all_categories") if whole_year else words.name(held[0].category)
    keys = {words.label(f"key_{key}"): value for key, value in _keys(held, whole_year=whole_year).items()}
    return head(book, category, keys, words)


def head(book: RuleBook, category: str, keys: Mapping[str, object], words: Words) -> Display:
    """The head of a report: office, title, period, category, status, key figures; that the data is a sample, where it is."""
    title = words.label("title", title=words.text(book.title), category=category)
    when = period(book.year, book.period, words)
    facts = [(words.label("meta_year" if when == book.year else "meta_period"), when), (words.label("meta_category"), category),
             (words.label("meta_status"), words.text(book.status)), (words.label("meta_as_of"), book.as_of)]
    sample = words.label("sample") if book.sample else ""
    figures = tuple((name, str(value)) for name, value in keys.items())
    return Display((Cover(words.text(book.office), title, tuple(facts), figures, sample),))


def _used_in(book: RuleBook, category: str | None, name: str, words: Words) -> str:
    """The indicators that rest on a clause or an assumption, by their codes; beyond one category a code is ambiguous, so
    they are counted."""
    heads = {code: head for code, head in book.categories.items() if category in (None, code)}
    citing = {code: list(dict.fromkeys(node.code for node in head.nodes if name in node.clause + node.assumed))
              for code, head in heads.items()}
    there = {code: codes for code, codes in citing.items() if codes or name in heads[code].clause + heads[code].assumed}
    if not there:
        return words.label("whole_year")
    if category is None and len(there) > 1:
        count = sum(map(len, there.values()))
        return words.label("in_categories" if count else "in_whole_categories", categories=len(there), count=count)
    ((code, codes),) = there.items()
    listed = words.joined(codes)
    if len(codes) > 4:
        listed = words.label("and_more", codes=words.joined(codes[:3]), count=len(codes))
    home = words.name(heads[code])
    if category is not None:
        return listed or home
    return words.label("in_category", category=home, codes=listed) if codes else home


def assumptions(book: RuleBook, category: str | None, words: Words, rules: Iterable[Cites] | None = None,
                beside: Iterable[Assumption] = ()) -> Display:
    """What is assumed where the plan is silent, and why: for a category or for the whole year, or behind certain `rules`, and
    `beside` them.
    """
    used = assumed_by(book, ranking_rules(book, category) if rules is None else rules)
    rows = [[*map(words.text, (each.term, each.assumes, each.reason)), _used_in(book, category, name, words)]
            for name, each in ((name, book.assumptions[name]) for name in used)]
    rows += [[*map(words.text, (each.term, each.assumes, each.reason)), words.label("whole_year")] for each in beside]
    caption = words.label("assumptions", count=len(rows))
    return table("assumptions", caption, words.columns("subject", "~assumes", "~why", "where"), rows)


def clauses(book: RuleBook, category: str | None, words: Words, rules: Iterable[Cites] | None = None) -> Display:
    """The clauses that the rules cite: number, Chinese term, what it says in our words."""
    used = cited(book, ranking_rules(book, category) if rules is None else rules)
    rows = [[name, each.term.zh if words.lang == "zh" else f"{each.term.zh} ({words.text(each.term)})", words.text(each.says),
             _used_in(book, category, name, words)] for name, each in ((name, book.clauses[name]) for name in used)]
    return table("clauses", words.label("clauses", count=len(rows)), words.columns("clause", "term", "~says", "where"), rows)


def sources(book: RuleBook, data: Data, category: str | None, words: Words) -> Display:
    """The files that the numbers come from, and the command that makes them again: without other categories' own, unless
    marks given there may cost this one's units points, or these are linked to units there.
    """
    alone = category is not None and not (book.categories[category].penalised or book.categories[category].linked)
    others = set(book.categories) - {category} if alone else set()
    rows = [[each.path, each.sha256[:16]] for each in sorted((*book.sources, *data.sources), key=lambda each: each.path)
            if not others & set(each.path.removesuffix(".yaml").split("/"))]
    again = words.label("again", year=book.year)
    return table("sources", words.label("sources", count=len(rows)), words.columns("file", "sha256"), rows, again)
