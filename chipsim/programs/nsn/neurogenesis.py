"""Growing a neuron for what is new (NG8): a slot, the vector, its links or keyed entries, each step acknowledged, and it fires."""

from __future__ import annotations

from chipsim.machine.actions import A_READ, A_WRITE
from chipsim.machine.ints import Ints
from chipsim.machine.message import F3, TRACE, emit
from chipsim.programs.nsn.decide import fire, unstored
from chipsim.programs.nsn.items import class_at, item
from chipsim.programs.nsn.keyed import START_NODE, home_core
from chipsim.programs.nsn.messages import ALLOC, ERASE, GROW, KEY_OPEN, KEY_WRITE, LINK, MADE, T_GROWTH
from chipsim.programs.nsn.migrate import NO_JOB, TO_SPLIT, free
from chipsim.programs.nsn.slots import ANY, SPLITTING
from chipsim.programs.nsn.state import (
    ADDRESS,
    ALLOCATING,
    AXONS,
    COVER,
    CURSOR,
    ERASING,
    GROWING,
    JOB,
    JOB_FROM,
    JOB_TO,
    LINKING,
    LOCALITY,
    MAKING,
    MASK,
    NEED_ITEM,
    OPENING,
    ORDINAL,
    PAIRS,
    PATH,
    PHASE,
    SCALARS,
    SCORE,
    WRITING,
    Constants,
    Root,
)


def ask_slot(K: Constants, r: Root, b: int, layer: int, refused: int, why: int, out: Ints, act: Ints) -> None:
    """Ask the slot server of the root's region; a core that refused may be split if no other is being split."""
    s = b * SCALARS
    wanted, how = -1, ANY
    if layer > 0 and not K.keyed:
        if K.policy == LOCALITY:
            wanted = middle(K, r, b, act)
        elif K.policy == AXONS and refused < 0 and r.scalar[s + SCORE] > 0:
            wanted = K.cores - 1 - r.scalar[s + SCORE] % K.cores
        if K.batch and r.scalar[s + JOB] == NO_JOB:
            how = SPLITTING
            wanted = refused if K.policy == AXONS and refused >= 0 else wanted
    server = K.cores + K.root_region[layer]
    emit(out, ALLOC, server, layer, r.scalar[s + COVER], refused, 0, K.root_core[layer], why, wanted, how)


def middle(K: Constants, r: Root, b: int, act: Ints) -> int:
    """The core in the middle of those of the neurons that the new one names: mean column and row, rounded down."""
    x, y, cover = 0, 0, r.scalar[b * SCALARS + COVER]
    for p in range(cover):
        tile = r.item_address[item(r, b, p)] // K.slots // K.concentration
        x += tile // K.height if K.column else tile % K.width
        y += tile % K.height if K.column else tile // K.width
        act[A_READ] += 1
    x, y = x // cover, y // cover
    return (x * K.height + y if K.column else y * K.width + x) * K.concentration


