"""Parts in the order of the Fiedler vector, along a Hilbert curve: a start that needs no search.

The Fiedler vector, the eigenvector of the second smallest eigenvalue of the Laplacian of the packets, lays parts out on a line so that those
that talk much are close (Hall 1970; Fiedler 1973). It is found here by power iteration on the normalised adjacency matrix, from a fixed start
and with a fixed number of steps, in one fixed order of additions: the same on any machine and with any number of threads. Where parts fall into
groups that do not talk, each group is ordered by itself.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipsim import jit
from nsn_mapping.place.blocks import Blocks
from nsn_mapping.place.curve import hilbert_points
from nsn_mapping.place.sites import Sites

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]

STEPS = 150
"""Steps of the power iteration; the shifted matrix has no negative eigenvalues, so that the second largest one wins."""


def along_curve(sites: Sites) -> Words:
    """int32[sites], sites in the order of a Hilbert curve through all tiles of the chip."""
    width, height = len(sites.along_x), len(sites.along_y)
    points = hilbert_points(width, height)
    rank = np.zeros(width * height, np.int64)
    rank[points[:, 0].astype(np.int64) * height + points[:, 1]] = np.arange(width * height)
    return np.argsort(rank[sites.x.astype(np.int64) * height + sites.y], kind="stable").astype(np.int32)


def fiedler_order(blocks: Blocks) -> Words:
    """int32[parts], parts along the Fiedler vector, connected group after group, those that talk to nobody last."""
    parts = len(blocks)
    group, value = np.full(parts, -1, np.int32), np.zeros(parts)
    kernels = jit.load(__name__, entries=("find_groups", "iterate"))
    kernels.find_groups(blocks.start, blocks.other, group, np.zeros(parts, np.int32))
    degree = np.zeros(parts)
    np.add.at(degree, np.repeat(np.arange(parts), np.diff(blocks.start)), blocks.packets.astype(np.float64))
    groups = int(group.max(initial=-1)) + 1
    # a fixed start without a pattern: the fractional parts of multiples of the golden ratio
    value[:] = (np.arange(1, parts + 1) * 0.6180339887498949) % 1.0 - 0.5
    scratch = Scratch(np.zeros(parts), np.zeros(groups), np.zeros(groups), np.zeros(groups))
    kernels.iterate(Adjacency(blocks.start, blocks.other, blocks.packets, degree, group), value, scratch, STEPS)
    alone = np.diff(blocks.start) == 0
    return np.lexsort((np.arange(parts), value, group, alone)).astype(np.int32)


def place_along(blocks: Blocks, sites: Sites) -> Words:
    """int32[parts], site of each part, the first sites of the curve in Fiedler order."""
    site = np.zeros(len(blocks), np.int32)
    site[fiedler_order(blocks)] = along_curve(sites)[: len(blocks)]
    return site


def find_groups(start: Ints, other: Words, group: Words, queue: Words) -> int:
    """Number the connected groups in the order of their first parts; returns how many. ``group`` is -1 before, ``queue`` scratch."""
    groups = 0
    for first in range(len(group)):
        if group[first] >= 0:
            continue
        group[first] = groups
        queue[0] = first
        head, tail = 0, 1
        while head < tail:
            v = queue[head]
            head += 1
            for i in range(start[v], start[v + 1]):
                u = other[i]
                if group[u] < 0:
                    group[u] = groups
                    queue[tail] = u
                    tail += 1
        groups += 1
    return groups


@jit.struct
class Adjacency(NamedTuple):
    """Who exchanges how much with whom.

    Attributes:
        start, other, packets: as in ``Blocks``.
        degree: float64[parts], packets of each part.
        group: int32[parts], connected group of each part.
    """

    start: Ints
    other: Words
    packets: Ints
    degree: Floats
    group: Words


@jit.struct
class Scratch(NamedTuple):
    """Room for one step: ``next_value`` float64[parts], and ``mass``, ``mean`` and ``length`` float64[groups]."""

    next_value: Floats
    mass: Floats
    mean: Floats
    length: Floats


def iterate(A: Adjacency, value: Floats, S: Scratch, steps: int) -> None:
    """Power iteration with (1 + D^-1 A) / 2 on all groups at once, each kept free of its constant part and of unit length.

    Args:
        A: the graph.
        value: float64[parts], the start; written, the vector.
        S: scratch.
        steps: how many.
    """
    parts = len(value)
    for g in range(len(S.mass)):
        S.mass[g] = 0.0
    for v in range(parts):
        S.mass[A.group[v]] += A.degree[v]
    for _ in range(steps):
        for g in range(len(S.mass)):
            S.mean[g] = 0.0
            S.length[g] = 0.0
        for v in range(parts):
            S.mean[A.group[v]] += A.degree[v] * value[v]
        for v in range(parts):
            g = A.group[v]
            if S.mass[g] > 0.0:
                value[v] -= S.mean[g] / S.mass[g]
            S.length[g] += A.degree[v] * value[v] * value[v]
        for v in range(parts):
            g = A.group[v]
            if S.length[g] > 0.0:
                value[v] /= math.sqrt(S.length[g])
        for v in range(parts):
            total = 0.0
            for i in range(A.start[v], A.start[v + 1]):
                total += A.packets[i] * value[A.other[i]]
            S.next_value[v] = 0.5 * value[v] + 0.5 * total / A.degree[v] if A.degree[v] > 0.0 else 0.0
        for v in range(parts):
            value[v] = S.next_value[v]
