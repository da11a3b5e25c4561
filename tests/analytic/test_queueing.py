"""Queues against queueing theory: Little's law on whole runs, waiting for one link, and the three fidelities beside each other."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from chipsim.engines.base import Watch
from chipsim.engines.compiled import run_compiled
from chipsim.machine.raw import RawRun
from chipsim.noc.plan import QUEUED, WORMHOLE
from chipsim.plan.plan import Plan
from tests.analytic.booksim import Setting
from tests.packet_plans import wormhole_plan
from tests.wormholes import CLOCK, Ints, noc_of

STAGES = {"S": 2, "L": 3, "D": 4}
"""Cycles of a head in a router without contention."""

CORES = 16
"""Senders that share the link: so many that none of them waits for itself."""


def run(plan: Plan) -> RawRun:
    return run_compiled(plan, Watch(frozenset({"packets"})))


def over_one_link(arrivals: Ints, flits: int, router: int, timing: str = "S", vcs: int = 8) -> tuple[Ints, RawRun]:
    """Waiting of each packet in cycles, beyond the latency of the empty network.

    Args:
        arrivals: int64[cycles], packets created in each; they come from different cores of router 0 and go to cores of router 1.
        flits: of each packet.
        router: ``QUEUED`` or ``WORMHOLE``.
        timing: of wormhole routers.
        vcs: likewise.
    """
    cycle = np.repeat(np.arange(len(arrivals)), arrivals)
    source = np.arange(len(cycle)) % CORES
    rows = np.column_stack([cycle, source, CORES + source, np.full_like(cycle, flits)])
    plan = wormhole_plan(rows, noc_of("mesh", 2, 1, timing, vcs=vcs, buffer=8, concentration=CORES), CORES)
    if router == QUEUED:
        plan = replace(plan, router=QUEUED, noc=None, link_latency=np.full(4, CLOCK))
    raw = run(plan)
    t0 = 3 + flits - 1 if router == QUEUED else 3 + 2 * STAGES[timing] + 1 + flits - 1
    waited = (raw.packets[:, 1] - raw.packets[:, 0]) // CLOCK - t0
    assert len(waited) == len(rows) and waited.min() == 0
    return waited, raw


@pytest.mark.parametrize("flits", [1, 4])
@pytest.mark.parametrize("rho", [0.3, 0.6, 0.8])
def test_poisson_arrivals_at_one_link(rho: float, flits: int) -> None:
    """M/D/1 (Pollaczek-Khinchine): the mean wait is rho / (2 (1 - rho)) times the service, which is the flits of a packet."""
    arrivals = np.random.default_rng(7).poisson(rho / flits, 700_000 * flits)
    rho = float(arrivals.mean() * flits)
    waited, raw = over_one_link(arrivals, flits, QUEUED)
    assert waited.mean() == pytest.approx(flits * rho / (2 * (1 - rho)), rel=0.02)
    assert raw.link_wait_ps.sum() == waited.sum() * CLOCK, "Little: the time integral of who waits is the sum of the waits"


@pytest.mark.parametrize(
    ("router", "timing", "rho"),
    [*((router, "S", rho) for router in (QUEUED, WORMHOLE) for rho in (0.3, 0.6, 0.8)), (WORMHOLE, "L", 0.6)],
)
def test_bernoulli_arrivals_at_one_link(router: int, timing: str, rho: float) -> None:
    """Sixteen sources that each create a flit with probability rho / 16 per cycle: rho / (2 (1 - rho)) times 1 - 1 / 16, in slots."""
    arrivals = np.random.default_rng(8).binomial(CORES, rho / CORES, 600_000)
    rho = float(arrivals.mean())
    waited, _ = over_one_link(arrivals, 1, router, timing)
    assert waited.mean() == pytest.approx((1 - 1 / CORES) * rho / (2 * (1 - rho)), rel=0.02)


@pytest.mark.parametrize("timing", STAGES)
@pytest.mark.parametrize(("topology", "vcs", "load"), [("mesh", 4, 0.3), ("mesh", 1, 0.9), ("torus", 2, 0.5)])
def test_littles_law_in_the_network(timing: str, topology: str, vcs: int, load: float) -> None:
    """Flits in routers summed over all cycles are the cycles that all flits spent there, to the last one, at any load.

    Of the time from the source queue to delivery, a packet of one flit over H links spends 2 cycles on its way in, 3 per link and 3 on its way
    out elsewhere, but for the cycle of its transfer, in which the router still counts it.
    """
    draw = np.random.default_rng(5)
    cycle, source = np.nonzero(draw.random((600, 36)) < load)
    rows = np.column_stack([cycle, source, draw.integers(0, 36, len(cycle)), np.ones_like(cycle)])
    raw = run(wormhole_plan(rows, noc_of(topology, 6, 6, timing, vcs=vcs, buffer=4)))
    inside = (raw.packets[:, 1] - raw.packets[:, 8]) // CLOCK - 5 - 3 * raw.packets[:, 7] + raw.packets[:, 7] + 1
    assert raw.queue[:, 0].sum() == inside.sum()


SCENARIOS = [
    (traffic, load, flits)
    for traffic, loads in [
        ("uniform", ("0.05", "0.2", "0.35", "0.45")), ("transpose", ("0.05", "0.12", "0.2")), ("bitcomp", ("0.1", "0.2", "0.3")),
        ("neighbor", ("0.2", "0.5")), ("tornado", ("0.1", "0.25")), ("hotspot", ("0.02", "0.05")),
    ]
    for load in loads
    for flits in (1, 4)
]  # fmt: skip


BEYOND = (("transpose", "0.2"), ("bitcomp", "0.3"))
"""Loads that some link cannot carry."""


@pytest.mark.parametrize(("traffic", "load", "flits"), SCENARIOS)
def test_fidelities_beside_each_other(traffic: str, load: str, flits: int) -> None:
    """Ideal is never slower than queued, queued always faster than wormhole; where links cannot carry the load, in neither."""
    setting = Setting(traffic, 4, 8, "S", flits=flits)
    found = {
        router: setting.measure(Fraction(load), 3_000, 1_000, 1, router=router).figures
        for router in ("ideal", "queued", "wormhole")
    }
    mean = {router: float(figures["mean_latency"]) for router, figures in found.items()}
    assert mean["ideal"] <= mean["queued"]
    assert found["queued"]["stable"] == ((traffic, load) not in BEYOND) and found["ideal"]["stable"]
    if found["queued"]["stable"]:
        assert mean["wormhole"] > mean["queued"]
    else:
        assert not found["wormhole"]["stable"]
        assert mean["wormhole"] > 0.99 * mean["queued"] > 10 * mean["ideal"]
