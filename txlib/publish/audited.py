"""The audit of marks in words and tables: quotas, what it would take, shares, rule text, signs, what follows (1.3e–1.3i)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from txlib.cited import audit_rules
from txlib.labels import say
from txlib.publish import tables
from txlib.publish.shown import KINDS, MISSING, Column, Flag, Row, Shown, joined, listed, note_of, nothing, number, plainly, table

if TYPE_CHECKING:
    from txlib.assessment import MarkAudit
    from txlib.data import Data
    from txlib.quotarules import Quota
    from txlib.rulebook import RuleBook


@dataclass(frozen=True)
class Audited:
    """An audit with what names its units, its lead departments and its quotas in a language."""

    audit: MarkAudit
    book: RuleBook
    units: Mapping[str, str]
    ranked: frozenset[str]
    lang: str

    @property
    def levels(self) -> tuple[Quota, ...]:
        """The quotas of the rule-book."""
        return self.book.rules.quotas.levels if self.book.rules.quotas else ()

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

    def columns(self, *keys: str) -> list[Column]:
        """Columns by the keys of their headings; `#` before a key: of numbers, `~`: of sentences."""
        return [Column(self.say(key.lstrip("#~")), KINDS.get(key[0], "text")) for key in keys]


def audited(audit: MarkAudit | None, book: RuleBook, data: Data, lang: str = "zh") -> Audited | None:
    """The audit ready to be told; None where there is none."""
    if audit is None:
        return None
    names = data.units["name_en"].where(data.units["name_en"] != "", data.units["name"]) if lang == "en" else data.units["name"]
    ranked = frozenset(data.units.loc[data.units["category"] != "", "unit"])
    return Audited(audit, book, dict(zip(data.units["unit"], names, strict=True)), ranked, lang)


def unruled(lang: str) -> Shown:
    """What is said where the year has no rule."""
    return nothing(say("audit.no_rule", lang))


def cover(told: Audited | None, book: RuleBook, category: str, lang: str = "zh") -> Shown:
    """The head of the report: how many items are marked, how many miss the differentiation, full marks, signs."""
    keys: dict[str, object] = {}
    if told is not None:
        audit = told.audit
        counts = {"items": len(audit.spread), "broken": audit.breaches["item"].nunique(), "full": len(audit.full_marks),
                  "signs": int(audit.signs["flagged"].sum() + audit.copied["flagged"].sum())}
        keys = {told.say(f"key_{name}"): count for name, count in counts.items()}
    return tables.head(book, book.categories[category].name[lang], keys, lang)


def clauses(book: RuleBook, category: str, lang: str = "zh") -> Shown:
    """The clauses that quotas, items and terms cite."""
    return tables.clauses(book, category, lang, audit_rules(book, category))


def assumptions(book: RuleBook, category: str, lang: str = "zh") -> Shown:
    """What is assumed behind quotas, items and terms."""
    beside = [*(kind.assumption for kind in book.terms.kinds.values()), book.terms.repeats.assumption] if book.terms else []
    return tables.assumptions(book, category, lang, audit_rules(book, category), beside)


def breach(told: Audited, row: Any) -> str:
    """One breach in words: item, lead department, what was found, what is allowed."""
    return told.say(f"breach_{row.bound}", item=told.item(row), lead=told.named([row.lead]), level=told.level(row.rule),
                    found=row.found, limit=row.limit, assessed=row.assessed)


def findings(told: Audited | None, lang: str = "zh") -> Shown:
    """Kept, or what is broken by whom; then full marks, shares, rule text, signs and what follows."""
    if told is None:
        return unruled(lang)
    audit, breaches = told.audit, list(told.audit.breaches.itertuples())
    items = len(audit.spread)
    said: list[Any] = [told.say("kept", items=items)] if not breaches else [
        (told.say("broken", items=items, broken=len({row.item for row in breaches}), count=len(breaches)),
         [breach(told, row) for row in breaches])]
    for row in audit.full_marks.itertuples():
        said.append(told.say("found_full", item=told.item(row), unit=told.named([row.unit]), lead=told.named([row.lead])))
    for row in audit.quantitative.itertuples():
        if not row.kept:
            said.append(told.say("found_share", item=told.item(row), lead=told.named([row.lead]), declared=_percent(row.declared),
                                 least=_percent(row.at_least)))
        if row.constant:
            said.append(told.say("found_constant", item=told.item(row), lead=told.named([row.lead])))
    if len(audit.rule_text):
        said.append(told.say("found_text", count=len(audit.rule_text)))
    signs = int(audit.signs["flagged"].sum() + audit.copied["flagged"].sum())
    said += [told.say("found_signs", count=signs)] if signs else []
    said += [_loss(told, row) for row in audit.penalties.itertuples()]
    return listed(said)


def in_short(told: Audited | None) -> list[str]:
    """One sentence on the marks of the year: kept, or how many items miss the differentiation and whose they are."""
    if told is None or told.audit.spread.empty:
        return []
    audit, items = told.audit, len(told.audit.spread)
    missed = {(category, row.item) for row in audit.breaches.itertuples() for category in row.categories}
    leads = told.named(dict.fromkeys(audit.breaches["lead"]))
    key = "year_broken" if missed else "year_kept"
    return [told.say(key, items=items, broken=len(missed), leads=leads)]


def _loss(told: Audited, row: Any) -> str:
    key = "loses" if row.lead in told.ranked else "would_lose"
    return told.say(key, lead=told.named([row.lead]), points=plainly(row.points), category=told.category(row.category))


def _percent(share: float) -> str:
    return MISSING if share != share else f"{plainly(round(share * 100, 1))}%"


def quotas(told: Audited | None, lang: str = "zh") -> Shown:
    """Each item's units, how many are where a quota draws its line and how many may be, and whether that keeps it."""
    if told is None:
        return unruled(lang)
    rows: list[Row] = []
    groups = told.audit.groups
    for _, group in groups.groupby(["item", "lead"], sort=False):
        first = next(group.itertuples())
        broken = [row for row in group.itertuples() if row.judged and not row.kept]
        cells = [told.item(first), told.named([first.lead]), str(first.units)]
        cells += [told.say(f"of_{row.bound}", found=row.found, allowed=row.allowed) for row in group.itertuples()]
        told_units = [told.say("holders", level=told.level(row.level), units=told.named(row.units_concerned))
                      for row in broken if row.units_concerned]
        result = told.say("not_judged") if not first.judged else told.say("is_broken" if broken else "is_kept")
        line = [*cells, result, joined(told_units, lang) or MISSING]
        rows.append(Flag(line) if broken else line)
    counts = [Column(level.name[lang]) for level in told.levels]
    heads = [*told.columns("item", "lead", "#units"), *counts, *told.columns("result", "~who")]
    return table("quotas", told.say("quotas"), *_trimmed(heads, rows), told.say("quotas_note"))


