"""A copy of the compiled engine with one error planted in it, held against the reference; a process of its own, so that nothing else sees it.

python -m tests.conformance.planted FOLDER MODULE FOUND PLANTED SCENARIO      writes what the comparison says
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import chipsim.engines
from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from tests.conformance.compare import compare_runs
from tests.lif_networks import SCENARIOS
from tests.scenarios import Runner
from tests.wormhole_scenarios import SCENARIOS as WORMHOLES

PROBES = Watch(frozenset({"packets", "spikes"}))


def planted_engine(folder: Path, module: str, found: str, planted: str) -> Runner:
    """A second compiled engine in a folder, in which one place of one module reads differently.

    Args:
        folder: where its package is made.
        module: name of the module within the engine.
        found: text that occurs once in it.
        planted: what is there instead.
    """
    source = Path(chipsim.engines.__path__[0]) / "compiled"
    package = folder / "planted"
    package.mkdir()
    for path in source.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.stem == module:
            assert text.count(found) == 1, f"{found!r} is {text.count(found)} times in {path.name}"
            text = text.replace(found, planted)
        (package / path.name).write_text(text.replace("engines.compiled", "engines.planted"), encoding="utf-8")
    chipsim.engines.__path__.append(str(folder))
    run: Runner = importlib.import_module("chipsim.engines.planted.run").run_compiled
    return run


def main() -> None:
    """Write the comparison of reference and planted engine to standard output."""
    folder, module, found, planted, scenario = sys.argv[1:]
    plan = (SCENARIOS | WORMHOLES)[scenario]()
    raw = planted_engine(Path(folder), module, found, planted)(plan, PROBES)
    sys.stdout.write(compare_runs(run_reference(plan, PROBES), raw) or "no difference")


if __name__ == "__main__":
    main()
