"""Who waits for whom in a network of wormhole routers in a deadlock, as rows for ``chipsim.engines.deadlock.describe_wormhole``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from chipsim.engines.compiled import layout as at
from chipsim.engines.compiled.fabric import channels
from chipsim.jit.records import Block
from chipsim.machine.state import SEQUENCE_MASK, SOURCE_MASK, SOURCE_SHIFT


class Waiting(NamedTuple):
    """A branch of a packet in front of a channel; ``vc`` is what it has behind its output, -1: nothing yet."""

    router: int
    port: int
    channel: int
    packet: int
    out: int
    vc: int
    range: int
    has_flit: bool


def waits(m: Block) -> Iterator[tuple[int, ...]]:
    """Rows of router, input port, VC, source, sequence number, output port, and router, input port, VC of what is waited for."""
    branches = [b for r in np.flatnonzero(m.routers["work"]).tolist() for b in _branches(m, r)]
    holder = {(b.router, b.out, b.vc): b for b in branches if b.vc >= 0}
    for b in branches:
        key = int(m.packets["key"][b.packet])
        source, sequence = key >> SOURCE_SHIFT & SOURCE_MASK, key & SEQUENCE_MASK
        for cause in (*_ahead(m, b, holder), *_behind(m, b, holder)):
            yield (b.router, b.port, b.channel, source, sequence, b.out, *cause)


def _branches(m: Block, r: int) -> Iterator[Waiting]:
    vcs, inputs = m.vcs, channels(m)
    first, ports = int(m.routers["first"][r]), int(m.routers["ports"][r])
    for p in range(ports):
        row = m.ports[first + p]
        for channel in range(vcs):
            v = inputs[(first + p) * vcs + channel].tolist()
            if not v[at.V_PACKET]:
                continue
            if not int(row["multi"]) >> channel & 1:
                out, given = (v[at.V_OUT] & at.OUT_MASK) - 1, v[at.V_OUT] >> at.VC_SHIFT
                has_vc = int(row["act"]) >> channel & 1
                if out >= 0:
                    yield Waiting(r, p, channel, v[at.V_PACKET], out, given if has_vc else -1, v[at.V_RANGE], v[at.V_COUNT] > 0)
                continue
            branch = v[at.V_BRANCH]
            while branch:
                b = m.branches[branch]
                if b["sent"] < v[at.V_FLITS]:
                    has_flit = int(b["sent"]) - v[at.V_SENT] < v[at.V_COUNT]
                    yield Waiting(r, p, channel, v[at.V_PACKET], int(b["out"]), int(b["vc"]) - 1, int(b["range"]), has_flit)
                branch = int(b["next"])


def _ahead(m: Block, b: Waiting, holder: dict[tuple[int, int, int], Waiting]) -> Iterator[tuple[int, int, int]]:
    """The channels for which a branch waits: those of the holders of its VCs, and those behind them that are full."""
    row = m.ports[int(m.routers["first"][b.router]) + b.out]
    for vc in [b.vc] if b.vc >= 0 else [vc for vc in range(32) if b.range >> vc & 1]:
        other = holder.get((b.router, b.out, vc))
        if b.vc < 0 and other is not None and (other.port, other.channel) != (b.port, b.channel):
            yield b.router, other.port, other.channel
        elif row["link"] >= 0 and (b.vc < 0 or b.has_flit):
            there = int(m.ports["router"][int(row["to"])])
            yield there, int(row["to"]) - int(m.routers["first"][there]), vc


def _behind(m: Block, b: Waiting, holder: dict[tuple[int, int, int], Waiting]) -> Iterator[tuple[int, int, int]]:
    """The channel from which flits of a branch that has its VC still have to come."""
    back = int(m.ports["back"][int(m.routers["first"][b.router]) + b.port])
    if b.vc < 0 or b.has_flit or b.port >= m.ports_of:
        return
    before = int(m.ports["router"][back])
    other = holder[before, back - int(m.routers["first"][before]), b.channel]
    yield before, other.port, other.channel
