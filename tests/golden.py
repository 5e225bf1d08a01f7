"""The net under every change: what the library computes, says, refuses and writes, set down once and compared afterwards.

    python tests/golden.py freeze DIR             write down everything (a quarter to half an hour)
    python tests/golden.py compare DIR [--quick]  compute again; what differs is shown, old beside new; exit status 1 if any
    python tests/golden.py accept                 take what two categories give now as right: look at `git diff tests/accepted`

Parts: `numbers` (every frame of every public function, exact points as fractions, floats by repr), `words` (`explain` for every
unit, node and language), `faults` (`check` on every case of bad input, in both languages), `files` (all that the commands write;
report numbers and digests of inputs, which move with the library's own bytes, are masked), `surface` (public names, signatures,
columns, commands). `--quick`: numbers, words and surface of three categories.
"""

from __future__ import annotations

import argparse
import base64
import csv
import difflib
import hashlib
import inspect
import io
import json
import re
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from click.testing import CliRunner
from shared import ROOT, assessed, edition

import txlib as tx
from txlib import cli
from txlib.audits.mark_audit import MarkAudit

ACCEPTED = Path(__file__).parent / "accepted"
KEPT = (("2020", "towns_1"), ("2020", "depts_4"))  # between them every method of the editions: they stay beside the tests
LEFT_OUT = ("sobol_indices", "one_at_a_time")  # of these, being long; and of the others these frames:
LONG = ("_error.csv", ".pairwise.csv", ".places.csv", ".runs.csv", "types.txt")
QUICK = (*KEPT, ("2017-jining", "class_2"))
EDITIONS = ("2017-jining", "2019", "2020")
LANGS = ("zh", "en")
ULPS = 4
PRINTED = ("rank", "score", "place", "tier")  # columns of what is printed, which do not move
FLOATING = ("weight_draws", "data_draws", "sobol", "share_of_spread", "weight_intervals", "one_at_a_time", "smallest_swaps",
            "leave_one_out", "alternatives")  # computed in float64: sums added in another order move them
TABLES = ("units", "observations", "surveys", "events", "superior", "responsible", "decisions", "marks", "details")  # of the data
AUDITED = ("groups", "breaches", "full_marks", "spread", "quantitative", "penalties", "next_year", "signs", "copied", "remedies",
           "choices", "changed", "points", "rule_text", "findings")  # of an audit
SHOWN = 12  # lines of a difference, and differences of a part, that are printed

Texts = Iterator[tuple[str, str]]  # a file's name and its text


# ── numbers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def exact_points(result: tx.Result) -> pd.DataFrame:
    """Units × nodes and the total before rounding, as they were computed: fractions but for large inputs."""
    return pd.DataFrame({"unit": result.units["unit"], **result.points.points, "": result.points.total})


def cell(value: Any) -> str:
    """A value as it is set down: floats by repr, fractions as they are, texts without line breaks, several by a bar."""
    if value is None or value is pd.NaT:
        return "None"
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else repr(float(value))
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return "|".join(map(cell, sorted(value) if isinstance(value, set | frozenset) else value))
    return str(value).replace("\r", "\\r").replace("\n", "\\n")


def table(frame: pd.DataFrame) -> str:
    """A frame as CSV, its index first where it has a name."""
    frame = frame.reset_index() if frame.index.names != [None] else frame
    columns = [[cell(value) for value in frame.iloc[:, i].tolist()] for i in range(frame.shape[1])]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([map(cell, frame.columns), *zip(*columns, strict=True)])
    return out.getvalue()


def frames(name: str, found: Any) -> Iterator[tuple[str, pd.DataFrame]]:
    """The frames of what a public function returns, by its name and theirs."""
    if isinstance(found, pd.DataFrame):
        yield name, found
    elif is_dataclass(found):
        names = TABLES if isinstance(found, tx.Data) else AUDITED if isinstance(found, MarkAudit) else ()
        held = {key: getattr(found, key) for key in names}
        for each, value in (held or {each.name: getattr(found, each.name) for each in fields(found)}).items():
            for key, one in value.items() if isinstance(value, Mapping) else [("", value)]:
                if isinstance(one, pd.DataFrame):
                    yield ".".join(filter(None, [name, each, key])), one
    elif found is not None:
        raise TypeError(f"{name} gives no frame: {found!r}")


