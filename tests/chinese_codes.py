"""A workspace of an invented city whose codes are Chinese wherever anybody types them, and which has no English of its own."""

from __future__ import annotations

from pathlib import Path

CATEGORY, OTHER, LEAD = "乡镇", "市直部门", "农业农村局"
UNITS = ("东港镇", "柳湖镇", "青山乡", "白马乡")
DEPARTMENTS = (LEAD, "财政局", "审计局")

_TREE = """\
category: {{code: {category}, name: {category}, clause: [第三条], assumed: 全年规则, tie_break: [甲]}}
indicators:
  - code: 甲
    name: 统筹发展
    weight: 60
    clause: [第三条]
    assumed: 全年规则
    children:
      - code: 甲1
        name: 一般公共预算收入
        weight: 35
        clause: [第三条]
        assumed: 全年规则
        measured_in: {{zh: 亿元}}
        lead: {lead}
        scored_by: {{method: completion, lose: 0.5, floor: 60% of weight}}
      - {{use: 共用.党建, weight: 25, clause: [第三条], assumed: 全年规则}}
  - code: 乙
    name: {{zh: 公众评议}}
    weight: 40
    clause: [第三条]
    assumed: 全年规则
    measured_in: 分
    lead: {lead}
    scored_by:
      method: survey
      groups:
        群众: {{name: {{zh: 群众代表（居民）, en: residents' delegates}}, weight: 60%}}
        企业: 40%
      grades:
        好: {{name: 很好, share: 100%}}
        一般: 60%
        差: {{name: {{zh: 不太好}}, share: 0%}}
      dont_know: not_counted
      absent_group: refuse
adjustments:
  - code: 加1
    name: 荣誉
    clause: [第三条]
    assumed: 全年规则
    cap: 3
    scored_by:
      method: per_event
      kind: bonus
      levels:
        全国: {{name: {{zh: 国家级表彰, en: national award}}, points: 2}}
        province: {{name: 省里表彰, points: 1}}
        本市: 0.5
      same_honour: highest
      several_units: each
"""

_FILES = {
    "params/2026/rulebook.yaml": f"""\
year: "2026"
period: "2026"
data: sample
office: 某市考核办
title: 2026年度综合考核
status: {{zh: 样例}}
as_of: "2026-12-31"
categories: [{CATEGORY}, {OTHER}]
total: {{points: 100, clause: silent, assumed: 全年规则}}
rounding: {{leaf: exact, total: 2, half: up, clause: silent, assumed: 全年规则}}
ties: {{method: min, clause: silent, assumed: 全年规则}}
not_applicable: {{rule: redistribute, clause: silent, assumed: 全年规则}}
divisors: {{when_not_positive: refuse, clause: silent, assumed: 全年规则}}
tiers:
  clause: silent
  assumed: 全年规则
  count: down
  tied_at_the_cut: in
  levels:
    - {{code: 一等, name: 第一等次, takes: 30%}}
    - {{code: 其余, name: {{zh: 其余等次}}, takes: rest}}
""",
    "params/2026/clauses.yaml": "第三条: {term: 分类考核, says: {zh: 分类考核，分别排名。}}\n",
    "params/2026/assumptions.yaml": "全年规则: {term: 全年规则, assumes: 百分制。, reason: {zh: 通行做法。}}\n",
    "params/2026/branches.yaml": """\
共用.党建:
  code: 丙
  name: 党的建设
  clause: [第三条]
  assumed: 全年规则
  children:
    - code: 丙1
      name: 基层组织
      weight: 60%
      clause: [第三条]
      assumed: 全年规则
      measured_in: 分
      lead: 财政局
      scored_by: {method: given, out_of: 100}
    - code: 丙2
      name: 廉政
      weight: 40%
      clause: [第三条]
      assumed: 全年规则
      measured_in: 分
      scored_by: {method: given, out_of: 100}
""",
    "data/2026/units.csv": "单位编码,单位名称,类别,别名\n" + "".join(
        f"{unit},{unit},{CATEGORY},{unit[:2]};{unit[:2]}办事处\n" for unit in UNITS) + "".join(
        f"{unit},某市{unit},{OTHER},\n" for unit in DEPARTMENTS),
}


def tables(category: str, units: tuple[str, ...]) -> dict[str, str]:
    """What the units of a category hand in: codes, names and other names of the same."""
    rows = [(unit, 4 + i, 4.5, 80 + i, 90 - i) for i, unit in enumerate(units)]
    values = "".join(f"{unit},甲1,2026,{value},{target}\n{unit},基层组织,2026,{one},\n{unit},丙2,2026,{two},\n"
                     for unit, value, target, one, two in rows)
    answers = {"很好": 40, "一般": 20, "差": 3, "不了解": 2}
    counts = "".join(f"{unit},乙,2026,{group},{grade},{count + i}\n" for i, unit in enumerate(units)
                     for group in ("群众代表(居民)", "企业") for grade, count in answers.items())
    return {f"data/2026/{category}/observations.csv": "单位编码,指标编码,期间,实绩,目标值\n" + values,
            f"data/2026/{category}/survey.csv": "单位编码,指标编码,期间,组别,评价,人数\n" + counts,
            f"data/2026/{category}/events.csv": "单位编码,指标编码,期间,事项,级别,日期\n"
                                                f"{units[0]},加1,2026,文明单位,国家级表彰,2026-05-01\n"
                                                f"{units[1]},加1,2026,双拥模范,省里表彰,2026-06-01\n"
                                                f"{units[1]},加1,2026,平安单位,本市,2026-07-01\n"}


def written(root: Path) -> Path:
    """The workspace, in this folder."""
    files = dict(_FILES)
    for category, units in ((CATEGORY, UNITS), (OTHER, DEPARTMENTS)):
        files[f"params/2026/trees/{category}.yaml"] = _TREE.format(category=category, lead=LEAD)
        files[f"params/2026/{category}.yaml"] = f'year: "2026"\ncategory: {category}\n'
        files |= tables(category, units)
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root
