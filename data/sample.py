"""The sample of 2020 and, before it, 2019: fictitious units and figures, the same bytes on every run.

    python data/sample.py            rewrites data/2020 and data/2019
    python data/sample.py FOLDER     writes FOLDER/2020 and FOLDER/2019 instead

Every figure is drawn for itself, from the seed, the year, the indicator and the unit, so that an indicator or a
unit added later leaves the others' figures as they are (marks excepted: they are given by order). A unit's
strength pulls its figures up; luck does the rest. What 2020 gives as last year's value is the value of 2019.
Marks that departments give keep to clause 1.3g (few of 90 or more, some under 80), and none marks itself.
Seeds were chosen so that in some categories two units end close, at a tier's cut or elsewhere; in depts_3 two
share a place, in towns_2 two have equal totals that the tie-break decides. Which surveys, and which departments
hand in what, is read from the rule-book. Workbooks need openpyxl and look as departments make them.
"""

from __future__ import annotations

import csv
import io
import random
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import yaml
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

PARAMS = Path(__file__).parents[1] / "params"
YEARS = ("2020", "2019")
SEEDS = {
    ("2020", "towns_1"): 2323, ("2020", "towns_2"): 2091, ("2020", "depts_1"): 2006, ("2020", "depts_2"): 2300,
    ("2020", "depts_3"): 2049, ("2020", "depts_4"): 2006, ("2020", "zones"): 2000, ("2020", "parks"): 2015,
    ("2020", "survey"): 2020, ("2020", "superior"): 2020,
    ("2019", "towns_1"): 2019, ("2019", "towns_2"): 2019, ("2019", "depts_1"): 2019, ("2019", "depts_2"): 2019,
    ("2019", "depts_3"): 2019, ("2019", "depts_4"): 2019, ("2019", "zones"): 2019, ("2019", "parks"): 2019,
    ("2019", "survey"): 2019, ("2019", "superior"): 2019,
}
WORKBOOKS = {("2020", "depts_2"), ("2020", "zones")}

Cells = tuple[str, ...]


class Unit(NamedTuple):
    """A fictitious unit: how strong it is (0 to 1), and how large beside the others."""

    unit: str
    name: str
    name_en: str
    category: str
    strength: float = 0.5
    size: float = 1.0
    valid_from: str = ""
    valid_to: str = ""
    predecessor: str = ""


class Figure(NamedTuple):
    """An indicator's figures run from `worst` to `best`, and never past `limit`."""

    indicator: str
    worst: float
    best: float
    decimals: int
    limit: float | None = None


class Task(NamedTuple):
    """An indicator with a target for each unit; achievement runs from `worst` to `best` percent of it.

    `sized`: the target grows with the unit. `growth`: the target lies so many percent above last year.
    """

    indicator: str
    target: float
    worst: float
    best: float
    decimals: int
    sized: bool = True
    growth: float | None = None


class Growth(NamedTuple):
    """An indicator beside last year's value, about `level`; change runs from `worst` to `best` percent."""

    indicator: str
    level: float
    worst: float
    best: float
    decimals: int


class Marks(NamedTuple):
    """An indicator on which a department marks every unit, out of 100; since 2020 in two parts."""

    indicator: str


Row = Figure | Task | Growth | Marks

