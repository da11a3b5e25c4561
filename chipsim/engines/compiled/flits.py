"""Flits on links and in FIFOs: how they leave, travel and come to the front."""

from __future__ import annotations

from chipsim.engines.compiled.digest import add, hash3
from chipsim.engines.compiled.layout import (
    ATOMIC,
    CAUSE_SHIFT,
    CLOCK_UNITS,
    CREDITS,
    F_NEXT,
    F_TOKEN,
    F_VC,
    F_WHERE,
    FIFO,
    FLIT_MASK,
    FLITS_L,
    FLYING,
    FREE_FLIT,
    HELD,
    HOPS,
    HOPS_EW,
    HOPS_NS,
    HOPS_SHIFT,
    LIF,
    LOSS_SEED,
    LOSSY,
    MOVED,
    N_ACT,
    N_BACK,
    N_BACK_CYCLES,
    N_CREDIT,
    N_CYCLES,
    N_FRESH,
    N_LINK,
    N_MULTI,
    N_PERIOD,
    N_TAKE,
    N_TO,
    N_WAIT,
    NSN,
    PACKETS_L,
    R_FLITS,
    R_WORK,
    RETRY_CYCLES,
    RING,
    ROUTE_CYCLES,
    SEQUENCE_MASK,
    SOUND,
    SOURCE_MASK,
    SOURCE_SHIFT,
    STALL_CREDIT,
    STALL_SWITCH,
    STALL_VC,
    T_INFO,
    T_KEY,
    T_TILE,
    UNIT,
    USED_FLITS,
    V_COUNT,
    V_FLITS,
    V_HEAD,
    V_OUT,
    V_SENT,
    V_TOKEN,
    W_LOSES,
    W_TO,
)
from chipsim.engines.compiled.tables import (
    Flits,
    Links,
    Ports,
    Requests,
    Routers,
    Tokens,
    Ways,
)
from chipsim.machine.digest import HOP
from chipsim.machine.ints import Ints
from chipsim.machine.raw import CUT, FLIT_LOSS
from chipsim.noc.loss import lost

PROGRAM = NSN
"""What the cores run; a copy of this module is compiled for each."""

INLINE = ("take_flit", "give_flit", "due", "come_front", "move", "pop", "follow")


def take_flit(S: Ints, F: Flits) -> int:
    """A row for a flit or a credit on its way."""
    i = S[FREE_FLIT]
    if i != 0:
        S[FREE_FLIT] = F[i, F_NEXT]
        return i
    S[USED_FLITS] += 1
    return S[USED_FLITS]


def give_flit(S: Ints, F: Flits, i: int) -> None:
    """Give a row back."""
    F[i, F_NEXT] = S[FREE_FLIT]
    S[FREE_FLIT] = i


def due(S: Ints, P: Ints, F: Flits, ring: Ints, credit: int, cycle: int, where: int, vc: int, token: int) -> None:
    """A flit (``credit`` 0) or a credit (1) lands in a cycle to come."""
    i = take_flit(S, F)
    at = 2 * (cycle & (P[RING] - 1)) + credit
    F[i, F_NEXT] = ring[at]
    F[i, F_WHERE] = where
    F[i, F_VC] = vc
    F[i, F_TOKEN] = token
    ring[at] = i
    S[FLYING] += 1


def come_front(T: Tokens, N: Ports, V: Ints, port: int, at: int, vc: int, token: int, wait: int) -> None:
    """A head is first in its FIFO; with ``wait`` a cycle passes before it asks for a channel."""
    V[at + V_TOKEN] = token
    V[at + V_SENT] = 0
    V[at + V_OUT] = 0
    V[at + V_FLITS] = T[token, T_INFO] & FLIT_MASK
    if wait != 0:
        N[port, N_FRESH] |= 1 << vc
    else:
        N[port, N_WAIT] |= 1 << vc


