"""Stored networks: neurons that read each other through axons, onto cores with limits of neurons, axons and memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.config.experiment import Experiment
from chipsim.config.mapping import DEFAULT
from chipsim.lookup import Columns
from chipsim.network import memory
from chipsim.noc import mesh_of
from chipsim.noc.build import noc_plan
from chipsim.noc.hops import hops
from chipsim.noc.paths import is_x_then_y
from chipsim.noc.usable import from_the_start, usable_cores
from chipsim.plan.graph import StoredGraph
from chipsim.plan.inputs import Mapping
from chipsim.shares import share_of
from nsn_mapping.check import check_contents
from nsn_mapping.file import load_mapping
from nsn_mapping.limits import CoreLimits
from nsn_mapping.make import map_network
from nsn_mapping.mappers.base import Mapper, Nets, Use, avoided_faults, usable
from nsn_mapping.mappers.tables import NAIVE, RANDOM, THIS, is_countable, mapping_tables, where_it_fits
from nsn_mapping.methods import stored_parts
from nsn_mapping.metrics import utilisation
from nsn_mapping.place.listeners import with_listeners
from nsn_mapping.problem import build_problem, keyed_entries, to_hypergraph

Ints = npt.NDArray[np.int64]

ROOM_FOR_GROWTH = 0.9
"""Default share of a core that a mapping may use; the rest is for neurons that grow."""


def map_stored(experiment: Experiment, graph: StoredGraph) -> Mapping:
    """Map a stored network as the experiment says, from its file or by its partitioner and placer."""
    spec, mesh = experiment.mapping, mesh_of(experiment.chip.noc)
    limits, widths = limits_and_widths(experiment, graph)
    state, match = graph.state, graph.match
    if spec.file is not None:
        mapping = load_mapping(Path(spec.file), state, mesh, len(graph.listeners))
        homes = len(usable_cores(experiment.chip, avoided_faults(experiment)))
        check_contents(state, mapping, mesh, limits, widths.core, widths.slot, widths.entry, match, widths.interval, homes)
        return mapping
    fill = ROOM_FOR_GROWTH if spec.fill is None else spec.fill
    sites, partitioner = usable(experiment), spec.partitioner or DEFAULT
    mapping = map_network(state, mesh, limits, widths, match, partitioner, spec.placer, spec.seed, fill, sites)
    return with_listeners(mapping, graph.listeners, mesh, usable_cores(experiment.chip, avoided_faults(experiment)))


def limits_and_widths(experiment: Experiment, graph: StoredGraph) -> tuple[CoreLimits, memory.Widths]:
    """What one core of the chip can hold, and bit widths for the network."""
    core = experiment.chip.core
    widths = _widths(graph, experiment.chip.noc.cores, core.neurons)
    return CoreLimits(core.neurons, core.axons, core.memory_bits), widths


def _widths(graph: StoredGraph, cores: int, neurons: int) -> memory.Widths:
    return memory.widths_of(
        cores, neurons, graph.longest_interval, graph.state.numbers, misses=graph.misses, strays=graph.strays
    )


def use_of(experiment: Experiment, graph: StoredGraph, mapping: Mapping) -> Use:
    """What every core holds of what it may, and what an axon access would cost."""
    chip = experiment.chip
    mesh = mesh_of(chip.noc)
    limits, widths = limits_and_widths(experiment, graph)
    noc = noc_plan(chip, graph.kinds, experiment.seed, from_the_start(avoided_faults(experiment)))
    elsewhere = None if noc is None or is_x_then_y(noc) else noc

    def distance(a: Ints, b: Ints) -> Ints:
        along, other = hops(mesh, elsewhere, a, b)
        return along + other

    homes = usable_cores(chip, avoided_faults(experiment))
    used = utilisation(graph.state, mapping, mesh, limits, widths, graph.match, None if elsewhere is None else distance, homes)
    core = np.arange(mesh.cores)
    x, y = mesh.xy(core // mesh.concentration)
    columns: Columns = {
        "core": core,
        "x": x,
        "y": y,
        "neurons": used.neurons,
        "neurons_allowed": np.full(mesh.cores, limits.neurons),
        "axons": used.axons,
        "axons_allowed": np.full(mesh.cores, -1 if limits.axons is None else limits.axons),
        "memory_bits": used.bits,
        "memory_bits_allowed": np.full(mesh.cores, limits.memory_bits),
    }
    told = {
        "cores_used": used.cores_used,
        "neurons": len(graph.state),
        "readers_per_reading": used.readers_per_reading,
        "packets_per_spike": used.readers_per_reading,
        "mean_hops": used.mean_hops,
        "unicast_hops_per_reading": used.unicast_hops_per_reading,
        "tree_hops_per_reading": used.tree_hops_per_reading if elsewhere is None else None,
        "max_core_fill": used.max_core_fill,
        "max_axon_fill": used.max_axon_fill,
        "max_memory_fill": used.max_memory_fill,
    }
    more: dict[str, Any] = {}
    described: dict[str, Columns] = {}
    if graph.match == "associative":  # keyed axon accesses go to cores of a hash, wherever neurons are
        more, described = _tables(experiment, graph, mapping, limits, widths, elsewhere is None)
    return Use(told, more, {"cores": columns} | described, _traffic(told))


def fewest_cores(chip: ChipSpec, graph: StoredGraph, fill: float, with_cores: Callable[[ChipSpec, int], ChipSpec]) -> int:
    """Cores whose memory holds all vectors and the keyed index, or all vectors with an axon and a list entry for most of their pairs.

    Args:
        chip: its cores.
        graph: the network.
        fill: share of a core to use.
        with_cores: the chip with so many cores at the least.
    """
    state = graph.state
    keyed = graph.match == "keyed"
    k = np.diff(state.pair_start)
    entries = keyed_entries(state) if keyed else 0
    cores = max(1, -(-len(state) // max(1, share_of(chip.core.neurons, fill))))
    while True:
        w = _widths(graph, with_cores(chip, cores).noc.cores, chip.core.neurons)
        pair = memory.neuron_bits(w, 1) - memory.neuron_bits(w, 0)
        bits = len(state) * memory.neuron_bits(w, 0) + int(k.sum()) * pair
        room = chip.core.memory_bits * fill
        if keyed:
            mean = entries / cores
            room -= (mean + 5 * math.sqrt(mean)) * memory.keyed_bits(w)
        else:
            readings = 0.5 * int(k[state.layer > 0].sum())
            bits += len(state) * memory.match_state_bits(w) + int(2 * readings) * memory.row_bits(w)
            bits += int(readings * (memory.axon_bits(w) + memory.forward_bits(w)))
        if room > 0 and math.ceil(bits / room) <= cores:
            return cores
        cores = max(cores + 1, math.ceil(cores * 1.01))


def nets_of(experiment: Experiment, graph: StoredGraph) -> Nets:
    """The network with every neuron slot and bit of a core to use."""
    limits, widths = limits_and_widths(experiment, graph)
    homes = len(usable_cores(experiment.chip, avoided_faults(experiment)))
    problem = build_problem(graph.state, experiment.chip.noc.cores, limits, widths, graph.match, 1.0, homes)
    return Nets(to_hypergraph(problem)[0], problem)


def _tables(
    experiment: Experiment, graph: StoredGraph, mapping: Mapping, limits: CoreLimits, widths: memory.Widths, plain_mesh: bool
) -> tuple[dict[str, Any], dict[str, Columns]]:
    """A stored network's mapping beside naive ones, at the fill that the mapping was made with."""
    chip, spec = experiment.chip, experiment.mapping
    fill = ROOM_FOR_GROWTH if spec.fill is None else spec.fill
    usable_core = usable_cores(chip, avoided_faults(experiment))
    problem = build_problem(graph.state, len(usable_core), limits, widths, "associative", fill)
    if not is_countable(len(problem.pins), mesh_of(chip.noc)):
        return {}, {}
    nets = to_hypergraph(problem)[0]
    naive = {
        NAIVE: lambda: usable_core[stored_parts("sequential", problem, spec.seed)],
        RANDOM: lambda: usable_core[stored_parts("random", problem, spec.seed)],
    }
    of = "readings of stored neurons, as often as learning has activated those that name them"
    return mapping_tables(
        nets, {THIS: mapping.core} | where_it_fits(naive), mesh_of(chip.noc), of, chip, graph.flits, plain_mesh
    )


def _traffic(told: dict[str, Any]) -> str:
    """What one axon access costs on the network-on-chip."""
    if not told["neurons"]:
        return "unknown: nothing is learned before the chip starts"
    tree, single = told["tree_hops_per_reading"], f"{told['unicast_hops_per_reading']:.2f}"
    over = f"{single} hops of unicasts" if tree is None else f"{tree:.2f} hops of a multicast tree ({single} as unicasts)"
    return (
        f"an axon access reaches {told['readers_per_reading']:.2f} cores over {over};"
        f" {told['packets_per_spike']:.2f} unicast packets per spike of {told['mean_hops']:.2f} hops each"
    )


STORED = Mapper(map_stored, use_of, nets_of, reads_files=True)
