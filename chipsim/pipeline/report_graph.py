"""A mapped graph as a report shows it: cores, links, traffic, routers, and naive mappings beside it."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipsim.lookup import Columns
from chipsim.pipeline.map_graph import GraphReport, GraphTask, caps_of, priced_chip
from nsn_mapping.energy import spike_flits
from nsn_mapping.evaluate import axons_used
from nsn_mapping.hypergraph import NO_LIMIT
from nsn_mapping.mappers.tables import NAIVE, RANDOM, THIS, is_countable, mapping_tables, where_it_fits
from nsn_mapping.methods import graph_parts
from nsn_mapping.tables import core_table


def describe_graph(task: GraphTask, report: GraphReport) -> tuple[dict[str, Any], dict[str, Columns]]:
    """Summary and tables of the folder that the report of a mapped graph is made from.

    Args:
        task: what was asked for.
        report: what came out.

    Returns:
        The summary of ``report`` with ``comparison`` and ``traffic``; tables ``cores``, ``links``, ``traffic``, ``reach``, ``routers``.
    """
    h, mesh, core = report.graph.hypergraph(), report.mapping.mesh, report.mapping.core
    caps = caps_of(task, len(h))
    used = {
        "neurons": (np.bincount(core, minlength=mesh.cores), caps.neurons),
        "axons": (axons_used(h, core, mesh.cores), None if caps.axons >= NO_LIMIT else caps.axons),
    }
    tables = {"cores": core_table(mesh, used)}
    if not is_countable(len(h.pins), mesh):
        return dict(report.summary), tables
    naive = {
        NAIVE: lambda: graph_parts("sequential", h, caps, mesh.cores, task.seed),
        RANDOM: lambda: graph_parts("random", h, caps, mesh.cores, task.seed),
    }
    chip = priced_chip(task, mesh)
    flits, of = 0 if chip is None else spike_flits(chip), "the spikes that the graph gives each neuron"
    more, described = mapping_tables(h, {THIS: core} | where_it_fits(naive), mesh, of, chip, flits)
    return dict(report.summary) | more, tables | described
