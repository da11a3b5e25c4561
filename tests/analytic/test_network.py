"""Latency, waiting, copies and energy of packets against closed forms."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest

from chipsim.energy import account
from chipsim.plan.plan import Plan
from tests.analytic.harness import SPIKE, TREE, Net, chip_and_plan, tree_of

APART = 1_000_000
"""ps between packets that are not to meet."""

ROUTERS = pytest.mark.parametrize("router", ["ideal", "queued"])
TIMES = ("chip.noc.link_latency_ew.value=4.1 ns", "chip.noc.link_latency_ns.value=6.5 ns")


def closed_form(plan: Plan, source: int, dest: int, flits: int) -> int:
    """Zero-load latency of the contract: 2 local + h_x ew + h_y ns + (flits - 1) flit time; the host's port has its own latency."""
    sx, sy = plan.mesh.xy(int(plan.endpoint_tile[source]))
    dx, dy = plan.mesh.xy(int(plan.endpoint_tile[dest]))
    host = plan.endpoints - 1
    ends = sum(plan.host_latency if end == host else plan.local_latency for end in (source, dest))
    ew, _, ns, _ = plan.link_latency.tolist()
    return ends + abs(sx - dx) * ew + abs(sy - dy) * ns + (flits - 1) * plan.flit_time


@ROUTERS
@pytest.mark.parametrize("flits", [1, 2, 7])
@pytest.mark.parametrize("concentration", [1, 2])
def test_zero_load_latency_of_every_pair(router: str, flits: int, concentration: int) -> None:
    """All cores, slot servers and the host to all of them, one packet at a time."""
    settings = (f"chip.noc.router={router}", f"chip.noc.concentration={concentration}", "chip.host.tile=6")
    _, plan = chip_and_plan(*settings, flits=flits)
    assert plan.mesh.tiles == 16
    assert len({plan.local_latency, plan.host_latency, plan.flit_time, *plan.link_latency.tolist()}) == 5, (
        "a swap would not show"
    )
    net = Net(plan)
    pairs = [(a, b) for a in range(plan.endpoints) for b in range(plan.endpoints) if (a, b) != (plan.endpoints - 1,) * 2]
    for number, (source, dest) in enumerate(pairs):
        net.send(number * APART, source, dest)
    arrivals, raw = net.run()
    found = {(a.source, a.endpoint): a.latency for a in arrivals}
    assert found == {pair: closed_form(plan, *pair, flits) for pair in pairs}
    hops = sum(plan.mesh.distance(*plan.endpoint_tile[list(pair)].tolist()) for pair in pairs)
    assert raw.hops == hops and raw.link_flits.sum() == hops * flits and not raw.link_wait_ps.any()
    assert raw.tile_flits.sum() == 2 * flits * len(pairs)


@ROUTERS
def test_host_port(router: str) -> None:
    """Its flits are counted apart and its latency stands in for one local one."""
    _, plan = chip_and_plan(f"chip.noc.router={router}", "chip.host.tile=3", flits=3)
    host = plan.endpoints - 1
    net = Net(plan)
    net.send(0, host, 12)
    net.send(APART, 12, host)
    arrivals, raw = net.run()
    expected = plan.host_latency + plan.local_latency + 3 * 4100 + 3 * 6500 + 2 * plan.flit_time
    assert [a.latency for a in arrivals] == [expected, expected]
    assert raw.host_flits == 6


@pytest.mark.parametrize("k", [1, 2, 3, 8])
@pytest.mark.parametrize("flits", [1, 4])
def test_queue_on_one_link(k: int, flits: int) -> None:
    """K packets from k cores of a tile reach its router at once: the last waits (k - 1) flits x flit time for the link east."""
    _, plan = chip_and_plan("chip.noc.concentration=8", "chip.noc.router=queued", flits=flits)
    net = Net(plan)
    for source in range(k):
        net.send(0, source, 8 + source)  # each to another core of the tile to the east
    arrivals, raw = net.run()
    slot = flits * plan.flit_time
    assert raw.link_wait_max_ps[0] == raw.link_wait_max_ps.max() == (k - 1) * slot
    assert raw.link_wait_ps[0] == raw.link_wait_ps.sum() == sum(range(k)) * slot
    free = closed_form(plan, 0, 8, flits)
    assert sorted(a.latency for a in arrivals) == [free + i * slot for i in range(k)]
    assert [a.source for a in arrivals] == list(range(k)), "in the order of input port, then source"
    ideal = Net(chip_and_plan("chip.noc.concentration=8", "chip.noc.router=ideal", flits=flits)[1], sends=net.sends)
    assert {a.latency for a in ideal.run()[0]} == {free}


