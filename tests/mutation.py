"""Whether the tests would see it: the core is changed in one place at a time, and some test must fail.

    python tests/mutation.py --count 600 --seed 1 [--only scoring methods/method.py] [--jobs 2]

What a change may be is mutmut's (`pip install -c constraints.txt -e ".[mutation]"`): a comparison, a sum, a number, a branch, an
argument; no text, no annotation. mutmut's own runner leaves out functions with decorators and the bodies of classes, which here
are rules (validators, fields with limits), and takes no sample. So mutants are run here: in a fork of a process that has
collected the tests, the function's code exchanged; what is computed on import, with all modules imported anew. POSIX only.

First come the tests of the room that ran the line, then half a minute of others that did, then the others of the core's own that
are short, then the golden results; the first that fails ends it, and so does time. Which test ran a line is measured once for the
same code and tests (ten minutes), and the results of a run that was stopped are taken up by the next.

A seed draws the same mutants of the same code, one in a line. The share of the killed is printed, with those that survived;
what is known of survivors stands in tests/mutation.md.
"""

from __future__ import annotations

import argparse
import ast
import gc
import hashlib
import importlib.abc
import importlib.util
import json
import os
import random
import resource
import sys
import textwrap
import time
import types
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import partial
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

import coverage
import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider
from mutmut.mutation.mutators import mutation_operators, operator_arg_removal, operator_string

ROOT = Path(__file__).parents[1]
CORE = ("base", "methods", "rules", "scoring", "assess.py")
OWN = ("tests/base", "tests/methods", "tests/rules", "tests/scoring")
TESTS = (*OWN, "tests/intake/test_bad_input.py", "tests/audits/test_quotas.py", "tests/house/test_a_method_more.py",
         "tests/house/test_golden.py", "tests/house/test_reference.py")
GOLDEN = "tests/house/test_golden.py::test_numbers_and_words_are_those_accepted"
TWICE = "tests/intake/test_bad_input.py::test_check_says_every_fault_of_it"  # reads all cases again where the other is not run
OFF = [f"-pno:{name}" for name in ("cacheprovider", "xdist", "nbval")]
ARGS = ["-o", "addopts=", *OFF, "-q", "-m", "not long", "--hypothesis-seed=0", f"--deselect={TWICE}"]
FOLDER = ROOT / "build" / "mutation"
SHORT = 0.05  # seconds: a test that did not run the line is tried as well where it is shorter
WRONG = "!"  # begins what is no result: a mutant that could not be tried
MOST = 30  # seconds of tests of other rooms that ran the line
LONGEST = 240  # seconds of the processor for a mutant: what takes so much longer than its tests do would not end


@dataclass(frozen=True)
class Mutant:
    """A change in one place; `cold` where it acts on import."""

    file: str
    line: int
    function: str
    before: str
    after: str
    source: str
    cold: bool


@dataclass(frozen=True)
class Known:
    """Of the tests as they are: which ran a line of the core, what ran on import, the seconds each took."""

    ran: dict[str, dict[int, set[str]]]
    on_import: dict[str, set[int]]
    took: dict[str, float]


# ── mutants ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Changes(cst.CSTVisitor):
    """Every change that may be made to a module: a node, what stands in its place, the function around it, if it acts on import,
    and if it is of an argument alone."""

    METADATA_DEPENDENCIES = (ParentNodeProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[cst.CSTNode, cst.CSTNode, str, bool, bool]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Annotation | cst.Import | cst.ImportFrom | cst.BaseString):
            return False
        for kind, operator in mutation_operators:
            if operator is not operator_string and isinstance(node, kind):
                self.found += [(node, other, *self._inside(node), operator is operator_arg_removal) for other in operator(node)]
        return True

    def _inside(self, node: cst.CSTNode) -> tuple[str, bool]:
        """The outermost function around a node by its qualified name, and whether the node acts on import."""
        names, cold = list[str](), True
        inner = node
        while (outer := self.get_metadata(ParentNodeProvider, inner, None)) is not None:
            if isinstance(outer, cst.FunctionDef):
                names, cold = [outer.name.value], inner is not outer.body
            elif isinstance(outer, cst.ClassDef):
                names.insert(0, outer.name.value)
            inner = outer
        return ".".join(names), cold


