"""Promises about the code itself: public names, arrows between modules, sizes, labels, sources, documents in step."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from rooms import CORE, MODULES, ORDER, PACKAGE, dotted, names_in

import txlib
from txlib.audits import rule_text
from txlib.base.labels import FOLDER, counted, section
from txlib.intake import tables
from txlib.methods import BesideTheTree, named
from txlib.sensitivity import factors

pytestmark = pytest.mark.quick

PUBLIC = {"Data", "DataError", "Fault", "FaultsError", "Result", "RuleBook", "RulebookError", "assess", "branch_moves", "compare",
          "compare_years", "explain", "load_data", "load_published", "load_rulebook", "superior_coverage", "superior_losses",
          "years", "audit_quotas", "Draws", "weight_draws", "share_of_spread", "LeftOut",
          "leave_one_out", "data_draws", "Alternatives",
          "alternatives", "diff_rules", "diff_units", "sobol_indices", "smallest_swaps", "weight_intervals", "one_at_a_time",
          "indicator_page", "repeated", "what_if"}


def test_public_names_are_these_and_each_is_there() -> None:
    assert set(txlib.__all__) == PUBLIC
    for name in PUBLIC:
        assert getattr(txlib, name).__doc__, name
    with pytest.raises(AttributeError):
        txlib.nothing  # noqa: B018


def test_no_public_name_is_hidden_by_a_module() -> None:
    """Importing a module sets its name in its package: `txlib.assess` is the function all the same."""
    for name in {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}:
        importlib.import_module(f"txlib.{name}")
    assert all(not isinstance(getattr(txlib, name), ModuleType) for name in PUBLIC)


@cache
def text(path: Path) -> str:
    """A file of the package."""
    return path.read_text(encoding="utf-8")


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All that a module is made of, itself first; each is parsed once."""
    return tuple(ast.walk(ast.parse(text(path))))


def imported(path: Path) -> set[str]:
    """The same of a file, without its own package."""
    return names_in(nodes(path)[0]) - {dotted(path)}


def test_every_way_of_importing_is_seen() -> None:
    ways = {"import txlib.methods": "methods", "from txlib import report": "report",
            "from txlib.intake import tables": "intake.tables", "from txlib.methods import Method": "methods",
            "def f():\n    from txlib.report.card import lost": "report.card"}
    for way, name in ways.items():
        assert names_in(ast.parse(way)) == {name}, way


def test_txlib_holds_packages_labels_and_four_modules() -> None:
    assert {path.name for path in PACKAGE.iterdir()} - {"__pycache__", "notebooks"} == \
        {"__init__.py", "py.typed", "labels", *ORDER} - {"assess", "cli"} | {"assess.py", "cli.py", "__main__.py"}


@pytest.mark.parametrize("path", [p for p in MODULES if dotted(p) not in ("", "__main__")], ids=dotted)
def test_imports_go_one_way(path: Path) -> None:
    mine = dotted(path).split(".")[0]
    for name in imported(path):  # `import txlib` alone gives public names, each imported when it is asked for
        assert ORDER.index(name.split(".")[0]) <= ORDER.index(mine), f"{dotted(path)} imports {name}"


def test_no_modules_import_one_another_in_a_circle() -> None:
    TopologicalSorter({dotted(path): imported(path) for path in MODULES}).prepare()


def room(name: str) -> str:
    """The room within a package that a module stands in, or else the module."""
    rooms = {dotted(path) for path in MODULES if path.name == "__init__.py" and dotted(path).count(".") == 1}
    return next((each for each in rooms if f"{name}.".startswith(f"{each}.")), name)


def test_no_room_within_a_package_imports_what_imports_it() -> None:
    arrows: dict[str, set[str]] = {}
    for path in MODULES:
        arrows.setdefault(room(dotted(path)), set()).update({room(name) for name in imported(path)} - {room(dotted(path))})
    assert "run.kept" in arrows
    TopologicalSorter(arrows).prepare()


@pytest.mark.parametrize("folder", sorted({path.parent for path in MODULES}), ids=lambda folder: folder.name)
def test_no_room_is_crowded(folder: Path) -> None:
    """Two shelves hold one file an instance, however many."""
    shelves = ("methods", "tables")
    assert folder.name in shelves or len([path for path in MODULES if path.parent == folder]) <= 20


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*/__init__.py")), ids=lambda p: p.parent.name)
def test_a_package_says_what_it_is_for_and_what_goes_in_and_out(path: Path) -> None:
    tree = nodes(path)[0]
    assert isinstance(tree, ast.Module)
    assert re.match(r".{30,}\n\nIn: .+ Out: .+\.", ast.get_docstring(tree) or "", re.S)


