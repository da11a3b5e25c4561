"""Mappings of one experiment by several methods, side by side, without running any of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from chipsim.config.experiment import Experiment
from chipsim.config.mapping import NAIVE, PARTITIONERS, RANDOM
from chipsim.errors import ChipsimError
from chipsim.noc import Mesh, mesh_of
from chipsim.pipeline.stages import graph_of, load, mapper_of
from chipsim.plan.inputs import Mapping
from nsn_mapping.account import largest_shares
from nsn_mapping.evaluate import evaluate
from nsn_mapping.mappers.base import Nets


def usual_methods() -> tuple[str, ...]:
    """What is compared where nobody says: what mappings are held against, then the methods that ask for it."""
    return (NAIVE, RANDOM, *(name for name, method in PARTITIONERS.all().items() if method.compared))


def compare(
    experiment: Experiment, methods: Sequence[str] | None = None, stage: Callable[[str], None] = lambda _: None
) -> list[dict[str, Any]]:
    """Map an experiment's network by several partitioners, all with the experiment's placer, seed and fill.

    Args:
        experiment: of a text, a log, a generated network, or arrays.
        methods: partitioners, the first of which the packets of the others are shares of; None for `usual_methods`.
        stage: told what begins, in words.

    Returns:
        A row per method: ``method``, ``status`` ``done`` or ``failed`` (then ``exit_code`` and ``reason``), the metrics of the evaluator for
        one access per expected presentation (texts, logs) or one spike per neuron (arrays), ``packets_with_own`` as the engine counts
        unicasts, ``mean_hops``, ``share`` of the first method's packets, largest shares of a core's limits, and ``cpu_s`` of mapping.

    Raises:
        UsageError: a method is not known, or the workload has no network.
    """
    asked = usual_methods() if methods is None else tuple(methods)
    for method in asked:
        PARTITIONERS.get(method, "--method")
    mapper = mapper_of(experiment)
    stage("reading the input, learning what is there before")
    graph = graph_of(load(experiment))
    return _rows(experiment, asked, mapper.nets(experiment, graph), lambda one: mapper.map(one, graph), stage)


def _rows(
    experiment: Experiment,
    methods: Sequence[str],
    nets: Nets,
    make: Callable[[Experiment], Mapping],
    stage: Callable[[str], None],
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    mesh = mesh_of(experiment.chip.noc)
    naive = 0
    for number, method in enumerate(methods, 1):
        stage(f"mapping by {method}, method {number} of {len(methods)}")
        spec = experiment.mapping.model_copy(update={"partitioner": method, "file": None})
        one = experiment.model_copy(update={"mapping": spec})
        row: dict[str, Any] = {"method": method}
        try:
            make(one)  # kernels are compiled before time is taken
            begin = time.process_time()
            mapping = make(one)
            seconds = time.process_time() - begin
        except ChipsimError as error:
            rows.append(row | {"status": "failed", "exit_code": error.exit_code, "reason": str(error)})
            continue
        row |= {"status": "done", "made": mapping.method} | _metrics(nets, mapping, mesh) | {"cpu_s": seconds}
        naive = naive or row["packets"]
        row["share"] = row["packets"] / naive if naive else 1.0
        rows.append(row)
    return rows


def _metrics(nets: Nets, mapping: Mapping, mesh: Mesh) -> dict[str, Any]:
    cost = evaluate(nets.hypergraph, mapping.core, mesh)
    found: dict[str, Any] = {
        "packets": cost.packets,
        "packets_with_own": cost.packets_with_own,
        "edge_cut": cost.edge_cut,
        "hops": cost.hops,
        "mean_hops": cost.hops / cost.packets if cost.packets else None,
        "max_link": cost.max_link,
        "tree_links": cost.tree_links,
        "largest_core": cost.largest_core,
        "cores_used": cost.cores_used,
    }
    if nets.problem is not None:
        found |= largest_shares(nets.problem, mapping.core)
    return found
