"""A bare graph onto a mesh: read or generated, mapped by a method, evaluated, held against the naive mapping."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import chipsim
from chipsim.config.chip import ChipSpec
from chipsim.config.load import load_chip
from chipsim.errors import MappingError, UsageError
from chipsim.noc import Mesh
from chipsim.pipeline.timing import peak_memory
from chipsim.plan.forecast import Forecast, refuse_beyond
from chipsim.shares import share_of
from nsn_mapping.energy import chip_traffic, joules, refuse_unpriced, spike_flits
from nsn_mapping.evaluate import Cost, axons_used, evaluate
from nsn_mapping.graph import Graph, graph_bytes, make_graph, read_graph
from nsn_mapping.graph_mapping import GraphMapping, load_graph_mapping
from nsn_mapping.hypergraph import NO_LIMIT, Caps, Hypergraph, plain_caps
from nsn_mapping.map_graph import Mapped, Objective, map_graph
from nsn_mapping.methods.in_order import evenly
from workloads.synthetic.graphs import generate_graph, read_rule

SCHEMA = 1
"""Of the summary; raised when a key changes its meaning."""

DEFAULT_PRICES = "altai-256"

WIDEST = 4096
"""Most tiles of a mesh in one direction."""

_MOST = 2**31 - 1

BYTES_PER_BYTE = 16
"""Memory of the whole work for a byte of the graph, about; measured with the default method."""

METRICS = ("packets", "edge_cut", "hops", "tree_links", "max_link", "max_link_tree", "largest_core", "cores_used")


@dataclass(frozen=True, slots=True)
class GraphTask:
    """What to map and how.

    Attributes:
        graph: a file, or a rule ``KIND:N`` or ``KIND:N:SEED``.
        mesh: ``12x12``, tiles of one core each.
        method: a partitioner for graphs, or ``auto``.
        seed: of all that is random.
        neurons: most of one core.
        axons: most of one core; None for no limit.
        fill: share of a core's neurons that is used.
        budget_s: CPU seconds that ``auto`` plans with; None for its own.
        objective: one of ``nsn_mapping.map_graph.OBJECTIVES``.
        prices: chip by whose prices joules are counted, by name or path; it is given the mesh of the task. None for no joules, except for the
            objective ``energy``, which then takes ``DEFAULT_PRICES``.
        settings: of that chip, as ``--set`` has them.
        use: a mapping file to evaluate rather than to map.
    """

    graph: str
    mesh: str
    method: str = "auto"
    seed: int = 1
    neurons: int = 512
    axons: int | None = None
    fill: float = 1.0
    budget_s: float | None = None
    objective: Objective = "packets"
    use: Path | None = None
    prices: str | None = None
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GraphReport:
    """A mapped graph; ``summary`` is what ``chipsim map --graph --json`` prints."""

    graph: Graph
    mapping: GraphMapping
    summary: dict[str, Any]


def parse_mesh(text: str) -> Mesh:
    """A mesh from ``WIDTHxHEIGHT``. Raises UsageError where it is none."""
    found = re.fullmatch(r"([1-9]\d{0,6})[xX]([1-9]\d{0,6})", text.strip(), re.ASCII)
    if not found or max(int(found[1]), int(found[2])) > WIDEST:
        raise UsageError(f"--mesh: {text!r:.40} is no mesh; allowed: WIDTHxHEIGHT, e.g. 12x12, each from 1 to {WIDEST}")
    return Mesh(int(found[1]), int(found[2]))


def caps_of(task: GraphTask, vertices: int) -> Caps:
    """What one core can hold. Raises UsageError where a limit makes no sense."""
    if not 1 <= task.neurons <= _MOST:
        raise UsageError(f"--neurons: found {task.neurons}; allowed: 1 to {_MOST}, neurons that a core holds")
    if task.axons is not None and not 1 <= task.axons <= _MOST:
        raise UsageError(
            f"--axons: found {task.axons}; allowed: 1 to {_MOST}, input lines of a core; leave it out for no limit"
        )
    if not 0 < task.fill <= 1:
        raise UsageError(
            f"--fill: found {task.fill:g}; allowed: above 0 up to 1, the share of each core's neurons that is used"
        )
    return plain_caps(vertices, max(1, share_of(task.neurons, task.fill)), NO_LIMIT if task.axons is None else task.axons)


def priced_chip(task: GraphTask, mesh: Mesh) -> ChipSpec | None:
    """The chip by whose prices joules are counted, with the mesh of the task; None where none are asked for.

    Raises:
        UsageError: packets do not go x first, then y on it.
        ConfigError: there is no such chip, it cannot have this mesh, or a price is unknown.
    """
    name = DEFAULT_PRICES if task.prices is None and task.objective == "energy" else task.prices
    if name is None:
        return None
    size = {"width": str(mesh.width), "height": str(mesh.height), "concentration": "1", "table_entries": "null"}
    for setting in task.settings:
        key = setting.partition("=")[0].strip().removeprefix("chip.")
        if key.removeprefix("noc.") in size and key.startswith("noc."):
            raise UsageError(
                f"--set {key}: a graph has the mesh of --mesh, one core per tile, tables without limit; leave it out"
            )
    chip = load_chip(name, (*task.settings, *(f"noc.{key}={value}" for key, value in size.items())))
    if not chip.noc.is_plain_mesh:
        raise UsageError(
            f"--prices: chip {chip.name} is a {chip.noc.topology} with routing {chip.noc.routing_name}; allowed: a mesh with routing xy, as the"
            " mesh of a graph has it"
        )
    refuse_unpriced(chip)
    return chip


def load_graph(text: str, memory_limit: int | None = None) -> Graph:
    """A graph from a file or by rule.

    Args:
        text: the path of a file, or ``KIND:N`` or ``KIND:N:SEED`` with a kind of ``workloads.synthetic.graphs``.
        memory_limit: bytes that mapping it may take; None for 80 % of what is free.

    Raises:
        UsageError: mapping it would take more memory, or the rule is malformed.
        WorkloadError: the file is no graph.
    """
    rule = read_rule(text)
    if rule is not None:
        made = generate_graph(*rule)
        graph = make_graph(made.indptr, made.targets, made.spikes, text)
        _refuse_beyond(8 * (2 * len(graph) + 1) + 12 * graph.synapses, memory_limit)
        return graph
    path = Path(text).expanduser()
    _refuse_beyond(graph_bytes(path), memory_limit)
    return read_graph(path)


def _refuse_beyond(size: int, memory_limit: int | None) -> None:
    """Refuse a graph of so many bytes whose mapping would take more than it may. Raises UsageError."""
    refuse_beyond(
        Forecast((("the graph and its mapping", BYTES_PER_BYTE * size),), "a graph with fewer synapses"), memory_limit
    )


def map_one(task: GraphTask, memory_limit: int | None = None, stage: Callable[[str], None] = lambda _: None) -> GraphReport:
    """Map a graph, or take a mapping from a file, and evaluate it; ``stage`` is told what begins, in words.

    Raises:
        UsageError: the task makes no sense, or would take too much memory (exit code 2).
        WorkloadError: the graph is none (3).
        MappingError: it does not fit (4).
    """
    begin = time.perf_counter()
    mesh = parse_mesh(task.mesh)
    caps_of(task, 0)
    chip = priced_chip(task, mesh)
    stage(f"reading the graph {task.graph}")
    graph = load_graph(task.graph, memory_limit)
    h = graph.hypergraph()
    caps = caps_of(task, len(h))
    if task.use is not None:
        mapping = load_graph_mapping(task.use, len(h), mesh)
        mapped = Mapped(mapping.core, mapping.core, mapping.method, f"taken from {task.use}", 0.0, 0.0, 0.0)
    else:
        stage(f"mapping by {task.method}")
        mapped = map_graph(h, caps, mesh, task.method, task.seed, task.budget_s, task.objective, chip)
        mapping = GraphMapping(mapped.core, mesh, mapped.picked, task.seed)
    stage("counting what it costs")
    summary = _summary(task, graph, h, mesh, mapped, chip)
    summary["resources"] = resources_used(h, caps, mapping.core, mesh)
    summary["wall_s"] = time.perf_counter() - begin
    summary["peak_rss_bytes"] = peak_memory()
    return GraphReport(graph, mapping, summary)


def resources_used(h: Hypergraph, caps: Caps, core: npt.NDArray[np.int32], mesh: Mesh) -> dict[str, dict[str, Any]]:
    """Per resource: used on the fullest core, allowed on one core (None for no limit), used and allowed in all.

    Raises:
        MappingError: a core is over a limit; names core, resource, used and allowed.
    """
    used = {
        "neurons": (np.bincount(core, minlength=mesh.cores), caps.neurons),
        "axons": (axons_used(h, core, mesh.cores), caps.axons),
    }
    found = {}
    for name, (counts, limit) in used.items():
        worst = int(counts.argmax())
        if counts[worst] > limit:
            raise MappingError(
                f"core {worst}: {name}: {counts[worst]} used, {limit} allowed; map again, or allow more with --{name}"
            )
        free = limit >= NO_LIMIT
        found[name] = {
            "fullest_core": int(counts[worst]),
            "core_allowed": None if free else limit,
            "all": int(counts.sum()),
            "all_allowed": None if free else limit * mesh.cores,
        }
    return found


def _summary(task: GraphTask, graph: Graph, h: Hypergraph, mesh: Mesh, mapped: Mapped, chip: ChipSpec | None) -> dict[str, Any]:
    def metrics(core: npt.NDArray[np.int32]) -> dict[str, Any]:
        return _metrics(evaluate(h, core, mesh)) | _joules(h, core, mesh, chip)

    found = metrics(mapped.core)
    spikes = int(graph.spikes.sum())
    return {
        "schema": SCHEMA,
        "version": chipsim.__version__,
        "graph": {"name": graph.where, "neurons": len(graph), "synapses": graph.synapses, "spikes": spikes},
        "mesh": {"width": mesh.width, "height": mesh.height, "cores": mesh.cores},
        "method": task.method if task.use is None else "file",
        "picked": mapped.picked,
        "reason": mapped.reason,
        "objective": task.objective,
        "seed": task.seed,
        "prices": None if chip is None else chip.name,
        **found,
        "mean_hops": found["hops"] / found["packets"] if found["packets"] else None,
        "packets_per_spike": found["packets"] / spikes if spikes else None,
        "before_refinement": None if mapped.before is mapped.core else metrics(mapped.before),
        "naive": metrics(evenly(len(h), mesh.cores)),
        "cpu_s": mapped.parts_cpu_s + mapped.place_cpu_s,
        "parts_cpu_s": mapped.parts_cpu_s,
        "place_cpu_s": mapped.place_cpu_s,
        "compile_s": mapped.compile_s,
    }


def _joules(h: Hypergraph, core: npt.NDArray[np.int32], mesh: Mesh, chip: ChipSpec | None) -> dict[str, float]:
    return {} if chip is None else {"joules": joules(chip_traffic(h, core, mesh, chip), chip, spike_flits(chip))}


def _metrics(cost: Cost) -> dict[str, int]:
    return {name: getattr(cost, name) for name in METRICS}
