"""Slot server: gives out slots of its region and takes back those that become free.

Policies of where a new neuron goes:

* ``follow``: a layer goes on in the core that it grew on last; when that has no slot left, the next one in the order of growth.
* ``load``: the core of the region with the fewest neurons, the first of equals in the order of growth.
* ``locality``: the core of the region nearest to the middle of the neurons that the new one names, the emptiest of equals.
* ``axons``: the core with the best placement score (``match``): it has the most accesses to what the new neuron names. Without one, as if
  its layer had a core of its own: ``follow`` from there, but an empty core before one with other neurons.

A core that refused a neuron for lack of memory is not asked again; one that refused for lack of axons is still asked for layer 0, whose
neurons need none; a slot that becomes free there opens it again. A region without slots passes the request on to the next region. Where
neurons move, a core that is wanted but full is named to the root with a slot of the nearest empty core: it is to be split (``migrate``).
"""

from __future__ import annotations

from chipsim.machine.actions import A_SLOT
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, F3, F4, F5, F6, KIND, LAYER, emit
from chipsim.programs.nsn.grow import NO_MEMORY
from chipsim.programs.nsn.messages import ALLOC, FIND_KEEPER, FREE, SLOT
from chipsim.programs.nsn.record import find_keeper
from chipsim.programs.nsn.state import AXONS, FOLLOW, LOAD, LOCALITY, Constants, Server

CLOSED, PATTERNS = 1, 2
"""What a core is closed for: everything, or layers above 0."""

ANY, SPLITTING, EXACT, SEEKING = range(4)
"""How a slot is asked for: on any core; likewise, and a core may be split; on the wanted core and nowhere else; on an empty core, for the
wanted one is to be split."""


def server_message(K: Constants, v: Server, b: int, msg: Row, out: Ints, act: Ints) -> None:
    """Handle one message at a slot server."""
    if msg[KIND] == FIND_KEEPER:
        find_keeper(K, v, b, msg, out, act)
    elif msg[KIND] == FREE:
        freed(K, v, b, msg, out, act)
    elif K.policy == FOLLOW and not K.batch:
        alloc(K, v, b, msg, out, act)
    else:
        choose(K, v, b, msg, out, act)


def size_of(K: Constants, v: Server, b: int) -> int:
    """Cores of the region: one at the edge of the chip may have fewer than others."""
    size = K.region_cores
    while size > 0 and v.core[b * K.region_cores + size - 1] < 0:
        size -= 1
    return size


def is_open(K: Constants, v: Server, b: int, i: int, layer: int) -> bool:
    """Has the i-th core of the region a slot for a neuron of a layer?"""
    at = b * K.region_cores + i
    shut = v.closed[at] == CLOSED or (v.closed[at] == PATTERNS and layer > 0)
    return not shut and (v.next_slot[at] < K.slots or v.free_first[at] >= 0)


def take(K: Constants, v: Server, b: int, i: int) -> int:
    """A slot of the i-th core: the one that became free last, else the first never given."""
    at = b * K.region_cores + i
    slot = v.free_first[at]
    if slot >= 0:
        v.free_first[at] = v.free_next[at * K.slots + slot]
    else:
        slot = v.next_slot[at]
        v.next_slot[at] = slot + 1
    v.held[at] += 1
    return v.core[at] * K.slots + slot


def place_of(K: Constants, v: Server, b: int, core: int) -> int:
    """Place of a core in the region's order of growth, or -1."""
    for i in range(K.region_cores):
        if v.core[b * K.region_cores + i] == core:
            return i
    return -1


def close(K: Constants, v: Server, b: int, core: int, why: int) -> None:
    """A core refused a neuron."""
    i = place_of(K, v, b, core) if core >= 0 else -1
    if i >= 0:
        v.closed[b * K.region_cores + i] = CLOSED if why == NO_MEMORY else PATTERNS


def freed(K: Constants, v: Server, b: int, msg: Row, out: Ints, act: Ints) -> None:
    """FREE: a slot may be given again."""
    core, slot = msg[F0] // K.slots, msg[F0] % K.slots
    i = place_of(K, v, b, core)
    act[A_SLOT] += 1
    if i < 0:
        if msg[F1] + 1 < K.regions:
            emit(out, FREE, K.cores + (v.number[b] + 1) % K.regions, msg[LAYER], msg[F0], msg[F1] + 1, msg[F2])
        return
    at = b * K.region_cores + i
    v.free_next[at * K.slots + slot] = v.free_first[at]
    v.free_first[at] = slot
    v.held[at] -= 1
    if msg[F2]:
        v.closed[at] = 0


def follow(K: Constants, v: Server, b: int, layer: int, act: Ints) -> int:
    """Place of the first core with a slot, from the one that the layer grew on last; -1: none."""
    i, size = max(v.current[b * K.numbers + layer], 0), size_of(K, v, b)
    for _ in range(size):
        act[A_SLOT] += 1
        if is_open(K, v, b, i, layer):
            return i
        i = i + 1 if i + 1 < size else 0
    return -1


