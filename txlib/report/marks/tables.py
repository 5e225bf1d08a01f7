"""The audit of marks in tables: quotas, what it would take, shares, rule text, signs (1.3e–1.3h)."""

from __future__ import annotations

from typing import Any

from txlib.audits import RuleTextAudit
from txlib.base.printing import MISSING, number, percentage, plainly
from txlib.report.kit.shown import Display, Flag, TableColumn, TableRow, note_of, nothing, table
from txlib.report.kit.words import Words
from txlib.report.marks import found
from txlib.report.marks.audit import Audited, unruled
from txlib.report.marks.sentences import unread


def quotas(audited: Audited | None, words: Words) -> Display:
    """Each item's units, how many are where a quota draws its line and how many may be, and whether that keeps it."""
    if audited is None or not audited.ruled:
        return unruled(words)
    rows: list[TableRow] = []
    groups = audited.audit.groups
    for _, group in groups.groupby(["item", "lead"], sort=False):
        first = next(group.itertuples())
        broken = [row for row in group.itertuples() if row.judged and not row.kept]
        cells = [words.item(first), words.unit(first.lead), str(first.units)]
        cells += [words.say(f"audit.of_{row.bound}", found=row.found, allowed=row.allowed) for row in group.itertuples()]
        holders = [words.say("audit.holders", level=words.level(row.level), units=words.units(row.units_concerned))
                   for row in broken if row.units_concerned]
        verdict = ("is_broken" if broken else "is_kept") if first.judged else "not_judged"
        line = [*cells, words.say(f"audit.{verdict}"), words.joined(holders) or MISSING]
        rows.append(Flag(line) if broken else line)
    counts = [TableColumn(words.name(level)) for level in audited.levels]
    heads = [*words.columns("item", "lead", "#units", labels="audit"), *counts, *words.columns("result", "~who", labels="audit")]
    rule = audited.book.rules.quotas
    note = words.say("audit.quotas_note") + (words.say("audit.quotas_per_item") if rule and rule.per == "item" else "")
    return table("quotas", words.say("audit.quotas"), *_trimmed(heads, rows), note)


def remedies(audited: Audited | None, words: Words) -> Display:
    """What it would take to keep the quotas: how few units must cross which line, and who stands nearest."""
    if audited is None or not audited.ruled:
        return unruled(words)
    rows: list[TableRow] = []
    for row in audited.audit.remedies.itertuples():
        if row.outcome != "possible":
            rows.append([words.item(row), MISSING, words.say(f"audit.remedy_{row.outcome}", units=words.units(row.blocked))])
            continue
        near = words.joined(words.say("audit.distance" if distance else "audit.on_line", unit=words.unit(unit),
                                      points=plainly(distance))
                            for unit, distance in zip(row.units, row.distances, strict=True))
        near += words.say("audit.as_near", units=words.units(row.as_near)) if row.as_near else ""
        cross = words.say(f"audit.cross_{row.direction}_{row.at_line}", line=plainly(row.line), near=near)
        rows.append([words.item(row), str(row.moves), cross])
    if not rows:
        return nothing(words.say("audit.nothing_to_mend"))
    heads = words.columns("item", "#moves", "~how", labels="audit")
    return table("remedies", words.say("audit.remedies"), heads, rows, words.say("audit.remedies_note"))


def shares(audited: Audited | None, words: Words) -> Display:
    """The quantitative part's share as declared, and as it decides who is ahead; spread and full marks beside it."""
    if audited is None or not audited.ruled:
        return unruled(words)
    audit = audited.audit
    full = audit.full_marks.groupby("item")["unit"].apply(list).to_dict() if len(audit.full_marks) else {}
    rows: list[TableRow] = []
    for share, spread in zip(audit.quantitative.itertuples(), audit.spread.itertuples(), strict=True):
        notes = [words.say("audits/quantitative.low", least=percentage(share.at_least))] if not share.kept else []
        notes += [words.say("audits/quantitative.constant")] if share.constant else []
        notes += [words.say(f"audit.no_share_{share.reason}")] if share.reason and not share.constant else []
        notes += [words.say("audit.against")] if share.effective < 0 else []
        notes += [words.say("audit.full_mark", units=words.units(full[share.item]))] if share.item in full else []
        line = [words.item(share), percentage(share.declared), percentage(share.effective), number(spread.lowest),
                number(spread.highest), number(spread.deviation), str(spread.distinct), words.joined(notes) or MISSING]
        rows.append(Flag(line) if notes else line)
    heads = words.columns("item", "#declared", "#effective", "#lowest", "#highest", "#deviation", "#distinct", "remark",
                          labels="audit")
    ruled = [words.item(row) for row in audit.quantitative.itertuples() if not row.stated]
    whence = [words.say("audit.ruled_share", items=words.joined(ruled))] if ruled else [words.say("audit.stated_share")]
    note = words.sentences([words.say("audit.shares_note"), *whence])
    return table("shares", words.say("audit.shares"), *_trimmed(heads, rows), note)


