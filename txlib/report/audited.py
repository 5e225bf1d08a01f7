"""The audit of marks in words and tables: quotas, what it would take, shares, rule text, signs, what follows (1.3e–1.3i)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from txlib.base.labels import say
from txlib.base.printing import MISSING, number, percentage, plainly
from txlib.report import tables
from txlib.report.basis import audit_rules, term_assumptions
from txlib.report.kit.shown import KINDS, Display, Flag, TableColumn, TableRow, joined, listed, note_of, nothing, table

if TYPE_CHECKING:
    from txlib.audits.audit import MarkAudit
    from txlib.intake.data import Data
    from txlib.rules.book import RuleBook
    from txlib.rules.quotas import Quota


@dataclass(frozen=True)
class Audited:
    """An audit with what names its units, its lead departments and its quotas in a language.

    `deducted`: who loses points in a ranking of its own, where it loses any; `undetailed`: items (category, code) without a line
    of detailed rules; `uncounted`: categories that items are marked in and whose marks are not sound.
    """

    audit: MarkAudit
    book: RuleBook
    units: Mapping[str, str]
    deducted: frozenset[str]
    undetailed: frozenset[tuple[str, str]]
    uncounted: tuple[str, ...]
    lang: str

    @property
    def levels(self) -> tuple[Quota, ...]:
        """The quotas of the rule-book."""
        return self.book.rules.quotas.levels if self.book.rules.quotas else ()

    @property
    def flagged(self) -> list[Any]:
        """The rows of signs and of copied orders that call for a second look."""
        signs, copied = self.audit.signs, self.audit.copied
        return [*signs[signs["flagged"]].itertuples(), *copied[copied["flagged"]].itertuples()]

    def say(self, key: str, **values: Any) -> str:
        return say(f"audit.{key}", self.lang, **values)

    def named(self, codes: Iterable[str]) -> str:
        return joined((self.units.get(code, code) for code in codes), self.lang)

    def item(self, row: Any) -> str:
        name = row.item_name_en if self.lang == "en" and row.item_name_en else row.item_name
        return f"{row.item} {name}"

    def level(self, code: str) -> str:
        return next(level.name[self.lang] for level in self.levels if level.code == code)

    def category(self, code: str) -> str:
        return self.book.categories[code].name[self.lang] if code in self.book.categories else code

    def columns(self, *keys: str) -> list[TableColumn]:
        """Columns by the keys of their headings; `#` before a key: of numbers, `~`: of sentences."""
        return [TableColumn(self.say(key.lstrip("#~")), KINDS.get(key[0], "text")) for key in keys]


def audited(audit: MarkAudit | None, book: RuleBook, data: Data, lang: str = "zh") -> Audited | None:
    """The audit with the names that its sentences and tables need; None where there is no audit."""
    if audit is None:
        return None
    names = data.units["name_en"].where(data.units["name_en"] != "", data.units["name"]) if lang == "en" else data.units["name"]
    costly = {code for code in book.rules.categories if code not in book.categories or book.categories[code].penalised}
    out = data.decided("excluded", data.units)
    deducted = frozenset(data.units.loc[data.units["category"].isin(costly) & ~data.units["unit"].isin(out), "unit"])
    lines = set(zip(data.details["category"], data.details["indicator"], strict=True))
    items = set(zip(audit.spread["category"], audit.spread["item"], strict=True))
    marked = {code for code in book.rules.categories if code not in book.categories or book.categories[code].marked}
    uncounted = tuple(code for code in book.rules.categories if code in marked - set(data.marks["category"]))
    units = dict(zip(data.units["unit"], names, strict=True))
    return Audited(audit, book, units, deducted, frozenset(items - lines), uncounted, lang)


def unruled(lang: str) -> Display:
    """The line that stands in place of a table where the year has no rule on marks."""
    return nothing(say("audit.no_rule", lang))


def cover(audited: Audited | None, book: RuleBook, category: str, lang: str = "zh") -> Display:
    """The head of the report: how many items are marked, how many miss the differentiation, full marks, signs."""
    keys: dict[str, object] = {}
    if audited is not None:
        audit = audited.audit
        counts = {"items": len(audit.spread), "broken": audit.breaches["item"].nunique(), "full": len(audit.full_marks),
                  "signs": len(audited.flagged)}
        keys = {audited.say(f"key_{name}"): count for name, count in counts.items()}
    return tables.head(book, book.categories[category].name[lang], keys, lang)


def clauses(book: RuleBook, category: str, lang: str = "zh") -> Display:
    """The clauses that quotas, items and terms cite."""
    return tables.clauses(book, category, lang, audit_rules(book, category))


def assumptions(book: RuleBook, category: str, lang: str = "zh") -> Display:
    """What is assumed behind quotas, items and terms."""
    return tables.assumptions(book, category, lang, audit_rules(book, category), term_assumptions(book))


def breach(audited: Audited, row: Any) -> str:
    """One breach in words: item, lead department, what was found, what is allowed."""
    return audited.say(f"breach_{row.bound}", item=audited.item(row), lead=audited.named([row.lead]),
                       level=audited.level(row.rule), found=row.found, limit=row.limit, assessed=row.assessed)


def findings(audited: Audited | None, lang: str = "zh") -> Display:
    """The findings as a list: quotas kept or broken and by whom, then full marks, shares, rule text, signs, deductions."""
    if audited is None:
        return unruled(lang)
    audit, breaches = audited.audit, list(audited.audit.breaches.itertuples())
    items = len(audit.spread)
    found: list[Any] = [audited.say("kept", items=items)] if not breaches else [
        (audited.say("broken", items=items, broken=len({row.item for row in breaches}), count=len(breaches)),
         [breach(audited, row) + _contested(audited, row) for row in breaches])]
    for row in audit.full_marks.itertuples():
        found.append(audited.say("found_full", item=audited.item(row), unit=audited.named([row.unit]),
                                 lead=audited.named([row.lead])))
    for row in audit.quantitative.itertuples():
        if not row.kept:
            found.append(audited.say("found_share", item=audited.item(row), lead=audited.named([row.lead]),
                                     declared=percentage(row.declared),
                                     least=percentage(row.at_least)))
        if row.constant:
            found.append(audited.say("found_constant", item=audited.item(row), lead=audited.named([row.lead])))
    if len(audit.rule_text):
        codes = joined(dict.fromkeys(audit.rule_text["item"]), lang)
        found.append(audited.say("found_text", count=len(audit.rule_text), items=codes))
    flagged = joined(dict.fromkeys(audited.item(row) for row in audited.flagged), lang)
    found += [audited.say("found_signs", count=len(audited.flagged), items=flagged)] if audited.flagged else []
    found += [_loss(audited, row) for row in audit.penalties.itertuples()]
    return listed([*found, *_unread(audited), *uncounted(audited)])


def _contested(audited: Audited, row: Any) -> str:
    """The readings left open by the plan under which a breach would be none, as a sentence; empty where there is none."""
    changed = audited.audit.changed
    mine = changed[changed["category"].isin(row.categories) & (changed["item"] == row.item) & (changed["level"] == row.rule)]
    levels = ((each, audited.level(each.level_changed) if each.level_changed else "") for each in mine.itertuples())
    names = dict.fromkeys(audited.say(f"choice_{each.choice}", level=level) for each, level in levels)
    return audited.say("contested", choices=joined(names, audited.lang)) if names else ""


def _unread(audited: Audited) -> list[str]:
    """A sentence that detailed rules were not examined, for want of terms or of lines for some items; else no sentence."""
    if audited.book.terms is None:
        return [audited.say("no_terms")]
    items = joined(sorted({item for _, item in audited.undetailed}), audited.lang)
    return [audited.say("no_details", items=items)] if items else []


def uncounted(audited: Audited) -> list[str]:
    """A sentence on the categories left out of the counts of the year; no sentence where there are none."""
    names = joined(map(audited.category, audited.uncounted), audited.lang)
    return [audited.say("uncounted", categories=names)] if names else []


def _loss(audited: Audited, row: Any) -> str:
    key = "loses" if row.lead in audited.deducted else "would_lose"
    return audited.say(key, lead=audited.named([row.lead]), points=plainly(row.points), category=audited.category(row.category),
                       items=joined(row.items, audited.lang))


def quotas(audited: Audited | None, lang: str = "zh") -> Display:
    """Each item's units, how many are where a quota draws its line and how many may be, and whether that keeps it."""
    if audited is None:
        return unruled(lang)
    rows: list[TableRow] = []
    groups = audited.audit.groups
    for _, group in groups.groupby(["item", "lead"], sort=False):
        first = next(group.itertuples())
        broken = [row for row in group.itertuples() if row.judged and not row.kept]
        cells = [audited.item(first), audited.named([first.lead]), str(first.units)]
        cells += [audited.say(f"of_{row.bound}", found=row.found, allowed=row.allowed) for row in group.itertuples()]
        holders = [audited.say("holders", level=audited.level(row.level), units=audited.named(row.units_concerned))
                   for row in broken if row.units_concerned]
        result = audited.say("not_judged") if not first.judged else audited.say("is_broken" if broken else "is_kept")
        line = [*cells, result, joined(holders, lang) or MISSING]
        rows.append(Flag(line) if broken else line)
    counts = [TableColumn(level.name[lang]) for level in audited.levels]
    heads = [*audited.columns("item", "lead", "#units"), *counts, *audited.columns("result", "~who")]
    rule = audited.book.rules.quotas
    note = audited.say("quotas_note") + (audited.say("quotas_per_item") if rule and rule.per == "item" else "")
    return table("quotas", audited.say("quotas"), *_trimmed(heads, rows), note)


