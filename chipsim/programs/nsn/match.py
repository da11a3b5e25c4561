"""Associative matching and its answer: what a crossbar core does with a spike, and the tree that combines the answers.

Match phase: every holder row of the arriving id is touched; a row goes on if its slot has matched all pairs before it in this probe.
WTA phase: the core's best complete candidate, combined with those of the cores below it in the reduction tree, goes to the parent.
"""

from __future__ import annotations

from chipsim.machine.actions import A_AXON, A_NULL, A_READ, A_SYNOP, A_UPDATE, A_WRITE
from chipsim.machine.ints import Ints, Row
from chipsim.machine.message import F0, F1, F2, F3, F4, F5, F6, F7, F8, LAYER, TRACE, emit
from chipsim.programs.nsn.messages import ANSWER, E_AXON, E_TAG, RESULT, T_ERROR
from chipsim.programs.nsn.state import AXON_BUCKETS, PAIRS, USE_MOST, Constants, Core
from chipsim.programs.nsn.wta import better

BUCKET_PRIME = 1000003

ROOMS = 16
"""Parts of a core that its room is told in."""


def axon_bucket(layer: int, neuron: int) -> int:
    """Bucket of an axon in a core's index."""
    return (neuron * BUCKET_PRIME + layer) % AXON_BUCKETS


def find_axon(K: Constants, m: Core, c: int, layer: int, neuron: int, act: Ints) -> int:
    """The axon (layer, lower id) of a core, or -1."""
    base = c * K.axons
    i = m.axon_bucket[c * AXON_BUCKETS + axon_bucket(layer, neuron)]
    while i >= 0:
        act[A_READ] += 1
        if m.axon_id[base + i] == neuron and m.axon_layer[base + i] == layer:
            return i
        i = m.axon_next[base + i]
    return -1


