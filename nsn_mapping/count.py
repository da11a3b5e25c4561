"""Compiled counts over the nets of a mapping: packets, hops, links of multicast trees, loads of links.

One pass over the pins. A path goes along the row of its source first and then along the column of its target; it is noted in the load of
links by its two ends in each direction, and running sums along rows and columns give the loads afterwards. So a pin costs the same
however far its packets go.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipsim import jit

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]

PACKETS, WITH_OWN, HOPS, TREE_LINKS, EDGE_CUT, TOTALS = range(6)
"""Places in ``totals``, and how many there are."""


@jit.struct
class Placed(NamedTuple):
    """Nets with the cores of their vertices.

    Attributes:
        pin_start, pins, source, weight: as in ``Hypergraph``.
        core: of each vertex.
    """

    pin_start: Ints
    pins: Words
    source: Words
    weight: Ints
    core: Words


@jit.struct
class Scratch(NamedTuple):
    """A mesh, and room for one net.

    Attributes:
        x, y: column and row of each core.
        stamp: a word per core, all -1.
        column_stamp: a word per column, all -1.
        column, south, north: a word per column.
    """

    x: Words
    y: Words
    stamp: Ints
    column_stamp: Ints
    column: Ints
    south: Ints
    north: Ints


@jit.struct
class Loads(NamedTuple):
    """What is counted; zeros before.

    Attributes:
        totals: see ``TOTALS``.
        single: ``4 * tiles`` words, ports EAST, WEST, SOUTH, NORTH one after the other and tiles by rows in each: where paths of unicasts
            begin (+) and end (-).
        tree: the same for the branches of trees.
    """

    totals: Ints
    single: Ints
    tree: Ints


def count_nets(N: Placed, width: int, tiles: int, S: Scratch, L: Loads) -> None:
    """Add up what all nets cost.

    Args:
        N: the nets.
        width: of the mesh.
        tiles: of the mesh.
        S: the mesh and scratch.
        L: written.
    """
    packets, with_own, hops, links, cut = 0, 0, 0, 0, 0
    for net in range(len(N.source)):
        sent = N.weight[net]
        if sent == 0:
            continue
        sender = N.source[net]
        home, home_x, home_y = -1, 0, 0
        if sender >= 0:
            home = N.core[sender]
            home_x, home_y = S.x[home], S.y[home]
        east, west, columns = home_x, home_x, 0
        for pin in range(N.pin_start[net], N.pin_start[net + 1]):
            place = N.core[N.pins[pin]]
            if place != home:
                cut += sent
            if S.stamp[place] == net:
                continue
            S.stamp[place] = net
            with_own += sent
            if place == home:
                continue
            packets += sent
            if home < 0:
                continue
            to_x, to_y = S.x[place], S.y[place]
            hops += sent * (abs(to_x - home_x) + abs(to_y - home_y))
            note_row(L.single, home_x, to_x, home_y, width, tiles, sent)
            note_column(L.single, home_y, to_y, to_x, width, tiles, sent)
            east, west = max(east, to_x), min(west, to_x)
            if S.column_stamp[to_x] != net:
                S.column_stamp[to_x] = net
                S.column[columns] = to_x
                columns += 1
                S.south[to_x], S.north[to_x] = home_y, home_y
            S.south[to_x], S.north[to_x] = max(S.south[to_x], to_y), min(S.north[to_x], to_y)
        links += sent * (east - west)
        note_row(L.tree, home_x, east, home_y, width, tiles, sent)
        note_row(L.tree, home_x, west, home_y, width, tiles, sent)
        for k in range(columns):
            at = S.column[k]
            links += sent * (S.south[at] - S.north[at])
            note_column(L.tree, home_y, S.south[at], at, width, tiles, sent)
            note_column(L.tree, home_y, S.north[at], at, width, tiles, sent)
    L.totals[0], L.totals[1], L.totals[2], L.totals[3], L.totals[4] = packets, with_own, hops, links, cut


def note_row(load: Ints, start: int, end: int, row: int, width: int, tiles: int, sent: int) -> None:
    """Note the ends of a path within a row, in the east or west half of ``load``."""
    if start != end:
        base = row * width if end > start else tiles + row * width
        load[base + start] += sent
        load[base + end] -= sent


def note_column(load: Ints, start: int, end: int, column: int, width: int, tiles: int, sent: int) -> None:
    """Note the ends of a path within a column, in the south or north half of ``load``."""
    if start != end:
        base = 2 * tiles if end > start else 3 * tiles
        load[base + start * width + column] += sent
        load[base + end * width + column] -= sent


def count_axons(pin_start: Ints, pins: Words, core: Words, stamp: Ints, axons: Ints) -> None:
    """Count the nets that have a reader in each core.

    Args:
        pin_start: of a ``Hypergraph``.
        pins: readers.
        core: of each vertex.
        stamp: a word per core, all -1.
        axons: zeros, a word per core; written.
    """
    for net in range(len(pin_start) - 1):
        for pin in range(pin_start[net], pin_start[net + 1]):
            place = core[pins[pin]]
            if stamp[place] != net:
                stamp[place] = net
                axons[place] += 1
