"""Ways round what is dead, and what of it can deadlock."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from chipsim.config.faults import FlitLoss, NetworkFault, parse_rate
from chipsim.errors import ConfigError
from chipsim.noc.damage import FOREVER, unreachable_pairs
from chipsim.noc.damage_build import lasting_rank
from chipsim.noc.deadlock import check_deadlock
from chipsim.noc.loss import DRAW, draw
from chipsim.noc.routing import HERE, NO_PATH
from chipsim.plan.plan import Plan
from tests.damages import burst, dead_link, dead_router, with_faults
from tests.packet_plans import wormhole_plan
from tests.wormholes import noc_of

NONE = np.zeros((0, 4), np.int64)


def plan_of(*faults: NetworkFault, **spec: str) -> Plan:
    noc = noc_of(width=4, height=4)
    plan = wormhole_plan(burst(1, 16, 4, 4, 1), noc)
    return with_faults(plan, faults, topology="mesh", width=4, height=4, router="wormhole", **spec)


def test_every_epoch_reaches_what_is_connected() -> None:
    """Held against networkx: in every epoch a way leads wherever a path of live links does, over live links only."""
    draws = np.random.default_rng(5)
    for _ in range(20):
        faults: list[NetworkFault] = [dead_router(int(draws.integers(0, 16)), int(draws.integers(0, 9)))]
        for _ in range(8):
            a = int(draws.integers(0, 15))
            if a % 4 < 3:
                faults.append(dead_link(a, a + 1, int(draws.integers(0, 9))))
        plan = plan_of(*faults)
        assert plan.noc is not None
        assert plan.noc.damage is not None
        fabric, damage = plan.noc.fabric, plan.noc.damage
        for epoch in damage.epochs:
            table = epoch.routing.table.reshape(16, 16)
            live = np.flatnonzero((fabric.to >= 0) & (damage.link > epoch.time))
            graph = nx.DiGraph()
            graph.add_nodes_from(np.flatnonzero(damage.router > epoch.time).tolist())
            graph.add_edges_from(zip((live // 4).tolist(), fabric.to[live].tolist(), strict=True))
            for a in range(16):
                for b in range(16):
                    there = a in graph and b in graph and nx.has_path(graph, a, b)
                    assert (table[a, b] != NO_PATH) == there
                    at, steps = a, 0
                    while there and table[at, b] != HERE:
                        assert damage.link[at * 4 + table[at, b]] > epoch.time
                        at, steps = int(fabric.to[at * 4 + table[at, b]]), steps + 1
                        assert steps < 16
        check_deadlock(plan.noc, 0, NONE, "test", "updown")  # does not raise


def test_another_routing_is_refused_where_it_cannot_change() -> None:
    plan = plan_of(dead_link(5, 6, 10), routing="xy")
    assert plan.noc is not None
    with pytest.raises(ConfigError, match="routing xy can stand still"):
        check_deadlock(plan.noc, 0, NONE, "test", "xy")


def test_links_that_live_longest_come_first() -> None:
    fabric = noc_of(width=3, height=1).fabric
    died = np.full(len(fabric.to), FOREVER, np.int64)
    assert lasting_rank(fabric, died).tolist() == [0, 1, 2]
    ring = noc_of("ring", width=4, height=1).fabric
    died = np.full(len(ring.to), FOREVER, np.int64)
    died[[0, 3]] = 50  # 0 -> 1 and 1 -> 0
    assert lasting_rank(ring, died).tolist() == [0, 3, 2, 1]


def test_unreachable_pairs_are_told() -> None:
    plan = plan_of(dead_link(0, 1), dead_link(0, 4, 7))
    assert plan.noc is not None
    assert plan.noc.damage is not None
    count, first = unreachable_pairs(plan.noc.damage)
    assert count == 30
    assert len(first) == 20
    assert first[0] == (0, 1)


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"no link leads from router 0 to router 5; its neighbours are: 1, 4"):
        plan_of(dead_link(0, 5))
    with pytest.raises(ConfigError, match="allowed: 0 to 15"):
        plan_of(dead_router(16))


def test_rates() -> None:
    assert FlitLoss(kind="flit_loss", rate="1e-6").rate == parse_rate(1e-6) == parse_rate("1/1000000")
    for wrong in ("1", "-0.1", "x", "1e999999999", True, None, "1/0"):
        with pytest.raises(ConfigError):
            parse_rate(wrong)
    seen = np.array([draw(7, link, n) < DRAW // 4 for link in range(50) for n in range(200)])
    assert abs(seen.mean() - 0.25) < 4 * (0.25 * 0.75 / len(seen)) ** 0.5