def plain(name: str, found: Any) -> Iterator[str]:
    """What a public function returns beside frames: texts, numbers, and several of them."""
    if is_dataclass(found):
        told = {each.name: getattr(found, each.name) for each in fields(found)}
        yield from (f"{name}.{key}: {value!r}\n" for key, value in told.items()
                    if isinstance(value, str | int | float) or key == "vetoed")


def of_category(year: str, code: str, root: Path = ROOT) -> dict[str, Callable[[], Any]]:
    """What is computed of a category, by name; each with its seed."""
    (book, data), result = edition(year, root), assessed(year, code, root)
    siblings = next((node.children for node in result.category.nodes if len(node.children) > 1), result.category.roots)
    return {
        "assess": lambda: result,
        "exact_points": lambda: exact_points(result),
        "load_published": lambda: tx.load_published(book, code),
        "compare": lambda: tx.compare(result.ranking, tx.load_published(book, code)),
        "audit_quotas": lambda: tx.audit_quotas(book, data, code),
        "weight_draws_around": lambda: tx.weight_draws(book, result, draws=20_000),
        "weight_draws_dirichlet": lambda: tx.weight_draws(book, result, draws=5_000, kind="dirichlet", spread=0.2),
        "weight_draws_simplex": lambda: tx.weight_draws(book, result, draws=5_000, kind="simplex"),
        "data_draws": lambda: tx.data_draws(book, data, code, draws=5_000),
        "data_draws_errors": lambda: tx.data_draws(book, data, code, draws=2_000, marks=0.02, seed=7, errors={
            leaf.code: 0.5 for leaf in result.category.observed[:2]}),
        "share_of_spread": lambda: tx.share_of_spread(result),
        "alternatives": lambda: tx.alternatives(book, data, code),
        "sobol_indices": lambda: tx.sobol_indices(book, data, code, count=256),
        "sobol_indices_choices": lambda: tx.sobol_indices(
            book, data, code, count=128, marks=0.02, normalisations=("ruled", "min_max"), roll_ups=("ruled", "geometric")),
        "leave_one_out": lambda: tx.leave_one_out(result, data),
        "smallest_swaps": lambda: tx.smallest_swaps(result),
        "smallest_swaps_within": lambda: tx.smallest_swaps(result, "within"),
        "weight_intervals": lambda: tx.weight_intervals(result),
        "one_at_a_time": lambda: tx.one_at_a_time(result),
        "what_if": lambda: tx.what_if(book, data, code, {siblings[0].code: siblings[0].full / 2}),
        "what_if_without": lambda: tx.what_if(book, data, code, {siblings[-1].code: 0}),
        **_against_last_year(book, result),
    }


def _against_last_year(book: tx.RuleBook, result: tx.Result) -> dict[str, Callable[[], Any]]:
    """Places beside the year before, where there is one that has the category."""
    if book.rules.last_year is None or result.category.code not in edition(book.rules.last_year, book.root)[0].categories:
        return {}
    then = assessed(book.rules.last_year, result.category.code, book.root)
    return {"compare_years": lambda: tx.compare_years(result, then), "branch_moves": lambda: tx.branch_moves(result, then)}


def tree_of(book: tx.RuleBook) -> pd.DataFrame:
    """Every node and adjustment of a rule-book, as it was read: weights as fractions, sources, roll-ups, what does not apply."""
    names = ["code", "full", "level", "parent", "clause", "assumed", "roll_up", "decimals", "lead", "role", "name", "measured_in"]
    return pd.DataFrame([{"category": code, **{name: getattr(node, name, None) for name in names},
                          "method": node.rule.method if node.rule else None, "not_applicable": node.not_applicable.rule}
                         for code, category in book.categories.items() for node in category.nodes])


