"""How many links a packet on the way has crossed, followed from its source: what a token counts and a snapshot does not keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chipsim.engines.compiled.routes import find_entry
from chipsim.machine.message import F0, LAYER, TREE
from chipsim.noc.routing import next_port, tie_coin

if TYPE_CHECKING:
    from chipsim.engines.compiled.machine import Machine


def links_crossed(machine: Machine, message: list[int], dest: int, source: int, sequence: int, tile: int) -> int:
    """Links from the router of a packet's source to one on its way; 0 on a grid, whose tokens do not count.

    Args:
        machine: with its routes.
        message: of the packet.
        dest: endpoint that it goes to, or ``TREE``.
        source, sequence: who sent it, and its number there.
        tile: the router that it has come to.
    """
    noc = machine.plan.noc
    if noc is None:
        return 0
    fabric, tiles = noc.fabric, machine.plan.endpoint_tile
    start = int(tiles[source])
    count, level = 0, [start]
    while tile not in level:
        if dest == TREE:
            masks = [int(machine.table[find_entry(machine.table, t, message[LAYER], message[F0]), 2]) for t in level]
            links = [
                t * fabric.ports + p for t, mask in zip(level, masks, strict=True) for p in range(fabric.ports) if mask >> p & 1
            ]
        else:
            coin = tie_coin(noc.routing.seed, source, sequence)
            port = int(next_port(noc.routing, level[0], int(tiles[dest]), start, coin))
            links = [level[0] * fabric.ports + port] if 0 <= port < fabric.ports else []
        assert links, f"a packet of endpoint {source} came off its way"
        count, level = count + 1, [int(fabric.to[link]) for link in links]
    return count