def remedies(audited: Audited | None, lang: str = "zh") -> Display:
    """What it would take to keep the quotas: how few units must cross which line, and who stands nearest."""
    if audited is None:
        return unruled(lang)
    rows: list[TableRow] = []
    for row in audited.audit.remedies.itertuples():
        if row.outcome != "possible":
            rows.append([audited.item(row), MISSING, audited.say(f"remedy_{row.outcome}", units=audited.named(row.blocked))])
            continue
        near = joined((audited.say("distance" if distance else "on_line", unit=audited.named([unit]), points=plainly(distance))
                       for unit, distance in zip(row.units, row.distances, strict=True)), lang)
        near += audited.say("as_near", units=audited.named(row.as_near)) if row.as_near else ""
        cross = audited.say(f"cross_{row.direction}_{row.at_line}", line=plainly(row.line), near=near)
        rows.append([audited.item(row), str(row.moves), cross])
    if not rows:
        return nothing(audited.say("nothing_to_mend"))
    heads = audited.columns("item", "#moves", "~how")
    return table("remedies", audited.say("remedies"), heads, rows, audited.say("remedies_note"))


def shares(audited: Audited | None, lang: str = "zh") -> Display:
    """The quantitative part's share as declared, and as it decides who is ahead; spread and full marks beside it."""
    if audited is None:
        return unruled(lang)
    audit = audited.audit
    full = audit.full_marks.groupby("item")["unit"].apply(list).to_dict() if len(audit.full_marks) else {}
    rows: list[TableRow] = []
    for share, spread in zip(audit.quantitative.itertuples(), audit.spread.itertuples(), strict=True):
        notes = [audited.say("under_share", least=percentage(share.at_least))] if not share.kept else []
        notes += [audited.say("constant")] if share.constant else []
        notes += [audited.say(f"no_share_{share.reason}")] if share.reason and not share.constant else []
        notes += [audited.say("against")] if share.effective < 0 else []
        notes += [audited.say("full_mark", units=audited.named(full[share.item]))] if share.item in full else []
        line = [audited.item(share), percentage(share.declared), percentage(share.effective), number(spread.lowest),
                number(spread.highest), number(spread.deviation), str(spread.distinct), joined(notes, lang) or MISSING]
        rows.append(Flag(line) if notes else line)
    heads = audited.columns("item", "#declared", "#effective", "#lowest", "#highest", "#deviation", "#distinct", "remark")
    return table("shares", audited.say("shares"), *_trimmed(heads, rows), audited.say("shares_note"))


