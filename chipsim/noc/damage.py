"""Faults of the network as a plan has them: what is dead from when on, how packets go round it, and which flits links lose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipsim.noc.fabric import Fabric
from chipsim.noc.routing import NO_PATH, TABLE, Routing

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FOREVER = 2**62
"""When something dies that does not."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """The network from a time on, until the next epoch.

    Attributes:
        time: ps; of wormhole routers a multiple of their clock. The first epoch begins at 0.
        routing: ways round what is dead.
    """

    time: int
    routing: Routing


@dataclass(frozen=True, slots=True)
class Damage:
    """Faults of the network; times are ps, ``FOREVER`` for never.

    Attributes:
        epochs: by time.
        link: int64[links], when each link dies, with its routers at the latest.
        router: int64[routers], when each router dies.
        core: int64[cores], when the ways between a core and its router die, with the router at the latest.
        rank: int64[routers], order of the routers where all epochs go up*/down* by one order; else empty.
        lossy: int64[links], a flit is lost if a draw of 62 bits is below this; 0 for a link that loses none.
        retry: ps after which a lost flit is sent again; 0 if it is not.
        seed: of the draws.
    """

    epochs: tuple[Epoch, ...]
    link: Ints
    router: Ints
    core: Ints
    rank: Ints
    lossy: Ints
    retry: int
    seed: int

    def dead_endpoints(self, endpoint_tile: Ints, at: int) -> Bools:
        """bool[endpoints], cut off from the network at a time: cores, and slot servers and the host with their router."""
        dead = self.router[endpoint_tile] <= at
        dead[: len(self.core)] |= self.core <= at
        return dead

    def goes_up(self, fabric: Fabric) -> Bools:
        """bool[links], links that lead up; none where there is no order."""
        if not len(self.rank):
            return np.zeros(len(fabric.to), bool)
        here = np.repeat(self.rank, fabric.ports)
        found: Bools = (fabric.to >= 0) & (self.rank[fabric.to] < here)
        return found


def unreachable_pairs(damage: Damage) -> tuple[int, list[tuple[int, int]]]:
    """Pairs of routers that live to the end and have no way between them then: how many, and the first twenty."""
    R = damage.epochs[-1].routing
    if R.kind != TABLE:
        return 0, []
    alive = damage.router == FOREVER
    pair = (R.table == NO_PATH) & np.repeat(alive, R.routers) & np.tile(alive, R.routers)
    first = np.flatnonzero(pair)[:20]
    return int(pair.sum()), [(int(at) // R.routers, int(at) % R.routers) for at in first]