def of_year(year: str, root: Path = ROOT) -> dict[str, Callable[[], Any]]:
    """What is computed of a whole year, by name."""
    book, data = edition(year, root)
    codes = list(book.categories)
    found: dict[str, Callable[[], Any]] = {
        "load_rulebook": lambda: tree_of(book), "load_data": lambda: data, "audit_quotas": lambda: tx.audit_quotas(book, data),
        "superior_coverage": lambda: tx.superior_coverage(book, data),
        "superior_losses": lambda: tx.superior_losses(tx.superior_coverage(book, data)),
        "share_of_spread_of_all": lambda: tx.share_of_spread(
            assessed(year, codes[0], root), [assessed(year, code, root) for code in codes[1:]]),
    }
    if book.rules.last_year is not None:
        before = edition(book.rules.last_year, book.root)
        found |= {"diff_rules": lambda: tx.diff_rules(before[0], book),
                  "diff_units": lambda: tx.diff_units(before[1].units, data.units)}
    return found


def computed(folder: str, functions: Mapping[str, Callable[[], Any]]) -> Texts:
    """The frames of some functions, a file each, and what else they give with the types of columns."""
    types = []
    for name, function in functions.items():
        try:
            found = function()
        except Exception as error:  # how it fails is set down like a result
            yield f"numbers/{folder}/{name}.txt", f"{type(error).__name__}: {error}\n"
            continue
        types += plain(name, found)
        for file, frame in frames(name, found):
            yield f"numbers/{folder}/{file}.csv", table(frame)
            types += [f"{file}.{column}: {kind}\n" for column, kind in frame.dtypes.items()]
    yield f"numbers/{folder}/types.txt", "".join(types)


def numbers(categories: Iterable[tuple[str, str]], root: Path = ROOT) -> Texts:
    """Every frame of every public function, of these categories and of their years."""
    categories = list(categories)
    for year in dict.fromkeys(year for year, _ in categories):
        yield from computed(f"{year}/year", of_year(year, root))
    for year, code in categories:
        yield from computed(f"{year}/{code}", of_category(year, code, root))


def every_category(root: Path = ROOT, years: Iterable[str] = EDITIONS) -> list[tuple[str, str]]:
    return [(year, code) for year in years for code in edition(year, root)[0].categories]


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def words(categories: Iterable[tuple[str, str]], root: Path = ROOT) -> Texts:
    """The sentence for every unit and node, and the one for the unit as a whole, in each language."""
    for year, code in categories:
        result = assessed(year, code, root)
        for lang in LANGS:
            yield f"words/{year}/{code}/{lang}.txt", explained(result, lang)


def explained(result: tx.Result, lang: str, units: Iterable[str] | None = None) -> str:
    """Every sentence on these units, all where None, in the order of the tree."""
    nodes: list[str | None] = [None, *(node.code for node in result.category.nodes)]
    return "".join(f"{unit} {node or '—'}\n{tx.explain(result, unit=unit, indicator=node, lang=lang)}\n\n"
                   for unit in (result.ranking["unit"] if units is None else units) for node in nodes) + "".join(
                       f"{unit}\n{tx.explain(result, unit=unit, lang=lang)}\n\n" for unit in result.excluded["unit"])


# ── worked cases, and more than is scored in fractions ──────────────────────────────────────────────────────────────


def worked() -> Texts:
    """Ranking, points and words of every worked case of tests/cases, whose methods and rules the editions need not have."""
    import written

    cases = Path(__file__).parent / "cases"
    for path in (*sorted(cases.glob("trees/*.yaml")), *sorted(cases.glob("methods/*.yaml"))):
        for n, case in enumerate(yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)["cases"], 1):
            whole = _as_a_tree(case) if path.parent.name == "methods" else case
            with tempfile.TemporaryDirectory() as folder:
                yield from _case(f"{path.stem}-{n}", partial(written.assessed, Path(folder), whole))


