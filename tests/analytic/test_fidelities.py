"""Ideal, queued and wormhole routers beside each other on the same packets (``docs/noc.md``, "Three fidelities")."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from chipsim.engines.base import Watch
from chipsim.engines.reference import run_reference
from chipsim.noc.plan import IDEAL, QUEUED, WORMHOLE
from chipsim.plan.plan import Plan
from tests.packet_plans import wormhole_plan
from tests.wormhole_scenarios import SCENARIOS
from tests.wormholes import CLOCK, Ints, noc_of

PACKETS = Watch(frozenset({"packets"}))


def as_fidelity(plan: Plan, router: int) -> Plan:
    """The same packets and ways with other routers, to the end."""
    assert plan.noc is not None
    noc = plan.noc if router == WORMHOLE else replace(plan.noc, wormhole=None)
    return replace(plan, router=router, noc=noc, until=0)


def in_cycles(plan: Plan, router: int) -> tuple[Ints, Any]:
    """Packets in the order of their sources and numbers, and the latency of each in cycles."""
    rows = run_reference(as_fidelity(plan, router), PACKETS).packets
    rows = rows[np.lexsort((rows[:, 4], rows[:, 5], rows[:, 3]))]
    return rows, (rows[:, 1] - rows[:, 0]) / CLOCK


@pytest.mark.parametrize("name", [name for name in SCENARIOS if not name.startswith(("dead", "dies", "links lose"))])
def test_ideal_is_below_queued_and_queued_below_wormhole(name: str) -> None:
    """Means, on every scenario; of given packets also each one, where it is about ideal and queued."""
    plan = SCENARIOS[name]()
    (_, ideal), (_, queued), (_, wormhole) = (in_cycles(plan, router) for router in (IDEAL, QUEUED, WORMHOLE))
    assert ideal.mean() <= queued.mean() < wormhole.mean()
    if plan.program == "packets":
        assert (ideal <= queued).all()


@pytest.mark.parametrize("timing", ["S", "L", "D"])
def test_a_wormhole_router_alone_is_slower_by_its_stages(timing: str) -> None:
    """No packet meets another: 1 + (H + 1) t_r cycles more than queued, whatever its length."""
    rows = np.array([(100 * i, i % 9, i * 5 % 9, 1 + i % 5) for i in range(90)])
    plan = wormhole_plan(rows, noc_of(timing=timing))
    (packets, queued), (_, wormhole) = (in_cycles(plan, router) for router in (QUEUED, WORMHOLE))
    assert np.array_equal(wormhole - queued, 1 + (packets[:, 7] + 1) * {"S": 2, "L": 3, "D": 4}[timing])


def test_short_packets_pass_a_backlog_of_long_ones() -> None:
    """Below queued: its queues take everything in and keep the order of arrival; wormhole routers leave the backlog at its sources.

    Four cores have long packets for one far core, from the beginning; a fifth sends it a flit now and then. In the queue of the link each such
    flit waits for all that came before it. Wormhole routers let the inputs take turns: the flit waits for one packet of
    each. What is long waits hardly longer than before, so the mean of all falls. Of packets of one length it could not: whoever goes
    first at a link that is busy all the time, the mean is the same.
    """
    long = [(0, source, 5 + source % 5, 8) for source in range(4) for _ in range(20)]
    short = [(40 * i, 4, 9, 1) for i in range(16)]
    plan = wormhole_plan(np.array(long + short), noc_of("mesh", 2, 1, vcs=1, concentration=5), 5)
    (packets, queued), (_, wormhole) = (in_cycles(plan, router) for router in (QUEUED, WORMHOLE))
    few = packets[:, 6] == 1
    assert wormhole.mean() < queued.mean()
    assert wormhole[few].mean() < queued[few].mean() / 4
    assert wormhole[~few].mean() > queued[~few].mean()
    last = [(packets[:, 0] // CLOCK + taken).max() for taken in (queued, wormhole)]
    assert 0 < last[1] - last[0] < 30, "the link was never idle in either"
