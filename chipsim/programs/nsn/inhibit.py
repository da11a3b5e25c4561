"""Winner-takes-all as an inhibitory circuit, at the cores: candidates stay where they are, and drop out bit by bit of the key (WT6).

Every core that an item was presented to keeps its own best candidate. Up the tree go votes, how many cores are left; down the tree of the
lower neuron's spikes comes which bit is asked for, and whether somebody had the one before: who lacks it then is out. ``contest`` is the
root's side.
"""

from __future__ import annotations

from chipsim.machine.actions import A_AXON, A_COMBINE, A_READ, A_UPDATE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, F3, F4, F5, F6, F7, F8, LAYER, TRACE, TREE, emit
from chipsim.programs.nsn.answers import rank_of
from chipsim.programs.nsn.core import Core
from chipsim.programs.nsn.match import find_axon, nobody_goes_on
from chipsim.programs.nsn.messages import E_AXON, GOES_ON, INHIBIT, RESULT, T_ERROR
from chipsim.programs.nsn.present import find_list
from chipsim.programs.nsn.state import ANSWERS, Constants
from chipsim.programs.nsn.votes import pass_on, take_vote
from chipsim.programs.nsn.wta import AGE, COUNT, PRIMED, PRIMED_BIT, RANK_BITS, RESIDUAL, RESIDUAL_BIT, RESPONSE


def key_bits(K: Constants) -> int:
    """Bits of the key."""
    return K.ordinal_bits + K.age_bits + K.count_bits + RANK_BITS


def key_bit(K: Constants, bit: int, rank: int, count: int, first: int, ordinal: int) -> int:
    """A bit of the key of ``wta``, larger being better: rank, count, then first event time and ordinal with their bits turned."""
    if bit < K.ordinal_bits:
        return 1 - (ordinal >> bit & 1)
    bit -= K.ordinal_bits
    if bit < K.age_bits:
        return 1 - (first - K.time_base >> bit & 1)
    bit -= K.age_bits
    if bit < K.count_bits:
        return count >> bit & 1
    return rank >> bit - K.count_bits & 1


def level_of_bit(K: Constants, bit: int) -> int:
    """The level of the key that a bit belongs to."""
    bit -= K.ordinal_bits + K.age_bits
    if bit < 0:
        return AGE
    bit -= K.count_bits
    if bit < 0:
        return COUNT
    return RESIDUAL if bit >= RESIDUAL_BIT else PRIMED if bit >= PRIMED_BIT else RESPONSE


def child_vote(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """VOTE: one child of the tree reports."""
    layer, neuron = msg[LAYER], msg[F0]
    act[A_AXON] += 1
    axon = find_axon(K, m, c, layer, neuron, act)
    if axon < 0:
        emit(out, T_ERROR, TRACE, layer, E_AXON, neuron)
        return
    wait = m.waits[c * K.numbers + layer]
    act[A_COMBINE] += 1
    take_vote(wait, layer, msg[F2] * 8 + msg[F1], msg[F3], msg[F4], msg[F5], msg[F7], msg[F8], out)
    wait.got += 1
    pass_on(K, wait, m.axons[c * K.axons + axon], layer, neuron, out)


def spread(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """CONTEST: the lower neuron's core hands the question to all that its spike went to."""
    layer = msg[LAYER]
    i = find_list(K, m, c, layer, msg[F0], act)
    if i < 0:
        emit(out, T_ERROR, TRACE, layer, E_AXON, msg[F1])
        return
    if K.multicast:
        emit(out, INHIBIT, TREE, layer, msg[F1], msg[F2], msg[F3], msg[F4], msg[F5], msg[F6])
        return
    n = m.lists[c * K.lists + i].first - 1
    while n >= 0:
        member = m.members[c * K.members + n]
        act[A_READ] += 1
        emit(out, INHIBIT, member.core, layer, msg[F1], msg[F2], msg[F3], msg[F4], msg[F5], msg[F6])
        n = member.next - 1


def inhibit(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """INHIBIT: a candidate without a bit that somebody had is out; the others vote on the next bit, or the last one answers."""
    layer, neuron, tag, bit, before = msg[LAYER], msg[F0], msg[F2] * 8 + msg[F1], msg[F3], msg[F4]
    act[A_AXON] += 1
    axon = find_axon(K, m, c, layer, neuron, act)
    if axon < 0:
        emit(out, T_ERROR, TRACE, layer, E_AXON, neuron)
        return
    own = m.contests[c * K.numbers + layer]
    rank = rank_of(own.word, msg[F1] + 1)
    act[A_READ] += 1
    if own.ordinal >= 0 and msg[F5] and not key_bit(K, before, rank, own.seniority, own.first, own.ordinal):
        own.ordinal = -1
        act[A_UPDATE] += 1
    if bit == ANSWERS:
        if own.ordinal >= 0:
            base = emit(
                out, RESULT, K.root_core[layer], layer, neuron, msg[F1], msg[F2],
                own.ordinal, own.address, own.seniority, own.first, own.word, 0,
            )  # fmt: skip
            nobody_goes_on(out, base + GOES_ON)
        return
    having, lacking = 0, 0
    if own.ordinal >= 0:
        having = key_bit(K, bit, rank, own.seniority, own.first, own.ordinal)
        lacking = 1 - having
    wait = m.waits[c * K.numbers + layer]
    take_vote(wait, layer, tag, having, lacking, 0, 0, 0, out)
    wait.own = 1
    pass_on(K, wait, m.axons[c * K.axons + axon], layer, neuron, out)
