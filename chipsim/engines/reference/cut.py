"""What is left of packets when links or routers of a wormhole network die (``chipsim.machine``, "Faults")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chipsim.engines.reference.network import Packet
from chipsim.engines.reference.parts import NOBODY, Branch, Channel, Flit, Output
from chipsim.engines.reference.router import Router
from chipsim.machine.message import TREE
from chipsim.machine.raw import CUT, DEAD_CORE

if TYPE_CHECKING:
    from chipsim.engines.reference.wormhole import WormholeNetwork


def cut_packets(network: WormholeNetwork) -> None:
    """An epoch has begun: take away what has just died with all that was on or in it, and end or drain what is left of packets."""
    faults = network.faults
    assert faults is not None
    now = network.env.now
    dead_routers = {r for r, at in enumerate(faults.damage.router.tolist()) if at <= now}
    dead_links = [link for link, at in enumerate(faults.dies) if at == now and link in network.behind]
    entries = {(network.behind[link][0].number, network.behind[link][1]) for link in dead_links}
    touched: dict[tuple[int, int], Packet] = {}

    def touch(packet: Packet) -> None:
        touched[packet.source, packet.sequence] = packet

    _empty_sources(network, dead_routers)
    for cycle, due in list(network.flits_due.items()):
        kept = []
        for router, channel, flit in due:
            if router.number in dead_routers or (router.number, channel.port) in entries:
                touch(flit.worm.packet)
            else:
                kept.append((router, channel, flit))
        if kept:
            network.flits_due[cycle] = kept
        else:
            del network.flits_due[cycle]
    for number in sorted(dead_routers):
        for packet in _emptied(network, network.routers[number]):
            touch(packet)
        network.active.discard(number)
    for link in dead_links:
        for packet in _close(network.routers[link // network.ports].outputs[link % network.ports], network.wormhole.buffer):
            touch(packet)
    for router_number, port in sorted(entries):
        router = network.routers[router_number]
        if router_number not in dead_routers:
            for channel in router.inputs[port].channels:
                _end(network, router, channel)
    for number in network.active:
        for channel in network.routers[number].busy.values():
            for branch in channel.branches:
                if branch.vc == NOBODY and branch.worm.packet.dest != TREE:
                    channel.branches = []  # it asks anew
                    break
    there = _heads(network)
    for key, packet in sorted(touched.items()):
        if key in there:
            packet.cause = CUT
        elif key not in network.settled:
            network.drop(packet, CUT)


def _empty_sources(network: WormholeNetwork, dead_routers: set[int]) -> None:
    """Dead endpoints have nothing to send, but for a packet that has begun at a router that lives."""
    faults = network.faults
    assert faults is not None
    for endpoint in sorted(network.sending):
        source = network.sources[endpoint]
        if not faults.dead[endpoint]:
            continue
        begun = source.queue.popleft() if source.sent > 0 else None
        left = []
        for entry in source.queue:
            if entry[1].packet.injected >= network.env.now:
                left.append(entry)
            else:
                network.drop(entry[1].packet, DEAD_CORE)
        source.queue.clear()
        if begun is not None and source.router not in dead_routers:
            source.queue.append(begun)
        elif begun is not None:
            source.sent, source.turn, source.vc = 0, source.vc, NOBODY
        source.queue.extend(left)
        if not source.queue:
            network.sending.discard(endpoint)


def _emptied(network: WormholeNetwork, router: Router) -> list[Packet]:
    """What was in a router that has died, and between it and its endpoints: they are as if they were new."""
    buffer, found = network.wormhole.buffer, []
    leaving = {flit.worm for out, _, flit in network.ejecting if out.endpoint in router.local}
    for channel in router.busy.values():
        found += [flit.worm.packet for flit in channel.fifo]
        found += [branch.worm.packet for branch in channel.branches]
        leaving |= {b.worm for b in channel.branches if b.sent and b.out is not None and b.out.endpoint >= 0}
        channel.fifo.clear()
        channel.branches, channel.in_front = [], False
    for worm in leaving:
        worm.gone = True
        network.arriving[worm.packet.kind] -= 1
        found.append(worm.packet)
    gone = {entry for entry in network.ejecting if entry[2].worm.gone}
    network.ejecting -= gone
    network.landing -= len(gone)
    for out in router.outputs.values():
        out.credits, out.holder, out.free_from = [buffer] * len(out.credits), [None] * len(out.holder), 0
    for endpoint in router.local:
        source = network.sources[endpoint]
        source.credits = source.entry.credits = [buffer] * len(source.credits)
        network.held[endpoint].clear()
    router.busy.clear()
    router.flits = 0
    return found


def _close(out: Output, buffer: int) -> list[Packet]:
    """An output whose link has died: it drains the packets that have begun to leave through it; those come back."""
    out.link = -1
    out.credits = [buffer] * len(out.credits)  # what is on its way back counts for nothing
    out.free_from = 0
    found = []
    for vc, branch in enumerate(out.holder):
        if branch is None:
            continue
        if branch.sent:
            found.append(branch.worm.packet)
            branch.worm = branch.worm.copy(0)  # what is behind the link ends on its own
        else:
            out.holder[vc] = None
            branch.vc = NOBODY
    return found


def _end(network: WormholeNetwork, router: Router, channel: Channel) -> None:
    """Nothing comes any more into a channel: a packet that is not all there ends with what is, or with a flit that is made."""
    if channel.fifo:
        last = channel.fifo[-1]
        if last.last:
            return
        flits = last.number + 1
        own = channel.in_front and last.worm is channel.worm
        last.worm.flits = flits
    elif channel.in_front and channel.worm is not None:
        flits = channel.left + 1
        channel.worm.flits = flits
        channel.fifo.append(Flit(channel.worm, channel.left))
        router.flits += 1
        network.active.add(router.number)
        own = True
    else:
        return
    while own and channel.branches:
        branch = channel.branches[0]
        branch.worm.flits = flits
        after = _next(network, branch)
        if after is None or not after.in_front or after.worm is not branch.worm:
            return
        channel = after


def _next(network: WormholeNetwork, branch: Branch) -> Channel | None:
    """The channel that a branch sends into, if that is one of a router that lives."""
    if branch.out is None or branch.vc == NOBODY or branch.out.link < 0:
        return None
    router, port = network.behind[branch.out.link]
    channel: Channel = router.inputs[port].channels[branch.vc]
    return channel


def _heads(network: WormholeNetwork) -> set[tuple[int, int]]:
    """Source and sequence number of packets whose head is still somewhere, or has gone to an endpoint before their last flit."""
    found = {
        (f.worm.packet.source, f.worm.packet.sequence) for due in network.flits_due.values() for _, _, f in due if f.number == 0
    }
    found |= {(flit.worm.packet.source, flit.worm.packet.sequence) for _, _, flit in network.ejecting}
    for number in network.active:
        for channel in network.routers[number].busy.values():
            for flit in channel.fifo:
                if flit.number == 0:
                    found.add((flit.worm.packet.source, flit.worm.packet.sequence))
            for branch in channel.branches:
                if branch.sent and branch.out is not None and branch.out.endpoint >= 0:
                    found.add((branch.worm.packet.source, branch.worm.packet.sequence))
    return found
