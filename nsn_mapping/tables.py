"""A placed mapping in tables, for reports: links, traffic between cores, how far senders reach, entries of routers; and its metrics beside
those of other mappings of the same network.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.errors import ConfigError
from chipsim.lookup import Columns
from chipsim.noc import PORTS, Mesh
from nsn_mapping.energy import chip_traffic, joules
from nsn_mapping.evaluate import evaluate, link_loads
from nsn_mapping.hypergraph import Hypergraph
from nsn_mapping.place.blocks import block_graph
from nsn_mapping.reach import cores_reached
from nsn_mapping.routes.report import TableReport

Words = npt.NDArray[np.int32]

MOST_GROUPS = 256
"""Rows of the traffic matrix; on a larger chip neighbouring cores share one."""

_DIRECTIONS = np.array(["east", "west", "south", "north"])

METRICS = ("packets", "hops", "tree_links", "max_link", "max_link_tree", "edge_cut", "largest_core", "cores_used")


def compare_placed(
    h: Hypergraph,
    placed: Mapping[str, Words],
    mesh: Mesh,
    chip: ChipSpec | None = None,
    flits: int = 0,
    plain_mesh: bool = True,
) -> list[dict[str, Any]]:
    """Metrics of several mappings of one network.

    Args:
        h: the network.
        placed: int32[n] by the name of each mapping, core of each vertex.
        mesh: the chip.
        chip: with prices, for ``joules``; None for none.
        flits: of one packet; read with ``chip`` alone.
        plain_mesh: whether packets go x first, then y; elsewhere whatever depends on paths is None.

    Returns:
        A row per mapping: ``method``, the metrics of ``evaluate``, ``mean_hops``, and ``joules`` where there is a chip that knows its
        prices; ``share``: its packets over those of the mapping called ``naive``.

    Raises:
        MappingError: from ``evaluate``.
    """
    rows = []
    for name, core in placed.items():
        cost = evaluate(h, core, mesh)
        row: dict[str, Any] = {"method": name} | {metric: getattr(cost, metric) for metric in METRICS}
        row["mean_hops"] = cost.hops / cost.packets if cost.packets else None
        if not plain_mesh:
            row |= dict.fromkeys(("hops", "tree_links", "max_link", "max_link_tree", "mean_hops"))
        elif chip is not None:
            with contextlib.suppress(ConfigError):  # a price that is unknown refuses runs, not mappings
                row["joules"] = joules(chip_traffic(h, core, mesh, chip), chip, flits)
        rows.append(row)
    naive = next((row["packets"] for row in rows if row["method"] == "naive"), 0)
    for row in rows:
        row["share"] = row["packets"] / naive if naive else None
    return rows


def link_table(h: Hypergraph, core: Words, mesh: Mesh) -> Columns:
    """One row per directed link of a mesh: ``tile x y to_x to_y direction packets tree_packets``, as unicasts and on multicast trees."""
    tile = np.repeat(np.arange(mesh.tiles, dtype=np.int64), PORTS)
    port = np.tile(np.arange(PORTS), mesh.tiles)
    x, y = mesh.xy(tile)
    to_x, to_y = x + np.array([1, -1, 0, 0])[port], y + np.array([0, 0, 1, -1])[port]
    there = (to_x >= 0) & (to_x < mesh.width) & (to_y >= 0) & (to_y < mesh.height)
    found = {
        "tile": tile,
        "x": x,
        "y": y,
        "to_x": to_x,
        "to_y": to_y,
        "direction": _DIRECTIONS[port],
        "packets": link_loads(h, core, mesh),
        "tree_packets": link_loads(h, core, mesh, tree=True),
    }
    return {name: column[there] for name, column in found.items()}


def traffic_table(h: Hypergraph, core: Words, naive: Words | None, mesh: Mesh) -> tuple[Columns, int]:
    """Packets between groups of cores with neighbouring numbers.

    Args:
        h: the network; nets without a source on the chip have no sender and are left out.
        core: int32[n], core of each vertex.
        naive: the same of the mapping that it is held against, None for none.
        mesh: the chip.

    Returns:
        The table ``source destination packets naive``, a row per pair of groups between which anything goes, by number; cores of a group.
    """
    size = -(-mesh.cores // MOST_GROUPS)
    groups = -(-mesh.cores // size)
    nothing = np.zeros(groups * groups, np.int64)
    sums = [nothing if one is None else _between(h, one, mesh.cores, size, groups) for one in (core, naive)]
    pair = np.flatnonzero(sums[0] + sums[1])
    return {"source": pair // groups, "destination": pair % groups, "packets": sums[0][pair], "naive": sums[1][pair]}, size


def _between(h: Hypergraph, core: Words, cores: int, size: int, groups: int) -> npt.NDArray[np.int64]:
    """int64[groups * groups]."""
    blocks = block_graph(h, core, cores)
    sender = np.repeat(np.arange(cores, dtype=np.int64), np.diff(blocks.out_start))
    found = np.zeros(groups * groups, np.int64)
    np.add.at(found, sender // size * groups + blocks.to // size, blocks.sent)
    return found


def reach_table(h: Hypergraph, core: Words, naive: Words | None, cores: int) -> Columns:
    """How many senders reach how many other cores: ``cores senders naive_senders``, senders with a reader alone."""
    read = np.diff(h.pin_start) > 0
    nothing = np.zeros(1, np.int64)
    found = [nothing if one is None else np.bincount(cores_reached(h, one, cores)[read], minlength=1) for one in (core, naive)]
    most = max(len(one) for one in found)
    senders, before = (np.pad(one, (0, most - len(one))) for one in found)
    kept = np.flatnonzero(senders + before)
    return {"cores": kept, "senders": senders[kept], "naive_senders": before[kept]}


def router_table(report: TableReport, mesh: Mesh) -> Columns:
    """One row per router: ``tile x y entries entries_before entries_allowed``, compressed, before compression, -1 for no limit."""
    tile = np.arange(mesh.tiles, dtype=np.int64)
    x, y = mesh.xy(tile)
    allowed = np.full(mesh.tiles, -1 if report.allowed is None else report.allowed, np.int64)
    return {
        "tile": tile,
        "x": x,
        "y": y,
        "entries": report.compressed,
        "entries_before": report.used,
        "entries_allowed": allowed,
    }


def core_table(mesh: Mesh, used: Mapping[str, tuple[npt.NDArray[np.integer[Any]], int | None]]) -> Columns:
    """One row per core: ``core x y``, and per resource what is used and, with ``_allowed`` behind its name, what is allowed (-1: no limit).

    Args:
        mesh: the chip.
        used: per resource int[cores] and the limit of one core, None for none.
    """
    core = np.arange(mesh.cores, dtype=np.int64)
    x, y = mesh.xy(core // mesh.concentration)
    found: Columns = {"core": core, "x": x, "y": y}
    for name, (counts, limit) in used.items():
        found |= {name: counts, f"{name}_allowed": np.full(mesh.cores, -1 if limit is None else limit, np.int64)}
    return found