def _case(name: str, made: Callable[[], tx.Result]) -> Texts:
    try:
        result = made()
    except (tx.FaultsError, ValueError) as error:
        yield f"numbers/cases/{name}.txt", f"{type(error).__name__}\n{_without_folder(str(error))}\n"
        return
    yield f"numbers/cases/{name}.ranking.csv", table(result.ranking)
    yield f"numbers/cases/{name}.scores.csv", table(result.scores)
    yield f"numbers/cases/{name}.exact_points.csv", table(exact_points(result))
    for lang in LANGS:
        yield f"words/cases/{name}/{lang}.txt", explained(result, lang)


def _without_folder(text: str) -> str:
    return re.sub(rf"{re.escape(tempfile.gettempdir())}[\\/][^\s\\/]+", "…", text)


def _as_a_tree(case: dict[str, Any]) -> dict[str, Any]:
    """A case of a method as a whole rule-book: its leaf, and one beside it that fills up the 100 where it is smaller."""
    full = Fraction(case["full"])
    columns = [key for key in ("target", "last_year") if any(key in unit for unit in case["units"])]
    units = [f"u{i}" for i, _ in enumerate(case["units"])]
    rows = [[code, "A", each["value"], *(each.get(key, "") for key in columns)]
            for code, each in zip(units, case["units"], strict=True)]
    leaves = [{"code": "A", "weight": case["full"], "scored_by": case["rule"]}]
    if full < 100:
        leaves += [{"code": "B", "weight": str(float(100 - full)), "scored_by": {"method": "given", "out_of": "100"}}]
        rows += [[unit, "B", "0", *("" for _ in columns)] for unit in units]
    rules = {"ties": {"method": case.get("ties", "min")}, "total": {"points": str(max(full, Fraction(100)))},
             "divisors": {"when_not_positive": case.get("when_not_positive", "refuse")}}
    observations = "\n".join(map(",".join, [["unit", "indicator", "value", *columns], *rows]))
    return {"rules": rules, "units": units, "indicators": leaves, "tables": {"observations": observations}}


def large() -> Texts:
    """A category of more cells than are scored in fractions: 1,500 units × 42 leaves, one in fifty not applicable."""
    import written

    rng = np.random.default_rng(2020)
    units = [f"u{i}" for i in range(1500)]
    by = [{"method": "given", "out_of": "100"}, {"method": "min_max", "onto": ["50% of weight", "100% of weight"]},
          {"method": "rank_step", "step": "0.01% of weight", "floor": "60% of weight"}]
    rows, branches = ["unit,indicator,value"], []
    for b, weight in enumerate((20, 20, 15, 15, 15, 15)):
        weights = [2] * 6 + [weight - 12]
        leaves = [{"code": f"B{b}.{i}", "weight": str(each), "scored_by": by[i % 3]} for i, each in enumerate(weights)]
        branches.append({"code": f"B{b}", "weight": str(weight), "children": leaves})
        for leaf in leaves:
            values, gone = rng.integers(500, 1000, len(units)) / 10, rng.random(len(units)) < 0.02
            cells = np.where(gone, "—", values.astype(str))
            rows += [f"{unit},{leaf['code']},{value}" for unit, value in zip(units, cells, strict=True)]
    case = {"units": units, "indicators": branches, "tables": {"observations": "\n".join(rows)}}
    with tempfile.TemporaryDirectory() as folder:
        result = written.assessed(Path(folder), case)
    yield "numbers/large/ranking.csv", table(result.ranking)
    yield "numbers/large/scores.csv", table(result.scores[["unit", "indicator", "points", "full", "place"]])


# ── faults ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def typed(root: Path, *words: str) -> str:
    """What a command prints and how it ends; the folder, which varies, left out."""
    ran = CliRunner().invoke(cli.main, [*words, "--root", str(root)])
    unexpected = "" if ran.exception is None or isinstance(ran.exception, SystemExit) else f"{ran.exception!r}\n"
    text = f"exit status {ran.exit_code}\n{unexpected}── out\n{ran.stdout}── err\n{ran.stderr}"
    return text.replace(str(root), "…")


