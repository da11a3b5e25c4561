"""Networks that were learned from real texts and logs, mapped in several ways and run: packets, hops, joules and latency by the engine.

python -m tests.bench.mapping_nsn [--inputs carroll,...] [--methods sequential,...] [--out FILE]

Rows that the file has already are not measured again. Every row is one run on altai-256 with the compiled engine, unicast (so that packets
are counted one by one) or multicast. ``readings`` are lower neurons presented to a layer, ``reading_packets`` the packets that they took,
one for each core that holds the axon, ``forecast_packets`` the evaluator's count for the readings of the run in that mapping: lower where
the network grew in the run.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from chipsim import pipeline
from chipsim.config.experiment import Experiment
from chipsim.config.load import load_experiment
from chipsim.engines.base import Watch
from chipsim.engines.compiled import run_compiled
from chipsim.errors import MappingError
from chipsim.network import longest_interval, memory
from chipsim.noc import mesh_of
from chipsim.plan.inputs import Mapping
from chipsim.programs.nsn.messages import SPIKE
from nsn_mapping import CoreLimits
from nsn_mapping.account import core_account
from nsn_mapping.evaluate import evaluate
from nsn_mapping.presentations import count_presentations, weighted
from nsn_mapping.problem import Problem, build_problem
from tests.folders import SHARED
from workloads.kinds.log import LogWorkload
from workloads.kinds.nsn import fed
from workloads.kinds.text import TextWorkload

MEASURED = Path(__file__).with_name("measured") / "mapping_nsn.json"
METHODS = {
    "sequential": ("sequential", "row"),
    "sequential, curve": ("sequential", "hilbert"),
    "metis": ("metis", "hilbert"),
    "default": ("default", "hilbert"),
    "quality": ("quality", "anneal"),
}
"""Partitioner and placer by name; the first is creation order on cores row by row."""

_TEXT = ("workload.symbols=2000", "workload.rate=saturate", "engine=compiled")
INPUTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "carroll": ("text", (f"workload.path={SHARED}/text/en_eltec_carroll_1865.txt", "workload.learned=141218", *_TEXT)),
    "tinyshakespeare": ("text", (f"workload.path={SHARED}/text/en_tinyshakespeare.txt", "workload.learned=500000", *_TEXT)),
    "war and peace": (
        "text",
        (f"workload.path={SHARED}/text/ru_tolstoy_war_and_peace_1.txt", "workload.learned=480000", *_TEXT),
    ),
    "auth log": (
        "log-sample",
        (
            "chip=altai-256",
            f"workload.path={SHARED}/auth/elastic_auth_0327-0330.log",
            "workload.fields=[event, method, user, source, port]",
            "workload.only={}",
            "workload.learned=2000",
            "workload.rate=saturate",
            "engine=compiled",
        ),
    ),
}
"""Shipped experiment and settings by name: as much learned as creation order still maps, and the next 2,000 characters, or events, read."""


def main() -> None:
    """Measure what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", default=",".join(INPUTS))
    parser.add_argument("--methods", default=";".join(METHODS))
    parser.add_argument("--casts", default="unicast,multicast")
    parser.add_argument("--out", type=Path, default=MEASURED)
    given = parser.parse_args()
    for name in given.inputs.split(","):
        base, settings = INPUTS[name]
        prepared = None
        for method in given.methods.split(";"):
            for cast in given.casts.split(","):
                rows = json.loads(given.out.read_text(encoding="utf-8")) if given.out.exists() else {}
                key = f"{name} | {method} | {cast}"
                if key in rows:
                    continue
                partitioner, placer = METHODS[method]
                more = (f"chip.noc.cast={cast}", f"mapping.partitioner={partitioner}", f"mapping.placer={placer}")
                experiment = load_experiment(base, (*settings, *more))
                prepared = prepared or pipeline.load(experiment)
                rows[key] = measure(experiment, prepared)
                given.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
                print(key, json.dumps(rows[key]), flush=True)  # noqa: T201


