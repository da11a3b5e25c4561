"""METIS on the graph of synapses, then as few moves as the limits ask for: the mapper that others are held against.

METIS (Karypis and Kumar, 1998) keeps parts about equal, not below a cap; neurons above one go where that costs least packets. Nothing is
improved beyond that.
"""

from __future__ import annotations

import numpy as np

from chipsim import jit
from chipsim.errors import MappingError
from nsn_mapping.hypergraph import Caps, Hypergraph
from nsn_mapping.partition.initial import metis
from nsn_mapping.partition.pins import (
    AXONS,
    BITS,
    ENTRIES,
    NEURONS,
    PARTS,
    Ints,
    Nets,
    Parts,
    Words,
    as_nets,
    best_move,
    count,
    empty_parts,
    fits,
    move,
)

_ROUNDS = 20


def partition(h: Hypergraph, caps: Caps, parts: int, seed: int) -> Words:
    """Cut a network by METIS recursive bisection and bring every part within the limits.

    Args:
        h: the network.
        caps: what a part can hold.
        parts: how many; all may be used.
        seed: of METIS; the same seed gives the same parts.

    Returns:
        int32[n], 0..parts-1.

    Raises:
        MappingError: pymetis is not installed, or no way was found to hold the limits.
    """
    nets, state = as_nets(h, caps), empty_parts(as_nets(h, caps), caps, parts)
    kernels = jit.load(__name__, entries=("losses", "relieve"))
    label = metis(nets, parts, seed)
    key = np.zeros(len(h), np.int64)
    for _ in range(_ROUNDS):
        worst = int(kernels.losses(nets, state, label, key))
        moved = kernels.relieve(nets, state, np.argsort(key, kind="stable").astype(np.int32))
        if worst < 0:
            return label
        if not moved:
            break
        label = state.part.copy()
    used = state.held[worst], state.axons[worst], state.bits[worst], state.entries[worst]
    allowed = caps.neurons, caps.axons, caps.bits, caps.entries
    told = ("neurons", "axons", "memory bits", "forwarding entries")
    over = next(k for k in range(4) if used[k] > allowed[k])
    raise MappingError(
        f"core {worst}: {told[over]}: {used[over]} used, {allowed[over]} allowed, after METIS and moving what is above the limits;"
        " use --method default, more cores (--mesh), or higher limits"
    )


def losses(N: Nets, S: Parts, label: Words, key: Ints) -> int:
    """Take a partition over and find what it costs to move each neuron of a part that is over a limit.

    Args:
        N: the nets.
        S: the partition; written.
        label: the parts.
        key: written: loss of packets, 2^60 where the part is within its limits, a little less where there is no move.

    Returns:
        The first part that is over a limit, -1 for none.
    """
    count(N, S, label)
    worst = -1
    for p in range(S.limits[PARTS] - 1, -1, -1):
        if is_over(S, p):
            worst = p
    for v in range(len(label)):
        key[v] = 1 << 60
        if worst >= 0 and is_over(S, label[v]):
            key[v] = -S.found[0] if best_move(N, S, v) else 1 << 59
    return worst


def relieve(N: Nets, S: Parts, order: Words) -> int:
    """Move neurons, in an order, out of parts that are over a limit; returns how many were moved."""
    moved = 0
    for i in range(len(order)):
        v = order[i]
        if is_over(S, S.part[v]):
            to = S.found[1] if best_move(N, S, v) else emptiest(N, S, v)
            if to >= 0:
                move(N, S, v, to)
                moved += 1
    return moved


def is_over(S: Parts, p: int) -> bool:
    """Whether a part is over a limit."""
    if S.held[p] > S.limits[NEURONS] or S.axons[p] > S.limits[AXONS]:
        return True
    return S.bits[p] > S.limits[BITS] or S.entries[p] > S.limits[ENTRIES]


def emptiest(N: Nets, S: Parts, v: int) -> int:
    """The part with fewest neurons that a neuron fits into, -1 for none."""
    best = -1
    for p in range(S.limits[PARTS]):
        if p != S.part[v] and (best < 0 or S.held[p] < S.held[best]) and fits(N, S, v, p):
            best = p
    return best
