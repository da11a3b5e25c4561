"""A binary heap of vertices by gain whose keys can change, for local search."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipsim import jit
from nsn_mapping.partition.pins import Ints, Words


@jit.struct
class Heap(NamedTuple):
    """Vertices, the one with the largest key first.

    Attributes:
        vertex: int32[n], the heap.
        key: int64[n], by vertex.
        at: int32[n], by vertex: place in the heap + 1, 0 for not there.
        size: int64[1].
    """

    vertex: Words
    key: Ints
    at: Words
    size: Ints


def new_heap(vertices: int) -> Heap:
    """Empty, with room for so many vertices."""
    return Heap(np.zeros(vertices, np.int32), np.zeros(vertices, np.int64), np.zeros(vertices, np.int32), np.zeros(1, np.int64))


def push(H: Heap, v: int, key: int) -> None:
    """Put a vertex in that is not there."""
    H.key[v] = key
    H.size[0] += 1
    rise(H, v, H.size[0] - 1)


def drop(H: Heap, v: int) -> None:
    """Take a vertex out that is there."""
    i = H.at[v] - 1
    H.at[v] = 0
    H.size[0] -= 1
    if i == H.size[0]:
        return
    last = H.vertex[H.size[0]]
    if i > 0 and H.key[H.vertex[(i - 1) // 2]] < H.key[last]:
        rise(H, last, i)
    else:
        sink(H, last, i)


def change(H: Heap, v: int, key: int) -> None:
    """Give a vertex that is there another key."""
    before = H.key[v]
    H.key[v] = key
    if key > before:
        rise(H, v, H.at[v] - 1)
    elif key < before:
        sink(H, v, H.at[v] - 1)


def rise(H: Heap, v: int, i: int) -> None:
    """Settle a vertex at place i or above."""
    key = H.key[v]
    while i > 0:
        up = (i - 1) // 2
        if H.key[H.vertex[up]] >= key:
            break
        H.vertex[i] = H.vertex[up]
        H.at[H.vertex[i]] = i + 1
        i = up
    H.vertex[i] = v
    H.at[v] = i + 1


def sink(H: Heap, v: int, i: int) -> None:
    """Settle a vertex at place i or below."""
    key = H.key[v]
    size = H.size[0]
    while 2 * i + 1 < size:
        down = 2 * i + 1
        if down + 1 < size and H.key[H.vertex[down + 1]] > H.key[H.vertex[down]]:
            down += 1
        if H.key[H.vertex[down]] <= key:
            break
        H.vertex[i] = H.vertex[down]
        H.at[H.vertex[i]] = i + 1
        i = down
    H.vertex[i] = v
    H.at[v] = i + 1
