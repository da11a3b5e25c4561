"""A damaged network on the reference engine: what is dead now, which flits are lost, and which packets are dropped for what."""

from __future__ import annotations

from chipsim.engines.reference.phases import Clock
from chipsim.machine.message import TREE
from chipsim.machine.raw import DEAD_CORE, UNREACHABLE
from chipsim.noc.damage import Damage
from chipsim.noc.loss import lost
from chipsim.noc.plan import NocPlan
from chipsim.noc.routing import NO_PATH, TABLE, Routing
from chipsim.plan.plan import Plan

NO_CAUSE = -1
"""Instead of a cause: the packet is sound."""


class Faults:
    """The damage of a plan, at a time; ``routing`` is that of the epoch."""

    def __init__(self, plan: Plan, noc: NocPlan, damage: Damage, env: Clock) -> None:
        self.damage, self.env, self.tile = damage, env, plan.endpoint_tile
        self.routing: Routing = noc.routing
        self.dies = damage.link.tolist()
        self.lossy = damage.lossy.tolist()
        self.up = damage.goes_up(noc.fabric).tolist()
        self.ordered = len(damage.rank) > 0
        self.retry = damage.retry
        self.dead = [False] * plan.endpoints
        self.begin(0)

    def begin(self, epoch: int) -> None:
        """An epoch begins."""
        one = self.damage.epochs[epoch]
        self.routing = one.routing
        self.dead = self.damage.dead_endpoints(self.tile, one.time).tolist()

    def at_release(self, source: int, dest: int) -> int:
        """Why a packet that is released now is dropped, or ``NO_CAUSE``."""
        if self.dead[source]:
            return DEAD_CORE
        return UNREACHABLE if dest != TREE and self.is_cut_off(int(self.tile[source]), int(self.tile[dest])) else NO_CAUSE

    def is_cut_off(self, tile: int, dest: int) -> bool:
        """Does no way lead from a router to another?"""
        return self.routing.kind == TABLE and self.routing.table[tile * self.routing.routers + dest] == NO_PATH

    def turns_up(self, link: int, came: int) -> bool:
        """Would a packet have to go up a link after it came down through the port of another (-1: of none)?"""
        return self.ordered and came >= 0 and self.up[link] and self.up[came]

    def at_endpoint(self, endpoint: int, cause: int) -> int:
        """Why a packet that is at an endpoint is not delivered, or ``NO_CAUSE``."""
        return cause if cause != NO_CAUSE else DEAD_CORE if self.dead[endpoint] else NO_CAUSE

    def again(self, link: int, taken: int, flits: int) -> int:
        """How many of the next flits of a link, which has taken some before, are sent again."""
        if not self.retry or not self.lossy[link]:
            return 0
        return int(lost(self.damage.seed, link, taken, flits, self.lossy[link]))

    def loses(self, link: int, packets: int, flits: int) -> bool:
        """Does a link lose a flit of its next packet for good?"""
        if self.retry or not self.lossy[link]:
            return False
        return bool(lost(self.damage.seed, link, packets << 16, flits, self.lossy[link]))