def measure(experiment: Experiment, prepared: pipeline.Loaded) -> dict[str, Any]:
    """Map a prepared network, run it and count."""
    workload = experiment.workload
    assert isinstance(workload, TextWorkload | LogWorkload)
    prepared = replace(prepared, experiment=experiment, given=fed(prepared.given, workload), wall_s=dict(prepared.wall_s))
    span = longest_interval(prepared.given.rules, prepared.given.stimulus)
    try:
        pipeline.make_mapping(prepared)  # kernels are compiled before time is taken
    except MappingError as error:
        return {"refused": str(error)}
    begin = time.process_time()
    mapping = pipeline.make_mapping(prepared)
    seconds = time.process_time() - begin
    plan = pipeline.make_plan(prepared, mapping)
    raw = run_compiled(plan, Watch(frozenset({"spikes", "packets"})))
    result = pipeline.collect(prepared, mapping, plan, raw, plan.fingerprint()).summary
    problem = problem_of(experiment, prepared, span)
    count = count_presentations(problem, raw.spikes, raw.own.winners, grown=True)
    cost = evaluate(weighted(problem, count), mapping.core, mesh_of(experiment.chip.noc))
    of_readings = raw.packets[:, 2] == SPIKE
    return {
        "neurons": len(prepared.given.state),
        "cores_used": int(np.count_nonzero(np.bincount(mapping.core))),
        "map_cpu_s": seconds,
        "fill": 0.9,
        "readings_known": int(count.sum()),
        "reading_packets": int(of_readings.sum()),
        "reading_hops": int(raw.packets[of_readings, 7].sum()),
        "forecast_packets": cost.packets_with_own,
        "forecast_packets_between_cores": cost.packets,
        "forecast_hops": cost.hops,
        "forecast_tree_links": cost.tree_links,
        "bound_packets": bound(problem, count, mapping),
        "packets": result["counts"]["packets"],
        "hops": result["counts"]["hops"],
        "joules": result["energy_j"]["total"],
        "joules_dynamic": result["power_w"]["dynamic"] * result["sim_time_s"],
        "joules_noc": result["energy_j"]["router"] + result["energy_j"]["link"],
        "latency_mean_s": result["latency_s"]["mean"],
        "latency_p99_s": result["latency_s"]["p99"],
        "sim_time_s": result["sim_time_s"],
        "run_cpu_s": raw.cpu_s,
        "neurons_created": result["counts"]["neurons_created"],
        "functional_digest": result["functional_digest"],
    }


def problem_of(experiment: Experiment, prepared: pipeline.Loaded, span: int) -> Problem:
    """The network as the partitioners saw it."""
    core = experiment.chip.core
    limits = CoreLimits(core.neurons, core.axons, core.memory_bits)
    cores = experiment.chip.noc.cores
    widths = memory.widths_of(cores, core.neurons, span)
    return build_problem(prepared.given.state, cores, limits, widths, "associative", 0.9)


def bound(problem: Problem, count: np.ndarray[Any, Any], mapping: Mapping) -> int:
    """Packets that no mapping can do without: a net's readers fill so many cores by themselves.

    They take their own memory, an axon of every net that they name and one entry of every forwarding list of their own at the least.
    """
    own_lists = np.zeros(len(problem), np.int64)
    np.add.at(own_lists, problem.net_owner[problem.net_owner >= 0], 1)
    bits = problem.own_bits + own_lists * problem.forward_bits
    total = 0
    for net in np.flatnonzero(count).tolist():
        pins = problem.pins[problem.pin_start[net] : problem.pin_start[net + 1]]
        axons = len(np.unique(np.concatenate([problem.nets_of(pin) for pin in pins.tolist()])))
        memory_bits = int(bits[pins].sum()) + axons * problem.axon_bits
        cores = max(-(-len(pins) // problem.max_neurons), -(-memory_bits // problem.max_bits), -(-axons // problem.max_axons))
        total += int(count[net]) * cores
    assert total <= int((count * core_spread(problem, mapping)).sum()), "a bound is below what a mapping has"
    return total


def core_spread(problem: Problem, mapping: Mapping) -> np.ndarray[Any, Any]:
    """int64[axons], cores that hold each axon."""
    return np.bincount(core_account(problem, mapping.core).net, minlength=len(problem.net_owner))


if __name__ == "__main__":
    main()
