"""Streaming partition: vertices come one after the other and each goes to the part where it saves most and fits.

What a vertex saves in a part is the weight of the nets that are there already (its share of lambda - 1). That is multiplied by the room left in
the part: linear deterministic greedy (Stanton and Kliot 2012) with the gain of hypergraphs, as FREIGHT has it (Eyubov, Faraj and Schulz
2023). A vertex that nothing ties to a part with room goes to the part that is being filled. Later passes take the vertices in the same order
again and let each go where it saves most now (restreaming; Nishimura and Ugander 2013). Time is linear in the pins x parts that a net touches.
"""

from __future__ import annotations

import numpy as np

from chipsim import jit
from chipsim.errors import MappingError
from nsn_mapping.hypergraph import Caps, Hypergraph
from nsn_mapping.partition.insertion import Stay, can_hold, gather, new_stay, put
from nsn_mapping.partition.order import ORDERS
from nsn_mapping.partition.pins import Nets, Parts, Words, as_nets, empty_parts

RESOURCES = ("neurons", "axons", "memory bits", "forwarding entries")
_ROUNDS = 4
"""Each leaves every vertex the room that its forwarding lists took in the rounds before; see ``insertion``."""


def stream(h: Hypergraph, caps: Caps, parts: int, seed: int, passes: int = 1, order: str = "bfs") -> Words:
    """Partition in one pass or a few.

    Args:
        h: the nets.
        caps: what a part may hold.
        parts: how many there are; some may stay empty.
        seed: of the order ``random``; the others do not depend on it.
        passes: 1 for one pass, which fills parts up; with more, the first leaves all parts the same room, in which every further one
            (a restreaming) moves.
        order: a key of ``ORDERS``.

    Returns:
        int32[n], parts 0..parts - 1, all within the caps.

    Raises:
        MappingError: a vertex found no part that can hold it.
    """
    n = len(h)
    if n > parts * caps.neurons:
        raise MappingError(
            f"mapping: {n} neurons on {parts} cores of {caps.neurons} neurons; allowed: {parts * caps.neurons}; use more cores"
        )
    nets, sequence = as_nets(h, caps), ORDERS[order](h, seed)
    even = caps.neurons if passes == 1 else max(1, -(-n // parts))
    kernels, refine = jit.load(__name__, entries=("assign",)), jit.load("nsn_mapping.partition.refine", entries=("propagate",))
    expected, lost = np.zeros(n, np.int64), -1
    for turn in range(_ROUNDS):
        state, stay = empty_parts(nets, caps, parts), new_stay(parts, expected, strict=turn > 0)
        state.part[:] = -1
        lost = int(kernels.assign(nets, state, stay, sequence, even))
        if lost < 0 and max(state.entries.max() - caps.entries, state.bits.max() - caps.bits) <= 0:
            break
        expected = np.maximum(expected, stay.reached)
    if lost >= 0:
        raise MappingError(_message(nets, state, stay, lost))
    for _ in range(passes - 1):
        if refine.propagate(nets, state, sequence) == 0:
            break
    return state.part


def assign(N: Nets, S: Parts, T: Stay, order: Words, even: int) -> int:
    """One pass over vertices none of which is anywhere.

    Args:
        N: the nets.
        S: an empty partition, every ``part`` -1; filled.
        T: what vertices are expected to take later; changed.
        order: every vertex once.
        even: neurons up to which parts are filled before the limit itself counts.

    Returns:
        -1, or the first vertex that fits nowhere.
    """
    parts = len(S.held)
    opened, tried = 0, 0
    for i in range(len(order)):
        v = order[i]
        near = gather(N, S, v)
        target, best = -1, 0
        for j in range(near):
            p = S.near[j]
            score = S.pull[p] * (even - S.held[p])
            if score > best and can_hold(N, S, T, v, p):
                target, best = p, score
        if target < 0:
            while opened < parts and (S.held[opened] >= even or (S.held[opened] > 0 and not can_hold(N, S, T, v, opened))):
                opened += 1
            if opened < parts and can_hold(N, S, T, v, opened):
                target = opened
        if (
            target < 0
        ):  # all parts have been opened; from where the last search ended, so that full ones are not asked each time
            left = parts
            while left > 0 and not can_hold(N, S, T, v, tried):
                tried = (tried + 1) % parts
                left -= 1
            if left == 0:
                return v
            target = tried
        put(N, S, T, v, target)
    return -1


def _message(nets: Nets, state: Parts, stay: Stay, lost: int) -> str:
    """Which vertex fits nowhere, and what it would need in the part that comes nearest."""
    kernels = jit.load("nsn_mapping.partition.insertion", entries=("weigh",))
    best, text = np.inf, ""
    for part in range(len(state.held)):
        kernels.weigh(nets, state, stay, lost, part)
        used = state.held[part], state.axons[part], state.bits[part], state.entries[part]
        shares = [
            (int(u + more) / max(1, int(cap)), i)
            for i, (u, more, cap) in enumerate(zip(used, stay.take, state.limits, strict=False))
        ]
        share, i = max(shares)
        if share < best:
            best = share
            text = f"core {part} holds {int(used[i])} {RESOURCES[i]} and would need {int(stay.take[i])} more; allowed: {int(state.limits[i])}"
    return f"mapping: no core has room for neuron {lost}: {text}; use more cores or larger ones, or another method"
