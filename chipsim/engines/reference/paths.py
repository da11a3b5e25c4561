"""Paths through the network of the reference engine: which port a packet takes, and what is behind it."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from chipsim.errors import SimulationError
from chipsim.noc import EAST, PORTS, WEST
from chipsim.noc.links import along_x
from chipsim.noc.plan import NocPlan
from chipsim.noc.routing import HERE, TABLE, next_port, tie_bits
from chipsim.noc.xy import LOCAL, xy_port, xy_step
from chipsim.plan.plan import Plan


class Paths(Protocol):
    """What routers ask of the topology.

    Attributes:
        ports: links that leave a router at most; link ``tile * ports + port`` leaves a router through a port.
        links: size of the link number space.
        by_table: whether the way on of every packet is looked up in a table of its router.
    """

    ports: int
    links: int

    @property
    def by_table(self) -> bool:
        """See above."""

    def port(self, tile: int, dest: int, source: int, endpoint: int, sequence: int) -> int:
        """Port that a packet takes, ``LOCAL`` at its destination.

        Args:
            tile: where it is.
            dest: tile that it goes to.
            source: tile that it comes from.
            endpoint: who sent it.
            sequence: its number there.
        """

    def cross(self, tile: int, port: int) -> tuple[int, int, int]:
        """Router behind a port; ps from the start on the link to the arrival there; ps that a flit holds the link."""

    def crossed(self, packets: list[int]) -> tuple[int, int]:
        """Sum of a counter of links: over those along x, and over the others."""


class MeshPaths:
    """A plain mesh, x first: routers compare coordinates."""

    by_table = False

    def __init__(self, plan: Plan) -> None:
        self.ports, self.links, self.tiles = PORTS, plan.mesh.link_ids, plan.mesh.tiles
        self.shape = plan.mesh.width, plan.mesh.height, int(plan.mesh.column)
        step = [xy_step(0, port, *self.shape) for port in range(PORTS)]
        self.behind = list(zip(step, plan.link_latency.tolist(), [plan.flit_time] * PORTS, strict=True))
        self.known: dict[int, int] = {}  # answered before: tile * tiles + destination tile -> port

    def port(self, tile: int, dest: int, source: int, endpoint: int, sequence: int) -> int:
        """See ``Paths``."""
        pair = tile * self.tiles + dest
        port = self.known.get(pair)
        if port is None:
            port = self.known[pair] = xy_port(tile, dest, *self.shape)
        return port

    def cross(self, tile: int, port: int) -> tuple[int, int, int]:
        """See ``Paths``."""
        step, latency, flit_time = self.behind[port]
        return tile + step, latency, flit_time

    def crossed(self, packets: list[int]) -> tuple[int, int]:
        """See ``Paths``."""
        by_port = [sum(packets[port::PORTS]) for port in range(PORTS)]
        return by_port[EAST] + by_port[WEST], sum(by_port) - by_port[EAST] - by_port[WEST]


class FabricPaths:
    """Any other topology or routing, from the tables of the plan."""

    def __init__(self, noc: NocPlan) -> None:
        fabric, self.routing = noc.fabric, noc.routing
        self.ports, self.links = fabric.ports, fabric.routers * fabric.ports
        self.behind = list(zip(fabric.to.tolist(), fabric.latency.tolist(), fabric.flit_time.tolist(), strict=True))
        self.along = along_x(fabric).tolist()
        self.ties = lru_cache(maxsize=2**16)(self._ties)

    @property
    def by_table(self) -> bool:
        """See ``Paths``; a routing that changes when something dies may be a table from then on."""
        return self.routing.kind == TABLE

    def _ties(self, endpoint: int, sequence: int) -> int:
        return tie_bits(self.routing.seed, endpoint, sequence)

    def port(self, tile: int, dest: int, source: int, endpoint: int, sequence: int) -> int:
        """See ``Paths``.

        Raises:
            SimulationError: there is none.
        """
        port = int(next_port(self.routing, tile, dest, source, self.ties(endpoint, sequence)))
        if port == HERE:
            return LOCAL
        if port < 0:
            raise SimulationError(
                f"no way leads from router {tile} to router {dest}; a packet of endpoint {endpoint} needs one"
            )
        return port

    def cross(self, tile: int, port: int) -> tuple[int, int, int]:
        """See ``Paths``."""
        return self.behind[tile * self.ports + port]

    def crossed(self, packets: list[int]) -> tuple[int, int]:
        """See ``Paths``."""
        along = sum(n for n, x in zip(packets, self.along, strict=True) if x)
        return along, sum(packets) - along


def paths_of(plan: Plan) -> Paths:
    """The paths of a plan's network."""
    return MeshPaths(plan) if plan.noc is None else FabricPaths(plan.noc)
