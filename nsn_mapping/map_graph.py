"""From graph to mesh: partition, placement and, where a method has it, joint refinement, by the name of a partitioner."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.config.mapping import AUTO, PARTITIONERS, PLACERS
from chipsim.errors import MappingError, UsageError
from chipsim.noc import Mesh
from nsn_mapping.energy import packet_price, spike_flits
from nsn_mapping.evaluate import Cost, evaluate, refuse_overflow
from nsn_mapping.hypergraph import NO_LIMIT, Caps, Hypergraph, from_graph, plain_caps
from nsn_mapping.methods import graph_methods, graph_parts
from nsn_mapping.methods.in_order import evenly
from nsn_mapping.partition import multilevel
from nsn_mapping.place import place_blocks
from nsn_mapping.place.blocks import block_graph
from nsn_mapping.place.sites import Sites, mesh_sites, usable_sites

Words = npt.NDArray[np.int32]

Objective = Literal["packets", "hops", "link", "energy"]
OBJECTIVES: tuple[Objective, ...] = ("packets", "hops", "link", "energy")

_PATHS_PER_PACKET = 4
"""Mean paths that a packet counts as in joint refinement for packets: on the reference graphs fewer let packets rise."""


_HOPS_EFFORT = 10.0
"""Of joint refinement for hops or energy where quality is asked for: on ``sw30k`` ten times the time is 5 % of the hops."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A graph on a mesh, and what that took.

    Attributes:
        core: int32[n], core of each neuron.
        before: the same before joint refinement; ``core`` itself where there was none.
        picked: the method that was used; ``method`` unless that is ``auto``.
        reason: why, in words.
        parts_cpu_s, place_cpu_s: CPU seconds of partitioning and of placement (joint refinement is part of it), all processes and threads
            together, without the compilation of kernels.
        compile_s: CPU seconds of compiling kernels, or of reading them from the cache.
    """

    core: Words
    before: Words
    picked: str
    reason: str
    parts_cpu_s: float
    place_cpu_s: float
    compile_s: float


def map_graph(
    h: Hypergraph,
    caps: Caps,
    mesh: Mesh,
    method: str,
    seed: int,
    budget_s: float | None = None,
    objective: Objective = "packets",
    chip: ChipSpec | None = None,
) -> Mapped:
    """Map a network onto a mesh.

    Args:
        h: the network.
        caps: what one core can hold; always held.
        mesh: the chip; all its cores may be used.
        method: a partitioner for graphs, or ``auto``.
        seed: of all that is random; the same seed gives the same mapping, however many processors there are.
        budget_s: CPU seconds that ``auto`` plans with; None for its own.
        objective: what joint refinement minimises: ``packets`` first and hops as far as packets allow, ``hops`` alone whatever it costs in
            packets, ``energy`` the joules of packets and of their paths as unicasts (both after every method but the naive ones), or, without
            joint refinement, ``link`` for the busiest link.
        chip: with the prices for ``energy``; a mesh of the same size with routing xy.

    Raises:
        UsageError: the method or the objective is not known, or energy has no chip with prices.
        MappingError: the network does not fit, or a package is missing.
        ConfigError: a price that ``energy`` needs is unknown.
    """
    refuse_unknown(method)
    picks = PARTITIONERS.get(method).picks
    picked, reason = (method, "as asked for") if picks is None else picks(h, mesh.cores, budget_s)
    refuse_objective(objective)
    prices = _prices(mesh, objective, chip)
    refuse_overflow(h, mesh, prices.dearest)
    refuse_impossible(h, caps, mesh)
    begin = cpu_seconds()
    _warm_up(picked, caps, objective, seed)
    compiled = cpu_seconds()
    part = graph_parts(picked, h, caps, mesh.cores, seed)
    parted = cpu_seconds()
    before, core = _place(h, caps, part, mesh, prices, picked, objective, seed)
    placed = cpu_seconds()
    return Mapped(core, before, picked, reason, parted - compiled, placed - parted, compiled - begin)


def refuse_unknown(method: str) -> None:
    """Refuse the name of no method for graphs. Raises UsageError."""
    allowed = (AUTO, *graph_methods())
    if method not in allowed:
        raise UsageError(f"--method: {method!r:.60} is not known; allowed: {', '.join(allowed)}")


def refuse_objective(objective: str) -> None:
    """Refuse the name of no objective. Raises UsageError."""
    if objective not in OBJECTIVES:
        raise UsageError(f"--objective: {objective!r:.60} is not known; allowed: {', '.join(OBJECTIVES)}")


def refuse_impossible(h: Hypergraph, caps: Caps, mesh: Mesh) -> None:
    """Refuse what no mapping could fit.

    Raises:
        MappingError: naming resource, used and allowed.
    """
    most = mesh.cores * caps.neurons
    if len(h) > most:
        needed = -(-len(h) // max(1, caps.neurons))
        side = next(side for side in range(1, needed + 1) if side * side >= needed)
        raise MappingError(
            f"cores: {len(h)} neurons at {caps.neurons} a core use {needed} cores, allowed are {mesh.cores} of the"
            f" {mesh.width}x{mesh.height} mesh; take a larger mesh (--mesh {side}x{side}), or allow more neurons a core (--neurons, --fill)"
        )
    if caps.axons < NO_LIMIT:
        fan_in = np.diff(h.net_start)
        worst = int(fan_in.argmax())
        if fan_in[worst] > caps.axons:
            raise MappingError(
                f"axons: neuron {worst} alone has {fan_in[worst]} inputs, a core is allowed {caps.axons} axons;"
                " allow more (--axons), or split the neuron"
            )


def cpu_seconds() -> float:
    """CPU seconds so far, of this process and of those it has started and seen end, user and system."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@dataclass(frozen=True, slots=True)