def test_queue_into_one_core_and_out_of_one_core() -> None:
    """Local outputs are queues too: several packets for one core, and several of one core, follow each other."""
    _, plan = chip_and_plan("chip.noc.concentration=4", "chip.noc.router=queued", flits=5)
    slot = 5 * plan.flit_time
    into, out = Net(plan), Net(plan)
    for source in range(3):
        into.send(0, source, 3)
        out.send(0, 3, source)
    free = 2 * plan.local_latency + 4 * plan.flit_time
    for net in (into, out):
        arrivals, raw = net.run()
        assert sorted(a.latency for a in arrivals) == [free, free + slot, free + 2 * slot]
        assert not raw.link_wait_ps.any()


def test_straight_on_goes_before_what_is_injected() -> None:
    """Two packets reach a router in one instant: input ports 0 to 3 come before local ones, whatever was sent first."""
    _, plan = chip_and_plan("chip.noc.router=queued", flits=2)
    ew = int(plan.link_latency[0])
    net = Net(plan)
    net.send(ew, 1, 2)  # enters router 1 by its local port
    net.send(0, 0, 2)  # comes through it on the way east
    arrivals, raw = net.run()
    assert [a.source for a in arrivals] == [0, 1]
    assert raw.link_wait_ps[4 * 1] == raw.link_wait_max_ps[4 * 1] == 2 * plan.flit_time


@ROUTERS
@pytest.mark.parametrize("concentration", [1, 2])
def test_multicast_crosses_the_union_of_paths_once(router: str, concentration: int) -> None:
    draw = Random(concentration)
    for key in range(30):
        _, plan = chip_and_plan(f"chip.noc.router={router}", f"chip.noc.concentration={concentration}", flits=2)
        source = draw.randrange(plan.mesh.cores)
        readers = sorted(draw.sample(range(plan.mesh.cores), draw.randint(1, 9)))
        entries, links = tree_of(plan.mesh, source, readers, key)
        net = Net(plan, entries)
        net.send(0, source, TREE, SPIKE, layer=1, key=key)
        arrivals, raw = net.run()
        assert sorted(a.endpoint for a in arrivals) == readers
        assert raw.hops == len(links) and raw.link_packets.max(initial=0) <= 1
        assert raw.copies.sum() == len(readers) - 1
        unicast = sum(plan.mesh.distance(plan.mesh.tile_of(source), plan.mesh.tile_of(r)) for r in readers)
        assert raw.hops <= unicast
        # the tree is silent but for itself: every reader has it as soon as a packet of its own would have come
        assert {a.endpoint: a.latency for a in arrivals} == {r: closed_form(plan, source, r, 2) for r in readers}


def test_energy_of_a_counted_path_by_hand() -> None:
    """From core 1 to core 14: one hop east, three south, three flits; then to the host at tile 0."""
    chip, plan = chip_and_plan(flits=3)
    net = Net(plan)
    net.send(0, 1, 14)
    net.send(APART, 14, plan.endpoints - 1)
    _, raw = net.run()
    spent = account(chip, plan.mesh, raw)
    by_hand = {
        "router": Fraction("1.7") * 3 * 4,
        "link": 3 * (Fraction(3) * (1 + 2) + Fraction(4) * (3 + 3)),
        "host": Fraction(832) * 3,
        "core": Fraction(0),
        "interchip": Fraction(0),
    }
    for share, pj in by_hand.items():
        assert spent.share(share) == pytest.approx(float(pj) * 1e-12, rel=1e-15), share
    assert spent.dynamic == pytest.approx(float(sum(by_hand.values())) * 1e-12, rel=1e-15)
    assert np.count_nonzero(spent.link_pj) == 4 + 5, "four links there, five to the host"
    assert spent.seconds == raw.end_ps * 1e-12
    assert spent.share("static") == pytest.approx(16 * 0.82e-3 * raw.end_ps * 1e-12, rel=1e-15)
