"""Record keepers: they write down what the last layer fires, so that an episode can be replayed (NSN §8).

The layer's items go to one keeper. When its memory is full it has further cores keep what comes: a slot server names them, one after the
other, and each knows the one before it, so that a replay follows the chain back from the last.
"""

from __future__ import annotations

from chipsim.machine.actions import A_READ, A_SLOT, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, F3, F4, F5, F6, LAYER, TRACE, emit
from chipsim.network.rules import NO_TIME
from chipsim.network.stimulus import END_EPISODE
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.interval import interval_class
from chipsim.programs.nsn.messages import E_FULL, E_ROOM, FIND_KEEPER, KEEPER, MADE, RECORD, RECORDED, T_ERROR, T_WRITE, TAKEN
from chipsim.programs.nsn.state import (
    ANEW,
    BEFORE,
    DUE,
    END_INPUT,
    EPISODES,
    LOST,
    MAKING,
    RECEIVED,
    RECORDS,
    RING,
    SCALARS,
    TAIL,
    Constants,
    Root,
    Server,
)


def record(K: Constants, m: Core, c: int, r: Root, b: int, msg: Row, out: Ints, act: Ints) -> None:
    """ITEM to the keeper: into its own memory, or to the keeper that was named last. Once an item has found no room all that comes after it
    is lost too, for what is kept must be whole episodes from the first one on.
    """
    s = b * SCALARS
    layer, core = msg[LAYER], m.ledgers[c].number
    r.scalar[s + RECEIVED] += 1
    if msg[F3] & END_EPISODE:
        r.scalar[s + EPISODES] += 1
    if r.scalar[s + LOST]:
        r.item_flags[b * RING] = msg[F3]
        lose(K, r, b, layer, msg[F4], out)
        return
    act[A_WRITE] += 2
    word = word_of(K, r, b, msg)
    if r.scalar[s + TAIL] == core and store_entry(K, m, c, msg[F0], word, msg[F3], bits_of(K, is_first(r, b))):
        emit(out, T_WRITE, TRACE, layer, r.scalar[s + RECORDS], msg[F0], msg[F2])
        stored(K, r, b, layer, msg[F2], msg[F3], msg[F4], out)
        return
    i = b * RING  # it waits in the buffer
    r.item_id[i] = msg[F0]
    r.item_address[i] = word
    r.item_time[i] = msg[F2]
    r.item_flags[i] = msg[F3]
    r.item_needed[i] = msg[F4]
    if r.scalar[s + TAIL] == core:
        find(K, layer, out)
    else:
        send(K, r, b, layer, r.scalar[s + TAIL], out)


def word_of(K: Constants, r: Root, b: int, msg: Row) -> int:
    """What an entry has beside its id: the class of the interval before it, or of the first the time: its end, with log2 its start."""
    before = r.scalar[b * SCALARS + BEFORE]
    to = msg[F2] if K.gaps < 0 else msg[F6]
    if before == NO_TIME:
        return to
    return to - before if K.gaps < 0 else interval_class(to - before, K.interval, K.unit)


def is_first(r: Root, b: int) -> int:
    """1 if the next entry is the first of an episode, and has a time."""
    return 1 if r.scalar[b * SCALARS + BEFORE] == NO_TIME else 0


def bits_of(K: Constants, first: int) -> int:
    """What an entry takes."""
    return K.bits_first if first else K.bits_record


def store_entry(K: Constants, m: Core, c: int, neuron: int, word: int, flags: int, bits: int) -> bool:
    """Put an entry into a core's memory, if the core has room for it; the last sixteenth is left to links, as by a new neuron."""
    own, kept = m.ledgers[c], m.kept[c]
    if kept.entries >= K.records or own.used + bits > K.growth_bits:
        return False
    entry = m.records[c * K.records + kept.entries]
    entry.id = neuron
    entry.word = word
    entry.flags = flags & END_EPISODE
    kept.entries += 1
    own.used += bits
    return True


def stored(K: Constants, r: Root, b: int, layer: int, time: int, flags: int, number: int, out: Ints) -> None:
    """An item is kept: the next one may come."""
    s = b * SCALARS
    r.scalar[s + RECORDS] += 1
    r.scalar[s + BEFORE] = NO_TIME if flags & END_EPISODE else time
    taken(K, r, b, layer, flags, number, out)