def rule_text(audited: Audited | None, lang: str = "zh") -> Display:
    """Lines of the detailed rules that may assess what 1.3f forbids, or repeat an indicator."""
    if audited is None:
        return unruled(lang)
    rows: list[TableRow] = [[row.item, str(row.line), row.text, audited.say(f"kind_{row.kind}"),
                             row.reason_en if lang == "en" else row.reason_zh] for row in audited.audit.rule_text.itertuples()]
    if not rows:
        return note_of(_unread(audited)[0]) if _unread(audited) else nothing(audited.say("no_text"))
    return table("rule-text", audited.say("rule_text"), audited.columns("item_code", "#line", "~text", "kind", "~why"), rows,
                 audited.say("rule_text_note"))


def signs(audited: Audited | None, lang: str = "zh") -> Display:
    """Plain statistics of each item beside those of the category's others: signs, no verdict; thresholds stand below."""
    if audited is None:
        return unruled(lang)
    audit, rule = audited.audit, audited.book.rules.quotas and audited.book.rules.quotas.levelling
    rows: list[TableRow] = []
    for item, group in audit.signs.groupby("item", sort=False):
        each = list(group.itertuples())
        closest, copied = _closest(audited, str(item))
        if not each[0].judged:
            rows.append([audited.item(each[0]), *[MISSING] * (len(each) + 1), audited.say("few")])
            continue
        values = [plainly(row.value) if row.sign == "narrow_band" else percentage(row.value) for row in each]
        flags = [sign_of(audited, row) for row in each if row.flagged] + copied
        line = [audited.item(each[0]), *values, closest, audited.say("flagged", signs=joined(flags, lang)) if flags else MISSING]
        rows.append(Flag(line) if flags else line)
    if not rows or not rule:
        return nothing(audited.say("no_signs"))
    if not audit.signs["judged"].any():
        return note_of(audited.say("few_all", smallest=rule.smallest))
    first = [row for row in audit.signs.itertuples() if row.item == audit.signs["item"].iloc[0]]
    heads = [*audited.columns("item"), *(TableColumn(sign_of(audited, row), "number") for row in first),
             *audited.columns("copied", "remark")]
    note = audited.say("signs_note", near=percentage(float(rule.near_share)), distinct=percentage(float(rule.distinct)),
                       band=plainly(float(rule.band)), copied=percentage(float(rule.copied)),
                       turned=percentage(float(rule.turned)), smallest=rule.smallest,
                       tests=int(audit.copied["tests"].max()) if len(audit.copied) else 0)
    return table("signs", audited.say("signs"), *_trimmed(heads, rows), note)


