"""A loop that does nothing but move packets over links: what an event engine's speed is measured against.

A timing wheel, x first and then y, one busy-until per link. No records, no digest, no counters but one, no cores, no order within an instant.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

WHEEL = 1 << 12


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


def _bare(
    time: Ints, source: Ints, target: Ints, width: int, height: int, latency: int, flit: int,
    wheel: Ints, after: Ints, where: Ints, to: Ints, free: Ints,
) -> tuple[int, int]:  # fmt: skip
    size = len(wheel)
    hops = 0
    cursor = 0
    packets = len(time)
    unused = np.int64(1)  # first of the free rows; row 0 is none
    on_the_way = 0
    now = np.int64(0)
    while cursor < packets or on_the_way > 0:
        i = wheel[now & (size - 1)]
        wheel[now & (size - 1)] = 0
        while cursor < packets and time[cursor] <= now:
            one = unused
            unused = after[one]
            where[one] = source[cursor]
            to[one] = target[cursor]
            after[one] = i
            i = one
            on_the_way += 1
            cursor += 1
        while i != 0:
            follows = after[i]
            here, there = where[i], to[i]
            if here == there:
                after[i] = unused
                unused = i
                on_the_way -= 1
            else:
                x, y = here % width, here // width
                to_x, to_y = there % width, there // width
                if to_x > x:
                    port, step = 0, 1
                elif to_x < x:
                    port, step = 1, -1
                elif to_y > y:
                    port, step = 2, width
                else:
                    port, step = 3, -width
                link = here * 4 + port
                start = max(now, free[link])
                free[link] = start + flit
                where[i] = here + step
                due = (start + latency) & (size - 1)
                after[i] = wheel[due]
                wheel[due] = i
                hops += 1
            i = follows
        now += 1
    return hops, now


@cache
def _compiled() -> Callable[..., tuple[int, int]]:
    import numba

    return numba.njit(_bare)  # type: ignore[no-any-return]


def bare_loop(packets: Ints, width: int, height: int, latency: int = 1, flit: int = 1) -> tuple[int, int]:
    """Move packets until all are there; (hops, units that passed)."""
    global_room = len(packets) + 2
    after = np.arange(1, global_room + 1)
    time, source, target = (np.ascontiguousarray(packets[:, column]) for column in range(3))
    return _compiled()(  # type: ignore[no-any-return]
        time, source, target, width, height, latency, flit,
        np.zeros(WHEEL, np.int64), after, np.zeros(global_room, np.int64), np.zeros(global_room, np.int64),
        np.zeros(4 * width * height, np.int64),
    )  # fmt: skip