UNITS = (
    Unit("donggang", "东港镇", "Donggang Town", "towns_1", 0.85, 1.7),
    Unit("liuhu", "柳湖镇", "Liuhu Town", "towns_1", 0.65, 1.0),
    Unit("shiqiao", "石桥乡", "Shiqiao Township", "towns_1", 0.2, 0.6),
    Unit("yunxi", "云溪街道", "Yunxi Sub-district", "towns_1", 0.8, 1.5),
    Unit("luzhou", "芦洲镇", "Luzhou Town", "towns_1", 0.7, 1.2),
    Unit("baidang", "白荡镇", "Baidang Town", "towns_1", 0.5, 0.9),
    Unit("meiwei", "梅圩镇", "Meiwei Town", "towns_1", 0.45, 0.8),
    Unit("qingtan", "清潭镇", "Qingtan Town", "towns_1", 0.35, 0.7),
    Unit("sanglin", "桑林镇", "Sanglin Town", "towns_2", 0.75, 1.2),
    Unit("hetang", "荷塘镇", "Hetang Town", "towns_2", 0.6, 1.0),
    Unit("zhuxi", "竹溪镇", "Zhuxi Town", "towns_2", 0.7, 1.1),
    Unit("fengdu", "枫渡镇", "Fengdu Town", "towns_2", 0.5, 0.9),
    Unit("xingba", "杏坝镇", "Xingba Town", "towns_2", 0.4, 0.8),
    Unit("songwei", "松圩镇", "Songwei Town", "towns_2", 0.45, 0.9),
    Unit("hefeng", "禾丰镇", "Hefeng Town", "towns_2", 0.55, 1.3),
    Unit("lingwan", "菱湾乡", "Lingwan Township", "towns_2", 0.25, 0.6),
    Unit("organisation", "市委组织部", "Organisation Department", "depts_1", 0.7, 1.1),
    Unit("publicity", "市委宣传部", "Publicity Department", "depts_1", 0.65, 1.0),
    Unit("united_front", "市委统战部", "United Front Work Department", "depts_1", 0.5, 0.8),
    Unit("political_legal", "市委政法委", "Political and Legal Affairs Commission", "depts_1", 0.6, 1.0),
    Unit("government_office", "市政府办公室", "Office of the City Government", "depts_1", 0.75, 1.2),
    Unit("petitions", "信访局", "Petitions Bureau", "depts_1", 0.4, 0.9),
    Unit("trade_unions", "总工会", "Federation of Trade Unions", "depts_1", 0.45, 0.9),
    Unit("youth_league", "团市委", "Youth League Committee", "depts_1", 0.35, 0.8),
    Unit("womens_federation", "妇女联合会", "Women's Federation", "depts_1", 0.3, 0.8),
    Unit("finance", "财政局", "Finance Bureau", "depts_2", 0.7, 1.1),
    Unit("development", "发展和改革委员会", "Development and Reform Commission", "depts_2", 0.75, 1.2),
    Unit("industry", "工业和信息化局", "Industry and Information Technology Bureau", "depts_2", 0.65, 1.2),
    Unit("commerce", "商务局", "Commerce Bureau", "depts_2", 0.6, 1.1),
    Unit("statistics", "统计局", "Statistics Bureau", "depts_2", 0.4, 0.8),
    Unit("science", "科学技术局", "Science and Technology Bureau", "depts_2", 0.55, 0.9),
    Unit("transport", "交通运输局", "Transport Bureau", "depts_2", 0.45, 1.0),
    Unit("agriculture", "农业农村局", "Agriculture and Rural Affairs Bureau", "depts_2", 0.5, 1.0),
    Unit("water", "水利局", "Water Resources Bureau", "depts_2", 0.3, 0.8),
    Unit("education", "教育局", "Education Bureau", "depts_3", 0.7, 1.2),
    Unit("health", "卫生健康委员会", "Health Commission", "depts_3", 0.65, 1.2),
    Unit("civil_affairs", "民政局", "Civil Affairs Bureau", "depts_3", 0.5, 0.9),
    Unit("human_resources", "人力资源和社会保障局", "Human Resources and Social Security Bureau", "depts_3", 0.6, 1.0),
    Unit("healthcare_security", "医疗保障局", "Healthcare Security Bureau", "depts_3", 0.45, 0.8),
    Unit("veterans", "退役军人事务局", "Veterans Affairs Bureau", "depts_3", 0.35, 0.8,
         valid_from="2019-03-20"),
    Unit("culture_tourism", "文化广电和旅游局", "Culture, Radio, Television and Tourism Bureau", "depts_3", 0.5, 1.0,
         valid_from="2020-01-01", predecessor="culture;tourism"),
    Unit("housing", "住房和城乡建设局", "Housing and Urban-Rural Development Bureau", "depts_3", 0.4, 1.1),
    Unit("public_security", "公安局", "Public Security Bureau", "depts_4", 0.75, 1.3),
    Unit("justice", "司法局", "Justice Bureau", "depts_4", 0.55, 0.9),
    Unit("natural_resources", "自然资源和规划局", "Natural Resources and Planning Bureau", "depts_4", 0.5, 1.0),
    Unit("environment", "生态环境局", "Ecology and Environment Bureau", "depts_4", 0.6, 1.0),
    Unit("urban_management", "城市管理局", "Urban Management Bureau", "depts_4", 0.45, 1.1),
    Unit("emergency", "应急管理局", "Emergency Management Bureau", "depts_4", 0.65, 1.0),
    Unit("market_supervision", "市场监督管理局", "Market Supervision Bureau", "depts_4", 0.7, 1.1),
    Unit("public_services", "行政审批局", "Administrative Approval Bureau", "depts_4", 0.4, 0.9),
    Unit("big_data", "大数据管理局", "Big Data Bureau", "depts_4", 0.3, 0.7, valid_from="2020-06-28"),
    Unit("yanjiang_zone", "沿江经济开发区", "Yanjiang Economic Development Zone", "zones", 0.7, 1.4),
    Unit("dongjiao_zone", "东郊高新技术产业区", "Dongjiao High-Tech Zone", "zones", 0.6, 1.0),
    Unit("baidang_zone", "白荡现代农业产业区", "Baidang Modern Agriculture Zone", "zones", 0.35, 0.6),
    Unit("luzhou_park", "芦洲港口物流园", "Luzhou Harbour Logistics Park", "parks", 0.55, 1.2),
    Unit("yunxi_park", "云溪软件园", "Yunxi Software Park", "parks", 0.65, 0.9),
    Unit("liuhu_park", "柳湖家居产业园", "Liuhu Home Furnishing Park", "parks", 0.45, 1.0),
    Unit("assessment", "综合考核办公室", "Comprehensive Assessment Office", ""),
    Unit("discipline", "纪委监委", "Commission for Discipline Inspection and Supervision", ""),
    Unit("taxation", "税务局", "Taxation Bureau", ""),
)

# What was otherwise in 2019: names, units that were not there yet, units that are no more.
NAMES_2019 = {"yunxi": ("云溪镇", "Yunxi Town")}
NEW_IN_2020 = ("culture_tourism", "big_data")
GONE_BY_2020 = (
    Unit("culture", "文化广电局", "Culture, Radio and Television Bureau", "depts_3", 0.55, 0.9,
         valid_to="2019-12-31"),
    Unit("tourism", "旅游局", "Tourism Bureau", "depts_3", 0.35, 0.8, valid_to="2019-12-31"),
)

