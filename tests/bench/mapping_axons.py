"""What 512 axons a core do to the number of cores: neurons filled in naively against neurons that share inputs placed together.

python -m tests.bench.mapping_axons [--networks nsnT48k,...] [--methods creation,...] [--out FILE]

Rows that the file has already are not measured again. A core holds 512 neurons and 512 axons (different inputs of its neurons). ``fill`` is
neurons / (cores x 512), ``cores`` those that hold a neuron. Every partition passes the independent checker.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim import jit, pipeline
from chipsim.config.load import load_experiment
from chipsim.errors import MappingError
from chipsim.network import longest_interval
from nsn_mapping.check.limits import check_limits
from nsn_mapping.hypergraph import Caps, Hypergraph, build_hypergraph, from_graph, plain_caps
from nsn_mapping.partition import multilevel
from nsn_mapping.partition.expand import new_growth
from nsn_mapping.partition.fill import Reads, new_filled
from nsn_mapping.partition.pins import as_nets, empty_parts
from nsn_mapping.partition.streaming import stream
from nsn_mapping.problem import to_hypergraph
from nsn_mapping.xorshift import new_state
from tests.bench import mapping_nsn
from tests.folders import MAPPING
from workloads.synthetic.graphs import generate_graph

MEASURED = Path(__file__).with_name("measured") / "mapping_axons.json"
CAP = 512
WATTS_PER_CORE = 2e-3
CLAIMED_WATTS = 4.0
"""For 10^6 neurons."""

SEED = 1
_STEPS = 4
"""Numbers of cores that the default method is tried with, between what must be and what is known to do."""

_MANY = 4
"""Cores that may be opened, times those known to do; those that stay empty do not count."""

Words = npt.NDArray[np.int32]


def main() -> None:
    """Measure what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--out", type=Path, default=MEASURED)
    given = parser.parse_args()
    for method in METHODS.values():
        method(_shared_inputs(_graph("topics", 2_000)), plain_caps(2_000, CAP, CAP), 1_000)  # compiles
    for name in given.networks.split(","):
        h: Hypergraph | None = None
        for method in given.methods.split(","):
            rows = json.loads(given.out.read_text(encoding="utf-8")) if given.out.exists() else {}
            key = f"{name} | {method}"
            if key in rows:
                continue
            h = h or NETWORKS[name]()
            known = [row["cores"] for row_key, row in rows.items() if row_key.startswith(f"{name} | ")]
            rows[key] = measure(h, method, min(known, default=len(h)))
            given.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
            sys.stderr.write(f"{key}: {json.dumps(rows[key])}\n")


def measure(h: Hypergraph, method: str, enough: int) -> dict[str, Any]:
    """Partition by one method.

    Args:
        h: the network.
        method: a key of ``METHODS``.
        enough: cores that are known to do.
    """
    caps = plain_caps(len(h), CAP, CAP)
    begin = time.process_time()
    part = METHODS[method](_shared_inputs(h), caps, enough)
    seconds = time.process_time() - begin
    used = np.unique(part)
    number = np.searchsorted(used, part).astype(np.int32)
    use = check_limits(h, caps, number, len(used))
    fill = len(h) / (len(used) * CAP)
    cores = {size: math.ceil(size / (CAP * fill)) for size in (10**6, 10**9)}
    return {
        "neurons": len(h),
        "synapses": len(h.pins),
        "cores": len(used),
        "fewest_cores": least_cores(h),
        "fill": round(fill, 4),
        "axons_mean": round(float(use.axons.mean()), 1),
        "axons_per_neuron": round(float(use.axons.sum()) / len(h), 3),
        "watts": round(len(used) * WATTS_PER_CORE, 3),
        "watts_1e6": round(cores[10**6] * WATTS_PER_CORE, 2),
        "watts_1e9": round(cores[10**9] * WATTS_PER_CORE),
        "claim_holds": cores[10**6] * WATTS_PER_CORE <= CLAIMED_WATTS,
        "cpu_s": round(seconds, 2),
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }


def least_cores(h: Hypergraph) -> int:
    """Cores that no partition can do without: for neurons, and for every input that is read being an axon somewhere."""
    read = int(np.count_nonzero(np.diff(h.pin_start)))
    return max(math.ceil(len(h) / CAP), math.ceil(read / CAP))


def _creation(h: Hypergraph, caps: Caps, enough: int) -> Words:
    return _in_order(h, caps, np.arange(len(h), dtype=np.int64))


def _random(h: Hypergraph, caps: Caps, enough: int) -> Words:
    return _in_order(h, caps, np.random.default_rng([SEED, 1]).permutation(len(h)))  # generators shuffle ids by the seed itself


