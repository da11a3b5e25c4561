"""Slot server: gives out slots of its region, in the order that the mapping laid down.

Policy ``follow``: a layer goes on in the core that it grew on last; when that has no slot left, the next one in the order of growth.
A core that refused a neuron for lack of memory is not asked again; one that refused for lack of axons is still asked for
layer 0, whose neurons need none. A region without slots passes the request on to the next region.
"""

from __future__ import annotations

from chipsim.model.grow import NO_MEMORY
from chipsim.model.messages import ALLOC, F0, F1, F2, F3, F4, LAYER, SLOT, emit
from chipsim.model.state import A_SLOT, Constants, Ints, Row, Server

CLOSED, PATTERNS = 1, 2
"""What a core is closed for: everything, or layers above 0."""


def alloc(K: Constants, v: Server, b: int, msg: Row, out: Ints, act: Ints) -> None:
    """ALLOC: a slot for one more neuron of a layer."""
    layer, refused, asked, root, why = msg[LAYER], msg[F1], msg[F2], msg[F3], msg[F4]
    base = b * K.region_cores
    if refused >= 0:
        for i in range(K.region_cores):
            if v.core[base + i] == refused:
                v.closed[base + i] = CLOSED if why == NO_MEMORY else PATTERNS
    current = b * (K.layers + 2) + layer
    i = max(v.current[current], 0)
    for _ in range(K.region_cores):
        act[A_SLOT] += 1
        shut = v.closed[base + i] == CLOSED or (v.closed[base + i] == PATTERNS and layer > 0)
        if v.core[base + i] >= 0 and not shut and v.next_slot[base + i] < K.slots:
            slot = v.next_slot[base + i]
            v.next_slot[base + i] = slot + 1
            v.current[current] = i
            emit(out, SLOT, root, layer, v.core[base + i] * K.slots + slot)
            return
        i = i + 1 if i + 1 < K.region_cores else 0
    if asked + 1 >= K.regions:
        emit(out, SLOT, root, layer, -1)
        return
    # What was refused stays known to the region that owns the core: later regions are asked with the same fields.
    emit(out, ALLOC, K.cores + (v.number[b] + 1) % K.regions, layer, msg[F0], refused, asked + 1, root, why)