ECOLOGY: tuple[Row, ...] = (
    Figure("E1", 46, 35, 1),
    Figure("E2", 74, 89, 1),
    Figure("E3", 80, 103, 1, limit=100),
    Task("E4", 3.5, 76, 118, 2, sized=False),
)
PARTY: tuple[Row, ...] = (Marks("P1"), Marks("P2"), Marks("P3"))
DEPARTMENT_WORK: tuple[Row, ...] = (
    Figure("G1", 87, 102, 1, limit=100),
    Marks("G2"),
    Figure("G3", 84, 102, 1, limit=100),
    Marks("G4"),
    Figure("G5", 87, 102, 1, limit=100),
    Task("G6", 9, 76, 108, 0),
)
INDICATORS: dict[str, tuple[Row, ...]] = {
    "towns_1": (
        Task("A1.1", 4.2, 90, 107, 2, growth=5),
        Figure("A1.2", 76, 94, 1),
        Figure("A1.3", -2, 14.5, 1),
        Figure("A1.4", 1, 13, 1),
        Figure("A1.5", 3, 9, 0),
        Task("A1.6", 22, 76, 108, 0),
        Figure("A2.1", -1.5, 12, 1),
        Figure("A2.2", 2, 9, 0),
        Task("A2.3", 9, 64, 108, 0),
        Task("A2.4", 480, 88, 107, 1, growth=3),
        Marks("A3.1"),
        Task("A3.2", 2400, 84, 103, 0),
        Figure("A3.3", 3, 12, 1),
        Figure("A3.4", 66, 99, 1),
        Figure("A3.5", 98.9, 101.2, 1, limit=100),
        Task("A4.1", 650, 86, 107, 0),
        Task("A4.2", 120, 117, 88, 0),
        Figure("A4.3", 3.4, -1, 0, limit=0),
        Figure("A4.4", 3.2, 0.2, 2),
        *ECOLOGY,
        *PARTY,
    ),
    "towns_2": (
        Task("A1.1", 1.6, 90, 107, 2, growth=4),
        Figure("A1.2", 74, 92, 1),
        Figure("A1.3", -3, 13, 1),
        Growth("A1.4", 6.4, -3, 11, 2),
        Figure("A1.5", 2, 6.4, 0),
        Figure("A2.1", -4, 11, 1),
        Figure("A2.2", 1, 6, 0),
        Task("A2.3", 6, 60, 110, 0),
        Marks("A3.1"),
        Task("A3.2", 4200, 84, 104, 0),
        Figure("A3.3", 3, 13, 1),
        Figure("A3.4", 2.1, 4.6, 2),
        Figure("A3.5", 99, 101.5, 1, limit=100),
        Growth("A3.6", 3.2, 2, 16, 2),
        Growth("A3.7", 5.5, -2, 14, 2),
        Task("A3.8", 18, 82, 106, 1),
        Figure("A3.9", 86, 99, 1),
        Task("A4.1", 320, 86, 107, 0),
        Task("A4.2", 70, 118, 88, 0),
        Figure("A4.3", 3, -1, 0, limit=0),
        Figure("A4.4", 3.4, 0.2, 2),
        Figure("A4.5", 92, 100.4, 1, limit=100),
        *ECOLOGY,
        *PARTY,
    ),
    "depts_1": (
        Figure("A1.1", 84, 102, 1, limit=100),
        Figure("A1.2", 82, 101, 1, limit=100),
        Task("A1.3", 8, 70, 108, 0),
        Marks("A1.4"),
        Task("A2.1", 48, 80, 110, 0),
        Figure("A2.2", 14, 40, 0),
        Figure("A2.3", 82, 99.5, 1),
        Figure("A2.4", 12, 36, 1),
        Figure("A3.1", 83, 101, 1, limit=100),
        Figure("A3.2", 2.6, -1.2, 0, limit=0),
        Growth("A3.3", 24, 2, 18, 0),
        Task("A3.4", 2.5, 74, 124, 2, sized=False),
        Figure("A4.1", 1, 6, 0),
        Figure("A4.2", 0, 4, 0),
        *DEPARTMENT_WORK,
        *PARTY,
    ),
    "depts_2": (
        Figure("A1.1", 91, 103, 1),
        Growth("A1.2", 6.5, -6, 13, 2),
        Growth("A1.3", 21, 1, 12, 2),
        Task("A1.4", 5, 58, 112, 0),
        Figure("A1.5", -2, 14, 1),
        Figure("A2.1", 62, 104, 1, limit=100),
        Figure("A2.2", 5.2, 2.4, 1),
        Figure("A2.3", 82, 102, 1, limit=100),
        Figure("A2.4", 18, 52, 0),
        Task("A3.1", 7, 68, 110, 0),
        Figure("A3.2", 1, 7, 0),
        Task("A3.3", 12, 82, 112, 0),
        Figure("A4.1", 91, 102, 1, limit=100),
        Figure("A4.2", 83, 103, 1, limit=100),
        Task("A4.3", 3.2, 78, 122, 2, sized=False),
        *DEPARTMENT_WORK,
        *PARTY,
    ),
    "depts_3": (
        Figure("A1.1", 90, 103, 1, limit=100),
        Task("A1.2", 2600, 86, 108, 0),
        Figure("A1.3", 72, 98, 1),
        Task("A1.4", 10, 66, 112, 0),
        Growth("A2.1", 38, -4, 12, 1),
        Figure("A2.2", 4.8, 2.2, 1),
        Task("A2.3", 60, 118, 86, 0),
        Figure("A2.4", 84, 98, 1),
        Figure("A3.1", 6, 19, 0),
        Figure("A3.2", 91, 102, 1, limit=100),
        Figure("A3.3", 2.6, -1, 0, limit=0),
        Figure("A3.4", 90, 99.4, 1),
        Growth("A4.1", 4.1, 2, 15, 2),
        Figure("A4.2", 0, 5, 0),
        Task("A4.3", 30, 76, 110, 0),
        *DEPARTMENT_WORK,
        *PARTY,
    ),
    "depts_4": (
        Figure("A1.1", 86, 101, 1, limit=100),
        Figure("A1.2", 2.8, -1, 0, limit=0),
        Task("A1.3", 120, 88, 106, 0),
        Marks("A1.4"),
        Figure("A2.1", 60, 150, 0),
        Figure("A2.2", 91, 102, 1, limit=100),
        Figure("A2.3", 34, 18, 1),
        Figure("A2.4", 84, 102, 1, limit=100),
        Growth("A2.5", 140, 14, -16, 0),
        Figure("A3.1", 6.5, 2.5, 1),
        Figure("A3.2", 85, 99, 1),
        Task("A3.3", 20, 80, 128, 1, sized=False),
        Figure("A4.1", 91, 102, 1, limit=100),
        Figure("A4.2", 70, 97, 1),
        Task("A4.3", 4.5, 76, 112, 2),
        *DEPARTMENT_WORK,
        *PARTY,
    ),
    "zones": (
        Growth("A1.1", 180, -2, 12, 2),
        Figure("A1.2", 2, 11, 1),
        Task("A1.3", 9.5, 90, 107, 2, growth=5),
        Figure("A1.4", 11, 24, 2),
        Figure("A1.5", 31, 56, 1),
        Figure("A2.1", 54, 90, 1),
        Task("A2.2", 8, 66, 108, 0),
        Growth("A2.3", 70, 2, 14, 2),
        Figure("A2.4", 0, 3, 0),
        Figure("A3.1", 1, 4, 0),
        Task("A3.2", 14, 66, 108, 0),
        Task("A3.3", 8200, 84, 110, 0),
        Figure("A3.4", 55, 92, 1),
        Figure("A3.5", 24, 60, 2),
        Figure("A4.1", 1.6, 3.6, 2),
        Task("A4.2", 40, 80, 108, 0),
        Figure("A4.3", 2, 7, 0),
        Task("A5.1", 320, 82, 110, 0),
        Figure("A5.2", 87, 101, 1, limit=100),
        Figure("A5.3", 3, -1, 0, limit=0),
        Marks("A5.4"),
        *ECOLOGY,
        *PARTY,
    ),
    "parks": (
        Growth("A1.1", 42, -2, 12, 2),
        Task("A1.2", 130, 84, 106, 0),
        Figure("A1.3", 3, 9, 0),
        Task("A1.4", 9600, 88, 108, 0, growth=5),
        Figure("A1.5", 56, 91, 1),
        Task("A2.1", 3.4, 86, 108, 2),
        Figure("A2.2", 1, 5, 0),
        Task("A2.3", 5, 60, 112, 0),
        Figure("A2.4", 64, 97, 1),
        Task("A3.1", 12, 70, 110, 0),
        Figure("A3.2", 16, 38, 0),
        Figure("A3.3", 12, 34, 0),
        Task("A3.4", 420, 84, 108, 0),
        Figure("A4.1", 87, 101, 1, limit=100),
        Figure("A4.2", 60, 140, 1),
        Figure("A4.3", 2.6, -1, 0, limit=0),
        Marks("A4.4"),
        Figure("A4.5", 91, 102, 1, limit=100),
        *PARTY,
    ),
}
ONLY_IN_2019: dict[str, tuple[Row, ...]] = {"towns_1": (Task("A3.6", 12, 78, 106, 1),)}
ONLY_IN_2020 = {("towns_1", "A3.4")}

