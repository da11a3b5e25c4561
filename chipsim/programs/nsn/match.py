"""Associative matching and its answer: what a crossbar core does with a spike, and the tree that combines the answers.

Match phase: every holder row of the arriving id is touched; a row goes on if its slot has matched all pairs before it in this probe.
WTA phase: the core's best complete candidate, combined with those of the cores below it in the reduction tree, goes to the parent.
"""

from __future__ import annotations

from chipsim.machine.actions import A_AXON, A_COMBINE, A_NULL, A_READ, A_SYNOP, A_UPDATE, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, F3, F4, F5, F6, F7, F8, LAYER, TRACE, emit
from chipsim.programs.nsn.core import MATCH, Axon, Core, Neuron, Wait
from chipsim.programs.nsn.messages import ANSWER, E_AXON, E_TAG, GOES_ON, RESULT, T_ERROR
from chipsim.programs.nsn.prime import NOTHING
from chipsim.programs.nsn.state import AXON_BUCKETS, PAIRS, USE_MOST, Constants
from chipsim.programs.nsn.votes import keep_candidate, offer_candidate
from chipsim.programs.nsn.wta import better

BUCKET_PRIME = 1000003

ROOMS = 16
"""Parts of a core that its room is told in."""


def axon_bucket(layer: int, neuron: int) -> int:
    """Bucket of an axon in a core's index."""
    return (neuron * BUCKET_PRIME + layer) % AXON_BUCKETS


def find_axon(K: Constants, m: Core, c: int, layer: int, neuron: int, act: Ints) -> int:
    """The axon (layer, lower id) of a core, or -1."""
    base, axons = c * K.axons, m.axons
    i = m.axon_buckets[c * AXON_BUCKETS + axon_bucket(layer, neuron)] - 1
    while i >= 0:
        act[A_READ] += 1
        axon = axons[base + i]
        if axon.id == neuron and axon.layer == layer:
            return i
        i = axon.next - 1
    return -1