def move(
    S: Ints, P: Ints, T: Tokens, L: Links, W: Ways, N: Ports, U: Ints, F: Flits, ring: Ints, busy: Ints, vcs: int,
    port: int, given: int, token: int, number: int, last: bool, cycle: int,
) -> None:  # fmt: skip
    """A flit goes through the switch and onto a link, or to an endpoint."""
    to = port * vcs + given
    left = U[to] - 1
    if left & CREDITS == 0:
        N[port, N_CREDIT] &= ~(1 << given)
    if last:
        left &= ~HELD
        if P[ATOMIC] == 0:
            N[port, N_TAKE] |= 1 << given
    U[to] = left
    late = 0
    if N[port, N_PERIOD] != 1:
        late = hold(P, T, L, W, N, busy, port, token, number, cycle)
    due(S, P, F, ring, 0, cycle + N[port, N_CYCLES] + late, N[port, N_TO], given, token)
    S[MOVED] = 1
    link = N[port, N_LINK]
    if link >= 0:
        L[link, FLITS_L] += 1
        if number == 0:
            L[link, PACKETS_L] += 1
            S[HOPS] += 1
            if PROGRAM == LIF:
                S[HOPS_EW] += W[link, W_TO] & 1
                S[HOPS_NS] += 1 - (W[link, W_TO] & 1)
            T[token, T_TILE] += 1 << HOPS_SHIFT
        key = T[token, T_KEY]
        start = (cycle + 1) * P[CLOCK_UNITS] * P[UNIT]
        add(S, hash3(HOP, start, link << 32 | key >> SOURCE_SHIFT & SOURCE_MASK, number << 40 | key & SEQUENCE_MASK))


def hold(P: Ints, T: Tokens, L: Links, W: Ways, N: Ports, busy: Ints, port: int, token: int, number: int, cycle: int) -> int:
    """A link is taken for longer than a cycle, or can lose the flit; returns the cycles by which that is late."""
    period, late = N[port, N_PERIOD], 0
    if period >= LOSSY:
        period -= LOSSY
        link = N[port, N_LINK]
        busy[(len(busy) >> 1) + port] = cycle
        threshold = W[link, W_LOSES] >> 1
        if P[RETRY_CYCLES] > 0:
            late = lost(P[LOSS_SEED], link, L[link, FLITS_L], 1, threshold) * P[RETRY_CYCLES]
        elif number == 0 and lost(P[LOSS_SEED], link, L[link, PACKETS_L] << 16, T[token, T_INFO] & FLIT_MASK, threshold) != 0:
            if T[token, T_INFO] >> CAUSE_SHIFT != CUT + 1:
                T[token, T_INFO] = T[token, T_INFO] & SOUND | (FLIT_LOSS + 1) << CAUSE_SHIFT
    busy[port] = cycle + period + late
    return late


def pop(
    S: Ints, P: Ints, R: Routers, N: Ports, V: Ints, F: Flits, ring: Ints, buffer: int, r: int, port: int, at: int, vc: int, cycle: int
) -> None:  # fmt: skip
    """A flit leaves its FIFO; its credit goes back."""
    head = V[at + V_HEAD] + 1
    if head == buffer:
        head = 0
    V[at + V_HEAD] = head
    V[at + V_COUNT] -= 1
    R[r, R_FLITS] -= 1
    due(S, P, F, ring, 1, cycle + N[port, N_BACK_CYCLES], N[port, N_BACK], vc, 0)


def follow(P: Ints, T: Tokens, R: Routers, N: Ports, V: Ints, r: int, p: int, port: int, at: int, vc: int) -> None:
    """The packet in front has left; the head behind it, if there is one, comes to the front in the next cycle."""
    if V[at + V_COUNT] != 0:
        come_front(T, N, V, port, at, vc, V[at + FIFO + V[at + V_HEAD]], P[ROUTE_CYCLES])
    else:
        V[at + V_TOKEN] = 0
        if N[port, N_WAIT] | N[port, N_ACT] | N[port, N_MULTI] | N[port, N_FRESH] == 0:
            R[r, R_WORK] &= ~(1 << p)


def was_taken(N: Ports, busy: Ints, port: int, cycle: int) -> bool:
    """Whether a link has been taken in this very cycle."""
    period = N[port, N_PERIOD]
    if period >= LOSSY:
        return busy[(len(busy) >> 1) + port] == cycle
    return busy[port] == cycle + period


def note_stall(L: Links, N: Ports, X: Requests, busy: Ints, speculative: int, port: int, given: int, cycle: int) -> None:
    """A head that asked for a channel has not left: why?"""
    link = N[port, N_LINK]
    if link < 0:
        return
    if given < 0:
        L[link, STALL_VC] += 1
    elif speculative != 0:
        free = N[port, N_PERIOD] == 1 or busy[port] <= cycle or was_taken(N, busy, port, cycle)
        if free and N[port, N_CREDIT] >> given & 1 != 0:
            L[link, STALL_SWITCH] += 1
        else:
            L[link, STALL_CREDIT] += 1