def spike(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """SPIKE: match the arriving item against every holder of its id."""
    layer, neuron, cls, position, probe = msg[LAYER], msg[F0], msg[F1], msg[F2], msg[F3]
    act[A_AXON] += 1
    axon = find_axon(K, m, c, layer, neuron, act)
    if axon < 0:
        emit(out, T_ERROR, TRACE, layer, E_AXON, neuron)
        return
    best, best_address, best_count, best_first, is_open = -1, -1, 0, 0, 0
    slots, rows = c * K.slots, c * K.rows
    row_slot, row_class, row_next = m.row_slot, m.row_class, m.row_next
    # every holder is touched, but only those of the presented position can go on
    act[A_SYNOP] += m.axon_rows[c * K.axons + axon]
    score = placement_score(K, m, c, layer, axon, probe - cls, position, act) if K.scores else 0
    row = m.axon_row[(c * K.axons + axon) * PAIRS + position]
    while row >= 0:
        r = rows + row
        row = row_next[r]
        if position > 0 and row_class[r] != cls:
            continue
        slot = row_slot[r]
        s = slots + slot
        if position > 0 and (m.match_probe[s] != probe or m.match_pairs[s] != position):
            continue
        m.match_probe[s] = probe
        m.match_pairs[s] = position + 1
        act[A_UPDATE] += 1
        k = m.k[s]
        if k > position + 1:
            is_open = 1
        elif k == position + 1 and better(0, k, m.activations[s], m.first[s], m.ordinal[s], 0, k, best_count, best_first, best):
            best, best_address, best_count, best_first = (
                m.ordinal[s],
                m.self_core[c] * K.slots + slot,
                m.activations[s],
                m.first[s],
            )
    if best < 0:
        act[A_NULL] += 1
    pend(K, m, c, layer, probe * 8 + position, best, best_address, best_count, best_first, is_open, score, out)
    m.wait_own[c * (K.layers + 2) + layer] = 1
    answer(K, m, c, layer, axon, neuron, out)


def placement_score(K: Constants, m: Core, c: int, layer: int, axon: int, segment: int, position: int, act: Ints) -> int:
    """Count an access of an axon; the core's score for a neuron that names the segment's items: accesses of those it has heard of.

    The first item of a probe comes with its place in the segment in the field of the class, so ``segment`` is the number of
    the segment's first probe. Of equal accesses the emptier core scores higher, then the lower one.
    """
    a = c * K.axons + axon
    m.axon_use[a] = min(m.axon_use[a] + 1, USE_MOST)
    act[A_WRITE] += 1
    if position > 0:
        return 0
    i = c * (K.layers + 2) + layer
    if m.score_segment[i] != segment:
        m.score_segment[i] = segment
        m.score_sum[i] = 0
    m.score_sum[i] += m.axon_use[a]
    if m.barred[i]:
        return 0
    free = (K.memory_bits - m.used[c]) * ROOMS // K.memory_bits, (K.axons - m.axon_count[c]) * ROOMS // K.axons
    return (m.score_sum[i] * ROOMS + min(free[0], free[1], ROOMS - 1)) * K.cores + K.cores - 1 - m.self_core[c]


def pend(  # noqa: PLR0913  one parameter is one field of the answer that is kept open
    K: Constants,
    m: Core,
    c: int,
    layer: int,
    tag: int,
    ordinal: int,
    address: int,
    count: int,
    first: int,
    is_open: int,
    score: int,
    out: Ints,
) -> None:
    """Take one answer (the core's own or a child's) into the one being combined."""
    i = c * (K.layers + 2) + layer
    if m.wait_tag[i] < 0:
        m.wait_tag[i] = tag
        m.wait_own[i] = 0
        m.wait_got[i] = 0
        m.wait_open[i] = is_open
        m.wait_ordinal[i] = ordinal
        m.wait_address[i] = address
        m.wait_seniority[i] = count
        m.wait_first[i] = first
        m.wait_score[i] = score
        return
    if m.wait_tag[i] != tag:
        emit(out, T_ERROR, TRACE, layer, E_TAG, tag)
        return
    if is_open:
        m.wait_open[i] = 1
    m.wait_score[i] = max(m.wait_score[i], score)
    if better(0, 1, count, first, ordinal, 0, 1, m.wait_seniority[i], m.wait_first[i], m.wait_ordinal[i]):
        m.wait_ordinal[i] = ordinal
        m.wait_address[i] = address
        m.wait_seniority[i] = count
        m.wait_first[i] = first


def answer(K: Constants, m: Core, c: int, layer: int, axon: int, neuron: int, out: Ints) -> None:
    """Send the combined answer on, once the core's own matching and all children are in."""
    i = c * (K.layers + 2) + layer
    a = c * K.axons + axon
    if not m.wait_own[i] or m.wait_got[i] < m.axon_children[a]:
        return
    tag = m.wait_tag[i]
    parent = m.axon_parent[a]
    kind, dest = (RESULT, K.root_core[layer]) if parent < 0 else (ANSWER, parent)
    emit(
        out, kind, dest, layer, neuron, tag % 8, tag // 8,
        m.wait_ordinal[i], m.wait_address[i], m.wait_seniority[i], m.wait_first[i], m.wait_open[i], m.wait_score[i],
    )  # fmt: skip
    m.wait_tag[i] = -1


def child_answer(K: Constants, m: Core, c: int, msg: Row, out: Ints, act: Ints) -> None:
    """ANSWER: one child of the reduction tree reports."""
    layer, neuron = msg[LAYER], msg[F0]
    act[A_AXON] += 1
    axon = find_axon(K, m, c, layer, neuron, act)
    if axon < 0:
        emit(out, T_ERROR, TRACE, layer, E_AXON, neuron)
        return
    pend(K, m, c, layer, msg[F2] * 8 + msg[F1], msg[F3], msg[F4], msg[F5], msg[F6], msg[F7], msg[F8], out)
    m.wait_got[c * (K.layers + 2) + layer] += 1
    answer(K, m, c, layer, axon, neuron, out)
