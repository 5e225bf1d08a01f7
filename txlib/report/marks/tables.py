"""The audit of marks in tables: quotas, what it would take, shares, rule text, signs (1.3e–1.3h)."""

from __future__ import annotations

from typing import Any

from txlib.base.labels import say
from txlib.base.printing import MISSING, number, percentage, plainly
from txlib.report.kit.shown import Display, Flag, TableColumn, TableRow, joined, note_of, nothing, table
from txlib.report.marks.audit import Audited, unruled
from txlib.report.marks.sentences import unread


def quotas(audited: Audited | None, lang: str = "zh") -> Display:
    """Each item's units, how many are where a quota draws its line and how many may be, and whether that keeps it."""
    if audited is None or not audited.ruled:
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
    if audited is None or not audited.ruled:
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
    if audited is None or not audited.ruled:
        return unruled(lang)
    audit = audited.audit
    full = audit.full_marks.groupby("item")["unit"].apply(list).to_dict() if len(audit.full_marks) else {}
    rows: list[TableRow] = []
    for share, spread in zip(audit.quantitative.itertuples(), audit.spread.itertuples(), strict=True):
        notes = [say("audits/quantitative.low", lang, least=percentage(share.at_least))] if not share.kept else []
        notes += [say("audits/quantitative.constant", lang)] if share.constant else []
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
    if audited is None or not audited.ruled:
        return unruled(lang)
    rows: list[TableRow] = [[row.item, str(row.line), row.text, audited.say(f"kind_{row.kind}"),
                             row.reason_en if lang == "en" else row.reason_zh] for row in audited.audit.rule_text.itertuples()]
    if not rows:
        return note_of(unread(audited)[0]) if unread(audited) else nothing(audited.say("no_text"))
    return table("rule-text", audited.say("rule_text"), audited.columns("item_code", "#line", "~text", "kind", "~why"), rows,
                 audited.say("rule_text_note"))


def signs(audited: Audited | None, lang: str = "zh") -> Display:
    """Plain statistics of each item beside those of the category's others: signs, no verdict; thresholds stand below."""
    if audited is None or not audited.ruled:
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
        flags = [_sign(audited, row) for row in each if row.flagged] + copied
        line = [audited.item(each[0]), *values, closest, audited.say("flagged", signs=joined(flags, lang)) if flags else MISSING]
        rows.append(Flag(line) if flags else line)
    if not rows or not rule:
        return nothing(audited.say("no_signs"))
    if not audit.signs["judged"].any():
        return note_of(audited.say("few_all", smallest=rule.smallest))
    first = [row for row in audit.signs.itertuples() if row.item == audit.signs["item"].iloc[0]]
    heads = [*audited.columns("item"), *(TableColumn(_sign(audited, row), "number") for row in first),
             *audited.columns("copied", "remark")]
    note = audited.say("signs_note", near=percentage(float(rule.near_share)), distinct=percentage(float(rule.distinct)),
                       band=plainly(float(rule.band)), copied=percentage(float(rule.copied)),
                       turned=percentage(float(rule.turned)), smallest=rule.smallest,
                       tests=int(audit.copied["tests"].max()) if len(audit.copied) else 0)
    return table("signs", audited.say("signs"), *_trimmed(heads, rows), note)


def _sign(audited: Audited, row: Any) -> str:
    """A sign of levelling in words."""
    line = next((plainly(float(level.line)) for level in audited.levels if level.code == row.level), "")
    rules = audited.book.rules.quotas
    near = plainly(float(rules.levelling.near)) if rules and rules.levelling else ""
    return say(f"audits/levelling.{row.sign}", audited.lang, line=line, near=near)


def _trimmed(heads: list[TableColumn], rows: list[TableRow]) -> tuple[list[TableColumn], list[TableRow]]:
    """The heads and rows of a table, without the last column where every cell of it is empty."""
    if any(row[-1] != MISSING for row in rows):
        return heads, rows
    return heads[:-1], [type(row)(row[:-1]) for row in rows]  # type: ignore[call-arg]


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
    return text, [say("audits/levelling.copied", audited.lang, other=other)] if row.flagged else []
