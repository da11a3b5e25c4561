"""Networks of wormhole routers: every engine gives the flits, waiting and records of the reference, for all topologies, routings and limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.errors import DeadlockError
from chipsim.machine.raw import DONE, UNTIL, RawRun
from chipsim.noc import Mesh
from chipsim.plan.plan import TICK, Plan
from chipsim.programs.packets.messages import DATA
from tests.conformance.compare import compare_runs
from tests.engines import Runner
from tests.fabrics import ROUTINGS
from tests.packet_plans import wormhole_plan
from tests.wormhole_scenarios import SCENARIOS, packets_on
from tests.wormhole_spikes import neurons_on
from tests.wormholes import CLOCK, noc_of

PROBES = Watch(frozenset({"packets", "spikes"}))


@pytest.fixture(scope="module")
def reference_runs() -> dict[str, tuple[Plan, RawRun]]:
    """Every scenario on the engine that is the oracle."""
    plans = {name: make() for name, make in SCENARIOS.items()}
    return {name: (plan, run_reference(plan, PROBES)) for name, plan in plans.items()}


@pytest.mark.parametrize("name", SCENARIOS)
def test_engine_agrees_with_the_reference(
    name: str, run_engine: Runner, reference_runs: dict[str, tuple[Plan, RawRun]]
) -> None:
    plan, expected = reference_runs[name]
    raw = run_engine(plan, PROBES)
    assert compare_runs(expected, raw) is None
    assert np.array_equal(raw.sent + raw.copies, raw.delivered + raw.dropped + raw.in_flight)
    assert raw.in_flight.any() == (plan.until > 0)
    assert raw.losses.sum() == raw.dropped.sum()
    if not raw.dropped.any() and not raw.copies.any() and not plan.until:
        assert raw.link_flits.sum() == (raw.packets[:, 6] * raw.packets[:, 7]).sum()


def ring_that_fills_up() -> Plan:
    """Everybody sends two on, and all turn the same way."""
    rows = np.array([(0, source, (source + 2) % 5, 4) for source in range(5)])
    return wormhole_plan(rows, noc_of("ring", 5, 1, vcs=1, buffer=2, routing="table"))


def ring_of_packets(timing: str, packets: int, seed: int) -> Plan:
    """The last thing that happens is a head that lands, asks for the first time, and is given nothing."""
    noc = noc_of("ring", 6, 1, routing="table", vcs=1, buffer=2, timing=timing, atomic=True)
    return packets_on(noc, seed, packets, 30, 2)


def ring_of_spikes(timing: str, flits: int, tick: int, seed: int, **noc: int) -> Plan:
    """A step begins, and neurons fire, in the very instant after whose arbitration nothing can change any more."""
    ring = noc_of("ring", 6, 1, routing="table", vcs=1, timing=timing, **noc)
    return neurons_on(ring, Mesh(3, 2, 1), seed, pace=TICK, tick=tick, times={}, flits=flits)


DEADLOCKS = {
    "five that fill a ring": (ring_that_fills_up, 7_000),
    "asks last, S": (lambda: ring_of_packets("S", 40, 72), 69_000),
    "asks last, L": (lambda: ring_of_packets("L", 40, 72), 68_000),
    "asks last, D": (lambda: ring_of_packets("D", 24, 37), 63_000),
    "a step begins, D": (lambda: ring_of_spikes("D", 2, 20_000, 197, buffer=1), 100_000),
    "a step begins, S": (lambda: ring_of_spikes("S", 3, 60_000, 505, buffer=2, link=2), 420_000),
}
"""Networks that deadlock, with the time of the first cycle after which nothing can change any more (``chipsim.machine``, "Deadlock")."""


@pytest.mark.parametrize("name", DEADLOCKS)
def test_a_deadlock_is_told_alike_and_at_its_time(name: str, run_engine: Runner) -> None:
    make, at = DEADLOCKS[name]
    said = []
    for run in (run_reference, run_engine):
        with pytest.raises(DeadlockError) as caught:
            run(make(), PROBES)
        said.append(str(caught.value))
    assert said[0] == said[1] and said[0].count(" waits for ") >= 5
    assert said[0].startswith(f"the network stands still at {at} ps;")


def test_scenarios_do_what_their_names_say(reference_runs: dict[str, tuple[Plan, RawRun]]) -> None:
    """A scenario that does not reach what it is for would compare nothing."""
    raw = {name: run for name, (_, run) in reference_runs.items()}
    plans = {name: plan for name, (plan, _) in reference_runs.items()}
    assert {f"{topology}, {routing}" for topology, all_ in ROUTINGS.items() for routing in all_} - raw.keys() <= {
        "torus, xy", "ring, xy",  # another name of torus
    }  # fmt: skip
    hows = [plan.noc.wormhole for plan in plans.values() if plan.noc is not None]
    assert {(how.speculative, how.route_cycles) for how in hows if how} == {(1, 0), (0, 0), (0, 1)}
    assert {how.vcs for how in hows if how} >= {1, 2, 3, 4, 5, 8} and {how.buffer for how in hows if how} >= {1, 2, 3, 4, 5, 8}
    for name, run in raw.items():
        assert run.status == (UNTIL if plans[name].until else DONE), name
        assert run.link_stalls.any() or name == "one router", name
        assert run.queue[:, 1].any() and run.delivered.sum() >= 50, name
        assert not len(run.spikes) and not run.copies.any(), name
    waits = {name: run.link_stalls.sum(axis=0) for name, run in raw.items()}
    assert all(waits["eight VCs, atomic, single flits"][[0, 2]] > 500)  # atomic channels are what is short
    assert waits["one VC of one flit"][1] > 1_000
    for name in ("slow cores push back", "slow cores with three places"):
        noc = plans[name].noc
        assert noc is not None and noc.wormhole is not None and noc.wormhole.ejection
        free = replace(noc, wormhole=replace(noc.wormhole, ejection=0))
        assert run_reference(replace(plans[name], noc=free), PROBES).link_stalls.sum() < 0.9 * raw[name].link_stalls.sum()
    assert (
        raw["dead from the start"].dropped[DATA]
        and raw["dies on the way"].dropped[DATA]
        and raw["links lose flits"].dropped[DATA]
    )
    assert not raw["links lose flits and send them again"].dropped.any()
    assert len({run.digest for run in raw.values()}) == len(raw)


def test_first_difference_is_named(reference_runs: dict[str, tuple[Plan, RawRun]]) -> None:
    """The comparison sees what only wormhole routers count, and when packets left their source queues."""
    raw = reference_runs["concentration"][1]
    for name in ("link_stalls", "queue", "losses", "link_flits"):
        assert (compare_runs(raw, replace(raw, **{name: getattr(raw, name) + 1})) or "").startswith(f"{name}[0]")
    packets = raw.packets.copy()
    packets[7, 8] += CLOCK
    assert (compare_runs(raw, replace(raw, packets=packets)) or "").startswith("packets[7] (injected, delivered")
