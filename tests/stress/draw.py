"""Random networks and traffic: a case is a function of (seed, number) and of nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.model.routing import NO_WAY, TABLE
from chipsim.model.state import A_MESSAGE
from chipsim.plan.noc import NocPlan
from chipsim.plan.plan import Plan
from chipsim.plan.tables import _distances as shortest_distances
from chipsim.plan.tables import shortest_table, updown_table
from chipsim.spec.noc import ROUTINGS
from chipsim.topology.fabric import Fabric
from tests.wormholes import CLOCK, noc_of, wormhole_plan

Ints = npt.NDArray[np.int64]

CYCLES = 2_000
"""Cycles for which every case is kept at saturation, at least."""

HOT = 0.3
"""Share of the packets of a hotspot that go to it."""

RISKY = 0.3
"""Share of the cases that take a routing that may stand still, where the topology has one."""

PATIENCE = 500
"""A case must be over after so many times the cycles for which packets are sent."""

TOPOLOGIES = ("mesh", "mesh", "torus", "torus", "ring", "mesh3d", "tree", "graph", "graph")
PATTERNS = ("uniform", "uniform", "permutation", "hotspot", "offset")


@dataclass(frozen=True, slots=True)
class Case:
    """A network and its traffic.

    Attributes:
        seed, number: what it was drawn from.
        topology, routing: as in a chip.
        size: width, height, depth.
        concentration: cores per router.
        vcs, buffer, timing, atomic, ejection: of the routers.
        link, flit_time: cycles of the links.
        flits: lengths of packets, each as likely.
        pattern: where they go.
        crowd: flits that are offered, as a share of what all links together could carry on shortest ways, or one core take in.
        work: cycles for which a core is busy with a message, where ``ejection`` limits how many wait there.
        cycles: for which packets are sent.
        dead: links that are dead from the start, as shares of all links, and routers likewise.
    """

    seed: int
    number: int
    topology: str
    routing: str
    size: tuple[int, int, int]
    concentration: int
    vcs: int
    buffer: int
    timing: str
    atomic: bool
    ejection: int
    link: int
    flit_time: int
    flits: tuple[int, ...]
    pattern: str
    crowd: float
    work: int
    cycles: int
    dead: tuple[int, int]

    @property
    def routers(self) -> int:
        """How many."""
        return self.size[0] * self.size[1] * self.size[2]


def draw_case(seed: int, number: int) -> Case:
    """A case."""
    draw = np.random.default_rng((seed, number))

    def one(*of: Any) -> Any:
        return of[int(draw.integers(len(of)))]

    topology = one(*TOPOLOGIES)
    width, height, depth = (int(v) for v in draw.integers(2, 8 if topology != "mesh3d" else 5, 3))
    if draw.random() < 0.05:
        height = 1
    if topology in ("ring", "tree", "graph"):
        width, height = width * height, 1
    depth = 1 if topology != "mesh3d" else min(depth, 3)
    ways = ROUTINGS[topology]
    safe = tuple(way for way in ways if way != "table" and way != "adaptive")
    routing = "table" if draw.random() < RISKY else one(*(("adaptive", "adaptive") if topology == "mesh" else ()), *safe)
    dead = (0, 0)
    if routing in ("table", "updown") and draw.random() < 0.5:
        dead = (int(draw.integers(1, 4)), int(draw.random() < 0.3))
    vcs = one(1, 1, 2, 2, 3, 4)
    if routing in ("torus", "dateline", "adaptive", "xy") and (topology in ("torus", "ring") or routing == "adaptive"):
        vcs = max(vcs, 2)
    flits = one((1,), (1,), (4,), (1, 5), (2, 3), (9,))
    atomic = bool(draw.random() < 0.25) or (routing == "adaptive" and max(flits) > 1 and draw.random() < 0.8)
    return Case(
        seed, number, topology, routing, (width, height, depth),
        concentration=one(1, 1, 1, 2),
        vcs=vcs, buffer=one(1, 2, 2, 3, 4, 8), timing=one("S", "L", "D"), atomic=atomic, ejection=one(0, 0, 1, 2),
        link=one(1, 1, 1, 2, 5), flit_time=one(1, 1, 1, 2), flits=flits,
        pattern=one(*PATTERNS), crowd=one(0.5, 0.8), work=one(1, 2, 4), cycles=CYCLES, dead=dead,
    )  # fmt: skip


def network_of(case: Case) -> NocPlan:
    """Its network; links and routers that are dead are not there, and the tables lead around them."""
    draw = np.random.default_rng((case.seed, case.number, 1))
    width, height, depth = case.size
    base = "mesh" if case.topology == "graph" else case.topology
    routing = {"table": "xy", "updown": "xy"}.get(case.routing, case.routing) if base not in ("tree",) else None
    noc = noc_of(
        base, width, height, case.timing, case.vcs, case.buffer, case.atomic, case.ejection, link=case.link,
        flit_time=case.flit_time, seed=case.number + 1, depth=depth, routing=routing, concentration=case.concentration,
        arity=int(draw.integers(2, 5)), tile_order="column" if draw.random() < 0.2 else "row",
    )  # fmt: skip
    fabric = noc.fabric if case.topology != "graph" else random_graph(draw, case, noc.fabric)
    fabric = without(draw, fabric, *case.dead)
    if case.routing not in ("table", "updown"):
        return replace(noc, fabric=fabric)
    table = (shortest_table if case.routing == "table" else updown_table)(fabric)
    routing_of = noc.routing._replace(kind=TABLE, ports=fabric.ports, table=table)
    return replace(noc, fabric=fabric, routing=routing_of)


def random_graph(draw: np.random.Generator, case: Case, like: Fabric) -> Fabric:
    """A random tree over all routers and some more links; ports are neighbours in ascending order."""
    n = case.routers
    order = draw.permutation(n)
    pairs = {tuple(sorted((int(order[i]), int(order[draw.integers(i)])))) for i in range(1, n)}
    for a, b in draw.integers(0, n, (int(draw.integers(0, n + 1)), 2)).tolist():
        if a != b:
            pairs.add((min(a, b), max(a, b)))
    near: list[list[int]] = [[] for _ in range(n)]
    for a, b in sorted(pairs):
        near[a].append(b)
        near[b].append(a)
    ports = max(max(map(len, near)), 1)
    to, back = np.full((n, ports), -1, np.int64), np.full((n, ports), -1, np.int64)
    for a, others in enumerate(near):
        for port, b in enumerate(sorted(others)):
            to[a, port], back[a, port] = b, sorted(near[b]).index(a)
    latency = like.latency.max(initial=1_000)
    slow = np.where(draw.random(n * ports) < 0.1, 4, 1)
    flit = like.flit_time.max(initial=1_000)
    return Fabric(n, ports, to.ravel(), back.ravel(), latency * slow, np.full(n * ports, flit), np.zeros(n * ports, np.int64))


def without(draw: np.random.Generator, fabric: Fabric, links: int, routers: int) -> Fabric:
    """The same without some links, both directions of each, and without all links of some routers."""
    used = np.flatnonzero(fabric.to >= 0)
    if not len(used) or not (links or routers):
        return fabric
    gone = draw.choice(used, min(links, len(used)), replace=False)
    for router in draw.integers(0, fabric.routers, routers).tolist():
        gone = np.concatenate([gone, used[used // fabric.ports == router]])
    gone = np.unique(np.concatenate([gone, fabric.to[gone] * fabric.ports + fabric.back[gone]]))
    to, back = fabric.to.copy(), fabric.back.copy()
    to[gone] = back[gone] = -1
    return replace(fabric, to=to, back=back)


def traffic_of(case: Case, fabric: Fabric) -> Ints:
    """Packets: cycle, source, destination, flits; by cycle."""
    draw = np.random.default_rng((case.seed, case.number, 2))
    cores = case.routers * case.concentration
    load = min(1.0, case.crowd * capacity_of(case, fabric) / cores)
    sends = draw.random((case.cycles, cores)) < load * len(case.flits) / sum(case.flits)
    cycle, source = np.nonzero(sends)
    if case.pattern == "permutation":
        target = draw.permutation(cores)[source]
    elif case.pattern == "offset":
        target = (source + int(draw.integers(1, max(cores, 2)))) % cores
    else:
        target = draw.integers(0, cores, len(source))
        if case.pattern == "hotspot":
            target[draw.random(len(source)) < HOT] = int(draw.integers(cores))
    return np.column_stack([cycle, source, target, np.array(case.flits)[draw.integers(0, len(case.flits), len(source))]])


def capacity_of(case: Case, fabric: Fabric) -> float:
    """Flits per cycle that the network can carry at most, about: all its links busy, or what one core takes in if many send there."""
    n = case.routers
    distance = shortest_distances(fabric).astype(np.float64)
    distance[distance >= n] = np.nan
    mean = float(np.nanmean(distance)) if n > 1 else 0.0
    whole = (fabric.to >= 0).sum() / (max(mean, 0.5) * case.flit_time)
    if case.pattern == "hotspot":
        whole = min(whole, 2 / HOT)
    if case.ejection:
        whole = min(whole, n * case.concentration * (sum(case.flits) / len(case.flits)) / case.work)
    return float(min(whole, n * case.concentration))


def plan_of(case: Case) -> tuple[Plan, Ints]:
    """A plan, and the packets that have no way to where they go, which are not in it."""
    noc = network_of(case)
    rows = traffic_of(case, noc.fabric)
    lost = np.zeros(len(rows), np.bool_)
    if noc.routing.kind == TABLE:
        tile = rows[:, 1:3] // case.concentration
        lost = noc.routing.table[tile[:, 0] * case.routers + tile[:, 1]] == NO_WAY
    plan = wormhole_plan(rows[~lost], noc, case.concentration, int(not case.ejection), case.cycles * PATIENCE * CLOCK)
    times = plan.action_time.copy()
    times[A_MESSAGE] = case.work * CLOCK
    return replace(plan, action_time=times), rows[lost]

