"""A copy of the compiled engine with one error planted in it, held against the reference; a process of its own, so that nothing else sees it.

An error names a function of the engine and what in it is changed, as a syntax tree: how the engine spells a table or in which file the function
stands does not matter. Where the function or the place in it is gone, or there are several, planting refuses.

python -m tests.conformance.planted FOLDER ERROR SCENARIO      writes what the comparison says
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import chipsim.engines
from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.plan.plan import Plan
from tests.conformance.compare import compare_runs
from tests.engines import Runner

PROBES = Watch(frozenset({"packets", "spikes"}))

Change = Callable[[ast.AST], ast.AST | None]
"""What a node of the function becomes; None where it is not the place."""


@dataclass(frozen=True, slots=True)
class Planted:
    """An error of the engine.

    Attributes:
        function: in which it is; one of this name is in the engine.
        change: makes it at one place of the function.
    """

    function: str
    change: Change


def field(node: ast.AST) -> str:
    """What a place in a table is called: the attribute, or the last index without its prefix; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr.lower()
    if isinstance(node, ast.Subscript):
        last = node.slice.elts[-1] if isinstance(node.slice, ast.Tuple) else node.slice
        return last.id.lower().rpartition("_")[2] if isinstance(last, ast.Name) else ""
    return ""


def words(node: ast.AST) -> set[str]:
    """All names and attributes in a tree, in small letters."""
    names = {n.id.lower() for n in ast.walk(node) if isinstance(n, ast.Name)}
    return names | {n.attr.lower() for n in ast.walk(node) if isinstance(n, ast.Attribute)}


def _no_note(node: ast.AST) -> ast.AST | None:
    """``order |= 1`` notes nothing."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.BitOr) and field(node.target) == "order":
        return ast.AugAssign(node.target, node.op, ast.Constant(0))
    return None


def _same_turn(node: ast.AST) -> ast.AST | None:
    """``turn`` becomes the channel itself, not the one behind it."""
    if isinstance(node, ast.Assign) and field(node.targets[0]) == "turn" and isinstance(node.value, ast.BinOp):
        return ast.Assign(node.targets, node.value.left)
    return None


def _early(node: ast.AST) -> ast.AST | None:
    """``left & (HELD | CREDITS) == buffer`` looks at HELD alone."""
    if isinstance(node, ast.Compare) and words(node) == {"left", "held", "credits", "buffer"}:
        return ast.parse("left & HELD == 0", mode="eval").body
    return None


def _never_split(node: ast.AST) -> ast.AST | None:
    """The test that lets everything pass undivided where there are no VC classes always holds."""
    if isinstance(node, ast.If) and "vc_classes" in words(node.test):
        return ast.If(ast.parse("range_ == range_", mode="eval").body, node.body, node.orelse)
    return None


def _wrong_cause(node: ast.AST) -> ast.AST | None:
    """A wait for a credit is counted as one for the switch."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and field(node.target) == "credit":
        spelled = ast.unparse(node).replace("CREDIT", "SWITCH").replace(".credit ", ".switch ")
        return ast.parse(spelled).body[0]
    return None


def _outside(node: ast.AST) -> ast.AST | None:
    """A row far behind the last link."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "links":
        return ast.Subscript(node.value, ast.parse(f"link + {1 << 30}", mode="eval").body, node.ctx)
    return None


ERRORS = {
    "links": Planted("to_link", _no_note),  # a link no longer notes that its packets must be put in order
    "ports": Planted("to_endpoint", _no_note),  # likewise a local port
    "turn": Planted("win", _same_turn),  # an input of a wormhole router favours the virtual channel that it has just served
    "reuse": Planted("land_credit", _early),  # a virtual channel is given away before it is empty
    "vc_class": Planted("range_on_tree", _never_split),  # trees on a torus take any channel, on both sides of the dateline
    "outside": Planted("to_link", _outside),  # a table is read where it has no row
    "stall": Planted("contend", _wrong_cause),  # a flit that waits for a credit is said to wait for the switch
}
NOTHING = "nothing"
"""A copy without an error."""


class _Planter(ast.NodeTransformer):
    def __init__(self, planted: Planted) -> None:
        self.planted, self.functions, self.places = planted, 0, 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Look at all of a function of the name."""
        if node.name != self.planted.function:
            return node
        self.functions += 1
        return _Changer(self).generic_visit(node)


class _Changer(ast.NodeTransformer):
    def __init__(self, planter: _Planter) -> None:
        self.planter = planter

    def visit(self, node: ast.AST) -> ast.AST:
        """Change the place; look further where this is none."""
        changed = self.planter.planted.change(node)
        if changed is None:
            return self.generic_visit(node)
        self.planter.places += 1
        return ast.copy_location(changed, node)


def plant(sources: dict[str, str], planted: Planted) -> dict[str, str]:
    """Sources of the engine with an error in one of them, which is written anew.

    Args:
        sources: texts of its files by name.
        planted: the error.

    Raises:
        LookupError: the function, or the place in it, is not there exactly once.
    """
    planter, made = _Planter(planted), {}
    for name, text in sources.items():
        before = planter.places
        tree = planter.visit(ast.parse(text))
        made[name] = text if planter.places == before else ast.unparse(ast.fix_missing_locations(tree))
    if (planter.functions, planter.places) != (1, 1):
        raise LookupError(
            f"{planter.functions} functions {planted.function} in the engine, {planter.places} places to plant the error at"
        )
    return made


def planted_engine(folder: Path, error: str) -> Runner:
    """A second compiled engine in a folder, with an error of ``ERRORS`` in it or with ``NOTHING``."""
    source = Path(chipsim.engines.__path__[0]) / "compiled"
    sources = {str(path.relative_to(source)): path.read_text(encoding="utf-8") for path in sorted(source.rglob("*.py"))}
    if error != NOTHING:
        sources = plant(sources, ERRORS[error])
    for name, text in sources.items():
        path = folder / "planted" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("engines.compiled", "engines.planted"), encoding="utf-8")
    chipsim.engines.__path__.append(str(folder))
    run: Runner = importlib.import_module("chipsim.engines.planted.run").run_compiled
    return run


def plan_of(name: str) -> Plan:
    """A scenario of spikes or packets, with plain or wormhole routers."""
    spikes = name.startswith(("lif", "spikes"))
    for module in ("lif_networks", "wormhole_spikes") if spikes else ("packet_plans", "wormhole_scenarios"):
        made: dict[str, Callable[[], Plan]] = importlib.import_module(f"tests.{module}").SCENARIOS
        if name in made:
            return made[name]()
    raise LookupError(name)


def main() -> None:
    """Write the comparison of reference and planted engine to standard output."""
    folder, error, scenario = sys.argv[1:]
    plan = plan_of(scenario)
    raw = planted_engine(Path(folder), error)(plan, PROBES)
    sys.stdout.write(compare_runs(run_reference(plan, PROBES), raw) or "no difference")


if __name__ == "__main__":
    main()
