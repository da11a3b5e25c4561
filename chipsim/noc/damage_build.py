"""From the faults of an experiment to the damaged network of a plan: who dies when, and the ways round it."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from chipsim.config.faults import DeadCore, DeadLink, DeadRouter, FlitLoss, NetworkFault
from chipsim.config.noc import NocSpec
from chipsim.errors import ConfigError
from chipsim.noc.damage import FOREVER, Damage, Epoch
from chipsim.noc.fabric import Fabric
from chipsim.noc.loss import DRAW
from chipsim.noc.plan import NocPlan
from chipsim.noc.routing import NO_PATH, TABLE, Routing
from chipsim.noc.tables import shortest_table, updown_table
from chipsim.noc.usable import inside

Ints = npt.NDArray[np.int64]

RETRY = 100_000
"""ps after which a lost flit is sent again, where nothing is said."""

_SHOWN = 12


def damaged(name: str, noc: NocSpec, plan: NocPlan, faults: tuple[NetworkFault, ...], trees: bool, seed: int) -> NocPlan:
    """The plan of a network with faults.

    Dead links and routers are gone round by up*/down*, on a chip with routing ``table`` by shortest ways. Wormhole routers whose network
    changes in the middle of a run go up*/down* from the beginning, by one order of the routers for all epochs, unless the chip names
    another routing.

    Args:
        name: of the chip.
        noc: its network.
        plan: its sound network.
        faults: what goes wrong.
        trees: whether messages go on trees.
        seed: of what links lose.

    Raises:
        ConfigError: a fault names a link or router that is not there, or trees would have to change in the middle of the run.
    """
    fabric, clock = plan.fabric, plan.wormhole.clock if plan.wormhole is not None else 1
    link, router, core = _deaths(name, noc, fabric, faults, clock)
    lossy, retry = _losses(name, noc, fabric, faults)
    times = sorted({0, *link[link < FOREVER].tolist()} | {int(at) for at in core[core < FOREVER]})
    if trees and (link[link < FOREVER] > 0).any():
        raise ConfigError(
            f"chip {name}: links or routers die in the middle of the run, and messages go on trees, which would still go over them;"
            " allowed: faults from the start (at: 0 ps), or chip.noc.cast=unicast"
        )
    broken = bool((link < FOREVER).any())
    shortest = noc.routing == "table"
    changes = bool((link[link < FOREVER] > 0).any())
    one_order = broken and not shortest and (noc.routing in (None, "updown") or plan.wormhole is None or not changes)
    rank = lasting_rank(fabric, link) if one_order else np.zeros(0, np.int64)
    from_start = one_order and plan.wormhole is not None
    epochs: list[Epoch] = []
    routing = plan.routing
    for at in times:
        dead = link <= at
        if dead.any() or from_start:
            left = replace(fabric, to=np.where(dead, -1, fabric.to), back=np.where(dead, -1, fabric.back))
            table = shortest_table(left) if shortest else updown_table(left, rank if len(rank) else lasting_rank(left, link))
            routing = by_table(plan.routing, fabric, _without(table, router <= at))
        epochs.append(Epoch(at, routing))
    damage = Damage(tuple(epochs), link, router, core, rank if from_start else np.zeros(0, np.int64), lossy, retry, seed)
    return replace(plan, routing=epochs[0].routing, damage=damage)


def by_table(routing: Routing, fabric: Fabric, table: Ints) -> Routing:
    """A routing by table in the place of another."""
    return routing._replace(kind=TABLE, ports=fabric.ports, routers=fabric.routers, table=table)


def lasting_rank(fabric: Fabric, died: Ints) -> Ints:
    """An order of routers by which up*/down* reaches, while links die, all that any way still leads to.

    From the lowest router of each part on, the next is one that is joined to those before by a link that lives longest; of those the one found
    first. So whoever is joined to a router before it in some epoch is so by links that live in that epoch, one up after the other.

    Args:
        fabric: all links.
        died: int64[links] ps, ``FOREVER`` for those that stay.

    Returns:
        int64[routers], place of each in the order.
    """
    ports, to, back = fabric.ports, fabric.to.tolist(), fabric.back.tolist()
    # a link that is dead one way joins nothing
    other = np.where(fabric.to >= 0, fabric.to * ports + fabric.back, 0)
    both = np.where((fabric.to >= 0) & (fabric.to[other] >= 0), np.minimum(died, died[other]), 0).tolist()
    rank = np.full(fabric.routers, -1, np.int64)
    found, placed = itertools.count(), 0
    for root in range(fabric.routers):
        front = [(0, next(found), root)]
        while front:
            _, _, here = heapq.heappop(front)
            if rank[here] >= 0:
                continue
            rank[here], placed = placed, placed + 1
            for link in range(here * ports, (here + 1) * ports):
                if to[link] >= 0 and back[link] >= 0 and both[link] > 0 and rank[to[link]] < 0:
                    heapq.heappush(front, (-both[link], next(found), to[link]))
    return rank


def _without(table: Ints, dead: npt.NDArray[np.bool_]) -> Ints:
    """A table in which nothing leads to or from dead routers."""
    n = len(dead)
    left = table.reshape(n, n).copy()
    left[dead] = NO_PATH
    left[:, dead] = NO_PATH
    return left.ravel()


def _deaths(name: str, noc: NocSpec, fabric: Fabric, faults: tuple[NetworkFault, ...], clock: int) -> tuple[Ints, Ints, Ints]:
    """When links, routers and cores die, at edges of the clock."""
    link, router = np.full(len(fabric.to), FOREVER, np.int64), np.full(fabric.routers, FOREVER, np.int64)
    core = np.full(noc.cores, FOREVER, np.int64)
    for number, fault in enumerate(faults):
        if isinstance(fault, FlitLoss):
            continue
        at = fault.at + -fault.at % clock
        if isinstance(fault, DeadLink):
            ways = _links(name, fabric, fault.a, fault.b, f"dead_link number {number}")
            if not fault.one_way:
                ways = np.concatenate([ways, _links(name, fabric, fault.b, fault.a, f"dead_link number {number}")])
            link[ways] = np.minimum(link[ways], at)
        elif isinstance(fault, DeadRouter):
            inside(fault.router, fabric.routers, "router", name)
            router[fault.router] = min(int(router[fault.router]), at)
        elif isinstance(fault, DeadCore):
            inside(fault.core, len(core), "core", name)
            core[fault.core] = min(int(core[fault.core]), at)
    used = fabric.to >= 0
    here = np.repeat(np.arange(fabric.routers), fabric.ports)
    link[used] = np.minimum(link[used], np.minimum(router[here[used]], router[fabric.to[used]]))
    tile = np.arange(len(core)) // noc.concentration
    return link, router, np.minimum(core, router[tile])


def _losses(name: str, noc: NocSpec, fabric: Fabric, faults: tuple[NetworkFault, ...]) -> tuple[Ints, int]:
    """Thresholds of links, and the time after which a lost flit is sent again."""
    lossy, retry = np.zeros(len(fabric.to), np.int64), []
    for number, fault in enumerate(faults):
        if not isinstance(fault, FlitLoss):
            continue
        ways = np.flatnonzero(fabric.to >= 0)
        if fault.links != "all":
            ways = np.concatenate(
                [_links(name, fabric, a, b, f"flit_loss number {number}") for a, b in fault.links] or [ways[:0]]
            )
        lossy[ways] = int(fault.rate * DRAW)
        retry.append((fault.retry or RETRY) if fault.retransmit else 0)
    if len(set(retry)) > 1:
        raise ConfigError(
            f"faults: {len(retry)} times flit_loss with different retransmit or retry; allowed: the same for all links of a chip"
        )
    return lossy, retry[0] if retry else 0


def _links(name: str, fabric: Fabric, a: int, b: int, what: str) -> Ints:
    """Links from one router to another."""
    if max(a, b) >= fabric.routers:
        raise ConfigError(f"{what}: found routers {a} and {b}; allowed: 0 to {fabric.routers - 1}, the routers of chip {name}")
    ports = fabric.ports
    found: Ints = a * ports + np.flatnonzero(fabric.to[a * ports : (a + 1) * ports] == b)
    if not len(found):
        near = np.unique(fabric.to[a * ports : (a + 1) * ports])
        names = ", ".join(map(str, near[near >= 0][:_SHOWN].tolist())) or "none"
        raise ConfigError(f"{what}: no link leads from router {a} to router {b}; its neighbours are: {names}")
    return found
