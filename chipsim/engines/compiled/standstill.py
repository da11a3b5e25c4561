"""Who waits for whom in a network of wormhole routers that stands still, as rows for ``chipsim.engines.stuck.describe_wormhole``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from chipsim.engines.compiled import layout as at
from chipsim.engines.compiled.machine import Machine


class Waiting(NamedTuple):
    """A branch of a packet in front of a channel; ``vc`` is what it has behind its output, -1: nothing yet."""

    router: int
    port: int
    channel: int
    token: int
    out: int
    vc: int
    range: int
    has_flit: bool


def waits(machine: Machine) -> Iterator[tuple[int, ...]]:
    """Rows of router, input port, VC, source, sequence number, output port, and router, input port, VC of what is waited for."""
    branches = [b for r in np.flatnonzero(machine.net.routers[:, at.R_WORK]).tolist() for b in _branches(machine, r)]
    holder = {(b.router, b.out, b.vc): b for b in branches if b.vc >= 0}
    for b in branches:
        key = int(machine.T[b.token, at.T_KEY])
        source, sequence = key >> at.SOURCE_SHIFT & at.SOURCE_MASK, key & at.SEQUENCE_MASK
        for cause in (*_ahead(machine, b, holder), *_behind(machine, b, holder)):
            yield (b.router, b.port, b.channel, source, sequence, b.out, *cause)


def _branches(machine: Machine, r: int) -> Iterator[Waiting]:
    net, vcs = machine.net, int(machine.P[at.VCS])
    first, ports = net.routers[r, [at.R_FIRST, at.R_PORTS]].tolist()
    for p in range(ports):
        row = net.ports[first + p].tolist()
        for channel in range(vcs):
            v = net.inputs[(first + p) * vcs + channel].tolist()
            if not v[at.V_TOKEN]:
                continue
            if not row[at.N_MULTI] >> channel & 1:
                out, given = (v[at.V_OUT] & at.OUT_MASK) - 1, v[at.V_OUT] >> at.VC_SHIFT
                has_vc = row[at.N_ACT] >> channel & 1
                if out >= 0:
                    yield Waiting(r, p, channel, v[at.V_TOKEN], out, given if has_vc else -1, v[at.V_RANGE], v[at.V_COUNT] > 0)
                continue
            branch = v[at.V_BRANCH]
            while branch:
                b = net.branches[branch].tolist()
                if b[at.B_SENT] < v[at.V_FLITS]:
                    has_flit = b[at.B_SENT] - v[at.V_SENT] < v[at.V_COUNT]
                    yield Waiting(r, p, channel, v[at.V_TOKEN], b[at.B_OUT], b[at.B_VC] - 1, b[at.B_RANGE], has_flit)
                branch = b[at.B_NEXT]


def _ahead(machine: Machine, b: Waiting, holder: dict[tuple[int, int, int], Waiting]) -> Iterator[tuple[int, int, int]]:
    """The channels for which a branch waits: those of the holders of its VCs, and those behind them that are full."""
    net = machine.net
    row = net.ports[int(net.routers[b.router, at.R_FIRST]) + b.out].tolist()
    for vc in [b.vc] if b.vc >= 0 else [vc for vc in range(32) if b.range >> vc & 1]:
        other = holder.get((b.router, b.out, vc))
        if b.vc < 0 and other is not None and (other.port, other.channel) != (b.port, b.channel):
            yield b.router, other.port, other.channel
        elif row[at.N_LINK] >= 0 and (b.vc < 0 or b.has_flit):
            there = int(net.ports[row[at.N_TO], at.N_ROUTER])
            yield there, row[at.N_TO] - int(net.routers[there, at.R_FIRST]), vc


def _behind(machine: Machine, b: Waiting, holder: dict[tuple[int, int, int], Waiting]) -> Iterator[tuple[int, int, int]]:
    """The channel from which flits of a branch that has its VC still have to come."""
    net = machine.net
    back = int(net.ports[int(net.routers[b.router, at.R_FIRST]) + b.port, at.N_BACK])
    if b.vc < 0 or b.has_flit or b.port >= int(machine.P[at.PORTS_OF]):
        return
    before = int(net.ports[back, at.N_ROUTER])
    other = holder[before, back - int(net.routers[before, at.R_FIRST]), b.channel]
    yield before, other.port, other.channel