NOT_APPLICABLE = {
    ("shiqiao", "A2.4"): "无港口",
    ("qingtan", "A2.4"): "无港口",
    ("yunxi", "A3.2"): "无建设任务",
    ("songwei", "A3.2"): "无建设任务",
    ("lingwan", "A3.6"): "无在建项目",
    ("baidang_zone", "A5.4"): "无化工企业",
    ("luzhou_park", "A3.1"): "无孵化器",
    ("government_office", "A1.4"): "本部门打分，不自评",
    ("organisation", "P1"): "本部门打分，不自评",
    ("publicity", "P3"): "本部门打分，不自评",
    ("emergency", "G4"): "本部门打分，不自评",
    ("justice", "G2"): "本部门打分，不自评",
    ("justice", "A1.4"): "本部门打分，不自评",
}

# How many of each group were asked; heads of enterprises are not asked about party departments.
ASKED = {"residents": 120, "enterprises": 40, "delegates": 36, "cadres": 50, "towns": 16}
NOT_ASKED = {("depts_1", "enterprises")}

# Honours and criticism, by year and category: unit, indicator, honour, level, date, document, note.
EVENTS: dict[str, tuple[Cells, ...]] = {
    "2020 towns_1": (
        ("donggang", "J1", "农村人居环境整治先进", "prefecture", "2020-05-18", "样例发〔2020〕21号", ""),
        ("donggang", "J1", "农村人居环境整治先进", "province", "2020-11-06", "样例发〔2020〕64号", "与地市级为同一荣誉"),
        ("luzhou", "J1", "港口集疏运示范", "province", "2020-09-22", "样例发〔2020〕47号", "与柳湖镇共得"),
        ("liuhu", "J1", "港口集疏运示范", "province", "2020-09-22", "样例发〔2020〕47号", "与芦洲镇共得"),
        ("baidang", "J2", "秸秆禁烧不力", "prefecture", "2020-06-12", "样例通报〔2020〕8号", ""),
    ),
    "2020 towns_2": (
        ("hefeng", "J1", "粮食生产先进", "national", "2020-12-03", "样例发〔2020〕71号", ""),
        ("sanglin", "J1", "乡村旅游重点镇", "province", "2020-08-14", "样例发〔2020〕39号", ""),
        ("xingba", "J2", "违法占用耕地", "province", "2020-10-20", "样例通报〔2020〕15号", ""),
    ),
    "2020 depts_1": (
        ("government_office", "J1", "政务公开先进", "province", "2020-10-09", "样例发〔2020〕52号", ""),
        ("publicity", "J1", "文明城市创建先进", "prefecture", "2020-12-11", "样例发〔2020〕75号", ""),
    ),
    "2020 depts_2": (
        ("finance", "J1", "财政管理绩效先进", "national", "2020-07-02", "样例发〔2020〕33号", "与发展改革委共得"),
        ("development", "J1", "财政管理绩效先进", "national", "2020-07-02", "样例发〔2020〕33号", "与财政局共得"),
        ("industry", "J1", "两化融合示范", "prefecture", "2020-04-27", "样例发〔2020〕18号", ""),
        ("industry", "J1", "两化融合示范", "province", "2020-11-30", "样例发〔2020〕69号", "与地市级为同一荣誉"),
        ("water", "J2", "河道违建整改不力", "prefecture", "2020-08-05", "样例通报〔2020〕11号", ""),
    ),
    "2020 depts_3": (
        ("education", "J1", "义务教育优质均衡", "province", "2020-12-18", "样例发〔2020〕78号", ""),
        ("housing", "J2", "工地扬尘通报", "prefecture", "2020-05-29", "样例通报〔2020〕6号", ""),
    ),
    "2020 depts_4": (
        ("public_security", "J1", "平安建设先进", "national", "2020-12-24", "样例发〔2020〕80号", ""),
        ("market_supervision", "J1", "放心消费创建先进", "province", "2020-03-15", "样例发〔2020〕12号", ""),
    ),
    "2020 zones": (
        ("yanjiang_zone", "J1", "绿色园区", "province", "2020-10-28", "样例发〔2020〕59号", ""),
        ("dongjiao_zone", "J2", "安全隐患整改滞后", "prefecture", "2020-07-21", "样例通报〔2020〕10号", ""),
    ),
    "2020 parks": (
        ("yunxi_park", "J1", "软件名园", "prefecture", "2020-09-10", "样例发〔2020〕45号", ""),
    ),
    "2019 towns_1": (
        ("donggang", "J1", "全国文明镇", "national", "2019-11-21", "样例发〔2019〕62号", ""),
    ),
    "2019 depts_4": (
        ("environment", "J2", "督察问题整改滞后", "province", "2019-07-16", "样例通报〔2019〕9号", ""),
    ),
}