def spike(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """SPIKE: match the arriving item against every holder of its id."""
    layer, neuron, cls, position, probe = msg[LAYER], msg[F0], msg[F1], msg[F2], msg[F3]
    act[A_AXON] += 1
    found = find_axon(K, m, c, layer, neuron, act)
    if found < 0:
        emit(out, T_ERROR, TRACE, layer, E_AXON, neuron)
        return
    axon, rows, neurons = m.axons[c * K.axons + found], m.rows, m.neurons
    best, best_slot, best_count, best_first, is_open = -1, -1, 0, 0, 0
    reach, goes_on = position + (K.delay if layer > K.layers else PAIRS), -1
    before, slots, base = probe * MATCH + position, c * K.slots, c * K.rows - 1
    # every holder is touched, but only those of the presented position can go on
    act[A_SYNOP] += axon.rows
    score = placement_score(K, m, c, layer, axon, probe - cls, position, act) if K.scores else 0
    i = axon.first[position]
    while i > 0:
        row = rows[base + i]
        i = row.next
        if position > 0 and row.cls != cls:
            continue
        one = neurons[slots + row.slot]
        if position > 0 and one.match != before:
            continue
        one.match = before + 1
        act[A_UPDATE] += 1
        k = one.k
        if k > position + 1:
            is_open = 1
            if k > reach and (goes_on < 0 or comes_first(one, neurons[goes_on])):
                goes_on = slots + row.slot
        elif k == position + 1 and better(0, one.activations, one.first, one.ordinal, 0, best_count, best_first, best):
            best, best_slot, best_count, best_first = one.ordinal, row.slot, one.activations, one.first
    if best < 0:
        act[A_NULL] += 1
    address = m.ledgers[c].number * K.slots + best_slot if best >= 0 else -1
    if layer > K.layers:
        expect_own(K, m, c, layer, goes_on, reach)
    elif K.inhibits:
        tag = probe * 8 + position
        keep_candidate(m.contests[c * K.numbers + layer], best, address, best_count, best_first, is_open)
        offer_candidate(K, m, c, axon, layer, neuron, tag, score, out)
        return
    wait = m.waits[c * K.numbers + layer]
    pend(wait, layer, probe * 8 + position, best, address, best_count, best_first, is_open, score, out)
    wait.own = 1
    answer(K, m, c, axon, layer, neuron, out)


def placement_score(K: Constants, m: Core, c: int, layer: int, axon: Axon, segment: int, position: int, act: Ints) -> int:
    """Count an access of an axon; the core's score for a neuron that names the segment's items: accesses of those it has heard of.

    The first item of a probe comes with its place in the segment in the field of the class, so ``segment`` is the number of
    the segment's first probe. Of equal accesses the emptier core scores higher, then the lower one.
    """
    axon.use = min(axon.use + 1, USE_MOST)
    act[A_WRITE] += 1
    if position > 0:
        return 0
    own, score = m.ledgers[c], m.scores[c * K.numbers + layer]
    if score.segment != segment:
        score.segment = segment
        score.sum = 0
    score.sum += axon.use
    if score.barred:
        return 0
    free = (K.memory_bits - own.used) * ROOMS // K.memory_bits, (K.axons - own.axons) * ROOMS // K.axons
    return (score.sum * ROOMS + min(free[0], free[1], ROOMS - 1)) * K.cores + K.cores - 1 - own.number


def comes_first(a: Neuron, b: Neuron) -> bool:
    """Of two neurons that can go on, is the first the one whose next pair is expected: higher count, older, lower ordinal?"""
    if a.activations != b.activations:
        return a.activations > b.activations
    if a.first != b.first:
        return a.first < b.first
    return a.ordinal < b.ordinal


def expect_own(K: Constants, m: Core, c: int, layer: int, slot: int, place: int) -> None:
    """Take the core's own best vector that can go on into the answer being combined; ``slot`` -1: it has none."""
    if slot < 0:
        expect(K, m, c, layer, 0, 0, -1, NOTHING)
        return
    one = m.neurons[slot]
    expect(K, m, c, layer, one.activations, one.first, one.ordinal, m.pairs[slot * PAIRS + place].id)


def expect(K: Constants, m: Core, c: int, layer: int, count: int, first: int, ordinal: int, expected: int) -> None:
    """Take the best vector that can go on, of one answer, into the one being combined; ordinal -1: it has none."""
    going = m.going[c * K.numbers + layer]
    if m.waits[c * K.numbers + layer].tag != 0:
        if ordinal < 0:
            return
        if going.ordinal >= 0:
            if count != going.count:
                if count < going.count:
                    return
            elif first > going.first or (first == going.first and ordinal > going.ordinal):
                return
    going.count = count
    going.first = first
    going.ordinal = ordinal
    going.expected = expected


def pend(
    wait: Wait, layer: int, tag: int, ordinal: int, address: int, count: int, first: int, is_open: int, score: int, out: Ints
) -> None:
    """Take one answer (the core's own or a child's) into the one being combined."""
    if wait.tag == 0:
        wait.tag = tag
        wait.own = 0
        wait.got = 0
        wait.open = is_open
        wait.ordinal = ordinal
        wait.address = address
        wait.seniority = count
        wait.first = first
        wait.score = score
        return
    if wait.tag != tag:
        emit(out, T_ERROR, TRACE, layer, E_TAG, tag)
        return
    if is_open:
        wait.open = 1
    wait.score = max(wait.score, score)
    if better(0, count, first, ordinal, 0, wait.seniority, wait.first, wait.ordinal):
        wait.ordinal = ordinal
        wait.address = address
        wait.seniority = count
        wait.first = first


def answer(K: Constants, m: Core, c: int, axon: Axon, layer: int, neuron: int, out: Ints) -> None:
    """Send the combined answer on, once the core's own matching and all children are in."""
    wait = m.waits[c * K.numbers + layer]
    if not wait.own or wait.got < axon.children:
        return
    tag, parent = wait.tag, axon.parent
    kind, dest = (RESULT, K.root_core[layer]) if parent < 0 else (ANSWER, parent)
    base = emit(
        out, kind, dest, layer, neuron, tag % 8, tag // 8,
        wait.ordinal, wait.address, wait.seniority, wait.first, wait.open, wait.score,
    ) + GOES_ON  # fmt: skip
    if layer > K.layers:
        going = m.going[c * K.numbers + layer]
        out[base] = going.count
        out[base + 1] = going.first
        out[base + 2] = going.ordinal
        out[base + 3] = going.expected
    elif K.networks:
        nobody_goes_on(out, base)
    wait.tag = 0


def nobody_goes_on(out: Ints, base: int) -> None:
    """What an answer says where no vector can go on as far, or nobody asks."""
    out[base] = 0
    out[base + 1] = 0
    out[base + 2] = -1
    out[base + 3] = NOTHING


def result_of_none(K: Constants, layer: int, neuron: int, position: int, probe: int, out: Ints) -> None:
    """RESULT for a lower neuron that nobody reads."""
    base = emit(out, RESULT, K.root_core[layer], layer, neuron, position, probe, -1, -1, 0, 0, 0) + GOES_ON
    if K.networks:
        nobody_goes_on(out, base)


def child_answer(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """ANSWER: one child of the reduction tree reports."""
    layer, neuron = msg[LAYER], msg[F0]
    act[A_AXON] += 1
    axon = find_axon(K, m, c, layer, neuron, act)
    if axon < 0:
        emit(out, T_ERROR, TRACE, layer, E_AXON, neuron)
        return
    wait = m.waits[c * K.numbers + layer]
    act[A_COMBINE] += 1
    if layer > K.layers:
        expect(K, m, c, layer, msg[GOES_ON], msg[GOES_ON + 1], msg[GOES_ON + 2], msg[GOES_ON + 3])
    pend(wait, layer, msg[F2] * 8 + msg[F1], msg[F3], msg[F4], msg[F5], msg[F6], msg[F7], msg[F8], out)
    wait.got += 1
    answer(K, m, c, m.axons[c * K.axons + axon], layer, neuron, out)
