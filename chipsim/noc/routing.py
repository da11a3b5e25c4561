"""Routing functions: which outputs a packet may take at a router, and which class of the virtual channels.

A function of tile, destination, tile of the source and *tie bits* (`tie_bits`: a word per packet), never of what the packet met on its way:
every engine asks the same question and gets the same answer, and paths can be followed before a run.

**Ports** of grids: 0 east (x + 1), 1 west, 2 south (y + 1), 3 north, 4 down (z + 1), 5 up. A ring is a torus of height 1. The routers of a
grid stand in ``width`` columns and ``height * depth`` lines, layer under layer: line ``z * height + y``. They are numbered line by line, with
``column`` column by column. Other topologies and up*/down* have a table.

**VC classes.** On a torus each dimension is a ring, and a ring of buffers can fill up and deadlock. ``TORUS`` gives packets whose way in
this dimension wraps other virtual channels than the rest; neither kind goes all the way round. ``DATELINE`` begins in class 0
and goes over to class 1 with the hop over the wrap-around link. The two may share a network: class 1 is never asked for all the way round.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

XY, YX, XYZ, WEST_FIRST, ODD_EVEN, ADAPTIVE, TORUS, DATELINE, TABLE = range(9)
"""Kinds of routing; WEST_FIRST, ODD_EVEN and ADAPTIVE leave a choice, TORUS and DATELINE have two VC classes, TABLE has a row per router."""

EAST, WEST, SOUTH, NORTH, DOWN, UP = range(6)

HERE = 62
"""Instead of a port: the packet is there."""

NO_PATH = -1
"""Instead of a port: the table knows none."""

WHOLE = -1
"""Instead of a VC class: any virtual channel."""

HALF_WORD = 0xFFFFFFFF


class Routing(NamedTuple):
    """What a routing function knows; a bundle for the loader of compiled code.

    ``width``, ``height``, ``depth`` and ``column`` count for grids only; ``table`` is int64[routers * routers] with ``TABLE``, else empty:
    entry ``tile * routers + dest`` is a port, ``HERE`` or ``NO_PATH``. ``seed`` is that of the tie bits.
    """

    kind: int
    width: int
    height: int
    depth: int
    column: int
    ports: int
    routers: int
    seed: int
    table: npt.NDArray[np.int64]


def tie_bits(seed: int, source: int, sequence: int) -> int:
    """Tie bits of a packet, 31 of them: bit d decides dimension d where both ways round are equally long.

    Args:
        seed: of the run, not negative.
        source: number of the sending endpoint.
        sequence: number of the packet among those of the source.
    """
    h = _stir(seed & HALF_WORD, seed >> 32)
    h = _stir(h, source)
    h = _stir(h, sequence)
    return _stir(h, sequence >> 32) >> 1


def _stir(h: int, word: int) -> int:
    """Take a word into a 32-bit hash; factors below 2^31 keep every product within 63 bits."""
    h = (h ^ (word & HALF_WORD)) + 0x1E3779B9 & HALF_WORD
    h = (h ^ h >> 16) * 0x7FEB352D & HALF_WORD
    h = (h ^ h >> 15) * 0x46AC68B5 & HALF_WORD
    return h ^ h >> 16


def next_port(R: Routing, tile: int, dest: int, source: int, ties: int) -> int:
    """Port towards a tile, ``HERE`` when there; where the routing leaves a choice the x-then-y port, which is also the escape.

    Args:
        R: the routing.
        tile: where the packet is.
        dest: tile that it goes to.
        source: tile that it comes from.
        ties: its `tie_bits`, any number where the routing has no use for them.
    """
    if R.kind == TABLE:
        port: int = R.table[tile * R.routers + dest]
        return port
    if tile == dest:
        return HERE
    x, to_x = column_of(R, tile), column_of(R, dest)
    line, to_line = line_of(R, tile), line_of(R, dest)
    if R.kind == TORUS or R.kind == DATELINE:
        from_x, from_line = column_of(R, source), line_of(R, source)
        if x != to_x:
            return EAST if _forward(R.width, to_x, from_x, ties) else WEST
        if line % R.height != to_line % R.height:
            return SOUTH if _forward(R.height, to_line % R.height, from_line % R.height, ties >> 1) else NORTH
        return DOWN if _forward(R.depth, to_line // R.height, from_line // R.height, ties >> 2) else UP
    if x != to_x and (R.kind != YX or line == to_line):
        return EAST if to_x > x else WEST
    y, to_y = line % R.height, to_line % R.height
    if y != to_y:
        return SOUTH if to_y > y else NORTH
    return DOWN if to_line > line else UP


def permitted(R: Routing, tile: int, dest: int, source: int) -> int:
    """Mask of the ports that a routing with a choice allows: all on shortest ways, less the turns that it forbids.

    ``WEST_FIRST`` goes west before anything else. ``ODD_EVEN`` turns from east to south or north in odd columns only, and from south or
    north to west in even ones only. ``ADAPTIVE`` forbids nothing; its escape is `next_port`.
    """
    x, to_x = column_of(R, tile), column_of(R, dest)
    y, to_y = line_of(R, tile), line_of(R, dest)
    along_x = 0 if x == to_x else 1 << EAST if to_x > x else 1 << WEST
    along_y = 0 if y == to_y else 1 << SOUTH if to_y > y else 1 << NORTH
    if along_x == 0 or along_y == 0:
        return along_x | along_y
    if R.kind == WEST_FIRST:
        return along_x if to_x < x else along_x | along_y
    if R.kind == ODD_EVEN:
        if to_x < x:
            return along_x | along_y if x % 2 == 0 else along_x
        ports = 0
        if x % 2 == 1 or x == column_of(R, source):
            ports = along_y
        if to_x % 2 == 1 or to_x - x != 1:  # a last step into an even column could not turn there
            ports |= along_x
        return ports
    return along_x | along_y


def vc_class(R: Routing, tile: int, port: int, dest: int, source: int, ties: int) -> int:
    """Class of the virtual channels behind a port that a packet may take: 0, 1 or ``WHOLE``.

    Args:
        R: the routing.
        tile: where it is.
        port: the way out that it is about to take, which `next_port` gave.
        dest: tile that it goes to; negative for a tree, which keeps to the rule of ``DATELINE``.
        source: tile that it comes from.
        ties: its `tie_bits`.
    """
    if R.kind != TORUS and R.kind != DATELINE:
        return WHOLE
    if port < SOUTH:
        at, start, end, size = column_of(R, tile), column_of(R, source), column_of(R, dest), R.width
    elif port < DOWN:
        at, start, end, size = line_of(R, tile), line_of(R, source), line_of(R, dest), R.height
        at, start, end = at % size, start % size, end % size
    else:
        at, start, end = line_of(R, tile) // R.height, line_of(R, source) // R.height, line_of(R, dest) // R.height
        size = R.depth
    if port % 2 == 0:
        wraps = end < start if R.kind == TORUS and dest >= 0 else at < start or at == size - 1
    else:
        wraps = end > start if R.kind == TORUS and dest >= 0 else at > start or at == 0
    return 1 if wraps else 0


def column_of(R: Routing, tile: int) -> int:
    """Column x of a router of a grid."""
    return tile // (R.height * R.depth) if R.column else tile % R.width


def line_of(R: Routing, tile: int) -> int:
    """Line of a router of a grid, ``z * height + y``."""
    return tile % (R.height * R.depth) if R.column else tile // R.width


def _forward(size: int, end: int, start: int, ties: int) -> bool:
    """Whether the shorter way round a ring counts upwards; a tie bit decides where both are equal."""
    ahead = end - start
    if ahead < 0:
        ahead += size
    if 2 * ahead == size:
        return ties & 1 == 0
    return 2 * ahead < size