# Marks of 2020 that show what an audit finds, by category and item: totals from the most successful unit down.
SHAPED: dict[tuple[str, str], tuple[float, ...]] = {
    ("towns_2", "P1"): (94.6, 92.8, 91.3, 90.0, 86.4, 85.7, 78.5, 76.2),  # four of 90 or more where two are allowed
    ("towns_1", "P1"): (93.1, 90.8, 88.2, 86.9, 84.4, 82.1, 80.0, 80.0),  # nobody under 80, two at 80
    ("depts_3", "P2"): (97.2, 93.4, 91.0, 88.5, 86.1, 84.0, 82.3, 81.0),  # both
    ("towns_2", "A3.1"): (93.2, 92.6, 86.8, 86.6, 84.0, 83.9, 75.9, 75.2),  # clean
    ("parks", "P3"): (88.6, 85.2, 81.4),  # three units, none under 80
    ("depts_2", "G4"): (89.9, 89.9, 89.8, 89.8, 89.6, 89.6, 89.5, 79.9, 79.9),  # levelled within the letter
    ("towns_1", "A3.1"): (100.0, 90.6, 88.9, 87.2, 85.3, 83.8, 78.2, 76.4),  # a full mark
}
COPIED = {("depts_4", "A1.4"): "G2"}  # an item whose order is that of another
FLAT = {("depts_1", "A1.4"): 54.0}  # an item whose quantitative part is the same for all

# The lines of an item's detailed rules, common ones once; some break clause 1.3f.
DETAILS: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "P1"): ("基层党组织星级评定，四星级以上占比每高于平均1个百分点得2分，满分20分。",
                 "党员活动阵地规范化建设达标率，按达标率计分，满分20分。",
                 "发展党员计划完成率，完成得10分，每少1个百分点扣0.5分。",
                 "软弱涣散基层党组织整顿转化率，满分10分。",
                 "党建品牌创建成效，由考核组实地评议，满分40分。"),
    ("", "P2"): ("问题线索按期办结率，满分25分，每低1个百分点扣0.5分。",
                 "巡察反馈问题整改完成率，满分20分。",
                 "廉政风险点防控措施落实率，满分15分。",
                 "政治生态综合评议，满分40分。"),
    ("", "P3"): ("文明单位（村镇）创建达标率，满分25分。",
                 "志愿服务时长人均达标情况，满分20分。",
                 "新时代文明实践站活动覆盖率，满分15分。",
                 "意识形态责任制落实情况评议，满分40分。"),
    ("", "G2"): ("行政诉讼败诉率低于全市平均得25分，每高1个百分点扣2分。",
                 "规范性文件合法性审核率，满分20分。",
                 "执法人员持证上岗率，满分15分。",
                 "政务公开及时率低于95%的，每低1个百分点扣0.5分。",
                 "法治宣传教育成效评议，满分40分。"),
    ("", "G4"): ("重大隐患整改销号率，满分30分。",
                 "安全生产专项整治任务完成率，满分20分。",
                 "按月报送安全生产工作信息，每少报一次扣0.5分。",
                 "应急演练组织情况，满分10分。",
                 "安全生产责任落实情况评议，满分40分。"),
    ("depts_1", "A1.4"): ("重点工作按序时进度完成率，满分60分。", "工作质量由市领导分条线评议，满分40分。"),
    ("depts_4", "A1.4"): ("案卷评查合格率，满分55分。", "案卷文书质量专家评议，满分45分。"),
    ("parks", "A4.4"): ("违规占道经营整治完成率，满分30分。", "园区保洁覆盖率，满分30分。", "环境秩序明查暗访评议，满分40分。"),
    ("towns_1", "A3.1"): ("农村生活垃圾分类覆盖率，满分20分。", "户厕改造合格率，满分20分。",
                          "整治工作经费纳入年度预算的得5分。", "村庄清洁行动成效实地评议，满分40分。"),
    ("towns_2", "A3.1"): ("农村生活垃圾分类覆盖率，满分30分。", "户厕改造合格率，满分30分。",
                          "每季度召开人居环境整治推进会，每缺一次扣1分。", "村庄清洁行动成效实地评议，满分40分。"),
    ("zones", "A5.4"): ("化工企业关闭退出任务完成率，满分40分。", "成立化工整治工作专班并配备专职人员的得5分。",
                        "规模以上工业增加值增幅居前的加2分。", "整治成效现场评议，满分40分。"),
}

# A decision that bars a unit from the first tier.
DECISIONS: dict[str, tuple[Cells, ...]] = {
    "2020": (("zhuxi", "veto", "2020-09-18", "2.3a", "样例纪要〔2020〕6号", "发生较大生产安全事故"),),
}

# Superior indicators: name, and who answers for how much in percent, by which leaf; `towns_1 A1.2 3`: each of
# them 3. Nobody answers for three of them.
SUPERIOR: dict[str, tuple[str, str, str]] = {
    "H01": ("地区生产总值增速", "Growth of GDP", "development S1 60, statistics S1 40"),
    "H02": ("税收收入占一般公共预算收入比重", "Taxes as a share of budget revenue",
            "finance S1 52, towns_1 A1.2 3, towns_2 A1.2 3"),
    "H03": ("固定资产投资增速", "Growth of fixed-asset investment",
            "development S1 40, statistics S1 12, towns_1 A2.1 3, towns_2 A2.1 3"),
    "H04": ("规模以上工业增加值增速", "Growth of industrial value added", "industry S1 70, zones A1.2 10"),
    "H05": ("全社会研发投入强度", "Research as a share of GDP", "science S1 70, zones A4.1 10"),
    "H06": ("实际使用外资", "Foreign capital used", "commerce S1 64, zones A3.3 12"),
    "H07": ("PM2.5平均浓度", "PM2.5, yearly mean",
            "environment S1 40, urban_management S1 12, towns_1 E1 3, towns_2 E1 3"),
    "H08": ("地表水国省考断面优良比例", "Surface water of good quality", "water S1 50, environment S1 50"),
    "H09": ("城镇调查失业率", "Surveyed urban unemployment", "human_resources S1 100"),
    "H10": ("基本医疗保险参保率", "People in basic medical insurance", "healthcare_security S1 60, health S1 40"),
    "H11": ("教育现代化指数", "Index of education", "education S1 100"),
    "H12": ("万人发明专利拥有量", "Invention patents per 10,000 people", ""),
    "H13": ("社会文明程度指数", "Index of civic ethics", "publicity S1 60, urban_management S1 40"),
    "T01": ("新签约重大项目", "Newly signed major projects", "commerce S2 60, development S2 40"),
    "T02": ("农业现代化", "Modern farming", "agriculture S2 76, towns_2 A3.6 3"),
    "T03": ("综合交通建设", "Transport works", "transport S2 60, housing S2 40"),
    "T04": ("养老和优抚服务", "Care for the old and for veterans", "civil_affairs S2 70, veterans S2 30"),
    "T05": ("文化旅游发展", "Culture and tourism", "culture_tourism S2 100"),
    "T06": ("安全生产", "Work safety", "emergency S2 60, market_supervision S2 20, housing S2 20"),
    "T07": ("平安建设", "Public security", "political_legal S2 40, public_security S2 40, petitions S2 20"),
    "T08": ("法治建设", "Rule of law", "justice S2 60, political_legal S2 40"),
    "T09": ("营商环境", "Business environment",
            "public_services S2 40, market_supervision S2 30, big_data S2 30"),
    "T10": ("人才发展", "Talent", "organisation S2 60, human_resources S2 40"),
    "T11": ("土地节约集约利用", "Thrift in the use of land", "natural_resources S2 100"),
    "T12": ("居民人均可支配收入增幅", "Growth of disposable income per head", ""),
    "T13": ("慈善事业发展", "Charity", ""),
}
ANSWERED_IN_2019 = {
    "T05": "culture S2 60, tourism S2 40",
    "T09": "public_services S2 60, market_supervision S2 40",
}


