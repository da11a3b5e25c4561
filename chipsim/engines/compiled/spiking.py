"""Spiking cores: the output side updates neurons until one fires and sends its spikes, the input side takes spikes in."""

from __future__ import annotations

from chipsim.engines.compiled.digest import add, hash3
from chipsim.engines.compiled.layout import (
    BEHIND,
    C_ACTIVE,
    C_AT,
    C_BEGUN,
    C_DUE,
    C_END,
    C_ENDPOINT,
    C_PENDING,
    C_SPAN,
    COARSE,
    COUNT_BITS,
    DELAYS,
    DETAIL_A,
    DETAIL_B,
    DETAIL_C,
    E_BUSY,
    E_LATE,
    E_OPERATIONS,
    E_SIDE_NEXT,
    ERROR,
    FIRED,
    KEEP_SPIKES,
    LATE_RULE,
    LATE_SPIKES,
    LEAK,
    LEAK_SHIFT,
    LEFT,
    MULTICAST,
    NEURON_SHIFT,
    NEURONS,
    NOW,
    PACKETS,
    RINGS,
    SIDE,
    SPIKE_FLITS,
    SPIKE_LIST,
    STEP_SHIFT,
    SYNOPS,
    T_INFO,
    T_PAYLOAD,
    T_WAY,
    UNIT,
    UNITS_OF,
    UPDATED,
    WORK,
)
from chipsim.engines.compiled.network import inject
from chipsim.engines.compiled.nsn import log_row
from chipsim.engines.compiled.queue import put
from chipsim.engines.compiled.tables import Actions, Endpoints, Log, Slots, Spiking, Tokens
from chipsim.machine.actions import A_SENT, A_SOMA, A_SYNOP, ACTIONS, TIMED
from chipsim.machine.digest import OPERATION, SPIKE
from chipsim.machine.ints import Ints
from chipsim.machine.message import TREE
from chipsim.noc.routing import Routing
from chipsim.programs.snn.lif import first_synapse, integrate, scan
from chipsim.programs.snn.messages import LIF_SPIKE, SOMA

MANY = (1 << COUNT_BITS) - 1


def begin_step(S: Ints, C: Spiking, E: Endpoints, u: int) -> bool:
    """Wake a core's output side for the next step; False if it still works on the one before."""
    if C[u, C_ACTIVE]:
        C[u, C_PENDING] += 1
        E[C[u, C_ENDPOINT], E_LATE] += 1
        if C[u, C_PENDING] > 1 and S[ERROR] == 0:
            S[ERROR], S[DETAIL_A], S[DETAIL_B], S[DETAIL_C] = BEHIND, C[u, C_ENDPOINT], C[u, C_BEGUN], u
        return False
    C[u, C_BEGUN] += 1
    C[u, C_ACTIVE] = 1
    S[WORK] += 1
    return True


