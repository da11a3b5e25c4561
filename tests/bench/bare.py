"""A loop that does nothing but move packets over links: what the speed of an event engine is measured against.

A timing wheel, x first and then y, one busy-until per link. No records, no digest, one counter, no cores, no order within an instant. The port
is looked up by the signs of what is left to go, for a branch on a random direction would cost as much as the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from time import process_time

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]

WHEEL = 1 << 12
"""Slots; no packet may wait longer."""

NEXT, HERE, TO_X, TO_Y = range(4)
"""Columns of a packet."""

PORT = (1, 1, 1, 3, 4, 2, 0, 0, 0)
"""Port by 3 x (sign of dx + 1) + sign of dy + 1: east 0, west 1, south 2, north 3; 4 means there."""


def uniform_packets(width: int, height: int, packets: int, per_unit: float, seed: int) -> Ints:
    """Packets (time in units, source tile, destination tile), uniform, sources and destinations distinct, sorted by time."""
    draw = np.random.default_rng(seed)
    tiles = width * height
    source = draw.integers(0, tiles, packets)
    target = (source + draw.integers(1, tiles, packets)) % tiles
    return np.stack([np.floor(np.arange(packets) / per_unit).astype(np.int64), source, target], axis=1)


def distances(packets: Ints, width: int) -> Ints:
    """Hops of each packet."""
    a, b = packets[:, 1], packets[:, 2]
    hops: Ints = abs(a % width - b % width) + abs(a // width - b // width)
    return hops


def bare_loop(packets: Ints, width: int, height: int, latency: int = 1, flit: int = 1) -> tuple[int, int, float]:
    """Move packets until all are there.

    Args:
        packets: as of ``uniform_packets``.
        width: of the mesh.
        height: of the mesh.
        latency: units from router to router.
        flit: units for which a packet holds a link.

    Returns:
        Hops, units that passed, processor seconds of the loop alone.
    """
    tile = np.arange(width * height)
    place = np.stack([tile % width, tile // width], axis=1).astype(np.int32)
    port = np.array(PORT, np.int32)
    step = np.array([1, -1, width, -width, 0], np.int32)
    time, source, target = (np.ascontiguousarray(packets[:, column]) for column in range(3))
    run, delay = _compiled(), np.array([latency, flit])

    def loop(time: Ints) -> tuple[int, int]:
        table = np.zeros((len(time) + 2, 4), np.int32)
        table[:, NEXT] = np.arange(1, len(table) + 1)
        wheel, free = np.zeros(WHEEL, np.int32), np.zeros(4 * width * height, np.int64)
        return run(time, source, target, place, port, step, delay, wheel, table, free)

    loop(time[:1])
    begin = process_time()
    hops, units = loop(time)
    return hops, units, process_time() - begin


@cache
def _compiled() -> Callable[..., tuple[int, int]]:
    import numba

    run: Callable[..., tuple[int, int]] = numba.njit(_bare)
    return run


def _bare(
    time: Ints, source: Ints, target: Ints, place: Small, port_of: Small, step: Small, delay: Ints, wheel: Small, packet: Small,
    free: Ints,
) -> tuple[int, int]:  # fmt: skip
    size, latency, flit = len(wheel), delay[0], delay[1]
    hops, cursor, on_the_way, now = 0, 0, 0, 0
    unused = 1  # first of the free rows; row 0 is none
    while cursor < len(time) or on_the_way > 0:
        i = wheel[now & (size - 1)]
        wheel[now & (size - 1)] = 0
        while cursor < len(time) and time[cursor] <= now:
            one = unused
            unused = packet[one, NEXT]
            packet[one, HERE] = source[cursor]
            packet[one, TO_X] = place[target[cursor], 0]
            packet[one, TO_Y] = place[target[cursor], 1]
            packet[one, NEXT] = i
            i = one
            on_the_way += 1
            cursor += 1
        while i != 0:
            follows, here = packet[i, NEXT], packet[i, HERE]
            dx, dy = packet[i, TO_X] - place[here, 0], packet[i, TO_Y] - place[here, 1]
            port = port_of[3 * ((dx > 0) - (dx < 0) + 1) + (dy > 0) - (dy < 0) + 1]
            if port == 4:
                packet[i, NEXT] = unused
                unused = i
                on_the_way -= 1
            else:
                link = here * 4 + port
                busy = free[link]
                start = busy if busy > now else now
                free[link] = start + flit
                packet[i, HERE] = here + step[port]
                due = (start + latency) & (size - 1)
                packet[i, NEXT] = wheel[due]
                wheel[due] = i
                hops += 1
            i = follows
        now += 1
    return hops, now