def luck(year: str, seed: str, *key: str) -> float:
    """A number from 0 to 1 that depends on the seed of that name, the year and the key alone."""
    return random.Random("/".join((str(SEEDS[year, seed]), year, *key))).random()


def success(year: str, unit: Unit, indicator: str, seed: str = "") -> float:
    """How well a unit does on an indicator, from 0 to 1: half strength, half luck."""
    return 0.5 * unit.strength + 0.5 * luck(year, seed or unit.category, indicator, unit.unit)


def members(year: str, category: str) -> list[Unit]:
    """The units of a category in a year."""
    return [unit for unit in units_of(year) if unit.category == category]


def units_of(year: str) -> list[Unit]:
    """All units of a year under the names of that year."""
    if year == "2020":
        return list(UNITS)
    kept = [unit for unit in (*UNITS, *GONE_BY_2020) if unit.unit not in NEW_IN_2020]
    return [unit._replace(name=NAMES_2019[unit.unit][0], name_en=NAMES_2019[unit.unit][1])
            if unit.unit in NAMES_2019 else unit for unit in kept]


def rows_of(year: str, category: str) -> list[Row]:
    """The indicators of a category that are measured unit by unit."""
    kept = [row for row in INDICATORS[category] if year == "2020" or (category, row.indicator) not in ONLY_IN_2020]
    return kept + (list(ONLY_IN_2019.get(category, ())) if year == "2019" else [])


def figure(row: Figure, unit: Unit, year: str) -> Cells:
    """Value, target and last year's value of a plain figure: there is only a value."""
    value = row.worst + (row.best - row.worst) * success(year, unit, row.indicator)
    if row.limit is not None:
        value = min(value, row.limit) if row.best > row.worst else max(value, row.limit)
    return f"{abs(value) if round(value, row.decimals) == 0 else value:.{row.decimals}f}", "", ""


def task(row: Task, unit: Unit, year: str) -> Cells:
    """Value, target and last year's value of an indicator with a target."""
    achieved = (row.worst + (row.best - row.worst) * success(year, unit, row.indicator)) / 100
    if year == "2019" and row.growth is not None:
        value = task(row, unit, "2020")[2]
        return value, f"{float(value) / achieved:.{row.decimals}f}", ""
    target = round(row.target * (unit.size if row.sized else 1), row.decimals)
    last_year = "" if row.growth is None else f"{target / (1 + row.growth / 100):.{row.decimals}f}"
    return f"{target * achieved:.{row.decimals}f}", f"{target:.{row.decimals}f}", last_year


def growth(row: Growth, unit: Unit, year: str) -> Cells:
    """Value and last year's value; the value of 2019 is what 2020 calls last year's."""
    change = 1 + (row.worst + (row.best - row.worst) * success(year, unit, row.indicator)) / 100
    level = row.level * unit.size * (0.9 + 0.2 * luck("2020", unit.category, row.indicator, unit.unit, "level"))
    if year == "2019":
        return f"{level:.{row.decimals}f}", "", f"{level / change:.{row.decimals}f}"
    return f"{level * change:.{row.decimals}f}", "", f"{level:.{row.decimals}f}"


def marks(row: Marks, unit: Unit, year: str) -> Cells:
    """A department's mark: at most 30% of units have 90 or more, at least 20% under 80, nobody 100."""
    marked = [u for u in members(year, unit.category) if (u.unit, row.indicator) not in NOT_APPLICABLE]
    order = sorted(marked, key=lambda u: -success(year, u, row.indicator))
    high, low = len(order) * 30 // 100, -(-len(order) * 20 // 100)
    place = order.index(unit)
    floor, width = (90, 5) if place < high else (74, 5.5) if place >= len(order) - low else (81, 8.5)
    return f"{floor + width * success(year, unit, row.indicator):.1f}", "", ""


def cells(row: Row, unit: Unit, year: str) -> Cells:
    """Value, target and last year's value, as they are handed in."""
    if isinstance(row, Figure):
        return figure(row, unit, year)
    if isinstance(row, Task):
        return task(row, unit, year)
    return growth(row, unit, year) if isinstance(row, Growth) else marks(row, unit, year)