def work(
    S: Ints, P: Ints, T: Tokens, E: Endpoints, C: Spiking, R: Routing, slots: Slots, map_: Ints, far: Ints,
    log: Log, actions: Actions, act: Ints,
    number: Ints, core: Ints, first: Ints, kind: Ints, potential: Ints, bias: Ints, threshold: Ints,
    start: Ints, target: Ints, sums: Ints, input_next: Ints, input_start: Ints, input_step: Ints, u: int,
) -> None:  # fmt: skip
    """One operation of the output side: up to and including the next neuron that fires, and its spikes."""
    endpoint, step = C[u, C_ENDPOINT], C[u, C_BEGUN]
    now, end = S[NOW], first[u + 1]
    for action in range(ACTIONS):
        act[action] = 0
    q = scan(
        C[u, C_AT], end, step, step % P[RINGS] * P[NEURONS], kind, potential, bias, threshold, sums,
        input_next, input_start, input_step, P[LEAK], P[LEAK_SHIFT], P[COARSE], act,
    )  # fmt: skip
    S[LEFT] -= 1 + ((q - C[u, C_AT]) >> 3)
    C[u, C_AT] = min(q + 1, end)
    span = 0
    for action in range(TIMED):
        span += act[action] * P[UNITS_OF + action]
    S[UPDATED] += act[A_SOMA]
    if q < end:
        S[FIRED] += 1
        if kind[q] != 0:
            S[UPDATED] += 1
        fires, gap = now + span, P[UNITS_OF + A_SENT]
        add(S, hash3(SPIKE, fires * P[UNIT], endpoint << 32 | step, number[q]))
        if P[KEEP_SPIKES]:
            log_row(S, log, SPIKE_LIST, fires * P[UNIT], endpoint, step, number[q], 0, 0, 0, 0)
        s, last, sent = start[q], start[q + 1], 0
        if P[MULTICAST]:
            if s < last:
                sent = 1
                inject(
                    S, P, T, E, R, slots, map_, far,
                    endpoint, TREE, LIF_SPIKE, P[SPIKE_FLITS], fires + gap, -1, step, q,
                )  # fmt: skip
        else:
            while s < last:
                dest = core[target[s]]
                sent += 1
                payload = packed(core, target, s, last)
                inject(
                    S, P, T, E, R, slots, map_, far,
                    endpoint, dest, LIF_SPIKE, P[SPIKE_FLITS], fires + sent * gap, payload, step, q,
                )  # fmt: skip
                s += payload & MANY
                while s < last and core[target[s]] == dest:
                    s += 1
        act[A_SENT] = sent
        S[PACKETS] += sent
        span += sent * gap
    span = max(1, span)
    for action in range(ACTIONS):
        actions[endpoint, action] += act[action]
    E[endpoint, E_BUSY] += span
    E[endpoint, E_OPERATIONS] += 1
    add(S, hash3(OPERATION, now * P[UNIT], (now + span) * P[UNIT], endpoint << 8 | SOMA))
    C[u, C_END] = now + span
    C[u, C_SPAN] = span
    E[endpoint, E_SIDE_NEXT] = put(S, P, slots, map_, far, SIDE, endpoint + 1, now + span)


def packed(core: Ints, target: Ints, synapse: int, end: int) -> int:
    """A spike's first synapse and the number of those in the same core, so that the receiver need not look where they end."""
    dest, count = core[target[synapse]], 1
    while synapse + count < end and count < MANY and core[target[synapse + count]] == dest:
        count += 1
    return synapse << COUNT_BITS | count


def ended(S: Ints, C: Spiking, first: Ints, u: int) -> None:
    """An operation of the output side has ended; the phase with it if no neuron is left."""
    if C[u, C_AT] < first[u + 1]:
        C[u, C_DUE] = 1
        return
    C[u, C_AT] = first[u]
    C[u, C_ACTIVE] = 0
    S[WORK] -= 1
    if C[u, C_PENDING] > 0:
        C[u, C_PENDING] -= 1
        C[u, C_BEGUN] += 1
        C[u, C_ACTIVE] = 1
        C[u, C_DUE] = 1
        S[WORK] += 1


def take_spike(
    S: Ints, P: Ints, T: Tokens, C: Spiking, act: Ints, first: Ints, start: Ints, target: Ints, weight: Ints,
    delay: Ints, sums: Ints, u: int, token: int,
) -> int:  # fmt: skip
    """The input side takes a spike in; returns the duration in units."""
    for action in range(ACTIONS):
        act[action] = 0
    neuron, step, synapse = T[token, T_WAY] >> NEURON_SHIFT, T[token, T_INFO] >> STEP_SHIFT, T[token, T_PAYLOAD]
    count = synapse & MANY
    synapse >>= COUNT_BITS
    last = synapse + count
    if P[MULTICAST]:
        last = start[neuron + 1]
        synapse = first_synapse(start[neuron], last, first[u], target)
    elif count == MANY:
        last = start[neuron + 1]
    S[LATE_SPIKES] += integrate(
        synapse, last, first[u + 1], step, C[u, C_BEGUN], P[LATE_RULE], P[NEURONS], P[RINGS], target, weight, delay, P[DELAYS],
        sums, act,
    )  # fmt: skip
    S[SYNOPS] += act[A_SYNOP]
    span = 0
    for action in range(TIMED):
        span += act[action] * P[UNITS_OF + action]
    return max(1, span)
