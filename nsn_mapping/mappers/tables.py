"""What a report of a mapping needs beyond the mapping itself: its metrics beside naive ones, links, traffic, routers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.config.chip import ChipSpec
from chipsim.errors import MappingError
from chipsim.lookup import Columns
from chipsim.noc import Mesh
from nsn_mapping.hypergraph import Hypergraph
from nsn_mapping.routes.report import refuse_large_tables, table_report
from nsn_mapping.tables import compare_placed, link_table, reach_table, router_table, traffic_table

Words = npt.NDArray[np.int32]

THIS, NAIVE, RANDOM = "this", "naive", "random"
"""Names of the mappings that are held against each other."""

MOST_PINS, MOST_TILES = 20_000_000, 2**18
"""Larger networks and chips are described by their cores alone: the rest would take minutes and gigabytes of its own."""


def mapping_tables(
    h: Hypergraph,
    placed: Mapping[str, Words],
    mesh: Mesh,
    of: str,
    chip: ChipSpec | None = None,
    flits: int = 0,
    plain_mesh: bool = True,
) -> tuple[dict[str, Any], dict[str, Columns]]:
    """Describe a placed mapping and hold it against others.

    Args:
        h: the network.
        placed: int32[n] by name, core of each vertex: ``THIS``, and ``NAIVE`` and ``RANDOM`` where the network can be mapped so.
        mesh: the chip.
        of: what the packets are counted over, in words.
        chip: for prices, cast and the limit of router tables; None for a bare mesh, which has multicast tables without limit.
        flits: of one packet.
        plain_mesh: whether packets go x first, then y; elsewhere there are neither links nor tables.

    Returns:
        ``comparison`` (a row per mapping) and ``traffic`` (``of``, ``cast``, ``group``: cores per row of the table), for the summary; and
        the tables ``links``, ``traffic``, ``reach`` and, with multicasts, ``routers``.

    Raises:
        MappingError: a router table of the mapping is larger than the chip allows.
    """
    core, naive = placed[THIS], placed.get(NAIVE)
    traffic, group = traffic_table(h, core, naive, mesh)
    tables = {"traffic": traffic, "reach": reach_table(h, core, naive, mesh.cores)}
    cast = None if chip is None else chip.noc.cast
    if plain_mesh:
        tables["links"] = link_table(h, core, mesh)
        if cast != "unicast":
            entries = table_report(h, core, mesh, None if chip is None else chip.noc.table_entries)
            refuse_large_tables(entries)
            tables["routers"] = router_table(entries, mesh)
    rows = compare_placed(h, placed, mesh, chip, flits, plain_mesh)
    return {"comparison": rows, "traffic": {"of": of, "cast": cast, "group": group}}, tables


def is_countable(pins: int, mesh: Mesh) -> bool:
    """Whether the tables of so many synapses, or pairs of readers and what they read, is worth its time; without any there is none."""
    return 0 < pins <= MOST_PINS and mesh.tiles <= MOST_TILES


def where_it_fits(make: Mapping[str, Any]) -> dict[str, Words]:
    """The mappings that can be made, by name; those that do not fit are left out.

    Args:
        make: by name, what gives int32[n].
    """
    found: dict[str, Words] = {}
    for name, one in make.items():
        try:
            found[name] = one()
        except MappingError:  # what it is held against holds the same limits, and need not fit where a better one does
            continue
    return found
