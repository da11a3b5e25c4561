"""Who waits for whom in a network of wormhole routers in a deadlock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chipsim.engines.reference.parts import NOBODY, Branch, Channel
from chipsim.engines.reference.router import Router

Behind = Mapping[int, tuple[Router, int]]
"""By link: the router behind it, and the port by which it is entered."""


def waits(routers: Sequence[Router], behind: Behind) -> Iterator[tuple[int, ...]]:
    """Rows as ``chipsim.engines.deadlock.describe_wormhole`` takes them."""
    before = {(there.number, port): link for link, (there, port) in behind.items()}
    for router in routers:
        for _, channel in sorted(router.busy.items()):
            for branch in channel.branches:
                if branch.out is None or branch.sent == branch.worm.flits:
                    continue
                packet = branch.worm.packet
                where = (router.number, channel.port, channel.vc, packet.source, packet.sequence, branch.out.port)
                for cause in causes(router, channel, branch, behind):
                    yield (*where, *cause)
                if branch.vc != NOBODY and not channel.has(branch) and (router.number, channel.port) in before:
                    yield (*where, *sender(routers, before[router.number, channel.port], channel.vc))


def causes(router: Router, channel: Channel, branch: Branch, behind: Behind) -> Iterator[tuple[int, int, int]]:
    """Channels for which a branch waits with what it has in front: those of the holders of its VCs, and those behind them that are full."""
    out = branch.out
    assert out is not None
    for vc in [branch.vc] if branch.vc != NOBODY else range(branch.low, branch.high + 1):
        holder = out.holder[vc]
        if branch.vc == NOBODY and holder is not None and holder.channel is not channel:
            yield router.number, holder.channel.port, holder.channel.vc
        elif out.link >= 0 and (branch.vc == NOBODY or channel.has(branch)):
            there, port = behind[out.link]
            yield there.number, port, vc


def sender(routers: Sequence[Router], link: int, vc: int) -> tuple[int, int, int]:
    """The channel from which flits still have to come over a link into a VC."""
    for router in routers:
        for out in router.outputs.values():
            holder = out.holder[vc]
            if out.link == link and holder is not None:
                return router.number, holder.channel.port, holder.channel.vc
    raise AssertionError("a packet is in front, its last flit is not there, and nobody sends it")
