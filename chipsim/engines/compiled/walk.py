"""The entries of routers' tables, and how many links a packet on the way has crossed: what its row counts and a snapshot does not keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from chipsim.machine.message import TREE
from chipsim.machine.state import SEQUENCE_MASK, SOURCE_MASK, SOURCE_SHIFT
from chipsim.noc.routing import next_port, tie_bits
from chipsim.programs.host import Array

if TYPE_CHECKING:
    from chipsim.engines.compiled.machine import Machine


def routes_of(table: Array) -> Array:
    """Entries as rows int64[n, 4]: tile, layer, id, mask."""
    used = table[table["mask"] != 0]
    return np.stack([used["where"] >> 8, used["where"] & 255, used["id"], used["mask"]], axis=1)


def tree_entries(machine: Machine) -> dict[tuple[int, int, int], int]:
    """Masks of the routers' tables by (tile, layer, id), where packets on trees count links."""
    if machine.plan.noc is None:
        return {}
    return {(tile, layer, id_): mask for tile, layer, id_, mask in routes_of(machine.state.table).tolist()}


def links_crossed(machine: Machine, packet: int, tile: int, entries: Mapping[tuple[int, int, int], int]) -> int:
    """Links from the router of a packet's source to one on its way; 0 on a grid, where packets do not count.

    Args:
        machine: with its routes.
        packet: its row.
        tile: the router that it has come to.
        entries: of `tree_entries`.
    """
    noc = machine.plan.noc
    if noc is None:
        return 0
    fabric, tiles, t = noc.fabric, machine.plan.endpoint_tile, machine.state.packets[packet]
    key, dest = int(t["key"]), int(t["dest"])
    source, sequence = key >> SOURCE_SHIFT & SOURCE_MASK, key & SEQUENCE_MASK
    start = int(tiles[source])
    count, level = 0, [start]
    while tile not in level:
        if dest == TREE:
            masks = [entries.get((at, int(t["layer"]), int(t["tree"])), 0) for at in level]
            links = [
                at * fabric.ports + p
                for at, mask in zip(level, masks, strict=True)
                for p in range(fabric.ports)
                if mask >> p & 1
            ]
        else:
            ties = tie_bits(noc.routing.seed, source, sequence)
            port = int(next_port(noc.routing, level[0], int(tiles[dest]), start, ties))
            links = [level[0] * fabric.ports + port] if 0 <= port < fabric.ports else []
        assert links, f"a packet of endpoint {source} came off its way"
        count, level = count + 1, [int(fabric.to[link]) for link in links]
    return count