def lose(K: Constants, r: Root, b: int, layer: int, number: int, out: Ints) -> None:
    """An item is lost, and counted."""
    s = b * SCALARS
    r.scalar[s + LOST] += 1
    if K.stop_when_full:
        emit(out, T_ERROR, TRACE, layer, E_FULL, r.scalar[s + RECEIVED] - 1)
    taken(K, r, b, layer, r.item_flags[b * RING], number, out)


def taken(K: Constants, r: Root, b: int, layer: int, flags: int, number: int, out: Ints) -> None:
    """The next item may come: from the last layer's root, or while records are written anew from the sleeper."""
    s = b * SCALARS
    if r.scalar[s + MAKING] == ANEW:
        if r.scalar[s + LOST]:
            emit(out, T_ERROR, TRACE, layer, E_ROOM, K.root_core[layer])
        emit(out, MADE, K.root_core[layer], layer, -1)
        return
    emit(out, TAKEN, K.root_core[layer - 1], layer - 1, number)
    if flags & END_INPUT:
        r.scalar[s + MAKING] = DUE


def find(K: Constants, layer: int, out: Ints) -> None:
    """Ask for a further keeper: first the slot server of this one's region."""
    emit(out, FIND_KEEPER, K.cores + K.root_region[layer], layer, K.root_core[layer], 0)


def send(K: Constants, r: Root, b: int, layer: int, core: int, out: Ints) -> None:
    """The item that waits goes to a further keeper, with the core that keeps what came before."""
    i = b * RING
    before = r.scalar[b * SCALARS + TAIL]
    emit(out, RECORD, core, layer, r.item_id[i], r.item_address[i], r.item_flags[i], before, K.root_core[layer], is_first(r, b))


def keep(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """RECORD: a further keeper stores an entry."""
    own, kept = m.ledgers[c], m.kept[c]
    joins = kept.entries == 0
    bits = bits_of(K, msg[F5]) + (K.bits_core if joins else 0)
    done = store_entry(K, m, c, msg[F0], msg[F1], msg[F2], bits)
    if done:
        act[A_WRITE] += 2
        if joins:
            kept.before = msg[F3] + 1
            act[A_WRITE] += 1
        emit(out, T_WRITE, TRACE, msg[LAYER], kept.entries - 1, msg[F0], msg[F1])
    else:
        act[A_READ] += 1
    emit(out, RECORDED, msg[F4], msg[LAYER], 1 if done else 0, own.number)


def recorded(K: Constants, r: Root, b: int, layer: int, done: int, core: int, out: Ints) -> None:
    """RECORDED: the item is kept there, or a further keeper is needed."""
    s, i = b * SCALARS, b * RING
    if not done:
        find(K, layer, out)
        return
    r.scalar[s + TAIL] = core
    stored(K, r, b, layer, r.item_time[i], r.item_flags[i], r.item_needed[i], out)


def keeper(K: Constants, r: Root, b: int, layer: int, core: int, out: Ints, act: Ints) -> None:
    """KEEPER: the item that waits goes to the core that was named; without one it is lost."""
    if core < 0:
        lose(K, r, b, layer, r.item_needed[b * RING], out)
        return
    act[A_READ] += 2
    send(K, r, b, layer, core, out)


def find_keeper(K: Constants, v: Server, b: int, msg: Row, out: Ints, act: Ints) -> None:
    """FIND_KEEPER at a slot server: its cores from the last in the order of growth, each once; then those of the next region."""
    layer, asker, asked = msg[LAYER], msg[F0], msg[F1]
    size = K.region_cores
    while size > 0 and v.core[b * K.region_cores + size - 1] < 0:
        size -= 1
    while v.kept[b] < size:
        core = v.core[b * K.region_cores + size - 1 - v.kept[b]]
        v.kept[b] += 1
        act[A_SLOT] += 1
        if core != asker:
            emit(out, KEEPER, asker, layer, core)
            return
    if asked + 1 < K.regions:
        emit(out, FIND_KEEPER, K.cores + (v.number[b] + 1) % K.regions, layer, asker, asked + 1)
    else:
        emit(out, KEEPER, asker, layer, -1)
