"""What must not change: runs of every kind, by name, and how to make them.

A scenario is a function that takes the name of an engine and gives what a run of it counted, as a flat table from paths to numbers, texts and
hashes of arrays. ``record`` writes them down, ``test_unchanged`` holds every later commit to what was written.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from chipsim.config.experiment import Experiment
from chipsim.config.load import load_chip, load_experiment
from chipsim.config.sweep import load_point, load_sweep
from chipsim.energy import account
from chipsim.engines.base import Watch
from chipsim.pipeline import simulate
from chipsim.plan.plan import Plan
from chipsim.results.result import Result
from tests import topologies
from tests.conformance import test_given
from tests.engines import runner
from tests.needs import there
from tests.unchanged.flat import flat, flat_run
from tests.unchanged.recorded_prices import as_recorded, lines_as_recorded

Record = dict[str, Any]
Scenario = Callable[[str], Record]

PROBES = Watch(frozenset({"packets", "spikes"}))
SWEEPS = ("match-mode", "mesh-size-link-delay", "neurons-per-core", "static-power")
SHIPPED = ("lif-small", "log-sample", "text-small", "text")

COMMANDS = {
    "noc mesh": "noc --width 4 --load 0.1,0.2",
    "noc torus, dateline, tornado": "noc --topology torus --width 5 --traffic tornado --link-latency 2 --timing D --load 0.1,0.3",
    "noc bursts, hotspots, lengths": "noc --width 4 --traffic hotspot --burst-alpha 0.3 --flits 1,4 --timing L --load 0.1",
    "noc faults": "noc --width 4 --dead-link 5-6 --dead-router 3 --loss 1e-3 --retransmit --load 0.1,0.2",
    "noc window": "noc --width 4 --window 2 --load 0.4",
    "noc queued": "noc --width 4 --router queued --load 0.1,0.2",
    "noc of a chip": "noc --chip altai-256 --router wormhole --load 0.01 --cycles 2000",
    "map default": "map --graph topics:4000 --mesh 4x4 --method default",
    "map metis": "map --graph topics:4000 --mesh 4x4 --method metis",
    "map streaming": "map --graph small-world:4000 --mesh 4x4 --method streaming",
    "map random": "map --graph small-world:4000 --mesh 4x4 --method random",
    "map energy": "map --graph topics:4000 --mesh 4x4 --method default --objective energy --prices loihi",
    "map text-small": "map text-small --set chip.energy.table_read=0pJ",  # was not priced
    "map lif-small": "map lif-small",
}
"""Calls of the command line whose JSON is recorded; engines where they have one."""


def of_experiment(experiment: Experiment) -> Record:
    """Summary and tables of a run, as a user gets them, by the constants that the chip had when it was recorded."""
    return of_result(simulate(as_recorded(experiment), PROBES, limits=False))


def of_result(result: Result) -> Record:
    """Summary and tables, but what the tables repeat of the chip's description."""
    tables = {name: dict(columns) for name, columns in result.tables.items() if name != "constants"}
    tables["energy"] = lines_as_recorded(tables["energy"])
    return flat(result.summary) | flat(tables, "tables")


def of_plan(plan: Plan, engine: str, chip: str) -> Record:
    """Raw counters of a plan, and what they cost at a shipped chip's prices."""
    raw = runner(engine)(plan, PROBES)
    spent = account(load_chip(chip, []), plan.mesh, raw, plan.noc)
    lines = {f"{line.share}.{line.action}": line.joules for line in spent.lines}
    return flat_run(raw) | flat({"total": spent.total, **lines}, "energy_j")


def of_command(line: str, engine: str) -> Record:
    """The JSON that a command prints."""
    words = line.split()
    more = ["--engine", engine] if words[0] == "noc" else []
    done = subprocess.run(
        [sys.executable, "-c", "from chipsim.cli.app import main; main()", *words, *more, "--json", "--quiet"],
        capture_output=True,
        text=True,
        check=True,
    )
    return flat(json.loads(done.stdout))


def _experiment(base: str, settings: tuple[str, ...] = ()) -> Scenario:
    return lambda engine: of_experiment(load_experiment(base, (*settings, f"engine={engine}")))


def _small(base: str, settings: tuple[str, ...]) -> Scenario:
    from tests.scenarios import small

    return lambda engine: of_experiment(small(*settings, f"engine={engine}", base=base))


def _plan(make: Callable[[], Plan], chip: str = "loihi-sanafe") -> Scenario:
    return lambda engine: of_plan(make(), engine, chip)


def _command(line: str) -> Scenario:
    return lambda engine: of_command(line, engine)


