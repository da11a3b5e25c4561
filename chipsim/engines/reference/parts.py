"""The parts of wormhole routers on the reference engine: flits and branches, inputs with their virtual channels, outputs, ways in."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from chipsim.engines.reference.faults import NO_CAUSE
from chipsim.engines.reference.network import Packet
from chipsim.noc.plan import Wormhole
from chipsim.noc.routing import WHOLE

NOBODY = -1
"""Instead of a VC: none has been given yet."""

NO_VC, NO_CREDIT, NO_SWITCH = range(3)
"""Causes of a stall, the columns of ``RawRun.link_stalls``."""


@dataclass(slots=True, eq=False)
class Worm:
    """A packet, or a copy of it, on the way over one link; its flits are numbered from 0."""

    packet: Packet
    ties: int
    flits: int
    hops: int = 0
    cause: int = NO_CAUSE  # why a damaged network is going to drop it
    gone: bool = False  # what is left of it on a way is nothing

    def copy(self, hops: int) -> Worm:
        """The same, so many links on."""
        return Worm(self.packet, self.ties, self.flits, self.hops + hops, self.cause)


class Flit(NamedTuple):
    """A part of a worm."""

    worm: Worm
    number: int

    @property
    def last(self) -> bool:
        """Whether none of the packet comes after it."""
        return self.number == self.worm.flits - 1


@dataclass(slots=True, eq=False)
class Output:
    """A way out of a router, and what is known of the input behind it.

    ``link`` is the number of the link, ``endpoint`` that of the endpoint behind a local output, each -1 for the other; both -1: it is dead.
    """

    port: int
    link: int
    endpoint: int
    cycles: int  # of the link
    period: int  # cycles that a flit holds the link
    credits: list[int]
    holder: list[Branch | None]
    turn: list[int]  # per VC the first input that is looked at
    grant: int = 0  # first input that is looked at for the switch
    free_from: int = 0  # cycle


@dataclass(slots=True, eq=False)
class Branch:
    """A packet in front wants an output; ``worm`` is what leaves through it."""

    channel: Channel
    worm: Worm
    out: Output | None = None  # None where the routing leaves a choice that is still to make
    low: int = 0
    high: int = 0
    vc: int = NOBODY
    given: int = -1  # cycle in which it got its VC
    sent: int = 0

    @property
    def flit(self) -> Flit:
        """What it sends next."""
        return Flit(self.worm, self.sent)


@dataclass(slots=True, eq=False)
class Channel:
    """A virtual channel of an input, with the branches of the packet in front."""

    port: int
    vc: int
    number: int
    fifo: deque[Flit] = field(default_factory=deque)
    branches: list[Branch] = field(default_factory=list)
    in_front: bool = False  # is there a packet in front?
    worm: Worm | None = None  # that packet, as it came
    asks_from: int = 0  # cycle from which its branches ask for VCs
    left: int = 0  # flits of the packet in front that have left the FIFO
    turn: int = 0  # first output VC that is looked at

    def has(self, branch: Branch) -> bool:
        """Is the branch's next flit there? Flits behind the packet in front belong to others."""
        at = branch.sent - self.left
        return at < len(self.fifo) and branch.sent < branch.worm.flits

    def waits_for_link(self, cycle: int) -> bool:
        """Does a branch that has its VC and its next flit find its link taken?"""
        return any(b.vc != NOBODY and self.has(b) and out_of(b).free_from > cycle for b in self.branches)


@dataclass(slots=True, eq=False)
class Input:
    """A way into a router; ``credits`` are those of its sender, ``cycles`` the way back to it."""

    channels: list[Channel]
    credits: list[int]
    cycles: int
    turn: int = 0  # first VC that is looked at
    accept: int = 0  # first output that is looked at


class Source:
    """The way of an endpoint into its router: a queue without limit, each packet with the cycle from which it is there."""

    def __init__(self, router: int, entry: Input, cycles: int) -> None:
        self.router, self.entry, self.cycles = router, entry, cycles
        self.credits = entry.credits
        self.queue: deque[tuple[int, Worm]] = deque()
        self.turn = 0  # first VC that is looked at
        self.vc = NOBODY  # of the packet that is on its way into the router
        self.sent = 0

    def ready(self, cycle: int) -> bool:
        """Is there something to send?"""
        return bool(self.queue) and self.queue[0][0] <= cycle

    def send(self, low: int, high: int, least: int) -> Flit | None:
        """The next flit, if there is a VC with a credit for it; a head may take one from ``low`` to ``high`` that has ``least`` credits."""
        worm = self.queue[0][1]
        if self.vc == NOBODY:
            size = len(self.credits)
            order = [(self.turn + i) % size for i in range(size)]
            self.vc = next((vc for vc in order if low <= vc <= high and self.credits[vc] >= least), NOBODY)
        if self.vc == NOBODY or not self.credits[self.vc]:
            return None
        flit = Flit(worm, self.sent)
        self.credits[self.vc] -= 1
        self.sent += 1
        return flit

    def finish(self) -> None:
        """The last flit of a packet has left."""
        self.queue.popleft()
        self.turn, self.vc, self.sent = self.vc + 1, NOBODY, 0


def out_of(branch: Branch) -> Output:
    """The output that a branch wants now."""
    assert branch.out is not None
    return branch.out


def can_send(branch: Branch, vc: int, cycle: int) -> bool:
    """Is there a credit of a VC, and the link free?"""
    out = out_of(branch)
    return out.credits[vc] > 0 and out.free_from <= cycle


def message_class_range(wormhole: Wormhole, kind: int) -> tuple[int, int]:
    """First and last VC of the class of a kind of message."""
    which = int(wormhole.class_of[kind])
    return which * wormhole.vcs // wormhole.classes, (which + 1) * wormhole.vcs // wormhole.classes - 1


def vc_class_range(low: int, high: int, which: int) -> tuple[int, int]:
    """First and last VC of a VC class in a range."""
    many = high - low + 1
    if which == WHOLE:
        return low, high
    return (high - many // 2 + 1, high) if which else (low, high - many // 2)
