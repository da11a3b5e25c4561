"""Keyed matching: a distributed trie, one home core per hash of (layer, partial match, id, class).

A node is the entry of a home core that a partial match has reached, ``core * keys + entry``. Work per item does not grow with memory:
only the entry that the item can extend is looked up, among those that share its bucket. A core has a bucket for each entry: with an entry
comes one more bucket, to which the entries of one other are parted (linear hashing, W. Litwin, 1980).
"""

from __future__ import annotations

from chipsim.machine.actions import A_NULL, A_PAIR, A_READ, A_SYNOP, A_UPDATE, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, F3, F4, F5, F6, F7, LAYER, emit
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.messages import KEY_RESULT, KEY_WROTE
from chipsim.programs.nsn.state import KEY_BUCKETS, Constants

START_NODE = -1
"""The node before the first pair."""

PRIME = (1 << 31) - 1
STEP = 1000003
SPREAD = 739982445
"""A 30-bit odd multiplier of the finalizer lowbias32 (C. Wellons, 2018)."""


def key_hash(layer: int, parent: int, neuron: int, cls: int) -> int:
    """A 31-bit hash whose steps stay below 2^63 in any language; the last three spread keys that differ in few bits."""
    h = (layer + 1) % PRIME
    h = (h * STEP + (parent + 1) % PRIME) % PRIME
    h = (h * STEP + neuron % PRIME) % PRIME
    h = (h * STEP + neuron // PRIME) % PRIME
    h = (h * STEP + cls % PRIME) % PRIME
    h = (h ^ h >> 15) * SPREAD & PRIME
    h = (h ^ h >> 12) * SPREAD & PRIME
    return h ^ h >> 15


def home_core(K: Constants, layer: int, parent: int, neuron: int, cls: int) -> int:
    """The core that holds the entry of a key: one that works from the start."""
    return K.home[key_hash(layer, parent, neuron, cls) % K.key_homes]


def key_bucket(K: Constants, buckets: int, layer: int, parent: int, neuron: int, cls: int) -> int:
    """Bucket of a key within its home core, of so many, at least one."""
    h = key_hash(layer, parent, neuron, cls) // K.key_homes
    if not K.keyed:
        return h % KEY_BUCKETS
    span = span_of(buckets)
    bucket = h % span
    return bucket if bucket < buckets else bucket - span // 2


def span_of(buckets: int) -> int:
    """The least power of two that is not below a number of buckets."""
    span = 1
    while span < buckets:
        span *= 2
    return span


def first_bucket(K: Constants, c: int) -> int:
    """Where the buckets of a core begin."""
    return c * (K.keys if K.keyed else KEY_BUCKETS)


def find_key(K: Constants, m: Core, c: int, layer: int, parent: int, neuron: int, cls: int, act: Ints) -> int:
    """The entry of a key, or -1; each entry compared is one synaptic operation."""
    base, buckets = c * K.keys, m.ledgers[c].keys
    if buckets == 0:
        return -1
    i = m.key_buckets[first_bucket(K, c) + key_bucket(K, buckets, layer, parent, neuron, cls)] - 1
    while i >= 0:
        act[A_SYNOP] += 1
        key = m.keys[base + i]
        if key.id == neuron and key.parent == parent and key.cls == cls and key.layer == layer:
            return i
        i = key.next - 1
    return -1


def key_probe(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """KEY_PROBE: does something stored go on with this item?"""
    layer = msg[LAYER]
    i = find_key(K, m, c, layer, msg[F0], msg[F1], msg[F2], act)
    act[A_READ] += 1
    if i < 0:
        act[A_NULL] += 1
        emit(out, KEY_RESULT, K.root_core[layer], layer, -1, -1, -1, 0, msg[F3], msg[F4])
        return
    key = m.keys[c * K.keys + i]
    act[A_UPDATE] += 1
    node = m.ledgers[c].number * K.keys + i
    emit(out, KEY_RESULT, K.root_core[layer], layer, node, key.ordinal, key.address, key.open, msg[F3], msg[F4])


def insert_key(  # noqa: PLR0913  an entry comes as a part of what a message or a plan holds
    K: Constants,
    m: Core,
    c: int,
    layer: int,
    parent: int,
    neuron: int,
    cls: int,
    ordinal: int,
    address: int,
    is_open: int,
    act: Ints,
) -> int:
    """Add an entry; -1 if the core has no room."""
    own = m.ledgers[c]
    i = own.keys
    if i >= K.keys or own.used + K.bits_key > K.memory_bits:
        return -1
    if K.keyed and i > 0:
        part_bucket(K, m, c, act)
    key, bucket = m.keys[c * K.keys + i], first_bucket(K, c) + key_bucket(K, i + 1, layer, parent, neuron, cls)
    key.layer = layer
    key.parent = parent
    key.id = neuron
    key.cls = cls
    key.ordinal = ordinal
    key.address = address
    key.open = is_open
    key.next = m.key_buckets[bucket]
    m.key_buckets[bucket] = i + 1
    own.keys = i + 1
    own.used += K.bits_key
    return i


def part_bucket(K: Constants, m: Core, c: int, act: Ints) -> None:
    """One bucket more: the entries of the one that had its keys until now are read, and those that go to it written, in their order."""
    base, begin, fresh = c * K.keys, first_bucket(K, c), m.ledgers[c].keys
    old = fresh - span_of(fresh + 1) // 2
    i = m.key_buckets[begin + old] - 1
    m.key_buckets[begin + old] = 0
    stays, goes = -1, -1
    while i >= 0:
        key = m.keys[base + i]
        after = key.next - 1
        key.next = 0
        act[A_READ] += 1
        if key_bucket(K, fresh + 1, key.layer, key.parent, key.id, key.cls) == fresh:
            act[A_WRITE] += 1
            if goes < 0:
                m.key_buckets[begin + fresh] = i + 1
            else:
                m.keys[base + goes].next = i + 1
            goes = i
        else:
            if stays < 0:
                m.key_buckets[begin + old] = i + 1
            else:
                m.keys[base + stays].next = i + 1
            stays = i
        i = after


def key_write(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """KEY_WRITE: a new entry, or the neuron that is complete at an old one."""
    layer, node = msg[LAYER], msg[F0]
    act[A_PAIR] += 1
    if node >= 0:
        i = node % K.keys
        m.keys[c * K.keys + i].ordinal = msg[F4]
        m.keys[c * K.keys + i].address = msg[F5]
    else:
        i = insert_key(K, m, c, layer, msg[F1], msg[F2], msg[F3], msg[F4], msg[F5], msg[F6], act)
    reply = m.ledgers[c].number * K.keys + i if i >= 0 else -1
    emit(out, KEY_WROTE, msg[F7], layer, reply)


def key_open(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """KEY_OPEN: from now on something extends the entry; what was written below it becomes visible at once."""
    m.keys[c * K.keys + msg[F0] % K.keys].open = 1
    act[A_WRITE] += 1
    emit(out, KEY_WROTE, msg[F1], msg[LAYER], msg[F0])
