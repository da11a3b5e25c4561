"""Laying a multicast tree: the ways from one router to many, joined so that no router is reached twice."""

from __future__ import annotations

from chipsim.machine.ints import Ints
from chipsim.noc.routing import Routing, next_port


def lay_trees(  # noqa: PLR0913  a kernel: one parameter is one array
    R: Routing, to: Ints, concentration: int, tree: Ints, home: Ints, core: Ints,
    place: Ints, path: Ints, port_of: Ints, out_tree: Ints, out_tile: Ints, out_mask: Ints,
) -> int:  # fmt: skip
    """Lay trees; a way to a further core leaves the tree at the last of its routers that is on the tree already.

    Ways of a routing by dimensions never meet again once they have parted; ways of a table can, and a packet that came to a router twice
    would be copied twice from there on.

    Args:
        R: the routing; where both ways round are equally long, upwards.
        to: int64[links], router behind each link.
        concentration: cores per tile.
        tree: int64[n], number of the tree, ascending.
        home: int64[n], core where it begins.
        core: int64[n], a core that it reaches.
        place: int64[routers], zeros, to work in.
        path: int64[routers + 1], to work in.
        port_of: int64[routers + 1], to work in.
        out_tree: trees of the entries, as many as all ways have routers.
        out_tile: their tiles.
        out_mask: their bits: ports, then cores of the tile.

    Returns:
        Number of entries; -1 - r if no way leads to the core of row r.
    """
    count, begin = 0, 0
    for r in range(len(tree)):
        source, dest = home[r] // concentration, core[r] // concentration
        if r == 0 or tree[r] != tree[r - 1]:
            begin = count
            count = _enter(place, out_tree, out_tile, out_mask, tree[r], source, count)
        length, joined, tile = 0, 0, source
        path[0] = source
        while tile != dest:
            port = next_port(R, tile, dest, source, 0)
            if port < 0 or port >= R.ports or length == R.routers:
                return -1 - r
            port_of[length] = port
            length += 1
            tile = to[tile * R.ports + port]
            path[length] = tile
            if place[tile] > begin:
                joined = length
        for s in range(joined, length):
            out_mask[place[path[s]] - 1] |= 1 << port_of[s]
            count = _enter(place, out_tree, out_tile, out_mask, tree[r], path[s + 1], count)
        out_mask[place[dest] - 1] |= 1 << (R.ports + core[r] % concentration)
    return count


def _enter(place: Ints, out_tree: Ints, out_tile: Ints, out_mask: Ints, tree: int, tile: int, count: int) -> int:
    """A router comes onto the tree; ``place`` has the number of its entry + 1."""
    out_tree[count], out_tile[count], out_mask[count] = tree, tile, 0
    place[tile] = count + 1
    return count + 1