def rule_text(audited: Audited | None, words: Words) -> Display:
    """Lines of the detailed rules that may assess what 1.3f forbids, or repeat an indicator, whether there are quotas or not."""
    if audited is None or not (audited.ruled or audited.book.terms):
        return unruled(words)
    lines = zip(audited.audit.rule_text.itertuples(), found.rows_of(audited, RuleTextAudit), strict=True)
    rows: list[TableRow] = [[line.item, str(line.line), line.text, words.say(f"audit.kind_{line.kind}"),
                             found.text(audited, row, words)] for line, row in lines]
    if not rows:
        return note_of(unread(audited, words)[0]) if unread(audited, words) else nothing(words.say("audit.no_text"))
    heads = words.columns("item_code", "#line", "~text", "kind", "~why", labels="audit")
    return table("rule-text", words.say("audit.rule_text"), heads, rows, words.say("audit.rule_text_note"))


def signs(audited: Audited | None, words: Words) -> Display:
    """Plain statistics of each item beside those of the category's others: signs, no verdict; thresholds stand below."""
    if audited is None or not audited.ruled:
        return unruled(words)
    audit, rule = audited.audit, audited.book.rules.quotas and audited.book.rules.quotas.levelling
    rows: list[TableRow] = []
    for item, group in audit.signs.groupby("item", sort=False):
        each = list(group.itertuples())
        closest, copied = _closest(audited, str(item), words)
        if not each[0].judged:
            rows.append([words.item(each[0]), *[MISSING] * (len(each) + 1), words.say("audit.few")])
            continue
        values = [plainly(row.value) if row.sign == "narrow_band" else percentage(row.value) for row in each]
        flags = [_sign(audited, row, words) for row in each if row.flagged] + copied
        remark = words.say("audit.flagged", signs=words.joined(flags)) if flags else MISSING
        line = [words.item(each[0]), *values, closest, remark]
        rows.append(Flag(line) if flags else line)
    if not rows or not rule:
        return nothing(words.say("audit.no_signs"))
    if not audit.signs["judged"].any():
        return note_of(words.say("audit.few_all", smallest=rule.smallest))
    first = [row for row in audit.signs.itertuples() if row.item == audit.signs["item"].iloc[0]]
    heads = [*words.columns("item", labels="audit"), *(TableColumn(_sign(audited, row, words), "number") for row in first),
             *words.columns("copied", "remark", labels="audit")]
    note = words.say("audit.signs_note", near=percentage(float(rule.near_share)), distinct=percentage(float(rule.distinct)),
                     band=plainly(float(rule.band)), copied=percentage(float(rule.copied)),
                     turned=percentage(float(rule.turned)), smallest=rule.smallest,
                     tests=int(audit.copied["tests"].max()) if len(audit.copied) else 0)
    return table("signs", words.say("audit.signs"), *_trimmed(heads, rows), note)


def _sign(audited: Audited, row: Any, words: Words) -> str:
    """A sign of levelling in words."""
    line = next((plainly(float(level.line)) for level in audited.levels if level.code == row.level), "")
    rules = audited.book.rules.quotas
    near = plainly(float(rules.levelling.near)) if rules and rules.levelling else ""
    return words.say(f"audits/levelling.{row.sign}", line=line, near=near)


def _trimmed(heads: list[TableColumn], rows: list[TableRow]) -> tuple[list[TableColumn], list[TableRow]]:
    """The heads and rows of a table, without the last column where every cell of it is empty."""
    if any(row[-1] != MISSING for row in rows):
        return heads, rows
    return heads[:-1], [type(row)(row[:-1]) for row in rows]  # type: ignore[call-arg]


def _closest(audited: Audited, item: str, words: Words) -> tuple[str, list[str]]:
    """The item whose order comes closest to that of one, with its chance; and the sign of a copied order."""
    pairs = audited.audit.copied
    mine = pairs[((pairs["item"] == item) | (pairs["other"] == item)) & pairs["chance"].notna()]
    if mine.empty:
        return MISSING, []
    row = next(mine.sort_values("chance", kind="stable").itertuples())
    other = row.other if row.item == item else row.item
    text = words.say("audit.order", other=other, count=int(row.discordant), pairs=int(row.pairs), chance=f"{row.adjusted:.2g}",
                     most=words.say("audit.at_most") if row.reason == "at_most" else "")
    return text, [words.say("audits/levelling.copied", other=other)] if row.flagged else []
