"""Wormhole routers, their ports and virtual channels, laid out from a plan."""

from __future__ import annotations

import numpy as np

from chipsim.engines.compiled import layout as at
from chipsim.engines.compiled.ranges import cycles_away, most_branches, most_flying, whole_cycles
from chipsim.jit.records import Block, row_dtype
from chipsim.noc.links import along_x
from chipsim.noc.routing import ADAPTIVE, DATELINE, ODD_EVEN, TORUS, WEST_FIRST, XY
from chipsim.plan.plan import Plan
from chipsim.programs.host import Array, aligned


def open_routers(plan: Plan, m: Block) -> None:
    """Lay out the wormhole routers of a plan, if it has any; endpoints learn their ports. Its numbers are within their ranges (``ranges``)."""
    if plan.noc is None or plan.noc.wormhole is None:
        return
    fabric, how, damage = plan.noc.fabric, plan.noc.wormhole, plan.noc.damage
    tiles, links = np.asarray(plan.endpoint_tile), fabric.ports
    locals_ = np.bincount(tiles, minlength=fabric.routers)
    count = links + locals_
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    total, endpoints, most = int(first[-1]), len(tiles), int(count.max())
    m.routers = np.zeros(fabric.routers, row_dtype(at.Router))
    m.routers["first"], m.routers["ports"] = first[:-1], count
    ports = m.ports = aligned(total + endpoints + (damage is not None), row_dtype(at.Port))  # the last takes credits for nobody
    ports["router"][:total] = np.repeat(np.arange(fabric.routers), count)
    ports["link"] = -1
    lossy = damage is not None and bool(damage.lossy.any())
    _join_routers(plan, m, first)
    _join_endpoints(plan, m, first, locals_)
    every = (1 << how.vcs) - 1
    there = ports["cycles"] != 0
    ports["take"][there] = ports["credit"][there] = every

    late = m.retry_cycles if lossy else 0
    longest = int(max(ports["cycles"].max() + late, ports["back_cycles"].max()))
    ring = 4
    while ring <= longest + 1:
        ring *= 2
    wide = links + plan.mesh.concentration
    _parameters(plan, m, ring, total, 2 * most * wide)
    flying = most_flying(plan)
    m.inputs = aligned(total * how.vcs * (at.FIFO + how.buffer), np.int32)
    m.outputs = np.full(len(ports) * how.vcs, how.buffer, np.int32)
    m.flits, m.ring = np.zeros(flying, row_dtype(at.Flit)), np.zeros(2 * ring, np.int32)
    m.active = np.zeros(fabric.routers + 1, np.int32)
    m.branches = np.zeros(most_branches(plan) + 1, row_dtype(at.Branch))
    m.vc_requests = np.zeros(most * how.vcs * wide + 1, row_dtype(at.VcRequest))
    m.switch_requests, m.best = np.zeros(most * most + 1, row_dtype(at.SwitchRequest)), np.zeros(2 * most + 1, np.int64)
    m.busy = np.zeros((2 if lossy else 1) * len(ports), np.int64)
    m.stalls = np.zeros(len(m.links), row_dtype(at.Stall))