def remedies(told: Audited | None, lang: str = "zh") -> Shown:
    """What it would take to keep the quotas: how few units must cross which line, and who stands nearest."""
    if told is None:
        return unruled(lang)
    rows: list[Row] = []
    for row in told.audit.remedies.itertuples():
        if row.outcome != "possible":
            rows.append([told.item(row), MISSING, told.say(f"remedy_{row.outcome}", units=told.named(row.blocked))])
            continue
        near = joined((told.say("distance" if distance else "on_line", unit=told.named([unit]), points=plainly(distance))
                       for unit, distance in zip(row.units, row.distances, strict=True)), lang)
        cross = told.say(f"cross_{row.direction}_{row.at_line}", line=plainly(row.line), near=near)
        rows.append([told.item(row), str(row.moves), cross])
    if not rows:
        return nothing(told.say("nothing_to_mend"))
    return table("remedies", told.say("remedies"), told.columns("item", "#moves", "~how"), rows, told.say("remedies_note"))


def shares(told: Audited | None, lang: str = "zh") -> Shown:
    """The quantitative part's share as declared, and as it decides who is ahead; spread and full marks beside it."""
    if told is None:
        return unruled(lang)
    audit = told.audit
    full = audit.full_marks.groupby("item")["unit"].apply(list).to_dict() if len(audit.full_marks) else {}
    rows: list[Row] = []
    for share, spread in zip(audit.quantitative.itertuples(), audit.spread.itertuples(), strict=True):
        notes = [told.say("under_share", least=_percent(share.at_least))] if not share.kept else []
        notes += [told.say("constant")] if share.constant else []
        notes += [told.say(f"no_share_{share.reason}")] if share.reason and not share.constant else []
        notes += [told.say("full_mark", units=told.named(full[share.item]))] if share.item in full else []
        line = [told.item(share), _percent(share.declared), _percent(share.effective), number(spread.lowest),
                number(spread.highest), number(spread.deviation), str(spread.distinct), joined(notes, lang) or MISSING]
        rows.append(Flag(line) if notes else line)
    heads = told.columns("item", "#declared", "#effective", "#lowest", "#highest", "#deviation", "#distinct", "remark")
    return table("shares", told.say("shares"), *_trimmed(heads, rows), told.say("shares_note"))