class Module:
    """A file of the core and all its changes, each as the number that it has in `found`."""

    def __init__(self, path: Path) -> None:
        self.file = path.relative_to(ROOT).as_posix()
        whole = MetadataWrapper(cst.parse_module(path.read_text(encoding="utf-8")))
        changes = Changes()
        whole.visit(changes)
        self.tree, self.found = whole.module, changes.found
        self.places, self.parents = whole.resolve(PositionProvider), whole.resolve(ParentNodeProvider)

    def line(self, number: int) -> int:
        """Where a change stands."""
        node = self.found[number][0]
        while node not in self.places:  # an operator
            node = self.parents[node]
        return self.places[node].start.line

    def mutant(self, number: int, on_import: set[int]) -> Mutant | None:
        """A change carried out; None if it leaves no Python, or Python that is the same. What ran on import is cold."""
        node, other, function, cold, _ = self.found[number]
        source = self.tree.deep_replace(node, other).code  # type: ignore[arg-type]
        try:
            if ast.dump(ast.parse(source)) == ast.dump(ast.parse(self.tree.code)):
                return None
        except SyntaxError:
            return None
        before, after = node, other
        while not isinstance(before, cst.BaseExpression | cst.BaseSmallStatement | cst.BaseStatement):  # with what it joins
            before = self.parents[before]
            after = before.deep_replace(node, other)  # type: ignore[assignment]
        shown = [" ".join(self.tree.code_for_node(each).split()) for each in (before, after)]
        line = self.line(number)
        return Mutant(self.file, line, function, *shown, source, cold or line in on_import)


def drawn(files: list[Path], known: Known, count: int, seed: int) -> list[Mutant]:
    """So many mutants of these files, drawn by chance, one in a line; of an argument, which seldom leaves what runs, where it has
    no other."""
    every = [(module, number) for module in map(Module, files) for number in range(len(module.found))]
    print(f"{len(every)} changes in {len(files)} files", flush=True)
    random.Random(seed).shuffle(every)
    by_line: dict[tuple[str, int], list[tuple[Module, int]]] = defaultdict(list)
    for module, number in sorted(every, key=lambda each: each[0].found[each[1]][-1]):
        by_line[module.file, module.line(number)].append((module, number))
    lines = sorted(by_line)
    random.Random(seed).shuffle(lines)
    return list(islice(filter(None, (first(by_line[line], known) for line in lines)), count))


def first(of: list[tuple[Module, int]], known: Known) -> Mutant | None:
    """The first of several changes that can be carried out."""
    return next(filter(None, (module.mutant(number, known.on_import.get(module.file, set())) for module, number in of)), None)


# ── tests ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Watched:
    """Runs the tests as they are, and sets down what each ran and how long it took."""

    def __init__(self, traced: coverage.Coverage) -> None:
        self.traced, self.took = traced, Counter[str]()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self.traced.switch_context(item.nodeid)
        begun = time.process_time()
        yield_ = yield
        self.took[item.nodeid] = time.process_time() - begun
        return yield_


def watched(to: Path) -> None:
    """The tests run once under coverage, what they ran written to a file."""
    traced = coverage.Coverage(data_file=None, include=[f"{ROOT}/txlib/*"], config_file=False)
    plugin = Watched(traced)
    traced.start()
    status = pytest.main([*ARGS, *TESTS], plugins=[plugin])
    traced.stop()
    data = traced.get_data()
    ran = {Path(file).relative_to(ROOT).as_posix(): data.contexts_by_lineno(file) for file in data.measured_files()}
    to.write_text(json.dumps({"status": int(status), "ran": ran, "took": plugin.took}), encoding="utf-8")


def digest() -> str:
    """Of the code, its tests, and the editions that they read."""
    parts = [path for folder in ("txlib", "tests", "params", "data") for path in sorted((ROOT / folder).rglob("*"))
             if path.is_file() and path.suffix != ".pyc"]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in parts)).hexdigest()[:12]


