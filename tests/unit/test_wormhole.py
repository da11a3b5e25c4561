"""Wormhole routers: latency and throughput in closed form, flow control, trees, and a deadlock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from chipsim.engines.base import Watch
from chipsim.engines.compiled.run import run_compiled
from chipsim.engines.reference.run import run_reference
from chipsim.errors import ConfigError, DeadlockError
from chipsim.machine.actions import A_MESSAGE
from chipsim.machine.raw import DONE, UNTIL, RawRun
from chipsim.noc import Mesh
from chipsim.noc.plan import WORMHOLE
from chipsim.plan.plan import Plan
from chipsim.programs.packets.messages import DATA
from chipsim.programs.snn.messages import LIF_SPIKE
from tests.lif_networks import lif_plan
from tests.nets import random_net
from tests.packet_plans import wormhole_plan
from tests.plans import Chip
from tests.wormholes import CLOCK, Ints, noc_of

Engine = Callable[..., RawRun]

ENGINES = [run_reference, run_compiled]

PACKETS = Watch(frozenset({"packets", "spikes"}))

STAGES = {"S": 2, "L": 3, "D": 4}
"""Cycles of a head in a router without contention."""

every_engine = pytest.mark.parametrize("engine", ENGINES)
every_timing = pytest.mark.parametrize("timing", STAGES)


def random_rows(seed: int, cores: int, packets: int, span: int, longest: int = 4) -> Ints:
    """Uniform traffic: cycle, source, destination, flits."""
    draw = np.random.default_rng(seed)
    ends = draw.integers(0, cores, (2, packets))
    return np.column_stack([np.sort(draw.integers(0, span, packets)), *ends, draw.integers(1, longest + 1, packets)])


def latencies(raw: RawRun) -> Ints:
    """Cycles from injection to delivery, in the order of ``packets``."""
    return (raw.packets[:, 1] - raw.packets[:, 0]) // CLOCK


@every_engine
@every_timing
@pytest.mark.parametrize(("topology", "link"), [("mesh", 1), ("torus", 2), ("mesh3d", 3), ("tree", 1)])
def test_zero_load_latency_of_every_pair(engine: Engine, timing: str, topology: str, link: int) -> None:
    noc = noc_of(topology, 3, 3 if topology != "mesh3d" else 2, timing, link=link, depth=2 if topology == "mesh3d" else 1)
    routers = noc.fabric.routers
    pairs = [(a, b) for a in range(routers) for b in range(routers)]
    rows = np.array([(200 * i, *pair, 1 + 3 * (i % 2)) for i, pair in enumerate(pairs + pairs[:1] + pairs)])
    raw = engine(wormhole_plan(rows, noc), PACKETS)
    flits, hops = raw.packets[:, 6], raw.packets[:, 7]
    assert np.array_equal(latencies(raw), 3 + (hops + 1) * STAGES[timing] + hops * link + flits - 1)
    assert np.array_equal(raw.packets[:, 8], raw.packets[:, 0])
    assert raw.link_packets.sum() == hops.sum()
    assert raw.link_flits.sum() == (hops * flits).sum()
    assert raw.link_stalls.sum() == 0
    assert raw.status == DONE


@every_engine
@every_timing
@pytest.mark.parametrize("depth", range(1, 9))
def test_throughput_of_a_single_link(engine: Engine, timing: str, depth: int) -> None:
    round_trip, apart = STAGES[timing] + 3, STAGES[timing] - 1
    rows = np.array([(cycle, source, 1 - source, 1) for cycle in range(120) for source in (0, 1)])
    raw = engine(wormhole_plan(rows, noc_of("mesh", 2, 1, timing, vcs=1, buffer=depth)), PACKETS)
    times = np.sort(raw.packets[raw.packets[:, 4] == 1, 1]) // CLOCK
    window = round_trip * apart  # both patterns come round in it
    start = times[60]
    assert ((times >= start) & (times < start + window)).sum() == min(depth * apart, round_trip)


@every_engine
@every_timing
@pytest.mark.parametrize(
    ("topology", "width", "height", "routing", "vcs", "buffer", "atomic", "limit"),
    [
        ("mesh", 3, 3, "adaptive", 2, 1, False, 1),
        ("mesh", 3, 3, "odd-even", 4, 4, True, 2),
        ("torus", 4, 3, "torus", 2, 2, False, 0),
        ("ring", 5, 1, "dateline", 3, 2, False, 1),
        ("tree", 7, 1, "updown", 1, 2, False, 0),
        ("mesh", 1, 1, "xy", 1, 1, True, 1),
    ],
)
def test_every_packet_comes_and_waiting_is_accounted_for(
    engine: Engine,
    timing: str,
    topology: str,
    width: int,
    height: int,
    routing: str,
    vcs: int,
    buffer: int,
    atomic: bool,
    limit: int,
) -> None:
    noc = noc_of(
        topology,
        width,
        height,
        timing,
        vcs=vcs,
        buffer=buffer,
        atomic=atomic,
        ejection=limit,
        routing=routing,
        link=2,
        flit_time=3,
    )
    rows = random_rows(3, 2 * noc.fabric.routers, 150, 60)
    raw = engine(wormhole_plan(rows, noc, concentration=2, sinks=0), PACKETS)
    assert raw.status == DONE
    assert sorted(map(tuple, raw.packets[:, [3, 4, 6]].tolist())) == sorted(map(tuple, rows[:, 1:].tolist()))
    assert np.array_equal(raw.link_wait_ps, raw.link_stalls.sum(axis=1) * CLOCK)
    assert raw.link_flits.sum() == (raw.packets[:, 6] * raw.packets[:, 7]).sum()
    assert raw.tile_flits.sum() == 2 * rows[:, 3].sum()
    assert raw.queue[:, 1].max() <= (noc.fabric.ports + 3) * vcs * buffer
    zero = 3 + (raw.packets[:, 7] + 1) * STAGES[timing] + 2 * raw.packets[:, 7] + raw.packets[:, 6] - 1
    assert (latencies(raw) >= zero).all()


@every_engine
def test_a_slow_core_pushes_back(engine: Engine) -> None:
    rows = np.array([(cycle, 0, 1, 1) for cycle in range(60)])
    waiting = {}
    for limit in (0, 1):
        plan = wormhole_plan(rows, noc_of("mesh", 2, 1, vcs=1, buffer=2, ejection=limit), sinks=0)
        times = plan.action_time.copy()
        times[A_MESSAGE] = 40 * CLOCK
        raw = engine(replace(plan, action_time=times), PACKETS)
        came = raw.packets[:, 1]
        assert len(came) == 60
        begun = came[0] + np.arange(60) * 40 * CLOCK
        waiting[limit] = max(int((came <= at).sum() - i) for i, at in enumerate(begun))
    assert waiting[0] > 20
    assert waiting[1] == 1 + 2  # the limit, and a credit each for the flits of the VC behind it


@every_engine
def test_traffic_that_is_absorbed_is_delivered_and_no_more(engine: Engine) -> None:
    rows = random_rows(1, 9, 100, 50)
    raw = engine(wormhole_plan(rows, noc_of()), PACKETS)
    assert raw.delivered[DATA] == 100
    assert raw.received.sum() == 100
    assert raw.operations.sum() == 0
    assert raw.end_ps == raw.packets[:, 1].max()


@every_engine
def test_a_run_that_is_cut_off_knows_what_is_on_the_way(engine: Engine) -> None:
    rows = random_rows(2, 9, 120, 60)
    whole = engine(wormhole_plan(rows, noc_of(buffer=1)), PACKETS)
    for until in range(500, whole.end_ps, 7_700):
        raw = engine(wormhole_plan(rows, noc_of(buffer=1), until=until), PACKETS)
        assert raw.status == UNTIL
        assert raw.snapshot is None
        assert raw.sent.sum() == (rows[:, 0] * CLOCK < until).sum()
        assert raw.in_flight.sum() == raw.sent.sum() - raw.delivered.sum()
        assert np.array_equal(raw.packets, whole.packets[whole.packets[:, 1] < until])
    assert whole.digest == engine(wormhole_plan(rows, noc_of(buffer=1), until=whole.end_ps + 1), PACKETS).digest


@every_engine
@pytest.mark.parametrize("multicast", [False, True])
def test_spiking_cores_do_the_same_over_wormhole_routers(engine: Engine, multicast: bool) -> None:
    mesh = Mesh(4, 3, 2)
    plan = lif_plan(random_net(5, mesh, steps=8), Chip(mesh, multicast=multicast, local=CLOCK, flits=3))
    noc = noc_of("mesh", 4, 3, "L", buffer=3, atomic=multicast, ejection=1, concentration=2)
    queued, raw = engine(plan, PACKETS), engine(replace(plan, router=WORMHOLE, noc=noc), PACKETS)
    assert np.array_equal(np.unique(raw.spikes[:, 1:], axis=0), np.unique(queued.spikes[:, 1:], axis=0))
    assert np.array_equal(raw.own.potential, queued.own.potential)
    assert np.array_equal(raw.link_flits, queued.link_flits)
    assert (raw.sent[LIF_SPIKE], raw.copies[LIF_SPIKE]) == (queued.sent[LIF_SPIKE], queued.copies[LIF_SPIKE])
    ends = [3, 5, 4, 7]
    assert np.array_equal(np.unique(raw.packets[:, ends], axis=0), np.unique(queued.packets[:, ends], axis=0))


def ring_that_fills_up(vcs: int = 1) -> Plan:
    """Everybody sends two on, and all turn the same way."""
    rows = np.array([(0, source, (source + 2) % 5, 4) for source in range(5)])
    return wormhole_plan(rows, noc_of("ring", 5, 1, vcs=vcs, buffer=2, routing="table"))


@every_engine
def test_a_network_that_stands_still_names_the_cycle(engine: Engine) -> None:
    with pytest.raises(DeadlockError) as caught:
        engine(ring_that_fills_up())
    lines = str(caught.value).splitlines()[1:-1]
    ends = [line.split(" waits for ") for line in lines]
    assert len(lines) >= 5
    assert all(
        after.strip() == line[0].split(" (packet")[0].strip()
        for (_, after), line in zip(ends, ends[1:] + ends[:1], strict=True)
    )
    assert engine(ring_that_fills_up(vcs=2)).status == DONE


@every_engine
def test_no_run_goes_on_from_a_snapshot_with_wormhole_routers(engine: Engine) -> None:
    mesh = Mesh(4, 3, 2)
    plan = lif_plan(random_net(5, mesh, steps=4), Chip(mesh, local=CLOCK), until=200_000)
    taken = engine(plan).snapshot
    with pytest.raises(ConfigError, match="wormhole"):
        engine(replace(plan, router=WORMHOLE, noc=noc_of("mesh", 4, 3, concentration=2)), start=taken)