def faults() -> Texts:
    """What `check` says of every case of bad input, on a real workspace of one category."""
    import spoiled
    import workbooks

    with tempfile.TemporaryDirectory() as folder:
        base = spoiled.cut_down(ROOT, Path(folder) / "base")
        for name, spoil in _cases(spoiled, workbooks):
            root = Path(folder) / "case"
            shutil.copytree(base, root, symlinks=True)
            spoil(root)
            for lang in LANGS:
                yield f"faults/{name}.{lang}.txt", typed(root, "check", "2020", "--lang", lang)
            shutil.rmtree(root)


def _cases(spoiled: Any, workbooks: Any) -> Iterator[tuple[str, Callable[[Path], None]]]:
    for n, case in enumerate(spoiled.CASES):
        yield f"bad_input/{n:03}-{_named(case)}", partial(_spoilt, spoiled.change, case["edits"])
    rows = workbooks.good()
    for n, case in enumerate([{"name": "good"}, *workbooks.CASES]):
        yield f"workbooks/{n:03}-{_named(case)}", partial(_handed_in, workbooks.made(rows, case))


def _named(case: dict[str, Any]) -> str:
    return re.sub(r"[^a-z0-9]+", "_", case["name"].rpartition(" / ")[2].lower()).strip("_")[:60]


def _spoilt(change: Callable[[Path, Any], None], edits: list[Any], root: Path) -> None:
    for edit in edits:
        change(root, edit)


def _handed_in(raw: bytes, root: Path) -> None:
    """A workbook in place of the observations."""
    folder = root / "data" / "2020" / "towns_1"
    (folder / "observations.csv").unlink()
    (folder / "finance.xlsx").write_bytes(raw)


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def files() -> Texts:
    """All that the commands write, in a workspace of its own, and what they print."""
    for lang in LANGS:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "w"
            for name in ("params", "data"):
                shutil.copytree(ROOT / name, root / name)
            for command in ("schema", "diff 2019 2020", "new 2021 --from 2020", "template 2021", *map("run {}".format, EDITIONS)):
                options = [] if command == "schema" else ["--lang", lang]
                said = re.sub(r"  [\d.]+ (秒|s)\b", "", typed(root, *command.split(), *options))
                yield f"files/{lang}/{command.replace(' ', '_')}.txt", said
            masks = _masks(root)
            for path in sorted(each for each in root.rglob("*") if each.is_file()):
                name = path.relative_to(root).as_posix()
                if name.startswith(("outputs/", "params/2021/")):
                    yield f"files/{lang}/{name}.txt", masked(as_text(path), masks)


MOVING = re.compile(r"\b[0-9a-f]{64}\b|(?:(?<=-)|(?<=\\00002d))[0-9a-f]{8}(?![0-9a-f])")  # a hyphen as it stands, or as in CSS


def _masks(root: Path) -> dict[str, str]:
    """What moves with the library's own bytes: the digests of a report's inputs, and the numbers made of them."""
    found: set[str] = set()
    for path in root.glob("outputs/**/*.html"):
        found |= set(re.findall(r"\b[0-9a-f]{64}\b", path.read_text(encoding="utf-8")))
    handed = (path for kind in ("params", "data") for path in root.glob(f"{kind}/**/*") if path.is_file())
    found -= {hashlib.sha256(path.read_bytes()).hexdigest() for path in handed}
    return {each: "inputs" for each in found} | {each[:8]: "number" for each in found}


def masked(text: str, masks: Mapping[str, str]) -> str:
    return MOVING.sub(lambda found: masks.get(found[0], found[0]), text)


def as_text(path: Path) -> str:
    """A file as lines that can be compared: workbooks by their parts, packed pages and pictures by a digest."""
    raw = path.read_bytes()
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            return "".join(f"── {name}\n{lined(parts.read(name).decode('utf-8', 'replace'))}\n" for name in parts.namelist())
    text = raw.decode("utf-8")
    if path.suffix == ".ipynb":
        return json.dumps(_without_pictures(json.loads(text)), ensure_ascii=False, indent=1)
    if path.name == "bundle.html":
        text = re.sub(r'(<script[^>]*data-page="[^"]*"[^>]*>)\s*([\w+/=]+)\s*(</script>)', _unpacked, text)
    return lined(text) if path.suffix == ".html" else text