def known(at: Path) -> Known:
    """What the tests ran: as it was measured, else measured now."""
    if not at.exists():
        forked(lambda: (watched(at), "")[-1])
    told = json.loads(at.read_text(encoding="utf-8"))
    if told["status"]:
        at.unlink()
        raise SystemExit("The tests fail before anything is changed.")
    ran = {file: {int(line): set(tests) for line, tests in lines.items()} for file, lines in told["ran"].items()}
    return Known(ran, {file: {line for line, tests in lines.items() if "" in tests} for file, lines in ran.items()}, told["took"])


class InTurn:
    """Runs tests in the order that finds a mutant soonest, in this process or, of many mutants, in a fork for each."""

    def __init__(self, known: Known, mutants: list[Mutant], apart: Callable[..., None] | None = None) -> None:
        self.known, self.mutants, self.apart = known, mutants, apart
        self.failed = ""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if self.apart is None:
            self._run(session, self.mutants[0])
        else:
            session.config.pluginmanager.unregister(name="terminalreporter")
            self.apart(self.mutants, lambda mutant: (exchange(mutant), self._run(session, mutant), self.failed)[-1])
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def _run(self, session: pytest.Session, mutant: Mutant) -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST))
        ran = self.known.ran.get(mutant.file, {}).get(mutant.line, set()) - {GOLDEN}
        took = {item: self.known.took.get(item.nodeid, 0) for item in session.items}
        room = f"tests/{Path(mutant.file).parts[1]}/"
        covering = sorted((item for item in session.items if item.nodeid in ran), key=took.__getitem__)
        own = [item for item in covering if item.nodeid.startswith(room)]
        away = [item for item in covering if not item.nodeid.startswith(room)]
        away = [item for item, until in zip(away, accumulate(map(took.__getitem__, away)), strict=True) if until < MOST]
        others = [item for item in session.items
                  if item.nodeid.startswith(OWN) and item.nodeid not in ran and took[item] < SHORT]
        items = [*by_module(own, took), *by_module(away, took), *by_module(others, took)]
        items += (item for item in session.items if item.nodeid == GOLDEN)
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                return


def by_module(items: list[pytest.Item], took: dict[pytest.Item, float]) -> list[pytest.Item]:
    """Tests of one file together, since they share what is set up: first the file that takes least."""
    files: dict[Path, list[pytest.Item]] = defaultdict(list)
    for item in sorted(items, key=took.__getitem__):
        files[item.path].append(item)
    return [item for each in sorted(files.values(), key=lambda each: sum(map(took.__getitem__, each))) for item in each]


def exchange(mutant: Mutant) -> None:
    """Give the function of the module as imported the code that it has in the mutant."""
    importlib.import_module(name_of(mutant))
    wanted = [code for code in codes(compile(mutant.source, str(ROOT / mutant.file), "exec", dont_inherit=True))
              if code.co_qualname == mutant.function]
    held = [each for each in gc.get_objects() if isinstance(each, types.FunctionType)
            and each.__code__.co_filename == str(ROOT / mutant.file) and each.__code__.co_qualname == mutant.function]
    assert len(wanted) == 1 and len({each.__code__ for each in held}) == 1, "no function of that name, or several"
    for each in held:
        each.__code__ = wanted[0]


def name_of(mutant: Mutant) -> str:
    """The module's name."""
    return ".".join(part for part in Path(mutant.file).with_suffix("").parts if part != "__init__")


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A code object and those inside it."""
    yield code
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield from codes(each)


class Instead(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Imports one module from another text; its file stays as it is."""

    def __init__(self, mutant: Mutant) -> None:
        self.file, self.source, self.name = ROOT / mutant.file, mutant.source, name_of(mutant)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        folder = [str(self.file.parent)] if self.file.stem == "__init__" else None
        return importlib.util.spec_from_file_location(name, self.file, loader=self, submodule_search_locations=folder) \
            if name == self.name else None

    def get_filename(self, fullname: str) -> str:
        return str(self.file)

    def get_data(self, path: str | bytes) -> bytes:
        return self.source.encode("utf-8") if str(path) == str(self.file) else Path(os.fsdecode(path)).read_bytes()

    def path_stats(self, path: str) -> Any:
        raise OSError  # no stored bytecode

    def set_data(self, *_: Any) -> None:
        """Nothing is stored."""


# ── processes ───────────────────────────────────────────────────────────────────────────────────────────────────────


