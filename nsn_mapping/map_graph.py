"""From graph to mesh: partition, placement and, for quality, joint refinement, by the name of a method.

* ``sequential`` and ``random``: what mapping without a mapper would be, neurons in order of number or drawn, cores row by row;
* ``streaming``: neurons one by one to the core where they cost least, several times over, for what is too large for the others;
* ``metis``: METIS recursive bisection of the edge cut, neurons above the cap moved, as most mappers of the field have it;
* ``hierarchical``: groups of some hundred cores first, each group by itself, then their borders, for millions of neurons;
* ``default``: multilevel search on packets with own kernels;
* ``quality``: Mt-KaHyPar's partition and own search on top (for large networks own search alone, twice as long as ``default``), and placed
  neurons moved by what their packets cost on the way;
* ``auto``: the best of these that is likely to end within a budget of time.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt

from chipsim import jit
from chipsim.config.chip import ChipSpec
from chipsim.errors import MappingError, UsageError
from chipsim.noc import Mesh
from nsn_mapping.choose import Choice, choose
from nsn_mapping.energy import packet_price, spike_flits
from nsn_mapping.evaluate import Cost, axons_used, evaluate, refuse_overflow
from nsn_mapping.hypergraph import NO_LIMIT, Caps, Hypergraph, from_graph, plain_caps
from nsn_mapping.place.seats import Seats, mesh_seats, usable_seats

Words = npt.NDArray[np.int32]
Labels = Callable[[Hypergraph, Caps, int, int], Words]

Objective = Literal["packets", "hops", "link", "energy"]
OBJECTIVES: tuple[Objective, ...] = ("packets", "hops", "link", "energy")

_WAYS_PER_PACKET = 4
"""Mean ways that a packet counts as in joint refinement for packets: on the reference graphs fewer let packets rise."""


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
        method: a key of ``METHODS``, or ``auto``.
        seed: of all that is random; the same seed gives the same mapping, however many processors there are.
        budget_s: CPU seconds that ``auto`` plans with; None for its own.
        objective: what joint refinement minimises: ``packets`` first and hops as far as packets allow, ``hops`` alone whatever it costs in
            packets, ``energy`` the joules of packets and of their ways as unicasts (both after every method but the naive ones), or, without
            joint refinement, ``link`` for the busiest link.
        chip: with the prices for ``energy``; a mesh of the same size with routing xy.

    Raises:
        UsageError: the method or the objective is not known, or energy has no chip with prices.
        MappingError: the network does not fit, or a package is missing.
        ConfigError: a price that ``energy`` needs is unknown.
    """
    choice = choose(h, mesh.cores, budget_s) if method == "auto" else Choice(method, "as asked for")
    refuse_unknown(choice.picked)
    refuse_objective(objective)
    ways = _ways(mesh, objective, chip)
    refuse_overflow(h, mesh, ways.dearest)
    refuse_impossible(h, caps, mesh)
    begin = cpu_seconds()
    _warm_up(choice.picked, caps, objective, seed)
    compiled = cpu_seconds()
    part = METHODS[choice.picked](h, caps, mesh.cores, seed)
    parted = cpu_seconds()
    before, core = _place(h, caps, part, mesh, ways, choice.picked, objective, seed)
    placed = cpu_seconds()
    return Mapped(core, before, choice.picked, choice.reason, parted - compiled, placed - parted, compiled - begin)


def refuse_unknown(method: str) -> None:
    """Refuse the name of no method. Raises UsageError."""
    if method not in METHODS and method != "auto":
        raise UsageError(f"--method: {method!r:.60} is not known; allowed: auto, {', '.join(METHODS)}")


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