def _join_routers(plan: Plan, m: Block, first: Array) -> None:
    """Ports on both sides of each link."""
    assert plan.noc is not None
    assert plan.noc.wormhole is not None
    fabric, clock, damage, ports, links = (
        plan.noc.fabric,
        plan.noc.wormhole.clock,
        plan.noc.damage,
        m.ports,
        plan.noc.fabric.ports,
    )
    used = np.flatnonzero(fabric.to >= 0)
    here = first[used // links] + used % links if links else used
    there = first[fabric.to[used]] + fabric.back[used]
    cycles, period = whole_cycles(fabric.latency[used], clock), whole_cycles(fabric.flit_time[used], clock)
    ports["to"][here], ports["cycles"][here], ports["period"][here] = there, 2 + cycles, period
    if damage is not None and damage.lossy.any():
        ports["period"][here] += at.LOSSY * (damage.lossy[used] > 0)
    ports["link"][here], ports["across"][here] = used, along_x(fabric)[used]
    ports["back"][there], ports["back_cycles"][there] = here, 1 + cycles


def _join_endpoints(plan: Plan, m: Block, first: Array, locals_: Array) -> None:
    """Ports between endpoints and their routers; the endpoints of a tile stand in the order of their numbers."""
    assert plan.noc is not None
    assert plan.noc.wormhole is not None
    tiles, ports, links = np.asarray(plan.endpoint_tile), m.ports, plan.noc.fabric.ports
    endpoints = len(tiles)
    order = np.argsort(tiles, kind="stable")
    rank = np.empty(endpoints, np.int64)
    rank[order] = np.arange(endpoints) - np.repeat(np.cumsum(locals_) - locals_, locals_)
    local = first[tiles] + links + rank
    away = cycles_away(plan)
    into = int(first[-1]) + np.arange(endpoints)
    ports["to"][local], ports["cycles"][local], ports["period"][local] = -1 - np.arange(endpoints), 2 + away, 1
    ports["back"][local], ports["back_cycles"][local] = into, 1 + away
    ports["to"][into], ports["cycles"][into] = local, 1 + away
    m.endpoints["port"] = local


def _parameters(plan: Plan, m: Block, ring: int, total: int, copies: int) -> None:
    assert plan.noc is not None
    assert plan.noc.wormhole is not None
    how, kind = plan.noc.wormhole, plan.noc.routing.kind
    m.vcs, m.buffer, m.ring_size, m.clock_units = how.vcs, how.buffer, ring, how.clock // m.unit
    m.route_cycles, m.speculative, m.atomic = how.route_cycles, how.speculative, how.atomic
    m.ejection = 0 if m.sinks else how.ejection  # at sinks nothing ever waits
    m.choice = {WEST_FIRST: at.SOME_CHOICE, ODD_EVEN: at.SOME_CHOICE, ADAPTIVE: at.ESCAPE}.get(kind, at.NO_CHOICE)
    m.vc_classes = int(kind in (TORUS, DATELINE))
    m.local_ports = total
    m.most_copies = copies if plan.multicast else 0
    lo = how.class_of * how.vcs // how.classes
    beyond = (how.class_of + 1) * how.vcs // how.classes
    m.message_class_range = ((1 << beyond) - (1 << lo)).astype(np.int64)
    m.plain = int(kind == XY and plan.noc.fabric.ports == 4)


def packets_inside(m: Block) -> Array:
    """Packets and copies in source queues, FIFOs and on links, each once, ascending."""
    found: list[int] = []
    endpoints = m.endpoints
    for head in endpoints["head"][endpoints["head"] != 0].tolist():
        while head:
            found.append(head)
            head = int(m.next[head])
    split: list[int] = []  # their branches stand for them
    inputs, multi = channels(m), m.ports["multi"]
    for row in np.flatnonzero(inputs[:, at.V_COUNT] | inputs[:, at.V_PACKET]).tolist():
        v = inputs[row].tolist()
        found += [v[at.FIFO + (v[at.V_HEAD] + k) % m.buffer] for k in range(v[at.V_COUNT])] + [v[at.V_PACKET]]
        branch = v[at.V_BRANCH] if int(multi[row // m.vcs]) >> row % m.vcs & 1 else 0
        if branch:
            split.append(v[at.V_PACKET])
        while branch:
            b = m.branches[branch]
            if b["sent"] < v[at.V_FLITS]:
                found.append(int(b["packet"]))
            branch = int(b["next"])
    for slot, i in enumerate(m.ring.tolist()):
        while i and slot % 2 == 0:
            found.append(int(m.flits["packet"][i]))
            i = int(m.flits["next"][i])
    return np.setdiff1d(np.array(found, np.int64), np.array([0, *split], np.int64))


def channels(m: Block) -> Array:
    """Channels of inputs as rows, a view."""
    inputs: Array = m.inputs.reshape(-1, at.FIFO + m.buffer)
    return inputs