def test_the_core_can_be_read_in_an_afternoon() -> None:
    """What stands in it whatever methods there are, and the file of a method; what breaks a file's form, and what editors hear
    of it, stand apart: nobody reads them to follow a number.

    It was laid out for 3,800 lines; printed sums that anybody can work again, and totals rolled up as branches are, came since;
    so did what offices write beside a method: distances, steps, gates, points scored once more, vetoes by kind, price lists.
    """
    apart = ("rules.syntax", "rules.schema")
    core = [path for path in MODULES if dotted(path).split(".")[0] in CORE and dotted(path) not in apart]
    single = [path for path in core if dotted(path).startswith("methods.") and path.stem in (*named(), *named(BesideTheTree))]
    assert len(single) == len(named()) + len(named(BesideTheTree)) and all(text(path).count("\n") <= 120 for path in single)
    assert sum(text(path).count("\n") for path in core if path not in single) <= 5_600


def test_the_core_runs_alone() -> None:
    """From rule-book and tables to points and a sentence with nothing that stands above, where no points hang on audits."""
    blocked = ("audits", "editions", "sensitivity", "report", "run")
    code = f"""
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[:1] == ["txlib"] and name.split(".")[1:2] and name.split(".")[1] in {blocked}:
            raise ImportError(name)
sys.meta_path.insert(0, Blocked())
import txlib as tx
book = tx.load_rulebook("2020", {str(PACKAGE.parent)!r}, ["towns_1"])
result = tx.assess(book, tx.load_data(book, ["towns_1"]), "towns_1")
print(len(result.ranking), len(tx.explain(result, unit=result.units["unit"].iloc[0])) > 20)
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "8 True\n"


@pytest.mark.parametrize("path", [p for p in MODULES if dotted(p).split(".")[0] in ("methods", "rules")], ids=dotted)
def test_methods_and_rules_import_no_pandas_at_their_top(path: Path) -> None:
    tree = nodes(path)[0]
    assert isinstance(tree, ast.Module)
    assert not [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom) and "pandas" in ast.unparse(node)]


def test_a_rulebook_is_read_without_pandas(root: Path) -> None:
    """By whatever way it would come in."""
    code = f"import sys, txlib; txlib.load_rulebook('2020', {str(root)!r}); print('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


# What asks a single table by its class or function, and why; a method's class nobody asks for.
SINGLE = {
    ("editions.changes", "intake.tables.units"): "who stood for a unit in another year",
    ("editions.years", "intake.tables.units"): "who stood for a unit in another year",
    ("intake.blanks", "intake.tables.units"): "who stood for a unit in another year",
}


def single(path: Path) -> set[tuple[str, str]]:
    """The files of single methods and tables that a module elsewhere imports from, itself or through their packages."""
    of = {kind.__name__: f"methods.{name}" for name, kind in {**named(), **named(BesideTheTree)}.items()}
    of |= {row.__name__: f"intake.tables.{name}" for name, row in tables.named().items()}
    found = {(node.module or "", alias.name) for node in nodes(path) if isinstance(node, ast.ImportFrom) for alias in node.names}
    return {(dotted(path), of.get(name, module.removeprefix("txlib."))) for module, name in found
            if name in of or module.removeprefix("txlib.") in of.values()}


def test_code_asks_a_method_or_a_table_never_its_name() -> None:
    elsewhere = [path for path in MODULES if not re.match(r"(methods|intake\.tables)(\.|$)", dotted(path))]
    assert set.union(*map(single, elsewhere)) == set(SINGLE)
    for path in elsewhere:
        assert not re.search(r"""["']method["']\)? [!=]= |\.(method|table|rows) [!=]= ["'](?!units["'])""", text(path)), path


def test_audits_and_sensitivity_give_codes_and_reports_word_them() -> None:
    """But for frames that anybody reads: the reason of a line of rules, the name of a factor."""
    worded = {"audits.rule_text": {"reason_zh", "reason_en"}, "sensitivity.factors": {"name", "name_en"}}
    rooms = [path for path in MODULES if dotted(path).split(".")[0] in ("audits", "sensitivity")]
    assert {dotted(path) for path in rooms if re.search(r"import .*\bsay\b|labels\.say", text(path))} == {*worded}
    assert worded["audits.rule_text"] < {*rule_text.RULE_TEXT} and worded["sensitivity.factors"] < {*factors.INDICES}


def test_only_reports_and_runs_know_the_notebook_tools() -> None:
    for path in MODULES:
        if dotted(path).split(".")[0] not in ("report", "run"):
            assert not re.search(r"^\s*(import|from) (matplotlib|papermill|nbconvert|nbformat)", text(path), re.M), path


def test_one_module_reads_the_yaml_of_rules() -> None:
    """The labels are no rules, and what breaks a file is told, not read."""
    assert {dotted(path) for path in MODULES if re.search(r"^\s*(import|from) yaml", text(path), re.M)} \
        == {"base.labels", "rules.source", "rules.syntax"}


def test_no_two_public_classes_or_types_have_one_name() -> None:
    found: dict[str, list[str]] = {}
    for path in MODULES:
        tree = nodes(path)[0]
        assert isinstance(tree, ast.Module)
        names = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
        names += [target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets
                  if isinstance(target, ast.Name)]
        for name in names:
            if name[0].isupper() and not name.isupper():
                found.setdefault(name, []).append(dotted(path))
    assert {name: modules for name, modules in found.items() if len(modules) > 1} == {}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_and_functions_stay_small(path: Path) -> None:
    assert text(path).count("\n") <= (400 if dotted(path).split(".")[0] in ("report", "run") else 340)
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 45, f"{path.name} {node.name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_what_is_public_says_what_is_true(path: Path) -> None:
    tree = nodes(path)[0]
    assert isinstance(tree, ast.Module) and ast.get_docstring(tree), path
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path.name} {node.name}"