def got_slot(K: Constants, r: Root, b: int, layer: int, address: int, full: int, out: Ints, act: Ints) -> None:
    """SLOT: send the vector to the chosen core; without a slot the novelty is only flagged. A full core will be split with the chosen one."""
    s = b * SCALARS
    if full >= 0:
        r.scalar[s + JOB] = TO_SPLIT
        r.scalar[s + JOB_FROM] = full
        r.scalar[s + JOB_TO] = address // K.slots
        for p in range(PAIRS):
            r.named[b * PAIRS + p] = r.item_id[item(r, b, p)] if p < r.scalar[s + COVER] else -1
        act[A_WRITE] += r.scalar[s + COVER]
    if address < 0:
        unstored(K, r, b, layer, out, act)
        return
    r.scalar[s + ADDRESS] = address
    r.scalar[s + PHASE] = GROWING
    cover = r.scalar[s + COVER]
    base = emit(out, GROW, address // K.slots, layer, address % K.slots, r.scalar[s + ORDINAL], cover, K.root_core[layer])
    for p in range(cover):
        out[base + F3 + 1 + 2 * p] = r.item_id[item(r, b, p)]
        out[base + F3 + 2 + 2 * p] = class_at(K, r, b, layer, p, p)
        act[A_READ] += 1


def grown(K: Constants, r: Root, b: int, layer: int, stored: int, mask: int, out: Ints, act: Ints) -> None:
    """GROWN: link what is new to the core, or write the keyed entries; a core without room is told to the slot server."""
    s = b * SCALARS
    if not stored:
        r.scalar[s + PHASE] = ALLOCATING
        if K.reuse:
            free(K, layer, r.scalar[s + ADDRESS], 0, out)
        ask_slot(K, r, b, layer, r.scalar[s + ADDRESS] // K.slots, mask, out, act)
        return
    if K.keyed or layer == 0:
        r.scalar[s + CURSOR] = min(r.scalar[s + PATH], r.scalar[s + COVER])
        write_key(K, r, b, layer, out, act)
        return
    r.scalar[s + MASK] = mask
    link_next(K, r, b, layer, out, act)


def link_next(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """Ask the core of the next lower neuron to forward to the new reader, one at a time."""
    s = b * SCALARS
    mask = r.scalar[s + MASK]
    if mask == 0:
        fire_new(K, r, b, layer, out, act)
        return
    p = 0
    while not mask >> p & 1:
        p += 1
    r.scalar[s + MASK] = mask & ~(1 << p)
    r.scalar[s + PHASE] = LINKING
    i = item(r, b, p)
    address = r.item_address[i]
    child = r.scalar[s + ADDRESS] // K.slots
    act[A_READ] += 1
    emit(out, LINK, address // K.slots, layer, address % K.slots, r.item_id[i], child, K.root_core[layer])


def linked(K: Constants, r: Root, b: int, layer: int, done: int, out: Ints, act: Ints) -> None:
    """LINKED: next one; if there was no room for the link the neuron could never be completed, so it is erased."""
    if done:
        link_next(K, r, b, layer, out, act)
    else:
        erase(K, r, b, layer, out)


def erase(K: Constants, r: Root, b: int, layer: int, out: Ints) -> None:
    """Take a neuron back that cannot be reached."""
    s = b * SCALARS
    r.scalar[s + PHASE] = ERASING
    address = r.scalar[s + ADDRESS]
    emit(out, ERASE, address // K.slots, layer, address % K.slots, K.root_core[layer])


def erased(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """ERASED: the slot may be given again, and the novelty is only flagged."""
    if K.reuse:
        free(K, layer, r.scalar[b * SCALARS + ADDRESS], 0, out)
    unstored(K, r, b, layer, out, act)


def write_key(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """Write the entry of pair CURSOR below what the first probe reached; the last one holds the neuron."""
    s = b * SCALARS
    p, cover = r.scalar[s + CURSOR], r.scalar[s + COVER]
    r.scalar[s + PHASE] = WRITING
    act[A_READ] += 1
    if p == cover:  # the whole vector is a known partial match: only the neuron is new
        node = r.path[b * PAIRS + p - 1]
        emit(
            out,
            KEY_WRITE,
            node // K.keys,
            layer,
            node,
            0,
            0,
            0,
            r.scalar[s + ORDINAL],
            r.scalar[s + ADDRESS],
            0,
            K.root_core[layer],
        )
        return
    parent = r.path[b * PAIRS + p - 1] if p > 0 else START_NODE
    neuron, cls = r.item_id[item(r, b, p)], class_at(K, r, b, layer, p, p)
    last = p + 1 == cover
    emit(
        out, KEY_WRITE, home_core(K, layer, parent, neuron, cls), layer, -1, parent, neuron, cls,
        r.scalar[s + ORDINAL] if last else -1, r.scalar[s + ADDRESS] if last else -1, 0 if last else 1, K.root_core[layer],
    )  # fmt: skip


def written(K: Constants, r: Root, b: int, layer: int, node: int, out: Ints, act: Ints) -> None:
    """KEY_WROTE: next entry; when all stand, the partial match that they extend is opened."""
    s = b * SCALARS
    p = r.scalar[s + CURSOR]
    if node < 0:
        erase(K, r, b, layer, out)
        return
    if p < r.scalar[s + COVER]:
        r.path[b * PAIRS + p] = node
        r.scalar[s + CURSOR] = p + 1
        if p + 1 < r.scalar[s + COVER]:
            write_key(K, r, b, layer, out, act)
            return
        known = r.scalar[s + PATH]
        if known > 0:
            r.scalar[s + PHASE] = OPENING
            node = r.path[b * PAIRS + known - 1]
            emit(out, KEY_OPEN, node // K.keys, layer, node, K.root_core[layer])
            return
    fire_new(K, r, b, layer, out, act)


def fire_new(K: Constants, r: Root, b: int, layer: int, out: Ints, act: Ints) -> None:
    """The neuron that was grown fires at first sight, unless a sleep has made it."""
    s = b * SCALARS
    if r.scalar[s + MAKING]:
        r.scalar[s + ORDINAL] = r.scalar[s + MAKING] - 1
        r.scalar[s + MAKING] = 0
        r.scalar[s + PHASE] = NEED_ITEM
        emit(out, MADE, K.root_core[K.layers + 1], K.layers + 1, r.scalar[s + ADDRESS])
        return
    ordinal = r.scalar[s + ORDINAL]
    r.scalar[s + ORDINAL] = ordinal + 1
    emit(out, T_GROWTH, TRACE, layer, ordinal, r.scalar[s + ADDRESS])
    fire(K, r, b, layer, ordinal, 1, out, act)