def halves(year: str, category: str) -> Iterator[Cells]:
    """The marks that departments hand in as two parts: one row for each item and unit."""
    for leaf in leaves(year, category):
        item, rule = leaf["code"], leaf["scored_by"]
        if rule["method"] != "marks":
            continue
        most = float(rule["quantitative"].rstrip("%"))
        order = COPIED.get((category, item), item)
        asked = [u for u in members(year, category) if (u.unit, item) not in NOT_APPLICABLE]
        ranked = sorted(asked, key=lambda u: -success(year, u, order))
        for unit in members(year, category):
            if unit not in asked:
                yield (unit.unit, item, year, leaf["lead"], "—", "—", "—", NOT_APPLICABLE[unit.unit, item])
                continue
            shaped = SHAPED.get((category, item))
            total = shaped[ranked.index(unit)] if shaped else float(marks(Marks(order), unit, year)[0])
            total -= 0.6 if order != item else 0
            measured = min(most, total * most / 100 + 3 * luck(year, category, item, unit.unit, "quantitative"))
            part = FLAT.get((category, item), round(max(measured, total - (100 - most)), 1))
            yield unit.unit, item, year, leaf["lead"], f"{part:.1f}", f"{total - part:.1f}", f"{total:.1f}", ""


def details(year: str, category: str) -> Iterator[Cells]:
    """The detailed rules of each item that is marked, line by line."""
    for leaf in leaves(year, category):
        if leaf["scored_by"]["method"] == "marks":
            item = leaf["code"]
            lines = DETAILS.get((category, item)) or DETAILS["", item]
            yield from ((item, str(number), text) for number, text in enumerate(lines, start=1))


def observations(year: str, category: str) -> Iterator[Cells]:
    """One row for each unit and indicator that is reported as a value."""
    by_parts = {leaf["code"] for leaf in leaves(year, category) if leaf["scored_by"]["method"] == "marks"}
    for unit in members(year, category):
        for row in rows_of(year, category):
            if row.indicator in by_parts:
                continue
            note = NOT_APPLICABLE.get((unit.unit, row.indicator))
            if note is None:
                yield (unit.unit, row.indicator, year, *cells(row, unit, year), "", "")
            else:
                yield (unit.unit, row.indicator, year, "—", "", "", "not_applicable", note)


@cache
def leaves(year: str, category: str) -> list[dict[str, Any]]:
    """The indicators of a category's tree that are measured, as the rule-book writes them."""
    tree = yaml.load((PARAMS / year / "trees" / f"{category}.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    shared = yaml.load((PARAMS / year / "branches.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    found, waiting = [], list(tree["indicators"])
    while waiting:
        node = waiting.pop(0)
        node = shared[node["use"]] if "use" in node else node
        waiting = [*node.get("children", []), *waiting]
        found += [node] if "scored_by" in node else []
    return found


def ballots(year: str, category: str) -> Iterator[Cells]:
    """How many of each group gave each grade: the better a unit does, the more of them the first."""
    for unit in members(year, category):
        for leaf in leaves(year, category):
            rule = leaf["scored_by"]
            for group in rule.get("groups", ()):
                if (category, group) in NOT_ASKED:
                    continue
                key = f"{leaf['code']}/{group}"
                does, left = success(year, unit, key, "survey"), ASKED[group]
                counts = {"dont_know": round(0.12 * left * luck(year, "survey", key, unit.unit, "dont_know"))}
                left -= counts["dont_know"]
                *others, last = rule["grades"]
                for grade in others:
                    counts[grade] = round(left * (0.42 + 0.45 * does))
                    left -= counts[grade]
                counts[last] = left
                for grade in (*rule["grades"], "dont_know"):
                    yield unit.unit, leaf["code"], year, group, grade, str(counts[grade]), ""


def events(year: str, category: str) -> Iterator[Cells]:
    """Honours and criticism of a category's units."""
    for unit, indicator, honour, level, date, document, note in EVENTS.get(f"{year} {category}", ()):
        yield unit, indicator, year, honour, level, "", date, document, note


def units(year: str) -> Iterator[Cells]:
    """All units; those without a category lead indicators and are not ranked."""
    for unit in units_of(year):
        yield (unit.unit, unit.name, unit.name_en, unit.category, unit.valid_from, unit.valid_to, unit.predecessor)


def superior(year: str) -> Iterator[Cells]:
    """The city's place among its seven peers on each superior indicator."""
    for code, (name, name_en, _) in SUPERIOR.items():
        place = 1 + int(7 * luck(year, "superior", code) * 0.95)
        set_by = "province" if code.startswith("H") else "prefecture"
        yield code, name, name_en, set_by, year, str(place), "7", ""


def responsible(year: str) -> Iterator[Cells]:
    """Who answers for a superior indicator, by which leaf, with what share."""
    for code, (_, _, answered) in SUPERIOR.items():
        if year == "2019":
            answered = ANSWERED_IN_2019.get(code, answered)
        for part in filter(None, answered.split(", ")):
            who, leaf, share = part.split()
            for unit in [u.unit for u in members(year, who)] or [who]:
                yield code, unit, leaf, share, ""


HEADERS = {
    "units": "unit,name,name_en,category,valid_from,valid_to,predecessor",
    "superior": "superior,name,name_en,set_by,period,place,peers,note",
    "responsible": "superior,unit,indicator,share,note",
    "decisions": "unit,kind,since,clause,document,note",
    "observations": "unit,indicator,period,value,target,last_year,status,note",
    "survey": "unit,indicator,period,group,grade,count,note",
    "events": "unit,indicator,period,honour,level,share,date,document,note",
    "marks": "unit,indicator,period,lead,quantitative,qualitative,total,note",
    "details": "indicator,number,text",
}


def write(path: Path, rows: Iterable[Cells]) -> None:
    """A CSV file that Excel opens as UTF-8; none where there are no rows."""
    lines = list(rows)
    if not lines:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADERS[path.stem].split(","))
        writer.writerows(lines)


# ── workbooks, as departments make them ──

TITLES = {"unit": "单位编码", "indicator": "指标编码", "period": "期间", "value": "实绩", "target": "目标值",
          "last_year": "上年值", "status": "状态", "note": "备注", "group": "组别", "grade": "评价", "count": "人数",
          "honour": "事项", "level": "级别", "date": "日期", "document": "文件", "share": "份额", "lead": "牵头部门",
          "quantitative": "定量", "qualitative": "定性", "total": "合计分", "number": "序号", "text": "细则"}
NUMBERS = ("value", "target", "last_year", "count", "quantitative", "qualitative", "total")
ADD_UP = {"亿元", "万元", "家", "个", "项", "件", "起", "亩", "万美元"}
FULL_WIDTH = str.maketrans("0123456789.-", "０１２３４５６７８９．－")


def workbooks(folder: Path, year: str, category: str) -> None:
    """One workbook for each lead department; the assessment office's holds marks, the survey and the events."""
    asked = {leaf["code"]: leaf for leaf in leaves(year, category)}
    names = {unit.unit: unit.name for unit in units_of(year)}
    handed = list(observations(year, category))
    measures = {code: m if isinstance(m := leaf["measured_in"], str) else m["zh"] for code, leaf in asked.items()}
    by_lead: dict[str, list[Cells]] = {}
    for row in handed:
        lead, is_mark = asked[row[1]]["lead"], measures[row[1]] == "分"
        by_lead.setdefault("assessment" if is_mark else lead, []).append(row)
    by_lead.setdefault("assessment", [])
    for number, (lead, rows) in enumerate(sorted(by_lead.items())):
        book, told = Workbook(), {row[1]: measures[row[1]] for row in rows}
        title = f"{names[lead]}{year}年度综合考核数据报送表"
        sheet(book, "实绩", title, "observations", rows, told, full_width=number % 3 == 1)
        if lead == "assessment":
            sheet(book, "打分", f"{year}年度定性指标打分汇总表", "marks", list(halves(year, category)), {})
            sheet(book, "细则", f"{year}年度单项工作考核细则", "details", list(details(year, category)), {})
            sheet(book, "调查", f"{year}年度公众评议汇总表", "survey", list(ballots(year, category)), {})
            sheet(book, "事项", f"{year}年度加分扣分事项", "events", list(events(year, category)), {})
        explained(book, names[lead])
        save(book, folder / f"{lead}.xlsx")


def sheet(book: Workbook, name: str, title: str, table: str, rows: list[Cells], told: dict[str, str], *,
          full_width: bool = False) -> None:
    """A table under a title: Chinese headers, the unit code merged over its rows, a total and a note below.

    None where there are no rows.     `told`: the measure of each indicator. Columns that stay empty are left out.
    """
    if not rows:
        return
    names = HEADERS[table].split(",")
    kept = [i for i, column in enumerate(names) if column != "name" and any(row[i] for row in rows)]
    page = book.create_sheet(name)
    page.append([title])
    page.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(kept))
    page["A1"].font, page["A1"].alignment = Font(bold=True, size=14), Alignment(horizontal="center")
    page.append([])
    alike = set(told.values())
    measure = f"（{alike.pop()}）" if len(alike) == 1 else ""
    page.append([TITLES[names[i]] + (measure if names[i] in NUMBERS else "") for i in kept])
    for row in rows:
        page.append([None] * len(kept))
        percent = told.get(row[1]) == "%"
        for column, i in enumerate(kept, start=1):
            fill(page.cell(page.max_row, column), row[i], names[i] in NUMBERS, percent=percent, full_width=full_width)
    merge_units(page, [row[0] for row in rows])
    if len(told) == 1 and set(told.values()) <= ADD_UP:
        total(page, kept, names, rows)
    if table != "details":
        page.append([])
        page.append([f"注：数据截至{rows[0][2]}年12月31日，“—”为不适用。"])


