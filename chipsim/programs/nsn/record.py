"""The record keeper: writes down what the last layer fires, so that an episode can be replayed (NSN §8)."""

from __future__ import annotations

from chipsim.machine.actions import A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F2, F3, F4, F6, LAYER, TRACE, emit
from chipsim.network.rules import NO_TIME
from chipsim.network.stimulus import END_EPISODE
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.interval import interval_class
from chipsim.programs.nsn.messages import E_FULL, T_ERROR, T_WRITE, TAKEN
from chipsim.programs.nsn.state import BEFORE, EPISODES, LOST, RECEIVED, RECORDS, SCALARS, Constants, Root


def record(K: Constants, m: Core, c: int, r: Root, b: int, msg: Row, out: Ints, act: Ints) -> None:
    """ITEM to the keeper: id and class of the interval before it; the first entry of an episode has the event time. Without room the item is
    lost and counted, and so is all that comes after it, for what is kept must be whole episodes from the first one on.
    """
    s = b * SCALARS
    layer = msg[LAYER]
    i = r.scalar[s + RECORDS]
    r.scalar[s + RECEIVED] += 1
    if msg[F3] & END_EPISODE:
        r.scalar[s + EPISODES] += 1
    bits = K.bits_first if r.scalar[s + BEFORE] == NO_TIME else K.bits_record
    if r.scalar[s + LOST] == 0 and i < K.records and m.ledgers[c].used + bits <= K.memory_bits:
        r.record_id[b * K.records + i] = msg[F0]
        r.record_class[b * K.records + i] = class_of_entry(K, r, b, msg)
        r.record_flags[b * K.records + i] = msg[F3]
        r.scalar[s + RECORDS] = i + 1
        r.scalar[s + BEFORE] = NO_TIME if msg[F3] & END_EPISODE else msg[F2]
        m.ledgers[c].used += bits
        act[A_WRITE] += 2
        emit(out, T_WRITE, TRACE, layer, i, msg[F0], msg[F2])
    else:
        r.scalar[s + LOST] += 1
        if K.stop_when_full:
            emit(out, T_ERROR, TRACE, layer, E_FULL, r.scalar[s + RECEIVED] - 1)
    emit(out, TAKEN, K.root_core[layer - 1], layer - 1, msg[F4])


def class_of_entry(K: Constants, r: Root, b: int, msg: Row) -> int:
    """What an entry has beside its id: the class of the interval before it, or of the first the time: its end, with log2 its start."""
    before = r.scalar[b * SCALARS + BEFORE]
    to = msg[F2] if K.gaps < 0 else msg[F6]
    if before == NO_TIME:
        return to
    return to - before if K.gaps < 0 else interval_class(to - before, K.interval, K.unit)