def forked(do: Callable[[], str]) -> tuple[str, int]:
    """What a function says in a fork of this process, in a line, and how the fork ended."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        try:
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1), os.dup2(silent, 2)
            os.write(write, do().encode("utf-8"))
            os._exit(0)
        except BaseException as error:
            os.write(write, f"{WRONG} {error!r}"[:500].encode("utf-8"))
            os._exit(1)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as pipe:
        told = pipe.read()
    return told, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Apart:
    """A fork for each mutant, some at a time; results are kept as they come."""

    def __init__(self, jobs: int, kept: Path) -> None:
        self.jobs, self.kept = jobs, kept

    def __call__(self, mutants: list[Mutant], do: Callable[[Mutant], str]) -> None:
        with ThreadPoolExecutor(self.jobs) as pool:
            tried = {pool.submit(forked, partial(do, each)): each for each in mutants}
            for future in as_completed(tried):
                mutant, (told, status) = tried[future], future.result()
                end = f"signal {-status}" if status < 0 else told
                if end.startswith(WRONG):
                    print(mutant.file, mutant.line, mutant.function, end, flush=True)
                with self.kept.open("a", encoding="utf-8") as kept:
                    kept.write(json.dumps({**asdict(mutant), "source": "", "killed": end}, ensure_ascii=False) + "\n")


def cold(known: Known) -> Callable[[Mutant], str]:
    """The tests with all modules imported anew, one of them changed."""

    def do(mutant: Mutant) -> str:
        plugin = InTurn(known, [mutant])
        sys.meta_path.insert(0, Instead(mutant))
        status = pytest.main([*ARGS, *TESTS], plugins=[plugin])
        return plugin.failed or ("" if status == pytest.ExitCode.OK else f"not collected: {status!r}")
    return do


def warm(known: Known, mutants: list[Mutant], apart: Apart) -> Callable[[], str]:
    """The tests collected once, a fork for each mutant."""

    def do() -> str:
        pytest.main([*ARGS, *TESTS], plugins=[InTurn(known, mutants, apart)])
        return ""
    return do


def results(kept: Path) -> list[dict[str, Any]]:
    """What is kept of this run and of those before."""
    return [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()] if kept.exists() else []


def key(mutant: dict[str, Any]) -> tuple[str, ...]:
    """What makes a mutant the same."""
    return tuple(str(mutant[name]) for name in ("file", "line", "before", "after"))


def report(results: list[dict[str, Any]]) -> str:
    """How many were killed of each module, and what survived."""
    results = [each for each in results if not each["killed"].startswith(WRONG)]
    by_file: dict[str, list[bool]] = defaultdict(list)
    for each in results:
        by_file[each["file"]].append(bool(each["killed"]))
    lines = [f"{file:40} {sum(killed):4} of {len(killed):4}" for file, killed in sorted(by_file.items())]
    lines += [textwrap.shorten(f"{each['file']}:{each['line']} {each['function']}: {each['before']} → {each['after']}", 400)
              for each in sorted(results, key=lambda each: (each["file"], each["line"])) if not each["killed"]]
    killed = sum(bool(each["killed"]) for each in results)
    return "\n".join([*lines, f"{killed} of {len(results)} killed: {killed / max(len(results), 1):.1%}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=CORE, help="rooms or files of the core, below txlib/")
    parser.add_argument("--jobs", type=int, default=2)
    told = parser.parse_args()
    os.chdir(ROOT)
    os.environ |= {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    of = digest()
    FOLDER.mkdir(parents=True, exist_ok=True)
    facts, kept = known(FOLDER / f"tests-{of}.json"), FOLDER / f"results-{of}.jsonl"
    files = [path for each in told.only for path in sorted((ROOT / "txlib" / each).rglob("*.py")) or [ROOT / "txlib" / each]]
    mutants = drawn(files, facts, told.count, told.seed)
    apart = Apart(told.jobs, kept)
    done = {key(each) for each in results(kept)}
    left = [each for each in mutants if key(asdict(each)) not in done]
    forked(warm(facts, [each for each in left if not each.cold], apart))
    apart([each for each in left if each.cold], cold(facts))
    mine = {key(asdict(each)) for each in mutants}
    print(report([each for each in results(kept) if key(each) in mine]))


if __name__ == "__main__":
    main()
