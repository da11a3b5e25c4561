"""Whether a routing can deadlock: the channel-dependency graph of wormhole routers, and the refusal of one with a cycle.

A node is a link with a group of its virtual channels: all of them, or a VC class where the routing has two; a class of messages has virtual
channels of its own and the same graph again. An edge says that some packet can hold the first and wait for the second. Without a cycle
there is always a packet that can go on (Dally and Seitz 1987).

* Routings with a choice are taken with every turn that they permit, but ``ADAPTIVE`` is judged on its escape alone (Duato 1993): x-then-y
  on the first virtual channel of the range, which reaches everything and which no packet leaves again, so that it depends on nothing else.
  That holds only while the head of a packet that waits is the first in its virtual channel: packets of several flits need atomic reuse.
* On a tree whose packets do not fit into a buffer, a branch that waits keeps the others from going on: branches depend on each other.
* Cores end a dependency, even with a limit on what waits there: whatever they have to send waits in an outbox without limit, so they always
  take in the next message (see ``classes.py`` for chips where that is not so).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipsim.errors import ConfigError
from chipsim.noc.cycles import find_cycle
from chipsim.noc.fabric import Fabric, places
from chipsim.noc.plan import NocPlan
from chipsim.noc.routing import (
    ADAPTIVE,
    DATELINE,
    EAST,
    NO_PATH,
    ODD_EVEN,
    SOUTH,
    TABLE,
    TORUS,
    WEST,
    WEST_FIRST,
    YX,
    Routing,
)

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

GROUPS = 2
"""Nodes per link, ``link * GROUPS + group``; group 1 is used by routings with two VC classes only."""

SHOWN = 12
"""Most links of a cycle that a message names."""


def check_deadlock(plan: NocPlan, longest_tree: int, route: Ints, name: str, routing: str) -> None:
    """Refuse a network of wormhole routers that can deadlock.

    Args:
        plan: the network, with wormhole routers.
        longest_tree: flits of the longest packet on a tree, 0 without trees.
        route: int64[entries, 4] tile, layer, id, mask: trees, which need not keep to the ways of the packets.
        name: of the chip, for the message.
        routing: its name, likewise.

    Raises:
        ConfigError: naming a cycle.
    """
    wormhole = plan.wormhole
    assert wormhole is not None
    if plan.routing.kind == ADAPTIVE and not wormhole.atomic:
        raise ConfigError(
            f"chip {name}: routing adaptive with vc_reuse early can stand still: a head that is behind another packet, or waits for a credit"
            " of the channel that it was given, cannot reach the escape; allowed: chip.noc.vc_reuse=atomic or null, or"
            " chip.noc.allow_deadlock=true (chipsim noc: --force)"
        )
    start, end = dependencies_of(plan)
    cause = f"routing {routing} can stand still"
    if longest_tree:
        start, end = _joined((start, end), tree_dependencies(plan.fabric, plan.routing, route))
    if longest_tree > wormhole.buffer:
        start, end = _joined((start, end), sibling_dependencies(plan.fabric))
        cause = (
            f"packets of {longest_tree} flits on trees do not fit into a buffer of {wormhole.buffer} flits, so that branches wait for each"
            " other and can stand still (raise chip.noc.buffer)"
        )
    cycle = find_cycle(len(plan.fabric.to) * GROUPS, start, end)
    if cycle is not None:
        raise ConfigError(
            f"chip {name}: {cause}: each of these links can wait for the next, the last for the first: {cycle_text(plan, cycle)}; allowed:"
            " a network without such a cycle (routing torus or dateline on a torus or ring, updown anywhere), or"
            " chip.noc.allow_deadlock=true (chipsim noc: --force) to run it all the same"
        )


def cycle_text(plan: NocPlan, cycle: list[int]) -> str:
    """The nodes of a cycle as links between routers."""
    texts = []
    for node in cycle[:SHOWN]:
        link, group = divmod(node, GROUPS)
        which = f" (VC half {group})" if plan.routing.kind in (TORUS, DATELINE) else ""
        texts.append(f"router {link // plan.fabric.ports} -> router {plan.fabric.to[link]}{which}")
    more = f", and {len(cycle) - SHOWN} more" if len(cycle) > SHOWN else ""
    return ", ".join(texts) + more


def dependencies_of(plan: NocPlan) -> tuple[Ints, Ints]:
    """As `dependencies`, of all routings that a damaged network has one after the other, and of packets that go over from one to another.

    Where all go up*/down* by one order, packets that came down and would have to go up are dropped, and what is left follows that order.
    """
    if plan.damage is None:
        return dependencies(plan.fabric, plan.routing)
    routings = [plan.routing]
    for epoch in plan.damage.epochs:
        if epoch.routing is not routings[-1]:
            routings.append(epoch.routing)
    found = dependencies(plan.fabric, routings[0])
    for number, routing in enumerate(routings[1:], 1):
        found = _joined(found, dependencies(plan.fabric, routing))
        for before in routings[:number] if not len(plan.damage.rank) else ():
            found = _joined(found, _handed_over(plan.fabric, before, routing))
    return found


def _handed_over(fabric: Fabric, before: Routing, after: Routing) -> tuple[Ints, Ints]:
    """From links by the routing before to links by the table after; where the one before is no table, from all links."""
    n, ports = fabric.routers, fabric.ports
    new = after.table.reshape(n, n)
    met = np.zeros(len(fabric.to) * ports, bool)  # link, then port behind it
    linked = np.flatnonzero(fabric.to >= 0)
    router = np.arange(n, dtype=np.int64)
    for dest in range(n):
        link = linked
        if before.kind == TABLE:
            port = before.table.reshape(n, n)[:, dest]
            going = np.flatnonzero((port != NO_PATH) & (router != dest))
            link = going * ports + port[going]
        behind = fabric.to[link]
        on = (behind != dest) & (new[behind, dest] != NO_PATH)
        met[link[on] * ports + new[behind[on], dest]] = True
    pair = np.flatnonzero(met)
    link, port = pair // ports, pair % ports
    end = (fabric.to[link] * ports + port) * GROUPS
    if before.kind in (TORUS, DATELINE):
        return np.concatenate([link * GROUPS, link * GROUPS + 1]), np.concatenate([end, end])
    return link * GROUPS, end


def dependencies(fabric: Fabric, routing: Routing) -> tuple[Ints, Ints]:
    """Edges of the channel-dependency graph; those of two routings over the same links may be put together.

    Returns:
        int64[edges] each: the node that is held and the node that is waited for.
    """
    if routing.kind == TABLE:
        return _of_table(fabric, routing)
    return _of_grid(fabric, routing)


def tree_dependencies(fabric: Fabric, routing: Routing, route: Ints) -> tuple[Ints, Ints]:
    """Edges that trees add to those of packets with one destination.

    A tree of a routing by dimensions keeps to its ways, on a torus to those of ``DATELINE``; one of a table may change over from the way to
    one destination to that to another, so the entries themselves are looked at.
    """
    if routing.kind == TORUS:
        return dependencies(fabric, routing._replace(kind=DATELINE))
    if routing.kind != TABLE or not len(route):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    n, ports = fabric.routers, fabric.ports
    _, tree = np.unique(route[:, 1:3], axis=0, return_inverse=True)
    key = tree.ravel().astype(np.int64) * n + route[:, 0]
    order = np.argsort(key)
    key, tile, mask = key[order], route[order, 0], route[order, 3]
    found = []
    for p in range(ports):
        entry = np.flatnonzero((mask >> p & 1 == 1) & (fabric.to[tile * ports + p] >= 0))
        link = tile[entry] * ports + p
        behind = np.minimum(np.searchsorted(key, key[entry] - tile[entry] + fabric.to[link]), len(key) - 1)
        known = key[behind] == key[entry] - tile[entry] + fabric.to[link]
        for q in range(ports):
            taken = known & (mask[behind] >> q & 1 == 1)
            found.append(np.unique(link[taken] * ports + q))
    pair = np.unique(np.concatenate(found))
    link, port = pair // ports, pair % ports
    return link * GROUPS, (fabric.to[link] * ports + port) * GROUPS


def _joined(one: tuple[Ints, Ints], other: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    return np.concatenate([one[0], other[0]]), np.concatenate([one[1], other[1]])


def sibling_dependencies(fabric: Fabric) -> tuple[Ints, Ints]:
    """Edges between every two links out of a router, both ways, for trees whose branches wait for each other."""
    to = fabric.to.reshape(fabric.routers, fabric.ports)
    start, end = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for p in range(fabric.ports):
        for q in range(fabric.ports):
            router = np.flatnonzero((to[:, p] >= 0) & (to[:, q] >= 0)) if p != q else np.zeros(0, np.int64)
            for group in range(GROUPS):
                start.append((router * fabric.ports + p) * GROUPS + group)
                end.append((router * fabric.ports + q) * GROUPS + group)
    return np.concatenate(start), np.concatenate(end)


def _of_table(fabric: Fabric, routing: Routing) -> tuple[Ints, Ints]:
    """From each link that leads towards a destination to the next one of the same destination."""
    n, ports = fabric.routers, fabric.ports
    table = routing.table.reshape(n, n)
    met = np.zeros(len(fabric.to) * ports, bool)  # link, then port that some packet takes behind it
    router = np.arange(n, dtype=np.int64)
    for dest in range(n):
        port = table[:, dest]
        going = np.flatnonzero((port != NO_PATH) & (router != dest))
        link = going * ports + port[going]
        behind = fabric.to[link]
        on = behind != dest
        met[link[on] * ports + port[behind[on]]] = True
    found = np.flatnonzero(met)
    link, port = found // ports, found % ports
    return link * GROUPS, (fabric.to[link] * ports + port) * GROUPS


def _of_grid(fabric: Fabric, routing: Routing) -> tuple[Ints, Ints]:
    """From each link to those behind it that the rules of the routing let a packet take next."""
    place = places((routing.width, routing.height, routing.depth), bool(routing.column))
    ports = fabric.ports
    vc_classes = (0, 1) if routing.kind in (TORUS, DATELINE) else (0,)
    start, end = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for p in range(ports):
        router = np.flatnonzero(fabric.to[p::ports] >= 0)
        behind = fabric.to[router * ports + p]
        for q in range(ports):
            joined = fabric.to[behind * ports + q] >= 0
            for h in vc_classes:
                for g in vc_classes:
                    if p == q:
                        size = (routing.width, routing.height, routing.depth)[p // 2]
                        at = place[p // 2][router]
                        taken = joined & _straight(routing.kind, size, at if p % 2 == 0 else size - 1 - at, h, g)
                    else:
                        taken = joined & _turn(routing.kind, p, q, place[0][behind])
                    start.append((router[taken] * ports + p) * GROUPS + h)
                    end.append((behind[taken] * ports + q) * GROUPS + g)
    return np.concatenate(start), np.concatenate(end)


def _straight(kind: int, size: int, at: Ints, h: int, g: int) -> Bools:
    """Where a packet can go two links on in one direction, the first, out of place ``at``, in VC class h, the second in class g.

    Places are counted in the direction of travel. On a ring no way is longer than half of it.
    """
    inner: Bools = at <= size - 3
    if kind not in (TORUS, DATELINE):
        return inner
    nowhere = np.zeros(len(at), bool)
    longest = size // 2
    if longest < 2:
        return nowhere
    wrapped: Bools = (at == size - 1) | (at + 3 <= longest)  # the first link is the wrap-around link, or that lies behind
    if kind == TORUS:
        ahead: Bools = (at <= size - 2) & (size - at <= longest)  # a way that is going to wrap can have come here
        return nowhere if h != g else ahead | wrapped if h == 1 else inner
    into: Bools = at == size - 2
    return (inner, into, nowhere, wrapped)[2 * h + g]


def _turn(kind: int, p: int, q: int, x: Ints) -> Bools:
    """Where, in column x, a packet that came through port p may go on through another port q."""
    everywhere, nowhere = np.full(len(x), True), np.full(len(x), False)
    if p // 2 == q // 2:
        return nowhere
    if kind == YX:
        return everywhere if p // 2 > q // 2 else nowhere
    if kind == WEST_FIRST:
        return nowhere if q == WEST else everywhere
    if kind == ODD_EVEN:
        if p == EAST:
            return np.asarray(x % 2 == 1)
        return np.asarray(x % 2 == 0) if p >= SOUTH and q == WEST else everywhere
    return everywhere if p // 2 < q // 2 else nowhere