def _trimmed(heads: list[TableColumn], rows: list[TableRow]) -> tuple[list[TableColumn], list[TableRow]]:
    """The heads and rows of a table, without the last column where every cell of it is empty."""
    if any(row[-1] != MISSING for row in rows):
        return heads, rows
    return heads[:-1], [type(row)(row[:-1]) for row in rows]  # type: ignore[call-arg]


def sign_of(audited: Audited, row: Any) -> str:
    """A sign of levelling in words."""
    line = next((plainly(float(level.line)) for level in audited.levels if level.code == row.level), "")
    rules = audited.book.rules.quotas
    near = plainly(float(rules.levelling.near)) if rules and rules.levelling else ""
    return audited.say(f"sign_{row.sign}", line=line, near=near)


def _closest(audited: Audited, item: str) -> tuple[str, list[str]]:
    """The item whose order comes closest to that of one, with its chance; and the sign of a copied order."""
    pairs = audited.audit.copied
    mine = pairs[((pairs["item"] == item) | (pairs["other"] == item)) & pairs["chance"].notna()]
    if mine.empty:
        return MISSING, []
    row = next(mine.sort_values("chance", kind="stable").itertuples())
    other = row.other if row.item == item else row.item
    text = audited.say("order", other=other, count=int(row.discordant), pairs=int(row.pairs), chance=f"{row.adjusted:.2g}",
                       most=audited.say("at_most") if row.reason == "at_most" else "")
    return text, [audited.say("sign_copied", other=other)] if row.flagged else []