def lined(text: str) -> str:
    return re.sub(r"(<img[^>]*base64,)([^\"']+)", lambda found: found[1] + digest(found[2].encode()), text).replace("><", ">\n<")


def _unpacked(found: re.Match[str]) -> str:
    """A page in the bundle by the digest of its text without what moves: it is the page that lies beside it."""
    text = zlib.decompress(base64.b64decode(found[2])).decode()
    return f"{found[1]}{digest(MOVING.sub('', text).encode())}{found[3]}"


def _without_pictures(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: digest("".join(each).encode()) if key in ("image/png", "image/jpeg") else _without_pictures(each)
                for key, each in value.items()}
    return [_without_pictures(each) for each in value] if isinstance(value, list) else value


def digest(raw: bytes) -> str:
    return f"sha256 {hashlib.sha256(raw).hexdigest()[:16]}"


# ── the public surface ──────────────────────────────────────────────────────────────────────────────────────────────


def surface() -> Texts:
    """Public names with their signatures and fields, and the commands with their options."""
    lines = []
    for name in tx.__all__:
        what = getattr(tx, name)
        lines.append(f"{name}{inspect.signature(what)}")
        own = {key: each for key, each in vars(what).items() if key[0] != "_"} if inspect.isclass(what) else {}
        lines += [f"    {key}{inspect.signature(each) if callable(each) else ''}" for key, each in own.items()]
    yield "surface/names.txt", "\n".join([*lines, ""])
    for name, command in cli.main.commands.items():
        told = [{"opts": each.opts, "required": each.required, "multiple": getattr(each, "multiple", False),
                 "nargs": each.nargs, "type": each.type.to_info_dict()} for each in command.params]
        shown = CliRunner().invoke(cli.main, [name, "--help"], terminal_width=100).stdout
        yield f"surface/commands/{name}.txt", "".join(f"{each}\n" for each in told) + shown
    yield "surface/commands/help.txt", CliRunner().invoke(cli.main, ["--help"], terminal_width=100).stdout


# ── freeze, compare, accept ─────────────────────────────────────────────────────────────────────────────────────────


def everything() -> Texts:
    """All parts, of all editions."""
    yield from surface()
    yield from numbers(every_category())
    yield from words(every_category())
    yield from worked()
    yield from large()
    yield from faults()
    yield from files()


def quick() -> Texts:
    """Surface, numbers and words of three categories."""
    yield from surface()
    yield from numbers(QUICK)
    yield from words(QUICK)


def quick_names() -> list[str]:
    """How the names of these begin."""
    years = dict.fromkeys(f"numbers/{year}/year/" for year, _ in QUICK)
    return ["surface/", *years, *(f"{part}/{year}/{code}/" for part in ("numbers", "words") for year, code in QUICK)]


def kept() -> Texts:
    """What stays beside the tests: numbers of two categories; words on the first, the last and one who is partly exempt."""
    for year, code in KEPT:
        functions = {name: each for name, each in of_category(year, code).items() if not name.startswith(LEFT_OUT)}
        for name, text in computed(f"{year}/{code}", functions):
            if not name.endswith(LONG) and ".records." not in name:
                yield name, text
        result = assessed(year, code)
        ranked, partly = [*result.ranking["unit"]], [*result.scores.loc[result.scores["status"] == "not_applicable", "unit"]]
        for lang in LANGS:
            yield f"words/{year}/{code}/{lang}.txt", explained(result, lang, dict.fromkeys([ranked[0], ranked[-1], *partly[:1]]))


def write(folder: Path, texts: Texts) -> int:
    """Write the files of some parts; how many."""
    count = 0
    for name, text in texts:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        count += 1
    return count