def rule_text(told: Audited | None, lang: str = "zh") -> Shown:
    """Lines of the detailed rules that may assess what 1.3f forbids, or repeat an indicator."""
    if told is None:
        return unruled(lang)
    rows: list[Row] = [[row.item, str(row.line), row.text, told.say(f"kind_{row.kind}"),
                        row.reason_en if lang == "en" else row.reason_zh] for row in told.audit.rule_text.itertuples()]
    if not rows:
        return nothing(told.say("no_text"))
    return table("rule-text", told.say("rule_text"), told.columns("item_code", "#line", "~text", "kind", "~why"), rows,
                 told.say("rule_text_note"))


def signs(told: Audited | None, lang: str = "zh") -> Shown:
    """Plain statistics of each item beside those of the category's others: signs, no verdict; thresholds stand below."""
    if told is None:
        return unruled(lang)
    audit, rule = told.audit, told.book.rules.quotas and told.book.rules.quotas.levelling
    rows: list[Row] = []
    for item, group in audit.signs.groupby("item", sort=False):
        each = list(group.itertuples())
        closest, copied = _closest(told, str(item))
        if not each[0].judged:
            rows.append([told.item(each[0]), *[MISSING] * (len(each) + 1), told.say("few")])
            continue
        values = [plainly(row.value) if row.sign == "narrow_band" else _percent(row.value) for row in each]
        flags = [_sign(told, row) for row in each if row.flagged] + copied
        line = [told.item(each[0]), *values, closest, told.say("flagged", signs=joined(flags, lang)) if flags else MISSING]
        rows.append(Flag(line) if flags else line)
    if not rows or not rule:
        return nothing(told.say("no_signs"))
    if not audit.signs["judged"].any():
        return note_of(told.say("few_all", smallest=rule.smallest))
    first = [row for row in audit.signs.itertuples() if row.item == audit.signs["item"].iloc[0]]
    heads = [*told.columns("item"), *(Column(_sign(told, row), "number") for row in first), *told.columns("copied", "remark")]
    note = told.say("signs_note", near=_percent(float(rule.near_share)), distinct=_percent(float(rule.distinct)),
                    band=plainly(float(rule.band)), copied=_percent(float(rule.copied)), smallest=rule.smallest,
                    tests=int(audit.copied["tests"].max()) if len(audit.copied) else 0)
    return table("signs", told.say("signs"), *_trimmed(heads, rows), note)


def _trimmed(heads: list[Column], rows: list[Row]) -> tuple[list[Column], list[Row]]:
    """A table without its last column where that says nothing."""
    if any(row[-1] != MISSING for row in rows):
        return heads, rows
    return heads[:-1], [type(row)(row[:-1]) for row in rows]  # type: ignore[call-arg]


def _sign(told: Audited, row: Any) -> str:
    line = next((plainly(float(level.line)) for level in told.levels if level.code == row.level), "")
    rules = told.book.rules.quotas
    near = plainly(float(rules.levelling.near)) if rules and rules.levelling else ""
    return told.say(f"sign_{row.sign}", line=line, near=near)


def _closest(told: Audited, item: str) -> tuple[str, list[str]]:
    """The item whose order comes closest to that of one, with its chance; and the sign of a copied order."""
    pairs = told.audit.copied
    mine = pairs[((pairs["item"] == item) | (pairs["other"] == item)) & pairs["chance"].notna()]
    if mine.empty:
        return MISSING, []
    row = next(mine.sort_values("chance", kind="stable").itertuples())
    other = row.other if row.item == item else row.item
    text = told.say("order", other=other, count=int(row.discordant), pairs=int(row.pairs), chance=f"{row.adjusted:.2g}")
    return text, [told.say("sign_copied", other=other)] if row.flagged else []


