"""The sample of 2020: fictitious towns and figures, the same bytes on every run.

    python data/sample.py            rewrites data/2020
    python data/sample.py FOLDER     writes FOLDER/2020 instead

Every figure is drawn for itself, from the seed, the year, the indicator and the town, so that an indicator
or a town added later leaves the others' figures as they are (marks excepted: they are given by order). A
town's strength pulls its figures up; luck does the rest. Marks that departments give keep to clause 1.3g (few
of 90 or more, some under 80). The seed was chosen so that two towns on either side of a tier's cut end close.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

SEED = 2323
YEAR = "2020"
CATEGORY = "towns_1"


class Town(NamedTuple):
    """A fictitious town: how strong it is (0 to 1), and how large beside the others."""

    unit: str
    name: str
    name_en: str
    strength: float
    size: float


class Figure(NamedTuple):
    """An indicator's figures run from `worst` to `best`, and never past `limit`."""

    indicator: str
    worst: float
    best: float
    decimals: int
    limit: float | None = None


class Task(NamedTuple):
    """An indicator with a target for each town; achievement runs from `worst` to `best` percent of it.

    `sized`: the target grows with the town. `growth`: the target lies so many percent above last year.
    """

    indicator: str
    target: float
    worst: float
    best: float
    decimals: int
    sized: bool = True
    growth: float | None = None


class Marks(NamedTuple):
    """An indicator on which a department marks every town, out of 100."""

    indicator: str


TOWNS = (
    Town("donggang", "东港镇", "Donggang Town", 0.85, 1.7),
    Town("liuhu", "柳湖镇", "Liuhu Town", 0.65, 1.0),
    Town("shiqiao", "石桥乡", "Shiqiao Township", 0.2, 0.6),
    Town("yunxi", "云溪街道", "Yunxi Sub-district", 0.8, 1.5),
    Town("luzhou", "芦洲镇", "Luzhou Town", 0.7, 1.2),
    Town("baidang", "白荡镇", "Baidang Town", 0.5, 0.9),
    Town("meiwei", "梅圩镇", "Meiwei Town", 0.45, 0.8),
    Town("qingtan", "清潭镇", "Qingtan Town", 0.35, 0.7),
)

DEPARTMENTS = (
    ("assessment", "综合考核办公室", "Comprehensive Assessment Office"),
    ("organisation", "市委组织部", "Organisation Department"),
    ("publicity", "市委宣传部", "Publicity Department"),
    ("discipline", "纪委监委", "Commission for Discipline Inspection and Supervision"),
    ("finance", "财政局", "Finance Bureau"),
    ("taxation", "税务局", "Taxation Bureau"),
    ("development", "发展和改革委员会", "Development and Reform Commission"),
    ("industry", "工业和信息化局", "Industry and Information Technology Bureau"),
    ("commerce", "商务局", "Commerce Bureau"),
    ("statistics", "统计局", "Statistics Bureau"),
    ("science", "科学技术局", "Science and Technology Bureau"),
    ("transport", "交通运输局", "Transport Bureau"),
    ("agriculture", "农业农村局", "Agriculture and Rural Affairs Bureau"),
    ("environment", "生态环境局", "Ecology and Environment Bureau"),
    ("water", "水利局", "Water Resources Bureau"),
    ("urban_management", "城市管理局", "Urban Management Bureau"),
    ("human_resources", "人力资源和社会保障局", "Human Resources and Social Security Bureau"),
    ("emergency", "应急管理局", "Emergency Management Bureau"),
    ("petitions", "信访局", "Petitions Bureau"),
    ("public_services", "行政审批局", "Administrative Approval Bureau"),
)