def _in_order(h: Hypergraph, caps: Caps, order: npt.NDArray[np.int64]) -> Words:
    """One core after the other until the next neuron does not fit."""
    n = len(h)
    filled, none = new_filled(n, h.edges), np.zeros(n, np.int64)
    limits = np.array([0, 0, caps.neurons, caps.axons, caps.bits], np.int64)
    fill = jit.load("nsn_mapping.partition.fill", entries=("fill",)).fill
    fill(Reads(h.net_start, h.nets.astype(np.int64), h.source.astype(np.int64)), none, none, order, limits, filled)
    return filled.part.astype(np.int32)


def _streaming(h: Hypergraph, caps: Caps, enough: int) -> Words:
    return stream(h, caps, _MANY * enough, SEED)


def _expansion(h: Hypergraph, caps: Caps, enough: int) -> Words:
    """Neighbourhood expansion, every axon at the same price."""
    caps = replace(caps, own_bits=np.ones(len(h), np.int64))
    limbo = _MANY * enough
    nets = as_nets(h, caps)
    state = empty_parts(nets, caps, limbo + 1)
    jit.load("nsn_mapping.partition.pins", entries=("count",)).count(nets, state, np.full(len(h), limbo, np.int32))
    growth = new_growth(nets, np.ones(h.edges, np.int64), np.zeros(len(h), np.int32), new_state(SEED))
    seeds = np.argsort(np.diff(h.net_start), kind="stable")[::-1].astype(np.int32)
    if not jit.load("nsn_mapping.partition.expand", entries=("expand_all",)).expand_all(nets, state, growth, seeds, limbo):
        raise MappingError(f"{limbo} cores did not do for the expansion; allowed: four times as many as the naive filling used")
    return state.part.copy()


def _default(h: Hypergraph, caps: Caps, enough: int) -> Words:
    """The default partitioner on fewer and fewer cores, halving the way between what did and what did not do."""
    low, high = least_cores(h) - 1, enough
    best: Words | None = None
    for _ in range(_STEPS):
        if high - low <= 1:
            break
        middle = (low + high) // 2
        try:
            best, high = multilevel.partition(h, caps, middle, SEED), middle
        except MappingError:
            low = middle
    return _expansion(h, caps, enough) if best is None else best


METHODS: dict[str, Callable[[Hypergraph, Caps, int], Words]] = {
    "creation": _creation,
    "random": _random,
    "streaming": _streaming,
    "expansion": _expansion,
    "default": _default,
}
"""Ways to fill cores: two naive ones, three that place together what shares inputs."""


def _shared_inputs(h: Hypergraph) -> Hypergraph:
    """The same nets, each at the same price wherever its source is: what counts is how many axons there are."""
    return build_hypergraph(len(h), h.pin_start, h.pins, np.full(h.edges, -1, np.int32), np.ones(h.edges, np.int64))


def _reference() -> Hypergraph:
    with np.load(MAPPING / "nsnT48k.npz") as file:
        return from_graph(file["indptr"], file["targets"], file["spikes"])


def _graph(kind: str, neurons: int) -> Hypergraph:
    made = generate_graph(kind, neurons, SEED)
    return from_graph(made.indptr, made.targets, made.spikes)


def _learned(name: str) -> Hypergraph:
    """What was learned from a shipped text: an axon per layer and lower neuron."""
    base, settings = mapping_nsn.INPUTS[name]
    experiment = load_experiment(base, settings)
    prepared = pipeline.load(experiment)
    span = longest_interval(prepared.given.rules, prepared.given.stimulus)
    return to_hypergraph(mapping_nsn.problem_of(experiment, prepared, span))[0]


def _disjoint(neurons: int, inputs: int) -> Hypergraph:
    """The worst case: every neuron reads inputs of its own."""
    start = np.arange(neurons * inputs + 1, dtype=np.int64)
    pins = np.repeat(np.arange(neurons, dtype=np.int32), inputs)
    return build_hypergraph(neurons, start, pins, np.full(len(pins), -1, np.int32), np.ones(len(pins), np.int64))


NETWORKS: dict[str, Callable[[], Hypergraph]] = {
    "disjoint": lambda: _disjoint(10_000, 8),
    "carroll": lambda: _learned("carroll"),
    "nsnT48k": _reference,
    "topics 1e5": lambda: _graph("topics", 100_000),
    "small-world 1e5": lambda: _graph("small-world", 100_000),
    "topics 1e6": lambda: _graph("topics", 1_000_000),
}
"""Networks by name."""


if __name__ == "__main__":
    main()
