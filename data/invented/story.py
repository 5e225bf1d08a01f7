"""The story that the sample tells, and its numbers: who there is and how strong, what is planted, and the seeds of chance.

Between which values an indicator's figures lie stands in ranges.py. Seeds were chosen so that in some categories two units
end close, at a tier's cut or elsewhere; in depts_3 two share a place, in towns_2 two have equal totals that the tie-break
decides. Marks of 2020 keep to clause 1.3g but for those planted here, and some lines of detailed rules break clause 1.3f.
"""

from __future__ import annotations

from typing import NamedTuple

Cells = tuple[str, ...]

YEARS = ("2020", "2019")
WORKBOOKS = {("2020", "depts_2"), ("2020", "zones")}  # handed in as workbooks, all others as CSV files


# ── chance ──

SEEDS = {
    "2020": {"towns_1": 2323, "towns_2": 2091, "depts_1": 2006, "depts_2": 2300, "depts_3": 2049, "depts_4": 2006,
             "zones": 2000, "parks": 2015, "survey": 2020, "superior": 2020,
             "towns_1 figures": 446, "towns_2 figures": 831, "depts_1 figures": 153, "depts_2 figures": 64,
             "depts_3 figures": 134, "depts_4 figures": 38, "zones figures": 9, "parks figures": 96},
    "2019": {"towns_1": 2019, "towns_2": 2019, "depts_1": 2019, "depts_2": 2019, "depts_3": 2019, "depts_4": 2019,
             "zones": 2019, "parks": 2019, "survey": 2019, "superior": 2019,
             "towns_1 figures": 2019, "towns_2 figures": 2019, "depts_1 figures": 6, "depts_2 figures": 2019,
             "depts_3 figures": 2019, "depts_4 figures": 6, "zones figures": 2019, "parks figures": 7},
}
BY_STRENGTH = 0.5  # of a unit's success with marks; the rest is luck
FIGURES_BY_STRENGTH = 0.3  # the same of its figures and in surveys
FIGURES_REACH = 0.88  # of the way from worst to best that the strongest with all luck would go
LEVEL = (0.9, 0.2)  # last year's value beside its usual level: at least, and how much more at most


# ── units ──


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

# By year, unit and indicator: a figure that hand-outs, faults and explanations are shown with, a little short of its target.
TOLD = {("2020", "donggang", "A1.1"): ("7.13", "7.14", "6.80")}

# By unit and indicator, with the reason; no department marks itself.
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


# ── the survey ──

# How many of each group were asked, and how many of them do not know: at least, and how much more at most.
ASKED = {"residents": 120, "enterprises": 40, "delegates": 36, "cadres": 50, "towns": 16, "grass_roots": 60, "departments": 34}
DONT_KNOW = {"residents": (0.04, 0.06), "enterprises": (0.03, 0.07), "delegates": (0.02, 0.06), "cadres": (0.0, 0.05),
             "towns": (0.0, 0.08), "grass_roots": (0.02, 0.06), "departments": (0.02, 0.07)}
FAR = (0.05, "depts_")  # residents and heads of enterprises do not know departments by so much more often
GRADE = (0.58, 0.3)  # of those left, how many give a grade: at least, and how much more the best unit has


# ── honours and criticism ──

# By year and category: unit, indicator, honour, level, date, document, note.
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


# ── marks of 2020, and what an audit finds in them ──

# Clause 1.3g: of the units, at most so many percent have 90 or more, and at least so many are under 80.
HIGH, LOW = 30, 20
BANDS = {"high": (90, 5), "middle": (81, 8.5), "low": (74, 5.5)}  # marks: from, and how much more at most
QUANTITATIVE_LUCK = 3  # points by which the quantitative part may lie above its share of the total

# By category and item: totals from the most successful unit down.
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
COPIED_BELOW = 0.6  # points that it lies below the other
FLAT = {("depts_1", "A1.4"): 54.0}  # an item whose quantitative part is the same for all


# ── detailed rules ──

# By category and item, common ones once: the lines, of which some break clause 1.3f.
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


# ── decisions ──

# By year; this one bars a unit from the first tier.
DECISIONS: dict[str, tuple[Cells, ...]] = {
    "2020": (("zhuxi", "veto", "2020-09-18", "2.3a", "样例纪要〔2020〕6号", "发生较大生产安全事故"),),
}


# ── superior indicators ──

PEERS = 7
COUNTIES = 41  # of the province, with which it compares the city in 2020
LUCK_IN_PLACES = 0.95  # so that the last place is rarer than the others

# Name, and who answers for how much in percent, by which leaf; `towns_1 A1.2 3`: each of them 3. Nobody answers for three.
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