def _given(name: str, files: Path) -> Scenario:
    return lambda engine: of_experiment(test_given.experiment(files, name, engine))


def _point(sweep: str, number: int) -> Scenario:
    return lambda engine: of_experiment(load_point(load_sweep(sweep), number).model_copy(update={"engine": engine}))


def scenarios(folder: Path) -> dict[str, Scenario]:
    """Every scenario of the programs that are there, by name; ``folder`` takes the archives that some of them read."""
    found = {name: _command(line) for name, line in COMMANDS.items() if not program_of(name)}
    if there("nsn"):
        found |= _texts()
    if there("snn"):
        found |= _spikes(folder)
    if there("packets"):
        found |= _packets(folder)
    return found


def program_of(name: str) -> str:
    """The program that a scenario needs, by its name; "" for none: a graph is mapped by itself."""
    if COMMANDS.get(name, "").startswith("map --graph"):
        return ""
    if name.startswith(("text", "sweep", "shipped: log", "shipped: text", "map text")):
        return "nsn"
    return "snn" if "lif" in name or (name.startswith("wormhole") and "spikes" in name) else "packets"


def _texts() -> dict[str, Scenario]:
    from tests.conformance import catalogue, test_text_fidelities

    found: dict[str, Scenario] = {}
    for one in catalogue.SCENARIOS:
        found[f"text: {one.name}"] = _small(one.base, one.settings)
    for name, settings in topologies.topologies().items():
        for router in topologies.ROUTERS:
            more = (*settings, f"chip.noc.router={router}", "chip.noc.cast=unicast")
            found[f"text on {name}, {router}"] = _small("text-small", more)
    for name, settings in test_text_fidelities.NETWORKS.items():
        for cast in ("unicast", "multicast"):
            for board in ((), test_text_fidelities.BOARD):
                more = (*settings, f"chip.noc.cast={cast}", *board)
                found[f"text over {name}, {cast}{', board' if board else ''}"] = _small("text-small", more)
    for sweep in SWEEPS:
        for number in range(1, load_sweep(sweep).points + 1):
            found[f"sweep {sweep}: {number}"] = _point(sweep, number)
    found |= {f"shipped: {name}": _experiment(name) for name in SHIPPED if program_of(f"shipped: {name}") == "nsn"}
    return found | {name: _command(line) for name, line in COMMANDS.items() if program_of(name) == "nsn"}


def _spikes(folder: Path) -> dict[str, Scenario]:
    from tests import lif_networks, wormhole_spikes

    found: dict[str, Scenario] = {}
    for name in topologies.topologies():
        for router, number in topologies.ROUTERS.items():
            for how in ("unicast", "multicast"):
                make = partial(lif_networks.lif_on, name, number, how == "multicast")
                found[f"lif on {name}, {router}, {how}"] = _plan(make)
    found |= {f"given: {name}": _plan(make) for name, make in lif_networks.SCENARIOS.items()}
    found |= {f"wormhole: {name}": _plan(make) for name, make in wormhole_spikes.SCENARIOS.items()}
    archives = test_given.write_files(folder)
    found |= {f"archive: {name}": _given(name, archives) for name in test_given.SPIKES}
    found["shipped: lif-small"] = _experiment("lif-small")
    return found | {name: _command(line) for name, line in COMMANDS.items() if program_of(name) == "snn"}


def _packets(folder: Path) -> dict[str, Scenario]:
    from tests import packet_plans, wormhole_scenarios
    from tests.conformance import test_faults

    found: dict[str, Scenario] = {}
    for name in topologies.topologies():
        for router, number in topologies.ROUTERS.items():
            found[f"traffic on {name}, {router}, unicast"] = _plan(partial(packet_plans.packets_over, name, number))
    found |= {f"given: {name}": _plan(make) for name, make in packet_plans.SCENARIOS.items()}
    found |= {f"wormhole: {name}": _plan(make) for name, make in wormhole_scenarios.SCENARIOS.items()}
    for name, faults in test_faults.DAMAGES.items():
        found[f"damage: {name}, wormhole"] = _plan(
            lambda faults=faults: test_faults.plan_of(faults, 6, timing="D", atomic=True)
        )
        found[f"damage: {name}, queued"] = _plan(
            lambda faults=faults: test_faults.other_routers(test_faults.plan_of(faults, 4, 0), topologies.ROUTERS["queued"])
        )
    archives = test_given.write_files(folder)
    found |= {f"archive: {name}": _given(name, archives) for name in test_given.SETTINGS if name not in test_given.SPIKES}
    return found | {name: _command(line) for name, line in COMMANDS.items() if program_of(name) == "packets"}


__all__ = ["Record", "Scenario", "program_of", "scenarios"]