def choices(told: Audited | None, lang: str = "zh") -> Shown:
    """What another reading of the plan would change: findings of these items, and what lead departments lose."""
    if told is None:
        return unruled(lang)
    audit, rows = told.audit, list[Row]()
    for choice in audit.choices.itertuples():
        mine = audit.changed[(audit.changed["choice"] == choice.choice) & (audit.changed["level_changed"] == choice.level)
                             & (audit.changed["otherwise"] == choice.otherwise)]
        points = audit.points[(audit.points["choice"] == choice.choice) & (audit.points["level_changed"] == choice.level)
                              & (audit.points["otherwise"] == choice.otherwise)]
        found = [told.say("turns_kept" if not row.kept and row.judged else "turns_broken", item=told.item(row),
                          level=told.level(row.level)) for row in mine.itertuples()]
        lost = [told.say("points_then", lead=told.named([row.lead]), points=plainly(row.points),
                         otherwise=plainly(row.points_otherwise)) for row in points.itertuples()]
        level = told.level(choice.level) if choice.level else ""
        ways = [_way(told, choice.choice, way) for way in (choice.as_ruled, choice.otherwise)]
        rows.append([told.say(f"choice_{choice.choice}", level=level), *ways, joined([*found, *lost], lang) or told.say("same")])
    return table("choices", told.say("choices"), told.columns("open", "as_ruled", "otherwise", "~changes"), rows,
                 told.say("choices_note"))


def _way(told: Audited, choice: str, way: str) -> str:
    return told.say("at_least_units", count=way) if choice == "smallest" else told.say(f"way_{way}")


def consequences(told: Audited | None, lang: str = "zh") -> Shown:
    """What lead departments lose and what is proposed for next year; deductions of unranked ones stand apart."""
    if told is None:
        return unruled(lang)
    audit, proposals = told.audit, {row.lead: row for row in told.audit.next_year.itertuples()}
    rows: list[Row] = []
    for row in audit.penalties.itertuples():
        proposal = proposals.get(row.lead)
        rows.append([told.named([row.lead]), told.category(row.category), joined(row.items, lang), plainly(row.points),
                     told.say("ranked" if row.lead in told.ranked else "unranked"),
                     told.say(f"proposal_{proposal.proposal}", count=proposal.breached) if proposal else MISSING])
    if not rows:
        return nothing(told.say("no_consequences"))
    heads = told.columns("lead", "category", "items", "#points", "where_to", "~proposal")
    return table("consequences", told.say("consequences"), heads, rows, told.say("consequences_note"))


def everything(told: Audited, lang: str = "zh") -> Shown:
    """Every finding on marks of all categories, one row each: quotas missed, full marks, shares, rule text, signs."""
    audit, rows = told.audit, list[Row]()

    def add(row: Any, kind: str, text: str) -> None:
        rows.append([told.category(row.category), told.item(row), told.named([row.lead]), told.say(f"found_kind_{kind}"), text])

    for row in audit.breaches.itertuples():
        for category in row.categories:
            add(row._replace(category=category), "quota", breach(told, row))
    for row in audit.full_marks.itertuples():
        add(row, "full", told.named([row.unit]))
    for row in audit.quantitative.itertuples():
        if not row.kept:
            add(row, "share", told.say("under_share", least=_percent(row.at_least)))
        if row.constant:
            add(row, "share", told.say("constant"))
    leads = {(row.category, row.item): row for row in audit.spread.itertuples()}
    for row in audit.rule_text.itertuples():
        add(leads[row.category, row.item], "text", row.reason_en if lang == "en" else row.reason_zh)
    for row in audit.signs[audit.signs["flagged"]].itertuples():
        add(row, "sign", _sign(told, row))
    for row in audit.copied[audit.copied["flagged"]].itertuples():
        add(row, "sign", told.say("sign_copied", other=row.other))
    if not rows:
        return nothing(told.say("kept", items=len(audit.spread)))
    return table("findings", told.say("everything"), told.columns("category", "item", "lead", "kind", "~found"), rows)


def by_lead(told: Audited | None, lang: str = "zh") -> Shown:
    """The year by lead department: items marked, quotas broken, full marks, shares under the rule, points lost."""
    if told is None:
        return unruled(lang)
    audit, rows = told.audit, list[Row]()
    for lead, group in audit.spread.groupby("lead", sort=False):
        def count(frame: pd.DataFrame, lead: Any = lead) -> int:
            return int((frame["lead"] == lead).sum())
        lost = audit.penalties.loc[audit.penalties["lead"] == lead, "points"].sum()
        unkept = count(audit.quantitative[~audit.quantitative["kept"]])
        line = [told.named([str(lead)]), str(len(group)), str(group["category"].nunique()), str(count(audit.breaches)),
                str(count(audit.full_marks)), str(unkept), plainly(round(float(lost), 6)) if lost else "0",
                told.say("ranked" if lead in told.ranked else "unranked") if lost else MISSING]
        rows.append(Flag(line) if count(audit.breaches) else line)
    heads = told.columns("lead", "#n_items", "#n_categories", "#n_breaches", "#n_full", "#n_shares", "#points", "where_to")
    return table("by-lead", told.say("by_lead"), heads, rows, told.say("by_lead_note"))