INDICATORS: tuple[Figure | Task | Marks, ...] = (
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
    Figure("E1", 46, 35, 1),
    Figure("E2", 74, 89, 1),
    Figure("E3", 80, 103, 1, limit=100),
    Task("E4", 3.5, 76, 118, 2, sized=False),
    Marks("P1"),
    Marks("P2"),
    Marks("P3"),
    Figure("B1.1", 82, 95, 2),
    Figure("B1.2", 82, 95, 2),
    Figure("B2.1", 84, 96, 2),
    Figure("B2.2", 84, 96, 2),
)

NOT_APPLICABLE = {
    ("shiqiao", "A2.4"): "无港口",
    ("qingtan", "A2.4"): "无港口",
    ("yunxi", "A3.2"): "无建设任务",
}


def luck(*key: str) -> float:
    """A number from 0 to 1 that depends on the seed and the key alone."""
    return random.Random("/".join((str(SEED), YEAR, *key))).random()


def success(town: Town, indicator: str) -> float:
    """How well a town does on an indicator, from 0 to 1: half strength, half luck."""
    return 0.5 * town.strength + 0.5 * luck(indicator, town.unit)


def figure(row: Figure, town: Town) -> tuple[str, str, str]:
    """Value, target and last year's value of a plain figure: there is only a value."""
    value = row.worst + (row.best - row.worst) * success(town, row.indicator)
    if row.limit is not None:
        value = min(value, row.limit) if row.best > row.worst else max(value, row.limit)
    return f"{abs(value) if round(value, row.decimals) == 0 else value:.{row.decimals}f}", "", ""


def task(row: Task, town: Town) -> tuple[str, str, str]:
    """Value, target and last year's value of an indicator with a target."""
    target = round(row.target * (town.size if row.sized else 1), row.decimals)
    value = target * (row.worst + (row.best - row.worst) * success(town, row.indicator)) / 100
    last_year = "" if row.growth is None else f"{target / (1 + row.growth / 100):.{row.decimals}f}"
    return f"{value:.{row.decimals}f}", f"{target:.{row.decimals}f}", last_year


def marks(row: Marks, town: Town) -> tuple[str, str, str]:
    """A department's mark: at most 30% of towns have 90 or more, at least 20% under 80, nobody 100."""
    order = sorted(TOWNS, key=lambda t: -success(t, row.indicator))
    high, low = len(order) * 30 // 100, -(-len(order) * 20 // 100)
    place = order.index(town)
    floor, width = (90, 5) if place < high else (74, 5.5) if place >= len(order) - low else (81, 8.5)
    return f"{floor + width * success(town, row.indicator):.1f}", "", ""


def cells(row: Figure | Task | Marks, town: Town) -> tuple[str, str, str]:
    """Value, target and last year's value, as they are handed in."""
    if isinstance(row, Figure):
        return figure(row, town)
    return task(row, town) if isinstance(row, Task) else marks(row, town)


def observations() -> Iterable[tuple[str, ...]]:
    """One row for each town and indicator."""
    for town in TOWNS:
        for row in INDICATORS:
            note = NOT_APPLICABLE.get((town.unit, row.indicator))
            if note is None:
                yield (town.unit, row.indicator, YEAR, *cells(row, town), "", "")
            else:
                yield (town.unit, row.indicator, YEAR, "—", "", "", "not_applicable", note)


def units() -> Iterable[tuple[str, ...]]:
    """The towns, and the departments that lead an indicator and are not ranked here."""
    for town in TOWNS:
        yield (town.unit, town.name, town.name_en, CATEGORY, "", "", "")
    for unit, name, name_en in DEPARTMENTS:
        yield (unit, name, name_en, "", "", "", "")


def write(path: Path, header: str, rows: Iterable[tuple[str, ...]]) -> None:
    """A CSV file that Excel opens as UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)


def main(folder: Path) -> None:
    """Write the sample's tables under `folder`."""
    write(folder / YEAR / "units.csv", "unit,name,name_en,category,valid_from,valid_to,predecessor", units())
    write(folder / YEAR / CATEGORY / "observations.csv",
          "unit,indicator,period,value,target,last_year,status,note", observations())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
