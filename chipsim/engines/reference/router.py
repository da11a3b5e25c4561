"""A wormhole router of the reference engine: what it does in a cycle (``chipsim.machine``, "Wormhole routers").

Inputs and outputs are numbered alike: first the network ports, then the endpoints of the tile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from chipsim.engines.reference.faults import Faults
from chipsim.engines.reference.parts import (
    NO_CREDIT,
    NO_SWITCH,
    NO_VC,
    NOBODY,
    Branch,
    Channel,
    Flit,
    Input,
    Output,
    Worm,
    can_send,
    message_class_range,
    out_of,
    vc_class_range,
)
from chipsim.errors import SimulationError
from chipsim.machine.message import F0, LAYER, TREE
from chipsim.machine.raw import CUT, UNREACHABLE
from chipsim.noc.plan import Wormhole
from chipsim.noc.routing import (
    ADAPTIVE,
    DATELINE,
    HERE,
    NO_PATH,
    ODD_EVEN,
    TORUS,
    WEST_FIRST,
    Routing,
    next_port,
    permitted,
    vc_class,
)

CHOICE = (WEST_FIRST, ODD_EVEN, ADAPTIVE)
"""Routings that leave a choice."""

Thing = TypeVar("Thing")


class Rules(NamedTuple):
    """What all routers of a network have in common.

    ``table`` tells the entry of a router for a (layer, id), ``tile`` the tile of an endpoint; ``faults`` the damage of the network.
    """

    wormhole: Wormhole
    routing: Routing
    tile: list[int]
    table: Callable[[int, tuple[int, int]], int]
    faults: Faults | None = None


def first_from(things: Sequence[Thing], pointer: int, size: int, number: Callable[[Thing], int]) -> Thing:
    """The first thing whose number comes at or after the pointer, going round."""
    return min(things, key=lambda thing: (number(thing) - pointer) % size) if len(things) > 1 else things[0]


class Router:
    """One router. It acts on its own state only; what leaves it is told to ``send`` and ``give_back``."""

    def __init__(
        self, number: int, rules: Rules, inputs: dict[int, Input], outputs: dict[int, Output], local: dict[int, Output]
    ) -> None:
        self.number, self.rules, self.inputs, self.outputs, self.local = number, rules, inputs, outputs, local
        self.vcs = rules.wormhole.vcs
        self.size = max(outputs, default=-1) + 1  # ports
        self.busy: dict[int, Channel] = {}  # channels with a flit or a packet in front
        self.flits = 0
        self.queue_sum, self.queue_most = 0, 0

    @property
    def routing(self) -> Routing:
        """The routing of now."""
        return self.rules.faults.routing if self.rules.faults else self.rules.routing

    # --- landing, and packets that come in front

    def land(self, channel: Channel, flit: Flit) -> None:
        """A flit joins its FIFO."""
        channel.fifo.append(flit)
        self.busy[channel.number] = channel
        self.flits += 1

    def advance(self, cycle: int) -> list[Channel]:
        """Heads that are first in their FIFO come in front, and after the time of a route their branches are made.

        Notes how full the FIFOs are; returns the channels with new branches.
        """
        self.queue_sum += self.flits
        self.queue_most = max(self.queue_most, self.flits)
        parted = []
        for channel in self.busy.values():
            if channel.branches:
                continue
            if not channel.in_front:
                channel.in_front, channel.left, channel.worm = True, 0, channel.fifo[0].worm
                channel.asks_from = cycle + self.rules.wormhole.route_cycles
            if channel.asks_from <= cycle:
                channel.branches = list(self.branches(channel, channel.fifo[0].worm))
                parted.append(channel)
        return parted

    def branches(self, channel: Channel, worm: Worm) -> Iterator[Branch]:
        """A branch per output that a packet needs."""
        packet, R, faults = worm.packet, self.routing, self.rules.faults
        low, high = message_class_range(self.rules.wormhole, packet.kind)
        source = self.rules.tile[packet.source]
        if packet.dest == TREE:
            yield from self.tree(channel, worm, source, low, high)
            return
        dest = self.rules.tile[packet.dest]
        if dest == self.number:
            yield Branch(channel, worm.copy(0), self.local[packet.dest], low, high)
            return
        copy = worm.copy(1)
        if R.kind in CHOICE:
            yield Branch(channel, copy)
            return
        port = next_port(R, self.number, dest, source, worm.ties)
        first = self.number * R.ports
        came = first + channel.port if channel.port < R.ports else -1
        if faults and (port == NO_PATH or faults.turns_up(first + port, came)):
            copy = worm.copy(0)
            copy.cause = UNREACHABLE if port == NO_PATH else CUT
            if copy.cause == CUT:
                packet.cause = CUT  # that stays, whatever else befalls it
            yield Branch(channel, copy, self.outputs[R.ports], low, high)
            return
        if port in (NO_PATH, HERE):
            raise SimulationError(
                f"no way leads from router {self.number} to router {dest}; a packet of endpoint {packet.source} needs one"
            )
        which = vc_class(R, self.number, port, dest, source, worm.ties)
        yield Branch(channel, copy, self.outputs[port], *vc_class_range(low, high, which))

    def tree(self, channel: Channel, worm: Worm, source: int, low: int, high: int) -> Iterator[Branch]:
        """A branch per bit of the routing entry; VC classes go by the dateline, which does not depend on a destination."""
        packet, R = worm.packet, self.routing
        layer, neuron = packet.message[LAYER], packet.message[F0]
        mask = self.rules.table(self.number, (layer, neuron))
        if not mask:
            raise SimulationError(
                f"router {self.number} has no entry for neuron id {neuron} read on layer {layer}; the multicast tree is broken"
            )
        by_dateline = R._replace(kind=DATELINE) if R.kind == TORUS else R
        for port, out in sorted(self.outputs.items()):
            if not mask >> port & 1:
                continue
            if out.link < 0:
                yield Branch(channel, worm.copy(0), out, low, high)
            else:
                which = vc_class(by_dateline, self.number, port, source, source, worm.ties)
                yield Branch(channel, worm.copy(1), out, *vc_class_range(low, high, which))

    def choose(self, branch: Branch) -> None:
        """An output for a branch with a choice, by what is free now."""
        R, packet = self.routing, branch.worm.packet
        low, high = message_class_range(self.rules.wormhole, packet.kind)
        dest, source = self.rules.tile[packet.dest], self.rules.tile[packet.source]
        escape = self.outputs[next_port(R, self.number, dest, source, branch.worm.ties)]
        if R.kind == ADAPTIVE:
            in_escape = branch.channel.port < R.ports and branch.channel.vc == low
            if in_escape:
                branch.out, branch.low, branch.high = escape, low, low
                return
        first = low + (R.kind == ADAPTIVE)
        mask = permitted(R, self.number, dest, source)
        allowed = [out for port, out in sorted(self.outputs.items()) if port < R.ports and mask >> port & 1]
        worth = [sum(out.credits[vc] + 1 for vc in self.free(out, first, high)) for out in allowed]
        best = max(worth)
        branch.out, branch.low, branch.high = allowed[worth.index(best)], first, high
        if R.kind == ADAPTIVE and best == 0:
            branch.out, branch.low, branch.high = escape, low, low

    def free(self, out: Output, low: int, high: int) -> list[int]:
        """VCs of a range that may be taken."""
        full = self.rules.wormhole.buffer if self.rules.wormhole.atomic else 0
        return [vc for vc in range(low, high + 1) if out.holder[vc] is None and out.credits[vc] >= full]

    # --- allocation

    def allocate(self, cycle: int) -> tuple[int, list[Branch], list[tuple[Branch, int]]]:
        """A cycle of both allocators.

        Returns:
            How many VCs were given, the branches whose next flit goes, and those that wait with the cause.
        """
        asking: list[Branch] = []
        holding: list[Branch] = []
        for _, channel in sorted(self.busy.items()):
            for branch in channel.branches:
                if branch.vc != NOBODY:
                    if channel.has(branch):
                        holding.append(branch)
                else:
                    asking.append(branch)
        for branch in asking:
            packet = branch.worm.packet
            if packet.dest != TREE and self.rules.tile[packet.dest] != self.number and self.routing.kind in CHOICE:
                self.choose(branch)
        ready = {branch for branch in holding if can_send(branch, branch.vc, cycle)}
        bold: list[Branch] = []  # those that ask for VC and switch at once
        if self.rules.wormhole.speculative:
            bold = [b for b in asking if any(can_send(b, vc, cycle) for vc in self.free(out_of(b), b.low, b.high))]
        given = self.give_channels(asking, cycle)
        winners = [
            b for b in self.give_switch([b for b in holding if b in ready], bold) if b.vc != NOBODY and can_send(b, b.vc, cycle)
        ]
        gone = set(winners)
        stalls: list[tuple[Branch, int]] = []
        for branch in asking + holding:
            if branch in gone:
                continue
            if branch.vc == NOBODY:
                stalls.append((branch, NO_VC))
            elif branch.given < cycle or self.rules.wormhole.speculative:
                stalls.append((branch, NO_SWITCH if can_send(branch, branch.vc, cycle) else NO_CREDIT))
        return given, winners, stalls

    def give_channels(self, asking: list[Branch], cycle: int) -> int:
        """VC allocation; returns how many were given."""
        wanted: dict[int, list[Branch]] = {}
        for branch in asking:
            out = out_of(branch)
            for vc in self.free(out, branch.low, branch.high):
                wanted.setdefault(out.port * self.vcs + vc, []).append(branch)
        size = self.size * self.vcs
        granted: dict[Channel, list[tuple[int, Branch]]] = {}
        for number, branches in sorted(wanted.items()):
            pointer = out_of(branches[0]).turn[number % self.vcs]
            winner = first_from(branches, pointer, size, lambda b: b.channel.number)
            granted.setdefault(winner.channel, []).append((number, winner))
        for channel, offers in granted.items():
            number, branch = first_from(offers, channel.turn, size, lambda offer: offer[0])
            out, vc = out_of(branch), number % self.vcs
            out.holder[vc] = branch
            branch.vc, branch.given = vc, cycle
            out.turn[vc] = channel.number + 1
            channel.turn = number + 1
        return len(granted)

    def give_switch(self, holding: list[Branch], bold: list[Branch]) -> list[Branch]:
        """Switch allocation among those that have a VC and those that ask for one; returns who was accepted."""
        asks: dict[tuple[int, int], Branch] = {}  # (output, input) -> who asks for both
        for group in (holding, bold):
            pairs: dict[tuple[int, int], list[Branch]] = {}
            for branch in group:
                pairs.setdefault((out_of(branch).port, branch.channel.port), []).append(branch)
            for pair, branches in pairs.items():
                if pair not in asks:
                    asks[pair] = first_from(branches, self.inputs[pair[1]].turn, self.vcs, lambda b: b.channel.vc)
        granted: dict[int, list[int]] = {}
        for port in sorted({port for port, _ in asks}):
            askers = [entry for output, entry in asks if output == port]
            winner = first_from(askers, self.outputs[port].grant, self.size, int)
            granted.setdefault(winner, []).append(port)
        accepted: list[Branch] = []
        for entry, ports in granted.items():
            taker = self.inputs[entry]
            port = first_from(ports, taker.accept, self.size, int)
            branch = asks[port, entry]
            self.outputs[port].grant = entry + 1
            taker.accept = port + 1
            taker.turn = branch.channel.vc + 1
            accepted.append(branch)
        return accepted

    # --- transfer

    def leave(self, branch: Branch, cycle: int) -> bool:
        """A winner's flit leaves through its output; True if it leaves the FIFO as well."""
        out, channel = out_of(branch), branch.channel
        out.credits[branch.vc] -= 1
        out.free_from = cycle + out.period
        if branch.flit.last:
            out.holder[branch.vc] = None
        branch.sent += 1
        if min(b.sent for b in channel.branches) == channel.left:
            return False
        last = channel.fifo.popleft().last
        channel.left += 1
        self.flits -= 1
        if last:
            channel.branches, channel.in_front = [], False
            if not channel.fifo:
                del self.busy[channel.number]
        return True