def alloc(K: Constants, v: Server, b: int, msg: Row, out: Ints, act: Ints) -> None:
    """ALLOC where new neurons follow."""
    layer, refused, asked, root, why = msg[LAYER], msg[F1], msg[F2], msg[F3], msg[F4]
    close(K, v, b, refused, why)
    i = follow(K, v, b, layer, act)
    if i >= 0:
        v.current[b * K.numbers + layer] = i
        emit(out, SLOT, root, layer, take(K, v, b, i), -1)
    elif asked + 1 >= K.regions:
        emit(out, SLOT, root, layer, -1, -1)
    else:
        # What was refused stays known to the region that owns the core: later regions are asked with the same fields.
        emit(out, ALLOC, K.cores + (v.number[b] + 1) % K.regions, layer, msg[F0], refused, asked + 1, root, why, -1, ANY)


def choose(K: Constants, v: Server, b: int, msg: Row, out: Ints, act: Ints) -> None:
    """ALLOC under the other policies, or where neurons move."""
    layer, refused, asked, root, wanted, how = msg[LAYER], msg[F1], msg[F2], msg[F3], msg[F5], msg[F6]
    close(K, v, b, refused, msg[F4])
    i, full = -1, -1
    if how == SEEKING:
        full = wanted
    elif wanted >= 0 and (K.policy == AXONS or how == EXACT):
        i = place_of(K, v, b, wanted)
        act[A_SLOT] += 1
        if i < 0 and asked + 1 < K.regions:  # another region's core
            hand_on(K, v, b, msg, asked + 1, wanted, how, out)
            return
        asked = 0
        if i >= 0 and is_open(K, v, b, i, layer):
            emit(out, SLOT, root, layer, take(K, v, b, i), -1)
            return
        if how == EXACT:
            emit(out, SLOT, root, layer, -1, -1)
            return
        full = wanted if how == SPLITTING else -1
    elif how == SPLITTING:
        full = refused
    i = empty(K, v, b, full, act) if full >= 0 else -1
    opened = full if i >= 0 else -1
    if full >= 0 and i < 0 and asked + 1 < K.regions:
        hand_on(K, v, b, msg, asked + 1, full, SEEKING, out)
        return
    if full >= 0:
        asked = 0
    if i < 0 and K.policy == LOAD:
        i = emptiest(K, v, b, layer, act)
    elif i < 0 and K.policy == LOCALITY:
        i = nearest(K, v, b, layer, wanted, act)
    elif i < 0 and K.policy == AXONS:
        i = own(K, v, b, layer, act)
    if i < 0:
        i = follow(K, v, b, layer, act)
    if i >= 0:
        v.current[b * K.numbers + layer] = i
        emit(out, SLOT, root, layer, take(K, v, b, i), opened)
    elif asked + 1 >= K.regions:
        emit(out, SLOT, root, layer, -1, -1)
    else:
        hand_on(K, v, b, msg, asked + 1, wanted if K.policy == LOCALITY else -1, ANY, out)


def hand_on(K: Constants, v: Server, b: int, msg: Row, asked: int, wanted: int, how: int, out: Ints) -> None:
    """Ask the next region."""
    server = K.cores + (v.number[b] + 1) % K.regions
    emit(out, ALLOC, server, msg[LAYER], msg[F0], msg[F1], asked, msg[F3], msg[F4], wanted, how)


def emptiest(K: Constants, v: Server, b: int, layer: int, act: Ints) -> int:
    """The core with the fewest neurons."""
    best, base = -1, b * K.region_cores
    for i in range(size_of(K, v, b)):
        act[A_SLOT] += 1
        if is_open(K, v, b, i, layer) and (best < 0 or v.held[base + i] < v.held[base + best]):
            best = i
    return best


def nearest(K: Constants, v: Server, b: int, layer: int, core: int, act: Ints) -> int:
    """The core nearest to another, the emptiest of equals."""
    best, base = -1, b * K.region_cores
    for i in range(size_of(K, v, b)):
        act[A_SLOT] += 1
        if not is_open(K, v, b, i, layer):
            continue
        if best < 0:
            best = i
            continue
        more = distance(K, v.core[base + i], core) - distance(K, v.core[base + best], core)
        if more < 0 or (more == 0 and v.held[base + i] < v.held[base + best]):
            best = i
    return best


def empty(K: Constants, v: Server, b: int, core: int, act: Ints) -> int:
    """The core without neurons that is nearest to another; -1: none."""
    best, base = -1, b * K.region_cores
    for i in range(size_of(K, v, b)):
        act[A_SLOT] += 1
        if v.held[base + i] > 0 or v.closed[base + i]:
            continue
        if best < 0 or distance(K, v.core[base + i], core) < distance(K, v.core[base + best], core):
            best = i
    return best


def own(K: Constants, v: Server, b: int, layer: int, act: Ints) -> int:
    """The core that the layer grew on last, else an empty one, the first in the order of growth; -1: neither."""
    current = v.current[b * K.numbers + layer]
    act[A_SLOT] += 1
    if current >= 0 and is_open(K, v, b, current, layer):
        return current
    for i in range(size_of(K, v, b)):
        act[A_SLOT] += 1
        if v.held[b * K.region_cores + i] == 0 and is_open(K, v, b, i, layer):
            return i
    return -1


def distance(K: Constants, a: int, b: int) -> int:
    """Hops between the tiles of two cores of a mesh; on other topologies a measure of how far apart their numbers are."""
    if b < 0:
        return 0
    s, t = a // K.concentration, b // K.concentration
    if K.column:
        return abs(s // K.height - t // K.height) + abs(s % K.height - t % K.height)
    return abs(s % K.width - t % K.width) + abs(s // K.width - t // K.width)