def fill(cell: Any, text: str, number: bool, *, percent: bool, full_width: bool) -> None:
    """A number as a number, or in full-width digits; a percentage as Excel keeps it, 0.981 shown as 98.1%."""
    if not number or not re.fullmatch(r"-?[\d.]+", text):
        cell.value = text or None
    elif percent:
        decimals = len(text.partition(".")[2])
        cell.value = round(float(text) / 100, decimals + 2)
        cell.number_format = "0." + "0" * decimals + "%" if decimals else "0%"
    elif full_width:
        cell.value = text.translate(FULL_WIDTH)
    else:
        cell.value = float(text) if "." in text else int(text)


def merge_units(page: Any, codes: list[str]) -> None:
    """Join the cells of the first column where the same unit stands in several rows, from row 4 on."""
    start = 0
    for i in range(1, len(codes) + 1):
        if i == len(codes) or codes[i] != codes[start]:
            if i - start > 1:
                page.merge_cells(start_row=4 + start, end_row=3 + i, start_column=1, end_column=1)
            start = i


def total(page: Any, kept: list[int], names: list[str], rows: list[Cells]) -> None:
    """A row with the sums of the columns of numbers."""
    sums: list[Any] = ["合计"]
    for i in kept[1:]:
        numbers = [row[i] for row in rows if re.fullmatch(r"-?[\d.]+", row[i])]
        decimals = max((len(text.partition(".")[2]) for text in numbers), default=0)
        sums.append(round(sum(map(float, numbers)), decimals) if names[i] in NUMBERS else None)
    page.append(sums)


def explained(book: Workbook, office: str) -> None:
    """A sheet beside the tables that says how to fill them in."""
    del book["Sheet"]
    page = book.create_sheet("说明", 0)
    for line in ("填报说明", "一、本表由牵头部门填报，考核办汇总。", "二、没有任务的单位填“—”，并在备注中写明原因。",
                 f"三、填报部门：{office}；联系人和电话见通讯录。"):
        page.append([line])


def save(book: Workbook, path: Path) -> None:
    """The workbook with one date throughout and nothing compressed, so that its bytes depend on its cells alone."""
    book.properties.creator, book.properties.created = "txlib", datetime(2021, 1, 8)
    raw = io.BytesIO()
    book.save(raw)
    path.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(raw) as made, ZipFile(path, "w", ZIP_STORED) as kept:
        for name in sorted(made.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            part = made.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2021-01-08T00:00:00Z", part)
            kept.writestr(ZipInfo(name, (2021, 1, 8, 0, 0, 0)), part)


def main(folder: Path) -> None:
    """Write the sample's tables under `folder`."""
    for year in YEARS:
        for name, rows in (("units", units), ("superior", superior), ("responsible", responsible)):
            write(folder / year / f"{name}.csv", rows(year))
        write(folder / year / "decisions.csv", DECISIONS.get(year, ()))
        for category in INDICATORS:
            if (year, category) in WORKBOOKS:
                workbooks(folder / year / category, year, category)
                continue
            for name, table in (("observations", observations), ("marks", halves), ("details", details), ("survey", ballots),
                                ("events", events)):
                write(folder / year / category / f"{name}.csv", table(year, category))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
