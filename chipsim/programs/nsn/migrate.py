"""Background migration, as the root of a layer runs it: a core that is full is cut in two, and one half moves to an empty core.

A new neuron that finds the core full for which it is meant goes to an empty core that the slot server names; the full core is to be split
with it (JOB). A core that has room for links only is split likewise, so that its forwarding lists can grow (CROWDED). From then on,
between two segments, at most ``batch`` neurons move: the layers above are stopped (``pause``), the full core chooses once which neurons
leave (``bisect``), and one after the other gets a slot and moves (``depart``); its new address goes to the items that roots above have
buffered, its old slot back to the slot server. Then the layers above go on, and so does this one. A neuron moves only when its core is
full, with half of it, and, unless room is needed for links, only if that keeps enough accesses whole: that is all the hysteresis it needs.

Ids do not change and nothing is presented meanwhile, so what the network decides and stores is the same as without migration.
"""

from __future__ import annotations

from chipsim.ids import neuron_id
from chipsim.machine.actions import A_READ
from chipsim.machine.ints import Ints
from chipsim.machine.message import F2, TRACE, emit
from chipsim.programs.nsn.messages import ALLOC, DEPART, FIRST_NAMED, FREE, MOVED, PAUSE, RESUME, SPLIT, T_MOVED
from chipsim.programs.nsn.pause import between_segments, upwards
from chipsim.programs.nsn.slots import EXACT, SEEKING
from chipsim.programs.nsn.state import (
    ADDRESS,
    COVER,
    HOLD,
    IDLE,
    JOB,
    JOB_FROM,
    JOB_TO,
    LEFT,
    MOVING,
    PAIRS,
    PHASE,
    SCALARS,
    STEP,
    Constants,
    Root,
)

NO_JOB, TO_SPLIT, TO_MOVE, TO_RELIEVE = range(4)
"""``Root.scalar[JOB]``."""

STOPPING, SPLITTING, SLOT_FOR, LEAVING, TELLING, GOING_ON, LOOKING = range(7)
"""``Root.scalar[STEP]``: what is waited for."""


def wait_for(r: Root, b: int, step: int) -> None:
    """The next step."""
    r.scalar[b * SCALARS + STEP] = step


def begin_batch(K: Constants, r: Root, b: int, layer: int, out: Ints) -> None:
    """Between two segments: stop the layers above."""
    s = b * SCALARS
    r.scalar[s + PHASE] = MOVING
    r.scalar[s + LEFT] = K.batch
    wait_for(r, b, STOPPING)
    upwards(K, PAUSE, layer, layer, 0, 0, out)


def settled(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> int:
    """SETTLED: all layers above have it. Returns 1 if the layer goes on with its next segment."""
    s = b * SCALARS
    step = r.scalar[s + STEP]
    if step == STOPPING and r.scalar[s + JOB] == TO_SPLIT:
        wait_for(r, b, SPLITTING)
        named = 0
        base = emit(out, SPLIT, r.scalar[s + JOB_FROM], layer, K.root_core[layer], 0)
        while named < PAIRS and r.named[b * PAIRS + named] >= 0:
            out[base + FIRST_NAMED + named] = r.named[b * PAIRS + named]
            named += 1
        out[base + F2] = named
        act[A_READ] += named
    elif step == STOPPING and r.scalar[s + JOB] == TO_RELIEVE:
        wait_for(r, b, LOOKING)
        server = K.cores + K.root_region[layer]
        emit(out, ALLOC, server, layer, 0, -1, 0, K.root_core[layer], 0, r.scalar[s + JOB_FROM], SEEKING)
    elif step == GOING_ON:
        r.scalar[s + PHASE] = IDLE
        if r.scalar[s + HOLD] == 0:
            return 1
        between_segments(K, r, b, layer, out)
    else:
        next_move(K, r, b, layer, out)
    return 0


def ready(K: Constants, r: Root, b: int, layer: int, count: int, out: Ints) -> None:
    """READY: the core has chosen."""
    r.scalar[b * SCALARS + JOB] = TO_MOVE if count > 0 else NO_JOB
    next_move(K, r, b, layer, out)


def next_move(K: Constants, r: Root, b: int, layer: int, out: Ints) -> None:
    """A slot for the next neuron; when the batch is full, or nobody else leaves, the layers above go on."""
    s = b * SCALARS
    if r.scalar[s + LEFT] == 0 or r.scalar[s + JOB] == NO_JOB:
        wait_for(r, b, GOING_ON)
        upwards(K, RESUME, layer, layer, 0, 0, out)
        return
    r.scalar[s + LEFT] -= 1
    wait_for(r, b, SLOT_FOR)
    server = K.cores + K.root_region[layer]
    emit(out, ALLOC, server, layer, r.scalar[s + COVER], -1, 0, K.root_core[layer], 0, r.scalar[s + JOB_TO], EXACT)


def crowded(r: Root, b: int, core: int) -> None:
    """CROWDED: a core of the layer has room for few links more; between two segments it is split, if no other is."""
    s = b * SCALARS
    if r.scalar[s + JOB] == NO_JOB:
        r.scalar[s + JOB] = TO_RELIEVE
        r.scalar[s + JOB_FROM] = core


def slot_for(K: Constants, r: Root, b: int, layer: int, address: int, out: Ints) -> None:
    """SLOT: the next neuron leaves; without a slot the rest stays. For a crowded core it says which core takes half, and is given back."""
    s = b * SCALARS
    if r.scalar[s + STEP] == LOOKING:
        if address >= 0:
            free(K, layer, address, 0, out)
        if address >= 0 and address // K.slots != r.scalar[s + JOB_FROM]:
            r.scalar[s + JOB_TO] = address // K.slots
            wait_for(r, b, SPLITTING)
            emit(out, SPLIT, r.scalar[s + JOB_FROM], layer, K.root_core[layer], 1)
        else:
            r.scalar[s + JOB] = NO_JOB
            next_move(K, r, b, layer, out)
        return
    if address < 0:
        r.scalar[s + JOB] = NO_JOB
        next_move(K, r, b, layer, out)
        return
    wait_for(r, b, LEAVING)
    r.scalar[s + ADDRESS] = address
    emit(out, DEPART, r.scalar[s + JOB_FROM], layer, address, K.root_core[layer])


def departed(K: Constants, r: Root, b: int, layer: int, ordinal: int, slot: int, done: int, out: Ints) -> None:
    """DEPARTED: free its old slot and tell the layers above; if it could not move, free the new one and let the rest stay."""
    s = b * SCALARS
    address = r.scalar[s + ADDRESS]
    if not done:
        r.scalar[s + JOB] = NO_JOB
        free(K, layer, address, 0, out)
        next_move(K, r, b, layer, out)
        return
    emit(out, T_MOVED, TRACE, layer, ordinal, address)
    free(K, layer, r.scalar[s + JOB_FROM] * K.slots + slot, 1, out)
    wait_for(r, b, TELLING)
    upwards(K, MOVED, layer, layer, neuron_id(layer, ordinal), address, out)


def free(K: Constants, layer: int, address: int, room: int, out: Ints) -> None:
    """Give a slot back; ``room``: 1 if the core has room again."""
    emit(out, FREE, K.cores + K.root_region[layer], layer, address, 0, room)