def test_what_docstrings_name_is_there() -> None:
    """Files of labels, and functions and classes with the module that they are said to stand in."""
    homes: dict[str, set[str]] = {}
    modules = {dotted(path) for path in MODULES}
    for path in MODULES:
        for node in ast.iter_child_nodes(nodes(path)[0]):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                homes.setdefault(node.name, set()).add(dotted(path).rpartition(".")[2])
    for path in MODULES:
        told = " ".join(ast.get_docstring(node) or "" for node in nodes(path)
                        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef))
        assert [name for name in re.findall(r"labels/[\w/]+\.yaml", told) if not (PACKAGE / name).is_file()] == [], path
        pairs = re.findall(r"(?<![\w./<\"])(?!tx\.|txlib\.)([a-z_]+)\.([A-Za-z_]\w*)\b(?![/.])", told)
        wrong = [pair for pair in pairs if pair[0] not in homes.get(pair[1], {pair[0]})]
        assert {".".join(pair) for pair in wrong} <= modules, path


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_open_names_its_encoding(path: Path) -> None:
    for node in nodes(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            call = ast.unparse(node)
            if name in ("open", "read_text", "write_text") and not call.startswith(("Image.", "archive.", "os.open(")):
                assert "encoding=" in call or "'rb'" in call or "'wb'" in call, f"{path.name}: {call}"


# ── labels ──────────────────────────────────────────────────────────────────────────────────────────────────────────

SECTIONS = sorted(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.yaml"))


@pytest.mark.parametrize("name", SECTIONS)
def test_every_label_is_there_in_both_languages_with_the_same_fields(name: str) -> None:
    for key, texts in section(name).items():
        assert set(texts) == {"zh", "en"}, f"{name}.{key}"
        fields = [set(re.findall(r"{(\w+)", each.replace("{{", ""))) for each in texts.values()]
        assert fields[0] == fields[1], f"{name}.{key}: {fields}"


def test_no_label_stands_twice() -> None:
    """PyYAML keeps the last of two equal keys without a word."""
    for name in SECTIONS:
        node = yaml.compose((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), name


@pytest.mark.parametrize(("count", "en", "zh"), [
    (1, "f.csv, row 7", "f.csv 第 7 行"), (2, "f.csv, 2 rows from 7", "f.csv 第 7 行起 2 行")])
def test_words_go_with_their_count(count: int, en: str, zh: str) -> None:
    told = {lang: counted("tables.rows_of", lang, count, file="f.csv", line=7) for lang in ("en", "zh")}
    assert told == {"en": en, "zh": zh}


def keys_said(key: ast.expr) -> list[str]:
    """The keys that an argument may be, as patterns; those of a variable nobody knows here."""
    if isinstance(key, ast.IfExp):
        return [*keys_said(key.body), *keys_said(key.orelse)]
    if isinstance(key, ast.JoinedStr):
        return ["".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in key.values)]
    return [re.escape(key.value)] if isinstance(key, ast.Constant) and isinstance(key.value, str) else []


def sections_said(path: Path, call: ast.Call) -> list[str] | None:
    """The sections in which a call looks for its key; empty where the key names it, None where it says nothing."""
    name, room = called(call), dotted(path).split(".")[0]
    if name in ("say", "counted") and (isinstance(call.func, ast.Name) or room in ("report", "run")):
        return []
    if name == "say" and room in ("methods", "scoring"):
        own = f"methods/{path.stem}"
        return ["explain", *([own] if own in SECTIONS else [each for each in SECTIONS if each.startswith("methods/")])]
    if room != "report" or name not in ("label", "columns"):
        return None
    return [ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg == "labels"] or ["tables"]


def called(call: ast.Call) -> str:
    """The name of what is called, of a method the method's."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def labels_said(path: Path) -> list[tuple[list[str], str]]:
    """The labels that a module names, as sections and a pattern of keys."""
    found = []
    for call in (node for node in nodes(path) if isinstance(node, ast.Call) and node.args):
        sections = sections_said(path, call)
        said = call.args if called(call) == "columns" else call.args[:1]  # a mark of what a column holds stands before its key
        keys = [key.lstrip("#~\\") for arg in said for key in keys_said(arg)] if sections is not None else []
        for key in keys:
            name, dot, label = key.partition("\\.")
            if sections and not dot:
                found.append((sections, key))
            elif dot and "+" not in name:
                found.append(([name], label))
    return found


def test_every_label_named_in_the_code_exists() -> None:
    """Wherever the key is written out: also of a method's sentence, of words that go with a count, of a module's own section."""
    said = {path: labels_said(path) for path in MODULES}
    for path, labels in said.items():
        for sections, key in labels:
            assert any(re.fullmatch(key, each) for name in sections for each in section(name)), f"{path.name}: {sections} {key}"
    for name in ("per_event", "sentences", "batch", "standing", "strips", "card", "superiors", "results"):
        assert any(labels for path, labels in said.items() if path.stem == name), name


def test_every_kind_of_fault_has_its_texts_and_every_text_its_fault() -> None:
    code = "\n".join(map(text, MODULES))
    kinds = {key.split(".")[0] for key in section("faults") if "." in key}
    for kind in kinds:
        assert {f"{kind}.expected", f"{kind}.remedy"} <= set(section("faults"))
        raised = re.search(rf"""["']{kind}["']""", code) or kind in ("target_missing", "last_year_missing")
        assert raised, f"no code raises {kind}"
    for kind in re.findall(r"""Fault\.of\(\s*["'](\w+)["']""", code):
        assert kind in kinds, kind


# ── the command line and the documents ──────────────────────────────────────────────────────────────────────────────


def test_the_command_line_starts_without_pandas_and_numpy() -> None:
    code = "import sys, txlib.cli; print([m for m in ('pandas', 'numpy', 'scipy', 'papermill', 'nbconvert') if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[]"


def test_readme_has_its_two_lines(root: Path) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert 'pip install -c constraints.txt -e . && txlib run 2020' in readme
    assert 'pip install -c constraints.txt -e ".[test]" && pytest' in readme


@pytest.mark.parametrize("file", ["README.md", "README.zh.md", "COMMANDS.md"])
def test_a_guide_names_every_command_and_no_option_that_is_none(root: Path, file: str) -> None:
    from txlib.cli import main
    readme = (root / file).read_text(encoding="utf-8")
    for name in main.commands:
        assert f"txlib {name}" in readme, name
    for name, rest in re.findall(r"txlib (\w+)([^`\n]*)", readme):
        if name in main.commands:
            known = {opt for each in main.commands[name].params for opt in each.opts} | {"--help"}
            assert set(re.findall(r"(?<!\w)--?[a-z]+", rest.split(" -- ")[0])) <= known, (name, rest)


def test_constraints_are_plain_pins(root: Path) -> None:
    for line in (root / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9_.\-]+==[\w.]+", line), line


def test_the_newest_dated_section_of_the_changelog_is_this_version(root: Path) -> None:
    """Sections descend; what is not released stands above them all."""
    heads = re.findall(r"^## (.+)$", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    dated = [re.fullmatch(r"(\d+)\.(\d+)\.(\d+) \((\d{4}-\d\d-\d\d)\)", head) for head in heads if head != "Unreleased"]
    assert all(dated) and "Unreleased" not in heads[1:]
    versions = [tuple(map(int, found.groups()[:3])) for found in dated if found]
    assert versions == sorted(set(versions), reverse=True)
    assert ".".join(map(str, versions[0])) == txlib.__version__


def test_run_parameters_are_two_lines(root: Path) -> None:
    for year in txlib.years(root):
        for path in (root / "params" / year / "trees").glob("*.yaml"):
            told = (root / "params" / year / path.name).read_text(encoding="utf-8").splitlines()
            assert told == [f'year: "{year}"', f'category: "{path.stem}"']


@pytest.mark.parametrize("notebook", sorted((PACKAGE.parent / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_imports_txlib_and_one_module_and_all_that_is_public_there_is_shown(notebook: Path) -> None:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    source = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    imports = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    assert imports[0] == "import txlib as tx" and len(imports) == 2
    found = re.fullmatch(r"from txlib\.report import (\w+) as report", imports[1])
    assert found
    module = importlib.import_module(f"txlib.report.{found[1]}")
    shown = set(re.findall(r"\breport\.(\w+)", source))
    assert shown == set(module.__all__) and all(callable(getattr(module, name)) for name in shown)
