"""Rows of wormhole routers, their ports and virtual channels, laid out from a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chipsim import jit
from chipsim.engines.compiled import layout as at
from chipsim.errors import SimulationError
from chipsim.noc.routing import ADAPTIVE, DATELINE, ODD_EVEN, TORUS, WEST_FIRST, XY
from chipsim.plan.plan import Plan

Ints = np.ndarray[Any, np.dtype[np.int64]]
Words = np.ndarray[Any, np.dtype[np.signedinteger[Any]]]

MOST_PORTS, MOST_VCS = 62, 31
"""Ports of a router at most, endpoints included, and virtual channels: masks of ports are words of 64 bits, masks of channels of 32."""


@dataclass(slots=True)
class Rows:
    """The arrays of the network; one row of each where there are no wormhole routers. What a row holds is in ``layout``."""

    routers: Ints
    ports: Words
    inputs: Words
    outputs: Words
    flits: Words
    ring: Words
    active: Words
    branches: Words
    requests: Ints
    bids: Ints
    best: Ints
    busy: Ints


def rows_of(plan: Plan, P: Ints, E: Ints) -> Rows:
    """Lay out the routers of a plan; sets their parameters in ``P`` and the ports of endpoints in ``E``.

    Raises:
        SimulationError: routers have more ports or virtual channels than fit into a word.
    """
    if plan.noc is None or plan.noc.wormhole is None:
        one = np.zeros((1, at.PORT_ROW), np.int64)
        few = np.zeros((1, 16), jit.narrow())
        return Rows(one, few, few, few, few, few, few, few, one, one, one, one)
    fabric, how, damage = plan.noc.fabric, plan.noc.wormhole, plan.noc.damage
    tiles, links = np.asarray(plan.endpoint_tile), fabric.ports
    locals_ = np.bincount(tiles, minlength=fabric.routers)
    count = links + locals_
    if count.max() > MOST_PORTS or how.vcs > MOST_VCS:
        raise SimulationError(
            f"wormhole routers of {count.max()} ports, cores included, with {how.vcs} virtual channels; this engine takes up to {MOST_PORTS}"
            f" and {MOST_VCS}; --engine reference takes more"
        )
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    total, endpoints = int(first[-1]), len(tiles)
    routers = np.zeros((fabric.routers, at.ROUTER_ROW), np.int64)
    routers[:, at.R_FIRST], routers[:, at.R_PORTS] = first[:-1], count
    ports = aligned((total + endpoints + (damage is not None), at.PORT_ROW))  # the last one takes credits that nobody waits for
    ports[:total, at.N_ROUTER] = np.repeat(np.arange(fabric.routers), count)
    every = (1 << how.vcs) - 1

    used = np.flatnonzero(fabric.to >= 0)
    here = first[used // links] + used % links if links else used
    there = first[fabric.to[used]] + fabric.back[used]
    cycles = np.maximum(1, -(-fabric.latency[used] // how.clock))
    ports[here, at.N_TO] = there
    ports[here, at.N_CYCLES] = 2 + cycles
    ports[here, at.N_PERIOD] = np.maximum(1, -(-fabric.flit_time[used] // how.clock))
    late, lossy = 0, damage is not None and bool(damage.lossy.any())
    if damage is not None and lossy:
        ports[here, at.N_PERIOD] += at.LOSSY * (damage.lossy[used] > 0)
        late = int(P[at.RETRY_CYCLES])
    ports[:, at.N_LINK] = -1
    ports[here, at.N_LINK] = used
    ports[here, at.N_TAKE] = ports[here, at.N_CREDIT] = every
    ports[there, at.N_BACK], ports[there, at.N_BACK_CYCLES] = here, 1 + cycles

    order = np.argsort(tiles, kind="stable")  # endpoints of a tile stand in the order of their numbers
    rank = np.empty(endpoints, np.int64)
    rank[order] = np.arange(endpoints) - np.repeat(np.cumsum(locals_) - locals_, locals_)
    local = first[tiles] + links + rank
    latency = np.full(endpoints, plan.local_latency, np.int64)
    latency[-1] = plan.host_latency
    away = np.maximum(1, -(-latency // how.clock))
    into = total + np.arange(endpoints)
    ports[local, at.N_TO], ports[local, at.N_CYCLES], ports[local, at.N_PERIOD] = -1 - np.arange(endpoints), 2 + away, 1
    ports[local, at.N_BACK], ports[local, at.N_BACK_CYCLES] = into, 1 + away
    ports[into, at.N_TO], ports[into, at.N_CYCLES] = local, 1 + away
    for rows in (local, into):
        ports[rows, at.N_TAKE] = ports[rows, at.N_CREDIT] = every
    E[:, at.E_PORT] = local

    outputs = np.full(len(ports) * how.vcs, how.buffer, jit.narrow())
    longest = int(max(ports[:, at.N_CYCLES].max() + late, ports[:, at.N_BACK_CYCLES].max()))
    ring = 4
    while ring <= longest + 1:
        ring *= 2
    held = endpoints * how.vcs * how.buffer if how.ejection else 0
    flying = int((2 if damage is not None else 1) * (ports[:, at.N_CYCLES].sum() + ports[:, at.N_BACK_CYCLES].sum())) + held + 2
    most = int(count.max())
    wide = links + plan.mesh.concentration
    _parameters(plan, P, ring, total, 2 * most * wide)
    branches = total * how.vcs * wide if plan.multicast else 1
    return Rows(
        routers,
        ports,
        aligned((total * how.vcs, at.FIFO + how.buffer)),
        outputs,
        np.zeros((flying, at.FLIT_ROW), jit.narrow()),
        np.zeros(2 * ring, jit.narrow()),
        np.zeros(fabric.routers + 1, jit.narrow()),
        np.zeros((branches + 1, at.BRANCH_ROW), jit.narrow()),
        np.zeros((most * how.vcs * wide + 1, at.REQUEST_ROW), np.int64),
        np.zeros((most * most + 1, at.BID_ROW), np.int64),
        np.zeros(2 * most + 1, np.int64),
        np.zeros((2 if lossy else 1) * len(ports), np.int64),
    )


def aligned(shape: tuple[int, int]) -> Words:
    """Zeros that begin at a cache line."""
    words = shape[0] * shape[1]
    block = np.zeros(words + 16, jit.narrow())
    skip = -block.ctypes.data // block.itemsize % 16
    return block[skip : skip + words].reshape(shape)


def _parameters(plan: Plan, P: Ints, ring: int, total: int, copies: int) -> None:
    assert plan.noc is not None
    assert plan.noc.wormhole is not None
    how, kind = plan.noc.wormhole, plan.noc.routing.kind
    P[at.VCS], P[at.BUFFER], P[at.RING], P[at.CLOCK_UNITS] = how.vcs, how.buffer, ring, how.clock // int(P[at.UNIT])
    P[at.ROUTE_CYCLES], P[at.SPECULATIVE], P[at.ATOMIC], P[at.EJECTION] = (
        how.route_cycles,
        how.speculative,
        how.atomic,
        how.ejection,
    )
    if plan.sinks:
        P[at.EJECTION] = 0  # nothing ever waits
    P[at.CHOICE] = {WEST_FIRST: at.SOME_CHOICE, ODD_EVEN: at.SOME_CHOICE, ADAPTIVE: at.ESCAPE}.get(kind, at.NO_CHOICE)
    P[at.HALVES] = int(kind in (TORUS, DATELINE))
    P[at.LOCAL_PORTS] = total
    P[at.MOST_COPIES] = copies if plan.multicast else 0
    lo = how.class_of * how.vcs // how.classes
    beyond = (how.class_of + 1) * how.vcs // how.classes
    P[at.CLASS_RANGE : at.CLASS_RANGE + len(lo)] = (1 << beyond) - (1 << lo)
    P[at.PLAIN] = int(kind == XY and plan.noc.fabric.ports == 4)


def tokens_inside(rows: Rows, T: Ints, E: Ints) -> Ints:
    """Packets and copies in source queues, FIFOs and on links, each once, ascending."""
    found: list[int] = []
    for head in E[E[:, at.E_HEAD] != 0, at.E_HEAD].tolist():
        while head:
            found.append(head)
            head = int(T[head, at.T_NEXT])
    split: list[int] = []  # their branches stand for them
    multi = rows.ports[:, at.N_MULTI]
    vcs = len(rows.outputs) // len(rows.ports)
    depth = rows.inputs.shape[1] - at.FIFO
    for row in np.flatnonzero(rows.inputs[:, at.V_COUNT] | rows.inputs[:, at.V_TOKEN]).tolist():
        v = rows.inputs[row].tolist()
        found += [v[at.FIFO + (v[at.V_HEAD] + k) % depth] for k in range(v[at.V_COUNT])] + [v[at.V_TOKEN]]
        branch = v[at.V_BRANCH] if multi[row // vcs] >> row % vcs & 1 else 0
        if branch:
            split.append(v[at.V_TOKEN])
        while branch:
            b = rows.branches[branch].tolist()
            if b[at.B_SENT] < v[at.V_FLITS]:
                found.append(b[at.B_TOKEN])
            branch = b[at.B_NEXT]
    for slot, i in enumerate(rows.ring.tolist()):
        while i and slot % 2 == 0:
            found.append(int(rows.flits[i, at.F_TOKEN]))
            i = int(rows.flits[i, at.F_NEXT])
    return np.setdiff1d(np.array(found, np.int64), np.array([0, *split], np.int64))