def naive_core(vertices: int, cores: int) -> Words:
    """int32[n], neurons in order of number over all cores, as evenly as can be: what every mapping is held against."""
    return (np.arange(vertices, dtype=np.int64) * cores // vertices).astype(np.int32)


def cpu_seconds() -> float:
    """CPU seconds so far, of this process and of those it has started and seen end, user and system."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _sequential(h: Hypergraph, caps: Caps, parts: int, seed: int) -> Words:
    """Neurons in order of number, cores as evenly filled as can be; with further limits, each core until it is full."""
    return _in_order(h, caps, parts, np.arange(len(h), dtype=np.int64))


def _random(h: Hypergraph, caps: Caps, parts: int, seed: int) -> Words:
    """As ``_sequential`` in an order drawn at random, from a stream of its own: graphs made by rule may be numbered by the one of the seed."""
    stream = np.random.SeedSequence([abs(seed), 79])
    return _in_order(h, caps, parts, np.random.Generator(np.random.PCG64(stream)).permutation(len(h)))


def _in_order(h: Hypergraph, caps: Caps, parts: int, order: npt.NDArray[np.int64]) -> Words:
    n = len(h)
    evenly = np.zeros(n, np.int32)
    evenly[order] = naive_core(n, parts)
    if min(caps.bits, caps.entries) >= NO_LIMIT and int(axons_used(h, evenly, parts).max()) <= caps.axons:
        return evenly
    part = np.zeros(n, np.int64)
    limits = np.array([caps.forward_bits, caps.axon_bits, caps.neurons, caps.axons, caps.bits], np.int64)
    scratch = np.zeros(n, np.int64), np.full(h.edges, -1, np.int64), np.zeros(n + 1, np.int64)
    fill = jit.load("nsn_mapping.partition.fill", entries=("fill",)).fill
    none = np.zeros(n, np.int64)
    last = int(fill(h.net_start, h.nets, h.source, caps.own_bits, none, order, limits, part, *scratch))
    if last >= parts:
        raise MappingError(
            f"cores: filled in order, {n} neurons use {last + 1} cores at {caps.neurons} neurons and {caps.axons} axons each, allowed are"
            f" {parts}; use --method default, a larger mesh, or higher limits (--neurons, --axons)"
        )
    return part.astype(np.int32)


def _streaming(h: Hypergraph, caps: Caps, parts: int, seed: int) -> Words:
    from nsn_mapping.partition.streaming import stream

    return stream(h, caps, parts, seed, passes=3)


def _metis(h: Hypergraph, caps: Caps, parts: int, seed: int) -> Words:
    from nsn_mapping.partition import edge_cut

    return edge_cut.partition(h, caps, parts, seed)


def _hierarchical(h: Hypergraph, caps: Caps, parts: int, seed: int) -> Words:
    from nsn_mapping.partition import hierarchical

    return hierarchical.partition(h, caps, parts, seed)


def _default(h: Hypergraph, caps: Caps, parts: int, seed: int) -> Words:
    from nsn_mapping.partition import multilevel

    return multilevel.partition(h, caps, parts, seed)


def _quality(h: Hypergraph, caps: Caps, parts: int, seed: int) -> Words:
    from nsn_mapping.partition import kahypar, multilevel

    if kahypar.is_worth_it(h, parts):
        return _improved(h, caps, parts, seed, kahypar.partition(h, caps, parts, seed))
    return multilevel.partition(h, caps, parts, seed, multilevel.NORMAL)


def _improved(h: Hypergraph, caps: Caps, parts: int, seed: int, start: Words) -> Words:
    """A partition made better, limits that it breaks held."""
    from nsn_mapping.partition import multilevel

    return multilevel.partition(h, caps, parts, seed, start=start)


METHODS: Mapping[str, Labels] = MappingProxyType(
    {
        "default": _default,
        "quality": _quality,
        "hierarchical": _hierarchical,
        "streaming": _streaming,
        "metis": _metis,
        "sequential": _sequential,
        "random": _random,
    }
)
"""Partitioners of graphs by the name of the method; each gives int32[n], parts 0..parts-1 within all caps."""

NAIVE = ("sequential", "random")
"""Methods that place cores row by row in the order of their parts."""


@dataclass(frozen=True, slots=True)
class _Ways:
    """What is minimised on the mesh.

    Attributes:
        seats: cores, and what ways between them cost.
        packet: what a packet costs besides, also one that stays on its core.
    """

    seats: Seats
    packet: int = 0

    @property
    def dearest(self) -> int:
        """Most that a hop or a packet costs."""
        steps = np.concatenate((np.diff(self.seats.along_x), np.diff(self.seats.along_y)))
        return max(1, self.packet, int(steps.max(initial=1)))


def _ways(mesh: Mesh, objective: Objective, chip: ChipSpec | None) -> _Ways:
    if objective != "energy":
        return _Ways(mesh_seats(mesh))
    if chip is None:
        raise UsageError("--objective energy: no prices; allowed: a chip that has them, e.g. --prices altai-256")
    return _Ways(usable_seats(chip, price="energy"), packet_price(chip, spike_flits(chip)))


def _place(
    h: Hypergraph, caps: Caps, part: Words, mesh: Mesh, ways: _Ways, method: str, objective: Objective, seed: int
) -> tuple[Words, Words]:
    """int32[n] twice, the core of each neuron before and after joint refinement."""
    if method in NAIVE:
        return part, part
    from nsn_mapping.place.anneal import place_blocks
    from nsn_mapping.place.blocks import block_graph

    seats = ways.seats
    goal = "hops" if objective == "packets" else objective
    used, label = np.unique(part, return_inverse=True)
    placer = "adaptive" if method == "quality" else "auto"
    seat = place_blocks(block_graph(h, label, len(used)), seats, seed, placer, goal)
    before = np.ascontiguousarray(seats.core[seat[label]], np.int32)
    if objective == "link" or (objective == "packets" and method != "quality"):
        return before, before
    from nsn_mapping.place.joint import refine_placed

    if objective == "packets":
        packet, effort = _packet_price(evaluate(h, before, mesh)), 1.0
    else:
        packet, effort = ways.packet, _HOPS_EFFORT if method == "quality" else 1.0
    refined = refine_placed(h, caps, before, seats, seed, effort, packet, ways.packet)
    return before, np.ascontiguousarray(refined, np.int32)


def _packet_price(cost: Cost) -> int:
    """Links that a packet counts as, however short its way: so many that refinement hardly ever adds packets to save hops."""
    return max(1, round(_WAYS_PER_PACKET * cost.hops / max(1, cost.packets)))


def _warm_up(method: str, caps: Caps, objective: Objective, seed: int) -> None:
    """Map a small graph by the same method with the same limits, so that all kernels are compiled before time is taken."""
    h = _small_graph()
    mesh = Mesh(3, 3)
    room = max(caps.neurons, 2 * len(h) // mesh.cores)
    small = plain_caps(len(h), room, caps.axons if caps.axons >= NO_LIMIT else max(caps.axons, h.edges))
    if method == "quality":  # without the library, which has nothing to compile
        part = _improved(h, small, mesh.cores, seed, naive_core(len(h), mesh.cores))
    else:
        part = METHODS[method](h, small, mesh.cores, seed)
    _place(h, small, part, mesh, _Ways(mesh_seats(mesh)), method, "hops" if objective == "energy" else objective, seed)


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
