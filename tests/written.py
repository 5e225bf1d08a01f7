"""A workspace written from a case: rule-book and tables as files, so that a case proves the formats too.

A case holds a tree as in params/<year>/trees/<category>.yaml, with `name`, `clause`, `assumed` and `measured_in` left out
where they do not matter, what differs from the plainest rulebook.yaml, and tables as rows of comma-separated text.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import txlib as tx

YEAR, CATEGORY = "2020", "c"
OF_YEAR = ("superior", "responsible", "decisions")
WITH_PERIOD = ("observations", "survey", "events", "findings", "superior", "marks", "figures")
PLAIN = re.compile(r"-?\d+(\.\d+)?|-?\d+(\.\d+)?%( of weight)?")
RULES: dict[str, Any] = {
    "year": YEAR, "period": YEAR, "data": "sample", "office": {"zh": "办公室", "en": "Office"},
    "title": {"zh": "算例", "en": "Worked case"}, "status": {"zh": "样例", "en": "Sample"}, "as_of": "2020-12-31",
    "total": {"points": "100"}, "rounding": {"leaf": "exact", "total": "2", "half": "up"}, "ties": {"method": "min"},
    "not_applicable": {"rule": "redistribute"}, "divisors": {"when_not_positive": "refuse"},
}
TEXTS = ("year", "period", "as_of", "last_year", "unit", "code", "use")


def shown(value: Any, key: str = "") -> str:
    """A value in YAML's flow style: numbers, shares and amounts bare, all other text in quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {shown(v, k)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(shown(v, key) for v in value) + "]"
    text = str(value)
    bare = PLAIN.fullmatch(text) and key not in (*TEXTS, "clause", "tie_break")
    return text if bare else json.dumps(text, ensure_ascii=False)


def sourced(rule: dict[str, Any]) -> dict[str, Any]:
    return {"clause": "silent", "assumed": "case", **rule}


def node(raw: dict[str, Any], *, part: bool = False) -> dict[str, Any]:
    """An indicator or adjustment with what a case leaves out; a part of a number has no measure of its own."""
    if "use" in raw:
        return sourced(raw)
    told = sourced({"name": {"zh": f"指标{raw['code']}", "en": f"Indicator {raw['code']}"}, **raw})
    if "children" in raw:
        return {**told, "children": [node(child, part="measured_in" in raw) for child in raw["children"]]}
    return {**({} if "cap" in raw or part else {"measured_in": {"zh": "分", "en": "points"}}), **told}


def file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def table(path: Path, text: str, name: str, filled: dict[str, str]) -> None:
    """A table as CSV, with the columns that a case leaves out."""
    header, *rows = ([cell.strip() for cell in line.split(",")] for line in text.strip().splitlines())
    more = {key: value for key, value in filled.items() if key not in header}
    lines = [",".join([*header, *more])] + [",".join([*row, *more.values()]) for row in rows]
    file(path / f"{name}.csv", "\n".join(lines) + "\n")


def workspace(root: Path, case: dict[str, Any]) -> Path:
    """Write a case's rule-book and tables below `root`."""
    params, data = root / "params" / YEAR, root / "data" / YEAR
    rules = {**RULES, "categories": [CATEGORY, *case.get("others", {})], **case.get("rules", {})}
    rules = {key: sourced(each) if isinstance(each, dict) and "zh" not in each else each for key, each in rules.items()}
    if "vetoes" in rules.get("tiers", {}):
        rules["tiers"] = {**rules["tiers"], "vetoes": sourced(rules["tiers"]["vetoes"])}
    file(params / "rulebook.yaml", "".join(f"{key}: {shown(each, key)}\n" for key, each in rules.items()))
    plain = {"zh": "算例", "en": "worked case"}
    file(params / "clauses.yaml", shown({"1.1": {"term": plain, "says": plain}}) + "\n")
    file(params / "assumptions.yaml", shown({"case": {"term": plain, "assumes": plain, "reason": plain}}) + "\n")
    units, names = list[str](), {"zh": "类别", "en": "Category"}
    for code, each in {CATEGORY: case, **case.get("others", {})}.items():
        category(root, code, each, names if code == CATEGORY else {"zh": f"类别{code}", "en": f"Category {code}"})
        units += [f"{u},单位{u},Unit {u},{code}\n" for u in (unit.strip() for unit in each["units"])]
    file(data / "units.csv", "unit,name,name_en,category\n" + "".join(units))
    return root


def category(root: Path, code: str, case: dict[str, Any], name: dict[str, str]) -> None:
    """Write a category's tree and tables."""
    params, data = root / "params" / YEAR, root / "data" / YEAR
    file(params / f"{code}.yaml", f'year: "{YEAR}"\ncategory: "{code}"\n')
    head = sourced({"code": code, "name": name, **case.get("category", {})})
    rolled = [f"{key}: {shown(case[key])}" for key in ("roll_up", "decimals") if key in case]
    parts = [f"category: {shown(head)}", *rolled, "indicators:", *(f"  - {shown(node(each))}" for each in case["indicators"])]
    adjustments = [f"  - {shown(node(each))}" for each in case.get("adjustments", [])]
    parts += ["adjustments:", *adjustments] if adjustments else []
    parts += ["caps:", *(f"  - {shown(sourced(each))}" for each in case["caps"])] if "caps" in case else []
    file(params / "trees" / f"{code}.yaml", "\n".join(parts) + "\n")
    for name, text in case.get("tables", {}).items():
        folder = data if name in OF_YEAR else data / code
        table(folder, text, name, {"period": YEAR} if name in WITH_PERIOD else {})


_LOADED: dict[str, tuple[tx.RuleBook, tx.Data]] = {}
_ASSESSED: dict[str, tx.Result] = {}


def loaded(root: Path, case: dict[str, Any]) -> tuple[tx.RuleBook, tx.Data]:
    """A case written below `root` and read back; one that was read before is given again, and is not to be changed."""
    told = json.dumps(case, ensure_ascii=False)
    if told not in _LOADED:
        book = tx.load_rulebook(YEAR, workspace(root, case))
        _LOADED[told] = book, tx.load_data(book)
    return _LOADED[told]


def assessed(root: Path, case: dict[str, Any]) -> tx.Result:
    """A case written, read back and assessed; as `loaded` only once."""
    told = json.dumps(case, ensure_ascii=False)
    if told not in _ASSESSED:
        _ASSESSED[told] = tx.assess(*loaded(root, case), CATEGORY)
    return _ASSESSED[told]
