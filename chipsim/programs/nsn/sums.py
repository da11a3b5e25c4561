"""Associative matching of vectors that sum: match state that counts, answers that carry the key and how far a vector may still go (NSN §11)."""

from __future__ import annotations

from chipsim.machine.actions import A_AXON, A_COMBINE, A_NULL, A_SYNOP, A_UPDATE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, F3, F4, F5, F6, F7, F8, LAYER, TRACE, emit
from chipsim.programs.nsn.answers import MASK, ONES, candidates_of, duel, horizon_of, packed, retold
from chipsim.programs.nsn.core import Core, Wait
from chipsim.programs.nsn.match import answer, find_axon, placement_score
from chipsim.programs.nsn.messages import E_AXON, E_TAG, T_ERROR
from chipsim.programs.nsn.prime import is_primed
from chipsim.programs.nsn.state import Constants
from chipsim.programs.nsn.votes import keep_candidate, offer_candidate

STATE_BITS = 16
"""Of a match state below the number of its probe: the pairs matched, and above them those of another class."""


def sum_spike(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """SPIKE: match the arriving item against every holder of its id."""
    layer, neuron, cls, position, probe = msg[LAYER], msg[F0], msg[F1], msg[F2], msg[F3]
    act[A_AXON] += 1
    found = find_axon(K, m, c, layer, neuron, act)
    if found < 0:
        emit(out, T_ERROR, TRACE, layer, E_AXON, neuron)
        return
    axon, rows, neurons = m.axons[c * K.axons + found], m.rows, m.neurons
    best, best_slot, best_count, best_first, best_word = -1, -1, 0, 0, 0
    slots, base, horizon = c * K.slots, c * K.rows - 1, 0
    act[A_SYNOP] += axon.rows
    score = placement_score(K, m, c, layer, axon, probe - cls, position, act) if K.scores else 0
    i = axon.first[position]
    while i > 0:
        row = rows[base + i]
        i = row.next
        one = neurons[slots + row.slot]
        state = pair_matches(K, one.match, probe, position, one.k, row.cls - cls)
        if state < 0:
            continue
        one.match = probe << STATE_BITS | state
        act[A_UPDATE] += 1
        k = one.k
        if k > position + 1:
            horizon = max(horizon, k)
        elif k == position + 1:  # but for a neuron that was erased, whose rows have stayed
            primed = is_primed(one.ordinal, msg[F6], msg[F7], msg[F8]) if K.networks else 0
            word, seen = packed(0, state & MASK, state >> 8, primed, 0, 1), candidates_of(best_word) + 1
            won = duel(k, word, one.activations, one.first, one.ordinal, k, best_word, best_count, best_first, best)
            if won > 0:
                best, best_slot, best_count, best_first, best_word = one.ordinal, row.slot, one.activations, one.first, word
            best_word = retold(best_word, 0, abs(won) - 1, seen)
    if best < 0:
        act[A_NULL] += 1
    address = m.ledgers[c].number * K.slots + best_slot if best >= 0 else -1
    if K.inhibits and layer <= K.layers:
        tag, word = probe * 8 + position, best_word + horizon
        keep_candidate(m.contests[c * K.numbers + layer], best, address, best_count, best_first, word)
        offer_candidate(K, m, c, axon, layer, neuron, tag, score, out)
        return
    wait = m.waits[c * K.numbers + layer]
    sum_pend(wait, layer, probe * 8 + position, best, address, best_count, best_first, best_word + horizon, score, out)
    wait.own = 1
    answer(K, m, c, axon, layer, neuron, out)


def pair_matches(K: Constants, before: int, probe: int, position: int, k: int, off: int) -> int:
    """The match state of a vector of k pairs after its pair at a position met an item with its id, the class ``off`` from its own; -1 where the
    pair does not match, or the vector has missed too many.
    """
    if position == 0:
        return 1
    if before >> STATE_BITS != probe or abs(off) > K.tolerance:
        return -1
    state = before & ((1 << STATE_BITS) - 1) | 1 << position
    if off != 0:
        state |= 1 << 8 + position
    if position + 1 - ONES[state & MASK] > k - K.least[k]:
        return -1
    return state


def sum_pend(
    wait: Wait, layer: int, tag: int, ordinal: int, address: int, count: int, first: int, word: int, score: int, out: Ints
) -> None:
    """Take one answer (the core's own or a child's) into the one being combined; ``wait.open`` is its word."""
    if wait.tag == 0:
        wait.tag = tag
        wait.own = 0
        wait.got = 0
        wait.open = word
        wait.ordinal = ordinal
        wait.address = address
        wait.seniority = count
        wait.first = first
        wait.score = score
        return
    if wait.tag != tag:
        emit(out, T_ERROR, TRACE, layer, E_TAG, tag)
        return
    wait.score = max(wait.score, score)
    here, k = wait.open, tag % 8 + 1
    horizon = max(horizon_of(here), horizon_of(word))
    won = duel(k, here, wait.seniority, wait.first, wait.ordinal, k, word, count, first, ordinal)
    seen = candidates_of(here) + candidates_of(word)
    if won > 0:
        wait.open = retold(here, horizon, won - 1, seen)
        return
    wait.open = retold(word, horizon, -won - 1, seen)
    wait.ordinal = ordinal
    wait.address = address
    wait.seniority = count
    wait.first = first


def child_sum(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """ANSWER: one child of the reduction tree reports."""
    layer, neuron = msg[LAYER], msg[F0]
    act[A_AXON] += 1
    axon = find_axon(K, m, c, layer, neuron, act)
    if axon < 0:
        emit(out, T_ERROR, TRACE, layer, E_AXON, neuron)
        return
    wait = m.waits[c * K.numbers + layer]
    act[A_COMBINE] += 1
    sum_pend(wait, layer, msg[F2] * 8 + msg[F1], msg[F3], msg[F4], msg[F5], msg[F6], msg[F7], msg[F8], out)
    wait.got += 1
    answer(K, m, c, m.axons[c * K.axons + axon], layer, neuron, out)
