"""Dimension-order routing on a mesh: first along x, then along y. The union of such paths from one source is a tree.

Tiles are numbered row by row (``tile = y * width + x``) or, with ``column`` not 0, column by column (``tile = x * height + y``).
"""

from __future__ import annotations

LOCAL = -1

LOCAL_BIT = 4
"""Bits 0 to 3 of a mesh's routing entry are ports, bit 4 + i is core i of the tile."""


def xy_port(tile: int, dest: int, width: int, height: int, column: int) -> int:
    """Port (0 east, 1 west, 2 south, 3 north) towards a tile, ``LOCAL`` when there."""
    if column:
        dx = dest // height - tile // height
    else:
        dx = dest % width - tile % width
    if dx > 0:
        return 0
    if dx < 0:
        return 1
    if dest > tile:  # in one column of the mesh, both ways of numbering count southwards
        return 2
    if dest < tile:
        return 3
    return LOCAL


def xy_step(tile: int, port: int, width: int, height: int, column: int) -> int:
    """Tile behind a port."""
    east = height if column else 1
    south = 1 if column else width
    if port == 0:
        return tile + east
    if port == 1:
        return tile - east
    if port == 2:
        return tile + south
    return tile - south


def xy_uses(source: int, dest: int, tile: int, port: int, width: int, height: int, column: int) -> bool:
    """True if the path from source to dest leaves ``tile`` through ``port``."""
    if column:
        x, y = tile // height, tile % height
        sx, sy = source // height, source % height
        dx, dy = dest // height, dest % height
    else:
        x, y = tile % width, tile // width
        sx, sy = source % width, source // width
        dx, dy = dest % width, dest // width
    if port == 0:
        return y == sy and sx <= x < dx
    if port == 1:
        return y == sy and dx < x <= sx
    if port == 2:
        return x == dx and sy <= y < dy
    return x == dx and dy < y <= sy


def previous_tile(source: int, tile: int, width: int, height: int, column: int) -> int:
    """The tile before ``tile`` on the x-then-y path from ``source``, -1 when there is none."""
    if tile == source:
        return -1
    y = tile % height if column else tile // width
    sy = source % height if column else source // width
    if y < sy:  # still on the vertical part
        return xy_step(tile, 2, width, height, column)
    if y > sy:
        return xy_step(tile, 3, width, height, column)
    return xy_step(tile, xy_port(tile, source, width, height, column), width, height, column)