def compare(folder: Path, texts: Texts, within: Iterable[str] = ("",)) -> tuple[dict[str, list[str]], dict[str, int]]:
    """By file what differs from what is written in a folder; and by file the floats that moved within ULPS, the farthest.

    `within`: how the names begin that are compared; what is written there and made no longer is gone.
    """
    differ: dict[str, list[str]] = {}
    moved: dict[str, int] = {}
    seen = set()
    for name, text in texts:
        seen.add(folder / name)
        old = (folder / name).read_bytes().decode("utf-8") if (folder / name).is_file() else None
        if old is None:
            differ[name] = ["not there before"]
        elif old != text:
            lines, far = difference(name, old, text)
            moved |= {name: far} if far else {}
            differ |= {name: lines} if lines else {}
    there = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    differ |= {name: ["gone"] for name, path in there.items() if name.startswith(tuple(within)) and path not in seen}
    return differ, moved


def difference(name: str, old: str, new: str) -> tuple[list[str], int]:
    """What differs in a file, old beside new; and by how many ulps floats differ that may, at most."""
    if not name.endswith(".csv"):
        return lines_that_differ(old, new), 0
    return cells_that_differ(old, new, floating=Path(name).name.startswith(FLOATING) or "/large/" in name)


def lines_that_differ(old: str, new: str) -> list[str]:
    """Lines of the old text behind a minus, of the new one behind a plus."""
    lines = difflib.unified_diff(old.split("\n"), new.split("\n"), lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def cells_that_differ(old: str, new: str, *, floating: bool) -> tuple[list[str], int]:
    """Cells of a table; whole lines where rows or columns are others."""
    before, after = ([*csv.reader(io.StringIO(text, newline=""))] for text in (old, new))
    if len(before) != len(after) or before[:1] != after[:1] or any(len(a) != len(b) for a, b in zip(before, after, strict=True)):
        return lines_that_differ(old, new), 0
    lines, most = [], 0
    for number, (was, now) in enumerate(zip(before, after, strict=True), 1):
        for column, a, b in zip(before[0], was, now, strict=True):
            far = ulps(a, b) if floating and a != b and column not in PRINTED else None
            if far is not None and far <= ULPS:
                most = max(most, far)
            elif a != b:
                lines.append(f"line {number} ({', '.join(was[:2])}), {column}: {a} → {b}")
    return lines, most


def ulps(a: str, b: str) -> int | None:
    """How many floats lie between two; None where one of them is not written as a float is."""
    try:
        x, y = float(a), float(b)
    except ValueError:
        return None
    if (a, b) != (repr(x), repr(y)):
        return None
    first, second = (int(np.array([each]).view(np.int64)[0]) for each in (x, y))
    return abs(first - second)


def report(differ: Mapping[str, list[str]], moved: Mapping[str, int]) -> str:
    """Both as a person reads them."""
    lines = [f"within {far} ulps: {name}" for name, far in moved.items()]
    for name, each in differ.items():
        more = [f"    … and {len(each) - SHOWN} more"] if len(each) > SHOWN else []
        lines += [name, *(f"    {line[:400]}" for line in each[:SHOWN]), *more]
    return "\n".join([*lines, f"{len(differ)} files differ" if differ else "the same"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("freeze", "compare", "accept"))
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR")
    parser.add_argument("--quick", action="store_true", help="numbers, words and surface of three categories")
    given = parser.parse_args()
    if (given.folder is None) != (given.what == "accept"):
        parser.error("freeze and compare need DIR; accept takes none")
    if given.what == "compare":
        differ, moved = compare(given.folder, quick(), quick_names()) if given.quick else compare(given.folder, everything())
        print(report(differ, moved))
        return int(bool(differ))
    folder = (given.folder or ACCEPTED).resolve()
    if given.folder and folder.exists() and any(folder.iterdir()) and not (folder / "surface" / "names.txt").is_file():
        parser.error(f"{folder} holds other files: freeze into a new or empty folder")
    made = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(made, ignore_errors=True)
    count = write(made, kept() if given.what == "accept" else everything())
    shutil.rmtree(folder, ignore_errors=True)
    made.rename(folder)
    print(f"{count} files written below {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
