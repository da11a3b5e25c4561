"""Random networks and traffic: a case is a function of (seed, number) and of nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from chipsim.config.faults import NetworkFault
from chipsim.machine.actions import A_MESSAGE
from chipsim.noc.fabric import Fabric
from chipsim.noc.plan import NocPlan
from chipsim.noc.routing import TABLE
from chipsim.noc.tables import shortest_table, updown_table
from chipsim.plan.plan import Plan
from tests.damages import dead_core, dead_link, dead_router, flit_loss, with_faults
from tests.fabrics import ROUTINGS
from tests.packet_plans import wormhole_plan
from tests.wormholes import CLOCK, noc_of

Ints = npt.NDArray[np.int64]

CYCLES = 2_000
"""Cycles for which every case is kept at saturation, at least."""

HOT = 0.3
"""Share of the packets of a hotspot that go to it."""

BROKEN = 0.4
"""Share of the cases in which something dies."""

RISKY = 0.3
"""Share of the cases that take a routing that may deadlock, where the topology has one."""

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
        dead: how many links, routers and cores die.
        late: whether they die at some time while packets are sent, not before.
        loss: share of the flits that links lose; ``retry``: cycles after which they send them again, 0 if they do not.
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
    dead: tuple[int, int, int]
    late: bool
    loss: str
    retry: int

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
    dead = (0, 0, 0)
    if draw.random() < BROKEN:
        dead = (int(draw.integers(0, 4)), int(draw.random() < 0.3), int(draw.random() < 0.3))
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
        pattern=one(*PATTERNS), crowd=one(0.5, 0.8), work=one(1, 2, 4), cycles=CYCLES,
        dead=dead, late=bool(draw.random() < 0.5), loss=one("0", "0", "0", "1e-4", "1e-2"), retry=one(0, 1, 20),
    )  # fmt: skip


def network_of(case: Case) -> NocPlan:
    """Its network before anything dies."""
    draw = np.random.default_rng((case.seed, case.number, 1))
    width, height, depth = case.size
    base = "mesh" if case.topology == "graph" else case.topology
    routing = {"table": "xy", "updown": "xy"}.get(case.routing, case.routing) if base not in ("tree",) else None
    noc = noc_of(
        base, width, height, case.timing, vcs=case.vcs, buffer=case.buffer, atomic=case.atomic, ejection=case.ejection, link=case.link,
        flit_time=case.flit_time, seed=case.number + 1, depth=depth, routing=routing, concentration=case.concentration,
        arity=int(draw.integers(2, 5)), tile_order="column" if draw.random() < 0.2 else "row",
    )  # fmt: skip
    fabric = noc.fabric if case.topology != "graph" else random_graph(draw, case, noc.fabric)
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


def faults_of(case: Case, fabric: Fabric) -> tuple[NetworkFault, ...]:
    """What goes wrong."""
    draw = np.random.default_rng((case.seed, case.number, 3))
    used = np.flatnonzero(fabric.to >= 0)
    found: list[NetworkFault] = [flit_loss(case.loss, case.retry)] if case.loss != "0" else []

    def at() -> int:
        return int(draw.integers(1, case.cycles)) if case.late else 0

    for link in draw.choice(used, min(case.dead[0], len(used)), replace=False).tolist() if len(used) else []:
        found.append(dead_link(link // fabric.ports, int(fabric.to[link]), at(), bool(draw.random() < 0.2)))
    found += [dead_router(int(draw.integers(case.routers)), at()) for _ in range(case.dead[1])]
    found += [dead_core(int(draw.integers(case.routers * case.concentration)), at()) for _ in range(case.dead[2])]
    return tuple(found)


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
    mean = mean_distance(fabric)
    whole = (fabric.to >= 0).sum() / (max(mean, 0.5) * case.flit_time)
    if case.pattern == "hotspot":
        whole = min(whole, 2 / HOT)
    if case.ejection:
        whole = min(whole, n * case.concentration * (sum(case.flits) / len(case.flits)) / case.work)
    return float(min(whole, n * case.concentration))


def mean_distance(fabric: Fabric) -> float:
    """Links of a shortest way between two routers, the mean over all pairs, with themselves too, that have one."""
    used = np.flatnonzero(fabric.to >= 0)
    near = np.zeros((fabric.routers, fabric.routers), np.float32)
    near[used // fabric.ports, fabric.to[used]] = 1
    reached = front = np.eye(fabric.routers, dtype=np.bool_)
    total = steps = 0
    while front.any():
        total, steps = total + steps * int(front.sum()), steps + 1
        front = (front @ near > 0) & ~reached
        reached = reached | front
    return total / int(reached.sum())


def plan_of(case: Case) -> Plan:
    """All of it as a plan."""
    noc = network_of(case)
    until = case.cycles * PATIENCE * CLOCK
    plan = wormhole_plan(traffic_of(case, noc.fabric), noc, case.concentration, int(not case.ejection), until)
    times = plan.action_time.copy()
    times[A_MESSAGE] = case.work * CLOCK
    plan = replace(plan, action_time=times)
    faults = faults_of(case, noc.fabric)
    if not faults:
        return plan
    width, height, depth = case.size
    topology = "mesh" if case.topology == "graph" else case.topology  # of a graph, only the number of its routers counts here
    return with_faults(
        plan, faults, topology=topology, width=width, height=height, depth=depth, routing=case.routing,
        concentration=case.concentration,
    )  # fmt: skip
