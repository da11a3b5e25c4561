"""Dimension-order routing on a mesh: first along x, then along y. The union of such paths from one source is a tree."""

from __future__ import annotations

LOCAL = -1


def xy_port(tile: int, dest: int, width: int) -> int:
    """Port (0 east, 1 west, 2 south, 3 north) towards a tile, ``LOCAL`` when there."""
    dx = dest % width - tile % width
    if dx > 0:
        return 0
    if dx < 0:
        return 1
    dy = dest // width - tile // width
    if dy > 0:
        return 2
    if dy < 0:
        return 3
    return LOCAL


def xy_step(tile: int, port: int, width: int) -> int:
    """Tile behind a port."""
    if port == 0:
        return tile + 1
    if port == 1:
        return tile - 1
    if port == 2:
        return tile + width
    return tile - width


def xy_uses(source: int, dest: int, tile: int, port: int, width: int) -> bool:
    """True if the path from source to dest leaves ``tile`` through ``port``."""
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
