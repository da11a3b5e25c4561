"""Entries of routers' tables that packets are looked up in, against what came to each router: its endpoints' packets, and those over links."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.engines.base import Watch
from chipsim.machine.raw import RawRun
from chipsim.noc import PORTS
from chipsim.noc.routing import TABLE
from chipsim.plan.plan import Plan
from tests import lif_networks, packet_plans, topologies, wormhole_scenarios, wormhole_spikes
from tests.engines import Runner

PROBES = Watch(frozenset({"packets"}))


def came(plan: Plan, raw: RawRun) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """int64[tiles], packets that came to each router; of a run that has gone to its end, with every packet probed, and none lost."""
    tiles, link = plan.mesh.tiles, np.flatnonzero(raw.link_packets)
    to = plan.mesh.neighbours(link // PORTS, link % PORTS) if plan.noc is None else plan.noc.fabric.to[link]
    packets = np.unique(raw.packets[:, [3, 5]], axis=0)  # source, sequence: copies of one packet have both in common
    sent = np.bincount(plan.endpoint_tile[packets[:, 0]], minlength=tiles)
    return sent + np.bincount(to, raw.link_packets[link], tiles).astype(np.int64)


TREES = {
    "grid": lif_networks.SCENARIOS["lif barrier, multicast"],
    "grid, ideal": lif_networks.SCENARIOS["lif barrier, multicast, ideal, by columns"],
    "grid, clocked": lif_networks.SCENARIOS["lif tick, delays, multicast"],
    "torus": lambda: lif_networks.lif_on("torus", topologies.ROUTERS["queued"], True),
    "graph": lambda: lif_networks.lif_on("graph", topologies.ROUTERS["ideal"], True),
    **{name: make for name, make in wormhole_spikes.SCENARIOS.items() if "trees" in name},
}


@pytest.mark.parametrize("name", TREES)
def test_on_a_tree_each_router_looks_a_packet_up_once(name: str, run_engine: Runner) -> None:
    plan = TREES[name]()
    raw = run_engine(plan, PROBES)
    assert raw.router_lookups.tolist() == came(plan, raw).tolist() and raw.router_lookups.sum() > 100


TABLES = {
    "graph": lambda: packet_plans.packets_over("graph", topologies.ROUTERS["queued"]),
    "shortest ways, ideal": lambda: packet_plans.packets_over("shortest ways", topologies.ROUTERS["ideal"]),
    **{
        f"wormhole, {name}": make
        for name, make in wormhole_scenarios.SCENARIOS.items()
        if name.endswith((", table", ", updown"))
    },
}


@pytest.mark.parametrize("name", TABLES)
def test_where_the_routing_is_a_table_each_router_looks_every_packet_up(name: str, run_engine: Runner) -> None:
    plan = TABLES[name]()
    assert plan.noc is not None and plan.noc.routing.kind == TABLE
    raw = run_engine(plan, PROBES)
    assert raw.router_lookups.tolist() == came(plan, raw).tolist() and raw.router_lookups.sum() > 100


PLAIN = {
    "grid": lif_networks.SCENARIOS["lif barrier"],
    "torus": lambda: packet_plans.packets_over("torus", topologies.ROUTERS["queued"]),
    "wormhole": wormhole_scenarios.SCENARIOS["mesh, adaptive"],
}


@pytest.mark.parametrize("name", PLAIN)
def test_where_coordinates_are_compared_nothing_is_looked_up(name: str, run_engine: Runner) -> None:
    plan = PLAIN[name]()
    assert not run_engine(plan, PROBES).router_lookups.any()
