"""Nobody outside a program's folder names it: neither imports of it, nor attributes called after it, nor questions which program, or
which kind of workload, is there.

What still does stands in a list with its reason; an entry that is no longer needed fails, so that the list can only shrink.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from chipsim.config.workload import WORKLOADS
from chipsim.programs.base import PROGRAMS

SHIPPED = ("nsn", "snn", "packets")
KINDS = ("text", "log", "generated", "arrays", "traffic", "synthetic")

NAMED = {"nsn", "snn", "lif", "generated", "synthetic"}
"""Words that no attribute, keyword, field, parameter or key may have in it. Not here: ``packets``, which every program sends and the machine
counts; ``text``, ``log``, ``arrays`` and ``traffic``, which are also any words, a logarithm, those of numpy, and what a mapping costs.
"""

INPUTS = {
    "NsnInput",
    "SnnInput",
    "NsnPlan",
    "SnnPlan",
    "PacketsPlan",
    "NsnRun",
    "SnnRun",
    "PacketsRun",
    "StoredGraph",
    "SpikingGraph",
}
"""Classes of what programs are given, lower and leave; to test for one is to ask which program runs."""

TABLES = {"chipsim/sweep/scale.py": "the words of `chipsim scale --workload`: what it makes, not what it is given"}
"""Files with a table by names of programs or kinds."""


def trees(root: Path) -> Iterator[tuple[str, ast.Module]]:
    """Path and syntax tree of every file outside of the programs' folders."""
    for package in ("chipsim", "nsn_mapping", "workloads", "reports"):
        for path in sorted((root / package).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if not name.startswith("chipsim/programs/") or name.count("/") == 2:
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> Iterator[str]:
    """Modules that a file imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and ast.unparse(node.func).endswith("import_module"):
            yield ast.unparse(node.args[0]).strip("'\"")


def program_of(module: str) -> str | None:
    """The program that a module belongs to."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["chipsim", "programs"] and len(parts) > 2 and parts[2] in SHIPPED else None


def named(tree: ast.AST) -> Iterator[str]:
    """Attributes, keywords, fields, parameters and keys that are called after a program or a kind of workload."""
    for node in ast.walk(tree):
        name = ""
        if isinstance(node, ast.Attribute):
            name = node.attr
        elif isinstance(node, ast.keyword | ast.arg):
            name = node.arg or ""
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        elif isinstance(node, ast.Subscript):
            name = _word(node.slice)
        elif (
            isinstance(node, ast.Call)
            and node.args
            and ast.unparse(node.func).rpartition(".")[2] in ("getattr", "hasattr", "get")
        ):
            name = _word(node.args[min(1, len(node.args) - 1)]) or _word(node.args[0])
        if NAMED & set(name.lower().strip("_").split("_")):
            yield name


def _word(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def asked(tree: ast.AST) -> Iterator[str]:
    """Questions which program or kind it is: comparisons, patterns, tests for a class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and _of_a_kind(node):
            for side in (node.left, *node.comparators):
                yield from (ast.unparse(word) for word in ast.walk(side) if _is_name(word))
        elif isinstance(node, ast.Match):
            classes = (one.cls for one in ast.walk(node) if isinstance(one, ast.MatchClass))
            words = [one.value for one in ast.walk(node) if isinstance(one, ast.MatchValue)]
            yield from (ast.unparse(one) for one in classes if _is_class(one))
            yield from (ast.unparse(one) for one in words if _of_a_kind(node.subject) and _is_name(one))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "issubclass") and len(node.args) == 2:
            yield from (ast.unparse(one) for one in ast.walk(node.args[1]) if _is_class(one))
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("startswith", "endswith")
        ):
            yield from (ast.unparse(one) for one in node.args if _of_a_kind(node.func.value) and _is_name(one))
        if isinstance(node, ast.Compare) and "type(" in ast.unparse(node):
            yield from (ast.unparse(one) for one in ast.walk(node) if _is_class(one))


def _of_a_kind(node: ast.AST) -> bool:
    """Whether it is of something called kind, program or workload; other things may be called text or log."""
    return any(word in ast.unparse(node) for word in ("kind", "program", "workload"))


def _is_name(node: ast.AST) -> bool:
    """Whether it is the name of a program or of a kind."""
    return (isinstance(node, ast.Constant) and node.value in SHIPPED + KINDS) or (
        isinstance(node, ast.Attribute) and node.attr in ("NAME", "PROGRAM")
    )


def _is_class(node: ast.AST) -> bool:
    """Whether it is the model of a kind of workload, or a class of a program's own."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name.endswith("Workload") or name in INPUTS


def tables(tree: ast.AST) -> Iterator[str]:
    """Tables with an entry by name of a program or a kind for at least two of them: which it is would be looked up there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            names = {_word(key) for key in node.keys if key is not None} & {*SHIPPED, *KINDS, "lif"}
            if (len(names) > 1 and names != {"text", "log"}) or names & {"nsn", "snn"}:
                yield ", ".join(sorted(names))


def test_the_lists_are_of_what_ships() -> None:
    assert set(PROGRAMS.names()) - set(SHIPPED) == set(WORKLOADS.names()) - set(KINDS) == set()


def test_a_program_is_imported_by_the_registry_alone(root: Path) -> None:
    assert [f"{name}: {module}" for name, tree in trees(root) for module in imported(tree) if program_of(module)] == []


def test_no_program_imports_another(root: Path) -> None:
    found = []
    for path in sorted((root / "chipsim/programs").rglob("*.py")):
        own = path.relative_to(root / "chipsim/programs").parts[0]
        for module in imported(ast.parse(path.read_text(encoding="utf-8"))):
            if program_of(module) not in (None, own):
                found.append(f"{path.relative_to(root)}: {module}")
    assert found == []


def test_nothing_is_called_after_a_program_or_a_kind(root: Path) -> None:
    found = []
    for name, tree in trees(root):
        own = Path(name).stem if "/kinds/" in name else ""
        found += [f"{name}: {word}" for word in named(tree) if word != own]
    assert found == []


def test_nobody_asks_which_program_or_kind_runs(root: Path) -> None:
    found = []
    for name, tree in trees(root):
        own = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)} if "/kinds/" in name else set()
        found += [f"{name}: {word}" for word in asked(tree) if word not in own]
    assert found == []


def test_no_table_tells_what_a_program_or_kind_is_like(root: Path) -> None:
    found = {name: sorted(tables(tree)) for name, tree in trees(root)}
    assert {name: words for name, words in found.items() if words and name not in TABLES} == {}
    assert [name for name in TABLES if not found.get(name)] == [], "no longer needed"


@pytest.mark.parametrize(
    "line",
    [
        'if workload.kind == "log": pass',
        'if plan.program in ("snn", "packets"): pass',
        "if plan.program != nsn.NAME: pass",
        "assert isinstance(workload, TextWorkload | LogWorkload)",
        "assert isinstance(workload, kinds.TextWorkload)",
        "assert type(workload) is TextWorkload",
        "if isinstance(given, NsnInput): pass",
        'what = "nsn" if summary["kind"] == "nsn" else 1',
        'match summary["kind"]:\n    case "nsn" | "snn":\n        pass',
        "match workload:\n    case TextWorkload(path=path):\n        pass",
        'if experiment.workload.kind.startswith("text"): pass',
    ],
)
def test_a_question_would_be_noticed(line: str) -> None:
    assert list(asked(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    [
        "self.nsn.roots",
        "plan.lif_state",
        "Raw(nsn=1)",
        "class Plan:\n    snn: int",
        "def collect(run, nsn): pass",
        'summary["nsn"]["layers"]',
        'getattr(plan, "snn")',
        'summary.get("nsn")',
    ],
)
def test_a_name_would_be_noticed(line: str) -> None:
    assert list(named(ast.parse(line)))


def test_an_import_or_a_table_would_be_noticed() -> None:
    for line in (
        "from chipsim.programs.nsn import NAME",
        "import chipsim.programs.snn.entry",
        'import_module("chipsim.programs.packets")',
    ):
        assert any(program_of(module) for module in imported(ast.parse(line)))
    assert list(tables(ast.parse('words = {"nsn": "events", "snn": "spikes"}[kind]')))