class _Prices:
    """What is minimised on the mesh.

    Attributes:
        sites: cores, and what paths between them cost.
        packet: what a packet costs besides, also one that stays on its core.
    """

    sites: Sites
    packet: int = 0

    @property
    def dearest(self) -> int:
        """Most that a hop or a packet costs."""
        steps = np.concatenate((np.diff(self.sites.along_x), np.diff(self.sites.along_y)))
        return max(1, self.packet, int(steps.max(initial=1)))


def _prices(mesh: Mesh, objective: Objective, chip: ChipSpec | None) -> _Prices:
    if objective != "energy":
        return _Prices(mesh_sites(mesh))
    if chip is None:
        raise UsageError("--objective energy: no prices; allowed: a chip that has them, e.g. --prices altai-256")
    return _Prices(usable_sites(chip, price="energy"), packet_price(chip, spike_flits(chip)))


def _place(
    h: Hypergraph, caps: Caps, part: Words, mesh: Mesh, prices: _Prices, method: str, objective: Objective, seed: int
) -> tuple[Words, Words]:
    """int32[n] twice, the core of each neuron before and after joint refinement."""
    how = PARTITIONERS.get(method)
    if PLACERS.get(how.placer).search is None:
        return part, part  # cores in the order of their parts
    sites = prices.sites
    goal = "hops" if objective == "packets" else objective
    used, label = np.unique(part, return_inverse=True)
    site = place_blocks(block_graph(h, label, len(used)), sites, seed, how.placer, goal)
    before = np.ascontiguousarray(sites.core[site[label]], np.int32)
    if objective == "link" or (objective == "packets" and not how.refines):
        return before, before
    from nsn_mapping.place.joint import refine_placed

    if objective == "packets":
        packet, effort = _packet_price(evaluate(h, before, mesh)), 1.0
    else:
        packet, effort = prices.packet, _HOPS_EFFORT if how.refines else 1.0
    refined = refine_placed(h, caps, before, sites, seed, effort, packet, prices.packet)
    return before, np.ascontiguousarray(refined, np.int32)


def _packet_price(cost: Cost) -> int:
    """Links that a packet counts as, however short its path: so many that refinement hardly ever adds packets to save hops."""
    return max(1, round(_PATHS_PER_PACKET * cost.hops / max(1, cost.packets)))


def _warm_up(method: str, caps: Caps, objective: Objective, seed: int) -> None:
    """Map a small graph by the same method with the same limits, so that all kernels are compiled before time is taken."""
    h = _small_graph()
    mesh = Mesh(3, 3)
    room = max(caps.neurons, 2 * len(h) // mesh.cores)
    small = plain_caps(len(h), room, caps.axons if caps.axons >= NO_LIMIT else max(caps.axons, h.edges))
    if method == "quality":  # without the library, which has nothing to compile
        part = multilevel.partition(h, small, mesh.cores, seed, start=evenly(len(h), mesh.cores))
    else:
        part = graph_parts(method, h, small, mesh.cores, seed)
    _place(h, small, part, mesh, _Prices(mesh_sites(mesh)), method, "hops" if objective == "energy" else objective, seed)


def _small_graph() -> Hypergraph:
    """A ring of neurons with six targets each, one of them anywhere."""
    n, fan_out = 2048, 6
    source = np.repeat(np.arange(n, dtype=np.int64), fan_out)
    step = np.tile(np.arange(1, fan_out + 1, dtype=np.int64), n)
    far = step == fan_out
    step[far] = 7 + (source[far] * 7919) % (n - 14)
    target = (source + step) % n
    order = np.lexsort((target, source))
    indptr = np.arange(n + 1, dtype=np.int64) * fan_out
    return from_graph(indptr, target[order].astype(np.int32), 1 + np.arange(n, dtype=np.int64) % 5)
