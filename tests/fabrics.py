"""Networks of every topology and routing, and the ways of packets on them, followed hop by hop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chipsim.config.noc import NocSpec
from chipsim.config.topology import TOPOLOGIES
from chipsim.noc.build import routing_of
from chipsim.noc.fabric import Fabric, fabric_of
from chipsim.noc.routing import DATELINE, HERE, ODD_EVEN, TORUS, WEST_FIRST, Routing, next_port, permitted, vc_class

SIZES = ((1, 1, 1), (1, 5, 1), (6, 1, 1), (2, 2, 1), (3, 4, 1), (5, 4, 1), (8, 3, 1))
DEEP = ((1, 1, 3), (2, 2, 2), (3, 2, 4), (4, 3, 3))

ROUTINGS = {name: TOPOLOGIES.get(name).routings for name in TOPOLOGIES.names()}
"""Routings of each topology, the natural one first."""

RUNGS = [(topology, way) for topology, ways in ROUTINGS.items() if not TOPOLOGIES.get(topology).edges for way in ways]
"""Every topology that needs no file, with each of its routings."""

HAS_TIES = (TORUS, DATELINE)
CHOOSES = (WEST_FIRST, ODD_EVEN)


def noc_spec(topology: str, routing: str | None = None, size: tuple[int, int, int] = (3, 3, 1), **more: Any) -> NocSpec:
    """A description with times that are all different."""
    times = {"link_latency_ew": "3 ns", "link_latency_ns": "5 ns", "local_latency": "2 ns", "flit_time": "1 ns"}
    extent = dict(zip(("width", "height", "depth"), size, strict=True))
    return NocSpec.model_validate({"topology": topology, "routing": routing} | extent | times | more)


def networks(topology: str, way: str) -> Iterator[tuple[Fabric, Routing]]:
    """Networks of several sizes, numbered by rows and by columns."""
    for size in SIZES + (DEEP if topology in ("torus", "mesh3d") else ()):
        for order in ("row", "column"):
            noc = noc_spec(topology, way, size, tile_order=order)
            fabric = fabric_of(noc)
            yield fabric, routing_of(noc, fabric, 1)


def path_of(fabric: Fabric, R: Routing, source: int, dest: int, ties: int) -> list[tuple[int, int, int]]:
    """(router, port, VC class) of each hop."""
    way: list[tuple[int, int, int]] = []
    at = source
    while (port := next_port(R, at, dest, source, ties)) != HERE:
        assert len(way) < 2 * fabric.routers, f"from {source} to {dest} round and round"
        way.append((at, port, vc_class(R, at, port, dest, source, ties)))
        at = int(fabric.to[at * fabric.ports + port])
        assert at >= 0, f"from {source} to {dest}: no link behind port {port} of router {way[-1][0]}"
    return way


def held_and_wanted(fabric: Fabric, R: Routing) -> set[tuple[int, int]]:
    """Pairs of (link, group) as numbers ``link * 2 + group`` that some packet can hold and wait for, by following every packet."""
    pairs: set[tuple[int, int]] = set()
    for source in range(fabric.routers):
        for dest in range(fabric.routers):
            for ties in range(8) if R.kind in HAS_TIES else (0,):
                todo, seen = [(source, -1)], set()
                while todo:
                    at, held = todo.pop()
                    if at == dest or (at, held) in seen:
                        continue
                    seen.add((at, held))
                    mask = permitted(R, at, dest, source) if R.kind in CHOOSES else 1 << next_port(R, at, dest, source, ties)
                    assert mask > 0
                    for port in (p for p in range(fabric.ports) if mask >> p & 1):
                        wanted = (at * fabric.ports + port) * 2 + max(vc_class(R, at, port, dest, source, ties), 0)
                        if held >= 0:
                            pairs.add((held, wanted))
                        todo.append((int(fabric.to[at * fabric.ports + port]), wanted))
    return pairs
